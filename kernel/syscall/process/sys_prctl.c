/* SPDX-License-Identifier: MIT */
/*
 * prctl(2) and personality(2): settings of a process. The commands that are missing are -EINVAL,
 * as on a Linux that was built without them.
 */
#include "abi/linux/errno.h"
#include "abi/linux/prctl.h"
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/task/cred.h"
#include "kernel/signal/signal.h"
#include "kernel/syscall/process/sys_capability.h"
#include "kernel/syscall/syscall.h"
#include "lib/string.h"

#define TIMER_SLACK_DEFAULT 50000u

static s32 set_name(vaddr_t from)
{
	char name[TASK_NAME_SIZE];
	int length = strncpy_from_user(name, from, TASK_NAME_SIZE - 1);

	if (length < 0)
		return -EFAULT;
	/* Programs see all of it, and the copy may have more than the name. */
	memset(name + length, 0, TASK_NAME_SIZE - (u32)length);
	memcpy(current->name, name, TASK_NAME_SIZE);
	return 0;
}

static s32 get_name(vaddr_t to)
{
	return copy_to_user(to, current->name, TASK_NAME_SIZE) ? -EFAULT : 0;
}

/* A switch of the process: 0 or 1. */
static s32 set_flag(bool *flag, u32 value)
{
	if (value > 1)
		return -EINVAL;
	*flag = value;
	return 0;
}

static bool no_more_arguments(const struct pt_regs *regs)
{
	return !regs->edx && !regs->esi && !regs->edi;
}

static s32 timer_slack(u32 nanoseconds)
{
	current->timer_slack = nanoseconds ? nanoseconds : current->timer_slack_default;
	return 0;
}

static s32 set_tsc(u32 value)
{
	if (!cpu_has(CPU_TSC) || (value != PR_TSC_ENABLE && value != PR_TSC_SIGSEGV))
		return -EINVAL;
	current->extras &= ~(u32)EXTRA_NO_TSC;
	current->extras |= value == PR_TSC_SIGSEGV ? EXTRA_NO_TSC : 0;
	cpu_forbid_tsc(value == PR_TSC_SIGSEGV);
	return 0;
}

/* Once set it stays as it is. */
static s32 set_mdwe(const struct pt_regs *regs, u32 bits)
{
	struct mm_struct *mm = current->mm;

	if (!no_more_arguments(regs) || bits & ~(PR_MDWE_REFUSE_EXEC_GAIN | PR_MDWE_NO_INHERIT) ||
	    bits == PR_MDWE_NO_INHERIT)
		return -EINVAL;
	if (mm->mdwe && mm->mdwe != bits)
		return -EPERM;
	mm->mdwe = bits;
	return 0;
}

/* Those that set something. */
static s32 set(const struct pt_regs *regs, u32 value)
{
	struct process_flags *flags = &current->group->flags;
	s32 err;
	bool on;

	switch (regs->ebx) {
	case PR_SET_PDEATHSIG:
		if (value > NR_SIGNALS)
			return -EINVAL;
		current->parent_death_signal = value;
		return 0;
	case PR_SET_DUMPABLE:
		err = set_flag(&on, value);
		if (!err)
			flags->not_dumpable = !on;
		return err;
	case PR_SET_TIMING:
		return value ? -EINVAL : 0;
	case PR_SET_NAME:
		return set_name(value);
	case PR_SET_TSC:
		return set_tsc(value);
	case PR_SET_TIMERSLACK:
		return timer_slack(value);
	case PR_SET_CHILD_SUBREAPER:
		flags->subreaper = value;
		return 0;
	case PR_SET_MDWE:
		return set_mdwe(regs, value);
	case PR_SET_NO_NEW_PRIVS:
		if (value != 1 || !no_more_arguments(regs))
			return -EINVAL;
		flags->no_new_privs = true;
		return 0;
	}
	return -EINVAL;
}

s32 sys_prctl(struct pt_regs *regs)
{
	const struct process_flags *flags = &current->group->flags;
	u32 place = regs->ecx;
	s32 result;

	switch (regs->ebx) {
	case PR_GET_PDEATHSIG:
		return put_user(current->parent_death_signal, place);
	case PR_GET_DUMPABLE:
		return !flags->not_dumpable;
	case PR_GET_TIMING:
		return 0;
	case PR_GET_NAME:
		return get_name(place);
	case PR_GET_TSC:
		return put_user(current->extras & EXTRA_NO_TSC ? PR_TSC_SIGSEGV : PR_TSC_ENABLE,
				place);
	case PR_GET_TIMERSLACK:
		return (s32)(current->timer_slack ? current->timer_slack : TIMER_SLACK_DEFAULT);
	case PR_GET_CHILD_SUBREAPER:
		return put_user(flags->subreaper, place);
	case PR_GET_SECCOMP: /* no filter, ever */
		return 0;
	case PR_GET_NO_NEW_PRIVS:
		return place || !no_more_arguments(regs) ? -EINVAL : flags->no_new_privs;
	case PR_GET_MDWE:
		return place || !no_more_arguments(regs) ? -EINVAL : (s32)current->mm->mdwe;
	case PR_GET_TID_ADDRESS:
		return put_user(current->clear_child_tid, place);
	}
	return prctl_capability(regs, &result) ? result : set(regs, place);
}

/* Any value is stored, as on Linux. It is of the thread. */
s32 sys_personality(struct pt_regs *regs)
{
	s32 old = (s32)current->personality;

	if (regs->ebx == PERSONALITY_QUERY)
		return old;
	current->personality = regs->ebx;
	if (regs->ebx & READ_IMPLIES_EXEC)
		current->mm->read_exec = true;
	return old;
}
