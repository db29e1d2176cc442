/* SPDX-License-Identifier: MIT */
/*
 * areas [PID]: the areas of a process with their sizes, and what of them is in memory, from
 * /proc/PID/maps and /proc/PID/pagemap. Default: of itself.
 */
#include "programs/runtime/runtime.h"

#define PAGEMAP_PRESENT (1ull << 63)
#define PAGEMAP_SWAPPED (1ull << 62)

struct counts {
	u32 pages, present, swapped;
};

static void count_pages(int pagemap, u32 start, u32 end, struct counts *counts)
{
	u64 entries[128];

	for (u32 page = start / PAGE_SIZE; page < end / PAGE_SIZE;) {
		u32 part = min(end / PAGE_SIZE - page, (u32)ARRAY_SIZE(entries));

		if (sys_pread64(pagemap, entries, part * 8, (u64)page * 8) != (long)part * 8)
			return;
		for (u32 i = 0; i < part; i++) {
			counts->present += (entries[i] & PAGEMAP_PRESENT) != 0;
			counts->swapped += (entries[i] & PAGEMAP_SWAPPED) != 0;
		}
		page += part;
	}
}

/* A line `08048000-0804c000 r-xp 00000000 00:00 0   name`. */
static void print_area(char *line, int pagemap, struct counts *sum)
{
	struct counts counts = { 0, 0, 0 };
	char *range = next_word(&line), *rights = next_word(&line);
	char *dash = strchr(range, '-');
	u32 start = (u32)hexadecimal(range), end = dash ? (u32)hexadecimal(dash + 1) : start;

	for (u32 i = 0; i < 3; i++)
		next_word(&line);
	while (*line == ' ')
		line++;
	counts.pages = (end - start) / PAGE_SIZE;
	count_pages(pagemap, start, end, &counts);
	say("%08x-%08x %s %8u %8u %8u  %s\n", start, end, rights, 4 * counts.pages,
	    4 * counts.present, 4 * counts.swapped, line);
	sum->pages += counts.pages;
	sum->present += counts.present;
	sum->swapped += counts.swapped;
}

int main(int argc, char **argv)
{
	struct counts sum = { 0, 0, 0 };
	char path[64], *text, *line;
	long pagemap;

	scnprintf(path, sizeof(path), "/proc/%s/pagemap", argc > 1 ? argv[1] : "self");
	pagemap = sys_open(path, O_RDONLY);
	scnprintf(path, sizeof(path), "/proc/%s/maps", argc > 1 ? argv[1] : "self");
	text = must_read(path);
	say("area              right      KiB  present  swapped  what\n");
	while ((line = next_line(&text)))
		print_area(line, (int)pagemap, &sum);
	say("sum                    %8u %8u %8u\n", 4 * sum.pages, 4 * sum.present,
	    4 * sum.swapped);
	return 0;
}
