// The requests of programs, as they come.

import { page } from './api.js';
import { badge, duration, empty, field, h, put, select, time } from './dom.js';

const MOST = 500;
const HEADS = ['Time', 'Operation', 'Status', 'Signature', 'Took', 'Request'];
const ONLY = {
  all: ['all', () => true],
  failed: ['that failed', (it) => Boolean(it.code) || it.status >= 400],
  refused: ['with a refused signature', (it) => it.signature?.result === 'refused'],
  faults: ['that met a fault', (it) => Boolean(it.faults)],
};

export function statusBadge({ status, code }) {
  const bad = Boolean(code) || status >= 400;
  return badge(code ? `${status} ${code}` : String(status), bad ? 'bad' : 'good');
}

export function verdictBadge(signature) {
  const [text, kind] = {
    valid: signature?.advice ? ['valid, with advice', 'warn'] : ['valid', 'good'],
    anonymous: ['none', ''],
    unchecked: ['not checked', 'warn'],
    refused: ['refused', 'bad'],
  }[signature?.result] ?? ['–', ''];
  return badge(text, kind);
}

function row(entry) {
  const cells = [
    time(entry.time),
    [h('a', { href: `#/requests/${encodeURIComponent(entry.requestId)}` }, entry.operation ?? (entry.signature?.result === 'refused' ? 'not looked for' : 'not recognised')),
      entry.faults && badge('fault', 'warn')],
    statusBadge(entry),
    verdictBadge(entry.signature),
    duration(entry.durationMs),
    h('span', { class: 'request' }, h('b', {}, entry.method), ' ', h('code', {}, entry.path),
      h('small', {}, entry.host)),
  ];
  return h('tr', { 'data-id': entry.requestId },
    cells.map((it, at) => h('td', { 'data-label': HEADS[at] }, it)));
}

function fits(entry, words, only) {
  const own = [entry.operation, entry.method, entry.host, entry.path, entry.status, entry.code, entry.requestId];
  const text = own.join(' ').toLowerCase();
  return ONLY[only][1](entry) && words.every((word) => text.includes(word));
}

export async function requests(root) {
  let entries = [];
  let waiting = [];
  let paused = false;
  const body = h('tbody');
  const nothing = h('div');
  const told = h('p', { class: 'hidden', role: 'status', 'aria-live': 'polite' });
  const find = h('input', { type: 'search', placeholder: 'PutObject, 403, album…' });
  const only = select(Object.entries(ONLY).map(([key, [text]]) => [key, text]), 'all');
  const pause = h('button', { type: 'button', 'aria-pressed': 'false' }, 'Pause');
  const live = badge('connecting');

  const wanted = (entry) => fits(entry, find.value.toLowerCase().split(/\s+/).filter(Boolean), only.value);
  const note = () => {
    if (!entries.length) {
      nothing.replaceChildren(empty('No request has come yet. Try one:',
        `curl http://${location.host}/`),
      h('p', { class: 'hint' }, 'Programs reach this cloud with ', h('code', {}, `TCLOUD_ENDPOINT=http://${location.host}`),
        ', or with it as their HTTP proxy.'));
    } else if (!body.children.length) {
      nothing.replaceChildren(empty('No request is like this. Clear the filter to see the others.'));
    } else {
      nothing.replaceChildren();
    }
  };
  const draw = () => {
    body.replaceChildren(...entries.filter(wanted).map(row));
    note();
  };
  const add = (batch) => {
    entries = [...batch.toReversed(), ...entries].slice(0, MOST);
    for (const entry of batch.filter(wanted)) body.prepend(row(entry));
    while (body.children.length > MOST) body.lastChild.remove();
    note();
    const last = batch.at(-1);
    told.textContent = `${batch.length} new: ${last.operation ?? last.method} ${last.code ?? last.status}`;
  };

  find.addEventListener('input', draw);
  only.addEventListener('change', draw);
  pause.addEventListener('click', () => {
    paused = !paused;
    pause.setAttribute('aria-pressed', String(paused));
    pause.textContent = paused ? 'Go on' : 'Pause';
    if (!paused && waiting.length) {
      add(waiting);
      waiting = [];
    }
  });

  put(root,
    h('h1', {}, 'Requests'),
    h('div', { class: 'toolbar', role: 'search' }, field('Find', find), field('Show', only), pause, live),
    told,
    h('table', { class: 'list' },
      h('caption', { class: 'hidden' }, 'Requests, newest first'),
      h('thead', {}, h('tr', {}, HEADS.map((it) => h('th', { scope: 'col' }, it)))),
      body),
    nothing,
  );

  // First the events, so that nothing falls between them and the list.
  const events = new EventSource('/_local/console/events');
  const early = [];
  let take = (entry) => early.push(entry);
  events.addEventListener('open', () => {
    live.textContent = 'live';
    live.className = 'badge good';
  });
  events.addEventListener('error', () => {
    live.textContent = 'connecting again';
    live.className = 'badge warn';
  });
  events.addEventListener('request', (event) => take(JSON.parse(event.data)));
  events.addEventListener('cleared', () => {
    [entries, waiting] = [[], []];
    draw();
  });
  try {
    entries = (await page(`requests?limit=${MOST}`)).requests;
  } catch (error) {
    events.close();
    throw error;
  }
  draw();
  const known = new Set(entries.map((it) => it.requestId));
  const fresh = early.filter((it) => !known.has(it.requestId));
  if (fresh.length) add(fresh);
  take = (entry) => {
    if (known.has(entry.requestId)) return;
    if (paused) {
      waiting.push(entry);
      pause.textContent = `Go on (${waiting.length})`;
    } else {
      add([entry]);
    }
  };
  return () => events.close();
}
