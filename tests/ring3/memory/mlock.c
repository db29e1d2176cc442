/* SPDX-License-Identifier: MIT */
/*
 * mlock, mlock2, munlock, mlockall, munlockall: pages that are there, and stay.
 *
 *	mlock(start, length)     every page of every area in the range comes in, now
 *	MLOCK_ONFAULT            ... when it is touched, and then stays
 *	mlockall(CURRENT)        all areas; (FUTURE): what will be mapped; ONFAULT goes with both
 *
 * Visible effects: residence (mincore, pagemap), areas that split where one part is locked, and
 * MADV_DONTNEED, which refuses locked pages. Another program tests the limit; all here is far
 * below it, or the caller may exceed it.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/maps.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define ANONYMOUS  (MAP_PRIVATE | MAP_ANONYMOUS)

static u8 *const place = (u8 *)FIXED_PLACE;

static u8 *page_of(u32 index)
{
	return place + index * PAGE_SIZE;
}

static long lock(u32 first, u32 pages)
{
	return sys_mlock((u32)page_of(first), pages * PAGE_SIZE);
}

static long unlock(u32 first, u32 pages)
{
	return sys_munlock((u32)page_of(first), pages * PAGE_SIZE);
}

static long drop(u32 first, u32 pages)
{
	return sys_madvise((u32)page_of(first), pages * PAGE_SIZE, MADV_DONTNEED);
}

static void locked_pages_are_there(void)
{
	memory_map_at(FIXED_PLACE, 8, READ_WRITE);
	EXPECT_EQ(lock(2, 4), 0);
	EXPECT_EQ(memory_count_present(place, 8), 4);
	EXPECT_EQ(memory_count_exclusive(page_of(2), 4), 4);
	EXPECT(memory_is_zero(place, 8 * PAGE_SIZE));
	EXPECT_EQ(maps_count(place, 8), 3);
	EXPECT_EQ(unlock(2, 4), 0);
	EXPECT_EQ(memory_count_exclusive(place, 8), 4);
	memory_unmap(place, 8);
}

/*
 * Linux before 6.16 merges areas only where the same pages were written in all of them or in
 * none: all are written here.
 */
static void unlocked_areas_merge(void)
{
	memory_map_at(FIXED_PLACE, 8, READ_WRITE);
	memory_fill(place, 8, 1);
	EXPECT_EQ(lock(2, 4), 0);
	EXPECT_EQ(maps_count(place, 8), 3);
	EXPECT_EQ(unlock(2, 4), 0);
	EXPECT_EQ(maps_count(place, 8), 1);
	memory_unmap(place, 8);
}

/* To read is enough where nothing may be written: the zero page. */
static void locked_read_only_pages(void)
{
	memory_map_at(FIXED_PLACE, 4, PROT_READ);
	EXPECT_EQ(lock(0, 4), 0);
	EXPECT_EQ(memory_count_present(place, 4), 4);
	EXPECT_EQ(memory_count_exclusive(place, 4), 0);
	EXPECT_EQ(sys_mprotect(FIXED_PLACE, 3 * PAGE_SIZE, READ_WRITE), 0);
	EXPECT_EQ(memory_count_exclusive(place, 4), 3);
	EXPECT_EQ(sys_mprotect(FIXED_PLACE, 4 * PAGE_SIZE, READ_WRITE), 0);
	EXPECT_EQ(memory_count_exclusive(place, 4), 4);
	memory_fill(place, 4, 1);
	EXPECT(memory_check(place, 4, 1));
	EXPECT_EQ(drop(0, 4), -EINVAL);
	memory_unmap(place, 4);
}

/* Pages of a file: locked ones are copied when they become writable, others at a write. */
static void copies_of_locked_pages(void)
{
	int file = file_create_in_memory(4, 7);
	u32 before, after = 5;

	EXPECT_EQ(sys_pread64(file, &before, 4, 0), 4);
	for (u32 kind = 0; kind < 3; kind++) {
		EXPECT_EQ(sys_mmap2(FIXED_PLACE, 4 * PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_FIXED,
				    file, 0),
			  FIXED_PLACE);
		if (kind)
			EXPECT_EQ(sys_mlock2(FIXED_PLACE, 4 * PAGE_SIZE,
					     kind == 1 ? 0 : MLOCK_ONFAULT),
				  0);
		EXPECT_EQ(memory_read(place), (u8)before);
		EXPECT_EQ(sys_mprotect(FIXED_PLACE, 2 * PAGE_SIZE, READ_WRITE), 0);
		EXPECT_EQ(sys_pwrite64(file, &after, 4, 0), 4);
		EXPECT_EQ(*(volatile u32 *)place, kind == 1 ? before : after);
		EXPECT_EQ(sys_pwrite64(file, &before, 4, 0), 4);
		memory_unmap(place, 4);
	}
	EXPECT_EQ(sys_close(file), 0);
}

static void holes(void)
{
	memory_map_at(FIXED_PLACE, 6, READ_WRITE);
	memory_unmap(page_of(2), 1);
	EXPECT_EQ(lock(0, 6), -ENOMEM);
	/* The part before the hole is locked by then. */
	EXPECT_EQ(drop(0, 1), -EINVAL);
	EXPECT_EQ(drop(3, 1), 0);
	EXPECT_EQ(unlock(0, 6), -ENOMEM);
	EXPECT_EQ(drop(0, 2), 0);
	EXPECT_EQ(lock(2, 1), -ENOMEM);
	EXPECT_EQ(lock(5, 2), -ENOMEM);
	EXPECT_EQ(drop(5, 1), -EINVAL);
	EXPECT_EQ(lock(64, 1), -ENOMEM);
	EXPECT_EQ(unlock(64, 1), -ENOMEM);
	memory_unmap(place, 6);
}

/* Pages that can't come in: the call fails, and the area is locked all the same. */
static void pages_without_rights(void)
{
	memory_map_at(FIXED_PLACE, 2, PROT_NONE);
	EXPECT_EQ(lock(0, 2), -ENOMEM);
	EXPECT_EQ(memory_count_present(place, 2), 0);
	EXPECT_EQ(drop(0, 2), -EINVAL);
	EXPECT_EQ(sys_mprotect(FIXED_PLACE, 2 * PAGE_SIZE, READ_WRITE), 0);
	EXPECT_EQ(memory_count_exclusive(place, 2), 2);
	memory_fill(place, 2, 2);
	EXPECT(memory_check(place, 2, 2));
	memory_unmap(place, 2);
}

static void ranges_are_rounded_outwards(void)
{
	memory_map_at(FIXED_PLACE, 6, READ_WRITE);
	EXPECT_EQ(sys_mlock(FIXED_PLACE + 2 * PAGE_SIZE - 1, 2), 0);
	EXPECT_EQ(memory_count_present(place, 6), 2);
	EXPECT(memory_page(page_of(1)).present && memory_page(page_of(2)).present);
	EXPECT_EQ(drop(1, 1), -EINVAL);
	EXPECT_EQ(sys_munlock(FIXED_PLACE + 2 * PAGE_SIZE + 5, 1), 0);
	EXPECT_EQ(drop(2, 1), 0);
	EXPECT_EQ(drop(1, 1), -EINVAL);
	EXPECT_EQ(sys_mlock(FIXED_PLACE + 4 * PAGE_SIZE, 0), 0);
	EXPECT_EQ(sys_munlock(FIXED_PLACE + 64 * PAGE_SIZE, 0), 0);
	EXPECT_EQ(memory_count_present(place, 6), 1);
	memory_unmap(place, 6);
}

static void arguments(void)
{
	EXPECT_EQ(sys_mlock2(FIXED_PLACE, PAGE_SIZE, 2), -EINVAL);
	EXPECT_EQ(sys_mlock2(FIXED_PLACE, PAGE_SIZE, -1), -EINVAL);
	EXPECT_EQ(sys_mlockall(0), -EINVAL);
	EXPECT_EQ(sys_mlockall(8), -EINVAL);
	EXPECT_EQ(sys_mlockall(MCL_CURRENT | 8), -EINVAL);
	EXPECT_EQ(sys_mlockall(MCL_ONFAULT), -EINVAL);
	EXPECT_EQ(sys_munlockall(), 0);
}

static void locked_twice_unlocked_once(void)
{
	memory_map_at(FIXED_PLACE, 3, READ_WRITE);
	EXPECT_EQ(lock(0, 3), 0);
	EXPECT_EQ(lock(1, 1), 0);
	EXPECT_EQ(lock(0, 3), 0);
	EXPECT_EQ(maps_count(place, 3), 1);
	EXPECT_EQ(unlock(0, 3), 0);
	EXPECT_EQ(drop(0, 3), 0);
	EXPECT_EQ(unlock(0, 3), 0);
	EXPECT_EQ(memory_count_present(place, 3), 0);
	memory_unmap(place, 3);
}

static void dontneed_is_refused(void)
{
	memory_map_at(FIXED_PLACE, 6, READ_WRITE);
	memory_fill(place, 6, 3);
	EXPECT_EQ(lock(2, 2), 0);
	EXPECT_EQ(drop(2, 1), -EINVAL);
	EXPECT_EQ(sys_madvise((u32)page_of(3), PAGE_SIZE, MADV_FREE), -EINVAL);
	EXPECT(memory_check(place, 6, 3));
	/* Over the whole: pages before the locked ones are freed, the rest is not. */
	EXPECT_EQ(drop(0, 6), -EINVAL);
	EXPECT_EQ(memory_count_present(place, 6), 4);
	EXPECT(memory_check_part(place, 2, 4, 3));
	EXPECT_EQ(unlock(3, 1), 0);
	EXPECT_EQ(drop(3, 3), 0);
	EXPECT_EQ(memory_count_present(place, 6), 1);
	memory_unmap(place, 6);
}

static void munmap_and_map_over(void)
{
	memory_map_at(FIXED_PLACE, 4, READ_WRITE);
	EXPECT_EQ(lock(0, 4), 0);
	memory_fill(place, 4, 4);
	memory_unmap(page_of(1), 2);
	EXPECT_EQ(memory_count_present(place, 4), 2);
	EXPECT_EQ(drop(0, 1), -EINVAL);
	/* A new mapping is not locked. */
	memory_map_at((u32)page_of(1), 2, READ_WRITE);
	EXPECT_EQ(memory_count_present(place, 4), 2);
	EXPECT_EQ(drop(1, 2), 0);
	memory_map_at(FIXED_PLACE, 4, READ_WRITE);
	EXPECT_EQ(drop(0, 4), 0);
	EXPECT_EQ(memory_count_present(place, 4), 0);
	memory_unmap(place, 4);
}

static void on_fault(void)
{
	memory_map_at(FIXED_PLACE, 4, READ_WRITE);
	EXPECT_EQ(sys_mlock2(FIXED_PLACE, 4 * PAGE_SIZE, MLOCK_ONFAULT), 0);
	EXPECT_EQ(memory_count_present(place, 4), 0);
	memory_write(page_of(2), 1);
	EXPECT_EQ(memory_count_present(place, 4), 1);
	EXPECT_EQ(drop(0, 4), -EINVAL);
	/* A lock without the flag brings the rest. */
	EXPECT_EQ(sys_mlock2(FIXED_PLACE, 4 * PAGE_SIZE, 0), 0);
	EXPECT_EQ(memory_count_present(place, 4), 4);
	EXPECT_EQ(memory_read(page_of(2)), 1);
	memory_unmap(place, 4);
}

static void all_that_there_is(void *argument)
{
	(void)argument;
	EXPECT_EQ(sys_mlockall(MCL_CURRENT), 0);
	EXPECT_EQ(memory_count_present(place, 3), 3);
	EXPECT_EQ(drop(0, 3), -EINVAL);
	memory_map_at((u32)page_of(8), 2, READ_WRITE);
	EXPECT_EQ(memory_count_present(page_of(8), 2), 0);
	EXPECT_EQ(drop(8, 2), 0);
	EXPECT_EQ(sys_munlockall(), 0);
	EXPECT_EQ(drop(0, 3), 0);
	EXPECT_EQ(memory_count_present(place, 3), 0);
}

static void all_that_will_be(void *argument)
{
	u32 heap = (sys_brk(0) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);

	(void)argument;
	EXPECT_EQ(sys_mlockall(MCL_FUTURE), 0);
	EXPECT_EQ(memory_count_present(place, 3), 0);
	memory_map_at((u32)page_of(8), 2, READ_WRITE);
	EXPECT_EQ(memory_count_present(page_of(8), 2), 2);
	EXPECT_EQ(drop(8, 2), -EINVAL);
	/* The heap and what mremap adds too. */
	EXPECT_EQ(sys_brk(heap + 2 * PAGE_SIZE), heap + 2 * PAGE_SIZE);
	EXPECT_EQ(memory_count_present((u8 *)heap, 2), 2);
	EXPECT_EQ(sys_mremap((u32)page_of(8), 2 * PAGE_SIZE, 5 * PAGE_SIZE, 0, 0), (u32)page_of(8));
	EXPECT_EQ(memory_count_present(page_of(8), 5), 5);
	EXPECT_EQ(sys_munlockall(), 0);
	memory_map_at((u32)page_of(8), 2, READ_WRITE);
	EXPECT_EQ(memory_count_present(page_of(8), 2), 0);
}

static void all_on_fault(void *argument)
{
	(void)argument;
	EXPECT_EQ(sys_mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT), 0);
	EXPECT_EQ(memory_count_present(place, 3), 0);
	memory_map_at((u32)page_of(8), 2, READ_WRITE);
	EXPECT_EQ(memory_count_present(page_of(8), 2), 0);
	EXPECT_EQ(drop(8, 2), -EINVAL);
	EXPECT_EQ(drop(0, 3), -EINVAL);
	/* Future locks end with the next call that does not ask for them. */
	EXPECT_EQ(sys_mlockall(MCL_CURRENT), 0);
	EXPECT_EQ(memory_count_present(place, 3), 3);
	memory_map_at((u32)page_of(8), 2, READ_WRITE);
	EXPECT_EQ(drop(8, 2), 0);
}

static void everything(void)
{
	static process_body *const bodies[] = { all_that_there_is, all_that_will_be, all_on_fault };

	for (u32 i = 0; i < ARRAY_SIZE(bodies); i++) {
		memory_map_at(FIXED_PLACE, 3, READ_WRITE);
		EXPECT_CHILD(bodies[i], NULL, EXITED(0));
		EXPECT_EQ(drop(0, 3), 0);
		memory_unmap(place, 3);
	}
}

static void nothing_is_locked(void *argument)
{
	(void)argument;
	EXPECT(memory_check(place, 2, 5));
	EXPECT_EQ(drop(0, 2), 0);
	EXPECT(memory_is_zero(place, 2 * PAGE_SIZE));
	memory_map_at((u32)page_of(8), 2, READ_WRITE);
	EXPECT_EQ(memory_count_present(page_of(8), 2), 0);
}

/* Locks are not inherited, and the parent's pages stay. */
static void lock_fork_and_exit(void *argument)
{
	(void)argument;
	EXPECT_EQ(sys_mlockall(MCL_FUTURE), 0);
	memory_map_at(FIXED_PLACE, 2, READ_WRITE);
	memory_fill(place, 2, 5);
	EXPECT_CHILD(nothing_is_locked, NULL, EXITED(0));
	EXPECT(memory_check(place, 2, 5));
	EXPECT_EQ(drop(0, 2), -EINVAL);
}

static void a_child_inherits_no_lock(void)
{
	EXPECT_CHILD(lock_fork_and_exit, NULL, EXITED(0));
}

/* A locked page that is shared for copy on write: the child gets its copy by a write. */
static void locked_pages_and_fork(void)
{
	memory_map_at(FIXED_PLACE, 2, READ_WRITE);
	memory_fill(place, 2, 6);
	EXPECT_EQ(lock(0, 2), 0);
	for (u32 i = 0; i < 3; i++) {
		EXPECT_CHILD(memory_write_child, page_of(1), EXITED(0));
		EXPECT(memory_check(place, 2, 6));
		EXPECT_EQ(memory_count_exclusive(place, 2), 2);
		memory_fill(place, 2, 6);
	}
	EXPECT_EQ(unlock(0, 2), 0);
	memory_unmap(place, 2);
}

static void locked_shared_memory_and_files(void)
{
	int fd = file_create(3, 7);
	u32 shared = sys_mmap2(FIXED_PLACE, 3 * PAGE_SIZE, READ_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	u32 file = sys_mmap2((u32)page_of(4), 3 * PAGE_SIZE, READ_WRITE, MAP_PRIVATE | MAP_FIXED,
			     fd, 0);

	EXPECT_EQ(shared, FIXED_PLACE);
	EXPECT_EQ(file, (u32)page_of(4));
	EXPECT_EQ(lock(0, 3), 0);
	EXPECT_EQ(lock(4, 3), 0);
	EXPECT_EQ(memory_count_present(place, 3), 3);
	EXPECT_EQ(memory_count_present(page_of(4), 3), 3);
	EXPECT(memory_check(page_of(4), 3, 7));
	EXPECT_EQ(drop(0, 3), -EINVAL);
	EXPECT_EQ(drop(4, 3), -EINVAL);
	memory_fill(page_of(4), 3, 8);
	EXPECT(memory_check(page_of(4), 3, 8));
	EXPECT(file_check_page(fd, 1, 7));
	EXPECT_EQ(sys_close(fd), 0);
	memory_unmap(place, 7);
}

static void a_locked_area_grows_locked(void)
{
	EXPECT_EQ(sys_mmap2(FIXED_PLACE, 2 * PAGE_SIZE, READ_WRITE,
			    ANONYMOUS | MAP_FIXED | MAP_LOCKED, -1, 0),
		  FIXED_PLACE);
	EXPECT_EQ(sys_mremap(FIXED_PLACE, 2 * PAGE_SIZE, 4 * PAGE_SIZE, 0, 0), FIXED_PLACE);
	EXPECT_EQ(memory_count_present(place, 4), 4);
	EXPECT_EQ(sys_mremap(FIXED_PLACE, 4 * PAGE_SIZE, 6 * PAGE_SIZE,
			     MREMAP_MAYMOVE | MREMAP_FIXED, (u32)page_of(8)),
		  (u32)page_of(8));
	EXPECT_EQ(memory_count_present(page_of(8), 6), 6);
	EXPECT_EQ(drop(12, 2), -EINVAL);
	memory_unmap(page_of(8), 6);
}

static const struct tap_case cases[] = {
	{ "locked pages are there", locked_pages_are_there },
	{ "unlocked areas merge", unlocked_areas_merge },
	{ "locked read-only pages", locked_read_only_pages },
	{ "copies of locked pages", copies_of_locked_pages },
	{ "mlock over holes", holes },
	{ "mlock of pages without rights", pages_without_rights },
	{ "mlock: ranges are rounded outwards", ranges_are_rounded_outwards },
	{ "mlock: arguments", arguments },
	{ "mlock twice, unlock, unmap", locked_twice_unlocked_once },
	{ "MADV_DONTNEED refuses locked pages", dontneed_is_refused },
	{ "munmap and MAP_FIXED over locked pages", munmap_and_map_over },
	{ "MLOCK_ONFAULT", on_fault },
	{ "mlockall", everything },
	{ "a child inherits no lock", a_child_inherits_no_lock },
	{ "locked pages and fork", locked_pages_and_fork },
	{ "locked shared memory and files", locked_shared_memory_and_files },
	{ "a locked area grows locked", a_locked_area_grows_locked },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
