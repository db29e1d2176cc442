// SPDX-License-Identifier: MIT
/**
 * The moment of a trace as the panels want it (kernel/picture.js), as far as the events tell. What
 * they do not tell is null: watermarks, counts of references, states of tasks.
 */
import { FRAME_HOT, FRAME_OWNER } from '../kernel/frames.js';
import { partOfLarge } from '../kernel/pagetables.js';
import { listsOf } from './memory.js';

const PAGE = 4096, ENTRIES = 1024;
const PAGES_SHOWN = 256; // of an area, as in kernel/maps.js

/** What a tab needs beside the frames, the zones and the tasks. */
const parts = {
	slabs: (lab) => ({ slabs: readSlabs(lab) }),
	processes: (lab, { pid }) => ({ space: { pid, areas: readAreas(lab, mmOf(lab, pid)) } }),
	tables: (lab, chosen) => ({ tables: readTables(lab, chosen) }),
	maps: (lab) => ({ maps: readMaps(lab) }),
};

export function readPicture(lab, chosen) {
	const { memory } = lab;
	return {
		frames: memory.state.frames.slice(),
		byOwner: countOwners(memory),
		owners: memory.owners,
		zones: memory.state.zones.filter((zone) => zone?.end > zone.start).map((zone) => readZone(memory, zone)),
		tasks: readTasks(lab),
		...parts[chosen.tab]?.(lab, chosen),
	};
}

function countOwners({ state, owners }) {
	const sums = new Array(owners.length).fill(0);
	for (const byte of state.frames)
		sums[byte & FRAME_OWNER]++;
	return sums;
}

function readZone({ state }, zone) {
	const lists = listsOf(zone);
	let hot = 0;
	for (let pfn = zone.start; pfn < zone.end; pfn++)
		hot += state.frames[pfn] & FRAME_HOT ? 1 : 0;
	const free = hot + lists.reduce((sum, blocks, order) => sum + (blocks << order), 0);
	return { name: zone.name, start: zone.start, end: zone.end, present: null, free, min: null, low: null, high: null, hot, lists };
}

function readTasks({ memory: { state } }) {
	return [...state.tasks].filter(([tid, { gone }]) => !gone || tid === state.running).map(([tid, { tgid, parent, name, mm, gone }]) => ({
		pid: tid, tgid, parent, name: name || '?', state: gone ? 'ending' : '', running: tid === state.running, mm,
		rss: null, total: [...state.spaces.get(mm)?.areas ?? []].reduce((sum, [start, { end }]) => sum + (end - start) / PAGE, 0), tables: null,
	}));
}

const mmOf = ({ memory: { state } }, pid) => state.tasks.get(pid)?.mm ?? 0;

function readAreas({ memory: { state }, description }, mm) {
	const flags = description.enums.vm_flags;
	const letter = (value, bit, text) => value & bit ? text : '-';
	return [...state.spaces.get(mm)?.areas ?? []].sort(([a], [b]) => a - b).map(([start, area]) => ({
		start,
		end: area.end,
		rights: letter(area.flags, flags.VM_READ, 'r') + letter(area.flags, flags.VM_WRITE, 'w') + letter(area.flags, flags.VM_EXEC, 'x') + (area.flags & flags.VM_MAYSHARE ? 's' : 'p'),
		flags: Object.entries(flags).filter(([, bit]) => bit && !(bit & bit - 1) && area.flags & bit).map(([name]) => name.replace('VM_', '')),
		name: area.mapping ? `object ${area.mapping.toString(16)}` : '',
	}));
}

function table({ memory: { state } }, frame) {
	return state.tables.get(frame) ?? null;
}

function readTables(lab, { pid, slot = 0 }) {
	const { PTE_PRESENT, PTE_LARGE } = lab.description.enums.pte_bits;
	const directory = table(lab, lab.memory.state.spaces.get(mmOf(lab, pid))?.pgd) ?? new Uint32Array(ENTRIES);
	const entry = directory[slot];
	const words = entry & PTE_PRESENT && !(entry & PTE_LARGE) ? table(lab, entry >>> 12) : null;
	return { pid, slot, directory: directory.slice(), table: words?.slice() ?? null };
}

/** The entry for an address; 0 where none was set. */
function entryAt(lab, pgd, address) {
	const pde = table(lab, pgd)?.[address >>> 22] ?? 0;
	const bits = lab.description.enums.pte_bits;
	if (pde & bits.PTE_LARGE && pde & bits.PTE_PRESENT)
		return partOfLarge(bits, pde, address);
	return pde & bits.PTE_PRESENT ? table(lab, pde >>> 12)?.[address >>> 12 & ENTRIES - 1] ?? 0 : 0;
}

function readMaps(lab) {
	const { state } = lab.memory;
	return [...state.spaces].map(([mm, { pgd }]) => {
		const own = [...state.tasks].filter(([, task]) => task.mm === mm);
		return {
			mm,
			pids: own.map(([tid]) => tid),
			name: own[0]?.[1].name ?? '',
			areas: readAreas(lab, mm).map((area) => {
				const pages = (area.end - area.start) / PAGE;
				return { ...area, address: area.start, pages, entries: Uint32Array.from({ length: Math.min(pages, PAGES_SHOWN) }, (_, i) => entryAt(lab, pgd, area.start + i * PAGE)) };
			}),
		};
	});
}

/** The caches that had a slab or an object in the trace. */
function readSlabs({ memory: { state } }) {
	return [...state.caches.values()].map(({ name, slabs, objects, size, order, inuse }) => ({
		name, inuse, objects: slabs * objects, size, pages: 1 << order, slabs, full: null, partial: null, free: null,
	}));
}

/** The story of a frame (kernel/frame_story.js). */
export function frameStory(lab, pfn) {
	const { state } = lab.memory;
	if (pfn >= state.frames.length)
		return null;
	const { first, order } = blockOf(state, pfn);
	const owner = lab.ownerOf(pfn);
	return {
		pfn, address: pfn * PAGE, first, order, owner,
		zone: state.zones.find((zone) => zone && pfn >= zone.start && pfn < zone.end)?.name ?? '',
		count: null, flags: [], hot: Boolean(state.frames[pfn] & FRAME_HOT),
		caller: state.callers.has(first) ? callerText(state.callers.get(first)) : null,
		use: owner === 'unknown' ? 'it had its owner before the trace began' : '',
		maps: mappersOf(lab, pfn),
		events: lab.ofFrame(pfn, 40),
	};
}

const callerText = (caller) => typeof caller === 'number' ? (caller >>> 0).toString(16) : caller;

function blockOf({ zones, orders }, pfn) {
	const free = zones.find((zone) => zone && pfn >= zone.start && pfn < zone.end)?.free;
	for (let order = 0; order < 10; order++) {
		const first = pfn - pfn % (1 << order);
		if ((orders.get(first) ?? free?.get(first)) === order)
			return { first, order };
	}
	return { first: pfn, order: 0 };
}

/** The processes and addresses that map a frame. */
function mappersOf(lab, pfn) {
	const bits = Object.entries(lab.description.enums.pte_bits).filter(([name]) => !['PTE_LARGE', 'PTE_PROTNONE'].includes(name));
	return readMaps(lab).flatMap(({ pids, areas }) => areas.flatMap((area) => [...area.entries].flatMap((entry, i) => entry & 1 && entry >>> 12 === pfn
		? [{ pids, address: area.start + i * PAGE, entry, bits: bits.filter(([, bit]) => entry & bit).map(([name]) => name.slice(4).toLowerCase()), area }] : [])));
}
