/* SPDX-License-Identifier: MIT */
/*
 * Names for code addresses, at the edges of the table; and which kernel addresses the page tables
 * map, in both formats, with tables made by hand: Intel SDM vol. 3A 4.3, 4.4.
 */
#include "lib/types.h"

/* The harness has its own names. */
#define symbol_text kernel_symbol_text
#define mmu_root    model_root
#define read_cr4    processor_read_cr4
#include "kernel/cpu/cpu.h"
#undef read_cr4
#define read_cr4 model_read_cr4
static u32 model_read_cr4(void);

#include "kernel/cpu/backtrace.c"

#include <stdio.h>
#include <string.h>

#include "mm/frames/page.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

/* A kernel of 1000 bytes: one() from 16 on, two() from 100 on, three() from 500 to 900. */
const char _text[1000], _etext[1];
const u32 ksyms_count = 3;
const u32 ksyms_places[] = { 16, 100, 500, 900 };
const u32 ksyms_names[] = { 0, 4, 8 };
const char ksyms_strings[] = "one\0two\0three";

static u32 cr4;
static phys_addr_t root;

static u32 model_read_cr4(void)
{
	return cr4;
}

phys_addr_t model_root(void)
{
	return root;
}

/* ---- Names ---- */

static void names(void)
{
	static const struct {
		u32 place;
		const char *name;
		u32 offset;
	} cases[] = { { 15, NULL, 0 },	     { 16, "one", 0 },	  { 99, "one", 83 },
		      { 100, "two", 0 },     { 499, "two", 399 }, { 500, "three", 0 },
		      { 899, "three", 399 }, { 900, NULL, 0 } };

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t offset = 0;

		EXPECT_TEXT(ksym_lookup((uintptr_t)_text + cases[i].place, &offset), cases[i].name);
		EXPECT_EQ(offset, cases[i].offset);
	}
}

static void as_text(void)
{
	char buffer[SYMBOL_SIZE];

	EXPECT_TEXT(symbol_text(_text + 0x74, buffer), "two+0x10");
	symbol_text((const void *)0x1234, buffer);
	EXPECT(strstr(buffer, "1234") && !strchr(buffer, '+'));
}

/* A return address may be the first byte of the next function; the place itself is not. */
static void places(void)
{
	char wanted[200];
	u32 start = (u32)(uintptr_t)_text;

	console_clear();
	print_place((uintptr_t)_text + 500, false);
	print_place((uintptr_t)_text + 500, true);
	print_place((uintptr_t)_text + 900, true);
	print_place((uintptr_t)_text + 900, false);
	snprintf(wanted, sizeof(wanted),
		 " [<%08x>] three+0x0/0x190\n [<%08x>] two+0x190/0x190\n"
		 " [<%08x>] three+0x190/0x190\n [<%08x>]\n",
		 start + 500, start + 500, start + 900, start + 900);
	EXPECT_TEXT(console_text(), wanted);
}

/* ---- Page tables ---- */

#define KERNEL 0xc0000000u

static void *table_at(phys_addr_t address)
{
	return phys_to_virt(address);
}

static void two_levels(void)
{
	u32 *directory, *table;

	machine_boot();
	cr4 = 0;
	root = MiB(1);
	directory = table_at(root);
	table = table_at(MiB(1) + PAGE_SIZE);
	memset(directory, 0, 2 * PAGE_SIZE);
	EXPECT(!kernel_address_mapped(KERNEL));
	directory[0x300] = 0xabc00083; /* 4 MiB */
	directory[0x301] = (MiB(1) + PAGE_SIZE) | 0x03;
	directory[0x302] = (MiB(1) + PAGE_SIZE) | 0x02; /* not present */
	directory[0x303] = 0xf0000003;			/* a table that cannot be read */
	directory[0x3ff] = (MiB(1) + PAGE_SIZE) | 0x03;
	directory[0x200] = 0x00000083;
	table[5] = 0x00001003;
	table[6] = 0x00001002;
	table[0x3ff] = 0x00001001;
	EXPECT(kernel_address_mapped(KERNEL) && kernel_address_mapped(KERNEL + 0x3fffff));
	EXPECT(kernel_address_mapped(0xc0405000) && kernel_address_mapped(0xc0405fff));
	EXPECT(!kernel_address_mapped(0xc0404fff) && !kernel_address_mapped(0xc0406000));
	EXPECT(!kernel_address_mapped(0xc0805000) && !kernel_address_mapped(0xc0c05000));
	EXPECT(kernel_address_mapped(0xffffffff));
	EXPECT(!kernel_address_mapped(0x80000000)); /* mapped, but not the kernel's */
	root = 0xf0000000;
	EXPECT(!kernel_address_mapped(KERNEL));
}

static void three_levels(void)
{
	u64 *top, *directory, *table;

	machine_boot();
	cr4 = CR4_PAE;
	root = MiB(1);
	top = table_at(root);
	directory = table_at(MiB(1) + PAGE_SIZE);
	table = table_at(MiB(1) + 2 * PAGE_SIZE);
	memset(top, 0, 3 * PAGE_SIZE);
	EXPECT(!kernel_address_mapped(KERNEL));
	top[3] = (MiB(1) + PAGE_SIZE) | 0x01;
	directory[0] = 0x8000000000000083ull; /* 2 MiB, not executable */
	directory[1] = (MiB(1) + 2 * PAGE_SIZE) | 0x8000000000000003ull;
	table[7] = 0x8000000500001003ull; /* above 4 GiB */
	EXPECT(kernel_address_mapped(KERNEL) && kernel_address_mapped(KERNEL + 0x1fffff));
	EXPECT(kernel_address_mapped(0xc0207000) && !kernel_address_mapped(0xc0208000));
	EXPECT(!kernel_address_mapped(0xc0400000));
	directory[2] = 0x0000000100000003ull; /* a table above 4 GiB */
	EXPECT(!kernel_address_mapped(0xc0400000));
}

TAP_MAIN({ "names", names }, { "as text", as_text }, { "places", places },
	 { "tables of two levels", two_levels }, { "tables of three levels", three_levels })
