/* SPDX-License-Identifier: MIT */
/* The names of the system, uname(2), in three forms, and setting two of them. */
#include "abi/linux/errno.h"
#include "abi/linux/utsname.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/task/task.h"
#include "kernel/syscall/syscall.h"
#include "lib/string.h"

#define UNAME26 0x0020000u /* of personality(): old programs read the numbers of Linux 2.6 */

/* Linux's name and release, so that programs which check them run; the rest names this kernel. */
struct utsname system_names = {
	.sysname = "Linux",
	.nodename = "pagewright",
	.release = "6.1.0-pagewright",
	.version = "#1 Pagewright",
	.machine = "i686",
	.domainname = "(none)",
};

static struct utsname told(void)
{
	struct utsname name = system_names;

	if (current->personality & UNAME26)
		memcpy(name.release, "2.6.61-pagewright", sizeof("2.6.61-pagewright"));
	return name;
}

s32 sys_uname(struct pt_regs *regs)
{
	struct utsname name = told();

	return copy_to_user(regs->ebx, &name, sizeof(name)) ? -EFAULT : 0;
}

/* Without the domain. */
s32 sys_olduname(struct pt_regs *regs)
{
	struct utsname name = told();

	return copy_to_user(regs->ebx, &name, offsetof(struct utsname, domainname)) ? -EFAULT : 0;
}

/* The first eight bytes of each. */
s32 sys_oldolduname(struct pt_regs *regs)
{
	struct utsname name = told();
	const char *fields[] = { name.sysname, name.nodename, name.release, name.version,
				 name.machine };
	char told[ARRAY_SIZE(fields)][9] = { { 0 } };

	for (u32 i = 0; i < ARRAY_SIZE(fields); i++)
		memcpy(told[i], fields[i], sizeof(told[i]) - 1);
	return copy_to_user(regs->ebx, told, sizeof(told)) ? -EFAULT : 0;
}

static s32 set_name(char *name, vaddr_t from, u32 length)
{
	char new[UTSNAME_LENGTH] = { 0 };

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (length >= UTSNAME_LENGTH)
		return -EINVAL;
	if (copy_from_user(new, from, length))
		return -EFAULT;
	memcpy(name, new, sizeof(new));
	return 0;
}

s32 sys_sethostname(struct pt_regs *regs)
{
	return set_name(system_names.nodename, regs->ebx, regs->ecx);
}

s32 sys_setdomainname(struct pt_regs *regs)
{
	return set_name(system_names.domainname, regs->ebx, regs->ecx);
}
