// What the console asks the local cloud: its own pages, and calls of services for the owner.

const CALL = '/_local/console/call';

/** A JSON document of a page below `/_local/`. */
export async function page(path, { method = 'GET', body } = {}) {
  let answer;
  try {
    answer = await fetch(`/_local/${path}`, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Error('The local cloud does not answer. Start it again: tcloud local');
  }
  const text = await answer.text();
  let document = {};
  try {
    document = JSON.parse(text);
  } catch {
    if (answer.ok) throw new Error(`${path}: the answer is no JSON`);
  }
  if (!answer.ok) throw new Error(document.error ?? `${path}: ${answer.status}`);
  return document;
}

/** The key of an object as a part of an address. */
export function keyPath(key) {
  return key.split('/').map(encodeURIComponent).join('/').replaceAll('./', '.%2F');
}

/** The address of a call: of an object, if there is a key. */
export function address(service, bucket, key = '', query = '') {
  const path = [CALL, service, bucket].filter(Boolean).join('/');
  return `${path}/${keyPath(key)}${query && `?${query}`}`;
}

/** The text of the first element called `name` in an XML document or element. */
export function text(node, name) {
  return node?.getElementsByTagName(name)[0]?.textContent ?? '';
}

/** The elements called `name` that are children of `node`. */
export function children(node, name) {
  return [...(node?.children ?? [])].filter((it) => it.tagName === name);
}

/** Calls a service. The answer has its status, its headers and its XML document, if it is one. */
export function call(method, url, { body = null, headers = {}, progress } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    // An empty answer is no document: the browser would show its error in a style that is not allowed.
    request.addEventListener('readystatechange', () => {
      if (request.readyState !== XMLHttpRequest.HEADERS_RECEIVED) return;
      const isXml = /xml/.test(request.getResponseHeader('content-type') ?? '');
      request.responseType = isXml && request.getResponseHeader('content-length') !== '0' ? 'document' : 'text';
    });
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    if (progress) request.upload.addEventListener('progress', (it) => progress(it.loaded, it.total));
    request.addEventListener('error', () => {
      reject(new Error('The local cloud does not answer. Start it again: tcloud local'));
    });
    request.addEventListener('load', () => {
      const document = request.responseType === 'document' ? request.responseXML : null;
      if (request.status < 400) {
        resolve({ status: request.status, header: (it) => request.getResponseHeader(it), document });
        return;
      }
      const [code, why] = [text(document, 'Code'), text(document, 'Message')];
      const error = new Error(code ? `${code}: ${why}` : `${method} ${request.status}`);
      error.code = code;
      error.status = request.status;
      reject(error);
    });
    request.send(body);
  });
}
