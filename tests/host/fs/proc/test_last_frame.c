/* SPDX-License-Identifier: MIT */
/*
 * Nothing looks at what lies behind mem_map: the entry of the last frame is followed by memory
 * that the address sanitizer guards, and all that goes through the frames is called.
 */
#include <string.h>

#include "fs/file.h"
#include "fs/proc/proc.h"
#include "lib/trace/ring.h"
#include "mm/census.h"
#include "mm/mman/mman.h"
#include "mm/frames/lru.h"
#include "mm/frames/page_owner.h"
#include "mm/frames/trace_events.h"
#include "mm/reclaim/reclaim.h"
#include "mm/swap/swap.h"
#include "tests/host/console.h"
#include "tests/host/fs/proc/proc_rig.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define __asan_poison_memory_region(start, bytes) ((void)(start))
#endif

static u32 words[1u << 14];

/* 64 MiB less three frames: so mem_map does not end at the end of a page. */
static void boot(void)
{
	const struct mem_range ram = { 0, MACHINE_RAM - 3 * PAGE_SIZE, MEM_USABLE };
	struct boot_layout layout = machine_layout();
	char *end;

	layout.page_owner = true;
	EXPECT_EQ(machine_boot_map(&ram, 1, &layout), 0);
	EXPECT_EQ(max_pfn, MACHINE_FRAMES - 3);
	end = (char *)(mem_map + max_pfn);
	__asan_poison_memory_region(end, -(size_t)end % PAGE_SIZE);
	file_init();
	machine_settle();
}

static void each_walk(void)
{
	struct mm_struct *mm;
	const char *one = "1";
	struct census census;
	struct file *file;
	u64 position = 0;
	vaddr_t area;

	boot();
	mm = mm_alloc();
	area = user_map(mm, MiB(48), PROT_READ | PROT_WRITE);
	for (u32 at = 0; at < MiB(48); at += PAGE_SIZE)
		user_poke(mm, area + at, 1);
	EXPECT(page_owner_report(0) > MiB(48) / PAGE_SIZE);
	EXPECT(reclaim_set_policy("fifo"));
	shrink_pages(1, GFP_HIGHUSER);
	EXPECT(lru);
	EXPECT_VALID(reclaim_validate());
	EXPECT(mm_census(&census));
	EXPECT(census_counted_all(&census));
	read_file("/proc/meminfo", 4096);
	read_file("/proc/frames", 4096);
	EXPECT_EQ(file_open("/proc/sys/vm/drop_caches", O_WRONLY, 0, &file), 0);
	EXPECT_EQ(file_write(file, &position, 1, copy_from_buffer, &one), 1);
	file_put(file);
	trace_ring_init(words, ARRAY_SIZE(words));
	trace_book_frames();
	lru_stop();
	user_switch(NULL);
	mm_put(mm);
}

TAP_MAIN({ "each walk ends at the last frame", each_walk })
