/* SPDX-License-Identifier: MIT */
/* The table of descriptors. The numbers are the invariants in files.h. */
#include "kernel/task/files.h"
#include "fs/locks.h"
#include "kernel/task/task.h"
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "mm/kernel_space/vmalloc.h"
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

	if (!files)
		return NULL;
	/* (4): few[] needs no clearing. */
	__builtin_memset(files, 0, offsetof(struct files_struct, few));
	files->count = 1;
	files->size = OPEN_FEW;
	files->fd = files->few;
	files->open = files->few_open;
	files->close_on_exec = files->few_close;
	return files;
}

/* Frees the arrays and the structure. */
static void files_free(struct files_struct *files)
{
	if (files->fd != files->few)
		kvfree(files->fd);
	kmem_cache_free(files_cache, files);
}

/* Moves the arrays to a block: fd[size], then the bits of `open` and of `close_on_exec`. */
static void move_to(struct files_struct *files, struct file **fd, u32 size)
{
	u32 *open = (u32 *)(fd + size), *close_on_exec = open + size / 32;
	u32 bytes = files->size / 8;

	memset(open, 0, size / 4);
	memcpy(open, files->open, bytes);
	memcpy(close_on_exec, files->close_on_exec, bytes);
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): the array holds pointers */
	memcpy(fd, files->fd, files->end * sizeof(*fd));
	if (files->fd != files->few)
		kvfree(files->fd);
	files->fd = fd;
	files->open = open;
	files->close_on_exec = close_on_exec;
	files->size = size;
}

/* Makes the arrays large enough for this descriptor. 0 or -ENOMEM. */
static int reserve(struct files_struct *files, u32 fd)
{
	u32 size = files->size;
	struct file **block;

	BUG_ON(fd >= OPEN_MAX);
	while (size <= fd)
		size *= 2;
	if (likely(size == files->size))
		return 0;
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): the array holds pointers */
	block = kvmalloc(size * sizeof(*block) + size / 4);
	if (!block)
		return -ENOMEM;
	/* Another thread may have been here meanwhile. */
	if (files->size < size)
		move_to(files, block, size);
	else
		kvfree(block);
	return 0;
}

/* The end of the descriptors in use, rounded up to words, but not beyond `end`. */
static u32 used_end(const struct files_struct *files)
{
	u32 words = BITMAP_WORDS(files->end);

	while (words && !files->open[words - 1])
		words--;
	return min(words * 32, files->end);
}

/* Each descriptor in use, from the lowest. The table must not change meanwhile. */
#define for_each_fd(files, fd)                                                     \
	for (u32 _word = 0; _word < BITMAP_WORDS((files)->end); _word++)           \
		for (u32 _bits = (files)->open[_word];                             \
		     _bits && (fd = _word * 32 + (u32)__builtin_ctz(_bits), true); \
		     _bits &= _bits - 1)

/* Copies what is in use, without what another task has only reserved: the file goes there. */
static void copy_table(struct files_struct *to, const struct files_struct *from)
{
	u32 fd;

	to->end = used_end(from);
	to->lowest = from->lowest;
	for (u32 i = 0; i < BITMAP_WORDS(to->end); i++) {
		to->open[i] = from->open[i];
		to->close_on_exec[i] = from->close_on_exec[i];
	}
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): the array holds pointers */
	memcpy(to->fd, from->fd, to->end * sizeof(*to->fd));
	for_each_fd(to, fd)
	{
		if (to->fd[fd])
			file_get(to->fd[fd]);
		else
			fd_release(to, fd);
	}
}

struct files_struct *files_copy(const struct files_struct *from)
{
	struct files_struct *files = files_alloc();

	if (!files)
		return NULL;
	/* While this waits for memory, another task may open more. */
	while (files->size < used_end(from)) {
		if (reserve(files, used_end(from) - 1)) {
			files_free(files);
			return NULL;
		}
	}
	copy_table(files, from);
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
	u32 fd;

	if (!files)
		return;
	BUG_ON(!files->count);
	if (--files->count)
		return;
	for_each_fd(files, fd) if (files->fd[fd]) close_file(files, files->fd[fd]);
	files_free(files);
}

/* Keeps (4): clears fd[] below a descriptor before it is in use. The arrays are large enough. */
static inline void take(struct files_struct *files, u32 fd, bool close_on_exec)
{
	BUG_ON(fd >= files->size);
	while (files->end <= fd)
		files->fd[files->end++] = NULL;
	bitmap_set(files->open, fd);
	if (unlikely(close_on_exec))
		bitmap_set(files->close_on_exec, fd);
}

/* The lowest free descriptor from `least` on. It may lie behind the arrays. */
static u32 lowest_free(const struct files_struct *files, u32 least)
{
	u32 from = max(least, files->lowest);

	return from < files->size ? bitmap_next_clear(files->open, from, files->size) : from;
}

/* Searches for the descriptor, and grows the arrays for it. Another thread may take it then. */
static noinline int find_free(struct files_struct *files, u32 least, u32 limit)
{
	u32 fd;

	do {
		fd = lowest_free(files, least);
		if (fd >= min(limit, OPEN_MAX))
			return -EMFILE;
		if (unlikely(reserve(files, fd)))
			return -ENOMEM;
	} while (fd != lowest_free(files, least));
	return (int)fd;
}

int fd_alloc(struct files_struct *files, u32 least, u32 limit, bool close_on_exec)
{
	int fd = (int)files->lowest;

	/* No search if the lowest of all is wanted and free. */
	if (unlikely((u32)fd < least || (u32)fd >= min(limit, files->size) ||
		     bitmap_test(files->open, (u32)fd))) {
		fd = find_free(files, least, limit);
		if (fd < 0)
			return fd;
	}
	if (least <= files->lowest)
		files->lowest = (u32)fd + 1;
	take(files, (u32)fd, close_on_exec);
	return fd;
}

/* Keeps (3) and (5) for a descriptor whose file is gone. */
static inline void release(struct files_struct *files, u32 fd)
{
	bitmap_clear(files->open, fd);
	bitmap_clear(files->close_on_exec, fd);
	files->lowest = min(files->lowest, fd);
}

void fd_release(struct files_struct *files, u32 fd)
{
	BUG_ON(fd >= files->end || files->fd[fd]);
	release(files, fd);
}

int fd_replace(struct files_struct *files, u32 fd, struct file *file, bool close_on_exec)
{
	struct file *old;

	BUG_ON(!file || !file->count);
	if (reserve(files, fd))
		return -ENOMEM;
	old = files_find(files, fd);
	if (!old && bitmap_test(files->open, fd))
		return -EBUSY;
	take(files, fd, close_on_exec);
	fd_set_close_on_exec(files, fd, close_on_exec);
	files->fd[fd] = file;
	if (old)
		close_file(files, old);
	return 0;
}

int fd_close(struct files_struct *files, u32 fd)
{
	struct file *file = fd < files->end ? files->fd[fd] : NULL;

	if (!file)
		return -EBADF;
	files->fd[fd] = NULL;
	release(files, fd);
	close_file(files, file);
	return 0;
}

bool fd_close_on_exec(const struct files_struct *files, u32 fd)
{
	return bitmap_test(files->close_on_exec, fd);
}

void fd_set_close_on_exec(struct files_struct *files, u32 fd, bool close_on_exec)
{
	BUG_ON(fd >= files->end);
	if (close_on_exec)
		bitmap_set(files->close_on_exec, fd);
	else
		bitmap_clear(files->close_on_exec, fd);
}

void files_exec(struct files_struct *files)
{
	const u32 *set = files->close_on_exec;

	for (u32 fd = bitmap_next(set, 0, files->end); fd < files->end;
	     fd = bitmap_next(set, fd + 1, files->end))
		fd_close(files, fd);
}
