// SPDX-License-Identifier: MIT
/** The page: connects controls, panels and the worker. */
import wasm from 'v86/build/v86.wasm?url';
import { Client } from './client.js';
import { makeConsole } from './console.js';
import { element } from './dom.js';
import { FramesPanel } from './panels/frames.js';

const MiB = 1 << 20;
const place = (id) => document.getElementById(id);
const file = (name) => new URL(`machine/${name}`, document.baseURI).href;

const stateTexts = { running: 'running', paused: 'paused', ended: 'the machine has stopped' };

const terminal = makeConsole(place('console'), (text) => client.call('send', { text }));
const frames = new FramesPanel(place('frames'), { onSelect: () => {}, onLook: (pfn) => { place('look').textContent = `frame ${pfn}`; } });

const events = {
	log: ({ bytes }) => terminal.write(bytes),
	picture: ({ picture }) => frames.show(picture),
	state: ({ state }) => {
		place('state').dataset.state = state;
		place('state').textContent = stateTexts[state];
	},
};
const client = new Client((data) => events[data.event](data));

place('controls').append(
	element('button', { onclick: () => client.call('run') }, 'Run'),
	element('button', { onclick: () => client.call('pause') }, 'Pause'));

const wanted = new URLSearchParams(location.search);
client.call('start', {
	urls: { wasm: new URL(wasm, document.baseURI).href, loader: file('direct.elf.gz'), kernel: file('kernel.elf.gz'), initramfs: file('initramfs.cpio.gz'), description: file('kernel.json'), source: file('source.json') },
	options: wanted.get('options') ?? 'suites=none programs=*',
	memory: Number(wanted.get('memory') ?? 64) * MiB,
}).catch((error) => { place('state').textContent = error.message; });

/** For tests. */
window.lab = {
	consoleText() {
		const { buffer } = terminal;
		return Array.from({ length: buffer.active.length }, (_, i) => buffer.active.getLine(i).translateToString(true)).join('\n');
	},
};
