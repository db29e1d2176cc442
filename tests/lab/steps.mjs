// SPDX-License-Identifier: MIT
/** The controls: each step stops where it should, tells the truth, and can be taken back; in Node. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { built, done, equal, files, result, run } from './tap.mjs';

const { Laboratory } = await import(path.join(built, 'page/src/lab.js'));
const { readFrames } = await import(path.join(built, 'page/src/kernel/frames.js'));
const { readZones } = await import(path.join(built, 'page/src/kernel/zones.js'));

const SECONDS = 60;

/** A laboratory that stops at the first fault; `after(act)` does something and waits for the next stop. */
async function open(programs) {
	const lab = new Laboratory({ files, options: `suites=none programs=${programs}`, memory: 64 << 20, patient: false, first: { kind: 'fault' } });
	const after = (act) => new Promise((resolve, reject) => {
		const limit = setTimeout(() => reject(new Error('no stop')), SECONDS * 1000);
		lab.onStop = (story) => {
			clearTimeout(limit);
			setTimeout(() => resolve(story), 0);
		};
		Promise.resolve(act(lab)).catch(reject);
	});
	return { lab, after, first: await after(() => lab.start()) };
}

const now = (lab) => [lab.machine.clock.instructions(), lab.machine.processor.eip(), readFrames(lab.kernel).byOwner];

/** Steps to faults until one is `wanted`; returns its story. */
async function faultUntil({ after }, wanted) {
	for (let i = 0; i < 100; i++) {
		const { fault } = await after((lab) => lab.step({ kind: 'fault' }));
		if (wanted(fault))
			return fault;
	}
	throw new Error('no such fault');
}

async function faults() {
	const opened = await open('cow');
	const { lab, after, first } = opened;
	result(first.fault.name === 'cow' && first.fault.result === 'ok' && first.fault.before.frame < 0 && first.fault.after.frame > 0, 'the first fault of a program maps a page', first);

	const fresh = await faultUntil(opened, (fault) => fault.access === 'write' && fault.before.frame < 0 && fault.area?.name === '[heap]');
	result(fresh.lines.some(({ file, text }) => file === 'mm/user_space/page_fault.c' && text.includes('clear_highpage(page)')), 'a new page is cleared: the line is in the story', fresh);
	result(!fresh.lines.some(({ text }) => text.includes('copy_highpage')), '... and nothing is copied', fresh);

	const copy = await faultUntil(opened, (fault) => fault.access === 'write' && fault.before.frame > 0 && !fault.before.bits.includes('write'));
	result(copy.after.frame !== copy.before.frame && copy.after.bits.includes('write'), 'copy on write: another frame, writable', copy);
	result(copy.lines.some(({ text }) => text.includes('copy_highpage(page, old)')), '... and the line that copies', copy);
	const story = lab.frame(copy.after.frame);
	equal([story.owner, story.count, story.maps.map(({ pids, address }) => [pids, address])], ['anon', 1, [[[copy.pid], copy.address - copy.address % 4096]]], 'the story of the new frame: which process maps it');
	result(lab.recorder.ofFrame(copy.after.frame).some(({ kind }) => kind === 'alloc'), '... and its allocation');

	const moment = now(lab);
	await after(() => lab.step({ kind: 'fault' }));
	const again = await after(() => lab.back());
	equal([again.fault, now(lab)], [copy, moment], 'a step back comes to the same moment');

	const saved = lab.save();
	await after(() => lab.step({ kind: 'allocation' }));
	await after(() => lab.restore(saved));
	equal(now(lab), moment, 'a saved moment is restored');
	await lab.end();
}

/** All of a machine, by part, as sums. */
function wholeOf(machine) {
	const { blocks, devices, clock, hooks } = machine.save(null);
	const text = (value) => createHash('sha256').update(JSON.stringify(value, (key, part) => part instanceof Map ? [...part] : part)).digest('hex');
	const memory = createHash('sha256');
	blocks.forEach((block) => memory.update(block));
	const data = devices.map(([, copy]) => ArrayBuffer.isView(copy) ? [...copy] : Object.entries(copy).filter(([, value]) => typeof value !== 'object' && typeof value !== 'function'));
	return { memory: memory.digest('hex'), devices: text(data), clock: text(clock), hooks: text(hooks.hooks) };
}

/** A machine that was taken back goes on as a new one that makes the same moves: its devices, its clock and its hooks are back too. */
async function returns() {
	const { lab, after } = await open('forktree');
	const { machine } = lab;
	const saved = lab.save(), whole = wholeOf(machine);
	await after(() => {
		lab.run();
		setTimeout(() => lab.pause(), 50); // some turns, with timer interrupts
	});
	await after(() => lab.step({ kind: 'fault' }));
	const later = wholeOf(machine);
	await after(() => lab.back());
	await after(() => lab.restore(saved));
	equal(wholeOf(machine), whole, 'a machine that was taken back is the same: memory, devices, clock, hooks');
	result(['memory', 'devices', 'clock'].every((part) => later[part] !== whole[part]), '... each of which had changed', { whole, later });
	result(lab.machine === machine, 'steps back need no new machine');
	for (let i = 0; i < 5; i++)
		await after(() => lab.step({ kind: 'fault' }));
	await after(() => lab.step({ kind: 'change', of: 'frame', pfn: lab.story.fault.after.frame }));
	const moment = [now(lab), lab.recorder.events.slice(-20), lab.output.length];
	lab.kept.clear();
	await after(() => lab.restore(lab.save()));
	result(lab.machine !== machine, 'without a stop that was kept a new machine repeats the moves');
	equal([now(lab), lab.recorder.events.slice(-20), lab.output.length], moment, '... and comes to the same moment');
	await lab.end();
}

/** The free lists of the zone of a frame. */
const listsOf = (kernel, frame) => readZones(kernel).find(({ start, end }) => frame >= start && frame < end).lists;

/** A split takes one block from a list and puts one on each list below; a merge does the reverse. */
async function blocks(lab, after) {
	let before = null;
	for (const name of ['buddy_alloc', 'buddy_free'])
		lab.recorder.calls.onEntry(name, () => { before = readZones(lab.kernel); });
	for (const kind of ['split', 'merge']) {
		let event = null;
		for (let i = 0; i < 400 && event?.kind !== kind; i++)
			({ event } = await after(() => lab.step({ kind: 'buddy' })));
		const [from, to] = /order (\d+) to (\d+)/.exec(event.text).slice(1).map(Number);
		const { lists } = before.find(({ start, end }) => event.frame >= start && event.frame < end);
		const sign = kind === 'split' ? 1 : -1;
		const [low, high] = [Math.min(from, to), Math.max(from, to)];
		equal(listsOf(lab.kernel, event.frame), lists.map((count, order) => count + (order === high ? -sign : order >= low && order < high ? sign : 0)),
			`the next ${kind}: the free lists after it`);
	}
}

async function others() {
	const { lab, after } = await open('forktree');
	const { event } = await after(() => lab.step({ kind: 'allocation' }));
	const page = lab.frame(event.frame);
	result(event.kind === 'alloc' && page.count === 1 && page.owner !== 'free' && page.order === event.order, 'the next allocation: the frame is owned', { event, page });

	await blocks(lab, after);

	const told = await after(() => lab.step({ kind: 'allocation' }));
	const { change } = await after(() => lab.step({ kind: 'change', of: 'frame', pfn: told.event.frame }));
	result(change.before !== change.after && (change.from || change.to), 'the next change of a frame, and the call before or after it', change);
	const { fault } = await after(() => lab.step({ kind: 'fault' }));
	const entry = await after(() => lab.step({ kind: 'change', of: 'entry', pid: fault.pid, address: fault.address }));
	result(entry.change.before.startsWith('entry ') && entry.change.after !== entry.change.before, 'the next change of an entry', entry);
	await lab.end();
}

async function areas() {
	const opened = await open('brk');
	const { lab, after } = opened;
	const { pid, address, area } = await faultUntil(opened, (fault) => fault.area?.name === '[heap]');
	const { change } = await after(() => lab.step({ kind: 'change', of: 'area', pid, address }));
	result(change.before.startsWith(area.start.toString(16).padStart(8, '0')) && change.after !== change.before && change.from, 'the next change of an area', change);
	const { event } = await after(() => lab.step({ kind: 'area' }));
	result(/^(insert|split|remove) [0-9a-f]{8}-/.test(event.text), 'the next change of any area', event);
	await lab.end();
}

async function input() {
	const lab = new Laboratory({ files, memory: 64 << 20, patient: false,
		options: 'suites=none programs=none run=/bin/shell terminal=ttyS1 env=PATH=/bin' });
	let text = '';
	lab.onByte = (byte, line) => { if (line === 1) text += String.fromCharCode(byte); };
	const until = async (wanted) => {
		for (let i = 0; i < SECONDS * 100 && !text.includes(wanted); i++)
			await new Promise((resolve) => setTimeout(resolve, 10));
		return text.includes(wanted);
	};
	await lab.start();
	result(await until('> '), 'the prompt comes', text);
	lab.send('buddy\r');
	result(await until('HighMem'), 'what is typed is run', text);
	const stopped = new Promise((resolve) => { lab.onStop = resolve; });
	lab.pause();
	await stopped;
	const moment = now(lab);
	text = '';
	await lab.restore(lab.save());
	equal(now(lab), moment, 'a moment with input and a pause is restored');
	result(text.includes('HighMem'), '... and the terminal has the same text', text);
	await lab.end();
}

/** A frame that is never freed is seen by the kernel, and in the panel of frames. */
async function plantedBug() {
	let skipped = 0;
	const { lab, log } = await run({
		options: 'suites=none programs=cow',
		watch: ({ recorder, machine, kernel }) => recorder.calls.onEntry('put_pages', ({ arguments: [, count], caller, stack }) => {
			if (count !== 1 || skipped++)
				return;
			machine.processor.setEip(caller); // the call returns at once
			machine.processor.setRegister('esp', stack + 4);
		}),
	});
	const anon = lab.kernel.enums.page_owner.OWNER_ANON, cache = lab.kernel.enums.page_owner.OWNER_PAGECACHE;
	const { byOwner } = readFrames(lab.kernel);
	result(log.some((line) => line.startsWith('not ok 1 ring3/cow')), 'a release that is left out: the kernel finds the leak', log.join('\n'));
	equal(byOwner[anon] + byOwner[cache], 1, '... and so does the panel');
}

await faults();
await returns();
await others();
await areas();
await input();
await plantedBug();
done();
