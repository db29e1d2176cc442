/* SPDX-License-Identifier: MIT */
/*
 * Programs are files: execve finds them as open does, runs them from the page cache, and keeps
 * them from being written to.
 *
 * The program copies itself to /tmp and starts the copy with the name of a check; the check's
 * result is the exit status.
 */
#include "abi/linux/prctl.h"
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/task_calls.h"

#define LONG_STRING 100000u /* with its NUL */
#define LONGEST	    131072u

static const char *program_path;
static struct text copy_path;
static u32 data_word = 17;
static const char *const empty[] = { NULL };

/* ---- the checks in the new image ---- */

static int image_runs(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 42;
}

/* A running file cannot be written by any name; it can be unlinked. */
static int image_is_busy(int argc, char **argv)
{
	(void)argc;
	EXPECT_EQ(sys_open(argv[0], O_RDWR), -ETXTBSY);
	EXPECT_EQ(sys_open(argv[0], O_WRONLY), -ETXTBSY);
	EXPECT_EQ(sys_open(argv[0], O_RDONLY | O_TRUNC), -ETXTBSY);
	EXPECT_EQ(sys_open("/proc/self/exe", O_RDWR), -ETXTBSY);
	EXPECT_EQ(sys_truncate(argv[0], 1), -ETXTBSY);
	EXPECT_EQ(sys_close((int)sys_open(argv[0], O_RDONLY)), 0);
	return tap_failures() ? 1 : 0;
}

/* The other process that runs the file has touched the same pages. */
static int image_shares_text(int argc, char **argv)
{
	struct page_state text = memory_page((void *)image_runs);

	(void)argc;
	(void)argv;
	EXPECT(text.present && !text.exclusive);
	EXPECT_EQ(data_word, 17);
	data_word = 18;
	EXPECT(memory_page(&data_word).exclusive);
	return tap_failures() ? 1 : 0;
}

static int image_exe(int argc, char **argv)
{
	struct stat64 stat, other;
	char name[256];
	long length = sys_readlink("/proc/self/exe", name, sizeof(name));
	int fd = (int)sys_open("/proc/self/exe", O_RDONLY);

	(void)argc;
	EXPECT_EQ(length, strlen(argv[0]));
	EXPECT(!memcmp(name, argv[0], strlen(argv[0])));
	EXPECT_EQ(sys_readlink("/proc/self/exe", name, 3), 3);
	EXPECT_EQ(sys_readlink("/proc/self/exe", name, 0), -EINVAL);
	EXPECT_EQ(sys_readlink(argv[0], name, sizeof(name)), -EINVAL);
	EXPECT_EQ(sys_readlink("/proc/self/exe", (char *)8, 9), -EFAULT);
	EXPECT_EQ(sys_fstat64(fd, &stat), 0);
	EXPECT_EQ(sys_stat64(argv[0], &other), 0);
	EXPECT(stat.ino == other.ino && stat.size == other.size);
	EXPECT_EQ(sys_lstat64("/proc/self/exe", &other), 0);
	EXPECT_EQ(other.mode, S_IFLNK | 0777);
	EXPECT_EQ(file_byte(fd, 1), 'E');
	EXPECT_EQ(sys_close(fd), 0);
	/* It can be started that way, without its name too. */
	EXPECT_EQ(sys_unlink(argv[0]), 0);
	EXPECT_EQ(sys_readlink("/proc/self/exe", name, sizeof(name)), length + 10);
	EXPECT(!memcmp(name + length, " (deleted)", 10));
	if (tap_failures())
		return 1;
	argv[2] = "runs";
	sys_execve("/proc/self/exe", (const char *const *)argv, empty);
	return 2;
}

static int image_counts(int argc, char **argv)
{
	(void)argv;
	return argc;
}

/* Does the kernel let others of the same user see its memory? */
static int image_dumps(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return system_call(NR_prctl, PR_GET_DUMPABLE, 0, 0, 0, 0, 0) == 1;
}

static const struct {
	const char *name;
	int (*check)(int argc, char **argv);
} images[] = {
	{ "runs", image_runs }, { "is busy", image_is_busy }, { "shares text", image_shares_text },
	{ "exe", image_exe },	{ "counts", image_counts },   { "dumps", image_dumps },
};

static int run_image(int argc, char **argv)
{
	for (u32 i = 0; i < ARRAY_SIZE(images); i++)
		if (argc > 2 && !strcmp(argv[2], images[i].name))
			return images[i].check(argc, argv);
	return 2;
}

/* ---- the cases ---- */

static int copy_program(void)
{
	return file_copy_program(copy_path.data, 0755);
}

struct start {
	const char *path, *check;
};

static void starts(void *argument)
{
	const struct start *start = argument;
	const char *const argv[] = { start->path, "image", start->check, NULL };

	EXPECT_EQ(sys_execve(start->path, argv, empty), 0);
}

static void expect_start(const char *path, const char *check, int status)
{
	struct start start = { path, check };

	EXPECT_CHILD(starts, &start, EXITED(status));
}

static void by_any_path(void)
{
	static const char *const ways[] = { "//tmp/", "/tmp//", "/./tmp/./", "/tmp/../tmp/",
					    "/../tmp/" };

	EXPECT_EQ(sys_close(copy_program()), 0);
	expect_start(copy_path.data, "runs", 42);
	for (u32 i = 0; i < ARRAY_SIZE(ways); i++) {
		struct text path;

		text_clear(&path);
		text_add(&path, ways[i]);
		text_add(&path, copy_path.data + 5);
		expect_start(path.data, "runs", 42);
	}
	EXPECT_EQ(sys_unlink(copy_path.data), 0);
	EXPECT_EQ(sys_execve(copy_path.data, empty, empty), -ENOENT);
}

static void no_programs(void)
{
	struct text below;
	int fd = (int)sys_open_mode(copy_path.data, O_RDWR | O_CREAT | O_EXCL, 0644);

	EXPECT_EQ(sys_write(fd, "no program", 10), 10);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_execve("/tmp", empty, empty), -EACCES);
	EXPECT_EQ(sys_execve("/dev/null", empty, empty), -EACCES);
	EXPECT_EQ(sys_execve("/proc/self/maps", empty, empty), -EACCES);
	EXPECT_EQ(sys_execve(copy_path.data, empty, empty), -EACCES);
	text_clear(&below);
	text_add(&below, copy_path.data);
	text_add(&below, "/x");
	EXPECT_EQ(sys_execve(below.data, empty, empty), -ENOTDIR);
	EXPECT_EQ(sys_unlink(copy_path.data), 0);
	fd = (int)sys_open_mode(copy_path.data, O_RDWR | O_CREAT | O_EXCL, 0755);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_execve(copy_path.data, empty, empty), -ENOEXEC);
	fd = (int)sys_open(copy_path.data, O_WRONLY);
	EXPECT_EQ(sys_write(fd, "no program", 10), 10);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_execve(copy_path.data, empty, empty), -ENOEXEC);
	EXPECT_EQ(sys_unlink(copy_path.data), 0);
}

static void busy(void)
{
	int fd = copy_program();

	EXPECT_EQ(sys_execve(copy_path.data, empty, empty), -ETXTBSY);
	EXPECT_EQ(sys_close(fd), 0);
	expect_start(copy_path.data, "is busy", 0);
	/* The program has ended. */
	fd = (int)sys_open(copy_path.data, O_RDWR);
	EXPECT_EQ(sys_pwrite64(fd, "X", 1, 1), 1);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_execve(copy_path.data, empty, empty), -ENOEXEC);
	EXPECT_EQ(sys_unlink(copy_path.data), 0);
}

/* A file that is open for writing is refused before it is read. */
static void busy_before_its_header(void)
{
	int fd = (int)sys_open_mode(copy_path.data, O_RDWR | O_CREAT | O_EXCL, 0755);

	EXPECT_EQ(sys_write(fd, "no program", 10), 10);
	EXPECT_EQ(sys_execve(copy_path.data, empty, empty), -ETXTBSY);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_execve(copy_path.data, empty, empty), -ENOEXEC);
	EXPECT_EQ(sys_unlink(copy_path.data), 0);
}

/* Two pages of the program, through a file that is closed again. */
static u32 mapped_program(int open_flags, int prot, int type)
{
	int fd = (int)sys_open(copy_path.data, open_flags);
	u32 place = sys_mmap2(0, 2 * PAGE_SIZE, prot, type, fd, 0);

	EXPECT(fd >= 0 && !is_error(place));
	EXPECT_EQ(sys_close(fd), 0);
	return place;
}

/* An area of a file that was open for writing keeps it so, whatever the area itself may do. */
static void busy_by_a_mapping(void)
{
	static const int kinds[][2] = {
		{ PROT_READ | PROT_WRITE, MAP_SHARED },
		{ PROT_READ, MAP_SHARED },
		{ PROT_READ | PROT_WRITE, MAP_PRIVATE },
		{ PROT_NONE, MAP_PRIVATE },
	};

	EXPECT_EQ(sys_close(copy_program()), 0);
	for (u32 i = 0; i < ARRAY_SIZE(kinds); i++) {
		u32 place = mapped_program(O_RDWR, kinds[i][0], kinds[i][1]);

		EXPECT_EQ(sys_execve(copy_path.data, empty, empty), -ETXTBSY);
		EXPECT_EQ(sys_munmap(place, PAGE_SIZE), 0);
		EXPECT_EQ(sys_execve(copy_path.data, empty, empty), -ETXTBSY);
		EXPECT_EQ(sys_munmap(place + PAGE_SIZE, PAGE_SIZE), 0);
		expect_start(copy_path.data, "is busy", 0);
	}
	for (u32 i = 1; i < ARRAY_SIZE(kinds); i++) {
		u32 place = mapped_program(O_RDONLY, kinds[i][0], kinds[i][1]);

		expect_start(copy_path.data, "is busy", 0);
		EXPECT_EQ(sys_munmap(place, 2 * PAGE_SIZE), 0);
	}
	EXPECT_EQ(sys_unlink(copy_path.data), 0);
}

static void unmap_and_start(void *place)
{
	EXPECT_EQ(sys_execve(copy_path.data, empty, empty), -ETXTBSY);
	EXPECT_EQ(sys_munmap((u32)place, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(sys_execve(copy_path.data, empty, empty), -ETXTBSY);
}

/* A child has such an area too. */
static void busy_by_a_child(void)
{
	struct gate gate;
	u32 place;
	int child;

	EXPECT_EQ(sys_close(copy_program()), 0);
	place = mapped_program(O_RDWR, PROT_READ, MAP_SHARED);
	EXPECT_CHILD(unmap_and_start, (void *)place, EXITED(0));
	gate_create(&gate);
	child = process_start((process_body *)gate_wait, &gate);
	EXPECT_EQ(sys_munmap(place, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(sys_execve(copy_path.data, empty, empty), -ETXTBSY);
	gate_open(&gate);
	EXPECT_EQ(process_wait(child), EXITED(0));
	expect_start(copy_path.data, "is busy", 0);
	EXPECT_EQ(sys_unlink(copy_path.data), 0);
}

static void text_is_shared(void)
{
	u8 byte = *(volatile u8 *)image_runs;

	(void)byte;
	data_word = 19;
	expect_start(program_path, "shares text", 0);
	EXPECT_EQ(data_word, 19);
	data_word = 17;
}

static void proc_self_exe(void)
{
	EXPECT_EQ(sys_close(copy_program()), 0);
	expect_start(copy_path.data, "exe", 42);
	EXPECT_EQ(sys_open(copy_path.data, O_RDONLY), -ENOENT);
	EXPECT_EQ(sys_unlink("/proc/self/exe"), -EPERM);
}

/* ---- how many arguments ---- */

static char long_string[LONGEST + 1];

/*
 * `count` strings of `size` bytes, NUL included, with a stack of at most `stack` bytes: the
 * error, or 0 if the program starts.
 */
struct strings {
	u32 count, size, stack;
	long result;
};

static void starts_with(void *argument)
{
	const struct strings *strings = argument;
	const struct rlimit limit = { strings->stack, strings->stack };
	const char *argv[64] = { program_path, "image", "counts" };

	memset(long_string, 'x', strings->size - 1);
	long_string[strings->size - 1] = '\0';
	for (u32 i = 0; i < strings->count; i++)
		argv[3 + i] = long_string;
	EXPECT_EQ(sys_setrlimit(RLIMIT_STACK, &limit), 0);
	EXPECT_EQ(sys_execve(program_path, argv, empty), strings->result);
}

static void arguments(void)
{
	static const struct strings cases[] = {
		{ 2, LONG_STRING, MiB(8), 0 },	     { 20, LONG_STRING, MiB(8), 0 },
		{ 21, LONG_STRING, MiB(8), -E2BIG }, { 1, LONGEST, MiB(8), 0 },
		{ 1, LONGEST + 1, MiB(8), -E2BIG },  { 2, LONG_STRING, MiB(1), 0 },
		{ 3, LONG_STRING, MiB(1), -E2BIG },  { 60, LONG_STRING, MiB(32), 0 },
		{ 60, LONGEST, UINT32_MAX, -E2BIG },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++)
		EXPECT_CHILD(starts_with, (void *)&cases[i],
			     EXITED(cases[i].result ? 0 : 3 + (int)cases[i].count));
}

/* Who may execute a program but not read it does not read it from memory either. */
static void starts_unreadable(void *argument)
{
	EXPECT_EQ(system_call(NR_setresuid32, 54321, 54321, 54321, 0, 0, 0), 0);
	EXPECT_EQ(sys_access(copy_path.data, R_OK), -EACCES);
	starts(argument);
}

static void unreadable(void)
{
	struct start start = { copy_path.data, "dumps" };

	if (system_call(NR_geteuid32, 0, 0, 0, 0, 0, 0) != 0)
		return; /* only the super-user becomes another one */
	sys_close(copy_program());
	EXPECT_EQ(sys_chmod(copy_path.data, 0755), 0);
	expect_start(copy_path.data, "dumps", 1);
	EXPECT_EQ(sys_chmod(copy_path.data, 0711), 0);
	EXPECT_CHILD(starts_unreadable, &start, EXITED(0));
	EXPECT_EQ(sys_unlink(copy_path.data), 0);
}

static const struct tap_case cases[] = {
	{ "a program in /tmp, by any path", by_any_path },
	{ "EACCES, ENOEXEC, ENOTDIR", no_programs },
	{ "ETXTBSY", busy },
	{ "ETXTBSY comes before ENOEXEC", busy_before_its_header },
	{ "ETXTBSY by a mapping", busy_by_a_mapping },
	{ "ETXTBSY by a child's mapping", busy_by_a_child },
	{ "text is shared, data is not", text_is_shared },
	{ "/proc/self/exe", proc_self_exe },
	{ "how long arguments may be", arguments },
	{ "a program that may not be read", unreadable },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	program_path = argv[0];
	file_name(&copy_path, ".copy");
	if (argc > 1 && !strcmp(argv[1], "image"))
		return run_image(argc, argv);
	return tap_run(cases, ARRAY_SIZE(cases));
}
