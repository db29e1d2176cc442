/* SPDX-License-Identifier: MIT */
/* System calls on the address space: arguments in, mm/ does the work. */
#include "kernel/syscall.h"
#include "kernel/task.h"
#include "kernel/uaccess.h"
#include "lib/errno.h"

s32 sys_brk(struct pt_regs *regs)
{
	return (s32)do_brk(current->mm, regs->ebx);
}

/* Files can't be mapped: 0 where none is asked for, else what Linux says of one that can't be. */
static int check_file(u32 flags, u32 fd)
{
	if (flags & MAP_ANONYMOUS)
		return 0;
	return fd < OPEN_MAX && current->files[fd] ? -ENODEV : -EBADF;
}

s32 sys_mmap2(struct pt_regs *regs)
{
	int err = check_file(regs->esi, regs->edi);

	if (err)
		return err;
	return (s32)do_mmap(current->mm, regs->ebx, regs->ecx, regs->edx, regs->esi);
}

/* Call 90: the six arguments lie in memory, and the offset counts bytes. */
s32 sys_old_mmap(struct pt_regs *regs)
{
	struct {
		u32 address, length, prot, flags, fd, offset;
	} arguments;

	if (copy_from_user(&arguments, regs->ebx, sizeof(arguments)))
		return -EFAULT;
	if (!IS_ALIGNED(arguments.offset, PAGE_SIZE))
		return -EINVAL;
	if (check_file(arguments.flags, arguments.fd))
		return check_file(arguments.flags, arguments.fd);
	return (s32)do_mmap(current->mm, arguments.address, arguments.length, arguments.prot,
			    arguments.flags);
}

s32 sys_munmap(struct pt_regs *regs)
{
	return do_munmap(current->mm, regs->ebx, regs->ecx);
}

s32 sys_mprotect(struct pt_regs *regs)
{
	return do_mprotect(current->mm, regs->ebx, regs->ecx, regs->edx);
}

s32 sys_madvise(struct pt_regs *regs)
{
	return do_madvise(current->mm, regs->ebx, regs->ecx, (int)regs->edx);
}

static int put_residence(u32 index, bool resident, void *context)
{
	u8 byte = resident;

	return copy_to_user(*(vaddr_t *)context + index, &byte, 1) ? -EFAULT : 0;
}

s32 sys_mincore(struct pt_regs *regs)
{
	vaddr_t vector = regs->edx;

	return do_mincore(current->mm, regs->ebx, regs->ecx, put_residence, &vector);
}
