/* SPDX-License-Identifier: MIT */
/*
 * /proc as Linux programs rely on it: names, links, folders and rights. proc_memory.c has the
 * files about memory.
 */
#include "abi/linux/auxvec.h"
#include "abi/linux/dirent.h"
#include "abi/linux/elf.h"
#include "abi/linux/prctl.h"
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/lines.h"
#include "tests/ring3/runtime/maps.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/thread.h"

#define USER 65534

static char **arguments;

/* --- Identity --- */

static void link_is(const char *path, const char *expected)
{
	char target[256];
	long length = sys_readlink(path, target, sizeof(target) - 1);

	if (!EXPECT(length > 0))
		return;
	target[length] = '\0';
	EXPECT(!strcmp(target, expected));
}

static void self(void)
{
	struct text pid;
	const char *text;
	char cwd[256];
	u32 start, end;

	text_clear(&pid);
	text_add_decimal(&pid, sys_getpid());
	link_is("/proc/self", pid.data);
	EXPECT(sys_getcwd(cwd, sizeof(cwd)) > 0);
	link_is("/proc/self/cwd", cwd);
	text = file_text("/proc/self/status");
	EXPECT_EQ(field_in(text, "Pid"), sys_getpid());
	EXPECT_EQ(field_in(text, "Tgid"), sys_getpid());
	EXPECT_EQ(field_in(text, "PPid"), sys_getppid());
	EXPECT_EQ(field_in(text, "Threads"), 1);
	text = file_text("/proc/self/stat");
	EXPECT_EQ(string_to_number(text), sys_getpid());
	EXPECT_EQ(string_to_number(stat_word(text, 4)), sys_getppid());
	EXPECT_EQ(*stat_word(text, 3), 'R');
	EXPECT_EQ(string_to_number(stat_word(text, 20)), 1);
	/* The program's code begins and ends in one area. */
	start = string_to_number(stat_word(text, 26));
	end = string_to_number(stat_word(text, 27));
	EXPECT(start <= (u32)self && (u32)self < end);
	start -= start % PAGE_SIZE;
	EXPECT(maps_all((void *)start, (end - start - 1) / PAGE_SIZE + 1, PROT_READ | PROT_EXEC));
	EXPECT(*stat_word(text, 52));
}

static bool same_file(const char *a, const char *b)
{
	struct stat64 first, second;

	return !sys_stat64(a, &first) && !sys_stat64(b, &second) && first.ino == second.ino &&
	       first.dev == second.dev;
}

static void executable(void)
{
	char target[256];
	long length = sys_readlink("/proc/self/exe", target, sizeof(target) - 1);

	if (!EXPECT(length > 7))
		return;
	target[length] = '\0';
	EXPECT(!strcmp(target + length - 7, "/procfs"));
	EXPECT(same_file("/proc/self/exe", target));
	EXPECT_EQ(file_try("/proc/self/exe", O_RDONLY), 0);
	EXPECT_EQ(file_try("/proc/self/exe", O_WRONLY), -ETXTBSY);
}

/* The file holds these strings, each with its zero byte, and no more. */
static void expect_strings(const char *path, char *const *strings)
{
	int fd = (int)sys_open(path, O_RDONLY);
	const char *text;
	long length = descriptor_text(fd, &text);

	for (; *strings && length > 0; strings++) {
		u32 bytes = strlen(*strings) + 1;

		if (!EXPECT((long)bytes <= length && !memcmp(text, *strings, bytes)))
			break;
		text += bytes;
		length -= (long)bytes;
	}
	EXPECT(!*strings);
	EXPECT_EQ(length, 0);
	sys_close(fd);
}

static void strings(void)
{
	const char *text;

	expect_strings("/proc/self/cmdline", arguments);
	expect_strings("/proc/self/environ", start_environment);
	text = file_text("/proc/self/stat");
	EXPECT_EQ(string_to_number(stat_word(text, 48)), (u32)arguments[0]);
	EXPECT(*start_environment == NULL ||
	       string_to_number(stat_word(text, 50)) == (u32)*start_environment);
}

/* Code and data begin and end where the file says: data is the last segment, to its last byte. */
static void code_and_data(void)
{
	static u8 head[1024];
	const struct elf_header *header = (const struct elf_header *)head;
	const struct elf_phdr *segment = NULL, *code = NULL, *data = NULL;
	long fd = sys_open("/proc/self/exe", O_RDONLY);
	const char *text;

	EXPECT_EQ(sys_read((int)fd, head, sizeof(head)), sizeof(head));
	sys_close((int)fd);
	for (u32 i = 0; i < header->phnum; i++) {
		segment = (const struct elf_phdr *)(head + header->phoff) + i;
		if (segment->type != PT_LOAD)
			continue;
		if (segment->flags & PF_X)
			code = segment;
		data = segment;
	}
	text = file_text("/proc/self/stat");
	EXPECT_EQ(string_to_number(stat_word(text, 26)), code->vaddr);
	EXPECT_EQ(string_to_number(stat_word(text, 27)), code->vaddr + code->filesz);
	EXPECT_EQ(string_to_number(stat_word(text, 45)), data->vaddr);
	EXPECT_EQ(string_to_number(stat_word(text, 46)), data->vaddr + data->filesz);
}

static void names_parent(void *argument)
{
	const int *parent = argument;

	EXPECT_EQ(file_write_text(proc_path(*parent, "/comm"), "child's"), -EINVAL);
}

static void name(void)
{
	int own = sys_getpid();
	char told[16];

	EXPECT(!strcmp(file_text("/proc/self/comm"), "procfs\n"));
	EXPECT_EQ(file_write_text("/proc/self/comm", "a name that is too long\n"), 24);
	EXPECT_EQ(system_call(NR_prctl, PR_GET_NAME, (long)told, 0, 0, 0, 0), 0);
	EXPECT(!strcmp(told, "a name that is "));
	EXPECT(!strcmp(file_text("/proc/self/comm"), "a name that is \n"));
	EXPECT(text_begins(file_text("/proc/self/status"), "Name:\ta name that is \n"));
	EXPECT_CHILD(names_parent, &own, EXITED(0));
	EXPECT_EQ(file_write_text("/proc/self/comm", "procfs"), 6);
}

static void limits(void)
{
	struct rlimit limit;
	const char *line = file_text("/proc/self/limits");

	while (line && !text_begins(line, "Max open files "))
		line = next_line(line);
	EXPECT_EQ(sys_ugetrlimit(RLIMIT_NOFILE, &limit), 0);
	if (EXPECT(line))
		EXPECT_EQ(string_to_number(line + 26), limit.cur);
}

/* --- Descriptors --- */

static void descriptors(void)
{
	struct stat64 stat, through;
	struct text path, link;
	int fd, ends[2];

	file_name(&path, "descriptors");
	fd = (int)sys_open_mode(path.data, O_RDWR | O_CREAT | O_EXCL, 0600);
	text_clear(&link);
	text_add(&link, "/proc/self/fd/");
	text_add_decimal(&link, fd);
	link_is(link.data, path.data);
	EXPECT_EQ(sys_unlink(path.data), 0);
	text_add(&path, " (deleted)");
	link_is(link.data, path.data);
	EXPECT_EQ(sys_fstat64(fd, &stat), 0);
	EXPECT_EQ(sys_stat64(link.data, &through), 0);
	EXPECT(stat.ino == through.ino && !through.nlink);
	EXPECT_EQ(file_write_text(link.data, "again"), 5);
	EXPECT_EQ(file_size(fd), 5);
	EXPECT_EQ(sys_lstat64(link.data, &through), 0);
	EXPECT_EQ(through.mode, 0120700);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_lstat64(link.data, &through), -ENOENT);
	EXPECT_EQ(system_call(NR_pipe, (long)ends, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(sys_fstat64(ends[0], &stat), 0);
	text_clear(&path);
	text_add(&path, "pipe:[");
	text_add_decimal(&path, (long)stat.ino);
	text_add(&path, "]");
	link_is(link.data, path.data);
	sys_close(ends[0]);
	sys_close(ends[1]);
}

/* --- Folders --- */

static bool lists(const char *folder, const char *name)
{
	static u8 entries[2048] __attribute__((aligned(8)));
	int fd = (int)sys_open(folder, O_RDONLY | O_DIRECTORY);
	bool found = false;
	long bytes;

	while ((bytes = sys_getdents64(fd, entries, sizeof(entries))) > 0)
		for (long at = 0; at < bytes;) {
			const struct dirent64 *entry = (const void *)(entries + at);

			found |= !strcmp(entry->name, name);
			at += entry->bytes;
		}
	EXPECT_EQ(bytes, 0);
	sys_close(fd);
	return found;
}

static void waits(void *argument)
{
	gate_wait(argument);
}

static void folders(void)
{
	struct text name;
	struct gate gate;
	struct stat64 stat;
	int pid;

	gate_create(&gate);
	pid = process_start(waits, &gate);
	text_clear(&name);
	text_add_decimal(&name, pid);
	EXPECT(lists("/proc", "self") && lists("/proc", "meminfo") && lists("/proc", name.data));
	EXPECT(lists("/proc/self", "status") && lists("/proc/self/fd", "0"));
	EXPECT_EQ(sys_stat64(proc_path(pid, ""), &stat), 0);
	EXPECT_EQ(stat.mode, 040555);
	EXPECT_EQ(field_in(file_text(proc_path(pid, "/status")), "PPid"), sys_getpid());
	gate_open(&gate);
	EXPECT_EQ(process_wait(pid), EXITED(0));
	EXPECT(!lists("/proc", name.data));
	EXPECT_EQ(sys_stat64(proc_path(pid, ""), &stat), -ENOENT);
}

/* What was open when the process ended, before and after its parent waits for it. */
static void ended(void)
{
	static const char *const files[] = { "/status", "/stat", "/statm", "/cmdline", "/maps" };
	int fds[ARRAY_SIZE(files)], pid;
	struct gate gate;
	const char *text;

	gate_create(&gate);
	pid = process_start(waits, &gate);
	for (u32 i = 0; i < ARRAY_SIZE(files); i++)
		fds[i] = (int)sys_open(proc_path(pid, files[i]), O_RDONLY);
	gate_open(&gate);
	do
		EXPECT(file_text(proc_path(pid, "/stat")));
	while (*stat_word(file_text(proc_path(pid, "/stat")), 3) != 'Z');
	EXPECT_EQ(*file_text(proc_path(pid, "/cmdline")), 0);
	EXPECT_EQ(*file_text(proc_path(pid, "/maps")), 0);
	EXPECT(text_begins(file_text(proc_path(pid, "/statm")), "0 0 0 0 0 0 0\n"));
	EXPECT_EQ(process_wait(pid), EXITED(0));
	for (u32 i = 0; i < ARRAY_SIZE(files); i++) {
		EXPECT_EQ(descriptor_text(fds[i], &text), -ESRCH);
		sys_close(fds[i]);
	}
}

static void refused(void)
{
	EXPECT_EQ(file_try("/proc/0", O_RDONLY), -ENOENT);
	EXPECT_EQ(file_try("/proc/01", O_RDONLY), -ENOENT);
	EXPECT_EQ(file_try("/proc/999999999", O_RDONLY), -ENOENT);
	EXPECT_EQ(file_try("/proc/self/nothing", O_RDONLY), -ENOENT);
	EXPECT_EQ(file_try("/proc/self/fd/99", O_RDONLY), -ENOENT);
	EXPECT_EQ(file_try("/proc/self/fd/00", O_RDONLY), -ENOENT);
	EXPECT_EQ(file_try("/proc/self/status/x", O_RDONLY), -ENOTDIR);
	EXPECT_EQ(file_try("/proc/self/fd", O_WRONLY), -EISDIR);
	EXPECT_EQ(sys_open_mode("/proc/x", O_RDWR | O_CREAT, 0600), -ENOENT);
	EXPECT_EQ(sys_mkdir("/proc/x", 0700), -ENOENT);
	EXPECT_EQ(sys_mkdir("/proc/meminfo", 0700), -EEXIST);
	EXPECT_EQ(sys_unlink("/proc/meminfo"), -EPERM);
	EXPECT_EQ(sys_unlink("/proc/self/status"), -EPERM);
	EXPECT_EQ(sys_unlink("/proc/self/x"), -ENOENT);
	EXPECT_EQ(sys_rmdir("/proc/self/fd"), -EPERM);
}

static void looks_at_root(void *argument)
{
	const int *pid = argument;
	char target[256];

	EXPECT_EQ(system_call(NR_setgroups32, 0, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_setresgid32, USER, USER, USER, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_setresuid32, USER, USER, USER, 0, 0, 0), 0);
	EXPECT_EQ(file_try(proc_path(*pid, "/maps"), O_RDONLY), -EACCES);
	EXPECT_EQ(file_try(proc_path(*pid, "/smaps"), O_RDONLY), -EACCES);
	EXPECT_EQ(file_try(proc_path(*pid, "/environ"), O_RDONLY), -EACCES);
	EXPECT_EQ(file_try(proc_path(*pid, "/mem"), O_RDONLY), -EACCES);
	EXPECT_EQ(file_try(proc_path(*pid, "/smaps_rollup"), O_RDONLY), -EACCES);
	EXPECT_EQ(file_try("/proc/vmallocinfo", O_RDONLY), -EACCES);
	EXPECT(text_begins(file_text("/proc/iomem"), "00000000-00000000 : "));
	EXPECT_EQ(file_try(proc_path(*pid, "/pagemap"), O_RDONLY), -EACCES);
	EXPECT_EQ(file_try(proc_path(*pid, "/fd"), O_RDONLY), -EACCES);
	EXPECT_EQ(file_try(proc_path(*pid, "/fd/0"), O_RDONLY), -EACCES);
	EXPECT_EQ(sys_readlink(proc_path(*pid, "/exe"), target, sizeof(target)), -EACCES);
	EXPECT_EQ(sys_readlink(proc_path(*pid, "/cwd"), target, sizeof(target)), -EACCES);
	EXPECT_EQ(file_try(proc_path(*pid, "/comm"), O_WRONLY), -EACCES);
	EXPECT_EQ(file_try("/proc/slabinfo", O_RDONLY), -EACCES);
	EXPECT_EQ(field_in(file_text(proc_path(*pid, "/status")), "Uid"), 0);
	EXPECT(field_in(file_text(proc_path(*pid, "/status")), "VmSize"));
	EXPECT_EQ(string_to_number(stat_word(file_text(proc_path(*pid, "/stat")), 28)), 0);
	EXPECT_EQ(field_in(file_text("/proc/self/status"), "Uid"), USER);
}

static void rights(void)
{
	int own = sys_getpid();

	EXPECT_CHILD(looks_at_root, &own, EXITED(0));
}

/* --- Threads --- */

static int looks_at_itself(void *argument)
{
	struct text path, pid;

	(void)argument;
	text_clear(&path);
	text_add_decimal(&path, sys_getpid());
	text_add(&path, "/task/");
	text_add_decimal(&path, sys_gettid());
	link_is("/proc/thread-self", path.data);
	EXPECT_EQ(field_in(file_text("/proc/thread-self/status"), "Pid"), sys_gettid());
	EXPECT_EQ(field_in(file_text("/proc/thread-self/status"), "Tgid"), sys_getpid());
	EXPECT_EQ(field_in(file_text("/proc/self/status"), "Pid"), sys_getpid());
	EXPECT_EQ(string_to_number(file_text("/proc/thread-self/stat")), sys_gettid());
	EXPECT_EQ(file_write_text("/proc/thread-self/comm", "thread"), 6);
	EXPECT(!strcmp(file_text("/proc/thread-self/comm"), "thread\n"));
	text_clear(&pid);
	text_add_decimal(&pid, sys_gettid());
	EXPECT(lists("/proc/self/task", pid.data));
	EXPECT_EQ(lists("/proc", pid.data), sys_gettid() == sys_getpid());
	EXPECT_EQ(file_try("/proc/thread-self/task", O_RDONLY), -ENOENT);
	return 0;
}

static void threads(void)
{
	static struct thread thread;
	struct text other;

	thread_start(&thread, looks_at_itself, NULL);
	thread_join(&thread);
	EXPECT(!strcmp(file_text("/proc/self/comm"), "procfs\n"));
	looks_at_itself(NULL);
	EXPECT_EQ(file_write_text("/proc/self/comm", "procfs"), 6);
	text_clear(&other);
	text_add(&other, "/proc/self/task/");
	text_add_decimal(&other, sys_getppid());
	EXPECT_EQ(file_try(other.data, O_RDONLY), -ENOENT);
	EXPECT_EQ(file_try("/proc/self/task/0", O_RDONLY), -ENOENT);
	EXPECT_EQ(file_try("/proc/self/task/999999999", O_RDONLY), -ENOENT);
	EXPECT_EQ(sys_mkdir("/proc/self/task/x", 0700), -ENOENT);
}

/* --- What a process waits for, and what it was started with --- */

static void pauses(void *argument)
{
	(void)argument;
	for (;;)
		system_call(NR_pause, 0, 0, 0, 0, 0, 0);
}

/* "NUMBER 0x... ": the call in which it sleeps, once it does. */
static bool sleeps_in(int pid, u32 number)
{
	for (u32 i = 0; i < 200; i++) {
		const char *text = file_text(proc_path(pid, "/syscall"));

		if (number_in(text, 10) == number)
			return true;
		sys_sched_yield();
	}
	return false;
}

static void waiting(void)
{
	int child = process_start(pauses, NULL);
	u32 info[32];

	EXPECT(sleeps_in(child, NR_pause));
	EXPECT(*file_text(proc_path(child, "/wchan")));
	EXPECT(text_begins(file_text(proc_path(child, "/stack")), "[<0>] "));
	EXPECT(next_line(file_text(proc_path(child, "/stack"))));
	EXPECT_EQ(number_in(file_text("/proc/self/syscall"), 10), NR_read);
	EXPECT_EQ(system_call(NR_kill, child, SIGKILL, 0, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_waitid, 0, 0, (long)info, WEXITED | WNOWAIT, 0, 0), 0);
	EXPECT_EQ(*file_text(proc_path(child, "/stack")), 0); /* a zombie is nowhere */
	EXPECT_EQ(process_wait(child), KILLED(SIGKILL));
}

static void started_with(void)
{
	const u32 *word = (const u32 *)file_text("/proc/self/auxv");
	long personality = system_call(NR_personality, -1, 0, 0, 0, 0, 0);

	while (word[0] != AT_NULL && word[0] != AT_PAGESZ)
		word += 2;
	EXPECT(word[0] == AT_PAGESZ && word[1] == PAGE_SIZE);
	EXPECT_EQ(number_in(file_text("/proc/self/personality"), 16), personality);
	/* Linux before 6.8 has no such line. */
	for (const char *line = file_text("/proc/self/status"); line; line = next_line(line))
		EXPECT(!text_begins(line, "Kthread:") || text_begins(line, "Kthread:\t0\n"));
}

static void devices(void)
{
	bool memory = false;

	for (const char *line = file_text("/proc/devices"); line; line = next_line(line))
		memory |= text_begins(line, "  1 mem\n");
	EXPECT(memory);
	EXPECT(text_begins(file_text("/proc/interrupts"), "     "));
	EXPECT_EQ(file_try("/proc/partitions", O_RDONLY), 0);
	EXPECT_EQ(file_try("/proc/diskstats", O_RDONLY), 0);
}

static const struct tap_case cases[] = {
	{ "self", self },
	{ "exe", executable },
	{ "cmdline and environ", strings },
	{ "code and data in stat", code_and_data },
	{ "comm", name },
	{ "limits", limits },
	{ "fd", descriptors },
	{ "folders come and go", folders },
	{ "threads", threads },
	{ "files of a process that ended", ended },
	{ "what is not there, and what cannot be changed", refused },
	{ "what others may not see", rights },
	{ "syscall, wchan and stack", waiting },
	{ "auxv and personality", started_with },
	{ "devices and interrupts", devices },
};

int main(int argc, char **argv)
{
	(void)argc;
	arguments = argv;
	return tap_run(cases, ARRAY_SIZE(cases));
}
