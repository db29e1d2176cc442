/* SPDX-License-Identifier: MIT */
/* Pipes. Numbers cite the invariants of the header. */
#include "fs/owner.h"
#include "fs/pipe/pipe.h"
#include "fs/pipe/pipe_user.h"
#include "fs/pipe/ring.h"
#include "fs/poll.h"
#include "fs/process.h"
#include "abi/linux/errno.h"
#include "abi/linux/signal.h"
#include "abi/linux/termios.h"
#include "lib/assert.h"
#include "lib/resched.h"
#include "mm/slab/slab.h"

static struct kmem_cache *pipe_cache;
static u32 last_ino;

u32 pipe_max_size = 256 * PAGE_SIZE;

void pipe_init(void)
{
	pipe_cache = kmem_cache_create("pipe", sizeof(struct pipe), 0, 0, NULL, NULL);
	BUG_ON(!pipe_cache);
}

u32 pipe_round_size(u32 bytes)
{
	u32 size = PAGE_SIZE;

	while (size < bytes)
		size *= 2;
	return size;
}

/* Bytes of a new pipe, at most those that the process may have. */
static u32 pipe_within_limit(u32 bytes)
{
	return bytes <= pipe_max_size || capable(CAP_SYS_RESOURCE) ? bytes : pipe_max_size;
}

/* The capacity of the user's next pipe, bytes; 0: it may have none. */
static u32 first_capacity(const struct pipe_user *user)
{
	u32 bytes = pipe_within_limit(PIPE_PAGES * PAGE_SIZE);

	if (pipe_user_exceeds(user, bytes / PAGE_SIZE, pipe_user_pages_soft))
		bytes = PIPE_PAGES_LEAST * PAGE_SIZE;
	return pipe_user_exceeds(user, bytes / PAGE_SIZE, pipe_user_pages_hard) ? 0 : bytes;
}

/* 0, -ENOMEM, -ENFILE: too many pages of one user. */
static int pipe_alloc(struct pipe **made)
{
	struct pipe *pipe = kmem_cache_alloc(pipe_cache, GFP_KERNEL);
	struct pipe_user *user = pipe ? pipe_user_get(process_uid()) : NULL;
	u32 capacity = user ? first_capacity(user) : 0;

	if (!capacity) {
		if (user)
			pipe_user_put(user);
		if (pipe)
			kmem_cache_free(pipe_cache, pipe);
		return user ? -ENFILE : -ENOMEM;
	}
	user->pages += capacity / PAGE_SIZE;
	*pipe = (struct pipe){ .capacity = capacity,
			       .user = user,
			       .places = PIPE_PAGES,
			       .pages = pipe->few,
			       .uid = process_fsuid(),
			       .gid = process_fsgid(),
			       .ino = ++last_ino };
	list_init(&pipe->async);
	mutex_init(&pipe->lock);
	wait_queue_init(&pipe->queue);
	*made = pipe;
	return 0;
}

static void pipe_free(struct pipe *pipe)
{
	ring_free(pipe);
	pipe->user->pages -= pipe->capacity / PAGE_SIZE;
	pipe_user_put(pipe->user);
	kmem_cache_free(pipe_cache, pipe);
}

void pipe_changed(struct pipe *pipe, bool readable)
{
	const struct file_owner *owner;

	wait_queue_wake_for(&pipe->queue, readable ? POLLIN | POLLRDNORM : POLLOUT | POLLWRNORM);
	list_for_each_entry (owner, &pipe->async, async)
		if (readable ? file_readable(owner->file) : file_writable(owner->file))
			process_tell_owner(owner, readable ? POLL_IN : POLL_OUT);
}

int pipe_sleep(struct pipe *pipe)
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
		done = ring_take(pipe, bytes, copy, context);
	if (done > 0)
		pipe_changed(pipe, false);
	if (done > 0 && file->inode)
		inode_accessed(file->inode);
	mutex_unlock(&pipe->lock);
	return done;
}

/*
 * Writes what there is room for, at least one byte; 0: there is no room. As on Linux only what a
 * new write has beyond whole pages joins the last page, and all of it or nothing.
 */
static s32 write_part(const struct file *file, u32 bytes, bool new, mapping_copy_t copy,
		      void *context)
{
	enum ring_page last = unlikely(file->flags & O_DIRECT) ? PAGE_PACKET : PAGE_JOINS;
	struct pipe *pipe = file->pipe;
	s32 done = 0;

	if (!pipe->readers) {
		process_signal(SIGPIPE);
		return -EPIPE;
	}
	if (new &&bytes % PAGE_SIZE)
		done = ring_join(pipe, bytes % PAGE_SIZE, copy, context);
	if (!done && ring_free_pages(pipe))
		done = ring_put(pipe, bytes, last, copy, context);
	if (done > 0)
		pipe_changed(pipe, true);
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
	for (bool new = true; done < bytes; new = false) {
		part = write_part(file, bytes - done, new, copy, context);
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
		if (ring_free_pages(pipe))
			events |= POLLOUT | POLLWRNORM;
		if (!pipe->readers)
			events |= POLLERR;
	}
	return events;
}

static s32 pipe_ioctl(struct file *file, u32 command, vaddr_t argument)
{
	u32 bytes = ring_bytes(file->pipe);

	return command == FIONREAD ? user_put(argument, &bytes, sizeof(bytes)) : -ENOTTY;
}

/* Drops a user; the last one frees the pipe. */
static void pipe_put(struct pipe *pipe, struct inode *fifo)
{
	if (--pipe->users)
		return;
	if (fifo)
		fifo->pipe = NULL;
	pipe_free(pipe);
}

static void pipe_release(struct file *file)
{
	struct pipe *pipe = file->pipe;

	if (!pipe)
		return; /* pipe_open() failed */
	if (file->owner)
		list_del_init(&file->owner->async);
	pipe->readers -= file_readable(file);
	pipe->writers -= file_writable(file);
	pipe_changed(pipe, file_writable(file));
	wait_queue_wake(&pipe->queue); /* POLLHUP and POLLERR too */
	pipe_put(pipe, file->inode);
}

static void pipe_async(struct file *file, bool on)
{
	list_del_init(&file->owner->async);
	if (on)
		list_add(&file->owner->async, &file->pipe->async);
}

#define OPERATIONS                                                                      \
	.read = pipe_read, .write = pipe_write, .poll = pipe_poll, .ioctl = pipe_ioctl, \
	.release = pipe_release, .async = pipe_async

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
	int err = 0;

	if (!file_readable(file) && !file_writable(file))
		return -EINVAL;
	if (!inode->pipe)
		err = pipe_alloc(&new);
	if (!inode->pipe) /* another task may have made it meanwhile */
		inode->pipe = new;
	else if (new)
		pipe_free(new);
	if (!inode->pipe)
		return err;
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
	struct pipe *pipe = NULL;
	int err = out ? pipe_alloc(&pipe) : -ENOMEM;

	if (err) {
		if (out)
			file_put(out);
		if (in)
			file_put(in);
		return err;
	}
	in->flags = O_RDONLY | (flags & ~(u32)O_DIRECT); /* it is the writer that makes packets */
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

static bool user_may_have(const struct pipe *pipe, u32 wanted)
{
	u32 more = (wanted - pipe->capacity) / PAGE_SIZE;

	return wanted <= pipe->capacity ||
	       (!pipe_user_exceeds(pipe->user, more, pipe_user_pages_soft) &&
		!pipe_user_exceeds(pipe->user, more, pipe_user_pages_hard));
}

static int set_capacity(struct pipe *pipe, u32 wanted)
{
	int err;

	if (!user_may_have(pipe, wanted))
		return -EPERM;
	if (wanted < pipe->end - ALIGN_DOWN(pipe->start, PAGE_SIZE))
		return -EBUSY;
	err = ring_set_places(pipe, max(wanted / PAGE_SIZE, PIPE_PAGES));
	if (err)
		return err;
	pipe->user->pages += wanted / PAGE_SIZE;
	pipe->user->pages -= pipe->capacity / PAGE_SIZE;
	pipe->capacity = wanted;
	wait_queue_wake(&pipe->queue);
	return 0;
}

s32 pipe_set_size(struct file *file, u32 bytes)
{
	struct pipe *pipe = file->pipe;
	u32 wanted;
	int err;

	if (!pipe)
		return -EBADF;
	if (bytes > PIPE_SIZE_MAX)
		return -EINVAL;
	wanted = pipe_round_size(bytes);
	if (wanted > max(pipe_max_size, pipe->capacity) && !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	if ((s32)wanted < 0)
		return -ENOMEM;
	file_get(file);
	mutex_lock(&pipe->lock); /* a write may be filling a page */
	err = set_capacity(pipe, wanted);
	mutex_unlock(&pipe->lock);
	file_put(file);
	return err ? err : (s32)wanted;
}
