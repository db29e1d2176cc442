/* SPDX-License-Identifier: MIT */
/* shmctl(): the state of segments, in Linux's current structures (IPC_64) and the older ones. */
#include "kernel/ipc/sysv_shm.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"

/* Linux include/uapi/linux/ipc.h, shm.h. */
struct shmid_old {
	struct {
		u32 key;
		u16 uid, gid, cuid, cgid, mode, sequence;
	} perm;
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
		.perm = { .key = segment->key,
			  .uid = (u16)segment->uid,
			  .gid = (u16)segment->gid,
			  .mode = (u16)segment->mode,
			  .sequence = (u16)segment->sequence },
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
		.perm = { .key = segment->key,
			  .uid = segment->uid,
			  .gid = segment->gid,
			  .mode = (u16)segment->mode,
			  .sequence = (u16)segment->sequence },
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

/* IPC_SET: owner and permissions. */
static s32 set_state(struct shm_segment *segment, vaddr_t from, bool old)
{
	struct shmid64 state = { .size = 0 };
	struct shmid_old state_old;

	if (old) {
		if (copy_from_user(&state_old, from, sizeof(state_old)))
			return -EFAULT;
		state.perm.uid = state_old.perm.uid;
		state.perm.gid = state_old.perm.gid;
		state.perm.mode = state_old.perm.mode;
	} else if (copy_from_user(&state, from, sizeof(state))) {
		return -EFAULT;
	}
	segment->uid = state.perm.uid;
	segment->gid = state.perm.gid;
	segment->mode = (segment->mode & ~IPC_MODE) | (state.perm.mode & IPC_MODE);
	segment->ctime = shm_time();
	return 0;
}

/* The highest index in use, 0 if there is none: the bound for SHM_STAT. */
static s32 highest_index(void)
{
	return list_empty(&shm_segments)
		       ? 0
		       : (s32)list_last_entry(&shm_segments, struct shm_segment, link)->index;
}

static s32 put_limits(vaddr_t to, bool old)
{
	const u32 limits[9] = { SHMMAX, 1, SHMMNI, SHMMNI, SHMALL };
	s32 err = put(limits, old ? 5 * sizeof(u32) : sizeof(limits), to);

	return err ? err : highest_index();
}

static s32 put_totals(vaddr_t to)
{
	struct {
		u32 segments, pages, resident, swapped, swap_attempts, swap_successes;
	} totals = { .segments = 0 };
	const struct shm_segment *segment;
	s32 err;

	list_for_each_entry (segment, &shm_segments, link) {
		totals.segments++;
		totals.pages += PAGE_ALIGN(segment->size) >> PAGE_SHIFT;
		totals.resident += segment->mapping.nrpages;
	}
	err = put(&totals, sizeof(totals), to);
	return err ? err : highest_index();
}

/* SHM_STAT: the argument is an index, the result the id. */
static s32 state_by_index(s32 index, vaddr_t to, bool old)
{
	const struct shm_segment *segment;

	list_for_each_entry (segment, &shm_segments, link) {
		s32 err;

		if ((s32)segment->index != index % (s32)SHM_INDEXES)
			continue;
		err = put_state(segment, to, old);
		return err ? err : shm_id(segment);
	}
	return -EINVAL;
}

/* Removes the segment from the table. If no area maps it, it is freed at once. */
static void remove_segment(struct shm_segment *segment)
{
	if (segment->mode & SHM_DEST)
		return;
	segment->mode |= SHM_DEST;
	segment->key = IPC_PRIVATE;
	mapping_put(&segment->mapping);
}

static s32 control_segment(struct shm_segment *segment, u32 command, vaddr_t buffer, bool old)
{
	switch (command) {
	case IPC_STAT:
		return put_state(segment, buffer, old);
	case IPC_SET:
		return set_state(segment, buffer, old);
	case SHM_LOCK: /* its pages never leave memory anyway */
		segment->mode |= SHM_LOCKED;
		return 0;
	case SHM_UNLOCK:
		segment->mode &= ~SHM_LOCKED;
		return 0;
	default:
		remove_segment(segment);
		return 0;
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
		return state_by_index(id, buffer, old);
	case IPC_RMID:
	case IPC_SET:
	case IPC_STAT:
	case SHM_LOCK:
	case SHM_UNLOCK:
		segment = shm_find(id, &err);
		return segment ? control_segment(segment, command, buffer, old) : err;
	default:
		return -EINVAL;
	}
}
