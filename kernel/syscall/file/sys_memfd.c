/* SPDX-License-Identifier: MIT */
/* memfd_create(): a file in memory that has no name, but one that is shown. */
#include "abi/linux/errno.h"
#include "fs/namei.h"
#include "fs/seals.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/task/task.h"
#include "kernel/syscall/syscall.h"
#include "lib/string.h"

#define PREFIX	     "memfd:"
#define PREFIX_CHARS (sizeof(PREFIX) - 1)
#define MFD_NAME_MAX 249u

static const u32 known = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL | MFD_EXEC;

/* Huge pages are refused. */
static int check_flags(u32 flags)
{
	u32 both = MFD_NOEXEC_SEAL | MFD_EXEC;

	return flags & ~known || (flags & both) == both ? -EINVAL : 0;
}

static int open_memfd(const char *shown, u32 flags, struct file **file)
{
	u32 mode = flags & MFD_NOEXEC_SEAL ? 0666 : 0777;
	int err = file_open_nameless(root_inode, shown, O_RDWR | O_LARGEFILE, mode, file);

	if (err)
		return err;
	if (flags & (MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL))
		(*file)->inode->seals = 0;
	if (flags & MFD_NOEXEC_SEAL)
		(*file)->inode->seals = F_SEAL_EXEC;
	return 0;
}

s32 sys_memfd_create(struct pt_regs *regs)
{
	char name[PREFIX_CHARS + MFD_NAME_MAX + 1] = PREFIX;
	struct file *file;
	int fd, err = check_flags(regs->ecx), length;

	if (err)
		return err;
	length = strncpy_from_user(name + PREFIX_CHARS, regs->ebx, MFD_NAME_MAX + 1);
	if (length < 0)
		return length;
	if ((u32)length > MFD_NAME_MAX)
		return -EINVAL;
	fd = fd_alloc(current->files, 0, rlimit(RLIMIT_NOFILE), regs->ecx & MFD_CLOEXEC);
	if (fd < 0)
		return fd;
	err = open_memfd(name, regs->ecx, &file);
	if (err)
		fd_release(current->files, (u32)fd);
	else
		fd_install(current->files, (u32)fd, file);
	return err ? err : fd;
}
