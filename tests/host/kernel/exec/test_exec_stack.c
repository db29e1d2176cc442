/* SPDX-License-Identifier: MIT */
/*
 * The first stack of a program: each word and string at its place, alignment, the limits to the
 * byte, and every error. The strings of ring 3 lie in an array, of which a part is not mapped.
 *
 * sources: kernel/exec/exec_stack.c
 */
#include <stdlib.h>
#include <string.h>

#include "abi/linux/auxvec.h"
#include "abi/linux/errno.h"
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/devices/time.h"
#include "kernel/exec/elf.h"
#include "kernel/exec/exec.h"
#include "kernel/exec/script.h"
#include "mm/frames/fail_alloc.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/vma.h"
#include "tests/host/machine.h"
#include "tests/host/resched.h"
#include "tests/host/space.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

/* ---- What the source needs of the kernel ---- */

static struct task self = { .pid = 7 };
struct task *current = &self;
struct cpu_info cpu;
volatile u32 jiffies;

/* The memory of ring 3, mapped from RING3 on. */
#define RING3	    0x10000u
#define RING3_BYTES (3u * ARG_STRING_MAX)

static u8 ring3[RING3_BYTES];
static bool is_unmapped;	      /* all of it */
static void (*after_measuring)(void); /* runs once, when a string was measured */

static bool is_mapped(uintptr_t address, u32 bytes)
{
	return !is_unmapped && address >= RING3 && address - RING3 <= RING3_BYTES - bytes &&
	       bytes <= RING3_BYTES;
}

int user_string(char *to, const char *from, u32 size)
{
	for (u32 i = 0; i < size; i++) {
		uintptr_t address = (uintptr_t)from + i;

		if (!is_mapped(address, 1))
			return -EFAULT;
		to[i] = (char)ring3[address - RING3];
		if (!to[i])
			return (int)i;
	}
	return (int)size;
}

int strncpy_near_end(char *to, vaddr_t from, u32 size)
{
	return user_string(to, (const char *)(uintptr_t)from, size);
}

u32 copy_from_user(void *to, vaddr_t from, u32 bytes)
{
	if (after_measuring)
		after_measuring();
	after_measuring = NULL;
	if (!is_mapped(from, bytes))
		return bytes;
	memcpy(to, ring3 + (from - RING3), bytes);
	return 0;
}

int get_user(u32 *value, vaddr_t from)
{
	if (!is_mapped(from, 4))
		return -EFAULT;
	memcpy(value, ring3 + (from - RING3), 4);
	return 0;
}

/* ---- A start and what it left ---- */

static const struct elf_program plain = {
	.entry = 0x08048123,
	.phdr = 0x08048034,
	.phnum = 5,
	.stack = ELF_STACK_PLAIN,
};
static const struct exec_ids ids = {
	.user = { .real = 11, .effective = 12, .saved = 13, .file = 14 },
	.group = { .real = 21, .effective = 22, .saved = 23, .file = 24 },
	.secure = true,
};
static const struct exec_strings none;
static struct mm_struct *mm;
static vaddr_t pointer;

static void start(void)
{
	machine_boot();
	cpu.words[0] = 0x0789abcd & ~(1u << CPU_TSC);
	jiffies = 1000;
	mm = mm_alloc();
}

static void stop(void)
{
	check_space(mm);
	mm_put(mm);
}

static int make(const struct exec_strings *argv, const struct exec_strings *envp)
{
	return exec_stack(mm, "/bin/prog", &plain, &ids, argv, envp, &pointer);
}

/* A stack in a fresh space. */
static int make_anew(const struct exec_strings *argv, const struct exec_strings *envp)
{
	mm_put(mm);
	mm = mm_alloc();
	return make(argv, envp);
}

static u32 word(vaddr_t address)
{
	u32 value = 0;

	EXPECT_EQ(access_process_vm(mm, address, &value, 4, FAULT_READ), 4);
	return value;
}

/* Expects the string at the address, and returns the one after its NUL. */
static vaddr_t expect_string(vaddr_t address, const char *text)
{
	u32 size = (u32)strlen(text) + 1;
	char *found = malloc(size);

	EXPECT_EQ(access_process_vm(mm, address, found, size, FAULT_READ), size);
	EXPECT(!memcmp(found, text, size));
	free(found);
	return address + size;
}

/* Expects pointers to these strings, one behind the other, and NULL. Moves both on. */
static void expect_strings(vaddr_t *table, vaddr_t *string, const char *const *texts)
{
	for (; *texts; texts++, *table += 4) {
		EXPECT_EQ(word(*table), *string);
		*string = expect_string(*string, *texts);
	}
	EXPECT_EQ(word(*table), 0);
	*table += 4;
}

/* The value of an entry of the auxiliary vector; there is one. */
static u32 entry(u32 type)
{
	u32 value = 0, found = 0;

	for (vaddr_t at = mm->auxv_start; at < mm->auxv_end; at += 8) {
		if (word(at) != type)
			continue;
		value = word(at + 4);
		found++;
	}
	EXPECT_EQ(found, 1);
	return value;
}

/* Expects all that lies between the pointer and the end of memory. Returns the strings' start. */
static vaddr_t expect_stack(const char *const *argv, const char *const *envp)
{
	vaddr_t table = pointer, string = mm->arg_start;
	u32 argc = 0;

	while (argv[argc])
		argc++;
	EXPECT_EQ(pointer % 16, 0);
	EXPECT_EQ(mm->start_stack, pointer);
	EXPECT_EQ(word(table), argc);
	table += 4;
	expect_strings(&table, &string, argv);
	EXPECT_EQ(mm->arg_end, string);
	EXPECT_EQ(mm->env_start, string);
	expect_strings(&table, &string, envp);
	EXPECT_EQ(mm->env_end, string);
	EXPECT_EQ(mm->auxv_start, table);
	EXPECT_EQ(entry(AT_EXECFN), string);
	EXPECT_EQ(expect_string(string, "/bin/prog"), TASK_SIZE - 4);
	EXPECT_EQ(word(TASK_SIZE - 4), 0);
	return mm->arg_start;
}

/* ---- The cases ---- */

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

	start();
	EXPECT_EQ(make(&args, &environment), 0);
	expect_stack(argv, envp);
	expect_auxv();
	EXPECT_EQ(mm->map_count, 1);
	EXPECT_EQ(mm->mmap->vm_start, TASK_SIZE - 2 * PAGE_SIZE);
	EXPECT_EQ(mm->mmap->vm_end, TASK_SIZE);
	EXPECT_EQ(mm->total_vm, 2);
	stop();
}

/* Strings of every length: the pointer is aligned, nothing overlaps. */
static void every_length(void)
{
	char text[600];
	const char *const argv[] = { "p", text, NULL }, *const envp[] = { text, "E", text, NULL };
	const struct exec_strings args = { .kernel = argv }, environment = { .kernel = envp };

	start();
	memset(text, 'x', sizeof(text));
	for (u32 length = 0; length < sizeof(text); length += length < 40 ? 1 : 7) {
		text[length] = '\0';
		EXPECT_EQ(make_anew(&args, &environment), 0);
		expect_stack(argv, envp);
		expect_auxv();
		text[length] = 'x';
	}
	stop();
}

/* Puts an array of `count` pointers to the same string, and the 0, at the start of ring 3. */
static struct exec_strings in_ring3(u32 count, vaddr_t string)
{
	for (u32 i = 0; i < count; i++)
		memcpy(ring3 + 4 * i, &string, 4);
	memset(ring3 + 4 * count, 0, 4);
	return (struct exec_strings){ .user = RING3 };
}

/* A string of this length in ring 3, behind the array. */
#define STRING (RING3 + 0x100u)

static char *put_string(u32 length)
{
	char *text = (char *)ring3 + (STRING - RING3);

	for (u32 i = 0; i < length; i++)
		text[i] = (char)('a' + i % 23);
	text[length] = '\0';
	return text;
}

/* Around the buffer's size: all is copied, and the kernel finds the ends again. */
static void strings_of_ring3(void)
{
	static const u32 lengths[] = { 0, 1, 254, 255, 256, 257, 511, 512, 513, 5000 };

	start();
	for (u32 i = 0; i < ARRAY_SIZE(lengths); i++) {
		const char *text = put_string(lengths[i]), *const texts[] = { text, text, NULL };
		const struct exec_strings strings = in_ring3(2, STRING);

		EXPECT_EQ(make_anew(&strings, &strings), 0);
		expect_stack(texts, texts);
	}
	stop();
}

/* As on Linux, a program without arguments gets an empty one. */
static void no_arguments(void)
{
	static const char *const empty[] = { "", NULL }, *const nothing[] = { NULL };
	const struct exec_strings kernels = { .kernel = nothing }, rings = in_ring3(0, 0);

	start();
	EXPECT_EQ(make(&none, &none), 0);
	expect_stack(empty, nothing);
	EXPECT_EQ(make_anew(&kernels, &kernels), 0);
	expect_stack(empty, nothing);
	EXPECT_EQ(make_anew(&rings, &rings), 0);
	expect_stack(empty, nothing);
	stop();
}

/* A script's strings take the place of the first argument, which must be there. */
static void of_a_script(void)
{
	static const char *const argv[] = { "x", "a", "b", NULL }, *const nothing[] = { NULL };
	static const char *const wanted[] = { "/bin/sh", "-e", "/tmp/x", "a", "b", NULL };
	static const char *const alone[] = { "/bin/sh", "-e", "/tmp/x", NULL };
	struct exec_script script = { .count = 3, .before = { "/tmp/x", "-e", "/bin/sh" } };
	struct exec_strings strings = { .kernel = argv, .script = &script };

	start();
	EXPECT_EQ(make(&strings, &none), 0);
	expect_stack(wanted, nothing);
	strings.kernel = nothing;
	EXPECT_EQ(make_anew(&strings, &none), 0);
	expect_stack(alone, nothing);
	stop();
}

static void rights(void)
{
	struct elf_program program = plain;
	static const enum elf_stack executable[] = { ELF_STACK_UNTOLD, ELF_STACK_EXEC };

	start();
	EXPECT_EQ(make(&none, &none), 0);
	EXPECT_EQ(mm->mmap->vm_flags & VM_ACCESS_MASK, VM_READ | VM_WRITE);
	EXPECT(mm->mmap->vm_flags & VM_GROWSDOWN);
	for (u32 i = 0; i < ARRAY_SIZE(executable); i++) {
		mm_put(mm);
		mm = mm_alloc();
		program.stack = executable[i];
		EXPECT_EQ(exec_stack(mm, "/p", &program, &ids, &none, &none, &pointer), 0);
		EXPECT_EQ(mm->mmap->vm_flags & VM_ACCESS_MASK, VM_READ | VM_WRITE | VM_EXEC);
	}
	stop();
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

	start();
	read_random(first);
	for (u32 i = 0; i < 3; i++)
		EXPECT(((u32 *)first)[i] != ((u32 *)first)[i + 1]);
	self.pid++;
	read_random(other);
	EXPECT(first[0] != other[0] && first[1] != other[1]);
	self.pid--;
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
	stop();
}

/* ---- Limits ---- */

/* A limit of the stack of which a quarter is less than ARG_MAX_LEAST. */
#define SMALL (3u * ARG_MAX_LEAST)

static const char **empty_strings(u32 count)
{
	const char **strings = calloc(count + 1, sizeof(*strings));

	for (u32 i = 0; i < count; i++)
		strings[i] = "";
	return strings;
}

static int make_empty(u32 argc, u32 envc)
{
	const char **argv = empty_strings(argc), **envp = empty_strings(envc);
	const struct exec_strings args = { .kernel = argv }, environment = { .kernel = envp };
	int err = make_anew(&args, &environment);

	free(argv);
	free(envp);
	return err;
}

/* Pointers: each takes its four bytes of the room, and the end of each array needs some left. */
static void limit_of_pointers(void)
{
	start();
	host_rlim[RLIMIT_STACK].cur = SMALL;
	EXPECT_EQ(make_empty(ARG_MAX_LEAST / 4 - 1, 0), 0);
	EXPECT_EQ(make_empty(ARG_MAX_LEAST / 4, 0), -E2BIG);
	EXPECT_EQ(make_empty(1, ARG_MAX_LEAST / 4 - 2), 0);
	EXPECT_EQ(make_empty(1, ARG_MAX_LEAST / 4 - 1), -E2BIG);
	host_rlim[RLIMIT_STACK].cur = 4 * (ARG_MAX_LEAST + 4);
	EXPECT_EQ(make_empty(ARG_MAX_LEAST / 4, 0), 0);
	EXPECT_EQ(make_empty(ARG_MAX_LEAST / 4 + 1, 0), -E2BIG);
	host_rlim[RLIMIT_STACK].cur = RLIM_INFINITY;
	EXPECT_EQ(make_empty(ARG_MAX_MOST / 4, 0), -E2BIG);
	stop();
}

/* argv is one string, envp none: what the length of that may be. */
static int make_string(u32 length)
{
	struct exec_strings strings = in_ring3(1, STRING);

	put_string(length);
	return make_anew(&strings, &none);
}

static void limit_of_strings(void)
{
	start();
	host_rlim[RLIMIT_STACK].cur = SMALL;
	EXPECT_EQ(make_string(ARG_MAX_LEAST - 4 - 1), 0);
	EXPECT_EQ(make_string(ARG_MAX_LEAST - 4), -E2BIG);
	host_rlim[RLIMIT_STACK].cur = MiB(8);
	EXPECT_EQ(make_string(ARG_STRING_MAX - 1), 0);
	EXPECT_EQ(make_string(ARG_STRING_MAX), -E2BIG);
	stop();
}

/* The room is one for all: what the first took is missing for the second. */
static void room_is_shared(void)
{
	struct exec_strings strings = in_ring3(2, STRING);

	start();
	host_rlim[RLIMIT_STACK].cur = SMALL;
	put_string(ARG_MAX_LEAST / 2 - 4 - 1);
	EXPECT_EQ(make_anew(&strings, &none), 0);
	put_string(ARG_MAX_LEAST / 2 - 4);
	EXPECT_EQ(make_anew(&strings, &none), -E2BIG);
	stop();
}

static u32 turns;

static void other_task(void)
{
	turns++;
}

/* Wherever there may be many strings, others may run: to count, to copy and to point at them. */
static void others_run(void)
{
	start();
	host_others = other_task;
	EXPECT_EQ(make_empty(100, 0), 0);
	host_others = NULL;
	EXPECT(turns >= 300);
	stop();
}

/* ---- Errors ---- */

static void bad_addresses(void)
{
	const struct exec_strings good = in_ring3(1, STRING), bad = { .user = 0x1000 };
	struct exec_strings ends = { .user = RING3 + RING3_BYTES - 4 };
	vaddr_t string = STRING;

	start();
	put_string(3);
	EXPECT_EQ(make(&bad, &none), -EFAULT);
	EXPECT_EQ(mm->map_count, 0);
	EXPECT_EQ(make(&good, &bad), -EFAULT);
	memcpy(ring3 + RING3_BYTES - 4, &string, 4);
	EXPECT_EQ(make(&ends, &none), -EFAULT);
	memcpy(ring3, &(u32){ 0x2000 }, 4);
	EXPECT_EQ(make(&good, &none), -EFAULT);
	in_ring3(1, RING3 + RING3_BYTES - 2); /* without a NUL up to the end of memory */
	memset(ring3 + RING3_BYTES - 2, 'x', 2);
	EXPECT_EQ(make_anew(&good, &none), -EFAULT);
	EXPECT_EQ(make_anew(&none, &good), -EFAULT);
	stop();
}

static void lengthen(void)
{
	put_string(1000);
}

static void shorten(void)
{
	put_string(0);
}

static void unmap(void)
{
	is_unmapped = true;
}

/* Another thread makes the string longer, or shorter, between the two looks at it. */
static void changed_meanwhile(void)
{
	const struct exec_strings strings = in_ring3(1, STRING);
	char wanted[400];

	start();
	memcpy(wanted, put_string(300), 301);
	after_measuring = lengthen;
	EXPECT_EQ(make(&strings, &none), 0);
	EXPECT_EQ(word(pointer + 4), mm->arg_start);
	EXPECT_EQ(expect_string(mm->arg_start, wanted), mm->arg_end);
	put_string(300);
	after_measuring = shorten;
	EXPECT_EQ(make_anew(&strings, &none), 0);
	expect_string(mm->arg_start, "");
	put_string(300);
	after_measuring = unmap;
	EXPECT_EQ(make_anew(&strings, &none), -EFAULT);
	stop();
}

/* Each allocation fails once: -ENOMEM, and the space can be freed. */
static void no_memory(void)
{
	const char *text = put_string(9000), *const texts[] = { text, text, NULL };
	const struct exec_strings strings = in_ring3(2, STRING);
	u32 failed = 0;
	int err;

	start();
	for (u32 nth = 1; nth < 100; nth++) {
		const struct fail_spec spec = { FAIL_ANY, FAIL_ONCE, nth };

		mm_put(mm);
		mm = mm_alloc();
		fail_alloc_set(&spec);
		err = make(&strings, &strings);
		fail_alloc_set(NULL);
		if (!err)
			break;
		EXPECT_EQ(err, -ENOMEM);
		failed++;
	}
	EXPECT(failed >= 10);
	EXPECT_EQ(err, 0);
	expect_stack(texts, texts);
	stop();
}

TAP_MAIN({ "layout", layout }, { "every length", every_length },
	 { "strings of ring 3", strings_of_ring3 }, { "no arguments", no_arguments },
	 { "of a script", of_a_script }, { "rights", rights }, { "random bytes", random_bytes },
	 { "the limit of pointers", limit_of_pointers },
	 { "the limit of strings", limit_of_strings }, { "one room", room_is_shared },
	 { "others run", others_run }, { "bad addresses", bad_addresses },
	 { "changed meanwhile", changed_meanwhile }, { "no memory", no_memory })
