// Objects copied, deleted many at once, kept in versions and restored: every method of the SDK for
// these, used rightly and wrongly.

import assert from 'node:assert/strict';

import { list, refused } from './session.mjs';

// Well formed, and of another bucket.
const NO_VERSION = 'MTg0NDUxNTc1NjIzMTQ1MDAwODg';

function source(session, key, bucket = session.bucket) {
  const encoded = key.split('/').map(encodeURIComponent).join('/');
  return `${bucket}.cos.${session.region}.myqcloud.com/${encoded}`;
}

function copy(session, to, from, settings = {}) {
  return session.cos.putObjectCopy({ ...session.at(to), CopySource: from, ...settings });
}

const right = {
  async copies(session) {
    for (const key of ['copies/plain.txt', 'copies/100% a b+c.txt', 'copies/\u56fe.png']) {
      await session.put(key, key, { Headers: { 'x-cos-meta-a': '1' } });
      const copied = await copy(session, `copied/${key}`, source(session, key));
      const head = await session.cos.headObject(session.at(`copied/${key}`));
      assert.equal(copied.ETag, head.ETag, key);
      assert.equal(head.headers['x-cos-meta-a'], '1', key);
      assert.equal(await session.content(`copied/${key}`), key);
      const sliced = { ...session.at('sliced'), CopySource: source(session, key) };
      await session.cos.sliceCopyFile(sliced);
      assert.equal(await session.content('sliced'), key);
    }
  },

  async copiesDescribedAnew(session) {
    await session.put('described', 'content', { Headers: { 'x-cos-meta-a': '1' } });
    const settings = {
      MetadataDirective: 'Replaced',
      ContentType: 'text/x-other',
      StorageClass: 'STANDARD_IA',
      Headers: { 'x-cos-meta-b': '2' },
    };
    // Onto itself.
    await copy(session, 'described', source(session, 'described'), settings);
    const { headers } = await session.cos.headObject(session.at('described'));
    assert.equal(headers['content-type'], 'text/x-other');
    assert.equal(headers['x-cos-storage-class'], 'STANDARD_IA');
    assert.equal(headers['x-cos-meta-b'], '2');
    assert.equal(headers['x-cos-meta-a'], undefined);
    assert.equal(await session.content('described'), 'content');
  },

  async copiesOnConditions(session) {
    const { ETag: etag } = await session.put('conditional');
    const past = 'Sat, 01 Jan 2000 00:00:00 GMT';
    const future = 'Tue, 01 Jan 2075 00:00:00 GMT';
    const from = source(session, 'conditional');
    for (const holds of [
      { CopySourceIfMatch: etag },
      { CopySourceIfNoneMatch: '"other"' },
      { CopySourceIfModifiedSince: past },
      { CopySourceIfUnmodifiedSince: future },
    ]) {
      await copy(session, 'on-condition', from, holds);
    }
    for (const fails of [
      { CopySourceIfMatch: '"other"' },
      { CopySourceIfNoneMatch: etag },
      { CopySourceIfModifiedSince: future },
      { CopySourceIfUnmodifiedSince: past },
    ]) {
      const call = () => copy(session, 'on-condition', from, fails);
      await refused('PreconditionFailed', 412, call);
    }
  },

  async manyAtOnce(session) {
    const keys = Array.from({ length: 10 }, (_, number) => `many/${number} & <${number}>`);
    for (const key of keys) await session.put(key);
    const where = { Bucket: session.bucket, Region: session.region };
    const objects = [...keys, 'many/none'].map((Key) => ({ Key }));
    const half = { ...where, Objects: objects.slice(5) };
    const { Deleted: deleted, Error: errors } = await session.cos.deleteMultipleObject(half);
    assert.deepEqual(deleted.map((each) => each.Key), [...keys.slice(5), 'many/none']);
    assert.deepEqual(errors, []);
    const quiet = { ...where, Objects: objects.slice(0, 5), Quiet: true };
    assert.deepEqual((await session.cos.deleteMultipleObject(quiet)).Deleted, []);
    const { Contents: left } = await session.cos.getBucket({ ...where, Prefix: 'many/' });
    assert.deepEqual(left, []);
  },

  async versions(session) {
    const { cos } = session;
    const bucket = { Bucket: session.bucketName('versions'), Region: session.region };
    const at = { ...bucket, Key: 'key' };
    await cos.putBucket(bucket);
    const status = async () => (await cos.getBucketVersioning(bucket)).VersioningConfiguration;
    assert.equal((await status())?.Status, undefined);
    for (const Status of ['Suspended', 'Enabled']) {
      await cos.putBucketVersioning({ ...bucket, VersioningConfiguration: { Status } });
      assert.equal((await status()).Status, Status);
    }
    const ids = [];
    for (const body of ['one', 'second']) {
      const put = await cos.putObject({ ...at, Body: body });
      ids.push(put.headers['x-cos-version-id']);
    }
    const old = await cos.getObject({ ...at, VersionId: ids[0] });
    assert.equal(old.Body.toString(), 'one');
    const head = await cos.headObject({ ...at, VersionId: ids[0] });
    assert.equal(head.headers['content-length'], '3');
    const { headers } = await cos.deleteObject(at);
    assert.equal(headers['x-cos-delete-marker'], 'true');
    await refused('NoSuchKey', 404, () => cos.getObject(at));
    const marker = headers['x-cos-version-id'];
    await refused('MethodNotAllowed', 405, () => cos.getObject({ ...at, VersionId: marker }));

    const all = await cos.listObjectVersions(bucket);
    assert.deepEqual(all.Versions.map((each) => each.VersionId), [ids[1], ids[0]]);
    assert.deepEqual(all.DeleteMarkers.map((each) => each.IsLatest), ['true']);
    const page = await cos.listObjectVersions({ ...bucket, MaxKeys: 2 });
    assert.equal(page.NextVersionIdMarker, ids[1]);
    const rest = await cos.listObjectVersions({
      ...bucket,
      KeyMarker: page.NextKeyMarker,
      VersionIdMarker: page.NextVersionIdMarker,
    });
    assert.deepEqual(rest.Versions.map((each) => each.VersionId), [ids[0]]);

    const from = `${source(session, 'key', bucket.Bucket)}?versionId=${ids[0]}`;
    await cos.putObjectCopy({ ...bucket, Key: 'copy', CopySource: from });
    const copied = await cos.getObject({ ...bucket, Key: 'copy' });
    assert.equal(copied.Body.toString(), 'one');
    await refused('BucketNotEmpty', 409, () => cos.deleteBucket(bucket));
    await cos.deleteObject({ ...at, VersionId: marker });
    assert.equal((await cos.getObject(at)).Body.toString(), 'second');
    const left = await cos.listObjectVersions(bucket);
    const objects = list(left.Versions).map(({ Key, VersionId }) => ({ Key, VersionId }));
    await cos.deleteMultipleObject({ ...bucket, Objects: objects });
    await cos.deleteBucket(bucket);
  },

  async restorations(session) {
    await session.put('cold', 'cold', { StorageClass: 'ARCHIVE' });
    await refused('InvalidObjectState', 403, () => session.content('cold'));
    const RestoreRequest = { Days: 1, CASJobParameters: { Tier: 'Standard' } };
    const restore = () => session.cos.restoreObject({ ...session.at('cold'), RestoreRequest });
    await restore();
    const { headers } = await session.cos.headObject(session.at('cold'));
    assert.equal(headers['x-cos-restore'], 'ongoing-request="true"');
    await refused('RestoreAlreadyInProgress', 409, restore);
  },
};

/** Name, code, status and call of each. */
function* wrong(session) {
  const { cos } = session;
  const here = source(session, 'kept');
  const bucket = { Bucket: session.bucket, Region: session.region };
  const nowhere = { Bucket: session.missing, Region: session.region };
  const of = (from, settings) => () => copy(session, 'to', from, settings);
  yield ['copy of nothing', 'NoSuchCopySource', 404, of(source(session, 'none'))];
  yield ['copy from nowhere', 'NoSuchBucket', 404, of(source(session, 'kept', session.missing))];
  yield ['copy of no version', 'NoSuchVersion', 404, of(`${here}?versionId=${NO_VERSION}`)];
  yield ['copy onto itself', 'InvalidRequest', 400, () => copy(session, 'kept', here)];
  yield ['copy in no class', 'InvalidArgument', 400, of(here, { StorageClass: 'GLACIER' })];
  yield ['slices of nothing', null, 404, () =>
    cos.sliceCopyFile({ ...session.at('to'), CopySource: source(session, 'none') })];
  const many = (where, count) => () => {
    const objects = Array.from({ length: count }, (_, number) => ({ Key: `${number}` }));
    return cos.deleteMultipleObject({ ...where, Objects: objects });
  };
  yield ['too many at once', 'MalformedXML', 400, many(bucket, 1001)];
  yield ['many nowhere', 'NoSuchBucket', 404, many(nowhere, 1)];
  const keep = (where, Status) => () =>
    cos.putBucketVersioning({ ...where, VersioningConfiguration: { Status } });
  yield ['another status', 'InvalidArgument', 400, keep(bucket, 'Disabled')];
  yield ['status of nothing', 'NoSuchBucket', 404, keep(nowhere, 'Enabled')];
  yield ['no status', 'NoSuchBucket', 404, () => cos.getBucketVersioning(nowhere)];
  yield ['versions of nothing', 'NoSuchBucket', 404, () => cos.listObjectVersions(nowhere)];
  yield ['a list too long', 'InvalidArgument', 400, () =>
    cos.listObjectVersions({ ...bucket, MaxKeys: 1001 })];
  yield ['no version', 'NoSuchVersion', 404, () =>
    cos.getObject({ ...session.at('kept'), VersionId: NO_VERSION })];
  const restore = (key, Tier) => () => {
    const RestoreRequest = { Days: 1, CASJobParameters: { Tier } };
    return cos.restoreObject({ ...session.at(key), RestoreRequest });
  };
  yield ['restoring what is warm', 'RestoreNonArchiveObject', 405, restore('kept', 'Bulk')];
  yield ['restoring nothing', 'NoSuchKey', 404, restore('none', 'Bulk')];
  yield ['an unknown tier', 'InvalidArgument', 400, restore('cold', 'Slow')];
}

export async function run(session, report) {
  await session.put('kept', 'kept');
  for (const [name, use] of Object.entries(right)) {
    await report.case(`versions: ${name}`, () => use(session));
  }
  for (const [name, code, status, call] of wrong(session)) {
    await report.case(`versions: ${name}`, () => refused(code, status, call));
  }
}
