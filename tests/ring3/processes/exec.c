/* SPDX-License-Identifier: MIT */
/*
 * execve: a new image in an old process.
 *
 *	kept		process number, parent, open files and their offsets
 *	replaced	text, data, bss, heap, mappings, stack; arguments and environment are new
 *	on error	nothing: the old image goes on as if the call had not been made
 *
 * The program starts itself, argv[0], with "image" as the first argument and the name of a check
 * as the second; the result of the check is the exit status.
 */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

#define READ_WRITE   (PROT_READ | PROT_WRITE)
#define LONG_LENGTH  6000u
#define MANY	     200u
#define CHAIN_LENGTH 12u

static char *program_path;
static u8 data_page[PAGE_SIZE] __aligned(4096) = { 17, 18, 19 };
static u8 bss_page[PAGE_SIZE] __aligned(4096);
static char long_string[LONG_LENGTH + 1];

static const char *const empty[] = { NULL };

static void fill_long_string(void)
{
	for (u32 i = 0; i < LONG_LENGTH; i++)
		long_string[i] = (char)('a' + i % 23);
	long_string[LONG_LENGTH] = '\0';
}

/* ---- the checks in the new image; argv[3] and later belong to them ---- */

static void image_strings(int argc, char **argv, char **envp)
{
	EXPECT_EQ(argc, 6);
	EXPECT_EQ(strcmp(argv[3], ""), 0);
	EXPECT_EQ(strcmp(argv[4], "two words"), 0);
	EXPECT_EQ(strcmp(argv[5], long_string), 0);
	EXPECT_EQ(argv[6], 0);
	EXPECT_EQ(strcmp(envp[0], "FIRST=1"), 0);
	EXPECT_EQ(strcmp(envp[1], "EMPTY="), 0);
	EXPECT_EQ(strcmp(envp[2], "no equals sign"), 0);
	EXPECT_EQ(envp[3], 0);
}

static void image_nothing(int argc, char **argv, char **envp)
{
	EXPECT_EQ(argc, 3);
	EXPECT_EQ(argv[3], 0);
	EXPECT_EQ(envp[0], 0);
}

static void image_many(int argc, char **argv, char **envp)
{
	EXPECT_EQ(argc, 3 + MANY);
	for (u32 i = 0; i < MANY; i++)
		EXPECT_EQ(string_to_number(argv[3 + i]), i * 1000003u);
	for (u32 i = 0; i < 4; i++)
		EXPECT(envp[i] && strcmp(envp[i], long_string) == 0);
	EXPECT_EQ(envp[4], 0);
	EXPECT_EQ(start_stack % 16, 0);
}

static void image_memory(int argc, char **argv, char **envp)
{
	u32 heap = ALIGN_UP(sys_brk(0), PAGE_SIZE);
	u8 resident;

	(void)argc;
	(void)argv;
	(void)envp;
	EXPECT(data_page[0] == 17 && data_page[1] == 18 && data_page[2] == 19);
	EXPECT(memory_is_zero(data_page + 3, PAGE_SIZE - 3));
	EXPECT(memory_is_zero(bss_page, PAGE_SIZE));
	EXPECT_EQ(sys_mincore(FIXED_PLACE, PAGE_SIZE, &resident), -ENOMEM);
	EXPECT_EQ(memory_count_present((void *)FIXED_PLACE, 16), 0);
	EXPECT_CHILD(memory_read_child, (void *)FIXED_PLACE, KILLED(SIGSEGV));
	EXPECT_CHILD(memory_read_child, (void *)heap, KILLED(SIGSEGV));
	EXPECT_EQ(sys_brk(heap + 4 * PAGE_SIZE), heap + 4 * PAGE_SIZE);
	EXPECT(memory_is_zero((void *)heap, 4 * PAGE_SIZE));
}

static void image_file(int argc, char **argv, char **envp)
{
	int fd = (int)string_to_number(argv[3]);
	u8 bytes[3];

	(void)argc;
	(void)envp;
	EXPECT_EQ(sys_read(fd, bytes, 3), 3);
	EXPECT_EQ(memcmp(bytes, "ELF", 3), 0);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_close(fd), -EBADF);
}

static void image_identity(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)envp;
	EXPECT_EQ(sys_getpid(), string_to_number(argv[3]));
	EXPECT_EQ(sys_getppid(), string_to_number(argv[4]));
}

/*
 * Another image, and another, until the count is down; the last one exits with a status of its
 * own.
 */
static void image_chain(int argc, char **argv, char **envp)
{
	u32 left = string_to_number(argv[3]);
	struct text number;
	const char *const next[] = { argv[0], "image", "chain", number.data, NULL };

	(void)argc;
	EXPECT_EQ(bss_page[0], 0);
	if (left == 0)
		sys_exit_group(123);
	bss_page[0] = 1;
	text_clear(&number);
	text_add_decimal(&number, (long)left - 1);
	EXPECT_EQ(sys_execve(argv[0], next, (const char *const *)envp), 0);
}

static const struct {
	const char *name;
	void (*check)(int argc, char **argv, char **envp);
} images[] = {
	{ "strings", image_strings }, { "nothing", image_nothing }, { "many", image_many },
	{ "memory", image_memory },   { "file", image_file },	    { "identity", image_identity },
	{ "chain", image_chain },
};

static int run_image(int argc, char **argv, char **envp)
{
	for (u32 i = 0; i < ARRAY_SIZE(images); i++) {
		if (argc > 2 && strcmp(argv[2], images[i].name) == 0) {
			images[i].check(argc, argv, envp);
			return tap_failures() ? 1 : 0;
		}
	}
	return 2;
}

/* ---- the cases; what calls execve is the body of a child ---- */

/* Returns only if execve does, which is a failure. */
static void become(const char *const *argv, const char *const *envp)
{
	EXPECT_EQ(sys_execve(program_path, argv, envp), 0);
}

static void exec_strings(void *argument)
{
	const char *const argv[] = { program_path, "image",	"strings", "",
				     "two words",  long_string, NULL };
	const char *const envp[] = { "FIRST=1", "EMPTY=", "no equals sign", NULL };

	(void)argument;
	become(argv, envp);
}

static void arguments_and_environment(void)
{
	EXPECT_CHILD(exec_strings, NULL, EXITED(0));
}

static void exec_nothing(void *argument)
{
	const char *const argv[] = { program_path, "image", "nothing", NULL };

	become(argv, argument);
}

static void empty_environment(void)
{
	EXPECT_CHILD(exec_nothing, (void *)empty, EXITED(0));
	EXPECT_CHILD(exec_nothing, NULL, EXITED(0));
}

static void exec_many(void *argument)
{
	static struct text numbers[MANY];
	const char *argv[3 + MANY + 1] = { program_path, "image", "many" };
	const char *const envp[] = { long_string, long_string, long_string, long_string, NULL };

	(void)argument;
	for (u32 i = 0; i < MANY; i++) {
		text_clear(&numbers[i]);
		text_add_decimal(&numbers[i], (long)(i * 1000003u));
		argv[3 + i] = numbers[i].data;
	}
	become(argv, envp);
}

static void many_arguments(void)
{
	EXPECT_CHILD(exec_many, NULL, EXITED(0));
}

static void exec_memory(void *argument)
{
	const char *const argv[] = { program_path, "image", "memory", NULL };
	u32 heap = ALIGN_UP(sys_brk(0), PAGE_SIZE);

	(void)argument;
	memory_fill(data_page, 1, 1);
	memory_fill(bss_page, 1, 2);
	memory_fill(memory_map_at(FIXED_PLACE, 16, READ_WRITE), 16, 3);
	EXPECT_EQ(sys_brk(heap + 16 * PAGE_SIZE), heap + 16 * PAGE_SIZE);
	memory_fill((void *)heap, 16, 4);
	become(argv, empty);
}

static void old_memory_is_gone(void)
{
	memory_fill(bss_page, 1, 5);
	EXPECT_CHILD(exec_memory, NULL, EXITED(0));
	EXPECT(memory_check(bss_page, 1, 5));
	EXPECT_EQ(data_page[0], 17);
}

/* The strings lie in a mapping, which goes away with the old image. */
static void exec_from_mapping(void *argument)
{
	char *text = (char *)memory_map_at(FIXED_PLACE, 16, READ_WRITE) + 5 * PAGE_SIZE - 20;
	const char **argv = (const char **)(FIXED_PLACE + 9 * PAGE_SIZE - 8);

	(void)argument;
	memcpy(text, "image\0memory\0crosses the end of a page\0", 39);
	argv[0] = program_path;
	argv[1] = text;
	argv[2] = text + 6;
	argv[3] = text + 13;
	become(argv, empty);
}

static void strings_in_vanishing_memory(void)
{
	EXPECT_CHILD(exec_from_mapping, NULL, EXITED(0));
}

static void exec_file(void *argument)
{
	struct text number;
	const char *const argv[] = { program_path, "image", "file", number.data, NULL };
	long fd = sys_open(program_path, O_RDONLY);
	u8 byte;

	(void)argument;
	EXPECT_EQ(sys_read((int)fd, &byte, 1), 1);
	text_clear(&number);
	text_add_decimal(&number, fd);
	become(argv, empty);
}

static void open_files_stay(void)
{
	EXPECT_CHILD(exec_file, NULL, EXITED(0));
}

static void exec_identity(void *argument)
{
	struct text self, parent;
	const char *const argv[] = {
		program_path, "image", "identity", self.data, parent.data, NULL
	};

	(void)argument;
	text_clear(&self);
	text_clear(&parent);
	text_add_decimal(&self, sys_getpid());
	text_add_decimal(&parent, sys_getppid());
	become(argv, empty);
}

static void the_process_stays(void)
{
	EXPECT_CHILD(exec_identity, NULL, EXITED(0));
}

static void exec_chain(void *argument)
{
	struct text number;
	const char *const argv[] = { program_path, "image", "chain", number.data, NULL };

	text_clear(&number);
	text_add_decimal(&number, (long)argument);
	become(argv, empty);
}

static void a_chain_of_images(void)
{
	EXPECT_CHILD(exec_chain, (void *)CHAIN_LENGTH, EXITED(123));
}

static void many_programs(void)
{
	for (u32 i = 0; i < 30; i++)
		EXPECT_CHILD(exec_chain, NULL, EXITED(123));
}

/* ---- errors: in this very process, which must be as it was afterwards ---- */

/*
 * If the call succeeds by mistake, the new image does not know the check and fails by its exit
 * status.
 */
static const char *const refused_arguments[] = { "x", "image", "must not start", NULL };

static void expect_intact(void)
{
	EXPECT(memory_check((void *)FIXED_PLACE, 2, 6));
	EXPECT(memory_check(bss_page, 1, 7));
}

static void prepare_intact(void)
{
	memory_fill(memory_map_at(FIXED_PLACE, 2, READ_WRITE), 2, 6);
	memory_fill(bss_page, 1, 7);
}

static void files_that_cannot_run(void)
{
	char path[5000];

	prepare_intact();
	EXPECT_EQ(sys_execve("/tests/there is no such program", refused_arguments, empty), -ENOENT);
	EXPECT_EQ(sys_execve("", refused_arguments, empty), -ENOENT);
	memset(path, 'a', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	EXPECT_EQ(sys_execve(path, refused_arguments, empty), -ENAMETOOLONG);
	/* EACCES or ENOEXEC: there are no permissions everywhere. */
	EXPECT(sys_execve("/proc/self/statm", refused_arguments, empty) < 0);
	expect_intact();
	memory_unmap((void *)FIXED_PLACE, 2);
}

static void bad_pointers(void)
{
	const char *argv[] = { program_path, "image", "must not start", (char *)4, NULL };
	const char *const *off_the_end = (const char *const *)(FIXED_PLACE + 2 * PAGE_SIZE - 8);

	prepare_intact();
	EXPECT_EQ(sys_execve(NULL, refused_arguments, empty), -EFAULT);
	EXPECT_EQ(sys_execve((char *)0xC0100000u, refused_arguments, empty), -EFAULT);
	EXPECT_EQ(sys_execve(program_path, (const char *const *)4, empty), -EFAULT);
	EXPECT_EQ(sys_execve(program_path, (const char *const *)0xFFFFFFF0u, empty), -EFAULT);
	EXPECT_EQ(sys_execve(program_path, argv, empty), -EFAULT);
	argv[3] = (char *)0xC0100000u;
	EXPECT_EQ(sys_execve(program_path, argv, empty), -EFAULT);
	EXPECT_EQ(sys_execve(program_path, refused_arguments, argv), -EFAULT);
	EXPECT_EQ(sys_execve(program_path, refused_arguments, (const char *const *)4), -EFAULT);
	expect_intact();
	/* The null pointer at the vector's end lies beyond the mapping. */
	((const char **)off_the_end)[0] = program_path;
	((const char **)off_the_end)[1] = "image";
	EXPECT_EQ(sys_execve(program_path, off_the_end, empty), -EFAULT);
	EXPECT(memory_check_part((void *)FIXED_PLACE, 0, 1, 6));
	memory_unmap((void *)FIXED_PLACE, 2);
}

static void too_long_an_argument(void)
{
	char *text = (char *)memory_map(50, READ_WRITE);
	const char *const argv[] = { program_path, "image", "must not start", text, NULL };

	prepare_intact();
	memset(text, 'x', 50 * PAGE_SIZE - 1);
	EXPECT_EQ(sys_execve(program_path, argv, empty), -E2BIG);
	expect_intact();
	memory_unmap(text, 50);
	memory_unmap((void *)FIXED_PLACE, 2);
}

static void without_arguments(void *argument)
{
	(void)argument;
	EXPECT_EQ(sys_execve(program_path, empty, empty), 0);
}

/* Argument 0 is there even then (CVE-2021-4034). */
static void no_arguments(void)
{
	EXPECT_CHILD(without_arguments, NULL, EXITED(17));
}

static const struct tap_case cases[] = {
	{ "arguments and environment arrive", arguments_and_environment },
	{ "an empty environment", empty_environment },
	{ "no arguments", no_arguments },
	{ "many arguments, several pages of strings", many_arguments },
	{ "the old memory is gone", old_memory_is_gone },
	{ "strings in memory that vanishes", strings_in_vanishing_memory },
	{ "open files and their offsets stay", open_files_stay },
	{ "process number and parent stay", the_process_stays },
	{ "a chain of images", a_chain_of_images },
	{ "30 programs in a row", many_programs },
	{ "files that cannot run", files_that_cannot_run },
	{ "bad pointers are EFAULT", bad_pointers },
	{ "too long an argument is E2BIG", too_long_an_argument },
};

int main(int argc, char **argv, char **envp)
{
	if (!argc || !argv[0][0])
		return 16 + argc;
	program_path = argv[0];
	fill_long_string();
	if (argc > 1 && strcmp(argv[1], "image") == 0)
		return run_image(argc, argv, envp);
	return tap_run(cases, ARRAY_SIZE(cases));
}
