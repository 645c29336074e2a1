// The console of the local cloud, as a person uses it, in headless Chromium.
//
// CONSOLE_PICTURES names a folder for pictures of every view, dark and light and at a phone's width.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { Report } from '../node/report.mjs';
import { jobs } from './jobs.mjs';
import { BUCKET, pictureHost, send, storageHost } from './program.mjs';
import { stored } from './stored.mjs';

const require = createRequire(path.join(process.env.CLOUD_PACKAGES, 'package.json'));
const { chromium } = require('playwright-core');

const ORIGIN = `http://${process.env.CLOUD_ADDRESS}`;
const PAGE = `${ORIGIN}/_local/`;
const folder = process.env.CONSOLE_PICTURES;
const XML = { 'Content-Type': 'application/xml' };

const report = new Report('console');
// Whoever runs this in a container is root there, whom its sandbox does not let in.
const browser = await chromium.launch({
  executablePath: process.env.CLOUD_BROWSER,
  args: process.getuid() === 0 ? ['--no-sandbox'] : [],
});
const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'], acceptDownloads: true });
const tab = await context.newPage();
tab.setDefaultTimeout(20_000);
const wrong = [];
tab.on('pageerror', (error) => wrong.push(String(error)));
tab.on('console', (message) => {
  // The browser itself says when an answer is an error, which the console shows.
  if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
    const { url, lineNumber } = message.location();
    wrong.push(`${url}:${lineNumber}: ${message.text()}`);
  }
});
const asked = new Set();
tab.on('request', (request) => asked.add(new URL(request.url()).origin));

const open = (hash) => tab.goto(`${PAGE}${hash}`);
const heading = (name) => tab.getByRole('heading', { level: 1, name });
const region = (name) => tab.getByRole('region', { name, exact: true });
const press = (name, place = tab) => place.getByRole('button', { name, exact: true }).click();
const shown = (locator) => locator.first().waitFor();

/** Every control has a name that a screen reader can say, and every view its landmarks. */
async function named() {
  const nameless = await tab.evaluate(() => [...document.querySelectorAll('input, select, textarea, button, a, img, svg, progress')]
    .filter((it) => !it.closest('[hidden]') && it.getAttribute('alt') !== '')
    .filter((it) => !(it.labels?.length && it.labels[0].textContent.trim()) && !it.getAttribute('aria-label')
      && !it.getAttribute('alt') && !it.textContent.trim() && !it.title)
    .map((it) => it.outerHTML.slice(0, 120)));
  assert.deepEqual(nameless, []);
  for (const role of ['banner', 'navigation', 'main']) assert.equal(await tab.getByRole(role).count(), 1, role);
  assert.equal(await tab.getByRole('heading', { level: 1 }).count(), 1);
}

/** Nothing is wider than the window; pictures of the view, if they are wanted. */
async function looks(name) {
  await named();
  for (const [kind, width, scheme] of [['light', 1280, 'light'], ['dark', 1280, 'dark'], ['phone', 390, 'light']]) {
    await tab.setViewportSize({ width, height: 900 });
    await tab.emulateMedia({ colorScheme: scheme });
    const over = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (folder) {
      fs.mkdirSync(folder, { recursive: true });
      // The driver hides the caret by a style of its own, which the page does not allow it.
      // With the caret as it is: to hide it, the driver would add a style that the page forbids.
      await tab.screenshot({ path: path.join(folder, `${name}-${kind}.png`), fullPage: true, caret: 'initial' });
    }
    assert.ok(over <= 0, `${name} is ${over} pixels wider than ${width}`);
  }
  await tab.setViewportSize({ width: 1280, height: 900 });
}

await report.case('console: the page is alone with its own scripts', async () => {
  const answer = await open('');
  const policy = answer.headers()['content-security-policy'];
  assert.match(policy, /default-src 'none'; script-src 'self';/);
  assert.match(policy, /frame-ancestors 'none'/);
  await shown(heading('Requests'));
  await shown(tab.getByText('No request has come yet'));
  await looks('requests-none');
});

await report.case('console: requests come live', async () => {
  await shown(tab.getByText('live', { exact: true }));
  const put = await send('PUT', storageHost, '/notes/hello.txt', { body: 'hello' });
  assert.equal(put.status, 200);
  const row = tab.locator(`tr[data-id="${put.id}"]`);
  await shown(row);
  const text = await row.innerText();
  for (const part of ['cos.PutObject', '200', 'valid', '/notes/hello.txt', storageHost]) assert.ok(text.includes(part), part);
  assert.match(await tab.locator('[aria-live]').first().textContent(), /PutObject/);
});

await report.case('console: a request is shown without its secrets, beside its table', async () => {
  await tab.getByRole('link', { name: 'cos.PutObject' }).first().focus();
  await tab.keyboard.press('Enter');
  await shown(heading(/cos\.PutObject/));
  const headers = await region('Headers').innerText();
  assert.match(headers, /q-signature=\(secret\)/);
  assert.doesNotMatch(headers, /q-signature=[0-9a-f]/);
  const tree = region('Request and table');
  await shown(tree.getByText('notes/hello.txt'));
  assert.equal(await tree.getByText('x-cos-forbid-overwrite').count(), 0);
  await tree.getByLabel('Show the whole table').check();
  await shown(tree.getByText('x-cos-forbid-overwrite'));
  await looks('request');
});

await report.case('console: of a refused signature the difference is found', async () => {
  // Signed for the host of the bucket, sent by path: what a client does that has another endpoint.
  const sent = { host: process.env.CLOUD_ADDRESS, path: `/${BUCKET}/notes/hello.txt` };
  const refused = await send('GET', storageHost, '/notes/hello.txt', { sent });
  assert.equal(refused.status, 403);
  await open(`#/requests/${refused.id}`);
  const signature = region('Signature');
  await shown(signature.getByText(/The client signed for the host/));
  await shown(signature.getByText('The first difference is in line 2.'));
  assert.deepEqual(await signature.locator('mark').allInnerTexts(), ['/notes/hello.txt', `/${BUCKET}/notes/hello.txt`]);
  await looks('signature-found');
});

await report.case('console: a text that is pasted is compared', async () => {
  const refused = await send('GET', storageHost, '/notes/hello.txt', { secret: 'another' });
  assert.equal(refused.status, 403);
  await open(`#/requests/${refused.id}`);
  const signature = region('Signature');
  await signature.getByLabel('What your client signed').fill(`get\n/notes/hello.txt\n\nhost=elsewhere\n`);
  await shown(signature.getByText('The first difference is in line 4.'));
  assert.deepEqual(await signature.locator('mark').allInnerTexts(), ['host=elsewhere', `host=${storageHost}`]);
  await looks('signature-pasted');
});

await report.case('console: what is wrong stands at its node', async () => {
  assert.equal((await send('PUT', pictureHost, '/')).status, 200);
  assert.equal((await send('POST', pictureHost, '/picbucket')).status, 200);
  const body = '<Request><Tag>ImageInspect</Tag><Operation><JobLevel>9</JobLevel></Operation><Mystery>1</Mystery></Request>';
  const refused = await send('POST', pictureHost, '/jobs', { body, headers: XML });
  assert.equal(refused.status, 501);
  await open(`#/requests/${refused.id}`);
  const tree = region('Request and table');
  const problem = (node) => tree.locator('tr.wrong').filter({ has: tab.getByText(node, { exact: true }) });
  assert.match(await problem('Input').innerText(), /is required/);
  assert.match(await problem('JobLevel').innerText(), /9/);
  assert.match(await problem('Mystery').innerText(), /not in the table/);
  await looks('violations');
});

await report.case('console: requests are found', async () => {
  await open('#/requests');
  await shown(tab.getByRole('row').nth(1));
  await tab.getByLabel('Show').selectOption('refused');
  await shown(tab.getByText('403 SignatureDoesNotMatch'));
  assert.equal(await tab.getByText('cos.PutObject').count(), 0);
  await tab.getByLabel('Show').selectOption('all');
  await tab.getByLabel('Find').fill('putobject');
  await shown(tab.getByText('cos.PutObject'));
  assert.equal(await tab.locator('tbody tr').count(), 1);
  await tab.getByLabel('Find').fill('');
  await looks('requests');
});

await stored({ tab, report, open, heading, region, press, shown, looks });
await jobs({ tab, report, open, heading, region, press, shown, looks });

await report.case('console: nobody else is asked, and nothing went wrong', async () => {
  asked.delete('null');
  assert.deepEqual([...asked], [ORIGIN]);
  assert.deepEqual(wrong, []);
  assert.deepEqual(await context.cookies(), []);
});
await browser.close();
process.exit(report.finish());
