// Jobs and tasks: by queue and state, and one of them with all that came of it.

import { page } from './api.js';
import { badge, button, copyable, duration, empty, facts, field, h, put, select, table, time, toast } from './dom.js';
import { objectLink } from './buckets.js';
import { strip } from './strip.js';

const STATES = ['Submitted', 'Running', 'Success', 'Failed', 'Pause', 'Cancel'];
const KINDS = { Success: 'good', Failed: 'bad', Running: 'warn', Pause: 'warn' };
const SOON = 1_000;

const stateBadge = (job) => badge(job.state, KINDS[job.state] ?? '');
const link = (job) => h('a', { href: `#/jobs/${encodeURIComponent(job.id)}` }, job.id.length > 24 ? `${job.id.slice(0, 20)}…` : job.id);

/** How long a job has run, or ran. */
function ran(job, now) {
  if (!job.startedAt) return '–';
  return duration(Math.max((job.endedAt ?? now) - job.startedAt, 0));
}

/** Draws again and again until the view is left; `draw` says whether anything can still change. */
function live(draw) {
  let timer;
  let over = false;
  const next = async () => {
    try {
      await draw();
    } catch (error) {
      toast(error.message, 'bad');
    }
    if (!over) timer = setTimeout(next, document.hidden ? 5 * SOON : SOON);
  };
  timer = setTimeout(next, SOON);
  return () => {
    over = true;
    clearTimeout(timer);
  };
}

export async function jobs(root, query) {
  const state = select([['', 'any'], ...STATES], query.get('state') ?? '');
  const queue = select([['', 'all']], '');
  const place = h('div');
  const queues = h('div');
  const told = h('p', { class: 'hidden', role: 'status', 'aria-live': 'polite' });
  let before = '';
  let pages = 1;

  async function found() {
    const all = [];
    let answer;
    let token = '';
    for (let at = 0; at < pages; at += 1) {
      const asked = new URLSearchParams({
        ...(state.value && { state: state.value }), ...(queue.value && { queue: queue.value }), ...(token && { token }),
      });
      answer = await page(`console/jobs?${asked}`);
      all.push(...answer.jobs);
      token = answer.next;
      if (!token) break;
    }
    return { ...answer, jobs: all, next: token };
  }

  async function draw() {
    const { jobs: all, queues: known, now, next } = await found();
    const text = JSON.stringify([all, known, all.some((it) => it.state === 'Running') && now]);
    if (text === before) return;
    before = text;
    if (queue.options.length !== known.length + 1) {
      const chosen = queue.value;
      queue.replaceChildren(h('option', { value: '' }, 'all'), ...known.map((it) => h('option', { value: it.id }, `${it.name} (${it.bucket})`)));
      queue.value = chosen;
    }
    const running = all.filter((it) => it.state === 'Running').length;
    const waiting = all.filter((it) => it.state === 'Submitted').length;
    told.textContent = `${running} running, ${waiting} waiting`;
    place.replaceChildren(all.length
      ? table('Jobs, newest first', ['Job', 'Kind', 'State', 'Queue', 'Submitted', 'Ran'], all.map((it) => [
        link(it), `${it.service} ${it.tag}`, [stateBadge(it), it.code && h('small', {}, ` ${it.code}`)],
        known.find((own) => own.id === it.queue)?.name ?? '–', time(it.createdAt), ran(it, now),
      ]), { class: 'list' })
      : empty('No job is like this. Submit one:', 'tcloud ci create-image-inspect-job --help'),
    next ? h('p', { class: 'actions' }, button('More', async () => {
      pages += 1;
      await draw();
    })) : '');
    queues.replaceChildren(known.length
      ? table('Queues', ['Queue', 'Bucket', 'Kind', 'State', 'At once'], known.map((it) => [
        it.name, it.bucket, it.kind, badge(it.state, it.state === 'Paused' ? 'warn' : 'good'), String(it.atOnce),
      ]), { class: 'pairs' })
      : h('p', { class: 'hint' }, 'A queue comes with a bucket that is bound to Cloud Infinite: ',
        h('code', {}, 'tcloud ci create-pic-bucket --help')));
  }

  for (const control of [state, queue]) {
    control.addEventListener('change', () => {
      pages = 1;
      draw().catch((error) => toast(error.message, 'bad'));
    });
  }
  put(root, h('h1', {}, 'Jobs and tasks'),
    h('div', { class: 'toolbar', role: 'search' }, field('State', state), field('Queue', queue)),
    told, place, h('section', { 'aria-label': 'Queues' }, h('h2', {}, 'Queues'), queues));
  await draw();
  return live(draw);
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    let depth = 0;
    return text.replace(/></g, '>\n<').split('\n').map((line) => {
      if (line.startsWith('</')) depth -= 1;
      const shown = '  '.repeat(Math.max(depth, 0)) + line;
      if (/^<[^/?!]/.test(line) && !line.endsWith('/>') && !line.includes('</')) depth += 1;
      return shown;
    }).join('\n');
  }
}

function callback(it, draw) {
  const attempts = it.attempts.length
    ? table('Attempts', ['Attempt', 'When', 'Status', 'What was wrong'], it.attempts.map((own) => [
      String(own.number), time(own.at), own.status ? String(own.status) : 'no answer', own.error ?? 'nothing',
    ]), { class: 'pairs' })
    : h('p', { class: 'hint' }, it.count
      ? `${it.count} attempts were made before this process began; the last one: ${it.lastError ?? it.lastStatus ?? 'not recorded'}.`
      : 'No attempt was made yet.');
  return h('div', { class: 'card' },
    h('p', {}, badge(it.state, { Delivered: 'good', Failed: 'bad' }[it.state] ?? 'warn'), ' ', h('code', {}, it.url)),
    it.state === 'Pending' && it.count > 0 && h('p', { class: 'hint' }, 'The next attempt is due at ', time(it.nextAt), '.'),
    attempts,
    h('details', {}, h('summary', {}, `Body (${it.contentType})`), h('pre', { tabindex: 0 }, h('code', {}, pretty(it.body)))),
    it.state !== 'Pending' && h('p', { class: 'actions' }, button('Deliver again', async () => {
      await page(`console/callbacks/${it.id}/again`, { method: 'POST' });
      toast('The callback is due again.');
      await draw();
    })));
}

/** The strip of the picture that a job has inspected, as the object is now: there, or moved. */
async function inspected(job) {
  const key = /<Object>([^<]*)<\/Object>/.exec(job.request ?? '')?.[1];
  if (job.tag !== 'ImageInspect' || !key || !job.endedAt) return null;
  for (const place of [key, `abnormal_images_backup/${key}`]) {
    try {
      const report = await page('console/inspect', { method: 'POST', body: { bucket: job.bucket, key: place } });
      return h('section', { 'aria-label': 'Inspection' }, h('h2', {}, 'Inspection'),
        h('p', { class: 'hint' }, 'Of the object as it is now: ', h('a', { href: objectLink(job.bucket, place) }, place)), strip(report));
    } catch {
      // It may be where suspicious pictures are moved to.
    }
  }
  return h('section', { 'aria-label': 'Inspection' }, h('h2', {}, 'Inspection'), h('p', { class: 'hint' }, 'The object is no longer there.'));
}

export async function job(root, id) {
  const place = h('div');
  let before = '';
  let picture;
  async function draw() {
    const shown = await page(`console/jobs/${encodeURIComponent(id)}`);
    const isOpen = !shown.endedAt;
    const { now, ...rest } = shown;
    const text = JSON.stringify([rest, shown.state === 'Running' && now]);
    if (text === before) return;
    before = text;
    if (!isOpen) picture ??= await inspected(shown);
    place.replaceChildren(...[
      h('h1', {}, `${shown.service} ${shown.tag} `, stateBadge(shown)),
      shown.message && h('p', { class: 'error' }, `${shown.code}: ${shown.message}`),
      isOpen && h('progress', { 'aria-label': `The job is ${shown.state}` }),
      h('p', { class: 'actions' },
        ['Submitted', 'Pause'].includes(shown.state) && button('Cancel', async () => {
          await page(`console/jobs/${encodeURIComponent(id)}/cancel`, { method: 'POST' });
          await draw();
        }, { class: 'danger' }),
        !isOpen && button('Run again', async () => {
          const again = await page(`console/jobs/${encodeURIComponent(id)}/again`, { method: 'POST' });
          location.hash = `#/jobs/${encodeURIComponent(again.id)}`;
        })),
      facts([
        ['Job', h('code', {}, shown.id)], ['Bucket', shown.bucket], ['Region', shown.region], ['Queue', shown.queue && h('code', {}, shown.queue)],
        ['Level', String(shown.level)], ['Class', shown.class], ['Submitted', time(shown.createdAt)],
        ['Began', shown.startedAt && time(shown.startedAt)], ['Ended', shown.endedAt && time(shown.endedAt)],
        ['Ran', ran(shown, now)], ['Begun', `${shown.attempt} ${shown.attempt === 1 ? 'time' : 'times'}`],
      ]),
      picture,
      h('section', { 'aria-label': 'Request' }, h('h2', {}, 'Request'),
        shown.request ? copyable(pretty(shown.request), { name: 'the request' }) : h('p', { class: 'hint' }, 'Not shown: its table is not known.')),
      h('section', { 'aria-label': 'Result' }, h('h2', {}, 'Result'),
        shown.result ? copyable(pretty(shown.result), { name: 'the result' }) : h('p', { class: 'hint' }, isOpen ? 'Not yet.' : 'None.')),
      h('section', { 'aria-label': 'Callbacks' }, h('h2', {}, 'Callbacks'),
        shown.callbacks.length ? shown.callbacks.map((it) => callback(it, draw))
          : h('p', { class: 'hint' }, shown.callbackUrl ? `Will go to ${shown.callbackUrl}.` : 'The job asks for none: give it CallBack.')),
    ].filter(Boolean));
  }
  put(root, h('p', { class: 'crumbs' }, h('a', { href: '#/jobs' }, 'Jobs and tasks'), ' / ', id), place);
  await draw();
  return live(draw);
}
