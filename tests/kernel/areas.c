/* SPDX-License-Identifier: MIT */
/*
 * The areas of an address space after do_mmap, do_munmap, do_mprotect and do_brk. No page is
 * touched.
 */
#include "kernel/process/task.h"
#include "abi/linux/errno.h"
#include "mm/mman/mman.h"
#include "tests/kernel/user_space.h"

#define BASE	 0x10000000u
#define AT(page) (BASE + (page)*PAGE_SIZE)

#define RW (VM_READ | VM_WRITE)

/* AREAS({ start, pages, flags }, ...): the areas that must be there. */
#define EXPECT_AREAS(mm, ...)                                  \
	expect_areas(mm, (const struct area[]){ __VA_ARGS__ }, \
		     ARRAY_SIZE(((const struct area[]){ __VA_ARGS__ })))

static void fresh(void)
{
	struct mm_struct *mm = user_enter();

	expect_areas(mm, NULL, 0);
	EXPECT_EQ(mm->mm_users, 1);
	EXPECT_EQ(mm->rss, 0);
	EXPECT_EQ(mm->nr_ptes, 0);
	EXPECT(mm_active(mm));
	EXPECT(!find_vma(mm, 0));
	user_leave(mm);
}

/* Each call gets addresses of its own, page aligned, the length rounded up, no frame. */
static void map(void)
{
	struct mm_struct *mm = user_enter();
	u32 free;
	vaddr_t a, b;

	a = map_flags(mm, 0, 1, PROT_READ, 0);
	b = map_flags(mm, 0, 2 * PAGE_SIZE + 1, PROT_RW, 0);
	free = nr_free_pages();
	EXPECT(a >= MMAP_BASE && IS_ALIGNED(a, PAGE_SIZE));
	EXPECT_EQ(b, a + PAGE_SIZE);
	EXPECT_AREAS(mm, { a, 1, VM_READ }, { b, 3, RW });
	EXPECT_EQ(map_anonymous(mm, 0, 5000, PROT_RW), b + 3 * PAGE_SIZE);
	EXPECT_EQ(nr_free_pages(), free);
	EXPECT_EQ(mm->rss, 0);
	user_leave(mm);
}

/*
 * An address without MAP_FIXED is a hint: followed, rounded down, if the range is free, else the
 * area goes elsewhere.
 */
static void hints(void)
{
	struct mm_struct *mm = user_enter();

	EXPECT_EQ(map_flags(mm, AT(4) + 123, PAGE_SIZE, PROT_READ, 0), AT(4));
	EXPECT_EQ(map_flags(mm, AT(2), 3 * PAGE_SIZE, PROT_READ, 0), MMAP_BASE);
	EXPECT_EQ(map_flags(mm, AT(4), PAGE_SIZE, PROT_RW, 0), MMAP_BASE + 3 * PAGE_SIZE);
	EXPECT_EQ(map_flags(mm, TASK_SIZE - PAGE_SIZE, 2 * PAGE_SIZE, PROT_READ, 0),
		  MMAP_BASE + 4 * PAGE_SIZE);
	EXPECT_EQ(map_flags(mm, PAGE_SIZE, PAGE_SIZE, PROT_RW, 0), USER_MIN);
	user_leave(mm);
}

/* Adjacent areas with the same rights merge, in any order of creation; others do not. */
static void merging(void)
{
	struct mm_struct *mm = user_enter();

	map_anonymous(mm, AT(0), 1, PROT_RW);
	map_anonymous(mm, AT(2), 1, PROT_RW);
	EXPECT_AREAS(mm, { AT(0), 1, RW }, { AT(2), 1, RW });
	map_anonymous(mm, AT(1), 1, PROT_RW);
	EXPECT_AREAS(mm, { AT(0), 3, RW });
	map_anonymous(mm, AT(3), 2, PROT_RW);
	EXPECT_AREAS(mm, { AT(0), 5, RW });
	map_anonymous(mm, AT(5), 1, PROT_READ);
	map_anonymous(mm, AT(7), 1, PROT_RW);
	map_anonymous(mm, AT(6), 1, PROT_RW);
	EXPECT_AREAS(mm, { AT(0), 5, RW }, { AT(5), 1, VM_READ }, { AT(6), 2, RW });
	user_leave(mm);
}

/* Splits areas at both ends of the hole, and removes those within. */
static void unmap(void)
{
	struct mm_struct *mm = user_enter();

	map_anonymous(mm, AT(0), 10, PROT_RW);
	EXPECT_EQ(do_munmap(mm, AT(4), 2 * PAGE_SIZE), 0);
	EXPECT_AREAS(mm, { AT(0), 4, RW }, { AT(6), 4, RW });
	EXPECT_EQ(do_munmap(mm, AT(0), PAGE_SIZE), 0);
	EXPECT_EQ(do_munmap(mm, AT(9), 1), 0);
	EXPECT_AREAS(mm, { AT(1), 3, RW }, { AT(6), 3, RW });
	map_anonymous(mm, AT(4), 2, PROT_READ);
	EXPECT_EQ(do_munmap(mm, AT(2), 6 * PAGE_SIZE), 0);
	EXPECT_AREAS(mm, { AT(1), 1, RW }, { AT(8), 1, RW });
	EXPECT_EQ(do_munmap(mm, AT(3), 2 * PAGE_SIZE), 0); /* nothing is there */
	EXPECT_EQ(do_munmap(mm, 0, TASK_SIZE), 0);
	expect_areas(mm, NULL, 0);
	user_leave(mm);
}

/* Wrong calls change nothing. */
static void wrong_calls(void)
{
	static const struct {
		vaddr_t address;
		u32 length, flags;
		int error;
	} maps[] = {
		{ 0, 0, 0, -EINVAL },
		{ AT(0), 0, MAP_FIXED, -EINVAL },
		{ 0, TASK_SIZE, 0, -ENOMEM },
		{ 0, 0xfffff001u, 0, -ENOMEM },
		{ 0, 0xffffffffu, 0, -ENOMEM },
		{ AT(0) + 1, PAGE_SIZE, MAP_FIXED, -EINVAL },
		{ TASK_SIZE, PAGE_SIZE, MAP_FIXED, -ENOMEM },
		{ TASK_SIZE - PAGE_SIZE, 2 * PAGE_SIZE, MAP_FIXED, -ENOMEM },
		{ 0xfffff000u, 2 * PAGE_SIZE, MAP_FIXED, -ENOMEM },
		{ 0, PAGE_SIZE, MAP_FIXED, -EPERM },
		{ USER_MIN - PAGE_SIZE, 2 * PAGE_SIZE, MAP_FIXED, -EPERM },
		{ AT(1), PAGE_SIZE, MAP_FIXED_NOREPLACE, -EEXIST },
		{ AT(0), 2 * PAGE_SIZE, MAP_FIXED_NOREPLACE, -EEXIST },
	};
	static const struct {
		vaddr_t address;
		u32 length;
	} holes[] = { { AT(1), 0 },
		      { AT(1) + 1, PAGE_SIZE },
		      { TASK_SIZE, PAGE_SIZE },
		      { TASK_SIZE - PAGE_SIZE, 2 * PAGE_SIZE },
		      { AT(1), 0xffffffffu },
		      { 0xfffff000u, PAGE_SIZE } };
	struct mm_struct *mm = user_enter();

	map_anonymous(mm, AT(1), 2, PROT_RW);
	for (u32 i = 0; i < ARRAY_SIZE(maps); i++)
		EXPECT_EQ(map_flags(mm, maps[i].address, maps[i].length, PROT_READ, maps[i].flags),
			  (u32)maps[i].error);
	EXPECT_EQ(do_mmap(mm, 0, PAGE_SIZE, PROT_READ, MAP_ANONYMOUS), (u32)-EINVAL);
	for (u32 i = 0; i < ARRAY_SIZE(holes); i++)
		EXPECT_EQ((u32)do_munmap(mm, holes[i].address, holes[i].length), (u32)-EINVAL);
	EXPECT_AREAS(mm, { AT(1), 2, RW });
	user_leave(mm);
}

/* MAP_FIXED replaces existing areas. */
static void fixed(void)
{
	struct mm_struct *mm = user_enter();

	map_anonymous(mm, AT(0), 8, PROT_RW);
	EXPECT_EQ(map_anonymous(mm, AT(3), 2, PROT_READ), AT(3));
	EXPECT_AREAS(mm, { AT(0), 3, RW }, { AT(3), 2, VM_READ }, { AT(5), 3, RW });
	EXPECT_EQ(map_anonymous(mm, AT(2), 4, PROT_RW), AT(2));
	EXPECT_AREAS(mm, { AT(0), 8, RW });
	EXPECT_EQ(map_flags(mm, AT(8), PAGE_SIZE, PROT_RW, MAP_FIXED_NOREPLACE), AT(8));
	EXPECT_AREAS(mm, { AT(0), 9, RW });
	EXPECT_EQ(map_anonymous(mm, USER_MIN, 1, PROT_RW), USER_MIN);
	EXPECT_EQ(map_anonymous(mm, TASK_SIZE - PAGE_SIZE, 1, PROT_RW), TASK_SIZE - PAGE_SIZE);
	EXPECT_EQ(mm->map_count, 3);
	user_leave(mm);
}

/* One area over the whole user half; then there is no place for another. */
static void whole_half(void)
{
	struct mm_struct *mm = user_enter();

	EXPECT_EQ(map_flags(mm, USER_MIN, TASK_SIZE - USER_MIN, PROT_READ, MAP_FIXED), USER_MIN);
	EXPECT_AREAS(mm, { USER_MIN, (TASK_SIZE - USER_MIN) / PAGE_SIZE, VM_READ });
	EXPECT_EQ(map_anonymous(mm, 0, 1, PROT_READ), (u32)-ENOMEM);
	EXPECT_EQ(do_munmap(mm, AT(0), 3 * PAGE_SIZE), 0);
	EXPECT_EQ(map_anonymous(mm, 0, 4, PROT_RW), (u32)-ENOMEM);
	EXPECT_EQ(map_anonymous(mm, 0, 3, PROT_RW), AT(0));
	user_leave(mm);
}

/* Other rights for a part split the area; the old rights merge it again. */
static void protect(void)
{
	struct mm_struct *mm = user_enter();

	map_anonymous(mm, AT(0), 6, PROT_RW);
	EXPECT_EQ(do_mprotect(mm, AT(2), 2 * PAGE_SIZE, PROT_READ), 0);
	EXPECT_AREAS(mm, { AT(0), 2, RW }, { AT(2), 2, VM_READ }, { AT(4), 2, RW });
	EXPECT_EQ(do_mprotect(mm, AT(1), 2 * PAGE_SIZE, PROT_NONE), 0);
	EXPECT_AREAS(mm, { AT(0), 1, RW }, { AT(1), 2, 0 }, { AT(3), 1, VM_READ },
		     { AT(4), 2, RW });
	EXPECT_EQ(do_mprotect(mm, AT(0), 6 * PAGE_SIZE, PROT_RW), 0);
	EXPECT_AREAS(mm, { AT(0), 6, RW });
	user_leave(mm);
}

/* A hole is an error; the part before it is done, as on Linux. */
static void protect_errors(void)
{
	struct mm_struct *mm = user_enter();

	map_anonymous(mm, AT(0), 2, PROT_RW);
	map_anonymous(mm, AT(3), 2, PROT_RW);
	EXPECT_EQ((u32)do_mprotect(mm, AT(1), 3 * PAGE_SIZE, PROT_READ), (u32)-ENOMEM);
	EXPECT_AREAS(mm, { AT(0), 1, RW }, { AT(1), 1, VM_READ }, { AT(3), 2, RW });
	EXPECT_EQ((u32)do_mprotect(mm, AT(6), PAGE_SIZE, PROT_READ), (u32)-ENOMEM);
	EXPECT_EQ((u32)do_mprotect(mm, AT(0) + 1, PAGE_SIZE, PROT_READ), (u32)-EINVAL);
	EXPECT_EQ((u32)do_mprotect(mm, AT(0), 0xfffff001u, PROT_READ), (u32)-ENOMEM);
	EXPECT_EQ(do_mprotect(mm, AT(0), 0, PROT_READ), 0);
	EXPECT_AREAS(mm, { AT(0), 1, RW }, { AT(1), 1, VM_READ }, { AT(3), 2, RW });
	user_leave(mm);
}

/*
 * The heap is start_brk..brk: brk moves its end by bytes, the area by pages; frames are
 * allocated on first touch.
 */
static void heap(void)
{
	struct mm_struct *mm = user_enter();

	mm->start_brk = mm->brk = AT(0) + 100;
	map_anonymous(mm, AT(0), 1, PROT_RW);
	EXPECT_EQ(do_brk(mm, 0), AT(0) + 100);
	EXPECT_EQ(do_brk(mm, AT(0) + 200), AT(0) + 200);
	EXPECT_AREAS(mm, { AT(0), 1, RW });
	EXPECT_EQ(do_brk(mm, AT(3) + 1), AT(3) + 1);
	EXPECT_AREAS(mm, { AT(0), 4, RW });
	EXPECT_EQ(do_brk(mm, AT(1000)), AT(1000));
	EXPECT_EQ(mm->rss, 0);
	EXPECT_EQ(do_brk(mm, AT(2)), AT(2));
	EXPECT_AREAS(mm, { AT(0), 2, RW });
	user_leave(mm);
}

/*
 * Refused: below the start, over the end of user memory, into a mapping, beyond the limit.
 * Returns the old end.
 */
static void heap_errors(void)
{
	u32 *limit = &current->group->rlim[RLIMIT_DATA].cur, before = *limit;
	struct mm_struct *mm = user_enter();

	mm->start_brk = mm->brk = AT(0);
	EXPECT_EQ(do_brk(mm, AT(2)), AT(2));
	map_anonymous(mm, AT(8), 1, PROT_READ);
	EXPECT_EQ(do_brk(mm, AT(0) - 1), AT(2));
	EXPECT_EQ(do_brk(mm, TASK_SIZE + 1), AT(2));
	EXPECT_EQ(do_brk(mm, 0xffffffffu), AT(2));
	EXPECT_EQ(do_brk(mm, AT(8) + 1), AT(2));
	EXPECT_EQ(do_brk(mm, AT(20)), AT(2));
	*limit = 3 * PAGE_SIZE;
	EXPECT_EQ(do_brk(mm, AT(3) + 1), AT(2));
	EXPECT_EQ(do_brk(mm, AT(3)), AT(3));
	*limit = before;
	EXPECT_AREAS(mm, { AT(0), 3, RW }, { AT(8), 1, VM_READ });
	EXPECT_EQ(do_brk(mm, AT(0)), AT(0));
	EXPECT_AREAS(mm, { AT(8), 1, VM_READ });
	user_leave(mm);
}

#define MANY 200u

/* Many areas: the list is ascending, and each address finds its own. */
static void find(void)
{
	struct mm_struct *mm = user_enter();
	struct vm_area_struct *prev;

	for (u32 i = 0; i < MANY; i++) /* in no order; 77 and 200 have no common divisor */
		map_anonymous(mm, AT(2 * (i * 77 % MANY)), 1, PROT_READ);
	EXPECT_EQ(mm->map_count, MANY);
	expect_valid(mm);
	for (u32 i = 0; i < MANY; i++) {
		struct vm_area_struct *vma = find_vma(mm, AT(2 * i) + 5);

		EXPECT(vma && vma->vm_start == AT(2 * i));
		EXPECT(find_vma(mm, AT(2 * i + 1)) == vma->vm_next);
		EXPECT(find_vma_prev(mm, AT(2 * i + 1), &prev) == vma->vm_next && prev == vma);
		EXPECT(find_vma_intersection(mm, AT(2 * i), AT(2 * i) + 1) == vma);
		EXPECT(!find_vma_intersection(mm, AT(2 * i + 1), AT(2 * i + 2)));
	}
	EXPECT(find_vma(mm, 0) == mm->mmap);
	EXPECT(!find_vma(mm, AT(2 * MANY)));
	for (u32 i = 0; i < MANY; i++)
		EXPECT_EQ(do_munmap(mm, AT(2 * (i * 77 % MANY)), PAGE_SIZE), 0);
	expect_areas(mm, NULL, 0);
	user_leave(mm);
}

/* A copy has the same areas; later changes to either do not affect the other. */
static void copy(void)
{
	struct mm_struct *mm = user_enter(), *child;

	mm->start_brk = mm->brk = AT(20);
	map_anonymous(mm, AT(0), 3, PROT_RW);
	map_anonymous(mm, AT(5), 2, PROT_READ);
	child = mm_copy(mm);
	EXPECT(child);
	EXPECT_AREAS(child, { AT(0), 3, RW }, { AT(5), 2, VM_READ });
	EXPECT_EQ(child->brk, AT(20));
	EXPECT(child->pgd != mm->pgd);
	do_munmap(child, AT(0), PAGE_SIZE);
	do_brk(child, AT(21));
	EXPECT_AREAS(child, { AT(1), 2, RW }, { AT(5), 2, VM_READ }, { AT(20), 1, RW });
	mm_put(child);
	EXPECT_AREAS(mm, { AT(0), 3, RW }, { AT(5), 2, VM_READ });
	user_leave(mm);
}

static const struct test_case cases[] = {
	{ "fresh", fresh },	{ "map", map },
	{ "hints", hints },	{ "merging", merging },
	{ "unmap", unmap },	{ "wrong_calls", wrong_calls },
	{ "fixed", fixed },	{ "whole_half", whole_half },
	{ "protect", protect }, { "protect_errors", protect_errors },
	{ "heap", heap },	{ "heap_errors", heap_errors },
	{ "find", find },	{ "copy", copy },
};

TEST_SUITE(areas, cases);
