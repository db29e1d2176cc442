/* SPDX-License-Identifier: MIT */
/* My tests of copy on write. */
#include "mm/mman/mman.h"
#include "mm/user_space/page_fault.h"
#include "tests/host/machine.h"
#include "tests/host/space.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

/* A parent writes, forks, and the child sees the value. */
static void child_sees(void)
{
	struct mm_struct *parent, *child;
	vaddr_t area;

	machine_boot();
	parent = mm_alloc();
	area = user_map(parent, PAGE_SIZE, PROT_READ | PROT_WRITE);
	EXPECT_EQ(user_poke(parent, area, 1), FAULT_OK);
	child = mm_copy(parent);
	EXPECT_EQ(user_peek(child, area), 1);
	mm_put(child);
	mm_put(parent);
}

TAP_MAIN({ "a child sees what its parent wrote", child_sees })
