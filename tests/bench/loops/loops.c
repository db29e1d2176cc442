/* SPDX-License-Identifier: MIT */
/*
 * The same operations as in `operations`, measured another way, so that a figure is not the
 * result of how it is taken: `loops [GLOBS]` does each of them many times in a row, in one
 * process, between two readings of the counter. What a loop costs without the operation is
 * subtracted, and the rest divided.
 *
 *     operations   fork   warm-up   rdtsc operation rdtsc   rdtsc operation rdtsc  ...  the median
 *     loops                         rdtsc operation operation operation  ... rdtsc      the mean
 *
 * So page tables, refills of lists and timer ticks are in the mean, each as often as it comes,
 * and nothing was used shortly before. tools/bench compares the two.
 */
#include "tests/bench/bench.h"
#include "tests/bench/process_calls.h"
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/tap.h"
#include "tests/ring3/runtime/task_calls.h"

#define PAGES	    4096u /* 16 MiB: more than the kernel keeps at hand */
#define PAIR_PAGES  2048u /* of parent and child */
#define FILE_PAGES  512u
#define FILE_NAME   "/tmp/loops-file"
#define SMALL_CALLS 2000u
#define PROCESSES   200u

/* What `count` rounds cost, less what they cost without the operation. */
#define LOOP(count, operation)                                  \
	({                                                      \
		u32 _start = counter(), _done, _empty;          \
		for (u32 i = 0; i < (count); i++)               \
			operation;                              \
		_done = counter();                              \
		for (u32 i = 0; i < (count); i++)               \
			asm volatile("" : : "r"(i) : "memory"); \
		_empty = counter() - _done;                     \
		_done - _start - _empty;                        \
	})

/* ---- The line of figures: one figure, the mean ---- */

static void print(const char *name, u32 count, u32 counted)
{
	static const char *const keys[] = { " min=", " median=", " worst=" };
	u32 mean = (counted + count / 2) / count;
	struct text line;

	text_clear(&line);
	text_add(&line, "bench: op=");
	text_add(&line, name);
	text_add(&line, " by=loops");
	text_add_field(&line, " n=", count);
	for (u32 i = 0; i < ARRAY_SIZE(keys); i++)
		text_add_field(&line, keys[i], mean);
	text_add(&line, " unit=");
	text_add(&line, counter_unit());
	tap_line(line.data);
}

static const char *wanted;

/* `counted` is evaluated only if the operation is wanted. */
#define REPORT(name, count, counted)                 \
	do {                                         \
		if (glob_match(wanted, name))        \
			print(name, count, counted); \
	} while (0)

/* ---- Faults ---- */

static u8 *page_at(u32 area, u32 number)
{
	return (u8 *)area + number * PAGE_SIZE;
}

static u32 write_pages(u32 area, u32 pages)
{
	return LOOP(pages, touch(page_at(area, i)));
}

static void first_accesses(void)
{
	u32 area = map_pages(PAGES), length = PAGES * PAGE_SIZE, written;

	REPORT("anon_read_fault", PAGES, LOOP(PAGES, look(page_at(area, i))));
	sys_munmap(area, length);
	area = map_pages(PAGES);
	written = write_pages(area, PAGES);
	REPORT("anon_write_fault", PAGES, written);
	REPORT("munmap_per_page", PAGES, SAMPLE(call2(NR_munmap, (long)area, (long)length)));
	sys_munmap(area, length);
	area = map_anonymous(0, length, PROT_READ | PROT_WRITE, MAP_SHARED);
	REPORT("shared_anon_fault", PAGES, write_pages(area, PAGES));
	EXPECT_EQ(sys_munmap(area, length), 0);
}

/* A child copies the pages that it shares with its parent, which then has them alone again. */
static void copies(void)
{
	u32 area = map_pages(PAIR_PAGES);
	int status = -1;
	long pid;

	write_pages(area, PAIR_PAGES);
	pid = sys_fork();
	if (!pid) {
		REPORT("cow_fault_copy", PAIR_PAGES, write_pages(area, PAIR_PAGES));
		sys_exit_group(0);
	}
	EXPECT_EQ(sys_waitpid((int)pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
	REPORT("cow_fault_reuse", PAIR_PAGES, write_pages(area, PAIR_PAGES));
	EXPECT_EQ(sys_munmap(area, PAIR_PAGES * PAGE_SIZE), 0);
}

static void file_pages(void)
{
	static u8 page[PAGE_SIZE];
	long fd = call3(NR_open, (long)FILE_NAME, O_RDWR | O_CREAT, 0600);
	u32 area, written;

	EXPECT(fd >= 0);
	written = LOOP(FILE_PAGES, call3(NR_write, fd, (long)page, PAGE_SIZE));
	REPORT("write_new_page", FILE_PAGES, written);
	EXPECT_EQ(sys_lseek((int)fd, 0, SEEK_SET), 0);
	REPORT("write_old_page", FILE_PAGES,
	       LOOP(FILE_PAGES, call3(NR_write, fd, (long)page, PAGE_SIZE)));
	area = sys_mmap2(0, FILE_PAGES * PAGE_SIZE, PROT_READ, MAP_PRIVATE, (int)fd, 0);
	REPORT("file_read_fault", FILE_PAGES, LOOP(FILE_PAGES, look(page_at(area, i))));
	EXPECT_EQ(sys_munmap(area, FILE_PAGES * PAGE_SIZE), 0);
	sys_close((int)fd);
	REPORT("stat64", SMALL_CALLS, ({
		       struct stat64 stat;

		       LOOP(SMALL_CALLS, call2(NR_stat64, (long)FILE_NAME, (long)&stat));
	       }));
	REPORT("open_close", SMALL_CALLS, LOOP(SMALL_CALLS, {
		       fd = call3(NR_open, (long)FILE_NAME, O_RDONLY, 0);
		       call1(NR_close, fd);
	       }));
	EXPECT_EQ(sys_unlink(FILE_NAME), 0);
}

/* ---- Calls ---- */

static void small_calls(void)
{
	u32 start = (sys_brk(0) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1), place;

	REPORT("null_syscall", SMALL_CALLS, LOOP(SMALL_CALLS, call0(NR_getppid)));
	REPORT("mmap_munmap_1p", SMALL_CALLS, LOOP(SMALL_CALLS, {
		       place = map_pages(1);
		       call2(NR_munmap, (long)place, PAGE_SIZE);
	       }));
	EXPECT_EQ(sys_brk(start), start);
	REPORT("brk_untouched", SMALL_CALLS, LOOP(SMALL_CALLS, {
		       call1(NR_brk, (long)(start + PAGE_SIZE));
		       call1(NR_brk, (long)start);
	       }));
	REPORT("brk_touched", SMALL_CALLS, LOOP(SMALL_CALLS, {
		       call1(NR_brk, (long)(start + PAGE_SIZE));
		       touch((u8 *)start);
		       call1(NR_brk, (long)start);
	       }));
}

static void rights(void)
{
	u32 area = map_pages(3), middle = area + PAGE_SIZE;

	write_pages(area, 3);
	REPORT("mprotect_pair", SMALL_CALLS, LOOP(SMALL_CALLS, {
		       call3(NR_mprotect, (long)middle, PAGE_SIZE, PROT_READ);
		       call3(NR_mprotect, (long)middle, PAGE_SIZE, PROT_READ | PROT_WRITE);
	       }));
	EXPECT_EQ(sys_munmap(area, 3 * PAGE_SIZE), 0);
}

/* ---- Processes ---- */

static void processes(void)
{
	/* As in most programs, an area of initialised data, which fork copies. */
	static volatile u8 data[2 * PAGE_SIZE] = { 1 };
	long bad = 0;

	data[0] = data[PAGE_SIZE] = 2;

	REPORT("fork_exit_wait", PROCESSES, LOOP(PROCESSES, bad |= fork_exit_wait_once()));
	REPORT("vfork_exit_wait", PROCESSES, LOOP(PROCESSES, bad |= vfork_exit_wait_once()));
	REPORT("vfork_exec_wait", PROCESSES, LOOP(PROCESSES, bad |= vfork_exec_wait_once(TINY)));
	EXPECT_EQ(bad, 0);
}

static const struct tap_case cases[] = {
	{ "processes", processes }, { "calls", small_calls },
	{ "rights", rights },	    { "first accesses", first_accesses },
	{ "copies", copies },	    { "pages of a file", file_pages },
};

int main(int argc, char **argv)
{
	wanted = argc > 1 ? argv[argc - 1] : "*";
	return tap_run(cases, ARRAY_SIZE(cases));
}
