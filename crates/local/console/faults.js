// Rules by which requests fail: those that there are, and a new one.

import { page } from './api.js';
import { button, empty, field, h, select, table } from './dom.js';

const number = (value, min = 0) => h('input', { type: 'number', min, value });

/** The kinds of faults: what each is called, its fields, and how a rule writes it. */
const KINDS = {
  throttle: {
    title: 'refuse as one of too many',
    fields: { 'Retry after (s)': () => number(1) },
    write: ([after]) => ({ throttle: { retryAfter: Number(after) } }),
  },
  refuse: {
    title: 'refuse with a code',
    fields: { Code: () => h('input', { value: 'InternalError' }), Status: () => h('input', { type: 'number', min: 400, max: 599, value: 500 }) },
    write: ([code, status]) => ({ refuse: { code, status: Number(status) } }),
  },
  latency: {
    title: 'carry out later',
    fields: { Milliseconds: () => number(2_000, 1) },
    write: ([millis]) => ({ latency: { millis: Number(millis) } }),
  },
  cut: {
    title: 'break off the answer',
    fields: { 'After bytes': () => number(100) },
    write: ([after]) => ({ cut: { after: Number(after) } }),
  },
  expiredToken: { title: 'say that the token has expired', fields: {}, write: () => 'expiredToken' },
  wrongChecksum: { title: 'answer a wrong checksum', fields: {}, write: () => 'wrongChecksum' },
};

/** What a rule is about, in words. */
function about({ service, operation, bucket, keyPrefix, skip, count, share }) {
  const words = [operation ? `${service ? `${service}.` : ''}${operation}` : service ?? 'all requests'];
  if (bucket) words.push(`to ${bucket}`);
  if (keyPrefix) words.push(`for ${keyPrefix}…`);
  if (skip) words.push(`after the first ${skip}`);
  if (count) words.push(`${count} at most`);
  if (share) words.push(`${Math.round(share * 100)} % of them`);
  return words.join(', ');
}

function does(fault) {
  const kind = typeof fault === 'string' ? fault : Object.keys(fault)[0];
  const more = typeof fault === 'string' ? {} : Object.values(fault)[0];
  const parts = Object.entries(more).map(([name, value]) => `${name} ${value}`);
  return [KINDS[kind]?.title ?? kind, ...parts].join(', ');
}

function list(draw, changed) {
  return ({ faults: rules }) => draw.replaceChildren(rules.length
    ? table('Rules for faults', ['Rule', 'About', 'Does', 'Met', ''], rules.map(({ id, matched, hits, rule }) => [
      `#${id}`, about(rule), does(rule.fault), `${hits} of ${matched}`,
      button('Remove', async () => {
        list(draw, changed)(await page(`faults/${id}`, { method: 'DELETE' }));
        changed();
      }, { class: 'small', 'aria-label': `Remove the rule ${id}` }),
    ]), { class: 'pairs' })
    : empty('No request fails on purpose. Let some fail by a rule below, or:',
      `curl http://${location.host}/_local/faults -d '{"operation": "PutObject", "count": 1, "fault": {"throttle": {}}}'`));
}

/** The rules, and a form for one more. */
export async function faults({ services }, changed) {
  const place = h('div');
  const show = list(place, changed);
  const names = services.flatMap((it) => it.operations.filter((own) => own.implemented).map((own) => own.name));
  const known = h('datalist', { id: 'operation-names' }, [...new Set(names)].map((it) => h('option', { value: it })));
  const operation = h('input', { list: 'operation-names', placeholder: 'all', autocomplete: 'off' });
  const bucket = h('input', { placeholder: 'all', autocomplete: 'off' });
  const count = h('input', { type: 'number', min: 1, placeholder: 'all' });
  const kind = select(Object.entries(KINDS).map(([key, { title }]) => [key, title]), 'throttle');
  const own = h('span', { class: 'toolbar' });
  let inputs = [];
  const draw = () => {
    const { fields } = KINDS[kind.value];
    inputs = Object.values(fields).map((make) => make());
    own.replaceChildren(...Object.keys(fields).map((label, at) => field(label, inputs[at])));
  };
  kind.addEventListener('change', draw);
  draw();
  const add = button('Add the rule', async () => {
    await page('faults', {
      method: 'POST',
      body: {
        ...(operation.value && { operation: operation.value.trim() }),
        ...(bucket.value && { bucket: bucket.value.trim() }),
        ...(count.value && { count: Number(count.value) }),
        fault: KINDS[kind.value].write(inputs.map((it) => it.value)),
      },
    });
    show(await page('faults'));
    changed();
  }, { class: 'main' });
  show(await page('faults'));
  return h('section', { 'aria-label': 'Faults' }, h('h2', {}, 'Faults'), place, known,
    h('div', { class: 'toolbar' }, field('Operation', operation), field('Bucket', bucket), field('Fault', kind), own,
      field('How many', count), add));
}
