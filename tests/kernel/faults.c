/* SPDX-License-Identifier: MIT */
/*
 * Pages of an address space: when they come, what is shared, who gets a copy, and that the TLB
 * never knows more than the tables. Accesses are made by uaccess, that is by real page faults, or
 * by probes, which show what the hardware says without the fault handler.
 */
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/gdt.h"
#include "kernel/process/task.h"
#include "kernel/cpu/uaccess.h"
#include "lib/irq.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/frames/shrinker.h"
#include "paging/tlb.h"
#include "tests/kernel/probe.h"
#include "tests/kernel/user_space.h"

#define BASE	 0x20000000u
#define AT(page) (BASE + (page)*PAGE_SIZE)

#define CODE_ADDRESS 0x08048000u

/* Free frames, with those that only wait for the next process or object. */
static u32 free_frames(void)
{
	shrink_caches();
	return nr_free_pages();
}

/*
 * A touch brings one frame, a cleared one, and the first in 4 MiB a page table; what is not touched
 * costs nothing.
 */
static void demand(struct test *test)
{
	struct mm_struct *mm = user_enter(test);
	u32 free;

	map_anonymous(mm, AT(6000), 1, PROT_READ); /* keeps the slab of the areas */
	map_anonymous(mm, AT(0), 5000, PROT_RW);
	free = free_frames();
	EXPECT_EQ(test, mm->rss, 0);
	EXPECT_EQ(test, mm->nr_ptes, 0);
	for (u32 i = 1; i <= 4; i++) {
		EXPECT(test, user_write(AT(i * 1024 + 1), i));
		EXPECT_EQ(test, mm->rss, i);
		EXPECT_EQ(test, mm->nr_ptes, i);
		EXPECT_EQ(test, user_word(test, AT(i * 1024 + 1) + 4), 0);
	}
	EXPECT_EQ(test, free - free_frames(), 8);
	EXPECT(test, !user_page_at(mm, AT(0)));
	expect_valid(test, mm);
	EXPECT_EQ(test, do_munmap(mm, AT(0), 5000 * PAGE_SIZE), 0);
	EXPECT_EQ(test, free_frames(), free);
	EXPECT_EQ(test, mm->rss + mm->nr_ptes, 0);
	user_leave(test, mm);
}

/* Who only reads sees the one zero page; the first write gets an own frame. */
static void zero_page_shared(struct test *test)
{
	struct mm_struct *mm = user_enter(test);
	struct fault_counters before = fault_counters;

	map_anonymous(mm, AT(0), 8, PROT_RW);
	for (u32 i = 0; i < 8; i++) {
		EXPECT_EQ(test, user_word(test, AT(i) + 8), 0);
		EXPECT(test, user_page_at(mm, AT(i)) == zero_page);
	}
	EXPECT_EQ(test, mm->rss, 0);
	EXPECT_EQ(test, fault_counters.zero_page - before.zero_page, 8);
	EXPECT(test, user_write(AT(3) + 8, 33));
	EXPECT(test, user_page_at(mm, AT(3)) != zero_page);
	EXPECT_EQ(test, mm->rss, 1);
	EXPECT_EQ(test, user_word(test, AT(3) + 8), 33);
	EXPECT_EQ(test, user_word(test, AT(3) + 12), 0);
	EXPECT_EQ(test, user_word(test, AT(4) + 8), 0);
	EXPECT_EQ(test, *(u32 *)page_address(zero_page), 0);
	EXPECT_EQ(test, fault_counters.fresh_page - before.fresh_page, 1);
	user_leave(test, mm);
}

/* The areas decide: no area, no right to write, no right at all. */
static void refused(struct test *test)
{
	struct mm_struct *mm = user_enter(test);

	map_anonymous(mm, AT(0), 1, PROT_READ);
	map_anonymous(mm, AT(1), 1, PROT_NONE);
	map_anonymous(mm, AT(2), 1, PROT_WRITE);
	EXPECT_EQ(test, mm_fault(mm, AT(0), FAULT_READ), FAULT_OK);
	EXPECT_EQ(test, mm_fault(mm, AT(0), FAULT_WRITE), FAULT_ACCERR);
	EXPECT_EQ(test, mm_fault(mm, AT(1), FAULT_READ), FAULT_ACCERR);
	EXPECT_EQ(test, mm_fault(mm, AT(1), FAULT_WRITE), FAULT_ACCERR);
	EXPECT_EQ(test, mm_fault(mm, AT(2), FAULT_READ), FAULT_OK);
	EXPECT_EQ(test, mm_fault(mm, AT(2), FAULT_WRITE), FAULT_OK);
	EXPECT_EQ(test, mm_fault(mm, AT(3), FAULT_READ), FAULT_MAPERR);
	EXPECT_EQ(test, mm_fault(mm, AT(0) - 1, FAULT_READ), FAULT_MAPERR);
	EXPECT_EQ(test, mm_fault(mm, 0, FAULT_WRITE), FAULT_MAPERR);
	EXPECT_EQ(test, mm_fault(mm, PAGE_OFFSET, FAULT_READ), FAULT_MAPERR);
	EXPECT_EQ(test, mm_fault(mm, 0xfffffffcu, FAULT_WRITE), FAULT_MAPERR);
	EXPECT_EQ(test, mm->rss, 1);
	user_leave(test, mm);
}

/* A page with the code of the probes, for ring 3. */
static void map_code(struct test *test, struct mm_struct *mm)
{
	static char code[64];

	probe_fill_code(code);
	EXPECT(test, map_anonymous(mm, CODE_ADDRESS, 1, PROT_RW) == CODE_ADDRESS);
	EXPECT(test, !copy_to_user(CODE_ADDRESS, code, sizeof(code)));
	EXPECT(test, !do_mprotect(mm, CODE_ADDRESS, PAGE_SIZE, PROT_READ | PROT_EXEC));
}

/* Ring 3 reaches what its areas allow, and of the kernel's half nothing. */
static void ring3(struct test *test)
{
	static const u32 kernels[] = { PAGE_OFFSET, PAGE_OFFSET + MiB(4), (u32)-1 - 3 };
	struct mm_struct *mm = user_enter(test);
	struct probe probe;

	map_code(test, mm);
	map_anonymous(mm, AT(0), 2, PROT_RW);
	do_mprotect(mm, AT(1), PAGE_SIZE, PROT_READ);
	EXPECT(test, user_write(AT(0), 5));
	EXPECT_EQ(test, user_word(test, AT(1)), 0);

	probe = probe_ring3(CODE_ADDRESS, PROBE_READ, AT(0), 0);
	EXPECT(test, !probe.faulted && probe.value == 5);
	probe = probe_ring3(CODE_ADDRESS, PROBE_WRITE, AT(0), 6);
	EXPECT(test, !probe.faulted);
	EXPECT_EQ(test, user_word(test, AT(0)), 6);
	EXPECT(test, !probe_ring3(CODE_ADDRESS, PROBE_READ, AT(1), 0).faulted);
	probe = probe_ring3(CODE_ADDRESS, PROBE_WRITE, AT(1), 1);
	EXPECT(test,
	       probe.faulted && probe.error_code == (ERROR_PRESENT | ERROR_WRITE | ERROR_USER));
	probe = probe_ring3(CODE_ADDRESS, PROBE_WRITE, CODE_ADDRESS, 1);
	EXPECT(test,
	       probe.faulted && probe.error_code == (ERROR_PRESENT | ERROR_WRITE | ERROR_USER));
	probe = probe_ring3(CODE_ADDRESS, PROBE_READ, 0, 0);
	EXPECT(test, probe.faulted && probe.error_code == ERROR_USER && probe.address == 0);
	for (u32 i = 0; i < ARRAY_SIZE(kernels); i++) {
		probe = probe_ring3(CODE_ADDRESS, PROBE_READ, kernels[i], 0);
		EXPECT(test, probe.faulted && probe.error_code & ERROR_USER);
		EXPECT_EQ(test, probe.address, kernels[i]);
		EXPECT(test, probe_ring3(CODE_ADDRESS, PROBE_WRITE, kernels[i], 0).faulted);
		EXPECT(test, probe_ring3(CODE_ADDRESS, PROBE_EXECUTE, kernels[i], 0).faulted);
	}
	user_leave(test, mm);
}

/* Rights that are taken away are gone at once, with what is in the TLB; the contents stay. */
static void protection(struct test *test)
{
	struct mm_struct *mm = user_enter(test);
	struct probe read, write;
	unsigned long irq;

	map_anonymous(mm, AT(0), 2, PROT_RW);
	EXPECT(test, user_write(AT(0), 0xda7a) && user_write(AT(1), 1));
	irq = irq_save();
	do_mprotect(mm, AT(0), PAGE_SIZE, PROT_READ);
	read = probe_read(AT(0));
	write = probe_write(AT(0), 2);
	EXPECT(test, !read.faulted && read.value == 0xda7a);
	EXPECT(test, write.faulted && write.error_code == (ERROR_PRESENT | ERROR_WRITE));
	do_mprotect(mm, AT(0), PAGE_SIZE, PROT_NONE);
	read = probe_read(AT(0));
	EXPECT(test, read.faulted && read.error_code == 0);
	irq_restore(irq);
	expect_valid(test, mm);
	EXPECT_EQ(test, mm->rss, 2);
	do_mprotect(mm, AT(0), PAGE_SIZE, PROT_RW);
	EXPECT_EQ(test, user_word(test, AT(0)), 0xda7a);
	EXPECT(test, user_write(AT(0), 3));
	user_leave(test, mm);
}

/*
 * What is unmapped faults at once, and its frames are free at once: touch the old address, look at
 * the frame's next owner.
 */
static void unmapped(struct test *test)
{
	static const u32 lengths[] = { 1, 2, 40, 100 };
	struct mm_struct *mm = user_enter(test);

	map_anonymous(mm, AT(6000), 1, PROT_READ); /* keeps the slab of the areas */
	for (u32 i = 0; i < ARRAY_SIZE(lengths); i++) {
		u32 reached = 0, before;
		unsigned long irq;

		map_anonymous(mm, AT(0), lengths[i], PROT_RW);
		before = free_frames();
		for (u32 p = 0; p < lengths[i]; p++)
			EXPECT(test, user_write(AT(p), p));
		irq = irq_save();
		do_munmap(mm, AT(0), lengths[i] * PAGE_SIZE);
		for (u32 p = 0; p < lengths[i]; p++)
			reached += !probe_write(AT(p), 0).faulted;
		irq_restore(irq);
		EXPECT_EQ(test, reached, 0);
		EXPECT_EQ(test, free_frames(), before);
	}
	user_leave(test, mm);
}

/*
 * A copy shares every frame, write protected on both sides; the first writer gets his own, the last
 * one keeps the old one.
 */
static void copy_on_write(struct test *test)
{
	struct mm_struct *mm = user_enter(test), *child;
	struct fault_counters before;
	struct page *shared;

	map_anonymous(mm, AT(0), 2, PROT_RW);
	EXPECT(test, user_write(AT(0), 1) && user_write(AT(1), 2));
	shared = user_page_at(mm, AT(0));
	child = mm_copy(mm);
	EXPECT(test, child);
	EXPECT(test, user_page_at(child, AT(0)) == shared);
	EXPECT_EQ(test, shared->count, 2);
	EXPECT_EQ(test, child->rss, 2);
	EXPECT(test, probe_write(AT(0), 9).faulted); /* also when the TLB has seen it writable */
	EXPECT_EQ(test, probe_read(AT(0)).value, 1);

	before = fault_counters;
	user_switch(child);
	EXPECT(test, user_write(AT(0), 11));
	EXPECT(test, user_page_at(child, AT(0)) != shared);
	EXPECT_EQ(test, shared->count, 1);
	EXPECT_EQ(test, fault_counters.cow_copy - before.cow_copy, 1);
	user_switch(mm);
	EXPECT_EQ(test, user_word(test, AT(0)), 1);
	EXPECT(test, user_write(AT(0), 12));
	EXPECT(test, user_page_at(mm, AT(0)) == shared);
	EXPECT_EQ(test, fault_counters.cow_reuse - before.cow_reuse, 1);
	EXPECT_EQ(test, fault_counters.cow_copy - before.cow_copy, 1);
	user_switch(child);
	EXPECT_EQ(test, user_word(test, AT(0)), 11);
	EXPECT_EQ(test, user_word(test, AT(1)), 2);
	user_switch(mm);
	expect_valid(test, child);
	mm_put(child);
	EXPECT_EQ(test, user_page_at(mm, AT(1))->count, 1);
	user_leave(test, mm);
}

#define FAMILY 5u

/* Many copies: a count for each, and each has its own page after it wrote. */
static void family(struct test *test)
{
	struct mm_struct *members[FAMILY] = { user_enter(test) };
	u32 count = 1;

	if (!members[0])
		return;
	map_anonymous(members[0], AT(0), 1, PROT_RW);
	EXPECT(test, user_write(AT(0), 100));
	for (; count < FAMILY; count++) {
		members[count] = mm_copy(members[count - 1]);
		EXPECT(test, members[count]);
	}
	EXPECT_EQ(test, user_page_at(members[0], AT(0))->count, count);
	for (u32 i = 0; i < count; i++) {
		user_switch(members[i]);
		EXPECT_EQ(test, user_word(test, AT(0)), 100);
		EXPECT(test, user_write(AT(0), i));
	}
	for (u32 i = 0; i < count; i++) {
		user_switch(members[i]);
		EXPECT_EQ(test, user_word(test, AT(0)), i);
		EXPECT_EQ(test, user_page_at(members[i], AT(0))->count, 1);
	}
	for (u32 i = 1; i < count; i++)
		mm_put(members[i]); /* the last one is the active one */
	user_switch(members[0]);
	user_leave(test, members[0]);
}

/*
 * Ring 0 obeys write protection: a copy into a shared page gets its own, into a read-only one it
 * fails.
 */
static void kernel_writes(struct test *test)
{
	struct mm_struct *mm = user_enter(test), *child;
	static const char text[] = "a text over a page boundary";
	char back[sizeof(text)] = "";

	map_anonymous(mm, AT(0), 2, PROT_RW);
	EXPECT_EQ(test, copy_to_user(AT(1) - 10, text, sizeof(text)), 0);
	child = mm_copy(mm);
	EXPECT(test, child);
	EXPECT_EQ(test, copy_to_user(AT(1) - 10, "ooooooooooooooo", 15), 0);
	EXPECT_EQ(test, access_process_vm(child, AT(1) - 10, back, sizeof(text), FAULT_READ),
		  sizeof(text));
	EXPECT(test, !__builtin_memcmp(back, text, sizeof(text)));
	EXPECT_EQ(test, access_process_vm(child, AT(1) - 10, back, 1, FAULT_WRITE), 1);
	mm_put(child);
	do_mprotect(mm, AT(1), PAGE_SIZE, PROT_READ);
	EXPECT_EQ(test, copy_to_user(AT(1), text, 8), 8);
	EXPECT_EQ(test, access_process_vm(mm, AT(1) - 4, back, 8, FAULT_WRITE), 4);
	EXPECT_EQ(test, copy_from_user(back, AT(1), 5), 0);
	EXPECT(test, !__builtin_memcmp(back, "ooooo", 5));
	user_leave(test, mm);
}

/*
 * The page is exchanged by a write that does not go through this translation: the next read must see
 * the new one. Once with the zero page, once with a page that is shared.
 */
static void exchanged(struct test *test)
{
	struct mm_struct *mm = user_enter(test), *child;
	u32 value = 0x600d;

	map_anonymous(mm, AT(0), 1, PROT_RW);
	EXPECT_EQ(test, user_word(test, AT(0)), 0);
	EXPECT_EQ(test, probe_read(AT(0)).value, 0);
	EXPECT_EQ(test, access_process_vm(mm, AT(0), &value, 4, FAULT_WRITE), 4);
	EXPECT_EQ(test, probe_read(AT(0)).value, 0x600d);
	child = mm_copy(mm);
	EXPECT(test, child);
	EXPECT_EQ(test, probe_read(AT(0)).value, 0x600d);
	value = 0xbad;
	EXPECT_EQ(test, access_process_vm(mm, AT(0), &value, 4, FAULT_WRITE), 4);
	EXPECT_EQ(test, probe_read(AT(0)).value, 0xbad);
	EXPECT_EQ(test, access_process_vm(child, AT(0), &value, 4, FAULT_READ), 4);
	EXPECT_EQ(test, value, 0x600d);
	mm_put(child);
	user_leave(test, mm);
}

/*
 * A stack grows to where it is touched, as far as its limit and the gap to its neighbour allow;
 * vm_start never goes up.
 */
static void stack_growth(struct test *test)
{
	struct mm_struct *mm = user_enter(test);
	struct vm_area_struct *vma;

	mm->stack_limit = 1024 * PAGE_SIZE;
	EXPECT_EQ(test, map_flags(mm, AT(4000), PAGE_SIZE, PROT_RW, MAP_FIXED | MAP_GROWSDOWN),
		  AT(4000));
	vma = find_vma(mm, AT(4000));
	EXPECT(test, user_write(AT(3990) + 100, 7));
	EXPECT_EQ(test, vma->vm_start, AT(3990));
	EXPECT_EQ(test, mm->total_vm, 11);
	EXPECT_EQ(test, mm->rss, 1);
	EXPECT(test, user_write(AT(3995), 8));
	EXPECT_EQ(test, vma->vm_start, AT(3990));
	EXPECT(test, user_write(AT(4001 - 1024), 9));
	EXPECT(test, !user_write(AT(4001 - 1025), 10));
	EXPECT_EQ(test, vma->vm_start, AT(4001 - 1024));

	mm->stack_limit = 4000 * PAGE_SIZE;
	map_anonymous(mm, AT(2000), 1, PROT_RW);
	EXPECT(test, user_write(AT(2001) + STACK_GUARD_GAP, 11));
	EXPECT(test, !user_write(AT(2001) + STACK_GUARD_GAP - 4, 12));
	EXPECT(test, !user_write(AT(2001), 13));
	EXPECT_EQ(test, vma->vm_start, AT(2001) + STACK_GUARD_GAP);
	/* Nothing else moves into the gap below it without being told to. */
	EXPECT(test, map_flags(mm, vma->vm_start - PAGE_SIZE, PAGE_SIZE, PROT_RW, 0) !=
			     vma->vm_start - PAGE_SIZE);
	user_leave(test, mm);
}

/* MADV_DONTNEED gives the frames back and leaves the addresses: the next read sees zeros. */
static void dont_need(struct test *test)
{
	struct mm_struct *mm = user_enter(test);
	u32 before;

	map_anonymous(mm, AT(0), 4, PROT_RW);
	before = nr_free_pages();
	for (u32 i = 0; i < 4; i++)
		EXPECT(test, user_write(AT(i), i + 1));
	EXPECT_EQ(test, do_madvise(mm, AT(1), 2 * PAGE_SIZE, MADV_DONTNEED), 0);
	EXPECT(test, probe_read(AT(1)).faulted);
	EXPECT_EQ(test, mm->rss, 2);
	EXPECT_EQ(test, before - nr_free_pages(), 3); /* two pages and their table */
	EXPECT_EQ(test, user_word(test, AT(1)), 0);
	EXPECT_EQ(test, user_word(test, AT(2)), 0);
	EXPECT_EQ(test, user_word(test, AT(3)), 4);
	user_leave(test, mm);
}

/*
 * The last user takes the space down, whoever holds the structure; also when it is the active one.
 */
static void death(struct test *test)
{
	struct mm_struct *mm = user_enter(test);
	u32 before;

	map_anonymous(mm, AT(0), 2, PROT_RW);
	EXPECT(test, user_write(AT(0), 1));
	before = free_frames();
	mm_grab(mm);
	current->mm = NULL;
	mm_put(mm);
	EXPECT(test, (u32)mmu_root() == (u32)virt_to_phys(kernel_pgd));
	EXPECT_EQ(test, mm->mm_users, 0);
	/* The page, its table, the directory, and the slab of the area if it was the only one there. */
	EXPECT(test, free_frames() - before - 3 <= 1);
	expect_unmapped(test, AT(0));
	mm_drop(mm);
}

/* image/kernel.lds: the instructions that may touch ring 3's memory, and where each goes on after a fault. */
extern const u32 __start___ex_table[];

/* A processor that refuses what the page tables allow: told often enough, the handler believes it. */
static void endless(struct test *test)
{
	struct pt_regs regs = { .eip = __start___ex_table[0],
				.cs = KERNEL_CS,
				.eflags = EFLAGS_AC };
	struct mm_struct *mm = user_enter(test);
	u32 count = 0;

	if (!mm)
		return;
	map_anonymous(mm, AT(0), 2, PROT_RW);
	EXPECT(test, user_write(AT(0), 1) && user_write(AT(1), 1));
	while (regs.eip == __start___ex_table[0] && count < 100) {
		/* In turns they could be two operands of one instruction, each with a stale translation. */
		do_page_fault(&regs, ERROR_PRESENT, AT(count < 40 ? count % 2 : 0));
		count++;
	}
	EXPECT(test, count > 42 && count < 100);
	EXPECT_EQ(test, regs.eip, __start___ex_table[1]);
	user_leave(test, mm);
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
