/* SPDX-License-Identifier: MIT */
/*
 * Whom a process acts for. It begins as the super-user, 0, and can give that up; the one thing that depends on it is whether
 * RLIMIT_MEMLOCK holds (mm_struct.privileged). The three identities are those of Linux (credentials(7)): real, effective, saved.
 *
 * They are kept with the address space: threads share them, as they do by way of any C library on Linux, and so does a vfork child until
 * it executes a program.
 */
#include "kernel/syscall.h"
#include "kernel/task.h"
#include "kernel/uaccess.h"
#include "lib/errno.h"

#define UNCHANGED ((u32)-1)

/* Without privilege an identity can only become one that the process has already. */
static bool may_become(const struct mm_ids *ids, u32 uid)
{
	return uid == UNCHANGED || !ids->effective || uid == ids->real || uid == ids->effective ||
	       uid == ids->saved;
}

static s32 set_ids(u32 real, u32 effective, u32 saved)
{
	struct mm_ids *ids = &current->mm->ids;

	if (!may_become(ids, real) || !may_become(ids, effective) || !may_become(ids, saved))
		return -EPERM;
	if (real != UNCHANGED)
		ids->real = real;
	if (effective != UNCHANGED)
		ids->effective = effective;
	if (saved != UNCHANGED)
		ids->saved = saved;
	current->mm->privileged = !ids->effective;
	return 0;
}

s32 sys_setresuid32(struct pt_regs *regs)
{
	return set_ids(regs->ebx, regs->ecx, regs->edx);
}

/* The saved identity follows the effective one where a real one is set, or the effective one leaves the real one. */
s32 sys_setreuid32(struct pt_regs *regs)
{
	const struct mm_ids *ids = &current->mm->ids;
	u32 real = regs->ebx, effective = regs->ecx, saved = UNCHANGED;

	if (real != UNCHANGED && ids->effective && real != ids->real && real != ids->effective)
		return -EPERM;
	if (real != UNCHANGED || (effective != UNCHANGED && effective != ids->real))
		saved = effective != UNCHANGED ? effective : ids->effective;
	return set_ids(real, effective, saved);
}

/* The super-user sets all three, for good. */
s32 sys_setuid32(struct pt_regs *regs)
{
	const struct mm_ids *ids = &current->mm->ids;
	u32 uid = regs->ebx;

	if (uid == UNCHANGED)
		return -EINVAL;
	if (!ids->effective)
		return set_ids(uid, uid, uid);
	if (uid != ids->real && uid != ids->saved)
		return -EPERM;
	return set_ids(UNCHANGED, uid, UNCHANGED);
}

s32 sys_getuid32(struct pt_regs *regs)
{
	(void)regs;
	return (s32)current->mm->ids.real;
}

s32 sys_geteuid32(struct pt_regs *regs)
{
	(void)regs;
	return (s32)current->mm->ids.effective;
}

s32 sys_getresuid32(struct pt_regs *regs)
{
	const struct mm_ids *ids = &current->mm->ids;

	if (put_user(ids->real, regs->ebx) || put_user(ids->effective, regs->ecx) ||
	    put_user(ids->saved, regs->edx))
		return -EFAULT;
	return 0;
}
