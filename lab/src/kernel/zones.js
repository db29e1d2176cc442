// SPDX-License-Identifier: MIT
/** The zones and their free lists (mm/frames/buddy.h). */
export function readZones(kernel) {
	return kernel.variable('zones').filter((zone) => zone.end > zone.start).map((zone) => ({
		name: kernel.memory.text(zone.name),
		start: zone.start,
		end: zone.end,
		present: zone.present_pages,
		free: zone.free_pages,
		min: zone.pages_min,
		low: zone.pages_low,
		high: zone.pages_high,
		hot: zone.nr_hot,
		lists: zone.free_area.map((area) => listLength(kernel, area.free_list)),
	}));
}

/** The number of links on a list without its head. */
function listLength(kernel, head) {
	const { memory } = kernel;
	let count = 0;
	for (let link = memory.u32(head.address); link !== head.address && link; link = memory.u32(link))
		count++;
	return count;
}
