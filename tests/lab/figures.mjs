// SPDX-License-Identifier: MIT
/** The panels' figures against those that the kernel keeps or counts itself, while it runs. */
import path from 'node:path';
import { built } from './tap.mjs';

const load = (name) => import(path.join(built, 'page/src', name));
const { readFrames } = await load('kernel/frames.js');
const { readZones } = await load('kernel/zones.js');
const { readSlabs } = await load('kernel/slabs.js');
const { readAreas } = await load('kernel/processes.js');
const { directoryOf } = await load('kernel/pagetables.js');

/** Blocks of the free lists, and hot frames, as frames. */
export const freeOf = (zone) => zone.hot + zone.lists.reduce((sum, blocks, order) => sum + (blocks << order), 0);

/** Calls compare(struct census) each time when mm_census() returns true. */
export function onCensus(lab, compare) {
	const { calls } = lab.recorder;
	calls.onEntry('mm_census', (call) => calls.onReturn(call, (good) => {
		if (good & 1)
			compare(lab.kernel.at('census', call.arguments[0]));
	}));
}

/** [name, the panel's figure, the kernel's] of all frames, at a census. */
export function censusFigures(kernel, census) {
	const { byOwner } = readFrames(kernel);
	const owners = kernel.enums.page_owner;
	const slabs = readSlabs(kernel);
	return [
		['frames by owner', byOwner, census.frames],
		['frames', byOwner.reduce((sum, count) => sum + count), census.total],
		...readZones(kernel).map((zone) => [`free frames of ${zone.name}`, freeOf(zone), zone.free]),
		['frames of slabs', slabs.reduce((sum, cache) => sum + cache.slabs * cache.pages, 0), census.frames[owners.OWNER_SLAB]],
		...slabs.map((cache) => [`slabs of ${cache.name}`, cache.full + cache.partial + cache.free, cache.slabs]),
	];
}

/** The same of one address space. */
export function spaceFigures(kernel, mm) {
	const areas = readAreas(kernel, mm);
	const { PTE_PRESENT, PTE_LARGE } = kernel.enums.pte_bits;
	const directory = directoryOf(kernel, mm);
	let tables = 0;
	for (let i = 0; i < kernel.constants.KERNEL_PGD_INDEX; i++)
		tables += (kernel.memory.physical.u32(directory + i * 4) & (PTE_PRESENT | PTE_LARGE)) === PTE_PRESENT ? 1 : 0;
	return [
		['areas', areas.length, mm.map_count],
		['pages of areas', areas.reduce((sum, { start, end }) => sum + (end - start) / 4096, 0), mm.total_vm],
		['page tables', tables, mm.nr_ptes],
	];
}

/** Watches a laboratory: wrong(text) for a figure that differs, compared() for each comparison. */
export function compareFigures(lab, wrong, compared) {
	const { kernel } = lab;
	const compare = (figures) => {
		compared();
		for (const [name, panel, own] of figures)
			if (JSON.stringify(panel) !== JSON.stringify(own))
				wrong(`${name}: ${JSON.stringify(panel)}, the kernel has ${JSON.stringify(own)}`);
	};
	onCensus(lab, (census) => compare(censusFigures(kernel, census)));
	lab.recorder.calls.onEntry('mm_put', ({ arguments: [address] }) => {
		const mm = kernel.at('mm_struct', address);
		if (mm.mm_users === 1)
			compare(spaceFigures(kernel, mm));
	});
}
