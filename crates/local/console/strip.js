// An inspection drawn as a strip of bytes: what each of them is, from the first to the last.

import { badge, bytes, facts, h, svg, table } from './dom.js';

const WIDTH = 1000;
const LEAST = 4;
const NAMES = { picture: 'picture', extra: 'known extra', gap: 'gap', foreign: 'foreign' };

/** Regions side by side that are of one kind, as one. */
function joined(regions) {
  const all = [];
  for (const region of regions) {
    const before = all.at(-1);
    if (before?.kind === region.kind) before.end = region.end;
    else all.push({ ...region });
  }
  return all;
}

/** Widths in which even a single byte can be seen, and all together fill the strip. */
function widths(regions, size) {
  const raw = regions.map(({ begin, end }) => Math.max(((end - begin + 1) / size) * WIDTH, LEAST));
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((it) => (it / sum) * WIDTH);
}

export function strip(report) {
  const regions = joined(report.regions);
  let x = 0;
  const drawn = widths(regions, report.size).map((width, at) => {
    const { begin, end, kind, what } = regions[at];
    const rect = svg('rect', { class: `byte ${kind}`, x, y: 0, width, height: 40 },
      svg('title', {}, `${NAMES[kind]} (${what}): bytes ${begin} to ${end}, ${bytes(end - begin + 1)}`));
    x += width;
    return rect;
  });
  const said = regions.map(({ begin, end, kind }) => `${NAMES[kind]} from ${begin} to ${end}`).join(', ');
  const kinds = [...new Set(regions.map(({ kind }) => kind))];
  return h('div', { class: 'inspection' },
    facts([
      ['Verdict', report.suspicious ? badge('suspicious', 'bad') : badge('nothing foreign', 'good')],
      ['Format', report.picture ?? 'no picture'],
      ['Size', bytes(report.size)],
      ['Pixels', report.dimensions?.join(' × ')],
    ]),
    regions.length > 0 && svg('svg', { class: 'strip', viewBox: `0 0 ${WIDTH} 40`, preserveAspectRatio: 'none', role: 'img', 'aria-label': `Bytes of the file: ${said}` }, drawn),
    h('p', { class: 'legend' }, kinds.map((kind) => h('span', {}, h('i', { class: `key ${kind}`, 'aria-hidden': 'true' }), NAMES[kind]))),
    table('Regions of the file', ['First byte', 'Last byte', 'Size', 'What'], report.regions.map((it) => [
      String(it.begin), String(it.end), bytes(it.end - it.begin + 1),
      [badge(NAMES[it.kind], { foreign: 'bad', gap: 'warn' }[it.kind] ?? ''), ` ${it.what === it.kind ? '' : it.what} ${it.label}`],
    ]), { class: 'pairs numbers' }),
    report.findings.length > 0 && h('p', {}, 'Found: ', report.findings.map((it) => badge(`${it.what}, certainty ${it.confidence}`, 'bad'))));
}
