/* SPDX-License-Identifier: MIT */
/*
 * eventfd and epoll: what they return, what wakes what, and which task waits. Another task is a
 * function that runs while the caller sleeps (tests/host/resched.h). Limits are in
 * test_watch_limits.c.
 */
#include "abi/linux/epoll.h"
#include "abi/linux/errno.h"
#include "fs/events/epoll.h"
#include "fs/events/eventfd.h"
#include "fs/poll.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/resched.h"

#define ALMOST_FULL (UINT64_MAX - 1)

static struct file *event, *epoll;

static struct file *new_event(u32 count, u32 flags)
{
	struct file *file = NULL;

	EXPECT_EQ(eventfd_open(count, flags, &file), 0);
	return file;
}

static s32 put_number(struct file *file, u64 number)
{
	const char *from = (const char *)&number;

	return file_write(file, &file->position, sizeof(number), copy_from_buffer, &from);
}

/* What is read, or the error. */
static s64 take_number(struct file *file)
{
	u64 number = 0;
	char *to = (char *)&number;
	s32 done = file_read(file, &file->position, sizeof(number), copy_to_buffer, &to);

	return done == (s32)sizeof(number) ? (s64)number : done;
}

static u32 no_copy(void *buffer, u32 bytes, void *context)
{
	(void)buffer, (void)context;
	return bytes; /* are left */
}

static void counter(void)
{
	char bytes[16] = "", *at = bytes;
	const char *from = bytes;

	start();
	event = new_event(3, O_NONBLOCK);
	EXPECT_EQ(event->flags, O_RDWR | O_NONBLOCK);
	EXPECT_EQ(file_poll(event, NULL), POLLIN | POLLOUT);
	EXPECT_EQ(file_read(event, &event->position, 7, copy_to_buffer, &at), -EINVAL);
	EXPECT_EQ(file_write(event, &event->position, 7, copy_from_buffer, &from), -EINVAL);
	EXPECT_EQ(file_write(event, &event->position, 9, copy_from_buffer, &from), -EINVAL);
	EXPECT_EQ(file_write(event, &event->position, 8, no_copy, NULL), -EFAULT);
	EXPECT_EQ(put_number(event, UINT64_MAX), -EINVAL);
	EXPECT_EQ(put_number(event, 4), 8);
	EXPECT_EQ(take_number(event), 7);
	EXPECT_EQ(file_poll(event, NULL), POLLOUT);
	EXPECT_EQ(take_number(event), -EAGAIN);
	/* The counter is full one before the number that it never has. */
	EXPECT_EQ(put_number(event, ALMOST_FULL - 1), 8);
	EXPECT_EQ(file_poll(event, NULL), POLLIN | POLLOUT);
	EXPECT_EQ(put_number(event, 2), -EAGAIN);
	EXPECT_EQ(put_number(event, 1), 8);
	EXPECT_EQ(file_poll(event, NULL), POLLIN);
	EXPECT_EQ(put_number(event, 1), -EAGAIN);
	EXPECT_EQ(put_number(event, 0), 8);
	EXPECT_EQ(take_number(event), (s64)ALMOST_FULL);
	/* What cannot be copied is taken all the same, as on Linux. */
	EXPECT_EQ(put_number(event, 5), 8);
	EXPECT_EQ(file_read(event, &event->position, 8, no_copy, NULL), -EFAULT);
	EXPECT_EQ(take_number(event), -EAGAIN);
	file_put(event);
	event = new_event(2, EFD_SEMAPHORE);
	EXPECT_EQ(event->flags, O_RDWR);
	EXPECT_EQ(take_number(event), 1);
	EXPECT_EQ(take_number(event), 1);
	EXPECT_EQ(take_number(event), -ERESTARTSYS);
	file_put(event);
}

static u32 turns;

static void write_later(void)
{
	EXPECT_EQ(put_number(event, turns++), 8);
}

static void read_later(void)
{
	turns++;
	EXPECT_EQ(take_number(event), (s64)ALMOST_FULL);
}

static void counter_waits(void)
{
	start();
	event = new_event(0, 0);
	host_others = write_later;
	EXPECT_EQ(take_number(event), 1); /* the first write is of 0 */
	EXPECT_EQ(turns, 2);
	host_others = read_later;
	EXPECT_EQ(put_number(event, ALMOST_FULL), 8);
	EXPECT_EQ(put_number(event, 5), 8);
	EXPECT_EQ(turns, 3);
	host_others = NULL;
	EXPECT_EQ(take_number(event), 5);
	file_put(event);
}

/* --- epoll --- */

static int change(u32 command, struct file *file, u32 fd, u32 events)
{
	const struct epoll_event wanted = { events, { fd, 0 } };

	return epoll_change(epoll, command, file, fd, &wanted);
}

/* The descriptors that are ready, at most `most` of them, as decimal digits; or the error. */
static s32 ready(u32 most)
{
	struct epoll_event events[4];
	s32 count = epoll_wait(epoll, events, most, 0), digits = 0;

	for (s32 i = 0; i < count; i++)
		digits = digits * 10 + (s32)events[i].data[0];
	return count < 0 ? count : digits;
}

static void start_epoll(void)
{
	start();
	EXPECT_EQ(epoll_open(&epoll), 0);
	EXPECT_EQ(epoll->flags, O_RDWR);
	event = new_event(1, 0);
}

static void end_epoll(void)
{
	file_put(event);
	file_put(epoll);
}

static void changes(void)
{
	struct file *regular, *other;

	start_epoll();
	regular = opened("/tmp/f", O_RDWR | O_CREAT);
	EXPECT_EQ(change(EPOLL_CTL_ADD, regular, 1, POLLIN), -EPERM);
	EXPECT_EQ(change(EPOLL_CTL_ADD, epoll, 1, POLLIN), -EINVAL);
	EXPECT_EQ(epoll_change(event, EPOLL_CTL_DEL, epoll, 1, NULL), -EINVAL);
	EXPECT_EQ(epoll_wait(event, NULL, 1, 0), -EINVAL);
	EXPECT_EQ(change(EPOLL_CTL_DEL, event, 1, 0), -ENOENT);
	EXPECT_EQ(change(EPOLL_CTL_MOD, event, 1, POLLIN), -ENOENT);
	EXPECT_EQ(change(7, event, 1, POLLIN), -EINVAL);
	EXPECT_EQ(change(EPOLL_CTL_ADD, event, 1, POLLIN), 0);
	EXPECT_EQ(change(EPOLL_CTL_ADD, event, 1, POLLIN), -EEXIST);
	EXPECT_EQ(change(EPOLL_CTL_ADD, event, 2, POLLOUT), 0);
	EXPECT_EQ(ready(4), 12);
	EXPECT_EQ(change(EPOLL_CTL_MOD, event, 1, POLLOUT), 0);
	EXPECT_EQ(take_number(event), 1);
	EXPECT_EQ(ready(4), 12);
	EXPECT_EQ(change(EPOLL_CTL_MOD, event, 2, POLLIN), 0);
	EXPECT_EQ(ready(4), 1);
	EXPECT_EQ(change(EPOLL_CTL_DEL, event, 1, 0), 0);
	EXPECT_EQ(ready(4), 0);
	/* The rules for EPOLLEXCLUSIVE. */
	EXPECT_EQ(change(EPOLL_CTL_MOD, event, 2, POLLIN | EPOLLEXCLUSIVE), -EINVAL);
	EXPECT_EQ(change(EPOLL_CTL_ADD, event, 3, POLLIN | POLLPRI | EPOLLEXCLUSIVE), -EINVAL);
	EXPECT_EQ(epoll_open(&other), 0);
	EXPECT_EQ(change(EPOLL_CTL_ADD, other, 3, POLLIN | EPOLLEXCLUSIVE), -EINVAL);
	EXPECT_EQ(change(EPOLL_CTL_ADD, event, 3, POLLIN | EPOLLET | EPOLLEXCLUSIVE), 0);
	EXPECT_EQ(change(EPOLL_CTL_MOD, event, 3, POLLIN), -EINVAL);
	EXPECT_EQ(change(EPOLL_CTL_DEL, event, 3, EPOLLEXCLUSIVE), 0);
	file_put(other);
	file_put(regular);
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
	end_epoll();
}

static void levels_and_edges(void)
{
	start_epoll();
	EXPECT_EQ(change(EPOLL_CTL_ADD, event, 1, POLLIN), 0);
	EXPECT_EQ(change(EPOLL_CTL_ADD, event, 2, POLLIN | EPOLLET), 0);
	EXPECT_EQ(change(EPOLL_CTL_ADD, event, 3, POLLIN | EPOLLONESHOT), 0);
	EXPECT_EQ(ready(4), 123);
	EXPECT_EQ(ready(4), 1);
	EXPECT_EQ(put_number(event, 1), 8);
	EXPECT_EQ(ready(4), 21);
	EXPECT_EQ(change(EPOLL_CTL_MOD, event, 3, POLLIN | EPOLLONESHOT), 0);
	EXPECT_EQ(ready(4), 31);
	EXPECT_EQ(change(EPOLL_CTL_MOD, event, 2, POLLIN | EPOLLET), 0);
	EXPECT_EQ(ready(4), 21);
	EXPECT_EQ(take_number(event), 2);
	EXPECT_EQ(ready(4), 0);
	end_epoll();
}

/* With room for fewer than are ready, each gets its turn. */
static void turns_of_items(void)
{
	start_epoll();
	for (u32 i = 1; i <= 3; i++)
		EXPECT_EQ(change(EPOLL_CTL_ADD, event, i, POLLIN), 0);
	EXPECT_EQ(ready(1), 1);
	EXPECT_EQ(ready(1), 2);
	EXPECT_EQ(ready(2), 31);
	EXPECT_EQ(ready(3), 231);
	end_epoll();
}

/* The file ends: nothing watches it. */
static void file_ends(void)
{
	struct file *other;

	start_epoll();
	other = new_event(1, 0);
	EXPECT_EQ(change(EPOLL_CTL_ADD, event, 1, POLLIN), 0);
	EXPECT_EQ(change(EPOLL_CTL_ADD, other, 2, POLLIN), 0);
	EXPECT_EQ(change(EPOLL_CTL_ADD, other, 3, POLLIN), 0);
	file_put(other);
	EXPECT_EQ(ready(4), 1);
	end_epoll();
}

static void wait_of_epoll(void)
{
	struct epoll_event got;

	start_epoll();
	EXPECT_EQ(take_number(event), 1);
	EXPECT_EQ(change(EPOLL_CTL_ADD, event, 1, POLLIN), 0);
	EXPECT_EQ(epoll_wait(epoll, &got, 1, WAIT_FOREVER), -EINTR);
	host_now = 5;
	EXPECT_EQ(epoll_wait(epoll, &got, 1, 9), 0);
	EXPECT_EQ(host_now, 9);
	turns = 1;
	host_others = write_later;
	EXPECT_EQ(epoll_wait(epoll, &got, 1, WAIT_FOREVER), 1);
	host_others = NULL;
	EXPECT_EQ(got.events, POLLIN);
	EXPECT_EQ(turns, 2);
	end_epoll();
}

static struct file *new_epoll(struct file *watched)
{
	static const struct epoll_event wanted = { POLLIN, { 1, 0 } };
	struct file *file = NULL;

	EXPECT_EQ(epoll_open(&file), 0);
	EXPECT_EQ(epoll_change(file, EPOLL_CTL_ADD, watched, 1, &wanted), 0);
	return file;
}

/* A chain of epolls: each is ready if the one below is, and a change below wakes all. */
static void chain_of_epolls(void)
{
	static const struct epoll_event wanted = { POLLIN, { 1, 0 } };
	struct file *chain[EPOLL_DEPTH], *top;
	struct epoll_event got;

	start_epoll();
	EXPECT_EQ(change(EPOLL_CTL_ADD, event, 1, POLLIN), 0);
	chain[0] = new_epoll(epoll);
	for (u32 i = 1; i < EPOLL_DEPTH; i++)
		chain[i] = new_epoll(chain[i - 1]);
	EXPECT_EQ(file_poll(chain[EPOLL_DEPTH - 1], NULL), POLLIN | POLLRDNORM);
	EXPECT_EQ(take_number(event), 1);
	EXPECT_EQ(file_poll(chain[EPOLL_DEPTH - 1], NULL), 0);
	host_others = write_later;
	turns = 1;
	EXPECT_EQ(epoll_wait(chain[EPOLL_DEPTH - 1], &got, 1, WAIT_FOREVER), 1);
	host_others = NULL;
	/* Neither a longer one nor a ring. */
	EXPECT_EQ(epoll_open(&top), 0);
	EXPECT_EQ(epoll_change(top, EPOLL_CTL_ADD, chain[EPOLL_DEPTH - 1], 1, &wanted), -ELOOP);
	EXPECT_EQ(epoll_change(epoll, EPOLL_CTL_ADD, chain[0], 2, &wanted), -ELOOP);
	EXPECT_EQ(epoll_change(epoll, EPOLL_CTL_ADD, chain[2], 2, &wanted), -ELOOP);
	file_put(top);
	for (u32 i = 0; i < EPOLL_DEPTH; i++)
		file_put(chain[i]);
	end_epoll();
}

/* Of the epolls that ask for it one is woken; only by events that they want. */
static void one_of_several(void)
{
	const u32 events = POLLIN | EPOLLET | EPOLLEXCLUSIVE;
	struct file *first = NULL, *second = NULL;

	start_epoll();
	first = epoll;
	EXPECT_EQ(change(EPOLL_CTL_ADD, event, 1, events), 0);
	EXPECT_EQ(ready(4), 1);
	EXPECT_EQ(epoll_open(&second), 0);
	epoll = second;
	EXPECT_EQ(change(EPOLL_CTL_ADD, event, 2, events), 0);
	EXPECT_EQ(change(EPOLL_CTL_ADD, event, 3, POLLIN | EPOLLET), 0);
	EXPECT_EQ(ready(4), 23);
	EXPECT_EQ(put_number(event, 1), 8);
	EXPECT_EQ(ready(4), 3);
	epoll = first;
	EXPECT_EQ(ready(4), 1);
	/* A read tells those that want POLLOUT. */
	EXPECT_EQ(change(EPOLL_CTL_ADD, event, 4, POLLOUT | EPOLLET), 0);
	EXPECT_EQ(ready(4), 4);
	EXPECT_EQ(put_number(event, 1), 8);
	EXPECT_EQ(ready(4), 1);
	EXPECT_EQ(take_number(event), 3);
	EXPECT_EQ(ready(4), 4);
	file_put(second);
	end_epoll();
}

TAP_MAIN({ "eventfd: numbers", counter }, { "eventfd: waiting", counter_waits },
	 { "epoll: changes", changes }, { "epoll: levels and edges", levels_and_edges },
	 { "epoll: turns", turns_of_items }, { "epoll: a file ends", file_ends },
	 { "epoll: waiting", wait_of_epoll }, { "epoll: a chain", chain_of_epolls },
	 { "epoll: one of several is woken", one_of_several })
