/* SPDX-License-Identifier: MIT */
/*
 * Page faults, one property at a time, by programs on the software MMU: demand zero, copy on
 * write, rights, stale translations, failures in the middle. test_fault_model.c has the random
 * programs, test_access_process.c faults for another process.
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "mm/frames/fail_alloc.h"
#include "mm/frames/shrinker.h"
#include "mm/mman/mman.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/page_tables.h"
#include "paging/tlb.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"
#include "tests/host/space.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

enum { R = PROT_READ, W = PROT_WRITE, RW = PROT_READ | PROT_WRITE, X = PROT_EXEC, N = PROT_NONE };

#define REFUSED(why) (-1 - (int)(why))

static struct mm_struct *mm;

static void start(void)
{
	machine_boot();
	mm = mm_alloc();
}

static void stop(void)
{
	check_space(mm);
	machine_check();
	mm_put(mm);
}

static pfn_t frame_at(struct mm_struct *space, vaddr_t address)
{
	pte_t *pte = pte_lookup(space->pgd, address);

	return pte && pte_present(*pte) ? pte_pfn(*pte) : 0;
}

static u32 users_of(struct mm_struct *space, vaddr_t address)
{
	return pfn_to_page(frame_at(space, address))->count;
}

/* A large mapping costs only the touched frames, and they are zero. */
static void demand_zero(void)
{
	const u32 pages = 4096;
	u32 free, tables = 0;
	vaddr_t area;
	u8 page[PAGE_SIZE];

	start();
	free = nr_free_pages();
	area = user_map(mm, pages * PAGE_SIZE, RW);
	EXPECT_EQ(mm->rss, 0);
	for (u32 i = 0; i < pages; i += 512) {
		EXPECT_EQ(user_poke(mm, area + i * PAGE_SIZE + 77, (u8)(i >> 9) + 1), FAULT_OK);
		EXPECT_EQ(user_read(mm, area + i * PAGE_SIZE, page, PAGE_SIZE), FAULT_OK);
		EXPECT_EQ(page[77], (i >> 9) + 1);
		page[77] = 0;
		EXPECT(!page[0] && !memcmp(page, page + 1, PAGE_SIZE - 1));
	}
	tables = mm->nr_ptes;
	EXPECT_EQ(mm->rss, 8);
	EXPECT_EQ(tables, pages / PTRS_PER_PTE);
	shrink_caches();
	EXPECT(free - nr_free_pages() <= 8 + tables + 1);
	EXPECT_EQ(do_munmap(mm, area, pages * PAGE_SIZE), 0);
	EXPECT_EQ(mm->rss + mm->nr_ptes, 0);
	stop();
}

/* A read costs no frame; the first write does, and others still read zero. */
static void zero_page_then_write(void)
{
	vaddr_t area;
	u32 free;

	start();
	area = user_map(mm, 3 * PAGE_SIZE, RW);
	EXPECT_EQ(user_peek(mm, area), 0);
	free = nr_free_pages();
	EXPECT_EQ(user_peek(mm, area + PAGE_SIZE), 0);
	EXPECT_EQ(user_peek(mm, area + 2 * PAGE_SIZE), 0);
	EXPECT_EQ(nr_free_pages(), free);
	EXPECT_EQ(mm->rss, 0);
	EXPECT_EQ(frame_at(mm, area), page_to_pfn(zero_page));
	check_space(mm);
	EXPECT_EQ(user_poke(mm, area + PAGE_SIZE, 9), FAULT_OK);
	EXPECT_EQ(mm->rss, 1);
	EXPECT_EQ(user_peek(mm, area + PAGE_SIZE), 9);
	EXPECT_EQ(user_peek(mm, area) + user_peek(mm, area + 2 * PAGE_SIZE), 0);
	EXPECT_EQ(nr_free_pages(), free - 1);
	EXPECT_EQ(*(u32 *)page_address(zero_page), 0);
	stop();
}

static void copy_on_write(void)
{
	struct fault_counters before;
	struct mm_struct *child;
	vaddr_t area;

	start();
	area = user_map(mm, 2 * PAGE_SIZE, RW);
	EXPECT_EQ(user_poke(mm, area, 1), FAULT_OK);
	EXPECT_EQ(user_poke(mm, area + PAGE_SIZE, 1), FAULT_OK);
	child = mm_copy(mm);
	EXPECT_EQ(frame_at(mm, area), frame_at(child, area));
	EXPECT_EQ(users_of(mm, area), 2);
	EXPECT_EQ(child->rss, 2);
	check_space(mm);
	check_space(child);
	before = fault_counters;
	EXPECT_EQ(user_poke(mm, area, 2), FAULT_OK); /* a copy */
	before.cow_reuse = fault_counters.cow_reuse;
	EXPECT_EQ(user_poke(child, area, 3), FAULT_OK); /* the only user: as it is */
	EXPECT_EQ(fault_counters.cow_copy, before.cow_copy + 1);
	EXPECT_EQ(fault_counters.cow_reuse, before.cow_reuse + 1);
	EXPECT(frame_at(mm, area) != frame_at(child, area));
	EXPECT_EQ(user_peek(mm, area), 2);
	EXPECT_EQ(user_peek(child, area), 3);
	EXPECT_EQ(user_peek(mm, area + PAGE_SIZE), 1);
	EXPECT_EQ(users_of(mm, area + PAGE_SIZE), 2);
	check_space(child);
	mm_put(child);
	EXPECT_EQ(users_of(mm, area + PAGE_SIZE), 1);
	EXPECT_EQ(user_poke(mm, area + PAGE_SIZE, 4), FAULT_OK);
	EXPECT_EQ(fault_counters.cow_copy, before.cow_copy + 1);
	stop();
}

/*
 * One fault each: a page that becomes writable is not still read-only in the TLB. A stale
 * translation with fewer rights is allowed; its fault drops it from the TLB.
 */
static void one_fault_each(void)
{
	struct fault_counters before;
	struct mm_struct *child;
	vaddr_t area;

	start();
	area = user_map(mm, PAGE_SIZE, RW);
	EXPECT_EQ(user_poke(mm, area, 1), FAULT_OK);
	child = mm_copy(mm);
	mm_put(child);
	EXPECT_EQ(user_peek(mm, area), 1);
	before = fault_counters;
	EXPECT_EQ(user_poke(mm, area, 2), FAULT_OK);
	EXPECT_EQ(fault_counters.cow_reuse, before.cow_reuse + 1);
	EXPECT_EQ(fault_counters.spurious, before.spurious);
	set_pte(pte_lookup(mm->pgd, area), pte_wrprotect(*pte_lookup(mm->pgd, area)));
	tlb_flush_page(area);
	EXPECT_EQ(user_peek(mm, area), 2);
	set_pte(pte_lookup(mm->pgd, area), pte_mkwrite(*pte_lookup(mm->pgd, area)));
	EXPECT_EQ(user_poke(mm, area, 3), FAULT_OK);
	EXPECT_EQ(fault_counters.spurious, before.spurious + 1);
	EXPECT_EQ(user_peek(mm, area), 3);
	stop();
}

/* A copy of a copy of a copy: each writes its own number into the same page. */
static void chain_of_forks(void)
{
	struct mm_struct *chain[8];
	vaddr_t area;

	start();
	area = user_map(mm, PAGE_SIZE, RW);
	EXPECT_EQ(user_poke(mm, area, 100), FAULT_OK);
	chain[0] = mm;
	for (u32 i = 1; i < ARRAY_SIZE(chain); i++)
		chain[i] = mm_copy(chain[i - 1]);
	EXPECT_EQ(users_of(mm, area), 8);
	for (u32 i = 0; i < ARRAY_SIZE(chain); i++) {
		EXPECT_EQ(user_peek(chain[i], area), 100);
		EXPECT_EQ(user_poke(chain[i], area, (u8)i), FAULT_OK);
	}
	for (u32 i = 0; i < ARRAY_SIZE(chain); i++) {
		EXPECT_EQ(user_peek(chain[i], area), i);
		EXPECT_EQ(users_of(chain[i], area), 1);
	}
	machine_check();
	for (u32 i = 1; i < ARRAY_SIZE(chain); i++)
		mm_put(chain[i]);
	stop();
}

/* The parent has just written: its TLB still grants that when fork has returned. */
static void fork_forgets_write_rights(void)
{
	struct mm_struct *child;
	vaddr_t area;

	for (u32 pages = 1; pages <= 64; pages *= 8) {
		if (pages == 1)
			start();
		area = user_map(mm, pages * PAGE_SIZE, RW);
		for (u32 i = 0; i < pages; i++)
			EXPECT_EQ(user_poke(mm, area + i * PAGE_SIZE, 1), FAULT_OK);
		EXPECT(mmu_remembers(area));
		child = mm_copy(mm);
		check_space(mm);
		for (u32 i = 0; i < pages; i++)
			EXPECT_EQ(user_poke(mm, area + i * PAGE_SIZE, 2), FAULT_OK);
		for (u32 i = 0; i < pages; i++)
			EXPECT_EQ(user_peek(child, area + i * PAGE_SIZE), 1);
		mm_put(child);
	}
	stop();
}

/* CVE-2018-18281: the old address is touched at once. */
static void touch_after_munmap(void)
{
	static const u32 sizes[] = { 1, 2, 32, 33, 64, 65, 300 };

	start();
	for (u32 k = 0; k < ARRAY_SIZE(sizes); k++) {
		u32 pages = sizes[k];
		vaddr_t area = user_map(mm, pages * PAGE_SIZE, RW);

		for (u32 i = 0; i < pages; i++)
			EXPECT_EQ(user_poke(mm, area + i * PAGE_SIZE, 7), FAULT_OK);
		EXPECT_EQ(do_munmap(mm, area, pages * PAGE_SIZE), 0);
		for (u32 i = 0; i < pages; i++)
			EXPECT_EQ(user_peek(mm, area + i * PAGE_SIZE), REFUSED(FAULT_MAPERR));
		/* A new mapping at the old place is zero. */
		EXPECT_EQ(user_map(mm, pages * PAGE_SIZE, RW), area);
		for (u32 i = 0; i < pages; i++)
			EXPECT_EQ(user_peek(mm, area + i * PAGE_SIZE), 0);
		check_space(mm);
	}
	stop();
}

static void frame_is_used(pfn_t pfn, vaddr_t address)
{
	(void)address;
	EXPECT(pfn_to_page(pfn)->count);
}

/* A table without pages may be known to the processor from an access that failed. */
static void touch_before_munmap(void)
{
	vaddr_t area;

	start();
	mmu_frame_seen = frame_is_used;
	area = user_map(mm, 2 * PAGE_SIZE, RW);
	EXPECT_EQ(user_poke(mm, area, 7), FAULT_OK);
	EXPECT_EQ(do_madvise(mm, area, PAGE_SIZE, MADV_DONTNEED), 0);
	EXPECT_EQ(do_munmap(mm, area + PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(user_peek(mm, area + PAGE_SIZE), REFUSED(FAULT_MAPERR));
	EXPECT_EQ(do_munmap(mm, area, PAGE_SIZE), 0);
	EXPECT_EQ(mm->nr_ptes, 0);
	shrink_caches();
	tlb_flush_all();
	mmu_frame_seen = NULL;
	stop();
}

static void touch_after_dontneed(void)
{
	vaddr_t area;

	start();
	area = user_map(mm, 100 * PAGE_SIZE, RW);
	for (u32 i = 0; i < 100; i++)
		EXPECT_EQ(user_poke(mm, area + i * PAGE_SIZE, 7), FAULT_OK);
	EXPECT_EQ(do_madvise(mm, area + PAGE_SIZE, 98 * PAGE_SIZE, MADV_DONTNEED), 0);
	EXPECT_EQ(mm->rss, 2);
	for (u32 i = 0; i < 100; i++)
		EXPECT_EQ(user_peek(mm, area + i * PAGE_SIZE), i && i < 99 ? 0 : 7);
	stop();
}

static void protections(void)
{
	vaddr_t area;

	start();
	area = user_map(mm, 4 * PAGE_SIZE, RW);
	EXPECT_EQ(user_poke(mm, area, 5), FAULT_OK);
	EXPECT_EQ(do_mprotect(mm, area, PAGE_SIZE, R), 0);
	EXPECT_EQ(user_poke(mm, area, 6), FAULT_ACCERR);
	EXPECT_EQ(user_peek(mm, area), 5);
	EXPECT_EQ(do_mprotect(mm, area, PAGE_SIZE, N), 0);
	EXPECT_EQ(user_peek(mm, area), REFUSED(FAULT_ACCERR));
	EXPECT_EQ(user_poke(mm, area, 6), FAULT_ACCERR);
	check_space(mm);
	EXPECT_EQ(do_mprotect(mm, area, PAGE_SIZE, RW), 0);
	EXPECT_EQ(user_peek(mm, area), 5);
	EXPECT_EQ(user_poke(mm, area, 6), FAULT_OK);
	EXPECT_EQ(mm->rss, 1);
	/* The hardware has neither execute-only nor write-only pages. */
	EXPECT_EQ(do_mprotect(mm, area, PAGE_SIZE, X), 0);
	EXPECT_EQ(user_peek(mm, area), 6);
	EXPECT_EQ(user_poke(mm, area, 7), FAULT_ACCERR);
	EXPECT_EQ(do_mprotect(mm, area, PAGE_SIZE, W), 0);
	EXPECT_EQ(user_peek(mm, area), 6);
	EXPECT_EQ(user_poke(mm, area, 7), FAULT_OK);
	EXPECT_EQ(user_peek(mm, area + 4 * PAGE_SIZE), REFUSED(FAULT_MAPERR));
	EXPECT_EQ(user_peek(mm, 0), REFUSED(FAULT_MAPERR));
	EXPECT_EQ(user_peek(mm, PAGE_OFFSET), REFUSED(FAULT_MAPERR));
	EXPECT_EQ(user_poke(mm, 0xffffffff, 1), FAULT_MAPERR);
	stop();
}

/* A page that is shared copy on write does not become writable by mprotect(). */
static void mprotect_and_copy_on_write(void)
{
	struct mm_struct *child;
	vaddr_t area;

	start();
	area = user_map(mm, PAGE_SIZE, RW);
	EXPECT_EQ(user_poke(mm, area, 1), FAULT_OK);
	EXPECT_EQ(do_mprotect(mm, area, PAGE_SIZE, R), 0);
	child = mm_copy(mm);
	EXPECT_EQ(do_mprotect(mm, area, PAGE_SIZE, RW), 0);
	check_space(mm);
	EXPECT_EQ(user_poke(mm, area, 2), FAULT_OK);
	EXPECT_EQ(user_peek(child, area), 1);
	EXPECT_EQ(user_poke(child, area, 3), FAULT_ACCERR);
	EXPECT_EQ(do_mprotect(child, area, PAGE_SIZE, N), 0);
	EXPECT_EQ(do_mprotect(child, area, PAGE_SIZE, RW), 0);
	EXPECT_EQ(user_peek(child, area), 1);
	/* The zero page neither. */
	area = user_map(mm, PAGE_SIZE, R);
	EXPECT_EQ(user_peek(mm, area), 0);
	EXPECT_EQ(do_mprotect(mm, area, PAGE_SIZE, RW), 0);
	EXPECT_EQ(user_poke(mm, area, 2), FAULT_OK);
	EXPECT_EQ(*(u32 *)page_address(zero_page), 0);
	mm_put(child);
	stop();
}

/* fork() fails half-way: allocation k fails, for every k up to success. */
static void fork_fails_half_way(void)
{
	vaddr_t area[6];
	u32 free, rss, failed = 0;
	struct mm_struct *child = NULL;

	start();
	for (u32 i = 0; i < ARRAY_SIZE(area); i++) {
		area[i] = MMAP_BASE + i * MiB(8);
		EXPECT_EQ(do_mmap(mm, area[i], 2 * PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS),
			  area[i]);
		EXPECT_EQ(user_poke(mm, area[i], (u8)i), FAULT_OK);
	}
	rss = mm->rss;
	shrink_caches();
	free = nr_free_pages();
	for (u32 k = 1; !child && k < 100; k++) {
		const struct fail_spec spec = { .kinds = FAIL_ANY, .mode = FAIL_ONCE, .nth = k };

		fail_alloc_set(&spec);
		child = mm_copy(mm);
		fail_alloc_set(NULL);
		if (child)
			break;
		failed++;
		shrink_caches();
		EXPECT_EQ(nr_free_pages(), free);
		EXPECT_EQ(mm->rss, rss);
		machine_check();
		for (u32 i = 0; i < ARRAY_SIZE(area); i++)
			EXPECT_EQ(users_of(mm, area[i]), 1);
		/* The frame is still the only one: no copy. */
		EXPECT_EQ(user_poke(mm, area[0], (u8)k), FAULT_OK);
		EXPECT_EQ(nr_free_pages(), free);
	}
	EXPECT(child && failed >= 14); /* the space, its directory, 6 areas, 6 tables */
	mm_put(child);
	stop();
}

static void no_memory_for_a_page(void)
{
	struct mm_struct *child;
	vaddr_t area;

	start();
	area = user_map(mm, MiB(4), RW);
	EXPECT_EQ(user_poke(mm, area, 1), FAULT_OK);
	EXPECT_EQ(user_peek(mm, area + PAGE_SIZE), 0);
	child = mm_copy(mm);
	machine_exhaust();
	EXPECT_EQ(user_poke(mm, area, 2), FAULT_OOM);		      /* a copy */
	EXPECT_EQ(user_poke(mm, area + PAGE_SIZE, 2), FAULT_OOM);     /* over the zero page */
	EXPECT_EQ(user_poke(mm, area + 2 * PAGE_SIZE, 2), FAULT_OOM); /* a fresh one */
	EXPECT_EQ(user_map(mm, MiB(4), RW), area + MiB(4));
	EXPECT_EQ(user_poke(mm, area + MiB(4), 2), FAULT_OOM); /* a page table */
	EXPECT_EQ(user_peek(mm, area), 1);
	EXPECT_EQ(user_peek(mm, area + 3 * PAGE_SIZE), 0);
	EXPECT_EQ(mm->rss, 1);
	check_space(mm);
	check_space(child);
	machine_relax();
	EXPECT_EQ(user_poke(mm, area, 2), FAULT_OK);
	EXPECT_EQ(user_peek(child, area), 1);
	mm_put(child);
	stop();
}

/* An active space dies; the structure stays for the holder of a reference. */
static void death(void)
{
	vaddr_t area;

	start();
	area = user_map(mm, 200 * PAGE_SIZE, RW);
	for (u32 i = 0; i < 200; i++)
		EXPECT_EQ(user_poke(mm, area + i * PAGE_SIZE, 1), FAULT_OK);
	EXPECT(mm_active(mm));
	mm_grab(mm);
	mm->mm_users++;
	mm_put(mm);
	EXPECT_EQ(mm->rss, 200);
	EXPECT_PANIC("zap_page_range() left 1 frames", (mm->rss++, mm_put(mm)));
	mm_put(mm);
	EXPECT(mm->mm_users == 0 && !mm->pgd);
	machine_check();
	mm_drop(mm);
}

/* The same with pages outside of the direct map, which only windows reach. */
static void in_high_memory(void)
{
	struct mm_struct *child;
	vaddr_t area;
	u8 text[] = "high";

	machine_boot_highmem(MiB(32));
	EXPECT_EQ(max_low_pfn, MiB(32) / PAGE_SIZE);
	mm = mm_alloc();
	area = user_map(mm, 20 * PAGE_SIZE, RW);
	for (u32 i = 0; i < 20; i++) {
		EXPECT_EQ(user_peek(mm, area + i * PAGE_SIZE), 0);
		EXPECT_EQ(user_poke(mm, area + i * PAGE_SIZE, (u8)i), FAULT_OK);
		EXPECT(page_highmem(pfn_to_page(frame_at(mm, area + i * PAGE_SIZE))));
	}
	EXPECT(frame_at(mm, area) >= max_low_pfn);
	child = mm_copy(mm);
	for (u32 i = 0; i < 20; i++)
		EXPECT_EQ(user_poke(child, area + i * PAGE_SIZE, (u8)(100 + i)), FAULT_OK);
	EXPECT_EQ(access_process_vm(mm, area + 5 * PAGE_SIZE, text, sizeof(text), FAULT_WRITE), 5);
	EXPECT_EQ(user_peek(mm, area + 5 * PAGE_SIZE), 'h');
	EXPECT_EQ(user_peek(child, area + 5 * PAGE_SIZE), 105);
	EXPECT_EQ(user_peek(mm, area + 6 * PAGE_SIZE), 6);
	mm_put(child);
	stop();
}

TAP_MAIN({ "demand zero", demand_zero }, { "the zero page, then a write", zero_page_then_write },
	 { "copy on write", copy_on_write }, { "one fault each", one_fault_each },
	 { "a chain of forks", chain_of_forks },
	 { "fork forgets write rights in the TLB", fork_forgets_write_rights },
	 { "touched right after munmap (CVE-2018-18281)", touch_after_munmap },
	 { "touch before munmap", touch_before_munmap },
	 { "touched right after MADV_DONTNEED", touch_after_dontneed },
	 { "protections", protections },
	 { "mprotect(+W) does not go past copy on write", mprotect_and_copy_on_write },
	 { "fork fails half-way, at every step", fork_fails_half_way },
	 { "no memory for a page", no_memory_for_a_page }, { "death of a space", death },
	 { "in high memory", in_high_memory })
