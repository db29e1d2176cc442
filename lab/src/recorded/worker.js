// SPDX-License-Identifier: MIT
/**
 * The worker for a recorded trace; its protocol is that of worker.js, as far as it goes, and
 *
 *     goto     {position}: a call: to the moment after so many events
 *     place    {position, total, ms}: where the trace stands, with each picture
 */
import { bytes, json, unpacked } from '../files.js';
import { readTrace } from './format.js';
import { RecordedLaboratory } from './recorded.js';
import { namesOfCode } from './symbols.js';

const PLAY_MS = 100, PLAY_PICTURES = 200; // a trace is played in 20 s
const LINES_SENT = 400; // events of one picture

let lab = null;
let chosen = {};
let sent = 0; // the position that the page has
let logSent = 0; // lines of the log, likewise
let timer = 0;

/** A line of the log belongs to the events that came before it. */
function sendLog() {
	const { log } = lab.trace;
	if (!log.length)
		return;
	let next = logSent;
	while (next < log.length && log[next].at <= lab.position)
		next++;
	const text = log.slice(logSent, next).map((line) => `${line.text}\r\n`).join('');
	logSent = next;
	if (text)
		postMessage({ event: 'log', bytes: new TextEncoder().encode(text) });
}

/** The page's lists begin anew after a step back. */
function sendPicture() {
	if (lab.position < sent) {
		postMessage({ event: 'reset' });
		sent = logSent = 0;
	}
	sendLog();
	const from = Math.max(sent, lab.position - LINES_SENT);
	postMessage({ event: 'picture', picture: lab.picture(chosen), events: lab.lines(from, lab.position), counts: lab.counts() });
	sent = lab.position;
	postMessage({ event: 'place', position: lab.position, total: lab.trace.length, ms: lab.story()?.ms ?? null });
}

function sendState() {
	sendPicture();
	const playing = timer !== 0;
	postMessage({ event: 'state', state: playing ? 'running' : 'paused', story: playing ? null : lab.story() });
}

function stop() {
	clearInterval(timer);
	timer = 0;
}

function play() {
	lab.goTo(lab.position + Math.ceil(lab.trace.length / PLAY_PICTURES));
	if (lab.position < lab.trace.length) {
		sendPicture();
		return;
	}
	stop();
	sendState();
}

function move(go) {
	stop();
	go();
	sendState();
}

/** The bytes of {file} or {url}. */
async function bytesOf({ file, url }) {
	return file ? new Uint8Array(await file.arrayBuffer()) : bytes(url);
}

const calls = {
	/** `trace`: {file} or {url}. */
	async start({ urls, trace }) {
		const [description, kernel, data] = await Promise.all([json(urls.description), unpacked(urls.kernel), bytesOf(trace)]);
		const read = readTrace(data);
		read.nameOfCode = namesOfCode(read, description, kernel);
		lab = new RecordedLaboratory(read, description);
		sendState();
		return { events: read.length, damage: read.damage, hasLog: read.log.some(({ text }) => text) };
	},

	run() {
		if (lab.position === lab.trace.length)
			lab.goTo(0);
		timer ||= setInterval(play, PLAY_MS);
		sendState();
	},

	pause: () => move(() => {}),
	step: (step) => move(() => lab.step(step)),
	back: () => move(() => lab.goTo(lab.position - 1)),
	goto: ({ position }) => move(() => lab.goTo(position)),
	send() {},

	choose(choice) {
		chosen = choice;
		if (lab)
			sendPicture();
	},

	frame: ({ pfn }) => lab?.frame(pfn) ?? null,
};

onmessage = async ({ data: { id, call, argument } }) => {
	try {
		postMessage({ id, result: await calls[call](argument ?? {}) });
	} catch (error) {
		postMessage({ id, error: String(error.message ?? error) });
	}
};
