// What the cases share: clients of the SDKs, a bucket, and how a refusal is recognised.
//
// The SDKs are neither patched nor told that the cloud is a local one: they reach it as a forward
// proxy for the services' own host names, by its address, and as the endpoint of an API 3.0 service.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(path.join(process.env.CLOUD_PACKAGES, 'package.json'));
export const COS = require('cos-nodejs-sdk-v5');
export const { mps } = require('tencentcloud-sdk-nodejs-mps');
export const { CommonClient } = require('tencentcloud-sdk-nodejs-common');
export const models = mps.v20190612.Models;

const PATIENCE = 60_000;

export class Session {
  address = process.env.CLOUD_ADDRESS;
  region = process.env.CLOUD_REGION;
  secretId = process.env.CLOUD_SECRET_ID;
  secretKey = process.env.CLOUD_SECRET_KEY;
  scratch = process.env.CLOUD_SCRATCH;
  bucket = this.bucketName('main');
  missing = this.bucketName('missing');
  /** The methods that a case has called, by name. */
  called = new Set();
  cos = this.cosClient();

  bucketName(name) {
    return `node-${name}-${process.env.CLOUD_APP_ID}`;
  }

  /** A client of COS and CI: through the proxy unless `Ip` names the address. */
  cosClient(settings = {}) {
    const client = new COS({
      SecretId: this.secretId,
      SecretKey: this.secretKey,
      Protocol: 'http:',
      ConfCwd: this.scratch,
      // The clock is the one that a case sets.
      CorrectClockSkew: false,
      ...(settings.Ip ? {} : { Proxy: `http://${this.address}` }),
      ...settings,
    });
    const { called } = this;
    // The SDK's own calls of its methods are not noted.
    return new Proxy(client, {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        called.add(name);
        return value.bind(target);
      },
    });
  }

  mpsClient(settings = {}) {
    return new mps.v20190612.Client(this.#api(settings));
  }

  /** A client of any service of API 3.0. */
  apiClient(service, version, settings = {}) {
    const host = `${service}.tencentcloudapi.com`;
    return new CommonClient(host, version, this.#api(settings));
  }

  #api({ secretId, secretKey, token, signMethod, ...http }) {
    return {
      credential: {
        secretId: secretId ?? this.secretId,
        secretKey: secretKey ?? this.secretKey,
        token,
      },
      region: this.region,
      profile: { signMethod, httpProfile: { protocol: 'http://', endpoint: this.address, ...http } },
    };
  }

  /** The bucket and a key, as the methods take them. */
  at(key, bucket = this.bucket) {
    return { Bucket: bucket, Region: this.region, Key: key };
  }

  put(key, body = 'content', settings = {}) {
    return this.cos.putObject({ ...this.at(key), Body: body, ...settings });
  }

  async content(key) {
    return (await this.cos.getObject(this.at(key))).Body.toString();
  }

  async exists(key) {
    try {
      await this.cos.headObject(this.at(key));
      return true;
    } catch (error) {
      assert.equal(error.statusCode, 404, error.message);
      return false;
    }
  }

  /** A request to Cloud Infinite, for which the SDK has no methods. */
  ci(client, method, resource, { bucket = this.bucket, query, body } = {}) {
    const host = bucket ? `${bucket}.ci` : 'ci';
    return client.request({
      Method: method,
      Key: resource,
      Url: `http://${host}.${this.region}.myqcloud.com/${resource}`,
      Query: query,
      Body: body && COS.util.json2xml(body),
      ContentType: body && 'application/xml',
    });
  }

  picture(name) {
    return fs.readFileSync(path.join(process.env.CLOUD_PICTURES, name));
  }
}

/** Asserts that the service refuses `call` with `code`, in a body that the SDK understands, and
 * gives the message back. An answer to HEAD has a status alone: its code is null. */
export async function refused(code, status, call) {
  let answer;
  try {
    answer = await call();
  } catch (error) {
    if (status !== null) {
      assert.equal(error.statusCode, status, `status of ${error.code}: ${error.message}`);
    }
    if (code === null) return '';
    assert.equal(error.code, code, `code of ${error.message}`);
    assert.ok(error.message, `${code} comes without a message`);
    const id = error.RequestId ?? error.requestId;
    assert.ok(id, `${code} comes without a request id`);
    return error.message;
  }
  throw new Error(
    `${code ?? status} was expected, but the call went through: ${JSON.stringify(answer)}`,
  );
}

/** Asks `describe` until `done` holds for its answer. */
export async function until(done, describe) {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const answer = await describe();
    if (done(answer)) return answer;
    assert.ok(Date.now() < deadline, `still not done: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Lets the SDKs of API 3.0 sign at another time. */
export async function withClockOffBy(seconds, call) {
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...given) {
      given.length ? super(...given) : super(Real.now() + seconds * 1000);
    }

    static now() {
      return Real.now() + seconds * 1000;
    }
  };
  try {
    return await call();
  } finally {
    globalThis.Date = Real;
  }
}

/** A list even of one element, which XML cannot tell from an element alone. */
export function list(value) {
  return value === undefined || value === '' ? [] : [value].flat();
}
