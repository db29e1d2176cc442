/* SPDX-License-Identifier: MIT */
/* Laboratory 10: replacement. A page leaves memory, and comes back with its contents. */
#include "lab.h"

#include <sys/resource.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

static unsigned long swapped(void)
{
	return field("/proc/self/status", "VmSwap") * 1024 / PAGE;
}

static long major_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_majflt;
}

int main(void)
{
	char *memory = fresh(8);
	long faults;
	unsigned sum = 0;

	if (!field("/proc/meminfo", "SwapTotal")) {
		printf("no swap: OPTIONS=swap=ram:16M\n");
		return 1;
	}
	for (int i = 0; i < 8; i++)
		memory[i * PAGE] = (char)i;
	printf("8 pages written:  in memory =%ld, in swap =%lu\n", present(memory, 8), swapped());
	madvise(memory, 8 * PAGE, MADV_PAGEOUT);
	printf("sent out:         in memory =%ld, in swap =%lu\n", present(memory, 8), swapped());
	faults = major_faults();
	for (int i = 0; i < 8; i++)
		sum += (unsigned char)memory[i * PAGE];
	printf("read again:       in memory =%ld, in swap =%lu, sum =%u, %s\n", present(memory, 8),
	       swapped(), sum,
	       major_faults() > faults ? "by major faults" : "without a major fault");
	return 0;
}
