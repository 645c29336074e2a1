// Buckets, objects and pictures in the console.

import assert from 'node:assert/strict';
import fs from 'node:fs';

import { BUCKET, picture } from './program.mjs';

/** Drops a file on the page, as a person does with the mouse. */
async function drop(tab, name, bytes, type) {
  const transfer = await tab.evaluateHandle(([text, own, kind]) => {
    const content = Uint8Array.from(atob(text), (it) => it.charCodeAt(0));
    const all = new DataTransfer();
    all.items.add(new File([content], own, { type: kind }));
    return all;
  }, [bytes.toString('base64'), name, type]);
  for (const event of ['dragenter', 'dragover', 'drop']) {
    await tab.dispatchEvent('main', event, { dataTransfer: transfer });
  }
}

export async function stored({ tab, report, open, heading, region, press, shown, looks }) {
  await report.case('console: a bucket is made and deleted', async () => {
    await open('#/buckets');
    await shown(tab.getByRole('link', { name: BUCKET }));
    await looks('buckets');
    const other = `other-${process.env.CLOUD_APP_ID}`;
    await tab.getByLabel('New bucket').fill(other);
    await tab.keyboard.press('Enter');
    await shown(heading(other));
    await shown(tab.getByText('There is nothing here yet.'));
    await looks('bucket-empty');
    await press('Delete bucket');
    await tab.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await shown(heading('Buckets'));
    await shown(tab.getByRole('link', { name: BUCKET }));
    assert.equal(await tab.getByRole('link', { name: other }).count(), 0);
  });

  await report.case('console: files are uploaded, by the button and by dropping', async () => {
    await open(`#/buckets/${BUCKET}?prefix=pictures/`);
    await shown(tab.getByRole('button', { name: 'Upload files' }));
    await tab.locator('input[type=file]').setInputFiles([
      { name: 'clean.png', mimeType: 'image/png', buffer: picture('clean.png') },
      { name: 'hidden.png', mimeType: 'image/png', buffer: picture('hidden.png') },
    ]);
    await shown(tab.getByRole('link', { name: 'hidden.png' }));
    await drop(tab, 'dropped <b>.txt', Buffer.from('dropped'), 'text/plain');
    await shown(tab.getByRole('link', { name: 'dropped <b>.txt' }));
  });

  await report.case('console: objects are a tree, and pictures', async () => {
    await open(`#/buckets/${BUCKET}`);
    await tab.getByText('pictures/', { exact: true }).click();
    await shown(tab.getByRole('link', { name: 'clean.png' }));
    await looks('bucket-tree');
    await open(`#/buckets/${BUCKET}?prefix=pictures/&view=pictures`);
    await tab.locator('.thumbnail img').first().waitFor();
    await tab.waitForFunction(() => [...document.querySelectorAll('.thumbnail img')].every((it) => it.naturalWidth > 0));
    assert.equal(await tab.locator('.thumbnail img').count(), 2);
    await looks('bucket-pictures');
  });

  await report.case('console: an object is downloaded, signed, described and deleted', async () => {
    await open(`#/objects/${BUCKET}/${encodeURIComponent('pictures/dropped <b>.txt')}`);
    await shown(heading('dropped <b>.txt'));
    const [download] = await Promise.all([
      tab.waitForEvent('download'), tab.getByRole('link', { name: 'Download' }).first().click(),
    ]);
    assert.equal(fs.readFileSync(await download.path(), 'utf8'), 'dropped');

    await press('Sign');
    const url = await region('Presigned URL').locator('pre').innerText();
    assert.equal(await (await fetch(url)).text(), 'dropped');
    assert.equal((await fetch(url.replace(/q-signature=./, 'q-signature=z'))).status, 403);

    await region('Metadata').getByLabel('x-cos-meta-…').fill('author: me');
    await press('Store', region('Metadata'));
    await shown(tab.getByText('The metadata is stored.'));
    await tab.waitForFunction(() => document.querySelector('textarea')?.value === 'author: me');

    await region('Access').getByLabel('Access').selectOption('public-read');
    await press('Set', region('Access'));
    await shown(tab.getByText('The access is set.'));
    const open_ = url.split('?')[0];
    assert.equal(await (await fetch(open_)).text(), 'dropped');
    await looks('object');

    await tab.locator('.actions').first().getByRole('button', { name: 'Delete' }).click();
    await tab.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await shown(tab.getByRole('link', { name: 'clean.png' }));
    // Whoever may not list a bucket is not told what is missing in it.
    assert.equal((await fetch(open_)).status, 403);
  });

  await report.case('console: versions are kept and shown', async () => {
    await open(`#/buckets/${BUCKET}`);
    await press('Keep versions');
    await shown(tab.getByText('versions: Enabled'));
    for (const text of ['one', 'two']) {
      await tab.locator('input[type=file]').setInputFiles([{ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from(text) }]);
      await shown(tab.getByText('note.txt is stored.'));
      await tab.waitForFunction(() => !document.querySelector('.uploads li'));
    }
    await tab.getByRole('link', { name: 'note.txt' }).click();
    await shown(region('Versions'));
    assert.equal(await region('Versions').locator('tbody tr').count(), 2);
    await shown(region('Versions').getByText('latest'));
  });

  await report.case('console: a picture is edited, and its pipeline is there in every form', async () => {
    await open(`#/objects/${BUCKET}/${encodeURIComponent('pictures/clean.png')}`);
    await tab.getByRole('link', { name: 'Edit the picture' }).click();
    await shown(heading('Picture editor'));
    await tab.getByLabel('Step to add').selectOption('ImageMogr2');
    await tab.getByLabel('Parameter of ImageMogr2').selectOption('thumbnail');
    await tab.getByLabel('Form of thumbnail').selectOption('/thumbnail/<Width>x');
    await tab.getByLabel('Width').fill('40');
    await tab.getByLabel('Parameter of ImageMogr2').selectOption('format');
    await tab.locator('fieldset', { hasText: 'format' }).getByRole('combobox').last().selectOption('webp');
    await shown(tab.getByText(/^40 × \d+ pixels, .*image\/webp/));
    const forms = await region('In programs').innerText();
    assert.match(forms, /imageMogr2\/thumbnail\/40x\/format\/webp/);
    assert.match(forms, /"rules":\[\{"fileid"/);
    assert.match(forms, /let pipeline: Pipeline = "imageMogr2\/thumbnail\/40x\/format\/webp"\.parse\(\)\?;/);
    await looks('editor');
    await tab.getByLabel('Rule').fill('imageMogr2/rotate/left');
    await shown(tab.getByText(/Degrees|expected|number/));
    await press('Turned');
    await shown(tab.getByText(/image\/png/));
    await tab.getByLabel('Stored as').fill('edited/turned.png');
    await press('Store the result');
    await shown(heading('turned.png'));
  });
}
