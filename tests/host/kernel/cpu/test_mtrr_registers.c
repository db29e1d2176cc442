/* SPDX-License-Identifier: MIT */
/*
 * Memory types of this processor: which of its registers are read, on processors with and without
 * them, and AMD's own rule for memory above 4 GiB (SYSCFG). Registers are variables.
 */
#include <string.h>

#include "lib/types.h"

#define rdmsr processor_rdmsr
#include "kernel/cpu/cpu.h"
#undef rdmsr
static u64 model_rdmsr(u32 index);
#define rdmsr model_rdmsr

#include "kernel/cpu/mtrr.c"

#include "paging/pgtable.h"
#include "tests/host/console.h"
#include "tests/host/tap.h"

struct cpu_info cpu;

#define REGISTERS 255u

static u64 base[REGISTERS], mask[REGISTERS], count, by_default, syscfg;
static bool has_syscfg;
static u32 reads;

static u64 model_rdmsr(u32 index)
{
	reads++;
	if (index == 0xfe)
		return count;
	if (index == 0x2ff)
		return by_default;
	EXPECT(index >= 0x200 && (index - 0x200) / 2 < 32);
	return (index & 1 ? mask : base)[(index - 0x200) / 2];
}

bool rdmsr_safe(u32 index, u64 *value)
{
	EXPECT_EQ(index, 0xc0010010);
	*value = syscfg;
	return has_syscfg;
}

static struct memmap map;

/* Memory from 1 MiB to 64 MiB, and from 4 to 5 GiB. */
static void begin(void)
{
	map.count = 0;
	EXPECT(!memmap_add(&map, MiB(1), MiB(63), MEM_USABLE));
	EXPECT(!memmap_add(&map, GiB(4), GiB(1), MEM_USABLE));
	memmap_sanitise(&map);
	cpu = (struct cpu_info){ .words = { 1u << CPU_MTRR | 1u << CPU_MSR }, .family = 15 };
	strcpy(cpu.vendor, "AuthenticAMD");
	memset(base, 0, sizeof(base));
	memset(mask, 0, sizeof(mask));
	count = 2;
	by_default = 0x800 | MTRR_WRITE_BACK;
	has_syscfg = true;
	syscfg = 0;
	reads = 0;
	console_clear();
}

static void uncached(u32 i, u64 start, u64 bytes)
{
	base[i] = start;
	mask[i] = (~(bytes - 1) & 0xffffff000ull) | 0x800;
}

static bool is_usable(phys_addr_t address)
{
	for (u32 i = 0; i < map.count; i++)
		if (address >= map.range[i].start && address < map.range[i].end)
			return map.range[i].type == MEM_USABLE;
	return false;
}

static void each_register(void)
{
	begin();
	uncached(0, MiB(32), MiB(1));
	uncached(1, MiB(60), MiB(4));
	uncached(2, MiB(8), MiB(1)); /* is not there */
	EXPECT_EQ(mtrr_apply(&map), 0);
	EXPECT_EQ(reads, 2 + 2 * 2);
	EXPECT(is_usable(MiB(31)) && !is_usable(MiB(32)) && is_usable(MiB(33)));
	EXPECT(is_usable(MiB(59)) && !is_usable(MiB(60)) && is_usable(MiB(8)));
	/* 255 of them, of which 32 are read. */
	begin();
	count = 0x5ff;
	uncached(31, MiB(32), MiB(1));
	EXPECT_EQ(mtrr_apply(&map), 0);
	EXPECT_EQ(reads, 2 + 2 * 32);
	EXPECT(!is_usable(MiB(32)));
}

static void absent(void)
{
	static const u32 words[] = { 0, 1u << CPU_MTRR, 1u << CPU_MSR };

	for (u32 i = 0; i < ARRAY_SIZE(words); i++) {
		begin();
		cpu.words[0] = words[i];
		uncached(0, MiB(32), MiB(1));
		EXPECT_EQ(mtrr_apply(&map), 0);
		EXPECT(!reads && is_usable(MiB(32)));
	}
}

/* Without the rule, memory from 4 GiB on is uncached here. */
static void above_4g(void)
{
	static const struct {
		const char *vendor;
		u32 family;
		bool there;
		u64 syscfg;
		bool usable;
	} cases[] = {
		{ "AuthenticAMD", 15, true, 3u << 21, true },
		{ "AuthenticAMD", 0x17, true, ~0ull, true },
		{ "AuthenticAMD", 14, true, 3u << 21, false },
		{ "AuthenticAMD", 15, false, 3u << 21, false },
		{ "AuthenticAMD", 15, true, 1u << 21, false },
		{ "AuthenticAMD", 15, true, 1u << 22, false },
		{ "AuthenticAMD", 15, true, ~(3ull << 21), false },
		{ "GenuineIntel", 15, true, 3u << 21, false },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		begin();
		uncached(0, GiB(4), GiB(4));
		strcpy(cpu.vendor, cases[i].vendor);
		cpu.family = cases[i].family;
		has_syscfg = cases[i].there;
		syscfg = cases[i].syscfg;
		EXPECT_EQ(mtrr_apply(&map), 0);
		tap_check(is_usable(GiB(4)) == (PMD_FOLDED || cases[i].usable), __FILE__, __LINE__,
			  "case %u", i);
	}
}

TAP_MAIN({ "each register", each_register }, { "processors without them", absent },
	 { "AMD's rule above 4 GiB", above_4g })
