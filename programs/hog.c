/* SPDX-License-Identifier: MIT */
/*
 * hog N [SECONDS]: takes N MiB of memory, tells what that changed, and keeps it for some seconds;
 * without them, until it is ended.
 *
 * It maps the memory first and touches it then: mapping takes no frame.
 */
#include "programs/runtime/runtime.h"
#include "tests/ring3/runtime/time_calls.h"

static void tell(const char *what)
{
	say("%-10s free %8u KiB, swap free %8u KiB, resident %8u KiB\n", what,
	    field("/proc/meminfo", "MemFree"), field("/proc/meminfo", "SwapFree"),
	    field("/proc/self/status", "VmRSS"));
}

static void keep(u32 seconds)
{
	struct timespec second = { 1, 0 };

	for (u32 passed = 0; !seconds || passed < seconds; passed++)
		sys_nanosleep(&second, NULL);
}

int main(int argc, char **argv)
{
	u32 pages = number(argc > 1 ? argv[1] : NULL, 3000) * MiB_PAGES, start;

	tell("before");
	start = sys_mmap2(0, pages * PAGE_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (is_error(start))
		die("%s MiB can't be mapped: error %d\n", argv[1], -(int)start);
	tell("mapped");
	/* Each page gets contents of its own: equal pages could be one. */
	for (u32 page = 0; page < pages; page++)
		*(volatile u32 *)(uintptr_t)(start + page * PAGE_SIZE) = page + 1;
	tell("touched");
	keep(argc > 2 ? number(argv[2], 86400) : 0);
	return 0;
}
