// Uploads in parts, objects that grow, and the methods that are made of them.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

import { list, refused } from './session.mjs';

const MIB = 1024 * 1024;
const NO_UPLOAD = `1700000000${'a'.repeat(64)}`;
const md5 = (body) => `"${createHash('md5').update(body).digest('hex')}"`;

/** What names an upload that has begun. */
async function begin(session, key, settings = {}) {
  const at = session.at(key);
  const begun = await session.cos.multipartInit({ ...at, ...settings });
  assert.deepEqual([begun.Bucket, begun.Key], [at.Bucket, key]);
  return { ...at, UploadId: begun.UploadId };
}

async function part(session, upload, number, body) {
  const sent = await session.cos.multipartUpload({ ...upload, PartNumber: number, Body: body });
  assert.equal(sent.ETag, md5(body));
  return { PartNumber: number, ETag: sent.ETag };
}

function complete(session, upload, parts) {
  return session.cos.multipartComplete({ ...upload, Parts: parts });
}

/** A file of seven parts of 1 MiB, and its content. */
function largeFile(session) {
  const content = Buffer.alloc(6 * MIB + 12, 'whatever a file may hold, ');
  const file = path.join(session.scratch, 'large.bin');
  fs.writeFileSync(file, content);
  return { file, content };
}

async function bytes(session, key) {
  return (await session.cos.getObject(session.at(key))).Body;
}

const right = {
  async stepByStep(session) {
    const { cos } = session;
    const key = 'parts/\u56fe \u7247+%.bin';
    const upload = await begin(session, key, {
      ContentType: 'text/x-test',
      StorageClass: 'STANDARD_IA',
      Headers: { 'x-cos-meta-number': '7' },
    });
    const bodies = ['a'.repeat(MIB), 'b'.repeat(MIB + 5), 'the end'].map((it) => Buffer.from(it));
    await part(session, upload, 2, Buffer.from('another one'));
    const parts = [];
    for (const number of [3, 1, 2]) {
      parts.push(await part(session, upload, number, bodies[number - 1]));
    }
    parts.sort((one, other) => one.PartNumber - other.PartNumber);
    assert.ok(!(await session.exists(key)));

    const first = await cos.multipartListPart({ ...upload, MaxParts: 2 });
    assert.deepEqual(list(first.Part).map((each) => each.PartNumber), ['1', '2']);
    assert.deepEqual(list(first.Part).map((each) => each.ETag), parts.slice(0, 2).map((it) => it.ETag));
    assert.equal(first.IsTruncated, 'true');
    assert.equal(first.StorageClass, 'STANDARD_IA');
    const marker = first.NextPartNumberMarker;
    const second = await cos.multipartListPart({ ...upload, PartNumberMarker: marker });
    assert.deepEqual(list(second.Part).map((each) => each.Size), ['7']);
    assert.equal(second.IsTruncated, 'false');

    const done = await complete(session, upload, parts);
    assert.match(done.ETag, /-3"$/);
    assert.ok(done.Location.includes('parts/'), done.Location);
    const head = await cos.headObject(session.at(key));
    assert.equal(head.headers.etag, done.ETag);
    assert.equal(head.headers['content-type'], 'text/x-test');
    assert.equal(head.headers['x-cos-meta-number'], '7');
    assert.ok((await bytes(session, key)).equals(Buffer.concat(bodies)));
    const range = `bytes=${MIB - 2}-${MIB + 1}`;
    const some = await cos.getObject({ ...session.at(key), Range: range });
    assert.equal(some.Body.toString(), 'aabb');
    await refused('NoSuchUpload', 404, () => complete(session, upload, parts));
    await cos.deleteObject(session.at(key));
  },

  async aborting(session) {
    const { cos } = session;
    const upload = await begin(session, 'parts/aborted');
    await part(session, upload, 1, Buffer.alloc(MIB));
    await cos.multipartAbort(upload);
    await refused('NoSuchUpload', 404, () => cos.multipartAbort(upload));
    await refused('NoSuchUpload', 404, () => cos.multipartListPart(upload));
    const late = { ...upload, PartNumber: 1, Body: 'x' };
    await refused('NoSuchUpload', 404, () => cos.multipartUpload(late));

    // By the task's id, by the key, and all of the bucket.
    const at = session.at('parts/tasks');
    const one = await begin(session, at.Key);
    await begin(session, at.Key);
    await cos.abortUploadTask({ ...at, Level: 'task', UploadId: one.UploadId });
    const left = await cos.multipartList({ ...at, Prefix: at.Key });
    assert.equal(list(left.Upload).length, 1);
    const ended = await cos.abortUploadTask({ ...at, Level: 'file' });
    assert.equal(ended.successList.length, 1);
    await begin(session, 'parts/one');
    await begin(session, 'parts/other');
    const bucket = { Bucket: session.bucket, Region: session.region };
    const all = await cos.abortUploadTask({ ...bucket, Level: 'bucket' });
    assert.equal(all.successList.length, 2);
    assert.deepEqual(all.errorList, []);
  },

  async listsOfUploads(session) {
    const { cos } = session;
    const bucket = { Bucket: session.bucket, Region: session.region };
    const keys = ['list/a/1', 'list/a/2', 'list/b', 'list/b', 'list/\u4e2d c'];
    const uploads = [];
    for (const key of keys) uploads.push(await begin(session, key));
    const ids = (page) => list(page.Upload).map((each) => `${each.Key} ${each.UploadId}`);
    const wanted = uploads.map((each) => `${each.Key} ${each.UploadId}`).sort();
    assert.deepEqual(ids(await cos.multipartList({ ...bucket, Prefix: 'list/' })), wanted);
    const seen = [];
    for (let markers = {}; ;) {
      const asked = { ...bucket, Prefix: 'list/', MaxUploads: 1, EncodingType: 'url', ...markers };
      const page = await cos.multipartList(asked);
      seen.push(...list(page.Upload).map((each) => each.UploadId));
      if (page.IsTruncated === 'false') break;
      markers = {
        KeyMarker: decodeURIComponent(page.NextKeyMarker),
        UploadIdMarker: page.NextUploadIdMarker,
      };
    }
    assert.deepEqual(seen, wanted.map((each) => each.split(' ').at(-1)));
    const folded = await cos.multipartList({ ...bucket, Prefix: 'list/', Delimiter: '/' });
    assert.deepEqual(list(folded.CommonPrefixes).map((each) => each.Prefix), ['list/a/']);
    assert.equal(list(folded.Upload).length, 3);
    for (const upload of uploads) await cos.multipartAbort(upload);
    assert.deepEqual(ids(await cos.multipartList({ ...bucket, Prefix: 'list/' })), []);
  },

  async wrongParts(session) {
    const { cos } = session;
    const upload = await begin(session, 'parts/wrong');
    const small = await part(session, upload, 1, Buffer.from('small'));
    const last = await part(session, upload, 2, Buffer.from('last'));
    for (const [code, parts] of [
      ['EntityTooSmall', [small, last]],
      ['InvalidPartOrder', [last, small]],
      ['InvalidPart', [{ PartNumber: 1, ETag: last.ETag }]],
      ['InvalidPart', [last, { PartNumber: 3, ETag: last.ETag }]],
      ['InvalidArgument', [{ PartNumber: 10_001, ETag: last.ETag }]],
    ]) {
      await refused(code, 400, () => complete(session, upload, parts));
    }
    for (const PartNumber of [-1, 10_001]) {
      const sent = { ...upload, PartNumber, Body: 'x' };
      await refused('InvalidArgument', 400, () => cos.multipartUpload(sent));
    }
    const digest = { ...upload, PartNumber: 1, Body: 'x', ContentMD5: '1B2M2Y8AsgTpgAmY7PhCfg==' };
    await refused('BadDigest', 400, () => cos.multipartUpload(digest));
    const most = { ...upload, MaxParts: 1001 };
    await refused('InvalidArgument', 400, () => cos.multipartListPart(most));
    const bucket = { Bucket: session.bucket, Region: session.region, MaxUploads: 1001 };
    await refused('InvalidArgument', 400, () => cos.multipartList(bucket));
    for (const wrong of [
      { ...upload, Key: 'parts/other' },
      { ...upload, UploadId: NO_UPLOAD },
    ]) {
      await refused('NoSuchUpload', 404, () => cos.multipartListPart(wrong));
      await refused('NoSuchUpload', 404, () => complete(session, wrong, [last]));
    }
    const nowhere = session.at('key', session.missing);
    await refused('NoSuchBucket', 404, () => cos.multipartInit(nowhere));
    await refused('NoSuchBucket', 404, () => cos.multipartList(nowhere));
    // None of that has changed anything.
    await complete(session, upload, [last]);
    assert.equal(await session.content('parts/wrong'), 'last');
    await cos.deleteObject(session.at('parts/wrong'));
  },

  async appending(session) {
    const { cos } = session;
    const at = session.at('log.txt');
    const type = { Headers: { 'Content-Type': 'text/x-log' } };
    const first = await cos.appendObject({ ...at, Position: 0, Body: '1234', ...type });
    assert.equal(first.headers['x-cos-next-append-position'], '4');
    const second = await cos.appendObject({ ...at, Position: 4, Body: '56789' });
    assert.equal(second.headers['x-cos-next-append-position'], '9');
    // The catalogue's check value of CRC-64/XZ.
    assert.equal(second.headers['x-cos-hash-crc64ecma'], '11051210869376104954');
    const { headers } = await cos.headObject(at);
    assert.equal(headers['x-cos-object-type'], 'appendable');
    assert.equal(headers['content-type'], 'text/x-log');
    for (const Position of [0, 4, 10]) {
      const wrong = { ...at, Position, Body: 'x' };
      await refused('AppendPositionErr', 409, () => cos.appendObject(wrong));
    }
    await session.put('kept-whole');
    const whole = { ...session.at('kept-whole'), Position: 7, Body: 'x' };
    await refused('ObjectNotAppendable', 409, () => cos.appendObject(whole));
    assert.equal(await session.content('log.txt'), '123456789');
    for (const key of ['log.txt', 'kept-whole']) await cos.deleteObject(session.at(key));
  },

  async filesOfSeveralParts(session) {
    const { cos } = session;
    const { file, content } = largeFile(session);
    const progress = [];
    const sliced = await cos.sliceUploadFile({
      ...session.at('sliced'),
      FilePath: file,
      ChunkSize: MIB,
      AsyncLimit: 3,
      onProgress: ({ loaded }) => progress.push(loaded),
    });
    assert.match(sliced.ETag, /-7"$/);
    assert.equal(progress.at(-1), content.length);
    const large = { ...session.at('large'), FilePath: file, SliceSize: MIB, ChunkSize: MIB };
    assert.match((await cos.uploadFile(large)).ETag, /-7"$/);
    const { files } = await cos.uploadFiles({
      files: [{ ...session.at('one-of-many'), FilePath: file }],
      SliceSize: MIB,
    });
    assert.equal(files[0].error, null);
    for (const key of ['sliced', 'large', 'one-of-many']) {
      assert.ok((await bytes(session, key)).equals(content), key);
      const target = path.join(session.scratch, 'downloaded.bin');
      const parts = { ChunkSize: MIB, ParallelLimit: 3, RetryTimes: 1 };
      await cos.downloadFile({ ...session.at(key), FilePath: target, ...parts });
      assert.ok(fs.readFileSync(target).equals(content), `${key} as a file`);
      fs.rmSync(target);
      await cos.deleteObject(session.at(key));
    }
  },

  async anUploadGoesOn(session) {
    const { file, content } = largeFile(session);
    const at = session.at('resumed');
    const upload = await begin(session, at.Key);
    await part(session, upload, 2, content.subarray(MIB, 2 * MIB));
    await part(session, upload, 1, content.subarray(0, MIB));
    const progress = [];
    await session.cosClient().sliceUploadFile({
      ...at,
      FilePath: file,
      ChunkSize: MIB,
      onProgress: ({ loaded }) => progress.push(loaded),
    });
    const first = progress.find((loaded) => loaded > 0);
    assert.ok(first >= 2 * MIB, `after ${first} bytes of what is there already`);
    assert.ok((await bytes(session, at.Key)).equals(content));
    await refused('NoSuchUpload', 404, () => session.cos.multipartListPart(upload));
    await session.cos.deleteObject(at);
  },

  async copiedParts(session) {
    const { cos } = session;
    const content = Buffer.from(`${'a'.repeat(MIB)}${'b'.repeat(MIB)}the end`);
    const key = 'parts/source \u56fe+%';
    const put = await session.put(key, content);
    const of = `${session.bucket}.cos.${session.region}.myqcloud.com/${encodeURIComponent(key)}`;
    const upload = await begin(session, 'parts/copy');
    const copy = (number, range, settings = {}) =>
      cos.uploadPartCopy({
        ...upload,
        PartNumber: number,
        CopySource: of,
        CopySourceRange: `bytes=${range}`,
        ...settings,
      });
    const parts = [];
    const match = { CopySourceIfMatch: put.ETag };
    for (const [number, first, last] of [[1, 0, MIB - 1], [2, MIB, content.length - 1]]) {
      const copied = await copy(number, `${first}-${last}`, match);
      assert.equal(copied.ETag, md5(content.subarray(first, last + 1)));
      parts.push({ PartNumber: number, ETag: copied.ETag });
    }
    for (const [code, status, call] of [
      ['PreconditionFailed', 412, () => copy(1, '0-1', { CopySourceIfMatch: '"other"' })],
      ['InvalidRange', 416, () => copy(1, `0-${content.length}`)],
      ['InvalidArgument', 400, () => copy(1, '5-4')],
      ['InvalidArgument', 400, () => copy(10_001, '0-1')],
      ['NoSuchCopySource', 404, () => copy(1, '0-1', { CopySource: `${of}none` })],
      ['NoSuchUpload', 404, () => copy(1, '0-1', { UploadId: NO_UPLOAD })],
    ]) {
      await refused(code, status, call);
    }
    await complete(session, upload, parts);
    assert.ok((await bytes(session, 'parts/copy')).equals(content));
    // The SDK's own way, which is in parts for what is large.
    await cos.sliceCopyFile({
      ...session.at('parts/again'),
      CopySource: of,
      CopySliceSize: MIB,
      CopyChunkSize: MIB,
    });
    assert.ok((await bytes(session, 'parts/again')).equals(content));
    for (const each of [key, 'parts/copy', 'parts/again']) {
      await cos.deleteObject(session.at(each));
    }
  },

  async filesToNowhere(session) {
    const { file } = largeFile(session);
    const nowhere = { ...session.at('large', session.missing), FilePath: file, ChunkSize: MIB };
    await refused('NoSuchBucket', 404, () => session.cos.sliceUploadFile(nowhere));
    await refused('NoSuchBucket', 404, () =>
      session.cos.uploadFile({ ...nowhere, SliceSize: MIB }),
    );
  },
};

export async function run(session, report) {
  for (const [name, use] of Object.entries(right)) {
    await report.case(`multipart: ${name}`, () => use(session));
  }
}
