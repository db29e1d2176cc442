/* SPDX-License-Identifier: MIT */
/*
 * Segments of System V shared memory: their lifetime, and each allocation of their creation
 * failing.
 */
#include "kernel/ipc/sysv_shm.h"
#include "kernel/task/task.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"
#include "lib/printk.h"
#include "mm/user_space/overcommit.h"
#include "mm/mman/mman.h"
#include "tests/kernel/drain.h"
#include "tests/kernel/user_space.h"

#define PLACE 0x30000000u
#define BYTES (3 * PAGE_SIZE - 5)

/* Removed while two spaces have it attached: freed when the second detaches. */
static void lifetime(void)
{
	struct mm_struct *mm = user_enter(), *child;
	u32 charged = vm_committed;
	struct shm_segment *segment;
	int id, err;

	id = do_shmget(0x1234, BYTES, IPC_CREAT | 0600);
	segment = shm_find(id, &err);
	EXPECT(segment);
	EXPECT_EQ(vm_committed, charged + 3);
	EXPECT_EQ(do_shmat(id, PLACE, 0), PLACE);
	EXPECT_EQ((u32)put_user(7, PLACE + PAGE_SIZE), 0);
	child = mm_copy(mm);
	EXPECT(child);
	EXPECT_EQ(shm_attached(segment), 2);
	EXPECT_EQ((u32)do_mprotect(mm, PLACE + PAGE_SIZE, PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(shm_attached(segment), 4);
	EXPECT_EQ((u32)do_shmctl(id, IPC_RMID, 0, false), 0);
	EXPECT_EQ((u32)do_shmget(0x1234, BYTES, 0), (u32)-ENOENT);
	EXPECT(shm_find(id, &err) == segment);
	EXPECT_EQ((u32)do_shmdt(PLACE), 0);
	EXPECT_EQ((u32)do_shmdt(PLACE), (u32)-EINVAL);

	EXPECT(shm_find(id, &err) == segment);
	EXPECT_EQ(segment->mapping.nrpages, 1);
	mm_put(child);
	EXPECT(!shm_find(id, &err));
	EXPECT_EQ((u32)err, (u32)-EINVAL);
	EXPECT_EQ(vm_committed, charged);
	user_leave(mm);
}

/* Indexes are used in turn, as on Linux: a lower one that is free again has to wait. */
static void ids(void)
{
	struct mm_struct *mm = user_enter();
	s32 id[3], again;
	int err;

	for (u32 i = 0; i < 3; i++)
		id[i] = do_shmget(IPC_PRIVATE, 1, 0600);
	EXPECT_EQ((u32)do_shmctl(id[1], IPC_RMID, 0, false), 0);
	again = do_shmget(IPC_PRIVATE, 1, 0600);
	EXPECT(again != id[1]);
	EXPECT(again % IPC_INDEXES == id[2] % IPC_INDEXES + 1 ||
	       again % IPC_INDEXES < id[0] % IPC_INDEXES);
	EXPECT(!shm_find(id[1], &err));
	EXPECT_EQ((u32)err, (u32)-EINVAL);
	/* The index is in use, by another id. */
	EXPECT(!shm_find((id[0] + (s32)IPC_INDEXES) & INT32_MAX, &err));
	EXPECT_EQ((u32)err, (u32)-EINVAL);
	EXPECT_EQ((u32)do_shmctl(id[0], IPC_RMID, 0, false), 0);
	EXPECT_EQ((u32)do_shmctl(again, IPC_RMID, 0, false), 0);
	EXPECT_EQ((u32)do_shmctl(id[2], IPC_RMID, 0, false), 0);
	EXPECT(list_empty(&shm_table.objects));
	user_leave(mm);
}

static bool make_segment(void *context)
{
	struct mm_struct *mm = context;
	s32 id = do_shmget(IPC_PRIVATE, BYTES, 0600);
	vaddr_t at;
	bool complete;

	if (id < 0) {
		EXPECT_EQ((u32)id, (u32)-ENOMEM);
		return false;
	}
	at = do_shmat(id, PLACE, 0);
	complete = at == PLACE && !put_user(1, PLACE) && !put_user(1, PLACE + 2 * PAGE_SIZE);
	EXPECT(at == PLACE || at == (vaddr_t)-ENOMEM);
	EXPECT_EQ((u32)do_shmctl(id, IPC_RMID, 0, false), 0);
	if (at == PLACE)
		EXPECT_EQ((u32)do_shmdt(PLACE), 0);
	EXPECT(list_empty(&shm_table.objects));
	EXPECT_EQ(mm->map_count, 0);
	return complete;
}

static void no_memory(void)
{
	struct mm_struct *mm = user_enter();
	u32 drained, failed;

	drained = drain_sweep(make_segment, mm);
	failed = fail_sweep(make_segment, mm);
	EXPECT(drained >= 4 && failed >= 4);
	printk("  # failures: %u without frames, %u injected\n", drained, failed);
	user_leave(mm);
}

static const struct test_case cases[] = {
	{ "lifetime", lifetime },
	{ "ids", ids },
	{ "no_memory", no_memory },
};
TEST_SUITE(shm, cases);
