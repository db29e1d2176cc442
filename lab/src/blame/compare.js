// SPDX-License-Identifier: MIT
/**
 * Where a run behaves differently from that of another build: `node compare.js REQUEST`, a JSON file of tools/blame.
 *
 * The trees of calls are walked side by side. A function behaves differently if, entered with the same arguments and with all its
 * callees behaving as in the other run, it calls another function, passes other arguments, leaves other words in memory,
 * or returns another result. How it is compiled does not matter: the order of its stores, and its local variables.
 *
 * `begun`: the moment at which the kernel is up; before it the kernel measures how fast its clocks are, and a function with noise
 * is all noise, with what its caller does then.
 *
 * What follows from a difference is different too, but later. What differs between two runs of the same build, with another time,
 * is no finding: the request has the differences of such runs as `noise`. Nor is what functions do that only wait or count time,
 * which are `timed`.
 */
import fs from 'node:fs';
import { EFFECT, KIND_BITS, COUNT_BITS } from './recorder.js';
import { readRequest } from './request.js';
import { Recording } from './tree.js';

const AHEAD = 12; // calls that one run may have more than the other
const request = readRequest();
const MOST = request.keys ? 2000 : 40; // differences on one stack
const good = new Recording(request.good.recording, request.good.course);
const bad = new Recording(request.bad.recording, request.bad.course);
// A word that begins a page may be the address of the page. So the name of a function that begins one, in either build, tells nothing.
const atPages = [...good.atPages(), ...bad.atPages()];
good.forget(atPages);
bad.forget(atPages);
const noise = new Set(request.noise);
const timed = new Set(request.noise.map((key) => key.replace(/ .*/, ''))); // functions that noise is in
let found = []; // on one stack

/** Notes a difference. True if one is enough here: it is no noise, and not all are asked for. */
function differs(g, node, kind, detail, at, [goodSite, badSite], [before, after]) {
	const name = bad.name(node.id);
	const key = `${name} ${kind} ${detail}`;
	const isStart = at < request.begun;
	if (noise.has(key) || bad.about.timed.includes(name) || isStart && (timed.has(name) || node.isTimed)) {
		if (isStart && node.parent)
			node.parent.isTimed = true;
		return false;
	}
	if (found.length >= MOST)
		return true;
	if (request.keys)
		noise.add(key); // each name once
	found.push({ key, name, kind, detail, at, good: goodSite, bad: badSite, before: told(before), after: told(after), chain: chainOf(node), calls: [g, node].map(({ id, at: entered }) => ({ id, at: entered })) });
	return !request.keys;
}

const told = (value) => (value === undefined ? 'none' : Array.isArray(value) ? value.map(told).join(',') : typeof value === 'number' ? `0x${(value >>> 0).toString(16)}` : value);

/** Return addresses, the innermost first. */
function chainOf(node) {
	const chain = [];
	for (let one = node; one?.parent; one = one.parent)
		chain.push(one.from);
	return chain;
}

const isSameList = (one, other) => one.length === other.length && one.every((value, i) => value === other[i]);
const argsOf = (recording, call) => Array.from(recording.args(call), (value) => recording.meaning(value, call.key));
const isSameArgs = (g, b) => isSameWords(g.place, b.place) || isSameList(argsOf(good, g), argsOf(bad, b)); // equal words first: most are

/** Have two calls the same words as arguments? */
function isSameWords(one, other) {
	const count = good.count(one);
	for (let i = 4; i < count + 3; i++)
		if (good.words[one + i] !== bad.words[other + i])
			return false;
	return count === bad.count(other);
}

const isSameCall = (g, b) => good.name(g.id) === bad.name(b.id) && isSameArgs(g, b);

/** The position of the next call from item `start`. */
function nextCall({ items }, start) {
	let i = start;
	while (typeof items[i] === 'number')
		i++;
	return i;
}

/** The positions of the next calls of both; one that is optional, and not in the other run, is passed over. */
function nextCalls(g, b, gi, bi) {
	let left = nextCall(g, gi), right = nextCall(b, bi);
	while (good.name(g.items[left]?.id) !== bad.name(b.items[right]?.id))
		if (good.optional.has(g.items[left]?.id))
			left = nextCall(g, left + 1);
		else if (bad.optional.has(b.items[right]?.id))
			right = nextCall(b, right + 1);
		else
			break;
	return [left, right];
}

/** The stores and effects from item `start` up to the call at `next`: {memory: place -> [value, site], list}. */
function segment(recording, node, start, next) {
	const memory = new Map(), list = [];
	const { words, about } = recording;
	for (const place of node.items.slice(start, next)) {
		if (typeof place !== 'number')
			continue;
		const id = words[place] >>> KIND_BITS + COUNT_BITS;
		if ((words[place] & (1 << KIND_BITS) - 1) === EFFECT) {
			list.push([`${about.effects[id][0]} ${recording.meaning(words[place + 3], node.key)}`, about.effects[id][1]]);
			continue;
		}
		const where = recording.meaning(words[place + 3], node.key), value = recording.meaning(words[place + 4], node.key);
		if (where === 'stack')
			list.push([`stack ${value}`, about.stores[id]]);
		else
			memory.set(where, [value, about.stores[id]]);
	}
	return { node, memory, list };
}

const kindOf = (word) => word & (1 << KIND_BITS) - 1;
const effectOf = (recording, place) => (kindOf(recording.words[place]) === EFFECT ? recording.about.effects[recording.words[place] >>> KIND_BITS + COUNT_BITS][0] : '');

/** Have two parts of the items the same stores and effects, word by word? Most have. */
function isSamePart(g, b, [gi, left], [bi, right]) {
	if (left - gi !== right - bi)
		return false;
	for (let i = 0; gi + i < left; i++) {
		const one = g.items[gi + i], other = b.items[bi + i];
		if (typeof one !== 'number' || typeof other !== 'number' || kindOf(good.words[one]) !== kindOf(bad.words[other]) || effectOf(good, one) !== effectOf(bad, other) ||
			good.words[one + 3] !== bad.words[other + 3] || !effectOf(good, one) && good.words[one + 4] !== bad.words[other + 4])
			return false;
	}
	return true;
}

const nameOfPlace = (where) => (typeof where === 'string' ? where.replace(/\+.*/, '') : 'memory');

/** `partial`: the run ended there; what it did not do yet is no difference. Noise at one place hides no difference at another one. */
function compareStores(node, g, b, at, partial) {
	const isEnough = (detail, sites, values) => differs(g.node, node, 'store', detail, at, sites, values);
	for (const [where, [value, site]] of b.memory) {
		const [before, siteBefore] = g.memory.get(where) ?? [undefined, 0];
		if (before !== value && isEnough(nameOfPlace(where), [siteBefore, site], [before, value]))
			return;
	}
	if (partial)
		return;
	for (const [where, [value, site]] of g.memory)
		if (!b.memory.has(where) && isEnough(nameOfPlace(where), [site, 0], [value, undefined]))
			return;
	const wrong = Array.from({ length: Math.max(g.list.length, b.list.length) }, (_, i) => i).find((i) => g.list[i]?.[0] !== b.list[i]?.[0]);
	if (wrong !== undefined)
		isEnough((b.list[wrong] ?? g.list[wrong])[0].replace(/ .*/, ''), [g.list[wrong]?.[1] ?? 0, b.list[wrong]?.[1] ?? 0], [g.list[wrong]?.[0], b.list[wrong]?.[0]]);
}

/** After calls that do not agree: how many to pass over in each run until they do, or null. */
function agreeAgain(g, b, gi, bi) {
	const calls = (node, start) => node.items.slice(start, start + 200).map((item, i) => [item, start + i]).filter(([item]) => typeof item !== 'number').slice(0, AHEAD);
	const ahead = calls(g, gi), other = calls(b, bi);
	for (let sum = 1; sum < AHEAD * 2; sum++)
		for (let k = 0; k <= sum; k++)
			if (ahead[k] && other[sum - k] && isSameCall(ahead[k][0], other[sum - k][0]))
				return [ahead[k][1], other[sum - k][1]];
	return null;
}

/** Compares two calls, or two stacks, from their entry to their end. */
function compareNodes(g, b) {
	const isRoot = b.id < 0;
	let gi = 0, bi = 0, last = b.at;
	while (found.length < MOST) {
		const [left, right] = nextCalls(g, b, gi, bi);
		const one = g.items[left], other = b.items[right];
		const ends = !other && b.ended === undefined || !one && g.ended === undefined; // a run, or a task that sleeps for ever
		if (!isRoot && !isSamePart(g, b, [gi, left], [bi, right]))
			compareStores(b, segment(good, g, gi, left), segment(bad, b, bi, right), last, ends);
		if (ends)
			return;
		gi = left + 1;
		bi = right + 1;
		if (!one && !other)
			break;
		if (one && other && good.name(one.id) === bad.name(other.id)) {
			last = other.ended ?? other.at;
			if (isSameArgs(one, other)) {
				compareNodes(one, other);
				continue;
			}
			if (!isRoot)
				differs(g, b, 'argument', bad.name(other.id), other.at, [one.from - 1, other.from - 1], [argsOf(good, one), argsOf(bad, other)]);
			if (!isRoot)
				continue;
		} else if (!isRoot) {
			differs(g, b, 'call', `${good.name(one?.id)} ${bad.name(other?.id)}`, other?.at ?? b.ended ?? last, [one ? one.from - 1 : 0, other ? other.from - 1 : 0],
				[one && good.name(one.id), other && bad.name(other.id)]);
		}
		const again = agreeAgain(g, b, left, right);
		if (!again)
			return;
		[gi, bi] = again;
	}
	if (!isRoot && g.result !== undefined && b.result !== undefined && good.meaning(g.result, g.key) !== bad.meaning(b.result, b.key))
		differs(g, b, 'result', '', b.ended, [0, 0], [good.meaning(g.result, g.key), bad.meaning(b.result, b.key)]);
}

const all = [];
for (const [key, root] of bad.roots) {
	found = [];
	if (good.roots.has(key))
		compareNodes(good.roots.get(key), root);
	all.push(...found);
}
all.sort((one, other) => one.at - other.at);
fs.writeFileSync(request.answer, JSON.stringify({ differences: request.keys ? [...new Set(all.map(({ key }) => key))] : all.slice(0, 40) }));
