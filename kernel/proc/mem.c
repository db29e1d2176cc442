/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/mem: the memory of a process as a file; the position is the address. Unlike on Linux
 * the rights of the pages count for readers too, as for process_vm_readv(2). Source: proc(5).
 */
#include "abi/linux/errno.h"
#include "fs/file.h"
#include "kernel/proc/proc.h"
#include "kernel/task/sched.h"
#include "lib/resched.h"
#include "mm/user_space/mm.h"
#include "mm/user_space/page_fault.h"

#define BUFFER_BYTES 512u

u32 proc_access(struct mm_struct *mm, vaddr_t address, void *buffer, u32 bytes,
		enum fault_access access)
{
	u32 done = 0;

	/* In the middle of a change of its areas. */
	while (mm->holder)
		schedule();
	if (!mm->mm_users)
		return 0;
	mm->mm_users++;
	done = access_process_vm(mm, address, buffer, bytes, access);
	mm_put(mm);
	return done;
}

/* One piece. Returns its bytes, or -errno. */
static s32 copy_piece(struct mm_struct *mm, vaddr_t address, u32 bytes, enum fault_access access,
		      mapping_copy_t copy, void *context)
{
	char buffer[BUFFER_BYTES];

	if (access == FAULT_WRITE) {
		bytes -= copy(buffer, bytes, context);
		if (!bytes)
			return -EFAULT;
		bytes = proc_access(mm, address, buffer, bytes, access);
		return bytes ? (s32)bytes : -EIO;
	}
	bytes = proc_access(mm, address, buffer, bytes, access);
	if (!bytes)
		return -EIO;
	bytes -= copy(buffer, bytes, context);
	return bytes ? (s32)bytes : -EFAULT;
}

static s32 transfer(const struct file *file, u64 position, u32 bytes, enum fault_access access,
		    mapping_copy_t copy, void *context)
{
	struct mm_struct *mm = proc_file_subject(file)->mm;
	u32 done = 0;

	while (done < bytes && mm && mm->mm_users && !(done && task_killed())) {
		u32 part = min(bytes - done, BUFFER_BYTES);
		s32 piece = -EIO;

		if (position + done < TASK_SIZE)
			piece = copy_piece(mm, (vaddr_t)position + done, part, access, copy,
					   context);
		if (piece < 0)
			return done ? (s32)done : piece;
		done += (u32)piece;
		cond_resched();
	}
	return (s32)done;
}

static s32 mem_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy, void *context)
{
	return transfer(file, position, bytes, FAULT_READ, copy, context);
}

static s32 mem_write(struct file *file, u64 position, u32 bytes, mapping_copy_t copy, void *context)
{
	return transfer(file, position, bytes, FAULT_WRITE, copy, context);
}

const struct file_operations proc_mem_operations = {
	.read = mem_read,
	.write = mem_write,
	.open = proc_open,
	.release = proc_release,
	.seekable = true,
	.no_splice_read = true,
	.no_splice_write = true,
};
