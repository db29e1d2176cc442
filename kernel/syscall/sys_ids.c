/* SPDX-License-Identifier: MIT */
/*
 * User and group IDs, credentials(7): a real, effective and saved ID of each, the ID for files,
 * and the supplementary groups. A process starts as the super-user, 0, and can change that for
 * good. The IDs decide whether RLIMIT_MEMLOCK applies, and whether the process may set IDs, groups
 * and hard limits.
 *
 * Threads share the IDs, as C libraries arrange it on Linux; a child has a copy.
 *
 * Each call has two numbers. The older one has 16-bit IDs: all ones mean "unchanged", and an ID
 * that does not fit is reported as 65534, Linux's overflow ID. Both must exist: a C library that
 * finds only one would take -ENOSYS, -38, for an ID.
 */
#include "kernel/process/cred.h"
#include "kernel/syscall/syscall.h"
#include "kernel/process/task.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"

#define UNCHANGED   ((u32)-1)
#define OVERFLOW_ID 65534u

enum kind { USER, GROUP };
enum width { NARROW, WIDE };

static struct id_set *ids_of(enum kind kind)
{
	return kind == USER ? &current->group->user : &current->group->groups.ids;
}

/* Reads an ID argument. */
static u32 id_argument(u32 word, enum width width)
{
	if (width == WIDE)
		return word;
	return (u16)word == UINT16_MAX ? UNCHANGED : (u16)word;
}

static u32 id_told(u32 id, enum width width)
{
	return width == WIDE || id <= UINT16_MAX ? id : OVERFLOW_ID;
}

static u32 id_bytes(enum width width)
{
	return width == WIDE ? sizeof(u32) : sizeof(u16);
}

static int put_id(vaddr_t place, u32 id, enum width width)
{
	u32 told = id_told(id, width);

	return copy_to_user(place, &told, id_bytes(width)) ? -EFAULT : 0;
}

/* Without privilege an ID can only become one that the process already has. */
static bool may_become(const struct id_set *ids, u32 id)
{
	return id == UNCHANGED || privileged() || id == ids->real || id == ids->effective ||
	       id == ids->saved;
}

static s32 set_ids(struct id_set *ids, u32 real, u32 effective, u32 saved)
{
	if (!may_become(ids, real) || !may_become(ids, effective) || !may_become(ids, saved))
		return -EPERM;
	if (real != UNCHANGED)
		ids->real = real;
	if (effective != UNCHANGED)
		ids->effective = effective;
	if (saved != UNCHANGED)
		ids->saved = saved;
	ids->file = ids->effective;
	return 0;
}

static s32 set_three(enum kind kind, enum width width, const struct pt_regs *regs)
{
	return set_ids(ids_of(kind), id_argument(regs->ebx, width), id_argument(regs->ecx, width),
		       id_argument(regs->edx, width));
}

/*
 * Sets the saved ID to the effective one if the real one is set, or if the effective one then
 * differs from the real one.
 */
static s32 set_two(enum kind kind, enum width width, const struct pt_regs *regs)
{
	struct id_set *ids = ids_of(kind);
	u32 real = id_argument(regs->ebx, width), effective = id_argument(regs->ecx, width);
	u32 saved = UNCHANGED;

	if (real != UNCHANGED && !privileged() && real != ids->real && real != ids->effective)
		return -EPERM;
	if (!may_become(ids, effective))
		return -EPERM;
	if (real != UNCHANGED || (effective != UNCHANGED && effective != ids->real))
		saved = effective != UNCHANGED ? effective : ids->effective;
	return set_ids(ids, real, effective, saved);
}

/* The super-user sets all three, for good. */
static s32 set_one(enum kind kind, enum width width, const struct pt_regs *regs)
{
	struct id_set *ids = ids_of(kind);
	u32 id = id_argument(regs->ebx, width);

	if (id == UNCHANGED)
		return -EINVAL;
	if (privileged())
		return set_ids(ids, id, id, id);
	if (id != ids->real && id != ids->saved)
		return -EPERM;
	return set_ids(ids, UNCHANGED, id, UNCHANGED);
}

/* Returns the previous ID for files, even if nothing changes. */
static s32 set_file_id(enum kind kind, enum width width, const struct pt_regs *regs)
{
	struct id_set *ids = ids_of(kind);
	u32 old = ids->file, id = id_argument(regs->ebx, width);

	if (id != UNCHANGED && (may_become(ids, id) || id == old))
		ids->file = id;
	return (s32)id_told(old, width);
}

static s32 get_real(enum kind kind, enum width width, const struct pt_regs *regs)
{
	(void)regs;
	return (s32)id_told(ids_of(kind)->real, width);
}

static s32 get_effective(enum kind kind, enum width width, const struct pt_regs *regs)
{
	(void)regs;
	return (s32)id_told(ids_of(kind)->effective, width);
}

static s32 get_three(enum kind kind, enum width width, const struct pt_regs *regs)
{
	const struct id_set *ids = ids_of(kind);
	int err = put_id(regs->ebx, ids->real, width);

	if (!err)
		err = put_id(regs->ecx, ids->effective, width);
	return err ? err : put_id(regs->edx, ids->saved, width);
}

static s32 get_groups(enum kind kind, enum width width, const struct pt_regs *regs)
{
	const struct group_ids *groups = &current->group->groups;
	s32 room = (s32)regs->ebx;

	(void)kind;
	if (room < 0 || (room && (u32)room < groups->count))
		return -EINVAL;
	for (u32 i = 0; room && i < groups->count; i++)
		if (put_id(regs->ecx + i * id_bytes(width), groups->list[i], width))
			return -EFAULT;
	return (s32)groups->count;
}

/* Keeps the list sorted, as Linux does. */
static void add_group(struct group_ids *groups, u32 id)
{
	u32 i = groups->count++;

	for (; i && groups->list[i - 1] > id; i--)
		groups->list[i] = groups->list[i - 1];
	groups->list[i] = id;
}

static s32 set_groups(enum kind kind, enum width width, const struct pt_regs *regs)
{
	struct group_ids groups = { .ids = current->group->groups.ids };

	(void)kind;
	if (!privileged())
		return -EPERM;
	if (regs->ebx > GROUPS_MAX)
		return -EINVAL;
	for (u32 i = 0; i < regs->ebx; i++) {
		u32 id = 0, bytes = id_bytes(width);

		if (copy_from_user(&id, regs->ecx + i * bytes, bytes))
			return -EFAULT;
		id = id_argument(id, width);
		if (id == UNCHANGED)
			return -EINVAL;
		add_group(&groups, id);
	}
	current->group->groups = groups;
	return 0;
}

#define CALL(name, work, kind)                    \
	s32 sys_##name##16(struct pt_regs * regs) \
	{                                         \
		return work(kind, NARROW, regs);  \
	}                                         \
	s32 sys_##name##32(struct pt_regs * regs) \
	{                                         \
		return work(kind, WIDE, regs);    \
	}

CALL(getuid, get_real, USER)
CALL(getgid, get_real, GROUP)
CALL(geteuid, get_effective, USER)
CALL(getegid, get_effective, GROUP)
CALL(setuid, set_one, USER)
CALL(setgid, set_one, GROUP)
CALL(setreuid, set_two, USER)
CALL(setregid, set_two, GROUP)
CALL(setresuid, set_three, USER)
CALL(setresgid, set_three, GROUP)
CALL(getresuid, get_three, USER)
CALL(getresgid, get_three, GROUP)
CALL(setfsuid, set_file_id, USER)
CALL(setfsgid, set_file_id, GROUP)
CALL(getgroups, get_groups, GROUP)
CALL(setgroups, set_groups, GROUP)
