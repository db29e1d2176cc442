/* SPDX-License-Identifier: MIT */
/*
 * Counters of known frequency: which ones are there, their frequency, and where they are read.
 * The registers lie in arrays.
 *
 * sources: kernel/devices/timer_reference.c kernel/devices/frequency.c
 */
#include <string.h>

#include "kernel/cpu/cpu.h"
#include "kernel/devices/acpi.h"
#include "kernel/devices/pit.h"
#include "kernel/devices/timer_reference.h"
#include "tests/host/tap.h"

struct acpi acpi;
struct cpu_info cpu;

static volatile u32 hpet[64], pm_timer;
static u32 started, leaves[0x20][4];

void pit_free_run(void)
{
	started++;
}

u32 pit_read(void)
{
	return 77;
}

void cpu_leaf(u32 leaf, u32 words[4])
{
	static const u32 none[4];

	memcpy(words, leaf < ARRAY_SIZE(leaves) ? leaves[leaf] : none, sizeof(none));
}

bool rdmsr_safe(u32 index, u64 *value)
{
	(void)index;
	(void)value;
	return false;
}

static const struct timer_reference *find(const char *name)
{
	for (u32 i = 0; i < TIMER_REFERENCES; i++)
		if (!strcmp(timer_references[i].name, name))
			return &timer_references[i];
	return NULL;
}

static void the_pit(void)
{
	EXPECT_EQ(find("pit")->start(), PIT_HZ);
	EXPECT_EQ(started, 1);
	EXPECT_EQ(find("pit")->read(), 77);
	EXPECT_EQ(find("pit")->mask, 0xffff);
}

static void the_pm_timer(void)
{
	EXPECT_EQ(find("acpi")->start(), 0);
	acpi.pm_timer.address = 0x608;
	EXPECT_EQ(find("acpi")->start(), 3579545);
	pm_timer = 0x123456;
	acpi.pm_timer.memory = (void *)&pm_timer;
	EXPECT_EQ(find("acpi")->read(), 0x123456);
	EXPECT_EQ(find("acpi")->mask, 0xffffff);
}

struct period {
	u32 femtoseconds;
	u64 hz; /* 0: refused */
};

static const struct period periods[] = {
	{ 0, 0 },
	{ 999999, 0 },
	{ 1000000, 1000000000 },
	{ 1000001, 999999000 },
	{ 69841279, 14318179 },
	{ 99999999, 10000000 },
	{ 100000000, 10000000 },
	{ 100000001, 0 },
	{ 0xffffffff, 0 },
};

static void the_hpet(void)
{
	acpi.hpet = NULL;
	EXPECT_EQ(find("hpet")->start(), 0);
	acpi.hpet = hpet;
	hpet[0xf0 / 4] = 0x89abcdef;
	for (u32 i = 0; i < ARRAY_SIZE(periods); i++) {
		hpet[0x10 / 4] = 2;
		hpet[0x04 / 4] = periods[i].femtoseconds;
		EXPECT_EQ(find("hpet")->start(), periods[i].hz);
		EXPECT_EQ(hpet[0x10 / 4], periods[i].hz ? 3 : 2); /* it runs, the rest stays */
	}
	EXPECT_EQ(find("hpet")->read(), 0x89abcdef);
}

/*
 * A processor that tells its frequency, but only with a counter; a hypervisor only if it is one.
 */
static void the_processor(void)
{
	leaves[0][0] = 0x16;
	leaves[0x16][0] = 2400; /* MHz */
	EXPECT_EQ(find("cpuid")->start(), 0);
	cpu.words[CPU_TSC / 32] |= 1u << CPU_TSC % 32;
	EXPECT_EQ(find("cpuid")->start(), 2400000000);
	EXPECT_EQ(find("hypervisor")->start(), 0);
	EXPECT(find("cpuid")->read() != 0);
}

TAP_MAIN({ "the PIT", the_pit }, { "the PM timer", the_pm_timer }, { "the HPET", the_hpet },
	 { "the processor", the_processor })
