// SPDX-License-Identifier: MIT
/** The built page in headless Chromium, served on this machine. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
	'--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'];

/** Opens the folder `built`/dist; returns {page(query, options), close()}. */
export async function openBrowser(built) {
	const { chromium } = createRequire(path.join(built, 'page/package.json'))('playwright-core');
	const server = spawn('python3', ['lab/serve', path.join(built, 'dist'), '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
	process.on('exit', () => server.kill()); // also after an error
	const address = await new Promise((resolve) => server.stdout.once('data', (data) => resolve(/http:\S+/.exec(data)[0])));
	const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
	const foreign = [], errors = [];

	return {
		foreign, // requests to other hosts
		errors, // of scripts
		async page(query, options = {}) {
			const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options });
			page.on('request', (request) => { if (!/^(http:\/\/localhost:|blob:|data:)/.test(request.url())) foreign.push(request.url()); });
			page.on('pageerror', (error) => errors.push(error.stack));
			await page.goto(address + query);
			return page;
		},
		/** The processor time in ms of each task of the page's thread while act() runs, the longest first. */
		async tasks(page, act) {
			await browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
			await act();
			const { traceEvents: events } = JSON.parse(await browser.stopTracing());
			const thread = ({ pid, tid }) => `${pid}:${tid}`;
			const main = new Set(events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(thread));
			return events.filter((event) => event.name.endsWith('RunTask') && main.has(thread(event))).map(({ tdur = 0 }) => tdur / 1000).sort((one, other) => other - one);
		},
		async close() {
			await browser.close();
			server.kill();
		},
	};
}
