/* SPDX-License-Identifier: MIT */
/* Pipes against a model: a queue of bytes, with random reads, writes and faults. */
#include <string.h>

#include "abi/linux/errno.h"
#include "abi/linux/signal.h"
#include "abi/linux/termios.h"
#include "fs/file.h"
#include "fs/tmpfs/initramfs.h"
#include "fs/names.h"
#include "fs/pipe/pipe.h"
#include "fs/pipe/pipe_user.h"
#include "fs/pipe/ring.h"
#include "fs/pipe/splice.h"
#include "fs/poll.h"
#include "mm/frames/fail_alloc.h"
#include "mm/frames/page_alloc.h"
#include "mm/slab/slab.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/owner.h"
#include "tests/host/resched.h"
#include "tests/host/tap.h"

#define CAPACITY (PIPE_PAGES * PAGE_SIZE)

static struct file *ends[2];

static void start(void)
{
	machine_boot_highmem(MiB(16));
	file_init();
	machine_settle();
	EXPECT_EQ(initramfs_init("", 0), 0);
	machine_settle();
	EXPECT_EQ(pipe_open(O_NONBLOCK, ends), 0);
}

/* A position in a buffer of the test, and how much of it can be accessed. */
struct place {
	u8 *bytes;
	u32 good;
};

static u32 move(void *kernel, u32 bytes, struct place *place, bool out)
{
	u32 part = min(bytes, place->good);

	if (out)
		memcpy(place->bytes, kernel, part);
	else
		memcpy(kernel, place->bytes, part);
	place->bytes += part;
	place->good -= part;
	return bytes - part;
}

static u32 copy_out(void *kernel, u32 bytes, void *context)
{
	return move(kernel, bytes, context, true);
}

static u32 copy_in(void *kernel, u32 bytes, void *context)
{
	return move(kernel, bytes, context, false);
}

static s32 pipe_get(u8 *to, u32 bytes, u32 good)
{
	struct place place = { to, good };
	u64 position = 0;

	return file_read(ends[0], &position, bytes, copy_out, &place);
}

static s32 pipe_put(u8 *from, u32 bytes, u32 good)
{
	struct place place = { from, good };
	u64 position = 0;

	return file_write(ends[1], &position, bytes, copy_in, &place);
}

/* The bytes that are in the pipe: sent[got .. put]. */
static u8 sent[1u << 24], received[CAPACITY];

/* What a write returns: a part of a page may join the last one, the rest has new pages. */
static s32 written(u32 bytes, u32 good)
{
	const struct pipe *pipe = ends[0]->pipe;
	u32 used = pipe->end - ALIGN_DOWN(pipe->start, PAGE_SIZE), part = bytes % PAGE_SIZE;
	u32 free = CAPACITY - ALIGN_UP(used, PAGE_SIZE), joined = 0, more;

	if (part && part <= -pipe->end % PAGE_SIZE)
		joined = part;
	if (joined > good)
		return -EFAULT;
	more = min(bytes - joined, free);
	if (more > good - joined)
		more = ALIGN_DOWN(good - joined, PAGE_SIZE);
	if (joined + more)
		return (s32)(joined + more);
	return free ? -EFAULT : -EAGAIN;
}

/* What a read returns: what it wants of a page it takes whole, or not. */
static s32 taken(u32 bytes, u32 good)
{
	const struct pipe *pipe = ends[0]->pipe;
	u32 done = 0, part;

	while ((part = min(ring_look(pipe, done).bytes, bytes - done)) && part <= good - done)
		done += part;
	return done ? (s32)done : ring_bytes(pipe) ? -EFAULT : -EAGAIN;
}

static void random_bytes(void)
{
	u32 in = 0, out = 0, free_before;

	start();
	free_before = nr_free_pages();
	for (u32 i = 0; i < sizeof(sent); i++)
		sent[i] = (u8)random_u32();
	for (u32 step = 0; step < tap_scaled(20000) && in + CAPACITY < sizeof(sent); step++) {
		u32 bytes = random_below(random_one_in(4) ? CAPACITY : 6000) + 1;
		u32 good = random_one_in(8) ? random_below(bytes) : bytes, there = in - out;
		s32 done;

		if (random_one_in(2)) {
			s32 expected = written(bytes, good);

			done = pipe_put(sent + in, bytes, good);
			EXPECT(done > 0 || done == -EAGAIN || (done == -EFAULT && good < bytes));
			EXPECT(done <= (s32)good && there + (u32)max(done, 0) <= CAPACITY);
			EXPECT_EQ(done, expected);
			if (bytes <= PIPE_BUF && good == bytes)
				EXPECT(done == (s32)bytes || done == -EAGAIN);
			in += (u32)max(done, 0);
		} else {
			s32 expected = taken(bytes, good);

			done = pipe_get(received, bytes, good);
			EXPECT_EQ(done, expected);
			if (good == bytes)
				EXPECT_EQ(done, there ? (s32)min(there, bytes) : -EAGAIN);
			if (done > 0)
				EXPECT(!memcmp(received, sent + out, (u32)done));
			out += (u32)max(done, 0);
		}
		EXPECT_EQ(file_poll(ends[0], NULL) & POLLIN, in != out ? POLLIN : 0);
		EXPECT(nr_free_pages() + PIPE_PAGES >= free_before);
		if (tap_failed())
			break;
	}
	file_put(ends[1]);
	file_put(ends[0]);
	EXPECT_EQ(nr_free_pages(), free_before);
}

static void without_memory(void)
{
	const struct fail_spec spec = { FAIL_PAGE, FAIL_ON, 1 };
	u8 bytes[8] = "abc";

	start();
	fail_alloc_set(&spec);
	EXPECT_EQ(pipe_put(bytes, 3, 3), -ENOMEM);
	fail_alloc_set(NULL);
	EXPECT_EQ(pipe_put(bytes, 3, 3), 3);
	EXPECT_EQ(pipe_get(bytes, 8, 8), 3);
	file_put(ends[0]);
	EXPECT_EQ(pipe_put(bytes, 3, 3), -EPIPE);
	EXPECT_EQ(console_signal, SIGPIPE);
	file_put(ends[1]);
}

static u8 full[CAPACITY];

static void reader_comes(void)
{
	EXPECT_EQ(pipe_get(full, PAGE_SIZE, PAGE_SIZE), PAGE_SIZE);
}

static void writer_leaves(void)
{
	file_put(ends[1]);
}

static void waits(void)
{
	u8 byte = 'x';

	start();
	ends[0]->flags = O_RDONLY;
	ends[1]->flags = O_WRONLY;
	EXPECT_EQ(pipe_put(full, CAPACITY, CAPACITY), CAPACITY);
	host_others = reader_comes;
	EXPECT_EQ(pipe_put(&byte, 1, 1), 1);
	/* Nothing wakes it: a signal. */
	host_others = NULL;
	EXPECT_EQ(pipe_put(full, PAGE_SIZE + 9, CAPACITY), 9); /* behind the byte */
	EXPECT_EQ(pipe_put(full, CAPACITY, CAPACITY), -ERESTARTSYS);
	EXPECT_EQ(pipe_get(full, CAPACITY, CAPACITY), CAPACITY - PAGE_SIZE + 10);
	EXPECT_EQ(pipe_get(full, 1, 1), -ERESTARTSYS);
	host_others = writer_leaves;
	EXPECT_EQ(pipe_get(full, 1, 1), 0);
	host_others = NULL;
	file_put(ends[0]);
}

/* What splice() reads has a place before: without memory no byte is lost. */
static void splice_without_memory(void)
{
	const struct fail_spec spec = { FAIL_PAGE, FAIL_ON, 1 };
	u8 text[] = "abc", got[3];
	struct place place = { text, 3 };
	struct file *file;
	u64 position = 0;

	start();
	EXPECT_EQ(file_open("/f", O_CREAT | O_RDWR | O_LARGEFILE, 0600, &file), 0);
	EXPECT_EQ(file_write(file, &position, 3, copy_in, &place), 3);
	position = 0;
	fail_alloc_set(&spec);
	EXPECT_EQ(splice_to_pipe(file, &position, ends[1], 3, true), -ENOMEM);
	fail_alloc_set(NULL);
	EXPECT_EQ(position, 0);
	EXPECT_EQ(splice_to_pipe(file, &position, ends[1], 8, true), 3);
	EXPECT_EQ(splice_to_pipe(file, &position, ends[1], 8, true), 0);
	EXPECT_EQ(pipe_get(got, 3, 3), 3);
	EXPECT(!memcmp(got, "abc", 3));
	file_put(file);
	EXPECT_EQ(path_unlink(NULL, "/f"), 0);
	file_put(ends[1]);
	file_put(ends[0]);
}

static u32 looks_at_flags(void *kernel, u32 bytes, void *context)
{
	EXPECT(!(ends[1]->flags & O_NONBLOCK) && !(ends[0]->flags & O_NONBLOCK));
	(void)kernel;
	(void)context;
	return bytes > 100 ? 1 : 0;
}

static u32 all_of_it(const void *context)
{
	(void)context;
	return CAPACITY;
}

/* vmsplice(): its flags decide whether it waits, not those of the file, which others use too. */
static void waits_once(void)
{
	start();
	ends[0]->flags = O_RDONLY;
	ends[1]->flags = O_WRONLY;
	EXPECT_EQ(pipe_take(ends[0], 1, looks_at_flags, NULL, true), -EAGAIN);
	EXPECT_EQ(pipe_give(ends[1], 0, all_of_it, looks_at_flags, NULL, true), 0);
	EXPECT_EQ(pipe_give(ends[1], 101, all_of_it, looks_at_flags, NULL, true), -EFAULT);
	EXPECT_EQ(pipe_give(ends[1], 100, all_of_it, looks_at_flags, NULL, true), 100);
	EXPECT_EQ(pipe_take(ends[0], 60, looks_at_flags, NULL, true), 60);
	EXPECT_EQ(pipe_put(full, CAPACITY - PAGE_SIZE, CAPACITY), CAPACITY - PAGE_SIZE);
	EXPECT_EQ(pipe_give(ends[1], 1, all_of_it, looks_at_flags, NULL, true), -EAGAIN);
	host_others = reader_comes;
	EXPECT_EQ(pipe_give(ends[1], 1, all_of_it, looks_at_flags, NULL, false), 1);
	host_others = NULL;
	file_put(ends[0]);
	EXPECT_EQ(pipe_give(ends[1], 1, all_of_it, looks_at_flags, NULL, true), -EPIPE);
	file_put(ends[1]);
}

static s32 size_of_new(struct file *made[2])
{
	int err = pipe_open(0, made);

	return err ? err : pipe_size(made[0]);
}

static void close_pipe(struct file *made[2])
{
	file_put(made[0]);
	file_put(made[1]);
}

/* Pages of a user: beyond the soft limit pipes are small, beyond the hard one there are none. */
static void pages_of_a_user(void)
{
	const u32 soft = pipe_user_pages_soft, page = PAGE_SIZE;
	struct file *made[4][2], *none[2];

	start();
	host_fsuid = 5;
	pipe_user_pages_soft = 20;
	pipe_user_pages_hard = 22;
	EXPECT_EQ(size_of_new(made[0]), 16 * page);
	EXPECT_EQ(made[0][0]->pipe->user->pages, 16);
	EXPECT_EQ(made[0][0]->pipe->uid, 5);
	EXPECT_EQ(size_of_new(made[1]), 2 * page);
	EXPECT(made[1][0]->pipe->user == made[0][0]->pipe->user);
	EXPECT_EQ(made[1][0]->pipe->user->pages, 18);
	EXPECT_EQ(pipe_set_size(made[1][0], 4 * page), 4 * page); /* to the soft limit */
	EXPECT_EQ(pipe_set_size(made[1][0], 8 * page), -EPERM);
	EXPECT_EQ(pipe_set_size(made[1][0], 2 * page), 2 * page);
	EXPECT_EQ(size_of_new(made[2]), 2 * page);
	EXPECT_EQ(size_of_new(made[3]), 2 * page); /* to the hard limit */
	EXPECT_EQ(size_of_new(none), -ENFILE);
	EXPECT_EQ(made[0][0]->pipe->user->pages, 22);
	close_pipe(made[3]);
	EXPECT_EQ(made[0][0]->pipe->user->pages, 20);
	pipe_user_pages_soft = 0; /* none */
	EXPECT_EQ(pipe_set_size(made[2][0], 4 * page), 4 * page);
	EXPECT_EQ(pipe_set_size(made[2][0], 8 * page), -EPERM); /* the hard one */
	host_fsuid = 6;						/* another user has its own */
	EXPECT_EQ(size_of_new(made[3]), 16 * page);
	EXPECT(made[3][0]->pipe->user != made[0][0]->pipe->user);
	close_pipe(made[3]);
	host_fsuid = 0;
	EXPECT_EQ(size_of_new(made[3]), 16 * page);
	EXPECT_EQ(pipe_set_size(made[3][0], 64 * page), 64 * page);
	for (u32 i = 0; i < 4; i++)
		close_pipe(made[i]);
	pipe_user_pages_soft = soft;
	pipe_user_pages_hard = 0;
	close_pipe(ends);
}

/* Both ends are one inode, which no other pipe has, and belong to the process that made it. */
static void attributes(void)
{
	struct file_stat first, second;
	struct file *made[2];

	start();
	host_fsuid = 5;
	host_fsgid = 6;
	EXPECT_EQ(pipe_open(0, made), 0);
	host_fsuid = host_fsgid = 0;
	file_stat(made[0], &first);
	file_stat(made[1], &second);
	EXPECT(first.ino && first.ino == second.ino);
	EXPECT_EQ(first.mode, S_IFIFO | 0600);
	EXPECT(first.uid == 5 && first.gid == 6 && first.nlink == 1);
	file_stat(ends[0], &second);
	EXPECT(first.ino != second.ino && !second.uid && first.dev == second.dev);
	close_pipe(made);
	close_pipe(ends);
}

/* A FIFO makes packets only if that is set later; one that is refused leaves no end open. */
static void fifo_of_packets(void)
{
	struct file *fifo, *reader;
	u8 byte = 'a';
	struct place place = { &byte, 1 };
	u64 position = 0;

	start();
	EXPECT_EQ(path_make(NULL, "/p", S_IFIFO | 0600, 0), 0);
	EXPECT_EQ(file_open("/p", O_RDWR | O_DIRECT, 0, &fifo), -EINVAL);
	EXPECT_EQ(file_open("/p", O_WRONLY | O_NONBLOCK | O_DIRECT, 0, &fifo), -ENXIO);
	EXPECT_EQ(file_open("/p", O_RDONLY | O_NONBLOCK, 0, &reader), 0);
	EXPECT_EQ(file_open("/p", O_WRONLY | O_NONBLOCK | O_DIRECT, 0, &fifo), -EINVAL);
	EXPECT_EQ(file_open("/p", O_WRONLY | O_NONBLOCK, 0, &fifo), 0);
	EXPECT_EQ(reader->pipe->users, 2);
	fifo->flags |= O_DIRECT;
	EXPECT_EQ(file_write(fifo, &position, 1, copy_in, &place), 1);
	EXPECT_EQ(ring_look(reader->pipe, 0).kind, PAGE_PACKET);
	file_put(reader);
	file_put(fifo);
	EXPECT_EQ(path_unlink(NULL, "/p"), 0);
	close_pipe(ends);
}

/* A FIFO's times are those of its last write and read that moved bytes. */
static void fifo_times(void)
{
	struct file *fifo;
	struct file_times *times;
	u8 byte = 'a';
	struct place place = { &byte, 1 };
	u64 position = 0;

	start();
	console_date = 5;
	EXPECT_EQ(path_make(NULL, "/p", S_IFIFO | 0600, 0), 0);
	EXPECT_EQ(file_open("/p", O_RDWR | O_NONBLOCK, 0, &fifo), 0);
	times = &fifo->inode->times;
	console_date = 7;
	EXPECT_EQ(file_read(fifo, &position, 1, copy_out, &place), -EAGAIN);
	EXPECT(times->access == 5 && times->modify == 5 && times->change == 5);
	EXPECT_EQ(file_write(fifo, &position, 1, copy_in, &place), 1);
	EXPECT(times->access == 5 && times->modify == 7 && times->change == 7);
	console_date = 9;
	EXPECT_EQ(file_write(fifo, &position, 1, copy_in, &place), -EFAULT);
	EXPECT(times->access == 5 && times->modify == 7 && times->change == 7);
	place = (struct place){ &byte, 1 };
	EXPECT_EQ(file_read(fifo, &position, 1, copy_out, &place), 1);
	EXPECT(times->access == 9 && times->modify == 7 && times->change == 7);
	file_put(fifo);
	EXPECT_EQ(path_unlink(NULL, "/p"), 0);
	close_pipe(ends);
}

/* The largest size of a pipe for others than the super-user, and the largest of all. */
static void largest(void)
{
	const u32 limit = pipe_max_size;
	struct file *made[2];

	start();
	EXPECT_EQ(pipe_round_size(0), PAGE_SIZE);
	EXPECT_EQ(pipe_round_size(PAGE_SIZE), PAGE_SIZE);
	EXPECT_EQ(pipe_round_size(PAGE_SIZE + 1), 2 * PAGE_SIZE);
	host_fsuid = 5;
	pipe_max_size = 8 * PAGE_SIZE;
	EXPECT_EQ(size_of_new(made), 8 * (s32)PAGE_SIZE);
	EXPECT_EQ(pipe_set_size(made[0], 8 * PAGE_SIZE + 1), -EPERM);
	host_fsuid = 0;
	EXPECT_EQ(pipe_set_size(made[0], 16 * PAGE_SIZE), 16 * (s32)PAGE_SIZE);
	host_fsuid = 5;
	EXPECT_EQ(pipe_set_size(made[0], 16 * PAGE_SIZE), 16 * (s32)PAGE_SIZE); /* it has that */
	EXPECT_EQ(pipe_set_size(made[0], 32 * PAGE_SIZE), -EPERM);
	host_fsuid = 0;
	EXPECT_EQ(pipe_set_size(made[0], PIPE_SIZE_MAX + 1), -EINVAL);
	EXPECT_EQ(pipe_set_size(made[0], PIPE_SIZE_MAX), -ENOMEM);
	EXPECT_EQ(pipe_size(made[1]), 16 * (s32)PAGE_SIZE);
	pipe_max_size = limit;
	close_pipe(made);
	close_pipe(ends);
}

TAP_MAIN({ "pages of a user", pages_of_a_user }, { "the largest", largest },
	 { "attributes", attributes }, { "a FIFO of packets", fifo_of_packets },
	 { "times of a FIFO", fifo_times },
	 { "random reads and writes are those of a queue", random_bytes },
	 { "without memory, and without a reader", without_memory },
	 { "waiting for room and for bytes", waits },
	 { "splice without memory loses nothing", splice_without_memory },
	 { "vmsplice waits for the first byte, if at all", waits_once })
