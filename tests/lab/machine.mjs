// SPDX-License-Identifier: MIT
/** The page's readers against the kernel's own figures, in Node, without a page. */
import path from 'node:path';
import { built, done, equal, result, run } from './tap.mjs';

const load = (name) => import(path.join(built, 'page/src', name));
const { readFrames } = await load('kernel/frames.js');
const { readZones } = await load('kernel/zones.js');

/** Calls compare(struct census) each time when mm_census() returns true. */
function onCensus(lab, compare) {
	const { calls } = lab.recorder;
	calls.onEntry('mm_census', (call) => calls.onReturn(call, (good) => {
		if (good & 1)
			compare(lab.kernel.at('census', call.arguments[0]));
	}));
}

/** All frames by owner, and the free lists, at each census and at the start. */
async function panels() {
	const zones = [], censuses = [];
	const { log, verdict } = await run({
		options: 'suites=none programs=cow,demand,brk,forktree,filemap',
		watch: (lab) => onCensus(lab, (census) => {
			const { byOwner } = readFrames(lab.kernel);
			const freeOf = (zone) => zone.hot + zone.lists.reduce((sum, blocks, order) => sum + (blocks << order), 0);
			censuses.push({
				kernel: [...census.frames, census.total],
				page: [...byOwner, lab.kernel.variable('max_pfn')],
				lists: readZones(lab.kernel).every((zone) => zone.free === freeOf(zone)),
			});
		}),
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
	equal(zones.map(([, page]) => page), zones.map(([kernel]) => kernel), `${zones.length} lines about zones and free lists`);
	result(zones.length === 22, 'two zones, ten lists each', zones);
	equal(censuses.map(({ page }) => page), censuses.map(({ kernel }) => kernel), 'frames by owner equal each census');
	result(censuses.length >= 5 && censuses.every(({ lists }) => lists), `the free lists add up at each of ${censuses.length} censuses`, censuses);
}

/** The same run twice is the same, to the instruction. */
async function repeats() {
	const runs = [];
	for (let i = 0; i < 2; i++) {
		const { lab, log } = await run({ options: 'suites=none programs=sleep' });
		runs.push([lab.machine.clock.instructions(), log.join('\n')]);
	}
	equal(runs[0], runs[1], 'a run repeats');
}

await panels();
await repeats();
done();
