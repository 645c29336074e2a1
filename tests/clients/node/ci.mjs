// Cloud Infinite, for which the SDK has one method: a request by its address.

import assert from 'node:assert/strict';

import { list, refused, until } from './session.mjs';

const ID = '0'.repeat(32);

function job(change = {}) {
  return { Tag: 'ImageInspect', Input: { Object: 'ci/clean.png' }, Operation: {}, ...change };
}

async function submit(session, change) {
  const answer = await session.ci(session.cos, 'POST', 'jobs', { body: { Request: job(change) } });
  const [submitted] = list(answer.Response.JobsDetail);
  assert.equal(submitted.State, 'Submitted');
  return submitted;
}

async function ended(session, { JobId: id }) {
  const describe = async () => {
    const answer = await session.ci(session.cos, 'GET', `jobs/${id}`);
    return list(answer.Response.JobsDetail)[0];
  };
  return until((found) => !['Submitted', 'Running'].includes(found.State), describe);
}

const right = {
  async binding(session) {
    const { cos } = session;
    for (const _ of [1, 2]) {
      const bound = await session.ci(cos, 'PUT', '');
      assert.equal(bound.Response.CIBucket.BucketId, session.bucket);
      assert.ok(bound.headers['x-ci-request-id'], 'the answer has no id');
    }
    for (const _ of [1, 2]) {
      const enabled = await session.ci(cos, 'POST', 'picbucket');
      assert.equal(enabled.Response.PicBucket.BucketId, session.bucket);
    }
    const query = { regions: session.region, bucketNames: session.bucket, pageNumber: 1 };
    const found = await session.ci(cos, 'GET', 'picbucket', { bucket: null, query });
    assert.equal(found.Response.TotalCount, '1');
  },

  async inspection(session) {
    const hidden = session.picture('hidden.png');
    const begin = session.picture('clean.png').length;
    await session.put('ci/clean.png', session.picture('clean.png'));
    await session.put('ci/hidden.png', hidden);
    const move = { AutoProcess: 'true', ProcessType: 'BackupObject' };
    const jobs = [];
    for (const name of ['clean', 'hidden']) {
      jobs.push(
        await submit(session, {
          Input: { Object: `ci/${name}.png` },
          Operation: { UserData: 'from Node', ImageInspect: move },
        }),
      );
    }
    const [clean, odd] = [await ended(session, jobs[0]), await ended(session, jobs[1])];
    for (const each of [clean, odd]) {
      assert.equal(each.State, 'Success', each.Message);
      assert.equal(each.Operation.UserData, 'from Node');
    }
    const result = (each) => each.Operation.ImageInspectResult.ProcessResult;
    assert.equal(result(clean).Suspicious, 'false');
    assert.equal(result(odd).Suspicious, 'true');
    assert.equal(result(odd).SuspiciousType, 'MPEG-TS');
    assert.equal(result(odd).SuspiciousBeginByte, String(begin));
    assert.equal(result(odd).SuspiciousSize, String(hidden.length - begin));
    assert.ok(!(await session.exists('ci/hidden.png')), 'it was not moved');
    const moved = await session.cos.getObject(session.at('abnormal_images_backup/ci/hidden.png'));
    assert.ok(moved.Body.equals(hidden), 'the moved picture');
    const missing = await ended(session, await submit(session, { Input: { Object: 'none.png' } }));
    assert.equal(missing.State, 'Failed');
  },

  async lists(session) {
    const made = [];
    for (const _ of [1, 2, 3]) made.push(await ended(session, await submit(session)));
    const queueId = made[0].QueueId;
    const seen = [];
    for (let nextToken = ''; ; ) {
      const query = { queueId, tag: 'ImageInspect', size: 2, nextToken };
      const { Response: page } = await session.ci(session.cos, 'GET', 'jobs', { query });
      seen.push(...list(page.JobsDetail).map((each) => each.JobId));
      nextToken = page.NextToken;
      if (!nextToken) break;
    }
    const ids = made.map((each) => each.JobId);
    assert.deepEqual(seen.slice(0, 3), ids.toReversed?.() ?? [...ids].reverse());
    const several = await session.ci(session.cos, 'GET', `jobs/${ids.join(',')},c${ID}`);
    assert.deepEqual(list(several.Response.JobsDetail).map((each) => each.JobId), ids);
    assert.equal(several.Response.NonExistJobIds, `c${ID}`);
  },

  // One job at a time is in work: the last of a few still waits.
  async cancelling(session) {
    const picture = Buffer.concat([session.picture('clean.png'), Buffer.alloc(8_000_000)]);
    await session.put('ci/heavy.png', picture);
    const jobs = [];
    for (let number = 0; number < 8; number += 1) {
      jobs.push(await submit(session, { Input: { Object: 'ci/heavy.png' } }));
    }
    const last = jobs.at(-1);
    await session.ci(session.cos, 'PUT', `jobs/${last.JobId}`, { query: { cancel: '' } });
    assert.equal((await ended(session, last)).State, 'Cancel');
    for (const each of jobs.slice(0, -1)) {
      assert.equal((await ended(session, each)).State, 'Success');
    }
  },
};

async function* wrong(session) {
  const { cos } = session;
  const over = await ended(session, await submit(session));
  const create = (change) => () =>
    session.ci(cos, 'POST', 'jobs', { body: { Request: job(change) } });
  const jobs = (change) => () =>
    session.ci(cos, 'GET', 'jobs', {
      query: { queueId: over.QueueId, tag: 'ImageInspect', ...change },
    });
  const buckets = (query) => () => session.ci(cos, 'GET', 'picbucket', { bucket: null, query });
  const cancel = (id) => () => session.ci(cos, 'PUT', `jobs/${id}`, { query: { cancel: '' } });
  for (const [name, call] of Object.entries({
    'no object': create({ Input: {} }),
    'no such level': create({ Operation: { JobLevel: '3' } }),
    'no switch': create({ Operation: { ImageInspect: { AutoProcess: 'perhaps' } } }),
    'no such way': create({ Operation: { ImageInspect: { ProcessType: 'Burn' } } }),
    'a callback by FTP': create({ CallBack: 'ftp://example.com' }),
    'no such state': jobs({ states: 'Nowhere' }),
    'a long list': jobs({ size: 101 }),
    'no such token': jobs({ nextToken: 'none' }),
    'a list from no time': jobs({ startCreationTime: 'yesterday' }),
    'many jobs': () => session.ci(cos, 'GET', 'jobs/a,b,c,d,e,f,g,h,i,j,k'),
    'a job that is over': cancel(over.JobId),
    'page 0': buckets({ pageNumber: 0 }),
    'a long page': buckets({ pageSize: 101 }),
  })) {
    yield [name, 'InvalidArgument', 400, call];
  }
  yield ['no such queue', 'QueueNotFound', 400, jobs({ queueId: `p${ID}` })];
  yield ['no such job', 'ResourceNotFound', 400, cancel(`c${ID}`)];
  const half = { Method: 'POST', Key: 'jobs', Body: '<Request><Tag>ImageInspect</Request>' };
  const address = `http://${session.bucket}.ci.${session.region}.myqcloud.com/jobs`;
  yield ['half a document', 'InvalidContent', 400, () => cos.request({ ...half, Url: address })];
  const unbound = { Bucket: session.bucketName('unbound'), Region: session.region };
  await cos.putBucket(unbound);
  yield [
    'a bucket that is not bound',
    'MediaBucketUnBinded',
    403,
    () =>
      session.ci(cos, 'POST', 'jobs', { bucket: unbound.Bucket, body: { Request: job() } }),
  ];
}

function* notBuilt(session) {
  const create = (change, resource = 'jobs') => () =>
    session.ci(session.cos, 'POST', resource, { body: { Request: job(change) } });
  for (const Tag of ['Transcode', 'Snapshot', 'SmartCover', 'Tts', 'SDRtoHDR']) {
    yield [`a job ${Tag}`, create({ Tag })];
  }
  yield ['a callback by TDMQ', create({
    CallBackType: 'TDMQ',
    CallBackMqConfig: { MqRegion: 'gz', MqMode: 'Queue', MqName: 'jobs' },
  })];
  yield ['moderation of a picture', create({}, 'image/auditing')];
  yield ['a job on a document', create({ Tag: 'DocProcess' }, 'doc_jobs')];
  yield ['a template', create({ Tag: 'Watermark', Name: 't' }, 'template')];
  for (const [method, resource, query] of [
    ['GET', 'queue', {}],
    ['GET', 'workflow', {}],
    ['DELETE', 'picbucket', {}],
    ['PUT', '', { unbind: '' }],
  ]) {
    const what = `${method} /${resource}?${Object.keys(query)}`;
    yield [what, () => session.ci(session.cos, method, resource, { query })];
  }
}

export async function run(session, report) {
  for (const [name, use] of Object.entries(right)) {
    await report.case(`ci: ${name}`, () => use(session));
  }
  for await (const [name, code, status, call] of wrong(session)) {
    await report.case(`ci: ${name}`, () => refused(code, status, call));
  }
  for (const [name, call] of notBuilt(session)) {
    await report.refusal(`ci: ${name}`, () => refused('NotImplemented', 501, call));
  }
}
