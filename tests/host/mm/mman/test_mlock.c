/* SPDX-License-Identifier: MIT */
/* Locked memory: counters, populated pages, refused calls, inheritance. */
#include "abi/linux/errno.h"
#include "mm/mman/mman.h"
#include "mm/page_cache/filemap.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/shmem.h"
#include "tests/host/machine.h"
#include "tests/host/mm/mman/areas.h"
#include "tests/host/resched.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)

static void expect_locked(u32 pages)
{
	vaddr_t where;

	EXPECT_EQ(mm->locked_vm, pages);
	EXPECT_VALID(mm_validate(mm, &where));
}

static int lock(u32 first, u32 count)
{
	return do_mlock(mm, page(first), count * PAGE_SIZE, 0);
}

/* locked_vm counts a page once and returns to its old value. */
static void counted_once(void)
{
	start();
	map(0, 10, RW, 0);
	EXPECT_EQ(do_mlock(mm, page(2) + 100, PAGE_SIZE, 0), 0); /* two pages are touched */
	expect_locked(2);
	EXPECT_EQ(mm->rss, 2);
	EXPECT_EQ(lock(2, 2), 0);
	EXPECT_EQ(lock(1, 5), 0);
	expect_locked(5);
	EXPECT_EQ(mm->rss, 5);
	EXPECT_EQ(mm->map_count, 3);
	EXPECT_EQ(do_munlock(mm, page(3), PAGE_SIZE), 0);
	EXPECT_EQ(do_munlock(mm, page(3), PAGE_SIZE), 0);
	expect_locked(4);
	EXPECT_EQ(do_munmap(mm, page(0), 3 * PAGE_SIZE), 0);
	expect_locked(2);
	EXPECT_EQ(lock(4, 0), 0);
	EXPECT_EQ(do_munlock(mm, page(3), 7 * PAGE_SIZE), 0);
	expect_locked(0);
	EXPECT_EQ(mm->map_count, 1);
	stop();
}

static void refused(void)
{
	start();
	map(0, 4, RW, 0);
	map(6, 2, R, 0);
	map(10, 2, N, 0);
	EXPECT_EQ(lock(2, 5), -ENOMEM); /* done up to the hole */
	expect_locked(2);
	EXPECT_EQ(do_munlock(mm, page(3), 2 * PAGE_SIZE), -ENOMEM);
	expect_locked(1);
	EXPECT_EQ(lock(4, 1), -ENOMEM);
	EXPECT_EQ(lock(10, 1), -ENOMEM); /* locked, but cannot be populated */
	expect_locked(2);
	EXPECT_EQ(do_mlock(mm, page(0), PAGE_SIZE, 2), -EINVAL);
	EXPECT_EQ(do_mlock(mm, page(0), 0u - page(0) + PAGE_SIZE, 0), -EINVAL);
	EXPECT_EQ(do_mlockall(mm, 0), -EINVAL);
	EXPECT_EQ(do_mlockall(mm, 8), -EINVAL);
	EXPECT_EQ(do_mlockall(mm, MCL_ONFAULT), -EINVAL);
	/* Locked pages are not discarded. */
	EXPECT_EQ(user_poke(mm, page(2), 1), FAULT_OK);
	EXPECT_EQ(do_madvise(mm, page(2), PAGE_SIZE, MADV_DONTNEED), -EINVAL);
	EXPECT_EQ(do_madvise(mm, page(2), PAGE_SIZE, MADV_FREE), -EINVAL);
	EXPECT_EQ(do_madvise(mm, page(2), PAGE_SIZE, MADV_COLD), -EINVAL);
	EXPECT_EQ(do_msync(mm, page(2), PAGE_SIZE, MS_INVALIDATE), -EBUSY);
	EXPECT_EQ(mm->rss, 1);
	EXPECT_EQ(do_madvise(mm, page(2), PAGE_SIZE, MADV_DONTNEED_LOCKED), 0);
	EXPECT_EQ(mm->rss, 0);
	stop();
}

static void on_fault(void)
{
	start();
	map(0, 4, RW, 0);
	EXPECT_EQ(do_mlock(mm, page(0), 4 * PAGE_SIZE, MLOCK_ONFAULT), 0);
	expect_locked(4);
	EXPECT_EQ(mm->rss, 0);
	EXPECT_EQ(lock(1, 1), 0);
	EXPECT_EQ(mm->rss, 1);
	EXPECT_EQ(mm->map_count, 3);
	expect_locked(4);
	stop();
}

static void everything(void)
{
	struct mm_struct *copy;

	start();
	mm->start_brk = mm->brk = page(100);
	map(0, 2, RW, 0);
	map(4, 2, N, 0);
	EXPECT_EQ(do_mlockall(mm, MCL_CURRENT), 0);
	expect_locked(4);
	EXPECT_EQ(mm->rss, 2);
	map(10, 1, RW, 0);
	expect_locked(4);
	EXPECT_EQ(do_mlockall(mm, MCL_FUTURE), 0);
	map(20, 2, RW, 0);
	EXPECT_EQ(do_brk(mm, page(103)), page(103));
	expect_locked(9);
	EXPECT_EQ(mm->rss, 7);
	map(21, 1, R, 0); /* over a part */
	expect_locked(9);
	copy = mm_copy(mm);
	EXPECT_EQ(copy->locked_vm, 0);
	EXPECT_EQ(copy->def_flags, 0);
	mm_put(copy);
	EXPECT_EQ(do_munlockall(mm), 0);
	expect_locked(0);
	map(30, 1, RW, 0);
	expect_locked(0);
	EXPECT_EQ(do_mlockall(mm, MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT), 0);
	map(40, 3, RW, 0);
	expect_locked(mm->total_vm);
	EXPECT_EQ(user_peek(mm, page(40)), 0);
	EXPECT_EQ(do_munlockall(mm), 0);
	stop();
}

/* RLIMIT_MEMLOCK holds for a process that dropped the super-user's rights. */
static void limited(void)
{
	start();
	map(0, 10, RW, 0);
	host_rlim[RLIMIT_MEMLOCK].cur = 4 * PAGE_SIZE;
	EXPECT_EQ(lock(0, 6), 0);
	EXPECT_EQ(do_munlock(mm, page(0), 6 * PAGE_SIZE), 0);
	host_privileged = false;
	EXPECT_EQ(lock(0, 5), -ENOMEM);
	EXPECT_EQ(lock(0, 4), 0);
	EXPECT_EQ(lock(1, 3), 0); /* no page counts twice */
	EXPECT_EQ(lock(1, 4), -ENOMEM);
	expect_locked(4);
	EXPECT_EQ((int)do_mmap(mm, 0, PAGE_SIZE, RW, ANONYMOUS | MAP_LOCKED), -EAGAIN);
	EXPECT_EQ((int)do_mremap(mm, page(0), 4 * PAGE_SIZE, 5 * PAGE_SIZE, MREMAP_MAYMOVE, 0),
		  -EAGAIN);
	EXPECT_EQ(do_mlockall(mm, MCL_CURRENT), -ENOMEM);
	EXPECT_EQ(do_mlockall(mm, MCL_FUTURE), 0);
	EXPECT_EQ((int)do_mmap(mm, 0, PAGE_SIZE, RW, ANONYMOUS), -EAGAIN);
	mm->start_brk = mm->brk = page(100);
	EXPECT_EQ(do_brk(mm, page(101)), page(100));
	EXPECT_EQ(do_munlockall(mm), 0);
	expect_locked(0);
	host_rlim[RLIMIT_MEMLOCK].cur = 0;
	EXPECT_EQ(lock(0, 1), -EPERM);
	EXPECT_EQ(do_mlockall(mm, MCL_FUTURE), -EPERM);
	EXPECT_EQ((int)do_mmap(mm, 0, PAGE_SIZE, RW, ANONYMOUS | MAP_LOCKED), -EPERM);
	stop();
}

/* CVE-2005-0001: a stack that grows keeps its sums and limits. */
static void locked_stack(void)
{
	start();
	map(600, 2, RW, MAP_GROWSDOWN);
	EXPECT_EQ(lock(600, 2), 0);
	EXPECT_EQ(user_poke(mm, page(598), 1), FAULT_OK);
	expect_locked(4);
	EXPECT_EQ(mm->stack_vm, 4);
	host_privileged = false;
	host_rlim[RLIMIT_MEMLOCK].cur = 5 * PAGE_SIZE;
	EXPECT_EQ(user_poke(mm, page(596), 1), FAULT_MAPERR);
	EXPECT_EQ(user_poke(mm, page(597), 1), FAULT_OK);
	host_rlim[RLIMIT_MEMLOCK].cur = UINT32_MAX;
	host_rlim[RLIMIT_AS].cur = 6 * PAGE_SIZE;
	EXPECT_EQ(user_poke(mm, page(595), 1), FAULT_MAPERR);
	EXPECT_EQ(user_poke(mm, page(596), 1), FAULT_OK);
	expect_locked(6);
	stop();
}

static vaddr_t map_object(struct address_space *object)
{
	const struct mmap_request request = { .address = page(0),
					      .length = 4 * PAGE_SIZE,
					      .prot = R,
					      .flags = MAP_SHARED | MAP_FIXED,
					      .mapping = object,
					      .may = VM_MAY_MASK };

	return do_mmap_pgoff(mm, &request);
}

/* POSIX's numbers: -ENOMEM is a page that cannot be mapped, and -EAGAIN is no memory. */
static void errors_of_pages(void)
{
	struct address_space *object;

	start();
	object = shmem_object(2 * PAGE_SIZE, "object");
	EXPECT_EQ(map_object(object), page(0));
	EXPECT_EQ(lock(0, 2), 0);
	EXPECT_EQ(lock(0, 3), -ENOMEM); /* behind its end */
	expect_locked(3);
	map(10, 4, RW, 0);
	machine_exhaust();
	EXPECT_EQ(lock(10, 4), -EAGAIN);
	machine_relax();
	expect_locked(7);
	stop();
	mapping_put(object);
}

/* Ranges that wrap, with and without the right to lock; and the limit of mlockall(). */
static void wrapped_ranges(void)
{
	const u32 beyond = 0u - page(0) + PAGE_SIZE;

	start();
	map(0, 4, RW, 0);
	EXPECT_EQ(do_mlock(mm, page(0), beyond, 0), -EINVAL);
	EXPECT_EQ(do_munlock(mm, page(0), beyond), -EINVAL);
	host_privileged = false;
	EXPECT_EQ(do_mlock(mm, page(0), beyond, 0), -ENOMEM);
	EXPECT_EQ(do_munlock(mm, page(0), beyond), -EINVAL);
	expect_locked(0);
	host_rlim[RLIMIT_MEMLOCK].cur = 4 * PAGE_SIZE - 1;
	EXPECT_EQ(do_mlockall(mm, MCL_CURRENT), -ENOMEM);
	expect_locked(0);
	host_rlim[RLIMIT_MEMLOCK].cur = 4 * PAGE_SIZE;
	EXPECT_EQ(do_mlockall(mm, MCL_CURRENT), 0);
	expect_locked(4);
	EXPECT_EQ(do_munlockall(mm), 0);
	host_privileged = true;
	host_rlim[RLIMIT_MEMLOCK].cur = PAGE_SIZE;
	EXPECT_EQ(do_mlockall(mm, MCL_CURRENT), 0);
	expect_locked(4);
	stop();
}

static u32 turns;

static void count_turns(void)
{
	turns++;
}

/* Other tasks may run at each page, also at one that is present already. */
static void populate_lets_others_run(void)
{
	static const int advices[] = { MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_POPULATE_READ,
				       MADV_POPULATE_WRITE };

	start();
	EXPECT_EQ(do_mmap(mm, BASE, 100 * PAGE_SIZE, RW, ANONYMOUS | MAP_FIXED), BASE);
	host_others = count_turns;
	for (u32 i = 0; i < ARRAY_SIZE(advices); i++) {
		turns = 0;
		EXPECT_EQ(do_madvise(mm, BASE, 100 * PAGE_SIZE, advices[i]), 0);
		EXPECT(turns >= 100);
	}
	host_others = NULL;
	EXPECT_EQ(mm->rss, 100);
	stop();
}

TAP_MAIN({ "a page is counted once", counted_once }, { "refused", refused },
	 { "MLOCK_ONFAULT", on_fault }, { "mlockall", everything }, { "RLIMIT_MEMLOCK", limited },
	 { "errors of pages", errors_of_pages }, { "ranges that wrap", wrapped_ranges },
	 { "a locked stack grows (CVE-2005-0001)", locked_stack },
	 { "MADV_POPULATE lets others run", populate_lets_others_run })
