/* SPDX-License-Identifier: MIT */
/* The reference patterns. */
#include "tests/league/patterns.h"

#define HOT_PERCENT   60u
#define PHASE_PERCENT 80u
#define SETS	      6u
#define PHASES	      8u
#define WRITES	      4u /* one access of so many */
#define SEED	      2463534242u

static u32 percent_of(u32 memory, u32 percent)
{
	return memory * percent / 100;
}

/* Marsaglia, Xorshift RNGs, 2003. */
static u32 next_random(struct walk *walk)
{
	walk->seed ^= walk->seed << 13;
	walk->seed ^= walk->seed >> 17;
	walk->seed ^= walk->seed << 5;
	return walk->seed;
}

u32 walk_random(struct walk *walk, u32 n)
{
	return (u32)((u64)next_random(walk) * n >> 32);
}

/* One page after the other, again and again. */
static u32 loop_page(struct walk *walk)
{
	return walk->done % walk->pages;
}

/*
 * Page k in proportion to 1/k, by octaves: the pages 2^j to 2^(j+1)-1 together are as probable for
 * each j. A multiplication by an odd number scatters them over the area.
 */
static u32 zipf_page(struct walk *walk)
{
	u32 octaves = 31 - (u32)__builtin_clz(walk->pages);
	u32 first = 1u << walk_random(walk, octaves);
	u32 k = first + walk_random(walk, first);

	return k * 0x9e3779b1u & ((1u << octaves) - 1);
}

/* By turns a page of the hot set, at random, and the next page of all others. */
static u32 scan_page(struct walk *walk)
{
	u32 hot = percent_of(walk->memory, HOT_PERCENT);

	return walk->done % 2 ? walk_random(walk, hot) : hot + walk->done / 2 % (walk->pages - hot);
}

bool walk_is_hot(const struct walk *walk, u32 page)
{
	return walk->pattern->page == scan_page && page < percent_of(walk->memory, HOT_PERCENT);
}

/* Any page, at random. */
static u32 random_page(struct walk *walk)
{
	return walk_random(walk, walk->pages);
}

/* Random pages of one set, then of the next. */
static u32 phases_page(struct walk *walk)
{
	u32 set = percent_of(walk->memory, PHASE_PERCENT);
	u32 phase = walk->done / (walk->accesses / PHASES);

	return phase % SETS * set + walk_random(walk, set);
}

const struct pattern patterns[] = {
	{ "loop", 110, 14, loop_page },		      /* a loop slightly larger than memory */
	{ "zipf", 400, 16, zipf_page },		      /* few pages are used often */
	{ "scan", 400 + HOT_PERCENT, 32, scan_page }, /* a hot set beside a sequential scan */
	{ "random", 200, 8, random_page },
	{ "phases", SETS *PHASE_PERCENT, 32, phases_page },
	{ NULL, 0, 0, NULL },
};

void walk_start(struct walk *walk, const struct pattern *pattern, u32 memory)
{
	*walk = (struct walk){
		.pattern = pattern,
		.memory = memory,
		.pages = percent_of(memory, pattern->percent),
		.accesses = memory * pattern->accesses,
		.seed = SEED,
	};
}

struct access walk_next(struct walk *walk)
{
	struct access access;

	access.page = walk->pattern->page(walk);
	access.write = !walk_random(walk, WRITES);
	walk->done++;
	return access;
}
