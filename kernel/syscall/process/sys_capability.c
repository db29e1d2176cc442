/* SPDX-License-Identifier: MIT */
/*
 * capget(2) and capset(2). There are no single capabilities here: the super-user has all, others
 * have none (kernel/task/cred.h). So capset() can only set what is so already.
 */
#include "abi/linux/errno.h"
#include "abi/linux/prctl.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/task/cred.h"
#include "kernel/task/task.h"
#include "kernel/syscall/syscall.h"
#include "lib/string.h"

static u32 words_of(u32 version)
{
	if (version == CAPABILITY_VERSION_1)
		return 1;
	return version == CAPABILITY_VERSION_2 || version == CAPABILITY_VERSION_3 ? 2 : 0;
}

/* Reads the header; *words is 0 for an unknown version, after the known one was written. */
static int read_header(vaddr_t place, struct cap_header *header, u32 *words)
{
	u32 version;

	if (get_user(&version, place))
		return -EFAULT;
	*words = words_of(version);
	if (!*words)
		return put_user(CAPABILITY_VERSION_3, place) ? -EFAULT : 0;
	return copy_from_user(header, place, sizeof(*header)) ? -EFAULT : 0;
}

static void sets_of(const struct task *task, struct cap_data sets[2])
{
	memset(sets, 0, 2 * sizeof(*sets));
	if (!task->group->user.real || !task->group->user.saved) {
		sets[0].permitted = UINT32_MAX;
		sets[1].permitted = (1u << (CAP_LAST - 31)) - 1;
	}
	if (!task->group->user.effective) {
		sets[0].permitted = sets[0].effective = UINT32_MAX;
		sets[1].permitted = sets[1].effective = (1u << (CAP_LAST - 31)) - 1;
	}
}

s32 sys_capget(struct pt_regs *regs)
{
	struct cap_data sets[2];
	struct cap_header header;
	const struct task *task;
	u32 words;
	int err = read_header(regs->ebx, &header, &words);

	if (err)
		return err;
	/* Without a place for the sets, the call asks for the version. */
	if (!words)
		return regs->ecx ? -EINVAL : 0;
	if (header.pid < 0)
		return -EINVAL;
	task = header.pid ? task_find(header.pid) : current;
	if (!task)
		return -ESRCH;
	if (!regs->ecx)
		return 0;
	sets_of(task, sets);
	return copy_to_user(regs->ecx, sets, words * sizeof(*sets)) ? -EFAULT : 0;
}

s32 sys_capset(struct pt_regs *regs)
{
	struct cap_data sets[2], new[2] = { { 0 }, { 0 } };
	struct cap_header header;
	u32 words;
	int err = read_header(regs->ebx, &header, &words);

	if (err)
		return err;
	if (!words)
		return -EINVAL;
	if (header.pid && header.pid != current->pid)
		return -EPERM;
	if (copy_from_user(new, regs->ecx, words * sizeof(*new)))
		return -EFAULT;
	sets_of(current, sets);
	return memcmp(new, sets, words * sizeof(*sets)) ? -EPERM : 0;
}
