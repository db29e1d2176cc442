/* SPDX-License-Identifier: MIT */
/* Pipes. Numbers cite the invariants of the header. */
#include "fs/pipe/pipe.h"
#include "fs/poll.h"
#include "fs/process.h"
#include "abi/linux/errno.h"
#include "abi/linux/signal.h"
#include "abi/linux/termios.h"
#include "lib/assert.h"
#include "lib/resched.h"
#include "mm/frames/page_alloc.h"
#include "mm/slab/slab.h"

struct pipe {
	struct mutex lock;
	struct wait_queue queue;
	u32 users;			/* open files, and calls of open() that wait */
	u32 readers, writers;		/* open files */
	u32 reader_opens, writer_opens; /* so far; may wrap */
	u32 ino;
	u32 start, end, capacity; /* bytes */
	char *pages[PIPE_PAGES];
};

static struct kmem_cache *pipe_cache;
static u32 last_ino;

void pipe_init(void)
{
	pipe_cache = kmem_cache_create("pipe", sizeof(struct pipe), 0, 0, NULL, NULL);
	BUG_ON(!pipe_cache);
}

static struct pipe *pipe_alloc(void)
{
	struct pipe *pipe = kmem_cache_alloc(pipe_cache, GFP_KERNEL);

	if (!pipe)
		return NULL;
	*pipe = (struct pipe){ .capacity = PIPE_PAGES * PAGE_SIZE, .ino = ++last_ino };
	mutex_init(&pipe->lock);
	wait_queue_init(&pipe->queue);
	return pipe;
}

static char **page_at(struct pipe *pipe, u32 position)
{
	return &pipe->pages[position / PAGE_SIZE % PIPE_PAGES];
}

static void page_drop(char **page)
{
	BUG_ON(!*page);
	free_page(*page);
	*page = NULL;
}

/* Bytes that can be written now. */
static u32 room_in(const struct pipe *pipe)
{
	u32 used = pipe->end - ALIGN_DOWN(pipe->start, PAGE_SIZE);

	return used < pipe->capacity ? pipe->capacity - used : 0;
}

/* Removes bytes that were read, all of one page. Keeps (1), (2) and (3). */
static void advance(struct pipe *pipe, u32 bytes)
{
	char **page = page_at(pipe, pipe->start);

	pipe->start += bytes;
	if (pipe->start % PAGE_SIZE == 0)
		page_drop(page);
	if (pipe->start != pipe->end)
		return;
	if (*page && page != &pipe->pages[0]) {
		pipe->pages[0] = *page;
		*page = NULL;
	}
	pipe->start = pipe->end = 0;
}

/* Copies up to `bytes` of what is there. Returns the count, or -EFAULT if none could be copied. */
static s32 take(struct pipe *pipe, u32 bytes, mapping_copy_t copy, void *context)
{
	u32 done = 0;

	while (done < bytes && pipe->start != pipe->end) {
		u32 offset = pipe->start % PAGE_SIZE, left;
		u32 part = min(min(bytes - done, PAGE_SIZE - offset), pipe->end - pipe->start);

		left = copy(*page_at(pipe, pipe->start) + offset, part, context);
		if (part > left)
			advance(pipe, part - left);
		done += part - left;
		if (left)
			return done ? (s32)done : -EFAULT;
	}
	return (s32)done;
}

/*
 * Copies `bytes`, for which there is room. Returns the count; -EFAULT or -ENOMEM if the first part
 * failed.
 */
static s32 put(struct pipe *pipe, u32 bytes, mapping_copy_t copy, void *context)
{
	u32 done = 0;

	while (done < bytes) {
		u32 offset = pipe->end % PAGE_SIZE;
		u32 part = min(bytes - done, PAGE_SIZE - offset);
		char **page = page_at(pipe, pipe->end);

		if (!*page)
			*page = __get_free_pages(GFP_KERNEL, 0);
		if (!*page)
			return done ? (s32)done : -ENOMEM;
		if (copy(*page + offset, part, context)) {
			if (!offset && pipe->end)
				page_drop(page);
			return done ? (s32)done : -EFAULT;
		}
		pipe->end += part;
		done += part;
	}
	return (s32)done;
}

/* Releases the lock, sleeps until the pipe changes, and takes it again. 0 or -ERESTARTSYS. */
static int pipe_sleep(struct pipe *pipe)
{
	struct wait_entry entry;
	struct poll_table table;
	int err;

	poll_begin(&table, &entry, 1);
	poll_wait(&table, &pipe->queue);
	mutex_unlock(&pipe->lock);
	err = poll_sleep(&table, WAIT_FOREVER);
	poll_end(&table);
	mutex_lock(&pipe->lock);
	return err;
}

static s32 pipe_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy, void *context)
{
	struct pipe *pipe = file->pipe;
	s32 done = 0;

	(void)position;
	if (!bytes)
		return 0;
	mutex_lock(&pipe->lock);
	while (pipe->start == pipe->end && pipe->writers && !done)
		done = file->flags & O_NONBLOCK ? -EAGAIN : pipe_sleep(pipe);
	if (!done)
		done = take(pipe, bytes, copy, context);
	if (done > 0)
		wait_queue_wake(&pipe->queue);
	if (done > 0 && file->inode)
		inode_accessed(file->inode);
	mutex_unlock(&pipe->lock);
	return done;
}

/* Writes what there is room for, at least one byte. 0: there is no room. */
static s32 write_part(struct pipe *pipe, u32 bytes, bool whole, mapping_copy_t copy, void *context)
{
	u32 room = room_in(pipe);
	s32 done;

	if (!pipe->readers) {
		process_signal(SIGPIPE);
		return -EPIPE;
	}
	if (!room || (whole && room < bytes))
		return 0;
	done = put(pipe, min(room, bytes), copy, context);
	if (done > 0)
		wait_queue_wake(&pipe->queue);
	return done;
}

static s32 pipe_write(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
		      void *context)
{
	struct pipe *pipe = file->pipe;
	u32 done = 0;
	s32 part = 0;

	(void)position;
	mutex_lock(&pipe->lock);
	while (done < bytes) {
		part = write_part(pipe, bytes - done, bytes <= PIPE_BUF, copy, context);
		if (!part)
			part = file->flags & O_NONBLOCK ? -EAGAIN : pipe_sleep(pipe);
		if (part < 0)
			break;
		done += (u32)part;
	}
	if (done && file->inode)
		inode_modified(file->inode);
	mutex_unlock(&pipe->lock);
	return done ? (s32)done : part;
}

static u32 pipe_poll(struct file *file, struct poll_table *table)
{
	const struct pipe *pipe = file->pipe;
	u32 events = 0;

	poll_wait(table, &file->pipe->queue);
	if (file_readable(file)) {
		if (pipe->start != pipe->end)
			events |= POLLIN | POLLRDNORM;
		/* A FIFO that no one has opened to write since is not hung up. */
		if (!pipe->writers && pipe->writer_opens != file->writer_opens)
			events |= POLLHUP;
	}
	if (file_writable(file)) {
		if (room_in(pipe) >= PIPE_BUF)
			events |= POLLOUT | POLLWRNORM;
		if (!pipe->readers)
			events |= POLLERR;
	}
	return events;
}

static s32 pipe_ioctl(struct file *file, u32 command, vaddr_t argument)
{
	u32 bytes = file->pipe->end - file->pipe->start;

	return command == FIONREAD ? user_put(argument, &bytes, sizeof(bytes)) : -ENOTTY;
}

/* Drops a user; the last one frees the pipe. */
static void pipe_put(struct pipe *pipe, struct inode *fifo)
{
	if (--pipe->users)
		return;
	for (u32 i = 0; i < PIPE_PAGES; i++)
		if (pipe->pages[i])
			page_drop(&pipe->pages[i]);
	if (fifo)
		fifo->pipe = NULL;
	kmem_cache_free(pipe_cache, pipe);
}

static void pipe_release(struct file *file)
{
	struct pipe *pipe = file->pipe;

	if (!pipe)
		return; /* pipe_open() failed */
	pipe->readers -= file_readable(file);
	pipe->writers -= file_writable(file);
	wait_queue_wake(&pipe->queue);
	pipe_put(pipe, file->inode);
}

#define OPERATIONS                                                                      \
	.read = pipe_read, .write = pipe_write, .poll = pipe_poll, .ioctl = pipe_ioctl, \
	.release = pipe_release

static const struct file_operations pipe_operations = {
	OPERATIONS,
	.mode = S_IFIFO | 0600,
	.dev = PIPE_DEV,
};

static void enter(struct pipe *pipe, struct file *file)
{
	file->pipe = pipe;
	pipe->users++;
	pipe->readers += file_readable(file);
	pipe->reader_opens += file_readable(file);
	pipe->writers += file_writable(file);
	pipe->writer_opens += file_writable(file);
	wait_queue_wake(&pipe->queue);
}

/* Waits until the other end was opened once more. */
static int wait_for_other_end(struct pipe *pipe, const u32 *opens)
{
	u32 before = *opens;
	int err = 0;

	mutex_lock(&pipe->lock);
	while (*opens == before && !err)
		err = pipe_sleep(pipe);
	mutex_unlock(&pipe->lock);
	return err;
}

static int wait_for_partner(struct file *file)
{
	struct pipe *pipe = file->pipe;
	bool reads = file_readable(file);

	if (reads && file_writable(file))
		return 0;
	if (reads ? pipe->writers : pipe->readers)
		return 0;
	if (!(file->flags & O_NONBLOCK))
		return wait_for_other_end(pipe, reads ? &pipe->writer_opens : &pipe->reader_opens);
	if (!reads)
		return -ENXIO;
	file->writer_opens = pipe->writer_opens;
	return 0;
}

static int fifo_open(struct inode *inode, struct file *file)
{
	struct pipe *new = NULL;
	int err;

	if (!file_readable(file) && !file_writable(file))
		return -EINVAL;
	if (!inode->pipe)
		new = pipe_alloc();
	if (!inode->pipe) /* another task may have made it meanwhile */
		inode->pipe = new;
	else if (new)
		kmem_cache_free(pipe_cache, new);
	if (!inode->pipe)
		return -ENOMEM;
	enter(inode->pipe, file);
	err = wait_for_partner(file);
	if (err)
		pipe_release(file);
	return err;
}

const struct file_operations fifo_operations = { OPERATIONS, .open = fifo_open };

int pipe_open(u32 flags, struct file *ends[2])
{
	struct file *in = file_alloc(&pipe_operations);
	struct file *out = in ? file_alloc(&pipe_operations) : NULL;
	struct pipe *pipe = out ? pipe_alloc() : NULL;

	if (!pipe) {
		if (out)
			file_put(out);
		if (in)
			file_put(in);
		return -ENOMEM;
	}
	in->flags = O_RDONLY | flags;
	out->flags = O_WRONLY | flags;
	in->ino = out->ino = pipe->ino;
	enter(pipe, in);
	enter(pipe, out);
	ends[0] = in;
	ends[1] = out;
	return 0;
}

s32 pipe_size(const struct file *file)
{
	return file->pipe ? (s32)file->pipe->capacity : -EBADF;
}

s32 pipe_set_size(struct file *file, u32 bytes)
{
	struct pipe *pipe = file->pipe;
	u32 wanted = PAGE_SIZE;

	if (!pipe)
		return -EBADF;
	if (bytes > PIPE_PAGES * PAGE_SIZE)
		return -EPERM;
	while (wanted < bytes)
		wanted *= 2;
	if (wanted < pipe->end - ALIGN_DOWN(pipe->start, PAGE_SIZE))
		return -EBUSY;
	pipe->capacity = wanted;
	wait_queue_wake(&pipe->queue);
	return (s32)wanted;
}
