/* SPDX-License-Identifier: MIT */
/*
 * Locks on files: which one is reported, kinds that do not meet, waiting, owners that would wait
 * for each other, missing memory, and the checker. Random records of one kind are in
 * test_folders.c.
 */
#include "abi/linux/errno.h"
#include "fs/locks.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/resched.h"

static char owners[12]; /* only their addresses count */
static struct file *file;
static struct inode *inode;

static void start_locks(void)
{
	start();
	file = opened("/tmp/f", O_RDWR | O_CREAT);
	inode = file->inode;
}

static void end_locks(void)
{
	EXPECT_VALID(locks_validate(inode));
	for (u32 i = 0; i < ARRAY_SIZE(owners); i++)
		locks_remove(inode, &owners[i]);
	EXPECT(list_empty(&inode->locks));
	file_put(file);
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
}

static struct file_lock record(u32 owner, enum lock_type type, u64 first, u64 last)
{
	return (struct file_lock){
		.owner = &owners[owner], .type = type, .first = first, .last = last
	};
}

static int set(u32 owner, enum lock_type type, u64 first, u64 last)
{
	struct file_lock lock = record(owner, type, first, last);

	return lock_set(inode, &lock, false);
}

static int set_and_wait(u32 owner, enum lock_type type, u64 first, u64 last)
{
	struct file_lock lock = record(owner, type, first, last);

	return lock_set(inode, &lock, true);
}

/* The first byte of the record in the way of a lock for writing; LOCK_END: none. */
static u64 conflict(u32 owner, u64 first, u64 last)
{
	struct file_lock wanted = record(owner, LOCK_WRITE, first, last);
	const struct file_lock *found = lock_conflict(inode, &wanted);

	return found ? found->first : LOCK_END;
}

/* Of several records the one with the first byte, however they were set. */
static void first_one_is_reported(void)
{
	start_locks();
	EXPECT_EQ(set(0, LOCK_READ, 20, 29), 0);
	EXPECT_EQ(set(1, LOCK_READ, 0, 9), 0);
	EXPECT_EQ(set(2, LOCK_READ, 10, 19), 0);
	EXPECT_EQ(conflict(3, 0, 99), 0);
	EXPECT_EQ(conflict(3, 9, 99), 0);
	EXPECT_EQ(conflict(3, 10, 99), 10);
	EXPECT_EQ(conflict(3, 29, 29), 20);
	EXPECT_EQ(conflict(3, 30, 99), LOCK_END);
	EXPECT_EQ(conflict(1, 0, 99), 10);
	/* One that is cut at its start moves behind those that begin before it now. */
	EXPECT_EQ(set(1, LOCK_READ, 0, 39), 0);
	EXPECT_EQ(set(1, LOCK_NONE, 0, 24), 0);
	EXPECT_EQ(conflict(3, 0, 99), 10);
	EXPECT_EQ(conflict(2, 0, 99), 20);
	EXPECT_EQ(conflict(0, 15, 99), 10);
	EXPECT_EQ(conflict(0, 20, 99), 25);
	/* One that is cut in two. */
	EXPECT_EQ(set(1, LOCK_NONE, 30, 34), 0);
	EXPECT_EQ(conflict(3, 30, 99), 35);
	EXPECT_EQ(conflict(3, 40, LOCK_END), LOCK_END);
	end_locks();
}

static void kinds_do_not_meet(void)
{
	struct file_lock whole = record(0, LOCK_WRITE, 0, LOCK_END);
	struct file_lock own = record(1, LOCK_READ, 5, 5), other = record(0, LOCK_READ, 0, 99);

	start_locks();
	whole.whole = true;
	EXPECT_EQ(lock_set(inode, &whole, false), 0);
	EXPECT_EQ(set(0, LOCK_READ, 10, 19), 0);
	EXPECT_EQ(set(1, LOCK_READ, 0, 9), 0);
	EXPECT_EQ(set(1, LOCK_WRITE, 10, 19), -EAGAIN);
	EXPECT_EQ(lock_own(inode, &own)->first, 0);
	EXPECT(!lock_own(inode, &own)->whole);
	EXPECT_EQ(lock_own(inode, &other)->first, 10);
	EXPECT(lock_own(inode, &whole)->whole);
	own.first = own.last = 10;
	EXPECT(!lock_own(inode, &own));
	whole.owner = &owners[1];
	EXPECT(!lock_own(inode, &whole));
	EXPECT_EQ(lock_set(inode, &whole, false), -EAGAIN);
	whole.type = LOCK_NONE;
	EXPECT_EQ(lock_set(inode, &whole, false), 0);
	EXPECT_EQ(conflict(2, 0, 99), 0);
	whole.owner = &owners[0];
	EXPECT_EQ(lock_set(inode, &whole, false), 0);
	EXPECT_EQ(conflict(1, 0, 99), 10);
	end_locks();
}

static u32 woken;

/* The first time nothing is removed that counts; then the record goes. */
static void remove_in_two_steps(void)
{
	EXPECT_EQ(set(0, LOCK_NONE, woken ? 0 : 50, woken ? 49 : 99), 0);
	woken++;
}

static void close_the_other(void)
{
	locks_remove(inode, &owners[0]);
	woken++;
}

static void waits_until_it_is_free(void)
{
	start_locks();
	EXPECT_EQ(set(0, LOCK_WRITE, 0, 99), 0);
	EXPECT_EQ(set_and_wait(1, LOCK_READ, 0, 9), -ERESTARTSYS);
	EXPECT_EQ(conflict(0, 0, 99), LOCK_END);
	host_others = remove_in_two_steps;
	EXPECT_EQ(set_and_wait(1, LOCK_READ, 0, 9), 0);
	EXPECT_EQ(woken, 2);
	host_others = close_the_other;
	EXPECT_EQ(set(0, LOCK_WRITE, 50, 59), 0);
	EXPECT_EQ(set_and_wait(1, LOCK_WRITE, 0, 99), 0);
	EXPECT_EQ(woken, 3);
	host_others = NULL;
	EXPECT_EQ(conflict(0, 0, 99), 0);
	end_locks();
}

static u32 chain, length;
static int last_result;

/* Each owner waits for the next one; the last of them then wants what the first one has. */
static void next_waits(void)
{
	u32 owner = chain++;

	if (owner < length - 1) {
		host_others = next_waits;
		EXPECT_EQ(set_and_wait(owner, LOCK_WRITE, owner + 1, owner + 1), -ERESTARTSYS);
	} else {
		host_others = NULL;
		last_result = set_and_wait(owner, LOCK_WRITE, 0, 0);
	}
}

static void owners_wait_for_each_other(void)
{
	start_locks();
	for (length = 1; length <= 11; length++) {
		for (u32 i = 0; i < length; i++)
			EXPECT_EQ(set(i, LOCK_WRITE, i, i), 0);
		chain = 0;
		next_waits();
		host_others = NULL;
		EXPECT_EQ(last_result, length == 1 ? 0 : length <= 10 ? -EDEADLK : -ERESTARTSYS);
	}
	end_locks();
}

static void flock_is_not_looked_at(void)
{
	struct file_lock whole = record(1, LOCK_WRITE, 0, LOCK_END);

	start_locks();
	whole.whole = true;
	EXPECT_EQ(lock_set(inode, &whole, false), 0);
	whole.owner = &owners[0];
	EXPECT_EQ(lock_set(inode, &whole, true), -ERESTARTSYS);
	whole.owner = &owners[1];
	whole.type = LOCK_NONE;
	EXPECT_EQ(lock_set(inode, &whole, false), 0);
	end_locks();
}

static int set_whole(u32 owner, enum lock_type type, bool wait)
{
	struct file_lock lock = record(owner, type, 0, LOCK_END);

	lock.whole = true;
	return lock_set(inode, &lock, wait);
}

/* The other one converts its lock too: of two that wait for each other one gets it. */
static void other_converts(void)
{
	host_others = NULL;
	EXPECT_EQ(set_whole(1, LOCK_WRITE, true), 0);
	EXPECT_EQ(set_whole(1, LOCK_NONE, true), 0);
}

/* flock() gives up a lock to get one of the other type; records of fcntl() stay. */
static void conversions(void)
{
	start_locks();
	EXPECT_EQ(set_whole(0, LOCK_READ, false), 0);
	EXPECT_EQ(set_whole(1, LOCK_READ, false), 0);
	EXPECT_EQ(set_whole(0, LOCK_READ, false), 0);
	EXPECT_EQ(set_whole(0, LOCK_WRITE, false), -EAGAIN);
	EXPECT_EQ(set_whole(1, LOCK_WRITE, false), 0);
	EXPECT_EQ(set_whole(1, LOCK_READ, false), 0);
	EXPECT_EQ(set_whole(0, LOCK_READ, false), 0);
	host_others = other_converts;
	EXPECT_EQ(set_whole(0, LOCK_WRITE, true), 0);
	host_others = NULL;
	EXPECT_EQ(set_whole(1, LOCK_READ, false), -EAGAIN);
	EXPECT_EQ(set_whole(0, LOCK_NONE, false), 0);
	EXPECT_EQ(set(0, LOCK_READ, 0, 9), 0);
	EXPECT_EQ(set(1, LOCK_READ, 0, 9), 0);
	EXPECT_EQ(set(0, LOCK_WRITE, 0, 9), -EAGAIN);
	EXPECT_EQ(set(1, LOCK_WRITE, 0, 9), -EAGAIN);
	end_locks();
}

static bool first_is_process, second_is_process;

static int set_of(u32 owner, bool process, u64 byte)
{
	struct file_lock lock = record(owner, LOCK_WRITE, byte, byte);

	lock.pid = process ? 5 : LOCK_OF_FILE;
	return lock_set(inode, &lock, true);
}

static void first_waits_too(void)
{
	host_others = NULL;
	last_result = set_of(0, first_is_process, 1);
}

/* Two owners wait for each other: only a process is told, if the other one waits for it too. */
static void open_files_wait_for_each_other(void)
{
	start_locks();
	for (u32 i = 0; i < 4; i++) {
		first_is_process = i & 1;
		second_is_process = i & 2;
		EXPECT_EQ(set_of(0, first_is_process, 0), 0);
		EXPECT_EQ(set_of(1, second_is_process, 1), 0);
		host_others = first_waits_too;
		EXPECT_EQ(set_of(1, second_is_process, 0), -ERESTARTSYS);
		EXPECT_EQ(last_result, first_is_process ? -EDEADLK : -ERESTARTSYS);
		locks_remove(inode, &owners[0]);
		locks_remove(inode, &owners[1]);
	}
	end_locks();
}

static void wants_its_lock(void)
{
	host_others = NULL;
	last_result = set_of(0, true, 1);
}

static u64 second_byte;

static void second_thread_waits(void)
{
	host_others = wants_its_lock;
	EXPECT_EQ(set_of(1, true, second_byte), -ERESTARTSYS);
}

/* Two threads of owner 1 wait, one for an open file and one for owner 0, which then wants its. */
static void one_thread_waits_for_an_open_file(void)
{
	start_locks();
	for (second_byte = 0; second_byte <= 2; second_byte += 2) {
		EXPECT_EQ(set_of(0, true, 0), 0);
		EXPECT_EQ(set_of(1, true, 1), 0);
		EXPECT_EQ(set_of(2, false, 2), 0);
		host_others = second_thread_waits;
		EXPECT_EQ(set_of(1, true, 2 - second_byte), -ERESTARTSYS);
		EXPECT_EQ(last_result, -EDEADLK);
		for (u32 owner = 0; owner < 3; owner++)
			locks_remove(inode, &owners[owner]);
	}
	end_locks();
}

/* The nth allocation and all that follow fail. */
static int set_without_memory(u32 nth, struct file_lock lock)
{
	const struct fail_spec spec = { FAIL_ANY, FAIL_ON, nth };
	int result;

	fail_alloc_set(&spec);
	result = lock_set(inode, &lock, false);
	fail_alloc_set(NULL);
	return result;
}

/* A lock can be removed even then, unless that leaves two. What is refused changes nothing. */
static void without_memory(void)
{
	static const struct {
		enum lock_type type;
		u64 first, last;
		u32 nth;
		int result;
		u64 in_the_way; /* the first byte, from 12 on */
	} cases[] = {
		{ LOCK_WRITE, 30, 39, 1, -ENOLCK, 10 }, { LOCK_NONE, 12, 18, 1, -ENOLCK, 10 },
		{ LOCK_READ, 12, 18, 2, -ENOLCK, 10 },	{ LOCK_NONE, 30, 39, 1, 0, 10 },
		{ LOCK_WRITE, 12, 18, 2, 0, 10 },	{ LOCK_READ, 12, 29, 2, 0, 12 },
		{ LOCK_NONE, 10, 12, 1, 0, 13 },	{ LOCK_NONE, 13, LOCK_END, 1, 0, LOCK_END },
	};
	struct file_lock whole = record(0, LOCK_WRITE, 0, LOCK_END);

	start_locks();
	EXPECT_EQ(set(0, LOCK_WRITE, 10, 19), 0);
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(set_without_memory(cases[i].nth, record(0, cases[i].type, cases[i].first,
								  cases[i].last)),
			  cases[i].result);
		EXPECT_EQ(conflict(1, 12, 99), cases[i].in_the_way);
		EXPECT_VALID(locks_validate(inode));
	}
	EXPECT(list_empty(&inode->locks));
	EXPECT_EQ(set_whole(0, LOCK_READ, false), 0);
	whole.whole = true;
	EXPECT_EQ(set_without_memory(1, whole), -ENOMEM);
	EXPECT_EQ(set_whole(1, LOCK_WRITE, false), -EAGAIN); /* it was not given up */
	EXPECT_EQ(set_whole(1, LOCK_READ, false), 0);
	EXPECT_EQ(set_whole(1, LOCK_NONE, false), 0);
	whole.type = LOCK_NONE;
	EXPECT_EQ(set_without_memory(1, whole), 0);
	EXPECT(list_empty(&inode->locks));
	end_locks();
}

static struct file_lock *record_at(u64 first)
{
	struct file_lock *lock;

	list_for_each_entry (lock, &inode->locks, link)
		if (lock->first == first)
			return lock;
	return NULL;
}

static void checker(void)
{
	static const char *const shared = "locks (1): two owners have the same bytes";
	static const char *const twice = "locks (2): an owner has bytes twice";

	start_locks();
	EXPECT_EQ(set(0, LOCK_WRITE, 0, 9), 0);
	EXPECT_EQ(set(0, LOCK_READ, 10, 19), 0);
	EXPECT_EQ(set(1, LOCK_READ, 20, 29), 0);
	EXPECT_EQ(set(1, LOCK_READ, 40, 40), 0);
	EXPECT_VALID(locks_validate(inode));
	record_at(40)->last = 39;
	EXPECT_TEXT(locks_validate(inode), shared);
	record_at(40)->last = 40;
	record_at(0)->last = 20;
	EXPECT_TEXT(locks_validate(inode), shared);
	record_at(0)->last = 10;
	EXPECT_TEXT(locks_validate(inode), twice);
	record_at(0)->last = 9;
	record_at(0)->type = LOCK_READ; /* adjacent, of one type */
	EXPECT_TEXT(locks_validate(inode), twice);
	record_at(0)->type = LOCK_WRITE;
	record_at(20)->last = 39;
	EXPECT_TEXT(locks_validate(inode), twice);
	record_at(20)->last = 38;
	EXPECT_VALID(locks_validate(inode));
	end_locks();
}

TAP_MAIN({ "the first one is reported", first_one_is_reported },
	 { "kinds do not meet", kinds_do_not_meet }, { "waiting", waits_until_it_is_free },
	 { "owners that wait for each other", owners_wait_for_each_other },
	 { "flock() has no such check", flock_is_not_looked_at },
	 { "flock() converts", conversions },
	 { "open files that wait for each other", open_files_wait_for_each_other },
	 { "one thread waits for an open file", one_thread_waits_for_an_open_file },
	 { "without memory", without_memory }, { "the checker", checker })
