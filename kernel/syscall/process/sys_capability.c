/* SPDX-License-Identifier: MIT */
/* capget(2), capset(2), and the commands of prctl(2) about capabilities. */
#include "kernel/syscall/process/sys_capability.h"
#include "abi/linux/errno.h"
#include "abi/linux/prctl.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/task/capability.h"
#include "kernel/task/task.h"
#include "kernel/syscall/syscall.h"
#include "lib/string.h"

static u32 words_of(u32 version)
{
	if (version == CAPABILITY_VERSION_1)
		return 1;
	return version == CAPABILITY_VERSION_2 || version == CAPABILITY_VERSION_3 ? 2 : 0;
}

/* The version's number of words, 0 for an unknown one, after the known one was written. */
static int read_version(vaddr_t place, u32 *words)
{
	u32 version;

	if (get_user(&version, place))
		return -EFAULT;
	*words = words_of(version);
	return !*words && put_user(CAPABILITY_VERSION_3, place) ? -EFAULT : 0;
}

/* 0, -EFAULT, or -EINVAL for an unknown version. */
static int read_header(vaddr_t place, s32 *pid, u32 *words)
{
	struct cap_header header;
	int err = read_version(place, words);

	if (err || !*words)
		return err ? err : -EINVAL;
	if (copy_from_user(&header, place, sizeof(header)))
		return -EFAULT;
	*pid = header.pid;
	return 0;
}

s32 sys_capget(struct pt_regs *regs)
{
	const struct capabilities *caps;
	struct cap_data sets[2];
	const struct task *task;
	u32 words;
	s32 pid = 0;
	/* Without a place for the sets, the call asks for the version. */
	int err =
		regs->ecx ? read_header(regs->ebx, &pid, &words) : read_version(regs->ebx, &words);

	if (err || !regs->ecx)
		return err;
	if (pid < 0)
		return -EINVAL;
	task = pid ? task_find(pid) : current;
	if (!task)
		return -ESRCH;
	caps = &task->group->caps;
	for (u32 i = 0; i < 2; i++)
		sets[i] = (struct cap_data){ (u32)(caps->effective >> 32 * i),
					     (u32)(caps->permitted >> 32 * i),
					     (u32)(caps->inheritable >> 32 * i) };
	return copy_to_user(regs->ecx, sets, words * sizeof(*sets)) ? -EFAULT : 0;
}

static u64 joined(u32 low, u32 high)
{
	return (low | (u64)high << 32) & CAPABILITIES_ALL;
}

s32 sys_capset(struct pt_regs *regs)
{
	struct cap_data sets[2] = { { 0 }, { 0 } };
	u32 words;
	s32 pid = 0;
	int err = read_header(regs->ebx, &pid, &words);

	if (err)
		return err;
	if (pid && pid != current->pid)
		return -EPERM;
	if (copy_from_user(sets, regs->ecx, words * sizeof(*sets)))
		return -EFAULT;
	return capabilities_change(joined(sets[0].effective, sets[1].effective),
				   joined(sets[0].permitted, sets[1].permitted),
				   joined(sets[0].inheritable, sets[1].inheritable));
}

/* --- prctl() --- */

static s32 drop_from_bounding_set(u32 capability)
{
	if (!capable(CAP_SETPCAP))
		return -EPERM;
	if (capability > CAP_LAST)
		return -EINVAL;
	current->group->caps.bounding &= ~CAPABILITY(capability);
	return 0;
}

static s32 set_secure_bits(u32 bits)
{
	struct capabilities *caps = &current->group->caps;
	u32 changed = bits ^ caps->secure, locked = (caps->secure & SECBITS_LOCKS) >> 1;

	/* What is locked stays, and locks are never opened. */
	if (changed & locked || caps->secure & SECBITS_LOCKS & ~bits || bits & ~SECBITS_ALL ||
	    !capable(CAP_SETPCAP))
		return -EPERM;
	caps->secure = bits;
	return 0;
}

static s32 set_keep(u32 on)
{
	struct capabilities *caps = &current->group->caps;

	if (on > 1)
		return -EINVAL;
	if (caps->secure & SECBIT_KEEP_CAPS_LOCKED)
		return -EPERM;
	caps->secure &= ~(u32)SECBIT_KEEP_CAPS;
	caps->secure |= on ? SECBIT_KEEP_CAPS : 0;
	return 0;
}

static s32 change_ambient(u32 command, u32 capability)
{
	struct capabilities *caps = &current->group->caps;

	if (command == PR_CAP_AMBIENT_CLEAR_ALL) {
		if (capability)
			return -EINVAL;
		caps->ambient = 0;
		return 0;
	}
	if (capability > CAP_LAST)
		return -EINVAL;
	switch (command) {
	case PR_CAP_AMBIENT_IS_SET:
		return caps->ambient >> capability & 1;
	case PR_CAP_AMBIENT_RAISE:
		if (!(caps->permitted & caps->inheritable & CAPABILITY(capability)) ||
		    caps->secure & SECBIT_NO_CAP_AMBIENT_RAISE)
			return -EPERM;
		caps->ambient |= CAPABILITY(capability);
		return 0;
	case PR_CAP_AMBIENT_LOWER:
		caps->ambient &= ~CAPABILITY(capability);
		return 0;
	}
	return -EINVAL;
}

bool prctl_capability(const struct pt_regs *regs, s32 *result)
{
	const struct capabilities *caps = &current->group->caps;
	u32 value = regs->ecx;

	switch (regs->ebx) {
	case PR_CAPBSET_READ:
		*result = value > CAP_LAST ? -EINVAL : (s32)(caps->bounding >> value & 1);
		return true;
	case PR_CAPBSET_DROP:
		*result = drop_from_bounding_set(value);
		return true;
	case PR_GET_SECUREBITS:
		*result = (s32)caps->secure;
		return true;
	case PR_SET_SECUREBITS:
		*result = set_secure_bits(value);
		return true;
	case PR_GET_KEEPCAPS:
		*result = (caps->secure & SECBIT_KEEP_CAPS) != 0;
		return true;
	case PR_SET_KEEPCAPS:
		*result = set_keep(value);
		return true;
	case PR_CAP_AMBIENT:
		*result = regs->esi || regs->edi ? -EINVAL : change_ambient(value, regs->edx);
		return true;
	}
	return false;
}
