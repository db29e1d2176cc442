/* SPDX-License-Identifier: MIT */
/*
 * System calls that copy from file to file: sendfile(), sendfile64(), copy_file_range(). The
 * bytes go through a page of the kernel's: a write may sleep, which the copy out of a page must
 * not.
 */
#include "abi/linux/errno.h"
#include "fs/pipe/splice.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/task/task.h"
#include "kernel/signal/signal.h"
#include "kernel/syscall/syscall.h"
#include "lib/resched.h"
#include "lib/string.h"
#include "mm/slab/slab.h"

/* Copies up to a page. The bytes written, 0 at the end of the file, or -errno. */
static s32 copy_page(struct file *in, u64 *in_position, struct file *out, u64 *out_position,
		     char *page, u32 bytes)
{
	u64 position = *in_position;
	char *to = page;
	const char *from = page;
	s32 got = file_read(in, &position, min(bytes, PAGE_SIZE), copy_to_buffer, &to), written;

	if (got <= 0)
		return got;
	if (out->operations->no_splice_write)
		return -EINVAL;
	written = file_write(out, out_position, (u32)got, copy_from_buffer, &from);
	if (written > 0)
		*in_position += (u32)written;
	return written;
}

static s32 copy_bytes(struct file *in, u64 *in_position, struct file *out, u64 *out_position,
		      u32 bytes)
{
	char *page;
	u32 done = 0;
	s32 part;

	file_get(in);
	file_get(out);
	page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	part = page ? 1 : -ENOMEM;
	while (part > 0 && done < bytes && !signal_pending(current)) {
		part = copy_page(in, in_position, out, out_position, page, bytes - done);
		done += part > 0 ? (u32)part : 0;
		cond_resched();
	}
	file_put(out);
	file_put(in);
	if (page)
		kfree(page);
	return done ? (s32)done : min(part, 0);
}

/* A position in user memory; 0: the file's own is used. */
static int get_offset(vaddr_t place, u32 bytes, u64 *offset)
{
	*offset = 0;
	if (place && copy_from_user(offset, place, bytes))
		return -EFAULT;
	if (bytes == sizeof(u32))
		*offset = (u64)(s64)(s32)*offset;
	return 0;
}

/* `most`: where it ends at the latest. In Linux's order. */
static int check_send(const struct file *in, const struct file *out, u64 position, u32 bytes,
		      u64 most)
{
	if ((s64)position < 0 || (s64)(position + bytes) < 0)
		return -EINVAL;
	if (!out || !file_writable(out))
		return -EBADF;
	if (position >= most && position + bytes > most)
		return -EOVERFLOW;
	if (out->pipe)
		return 0;
	return out->flags & O_APPEND || !file_has_position(in) ? -EINVAL : 0;
}

/* Into a pipe at most what there is room for, elsewhere all. */
static s32 send_file(const struct pt_regs *regs, u64 *position, u64 most)
{
	/* After the pause of reading the position: another thread may have closed them. */
	struct file *out = fd_file(regs->ebx), *in = fd_file(regs->ecx);
	u32 bytes;
	s32 result;

	if (!in || !file_readable(in))
		return -EBADF;
	if (position && !in->operations->seekable)
		return -ESPIPE;
	if (!position)
		position = &in->position;
	result = check_send(in, out, *position, regs->esi, most);
	if (result)
		return result;
	bytes = (u32)min((u64)min(regs->esi, COPY_MAX), most - *position);
	if (!out->pipe) {
		if (bytes && !file_can_splice(in))
			return -EINVAL;
		return copy_bytes(in, position, out, &out->position, bytes);
	}
	file_get(in);
	file_get(out);
	result = splice_to_pipe(in, position, out, bytes, false);
	file_put(out);
	file_put(in);
	return result;
}

/* A position in user memory is written in each case, as on Linux. */
static s32 send_file_at(const struct pt_regs *regs, u32 offset_bytes)
{
	vaddr_t place = regs->edx;
	u64 offset;
	s32 result;

	if (get_offset(place, offset_bytes, &offset))
		return -EFAULT;
	result =
		send_file(regs, place ? &offset : NULL,
			  place && offset_bytes == sizeof(u32) ? SMALL_FILE_MAX : MAPPING_SIZE_MAX);
	return place && copy_to_user(place, &offset, offset_bytes) ? -EFAULT : result;
}

s32 sys_sendfile(struct pt_regs *regs)
{
	return send_file_at(regs, sizeof(u32));
}

s32 sys_sendfile64(struct pt_regs *regs)
{
	return send_file_at(regs, sizeof(u64));
}

static bool is_folder(const struct file *file)
{
	return file->inode && is_kind(file->inode, S_IFDIR);
}

/*
 * Both are regular files here. *bytes: at most what `in` has from there on, and what the limits of
 * a write allow; so far two ranges of one file may not overlap.
 */
static int check_ranges(const struct file *in, u64 from, const struct file *out, u64 to, u32 *bytes)
{
	u64 size;
	s32 allowed;

	if (is_folder(in) || is_folder(out))
		return -EISDIR;
	if (!in->mapping || !out->mapping)
		return -EINVAL;
	if (!file_readable(in) || !file_writable(out) || out->flags & O_APPEND)
		return -EBADF;
	if (in->inode->fs != out->inode->fs)
		return -EXDEV;
	if (from + *bytes < from || to + *bytes < to)
		return -EOVERFLOW;
	if ((s64)from < 0 || (s64)to < 0)
		return -EINVAL;
	size = in->mapping->i_size;
	*bytes = from < size ? (u32)min((u64)*bytes, size - from) : 0;
	allowed = file_write_limit(out, to, *bytes);
	if (allowed < 0)
		return allowed;
	*bytes = (u32)allowed;
	if (in->inode == out->inode && from < to + *bytes && to < from + *bytes)
		return -EINVAL;
	return 0;
}

s32 sys_copy_file_range(struct pt_regs *regs)
{
	struct file *in, *out;
	vaddr_t in_place = regs->ecx, out_place = regs->esi;
	u32 bytes = min(regs->edi, COPY_MAX);
	u64 from, to, in_position, out_position;
	s32 result;
	int err = fd_file(regs->ebx) && fd_file(regs->edx) ? 0 : -EBADF;

	if (!err)
		err = get_offset(in_place, sizeof(u64), &from);
	if (!err)
		err = get_offset(out_place, sizeof(u64), &to);
	if (!err && regs->ebp)
		err = -EINVAL;
	/* Again: another thread may have closed them meanwhile. */
	in = fd_file(regs->ebx);
	out = fd_file(regs->edx);
	if (!err && (!in || !out))
		err = -EBADF;
	if (err)
		return err;
	in_position = in_place ? from : in->position;
	out_position = out_place ? to : out->position;
	err = check_ranges(in, in_position, out, out_position, &bytes);
	if (err)
		return err;
	result = copy_bytes(in, in_place ? &from : &in->position, out,
			    out_place ? &to : &out->position, bytes);
	if (result > 0 && ((in_place && copy_to_user(in_place, &from, sizeof(from))) ||
			   (out_place && copy_to_user(out_place, &to, sizeof(to)))))
		return -EFAULT;
	return result;
}
