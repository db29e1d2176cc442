// SPDX-License-Identifier: MIT
/**
 * What memory looks like after some events of a trace: frames by owner, free blocks, caches, tasks,
 * areas, page tables. Only what was recorded is known.
 *
 *     zone_create, block_free   free, on a list
 *     block_alloc               off the lists: a hot frame, until mm_page_alloc gives it an owner
 *     mm_page_free              hot again, until block_free
 *
 *  (1) `state` is plain data, so that a copy of it is a moment to which one can return.
 */
import { FRAME_FIRST, FRAME_HOT, FRAME_OWNER } from '../kernel/frames.js';

const PAGE = 4096, ORDERS = 10, ENTRIES = 1024;
export const UNKNOWN = 'unknown'; // the owner of a frame that no event has named yet

export class TracedMemory {
	/** `frames`: how many; `owners`: their names by number; `pageOffset`: PAGE_OFFSET of the kernel. */
	constructor(frames, owners, pageOffset) {
		this.owners = owners.includes(UNKNOWN) ? owners : [...owners, UNKNOWN];
		this.free = this.owners.indexOf('free');
		this.pageOffset = pageOffset;
		this.state = {
			frames: new Uint8Array(frames).fill(this.owners.indexOf(UNKNOWN) | FRAME_FIRST),
			orders: new Map(), // first frame of an allocated block -> order, if it is not 0
			callers: new Map(), // first frame -> what allocated it
			zones: [], // {name, start, end, free: Map of first frame -> order}
			caches: new Map(), // address -> {name, slabs, objects (in a slab), size, order, inuse, made}
			spaces: new Map(), // address of the mm -> {pgd, areas: Map of start -> area}
			tasks: new Map(), // tid -> {tgid, parent, name, mm}
			born: new Map(), // tid -> the mm that it has made for a child or for a new program
			tables: new Map(), // frame -> the words of a page table or directory
			running: 0,
		};
	}

	apply(event) {
		const { tid, pid } = event;
		if (tid && !this.state.tasks.has(tid))
			this.task(tid).tgid = pid;
		this.state.running = tid;
		handlers[event.name]?.(this, event.fields, event);
	}

	task(tid) {
		const { tasks } = this.state;
		if (!tasks.has(tid))
			tasks.set(tid, { tgid: tid, parent: 0, name: '', mm: 0 });
		return tasks.get(tid);
	}

	/** Gives a block a byte of owner and marks. */
	mark(pfn, order, byte) {
		const { frames } = this.state;
		frames.fill(byte & FRAME_OWNER, pfn, pfn + (1 << order));
		if (pfn < frames.length)
			frames[pfn] |= byte | FRAME_FIRST;
	}

	cache(address) {
		const { caches } = this.state;
		if (!caches.has(address))
			caches.set(address, { name: hex(address), slabs: 0, objects: 0, size: 0, order: 0, inuse: 0 });
		return caches.get(address);
	}

	areas(mm) {
		const { spaces } = this.state;
		if (!spaces.has(mm))
			spaces.set(mm, { pgd: 0, areas: new Map() });
		return spaces.get(mm).areas;
	}

	/** The word at the kernel's address of an entry is set. */
	setEntry(place, value) {
		const { tables } = this.state;
		const physical = place - this.pageOffset;
		const frame = Math.floor(physical / PAGE);
		if (!tables.has(frame))
			tables.set(frame, new Uint32Array(ENTRIES));
		tables.get(frame)[physical % PAGE >> 2] = value;
	}

	/** The thread gets the address space that it, or its parent, made last. */
	adopt(tid, maker) {
		const { born } = this.state;
		if (born.has(maker))
			this.task(tid).mm = born.get(maker);
		born.delete(maker);
	}
}

const hex = (number) => (number >>> 0).toString(16).padStart(8, '0');

/** Event -> (memory, its fields, the event). */
const handlers = {
	zone_create({ state }, { zone, name, start, end }) {
		state.zones[zone] = { name, start, end, free: new Map() };
	},

	/** The upper halves stay free. Frames that are not allocated next become hot, each alone. */
	block_alloc(memory, { zone, pfn, order, split_from: from }) {
		const free = memory.state.zones[zone]?.free;
		memory.state.frames.fill(memory.free | FRAME_HOT | FRAME_FIRST, pfn, pfn + (1 << order));
		free?.delete(pfn);
		for (let upper = order; upper < from; upper++) {
			free?.set(pfn + (1 << upper), upper);
			memory.mark(pfn + (1 << upper), upper, memory.free);
		}
	},

	block_free(memory, { zone, pfn, order, merged, merged_to: to }) {
		const known = memory.state.zones[zone];
		for (let step = order, number = pfn - (known?.start ?? 0); known && step < to; step++) {
			known.free.delete(known.start + (number ^ 1 << step));
			number &= ~(1 << step);
		}
		known?.free.set(merged, to);
		memory.mark(merged, to, memory.free);
	},

	mm_page_alloc(memory, { pfn, order, owner, call_site: caller }) {
		memory.mark(pfn, order, Math.max(memory.owners.indexOf(owner), 0));
		memory.state.callers.set(pfn, caller);
		if (order)
			memory.state.orders.set(pfn, order);
		else
			memory.state.orders.delete(pfn);
		memory.state.tables.delete(pfn); // a new table has no entries
	},

	mm_page_free(memory, { pfn, order }) {
		memory.mark(pfn, order, memory.free | FRAME_HOT);
		memory.state.orders.delete(pfn);
		memory.state.callers.delete(pfn);
		memory.state.tables.delete(pfn);
	},

	mm_page_reserve(memory, { pfn }) {
		memory.mark(pfn, 0, memory.owners.indexOf('reserved'));
	},

	/** A page of shared memory that comes back from swap was allocated for anonymous memory. */
	mm_filemap_add_to_page_cache(memory, { pfn }) {
		if (memory.owners[memory.state.frames[pfn] & FRAME_OWNER] === 'anon')
			memory.mark(pfn, 0, memory.owners.indexOf('pagecache'));
	},

	slab_create(memory, { cache, name, order, objects, size }) {
		const found = memory.cache(cache);
		Object.assign(found, { name, order, objects, size: size ?? 0, slabs: found.slabs + 1 });
	},
	slab_destroy(memory, { cache }) {
		memory.cache(cache).slabs--;
	},
	kmem_cache_alloc(memory, { cache, ptr, bytes_alloc: size }) {
		const found = memory.cache(cache);
		found.inuse += ptr ? 1 : 0;
		found.size ||= size;
	},
	kmem_cache_free(memory, { cache }) {
		memory.cache(cache).inuse--;
	},

	mm_create(memory, { mm, pgd }, { tid }) {
		memory.state.spaces.set(mm, { pgd, areas: new Map() });
		memory.state.born.set(tid, mm);
	},
	mm_destroy({ state }, { mm }) {
		state.spaces.delete(mm);
		for (const task of state.tasks.values())
			if (task.mm === mm)
				task.mm = 0;
	},
	area_insert(memory, { mm, start, end, flags, mapping }) {
		memory.areas(mm).set(start, { end, flags, mapping });
	},
	area_remove(memory, { mm, start }) {
		memory.areas(mm).delete(start);
	},
	area_split(memory, { mm, start, at, end }) {
		const areas = memory.areas(mm);
		const { flags = 0, mapping = 0 } = areas.get(start) ?? {};
		areas.set(start, { end: at, flags, mapping }).set(at, { end, flags, mapping });
	},
	area_merge(memory, { mm, start, next, end }) {
		const areas = memory.areas(mm);
		areas.delete(next);
		areas.set(start, { flags: 0, mapping: 0, ...areas.get(start), end });
	},
	area_set_start(memory, { mm, start, end, to }) {
		const areas = memory.areas(mm);
		const area = areas.get(start) ?? { flags: 0, mapping: 0 };
		areas.delete(start);
		areas.set(to, { ...area, end });
	},
	area_set_end(memory, { mm, start, to }) {
		const areas = memory.areas(mm);
		areas.set(start, { flags: 0, mapping: 0, ...areas.get(start), end: to });
	},
	area_flags(memory, { mm, start, end, flags }) {
		const areas = memory.areas(mm);
		areas.set(start, { mapping: 0, ...areas.get(start), end, flags });
	},

	pte_set(memory, { place, entry }) {
		memory.setEntry(place, entry);
	},
	pmd_set(memory, { place, entry }) {
		memory.setEntry(place, entry);
	},

	sched_switch(memory, fields) {
		for (const side of ['prev', 'next'])
			if (fields[`${side}_pid`])
				memory.task(fields[`${side}_pid`]).name = fields[`${side}_comm`];
		memory.state.running = fields.next_pid;
	},
	sched_process_fork(memory, { child_comm: name, child_pid: child }, { tid, pid }) {
		const parent = memory.task(tid);
		Object.assign(memory.task(child), { name, parent: pid, mm: parent.mm, gone: false });
		memory.adopt(child, tid);
	},
	sched_process_exec(memory, { comm, pid }, { tid }) {
		memory.task(pid).name = comm;
		memory.adopt(pid, tid);
	},
	/** It still frees its memory, until another one runs; it is not shown after that. */
	sched_process_exit(memory, { pid }) {
		memory.task(pid).gone = true;
	},
};

/** The number of the frames that all events together name, at least. */
export function framesOf({ name, fields }) {
	if (name === 'zone_create')
		return fields.end;
	return fields.pfn === undefined ? 0 : fields.pfn + (1 << (fields.order ?? 0));
}

/** Blocks on each list of a zone. */
export function listsOf({ free }) {
	const lists = new Array(ORDERS).fill(0);
	for (const order of free.values())
		lists[order]++;
	return lists;
}
