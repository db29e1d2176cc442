/* SPDX-License-Identifier: MIT */
/*
 * vmalloc and vmap in a small window of their own. The reference is a map of the window's pages:
 *
 *   |aaaa.bbbbbbbb.....cc.|      a letter: a page of an area   .: a guard or free, never mapped
 *
 * An area goes to the lowest run of pages with room for it and its guard: the reference predicts
 * the address. An area keeps its contents until it is freed, and a page outside all areas
 * faults. No translation of a freed area is left: tests/fuzz/rig.c checks each frame that is
 * freed.
 */
#include "lib/string.h"
#include "mm/frames/fail_alloc.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/slab/slab.h"
#include "mm/kernel_space/vmalloc.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/rig.h"
#include "tests/host/mmu.h"

#define PAGES_MAX 2048u
#define AREAS_MAX 300u
#define VMAP_MAX  24u
#define BASE	  0xE0000000u

struct area {
	vaddr_t start;
	u32 pages, stamp;
	struct page *frames[VMAP_MAX]; /* of vmap; the first is NULL for vmalloc */
};

static struct vmalloc_space space;
static struct pgtable_ops ops;
static u32 tables, window, mapped;
static u8 taken[PAGES_MAX + 1]; /* 1: a page of an area, 2: its guard */
static struct area areas[AREAS_MAX];
static u32 area_count, next_stamp;

/* Page tables of the kernel are never freed: they are counted here. */
static pfn_t counted_table(void *context)
{
	pfn_t table = kernel_pgtable_ops.alloc_table(context);

	tables += table != 0;
	return table;
}

static vaddr_t page_at(u32 page)
{
	return space.start + page * PAGE_SIZE;
}

/* The predicted place of an area of so many pages, or PAGES_MAX. */
static u32 model_place(u32 pages)
{
	u32 run = 0;

	for (u32 page = 0; page < window; page++) {
		run = taken[page] ? 0 : run + 1;
		if (run == pages + 1)
			return page - pages;
	}
	return PAGES_MAX;
}

static void compare_memory(void)
{
	FUZZ_EQUAL(nr_free_pages() + rig_slab_frames() + mapped + tables, rig_frames());
	FUZZ_EQUAL(space.count, area_count);
	/* No request here may use the reserve. */
	for (u32 i = 0; i < NR_ZONES; i++)
		FUZZ_CHECK(zones[i].free_pages >= zones[i].pages_min);
}

static void compare_all(void)
{
	vaddr_t where = 0;

	FUZZ_VALID(vmalloc_validate(&space));
	FUZZ_VALID(mmu_check(&where));
	for (u32 page = 0; page < window; page++) {
		const struct vm_struct *area = find_vm_area(&space, page_at(page));

		FUZZ_EQUAL(!!area, taken[page] != 0);
		FUZZ_EQUAL(!!vmalloc_page(&space, page_at(page)), taken[page] == 1);
	}
	compare_memory();
}

/* The word of a page of an area. */
static u32 word_of(const struct area *area, u32 page)
{
	return area->stamp * 4096 + page;
}

/* Writes or expects one word in the first, the last and one other page. */
static void touch(const struct area *area, bool write)
{
	u32 pages[] = { 0, area->pages - 1, area->stamp % area->pages };

	for (u32 i = 0; i < ARRAY_SIZE(pages); i++) {
		vaddr_t address = area->start + pages[i] * PAGE_SIZE + 8 * (area->stamp % 500);
		u32 word = word_of(area, pages[i]), got = 0;

		if (write)
			FUZZ_CHECK(kernel_write(address, &word, 4));
		FUZZ_CHECK(kernel_read(address, &got, 4));
		FUZZ_EQUAL(got, word);
	}
}

static void expect_unmapped(vaddr_t address)
{
	u32 word;

	FUZZ_CHECK(!kernel_read(address, &word, 4) && !kernel_write(address, &next_stamp, 4));
}

static void expect_guards(const struct area *area)
{
	expect_unmapped(area->start + area->pages * PAGE_SIZE);
	if (area->start > BASE)
		expect_unmapped(area->start - 4);
}

/* An area of `pages` that mm/ put at `start`, or could not (0). Returns the new one, or NULL. */
static struct area *enter(vaddr_t start, u32 pages)
{
	u32 place = model_place(pages);
	struct area *area = &areas[area_count];

	if (!start) {
		/* Objects and page tables must be low: 4 frames are enough for them. */
		const struct zone *low = &zones[ZONE_DMA], *high = &zones[ZONE_HIGHMEM];
		bool small = low->free_pages <= low->pages_min + 4 ||
			     (low->free_pages <= low->pages_min + pages + 4 &&
			      high->free_pages <= high->pages_min + pages);

		FUZZ_CHECK(place == PAGES_MAX || rig_failed() || small);
		compare_memory();
		return NULL;
	}
	FUZZ_CHECK(place != PAGES_MAX);
	FUZZ_EQUAL(start, page_at(place));
	memset(taken + place, 1, pages);
	taken[place + pages] = 2;
	*area = (struct area){ .start = start, .pages = pages, .stamp = ++next_stamp };
	area_count++;
	return area;
}

static void expect_cleared(const struct area *area)
{
	static u32 words[PAGE_SIZE / 4];

	for (u32 page = 0; page < area->pages; page++) {
		FUZZ_CHECK(kernel_read(area->start + page * PAGE_SIZE, words, sizeof(words)));
		for (u32 i = 0; i < ARRAY_SIZE(words); i++)
			FUZZ_CHECK(!words[i]);
	}
}

static void op_vmalloc(struct fuzz_input *in)
{
	u32 kind = fuzz_u8(in),
	    bytes = 1 + fuzz_u16(in) % (kind < 200 ? 8 * PAGE_SIZE : 64 * PAGE_SIZE);
	gfp_t gfp = GFP_KERNEL | (kind % 8 ? 0 : __GFP_ZERO);
	vaddr_t start;
	struct area *area;

	if (kind >= 250)
		bytes = PAGE_SIZE * (1 + fuzz_below(in, PAGES_MAX));
	start = vmalloc_from(&space, bytes, gfp);
	area = enter(start, DIV_ROUND_UP(bytes, PAGE_SIZE));
	if (!area)
		return;
	mapped += area->pages;
	if (gfp & __GFP_ZERO)
		expect_cleared(area);
	touch(area, true);
	expect_guards(area);
}

/* Frames of the caller's, high ones and low ones. */
static void op_vmap(struct fuzz_input *in)
{
	u32 wanted = 1 + fuzz_below(in, VMAP_MAX), count = 0;
	gfp_t gfp = fuzz_u8(in) & 1 ? GFP_KERNEL | __GFP_HIGHMEM : GFP_KERNEL;
	struct page *frames[VMAP_MAX];
	struct area *area = NULL;

	while (count < wanted && (frames[count] = alloc_page(gfp)))
		count++;
	mapped += count;
	if (count)
		area = enter(vmap_to(&space, frames, count, PAGE_KERNEL), count);
	if (area) {
		memcpy(area->frames, frames, count * sizeof(frames[0]));
		for (u32 i = 0; i < count; i++)
			FUZZ_CHECK(vmalloc_page(&space, area->start + i * PAGE_SIZE) == frames[i]);
		touch(area, true);
		expect_guards(area);
		return;
	}
	while (count) {
		__free_page(frames[--count]);
		mapped--;
	}
}

/* Impossible sizes. */
static void op_bad_size(struct fuzz_input *in)
{
	size_t huge = (size_t)window * PAGE_SIZE - (fuzz_below(in, 2) ? 0 : PAGE_SIZE - 1);

	FUZZ_EQUAL(vmalloc_from(&space, 0, GFP_KERNEL), 0);
	FUZZ_EQUAL(vmalloc_from(&space, huge, GFP_KERNEL), 0);
	FUZZ_EQUAL(vmalloc_from(&space, huge + fuzz_u32(in) / 2, GFP_KERNEL), 0);
	FUZZ_EQUAL(vmalloc_from(&space, (size_t)0 - 1 - fuzz_u16(in), GFP_KERNEL), 0);
	FUZZ_EQUAL(vmap_to(&space, NULL, 0, PAGE_KERNEL), 0);
	FUZZ_EQUAL(vmap_to(&space, NULL, 0xffffffffu - fuzz_u16(in), PAGE_KERNEL), 0);
	vfree_to(&space, 0);
	compare_memory();
}

static void release(u32 i)
{
	struct area area = areas[i];
	u32 first = (area.start - space.start) / PAGE_SIZE;

	touch(&area, false);
	areas[i] = areas[--area_count];
	memset(taken + first, 0, area.pages + 1);
	vfree_to(&space, area.start);
	expect_unmapped(area.start);
	expect_unmapped(area.start + (area.stamp % area.pages) * PAGE_SIZE);
	expect_unmapped(area.start + (area.pages - 1) * PAGE_SIZE);
	mapped -= area.pages;
	/* The frames of vmap still belong to the caller. */
	for (u32 page = 0; area.frames[0] && page < area.pages; page++) {
		FUZZ_EQUAL(area.frames[page]->count, 1);
		__free_page(area.frames[page]);
	}
	compare_memory();
}

static void operation(struct fuzz_input *in, u32 op)
{
	if (op < 6)
		rig_fail(in);
	else if (op < 14)
		rig_fail_not();
	else if (op < 17)
		op_bad_size(in);
	else if (op < 64)
		op_vmap(in);
	else
		op_vmalloc(in);
}

static void start(struct fuzz_input *in)
{
	u32 number = fuzz_u16(in);

	rig_start();
	memset(taken, 0, sizeof(taken));
	area_count = tables = mapped = next_stamp = 0;
	window = 4 + number % (number & 3 ? 200 : PAGES_MAX - 4);
	ops = kernel_pgtable_ops;
	ops.alloc_table = counted_table;
	vmalloc_space_init(&space, BASE, BASE + window * PAGE_SIZE, kernel_pgd, &ops);
}

void fuzz_run(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, data + size };
	u32 frees = 100; /* of 256 */

	start(&in);
	while (fuzz_more(&in)) {
		u32 op = fuzz_u8(&in), which = fuzz_u8(&in);

		rig_operation();
		if (which >= 253)
			frees = op;
		else if ((which < frees && area_count) || area_count == AREAS_MAX)
			release((which + op * 256) % area_count);
		else
			operation(&in, op);
		if (fuzz_step())
			compare_all();
	}
	rig_fail_not();
	compare_all();
	while (area_count)
		release(area_count - 1);
	kmem_cache_reap();
	rig_end(tables);
}
