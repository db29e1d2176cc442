/* SPDX-License-Identifier: MIT */
/*
 * timerfd. Its state is the next deadline: how often it has expired is computed when that is read.
 * A deferred timer only wakes those that wait.
 */
#include "kernel/time/timerfd.h"
#include "abi/linux/errno.h"
#include "fs/poll.h"
#include "kernel/time/clock.h"
#include "kernel/time/deferred_timer.h"
#include "kernel/devices/time.h"
#include "lib/math64.h"
#include "mm/slab/slab.h"

struct timerfd {
	struct deferred_timer timer;
	struct wait_queue queue;
	int clock;
	u64 deadline; /* of the clock; 0: not set */
	u64 interval; /* 0: once */
};

static u64 time_of(const struct timerfd *timerfd)
{
	u64 now;

	return clock_read(timerfd->clock, &now) ? 0 : now;
}

static bool has_expired(const struct timerfd *timerfd)
{
	return timerfd->deadline && time_of(timerfd) >= timerfd->deadline;
}

static void start(struct timerfd *timerfd)
{
	u64 now = time_of(timerfd);
	u64 left = timerfd->deadline > now ? timerfd->deadline - now : 0;

	deferred_timer_start(&timerfd->timer, min(clock_monotonic() + left, (u64)INT64_MAX));
}

static void run(struct deferred_timer *timer)
{
	struct timerfd *timerfd = container_of(timer, struct timerfd, timer);

	if (has_expired(timerfd))
		wait_queue_wake(&timerfd->queue);
	else if (timerfd->deadline)
		start(timerfd); /* the date was set back meanwhile */
}

/* Moves the deadline behind now. Returns the expirations until then. */
static u64 take_expirations(struct timerfd *timerfd)
{
	u64 count = 1;

	if (!timerfd->interval) {
		timerfd->deadline = 0;
		return count;
	}
	count += div_u64_u64(time_of(timerfd) - timerfd->deadline, timerfd->interval);
	timerfd->deadline += count * timerfd->interval;
	start(timerfd);
	return count;
}

static s32 timerfd_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
			void *context)
{
	struct timerfd *timerfd = file->data;
	u64 count;
	u32 left;
	int err = 0;

	(void)position;
	if (bytes < sizeof(count))
		return -EINVAL;
	while (!has_expired(timerfd) && !err)
		err = file->flags & O_NONBLOCK ? -EAGAIN : wait_queue_sleep(&timerfd->queue);
	if (err)
		return err;
	count = take_expirations(timerfd);
	left = copy(&count, sizeof(count), context);
	return left == sizeof(count) ? -EFAULT : (s32)(sizeof(count) - left);
}

static u32 timerfd_poll(struct file *file, struct poll_table *table)
{
	struct timerfd *timerfd = file->data;

	poll_wait(table, &timerfd->queue);
	return has_expired(timerfd) ? POLLIN : 0;
}

static void timerfd_release(struct file *file)
{
	struct timerfd *timerfd = file->data;

	deferred_timer_stop(&timerfd->timer);
	kfree(timerfd);
}

static const struct file_operations timerfd_operations = {
	.name = "[timerfd]",
	.read = timerfd_read,
	.poll = timerfd_poll,
	.release = timerfd_release,
	.seek = file_seek_nowhere,
	.no_splice_read = true,
	.mode = 0600,
};

int timerfd_open(int clock, u32 flags, struct file **opened)
{
	struct timerfd *timerfd;
	struct file *file;

	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME)
		return -EINVAL;
	timerfd = kmalloc(sizeof(*timerfd), GFP_KERNEL);
	file = timerfd ? file_alloc(&timerfd_operations) : NULL;
	if (!file) {
		kfree(timerfd);
		return -ENOMEM;
	}
	*timerfd = (struct timerfd){ .clock = clock };
	deferred_timer_init(&timerfd->timer, run);
	wait_queue_init(&timerfd->queue);
	file->data = timerfd;
	file->flags = O_RDWR | (flags & O_NONBLOCK);
	*opened = file;
	return 0;
}

int timerfd_get(const struct file *file, struct timerfd_times *left)
{
	const struct timerfd *timerfd = file->data;
	u64 now, next;

	if (file->operations != &timerfd_operations)
		return -EINVAL;
	*left = (struct timerfd_times){ .interval = timerfd->interval };
	now = time_of(timerfd);
	next = timerfd->deadline;
	if (next && next <= now && timerfd->interval)
		next += (div_u64_u64(now - next, timerfd->interval) + 1) * timerfd->interval;
	if (next > now)
		left->value = next - now;
	return 0;
}

int timerfd_set(struct file *file, bool absolute, const struct timerfd_times *new,
		struct timerfd_times *old)
{
	struct timerfd *timerfd = file->data;
	int err = timerfd_get(file, old);

	if (err)
		return err;
	deferred_timer_stop(&timerfd->timer);
	timerfd->interval = new->interval;
	timerfd->deadline = new->value;
	if (new->value && !absolute)
		timerfd->deadline = min(time_of(timerfd) + new->value, (u64)INT64_MAX);
	if (new->value)
		start(timerfd);
	return 0;
}
