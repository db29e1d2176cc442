/* SPDX-License-Identifier: MIT */
/*
 * What CPUID says of the processor: leaves of real processors, and of those that have few. The
 * signatures are from the manufacturers' lists, decoded by hand.
 *
 * sources: kernel/cpu/identify.c
 */
#include <string.h>

#include "kernel/cpu/cpu.h"
#include "tests/host/console.h"
#include "tests/host/tap.h"

/* Leaves that the processor has; another one must not be read. */
static struct leaf {
	u32 number, eax, ebx, ecx, edx;
} leaves[12];
static u32 leaf_count;
static u64 counter; /* of SMIs */
static bool has_counter;

void cpu_leaf(u32 leaf, u32 words[4])
{
	for (u32 i = 0; i < leaf_count; i++)
		if (leaves[i].number == leaf) {
			memcpy(words, &leaves[i].eax, 16);
			return;
		}
	tap_check(false, __FILE__, __LINE__, "leaf %#x is read", leaf);
	memset(words, 0, 16);
}

bool rdmsr_safe(u32 index, u64 *value)
{
	EXPECT_EQ(index, 0x34);
	*value = counter;
	return has_counter;
}

static void add(struct leaf leaf)
{
	leaves[leaf_count++] = leaf;
}

static void begin(const char *vendor, u32 highest, u32 signature, u32 edx, u32 ecx)
{
	struct leaf first = { .eax = highest };

	memset(&cpu, 0, sizeof(cpu));
	leaf_count = 0;
	memcpy(&first.ebx, vendor, 4);
	memcpy(&first.edx, vendor + 4, 4);
	memcpy(&first.ecx, vendor + 8, 4);
	add(first);
	add((struct leaf){ 1, signature, 0x12345678, ecx, edx });
}

static void add_brand(const char *text)
{
	for (u32 i = 0; i < 3; i++) {
		struct leaf leaf = { .number = 0x80000002u + i };

		memcpy(&leaf.eax, text + 16 * i, 16);
		add(leaf);
	}
}

static void identify(void)
{
	console_clear();
	cpu_identify();
	cpu_print();
}

static void old_processors(void)
{
	/* A Pentium: leaf 0x80000000 answers with the highest basic one. */
	begin("GenuineIntel", 1, 0x52c, 1u << 4 | 1u << 5 | 1u << 7 | 1u << 3, 0);
	add((struct leaf){ .number = 0x80000000u, .eax = 0x52c });
	identify();
	EXPECT_TEXT(console_text(), "cpu: vendor=GenuineIntel family=5 model=2 stepping=12 "
				    "features=pse,tsc,msr brand=\"\"\n");
	/* The extended model counts in families 6 and 15 only. */
	begin("CyrixInstead", 1, 0xf0552, 0, 0);
	add((struct leaf){ .number = 0x80000000u });
	identify();
	EXPECT_TEXT(console_text(),
		    "cpu: vendor=CyrixInstead family=5 model=5 stepping=2 features= brand=\"\"\n");
}

/* Each highest leaf: what lies above it is not read. */
static void highest_leaves(void)
{
	begin("GenuineIntel", 6, 0x6fb, 0xbfebfbff, 0xe3bd);
	add((struct leaf){ .number = 0x80000000u, .eax = 0x80000000u });
	identify();
	EXPECT(cpu.words[0] == 0xbfebfbff && cpu.words[1] == 0xe3bd);
	EXPECT(!cpu.words[2] && !cpu.words[3] && !cpu.words[4]);
	begin("GenuineIntel", 7, 0x6fb, 0xbfebfbff, 0xe3bd);
	add((struct leaf){ 7, 1, 0x22, 0x44, 0x88 });
	add((struct leaf){ .number = 0x80000000u, .eax = 0x80000001u });
	add((struct leaf){ 0x80000001u, 1, 2, 3, 0x20100000 });
	identify();
	EXPECT(cpu.words[2] == 0x22 && cpu.words[4] == 0x44);
	EXPECT(cpu.words[3] == 0x20100000 && cpu_has(CPU_NX) && cpu_has(CPU_LM));
	EXPECT_TEXT(cpu.brand, "");
	begin("GenuineIntel", 1, 0x6fb, 0, 0);
	add((struct leaf){ .number = 0x80000000u, .eax = 0x80000003u });
	add((struct leaf){ .number = 0x80000001u });
	identify();
	EXPECT_TEXT(cpu.brand, "");
	/* An emulator's leaves of another kind. */
	begin("GenuineIntel", 1, 0x6fb, 0, 0);
	add((struct leaf){ .number = 0x80000000u, .eax = 0x80010004u });
	identify();
	EXPECT(!cpu.words[3]);
}

static void new_processors(void)
{
	begin("GenuineIntel", 13, 0x306a9, ~0u, ~0u);
	add((struct leaf){ 7, 0, ~0u, ~0u, 0 });
	add((struct leaf){ .number = 0x80000000u, .eax = 0x80000008u });
	add((struct leaf){ .number = 0x80000001u, .edx = ~0u });
	add_brand("      Intel(R) Core(TM) i5-3320M CPU @ 2.60GHz\0");
	identify();
	EXPECT_TEXT(console_text(),
		    "cpu: vendor=GenuineIntel family=6 model=58 stepping=9 "
		    "features=pse,pse36,pge,pae,pat,nx,smep,smap,umip,tsc,msr,apic,x2apic,lm,guest "
		    "brand=\"Intel(R) Core(TM) i5-3320M CPU @ 2.60GHz\"\n");
	/* A brand of 48 characters, without NUL; the extended family. */
	begin("AuthenticAMD", 1, 0x870f10, 0, 0);
	add((struct leaf){ .number = 0x80000000u, .eax = 0x80000004u });
	add((struct leaf){ .number = 0x80000001u });
	add_brand("AMD Ryzen 7 3700X 8-Core Processor 0123456789abc");
	identify();
	EXPECT_TEXT(console_text(), "cpu: vendor=AuthenticAMD family=23 model=113 stepping=0 "
				    "features= brand=\"AMD Ryzen 7 3700X 8-Core Processor "
				    "0123456789abc\"\n");
}

static bool counts(const char *vendor, u32 signature)
{
	u32 count = 0;
	bool found;

	begin(vendor, 1, signature, 0, 0);
	add((struct leaf){ .number = 0x80000000u });
	cpu_identify();
	found = smi_count(&count);
	EXPECT_EQ(count, found ? 0x80000001u : 0);
	return found;
}

static void system_management_interrupts(void)
{
	counter = 0x1180000001ull; /* the upper half has another meaning */
	has_counter = true;
	EXPECT(counts("GenuineIntel", 0x106a5)); /* Nehalem, the first one */
	EXPECT(counts("GenuineIntel", 0x306a9));
	EXPECT(!counts("GenuineIntel", 0x10677)); /* Penryn */
	EXPECT(!counts("GenuineIntel", 0xf64));	  /* a Pentium 4 */
	EXPECT(!counts("AuthenticAMD", 0x306a9));
	has_counter = false; /* an emulator */
	EXPECT(!counts("GenuineIntel", 0x306a9));
}

TAP_MAIN({ "old processors", old_processors }, { "the highest leaves", highest_leaves },
	 { "new processors", new_processors },
	 { "system management interrupts", system_management_interrupts })
