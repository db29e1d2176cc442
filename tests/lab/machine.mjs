// SPDX-License-Identifier: MIT
/** The page's readers and steps against the kernel's own figures, in Node, without a page. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { compareFigures } from './figures.mjs';
import { built, done, equal, result, run } from './tap.mjs';

const load = (name) => import(path.join(built, 'page/src', name));
const { readZones } = await load('kernel/zones.js');
const { readSlabs } = await load('kernel/slabs.js');
const { readAreas } = await load('kernel/processes.js');
const { lookUp, directoryOf } = await load('kernel/pagetables.js');
const { disassemble } = await load('trace/disassemble.js');

/** All frames by owner, and the free lists, at each census and at the start. */
async function panels() {
	const zones = [], wrong = [];
	let compared = 0;
	const { log, verdict } = await run({
		options: 'suites=none programs=cow,demand,brk,forktree,filemap',
		watch: (lab) => compareFigures(lab, (text) => wrong.push(text), () => { compared++; }),
		onLine(text, lab) {
			const zone = /^zone: name=(\w+) start=(\w+) end=(\w+) present=(\d+) free=(\d+) min=(\d+) low=(\d+) high=(\d+)/.exec(text);
			const buddy = /^buddy: zone=(\w+) order=(\d+) blocks=(\d+)/.exec(text);
			const read = readZones(lab.kernel).find(({ name }) => name === (zone ?? buddy)?.[1]);
			if (zone && read)
				zones.push([zone.slice(2).map(Number), [read.start, read.end, read.present, read.free, read.min, read.low, read.high]]);
			if (buddy && read)
				zones.push([Number(buddy[3]), read.lists[buddy[2]]]);
		},
	});
	result(verdict.startsWith('verdict: result=pass'), 'five programs pass', log.join('\n'));
	equal(zones.map(([, page]) => page), zones.map(([kernel]) => kernel), 'the log\'s lines about zones and free lists');
	result(zones.length === 22, 'two zones, ten lists each', zones);
	equal(wrong, [], 'frames by owner, free lists, slabs, areas and tables at each census and at the end of each process');
	result(compared >= 10, 'there are some of them', compared);
}

/** Runs a program of the prompt; returns the lines that it prints, and what `read(call, lab)` gave at each call of a function of the kernel. */
async function printed(program, name, read) {
	const found = [];
	const { log } = await run({
		options: `suites=none programs=none run=/bin/${program}`,
		watch: (lab) => lab.recorder.calls.onEntry(name, (call) => found.push(read(call, lab.kernel))),
	});
	return { found, lines: log.map((line) => line.trim()) };
}

const hex = (number) => number.toString(16).padStart(8, '0');

/** "08048000-08049000 r-xp KIB RESIDENT NAME" of each area of the running process. */
function areaLines(kernel) {
	const { mm } = kernel.variable('current');
	return readAreas(kernel, mm).map(({ start, end, rights, name }) => {
		let resident = 0;
		for (let address = start; address < end; address += 4096)
			resident += lookUp(kernel, directoryOf(kernel, mm), address).frame >= 0 ? 4 : 0;
		return [`${hex(start)}-${hex(end)}`, rights, (end - start) / 1024, resident, name].join(' ').trim();
	});
}

/** Areas, free lists and slabs, as the programs `areas`, `buddy` and `slabs` print what /proc says. */
async function procFiles() {
	const areas = await printed('areas', 'sys_exit_group', (call, kernel) => areaLines(kernel));
	equal(areas.found[0], areas.lines.filter((line) => /^[0-9a-f]{8}-/.test(line)).map((line) => {
		const [range, rights, size, resident, , name = ''] = line.split(/\s+/);
		return `${range} ${rights} ${size} ${resident} ${name}`.trim();
	}), 'areas: ranges, rights, sizes, pages in memory, names');

	const buddy = await printed('buddy', 'show_buddyinfo', (call, kernel) => readZones(kernel).map(({ name, lists, hot }) => [name, lists[0] + hot, ...lists.slice(1)]));
	equal([buddy.found[0]?.[0], buddy.found[1]?.[1]], buddy.lines.filter((line) => /^(DMA|Normal) /.test(line)).map((line) => {
		const [name, , ...lists] = line.split(/\s+/);
		return [name, ...lists.slice(0, 10).map(Number)];
	}), 'buddy: the free lists');

	const slabs = await printed('slabs', 'kmem_cache_slabinfo', ({ arguments: [line] }, kernel) => readSlabs(kernel)[line - 1]);
	const rows = slabs.lines.map((line) => /^(\S+) +(\d+) +(\d+) +(\d+) +(\d+) +\d+ +\d+%$/.exec(line)).filter(Boolean);
	const caches = new Map(slabs.found.filter(Boolean).map((cache) => [cache.name, cache]));
	result(rows.length > 5, 'slabs: some caches', slabs.lines.join('\n'));
	equal(rows.map(([, name]) => caches.get(name)).map(({ size, inuse, objects, slabs: count }) => [size, inuse, objects, count]),
		rows.map((row) => row.slice(2).map(Number)), 'slabs: bytes each, in use, objects, slabs');
}

/** The same run twice is the same, to the instruction; also on another day. */
async function repeats() {
	const runs = [], dates = [];
	for (let i = 0; i < 2; i++) {
		const { lab, log } = await run({
			options: 'suites=none programs=sleep',
			watch: ({ recorder: { calls } }) => calls.onEntry('rtc_read', (call) => calls.onReturn(call, (seconds) => dates.push(seconds))),
		});
		runs.push([lab.machine.clock.instructions(), log.join('\n')]);
	}
	equal(runs[0], runs[1], 'a run repeats');
	const first = Date.UTC(2026, 0, 1) / 1000;
	result(dates.length === 2 && dates.every((date) => date >= first && date < first + 60), 'the machine starts on the same day each time', dates);
}

/** Known instructions are written as objdump writes them. */
function disassembler() {
	const listing = execFileSync('objdump', ['-d', '-M', 'suffix', path.join(built, '../ring3/cow')], { encoding: 'utf8' });
	const wrong = [];
	let known = 0, all = 0;
	for (const [, bytes, text] of listing.matchAll(/^\s*[0-9a-f]+:\t((?:[0-9a-f]{2} )+)\s*\t(.+)$/gm)) {
		const memory = /\(|,0x8|\s0x8/.test(text);
		const ours = disassemble(bytes.trim().split(' ').map((byte) => parseInt(byte, 16)));
		const theirs = text.replace(/\s*[#<].*/, '').replace(/\s+/g, ' ').trim();
		all += memory;
		known += memory && ours !== '';
		if (ours && simplify(ours) !== simplify(theirs))
			wrong.push(`${bytes}: ${ours} is ${theirs}`);
	}
	result(!wrong.length, 'instructions are written as objdump writes them', wrong.slice(0, 20).join('\n'));
	result(known > all * 0.8, 'most instructions that access memory are known', `${known} of ${all}`);
}

/** What differs in style only. */
function simplify(text) {
	return text.replace(/^(push|pop)l\b/, '$1').replace(/^(call|ret|leave|jmp)l?\b.*/, '$1').replace(/^(rep |repz |repnz |repne )?(movs|stos|cmps|lods|scas)(.).*/, '$2$3')
		.replace(/,1\)/, ')').replace(/\s+/g, ' ');
}

await panels();
await procFiles();
await repeats();
disassembler();
done();
