/* SPDX-License-Identifier: MIT */
/* Laboratory 8: copy on write. fork shares frames; the first writer gets a copy. */
#include "lab.h"

static volatile int *page;
static unsigned long first;

static void tell(const char *what)
{
	int own;
	unsigned long frame = frame_of(page, &own);

	printf("%-28s value =%d, %s, %s\n", what, *page,
	       frame == first ? "the first frame" : "another frame", own ? "its own" : "shared");
	fflush(stdout);
}

int main(void)
{
	page = (volatile int *)fresh(1);
	*page = 1;
	first = frame_of(page, NULL);
	tell("parent, before fork");
	if (!fork()) {
		tell("child, after fork");
		*page = 2;
		tell("child, after its write");
		_exit(0);
	}
	wait(NULL);
	tell("parent, the child has ended");
	*page = 3;
	tell("parent, after its write");
	return 0;
}
