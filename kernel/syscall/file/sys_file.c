/* SPDX-License-Identifier: MIT */
/*
 * System calls that copy between open files and user memory, and their positions. The file's
 * operations copy directly, without a buffer.
 */
#include "fs/process.h"
#include "kernel/syscall/file/sys_file.h"
#include "kernel/task/task.h"
#include "kernel/syscall/syscall.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"
#include "abi/linux/uio.h"
#include "lib/assert.h"
#include "lib/resched.h"
#include "mm/slab/slab.h"

/* Linux's limit for one call (MAX_RW_COUNT). */
#define TRANSFER_MAX 0x7ffff000u
#define FEW_PARTS    8u /* so many fit on the stack */

u32 copy_bytes_to_user(void *kernel, u32 bytes, void *context)
{
	vaddr_t *to = context;
	u32 left = user_copy((void *)*to, kernel, bytes);

	*to += bytes - left;
	return left;
}

u32 copy_bytes_from_user(void *kernel, u32 bytes, void *context)
{
	vaddr_t *from = context;
	u32 left = user_copy(kernel, (const void *)*from, bytes);

	*from += bytes - left;
	return left;
}

static s32 read_user(struct file *file, vaddr_t to, u32 bytes, u64 *position)
{
	if (!file_readable(file))
		return -EBADF;
	if (!access_ok(to, bytes))
		return -EFAULT;
	return file_read(file, position, min(bytes, TRANSFER_MAX), copy_bytes_to_user, &to);
}

static s32 write_user(struct file *file, vaddr_t from, u32 bytes, u64 *position)
{
	if (!file_writable(file))
		return -EBADF;
	if (!access_ok(from, bytes))
		return -EFAULT;
	return file_write(file, position, min(bytes, TRANSFER_MAX), copy_bytes_from_user, &from);
}

s32 sys_read(struct pt_regs *regs)
{
	struct file *file = fd_file(regs->ebx);

	return file ? read_user(file, regs->ecx, regs->edx, &file->position) : -EBADF;
}

s32 sys_write(struct pt_regs *regs)
{
	struct file *file = fd_file(regs->ebx);

	return file ? write_user(file, regs->ecx, regs->edx, &file->position) : -EBADF;
}

static s32 transfer_at(struct pt_regs *regs, transfer_t *transfer)
{
	struct file *file = fd_file(regs->ebx);
	u64 position = regs->esi | (u64)regs->edi << 32;

	if ((s64)position < 0)
		return -EINVAL;
	if (!file)
		return -EBADF;
	if (!file->operations->seekable)
		return -ESPIPE;
	if ((s64)(position + regs->edx) < 0)
		return -EINVAL;
	return transfer(file, regs->ecx, regs->edx, &position);
}

s32 sys_pread64(struct pt_regs *regs)
{
	return transfer_at(regs, read_user);
}

s32 sys_pwrite64(struct pt_regs *regs)
{
	return transfer_at(regs, write_user);
}

/*
 * Copies and checks the whole vector before the first transfer, as on Linux: the program may
 * change its vector during the call, by another thread or by the data read.
 */
static int copy_vector(struct iovec *vector, vaddr_t from, u32 count)
{
	if (copy_from_user(vector, from, count * sizeof(*vector)))
		return -EFAULT;
	for (u32 i = 0; i < count; i++) {
		if ((s32)vector[i].length < 0)
			return -EINVAL;
		if (!access_ok(vector[i].base, vector[i].length))
			return -EFAULT;
	}
	return 0;
}

static s32 transfer_parts(struct file *file, const struct iovec *vector, u32 count,
			  transfer_t *transfer, u64 *state)
{
	u32 done = 0;

	for (u32 i = 0; i < count; i++) {
		struct iovec part = vector[i];
		s32 result;

		part.length = min(part.length, TRANSFER_MAX - done);
		if (!part.length)
			continue;
		/* Only a call that writes nothing sends SIGXFSZ. */
		if (done && transfer == write_user && file->mapping &&
		    *state >= process_file_limit())
			break;
		result = transfer(file, part.base, part.length, state);
		if (result < 0)
			return done ? (s32)done : result;
		BUG_ON((u32)result > part.length);
		done += (u32)result;
		if ((u32)result < part.length || task_killed())
			break;
		cond_resched();
	}
	return (s32)done;
}

/* An empty vector needs a file for this direction too. */
static int check_direction(const struct file *file, transfer_t *transfer)
{
	if (transfer == read_user) {
		if (!file_readable(file))
			return -EBADF;
		return file->operations->read || file->inode ? 0 : -EINVAL;
	}
	if (transfer == write_user) {
		if (!file_writable(file))
			return -EBADF;
		return file_has_write(file) ? 0 : -EINVAL;
	}
	return 0; /* vmsplice() */
}

s32 transfer_vector(const struct pt_regs *regs, transfer_t *transfer, u64 *state)
{
	struct file *file = fd_file(regs->ebx);
	struct iovec few[FEW_PARTS], *vector = few;
	u32 count = regs->edx;
	s32 result;

	if (!file)
		return -EBADF;
	result = check_direction(file, transfer);
	if (!result && count > UIO_MAXIOV)
		result = -EINVAL;
	if (result)
		return result;
	file_get(file); /* another thread may close it meanwhile */
	if (count > FEW_PARTS)
		vector = kmalloc(count * sizeof(*vector), GFP_KERNEL);
	result = vector ? copy_vector(vector, regs->ecx, count) : -ENOMEM;
	if (!result)
		result = transfer_parts(file, vector, count, transfer,
					state ? state : &file->position);
	file_put(file);
	if (vector != few)
		kfree(vector);
	return result;
}

s32 sys_readv(struct pt_regs *regs)
{
	return transfer_vector(regs, read_user, NULL);
}

s32 sys_writev(struct pt_regs *regs)
{
	return transfer_vector(regs, write_user, NULL);
}

static s32 transfer_vector_at(const struct pt_regs *regs, transfer_t *transfer)
{
	const struct file *file = fd_file(regs->ebx);
	u64 position = regs->esi | (u64)regs->edi << 32;

	if ((s64)position < 0)
		return -EINVAL;
	if (!file)
		return -EBADF;
	return file->operations->seekable ? transfer_vector(regs, transfer, &position) : -ESPIPE;
}

s32 sys_preadv(struct pt_regs *regs)
{
	return transfer_vector_at(regs, read_user);
}

s32 sys_pwritev(struct pt_regs *regs)
{
	return transfer_vector_at(regs, write_user);
}

/*
 * With flags, and with position -1 for the file's own. All contents are in memory, so those that
 * ask for priority or for a stable copy have no effect; the others are refused.
 */
static s32 transfer_vector_flags(const struct pt_regs *regs, transfer_t *transfer)
{
	const u32 without_effect = RWF_HIPRI | RWF_DSYNC | RWF_SYNC;
	const struct file *file = fd_file(regs->ebx);
	bool own = (regs->esi & regs->edi) == UINT32_MAX;

	if (regs->ebp & ~without_effect && (own || (s32)regs->edi >= 0)) {
		if (!file)
			return -EBADF;
		return own || file->operations->seekable ? -EOPNOTSUPP : -ESPIPE;
	}
	return own ? transfer_vector(regs, transfer, NULL) : transfer_vector_at(regs, transfer);
}

s32 sys_preadv2(struct pt_regs *regs)
{
	return transfer_vector_flags(regs, read_user);
}

s32 sys_pwritev2(struct pt_regs *regs)
{
	return transfer_vector_flags(regs, write_user);
}

/* Looking for a hole may let other tasks run, and another thread may close the descriptor. */
static s64 seek(u32 fd, s64 offset, u32 whence)
{
	struct file *file = fd_file(fd);
	s64 position;

	if (!file)
		return -EBADF;
	if (whence > SEEK_HOLE)
		return -EINVAL;
	file_get(file);
	position = file_seek(file, offset, whence);
	file_put(file);
	return position;
}

s32 sys_lseek(struct pt_regs *regs)
{
	s64 position = seek(regs->ebx, (s32)regs->ecx, regs->edx);

	return position > INT32_MAX ? -EOVERFLOW : (s32)position;
}

s32 sys__llseek(struct pt_regs *regs)
{
	s64 position = seek(regs->ebx, (s64)((u64)regs->ecx << 32 | regs->edx), regs->edi);

	if (position < 0)
		return (s32)position;
	return copy_to_user(regs->esi, &position, sizeof(position)) ? -EFAULT : 0;
}
