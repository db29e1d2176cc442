/* SPDX-License-Identifier: MIT */
/*
 * process_vm_readv(2) and process_vm_writev(2): copy between the caller's memory and that of
 * another process, which may_inspect() allows.
 *
 *      here:   |---|  |-------|       the parts of both vectors are filled one after the other
 *      there:  |--------|  |--|       through a small buffer; a bad address ends the copy
 *
 * A bad address there is -EFAULT, or the bytes that were copied before it.
 */
#include "abi/linux/errno.h"
#include "abi/linux/uio.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/task/cred.h"
#include "kernel/task/sched.h"
#include "kernel/syscall/syscall.h"
#include "lib/resched.h"
#include "mm/slab/slab.h"

#define PARTS_MAX    1024u
#define BUFFER_BYTES 512u

struct cursor {
	struct iovec *vector;
	u32 count, i, done; /* bytes of vector[i] */
};

static void skip_empty(struct cursor *cursor)
{
	while (cursor->i < cursor->count && cursor->done == cursor->vector[cursor->i].length) {
		cursor->i++;
		cursor->done = 0;
	}
}

static vaddr_t place_of(const struct cursor *cursor)
{
	return cursor->vector[cursor->i].base + cursor->done;
}

static u32 room_of(const struct cursor *cursor)
{
	return cursor->vector[cursor->i].length - cursor->done;
}

/* Copies a vector from ring 3. The caller frees cursor->vector. */
static int read_vector(vaddr_t from, u32 count, bool own, struct cursor *cursor)
{
	*cursor = (struct cursor){ .count = count };
	if (count > PARTS_MAX)
		return -EINVAL;
	if (!count)
		return 0;
	cursor->vector = kmalloc(count * sizeof(*cursor->vector), GFP_KERNEL);
	if (!cursor->vector)
		return -ENOMEM;
	if (copy_from_user(cursor->vector, from, count * sizeof(*cursor->vector)))
		return -EFAULT;
	for (u32 i = 0; i < count; i++) {
		const struct iovec *part = &cursor->vector[i];

		if ((s32)part->length < 0)
			return -EINVAL;
		if (own && !access_ok(part->base, part->length))
			return -EFAULT;
	}
	return 0;
}

/* One piece. Returns its bytes, or -EFAULT. */
static s32 copy_piece(struct mm_struct *mm, vaddr_t here, vaddr_t there, u32 bytes, bool write)
{
	char buffer[BUFFER_BYTES];

	/* In the middle of a change of its areas. */
	while (mm->holder)
		schedule();
	if (write) {
		bytes -= copy_from_user(buffer, here, bytes);
		bytes = bytes ? access_process_vm(mm, there, buffer, bytes, FAULT_WRITE) : 0;
	} else {
		bytes = access_process_vm(mm, there, buffer, bytes, FAULT_READ);
		bytes -= bytes ? copy_to_user(here, buffer, bytes) : 0;
	}
	return bytes ? (s32)bytes : -EFAULT;
}

static s32 copy_all(struct mm_struct *mm, struct cursor *here, struct cursor *there, bool write)
{
	u32 done = 0;

	for (;;) {
		s32 piece;
		u32 bytes;

		skip_empty(here);
		skip_empty(there);
		if (here->i == here->count || there->i == there->count || task_killed())
			return (s32)done;
		bytes = min(min(room_of(here), room_of(there)), BUFFER_BYTES);
		piece = copy_piece(mm, place_of(here), place_of(there), bytes, write);
		if (piece < 0)
			return done ? (s32)done : piece;
		done += (u32)piece;
		here->done += (u32)piece;
		there->done += (u32)piece;
		if ((u32)piece < bytes)
			return (s32)done;
		cond_resched();
	}
}

/* The memory of a process, with a reference to it; or -ESRCH, -EPERM. */
static int get_memory(int pid, struct mm_struct **mm)
{
	const struct task *task = task_find(pid);

	if (!task || !task->mm)
		return -ESRCH;
	if (!may_inspect(task))
		return -EPERM;
	*mm = task->mm;
	(*mm)->mm_users++;
	return 0;
}

static s32 transfer(const struct pt_regs *regs, bool write)
{
	struct cursor here = { .vector = NULL }, there = { .vector = NULL };
	struct mm_struct *mm;
	s32 result;

	/* The sixth argument: flags, of which there are none. */
	if (regs->ebp)
		return -EINVAL;
	result = read_vector(regs->ecx, regs->edx, true, &here);
	if (!result)
		result = read_vector(regs->esi, regs->edi, false, &there);
	if (!result && here.count && there.count) {
		result = get_memory((int)regs->ebx, &mm);
		if (!result) {
			result = copy_all(mm, &here, &there, write);
			mm_put(mm);
		}
	}
	kfree(here.vector);
	kfree(there.vector);
	return result;
}

s32 sys_process_vm_readv(struct pt_regs *regs)
{
	return transfer(regs, false);
}

s32 sys_process_vm_writev(struct pt_regs *regs)
{
	return transfer(regs, true);
}
