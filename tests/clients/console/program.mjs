// The program under test: requests as the official SDK signs them, right and wrong ones.

import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(path.join(process.env.CLOUD_PACKAGES, 'package.json'));
const COS = require('cos-nodejs-sdk-v5');

const { CLOUD_ADDRESS, CLOUD_REGION, CLOUD_SECRET_ID, CLOUD_SECRET_KEY } = process.env;
export const BUCKET = process.env.CLOUD_BUCKET;
export const picture = (name) => fs.readFileSync(path.join(process.env.CLOUD_PICTURES, name));
export const storageHost = `${BUCKET}.cos.${CLOUD_REGION}.myqcloud.com`;
export const pictureHost = `${BUCKET}.ci.${CLOUD_REGION}.myqcloud.com`;

/** Sends a request to the local cloud; `host` and `path` are those that are signed. */
export async function send(method, host, key, { body = '', headers = {}, secret = CLOUD_SECRET_KEY, sent = {} } = {}) {
  const signed = { Host: host };
  const authorization = COS.getAuthorization({
    SecretId: CLOUD_SECRET_ID, SecretKey: secret, Method: method, Pathname: key, Query: {}, Headers: signed,
  });
  const [name, port] = CLOUD_ADDRESS.split(':');
  const options = {
    host: name,
    port,
    method,
    path: sent.path ?? key,
    headers: { Host: sent.host ?? host, Authorization: authorization, 'Content-Length': Buffer.byteLength(body), ...headers },
  };
  return new Promise((resolve, reject) => {
    const request = http.request(options, async (answer) => {
      const chunks = [];
      for await (const chunk of answer) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      resolve({ status: answer.statusCode, id: answer.headers['x-cos-request-id'], text });
    });
    request.on('error', reject);
    request.end(body);
  });
}

export function inspectJob(key, more = '') {
  return `<Request><Tag>ImageInspect</Tag><Input><Object>${key}</Object></Input><Operation/>${more}</Request>`;
}
