/* SPDX-License-Identifier: MIT */
/*
 * cow: copy on write, frame by frame. A parent and its child tell which frame their page is in,
 * from /proc/self/pagemap: after fork() it is one frame, and a write ends that.
 */
#include "programs/runtime/runtime.h"

#define PAGEMAP_PRESENT	  (1ull << 63)
#define PAGEMAP_EXCLUSIVE (1ull << 56)
#define PAGEMAP_FRAME	  ((1ull << 55) - 1)

static volatile u32 *page;

static void tell(const char *who)
{
	u64 entry = 0;
	long fd = sys_open("/proc/self/pagemap", O_RDONLY);

	if (fd < 0 || sys_pread64((int)fd, &entry, 8, (u64)((uintptr_t)page / PAGE_SIZE) * 8) != 8)
		die("/proc/self/pagemap can't be read\n");
	sys_close((int)fd);
	say("%-28s value %u, frame %#llx, %s\n", who, *page, entry & PAGEMAP_FRAME,
	    !(entry & PAGEMAP_PRESENT)	? "not present"
	    : entry & PAGEMAP_EXCLUSIVE ? "its own"
					: "shared");
}

/* Runs a part in a child, and waits for its end. */
static void in_child(void (*part)(void))
{
	long pid = sys_fork();

	if (pid < 0)
		die("fork: error %ld\n", -pid);
	if (!pid) {
		part();
		sys_exit_group(0);
	}
	sys_waitpid((int)pid, NULL, 0);
}

static void child(void)
{
	tell("child, after fork");
	*page = 2;
	tell("child, after its write");
}

int main(void)
{
	u32 start =
		sys_mmap2(0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (is_error(start))
		die("mmap: error %d\n", -(int)start);
	page = (volatile u32 *)(uintptr_t)start;
	(void)*page;
	tell("read, never written");
	*page = 1;
	tell("written");
	in_child(child);
	tell("parent, child has ended");
	*page = 3;
	tell("parent, after its write");
	return 0;
}
