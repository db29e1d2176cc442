/* SPDX-License-Identifier: MIT */
/*
 * Limits of System V shared memory: each at its bound, also for segments that are gone again.
 *
 * sources: kernel/ipc/ipc_object.c kernel/ipc/sysv_shm.c kernel/ipc/sysv_shm_ctl.c
 */
#include "abi/linux/errno.h"
#include "kernel/ipc/sysv_shm.h"
#include "kernel/task/task.h"
#include "mm/frames/fail_alloc.h"
#include "mm/user_space/mm.h"
#include "tests/host/console.h"
#include "tests/host/kernel/user_bytes.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

static struct thread_group group;
static struct task own = { .pid = 20, .group = &group };
struct task *current = &own;

void mm_unpark(struct mm_struct *mm)
{
	EXPECT(!mm); /* one task: none waits */
}

static void end(void)
{
	struct mm_struct *mm = own.mm;

	own.mm = NULL;
	mm_put(mm);
}

static void start(void)
{
	machine_boot();
	own.mm = mm_alloc();
	EXPECT(own.mm);
	console_date = 1000ull * 1000000000;
	tap_finally(end);
}

static s32 make(u32 size)
{
	return do_shmget(IPC_PRIVATE, size, 0600);
}

static void drop(s32 id)
{
	EXPECT_EQ(do_shmctl(id, IPC_RMID, 0, false), 0);
}

static void sizes(void)
{
	s32 id;

	start();
	shmmax = 8192;
	EXPECT_EQ(make(0), -EINVAL);
	EXPECT_EQ(make(8193), -EINVAL);
	id = make(8192);
	EXPECT(id >= 0);
	drop(id);
	id = do_shmget(77, 4097, IPC_CREAT | 0600);
	EXPECT_EQ(do_shmget(77, 4098, 0600), -EINVAL); /* bytes, not pages */
	EXPECT_EQ(do_shmget(77, 4097, 0600), id);
	EXPECT_EQ(do_shmget(77, 0, 0), id);
	EXPECT_EQ(do_shmget(77, 1, IPC_CREAT | IPC_EXCL), -EEXIST);
	EXPECT_EQ(do_shmget(78, 1, 0600), -ENOENT);
	drop(id);
}

/* Pages of all segments together. */
static void pages(void)
{
	s32 first, second;

	start();
	shmall = 3;
	EXPECT_EQ(make(4 * 4096), -ENOSPC);
	EXPECT_EQ(make(3 * 4096 + 1), -ENOSPC);
	first = make(3 * 4096);
	EXPECT(first >= 0);
	EXPECT_EQ(make(1), -ENOSPC);
	drop(first);
	first = make(4097);
	second = make(1);
	EXPECT(first >= 0 && second >= 0);
	EXPECT_EQ(make(1), -ENOSPC);
	drop(first);
	first = make(2 * 4096);
	EXPECT(first >= 0);
	drop(first);
	drop(second);
	/* A sum that does not fit in 32 bits. */
	shmall = UINT32_MAX;
	first = make(4096);
	EXPECT(first >= 0);
	drop(first);
}

static void number(void)
{
	const struct fail_spec next = { FAIL_ANY, FAIL_ON, 1 };
	s32 first, second;

	start();
	shmmni = 2;
	fail_alloc_set(&next);
	EXPECT_EQ(make(1), -ENOMEM);
	fail_alloc_set(NULL);
	first = make(1);
	second = make(1);
	EXPECT(first >= 0 && second >= 0 && first != second);
	EXPECT_EQ(make(1), -ENOSPC);
	drop(second);
	second = make(1);
	EXPECT(second >= 0);
	drop(first);
	drop(second);
	EXPECT_EQ(shm_table.count, 0);
}

/* 0 means "not yet", so no time is 0. */
static void times(void)
{
	start();
	EXPECT_EQ(shm_time(), 1000);
	console_date = 0;
	EXPECT_EQ(shm_time(), 1);
}

/* Large pages are for those that may lock memory, and there are none here. */
static void large_pages(void)
{
	const u32 size = 1u << LARGE_PAGE_SHIFT;

	start();
	host_privileged = false;
	EXPECT_EQ(do_shmget(IPC_PRIVATE, size, 0600 | SHM_HUGETLB), -EPERM);
	host_privileged = true;
	EXPECT_EQ(do_shmget(IPC_PRIVATE, size, 0600 | SHM_HUGETLB), -ENOMEM);
	EXPECT_EQ(do_shmget(IPC_PRIVATE, size, 0600 | SHM_HUGETLB | 12 << SHM_HUGE_SHIFT), -EINVAL);
	host_privileged = false;
	EXPECT_EQ(do_shmget(IPC_PRIVATE, size, 0600 | SHM_HUGETLB | 12 << SHM_HUGE_SHIFT), -EINVAL);
	EXPECT_EQ(shm_table.count, 0);
}

TAP_MAIN({ "sizes", sizes }, { "pages of all", pages }, { "number of segments", number },
	 { "times", times }, { "large pages", large_pages })
