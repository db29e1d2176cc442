/* SPDX-License-Identifier: MIT */
/*
 * select() and its other forms: which descriptors of each set are ready, bits that count for
 * nothing, times, and that no file keeps a reference.
 *
 * sources: kernel/syscall/file/sys_poll.c kernel/syscall/time/sys_time.c
 * sources: tests/host/kernel/syscall/poll_rig.c
 */
#include "tests/host/kernel/syscall/poll_rig.h"

#include <string.h>

#include "abi/linux/errno.h"
#include "abi/linux/prctl.h"
#include "abi/linux/unistd.h"
#include "kernel/syscall/syscall.h"
#include "kernel/syscall/time/sys_time.h"
#include "tests/host/resched.h"
#include "tests/host/tap.h"

#define SET(i) (USER_BYTES + 64 * (i))

static void set_words(u32 set, u32 first, u32 second, u32 third)
{
	const u32 words[] = { first, second, third };

	put(SET(set), words, sizeof(words));
}

static u32 word(u32 set, u32 i)
{
	u32 value;

	get(&value, SET(set) + 4 * i, sizeof(value));
	return value;
}

static s32 select_all(u32 n, vaddr_t time)
{
	struct pt_regs regs = {
		.ebx = n, .ecx = SET(0), .edx = SET(1), .esi = SET(2), .edi = time
	};

	return sys_select(&regs);
}

/* A time of 0: it does not wait. */
static s32 select_now(u32 n)
{
	memset(&user_bytes[TIME - USER_BYTES], 0, 16);
	return select_all(n, TIME);
}

static void select_events(void)
{
	static const struct {
		u32 ready, in, out, except;
	} cases[] = {
		{ 0, 0, 0, 0 },
		{ POLLIN, 1, 0, 0 },
		{ POLLRDNORM, 1, 0, 0 },
		{ POLLRDBAND, 1, 0, 0 },
		{ POLLHUP, 1, 0, 0 },
		{ POLLERR, 1, 1, 0 },
		{ POLLOUT, 0, 1, 0 },
		{ POLLWRNORM, 0, 1, 0 },
		{ POLLWRBAND, 0, 1, 0 },
		{ POLLPRI, 0, 0, 1 },
		{ POLLIN | POLLOUT | POLLPRI, 1, 1, 1 },
	};

	start();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		ready[2] = cases[i].ready;
		for (u32 set = 0; set < 3; set++)
			set_words(set, 4, 0, 0);
		EXPECT_EQ(select_now(3), cases[i].in + cases[i].out + cases[i].except);
		EXPECT_EQ(word(0, 0), cases[i].in << 2);
		EXPECT_EQ(word(1, 0), cases[i].out << 2);
		EXPECT_EQ(word(2, 0), cases[i].except << 2);
		/* Each set counts for itself. */
		set_words(0, 0, 0, 0);
		set_words(1, 4, 0, 0);
		set_words(2, 0, 0, 0);
		EXPECT_EQ(select_now(3), cases[i].out);
		EXPECT_EQ(word(0, 0), 0);
	}
	/* A place is ready in each. */
	for (u32 set = 0; set < 3; set++)
		set_words(set, 1u << PLACE, 0, 0);
	EXPECT_EQ(select_now(PLACE + 1), 3);
}

static void select_sets(void)
{
	start();
	ready[0] = ready[1] = ready[4] = ready[7] = POLLIN | POLLOUT;
	set_words(0, 0x1b, 0, 1u << (FAR - 64));
	set_words(1, 0x0c, 0, 0);
	EXPECT_EQ(select_now(FAR + 1), 4);
	EXPECT(word(0, 0) == 0x13 && word(0, 1) == 0 && word(0, 2) == 1u << (FAR - 64));
	EXPECT_EQ(word(1, 0), 0);
	/* Bits from n on count for nothing and are cleared; the words behind stay. */
	set_words(0, 0xffffffff, 0xffffffff, 0);
	EXPECT_EQ(select_now(2), 2);
	EXPECT(word(0, 0) == 3 && word(0, 1) == 0xffffffff);
	EXPECT_EQ(select_now(0), 0);
	EXPECT(word(0, 0) == 3 && word(0, 1) == 0xffffffff);
	/* Above the table nothing is open. */
	table.size = 64;
	set_words(0, 1, 0, 0xffffffff);
	EXPECT_EQ(select_now(1000), 1);
	EXPECT(word(0, 0) == 1 && word(0, 2) == 0xffffffff);
	/* Exactly one word. */
	table.size = 128;
	open_files[31] = &files[0];
	set_words(0, 1u << 31, 0xffffffff, 0);
	EXPECT_EQ(select_now(32), 1);
	EXPECT(word(0, 0) == 1u << 31 && word(0, 1) == 0xffffffff);
}

static void select_errors(void)
{
	struct pt_regs regs = { .ebx = 3, .edi = TIME };

	start();
	EXPECT_EQ(select_now((u32)-1), -EINVAL);
	set_words(0, 1u << CLOSED | 7, 0, 0);
	EXPECT_EQ(select_now(CLOSED + 1), -EBADF);
	EXPECT_EQ(word(0, 0), 1u << CLOSED | 7);
	check_references();
	EXPECT_EQ(select_now(CLOSED), 0);
	for (u32 set = 0; set < 3; set++) {
		struct pt_regs bad = { 3, SET(0), SET(1), SET(2), .edi = 0 }; /* before it waits */
		u32 *places[] = { &bad.ecx, &bad.edx, &bad.esi };

		*places[set] = NOWHERE;
		EXPECT_EQ(sys_select(&bad), -EFAULT);
	}
	EXPECT_EQ(sys_select(&regs), 0); /* no sets */
	/* The items are allocated, and before them large sets. */
	set_words(0, 3, 0, 0);
	fail(1);
	EXPECT_EQ(select_now(2), -ENOMEM);
	EXPECT_EQ(select_now(FAR + 1), -ENOMEM);
	fail(2);
	EXPECT_EQ(select_now(FAR + 1), -ENOMEM);
	fail(0);
	user_writable = 0;
	EXPECT_EQ(select_now(2), -EFAULT);
	user_writable = sizeof(user_bytes);
}

static void select_times(void)
{
	static const struct {
		struct timeval time;
		s32 result;
	} cases[] = {
		{ { -1, 0 }, -EINVAL }, { { 0, (u32)-1 }, -EINVAL },
		{ { 0, 1000 }, 0 },	{ { 0, 3000000 }, 0 }, /* more than a second */
		{ { 5, 1 }, 0 },
	};
	struct timeval left;

	start();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct timeval *time = &cases[i].time;
		struct timeval rest;
		u64 before = host_now;

		set_words(0, 8, 0, 0);
		put(TIME, time, sizeof(*time));
		EXPECT_EQ(select_all(4, TIME), cases[i].result);
		if (cases[i].result)
			continue;
		EXPECT_EQ(word(0, 0), 0);
		EXPECT_EQ(host_now - before, time->seconds * S + time->microseconds * 1000ull);
		get(&rest, TIME, sizeof(rest));
		EXPECT(!rest.seconds && !rest.microseconds);
	}
	EXPECT_EQ(select_all(4, NOWHERE), -EFAULT);
	put(TIME, &(struct timeval){ 2, 7 }, sizeof(struct timeval));
	set_words(0, 8, 0, 0);
	host_others = third_ready;
	EXPECT_EQ(select_all(4, TIME), 1);
	host_others = NULL;
	get(&left, TIME, sizeof(left));
	EXPECT(word(0, 0) == 8 && left.seconds == 1 && left.microseconds == 997007);
	/* What was asked stays as it was if a signal comes. */
	ready[3] = 0;
	interrupted(true);
	EXPECT_EQ(select_all(4, TIME), -ERESTARTNOHAND);
	interrupted(false);
	EXPECT_EQ(word(0, 0), 8);
	EXPECT_EQ(select_all(4, 0), -ERESTARTNOHAND); /* for ever */
	user_writable = TIME - USER_BYTES;
	interrupted(true);
	EXPECT_EQ(select_all(4, TIME), -EINTR);
	interrupted(false);
	user_writable = sizeof(user_bytes);
}

/* ---- Its other forms ---- */

static void old_select(void)
{
	const u32 arguments[] = { 4, SET(0), SET(1), SET(2), TIME };
	struct pt_regs regs = {
		.ebx = MASK, .ecx = NOWHERE, .edx = NOWHERE, .esi = NOWHERE, .edi = NOWHERE
	};

	start();
	put(MASK, arguments, sizeof(arguments));
	ready[3] = POLLIN;
	set_words(0, 8 | 1 << CLOSED, 0, 0);
	set_words(1, 8, 0, 0);
	set_words(2, 8, 0, 0);
	EXPECT_EQ(sys_old_select(&regs), 1);
	EXPECT(word(0, 0) == 8 && !word(1, 0) && !word(2, 0));
	set_words(0, 0, 0, 0);
	set_words(1, 8, 0, 0);
	set_words(2, 8, 0, 0);
	ready[3] = POLLOUT | POLLPRI;
	EXPECT_EQ(sys_old_select(&regs), 2);
	EXPECT(!word(0, 0) && word(1, 0) == 8 && word(2, 0) == 8);
	set_time(1, 0);
	ready[3] = 0;
	EXPECT_EQ(sys_old_select(&regs), 0);
	EXPECT(time_is(0, 0));
	EXPECT(!word(0, 0) && !word(1, 0) && !word(2, 0));
	regs.ebx = NOWHERE;
	EXPECT_EQ(sys_old_select(&regs), -EFAULT);
}

static s32 pselect(vaddr_t sixth)
{
	struct pt_regs regs = { 4, SET(0), SET(1), SET(2), TIME, sixth, .orig_eax = NR_pselect6 };

	set_words(0, 8, 0, 0);
	return sys_pselect6(&regs);
}

static void pselects(void)
{
	struct pt_regs wide = { 4, SET(0), .edi = TIME, .orig_eax = NR_pselect6_time64 };
	u32 sixth[] = { MASK, 8 };

	start();
	set_time(1, 5);
	EXPECT_EQ(pselect(NOWHERE), -EFAULT);
	EXPECT_EQ(pselect(0), 0);
	EXPECT(host_now == 101 * S + 5 && time_is(0, 0) && !mask_count);
	put(SET(4), sixth, sizeof(sixth));
	ready[3] = POLLIN;
	EXPECT_EQ(pselect(SET(4)), 1);
	EXPECT(mask_count == 2 && !own.restore_blocked);
	sixth[1] = 4;
	put(SET(4), sixth, sizeof(sixth));
	EXPECT_EQ(pselect(SET(4)), -EINVAL);
	set_time(-1, 0);
	EXPECT_EQ(pselect(0), -EINVAL);
	put(TIME, &(struct timespec64){ 3, 6, 0 }, sizeof(struct timespec64));
	ready[3] = 0;
	set_words(0, 8, 0, 0);
	EXPECT_EQ(sys_pselect6(&wide), 0);
	EXPECT_EQ(host_now, 104 * S + 11);
	/* The mask of an interrupted call stays. */
	sixth[1] = 8;
	put(SET(4), sixth, sizeof(sixth));
	set_time(1, 0);
	interrupted(true);
	EXPECT_EQ(pselect(SET(4)), -ERESTARTNOHAND);
	EXPECT(own.restore_blocked && time_is(1, 0));
	own.restore_blocked = false;
	interrupted(false);
}

TAP_MAIN({ "events", select_events }, { "sets", select_sets }, { "errors", select_errors },
	 { "times", select_times }, { "arguments in memory", old_select }, { "pselect6", pselects })
