/* SPDX-License-Identifier: MIT */
/*
 * execve of a program of the initramfs: the state of a new process before its first instruction.
 * A damaged file is refused and leaves the process as it was. The damage is done to the file
 * itself, in memory, and repaired.
 */
#include "kernel/exec/exec.h"
#include "kernel/process/exit.h"
#include "fs/tmpfs/initramfs.h"
#include "kernel/cpu/gdt.h"
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/mman/mman.h"
#include "mm/user_space/page_fault.h"
#include "tests/kernel/user_space.h"

#define ADDRESS 0x30000000u

/* Places in an ELF header and in a program header, bytes. */
enum { E_TYPE = 16, E_MACHINE = 18, E_ENTRY = 24, E_PHOFF = 28, E_PHENTSIZE = 42, E_PHNUM = 44 };
enum { P_TYPE = 0, P_OFFSET = 4, P_VADDR = 8, P_FILESZ = 16, P_MEMSZ = 20, PHDR_SIZE = 32 };

static struct {
	char path[256];
	char *data; /* the file's bytes in the initramfs */
	u32 size;
} program;

/* Any program will do. */
static bool find_program(void)
{
	struct initramfs_entry entry;
	size_t cursor = 0;

	while (initramfs_next(&cursor, &entry)) {
		if (entry.size < 64 || memcmp(entry.data, "\177ELF", 4))
			continue;
		program.path[0] = '/';
		strscpy(program.path + 1, entry.name, sizeof(program.path) - 1);
		program.data = (char *)entry.data;
		program.size = entry.size;
		return true;
	}
	test_skip("no program in the initramfs");
	return false;
}

static int execute(const char *path, const char *const *arguments)
{
	struct exec_strings argv = { .kernel = arguments };
	struct exec_strings envp = { 0 };
	struct pt_regs regs;

	return do_execve(path, &argv, &envp, &regs);
}

/*
 * Runs function(argument) in a new task, which may become a process, and waits for its end.
 */
static void in_a_task(void (*function)(void *argument), void *argument)
{
	struct task *task = kernel_task("exec", function, argument);
	int status;

	EXPECT(task);
	EXPECT_EQ((u32)do_wait(task->pid, &status, 0), (u32)task->pid);
}

static void check_registers(const struct pt_regs *regs)
{
	const struct vm_area_struct *code = find_vma(current->mm, regs->eip);
	const struct vm_area_struct *stack = find_vma(current->mm, regs->esp);

	EXPECT_EQ(regs->cs, USER_CS);
	EXPECT_EQ(regs->ss, USER_DS);
	EXPECT_EQ(regs->eflags & ~0x202u, 0);
	EXPECT(code && code->vm_start <= regs->eip && code->vm_flags & VM_EXEC);
	EXPECT(code && !(code->vm_flags & VM_WRITE));
	EXPECT(stack && stack->vm_start <= regs->esp && stack->vm_flags & VM_GROWSDOWN);
	EXPECT(IS_ALIGNED(regs->esp, 16));
	EXPECT(!regs->eax && !regs->ebx && !regs->ecx && !regs->edx && !regs->ebp);
}

/* argc, argv, NULL, envp, NULL, as the ABI has it. */
static void check_stack(u32 esp)
{
	static const char *const strings[] = { "first", "second", "NAME=value" };
	static const u32 places[] = { 1, 2, 4 };

	EXPECT_EQ(user_word(esp), 2);
	EXPECT_EQ(user_word(esp + 4 * 3), 0);
	EXPECT_EQ(user_word(esp + 4 * 5), 0);
	for (u32 i = 0; i < ARRAY_SIZE(strings); i++) {
		char text[16] = "";

		access_process_vm(current->mm, user_word(esp + 4 * places[i]), text,
				  (u32)strlen(strings[i]) + 1, FAULT_READ);
		EXPECT(!strcmp(text, strings[i]));
	}
}

static void becomes_a_process(void *argument)
{
	static const char *const arguments[] = { "first", "second", NULL };
	static const char *const environment[] = { "NAME=value", NULL };
	struct exec_strings argv = { .kernel = arguments };
	struct exec_strings envp = { .kernel = environment };
	struct pt_regs regs = { 0 };

	(void)argument;
	EXPECT_EQ((u32)do_execve(program.path, &argv, &envp, &regs), 0);
	EXPECT(current->mm && mm_active(current->mm));
	EXPECT_EQ(current->mm->start_brk, current->mm->brk);
	check_registers(&regs);
	check_stack(regs.esp);
	expect_valid(current->mm);
	do_exit(0);
}

static void new_process(void)
{
	if (find_program())
		in_a_task(becomes_a_process, NULL);
}

/* The call failed with -errno `expected`, and left the process as it was. */
static void expect_refusal(struct mm_struct *mm, int err, int expected)
{
	EXPECT_EQ((u32)err, (u32)expected);
	EXPECT(current->mm == mm && mm_active(mm));
	EXPECT_EQ(user_word(ADDRESS), 0x0de1);
	EXPECT(!strcmp(current->name, "exec"));
}

/* A process with one page. It ends with the task. */
static struct mm_struct *old_process(void)
{
	struct mm_struct *mm = user_enter();

	EXPECT(map_anonymous(mm, ADDRESS, 1, PROT_RW) == ADDRESS && user_write(ADDRESS, 0x0de1));
	return mm;
}

/* Changes a number of the file, checks, and restores it. */
static void damage(struct mm_struct *mm, u32 place, u32 bytes, u32 value)
{
	u32 was;
	int err;

	memcpy(&was, program.data + place, bytes);
	memcpy(program.data + place, &value, bytes);
	err = execute(program.path, NULL);
	memcpy(program.data + place, &was, bytes);
	expect_refusal(mm, err, -ENOEXEC);
}

/* The offset of the first PT_LOAD header in the file. */
static u32 first_load(void)
{
	u32 place, type;

	memcpy(&place, program.data + E_PHOFF, 4);
	for (;; place += PHDR_SIZE) {
		EXPECT(place + PHDR_SIZE <= program.size);
		memcpy(&type, program.data + place + P_TYPE, 4);
		if (type == 1)
			return place;
	}
}

static void meets_damage(void *argument)
{
	struct mm_struct *mm = old_process();
	u32 load = first_load();

	(void)argument;

	damage(mm, 0, 1, 0);
	damage(mm, 4, 1, 2);
	damage(mm, E_TYPE, 2, 1);
	damage(mm, E_MACHINE, 2, 62);
	damage(mm, E_ENTRY, 4, 0);
	damage(mm, E_ENTRY, 4, 0xc0100000u);
	damage(mm, E_PHOFF, 4, 0xfffffff0u);
	damage(mm, E_PHOFF, 4, program.size - 8);
	damage(mm, E_PHENTSIZE, 2, 31);
	damage(mm, E_PHNUM, 2, 0);
	damage(mm, E_PHNUM, 2, 0xffff);
	damage(mm, load + P_TYPE, 4, 3);
	damage(mm, load + P_OFFSET, 4, 0xfffff000u);
	damage(mm, load + P_VADDR, 4, 0xc0000000u);
	damage(mm, load + P_VADDR, 4, 0);
	damage(mm, load + P_FILESZ, 4, program.size + 1);
	damage(mm, load + P_MEMSZ, 4, 0xc0000000u);
	damage(mm, load + P_MEMSZ, 4, 0xffffffffu);
	do_exit(0);
}

static void damaged_file(void)
{
	if (find_program())
		in_a_task(meets_damage, NULL);
}

/*
 * More strings than a process may start with: one page of text, again and again. The pointers
 * follow it.
 */
static vaddr_t too_many_strings(struct mm_struct *mm)
{
	const vaddr_t text = ADDRESS + PAGE_SIZE, pointers = text + PAGE_SIZE;
	const u32 count = rlimit(RLIMIT_STACK) / 4 / PAGE_SIZE + 9;

	EXPECT(map_anonymous(mm, text, 2, PROT_RW) == text);
	for (u32 i = 0; i < PAGE_SIZE; i += 4)
		EXPECT(user_write(text + i, i + 4 < PAGE_SIZE ? 0x78787878 : 0x00787878));
	for (u32 i = 0; i < count; i++)
		EXPECT(user_write(pointers + 4 * i, text));
	return pointers;
}

static void makes_bad_calls(void *argument)
{
	struct mm_struct *mm = old_process();
	struct exec_strings none = { 0 }, bad = { .user = 0x10 }, many = { 0 };
	struct pt_regs regs;

	(void)argument;

	expect_refusal(mm, execute("/nowhere", NULL), -ENOENT);
	EXPECT_EQ((u32)do_execve(program.path, &bad, &none, &regs), (u32)-EFAULT);
	EXPECT_EQ((u32)do_execve(program.path, &none, &bad, &regs), (u32)-EFAULT);
	many.user = too_many_strings(mm);
	EXPECT_EQ((u32)do_execve(program.path, &many, &none, &regs), (u32)-E2BIG);
	EXPECT_EQ((u32)do_execve(program.path, &none, &many, &regs), (u32)-E2BIG);
	EXPECT(current->mm == mm);
	EXPECT_EQ(user_word(ADDRESS), 0x0de1);
	do_exit(0);
}

static void bad_calls(void)
{
	if (find_program())
		in_a_task(makes_bad_calls, NULL);
}

static const struct test_case cases[] = {
	{ "new_process", new_process },
	{ "damaged_file", damaged_file },
	{ "bad_calls", bad_calls },
};

TEST_SUITE(exec, cases);
