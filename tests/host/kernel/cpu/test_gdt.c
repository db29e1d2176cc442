/* SPDX-License-Identifier: MIT */
/*
 * Descriptor tables, task states, and the report of a kernel stack that overflows. The tables are
 * decoded as Intel's SDM vol. 3A describes them (3.4.5, 6.11, 7.2.1). The instructions that load
 * them are a record.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernel/cpu/backtrace.h"
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/gdt.h"
#include "kernel/cpu/trap.h"
#include "lib/assert.h"
#include "lib/printk.h"
#include "paging/layout.h"
#include "tests/host/console.h"
#include "tests/host/tap.h"

/* An instruction, with the address of its operand `r` if the function has one. */
static void model_asm(const char *text, const void *operand);
static char r; /* no operand */

static u32 cr2;

#define read_cr2() cr2
#define read_cr3() 0x123000u
#define __asm__
#define volatile(...) model_asm(#__VA_ARGS__, &r)
#include "kernel/cpu/gdt.c"
#undef volatile
#undef __asm__

char trap_stubs[256 * TRAP_STUB_SIZE], syscall_entry[16], page_fault_entry[16];
char boot_stack_guard[4096], boot_stack[8192] __aligned(4096), boot_stack_top[16];

static char did[200];
static struct table_register loaded;

static void model_asm(const char *text, const void *operand)
{
	if (strstr(text, "lgdt") || strstr(text, "lidt")) {
		memcpy(&loaded, operand, sizeof(loaded));
		strcat(did, strstr(text, "lgdt") ? "lgdt " : "lidt ");
	} else {
		strcat(did, "fs-gs ");
		strcat(did, strstr(text, "lldt") ? "lldt " : "");
	}
}

/* ---- Decoders ---- */

struct segment_of {
	u32 base, limit, access, flags;
};

static struct segment_of decode(u32 selector)
{
	u64 d = gdt[selector / 8];

	return (struct segment_of){
		.base = (u32)(d >> 16 & 0xffffff) | (u32)(d >> 56) << 24,
		.limit = (u32)(d & 0xffff) | (u32)(d >> 48 & 15) << 16,
		.access = (u32)(d >> 40 & 0xff),
		.flags = (u32)(d >> 52 & 15),
	};
}

static void expect_gate(u32 vector, const char *handler, u32 selector, u32 type)
{
	u64 d = idt[vector];
	u32 offset = (u32)(d & 0xffff) | (u32)(d >> 48) << 16;

	tap_check(offset == (u32)(uintptr_t)handler, __FILE__, __LINE__, "handler of %u", vector);
	tap_check((d >> 16 & 0xffff) == selector && (d >> 40 & 0xff) == type && !(d >> 32 & 0xff),
		  __FILE__, __LINE__, "gate %u is %#llx", vector, (unsigned long long)d);
}

/* ---- The cases ---- */

static void segments(void)
{
	static const struct {
		u32 selector, access;
	} flat[] = { { 0x10, 0x9a }, { 0x18, 0x92 }, { 0x20, 0xfa }, { 0x28, 0xf2 } };

	gdt_init();
	EXPECT_TEXT(did, "lgdt ");
	EXPECT(loaded.limit == sizeof(gdt) - 1 && loaded.base == (u32)(uintptr_t)gdt);
	EXPECT_EQ(gdt[0], 0);
	for (u32 i = 0; i < ARRAY_SIZE(flat); i++) {
		struct segment_of s = decode(flat[i].selector);

		EXPECT(!s.base && s.limit == 0xfffff && s.flags == 0xc);
		EXPECT_EQ(s.access, flat[i].access);
	}
	for (u32 i = 0; i < 2; i++) {
		struct segment_of s = decode(i ? 0x38 : 0x30);

		EXPECT_EQ(s.base, (u32)(uintptr_t)(i ? &double_fault_tss : &main_tss));
		EXPECT(s.limit == 103 && s.access == 0x89 && !s.flags);
	}
}

static void task_states(void)
{
	gdt_init();
	EXPECT(main_tss.ss0 == 0x18 && main_tss.io_map_base == 104);
	EXPECT(double_fault_tss.cr3 == 0x123000 && double_fault_tss.io_map_base == 104);
	EXPECT(double_fault_tss.eip == (u32)(uintptr_t)double_fault &&
	       double_fault_tss.esp == (u32)(uintptr_t)double_fault_stack + 4096);
	EXPECT(double_fault_tss.eflags == 2 && double_fault_tss.cs == 0x10 &&
	       double_fault_tss.ss == 0x18 && double_fault_tss.ds == 0x18 &&
	       double_fault_tss.es == 0x18);
	tss_set_kernel_stack((void *)0x8000);
	EXPECT_EQ(main_tss.esp0, 0x8000);
	EXPECT_PANIC("IS_ALIGNED", tss_set_kernel_stack((void *)0x8001));
	tss_set_root(0x45000);
	EXPECT_EQ(double_fault_tss.cr3, 0x45000);
	EXPECT_PANIC("IS_ALIGNED", tss_set_root(0x45010));
}

/* Ring 3 may call breakpoint, overflow and the system call; all others are closed to it. */
static void gates(void)
{
	idt_init();
	EXPECT_TEXT(did, "lidt ");
	EXPECT(loaded.limit == 256 * 8 - 1 && loaded.base == (u32)(uintptr_t)idt);
	for (u32 vector = 0; vector < 256; vector++) {
		const char *stub = trap_stubs + 16 * vector;

		if (vector == 14)
			expect_gate(vector, page_fault_entry, 0x10, 0x8e);
		else if (vector == 8)
			expect_gate(vector, NULL, 0x38, 0x85);
		else if (vector == 0x80)
			expect_gate(vector, syscall_entry, 0x10, 0xef);
		else
			expect_gate(vector, stub, 0x10, vector == 3 || vector == 4 ? 0xee : 0x8e);
	}
}

static void own_segments(void)
{
	/* Data of ring 3, present; the least that a program may set. */
	static const u64 tls[3] = { 0x00cff2000000ffffull, 0, 0x00c0f60000001234ull };
	static const u64 of_ring_0[3] = { 0, 0, 0x00cf92000000ffffull };
	static const u64 system_segment[3] = { 0x0000e90000000067ull, 0, 0 };
	static const u64 table[5] = { 0 };

	gdt_set_tls(tls);
	EXPECT_TEXT(did, "fs-gs ");
	EXPECT(gdt[12] == tls[0] && !gdt[13] && gdt[14] == tls[2]);
	EXPECT_PANIC("0xf8", gdt_set_tls(of_ring_0));
	EXPECT_PANIC("0xf8", gdt_set_tls(system_segment));
	did[0] = '\0';
	gdt_set_ldt(table, 5);
	EXPECT_TEXT(did, "fs-gs lldt ");
	EXPECT(decode(0x40).base == (u32)(uintptr_t)table && decode(0x40).limit == 39 &&
	       decode(0x40).access == 0x82 && !decode(0x40).flags);
}

/* ---- A double fault ---- */

static struct pt_regs reported;
static jmp_buf panicked;
static u32 guard; /* the page that is not mapped; all others of the kernel are */

bool kernel_address_mapped(uintptr_t address)
{
	return (address & ~0xfffu) != guard;
}

int current_pid(void)
{
	return 7;
}

const char *current_name(void)
{
	return "prog";
}

void panic_task(const struct pt_regs *regs, const char *format, ...)
{
	EXPECT_TEXT(format, "double fault");
	reported = *regs;
	longjmp(panicked, 1);
}

static void fault(void)
{
	if (!setjmp(panicked))
		double_fault();
}

static void registers(void)
{
	main_tss = (struct tss){ .eip = 1,
				 .eflags = 2,
				 .eax = 3,
				 .ecx = 4,
				 .edx = 5,
				 .ebx = 6,
				 .esp = 7,
				 .ebp = 8,
				 .esi = 9,
				 .edi = 10,
				 .es = 11,
				 .cs = 12,
				 .ss = 13,
				 .ds = 14,
				 .fs = 15,
				 .gs = 16 };
	fault();
	EXPECT_TEXT(console_text(), "");
	EXPECT(reported.eip == 1 && reported.eflags == 2 && reported.eax == 3 &&
	       reported.ecx == 4 && reported.edx == 5 && reported.ebx == 6 && reported.esp == 7 &&
	       reported.ebp == 8 && reported.esi == 9 && reported.edi == 10 && reported.es == 11 &&
	       reported.cs == 12 && reported.ss == 13 && reported.ds == 14 && reported.fs == 15 &&
	       reported.gs == 16);
}

/* The page below a stack is touched, near the stack pointer. */
static void overflows(void)
{
	static const struct {
		u32 esp, address, guard;
		bool overflow;
	} cases[] = {
		{ 0xc8001010, 0xc8000ffc, 0xc8000000, true },
		{ 0xc8001000, 0xc8000ffc, 0xc8000000, true },
		{ 0xc8000010, 0xc8000ff0, 0xc8000000, true },
		{ 0xc8000100, 0xc8000000, 0xc8000000, true }, /* its first byte */
		{ 0xc8001ffc, 0xc8000ffc, 0xc8000000, true }, /* a page apart */
		{ 0xc8001ffd, 0xc8000ffc, 0xc8000000, false },
		{ 0xc8000000, 0xc8000ffc, 0xc8000000, true },
		{ 0xc7fffffb, 0xc8000ffc, 0xc8000000, false },
		{ 0xc8002010, 0xc8001ffc, 0xc8000000, false }, /* that page is mapped */
		{ 0xbfffff00, 0xbffffff0, 0xbffff000, false }, /* of a program */
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		console_clear();
		main_tss.esp = cases[i].esp;
		main_tss.esp0 = 0xc8003000;
		cr2 = cases[i].address;
		guard = cases[i].guard;
		fault();
		tap_check((console_text()[0] != '\0') == cases[i].overflow, __FILE__, __LINE__,
			  "case %u", i);
		EXPECT_EQ(reported.esp, cases[i].esp);
	}
	guard = 0xc8000000;
	console_clear();
	report_overflow(0xc8001010, 0xc8000ffc);
	EXPECT_TEXT(console_text(),
		    "kernel stack overflow: pid=7 name=prog esp=0xc8001010 address=0xc8000ffc "
		    "guard=0xc8000000-0xc8001000 stack=0xc8001000-0xc8003000\n");
}

TAP_MAIN({ "segments", segments }, { "task states", task_states }, { "gates", gates },
	 { "segments of the current task", own_segments },
	 { "registers of a double fault", registers }, { "stacks that overflow", overflows })
