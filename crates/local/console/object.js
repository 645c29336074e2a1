// One object: what it is, who may read it, its versions, and what can be done with it.

import { address, call, children, keyPath, page, text } from './api.js';
import { badge, button, bytes, confirmed, copyable, facts, field, h, put, select, table, time, toast } from './dom.js';
import { bucketLink, isPicture, objectLink } from './buckets.js';
import { strip } from './strip.js';

const ACLS = [['default', 'as the bucket says'], ['private', 'private'], ['public-read', 'everyone reads']];
const META = 'x-cos-meta-';

function section(title, ...content) {
  return h('section', { 'aria-label': title }, h('h2', {}, title), ...content);
}

async function head(bucket, key) {
  const answer = await fetch(address('cos', bucket, key), { method: 'HEAD' });
  if (!answer.ok) throw new Error(answer.status === 404 ? `There is no object ${key} in ${bucket}.` : `${key}: ${answer.status}`);
  return answer.headers;
}

function again() {
  dispatchEvent(new HashChangeEvent('hashchange'));
}

function presigned(bucket, key) {
  const method = select(['GET', 'HEAD', 'PUT', 'DELETE'], 'GET');
  const minutes = h('input', { type: 'number', min: 1, max: 500_000, value: 60 });
  const place = h('div', { role: 'status' });
  const sign = button('Sign', async () => {
    const made = await page('console/presign', {
      method: 'POST',
      body: { bucket, key, method: method.value, seconds: Math.round(Number(minutes.value) * 60) },
    });
    place.replaceChildren(copyable(made.url, { name: 'the presigned URL' }),
      h('p', { class: 'hint' }, 'Good until ', time(made.expires * 1000), ' by the clock of the cloud.'));
  }, { class: 'main' });
  return section('Presigned URL', h('div', { class: 'toolbar' }, field('Method', method), field('Minutes', minutes), sign), place);
}

async function access(bucket, key) {
  const { document } = await call('GET', address('cos', bucket, key, 'acl'));
  const grants = [...document.getElementsByTagName('Grant')].map((it) => [
    text(it, 'URI').split('/').at(-1) || text(it, 'DisplayName') || text(it, 'ID'), text(it, 'Permission'),
  ]);
  const everyone = grants.some(([who]) => who === 'AllUsers' || who.endsWith('anonymous'));
  const chosen = select(ACLS, everyone ? 'public-read' : 'private');
  const set = button('Set', async () => {
    await call('PUT', address('cos', bucket, key, 'acl'), { headers: { 'x-cos-acl': chosen.value } });
    toast('The access is set.');
    again();
  });
  return section('Access', grants.length > 0 && table('Grants', ['Who', 'May'], grants, { class: 'pairs' }),
    h('div', { class: 'toolbar' }, field('Access', chosen), set));
}

function metadata(bucket, key, headers) {
  const own = [...headers].filter(([name]) => name.startsWith(META));
  const type = h('input', { value: headers.get('content-type') ?? '', spellcheck: 'false' });
  const lines = h('textarea', { rows: 4, spellcheck: 'false', placeholder: 'author: me' });
  lines.value = own.map(([name, value]) => `${name.slice(META.length)}: ${value}`).join('\n');
  const store = button('Store', async () => {
    const changed = { 'content-type': type.value };
    for (const line of lines.value.split('\n').filter((it) => it.trim())) {
      const at = line.indexOf(':');
      if (at < 1) throw new Error(`"${line}" is no metadata; write it as name: value`);
      changed[META + line.slice(0, at).trim().toLowerCase()] = line.slice(at + 1).trim();
    }
    const region = await regionOf(bucket);
    await call('PUT', address('cos', bucket, key), {
      headers: {
        ...changed,
        'x-cos-copy-source': `${bucket}.cos.${region}.myqcloud.com/${keyPath(key)}`,
        'x-cos-metadata-directive': 'Replaced',
      },
    });
    toast('The metadata is stored.');
    again();
  });
  return section('Metadata', field('Content-Type', type), field('x-cos-meta-…', lines), h('p', { class: 'actions' }, store));
}

async function regionOf(bucket) {
  const { document } = await call('GET', address('cos', bucket, '', 'location'));
  return document.documentElement.textContent.trim();
}

async function versions(bucket, key) {
  const query = new URLSearchParams({ versions: '', prefix: key, 'max-keys': 100 });
  const { document } = await call('GET', address('cos', bucket, '', query));
  const rows = children(document.documentElement, 'Version').concat(children(document.documentElement, 'DeleteMarker'))
    .filter((it) => text(it, 'Key') === key)
    .map((it) => ({
      id: text(it, 'VersionId'), latest: text(it, 'IsLatest') === 'true', size: text(it, 'Size'),
      modified: text(it, 'LastModified'), marker: it.tagName === 'DeleteMarker',
    }));
  const remove = (id) => button('Delete', async () => {
    if (!await confirmed(`Delete the version ${id} of ${key} for good?`, 'Delete')) return;
    await call('DELETE', address('cos', bucket, key, `versionId=${encodeURIComponent(id)}`));
    again();
  }, { class: 'small danger' });
  return section('Versions', table('Versions', ['Version', 'Stored', 'Size', ''], rows.map((it) => [
    [h('code', {}, it.id || 'null'), ' ', it.latest && badge('latest', 'good'), it.marker && badge('delete marker', 'warn')],
    time(it.modified),
    it.marker ? '–' : bytes(it.size),
    h('span', { class: 'actions' },
      !it.marker && h('a', { class: 'button small', href: address('cos', bucket, key, `response-content-disposition=attachment&versionId=${encodeURIComponent(it.id)}`), download: true }, 'Download'),
      remove(it.id || 'null')),
  ]), { class: 'pairs' }));
}

function inspection(bucket, key) {
  const place = h('div', { role: 'status' });
  const look = button('Inspect', async () => {
    place.replaceChildren(strip(await page('console/inspect', { method: 'POST', body: { bucket, key } })));
  });
  return section('Inspection', h('p', { class: 'hint' }, 'What every byte of the file is: the picture, an extra that cameras leave, or something foreign.'),
    h('p', { class: 'actions' }, look), place);
}

export async function object(root, bucket, key) {
  const folder = key.includes('/') ? key.slice(0, key.lastIndexOf('/') + 1) : '';
  put(root,
    h('p', { class: 'crumbs' }, h('a', { href: '#/buckets' }, 'Buckets'), ' / ', h('a', { href: bucketLink(bucket) }, bucket),
      folder && [' / ', h('a', { href: bucketLink(bucket, folder) }, folder)]),
    h('h1', {}, key.slice(folder.length)),
  );
  const headers = await head(bucket, key);
  const remove = button('Delete', async () => {
    if (!await confirmed(`Delete ${key}?`, 'Delete')) return;
    await call('DELETE', address('cos', bucket, key));
    location.hash = bucketLink(bucket, folder);
  }, { class: 'danger' });
  const picture = isPicture(key);
  put(root,
    h('p', { class: 'actions' },
      h('a', { class: 'button', href: address('cos', bucket, key, 'response-content-disposition=attachment'), download: key.slice(folder.length) }, 'Download'),
      picture && h('a', { class: 'button main', href: objectLink(bucket, key).replace('#/objects/', '#/edit/') }, 'Edit the picture'),
      remove),
    picture && h('p', {}, h('img', { class: 'preview', src: address('cos', bucket, key, 'imageMogr2/thumbnail/960x480%3E'), alt: `The picture ${key}` })),
    facts([
      ['Size', bytes(headers.get('content-length'))],
      ['Content-Type', headers.get('content-type')],
      ['Stored', time(headers.get('last-modified'))],
      ['ETag', h('code', {}, headers.get('etag'))],
      ['CRC-64', headers.get('x-cos-hash-crc64ecma') && h('code', {}, headers.get('x-cos-hash-crc64ecma'))],
      ['Version', headers.get('x-cos-version-id') && h('code', {}, headers.get('x-cos-version-id'))],
      ['Storage class', headers.get('x-cos-storage-class')],
    ]),
    copyable(`${location.protocol}//${location.host}/${bucket}/${keyPath(key)}`, { name: 'the address of the object' }),
    presigned(bucket, key),
    metadata(bucket, key, headers),
    await access(bucket, key),
    await versions(bucket, key),
    picture && inspection(bucket, key),
  );
}
