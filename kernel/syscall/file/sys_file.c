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
	u32 left = user_copy((void *)(uintptr_t)*to, kernel, bytes);

	*to += bytes - left;
	return left;
}

u32 copy_bytes_from_user(void *kernel, u32 bytes, void *context)
{
	vaddr_t *from = context;
	u32 left = user_copy(kernel, (const void *)(uintptr_t)*from, bytes);

	*from += bytes - left;
	return left;
}

/* Copies at the start of the parts; what has been copied is cut off. */
static u32 copy_parts(void *kernel, u32 bytes, struct iovec **part, mapping_copy_t copy)
{
	while (bytes) {
		u32 now, copied;

		while (!(*part)->length)
			++*part;
		now = min(bytes, (*part)->length);
		copied = now - copy(kernel, now, &(*part)->base);
		(*part)->length -= copied;
		kernel = (char *)kernel + copied;
		bytes -= copied;
		if (copied < now)
			break;
	}
	return bytes;
}

u32 copy_parts_to_user(void *kernel, u32 bytes, void *context)
{
	return copy_parts(kernel, bytes, context, copy_bytes_to_user);
}

u32 copy_parts_from_user(void *kernel, u32 bytes, void *context)
{
	return copy_parts(kernel, bytes, context, copy_bytes_from_user);
}

static s32 read_parts(struct file *file, struct iovec *parts, u32 bytes, u64 *position)
{
	return file_read(file, position, bytes, copy_parts_to_user, &parts);
}

static s32 write_parts(struct file *file, struct iovec *parts, u32 bytes, u64 *position)
{
	return file_write(file, position, bytes, copy_parts_from_user, &parts);
}

/* Is the file open for it, and does its kind have it? 0, -EBADF, -EINVAL. */
static int check_read(const struct file *file)
{
	if (!file_readable(file))
		return -EBADF;
	return file->operations->read || file->inode ? 0 : -EINVAL;
}

static int check_write(const struct file *file)
{
	if (!file_writable(file))
		return -EBADF;
	return file_has_write(file) ? 0 : -EINVAL;
}

static s32 read_user(struct file *file, vaddr_t to, u32 bytes, u64 *position)
{
	if (unlikely(!file_readable(file) || !access_ok(to, bytes))) {
		int err = check_read(file);

		return err ? err : -EFAULT;
	}
	return file_read(file, position, min(bytes, TRANSFER_MAX), copy_bytes_to_user, &to);
}

static s32 write_user(struct file *file, vaddr_t from, u32 bytes, u64 *position)
{
	if (unlikely(!file_writable(file) || !access_ok(from, bytes))) {
		int err = check_write(file);

		return err ? err : -EFAULT;
	}
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

static s32 transfer_at(struct pt_regs *regs,
		       s32 (*transfer)(struct file *file, vaddr_t user, u32 bytes, u64 *position))
{
	struct file *file = fd_file(regs->ebx);
	u64 position = regs->esi | (u64)regs->edi << 32;
	int err;

	if ((s64)position < 0)
		return -EINVAL;
	if (!file)
		return -EBADF;
	if (!file->operations->seekable)
		return -ESPIPE;
	if ((s64)(position + regs->edx) >= 0)
		return transfer(file, regs->ecx, regs->edx, &position);
	/* The other errors of a transfer come first, as on Linux. */
	err = transfer == read_user ? check_read(file) : check_write(file);
	if (!err)
		err = access_ok(regs->ecx, regs->edx) ? -EINVAL : -EFAULT;
	return err;
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

/* The bytes of the parts, TRANSFER_MAX at most. */
static u32 bytes_of(const struct iovec *vector, u32 count)
{
	u32 bytes = 0;

	for (u32 i = 0; i < count; i++)
		bytes += min(vector[i].length, TRANSFER_MAX - bytes);
	return bytes;
}

/* Ends at the first part that is not complete. */
static s32 transfer_each(struct file *file, struct iovec *vector, u32 count, transfer_t *transfer,
			 u64 *state)
{
	u32 done = 0;

	for (u32 i = 0; i < count; i++) {
		u32 bytes = min(vector[i].length, TRANSFER_MAX - done);
		s32 result = bytes ? transfer(file, &vector[i], bytes, state) : 0;

		if (result < 0)
			return done ? (s32)done : result;
		done += (u32)result;
		if ((u32)result < bytes || task_killed())
			break;
	}
	return (s32)done;
}

/* `unknown`: with flags that have an effect on Linux, and are refused here. */
static s32 transfer_all(struct file *file, struct iovec *vector, u32 count, transfer_t *transfer,
			u64 *state, bool unknown)
{
	const struct file_operations *operations = file->operations;
	u32 bytes = bytes_of(vector, count);

	if (bytes && state && (s64)(*state + bytes) < 0)
		return -EINVAL;
	if (bytes && unknown)
		return -EOPNOTSUPP;
	if (!state)
		state = &file->position;
	if (transfer == read_parts ? operations->read_each_part
				   : transfer == write_parts && operations->write_each_part)
		return transfer_each(file, vector, count, transfer, state);
	return bytes ? transfer(file, vector, bytes, state) : 0;
}

/* An empty vector needs a file for this direction too. */
static int check_direction(const struct file *file, transfer_t *transfer)
{
	if (transfer == read_parts)
		return check_read(file);
	return transfer == write_parts ? check_write(file) : 0; /* vmsplice() */
}

static s32 transfer_flags(const struct pt_regs *regs, transfer_t *transfer, u64 *state,
			  bool unknown)
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
		result = transfer_all(file, vector, count, transfer, state, unknown);
	file_put(file);
	if (vector != few)
		kfree(vector);
	return result;
}

s32 transfer_vector(const struct pt_regs *regs, transfer_t *transfer, u64 *state)
{
	return transfer_flags(regs, transfer, state, false);
}

s32 sys_readv(struct pt_regs *regs)
{
	return transfer_vector(regs, read_parts, NULL);
}

s32 sys_writev(struct pt_regs *regs)
{
	return transfer_vector(regs, write_parts, NULL);
}

static s32 transfer_vector_at(const struct pt_regs *regs, transfer_t *transfer, bool unknown)
{
	const struct file *file = fd_file(regs->ebx);
	u64 position = regs->esi | (u64)regs->edi << 32;

	if ((s64)position < 0)
		return -EINVAL;
	if (!file)
		return -EBADF;
	return file->operations->seekable ? transfer_flags(regs, transfer, &position, unknown)
					  : -ESPIPE;
}

s32 sys_preadv(struct pt_regs *regs)
{
	return transfer_vector_at(regs, read_parts, false);
}

s32 sys_pwritev(struct pt_regs *regs)
{
	return transfer_vector_at(regs, write_parts, false);
}

/*
 * With flags, and with position -1 for the file's own. All contents are in memory, so those that
 * ask for priority or for a stable copy have no effect; the others are refused.
 */
static s32 transfer_vector_flags(const struct pt_regs *regs, transfer_t *transfer)
{
	bool unknown = regs->ebp & ~(u32)(RWF_HIPRI | RWF_DSYNC | RWF_SYNC);

	if ((regs->esi & regs->edi) == UINT32_MAX)
		return transfer_flags(regs, transfer, NULL, unknown);
	return transfer_vector_at(regs, transfer, unknown);
}

s32 sys_preadv2(struct pt_regs *regs)
{
	return transfer_vector_flags(regs, read_parts);
}

s32 sys_pwritev2(struct pt_regs *regs)
{
	return transfer_vector_flags(regs, write_parts);
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
