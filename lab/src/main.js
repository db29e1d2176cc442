// SPDX-License-Identifier: MIT
/** The page: connects the controls, the panels and the worker. */
import wasm from 'v86/build/v86.wasm?url';
import { Client } from './client.js';
import { makeConsole } from './console.js';
import { Controls } from './controls.js';
import { element } from './dom.js';
import { EventsPanel } from './panels/events.js';
import { FramesPanel } from './panels/frames.js';
import { ListsPanel } from './panels/lists.js';
import { MapsPanel } from './panels/maps.js';
import { ProcessesPanel } from './panels/processes.js';
import { SlabsPanel } from './panels/slabs.js';
import { StoryPanel, frameContents, frameLine } from './panels/story.js';
import { TablesPanel } from './panels/tables.js';
import { fillSettings, readSettings } from './settings.js';
import { Tabs } from './tabs.js';

const TABS = { lists: 'Free lists', slabs: 'Slabs', processes: 'Processes', tables: 'Page tables', maps: 'Maps', events: 'Events' };
const STATES = { loading: 'loading', busy: 'going there', running: 'running', paused: 'paused', ended: 'the machine has stopped' };

const PANEL_MS = 250;

const place = (id) => document.getElementById(id);
const machineFile = (name) => new URL(`machine/${name}`, document.baseURI).href;
const settings = readSettings(location);

/** What the person has chosen. */
const chosen = { tab: '', pid: 0, followed: true, slot: 0, frame: 0, entry: null, area: null };
let picture = null;
let saved = settings.moves;
let state = 'loading';
let lastPanel = 0;
let looking = null; // the frame that is asked about

const client = new Client((data) => onEvent[data.event](data), settings.qemu);
const terminal = makeConsole(place('console'), (text) => client.call('send', { text }));
const call = (name, argument) => client.call(name, argument).catch((error) => setState('paused', error.message));

// ---- Panels -------------------------------------------------------------------------------------

const description = await (await fetch(machineFile('kernel.json'))).json();
const tabs = new Tabs(place('tabs'), TABS, settings.tab, chooseTab);
const frames = new FramesPanel(place('frames'), { onLook: lookAt, onSelect: tellFrame });
const story = new StoryPanel(place('story'));
const events = new EventsPanel(tabs.panel('events'), { onFrame: (pfn) => { frames.point(pfn); tellFrame(pfn); } });
const panels = {
	lists: new ListsPanel(tabs.panel('lists')),
	slabs: new SlabsPanel(tabs.panel('slabs')),
	processes: new ProcessesPanel(tabs.panel('processes'), { onProcess: chooseProcess, onArea: (pid, address) => { chosen.area = { pid, address }; show(); } }),
	tables: new TablesPanel(tabs.panel('tables'), { description, onSlot: chooseSlot, onEntry: (address, entry) => { chosen.entry = { pid: chosen.pid, address }; if (entry) frames.point(entry >>> 12); } }),
	maps: new MapsPanel(tabs.panel('maps'), { description, onLook: (pfn) => frames.point(pfn), onSelect: tellFrame, onPage: (pid, address) => { chosen.entry = { pid, address }; chosen.area = { pid, address }; } }),
	events,
};

/** While the machine runs, a panel of tables is rebuilt four times a second, not ten. */
function show() {
	if (!picture)
		return;
	frames.show(picture);
	if (state === 'running' && performance.now() - lastPanel < PANEL_MS)
		return;
	lastPanel = performance.now();
	panels[chosen.tab].show(picture, { pid: chosen.pid, area: chosen.area?.address });
}

/** Without a choice the panels follow the process that runs. */
function followProcess() {
	const running = picture.tasks.find((task) => task.running && task.mm) ?? picture.tasks.findLast((task) => task.mm);
	if (!chosen.followed && picture.tasks.some((task) => task.pid === chosen.pid) || !running || running.pid === chosen.pid)
		return;
	chosen.pid = running.pid;
	chooseForWorker();
}

function chooseForWorker() {
	call('choose', { tab: chosen.tab, pid: chosen.pid, slot: chosen.slot });
}

function chooseTab(tab) {
	chosen.tab = tab;
	lastPanel = 0;
	chooseForWorker();
}

function chooseProcess(pid) {
	Object.assign(chosen, { pid, followed: false });
	chooseForWorker();
}

function chooseSlot(slot) {
	chosen.slot = slot;
	chooseForWorker();
}

/** The panels show the place of a fault. */
function chooseAddress({ pid, address }) {
	chosen.entry = chosen.area = { pid, address };
	panels.tables.point(address);
	if (chosen.slot !== address >>> 22)
		chooseSlot(address >>> 22);
}

/** The line about the frame under the cursor; while one answer is awaited, only the last question counts. */
async function lookAt(pfn) {
	chosen.frame = pfn;
	const busy = looking !== null;
	looking = pfn;
	if (busy)
		return;
	while (looking !== null) {
		const asked = looking;
		const told = await call('frame', { pfn: asked });
		if (told)
			place('look').textContent = frameLine(told);
		if (looking === asked)
			looking = null;
	}
}

async function tellFrame(pfn) {
	chosen.frame = pfn;
	const told = await call('frame', { pfn });
	if (!told)
		return;
	const dialog = place('frame');
	dialog.replaceChildren(element('form', { method: 'dialog' }, element('button', { autofocus: true }, 'Close')), ...frameContents(told));
	if (!dialog.open)
		dialog.showModal();
}

// ---- Controls -----------------------------------------------------------------------------------

function setState(next, text = STATES[next]) {
	state = next;
	place('state').dataset.state = next;
	place('state').textContent = text;
	controls.show(next);
}

/** What `Next change of` watches: the frame under the cursor, the chosen entry, the chosen area. */
function changeStep(of) {
	if (of === 'frame')
		return { kind: 'change', of, pfn: chosen.frame };
	return chosen[of] && { kind: 'change', of, ...chosen[of] };
}

function step(move) {
	if (move)
		call('step', move);
	else
		place('look').textContent = 'Choose an entry in Page tables or Maps, or an area in Processes, first.';
}

function goTo(name, argument) {
	setState('busy');
	return call(name, argument);
}

const controls = new Controls(place('controls'), {
	run: () => call(state === 'running' ? 'pause' : 'run'),
	fault: () => step({ kind: 'fault' }),
	allocation: () => step({ kind: 'allocation' }),
	buddy: () => step({ kind: 'buddy' }),
	change: (of) => step(changeStep(of)),
	back: () => goTo('back'),
	async save() {
		saved = await call('save');
		history.replaceState(null, '', `${location.pathname}${location.search}#moves=${encodeURIComponent(JSON.stringify(saved))}`);
	},
	restore: () => saved && goTo('restore', { moves: saved }),
	settings: () => place('settings').showModal(),
}, settings.qemu ? ['run', 'fault', 'allocation'] : null);

const onEvent = {
	log: ({ bytes }) => terminal.write(bytes),
	reset() {
		terminal.reset();
		events.reset();
	},
	picture({ picture: next, events: added }) {
		picture = next;
		events.take(added);
		followProcess();
		show();
	},
	state({ state: next, story: told }) {
		setState(next);
		if (next !== 'running')
			story.show(told);
		if (told?.fault)
			chooseAddress(told.fault);
	},
};

if (settings.task) {
	place('task').hidden = false;
	place('task').append(element('h2', {}, settings.task.title), element('p', {}, settings.task.text));
}
fillSettings(place('settings'), settings);
setState('loading');
call('start', {
	urls: {
		wasm: new URL(wasm, document.baseURI).href, loader: machineFile('direct.elf.gz'), kernel: machineFile('kernel.elf.gz'),
		initramfs: machineFile('initramfs.cpio.gz'), description: machineFile('kernel.json'), source: machineFile('source.json'),
	},
	options: settings.options,
	memory: settings.memory,
	first: settings.first,
	moves: settings.moves,
	qemu: settings.qemu,
});

/** For tests. */
window.lab = {
	call,
	chosen,
	picture: () => picture,
	consoleText() {
		const { active } = terminal.buffer;
		return Array.from({ length: active.length }, (_, i) => active.getLine(i).translateToString(true)).join('\n');
	},
};
