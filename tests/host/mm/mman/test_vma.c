/* SPDX-License-Identifier: MIT */
/*
 * Areas, one property at a time: the cases of tests/area_cases.h, refused calls, searches, limits.
 * test_vma_model.c has the random sequences, test_vma_validate.c the findings of mm_validate().
 */
#include "abi/linux/errno.h"
#include "mm/frames/page_alloc.h"
#include "mm/mman/mman.h"
#include "tests/area_cases.h"
#include "tests/host/mm/mman/areas.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define ANYWHERE (MAP_PRIVATE | MAP_ANONYMOUS)
#define FIXED	 (ANYWHERE | MAP_FIXED)

static int call(const struct area_step *step)
{
	u32 bytes = step->pages * PAGE_SIZE, rights = (u32)area_protection(step->rights);
	vaddr_t at = page(step->first);

	if (step->call == AREA_UNMAP)
		return do_munmap(mm, at, bytes);
	if (step->call == AREA_PROTECT)
		return do_mprotect(mm, at, bytes, rights);
	return do_mmap(mm, at, bytes, rights, FIXED) == at ? 0 : -EINVAL;
}

static void run(const struct area_step *steps, u32 count)
{
	start();
	for (u32 i = 0; i < count; i++) {
		EXPECT_EQ(call(&steps[i]), steps[i].result);
		EXPECT_AREAS(steps[i].picture);
	}
	unmap(0, AREA_WINDOW);
	EXPECT_AREAS("");
	stop();
}

#define DEFINE(name, steps)                    \
	static void run_##steps(void)          \
	{                                      \
		run(steps, ARRAY_SIZE(steps)); \
	}
#define ROW(name, steps) { name, run_##steps },

AREA_CASES(DEFINE)

/* A space begins without areas, pages and page tables. */
static void fresh(void)
{
	start();
	EXPECT_AREAS("");
	EXPECT_EQ(mm->rss + mm->nr_ptes, 0);
	EXPECT(!find_vma(mm, 0));
	stop();
}

static int protect(u32 first, u32 count, u32 prot)
{
	return do_mprotect(mm, page(first), count * PAGE_SIZE, prot);
}

/* Once writable, memory stays charged, which would prevent a merge: so all of it was writable. */
static void map_charged(u32 first, u32 count, u32 more_flags)
{
	map(first, count, RW, more_flags);
	EXPECT_EQ(protect(first, count, R), 0);
}

/* Areas that grow are not merged, and keep VM_GROWSDOWN in a split. */
static void merge_only_where_alike(void)
{
	start();
	map_charged(0, 2, 0);
	map_charged(2, 2, MAP_GROWSDOWN);
	EXPECT_AREAS("rr|gg");
	map_charged(4, 2, MAP_GROWSDOWN);
	EXPECT_AREAS("rr|gggg");
	EXPECT_EQ(protect(3, 1, RW), 0);
	EXPECT_EQ(mm->map_count, 4);
	EXPECT_EQ(protect(3, 1, R), 0);
	EXPECT_AREAS("rr|gggg");
	EXPECT_EQ(mm->map_count, 2);
	stop();
}

/*
 * Each call refuses a range that wraps or leaves user memory, and changes nothing (CVE-2003-0961
 * and relatives).
 */
static void bad_ranges(void)
{
	static const struct {
		vaddr_t start;
		u32 length;
		int mmap, munmap, mprotect;
	} cases[] = {
		{ BASE + 1, PAGE_SIZE, -EINVAL, -EINVAL, -EINVAL },
		{ BASE, 0, -EINVAL, -EINVAL, 0 },
		{ BASE, (u32)-1, -ENOMEM, -EINVAL, -ENOMEM },
		{ BASE, (u32)-4096, -ENOMEM, -EINVAL, -ENOMEM },
		{ BASE, 0u - BASE, -ENOMEM, -EINVAL, -ENOMEM },
		{ TASK_SIZE - PAGE_SIZE, 2 * PAGE_SIZE, -ENOMEM, -EINVAL, -ENOMEM },
		{ TASK_SIZE, PAGE_SIZE, -ENOMEM, -EINVAL, -ENOMEM },
		{ 0xfffff000, PAGE_SIZE, -ENOMEM, -EINVAL, -ENOMEM },
		{ 0xfffff000, 2 * PAGE_SIZE, -ENOMEM, -EINVAL, -ENOMEM },
		{ 0, PAGE_SIZE, -EPERM, 0, -ENOMEM },
		{ USER_MIN - PAGE_SIZE, 2 * PAGE_SIZE, -EPERM, 0, -ENOMEM },
	};

	start();
	map(0, 3, R, 0);
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		vaddr_t at = cases[i].start;
		u32 length = cases[i].length;

		EXPECT_EQ((int)do_mmap(mm, at, length, RW, FIXED), cases[i].mmap);
		EXPECT_EQ(do_munmap(mm, at, length), cases[i].munmap);
		EXPECT_EQ(do_mprotect(mm, at, length, RW), cases[i].mprotect);
		if (tap_failed())
			tap_note("[%#x, +%#x)", at, length);
		EXPECT_AREAS("rrr");
	}
	EXPECT_EQ((int)do_mmap(mm, 0, (u32)-1, RW, ANYWHERE), -ENOMEM);
	EXPECT_EQ((int)do_mmap(mm, 0, TASK_SIZE, RW, ANYWHERE), -ENOMEM);
	EXPECT_EQ((int)do_mmap(mm, 0, 0xfffff001, RW, ANYWHERE), -ENOMEM);
	EXPECT_EQ((int)do_mmap(mm, 0, 0, RW, ANYWHERE), -EINVAL);
	EXPECT_EQ(do_mprotect(mm, BASE, PAGE_SIZE, 0x10), -EINVAL);
	EXPECT_EQ(do_mprotect(mm, BASE, PAGE_SIZE, R | PROT_SEM), 0);
	EXPECT_AREAS("rrr");
	stop();
}

/* No call maps below the minimum address (CVE-2017-5669 was shmat). */
static void nothing_below_the_minimum(void)
{
	start();
	EXPECT_EQ(do_mmap(mm, PAGE_SIZE, PAGE_SIZE, RW, ANYWHERE), USER_MIN);
	for (vaddr_t hint = 0; hint < USER_MIN; hint += 0x800) {
		vaddr_t got = do_mmap(mm, hint, PAGE_SIZE, RW, ANYWHERE);

		EXPECT(!IS_ERR_VALUE(got) && got >= USER_MIN);
	}
	EXPECT_EQ(do_munmap(mm, 0, TASK_SIZE), 0);
	EXPECT_AREAS("");
	stop();
}

/* User memory is [USER_MIN, TASK_SIZE): its ends, all of it in one area, and then a hole. */
static void all_of_user_memory(void)
{
	const vaddr_t last = TASK_SIZE - PAGE_SIZE;

	start();
	EXPECT_EQ(do_mmap(mm, USER_MIN, PAGE_SIZE, RW, FIXED), USER_MIN);
	EXPECT_EQ(do_mmap(mm, last, PAGE_SIZE, RW, FIXED), last);
	EXPECT_EQ(mm->map_count, 2);
	EXPECT_EQ(do_munmap(mm, 0, TASK_SIZE), 0);
	EXPECT_EQ(do_mmap(mm, 0, TASK_SIZE - USER_MIN, R, ANYWHERE), USER_MIN);
	EXPECT_EQ((int)do_mmap(mm, 0, PAGE_SIZE, R, ANYWHERE), -ENOMEM);
	EXPECT_EQ(mm->total_vm, (TASK_SIZE - USER_MIN) / PAGE_SIZE);
	EXPECT_EQ(do_munmap(mm, MMAP_BASE + PAGE_SIZE, TASK_SIZE - MMAP_BASE - PAGE_SIZE), 0);
	EXPECT_EQ(do_mmap(mm, 0, TASK_SIZE - MMAP_BASE - PAGE_SIZE, R, ANYWHERE),
		  MMAP_BASE + PAGE_SIZE);
	unmap(0, 3);
	EXPECT_EQ((int)do_mmap(mm, 0, 4 * PAGE_SIZE, RW, ANYWHERE), -ENOMEM);
	EXPECT_EQ(do_mmap(mm, 0, 3 * PAGE_SIZE, RW, ANYWHERE), page(0));
	stop();
}

static void where_mmap_looks(void)
{
	const u32 flags = ANYWHERE;

	u32 free;

	start();
	EXPECT_EQ(do_mmap(mm, 0, 1, R, flags), MMAP_BASE);
	free = nr_free_pages();
	EXPECT_EQ(do_mmap(mm, 0, PAGE_SIZE + 1, RW, flags), MMAP_BASE + PAGE_SIZE);
	EXPECT_EQ(do_mmap(mm, 0, 1, R, flags), MMAP_BASE + 3 * PAGE_SIZE);
	/* A hint is followed, rounded down, if the range is free; otherwise it is ignored. */
	EXPECT_EQ(do_mmap(mm, 0x60000abc, 1, R, flags), 0x60000000);
	EXPECT_EQ(do_mmap(mm, 0x60000000, 1, N, flags), MMAP_BASE + 4 * PAGE_SIZE);
	EXPECT_EQ(do_mmap(mm, TASK_SIZE - PAGE_SIZE, 2 * PAGE_SIZE, N, flags),
		  MMAP_BASE + 5 * PAGE_SIZE);
	/* The lowest hole that is large enough. */
	EXPECT_EQ(do_munmap(mm, MMAP_BASE + PAGE_SIZE, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(do_mmap(mm, 0, 3 * PAGE_SIZE, R, flags), MMAP_BASE + 7 * PAGE_SIZE);
	EXPECT_EQ(do_mmap(mm, 0, 2 * PAGE_SIZE, R, flags), MMAP_BASE + PAGE_SIZE);
	EXPECT_EQ((int)do_mmap(mm, MMAP_BASE, PAGE_SIZE, R, flags | MAP_FIXED_NOREPLACE), -EEXIST);
	EXPECT_EQ(do_mmap(mm, 0x70000000, PAGE_SIZE, R, flags | MAP_FIXED_NOREPLACE), 0x70000000);
	EXPECT_EQ((int)do_mmap(mm, 0, PAGE_SIZE, R, MAP_PRIVATE), -EBADF);
	EXPECT_EQ((int)do_mmap(mm, 0, PAGE_SIZE, R, MAP_ANONYMOUS), -EINVAL);
	/* Only addresses: no page came. */
	EXPECT_EQ(mm->rss, 0);
	EXPECT_EQ(nr_free_pages(), free);
	stop();
}

/* Of the pages of one area all come together. */
static int stop_at_second(u32 first, const u8 *resident, u32 pages, void *context)
{
	for (u32 i = 0; i < pages; i++)
		EXPECT(!resident[i] && !context);
	return first + pages > 1 ? -EFAULT : 0;
}

static void advice(void)
{
	start();
	map(0, 3, RW, 0);
	map(5, 1, RW, 0);
	EXPECT_EQ(do_madvise(mm, BASE, PAGE_SIZE, 5), -EINVAL);
	EXPECT_EQ(do_madvise(mm, BASE, PAGE_SIZE, -1), -EINVAL);
	EXPECT_EQ(do_madvise(mm, BASE + 1, PAGE_SIZE, MADV_DONTNEED), -EINVAL);
	EXPECT_EQ(do_madvise(mm, BASE, (u32)-1, MADV_DONTNEED), -EINVAL);
	EXPECT_EQ(do_madvise(mm, BASE, 0u - BASE + PAGE_SIZE, MADV_DONTNEED), -EINVAL);
	EXPECT_EQ(do_madvise(mm, BASE, 0, MADV_DONTNEED), 0);
	EXPECT_EQ(do_madvise(mm, BASE, 3 * PAGE_SIZE, MADV_WILLNEED), 0);
	EXPECT_EQ(do_madvise(mm, BASE, 6 * PAGE_SIZE, MADV_NORMAL), -ENOMEM);
	EXPECT_EQ(do_madvise(mm, page(6), PAGE_SIZE, MADV_NORMAL), -ENOMEM);
	EXPECT_EQ(do_mincore(mm, BASE + 1, PAGE_SIZE, stop_at_second, NULL), -EINVAL);
	EXPECT_EQ(do_mincore(mm, BASE, TASK_SIZE, stop_at_second, NULL), -ENOMEM);
	EXPECT_EQ(do_mincore(mm, TASK_SIZE, PAGE_SIZE, stop_at_second, NULL), -ENOMEM);
	EXPECT_EQ(do_mincore(mm, BASE, 3 * PAGE_SIZE, stop_at_second, NULL), -EFAULT);
	EXPECT_EQ(do_mincore(mm, BASE, 1, stop_at_second, NULL), 0);
	EXPECT_EQ(do_mincore(mm, page(5), PAGE_SIZE + 1, stop_at_second, NULL), -ENOMEM);
	EXPECT_AREAS("www..w");
	stop();
}

static void set_heap(vaddr_t place)
{
	mm->start_brk = mm->brk = place;
}

static void brk_moves(void)
{
	start();
	set_heap(page(2) + 0x123);
	EXPECT_EQ(do_brk(mm, 0), page(2) + 0x123);
	EXPECT_EQ(do_brk(mm, page(2)), page(2) + 0x123);
	EXPECT_EQ(do_brk(mm, page(3)), page(3)); /* within the page: nothing to map */
	EXPECT_AREAS("");
	EXPECT_EQ(do_brk(mm, page(3) + 1), page(3) + 1);
	EXPECT_AREAS("...w");
	EXPECT_EQ(do_brk(mm, page(6)), page(6));
	EXPECT_AREAS("...www");
	EXPECT_EQ(do_brk(mm, page(4) + 1), page(4) + 1);
	EXPECT_AREAS("...ww");
	EXPECT_EQ(do_brk(mm, page(4)), page(4));
	EXPECT_AREAS("...w");
	EXPECT_EQ(do_brk(mm, page(2) + 0x123), page(2) + 0x123);
	EXPECT_AREAS("");
	/* In the last page of the program: its area is widened. */
	map(2, 1, RW, 0);
	EXPECT_EQ(do_brk(mm, page(2) + 0x200), page(2) + 0x200);
	EXPECT_AREAS("..w");
	EXPECT_EQ(do_brk(mm, page(5) + 1), page(5) + 1);
	EXPECT_AREAS("..wwww");
	EXPECT_EQ(do_brk(mm, page(1000)), page(1000));
	EXPECT_EQ(mm->rss, 0);
	EXPECT_EQ(do_brk(mm, page(4)), page(4));
	EXPECT_AREAS("..ww");
	stop();
}

static void brk_refuses(void)
{
	start();
	set_heap(page(2));
	/* CVE-2003-0961: no bound was checked, and the heap grew over the kernel. */
	EXPECT_EQ(do_brk(mm, TASK_SIZE + 1), page(2));
	EXPECT_EQ(do_brk(mm, 0xffffffff), page(2));
	EXPECT_EQ(do_brk(mm, page(2) - 1), page(2));
	EXPECT_EQ(do_brk(mm, 0xfffff001), page(2));
	host_rlim[RLIMIT_DATA].cur = 3 * PAGE_SIZE;
	EXPECT_EQ(do_brk(mm, page(5) + 1), page(2));
	EXPECT_EQ(do_brk(mm, page(5)), page(5));
	host_rlim[RLIMIT_DATA].cur = TASK_SIZE;
	/* A page stays free between the heap and the next area. */
	map(8, 1, R, 0);
	EXPECT_EQ(do_brk(mm, page(8)), page(5));
	EXPECT_EQ(do_brk(mm, page(8) + 1), page(5));
	EXPECT_EQ(do_brk(mm, page(7)), page(7));
	EXPECT_AREAS("..wwwww.r");
	EXPECT_EQ(do_brk(mm, page(20)), page(7));
	unmap(8, 1);
	map(9, 1, RW, MAP_GROWSDOWN);
	EXPECT_EQ(do_brk(mm, page(7) + 1), page(7));
	EXPECT_AREAS("..wwwww..g");
	EXPECT_EQ(do_brk(mm, page(2)), page(2));
	EXPECT_AREAS(".........g");
	stop();
}

/*
 * The gap below an area that grows holds against the search of mmap (CVE-2017-1000364, "stack
 * clash").
 */
static void gap_below_a_stack(void)
{
	const vaddr_t stack = MMAP_BASE + STACK_GUARD_GAP + 8 * PAGE_SIZE;
	const u32 flags = ANYWHERE;

	start();
	EXPECT_EQ(do_mmap(mm, stack, PAGE_SIZE, RW, flags | MAP_FIXED | MAP_GROWSDOWN), stack);
	EXPECT_EQ(do_mmap(mm, 0, 9 * PAGE_SIZE, RW, flags), stack + PAGE_SIZE);
	EXPECT_EQ(do_mmap(mm, stack - PAGE_SIZE, PAGE_SIZE, RW, flags), MMAP_BASE);
	EXPECT_EQ(do_mmap(mm, 0, 8 * PAGE_SIZE, R, flags), stack + 10 * PAGE_SIZE);
	EXPECT_EQ(do_mmap(mm, 0, 7 * PAGE_SIZE, R, flags), MMAP_BASE + PAGE_SIZE);
	stop();
}

/* find_vma() caches the last area: the cached pointer must not outlive it. */
static void find_after_change(void)
{
	struct vm_area_struct *prev;

	start();
	map(2, 2, R, 0);
	map(6, 2, R, 0);
	EXPECT(find_vma(mm, page(6))->vm_start == page(6));
	unmap(6, 1);
	EXPECT(find_vma(mm, page(6))->vm_start == page(7));
	EXPECT(find_vma(mm, page(7))->vm_start == page(7));
	unmap(7, 1);
	EXPECT(!find_vma(mm, page(7)) && !find_vma(mm, page(4)));
	EXPECT(find_vma(mm, 0) == mm->mmap && find_vma(mm, page(4) - 1) == mm->mmap);
	EXPECT(!find_vma_intersection(mm, 0, page(2)));
	EXPECT(find_vma_intersection(mm, 0, page(2) + 1) == mm->mmap);
	EXPECT(!find_vma_intersection(mm, page(4), 0xffffffff));
	EXPECT(!find_vma_prev(mm, page(4), &prev) && prev == mm->mmap);
	EXPECT(find_vma_prev(mm, page(3), &prev) == mm->mmap && !prev);
	stop();
}

/* A copy has the same areas and heap; later changes to one do not affect the other. */
static void copies(void)
{
	struct mm_struct *parent, *child;

	start();
	set_heap(page(20));
	map(0, 3, RW, 0);
	map(5, 2, R, 0);
	parent = mm;
	child = mm = mm_copy(parent);
	if (EXPECT(child && child->pgd != parent->pgd)) {
		EXPECT_AREAS("www..rr");
		EXPECT_EQ(do_brk(child, page(21)), page(21));
		unmap(0, 1);
		EXPECT_AREAS(".ww..rr.............w");
		mm_put(child);
	}
	mm = parent;
	EXPECT_EQ(mm->brk, page(20));
	EXPECT_AREAS("www..rr");
	stop();
}

/* As Linux counts: a split is refused at the limit, a new area one above it. */
static void too_many_areas(void)
{
	const u32 flags = ANYWHERE;

	start();
	map_charged(0, 20, 0);
	mm->map_count += MAX_MAP_COUNT - 2; /* as if: room for one more */
	EXPECT_EQ(protect(3, 1, RW), -ENOMEM);
	EXPECT_AREAS_ONLY("rrrrrrrrrrrrrrrrrrrr");
	EXPECT_EQ(do_munmap(mm, page(0), PAGE_SIZE), 0);
	EXPECT_EQ(protect(1, 1, RW), 0);
	EXPECT_EQ(mm->map_count, MAX_MAP_COUNT);
	EXPECT_EQ(do_munmap(mm, page(8), PAGE_SIZE), -ENOMEM);
	EXPECT_EQ(protect(19, 1, RW), -ENOMEM);
	EXPECT_EQ(do_mmap(mm, 0, PAGE_SIZE, R, flags), MMAP_BASE);
	EXPECT_EQ((int)do_mmap(mm, 0, PAGE_SIZE, R, flags), -ENOMEM);
	set_heap(page(30));
	EXPECT_EQ(do_brk(mm, page(31)), page(30));
	EXPECT_EQ(do_munmap(mm, MMAP_BASE, PAGE_SIZE), 0);
	EXPECT_EQ(mm->map_count, MAX_MAP_COUNT);
	mm->map_count -= MAX_MAP_COUNT - 2;
	EXPECT_AREAS(".w|rrrrrrrrrrrrrrrrrr");
	stop();
}

/* Many areas use the tree until they are few again; free ranges are still found. */
static void many_areas(void)
{
	const u32 flags = ANYWHERE;
	vaddr_t where;

	start();
	for (u32 i = 0; i < VMA_TREE_ABOVE; i++)
		map(2 * (i * 7 % VMA_TREE_ABOVE), 1, R, 0);
	EXPECT(!mm->areas.root);
	map(2 * VMA_TREE_ABOVE, 1, R, 0);
	EXPECT(mm->areas.root);
	EXPECT_VALID(mm_validate(mm, &where));
	for (u32 i = 0; i <= VMA_TREE_ABOVE; i++) {
		struct vm_area_struct *vma = find_vma(mm, page(2 * i) + 5), *prev;

		EXPECT(vma && vma->vm_start == page(2 * i));
		EXPECT(find_vma(mm, page(2 * i + 1)) == vma->vm_next);
		EXPECT(find_vma_prev(mm, page(2 * i + 1), &prev) == vma->vm_next && prev == vma);
		EXPECT(find_vma_intersection(mm, page(2 * i), page(2 * i) + 1) == vma);
		EXPECT(!find_vma_intersection(mm, page(2 * i + 1), page(2 * i + 2)));
	}
	map(2000, 1, R, MAP_GROWSDOWN);
	map(2001, 800, R, 0);
	EXPECT_EQ(do_mmap(mm, MMAP_BASE, BASE - MMAP_BASE, R, flags), MMAP_BASE);
	/* The guard below an area that grows is not free; the range after the last area is. */
	EXPECT_EQ(do_mmap(mm, 0, (2000 - 2 * VMA_TREE_ABOVE - 1) * PAGE_SIZE, R, flags),
		  page(2801));
	EXPECT_EQ(do_mmap(mm, 0, PAGE_SIZE, R, flags), page(1));
	EXPECT_EQ(do_mmap(mm, 0, 2 * PAGE_SIZE, RW, flags), page(2 * VMA_TREE_ABOVE + 1));
	for (u32 i = 0; mm->map_count >= VMA_TREE_BELOW; i++) {
		EXPECT(mm->areas.root);
		unmap(2 * i, 1);
		EXPECT_VALID(mm_validate(mm, &where));
	}
	EXPECT(!mm->areas.root);
	stop();
}

/*
 * As many as Linux allows. Each is found, and so is the only hole; the height is that of an AVL
 * tree.
 */
static void very_many_areas(void)
{
	const vaddr_t first = USER_MIN;
	const u32 flags = ANYWHERE, count = 65000;
	vaddr_t where;

	start();
	for (u32 i = 0; i < count; i++)
		EXPECT_EQ(do_mmap(mm, first + i * PAGE_SIZE, PAGE_SIZE, i % 2 ? R : N,
				  flags | MAP_FIXED),
			  first + i * PAGE_SIZE);
	EXPECT_EQ(mm->map_count, count);
	EXPECT_VALID(mm_validate(mm, &where));
	for (u32 i = 0; i < count; i += 17)
		EXPECT_EQ(find_vma(mm, first + i * PAGE_SIZE + 5)->vm_start, first + i * PAGE_SIZE);
	EXPECT_EQ(do_munmap(mm, first + 40000 * PAGE_SIZE, 3 * PAGE_SIZE), 0);
	EXPECT_EQ(do_mmap(mm, MMAP_BASE, TASK_SIZE - MMAP_BASE, R, flags), MMAP_BASE);
	EXPECT_EQ(do_mmap(mm, first + count * PAGE_SIZE, MMAP_BASE - first - count * PAGE_SIZE, R,
			  flags),
		  first + count * PAGE_SIZE);
	EXPECT_EQ(do_mmap(mm, 0, 3 * PAGE_SIZE, RW, flags), first + 40000 * PAGE_SIZE);
	EXPECT_EQ((int)do_mmap(mm, 0, PAGE_SIZE, R, flags), -ENOMEM);
	stop();
}

/* clang-format off */
TAP_MAIN(
	AREA_CASES(ROW)
	{ "a fresh space", fresh },
	{ "areas merge only where they are alike", merge_only_where_alike },
	{ "bad ranges (CVE-2003-0961 and similar ones)", bad_ranges },
	{ "nothing below the minimum (CVE-2017-5669)", nothing_below_the_minimum },
	{ "all of user memory", all_of_user_memory },
	{ "where mmap looks", where_mmap_looks },
	{ "madvise and mincore", advice },
	{ "brk moves", brk_moves },
	{ "brk refuses (CVE-2003-0961)", brk_refuses },
	{ "the gap below a stack (CVE-2017-1000364)", gap_below_a_stack },
	{ "find_vma after changes", find_after_change },
	{ "a copy", copies },
	{ "too many areas", too_many_areas },
	{ "many areas", many_areas },
	{ "65,000 areas", very_many_areas })
/* clang-format on */
