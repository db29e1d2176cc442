/* SPDX-License-Identifier: MIT */
/*
 * Time: the tick, and short waits.
 *
 *     time_init(): a reference runs for about 1 ms, and counts of the TSC and of the local APIC's
 *     timer are set against the steps that it made. The reference is the PIT, or ACPI's
 *     power-management timer if the PIT's clock is gated off.
 *
 *  1. The tick comes from the local APIC's timer if its measured frequency is sane, else from the
 *     PIT.
 *  2. How far the reference went is read, not assumed: under an emulator whose host is busy the 1
 *     ms can be 20 ms.
 */
#include "kernel/acpi.h"
#include "kernel/cpu.h"
#include "kernel/io.h"
#include "kernel/irq.h"
#include "kernel/lapic.h"
#include "kernel/pit.h"
#include "kernel/rtc.h"
#include "kernel/screen.h"
#include "kernel/time.h"
#include "lib/math64.h"
#include "lib/printk.h"

#define LAPIC_KHZ_MIN 1000u	/* the bus of a Pentium ran at 50 MHz */
#define LAPIC_KHZ_MAX 10000000u /* QEMU's at 1 GHz */

volatile u32 jiffies;

static u32 tsc_khz; /* 0: not known */

struct measurement {
	u32 steps, step_hz; /* of the reference; 0: it did not run */
	u32 lapic_counts, tsc_counts;
	const char *reference;
};

/*
 * ACPI's timer: 24 bits at least, 3.579545 MHz (ACPI 6.5, 4.8.2.1). A poll is a read from a port,
 * as for the PIT.
 */
static u32 pm_timer_wait(u32 steps)
{
	u16 port = acpi.pm_timer;
	u32 start = inl(port), passed;

	for (u32 polls = 0; polls < 500000; polls++) {
		passed = (inl(port) - start) & 0xffffff;
		if (passed >= steps)
			return passed;
	}
	return 0;
}

static void start_counting(struct measurement *m, u64 *tsc)
{
	if (lapic_present())
		lapic_timer_measure();
	*tsc = cpu_has(CPU_TSC) ? rdtsc() : 0;
	m->lapic_counts = 0;
}

static void stop_counting(struct measurement *m, u64 tsc)
{
	if (cpu_has(CPU_TSC))
		m->tsc_counts = (u32)(rdtsc() - tsc);
	if (lapic_present())
		m->lapic_counts = lapic_timer_elapsed();
}

static struct measurement measure(void)
{
	struct measurement m = { .reference = "pit", .step_hz = PIT_HZ };
	u64 tsc;

	pit_start(PIT_HZ / 1000);
	start_counting(&m, &tsc);
	m.steps = pit_wait();
	stop_counting(&m, tsc);
	if (m.steps || !acpi.pm_timer)
		return m;

	m.reference = "acpi";
	m.step_hz = ACPI_PM_TIMER_HZ;
	start_counting(&m, &tsc);
	m.steps = pm_timer_wait(ACPI_PM_TIMER_HZ / 1000);
	stop_counting(&m, tsc);
	return m;
}

/* counts / (steps / step_hz) in kHz, or 0 if that is out of all bounds. */
static u32 to_khz(const struct measurement *m, u32 counts)
{
	u64 khz;

	if (!m->steps)
		return 0;
	khz = div_u64(div_u64((u64)counts * m->step_hz, 1000), m->steps);
	return khz > 100000000u ? 0 : (u32)khz;
}

void time_init(void)
{
	struct measurement m = measure();
	u32 lapic_khz = to_khz(&m, m.lapic_counts) * LAPIC_TIMER_DIVISOR;
	const char *reason = !lapic_present() ? "no-lapic"
			     : !m.steps	      ? "no-reference"
					      : "out-of-bounds";

	tsc_khz = to_khz(&m, m.tsc_counts);
	if (lapic_khz >= LAPIC_KHZ_MIN && lapic_khz <= LAPIC_KHZ_MAX) {
		lapic_timer_periodic(lapic_khz / LAPIC_TIMER_DIVISOR * 1000 / HZ);
		printk("timer: source=lapic hz=%u lapic_khz=%u tsc_khz=%u reference=%s\n", HZ,
		       lapic_khz, tsc_khz, m.reference);
		return;
	}
	if (lapic_present()) {
		lapic_timer_periodic(0);
		lapic_accept_pic();
	}
	pit_periodic(HZ);
	irq_unmask(0);
	printk("timer: source=pit hz=%u lapic_khz=%u tsc_khz=%u reason=%s\n", HZ, lapic_khz,
	       tsc_khz, reason);
}

void timer_interrupt(struct pt_regs *regs)
{
	jiffies++;
	scheduler_tick(regs);
	screen_tick();
}

#define NSEC_PER_SEC  1000000000ull
#define NSEC_PER_MSEC 1000000u

u64 clock_counts(void)
{
	return tsc_khz ? rdtsc() : jiffies;
}

u64 counts_to_ns(u64 counts)
{
	u32 rest;
	u64 milliseconds;

	if (!tsc_khz)
		return counts * (NSEC_PER_SEC / HZ);
	milliseconds = div_u64_rem(counts, tsc_khz, &rest);
	return milliseconds * NSEC_PER_MSEC + div_u64((u64)rest * NSEC_PER_MSEC, tsc_khz);
}

/* The start of the clocks, and the date at that moment. */
static struct {
	u64 counts;
	u32 date;
	bool started;
} clock_start;

static void start_clocks(void)
{
	if (clock_start.started)
		return;
	clock_start.date = rtc_read();
	clock_start.counts = clock_counts();
	clock_start.started = true;
}

u64 clock_monotonic(void)
{
	start_clocks();
	return counts_to_ns(clock_counts() - clock_start.counts);
}

u64 clock_realtime(void)
{
	u64 now = clock_monotonic();

	return clock_start.date * NSEC_PER_SEC + now;
}

void delay_us(u32 microseconds)
{
	u64 start, wait;

	if (!tsc_khz) {
		while (microseconds--)
			io_delay();
		return;
	}
	start = rdtsc();
	wait = (u64)microseconds * (tsc_khz / 1000 + 1);
	while (rdtsc() - start < wait)
		cpu_relax();
}
