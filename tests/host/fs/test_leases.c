/* SPDX-License-Identifier: MIT */
/*
 * Leases: which there may be beside others, what each open() asks of them, and what becomes of
 * those whose holders do not answer. tests/ring3/files/owners.c has the signals.
 */
#include "abi/linux/errno.h"
#include "abi/linux/signal.h"
#include "fs/lease.h"
#include "fs/owner.h"
#include "mm/frames/fail_alloc.h"
#include "mm/frames/shrinker.h"
#include "mm/slab/slab.h"
#include "tests/host/console.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/owner.h"
#include "tests/host/resched.h"

#define SECOND 1000000000ull
#define PATH   "/tmp/f"

static struct file *holder, *other;

static void begin(u32 flags)
{
	start();
	EXPECT_EQ(try(PATH, O_RDWR | O_CREAT), 0);
	holder = opened(PATH, flags);
	host_now = 5 * SECOND;
	console_told = 0;
}

static void end(void)
{
	file_put(holder);
	EXPECT_EQ(path_unlink(NULL, PATH), 0);
}

/* The code of the signal since the last call. */
static int told(void)
{
	int code = console_told;

	console_told = 0;
	return code;
}

static void beside_others(void)
{
	begin(O_RDONLY);
	other = opened(PATH, O_RDONLY);
	EXPECT_EQ(lease_set(holder, 3, LOCK_WRITE), -EAGAIN); /* it is open twice */
	EXPECT_EQ(lease_set(holder, 3, LOCK_NONE), -EAGAIN);
	EXPECT_EQ(lease_get(holder), LOCK_NONE);
	EXPECT_EQ(lease_set(holder, 3, LOCK_READ), 0);
	EXPECT_EQ(lease_set(other, 4, LOCK_READ), 0);
	EXPECT_EQ(holder->owner->fd, 3);
	EXPECT_EQ(other->owner->fd, 4);
	EXPECT_EQ(holder->owner->id, console_job.number);
	EXPECT_EQ(lease_get(holder), LOCK_READ);
	EXPECT_EQ(lease_get(other), LOCK_READ);
	file_put(other);
	EXPECT_EQ(lease_set(holder, 3, LOCK_WRITE), 0);
	EXPECT_EQ(lease_get(holder), LOCK_WRITE);
	EXPECT_EQ(lease_set(holder, 3, LOCK_READ), 0);
	EXPECT_EQ(lease_get(holder), LOCK_READ);
	EXPECT_EQ(lease_set(holder, 3, LOCK_NONE), 0);
	EXPECT(list_empty(&holder->inode->leases));
	other = opened(PATH, O_WRONLY);
	EXPECT_EQ(lease_set(holder, 3, LOCK_READ), -EAGAIN);
	EXPECT_EQ(lease_set(other, 3, LOCK_READ), -EAGAIN);
	file_put(other);
	end();
}

static void refused(void)
{
	struct file *folder;

	begin(O_RDONLY);
	folder = opened("/tmp", O_RDONLY);
	EXPECT_EQ(lease_set(folder, 3, LOCK_READ), -EINVAL);
	EXPECT_EQ(lease_set(folder, 3, LOCK_NONE), -EINVAL);
	EXPECT_EQ(lease_get(folder), LOCK_NONE);
	host_fsuid = 9;
	EXPECT_EQ(lease_set(holder, 3, LOCK_READ), -EACCES);
	EXPECT_EQ(lease_set(folder, 3, LOCK_READ), -EINVAL);
	host_fsuid = 0;
	file_put(folder);
	end();
}

/* A lease to read is in the way of writers alone; the holder is told once. */
static void of_reader(void)
{
	begin(O_RDONLY);
	EXPECT_EQ(lease_set(holder, 3, LOCK_READ), 0);
	EXPECT_EQ(try(PATH, O_RDONLY), 0);
	EXPECT_EQ(told(), 0);
	EXPECT_EQ(try(PATH, O_WRONLY | O_NONBLOCK), -EAGAIN);
	EXPECT_EQ(told(), POLL_MSG);
	EXPECT_EQ(lease_get(holder), LOCK_NONE); /* what it must become */
	EXPECT_EQ(try(PATH, O_RDWR | O_NONBLOCK), -EAGAIN);
	EXPECT_EQ(told(), 0);
	EXPECT_EQ(try(PATH, O_RDONLY | O_TRUNC | O_NONBLOCK), 0); /* as on Linux */
	EXPECT_EQ(try(PATH, O_RDONLY | O_NONBLOCK), 0);
	EXPECT_EQ(lease_set(holder, 3, LOCK_NONE), 0);
	EXPECT_EQ(try(PATH, O_WRONLY | O_NONBLOCK), 0);
	end();
}

/* A lease to write becomes one to read for a reader, and ends for a writer. */
static void of_writer(void)
{
	begin(O_RDWR);
	EXPECT_EQ(lease_set(holder, 3, LOCK_WRITE), 0);
	EXPECT_EQ(try(PATH, O_RDONLY | O_NONBLOCK), -EAGAIN);
	EXPECT_EQ(told(), POLL_MSG);
	EXPECT_EQ(lease_get(holder), LOCK_READ);
	EXPECT_EQ(try(PATH, O_RDONLY | O_NONBLOCK), -EAGAIN);
	EXPECT_EQ(told(), 0);
	EXPECT_EQ(try(PATH, O_WRONLY | O_NONBLOCK), -EAGAIN);
	EXPECT_EQ(told(), POLL_MSG); /* more is asked for */
	EXPECT_EQ(lease_get(holder), LOCK_NONE);
	EXPECT_EQ(try(PATH, O_WRONLY | O_NONBLOCK), -EAGAIN);
	EXPECT_EQ(try(PATH, O_RDONLY | O_NONBLOCK), -EAGAIN);
	EXPECT_EQ(told(), 0);
	EXPECT_EQ(lease_get(holder), LOCK_NONE); /* a reader does not soften that */
	EXPECT_EQ(lease_set(holder, 3, LOCK_NONE), 0);
	EXPECT_EQ(try(PATH, O_RDWR | O_NONBLOCK), 0);
	end();
}

/* A holder that was asked may change its lease; it has done what it was asked for, or must yet. */
static void changed_when_asked(void)
{
	static const struct {
		enum lock_type before;
		u32 open;
		enum lock_type set, then; /* what it must become */
		bool reader_waits;
	} cases[] = {
		{ LOCK_READ, O_WRONLY, LOCK_READ, LOCK_NONE, false },
		{ LOCK_READ, O_WRONLY, LOCK_WRITE, LOCK_NONE, true },
		{ LOCK_WRITE, O_WRONLY, LOCK_READ, LOCK_NONE, false },
		{ LOCK_WRITE, O_WRONLY, LOCK_WRITE, LOCK_NONE, true },
		{ LOCK_WRITE, O_RDONLY, LOCK_READ, LOCK_READ, false },
		{ LOCK_WRITE, O_RDONLY, LOCK_WRITE, LOCK_READ, true },
	};

	begin(O_RDONLY);
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(lease_set(holder, 3, cases[i].before), 0);
		EXPECT_EQ(try(PATH, cases[i].open | O_NONBLOCK), -EAGAIN);
		EXPECT_EQ(told(), POLL_MSG);
		EXPECT_EQ(lease_set(holder, 3, cases[i].set), 0);
		EXPECT_EQ(lease_get(holder), cases[i].then);
		EXPECT_EQ(try(PATH, O_RDONLY | O_NONBLOCK), cases[i].reader_waits ? -EAGAIN : 0);
		EXPECT_EQ(told(), 0);
		EXPECT_EQ(lease_get(holder), cases[i].then);
		EXPECT_EQ(lease_set(holder, 3, LOCK_NONE), 0);
		EXPECT_EQ(try(PATH, O_RDWR | O_NONBLOCK), 0);
	}
	/* The time runs on; a lease that did what it was asked for is not over then. */
	EXPECT_EQ(lease_set(holder, 3, LOCK_WRITE), 0);
	EXPECT_EQ(try(PATH, O_RDONLY | O_NONBLOCK), -EAGAIN);
	EXPECT_EQ(lease_set(holder, 3, LOCK_READ), 0);
	host_now += 100 * SECOND;
	EXPECT_EQ(try(PATH, O_RDONLY), 0);
	EXPECT_EQ(lease_get(holder), LOCK_READ);
	EXPECT_EQ(try(PATH, O_WRONLY | O_NONBLOCK), -EAGAIN);
	EXPECT_EQ(lease_set(holder, 3, LOCK_READ), 0);
	host_now += 44 * SECOND;
	EXPECT_EQ(try(PATH, O_WRONLY), 0);
	EXPECT_EQ(host_now, 150 * SECOND);
	EXPECT(list_empty(&holder->inode->leases));
	end();
}

static void gives_up(void)
{
	EXPECT_EQ(lease_set(holder, 3, LOCK_NONE), 0);
}

static void softens(void)
{
	EXPECT_EQ(lease_set(holder, 3, LOCK_READ), 0);
}

static void closes(void)
{
	file_put(holder);
	holder = NULL;
}

/* An open() waits for the holder's answer: that wakes it, before the time is over. */
static void answered(void)
{
	begin(O_RDONLY);
	EXPECT_EQ(lease_set(holder, 3, LOCK_WRITE), 0);
	host_others = softens;
	EXPECT_EQ(try(PATH, O_RDONLY), 0);
	EXPECT_EQ(lease_get(holder), LOCK_READ);
	host_others = gives_up;
	EXPECT_EQ(try(PATH, O_WRONLY), 0);
	host_others = NULL;
	EXPECT(list_empty(&holder->inode->leases));
	EXPECT_EQ(host_now, 5 * SECOND);
	EXPECT_EQ(lease_set(holder, 3, LOCK_READ), 0);
	host_others = closes;
	EXPECT_EQ(try(PATH, O_WRONLY), 0);
	host_others = NULL;
	EXPECT_EQ(host_now, 5 * SECOND);
	holder = opened(PATH, O_RDONLY);
	end();
}

static int reads(void)
{
	return try(PATH, O_RDONLY);
}

static int writes(void)
{
	return try(PATH, O_WRONLY);
}

static int truncates(void)
{
	return path_truncate(NULL, PATH, 9);
}

static int executes(void)
{
	struct address_space *program;
	int err = path_program(NULL, PATH, &program);

	if (!err)
		mapping_put(program);
	return err;
}

/* What a holder may take again while another process sleeps; then it gives up. */
static const struct retake {
	enum lock_type before;
	int (*call)(void);
	int write, read;
} retakes[] = {
	{ LOCK_READ, writes, -EAGAIN, -EAGAIN },     { LOCK_READ, truncates, -EAGAIN, -EAGAIN },
	{ LOCK_WRITE, reads, -EAGAIN, 0 },	     { LOCK_WRITE, writes, -EAGAIN, -EAGAIN },
	{ LOCK_WRITE, truncates, -EAGAIN, -EAGAIN }, { LOCK_WRITE, executes, -EAGAIN, 0 },
};
static const struct retake *retake;

static void retakes_and_gives_up(void)
{
	EXPECT_EQ(lease_set(holder, 3, LOCK_WRITE), retake->write);
	EXPECT_EQ(lease_set(holder, 3, LOCK_READ), retake->read);
	gives_up();
}

/* The results of Linux 6.18. */
static void retaken(void)
{
	begin(O_RDONLY);
	EXPECT_EQ(inode_chmod(holder->inode, 0755), 0);
	for (retake = retakes; retake < retakes + ARRAY_SIZE(retakes); retake++) {
		EXPECT_EQ(lease_set(holder, 3, retake->before), 0);
		host_others = retakes_and_gives_up;
		EXPECT_EQ(retake->call(), 0);
		host_others = NULL;
		EXPECT_EQ(told(), POLL_MSG);
		EXPECT_EQ(host_now, 5 * SECOND);
	}
	EXPECT_EQ(holder->mapping->writers, 0);
	EXPECT_EQ(holder->inode->opens, 1);
	/* While a program runs from the file. */
	EXPECT(mapping_deny_write(holder->mapping));
	EXPECT_EQ(lease_set(holder, 3, LOCK_WRITE), -EAGAIN);
	EXPECT_EQ(lease_set(holder, 3, LOCK_READ), 0);
	EXPECT_EQ(executes(), 0);
	mapping_allow_write(holder->mapping);
	end();
}

/* Without an answer the lease becomes what it must when its time is over, and no sooner. */
static void expires(void)
{
	begin(O_RDONLY);
	lease_break_time = 7;
	EXPECT_EQ(lease_set(holder, 3, LOCK_WRITE), 0);
	EXPECT_EQ(try(PATH, O_RDONLY), 0);
	EXPECT_EQ(host_now, 12 * SECOND);
	EXPECT_EQ(lease_get(holder), LOCK_READ);
	EXPECT_EQ(told(), POLL_MSG);
	EXPECT_EQ(path_truncate(NULL, PATH, 10), 0);
	EXPECT_EQ(host_now, 19 * SECOND);
	EXPECT(list_empty(&holder->inode->leases));
	EXPECT_EQ(holder->mapping->i_size, 10);
	lease_break_time = 45;
	end();
}

/* A holder has its own time for each thing that it is asked for. */
static void two_times(void)
{
	begin(O_RDONLY);
	lease_break_time = 7;
	EXPECT_EQ(lease_set(holder, 3, LOCK_WRITE), 0);
	EXPECT_EQ(try(PATH, O_RDONLY | O_NONBLOCK), -EAGAIN);
	host_now += 3 * SECOND;
	EXPECT_EQ(try(PATH, O_WRONLY | O_NONBLOCK), -EAGAIN);
	EXPECT_EQ(try(PATH, O_RDONLY), 0);
	EXPECT_EQ(host_now, 12 * SECOND);
	EXPECT_EQ(lease_get(holder), LOCK_NONE); /* it is one to read, for a while */
	EXPECT_EQ(try(PATH, O_WRONLY), 0);
	EXPECT_EQ(host_now, 15 * SECOND);
	EXPECT(list_empty(&holder->inode->leases));
	lease_break_time = 45;
	end();
}

/* Each call sees that the time is over, also if no process waited till then. */
static void seen_later(void)
{
	static const enum lock_type types[] = { LOCK_READ, LOCK_WRITE };

	begin(O_RDONLY);
	for (u32 i = 0; i < 5; i++) {
		EXPECT_EQ(lease_set(holder, 3, types[i % 2]), 0);
		EXPECT_EQ(try(PATH, O_WRONLY | O_NONBLOCK), -EAGAIN);
		host_now += 45 * SECOND - 1;
		EXPECT_EQ(try(PATH, O_WRONLY | O_NONBLOCK), -EAGAIN);
		host_now++;
		switch (i) {
		case 0:
		case 1:
			EXPECT_EQ(try(PATH, O_WRONLY | O_NONBLOCK), 0);
			break;
		case 2:
			EXPECT_EQ(lease_get(holder), LOCK_NONE);
			EXPECT_EQ(lease_set(holder, 3, LOCK_NONE), -EAGAIN);
			break;
		case 3: /* a new one, which no process waits for */
			EXPECT_EQ(lease_set(holder, 3, LOCK_WRITE), 0);
			EXPECT_EQ(lease_get(holder), LOCK_WRITE);
			gives_up();
			break;
		case 4: /* the one call that looks at no time, as on Linux */
			gives_up();
		}
		EXPECT(list_empty(&holder->inode->leases));
	}
	EXPECT_EQ(lease_set(holder, 3, LOCK_WRITE), 0);
	EXPECT_EQ(try(PATH, O_RDONLY | O_NONBLOCK), -EAGAIN);
	host_now += 45 * SECOND;
	EXPECT_EQ(try(PATH, O_RDONLY | O_NONBLOCK), 0);
	EXPECT_EQ(lease_get(holder), LOCK_READ);
	end();
}

/* Each of several holders has its own time, from when it was asked. */
static void several(void)
{
	begin(O_RDONLY);
	lease_break_time = 7;
	other = opened(PATH, O_RDONLY);
	EXPECT_EQ(lease_set(holder, 3, LOCK_READ), 0);
	EXPECT_EQ(try(PATH, O_WRONLY | O_NONBLOCK), -EAGAIN);
	EXPECT_EQ(lease_set(other, 4, LOCK_READ), -EAGAIN); /* one of them is asked to end */
	EXPECT_EQ(lease_set(holder, 3, LOCK_NONE), 0);
	EXPECT_EQ(lease_set(holder, 3, LOCK_READ), 0);
	EXPECT_EQ(lease_set(other, 4, LOCK_READ), 0);
	EXPECT_EQ(try(PATH, O_WRONLY | O_NONBLOCK), -EAGAIN);
	EXPECT(lease_get(holder) == LOCK_NONE && lease_get(other) == LOCK_NONE);
	host_now += 3 * SECOND;
	EXPECT_EQ(lease_set(other, 4, LOCK_NONE), 0);
	EXPECT_EQ(try(PATH, O_WRONLY), 0);
	EXPECT_EQ(host_now, 12 * SECOND);
	EXPECT(list_empty(&holder->inode->leases));
	file_put(other);
	lease_break_time = 45;
	end();
}

static void without_memory(void)
{
	struct fail_spec spec = { .kinds = FAIL_ANY, .mode = FAIL_ONCE };
	int err = -ENOMEM;

	begin(O_RDONLY);
	for (spec.nth = 1; err && spec.nth < 9; spec.nth++) {
		fail_alloc_set(&spec);
		err = lease_set(holder, 3, LOCK_READ);
		fail_alloc_set(NULL);
		EXPECT(!err || err == -ENOMEM);
		EXPECT_EQ(lease_get(holder), err ? LOCK_NONE : LOCK_READ);
	}
	EXPECT(!err && spec.nth > 2);
	end();
}

/* Another thread, which runs while memory is reclaimed. */
static void (*other_thread)(void);

static u32 run_other_thread(void)
{
	void (*run)(void) = other_thread;

	other_thread = NULL;
	if (run) {
		machine_relax();
		run();
	}
	return run != NULL;
}

static void takes_it_too(void)
{
	EXPECT_EQ(lease_set(holder, 4, LOCK_READ), 0);
}

static void opens_it(void)
{
	other = opened(PATH, O_WRONLY);
}

/* lease_set() looks again when it has its memory. */
static void memory_takes_time(void)
{
	static struct shrinker shrinker = { .name = "other thread", .shrink = run_other_thread };
	static void (*const threads[])(void) = { takes_it_too, opens_it };

	for (u32 i = 0; i < ARRAY_SIZE(threads); i++) {
		void **taken = NULL, **object;

		begin(O_RDONLY);
		register_shrinker(&shrinker);
		machine_exhaust();
		while ((object = kmalloc(sizeof(struct file_owner), GFP_KERNEL))) {
			*object = taken;
			taken = object;
		}
		other_thread = threads[i];
		EXPECT_EQ(lease_set(holder, 3, LOCK_READ), i ? -EAGAIN : 0);
		EXPECT(!other_thread);
		while ((object = taken)) {
			taken = *object;
			kfree(object);
		}
		if (i)
			file_put(other);
		else
			gives_up();
		EXPECT(list_empty(&holder->inode->leases));
		end();
	}
}

TAP_MAIN({ "beside others", beside_others }, { "refused", refused }, { "of a reader", of_reader },
	 { "of a writer", of_writer }, { "changed when asked", changed_when_asked },
	 { "answered", answered }, { "taken again", retaken }, { "the time is over", expires },
	 { "two times", two_times }, { "the time is seen later", seen_later },
	 { "several", several }, { "without memory", without_memory },
	 { "memory takes time", memory_takes_time })
