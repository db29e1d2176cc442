/* SPDX-License-Identifier: MIT */
/* eventfd: a counter as a file. */
#include "fs/events/eventfd.h"
#include "fs/poll.h"
#include "abi/linux/errno.h"
#include "mm/slab/slab.h"

struct eventfd {
	u64 count; /* UINT64_MAX is never reached */
	bool semaphore;
	struct wait_queue queue;
};

static s32 eventfd_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
			void *context)
{
	struct eventfd *event = file->data;
	u64 taken;
	int err = 0;

	(void)position;
	if (bytes < sizeof(taken))
		return -EINVAL;
	while (!event->count && !err)
		err = file->flags & O_NONBLOCK ? -EAGAIN : wait_queue_sleep(&event->queue);
	if (err)
		return err;
	taken = event->semaphore ? 1 : event->count;
	event->count -= taken;
	wait_queue_wake_for(&event->queue, POLLOUT);
	return copy(&taken, sizeof(taken), context) ? -EFAULT : (s32)sizeof(taken);
}

static s32 eventfd_write(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
			 void *context)
{
	struct eventfd *event = file->data;
	u64 more;
	int err = 0;

	(void)position;
	if (bytes != sizeof(more))
		return -EINVAL;
	if (copy(&more, sizeof(more), context))
		return -EFAULT;
	if (more == UINT64_MAX)
		return -EINVAL;
	while (more >= UINT64_MAX - event->count && !err)
		err = file->flags & O_NONBLOCK ? -EAGAIN : wait_queue_sleep(&event->queue);
	if (err)
		return err;
	event->count += more;
	wait_queue_wake_for(&event->queue, POLLIN);
	return (s32)sizeof(more);
}

static u32 eventfd_poll(struct file *file, struct poll_table *table)
{
	struct eventfd *event = file->data;

	poll_wait(table, &event->queue);
	return (event->count ? POLLIN : 0) | (event->count < UINT64_MAX - 1 ? POLLOUT : 0);
}

static void eventfd_release(struct file *file)
{
	kfree(file->data);
}

static const struct file_operations eventfd_operations = {
	.name = "[eventfd]",
	.read = eventfd_read,
	.write = eventfd_write,
	.write_each_part = true,
	.poll = eventfd_poll,
	.release = eventfd_release,
	.seek = file_seek_nowhere,
	.no_splice_read = true,
	.no_splice_write = true,
	.mode = 0600,
};

int eventfd_open(u32 count, u32 flags, struct file **opened)
{
	struct eventfd *event = kmalloc(sizeof(*event), GFP_KERNEL);
	struct file *file = event ? file_alloc(&eventfd_operations) : NULL;

	if (!file) {
		kfree(event);
		return -ENOMEM;
	}
	*event = (struct eventfd){ .count = count, .semaphore = flags & EFD_SEMAPHORE };
	wait_queue_init(&event->queue);
	file->data = event;
	file->flags = O_RDWR | (flags & O_NONBLOCK);
	*opened = file;
	return 0;
}
