/* SPDX-License-Identifier: MIT */
/* Laboratory 3: page tables. An address is two indexes and an offset. */
#include "lab.h"

#define PLACE 0x50000000u

int main(void)
{
	/* The frames of pages 0 and 1 must not follow each other, or both are one line. */
	static const int order[] = { 0, 3, 1, 4, 5 };
	char *memory = mmap((void *)PLACE, 6 * PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	uintptr_t address = PLACE + 3 * PAGE + 42;

	printf("%#lx: directory entry =%lu, page-table entry =%lu, offset =%lu\n",
	       (unsigned long)address, (unsigned long)address >> 22,
	       (unsigned long)address >> 12 & 1023, (unsigned long)address & 4095);
	printf("nothing touched:\n");
	show("/proc/self/pagetables", "50000000");
	for (int i = 0; i < 5; i++)
		memory[order[i] * PAGE] = 1;
	mprotect(memory + 4 * PAGE, PAGE, PROT_READ);
	printf("pages 0, 1, 3, 4, 5 written, 4 made read-only:\n");
	show("/proc/self/pagetables", "5000");
	printf("the kernel's half:\n");
	show("/proc/kpagetables", "c0100000");
	return 0;
}
