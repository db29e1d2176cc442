/* SPDX-License-Identifier: MIT */
/*
 * Core files: what the notes say of the process, the table of areas, what becomes of a file
 * that has the name. core_files.c has which ends leave one, and its memory. Nothing is looked at
 * where this Linux sends core files elsewhere.
 */
#include "abi/linux/elf.h"
#include "abi/linux/elf_core.h"
#include "abi/linux/prctl.h"
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/fpu.h"
#include "tests/ring3/runtime/lines.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/signal_calls.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/time_calls.h"

#define DUMPED 0x80
#define NAME   "a name of task"
#define OTHER  54321
#define HOLE   (16 * PAGE_SIZE)

static struct text folder;
static u32 limit = RLIM_INFINITY;
static char command[64]; /* of this program, as a note has it */
static volatile u32 data = 1;

static bool here(void)
{
	return text_begins(file_text("/proc/sys/kernel/core_pattern"), "core\n");
}

static void works_for_a_while(void)
{
	struct timespec time = { 0, 0 };

	while (!time.seconds && time.nanoseconds < 30000000)
		sys_clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
}

/* Ends by SIGQUIT, with all that the notes tell. */
static void ends(void *unused)
{
	const struct rlimit both = { limit, limit };
	u64 usr2 = 1ull << (SIGUSR2 - 1);

	(void)unused;
	EXPECT_EQ(sys_setrlimit(RLIMIT_CORE, &both), 0);
	EXPECT_EQ(system_call(NR_setpgid, 0, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_setpriority, 0, 0, 3, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_prctl, PR_SET_NAME, (long)NAME, 0, 0, 0, 0), 0);
	EXPECT_EQ(sys_rt_sigprocmask(SIG_BLOCK, &usr2, NULL), 0);
	EXPECT_EQ(sys_tkill(sys_gettid(), SIGUSR2), 0);
	sys_mmap2(0, HOLE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	fpu_look();
	fpu_set(3);
	works_for_a_while();
	sys_kill(sys_getpid(), SIGQUIT);
	for (;;)
		sys_pause();
}

static int run(int *pid)
{
	int status = -1;

	*pid = process_start(ends, NULL);
	EXPECT_EQ(sys_waitpid(*pid, &status, 0), *pid);
	return status;
}

/* ---- The contents ---- */

static int core;
static struct elf_header header;
static struct elf_phdr areas[64];
static u8 note_data[1024];

static void read_core(u32 offset, void *to, u32 bytes)
{
	EXPECT_EQ(sys_pread64(core, to, bytes, offset), (long)bytes);
}

static bool open_core(void)
{
	core = (int)sys_open("core", O_RDONLY);
	if (!EXPECT(core >= 0))
		return false;
	read_core(0, &header, sizeof(header));
	if (!EXPECT(header.phnum > 3 && header.phnum <= ARRAY_SIZE(areas)))
		return false;
	read_core(header.phoff, areas, header.phnum * sizeof(*areas));
	return true;
}

/* The data of the first note of a type in note_data; its bytes, or 0. */
static u32 note(u32 type, const char *owner)
{
	struct elf_note note;
	char name[8] = "";

	for (u32 at = 0; at < areas[0].filesz;) {
		read_core(areas[0].offset + at, &note, sizeof(note));
		if (note.type == type && note.data_size <= sizeof(note_data)) {
			EXPECT_EQ(note.name_size, strlen(owner) + 1);
			read_core(areas[0].offset + at + sizeof(note), name, strlen(owner) + 1);
			EXPECT(!strcmp(name, owner));
			at += sizeof(note) + ALIGN_UP(note.name_size, 4);
			read_core(areas[0].offset + at, note_data, note.data_size);
			return note.data_size;
		}
		at += sizeof(note) + ALIGN_UP(note.name_size, 4) + ALIGN_UP(note.data_size, 4);
	}
	return 0;
}

static void status_note(int pid)
{
	const struct elf_prstatus *status = (void *)note_data;
	const u32 usr2 = 1u << (SIGUSR2 - 1);

	if (!EXPECT_EQ(note(NT_PRSTATUS, "CORE"), sizeof(*status)))
		return;
	EXPECT(status->signo == SIGQUIT && status->current_signal == SIGQUIT);
	EXPECT(status->pending & usr2 && status->blocked == usr2);
	EXPECT(status->pid == pid && status->ppid == sys_getpid() && status->pgrp == pid);
	EXPECT_EQ(status->sid, system_call(NR_getsid, 0, 0, 0, 0, 0, 0));
	EXPECT(status->user.microseconds < 1000000 && status->system.microseconds < 1000000);
	EXPECT(!status->user.seconds && !status->system.seconds);
	EXPECT(status->user.microseconds + status->system.microseconds >= 10000);
	EXPECT(status->has_fpu);
}

static void process_note(int pid)
{
	const struct elf_prpsinfo *process = (void *)note_data;

	if (!EXPECT_EQ(note(NT_PRPSINFO, "CORE"), sizeof(*process)))
		return;
	EXPECT_EQ(process->nice, 3);
	EXPECT(process->uid == 0 && process->gid == 0);
	EXPECT(process->pid == pid && process->ppid == sys_getpid() && process->pgrp == pid);
	EXPECT(!strcmp(process->file, NAME));
	EXPECT(!strcmp(process->arguments, command));
}

static void auxiliary_note(void)
{
	const u32 *words = (const u32 *)start_environment, *told = (const u32 *)note_data;
	u32 bytes = note(NT_AUXV, "CORE"), i = 0;

	while (*words)
		words++;
	for (words++; i < bytes / 4 && words[i]; i += 2)
		EXPECT(told[i] == words[i] && told[i + 1] == words[i + 1]);
	EXPECT(i >= 20 && i < bytes / 4 && !told[i]);
}

/* The areas lie one behind the other, in whole pages, to the end of the file. */
static void table_of_areas(void)
{
	u32 end = ALIGN_UP(areas[0].offset + areas[0].filesz, PAGE_SIZE), all = header.phnum,
	    of_data = 0;

	EXPECT(areas[0].type == PT_NOTE && areas[0].offset == sizeof(header) + all * 32);
	EXPECT(header.phoff == sizeof(header) && header.phentsize == 32);
	for (u32 i = 1; i < all; i++) {
		const struct elf_phdr *area = &areas[i];

		EXPECT(area->type == PT_LOAD && area->offset == end && area->align == PAGE_SIZE);
		EXPECT(area->memsz && area->memsz % PAGE_SIZE == 0 && area->filesz <= area->memsz);
		EXPECT(i == 1 || area->vaddr >= area[-1].vaddr + area[-1].memsz);
		if (area->vaddr <= (u32)&data && (u32)&data < area->vaddr + area->memsz) {
			EXPECT_EQ(area->flags & (PF_R | PF_W), PF_R | PF_W);
			EXPECT_EQ(area->filesz, area->memsz);
			of_data++;
		}
		if (area->vaddr <= (u32)ends && (u32)ends < area->vaddr + area->memsz)
			EXPECT_EQ(area->flags, PF_R | PF_X);
		end += area->filesz;
	}
	EXPECT_EQ(of_data, 1);
	EXPECT_EQ(sys_lseek(core, 0, 2), end);
}

static void contents(void)
{
	int pid;

	EXPECT_EQ(run(&pid), SIGQUIT | DUMPED);
	if (!here() || !open_core())
		return;
	status_note(pid);
	process_note(pid);
	auxiliary_note();
	table_of_areas();
	EXPECT_EQ(sys_close(core), 0);
	EXPECT_EQ(sys_unlink("core"), 0);
}

/* ---- Files that are there ---- */

static void make(const char *name, u32 bytes)
{
	int fd = (int)sys_open_mode(name, O_RDWR | O_CREAT | O_EXCL, 0600);

	EXPECT_EQ(sys_ftruncate(fd, (long)bytes), 0);
	EXPECT_EQ(sys_close(fd), 0);
}

/* What has the name is replaced, not written. */
static void expect_replaced(const char *other)
{
	int pid;

	EXPECT_EQ(run(&pid), SIGQUIT | DUMPED);
	if (open_core())
		table_of_areas();
	EXPECT_EQ(sys_close(core), 0);
	EXPECT_EQ(sys_unlink("core"), 0);
	core = (int)sys_open(other, O_RDONLY);
	EXPECT_EQ(file_size(core), 5);
	EXPECT_EQ(sys_close(core), 0);
}

static void other_files(void)
{
	int pid;

	if (!here())
		return;
	make("file", 5);
	EXPECT_EQ(sys_symlink("file", "core"), 0);
	expect_replaced("file");
	EXPECT_EQ(sys_link("file", "core"), 0);
	expect_replaced("file");
	make("core", MiB(8));
	EXPECT_EQ(sys_chown("core", OTHER, OTHER), 0);
	expect_replaced("file");
	EXPECT_EQ(sys_unlink("file"), 0);
	EXPECT_EQ(sys_mkdir("core", 0700), 0);
	EXPECT_EQ(run(&pid), SIGQUIT);
	EXPECT_EQ(sys_rmdir("core"), 0);
}

/* ---- The limit ---- */

static void limited(void)
{
	static const u32 limits[] = { PAGE_SIZE, PAGE_SIZE + 1, 4 * PAGE_SIZE, MiB(16) };
	u32 whole = 0;
	int pid;

	if (!here())
		return;
	for (u32 i = 0; i < ARRAY_SIZE(limits); i++) {
		limit = limits[i];
		EXPECT_EQ(run(&pid), SIGQUIT | DUMPED);
		core = (int)sys_open("core", O_RDONLY);
		whole = (u32)file_size(core);
		EXPECT(whole && (i > 1 || whole <= limit));
		EXPECT_EQ(sys_close(core), 0);
	}
	/* Holes do not count, such as the one that ends() leaves. */
	limit = whole - HOLE / 2;
	EXPECT_EQ(run(&pid), SIGQUIT | DUMPED);
	core = (int)sys_open("core", O_RDONLY);
	EXPECT_EQ(file_size(core), whole);
	EXPECT_EQ(sys_close(core), 0);
	EXPECT_EQ(sys_unlink("core"), 0);
}

static const struct tap_case cases[] = {
	{ "the notes, and the table of areas", contents },
	{ "files that are there already", other_files },
	{ "the limit", limited },
};

int main(int argc, char **argv)
{
	struct text text;
	int status;

	(void)argc;
	text_clear(&text);
	text_add(&text, argv[0]);
	text_add(&text, " ");
	memcpy(command, text.data, min(strlen(text.data), (u32)sizeof(command) - 1));
	file_name(&folder, ".core");
	if (sys_mkdir(folder.data, 0700) || sys_chdir(folder.data))
		tap_bail_out("no folder under /tmp");
	status = tap_run(cases, ARRAY_SIZE(cases));
	sys_unlink("core");
	EXPECT_EQ(sys_chdir("/"), 0);
	EXPECT_EQ(sys_rmdir(folder.data), 0);
	return status;
}
