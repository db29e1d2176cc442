/* SPDX-License-Identifier: MIT */
/*
 * Rounds of random system calls: starts a team of workers (calls.c) with one seed after the
 * other, and kills its remaining tasks.
 *
 * A round ends when its team has ended, hangs, or its time is over. The file ORDERS holds three
 * numbers (tools/fuzz-calls): the first seed, the number of calls, and the limit in seconds.
 * Each round prints its seed first and has the next one.
 *
 * The supervisor survives everything that workers do: they cannot name it (calls.c), and its
 * memory is locked, so that it needs no frame while they have all of them.
 */
#include "tests/fuzz/call_rounds.h"
#include "tests/ring3/runtime/mapping.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/thread.h"
#include "tests/ring3/runtime/time_calls.h"

#define ORDERS	"/fuzz-calls"
#define NR_HUGE "/proc/sys/vm/nr_hugepages"

#define ROUND_TICKS 100u /* of sleep_a_tick() */
#define HANG_TICKS  4u	 /* without a call by any worker */

#define FILES	 4u
#define SHM_STAT 13

static u32 orders[3] = { 1, 100000, 20 };

/* The size of the pool of large pages at the start, as text. */
static char large_pages[16];
static u32 large_pages_bytes;

static u32 read_text(const char *name, char *text, u32 bytes)
{
	int file = (int)sys_open(name, O_RDONLY);
	long count = sys_read(file, text, bytes);

	sys_close(file);
	return count > 0 ? (u32)count : 0;
}

static u32 calls_made(void)
{
	u32 sum = 0;

	for (u32 i = 0; i < COUNTERS; i++)
		sum += CALLS_MADE[i];
	return sum;
}

static void sleep_a_tick(void)
{
	struct timespec tick = { 0, 5000000 };

	sys_nanosleep(&tick, NULL);
}

static void write_setting(const char *file, const char *text, u32 bytes)
{
	int setting = (int)sys_open(file, O_WRONLY);

	sys_write(setting, text, bytes);
	sys_close(setting);
}

/* Removes objects that outlive processes, and undoes what workers have set. */
static void clean(void)
{
	static char name[] = "/tmp/0";
	static char segment[256];

	write_setting("/proc/sys/vm/overcommit_memory", "0", 1);
	for (u32 i = 0; i < FILES; i++) {
		name[sizeof(name) - 2] = (char)('0' + i);
		sys_unlink(name);
	}
	for (int index = 0; index < 4096; index++) {
		long id = sys_shmctl(index, SHM_STAT, segment);

		if (id >= 0)
			sys_shmctl((int)id, IPC_RMID, NULL);
	}
	write_setting(NR_HUGE, large_pages, large_pages_bytes);
}

/* In the child of vfork(). */
static int become_team(void *seed)
{
	const char *const arguments[] = { TEAM_PROGRAM, seed, NULL };

	sys_execve(TEAM_PROGRAM, arguments, arguments + 2);
	return 1;
}

/* Kills all others and reaps its own children. New ones may have appeared since a call began. */
static void end_all(void)
{
	int status;

	while (sys_kill(-1, SIGKILL) == 0) {
		while (sys_waitpid(-1, &status, WNOHANG) > 0)
			;
		sys_sched_yield();
	}
	while (sys_waitpid(-1, &status, WNOHANG) > 0)
		;
}

static void run_round(u32 seed)
{
	u32 idle = 0, last = calls_made();
	struct text number;
	int status;
	long team;

	text_clear(&number);
	text_add_decimal(&number, (long)seed);
	team = vfork_call(become_team, number.data);
	EXPECT(team > 0);
	for (u32 ticks = 0; ticks < ROUND_TICKS && idle < HANG_TICKS; ticks++) {
		u32 now;

		sleep_a_tick();
		if (sys_waitpid((int)team, &status, WNOHANG) == team && !(status & 0x7f))
			break;
		now = calls_made();
		idle = now == last ? idle + 1 : 0;
		last = now;
	}
	end_all();
	clean();
}

static void tell(const char *what, u32 value)
{
	struct text line;

	text_clear(&line);
	text_add(&line, what);
	text_add_decimal(&line, (long)value);
	tap_line(line.data);
}

static bool map_counts(void)
{
	int file = (int)sys_open_mode(COUNTS_FILE, O_RDWR | O_CREAT, 0600);
	u32 counts;

	sys_ftruncate(file, PAGE_SIZE);
	counts = sys_mmap2(COUNTS, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file,
			   0);
	sys_close(file);
	return counts == COUNTS;
}

static void rounds(void)
{
	struct timespec start, now;
	u32 seed = orders[0];

	if (!EXPECT_EQ(sys_getpid(), SUPERVISOR) || !EXPECT(map_counts()) ||
	    !EXPECT_EQ(sys_mlockall(MCL_CURRENT | MCL_FUTURE), 0))
		return;
	large_pages_bytes = read_text(NR_HUGE, large_pages, sizeof(large_pages));
	sys_clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		tell("# seed=", seed);
		run_round(seed++);
		sys_clock_gettime(CLOCK_MONOTONIC, &now);
	} while (calls_made() < orders[1] && (u32)(now.seconds - start.seconds) < orders[2]);
	sys_unlink(COUNTS_FILE);
	tell("# calls=", calls_made());
	tell("# seconds=", (u32)(now.seconds - start.seconds));
	EXPECT(calls_made() > 0);
}

static const struct tap_case cases[] = {
	{ "random calls", rounds },
};

/* Numbers with a blank in between. */
static void read_orders(void)
{
	char text[64] = "", *p = text;

	read_text(ORDERS, text, sizeof(text) - 1);
	for (u32 i = 0; i < ARRAY_SIZE(orders) && *p >= '0' && *p <= '9'; i++) {
		orders[i] = string_to_number(p);
		while (*p >= '0' && *p <= '9')
			p++;
		while (*p == ' ')
			p++;
	}
}

int main(void)
{
	read_orders();
	return tap_run(cases, ARRAY_SIZE(cases));
}
