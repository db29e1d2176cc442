/* SPDX-License-Identifier: MIT */
/*
 * Areas that are in the list only, behind one of the tree (mm/user_space/vma.h): splits and merges
 * in every order keep at most VMA_FOLLOWERS in a row, and most areas of a row are such.
 */
#include "mm/mman/mman.h"
#include "mm/user_space/vma.h"
#include "tests/host/machine.h"
#include "tests/host/space.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

enum { R = PROT_READ, RW = PROT_READ | PROT_WRITE };

#define BASE  0x50000000u
#define ELSE  0x60000000u
#define PAGES 100u /* of one area that is split */

static struct mm_struct *mm;

static vaddr_t page(u32 number)
{
	return BASE + number * PAGE_SIZE;
}

/* Areas with gaps between them, so that there is a tree; and the one that is split. */
static void start(void)
{
	machine_boot();
	mm = mm_alloc();
	for (u32 i = 0; i <= VMA_TREE_ABOVE; i++)
		do_mmap(mm, ELSE + 2 * i * PAGE_SIZE, PAGE_SIZE, R,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);
	EXPECT_EQ(do_mmap(mm, BASE, PAGES * PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED),
		  BASE);
	check_space(mm);
}

static u32 count_followers(void)
{
	u32 count = 0;

	for (const struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next)
		count += !vma_in_tree(vma);
	return count;
}

static bool valid(void)
{
	vaddr_t where;

	return EXPECT_VALID(mm_validate(mm, &where));
}

/* Each second page gets other rights, and then the old ones again, in this order. */
static void split_and_merge(const u32 *order)
{
	for (u32 i = 0; i < PAGES / 2 && !tap_failed(); i++) {
		EXPECT_EQ(do_mprotect(mm, page(2 * order[i] + 1), PAGE_SIZE, R), 0);
		valid();
	}
	EXPECT_EQ(mm->map_count, VMA_TREE_ABOVE + 1 + PAGES);
	EXPECT(count_followers() > PAGES / 2);
	for (u32 i = 0; i < PAGES / 2 && !tap_failed(); i++) {
		EXPECT_EQ(do_mprotect(mm, page(2 * order[i] + 1), PAGE_SIZE, RW), 0);
		valid();
	}
	EXPECT_EQ(mm->map_count, VMA_TREE_ABOVE + 2);
	EXPECT_EQ(count_followers(), 0);
}

static u32 order[PAGES / 2];

static void ascending(void)
{
	start();
	for (u32 i = 0; i < PAGES / 2; i++)
		order[i] = i;
	split_and_merge(order);
	mm_put(mm);
}

static void descending(void)
{
	start();
	for (u32 i = 0; i < PAGES / 2; i++)
		order[i] = PAGES / 2 - 1 - i;
	split_and_merge(order);
	mm_put(mm);
}

static void random_orders(void)
{
	start();
	for (u32 i = 0; i < PAGES / 2; i++)
		order[i] = i;
	for (u32 round = 0; round < tap_scaled(20) && !tap_failed(); round++) {
		for (u32 i = 0; i < PAGES / 2; i++) {
			u32 other = random_below(PAGES / 2), number = order[i];

			order[i] = order[other];
			order[other] = number;
		}
		split_and_merge(order);
	}
	mm_put(mm);
}

/* A row of the most followers; one in its middle is split. */
static void in_a_row(void)
{
	start();
	for (u32 i = 0; i < VMA_FOLLOWERS / 2; i++)
		EXPECT_EQ(do_mprotect(mm, page(4 * i + 2), 2 * PAGE_SIZE, R), 0);
	valid();
	EXPECT_EQ(count_followers(), VMA_FOLLOWERS);
	EXPECT_EQ(do_mprotect(mm, page(2 * (VMA_FOLLOWERS / 2)), PAGE_SIZE, PROT_NONE), 0);
	valid();
	EXPECT_EQ(count_followers(), VMA_FOLLOWERS);
	mm_put(mm);
}

TAP_MAIN({ "ascending", ascending }, { "descending", descending },
	 { "random orders", random_orders }, { "in the middle of a row", in_a_row })
