/* SPDX-License-Identifier: MIT */
/*
 * Making and ending processes. A sample reaches from the call that makes the child to the return
 * of the wait for it, so it has all that both of them do.
 */
#include "abi/linux/elf.h"
#include "tests/bench/bench.h"
#include "tests/bench/process_calls.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/time_calls.h"

#define FURTHER_PAGES 1024u /* of fork_per_page */
#define LARGE	      "/tmp/bench-large"
#define LARGE_BASE    0x08048000u

static int sample_forks(void)
{
	while (samples_wanted()) {
		long status;

		samples_add(SAMPLE(status = fork_exit_wait_once()));
		if (status)
			return (int)status;
	}
	return 0;
}

/* The difference that FURTHER_PAGES resident pages make, by the page. */
static int fork_per_page(void)
{
	struct figures before, after, difference;
	u32 area;
	int err = sample_forks();

	if (err)
		return err;
	before = samples_figures();
	area = map_pages(FURTHER_PAGES);
	if (is_error(area))
		return (int)area;
	for (u32 i = 0; i < FURTHER_PAGES; i++)
		touch((u8 *)area + i * PAGE_SIZE);
	samples_restart();
	err = sample_forks();
	if (err)
		return err;
	after = samples_figures();
	difference.min = DIV_ROUND_UP(after.min - before.min, FURTHER_PAGES);
	difference.median = DIV_ROUND_UP(after.median - before.median, FURTHER_PAGES);
	difference.worst = DIV_ROUND_UP(after.worst - before.min, FURTHER_PAGES);
	samples_replace(&difference);
	return 0;
}

static int vfork_exit_wait(void)
{
	while (samples_wanted()) {
		long status;

		samples_add(SAMPLE(status = vfork_exit_wait_once()));
		if (status)
			return (int)status;
	}
	return 0;
}

static int sample_execs(const char *path)
{
	while (samples_wanted()) {
		long status;

		samples_add(SAMPLE(status = vfork_exec_wait_once(path)));
		if (status)
			return (int)(status < 0 || status & 0x7f ? status : -(status >> 8));
	}
	return 0;
}

static int vfork_exec_wait(void)
{
	return sample_execs(TINY);
}

/*
 * Makes a program with so many pages of data behind its first one, which has its code. Returns 0
 * or -errno.
 */
static int make_program(u32 data_pages, const u8 *code, u32 length_of_code)
{
	static struct {
		struct elf_header header;
		struct elf_phdr text, data, stack;
		u8 code[PAGE_SIZE - sizeof(struct elf_header) - 3 * sizeof(struct elf_phdr)];
	} first = {
		.header = { .ident = "\177ELF\1\1\1",
			    .type = ET_EXEC,
			    .machine = EM_386,
			    .version = 1,
			    .entry = LARGE_BASE + sizeof(struct elf_header) +
				     3 * sizeof(struct elf_phdr),
			    .phoff = sizeof(struct elf_header),
			    .ehsize = sizeof(struct elf_header),
			    .phentsize = sizeof(struct elf_phdr),
			    .phnum = 3 },
		.text = { .type = PT_LOAD,
			  .vaddr = LARGE_BASE,
			  .filesz = PAGE_SIZE,
			  .memsz = PAGE_SIZE,
			  .flags = PF_R | PF_X },
		.data = { .type = PT_LOAD,
			  .offset = PAGE_SIZE,
			  .vaddr = LARGE_BASE + PAGE_SIZE,
			  .flags = PF_R | PF_W },
		/* Without it, all of the data could be executed. */
		.stack = { .type = PT_GNU_STACK, .flags = PF_R | PF_W },
	};
	long fd, length;

	_Static_assert(sizeof(first) == PAGE_SIZE, "the program's first page");
	memcpy(first.code, code, length_of_code);
	first.data.filesz = first.data.memsz = data_pages * PAGE_SIZE;
	fd = call3(NR_open, (long)LARGE, O_RDWR | O_CREAT, 0700);
	if (fd < 0)
		return (int)fd;
	length = sys_write((int)fd, &first, PAGE_SIZE);
	for (u32 i = 0; length == PAGE_SIZE && i < data_pages; i++)
		length = sys_write((int)fd, &first, PAGE_SIZE);
	sys_close((int)fd);
	return length == PAGE_SIZE ? 0 : -ENOSPC;
}

static int with_program(u32 data_pages, const u8 *code, u32 length, int (*run)(void))
{
	bool made_tmp = !call2(NR_MKDIR, (long)"/tmp", 0777);
	int err = make_program(data_pages, code, length);

	if (!err)
		err = run();
	call1(NR_unlink, (long)LARGE);
	if (made_tmp)
		call1(NR_RMDIR, (long)"/tmp");
	return err;
}

static int sample_large(void)
{
	return sample_execs(LARGE);
}

/* It touches none of its data. */
static int exec_large(u32 data_pages)
{
	static const u8 exits[] = { 0xb8, NR_exit, 0, 0, 0, 0x31, 0xdb, 0xcd, 0x80 };

	return with_program(data_pages, exits, sizeof(exits), sample_large);
}

/* ---- Frames of a process ---- */

#define SLEEPERS 128 /* many more than the kernel keeps stacks and page tables for */

static u32 free_frames(void)
{
	struct { /* sysinfo(2) on i386 */
		s32 uptime;
		u32 loads[3], total, free, rest[4];
		u16 processes, padding;
		u32 total_high, free_high, unit;
		u8 unused[8];
	} told;

	call1(NR_sysinfo, (long)&told);
	return (u32)((u64)told.free * told.unit / PAGE_SIZE);
}

/* What so many processes take, each of which has written one page and sleeps. */
static int sample_frames(void)
{
	const struct timespec pause = { 0, 50000000 };

	while (samples_wanted()) {
		long pids[SLEEPERS];
		u32 before = free_frames(), after;

		for (u32 i = 0; i < SLEEPERS; i++) {
			pids[i] = vfork_exec(LARGE);
			if (pids[i] < 0)
				return (int)pids[i];
		}
		sys_nanosleep(&pause, NULL);
		after = free_frames();
		for (u32 i = 0; i < SLEEPERS; i++) {
			sys_kill((int)pids[i], SIGKILL);
			sys_waitpid((int)pids[i], NULL, 0);
		}
		samples_add_count(before - after);
	}
	return 0;
}

static int frames_exec_1m(void)
{
	/* movb $1, LARGE_BASE + PAGE_SIZE; pause(), again and again */
	static const u8 sleeps[] = { 0xc6,     0x05, 0, 0x90, 0x04, 0x08, 1,	0xb8,
				     NR_pause, 0,    0, 0,    0xcd, 0x80, 0xeb, 0xf7 };

	return with_program(256, sleeps, sizeof(sleeps), sample_frames);
}

static int vfork_exec_1m(void)
{
	return exec_large(256);
}

static int vfork_exec_4m(void)
{
	return exec_large(1024);
}

const struct operation process_operations[] = {
	{ "fork_exit_wait", sample_forks, 100, 1 },
	{ "fork_per_page", fork_per_page, 50, 1 },
	{ "vfork_exit_wait", vfork_exit_wait, 100, 1 },
	{ "vfork_exec_wait", vfork_exec_wait, 100, 1 },
	{ "vfork_exec_1m", vfork_exec_1m, 50, 1 },
	{ "vfork_exec_4m", vfork_exec_4m, 50, 1 },
	{ "frames_exec_1m", frames_exec_1m, 8, SLEEPERS },
	{},
};
