/* SPDX-License-Identifier: MIT */
/*
 * Core files: which ends leave one, the limit, and what a debugger finds in it. Where this Linux
 * sends them elsewhere, only the status of wait() is looked at.
 */
#include "abi/linux/elf_core.h"
#include "abi/linux/resource.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/fpu.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/signal_calls.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/thread.h"

#define FOLDER "/tmp/core_files"
#define CORE   FOLDER "/core"
#define DUMPED 0x80
#define MARK   0x13572468u
#define BIG    (16 * PAGE_SIZE)

static volatile u32 mark = MARK;
static volatile u32 *volatile nowhere = (u32 *)16;
static u32 heap; /* the address of BIG bytes; only the third page is used */

static bool here(void)
{
	char pattern[8] = "core\n";
	long fd = sys_open("/proc/sys/kernel/core_pattern", O_RDONLY);

	if (fd >= 0) {
		sys_read((int)fd, pattern, sizeof(pattern));
		sys_close((int)fd);
	}
	return !memcmp(pattern, "core\n", 5);
}

struct end {
	int signal;
	u32 limit;
	bool changes_user, handled;
	int threads;
	bool has_more; /* registers of x87 and SSE, and areas of other kinds */
};

static void handler(int signal)
{
	(void)signal;
	sys_exit_group(7);
}

static u32 left_out, shared_memory, shared_file, written_file,
	read_file; /* addresses of areas of two pages */

static u32 map_self(int protection, int flags)
{
	int fd = (int)sys_open(flags & MAP_SHARED ? FOLDER "/file" : "/proc/self/exe",
			       flags & MAP_SHARED ? O_RDWR | O_CREAT : O_RDONLY);
	u32 place;

	if (flags & MAP_SHARED)
		EXPECT_EQ(sys_ftruncate(fd, 2 * PAGE_SIZE), 0);
	place = sys_mmap2(0, 2 * PAGE_SIZE, protection, flags, fd, 0);
	sys_close(fd);
	return place;
}

static void make_more(void)
{
	fpu_look();
	fpu_set(5);
	left_out = sys_mmap2(0, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			     -1, 0);
	*(u32 *)left_out = MARK;
	EXPECT_EQ(sys_madvise(left_out, 2 * PAGE_SIZE, MADV_DONTDUMP), 0);
	shared_memory = sys_mmap2(0, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*(u32 *)shared_memory = MARK + 4;
	shared_file = map_self(PROT_READ | PROT_WRITE, MAP_SHARED);
	*(u32 *)shared_file = MARK;
	written_file = map_self(PROT_READ | PROT_WRITE, MAP_PRIVATE);
	*(u32 *)(written_file + PAGE_SIZE) = MARK + 3;
	read_file = map_self(PROT_READ, MAP_PRIVATE);
}

static void ends(void *argument)
{
	static struct thread threads[3];
	const struct end *end = argument;
	const struct rlimit limit = { end->limit, end->limit };
	struct sigaction action = { .handler = (u32)handler };

	EXPECT_EQ(system_call(NR_chdir, (long)FOLDER, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(sys_setrlimit(RLIMIT_CORE, &limit), 0);
	if (end->has_more)
		make_more();
	heap = sys_mmap2(0, BIG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	((u32 *)heap)[2 * PAGE_SIZE / 4] = MARK + 1;
	mark = MARK + 2;
	for (int i = 0; i < end->threads; i++)
		thread_start(&threads[i], sleeps_forever, NULL);
	if (end->changes_user)
		EXPECT_EQ(system_call(NR_setresuid32, 54321, 54321, 54321, 0, 0, 0), 0);
	if (end->handled)
		EXPECT_EQ(sys_rt_sigaction(end->signal, &action, NULL), 0);
	if (end->signal == SIGSEGV)
		*nowhere = 1;
	sys_kill(sys_getpid(), end->signal);
	for (;;)
		sys_pause();
}

/* Runs a child to its end; returns its whole status. *pid: its number. */
static int run(const struct end *end, int *pid)
{
	int status = -1;

	system_call(NR_unlink, (long)CORE, 0, 0, 0, 0, 0);
	*pid = process_start(ends, (void *)end);
	EXPECT_EQ(sys_waitpid(*pid, &status, 0), *pid);
	return status;
}

static bool there_is_a_core(void)
{
	long fd = sys_open(CORE, O_RDONLY);

	if (fd >= 0)
		sys_close((int)fd);
	return fd >= 0;
}

static void which_signals(void)
{
	static const int core[] = { SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS,
				    SIGFPE,  SIGSYS, SIGXCPU, SIGXFSZ, SIGSEGV };
	static const int no_core[] = { SIGHUP, SIGINT, SIGKILL, SIGTERM, SIGALRM, SIGUSR1, 40 };
	struct end end = { .limit = RLIM_INFINITY };
	int pid;

	for (u32 i = 0; i < ARRAY_SIZE(core); i++) {
		end.signal = core[i];
		EXPECT_EQ(run(&end, &pid), core[i] | DUMPED);
		EXPECT(!here() || there_is_a_core());
	}
	for (u32 i = 0; i < ARRAY_SIZE(no_core); i++) {
		end.signal = no_core[i];
		EXPECT_EQ(run(&end, &pid), no_core[i]);
		EXPECT(!there_is_a_core());
	}
}

static void no_core(void)
{
	static const struct end ends[] = {
		{ .signal = SIGABRT, .limit = 0 },
		{ .signal = SIGABRT, .limit = PAGE_SIZE - 1 },
		{ .signal = SIGABRT, .limit = RLIM_INFINITY, .changes_user = true },
	};
	const struct end handled = { .signal = SIGABRT, .limit = RLIM_INFINITY, .handled = true };
	int pid;

	for (u32 i = 0; here() && i < ARRAY_SIZE(ends); i++) {
		EXPECT_EQ(run(&ends[i], &pid), SIGABRT);
		EXPECT(!there_is_a_core());
	}
	EXPECT_EQ(run(&handled, &pid), EXITED(7));
	EXPECT(!there_is_a_core());
}

/* --- the contents --- */

static int core;
static struct elf_header header;
static struct elf_phdr areas[64];

static void read_core(u32 offset, void *to, u32 bytes)
{
	EXPECT_EQ(sys_pread64(core, to, bytes, offset), (long)bytes);
}

static bool open_core(void)
{
	core = (int)sys_open(CORE, O_RDONLY);
	if (!EXPECT(core >= 0))
		return false;
	read_core(0, &header, sizeof(header));
	EXPECT(!memcmp(header.ident, "\177ELF\1\1\1", 7));
	EXPECT_EQ(header.type, ET_CORE);
	EXPECT_EQ(header.machine, EM_386);
	if (!EXPECT(header.phnum <= ARRAY_SIZE(areas)))
		return false;
	read_core(header.phoff, areas, header.phnum * sizeof(*areas));
	return true;
}

static u32 word_at(u32 address)
{
	u32 word = 0;

	for (u32 i = 0; i < header.phnum; i++)
		if (areas[i].type == PT_LOAD && areas[i].vaddr <= address &&
		    address - areas[i].vaddr < areas[i].filesz)
			read_core(areas[i].offset + address - areas[i].vaddr, &word, sizeof(word));
	return word;
}

/* The bytes of an area's two pages that are in the file. */
static u32 bytes_at(u32 address)
{
	u32 bytes = 0;

	for (u32 i = 0; i < header.phnum; i++)
		if (areas[i].type == PT_LOAD && address < areas[i].vaddr + areas[i].filesz &&
		    areas[i].vaddr < address + 2 * PAGE_SIZE)
			bytes += min(areas[i].vaddr + areas[i].filesz, address + 2 * PAGE_SIZE) -
				 max(areas[i].vaddr, address);
	return bytes;
}

/* Counts the threads; *status is that of the first one. */
static u32 read_notes(struct elf_prstatus *status)
{
	struct elf_note note;
	u32 threads = 0;

	for (u32 i = 0; i < header.phnum; i++) {
		u32 at = 0;

		if (areas[i].type != PT_NOTE)
			continue;
		while (at < areas[i].filesz) {
			read_core(areas[i].offset + at, &note, sizeof(note));
			at += sizeof(note) + ALIGN_UP(note.name_size, 4);
			if (note.type == NT_PRSTATUS && note.data_size == sizeof(*status)) {
				if (!threads)
					read_core(areas[i].offset + at, status, sizeof(*status));
				threads++;
			}
			at += ALIGN_UP(note.data_size, 4);
		}
	}
	return threads;
}

static void contents(void)
{
	const struct end end = { .signal = SIGSEGV, .limit = RLIM_INFINITY, .threads = 3 };
	struct elf_prstatus status = { 0 };
	u32 instruction;
	int pid;

	EXPECT_EQ(run(&end, &pid), SIGSEGV | DUMPED);
	if (!here() || !open_core())
		return;
	EXPECT_EQ(read_notes(&status), 4);
	EXPECT_EQ(status.signo, SIGSEGV);
	EXPECT_EQ(status.current_signal, SIGSEGV);
	EXPECT_EQ(status.pid, pid);
	EXPECT_EQ(status.ppid, sys_getpid());
	EXPECT_EQ(word_at((u32)&mark), MARK + 2);
	/* It stood in ends(), on a stack that is in the file. */
	instruction = status.regs[12];
	EXPECT(instruction >= (u32)ends && instruction - (u32)ends < 1000);
	EXPECT(word_at(word_at((u32)&heap) + 2 * PAGE_SIZE) == MARK + 1);
	EXPECT(word_at(status.regs[15]) || word_at(status.regs[15] + 16));
	sys_close(core);
}

/* The offset of the registers that a note has, or 0. */
static u32 fpu_note(void)
{
	struct elf_note note;

	for (u32 at = 0; header.phnum && at < areas[0].filesz;) {
		read_core(areas[0].offset + at, &note, sizeof(note));
		at += sizeof(note) + ALIGN_UP(note.name_size, 4);
		if (note.type == NT_PRXFPREG)
			return note.data_size == 512 ? areas[0].offset + at : 1;
		at += ALIGN_UP(note.data_size, 4);
	}
	return 0;
}

/* x87 and SSE of the thread; which bytes of which areas. */
static void more_contents(void)
{
	const struct end end = { .signal = SIGSEGV, .limit = RLIM_INFINITY, .has_more = true };
	struct fpu_registers registers;
	u32 words[128], note;
	int pid;

	EXPECT_EQ(run(&end, &pid), SIGSEGV | DUMPED);
	if (!here() || !open_core())
		return;
	EXPECT_EQ(areas[0].type, PT_NOTE);
	fpu_look();
	if (fpu_has_sse) {
		note = fpu_note();
		if (EXPECT(note > 1)) {
			read_core(note, words, sizeof(words));
			fpu_make(&registers, 5);
			EXPECT_EQ((u16)words[0], registers.cwd);
			EXPECT(!memcmp(words + 40, registers.xmm, sizeof(registers.xmm)));
		}
	}
	EXPECT_EQ(bytes_at(word_at((u32)&left_out)), 0);
	EXPECT_EQ(bytes_at(word_at((u32)&shared_memory)), 2 * PAGE_SIZE);
	EXPECT_EQ(word_at(word_at((u32)&shared_memory)), MARK + 4);
	EXPECT_EQ(bytes_at(word_at((u32)&shared_file)), 0);
	EXPECT_EQ(bytes_at(word_at((u32)&written_file)), 2 * PAGE_SIZE);
	EXPECT_EQ(word_at(word_at((u32)&written_file) + PAGE_SIZE), MARK + 3);
	EXPECT_EQ(bytes_at(word_at((u32)&read_file)), PAGE_SIZE); /* the ELF header */
	sys_close(core);
}

static void limited(void)
{
	const struct end end = { .signal = SIGQUIT, .limit = 3 * PAGE_SIZE };
	int pid;

	EXPECT_EQ(run(&end, &pid), SIGQUIT | DUMPED);
	if (!here() || !open_core())
		return;
	EXPECT(sys_lseek(core, 0, 2) <= 3 * (long)PAGE_SIZE);
	sys_close(core);
}

static void set_up(void)
{
	EXPECT_EQ(system_call(NR_mkdir, (long)FOLDER, 0700, 0, 0, 0, 0), 0);
}

static void clean_up(void)
{
	system_call(NR_unlink, (long)CORE, 0, 0, 0, 0, 0);
	system_call(NR_unlink, (long)FOLDER "/file", 0, 0, 0, 0, 0);
	EXPECT_EQ(system_call(NR_rmdir, (long)FOLDER, 0, 0, 0, 0, 0), 0);
}

static const struct tap_case cases[] = {
	{ "a folder", set_up },
	{ "which signals leave a core", which_signals },
	{ "none by the limit, the user or a handler", no_core },
	{ "registers of all threads, and memory", contents },
	{ "x87 and SSE, and areas of each kind", more_contents },
	{ "the limit cuts it", limited },
	{ "nothing is left", clean_up },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return tap_run(cases, ARRAY_SIZE(cases));
}
