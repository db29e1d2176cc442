/* SPDX-License-Identifier: MIT */
/*
 * splice and tee: what a call waits for and what it wakes, files that take less than there is, and
 * packets. Another task is a function that runs while the caller sleeps (tests/host/resched.h).
 * tests/ring3/files/splices.c has results and errors, which Linux judges.
 */
#include "abi/linux/errno.h"
#include "abi/linux/signal.h"
#include "fs/pipe/pipe.h"
#include "fs/pipe/ring.h"
#include "fs/pipe/splice.h"
#include "fs/poll.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/console.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/resched.h"
#include "tests/host/user.h"

#define CAPACITY (PIPE_PAGES * PAGE_SIZE)

static struct file *from[2], *to[2], *file;
static u64 position;

static void begin(void)
{
	start();
	EXPECT_EQ(pipe_open(0, from), 0);
	EXPECT_EQ(pipe_open(0, to), 0);
	file = opened("/tmp/f", O_RDWR | O_CREAT);
}

static void end(void)
{
	for (u32 i = 0; i < 2; i++) {
		if (from[i])
			file_put(from[i]);
		if (to[i])
			file_put(to[i]);
	}
	file_put(file);
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
}

static void close_one(struct file **file)
{
	file_put(*file);
	*file = NULL;
}

static char bytes[CAPACITY];

static void fill(struct file *pipe, u32 count)
{
	const char *data = bytes;

	EXPECT_EQ(file_write(pipe, &position, count, copy_from_buffer, &data), count);
}

static void drain(struct file *pipe, u32 count)
{
	char *data = bytes;

	EXPECT_EQ(file_read(pipe, &position, count, copy_to_buffer, &data), count);
}

/* A read of up to 60 bytes returns this text. */
static void expect_next(struct file *pipe, const char *text)
{
	char got[64] = "", *data = got;

	EXPECT_EQ(file_read(pipe, &position, 60, copy_to_buffer, &data), strlen(text));
	EXPECT_TEXT(got, text);
}

/* Is a task woken by the call that waits for these events of a pipe? */
static bool woken_by(void (*call)(void), const struct file *pipe, u32 events)
{
	struct wait_entry entry;
	struct poll_table table;
	bool woken;

	poll_begin(&table, &entry, 1);
	table.waiter.wants = events;
	poll_wait(&table, &pipe->pipe->queue);
	call();
	woken = table.waiter.woken;
	poll_end(&table);
	return woken;
}

static void splice_both_of(u32 count)
{
	EXPECT_EQ(splice_pipes(from[0], to[1], count, false, false), count);
}

static void splice_both(void)
{
	splice_both_of(2);
}

static void tee_both(void)
{
	EXPECT_EQ(splice_pipes(from[0], to[1], 2, false, true), 2);
}

static void from_file(void)
{
	u64 at = 0;

	EXPECT_EQ(splice_to_pipe(file, &at, to[1], 2, false), 2);
	EXPECT_EQ(at, 2);
}

static void to_file(void)
{
	u64 at = 0;

	EXPECT_EQ(splice_from_pipe(from[0], file, &at, 2, false), 2);
	EXPECT_EQ(at, 2);
}

static u32 all_of_it(const void *context)
{
	(void)context;
	return CAPACITY;
}

static void give(void)
{
	const char *data = "ab";

	EXPECT_EQ(pipe_give(to[1], 2, all_of_it, copy_from_buffer, &data, false), 2);
}

static void take(void)
{
	char got[2], *data = got;

	EXPECT_EQ(pipe_take(from[0], 2, copy_to_buffer, &data, false), 2);
}

/* A task that waits for bytes of the second pipe, or for room in the first one, is woken. */
static void wakes(void)
{
	static const struct {
		void (*call)(void);
		bool fills, empties;
	} calls[] = { { splice_both, true, true }, { tee_both, true, false },
		      { from_file, true, false },  { to_file, false, true },
		      { give, true, false },	   { take, false, true } };

	begin();
	fill(from[1], 100);
	EXPECT_EQ(put_text(file, "text"), 4);
	for (u32 i = 0; i < ARRAY_SIZE(calls); i++) {
		EXPECT_EQ(woken_by(calls[i].call, to[0], POLLIN), calls[i].fills);
		EXPECT(!woken_by(calls[i].call, to[0], POLLOUT));
		EXPECT_EQ(woken_by(calls[i].call, from[1], POLLOUT), calls[i].empties);
		EXPECT(!woken_by(calls[i].call, from[1], POLLIN));
	}
	end();
}

static u32 turns;

/* The first turn brings nothing: the caller looks again. */
static void write_byte(void)
{
	if (turns++)
		fill(from[1], 1);
	else
		wait_queue_wake(&from[1]->pipe->queue);
}

static void read_page(void)
{
	turns++;
	drain(to[0], PAGE_SIZE);
}

static void close_writer(void)
{
	close_one(&from[1]);
}

static void close_reader(void)
{
	close_one(&to[0]);
}

/* The calls wait for the first byte, then for room; a signal, or the other end, ends the wait. */
static void waits(void)
{
	begin();
	for (u32 keep = 0; keep < 2; keep++) {
		EXPECT_EQ(splice_pipes(from[0], to[1], 5, false, keep), -ERESTARTSYS);
		EXPECT_EQ(splice_pipes(from[0], to[1], 5, true, keep), -EAGAIN);
		turns = 0;
		host_others = write_byte;
		EXPECT_EQ(splice_pipes(from[0], to[1], 5, false, keep), 1);
		EXPECT_EQ(turns, 2);
		host_others = NULL;
		fill(to[1], CAPACITY - PAGE_SIZE);
		if (!keep)
			fill(from[1], 1);
		EXPECT_EQ(splice_pipes(from[0], to[1], 5, false, keep), -ERESTARTSYS);
		EXPECT_EQ(splice_pipes(from[0], to[1], 5, true, keep), -EAGAIN);
		host_others = read_page;
		EXPECT_EQ(splice_pipes(from[0], to[1], 5, false, keep), 1);
		EXPECT_EQ(turns, 3);
		host_others = NULL;
		drain(to[0], CAPACITY - 2 * PAGE_SIZE + 2);
		if (keep)
			drain(from[0], 1);
	}
	host_others = close_writer;
	EXPECT_EQ(splice_pipes(from[0], to[1], 5, false, false), 0);
	host_others = NULL;
	end();
}

static void reader_leaves(void)
{
	begin();
	fill(from[1], 5);
	fill(to[1], CAPACITY);
	EXPECT_EQ(splice_to_pipe(file, &position, to[1], 5, false), -ERESTARTSYS);
	EXPECT_EQ(splice_to_pipe(file, &position, to[1], 5, true), -EAGAIN);
	host_others = close_reader;
	console_signal = 0;
	EXPECT_EQ(splice_pipes(from[0], to[1], 5, false, false), -EPIPE);
	EXPECT_EQ(console_signal, SIGPIPE);
	host_others = NULL;
	drain(from[0], 5); /* none was moved */
	end();
}

/* What the file does not take stays in the pipe, also bytes of a later page. */
static void file_takes_less(void)
{
	u64 at = 0;

	begin();
	fill(from[1], PAGE_SIZE + 10);
	host_rlim[RLIMIT_FSIZE].cur = 5;
	EXPECT_EQ(splice_from_pipe(from[0], file, &at, CAPACITY, false), 5);
	EXPECT_EQ(splice_from_pipe(from[0], file, &at, CAPACITY, false), -EFBIG);
	EXPECT_EQ(ring_bytes(from[0]->pipe), PAGE_SIZE + 5);
	host_rlim[RLIMIT_FSIZE].cur = PAGE_SIZE + 2;
	EXPECT_EQ(splice_from_pipe(from[0], file, &at, CAPACITY, false), PAGE_SIZE - 3);
	EXPECT_EQ(at, PAGE_SIZE + 2);
	host_rlim[RLIMIT_FSIZE].cur = RLIM_INFINITY;
	EXPECT_EQ(splice_from_pipe(from[0], file, &at, 3, false), 3);
	EXPECT_EQ(splice_from_pipe(from[0], file, &at, CAPACITY, false), 5);
	EXPECT_EQ(file->mapping->i_size, PAGE_SIZE + 10);
	end();
}

static u32 lines_read;

static s32 read_line(struct file *terminal, u64 at, u32 count, mapping_copy_t copy, void *context)
{
	char line[] = "line\n";

	EXPECT(terminal && !at && count >= 5);
	lines_read++;
	return copy(line, 5, context) ? -EFAULT : 5;
}

/* The next line may never come: the first one goes into the pipe. */
static void terminal(void)
{
	static const struct file_operations operations = { .read = read_line };
	struct file input = { .operations = &operations, .count = 1 };

	begin();
	EXPECT_EQ(splice_to_pipe(&input, &position, to[1], CAPACITY, false), 5);
	EXPECT_EQ(lines_read, 1);
	expect_next(to[0], "line\n");
	end();
}

static s32 read_figures(struct file *made, u64 at, u32 count, mapping_copy_t copy, void *context)
{
	static char text[PAGE_SIZE];

	EXPECT(made != NULL);
	if (at >= 5000)
		return 0;
	EXPECT_EQ(count, PAGE_SIZE);
	count = min(count, (u32)(5000 - at));
	return copy(text, count, context) ? -EFAULT : (s32)count;
}

/* A file of /proc has no pages: places are filled from any position. */
static void file_without_pages(void)
{
	static const struct file_operations operations = { .read = read_figures, .seekable = true };
	struct file input = { .operations = &operations, .count = 1 };
	u64 at = 100;

	begin();
	EXPECT_EQ(splice_to_pipe(&input, &at, to[1], CAPACITY, false), 4900);
	EXPECT_EQ(at, 5000);
	EXPECT_EQ(ring_look(to[1]->pipe, 0).bytes, PAGE_SIZE);
	at = 100;
	EXPECT_EQ(file_truncate(file, 5000), 0);
	EXPECT_EQ(splice_to_pipe(file, &at, to[1], CAPACITY, false), 4900);
	EXPECT_EQ(ring_look(to[1]->pipe, 4900).bytes, PAGE_SIZE - 100);
	end();
}

/* More than the second pipe has room for, and bytes of several pages. */
static void pages_between_pipes(void)
{
	begin();
	for (u32 i = 0; i < CAPACITY; i++)
		bytes[i] = (char)(i * 7 / 5);
	fill(from[1], 3 * PAGE_SIZE + 5);
	fill(to[1], 9);
	EXPECT_EQ(splice_pipes(from[0], to[1], CAPACITY, false, true), 3 * PAGE_SIZE + 5);
	EXPECT_EQ(splice_pipes(from[0], to[1], CAPACITY, false, false), 3 * PAGE_SIZE + 5);
	drain(to[0], 9);
	for (u32 copy = 0; copy < 2; copy++) {
		drain(to[0], 3 * PAGE_SIZE + 5);
		for (u32 i = 0; i < 3 * PAGE_SIZE + 5; i++)
			if (!EXPECT_EQ(bytes[i], (char)(i * 7 / 5)))
				break;
	}
	fill(from[1], CAPACITY);
	fill(to[1], CAPACITY - PAGE_SIZE - 10);
	EXPECT_EQ(splice_pipes(from[0], to[1], CAPACITY, false, true), PAGE_SIZE);
	drain(to[0], CAPACITY - 10);
	EXPECT_EQ(splice_pipes(from[0], to[1], CAPACITY - 1, false, false), CAPACITY - 1);
	drain(from[0], 1);
	end();
}

/* So many pages can still be written to the second pipe, after a write of so many bytes. */
static void expect_room(u32 written, u32 pages)
{
	fill(to[1], written);
	EXPECT_EQ(ring_free_pages(to[1]->pipe), pages);
	drain(to[0], ring_bytes(to[1]->pipe));
}

/* A write goes on in the last page only if that was written, and moved whole. */
static void joins_what_moved(void)
{
	const char *data = "a";

	begin();
	fill(from[1], 3);
	tee_both();
	expect_room(100, PIPE_PAGES - 2);
	splice_both();
	expect_room(100, PIPE_PAGES - 2);
	splice_both_of(1);
	expect_room(100, PIPE_PAGES - 1);
	fill(from[1], 3000);
	fill(from[1], 3000); /* ends the page of the first, which can be joined all the same */
	splice_both_of(3000);
	expect_room(1096, PIPE_PAGES - 1);
	splice_both_of(3000);
	expect_room(1097, PIPE_PAGES - 2);
	EXPECT_EQ(pipe_give(from[1], 1, all_of_it, copy_from_buffer, &data, false), 1);
	splice_both_of(1);
	expect_room(100, PIPE_PAGES - 2);
	end();
}

/* Each byte is the start of a page of the sender. */
static u32 one_byte(const void *context)
{
	EXPECT(context != NULL);
	return 1;
}

/* What comes of one page of the sender by vmsplice() has a page of its own. */
static void pages_of_the_sender(void)
{
	const char *data = "0123456789abcdefghijklmnopqrstuvwxyz";
	struct ring_part part;

	begin();
	EXPECT_EQ(pipe_give(to[1], 3, one_byte, copy_from_buffer, &data, false), 3);
	part = ring_look(to[1]->pipe, 1);
	EXPECT(part.bytes == 1 && part.data[0] == '1' && part.kind == PAGE_ENDS);
	EXPECT_EQ(pipe_give(to[1], 30, one_byte, copy_from_buffer, &data, false), 13);
	EXPECT_EQ(*data, 'g');
	expect_next(to[0], "0123456789abcdef");
	end();
}

static void put_packet(const char *text)
{
	from[1]->flags = O_WRONLY | O_DIRECT;
	EXPECT_EQ(put_text(from[1], text), strlen(text));
	from[1]->flags = O_WRONLY;
}

/* Packets stay packets, and wait for a page of their own; what comes behind them does not join. */
static void packets(void)
{
	const char *text = "in front";

	begin();
	EXPECT_EQ(pipe_give(from[1], 8, all_of_it, copy_from_buffer, &text, false), 8);
	put_packet("one");
	put_packet("two");
	EXPECT_EQ(put_text(from[1], "behind"), 6);
	EXPECT_EQ(splice_pipes(from[0], to[1], 60, false, true), 20);
	EXPECT_EQ(splice_pipes(from[0], to[1], 13, false, false), 13);
	expect_next(to[0], "in frontone");
	expect_next(to[0], "two");
	expect_next(to[0], "behindin frontone");
	expect_next(to[0], "tw");
	expect_next(from[0], "o");
	expect_next(from[0], "behind");
	end();
}

static void packets_wait(void)
{
	begin();
	fill(to[1], CAPACITY - PAGE_SIZE + 1);
	put_packet("packet");
	EXPECT_EQ(splice_pipes(from[0], to[1], 60, true, false), -EAGAIN);
	EXPECT_EQ(splice_pipes(from[0], to[1], 60, false, true), -ERESTARTSYS);
	turns = 0;
	host_others = read_page;
	EXPECT_EQ(splice_pipes(from[0], to[1], 60, false, false), 6);
	EXPECT_EQ(turns, 1);
	host_others = NULL;
	drain(to[0], CAPACITY - 2 * PAGE_SIZE + 1);
	expect_next(to[0], "packet");
	end();
}

static u32 takes_some(void *kernel, u32 bytes, void *context)
{
	u32 *good = context, part = min(bytes, *good);

	(void)kernel;
	*good -= part;
	return bytes - part;
}

/* vmsplice() waits also where the pipe's O_NONBLOCK lets a read or a write not wait. */
static void own_flag(void)
{
	char *data = bytes;

	begin();
	from[0]->flags |= O_NONBLOCK;
	to[1]->flags |= O_NONBLOCK;
	EXPECT_EQ(pipe_take(from[0], 1, copy_to_buffer, &data, true), -EAGAIN);
	EXPECT_EQ(pipe_take(from[0], 1, copy_to_buffer, &data, false), -ERESTARTSYS);
	fill(to[1], CAPACITY);
	EXPECT_EQ(pipe_give(to[1], 1, all_of_it, copy_from_buffer, &data, true), -EAGAIN);
	EXPECT_EQ(pipe_give(to[1], 1, all_of_it, copy_from_buffer, &data, false), -ERESTARTSYS);
	end();
}

/* A bad address ends the call: the pages before it count, and the rest stays. */
static void bad_addresses(void)
{
	u32 good = 0;

	begin();
	fill(from[1], PAGE_SIZE);
	put_packet("packet");
	EXPECT_EQ(pipe_take(from[0], 9, takes_some, &good, true), -EFAULT);
	EXPECT_EQ(ring_bytes(from[0]->pipe), PAGE_SIZE + 6);
	good = 5;
	EXPECT_EQ(pipe_take(from[0], 9, takes_some, &good, true), -EFAULT);
	good = PAGE_SIZE + 3;
	EXPECT_EQ(pipe_take(from[0], CAPACITY, takes_some, &good, true), PAGE_SIZE);
	expect_next(from[0], "packet");
	EXPECT_EQ(pipe_take(from[0], 9, takes_some, &good, true), -EAGAIN);
	end();
}

static void without_memory(void)
{
	const struct fail_spec spec = { FAIL_PAGE, FAIL_ON, 1 };

	begin();
	put_packet("packet");
	EXPECT_EQ(put_text(from[1], "behind"), 6);
	fail_alloc_set(&spec);
	EXPECT_EQ(splice_pipes(from[0], to[1], 60, false, true), -ENOMEM);
	expect_next(from[0], "packet");
	EXPECT_EQ(splice_pipes(from[0], to[1], 60, false, false), -ENOMEM);
	fail_alloc_set(NULL);
	EXPECT_EQ(splice_pipes(from[0], to[1], 60, false, false), 6);
	end();
}

TAP_MAIN({ "what a call wakes", wakes }, { "waiting for bytes and for room", waits },
	 { "the reader leaves", reader_leaves }, { "a file takes less", file_takes_less },
	 { "a terminal", terminal }, { "a file without pages", file_without_pages },
	 { "pages between pipes", pages_between_pipes },
	 { "what joins a page that moved", joins_what_moved },
	 { "pages of the sender", pages_of_the_sender }, { "packets", packets },
	 { "packets wait for a page", packets_wait }, { "bad addresses", bad_addresses },
	 { "O_NONBLOCK and vmsplice()", own_flag }, { "without memory", without_memory })
