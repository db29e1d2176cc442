/* SPDX-License-Identifier: MIT */
/*
 * Memory type range registers: the resulting types, with the registers of real machines (from
 * boot logs in public bug reports, as Linux prints them), and the fate of memory that is not
 * write-back.
 *
 * sources: kernel/cpu/mtrr.c
 */
#include <string.h>

#include "kernel/cpu/mtrr.h"
#include "kernel/cpu/cpu.h"
#include "abi/linux/errno.h"
#include "paging/pgtable.h"
#include "tests/host/console.h"
#include "tests/host/tap.h"

struct cpu_info cpu;

bool rdmsr_safe(u32 index, u64 *value)
{
	(void)index, (void)value;
	return false;
}

#define ON 0x800u
#define RANGE(base, size, type)                                     \
	{                                                           \
		(base) | (type), ~((u64)(size)-1) & 0xffffff000ull, \
	}
#define VALID(base, size, type)                                              \
	{                                                                    \
		(base) | (type), (~((u64)(size)-1) & 0xffffff000ull) | 0x800 \
	}

/* A PC with 4 GiB: uncached by default; 2 GiB, 1 GiB and so on are write-back; a graphics hole. */
static const struct mtrrs uncached_default = {
	.default_type = ON | MTRR_UNCACHED,
	.count = 6,
	.variable = {
		VALID(0, GiB(2), MTRR_WRITE_BACK),
		VALID(GiB(2), GiB(1), MTRR_WRITE_BACK),
		VALID(0xbf800000, MiB(8), MTRR_UNCACHED),
		VALID(GiB(4), GiB(1), MTRR_WRITE_BACK),
		VALID(0xd0000000, MiB(256), MTRR_WRITE_COMBINING),
		RANGE(0, GiB(4), MTRR_UNCACHED), /* not valid */
	},
};

/* As most are today: write-back by default, the device hole uncached. */
static const struct mtrrs cached_default = {
	.default_type = ON | MTRR_WRITE_BACK,
	.count = 2,
	.variable = { VALID(0x80000000, GiB(2), MTRR_UNCACHED),
		      VALID(0x70000000, MiB(256), MTRR_UNCACHED) },
};

static void types(void)
{
	const struct mtrrs *m = &uncached_default;
	u64 end;

	EXPECT_EQ(mtrr_type_at(m, 0, &end), MTRR_WRITE_BACK);
	EXPECT(end == GiB(2));
	EXPECT_EQ(mtrr_type_at(m, GiB(2), &end), MTRR_WRITE_BACK);
	EXPECT(end == 0xbf800000);
	EXPECT_EQ(mtrr_type_at(m, 0xbf800000, &end), MTRR_UNCACHED);
	EXPECT(end == 0xc0000000);
	EXPECT_EQ(mtrr_type_at(m, 0xc0000000, &end), MTRR_UNCACHED); /* by default */
	EXPECT(end == 0xd0000000);
	EXPECT_EQ(mtrr_type_at(m, 0xdfffffff, &end), MTRR_WRITE_COMBINING);
	EXPECT(end == 0xe0000000);
	EXPECT_EQ(mtrr_type_at(m, GiB(6), &end), MTRR_UNCACHED);
	EXPECT(end == ~0ull);
	EXPECT_EQ(mtrr_type_at(&cached_default, GiB(6), &end), MTRR_WRITE_BACK);
}

static void overlaps(void)
{
	static const struct mtrrs m = {
		.default_type = ON | MTRR_WRITE_BACK,
		.count = 4,
		.variable = {
			VALID(MiB(16), MiB(16), MTRR_WRITE_BACK),
			VALID(MiB(16), MiB(8), MTRR_WRITE_THROUGH),
			VALID(MiB(28), MiB(4), MTRR_WRITE_COMBINING),
			VALID(MiB(20), MiB(2), MTRR_UNCACHED),
		},
	};
	u64 end;

	EXPECT_EQ(mtrr_type_at(&m, MiB(16), &end), MTRR_WRITE_THROUGH);
	EXPECT(end == MiB(20));
	EXPECT_EQ(mtrr_type_at(&m, MiB(20), &end), MTRR_UNCACHED);
	EXPECT(end == MiB(22));
	EXPECT_EQ(mtrr_type_at(&m, MiB(24), &end), MTRR_WRITE_BACK);
	EXPECT_EQ(mtrr_type_at(&m, MiB(28), &end), MTRR_UNCACHED); /* not defined */
}

static struct memmap map;

static void usable(u64 start, u64 end)
{
	memmap_add(&map, start, end - start, MEM_USABLE);
}

static void reserved(void)
{
	struct mtrrs m = uncached_default;

	m.high_cached = true;
	map.count = 0;
	usable(0, 0xa0000);
	usable(MiB(1), 0xbfee0000);
	usable(GiB(4), GiB(6));
	memmap_sanitise(&map);
	EXPECT_EQ(mtrr_reserve(&m, &map), 0);
	EXPECT(!memmap_validate(&map));
	/*
	 * The last 7 MiB of low memory: the reason for Linux's mtrr_cleanup. Memory above 4 GiB
	 * stays.
	 */
	EXPECT(memmap_total(&map, MEM_USABLE, GiB(4)) == 0xa0000 + 0xbf800000ull - MiB(1));
	EXPECT(memmap_total(&map, MEM_USABLE, ~0ull) - memmap_total(&map, MEM_USABLE, GiB(4)) ==
	       GiB(2));
	EXPECT(strstr(console_text(), "mtrr: start=0x00bf800000 end=0x00bfee0000 type=uncached\n"));
	EXPECT(!strstr(console_text(), "mtrr: start=0x01"));
}

/* Above 4 GiB memory counts only if the kernel uses it: the registers cache one GiB of it. */
static void above_4g(void)
{
	map.count = 0;
	usable(MiB(1), GiB(1));
	usable(GiB(4), GiB(6));
	EXPECT_EQ(mtrr_reserve(&uncached_default, &map), 0);
	EXPECT_EQ(memmap_total(&map, MEM_USABLE, ~0ull) >> 20, PHYS_LIMIT > GiB(4) ? 2047 : 3071);
}

/* No memory is removed if the registers are off, or make nothing write-back. */
static void unset(void)
{
	static const struct mtrrs off = { .default_type = MTRR_UNCACHED },
				  blank = { .default_type = ON | MTRR_UNCACHED };

	map.count = 0;
	usable(MiB(1), GiB(1));
	EXPECT_EQ(mtrr_reserve(&off, &map), 0);
	EXPECT_EQ(mtrr_reserve(&blank, &map), 0);
	EXPECT_EQ(mtrr_reserve(&cached_default, &map), 0);
	EXPECT(memmap_total(&map, MEM_USABLE, GiB(4)) == GiB(1) - MiB(1));
	EXPECT(!strstr(console_text(), "mtrr:"));
}

/* Random registers: the loop ends, and the remaining usable memory is write-back. */
static void noise(void)
{
	for (u32 round = 0; round < tap_scaled(2000); round++) {
		struct mtrrs m = { .default_type =
					   ON | (random_one_in(2) ? 6 : random_below(256)) };

		m.count = random_below(MTRRS_MAX + 1);
		for (u32 i = 0; i < m.count; i++) {
			m.variable[i].base =
				(u64)random_u32() << random_below(12) | random_below(8);
			m.variable[i].mask = (u64)random_u32() << random_below(12) | 0x800;
			if (random_one_in(2))
				m.variable[i].mask = (~0ull << (12 + random_below(20))) | 0x800;
		}
		map.count = 0;
		usable(MiB(1), MiB(64));
		if (mtrr_reserve(&m, &map) == 0)
			EXPECT(!memmap_validate(&map));
	}
}

TAP_MAIN({ "types", types }, { "overlaps", overlaps }, { "reserved", reserved },
	 { "above 4 GiB", above_4g }, { "unset", unset }, { "noise", noise })
