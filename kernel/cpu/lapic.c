/* SPDX-License-Identifier: MIT */
/*
 * The local APIC.
 *
 * Its registers are in a page of memory or, if the firmware chose x2APIC mode, model-specific
 * registers. Leaving x2APIC mode needs a reset of the APIC and may be locked, so the mode stays.
 *
 *  (1) All entries of the local vector table are masked, except LINT1 (NMI), those that raise an
 *      SMI for the firmware, and those that the functions below unmask.
 *  (2) `registers` is NULL in x2APIC mode and without a local APIC.
 */
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/lapic.h"
#include "kernel/cpu/trap.h"
#include "lib/printk.h"
#include "mm/kernel_space/vmalloc.h"

#define LAPIC_VERSION	    0x030
#define LAPIC_TASK_PRIORITY 0x080
#define LAPIC_EOI	    0x0b0
#define LAPIC_SPURIOUS	    0x0f0
/*
 * Blocks interrupts of lower classes. The kernel's vectors are in classes 0xe and 0xf. An entry of
 * an I/O APIC that the firmware left unmasked would be raised again and again. The 8259s (ExtINT)
 * and NMIs ignore the priority.
 */
#define OWN_PRIORITY 0xd0

#define LAPIC_IN_SERVICE    0x100 /* eight registers of 32 bits, 16 bytes apart */
#define LAPIC_ERROR_STATUS  0x280
#define LAPIC_LVT_CMCI	    0x2f0 /* corrected machine checks */
#define LAPIC_LVT_TIMER	    0x320
#define LAPIC_LVT_THERMAL   0x330
#define LAPIC_LVT_COUNTERS  0x340
#define LAPIC_LVT_LINT0	    0x350
#define LAPIC_LVT_LINT1	    0x360
#define LAPIC_LVT_ERROR	    0x370
#define LAPIC_TIMER_INITIAL 0x380
#define LAPIC_TIMER_CURRENT 0x390
#define LAPIC_TIMER_DIVIDE  0x3e0

#define SPURIOUS_ENABLE 0x100u
#define LVT_MODE	0x700u
#define LVT_SMI		0x200u
#define LVT_NMI		0x400u
#define LVT_EXTINT	0x700u
#define LVT_MASKED	0x10000u
#define LVT_PERIODIC	0x20000u
#define DIVIDE_BY_16	0x3u

#define APIC_BASE_ADDRESS 0x000ffffffffff000ull

static volatile u32 *registers;
static bool x2apic;

bool lapic_present(void)
{
	return registers || x2apic;
}

static u32 lapic_read(u32 reg)
{
	return x2apic ? (u32)rdmsr(MSR_X2APIC + reg / 16) : registers[reg / 4];
}

static void lapic_write(u32 reg, u32 value)
{
	if (x2apic)
		wrmsr(MSR_X2APIC + reg / 16, value);
	else
		registers[reg / 4] = value;
}

/* Maps the registers, or finds x2APIC mode. */
static bool lapic_reach(void)
{
	u64 base;

	if (!cpu_has(CPU_APIC) || !cpu_has(CPU_MSR))
		return false;
	base = rdmsr(MSR_APIC_BASE);
	if (!(base & APIC_BASE_ENABLED)) {
		base |= APIC_BASE_ENABLED;
		wrmsr(MSR_APIC_BASE, base);
	}
	if (base & APIC_BASE_X2APIC) {
		x2apic = true;
		return true;
	}
	registers = ioremap(base & APIC_BASE_ADDRESS, 4096);
	if (!registers)
		printk("irq: lapic at 0x%llx cannot be mapped\n", base & APIC_BASE_ADDRESS);
	return registers;
}

/* Each end of interrupt clears the highest vector in service; there are at most 256. */
static unsigned int lapic_drain(void)
{
	unsigned int count;

	for (count = 0; count < 256; count++) {
		u32 any = 0;

		for (u32 i = 0; i < 8; i++)
			any |= lapic_read(LAPIC_IN_SERVICE + 16 * i);
		if (!any)
			break;
		lapic_end_of_interrupt();
	}
	return count;
}

/* An entry that raises an SMI is the firmware's, for temperature or counters: it stays. */
static void mask_entry(u32 entry)
{
	if ((lapic_read(entry) & LVT_MODE) != LVT_SMI)
		lapic_write(entry, LVT_MASKED);
}

const char *lapic_init(unsigned int *drained)
{
	u32 last_entry;

	if (!lapic_reach())
		return "none";

	/* The mask bits can be cleared only while the APIC is enabled. */
	lapic_write(LAPIC_SPURIOUS, SPURIOUS_ENABLE | VECTOR_LAPIC_SPURIOUS);
	last_entry = lapic_read(LAPIC_VERSION) >> 16 & 255;
	lapic_timer_periodic(0);
	lapic_write(LAPIC_LVT_LINT0, LVT_MASKED);
	lapic_write(LAPIC_LVT_LINT1, LVT_NMI);
	if (last_entry >= 4)
		mask_entry(LAPIC_LVT_COUNTERS);
	if (last_entry >= 5)
		mask_entry(LAPIC_LVT_THERMAL);
	if (last_entry >= 6)
		mask_entry(LAPIC_LVT_CMCI);
	lapic_error();
	lapic_write(LAPIC_LVT_ERROR, VECTOR_LAPIC_ERROR);
	lapic_write(LAPIC_TASK_PRIORITY, OWN_PRIORITY);
	*drained = lapic_drain();
	return x2apic ? "x2apic" : "xapic";
}

bool lapic_in_service(u32 vector)
{
	if (!lapic_present())
		return false;
	return lapic_read(LAPIC_IN_SERVICE + 16 * (vector / 32)) >> (vector % 32) & 1;
}

void lapic_end_of_interrupt(void)
{
	lapic_write(LAPIC_EOI, 0);
}

u32 lapic_error(void)
{
	lapic_write(LAPIC_ERROR_STATUS, 0); /* a write updates the register */
	return lapic_read(LAPIC_ERROR_STATUS);
}

void lapic_timer_measure(void)
{
	lapic_write(LAPIC_LVT_TIMER, LVT_MASKED | VECTOR_LAPIC_TIMER);
	lapic_write(LAPIC_TIMER_DIVIDE, DIVIDE_BY_16);
	lapic_write(LAPIC_TIMER_INITIAL, ~0u);
}

u32 lapic_timer_elapsed(void)
{
	return ~0u - lapic_read(LAPIC_TIMER_CURRENT);
}

void lapic_timer_periodic(u32 count)
{
	u32 entry = LVT_PERIODIC | VECTOR_LAPIC_TIMER;

	lapic_write(LAPIC_TIMER_DIVIDE, DIVIDE_BY_16);
	lapic_write(LAPIC_LVT_TIMER, count ? entry : entry | LVT_MASKED);
	lapic_write(LAPIC_TIMER_INITIAL, count);
}

void lapic_accept_pic(void)
{
	lapic_write(LAPIC_LVT_LINT0, LVT_EXTINT);
}
