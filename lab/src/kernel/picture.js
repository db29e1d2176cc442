// SPDX-License-Identifier: MIT
/** What all panels show of one moment, as plain data that can be sent to the page. */
import { ownerNames, readFrames } from './frames.js';
import { directoryOf, readTable } from './pagetables.js';
import { findTask, readAreas, readTasks, readTree } from './processes.js';
import { readSlabs } from './slabs.js';
import { readZones } from './zones.js';

/** `chosen`: {pid, slot}: the process that panels show, and the entry of its page directory. */
export function readPicture(kernel, chosen) {
	return {
		...readFrames(kernel),
		owners: ownerNames(kernel),
		zones: readZones(kernel),
		slabs: readSlabs(kernel),
		tasks: readTasks(kernel),
		space: readSpace(kernel, chosen),
	};
}

/** The address space of the chosen process: areas, tree, directory, one table. */
function readSpace(kernel, { pid, slot = 0 }) {
	const task = findTask(kernel, pid);
	const directory = readTable(kernel, directoryOf(kernel, task?.mm));
	const pde = directory[slot];
	const { PTE_PRESENT, PTE_LARGE } = kernel.enums.pte_bits;
	return {
		pid,
		slot,
		areas: task?.mm ? readAreas(kernel, task.mm) : [],
		tree: task?.mm ? readTree(kernel, task.mm.areas.root) : null,
		directory,
		table: pde & PTE_PRESENT && !(pde & PTE_LARGE) ? readTable(kernel, (pde >>> 12) * 4096) : null,
	};
}
