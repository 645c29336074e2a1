// Every operation with a wrong signature, and on a bucket that is not there.

import assert from 'node:assert/strict';

import { refused, withClockOffBy } from './session.mjs';

const [SHORT, LONG] = [2 * 60 * 60, 12 * 60 * 60];

/** The operations of COS by name: calls of a client on a bucket. */
const cos = {
  GetService: (client) => client.getService({}),
  PutBucket: (client, where) => client.putBucket(where),
  HeadBucket: (client, where) => client.headBucket(where),
  DeleteBucket: (client, where) => client.deleteBucket(where),
  GetBucket: (client, where) => client.getBucket({ ...where, Prefix: 'a b/' }),
  PutObject: (client, where) => client.putObject({ ...where, Key: 'a b', Body: 'changed' }),
  GetObject: (client, where) => client.getObject({ ...where, Key: 'a b' }),
  HeadObject: (client, where) => client.headObject({ ...where, Key: 'a b' }),
  DeleteObject: (client, where) => client.deleteObject({ ...where, Key: 'a b' }),
  GetObjectAcl: (client, where) => client.getObjectAcl({ ...where, Key: 'a b' }),
  PutObjectAcl: (client, where) =>
    client.putObjectAcl({ ...where, Key: 'a b', ACL: 'public-read' }),
};

/** The same of CI. */
function ci(session) {
  const job = { Tag: 'ImageInspect', Input: { Object: 'a.png' }, Operation: {} };
  const call = (method, resource, settings) => (client, { Bucket: bucket }) =>
    session.ci(client, method, resource, { bucket, ...settings });
  return {
    BindBucket: call('PUT', ''),
    CreatePicBucket: call('POST', 'picbucket'),
    DescribePicBuckets: call('GET', 'picbucket', { bucket: null }),
    CreateImageInspectJob: call('POST', 'jobs', { body: { Request: job } }),
    DescribeJob: call('GET', 'jobs/c1'),
    ListJobs: call('GET', 'jobs', { query: { queueId: 'p1', tag: 'ImageInspect' } }),
    CancelJob: call('PUT', 'jobs/c1', { query: { cancel: '' } }),
  };
}

// Those whose host is that of the service, or who make the bucket.
const WITHOUT_BUCKET = new Set(['GetService', 'DescribePicBuckets', 'PutBucket']);
// The SDK calls it a success if the bucket of an object to delete is not there.
const QUIET = new Set(['DeleteObject']);

/** How the client is made, and the status and code for COS and for CI. */
const WRONG = [
  [
    'a wrong secret',
    { SecretKey: 'not-the-secret' },
    [403, 'SignatureDoesNotMatch'],
    [403, 'SignatureDoesNotMatch'],
  ],
  [
    'an unknown key',
    { SecretId: 'AKIDstranger' },
    [403, 'InvalidAccessKeyId'],
    [401, 'SecretidNotExist'],
  ],
  [
    'an expired signature',
    { SystemClockOffset: -LONG * 1000 },
    [403, 'AccessDenied'],
    [401, 'SignatureExpired'],
  ],
  [
    'a signature of the future',
    { SystemClockOffset: SHORT * 1000 },
    [403, 'RequestTimeTooSkewed'],
    [403, 'RequestTimeTooSkewed'],
  ],
];

const WRONG_API = [
  ['a wrong secret', { secretKey: 'not-the-secret' }, 0, 'AuthFailure.SignatureFailure'],
  ['an unknown key', { secretId: 'AKIDstranger' }, 0, 'AuthFailure.SecretIdNotFound'],
  ['an expired signature', {}, -SHORT, 'AuthFailure.SignatureExpire'],
  ['a signature of the future', {}, SHORT, 'AuthFailure.SignatureExpire'],
];

export async function run(session, report) {
  await session.put('a b', 'unchanged', { ACL: 'private' });
  const where = { Bucket: session.bucket, Region: session.region };
  const fresh = { ...where, Bucket: session.bucketName('unsigned') };
  const missing = { ...where, Bucket: session.missing };
  const services = [
    [cos, 0],
    [ci(session), 1],
  ];
  for (const [what, settings, ...answers] of WRONG) {
    const client = session.cosClient(settings);
    for (const [operations, service] of services) {
      const [status, code] = answers[service];
      for (const [name, call] of Object.entries(operations)) {
        const bucket = name === 'PutBucket' ? fresh : where;
        await report.case(`${name} with ${what}`, () =>
          refused(name.startsWith('Head') ? null : code, status, () => call(client, bucket)),
        );
      }
    }
  }
  for (const [operations] of services) {
    for (const [name, call] of Object.entries(operations)) {
      if (WITHOUT_BUCKET.has(name) || QUIET.has(name)) continue;
      const code = name.startsWith('Head') ? null : 'NoSuchBucket';
      await report.case(`${name} of a missing bucket`, () =>
        refused(code, 404, () => call(session.cos, missing)),
      );
    }
  }
  for (const [what, settings, offset, code] of WRONG_API) {
    const client = session.mpsClient(settings);
    for (const action of ['ProcessImage', 'DescribeImageTaskDetail']) {
      await report.case(`${action} with ${what}`, () =>
        refused(code, null, () => withClockOffBy(offset, () => client[action]({}))),
      );
    }
  }
  await report.case('DeleteObject of a missing bucket', async () => {
    const answer = await session.cos.deleteObject({ ...missing, Key: 'a b' });
    assert.ok(answer.BucketNotFound, JSON.stringify(answer));
  });
  await report.case('what was refused changed nothing', async () => {
    assert.equal(await session.content('a b'), 'unchanged');
    const acl = await session.cos.getObjectAcl(session.at('a b'));
    assert.equal(acl.ACL, 'private');
    for (const bucket of [fresh, missing]) {
      await refused(null, 404, () => session.cos.headBucket(bucket));
    }
  });
}
