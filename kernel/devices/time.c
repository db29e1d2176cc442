/* SPDX-License-Identifier: MIT */
/*
 * Time: the tick, and short waits.
 *
 * The frequencies of the TSC and of the local APIC's timer differ from machine to machine, and no
 * source of them works everywhere. So time_init() measures them against the first reference that
 * runs (kernel/devices/timer_reference.h): five times for 150 us. The median counts, because a
 * system management interrupt may spoil one measurement.
 *
 *  (1) The tick comes from the local APIC's timer if its measured frequency is plausible, else
 *      from the PIT.
 *  (2) The progress of the reference is read, not assumed: under an emulator on a busy host the
 *      150 us can be 20 ms.
 *  (3) The first caller of tick_comes() finds out within 100 ms whether ticks come. Without ticks,
 *      suites and programs that need preemption are skipped (report_without_tick()), and sleeping
 *      tasks wake at once if no other task runs (idle_loop()).
 */
#include "kernel/cpu/cpu.h"
#include "kernel/devices/frequency.h"
#include "kernel/cpu/io.h"
#include "kernel/cpu/irq.h"
#include "kernel/cpu/lapic.h"
#include "kernel/devices/pit.h"
#include "kernel/devices/time.h"
#include "kernel/devices/timer_reference.h"
#include "lib/assert.h"
#include "lib/math64.h"
#include "lib/printf.h"
#include "lib/printk.h"
#include "lib/string.h"

#define LAPIC_KHZ_MIN 1000u	/* the bus of a Pentium ran at 50 MHz */
#define LAPIC_KHZ_MAX 10000000u /* QEMU's runs at 1 GHz */

#define TICK_PATIENCE_MS 100u

#define MEASUREMENTS 5u
#define MEASURE_US   150u
/*
 * A poll is a few port reads: about 1 us each on a PC. Under an emulator that counts instructions
 * it is five instructions, and 150 us are 150,000. This limit is enough for both.
 */
#define POLL_LIMIT	 200000u
#define STANDSTILL_POLLS 20000u /* by then a running counter has made a step */

volatile u32 jiffies;

static u32 tsc_khz; /* 0: not known */
static volatile enum { TICK_AWAITED, TICK_COMES, TICK_ABSENT } tick_state;

struct measurement {
	const char *reference; /* NULL: none runs */
	u32 lapic_khz, tsc_khz;
};

/* Both ends are read in the same order, so that the reads take the same time at both. */
static bool measure_once(const struct timer_reference *reference, u64 hz, u32 *lapic_khz, u32 *tsc)
{
	u32 steps = (u32)div_u64(hz * MEASURE_US, 1000000), start, passed, lapic_counts = 0;
	u64 tsc_start;

	start = reference->read();
	tsc_start = cpu_has(CPU_TSC) ? rdtsc() : 0;
	if (lapic_present())
		lapic_timer_measure();
	for (u32 polls = 0;; polls++) {
		passed = (reference->read() - start) & reference->mask;
		if (passed >= steps)
			break;
		if (polls == POLL_LIMIT || (!passed && polls == STANDSTILL_POLLS))
			return false;
	}
	*tsc = cpu_has(CPU_TSC) ? frequency_khz((u32)(rdtsc() - tsc_start), passed, hz) : 0;
	if (lapic_present())
		lapic_counts = lapic_timer_elapsed();
	*lapic_khz = frequency_khz(lapic_counts, passed, hz) * LAPIC_TIMER_DIVISOR;
	return true;
}

static bool measure_by(const struct timer_reference *reference, struct measurement *m)
{
	u32 lapic_khz[MEASUREMENTS], tsc[MEASUREMENTS];
	u64 hz = reference->start();

	if (!hz)
		return false;
	for (u32 i = 0; i < MEASUREMENTS; i++)
		if (!measure_once(reference, hz, &lapic_khz[i], &tsc[i]))
			return false;
	m->reference = reference->name;
	m->lapic_khz = frequency_median(lapic_khz, MEASUREMENTS);
	m->tsc_khz = frequency_median(tsc, MEASUREMENTS);
	return true;
}

/* `only`: the name of the one reference to try; "": all. */
static struct measurement measure(const char *only)
{
	struct measurement m = { 0 };

	for (u32 i = 0; i < TIMER_REFERENCES && !m.reference; i++)
		if (!*only || !strcmp(only, timer_references[i].name))
			measure_by(&timer_references[i], &m);
	return m;
}

static void tick_by_pit(void)
{
	if (lapic_present()) {
		lapic_timer_periodic(0);
		lapic_accept_pic();
	}
	pit_periodic(HZ);
	irq_unmask(0);
}

static char source[48] = "none";

const char *timer_source(void)
{
	return source;
}

void time_init(const char *only)
{
	struct measurement m = measure(only);
	const char *reason = !lapic_present() ? "no-lapic"
			     : !m.reference   ? "no-reference"
					      : "out-of-bounds";

	tsc_khz = m.tsc_khz;
	if (!strcmp(only, "none")) {
		printk("timer: source=none reason=option\n");
		return;
	}
	if (m.lapic_khz >= LAPIC_KHZ_MIN && m.lapic_khz <= LAPIC_KHZ_MAX) {
		lapic_timer_periodic(m.lapic_khz / LAPIC_TIMER_DIVISOR * 1000 / HZ);
		scnprintf(source, sizeof(source), "lapic by %s", m.reference);
		printk("timer: source=lapic hz=%u lapic_khz=%u tsc_khz=%u reference=%s\n", HZ,
		       m.lapic_khz, tsc_khz, m.reference);
		return;
	}
	tick_by_pit();
	scnprintf(source, sizeof(source), "pit, %s", reason);
	printk("timer: source=pit hz=%u lapic_khz=%u tsc_khz=%u reason=%s\n", HZ, m.lapic_khz,
	       tsc_khz, reason);
}

bool tick_comes(void)
{
	for (u32 ms = 0; ms < TICK_PATIENCE_MS && tick_state == TICK_AWAITED; ms++)
		delay_us(1000);
	if (tick_state == TICK_AWAITED) {
		tick_state = TICK_ABSENT;
		printk("timer: error: no tick\n");
	}
	return tick_state == TICK_COMES;
}

bool tick_seen(void)
{
	return tick_state == TICK_COMES;
}

static void (*after_tick)(void);

void time_call_after_tick(void (*function)(void))
{
	BUG_ON(after_tick);
	after_tick = function;
}

/*
 * An interrupt may stand for several ticks: an emulator loses them while its host does other
 * things, and so does firmware in its management mode. Without them sleeps would last longer than
 * the clock says.
 */
static void count_ticks(void)
{
	static u64 counted; /* the time-stamp counter at the last tick */
	u32 per_tick = tsc_khz / (HZ / 1000), lost;
	u64 passed;

	jiffies++;
	if (!per_tick)
		return;
	if (!counted)
		counted = rdtsc() - per_tick;
	passed = rdtsc() - counted;
	if (likely(passed < 2 * (u64)per_tick)) {
		/* Also if the interrupts are a little too fast. */
		counted += min(passed, (u64)per_tick);
		return;
	}
	lost = (u32)min(div_u64(passed, per_tick), (u64)HZ) - 1;
	jiffies += lost;
	counted = passed > (u64)HZ * per_tick ? rdtsc() : counted + (u64)(lost + 1) * per_tick;
}

void timer_interrupt(struct pt_regs *regs)
{
	count_ticks();
	tick_state = TICK_COMES;
	scheduler_tick(regs);
	if (after_tick)
		after_tick();
}

u32 tsc_per_ms(void)
{
	return tsc_khz;
}

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

/* When the clocks started, and the date at that moment. */
static struct {
	u64 counts;
	u64 date; /* ns */
	bool started;
} clock_start;

static void start_clocks(void)
{
	if (clock_start.started)
		return;
	clock_start.date = (u64)rtc_read() * NSEC_PER_SEC;
	clock_start.counts = clock_counts();
	clock_start.started = true;
}

u64 clock_monotonic(void)
{
	start_clocks();
	return counts_to_ns(clock_counts() - clock_start.counts);
}

u64 clock_monotonic_at(u64 counts)
{
	start_clocks();
	return counts > clock_start.counts ? counts_to_ns(counts - clock_start.counts) : 0;
}

u64 clock_realtime(void)
{
	u64 now = clock_monotonic();

	return clock_start.date + now;
}

/* The date when clock_coarse() was called first in this tick. */
static struct {
	u64 date;
	u32 tick;
} coarse;

u64 clock_coarse(void)
{
	if (unlikely(coarse.tick != jiffies || tick_state != TICK_COMES)) {
		coarse.date = clock_realtime();
		coarse.tick = jiffies;
	}
	return coarse.date;
}

void clock_set_realtime(u64 nanoseconds)
{
	clock_start.date = nanoseconds - clock_monotonic();
	coarse.tick = jiffies - 1;
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

#define NSEC_PER_TICK (NSEC_PER_SEC / HZ)

u32 to_ticks(u64 nanoseconds)
{
	u64 sum = div_u64(nanoseconds + NSEC_PER_TICK - 1, NSEC_PER_TICK);

	/* The current tick is not a whole one. Timers reach half-way around the counter. */
	if (sum)
		sum++;
	return (u32)min(sum, (u64)INT32_MAX);
}
