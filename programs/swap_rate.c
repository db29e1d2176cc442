/* SPDX-License-Identifier: MIT */
/*
 * swap_rate [MIB]: how fast the swap device is. Writes an area larger than the free RAM, reads it
 * in order, and reads it at random places. MIB is its size: default twice the free RAM, but not
 * more than three quarters of RAM and swap.
 *
 * A line for each pattern: pages written to and read from swap, the milliseconds, pages each
 * second, and pages that were read ahead; of these, hits were used.
 */
#include "programs/runtime/runtime.h"
#include "tests/ring3/runtime/time_calls.h"

#define KIB_PAGE (PAGE_SIZE / 1024)
#define WORDS	 (PAGE_SIZE / 4)
#define LEAST	 64u /* pages of a run that tells something */

struct figures {
	u32 out, in, ahead, hits, ms;
};

static u32 vmstat(const char *name)
{
	char *text = must_read("/proc/vmstat"), *line;

	while ((line = next_line(&text)))
		if (!strcmp(next_word(&line), name))
			return (u32)decimal(next_word(&line));
	return 0;
}

static u32 now_ms(void)
{
	struct timespec now;

	sys_clock_gettime(CLOCK_MONOTONIC, &now);
	return (u32)now.seconds * 1000 + (u32)now.nanoseconds / 1000000;
}

static struct figures figures(void)
{
	return (struct figures){ vmstat("pswpout"), vmstat("pswpin"), vmstat("swap_ra"),
				 vmstat("swap_ra_hit"), now_ms() };
}

static u32 default_pages(void)
{
	u32 ram = field("/proc/meminfo", "MemFree") / KIB_PAGE;
	u32 swap = field("/proc/meminfo", "SwapFree") / KIB_PAGE;

	if (swap < LEAST)
		die("there is no swap space: swapon, or SWAP=128M for make\n");
	return min(2 * ram, (ram + swap) / 4 * 3);
}

/* Each page has its own contents, which compress well: one word of 16 does not repeat. */
static void write_page(u32 *words, u32 page)
{
	for (u32 i = 0; i < WORDS; i++)
		words[i] = i % 16 ? page : (page * WORDS + i) * 0x9e3779b1u;
}

static bool page_is_right(const volatile u32 *words, u32 page)
{
	return words[0] == page * WORDS * 0x9e3779b1u && words[1] == page;
}

/* Visits as many pages as there are: all in their order, or some at random. */
static void visit(u32 *area, u32 pages, const char *pattern, bool write, bool random)
{
	struct figures before = figures(), after;
	u32 wrong = 0, state = 1, moved;

	for (u32 i = 0; i < pages; i++) {
		u32 page = i;

		if (random) {
			state = state * 1664525u + 1013904223u; /* Numerical Recipes */
			page = (state >> 8) % pages;
		}
		if (write)
			write_page(area + page * WORDS, page);
		else
			wrong += !page_is_right(area + page * WORDS, page);
	}
	after = figures();
	after.ms = max(after.ms - before.ms, 1u);
	moved = after.out - before.out + after.in - before.in;
	say("swap-rate: pattern=%s pages=%u out=%u in=%u ms=%u pages_per_second=%u ahead=%u "
	    "hits=%u\n",
	    pattern, pages, after.out - before.out, after.in - before.in, after.ms,
	    (u32)((u64)moved * 1000 / after.ms), after.ahead - before.ahead,
	    after.hits - before.hits);
	if (wrong)
		die("%u pages have wrong contents\n", wrong);
}

int main(int argc, char **argv)
{
	u32 pages = argc > 1 ? number(argv[1], 2047) * MiB_PAGES : default_pages();
	u32 area = (u32)sys_mmap2(0, pages * PAGE_SIZE, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	u32 *words = (u32 *)(uintptr_t)area;

	if (is_error(area))
		die("%u pages can't be mapped: error %d\n", pages, -(int)area);
	visit(words, pages, "write", true, false);
	visit(words, pages, "read", false, false);
	visit(words, pages, "random", false, true);
	return 0;
}
