// Elements, and how times, sizes and messages are written. Texts are always text, never markup.

const SVG = 'http://www.w3.org/2000/svg';

function set(element, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name === 'on') {
    for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
  } else if (name === 'text') {
    element.textContent = value;
  } else if (name === 'value') {
    element.value = value;
  } else {
    element.setAttribute(name, value === true ? '' : String(value));
  }
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) set(element, name, value);
  element.append(...children.flat(Infinity).filter((it) => it !== null && it !== undefined && it !== false));
  return element;
}

/** An element with attributes, listeners under `on`, and children; texts among them stay texts. */
export function h(name, properties = {}, ...children) {
  return fill(document.createElement(name), properties, children);
}

/** The same of a drawing. */
export function svg(name, properties = {}, ...children) {
  return fill(document.createElementNS(SVG, name), properties, children);
}

/** Adds to an element what is there of `children`. */
export function put(element, ...children) {
  fill(element, {}, children);
}

/** A button that acts once at a time and says what went wrong. */
export function button(label, act, properties = {}) {
  const element = h('button', { type: 'button', ...properties }, label);
  element.addEventListener('click', async () => {
    element.disabled = true;
    try {
      await act();
    } catch (error) {
      toast(error.message, 'bad');
    } finally {
      element.disabled = false;
    }
  });
  return element;
}

/** A field with its label. */
export function field(label, control, hint) {
  return h('label', { class: 'field' }, h('span', {}, label), control, hint && h('small', {}, hint));
}

export function select(options, value, properties = {}) {
  const items = options.map((it) => (Array.isArray(it) ? it : [it, it]));
  const element = h('select', properties, items.map(([key, text]) => h('option', { value: key }, text)));
  element.value = value;
  return element;
}

/** A table with its head; rows are lists of cells, which phones show with their labels. */
export function table(caption, heads, rows, properties = {}) {
  const cell = (content, at) => h('td', { 'data-label': heads[at] }, content);
  return h('table', properties,
    h('caption', { class: 'hidden' }, caption),
    h('thead', {}, h('tr', {}, heads.map((it) => h('th', { scope: 'col' }, it)))),
    h('tbody', {}, rows.map((row) => (row instanceof Node ? row : h('tr', {}, row.map(cell))))));
}

/** Names and values. */
export function facts(pairs) {
  return h('dl', { class: 'facts' }, pairs
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))));
}

/** What stands where there is nothing yet, with the command that changes that. */
export function empty(text, command) {
  return h('div', { class: 'empty' }, h('p', {}, text), command && copyable(command));
}

/** A text to be copied, with the button that does. */
export function copyable(text, properties = {}) {
  const copy = button('Copy', async () => {
    await navigator.clipboard.writeText(text);
    toast('Copied.');
  }, { class: 'small', 'aria-label': `Copy ${properties.name ?? 'this text'}` });
  return h('div', { class: 'copyable' }, h('pre', { tabindex: 0 }, h('code', {}, text)), copy);
}

export function badge(text, kind = '') {
  return h('span', { class: `badge ${kind}` }, text);
}

/** Says something for a while. */
export function toast(text, kind = '') {
  const element = h('p', { class: `toast ${kind}` }, text);
  document.getElementById('toasts').append(element);
  setTimeout(() => element.remove(), kind === 'bad' ? 10_000 : 4_000);
}

/** Asks before something is lost. */
export function confirmed(question, verb) {
  return new Promise((resolve) => {
    const end = (answer) => () => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const dialog = h('dialog', { 'aria-label': question },
      h('p', {}, question),
      h('p', { class: 'actions' },
        h('button', { type: 'button', class: 'danger', on: { click: end(true) } }, verb),
        h('button', { type: 'button', on: { click: end(false) }, autofocus: true }, 'Keep')));
    dialog.addEventListener('cancel', end(false));
    document.body.append(dialog);
    dialog.showModal();
  });
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

export function bytes(number) {
  let [value, unit] = [Number(number), 0];
  while (value >= 1024 && unit < UNITS.length - 1) [value, unit] = [value / 1024, unit + 1];
  const text = unit === 0 ? String(value) : value.toFixed(value < 10 ? 1 : 0);
  return `${text} ${value === 1 && unit === 0 ? 'byte' : UNITS[unit]}`;
}

/** Milliseconds, as long as they are few. */
export function duration(milliseconds) {
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  return seconds < 120 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds / 60)} min`;
}

/** A moment, with the whole of it where one points. */
export function time(moment) {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return '–';
  const today = date.toDateString() === new Date().toDateString();
  const text = today ? date.toLocaleTimeString() : date.toLocaleString();
  return h('time', { datetime: date.toISOString(), title: date.toISOString() }, text);
}
