/* SPDX-License-Identifier: MIT */
/* Pipes. Numbers cite the invariants of the header. */
#include "fs/owner.h"
#include "fs/pipe/pipe.h"
#include "fs/poll.h"
#include "fs/process.h"
#include "abi/linux/errno.h"
#include "abi/linux/signal.h"
#include "abi/linux/termios.h"
#include "lib/assert.h"
#include "lib/resched.h"
#include "lib/string.h"
#include "mm/frames/page_alloc.h"
#include "mm/kernel_space/vmalloc.h"
#include "mm/slab/slab.h"

struct pipe_page {
	char *data;
	u32 fill;    /* its bytes; 0: all up to the next page or `end` */
	bool packet; /* they are one */
};

struct pipe {
	struct mutex lock;
	struct wait_queue queue;
	struct list_head async;		/* of struct file_owner: files with O_ASYNC */
	u32 users;			/* open files, and calls of open() that wait */
	u32 readers, writers;		/* open files */
	u32 reader_opens, writer_opens; /* so far; may wrap */
	u32 ino;
	u32 start, end, capacity; /* bytes */
	u32 places;
	struct pipe_page *pages;
	struct pipe_page few[PIPE_PAGES];
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
	*pipe = (struct pipe){ .capacity = PIPE_PAGES * PAGE_SIZE,
			       .places = PIPE_PAGES,
			       .pages = pipe->few,
			       .ino = ++last_ino };
	list_init(&pipe->async);
	mutex_init(&pipe->lock);
	wait_queue_init(&pipe->queue);
	return pipe;
}

static struct pipe_page *page_at(const struct pipe *pipe, u32 position)
{
	return &pipe->pages[position / PAGE_SIZE & (pipe->places - 1)];
}

static void page_drop(struct pipe_page *page)
{
	BUG_ON(!page->data);
	free_page(page->data);
	*page = (struct pipe_page){ 0 };
}

/* The pipe changed: wakes those that wait, and tells the owners of the ends that can go on. */
static void pipe_changed(struct pipe *pipe, bool readable)
{
	const struct file_owner *owner;

	wait_queue_wake(&pipe->queue);
	list_for_each_entry (owner, &pipe->async, async)
		if (readable ? file_readable(owner->file) : file_writable(owner->file))
			process_tell_owner(owner, readable ? POLL_IN : POLL_OUT);
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
	struct pipe_page *page = page_at(pipe, pipe->start);

	pipe->start += bytes;
	if (pipe->start % PAGE_SIZE == 0)
		page_drop(page);
	if (pipe->start != pipe->end)
		return;
	if (page->data && page != &pipe->pages[0]) {
		pipe->pages[0] = *page;
		*page = (struct pipe_page){ 0 };
	}
	pipe->start = pipe->end = 0;
}

/* The bytes of the page at `position` from there on. */
static u32 bytes_in_page(const struct pipe *pipe, u32 position)
{
	u32 fill = page_at(pipe, position)->fill;

	return min((fill ? fill : PAGE_SIZE) - position % PAGE_SIZE, pipe->end - position);
}

/* Copies up to `bytes` of what is there. Returns the count, or -EFAULT if none could be copied. */
static s32 take(struct pipe *pipe, u32 bytes, mapping_copy_t copy, void *context)
{
	u32 done = 0;

	while (done < bytes && pipe->start != pipe->end) {
		const struct pipe_page page = *page_at(pipe, pipe->start);
		u32 offset = pipe->start % PAGE_SIZE, there = bytes_in_page(pipe, pipe->start);
		u32 part = min(bytes - done, there), left;

		left = copy(page.data + offset, part, context);
		if (!left && page.fill && (page.packet || part == there))
			advance(pipe, PAGE_SIZE - offset);
		else if (part > left)
			advance(pipe, part - left);
		done += part - left;
		if (left)
			return done ? (s32)done : -EFAULT;
		if (page.packet)
			break;
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
		struct pipe_page *page = page_at(pipe, pipe->end);

		if (!page->data)
			page->data = __get_free_pages(GFP_KERNEL, 0);
		if (!page->data)
			return done ? (s32)done : -ENOMEM;
		if (copy(page->data + offset, part, context)) {
			if (!offset && pipe->end)
				page_drop(page);
			return done ? (s32)done : -EFAULT;
		}
		pipe->end += part;
		done += part;
	}
	return (s32)done;
}

/* The end of the page's data, and of the page: what comes next begins a new one. */
static void end_page(struct pipe *pipe, bool packet)
{
	struct pipe_page *page = page_at(pipe, pipe->end - 1);

	page->fill = (pipe->end - 1) % PAGE_SIZE + 1;
	page->packet = packet;
	pipe->end = ALIGN_UP(pipe->end, PAGE_SIZE);
}

/* Writes up to a page as a packet. 0: there is no room. */
static s32 put_packet(struct pipe *pipe, u32 bytes, mapping_copy_t copy, void *context)
{
	u32 rest = -pipe->end % PAGE_SIZE;
	s32 done;

	if (room_in(pipe) < rest + PAGE_SIZE)
		return 0;
	if (rest)
		end_page(pipe, false);
	done = put(pipe, min(bytes, PAGE_SIZE), copy, context);
	if (done > 0)
		end_page(pipe, true);
	return done;
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
		pipe_changed(pipe, false);
	if (done > 0 && file->inode)
		inode_accessed(file->inode);
	mutex_unlock(&pipe->lock);
	return done;
}

/* Writes what there is room for, at least one byte. 0: there is no room. */
static s32 write_part(const struct file *file, u32 bytes, bool whole, mapping_copy_t copy,
		      void *context)
{
	struct pipe *pipe = file->pipe;
	u32 room = room_in(pipe);
	s32 done;

	if (!pipe->readers) {
		process_signal(SIGPIPE);
		return -EPIPE;
	}
	if (!room || (whole && room < bytes))
		return 0;
	if (unlikely(file->flags & O_DIRECT))
		done = put_packet(pipe, bytes, copy, context);
	else
		done = put(pipe, min(room, bytes), copy, context);
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
	while (done < bytes) {
		part = write_part(file, bytes - done, bytes <= PIPE_BUF, copy, context);
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
	const struct pipe *pipe = file->pipe;
	u32 bytes = 0;

	for (u32 at = pipe->start; at != pipe->end;) {
		u32 part = bytes_in_page(pipe, at);

		bytes += part;
		at = page_at(pipe, at)->fill ? ALIGN_DOWN(at, PAGE_SIZE) + PAGE_SIZE : at + part;
	}
	return command == FIONREAD ? user_put(argument, &bytes, sizeof(bytes)) : -ENOTTY;
}

/* Drops a user; the last one frees the pipe. */
static void pipe_put(struct pipe *pipe, struct inode *fifo)
{
	if (--pipe->users)
		return;
	for (u32 i = 0; i < pipe->places; i++)
		if (pipe->pages[i].data)
			page_drop(&pipe->pages[i]);
	if (pipe->pages != pipe->few)
		kvfree(pipe->pages);
	if (fifo)
		fifo->pipe = NULL;
	kmem_cache_free(pipe_cache, pipe);
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

/* Moves the pages to an array of another size. 0 or -ENOMEM. */
static int set_places(struct pipe *pipe, u32 places)
{
	struct pipe_page *pages = pipe->few;
	u32 at = ALIGN_DOWN(pipe->start, PAGE_SIZE),
	    count = DIV_ROUND_UP(pipe->end - at, PAGE_SIZE);

	if (places == pipe->places)
		return 0;
	if (places > PIPE_PAGES)
		pages = kvmalloc(places * sizeof(*pages));
	if (!pages)
		return -ENOMEM;
	memset(pages, 0, places * sizeof(*pages));
	for (u32 i = 0; i < max(count, 1u); i++, at += PAGE_SIZE) /* (3): one more may be there */
		pages[at / PAGE_SIZE & (places - 1)] = *page_at(pipe, at);
	if (pipe->pages != pipe->few)
		kvfree(pipe->pages);
	pipe->pages = pages;
	pipe->places = places;
	return 0;
}

static int set_capacity(struct pipe *pipe, u32 wanted)
{
	int err;

	if (wanted < pipe->end - ALIGN_DOWN(pipe->start, PAGE_SIZE))
		return -EBUSY;
	err = set_places(pipe, max(wanted / PAGE_SIZE, PIPE_PAGES));
	if (err)
		return err;
	pipe->capacity = wanted;
	wait_queue_wake(&pipe->queue);
	return 0;
}

s32 pipe_set_size(struct file *file, u32 bytes)
{
	struct pipe *pipe = file->pipe;
	u32 wanted = PAGE_SIZE;
	int err;

	if (!pipe)
		return -EBADF;
	if (bytes > 1u << 31)
		return -EINVAL;
	while (wanted < bytes)
		wanted *= 2;
	if (wanted > max(PIPE_MAX, pipe->capacity) && !capable(CAP_SYS_RESOURCE))
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
