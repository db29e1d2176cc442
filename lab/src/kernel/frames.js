// SPDX-License-Identifier: MIT
/**
 * mem_map: the owner of every frame, as mm_census() counts them.
 *
 * Allocated and free blocks carry a mark in their first frame; all frames of a block have its
 * owner (mm/frames/page.h). The loop reads words directly, because it runs ten times a second.
 */
export const FRAME_OWNER = 0x0f, FRAME_FIRST = 0x40, FRAME_HOT = 0x80;

/**
 * One byte for each frame: its owner, FRAME_FIRST in the first frame of a block, FRAME_HOT in a
 * hot frame. Returns {frames, byOwner}; the sums are those of struct census.
 */
export function readFrames(kernel) {
	const { constants, enums } = kernel;
	const { BLOCK_HOT, BLOCK_ORDER } = enums.block_mark;
	const { OWNER_FREE, NR_PAGE_OWNERS } = enums.page_owner;
	const { size } = kernel.structs.page;
	const [flagsAt, countAt, blockAt] = ['flags', 'count', 'block'].map((field) => kernel.offset('page', field));
	const base = kernel.memory.translate(kernel.variable('mem_map').address);
	const end = kernel.variable('max_pfn');
	const { physical } = kernel.memory;
	const frames = new Uint8Array(end);
	const byOwner = new Array(NR_PAGE_OWNERS).fill(0);

	for (let pfn = 0; pfn < end;) {
		const page = base + pfn * size;
		const block = physical.u32(page + blockAt);
		const owner = physical.u32(page + countAt)
			? physical.u32(page + flagsAt) >>> constants.PAGE_OWNER_SHIFT & FRAME_OWNER : OWNER_FREE;
		const last = Math.min(pfn + (1 << (block & BLOCK_ORDER)), end);
		byOwner[owner] += last - pfn;
		frames.fill(owner, pfn, last);
		frames[pfn] |= FRAME_FIRST | (block & BLOCK_HOT ? FRAME_HOT : 0);
		pfn = last;
	}
	return { frames, byOwner };
}

/** The names of the owners, by number: "free", "reserved", ... */
export function ownerNames(kernel) {
	const { NR_PAGE_OWNERS, ...owners } = kernel.enums.page_owner;
	return Object.keys(owners).map((name) => name.replace('OWNER_', '').toLowerCase());
}

/** The first frame of the block that contains a frame, and its order: {first, order}. */
export function blockOf(kernel, pfn) {
	const { BLOCK_ORDER } = kernel.enums.block_mark;
	for (let order = 0; order < kernel.constants.MAX_ORDER; order++) {
		const first = pfn - pfn % (1 << order);
		const { block } = page(kernel, first);
		if (block && first + (1 << (block & BLOCK_ORDER)) > pfn)
			return { first, order: block & BLOCK_ORDER };
	}
	return { first: pfn, order: 0 };
}

/** struct page of a frame. */
export function page(kernel, pfn) {
	return kernel.at('page', kernel.variable('mem_map').address + pfn * kernel.structs.page.size);
}

/** The number of the frame that a struct page describes. */
export function pageFrame(kernel, pageAddress) {
	return (pageAddress - kernel.variable('mem_map').address) / kernel.structs.page.size;
}
