// Temporary keys: what they may do in COS, CI and MPS until they end.

import assert from 'node:assert/strict';

import { refused, until } from './session.mjs';

const ROLE = 'qcs::cam::uin/100000000001:roleName/clients';
const JOB = `c${'0'.repeat(32)}`;
const READER = { secretId: 'AKIDreader', secretKey: 'reader-secret' };

function sts(session, settings) {
  return session.apiClient('sts', '2018-08-13', settings);
}

function assume(session, change = {}, settings = {}) {
  const request = { RoleArn: ROLE, RoleSessionName: 'node', ...change };
  return sts(session, settings).request('AssumeRole', request);
}

/** Clients that have the key of `answer`. */
function clients(session, { Credentials: key }) {
  const api = { secretId: key.TmpSecretId, secretKey: key.TmpSecretKey, token: key.Token };
  return {
    cos: session.cosClient({
      SecretId: key.TmpSecretId,
      SecretKey: key.TmpSecretKey,
      SecurityToken: key.Token,
    }),
    mps: session.mpsClient(api),
    sts: sts(session, api),
  };
}

const right = {
  async of_a_role(session) {
    for (const settings of [{}, READER]) {
      const { cos, mps, sts } = clients(session, await assume(session, {}, settings));
      const who = await sts.request('GetCallerIdentity', {});
      assert.equal(who.Type, 'CAMRole');
      assert.ok(who.UserId.endsWith(':node'), who.UserId);
      await cos.putObject({ ...session.at('temporary/a'), Body: 'by a temporary key' });
      const { Body } = await cos.getObject(session.at('temporary/a'));
      assert.equal(Body.toString(), 'by a temporary key');
      const jobs = await session.ci(cos, 'GET', `jobs/${JOB}`);
      assert.equal(jobs.Response.NonExistJobIds, JOB);
      // It may ask, so it is told that there is none.
      await refused('ResourceNotFound', null, () => mps.DescribeImageTaskDetail({ TaskId: 'none' }));

      const denied = async (permission, code, status, call) => {
        const message = await refused(code, status, call);
        assert.ok(message.includes(`(${permission})`), message);
      };
      const elsewhere = { ...session.at('elsewhere'), Body: '' };
      await denied('cos:PutObject', 'AccessDenied', 403, () => cos.putObject(elsewhere));
      const cancel = () => session.ci(cos, 'PUT', `jobs/${JOB}`, { query: { cancel: '' } });
      await denied('ci:CancelMediaJob', 'AccessDenied', 403, cancel);
      const place = { Bucket: session.bucket, Region: session.region, Object: '/a.png' };
      const task = { InputInfo: { Type: 'COS', CosInputInfo: place }, OutputDir: '/out/' };
      const process = () => mps.ProcessImage(task);
      await denied('mps:ProcessImage', 'AuthFailure.UnauthorizedOperation', null, process);
    }
  },

  async in_a_url(session) {
    const { cos } = clients(session, await assume(session));
    const url = cos.getObjectUrl({ ...session.at('temporary/a'), Sign: true });
    const { host, pathname, search } = new URL(url);
    const { request } = await import('node:http');
    const [address, port] = session.address.split(':');
    const asked = { host: address, port, path: pathname + search, headers: { Host: host } };
    const text = await new Promise((resolve, reject) => {
      const sent = request(asked, async (answer) => {
        let text = '';
        for await (const part of answer) text += part;
        resolve(text);
      });
      sent.on('error', reject);
      sent.end();
    });
    assert.equal(text, 'by a temporary key');
  },

  async ended(session) {
    const { cos, mps } = clients(session, await assume(session, { DurationSeconds: 1 }));
    const get = () => cos.getObject(session.at('temporary/a'));
    await until(
      (over) => over,
      () => get().then(() => false, () => true),
    );
    await refused('ExpiredToken', 400, get);
    await refused('ExpiredToken', 400, () => session.ci(cos, 'GET', `jobs/${JOB}`));
    const describe = () => mps.DescribeImageTaskDetail({ TaskId: 'none' });
    await refused('AuthFailure.TokenFailure', null, describe);
  },
};

export async function run(session, report) {
  for (const [name, run] of Object.entries(right)) {
    await report.case(`temporary: ${name}`, () => run(session));
  }
  await session.cos.deleteObject(session.at('temporary/a'));
}
