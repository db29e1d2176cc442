// SPDX-License-Identifier: MIT
/** The events of a trace in the words of the page's list of events. */

/** Event -> kind; below, the beginnings of names. */
const names = {
	mm_page_alloc: 'alloc', mm_page_free: 'free', kmalloc: 'object', kfree: 'object', kmem_cache_alloc: 'object', kmem_cache_free: 'object',
	zone_create: 'zone', hot_refill: 'block', page_copy: 'copy', slab_create: 'slab', slab_destroy: 'slab', tlb_flush: 'tlb', page_fault_user: 'exception', page_fault_kernel: 'exception',
	fault: 'fault', mm_create: 'area', mm_destroy: 'area', pte_set: 'entry', pmd_set: 'entry', sys_enter: 'call', sys_exit: 'call', swap_out: 'swap', swap_in: 'swap',
	alloc_vmap_area: 'vmalloc', free_vmap_area: 'vmalloc', clock: 'run', run_begin: 'run', run_end: 'run',
};
const beginnings = { area_: 'area', mm_filemap_: 'cache', mm_vmscan_: 'reclaim', sched_: 'task' };

export const KINDS = ['fault', 'alloc', 'free', 'split', 'merge', 'area', 'copy', 'entry', 'tlb', 'exception', 'call', 'task', 'block', 'object', 'slab', 'vmalloc', 'cache', 'reclaim', 'swap', 'zone', 'run', 'other'];

export function kindOf({ name, fields }) {
	if (name === 'block_alloc')
		return fields.split_from > fields.order ? 'split' : 'block';
	if (name === 'block_free')
		return fields.merged_to > fields.order ? 'merge' : 'block';
	return names[name] ?? beginnings[Object.keys(beginnings).find((beginning) => name.startsWith(beginning))] ?? 'other';
}

const hex = (number) => typeof number === 'number' ? (number >>> 0).toString(16).padStart(8, '0') : String(number);
const range = (start, end) => `${hex(start)}-${hex(end)}`;

/** Event -> its text, where its fields need more words. */
const texts = {
	mm_page_alloc: ({ order, owner, call_site: caller }) => `order ${order} for ${owner} by ${hex(caller)}`,
	mm_page_free: ({ order }) => `order ${order}`,
	block_alloc: ({ order, split_from: from }) => from > order ? `order ${from} to ${order}` : `order ${order} leaves the lists`,
	block_free: ({ order, merged_to: to }) => to > order ? `order ${order} to ${to}` : `order ${order} enters the lists`,
	zone_create: ({ name, start, end }) => `${name}, frames ${start} to ${end - 1}`,
	fault: ({ kind, address, around, grown }) => `${kind} at ${hex(address)}${around ? `, ${around} neighbours` : ''}${grown ? ', the stack grew' : ''}`,
	page_fault_user: ({ address, ip, error_code: error }) => `${error & 2 ? 'write' : 'read'} ${hex(address)} from ${hex(ip)}, ring 3`,
	page_fault_kernel: ({ address, ip, error_code: error }) => `${error & 2 ? 'write' : 'read'} ${hex(address)} from ${hex(ip)}, ring 0`,
	page_copy: ({ address, to, from }) => `frame ${from} to ${to} for ${hex(address)}`,
	area_insert: ({ start, end }) => `insert ${range(start, end)}`,
	area_remove: ({ start, end }) => `remove ${range(start, end)}`,
	area_split: ({ start, at, end }) => `split ${range(start, end)} at ${hex(at)}`,
	area_merge: ({ start, next, end }) => `merge ${range(start, next)} with ${range(next, end)}`,
	area_set_start: ({ start, end, to }) => `${range(start, end)} begins at ${hex(to)}`,
	area_set_end: ({ start, end, to }) => `${range(start, end)} ends at ${hex(to)}`,
	area_flags: ({ start, end, flags }) => `${range(start, end)} gets the flags ${hex(flags)}`,
	pte_set: ({ place, entry }) => `${entry ? `becomes ${hex(entry)}` : 'is cleared'}: page-table entry at ${hex(place)}`,
	pmd_set: ({ place, entry }) => `${entry ? `becomes ${hex(entry)}` : 'is cleared'}: directory entry at ${hex(place)}`,
	tlb_flush: ({ reason, address }) => `${reason}${address ? ` ${hex(address)}` : ''}`,
	sched_switch: ({ prev_comm: from, prev_pid: old, next_comm: to, next_pid: next }) => `switch from ${from || 'idle'} ${old} to ${to || 'idle'} ${next}`,
	sched_process_fork: ({ parent_comm: parent, child_pid: child }) => `${parent} makes ${child}`,
	sched_process_exec: ({ comm }) => `exec of ${comm}`,
	sched_process_exit: ({ comm, pid }) => `${comm} ${pid} ends`,
};

/** An event in a few words; without such a text, its name and fields. */
export function eventText({ name, fields }) {
	return texts[name]?.(fields) ?? [name, ...Object.entries(fields).map(([field, value]) => `${field}=${value}`)].join(' ');
}

/** The value of a field, as text. */
export function fieldText(name, value) {
	return ['pfn', 'merged', 'to', 'from'].includes(name) || typeof value !== 'number' || value < 4096 ? String(value) : `0x${hex(value)}`;
}
