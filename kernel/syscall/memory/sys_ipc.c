/* SPDX-License-Identifier: MIT */
/* System calls on System V shared memory: the separate ones of today's C libraries, and ipc(). */
#include "kernel/cpu/uaccess.h"
#include "kernel/ipc/sysv_shm.h"
#include "kernel/syscall/syscall.h"
#include "abi/linux/errno.h"

s32 sys_shmget(struct pt_regs *regs)
{
	return do_shmget(regs->ebx, regs->ecx, regs->edx);
}

s32 sys_shmat(struct pt_regs *regs)
{
	return (s32)do_shmat((s32)regs->ebx, regs->ecx, regs->edx);
}

s32 sys_shmdt(struct pt_regs *regs)
{
	return do_shmdt(regs->ebx);
}

s32 sys_shmctl(struct pt_regs *regs)
{
	return do_shmctl((s32)regs->ebx, regs->ecx, regs->edx, false);
}

static s32 ipc_shmat(const struct pt_regs *regs)
{
	vaddr_t address;

	/* Version 1 was for iBCS2. */
	if (regs->ebx >> 16 == 1)
		return -EINVAL;
	address = do_shmat((s32)regs->ecx, regs->edi, regs->edx);
	return IS_ERR_VALUE(address) ? (s32)address : put_user(address, regs->esi);
}

s32 sys_ipc(struct pt_regs *regs)
{
	switch (regs->ebx & 0xffff) {
	case SHMAT:
		return ipc_shmat(regs);
	case SHMDT:
		return do_shmdt(regs->edi);
	case SHMGET:
		return do_shmget(regs->ecx, regs->edx, regs->esi);
	case SHMCTL:
		return do_shmctl((s32)regs->ecx, regs->edx & ~IPC_64, regs->edi,
				 !(regs->edx & IPC_64));
	default:
		return -ENOSYS;
	}
}
