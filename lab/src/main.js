// SPDX-License-Identifier: MIT
/** The page: connects the controls, the panels and the worker. */
import wasm from 'v86/build/v86.wasm?url';
import { Client } from './client.js';
import { makeConsole } from './console.js';
import { Controls } from './controls.js';
import { element } from './dom.js';
import { latest } from './latest.js';
import { momentFile, momentHash, readMoment } from './moment.js';
import { EventsPanel } from './panels/events.js';
import { FramesPanel } from './panels/frames.js';
import { ListsPanel } from './panels/lists.js';
import { MapsPanel } from './panels/maps.js';
import { ProcessesPanel } from './panels/processes.js';
import { SlabsPanel } from './panels/slabs.js';
import { StoryPanel, frameContents, frameLine } from './panels/story.js';
import { TablesPanel } from './panels/tables.js';
import { Timeline } from './panels/timeline.js';
import { fillSettings, goToMoment, readSettings } from './settings.js';
import { Tabs } from './tabs.js';

const TABS = { lists: 'Free lists', slabs: 'Slabs', processes: 'Processes', tables: 'Page tables', maps: 'Maps', events: 'Events' };
const STATES = { loading: 'loading', busy: 'going there', running: 'running', paused: 'paused', ended: 'the machine has stopped' };

/** The controls that work: all of them on a machine of ours. */
const OFFERED = { machine: null, live: ['run', 'fault', 'allocation'], trace: ['run', 'event', 'fault', 'allocation', 'buddy', 'change', 'back', 'settings'] };

const PANEL_MS = 250;
const MOMENT_MAX = 1 << 20; // bytes of a file with a moment

const place = (id) => document.getElementById(id);
const machineFile = (name) => new URL(`machine/${name}`, document.baseURI).href;
const settings = readSettings(location);

/** What the person has chosen. */
const chosen = { tab: '', pid: 0, followed: true, slot: 0, frame: 0, entry: null, area: null };
let picture = null;
let saved = null; // moves
let state = 'loading';
let lastPanel = 0;

let client = null;
const terminal = makeConsole(place('console'), (text) => call('send', { text }));
const call = (name, argument) => client?.call(name, argument).catch((error) => setState('paused', error.message));

// ---- Panels -------------------------------------------------------------------------------------

const description = await (await fetch(machineFile('kernel.json'))).json();
const tabs = new Tabs(place('tabs'), TABS, settings.tab, chooseTab);
const frames = new FramesPanel(place('frames'), { onLook: lookAt, onSelect: tellFrame });
const story = new StoryPanel(place('story'));
const timeline = new Timeline(place('timeline'), latest((position) => call('goto', { position })));
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
const askAbout = latest(async (pfn) => {
	const told = await call('frame', { pfn });
	if (told)
		place('look').textContent = frameLine(told);
});

function lookAt(pfn) {
	chosen.frame = pfn;
	askAbout(pfn);
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

function step(move, back) {
	if (move)
		call('step', back ? { ...move, back } : move);
	else
		place('look').textContent = 'Choose an entry in Page tables or Maps, or an area in Processes, first.';
}

function goTo(name, argument) {
	setState('busy');
	return call(name, argument);
}

const controls = new Controls(place('controls'), {
	run: () => call(state === 'running' ? 'pause' : 'run'),
	event: (of, back) => step({ kind: 'event' }, back),
	fault: (of, back) => step({ kind: 'fault' }, back),
	allocation: (of, back) => step({ kind: 'allocation' }, back),
	buddy: (of, back) => step({ kind: 'buddy' }, back),
	change: (of, back) => step(changeStep(of), back),
	back: () => goTo('back'),
	async save() {
		saved = await call('save');
		history.replaceState(null, '', `${location.pathname}${location.search}${momentHash(description.build, saved)}`);
	},
	restore: () => saved && goTo('restore', { moves: saved }),
	settings: () => place('settings').showModal(),
});

const onEvent = {
	log: ({ bytes }) => terminal.write(bytes),
	reset() {
		terminal.reset();
		events.reset();
	},
	picture({ picture: next, events: added, counts }) {
		picture = next;
		events.take(added, counts);
		followProcess();
		show();
	},
	place: (where) => timeline.show(where),
	state({ state: next, story: told }) {
		setState(next);
		if (next !== 'running')
			story.show(told);
		if (told?.fault)
			chooseAddress(told.fault);
		if (told?.kind === 'recorded' && told.name === 'fault')
			chooseAddress(told);
	},
};

if (settings.task) {
	place('task').hidden = false;
	place('task').append(element('h2', {}, settings.task.title), element('p', {}, settings.task.text));
}

// ---- Where the pictures come from -----------------------------------------------------------------

/** Begins anew with a machine, a running QEMU or a recorded trace. */
function open(kind, argument) {
	client?.end();
	client = new Client((data) => onEvent[data.event](data), kind);
	controls.offer(OFFERED[kind], kind === 'trace');
	setState('loading');
	place('timeline').hidden = true;
	place('console').hidden = false;
	story.show(null);
	onEvent.reset();
	chooseForWorker();
	return call('start', {
		urls: {
			wasm: new URL(wasm, document.baseURI).href, loader: machineFile('direct.elf.gz'), kernel: machineFile('kernel.elf.gz'),
			initramfs: machineFile('initramfs.cpio.gz'), description: machineFile('kernel.json'), source: machineFile('source.json'),
		},
		...argument,
	});
}

async function openTrace(trace, name) {
	const told = await open('trace', { trace });
	if (!told)
		return;
	place('console').hidden = !told.hasLog;
	place('look').textContent = `${name}: ${told.events.toLocaleString('en')} events${told.damage ? `; ${told.damage}` : ''}`;
}

/** A trace, or a saved moment. */
async function openFile(file) {
	const moment = file.size < MOMENT_MAX && readMoment(await file.text());
	if (moment)
		goToMoment(moment);
	else
		openTrace({ file }, file.name);
}

async function saveFile() {
	const text = momentFile(description.build, await call('save'), settings);
	const link = element('a', { href: URL.createObjectURL(new Blob([text], { type: 'application/json' })), download: 'moment.json' });
	link.click();
	URL.revokeObjectURL(link.href);
}

/** The moves of the address; none if they were made on another kernel. */
function savedMoves() {
	const { moment } = settings;
	if (!moment || moment.kernel === description.build)
		return moment?.moves ?? null;
	place('look').textContent = 'The moment of this link belongs to another kernel; this one begins at its start.';
	return null;
}

fillSettings(place('settings'), settings, { onFile: openFile, onSave: saveFile });
document.addEventListener('dragover', (event) => event.preventDefault());
document.addEventListener('drop', (event) => {
	event.preventDefault();
	if (event.dataTransfer.files.length)
		openFile(event.dataTransfer.files[0]);
});
saved = savedMoves();
if (settings.trace)
	openTrace(settings.trace, settings.trace.url);
else
	open(settings.qemu ? 'live' : 'machine', { options: settings.options, memory: settings.memory, first: settings.first, moves: saved, qemu: settings.qemu });

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
