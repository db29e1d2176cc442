/* SPDX-License-Identifier: MIT */
/*
 * syslog(2), which C libraries call klogctl(3): the kernel's log for programs. The level of the
 * console holds for what programs write: the kernel's own lines are the result of a run
 * (docs/log.md), and always printed.
 */
#include "abi/linux/errno.h"
#include "kernel/console/kmsg.h"
#include "kernel/console/kmsg_files.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/syscall/syscall.h"
#include "mm/user_space/limits.h"

enum {
	LOG_CLOSE,
	LOG_OPEN,
	LOG_READ,
	LOG_READ_ALL,
	LOG_READ_CLEAR,
	LOG_CLEAR,
	LOG_CONSOLE_OFF,
	LOG_CONSOLE_ON,
	LOG_CONSOLE_LEVEL,
	LOG_SIZE_UNREAD,
	LOG_SIZE_BUFFER,
};

static u32 to_user(void *kernel, u32 bytes, void *context)
{
	vaddr_t *to = context;
	u32 left = copy_to_user(*to, kernel, bytes);

	*to += bytes - left;
	return left;
}

/* All may look at the last lines and ask for the size, if that is not restricted. */
static bool permitted(u32 type)
{
	return capable(CAP_SYSLOG) || capable(CAP_SYS_ADMIN) ||
	       (!kmsg_restricted && (type == LOG_READ_ALL || type == LOG_SIZE_BUFFER));
}

static s32 read_log(u32 type, vaddr_t to, s32 bytes)
{
	s32 done;

	if (!to || bytes < 0)
		return -EINVAL;
	if (!bytes)
		return 0;
	if (!access_ok(to, (u32)bytes))
		return -EFAULT;
	if (type == LOG_READ)
		return kmsg_read_new(false, (u32)bytes, to_user, &to);
	done = kmsg_read_last((u32)bytes, to_user, &to);
	if (done >= 0 && type == LOG_READ_CLEAR)
		kmsg_clear();
	return done;
}

s32 sys_syslog(struct pt_regs *regs)
{
	s32 bytes = (s32)regs->edx;

	if (!permitted(regs->ebx))
		return -EPERM;
	switch (regs->ebx) {
	case LOG_CLOSE:
	case LOG_OPEN:
		return 0;
	case LOG_READ:
	case LOG_READ_ALL:
	case LOG_READ_CLEAR:
		return read_log(regs->ebx, regs->ecx, bytes);
	case LOG_CLEAR:
		kmsg_clear();
		return 0;
	case LOG_CONSOLE_OFF:
	case LOG_CONSOLE_ON:
		kmsg_console_off = regs->ebx == LOG_CONSOLE_OFF;
		return 0;
	case LOG_CONSOLE_LEVEL:
		if (bytes < 1 || bytes > 8)
			return -EINVAL;
		kmsg_console_level = (u32)bytes;
		kmsg_console_off = false;
		return 0;
	case LOG_SIZE_UNREAD:
		return (s32)kmsg_unread();
	case LOG_SIZE_BUFFER:
		return KMSG_BYTES;
	}
	return -EINVAL;
}
