/* SPDX-License-Identifier: MIT */
/*
 * Futexes: which sleepers of a word are woken or move to another word, how FUTEX_WAKE_OP changes
 * and compares a word, how a sleep ends, and sleeping on several words.
 *
 * sources: kernel/process/futex.c tests/host/kernel/process/futex_rig.c
 */
#include "abi/linux/errno.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/kernel/process/futex_rig.h"
#include "tests/host/tap.h"

#define ANY FUTEX_BITSET_MATCH_ANY

/* ---- Keys ---- */

static void keys(void)
{
	static char objects[2];
	const struct futex_key key = { &objects[0], 7, 12 };
	struct futex_key other = key;

	EXPECT(same_key(&key, &other));
	other.object = &objects[1];
	EXPECT(!same_key(&key, &other));
	other = key;
	other.page = 8;
	EXPECT(!same_key(&key, &other));
	other = key;
	other.offset = 13; /* another kind */
	EXPECT(!same_key(&key, &other));
	EXPECT_EQ(key_hash(&key), key_hash(&(struct futex_key){ &objects[0], 7, 12 }));
}

/* ---- Wake ---- */

static void wakes_two(void)
{
	EXPECT_EQ(futex_wake(OTHER, false, 9, ANY), 0);
	EXPECT_EQ(futex_wake(FAR, false, 9, ANY), 0);
	EXPECT_EQ(futex_wake(WORD, true, 9, ANY), 0);
	EXPECT_EQ(futex_wake(WORD, false, 2, ANY), 2);
}

static void wakes_one_for_none(void)
{
	EXPECT_EQ(futex_wake(WORD, false, 0, ANY), 1);
	EXPECT_EQ(futex_wake(WORD, false, 9, ANY), 2);
	EXPECT_EQ(futex_wake(WORD, false, 9, ANY), 0);
}

static void wakes_by_bits(void)
{
	EXPECT_EQ(futex_wake(WORD, false, 9, 8), 0);
	EXPECT_EQ(futex_wake(WORD, false, 9, 2 | 8), 1);
	EXPECT_EQ(futex_wake(WORD, false, 1, 4 | 1), 1);
	EXPECT_EQ(futex_wake(WORD, false, 9, 0), -EINVAL);
}

static void wakes_all(void)
{
	EXPECT_EQ(futex_wake(WORD, false, 9, ANY), 5);
}

static void woken_in_order(void)
{
	futex_start();
	sleep_all(3, wakes_two);
	EXPECT_TEXT(woken, "01");
	EXPECT(results[0] == 0 && results[1] == 0 && results[2] == -ERESTARTSYS);
	sleep_all(3, wakes_one_for_none);
	EXPECT_TEXT(woken, "012");
	for (u32 i = 0; i < 3; i++)
		plan[i].bits = 1u << i;
	sleep_all(3, wakes_by_bits);
	EXPECT_TEXT(woken, "10");
	for (u32 i = 0; i < 5; i++)
		plan[i] = (struct futex_plan){ WORD, 0, (u32[]){ 0, 5, 9, 5, 0 }[i], false };
	sleep_all(5, wakes_all);
	EXPECT_TEXT(woken, "21304");
}

static void wake_errors(void)
{
	futex_start();
	EXPECT_EQ(futex_wake(WORD + 2, false, 1, ANY), -EINVAL);
	EXPECT_EQ(futex_wake(NOWHERE, false, 1, ANY), -EFAULT);
	EXPECT_EQ(futex_wake(NOWHERE, false, 1, 0), -EINVAL);
}

static void has_sleepers(void)
{
	struct futex_key key;

	EXPECT_EQ(make_key(WORD, false, &key), 0);
	EXPECT(futex_has_sleeper(&key));
	EXPECT_EQ(make_key(OTHER, false, &key), 0);
	EXPECT(!futex_has_sleeper(&key));
}

static void sleepers_known(void)
{
	struct futex_key key;

	futex_start();
	sleep_all(1, has_sleepers);
	EXPECT_EQ(make_key(WORD, false, &key), 0);
	EXPECT(!futex_has_sleeper(&key)); /* a signal ended its sleep */
}

/* ---- Sleep ---- */

static void does_nothing(void)
{
}

static void gets_signal(void)
{
	tasks[SLEEPERS].forced.signo = SIGTERM;
}

static void is_woken(void)
{
	EXPECT_EQ(futex_wake(WORD, false, 1, ANY), 1);
}

static int wait_until(u64 deadline, void (*meanwhile)(void))
{
	current->forced.signo = 0;
	while_asleep = meanwhile;
	return futex_wait(WORD, false, 5, 3, deadline);
}

static void sleep_ends(void)
{
	const struct restart_block *again = &tasks[SLEEPERS].restart_block;

	futex_start();
	set_word(WORD, 5);
	now = 1000000;
	EXPECT_EQ(futex_wait(WORD, false, 5, 0, FUTEX_FOREVER), -EINVAL);
	EXPECT_EQ(futex_wait(WORD, false, 4, 1, FUTEX_FOREVER), -EAGAIN);
	EXPECT_EQ(futex_wait(WORD + 1, false, 5, 1, FUTEX_FOREVER), -EINVAL);
	EXPECT_EQ(futex_wait(NOWHERE, false, 5, 1, FUTEX_FOREVER), -EFAULT);
	EXPECT_EQ(futex_wait(USER_BYTES + sizeof(user_bytes), false, 5, 1, FUTEX_FOREVER), -EFAULT);
	EXPECT_EQ(references, 0);
	EXPECT_EQ(wait_until(now, does_nothing), -ETIMEDOUT);
	EXPECT_EQ(ticks, 0);
	EXPECT_EQ(wait_until(now + 3000000, does_nothing), -ETIMEDOUT);
	EXPECT_EQ(ticks, 3);
	EXPECT_EQ(wait_until(now + 3000000, is_woken), 0);
	EXPECT_EQ(wait_until(FUTEX_FOREVER, gets_signal), -ERESTARTSYS);
	EXPECT(!again->fn);
	ticks = 0;
	EXPECT_EQ(wait_until(now + 20000000, gets_signal), -ETIMEDOUT); /* it came too late */
	EXPECT_EQ(references, 0);
}

/* Before the time is over: another signal does not start the time anew. */
static void comes_early(void)
{
	now -= 15000000;
	gets_signal();
}

static void continued(void)
{
	struct restart_block *again = &tasks[SLEEPERS].restart_block;

	futex_start();
	set_word(WORD, 5);
	now = 1000000;
	EXPECT_EQ(wait_until(now + 20000000, comes_early), -ERESTART_RESTARTBLOCK);
	EXPECT(again->fn && again->futex.address == WORD && !again->futex.shared);
	EXPECT(again->futex.value == 5 && again->futex.bits == 3);
	EXPECT_EQ(again->futex.deadline, 21000000);
	current->forced.signo = 0;
	while_asleep = does_nothing;
	EXPECT_EQ(again->fn(), -ETIMEDOUT);
	EXPECT_EQ(now, 21000000);
	set_word(WORD, 6);
	EXPECT_EQ(again->fn(), -EAGAIN);
	EXPECT_EQ(references, 0);
}

/* ---- A word that is changed and compared ---- */

#define ENCODE(operation, operand, comparison, compared)                                   \
	((u32)(operation) << 28 | (u32)(comparison) << 24 | ((u32)(operand)&0xfff) << 12 | \
	 ((u32)(compared)&0xfff))

static int change(u32 before, u32 encoded)
{
	set_word(OTHER, before);
	return futex_wake_op(WORD, false, 1, OTHER, 1, encoded);
}

static void changes(void)
{
	futex_start();
	EXPECT_EQ(change(7, ENCODE(FUTEX_OP_SET, -3, 0, 0)), 0);
	EXPECT_EQ(word_at(OTHER), (u32)-3);
	EXPECT_EQ(change(7, ENCODE(FUTEX_OP_ADD, 2047, 0, 0)), 0);
	EXPECT_EQ(word_at(OTHER), 2054);
	EXPECT_EQ(change(5, ENCODE(FUTEX_OP_OR, 8, 0, 0)), 0);
	EXPECT_EQ(word_at(OTHER), 13);
	EXPECT_EQ(change(7, ENCODE(FUTEX_OP_ANDN, 2, 0, 0)), 0);
	EXPECT_EQ(word_at(OTHER), 5);
	EXPECT_EQ(change(5, ENCODE(FUTEX_OP_XOR, 6, 0, 0)), 0);
	EXPECT_EQ(word_at(OTHER), 3);
	EXPECT_EQ(change(5, ENCODE(FUTEX_OP_SET | FUTEX_OP_OPARG_SHIFT, 31, 0, 0)), 0);
	EXPECT_EQ(word_at(OTHER), 1u << 31);
	EXPECT_EQ(change(5, ENCODE(FUTEX_OP_SET | FUTEX_OP_OPARG_SHIFT, 33, 0, 0)), 0);
	EXPECT_EQ(word_at(OTHER), 2);
	EXPECT_EQ(change(5, ENCODE(5, 1, 0, 0)), -ENOSYS);
	EXPECT_EQ(word_at(OTHER), 5);
	EXPECT_EQ(change(5, ENCODE(FUTEX_OP_SET, 1, 6, 0)), -ENOSYS);
	EXPECT_EQ(word_at(OTHER), 1);
	EXPECT_EQ(futex_wake_op(WORD + 1, false, 1, OTHER, 1, 0), -EINVAL);
	EXPECT_EQ(futex_wake_op(WORD, false, 1, OTHER + 1, 1, 0), -EINVAL);
	EXPECT_EQ(futex_wake_op(NOWHERE, false, 1, OTHER, 1, 0), -EFAULT);
	EXPECT_EQ(futex_wake_op(WORD, false, 1, NOWHERE, 1, 0), -EFAULT);
	EXPECT_EQ(futex_wake_op(WORD, false, 1, USER_BYTES + sizeof(user_bytes), 1, 0), -EFAULT);
	EXPECT_EQ(references, 0);
}

static u32 comparison, old;

static void compares(void)
{
	set_word(OTHER, old);
	futex_wake_op(WORD, false, 9, OTHER, 9, ENCODE(FUTEX_OP_ADD, 1, comparison, -2));
}

/* The second word's sleeper is woken if the comparison holds for what was there before. */
static void comparisons(void)
{
	/* For -3, -2, -1 beside -2. */
	static const char *const holds[] = {
		[FUTEX_OP_CMP_EQ] = "010", [FUTEX_OP_CMP_NE] = "101", [FUTEX_OP_CMP_LT] = "100",
		[FUTEX_OP_CMP_LE] = "110", [FUTEX_OP_CMP_GT] = "001", [FUTEX_OP_CMP_GE] = "011",
	};

	futex_start();
	plan[1].word = OTHER;
	for (comparison = 0; comparison < ARRAY_SIZE(holds); comparison++) {
		for (u32 i = 0; i < 3; i++) {
			old = i - 3;
			sleep_all(2, compares);
			EXPECT_TEXT(woken, holds[comparison][i] == '1' ? "01" : "0");
		}
	}
}

static void wakes_both(void)
{
	EXPECT_EQ(futex_wake_op(WORD, false, 1, OTHER, 2, ENCODE(FUTEX_OP_ADD, 0, 0, 0)), 3);
}

static void counts_of_both(void)
{
	futex_start();
	plan[2].word = plan[3].word = plan[4].word = OTHER;
	sleep_all(5, wakes_both);
	EXPECT_TEXT(woken, "023");
}

/* ---- Sleepers that move ---- */

static void moves(void)
{
	EXPECT_EQ(futex_requeue(WORD, false, 1, 2, OTHER, true, 1), -EAGAIN);
	EXPECT_EQ(futex_requeue(WORD, false, 1, 2, OTHER, true, 0), 3);
	EXPECT_TEXT(woken, "0");
	EXPECT_EQ(futex_wake(WORD, false, 9, ANY), 1);
	EXPECT_TEXT(woken, "03");
	EXPECT_EQ(futex_wake(OTHER, false, 9, ANY), 2);
}

static void moves_none(void)
{
	EXPECT_EQ(futex_requeue(WORD, false, 0, 0, OTHER, false, 0), 0);
	EXPECT_EQ(futex_requeue(WORD, false, 2, 0, OTHER, false, 0), 2);
	EXPECT_TEXT(woken, "01");
	EXPECT_EQ(futex_requeue(WORD, false, 0, 9, WORD, false, 0), 2); /* to where they are */
	EXPECT_EQ(futex_requeue(WORD, false, INT32_MAX, INT32_MAX, OTHER, false, 0), 2);
	EXPECT_TEXT(woken, "0123");
}

static void moved(void)
{
	futex_start();
	sleep_all(4, moves);
	EXPECT_TEXT(woken, "0312");
	sleep_all(4, moves_none);
	EXPECT_EQ(futex_requeue(WORD, false, (u32)-1, 0, OTHER, false, 0), -EINVAL);
	EXPECT_EQ(futex_requeue(WORD, false, 0, (u32)-1, OTHER, false, 0), -EINVAL);
	EXPECT_EQ(futex_requeue(WORD + 1, false, 0, 0, OTHER, false, 0), -EINVAL);
	EXPECT_EQ(futex_requeue(WORD, false, 0, 0, NOWHERE, false, 0), -EFAULT);
	EXPECT_EQ(references, 0);
}

/* ---- Several words ---- */

static struct futex_waitv words[3] = { { 0, WORD, FUTEX2_SIZE_U32, 0 },
				       { 0, OTHER, FUTEX2_SIZE_U32 | FUTEX2_PRIVATE, 0 },
				       { 0, FAR, FUTEX2_SIZE_U32, 0 } };

static void wakes_second(void)
{
	EXPECT_EQ(futex_wake(WORD, false, 9, ANY), 0); /* only the second is private */
	EXPECT_EQ(futex_wake(OTHER, true, 9, ANY), 0);
	EXPECT_EQ(futex_wake(OTHER, false, 9, 1u << 31), 1);
}

static void wakes_two_words(void)
{
	EXPECT_EQ(futex_wake(FAR, true, 9, ANY), 1);
	current->state = TASK_SLEEPING;
	EXPECT_EQ(futex_wake(WORD, true, 9, ANY), 1);
}

static int wait_any(void (*meanwhile)(void))
{
	current->forced.signo = 0;
	while_asleep = meanwhile;
	return futex_wait_any(words, 3, FUTEX_FOREVER);
}

static void any_word(void)
{
	const struct fail_spec none = { FAIL_ANY, FAIL_ON, 1 };

	futex_start();
	EXPECT_EQ(wait_any(wakes_second), 1);
	EXPECT_EQ(wait_any(wakes_two_words), 2);
	EXPECT_EQ(wait_any(gets_signal), -ERESTARTSYS);
	EXPECT_EQ(futex_wait_any(words, 3, 0), -ETIMEDOUT);
	words[2].value = 1; /* after two have been entered */
	EXPECT_EQ(wait_any(gets_signal), -EAGAIN);
	words[2] = (struct futex_waitv){ 0, NOWHERE, FUTEX2_SIZE_U32, 0 };
	EXPECT_EQ(wait_any(gets_signal), -EFAULT);
	EXPECT_EQ(references, 0);
	EXPECT_EQ(futex_wake(WORD, true, 9, ANY), 0); /* none is left in a list */
	EXPECT_EQ(futex_wake(OTHER, false, 9, ANY), 0);
	fail_alloc_set(&none);
	EXPECT_EQ(wait_any(gets_signal), -ENOMEM);
	fail_alloc_set(NULL);
}

TAP_MAIN({ "keys", keys }, { "sleepers are woken in order, and by bits", woken_in_order },
	 { "words that are none", wake_errors }, { "whether there is a sleeper", sleepers_known },
	 { "how a sleep ends", sleep_ends }, { "a sleep that goes on", continued },
	 { "FUTEX_WAKE_OP changes a word", changes },
	 { "FUTEX_WAKE_OP compares the old value", comparisons },
	 { "FUTEX_WAKE_OP counts sleepers of both words", counts_of_both },
	 { "sleepers move to another word", moved }, { "several words", any_word })
