// SPDX-License-Identifier: MIT
/** What a call of buddy_alloc() or buddy_free() is about to do (mm/frames/buddy.c). */
import { pageFrame } from '../kernel/frames.js';

/** {from, frame}: the block that buddy_alloc() will split for this order; null: none. */
export function splitsOf(kernel, zoneAddress, order) {
	const { free_area } = kernel.at('zone', zoneAddress);
	for (let from = order; from < kernel.constants.MAX_ORDER; from++) {
		const { free_list } = free_area[from];
		if (free_list.next.address !== free_list.address)
			return from > order ? { from, frame: pageFrame(kernel, free_list.next.address) } : null;
	}
	return null;
}

/** {to, frame}: the block that will exist when buddy_free() has merged; null: it merges nothing. */
export function mergesOf(kernel, zoneAddress, pageAddress, order) {
	const zone = kernel.at('zone', zoneAddress);
	const { BLOCK_FREE } = kernel.enums.block_mark;
	const { size } = kernel.structs.page;
	let number = pageFrame(kernel, pageAddress) - zone.start;
	let to = order;
	while (to < kernel.constants.MAX_ORDER - 1) {
		const buddy = number ^ 1 << to;
		if (zone.start + buddy >= zone.end || kernel.at('page', zone.pages.address + buddy * size).block !== (BLOCK_FREE | to))
			break;
		number &= ~(1 << to);
		to++;
	}
	return to > order ? { to, frame: zone.start + number } : null;
}
