/* SPDX-License-Identifier: MIT */
/*
 * SHM_LOCK, SHM_UNLOCK and IPC_RMID: the users that may, by their capabilities and limit, and what
 * the mode says afterwards; a segment that is removed while it is in use.
 *
 * sources: kernel/ipc/ipc_object.c kernel/ipc/sysv_shm.c kernel/ipc/sysv_shm_ctl.c
 */
#include "abi/linux/capability.h"
#include "abi/linux/errno.h"
#include "kernel/ipc/sysv_shm.h"
#include "kernel/task/task.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

static struct thread_group group;
static struct task own = { .pid = 20, .group = &group };
struct task *current = &own;
static u32 capabilities; /* a bit for each */
static s32 id;

bool capable(u32 capability)
{
	return capabilities & 1u << capability;
}

void mm_unpark(struct mm_struct *mm)
{
	EXPECT(!mm); /* one task: none waits */
}

static void end(void)
{
	group.user.effective = 1;
	EXPECT_EQ(do_shmctl(id, IPC_RMID, 0, false), 0);
	EXPECT_EQ(shm_table.count, 0);
}

/* A segment of user 1, which user 2 has made. */
static void start(void)
{
	machine_boot();
	console_date = 1000ull * 1000000000;
	group.user.effective = 2;
	id = do_shmget(IPC_PRIVATE, PAGE_SIZE, 0600);
	EXPECT(id >= 0);
	shm_segment_of(ipc_find_index(&shm_table, id))->ipc.uid = 1;
	tap_finally(end);
}

static s32 lock(void)
{
	return do_shmctl(id, SHM_LOCK, 0, false);
}

static s32 unlock(void)
{
	return do_shmctl(id, SHM_UNLOCK, 0, false);
}

static u32 mode(void)
{
	return shm_segment_of(ipc_find_index(&shm_table, id))->ipc.mode;
}

static void modes(void)
{
	start();
	EXPECT_EQ(mode(), 0600);
	EXPECT_EQ(unlock(), 0);
	EXPECT_EQ(mode(), 0600);
	for (u32 twice = 0; twice < 2; twice++) {
		EXPECT_EQ(lock(), 0);
		EXPECT_EQ(mode(), SHM_LOCKED | 0600);
	}
	for (u32 twice = 0; twice < 2; twice++) {
		EXPECT_EQ(unlock(), 0);
		EXPECT_EQ(mode(), 0600);
	}
}

/* The owner and the creator; of others those with CAP_IPC_LOCK, and no other capability. */
static void users(void)
{
	start();
	for (u32 user = 0; user < 4; user++) {
		const s32 result = user == 1 || user == 2 ? 0 : -EPERM;

		group.user.effective = user;
		EXPECT_EQ(lock(), result);
		EXPECT_EQ(mode(), result ? 0600 : SHM_LOCKED | 0600);
		EXPECT_EQ(unlock(), result);
	}
	group.user.effective = 1;
	EXPECT_EQ(lock(), 0);
	group.user.effective = 3;
	capabilities = ~(1u << CAP_IPC_LOCK);
	EXPECT_EQ(unlock(), -EPERM);
	EXPECT_EQ(mode(), SHM_LOCKED | 0600);
	capabilities = 1u << CAP_IPC_LOCK;
	EXPECT_EQ(unlock(), 0);
	EXPECT_EQ(lock(), 0);
	EXPECT_EQ(mode(), SHM_LOCKED | 0600);
}

/* With a limit of 0 a segment can be unlocked, not locked; the capability has no limit. */
static void limit(void)
{
	start();
	EXPECT_EQ(lock(), 0);
	host_rlim[RLIMIT_MEMLOCK].cur = 0;
	EXPECT_EQ(lock(), -EPERM);
	EXPECT_EQ(mode(), SHM_LOCKED | 0600);
	EXPECT_EQ(unlock(), 0);
	EXPECT_EQ(mode(), 0600);
	capabilities = 1u << CAP_IPC_LOCK;
	EXPECT_EQ(lock(), 0);
}

/* Removed once, by those that may; its key is free at once, its memory with the last reference. */
static void removed(void)
{
	struct shm_segment *segment;
	s32 kept, other;

	start();
	kept = do_shmget(77, 1, IPC_CREAT | 0600);
	segment = shm_segment_of(ipc_find_index(&shm_table, kept));
	group.user.effective = 3;
	capabilities = ~(1u << CAP_SYS_ADMIN);
	EXPECT_EQ(do_shmctl(kept, IPC_RMID, 0, false), -EPERM);
	EXPECT_EQ(segment->ipc.mode, 0600);
	mapping_get(&segment->mapping); /* an area has it */
	capabilities = 1u << CAP_SYS_ADMIN;
	EXPECT_EQ(do_shmctl(kept, IPC_RMID, 0, false), 0);
	EXPECT_EQ(segment->ipc.mode, SHM_DEST | 0600);
	EXPECT_EQ(segment->ipc.key, IPC_PRIVATE);
	EXPECT_EQ(do_shmctl(kept, IPC_RMID, 0, false), 0);
	capabilities = 0;
	EXPECT_EQ(do_shmctl(kept, IPC_RMID, 0, false), -EPERM);
	EXPECT_EQ(do_shmget(77, 1, 0600), -ENOENT);
	other = do_shmget(77, 1, IPC_CREAT | 0600);
	EXPECT(other >= 0 && other != kept);
	EXPECT_EQ(do_shmctl(other, IPC_RMID, 0, false), 0);
	EXPECT_EQ(shm_table.count, 2);
	mapping_put(&segment->mapping);
	EXPECT_EQ(shm_table.count, 1);
}

TAP_MAIN({ "the mode", modes }, { "users", users }, { "a limit of 0", limit },
	 { "removed while in use", removed })
