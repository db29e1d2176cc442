/* SPDX-License-Identifier: MIT */
/*
 * Scripts: execve of a file that begins with "#!", and programs that are started by a descriptor.
 *
 * The program is the interpreter. Its first argument is "-s", and it exits with a number that says
 * what arguments it got.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/task_calls.h"

#define NEW (O_WRONLY | O_CREAT | O_EXCL)

static const char *program;
static struct text folder;
static const char *const empty[] = { NULL };
static const char *const two[] = { "zero", "one", "two", NULL };

static bool ends_with(const char *text, const char *end)
{
	u32 length = strlen(text), part = strlen(end);

	return length >= part && !strcmp(text + length - part, end);
}

/* ---- as the interpreter ---- */

/* argv: the interpreter's path, "-s WAY" as one argument, the script's path, then the caller's. */
static int interpret(int argc, char **argv)
{
	const char *way = argv[1] + 3;

	if (!strcmp(way, "plain") && argc == 5 && ends_with(argv[2], "plain") &&
	    !strcmp(argv[3], "one") && !strcmp(argv[4], "two"))
		return 10;
	/* Without arguments the script's name comes nevertheless. */
	if (!strcmp(way, "none") && argc == 3 && ends_with(argv[2], "none"))
		return 11;
	/* The inner script is the interpreter of the outer one. */
	if (!strcmp(way, "inner") && argc == 6 && ends_with(argv[2], "inner") &&
	    !strcmp(argv[3], "x  y") && ends_with(argv[4], "outer") && !strcmp(argv[5], "one"))
		return 12;
	if (!strcmp(way, "deep"))
		return 13;
	if (!strcmp(way, "fd") && argc == 5 && ends_with(argv[2], "/dev/fd/7"))
		return 14;
	return 2;
}

/* ---- the cases ---- */

static void make(const char *name, u32 mode, const char *first, const char *second,
		 const char *third)
{
	struct text text;
	int fd = (int)sys_open_mode(name, NEW, mode);

	text_clear(&text);
	text_add(&text, first);
	text_add(&text, second);
	text_add(&text, third);
	EXPECT_EQ(sys_write(fd, text.data, strlen(text.data)), strlen(text.data));
	EXPECT_EQ(sys_close(fd), 0);
}

struct start {
	const char *path;
	const char *const *argv;
};

static void starts(void *argument)
{
	const struct start *start = argument;

	EXPECT_EQ(sys_execve(start->path, start->argv, empty), 0);
}

static void expect_start(const char *path, const char *const *argv, int status)
{
	struct start start = { path, argv };

	EXPECT_CHILD(starts, &start, EXITED(status));
}

static void arguments(void)
{
	static const char *const one[] = { "zero", "one", NULL };

	make("plain", 0755, "#!", program, " -s plain\nthe rest\n");
	expect_start("plain", two, 10);
	expect_start("./plain", two, 10);
	EXPECT_EQ(sys_unlink("plain"), 0);
	make("none", 0755, "#!  ", program, " \t -s none \t \n");
	expect_start("none", two + 3, 11);
	EXPECT_EQ(sys_unlink("none"), 0);
	make("inner", 0755, "#!", program, " -s inner");
	make("outer", 0755, "#! ./inner", "  x  y", "\n");
	expect_start("outer", one, 12);
	EXPECT_EQ(sys_unlink("inner"), 0);
	EXPECT_EQ(sys_unlink("outer"), 0);
}

static void refused(void)
{
	static const struct {
		const char *text;
		int error;
	} cases[] = {
		{ "#!", -EACCES },
		{ "#!\n/bin/sh", -ENOEXEC },
		{ "#! \t \n", -ENOEXEC },
		{ "#", -ENOEXEC },
		{ "# !/bin/sh", -ENOEXEC },
		{ "#!/no/such/program\n", -ENOENT },
		{ "#!/tmp\n", -EACCES },
		{ "#!/dev/null/x\n", -ENOTDIR },
		{ "#!./itself\n", -ELOOP },
		{ "#!./link\n", -ELOOP },
		{ "echo no interpreter\n", -ENOEXEC },
		{ "#!./not executable\n", -ENOENT },
	};

	EXPECT_EQ(sys_symlink("link", "link"), 0);
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		make("itself", 0755, cases[i].text, "", "");
		EXPECT_EQ(sys_execve("itself", two, empty), cases[i].error);
		EXPECT_EQ(sys_unlink("itself"), 0);
	}
	make("itself", 0644, "#!", program, " -s plain\n");
	EXPECT_EQ(sys_execve("itself", two, empty), -EACCES);
	make("script", 0755, "#!", "./itself", "\n");
	EXPECT_EQ(sys_execve("script", two, empty), -EACCES);
	EXPECT_EQ(sys_execve("script/", two, empty), -ENOTDIR);
	EXPECT_EQ(sys_execve("link", two, empty), -ELOOP);
	EXPECT_EQ(sys_unlink("script"), 0);
	EXPECT_EQ(sys_unlink("itself"), 0);
	EXPECT_EQ(sys_unlink("link"), 0);
}

/* A name of more than 253 bytes would be cut; an argument is cut. */
static void long_lines(void)
{
	static char line[400];
	int fd = (int)sys_open_mode("long", NEW, 0755);

	memset(line, 'x', 300);
	line[0] = '#';
	line[1] = '!';
	EXPECT_EQ(sys_write(fd, line, 300), 300);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_execve("long", two, empty), -ENOEXEC);
	line[30] = ' ';
	fd = (int)sys_open("long", O_WRONLY);
	EXPECT_EQ(sys_write(fd, line, 300), 300);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_execve("long", two, empty), -ENOENT);
	EXPECT_EQ(sys_unlink("long"), 0);
}

/* Five scripts, each the interpreter of the one after it; a sixth is too many. */
static void too_deep(void)
{
	char name[] = "d0", last[] = "./d0";

	make(name, 0755, "#!", program, " -s deep\n");
	for (u32 i = 1; i < 6; i++) {
		name[1] = (char)('0' + i);
		last[3] = (char)('0' + i - 1);
		make(name, 0755, "#!", last, "\n");
	}
	expect_start("d4", two, 13);
	EXPECT_EQ(sys_execve("d5", two, empty), -ELOOP);
	for (u32 i = 0; i < 6; i++) {
		name[1] = (char)('0' + i);
		EXPECT_EQ(sys_unlink(name), 0);
	}
}

/* By a descriptor, and by a path from one. */
static void starts_at(void *argument)
{
	int fd = (int)sys_open("fd", O_RDONLY), seven = (int)sys_dup2(fd, 7);

	EXPECT_EQ(sys_execveat(seven, "", two, empty, 0), -ENOENT);
	EXPECT_EQ(sys_execveat(AT_FDCWD, "fd", two, empty, 0x4000), -EINVAL);
	EXPECT_EQ(sys_execveat(99, "fd", two, empty, 0), -EBADF);
	EXPECT_EQ(sys_execveat(seven, "fd", two, empty, 0), -ENOTDIR);
	EXPECT_EQ(sys_execveat(AT_FDCWD, "link", two, empty, AT_SYMLINK_NOFOLLOW), -ELOOP);
	EXPECT_EQ(sys_execveat(seven, "", two, empty, AT_EMPTY_PATH), 0);
	(void)argument;
}

static void descriptors(void)
{
	make("fd", 0755, "#!", program, " -s fd\n");
	EXPECT_EQ(sys_symlink("fd", "link"), 0);
	EXPECT_CHILD(starts_at, NULL, EXITED(14));
	EXPECT_EQ(sys_unlink("link"), 0);
	EXPECT_EQ(sys_unlink("fd"), 0);
}

static const struct tap_case cases[] = {
	{ "arguments of a script", arguments },
	{ "what is no script", refused },
	{ "long lines", long_lines },
	{ "scripts of scripts", too_deep },
	{ "programs by a descriptor", descriptors },
};

int main(int argc, char **argv)
{
	static char path[300];
	long length;
	int result;

	if (argc > 1 && argv[1][0] == '-' && argv[1][1] == 's')
		return interpret(argc, argv);
	length = sys_readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (length <= 0)
		tap_bail_out("the program does not find itself");
	program = path;
	file_name(&folder, ".scripts");
	if (sys_mkdir(folder.data, 0755) || sys_chdir(folder.data))
		tap_bail_out("a new folder under /tmp was refused");
	result = tap_run(cases, ARRAY_SIZE(cases));
	EXPECT_EQ(sys_chdir("/"), 0);
	EXPECT_EQ(sys_rmdir(folder.data), 0);
	return result;
}
