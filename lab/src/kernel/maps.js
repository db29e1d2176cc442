// SPDX-License-Identifier: MIT
/** The virtual map of each process: its areas, and the entry of each of their pages. */
import { directoryOf, partOfLarge } from './pagetables.js';
import { readAreas } from './processes.js';

const PAGE = 4096;
const PAGES_SHOWN = 256; // of an area

export function readMaps(kernel) {
	const tasks = [...kernel.list(kernel.variable('task_list'), 'task', 'link')];
	return [...kernel.list(kernel.variable('mm_list'), 'mm_struct', 'link')].map((mm) => {
		const own = tasks.filter((task) => task.mm?.address === mm.address);
		return {
			mm: mm.address,
			pids: own.map((task) => task.pid),
			name: own[0]?.name ?? '',
			areas: readAreas(kernel, mm).map((area) => ({ ...area, pages: (area.end - area.start) / PAGE, entries: readEntries(kernel, mm, area) })),
		};
	});
}

/** The page-table entries of the first pages of an area; 0 where there is no table. */
function readEntries(kernel, mm, { start, end }) {
	const { physical } = kernel.memory;
	const bits = kernel.enums.pte_bits;
	const directory = directoryOf(kernel, mm);
	return Uint32Array.from({ length: Math.min((end - start) / PAGE, PAGES_SHOWN) }, (_, i) => {
		const address = start + i * PAGE;
		const pde = physical.u32(directory + (address >>> 22) * 4);
		if (pde & bits.PTE_LARGE && pde & bits.PTE_PRESENT)
			return partOfLarge(bits, pde, address);
		return pde & bits.PTE_PRESENT ? physical.u32((pde >>> 12) * PAGE + (address >>> 12 & 1023) * 4) : 0;
	});
}
