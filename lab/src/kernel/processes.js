// SPDX-License-Identifier: MIT
/** Tasks, and the areas of their address spaces (kernel/task/task.h, mm/user_space/mm.h). */
import { objectName } from './objects.js';

export function readTasks(kernel) {
	const current = kernel.variable('current')?.address;
	return [...kernel.list(kernel.variable('task_list'), 'task', 'link')].map((task) => ({
		pid: task.pid,
		tgid: task.tgid,
		parent: task.parent?.pid ?? 0,
		name: task.name,
		state: kernel.enumName('task_state', task.state, 'TASK_'),
		running: task.address === current,
		mm: task.mm?.address ?? 0,
		rss: task.mm?.rss ?? 0,
		total: task.mm?.total_vm ?? 0,
		tables: task.mm?.nr_ptes ?? 0,
	}));
}

/** "rw-p", as in /proc/PID/maps. */
export function rights(kernel, flags) {
	const { VM_READ, VM_WRITE, VM_EXEC, VM_MAYSHARE } = kernel.enums.vm_flags;
	return (flags & VM_READ ? 'r' : '-') + (flags & VM_WRITE ? 'w' : '-') + (flags & VM_EXEC ? 'x' : '-') + (flags & VM_MAYSHARE ? 's' : 'p');
}

/** What an area is for, as area_name() of fs/proc/maps.c decides. */
function areaName(kernel, mm, area) {
	if (area.vm_mapping)
		return objectName(kernel, area.vm_mapping);
	if (area.vm_start <= mm.start_stack && mm.start_stack < area.vm_end)
		return '[stack]';
	return area.vm_start < mm.brk && area.vm_end > mm.start_brk ? '[heap]' : '';
}

/** The areas of an address space, by address, and its tree if it has one. */
export function readAreas(kernel, mm) {
	const areas = [];
	for (let area = mm.mmap; area; area = area.vm_next)
		areas.push(readArea(kernel, mm, area));
	return areas;
}

export function readArea(kernel, mm, area) {
	return {
		address: area.address,
		start: area.vm_start,
		end: area.vm_end,
		rights: rights(kernel, area.vm_flags),
		flags: kernel.flags('vm_flags', area.vm_flags, 'VM_'),
		name: areaName(kernel, mm, area),
	};
}

/** The gap tree of the areas, as {start, end, gap, largest, left, right}; null: there is only the list. */
export function readTree(kernel, node) {
	if (!node)
		return null;
	const area = kernel.at('vm_area_struct', node.address - kernel.offset('vm_area_struct', 'node'));
	return {
		start: area.vm_start, end: area.vm_end, gap: node.gap, largest: node.largest_gap,
		left: readTree(kernel, node.left), right: readTree(kernel, node.right),
	};
}

/** The area that contains an address, or null. */
export function findArea(mm, address) {
	for (let area = mm.mmap; area && area.vm_start <= address; area = area.vm_next)
		if (address < area.vm_end)
			return area;
	return null;
}

/** The structure of the task with this pid, or null. */
export function findTask(kernel, pid) {
	for (const task of kernel.list(kernel.variable('task_list'), 'task', 'link'))
		if (task.pid === pid)
			return task;
	return null;
}
