// Buckets and objects: every method whose operation the local cloud has, used rightly and wrongly.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';

import { refused } from './session.mjs';

// Of all that a key may hold, what signing and paths trip over.
const KEYS = [
  'plain.txt',
  'folder/with space/a b.txt',
  '100%/50%25.txt',
  '\u56fe\u7247/\u7167\u7247 1.png',
  'q?a=b&c#d.txt',
  'plus+and~tilde_-.txt',
  `quotes'(and)[brackets]{}!*@:;,$=.txt`,
];

const right = {
  async selected(session) {
    const { cos } = session;
    const content = 'id,name\n1,Ada\n2,Eve\n3,"Bob, jr."\n';
    await session.put('people.csv', content);
    const asked = (Expression) => ({
      ...session.at('people.csv'),
      SelectType: 2,
      SelectRequest: {
        Expression,
        ExpressionType: 'SQL',
        InputSerialization: { CompressionType: 'NONE', CSV: { FileHeaderInfo: 'USE' } },
        OutputSerialization: { JSON: { RecordDelimiter: '\n' } },
        RequestProgress: { Enabled: 'TRUE' },
      },
    });
    const wanted = '{"name":"Eve"}\n{"name":"Bob, jr."}\n';
    const query = 'Select s.name from COSObject s where s.id > 1';
    // The SDK feeds what it has read to its reader again, so it may miss the figures at the end.
    const { Payload } = await cos.selectObjectContent(asked(query));
    assert.equal(Payload.toString(), wanted);
    let stats;
    const streamed = await new Promise((resolve, reject) => {
      const pieces = [];
      const stream = cos.selectObjectContentStream(asked(query), (error) => error && reject(error));
      stream.on('message:stats', (told) => (stats = told));
      stream.on('data', (piece) => pieces.push(piece));
      stream.on('end', () => resolve(Buffer.concat(pieces).toString()));
      stream.on('error', reject);
    });
    assert.equal(streamed, wanted);
    const figures = { BytesScanned: content, BytesProcessed: content, BytesReturned: wanted };
    for (const [name, text] of Object.entries(figures)) {
      assert.equal(Number(stats[name]), text.length, name);
    }
    await refused('SQLParsingError', 400, () => cos.selectObjectContent(asked('Select * from a')));
  },

  async bucketLife(session) {
    const { cos } = session;
    const bucket = { Bucket: session.bucketName('life'), Region: session.region };
    await refused(null, 404, () => cos.headBucket(bucket));
    await cos.putBucket({ ...bucket, ACL: 'public-read' });
    const head = await cos.headBucket(bucket);
    assert.equal(head.headers['x-cos-bucket-region'], session.region);
    await cos.deleteBucket(bucket);
    await refused(null, 404, () => cos.headBucket(bucket));
  },

  async bucketAccessLists(session) {
    const { cos } = session;
    const bucket = { Bucket: session.bucketName('acl'), Region: session.region };
    await cos.putBucket(bucket);
    const { Owner: owner } = await cos.getBucketAcl(bucket);
    const uri = 'http://cam.qcloud.com/groups/global/AllUsers';
    const everyone = { Grantee: { URI: uri }, Permission: 'READ' };
    const policy = (...Grants) => ({ AccessControlPolicy: { Owner: owner, Grants } });
    for (const change of [{ ACL: 'public-read' }, policy(everyone)]) {
      await cos.putBucketAcl({ ...bucket, ...change });
      assert.equal((await cos.getBucketAcl(bucket)).ACL, 'public-read');
      await cos.putBucketAcl({ ...bucket, ACL: 'private' });
      assert.equal((await cos.getBucketAcl(bucket)).ACL, 'private');
    }
    const stranger = { Grantee: { ID: 'qcs::cam::uin/1:uin/1' }, Permission: 'READ' };
    for (const change of [policy(stranger), { GrantRead: 'id="1"' }]) {
      await cos.putBucketAcl({ ...bucket, ...change });
      const { Grants } = await cos.getBucketAcl(bucket);
      assert.ok(Grants.some(({ Grantee }) => Grantee.ID === stranger.Grantee.ID), JSON.stringify(Grants));
    }
    const nobody = { Grantee: { ID: 'nobody' }, Permission: 'READ' };
    const nowhere = { ...bucket, Bucket: session.missing };
    for (const [code, status, call] of [
      ['InvalidArgument', 400, () => cos.putBucketAcl({ ...bucket, ACL: 'everyone' })],
      ['InvalidArgument', 400, () => cos.putBucketAcl({ ...bucket, ...policy(nobody) })],
      ['InvalidArgument', 400, () => cos.putBucketAcl({ ...bucket, GrantRead: 'nobody' })],
      ['NoSuchBucket', 404, () => cos.getBucketAcl(nowhere)],
      ['NoSuchBucket', 404, () => cos.putBucketAcl({ ...nowhere, ACL: 'private' })],
    ]) {
      await refused(code, status, call);
    }
    await cos.deleteBucket(bucket);
  },

  async bucketsOfTheService(session) {
    for (const way of [{}, { Region: session.region }]) {
      const { Buckets: buckets } = await session.cos.getService(way);
      const found = buckets.find((each) => each.Name === session.bucket);
      assert.equal(found?.Location, session.region, JSON.stringify(buckets));
    }
    const second = { Bucket: session.bucketName('second'), Region: session.region };
    await session.cos.putBucket(second);
    const all = (await session.cos.getService({})).Buckets.map((each) => each.Name);
    const seen = [];
    for (let marker = ''; ; marker = seen.at(-1)) {
      const page = (await session.cos.getService({ MaxKeys: 1, Marker: marker })).Buckets;
      if (!page.length) break;
      assert.equal(page.length, 1);
      seen.push(page[0].Name);
    }
    assert.deepEqual(seen, all);
    await session.cos.deleteBucket(second);
  },

  async objectsOfAnyName(session) {
    for (const client of [session.cos, session.cosClient({ Ip: session.address })]) {
      for (const [number, key] of KEYS.entries()) {
        const body = `${number}: ${key}`;
        const put = await client.putObject({
          ...session.at(key),
          Body: body,
          ContentType: 'text/x-test',
          Headers: { 'x-cos-meta-number': String(number) },
        });
        const digest = createHash('md5').update(body).digest('hex');
        assert.equal(put.ETag, `"${digest}"`, key);
        const head = await client.headObject(session.at(key));
        assert.equal(head.ETag, put.ETag, key);
        assert.equal(head.headers['content-length'], String(Buffer.byteLength(body)), key);
        assert.equal(head.headers['content-type'], 'text/x-test', key);
        assert.equal(head.headers['x-cos-meta-number'], String(number), key);
        const got = await client.getObject(session.at(key));
        assert.equal(got.Body.toString(), body, key);
      }
      const listed = await client.getBucket({ Bucket: session.bucket, Region: session.region });
      const keys = new Set(listed.Contents.map((each) => each.Key));
      for (const key of KEYS) {
        assert.ok(keys.has(key), `${key} is not in the list`);
        await client.deleteObject(session.at(key));
        assert.ok(!(await session.exists(key)), `${key} is still there`);
      }
    }
  },

  async headers(session) {
    const kept = {
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment; filename="a.txt"',
      ContentEncoding: 'identity',
      Expires: 'Wed, 21 Oct 2065 07:28:00 GMT',
      StorageClass: 'STANDARD_IA',
    };
    const language = { 'Content-Language': 'zh-CN' };
    await session.put('headers.txt', 'content', { ...kept, Headers: language });
    const { headers } = await session.cos.headObject(session.at('headers.txt'));
    assert.equal(headers['content-type'], 'text/plain', 'type by the name of the key');
    assert.equal(headers['content-language'], 'zh-CN');
    for (const [name, value] of Object.entries(kept)) {
      const lower = name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase();
      assert.equal(headers[name === 'StorageClass' ? 'x-cos-storage-class' : lower], value, name);
    }
    const answer = await session.cos.getObject({
      ...session.at('headers.txt'),
      ResponseContentType: 'text/x-other',
      ResponseContentLanguage: 'en',
      ResponseExpires: '0',
      ResponseCacheControl: 'no-store',
      ResponseContentDisposition: 'inline',
      ResponseContentEncoding: 'identity',
    });
    for (const [name, value] of [
      ['content-type', 'text/x-other'],
      ['content-language', 'en'],
      ['expires', '0'],
      ['cache-control', 'no-store'],
      ['content-disposition', 'inline'],
    ]) {
      assert.equal(answer.headers[name], value, `${name} that the request asks for`);
    }
  },

  async encrypted(session) {
    const { cos } = session;
    const served = session.at('encrypted-by-the-service');
    const put = await cos.putObject({ ...served, Body: 'x', ServerSideEncryption: 'AES256' });
    assert.equal(put.headers['x-cos-server-side-encryption'], 'AES256');
    const key = Buffer.alloc(32, 'k');
    const Headers = {
      'x-cos-server-side-encryption-customer-algorithm': 'AES256',
      'x-cos-server-side-encryption-customer-key': key.toString('base64'),
      'x-cos-server-side-encryption-customer-key-MD5': createHash('md5').update(key).digest('base64'),
    };
    const own = session.at('encrypted-by-the-client');
    await cos.putObject({ ...own, Body: 'content', Headers });
    const got = await cos.getObject({ ...own, Headers });
    assert.equal(got.Body.toString(), 'content');
    await refused('SsecDecryptHeaderInvalid', 400, () => cos.getObject(own));
    for (const where of [served, own]) await cos.deleteObject(where);
  },

  // The SDK sends an empty Cache-Control with every upload that has none.
  async emptyHeaders(session) {
    await session.put('empty-headers.txt');
    const { headers } = await session.cos.headObject(session.at('empty-headers.txt'));
    assert.ok(!('cache-control' in headers), 'an empty header is kept');
  },

  async streams(session) {
    const content = randomBytes(1024 * 1024);
    const file = path.join(session.scratch, 'stream.bin');
    fs.writeFileSync(file, content);
    await session.put('stream/file.bin', fs.createReadStream(file), {
      ContentLength: content.length,
    });
    await session.put('stream/chunked.bin', Readable.from([content.subarray(0, 9), content.subarray(9)]));
    await session.put('stream/empty.bin', '');
    assert.equal(await session.content('stream/empty.bin'), '');
    for (const key of ['stream/file.bin', 'stream/chunked.bin']) {
      const got = await session.cos.getObject(session.at(key));
      assert.ok(got.Body.equals(content), key);
    }
    const back = path.join(session.scratch, 'back.bin');
    await session.cos.getObject({ ...session.at('stream/file.bin'), Output: back });
    assert.ok(fs.readFileSync(back).equals(content), 'content written to a file');
    const chunks = [];
    const answer = session.cos.getObjectStream(session.at('stream/file.bin'));
    for await (const chunk of answer.pipe(new PassThrough())) chunks.push(chunk);
    assert.ok(Buffer.concat(chunks).equals(content), 'content as a stream');
    for (const [range, wanted] of [
      ['bytes=0-9', content.subarray(0, 10)],
      ['bytes=1048000-', content.subarray(1_048_000)],
      ['bytes=-5', content.subarray(-5)],
      ['bytes=1048570-9999999', content.subarray(1_048_570)],
    ]) {
      const part = await session.cos.getObject({ ...session.at('stream/file.bin'), Range: range });
      assert.equal(part.statusCode, 206, range);
      assert.ok(part.Body.equals(wanted), range);
      assert.ok(part.headers['content-range'].endsWith(`/${content.length}`), range);
    }
  },

  async files(session) {
    const file = path.join(session.scratch, 'small.bin');
    const content = randomBytes(300_000);
    fs.writeFileSync(file, content);
    await session.cos.uploadFile({ ...session.at('file/1'), FilePath: file });
    const { files } = await session.cos.uploadFiles({
      files: [2, 3].map((number) => ({ ...session.at(`file/${number}`), FilePath: file })),
    });
    for (const { error } of files) assert.ifError(error);
    const back = path.join(session.scratch, 'small.back');
    for (const number of [1, 2, 3]) {
      await session.cos.downloadFile({ ...session.at(`file/${number}`), FilePath: back });
      assert.ok(fs.readFileSync(back).equals(content), `file ${number}`);
    }
    const large = randomBytes(3 * 1024 * 1024 + 1);
    await session.put('file/large', large);
    await session.cos.downloadFile({
      ...session.at('file/large'),
      FilePath: back,
      onProgress: () => {},
    });
    assert.ok(fs.readFileSync(back).equals(large), 'file of several ranges');
  },

  async listing(session) {
    const keys = ['a', 'b', 'c'].flatMap((folder) => [0, 1, 2].map((n) => `list/${folder}/${n}`));
    for (const key of keys) await session.put(key, '');
    const bucket = { Bucket: session.bucket, Region: session.region, Prefix: 'list/' };
    const folders = await session.cos.getBucket({ ...bucket, Delimiter: '/' });
    assert.deepEqual(
      folders.CommonPrefixes.map((each) => each.Prefix),
      ['list/a/', 'list/b/', 'list/c/'],
    );
    assert.deepEqual(folders.Contents, []);
    const seen = [];
    for (let marker = ''; ; ) {
      const page = await session.cos.getBucket({ ...bucket, MaxKeys: 4, Marker: marker });
      assert.ok(page.Contents.length <= 4);
      seen.push(...page.Contents.map((each) => each.Key));
      if (page.IsTruncated === 'false') break;
      marker = page.NextMarker;
    }
    assert.deepEqual(seen, keys);
    const encoded = await session.cos.getBucket({ ...bucket, EncodingType: 'url', MaxKeys: 1 });
    assert.equal(decodeURIComponent(encoded.Contents[0].Key), keys[0]);
  },

  async accessLists(session) {
    const { cos } = session;
    const where = session.at('acl.txt');
    await session.put('acl.txt', 'public', { ACL: 'private' });
    const open = cos.getObjectUrl({ ...where, Sign: false });
    assert.equal((await plain(session, 'GET', open)).status, 403);
    const everyone = {
      Grantee: { URI: 'http://cam.qcloud.com/groups/global/AllUsers' },
      Permission: 'READ',
    };
    const { Owner: owner } = await cos.getObjectAcl(where);
    for (const change of [
      { ACL: 'public-read' },
      { AccessControlPolicy: { Owner: owner, Grants: [everyone] } },
    ]) {
      await cos.putObjectAcl({ ...where, ...change });
      const acl = await cos.getObjectAcl(where);
      assert.equal(acl.ACL, 'public-read', JSON.stringify(acl));
      assert.equal((await plain(session, 'GET', open)).body.toString(), 'public');
      await cos.putObjectAcl({ ...where, ACL: 'private' });
      assert.equal((await plain(session, 'GET', open)).status, 403);
    }
    await cos.putObjectAcl({ ...where, ACL: 'default' });
  },

  async tagged(session) {
    const { cos } = session;
    const at = session.at('tagged \u56fe.txt');
    const found = async (where = at) => {
      const { Tags } = await cos.getObjectTagging(where);
      return Tags.map(({ Key, Value }) => `${Key}=${Value}`);
    };
    const put = (...Tags) => cos.putObjectTagging({ ...at, Tags });
    const header = { 'x-cos-tagging': 'team=deep%20sea&year=2024' };
    await session.put(at.Key, 'tagged', { Headers: header });
    assert.deepEqual(await found(), ['team=deep sea', 'year=2024']);
    await put({ Key: 'a', Value: '1' }, { Key: 'b', Value: '2' });
    assert.deepEqual(await found(), ['a=1', 'b=2']);
    const copy = session.at('tagged-copy');
    const host = `${session.bucket}.cos.${session.region}.myqcloud.com`;
    const CopySource = `${host}/${encodeURIComponent(at.Key)}`;
    await cos.putObjectCopy({ ...copy, CopySource });
    assert.deepEqual(await found(copy), ['a=1', 'b=2']);
    const one = { Key: 'k', Value: '1' };
    const many = Array.from({ length: 11 }, (_, number) => ({ Key: `${number}`, Value: 'v' }));
    for (const wrong of [[one, one], many, [{ Key: 'k'.repeat(128), Value: '1' }]]) {
      await refused('InvalidTag', 400, () => put(...wrong));
    }
    assert.deepEqual(await found(), ['a=1', 'b=2']);
    for (let times = 0; times < 2; times += 1) {
      await cos.deleteObjectTagging(at);
      assert.deepEqual(await found(), []);
    }
    const none = session.at('none');
    await refused('NoSuchKey', 404, () => cos.getObjectTagging(none));
    await refused('NoSuchKey', 404, () => cos.putObjectTagging({ ...none, Tags: [one] }));
    await refused('NoSuchKey', 404, () => cos.deleteObjectTagging(none));
    for (const each of [at, copy]) await cos.deleteObject(each);
  },

  async presigned(session) {
    const where = session.at('presigned &.txt');
    for (const ForceSignHost of [true, false]) {
      const put = await url(session.cos, { ...where, Method: 'PUT', Sign: true, ForceSignHost });
      assert.equal((await plain(session, 'PUT', put, 'by address')).status, 200, put);
      const get = await url(session.cos, {
        ...where,
        Sign: true,
        ForceSignHost,
        Query: { 'response-content-type': 'text/x-other' },
      });
      const answer = await plain(session, 'GET', get);
      assert.equal(answer.body.toString(), 'by address', get);
      assert.equal(answer.headers['content-type'], 'text/x-other');
      for (const [what, bad] of [
        ['altered', get.replace('x-other', 'html')],
        ['of another key', get.replace('presigned', 'other')],
      ]) {
        assert.equal((await plain(session, 'GET', bad)).status, 403, what);
      }
    }
    const late = await url(session.cos, { ...where, Sign: true, Expires: -1 });
    assert.equal((await plain(session, 'GET', late)).status, 403, 'expired');
    const sent = session.cos.getAuth({ ...where, Method: 'get', Headers: {} });
    const open = session.cos.getObjectUrl({ ...where, Sign: false });
    const answer = await plain(session, 'GET', open, undefined, { Authorization: sent });
    assert.equal(answer.status, 200, 'a signature made by hand');
  },

  async withoutHost(session) {
    const cos = session.cosClient({ ForceSignHost: false });
    await cos.putObject({ ...session.at('no-host.txt'), Body: 'x' });
    assert.equal((await cos.getObject(session.at('no-host.txt'))).Body.toString(), 'x');
    await cos.deleteObject(session.at('no-host.txt'));
  },

  async conditions(session) {
    const where = session.at('conditions.txt');
    const { ETag: etag } = await session.put('conditions.txt');
    const past = 'Sat, 01 Jan 2000 00:00:00 GMT';
    const future = new Date(Date.now() + 3_600_000).toUTCString();
    const { cos } = session;
    for (const held of [
      { IfMatch: etag },
      { IfNoneMatch: '"other"' },
      { IfModifiedSince: past },
      { IfUnmodifiedSince: future },
    ]) {
      const got = await cos.getObject({ ...where, ...held });
      assert.equal(got.Body.toString(), 'content', JSON.stringify(held));
      await cos.headObject({ ...where, ...held });
    }
    for (const failed of [{ IfMatch: '"other"' }, { IfUnmodifiedSince: past }]) {
      await refused('PreconditionFailed', 412, () => cos.getObject({ ...where, ...failed }));
      await refused(null, 412, () => cos.headObject({ ...where, ...failed }));
    }
    await refused(null, 304, () => cos.getObject({ ...where, IfNoneMatch: etag }));
    const known = await cos.getObject({ ...where, IfModifiedSince: future });
    assert.ok(known.NotModified, 'the SDK knows what 304 is');
    const same = await cos.headObject({ ...where, IfModifiedSince: future });
    assert.ok(same.NotModified, 'the SDK knows what 304 is');
  },

  // There are no CORS rules, so that no other site may use an object.
  async foreignOrigin(session) {
    const origin = { Origin: 'http://example.com', AccessControlRequestMethod: 'GET' };
    const answer = await session.cos.optionsObject({ ...session.at('acl.txt'), ...origin });
    assert.ok(answer.OptionsForbidden, JSON.stringify(answer));
  },

  async deletedTwice(session) {
    await session.put('deleted');
    for (const _ of [1, 2]) {
      const { statusCode } = await session.cos.deleteObject(session.at('deleted'));
      assert.equal(statusCode, 204);
    }
  },

  // A signature over names that the SDK puts into another order than the documents.
  async orderOfNames(session) {
    const names = { Query: { '\u4e2d': '1', a: '2' } };
    const call = () =>
      session.cos.request({ ...session.at('conditions.txt'), Method: 'GET', ...names });
    await refused('SignatureDoesNotMatch', 403, call);
  },
};

function* wrong(session) {
  const { cos } = session;
  const none = session.at('none');
  const here = session.at('here');
  const bucket = { Bucket: session.bucket, Region: session.region };
  const other = { Bucket: session.bucketName('other'), Region: session.region };
  const put = (settings) => () => cos.putObject({ ...none, Body: 'x', ...settings });
  yield ['a bucket twice', 'BucketAlreadyOwnedByYou', 409, () => cos.putBucket(bucket)];
  yield ['a bucket that is not empty', 'BucketNotEmpty', 409, () => cos.deleteBucket(bucket)];
  yield [
    'a bucket with a long name',
    'InvalidBucketName',
    400,
    () => cos.putBucket({ ...bucket, Bucket: session.bucketName('long'.repeat(20)) }),
  ];
  yield [
    'a bucket with an unknown list',
    'InvalidArgument',
    400,
    () => cos.putBucket({ ...other, ACL: 'everyone' }),
  ];
  for (const MaxKeys of ['0', -1, 1001, 'many']) {
    yield [
      `${MaxKeys} keys`,
      'InvalidArgument',
      400,
      () => cos.getBucket({ ...bucket, MaxKeys }),
    ];
    if (MaxKeys !== 1001) {
      yield [`${MaxKeys} buckets`, 'InvalidArgument', 400, () => cos.getService({ MaxKeys })];
    }
  }
  const unlikely = { ...bucket, EncodingType: 'base64' };
  yield ['an encoding', 'InvalidArgument', 400, () => cos.getBucket(unlikely)];
  yield ['read what is not there', 'NoSuchKey', 404, () => cos.getObject(none)];
  yield ['describe what is not there', null, 404, () => cos.headObject(none)];
  yield ['list of what is not there', 'NoSuchKey', 404, () => cos.getObjectAcl(none)];
  yield [
    'list for what is not there',
    'NoSuchKey',
    404,
    () => cos.putObjectAcl({ ...none, ACL: 'private' }),
  ];
  yield [
    'an unknown list',
    'InvalidArgument',
    400,
    () => cos.putObjectAcl({ ...here, ACL: 'everyone' }),
  ];
  yield ['no list', 'InvalidArgument', 400, () => cos.putObjectAcl(here)];
  yield [
    'range past the end',
    'InvalidRange',
    416,
    () => cos.getObject({ ...here, Range: 'bytes=10-' }),
  ];
  const digest = Buffer.alloc(16).toString('base64');
  yield ['wrong digest', 'BadDigest', 400, put({ ContentMD5: digest })];
  yield ['no digest', 'InvalidDigest', 400, put({ ContentMD5: 'abc' })];
  yield ['long key', 'KeyTooLong', 400, put({ Key: 'k'.repeat(851) })];
  yield ['unknown storage class', 'InvalidArgument', 400, put({ StorageClass: 'GLACIER' })];
  yield ['upload with an unknown list', 'InvalidArgument', 400, put({ ACL: 'everyone' })];
  yield [
    'much metadata',
    'InvalidArgument',
    400,
    put({ Headers: { 'x-cos-meta-a': 'm'.repeat(2049) } }),
  ];
  yield [
    'control characters',
    'InvalidArgument',
    400,
    () => cos.getObject({ ...here, ResponseContentType: 'a\nb' }),
  ];
  yield [
    'overwriting what is not to be',
    'FileAlreadyExists',
    409,
    () =>
      cos.putObject({
        ...here,
        Body: 'changed',
        Headers: { 'x-cos-forbid-overwrite': 'true' },
      }),
  ];
}

function* notBuilt(session) {
  const { cos } = session;
  const where = session.at('not-built');
  const here = session.at('here');
  const put = (Headers) => () => cos.putObject({ ...where, Body: 'x', Headers });
  yield ['a key of the management service', put({ 'x-cos-server-side-encryption': 'cos/kms' })];
  yield ['a callback', put({ 'x-cos-callback': 'e30=' })];
  yield ['a lock', put({ 'x-cos-object-lock-mode': 'COMPLIANCE' })];
  yield ['an unknown header', put({ 'x-cos-unheard-of': '1' })];
  for (const QueryString of [
    'imageMogr2/scrop/50x50',
    'imageMogr2/format/tpg',
    'ci-process=sensitive-content-recognition',
    'vod',
    'live',
  ]) {
    yield [`?${QueryString}`, () => cos.getObject({ ...here, QueryString })];
  }
  const bucket = { Bucket: session.bucket, Region: session.region };
  for (const name of ['response-control', 'live', 'unheard-of']) {
    for (const Method of ['GET', 'PUT', 'DELETE']) {
      yield [`${Method} /?${name}`, () => cos.request({ ...bucket, Method, Action: name })];
    }
  }
  const zones = { Bucket: session.bucketName('zones'), Region: session.region };
  yield ['zones', () => cos.putBucket({ ...zones, BucketAZConfig: 'MAZ' })];
}

/** A request without the SDK, to an address of the service, through the proxy. */
function plain(session, method, address, body, headers = {}) {
  const [hostname, port] = session.address.split(':');
  return new Promise((resolve, reject) => {
    const options = { hostname, port, method, path: address };
    const host = new URL(address).host;
    const request = http.request({ ...options, headers: { Host: host, ...headers } }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode,
          headers: answer.headers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

function url(cos, settings) {
  return new Promise((resolve, reject) =>
    cos.getObjectUrl(settings, (error, data) => (error ? reject(error) : resolve(data.Url))),
  );
}

export async function run(session, report) {
  for (const [name, use] of Object.entries(right)) {
    await report.case(`cos: ${name}`, () => use(session));
  }
  await session.put('here', '0123456789');
  for (const [name, code, status, call] of wrong(session)) {
    await report.case(`cos: ${name}`, () => refused(code, status, call));
  }
  for (const [name, call] of notBuilt(session)) {
    await report.refusal(`cos: ${name}`, () => refused('NotImplemented', 501, call));
  }
  await report.case('cos: a refusal makes and changes none', async () => {
    assert.equal(await session.content('here'), '0123456789');
    for (const key of ['none', 'not-built']) assert.ok(!(await session.exists(key)), key);
    for (const name of ['other', 'zones']) {
      const bucket = { Bucket: session.bucketName(name), Region: session.region };
      await refused(null, 404, () => session.cos.headBucket(bucket));
    }
  });
}
