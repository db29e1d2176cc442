/* SPDX-License-Identifier: MIT */
/*
 * Demand paging: a mapping costs nothing, only a touch costs a frame.
 *
 *	mmap    area, no page          . . . . . . . .
 *	read    the shared zero page   . . z . . . . .      present, not exclusive
 *	write   a zeroed frame         . . P . . P . .      present, exclusive
 *	munmap  nothing                                     and zero again the next time
 *
 * The large area has four times the memory of the smallest machine that the project supports, so
 * eager allocation fails here even where counting does not notice it.
 */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

#define READ_WRITE  (PROT_READ | PROT_WRITE)
#define LARGE_PAGES (MiB(256) / PAGE_SIZE)

static char *program_path;

static u8 *page_of(u8 *start, u32 index)
{
	return start + index * PAGE_SIZE;
}

static void large_map_is_empty(void)
{
	u8 *start = memory_map_sparse(LARGE_PAGES);

	EXPECT_EQ(memory_count_present(start, LARGE_PAGES), 0);
	memory_unmap(start, LARGE_PAGES);
}

/*
 * Pages spread over all page tables of the area, in no simple order: 1283 is prime to the number
 * of pages.
 */
static void sparse_touches_cost_only_themselves(void)
{
	enum { TOUCHES = 64 };
	u8 *start = memory_map_sparse(LARGE_PAGES);

	for (u32 i = 0; i < TOUCHES; i++) {
		u8 *page = page_of(start, i * 1283 % LARGE_PAGES);

		EXPECT(!memory_page(page).present);
		memory_write(page + i * 61, (u8)(i + 1));
		EXPECT(memory_page(page).present);
	}
	EXPECT_EQ(memory_count_present(start, LARGE_PAGES), TOUCHES);
	EXPECT_EQ(memory_count_exclusive(start, LARGE_PAGES), TOUCHES);
	for (u32 i = 0; i < TOUCHES; i++) {
		u8 *page = page_of(start, i * 1283 % LARGE_PAGES);

		EXPECT_EQ(memory_read(page + i * 61), i + 1);
		EXPECT(memory_is_zero(page, i * 61));
		EXPECT(memory_is_zero(page + i * 61 + 1, PAGE_SIZE - i * 61 - 1));
	}
	EXPECT_EQ(memory_count_present(start, LARGE_PAGES), TOUCHES);
	memory_unmap(start, LARGE_PAGES);
}

static void both_ends_of_a_large_map(void)
{
	u8 *start = memory_map_sparse(LARGE_PAGES);

	memory_write(start, 1);
	memory_write(start + MiB(256) - 1, 2);
	EXPECT_EQ(memory_count_present(start, LARGE_PAGES), 2);
	EXPECT_EQ(memory_read(start), 1);
	EXPECT_EQ(memory_read(start + MiB(256) - 1), 2);
	memory_unmap(start, LARGE_PAGES);
	EXPECT_EQ(memory_count_present(start, LARGE_PAGES), 0);
}

static void fresh_pages_are_zero(void)
{
	u8 *start = memory_map(64, READ_WRITE);

	for (u32 i = 0; i < 64; i += 2)
		memory_write(page_of(start, i) + 2048, 0xFF);
	for (u32 i = 0; i < 64; i += 2) {
		EXPECT(memory_is_zero(page_of(start, i), 2048));
		EXPECT(memory_is_zero(page_of(start, i) + 2049, 2047));
		EXPECT(memory_is_zero(page_of(start, i + 1), PAGE_SIZE));
	}
	memory_unmap(start, 64);
}

static void reads_share_the_zero_page(void)
{
	u8 *start = memory_map(32, READ_WRITE);

	for (u32 i = 0; i < 32; i++)
		EXPECT_EQ(memory_read(page_of(start, i) + i), 0);
	EXPECT_EQ(memory_count_present(start, 32), 32);
	EXPECT_EQ(memory_count_exclusive(start, 32), 0);
	for (u32 i = 1; i < 32; i++)
		EXPECT_EQ(memory_page(page_of(start, i)).frame, memory_page(start).frame);
	memory_unmap(start, 32);
}

static void write_after_read_gives_an_own_page(void)
{
	u8 *start = memory_map(32, READ_WRITE);
	u32 zero_frame;

	for (u32 i = 0; i < 32; i++)
		memory_read(page_of(start, i));
	zero_frame = memory_page(start).frame;
	for (u32 i = 0; i < 32; i += 3)
		memory_fill(page_of(start, i), 1, i);
	EXPECT_EQ(memory_count_present(start, 32), 32);
	EXPECT_EQ(memory_count_exclusive(start, 32), 11);
	for (u32 i = 0; i < 32; i++) {
		if (i % 3 == 0) {
			EXPECT(memory_check(page_of(start, i), 1, i));
			EXPECT(!zero_frame || memory_page(page_of(start, i)).frame != zero_frame);
		} else {
			EXPECT(memory_is_zero(page_of(start, i), PAGE_SIZE));
		}
	}
	memory_unmap(start, 32);
}

static void access_across_a_boundary(void)
{
	u8 *start = memory_map(8, READ_WRITE);

	*(volatile u32 *)(page_of(start, 3) - 2) = 0x44332211;
	EXPECT_EQ(memory_count_present(start, 8), 2);
	EXPECT(memory_page(page_of(start, 2)).exclusive &&
	       memory_page(page_of(start, 3)).exclusive);
	EXPECT_EQ(*(volatile u32 *)(page_of(start, 3) - 2), 0x44332211);
	EXPECT_EQ(memory_read(page_of(start, 3) - 1), 0x22);
	EXPECT_EQ(memory_read(page_of(start, 3)), 0x33);
	memory_unmap(start, 8);
}

static void unmapped_memory_comes_back_as_zero(void)
{
	u8 *start = memory_map_at(FIXED_PLACE, 64, READ_WRITE);

	memory_fill(start, 64, 1);
	EXPECT_EQ(memory_count_present(start, 64), 64);
	memory_unmap(start, 64);
	EXPECT_EQ(memory_count_present(start, 64), 0);
	memory_map_at(FIXED_PLACE, 64, READ_WRITE);
	EXPECT_EQ(memory_count_present(start, 64), 0);
	EXPECT(memory_is_zero(start, 64 * PAGE_SIZE));
	memory_unmap(start, 64);
}

static void partial_unmap_splits_an_area(void)
{
	u8 *start = memory_map(12, READ_WRITE);

	memory_fill(start, 12, 7);
	memory_unmap(page_of(start, 5), 2);
	EXPECT_EQ(memory_count_present(start, 12), 10);
	memory_unmap(start, 1);
	memory_unmap(page_of(start, 11), 1);
	EXPECT_EQ(memory_count_present(start, 12), 8);
	for (u32 i = 0; i < 12; i++) {
		bool gone = i == 0 || i == 5 || i == 6 || i == 11;

		EXPECT_EQ(memory_page(page_of(start, i)).present, !gone);
		EXPECT_CHILD(memory_write_child, page_of(start, i),
			     gone ? KILLED(SIGSEGV) : EXITED(0));
	}
	memory_map_at((u32)page_of(start, 5), 2, READ_WRITE);
	EXPECT(memory_is_zero(page_of(start, 5), 2 * PAGE_SIZE));
	memory_fill(page_of(start, 5), 2, 8);
	EXPECT(memory_check_part(start, 1, 4, 7));
	EXPECT(memory_check_part(start, 7, 4, 7));
	memory_unmap(page_of(start, 1), 10);
	EXPECT_EQ(memory_count_present(start, 12), 0);
}

static void one_unmap_over_areas_and_holes(void)
{
	u8 *start = memory_map(9, READ_WRITE);

	memory_fill(start, 9, 3);
	EXPECT_EQ(sys_mprotect((u32)page_of(start, 2), PAGE_SIZE, PROT_READ), 0);
	memory_unmap(page_of(start, 4), 1);
	EXPECT_EQ(sys_mprotect((u32)page_of(start, 6), PAGE_SIZE, PROT_NONE), 0);
	memory_unmap(page_of(start, 1), 7);
	EXPECT_EQ(memory_count_present(start, 9), 2);
	EXPECT(memory_page(start).present && memory_page(page_of(start, 8)).present);
	memory_unmap(page_of(start, 1), 7);
	memory_unmap(start, 9);
	EXPECT_EQ(memory_count_present(start, 9), 0);
}

static void protection_changes_keep_data(void)
{
	u8 *start = memory_map(16, READ_WRITE);

	memory_fill(start, 16, 11);
	EXPECT_EQ(sys_mprotect((u32)start, 16 * PAGE_SIZE, PROT_NONE), 0);
	EXPECT_CHILD(memory_read_child, page_of(start, 9), KILLED(SIGSEGV));
	EXPECT_EQ(sys_mprotect((u32)start, 16 * PAGE_SIZE, PROT_READ), 0);
	EXPECT(memory_check(start, 16, 11));
	EXPECT_CHILD(memory_write_child, page_of(start, 9), KILLED(SIGSEGV));
	EXPECT_EQ(sys_mprotect((u32)start, 16 * PAGE_SIZE, READ_WRITE), 0);
	EXPECT(memory_check(start, 16, 11));
	memory_fill(start, 16, 12);
	EXPECT(memory_check(start, 16, 12));
	EXPECT_EQ(memory_count_exclusive(start, 16), 16);
	memory_unmap(start, 16);
}

static void protection_of_one_page_splits_an_area(void)
{
	u8 *start = memory_map(5, READ_WRITE);

	EXPECT_EQ(sys_mprotect((u32)page_of(start, 2), PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(memory_count_present(start, 5), 0);
	for (u32 i = 0; i < 5; i++)
		EXPECT_CHILD(memory_write_child, page_of(start, i),
			     i == 2 ? KILLED(SIGSEGV) : EXITED(0));
	EXPECT_EQ(memory_read(page_of(start, 2)), 0);
	EXPECT_EQ(sys_mprotect((u32)start, 5 * PAGE_SIZE, READ_WRITE), 0);
	memory_fill(start, 5, 21);
	EXPECT(memory_check(start, 5, 21));
	memory_unmap(start, 5);
}

static void old_and_new_mmap_agree(void)
{
	struct mmap_arguments old = {
		.address = FIXED_PLACE,
		.length = 3 * PAGE_SIZE - 100,
		.prot = READ_WRITE,
		.flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		.fd = (u32)-1,
	};
	u8 *start = (u8 *)FIXED_PLACE;

	EXPECT_EQ(sys_mmap(&old), FIXED_PLACE);
	memory_small_pages(start, 3);
	EXPECT_EQ(memory_count_present(start, 3), 0);
	memory_fill(start, 3, 31);
	EXPECT(memory_check(start, 3, 31));
	EXPECT_EQ(memory_count_exclusive(start, 3), 3);
	EXPECT_EQ(sys_mmap2(FIXED_PLACE, 3 * PAGE_SIZE - 100, READ_WRITE, (int)old.flags, -1, 0),
		  FIXED_PLACE);
	EXPECT_EQ(memory_count_present(start, 3), 0);
	EXPECT(memory_is_zero(start, 3 * PAGE_SIZE));
	memory_unmap(start, 3);

	old.flags = MAP_PRIVATE | MAP_ANONYMOUS;
	old.address = 0;
	start = (u8 *)sys_mmap(&old);
	EXPECT(!is_error((u32)start) && (u32)start % PAGE_SIZE == 0);
	memory_unmap(start, 3);
}

static void fixed_map_replaces_what_was_there(void)
{
	u8 *start = memory_map_at(FIXED_PLACE, 6, READ_WRITE);

	memory_fill(start, 6, 41);
	memory_map_at((u32)page_of(start, 2), 2, PROT_READ);
	EXPECT_EQ(memory_count_present(start, 6), 4);
	EXPECT(memory_is_zero(page_of(start, 2), 2 * PAGE_SIZE));
	EXPECT(memory_check_part(start, 0, 2, 41));
	EXPECT(memory_check_part(start, 4, 2, 41));
	EXPECT_CHILD(memory_write_child, page_of(start, 3), KILLED(SIGSEGV));
	EXPECT_CHILD(memory_write_child, page_of(start, 4), EXITED(0));
	memory_unmap(start, 6);
}

static void address_hints(void)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	u32 hinted = sys_mmap2(FIXED_PLACE, 4 * PAGE_SIZE, READ_WRITE, flags, -1, 0);
	u32 second = sys_mmap2(FIXED_PLACE + PAGE_SIZE, PAGE_SIZE, READ_WRITE, flags, -1, 0);

	EXPECT_EQ(hinted, FIXED_PLACE);
	EXPECT(!is_error(second));
	EXPECT(second + PAGE_SIZE <= hinted || second >= hinted + 4 * PAGE_SIZE);
	memory_unmap((void *)second, 1);
	memory_unmap((void *)hinted, 4);
}

static void dontneed_gives_zero_pages(void)
{
	u8 *start = memory_map(16, READ_WRITE);

	memory_fill(start, 16, 51);
	EXPECT_EQ(sys_madvise((u32)page_of(start, 4), 8 * PAGE_SIZE, MADV_DONTNEED), 0);
	EXPECT_EQ(memory_count_present(start, 16), 8);
	EXPECT(memory_is_zero(page_of(start, 4), 8 * PAGE_SIZE));
	memory_fill(page_of(start, 4), 8, 52);
	EXPECT(memory_check(page_of(start, 4), 8, 52));
	EXPECT(memory_check_part(start, 0, 4, 51));
	EXPECT(memory_check_part(start, 12, 4, 51));
	EXPECT_EQ(memory_count_exclusive(start, 16), 16);
	memory_unmap(start, 16);
}

static void mincore_agrees_with_pagemap(void)
{
	u8 *start = memory_map(24, READ_WRITE);
	u8 resident[24];

	for (u32 i = 0; i < 24; i += 5)
		memory_write(page_of(start, i), 1);
	memory_read(page_of(start, 7));
	memset(resident, 0xAA, sizeof(resident));
	EXPECT_EQ(sys_mincore((u32)start, 24 * PAGE_SIZE, resident), 0);
	for (u32 i = 0; i < 24; i++)
		EXPECT_EQ(resident[i] & 1, memory_page(page_of(start, i)).present);
	EXPECT_EQ(memory_count_present(start, 24), 6);
	memory_unmap(start, 24);
}

/*
 * The kernel itself touches absent user pages: it must take the same faults as the program.
 */
static void kernel_writes_into_untouched_pages(void)
{
	u8 *start = memory_map(8, READ_WRITE);
	u8 *target = page_of(start, 3) - 100;
	u8 head[300];
	long fd = sys_open(program_path, O_RDONLY);

	EXPECT(fd >= 0);
	EXPECT_EQ(sys_pread64((int)fd, head, sizeof(head), 0), sizeof(head));
	EXPECT_EQ(sys_read((int)fd, target, sizeof(head)), sizeof(head));
	EXPECT_EQ(memcmp(head, target, sizeof(head)), 0);
	EXPECT_EQ(memcmp(head, "\177ELF", 4), 0);
	EXPECT_EQ(memory_count_exclusive(start, 8), 2);
	EXPECT(memory_is_zero(page_of(start, 2), PAGE_SIZE - 100));
	EXPECT(memory_is_zero(target + 300, PAGE_SIZE - 200));
	EXPECT_EQ(sys_close((int)fd), 0);
	memory_unmap(start, 8);
}

static void kernel_reads_from_untouched_pages(void)
{
	u8 *start = memory_map(4, READ_WRITE);

	/* The path is the empty string: its zero byte is in an untouched page. */
	EXPECT_EQ(sys_open((char *)page_of(start, 2), O_RDONLY), -ENOENT);
	EXPECT_EQ(memory_count_present(start, 4), 1);
	EXPECT_EQ(memory_count_exclusive(start, 4), 0);
	memory_unmap(start, 4);
}

static void many_areas(void)
{
	enum { AREAS = 120 };
	u8 *start = memory_map_at(FIXED_PLACE, AREAS, READ_WRITE);

	memory_fill(start, AREAS, 61);
	for (u32 i = 0; i < AREAS; i += 2)
		EXPECT_EQ(sys_mprotect((u32)page_of(start, i), PAGE_SIZE, PROT_READ), 0);
	EXPECT(memory_check(start, AREAS, 61));
	EXPECT_CHILD(memory_write_child, page_of(start, 58), KILLED(SIGSEGV));
	EXPECT_CHILD(memory_write_child, page_of(start, 59), EXITED(0));
	for (u32 i = 0; i < AREAS; i++) {
		/* 77 is prime to 120: every area once, in no simple order. */
		memory_unmap(page_of(start, i * 77 % AREAS), 1);
		EXPECT_EQ(memory_count_present(start, AREAS), AREAS - 1 - i);
		if (i % 20 == 19) {
			u8 *last = page_of(start, (AREAS - 1) * 77 % AREAS);

			EXPECT(i == AREAS - 1 || memory_page(last).present);
		}
	}
}

/*
 * 80 MiB in rounds of 2 MiB: more than the smallest machine has, so memory that is not freed
 * runs out.
 */
static void frames_are_freed(void)
{
	u8 *start = memory_map_at(FIXED_PLACE, 512, READ_WRITE);

	for (u32 round = 0; round < 40; round++) {
		for (u32 i = 0; i < 512; i++) {
			EXPECT_EQ(*(volatile u32 *)page_of(start, i), 0);
			*(volatile u32 *)page_of(start, i) = round + i + 1;
		}
		EXPECT_EQ(*(volatile u32 *)page_of(start, 511), round + 512);
		if (round % 2 == 0)
			EXPECT_EQ(sys_madvise((u32)start, MiB(2), MADV_DONTNEED), 0);
		else
			memory_map_at(FIXED_PLACE, 512, READ_WRITE);
		EXPECT_EQ(memory_page(page_of(start, 511)).present, 0);
	}
	memory_unmap(start, 512);
}

static const struct tap_case cases[] = {
	{ "a large map has no page before the first touch", large_map_is_empty },
	{ "sparse touches cost only the touched pages", sparse_touches_cost_only_themselves },
	{ "first and last byte of a large map", both_ends_of_a_large_map },
	{ "fresh pages are zero", fresh_pages_are_zero },
	{ "reads map the shared zero page", reads_share_the_zero_page },
	{ "a write after a read gives an own page", write_after_read_gives_an_own_page },
	{ "an access across a page boundary maps both pages", access_across_a_boundary },
	{ "unmapped memory comes back as zero", unmapped_memory_comes_back_as_zero },
	{ "a partial munmap splits an area", partial_unmap_splits_an_area },
	{ "one munmap goes over areas and holes", one_unmap_over_areas_and_holes },
	{ "mprotect keeps the data", protection_changes_keep_data },
	{ "mprotect of one page splits an area", protection_of_one_page_splits_an_area },
	{ "old mmap and mmap2 agree", old_and_new_mmap_agree },
	{ "MAP_FIXED replaces what was there", fixed_map_replaces_what_was_there },
	{ "a free address hint is taken, a used one is not", address_hints },
	{ "MADV_DONTNEED gives zero pages", dontneed_gives_zero_pages },
	{ "mincore agrees with pagemap", mincore_agrees_with_pagemap },
	{ "read(2) into untouched pages", kernel_writes_into_untouched_pages },
	{ "a path in an untouched page", kernel_reads_from_untouched_pages },
	{ "many small areas, unmapped in mixed order", many_areas },
	{ "frames of dropped pages are freed", frames_are_freed },
};

int main(int argc, char **argv)
{
	(void)argc;
	program_path = argv[0];
	return tap_run(cases, ARRAY_SIZE(cases));
}
