/* SPDX-License-Identifier: MIT */
/*
 * Broken programs: 100 files, or as many as the first argument says, each the same small ELF
 * program with some words of its headers changed, cut short, or written while execve reads it.
 * What each does is not compared: kernels differ in which errors they see before they have given
 * up the old program. But no such file harms the kernel, its processes can be waited for, and the
 * good program still runs after them.
 *
 *	| ELF header | 3 program headers | 0xcc ... code 0xcc ... | data |
 *
 * All of the text but the code traps, so that a wrong entry point does no harm.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/mapping.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/task_calls.h"

#define FILES	     100u
#define HEADER_WORDS 37u /* of the ELF header and three program headers, 4 bytes each */
#define TEXT_BYTES   4096u
#define IMAGE_BYTES  (TEXT_BYTES + 1024)
#define CODE	     0x200u
#define TEXT_PLACE   0x08048000u
#define DATA_PLACE   0x0804a000u
#define GOOD_STATUS  7

static u32 image[IMAGE_BYTES / 4], good[IMAGE_BYTES / 4];
static u32 state, files = FILES;
static struct text path;

static u32 below(u32 n)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % n;
}

static void segment(u32 number, u32 type, u32 offset, u32 place, u32 file_size, u32 memory_size,
		    u32 flags)
{
	const u32 words[8] = { type, offset, place, place, file_size, memory_size, flags, 4096 };

	memcpy(&good[13 + 8 * number], words, sizeof(words));
}

/* The good program: exit(GOOD_STATUS). Source: System V ABI, chapters 4 and 5. */
static void make_good(void)
{
	static const u32 header[13] = {
		0x464c457f, 0x00010101, 0, 0,	       0x00030002, 1, TEXT_PLACE + CODE,
		52,	    0,		0, 0x00200034, 3,	   0
	};
	static const u8 code[] = { 0xb8, 1, 0, 0, 0, 0xbb, GOOD_STATUS, 0, 0, 0, 0xcd, 0x80 };

	memset(good, 0xcc, TEXT_BYTES);
	memcpy(good, header, sizeof(header));
	segment(0, 1, 0, TEXT_PLACE, TEXT_BYTES, TEXT_BYTES, 5);
	segment(1, 1, TEXT_BYTES, DATA_PLACE, 1024, 12288, 6);
	segment(2, 0x6474e551, 0, 0, 0, 0, 6);
	memcpy((u8 *)good + CODE, code, sizeof(code));
}

static u32 bad_word(u32 old)
{
	static const u32 words[] = { 0,		 1,	     2,		 3,	     31,
				     0xffff,	 0x7fffffff, 0x80000000, 0xffffffff, 0xfffff000,
				     0xfffffffc, 0xc0000000, 0xbffff000, 0xbfffffff, 0x10000,
				     0x0fff,	 4096,	     4097 };

	switch (below(4)) {
	case 0:
		return old ^ 1u << below(32);
	case 1:
		return old + below(8192) - 4096;
	case 2:
		return below(1u << 16) << 16 | below(1u << 16);
	default:
		return words[below(ARRAY_SIZE(words))];
	}
}

/* Breaks the image in one to three places. Returns its length, which may be short. */
static u32 break_image(void)
{
	memcpy(image, good, sizeof(image));
	for (u32 changes = 1 + below(3); changes; changes--) {
		u32 word = below(HEADER_WORDS);

		image[word] = bad_word(image[word]);
	}
	return below(8) ? IMAGE_BYTES : below(IMAGE_BYTES);
}

static void write_file(u32 bytes)
{
	long fd = sys_open_mode(path.data, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	if (fd < 0)
		return; /* a program runs it */
	sys_write((int)fd, image, bytes);
	sys_close((int)fd);
}

/* No core files, and little memory: some of the files ask for all there is. */
static void run_file(void *argument)
{
	const char *const argv[] = { path.data, NULL }, *const envp[] = { NULL };
	struct rlimit space = { MiB(16), MiB(16) }, core = { 0, 0 };

	(void)argument;
	sys_setrlimit(RLIMIT_AS, &space);
	sys_setrlimit(RLIMIT_CORE, &core);
	sys_execve(path.data, argv, envp);
	sys_exit_group(3);
}

static void good_runs(void)
{
	memcpy(image, good, sizeof(image));
	write_file(IMAGE_BYTES);
	EXPECT_EQ(process_run(run_file, NULL), EXITED(GOOD_STATUS));
}

static void broken_files(void)
{
	state = 1;
	for (u32 i = 0; i < files; i++) {
		write_file(break_image());
		EXPECT(process_run(run_file, NULL) >= 0);
	}
	good_runs();
}

static void write_often(void *argument)
{
	state = *(u32 *)argument;
	for (u32 i = 0; i < 20; i++) {
		write_file(break_image());
		sys_sched_yield();
	}
}

/* One process writes the file again and again while others try to run it. */
static void while_written(void)
{
	for (u32 round = 1; round <= files / 25; round++) {
		int writer = process_start(write_often, &round);

		for (u32 i = 0; i < 4; i++)
			EXPECT(process_run(run_file, NULL) >= 0);
		EXPECT_EQ(process_wait(writer), EXITED(0));
	}
	good_runs();
	sys_unlink(path.data);
}

static const struct tap_case cases[] = {
	{ "the good program runs", good_runs },
	{ "broken programs", broken_files },
	{ "programs that are being written", while_written },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	if (argc > 1)
		files = string_to_number(argv[1]);
	file_name(&path, ".elf");
	make_good();
	return tap_run(cases, ARRAY_SIZE(cases));
}
