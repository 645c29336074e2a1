// The editor of a picture: a pipeline by controls, its result, and the pipeline in all its forms.

import { address, call, keyPath, page } from './api.js';
import { button, bytes, copyable, field, h, put, select, toast } from './dom.js';
import { bucketLink, objectLink } from './buckets.js';

const START = {
  'Smaller': 'imageMogr2/thumbnail/300x',
  'Turned': 'imageMogr2/rotate/90',
  'Square': 'imageMogr2/crop/240x240/gravity/center',
  'WebP': 'imageMogr2/format/webp/quality/80',
  'Grey': 'imageMogr2/grayscale/1',
  'Text on it': 'watermark/2/text/aGVsbG8/gravity/southeast/dissolve/70',
};
const COMMON = ['ImageMogr2', 'ImageView2', 'TextWatermark', 'ImageWatermark', 'ImageInfo', 'ImageAve'];

function encoded(kind, value) {
  if (kind !== 'base64') return value;
  const binary = String.fromCharCode(...new TextEncoder().encode(value));
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** The control of a slot of the grammar. */
function control(slot, value, changed) {
  const label = slot.slot;
  let input;
  if (slot.kind === 'switch') input = select([['1', 'on'], ['0', 'off']], value || '1');
  else if (slot.kind === 'word') input = select(slot.words, value || slot.words[0]);
  else if (slot.kind === 'integer' || slot.kind === 'decimal') {
    input = h('input', {
      type: 'number', step: slot.kind === 'decimal' ? 'any' : 1, min: slot.min, max: slot.max,
      value: value || String(Math.max(slot.min ?? 1, Math.min(slot.max ?? 100, 100))),
    });
  } else input = h('input', { value: value || '', placeholder: label });
  input.addEventListener(input.tagName === 'SELECT' ? 'change' : 'input', changed);
  return { element: field(label, input), text: () => encoded(slot.kind, input.value) };
}

/** The controls of some pieces, and the text that they make. */
function pieces(list, changed) {
  const parts = list.map((it) => (it.slot ? control(it, '', changed) : { text: () => it.text }));
  return { elements: parts.map((it) => it.element).filter(Boolean), text: () => parts.map((it) => it.text()).join('') };
}

/** A parameter of a step: which of its forms, and what is in it. */
function parameter(grammar, changed, remove) {
  const place = h('span', { class: 'toolbar' });
  const form = select(grammar.forms.map((it, at) => [String(at), it.text]), '0', { 'aria-label': `Form of ${grammar.name}` });
  let made;
  const draw = () => {
    made = pieces(grammar.forms[Number(form.value)].pieces, changed);
    place.replaceChildren(...made.elements);
  };
  form.addEventListener('change', () => {
    draw();
    changed();
  });
  draw();
  const element = h('fieldset', {}, h('legend', {}, grammar.name),
    grammar.forms.length > 1 && form, place,
    h('button', { type: 'button', class: 'small', 'aria-label': `Remove ${grammar.name}`, on: { click: () => remove() } }, 'Remove'));
  const text = () => {
    const value = made.text();
    return value ? `/${grammar.name}/${value}` : `/${grammar.name}`;
  };
  return { element, text };
}

/** An operation of the pipeline. */
function step(grammar, changed, remove) {
  // The segments of a head stand apart.
  const head = grammar.head.map((it) => pieces([it], changed));
  const parameters = [];
  const place = h('div');
  const add = (name) => {
    const found = grammar.parameters.find((it) => it.name === name);
    if (!found) return;
    const own = parameter(found, changed, () => {
      parameters.splice(parameters.indexOf(own), 1);
      own.element.remove();
      changed();
    });
    parameters.push(own);
    place.append(own.element);
  };
  grammar.parameters.filter((it) => it.required).forEach((it) => add(it.name));
  const choose = select([['', 'Add a parameter…'], ...grammar.parameters.map((it) => it.name)], '', { 'aria-label': `Parameter of ${grammar.name}` });
  choose.addEventListener('change', () => {
    add(choose.value);
    choose.value = '';
    changed();
  });
  const element = h('section', { class: 'step', 'aria-label': grammar.name },
    h('div', { class: 'toolbar' }, h('h3', {}, grammar.name), head.map((it) => it.elements),
      grammar.parameters.length > 0 && choose,
      h('button', { type: 'button', class: 'small danger', on: { click: () => remove() } }, 'Remove step')),
    place);
  return { element, text: () => head.map((it) => it.text()).join('/') + parameters.map((it) => it.text()).join('') };
}

export async function editor(root, bucket, key) {
  const { operations } = await page('console/pictures');
  const steps = [];
  const list = h('div');
  const rule = h('input', { spellcheck: 'false', placeholder: 'imageMogr2/thumbnail/300x', autocomplete: 'off' });
  const result = h('figure', { class: 'text' });
  const forms = h('div');
  const says = h('p', { role: 'status', 'aria-live': 'polite', class: 'hint' });
  const fileId = h('input', { value: `edited/${key.split('/').at(-1)}`, spellcheck: 'false' });
  let turn = 0;
  let timer;
  let shownUrl;

  const changed = () => {
    rule.value = steps.map((it) => it.text()).join('|');
    later();
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(draw, 250);
  };
  const add = (name) => {
    const grammar = operations.find((it) => it.name === name);
    const own = step(grammar, changed, () => {
      steps.splice(steps.indexOf(own), 1);
      own.element.remove();
      changed();
    });
    steps.push(own);
    list.append(own.element);
  };
  const byHand = (text) => {
    steps.length = 0;
    list.replaceChildren();
    rule.value = text;
    later();
  };

  async function draw() {
    const own = ++turn;
    if (!rule.value) {
      result.replaceChildren();
      forms.replaceChildren();
      says.textContent = 'Add a step, or begin with one of the examples.';
      return;
    }
    let made;
    try {
      made = await page('console/pictures', { method: 'POST', body: { rule: rule.value, bucket, key, file_id: fileId.value } });
    } catch (error) {
      if (own === turn) says.textContent = error.message;
      return;
    }
    const url = address('cos', bucket, key, made.query);
    const answer = await fetch(url);
    if (own !== turn) return;
    const type = answer.headers.get('content-type') ?? '';
    if (!answer.ok) {
      const text = await answer.text();
      const message = /<Message>([^<]*)/.exec(text)?.[1];
      says.textContent = message ?? made.refused ?? `The picture cannot be made: ${answer.status}`;
      result.replaceChildren();
    } else if (type.startsWith('image/')) {
      const blob = await answer.blob();
      if (shownUrl) URL.revokeObjectURL(shownUrl);
      shownUrl = URL.createObjectURL(blob);
      const image = h('img', { class: 'preview', src: shownUrl, alt: 'The result' });
      await image.decode().catch(() => {});
      if (own !== turn) return;
      const engines = answer.headers.get('x-tcloud-engines');
      says.textContent = `${image.naturalWidth} × ${image.naturalHeight} pixels, ${bytes(blob.size)}, ${type}${engines ? `, by ${engines}` : ''}`;
      result.replaceChildren(h('figcaption', {}, 'Result'), image);
    } else {
      says.textContent = type;
      result.replaceChildren(h('figcaption', {}, 'Result'), h('pre', { tabindex: 0 }, h('code', {}, await answer.text())));
    }
    forms.replaceChildren(
      h('h3', {}, 'Address'), copyable(`${location.protocol}//${location.host}/${bucket}/${keyPath(key)}?${made.query}`, { name: 'the address' }),
      h('h3', {}, 'Pic-Operations'), copyable(made.pic_operations, { name: 'Pic-Operations' }),
      h('h3', {}, 'Rust'), copyable(made.rust, { name: 'the Rust code' }),
    );
  }

  rule.addEventListener('input', () => byHand(rule.value));
  fileId.addEventListener('input', later);
  const store = button('Store the result', async () => {
    if (!rule.value) throw new Error('Add a step first.');
    const made = await page('console/pictures', { method: 'POST', body: { rule: rule.value, bucket, key, file_id: `/${fileId.value.replace(/^\//, '')}` } });
    await call('POST', address('cos', bucket, key, 'image_process'), { headers: { 'pic-operations': made.pic_operations } });
    toast(`${fileId.value} is stored.`);
    location.hash = objectLink(bucket, fileId.value.replace(/^\//, ''));
  });
  const order = [...COMMON, ...operations.map((it) => it.name).filter((it) => !COMMON.includes(it))];
  const choose = select([['', 'Add a step…'], ...order.filter((it) => operations.some((own) => own.name === it))], '', { 'aria-label': 'Step to add' });
  choose.addEventListener('change', () => {
    if (choose.value) add(choose.value);
    choose.value = '';
    changed();
  });
  put(root,
    h('p', { class: 'crumbs' }, h('a', { href: '#/buckets' }, 'Buckets'), ' / ', h('a', { href: bucketLink(bucket) }, bucket), ' / ',
      h('a', { href: objectLink(bucket, key) }, key)),
    h('h1', {}, 'Picture editor'),
    h('div', { class: 'editor' },
      h('div', {},
        h('p', { class: 'actions' }, Object.entries(START).map(([label, text]) => h('button', { type: 'button', class: 'small', on: { click: () => byHand(text) } }, label))),
        list,
        h('div', { class: 'toolbar' }, choose),
        field('Rule', rule, 'Steps stand side by side with | between them. Writing here takes the place of the controls.'),
        h('div', { class: 'toolbar' }, field('Stored as', fileId), store)),
      h('div', {},
        says, result,
        h('figure', { class: 'text' }, h('figcaption', {}, 'Original'),
          h('img', { class: 'preview', src: address('cos', bucket, key), alt: 'The original' })))),
    h('section', { 'aria-label': 'In programs' }, h('h2', {}, 'In programs'), forms),
  );
  await draw();
  return () => {
    clearTimeout(timer);
    if (shownUrl) URL.revokeObjectURL(shownUrl);
  };
}
