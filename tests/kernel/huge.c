/* SPDX-License-Identifier: MIT */
/*
 * Large pages of programs on real page tables: entries of the middle level, stale translations,
 * a pool that is empty, and each allocation failing. Each case ends with the pool that it found.
 */
#include "abi/linux/errno.h"
#include "lib/printk.h"
#include "mm/census.h"
#include "mm/user_space/huge.h"
#include "tests/kernel/drain.h"
#include "tests/kernel/probe.h"
#include "tests/kernel/user_space.h"

#define BASE 0x30000000u
#define POOL 3u

static u32 pool_before;

static vaddr_t at(u32 page)
{
	return BASE + page * LARGE_PAGE_SIZE;
}

/* mmap(MAP_HUGETLB | MAP_FIXED). */
static vaddr_t map(struct mm_struct *mm, u32 page, u32 pages, u32 flags)
{
	return do_mmap(mm, at(page), pages * LARGE_PAGE_SIZE, PROT_RW,
		       flags | MAP_ANONYMOUS | MAP_FIXED | MAP_HUGETLB);
}

static void expect_counts(u32 free, u32 reserved)
{
	u32 counted[2];

	huge_pool_count(&counted[0], &counted[1]);
	EXPECT_EQ(counted[0], free);
	EXPECT_EQ(counted[1], reserved);
}

static struct mm_struct *start(void)
{
	pool_before = huge_pool.total;
	if (huge_pool_resize(POOL) != POOL) {
		huge_pool_resize(pool_before);
		test_skip("there is no memory for three large pages");
	}
	return user_enter();
}

static void stop(struct mm_struct *mm)
{
	user_leave(mm);
	expect_counts(POOL, 0);
	EXPECT_EQ(huge_pool_resize(pool_before), pool_before);
}

static void expect_pool(struct mm_struct *mm, u32 free, u32 promised)
{
	struct census census;

	expect_counts(free, promised);
	expect_valid(mm);
	EXPECT(mm_census(&census));
}

/* The pool takes frames from the zones, and all come back. */
static void pool(void)
{
	u32 free = nr_free_pages();
	struct mm_struct *mm = start();

	if (!pool_before)
		EXPECT(nr_free_pages() <= free - POOL * HUGE_FRAMES);
	EXPECT_EQ(map(mm, 0, 2, MAP_PRIVATE), at(0));
	expect_pool(mm, POOL, 2);
	EXPECT_EQ(huge_pool_resize(0), 2); /* what is promised stays */
	EXPECT_EQ(huge_pool_resize(POOL), POOL);
	EXPECT_EQ(map(mm, 4, 2, MAP_SHARED), (vaddr_t)-ENOMEM);
	EXPECT_EQ((u32)do_munmap(mm, at(0), 2 * LARGE_PAGE_SIZE), 0);
	expect_pool(mm, POOL, 0);
	stop(mm);
}

/* One entry, no page table, and the frames are in a row. Both halves of the page are there. */
static void entries(void)
{
	struct mm_struct *mm = start();
	pte_t entry;

	EXPECT_EQ(map(mm, 0, 1, MAP_PRIVATE), at(0));
	EXPECT(user_write(at(1) - 4, 7));
	entry = *large_pte(mm->pgd, at(0));
	EXPECT(entry.value & PTE_LARGE && IS_ALIGNED(pte_pfn(entry), HUGE_FRAMES));
	EXPECT_EQ(mm->nr_ptes, 0);
	EXPECT_EQ(mm_huge_pages(mm), 1);
	EXPECT_EQ(user_word(at(0)), 0);
	EXPECT_EQ(probe_read(at(1) - 4).value, 7); /* the processor's own walk */
	EXPECT(pte_pfn(page_entry(mm->pgd, at(1) - 4)) == pte_pfn(entry) + HUGE_FRAMES - 1);
	expect_pool(mm, POOL - 1, 0);
	stop(mm);
}

/* A part of a large page is refused by each call, and changes nothing. */
static void cuts(void)
{
	struct mm_struct *mm = start();

	EXPECT_EQ(map(mm, 0, 2, MAP_PRIVATE), at(0));
	EXPECT(user_write(at(1), 7));
	EXPECT_EQ((u32)do_munmap(mm, at(1), PAGE_SIZE), (u32)-EINVAL);
	EXPECT_EQ((u32)do_munmap(mm, at(0) + PAGE_SIZE, LARGE_PAGE_SIZE), (u32)-EINVAL);
	EXPECT_EQ((u32)do_mprotect(mm, at(1), PAGE_SIZE, PROT_READ), (u32)-EINVAL);
	EXPECT_EQ(map_anonymous(mm, at(1) + PAGE_SIZE, 1, PROT_RW), (vaddr_t)-EINVAL);
	EXPECT_EQ(mm->map_count, 1);
	EXPECT_EQ(user_word(at(1)), 7);
	EXPECT_EQ((u32)do_munmap(mm, at(0), LARGE_PAGE_SIZE), 0);
	EXPECT_EQ(user_word(at(1)), 7);
	expect_pool(mm, POOL - 1, 0);
	stop(mm);
}

/* The parent's translation is in the TLB as writable when fork shares the page. */
static void copy_on_write(void)
{
	struct mm_struct *mm = start(), *child;

	EXPECT_EQ(map(mm, 0, 1, MAP_PRIVATE), at(0));
	EXPECT(user_write(at(0), 1));
	child = mm_copy(mm);
	EXPECT(child);
	expect_pool(mm, POOL - 1, 0);
	EXPECT(user_write(at(0), 2));
	expect_pool(mm, POOL - 2, 0);
	user_switch(child);
	EXPECT_EQ(user_word(at(0)), 1);
	EXPECT(user_write(at(0), 3)); /* the only one that has it: no copy */
	expect_pool(child, POOL - 2, 0);
	user_switch(mm);
	EXPECT_EQ(user_word(at(0)), 2);
	mm_put(child);
	stop(mm);
}

/*
 * The pool is empty. Without a promise a fault fails, which is SIGBUS, or -EFAULT in a call. A
 * child's copy fails; the owner's succeeds, and the child has lost the page.
 */
static void exhausted(void)
{
	struct mm_struct *mm = start(), *child;
	u32 word;

	EXPECT_EQ(map(mm, 0, POOL, MAP_PRIVATE), at(0));
	EXPECT_EQ(map(mm, 8, 1, MAP_PRIVATE | MAP_NORESERVE), at(8));
	EXPECT(!user_read(at(8), &word) && !user_write(at(8), 1));
	for (u32 i = 0; i < POOL; i++)
		EXPECT(user_write(at(i), i + 1));
	expect_pool(mm, 0, 0);
	child = mm_copy(mm);
	EXPECT(child);
	user_switch(child);
	EXPECT(!user_write(at(0), 9));
	EXPECT_EQ(user_word(at(0)), 1);
	user_switch(mm);
	EXPECT(user_write(at(0), 9));
	user_switch(child);
	EXPECT(!user_read(at(0), &word));
	EXPECT_EQ(user_word(at(1)), 2);
	expect_pool(child, 0, 0);
	user_switch(mm);
	mm_put(child);
	EXPECT_EQ(user_word(at(0)), 9);
	stop(mm);
}

/* No call leaves a translation in the TLB that the entry does not allow. */
static void translations(void)
{
	struct mm_struct *mm = start();

	EXPECT_EQ(map(mm, 0, 1, MAP_PRIVATE), at(0));
	EXPECT(user_write(at(0), 1));
	EXPECT_EQ((u32)do_mprotect(mm, at(0), LARGE_PAGE_SIZE, PROT_READ), 0);
	EXPECT(probe_write(at(0), 2).faulted);
	EXPECT_EQ((u32)do_mprotect(mm, at(0), LARGE_PAGE_SIZE, PROT_NONE), 0);
	EXPECT(probe_read(at(0)).faulted);
	EXPECT_EQ((u32)do_mprotect(mm, at(0), LARGE_PAGE_SIZE, PROT_RW), 0);
	EXPECT_EQ(user_word(at(0)), 1);
	EXPECT_EQ(do_mremap(mm, at(0), LARGE_PAGE_SIZE, LARGE_PAGE_SIZE,
			    MREMAP_MAYMOVE | MREMAP_FIXED, at(4)),
		  at(4));
	expect_unmapped(at(0));
	EXPECT_EQ(user_word(at(4)), 1);
	EXPECT_EQ((u32)do_madvise(mm, at(4), LARGE_PAGE_SIZE, MADV_DONTNEED), 0);
	expect_unmapped(at(4));
	EXPECT_EQ(user_word(at(4)), 0);
	EXPECT_EQ((u32)do_munmap(mm, at(4), LARGE_PAGE_SIZE), 0);
	expect_unmapped(at(4));
	stop(mm);
}

/* A program in short; each of its allocations may fail. */
static bool program(void *context)
{
	struct mm_struct *mm = context, *child;
	vaddr_t place = map(mm, 0, 2, MAP_PRIVATE);
	bool complete = place == at(0) && user_write(at(1), 1);

	if (complete) {
		child = mm_copy(mm);
		place = do_mremap(mm, at(1), LARGE_PAGE_SIZE, LARGE_PAGE_SIZE,
				  MREMAP_MAYMOVE | MREMAP_FIXED, at(4));
		EXPECT(place == at(4) || place == (vaddr_t)-ENOMEM);
		complete = child && place == at(4) && user_write(at(4), 2);
		if (child)
			mm_put(child);
	}
	EXPECT_EQ((u32)do_munmap(mm, at(0), 5 * LARGE_PAGE_SIZE), 0);
	EXPECT_EQ(mm->map_count, 0);
	expect_counts(POOL, 0);
	return complete;
}

static void no_memory(void)
{
	struct mm_struct *mm = start();
	u32 drained = drain_sweep(program, mm), failed = fail_sweep(program, mm);

	EXPECT(drained >= 1 && failed >= 4);
	printk("  # failures: %u without frames, %u injected\n", drained, failed);
	stop(mm);
}

static const struct test_case cases[] = {
	{ "pool", pool },	    { "entries", entries },
	{ "cuts", cuts },	    { "copy_on_write", copy_on_write },
	{ "exhausted", exhausted }, { "translations", translations },
	{ "no_memory", no_memory },
};
TEST_SUITE(huge, cases);
