/* SPDX-License-Identifier: MIT */
/*
 * trace PATTERN MEMORY: prints the accesses of a pattern, a line each, for tools/belady:
 *
 *	w 17     page 17 is written
 *	r 3      page 3 is read
 *	count    the accesses from here on count
 *
 * First come the writes by which the program fills its area. A program of the host.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/league/patterns.h"

static const struct pattern *find(const char *name)
{
	for (const struct pattern *p = patterns; p->name; p++)
		if (!strcmp(p->name, name))
			return p;
	return NULL;
}

int main(int argc, char **argv)
{
	const struct pattern *pattern = argc == 3 ? find(argv[1]) : NULL;
	long memory = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	struct walk walk;

	if (!pattern || memory < 16) {
		fprintf(stderr, "usage: trace PATTERN MEMORY, with at least 16 frames\n");
		return 2;
	}
	walk_start(&walk, pattern, (u32)memory);
	for (u32 page = 0; page < walk.pages; page++)
		printf("w %u\n", page);
	while (walk.done < walk.accesses) {
		struct access access;

		if (walk.done == walk.accesses / 2)
			puts("count");
		access = walk_next(&walk);
		printf("%c %u\n", access.write ? 'w' : 'r', access.page);
	}
	return 0;
}
