/* SPDX-License-Identifier: MIT */
/* The record of each frame's allocation, and the report that groups the records. */
#include "mm/frames/page_owner.h"
#include "abi/linux/errno.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "lib/symbol.h"
#include "mm/frames/buddy.h"
#include "mm/frames/early.h"
#include "mm/frames/page_alloc.h"

struct owner_record {
	const void *caller;
	u32 serial; /* of the allocation; 0: never allocated */
};

bool page_owner_on;
static struct owner_record *records;
static u32 next_serial = 1;

const char *page_owner_name(enum page_owner owner)
{
	static const char *const names[NR_PAGE_OWNERS] = {
		[OWNER_FREE] = "free",	   [OWNER_RESERVED] = "reserved",
		[OWNER_KERNEL] = "kernel", [OWNER_PGTABLE] = "pgtable",
		[OWNER_SLAB] = "slab",	   [OWNER_VMALLOC] = "vmalloc",
		[OWNER_ANON] = "anon",	   [OWNER_PAGECACHE] = "pagecache",
		[OWNER_HUGE] = "huge",
	};

	return names[owner];
}

/* The owner of a block is in its first frame; the frames after that are unmarked. */
enum page_owner frame_owner(pfn_t pfn)
{
	for (u32 order = 0; order < MAX_ORDER; order++) {
		const struct page *page = pfn_to_page(pfn & ~((1u << order) - 1));

		if (page->flags & PG_reserved)
			return OWNER_RESERVED;
		if (page->block)
			return page_owner(page);
	}
	return OWNER_FREE; /* not reached: each frame is in a block, free ones too */
}

int page_owner_init(pfn_t end)
{
	u64 bytes = (u64)end * sizeof(struct owner_record);
	phys_addr_t table = early_alloc(&early, bytes, PAGE_SIZE);

	if (!table)
		return -ENOMEM;
	records = phys_to_virt(table);
	memset(records, 0, (size_t)bytes);
	page_owner_on = alloc_finish = true;
	return 0;
}

void page_owner_set(const struct page *page, u32 order, const void *caller)
{
	struct owner_record record = { caller, next_serial++ };

	for (u32 i = 0; i < 1u << order; i++)
		records[page_to_pfn(page) + i] = record;
}

const void *page_owner_caller(pfn_t pfn)
{
	return page_owner_on ? records[pfn].caller : NULL;
}

u32 page_owner_mark(void)
{
	return next_serial;
}

/* True for the first frame of an allocated block that was allocated since the mark. */
static bool wanted(pfn_t pfn, u32 mark)
{
	return pfn_to_page(pfn)->block & BLOCK_USED && records[pfn].serial >= mark &&
	       records[pfn].serial;
}

/* Counts the frames from `pfn` on with its caller and owner; marks their blocks as counted. */
static u32 count_group(pfn_t pfn, u32 mark)
{
	const void *caller = records[pfn].caller;
	enum page_owner owner = page_owner(pfn_to_page(pfn));
	u32 frames = 0;

	for (; pfn < max_pfn; pfn++) {
		struct page *page = pfn_to_page(pfn);

		if (!wanted(pfn, mark) || records[pfn].caller != caller ||
		    page_owner(page) != owner)
			continue;
		page->audit = 1;
		frames += 1u << (page->block & BLOCK_ORDER);
	}
	return frames;
}

u32 page_owner_report(u32 mark)
{
	char name[SYMBOL_SIZE];
	u32 total = 0;

	if (!page_owner_on)
		return 0;
	for (pfn_t pfn = 0; pfn < max_pfn; pfn++)
		pfn_to_page(pfn)->audit = 0;
	for (pfn_t pfn = 0; pfn < max_pfn; pfn++) {
		u32 frames;

		if (!wanted(pfn, mark) || pfn_to_page(pfn)->audit)
			continue;
		frames = count_group(pfn, mark);
		printk("page_owner: caller=%s owner=%s frames=%u\n",
		       symbol_text(records[pfn].caller, name),
		       page_owner_name(page_owner(pfn_to_page(pfn))), frames);
		total += frames;
	}
	return total;
}
