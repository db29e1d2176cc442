/* SPDX-License-Identifier: MIT */
/* Caches that free frames on demand: which are asked, in which order, and the sum. */
#include "mm/frames/shrinker.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

static char asked[8];
static u32 count;

static u32 shrink_as(char name, u32 frames)
{
	asked[count++] = name;
	asked[count] = '\0';
	return frames;
}

static u32 shrink_a(void)
{
	return shrink_as('a', 100);
}

static u32 shrink_b(void)
{
	return shrink_as('b', 20);
}

static u32 shrink_c(void)
{
	return shrink_as('c', 3);
}

static const char *asked_now(void)
{
	count = 0;
	return asked;
}

/* The last one that was registered is asked first; idle ones save no work. */
static void requests(void)
{
	static struct shrinker a = { .name = "a", .shrink = shrink_a },
			       b = { .name = "b", .shrink = shrink_b, .saves_work = true },
			       c = { .name = "c", .shrink = shrink_c };
	u32 others;

	machine_boot();
	shrink_caches();
	others = shrink_caches(); /* those of mm/ have nothing left */
	EXPECT_EQ(others, 0);
	register_shrinker(&a);
	register_shrinker(&b);
	register_shrinker(&c);
	EXPECT_EQ(shrink_caches(), 123);
	EXPECT_TEXT(asked_now(), "cba");
	EXPECT_EQ(shrink_idle_caches(), 103);
	EXPECT_TEXT(asked_now(), "ca");
	EXPECT_EQ(shrink_caches(), 123);
	EXPECT_TEXT(asked_now(), "cba");
}

static void incomplete(void)
{
	static struct shrinker without_name = { .shrink = shrink_a },
			       without_call = { .name = "x" };

	machine_boot();
	EXPECT_PANIC("BUG", register_shrinker(&without_name));
	EXPECT_PANIC("BUG", register_shrinker(&without_call));
}

TAP_MAIN({ "requests", requests }, { "incomplete ones", incomplete })
