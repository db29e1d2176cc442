/* SPDX-License-Identifier: MIT */
/*
 * splice(), tee() and vmsplice() of pipes: packets, room for them, and pipes that are not ready.
 * file_copies.c has files.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/tap.h"
#include "tests/ring3/runtime/task_calls.h"

#define NONBLOCK 2u

static char buffer[PAGE_SIZE];

static void expect_read(int fd, const char *text)
{
	u32 length = (u32)strlen(text);

	EXPECT_EQ(sys_read(fd, buffer, 32), length);
	EXPECT_EQ(memcmp(buffer, text, length), 0);
}

static void close_both(const int fds[2])
{
	EXPECT_EQ(sys_close(fds[0]), 0);
	EXPECT_EQ(sys_close(fds[1]), 0);
}

/* tee(), which keeps the bytes, or splice(). */
static long between(int in, int out, u32 bytes, u32 flags, bool keep)
{
	if (keep)
		return system_call(NR_tee, in, out, (long)bytes, (long)flags, 0, 0);
	return system_call(NR_splice, in, 0, out, 0, (long)bytes, (long)flags);
}

/* Between pipes packets stay packets. */
static void spliced_packets(void)
{
	int from[2], to[2];

	EXPECT_EQ(sys_pipe2(from, O_DIRECT | O_NONBLOCK), 0);
	EXPECT_EQ(sys_pipe2(to, O_NONBLOCK), 0);
	for (u32 keep = 0; keep < 2; keep++) {
		EXPECT_EQ(sys_write(to[1], "12", 2), 2);
		EXPECT_EQ(sys_write(from[1], "abcdef", 6), 6);
		EXPECT_EQ(sys_write(from[1], "ghi", 3), 3);
		EXPECT_EQ(between(from[0], to[1], 8, 0, keep), 8);
		EXPECT_EQ(sys_write(to[1], "34", 2), 2);
		expect_read(to[0], "12abcdef");
		EXPECT_EQ(sys_read(to[0], buffer, 1), 1); /* of "gh": the rest is lost */
		expect_read(to[0], "34");
		if (keep)
			expect_read(from[0], "abcdef");
		expect_read(from[0], keep ? "ghi" : "i");
		EXPECT_EQ(sys_read(from[0], buffer, 1), -EAGAIN);
		EXPECT_EQ(sys_read(to[0], buffer, 1), -EAGAIN);
	}
	close_both(from);
	close_both(to);
}

/* vmsplice() makes no packets, and reads through the ends of some. */
static void vmspliced_packets(void)
{
	char got[8];
	struct iovec vector[2] = { { (u32)got, 3 }, { (u32)(got + 3), 2 } };
	int fds[2];

	EXPECT_EQ(sys_pipe2(fds, O_DIRECT | O_NONBLOCK), 0);
	EXPECT_EQ(sys_write(fds[1], "ab", 2), 2);
	EXPECT_EQ(sys_write(fds[1], "cdef", 4), 4);
	EXPECT_EQ(system_call(NR_vmsplice, fds[0], (long)vector, 2, 0, 0, 0), 5);
	EXPECT_EQ(memcmp(got, "abcde", 5), 0);
	expect_read(fds[0], "f");
	vector[0] = (struct iovec){ (u32) "gh", 2 };
	vector[1] = (struct iovec){ (u32) "i", 1 };
	EXPECT_EQ(system_call(NR_vmsplice, fds[1], (long)vector, 2, 0, 0, 0), 3);
	EXPECT_EQ(sys_write(fds[1], "jk", 2), 2);
	EXPECT_EQ(sys_write(fds[1], "l", 1), 1);
	expect_read(fds[0], "ghijk");
	expect_read(fds[0], "l");
	close_both(fds);
}

/* Pages that can still be written. */
static u32 room(int fd)
{
	u32 pages = 0;

	while (sys_write(fd, buffer, PAGE_SIZE) == PAGE_SIZE)
		pages++;
	return pages;
}

/* What comes of one page of the sender has a place of its own; a bad page ends the call. */
static void vmspliced_pages(void)
{
	u8 *pages = memory_map(2, PROT_READ | PROT_WRITE);
	struct iovec vector[2] = { { (u32)pages, 2 }, { (u32)pages + 2, 2 } };
	int fds[2];

	EXPECT_EQ(sys_pipe2(fds, O_NONBLOCK), 0);
	EXPECT_EQ(system_call(NR_vmsplice, fds[1], (long)vector, 2, 0, 0, 0), 4);
	EXPECT_EQ(room(fds[1]), 14);
	close_both(fds);
	EXPECT_EQ(sys_pipe2(fds, O_NONBLOCK), 0);
	vector[0] = (struct iovec){ (u32)pages + PAGE_SIZE / 2, PAGE_SIZE };
	EXPECT_EQ(system_call(NR_vmsplice, fds[1], (long)vector, 1, 0, 0, 0), PAGE_SIZE);
	EXPECT_EQ(room(fds[1]), 14);
	close_both(fds);
	EXPECT_EQ(sys_pipe2(fds, O_NONBLOCK), 0);
	memory_unmap(pages + PAGE_SIZE, 1);
	EXPECT_EQ(system_call(NR_vmsplice, fds[1], (long)vector, 1, 0, 0, 0), PAGE_SIZE / 2);
	vector[0].base += PAGE_SIZE / 2;
	EXPECT_EQ(system_call(NR_vmsplice, fds[1], (long)vector, 1, 0, 0, 0), -EFAULT);
	EXPECT_EQ(room(fds[1]), 15);
	close_both(fds);
	memory_unmap(pages, 1);
}

/* A write joins the bytes of an earlier one also in the pipe where splice() moved all of these. */
static void joins_what_moved(void)
{
	static const struct {
		u32 moved;
		bool keep;
		u32 room;
	} cases[] = { { 3, false, 15 }, { 2, false, 14 }, { 3, true, 14 } };
	int from[2], to[2];

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(sys_pipe2(from, O_NONBLOCK), 0);
		EXPECT_EQ(sys_pipe2(to, O_NONBLOCK), 0);
		EXPECT_EQ(sys_write(from[1], "abc", 3), 3);
		EXPECT_EQ(between(from[0], to[1], cases[i].moved, 0, cases[i].keep),
			  cases[i].moved);
		EXPECT_EQ(sys_write(to[1], buffer, 100), 100);
		EXPECT_EQ(room(to[1]), cases[i].room);
		close_both(from);
		close_both(to);
	}
}

/* What is carried needs a place of its own, though bytes would have room. */
static void room_for_packets(void)
{
	int from[2], to[2];

	EXPECT_EQ(sys_pipe2(from, O_DIRECT | O_NONBLOCK), 0);
	EXPECT_EQ(sys_pipe2(to, O_NONBLOCK), 0);
	for (u32 i = 0; i < 15; i++)
		EXPECT_EQ(sys_write(to[1], buffer, PAGE_SIZE), PAGE_SIZE);
	EXPECT_EQ(sys_write(to[1], "1", 1), 1);
	EXPECT_EQ(sys_write(from[1], "ab", 2), 2);
	EXPECT_EQ(between(from[0], to[1], 8, 0, true), -EAGAIN);
	EXPECT_EQ(between(from[0], to[1], 8, 0, false), -EAGAIN);
	EXPECT_EQ(sys_read(to[0], buffer, PAGE_SIZE), PAGE_SIZE);
	EXPECT_EQ(between(from[0], to[1], 8, 0, true), 2);
	close_both(from);
	close_both(to);
}

struct readiness {
	bool bytes, full, no_writer, no_reader;
};

static long expected(const struct readiness *is)
{
	if (!is->bytes && !is->no_writer)
		return -EAGAIN;
	if (is->no_reader)
		return -EPIPE;
	return is->full ? -EAGAIN : is->bytes;
}

/* O_NONBLOCK of either pipe is that of the call. */
static long try_between(const struct readiness *is, u32 how, bool keep)
{
	int from[2], to[2];
	long result;

	EXPECT_EQ(sys_pipe2(from, how == 1 ? O_NONBLOCK : 0), 0);
	EXPECT_EQ(sys_pipe2(to, how == 2 ? O_NONBLOCK : 0), 0);
	EXPECT_EQ(sys_fcntl(to[1], F_SETPIPE_SZ, PAGE_SIZE), PAGE_SIZE);
	if (is->bytes)
		EXPECT_EQ(sys_write(from[1], "a", 1), 1);
	if (is->full)
		EXPECT_EQ(sys_write(to[1], buffer, PAGE_SIZE), PAGE_SIZE);
	if (is->no_writer)
		EXPECT_EQ(sys_close(from[1]), 0);
	if (is->no_reader)
		EXPECT_EQ(sys_close(to[0]), 0);
	result = between(from[0], to[1], 8, how == 0 ? NONBLOCK : 0, keep);
	EXPECT_EQ(sys_close(from[0]), 0);
	EXPECT_EQ(sys_close(to[1]), 0);
	if (!is->no_writer)
		EXPECT_EQ(sys_close(from[1]), 0);
	if (!is->no_reader)
		EXPECT_EQ(sys_close(to[0]), 0);
	return result;
}

/* What the first pipe lacks is told before what the second one lacks. */
static void pipes_that_are_not_ready(void)
{
	handler_set(SIGPIPE, (void *)SIG_IGN, 0, 0);
	for (u32 i = 0; i < 16; i++) {
		const struct readiness is = { i & 1, i & 2, i & 4, i & 8 };

		for (u32 how = 0; how < 3; how++)
			for (u32 keep = 0; keep < 2; keep++)
				EXPECT_EQ(try_between(&is, how, keep), expected(&is));
	}
	handler_set(SIGPIPE, (void *)SIG_DFL, 0, 0);
}

static const struct tap_case cases[] = {
	{ "splice and tee of packets", spliced_packets },
	{ "vmsplice of packets", vmspliced_packets },
	{ "vmsplice of pages", vmspliced_pages },
	{ "a write behind what moved", joins_what_moved },
	{ "room for packets", room_for_packets },
	{ "pipes that are not ready", pipes_that_are_not_ready },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
