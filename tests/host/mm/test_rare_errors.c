/* SPDX-License-Identifier: MIT */
/*
 * Errors that need a rare state: each allocation of a call fails in turn, counters and tables are
 * full, requests lie at the ends of what an object or a space can have.
 */
#include "abi/linux/errno.h"
#include "mm/frames/fail_alloc.h"
#include "mm/kernel_space/vmalloc.h"
#include "mm/mman/mman_internal.h"
#include "mm/page_cache/filemap.h"
#include "mm/swap/swap_ram.h"
#include "mm/user_space/anon.h"
#include "mm/user_space/huge.h"
#include "mm/user_space/overcommit.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/shmem.h"
#include "mm/user_space/swapoff.h"
#include "mm/user_space/vma.h"
#include "tests/host/machine.h"
#include "tests/host/resched.h"
#include "tests/host/space.h"
#include "tests/host/mm/swap/swap_rig.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define BASE 0x50000000u

enum { R = PROT_READ, RW = PROT_READ | PROT_WRITE };

static struct mm_struct *mm;

/* Makes one allocation of the call fail, the first, the second, ..., until it succeeds. */
static void fail_each(bool (*succeeds)(void))
{
	bool done = false;

	for (u32 step = 1; !done && step < 100; step++) {
		const struct fail_spec spec = { FAIL_ANY, FAIL_ONCE, step };

		fail_alloc_set(&spec);
		done = succeeds();
		EXPECT(!done || !fail_alloc_failed());
		fail_alloc_set(NULL);
		if (mm)
			check_space(mm);
	}
	EXPECT(done);
}

static bool shared_memory_succeeds(void)
{
	return do_mmap(mm, BASE, PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED) == BASE;
}

static bool large_memory_succeeds(void)
{
	vaddr_t place = do_mmap(mm, BASE + MiB(32), LARGE_PAGE_SIZE, RW,
				MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED | MAP_HUGETLB);

	return place == BASE + MiB(32) && !do_munmap(mm, place, LARGE_PAGE_SIZE);
}

/* Behind the page tables that the window has from the start. */
static bool device_succeeds(void)
{
	void *device = ioremap(0xe0000000, MiB(80));

	if (device)
		iounmap(device);
	return device;
}

static bool swap_in_memory_succeeds(void)
{
	struct swap_device *device = swap_ram_create(5000);

	if (device)
		device->release(device);
	return device;
}

/* Moves large pages; next time back. */
static bool large_pages_move(void)
{
	static vaddr_t from = BASE + MiB(64), to = BASE + MiB(128);
	vaddr_t moved = do_mremap(mm, from, LARGE_PAGE_SIZE, LARGE_PAGE_SIZE,
				  MREMAP_MAYMOVE | MREMAP_FIXED, to);

	return moved == to;
}

static void map_large(void)
{
	EXPECT_EQ(huge_pool_resize(2), 2);
	EXPECT_EQ(do_mmap(mm, BASE + MiB(64), 2 * LARGE_PAGE_SIZE, RW,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_HUGETLB),
		  BASE + MiB(64));
}

/* The place is the kernel's choice. */
static void large_pages_anywhere(void)
{
	vaddr_t place;

	/* In the way of the first place. */
	place = do_mmap(mm, 0, PAGE_SIZE, R, MAP_PRIVATE | MAP_ANONYMOUS);
	EXPECT(!IS_ERR_VALUE(place));
	place = do_mmap(mm, 0, LARGE_PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB);
	EXPECT(!IS_ERR_VALUE(place) && IS_ALIGNED(place, LARGE_PAGE_SIZE));
	EXPECT_EQ(do_munmap(mm, place, LARGE_PAGE_SIZE), 0);
}

static bool swap_area_succeeds(void)
{
	static struct swap_disk small;
	int type = swap_disk_try(&small, 5000, -1, NULL, 0);

	if (type >= 0)
		swap_disk_remove((u32)type);
	return type >= 0;
}

static void allocations(void)
{
	machine_boot();
	mm = mm_alloc();
	fail_each(shared_memory_succeeds);
	fail_each(device_succeeds);
	fail_each(swap_in_memory_succeeds);
	fail_each(swap_area_succeeds);
	map_large();
	EXPECT_EQ(huge_pool_resize(3), 3);
	fail_each(large_memory_succeeds);
	large_pages_anywhere();
	fail_each(large_pages_move);
	mm_put(mm);
	EXPECT_EQ(huge_pool_resize(0), 0);
	machine_settle();
}

static vaddr_t map_object(struct address_space *mapping, u32 length, u32 pgoff)
{
	const struct mmap_request request = { .address = BASE,
					      .length = length,
					      .prot = RW,
					      .flags = MAP_SHARED | MAP_FIXED |
						       (mapping->huge ? MAP_HUGETLB : 0),
					      .mapping = mapping,
					      .pgoff = pgoff,
					      .may = VM_MAY_MASK };

	return do_mmap_pgoff(mm, &request);
}

/* Offsets that wrap, and places in large pages. */
static void offsets(void)
{
	struct address_space *small, *large;
	struct mmap_request request = { .address = BASE + PAGE_SIZE,
					.length = 2 * LARGE_PAGE_SIZE,
					.prot = RW,
					.flags = MAP_SHARED | MAP_FIXED | MAP_HUGETLB,
					.may = VM_MAY_MASK };

	machine_boot();
	mm = mm_alloc();
	EXPECT_EQ(huge_pool_resize(2), 2);
	small = shmem_object(GiB(2), "small");
	large = large_object(2 * LARGE_PAGE_SIZE);
	EXPECT_EQ(map_object(small, 2 * PAGE_SIZE, UINT32_MAX), (vaddr_t)-EOVERFLOW);
	EXPECT_EQ(map_object(small, PAGE_SIZE, UINT32_MAX - 1), BASE);
	EXPECT_EQ(do_mremap(mm, BASE, PAGE_SIZE, 4 * PAGE_SIZE, MREMAP_MAYMOVE, 0),
		  (vaddr_t)-EINVAL);
	EXPECT_EQ(do_mmap_pgoff(mm, &request), (vaddr_t)-EINVAL);
	request.flags = MAP_SHARED | MAP_HUGETLB;
	request.mapping = large;
	EXPECT(IS_ALIGNED(do_mmap_pgoff(mm, &request), LARGE_PAGE_SIZE));
	EXPECT_EQ(get_unmapped_huge_area(mm, 0, GiB(3)), (vaddr_t)-ENOMEM);
	mapping_put(small);
	mapping_put(large);
	mm_put(mm);
	EXPECT_EQ(huge_pool_resize(0), 0);
}

/* PROT_GROWSDOWN reaches down to the start of an area that grows; nothing grows upward. */
static void growing(void)
{
	const u32 grows = R | PROT_GROWSDOWN;

	machine_boot();
	mm = mm_alloc();
	EXPECT_EQ(do_mmap(mm, BASE, 4 * PAGE_SIZE, RW,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN),
		  BASE);
	EXPECT_EQ(
		do_mmap(mm, BASE + MiB(8), PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED),
		BASE + MiB(8));
	EXPECT_EQ(do_mprotect(mm, BASE + 2 * PAGE_SIZE, PAGE_SIZE, R | PROT_GROWSUP), -EINVAL);
	EXPECT_EQ(do_mprotect(mm, BASE - PAGE_SIZE, PAGE_SIZE, R | PROT_GROWSUP), -ENOMEM);
	EXPECT_EQ(do_mprotect(mm, BASE, PAGE_SIZE, grows | PROT_GROWSUP), -EINVAL);
	EXPECT_EQ(do_mprotect(mm, BASE + MiB(8), PAGE_SIZE, grows), -EINVAL);
	EXPECT_EQ(do_mprotect(mm, BASE - 2 * PAGE_SIZE, PAGE_SIZE, grows), -ENOMEM);
	EXPECT_EQ(do_mprotect(mm, BASE + MiB(16), PAGE_SIZE, grows), -ENOMEM);
	EXPECT(mm->mmap->vm_flags & VM_WRITE);
	EXPECT_EQ(do_mprotect(mm, BASE + 2 * PAGE_SIZE, PAGE_SIZE, grows), 0);
	EXPECT_EQ(mm->mmap->vm_start, BASE);
	EXPECT_EQ(mm->mmap->vm_end, BASE + 3 * PAGE_SIZE);
	EXPECT(!(mm->mmap->vm_flags & VM_WRITE));
	check_space(mm);
	mm_put(mm);
}

static vaddr_t remap(u32 new_pages, u32 flags, vaddr_t place)
{
	return do_mremap(mm, BASE, PAGE_SIZE, new_pages * PAGE_SIZE, flags, place);
}

/* mremap with as many areas as there may be, and with no memory to promise. */
static void limits(void)
{
	const u32 areas = max_map_count, mode = overcommit_mode, ratio = overcommit_ratio;

	machine_boot();
	mm = mm_alloc();
	for (u32 i = 0; i < 2; i++)
		do_mmap(mm, BASE + i * PAGE_SIZE, PAGE_SIZE, i ? R : RW,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);
	max_map_count = 2;
	EXPECT_EQ(remap(2, MREMAP_MAYMOVE, 0), (vaddr_t)-ENOMEM);
	EXPECT_EQ(remap(1, MREMAP_MAYMOVE | MREMAP_FIXED, BASE + MiB(8)), (vaddr_t)-ENOMEM);
	max_map_count = areas;
	overcommit_mode = OVERCOMMIT_NEVER;
	overcommit_ratio = 0;
	EXPECT_EQ(remap(2, MREMAP_MAYMOVE, 0), (vaddr_t)-ENOMEM);
	EXPECT_EQ(do_munmap(mm, BASE + PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(remap(2, 0, 0), (vaddr_t)-ENOMEM);
	overcommit_mode = mode;
	overcommit_ratio = ratio;
	EXPECT_EQ(remap(2, 0, 0), BASE);
	check_space(mm);
	mm_put(mm);
}

static void full_hints(void)
{
	struct mm_struct *other;

	machine_boot();
	other = mm_alloc();
	for (u32 i = 1; i < ANON_HINTS; i++)
		anon_hinted[i] = anon_hinted[i] ?: other;
	mm = mm_alloc();
	EXPECT(mm != NULL);
	EXPECT_EQ(user_poke(mm, user_map(mm, PAGE_SIZE, RW), 7), FAULT_OK);
	for (u32 i = 1, kept = 0; i < ANON_HINTS; i++)
		if (anon_hinted[i] == other && kept++)
			anon_hinted[i] = NULL;
	user_switch(NULL);
	mm_put(mm);
	mm_put(other);
}

static void populate_nothing(void)
{
	machine_boot();
	mm = mm_alloc();
	EXPECT_EQ(mm_populate(mm, BASE, BASE + PAGE_SIZE), -EFAULT);
	EXPECT_EQ(do_mmap(mm, BASE + PAGE_SIZE, PAGE_SIZE, RW,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED),
		  BASE + PAGE_SIZE);
	EXPECT_EQ(mm_populate(mm, BASE, BASE + PAGE_SIZE), -EFAULT);
	EXPECT_EQ(mm_populate(mm, BASE + PAGE_SIZE, BASE + 2 * PAGE_SIZE), 0);
	mm_put(mm);
}

static int put_nothing(u32 first, const u8 *resident, u32 pages, void *context)
{
	(void)first;
	(void)resident;
	(void)pages;
	(void)context;
	return 0;
}

/* A signal ends the task: long calls stop after a step. */
static void killed(void)
{
	vaddr_t area;

	rig_start(4 * LEFT);
	area = user_map(swapper, 2 * LEFT * PAGE_SIZE, RW);
	write_all(swapper, area, 2 * LEFT, 0);
	machine_relax();
	host_killed = true;
	EXPECT_EQ(mm_populate(swapper, area, area + 4 * PAGE_SIZE), -EINTR);
	EXPECT_EQ(do_mincore(swapper, area, 4 * PAGE_SIZE, put_nothing, NULL), -EINTR);
	EXPECT_EQ(swapoff_area(disk_type), -EINTR);
	host_killed = false;
	EXPECT(!swap_info[disk_type].leaving);
	read_all(swapper, area, 2 * LEFT, 0);
	rig_stop();
}

/* A read fault on a mapped page, a victim of the end of memory, and a promise that is broken. */
static void faults_on_large_pages(void)
{
	struct address_space *large;

	machine_boot();
	mm = mm_alloc();
	EXPECT_EQ(huge_pool_resize(2), 2);
	large = large_object(2 * LARGE_PAGE_SIZE);
	EXPECT_EQ(map_object(large, 2 * LARGE_PAGE_SIZE, 0), BASE);
	mapping_put(large);
	EXPECT_EQ(user_poke(mm, BASE, 7), FAULT_OK);
	EXPECT_EQ(mm_fault(mm, BASE, FAULT_READ), FAULT_OK);
	EXPECT_EQ(mm_fault(mm, BASE, FAULT_WRITE), FAULT_OK);
	EXPECT_EQ(user_peek(mm, BASE), 7);
	remove_pages(large, HUGE_FRAMES, UINT32_MAX);
	expect_large(1, 0);
	EXPECT_EQ(huge_reserve(large), 0);
	expect_large(1, 1);
	mm->oom_victim = true;
	EXPECT_EQ(mm_fault(mm, BASE + LARGE_PAGE_SIZE, FAULT_READ), FAULT_OOM);
	mm->oom_victim = false;
	user_switch(NULL);
	mm_put(mm);
	EXPECT_EQ(huge_pool_resize(0), 0);
}

/* Only with the NX bit is execution a right of its own. */
static void execution(void)
{
	machine_boot();
	mm = mm_alloc();
	do_mmap(mm, BASE, PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);
	EXPECT_EQ(mm_fault(mm, BASE, FAULT_EXEC), pte_nx ? FAULT_ACCERR : FAULT_OK);
	EXPECT_EQ(do_mprotect(mm, BASE, PAGE_SIZE, R | PROT_EXEC), 0);
	EXPECT_EQ(mm_fault(mm, BASE, FAULT_EXEC), FAULT_OK);
	check_space(mm);
	mm_put(mm);
}

/* Ranges with holes, and such that wrap or are longer than a space. */
static void ranges(void)
{
	machine_boot();
	mm = mm_alloc();
	do_mmap(mm, BASE, PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);
	do_mmap(mm, BASE + 2 * PAGE_SIZE, PAGE_SIZE, R, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);
	EXPECT_EQ(populate_areas(mm, BASE, BASE + 3 * PAGE_SIZE, true), -ENOMEM);
	EXPECT_EQ(populate_areas(mm, BASE + 2 * PAGE_SIZE, BASE + 4 * PAGE_SIZE, true), -ENOMEM);
	EXPECT_EQ(do_mincore(mm, BASE, 3 * PAGE_SIZE, put_nothing, NULL), -ENOMEM);
	EXPECT_EQ(do_mincore(mm, BASE, TASK_SIZE + PAGE_SIZE, put_nothing, NULL), -ENOMEM);
	EXPECT_EQ(do_mincore(mm, BASE, TASK_SIZE - PAGE_SIZE, put_nothing, NULL), -ENOMEM);
	EXPECT_EQ(do_mremap(mm, BASE + PAGE_SIZE, PAGE_SIZE, PAGE_SIZE,
			    MREMAP_MAYMOVE | MREMAP_FIXED, BASE + MiB(8)),
		  (vaddr_t)-EFAULT);
	EXPECT_EQ(do_mremap(mm, BASE + MiB(9), PAGE_SIZE, PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED,
			    BASE + MiB(8)),
		  (vaddr_t)-EFAULT);
	mm_put(mm);
}

TAP_MAIN({ "faults on large pages", faults_on_large_pages }, { "ranges", ranges },
	 { "execution", execution }, { "killed", killed },
	 { "each allocation of a call fails", allocations }, { "offsets", offsets },
	 { "mprotect of areas that grow", growing }, { "mremap at limits", limits },
	 { "no hint for a space", full_hints }, { "populate a hole", populate_nothing })
