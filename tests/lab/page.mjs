// SPDX-License-Identifier: MIT
/** The page in Chromium: it boots, and shows what the kernel's log says. */
import fs from 'node:fs';
import path from 'node:path';
import { openBrowser } from './browser.mjs';
import { built, done, equal, result } from './tap.mjs';

const FIRST_LINE_SECONDS = 4; // on a quiet machine with two processors
const LONGEST_TASK = 50; // ms of processor time: so the result is the same beside other tests
const OUTLIERS = 3; // tasks that may be longer: a collection of garbage, or a processor that others keep busy
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

/** Waits until the machine is in a state. */
const stateIs = (page, wanted) => page.waitForFunction((name) => document.getElementById('state').dataset.state === name, wanted, { timeout: 60000 });

const heading = (page) => page.locator('#story h2').textContent();

/** Acts, and waits for another story: the page may draw the present one again before the machine runs. */
async function stop(page, act) {
	const before = await heading(page);
	await act();
	await page.waitForFunction((old) => {
		const now = document.querySelector('#story h2')?.textContent;
		return now && now !== old && document.getElementById('state').dataset.state === 'paused';
	}, before, { timeout: 60000 });
	return heading(page);
}

/** Every control, by mouse and by key. */
async function controls() {
	const page = await browser.page('?exercise=cow', { colorScheme: 'dark' });
	const tasks = await browser.tasks(page, () => tryControls(page));
	await fileOfMoment(page);
	result(tasks.length > 100 && tasks[OUTLIERS] <= LONGEST_TASK, `the page always answers: its longest tasks take ${tasks.slice(0, 3).map(Math.round).join(', ')} ms`, tasks.slice(0, 10));
	await page.close();
}

async function tryControls(page) {
	await stateIs(page, 'paused');
	const first = await heading(page);
	result(/^Page fault: cow \d+, (read|write) of [0-9a-f]{8}$/.test(first), 'an exercise begins at the first fault', first);
	const fact = (name) => page.locator(`[data-fact="${name}"]`).first().textContent();
	const second = await stop(page, () => page.click('[data-act=fault]'));
	result(second !== first && await fact('decision') === 'ok' && /ring 3/.test(await fact('instruction')), 'the next fault has a story', second);
	equal(await stop(page, () => page.keyboard.press('z')), first, 'the key z steps back');
	equal(await stop(page, () => page.keyboard.press('f')), second, 'the key f steps to the same fault again');
	await page.keyboard.press('s');
	await page.waitForFunction(() => location.hash.startsWith('#moment='));
	result(/allocation/.test(await stop(page, () => page.keyboard.press('a'))), 'the key a steps to an allocation');
	result(/split or merge/.test(await stop(page, () => page.keyboard.press('b'))), 'the key b steps to a split or merge');
	equal(await stop(page, () => page.keyboard.press('l')), second, 'the key l goes to the saved moment');
	result(/^This (entry|frame) has changed$/.test(await stop(page, async () => {
		await page.selectOption('#controls select', 'entry');
		await page.click('[data-act=change]');
	})), 'the entry of the fault changes');
	await panels(page);
	await page.screenshot({ path: path.join(built, 'page-dark.png') });
	await page.keyboard.press('r');
	await page.waitForFunction(() => document.getElementById('state').dataset.state !== 'paused');
	await stateIs(page, 'ended');
	result(await page.locator('#story').isHidden(), 'r runs to the end');
}

/** A moment in a file: another page goes there, and says so if it has another kernel. */
async function fileOfMoment(page) {
	const wanted = await stop(page, () => page.keyboard.press('l'));
	const download = page.waitForEvent('download');
	await page.click('[data-act=settings]');
	await page.click('text=This moment');
	const file = path.join(built, 'moment.json');
	await (await download).saveAs(file);
	await page.keyboard.press('Escape');
	const other = await browser.page('?options=suites=none programs=none');
	await other.setInputFiles('#settings input[type=file]', file);
	await other.waitForFunction(() => document.querySelector('#story h2'), null, { timeout: 60000 });
	equal(await heading(other), wanted, 'a moment that was saved in a file is opened');
	fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/"kernel": "\w+"/, '"kernel": "another"'));
	await other.setInputFiles('#settings input[type=file]', file);
	await other.waitForFunction(() => document.getElementById('look').textContent.includes('another kernel'), null, { timeout: 60000 });
	result(true, 'a moment of another kernel is refused');
	await other.close();
}

/** Each tab shows what the worker read; a frame has its story. */
async function panels(page) {
	for (const [tab, text] of [['lists', 'watermarks'], ['slabs', 'vm_area_struct'], ['processes', '[stack]'], ['tables', 'page directory of'], ['maps', '/tests/cow'], ['events', 'order 0']]) {
		await page.click(`#tab-${tab}`);
		await page.waitForFunction(([name, wanted]) => document.getElementById(`panel-${name}`).textContent.includes(wanted), [tab, text], { timeout: 20000 });
		result(true, `the panel ${tab}`);
	}
	await page.click('#tab-maps');
	await page.focus('#panel-maps [tabindex="0"]');
	await page.keyboard.press('ArrowDown');
	const said = await page.locator('#panel-maps p').first().textContent();
	result(/^(process \d+, )?page [0-9a-f]{8}: frame \d+/.test(said), 'arrow keys go through the pages of a map', said);
	await page.click('#tab-events');
	await sizes(page);
	await page.focus('#frames .grid');
	await page.keyboard.press('End');
	await page.keyboard.press('Enter');
	await page.waitForSelector('#frame[open]');
	const { frames } = await page.evaluate(() => ({ frames: window.lab.picture().frames.length }));
	equal(await page.locator('#frame h2').textContent(), `Frame ${frames - 1}`, 'Enter tells the story of the frame under the cursor');
	await page.keyboard.press('Escape');
}

/** On a desktop and on a tablet held across nothing is cut off; the page itself does not scroll. */
async function sizes(page) {
	for (const [width, height] of [[1280, 800], [1180, 820]]) {
		await page.setViewportSize({ width, height });
		equal(await page.evaluate(() => [document.documentElement.scrollWidth <= innerWidth, document.documentElement.scrollHeight <= innerHeight]), [true, true], `${width}x${height}: nothing is cut off`);
	}
}

/** A file with a trace takes the place of the machine. */
async function recorded(page) {
	await page.setInputFiles('#settings input[type=file]', path.join(built, 'trace.raw'));
	await page.waitForSelector('#timeline:not([hidden])');
	await stateIs(page, 'paused');
	const total = await page.evaluate(() => Number(document.querySelector('#timeline input').max));
	const position = () => page.evaluate(() => Number(document.querySelector('#timeline input').value));
	result(total > 1000 && await position() === 0 && await page.locator('#console').isHidden(), 'a trace is opened at its start; without a log there is no console', total);
	await page.focus('#timeline input');
	const place = (wanted) => page.waitForFunction((number) => document.querySelector('#timeline output').textContent.startsWith(`event ${number.toLocaleString('en')} `), wanted);
	await page.keyboard.press('End');
	await place(total);
	const { counts, owned } = await page.evaluate(() => ({ counts: [...document.querySelectorAll('#panel-events [data-kind]')].map((button) => button.textContent), owned: window.lab.picture().byOwner }));
	await page.keyboard.press('ArrowLeft');
	await place(total - 1);
	result(owned.some((frames) => frames > 100), 'the slider leads to the end, and an arrow key an event back', owned);
	const fault = await stop(page, () => page.keyboard.press('Shift+F'));
	result(/: fault, \w+ \d+$/.test(fault), 'Shift and f go to the fault before', fault);
	const at = await position();
	await stop(page, () => page.keyboard.press('e'));
	equal([await position(), await stop(page, () => page.keyboard.press('z'))], [at + 1, fault], 'e goes an event on, z one back');
	await page.click('#tab-events');
	await page.waitForFunction(() => /fault [1-9]/.test(document.getElementById('panel-events').textContent));
	for (const [tab, text] of [['lists', 'DMA'], ['slabs', 'vm_area_struct'], ['processes', 'forktree'], ['tables', 'page directory of'], ['maps', 'forktree']]) {
		await page.click(`#tab-${tab}`);
		await page.waitForFunction(([name, wanted]) => document.getElementById(`panel-${name}`).textContent.includes(wanted), [tab, text], { timeout: 20000 });
		result(true, `the trace fills the panel ${tab}`, counts);
	}
	await page.screenshot({ path: path.join(built, 'page-trace.png') });
}

/** A link to a trace that is none, or is not there, says so. */
async function wrongLinks() {
	for (const [name, text] of [['index.html', 'this is no trace'], ['missing', '404']]) {
		const page = await browser.page(`?trace=${name}`);
		await page.waitForFunction((wanted) => document.getElementById('state').textContent.includes(wanted), text, { timeout: 60000 });
		result(true, `a link to the trace ${name}: ${text}`);
		await page.close();
	}
}

/** The prompt, with a keyboard alone; and a tablet. */
async function prompt() {
	const page = await browser.page('', { viewport: { width: 820, height: 1180 }, hasTouch: true });
	await waitForLine(page, '> ');
	await page.keyboard.press('Tab');
	for (let i = 0; i < 8 && !await page.evaluate(() => document.activeElement.closest('#console')); i++)
		await page.keyboard.press('F6');
	await page.keyboard.type('buddy\n');
	await waitForLine(page, 'HighMem');
	result(true, 'F6 goes to the console; what is typed is run');
	result(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'on a tablet nothing is cut off at the side');
	await page.screenshot({ path: path.join(built, 'page-tablet.png') });
	await recorded(page);
	await page.close();
}

await boots();
await controls();
await prompt();
await wrongLinks();
equal(browser.foreign, [], 'no request leaves the machine');
equal(browser.errors, [], 'no script failed');
await browser.close();
done();
