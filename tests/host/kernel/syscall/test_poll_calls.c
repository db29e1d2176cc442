/* SPDX-License-Identifier: MIT */
/*
 * poll() and ppoll(): what a call reports of each descriptor, its times, the mask of signals
 * during it, how an interrupted one goes on, and that no file keeps a reference.
 *
 * sources: kernel/syscall/file/sys_poll.c kernel/syscall/time/sys_time.c
 * sources: tests/host/kernel/syscall/poll_rig.c
 */
#include "tests/host/kernel/syscall/poll_rig.h"

#include <string.h>

#include "abi/linux/errno.h"
#include "abi/linux/prctl.h"
#include "abi/linux/unistd.h"
#include "kernel/syscall/file/sys_poll.h"
#include "kernel/syscall/syscall.h"
#include "kernel/syscall/time/sys_time.h"
#include "tests/host/resched.h"
#include "tests/host/tap.h"

static u32 changes;

/* It is no event that was asked for; the second time it is. */
static void third_changes(void)
{
	ready[3] = changes++ ? POLLIN : POLLOUT;
	wait_queue_wake(&queue);
}

/* ---- poll ---- */

static struct pollfd *item(u32 i)
{
	return (struct pollfd *)user_bytes + i;
}

static void ask(u32 i, s32 fd, u16 events)
{
	*item(i) = (struct pollfd){ fd, events, 0xeeee };
}

static s32 poll_all(vaddr_t place, u32 count, s32 timeout)
{
	struct pt_regs regs = { .ebx = place, .ecx = count, .edx = (u32)timeout };

	return sys_poll(&regs);
}

static void events(void)
{
	static const struct {
		s32 fd;
		u16 events, reported;
	} cases[] = {
		{ 0, POLLIN | POLLOUT, POLLIN | POLLOUT },
		{ 0, POLLIN, POLLIN },
		{ 0, POLLPRI, 0 },
		{ 0, 0, 0 },
		{ 1, 0, POLLERR }, /* in any case */
		{ 2, 0, POLLHUP },
		{ 3, POLLIN, 0 },
		{ CLOSED, POLLIN, POLLNVAL },
		{ PLACE, POLLIN, POLLNVAL },
		{ 1000, 0, POLLNVAL },
		{ -1, POLLIN, 0 },
		{ INT32_MIN, POLLIN, 0 },
		{ FAR, POLLRDNORM, POLLRDNORM },
	};
	s32 expected = 0;

	start();
	ready[0] = POLLIN | POLLOUT;
	ready[1] = POLLERR;
	ready[2] = POLLHUP;
	ready[PLACE] = POLLIN;
	ready[7] = POLLRDNORM | POLLIN;
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		ask(i, cases[i].fd, cases[i].events);
		expected += cases[i].reported != 0;
	}
	EXPECT_EQ(poll_all(USER_BYTES, ARRAY_SIZE(cases), -1), expected);
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(item(i)->revents, cases[i].reported);
		EXPECT(item(i)->fd == cases[i].fd && item(i)->events == cases[i].events);
	}
}

static void poll_times(void)
{
	start();
	ask(0, 3, POLLIN);
	EXPECT_EQ(poll_all(USER_BYTES, 1, 0), 0);
	EXPECT_EQ(host_now, 100 * S); /* a deadline that is over */
	EXPECT_EQ(item(0)->revents, 0);
	EXPECT_EQ(poll_all(USER_BYTES, 1, 20), 0);
	EXPECT_EQ(host_now, 100 * S + 20 * MS);
	EXPECT_EQ(poll_all(0, 0, 5), 0); /* only a sleep */
	EXPECT_EQ(host_now, 100 * S + 25 * MS);
	EXPECT_EQ(poll_all(USER_BYTES, 1, INT32_MAX), 0);
	EXPECT_EQ(host_now, 100 * S + 25 * MS + INT32_MAX * MS);
	host_others = third_ready;
	EXPECT_EQ(poll_all(USER_BYTES, 1, -1), 1);
	EXPECT_EQ(item(0)->revents, POLLIN);
	host_others = third_changes;
	ready[3] = 0;
	EXPECT_EQ(poll_all(USER_BYTES, 1, 1000), 1);
	EXPECT_EQ(changes, 2);
	host_others = NULL;
}

static void poll_errors(void)
{
	const u32 last = sizeof(user_bytes) / sizeof(struct pollfd) - 1;

	start();
	for (u32 i = 0; i <= 100; i++)
		ask(i, 0, POLLIN);
	EXPECT_EQ(poll_all(USER_BYTES, 101, 0), -EINVAL);
	EXPECT_EQ(poll_all(USER_BYTES, 100, 0), 0);
	EXPECT_EQ(poll_all(USER_BYTES, (u32)-1, 0), -EINVAL);
	fail(1);
	EXPECT_EQ(poll_all(USER_BYTES, 1, 0), -ENOMEM);
	EXPECT_EQ(poll_all(0, 0, 0), -ENOMEM);
	fail(0);
	EXPECT_EQ(poll_all(NOWHERE, 1, 0), -EFAULT);
	ask(last, 1, POLLIN); /* the second item is not there */
	EXPECT_EQ(poll_all(USER_BYTES + last * sizeof(struct pollfd), 2, 0), -EFAULT);
	check_references();
	user_writable = 6; /* not revents */
	ready[0] = POLLIN;
	EXPECT_EQ(poll_all(USER_BYTES, 1, 0), -EFAULT);
	user_writable = sizeof(user_bytes);
}

/* An interrupted poll() waits until the same time. */
static void poll_again(void)
{
	start();
	ask(0, 3, POLLIN);
	interrupted(true);
	EXPECT_EQ(poll_all(USER_BYTES, 1, 50), -ERESTART_RESTARTBLOCK);
	EXPECT_EQ(item(0)->revents, 0);
	host_now += 30 * MS;
	EXPECT_EQ(own.restart_block.fn(), -ERESTART_RESTARTBLOCK);
	interrupted(false);
	EXPECT_EQ(own.restart_block.fn(), 0);
	EXPECT_EQ(host_now, 100 * S + 50 * MS);
	interrupted(true);
	EXPECT_EQ(poll_all(USER_BYTES, 1, -1), -ERESTART_RESTARTBLOCK);
	interrupted(false);
	EXPECT_EQ(own.restart_block.fn(), -ERESTART_RESTARTBLOCK); /* it has no end */
	ready[3] = POLLIN;
	EXPECT_EQ(own.restart_block.fn(), 1);
	interrupted(true); /* what is ready is told all the same */
	EXPECT_EQ(poll_all(USER_BYTES, 1, -1), 1);
	interrupted(false);
}

/* ---- Masks ---- */

static void mask_calls(void)
{
	const u64 wanted = 0x8000000000000003ull;

	start();
	put(MASK, &wanted, 8);
	own.blocked = 5;
	EXPECT_EQ(mask_begin(0, 99), 0); /* none */
	mask_end(0);
	EXPECT_EQ(mask_begin(MASK, 4), -EINVAL);
	EXPECT_EQ(mask_begin(MASK, 16), -EINVAL);
	EXPECT_EQ(mask_begin(NOWHERE, 8), -EFAULT);
	EXPECT(!mask_count && !own.restore_blocked && own.blocked == 5);
	EXPECT_EQ(mask_begin(MASK, 8), 0);
	EXPECT(own.blocked == wanted && own.saved_blocked == 5 && own.restore_blocked);
	mask_end(1);
	EXPECT(own.blocked == 5 && !own.restore_blocked && mask_count == 2);
	EXPECT_EQ(mask_begin(MASK, 8), 0);
	mask_end(-ERESTARTNOHAND); /* until the handler runs */
	EXPECT(own.blocked == wanted && own.restore_blocked && mask_count == 3);
	mask_end(-EINTR);
	EXPECT(own.blocked == 5 && !own.restore_blocked);
}

/* ---- ppoll: a time in memory, which gets the rest ---- */

static s32 ppoll(vaddr_t time, vaddr_t mask)
{
	struct pt_regs regs = { .ebx = USER_BYTES,
				.ecx = 1,
				.edx = time,
				.esi = mask,
				.edi = 8,
				.orig_eax = NR_ppoll };

	return sys_ppoll(&regs);
}

static void ppolls(void)
{
	const struct timespec64 wide = { 2, 500, 0 };
	struct pt_regs regs = { USER_BYTES, 1, TIME, 0, 8, .orig_eax = NR_ppoll_time64 };
	struct timespec64 rest;

	start();
	ask(0, 3, POLLIN);
	set_time(2, 500);
	host_others = third_ready;
	EXPECT_EQ(ppoll(TIME, MASK), 1);
	host_others = NULL;
	EXPECT(time_is(1, S - 3 * MS + 500));
	EXPECT(mask_count == 2 && !own.restore_blocked);
	ready[3] = 0;
	set_time(0, 7);
	EXPECT_EQ(ppoll(TIME, 0), 0);
	EXPECT(time_is(0, 0) && host_now == 100 * S + 3 * MS + 7);
	put(TIME, &wide, sizeof(wide));
	EXPECT_EQ(sys_ppoll(&regs), 0);
	EXPECT_EQ(host_now, 102 * S + 3 * MS + 507);
	get(&rest, TIME, sizeof(rest));
	EXPECT(rest.seconds == 0 && rest.nanoseconds == 0);
	/* Without a time. */
	EXPECT_EQ(ppoll(0, 0), -ERESTARTNOHAND);
	ready[3] = POLLIN;
	EXPECT_EQ(ppoll(0, 0), 1);
}

static void ppoll_errors(void)
{
	start();
	ask(0, 3, POLLIN);
	EXPECT_EQ(ppoll(NOWHERE, MASK), -EFAULT);
	set_time(-1, 0);
	EXPECT_EQ(ppoll(TIME, MASK), -EINVAL);
	set_time(0, 1000000000);
	EXPECT_EQ(ppoll(TIME, MASK), -EINVAL);
	EXPECT_EQ(mask_count, 0);
	set_time(1, 0);
	EXPECT_EQ(ppoll(TIME, NOWHERE), -EFAULT);
	EXPECT(time_is(1, 0) && mask_count == 0);
	interrupted(true);
	EXPECT_EQ(ppoll(TIME, MASK), -ERESTARTNOHAND);
	EXPECT(time_is(1, 0) && own.restore_blocked && mask_count == 1);
	own.restore_blocked = false;
	/* The rest cannot be written, or must not be: then the call is not made again. */
	user_writable = TIME - USER_BYTES;
	EXPECT_EQ(ppoll(TIME, 0), -EINTR);
	ready[3] = POLLIN;
	EXPECT_EQ(ppoll(TIME, 0), 1);
	user_writable = sizeof(user_bytes);
	own.personality = STICKY_TIMEOUTS;
	host_now += MS;
	EXPECT_EQ(ppoll(TIME, 0), 1);
	EXPECT(time_is(1, 0));
	ready[3] = 0;
	EXPECT_EQ(ppoll(TIME, 0), -EINTR);
	/* A time of 0 is never written. */
	set_time(0, 0);
	EXPECT_EQ(ppoll(TIME, 0), -ERESTARTNOHAND);
	own.personality = 0;
	user_writable = TIME - USER_BYTES;
	EXPECT_EQ(ppoll(TIME, 0), -ERESTARTNOHAND);
	user_writable = sizeof(user_bytes);
	interrupted(false);
}

TAP_MAIN({ "poll: events", events }, { "poll: times", poll_times }, { "poll: errors", poll_errors },
	 { "poll: goes on", poll_again }, { "masks", mask_calls },
	 { "ppoll: times and mask", ppolls }, { "ppoll: errors", ppoll_errors })
