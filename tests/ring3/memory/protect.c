/* SPDX-License-Identifier: MIT */
/*
 * munmap and mprotect: the cuts that they make in areas, and what they refuse.
 *
 *	before      |--------- rw ---------|
 *	mprotect          [   r   ]              cut at both ends of the range
 *	after       |-rw-|--- r ---|--rw---|
 *	mprotect          [  rw   ]              alike again: one area
 *	munmap           [ ]   [  ]              holes; what is left keeps its pages
 *
 * abi.c and demand.c have the first errors and splits; areas.c has pictures of more of them.
 */
#include "abi/linux/prctl.h"
#include "tests/ring3/runtime/maps.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define FIXED	   (MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)

static u8 *const place = (u8 *)FIXED_PLACE;

static u8 *page_of(u32 index)
{
	return place + index * PAGE_SIZE;
}

static long protect(u32 first, u32 pages, int protection)
{
	return sys_mprotect((u32)page_of(first), pages * PAGE_SIZE, protection);
}

static long unmap(u32 first, u32 pages)
{
	return sys_munmap((u32)page_of(first), pages * PAGE_SIZE);
}

static void every_cut_of_one_area(void)
{
	/* Of an area of 6 pages: its head, its tail, its middle, all of it. */
	static const struct {
		u32 first, pages, areas;
	} cuts[] = { { 0, 2, 2 }, { 4, 2, 2 }, { 2, 2, 3 }, { 0, 6, 1 }, { 0, 1, 2 }, { 5, 1, 2 } };

	memory_map_at(FIXED_PLACE, 6, READ_WRITE);
	memory_fill(place, 6, 1);
	for (u32 i = 0; i < ARRAY_SIZE(cuts); i++) {
		EXPECT_EQ(protect(cuts[i].first, cuts[i].pages, PROT_READ), 0);
		EXPECT_EQ(maps_count(place, 6), cuts[i].areas);
		EXPECT(maps_all(page_of(cuts[i].first), cuts[i].pages, PROT_READ));
		EXPECT(memory_check(place, 6, 1));
		EXPECT_EQ(protect(cuts[i].first, cuts[i].pages, READ_WRITE), 0);
		EXPECT_EQ(maps_count(place, 6), 1);
		memory_fill(place, 6, 1);
	}
	memory_unmap(place, 6);
}

static void a_cut_that_moves(void)
{
	memory_map_at(FIXED_PLACE, 8, READ_WRITE);
	memory_fill(place, 8, 2);
	for (u32 i = 0; i < 8; i++) {
		EXPECT_EQ(protect(0, i, PROT_READ), 0);
		EXPECT_EQ(maps_count(place, 8), i ? 2 : 1);
	}
	for (u32 i = 7; i > 0; i--) {
		EXPECT_EQ(protect(i, 8 - i, READ_WRITE), 0);
		EXPECT_EQ(maps_count(place, 8), 2);
	}
	EXPECT_EQ(protect(0, 1, READ_WRITE), 0);
	EXPECT_EQ(maps_count(place, 8), 1);
	EXPECT(memory_check(place, 8, 2));
	memory_unmap(place, 8);
}

static void one_call_over_many_areas(void)
{
	memory_map_at(FIXED_PLACE, 12, READ_WRITE);
	memory_fill(place, 12, 3);
	for (u32 i = 1; i < 12; i += 2)
		EXPECT_EQ(protect(i, 1, i % 4 == 1 ? PROT_READ : PROT_NONE), 0);
	EXPECT_EQ(maps_count(place, 12), 12);
	EXPECT_EQ(protect(2, 8, PROT_READ), 0);
	EXPECT_EQ(maps_count(place, 12), 4);
	EXPECT(maps_all(page_of(1), 9, PROT_READ));
	EXPECT(maps_all(page_of(10), 1, READ_WRITE));
	EXPECT(maps_all(page_of(11), 1, PROT_NONE));
	EXPECT_EQ(protect(0, 12, READ_WRITE), 0);
	EXPECT_EQ(maps_count(place, 12), 1);
	EXPECT(memory_check(place, 12, 3));
	memory_unmap(place, 12);
}

/* The same rights again are no change, not even inside an area. */
static void the_same_rights_again(void)
{
	memory_map_at(FIXED_PLACE, 5, READ_WRITE);
	for (u32 i = 0; i < 5; i++)
		EXPECT_EQ(protect(i, 1, READ_WRITE), 0);
	EXPECT_EQ(maps_count(place, 5), 1);
	EXPECT_EQ(memory_count_present(place, 5), 0);
	memory_unmap(place, 5);
}

static void mprotect_arguments(void)
{
	memory_map_at(FIXED_PLACE, 2, READ_WRITE);
	memory_fill(place, 2, 4);
	for (u32 bit = 4; bit < 24; bit++)
		EXPECT_EQ(protect(0, 1, PROT_READ | 1 << bit), -EINVAL);
	for (u32 low = 1; low < PAGE_SIZE; low *= 2)
		EXPECT_EQ(sys_mprotect(FIXED_PLACE + low, 1, PROT_NONE), -EINVAL);
	/* No length, no change, wherever. */
	EXPECT_EQ(sys_mprotect(FIXED_PLACE + 64 * PAGE_SIZE, 0, PROT_NONE), 0);
	EXPECT(maps_all(place, 2, READ_WRITE));
	EXPECT(memory_check(place, 2, 4));
	memory_unmap(place, 2);
}

/* PROT_GROWSDOWN: from the range down to the start of the area, if it is one that grows. */
static void prot_growsdown(void)
{
	EXPECT_EQ(sys_mmap2(FIXED_PLACE, 8 * PAGE_SIZE, READ_WRITE, FIXED | MAP_GROWSDOWN, -1, 0),
		  FIXED_PLACE);
	EXPECT_EQ(protect(3, 2, PROT_READ | PROT_GROWSDOWN), 0);
	EXPECT(maps_all(page_of(0), 5, PROT_READ));
	EXPECT(maps_all(page_of(5), 3, READ_WRITE));
	EXPECT_EQ(protect(3, 2, PROT_READ | PROT_GROWSUP), -EINVAL);
	EXPECT_EQ(protect(3, 2, PROT_READ | PROT_GROWSDOWN | PROT_GROWSUP), -EINVAL);
	memory_unmap(place, 8);
	memory_map_at(FIXED_PLACE, 8, READ_WRITE);
	EXPECT_EQ(protect(3, 2, PROT_READ | PROT_GROWSDOWN), -EINVAL);
	EXPECT_EQ(protect(3, 2, PROT_READ | PROT_GROWSUP), -EINVAL);
	EXPECT(maps_all(place, 8, READ_WRITE));
	memory_unmap(place, 8);
	EXPECT_EQ(protect(3, 2, PROT_READ | PROT_GROWSDOWN), -ENOMEM);
}

/*
 * The right to write comes and goes while the page is the zero page, an own one, and one of two.
 */
static void rights_and_faults(void)
{
	memory_map_at(FIXED_PLACE, 3, READ_WRITE);
	memory_read(page_of(1));
	memory_fill(page_of(2), 1, 5);
	for (u32 round = 0; round < 4; round++) {
		EXPECT_EQ(protect(0, 3, PROT_NONE), 0);
		for (u32 i = 0; i < 3; i++)
			EXPECT_CHILD(memory_read_child, page_of(i), KILLED(SIGSEGV));
		EXPECT_EQ(protect(0, 3, PROT_READ), 0);
		for (u32 i = 0; i < 3; i++)
			EXPECT_CHILD(memory_write_child, page_of(i), KILLED(SIGSEGV));
		EXPECT_EQ(protect(0, 3, READ_WRITE), 0);
		for (u32 i = 0; i < 3; i++)
			EXPECT_CHILD(memory_write_child, page_of(i), EXITED(0));
		EXPECT(memory_is_zero(place, 2 * PAGE_SIZE));
		EXPECT(memory_check(page_of(2), 1, 5));
	}
	memory_unmap(place, 3);
}

/* The pages; areas.c has the areas of this. */
static void munmap_cuts_three_areas(void)
{
	memory_map_at(FIXED_PLACE, 9, READ_WRITE);
	EXPECT_EQ(protect(3, 3, PROT_READ), 0);
	memory_fill(page_of(0), 3, 6);
	memory_fill(page_of(6), 3, 7);
	EXPECT_EQ(unmap(2, 5), 0);
	EXPECT(memory_check_part(page_of(0), 0, 2, 6));
	EXPECT(memory_check_part(page_of(6), 1, 2, 7));
	memory_unmap(place, 9);
}

static void munmap_in_every_order(void)
{
	/* Of 7 pages, one at a time; 3 and 5 are prime to 7. */
	for (u32 step = 1; step < 7; step++) {
		memory_map_at(FIXED_PLACE, 7, READ_WRITE);
		memory_fill(place, 7, step);
		for (u32 i = 0; i < 7; i++) {
			EXPECT(memory_check_part(place, i * step % 7, 1, step));
			EXPECT_EQ(unmap(i * step % 7, 1), 0);
			EXPECT(!memory_is_mapped(page_of(i * step % 7)));
			EXPECT_EQ(memory_count_present(place, 7), 6 - i);
		}
	}
}

static void munmap_arguments(void)
{
	memory_map_at(FIXED_PLACE, 3, READ_WRITE);
	memory_fill(place, 3, 8);
	for (u32 low = 1; low < PAGE_SIZE; low *= 2)
		EXPECT_EQ(sys_munmap(FIXED_PLACE + low, PAGE_SIZE), -EINVAL);
	EXPECT_EQ(sys_munmap(FIXED_PLACE, 0xFFFFFFFFu), -EINVAL);
	EXPECT_EQ(sys_munmap(FIXED_PLACE, 0u - FIXED_PLACE), -EINVAL);
	EXPECT_EQ(sys_munmap(0xFFFFF000u, 0), -EINVAL);
	EXPECT_EQ(sys_munmap(0xFFFFF000u, 1), -EINVAL);
	EXPECT(memory_check(place, 3, 8));
	/* One byte of a page is the page. */
	EXPECT_EQ(sys_munmap((u32)page_of(1), 1), 0);
	EXPECT(!memory_is_mapped(page_of(1)));
	EXPECT(memory_is_mapped(page_of(2)));
	EXPECT_EQ(sys_munmap(FIXED_PLACE, 2 * PAGE_SIZE + 1), 0);
	EXPECT_EQ(maps_count(place, 3), 0);
}

/* Whole page tables go, and their neighbours stay. */
static void munmap_of_whole_page_tables(void)
{
	enum { TABLE = 1024 };
	u8 *start = page_of(0);

	EXPECT_EQ(FIXED_PLACE % MiB(4), 0);
	EXPECT_EQ(sys_mmap2(FIXED_PLACE, MiB(16), READ_WRITE, FIXED | MAP_NORESERVE, -1, 0),
		  FIXED_PLACE);
	memory_small_pages(start, 4 * TABLE);
	for (u32 i = 0; i < 4; i++) {
		memory_write(page_of(i * TABLE), (u8)(i + 1));
		memory_write(page_of(i * TABLE + TABLE - 1), (u8)(i + 11));
	}
	EXPECT_EQ(unmap(TABLE, TABLE), 0);
	EXPECT_EQ(memory_count_present(start, 4 * TABLE), 6);
	EXPECT_EQ(unmap(2 * TABLE, 1), 0);
	EXPECT_EQ(unmap(TABLE - 1, 1), 0);
	EXPECT_EQ(memory_count_present(start, 4 * TABLE), 4);
	EXPECT_EQ(memory_read(page_of(0)), 1);
	EXPECT_EQ(memory_read(page_of(3 * TABLE - 1)), 13);
	EXPECT_EQ(memory_read(page_of(3 * TABLE)), 4);
	EXPECT_EQ(unmap(0, 4 * TABLE), 0);
	EXPECT_EQ(memory_count_present(start, 4 * TABLE), 0);
}

static long mdwe(u32 bits)
{
	return system_call(NR_prctl, PR_SET_MDWE, (long)bits, 0, 0, 0, 0);
}

static long told_mdwe(void)
{
	return system_call(NR_prctl, PR_GET_MDWE, 0, 0, 0, 0, 0);
}

static void expect_mdwe(void *argument)
{
	EXPECT_EQ(told_mdwe(), (long)argument);
}

/* Memory that could be written never becomes executable, for children neither. */
static void without_exec_gain(void *argument)
{
	const u32 place = FIXED_PLACE;

	EXPECT_EQ(mdwe(PR_MDWE_NO_INHERIT), -EINVAL);
	EXPECT_EQ(mdwe(4), -EINVAL);
	EXPECT_EQ(system_call(NR_prctl, PR_SET_MDWE, 1, 1, 0, 0, 0), -EINVAL);
	EXPECT_EQ(told_mdwe(), 0);
	EXPECT_EQ(mdwe((u32)argument), 0);
	EXPECT_EQ(told_mdwe(), (long)argument);
	EXPECT_EQ(mdwe(0), -EPERM);
	EXPECT_EQ(mdwe((u32)argument), 0);
	memory_map_at(place, 2, PROT_READ | PROT_EXEC);
	EXPECT_EQ(sys_mprotect(place, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC), -EACCES);
	EXPECT_EQ(sys_mprotect(place, PAGE_SIZE, PROT_READ | PROT_EXEC), 0);
	EXPECT_EQ(sys_mprotect(place, PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(sys_mprotect(place, PAGE_SIZE, PROT_READ | PROT_EXEC), -EACCES);
	EXPECT_EQ(sys_mprotect(place, PAGE_SIZE, PROT_READ | PROT_WRITE), 0);
	EXPECT_EQ(system_call(NR_mmap2, (long)place, PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
		  -EACCES);
	EXPECT_CHILD(expect_mdwe, (u32)argument & PR_MDWE_NO_INHERIT ? NULL : argument, EXITED(0));
}

static void exec_gain(void)
{
	EXPECT_CHILD(without_exec_gain, (void *)PR_MDWE_REFUSE_EXEC_GAIN, EXITED(0));
	EXPECT_CHILD(without_exec_gain, (void *)(PR_MDWE_REFUSE_EXEC_GAIN | PR_MDWE_NO_INHERIT),
		     EXITED(0));
	EXPECT_EQ(told_mdwe(), 0);
}

static const struct tap_case cases[] = {
	{ "every cut of one area", every_cut_of_one_area },
	{ "a cut that moves", a_cut_that_moves },
	{ "one mprotect over many areas", one_call_over_many_areas },
	{ "the same rights again", the_same_rights_again },
	{ "mprotect: arguments", mprotect_arguments },
	{ "PROT_GROWSDOWN", prot_growsdown },
	{ "rights and faults", rights_and_faults },
	{ "munmap cuts three areas", munmap_cuts_three_areas },
	{ "munmap in every order", munmap_in_every_order },
	{ "munmap: arguments", munmap_arguments },
	{ "munmap of whole page tables", munmap_of_whole_page_tables },
	{ "PR_SET_MDWE", exec_gain },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
