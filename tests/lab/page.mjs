// SPDX-License-Identifier: MIT
/** The page in Chromium: it boots, and shows what the kernel's log says. */
import path from 'node:path';
import { openBrowser } from './browser.mjs';
import { built, done, equal, result } from './tap.mjs';

const FIRST_LINE_SECONDS = 4; // on a quiet machine with two processors
const BUSY = 5; // times slower beside other tests

const browser = await openBrowser(built);

/** The text of the console, with what has scrolled away. */
const consoleText = (page) => page.evaluate(() => window.lab.consoleText());

async function waitForLine(page, text, seconds = 60) {
	await page.waitForFunction((wanted) => window.lab?.consoleText().includes(wanted), text, { timeout: seconds * 1000 });
}

async function boots() {
	const began = performance.now();
	const page = await browser.page('?options=suites=none programs=cow');
	await waitForLine(page, 'ok 1 - ');
	const seconds = (performance.now() - began) / 1000;
	result(seconds < FIRST_LINE_SECONDS * BUSY, `the first line of a program after ${seconds.toFixed(1)} s`);
	await waitForLine(page, 'verdict: result=pass');
	const free = /# free frames: before=\d+ after=(\d+)/.exec(await consoleText(page))[1];
	await page.waitForFunction(() => document.getElementById('state').dataset.state === 'ended');
	equal(await page.locator('[data-owner=free]').textContent(), free, 'the panel of frames shows the free frames of the log');
	await page.screenshot({ path: path.join(built, 'page.png') });
	await page.close();
}

await boots();
equal(browser.foreign, [], 'no request leaves the machine');
equal(browser.errors, [], 'no script failed');
await browser.close();
done();
