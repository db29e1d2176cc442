/* SPDX-License-Identifier: MIT */
/*
 * vmalloc: contiguous addresses from any frames, an unmapped page after each area, and nothing
 * left of an area after it is freed.
 */
#include "mm/kernel_space/vmalloc.h"
#include "lib/irq.h"
#include "mm/frames/highmem.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/user_space/mm.h"
#include "paging/tlb.h"
#include "tests/kernel/probe.h"

#define SCATTER 64u

static u32 address_of(const volatile void *pointer)
{
	return (u32)(uintptr_t)pointer;
}

/* Writes a number to each page and reads them back. Returns how many are wrong. */
static u32 use_pages(char *area, u32 pages)
{
	u32 wrong = 0;

	for (u32 i = 0; i < pages; i++)
		*(volatile u32 *)(area + i * PAGE_SIZE) = i * 0x01010101u;
	for (u32 i = 0; i < pages; i++)
		wrong += *(volatile u32 *)(area + i * PAGE_SIZE) != i * 0x01010101u;
	return wrong;
}

/*
 * Allocates SCATTER frames and frees every second one: the frames that are given out next are not
 * contiguous. Of a program's frames they would not be these, where reclaim lists those.
 */
static void scatter(struct page *pages[SCATTER])
{
	for (u32 i = 0; i < SCATTER; i++) {
		pages[i] = alloc_page(GFP_KERNEL | __GFP_HIGHMEM);
		EXPECT(pages[i]);
	}
	for (u32 i = 0; i < SCATTER; i += 2) {
		if (pages[i])
			__free_page(pages[i]);
		pages[i] = NULL;
	}
}

static void contiguous_addresses(void)
{
	const u32 count = SCATTER / 2;
	struct page *pages[SCATTER];
	u32 breaks = 0, wrong = 0;
	phys_addr_t before = 0;
	char *area;

	scatter(pages);
	area = vmalloc(count * PAGE_SIZE);
	EXPECT(area);
	EXPECT(address_of(area) >= vmalloc_space.start &&
	       address_of(area) > address_of(pfn_to_virt(max_low_pfn - 1)) &&
	       address_of(area) + count * PAGE_SIZE < vmalloc_space.end);
	EXPECT(IS_ALIGNED(address_of(area), PAGE_SIZE));
	for (u32 i = 0; i < count; i++) {
		struct translation t = { 0 };

		wrong += !translate(kernel_pgd, address_of(area) + i * PAGE_SIZE, &t);
		wrong += t.flags & PTE_USER || !(t.flags & PTE_WRITE);
		breaks += t.phys != before + PAGE_SIZE;
		before = t.phys;
	}
	EXPECT_EQ(wrong, 0);
	EXPECT(breaks > count / 2);
	EXPECT_EQ(use_pages(area, count), 0);
	vfree(area);
	for (u32 i = 0; i < SCATTER; i++)
		if (pages[i])
			__free_page(pages[i]);
}

/* Sizes of known bugs: 0, and those that wrap when they are rounded up. */
static void bad_sizes(void)
{
	u32 count = vmalloc_space.count, before = nr_free_pages();

	EXPECT(!vmalloc(0));
	EXPECT(!vmalloc((size_t)-1));
	EXPECT(!vmalloc((size_t)-4095));
	EXPECT(!vmalloc((size_t)-4096));
	EXPECT(!vmalloc((size_t)-8192));
	EXPECT(!vmalloc(0x80000000u));
	EXPECT(!vmalloc(vmalloc_space.end - vmalloc_space.start));
	vfree(NULL);
	EXPECT_EQ(vmalloc_space.count, count);
	EXPECT_EQ(nr_free_pages(), before);
}

/* Sizes are rounded up to pages, and the next page is never mapped. */
static void guard_pages(void)
{
	static const u32 sizes[] = { 1, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 5 * PAGE_SIZE };
	char *areas[ARRAY_SIZE(sizes)];

	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		areas[i] = vmalloc(sizes[i]);
		EXPECT(areas[i]);
	}
	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		u32 end = address_of(areas[i]) + PAGE_ALIGN(sizes[i]);

		if (!areas[i])
			continue;
		EXPECT(probe_accessible(address_of(areas[i])));
		EXPECT(probe_accessible(end - 4));
		expect_unmapped(end);
		expect_unmapped(end + PAGE_SIZE - 4);
		EXPECT(find_vm_area(&vmalloc_space, end) == find_vm_area(&vmalloc_space, end - 1));
	}
	EXPECT(vmalloc_validate(&vmalloc_space) == NULL);
	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++)
		vfree(areas[i]);
}

/*
 * A freed area faults at once: no translation outlives it, whether it is flushed page by page or
 * with the whole TLB.
 */
static void freed_faults(void)
{
	static const u32 pages[] = { 1, 3, 63, 64, 200 };

	for (u32 i = 0; i < ARRAY_SIZE(pages); i++) {
		char *area = vmalloc(pages[i] * PAGE_SIZE);
		u32 reached = 0;
		unsigned long irq;

		EXPECT(area);
		irq = irq_save();
		use_pages(area, pages[i]);
		vfree(area);
		for (u32 p = 0; p < pages[i]; p++)
			reached += !probe_read(address_of(area) + p * PAGE_SIZE).faulted;
		irq_restore(irq);
		EXPECT_EQ(reached, 0);
	}
}

/*
 * A freed frame is not reached by any address of an area, and its next owner's data are safe.
 */
static void frame_not_reached(void)
{
	char *area = vmalloc(PAGE_SIZE);
	struct translation t;
	struct page *page;
	volatile u32 *next;

	EXPECT(area);
	EXPECT(translate(kernel_pgd, address_of(area), &t));
	*(volatile u32 *)area = 1;
	vfree(area);
	page = alloc_page(GFP_KERNEL | __GFP_HIGHMEM);
	EXPECT(page);
	EXPECT_EQ(page_to_pfn(page), phys_to_pfn(t.phys));
	next = kmap_atomic(page);
	*next = 2;
	probe_write(address_of(area), 3);
	EXPECT_EQ(*next, 2);
	kunmap_atomic(page);
	__free_page(page);
}

/* A gap is reused only by an area that fits into it with its guard page. */
static void gaps(void)
{
	char *areas[] = { vmalloc(PAGE_SIZE), vmalloc(3 * PAGE_SIZE), vmalloc(PAGE_SIZE) };
	char *large, *same, *place = areas[1];

	EXPECT(areas[0] && areas[1] && areas[2]);
	*(volatile u32 *)areas[0] = *(volatile u32 *)areas[2] = 0x1eaf;
	vfree(areas[1]);
	large = vmalloc(4 * PAGE_SIZE);
	same = vmalloc(3 * PAGE_SIZE);
	EXPECT(same == place);
	EXPECT(vmalloc_validate(&vmalloc_space) == NULL);
	EXPECT(large && same);
	EXPECT_EQ(use_pages(large, 4), 0);
	EXPECT_EQ(use_pages(same, 3), 0);
	EXPECT_EQ(*(volatile u32 *)areas[0], 0x1eaf);
	EXPECT_EQ(*(volatile u32 *)areas[2], 0x1eaf);
	vfree(large);
	areas[1] = same;
	for (u32 i = 0; i < ARRAY_SIZE(areas); i++)
		vfree(areas[i]);
}

/* An area is mapped in every address space. */
static void every_address_space(void)
{
	struct mm_struct *mm = mm_alloc();
	char *area = vmalloc(PAGE_SIZE);

	EXPECT(mm && area);
	*(volatile u32 *)area = 0x600d;
	mmu_set_root(virt_to_phys(mm->pgd));
	EXPECT_EQ(probe_read(address_of(area)).value, 0x600d);
	mmu_set_root(virt_to_phys(kernel_pgd));
	vfree(area);
	if (mm)
		mm_put(mm);
}

/*
 * A window on physical memory: the same bytes, uncached, from any offset; the owner keeps the
 * memory.
 */
static void io_memory(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 1);
	struct translation t = { 0 };
	volatile u32 *window;
	u32 *memory;

	EXPECT(page);
	memory = page_address(page);
	memory[1023] = 0x1234;
	memory[1024] = 0x5678;
	window = ioremap(pfn_to_phys(page_to_pfn(page)) + PAGE_SIZE - 4, 8);
	EXPECT(window);
	EXPECT_EQ(address_of(window) & ~PAGE_MASK, PAGE_SIZE - 4);
	EXPECT_EQ(window[0], 0x1234);
	EXPECT_EQ(window[1], 0x5678);
	window[1] = 0x9abc;
	EXPECT_EQ(*(volatile u32 *)(memory + 1024), 0x9abc);
	translate(kernel_pgd, address_of(window), &t);
	EXPECT_EQ(t.flags & (PTE_PCD | PTE_PWT | PTE_USER), PTE_PCD | PTE_PWT);
	EXPECT_EQ(page->count, 1);
	iounmap(window);
	EXPECT(probe_read(address_of(window)).faulted);
	EXPECT(probe_read(address_of(window + 1)).faulted);
	EXPECT_EQ(page->count, 1);
	EXPECT(!ioremap(MiB(1), 0));
	EXPECT(!ioremap(0xfffffff0u, 32));
	EXPECT(!ioremap(GiB(4), PAGE_SIZE));
	EXPECT(!ioremap(MiB(1), (size_t)-1));
	iounmap(NULL);
	__free_pages(page, 1);
}

/*
 * The caller's frames at consecutive addresses, in the caller's order and with the requested
 * rights; the caller keeps them.
 */
static void borrowed_frames(void)
{
	struct page *pages[3] = { alloc_page(GFP_HIGHUSER), alloc_page(GFP_KERNEL),
				  alloc_page(GFP_HIGHUSER) };
	struct page *const order[] = { pages[2], pages[0], pages[1], pages[0] };
	volatile u32 *area;

	EXPECT(pages[0] && pages[1] && pages[2]);
	area = vmap(order, ARRAY_SIZE(order), PAGE_KERNEL);
	EXPECT(area);
	for (u32 i = 0; i < ARRAY_SIZE(order); i++)
		EXPECT(vmalloc_to_page((void *)(area + i * 1024 + 5)) == order[i]);
	EXPECT(!vmalloc_to_page((void *)(area + 4 * 1024)));
	area[1024] = 0xab;
	EXPECT_EQ(area[3 * 1024], 0xab); /* the same frame */
	vunmap((void *)area);
	expect_unmapped(address_of(area));
	expect_unmapped(address_of(area + 3 * 1024));
	area = vmap(order, 1, PAGE_KERNEL_RO);
	EXPECT(area);
	EXPECT(!probe_read(address_of(area)).faulted);
	EXPECT(probe_write(address_of(area), 1).faulted);
	vunmap((void *)area);
	EXPECT(!vmap(order, 0, PAGE_KERNEL));
	EXPECT(!vmap(order, 0x100000, PAGE_KERNEL));
	EXPECT(!vmap(order, 0xffffffffu, PAGE_KERNEL));
	vunmap(NULL);
	for (u32 i = 0; i < 3; i++)
		EXPECT_EQ(pages[i]->count, 1);
	for (u32 i = 0; i < 3; i++)
		if (pages[i])
			__free_page(pages[i]);
}

#define MANY 300u

/* Many areas, freed in another order: always sorted, disjoint and guarded. */
static void many_areas(void)
{
	static void *areas[MANY];
	u32 count = vmalloc_space.count, pages = vmalloc_space.pages;

	for (u32 i = 0; i < MANY; i++)
		areas[i] = vmalloc((i % 3 + 1) * PAGE_SIZE);
	EXPECT_EQ(vmalloc_space.count, count + MANY);
	EXPECT_EQ(vmalloc_space.pages, pages + 2 * MANY);
	EXPECT(vmalloc_validate(&vmalloc_space) == NULL);
	for (u32 i = 0; i < MANY; i++) {
		u32 other = i * 7 % MANY;

		EXPECT(areas[other]);
		vfree(areas[other]);
		if (i % 50 == 0)
			EXPECT(vmalloc_validate(&vmalloc_space) == NULL);
	}
	EXPECT_EQ(vmalloc_space.count, count);
	EXPECT_EQ(vmalloc_space.pages, pages);
}

static const struct test_case cases[] = {
	{ "contiguous_addresses", contiguous_addresses },
	{ "bad_sizes", bad_sizes },
	{ "guard_pages", guard_pages },
	{ "freed_faults", freed_faults },
	{ "frame_not_reached", frame_not_reached },
	{ "gaps", gaps },
	{ "every_address_space", every_address_space },
	{ "io_memory", io_memory },
	{ "borrowed_frames", borrowed_frames },
	{ "many_areas", many_areas },
};

TEST_SUITE(vmalloc, cases);
