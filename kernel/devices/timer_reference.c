/* SPDX-License-Identifier: MIT */
/*
 * Counters of known frequency.
 *
 * Sources: ACPI 6.5, 4.8.2.1 (PM timer: 24 bits at least, 3.579545 MHz); IA-PC HPET 1.0a, 2.3.
 */
#include "kernel/devices/timer_reference.h"
#include "kernel/devices/acpi.h"
#include "kernel/cpu/cpu.h"
#include "kernel/devices/frequency.h"
#include "kernel/cpu/io.h"
#include "kernel/devices/pit.h"
#include "lib/math64.h"

#define HPET_PERIOD	(0x04 / 4) /* femtoseconds */
#define HPET_CONFIG	(0x10 / 4)
#define HPET_COUNTER	(0xf0 / 4)
#define HPET_RUN	1u
#define HPET_PERIOD_MIN 1000000u   /* 1 GHz: faster is damage */
#define HPET_PERIOD_MAX 100000000u /* the specification's 10 MHz */
#define FEMTOSECONDS	1000000000000000ull

static u64 pit_start_reference(void)
{
	pit_free_run();
	return PIT_HZ;
}

static u64 pm_timer_start(void)
{
	return acpi.pm_timer.address ? ACPI_PM_TIMER_HZ : 0;
}

static u32 pm_timer_read(void)
{
	return acpi.pm_timer.memory ? *(volatile u32 *)acpi.pm_timer.memory
				    : inl((u16)acpi.pm_timer.address);
}

static u64 hpet_start(void)
{
	u32 period;

	if (!acpi.hpet)
		return 0;
	period = acpi.hpet[HPET_PERIOD];
	if (period < HPET_PERIOD_MIN || period > HPET_PERIOD_MAX)
		return 0;
	acpi.hpet[HPET_CONFIG] |= HPET_RUN;
	return div_u64(FEMTOSECONDS, period);
}

static u32 hpet_read(void)
{
	return acpi.hpet[HPET_COUNTER];
}

static u64 cpuid_start(void)
{
	return cpu_has(CPU_TSC) ? frequency_by_cpuid(cpu_leaf) : 0;
}

static u64 hypervisor_start(void)
{
	return cpu_has(CPU_TSC) && cpu_has(CPU_HYPERVISOR)
		       ? frequency_by_hypervisor(cpu_leaf, rdmsr_safe)
		       : 0;
}

static u32 tsc_read(void)
{
	return (u32)rdtsc();
}

const struct timer_reference timer_references[TIMER_REFERENCES] = {
	{ "pit", pit_start_reference, pit_read, 0xffff },
	{ "acpi", pm_timer_start, pm_timer_read, 0xffffff },
	{ "hpet", hpet_start, hpet_read, 0xffffffff },
	{ "cpuid", cpuid_start, tsc_read, 0xffffffff },
	{ "hypervisor", hypervisor_start, tsc_read, 0xffffffff },
};
