/* SPDX-License-Identifier: MIT */
/*
 * vm.max_map_count: how many areas each call needs to be allowed. What fails changes nothing, and
 * what makes no new area never fails for that.
 */
#include "abi/linux/errno.h"
#include "mm/mman/mman.h"
#include "mm/user_space/vma.h"
#include "tests/host/machine.h"
#include "tests/host/space.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

enum { R = PROT_READ, RW = PROT_READ | PROT_WRITE };

#define BASE  0x50000000u
#define ELSE  0x60000000u
#define PAGES 5u
#define MOST  10u

/* A space with one area, of five pages. */
static struct mm_struct *mm;

static vaddr_t page(u32 number)
{
	return BASE + number * PAGE_SIZE;
}

static int map_beside(void)
{
	return do_mmap(mm, ELSE, PAGE_SIZE, R, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED) == ELSE
		       ? 0
		       : -ENOMEM;
}

static int widen(void)
{
	vaddr_t end = page(PAGES);

	return do_mmap(mm, end, PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED) == end
		       ? 0
		       : -ENOMEM;
}

static int grow_heap(void)
{
	mm->start_brk = mm->brk = ELSE;
	return do_brk(mm, ELSE + PAGE_SIZE) == ELSE + PAGE_SIZE ? 0 : -ENOMEM;
}

static int unmap_head(void)
{
	return do_munmap(mm, page(0), PAGE_SIZE);
}

static int unmap_tail(void)
{
	return do_munmap(mm, page(4), PAGE_SIZE);
}

static int unmap_middle(void)
{
	return do_munmap(mm, page(2), PAGE_SIZE);
}

static int unmap_all(void)
{
	return do_munmap(mm, page(0), PAGES * PAGE_SIZE);
}

static int protect_head(void)
{
	return do_mprotect(mm, page(0), PAGE_SIZE, R);
}

static int protect_tail(void)
{
	return do_mprotect(mm, page(4), PAGE_SIZE, R);
}

static int protect_middle(void)
{
	return do_mprotect(mm, page(2), PAGE_SIZE, R);
}

static int protect_all(void)
{
	return do_mprotect(mm, page(0), PAGES * PAGE_SIZE, R);
}

static int lock_middle(void)
{
	return do_mlock(mm, page(2), PAGE_SIZE, 0);
}

static int advise_middle(void)
{
	int err = do_madvise(mm, page(2), PAGE_SIZE, MADV_RANDOM);

	return err == -EAGAIN ? -ENOMEM : err;
}

static int remap(u32 from, u32 to, u32 flags, vaddr_t place)
{
	vaddr_t moved = do_mremap(mm, BASE, from * PAGE_SIZE, to * PAGE_SIZE, flags, place);

	return IS_ERR_VALUE(moved) ? (int)moved : 0;
}

static int remap_larger_here(void)
{
	return remap(PAGES, PAGES + 1, 0, 0);
}

static int remap_smaller(void)
{
	return remap(PAGES, 1, 0, 0);
}

static int remap_elsewhere(void)
{
	return remap(2, PAGES, MREMAP_MAYMOVE, 0);
}

static int remap_to_place(void)
{
	return remap(PAGES, PAGES, MREMAP_MAYMOVE | MREMAP_FIXED, ELSE);
}

static const struct {
	const char *name;
	int (*call)(void);
	u32 least; /* the smallest max_map_count with which it succeeds */
} calls[] = {
	{ "mmap of an area", map_beside, 1 },
	{ "mmap that widens one", widen, 1 },
	{ "brk", grow_heap, 1 },
	{ "munmap of the head", unmap_head, 0 },
	{ "munmap of the tail", unmap_tail, 0 },
	{ "munmap of the middle", unmap_middle, 2 },
	{ "munmap of all", unmap_all, 0 },
	{ "mprotect of the head", protect_head, 2 },
	{ "mprotect of the tail", protect_tail, 2 },
	{ "mprotect of the middle", protect_middle, 3 },
	{ "mprotect of all", protect_all, 0 },
	{ "mlock of the middle", lock_middle, 3 },
	{ "madvise of the middle", advise_middle, 3 },
	{ "mremap, larger in place", remap_larger_here, 0 },
	{ "mremap, smaller", remap_smaller, 0 },
	{ "mremap to any place", remap_elsewhere, 5 },
	{ "mremap to a place", remap_to_place, 7 },
};

/* One call with this limit, in a space of its own. Did it succeed? */
static bool succeeds(int (*call)(void), u32 limit)
{
	int err;

	mm = mm_alloc();
	EXPECT_EQ(do_mmap(mm, BASE, PAGES * PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED),
		  BASE);
	max_map_count = limit;
	err = call();
	max_map_count = MAX_MAP_COUNT;
	if (err) {
		EXPECT_EQ(err, -ENOMEM);
		EXPECT_EQ(mm->map_count, 1);
		EXPECT_EQ(mm->mmap->vm_end - mm->mmap->vm_start, PAGES * PAGE_SIZE);
	}
	check_space(mm);
	mm_put(mm);
	return !err;
}

static void least_limits(void)
{
	machine_boot();
	for (u32 i = 0; i < ARRAY_SIZE(calls); i++)
		for (u32 limit = 0; limit <= MOST; limit++)
			tap_check(succeeds(calls[i].call, limit) == (limit >= calls[i].least),
				  __FILE__, __LINE__, "%s with max_map_count %u", calls[i].name,
				  limit);
}

TAP_MAIN({ "the least limit of each call", least_limits })
