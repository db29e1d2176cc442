/* SPDX-License-Identifier: MIT */
/* Laboratory 6: the heap. brk moves its end; malloc cuts it into pieces. */
#include "lab.h"

#include <sys/syscall.h>

static char *start;

/* The system call itself: the C library's function keeps its own idea of the break. */
static char *move(char *wanted)
{
	return (char *)syscall(SYS_brk, wanted);
}

static void tell(const char *what, char *now, long before)
{
	printf("%-26s break =%ld bytes, resident %+ld pages\n", what, (long)(now - start),
	       (long)resident() - before);
}

int main(void)
{
	long before;
	char *now;

	now = start = move(NULL);
	start = move((char *)(((uintptr_t)start + PAGE - 1) & -(uintptr_t)PAGE));
	printf("one page is %u bytes\n", PAGE);
	before = (long)resident(); /* its own memory has come by now */
	before = (long)resident();
	tell("at the start", start, before);
	now = move(start + 1);
	tell("one byte more", now, before);
	now = move(start + 16 * PAGE);
	tell("16 pages", now, before);
	for (int i = 0; i < 16; i++)
		start[i * PAGE] = 1;
	tell("all of them written", now, before);
	now = move(start + 4 * PAGE);
	tell("back to 4 pages", now, before);
	now = move((char *)0xd0000000u);
	tell("beyond the user half", now, before);
	return 0;
}
