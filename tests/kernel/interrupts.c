/* SPDX-License-Identifier: MIT */
/* Interrupts: the tick comes, masking holds it off, and masking nests. */
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/gdt.h"
#include "kernel/harness/suite.h"
#include "kernel/devices/time.h"
#include "lib/irq.h"

/* A tick is due every millisecond. A busy host may be late by much more. */
#define TICK_US	    (1000000u / HZ)
#define PATIENCE_MS 2000u

static bool interrupts_on(void)
{
	u32 flags;

	__asm__ volatile("pushfl; popl %0" : "=r"(flags));
	return flags & EFLAGS_IF;
}

/* Waits until `ticks` ticks have come, or for PATIENCE_MS. */
static bool wait_for_ticks(u32 ticks)
{
	u32 start = jiffies;

	for (u32 ms = 0; ms < PATIENCE_MS; ms++) {
		if (jiffies - start >= ticks)
			return true;
		delay_us(1000);
	}
	return false;
}

static void on_in_suites(void)
{
	EXPECT(interrupts_on());
}

static void ticks_come(void)
{
	EXPECT(wait_for_ticks(3));
}

/* The processor sleeps until the next interrupt, and wakes. */
static void halt_wakes(void)
{
	u32 start = jiffies;

	for (u32 i = 0; i < 3; i++)
		cpu_halt();
	EXPECT(jiffies != start);
}

/* While interrupts are masked no tick comes; ticks that became due are made up for. */
static void masked(void)
{
	unsigned long irq = irq_save();
	u32 start = jiffies;

	EXPECT(!interrupts_on());
	delay_us(3 * TICK_US);
	EXPECT_EQ(jiffies, start);
	irq_restore(irq);
	EXPECT(interrupts_on());
	EXPECT(wait_for_ticks(1));
}

static void nesting(void)
{
	unsigned long outer = irq_save(), inner = irq_save();

	irq_restore(inner);
	EXPECT(!interrupts_on());
	inner = irq_save();
	EXPECT(!interrupts_on());
	irq_restore(inner);
	irq_restore(outer);
	EXPECT(interrupts_on());
}

/* Ticks pass during a wait. How many depends on the load of the host. */
static void delays(void)
{
	u32 start = jiffies, tries = 0;

	delay_us(0);
	while (jiffies - start < 2 && tries < 20) {
		delay_us(2 * TICK_US);
		tries++;
	}
	EXPECT(jiffies - start >= 2);
}

/* A tick that comes while the descriptor of a loaded GS vanishes must be able to return. */
static void descriptors_change(void)
{
	static const u64 none[GDT_TLS_ENTRIES], some[GDT_TLS_ENTRIES] = { 0x00cff3000000ffffull };
	u32 start = jiffies, gs;

	while (jiffies - start < HZ / 10) {
		gdt_set_tls(some);
		__asm__ volatile("movl %0, %%gs" : : "r"(GDT_ENTRY_TLS_MIN << 3 | 3));
		gdt_set_tls(none);
	}
	__asm__ volatile("movl %%gs, %0" : "=r"(gs));
	EXPECT(!gs);
}

static const struct test_case cases[] = {
	{ "on_in_suites", on_in_suites },
	{ "ticks_come", ticks_come },
	{ "halt_wakes", halt_wakes },
	{ "masked", masked },
	{ "nesting", nesting },
	{ "delays", delays },
	{ "descriptors_change", descriptors_change },
};

TEST_SUITE(interrupts, cases);
