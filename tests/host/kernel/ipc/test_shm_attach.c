/* SPDX-License-Identifier: MIT */
/*
 * shmat() and shmdt(): where a segment is attached, with which rights, how often it counts as
 * attached, and the pieces that munmap() and mprotect() have left.
 *
 * sources: kernel/ipc/ipc_object.c kernel/ipc/sysv_shm.c kernel/ipc/sysv_shm_ctl.c
 */
#include "abi/linux/errno.h"
#include "kernel/ipc/sysv_shm.h"
#include "kernel/task/task.h"
#include "mm/frames/fail_alloc.h"
#include "mm/mman/mman.h"
#include "mm/user_space/mm.h"
#include "mm/user_space/vma.h"
#include "tests/host/console.h"
#include "tests/host/kernel/user_bytes.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define SECOND 1000000000ull
#define PLACE  0x50000000u
#define PAGES  4u

static struct thread_group group;
static struct task own = { .pid = 20, .group = &group };
struct task *current = &own;
static s32 id;

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
	console_date = 1000 * SECOND;
	id = do_shmget(IPC_PRIVATE, PAGES * PAGE_SIZE - 5, 0600);
	tap_finally(end);
}

static struct shm_segment *segment(void)
{
	int err;

	return shm_find(id, &err);
}

static void drop(void)
{
	EXPECT_EQ(do_shmctl(id, IPC_RMID, 0, false), 0);
}

/* Each address and flag, what comes of it, and where. */
static void addresses(void)
{
	static const struct {
		vaddr_t address;
		u32 flags;
		vaddr_t result;
	} cases[] = {
		{ 0, SHM_REMAP, (vaddr_t)-EINVAL },
		{ PLACE + 1, 0, (vaddr_t)-EINVAL },
		{ PLACE + PAGE_SIZE - 1, SHM_REMAP, (vaddr_t)-EINVAL },
		{ PLACE, 0, PLACE },
		{ PLACE, SHM_RND, PLACE },
		{ PLACE + 1, SHM_RND, PLACE },
		{ PLACE + PAGE_SIZE - 1, SHM_RND | SHM_REMAP, PLACE },
		{ PAGE_SIZE - 1, SHM_RND | SHM_REMAP, (vaddr_t)-EINVAL },
		{ TASK_SIZE - (PAGES - 1) * PAGE_SIZE, 0, (vaddr_t)-ENOMEM },
	};

	start();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(do_shmat(id, cases[i].address, cases[i].flags), cases[i].result);
		EXPECT_EQ(shm_attached(segment()), !IS_ERR_VALUE(cases[i].result));
		if (!IS_ERR_VALUE(cases[i].result))
			EXPECT_EQ(do_shmdt(cases[i].result), 0);
	}
	EXPECT_EQ(do_shmat(-1, 0, 0), (vaddr_t)-EINVAL);
	EXPECT_EQ(do_shmat(id + 1, 0, 0), (vaddr_t)-EINVAL);
	drop();
	EXPECT_EQ(do_shmat(id, 0, 0), (vaddr_t)-EINVAL);
}

/* Another mapping is replaced only with SHM_REMAP, also if only the last page is in its way. */
static void occupied(void)
{
	const vaddr_t last = PLACE + (PAGES - 1) * PAGE_SIZE;
	const struct mmap_request other = { .address = last,
					    .length = PAGE_SIZE,
					    .prot = PROT_READ,
					    .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED };

	start();
	EXPECT_EQ(do_mmap_pgoff(own.mm, &other), last);
	EXPECT_EQ(do_shmat(id, PLACE, 0), (vaddr_t)-EINVAL);
	EXPECT_EQ(find_vma(own.mm, PLACE)->vm_start, last);
	EXPECT_EQ(do_shmat(id, PLACE - PAGE_SIZE, 0), PLACE - PAGE_SIZE);
	EXPECT_EQ(do_shmat(id, PLACE, SHM_REMAP), PLACE);
	EXPECT_EQ(find_vma(own.mm, last)->vm_start, PLACE);
	EXPECT_EQ(shm_attached(segment()), 2); /* a page is left of the first one */
	EXPECT_EQ(do_shmdt(PLACE), 0);
	EXPECT_EQ(do_shmdt(PLACE - PAGE_SIZE), 0);
	EXPECT_EQ(shm_attached(segment()), 0);
	drop();
}

/* What an area may do now, and after mprotect(). */
static void rights(void)
{
	static const struct {
		u32 flags, now, may;
	} cases[] = {
		{ 0, VM_READ | VM_WRITE, VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC },
		{ SHM_RDONLY, VM_READ, VM_MAYREAD | VM_MAYEXEC },
		{ SHM_EXEC, VM_READ | VM_WRITE | VM_EXEC, VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC },
		{ SHM_RDONLY | SHM_EXEC, VM_READ | VM_EXEC, VM_MAYREAD | VM_MAYEXEC },
	};

	start();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		vaddr_t at = do_shmat(id, 0, cases[i].flags);
		const struct vm_area_struct *vma = find_vma(own.mm, at);

		EXPECT(!IS_ERR_VALUE(at) && vma->vm_start == at);
		EXPECT_EQ(vma->vm_end - at, PAGES * PAGE_SIZE);
		EXPECT_EQ(vma->vm_flags & VM_ACCESS_MASK, cases[i].now);
		EXPECT_EQ(vma->vm_flags & VM_MAY_MASK & ~(u32)VM_MAYSHARE, cases[i].may);
		EXPECT_EQ(do_shmdt(at), 0);
	}
	drop();
}

/* The times, and the process that was last. */
static void told(void)
{
	start();
	EXPECT(!segment()->atime && !segment()->dtime && !segment()->lpid);
	console_date = 1001 * SECOND;
	own.pid = 21;
	EXPECT_EQ(do_shmat(id, PLACE + 1, 0), (vaddr_t)-EINVAL);
	EXPECT(!segment()->atime && !segment()->lpid);
	EXPECT_EQ(do_shmat(id, PLACE, 0), PLACE);
	EXPECT(segment()->atime == 1001 && !segment()->dtime && segment()->lpid == 21);
	console_date = 1002 * SECOND;
	own.pid = 22;
	EXPECT_EQ(do_shmdt(PLACE + PAGE_SIZE), -EINVAL);
	EXPECT_EQ(do_shmdt(PLACE + 1), -EINVAL);
	EXPECT(segment()->lpid == 21);
	EXPECT_EQ(do_shmdt(PLACE), 0);
	EXPECT(segment()->atime == 1001 && segment()->dtime == 1002 && segment()->lpid == 22);
	EXPECT_EQ(do_shmdt(PLACE), -EINVAL);
	own.pid = 20;
	drop();
}

/* Pieces count one by one; shmdt() removes all of one attachment, and none of the next one. */
static void pieces(void)
{
	const u32 length = PAGES * PAGE_SIZE;

	start();
	EXPECT_EQ(do_shmat(id, PLACE, 0), PLACE);
	EXPECT_EQ(do_shmat(id, PLACE + length, 0), PLACE + length);
	EXPECT_EQ(shm_attached(segment()), 2);
	EXPECT_EQ(do_mprotect(own.mm, PLACE + PAGE_SIZE, PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(shm_attached(segment()), 4);
	EXPECT_EQ(do_munmap(own.mm, PLACE, PAGE_SIZE), 0);
	EXPECT_EQ(shm_attached(segment()), 3);
	EXPECT_EQ(do_shmdt(PLACE), 0);
	EXPECT_EQ(shm_attached(segment()), 1);
	EXPECT_EQ(find_vma(own.mm, PLACE)->vm_start, PLACE + length);
	drop();
	EXPECT(segment()); /* the area keeps it */
	EXPECT_EQ(do_shmdt(PLACE + length), 0);
	EXPECT(!segment());
	EXPECT(!find_vma(own.mm, 0));
}

TAP_MAIN({ "addresses", addresses }, { "an address that is in use", occupied },
	 { "rights", rights }, { "times", told }, { "pieces of attachments", pieces })
