/* SPDX-License-Identifier: MIT */
/* Stacks: areas that grow downward by faults, their limit, and the gap below them. */
#include "mm/user_space/overcommit.h"
#include "mm/mman/mman.h"
#include "mm/user_space/page_fault.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"
#include "tests/host/space.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

enum { RW = PROT_READ | PROT_WRITE, N = PROT_NONE };

#define REFUSED(why) (-1 - (int)(why))

static struct mm_struct *mm;

static void start(void)
{
	machine_boot();
	mm = mm_alloc();
}

static void stop(void)
{
	check_space(mm);
	machine_check();
	mm_put(mm);
}

#define STACK_TOP TASK_SIZE
#define GAP	  STACK_GUARD_GAP

static vaddr_t make_stack(u32 pages)
{
	vaddr_t bottom = STACK_TOP - pages * PAGE_SIZE;

	EXPECT_EQ(do_mmap(mm, bottom, pages * PAGE_SIZE, RW,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN),
		  bottom);
	return bottom;
}

static void stack_grows(void)
{
	vaddr_t bottom;

	start();
	bottom = make_stack(1);
	EXPECT_EQ(user_poke(mm, bottom - 1, 1), FAULT_OK);
	EXPECT_EQ(mm->total_vm, 2);
	EXPECT_EQ(user_poke(mm, bottom - 10 * PAGE_SIZE, 2), FAULT_OK);
	EXPECT_EQ(mm->total_vm, 11);
	EXPECT_EQ(mm->rss, 2);
	EXPECT_EQ(mm->mmap->vm_start, bottom - 10 * PAGE_SIZE);
	EXPECT_EQ(user_peek(mm, bottom - 5 * PAGE_SIZE), 0);
	EXPECT_EQ(user_peek(mm, bottom - 1), 1);
	/* CVE-2005-0001: growth never moves vm_start up. */
	EXPECT_EQ(user_poke(mm, bottom, 3), FAULT_OK);
	EXPECT_EQ(mm->mmap->vm_start, bottom - 10 * PAGE_SIZE);
	stop();
}

static void stack_limit(void)
{
	start();
	make_stack(1);
	host_rlim[RLIMIT_STACK].cur = 20 * PAGE_SIZE;
	EXPECT_EQ(user_poke(mm, STACK_TOP - 20 * PAGE_SIZE, 1), FAULT_OK);
	EXPECT_EQ(user_poke(mm, STACK_TOP - 20 * PAGE_SIZE - 1, 1), FAULT_MAPERR);
	EXPECT_EQ(user_peek(mm, USER_MIN - 1), REFUSED(FAULT_MAPERR));
	host_rlim[RLIMIT_STACK].cur = UINT32_MAX;
	overcommit_mode = OVERCOMMIT_ALWAYS;
	EXPECT_EQ(user_poke(mm, USER_MIN - 1, 1), FAULT_MAPERR);
	EXPECT_EQ(mm->total_vm, 20);
	EXPECT_EQ(user_poke(mm, USER_MIN, 1), FAULT_OK);
	EXPECT_EQ(mm->total_vm, (STACK_TOP - USER_MIN) / PAGE_SIZE);
	stop();
}

/* CVE-2017-1000364 ("stack clash"): the gap holds against growth. */
static void stack_gap(void)
{
	vaddr_t bottom, below;
	const u32 flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;

	start();
	bottom = make_stack(1);
	below = bottom - GAP - 3 * PAGE_SIZE;
	EXPECT_EQ(do_mmap(mm, below - PAGE_SIZE, PAGE_SIZE, RW, flags), below - PAGE_SIZE);
	EXPECT_EQ(user_poke(mm, below + GAP, 1), FAULT_OK);
	EXPECT_EQ(user_poke(mm, below + GAP - 1, 1), FAULT_MAPERR);
	EXPECT_EQ(user_poke(mm, below, 1), FAULT_MAPERR);
	/* A PROT_NONE area may be nearer: a program makes its own guard that way. */
	EXPECT_EQ(do_mprotect(mm, below - PAGE_SIZE, PAGE_SIZE, N), 0);
	EXPECT_EQ(user_poke(mm, below, 1), FAULT_OK);
	EXPECT_EQ(user_poke(mm, below - 1, 1), FAULT_ACCERR);
	check_space(mm);
	stop();
}

/* An area grows until it touches another one that grows. */
static void stack_meets_its_kind(void)
{
	const u32 flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN;
	const vaddr_t low = 0x50000000, high = low + 3 * PAGE_SIZE;

	start();
	EXPECT_EQ(do_mmap(mm, low, PAGE_SIZE, N, flags), low);
	EXPECT_EQ(do_mmap(mm, high, PAGE_SIZE, N, flags), high);
	EXPECT_EQ(user_peek(mm, low + PAGE_SIZE), REFUSED(FAULT_ACCERR));
	check_space(mm);
	stop();
}

TAP_MAIN({ "a stack grows", stack_grows }, { "a stack's limit", stack_limit },
	 { "a stack's gap (CVE-2017-1000364)", stack_gap },
	 { "a stack meets its kind", stack_meets_its_kind })
