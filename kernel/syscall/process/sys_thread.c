/* SPDX-License-Identifier: MIT */
/* System calls for threads. */
#include "kernel/task/cred.h"
#include "kernel/process/futex.h"
#include "kernel/syscall/time/sys_time.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/task.h"
#include "kernel/task/ldt.h"
#include "kernel/task/tls.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"
#include "abi/linux/membarrier.h"
#include "mm/slab/slab.h"

s32 sys_gettid(struct pt_regs *regs)
{
	(void)regs;
	return current->pid;
}

s32 sys_set_tid_address(struct pt_regs *regs)
{
	current->clear_child_tid = regs->ebx;
	return current->pid;
}

s32 sys_set_thread_area(struct pt_regs *regs)
{
	return tls_set(current, regs->ebx, true);
}

s32 sys_get_thread_area(struct pt_regs *regs)
{
	return tls_get(current, regs->ebx);
}

#define DEFAULT_BYTES 40u

static s32 read_default(vaddr_t to, u32 bytes)
{
	static const u8 zeros[DEFAULT_BYTES];

	return copy_to_user(to, zeros, bytes) ? -EFAULT : (s32)bytes;
}

s32 sys_modify_ldt(struct pt_regs *regs)
{
	switch (regs->ebx) {
	case 0:
		return ldt_read(regs->ecx, regs->edx);
	case 1:
		return ldt_set(regs->ecx, regs->edx, true);
	case 0x11:
		return ldt_set(regs->ecx, regs->edx, false);
	case 2: /* the default table is empty, of this size */
		return read_default(regs->ecx, min(regs->edx, DEFAULT_BYTES));
	}
	return -ENOSYS;
}

static s32 wait_on_word(struct pt_regs *regs, bool shared)
{
	u64 deadline = FUTEX_FOREVER;
	int err = regs->esi ? read_timeout(regs->esi, has_wide_times(regs), &deadline) : 0;

	return err ? err
		   : futex_wait(regs->ebx, shared, regs->edx, FUTEX_BITSET_MATCH_ANY, deadline);
}

/* The time is absolute, on a clock. */
static s32 wait_on_bits(struct pt_regs *regs, bool shared)
{
	u64 deadline = FUTEX_FOREVER;
	bool realtime = regs->ecx & FUTEX_CLOCK_REALTIME;
	int err = 0;

	if (regs->esi)
		err = read_deadline(regs->esi, has_wide_times(regs), realtime, &deadline);
	return err ? err : futex_wait(regs->ebx, shared, regs->edx, regs->ebp, deadline);
}

/* The time is absolute: of the date for FUTEX_LOCK_PI, of a chosen clock for FUTEX_LOCK_PI2. */
static s32 lock_pi(struct pt_regs *regs, bool shared, bool realtime)
{
	u64 deadline = FUTEX_FOREVER;
	int err =
		regs->esi ? read_deadline(regs->esi, has_wide_times(regs), realtime, &deadline) : 0;

	return err ? err : futex_lock_pi(regs->ebx, shared, false, deadline);
}

s32 sys_futex(struct pt_regs *regs)
{
	bool shared = !(regs->ecx & FUTEX_PRIVATE_FLAG);
	u32 operation = regs->ecx & ~(u32)(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);

	if (regs->ecx & FUTEX_CLOCK_REALTIME && operation != FUTEX_WAIT_BITSET &&
	    operation != FUTEX_LOCK_PI2)
		return -ENOSYS;
	/* First what most locks use. */
	if (operation == FUTEX_WAIT)
		return wait_on_word(regs, shared);
	if (operation == FUTEX_WAKE)
		return futex_wake(regs->ebx, shared, regs->edx, FUTEX_BITSET_MATCH_ANY);
	switch (operation) {
	case FUTEX_WAIT_BITSET:
		return wait_on_bits(regs, shared);
	case FUTEX_WAKE_BITSET:
		return futex_wake(regs->ebx, shared, regs->edx, regs->ebp);
	case FUTEX_WAKE_OP:
		return futex_wake_op(regs->ebx, shared, regs->edx, regs->edi, regs->esi, regs->ebp);
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(regs->ebx, shared, regs->edx, regs->esi, regs->edi,
				     operation == FUTEX_CMP_REQUEUE, regs->ebp);
	case FUTEX_LOCK_PI:
		return lock_pi(regs, shared, true);
	case FUTEX_LOCK_PI2:
		return lock_pi(regs, shared, regs->ecx & FUTEX_CLOCK_REALTIME);
	case FUTEX_TRYLOCK_PI:
		return futex_lock_pi(regs->ebx, shared, true, 0);
	case FUTEX_UNLOCK_PI:
		return futex_unlock_pi(regs->ebx, shared);
	}
	return -ENOSYS;
}

static int check_words(const struct futex_waitv *words, u32 count)
{
	for (u32 i = 0; i < count; i++)
		if ((words[i].flags & ~FUTEX2_PRIVATE) != FUTEX2_SIZE_U32 || words[i].reserved ||
		    words[i].value > UINT32_MAX)
			return -EINVAL;
	return 0;
}

/* The words are copied: they may change while the call sleeps. */
static s32 wait_on_words(vaddr_t place, u32 count, u64 deadline)
{
	u32 bytes = count * sizeof(struct futex_waitv);
	struct futex_waitv *words = kmalloc(bytes, GFP_KERNEL);
	s32 result;

	if (!words)
		return -ENOMEM;
	result = copy_from_user(words, place, bytes) ? -EFAULT : check_words(words, count);
	if (!result)
		result = futex_wait_any(words, count, deadline);
	kfree(words);
	return result;
}

/* The time is absolute and in the form with 64-bit seconds. */
s32 sys_futex_waitv(struct pt_regs *regs)
{
	u32 count = regs->ecx, clock = regs->edi;
	u64 deadline = FUTEX_FOREVER;
	int err = 0;

	if (regs->edx || !regs->ebx || !count || count > FUTEX_WAITV_MAX)
		return -EINVAL;
	if (regs->esi && clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
		return -EINVAL;
	if (regs->esi)
		err = read_deadline(regs->esi, true, clock == CLOCK_REALTIME, &deadline);
	return err ? err : wait_on_words(regs->ebx, count, deadline);
}

s32 sys_set_robust_list(struct pt_regs *regs)
{
	if (regs->ecx != sizeof(struct robust_list_head))
		return -EINVAL;
	current->robust_list = regs->ebx;
	return 0;
}

/* Only the super-user and the same user may read another process's list. */
s32 sys_get_robust_list(struct pt_regs *regs)
{
	const struct task *task = regs->ebx ? task_find((int)regs->ebx) : current;
	vaddr_t list;

	if (!task)
		return -ESRCH;
	if (!may_inspect(task))
		return -EPERM;
	list = task->robust_list; /* the task may end while ring 3's memory is read */
	if (put_user(sizeof(struct robust_list_head), regs->edx) || put_user(list, regs->ecx))
		return -EFAULT;
	return 0;
}

/* One processor: what one task has done, all others see. So each command is done at once. */
s32 sys_membarrier(struct pt_regs *regs)
{
	u32 command = regs->ebx, flags = regs->ecx;
	u32 *registered = &current->group->flags.membarrier, needed = command << 1;

	if (flags || (command & (command - 1)) || command & ~MEMBARRIER_KNOWN)
		return -EINVAL;
	if (command == MEMBARRIER_QUERY)
		return MEMBARRIER_KNOWN;
	if (command == MEMBARRIER_GET_REGISTRATIONS)
		return *registered & MEMBARRIER_REGISTRATIONS;
	*registered |= command;
	if (command == MEMBARRIER_PRIVATE_EXPEDITED ||
	    command == MEMBARRIER_PRIVATE_EXPEDITED_SYNC_CORE)
		return *registered & needed ? 0 : -EPERM;
	return 0;
}
