// SPDX-License-Identifier: MIT
/** What the panels show of one moment, as plain data that can be sent to the page. */
import { ownerNames, readFrames } from './frames.js';
import { readMaps } from './maps.js';
import { directoryOf, readTable } from './pagetables.js';
import { findTask, readAreas, readTasks, readTree } from './processes.js';
import { readSlabs } from './slabs.js';
import { readZones } from './zones.js';

/** What a tab needs beside the frames, the zones and the tasks. */
const parts = {
	slabs: (kernel) => ({ slabs: readSlabs(kernel) }),
	processes: (kernel, chosen) => ({ space: readSpace(kernel, chosen) }),
	tables: (kernel, chosen) => ({ tables: readTables(kernel, chosen) }),
	maps: (kernel) => ({ maps: readMaps(kernel) }),
};

/** `chosen`: {tab, pid, slot}: the process and the entry of its page directory that are shown. */
export function readPicture(kernel, chosen) {
	return {
		...readFrames(kernel),
		owners: ownerNames(kernel),
		zones: readZones(kernel),
		tasks: readTasks(kernel),
		...parts[chosen.tab]?.(kernel, chosen),
	};
}

function readSpace(kernel, { pid }) {
	const mm = findTask(kernel, pid)?.mm;
	return mm ? { pid, areas: readAreas(kernel, mm), tree: readTree(kernel, mm.areas.root) } : { pid, areas: [], tree: null };
}

/** The page directory, and the table of one of its entries (null: it has none). */
function readTables(kernel, { pid, slot = 0 }) {
	const directory = readTable(kernel, directoryOf(kernel, findTask(kernel, pid)?.mm));
	const { PTE_PRESENT, PTE_LARGE } = kernel.enums.pte_bits;
	const hasTable = directory[slot] & PTE_PRESENT && !(directory[slot] & PTE_LARGE);
	return { pid, slot, directory, table: hasTable ? readTable(kernel, (directory[slot] >>> 12) * 4096) : null };
}
