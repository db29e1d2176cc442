/* SPDX-License-Identifier: MIT */
/* Locked memory, so that what is left has a known size on any machine and kernel. */
#include "abi/linux/sysinfo.h"
#include "tests/league/league.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/tap.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define ROUNDS	   12u
#define SAMPLES	   32u	/* for each `memory` pages */
#define SLACK	   100u /* one in so many frames may be missing */

/* The unit is 1 on a machine with less than 4 GiB. */
static u32 to_pages(u32 units, u32 unit)
{
	return (u32)((u64)units * unit / PAGE_SIZE);
}

u32 count_resident(const u8 *area, u32 pages)
{
	u8 vector[1024];
	u32 count = 0;

	for (u32 first = 0; first < pages; first += sizeof(vector)) {
		u32 part = min(pages - first, (u32)sizeof(vector));

		EXPECT_EQ(sys_mincore((u32)area + first * PAGE_SIZE, part * PAGE_SIZE, vector), 0);
		for (u32 i = 0; i < part; i++)
			count += vector[i] & 1;
	}
	return count;
}

/*
 * How many of a program's pages are there at most when memory is short: the optimum too has no
 * more. In between, a kernel keeps a reserve free.
 */
static u32 measure(u32 memory)
{
	u32 pages = 2 * memory, most = 0;
	u8 *area = memory_map(pages, READ_WRITE);

	for (u32 page = 0; page < pages; page++) {
		area[page * PAGE_SIZE] = (u8)page | 1;
		if (page % (memory / SAMPLES) == 0)
			most = max(most, count_resident(area, page + 1));
	}
	memory_unmap(area, pages);
	return most;
}

/* A child has no use for it. */
static void lock(u8 *area, u32 first, u32 pages)
{
	u32 start = (u32)area + first * PAGE_SIZE;

	if (sys_madvise(start, pages * PAGE_SIZE, MADV_DONTFORK) ||
	    sys_mlock(start, pages * PAGE_SIZE))
		tap_bail_out("mlock of the ballast failed");
}

static void unlock(u8 *area, u32 first, u32 pages)
{
	u32 start = (u32)area + first * PAGE_SIZE;

	EXPECT_EQ(sys_munlock(start, pages * PAGE_SIZE), 0);
	EXPECT_EQ(sys_madvise(start, pages * PAGE_SIZE, MADV_DONTNEED), 0);
}

u32 ballast_load(u32 memory)
{
	struct sysinfo m;
	u32 resident = 0, most, locked = 0, wanted;
	u8 *area;

	EXPECT_EQ(system_call(NR_sysinfo, (long)&m, 0, 0, 0, 0, 0), 0);
	most = to_pages(m.total_ram, m.unit);
	wanted = to_pages(m.free_ram, m.unit);
	if (wanted < memory)
		tap_bail_out("the machine has too little memory: give it more by MEM=");
	wanted = (wanted - memory) * 9 / 10;
	area = memory_map_sparse(most);
	for (u32 round = 0; round < ROUNDS; round++) {
		if (wanted > locked)
			lock(area, locked, wanted - locked);
		else if (wanted < locked)
			unlock(area, wanted, locked - wanted);
		locked = wanted;
		resident = measure(memory);
		if (resident + memory / SLACK >= memory && resident <= memory + memory / SLACK)
			return resident;
		if (resident + locked < memory)
			tap_bail_out("the machine has too little memory: give it more by MEM=");
		wanted = locked + resident - memory;
	}
	return resident;
}
