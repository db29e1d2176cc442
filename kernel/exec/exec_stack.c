/* SPDX-License-Identifier: MIT */
/*
 * The first stack of a program (System V ABI i386, "Process Initialization"), from the top down:
 * the strings first, then the pointers to them.
 *
 * The new address space is not active yet: access_process_vm() writes to it. The strings are read
 * from the active one, through a small buffer.
 */
#include "kernel/exec/elf.h"
#include "kernel/exec/exec.h"
#include "kernel/exec/script.h"
#include "abi/linux/auxvec.h"
#include "kernel/cpu/cpu.h"
#include "kernel/devices/time.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"
#include "lib/assert.h"
#include "lib/resched.h"
#include "lib/string.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/vma.h"

#define BOUNCE 256u

/* Mapped at the start; faults grow the rest as the strings need it. */
#define STACK_FIRST_BYTES (2 * PAGE_SIZE)

#define AUXV_MAX 20

struct stack_builder {
	struct mm_struct *mm;
	vaddr_t pointer; /* lowest address written so far */
	u32 room;	 /* bytes that strings may still take */
};

static int write_at(struct mm_struct *mm, vaddr_t place, const void *data, u32 bytes)
{
	return access_process_vm(mm, place, (void *)data, bytes, FAULT_WRITE) == bytes ? 0
										       : -ENOMEM;
}

static int push(struct stack_builder *stack, const void *data, u32 bytes)
{
	stack->pointer -= bytes;
	return write_at(stack->mm, stack->pointer, data, bytes);
}

/* The i-th string, of the kernel or of ring 3. NULL and 0 at the end of the array. */
struct exec_string {
	const char *kernel;
	vaddr_t user;
};

/* A NULL array is an empty one, as on Linux. */
static int caller_string(const struct exec_strings *strings, u32 i, struct exec_string *string)
{
	*string = (struct exec_string){ 0 };
	if (strings->kernel)
		string->kernel = strings->kernel[i];
	return strings->user ? get_user(&string->user, strings->user + i * sizeof(u32)) : 0;
}

/* The same, with a script's strings in place of the first one. */
static int string_at(const struct exec_strings *strings, u32 i, struct exec_string *string)
{
	const struct exec_script *script = strings->script;
	int err;

	if (!script)
		return caller_string(strings, i, string);
	if (i < script->count) {
		*string = (struct exec_string){ .kernel = script->before[script->count - 1 - i] };
		return 0;
	}
	err = caller_string(strings, 0, string);
	if (err || (!string->kernel && !string->user))
		return err;
	return caller_string(strings, i - script->count + 1, string);
}

/* Counts the strings; each takes a pointer of the room. */
static int count_strings(struct stack_builder *stack, const struct exec_strings *strings,
			 u32 *count)
{
	for (*count = 0; stack->room >= sizeof(u32); ++*count, stack->room -= sizeof(u32)) {
		struct exec_string string;
		int err = string_at(strings, *count, &string);

		if (err)
			return err;
		if (!string.kernel && !string.user)
			return 0;
		cond_resched();
	}
	return -E2BIG;
}

/* The size of a string in ring 3 with its NUL, or -errno. */
static int user_string_size(vaddr_t address)
{
	char bounce[BOUNCE];
	u32 size = 0;

	for (;;) {
		int length = strncpy_from_user(bounce, address + size, BOUNCE);

		if (length < 0)
			return length;
		size += (u32)length;
		if (size >= ARG_STRING_MAX)
			return -E2BIG;
		if (length < (int)BOUNCE)
			return (int)size + 1;
	}
}

/* Another thread may change the string in between, so its NUL is written in any case. */
static int push_user_string(struct stack_builder *stack, vaddr_t address)
{
	int size = user_string_size(address);
	char bounce[BOUNCE];

	if (size < 0)
		return size;
	if ((u32)size > stack->room)
		return -E2BIG;
	stack->room -= (u32)size;
	stack->pointer -= (u32)size;
	for (u32 done = 0, part; done < (u32)size; done += part) {
		part = min((u32)size - done, BOUNCE);
		if (copy_from_user(bounce, address + done, part))
			return -EFAULT;
		if (done + part == (u32)size)
			bounce[part - 1] = '\0';
		if (write_at(stack->mm, stack->pointer + done, bounce, part))
			return -ENOMEM;
	}
	return 0;
}

/* Writes the strings in order to ascending addresses: the last one first, at the highest. */
static int push_strings(struct stack_builder *stack, const struct exec_strings *strings, u32 count)
{
	while (count--) {
		struct exec_string string;
		int err = string_at(strings, count, &string);

		if (!err && string.kernel)
			err = push(stack, string.kernel, (u32)strlen(string.kernel) + 1);
		else if (!err)
			err = push_user_string(stack, string.user);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

/* Reads the written strings back, a buffer at a time. */
struct string_reader {
	struct mm_struct *mm;
	vaddr_t address; /* of the next byte */
	u32 place, filled;
	char buffer[BOUNCE];
};

/* Skips the string that begins here, with its NUL. */
static int skip_string(struct string_reader *reader)
{
	for (;;) {
		u32 rest = reader->filled - reader->place;
		u32 length = (u32)strnlen(reader->buffer + reader->place, rest);

		if (length < rest) {
			reader->address += length + 1;
			reader->place += length + 1;
			return 0;
		}
		reader->address += rest;
		reader->place = 0;
		reader->filled = access_process_vm(reader->mm, reader->address, reader->buffer,
						   BOUNCE, FAULT_READ);
		if (!reader->filled)
			return -ENOMEM;
	}
}

/* Writes the pointers to the reader's next `count` strings, and their NULL, at `place`. */
static int write_pointers(struct string_reader *reader, vaddr_t place, u32 count)
{
	u32 null = 0;

	for (u32 i = 0; i < count; i++) {
		if (write_at(reader->mm, place + 4 * i, &reader->address, 4) || skip_string(reader))
			return -ENOMEM;
		cond_resched();
	}
	return write_at(reader->mm, place + 4 * count, &null, 4);
}

/* For the C library's stack guards: not secret, but different at each start. */
static int push_random(struct stack_builder *stack)
{
	u32 words[4];
	u64 seed = (cpu_has(CPU_TSC) ? rdtsc() : jiffies) + (u32)current->pid;

	for (u32 i = 0; i < ARRAY_SIZE(words); i++) {
		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		words[i] = (u32)(seed >> 32);
	}
	return push(stack, words, sizeof(words));
}

struct auxv {
	u32 count;
	u32 words[2 * AUXV_MAX];
};

static void auxv_add(struct auxv *auxv, u32 type, u32 value)
{
	BUG_ON(auxv->count + 2 > ARRAY_SIZE(auxv->words));
	auxv->words[auxv->count++] = type;
	auxv->words[auxv->count++] = value;
}

static void fill_auxv(struct auxv *auxv, const struct elf_program *program,
		      const struct exec_ids *ids)
{
	auxv_add(auxv, AT_HWCAP, cpu.words[0]);
	auxv_add(auxv, AT_PAGESZ, PAGE_SIZE);
	auxv_add(auxv, AT_CLKTCK, USER_HZ);
	auxv_add(auxv, AT_PHDR, program->phdr);
	auxv_add(auxv, AT_PHENT, 32);
	auxv_add(auxv, AT_PHNUM, program->phnum);
	auxv_add(auxv, AT_BASE, 0);
	auxv_add(auxv, AT_FLAGS, 0);
	auxv_add(auxv, AT_ENTRY, program->entry);
	auxv_add(auxv, AT_UID, ids->user.real);
	auxv_add(auxv, AT_EUID, ids->user.effective);
	auxv_add(auxv, AT_GID, ids->group.real);
	auxv_add(auxv, AT_EGID, ids->group.effective);
	auxv_add(auxv, AT_SECURE, ids->secure);
}

/* Writes argc, argv[], envp[] and auxv below the strings. `string` is the first argument's. */
static int push_tables(struct stack_builder *stack, const struct auxv *auxv, vaddr_t string,
		       u32 argc, u32 envc)
{
	struct mm_struct *mm = stack->mm;
	struct string_reader reader = { .mm = mm, .address = string };
	u32 pointers = 1 + argc + 1 + envc + 1;
	int err;

	stack->pointer = ALIGN_DOWN(stack->pointer - (pointers + auxv->count) * 4, 16);
	mm->start_stack = stack->pointer;
	mm->arg_start = string;
	err = write_at(mm, stack->pointer, &argc, 4);
	if (!err)
		err = write_pointers(&reader, stack->pointer + 4, argc);
	mm->arg_end = mm->env_start = reader.address;
	if (!err)
		err = write_pointers(&reader, stack->pointer + 4 * (argc + 2), envc);
	mm->env_end = reader.address;
	mm->auxv_start = stack->pointer + 4 * pointers;
	mm->auxv_end = mm->auxv_start + auxv->count * 4;
	if (!err)
		err = write_at(mm, mm->auxv_start, auxv->words, auxv->count * 4);
	return err;
}

/*
 * Writes the strings and the rest of the top, and adds their addresses to auxv. *first is the
 * address of the first argument.
 */
static int push_top(struct stack_builder *stack, const char *path, const struct exec_strings *argv,
		    u32 argc, const struct exec_strings *envp, u32 envc, struct auxv *auxv,
		    vaddr_t *first)
{
	const u32 zero = 0;
	int err = push(stack, &zero, sizeof(zero));

	if (!err)
		err = push(stack, path, (u32)strlen(path) + 1);
	auxv_add(auxv, AT_EXECFN, stack->pointer);
	if (!err)
		err = push_strings(stack, envp, envc);
	if (!err)
		err = push_strings(stack, argv, argc);
	*first = stack->pointer;
	if (!err)
		err = push(stack, "i686", 5);
	auxv_add(auxv, AT_PLATFORM, stack->pointer);
	stack->pointer = ALIGN_DOWN(stack->pointer, 16);
	if (!err)
		err = push_random(stack);
	auxv_add(auxv, AT_RANDOM, stack->pointer);
	auxv_add(auxv, AT_NULL, 0);
	return err;
}

static const char *const empty_name[] = { "", NULL };
static const struct exec_strings no_arguments = { .kernel = empty_name };

int exec_stack(struct mm_struct *mm, const char *path, const struct elf_program *program,
	       const struct exec_ids *ids, const struct exec_strings *argv,
	       const struct exec_strings *envp, vaddr_t *pointer)
{
	struct stack_builder stack = {
		.mm = mm,
		.pointer = TASK_SIZE,
		.room = min(max(rlimit(RLIMIT_STACK) / 4, ARG_MAX_LEAST), ARG_MAX_MOST),
	};
	struct vma_kind kind = { VM_READ | VM_WRITE | VM_GROWSDOWN | VM_MAY_MASK, NULL, 0 };
	struct auxv auxv = { 0 };
	u32 argc, envc;
	vaddr_t first;
	int err = count_strings(&stack, argv, &argc);

	BUG_ON(mm == current->mm);
	/* As on Linux: programs rely on argument 0 (CVE-2021-4034). */
	if (!err && !argc) {
		argv = &no_arguments;
		err = count_strings(&stack, argv, &argc);
	}
	if (!err)
		err = count_strings(&stack, envp, &envc);
	if (err)
		return err;
	if (program->stack != ELF_STACK_PLAIN)
		kind.flags |= VM_EXEC;
	if (!vma_insert_charged(mm, TASK_SIZE - STACK_FIRST_BYTES, TASK_SIZE, &kind))
		return -ENOMEM;
	fill_auxv(&auxv, program, ids);
	err = push_top(&stack, path, argv, argc, envp, envc, &auxv, &first);
	if (!err)
		err = push_tables(&stack, &auxv, first, argc, envc);
	*pointer = stack.pointer;
	return err;
}
