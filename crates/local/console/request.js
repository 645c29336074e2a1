// One request: what it carried, what came of its signature, and the table of its operation.

import { page } from './api.js';
import { badge, duration, empty, facts, field, h, put, table, time } from './dom.js';
import { statusBadge, verdictBadge } from './requests.js';
import { bothTexts, oneText } from './texts.js';

function signature(verdict) {
  if (!verdict) return h('p', {}, 'The request did not get as far as its signature.');
  const parts = [];
  if (verdict.secretId) parts.push(['Access key', h('code', {}, verdict.secretId)]);
  const why = verdict.reason ?? verdict.advice ?? (verdict.result === 'anonymous' && 'The request carries no signature.');
  const shown = [h('p', {}, verdictBadge(verdict), ' ', why), parts.length > 0 && facts(parts)];
  if (verdict.formatString) shown.push(texts(verdict));
  return shown;
}

/** The texts that a signature is of: the server's, and the client's where that is known. */
function texts({ formatString, stringToSign, signed }) {
  const place = h('div');
  const paste = h('textarea', { rows: 5, spellcheck: 'false', placeholder: 'get\n/cat.png\n\nhost=…' });
  const compare = () => place.replaceChildren(
    paste.value.trim()
      ? bothTexts('Your client signed', paste.value, 'The server computed', paste.value.startsWith('sha1') || paste.value.startsWith('TC3-') ? stringToSign : formatString)
      : oneText('The server computed', formatString),
  );
  paste.addEventListener('input', compare);
  const shown = [];
  if (signed) {
    shown.push(h('p', { class: 'found' }, signed.why),
      bothTexts('The client signed', signed.formatString, 'The server computed', formatString));
  } else {
    compare();
    shown.push(
      h('p', { class: 'hint' }, 'The client did not send its text, and none of the usual mistakes explains its ' +
        'signature: the secret key may be another one. SDKs log the text, mostly as HttpString, ' +
        'FormatString or CanonicalRequest; paste it to see where it differs.'),
      field('What your client signed', paste), place,
    );
  }
  shown.push(h('details', {}, h('summary', {}, 'Text to sign'), oneText('The server signed', stringToSign)));
  return shown;
}

function pairs(caption, list) {
  if (!list?.length) return h('p', { class: 'hint' }, 'None.');
  return table(caption, ['Name', 'Value'],
    list.map(([name, value]) => [h('code', {}, name), h('code', { class: 'value' }, value)]), { class: 'pairs' });
}

function said(row) {
  const words = [];
  if (row.required) words.push('required');
  if (row.computed) words.push('computed');
  if (row.deprecated) words.push('deprecated');
  words.push(row.list ? `list of ${row.kind}` : row.kind);
  const { minimum, maximum } = row;
  if (minimum !== undefined && maximum !== undefined) words.push(`${minimum} to ${maximum}`);
  else if (minimum !== undefined) words.push(`at least ${minimum}`);
  else if (maximum !== undefined) words.push(`at most ${maximum}`);
  if (row.maxLength !== undefined) words.push(`at most ${row.maxLength} characters`);
  if (row.default !== undefined) words.push(`default ${row.default}`);
  if (row.words) words.push(`one of ${row.words.join(', ')}`);
  if (row.place !== 'body') words.push(`in the ${row.place}`);
  return row.unknown ? 'not in the table' : words.join(' · ');
}

function valueOf({ value, present, required, unknown }) {
  if (unknown) return h('i', {}, 'not shown');
  if (value === undefined || value === null) return present ? '' : h('i', {}, required ? 'missing' : 'absent');
  if (Array.isArray(value)) return h('code', { class: 'value' }, value.join(', '));
  if (typeof value === 'object') {
    return h('code', { class: 'value' }, Object.entries(value).map(([name, text]) => `${name}: ${text}`).join('\n'));
  }
  return h('code', { class: 'value' }, String(value));
}

/** The rows of a table as lines of one long table, deeper ones indented. */
function* lines(rows, depth, whole) {
  for (const row of rows) {
    const bad = row.problems?.length;
    if (!whole && !row.present && !bad) continue;
    const name = h('td', { class: 'node', 'data-label': 'Node' }, h('code', {}, row.name));
    name.style.setProperty('--depth', depth);
    yield h('tr', { class: [bad ? 'wrong' : '', row.present ? '' : 'absent'].join(' ') }, name,
      h('td', { 'data-label': 'Value' }, valueOf(row)),
      h('td', { 'data-label': 'The table says', class: 'says' }, said(row)),
      h('td', { 'data-label': 'Problem' }, (row.problems ?? []).map((it) => h('p', { class: 'problem' }, it))));
    yield* lines(row.rows ?? [], depth + 1, whole);
    for (const [at, item] of (row.items ?? []).entries()) {
      yield group(`${row.name}[${at}]`, depth + 1);
      yield* lines(item, depth + 2, whole);
    }
    for (const [key, item] of Object.entries(row.entries ?? {})) {
      yield group(key, depth + 1);
      yield* lines(item, depth + 2, whole);
    }
  }
}

function group(name, depth) {
  const cell = h('td', { class: 'node', colspan: 4 }, h('code', {}, name));
  cell.style.setProperty('--depth', depth);
  return h('tr', { class: 'group' }, cell);
}

function tree(shown) {
  if (!shown.rows) {
    return h('p', {}, shown.request.signature?.result === 'refused'
      ? 'The request was refused by its signature, before its operation was looked for.'
      : 'No operation was recognised: nothing in the tables has this method, path and host.');
  }
  const { operation, problems, arrived } = shown;
  const whole = h('input', { type: 'checkbox' });
  const body = h('tbody');
  const draw = () => {
    const found = [...lines(shown.rows, 0, whole.checked || !arrived)];
    body.replaceChildren(...found);
  };
  whole.addEventListener('change', draw);
  draw();
  const loose = problems.filter((it) => !it.placed);
  return [
    h('p', {}, operation.summary, ' ', operation.document && h('a', { href: operation.document, rel: 'noreferrer', target: '_blank' }, 'Document')),
    !arrived && h('p', { class: 'hint' }, 'The request was refused before it was read, or is no longer recorded: this is the table alone.'),
    loose.length > 0 && h('ul', { class: 'problems' }, loose.map((it) => h('li', { class: 'problem' }, it.path && h('code', {}, it.path), ' ', it.text))),
    arrived && h('label', { class: 'check' }, whole, 'Show the whole table, also what is absent'),
    h('table', { class: 'tree' },
      h('caption', { class: 'hidden' }, `The request beside the table of ${operation.name}`),
      h('thead', {}, h('tr', {}, ['Node', 'Value', 'The table says', 'Problem'].map((it) => h('th', { scope: 'col' }, it)))),
      body),
  ];
}

function body(shown) {
  if (!shown.body) return h('p', { class: 'hint' }, 'None.');
  const { text, note, format, size, cut } = shown.body;
  if (note) return h('p', { class: 'hint' }, note);
  return [
    h('p', { class: 'hint' }, `${size} bytes of ${format.toUpperCase()}, written anew without what is secret or not in the table.`,
      cut && ' Only its beginning is shown.'),
    h('pre', { class: 'body', tabindex: 0 }, h('code', {}, pretty(text, format))),
  ];
}

function pretty(text, format) {
  if (format === 'json') {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  }
  let depth = 0;
  return text.replace(/></g, '>\n<').split('\n').map((line) => {
    if (line.startsWith('</')) depth -= 1;
    const indented = '  '.repeat(Math.max(depth, 0)) + line;
    if (/^<[^/?!]/.test(line) && !line.endsWith('/>') && !line.includes('</')) depth += 1;
    return indented;
  }).join('\n');
}

function section(title, ...content) {
  return h('section', { 'aria-label': title }, h('h2', {}, title), ...content);
}

export async function request(root, id) {
  let shown;
  try {
    shown = await page(`console/requests/${encodeURIComponent(id)}`);
  } catch (error) {
    put(root, h('h1', {}, 'Request'), empty(error.message), h('p', {}, h('a', { href: '#/requests' }, 'All requests')));
    return;
  }
  const { request: entry } = shown;
  const refused = entry.signature?.result === 'refused';
  const problems = shown.problems?.length ?? 0;
  const parts = {
    signature: section('Signature', signature(entry.signature)),
    tree: section('Request and table', tree(shown)),
    query: section('Query', pairs('Query parameters', shown.query)),
    headers: section('Headers', pairs('Headers', shown.headers),
      shown.cut && h('p', { class: 'hint' }, 'What did not fit into 16 KiB is left out.')),
    body: section('Body', body(shown)),
  };
  // What explains a failure comes first.
  const order = refused ? ['signature', 'tree', 'query', 'headers', 'body'] : ['tree', 'body', 'query', 'headers', 'signature'];
  put(root,
    h('p', { class: 'crumbs' }, h('a', { href: '#/requests' }, 'Requests'), ' / ', entry.requestId),
    h('h1', {}, entry.operation ?? `${entry.method} ${entry.path}`, ' ', statusBadge(entry)),
    entry.message && h('p', { class: 'error' }, entry.message),
    facts([
      ['Request', h('code', {}, `${entry.method} ${entry.path}`)],
      ['Host', h('code', {}, entry.host)],
      ['Time', time(entry.time)],
      ['Took', duration(entry.durationMs)],
      ['Signature', verdictBadge(entry.signature)],
      ['Faults met', entry.faults?.map((it) => badge(`#${it}`, 'warn'))],
      ['Against the table', problems > 0 && badge(`${problems} ${problems === 1 ? 'problem' : 'problems'}`, 'bad')],
      ['Permission', shown.operation?.permission && h('code', {}, shown.operation.permission)],
    ].filter(([, value]) => value)),
    ...order.map((name) => parts[name]),
  );
}
