// Buckets, and the objects of one: as a tree, or as pictures.

import { address, call, children, text } from './api.js';
import { badge, button, bytes, confirmed, copyable, empty, field, h, put, select, table, time, toast } from './dom.js';
import { droppable, uploader } from './upload.js';

const PAGE = 200;
const PICTURE = /\.(avif|bmp|gif|heic|heif|jpe?g|jxl|png|psd|tiff?|webp)$/i;

export const isPicture = (key) => PICTURE.test(key);
export const bucketLink = (bucket, prefix = '', view = '') => {
  const query = new URLSearchParams({ ...(prefix && { prefix }), ...(view && { view }) }).toString();
  return `#/buckets/${bucket}${query && `?${query}`}`;
};
export const objectLink = (bucket, key) => `#/objects/${bucket}/${encodeURIComponent(key)}`;

/** All buckets, and a new one. */
export async function buckets(root) {
  const listed = await call('GET', address('cos', ''));
  const all = [...listed.document.getElementsByTagName('Bucket')];
  const number = all.map((it) => text(it, 'Name').split('-').at(-1))[0] ?? '1250000000';
  const name = h('input', { placeholder: `album-${number}`, pattern: '[a-z0-9][a-z0-9\\-]*-[0-9]+', autocomplete: 'off', 'aria-describedby': 'bucket-hint' });
  const make = button('Create', async () => {
    const wanted = name.value.trim();
    if (!wanted) throw new Error('Give the bucket a name, such as album-1250000000.');
    await call('PUT', address('cos', wanted));
    location.hash = bucketLink(wanted);
  }, { class: 'main' });
  name.addEventListener('keydown', (event) => event.key === 'Enter' && make.click());
  put(root,
    h('h1', {}, 'Buckets'),
    h('div', { class: 'toolbar' }, field('New bucket', name), make,
      h('small', { id: 'bucket-hint' }, 'Lower-case letters, digits and hyphens, ending in the number of the account.')),
    all.length
      ? table('Buckets', ['Name', 'Region', 'Created'], all.map((it) => [
        h('a', { href: bucketLink(text(it, 'Name')) }, text(it, 'Name')),
        text(it, 'Location'),
        time(text(it, 'CreationDate')),
      ]), { class: 'list' })
      : empty('There is no bucket yet. Create one above, or:', `tcloud cos put-bucket --bucket album-${number}`),
  );
}

async function listing(bucket, prefix, marker = '') {
  const query = new URLSearchParams({ prefix, delimiter: '/', 'max-keys': PAGE, ...(marker && { marker }) });
  const { document } = await call('GET', address('cos', bucket, '', query));
  const top = document.documentElement;
  return {
    folders: children(top, 'CommonPrefixes').map((it) => text(it, 'Prefix')),
    objects: children(top, 'Contents').map((it) => ({
      key: text(it, 'Key'), size: Number(text(it, 'Size')), modified: text(it, 'LastModified'),
    })).filter(({ key }) => key !== prefix),
    next: text(top, 'IsTruncated') === 'true' ? text(top, 'NextMarker') : '',
  };
}

/** Every page of a folder, one at a time: the next one when it is asked for. */
async function pages(bucket, prefix, add) {
  const more = h('p', { class: 'actions' });
  const page = async (marker) => {
    const found = await listing(bucket, prefix, marker);
    add(found);
    more.replaceChildren(...(found.next ? [button('More', () => page(found.next))] : []));
    return found;
  };
  const first = await page('');
  return { more, first };
}

const last = (path) => path.replace(/\/$/, '').split('/').at(-1) || '/';

async function tree(bucket, prefix) {
  const list = h('ul', { class: 'tree-list' });
  const { more, first } = await pages(bucket, prefix, ({ folders, objects }) => {
    for (const folder of folders) {
      const inside = h('div');
      const details = h('details', {}, h('summary', {}, `${last(folder)}/`), inside);
      details.addEventListener('toggle', async () => {
        if (!details.open || inside.children.length) return;
        try {
          inside.replaceChildren((await tree(bucket, folder)).content);
        } catch (error) {
          toast(error.message, 'bad');
        }
      });
      list.append(h('li', { class: 'folder' }, details));
    }
    for (const { key, size, modified } of objects) {
      list.append(h('li', { class: 'object' },
        h('a', { href: objectLink(bucket, key) }, last(key)), h('span', {}, bytes(size)), time(modified)));
    }
  });
  const none = !first.folders.length && !first.objects.length;
  return { none, content: h('div', {}, list, more) };
}

function thumbnail(bucket, { key, size }) {
  const place = h('span', { class: 'thumbnail' });
  if (isPicture(key)) {
    const query = 'imageMogr2/thumbnail/320x240%3E';
    const image = h('img', { src: address('cos', bucket, key, query), alt: '', loading: 'lazy' });
    image.addEventListener('error', () => image.replaceWith('no picture'));
    place.append(image);
  } else {
    place.append(last(key).includes('.') ? last(key).split('.').at(-1) : 'object');
  }
  return h('li', {}, h('a', { href: objectLink(bucket, key) }, place, h('b', {}, last(key)), h('small', {}, bytes(size))));
}

async function pictures(bucket, prefix) {
  const list = h('ul', { class: 'thumbnails' });
  const { more, first } = await pages(bucket, prefix, ({ folders, objects }) => {
    list.append(...folders.map((it) => h('li', {}, h('a', { href: bucketLink(bucket, it, 'pictures') },
      h('span', { class: 'thumbnail' }, 'folder'), h('b', {}, `${last(it)}/`)))));
    list.append(...objects.map((it) => thumbnail(bucket, it)));
  });
  const none = !first.folders.length && !first.objects.length;
  return { none, content: h('div', {}, list, more) };
}

function crumbs(bucket, prefix, view) {
  const parts = prefix.split('/').filter(Boolean);
  const links = parts.map((it, at) => [' / ', h('a', { href: bucketLink(bucket, `${parts.slice(0, at + 1).join('/')}/`, view) }, it)]);
  return h('p', { class: 'crumbs' }, h('a', { href: '#/buckets' }, 'Buckets'), ' / ',
    h('a', { href: bucketLink(bucket, '', view) }, bucket), links);
}

/** What is set for the bucket as a whole. */
async function settings(bucket) {
  const [acl, versioning] = await Promise.all([
    call('GET', address('cos', bucket, '', 'acl')),
    call('GET', address('cos', bucket, '', 'versioning')),
  ]);
  const isPublic = [...acl.document.getElementsByTagName('URI')].length > 0;
  const access = select([['private', 'private'], ['public-read', 'everyone reads'], ['public-read-write', 'everyone reads and writes']],
    isPublic ? (text(acl.document, 'AccessControlList').includes('WRITE') ? 'public-read-write' : 'public-read') : 'private');
  access.addEventListener('change', async () => {
    try {
      await call('PUT', address('cos', bucket, '', 'acl'), { headers: { 'x-cos-acl': access.value } });
      toast(`${bucket} is now ${access.value}.`);
    } catch (error) {
      toast(error.message, 'bad');
    }
  });
  const state = text(versioning.document, 'Status');
  const versions = button(state === 'Enabled' ? 'Suspend versions' : 'Keep versions', async () => {
    const next = state === 'Enabled' ? 'Suspended' : 'Enabled';
    const body = `<VersioningConfiguration><Status>${next}</Status></VersioningConfiguration>`;
    await call('PUT', address('cos', bucket, '', 'versioning'), { body, headers: { 'content-type': 'application/xml' } });
    dispatchEvent(new HashChangeEvent('hashchange'));
  });
  const remove = button('Delete bucket', async () => {
    if (!await confirmed(`Delete the bucket ${bucket}? It has to be empty.`, 'Delete')) return;
    await call('DELETE', address('cos', bucket));
    location.hash = '#/buckets';
  }, { class: 'danger' });
  return h('div', { class: 'toolbar' }, field('Access', access),
    badge(state ? `versions: ${state}` : 'no versions', state === 'Enabled' ? 'good' : ''), versions, remove);
}

/** One bucket. */
export async function bucket(root, name, query) {
  const prefix = query.get('prefix') ?? '';
  const view = query.get('view') ?? 'tree';
  const content = h('div');
  const draw = async () => {
    const { none, content: shown } = await (view === 'pictures' ? pictures : tree)(name, prefix);
    content.replaceChildren(none
      ? empty('There is nothing here yet. Drop files on this page, or:',
        `tcloud cos put-object --bucket ${name} --key ${prefix}hello.txt --body-file hello.txt`)
      : shown);
  };
  const uploads = uploader(name, prefix, draw);
  const link = (kind, label) => h('a', {
    class: 'button', href: bucketLink(name, prefix, kind === 'tree' ? '' : kind), 'aria-current': kind === view ? 'true' : undefined,
  }, label);
  put(root,
    crumbs(name, prefix, view === 'tree' ? '' : view),
    h('h1', {}, prefix ? last(prefix) : name),
    h('div', { class: 'toolbar' }, uploads.button, link('tree', 'Tree'), link('pictures', 'Pictures')),
    uploads.list, content,
    h('section', { 'aria-label': 'The bucket' }, h('h2', {}, 'The bucket'), await settings(name),
      copyable(`${location.protocol}//${location.host}/${name}/`, { name: 'the address of the bucket' })),
  );
  await draw();
  return droppable(root, uploads.send);
}
