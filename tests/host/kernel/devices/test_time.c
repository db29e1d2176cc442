/* SPDX-License-Identifier: MIT */
/*
 * The tick and the clocks, on a machine in which counters are numbers: frequencies that are
 * measured, sources that are chosen, lost ticks, clocks with and without a time-stamp counter.
 *
 * sources: kernel/devices/frequency.c
 */
#define KERNEL_CPU_IO_H /* no ports on the host */
#include <string.h>

#include "lib/types.h"

static void io_delay(void);

#define rdtsc processor_rdtsc
#include "kernel/cpu/cpu.h"
#undef rdtsc
#define rdtsc model_rdtsc
static u64 model_rdtsc(void);

/* The host's console has a clock. */
#define clock_realtime time_clock_realtime
#define clock_coarse   time_clock_coarse
#include "kernel/devices/time.c"

#include "tests/host/console.h"
#include "tests/host/tap.h"

struct cpu_info cpu;

static struct {
	u64 ns, tsc_khz, lapic_khz; /* the time, and frequencies of counters */
	u64 lapic_start;	    /* ns */
	u32 lapic_spoilt;	    /* measurements in which an SMI runs */
	u32 lapic_counts;	    /* of each measurement, if not 0 */
	bool has_lapic, accepts_pic;
	u32 lapic_count, pit_hz, unmasked;
	u32 ticks, after, delays;
	u64 interrupt; /* ns when the next tick comes; 0: none */
} machine;

static u64 model_rdtsc(void)
{
	machine.ns += 10;
	return machine.ns * machine.tsc_khz / 1000000;
}

static void io_delay(void)
{
	machine.delays++;
	machine.ns += 1000;
	if (machine.interrupt && machine.ns >= machine.interrupt) {
		machine.interrupt = 0;
		timer_interrupt(NULL);
	}
}

bool lapic_present(void)
{
	return machine.has_lapic;
}

void lapic_timer_measure(void)
{
	EXPECT(machine.has_lapic);
	machine.lapic_start = machine.ns;
}

u32 lapic_timer_elapsed(void)
{
	u64 counts = (machine.ns - machine.lapic_start) * machine.lapic_khz / 16 / 1000000;

	EXPECT(machine.has_lapic);
	if (machine.lapic_counts)
		return machine.lapic_counts;
	if (machine.lapic_spoilt) {
		machine.lapic_spoilt--;
		counts *= 3;
	}
	return (u32)counts;
}

void lapic_timer_periodic(u32 count)
{
	EXPECT(machine.has_lapic);
	machine.lapic_count = count;
}

void lapic_accept_pic(void)
{
	machine.accepts_pic = true;
}

void pit_periodic(u32 hz)
{
	machine.pit_hz = hz;
}

void irq_unmask(unsigned int line)
{
	machine.unmasked |= 1u << line;
}

void scheduler_tick(struct pt_regs *regs)
{
	EXPECT(!regs);
	EXPECT(tick_seen()); /* known before the scheduler is called */
	machine.ticks++;
}

static void after(void)
{
	EXPECT(machine.ticks); /* the scheduler came first */
	machine.after++;
}

u32 rtc_read(void)
{
	return 1000000;
}

/* Counters of 1 MHz and 10 MHz, of 16 and of 32 bits; one that stands still, or crawls. */
static u64 absent(void)
{
	return 0;
}

static u64 one_mhz(void)
{
	return 1000000;
}

static u64 ten_mhz(void)
{
	return 10000000;
}

static u32 read_16(void)
{
	machine.ns += 700;
	return (u32)(machine.ns / 1000) & 0xffff;
}

static u32 read_32(void)
{
	machine.ns += 700;
	return (u32)(machine.ns / 100);
}

static u32 stuck_reads;
static bool crawls;

static u32 read_stuck(void)
{
	stuck_reads++;
	return crawls ? stuck_reads / 10000 : 5;
}

/* 150 us pass at once. */
static u32 read_exact(void)
{
	static u32 value;

	return value += 150;
}

const struct timer_reference timer_references[TIMER_REFERENCES] = {
	{ "absent", absent, NULL, 0 },
	{ "stuck", one_mhz, read_stuck, 0xffff },
	{ "short", one_mhz, read_16, 0xffff },
	{ "long", ten_mhz, read_32, 0xffffffff },
	{ "exact", one_mhz, read_exact, 0xffff },
};

static void have(u64 tsc_khz_real, u64 lapic_khz_real)
{
	machine.tsc_khz = tsc_khz_real;
	machine.lapic_khz = lapic_khz_real;
	machine.has_lapic = lapic_khz_real != 0;
	machine.ns = 65500000; /* the short counter wraps */
	cpu.words[0] = tsc_khz_real ? 1u << CPU_TSC : 0;
}

static bool about(u64 value, u64 expected)
{
	return value > expected - expected / 50 && value < expected + expected / 50;
}

/* ---- Measurements ---- */

static void measured(void)
{
	have(2000000, 1000000);
	machine.lapic_spoilt = 2; /* of five: the median is right */
	time_init("");
	EXPECT(strstr(console_text(), "timer: source=lapic hz=1000 lapic_khz="));
	EXPECT(strstr(console_text(), " reference=short\n"));
	EXPECT_TEXT(timer_source(), "lapic by short");
	EXPECT(about(tsc_per_ms(), 2000000));
	EXPECT(about(machine.lapic_count, 62500));
	EXPECT(!machine.pit_hz && !machine.unmasked && !machine.accepts_pic);
	/* A counter that stands still is left sooner than one that moves. */
	EXPECT_EQ(stuck_reads, STANDSTILL_POLLS + 2);
	stuck_reads = 0;
	crawls = true;
	time_init("");
	EXPECT_EQ(stuck_reads, POLL_LIMIT + 2);
}

static void chosen(void)
{
	have(2000000, 1000000);
	time_init("long");
	EXPECT_TEXT(timer_source(), "lapic by long");
	EXPECT(about(tsc_per_ms(), 2000000));
	EXPECT_EQ(stuck_reads, 0);
	console_clear();
	time_init("none");
	EXPECT_TEXT(console_text(), "timer: source=none reason=option\n");
	EXPECT(!machine.pit_hz);
	EXPECT_EQ(tsc_per_ms(), 0);
}

static void source_of(const char *only, const char *reason)
{
	char line[100], name[48];

	console_clear();
	machine.pit_hz = machine.unmasked = 0;
	machine.accepts_pic = false;
	time_init(only);
	scnprintf(line, sizeof(line), " reason=%s\n", reason);
	scnprintf(name, sizeof(name), "pit, %s", reason);
	EXPECT(strstr(console_text(), "timer: source=pit hz=1000 lapic_khz="));
	EXPECT(strstr(console_text(), line));
	EXPECT_TEXT(timer_source(), name);
	EXPECT_EQ(machine.pit_hz, 1000);
	EXPECT_EQ(machine.unmasked, 1);
	EXPECT_EQ(machine.accepts_pic, machine.has_lapic);
	EXPECT_EQ(machine.lapic_count, 0);
}

static void by_pit(void)
{
	have(2000000, 0);
	source_of("", "no-lapic");
	EXPECT(about(tsc_per_ms(), 2000000));
	have(2000000, 1000000);
	source_of("stuck", "no-reference");
	EXPECT_EQ(tsc_per_ms(), 0);
	have(2000000, 800);
	source_of("long", "out-of-bounds");
	have(2000000, 11000000);
	source_of("long", "out-of-bounds");
	have(0, 1000000);
	time_init("long");
	EXPECT_EQ(tsc_per_ms(), 0);
	EXPECT(about(machine.lapic_count, 62500));
}

/* The highest plausible frequency, and a higher one. */
static void at_bounds(void)
{
	have(2000000, 1000000);
	machine.lapic_counts = 93750;
	time_init("exact");
	EXPECT_TEXT(timer_source(), "lapic by exact");
	EXPECT(strstr(console_text(), " lapic_khz=10000000 "));
	EXPECT_EQ(machine.lapic_count, 625000);
	machine.lapic_counts = 93751;
	source_of("exact", "out-of-bounds");
}

/* ---- Ticks ---- */

/* An interrupt after so many thousandths of a tick; returns the ticks that were counted. */
static u32 tick_after(u32 thousandths)
{
	u32 before = jiffies;

	machine.ns += (u64)thousandths * 1000;
	timer_interrupt(NULL);
	return jiffies - before;
}

static void lost_ticks(void)
{
	have(1000000, 0);
	tsc_khz = 1000000;
	EXPECT_EQ(tick_after(7000), 1); /* the first: nothing is known of the time before */
	machine.ns -= 20; /* two whole ticks, to the count: two reads of the counter take 20 ns */
	EXPECT_EQ(tick_after(2000), 2);
	EXPECT_EQ(tick_after(1000), 1);
	EXPECT_EQ(tick_after(1900), 1);
	EXPECT_EQ(tick_after(1200), 2); /* with what was left of the last one */
	EXPECT_EQ(tick_after(5500), 5);
	EXPECT_EQ(tick_after(1000), 1);
	/* Too fast: not made good later. */
	for (u32 i = 0; i < 10; i++)
		EXPECT_EQ(tick_after(100), 1);
	EXPECT_EQ(tick_after(1000), 1);
	/* At most a second is made good. */
	EXPECT_EQ(tick_after(900000), 900);
	EXPECT_EQ(tick_after(3000000), 1000);
	EXPECT_EQ(tick_after(1000), 1);
	EXPECT_EQ(tick_after(1000000), 1000);
	tsc_khz = 0;
	EXPECT_EQ(tick_after(50000), 1);
	EXPECT_EQ(machine.ticks, 23);
}

static void after_each_tick(void)
{
	timer_interrupt(NULL);
	time_call_after_tick(after);
	EXPECT_EQ(machine.after, 0);
	timer_interrupt(NULL);
	timer_interrupt(NULL);
	EXPECT_EQ(machine.after, 2);
	EXPECT_PANIC("after_tick", time_call_after_tick(after));
}

static void ticks_come(void)
{
	EXPECT(!tick_seen());
	machine.interrupt = 99500000; /* in the last of the 100 ms */
	EXPECT(tick_comes());
	EXPECT(tick_seen());
	EXPECT_TEXT(console_text(), "");
	machine.delays = 0;
	EXPECT(tick_comes());
	EXPECT_EQ(machine.delays, 0);
}

static void no_ticks(void)
{
	EXPECT(!tick_comes());
	EXPECT_EQ(machine.delays, 100000);
	EXPECT_TEXT(console_text(), "timer: error: no tick\n");
	EXPECT(!tick_comes() && !tick_seen());
	EXPECT_EQ(machine.delays, 100000);
	EXPECT_TEXT(console_text(), "timer: error: no tick\n");
	timer_interrupt(NULL); /* late, but it came */
	EXPECT(tick_comes());
}

/* ---- Clocks ---- */

static void without_counter(void)
{
	jiffies = 70;
	EXPECT_EQ(clock_monotonic_at(70), 0); /* they start with the first call of any */
	EXPECT_EQ(clock_counts(), 70);
	EXPECT_EQ(counts_to_ns(3), 3000000);
	EXPECT_EQ(clock_monotonic(), 0);
	jiffies = 75;
	EXPECT_EQ(clock_monotonic(), 5000000);
	EXPECT_EQ(clock_monotonic_at(72), 2000000);
	EXPECT_EQ(clock_monotonic_at(70), 0);
	EXPECT_EQ(clock_monotonic_at(69), 0);
	EXPECT_EQ(clock_realtime(), 1000000ull * 1000000000 + 5000000);
	delay_us(17);
	EXPECT_EQ(machine.delays, 17);
}

static void with_counter(void)
{
	u64 start;

	have(3000000, 0);
	tsc_khz = 3000000;
	EXPECT_EQ(counts_to_ns(3000000ull * 5 + 1500000), 5500000);
	EXPECT_EQ(counts_to_ns(3), 1);
	EXPECT_EQ(counts_to_ns(2), 0);
	EXPECT_EQ(counts_to_ns(3000000ull * 86400000 * 365), 86400000000000ull * 365);
	EXPECT(about(clock_counts(), machine.ns * 3));
	clock_monotonic();
	start = machine.ns;
	delay_us(250);
	EXPECT(machine.ns - start >= 250000 && machine.ns - start < 251000);
	EXPECT(about(clock_monotonic(), 250000));
	EXPECT(about(clock_monotonic_at(start * 3 + 300000), 100000));
	EXPECT_EQ(clock_monotonic_at(0), 0);
	/* A frequency between two whole megahertz is rounded up: the wait is not shorter. */
	machine.tsc_khz = tsc_khz = 1900;
	start = machine.ns;
	delay_us(1000);
	EXPECT(machine.ns - start >= 1000000);
}

static void the_date(void)
{
	jiffies = 10;
	EXPECT_EQ(clock_realtime(), 1000000ull * 1000000000);
	jiffies = 20;
	clock_set_realtime(5000000000ull);
	EXPECT_EQ(clock_realtime(), 5000000000ull);
	EXPECT_EQ(clock_monotonic(), 10000000);
	jiffies = 21;
	EXPECT_EQ(clock_realtime(), 5001000000ull);
}

static void coarse_date(void)
{
	u64 first;

	have(1000000, 0);
	tsc_khz = 1000000;
	/* Without ticks it is as fine as the other one. */
	first = clock_coarse();
	EXPECT(clock_coarse() > first);
	timer_interrupt(NULL);
	first = clock_coarse();
	machine.ns += 100000;
	EXPECT_EQ(clock_coarse(), first);
	EXPECT(clock_realtime() >= first + 100000);
	timer_interrupt(NULL);
	EXPECT(clock_coarse() >= first + 100000);
	clock_set_realtime(77000000000ull);
	EXPECT(about(clock_coarse(), 77000000000ull));
}

static void in_ticks(void)
{
	EXPECT_EQ(to_ticks(0), 0);
	EXPECT_EQ(to_ticks(1), 2);
	EXPECT_EQ(to_ticks(1000000), 2);
	EXPECT_EQ(to_ticks(1000001), 3);
	EXPECT_EQ(to_ticks(60ull * 1000000000), 60001);
	EXPECT_EQ(to_ticks(1000000ull * (INT32_MAX - 2)), INT32_MAX - 1);
	EXPECT_EQ(to_ticks(1000000ull * (INT32_MAX - 1)), INT32_MAX);
	EXPECT_EQ(to_ticks(1000000ull * INT32_MAX), INT32_MAX);
	EXPECT_EQ(to_ticks(UINT64_MAX / 2), INT32_MAX);
}

TAP_MAIN({ "frequencies are measured", measured }, { "timer=", chosen },
	 { "the PIT where the local APIC will not do", by_pit },
	 { "plausible frequencies", at_bounds }, { "lost ticks", lost_ticks },
	 { "after each tick", after_each_tick }, { "ticks come", ticks_come },
	 { "no ticks come", no_ticks }, { "clocks without a counter", without_counter },
	 { "clocks with a counter", with_counter }, { "the date is set", the_date },
	 { "the date of the tick", coarse_date }, { "nanoseconds in ticks", in_ticks })
