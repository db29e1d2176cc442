/* SPDX-License-Identifier: MIT */
/* A solution of the exercise: tests of copy on write that see its ten bugs. */
#include "mm/mman/mman.h"
#include "mm/user_space/page_fault.h"
#include "tests/host/machine.h"
#include "tests/host/space.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define RW (PROT_READ | PROT_WRITE)

static struct mm_struct *parent, *child;
static vaddr_t area;

/* A parent with two pages, both written. */
static void start(void)
{
	machine_boot();
	parent = mm_alloc();
	area = user_map(parent, 2 * PAGE_SIZE, RW);
	EXPECT_EQ(user_poke(parent, area, 1), FAULT_OK);
	EXPECT_EQ(user_poke(parent, area + PAGE_SIZE, 1), FAULT_OK);
}

static void stop(void)
{
	check_space(parent);
	machine_check();
	mm_put(parent);
}

/* Each side writes to one page; neither sees the other's value. */
static void private_writes(void)
{
	start();
	child = mm_copy(parent);
	check_space(child);
	EXPECT_EQ(user_poke(parent, area, 2), FAULT_OK);
	EXPECT_EQ(user_peek(child, area), 1);
	EXPECT_EQ(user_poke(child, area + PAGE_SIZE, 3), FAULT_OK);
	EXPECT_EQ(user_peek(child, area + PAGE_SIZE), 3);
	EXPECT_EQ(user_peek(parent, area + PAGE_SIZE), 1);
	EXPECT_EQ(user_peek(parent, area), 2);
	check_space(child);
	mm_put(child);
	stop();
}

/* The first writer copies; the last owner writes to the frame itself. */
static void last_owner(void)
{
	struct fault_counters before;

	start();
	child = mm_copy(parent);
	before = fault_counters;
	EXPECT_EQ(user_peek(child, area), 1);
	EXPECT_EQ(user_poke(child, area, 2), FAULT_OK);
	EXPECT_EQ(user_peek(child, area), 2);
	EXPECT_EQ(user_poke(parent, area, 3), FAULT_OK);
	EXPECT_EQ(fault_counters.cow_copy, before.cow_copy + 1);
	EXPECT_EQ(fault_counters.cow_reuse, before.cow_reuse + 1);
	EXPECT_EQ(user_peek(child, area), 2);
	mm_put(child);
	stop();
}

/* The kernel's own write does not use this translation: the next read must see the copy. */
static void written_by_the_kernel(void)
{
	u8 value = 5;

	start();
	child = mm_copy(parent);
	EXPECT_EQ(user_peek(child, area), 1);
	EXPECT_EQ(access_process_vm(child, area, &value, 1, FAULT_WRITE), 1);
	EXPECT_EQ(user_peek(child, area), 5);
	EXPECT_EQ(user_peek(parent, area), 1);
	mm_put(child);
	stop();
}

/* Memory that comes back is zero, and the old translation is gone. */
static void fresh(void)
{
	start();
	for (u32 i = 0; i < 64; i++) {
		EXPECT_EQ(do_munmap(parent, area, 2 * PAGE_SIZE), 0);
		EXPECT(user_peek(parent, area) < 0);
		EXPECT_EQ(user_map(parent, 2 * PAGE_SIZE, RW), area);
		EXPECT_EQ(user_poke(parent, area + 1, 7), FAULT_OK);
		EXPECT_EQ(user_peek(parent, area), 0);
		EXPECT_EQ(user_poke(parent, area, 8), FAULT_OK);
	}
	stop();
}

/* A page that is only read is the zero page; a write leaves that one zero. */
static void zeros(void)
{
	vaddr_t other;

	start();
	other = user_map(parent, 2 * PAGE_SIZE, RW);
	EXPECT_EQ(user_peek(parent, other), 0);
	EXPECT_EQ(user_peek(parent, other + PAGE_SIZE), 0);
	EXPECT_EQ(user_poke(parent, other, 9), FAULT_OK);
	EXPECT_EQ(user_peek(parent, other + PAGE_SIZE), 0);
	EXPECT_EQ(*(u32 *)page_address(zero_page), 0);
	stop();
}

TAP_MAIN({ "writes are private", private_writes }, { "the last owner", last_owner },
	 { "written by the kernel", written_by_the_kernel }, { "fresh pages", fresh },
	 { "zeros", zeros })
