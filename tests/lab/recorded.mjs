// SPDX-License-Identifier: MIT
/** A recorded trace: what its events tell is what the kernel's memory says; forward and back; in Node. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { built, done, equal, files, result, run } from './tap.mjs';

const load = (name) => import(path.join(built, 'page/src', name));
const { readTrace } = await load('recorded/format.js');
const { namesOfCode } = await load('recorded/symbols.js');
const { RecordedLaboratory } = await load('recorded/recorded.js');
const { readPicture } = await load('kernel/picture.js');

const FILE = path.join(built, 'trace.raw'); // the page's test opens it too
const GROUPS = 'kmem,buddy,slab,areas,entries,exceptions,faults,sched';
const BEFORE = ['free', 'reserved', 'kernel', 'unknown']; // owners that frames may have had before the trace

/** Runs a program that forks, with its trace on the second serial line. The machine's pictures at the end, by tab. */
async function record() {
	const bytes = [];
	const { lab, verdict } = await run({
		options: `suites=none programs=forktree trace=${GROUPS} trace_out=ttyS1`,
		watch(lab) {
			lab.recorder.stop();
			lab.onByte = (byte, line) => { if (line === 1) bytes.push(byte); };
		},
	});
	result(verdict.startsWith('verdict: result=pass'), 'a program runs with its trace on a serial line', verdict);
	fs.writeFileSync(FILE, new Uint8Array(bytes));
	return Object.fromEntries(['slabs', 'lists'].map((tab) => [tab, readPicture(lab.kernel, { tab, pid: 1 })]));
}

const open = (bytes) => new RecordedLaboratory(readTrace(bytes), files.description);

/** At its end the trace and the machine agree. */
function agrees(lab, pictures) {
	lab.goTo(lab.trace.length);
	const traced = lab.picture({ tab: 'slabs' }), { slabs: machine } = pictures;
	const owned = ({ owners, byOwner }) => owners.map((name, i) => [name, byOwner[i]]).filter(([name]) => !BEFORE.includes(name));
	equal(owned(traced), owned(machine), 'frames by owner are those of the machine');
	equal(traced.zones.map(({ name, start, end, free, hot, lists }) => [name, start, end, free, hot, lists]),
		machine.zones.map(({ name, start, end, free, hot, lists }) => [name, start, end, free, hot, lists]), 'so are the free lists');
	const used = (slabs) => slabs.filter((cache) => cache.slabs).map(({ name, slabs: count, objects }) => [name, count, objects]).sort();
	equal(used(traced.slabs), used(machine.slabs), 'and the slabs');
}

/** A moment is the same, from whichever side one comes. */
function moments(lab, bytes) {
	const places = [0.9, 0.1, 0.5, 0.49].map((part) => Math.floor(lab.trace.length * part));
	for (const position of places) {
		lab.goTo(position);
		const fresh = open(bytes);
		fresh.goTo(position);
		equal([...['processes', 'maps', 'tables', 'slabs'].map((tab) => lab.picture({ tab, pid: 2 })), lab.counts()],
			[...['processes', 'maps', 'tables', 'slabs'].map((tab) => fresh.picture({ tab, pid: 2 })), fresh.counts()], `event ${position}: forward and back lead to the same moment`);
	}
}

/** Each step goes to the next event of its kind, and back to the one before. */
function steps(lab) {
	lab.goTo(Math.floor(lab.trace.length / 2));
	for (const [kind, kinds] of [['event', null], ['fault', ['fault']], ['allocation', ['alloc']], ['buddy', ['split', 'merge']], ['area', ['area']]]) {
		lab.step({ kind });
		const first = lab.position;
		const { kindName } = lab.story();
		lab.step({ kind });
		const second = lab.position;
		lab.step({ kind, back: true });
		result(second > first && lab.position === first && (!kinds || kinds.includes(kindName)), `the next ${kind}, and back`, [first, second, lab.position, kindName]);
	}
}

/** A fault by copy on write: its steps, and the changes of its frame and its entry. */
function faultStory(lab) {
	lab.goTo(0);
	do
		lab.step({ kind: 'fault' });
	while (lab.story().fields.find(([name]) => name === 'kind')?.[1] !== 'cow-copy' && lab.position < lab.trace.length);
	const story = lab.story();
	const told = story.steps.map(({ kind }) => kind);
	result(told[0] === 'exception' && ['alloc', 'copy', 'entry'].every((kind) => told.includes(kind)) && told[told.length - 1] === 'fault', 'a fault tells what was done for it', story);
	const pfn = Number(story.fields.find(([name]) => name === 'pfn')[1]);
	const frame = lab.frame(pfn);
	equal([frame.owner, frame.maps.map(({ pids, address }) => [pids, address])], ['anon', [[[story.pid], story.address - story.address % 4096]]], 'the frame is mapped where the fault was');
	result(frame.events.some(({ kind }) => kind === 'alloc') && frame.events.some(({ kind }) => kind === 'fault'), 'and has its past', frame.events);
	const before = lab.position;
	lab.step({ kind: 'change', of: 'frame', pfn });
	result(lab.frames[lab.position - 1] === pfn, 'the next change of the frame', lab.story());
	lab.goTo(before);
	lab.step({ kind: 'change', of: 'entry', pid: story.pid, address: story.address, back: true });
	result(lab.story().name === 'pte_set' && lab.position < before, 'the last change of the entry', lab.story());
	lab.goTo(before);
	const area = lab.picture({ tab: 'processes', pid: story.pid }).space.areas.find(({ start, end }) => story.address >= start && story.address < end);
	result(area?.rights === 'rw-p', 'the area of the fault', area);
}

/** Addresses of code have names if the trace is of this kernel. */
function names(bytes) {
	const trace = readTrace(bytes);
	trace.nameOfCode = namesOfCode(trace, files.description, files.kernel);
	const callers = new Set(Array.from({ length: trace.length }, (_, i) => trace.event(i)).filter(({ name }) => name === 'mm_page_alloc').map(({ fields }) => String(fields.call_site).split('+')[0]));
	result(['do_wp_page', 'user_table'].every((name) => callers.has(name)), 'the functions that allocate have names', [...callers]);
	const other = readTrace(bytes);
	other.textStart += 16;
	equal(namesOfCode(other, files.description, files.kernel), null, 'with another kernel they have none');
}

/** The lines of a log say the same as the stream. */
function lines(lab, bytes) {
	const text = execFileSync('tools/trace', [FILE], { encoding: 'utf8', maxBuffer: 1 << 30 });
	const other = open(new TextEncoder().encode(`boot: a line of the log\n${text}`));
	equal(other.trace.length, lab.trace.length, 'lines of a log: as many events');
	equal(other.trace.log.map(({ text: line, at }) => [line, at]), [['boot: a line of the log', 0], ['', lab.trace.length]], '... and the other lines of the log');
	lab.goTo(lab.trace.length);
	other.goTo(lab.trace.length);
	const { frames, ...told } = other.picture({ tab: 'maps' });
	const { frames: wanted, ...rest } = lab.picture({ tab: 'maps' });
	equal([told, [...frames]], [rest, [...wanted]], '... and the same picture');
	result(open(bytes.subarray(0, bytes.length - 3)).trace.damage !== '', 'a trace that ends within a record says so');
	let refused = '';
	try {
		readTrace(new TextEncoder().encode('no trace'));
	} catch (error) {
		refused = error.message;
	}
	result(refused.startsWith('this is no trace'), 'another file is refused', refused);
}

const pictures = await record();
const bytes = new Uint8Array(fs.readFileSync(FILE));
const lab = open(bytes);
result(lab.trace.length > 1000, `the trace has ${lab.trace.length} events`);
agrees(lab, pictures);
moments(lab, bytes);
steps(lab);
faultStory(lab);
names(bytes);
lines(lab, bytes);
done();
