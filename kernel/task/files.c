/* SPDX-License-Identifier: MIT */
/* The table of descriptors. The numbers are the invariants in files.h. */
#include "kernel/task/files.h"
#include "fs/locks.h"
#include "kernel/task/task.h"
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "mm/slab/slab.h"

static struct kmem_cache *files_cache;

void files_init(void)
{
	files_cache =
		kmem_cache_create("files_struct", sizeof(struct files_struct), 0, 0, NULL, NULL);
	BUG_ON(!files_cache);
}

struct files_struct *files_alloc(void)
{
	struct files_struct *files = kmem_cache_alloc(files_cache, GFP_KERNEL);

	/* (4): fd[] needs no clearing. */
	if (files)
		memset(files, 0, offsetof(struct files_struct, fd));
	if (files)
		files->count = 1;
	return files;
}

struct files_struct *files_copy(const struct files_struct *from)
{
	struct files_struct *files = kmem_cache_alloc(files_cache, GFP_KERNEL);

	if (!files)
		return NULL;
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): the array holds pointers */
	memcpy(files, from, offsetof(struct files_struct, fd) + from->end * sizeof(from->fd[0]));
	files->count = 1;
	for (u32 fd = 0; fd < files->end; fd++) {
		if (files->fd[fd]) {
			file_get(files->fd[fd]);
		} else if (bitmap_test(files->open, fd)) {
			/* Reserved by a task that shares the original: the file goes there. */
			fd_release(files, fd);
		}
	}
	return files;
}

void files_get(struct files_struct *files)
{
	BUG_ON(!files->count);
	files->count++;
}

/* Closing any descriptor of a file ends the table's locks on it, as POSIX wants it. */
static void close_file(const struct files_struct *files, struct file *file)
{
	locks_remove(file->inode, files);
	file_put(file);
}

void files_put(struct files_struct *files)
{
	if (!files)
		return;
	BUG_ON(!files->count);
	if (--files->count)
		return;
	for (u32 fd = 0; fd < files->end; fd++)
		if (files->fd[fd])
			close_file(files, files->fd[fd]);
	kmem_cache_free(files_cache, files);
}

struct file *files_find(const struct files_struct *files, u32 fd)
{
	return fd < files->end ? files->fd[fd] : NULL;
}

struct file *fd_file(u32 fd)
{
	const struct files_struct *files = current->files;

	return files && fd < files->end ? files->fd[fd] : NULL;
}

/* Keeps (4): clears fd[] below a descriptor before it is in use. */
static void take(struct files_struct *files, u32 fd, bool close_on_exec)
{
	BUG_ON(fd >= OPEN_MAX);
	while (files->end <= fd)
		files->fd[files->end++] = NULL;
	bitmap_set(files->open, fd);
	fd_set_close_on_exec(files, fd, close_on_exec);
}

int fd_alloc(struct files_struct *files, u32 least, u32 limit, bool close_on_exec)
{
	u32 fd = least;

	while (fd < min(limit, OPEN_MAX) && bitmap_test(files->open, fd))
		fd++;
	if (fd >= min(limit, OPEN_MAX))
		return -EMFILE;
	take(files, fd, close_on_exec);
	return (int)fd;
}

void fd_install(struct files_struct *files, u32 fd, struct file *file)
{
	BUG_ON(fd >= files->end || !file->count);
	BUG_ON(!bitmap_test(files->open, fd) || files->fd[fd]);
	files->fd[fd] = file;
}

void fd_release(struct files_struct *files, u32 fd)
{
	BUG_ON(fd >= OPEN_MAX || files->fd[fd]);
	files->open[fd / 32] &= ~(1u << fd % 32);
	fd_set_close_on_exec(files, fd, false);
	while (files->end && !bitmap_test(files->open, files->end - 1))
		files->end--;
}

void fd_replace(struct files_struct *files, u32 fd, struct file *file, bool close_on_exec)
{
	struct file *old;

	BUG_ON(!file || !file->count);
	take(files, fd, close_on_exec);
	old = files->fd[fd];
	files->fd[fd] = file;
	if (old)
		close_file(files, old);
}

int fd_close(struct files_struct *files, u32 fd)
{
	struct file *file = fd < files->end ? files->fd[fd] : NULL;

	if (!file)
		return -EBADF;
	files->fd[fd] = NULL;
	fd_release(files, fd);
	close_file(files, file);
	return 0;
}

bool fd_close_on_exec(const struct files_struct *files, u32 fd)
{
	return bitmap_test(files->close_on_exec, fd);
}

void fd_set_close_on_exec(struct files_struct *files, u32 fd, bool close_on_exec)
{
	u32 bit = 1u << fd % 32;

	BUG_ON(fd >= OPEN_MAX);
	if (close_on_exec)
		files->close_on_exec[fd / 32] |= bit;
	else
		files->close_on_exec[fd / 32] &= ~bit;
}

void files_exec(struct files_struct *files)
{
	for (u32 fd = 0; fd < files->end; fd++)
		if (fd_close_on_exec(files, fd))
			fd_close(files, fd);
}
