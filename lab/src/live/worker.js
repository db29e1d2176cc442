// SPDX-License-Identifier: MIT
/** The worker for a running QEMU; its protocol is that of worker.js, as far as it goes. */
import { Gdb } from './gdb.js';
import { LiveLaboratory } from './live.js';

let lab = null;
let line = null; // the websocket of the second serial line
let chosen = {};

async function sendPicture() {
	const picture = await lab.picture(chosen);
	if (picture)
		postMessage({ event: 'picture', picture, events: [] });
}

async function sendState(story = null) {
	if (!lab.ended)
		await sendPicture();
	postMessage({ event: 'state', state: lab.ended ? 'ended' : lab.paused ? 'paused' : 'running', story });
}

function openLine(port) {
	line = new WebSocket(`ws://localhost:${port}`, ['binary']);
	line.binaryType = 'arraybuffer';
	line.onmessage = ({ data }) => postMessage({ event: 'log', bytes: new Uint8Array(data) });
}

const calls = {
	async start({ urls, qemu: [gdbPort, linePort] }) {
		const description = await (await fetch(urls.description)).json();
		lab = new LiveLaboratory(await Gdb.open(`ws://localhost:${gdbPort}`), description);
		lab.onStop = sendState;
		lab.onSample = sendPicture;
		lab.onRun = () => postMessage({ event: 'state', state: 'running', story: null });
		openLine(linePort);
		sendState();
	},

	run: () => lab.run(),
	step: (step) => lab.step(step),

	pause: () => lab.pause(),
	send: ({ text }) => line.send(new TextEncoder().encode(text)),

	async choose(choice) {
		chosen = choice;
		if (lab?.paused)
			await sendPicture();
	},

	/** While the machine runs nothing can be read. */
	async frame({ pfn }) {
		const story = lab.paused ? await lab.frame(pfn) : null;
		return story && { ...story, events: [] };
	},
};

onmessage = async ({ data: { id, call, argument } }) => {
	try {
		postMessage({ id, result: await calls[call](argument ?? {}) });
	} catch (error) {
		postMessage({ id, error: String(error.message ?? error) });
	}
};
