/* SPDX-License-Identifier: MIT */
/*
 * The walk up the stack: a chain of frames, and stacks that are damaged, on which it must end
 * without a fault. The stack lies where a host test can have it: PAGE_OFFSET is lower here.
 */
#include "lib/types.h"

#define symbol_text kernel_symbol_text /* the harness has its own names */
#define mmu_root    model_root
#define read_cr4    processor_read_cr4
#include "kernel/cpu/cpu.h"
#undef read_cr4
#define read_cr4() 0u
#include "paging/layout.h"
#undef PAGE_OFFSET
#define PAGE_OFFSET 0x20000000u

#include "kernel/cpu/backtrace.c"

#include <stdio.h>
#include <string.h>

#include "tests/host/console.h"
#include "tests/host/low_memory.h"
#include "tests/host/tap.h"

/* A kernel of 100 bytes: one() from 16 on, two() from 50 to 90. */
const char _text[100], _etext[1];
const u32 ksyms_count = 2;
const u32 ksyms_places[] = { 16, 50, 90 };
const u32 ksyms_names[] = { 0, 4 };
const char ksyms_strings[] = "one\0two";

#define STACK 0x20001000u
#define PAGES 20u
#define ROOT  0x100000u /* physical */
#define LIMIT 16384u	/* bytes from one frame to the next */

static uintptr_t found[64];

phys_addr_t model_root(void)
{
	return ROOT;
}

static u32 *word(u32 address)
{
	return (u32 *)(uintptr_t)address;
}

static void set_frame(u32 address, u32 next, u32 caller)
{
	word(address)[0] = next;
	word(address)[1] = caller;
}

static void map(u32 address, bool present)
{
	u32 *table = phys_to_virt(ROOT + PAGE_SIZE);

	table[address >> PAGE_SHIFT & 1023] = present;
}

static void begin(void)
{
	static bool there;
	u32 *directory = phys_to_virt(ROOT);

	if (!there)
		low_memory(STACK - PAGE_SIZE, (PAGES + 2) * PAGE_SIZE);
	there = true;
	memset(word(STACK), 0, PAGES * PAGE_SIZE);
	memset(directory, 0, 2 * PAGE_SIZE);
	directory[STACK >> 22] = (ROOT + PAGE_SIZE) | 1;
	for (u32 i = 0; i < PAGES; i++)
		map(STACK + i * PAGE_SIZE, true);
	memset(found, 0, sizeof(found));
	console_clear();
}

static u32 walk(u32 ebp)
{
	return backtrace_callers(ebp, found, ARRAY_SIZE(found));
}

static void chain(void)
{
	begin();
	set_frame(STACK + 16, STACK + 64, 0x11);
	set_frame(STACK + 64, STACK + 72, 0x22);
	set_frame(STACK + 72, 0, 0x33);
	EXPECT_EQ(walk(STACK + 16), 3);
	EXPECT(found[0] == 0x11 && found[1] == 0x22 && found[2] == 0x33);
	EXPECT_EQ(walk(STACK + 72), 1);
	EXPECT_EQ(backtrace_callers(STACK + 16, found + 10, 2), 2);
	EXPECT(found[10] == 0x11 && found[11] == 0x22 && !found[12]);
	EXPECT_EQ(backtrace_callers(STACK + 16, found, 0), 0);
	/* A caller of 0 is the end: entry.S pushes it. */
	set_frame(STACK + 64, STACK + 72, 0);
	EXPECT_EQ(walk(STACK + 16), 1);
}

/* The next frame lies above this one, and within a stack. */
static void damaged_chain(void)
{
	static const struct {
		u32 next;
		u32 count;
	} cases[] = {
		{ STACK + 4096 + 8, 2 },     { STACK + 4096, 1 },
		{ STACK + 4096 - 4, 1 },     { 0, 1 },
		{ STACK + 4096 + LIMIT, 2 }, { STACK + 4096 + LIMIT + 4, 1 },
		{ STACK + 4096 + 6, 1 },     { ~0u, 1 },
		{ 0xfffffffc, 1 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		begin();
		for (u32 at = STACK; at < STACK + PAGES * PAGE_SIZE; at += 4)
			*word(at) = 0x77;
		if (cases[i].next % 4 == 0 && cases[i].next >= STACK &&
		    cases[i].next < STACK + PAGES * PAGE_SIZE)
			set_frame(cases[i].next, 0, 0x22);
		set_frame(STACK + 4096, cases[i].next, 0x11);
		tap_check(walk(STACK + 4096) == cases[i].count, __FILE__, __LINE__, "case %u", i);
		EXPECT_EQ(found[0], 0x11);
	}
}

static void not_mapped(void)
{
	begin();
	set_frame(STACK + 2 * PAGE_SIZE - 4, 0x11, 0x22);
	map(STACK + 2 * PAGE_SIZE, false);
	EXPECT_EQ(walk(STACK + 2 * PAGE_SIZE - 8), 1);
	EXPECT_EQ(walk(STACK + 2 * PAGE_SIZE - 4), 0); /* its second word is not there */
	EXPECT_EQ(walk(STACK + 2 * PAGE_SIZE), 0);
	EXPECT_EQ(walk(STACK + 2), 0);
	EXPECT_EQ(walk(PAGE_OFFSET - 8), 0);
	EXPECT_EQ(walk(0), 0);
	/* The page with the first word alone is missing. */
	map(STACK + 2 * PAGE_SIZE, true);
	map(STACK + PAGE_SIZE, false);
	EXPECT_EQ(walk(STACK + 2 * PAGE_SIZE - 4), 0);
}

static void lines(void)
{
	char wanted[300];
	u32 text = (u32)(uintptr_t)_text, count = 0;

	begin();
	set_frame(STACK, STACK + 8, text + 50);
	set_frame(STACK + 8, 0, 0x1234);
	backtrace(STACK, 0);
	snprintf(wanted, sizeof(wanted), "Call trace:\n [<%08x>] one+0x22/0x22\n [<00001234>]\n",
		 text + 50);
	EXPECT_TEXT(console_text(), wanted);
	console_clear();
	backtrace(0, (uintptr_t)_text + 50);
	snprintf(wanted, sizeof(wanted), "Call trace:\n [<%08x>] two+0x0/0x28\n", text + 50);
	EXPECT_TEXT(console_text(), wanted);
	/* No more than so many. */
	console_clear();
	for (u32 i = 0; i < 200; i++)
		set_frame(STACK + 8 * i, STACK + 8 * (i + 1), 0x1234);
	backtrace(STACK, 0);
	for (const char *at = console_text(); (at = strstr(at, "[<")); at++)
		count++;
	EXPECT_EQ(count, 32);
}

TAP_MAIN({ "a chain of frames", chain }, { "a damaged chain", damaged_chain },
	 { "pages that are not mapped", not_mapped }, { "the lines", lines })
