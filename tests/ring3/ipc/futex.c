/* SPDX-License-Identifier: MIT */
/*
 * futex(2) among the threads of a process: they sleep on a word, and are woken, moved to another
 * word, or late. futex_shared.c has words that several processes see.
 */
#include "abi/linux/sched.h"
#include "tests/ring3/runtime/tap.h"
#include "tests/ring3/runtime/thread.h"
#include "tests/ring3/runtime/time_calls.h"

#define SLEEPERS 5
#define ROUNDS	 200

static struct thread threads[SLEEPERS];
static volatile int word, other_word, shared_value;

static void futex_answers(void)
{
	const struct timespec soon = { 0, 20000000 }, wrong = { 0, 1000000000 };

	word = 5;
	EXPECT_EQ(sys_futex(&word, FUTEX_WAIT, 4, NULL, NULL, 0), -EAGAIN);
	EXPECT_EQ(sys_futex(&word, FUTEX_WAIT, 5, &soon, NULL, 0), -ETIMEDOUT);
	EXPECT_EQ(sys_futex(&word, FUTEX_WAIT, 5, &wrong, NULL, 0), -EINVAL);
	EXPECT_EQ(sys_futex(&word, FUTEX_WAIT, 5, (void *)16, NULL, 0), -EFAULT);
	EXPECT_EQ(sys_futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
	EXPECT_EQ(sys_futex((int *)((u32)&word + 2), FUTEX_WAKE, 1, NULL, NULL, 0), -EINVAL);
	EXPECT_EQ(sys_futex((int *)((u32)&word + 2), FUTEX_WAIT, 5, NULL, NULL, 0), -EINVAL);
	EXPECT_EQ(sys_futex((int *)64, FUTEX_WAIT, 5, NULL, NULL, 0), -EFAULT);
	EXPECT_EQ(sys_futex((int *)64, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 5, NULL, NULL, 0), -EFAULT);
	EXPECT_EQ(sys_futex((int *)64, FUTEX_WAKE, 1, NULL, NULL, 0), -EFAULT);
	EXPECT_EQ(sys_futex(&word, FUTEX_WAIT_BITSET, 5, NULL, NULL, 0), -EINVAL);
	EXPECT_EQ(sys_futex(&word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0), -EINVAL);
	EXPECT_EQ(sys_futex(&word, 99, 1, NULL, NULL, 0), -ENOSYS);
}

/* WAIT_BITSET takes a time of a clock; one that is past is over at once. */
static void futex_deadlines(void)
{
	struct timespec time = { 0, 0 };

	word = 5;
	for (int clock = 0; clock <= FUTEX_CLOCK_REALTIME; clock += FUTEX_CLOCK_REALTIME) {
		int operation = FUTEX_WAIT_BITSET | clock;

		EXPECT_EQ(sys_futex(&word, operation, 4, NULL, NULL, 1), -EAGAIN);
		time = (struct timespec){ 0, 1 };
		EXPECT_EQ(sys_futex(&word, operation, 5, &time, NULL, 1), -ETIMEDOUT);
		EXPECT_EQ(sys_clock_gettime(clock ? CLOCK_REALTIME : CLOCK_MONOTONIC, &time), 0);
		time.nanoseconds += 30000000;
		time.seconds += time.nanoseconds / 1000000000;
		time.nanoseconds %= 1000000000;
		EXPECT_EQ(sys_futex(&word, operation, 5, &time, NULL, 1), -ETIMEDOUT);
	}
	EXPECT_EQ(sys_futex(&word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0), -ENOSYS);
}

static int sleeps_once(void *argument)
{
	u32 bits = (u32)argument;

	if (sys_futex(&word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, bits) == 0)
		__sync_fetch_and_add(&other_word, 1);
	return 0;
}

/* Starts `count` sleepers on `word` and waits until all sleep. */
static void start_sleepers(int count)
{
	word = other_word = 0;
	for (int i = 0; i < count; i++)
		thread_start(&threads[i], sleeps_once, (void *)(1u << i));
	/* To move them to where they are already says how many there are. */
	while (sys_futex(&word, FUTEX_REQUEUE | FUTEX_PRIVATE_FLAG, 0, (void *)count, &word, 0) !=
	       count)
		sys_sched_yield();
}

static long wake(int operation, int count, u32 bits)
{
	return sys_futex(&word, operation | FUTEX_PRIVATE_FLAG, count, NULL, NULL, bits);
}

static void futex_wakes(void)
{
	start_sleepers(SLEEPERS);
	EXPECT_EQ(wake(FUTEX_WAKE_BITSET, 9, 1u << 20), 0);
	EXPECT_EQ(wake(FUTEX_WAKE_BITSET, 9, 1u << 2), 1);
	thread_join(&threads[2]);
	EXPECT_EQ(wake(FUTEX_WAKE, 1, 0), 1);
	EXPECT_EQ(wake(FUTEX_WAKE, 9, 0), 3);
	EXPECT_EQ(wake(FUTEX_WAKE, 9, 0), 0);
	for (int i = 0; i < SLEEPERS; i++)
		thread_join(&threads[i]);
	EXPECT_EQ(other_word, 5);
}

static void futex_requeues(void)
{
	static volatile int target;

	start_sleepers(SLEEPERS);
	EXPECT_EQ(
		sys_futex(&word, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE_FLAG, 1, (void *)2, &target, 1),
		-EAGAIN);
	EXPECT_EQ(
		sys_futex(&word, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE_FLAG, 1, (void *)2, &target, 0),
		3);
	EXPECT_EQ(sys_futex(&target, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 9, NULL, NULL, 0), 2);
	EXPECT_EQ(wake(FUTEX_WAKE, 9, 0), 2);
	for (int i = 0; i < SLEEPERS; i++)
		thread_join(&threads[i]);
	EXPECT_EQ(other_word, 5);
}

#define ENCODE(operation, operand, comparison, compared)                                   \
	((u32)(operation) << 28 | (u32)(comparison) << 24 | ((u32)(operand)&0xfff) << 12 | \
	 ((u32)(compared)&0xfff))

static long wake_op(volatile int *target, u32 encoded)
{
	return sys_futex(&word, FUTEX_WAKE_OP | FUTEX_PRIVATE_FLAG, 1, (void *)1, target, encoded);
}

/* One call changes a word, and wakes the sleepers of two words or of one. */
static void futex_wake_and_change(void)
{
	static volatile int target;
	static const struct {
		u32 encoded;
		int result;
	} changes[] = {
		{ ENCODE(FUTEX_OP_SET, 12, FUTEX_OP_CMP_EQ, 0), 12 },
		{ ENCODE(FUTEX_OP_ADD, -5, FUTEX_OP_CMP_NE, 0), 7 },
		{ ENCODE(FUTEX_OP_OR, 24, FUTEX_OP_CMP_LT, 0), 31 },
		{ ENCODE(FUTEX_OP_ANDN, 3, FUTEX_OP_CMP_LE, 0), 28 },
		{ ENCODE(FUTEX_OP_XOR, -1, FUTEX_OP_CMP_GT, 0), -29 },
		{ ENCODE(FUTEX_OP_SET | FUTEX_OP_OPARG_SHIFT, 20, FUTEX_OP_CMP_GE, 0), 1 << 20 },
	};

	target = 0;
	for (u32 i = 0; i < ARRAY_SIZE(changes); i++) {
		EXPECT_EQ(wake_op(&target, changes[i].encoded), 0);
		EXPECT_EQ(target, changes[i].result);
	}
	EXPECT_EQ(wake_op(&target, ENCODE(5, 0, 0, 0)), -ENOSYS);
	EXPECT_EQ(wake_op((int *)64, 0), -EFAULT);
	start_sleepers(SLEEPERS);
	EXPECT_EQ(sys_futex(&word, FUTEX_REQUEUE | FUTEX_PRIVATE_FLAG, 0, (void *)2, &target, 0),
		  2);
	target = -3;
	EXPECT_EQ(wake_op(&target, ENCODE(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, -3)), 2);
	EXPECT_EQ(wake_op(&target, ENCODE(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, -3)), 1);
	EXPECT_EQ(sys_futex(&target, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 9, NULL, NULL, 0), 1);
	EXPECT_EQ(wake(FUTEX_WAKE, 9, 0), 1);
	for (int i = 0; i < SLEEPERS; i++)
		thread_join(&threads[i]);
}

static int waitv_result;

static long wait_any(const struct futex_waitv *words, u32 count, u32 flags,
		     const struct timespec64 *time, u32 clock)
{
	return system_call(NR_futex_waitv, (long)words, (long)count, (long)flags, (long)time,
			   (long)clock, 0);
}

static struct futex_waitv waitv_words[3];

static int sleeps_on_many(void *argument)
{
	(void)argument;
	waitv_result = (int)wait_any(waitv_words, 3, 0, NULL, 0);
	return 0;
}

/* One task sleeps on several words at once. */
static void futex_many_words(void)
{
	static volatile int words[3];
	struct timespec64 time = { 0, 1, 0 };

	for (u32 i = 0; i < 3; i++)
		waitv_words[i] = (struct futex_waitv){ 0, (u32)&words[i],
						       FUTEX2_SIZE_U32 | FUTEX2_PRIVATE, 0 };
	words[0] = words[1] = words[2] = 0;
	EXPECT_EQ(wait_any(waitv_words, 3, 0, &time, CLOCK_MONOTONIC), -ETIMEDOUT);
	EXPECT_EQ(wait_any(waitv_words, 3, 0, &time, CLOCK_REALTIME), -ETIMEDOUT);
	EXPECT_EQ(wait_any(waitv_words, 3, 0, &time, 7), -EINVAL);
	EXPECT_EQ(wait_any(waitv_words, 3, 1, NULL, 0), -EINVAL);
	EXPECT_EQ(wait_any(waitv_words, 0, 0, NULL, 0), -EINVAL);
	EXPECT_EQ(wait_any(waitv_words, FUTEX_WAITV_MAX + 1, 0, NULL, 0), -EINVAL);
	EXPECT_EQ(wait_any((void *)64, 1, 0, NULL, 0), -EFAULT);
	words[2] = 1;
	EXPECT_EQ(wait_any(waitv_words, 3, 0, NULL, 0), -EAGAIN);
	words[2] = 0;
	waitv_words[1].flags = FUTEX2_PRIVATE;
	EXPECT_EQ(wait_any(waitv_words, 3, 0, NULL, 0), -EINVAL);
	waitv_words[1].flags = FUTEX2_SIZE_U32; /* not private */
	waitv_words[0].reserved = 1;
	EXPECT_EQ(wait_any(waitv_words, 3, 0, NULL, 0), -EINVAL);
	waitv_words[0].reserved = 0;
	thread_start(&threads[0], sleeps_on_many, NULL);
	while (sys_futex(&words[2], FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0) != 1)
		sys_sched_yield();
	thread_join(&threads[0]);
	EXPECT_EQ(waitv_result, 2);
	thread_start(&threads[0], sleeps_on_many, NULL);
	while (sys_futex(&words[1], FUTEX_WAKE, 1, NULL, NULL, 0) != 1)
		sys_sched_yield();
	thread_join(&threads[0]);
	EXPECT_EQ(waitv_result, 1);
}

/* A word beside one that is accepted; its place is in `two`, or an address that is refused. */
static const struct {
	struct futex_waitv word;
	long result;
} second_words[] = {
	{ { 0, 4, FUTEX2_SIZE_U32, 0 }, -ETIMEDOUT },
	{ { 0, 4, FUTEX2_SIZE_U32 | FUTEX2_PRIVATE, 0 }, -ETIMEDOUT },
	{ { 1, 4, FUTEX2_SIZE_U32, 0 }, -EAGAIN },
	{ { 1ull << 32, 4, FUTEX2_SIZE_U32, 0 }, -EINVAL },
	{ { 0, 4, 1, 0 }, -EINVAL },
	{ { 0, 4, FUTEX2_SIZE_U32 | 1, 0 }, -EINVAL },
	{ { 0, 4, FUTEX2_SIZE_U32 | 0x100, 0 }, -EINVAL },
	{ { 0, 4, FUTEX2_SIZE_U32, 1 }, -EINVAL },
	{ { 0, 5, FUTEX2_SIZE_U32, 0 }, -EINVAL },
	{ { 0, 64, FUTEX2_SIZE_U32, 0 }, -EFAULT },
};

static void futex_second_words(void)
{
	static const struct timespec64 past = { 0, 1, 0 }, wrong = { 0, 1000000000, 0 };
	static struct futex_waitv words[FUTEX_WAITV_MAX + 1];
	static volatile int two[2];

	for (u32 i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = (struct futex_waitv){ 0, (u32)two, FUTEX2_SIZE_U32, 0 };
	EXPECT_EQ(wait_any(words, FUTEX_WAITV_MAX, 0, &past, CLOCK_MONOTONIC), -ETIMEDOUT);
	EXPECT_EQ(wait_any(words, 1, 0, &past, 2), -EINVAL);
	EXPECT_EQ(wait_any(words, 1, 0, &wrong, CLOCK_MONOTONIC), -EINVAL);
	EXPECT_EQ(wait_any(words, 1, 0, (void *)64, CLOCK_MONOTONIC), -EFAULT);
	EXPECT_EQ(wait_any(NULL, 1, 0, NULL, 0), -EINVAL);
	for (u32 i = 0; i < ARRAY_SIZE(second_words); i++) {
		words[1] = second_words[i].word;
		words[1].address += words[1].address < 8 ? (u32)two : 0;
		EXPECT_EQ(wait_any(words, 2, 0, &past, CLOCK_MONOTONIC), second_words[i].result);
	}
	/* Without a time the clock is not looked at. */
	words[0].value = 1;
	EXPECT_EQ(wait_any(words, 1, 0, NULL, 2), -EAGAIN);
}

static volatile int order[3], woken_count;

static int sleeps_with_priority(void *argument)
{
	int priority = (int)argument;

	if (priority)
		system_call(NR_sched_setscheduler, 0, SCHED_FIFO, (long)&priority, 0, 0, 0);
	sys_futex(&word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0);
	order[__sync_fetch_and_add(&woken_count, 1)] = priority;
	return 0;
}

/* A real-time priority decides who is woken first; then who slept first. */
static void futex_priorities(void)
{
	static const int priorities[3] = { 0, 3, 7 };

	word = woken_count = 0;
	for (int i = 0; i < 3; i++) {
		thread_start(&threads[i], sleeps_with_priority, (void *)priorities[i]);
		while (sys_futex(&word, FUTEX_REQUEUE | FUTEX_PRIVATE_FLAG, 0, (void *)9, &word,
				 0) != i + 1)
			sys_sched_yield();
	}
	word = 1;
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(wake(FUTEX_WAKE, 1, 0), 1);
		while (woken_count != i + 1)
			sys_sched_yield();
		EXPECT_EQ(order[i], priorities[2 - i]);
	}
	for (int i = 0; i < 3; i++)
		thread_join(&threads[i]);
}

static int plays(void *argument)
{
	(void)argument;
	for (int i = 0; i < ROUNDS; i++) {
		word_wait(&word, 0);
		shared_value++;
		word_set(&word, 0);
	}
	return 0;
}

static void ping_pong(void)
{
	word = shared_value = 0;
	thread_start(&threads[0], plays, NULL);
	for (int i = 0; i < ROUNDS; i++) {
		word_set(&word, 1);
		word_wait(&word, 1);
	}
	thread_join(&threads[0]);
	EXPECT_EQ(shared_value, ROUNDS);
}

static const struct tap_case cases[] = {
	{ "futex: answers", futex_answers },
	{ "futex: deadlines by two clocks", futex_deadlines },
	{ "futex: wake counts and chooses by bits", futex_wakes },
	{ "futex: sleepers move to another word", futex_requeues },
	{ "futex: many words", futex_many_words },
	{ "futex: each of several words is checked", futex_second_words },
	{ "futex: priorities", futex_priorities },
	{ "futex: WAKE_OP changes a word and wakes", futex_wake_and_change },
	{ "futex: two threads take turns", ping_pong },
};

int main(void);
int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
