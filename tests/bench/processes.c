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
 * A program that only exits, with so many pages of data behind its first one. It touches none of
 * them. Returns 0 or -errno.
 */
static int make_program(u32 data_pages)
{
	static const u8 code[] = { 0xb8, NR_exit, 0, 0, 0, 0x31, 0xdb, 0xcd, 0x80 };
	static struct {
		struct elf_header header;
		struct elf_phdr text, data;
		u8 code[PAGE_SIZE - sizeof(struct elf_header) - 2 * sizeof(struct elf_phdr)];
	} first = {
		.header = { .ident = "\177ELF\1\1\1",
			    .type = ET_EXEC,
			    .machine = EM_386,
			    .version = 1,
			    .entry = LARGE_BASE + sizeof(struct elf_header) +
				     2 * sizeof(struct elf_phdr),
			    .phoff = sizeof(struct elf_header),
			    .ehsize = sizeof(struct elf_header),
			    .phentsize = sizeof(struct elf_phdr),
			    .phnum = 2 },
		.text = { .type = PT_LOAD,
			  .vaddr = LARGE_BASE,
			  .filesz = PAGE_SIZE,
			  .memsz = PAGE_SIZE,
			  .flags = PF_R | PF_X },
		.data = { .type = PT_LOAD,
			  .offset = PAGE_SIZE,
			  .vaddr = LARGE_BASE + PAGE_SIZE,
			  .flags = PF_R | PF_W },
	};
	long fd, length;

	_Static_assert(sizeof(first) == PAGE_SIZE, "the program's first page");
	memcpy(first.code, code, sizeof(code));
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

static int exec_large(u32 data_pages)
{
	bool made_tmp = !call2(NR_MKDIR, (long)"/tmp", 0777);
	int err = make_program(data_pages);

	if (!err)
		err = sample_execs(LARGE);
	call1(NR_unlink, (long)LARGE);
	if (made_tmp)
		call1(NR_RMDIR, (long)"/tmp");
	return err;
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
	{},
};
