/* SPDX-License-Identifier: MIT */
/*
 * futex(2) with FUTEX_LOCK_PI: the kernel hands a lock from owner to owner, also when one ends.
 */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/thread.h"
#include "tests/ring3/runtime/time_calls.h"

#define WORKERS 4
#define ROUNDS	300

static struct thread threads[WORKERS];
static volatile int word, other_word, step;

static long futex(volatile int *place, int operation, const void *time)
{
	return sys_futex(place, operation, 0, time, NULL, 0);
}

static u32 as_word(volatile int *place)
{
	return *(volatile u32 *)place;
}

static void answers(void)
{
	u32 own = (u32)sys_gettid();

	word = 0;
	EXPECT_EQ(futex(&word, FUTEX_LOCK_PI, NULL), 0);
	EXPECT_EQ(word, own);
	EXPECT_EQ(futex(&word, FUTEX_LOCK_PI, NULL), -EDEADLK);
	EXPECT_EQ(futex(&word, FUTEX_TRYLOCK_PI, NULL), -EDEADLK);
	EXPECT_EQ(futex(&word, FUTEX_UNLOCK_PI, NULL), 0);
	EXPECT_EQ(word, 0);
	EXPECT_EQ(futex(&word, FUTEX_UNLOCK_PI, NULL), -EPERM);
	EXPECT_EQ(futex(&word, FUTEX_TRYLOCK_PI | FUTEX_PRIVATE_FLAG, NULL), 0);
	EXPECT_EQ(word, own);
	word = (int)FUTEX_OWNER_DIED;
	EXPECT_EQ(futex(&word, FUTEX_LOCK_PI, NULL), 0);
	EXPECT_EQ(word, own | FUTEX_OWNER_DIED);
	word = 0x3ffffff0;
	EXPECT_EQ(futex(&word, FUTEX_LOCK_PI, NULL), -ESRCH);
	EXPECT_EQ(futex(&word, FUTEX_TRYLOCK_PI, NULL), -ESRCH);
	EXPECT_EQ(futex(&word, FUTEX_UNLOCK_PI, NULL), -EPERM);
	EXPECT_EQ(futex((int *)((u32)&word + 2), FUTEX_LOCK_PI, NULL), -EINVAL);
	EXPECT_EQ(futex((int *)((u32)&word + 2), FUTEX_UNLOCK_PI, NULL), -EPERM);
	EXPECT_EQ(futex((int *)64, FUTEX_LOCK_PI, NULL), -EFAULT);
	EXPECT_EQ(futex((int *)64, FUTEX_UNLOCK_PI | FUTEX_PRIVATE_FLAG, NULL), -EFAULT);
	EXPECT_EQ(futex(&word, FUTEX_LOCK_PI | FUTEX_CLOCK_REALTIME, NULL), -ENOSYS);
}

static volatile int plain, over;

static int waits_plainly(void *argument)
{
	(void)argument;
	while (!over)
		futex(&plain, FUTEX_WAIT, NULL);
	return 0;
}

/* A thread that waits for a word without an owner: the word is no lock. */
static void no_lock(void)
{
	static struct thread thread;
	const struct timespec pause = { 0, 1000000 };
	long result = 0;

	plain = 0;
	thread_start(&thread, waits_plainly, NULL);
	for (u32 i = 0; i < 2000 && !result; i++) {
		result = futex(&plain, FUTEX_LOCK_PI, NULL);
		if (!result) /* the thread does not wait yet */
			plain = 0;
		sys_nanosleep(&pause, NULL);
	}
	EXPECT_EQ(result, -EINVAL);
	over = 1;
	EXPECT_EQ(sys_futex(&plain, FUTEX_WAKE, 1, NULL, NULL, 0), 1);
	thread_join(&thread);
}

/* Takes `word`, and says so; releases it when told. */
static int holds(void *argument)
{
	(void)argument;
	EXPECT_EQ(futex(&word, FUTEX_LOCK_PI, NULL), 0);
	word_set(&step, 1);
	word_wait(&step, 1);
	EXPECT_EQ(futex(&word, FUTEX_UNLOCK_PI, NULL), 0);
	return 0;
}

static void wait_for_waiters(volatile int *place)
{
	while (!(as_word(place) & FUTEX_WAITERS))
		sys_sched_yield();
}

static void handed_over(void)
{
	u32 tid;

	word = step = 0;
	EXPECT_EQ(futex(&word, FUTEX_LOCK_PI, NULL), 0);
	thread_start(&threads[0], holds, NULL);
	tid = (u32)threads[0].tid;
	wait_for_waiters(&word);
	EXPECT_EQ(word, (u32)sys_gettid() | FUTEX_WAITERS);
	EXPECT_EQ(futex(&word, FUTEX_UNLOCK_PI, NULL), 0);
	EXPECT_EQ(word, tid | FUTEX_WAITERS);
	EXPECT_EQ(futex(&word, FUTEX_TRYLOCK_PI, NULL), -EAGAIN);
	EXPECT_EQ(futex(&word, FUTEX_UNLOCK_PI, NULL), -EPERM);
	word_wait(&step, 0);
	word_set(&step, 2);
	thread_join(&threads[0]);
	EXPECT_EQ(word, 0);
}

static void deadlines(void)
{
	const struct timespec past = { 1, 0 }, wrong = { 0, 1000000000 };

	word = step = 0;
	thread_start(&threads[0], holds, NULL);
	word_wait(&step, 0);
	EXPECT_EQ(futex(&word, FUTEX_LOCK_PI, &past), -ETIMEDOUT);
	EXPECT_EQ(futex(&word, FUTEX_LOCK_PI2, &past), -ETIMEDOUT);
	EXPECT_EQ(futex(&word, FUTEX_LOCK_PI2 | FUTEX_CLOCK_REALTIME, &past), -ETIMEDOUT);
	EXPECT_EQ(futex(&word, FUTEX_LOCK_PI, &wrong), -EINVAL);
	EXPECT(as_word(&word) & FUTEX_WAITERS);
	word_set(&step, 2);
	thread_join(&threads[0]);
	EXPECT_EQ(word, 0); /* none waits any more */
}

static int dies_with_it(void *argument)
{
	(void)argument;
	EXPECT_EQ(futex(&word, FUTEX_LOCK_PI, NULL), 0);
	word_set(&step, 1);
	wait_for_waiters(&word);
	return 0;
}

static void owner_dies(void)
{
	word = step = 0;
	thread_start(&threads[0], dies_with_it, NULL);
	word_wait(&step, 0);
	EXPECT_EQ(futex(&word, FUTEX_LOCK_PI, NULL), 0);
	EXPECT_EQ(word, (u32)sys_gettid() | FUTEX_WAITERS | FUTEX_OWNER_DIED);
	EXPECT_EQ(futex(&word, FUTEX_UNLOCK_PI, NULL), 0);
	EXPECT_EQ(word, 0);
	thread_join(&threads[0]);
}

static int takes_both(void *argument)
{
	(void)argument;
	EXPECT_EQ(futex(&other_word, FUTEX_LOCK_PI, NULL), 0);
	EXPECT_EQ(futex(&word, FUTEX_LOCK_PI, NULL), 0);
	EXPECT_EQ(futex(&word, FUTEX_UNLOCK_PI, NULL), 0);
	EXPECT_EQ(futex(&other_word, FUTEX_UNLOCK_PI, NULL), 0);
	return 0;
}

static void deadlock(void)
{
	word = other_word = 0;
	EXPECT_EQ(futex(&word, FUTEX_LOCK_PI, NULL), 0);
	thread_start(&threads[0], takes_both, NULL);
	wait_for_waiters(&word);
	EXPECT_EQ(futex(&other_word, FUTEX_LOCK_PI, NULL), -EDEADLK);
	EXPECT_EQ(futex(&word, FUTEX_UNLOCK_PI, NULL), 0);
	thread_join(&threads[0]);
	EXPECT(!word && !(other_word & (int)FUTEX_TID_MASK));
}

static int counts(void *argument)
{
	volatile int *count = argument;
	int tid = sys_gettid();

	for (int i = 0; i < ROUNDS; i++) {
		int before;

		if (!__sync_bool_compare_and_swap(&word, 0, tid))
			EXPECT_EQ(futex(&word, FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG, NULL), 0);
		before = *count;
		if (i % 8 == 0)
			sys_sched_yield();
		*count = before + 1;
		if (!__sync_bool_compare_and_swap(&word, tid, 0))
			EXPECT_EQ(futex(&word, FUTEX_UNLOCK_PI | FUTEX_PRIVATE_FLAG, NULL), 0);
	}
	return 0;
}

static void one_at_a_time(void)
{
	word = step = 0;
	for (int i = 0; i < WORKERS; i++)
		thread_start(&threads[i], counts, (void *)&step);
	for (int i = 0; i < WORKERS; i++)
		thread_join(&threads[i]);
	EXPECT_EQ(step, WORKERS * ROUNDS);
	EXPECT_EQ(word, 0);
}

static void process_dies_with_it(void *argument)
{
	volatile int *shared = argument;

	EXPECT_EQ(futex(&shared[0], FUTEX_LOCK_PI, NULL), 0);
	shared[1] = 1;
	wait_for_waiters(&shared[0]);
	sys_kill(sys_getpid(), SIGKILL);
}

/* Through memory that processes share. */
static void between_processes(void)
{
	volatile int *shared = (void *)sys_mmap2(0, PAGE_SIZE, PROT_READ | PROT_WRITE,
						 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int child = process_start(process_dies_with_it, (void *)shared);

	while (!shared[1])
		sys_sched_yield();
	EXPECT_EQ(futex(&shared[0], FUTEX_LOCK_PI, NULL), 0);
	EXPECT_EQ(shared[0], (u32)sys_gettid() | FUTEX_WAITERS | FUTEX_OWNER_DIED);
	EXPECT_EQ(process_wait(child), KILLED(SIGKILL));
	EXPECT_EQ(futex(&shared[0], FUTEX_UNLOCK_PI, NULL), 0);
	EXPECT_EQ(shared[0], 0);
	EXPECT_EQ(sys_munmap((u32)shared, PAGE_SIZE), 0);
}

/* Waits for `other_word`, which its owner has. */
static int waits_for_other(void *argument)
{
	(void)argument;
	EXPECT_EQ(futex(&other_word, FUTEX_LOCK_PI, NULL), 0);
	EXPECT_EQ(futex(&other_word, FUTEX_UNLOCK_PI, NULL), 0);
	return 0;
}

static volatile long third_result;

static int is_third(void *argument)
{
	struct timespec date;

	sys_clock_gettime(CLOCK_REALTIME, &date);
	third_result = futex(&other_word, FUTEX_LOCK_PI, argument ? &date : NULL);
	return 0;
}

/* A word that names another owner than the kernel knows is refused, unless the owner died. */
static void changed_words(void)
{
	static const struct {
		u32 word;
		long result;
	} cases[] = {
		{ FUTEX_OWNER_DIED | FUTEX_WAITERS, -ETIMEDOUT },
		{ FUTEX_WAITERS, -EINVAL },
		{ FUTEX_OWNER_DIED | FUTEX_WAITERS | 0x3ffffff0, -EINVAL },
		{ FUTEX_WAITERS | 0x3ffffff0, -EINVAL },
	};
	u32 own;

	other_word = 0;
	EXPECT_EQ(futex(&other_word, FUTEX_LOCK_PI, NULL), 0);
	thread_start(&threads[0], waits_for_other, NULL);
	wait_for_waiters(&other_word);
	own = as_word(&other_word);
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		other_word = (int)cases[i].word;
		thread_start(&threads[1], is_third, (void *)1);
		thread_join(&threads[1]);
		EXPECT_EQ(third_result, cases[i].result);
	}
	other_word = (int)own;
	EXPECT_EQ(futex(&other_word, FUTEX_UNLOCK_PI, NULL), 0);
	thread_join(&threads[0]);
	EXPECT_EQ(other_word, 0);
}

static const struct tap_case cases[] = {
	{ "what is free, owned, wrong", answers },
	{ "a word without an owner", no_lock },
	{ "the owner hands it to the one that waits", handed_over },
	{ "a wait with an end", deadlines },
	{ "an owner ends", owner_dies },
	{ "two that wait for each other", deadlock },
	{ "one at a time", one_at_a_time },
	{ "a process that was killed", between_processes },
	{ "words that were changed", changed_words },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
