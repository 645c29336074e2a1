// The state of the cloud: emptying it, its clock, rules for faults, and what it can do.

import { page } from './api.js';
import { badge, button, confirmed, duration, empty, facts, field, h, put, select, table, toast } from './dom.js';
import { faults } from './faults.js';

const changed = () => dispatchEvent(new Event('cloud-changed'));

function section(title, ...content) {
  return h('section', { 'aria-label': title }, h('h2', {}, title), ...content);
}

function reset() {
  return section('Empty it',
    h('p', {}, 'Buckets, objects, jobs, callbacks, faults and recorded requests go, and the clock shows the time again. Keys and the buckets of the settings stay.'),
    h('p', { class: 'actions' }, button('Empty the cloud', async () => {
      if (!await confirmed('Empty the cloud? Nothing of it can be brought back.', 'Empty it')) return;
      const { buckets, objects, jobs } = await page('reset', { method: 'POST' });
      toast(`Gone: ${buckets} buckets, ${objects} objects, ${jobs} jobs.`);
      changed();
      dispatchEvent(new HashChangeEvent('hashchange'));
    }, { class: 'danger' })));
}

async function clock() {
  const place = h('div', { role: 'status' });
  const amount = h('input', { type: 'number', min: 1, value: 1 });
  const unit = select([['60', 'minutes'], ['3600', 'hours'], ['86400', 'days']], '3600');
  const draw = ({ now, ahead_seconds: ahead }) => place.replaceChildren(facts([
    ['Shows', now], ['Ahead of the time', ahead ? duration(ahead * 1000) : 'not at all'],
  ]));
  draw(await page('clock'));
  const advance = button('Put it ahead', async () => {
    draw(await page(`clock?advance=${Math.round(Number(amount.value) * Number(unit.value))}`, { method: 'POST' }));
    changed();
  });
  return section('Clock', place, h('div', { class: 'toolbar' }, field('By', amount), field('Unit', unit), advance),
    h('p', { class: 'hint' }, 'It cannot be put back, except by emptying the cloud.'));
}

function operations({ services, engines, rules }) {
  const find = h('input', { type: 'search', placeholder: 'acl, ImageInspect…' });
  const only = select([['done', 'what is done'], ['kept', 'what is only kept'], ['refused', 'what is refused'], ['all', 'all']], 'done');
  const place = h('div');
  const fits = {
    done: (it) => it.implemented, kept: (it) => it.kept, refused: (it) => !it.implemented, all: () => true,
  };
  const all = services.flatMap(({ name, operations: list }) => list.map((it) => ({ ...it, service: name })));
  const draw = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = all.filter((it) => fits[only.value](it)
      && words.every((word) => `${it.service} ${it.name} ${it.summary}`.toLowerCase().includes(word)));
    place.replaceChildren(
      h('p', { class: 'hint', role: 'status' }, `${found.length} of ${all.length} operations`),
      found.length ? table('Operations', ['Service', 'Operation', 'State', 'What it does'], found.slice(0, 400).map((it) => [
        it.service,
        it.document ? h('a', { href: it.document, target: '_blank', rel: 'noreferrer' }, it.name) : it.name,
        it.kept ? badge('kept, not acted on', 'warn') : badge(it.implemented ? 'done' : 'refused by name', it.implemented ? 'good' : ''),
        [it.why_not ?? it.summary, it.engine && h('small', {}, ` By ${it.engine}.`)],
      ]), { class: 'pairs' }) : empty('No operation is called like this.'),
    );
  };
  find.addEventListener('input', draw);
  only.addEventListener('change', draw);
  draw();
  const count = ({ name, title, operations: list }) => [name, title, `${list.filter((it) => it.implemented).length} of ${list.length}`];
  return [
    section('Engines', table('Engines', ['Engine', 'Is for', 'Built in'], engines.map((it) => [
      h('code', {}, it.name), it.purpose, badge(it.built ? 'yes' : 'no', it.built ? 'good' : 'warn'),
    ]), { class: 'pairs' })),
    section('Rules of pictures', h('details', {}, h('summary', {}, `${rules.filter((it) => it.engine).length} of ${rules.length} parts of rules are done`),
      table('Rules of pictures', ['Part of a rule', 'State', 'By, or why not'], rules.map((it) => [
        h('code', {}, it.rule), badge(it.engine ? 'done' : 'refused by name', it.engine ? 'good' : ''), it.engine ?? it.why_not,
      ]), { class: 'pairs' }))),
    section('What is implemented', table('Services', ['Service', 'Name', 'Done'], services.map(count), { class: 'pairs' }),
      h('div', { class: 'toolbar', role: 'search' }, field('Find', find), field('Show', only)), place),
  ];
}

export async function state(root) {
  const known = await page('console/operations');
  put(root, h('h1', {}, 'State'), await clock(), await faults(known, changed), reset(), ...operations(known));
}
