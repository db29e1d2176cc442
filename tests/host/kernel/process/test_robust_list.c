/* SPDX-License-Identifier: MIT */
/*
 * Robust lists: which words are marked when their owner ends, which waiters are woken, and where
 * the walk of a damaged list stops.
 *
 * sources: kernel/process/futex.c tests/host/kernel/process/futex_rig.c
 */
#include "tests/host/kernel/process/futex_rig.h"

#include "abi/linux/errno.h"
#include "tests/host/tap.h"

#define HEAD	 (USER_BYTES + 0x1000u)
#define ENTRY(i) (USER_BYTES + 0x1100u + 0x20u * (i))
#define OFFSET	 12u
#define LOCK(i)	 (ENTRY(i) + OFFSET)
#define OWN	 106u /* the thread that ends */
#define FOREIGN	 7u
#define PI	 1u
#define BEYOND	 (USER_BYTES + (u32)sizeof(user_bytes))

/* A list of `count` locks, all of the thread that ends. */
static void make_list(u32 count)
{
	set_word(HEAD, count ? ENTRY(0) : HEAD);
	set_word(HEAD + 4, OFFSET);
	set_word(HEAD + 8, 0);
	for (u32 i = 0; i < count; i++) {
		set_word(ENTRY(i), i + 1 < count ? ENTRY(i + 1) : HEAD);
		set_word(LOCK(i), OWN);
	}
	tasks[SLEEPERS].robust_list = HEAD;
}

static void ends(void)
{
	robust_list_exit();
	EXPECT_EQ(current->robust_list, 0);
}

static void start(u32 count)
{
	futex_start();
	EXPECT_EQ(current->pid, OWN);
	make_list(count);
}

static void marks(void)
{
	start(4);
	set_word(LOCK(1), FOREIGN);
	set_word(LOCK(2), OWN | FUTEX_WAITERS);
	set_word(LOCK(3), OWN | FUTEX_OWNER_DIED);
	ends();
	EXPECT_EQ(word_at(LOCK(0)), FUTEX_OWNER_DIED);
	EXPECT_EQ(word_at(LOCK(1)), FOREIGN);
	EXPECT_EQ(word_at(LOCK(2)), FUTEX_OWNER_DIED | FUTEX_WAITERS);
	EXPECT_EQ(word_at(LOCK(3)), FUTEX_OWNER_DIED);
	/* It is done once. */
	set_word(LOCK(0), OWN);
	ends();
	EXPECT_EQ(word_at(LOCK(0)), OWN);
}

static void no_list(void)
{
	start(0);
	ends();
	start(1);
	current->robust_list = BEYOND - 8; /* the head is not all there */
	ends();
	EXPECT_EQ(word_at(LOCK(0)), OWN);
}

/* ---- Waiters ---- */

/* Two tasks sleep on the first lock; how many are woken when its owner ends? */
static void expect_woken(const char *numbers)
{
	plan[0] = plan[1] = (struct futex_plan){ .word = LOCK(0), .shared = true };
	sleep_all(2, ends);
	EXPECT_TEXT(woken, numbers);
}

static void waiters(void)
{
	start(1);
	expect_woken(""); /* the word says that there are none */
	make_list(1);
	set_word(LOCK(0), OWN | FUTEX_WAITERS);
	expect_woken("0");
	make_list(1);
	set_word(LOCK(0), FOREIGN | FUTEX_WAITERS);
	expect_woken("");
	make_list(1);
	set_word(LOCK(0), OWN | FUTEX_WAITERS);
	set_word(HEAD, ENTRY(0) | PI);
	expect_woken("");
	EXPECT_EQ(word_at(LOCK(0)), FUTEX_OWNER_DIED | FUTEX_WAITERS);
	make_list(2);
	set_word(LOCK(0), OWN | FUTEX_WAITERS);
	set_word(ENTRY(0), ENTRY(1) | PI); /* the mark is of the second one */
	expect_woken("0");
	EXPECT_EQ(word_at(LOCK(1)), FUTEX_OWNER_DIED);
}

/* ---- The lock that the thread was about to take or to release ---- */

static void pending(void)
{
	start(0);
	set_word(HEAD + 8, ENTRY(0));
	set_word(LOCK(0), OWN);
	expect_woken("");
	EXPECT_EQ(word_at(LOCK(0)), FUTEX_OWNER_DIED);
	make_list(0);
	set_word(HEAD + 8, ENTRY(0));
	set_word(LOCK(0), OWN | FUTEX_WAITERS);
	expect_woken("0");
	make_list(0);
	set_word(HEAD + 8, ENTRY(0));
	set_word(LOCK(0), FOREIGN);
	expect_woken("");
	EXPECT_EQ(word_at(LOCK(0)), FOREIGN);
	/* Released, and not yet told to one that waits. */
	make_list(0);
	set_word(HEAD + 8, ENTRY(0));
	set_word(LOCK(0), 0);
	expect_woken("0");
	EXPECT_EQ(word_at(LOCK(0)), 0);
	make_list(0);
	set_word(HEAD + 8, ENTRY(0) | PI);
	set_word(LOCK(0), 0);
	expect_woken("");
	/* On the list, such a word is nothing special. */
	make_list(1);
	set_word(LOCK(0), 0);
	expect_woken("");
	/* It is on the list too: not twice. */
	make_list(2);
	set_word(HEAD + 8, ENTRY(0));
	set_word(LOCK(0), OWN | FUTEX_WAITERS);
	expect_woken("0");
	EXPECT_EQ(word_at(LOCK(1)), FUTEX_OWNER_DIED);
}

/* ---- Damaged lists ---- */

static void expect_marked(const char *marked)
{
	set_word(HEAD + 8, ENTRY(4));
	set_word(LOCK(4), OWN);
	ends();
	for (u32 i = 0; i < 5; i++)
		EXPECT_EQ(word_at(LOCK(i)), marked[i] == 'x' ? FUTEX_OWNER_DIED : OWN);
}

/* The last of the five locks is the pending one. */
static void damaged(void)
{
	start(4);
	expect_marked("xxxxx");
	make_list(4);
	set_word(ENTRY(1), NOWHERE); /* that word is at no place */
	expect_marked("xx   ");
	make_list(4);
	set_word(ENTRY(1), BEYOND - OFFSET - 4); /* a word, but the link is 0 */
	set_word(BEYOND - 4, OWN);
	expect_marked("xx   ");
	EXPECT_EQ(word_at(BEYOND - 4), FUTEX_OWNER_DIED);
	make_list(4);
	set_word(ENTRY(1), ENTRY(2) + 2); /* its word is not aligned */
	expect_marked("xx   ");
	make_list(4);
	set_word(HEAD + 4, OFFSET + 2);
	expect_marked("     ");
}

/* A circle ends, after as many entries as Linux reads. */
static void circle(void)
{
	u32 before = user_copies;

	start(2);
	set_word(ENTRY(1), ENTRY(0));
	before = user_copies;
	ends();
	EXPECT_EQ(word_at(LOCK(1)), FUTEX_OWNER_DIED);
	/* The head, a link and a word each, and two marks. */
	EXPECT_EQ(user_copies - before, 1 + 2 * ROBUST_LIST_LIMIT + 2);
}

TAP_MAIN({ "words of the owner are marked", marks }, { "no list", no_list },
	 { "one waiter is woken", waiters }, { "the pending lock", pending },
	 { "damaged lists", damaged }, { "a circle", circle })
