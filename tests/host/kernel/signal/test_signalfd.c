/* SPDX-License-Identifier: MIT */
/*
 * signalfd: the bytes of each kind of signal as Linux has them, which signals are read, and a
 * reader that waits.
 *
 * sources: kernel/signal/signalfd.c
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "fs/poll.h"
#include "kernel/signal/signal.h"
#include "kernel/signal/signalfd.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/machine.h"
#include "tests/host/resched.h"
#include "tests/host/tap.h"

#define RECORD 128u
#define ANY    (~0ull)

/* Words of Linux's struct signalfd_siginfo. */
enum { SIGNO, ERRNO, CODE, PID, UID, FD, TID, BAND, OVERRUN, TRAPNO, STATUS, INT, PTR, PTR_HIGH };
enum { UTIME = 14, STIME = 16, WORDS = 32 };

static struct thread_group group;
static struct task own = { .group = &group };
struct task *current = &own;

/* The signals that wait, in the order in which they are taken. */
static struct siginfo waiting[4];
static u32 count;
static u64 asked;

bool signal_dequeue(u64 set, struct siginfo *info)
{
	asked = set;
	for (u32 i = 0; i < count; i++) {
		if (!(set & SIGMASK(waiting[i].signo)))
			continue;
		*info = waiting[i];
		memmove(&waiting[i], &waiting[i + 1], (--count - i) * sizeof(waiting[0]));
		return true;
	}
	return false;
}

static void send(int signal)
{
	waiting[count++] = (struct siginfo){ .signo = signal, .code = SI_KERNEL };
	signalfd_wake();
}

static struct file *file;
static u32 got[3][WORDS];
static u32 copies, good_copies;

static u32 copy_record(void *from, u32 bytes, void *context)
{
	EXPECT(bytes == RECORD && context == got);
	if (copies >= good_copies)
		return bytes;
	memcpy(got[copies++], from, bytes);
	return 0;
}

static s32 read_bytes(u32 bytes)
{
	memset(got, 0xee, sizeof(got));
	copies = 0;
	return file->operations->read(file, 0, bytes, copy_record, got);
}

static void start(u64 set, u32 flags)
{
	machine_boot();
	file_init();
	machine_settle();
	good_copies = 3;
	EXPECT_EQ(signalfd_open(set, flags, &file), 0);
}

static void bytes_of_signals(void)
{
	static const struct {
		struct siginfo info;
		u32 words[WORDS];
	} cases[] = {
		{ { SIGTERM, 5, SI_USER, .words = { 71, 72, 0, 74, 75 } },
		  { [SIGNO] = SIGTERM, [ERRNO] = 5, [PID] = 71, [UID] = 72 } },
		{ { SIGRTMIN, 0, SI_QUEUE, .words = { 71, 72, 0xfffffff0, 74, 75 } },
		  { [SIGNO] = SIGRTMIN,
		    [CODE] = (u32)-1,
		    [PID] = 71,
		    [UID] = 72,
		    [INT] = 0xfffffff0,
		    [PTR] = 0xfffffff0 } },
		{ { SIGUSR1, 0, SI_TKILL, .words = { 71, 72, 0, 74, 75 } },
		  { [SIGNO] = SIGUSR1, [CODE] = (u32)-6, [PID] = 71, [UID] = 72 } },
		{ { SIGALRM, 0, SI_TIMER, .words = { 3, 9, 0xfffffff1, 74, 75 } },
		  { [SIGNO] = SIGALRM,
		    [CODE] = (u32)-2,
		    [TID] = 3,
		    [OVERRUN] = 9,
		    [INT] = 0xfffffff1,
		    [PTR] = 0xfffffff1 } },
		{ { SIGCHLD, 0, CLD_KILLED, .words = { 71, 72, 9, 74, 75 } },
		  { [SIGNO] = SIGCHLD,
		    [CODE] = CLD_KILLED,
		    [PID] = 71,
		    [UID] = 72,
		    [STATUS] = 9,
		    [UTIME] = 74,
		    [STIME] = 75 } },
		/* Sent by a program. */
		{ { SIGCHLD, 0, SI_USER, .words = { 71, 72, 0, 74, 75 } },
		  { [SIGNO] = SIGCHLD, [PID] = 71, [UID] = 72 } },
		{ { SIGIO, 0, POLL_IN, .words = { 0x41, 6, 73, 74, 75 } },
		  { [SIGNO] = SIGIO, [CODE] = POLL_IN, [BAND] = 0x41, [FD] = 6 } },
		{ { SIGINT, 0, SI_KERNEL, .words = { 71, 72, 73, 74, 75 } },
		  { [SIGNO] = SIGINT, [CODE] = SI_KERNEL } },
	};

	start(ANY, O_NONBLOCK);
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		waiting[0] = cases[i].info;
		count = 1;
		EXPECT_EQ(read_bytes(RECORD), RECORD);
		for (u32 word = 0; word < WORDS; word++)
			if (!EXPECT_EQ(got[0][word], cases[i].words[word]))
				tap_note("signal %d code %d word %u", cases[i].info.signo,
					 cases[i].info.code, word);
	}
	file_put(file);
}

static void several(void)
{
	start(SIGMASK(SIGINT) | SIGMASK(SIGTERM) | SIGMASK(SIGUSR1), O_NONBLOCK);
	EXPECT_EQ(read_bytes(RECORD - 1), -EINVAL);
	EXPECT_EQ(read_bytes(0), -EINVAL);
	EXPECT_EQ(read_bytes(RECORD), -EAGAIN);
	send(SIGINT);
	send(SIGHUP);
	send(SIGTERM);
	send(SIGUSR1);
	EXPECT_EQ(read_bytes(3 * RECORD - 1), 2 * RECORD); /* whole ones only */
	EXPECT(got[0][SIGNO] == SIGINT && got[1][SIGNO] == SIGTERM && got[2][0] == 0xeeeeeeee);
	EXPECT_EQ(read_bytes(3 * RECORD), RECORD); /* it does not wait for more */
	EXPECT(got[0][SIGNO] == SIGUSR1 && count == 1);
	EXPECT_EQ(read_bytes(RECORD), -EAGAIN);
	file_put(file);
}

static void bad_memory(void)
{
	start(ANY, 0);
	send(SIGINT);
	send(SIGTERM);
	good_copies = 0;
	EXPECT_EQ(read_bytes(2 * RECORD), -EFAULT);
	send(SIGINT);
	good_copies = 1;
	EXPECT_EQ(read_bytes(2 * RECORD), RECORD); /* of the first */
	EXPECT_EQ(got[0][SIGNO], SIGTERM);
	file_put(file);
}

static u32 wakes;

static void others(void)
{
	send(wakes++ ? SIGINT : SIGHUP);
}

/* Each signal wakes a reader, which looks again. */
static void waits(void)
{
	start(SIGMASK(SIGINT), 0);
	EXPECT_EQ(read_bytes(RECORD), -ERESTARTSYS);
	host_others = others;
	EXPECT_EQ(read_bytes(2 * RECORD), RECORD);
	host_others = NULL;
	EXPECT(wakes == 2 && got[0][SIGNO] == SIGINT);
	file_put(file);
}

static void ready(void)
{
	struct wait_entry entries[2];
	struct poll_table table;

	start(SIGMASK(SIGINT) | SIGMASK(SIGRTMIN), 0);
	own.pending.signals = SIGMASK(SIGTERM);
	EXPECT_EQ(file_poll(file, NULL), 0);
	own.pending.signals |= SIGMASK(SIGRTMIN);
	EXPECT_EQ(file_poll(file, NULL), POLLIN);
	own.pending.signals = 0;
	group.pending.signals = SIGMASK(SIGINT);
	EXPECT_EQ(file_poll(file, NULL), POLLIN);
	group.pending.signals = 0;
	poll_begin(&table, entries, 2);
	EXPECT_EQ(file_poll(file, &table), 0);
	EXPECT(table.used == 1 && !table.waiter.woken);
	signalfd_wake();
	EXPECT(table.waiter.woken);
	table.waiter.woken = false;
	EXPECT_EQ(signalfd_set(file, SIGMASK(SIGHUP)), 0); /* it may be ready now */
	EXPECT(table.waiter.woken);
	poll_end(&table);
	file_put(file);
}

static void sets(void)
{
	static const struct file_operations operations = { .name = "other" };
	struct file *other;

	start(ANY, O_NONBLOCK | O_APPEND);
	EXPECT_EQ(file->flags, O_RDWR | O_NONBLOCK);
	EXPECT_EQ(read_bytes(RECORD), -EAGAIN);
	EXPECT_EQ(asked, ~(SIGMASK(SIGKILL) | SIGMASK(SIGSTOP)));
	EXPECT_EQ(signalfd_set(file, SIGMASK(SIGKILL) | SIGMASK(SIGSTOP) | SIGMASK(64)), 0);
	EXPECT_EQ(read_bytes(RECORD), -EAGAIN);
	EXPECT_EQ(asked, SIGMASK(64));
	other = file_alloc(&operations);
	other->data = file->data;
	EXPECT_EQ(signalfd_set(other, ANY), -EINVAL);
	EXPECT_EQ(read_bytes(RECORD), -EAGAIN);
	EXPECT_EQ(asked, SIGMASK(64));
	other->data = NULL;
	file_put(other);
	file_put(file);
}

static void no_memory(void)
{
	machine_boot();
	file_init();
	machine_settle();
	for (u32 nth = 1; nth <= 2; nth++) {
		const struct fail_spec spec = { FAIL_ANY, FAIL_ON, nth };

		fail_alloc_set(&spec);
		EXPECT_EQ(signalfd_open(ANY, 0, &file), -ENOMEM);
		fail_alloc_set(NULL);
	}
}

TAP_MAIN({ "the bytes of each kind", bytes_of_signals }, { "several signals", several },
	 { "memory that cannot be written", bad_memory }, { "a reader waits", waits },
	 { "when it is ready", ready }, { "sets", sets }, { "no memory", no_memory })
