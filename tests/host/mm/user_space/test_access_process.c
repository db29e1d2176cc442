/* SPDX-License-Identifier: MIT */
/*
 * access_process_vm(): the memory of another process is read and written as that process would,
 * with its rights and its copies on write; as much as there is.
 */
#include <string.h>

#include "mm/mman/mman.h"
#include "mm/user_space/page_fault.h"
#include "tests/host/machine.h"
#include "tests/host/space.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

enum { R = PROT_READ, RW = PROT_READ | PROT_WRITE, N = PROT_NONE };

static void access_another_space(void)
{
	u8 out[3 * PAGE_SIZE], in[3 * PAGE_SIZE], two = 2;
	struct mm_struct *mm, *child;
	vaddr_t area;

	machine_boot();
	mm = mm_alloc();
	area = user_map(mm, 3 * PAGE_SIZE, RW);
	EXPECT_EQ(user_poke(mm, area + PAGE_SIZE, 1), FAULT_OK);
	child = mm_copy(mm);
	/*
	 * The space is active, and the TLB has its translation of a shared page: that is flushed.
	 */
	EXPECT_EQ(user_peek(mm, area + PAGE_SIZE), 1);
	EXPECT_EQ(access_process_vm(mm, area + PAGE_SIZE, &two, 1, FAULT_WRITE), 1);
	EXPECT_EQ(user_peek(mm, area + PAGE_SIZE), 2);
	user_switch(child);
	memset(out, 0x77, sizeof(out));
	/* A write acts as its process would: a shared page is copied. */
	EXPECT_EQ(access_process_vm(mm, area + 100, out, 2 * PAGE_SIZE, FAULT_WRITE),
		  2 * PAGE_SIZE);
	EXPECT_EQ(user_peek(child, area + PAGE_SIZE), 1);
	EXPECT_EQ(access_process_vm(mm, area, in, sizeof(in), FAULT_READ), sizeof(in));
	EXPECT(in[99] == 0 && in[100] == 0x77 && in[2 * PAGE_SIZE + 99] == 0x77 &&
	       in[2 * PAGE_SIZE + 100] == 0);
	/* Partial success. */
	EXPECT_EQ(access_process_vm(mm, area + PAGE_SIZE, in, sizeof(in), FAULT_READ),
		  2 * PAGE_SIZE);
	EXPECT_EQ(do_mprotect(mm, area + PAGE_SIZE, PAGE_SIZE, R), 0);
	EXPECT_EQ(access_process_vm(mm, area, in, sizeof(in), FAULT_WRITE), PAGE_SIZE);
	EXPECT_EQ(do_mprotect(mm, area + PAGE_SIZE, PAGE_SIZE, N), 0);
	EXPECT_EQ(access_process_vm(mm, area, in, sizeof(in), FAULT_READ), PAGE_SIZE);
	EXPECT_EQ(access_process_vm(mm, 0, in, 1, FAULT_READ), 0);
	EXPECT_EQ(access_process_vm(mm, PAGE_OFFSET, in, 1, FAULT_READ), 0);
	EXPECT_EQ(access_process_vm(mm, 0xfffffff0, in, 100, FAULT_READ), 0);
	EXPECT_EQ(do_mmap(mm, TASK_SIZE - PAGE_SIZE, PAGE_SIZE, RW,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED),
		  TASK_SIZE - PAGE_SIZE);
	EXPECT_EQ(access_process_vm(mm, TASK_SIZE - 10, in, 100, FAULT_WRITE), 10);
	mm_put(child);
	check_space(mm);
	machine_check();
	mm_put(mm);
}

TAP_MAIN({ "access_process_vm", access_another_space })
