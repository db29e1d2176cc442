/* SPDX-License-Identifier: MIT */
/*
 * Frequencies: from counts, and from what processors and hypervisors report. The leaves are
 * those of real machines, from public dumps of CPUID.
 *
 * sources: kernel/devices/frequency.c
 */
#include <string.h>

#include "kernel/devices/frequency.h"
#include "tests/host/tap.h"

struct leaf {
	u32 number, words[4];
};

static const struct leaf *leaves;
static u32 leaf_count;
static u64 msr_hz;

static void read_leaf(u32 number, u32 words[4])
{
	memset(words, 0, 16);
	for (u32 i = 0; i < leaf_count; i++)
		if (leaves[i].number == number)
			memcpy(words, leaves[i].words, 16);
}

static bool read_msr(u32 index, u64 *value)
{
	*value = msr_hz;
	return index == 0x40000022 && msr_hz;
}

static u64 by_cpuid(const struct leaf *machine, u32 count)
{
	leaves = machine;
	leaf_count = count;
	return frequency_by_cpuid(read_leaf);
}

static u64 by_hypervisor(const struct leaf *machine, u32 count)
{
	leaves = machine;
	leaf_count = count;
	return frequency_by_hypervisor(read_leaf, read_msr);
}

#define BY(kind, ...)                                           \
	({                                                      \
		static const struct leaf m[] = { __VA_ARGS__ }; \
		by_##kind(m, ARRAY_SIZE(m));                    \
	})

static void processors(void)
{
	/* Core i7-6700K: the crystal is not reported, the base frequency is 4.0 GHz. */
	EXPECT(BY(cpuid, { 0, { 0x16 } }, { 0x15, { 2, 0x14e, 0 } },
		  { 0x16, { 0xfa0, 0x1068, 0x64 } }) == 4000000000ull);
	/* Atom C3558 (Goldmont): 25 MHz by 88 / 1. */
	EXPECT(BY(cpuid, { 0, { 0x15 } }, { 0x15, { 1, 88, 25000000 } }) == 2200000000ull);
	/* Core i7-1165G7 (Tiger Lake): 38.4 MHz by 146 / 2. */
	EXPECT(BY(cpuid, { 0, { 0x1b } }, { 0x15, { 2, 146, 38400000 } },
		  { 0x16, { 0xaf0, 0x125c, 0x64 } }) == 2803200000ull);
	/* Haswell and AMD have neither leaf; damage. */
	EXPECT(BY(cpuid, { 0, { 0xd } }, { 0x15, { 1, 88, 25000000 } }) == 0);
	EXPECT(BY(cpuid, { 0, { 0x15 } }, { 0x15, { 2, 146, 0 } }) == 0);
	EXPECT(BY(cpuid, { 0, { 0x16 } }) == 0);
	EXPECT(BY(cpuid, { 0, { 0x16 } }, { 0x15, { 1, ~0u, ~0u } }) == (u64)~0u * ~0u);
}

/* "VMwa" "reVM" "ware", and so on: EBX, ECX, EDX */
#define NAME_VMWARE 0x61774d56, 0x4d566572, 0x65726177
#define NAME_KVM    0x4b4d564b, 0x564b4d56, 0x0000004d
#define NAME_XEN    0x566e6558, 0x65584d4d, 0x4d4d566e
#define NAME_HYPERV 0x7263694d, 0x666f736f, 0x76482074
#define NAME_TCG    0x54474354, 0x43544743, 0x47435447

static void hypervisors(void)
{
	EXPECT(BY(hypervisor, { 0x40000000, { 0x40000010, NAME_VMWARE } },
		  { 0x40000010, { 2592000, 66000 } }) == 2592000000ull);
	EXPECT(BY(hypervisor, { 0x40000000, { 0x40000010, NAME_KVM } },
		  { 0x40000010, { 2893202, 1000000 } }) == 2893202000ull);
	/* KVM without the leaf, which is its default; QEMU's own emulator. */
	EXPECT(BY(hypervisor, { 0x40000000, { 0x40000001, NAME_KVM } }, { 0x40000010, { 5, 5 } }) ==
	       0);
	EXPECT(BY(hypervisor, { 0x40000000, { 0x40000001, NAME_TCG } }) == 0);
	EXPECT(BY(hypervisor, { 0x40000000, { 0x40000005, NAME_XEN } },
		  { 0x40000003, { 0, 0, 2394458, 1 } }) == 2394458000ull);
	/* Hyper-V: a register, if both bits say so. */
	msr_hz = 2304002000;
	EXPECT(BY(hypervisor, { 0x40000000, { 0x4000000c, NAME_HYPERV } },
		  { 0x40000003, { 0x2e7f, 0x3b8030, 2, 0xbed7b2 } }) == 2304002000ull);
	EXPECT(BY(hypervisor, { 0x40000000, { 0x4000000c, NAME_HYPERV } },
		  { 0x40000003, { 0x267f, 0, 0, 0x100 } }) == 0);
	EXPECT(BY(hypervisor, { 0x40000000, { 0x4000000c, NAME_HYPERV } },
		  { 0x40000003, { 0x800, 0, 0, 0 } }) == 0);
	msr_hz = 0;
	EXPECT(BY(hypervisor, { 0x40000000, { 0x4000000c, NAME_HYPERV } },
		  { 0x40000003, { 0x800, 0, 0, 0x100 } }) == 0);
	EXPECT(BY(hypervisor, { 0, { 0 } }) == 0);
}

static void counts(void)
{
	u32 values[5] = { 5, 1, 900000, 3, 4 }, equal[5] = { 7, 7, 7, 7, 7 }, one[1] = { 9 };

	/* 200 us by the PIT, at 2.4 GHz. */
	EXPECT_EQ(frequency_khz(480000, 239, 1193182), 2396348);
	/* 5 GHz by itself. */
	EXPECT_EQ(frequency_khz(1000000, 1000000, 5000000000ull), 5000000);
	EXPECT_EQ(frequency_khz(1000, 0, 1193182), 0);
	EXPECT_EQ(frequency_khz(~0u, 1, 14318180), 0); /* implausible */
	/* A system management interrupt spoils one of five. */
	EXPECT_EQ(frequency_median(values, 5), 4);
	EXPECT_EQ(frequency_median(equal, 5), 7);
	EXPECT_EQ(frequency_median(one, 1), 9);
}

TAP_MAIN({ "processors", processors }, { "hypervisors", hypervisors }, { "counts", counts })
