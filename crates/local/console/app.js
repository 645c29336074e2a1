// The frame: which view an address is of, and the state of the cloud above all of them.

import { page } from './api.js';
import { badge, duration, h } from './dom.js';
import { bucket, buckets } from './buckets.js';
import { editor } from './editor.js';
import { job, jobs } from './jobs.js';
import { object } from './object.js';
import { requests } from './requests.js';
import { request } from './request.js';
import { state as cloudState } from './state.js';

const VIEWS = [
  { name: 'requests', title: 'Requests', show: (root, [id]) => (id ? request(root, id) : requests(root)) },
  { name: 'buckets', title: 'Buckets', show: (root, [name], query) => (name ? bucket(root, name, query) : buckets(root)) },
  { name: 'objects', of: 'buckets', title: 'Object', show: (root, [name, key]) => object(root, name, key) },
  { name: 'edit', of: 'buckets', title: 'Picture editor', show: (root, [name, key]) => editor(root, name, key) },
  { name: 'jobs', title: 'Jobs', show: (root, [id], query) => (id ? job(root, id) : jobs(root, query)) },
  { name: 'state', title: 'State', show: (root) => cloudState(root) },
];
const main = document.getElementById('main');
const status = document.getElementById('status');
let leave = () => {};
let turn = 0;

function parse(hash) {
  const [path, query = ''] = hash.replace(/^#\/?/, '').split('?');
  const parts = path.split('/').map(decodeURIComponent);
  const view = VIEWS.find((it) => it.name === parts[0]) ?? VIEWS[0];
  return { view, parts: parts.slice(1), query: new URLSearchParams(query) };
}

function navigation(current) {
  const link = ({ name, title }) => h('a', {
    href: `#/${name}`,
    'aria-current': name === (current.of ?? current.name) ? 'page' : undefined,
  }, title);
  document.getElementById('views').replaceChildren(...VIEWS.filter((it) => !it.of).map(link));
}

async function show() {
  const { view, parts, query } = parse(location.hash);
  const own = ++turn;
  leave();
  leave = () => {};
  navigation(view);
  document.title = `${view.title} · Local cloud`;
  const root = h('div', { class: `view ${view.name}` });
  main.replaceChildren(root);
  try {
    const end = await view.show(root, parts, query);
    // Another view may have taken its place meanwhile.
    if (own === turn) leave = end ?? leave;
    else end?.();
  } catch (error) {
    root.replaceChildren(h('h1', {}, view.title), h('p', { class: 'error', role: 'alert' }, error.message));
  }
}

/** What changes the behaviour of every call: the clock, and rules for faults. */
async function state() {
  try {
    const health = await page('health');
    const ahead = health.clock_ahead_seconds;
    const faults = health.faults.length;
    const parts = [badge(`tcloud ${health.version}`)];
    if (ahead) parts.push(badge(`clock ${duration(ahead * 1000)} ahead`, 'warn'));
    if (faults) parts.push(badge(`${faults} ${faults === 1 ? 'fault' : 'faults'}`, 'warn'));
    // What says the same again is not read aloud again.
    const text = parts.map((it) => it.textContent).join();
    if (status.dataset.text !== text) {
      status.dataset.text = text;
      status.replaceChildren(...parts);
    }
  } catch (error) {
    status.dataset.text = '';
    status.replaceChildren(badge('not running', 'bad'), ` ${error.message}`);
  }
}

document.getElementById('skip').addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});
addEventListener('hashchange', async () => {
  await show();
  main.focus({ preventScroll: true });
  scrollTo(0, 0);
});
addEventListener('cloud-changed', state);
setInterval(state, 3_000);
await Promise.all([state(), show()]);
