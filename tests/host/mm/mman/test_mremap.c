/* SPDX-License-Identifier: MIT */
/*
 * mremap: refused calls, growth, and moves: pages arrive with their contents, and the old place
 * cannot be used any more.
 */
#include "abi/linux/errno.h"
#include "mm/frames/fail_alloc.h"
#include "mm/user_space/overcommit.h"
#include "mm/user_space/shmem.h"
#include "mm/user_space/truncate.h"
#include "mm/user_space/vma.h"
#include "mm/slab/slab.h"
#include "mm/mman/mman.h"
#include "mm/user_space/page_fault.h"
#include "paging/tlb.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define BASE	  0x50000000u
#define FAR	  0x60000000u
#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)

enum { R = PROT_READ, RW = PROT_READ | PROT_WRITE };

static struct mm_struct *mm;

static vaddr_t page(u32 number)
{
	return BASE + number * PAGE_SIZE;
}

static void valid(void)
{
	vaddr_t where;

	EXPECT_VALID(mm_validate(mm, &where));
	EXPECT_EQ(vm_committed, mm->data_vm);
}

static void start(void)
{
	machine_boot();
	mm = mm_alloc();
}

static void stop(void)
{
	valid();
	mm_put(mm);
	EXPECT_EQ(vm_committed, 0);
}

static void map(u32 first, u32 count, u32 prot)
{
	EXPECT_EQ(do_mmap(mm, page(first), count * PAGE_SIZE, prot, ANONYMOUS | MAP_FIXED),
		  page(first));
}

/* Each page has a mark of its own. */
static void mark(vaddr_t start, u32 pages, u8 value)
{
	for (u32 i = 0; i < pages; i++)
		EXPECT_EQ(user_poke(mm, start + i * PAGE_SIZE, (u8)(value + i)), FAULT_OK);
}

static void expect_marks(vaddr_t start, u32 pages, u8 value)
{
	for (u32 i = 0; i < pages; i++)
		EXPECT_EQ(user_peek(mm, start + i * PAGE_SIZE), (u8)(value + i));
}

static int remap(u32 first, u32 old_pages, u32 new_pages, u32 flags, vaddr_t place)
{
	return (int)do_mremap(mm, page(first), old_pages * PAGE_SIZE, new_pages * PAGE_SIZE, flags,
			      place);
}

static void refused(void)
{
	start();
	map(0, 4, RW);
	map(6, 1, R);
	mark(page(0), 4, 1);
	/* CVE-2003-0985, CVE-2004-0077: a new length of 0 made an empty area. */
	EXPECT_EQ(remap(0, 4, 0, 0, 0), -EINVAL);
	EXPECT_EQ(remap(0, 4, 0, MREMAP_MAYMOVE | MREMAP_FIXED, FAR), -EINVAL);
	EXPECT_EQ((int)do_mremap(mm, page(0), PAGE_SIZE, 0xfffff001, MREMAP_MAYMOVE, 0), -EINVAL);
	EXPECT_EQ((int)do_mremap(mm, page(0) + 1, PAGE_SIZE, PAGE_SIZE, 0, 0), -EINVAL);
	EXPECT_EQ(remap(0, 4, 5, 8, 0), -EINVAL);
	EXPECT_EQ(remap(0, 4, 5, MREMAP_FIXED, FAR), -EINVAL);
	EXPECT_EQ(remap(0, 4, 4, MREMAP_DONTUNMAP, FAR), -EINVAL);
	EXPECT_EQ(remap(0, 4, 5, MREMAP_DONTUNMAP | MREMAP_MAYMOVE, FAR), -EINVAL);
	EXPECT_EQ(remap(0, 0, 1, MREMAP_MAYMOVE, 0), -EINVAL);
	EXPECT_EQ(remap(4, 1, 2, MREMAP_MAYMOVE, 0), -EFAULT);
	EXPECT_EQ(remap(2, 3, 8, MREMAP_MAYMOVE, 0), -EFAULT);
	EXPECT_EQ(remap(0, 7, 8, MREMAP_MAYMOVE, 0), -EFAULT);
	EXPECT_EQ(remap(0, 4, 7, 0, 0), -ENOMEM);
	EXPECT_EQ(remap(0, 2, 3, 0, 0), -ENOMEM);
	EXPECT_EQ(remap(0, 4, 4, MREMAP_MAYMOVE | MREMAP_FIXED, page(2)), -EINVAL);
	EXPECT_EQ(remap(2, 2, 4, MREMAP_MAYMOVE | MREMAP_FIXED, page(0)), -EINVAL);
	EXPECT_EQ(remap(0, 4, 4, MREMAP_MAYMOVE | MREMAP_FIXED, FAR + 1), -EINVAL);
	EXPECT_EQ(remap(0, 4, 4, MREMAP_MAYMOVE | MREMAP_FIXED, TASK_SIZE - PAGE_SIZE), -EINVAL);
	EXPECT_EQ(remap(0, 4, 4, MREMAP_MAYMOVE | MREMAP_FIXED, 0), -EPERM);
	EXPECT_EQ(remap(0, 4, 4, MREMAP_MAYMOVE | MREMAP_FIXED, USER_MIN - PAGE_SIZE), -EPERM);
	EXPECT_EQ((int)do_mremap(mm, page(0), PAGE_SIZE, TASK_SIZE, MREMAP_MAYMOVE, 0), -ENOMEM);
	expect_marks(page(0), 4, 1);
	EXPECT_EQ(mm->map_count, 2);
	EXPECT_EQ(mm->total_vm, 5);
	stop();
}

/* With an old length of 0 the new place may be the area itself, which is unmapped first. */
static void in_its_own_place(void)
{
	start();
	for (u32 i = 0; i < 3; i += 2)
		EXPECT_EQ(
			do_mmap(mm, page(i), PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED),
			page(i));
	EXPECT_EQ(remap(0, 0, 1, MREMAP_MAYMOVE | MREMAP_FIXED, page(0)), -EFAULT);
	EXPECT_EQ(mm->map_count, 1);
	EXPECT_EQ(do_munmap(mm, page(2), PAGE_SIZE), 0);
	stop();
}

static void grows_here(void)
{
	start();
	map(0, 2, RW);
	map(5, 1, RW);
	mark(page(0), 2, 10);
	EXPECT_EQ(remap(0, 2, 4, 0, 0), page(0));
	EXPECT_EQ(mm->total_vm, 5);
	EXPECT_EQ(user_peek(mm, page(3)), 0);
	EXPECT_EQ(remap(1, 3, 4, 0, 0), page(1)); /* up to the neighbour, and merged with it */
	EXPECT_EQ(mm->map_count, 1);
	EXPECT_EQ(remap(0, 6, 3, 0, 0), page(0));
	EXPECT_EQ(mm->total_vm, 3);
	EXPECT_EQ(remap(0, 3, 3, 0, 0), page(0));
	expect_marks(page(0), 2, 10);
	EXPECT_EQ(user_peek(mm, page(3)), -1 - (int)FAULT_MAPERR);
	stop();
}

/* CVE-2018-18281: no translation of the old place is left when a frame gets another owner. */
static void moves(void)
{
	struct mm_struct *copy;
	vaddr_t place;

	start();
	map(0, 6, RW);
	map(6, 1, R);
	mark(page(0), 6, 20);
	copy = mm_copy(mm);
	EXPECT_EQ(user_poke(mm, page(1), 21), FAULT_OK);
	place = (vaddr_t)remap(1, 3, 700, MREMAP_MAYMOVE, 0);
	EXPECT(!IS_ERR_VALUE(place) && place != page(1));
	EXPECT_EQ(user_peek(mm, page(1)), -1 - (int)FAULT_MAPERR);
	EXPECT_EQ(user_poke(mm, page(3), 1), FAULT_MAPERR);
	expect_marks(place, 3, 21);
	EXPECT_EQ(user_peek(mm, place + 3 * PAGE_SIZE), 0);
	mark(place, 3, 40);
	EXPECT_EQ(user_peek(mm, page(0)), 20);
	EXPECT_EQ(user_peek(mm, page(4)), 24);
	EXPECT_EQ(user_peek(copy, page(2)), 22);
	mm_put(copy);
	/* Over another area, and next to the rest of its own area, with which it could merge. */
	EXPECT_EQ((int)do_mremap(mm, place, 3 * PAGE_SIZE, 3 * PAGE_SIZE,
				 MREMAP_MAYMOVE | MREMAP_FIXED, page(1)),
		  page(1));
	expect_marks(page(1), 3, 40);
	EXPECT_EQ(find_vma(mm, page(0))->vm_end, page(6));
	EXPECT_EQ(remap(1, 3, 2, MREMAP_MAYMOVE | MREMAP_FIXED, page(5)), page(5));
	expect_marks(page(5), 2, 40);
	EXPECT_EQ(find_vma(mm, page(4))->vm_start, page(4));
	stop();
}

static void old_place_stays(void)
{
	vaddr_t place;

	start();
	map(0, 4, RW);
	mark(page(0), 4, 60);
	EXPECT_EQ(do_mlock(mm, page(0), 4 * PAGE_SIZE, 0), 0);
	place = (vaddr_t)remap(1, 2, 2, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);
	expect_marks(place, 2, 61);
	EXPECT_EQ(user_peek(mm, page(1)), 0);
	EXPECT_EQ(mm->total_vm, 6);
	EXPECT_EQ(mm->locked_vm, 4); /* moved pages stay locked */
	EXPECT_EQ(user_peek(mm, page(0)), 60);
	valid();
	host_rlim[RLIMIT_AS].cur = 7 * PAGE_SIZE;
	EXPECT_EQ(remap(0, 1, 3, MREMAP_MAYMOVE, 0), -ENOMEM);
	EXPECT_EQ(remap(1, 2, 2, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0), -ENOMEM);
	EXPECT(!IS_ERR_VALUE((vaddr_t)remap(1, 2, 3, MREMAP_MAYMOVE, 0)));
	stop();
}

/* Shared memory: an old length of 0 maps the same pages a second time, and offsets move along. */
static void objects(void)
{
	struct address_space *object;
	vaddr_t start_, second;

	start();
	start_ = do_mmap(mm, BASE, 4 * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS);
	object = find_vma(mm, start_)->vm_mapping;
	mark(start_, 4, 80);
	second = do_mremap(mm, start_ + PAGE_SIZE, 0, 2 * PAGE_SIZE, MREMAP_MAYMOVE, 0);
	EXPECT_EQ(find_vma(mm, second)->vm_pgoff, 1);
	expect_marks(second, 2, 81);
	EXPECT_EQ(user_poke(mm, second, 7), FAULT_OK);
	EXPECT_EQ(user_peek(mm, start_ + PAGE_SIZE), 7);
	EXPECT_EQ(object->count, 2);
	second = do_mremap(mm, start_ + 2 * PAGE_SIZE, PAGE_SIZE, 2 * PAGE_SIZE,
			   MREMAP_MAYMOVE | MREMAP_FIXED, FAR);
	EXPECT_EQ(second, FAR);
	EXPECT_EQ(find_vma(mm, FAR)->vm_pgoff, 2);
	EXPECT_EQ(object->count, 4); /* two halves and two copies */
	expect_marks(FAR, 2, 82);
	EXPECT_EQ(mm->shared_vm, 3 + 2 + 2);
	EXPECT_VALID(mapping_validate(object));
	EXPECT_VALID(mapping_validate_areas(object));
	/* Back into its place: the three pieces are one area again. */
	EXPECT_EQ(do_mremap(mm, FAR, PAGE_SIZE, PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED,
			    start_ + 2 * PAGE_SIZE),
		  start_ + 2 * PAGE_SIZE);
	EXPECT_EQ(find_vma(mm, start_)->vm_end, start_ + 4 * PAGE_SIZE);
	EXPECT_EQ(vm_committed, 4);
	mm_put(mm);
	EXPECT_EQ(vm_committed, 0);
}

static u32 list_sum(void)
{
	u32 sum = 0;

	for (const struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next)
		sum = sum * 31 + vma->vm_start + 7 * vma->vm_end;
	return sum;
}

/* A failure inside the call leaves areas and counters as they were. */
static void without_memory(void)
{
	u32 failed = 0, sum, total, committed;
	vaddr_t place = (vaddr_t)-ENOMEM;

	start();
	for (u32 i = 0; i < 12; i++) {
		map(i * 1024, 3, RW);
		mark(page(i * 1024), 3, (u8)i);
	}
	map(12000, 2100, RW);
	mark(page(12500), 3, 90);
	mark(page(13700), 3, 95);
	sum = list_sum();
	total = mm->total_vm;
	committed = vm_committed;
	user_switch(NULL);
	for (u32 k = 1; IS_ERR_VALUE(place) && k < 100; k++) {
		const struct fail_spec spec = { .kinds = FAIL_ANY, .mode = FAIL_ON, .nth = k };

		kmem_cache_reap();
		fail_alloc_set(&spec);
		place = (vaddr_t)remap(12400, 1600, 1600, MREMAP_MAYMOVE | MREMAP_FIXED, FAR);
		fail_alloc_set(NULL);
		if (!IS_ERR_VALUE(place))
			break;
		failed++;
		EXPECT_EQ((int)place, -ENOMEM);
		EXPECT_EQ(list_sum(), sum);
		EXPECT_EQ(mm->total_vm, total);
		EXPECT_EQ(vm_committed, committed);
		valid();
		machine_check();
	}
	EXPECT(failed >= 3); /* areas and page tables */
	expect_marks(FAR + 100 * PAGE_SIZE, 3, 90);
	expect_marks(FAR + 1300 * PAGE_SIZE, 3, 95);
	stop();
}

/* The end of the area wraps: no page at the start of the address space may be unmapped. */
static void tail_does_not_wrap(void)
{
	const vaddr_t high = TASK_SIZE - 16 * PAGE_SIZE;
	u32 length = page(0) - high;

	start();
	map(0, 4, RW);
	mark(page(0), 4, 1);
	EXPECT_EQ(do_mmap(mm, high, PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED), high);
	EXPECT_EQ((int)do_mremap(mm, high, length + 4 * PAGE_SIZE, length, MREMAP_MAYMOVE, 0),
		  -EINVAL);
	expect_marks(page(0), 4, 1);
	EXPECT_EQ(mm->total_vm, 5);
	stop();
}

TAP_MAIN({ "in its own place", in_its_own_place },
	 { "refused (CVE-2003-0985, CVE-2004-0077)", refused },
	 { "grows and shrinks where it is", grows_here }, { "moves (CVE-2018-18281)", moves },
	 { "MREMAP_DONTUNMAP", old_place_stays }, { "shared objects", objects },
	 { "without memory, step by step", without_memory },
	 { "the end that is cut off does not wrap", tail_does_not_wrap })
