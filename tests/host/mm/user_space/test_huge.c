/* SPDX-License-Identifier: MIT */
/*
 * Large pages in address spaces, by programs on the software MMU: promises, copy on write, pages
 * that an owner takes back, rights, moves, and random programs of a parent and its children.
 */
#include "abi/linux/errno.h"
#include "mm/census.h"
#include "mm/mman/mman.h"
#include "mm/page_cache/filemap.h"
#include "mm/user_space/huge.h"
#include "mm/user_space/vma.h"
#include "tests/host/machine.h"
#include "tests/host/space.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define BASE	0x50000000u
#define POOL	5u
#define SIGBUS_ (-1 - (int)FAULT_SIGBUS)

enum { R = PROT_READ, RW = PROT_READ | PROT_WRITE };

static struct mm_struct *mm;

static vaddr_t at(u32 page)
{
	return BASE + page * LARGE_PAGE_SIZE;
}

/* mmap(MAP_HUGETLB | MAP_FIXED). */
static vaddr_t map(u32 page, u32 pages, u32 prot, u32 flags)
{
	return do_mmap(mm, at(page), pages * LARGE_PAGE_SIZE, prot,
		       flags | MAP_ANONYMOUS | MAP_FIXED | MAP_HUGETLB);
}

static void start(void)
{
	machine_boot();
	mm = mm_alloc();
	EXPECT_EQ(huge_pool_resize(POOL), POOL);
}

static void expect_pool(u32 free, u32 promised)
{
	expect_large(free, promised);
	check_space(mm);
	machine_check();
}

static void stop(void)
{
	check_space(mm);
	mm_put(mm);
	expect_large(POOL, 0);
	EXPECT_EQ(huge_pool_resize(0), 0);
}

static int unmap(u32 page, u32 pages)
{
	return do_munmap(mm, at(page), pages * LARGE_PAGE_SIZE);
}

static void promises(void)
{
	start();
	EXPECT_EQ(map(0, 3, RW, MAP_PRIVATE), at(0));
	EXPECT_EQ(map(4, 3, RW, MAP_SHARED), (vaddr_t)-ENOMEM);
	EXPECT_EQ(map(4, 2, RW, MAP_SHARED), at(4));
	expect_pool(5, 5);
	EXPECT_EQ(map(8, 1, RW, MAP_PRIVATE | MAP_NORESERVE), at(8));
	EXPECT_EQ(user_peek(mm, at(8)), SIGBUS_);
	EXPECT_EQ(user_peek(mm, at(1) + 5), 0);
	EXPECT_EQ(user_poke(mm, at(1) + 5, 7), FAULT_OK);
	EXPECT_EQ(user_poke(mm, at(4), 7), FAULT_OK);
	expect_pool(3, 3);
	EXPECT_EQ(mm_huge_pages(mm), 2);
	EXPECT_EQ(mm_small_rss(mm), 0);
	EXPECT_EQ(do_madvise(mm, at(0), 3 * LARGE_PAGE_SIZE, MADV_DONTNEED), 0);
	expect_pool(4, 4);
	EXPECT_EQ(user_peek(mm, at(1) + 5), 0);
	EXPECT_EQ(unmap(1, 1), 0);
	expect_pool(4, 3);
	EXPECT_EQ(unmap(4, 2), 0);
	expect_pool(5, 2);
	stop();
}

/* A cut inside a page is refused, and nothing changes. */
static void cuts(void)
{
	start();
	map(0, 3, RW, MAP_PRIVATE);
	user_poke(mm, at(1), 7);
	EXPECT_EQ(do_munmap(mm, at(1) + PAGE_SIZE, LARGE_PAGE_SIZE), -EINVAL);
	EXPECT_EQ(do_munmap(mm, at(1), PAGE_SIZE), -EINVAL);
	EXPECT_EQ(do_munmap(mm, at(1), LARGE_PAGE_SIZE + PAGE_SIZE), -EINVAL);
	EXPECT_EQ(do_munmap(mm, at(0) - PAGE_SIZE, LARGE_PAGE_SIZE), -EINVAL);
	EXPECT_EQ(do_mprotect(mm, at(1), PAGE_SIZE, R), -EINVAL);
	EXPECT_EQ(do_madvise(mm, at(1), PAGE_SIZE, MADV_DONTFORK), -EINVAL);
	EXPECT_EQ(do_mmap(mm, at(1), PAGE_SIZE, R, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED),
		  (vaddr_t)-EINVAL);
	EXPECT_EQ(mm->map_count, 1);
	EXPECT_EQ(user_peek(mm, at(1)), 7);
	expect_pool(4, 2);
	stop();
}

static void copy_on_write(void)
{
	struct mm_struct *child;

	start();
	map(0, 2, RW, MAP_PRIVATE);
	user_poke(mm, at(0), 1);
	user_poke(mm, at(1), 2);
	child = mm_copy(mm);
	EXPECT(child && mm_huge_pages(child) == 2);
	EXPECT_EQ(user_poke(mm, at(0), 3), FAULT_OK); /* a stale right would change the child's */
	EXPECT_EQ(user_peek(child, at(0)), 1);
	EXPECT_EQ(user_poke(child, at(1), 4), FAULT_OK);
	EXPECT_EQ(user_peek(mm, at(1)), 2);
	expect_pool(1, 0);
	check_space(child);
	mm_put(child);
	EXPECT_EQ(user_poke(mm, at(1), 5), FAULT_OK); /* not shared any more: no copy */
	expect_pool(3, 0);
	stop();
}

/*
 * The pool is empty: the child's copy fails; the owner's succeeds, and the child loses the page.
 */
static void taken_back(void)
{
	struct mm_struct *child;

	start();
	map(0, POOL, RW, MAP_PRIVATE);
	for (u32 i = 0; i < POOL; i++)
		user_poke(mm, at(i), (u8)(i + 1));
	child = mm_copy(mm);
	EXPECT_EQ(user_poke(child, at(0), 9), FAULT_SIGBUS);
	EXPECT_EQ(user_peek(child, at(0)), 1);
	EXPECT_EQ(user_poke(mm, at(0), 9), FAULT_OK);
	EXPECT_EQ(user_peek(mm, at(0)), 9);
	EXPECT_EQ(user_peek(child, at(0)), SIGBUS_);
	EXPECT_EQ(user_peek(child, at(1)), 2);
	check_space(child);
	mm_put(child);
	expect_pool(0, 0);
	stop();
}

/* What is reserved for the parent is not for the child, which finds no other page. */
static void nothing_for_a_child(void)
{
	struct mm_struct *child;

	start();
	map(0, POOL, RW, MAP_PRIVATE);
	child = mm_copy(mm);
	EXPECT_EQ(user_peek(child, at(0)), SIGBUS_);
	expect_pool(POOL, POOL);
	mm_put(child);
	EXPECT_EQ(user_poke(mm, at(0), 1), FAULT_OK);
	expect_pool(POOL - 1, POOL - 1);
	stop();
}

/* MADV_REMOVE takes pages from the object, and so from all that map them. */
static void removed(void)
{
	struct mm_struct *child;

	start();
	map(0, 2, RW, MAP_SHARED);
	user_poke(mm, at(0), 1);
	user_poke(mm, at(1), 2);
	child = mm_copy(mm);
	EXPECT_EQ(user_peek(child, at(0)), 1);
	EXPECT_EQ(do_madvise(mm, at(0), PAGE_SIZE, MADV_REMOVE), -EINVAL);
	EXPECT_EQ(do_madvise(mm, at(0), LARGE_PAGE_SIZE, MADV_REMOVE), 0);
	expect_pool(4, 0);
	EXPECT_EQ(user_peek(child, at(0)), 0);
	EXPECT_EQ(user_poke(child, at(0), 3), FAULT_OK);
	EXPECT_EQ(user_peek(mm, at(0)), 3);
	EXPECT_EQ(user_peek(mm, at(1)), 2);
	mm_put(child);
	expect_pool(3, 0);
	stop();
}

static void rights(void)
{
	start();
	map(0, 2, RW, MAP_PRIVATE);
	user_poke(mm, at(1), 1);
	EXPECT_EQ(do_mprotect(mm, at(1), LARGE_PAGE_SIZE, R), 0);
	EXPECT_EQ(user_poke(mm, at(1), 2), FAULT_ACCERR);
	EXPECT_EQ(do_mprotect(mm, at(1), LARGE_PAGE_SIZE, PROT_NONE), 0);
	EXPECT_EQ(user_peek(mm, at(1)), -1 - (int)FAULT_ACCERR);
	check_space(mm);
	EXPECT_EQ(do_mprotect(mm, at(0), 2 * LARGE_PAGE_SIZE, RW), 0);
	EXPECT_EQ(user_peek(mm, at(1)), 1);
	EXPECT_EQ(user_poke(mm, at(1), 2), FAULT_OK);
	expect_pool(4, 1);
	stop();
}

/* Entries and promises move; the old place has neither, in the TLB too. */
static void moves(void)
{
	start();
	map(0, 2, RW, MAP_PRIVATE);
	user_poke(mm, at(0), 1);
	EXPECT_EQ(do_mremap(mm, at(0), 2 * LARGE_PAGE_SIZE, 2 * LARGE_PAGE_SIZE,
			    MREMAP_MAYMOVE | MREMAP_FIXED, at(8)),
		  at(8));
	EXPECT_EQ(user_peek(mm, at(0)), -1 - (int)FAULT_MAPERR);
	EXPECT_EQ(user_peek(mm, at(8)), 1);
	expect_pool(4, 1);
	EXPECT_EQ(user_poke(mm, at(9), 1), FAULT_OK);
	expect_pool(3, 0);
	stop();
}

static bool is_mapped(u32 page)
{
	return find_vma(mm, at(page)) && find_vma(mm, at(page))->vm_start <= at(page);
}

/* mremap() rounds both lengths up to large pages, before it compares them. */
static void lengths(void)
{
	static const struct {
		u32 from, to;
		bool good;
	} cases[] = {
		{ PAGE_SIZE, LARGE_PAGE_SIZE, true },
		{ LARGE_PAGE_SIZE + PAGE_SIZE, 2 * LARGE_PAGE_SIZE, true },
		{ 2 * LARGE_PAGE_SIZE, 2 * LARGE_PAGE_SIZE - PAGE_SIZE, true },
		{ LARGE_PAGE_SIZE, LARGE_PAGE_SIZE + 1, false },
		{ LARGE_PAGE_SIZE - PAGE_SIZE, LARGE_PAGE_SIZE + PAGE_SIZE, false },
		{ 0, PAGE_SIZE, false },
	};

	start();
	map(0, 3, RW, MAP_PRIVATE);
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(do_mremap(mm, at(0), cases[i].from, cases[i].to, MREMAP_MAYMOVE, 0),
			  cases[i].good ? at(0) : (vaddr_t)-EINVAL);
		expect_pool(5, 3);
	}
	EXPECT_EQ(do_mremap(mm, at(0), 3 * LARGE_PAGE_SIZE - PAGE_SIZE, LARGE_PAGE_SIZE + PAGE_SIZE,
			    0, 0),
		  at(0));
	EXPECT(is_mapped(1) && !is_mapped(2));
	expect_pool(5, 2);
	EXPECT_EQ(do_mremap(mm, at(0), 2 * LARGE_PAGE_SIZE - PAGE_SIZE, PAGE_SIZE,
			    MREMAP_MAYMOVE | MREMAP_FIXED, at(8)),
		  at(8));
	EXPECT(!is_mapped(0) && !is_mapped(1) && is_mapped(8) && !is_mapped(9));
	expect_pool(5, 1);
	stop();
}

/* The kernel's access, page by page of 4 KiB, on a space that is not active. */
static void kernel_access(void)
{
	char text[] = "over the border";

	start();
	map(0, 2, RW, MAP_PRIVATE);
	user_switch(NULL);
	EXPECT_EQ(access_process_vm(mm, at(1) - 7, text, sizeof(text), FAULT_WRITE), sizeof(text));
	text[0] = 0;
	EXPECT_EQ(access_process_vm(mm, at(1) - 7, text, sizeof(text), FAULT_READ), sizeof(text));
	EXPECT_TEXT(text, "over the border");
	EXPECT_EQ(user_peek(mm, at(1)), text[7]);
	stop();
}

/*
 * Random programs: a parent, which owns all pages, and a child, which owns none. The owner always
 * gets its page; nobody ever sees anything but what it wrote, or had at the fork.
 */
static void random_programs(void)
{
	struct mm_struct *child = NULL;
	u8 own[POOL] = { 0 }, other[POOL] = { 0 };

	start();
	EXPECT_EQ(huge_pool_resize(POOL + 2), POOL + 2);
	map(0, POOL, RW, MAP_PRIVATE);
	for (u32 step = 0; step < 400 && !tap_failed(); step++) {
		u32 page = random_below(POOL), value = 1 + random_below(250);
		int seen;

		switch (random_below(child ? 5 : 3)) {
		case 0:
			EXPECT_EQ(user_poke(mm, at(page) + 9, (u8)value), FAULT_OK);
			own[page] = (u8)value;
			break;
		case 1:
			EXPECT_EQ(user_peek(mm, at(page) + 9), own[page]);
			break;
		case 2:
			if (child)
				mm_put(child);
			child = random_below(2) ? mm_copy(mm) : NULL;
			for (u32 i = 0; i < POOL; i++)
				other[i] = own[i];
			break;
		case 3:
			if (user_poke(child, at(page) + 9, (u8)value) == FAULT_OK)
				other[page] = (u8)value;
			break;
		case 4:
			seen = user_peek(child, at(page) + 9);
			EXPECT(seen == other[page] || seen == SIGBUS_);
			break;
		}
		check_space(mm);
		if (child)
			check_space(child);
		if (step % 16 == 0)
			machine_check();
	}
	if (child)
		mm_put(child);
	EXPECT_EQ(unmap(0, POOL), 0);
	EXPECT_EQ(huge_pool_resize(POOL), POOL);
	stop();
}

static void expect_violation(const char *number)
{
	vaddr_t where;
	const char *violated = mm_validate(mm, &where);

	EXPECT(violated && !__builtin_strncmp(violated, number, __builtin_strlen(number)));
}

static void invariants(void)
{
	struct census census;
	pte_t *pte, before;

	start();
	map(0, 2, RW, MAP_PRIVATE);
	user_poke(mm, at(0), 1);
	mm->rss++;
	expect_violation("(6)");
	mm->rss--;
	EXPECT_EQ(do_mprotect(mm, at(0), LARGE_PAGE_SIZE, R), 0);
	pte = large_pte(mm->pgd, at(0));
	before = *pte;
	set_pte(pte, pte_mkwrite(before));
	expect_violation("(4)");
	set_pte(pte, before);
	mm->mmap->vm_mapping->huge = false;
	EXPECT(!mm_census(&census));
	mm->mmap->vm_mapping->huge = true;
	EXPECT(mm_census(&census));
	stop();
}

TAP_MAIN({ "promises", promises }, { "a page is not cut", cuts },
	 { "copy on write", copy_on_write }, { "taken back", taken_back },
	 { "nothing for a child", nothing_for_a_child }, { "removed", removed },
	 { "rights", rights }, { "moves", moves }, { "lengths", lengths },
	 { "access by the kernel", kernel_access }, { "random programs", random_programs },
	 { "invariants", invariants })
