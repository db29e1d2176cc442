/* SPDX-License-Identifier: MIT */
/*
 * madvise(2), row by row: which advice there is, what of it an area keeps, what it does to pages,
 * and which areas refuse it. Advice about swap is in tests/host/mm/swap/test_swap_advice.c.
 */
#include "abi/linux/errno.h"
#include "mm/mman/mman.h"
#include "mm/page_cache/filemap.h"
#include "mm/user_space/shmem.h"
#include "tests/host/mm/mman/areas.h"
#include "tests/host/machine.h"
#include "tests/host/resched.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define PAGES 6u

enum { KEPT = VM_RAND_READ | VM_SEQ_READ | VM_DONTCOPY | VM_WIPEONFORK | VM_DONTDUMP };

static int advise(u32 first, u32 count, int advice)
{
	return do_madvise(mm, page(first), count * PAGE_SIZE, advice);
}

static u32 kept(u32 number)
{
	return find_vma(mm, page(number))->vm_flags & KEPT;
}

static void touch(u32 first, u32 count)
{
	for (u32 i = first; i < first + count; i++)
		EXPECT_EQ(user_poke(mm, page(i), (u8)(i + 1)), FAULT_OK);
}

static void end(void)
{
	user_switch(NULL);
	stop();
}

/* Each number of advice, on anonymous memory. */
static void known(void)
{
	static const int refused[] = { -1, 5, 6, 7, MADV_REMOVE, 12, 13, 25, 26, 100 };

	start();
	map(0, PAGES, RW, 0);
	for (int advice = -1; advice <= 100; advice++) {
		bool expected = advice <= MADV_DONTNEED_LOCKED;

		for (u32 i = 0; i < ARRAY_SIZE(refused); i++)
			expected = expected && advice != refused[i];
		EXPECT_EQ(advise(0, PAGES, advice), expected ? 0 : -EINVAL);
		EXPECT_EQ(do_madvise(mm, page(0), 0, advice),
			  expected || advice == MADV_REMOVE ? 0 : -EINVAL);
	}
	end();
}

static void ranges(void)
{
	static const struct {
		vaddr_t start;
		u32 length;
		int result;
	} rows[] = {
		{ BASE + 1, PAGE_SIZE, -EINVAL },
		{ BASE, 0, 0 },
		{ BASE + PAGES * PAGE_SIZE, 0, 0 },
		{ BASE, 1, 0 },
		{ BASE, PAGES * PAGE_SIZE, 0 },
		{ BASE, PAGES * PAGE_SIZE + 1, -ENOMEM },
		{ BASE + PAGES * PAGE_SIZE, 1, -ENOMEM },
		{ BASE, UINT32_MAX, -EINVAL },
		{ BASE, 0u - PAGE_SIZE, -EINVAL },
		{ BASE, 0u - BASE - PAGE_SIZE, -ENOMEM },
		{ BASE, 0u - BASE, -EINVAL },
	};

	start();
	map(0, PAGES, RW, 0);
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++)
		if (!EXPECT_EQ(do_madvise(mm, rows[i].start, rows[i].length, MADV_NORMAL),
			       rows[i].result))
			tap_note("row %u", i);
	end();
}

/* Advice that the area keeps: after each step, what it has. */
static void kept_flags(void)
{
	static const struct {
		int advice;
		u32 flags;
	} steps[] = {
		{ MADV_RANDOM, VM_RAND_READ },
		{ MADV_SEQUENTIAL, VM_SEQ_READ },
		{ MADV_RANDOM, VM_RAND_READ },
		{ MADV_NORMAL, 0 },
		{ MADV_SEQUENTIAL, VM_SEQ_READ },
		{ MADV_DONTFORK, VM_SEQ_READ | VM_DONTCOPY },
		{ MADV_WIPEONFORK, VM_SEQ_READ | VM_DONTCOPY | VM_WIPEONFORK },
		{ MADV_DONTDUMP, KEPT & ~VM_RAND_READ },
		{ MADV_DONTDUMP, KEPT & ~VM_RAND_READ },
		{ MADV_NORMAL, VM_DONTCOPY | VM_WIPEONFORK | VM_DONTDUMP },
		{ MADV_DOFORK, VM_WIPEONFORK | VM_DONTDUMP },
		{ MADV_DODUMP, VM_WIPEONFORK },
		{ MADV_HUGEPAGE, VM_WIPEONFORK },
		{ MADV_NOHUGEPAGE, VM_WIPEONFORK },
		{ MADV_KEEPONFORK, 0 },
		{ MADV_KEEPONFORK, 0 },
		{ MADV_DODUMP, 0 },
		{ MADV_DOFORK, 0 },
	};

	start();
	map(0, PAGES, RW, 0);
	for (u32 i = 0; i < ARRAY_SIZE(steps); i++) {
		EXPECT_EQ(advise(2, 2, steps[i].advice), 0);
		EXPECT_EQ(kept(2), steps[i].flags);
		EXPECT_EQ(kept(0) | kept(4), 0);
		if (steps[i].flags)
			EXPECT_AREAS("ww|ww|ww");
		else
			EXPECT_AREAS("wwwwww");
	}
	end();
}

/* All areas around holes get the advice; only what touches and is alike is merged. */
static void holes(void)
{
	start();
	map(0, 2, RW, 0);
	map(3, 2, RW, 0);
	map(6, 2, RW, 0);
	EXPECT_EQ(advise(1, 6, MADV_RANDOM), -ENOMEM);
	EXPECT_AREAS("w|w.ww.w|w");
	EXPECT(!kept(0) && kept(1) && kept(3) && kept(6) && !kept(7));
	EXPECT_EQ(advise(0, 2, MADV_RANDOM), 0);
	EXPECT_EQ(advise(0, 3, MADV_NORMAL), -ENOMEM); /* it ends in the hole */
	EXPECT_EQ(advise(2, 2, MADV_NORMAL), -ENOMEM); /* it begins there */
	EXPECT_EQ(advise(2, 1, MADV_NORMAL), -ENOMEM);
	EXPECT_AREAS("ww.w|w.w|w");
	EXPECT(!kept(0) && !kept(3) && kept(4) && kept(6));
	EXPECT_EQ(advise(4, 40, MADV_NORMAL), -ENOMEM);
	EXPECT_AREAS("ww.ww.ww");
	touch(0, 2);
	touch(3, 2);
	touch(6, 2);
	EXPECT_EQ(advise(1, 6, MADV_DONTNEED), -ENOMEM);
	EXPECT_EQ(mm->rss, 2);
	EXPECT_EQ(user_peek(mm, page(0)), 1);
	EXPECT_EQ(user_peek(mm, page(3)), 0);
	EXPECT_EQ(user_peek(mm, page(7)), 8);
	end();
}

/* What a child gets of each area. */
static void forks(void)
{
	struct mm_struct *parent, *child;

	start();
	map(0, PAGES, RW, 0);
	touch(0, PAGES);
	EXPECT_EQ(advise(1, 1, MADV_DONTFORK), 0);
	EXPECT_EQ(advise(3, 2, MADV_WIPEONFORK), 0);
	EXPECT_EQ(advise(4, 1, MADV_KEEPONFORK), 0);
	parent = mm;
	child = mm = mm_copy(parent);
	if (EXPECT(child)) {
		EXPECT_AREAS("w.w|w|ww");
		EXPECT_EQ(child->rss, 4);
		EXPECT_EQ(user_peek(child, page(0)), 1);
		EXPECT_EQ(user_peek(child, page(2)), 3);
		EXPECT_EQ(user_peek(child, page(3)), 0);
		EXPECT_EQ(user_peek(child, page(4)), 5);
		EXPECT_EQ(user_peek(child, page(1)), -1 - FAULT_MAPERR);
		EXPECT_EQ(kept(3), VM_WIPEONFORK); /* for its children too */
		user_switch(NULL);
		mm_put(child);
	}
	mm = parent;
	for (u32 i = 0; i < PAGES; i++)
		EXPECT_EQ(user_peek(mm, page(i)), i + 1);
	end();
}

static vaddr_t map_object(struct address_space *object, u32 first, u32 prot, u32 type)
{
	const struct mmap_request request = { .address = page(first),
					      .length = PAGES * PAGE_SIZE,
					      .prot = prot,
					      .flags = type | MAP_FIXED,
					      .mapping = object,
					      .may = VM_MAY_MASK };

	return do_mmap_pgoff(mm, &request);
}

static int hole_result;

static int check_hole(const struct address_space *mapping)
{
	(void)mapping;
	return hole_result;
}

/* MADV_REMOVE takes pages from the object, for all areas. MADV_DONTNEED takes them from one. */
static void removed(void)
{
	struct address_space_operations checked;
	const struct address_space_operations *all;
	struct address_space *object;

	start();
	object = shmem_object(PAGES * PAGE_SIZE, "object");
	all = object->a_ops;
	checked = *all;
	checked.check_hole = check_hole;
	object->a_ops = &checked;
	EXPECT_EQ(map_object(object, 0, RW, MAP_SHARED), page(0));
	EXPECT_EQ(map_object(object, 10, R, MAP_SHARED), page(10));
	EXPECT_EQ(map_object(object, 20, RW, MAP_PRIVATE), page(20));
	touch(0, PAGES);
	touch(21, 1);
	EXPECT_EQ(user_peek(mm, page(12)), 3);
	EXPECT_EQ(advise(10, PAGES, MADV_REMOVE), -EACCES);
	EXPECT_EQ(advise(20, PAGES, MADV_REMOVE), -EACCES);
	EXPECT_EQ(advise(10, PAGES, MADV_FREE), -EINVAL);
	EXPECT_EQ(advise(0, PAGES, MADV_WIPEONFORK), -EINVAL);
	EXPECT_EQ(advise(20, PAGES, MADV_WIPEONFORK), -EINVAL);
	hole_result = -EPERM;
	EXPECT_EQ(advise(0, PAGES, MADV_REMOVE), -EPERM);
	hole_result = 0;
	EXPECT_EQ(do_mlock(mm, page(5), PAGE_SIZE, 0), 0);
	EXPECT_EQ(advise(5, 1, MADV_REMOVE), -EINVAL);
	EXPECT_EQ(object->nrpages, PAGES);
	EXPECT_EQ(advise(0, 2, MADV_DONTNEED), 0);
	EXPECT_EQ(object->nrpages, PAGES);
	EXPECT_EQ(user_peek(mm, page(1)), 2);
	EXPECT_EQ(advise(1, 2, MADV_REMOVE), 0);
	EXPECT_EQ(object->nrpages, PAGES - 2);
	EXPECT_EQ(user_peek(mm, page(0)), 1);
	EXPECT_EQ(user_peek(mm, page(12)), 0);
	EXPECT_EQ(user_peek(mm, page(13)), 4);
	EXPECT_EQ(user_peek(mm, page(21)), 22);
	object->a_ops = all;
	EXPECT_EQ(advise(3, 1, MADV_REMOVE), 0);
	EXPECT_EQ(user_peek(mm, page(3)), 0);
	end();
	mapping_put(object);
}

/* Pages are made for reading or for writing, as the area allows. */
static void populated(void)
{
	struct address_space *object;

	start();
	object = shmem_object((PAGES - 1) * PAGE_SIZE, "object");
	map(0, 3, RW, 0);
	EXPECT_EQ(advise(0, 2, MADV_POPULATE_READ), 0);
	EXPECT_EQ(mm->rss, 0);
	EXPECT(pte_present(*pte_lookup(mm->pgd, page(1))) &&
	       pte_none(*pte_lookup(mm->pgd, page(2))));
	EXPECT_EQ(advise(1, 2, MADV_POPULATE_WRITE), 0);
	EXPECT_EQ(mm->rss, 2);
	EXPECT(pte_write(*pte_lookup(mm->pgd, page(2))) &&
	       !pte_write(*pte_lookup(mm->pgd, page(0))));
	map(5, 2, R, 0);
	EXPECT_EQ(advise(5, 2, MADV_POPULATE_WRITE), -EINVAL);
	EXPECT_EQ(advise(5, 2, MADV_POPULATE_READ), 0);
	map(7, 2, N, 0);
	EXPECT_EQ(advise(7, 2, MADV_POPULATE_READ), -EINVAL);
	EXPECT_EQ(advise(4, 2, MADV_POPULATE_READ), -ENOMEM);
	EXPECT_EQ(map_object(object, 10, RW, MAP_SHARED), page(10));
	EXPECT_EQ(advise(10, PAGES, MADV_POPULATE_WRITE), -EFAULT);
	EXPECT_EQ(object->nrpages, PAGES - 1);
	EXPECT_EQ(advise(10, PAGES - 1, MADV_POPULATE_WRITE), 0);
	end();
	mapping_put(object);
}

/* A signal ends it after a page; without a frame it is -ENOMEM. */
static void populating_ends(void)
{
	start();
	map(0, PAGES, RW, 0);
	host_killed = true;
	EXPECT_EQ(advise(0, PAGES, MADV_POPULATE_WRITE), -EINTR);
	host_killed = false;
	EXPECT_EQ(mm->rss, 1);
	machine_exhaust();
	EXPECT_EQ(advise(0, PAGES, MADV_POPULATE_WRITE), -ENOMEM);
	machine_relax();
	EXPECT_EQ(mm->rss, 1);
	EXPECT_EQ(advise(0, PAGES, MADV_POPULATE_WRITE), 0);
	EXPECT_EQ(mm->rss, PAGES);
	end();
}

TAP_MAIN({ "known advice", known }, { "ranges", ranges }, { "advice that is kept", kept_flags },
	 { "holes", holes }, { "what a child gets", forks }, { "pages of an object", removed },
	 { "pages that are made", populated }, { "making pages ends early", populating_ends })
