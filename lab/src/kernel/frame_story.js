// SPDX-License-Identifier: MIT
/** What is known about one frame: its block, its owner's structure, and which processes map it. */
import { blockOf, ownerNames, page, pageFrame } from './frames.js';
import { objectName } from './objects.js';
import { directoryOf, entryBits, mappersOf } from './pagetables.js';
import { findArea, readArea } from './processes.js';

const PAGE = 4096;

export function frameStory(kernel, pfn) {
	const { first, order } = blockOf(kernel, pfn);
	const head = page(kernel, first), own = page(kernel, pfn);
	const owner = head.count ? head.flags >>> kernel.constants.PAGE_OWNER_SHIFT & 0xf : kernel.enums.page_owner.OWNER_FREE;
	const names = ownerNames(kernel);
	return {
		pfn,
		address: pfn * PAGE,
		first,
		order,
		owner: names[owner],
		zone: kernel.memory.text(kernel.variable('zones')[own.flags >>> kernel.constants.PAGE_ZONE_SHIFT].name),
		count: own.count,
		flags: kernel.flags('page_flags', own.flags & 0xffffff, 'PG_'),
		hot: Boolean(head.block & kernel.enums.block_mark.BLOCK_HOT),
		caller: callerOf(kernel, pfn),
		use: (uses[names[owner]] ?? (() => ''))(kernel, pfn, head, own),
		maps: mappersOf(kernel, pfn).map((map) => ({ ...map, bits: entryBits(kernel, map.entry, 'pte'), area: areaAt(kernel, map) })),
	};
}

/** The function that allocated the frame, with page_owner=on. */
function callerOf(kernel, pfn) {
	if (!kernel.variable('page_owner_on'))
		return null;
	const record = kernel.at('owner_record', kernel.variable('records').address + pfn * kernel.structs.owner_record.size);
	return record.serial ? kernel.symbol(record.caller)?.name ?? null : null;
}

function areaAt(kernel, { mm, address }) {
	const space = kernel.at('mm_struct', mm);
	const area = findArea(space, address);
	return area && readArea(kernel, space, area);
}

/** By owner: a sentence about what the frame holds. */
const uses = {
	slab(kernel, pfn, head, own) {
		const { cache, slab } = own;
		return `objects of the cache ${cache.name}, ${cache.size} bytes each: ${slab.inuse} of ${cache.objects} are in use`;
	},
	pagecache(kernel, pfn, head, own) {
		const object = kernel.at('address_space', own.mapping);
		return `page ${own.index} of ${objectName(kernel, object)}, which has ${object.nrpages} pages in memory`;
	},
	pgtable(kernel, pfn) {
		for (const mm of kernel.list(kernel.variable('mm_list'), 'mm_struct', 'link')) {
			const directory = directoryOf(kernel, mm);
			if (directory === pfn * PAGE)
				return 'a page directory';
			for (let i = 0; i < kernel.constants.KERNEL_PGD_INDEX; i++) {
				const pde = kernel.memory.physical.u32(directory + i * 4);
				if (pde & 1 && !(pde & kernel.enums.pte_bits.PTE_LARGE) && pde >>> 12 === pfn)
					return `the page table for ${(i << 22 >>> 0).toString(16)}-${((i + 1) * 0x400000).toString(16)}`;
			}
		}
		return 'a page table of the kernel half, or an unused one that is kept';
	},
	anon() {
		return 'private memory of programs';
	},
	huge() {
		return 'part of a large page, or of the pool of large pages';
	},
	vmalloc(kernel, pfn, head) {
		return `a page of vmalloc, frame ${pageFrame(kernel, head.address)}`;
	},
};
