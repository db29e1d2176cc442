/* SPDX-License-Identifier: MIT */
/* System calls that report resource use of processes, and resources of the machine. */
#include "abi/linux/rusage.h"
#include "abi/linux/sysinfo.h"
#include "kernel/syscall/time/sys_time.h"
#include "kernel/syscall/process/sys_wait.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/load.h"
#include "kernel/task/pid.h"
#include "kernel/devices/time.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"
#include "lib/math64.h"
#include "mm/frames/page_alloc.h"
#include "mm/page_cache/filemap.h"
#include "mm/swap/swap.h"

/*
 * Fields of struct rusage that are not set are 0 on Linux too, or count what does not exist here:
 * block input and output.
 */
int put_usage(vaddr_t place, const struct usage *usage)
{
	const struct rusage told = {
		.user = to_timeval(counts_to_ns(usage->time[0])),
		.system = to_timeval(counts_to_ns(usage->time[1])),
		.max_rss = usage->max_rss * (PAGE_SIZE / KiB(1)),
		.minor_faults = usage->faults - usage->major_faults,
		.major_faults = usage->major_faults,
		.voluntary = usage->voluntary,
		.involuntary = usage->involuntary,
	};

	return copy_to_user(place, &told, sizeof(told)) ? -EFAULT : 0;
}

s32 sys_getrusage(struct pt_regs *regs)
{
	struct usage usage = usage_of_group(current->group);
	u32 max_rss = usage.max_rss;

	switch ((int)regs->ebx) {
	case RUSAGE_SELF:
		break;
	case RUSAGE_CHILDREN:
		usage = current->group->children;
		break;
	case RUSAGE_THREAD:
		usage = current->usage;
		usage.max_rss = max_rss;
		break;
	default:
		return -EINVAL;
	}
	return put_usage(regs->ecx, &usage);
}

/* Clock ticks of ring 3: always 1/100 s, as on Linux. */
static u32 to_clock_ticks(u64 counts)
{
	return (u32)div_u64(counts_to_ns(counts), NSEC_PER_SEC / 100);
}

s32 sys_times(struct pt_regs *regs)
{
	const struct usage own = usage_of_group(current->group),
			   *children = &current->group->children;
	const u32 told[] = { to_clock_ticks(own.time[0]), to_clock_ticks(own.time[1]),
			     to_clock_ticks(children->time[0]), to_clock_ticks(children->time[1]) };

	if (regs->ebx && copy_to_user(regs->ebx, told, sizeof(told)))
		return -EFAULT;
	return (s32)div_u64(clock_monotonic(), NSEC_PER_SEC / 100);
}

/* buffer_ram is 0: there is no disk file system. */
s32 sys_sysinfo(struct pt_regs *regs)
{
	/* The unit is a byte where all sums fit. */
	bool small = nr_present_pages() + total_swap_pages < GiB(4) >> PAGE_SHIFT;
	u32 shift = small ? PAGE_SHIFT : 0;
	struct sysinfo told = {
		.uptime = (s32)div_u64(clock_monotonic() + NSEC_PER_SEC - 1, NSEC_PER_SEC),
		.total_ram = nr_present_pages() << shift,
		.free_ram = nr_free_pages() << shift,
		.shared_ram = nr_memory_only_pages() << shift,
		.total_swap = total_swap_pages << shift,
		.free_swap = nr_swap_pages << shift,
		.processes = (u16)nr_tasks,
		.total_high = zones[ZONE_HIGHMEM].present_pages << shift,
		.free_high = zones[ZONE_HIGHMEM].free_pages << shift,
		.unit = small ? 1 : PAGE_SIZE,
	};

	for (u32 i = 0; i < ARRAY_SIZE(told.loads); i++)
		told.loads[i] = load.average[i] << (SYSINFO_LOAD_SHIFT - LOAD_SHIFT);
	return copy_to_user(regs->ebx, &told, sizeof(told)) ? -EFAULT : 0;
}
