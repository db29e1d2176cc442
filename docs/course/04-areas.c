/* SPDX-License-Identifier: MIT */
/* Laboratory 4: areas. Neighbours of one kind are one area; a change in the middle makes three. */
#include "lab.h"

#define PLACE 0x50000000u

static void map(unsigned page, unsigned pages, int rights)
{
	mmap((void *)(PLACE + page * PAGE), pages * PAGE, rights,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void tell(const char *what)
{
	printf("%s:\n", what);
	show("/proc/self/maps", "5000");
}

int main(void)
{
	map(0, 2, PROT_READ | PROT_WRITE);
	tell("two pages");
	map(2, 4, PROT_READ | PROT_WRITE);
	tell("four more behind them, with the same rights");
	mprotect((void *)(PLACE + 2 * PAGE), PAGE, PROT_READ);
	tell("the third made read-only");
	munmap((void *)(PLACE + 4 * PAGE), PAGE);
	tell("the fifth unmapped");
	map(4, 1, PROT_READ | PROT_WRITE);
	mprotect((void *)(PLACE + 2 * PAGE), PAGE, PROT_READ | PROT_WRITE);
	tell("all as before");
	return 0;
}
