/* SPDX-License-Identifier: MIT */
/*
 * The events of paging/ and mm/: each function records what its arguments are. And the books that
 * trace_books= asks for: they name each frame, free block, slab, area and entry once. The places
 * in the code are off on the host; tests/boot/trace.t sees that they are where they should be.
 */
#include <string.h>

#include "lib/bitmap.h"
#include "lib/trace/ring.h"
#include "mm/frames/page_alloc.h"
#include "mm/frames/trace_events.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/kernel_space/trace_events.h"
#include "mm/kernel_space/vmalloc.h"
#include "mm/mman/mman.h"
#include "mm/page_cache/trace_events.h"
#include "mm/reclaim/trace_events.h"
#include "mm/slab/slab_internal.h"
#include "mm/slab/trace_events.h"
#include "mm/swap/trace_events.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/trace_events.h"
#include "paging/range.h"
#include "paging/trace_events.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

static u32 words[1u << 16], position;

static void start(void)
{
	machine_boot();
	trace_ring_init(words, ARRAY_SIZE(words));
}

/* The next record, or an empty one. */
static struct trace_record next_record(void)
{
	struct trace_record record = { .event = TRACE_EVENTS };

	if (!trace_read(&position, &record))
		record.event = TRACE_EVENTS;
	return record;
}

static void expect_record(int line, enum trace_event event, const u32 *values, u32 count)
{
	struct trace_record record = next_record();

	tap_check_equal(record.event, event, "event", __FILE__, line);
	tap_check_equal(record.count, count, "count", __FILE__, line);
	for (u32 i = 0; i < count; i++)
		tap_check_equal(record.values[i], values[i], "value", __FILE__, line);
}

/* The next record is this event with these values. */
#define EXPECT_RECORD(event, ...)                                            \
	expect_record(__LINE__, TRACE_##event, (const u32[]){ __VA_ARGS__ }, \
		      sizeof((const u32[]){ __VA_ARGS__ }) / sizeof(u32))
#define EXPECT_NO_RECORD() EXPECT_EQ(next_record().event, TRACE_EVENTS)

/* Four bytes of a text, as a field has them. */
static u32 text_word(const char *text, u32 number)
{
	char bytes[TRACE_TEXT] = "";
	u32 word;

	strncpy(bytes, text, TRACE_TEXT - 1);
	memcpy(&word, bytes + 4 * number, sizeof(word));
	return word;
}

#define TEXT_WORDS(text) \
	text_word(text, 0), text_word(text, 1), text_word(text, 2), text_word(text, 3)

static void entries(void)
{
	start();
	trace_pte_set(words, 0x1001);
	EXPECT_RECORD(pte_set, trace_address(words), 0x1001);
	trace_pmd_set(words, 0x1002);
	EXPECT_RECORD(pmd_set, trace_address(words), 0x1002);
	trace_pgd_set(words, 0x1003);
	EXPECT_RECORD(pgd_set, trace_address(words), 0x1003);
	trace_tlb_flush(TRACE_FLUSH_PAGE, 0x5000);
	EXPECT_RECORD(tlb_flush, TRACE_FLUSH_PAGE, 0x5000);
}

static void frames(void)
{
	const struct zone *zone = &zones[ZONE_NORMAL];
	struct page *page;
	u32 pfn;

	start();
	page = alloc_pages(GFP_PGTABLE, 2);
	pfn = page_to_pfn(page);
	trace_mm_page_alloc(page, GFP_PGTABLE, words);
	EXPECT_RECORD(mm_page_alloc, pfn, 2, GFP_PGTABLE & ~PAGE_OWNER_MASK, OWNER_PGTABLE,
		      trace_address(words));
	trace_mm_page_free(page, 2);
	EXPECT_RECORD(mm_page_free, pfn, 2);
	trace_mm_page_reserve(page);
	EXPECT_RECORD(mm_page_reserve, pfn);
	trace_hot_refill(page, 2);
	EXPECT_RECORD(hot_refill, page_zone_index(page), pfn, 2);
	trace_zone_create(zone);
	EXPECT_RECORD(zone_create, ZONE_NORMAL, TEXT_WORDS(zone->name), zone->start, zone->end);
	trace_swap_out(page, 0x102);
	EXPECT_RECORD(swap_out, pfn, 0x102);
	trace_swap_in(page, 0x103);
	EXPECT_RECORD(swap_in, pfn, 0x103);
	trace_mm_filemap_add_to_page_cache((void *)words, 3, page);
	EXPECT_RECORD(mm_filemap_add_to_page_cache, trace_address(words), 3, pfn);
	trace_mm_filemap_delete_from_page_cache((void *)words, 4, page);
	EXPECT_RECORD(mm_filemap_delete_from_page_cache, trace_address(words), 4, pfn);
	__free_pages(page, 2);
}

/* The order of which a zone has a free block more or less than before; MAX_ORDER: of none. */
static u32 changed_order(const struct zone *zone, const u32 *before, s32 change)
{
	u32 order = MAX_ORDER;

	while (order && zone_free_blocks(zone, order - 1) != before[order - 1] + (u32)change)
		order--;
	return order ? order - 1 : MAX_ORDER;
}

static void count_blocks(const struct zone *zone, u32 *blocks)
{
	for (u32 order = 0; order < MAX_ORDER; order++)
		blocks[order] = zone_free_blocks(zone, order);
}

/* From which order a block was split, and to which one it merges. */
static void blocks(void)
{
	struct page *pages[64];
	const struct zone *zone;
	u32 before[MAX_ORDER], to;
	struct trace_record record;

	start();
	for (u32 i = 0; i < ARRAY_SIZE(pages); i++) {
		zone = &zones[ZONE_NORMAL];
		count_blocks(zone, before);
		pages[i] = alloc_pages(GFP_KERNEL, 1 + i % 4);
		EXPECT_EQ(page_zone_index(pages[i]), ZONE_NORMAL);
		trace_block_alloc(pages[i]);
		EXPECT_RECORD(block_alloc, ZONE_NORMAL, page_to_pfn(pages[i]), 1 + i % 4,
			      changed_order(zone, before, -1));
	}
	for (u32 i = 0; i < ARRAY_SIZE(pages); i++) {
		u32 pfn = page_to_pfn(pages[i]), order = 1 + i % 4;

		count_blocks(zone, before);
		trace_block_free(pages[i], order);
		__free_pages(pages[i], order);
		to = changed_order(zone, before, 1);
		record = next_record();
		EXPECT_EQ(record.event, TRACE_block_free);
		EXPECT_EQ(record.values[0], ZONE_NORMAL);
		EXPECT_EQ(record.values[1], pfn);
		EXPECT_EQ(record.values[2], order);
		EXPECT_EQ(record.values[4], to);
		EXPECT_EQ(record.values[3], zone->start + ALIGN_DOWN(pfn - zone->start, 1u << to));
		EXPECT_EQ(pfn_to_page(record.values[3])->block, BLOCK_FREE | to);
	}
}

/* Struct pages and spaces of a suite are not the machine's. */
static void not_of_the_machine(void)
{
	static struct page page;
	struct vmalloc_space space = { .start = 1 };
	struct vm_struct area = { .start = 1 };

	start();
	trace_block_alloc(&page);
	trace_block_free(&page, 0);
	trace_block_alloc(mem_map + max_pfn);
	trace_block_free(mem_map + max_pfn, 0);
	trace_alloc_vmap_area(&space, &area);
	trace_free_vmap_area(&space, &area);
	EXPECT_NO_RECORD();
}

static void kernel_areas(void)
{
	struct vm_struct area = { .start = 0xd0000000, .pages = 3 };
	u32 from, to;

	start();
	from = vmalloc_space.start;
	to = vmalloc_space.end;
	trace_alloc_vmap_area(&vmalloc_space, &area);
	EXPECT_RECORD(alloc_vmap_area, 0xd0000000, 0x3000, PAGE_SIZE, from, to, 0);
	trace_free_vmap_area(&vmalloc_space, &area);
	EXPECT_RECORD(free_vmap_area, 0xd0000000, 0x3000);
	area.start = 0;
	trace_alloc_vmap_area(&vmalloc_space, &area);
	EXPECT_RECORD(alloc_vmap_area, 0, 0x3000, PAGE_SIZE, from, to, 1);
}

static void slabs(void)
{
	const struct page *page;
	struct kmem_cache *cache;
	void *object;

	start();
	object = kmalloc(100, GFP_KERNEL);
	page = virt_to_page(object);
	cache = page->cache;
	trace_slab_create(cache, page);
	EXPECT_RECORD(slab_create, trace_address(cache), TEXT_WORDS(cache->name), page_to_pfn(page),
		      cache->order, cache->objects, 128, trace_address(page->slab->objects));
	trace_slab_destroy(cache, page);
	EXPECT_RECORD(slab_destroy, trace_address(cache), page_to_pfn(page), cache->order);
	kfree(object);
}

static void reclaim(void)
{
	start();
	trace_mm_vmscan_kswapd_wake(5);
	EXPECT_RECORD(mm_vmscan_kswapd_wake, 5);
	trace_mm_vmscan_kswapd_sleep(6);
	EXPECT_RECORD(mm_vmscan_kswapd_sleep, 6);
	trace_mm_vmscan_direct_reclaim_begin(2, GFP_KERNEL);
	EXPECT_RECORD(mm_vmscan_direct_reclaim_begin, 2, GFP_KERNEL);
	trace_mm_vmscan_direct_reclaim_end(7);
	EXPECT_RECORD(mm_vmscan_direct_reclaim_end, 7);
	trace_mm_vmscan_lru_shrink_inactive(8, 3);
	EXPECT_RECORD(mm_vmscan_lru_shrink_inactive, 8, 3);
}

static void areas(void)
{
	struct vm_area_struct *vma;
	struct mm_struct *mm;
	u32 space, from, to;

	start();
	mm = mm_alloc();
	from = user_map(mm, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	vma = mm->mmap;
	space = trace_address(mm);
	to = from + 2 * PAGE_SIZE;
	trace_mm_create(mm);
	EXPECT_RECORD(mm_create, space, virt_to_pfn(mm->pgd));
	trace_area_insert(vma);
	EXPECT_RECORD(area_insert, space, from, to, vma->vm_flags, trace_address(vma->vm_mapping),
		      vma->vm_pgoff);
	trace_area_remove(vma);
	EXPECT_RECORD(area_remove, space, from, to);
	trace_area_split(vma, from + PAGE_SIZE);
	EXPECT_RECORD(area_split, space, from, from + PAGE_SIZE, to);
	trace_area_merge(vma, vma);
	EXPECT_RECORD(area_merge, space, from, from, to);
	trace_area_set_start(vma, 0x5000);
	EXPECT_RECORD(area_set_start, space, from, to, 0x5000);
	trace_area_set_end(vma, 0x6000);
	EXPECT_RECORD(area_set_end, space, from, to, 0x6000);
	trace_area_flags(vma, 0x71);
	EXPECT_RECORD(area_flags, space, from, to, 0x71);
	trace_mm_destroy(mm);
	EXPECT_RECORD(mm_destroy, space);
	mm_put(mm);
}

/* The first of these counters that is another one names the fault. */
static void faults(void)
{
	static const struct {
		u32 offset, kind;
	} cases[] = {
		{ offsetof(struct fault_counters, refused), TRACE_FAULT_REFUSED },
		{ offsetof(struct fault_counters, swapped_in), TRACE_FAULT_SWAPPED_IN },
		{ offsetof(struct fault_counters, zero_page), TRACE_FAULT_ZERO_PAGE },
		{ offsetof(struct fault_counters, fresh_page), TRACE_FAULT_FRESH_PAGE },
		{ offsetof(struct fault_counters, mapped_page), TRACE_FAULT_MAPPED_PAGE },
		{ offsetof(struct fault_counters, cow_copy), TRACE_FAULT_COW_COPY },
		{ offsetof(struct fault_counters, cow_reuse), TRACE_FAULT_COW_REUSE },
		{ offsetof(struct fault_counters, spurious), TRACE_FAULT_SPURIOUS },
	};
	struct fault_counters before;
	struct mm_struct *mm;
	vaddr_t area;
	pfn_t pfn;

	start();
	mm = mm_alloc();
	area = user_map(mm, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	EXPECT_EQ(user_poke(mm, area, 1), FAULT_OK);
	pfn = pte_pfn(*pte_lookup(mm->pgd, area));
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		before = fault_counters;
		++*(u32 *)((char *)&fault_counters + cases[i].offset);
		fault_counters.mapped_around += i;
		fault_counters.stack_growth++;
		trace_fault(mm, area, &before);
		EXPECT_RECORD(fault, cases[i].kind, area, pfn, i, 1);
	}
	before = fault_counters;
	/* No page, no page table, an address of the kernel. */
	trace_fault(mm, area + PAGE_SIZE, &before);
	EXPECT_RECORD(fault, TRACE_FAULT_SPURIOUS, area + PAGE_SIZE, 0, 0, 0);
	trace_fault(mm, 0x10000, &before);
	EXPECT_RECORD(fault, TRACE_FAULT_SPURIOUS, 0x10000, 0, 0, 0);
	trace_fault(mm, PAGE_OFFSET, &before);
	EXPECT_RECORD(fault, TRACE_FAULT_SPURIOUS, PAGE_OFFSET, 0, 0, 0);
	trace_page_copy(area, pfn_to_page(pfn), pfn_to_page(pfn + 1));
	EXPECT_RECORD(page_copy, area, pfn, pfn + 1);
	mm_put(mm);
}

/* --- The books --- */

static u32 word_of(pfn_t pfn)
{
	const struct page *page = pfn_to_page(pfn);
	u32 owner = page->block & BLOCK_USED ? page_owner(page) : OWNER_FREE;

	return page->block + owner * 0x1000 + !!(page->flags & PG_reserved) * 0x10000 +
	       !!(page->flags & PG_slab) * 0x20000 + page_zone_index(page) * 0x100000;
}

/* Each frame is in one record, and two records in a row could not be one. */
static u32 expect_frames(void)
{
	struct trace_record record = next_record();
	u32 next = 0, last_word = 0, last_count = 0, first;

	for (; record.event == TRACE_book_frames; record = next_record()) {
		first = record.values[0];
		EXPECT_EQ(first, next);
		EXPECT(record.values[1]);
		EXPECT(!first || record.values[2] != last_word || record.values[3] != last_count);
		next += record.values[1];
		last_word = record.values[2];
		last_count = record.values[3];
		for (u32 pfn = first; pfn < next && pfn < max_pfn; pfn++) {
			EXPECT_EQ(last_word, word_of(pfn));
			EXPECT_EQ(last_count, pfn_to_page(pfn)->count);
		}
	}
	EXPECT_EQ(next, max_pfn);
	return record.event;
}

/* The free blocks in the order of the list, and the words of the map. */
static void expect_blocks(const struct zone *zone, u32 order)
{
	const struct free_area_struct *area = &zone->free_area[order];
	const u32 pairs = (zone->end - zone->start + (2u << order) - 1) / (2u << order);
	const struct page *page;

	list_for_each_entry (page, &area->free_list, lru)
		EXPECT_RECORD(book_block, zone->index, order, page_to_pfn(page));
	for (u32 i = 0; order < MAX_ORDER - 1 && i < (pairs + 31) / 32; i++)
		if (area->map[i])
			EXPECT_RECORD(book_map, zone->index, order, i, area->map[i]);
}

static void books_of_frames(void)
{
	struct page *pages[3];
	void *object;
	u32 hot = 0;

	start();
	object = kmalloc(100, GFP_KERNEL);
	for (u32 i = 0; i < 3; i++)
		pages[i] = alloc_pages(GFP_KERNEL, i);
	__free_pages(pages[0], 0);
	trace_book_frames();
	EXPECT_EQ(expect_frames(), TRACE_book_block);
	EXPECT_EQ(trace_stat.overwritten, 0);
	position = trace_newest((u32)trace_stat.recorded - trace_hits[TRACE_book_frames]);
	for (u32 i = 0; i < NR_ZONES; i++) {
		for (u32 order = 0; zones[i].present_pages && order < MAX_ORDER; order++)
			expect_blocks(&zones[i], order);
		for (const struct page *page = zones[i].hot; page;
		     page = (const struct page *)page->lru.next, hot++)
			EXPECT_RECORD(book_block, i, 255, page_to_pfn(page));
	}
	EXPECT_NO_RECORD();
	EXPECT(hot);
	for (u32 i = 1; i < 3; i++)
		__free_pages(pages[i], i);
	kfree(object);
}

/* The free objects of a slab, 32 in a record, 0xff behind the last one. */
static void expect_chain(const struct slab *slab, u32 free)
{
	u32 index = slab->free;

	for (u32 at = 0; at <= free; at += 32) {
		struct trace_record record = next_record();
		const u8 *bytes = (const u8 *)record.values;

		EXPECT_EQ(record.event, TRACE_book_chain);
		for (u32 i = 0; i < 32; i++) {
			EXPECT_EQ(bytes[i], at + i < free ? index : 0xff);
			index = at + i < free ? slab->next[index] : index;
		}
	}
}

static void books_of_slabs(void)
{
	struct kmem_cache *cache;
	void *objects[3];

	start();
	for (u32 i = 0; i < 3; i++)
		objects[i] = kmalloc(32u << i, GFP_KERNEL);
	kfree(objects[1]);
	trace_book_slabs();
	list_for_each_entry (cache, &cache_list, link) {
		const struct list_head *lists[] = { &cache->full, &cache->partial, &cache->free };

		for (u32 i = 0; i < 3; i++) {
			const struct slab *slab;

			list_for_each_entry (slab, lists[i], link) {
				EXPECT_RECORD(book_slab, trace_address(cache), i,
					      virt_to_pfn(slab_block(cache, slab)),
					      (u32)slab->inuse, trace_address(slab->objects));
				expect_chain(slab, cache->objects - (u32)slab->inuse);
			}
		}
	}
	EXPECT_NO_RECORD();
	EXPECT(trace_hits[TRACE_book_slab] >= 3);
	kfree(objects[0]);
	kfree(objects[2]);
}

/* The entries of [start, end) that are not empty, of 4 KiB pages; with those above them or not. */
static void expect_entries(pgd_t *directory, vaddr_t start, vaddr_t end, bool above)
{
	for (vaddr_t address = start; address != end; address += PAGE_SIZE) {
		const pte_t *pte = pte_lookup(directory, address);
		const pmd_t *pmd = find_pmd(directory, address);

		if (above && IS_ALIGNED(address, PMD_SIZE) && pmd && !pmd_none(*pmd))
			EXPECT_RECORD(book_entry, trace_address(pmd), (u32)pmd->value);
		if (pte && !pte_none(*pte))
			EXPECT_RECORD(book_entry, trace_address(pte), (u32)pte->value);
	}
}

static void books_of_spaces(void)
{
	struct mm_struct *mm;
	vaddr_t area;
	void *kernel;

	start();
	kernel = vmalloc(3 * PAGE_SIZE);
	mm = mm_alloc();
	area = user_map(mm, 10 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	user_map(mm, 2 * PAGE_SIZE, PROT_READ);
	for (u32 i = 0; i < 5; i++)
		EXPECT_EQ(user_poke(mm, area + 2 * i * PAGE_SIZE, 1), FAULT_OK);
	user_switch(NULL);
	trace_book_spaces();
	for (const struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next)
		EXPECT_RECORD(book_area, trace_address(mm), vma->vm_start, vma->vm_end,
			      vma->vm_flags, trace_address(vma->vm_mapping), vma->vm_pgoff);
	expect_entries(mm->pgd, 0, TASK_SIZE, true);
	expect_entries(kernel_pgd, vmalloc_space.start, vmalloc_space.end, false);
	EXPECT_NO_RECORD();
	EXPECT_EQ(trace_hits[TRACE_book_entry], 1 + 5 + 3);
	mm_put(mm);
	vfree(kernel);
}

TAP_MAIN({ "entries and the TLB", entries }, { "frames", frames },
	 { "blocks that are split and merged", blocks },
	 { "what is not of the machine", not_of_the_machine }, { "kernel areas", kernel_areas },
	 { "slabs", slabs }, { "reclaim", reclaim }, { "areas", areas }, { "faults", faults },
	 { "books of frames", books_of_frames }, { "books of slabs", books_of_slabs },
	 { "books of spaces", books_of_spaces })
