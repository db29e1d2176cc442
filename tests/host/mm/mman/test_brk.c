/* SPDX-License-Identifier: MIT */
/* brk(2) and limits. test_vma.c has where the heap may end and what it maps. */
#include "abi/linux/errno.h"
#include "mm/mman/mman.h"
#include "tests/host/mm/mman/areas.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define HEAP page(2)

static void begin(void)
{
	start();
	mm->start_brk = mm->brk = HEAP;
}

static bool moves(vaddr_t place)
{
	vaddr_t before = mm->brk, got = do_brk(mm, place);

	EXPECT_EQ(mm->brk, got);
	EXPECT(got == place || got == before);
	return got == place;
}

/* RLIMIT_DATA holds for heap and initialised data together, to the byte. */
static void data_limit(void)
{
	begin();
	mm->start_data = page(0);
	mm->end_data = page(0) + 100;
	host_rlim[RLIMIT_DATA].cur = 3 * PAGE_SIZE;
	EXPECT(moves(HEAP + 3 * PAGE_SIZE - 100));
	EXPECT(!moves(HEAP + 3 * PAGE_SIZE - 99));
	EXPECT(moves(HEAP + 10));
	host_rlim[RLIMIT_DATA].cur = 50; /* less than there is */
	EXPECT(!moves(HEAP + 11));
	EXPECT(!moves(HEAP + 5));
	host_rlim[RLIMIT_DATA].cur = RLIM_INFINITY;
	EXPECT(moves(HEAP + 4 * PAGE_SIZE));
	EXPECT_AREAS("..wwww");
	stop();
}

/* The other limits, of memory and of areas. */
static void other_limits(void)
{
	begin();
	EXPECT(moves(HEAP + PAGE_SIZE));
	host_rlim[RLIMIT_AS].cur = 3 * PAGE_SIZE;
	EXPECT(!moves(HEAP + 4 * PAGE_SIZE));
	EXPECT(moves(HEAP + 3 * PAGE_SIZE));
	host_rlim[RLIMIT_AS].cur = RLIM_INFINITY;
	max_map_count = 0;
	EXPECT(!moves(HEAP + 4 * PAGE_SIZE));
	max_map_count = 1;
	EXPECT(moves(HEAP + 4 * PAGE_SIZE));
	max_map_count = MAX_MAP_COUNT;
	host_privileged = false;
	host_rlim[RLIMIT_MEMLOCK].cur = 2 * PAGE_SIZE;
	EXPECT_EQ(do_mlockall(mm, MCL_FUTURE), 0);
	EXPECT(!moves(HEAP + 7 * PAGE_SIZE));
	EXPECT(moves(HEAP + 6 * PAGE_SIZE));
	EXPECT_EQ(mm->locked_vm, 2);
	EXPECT_EQ(mm->rss, 2);
	EXPECT(moves(HEAP + 6 * PAGE_SIZE + 1 - PAGE_SIZE)); /* smaller, within the last page */
	EXPECT_EQ(mm->rss, 2);
	EXPECT(moves(HEAP + 5 * PAGE_SIZE));
	EXPECT_EQ(mm->rss, 1);
	stop();
}

/* READ_IMPLIES_EXEC: the heap can be executed. */
static void executable(void)
{
	begin();
	EXPECT(moves(HEAP + PAGE_SIZE));
	EXPECT(!(mm->mmap->vm_flags & VM_EXEC));
	EXPECT(moves(HEAP));
	host_read_exec = mm->read_exec = true;
	EXPECT(moves(HEAP + PAGE_SIZE));
	EXPECT(mm->mmap->vm_flags & VM_EXEC);
	host_read_exec = false;
	stop();
}

TAP_MAIN({ "RLIMIT_DATA", data_limit }, { "other limits", other_limits },
	 { "READ_IMPLIES_EXEC", executable })
