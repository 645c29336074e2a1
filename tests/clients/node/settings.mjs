// Settings of buckets: put, read, deleted, and refused where the documents do not allow them.

import assert from 'node:assert/strict';

import { refused } from './session.mjs';

/** By the end of the methods' names: what to put, and a text of what is kept. */
function kinds(session) {
  const other = `qcs::cos:${session.region}::${session.bucketName('reports')}`;
  const bucket = session.bucketName('settings');
  const page = { IndexDocument: { Suffix: 'index.html' }, ErrorDocument: { Key: '404.html' } };
  const copies = { ID: 'copies', Status: 'Enabled', Prefix: 'a/', Destination: { Bucket: other } };
  return {
    Cors: [{ CORSRules: [{ AllowedOrigin: ['http://a.example'], AllowedMethod: ['GET'] }] }, 'http://a.example'],
    Lifecycle: [
      { Rules: [{ ID: 'old', Filter: { Prefix: 'logs/' }, Status: 'Enabled', Expiration: { Days: 9 } }] },
      'logs/',
    ],
    Website: [{ WebsiteConfiguration: page }, '404.html'],
    Domain: [{ DomainRule: [{ Name: 'www.node.example.com', Status: 'ENABLED', Type: 'REST' }] }, 'www.node.example.com'],
    Origin: [
      {
        OriginRule: [
          {
            OriginType: 'Mirror',
            OriginCondition: { HTTPStatusCode: '404' },
            OriginInfo: { HostInfo: { HostName: 'origin.example.com' } },
          },
        ],
      },
      'origin.example.com',
    ],
    Tagging: [{ Tags: [{ Key: 'client', Value: 'node' }] }, 'node'],
    Encryption: [
      {
        ServerSideEncryptionConfiguration: {
          Rule: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
      },
      'AES256',
    ],
    Replication: [
      {
        ReplicationConfiguration: {
          Role: 'qcs::cam::uin/100000000001:uin/100000000001',
          Rules: [copies],
        },
      },
      'copies',
    ],
    Policy: [
      {
        Policy: {
          version: '2.0',
          Statement: [
            {
              Principal: { qcs: ['qcs::cam::anyone:anyone'] },
              Effect: 'allow',
              Action: ['name/cos:GetObject'],
              Resource: [`qcs::cos:${session.region}:uid/${session.bucket.split('-').at(-1)}:${bucket}/*`],
            },
          ],
        },
      },
      'name/cos:GetObject',
    ],
  };
}

/** What a method answers, without its headers; a refusal is its code. */
async function answer(call) {
  try {
    const { headers, RequestId, ...rest } = await call();
    return JSON.stringify(rest);
  } catch (error) {
    return String(error.code);
  }
}

async function kept(session, name, [settings, text]) {
  const { cos } = session;
  const bucket = { Bucket: session.bucketName('settings'), Region: session.region };
  const missing = { Bucket: session.missing, Region: session.region };
  const get = () => answer(() => cos[`getBucket${name}`]({ ...bucket }));
  assert.ok(!(await get()).includes(text), 'it is there before');
  await cos[`putBucket${name}`]({ ...bucket, ...settings });
  const found = await get();
  assert.ok(found.includes(text), found);
  await refused('NoSuchBucket', 404, () => cos[`putBucket${name}`]({ ...missing, ...settings }));
  await cos[`deleteBucket${name}`]({ ...bucket });
  assert.ok(!(await get()).includes(text), 'it is there after');
}

const right = {
  async referer({ cos, bucket }) {
    const configuration = {
      Status: 'Enabled',
      RefererType: 'White-List',
      DomainList: { Domains: ['*.example.com'] },
      EmptyReferConfiguration: 'Allow',
    };
    await cos.putBucketReferer({ ...bucket, RefererConfiguration: configuration });
    const found = await answer(() => cos.getBucketReferer({ ...bucket }));
    assert.ok(found.includes('*.example.com'), found);
  },

  async logging({ cos, bucket, reports }) {
    const target = { TargetBucket: reports, TargetPrefix: 'logs/' };
    await cos.putBucketLogging({ ...bucket, BucketLoggingStatus: { LoggingEnabled: target } });
    const found = await answer(() => cos.getBucketLogging({ ...bucket }));
    assert.ok(found.includes('logs/'), found);
    await cos.putBucketLogging({ ...bucket, BucketLoggingStatus: '' });
    assert.ok(!(await answer(() => cos.getBucketLogging({ ...bucket }))).includes('logs/'));
  },

  async inventory({ cos, bucket, reports, region }) {
    const report = {
      Id: 'one',
      IsEnabled: 'true',
      Destination: {
        COSBucketDestination: { Format: 'CSV', Bucket: `qcs::cos:${region}::${reports}` },
      },
      Schedule: { Frequency: 'Daily' },
      IncludedObjectVersions: 'All',
      OptionalFields: ['Size', 'ETag'],
    };
    const put = { ...bucket, Id: 'one', InventoryConfiguration: report };
    await cos.putBucketInventory(put);
    const found = await cos.getBucketInventory({ ...bucket, Id: 'one' });
    assert.equal(found.InventoryConfiguration.Id, 'one');
    const listed = await answer(() => cos.listBucketInventory({ ...bucket }));
    assert.ok(listed.includes('"one"'), listed);
    await refused('InvalidArgument', 400, () => cos.putBucketInventory({ ...put, Id: 'two' }));
    await cos.deleteBucketInventory({ ...bucket, Id: 'one' });
    await refused('InventoryConfigurationNotFoundError', 404, () =>
      cos.deleteBucketInventory({ ...bucket, Id: 'one' }),
    );
  },

  async accelerate({ cos, bucket }) {
    for (const Status of ['Enabled', 'Suspended']) {
      await cos.putBucketAccelerate({ ...bucket, AccelerateConfiguration: { Status } });
      const found = await answer(() => cos.getBucketAccelerate({ ...bucket }));
      assert.ok(found.includes(Status), found);
    }
    const wrong = { ...bucket, AccelerateConfiguration: { Status: 'On' } };
    await refused('InvalidArgument', 400, () => cos.putBucketAccelerate(wrong));
  },

  async location({ cos, bucket, region }) {
    assert.equal((await cos.getBucketLocation({ ...bucket })).LocationConstraint, region);
  },

  async preflight({ cos, bucket }) {
    const CORSRules = [{ AllowedOrigin: ['http://a.example'], AllowedMethod: ['PUT'], AllowedHeader: ['*'] }];
    await cos.putBucketCors({ ...bucket, CORSRules });
    const ask = { ...bucket, Key: 'k', Origin: 'http://a.example', AccessControlRequestMethod: 'PUT' };
    const found = await cos.optionsObject({ ...ask, AccessControlRequestHeaders: 'x-cos-acl' });
    assert.equal(found.headers['access-control-allow-origin'], 'http://a.example');
    assert.equal(found.headers['access-control-allow-methods'], 'PUT');
    await cos.deleteBucketCors({ ...bucket });
  },

  async bucketsByTag({ cos, bucket }) {
    await cos.putBucketTagging({ ...bucket, Tags: [{ Key: 'found', Value: 'by tag' }] });
    const { Buckets: buckets } = await cos.getService({ TagKey: 'found', TagValue: 'by tag' });
    assert.deepEqual(buckets.map((each) => each.Name), [bucket.Bucket]);
    await cos.deleteBucketTagging({ ...bucket });
  },
};

function* wrong({ cos, bucket }) {
  const rule = { AllowedOrigin: ['nowhere'], AllowedMethod: ['GET'] };
  yield ['an origin that is none', 'InvalidArgument', () => cos.putBucketCors({ ...bucket, CORSRules: [rule] })];
  const twice = [{ Key: 'k', Value: '1' }, { Key: 'k', Value: '2' }];
  yield ['a tag twice', 'InvalidTag', () => cos.putBucketTagging({ ...bucket, Tags: twice })];
  const target = { LoggingEnabled: { TargetBucket: 'none-1250000000', TargetPrefix: 'a' } };
  yield [
    'logs to no bucket',
    'InvalidTargetBucketForLogging',
    () => cos.putBucketLogging({ ...bucket, BucketLoggingStatus: target }),
  ];
}

export async function run(session, report) {
  const { cos, region } = session;
  const bucket = { Bucket: session.bucketName('settings'), Region: region };
  const reports = session.bucketName('reports');
  for (const Bucket of [bucket.Bucket, reports]) {
    await cos.putBucket({ Bucket, Region: region });
    // As replication needs it.
    await cos.putBucketVersioning({ Bucket, Region: region, VersioningConfiguration: { Status: 'Enabled' } });
  }
  for (const [name, kind] of Object.entries(kinds(session))) {
    await report.case(`settings: ${name}`, () => kept(session, name, kind));
  }
  const here = { cos, bucket, reports, region };
  for (const [name, use] of Object.entries(right)) {
    await report.case(`settings: ${name}`, () => use(here));
  }
  for (const [name, code, call] of wrong(here)) {
    await report.case(`settings: ${name}`, () => refused(code, 400, call));
  }
  for (const Bucket of [bucket.Bucket, reports]) await cos.deleteBucket({ Bucket, Region: region });
}
