// SPDX-License-Identifier: MIT
/** The page on a running QEMU, as `make run LAB=1` starts it. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { openBrowser } from './browser.mjs';
import { built, done, equal, result } from './tap.mjs';

const SECONDS = 60;

const log = path.join(built, 'live.log');
const live = spawn('lab/live', [path.join(built, 'dist'), '--quiet', '--mem', '64M', '--log', log, '--options', 'suites=none programs=cow'], { stdio: ['ignore', 'pipe', 'inherit'] });
let text = '';
live.stdout.on('data', (data) => { text += data; });
process.on('exit', () => live.kill()); // also after an error
const ended = new Promise((resolve) => live.on('close', resolve));
const browser = await openBrowser(built);
for (let i = 0; i < SECONDS * 10 && !/\?qemu=\S+/.test(text); i++)
	await new Promise((resolve) => setTimeout(resolve, 100));
await new Promise((resolve) => setTimeout(resolve, 1000)); // QEMU opens its ports

const page = await browser.page(/\?qemu=\S+/.exec(text)?.[0] ?? '');
const state = (wanted) => page.waitForFunction((name) => document.getElementById('state').dataset.state === name, wanted, { timeout: SECONDS * 1000 });
await state('paused');
await page.click('[data-act=fault]');
await page.waitForFunction(() => document.querySelector('#story h2')?.textContent.startsWith('Page fault: cow'), null, { timeout: SECONDS * 1000 });
equal(await page.locator('[data-fact=decision]').textContent(), 'ok', 'a fault in QEMU has its story');
const { byOwner, frames } = await page.evaluate(() => { const { byOwner: sums, frames: all } = window.lab.picture(); return { byOwner: sums, frames: all.length }; });
equal(byOwner.reduce((sum, count) => sum + count), frames, 'every frame has an owner');
await page.evaluate(() => {
	window.lab.call('run');
	window.lab.call('step', { kind: 'allocation' }); // of a machine that runs
});
await page.waitForFunction(() => document.querySelector('#story h2')?.textContent === 'The next allocation', null, { timeout: SECONDS * 1000 });
result(true, 'a machine that runs is stopped at the next allocation');
for (let i = 0; i < 4; i++) // whichever comes first: the stop, or Pause
	await page.evaluate(() => { window.lab.call('step', { kind: 'fault' }); window.lab.call('pause'); });
await page.click('[data-act=fault]');
await page.waitForFunction(() => document.querySelector('#story h2')?.textContent.startsWith('Page fault: cow'), null, { timeout: SECONDS * 1000 });
result(true, 'a step that was given up does no harm to the next one');
await page.evaluate(() => window.lab.call('run'));
await state('ended');
equal(await ended, 0, 'the run goes on to its verdict');
equal(browser.errors, [], 'no script failed');
result(/PASS/.test(text), 'the log is judged', text);
await browser.close();
done();
