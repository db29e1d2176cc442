/* SPDX-License-Identifier: MIT */
/*
 * madvise, msync, mincore: every advice with what can be seen of it, and what is refused.
 *
 *	NORMAL, RANDOM, SEQUENTIAL, DONTDUMP, DODUMP, COLD . nothing to be seen
 *	WILLNEED ........................................... nothing to be seen, except a hole
 *	DONTNEED ........................................... private: fresh pages; shared: kept
 *	FREE ............................................... old data or zeroes, until a write
 *	REMOVE ............................................. shared: a hole in the object
 *	DONTFORK, DOFORK ................................... a child has no such area
 *	WIPEONFORK, KEEPONFORK ............................. a child has fresh pages
 *	POPULATE_READ, POPULATE_WRITE ...................... pages come in now
 *
 * Advice that depends on how a Linux was built (huge pages, merging of equal pages) is left out.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/maps.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define SHARED	   (MAP_SHARED | MAP_ANONYMOUS)

static u8 *const place = (u8 *)FIXED_PLACE;

static u8 *page_of(u32 index)
{
	return place + index * PAGE_SIZE;
}

static long advise(u32 first, u32 pages, int advice)
{
	return sys_madvise((u32)page_of(first), pages * PAGE_SIZE, advice);
}

static long sync(u32 first, u32 pages, int flags)
{
	return sys_msync((u32)page_of(first), pages * PAGE_SIZE, flags);
}

static void map_shared(u32 first, u32 pages)
{
	EXPECT_EQ(sys_mmap2((u32)page_of(first), pages * PAGE_SIZE, READ_WRITE, SHARED | MAP_FIXED,
			    -1, 0),
		  (u32)page_of(first));
}

static void unknown_advice(void)
{
	static const int unknown[] = { -1, 5, 6, 7, 50, 99, 1000, (int)0x80000000 };

	memory_map_at(FIXED_PLACE, 1, READ_WRITE);
	for (u32 i = 0; i < ARRAY_SIZE(unknown); i++) {
		EXPECT_EQ(advise(0, 1, unknown[i]), -EINVAL);
		EXPECT_EQ(advise(0, 0, unknown[i]), -EINVAL);
		EXPECT_EQ(advise(64, 1, unknown[i]), -EINVAL);
	}
	memory_unmap(place, 1);
}

static void advice_without_effect(void)
{
	static const int known[] = { MADV_NORMAL,   MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED,
				     MADV_DONTDUMP, MADV_DODUMP, MADV_COLD };

	memory_map_at(FIXED_PLACE, 4, READ_WRITE);
	memory_fill(place, 3, 1);
	for (u32 i = 0; i < ARRAY_SIZE(known); i++) {
		EXPECT_EQ(advise(0, 4, known[i]), 0);
		EXPECT_EQ(advise(1, 1, known[i]), 0);
		EXPECT_EQ(advise(1, 0, known[i]), 0);
		EXPECT_EQ(advise(64, 0, known[i]), 0);
		EXPECT_EQ(advise(64, 1, known[i]), -ENOMEM);
		EXPECT_EQ(advise(3, 2, known[i]), -ENOMEM);
		EXPECT_EQ(sys_madvise(FIXED_PLACE + 1, PAGE_SIZE, known[i]), -EINVAL);
		EXPECT(memory_check(place, 3, 1));
		EXPECT_EQ(memory_count_exclusive(place, 4), 3);
	}
	EXPECT(maps_all(place, 4, READ_WRITE));
	memory_unmap(place, 4);
}

static void dontneed_rounds_up_and_splits_nothing(void)
{
	memory_map_at(FIXED_PLACE, 4, READ_WRITE);
	memory_fill(place, 4, 2);
	EXPECT_EQ(sys_madvise((u32)page_of(1), PAGE_SIZE + 1, MADV_DONTNEED), 0);
	EXPECT_EQ(memory_count_present(place, 4), 2);
	EXPECT(memory_page(page_of(0)).present && memory_page(page_of(3)).present);
	EXPECT_EQ(maps_count(place, 4), 1);
	EXPECT_EQ(sys_mprotect(FIXED_PLACE, 4 * PAGE_SIZE, PROT_NONE), 0);
	EXPECT_EQ(advise(3, 1, MADV_DONTNEED), 0);
	EXPECT_EQ(sys_mprotect(FIXED_PLACE, 4 * PAGE_SIZE, READ_WRITE), 0);
	EXPECT(memory_check(place, 1, 2));
	EXPECT(memory_is_zero(page_of(1), 3 * PAGE_SIZE));
	memory_unmap(place, 4);
}

static void dontneed_keeps_shared_memory(void)
{
	map_shared(0, 3);
	memory_fill(place, 3, 3);
	EXPECT_EQ(advise(0, 3, MADV_DONTNEED), 0);
	EXPECT_EQ(memory_count_present(place, 3), 0);
	EXPECT(memory_check(place, 3, 3));
	memory_unmap(place, 3);
}

static bool old_or_zero(const u8 *page, u32 seed)
{
	return memory_is_zero(page, PAGE_SIZE) || memory_check(page, 1, seed);
}

/* The parent's pages are not the child's to give up. */
static void frees_too(void *argument)
{
	(void)argument;
	EXPECT_EQ(advise(0, 4, MADV_FREE), 0);
	memory_fill(page_of(1), 1, 7);
	EXPECT_EQ(advise(0, 4, MADV_PAGEOUT), 0);
	EXPECT(old_or_zero(page_of(0), 5) && old_or_zero(page_of(3), 5));
	EXPECT(memory_check(page_of(1), 1, 7));
}

static void free_pages(void)
{
	int fd = file_create(1, 4);

	memory_map_at(FIXED_PLACE, 4, READ_WRITE);
	for (u32 i = 0; i < 4; i++)
		memory_fill(page_of(i), 1, 5);
	EXPECT_EQ(advise(1, 2, MADV_FREE), 0);
	memory_fill(page_of(2), 1, 6);
	EXPECT(memory_check(page_of(0), 1, 5));
	EXPECT(old_or_zero(page_of(1), 5));
	EXPECT(memory_check(page_of(2), 1, 6));
	EXPECT(memory_check(page_of(3), 1, 5));
	EXPECT_EQ(advise(0, 4, MADV_PAGEOUT), 0);
	EXPECT(memory_check(page_of(0), 1, 5));
	EXPECT(old_or_zero(page_of(1), 5));
	EXPECT(memory_check(page_of(2), 1, 6));
	EXPECT_EQ(advise(1, 1, MADV_FREE), 0);
	EXPECT_CHILD(frees_too, NULL, EXITED(0));
	EXPECT(old_or_zero(page_of(1), 5));
	EXPECT(memory_check(page_of(3), 1, 5));
	EXPECT_EQ(advise(3, 2, MADV_FREE), -ENOMEM);
	EXPECT_EQ(sys_mlock((u32)page_of(0), PAGE_SIZE), 0);
	EXPECT_EQ(advise(0, 1, MADV_FREE), -EINVAL);
	memory_unmap(place, 4);

	/* For private anonymous memory only. */
	map_shared(0, 1);
	EXPECT_EQ(advise(0, 1, MADV_FREE), -EINVAL);
	EXPECT_EQ(sys_mmap2(FIXED_PLACE, PAGE_SIZE, READ_WRITE, MAP_PRIVATE | MAP_FIXED, fd, 0),
		  FIXED_PLACE);
	EXPECT_EQ(advise(0, 1, MADV_FREE), -EINVAL);
	EXPECT(memory_check(place, 1, 4));
	EXPECT_EQ(sys_close(fd), 0);
	memory_unmap(place, 1);
}

static void remove_pages(void)
{
	map_shared(0, 4);
	memory_fill(place, 4, 7);
	EXPECT_EQ(advise(1, 2, MADV_REMOVE), 0);
	EXPECT(memory_is_zero(page_of(1), 2 * PAGE_SIZE));
	EXPECT(memory_check_part(place, 0, 1, 7));
	EXPECT(memory_check_part(place, 3, 1, 7));
	memory_fill(place, 4, 8);
	EXPECT(memory_check(place, 4, 8));
	EXPECT_EQ(sys_mlock(FIXED_PLACE, PAGE_SIZE), 0);
	EXPECT_EQ(advise(0, 4, MADV_REMOVE), -EINVAL);
	EXPECT(memory_check(place, 4, 8));
	memory_unmap(place, 4);
	memory_map_at(FIXED_PLACE, 1, READ_WRITE);
	EXPECT_EQ(advise(0, 1, MADV_REMOVE), -EINVAL);
	memory_unmap(place, 1);
	EXPECT_EQ(advise(0, 1, MADV_REMOVE), -ENOMEM);
}

static void remove_pages_of_a_file(void)
{
	int fd = file_create(3, 9);
	u8 zeroes[16];

	EXPECT_EQ(sys_mmap2(FIXED_PLACE, 3 * PAGE_SIZE, READ_WRITE, MAP_SHARED | MAP_FIXED, fd, 0),
		  FIXED_PLACE);
	EXPECT(memory_check(place, 3, 9));
	EXPECT_EQ(advise(1, 1, MADV_REMOVE), 0);
	EXPECT(memory_is_zero(page_of(1), PAGE_SIZE));
	EXPECT_EQ(sys_pread64(fd, zeroes, 16, PAGE_SIZE + 100), 16);
	EXPECT(memory_is_zero(zeroes, 16));
	EXPECT(file_check_page(fd, 0, 9) && file_check_page(fd, 2, 9));
	EXPECT_EQ(file_size(fd), 3 * PAGE_SIZE);
	/* Not through a private mapping. */
	EXPECT_EQ(sys_mmap2(FIXED_PLACE, 3 * PAGE_SIZE, READ_WRITE, MAP_PRIVATE | MAP_FIXED, fd, 0),
		  FIXED_PLACE);
	EXPECT_EQ(advise(0, 1, MADV_REMOVE), -EACCES);
	EXPECT(file_check_page(fd, 0, 9));
	EXPECT_EQ(sys_close(fd), 0);
	memory_unmap(place, 3);
}

static void expect_no_middle(void *argument)
{
	bool there = *(bool *)argument;

	EXPECT(memory_check_part(place, 0, 1, 10));
	EXPECT(memory_check_part(place, 3, 1, 10));
	for (u32 i = 1; i < 3; i++)
		EXPECT_EQ(memory_is_mapped(page_of(i)), there);
	EXPECT_CHILD(memory_read_child, page_of(2), there ? EXITED(0) : KILLED(SIGSEGV));
	if (!there) {
		memory_map_at((u32)page_of(1), 2, READ_WRITE);
		EXPECT(memory_is_zero(page_of(1), 2 * PAGE_SIZE));
		memory_fill(page_of(1), 2, 11);
	}
}

static void dont_fork(void)
{
	bool there = false;

	memory_map_at(FIXED_PLACE, 4, READ_WRITE);
	memory_fill(place, 4, 10);
	EXPECT_EQ(advise(1, 2, MADV_DONTFORK), 0);
	EXPECT_EQ(maps_count(place, 4), 3);
	EXPECT_CHILD(expect_no_middle, &there, EXITED(0));
	EXPECT(memory_check(place, 4, 10));
	EXPECT_EQ(memory_count_exclusive(place, 4), 4);
	EXPECT_EQ(advise(0, 4, MADV_DOFORK), 0);
	EXPECT_EQ(maps_count(place, 4), 1);
	there = true;
	EXPECT_CHILD(expect_no_middle, &there, EXITED(0));
	EXPECT_EQ(advise(3, 2, MADV_DONTFORK), -ENOMEM);
	memory_unmap(place, 4);
}

static void dont_fork_shared_memory(void)
{
	map_shared(0, 2);
	memory_fill(place, 2, 12);
	EXPECT_EQ(advise(0, 1, MADV_DONTFORK), 0);
	EXPECT_CHILD(memory_write_child, place, KILLED(SIGSEGV));
	EXPECT_CHILD(memory_write_child, page_of(1), EXITED(0));
	EXPECT(memory_check(place, 1, 12));
	EXPECT_EQ(memory_read(page_of(1)), 0x5A);
	memory_unmap(place, 2);
}

static void expect_wiped(void *argument)
{
	EXPECT(memory_check_part(place, 0, 1, 13));
	EXPECT(memory_is_zero(page_of(1), 2 * PAGE_SIZE));
	EXPECT(memory_check_part(place, 3, 1, 13));
	memory_fill(page_of(1), 2, 14);
	/* The advice is inherited. */
	if (argument)
		EXPECT_CHILD(expect_wiped, NULL, EXITED(0));
}

static void expect_kept(void *argument)
{
	(void)argument;
	EXPECT(memory_check(place, 4, 13));
}

static void wipe_on_fork(void)
{
	int fd = file_create(1, 15);

	memory_map_at(FIXED_PLACE, 4, READ_WRITE);
	memory_fill(place, 4, 13);
	EXPECT_EQ(advise(1, 2, MADV_WIPEONFORK), 0);
	EXPECT_CHILD(expect_wiped, place, EXITED(0));
	EXPECT(memory_check(place, 4, 13));
	EXPECT_EQ(advise(0, 4, MADV_KEEPONFORK), 0);
	EXPECT_EQ(maps_count(place, 4), 1);
	EXPECT_CHILD(expect_kept, NULL, EXITED(0));
	memory_unmap(place, 4);

	map_shared(0, 1);
	EXPECT_EQ(advise(0, 1, MADV_WIPEONFORK), -EINVAL);
	EXPECT_EQ(sys_mmap2(FIXED_PLACE, PAGE_SIZE, READ_WRITE, MAP_PRIVATE | MAP_FIXED, fd, 0),
		  FIXED_PLACE);
	EXPECT_EQ(advise(0, 1, MADV_WIPEONFORK), -EINVAL);
	EXPECT_EQ(sys_close(fd), 0);
	memory_unmap(place, 1);
}

static void populate(void)
{
	memory_map_at(FIXED_PLACE, 6, READ_WRITE);
	EXPECT_EQ(advise(0, 2, MADV_POPULATE_READ), 0);
	EXPECT_EQ(advise(2, 2, MADV_POPULATE_WRITE), 0);
	EXPECT_EQ(memory_count_present(place, 6), 4);
	EXPECT_EQ(memory_count_exclusive(place, 6), 2);
	EXPECT(memory_is_zero(place, 6 * PAGE_SIZE));
	EXPECT_EQ(advise(5, 2, MADV_POPULATE_WRITE), -ENOMEM);
	EXPECT(memory_page(page_of(5)).exclusive);
	EXPECT_EQ(sys_mprotect(FIXED_PLACE, 2 * PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(advise(0, 1, MADV_POPULATE_WRITE), -EINVAL);
	EXPECT_EQ(sys_mprotect(FIXED_PLACE, 2 * PAGE_SIZE, PROT_NONE), 0);
	EXPECT_EQ(advise(0, 1, MADV_POPULATE_READ), -EINVAL);
	memory_unmap(place, 6);
}

static void msync_arguments(void)
{
	memory_map_at(FIXED_PLACE, 4, READ_WRITE);
	EXPECT_EQ(sync(0, 4, MS_ASYNC | MS_SYNC), -EINVAL);
	for (u32 bit = 8; bit; bit *= 2)
		EXPECT_EQ(sync(0, 4, MS_SYNC | (int)bit), -EINVAL);
	EXPECT_EQ(sys_msync(FIXED_PLACE + 1, PAGE_SIZE, MS_SYNC), -EINVAL);
	EXPECT_EQ(sync(0, 4, 0), 0);
	EXPECT_EQ(sync(0, 4, MS_SYNC), 0);
	EXPECT_EQ(sync(0, 4, MS_ASYNC), 0);
	EXPECT_EQ(sync(0, 4, MS_INVALIDATE), 0);
	EXPECT_EQ(sync(64, 0, MS_SYNC), 0);
	EXPECT_EQ(sync(64, 1, MS_SYNC), -ENOMEM);
	EXPECT_EQ(sync(3, 2, MS_ASYNC), -ENOMEM);
	memory_unmap(page_of(1), 1);
	EXPECT_EQ(sync(0, 4, MS_SYNC), -ENOMEM);
	EXPECT_EQ(sync(0, 1, MS_SYNC), 0);
	EXPECT_EQ(sys_msync(0xFFFFF000u, 2 * PAGE_SIZE, MS_SYNC), -ENOMEM);
	EXPECT_EQ(sys_mlock(FIXED_PLACE, PAGE_SIZE), 0);
	EXPECT_EQ(sync(0, 1, MS_INVALIDATE), -EBUSY);
	EXPECT_EQ(sync(0, 1, MS_SYNC), 0);
	memory_unmap(place, 4);
}

static void msync_of_a_file(void)
{
	int fd = file_create(2, 16);

	EXPECT_EQ(sys_mmap2(FIXED_PLACE, 2 * PAGE_SIZE, READ_WRITE, MAP_SHARED | MAP_FIXED, fd, 0),
		  FIXED_PLACE);
	memory_fill(place, 2, 17);
	EXPECT_EQ(sync(0, 2, MS_ASYNC), 0);
	EXPECT_EQ(sync(0, 1, MS_SYNC), 0);
	EXPECT_EQ(sys_msync(FIXED_PLACE, 1, MS_SYNC | MS_INVALIDATE), 0);
	EXPECT(file_check_page(fd, 0, 17) && file_check_page(fd, 1, 17));
	EXPECT(memory_check(place, 2, 17));
	EXPECT_EQ(sys_close(fd), 0);
	memory_unmap(place, 2);
}

static void mincore_arguments(void)
{
	u8 resident[6] = { 9, 9, 9, 9, 9, 9 };

	memory_map_at(FIXED_PLACE, 4, READ_WRITE);
	memory_write(page_of(1), 1);
	/* A length is rounded up, and nothing after the result is written. */
	EXPECT_EQ(sys_mincore(FIXED_PLACE, PAGE_SIZE + 1, resident), 0);
	EXPECT_EQ(resident[0], 0);
	EXPECT_EQ(resident[1], 1);
	EXPECT_EQ(resident[2], 9);
	EXPECT_EQ(sys_mincore(FIXED_PLACE, 4 * PAGE_SIZE, NULL), -EFAULT);
	EXPECT_EQ(sys_mincore((u32)page_of(3), 2 * PAGE_SIZE, resident), -ENOMEM);
	EXPECT_EQ(sys_mincore((u32)page_of(64), PAGE_SIZE, resident), -ENOMEM);
	EXPECT_EQ(sys_mincore((u32)page_of(64), 0, resident), 0);
	EXPECT_EQ(sys_mincore(0xFFFFF000u, PAGE_SIZE, resident), -ENOMEM);
	for (u32 low = 1; low < PAGE_SIZE; low *= 2)
		EXPECT_EQ(sys_mincore(FIXED_PLACE + low, PAGE_SIZE, resident), -EINVAL);
	EXPECT_EQ(sys_mprotect(FIXED_PLACE, 4 * PAGE_SIZE, PROT_NONE), 0);
	EXPECT_EQ(sys_mincore(FIXED_PLACE, 4 * PAGE_SIZE, resident), 0);
	EXPECT(!resident[0] && resident[1] && !resident[2] && !resident[3]);
	memory_unmap(place, 4);
}

/*
 * More pages than a kernel answers for at once, and an answer into the pages that are asked
 * about.
 */
static void mincore_of_many_pages(void)
{
	enum { PAGES = 5000 };
	u8 *start = memory_map_sparse(PAGES);
	u8 *answer = start + 4990 * PAGE_SIZE;
	u32 count = 0;

	for (u32 i = 0; i < 4980; i += 7)
		memory_read(start + i * PAGE_SIZE);
	EXPECT_EQ(sys_mincore((u32)start, 4980 * PAGE_SIZE, answer), 0);
	for (u32 i = 0; i < 4980; i++)
		count += answer[i] == (i % 7 == 0);
	EXPECT_EQ(count, 4980);
	memory_unmap(start, PAGES);
}

static const struct tap_case cases[] = {
	{ "unknown advice", unknown_advice },
	{ "advice without effect", advice_without_effect },
	{ "MADV_DONTNEED rounds up and splits nothing", dontneed_rounds_up_and_splits_nothing },
	{ "MADV_DONTNEED keeps shared memory", dontneed_keeps_shared_memory },
	{ "MADV_FREE", free_pages },
	{ "MADV_REMOVE", remove_pages },
	{ "MADV_REMOVE of pages of a file", remove_pages_of_a_file },
	{ "MADV_DONTFORK, MADV_DOFORK", dont_fork },
	{ "MADV_DONTFORK of shared memory", dont_fork_shared_memory },
	{ "MADV_WIPEONFORK, MADV_KEEPONFORK", wipe_on_fork },
	{ "MADV_POPULATE_READ, MADV_POPULATE_WRITE", populate },
	{ "msync: arguments", msync_arguments },
	{ "msync of a file", msync_of_a_file },
	{ "mincore: arguments", mincore_arguments },
	{ "mincore of many pages", mincore_of_many_pages },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
