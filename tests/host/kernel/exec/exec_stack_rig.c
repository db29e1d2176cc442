/* SPDX-License-Identifier: MIT */
#include "tests/host/kernel/exec/exec_stack_rig.h"

#include <stdlib.h>
#include <string.h>

#include "abi/linux/auxvec.h"
#include "abi/linux/errno.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/devices/time.h"
#include "kernel/exec/script.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/vma.h"
#include "tests/host/machine.h"
#include "tests/host/space.h"
#include "tests/host/tap.h"

static struct task self = { .pid = 7 };
struct task *current = &self;
struct cpu_info cpu;
volatile u32 jiffies;

u8 ring3[RING3_BYTES];
bool is_unmapped;
void (*after_measuring)(void);

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

const struct elf_program plain = {
	.entry = 0x08048123,
	.phdr = 0x08048034,
	.phnum = 5,
	.stack = ELF_STACK_PLAIN,
};
const struct exec_ids ids = {
	.user = { .real = 11, .effective = 12, .saved = 13, .file = 14 },
	.group = { .real = 21, .effective = 22, .saved = 23, .file = 24 },
	.secure = true,
};
const struct exec_strings none;
struct mm_struct *mm;
vaddr_t pointer;

void stack_start(void)
{
	machine_boot();
	cpu.words[0] = 0x0789abcd & ~(1u << CPU_TSC);
	jiffies = 1000;
	mm = mm_alloc();
}

void stack_stop(void)
{
	check_space(mm);
	mm_put(mm);
}

int make_stack(const struct exec_strings *argv, const struct exec_strings *envp)
{
	return exec_stack(mm, "/bin/prog", &plain, &ids, argv, envp, &pointer);
}

int make_anew(const struct exec_strings *argv, const struct exec_strings *envp)
{
	mm_put(mm);
	mm = mm_alloc();
	return make_stack(argv, envp);
}

u32 word(vaddr_t address)
{
	u32 value = 0;

	EXPECT_EQ(access_process_vm(mm, address, &value, 4, FAULT_READ), 4);
	return value;
}

vaddr_t expect_string(vaddr_t address, const char *text)
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

u32 entry(u32 type)
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

vaddr_t expect_stack(const char *const *argv, const char *const *envp)
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

struct exec_strings in_ring3(u32 count, vaddr_t string)
{
	for (u32 i = 0; i < count; i++)
		memcpy(ring3 + 4 * i, &string, 4);
	memset(ring3 + 4 * count, 0, 4);
	return (struct exec_strings){ .user = RING3 };
}

char *put_string(u32 length)
{
	char *text = (char *)ring3 + (STRING - RING3);

	for (u32 i = 0; i < length; i++)
		text[i] = (char)('a' + i % 23);
	text[length] = '\0';
	return text;
}
