// Every other method of the COS SDK: the local cloud refuses it by name.
//
// A method that is neither here nor in the other parts is a difference, so that a newer SDK cannot
// bring one unseen.

import assert from 'node:assert/strict';

import { COS, refused } from './session.mjs';

// What the other parts use, rightly and wrongly.
const COVERED = new Set([
  'abortUploadTask', 'appendObject', 'deleteBucket', 'deleteBucketCors', 'deleteBucketDomain',
  'deleteBucketEncryption', 'deleteBucketInventory', 'deleteBucketLifecycle',
  'deleteBucketOrigin', 'deleteBucketPolicy', 'deleteBucketReplication', 'deleteBucketTagging',
  'deleteBucketWebsite', 'deleteMultipleObject', 'deleteObject', 'downloadFile', 'getAuth',
  'getBucket', 'getBucketAccelerate', 'getBucketCors', 'getBucketDomain', 'getBucketEncryption',
  'getBucketInventory', 'getBucketLifecycle', 'getBucketLocation', 'getBucketLogging',
  'getBucketOrigin', 'getBucketPolicy', 'getBucketReferer', 'getBucketReplication',
  'getBucketTagging', 'getBucketVersioning', 'getBucketWebsite', 'getObject', 'getObjectAcl',
  'getObjectStream', 'getObjectUrl', 'getService', 'headBucket', 'headObject',
  'listBucketInventory', 'listObjectVersions', 'multipartAbort', 'multipartComplete',
  'multipartInit', 'multipartList', 'multipartListPart', 'multipartUpload', 'optionsObject',
  'putBucket', 'putBucketAccelerate', 'putBucketCors', 'putBucketDomain', 'putBucketEncryption',
  'putBucketInventory', 'putBucketLifecycle', 'putBucketLogging', 'putBucketOrigin',
  'putBucketPolicy', 'putBucketReferer', 'putBucketReplication', 'putBucketTagging',
  'putBucketVersioning', 'putBucketWebsite', 'putObject', 'putObjectAcl', 'putObjectCopy',
  'request', 'restoreObject', 'sliceCopyFile', 'sliceUploadFile', 'uploadFile', 'uploadFiles',
  'uploadPartCopy', 'deleteObjectTagging', 'getObjectTagging', 'putObjectTagging',
  'getBucketAcl', 'putBucketAcl', 'selectObjectContent', 'selectObjectContentStream',
]);
// What sends nothing, and the old spellings of methods that are here.
const LOCAL = new Set(['constructor', 'getV4Auth']);
const OLD = /(ACL|CORS)$/;

/** A value for whatever a method may take. */
function argumentsOf(session) {
  const source = `${session.bucket}.cos.${session.region}.myqcloud.com/kept`;
  return {
    ...session.at('kept'),
    UploadId: '1',
    PartNumber: 1,
    CopySource: source,
    Body: 'x',
    Id: '1',
    ACL: 'public-read',
    Status: 'Enabled',
    Objects: [{ Key: 'kept' }],
    Tags: [{ Key: 'k', Value: 'v' }],
    Rules: [{ ID: '1', Status: 'Enabled' }],
    CORSRules: [{ AllowedOrigin: ['*'], AllowedMethod: ['GET'] }],
    Policy: { version: '2.0', statement: [] },
    VersioningConfiguration: { Status: 'Enabled' },
    WebsiteConfiguration: { IndexDocument: { Suffix: 'index.html' } },
    RefererConfiguration: { Status: 'Enabled', RefererType: 'White-List', Domains: ['*.a.com'] },
    ReplicationConfiguration: { Role: 'r', Rules: [] },
    DomainRule: [{ Name: 'a.com', Status: 'ENABLED', Type: 'REST' }],
    OriginRule: [{ OriginType: 'Mirror' }],
    BucketLoggingStatus: {},
    InventoryConfiguration: { Id: '1', IsEnabled: 'true' },
    AccelerateConfiguration: { Status: 'Enabled' },
    ServerSideEncryptionConfiguration: { Rule: [] },
    RestoreRequest: { Days: 1, CASJobParameters: { Tier: 'Standard' } },
    Origin: 'http://example.com',
    AccessControlRequestMethod: 'GET',
  };
}

/** The method as a promise; those that give a stream back tell what went wrong on it. */
function call(session, name, settings) {
  const { cos } = session;
  if (!name.endsWith('Stream')) return cos[name](settings);
  return new Promise((resolve, reject) => {
    const stream = cos[name](settings, (error, data) => (error ? reject(error) : resolve(data)));
    stream?.on('error', reject);
    stream?.resume();
  });
}

export async function run(session, report) {
  await session.put('kept', 'kept');
  const known = argumentsOf(session);
  for (const name of COVERED) {
    if (!COS.prototype[name]) report.differs(name, 'the SDK has no such method any more');
    else if (!session.called.has(name)) report.differs(name, 'no case calls it');
  }
  for (const name of Object.getOwnPropertyNames(COS.prototype).sort()) {
    if (COVERED.has(name) || LOCAL.has(name) || OLD.test(name) || name.startsWith('_')) continue;
    await report.refusal(`cos.${name}`, async () => {
      try {
        await refused('NotImplemented', 501, () => call(session, name, { ...known }));
        assert.equal(await session.content('kept'), 'kept', 'the object beside it');
      } finally {
        await session.put('kept', 'kept');
      }
    });
  }
}
