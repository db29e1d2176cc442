/* SPDX-License-Identifier: MIT */
/* System calls that move bytes through pipes: splice(), tee(), vmsplice(). */
#include "abi/linux/errno.h"
#include "abi/linux/uio.h"
#include "fs/pipe/ring.h"
#include "fs/pipe/splice.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/syscall/file/sys_file.h"
#include "kernel/task/task.h"
#include "kernel/syscall/syscall.h"

#define SPLICE_F_NONBLOCK 2u
#define SPLICE_F_ALL	  15u /* MOVE, MORE and GIFT are only hints */

/* Reads the positions that the caller gave. A pipe has none. */
static int get_positions(const struct file *in, vaddr_t in_place, u64 *from, const struct file *out,
			 vaddr_t out_place, u64 *to)
{
	if ((in->pipe && in_place) || (out->pipe && out_place))
		return -ESPIPE;
	if ((in_place && copy_from_user(from, in_place, sizeof(*from))) ||
	    (out_place && copy_from_user(to, out_place, sizeof(*to))))
		return -EFAULT;
	return 0;
}

/* NULL: the file's own. */
static bool position_valid(const struct file *file, const u64 *position, u32 bytes)
{
	return !position ||
	       (file->operations->seekable && (s64)*position >= 0 && (s64)(*position + bytes) >= 0);
}

/* `from`, `to`: NULL: the file's own position. */
static s32 splice(struct file *in, u64 *from, struct file *out, u64 *to, u32 bytes, bool nonblock)
{
	if (!file_readable(in) || !file_writable(out))
		return -EBADF;
	if (in->pipe && out->pipe)
		return splice_pipes(in, out, bytes, nonblock, false);
	if (!in->pipe && !out->pipe)
		return -EINVAL;
	if (!position_valid(in, from, bytes) || !position_valid(out, to, bytes))
		return -EINVAL;
	if (out->pipe)
		return splice_to_pipe(in, from ? from : &in->position, out, bytes, nonblock);
	if (!file_has_write(out) || out->operations->no_splice_write || out->flags & O_APPEND)
		return -EINVAL;
	return splice_from_pipe(in, out, to ? to : &out->position, bytes, nonblock);
}

/* A position in user memory is advanced. */
static s32 splice_at(struct file *in, vaddr_t in_place, struct file *out, vaddr_t out_place,
		     u32 bytes, bool nonblock)
{
	u64 from = 0, to = 0;
	s32 result = get_positions(in, in_place, &from, out, out_place, &to);

	if (!result)
		result = splice(in, in_place ? &from : NULL, out, out_place ? &to : NULL, bytes,
				nonblock);
	if (result >= 0 && ((in_place && copy_to_user(in_place, &from, sizeof(from))) ||
			    (out_place && copy_to_user(out_place, &to, sizeof(to)))))
		return -EFAULT;
	return result;
}

s32 sys_splice(struct pt_regs *regs)
{
	struct file *in = fd_file(regs->ebx), *out = fd_file(regs->edx);
	s32 result;

	if (!regs->edi)
		return 0;
	if (regs->ebp & ~SPLICE_F_ALL)
		return -EINVAL;
	if (!in || !out)
		return -EBADF;
	file_get(in); /* other threads may close them meanwhile */
	file_get(out);
	result = splice_at(in, regs->ecx, out, regs->esi, min(regs->edi, COPY_MAX),
			   regs->ebp & SPLICE_F_NONBLOCK);
	file_put(out);
	file_put(in);
	return result;
}

s32 sys_tee(struct pt_regs *regs)
{
	struct file *in = fd_file(regs->ebx), *out = fd_file(regs->ecx);
	s32 result;

	if (regs->esi & ~SPLICE_F_ALL)
		return -EINVAL;
	if (!regs->edx)
		return 0;
	if (!in || !out || !file_readable(in) || !file_writable(out))
		return -EBADF;
	if (!in->pipe || !out->pipe)
		return -EINVAL;
	file_get(in);
	file_get(out);
	result = splice_pipes(in, out, min(regs->edx, COPY_MAX), regs->esi & SPLICE_F_NONBLOCK,
			      true);
	file_put(out);
	file_put(in);
	return result;
}

/* Up to the end of the page, or of the part. */
static u32 part_size(const void *context)
{
	const struct iovec *part = *(struct iovec *const *)context;

	while (!part->length)
		part++;
	return min(part->length, PAGE_SIZE - part->base % PAGE_SIZE);
}

static s32 give(struct file *file, struct iovec *parts, u32 bytes, u64 *waits)
{
	return pipe_give(file, bytes, part_size, copy_parts_from_user, &parts, !*waits);
}

static s32 take(struct file *file, struct iovec *parts, u32 bytes, u64 *waits)
{
	return pipe_take(file, bytes, copy_parts_to_user, &parts, !*waits);
}

static s32 no_pipe(struct file *file, struct iovec *parts, u32 bytes, u64 *state)
{
	(void)file;
	(void)parts;
	(void)bytes;
	(void)state;
	return -EBADF;
}

s32 sys_vmsplice(struct pt_regs *regs)
{
	struct file *file = fd_file(regs->ebx);
	u64 waits = !(regs->esi & SPLICE_F_NONBLOCK);

	if (regs->esi & ~SPLICE_F_ALL)
		return -EINVAL;
	if (!file)
		return -EBADF;
	/* Of another file Linux checks the vector first; an empty one is no error. */
	if (!file->pipe)
		return transfer_vector(regs, no_pipe, NULL);
	return transfer_vector(regs, file_writable(file) ? give : take, &waits);
}
