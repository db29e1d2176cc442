/* SPDX-License-Identifier: MIT */
/*
 * frames: a picture of all memory, from /proc/frames. A character stands for some frames in a
 * row, and shows their most frequent owner; the sums count every frame.
 */
#include "programs/runtime/runtime.h"

#define COLUMNS 64u
#define ROWS	16u

static const struct {
	char letter;
	const char *name;
} owners[] = {
	{ '.', "free" },
	{ 'R', "reserved" },
	{ 'K', "kernel" },
	{ 'T', "page tables" },
	{ 'S', "slabs" },
	{ 'V', "vmalloc" },
	{ 'A', "programs' pages" },
	{ 'C', "page cache" },
	{ 'H', "large pages" },
};

static char frames[1u << 20]; /* of 4 GiB: one character each */

/* Removes the addresses from the lines of the file. Returns the number of frames. */
static u32 read_frames(void)
{
	static char text[(1u << 20) / 64 * 80];
	char *rest = text, *line;
	u32 count = 0;
	long length = read_text("/proc/frames", text, sizeof(text));

	if (length < 0)
		die("/proc/frames can't be read: error %ld\n", -length);
	while ((line = next_line(&rest))) {
		next_word(&line);
		for (; *line && count < sizeof(frames); line++)
			frames[count++] = *line;
	}
	return count;
}

static u32 index_of(char letter)
{
	u32 i = 0;

	while (i < ARRAY_SIZE(owners) - 1 && owners[i].letter != letter)
		i++;
	return i;
}

/* The most frequent owner of some frames; adds their numbers to sums. */
static char summarize(const char *from, u32 count, u32 *sums)
{
	u32 own[ARRAY_SIZE(owners)] = { 0 }, best = 0;

	for (u32 i = 0; i < count; i++)
		own[index_of(from[i])]++;
	for (u32 i = 0; i < ARRAY_SIZE(owners); i++) {
		sums[i] += own[i];
		if (own[i] > own[best])
			best = i;
	}
	return owners[best].letter;
}

int main(void)
{
	u32 count = read_frames(), sums[ARRAY_SIZE(owners)] = { 0 };
	u32 cell = max(DIV_ROUND_UP(count, COLUMNS * ROWS), 1u);

	for (u32 at = 0; at < count;) {
		char line[COLUMNS + 1];
		u32 used = 0, start = at;

		for (; used < COLUMNS && at < count; at += cell)
			line[used++] = summarize(frames + at, min(cell, count - at), sums);
		line[used] = '\0';
		say("%4u MiB %s\n", start / MiB_PAGES, line);
	}
	say("a character: %u frames\n", cell);
	for (u32 i = 0; i < ARRAY_SIZE(owners); i++)
		say("%c %-16s %8u frames %8u KiB\n", owners[i].letter, owners[i].name, sums[i],
		    4 * sums[i]);
	return 0;
}
