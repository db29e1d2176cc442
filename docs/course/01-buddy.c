/* SPDX-License-Identifier: MIT */
/* Laboratory 1: where did the RAM go? Every frame has one owner. */
#include "lab.h"

static const char letters[] = ".RKTSVAC";
static const char *const owners[] = { "free",  "reserved", "kernel", "page tables",
				      "slabs", "vmalloc",  "anon",   "page cache" };

static void count(unsigned long sums[8])
{
	char line[128];
	FILE *file = fopen("/proc/frames", "r");

	memset(sums, 0, 8 * sizeof(*sums));
	while (file && fgets(line, sizeof(line), file))
		for (const char *at = line + 9; *at > ' '; at++)
			sums[strchr(letters, *at) - letters]++;
	if (file)
		fclose(file);
}

int main(void)
{
	unsigned long before[8], after[8];
	char *memory;

	count(before);
	for (int i = 0; i < 8; i++)
		printf("%-12s %6lu frames\n", owners[i], before[i]);
	memory = fresh(300);
	count(before);
	for (int i = 0; i < 300; i++)
		memory[i * PAGE] = 1;
	count(after);
	printf("300 pages written: anon %+ld\n", (long)(after[6] - before[6]));
	show("/proc/buddyinfo", "Node 0, zone   Normal");
	munmap(memory, 300 * PAGE);
	count(before);
	printf("unmapped:          anon %+ld\n", (long)(before[6] - after[6]));
	show("/proc/buddyinfo", "Node 0, zone   Normal");
	return 0;
}
