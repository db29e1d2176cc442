// SPDX-License-Identifier: MIT
/**
 * The first instruction after which an invariant is false: `node main.js REQUEST`, a JSON file of tools/blame. docs/blame.md
 *
 *     survey     quiet moments, at which no operation of memory management is in progress; and the failure
 *     halve      among them: good at one, bad at the next one: the operation
 *     narrow     among the functions that it calls: the last one that is entered while all is well
 *     step       among the instructions from there on: the last store before which all is well
 *
 * Each part is a run from the start, with the same hooks: devices see a time that depends on them a little. Within an operation invariants are false and become true again; so the moment
 * that counts is the last at which all is well.
 */
import fs from 'node:fs';
import { isSame } from './copy.js';
import { Run } from './machine.js';
import { isFailure, readRequest, settingsOf } from './request.js';
import { lastAtMost } from './search.js';
import { STACK_SHIFT } from './tree.js';

const BEGIN = 'KTAP version 1'; // memory management is up
const LAST = 400; // quiet moments before a failure
const SAMPLES = 24; // evaluations in one run, about
const request = readRequest();
const { about } = request;
const settings = settingsOf(request);
const now = () => Number(process.hrtime.bigint()) / 1e9; // the machine has its own Date
const started = now();
const quietPlaces = new Set(about.quiet);
let evaluations = 0;

const note = (text) => process.stderr.write(`blame: ${(now() - started).toFixed(1)} s: ${text}\n`);

/** The room of a code address, of about.rooms. */
const roomOf = (address) => about.rooms[lastAtMost(about.starts, address)];

/** True if no operation is in progress: only the tests and what runs them is in the chain. */
function isQuiet(run, address) {
	if (address === about.functions.do_syscall)
		return true;
	if (address === about.functions.do_page_fault)
		return (run.word(run.register('eax') + 52) & 3) === 3;
	return run.chain(true).every((place) => roomOf(place) !== 'memory');
}

/** All quiet moments, and the moment of the failure. */
async function survey() {
	const moments = [];
	const end = { verdict: '', at: 0 };
	let failed = null, begun = false;
	const { panic, panic_regs: regs } = about.functions;
	const run = new Run(settings, (address, at) => {
		if (!quietPlaces.has(address))
			return;
		if (address === panic || address === regs) {
			failed ??= { at, text: 'panic', chain: run.chain(true) };
			run.stop();
		} else if (begun && !failed && isQuiet(run, address) && moments[moments.length - 1] !== at) {
			moments.push(at);
		}
	}, (text, at) => {
		if (isFailure(text))
			failed ??= { at, text, chain: null };
		begun ||= text === BEGIN;
		if (text.startsWith('verdict:'))
			Object.assign(end, { verdict: text, at });
		if (request.log)
			console.error(text);
	});
	await run.run();
	return { moments, failed: failed ?? (end.verdict ? null : { at: run.at(), text: 'no verdict', chain: null }), end };
}

/** `count` of the positions from `first` to `last`, with both. */
function spread(first, last, count) {
	const wanted = Math.min(count, last - first + 1);
	return Array.from({ length: wanted }, (_, i) => first + (wanted > 1 ? Math.round((last - first) * i / (wanted - 1)) : 0));
}

/** Evaluates at moments of a run, in order, until `enough(verdict)`. Returns the verdicts. */
async function evaluateAt(moments, enough, focus = null) {
	const found = [];
	const run = new Run(settings, (address, at) => {
		if (at !== moments[found.length])
			return;
		found.push(run.evaluate(focus));
		evaluations++;
		if (enough(found[found.length - 1]) || found.length === moments.length)
			run.stop();
	});
	await run.run();
	return found;
}

/** The last position before `bad` at which another thing or nothing is false, and what: {good, judged}; good -1: none. */
async function lastWithout(moments, bad, isGood) {
	let good = -1, judged = null;
	while (bad - good > 1) {
		const samples = spread(good + 1, bad - 1, SAMPLES);
		const found = await evaluateAt(samples.map((i) => moments[i]), () => false);
		const last = found.findLastIndex(isGood);
		bad = last + 1 < samples.length ? samples[last + 1] : bad;
		good = last >= 0 ? samples[last] : good;
		judged = last >= 0 ? found[last] : judged;
		note(`quiet moments ${good}..${bad} of ${moments.length}`);
	}
	return { good, judged };
}

/** Where a violation began. One before it is its cause; in suites it may also be a frame that a test holds. */
async function origin(moments, bad, verdict) {
	note(`quiet moment ${bad} of ${moments.length}: ${verdict.violated} ${verdict.place} ${verdict.where.toString(16)}`);
	const { good, judged } = await lastWithout(moments, bad, (other) => !isSame(other, verdict));
	if (judged && /suites=none/.test(request.options))
		return origin(moments, good, judged);
	return { good, bad: good + 1, verdict };
}

/**
 * {good, bad, verdict}: neighbours among the quiet moments, good -1: the start. Null: none is bad.
 *
 * The last one is looked at first: what is false there and has become so is the cause. A violation that is gone when the run
 * fails, with a process that has ended, is looked for everywhere, and then at each moment shortly before the failure.
 */
async function halve(moments) {
	const last = moments.length - 1;
	const tries = [[last], spread(0, last, SAMPLES), spread(Math.max(0, last - LAST), last, LAST)];
	for (const samples of tries) {
		const found = await evaluateAt(samples.map((i) => moments[i]), () => false);
		const at = found.findLastIndex((judged) => judged !== null);
		if (at < 0)
			continue;
		return origin(moments, samples[at], found[at]);
	}
	return null;
}

/** Calls of functions between two moments, in order: [{address, at, stack}]. */
async function callsBetween(from, to) {
	const found = [];
	const run = new Run(settings, (address, at) => {
		if (at > to)
			run.stop();
		else if (at >= from)
			found.push({ address, at, stack: run.register('esp') });
	});
	await run.run();
	return found;
}

/** Gives each call its `parent`, the call that it was made by; on each kernel stack there is a chain. */
function makeTree(calls) {
	const stacks = new Map();
	for (const call of calls) {
		const key = call.stack - 1 >>> STACK_SHIFT;
		const chain = stacks.get(key) ?? [];
		stacks.set(key, chain);
		while (chain.length && chain[chain.length - 1].stack <= call.stack)
			chain.pop();
		call.parent = chain[chain.length - 1] ?? null;
		chain.push(call);
	}
}

/** The last of some calls that is entered while all is well, such that it is bad at all later ones; null: none. */
async function lastGoodOf(calls, isGood, focus) {
	let good = -1, bad = calls.length;
	while (bad - good > 1) {
		const samples = spread(good + 1, bad - 1, SAMPLES * 2);
		const found = await evaluateAt(samples.map((i) => calls[i].at), () => false, focus);
		const last = found.findLastIndex(isGood);
		bad = last + 1 < samples.length ? samples[last + 1] : bad;
		good = last >= 0 ? samples[last] : good;
	}
	return calls[good] ?? null;
}

/** Goes down the tree of calls: the last call that is entered while all is well. */
async function narrow(calls, isGood, focus) {
	let found = null, level = calls.filter((call) => !call.parent);
	while (level.length) {
		const inner = await lastGoodOf(level, isGood, focus);
		if (!inner)
			break;
		found = inner;
		level = calls.filter((call) => call.parent === found);
	}
	return found;
}

/**
 * Steps from the entry `from` to the moment `to`. Returns the last store after which all is bad: {address, before, after, chain}
 */
async function step([entry, from], to, isGood, focus) {
	let stores = null, result = null;
	const writes = new Map(about.stores.map(([address, ...place]) => [address, place]));
	let low = 0, high = Infinity;
	for (;;) {
		const wanted = stores ? new Set(spread(low, high, SAMPLES * 2)) : new Set();
		const found = new Map();
		let number = -1;
		const run = new Run(settings, (address, at) => {
			if (at !== from || address !== entry)
				return;
			let place = 0, before = 0;
			run.stepFrom((last, next) => {
				if (last && writes.has(last)) {
					number++;
					if (wanted.has(number)) {
						evaluations++;
						found.set(number, { verdict: run.evaluate(focus), address: last, chain: run.chain(false), place, before, after: run.word(place) });
					}
				}
				if (writes.has(next)) {
					place = run.operand(writes.get(next));
					before = run.word(place);
				}
				if (run.at() >= to)
					run.stop();
			});
		});
		await run.run();
		if (!stores) {
			stores = number + 1;
			note(`${stores} stores from there`);
			high = stores - 1;
			if (!stores)
				return null;
			continue;
		}
		const seen = [...found.keys()].sort((a, b) => a - b);
		const last = seen.findLastIndex((i) => isGood(found.get(i).verdict));
		const first = seen[last + 1];
		if (first === undefined)
			return null;
		result = found.get(first);
		if (first === 0 || first - (seen[last] ?? -1) <= 1)
			return result;
		low = (seen[last] ?? -1) + 1;
		high = first;
	}
}

/** A run that passes: all invariants hold at its quiet moments, and evaluating them does not change the run. */
async function prove(moments, end) {
	const wanted = spread(0, moments.length - 1, SAMPLES).map((i) => moments[i]);
	const found = [];
	let ended = 0;
	const run = new Run(settings, (address, at) => {
		if (at !== wanted[found.length])
			return;
		evaluations++;
		found.push(run.evaluate());
	}, (text, at) => {
		if (text === end.verdict)
			ended = at;
	});
	await run.run();
	const wrong = found.find((judged) => judged !== null) ?? null;
	if (wrong || found.length < wanted.length || ended !== end.at)
		return { result: 'wrong', failed: `${found.length} of ${wanted.length} moments, ended at ${ended}, not ${end.at}`, verdict: wrong };
	return { result: 'good' };
}

async function main() {
	const { moments, failed, end } = await survey();
	note(`${moments.length} quiet moments; ${failed ? failed.text.trim() : end.verdict}`);
	if (!failed)
		return request.prove ? prove(moments, end) : { result: 'good' };
	const before = moments.filter((at) => at <= failed.at);
	const operation = await halve(before);
	if (!operation && failed.text !== 'panic')
		return { result: 'none', failed: failed.text };
	const isBoot = operation?.good === -1 || !before.length;
	const from = operation ? moments[operation.good] ?? 0 : before[before.length - 1] ?? 0;
	const to = operation ? moments[operation.bad] : failed.at;
	const calls = await callsBetween(from, to);
	makeTree(calls);
	note(`the operation has ${to - from} instructions and ${calls.length} calls`);
	// Others are false for a moment in each operation; and while the kernel starts, because their structures are not there yet.
	const wrong = operation?.verdict ?? null;
	const isGood = (judged) => judged === null || wrong && (isBoot ? judged.violated !== wrong.violated : !isSame(judged, wrong));
	const entered = isBoot ? await lastGoodOf(calls, isGood, null) : await narrow(calls, isGood, wrong);
	if (!entered)
		return { result: 'none', failed: failed.text };
	const next = calls[calls.indexOf(entered) + 1];
	note(`narrowed to one call`);
	const found = await step([entered.address, entered.at], next?.at ?? to, isGood, isBoot ? null : wrong);
	return {
		result: 'blamed', failed: failed.text, verdict: operation?.verdict ?? null, panic: failed.chain,
		entered: entered.address, next: next?.address ?? 0, store: found,
	};
}

const answer = await main();
fs.writeFileSync(request.answer, JSON.stringify({ ...answer, seconds: now() - started, evaluations }));
process.exit(0);
