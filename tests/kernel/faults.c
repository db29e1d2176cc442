/* SPDX-License-Identifier: MIT */
/*
 * Pages of an address space: demand paging, sharing, copies, and a TLB that never grants more
 * than the tables. Accesses are made by uaccess, that is by real page faults, or by probes,
 * which show the hardware's answer without the fault handler.
 */
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/gdt.h"
#include "kernel/task/task.h"
#include "kernel/cpu/uaccess.h"
#include "lib/irq.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/frames/shrinker.h"
#include "mm/mman/mman.h"
#include "mm/user_space/page_fault.h"
#include "paging/tlb.h"
#include "tests/kernel/probe.h"
#include "tests/kernel/user_space.h"

#define BASE	 0x20000000u
#define AT(page) (BASE + (page)*PAGE_SIZE)

#define CODE_ADDRESS 0x08048000u

/* Free frames, including cached ones that wait for the next process or object. */
static u32 free_frames(void)
{
	shrink_caches();
	return nr_free_pages();
}

/*
 * A touch allocates one zeroed frame, and the first in 4 MiB a page table; untouched pages cost
 * nothing.
 */
static void demand(void)
{
	struct mm_struct *mm = user_enter();
	u32 free;

	map_anonymous(mm, AT(6000), 1, PROT_READ); /* keeps the slab of the areas */
	map_anonymous(mm, AT(0), 5000, PROT_RW);
	free = free_frames();
	EXPECT_EQ(mm->rss, 0);
	EXPECT_EQ(mm->nr_ptes, 0);
	for (u32 i = 1; i <= 4; i++) {
		EXPECT(user_write(AT(i * 1024 + 1), i));
		EXPECT_EQ(mm->rss, i);
		EXPECT_EQ(mm->nr_ptes, i);
		EXPECT_EQ(user_word(AT(i * 1024 + 1) + 4), 0);
	}
	EXPECT_EQ(free - free_frames(), 8);
	EXPECT(!user_page_at(mm, AT(0)));
	expect_valid(mm);
	EXPECT_EQ(do_munmap(mm, AT(0), 5000 * PAGE_SIZE), 0);
	EXPECT_EQ(free_frames(), free);
	EXPECT_EQ(mm->rss + mm->nr_ptes, 0);
	user_leave(mm);
}

/* Reads map the one zero page; the first write allocates a frame. */
static void zero_page_shared(void)
{
	struct mm_struct *mm = user_enter();
	struct fault_counters before = fault_counters;

	map_anonymous(mm, AT(0), 8, PROT_RW);
	for (u32 i = 0; i < 8; i++) {
		EXPECT_EQ(user_word(AT(i) + 8), 0);
		EXPECT(user_page_at(mm, AT(i)) == zero_page);
	}
	EXPECT_EQ(mm->rss, 0);
	EXPECT_EQ(fault_counters.zero_page - before.zero_page, 8);
	EXPECT(user_write(AT(3) + 8, 33));
	EXPECT(user_page_at(mm, AT(3)) != zero_page);
	EXPECT_EQ(mm->rss, 1);
	EXPECT_EQ(user_word(AT(3) + 8), 33);
	EXPECT_EQ(user_word(AT(3) + 12), 0);
	EXPECT_EQ(user_word(AT(4) + 8), 0);
	EXPECT_EQ(*(u32 *)page_address(zero_page), 0);
	EXPECT_EQ(fault_counters.fresh_page - before.fresh_page, 1);
	user_leave(mm);
}

/* Accesses that the areas forbid: no area, no write permission, PROT_NONE. */
static void refused(void)
{
	struct mm_struct *mm = user_enter();

	map_anonymous(mm, AT(0), 1, PROT_READ);
	map_anonymous(mm, AT(1), 1, PROT_NONE);
	map_anonymous(mm, AT(2), 1, PROT_WRITE);
	EXPECT_EQ(mm_fault(mm, AT(0), FAULT_READ), FAULT_OK);
	EXPECT_EQ(mm_fault(mm, AT(0), FAULT_WRITE), FAULT_ACCERR);
	EXPECT_EQ(mm_fault(mm, AT(1), FAULT_READ), FAULT_ACCERR);
	EXPECT_EQ(mm_fault(mm, AT(1), FAULT_WRITE), FAULT_ACCERR);
	EXPECT_EQ(mm_fault(mm, AT(2), FAULT_READ), FAULT_OK);
	EXPECT_EQ(mm_fault(mm, AT(2), FAULT_WRITE), FAULT_OK);
	EXPECT_EQ(mm_fault(mm, AT(3), FAULT_READ), FAULT_MAPERR);
	EXPECT_EQ(mm_fault(mm, AT(0) - 1, FAULT_READ), FAULT_MAPERR);
	EXPECT_EQ(mm_fault(mm, 0, FAULT_WRITE), FAULT_MAPERR);
	EXPECT_EQ(mm_fault(mm, PAGE_OFFSET, FAULT_READ), FAULT_MAPERR);
	EXPECT_EQ(mm_fault(mm, 0xfffffffcu, FAULT_WRITE), FAULT_MAPERR);
	EXPECT_EQ(mm->rss, 1);
	user_leave(mm);
}

/* A page with the code of the probes, for ring 3. */
static void map_code(struct mm_struct *mm)
{
	static char code[64];

	probe_fill_code(code);
	EXPECT(map_anonymous(mm, CODE_ADDRESS, 1, PROT_RW | PROT_EXEC) == CODE_ADDRESS);
	EXPECT(!copy_to_user(CODE_ADDRESS, code, sizeof(code)));
	EXPECT(!do_mprotect(mm, CODE_ADDRESS, PAGE_SIZE, PROT_READ | PROT_EXEC));
}

/* Ring 3 reaches its areas and nothing of the kernel's half. */
static void ring3(void)
{
	static const u32 kernels[] = { PAGE_OFFSET, PAGE_OFFSET + MiB(4), (u32)-1 - 3 };
	struct mm_struct *mm = user_enter();
	struct probe probe;

	map_code(mm);
	map_anonymous(mm, AT(0), 2, PROT_RW);
	do_mprotect(mm, AT(1), PAGE_SIZE, PROT_READ);
	EXPECT(user_write(AT(0), 5));
	EXPECT_EQ(user_word(AT(1)), 0);

	probe = probe_ring3(CODE_ADDRESS, PROBE_READ, AT(0), 0);
	EXPECT(!probe.faulted && probe.value == 5);
	probe = probe_ring3(CODE_ADDRESS, PROBE_WRITE, AT(0), 6);
	EXPECT(!probe.faulted);
	EXPECT_EQ(user_word(AT(0)), 6);
	EXPECT(!probe_ring3(CODE_ADDRESS, PROBE_READ, AT(1), 0).faulted);
	probe = probe_ring3(CODE_ADDRESS, PROBE_WRITE, AT(1), 1);
	EXPECT(probe.faulted && probe.error_code == (ERROR_PRESENT | ERROR_WRITE | ERROR_USER));
	probe = probe_ring3(CODE_ADDRESS, PROBE_WRITE, CODE_ADDRESS, 1);
	EXPECT(probe.faulted && probe.error_code == (ERROR_PRESENT | ERROR_WRITE | ERROR_USER));
	probe = probe_ring3(CODE_ADDRESS, PROBE_READ, 0, 0);
	EXPECT(probe.faulted && probe.error_code == ERROR_USER && probe.address == 0);
	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		probe = probe_ring3(CODE_ADDRESS, PROBE_READ, kernels[i], 0);
		EXPECT(probe.faulted && probe.error_code & ERROR_USER);
		EXPECT_EQ(probe.address, kernels[i]);
		EXPECT(probe_ring3(CODE_ADDRESS, PROBE_WRITE, kernels[i], 0).faulted);
		EXPECT(probe_ring3(CODE_ADDRESS, PROBE_EXECUTE, kernels[i], 0).faulted);
	}
	user_leave(mm);
}

/* Removed rights are gone at once, from the TLB too; the contents stay. */
static void protection(void)
{
	struct mm_struct *mm = user_enter();
	struct probe read, write;
	unsigned long irq;

	map_anonymous(mm, AT(0), 2, PROT_RW);
	EXPECT(user_write(AT(0), 0xda7a) && user_write(AT(1), 1));
	irq = irq_save();
	do_mprotect(mm, AT(0), PAGE_SIZE, PROT_READ);
	read = probe_read(AT(0));
	write = probe_write(AT(0), 2);
	EXPECT(!read.faulted && read.value == 0xda7a);
	EXPECT(write.faulted && write.error_code == (ERROR_PRESENT | ERROR_WRITE));
	do_mprotect(mm, AT(0), PAGE_SIZE, PROT_NONE);
	read = probe_read(AT(0));
	EXPECT(read.faulted && read.error_code == 0);
	irq_restore(irq);
	expect_valid(mm);
	EXPECT_EQ(mm->rss, 2);
	do_mprotect(mm, AT(0), PAGE_SIZE, PROT_RW);
	EXPECT_EQ(user_word(AT(0)), 0xda7a);
	EXPECT(user_write(AT(0), 3));
	user_leave(mm);
}

/*
 * An unmapped page faults at once and its frame is free at once: the case touches the old
 * address and checks the frame's next owner.
 */
static void unmapped(void)
{
	static const u32 lengths[] = { 1, 2, 40, 100 };
	struct mm_struct *mm = user_enter();

	map_anonymous(mm, AT(6000), 1, PROT_READ); /* keeps the slab of the areas */
	for (u32 i = 0; i < ARRAY_SIZE(lengths); i++) {
		u32 reached = 0, before;
		unsigned long irq;

		map_anonymous(mm, AT(0), lengths[i], PROT_RW);
		before = free_frames();
		for (u32 p = 0; p < lengths[i]; p++)
			EXPECT(user_write(AT(p), p));
		irq = irq_save();
		do_munmap(mm, AT(0), lengths[i] * PAGE_SIZE);
		for (u32 p = 0; p < lengths[i]; p++)
			reached += !probe_write(AT(p), 0).faulted;
		irq_restore(irq);
		EXPECT_EQ(reached, 0);
		EXPECT_EQ(free_frames(), before);
	}
	user_leave(mm);
}

/*
 * A copy shares every frame, write protected on both sides. The first writer gets a copy, the
 * last one keeps the frame.
 */
static void copy_on_write(void)
{
	struct mm_struct *mm = user_enter(), *child;
	struct fault_counters before;
	struct page *shared;

	map_anonymous(mm, AT(0), 2, PROT_RW);
	EXPECT(user_write(AT(0), 1) && user_write(AT(1), 2));
	shared = user_page_at(mm, AT(0));
	child = mm_copy(mm);
	EXPECT(child);
	EXPECT(user_page_at(child, AT(0)) == shared);
	EXPECT_EQ(shared->count, 2);
	EXPECT_EQ(child->rss, 2);
	EXPECT(probe_write(AT(0), 9).faulted); /* also when the TLB has seen it writable */
	EXPECT_EQ(probe_read(AT(0)).value, 1);

	before = fault_counters;
	user_switch(child);
	EXPECT(user_write(AT(0), 11));
	EXPECT(user_page_at(child, AT(0)) != shared);
	EXPECT_EQ(shared->count, 1);
	EXPECT_EQ(fault_counters.cow_copy - before.cow_copy, 1);
	user_switch(mm);
	EXPECT_EQ(user_word(AT(0)), 1);
	before.cow_reuse = fault_counters.cow_reuse;
	EXPECT(user_write(AT(0), 12));
	EXPECT(user_page_at(mm, AT(0)) == shared);
	EXPECT_EQ(fault_counters.cow_reuse - before.cow_reuse, 1);
	EXPECT_EQ(fault_counters.cow_copy - before.cow_copy, 1);
	user_switch(child);
	EXPECT_EQ(user_word(AT(0)), 11);
	EXPECT_EQ(user_word(AT(1)), 2);
	user_switch(mm);
	expect_valid(child);
	mm_put(child);
	EXPECT_EQ(user_page_at(mm, AT(1))->count, 1);
	user_leave(mm);
}

#define FAMILY 5u

/* Many copies: a count for each, and each has its own page after it wrote. */
static void family(void)
{
	struct mm_struct *members[FAMILY] = { user_enter() };
	u32 count = 1;

	if (!members[0])
		return;
	map_anonymous(members[0], AT(0), 1, PROT_RW);
	EXPECT(user_write(AT(0), 100));
	for (; count < FAMILY; count++) {
		members[count] = mm_copy(members[count - 1]);
		EXPECT(members[count]);
	}
	EXPECT_EQ(user_page_at(members[0], AT(0))->count, count);
	for (u32 i = 0; i < count; i++) {
		user_switch(members[i]);
		EXPECT_EQ(user_word(AT(0)), 100);
		EXPECT(user_write(AT(0), i));
	}
	for (u32 i = 0; i < count; i++) {
		user_switch(members[i]);
		EXPECT_EQ(user_word(AT(0)), i);
		EXPECT_EQ(user_page_at(members[i], AT(0))->count, 1);
	}
	for (u32 i = 1; i < count; i++)
		mm_put(members[i]); /* the last one is the active one */
	user_switch(members[0]);
	user_leave(members[0]);
}

/*
 * Ring 0 obeys write protection: a write to a shared page gets a copy, to a read-only page it
 * fails.
 */
static void kernel_writes(void)
{
	struct mm_struct *mm = user_enter(), *child;
	static const char text[] = "a text over a page boundary";
	char back[sizeof(text)] = "";

	map_anonymous(mm, AT(0), 2, PROT_RW);
	EXPECT_EQ(copy_to_user(AT(1) - 10, text, sizeof(text)), 0);
	child = mm_copy(mm);
	EXPECT(child);
	EXPECT_EQ(copy_to_user(AT(1) - 10, "ooooooooooooooo", 15), 0);
	EXPECT_EQ(access_process_vm(child, AT(1) - 10, back, sizeof(text), FAULT_READ),
		  sizeof(text));
	EXPECT(!__builtin_memcmp(back, text, sizeof(text)));
	EXPECT_EQ(access_process_vm(child, AT(1) - 10, back, 1, FAULT_WRITE), 1);
	mm_put(child);
	do_mprotect(mm, AT(1), PAGE_SIZE, PROT_READ);
	EXPECT_EQ(copy_to_user(AT(1), text, 8), 8);
	EXPECT_EQ(access_process_vm(mm, AT(1) - 4, back, 8, FAULT_WRITE), 4);
	EXPECT_EQ(copy_from_user(back, AT(1), 5), 0);
	EXPECT(!__builtin_memcmp(back, "ooooo", 5));
	user_leave(mm);
}

/*
 * A write that does not use this translation replaces the page: the next read must see the new
 * one. Once with the zero page, once with a shared page.
 */
static void exchanged(void)
{
	struct mm_struct *mm = user_enter(), *child;
	u32 value = 0x600d;

	map_anonymous(mm, AT(0), 1, PROT_RW);
	EXPECT_EQ(user_word(AT(0)), 0);
	EXPECT_EQ(probe_read(AT(0)).value, 0);
	EXPECT_EQ(access_process_vm(mm, AT(0), &value, 4, FAULT_WRITE), 4);
	EXPECT_EQ(probe_read(AT(0)).value, 0x600d);
	child = mm_copy(mm);
	EXPECT(child);
	EXPECT_EQ(probe_read(AT(0)).value, 0x600d);
	value = 0xbad;
	EXPECT_EQ(access_process_vm(mm, AT(0), &value, 4, FAULT_WRITE), 4);
	EXPECT_EQ(probe_read(AT(0)).value, 0xbad);
	EXPECT_EQ(access_process_vm(child, AT(0), &value, 4, FAULT_READ), 4);
	EXPECT_EQ(value, 0x600d);
	mm_put(child);
	user_leave(mm);
}

/*
 * A stack grows to the touched address, within its limit and the gap to its neighbour; vm_start
 * never moves up.
 */
static void stack_growth(void)
{
	u32 *limit = &current->group->rlim[RLIMIT_STACK].cur, before = *limit;
	struct mm_struct *mm = user_enter();
	struct vm_area_struct *vma;

	*limit = 1024 * PAGE_SIZE;
	EXPECT_EQ(map_flags(mm, AT(4000), PAGE_SIZE, PROT_RW, MAP_FIXED | MAP_GROWSDOWN), AT(4000));
	vma = find_vma(mm, AT(4000));
	EXPECT(user_write(AT(3990) + 100, 7));
	EXPECT_EQ(vma->vm_start, AT(3990));
	EXPECT_EQ(mm->total_vm, 11);
	EXPECT_EQ(mm->rss, 1);
	EXPECT(user_write(AT(3995), 8));
	EXPECT_EQ(vma->vm_start, AT(3990));
	EXPECT(user_write(AT(4001 - 1024), 9));
	EXPECT(!user_write(AT(4001 - 1025), 10));
	EXPECT_EQ(vma->vm_start, AT(4001 - 1024));

	*limit = 4000 * PAGE_SIZE;
	map_anonymous(mm, AT(2000), 1, PROT_RW);
	EXPECT(user_write(AT(2001) + STACK_GUARD_GAP, 11));
	EXPECT(!user_write(AT(2001) + STACK_GUARD_GAP - 4, 12));
	EXPECT(!user_write(AT(2001), 13));
	EXPECT_EQ(vma->vm_start, AT(2001) + STACK_GUARD_GAP);
	/* Only MAP_FIXED places an area in the gap below it. */
	EXPECT(map_flags(mm, vma->vm_start - PAGE_SIZE, PAGE_SIZE, PROT_RW, 0) !=
	       vma->vm_start - PAGE_SIZE);
	*limit = before;
	user_leave(mm);
}

/* MADV_DONTNEED frees the frames and keeps the area: the next read sees zeros. */
static void dont_need(void)
{
	struct mm_struct *mm = user_enter();
	u32 before;

	map_anonymous(mm, AT(0), 4, PROT_RW);
	before = nr_free_pages();
	for (u32 i = 0; i < 4; i++)
		EXPECT(user_write(AT(i), i + 1));
	EXPECT_EQ(do_madvise(mm, AT(1), 2 * PAGE_SIZE, MADV_DONTNEED), 0);
	EXPECT(probe_read(AT(1)).faulted);
	EXPECT_EQ(mm->rss, 2);
	EXPECT_EQ(before - nr_free_pages(), 3); /* two pages and their table */
	EXPECT_EQ(user_word(AT(1)), 0);
	EXPECT_EQ(user_word(AT(2)), 0);
	EXPECT_EQ(user_word(AT(3)), 4);
	user_leave(mm);
}

/*
 * The last user frees the space, even if the structure is still referenced; also the active space.
 */
static void death(void)
{
	struct mm_struct *mm = user_enter();
	/* Page, table and directory, and three tables of the middle level. */
	u32 before, freed = PMD_FOLDED ? 3 : 6;

	map_anonymous(mm, AT(0), 2, PROT_RW);
	EXPECT(user_write(AT(0), 1));
	before = free_frames();
	mm_grab(mm);
	current->mm = NULL;
	mm_put(mm);
	EXPECT((u32)mmu_root() == (u32)virt_to_phys(kernel_pgd));
	EXPECT_EQ(mm->mm_users, 0);
	/* And the slabs of area and family, if these were all. */
	EXPECT(free_frames() - before - freed <= 2);
	expect_unmapped(AT(0));
	mm_drop(mm);
}

/*
 * image/kernel.lds: the instructions that may access ring 3's memory, and where each continues
 * after a fault.
 */
extern const u32 __start___ex_table[];

/*
 * A processor that refuses accesses that the page tables allow: after some faults the handler
 * believes it.
 */
static void endless(void)
{
	struct pt_regs regs = { .eip = __start___ex_table[0],
				.cs = KERNEL_CS,
				.eflags = EFLAGS_AC };
	struct mm_struct *mm = user_enter();
	u32 count = 0;

	if (!mm)
		return;
	map_anonymous(mm, AT(0), 2, PROT_RW);
	EXPECT(user_write(AT(0), 1) && user_write(AT(1), 1));
	while (regs.eip == __start___ex_table[0] && count < 100) {
		/*
		 * Alternating, they could be two operands of one instruction, each with a stale
		 * translation.
		 */
		do_page_fault(&regs, ERROR_PRESENT, AT(count < 40 ? count % 2 : 0));
		count++;
	}
	EXPECT(count > 42 && count < 100);
	EXPECT_EQ(regs.eip, __start___ex_table[1]);
	user_leave(mm);
}

static const struct test_case cases[] = {
	{ "demand", demand },
	{ "zero_page_shared", zero_page_shared },
	{ "refused", refused },
	{ "ring3", ring3 },
	{ "protection", protection },
	{ "unmapped", unmapped },
	{ "copy_on_write", copy_on_write },
	{ "family", family },
	{ "kernel_writes", kernel_writes },
	{ "exchanged", exchanged },
	{ "stack_growth", stack_growth },
	{ "dont_need", dont_need },
	{ "death", death },
	{ "endless", endless },
};

TEST_SUITE(faults, cases);
