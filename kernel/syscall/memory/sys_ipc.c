/* SPDX-License-Identifier: MIT */
/* System calls on System V IPC: the separate ones of today's C libraries, and ipc(). */
#include "kernel/cpu/uaccess.h"
#include "kernel/ipc/sysv_msg.h"
#include "kernel/ipc/sysv_sem.h"
#include "kernel/ipc/sysv_shm.h"
#include "kernel/syscall/time/sys_time.h"
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

s32 sys_semget(struct pt_regs *regs)
{
	return do_semget(regs->ebx, (s32)regs->ecx, regs->edx);
}

s32 sys_semctl(struct pt_regs *regs)
{
	return do_semctl((s32)regs->ebx, (s32)regs->ecx, regs->edx, regs->esi, false);
}

static s32 timed_semop(s32 id, vaddr_t operations, u32 count, vaddr_t timeout, bool wide)
{
	u64 deadline = WAIT_FOREVER;
	int err = timeout ? read_timeout(timeout, wide, &deadline) : 0;

	return err ? err : do_semop(id, operations, count, deadline);
}

s32 sys_semtimedop(struct pt_regs *regs)
{
	return timed_semop((s32)regs->ebx, regs->ecx, regs->edx, regs->esi, true);
}

s32 sys_msgget(struct pt_regs *regs)
{
	return do_msgget(regs->ebx, regs->ecx);
}

s32 sys_msgsnd(struct pt_regs *regs)
{
	return do_msgsnd((s32)regs->ebx, regs->ecx, regs->edx, regs->esi);
}

s32 sys_msgrcv(struct pt_regs *regs)
{
	return do_msgrcv((s32)regs->ebx, regs->ecx, regs->edx, (s32)regs->esi, regs->edi);
}

s32 sys_msgctl(struct pt_regs *regs)
{
	return do_msgctl((s32)regs->ebx, regs->ecx, regs->edx, false);
}

/* Through ipc(), the fourth argument of semctl() is in memory. */
static s32 ipc_semctl(const struct pt_regs *regs)
{
	u32 argument;

	if (!regs->edi)
		return -EINVAL;
	if (get_user(&argument, regs->edi))
		return -EFAULT;
	return do_semctl((s32)regs->ecx, (s32)regs->edx, regs->esi & ~IPC_64, argument,
			 !(regs->esi & IPC_64));
}

/* Version 0 has the address and the type in memory. */
static s32 ipc_msgrcv(const struct pt_regs *regs)
{
	u32 place[2] = { regs->edi, regs->ebp };

	if (!(regs->ebx >> 16)) {
		if (!regs->edi)
			return -EINVAL;
		if (copy_from_user(place, regs->edi, sizeof(place)))
			return -EFAULT;
	}
	return do_msgrcv((s32)regs->ecx, place[0], regs->edx, (s32)place[1], regs->esi);
}

static s32 ipc_semaphores(const struct pt_regs *regs, u32 call)
{
	switch (call) {
	case SEMOP:
		return timed_semop((s32)regs->ecx, regs->edi, regs->edx, 0, false);
	case SEMTIMEDOP:
		return timed_semop((s32)regs->ecx, regs->edi, regs->edx, regs->ebp, false);
	case SEMGET:
		return do_semget(regs->ecx, (s32)regs->edx, regs->esi);
	default:
		return ipc_semctl(regs);
	}
}

s32 sys_ipc(struct pt_regs *regs)
{
	u32 call = regs->ebx & 0xffff;

	switch (call) {
	case SEMOP:
	case SEMTIMEDOP:
	case SEMGET:
	case SEMCTL:
		return ipc_semaphores(regs, call);
	case MSGSND:
		return do_msgsnd((s32)regs->ecx, regs->edi, regs->edx, regs->esi);
	case MSGRCV:
		return ipc_msgrcv(regs);
	case MSGGET:
		return do_msgget(regs->ecx, regs->edx);
	case MSGCTL:
		return do_msgctl((s32)regs->ecx, regs->edx & ~IPC_64, regs->edi,
				 !(regs->edx & IPC_64));
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
