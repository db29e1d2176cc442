/* SPDX-License-Identifier: MIT */
/* shmctl(): the state of segments, in Linux's current structures (IPC_64) and the older ones. */
#include "kernel/ipc/sysv_shm.h"
#include "kernel/cpu/uaccess.h"
#include "mm/user_space/limits.h"
#include "abi/linux/capability.h"
#include "abi/linux/errno.h"

/* Linux include/uapi/linux/ipc.h, shm.h. */
struct shmid_old {
	struct ipc_perm_old perm;
	u32 size, atime, dtime, ctime;
	u16 cpid, lpid, attached, unused;
	u32 unused2, unused3;
};
_Static_assert(sizeof(struct shmid_old) == 48, "struct shmid_old is not Linux's");

static s32 put(const void *from, u32 bytes, vaddr_t to)
{
	return copy_to_user(to, from, bytes) ? -EFAULT : 0;
}

static s32 put_state_old(const struct shm_segment *segment, vaddr_t to)
{
	const struct shmid_old state = {
		.perm = ipc_perm_old(&segment->ipc),
		.size = segment->size,
		.atime = segment->atime,
		.dtime = segment->dtime,
		.ctime = segment->ctime,
		.cpid = (u16)segment->cpid,
		.lpid = (u16)segment->lpid,
		.attached = (u16)shm_attached(segment),
	};

	return put(&state, sizeof(state), to);
}

static s32 put_state(const struct shm_segment *segment, vaddr_t to, bool old)
{
	const struct shmid64 state = {
		.perm = ipc_perm(&segment->ipc),
		.size = segment->size,
		.atime = segment->atime,
		.dtime = segment->dtime,
		.ctime = segment->ctime,
		.cpid = segment->cpid,
		.lpid = segment->lpid,
		.attached = shm_attached(segment),
	};

	return old ? put_state_old(segment, to) : put(&state, sizeof(state), to);
}

/* IPC_SET. The segment is found after the copy from ring 3, which may sleep. */
static s32 set_state(s32 id, vaddr_t from, bool old)
{
	struct shm_segment *segment;
	struct ipc64_perm perm;
	int err = ipc_read_perm(&perm, from, old);

	if (err)
		return err;
	segment = shm_find(id, &err);
	if (!segment)
		return err;
	err = ipc_set(&segment->ipc, &perm);
	if (!err)
		segment->ctime = shm_time();
	return err;
}

/* Both return the highest index in use, the bound for SHM_STAT. */
static s32 put_limits(vaddr_t to, bool old)
{
	const u32 limits[9] = { shmmax, 1, shmmni, shmmni, shmall };
	s32 err = put(limits, old ? 5 * sizeof(u32) : sizeof(limits), to);

	return err ? err : ipc_highest(&shm_table);
}

static s32 put_totals(vaddr_t to)
{
	struct {
		u32 segments, pages, resident, swapped, swap_attempts, swap_successes;
	} totals = { .segments = 0 };
	const struct shm_segment *segment;
	s32 err;

	list_for_each_entry (segment, &shm_table.objects, ipc.link) {
		totals.segments++;
		totals.pages += PAGE_ALIGN(segment->size) >> PAGE_SHIFT;
		totals.resident += shm_resident(segment);
	}
	err = put(&totals, sizeof(totals), to);
	return err ? err : ipc_highest(&shm_table);
}

/* SHM_STAT: the argument is an index, the result the id. SHM_STAT_ANY asks for no permission. */
static s32 state_by_index(s32 index, vaddr_t to, bool any, bool old)
{
	const struct shm_segment *segment = shm_segment_of(ipc_find_index(&shm_table, index));
	s32 err, id;

	if (!segment)
		return -EINVAL;
	id = ipc_id(&segment->ipc); /* it may be gone after put_state() */
	err = any ? 0 : ipc_access(&segment->ipc, IPC_READ);
	if (!err)
		err = put_state(segment, to, old);
	return err ? err : id;
}

/* Removes the segment from the table. If no area maps it, it is freed at once. */
static s32 remove_segment(struct shm_segment *segment)
{
	int err = ipc_control(&segment->ipc);

	if (err || segment->ipc.mode & SHM_DEST)
		return err;
	segment->ipc.mode |= SHM_DEST;
	segment->ipc.key = IPC_PRIVATE;
	mapping_put(&segment->mapping);
	return 0;
}

/* Its pages never leave memory anyway. CAP_SYS_ADMIN is not enough, as on Linux. */
static s32 lock_segment(struct shm_segment *segment, bool lock)
{
	if (!capable(CAP_IPC_LOCK) &&
	    (!ipc_owned(&segment->ipc) || (lock && !rlimit(RLIMIT_MEMLOCK))))
		return -EPERM;
	segment->ipc.mode &= ~SHM_LOCKED;
	if (lock)
		segment->ipc.mode |= SHM_LOCKED;
	return 0;
}

static s32 control_segment(struct shm_segment *segment, u32 command, vaddr_t buffer, bool old)
{
	int err;

	switch (command) {
	case IPC_STAT:
		err = ipc_access(&segment->ipc, IPC_READ);
		return err ? err : put_state(segment, buffer, old);
	case SHM_LOCK:
	case SHM_UNLOCK:
		return lock_segment(segment, command == SHM_LOCK);
	default:
		return remove_segment(segment);
	}
}

s32 do_shmctl(s32 id, u32 command, vaddr_t buffer, bool old)
{
	struct shm_segment *segment;
	int err;

	if (id < 0)
		return -EINVAL;
	switch (command) {
	case IPC_INFO:
		return put_limits(buffer, old);
	case SHM_INFO:
		return put_totals(buffer);
	case SHM_STAT:
	case SHM_STAT_ANY:
		return state_by_index(id, buffer, command == SHM_STAT_ANY, old);
	case IPC_SET:
		return set_state(id, buffer, old);
	case IPC_RMID:
	case IPC_STAT:
	case SHM_LOCK:
	case SHM_UNLOCK:
		segment = shm_find(id, &err);
		return segment ? control_segment(segment, command, buffer, old) : err;
	default:
		return -EINVAL;
	}
}
