/* SPDX-License-Identifier: MIT */
/*
 * Overcommit: which areas are charged, how each change of them changes the sum, each mode's
 * limit.
 */
#include "abi/linux/errno.h"
#include "mm/user_space/overcommit.h"
#include "mm/user_space/shmem.h"
#include "mm/mman/mman.h"
#include "mm/user_space/page_fault.h"
#include "mm/swap/swap_internal.h"
#include "mm/swap/swap_ram.h"
#include "tests/host/machine.h"
#include "tests/host/mm/swap/swap_disk.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define BASE	  0x50000000u
#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)

enum { R = PROT_READ, RW = PROT_READ | PROT_WRITE };

static struct mm_struct *mm;

static vaddr_t page(u32 number)
{
	return BASE + number * PAGE_SIZE;
}

static void start(void)
{
	machine_boot();
	mm = mm_alloc();
	EXPECT_EQ(vm_committed, 0);
}

static void stop(void)
{
	vaddr_t where;

	EXPECT_VALID(mm_validate(mm, &where));
	mm_put(mm);
	EXPECT_EQ(vm_committed, 0);
	overcommit_mode = OVERCOMMIT_GUESS;
}

static void map(u32 first, u32 count, u32 prot, u32 flags)
{
	EXPECT_EQ(do_mmap(mm, page(first), count * PAGE_SIZE, prot, flags | MAP_FIXED),
		  page(first));
}

static void areas(void)
{
	struct mm_struct *copy;

	start();
	map(0, 10, RW, ANONYMOUS);
	EXPECT_EQ(vm_committed, 10);
	map(20, 10, R, ANONYMOUS);
	map(40, 5, RW, ANONYMOUS | MAP_NORESERVE);
	EXPECT_EQ(vm_committed, 10);
	/*
	 * An area is charged once, when it becomes writable; it stays charged, because written
	 * pages stay.
	 */
	EXPECT_EQ(do_mprotect(mm, page(22), 4 * PAGE_SIZE, RW), 0);
	EXPECT_EQ(vm_committed, 14);
	EXPECT_EQ(do_mprotect(mm, page(22), 4 * PAGE_SIZE, R), 0);
	EXPECT_EQ(do_mprotect(mm, page(22), 4 * PAGE_SIZE, RW), 0);
	EXPECT_EQ(do_mprotect(mm, page(40), 5 * PAGE_SIZE, R), 0);
	EXPECT_EQ(do_mprotect(mm, page(40), 5 * PAGE_SIZE, RW), 0);
	EXPECT_EQ(vm_committed, 14);
	EXPECT_EQ(do_munmap(mm, page(4), 3 * PAGE_SIZE), 0);
	EXPECT_EQ(vm_committed, 11);
	map(24, 3, R, ANONYMOUS); /* over two that are charged */
	EXPECT_EQ(vm_committed, 9);
	EXPECT_EQ(do_madvise(mm, page(0), PAGE_SIZE, MADV_DONTFORK), 0);
	copy = mm_copy(mm);
	EXPECT_EQ(vm_committed, 17);
	mm_put(copy);
	EXPECT_EQ(vm_committed, 9);
	EXPECT_EQ(do_mremap(mm, page(7), 3 * PAGE_SIZE, 5 * PAGE_SIZE, 0, 0), page(7));
	EXPECT_EQ(vm_committed, 11);
	EXPECT_EQ(do_mremap(mm, page(8), 2 * PAGE_SIZE, PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED,
			    page(100)),
		  page(100));
	EXPECT_EQ(vm_committed, 10);
	stop();
}

static void heap_and_stack(void)
{
	start();
	mm->start_brk = mm->brk = page(0);
	EXPECT_EQ(do_brk(mm, page(10)), page(10));
	EXPECT_EQ(vm_committed, 10);
	EXPECT_EQ(do_brk(mm, page(3)), page(3));
	EXPECT_EQ(vm_committed, 3);
	map(1000, 1, RW, ANONYMOUS | MAP_GROWSDOWN);
	EXPECT_EQ(user_poke(mm, page(995), 1), FAULT_OK);
	EXPECT_EQ(vm_committed, 9);
	stop();
}

static void shared_objects(void)
{
	struct mm_struct *copy;

	start();
	map(0, 8, R, MAP_SHARED | MAP_ANONYMOUS);
	EXPECT_EQ(vm_committed, 8); /* the object, whatever the rights of its mappings */
	EXPECT_EQ(do_mprotect(mm, page(0), 8 * PAGE_SIZE, RW), 0);
	EXPECT_EQ(vm_committed, 8);
	copy = mm_copy(mm);
	EXPECT_EQ(do_munmap(mm, page(0), 7 * PAGE_SIZE), 0);
	EXPECT_EQ(vm_committed, 8);
	EXPECT_EQ(do_munmap(mm, page(7), PAGE_SIZE), 0);
	EXPECT_EQ(vm_committed, 8); /* the child has it */
	mm_put(copy);
	EXPECT_EQ(vm_committed, 0);
	map(0, 8, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE);
	EXPECT_EQ(vm_committed, 0);
	stop();
}

static u32 ram(void)
{
	return nr_present_pages();
}

static int try_map(u32 pages, u32 flags)
{
	vaddr_t got = do_mmap(mm, 0, pages * PAGE_SIZE, RW, flags);

	return IS_ERR_VALUE(got) ? (int)got : 0;
}

/* Mode 0: the sum may exceed memory, a single request may not. */
static void guess(void)
{
	start();
	EXPECT_EQ(try_map(ram() + 1, ANONYMOUS), -ENOMEM);
	EXPECT_EQ(try_map(ram() + 1, MAP_SHARED | MAP_ANONYMOUS), -ENOMEM);
	EXPECT_EQ(mm->map_count, 0);
	EXPECT_EQ(vm_committed, 0);
	EXPECT_EQ(try_map(ram() + 1, ANONYMOUS | MAP_NORESERVE), 0);
	EXPECT_EQ(try_map(ram(), ANONYMOUS), 0);
	EXPECT_EQ(try_map(ram(), ANONYMOUS), 0);
	mm->start_brk = mm->brk = USER_MIN;
	EXPECT_EQ(do_brk(mm, USER_MIN + (ram() + 1) * PAGE_SIZE), USER_MIN);
	stop();
}

static void always(void)
{
	start();
	overcommit_mode = OVERCOMMIT_ALWAYS;
	EXPECT_EQ(try_map(10 * ram(), ANONYMOUS), 0);
	EXPECT_EQ(vm_committed, 10 * ram());
	stop();
}

/* Mode 2: no more than half of the RAM, less the reserves. */
static void never(void)
{
	static struct swap_disk disk;
	int type;
	u32 limit, got = 0;

	start();
	overcommit_mode = OVERCOMMIT_NEVER;
	limit = vm_commit_limit();
	EXPECT_EQ(limit, ram() / 2);
	type = swap_area_add(swap_ram_create(500), -1, NULL, 0);
	EXPECT_EQ(vm_commit_limit(), limit); /* it may refuse pages */
	swap_area_remove((u32)type);
	type = (int)swap_disk_add(&disk, 501, -1);
	EXPECT_EQ(vm_commit_limit(), limit + 500);
	swap_disk_remove((u32)type);
	EXPECT_EQ(try_map(limit, ANONYMOUS), -ENOMEM);
	EXPECT_EQ(try_map(limit, ANONYMOUS | MAP_NORESERVE), -ENOMEM); /* no meaning here */
	while (!try_map(100, ANONYMOUS))
		got += 100;
	EXPECT(got <= limit && got >= limit - limit / 16 - 100);
	EXPECT_EQ(vm_committed, got);
	EXPECT_EQ(try_map(200, MAP_SHARED | MAP_ANONYMOUS), -ENOMEM);
	EXPECT(!mm_copy(mm)); /* a child would double it */
	EXPECT_EQ(vm_committed, got);
	EXPECT(mm_list.next->next == &mm_list); /* no half-made child is left */
	map(0, 200, R, ANONYMOUS);
	EXPECT_EQ(do_mprotect(mm, page(50), 150 * PAGE_SIZE, RW), -ENOMEM);
	EXPECT_EQ(vm_committed, got);
	host_privileged = false;
	EXPECT_EQ(try_map(limit - got - 1, ANONYMOUS), -ENOMEM);
	stop();
}

/* The most pages that can be charged now. */
static u32 most(const struct mm_struct *space)
{
	u32 least = 0, end = 2 * ram();

	while (end - least > 1) {
		u32 pages = least + (end - least) / 2;

		if (vm_enough_memory(space, pages)) {
			end = pages;
		} else {
			vm_unacct_memory(pages);
			least = pages;
		}
	}
	return least;
}

/* In mode 2 a request stays below the limit and what is kept for recovery. */
static void reserves(void)
{
	static const struct {
		bool space, privileged;
		u32 total_vm, shares, more; /* the reserve: so many 32nds of the RAM, and pages */
	} rows[] = {
		{ false, true, 0, 0, 0 },	{ false, false, 0, 0, 0 },
		{ true, true, 0, 0, 0 },	{ true, false, 0, 1, 0 },
		{ true, true, 320, 0, 10 },	{ true, true, 31, 0, 0 },
		{ true, false, 320, 1, 10 },	{ true, true, 1 << 18, 1, 0 },
		{ true, false, 1 << 18, 2, 0 },
	};
	u32 share;

	start();
	share = ram() / 32;
	overcommit_mode = OVERCOMMIT_NEVER;
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		mm->total_vm = rows[i].total_vm;
		host_privileged = rows[i].privileged;
		for (vm_committed = 0; vm_committed < 200; vm_committed += 100)
			EXPECT_EQ(most(rows[i].space ? mm : NULL),
				  vm_commit_limit() - rows[i].shares * share - rows[i].more -
					  vm_committed - 1);
		if (tap_failed())
			tap_note("row %u", i);
	}
	overcommit_ratio = 2; /* less than the reserves */
	EXPECT_EQ(most(mm), 0);
	overcommit_ratio = 50;
	mm->total_vm = vm_committed = 0;
	stop();
}

/* Swap counts: all of it in mode 0, and in mode 2 what takes pages, also after it has left. */
static void swap_space(void)
{
	static struct swap_disk disks[2];
	u32 limit;

	start();
	limit = vm_commit_limit();
	EXPECT_EQ(swap_disk_add(&disks[0], 101, -1), 0);
	EXPECT_EQ(swap_disk_add(&disks[1], 201, -1), 1);
	EXPECT_EQ(try_map(ram() + 301, ANONYMOUS), -ENOMEM);
	EXPECT_EQ(try_map(ram() + 300, ANONYMOUS), 0);
	EXPECT_EQ(vm_commit_limit(), limit + 300);
	swap_area_close(0);
	EXPECT_EQ(vm_commit_limit(), limit + 200);
	swap_area_reopen(0);
	EXPECT_EQ(vm_commit_limit(), limit + 300);
	swap_area_failed(&swap_info[1]);
	EXPECT_EQ(vm_commit_limit(), limit + 100);
	swap_disk_remove(0);
	swap_disk_remove(1);
	EXPECT_EQ(vm_commit_limit(), limit);
	stop();
}

/* A soft RLIMIT_DATA of 0 is the hard one for mappings; brk() gets nothing. */
static void no_data(void)
{
	start();
	host_rlim[RLIMIT_DATA] = (struct rlimit){ 0, 3 * PAGE_SIZE };
	mm->start_brk = mm->brk = page(100);
	EXPECT_EQ(do_brk(mm, page(101)), page(100));
	EXPECT_EQ(try_map(4, ANONYMOUS), -ENOMEM);
	EXPECT_EQ(try_map(3, ANONYMOUS), 0);
	EXPECT_EQ(try_map(1, ANONYMOUS), -ENOMEM);
	stop();
}

/* RLIMIT_AS and RLIMIT_DATA, as Linux has counted since 4.7. */
static void limits(void)
{
	start();
	host_rlim[RLIMIT_AS].cur = 20 * PAGE_SIZE;
	map(0, 20, R, ANONYMOUS);
	EXPECT_EQ(try_map(1, ANONYMOUS), -ENOMEM);
	map(5, 10, R, ANONYMOUS); /* the replaced part is not counted */
	EXPECT_EQ((int)do_mmap(mm, page(15), 6 * PAGE_SIZE, R, ANONYMOUS | MAP_FIXED), -ENOMEM);
	EXPECT_EQ(mm->total_vm, 20);
	EXPECT_EQ(do_mprotect(mm, page(0), 2 * PAGE_SIZE, RW), 0);
	host_rlim[RLIMIT_AS].cur = UINT32_MAX;
	host_rlim[RLIMIT_DATA].cur = 5 * PAGE_SIZE;
	EXPECT_EQ(do_mprotect(mm, page(0), 5 * PAGE_SIZE, RW), 0);
	EXPECT_EQ(do_mprotect(mm, page(5), PAGE_SIZE, RW), -ENOMEM);
	EXPECT_EQ(try_map(1, ANONYMOUS), -ENOMEM);
	EXPECT_EQ(try_map(1, MAP_SHARED | MAP_ANONYMOUS), 0);
	EXPECT_EQ(do_munmap(mm, page(0), PAGE_SIZE), 0);
	mm->start_brk = mm->brk = page(100);
	EXPECT_EQ(do_brk(mm, page(102)), page(100));
	EXPECT_EQ(do_brk(mm, page(101)), page(101));
	EXPECT_EQ(mm->data_vm, 5);
	stop();
}

/*
 * Untouched areas cost next to nothing, so that a program can have more committed than a counter
 * holds.
 */
static void counter_does_not_wrap(void)
{
	start();
	overcommit_mode = OVERCOMMIT_ALWAYS;
	EXPECT_EQ(vm_enough_memory(mm, UINT32_MAX - 5), 0);
	EXPECT_EQ(vm_enough_memory(mm, 6), -ENOMEM);
	EXPECT_EQ(try_map(6, ANONYMOUS), -ENOMEM);
	EXPECT_EQ(vm_enough_memory(mm, 5), 0);
	vm_unacct_memory(UINT32_MAX);
	overcommit_mode = OVERCOMMIT_GUESS;
	stop();
}

TAP_MAIN({ "areas are charged", areas }, { "heap and stack are charged", heap_and_stack },
	 { "shared objects are charged whole", shared_objects }, { "mode 0", guess },
	 { "mode 1", always }, { "mode 2", never }, { "what mode 2 keeps", reserves },
	 { "swap counts", swap_space }, { "no data", no_data },
	 { "RLIMIT_AS and RLIMIT_DATA", limits },
	 { "the sum does not wrap", counter_does_not_wrap })
