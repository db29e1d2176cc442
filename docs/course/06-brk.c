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

static void tell(const char *what, char *now)
{
	printf("%-26s break =%ld bytes, =%ld pages in memory\n", what, (long)(now - start),
	       present(start, 16));
}

int main(void)
{
	char *now;

	now = start = move(NULL);
	start = move((char *)(((uintptr_t)start + PAGE - 1) & -(uintptr_t)PAGE));
	tell("at the start", start);
	now = move(start + 1);
	tell("one byte more", now);
	now = move(start + 16 * PAGE);
	tell("16 pages", now);
	for (int i = 0; i < 16; i++)
		start[i * PAGE] = 1;
	tell("all of them written", now);
	now = move(start + 4 * PAGE);
	tell("back to 4 pages", now);
	now = move((char *)0xd0000000u);
	tell("beyond the user half", now);
	return 0;
}
