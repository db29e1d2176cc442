// SPDX-License-Identifier: MIT
/**
 * The laboratory runs in a worker, so that the page always answers.
 *
 * The page sends {id, call, argument}; the answer is {id, result} or {id, error}. On its own the
 * worker sends {event, ...}:
 *
 *     log      {bytes}, of both serial lines
 *     reset    the machine was started again: its console is empty
 *     picture  {picture, events}: the events since the last one
 *     state    {state, story}: running, paused or ended; the story of a stop
 */
import { bytes, json, unpacked } from './files.js';
import { Laboratory } from './lab.js';

const PICTURE_MS = 100;
let lab = null;
let chosen = {}; // what the panels show: {tab, pid, slot}
let pending = []; // bytes of the console
let eventsSent = 0;
let shown = ''; // the state and the count of instructions that the page has
let story = null; // of the stop
let repeating = false; // an earlier moment is being reached again: its stops are not shown

function stateName() {
	const { ended, paused } = lab.machine;
	return ended ? 'ended' : paused ? 'paused' : 'running';
}

function sendLog() {
	if (pending.length)
		postMessage({ event: 'log', bytes: new Uint8Array(pending) });
	pending = [];
}

function sendPicture() {
	sendLog();
	const picture = lab.picture(chosen);
	if (!picture)
		return;
	const { events, next } = lab.recorder.since(eventsSent);
	eventsSent = next;
	postMessage({ event: 'picture', picture, events });
}

function sendState() {
	sendPicture();
	postMessage({ event: 'state', state: stateName(), story });
}

/** The machine has stopped (told: why), or goes on (null). */
function changeState(told) {
	story = told;
	sendState();
}

/** Ten times a second: what has changed. */
function refresh() {
	if (repeating || !lab.machine?.processor)
		return;
	const now = `${stateName()} ${lab.machine.clock.instructions()}`;
	sendLog();
	if (now === shown)
		return;
	if (now.split(' ')[0] !== shown.split(' ')[0])
		sendState();
	else
		sendPicture();
	shown = now;
}

async function repeat(go) {
	pending = [];
	eventsSent = 0;
	postMessage({ event: 'reset' });
	repeating = true;
	await go().finally(() => { repeating = false; });
}

const calls = {
	async start({ urls, options, memory, first, moves }) {
		const [wasm, loader, kernel, initramfs, description, source] = await Promise.all([
			bytes(urls.wasm), unpacked(urls.loader), unpacked(urls.kernel), unpacked(urls.initramfs),
			json(urls.description), json(urls.source),
		]);
		lab = new Laboratory({ files: { wasm, loader, kernel, initramfs, description, source }, options, memory, first });
		lab.onByte = (byte) => pending.push(byte);
		lab.onStop = changeState;
		await lab.start();
		if (moves)
			await repeat(() => lab.restore(moves));
		setInterval(refresh, PICTURE_MS);
	},

	run() {
		changeState(null);
		lab.run();
	},

	step(step) {
		changeState(null);
		lab.step(step);
	},

	pause: () => lab.pause(),
	back: () => repeat(() => lab.back()),
	save: () => lab.save(),
	restore: ({ moves }) => repeat(() => lab.restore(moves)),
	send: ({ text }) => lab.send(text),

	choose(choice) {
		chosen = choice;
		if (lab)
			sendPicture();
	},

	frame({ pfn }) {
		const story = lab.frame(pfn);
		return story && { ...story, events: lab.recorder.ofFrame(pfn).slice(-40) };
	},
};

onmessage = async ({ data: { id, call, argument } }) => {
	try {
		postMessage({ id, result: await calls[call](argument ?? {}) });
	} catch (error) {
		postMessage({ id, error: String(error.stack ?? error) });
	}
};
