/* SPDX-License-Identifier: MIT */
/*
 * mprotect(2), row by row: which rights an area may get, what happens to entries that are there,
 * what is charged, and what an error leaves.
 */
#include "abi/linux/errno.h"
#include "abi/linux/prctl.h"
#include "mm/mman/mman.h"
#include "mm/frames/fail_alloc.h"
#include "mm/page_cache/filemap.h"
#include "mm/user_space/overcommit.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/shmem.h"
#include "tests/host/mm/mman/areas.h"
#include "tests/host/space.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

enum { X = PROT_EXEC, W = PROT_WRITE };

#define PAGES 6u

static int protect(u32 first, u32 count, u32 prot)
{
	return do_mprotect(mm, page(first), count * PAGE_SIZE, prot);
}

static u32 rights(u32 number)
{
	return find_vma(mm, page(number))->vm_flags & VM_ACCESS_MASK;
}

static void end(void)
{
	check_space(mm);
	user_switch(NULL);
	stop();
}

/* A file mapping: the area may get the rights that the file has. */
static vaddr_t map_object(struct address_space *object, u32 may)
{
	const struct mmap_request request = { .address = page(0),
					      .length = PAGES * PAGE_SIZE,
					      .prot = may & VM_MAYREAD ? R : N,
					      .flags = MAP_SHARED | MAP_FIXED,
					      .mapping = object,
					      .may = may };

	return do_mmap_pgoff(mm, &request);
}

/* The rights that an area got at its birth bound those that it may have. */
static void allowed_rights(void)
{
	static const u32 mays[] = { VM_MAY_MASK, VM_MAYREAD | VM_MAYWRITE, VM_MAYREAD | VM_MAYEXEC,
				    VM_MAYREAD };
	struct address_space *object;

	start();
	object = shmem_object(PAGES * PAGE_SIZE, "object");
	for (u32 i = 0; i < ARRAY_SIZE(mays); i++) {
		EXPECT_EQ(map_object(object, mays[i]), page(0));
		for (u32 prot = 0; prot <= (R | W | X); prot++) {
			bool may = !(prot & ~(mays[i] >> 4));

			EXPECT_EQ(protect(1, 2, prot), may ? 0 : -EACCES);
			EXPECT_EQ(rights(1), may ? prot : R);
			EXPECT_EQ(rights(0), R);
			EXPECT_EQ(protect(1, 2, R), 0);
		}
		unmap(0, PAGES);
	}
	end();
	mapping_put(object);
}

/* READ_IMPLIES_EXEC, where the area may be executed. */
static void reading_implies_execution(void)
{
	struct address_space *object;

	start();
	object = shmem_object(PAGES * PAGE_SIZE, "object");
	map(0, PAGES, N, 0);
	host_read_exec = mm->read_exec = true;
	EXPECT_EQ(protect(0, 1, R), 0);
	EXPECT_EQ(rights(0), VM_READ | VM_EXEC);
	EXPECT_EQ(protect(0, 1, W), 0);
	EXPECT_EQ(rights(0), VM_WRITE);
	mm->read_exec = false;
	EXPECT_EQ(protect(0, 1, R), 0);
	EXPECT_EQ(rights(0), VM_READ);
	mm->read_exec = true;
	unmap(0, PAGES);
	EXPECT_EQ(map_object(object, VM_MAYREAD | VM_MAYWRITE), page(0));
	EXPECT_EQ(protect(0, 1, RW), 0);
	EXPECT_EQ(rights(0), VM_READ | VM_WRITE);
	host_read_exec = false;
	end();
	mapping_put(object);
}

/* PR_SET_MDWE: nothing gets the right to be executed, and nothing that has it is writable. */
static void write_xor_execute(void)
{
	static const struct {
		u32 before, after;
		int result;
	} rows[] = {
		{ N, RW, 0 },
		{ R, RW, 0 },
		{ RW, R, 0 },
		{ R | X, R, 0 },
		{ R | X, R | X, 0 },
		{ R | X, X, 0 },
		{ R | X, RW, 0 },
		{ RW, R | X, -EACCES },
		{ R, R | X, -EACCES },
		{ N, X, -EACCES },
		{ R | X, RW | X, -EACCES },
	};

	start();
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		map(0, PAGES, rows[i].before, 0);
		mm->mdwe = PR_MDWE_REFUSE_EXEC_GAIN;
		EXPECT_EQ(protect(1, 2, rows[i].after), rows[i].result);
		EXPECT_EQ(rights(1), rows[i].result ? rows[i].before : rows[i].after);
		if (tap_failed())
			tap_note("row %u", i);
		mm->mdwe = 0;
	}
	end();
}

/* The areas before a hole, or before one that may not have the rights, keep the new ones. */
static void partial_work(void)
{
	struct address_space *object;

	start();
	object = shmem_object(PAGES * PAGE_SIZE, "object");
	EXPECT_EQ(map_object(object, VM_MAYREAD), page(0));
	unmap(0, 2);
	unmap(4, 2);
	map(0, 2, R, 0);
	map(5, 2, R, 0);
	EXPECT_EQ(protect(1, 3, RW), -EACCES);
	EXPECT_AREAS("r|w|rr.rr");
	EXPECT_EQ(protect(2, 4, N), -ENOMEM);
	EXPECT_AREAS("r|w|nn.rr");
	EXPECT_EQ(protect(4, 2, N), -ENOMEM);
	EXPECT_EQ(protect(5, 3, N), -ENOMEM);
	EXPECT_AREAS("r|w|nn.nn");
	EXPECT_EQ(protect(0, 0, RW), 0);
	EXPECT_EQ(do_mprotect(mm, page(0), 1, N), 0);
	EXPECT_AREAS("n|w|nn.nn");
	end();
	mapping_put(object);
}

/* Entries lose rights at once, and get them by a fault: a copy where a child shares the page. */
static void present_entries(void)
{
	struct mm_struct *child;

	start();
	map(0, PAGES, RW, 0);
	for (u32 i = 0; i < PAGES; i++)
		EXPECT_EQ(user_poke(mm, page(i), (u8)(i + 1)), FAULT_OK);
	EXPECT_EQ(protect(2, 2, R), 0);
	for (u32 i = 0; i < PAGES; i++) {
		bool readonly = i == 2 || i == 3;

		EXPECT_EQ(user_poke(mm, page(i), 9), readonly ? FAULT_ACCERR : FAULT_OK);
		EXPECT_EQ(user_peek(mm, page(i)), readonly ? (int)i + 1 : 9);
	}
	EXPECT_EQ(protect(2, 1, N), 0);
	EXPECT_EQ(user_peek(mm, page(2)), -1 - FAULT_ACCERR);
	EXPECT_EQ(user_peek(mm, page(3)), 4);
	EXPECT_EQ(protect(1, 2, R), 0);
	EXPECT_EQ(user_peek(mm, page(2)), 3);
	child = mm_copy(mm);
	EXPECT_EQ(protect(0, PAGES, RW), 0);
	EXPECT_EQ(user_poke(mm, page(2), 7), FAULT_OK);
	EXPECT_EQ(user_peek(child, page(2)), 3);
	EXPECT_EQ(mm->rss, PAGES);
	user_switch(NULL);
	mm_put(child);
	end();
}

/* Pages are charged when they become writable, once; what fails charges nothing. */
static void charged(void)
{
	start();
	map(0, PAGES, R, 0);
	EXPECT_EQ(vm_committed, 0);
	EXPECT_EQ(protect(0, 2, X), 0);
	EXPECT_EQ(vm_committed, 0);
	EXPECT_EQ(protect(0, 2, W), 0);
	EXPECT_EQ(vm_committed, 2);
	EXPECT_EQ(protect(0, 2, RW), 0);
	EXPECT_EQ(protect(0, 2, N), 0);
	EXPECT_EQ(protect(0, 2, RW), 0);
	EXPECT_EQ(vm_committed, 2);
	overcommit_mode = OVERCOMMIT_NEVER;
	overcommit_ratio = 0;
	EXPECT_EQ(protect(1, 3, RW), -ENOMEM);
	EXPECT_EQ(protect(0, 2, RW), 0); /* charged already */
	EXPECT_EQ(vm_committed, 2);
	overcommit_ratio = 50;
	overcommit_mode = OVERCOMMIT_GUESS;
	/* No room for an area more. */
	max_map_count = mm->map_count;
	EXPECT_EQ(protect(3, 1, RW), -ENOMEM);
	EXPECT_EQ(vm_committed, 2);
	max_map_count = MAX_MAP_COUNT;
	EXPECT_AREAS("ww|rrrr");
	/* RLIMIT_DATA: only for what becomes data, and not where it is exceeded already. */
	host_rlim[RLIMIT_DATA].cur = 3 * PAGE_SIZE;
	EXPECT_EQ(protect(2, 2, RW), -ENOMEM);
	EXPECT_EQ(protect(2, 1, RW), 0);
	host_rlim[RLIMIT_DATA].cur = PAGE_SIZE;
	EXPECT_EQ(protect(3, 1, RW), -ENOMEM);
	EXPECT_EQ(protect(0, 3, RW | X), 0);
	EXPECT_EQ(protect(3, 1, R | X), 0);
	host_rlim[RLIMIT_DATA].cur = RLIM_INFINITY;
	end();
	EXPECT_EQ(vm_committed, 0);
}

static u32 writable(u32 first, u32 count)
{
	u32 pages = 0;

	for (u32 i = first; i < first + count; i++)
		pages += mm_page_allows(mm, page(i), FAULT_WRITE);
	return pages;
}

/* Only a locked private area that becomes writable has its copies at once. */
static void copies_of_locked_pages(void)
{
	static const struct {
		int flags;
		u32 lock, from, to;
		bool copies;
	} cases[] = {
		{ MAP_PRIVATE, VM_LOCKED, R, RW, true },
		{ MAP_PRIVATE, VM_LOCKED, N, RW | X, true },
		{ MAP_PRIVATE, VM_LOCKED, R, R | X, false },
		{ MAP_PRIVATE, VM_LOCKED, RW, RW | X, false },
		{ MAP_PRIVATE, VM_LOCKED | VM_LOCKONFAULT, R, RW, false },
		{ MAP_PRIVATE, 0, R, RW, false },
		{ MAP_SHARED, VM_LOCKED, R, RW, false },
	};

	start();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct mmap_request request = { .address = page(0),
						      .length = PAGES * PAGE_SIZE,
						      .prot = (int)cases[i].from,
						      .flags = MAP_ANONYMOUS | MAP_FIXED |
							       cases[i].flags };
		struct vm_area_struct *vma;

		EXPECT_EQ(do_mmap_pgoff(mm, &request), page(0));
		vma = find_vma(mm, page(0));
		vma_set_flags(vma, vma->vm_flags | cases[i].lock);
		EXPECT_EQ(protect(1, 3, cases[i].to), 0);
		EXPECT_EQ(writable(0, PAGES), cases[i].copies ? 3 : 0);
		EXPECT_EQ(writable(1, 3), cases[i].copies ? 3 : 0);
		unmap(0, PAGES);
	}
	end();
}

/* The rights change also if there is no memory for the copies. */
static void copies_without_memory(void)
{
	const struct fail_spec third = { FAIL_PAGE, FAIL_ON, 3 };

	start();
	map(0, PAGES, R, 0);
	vma_set_flags(find_vma(mm, page(0)), find_vma(mm, page(0))->vm_flags | VM_LOCKED);
	EXPECT_EQ(mm_populate(mm, page(0), page(PAGES)), 0);
	fail_alloc_set(&third);
	EXPECT_EQ(protect(0, PAGES, RW), 0);
	fail_alloc_set(NULL);
	EXPECT_EQ(writable(0, PAGES), 2);
	EXPECT_EQ(rights(PAGES - 1), RW);
	end();
}

/* The arguments, in Linux's order: also for a call with a key, which is looked at after them. */
static void arguments(void)
{
	static const struct {
		vaddr_t start;
		u32 length, prot;
		int result;
	} cases[] = {
		{ BASE, 1, R, 1 },
		{ BASE, 0, R, 0 },
		{ BASE, 0, 0x80000000, 0 },
		{ BASE + 1, 0, R, -EINVAL },
		{ BASE, 0, PROT_GROWSDOWN | PROT_GROWSUP, -EINVAL },
		{ BASE, 1, PROT_GROWSDOWN | RW, 1 },
		{ BASE, 1, R | 0x10, -EINVAL },
		{ BASE, 1, PROT_SEM | X, 1 },
		{ BASE, ~0u, 0x10, -ENOMEM },
		{ BASE, 0 - BASE, R, -ENOMEM },
		{ BASE, 0 - BASE - PAGE_SIZE, R, 1 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++)
		EXPECT_EQ(mprotect_check(cases[i].start, cases[i].length, cases[i].prot),
			  cases[i].result);
}

TAP_MAIN({ "arguments", arguments }, { "rights that an area may have", allowed_rights },
	 { "READ_IMPLIES_EXEC", reading_implies_execution }, { "PR_SET_MDWE", write_xor_execute },
	 { "partial work", partial_work }, { "entries that are there", present_entries },
	 { "what is charged", charged }, { "copies of locked pages", copies_of_locked_pages },
	 { "copies without memory", copies_without_memory })
