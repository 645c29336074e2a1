// Two texts beside each other, with the first difference marked.

import { h } from './dom.js';

const lines = (text) => text.replace(/\n+$/, '').split('\n');

/** Where two texts begin to differ: the line, and the characters in it; nothing if they do not. */
export function firstDifference(ours, theirs) {
  const [a, b] = [lines(ours), lines(theirs)];
  for (let line = 0; line < Math.max(a.length, b.length); line += 1) {
    const [x, y] = [a[line] ?? '', b[line] ?? ''];
    if (x === y && line < a.length && line < b.length) continue;
    let start = 0;
    while (start < Math.min(x.length, y.length) && x[start] === y[start]) start += 1;
    // The whole item of `a=1&b=2`: a single character says nothing.
    start = Math.max(x.slice(0, start).lastIndexOf('&') + 1, 0);
    const end = (text) => {
      const found = text.indexOf('&', start);
      return found < 0 ? text.length : found;
    };
    return { line, start, ends: [end(x), end(y)] };
  }
  return null;
}

function written(text, difference, which) {
  const rows = lines(text).map((line, at) => {
    if (difference?.line !== at) return h('li', {}, line || ' ');
    const { start, ends } = difference;
    return h('li', { class: 'differs' }, line.slice(0, start),
      h('mark', {}, line.slice(start, ends[which]) || '(nothing)'), line.slice(ends[which]));
  });
  if (difference && difference.line >= rows.length) {
    rows.push(h('li', { class: 'differs' }, h('mark', {}, '(no such line)')));
  }
  return h('ol', { class: 'lines' }, rows);
}

/** A text with its lines numbered. */
export function oneText(title, text) {
  return h('figure', { class: 'text' }, h('figcaption', {}, title),
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': title }, written(text, null, 0)));
}

/** Both, with what is said of the difference. */
export function bothTexts(ourTitle, ours, theirTitle, theirs) {
  const difference = firstDifference(ours, theirs);
  const one = (title, text, which) => h('figure', { class: 'text' }, h('figcaption', {}, title),
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': title }, written(text, difference, which)));
  const said = difference
    ? `The first difference is in line ${difference.line + 1}.`
    : 'The texts are equal: the secret key is another one, or the text was changed after it was signed.';
  return h('div', {},
    h('p', { class: 'difference', role: 'status' }, said),
    h('div', { class: 'both' }, one(ourTitle, ours, 0), one(theirTitle, theirs, 1)));
}
