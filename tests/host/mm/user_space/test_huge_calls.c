/* SPDX-License-Identifier: MIT */
/*
 * System calls on areas of large pages, row by row: what they refuse, and what they do otherwise
 * than on small pages. test_huge.c has programs that use such areas.
 */
#include "abi/linux/errno.h"
#include "mm/frames/fail_alloc.h"
#include "mm/frames/huge_pool.h"
#include "mm/mman/mman.h"
#include "mm/page_cache/filemap.h"
#include "mm/user_space/huge.h"
#include "mm/user_space/overcommit.h"
#include "mm/user_space/vma.h"
#include "tests/host/machine.h"
#include "tests/host/space.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define BASE	0x50000000u
#define POOL	4u
#define LARGE	LARGE_PAGE_SIZE
#define SIGBUS_ (-1 - (int)FAULT_SIGBUS)

enum { R = PROT_READ, RW = PROT_READ | PROT_WRITE };

static struct mm_struct *mm;

static vaddr_t at(u32 page)
{
	return BASE + page * LARGE;
}

static void map(u32 page, u32 pages, u32 prot, u32 flags)
{
	EXPECT_EQ(do_mmap(mm, at(page), pages * LARGE, prot,
			  flags | MAP_ANONYMOUS | MAP_FIXED | MAP_HUGETLB),
		  at(page));
}

static void start(void)
{
	machine_boot();
	mm = mm_alloc();
	EXPECT_EQ(huge_pool_resize(POOL), POOL);
}

static void stop(void)
{
	check_space(mm);
	user_switch(NULL);
	mm_put(mm);
	expect_large(POOL, 0);
	EXPECT_EQ(huge_pool_resize(0), 0);
}

/* A shared area without reserved pages gets them by faults, as long as there are some. */
static void not_reserved(void)
{
	start();
	map(0, POOL + 1, RW, MAP_SHARED | MAP_NORESERVE);
	expect_large(POOL, 0);
	for (u32 i = 0; i < POOL; i++)
		EXPECT_EQ(user_poke(mm, at(i), (u8)(i + 1)), FAULT_OK);
	expect_large(0, 0);
	EXPECT_EQ(user_peek(mm, at(POOL)), SIGBUS_);
	EXPECT_EQ(user_poke(mm, at(POOL), 1), FAULT_SIGBUS);
	EXPECT_EQ(do_madvise(mm, at(1), LARGE, MADV_REMOVE), 0);
	EXPECT_EQ(user_peek(mm, at(POOL)), 0);
	EXPECT_EQ(user_peek(mm, at(0)), 1);
	stop();
}

/* Each allocation of such a fault fails once: the page is the pool's again. */
static void faults_without_memory(void)
{
	enum fault_result result = FAULT_OOM;
	u32 failed = 0;

	start();
	map(0, 3, RW, MAP_SHARED | MAP_NORESERVE);
	for (u32 step = 1; result != FAULT_OK && step < 10; step++) {
		const struct fail_spec spec = { FAIL_ANY, FAIL_ONCE, step };

		fail_alloc_set(&spec);
		result = mm_fault(mm, at(2), FAULT_WRITE);
		fail_alloc_set(NULL);
		if (result == FAULT_OK)
			break;
		failed++;
		EXPECT_EQ((int)result, (int)FAULT_OOM);
		expect_large(POOL, 0);
		EXPECT_EQ(mm->rss, 0);
		check_space(mm);
	}
	EXPECT_EQ((int)result, (int)FAULT_OK);
	EXPECT(failed > 0);
	expect_large(POOL - 1, 0);
	stop();
}

/* What a private area that is read only has is not writable, until mprotect() allows it. */
static void read_only(void)
{
	start();
	map(0, 1, R, MAP_PRIVATE);
	EXPECT_EQ(user_peek(mm, at(0)), 0);
	EXPECT_EQ(user_poke(mm, at(0), 1), FAULT_ACCERR);
	EXPECT_EQ(do_mprotect(mm, at(0), LARGE, RW), 0);
	EXPECT_EQ(user_poke(mm, at(0), 1), FAULT_OK);
	EXPECT_EQ(mm->rss, 1);
	stop();
}

/* The owner takes a page back from a child that maps only another part of the object. */
static void taken_from_a_part(void)
{
	struct mm_struct *child[2];

	start();
	map(0, POOL, RW, MAP_PRIVATE);
	for (u32 i = 0; i < POOL; i++)
		EXPECT_EQ(user_poke(mm, at(i), (u8)(i + 1)), FAULT_OK);
	for (u32 i = 0; i < 2; i++)
		child[i] = mm_copy(mm);
	EXPECT_EQ(do_munmap(child[0], at(1), LARGE), 0);
	EXPECT_EQ(user_poke(mm, at(1), 9), FAULT_OK);
	for (u32 i = 0; i < POOL; i++) {
		EXPECT_EQ(user_peek(child[0], at(i)), i == 1 ? -1 - (int)FAULT_MAPERR : (int)i + 1);
		EXPECT_EQ(user_peek(child[1], at(i)), i == 1 ? SIGBUS_ : (int)i + 1);
	}
	EXPECT_EQ(user_peek(mm, at(1)), 9);
	user_switch(NULL);
	for (u32 i = 0; i < 2; i++) {
		check_space(child[i]);
		mm_put(child[i]);
	}
	stop();
}

/* A large page is in memory when an entry maps it: reserved is not enough. */
static void residence(void)
{
	start();
	map(0, 2, RW, MAP_SHARED);
	map(2, 2, RW, MAP_PRIVATE);
	EXPECT_EQ(resident_pages(mm, at(0), 4 * HUGE_FRAMES), 0);
	EXPECT_EQ(user_poke(mm, at(1), 1), FAULT_OK);
	EXPECT_EQ(user_poke(mm, at(2), 1), FAULT_OK);
	EXPECT_EQ(resident_pages(mm, at(0), HUGE_FRAMES), 0);
	EXPECT_EQ(resident_pages(mm, at(0), 4 * HUGE_FRAMES), 2 * HUGE_FRAMES);
	EXPECT_EQ(resident_pages(mm, at(1), 2 * HUGE_FRAMES), 2 * HUGE_FRAMES);
	stop();
}

/* Locks are ignored. MADV_DONTNEED wants whole pages; a tail stays. */
static void locks_and_advice(void)
{
	start();
	map(0, 3, RW, MAP_PRIVATE);
	EXPECT_EQ(do_mlock(mm, at(0), 2 * LARGE, MLOCK_ONFAULT), 0);
	EXPECT_EQ(mm->locked_vm, 0);
	EXPECT_EQ(mm->map_count, 1);
	EXPECT_EQ(do_mlockall(mm, MCL_CURRENT), 0);
	EXPECT_EQ(mm->locked_vm, 0);
	EXPECT_EQ(mm->rss, 3);
	EXPECT_EQ(do_madvise(mm, at(0) + PAGE_SIZE, LARGE, MADV_DONTNEED), -EINVAL);
	EXPECT_EQ(do_madvise(mm, at(0), LARGE - PAGE_SIZE, MADV_DONTNEED), 0);
	EXPECT_EQ(mm->rss, 3);
	EXPECT_EQ(do_madvise(mm, at(0), 2 * LARGE - PAGE_SIZE, MADV_DONTNEED), 0);
	EXPECT_EQ(mm->rss, 2);
	EXPECT_EQ(do_madvise(mm, at(0), LARGE, MADV_COLD), -EINVAL);
	EXPECT_EQ(do_madvise(mm, at(0), LARGE, MADV_PAGEOUT), -EINVAL);
	EXPECT_EQ(do_madvise(mm, at(0), LARGE, MADV_FREE), -EINVAL);
	stop();
}

/* A new area counts as reserved or not, whatever mode of overcommit there is. */
static void overcommit(void)
{
	start();
	overcommit_mode = OVERCOMMIT_NEVER;
	map(0, POOL + 2, RW, MAP_PRIVATE | MAP_NORESERVE);
	EXPECT(mm->mmap->vm_flags & VM_NORESERVE);
	expect_large(POOL, 0);
	EXPECT_EQ(vm_committed, 0);
	map(0, 2, RW, MAP_PRIVATE);
	expect_large(POOL, 2);
	EXPECT_EQ(vm_committed, 0);
	overcommit_mode = OVERCOMMIT_GUESS;
	stop();
}

/* mremap() of two large pages: it never grows them, and moves them to large addresses only. */
static void moves(void)
{
	static const struct {
		u32 from, to, flags;
		vaddr_t place;
		int result;
	} rows[] = {
		{ 2 * LARGE, 3 * LARGE, MREMAP_MAYMOVE, 0, -EINVAL },
		{ 2 * LARGE, 2 * LARGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, BASE + 8 * LARGE,
		  -EINVAL },
		{ 2 * LARGE, 2 * LARGE, MREMAP_MAYMOVE | MREMAP_FIXED, BASE + 8 * LARGE + PAGE_SIZE,
		  -EINVAL },
		{ 2 * LARGE, 2 * LARGE, MREMAP_MAYMOVE | MREMAP_FIXED, BASE + LARGE, -EINVAL },
		{ LARGE + PAGE_SIZE, PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, BASE + LARGE,
		  -EINVAL },
		{ PAGE_SIZE, PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, TASK_SIZE - PAGE_SIZE,
		  -EINVAL },
		{ 0, LARGE, MREMAP_MAYMOVE, 0, -EINVAL },
		{ 2 * LARGE, 2 * LARGE, MREMAP_MAYMOVE, 0, 0 },
	};

	start();
	map(0, 2, RW, MAP_PRIVATE);
	EXPECT_EQ(user_poke(mm, at(1), 5), FAULT_OK);
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		vaddr_t got = do_mremap(mm, at(0), rows[i].from, rows[i].to, rows[i].flags,
					rows[i].place);

		EXPECT_EQ(IS_ERR_VALUE(got) ? (int)got : 0, rows[i].result);
		EXPECT_EQ(mm->total_vm, 2 * HUGE_FRAMES);
		EXPECT_EQ(user_peek(mm, at(1)), 5);
		if (tap_failed())
			tap_note("row %u", i);
	}
	EXPECT_EQ(do_mremap(mm, at(0) + PAGE_SIZE, LARGE, LARGE, MREMAP_MAYMOVE, 0),
		  (vaddr_t)-EINVAL);
	stop();
}

/* The frame that stands for all of a large page; of small pages each for itself. */
static void heads(void)
{
	const struct vm_area_struct *vma;
	struct page *page;

	start();
	map(0, 1, RW, MAP_PRIVATE);
	vma = mm->mmap;
	page = list_first_entry(&huge_pool.list, struct page, lru);
	EXPECT(vma_page_head(vma, page) == page);
	EXPECT(vma_page_head(vma, page + 1) == page);
	EXPECT(vma_page_head(vma, page + HUGE_FRAMES - 1) == page);
	EXPECT(vma_page_head(vma, page + HUGE_FRAMES) == page + HUGE_FRAMES);
	EXPECT_EQ(do_munmap(mm, at(0), LARGE), 0);
	user_map(mm, PAGE_SIZE, RW);
	EXPECT(vma_page_head(mm->mmap, page + 1) == page + 1);
	stop();
}

TAP_MAIN({ "pages that are not reserved", not_reserved },
	 { "faults without memory", faults_without_memory }, { "read only", read_only },
	 { "taken from a part", taken_from_a_part }, { "mincore", residence },
	 { "locks and advice", locks_and_advice }, { "overcommit", overcommit },
	 { "mremap", moves }, { "the first frame", heads })
