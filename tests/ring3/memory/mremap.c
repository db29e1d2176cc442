/* SPDX-License-Identifier: MIT */
/*
 * mremap: one area, or a part of one, gets another length or another place, and keeps its pages.
 *
 *	shrink          |ab|cd|   ->  |ab|
 *	grow in place   |ab|      ->  |ab|  |         where the range after it is free
 *	MAYMOVE         |ab|xx|   ->     |xx| .. |ab|  |
 *	FIXED           |ab| |xx| ->        |ab|      what was there is unmapped
 *	old length 0    |ab|      ->  |ab| .. |ab|    shared memory only: a second mapping
 *
 * The frames stay the same: that distinguishes it from a copy.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/maps.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define SHARED	   (MAP_SHARED | MAP_ANONYMOUS)
#define MOVE	   MREMAP_MAYMOVE
#define MOVE_FIXED (MREMAP_MAYMOVE | MREMAP_FIXED)
#define TABLE	   1024u /* pages of one page table */

static u8 *const place = (u8 *)FIXED_PLACE;

static u8 *page_of(u32 index)
{
	return place + index * PAGE_SIZE;
}

/* mremap of pages [first, first + pages) of the place; a page number as destination. */
static u32 remap(u32 first, u32 pages, u32 new_pages, int flags, u32 to)
{
	return sys_mremap((u32)page_of(first), pages * PAGE_SIZE, new_pages * PAGE_SIZE, flags,
			  (u32)page_of(to));
}

static void map_filled(u32 first, u32 pages, u32 seed)
{
	memory_map_at((u32)page_of(first), pages, READ_WRITE);
	memory_fill(page_of(first), pages, seed);
}

static void shrink(void)
{
	map_filled(0, 8, 1);
	EXPECT_EQ(remap(0, 8, 3, 0, 0), FIXED_PLACE);
	EXPECT(maps_all(place, 3, READ_WRITE));
	EXPECT(!memory_is_mapped(page_of(3)));
	EXPECT_EQ(memory_count_present(place, 8), 3);
	EXPECT(memory_check(place, 3, 1));
	EXPECT_CHILD(memory_read_child, page_of(3), KILLED(SIGSEGV));
	/* In the middle of an area: a hole. */
	EXPECT_EQ(remap(0, 2, 1, MOVE, 0), FIXED_PLACE);
	EXPECT(memory_check_part(place, 2, 1, 1));
	EXPECT(!memory_is_mapped(page_of(1)));
	/* Nothing to do. */
	EXPECT_EQ(remap(2, 1, 1, 0, 0), (u32)page_of(2));
	EXPECT(memory_check_part(place, 2, 1, 1));
	memory_unmap(place, 3);
}

static void grow_in_place(void)
{
	map_filled(0, 2, 2);
	EXPECT_EQ(remap(0, 2, 6, 0, 0), FIXED_PLACE);
	EXPECT(maps_all(place, 6, READ_WRITE));
	EXPECT_EQ(memory_count_present(place, 6), 2);
	EXPECT(memory_check(place, 2, 2));
	EXPECT(memory_is_zero(page_of(2), 4 * PAGE_SIZE));
	/* The tail alone can grow too. */
	EXPECT_EQ(remap(5, 1, 3, 0, 0), (u32)page_of(5));
	EXPECT(maps_all(place, 8, READ_WRITE));
	EXPECT_EQ(maps_count(place, 8), 1);
	/* Up to the next area, and then it is one with it. */
	memory_map_at((u32)page_of(10), 1, READ_WRITE);
	EXPECT_EQ(remap(7, 1, 3, 0, 0), (u32)page_of(7));
	EXPECT(maps_all(place, 11, READ_WRITE));
	memory_unmap(place, 11);
}

static void no_room_to_grow(void)
{
	map_filled(0, 4, 3);
	memory_map_at((u32)page_of(5), 1, PROT_READ);
	EXPECT_EQ(remap(0, 4, 6, 0, 0), -ENOMEM);
	EXPECT_EQ(remap(0, 2, 3, 0, 0), -ENOMEM);
	EXPECT_EQ(remap(0, 4, 0xE0000, 0, 0), -ENOMEM);
	EXPECT(maps_all(place, 4, READ_WRITE));
	EXPECT(memory_check(place, 4, 3));
	EXPECT_EQ(remap(0, 4, 5, 0, 0), FIXED_PLACE);
	EXPECT(memory_check(place, 4, 3));
	memory_unmap(place, 6);
}

static void grow_by_moving(void)
{
	u8 *to;

	map_filled(0, 4, 4);
	memory_map_at((u32)page_of(4), 1, PROT_READ);
	to = (u8 *)remap(0, 4, 9, MOVE, 0);
	if (!EXPECT(!is_error((u32)to)))
		return;
	EXPECT(to + 9 * PAGE_SIZE <= place || to >= page_of(5));
	EXPECT_EQ(maps_count(place, 4), 0);
	EXPECT_EQ(memory_count_present(place, 4), 0);
	EXPECT_EQ(memory_count_present(to, 9), 4);
	EXPECT(memory_check(to, 4, 4));
	EXPECT(memory_is_zero(to + 4 * PAGE_SIZE, 5 * PAGE_SIZE));
	EXPECT_CHILD(memory_read_child, place, KILLED(SIGSEGV));
	memory_unmap(to, 9);
	memory_unmap(page_of(4), 1);
}

static void the_middle_moves_out(void)
{
	map_filled(0, 6, 5);
	EXPECT_EQ(remap(2, 2, 3, MOVE_FIXED, 16), (u32)page_of(16));
	EXPECT_EQ(maps_count(place, 6), 2);
	EXPECT(!memory_is_mapped(page_of(2)) && !memory_is_mapped(page_of(3)));
	EXPECT(memory_check_part(place, 0, 2, 5));
	EXPECT(memory_check_part(place, 4, 2, 5));
	EXPECT(memory_check_part(page_of(14), 2, 2, 5));
	EXPECT(memory_is_zero(page_of(18), PAGE_SIZE));
	/* And back. */
	EXPECT_EQ(remap(16, 3, 2, MOVE_FIXED, 2), (u32)page_of(2));
	EXPECT(memory_check(place, 6, 5));
	EXPECT_EQ(maps_count(page_of(16), 3), 0);
	memory_unmap(place, 6);
}

static void fixed_replaces_what_was_there(void)
{
	map_filled(0, 3, 6);
	map_filled(8, 6, 7);
	EXPECT_EQ(remap(0, 3, 3, MOVE_FIXED, 10), (u32)page_of(10));
	EXPECT_EQ(maps_count(place, 8), 0);
	EXPECT(memory_check_part(page_of(8), 0, 2, 7));
	EXPECT(memory_check(page_of(10), 3, 6));
	EXPECT(memory_check_part(page_of(8), 5, 1, 7));
	EXPECT_EQ(memory_count_present(page_of(8), 6), 6);
	EXPECT_EQ(memory_count_exclusive(page_of(8), 6), 6);
	memory_unmap(page_of(8), 6);
}

static void the_frames_move(void)
{
	u32 frames[4];

	map_filled(0, 4, 8);
	memory_map_at((u32)page_of(4), 2, READ_WRITE);
	memory_read(page_of(4));
	for (u32 i = 0; i < 4; i++)
		frames[i] = memory_page(page_of(i)).frame;
	EXPECT_EQ(remap(0, 6, 6, MOVE_FIXED, 20), (u32)page_of(20));
	for (u32 i = 0; i < 4; i++)
		EXPECT_EQ(memory_page(page_of(20 + i)).frame, frames[i]);
	/* The zero page stays one, and what was not there comes with no touch. */
	EXPECT(memory_page(page_of(24)).present && !memory_page(page_of(24)).exclusive);
	EXPECT(!memory_page(page_of(25)).present);
	EXPECT(memory_check(page_of(20), 4, 8));
	EXPECT(memory_is_zero(page_of(24), 2 * PAGE_SIZE));
	memory_unmap(page_of(20), 6);
}

static void rights_move_along(void)
{
	map_filled(0, 3, 9);
	EXPECT_EQ(sys_mprotect(FIXED_PLACE, 3 * PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(remap(0, 3, 5, MOVE_FIXED, 8), (u32)page_of(8));
	EXPECT(maps_all(page_of(8), 5, PROT_READ));
	for (u32 i = 8; i < 13; i++)
		EXPECT_CHILD(memory_write_child, page_of(i), KILLED(SIGSEGV));
	EXPECT_EQ(sys_mprotect((u32)page_of(8), 5 * PAGE_SIZE, PROT_NONE), 0);
	EXPECT_EQ(remap(8, 5, 2, MOVE_FIXED, 0), FIXED_PLACE);
	EXPECT_CHILD(memory_read_child, place, KILLED(SIGSEGV));
	EXPECT_EQ(sys_mprotect(FIXED_PLACE, 2 * PAGE_SIZE, READ_WRITE), 0);
	EXPECT(memory_check(place, 2, 9));
	memory_unmap(place, 2);
}

/* From one page table into others, over their edges, one page further than before. */
static void page_table_edges(void)
{
	u32 from = TABLE - 5;

	map_filled(from, 10, 10);
	EXPECT_EQ(remap(from, 10, 10, MOVE_FIXED, 2 * TABLE - 4), (u32)page_of(2 * TABLE - 4));
	EXPECT(memory_check(page_of(2 * TABLE - 4), 10, 10));
	EXPECT_EQ(memory_count_present(page_of(from), 10), 0);
	EXPECT_EQ(remap(2 * TABLE - 4, 10, 10, MOVE_FIXED, from), (u32)page_of(from));
	EXPECT(memory_check(page_of(from), 10, 10));
	memory_unmap(page_of(from), 10);
}

/* 12 MiB with a few pages, aligned to page tables and not. */
static void sparse_moves(void)
{
	static const u32 touched[] = { 0, 1, 1023, 1024, 1500, 2047, 2048, 3071 };
	u32 pages = 3 * TABLE;
	u32 at = 0;

	EXPECT_EQ(sys_mmap2(FIXED_PLACE, pages * PAGE_SIZE, READ_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0),
		  FIXED_PLACE);
	memory_small_pages(place, pages);
	for (u32 i = 0; i < ARRAY_SIZE(touched); i++)
		memory_fill(page_of(touched[i]), 1, i);
	for (u32 to = 4 * TABLE; to < 17 * TABLE; to += 4 * TABLE + 1) {
		EXPECT_EQ(remap(at, pages, pages, MOVE_FIXED, to), (u32)page_of(to));
		EXPECT_EQ(memory_count_present(page_of(at), pages), 0);
		EXPECT_EQ(memory_count_present(page_of(to), pages), ARRAY_SIZE(touched));
		for (u32 i = 0; i < ARRAY_SIZE(touched); i++)
			EXPECT(memory_check(page_of(to + touched[i]), 1, i));
		at = to;
	}
	memory_unmap(page_of(at), pages);
}

static void lengths_are_rounded_up(void)
{
	map_filled(0, 4, 11);
	EXPECT_EQ(sys_mremap(FIXED_PLACE, 3 * PAGE_SIZE + 1, PAGE_SIZE + 1, 0, 0), FIXED_PLACE);
	EXPECT(maps_all(place, 2, READ_WRITE));
	EXPECT(!memory_is_mapped(page_of(2)));
	EXPECT_EQ(sys_mremap(FIXED_PLACE, 2 * PAGE_SIZE - 7, 2 * PAGE_SIZE + 7, 0, 0), FIXED_PLACE);
	EXPECT(maps_all(place, 3, READ_WRITE));
	EXPECT(memory_check(place, 2, 11));
	memory_unmap(place, 3);
}

static void bad_arguments(void)
{
	u32 length = 4 * PAGE_SIZE;

	map_filled(0, 4, 12);
	EXPECT_EQ(sys_mremap(FIXED_PLACE + 1, length, length, MOVE, 0), -EINVAL);
	EXPECT_EQ(sys_mremap(FIXED_PLACE, length, length, 8, 0), -EINVAL);
	EXPECT_EQ(sys_mremap(FIXED_PLACE, length, length, (int)0x80000000, 0), -EINVAL);
	EXPECT_EQ(remap(0, 4, 4, MREMAP_FIXED, 8), -EINVAL);
	EXPECT_EQ(remap(0, 4, 0, MOVE_FIXED, 8), -EINVAL);
	EXPECT_EQ(sys_mremap(FIXED_PLACE, length, length, MOVE_FIXED, FIXED_PLACE + length + 1),
		  -EINVAL);
	EXPECT_EQ(sys_mremap(FIXED_PLACE, length, length, MOVE_FIXED, 0xFFFFF000u), -EINVAL);
	EXPECT_EQ(sys_mremap(FIXED_PLACE, length, 0xFFFFF000u, MOVE_FIXED, FIXED_PLACE + length),
		  -EINVAL);
	EXPECT_EQ(sys_mremap(FIXED_PLACE, length, 0xE0000000u, MOVE, 0), -ENOMEM);
	EXPECT_EQ(sys_mremap(FIXED_PLACE, 0xFFFFF000u, PAGE_SIZE, 0, 0), -EINVAL);
	/* The new place is checked before the old one. */
	EXPECT_EQ(sys_mremap(FIXED_PLACE + length, length, length, MOVE_FIXED, FIXED_PLACE),
		  -EFAULT);
	EXPECT_EQ(sys_mremap(FIXED_PLACE + length, length, length, MOVE_FIXED, FIXED_PLACE + 4),
		  -EINVAL);
	EXPECT_EQ(sys_mremap(FIXED_PLACE + length, length, length, MOVE_FIXED,
			     FIXED_PLACE + length + PAGE_SIZE),
		  -EINVAL);
	EXPECT(maps_all(place, 4, READ_WRITE));
	EXPECT(memory_check(place, 4, 12));
	memory_unmap(place, 4);
}

/* Old and new place may touch, and not overlap. */
static void overlapping_places(void)
{
	map_filled(8, 4, 13);
	for (u32 to = 5; to < 12; to++)
		EXPECT_EQ(remap(8, 4, 4, MOVE_FIXED, to), -EINVAL);
	EXPECT_EQ(remap(8, 4, 9, MOVE_FIXED, 0), -EINVAL);
	EXPECT_EQ(remap(8, 4, 1, MOVE_FIXED, 11), -EINVAL);
	EXPECT(memory_check(page_of(8), 4, 13));
	EXPECT_EQ(remap(8, 4, 4, MOVE_FIXED, 4), (u32)page_of(4));
	EXPECT_EQ(remap(4, 4, 4, MOVE_FIXED, 8), (u32)page_of(8));
	EXPECT(memory_check(page_of(8), 4, 13));
	EXPECT_EQ(maps_count(place, 16), 1);
	memory_unmap(page_of(8), 4);
}

static void holes_and_several_areas(void)
{
	map_filled(0, 6, 14);
	EXPECT_EQ(remap(8, 1, 1, 0, 0), -EFAULT);
	EXPECT_EQ(remap(8, 1, 2, MOVE, 0), -EFAULT);
	EXPECT_EQ(remap(8, 1, 2, MOVE_FIXED, 16), -EFAULT);
	/* Beyond the end of the area, and over two areas: only to grow. */
	EXPECT_EQ(remap(4, 4, 5, MOVE, 0), -EFAULT);
	EXPECT_EQ(sys_mprotect((u32)page_of(3), 3 * PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(remap(0, 6, 7, 0, 0), -EFAULT);
	EXPECT_EQ(remap(0, 6, 7, MOVE, 0), -EFAULT);
	EXPECT_EQ(remap(2, 2, 3, MOVE_FIXED, 16), -EFAULT);
	EXPECT(memory_check(place, 6, 14));
	EXPECT_EQ(maps_count(place, 16), 2);
	memory_unmap(place, 6);
}

static void old_length_zero(void)
{
	u8 *second;

	map_filled(0, 2, 15);
	EXPECT_EQ(remap(0, 0, 2, MOVE, 0), -EINVAL);
	EXPECT(memory_check(place, 2, 15));
	EXPECT_EQ(sys_mmap2(FIXED_PLACE, 4 * PAGE_SIZE, READ_WRITE, SHARED | MAP_FIXED, -1, 0),
		  FIXED_PLACE);
	memory_fill(place, 4, 16);
	second = (u8 *)remap(0, 0, 4, MOVE, 0);
	if (EXPECT(!is_error((u32)second) && second != place)) {
		EXPECT(memory_check(second, 4, 16));
		memory_write(second + 5, 0x61);
		EXPECT_EQ(memory_read(place + 5), 0x61);
		memory_unmap(second, 4);
	}
	/* From a page in the middle, to a chosen place. */
	EXPECT_EQ(remap(1, 0, 2, MOVE_FIXED, 8), (u32)page_of(8));
	memory_write(page_of(8), 0x62);
	memory_write(page_of(2), 0x63);
	EXPECT_EQ(memory_read(page_of(1)), 0x62);
	EXPECT_EQ(memory_read(page_of(9)), 0x63);
	memory_unmap(place, 4);
	EXPECT_EQ(memory_read(page_of(8)), 0x62);
	memory_unmap(page_of(8), 2);
}

/* Shared memory has an end: what grows beyond it is mapped, and is not there. */
static void shared_memory_grows(void)
{
	EXPECT_EQ(sys_mmap2(FIXED_PLACE, 2 * PAGE_SIZE, READ_WRITE, SHARED | MAP_FIXED, -1, 0),
		  FIXED_PLACE);
	memory_fill(place, 2, 17);
	EXPECT_EQ(remap(0, 2, 4, 0, 0), FIXED_PLACE);
	EXPECT(maps_all(place, 4, READ_WRITE));
	EXPECT(memory_check(place, 2, 17));
	EXPECT_CHILD(memory_read_child, page_of(2), KILLED(SIGBUS));
	EXPECT_CHILD(memory_write_child, page_of(3), KILLED(SIGBUS));
	EXPECT_EQ(remap(0, 4, 1, MOVE_FIXED, 8), (u32)page_of(8));
	EXPECT(memory_check(page_of(8), 1, 17));
	EXPECT_EQ(remap(8, 1, 2, 0, 0), (u32)page_of(8));
	EXPECT(memory_check(page_of(8), 2, 17));
	memory_unmap(page_of(8), 2);
}

static void a_file_grows_and_moves(void)
{
	int fd = file_create(6, 18);

	EXPECT_EQ(sys_mmap2(FIXED_PLACE, 2 * PAGE_SIZE, READ_WRITE, MAP_SHARED | MAP_FIXED, fd, 1),
		  FIXED_PLACE);
	EXPECT_EQ(remap(0, 2, 4, 0, 0), FIXED_PLACE);
	EXPECT(memory_check_part(place - PAGE_SIZE, 1, 4, 18));
	EXPECT_EQ(remap(1, 2, 4, MOVE_FIXED, 8), (u32)page_of(8));
	EXPECT(memory_check_part(page_of(8) - 2 * PAGE_SIZE, 2, 4, 18));
	memory_write(page_of(8), 0x71);
	EXPECT_EQ(file_byte(fd, 2 * PAGE_SIZE), 0x71);
	EXPECT(memory_check_part(place - PAGE_SIZE, 4, 1, 18));
	EXPECT_EQ(sys_close(fd), 0);
	memory_unmap(place, 12);
}

static void move_in_the_child(void *argument)
{
	EXPECT_EQ(remap(0, 4, 4, MOVE_FIXED, 8), (u32)page_of(8));
	EXPECT(memory_check(page_of(8), 4, *(u32 *)argument));
	EXPECT_EQ(memory_count_exclusive(page_of(8), 4), 0);
	memory_fill(page_of(8), 2, 20);
	EXPECT_EQ(memory_count_exclusive(page_of(8), 4), 2);
	EXPECT(!memory_is_mapped(place));
}

static void copy_on_write_survives(void)
{
	u32 seed = 19;

	map_filled(0, 4, seed);
	EXPECT_CHILD(move_in_the_child, &seed, EXITED(0));
	EXPECT(memory_check(place, 4, seed));
	EXPECT_EQ(memory_count_exclusive(place, 4), 4);
	EXPECT(!memory_is_mapped(page_of(8)));
	memory_unmap(place, 4);
}

static void dont_unmap_arguments(void)
{
	map_filled(0, 2, 21);
	EXPECT_EQ(remap(0, 2, 2, MREMAP_DONTUNMAP, 0), -EINVAL);
	EXPECT_EQ(remap(0, 2, 3, MOVE | MREMAP_DONTUNMAP, 0), -EINVAL);
	EXPECT_EQ(remap(0, 2, 1, MOVE_FIXED | MREMAP_DONTUNMAP, 8), -EINVAL);
	EXPECT(memory_check(place, 2, 21));
	memory_unmap(place, 2);
}

static const struct tap_case cases[] = {
	{ "shrink", shrink },
	{ "grow in place", grow_in_place },
	{ "no room to grow", no_room_to_grow },
	{ "grow by moving", grow_by_moving },
	{ "the middle of an area moves out and back", the_middle_moves_out },
	{ "MREMAP_FIXED replaces what was there", fixed_replaces_what_was_there },
	{ "the frames move, not their contents", the_frames_move },
	{ "rights move along", rights_move_along },
	{ "moves over the edges of page tables", page_table_edges },
	{ "moves of sparse areas", sparse_moves },
	{ "mremap: lengths are rounded up", lengths_are_rounded_up },
	{ "mremap: arguments", bad_arguments },
	{ "overlapping places are refused", overlapping_places },
	{ "holes and several areas are refused", holes_and_several_areas },
	{ "old length 0 doubles shared memory only", old_length_zero },
	{ "shared memory grows beyond its end", shared_memory_grows },
	{ "a mapped file grows and moves", a_file_grows_and_moves },
	{ "copy on write survives a move", copy_on_write_survives },
	{ "MREMAP_DONTUNMAP: arguments", dont_unmap_arguments },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
