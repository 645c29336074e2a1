// Jobs and the state of the cloud in the console.

import assert from 'node:assert/strict';

import { inspectJob, pictureHost, send } from './program.mjs';

export async function jobs({ tab, report, open, heading, region, press, shown, looks }) {
  await report.case('console: a job is followed to its end', async () => {
    await open('#/jobs');
    await shown(heading('Jobs and tasks'));
    await shown(tab.getByText('No job is like this.'));
    const headers = { 'Content-Type': 'application/xml' };
    // Nobody listens there, and private addresses are not called anyway: the attempts fail.
    const more = '<CallBack>http://127.0.0.1:9/done</CallBack>';
    const sent = await send('POST', pictureHost, '/jobs', { body: inspectJob('pictures/hidden.png', more), headers });
    assert.equal(sent.status, 200, sent.text);
    const id = /<JobId>([^<]*)/.exec(sent.text)[1];
    await shown(tab.getByRole('row', { name: /ImageInspect Success/ }));
    await looks('jobs');
    await open(`#/jobs/${id}`);
    await shown(heading(/ImageInspect Success/));
    const inspection = region('Inspection');
    await shown(inspection.getByText('suspicious'));
    const strip = inspection.getByRole('img');
    assert.match(await strip.getAttribute('aria-label'), /picture from 0 to \d+, foreign from \d+ to \d+/);
    assert.equal(await strip.locator('rect.foreign').count(), 1);
    await shown(region('Request').getByText('pictures/hidden.png'));
    await shown(region('Result').getByText(/MPEG-TS/));

    const callbacks = region('Callbacks');
    await shown(callbacks.getByText('Failed'));
    assert.equal(await callbacks.locator('tbody tr').count(), 1);
    await press('Deliver again', callbacks);
    await tab.waitForFunction(() => document.querySelectorAll('section[aria-label=Callbacks] tbody tr').length === 2);
    await looks('job');

    await press('Run again');
    await tab.waitForFunction((old) => location.hash.startsWith('#/jobs/') && !location.hash.endsWith(old), id);
    await shown(heading(/ImageInspect Success/));
  });

  await report.case('console: faults and the clock are set and shown everywhere', async () => {
    await open('#/state');
    const faults = region('Faults');
    await faults.getByLabel('Operation').fill('GetObject');
    await faults.getByLabel('How many').fill('1');
    await press('Add the rule', faults);
    await shown(faults.getByText('GetObject, 1 at most'));
    await shown(tab.getByRole('status', { name: 'State of the cloud' }).getByText('1 fault'));
    await press('Put it ahead');
    await shown(tab.getByRole('status', { name: 'State of the cloud' }).getByText('clock 60 min ahead'));
    await shown(region('What is implemented').getByText('PutObject', { exact: true }));
    await looks('state');
    await press('Remove the rule 1', faults);
    await shown(faults.getByText('No request fails on purpose.'));
  });

  await report.case('console: the cloud is emptied', async () => {
    await press('Empty the cloud');
    await tab.getByRole('dialog').getByRole('button', { name: 'Empty it' }).click();
    await shown(tab.getByText(/^Gone: \d+ buckets/));
    await open('#/requests');
    await shown(tab.getByText('No request has come yet'));
  });
}
