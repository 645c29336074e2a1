// Image tasks of the media processing service, and every action that it does not have.

import assert from 'node:assert/strict';

import { refused, until } from './session.mjs';

const BUILT = new Set(['ProcessImage', 'DescribeImageTaskDetail']);

function request(session, change = {}) {
  return {
    InputInfo: {
      Type: 'COS',
      CosInputInfo: { Bucket: session.bucket, Region: session.region, Object: '/mps/a.png' },
    },
    OutputDir: '/out/',
    ImageTask: { EncodeConfig: { Format: 'JPEG', Quality: 80 } },
    ...change,
  };
}

function detail(client, task) {
  return until(
    (answer) => answer.Status === 'FINISH',
    () => client.DescribeImageTaskDetail({ TaskId: task }),
  );
}

function sizeOfPng(data) {
  return [data.readUInt32BE(16), data.readUInt32BE(20)];
}

function sizeOfJpeg(data) {
  for (let at = 2; at + 9 < data.length; at += 2 + data.readUInt16BE(at + 2)) {
    const marker = data.readUInt16BE(at);
    if (marker >= 0xffc0 && marker <= 0xffc2) {
      return [data.readUInt16BE(at + 7), data.readUInt16BE(at + 5)];
    }
  }
  throw new Error('the file has no frame header');
}

const right = {
  async processed(session) {
    const picture = session.picture('clean.png');
    const [width, height] = sizeOfPng(picture);
    await session.put('mps/a.png', picture);
    const twice = { SuperResolution: { Switch: 'ON', Type: 'lq', Size: 2 } };
    const half = { ImageResize: { Switch: 'ON', Mode: 'percent', Percent: 0.5 } };
    const colored = { ColorEnhance: { Type: 'weak' }, LowLightEnhance: { Switch: 'ON' } };
    const denoised = { Denoise: { Switch: 'ON', Type: 'weak' } };
    const format = { EncodeConfig: { Format: 'JPEG' } };
    const client = session.mpsClient();
    for (const [task, scale] of [
      [{ ...format, EnhanceConfig: twice }, 2],
      [{ ...format, TransformConfig: half }, 0.5],
      [{ ...format, EnhanceConfig: denoised }, 1],
      [{ ...format, EnhanceConfig: colored }, 1],
    ]) {
      const submitted = await client.ProcessImage(request(session, { ImageTask: task }));
      assert.ok(submitted.TaskId && submitted.RequestId);
      const answer = await detail(client, submitted.TaskId);
      assert.equal(answer.ErrMsg ?? '', '', answer.Message);
      const [result] = answer.ImageProcessTaskResultSet;
      assert.equal(result.Status, 'SUCCESS');
      const made = await session.cos.getObject(session.at(result.Output.Path));
      assert.deepEqual(sizeOfJpeg(made.Body), [width * scale, height * scale]);
      await session.cos.deleteObject(session.at(result.Output.Path));
    }
  },

  async failed(session) {
    const change = request(session);
    change.InputInfo.CosInputInfo.Object = '/none.png';
    const client = session.mpsClient();
    const { TaskId: task } = await client.ProcessImage(change);
    const answer = await detail(client, task);
    assert.ok(answer.ErrMsg && answer.Message, JSON.stringify(answer));
  },

  async byNameAlone(session) {
    const client = session.apiClient('mps', '2019-06-12');
    const { TaskId: task } = await client.request('ProcessImage', request(session));
    assert.equal((await detail(session.mpsClient(), task)).Status, 'FINISH');
  },

  // What the SDK can do besides: done, or refused in a body that it understands.
  async otherSignatures(session) {
    for (const settings of [
      { reqMethod: 'GET' },
      { signMethod: 'HmacSHA1' },
      { signMethod: 'HmacSHA256' },
      { signMethod: 'HmacSHA256', reqMethod: 'GET' },
    ]) {
      const what = JSON.stringify(settings);
      let code;
      try {
        await session.mpsClient(settings).DescribeImageTaskDetail({ TaskId: 'none' });
      } catch (error) {
        code = error.code;
        assert.ok(error.message && error.requestId, `${what}: ${error.message}`);
      }
      const known = ['ResourceNotFound', 'UnsupportedProtocol', 'UnsupportedOperation',
        'AuthFailure.InvalidAuthorization'];
      assert.ok(known.includes(code), `${what}: ${code}`);
    }
  },

  // Through a proxy the SDK asks for a tunnel, which the local cloud cannot answer in.
  async tunnel(session) {
    const client = session.mpsClient({ endpoint: undefined, proxy: `http://${session.address}` });
    await assert.rejects(
      client.DescribeImageTaskDetail({ TaskId: 'none' }),
      (error) => error.httpCode === 405 && error.message.includes('tunnel'),
    );
  },
};

function* wrong(session) {
  const client = session.mpsClient();
  const process = (change) => () => client.ProcessImage(request(session, change));
  const task = (ImageTask) => process({ ImageTask });
  const resize = (ImageResize) => task({ TransformConfig: { ImageResize } });
  const [value, missing] = ['InvalidParameterValue', 'MissingParameter'];
  yield ['nothing', missing, () => client.ProcessImage({})];
  yield ['no task', missing, process({ ImageTask: undefined })];
  yield ['no input', missing, process({ InputInfo: undefined })];
  yield ['no place', missing, process({ InputInfo: { Type: 'COS' } })];
  yield ['a format', value, task({ EncodeConfig: { Format: 'HEIF' } })];
  yield ['a quality', value, task({ EncodeConfig: { Quality: 0 } })];
  yield ['a percentage', value, resize({ Mode: 'percent', Percent: 11 })];
  yield ['a width', value, resize({ Mode: 'fill', Width: 16_385 })];
  yield ['a mode', value, resize({ Mode: 'stretch' })];
  yield ['a path', value, process({ OutputPath: '{unheardOf}.{format}' })];
  yield ['a task', 'ResourceNotFound', () => client.DescribeImageTaskDetail({ TaskId: 'none' })];
  yield ['no id', missing, () => client.DescribeImageTaskDetail({})];
  yield ['a parameter', 'UnknownParameter', process({ Imge: 1 })];
  const api = session.apiClient('mps', '2019-06-12');
  yield ['an action', 'InvalidAction', () => api.request('ProcessPicture', {})];
  const old = session.apiClient('mps', '2018-06-12');
  yield ['a version', 'NoSuchVersion', () => old.request('ProcessImage', {})];
}

function* notBuilt(session) {
  const client = session.mpsClient();
  const task = (ImageTask) => () => client.ProcessImage(request(session, { ImageTask }));
  yield ['faces', task({ EnhanceConfig: { FaceEnhance: { Switch: 'ON' } } })];
  yield ['erasing', task({ EraseConfig: { ImageEraseLogo: { Switch: 'ON' } } })];
  yield ['beauty', task({ BeautyConfig: { BeautyEffectItems: [{ Type: 'Smooth', Value: 1 }] } })];
  yield ['a scenario', () => client.ProcessImage(request(session, { ScheduleId: 30_000 }))];
}

/** Every action of the package but those that are built, and the other services of the tables. */
function* others(session) {
  const client = session.mpsClient();
  const prototype = Object.getPrototypeOf(client);
  for (const name of Object.getOwnPropertyNames(prototype).sort()) {
    if (/^[A-Z]/.test(name) && !BUILT.has(name)) yield [name, () => client[name]({})];
  }
  for (const [service, version, action] of [
    ['sts', '2018-08-13', 'QueryApiKey'],
    ['ims', '2020-12-29', 'ImageModeration'],
    ['tiia', '2019-05-29', 'DetectLabel'],
  ]) {
    const api = session.apiClient(service, version);
    yield [action, () => api.request(action, {})];
  }
}

export async function run(session, report) {
  for (const [name, use] of Object.entries(right)) {
    await report.case(`images: ${name}`, () => use(session));
  }
  for (const [name, code, call] of wrong(session)) {
    await report.case(`images: not ${name}`, () => refused(code, null, call));
  }
  for (const [name, call] of notBuilt(session)) {
    await report.refusal(`images: ${name}`, () => refused('UnsupportedOperation', null, call));
  }
  for (const [name, call] of others(session)) {
    await report.refusal(`images: ${name}`, async () => {
      const message = await refused('UnsupportedOperation', null, call);
      assert.ok(message.includes(name), `the refusal does not name ${name}: ${message}`);
    });
  }
}
