/* SPDX-License-Identifier: MIT */
/*
 * mmap: what it checks, in which order it matters, and what each flag does.
 *
 *	length 0 ................................ EINVAL   (abi.c has these first ones)
 *	no descriptor ........................... EBADF
 *	FIXED: not aligned, beyond the top ...... EINVAL, ENOMEM
 *	FIXED_NOREPLACE over something .......... EEXIST
 *	neither PRIVATE nor SHARED, or both ..... EINVAL
 *	GROWSDOWN with SHARED or with a file .... EINVAL
 *
 * A call that is refused leaves what was there, also with MAP_FIXED. Low addresses are not tried:
 * what root may map there is a setting of Linux. GUARD_PAGES is Linux's stack_guard_gap.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/maps.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define READ_WRITE   (PROT_READ | PROT_WRITE)
#define ANONYMOUS    (MAP_PRIVATE | MAP_ANONYMOUS)
#define FIXED	     (ANONYMOUS | MAP_FIXED)
#define NOREPLACE    (ANONYMOUS | MAP_FIXED_NOREPLACE)
#define BAD_FD	     999
#define GUARD_PAGES  256u
#define UNKNOWN_FLAG 0x800000

static u8 *const place = (u8 *)FIXED_PLACE;

static u8 *page_of(u32 index)
{
	return place + index * PAGE_SIZE;
}

static u32 map_pages(u32 first, u32 pages, int protection, int flags)
{
	return sys_mmap2((u32)page_of(first), pages * PAGE_SIZE, protection, flags, -1, 0);
}

static void types_of_anonymous_memory(void)
{
	int flags = MAP_ANONYMOUS;

	EXPECT_EQ(sys_mmap2(0, PAGE_SIZE, READ_WRITE, flags | MAP_SHARED_VALIDATE, -1, 0), -EINVAL);
	for (int type = 4; type < 8; type++)
		EXPECT_EQ(sys_mmap2(0, PAGE_SIZE, READ_WRITE, flags | type, -1, 0), -EINVAL);
	for (int type = 9; type < 16; type++)
		EXPECT_EQ(sys_mmap2(0, PAGE_SIZE, READ_WRITE, flags | type, -1, 0), -EINVAL);
}

static void types_of_files(void)
{
	int fd = file_create(2, 1);
	u32 start;

	EXPECT_EQ(sys_mmap2(0, PAGE_SIZE, PROT_READ, 0, fd, 0), -EINVAL);
	for (int type = 4; type < 8; type++)
		EXPECT_EQ(sys_mmap2(0, PAGE_SIZE, PROT_READ, type, fd, 0), -EINVAL);
	start = sys_mmap2(0, 2 * PAGE_SIZE, PROT_READ, MAP_SHARED_VALIDATE, fd, 0);
	EXPECT(!is_error(start) && memory_check((u8 *)start, 2, 1));
	memory_unmap((u8 *)start, 2);
	/* Only the new type refuses flags that it does not know. */
	EXPECT_EQ(sys_mmap2(0, PAGE_SIZE, PROT_READ, MAP_SHARED_VALIDATE | UNKNOWN_FLAG, fd, 0),
		  -EOPNOTSUPP);
	start = sys_mmap2(0, PAGE_SIZE, PROT_READ, MAP_SHARED | UNKNOWN_FLAG, fd, 0);
	EXPECT(!is_error(start));
	memory_unmap((u8 *)start, 1);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_mmap2(0, PAGE_SIZE, PROT_READ, MAP_PRIVATE, fd, 0), -EBADF);
	EXPECT_EQ(sys_mmap2(0, PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0), -EBADF);
}

/* With MAP_ANONYMOUS the descriptor and the offset are not looked at. */
static void anonymous_memory_needs_no_file(void)
{
	int fd = file_create(2, 2);
	u32 starts[3] = {
		sys_mmap2(0, PAGE_SIZE, READ_WRITE, ANONYMOUS, BAD_FD, 0),
		sys_mmap2(0, PAGE_SIZE, READ_WRITE, ANONYMOUS, fd, 1),
		sys_mmap2(0, PAGE_SIZE, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, BAD_FD, 7),
	};

	for (u32 i = 0; i < 3; i++) {
		if (EXPECT(!is_error(starts[i]))) {
			EXPECT(memory_is_zero((u8 *)starts[i], PAGE_SIZE));
			memory_unmap((u8 *)starts[i], 1);
		}
	}
	EXPECT(file_check_page(fd, 1, 2));
	EXPECT_EQ(sys_close(fd), 0);
}

static void fixed_no_replace(void)
{
	EXPECT_EQ(map_pages(4, 4, READ_WRITE, NOREPLACE), (u32)page_of(4));
	memory_fill(page_of(4), 4, 3);
	for (u32 first = 1; first < 8; first++)
		EXPECT_EQ(map_pages(first, 4, READ_WRITE, NOREPLACE), -EEXIST);
	EXPECT_EQ(map_pages(5, 1, READ_WRITE, NOREPLACE), -EEXIST);
	EXPECT_EQ(map_pages(0, 16, READ_WRITE, NOREPLACE), -EEXIST);
	EXPECT_EQ(map_pages(7, 1, READ_WRITE, NOREPLACE | MAP_FIXED), -EEXIST);
	EXPECT_EQ(sys_mmap2((u32)page_of(20) + 4, PAGE_SIZE, READ_WRITE, NOREPLACE, -1, 0),
		  -EINVAL);
	EXPECT_EQ(sys_mmap2((u32)page_of(4), PAGE_SIZE, READ_WRITE,
			    MAP_PRIVATE | MAP_FIXED_NOREPLACE, BAD_FD, 0),
		  -EBADF);
	EXPECT(memory_check(page_of(4), 4, 3));
	/* Touching is not overlapping. */
	EXPECT_EQ(map_pages(0, 4, PROT_READ, NOREPLACE), (u32)page_of(0));
	EXPECT_EQ(map_pages(8, 4, PROT_READ, NOREPLACE), (u32)page_of(8));
	EXPECT_EQ(maps_count(place, 12), 3);
	memory_unmap(place, 12);
}

static void refused_calls_change_nothing(void)
{
	memory_map_at(FIXED_PLACE, 4, READ_WRITE);
	memory_fill(place, 4, 4);
	EXPECT_EQ(sys_mmap2(FIXED_PLACE, PAGE_SIZE, READ_WRITE, MAP_PRIVATE | MAP_FIXED, BAD_FD, 0),
		  -EBADF);
	EXPECT_EQ(map_pages(1, 1, READ_WRITE, MAP_ANONYMOUS | MAP_FIXED), -EINVAL);
	EXPECT_EQ(sys_mmap2(FIXED_PLACE, 0, READ_WRITE, FIXED, -1, 0), -EINVAL);
	EXPECT_EQ(sys_mmap2(FIXED_PLACE + 2048, PAGE_SIZE, READ_WRITE, FIXED, -1, 0), -EINVAL);
	EXPECT_EQ(sys_mmap2(FIXED_PLACE, 0xFFFFF000u, READ_WRITE, FIXED, -1, 0), -ENOMEM);
	EXPECT_EQ(sys_mmap2(FIXED_PLACE, 0xFFFFFFFFu, READ_WRITE, FIXED, -1, 0), -ENOMEM);
	EXPECT_EQ(
		map_pages(2, 1, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN),
		-EINVAL);
	EXPECT(memory_check(place, 4, 4));
	EXPECT_EQ(maps_count(place, 4), 1);
	memory_unmap(place, 4);
}

static void lengths_are_rounded_up(void)
{
	static const u32 lengths[] = { 1, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1,
				       3 * PAGE_SIZE - 1 };

	for (u32 i = 0; i < ARRAY_SIZE(lengths); i++) {
		u32 pages = (lengths[i] + PAGE_SIZE - 1) / PAGE_SIZE;

		EXPECT_EQ(sys_mmap2(FIXED_PLACE, lengths[i], READ_WRITE, FIXED, -1, 0),
			  FIXED_PLACE);
		EXPECT(maps_all(place, pages, READ_WRITE));
		EXPECT(!memory_is_mapped(page_of(pages)));
		EXPECT_EQ(sys_munmap(FIXED_PLACE, lengths[i]), 0);
		EXPECT_EQ(maps_count(place, 4), 0);
	}
}

static void hints(void)
{
	u32 start = sys_mmap2(FIXED_PLACE + 4095, 2 * PAGE_SIZE, READ_WRITE, ANONYMOUS, -1, 0);
	static const u32 bad[] = { FIXED_PLACE, 0xFFFFF000u, 0xFFFFFFFFu };

	EXPECT_EQ(start, FIXED_PLACE);
	memory_fill(place, 2, 5);
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		u32 other = sys_mmap2(bad[i], 2 * PAGE_SIZE, READ_WRITE, ANONYMOUS, -1, 0);

		EXPECT(!is_error(other) && other % PAGE_SIZE == 0);
		EXPECT(other + 2 * PAGE_SIZE <= FIXED_PLACE ||
		       other >= FIXED_PLACE + 2 * PAGE_SIZE);
		memory_fill((u8 *)other, 2, 6);
		memory_unmap((u8 *)other, 2);
	}
	EXPECT(memory_check(place, 2, 5));
	/* A hint is ignored if the end would not fit. */
	start = sys_mmap2(FIXED_PLACE - PAGE_SIZE, 2 * PAGE_SIZE, READ_WRITE, ANONYMOUS, -1, 0);
	EXPECT(!is_error(start) && start != FIXED_PLACE - PAGE_SIZE);
	memory_unmap((u8 *)start, 2);
	memory_unmap(place, 2);
}

static void populate(void)
{
	int flags = FIXED | MAP_POPULATE;

	EXPECT_EQ(map_pages(0, 8, READ_WRITE, flags), FIXED_PLACE);
	EXPECT_EQ(memory_count_present(place, 8), 8);
	EXPECT_EQ(memory_count_exclusive(place, 8), 8);
	EXPECT(memory_is_zero(place, 8 * PAGE_SIZE));
	/* A read-only page is the zero page. */
	EXPECT_EQ(map_pages(0, 8, PROT_READ, flags), FIXED_PLACE);
	EXPECT_EQ(memory_count_present(place, 8), 8);
	EXPECT_EQ(memory_count_exclusive(place, 8), 0);
	/* PROT_NONE memory is not populated, and that is no error. */
	EXPECT_EQ(map_pages(0, 8, PROT_NONE, flags), FIXED_PLACE);
	EXPECT_EQ(memory_count_present(place, 8), 0);
	EXPECT_EQ(map_pages(0, 8, READ_WRITE, flags | MAP_NONBLOCK), FIXED_PLACE);
	EXPECT_EQ(memory_count_present(place, 8), 0);
	EXPECT_EQ(
		map_pages(0, 8, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE),
		FIXED_PLACE);
	EXPECT_EQ(memory_count_present(place, 8), 8);
	memory_unmap(place, 8);
}

static void locked(void)
{
	EXPECT_EQ(map_pages(0, 8, READ_WRITE, FIXED | MAP_LOCKED), FIXED_PLACE);
	EXPECT_EQ(memory_count_present(place, 8), 8);
	EXPECT_EQ(map_pages(8, 8, READ_WRITE, FIXED), (u32)page_of(8));
	EXPECT_EQ(memory_count_present(page_of(8), 8), 0);
	EXPECT_EQ(maps_count(place, 16), 2);
	memory_unmap(place, 16);
}

static void flags_without_effect(void)
{
	static const int flags[] = { MAP_NORESERVE, MAP_STACK,	  MAP_DENYWRITE,
				     0x1000,	    MAP_NONBLOCK, UNKNOWN_FLAG };

	for (u32 i = 0; i < ARRAY_SIZE(flags); i++) {
		EXPECT_EQ(map_pages(i, 1, READ_WRITE, FIXED | flags[i]), (u32)page_of(i));
		EXPECT(memory_is_zero(page_of(i), PAGE_SIZE));
		EXPECT_EQ(sys_mmap2((u32)page_of(i), PAGE_SIZE, READ_WRITE | 0x100, FIXED, -1, 0),
			  (u32)page_of(i));
		memory_fill(page_of(i), 1, 7);
	}
	memory_unmap(place, ARRAY_SIZE(flags));
}

static void grows_down(void)
{
	u32 top = 2 * GUARD_PAGES + 8;
	u8 *start = page_of(top);

	EXPECT_EQ(map_pages(top, 2, READ_WRITE, FIXED | MAP_GROWSDOWN), (u32)start);
	memory_small_pages(start, 2);
	memory_fill(start, 2, 8);
	memory_write(start - 1, 0x11);
	EXPECT(maps_all(page_of(top - 1), 3, READ_WRITE));
	/* In one jump, and the pages in between are untouched. */
	memory_write(page_of(top - 8), 0x12);
	EXPECT(maps_all(page_of(top - 8), 10, READ_WRITE));
	EXPECT_EQ(memory_count_present(page_of(top - 8), 10), 4);
	EXPECT_EQ(memory_read(start - 1), 0x11);
	EXPECT(memory_check(start, 2, 8));
	/* No nearer than the gap to what lies below. */
	EXPECT_EQ(map_pages(0, 1, READ_WRITE, FIXED), FIXED_PLACE);
	EXPECT_CHILD(memory_write_child, page_of(GUARD_PAGES), KILLED(SIGSEGV));
	memory_write(page_of(GUARD_PAGES + 1), 0x13);
	EXPECT_CHILD(memory_write_child, page_of(GUARD_PAGES), KILLED(SIGSEGV));
	EXPECT(maps_all(page_of(GUARD_PAGES + 1), top + 1 - GUARD_PAGES, READ_WRITE));
	memory_unmap(place, top + 2);
}

static void grows_down_only_private_and_anonymous(void)
{
	int fd = file_create(1, 9);
	int types[] = { MAP_SHARED, MAP_PRIVATE };

	EXPECT_EQ(map_pages(0, 1, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN), -EINVAL);
	for (u32 i = 0; i < 2; i++)
		EXPECT_EQ(sys_mmap2(FIXED_PLACE, PAGE_SIZE, PROT_READ, types[i] | MAP_GROWSDOWN, fd,
				    0),
			  -EINVAL);
	EXPECT(!memory_is_mapped(place));
	EXPECT_EQ(sys_close(fd), 0);
}

/*
 * A hint that would lie in the gap below an area that grows is not followed; MAP_FIXED goes
 * there.
 */
static void the_gap_below_a_growing_area(void)
{
	u32 top = 2 * GUARD_PAGES;
	u32 other;

	EXPECT_EQ(map_pages(top, 1, READ_WRITE, FIXED | MAP_GROWSDOWN), (u32)page_of(top));
	other = map_pages(top - GUARD_PAGES, 1, READ_WRITE, ANONYMOUS);
	EXPECT(!is_error(other) && other != (u32)page_of(top - GUARD_PAGES));
	memory_unmap((u8 *)other, 1);
	EXPECT_EQ(map_pages(top - GUARD_PAGES - 1, 1, READ_WRITE, ANONYMOUS),
		  (u32)page_of(top - GUARD_PAGES - 1));
	EXPECT_EQ(map_pages(top - 8, 1, READ_WRITE, FIXED), (u32)page_of(top - 8));
	EXPECT_CHILD(memory_write_child, page_of(top - 1), KILLED(SIGSEGV));
	EXPECT_CHILD(memory_write_child, page_of(top), EXITED(0));
	memory_unmap(place, top + 1);
}

/* Call 90 counts the offset in bytes, call 192 in pages. */
static void offsets_of_both_calls(void)
{
	int fd = file_create(4, 10);
	struct mmap_arguments old = { 0, 2 * PAGE_SIZE, PROT_READ, MAP_PRIVATE, (u32)fd, 0 };
	u32 first, second;

	old.offset = 2 * PAGE_SIZE;
	first = sys_mmap(&old);
	second = sys_mmap2(0, 2 * PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 2);
	if (EXPECT(!is_error(first) && !is_error(second))) {
		EXPECT(memory_check_part((u8 *)first - 2 * PAGE_SIZE, 2, 2, 10));
		EXPECT(memory_check_part((u8 *)second - 2 * PAGE_SIZE, 2, 2, 10));
		memory_unmap((u8 *)first, 2);
		memory_unmap((u8 *)second, 2);
	}
	for (old.offset = 1; old.offset < PAGE_SIZE; old.offset *= 2)
		EXPECT_EQ(sys_mmap(&old), -EINVAL);
	EXPECT_EQ(sys_close(fd), 0);
}

/* Across the edge of two page tables, and again after every page is gone. */
static void page_table_edges(void)
{
	u32 edge = MiB(4) / PAGE_SIZE;

	for (u32 round = 0; round < 3; round++) {
		EXPECT_EQ(map_pages(edge - 3, 6, READ_WRITE, FIXED), (u32)page_of(edge - 3));
		memory_small_pages(page_of(edge - 3), 6);
		memory_fill(page_of(edge - 3), 6, round);
		EXPECT_EQ(map_pages(edge - 1, 2, READ_WRITE, FIXED), (u32)page_of(edge - 1));
		EXPECT(memory_is_zero(page_of(edge - 1), 2 * PAGE_SIZE));
		EXPECT(memory_check_part(page_of(edge - 3), 0, 2, round));
		EXPECT(memory_check_part(page_of(edge - 3), 4, 2, round));
		memory_unmap(page_of(edge - 3), 3);
		EXPECT(memory_check_part(page_of(edge - 3), 4, 2, round));
		memory_unmap(page_of(edge - 3), 6);
		EXPECT_EQ(memory_count_present(page_of(edge - 3), 6), 0);
	}
}

/* Until nothing is left, and then as before. PROT_NONE: no kernel has to promise memory for it. */
static void the_address_space_is_used_up(void)
{
	enum { CHUNK = 64 << 20, CHUNKS = 64 };
	u32 starts[CHUNKS], count = 0, start;

	while (count < CHUNKS) {
		start = sys_mmap2(0, CHUNK, PROT_NONE, ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (is_error(start))
			break;
		for (u32 i = 0; i < count; i++)
			EXPECT(start + CHUNK <= starts[i] || starts[i] + CHUNK <= start);
		starts[count++] = start;
	}
	EXPECT_EQ(start, -ENOMEM);
	EXPECT(count > 24 && count < CHUNKS);
	EXPECT_CHILD(memory_read_child, (void *)starts[0], KILLED(SIGSEGV));
	while (count)
		EXPECT_EQ(sys_munmap(starts[--count], CHUNK), 0);
	start = sys_mmap2(0, CHUNK, READ_WRITE, ANONYMOUS | MAP_NORESERVE, -1, 0);
	EXPECT(!is_error(start));
	memory_write((u8 *)start + CHUNK - 1, 1);
	EXPECT_EQ(sys_munmap(start, CHUNK), 0);
}

static const struct tap_case cases[] = {
	{ "anonymous memory is private or shared", types_of_anonymous_memory },
	{ "types of file mappings", types_of_files },
	{ "MAP_ANONYMOUS does not look at the descriptor", anonymous_memory_needs_no_file },
	{ "MAP_FIXED_NOREPLACE", fixed_no_replace },
	{ "a refused call changes nothing", refused_calls_change_nothing },
	{ "lengths are rounded up", lengths_are_rounded_up },
	{ "hints that cannot be followed", hints },
	{ "MAP_POPULATE", populate },
	{ "MAP_LOCKED", locked },
	{ "flags without effect", flags_without_effect },
	{ "MAP_GROWSDOWN", grows_down },
	{ "MAP_GROWSDOWN is for private anonymous memory", grows_down_only_private_and_anonymous },
	{ "the gap below a growing area", the_gap_below_a_growing_area },
	{ "offsets in bytes and in pages", offsets_of_both_calls },
	{ "mappings across page tables", page_table_edges },
	{ "the address space is used up", the_address_space_is_used_up },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
