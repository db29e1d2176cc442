/* SPDX-License-Identifier: MIT */
/*
 * Locks that go from owner to owner: the word at each step, the order of the waiters, what is
 * refused, and an owner that ends.
 *
 * sources: kernel/process/futex.c tests/host/kernel/process/futex_rig.c
 */
#include "mm/user_space/page_fault.h"
static enum fault_result model_page(struct mm_struct *mm, vaddr_t address, enum fault_access access,
				    struct page **page);
#define mm_page model_page

#include "kernel/process/futex_pi.c"

#include <string.h>

#include "mm/frames/fail_alloc.h"
#include "tests/host/kernel/process/futex_rig.h"
#include "tests/host/tap.h"

#define TID(i)	(100u + (i))
#define WAITERS FUTEX_WAITERS
#define DIED	FUTEX_OWNER_DIED
#define BEYOND	(USER_BYTES + (u32)sizeof(user_bytes))

static enum fault_result page_result;
static void (*while_touched)(void);
static u32 out_of_memory;

static enum fault_result model_page(struct mm_struct *mm, vaddr_t address, enum fault_access access,
				    struct page **page)
{
	EXPECT(mm == current->mm && address && access == FAULT_WRITE && page);
	if (while_touched)
		while_touched();
	return page_result;
}

void user_out_of_memory(vaddr_t address, enum fault_access access)
{
	EXPECT(address == WORD && access == FAULT_WRITE);
	out_of_memory++;
}

struct task *task_find(int pid)
{
	return pid >= 100 && pid < 100 + SLEEPERS ? &tasks[pid - 100] : NULL;
}

/* ---- What the tasks do. A task that sleeps lets the next one act ---- */

struct act {
	u32 task;
	int (*call)(void);
};

static const struct act *acts;
static struct outcome {
	int result;
	u32 word; /* after the call, or when the next task acts */
} done[10];
static u32 begun, total;

static void next_acts(void)
{
	const struct act *act = &acts[begun];
	struct outcome *outcome = &done[begun];
	u32 number = ++begun;

	while_asleep = begun < total ? next_acts : NULL;
	if (number > 1)
		outcome[-1].word = word_at(WORD);
	current = &tasks[act->task];
	outcome->result = act->call();
	if (begun == number)
		outcome->word = word_at(WORD);
}

static void act_all(const struct act *all, u32 count)
{
	acts = all;
	begun = 0;
	total = count;
	memset(woken, 0, sizeof(woken));
	memset(done, 0, sizeof(done));
	while (begun < total)
		next_acts();
	EXPECT_EQ(references, 0);
	for (u32 i = 0; i < SLEEPERS; i++) {
		EXPECT(!tasks[i].pi_locks && !tasks[i].pi_wait);
		tasks[i].forced.signo = 0;
	}
}

static int locks(void)
{
	return futex_lock_pi(WORD, false, false, FUTEX_FOREVER);
}

static int locks_other(void)
{
	return futex_lock_pi(OTHER, false, false, FUTEX_FOREVER);
}

static int tries(void)
{
	return futex_lock_pi(WORD, false, true, FUTEX_FOREVER);
}

static int locks_for_a_time(void)
{
	return futex_lock_pi(WORD, false, false, now + 3000000);
}

static int unlocks(void)
{
	return futex_unlock_pi(WORD, false);
}

static int unlocks_other(void)
{
	return futex_unlock_pi(OTHER, false);
}

static int ends(void)
{
	futex_pi_exit();
	return 0;
}

static int sleeps(void)
{
	return futex_wait(WORD, false, word_at(WORD), FUTEX_BITSET_MATCH_ANY, FUTEX_FOREVER);
}

static void expect(u32 act, int result, u32 word)
{
	EXPECT_EQ(done[act].result, result);
	EXPECT_EQ(done[act].word, word);
}

static void start(void)
{
	futex_start();
	for (u32 i = 0; i <= SLEEPERS; i++)
		tasks[i].policy.priority = 0;
	page_result = FAULT_OK;
	while_touched = NULL;
	current = &tasks[0];
}

/* ---- A lock without waiters is the word alone ---- */

static void free_lock(void)
{
	start();
	EXPECT_EQ(locks(), 0);
	EXPECT_EQ(word_at(WORD), TID(0));
	EXPECT_EQ(locks(), -EDEADLK);
	EXPECT_EQ(tries(), -EDEADLK);
	EXPECT_EQ(unlocks(), 0);
	EXPECT_EQ(word_at(WORD), 0);
	EXPECT_EQ(unlocks(), -EPERM);
	EXPECT_EQ(tries(), 0);
	EXPECT_EQ(word_at(WORD), TID(0));
	current = &tasks[1];
	EXPECT_EQ(unlocks(), -EPERM);
	EXPECT_EQ(word_at(WORD), TID(0));
	set_word(WORD, DIED); /* the next owner is told */
	EXPECT_EQ(locks(), 0);
	EXPECT_EQ(word_at(WORD), TID(1) | DIED);
	set_word(WORD, TID(1) | WAITERS);
	EXPECT_EQ(locks(), -EDEADLK);
	EXPECT_EQ(unlocks(), 0);
	EXPECT_EQ(word_at(WORD), 0);
	set_word(WORD, WAITERS);
	EXPECT_EQ(locks(), 0);
	EXPECT_EQ(word_at(WORD), TID(1));
	EXPECT(!tasks[0].pi_locks && !tasks[1].pi_locks && !references);
}

static void bad_words(void)
{
	const struct fail_spec none = { FAIL_ANY, FAIL_ON, 1 };

	start();
	EXPECT_EQ(futex_lock_pi(WORD + 2, false, false, FUTEX_FOREVER), -EINVAL);
	EXPECT_EQ(futex_lock_pi(NOWHERE, false, false, FUTEX_FOREVER), -EFAULT);
	EXPECT_EQ(futex_lock_pi(BEYOND, false, false, FUTEX_FOREVER), -EFAULT);
	EXPECT_EQ(futex_unlock_pi(NOWHERE, false), -EFAULT);
	EXPECT_EQ(futex_unlock_pi(WORD + 2, false), -EPERM); /* as on Linux */
	user_bytes[2] = (u8)TID(0);
	EXPECT_EQ(futex_unlock_pi(WORD + 2, false), -EINVAL);
	set_word(WORD, 0);
	fail_alloc_set(&none);
	EXPECT_EQ(locks(), -ENOMEM);
	fail_alloc_set(NULL);
	EXPECT_EQ(word_at(WORD), 0);
	user_writable = 0;
	EXPECT_EQ(locks(), -EFAULT);
	set_word(WORD, TID(1));
	EXPECT_EQ(locks(), -EFAULT);
	EXPECT_EQ(tries(), -EFAULT);
	set_word(WORD, TID(0));
	EXPECT_EQ(unlocks(), -EFAULT);
	user_writable = sizeof(user_bytes);
	EXPECT(!references && !tasks[1].pi_locks);
}

static void others_unlock(void)
{
	set_word(WORD, TID(1));
}

/* The page is made writable first, which may take time. */
static void pages(void)
{
	start();
	page_result = FAULT_MAPERR;
	EXPECT_EQ(locks(), -EFAULT);
	EXPECT_EQ(out_of_memory, 0);
	page_result = FAULT_OOM;
	EXPECT_EQ(locks(), -EFAULT);
	EXPECT_EQ(out_of_memory, 1);
	EXPECT_EQ(word_at(WORD), 0);
	set_word(WORD, TID(0));
	EXPECT_EQ(unlocks(), -EFAULT);
	page_result = FAULT_OK;
	while_touched = others_unlock;
	EXPECT_EQ(unlocks(), -EPERM);
	EXPECT_EQ(word_at(WORD), TID(1));
	EXPECT_EQ(references, 0);
}

/* ---- Waiters ---- */

static void in_order(void)
{
	const struct act all[] = { { 0, locks },   { 1, locks },   { 2, locks },   { 3, locks },
				   { 0, unlocks }, { 3, unlocks }, { 1, unlocks }, { 2, unlocks } };

	start();
	tasks[3].policy.priority = 5;
	act_all(all, 8);
	EXPECT_TEXT(woken, "312");
	expect(0, 0, TID(0));
	expect(1, 0, TID(0) | WAITERS);
	expect(2, 0, TID(0) | WAITERS);
	expect(3, 0, TID(0) | WAITERS);
	expect(4, 0, TID(3) | WAITERS);
	expect(5, 0, TID(1) | WAITERS);
	expect(6, 0, TID(2) | WAITERS);
	expect(7, 0, 0);
}

/* Higher first; of the same priority the one that came first. */
static void by_priority(void)
{
	const struct act all[] = { { 0, locks },   { 1, locks },   { 2, locks },   { 3, locks },
				   { 4, locks },   { 0, unlocks }, { 2, unlocks }, { 3, unlocks },
				   { 1, unlocks }, { 4, unlocks } };

	start();
	tasks[1].policy.priority = 1;
	tasks[2].policy.priority = tasks[3].policy.priority = 9;
	tasks[4].policy.priority = 1;
	act_all(all, 10);
	EXPECT_TEXT(woken, "2314");
	expect(9, 0, 0);
}

static void no_sleep(void)
{
	const struct act all[] = {
		{ 0, locks }, { 1, tries }, { 0, unlocks }, { 1, tries }, { 1, unlocks }
	};

	start();
	act_all(all, 5);
	expect(1, -EAGAIN, TID(0) | WAITERS);
	expect(2, 0, 0);
	expect(3, 0, TID(1));
	EXPECT_TEXT(woken, "");
}

/* A wait that ends without the lock leaves nothing behind. */
static void waits_end(void)
{
	const struct act late[] = { { 0, locks }, { 1, locks_for_a_time }, { 0, unlocks } };
	const struct act killed[] = { { 0, locks }, { 1, locks }, { 2, locks } };

	start();
	current = &tasks[0];
	EXPECT_EQ(locks(), 0);
	current = &tasks[1];
	EXPECT_EQ(locks_for_a_time(), -ETIMEDOUT);
	EXPECT_EQ(ticks, 3);
	EXPECT(!tasks[0].pi_locks && !tasks[1].pi_wait && !references);
	EXPECT_EQ(word_at(WORD), TID(0) | WAITERS);
	current = &tasks[0];
	EXPECT_EQ(unlocks(), 0);
	tasks[1].forced.signo = 0;
	act_all(late, 3);
	expect(1, 0, TID(0) | WAITERS);
	EXPECT_EQ(word_at(WORD), TID(1) | WAITERS);
	set_word(WORD, 0);
	act_all(killed, 3);
	expect(2, -ERESTARTNOINTR, TID(0) | WAITERS);
	EXPECT_EQ(done[1].result, -ERESTARTNOINTR);
	set_word(WORD, 0);
}

/* One of several waiters gives up. */
static void one_gives_up(void)
{
	const struct act all[] = {
		{ 0, locks }, { 1, locks }, { 2, locks_for_a_time }, { 0, unlocks }, { 1, unlocks }
	};

	start();
	act_all(all, 3); /* none unlocks: both end without it */
	EXPECT_EQ(done[2].result, -ETIMEDOUT);
	EXPECT_EQ(done[1].result, -ERESTARTNOINTR);
	set_word(WORD, 0);
	act_all(all, 5);
	EXPECT_TEXT(woken, "1");
	EXPECT(done[1].result == 0 && done[2].result == -ETIMEDOUT);
	expect(4, 0, 0);
}

/* ---- What is refused ---- */

static void owners(void)
{
	struct mm_struct *mm;

	start();
	set_word(WORD, 77);
	EXPECT_EQ(locks(), -ESRCH);
	EXPECT_EQ(word_at(WORD), 77);
	set_word(WORD, TID(1));
	mm = tasks[1].mm;
	tasks[1].mm = NULL;
	EXPECT_EQ(locks(), -EPERM); /* a task of the kernel */
	tasks[1].ends = true;
	EXPECT_EQ(locks(), -ESRCH);
	tasks[1].ends = false;
	tasks[1].mm = mm;
	EXPECT_EQ(word_at(WORD), TID(1));
	EXPECT_EQ(references, 0);
}

/* A word must not be both kinds of futex. */
static void two_kinds(void)
{
	const struct act all[] = { { 1, sleeps }, { 0, locks } };
	const struct act unlocked[] = { { 1, sleeps }, { 0, unlocks } };

	start();
	act_all(all, 2);
	expect(1, -EINVAL, 0);
	set_word(WORD, TID(0));
	act_all(unlocked, 2);
	expect(1, -EINVAL, TID(0));
}

static int other_owner(void)
{
	set_word(WORD, TID(3) | WAITERS);
	EXPECT_EQ(locks(), -EINVAL); /* not the one that others wait for */
	set_word(WORD, WAITERS);
	EXPECT_EQ(locks(), -EINVAL);
	set_word(WORD, TID(2) | WAITERS);
	EXPECT_EQ(unlocks(), -EINVAL);
	set_word(WORD, TID(0) | WAITERS);
	return 0;
}

static void words_changed(void)
{
	const struct act all[] = {
		{ 0, locks }, { 1, locks }, { 2, other_owner }, { 0, unlocks }, { 1, unlocks }
	};

	start();
	act_all(all, 5);
	expect(3, 0, TID(1) | WAITERS);
	expect(4, 0, 0);
	EXPECT_TEXT(woken, "1");
}

/* 0 has WORD, 1 has OTHER and waits for WORD, so 0 must not wait for OTHER. */
static void deadlocks(void)
{
	const struct act all[] = { { 0, locks },       { 1, locks_other },  { 1, locks },
				   { 2, locks_other }, { 0, locks_other },  { 0, unlocks },
				   { 1, unlocks },     { 1, unlocks_other } };

	start();
	act_all(all, 8);
	EXPECT_EQ(done[4].result, -EDEADLK);
	EXPECT(!done[2].result && !done[3].result && !done[5].result && !done[7].result);
	EXPECT_TEXT(woken, "12");
	EXPECT_EQ(word_at(OTHER), TID(2) | WAITERS);
}

static int cannot_write(void)
{
	int err;

	user_writable = 0;
	err = unlocks();
	user_writable = sizeof(user_bytes);
	return err;
}

/* A failed unlock hands nothing over. */
static void not_handed_over(void)
{
	const struct act all[] = {
		{ 0, locks }, { 1, locks }, { 0, cannot_write }, { 0, unlocks }, { 1, unlocks }
	};

	start();
	act_all(all, 5);
	expect(2, -EFAULT, TID(0) | WAITERS);
	expect(4, 0, 0);
	EXPECT_TEXT(woken, "1");
}

/* ---- An owner that ends ---- */

static int ends_before_try(void)
{
	futex_pi_exit();
	current = &tasks[3];
	EXPECT_EQ(tries(), -EAGAIN); /* the new owner has not set the word yet */
	return 0;
}

static void owner_ends(void)
{
	const struct act all[] = {
		{ 0, locks }, { 1, locks }, { 2, locks }, { 0, ends_before_try }, { 2, unlocks }
	};

	start();
	tasks[2].policy.priority = 5;
	act_all(all, 5);
	EXPECT_TEXT(woken, "21");
	EXPECT(!done[1].result && !done[2].result && !done[4].result);
	expect(3, 0, TID(2) | WAITERS | DIED);
	EXPECT_EQ(word_at(WORD), TID(1) | WAITERS);
}

/* Its only waiter: the lock is there until the word is set, and freed then. */
static void last_waiter(void)
{
	const struct act all[] = { { 0, locks }, { 1, locks }, { 0, ends } };

	start();
	act_all(all, 3);
	expect(1, 0, TID(0) | WAITERS);
	EXPECT_EQ(word_at(WORD), TID(1) | WAITERS | DIED);
	current = &tasks[1];
	EXPECT_EQ(unlocks(), 0);
	EXPECT_EQ(word_at(WORD), 0);
}

static int ends_and_goes(void)
{
	futex_pi_exit();
	user_writable = 0;
	return 0;
}

static void word_is_gone(void)
{
	const struct act all[] = { { 0, locks }, { 1, locks }, { 0, ends_and_goes } };

	start();
	act_all(all, 3);
	user_writable = sizeof(user_bytes);
	EXPECT_EQ(done[1].result, -EFAULT);
	EXPECT_EQ(word_at(WORD), TID(0) | WAITERS);
}

/* Two locks, each with a waiter; robust lists have marked a word before. */
static int marks_and_ends(void)
{
	set_word(WORD, WAITERS | DIED);
	futex_pi_exit();
	EXPECT(!tasks[0].pi_locks && tasks[1].pi_locks && tasks[2].pi_locks);
	return 0;
}

static void two_locks(void)
{
	const struct act all[] = { { 0, locks },       { 0, locks_other }, { 1, locks },
				   { 2, locks_other }, { 3, locks },	   { 0, marks_and_ends } };

	start();
	act_all(all, 6);
	EXPECT(!done[2].result && !done[3].result && done[4].result == -ERESTARTNOINTR);
	EXPECT_EQ(word_at(WORD), TID(1) | WAITERS | DIED);
	EXPECT_EQ(word_at(OTHER), TID(2) | WAITERS | DIED);
}

TAP_MAIN({ "a lock without waiters", free_lock }, { "bad words", bad_words },
	 { "the page of the word", pages }, { "handed over in order", in_order },
	 { "higher priorities first", by_priority }, { "FUTEX_TRYLOCK_PI", no_sleep },
	 { "waits that end", waits_end }, { "one waiter gives up", one_gives_up },
	 { "owners that are none", owners }, { "a word of two kinds", two_kinds },
	 { "words that were changed", words_changed }, { "deadlocks", deadlocks },
	 { "a failed unlock", not_handed_over }, { "an owner ends", owner_ends },
	 { "its only waiter", last_waiter }, { "a word that is gone", word_is_gone },
	 { "two locks", two_locks })
