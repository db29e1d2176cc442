// SPDX-License-Identifier: MIT
/**
 * Two recordings of runs are compared (lab/src/blame/compare.js): what counts as a difference, and which function it is of.
 * And what a failure is, and which address space a checker looks at.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { built, done, equal } from './tap.mjs';

const { CALL, RETURN, STORE, EFFECT, KIND_BITS, COUNT_BITS } = await import(path.join(built, 'page/src/blame/recorder.js'));
const { Checker, isSame } = await import(path.join(built, 'page/src/blame/copy.js'));
const { PAGE_OFFSET } = await import(path.join(built, 'page/src/blame/i386.js'));
const { isFailure } = await import(path.join(built, 'page/src/blame/request.js'));
const { lastAtMost } = await import(path.join(built, 'page/src/blame/search.js'));
const NAMES = ['enter', 'outer', 'inner', 'other', 'trap_dispatch', 'schedule', 'usage_tick'];
const STACK = 0xd0002000, TEXT = 0xc0100000, CONSTANT = 0xc0180000, DATA = 0xc0200000, END = 0xc0210000;
const SITES = [TEXT + 0x500, TEXT + 0x600];
const PAGE = 4096;
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'blame-'));

/** What is known of a build; `moved`: its code and its variables are that much further up. */
const courseOf = (moved) => ({
	names: NAMES, entries: Object.fromEntries(NAMES.map((name, i) => [TEXT + moved + i * 256, name])), text: [TEXT, 0], data: [DATA, END],
	symbols: [[CONSTANT, 64, 'constant'], [CONSTANT + 64, 64, 'other'], [DATA + moved, 64, 'table']], stores: SITES, effects: [['invlpg', SITES[0]]], interrupt: 4, optional: [5], timed: ['usage_tick'],
});

/**
 * A recording from calls [name, arguments, result, ...items], written as they nest; a store is {to, value}, an effect {flush}.
 */
function record(file, ...calls) {
	const words = [];
	let at = 0;
	const event = (kind, id, esp, ...values) => words.push(kind | values.length << KIND_BITS | id << KIND_BITS + COUNT_BITS, esp, at++, ...values);
	const enter = ([name, args, value, ...items], esp) => {
		event(CALL, NAMES.indexOf(name), esp, TEXT + 0x700, ...args);
		for (const item of items)
			if (Array.isArray(item))
				enter(item, esp - 32);
			else if ('to' in item)
				event(STORE, item.site ?? 0, esp - 16, item.to, item.value);
			else
				event(EFFECT, 0, esp - 16, item.flush);
		event(RETURN, NAMES.indexOf(name), esp, value);
	};
	calls.forEach((call) => enter(call, STACK - 64));
	fs.writeFileSync(file, new Uint8Array(Int32Array.from(words).buffer));
	return file;
}

/** [function, kind, detail] of each difference between two lists of calls. */
function compare(good, bad, { moved = 0, noise = [], begun = 0, keys = false } = {}) {
	const request = path.join(work, 'request.json'), answer = path.join(work, 'answer.json');
	fs.writeFileSync(request, JSON.stringify({
		good: { recording: record(path.join(work, 'good'), ...good), course: courseOf(0) },
		bad: { recording: record(path.join(work, 'bad'), ...bad), course: courseOf(moved) }, noise, begun, keys, answer,
	}));
	execFileSync('node', [path.join(built, 'page/src/blame/compare.js'), request]);
	const { differences } = JSON.parse(fs.readFileSync(answer));
	return keys ? differences : differences.map(({ name, kind, detail }) => [name, kind, detail].join(' ').trim());
}

const MEMORY = 0xc0800000;
const store = (value, to = MEMORY) => ({ to, value });
const sound = ['enter', [1], 0, store(5), ['outer', [2], 7, ['inner', [3], 9, store(1, MEMORY + 4)], store(2, MEMORY + 8)]];
const changed = (change) => {
	const copy = structuredClone(sound);
	change(copy, copy[4]);
	return copy;
};
equal(compare([sound], [sound]), [], 'equal runs have no difference');
equal(compare([sound], [changed((top) => { top[3].value = 6; })]), ['enter store memory'], 'another word in memory is of the function that stores it');
equal(compare([sound], [changed((top, outer) => { outer.pop(); })]), ['outer store memory'], 'so is a store that is missing');
equal(compare([sound], [changed((top, outer) => { outer[3][1] = [4]; })]), ['outer argument inner'], 'another argument is of the caller');
equal(compare([sound], [changed((top, outer) => { outer[3][2] = 8; outer[2] = 1; })])[0], 'inner result', 'another result is of the callee, and comes first');
equal(compare([sound], [changed((top, outer) => { outer[3][0] = 'other'; })]), ['outer call inner other'], 'another call is of the caller');
equal(compare([sound], [changed((top, outer) => { outer.push({ flush: 0x8000 }); })]), ['outer store invlpg'], 'so is a flush');
equal(compare([['enter', [1], 0, store(1), store(2, MEMORY + 4)]], [['enter', [1], 0, store(2, MEMORY + 4), store(1)]]), [], 'the order of stores between two calls is free');
equal(compare([['enter', [DATA + 4], 0, store(TEXT + 256)]], [['enter', [DATA + 36], 0, store(TEXT + 256 + 32)]], { moved: 32 }), [], 'an address means its symbol');
equal(compare([['enter', [1], 0, store(TEXT + 256)]], [['enter', [1], 0, store(TEXT + PAGE)]], { moved: PAGE - 256 }), [], 'also that of a function that begins a page in one build');
equal(compare([sound, sound], [['trap_dispatch', [0, 33], 0, store(1)], sound, ['schedule', [], 0, store(3)], sound]), [], 'interrupts and switches are left out');
equal(compare([sound, ['other', [1], 0], sound], [sound, sound]), [], 'entries of one run alone are passed over');
equal(compare([['trap_dispatch', [0, 33], 0, store(1)], sound], [sound, ['trap_dispatch', [0, 33], 0, store(2)]]), ['trap_dispatch store memory'], 'interrupts are compared with each other');
equal(compare([['enter', [1], 0, ['schedule', [], 0, store(1)], store(2)]], [['enter', [1], 0, store(2)]]), [], 'one run may switch tasks where the other does not');
equal(compare([['enter', [1], 0, ['schedule', [], 0, store(1)]]], [['enter', [1], 0, ['schedule', [], 0, store(2)]]]), ['schedule store memory'], 'switches of both runs are compared');
equal(compare([['enter', [1], 0, store(CONSTANT + 4)]], [['enter', [1], 0, store(CONSTANT + 68)]]), ['enter store memory'], 'a constant with a name is itself');
equal(compare([sound], [changed((top) => { top[3].value = 6; })], { noise: ['enter store memory'] }), [], 'noise is no difference');
const two = (value) => [['enter', [1], 0, store(value), store(value, DATA + 4)]];
equal(compare(two(5), two(6), { noise: ['enter store memory'] }), ['enter store table'], 'noise at one place hides no difference at another one');
equal(compare(two(5), two(6), { keys: true }), ['enter store memory', 'enter store table'], 'all that differs between two good runs is noise');
equal(compare([['enter', [1], 0, store(5)]], [['enter', [1], 7, store(5)]], { noise: ['enter store memory'], begun: 9 }), [], 'before the kernel is up a function with noise is all noise');
equal(compare([['enter', [1], 0, ['inner', [], 4], store(4)]], [['enter', [1], 0, ['inner', [], 5], store(5)]], { noise: ['inner result '], begun: 99 }), [], 'so is what its caller does then');
const tick = (value, inner) => ['enter', [1], 0, ['usage_tick', [], value, store(value), ['inner', [], inner]]];
equal(compare([tick(4, 1)], [tick(5, 1)]), [], 'what only counts time is left out');
equal(compare([tick(4, 1)], [tick(5, 2)]), ['inner result'], 'what it calls is not');
const failures = ['not ok 3 - cow', '    not ok 1 - buddy', '    # tests/suites/buddy.c:12: wrong', 'census: census=violated', 'verdict: result=fail'];
equal(failures.filter((line) => !isFailure(line)), [], 'lines that say that a run fails');
equal(['ok 3 - cow', 'KTAP version 1', '# ok 1 - not ok', 'verdict: result=pass'].filter(isFailure), [], 'and those that do not');
equal([9, 10, 19, 20, 30, 99].map((value) => lastAtMost([10, 20, 30], value)), [-1, 0, 0, 1, 2, 2], 'the last element that is at most a number');

const words = new Map(), LIST = PAGE_OFFSET + 0x100, LINK = 16, SPACES = [0x1000, 0x2000, 0x3000].map((place) => PAGE_OFFSET + place);
const heads = [LIST, ...SPACES.map((space) => space + LINK)];
heads.forEach((head, i) => {
	words.set(head - PAGE_OFFSET, heads[(i + 1) % heads.length]);
	words.set(head - PAGE_OFFSET + 4, heads.at(i - 1));
});
const memory = { size: 0x10000, u32: (place) => words.get(place), set32: (place, value) => words.set(place, value) };
const checker = new Checker({ processor: { memory } }, { spaces: { list: LIST, link: LINK } });
checker.census = () => checker.spaces();
const whole = [...words.values()];
equal(checker.call(null), SPACES, 'without a focus a checker looks at all address spaces');
equal(checker.call({ space: SPACES[1] }), [SPACES[1]], 'with one it looks at that of the focus alone');
equal([...words.values()], whole, 'and all are there again');
equal(checker.call({ space: PAGE_OFFSET + 0x4000 }), null, 'one that is gone has no violation');
const verdict = { violated: '(6)', place: 'address space', where: 0, space: SPACES[0] };
equal([verdict, { ...verdict, space: SPACES[1] }, null].map((other) => isSame(other, verdict)), [true, false, false], 'the same violation is of the same address space');
fs.rmSync(work, { recursive: true });
done();
