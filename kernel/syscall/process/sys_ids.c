/* SPDX-License-Identifier: MIT */
/*
 * User and group IDs, credentials(7): a real, effective and saved ID of each, the ID for files,
 * and the supplementary groups. A process starts as the super-user, 0, and can change that for
 * good. The user IDs decide which capabilities it has
 * (kernel/task/capability.h).
 *
 * Threads share the IDs, as C libraries arrange it on Linux; a child has a copy.
 *
 * Each call has two numbers. The older one, below getuid32's, has 16-bit IDs: all ones mean
 * "unchanged", and an ID that does not fit is reported as 65534, Linux's overflow ID. Both must
 * exist: a C library that finds only one would take -ENOSYS, -38, for an ID.
 */
#include "kernel/task/cred.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/task.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"
#include "abi/linux/unistd.h"
#include "lib/assert.h"

#define UNCHANGED   ((u32)-1)
#define OVERFLOW_ID 65534u

enum kind { USER, GROUP };

static struct id_set *ids_of(enum kind kind)
{
	return kind == USER ? &current->group->user : &current->group->groups.ids;
}

/* May the process set IDs of this kind at will? */
static bool may_set(enum kind kind)
{
	return capable(kind == USER ? CAP_SETUID : CAP_SETGID);
}

static bool is_wide(const struct pt_regs *regs)
{
	return regs->orig_eax >= NR_getuid32;
}

static u32 id_bytes(const struct pt_regs *regs)
{
	return is_wide(regs) ? sizeof(u32) : sizeof(u16);
}

static u32 id_argument(const struct pt_regs *regs, u32 word)
{
	if (is_wide(regs))
		return word;
	return (u16)word == UINT16_MAX ? UNCHANGED : (u16)word;
}

static u32 id_told(const struct pt_regs *regs, u32 id)
{
	return is_wide(regs) || id <= UINT16_MAX ? id : OVERFLOW_ID;
}

static int put_id(const struct pt_regs *regs, vaddr_t place, u32 id)
{
	u32 told = id_told(regs, id);

	return copy_to_user(place, &told, id_bytes(regs)) ? -EFAULT : 0;
}

/* Without privilege an ID can only become one that the process already has. */
static bool may_become(enum kind kind, u32 id)
{
	const struct id_set *ids = ids_of(kind);

	return id == UNCHANGED || may_set(kind) || id == ids->real || id == ids->effective ||
	       id == ids->saved;
}

/* As on Linux: the memory may have what the new user must not see. */
static void forget_trust(void)
{
	current->group->flags.not_dumpable = true;
	current->parent_death_signal = 0;
}

static s32 set_ids(enum kind kind, u32 real, u32 effective, u32 saved)
{
	struct id_set *ids = ids_of(kind), old = *ids;

	if (!may_become(kind, real) || !may_become(kind, effective) || !may_become(kind, saved))
		return -EPERM;
	if (real != UNCHANGED)
		ids->real = real;
	if (effective != UNCHANGED)
		ids->effective = effective;
	if (saved != UNCHANGED)
		ids->saved = saved;
	ids->file = ids->effective;
	if (ids->effective != old.effective || ids->file != old.file)
		forget_trust();
	if (kind == USER)
		capabilities_set_ids(&current->group->caps, &old, ids);
	return 0;
}

static s32 set_three(enum kind kind, const struct pt_regs *regs)
{
	return set_ids(kind, id_argument(regs, regs->ebx), id_argument(regs, regs->ecx),
		       id_argument(regs, regs->edx));
}

/* Sets the saved ID to the effective one, if the real one is set or they then differ. */
static s32 set_two(enum kind kind, const struct pt_regs *regs)
{
	struct id_set *ids = ids_of(kind);
	u32 real = id_argument(regs, regs->ebx), effective = id_argument(regs, regs->ecx);
	u32 saved = UNCHANGED;

	if (real != UNCHANGED && !may_set(kind) && real != ids->real && real != ids->effective)
		return -EPERM;
	if (!may_become(kind, effective))
		return -EPERM;
	if (real != UNCHANGED || (effective != UNCHANGED && effective != ids->real))
		saved = effective != UNCHANGED ? effective : ids->effective;
	return set_ids(kind, real, effective, saved);
}

/* The super-user sets all three, for good. */
static s32 set_one(enum kind kind, const struct pt_regs *regs)
{
	struct id_set *ids = ids_of(kind);
	u32 id = id_argument(regs, regs->ebx);

	if (id == UNCHANGED)
		return -EINVAL;
	if (may_set(kind))
		return set_ids(kind, id, id, id);
	if (id != ids->real && id != ids->saved)
		return -EPERM;
	return set_ids(kind, UNCHANGED, id, UNCHANGED);
}

/* Returns the previous ID for files, even if nothing changes. */
static s32 set_file_id(enum kind kind, const struct pt_regs *regs)
{
	struct id_set *ids = ids_of(kind);
	u32 old = ids->file, id = id_argument(regs, regs->ebx);

	if (id == UNCHANGED || id == old || !may_become(kind, id))
		return (s32)id_told(regs, old);
	ids->file = id;
	forget_trust();
	if (kind == USER)
		capabilities_set_file_id(&current->group->caps, old, id);
	return (s32)id_told(regs, old);
}

static s32 get_real(enum kind kind, const struct pt_regs *regs)
{
	return (s32)id_told(regs, ids_of(kind)->real);
}

static s32 get_effective(enum kind kind, const struct pt_regs *regs)
{
	return (s32)id_told(regs, ids_of(kind)->effective);
}

static s32 get_three(enum kind kind, const struct pt_regs *regs)
{
	const struct id_set *ids = ids_of(kind);
	int err = put_id(regs, regs->ebx, ids->real);

	if (!err)
		err = put_id(regs, regs->ecx, ids->effective);
	return err ? err : put_id(regs, regs->edx, ids->saved);
}

s32 sys_getgroups(struct pt_regs *regs)
{
	const struct group_ids *groups = &current->group->groups;
	s32 room = (s32)regs->ebx;

	if (room < 0 || (room && (u32)room < groups->count))
		return -EINVAL;
	for (u32 i = 0; room && i < groups->count; i++)
		if (put_id(regs, regs->ecx + i * id_bytes(regs), groups->list[i]))
			return -EFAULT;
	return (s32)groups->count;
}

/* Keeps the list sorted, as Linux does. */
static void add_group(struct group_ids *groups, u32 id)
{
	u32 i = groups->count++;

	BUG_ON(i >= GROUPS_MAX);
	for (; i && groups->list[i - 1] > id; i--)
		groups->list[i] = groups->list[i - 1];
	groups->list[i] = id;
}

s32 sys_setgroups(struct pt_regs *regs)
{
	struct group_ids groups = { .ids = current->group->groups.ids };

	if (!may_set(GROUP))
		return -EPERM;
	if (regs->ebx > GROUPS_MAX)
		return -EINVAL;
	for (u32 i = 0; i < regs->ebx; i++) {
		u32 id = 0, bytes = id_bytes(regs);

		if (copy_from_user(&id, regs->ecx + i * bytes, bytes))
			return -EFAULT;
		id = id_argument(regs, id);
		if (id == UNCHANGED)
			return -EINVAL;
		add_group(&groups, id);
	}
	current->group->groups = groups;
	return 0;
}

#define CALL(name, work, kind)               \
	s32 sys_##name(struct pt_regs *regs) \
	{                                    \
		return work(kind, regs);     \
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
