// SPDX-License-Identifier: MIT
/**
 * The laboratory runs in a worker, so that the page always answers.
 *
 * The page sends {id, call, arguments}; the answer is {id, result} or {id, error}. On its own the
 * worker sends {event, ...}: log (bytes), picture, state.
 */
import { Laboratory } from './lab.js';

const PICTURE_MS = 100;
let lab = null;
let chosen = {}; // of the panels: {pid, slot}
let pending = []; // bytes of the console
let eventsSent = 0;
let shown = -1; // the picture's count of instructions

async function bytes(url) {
	const response = await fetch(url);
	if (!response.ok)
		throw new Error(`${url}: ${response.status}`);
	return new Uint8Array(await response.arrayBuffer());
}

/** A file of gzip; some servers have the browser unpack it. */
async function unpacked(url) {
	const data = await bytes(url);
	if (data[0] !== 0x1f || data[1] !== 0x8b)
		return data;
	const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream('gzip'));
	return new Uint8Array(await new Response(stream).arrayBuffer());
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
	shown = lab.machine.clock.instructions();
	postMessage({ event: 'picture', picture, events, instructions: shown });
}

function refresh() {
	if (lab.machine.clock.instructions() === shown)
		sendLog();
	else if (lab.machine.ended)
		sendState();
	else
		sendPicture();
}

function sendState(story = null) {
	sendPicture();
	const { ended, paused } = lab.machine;
	postMessage({ event: 'state', state: ended ? 'ended' : paused ? 'paused' : 'running', story });
}

const calls = {
	async start({ urls, options, memory }) {
		const [wasm, loader, kernel, initramfs, description, source] = await Promise.all([
			bytes(urls.wasm), unpacked(urls.loader), unpacked(urls.kernel), unpacked(urls.initramfs),
			...[urls.description, urls.source].map((url) => fetch(url).then((response) => response.json())),
		]);
		lab = new Laboratory({ files: { wasm, loader, kernel, initramfs, description, source }, options, memory });
		lab.onByte = (byte) => pending.push(byte);
		lab.onStop = sendState;
		await lab.start();
		setInterval(refresh, PICTURE_MS);
		sendState();
	},

	pause() {
		lab.pause();
		sendState();
	},

	run() {
		lab.run();
		sendState();
	},

	step(step) {
		lab.step(step);
		sendState();
	},

	/** The panels show this process and this entry of its page directory. */
	choose(choice) {
		chosen = choice;
		sendPicture();
	},

	frame({ pfn }) {
		return { ...lab.frame(pfn), events: lab.recorder.ofFrame(pfn).slice(-50) };
	},

	send({ text }) {
		lab.send(text);
	},
};

onmessage = async ({ data: { id, call, argument } }) => {
	try {
		postMessage({ id, result: await calls[call](argument ?? {}) });
	} catch (error) {
		postMessage({ id, error: String(error.stack ?? error) });
	}
};
