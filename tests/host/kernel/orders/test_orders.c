/* SPDX-License-Identifier: MIT */
/*
 * The search through the orders of tasks: each one once, none beyond the limits, and the text
 * that repeats one. The scenario: tasks of some steps each, of which any may run next.
 *
 * sources: kernel/orders/path.c kernel/orders/option.c
 */
#include <stdlib.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "kernel/orders/orders.h"
#include "tests/host/tap.h"

#define TASKS	 3u
#define RUNS_MAX 2000u

static char orders[RUNS_MAX][32];

/* One run: `order` gets the letter of a task for each step. Returns the number of preemptions. */
static u32 run(struct order_path *path, const u32 steps[TASKS], char *order)
{
	u32 left[TASKS], last = TASKS, preempted = 0;

	memcpy(left, steps, sizeof(left));
	path_begin(path);
	for (;;) {
		u32 ready[TASKS], count = 0, chosen = 0;
		bool preempts = last < TASKS && left[last];

		if (preempts)
			ready[count++] = last;
		for (u32 i = 0; i < TASKS; i++)
			if (left[i] && !(preempts && i == last))
				ready[count++] = i;
		if (!count)
			break;
		if (count > 1)
			chosen = path_choose(path, count, preempts);
		preempted += preempts && chosen;
		last = ready[chosen];
		left[last]--;
		*order++ = (char)('a' + last);
	}
	*order = '\0';
	return preempted;
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* All runs within the limits; each differs from the others. Returns how many. */
static u32 explore(const u32 steps[TASKS], u32 points, u32 preemptions)
{
	struct order_path path;
	u32 count = 0;

	path_init(&path, points, preemptions);
	do {
		EXPECT(run(&path, steps, orders[count]) <= preemptions);
		EXPECT(!path.diverged);
	} while (++count < RUNS_MAX && path_next(&path));
	qsort(orders, count, sizeof(*orders), compare);
	for (u32 i = 1; i < count; i++)
		EXPECT(strcmp(orders[i - 1], orders[i]));
	return count;
}

static void every_order(void)
{
	/* (2 + 3 + 2)! / (2! 3! 2!) and so on. */
	EXPECT_EQ(explore((u32[]){ 2, 3, 2 }, PATH_POINTS, 99), 210);
	EXPECT_EQ(explore((u32[]){ 4, 4, 0 }, PATH_POINTS, 99), 70);
	EXPECT_EQ(explore((u32[]){ 1, 1, 1 }, PATH_POINTS, 99), 6);
	EXPECT_EQ(explore((u32[]){ 5, 0, 0 }, PATH_POINTS, 99), 1);
}

static void limits(void)
{
	/*
	 * Two tasks of four steps: which one begins; where the first one is interrupted; and the
	 * second.
	 */
	EXPECT_EQ(explore((u32[]){ 4, 4, 0 }, PATH_POINTS, 0), 2);
	EXPECT_EQ(explore((u32[]){ 4, 4, 0 }, PATH_POINTS, 1), 2 + 2 * 3);
	EXPECT_EQ(explore((u32[]){ 4, 4, 0 }, PATH_POINTS, 2), 2 + 2 * 3 + 2 * 3 * 3);
	EXPECT_EQ(explore((u32[]){ 4, 4, 0 }, 1, 99), 2);
	EXPECT_EQ(explore((u32[]){ 4, 4, 0 }, 2, 99), 4);
	EXPECT_EQ(explore((u32[]){ 4, 4, 0 }, 0, 99), 1);
}

/* The text of each run gives the same order again. */
static void replay(void)
{
	static const u32 steps[TASKS] = { 2, 3, 2 };
	struct order_path path, again;
	char text[ORDERS_TEXT], order[32], repeated[32];
	u32 count = 0;

	path_init(&path, PATH_POINTS, 99);
	do {
		run(&path, steps, order);
		EXPECT_EQ(path_parse(&again, path_print(&path, text, sizeof(text))), 0);
		run(&again, steps, repeated);
		EXPECT_TEXT(repeated, order);
		EXPECT(!again.diverged);
	} while (++count < RUNS_MAX && path_next(&path));
	EXPECT_EQ(path_parse(&path, "3=1,2=1"), -EINVAL);
	EXPECT_EQ(path_parse(&path, "3"), -EINVAL);
	EXPECT_EQ(path_parse(&path, "3=1x"), -EINVAL);
	EXPECT_EQ(path_parse(&path, "3=256"), -EINVAL);
	EXPECT_EQ(path_parse(&path, "2048=1"), -EINVAL);
	EXPECT_EQ(path_parse(&path, ""), 0);
	/* The last that each number may be, and the same point twice. */
	EXPECT_EQ(path_parse(&path, "3=255,4=1,2047=2"), 0);
	EXPECT_TEXT(path_print(&path, text, sizeof(text)), "3=255,4=1,2047=2");
	EXPECT_EQ(path_parse(&path, "3=1,3=1"), -EINVAL);
	EXPECT_EQ(path_parse(&path, "3=1,"), 0);
	EXPECT_EQ(path_parse(&path, "=1"), -EINVAL);
	EXPECT_EQ(path_parse(&path, "3=,"), -EINVAL);
}

/* A point of a text does not know how many alternatives there were; it has to be one of them. */
static void points_of_a_text(void)
{
	struct order_path path;

	EXPECT_EQ(path_parse(&path, "0=1,1=2"), 0);
	path_begin(&path);
	EXPECT_EQ(path_choose(&path, 2, true), 1);
	EXPECT_EQ(path_choose(&path, 3, false), 2);
	EXPECT(!path.diverged);
	EXPECT_EQ(path_choose(&path, 255, false), 0); /* behind the text */
	EXPECT(!path.diverged);
	EXPECT_EQ(path_parse(&path, "0=2"), 0);
	path_begin(&path);
	EXPECT_EQ(path_choose(&path, 2, true), 0);
	EXPECT(path.diverged);
	path_begin(&path);
	EXPECT(!path.diverged);
	EXPECT_PANIC("count < 2", path_choose(&path, 1, false));
	EXPECT_PANIC("count < 2", path_choose(&path, 256, false));
}

/* A scenario that has another choice at a repeated point depends on more than the order. */
static void divergence(void)
{
	struct order_path path;

	path_init(&path, PATH_POINTS, 99);
	path_begin(&path);
	path_choose(&path, 3, false);
	path_choose(&path, 3, false);
	EXPECT(path_next(&path));
	path_begin(&path);
	EXPECT_EQ(path_choose(&path, 3, false), 0);
	EXPECT(!path.diverged);
	EXPECT_EQ(path_choose(&path, 2, false), 1);
	EXPECT(path.diverged);
	path_begin(&path);
	path_choose(&path, 3, true);
	EXPECT(path.diverged);
}

static void option(void)
{
	struct orders_option o = { .seed = 7 };

	EXPECT(!orders_parse("random:18", &o) && o.mode == ORDERS_RANDOM && o.seed == 18);
	EXPECT(!orders_parse("explore", &o) && o.mode == ORDERS_EXPLORE);
	EXPECT(o.points == ORDERS_POINTS && o.preemptions == ORDERS_PREEMPTIONS);
	EXPECT(!orders_parse("explore:20", &o) && o.points == 20 && o.preemptions == 1);
	EXPECT(!orders_parse("explore:20,3", &o) && o.points == 20 && o.preemptions == 3);
	EXPECT(!orders_parse("replay:4,1=2,7=1", &o) && o.mode == ORDERS_REPLAY);
	EXPECT_EQ(o.case_number, 4);
	EXPECT_TEXT(o.choices, "1=2,7=1");
	EXPECT(!orders_parse("replay:5", &o) && !o.choices[0]);
	for (const char *const *bad =
		     (const char *const[]){ "", "random", "random:", "random:x", "random:1,2",
					    "explorer", "explore:1,2,3", "explore:2049",
					    "explore:x", "replay", "replay:", "replay:0", "other:1",
					    NULL };
	     *bad; bad++)
		EXPECT_EQ(orders_parse(*bad, &o), -EINVAL);
	EXPECT_EQ(o.case_number, 5);
}

/* The last value of each number, and the first beyond it. */
static void bounds_of_the_option(void)
{
	struct orders_option o;
	char text[ORDERS_TEXT + 20] = "replay:1,";

	EXPECT(!orders_parse("random:4294967295", &o) && o.seed == UINT32_MAX);
	EXPECT_EQ(orders_parse("random:4294967296", &o), -EINVAL);
	EXPECT(!orders_parse("explore:2048,2048", &o) && o.points == 2048 && o.preemptions == 2048);
	EXPECT_EQ(orders_parse("explore:2048,2049", &o), -EINVAL);
	EXPECT(!orders_parse("explore:0,0", &o) && !o.points && !o.preemptions);
	EXPECT(!orders_parse("replay:65535", &o) && o.case_number == 65535);
	EXPECT_EQ(orders_parse("replay:65536", &o), -EINVAL);
	EXPECT_EQ(orders_parse("explore,1", &o), -EINVAL);
	memset(text + strlen(text), '1', ORDERS_TEXT - 1);
	EXPECT(!orders_parse(text, &o) && strlen(o.choices) == ORDERS_TEXT - 1);
	strcat(text, "1");
	EXPECT_EQ(orders_parse(text, &o), -EINVAL);
}

TAP_MAIN({ "every order once", every_order }, { "the limits of points and preemptions", limits },
	 { "a text repeats an order", replay }, { "points of a text", points_of_a_text },
	 { "a scenario that diverges", divergence }, { "the option", option },
	 { "bounds of the option", bounds_of_the_option })
