/* SPDX-License-Identifier: MIT */
/*
 * Robust lists: the kernel's handling of the locks of a thread that ends, is killed or executes
 * another program, and of damaged lists. The list is built here as a C library would (Linux
 * Documentation/locking/robust-futex-ABI.rst).
 */
#include "tests/ring3/runtime/mapping.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/thread.h"

#define BAD 16

#define WAITERS	   ((int)FUTEX_WAITERS)
#define OWNER_DIED ((int)FUTEX_OWNER_DIED)
#define LIMIT	   ROBUST_LIST_LIMIT

struct lock {
	u32 next;
	u32 padding;
	volatile int word;
};

#define OFFSET 8

static const char *program_path;

/* Memory shared by all processes of a case. */
static struct shared {
	struct robust_list_head head;
	struct lock locks[LIMIT + 4];
	volatile int woken;
} * shared;

static void set_list(void)
{
	EXPECT_EQ(system_call(NR_set_robust_list, (long)&shared->head, 12, 0, 0, 0, 0), 0);
}

/* A list of `count` locks that the caller owns; `bits` beside its ID. */
static void take_locks(u32 count, int bits)
{
	shared->head = (struct robust_list_head){ (u32)&shared->locks[0], OFFSET, 0 };
	for (u32 i = 0; i < count; i++) {
		shared->locks[i].word = sys_gettid() | bits;
		shared->locks[i].next = (u32)(i + 1 < count ? (void *)&shared->locks[i + 1]
							    : (void *)&shared->head);
	}
	if (!count)
		shared->head.next = (u32)&shared->head;
	set_list();
}

static void ends(void *argument)
{
	(void)argument;
	take_locks(3, 0);
	shared->locks[1].word = 1; /* another's */
	shared->locks[2].word |= WAITERS;
}

/*
 * Marks say that the owner died and keep that there are waiters; a lock of another is left alone.
 */
static void marked(void)
{
	EXPECT_CHILD(ends, NULL, EXITED(0));
	EXPECT_EQ(shared->locks[0].word, OWNER_DIED);
	EXPECT_EQ(shared->locks[1].word, 1);
	EXPECT_EQ(shared->locks[2].word, WAITERS | OWNER_DIED);
}

static void is_killed(void *argument)
{
	(void)argument;
	take_locks(1, 0);
	sys_kill(sys_getpid(), SIGKILL);
}

static void killed(void)
{
	EXPECT_CHILD(is_killed, NULL, KILLED(SIGKILL));
	EXPECT_EQ(shared->locks[0].word, OWNER_DIED);
}

static void executes(void *argument)
{
	static const char *const empty[] = { NULL };
	const char *const argv[] = { program_path, "image", NULL };

	(void)argument;
	take_locks(1, 0);
	sys_execve(program_path, argv, empty);
}

static void executed(void)
{
	EXPECT_CHILD(executes, NULL, EXITED(42));
	EXPECT_EQ(shared->locks[0].word, OWNER_DIED);
}

static void waits(void *argument)
{
	int value = shared->locks[0].word;

	(void)argument;
	if (sys_futex(&shared->locks[0].word, FUTEX_WAIT, value, NULL, NULL, 0) == 0)
		shared->woken++;
}

/*
 * Until something sleeps on the word of lock 0. That nothing can be seen to sleep is why
 * requeueing to itself counts the sleepers.
 */
static void until_waiting(u32 count)
{
	volatile int *word = &shared->locks[0].word;

	while (sys_futex(word, FUTEX_CMP_REQUEUE, 0, (void *)1000, word, (u32)*word) < (long)count)
		sys_sched_yield();
}

static void ends_with_waiters(void *argument)
{
	take_locks(1, WAITERS);
	shared->woken = -2;
	if (argument)
		shared->head.next |= 1;
	word_set(&shared->woken, 0);
	until_waiting(2);
}

/* One waiter is woken, by the mark; none where the link says priority inheritance. */
static void wakes_one(void)
{
	for (u32 pi = 0; pi < 2; pi++) {
		int owner, first, second;

		shared->woken = -1;
		owner = process_start(ends_with_waiters, (void *)pi);
		while (shared->woken < 0)
			sys_sched_yield();
		first = process_start(waits, NULL);
		second = process_start(waits, NULL);
		EXPECT_EQ(process_wait(owner), EXITED(0));
		EXPECT_EQ(shared->locks[0].word, WAITERS | OWNER_DIED);
		EXPECT_EQ(sys_futex(&shared->locks[0].word, FUTEX_WAKE, 9, NULL, NULL, 0),
			  1 + (int)pi);
		process_wait(first);
		process_wait(second);
		EXPECT_EQ(shared->woken, 2);
	}
}

/*
 * argument: 0 the pending lock is the caller's, 1 it is another's, 2 it is unlocked and has a
 * waiter, 3 it is on the list too.
 */
static void ends_pending(void *argument)
{
	u32 kind = (u32)argument;

	take_locks(kind == 3, 0);
	shared->head.pending = (u32)&shared->locks[0];
	shared->locks[0].word = kind == 1 ? 1 : kind == 2 ? 0 : sys_gettid();
	if (kind == 2) {
		word_set(&shared->woken, 0);
		until_waiting(1);
	}
}

static void pending(void)
{
	int owner, waiter;

	EXPECT_CHILD(ends_pending, (void *)0, EXITED(0));
	EXPECT_EQ(shared->locks[0].word, OWNER_DIED);
	EXPECT_CHILD(ends_pending, (void *)1, EXITED(0));
	EXPECT_EQ(shared->locks[0].word, 1);
	EXPECT_CHILD(ends_pending, (void *)3, EXITED(0));
	EXPECT_EQ(shared->locks[0].word, OWNER_DIED);
	shared->woken = -1;
	owner = process_start(ends_pending, (void *)2);
	while (shared->woken < 0)
		sys_sched_yield();
	waiter = process_start(waits, NULL);
	EXPECT_EQ(process_wait(owner), EXITED(0));
	EXPECT_EQ(process_wait(waiter), EXITED(0));
	EXPECT_EQ(shared->woken, 1);
	EXPECT_EQ(shared->locks[0].word, 0);
}

/*
 * The walk ends after so many, at a link that can't be read, and at a word that is none. A
 * circle ends too.
 */
static void ends_damaged(void *argument)
{
	switch ((u32)argument) {
	case 0:
		take_locks(LIMIT + 2, 0);
		break;
	case 1:
		take_locks(3, 0);
		shared->locks[1].next = BAD;
		break;
	case 2:
		take_locks(3, 0);
		shared->locks[0].next += 1 << 1;
		break;
	case 3:
		take_locks(2, 0);
		shared->locks[1].next = (u32)&shared->locks[0];
		break;
	case 4:
		take_locks(1, 0);
		EXPECT_EQ(system_call(NR_set_robust_list, BAD, 12, 0, 0, 0, 0), 0);
		break;
	}
}

static void damaged(void)
{
	EXPECT_CHILD(ends_damaged, (void *)0, EXITED(0));
	EXPECT_EQ(shared->locks[LIMIT - 1].word, OWNER_DIED);
	EXPECT(shared->locks[LIMIT].word != OWNER_DIED);
	EXPECT_CHILD(ends_damaged, (void *)1, EXITED(0));
	EXPECT_EQ(shared->locks[1].word, OWNER_DIED);
	EXPECT(shared->locks[2].word != OWNER_DIED);
	EXPECT_CHILD(ends_damaged, (void *)2, EXITED(0));
	EXPECT_EQ(shared->locks[0].word, OWNER_DIED);
	EXPECT(shared->locks[1].word != OWNER_DIED);
	EXPECT_CHILD(ends_damaged, (void *)3, EXITED(0));
	EXPECT_EQ(shared->locks[1].word, OWNER_DIED);
	EXPECT_CHILD(ends_damaged, (void *)4, EXITED(0));
	EXPECT(shared->locks[0].word != OWNER_DIED);
}

static int dies_as_a_thread(void *argument)
{
	(void)argument;
	take_locks(1, 0);
	return 0;
}

/* A thread's list is its own; a child has none. */
static void threads(void)
{
	static struct thread thread;
	u32 told[2] = { 1, 1 };

	thread_start(&thread, dies_as_a_thread, NULL);
	thread_join(&thread);
	EXPECT_EQ(shared->locks[0].word, OWNER_DIED);
	EXPECT_EQ(system_call(NR_get_robust_list, 0, (long)&told[0], (long)&told[1], 0, 0, 0), 0);
	EXPECT(!told[0] && told[1] == 12);
}

static void has_no_list(void *argument)
{
	u32 place = 1, bytes = 1;

	(void)argument;
	EXPECT_EQ(system_call(NR_get_robust_list, 0, (long)&place, (long)&bytes, 0, 0, 0), 0);
	EXPECT(!place && bytes == 12);
}

static void asks(void *argument)
{
	u32 place = 0, bytes = 0;

	(void)argument;
	EXPECT_EQ(system_call(NR_set_robust_list, (long)shared, 12, 0, 0, 0, 0), 0);
	EXPECT_EQ(
		system_call(NR_get_robust_list, sys_gettid(), (long)&place, (long)&bytes, 0, 0, 0),
		0);
	EXPECT_EQ(place, (u32)shared);
	EXPECT_EQ(bytes, 12);
	EXPECT_CHILD(has_no_list, NULL, EXITED(0));
	EXPECT_EQ(system_call(NR_set_robust_list, (long)shared, 24, 0, 0, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_get_robust_list, 0x7ffffff0, (long)&place, (long)&bytes, 0, 0, 0),
		  -ESRCH);
	EXPECT_EQ(system_call(NR_get_robust_list, 0, BAD, (long)&bytes, 0, 0, 0), -EFAULT);
	EXPECT_EQ(system_call(NR_get_robust_list, 0, (long)&place, BAD, 0, 0, 0), -EFAULT);
	/* An ordinary user does not learn where the super-user's lies. */
	EXPECT_EQ(system_call(213, 5, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(
		system_call(NR_get_robust_list, sys_getppid(), (long)&place, (long)&bytes, 0, 0, 0),
		-EPERM);
}

static void asked(void)
{
	EXPECT_CHILD(asks, NULL, EXITED(0));
}

static const struct tap_case cases[] = {
	{ "words are marked when their owner ends", marked },
	{ "when it is killed", killed },
	{ "when it executes another program", executed },
	{ "one waiter is woken", wakes_one },
	{ "the pending lock", pending },
	{ "damaged lists", damaged },
	{ "a thread's list is its own", threads },
	{ "set_robust_list and get_robust_list", asked },
};

/* The next program: it has no list. */
static int image(void)
{
	u32 place = 1, bytes;
	long err = system_call(NR_get_robust_list, 0, (long)&place, (long)&bytes, 0, 0, 0);

	return err || place ? 1 : 42;
}

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	if (argc > 1)
		return image();
	program_path = argv[0];
	shared = (struct shared *)sys_mmap2(0, sizeof(*shared), PROT_READ | PROT_WRITE,
					    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return tap_run(cases, ARRAY_SIZE(cases));
}
