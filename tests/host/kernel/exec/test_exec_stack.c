/* SPDX-License-Identifier: MIT */
/*
 * The first stack of a program: each word and string at its place, alignment, rights, and random
 * bytes.
 *
 * sources: kernel/exec/exec_stack.c tests/host/kernel/exec/exec_stack_rig.c
 */
#include <string.h>

#include "abi/linux/auxvec.h"
#include "kernel/devices/time.h"
#include "kernel/exec/script.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/vma.h"
#include "tests/host/kernel/exec/exec_stack_rig.h"
#include "tests/host/tap.h"

static void expect_auxv(void)
{
	static const u32 wanted[][2] = {
		{ AT_HWCAP, 0x0789abcd & ~(1u << CPU_TSC) },
		{ AT_PAGESZ, 4096 },
		{ AT_CLKTCK, 100 },
		{ AT_PHDR, 0x08048034 },
		{ AT_PHENT, 32 },
		{ AT_PHNUM, 5 },
		{ AT_BASE, 0 },
		{ AT_FLAGS, 0 },
		{ AT_ENTRY, 0x08048123 },
		{ AT_UID, 11 },
		{ AT_EUID, 12 },
		{ AT_GID, 21 },
		{ AT_EGID, 22 },
		{ AT_SECURE, 1 },
	};
	u32 random = entry(AT_RANDOM), rest = ARRAY_SIZE(wanted) + 4;

	for (u32 i = 0; i < ARRAY_SIZE(wanted); i++)
		EXPECT_EQ(entry(wanted[i][0]), wanted[i][1]);
	/* With execfn, platform, random and the end. */
	EXPECT_EQ(mm->auxv_end - mm->auxv_start, 8 * rest);
	EXPECT_EQ(word(mm->auxv_end - 8), AT_NULL);
	EXPECT_EQ(word(mm->auxv_end - 4), 0);
	EXPECT_EQ(expect_string(entry(AT_PLATFORM), "i686"), mm->arg_start);
	EXPECT_EQ(random, ALIGN_DOWN(entry(AT_PLATFORM), 16) - 16);
	EXPECT(random >= mm->auxv_end && random - mm->auxv_end < 16);
}

static void layout(void)
{
	static const char *const argv[] = { "prog", "", "a b", NULL };
	static const char *const envp[] = { "X=1", "HOME=/", NULL };
	const struct exec_strings args = { .kernel = argv }, environment = { .kernel = envp };

	stack_start();
	EXPECT_EQ(make_stack(&args, &environment), 0);
	expect_stack(argv, envp);
	expect_auxv();
	EXPECT_EQ(mm->map_count, 1);
	EXPECT_EQ(mm->mmap->vm_start, TASK_SIZE - 2 * PAGE_SIZE);
	EXPECT_EQ(mm->mmap->vm_end, TASK_SIZE);
	EXPECT_EQ(mm->total_vm, 2);
	stack_stop();
}

/* Strings of every length: the pointer is aligned, nothing overlaps. */
static void every_length(void)
{
	char text[600];
	const char *const argv[] = { "p", text, NULL }, *const envp[] = { text, "E", text, NULL };
	const struct exec_strings args = { .kernel = argv }, environment = { .kernel = envp };

	stack_start();
	memset(text, 'x', sizeof(text));
	for (u32 length = 0; length < sizeof(text); length += length < 40 ? 1 : 7) {
		text[length] = '\0';
		EXPECT_EQ(make_anew(&args, &environment), 0);
		expect_stack(argv, envp);
		expect_auxv();
		text[length] = 'x';
	}
	stack_stop();
}

/* Around the buffer's size: all is copied, and the kernel finds the ends again. */
static void strings_of_ring3(void)
{
	static const u32 lengths[] = { 0, 1, 254, 255, 256, 257, 511, 512, 513, 5000 };

	stack_start();
	for (u32 i = 0; i < ARRAY_SIZE(lengths); i++) {
		const char *text = put_string(lengths[i]), *const texts[] = { text, text, NULL };
		const struct exec_strings strings = in_ring3(2, STRING);

		EXPECT_EQ(make_anew(&strings, &strings), 0);
		expect_stack(texts, texts);
	}
	stack_stop();
}

/* As on Linux, a program without arguments gets an empty one. */
static void no_arguments(void)
{
	static const char *const empty[] = { "", NULL }, *const nothing[] = { NULL };
	const struct exec_strings kernels = { .kernel = nothing }, rings = in_ring3(0, 0);

	stack_start();
	EXPECT_EQ(make_stack(&none, &none), 0);
	expect_stack(empty, nothing);
	EXPECT_EQ(make_anew(&kernels, &kernels), 0);
	expect_stack(empty, nothing);
	EXPECT_EQ(make_anew(&rings, &rings), 0);
	expect_stack(empty, nothing);
	stack_stop();
}

/* A script's strings take the place of the first argument, which must be there. */
static void of_a_script(void)
{
	static const char *const argv[] = { "x", "a", "b", NULL }, *const nothing[] = { NULL };
	static const char *const wanted[] = { "/bin/sh", "-e", "/tmp/x", "a", "b", NULL };
	static const char *const alone[] = { "/bin/sh", "-e", "/tmp/x", NULL };
	struct exec_script script = { .count = 3, .before = { "/tmp/x", "-e", "/bin/sh" } };
	struct exec_strings strings = { .kernel = argv, .script = &script };

	stack_start();
	EXPECT_EQ(make_stack(&strings, &none), 0);
	expect_stack(wanted, nothing);
	strings.kernel = nothing;
	EXPECT_EQ(make_anew(&strings, &none), 0);
	expect_stack(alone, nothing);
	stack_stop();
}

static void rights(void)
{
	struct elf_program program = plain;
	static const enum elf_stack executable[] = { ELF_STACK_UNTOLD, ELF_STACK_EXEC };

	stack_start();
	EXPECT_EQ(make_stack(&none, &none), 0);
	EXPECT_EQ(mm->mmap->vm_flags & VM_ACCESS_MASK, VM_READ | VM_WRITE);
	EXPECT(mm->mmap->vm_flags & VM_GROWSDOWN);
	for (u32 i = 0; i < ARRAY_SIZE(executable); i++) {
		mm_put(mm);
		mm = mm_alloc();
		program.stack = executable[i];
		EXPECT_EQ(exec_stack(mm, "/p", &program, &ids, &none, &none, &pointer), 0);
		EXPECT_EQ(mm->mmap->vm_flags & VM_ACCESS_MASK, VM_READ | VM_WRITE | VM_EXEC);
	}
	stack_stop();
}

/* The 16 bytes of a start, as two numbers. */
static void read_random(u64 bytes[2])
{
	EXPECT_EQ(make_anew(&none, &none), 0);
	EXPECT_EQ(access_process_vm(mm, entry(AT_RANDOM), bytes, 16, FAULT_READ), 16);
}

/* Different for another process, at another time, and in their parts. */
static void random_bytes(void)
{
	u64 first[2], other[2];

	stack_start();
	read_random(first);
	for (u32 i = 0; i < 3; i++)
		EXPECT(((u32 *)first)[i] != ((u32 *)first)[i + 1]);
	current->pid++;
	read_random(other);
	EXPECT(first[0] != other[0] && first[1] != other[1]);
	current->pid--;
	jiffies++;
	jiffies++;
	read_random(other);
	EXPECT(first[0] != other[0] && first[1] != other[1]);
	jiffies -= 2;
	read_random(other);
	EXPECT(first[0] == other[0] &&
	       first[1] == other[1]); /* without a counter no other source */
	cpu.words[0] |= 1u << CPU_TSC;
	read_random(first);
	EXPECT(first[0] != other[0]);
	stack_stop();
}

TAP_MAIN({ "layout", layout }, { "every length", every_length },
	 { "strings of ring 3", strings_of_ring3 }, { "no arguments", no_arguments },
	 { "of a script", of_a_script }, { "rights", rights }, { "random bytes", random_bytes })
