/* SPDX-License-Identifier: MIT */
/* Laboratory 5: lazy allocation. Mapping is a promise; the first touch gets the frame. */
#include "lab.h"

static long before;

static void tell(const char *what)
{
	printf("%-24s resident %+ld pages\n", what, (long)resident() - before);
}

int main(void)
{
	volatile char *memory;
	unsigned sum = 0;
	int own;

	printf("one page is %u bytes\n", PAGE);
	before = (long)resident(); /* its own memory has come by now */
	before = (long)resident();
	tell("at the start");
	memory = fresh(1000);
	tell("1000 pages mapped");
	for (int i = 0; i < 10; i++)
		sum += (unsigned char)memory[i * PAGE];
	tell("10 of them read");
	printf("what was read: =%u; pages 0 and 1 are in %s\n", sum,
	       frame_of(memory, &own) == frame_of(memory + PAGE, NULL) ? "one frame"
								       : "two frames");
	for (int i = 0; i < 10; i++)
		memory[i * PAGE] = 1;
	tell("the same 10 written");
	for (int i = 0; i < 10; i++)
		memory[(500 + i) * PAGE] = 1;
	tell("10 others written");
	munmap((void *)memory, 1000 * PAGE);
	tell("unmapped");
	return 0;
}
