/* SPDX-License-Identifier: MIT */
/*
 * buddy: the free lists of the buddy system, from /proc/buddyinfo.
 *
 *   zone       free KiB   blocks of 4K    8K   16K ...       the largest free block
 *
 * The right column shows fragmentation: how much of the free memory lies in blocks that are too
 * small for a request of 64 KiB.
 */
#include "programs/runtime/runtime.h"

#define ORDERS_MAX 16u
#define ORDER_64K  4u

struct zone {
	const char *name;
	u32 orders;
	u32 blocks[ORDERS_MAX];
};

static u32 frames(const struct zone *zone, u32 from, u32 to)
{
	u32 sum = 0;

	for (u32 order = from; order < to && order < zone->orders; order++)
		sum += zone->blocks[order] << order;
	return sum;
}

/* A line `Node 0, zone   Normal   1   2 ...`. */
static void read_zone(char *line, struct zone *zone)
{
	for (u32 i = 0; i < 3; i++)
		next_word(&line);
	zone->name = next_word(&line);
	for (zone->orders = 0; zone->orders < ORDERS_MAX; zone->orders++) {
		char *word = next_word(&line);

		if (!*word)
			break;
		zone->blocks[zone->orders] = (u32)decimal(word);
	}
}

static void print_head(const struct zone *zone)
{
	say("zone       free KiB ");
	for (u32 order = 0; order < zone->orders; order++) {
		u32 kib = 4u << order;

		say(kib < 1024 ? "%5uK" : "%5uM", kib < 1024 ? kib : kib / 1024);
	}
	say("  too small for 64K\n");
}

static void print_zone(const struct zone *zone)
{
	u32 all = frames(zone, 0, zone->orders);

	say("%-8s %10u ", zone->name, 4 * all);
	for (u32 order = 0; order < zone->orders; order++)
		say("%6u", zone->blocks[order]);
	say("  %16u%%\n", all ? 100 * frames(zone, 0, ORDER_64K) / all : 0);
}

int main(void)
{
	char *text = must_read("/proc/buddyinfo"), *line;
	bool first = true;

	while ((line = next_line(&text))) {
		struct zone zone;

		read_zone(line, &zone);
		if (first)
			print_head(&zone);
		first = false;
		print_zone(&zone);
	}
	return 0;
}
