/* SPDX-License-Identifier: MIT */
/* System calls on descriptors, for all kinds of files. */
#include "fs/pipe/pipe.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/task.h"
#include "abi/linux/errno.h"
#include "abi/linux/termios.h"

static u32 fd_limit(void)
{
	return min(rlimit(RLIMIT_NOFILE), OPEN_MAX);
}

s32 fd_duplicate(u32 fd, u32 least, bool close_on_exec)
{
	struct file *file = fd_any(fd);
	int copy;

	if (!file)
		return -EBADF;
	file_get(file); /* the table may grow, and another thread may close it meanwhile */
	copy = fd_alloc(current->files, least, fd_limit(), close_on_exec);
	if (copy < 0)
		file_put(file);
	else
		fd_install(current->files, (u32)copy, file);
	return copy;
}

s32 fd_new(struct file *file, bool close_on_exec)
{
	int fd = fd_alloc(current->files, 0, fd_limit(), close_on_exec);

	if (fd < 0)
		file_put(file);
	else
		fd_install(current->files, (u32)fd, file);
	return fd;
}

/* Duplicates `from` to the descriptor `to`, which may be open. They differ. */
static s32 duplicate_to(u32 from, u32 to, bool close_on_exec)
{
	struct files_struct *files = current->files;
	struct file *file = fd_any(from);
	int err;

	if (!file || to >= fd_limit())
		return -EBADF;
	file_get(file);
	err = fd_replace(files, to, file, close_on_exec);
	if (err)
		file_put(file);
	return err ? err : (s32)to;
}

s32 sys_dup(struct pt_regs *regs)
{
	return fd_duplicate(regs->ebx, 0, false);
}

s32 sys_dup2(struct pt_regs *regs)
{
	if (regs->ebx == regs->ecx)
		return fd_any(regs->ebx) ? (s32)regs->ebx : -EBADF;
	return duplicate_to(regs->ebx, regs->ecx, false);
}

s32 sys_dup3(struct pt_regs *regs)
{
	if (regs->edx & ~(u32)O_CLOEXEC || regs->ebx == regs->ecx)
		return -EINVAL;
	return duplicate_to(regs->ebx, regs->ecx, regs->edx & O_CLOEXEC);
}

/* Reserves two descriptors. 0 or -EMFILE. */
static int two_descriptors(u32 fds[2], bool close_on_exec)
{
	struct files_struct *files = current->files;
	int first = fd_alloc(files, 0, fd_limit(), close_on_exec), second;

	if (first < 0)
		return first;
	second = fd_alloc(files, 0, fd_limit(), close_on_exec);
	if (second < 0) {
		fd_release(files, (u32)first);
		return second;
	}
	fds[0] = (u32)first;
	fds[1] = (u32)second;
	return 0;
}

static s32 make_pipe(vaddr_t to, u32 flags)
{
	struct files_struct *files = current->files;
	struct file *ends[2];
	u32 fds[2];
	int err;

	if (flags & ~(u32)(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	err = two_descriptors(fds, flags & O_CLOEXEC);
	if (err)
		return err;
	err = pipe_open(flags & (O_NONBLOCK | O_DIRECT), ends);
	if (!err && copy_to_user(to, fds, sizeof(fds))) {
		file_put(ends[0]);
		file_put(ends[1]);
		err = -EFAULT;
	}
	for (u32 i = 0; i < 2; i++) {
		if (err)
			fd_release(files, fds[i]);
		else
			fd_install(files, fds[i], ends[i]);
	}
	return err;
}

s32 sys_pipe(struct pt_regs *regs)
{
	return make_pipe(regs->ebx, 0);
}

s32 sys_pipe2(struct pt_regs *regs)
{
	return make_pipe(regs->ebx, regs->ecx);
}

static s32 set_nonblocking(struct file *file, vaddr_t from)
{
	u32 on;
	int err;

	file_get(file); /* another thread may close it meanwhile */
	err = get_user(&on, from) ? -EFAULT : 0;
	if (!err)
		file->flags = on ? file->flags | O_NONBLOCK : file->flags & ~(u32)O_NONBLOCK;
	file_put(file);
	return err;
}

/* The first three are those of any file. */
s32 sys_ioctl(struct pt_regs *regs)
{
	struct file *file = fd_file(regs->ebx);

	if (!file)
		return -EBADF;
	switch (regs->ecx) {
	case FIOCLEX:
	case FIONCLEX:
		fd_set_close_on_exec(current->files, regs->ebx, regs->ecx == FIOCLEX);
		return 0;
	case FIONBIO:
		return set_nonblocking(file, regs->edx);
	case FIONREAD:
		if (!file->mapping)
			break;
		return put_user((u32)(file->mapping->i_size - file->position), regs->edx);
	}
	return file->operations->ioctl ? file->operations->ioctl(file, regs->ecx, regs->edx)
				       : -ENOTTY;
}
