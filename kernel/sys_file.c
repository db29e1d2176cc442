/* SPDX-License-Identifier: MIT */
/* System calls on open files. Data goes through a buffer of the kernel's, a page at a time. */
#include "fs/file.h"
#include "kernel/exec.h"
#include "kernel/syscall.h"
#include "kernel/task.h"
#include "kernel/uaccess.h"
#include "lib/errno.h"
#include "mm/slab.h"

/* What Linux transfers at most in one call (MAX_RW_COUNT). */
#define TRANSFER_MAX 0x7ffff000u

#define IOV_MAX 1024u

enum { O_ACCMODE = 3, O_RDONLY = 0 };
enum { SEEK_SET, SEEK_CUR, SEEK_END };

static struct file *file_of(u32 fd)
{
	return fd < OPEN_MAX ? current->files[fd] : NULL;
}

/* Reads into ring 3 from a position of the file. Returns the bytes read, or -errno if there are none. */
static s32 read_at(struct file *file, vaddr_t to, u32 bytes, u64 position)
{
	char *buffer;
	u32 done = 0;
	s32 result = 0;

	if (!file->operations->read)
		return -EBADF;
	if (!access_ok(to, bytes))
		return -EFAULT;
	bytes = min(bytes, TRANSFER_MAX);
	buffer = __get_free_pages(GFP_KERNEL, 0);
	if (!buffer)
		return -ENOMEM;
	while (done < bytes) {
		u32 part = min(bytes - done, PAGE_SIZE), left;

		result = file->operations->read(file, buffer, part, position + done);
		if (result <= 0)
			break;
		left = copy_to_user(to + done, buffer, (u32)result);
		done += (u32)result - left;
		if (left)
			result = -EFAULT;
		if (left || (u32)result < part)
			break;
	}
	free_page(buffer);
	return done ? (s32)done : min(result, 0);
}

s32 sys_read(struct pt_regs *regs)
{
	struct file *file = file_of(regs->ebx);
	s32 result;

	if (!file)
		return -EBADF;
	result = read_at(file, regs->ecx, regs->edx, file->position);
	if (result > 0)
		file->position += (u32)result;
	return result;
}

s32 sys_pread64(struct pt_regs *regs)
{
	struct file *file = file_of(regs->ebx);
	u64 position = regs->esi | (u64)regs->edi << 32;

	if ((s64)position < 0)
		return -EINVAL;
	if (!file)
		return -EBADF;
	if (!file->operations->seekable)
		return -ESPIPE;
	return read_at(file, regs->ecx, regs->edx, position);
}

static s32 write_bytes(struct file *file, vaddr_t from, u32 bytes)
{
	char buffer[512];
	u32 done = 0;

	if (!file->operations->write)
		return -EBADF;
	if (!access_ok(from, bytes))
		return -EFAULT;
	bytes = min(bytes, TRANSFER_MAX);
	while (done < bytes) {
		u32 part = min(bytes - done, (u32)sizeof(buffer));
		u32 got = part - copy_from_user(buffer, from + done, part);
		s32 result = got ? file->operations->write(file, buffer, got) : -EFAULT;

		if (result < 0)
			return done ? (s32)done : result;
		done += (u32)result;
		if (got < part)
			break;
	}
	return (s32)done;
}

s32 sys_write(struct pt_regs *regs)
{
	struct file *file = file_of(regs->ebx);

	return file ? write_bytes(file, regs->ecx, regs->edx) : -EBADF;
}

struct iovec {
	u32 base, length;
};

/* Linux looks at the whole vector before it writes the first byte. */
static int check_vector(vaddr_t vector, u32 count)
{
	for (u32 i = 0; i < count; i++) {
		struct iovec part;

		if (copy_from_user(&part, vector + i * sizeof(part), sizeof(part)))
			return -EFAULT;
		if ((s32)part.length < 0)
			return -EINVAL;
		if (!access_ok(part.base, part.length))
			return -EFAULT;
	}
	return 0;
}

s32 sys_writev(struct pt_regs *regs)
{
	struct file *file = file_of(regs->ebx);
	u32 count = regs->edx, done = 0;
	int err;

	if (!file)
		return -EBADF;
	if (count > IOV_MAX)
		return -EINVAL;
	err = check_vector(regs->ecx, count);
	if (err)
		return err;
	for (u32 i = 0; i < count; i++) {
		struct iovec part;
		s32 result;

		if (copy_from_user(&part, regs->ecx + i * sizeof(part), sizeof(part)))
			return done ? (s32)done : -EFAULT;
		part.length = min(part.length, TRANSFER_MAX - done);
		if (!part.length)
			continue;
		result = write_bytes(file, part.base, part.length);
		if (result < 0)
			return done ? (s32)done : result;
		done += (u32)result;
		if ((u32)result < part.length)
			break;
	}
	return (s32)done;
}

s32 sys_open(struct pt_regs *regs)
{
	char path[PATH_MAX];
	int length = strncpy_from_user(path, regs->ebx, sizeof(path));
	struct file *file;
	int err;

	if (length < 0)
		return length;
	if (!length)
		return -ENOENT;
	if (length == sizeof(path))
		return -ENAMETOOLONG;
	for (u32 fd = 0; fd < OPEN_MAX; fd++) {
		if (current->files[fd])
			continue;
		err = file_open(path, current->mm, &file);
		if (err)
			return err;
		if ((regs->ecx & O_ACCMODE) != O_RDONLY) {
			file_put(file);
			return -EROFS;
		}
		current->files[fd] = file;
		return (s32)fd;
	}
	return -EMFILE;
}

s32 sys_close(struct pt_regs *regs)
{
	struct file *file = file_of(regs->ebx);

	if (!file)
		return -EBADF;
	current->files[regs->ebx] = NULL;
	file_put(file);
	return 0;
}

/* Moves the position; returns it, or -errno. */
static s64 seek(struct file *file, s64 offset, u32 whence)
{
	if (!file->operations->seekable)
		return -ESPIPE;
	if (whence == SEEK_CUR)
		offset += (s64)file->position;
	else if (whence == SEEK_END)
		offset += file->size;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (offset < 0)
		return -EINVAL;
	file->position = (u64)offset;
	return offset;
}

s32 sys_lseek(struct pt_regs *regs)
{
	struct file *file = file_of(regs->ebx);
	s64 position;

	if (!file)
		return -EBADF;
	position = seek(file, (s32)regs->ecx, regs->edx);
	return position > INT32_MAX ? -EOVERFLOW : (s32)position;
}

s32 sys__llseek(struct pt_regs *regs)
{
	struct file *file = file_of(regs->ebx);
	s64 position;

	if (!file)
		return -EBADF;
	position = seek(file, (s64)((u64)regs->ecx << 32 | regs->edx), regs->edi);
	if (position < 0)
		return (s32)position;
	return copy_to_user(regs->esi, &position, sizeof(position)) ? -EFAULT : 0;
}
