/* SPDX-License-Identifier: MIT */
/* Laboratory 7: stack growth. An access below the stack extends it, up to a limit. */
#include "lab.h"

static unsigned long stack_pages(void)
{
	return field("/proc/self/status", "VmStk") * 1024 / PAGE;
}

/* Touches the stack `pages` pages below here; returns the address. */
static __attribute__((noinline)) volatile char *deep(unsigned pages)
{
	volatile char *here = __builtin_alloca(pages * PAGE);

	here[0] = 1;
	return (volatile char *)((uintptr_t)here & -(uintptr_t)PAGE);
}

int main(void)
{
	volatile char *high = deep(100), *low;
	unsigned long before = stack_pages();
	int status;

	low = deep(200);
	printf("a touch 100 pages further down: area %+ld pages, %+ld of them in memory\n",
	       (long)(stack_pages() - before), present(low, (unsigned)(high - low) / PAGE));
	deep(150);
	printf("a touch between them:           area %+ld pages, %+ld of them in memory\n",
	       (long)(stack_pages() - before), present(low, (unsigned)(high - low) / PAGE));
	if (!fork()) {
		deep(3000); /* 12 MiB: the limit is 8 */
		_exit(0);
	}
	wait(&status);
	printf("a child touches 12 MiB below:   signal =%d\n", WTERMSIG(status));
	return 0;
}
