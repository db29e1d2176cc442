/* SPDX-License-Identifier: MIT */
/*
 * Faults: a process that does wrong dies by the right signal, a system call with a bad pointer
 * fails with EFAULT, and all other processes go on.
 *
 *	access                               ring 3          through a system call
 *	null, hole, kernel, PROT_NONE        SIGSEGV         EFAULT
 *	write to read-only                   SIGSEGV         EFAULT
 *	privileged or bad selector (#GP)     SIGSEGV
 *	#DE, #UD, #BP and #DB                SIGFPE, SIGILL, SIGTRAP
 *
 * Every wrong deed is done in a child. The kernel addresses are such that nothing is mapped
 * there on a 64-bit Linux either, where 32-bit programs may use up to 0xFFFFE000. Standard
 * output has to be a pipe, a file or a terminal: /dev/null takes a write without looking at the
 * buffer.
 */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define LAST_PAGE  0xFFFFF000u

static char *program_path;
static const u32 read_only_word = 0x12345678;

/*
 * First bytes of what a kernel has mapped with PAGE_OFFSET = 0xC0000000: its direct map, its text,
 * its last MiB.
 */
static const u32 kernel_addresses[] = {
	0xC0000000u, 0xC0000FFFu, 0xC0100000u, 0xC0400000u, 0xD0000000u,
	0xFFFFE000u, LAST_PAGE,	  0xFFFFFFF0u, 0xFFFFFFFFu,
};

static void jump(void *argument)
{
	((void (*)(void))argument)();
}

static void read_word(void *argument)
{
	(void)*(volatile u32 *)argument;
}

static void expect_death(u32 address)
{
	EXPECT_CHILD(memory_read_child, (void *)address, KILLED(SIGSEGV));
	EXPECT_CHILD(memory_write_child, (void *)address, KILLED(SIGSEGV));
	EXPECT_CHILD(jump, (void *)address, KILLED(SIGSEGV));
}

static void null_pointers(void)
{
	expect_death(0);
	expect_death(4);
	expect_death(4095);
	EXPECT_CHILD(read_word, (void *)4094, KILLED(SIGSEGV));
}

static void kernel_memory(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(kernel_addresses); i++)
		expect_death(kernel_addresses[i]);
	EXPECT_CHILD(read_word, (void *)0xFFFFFFFEu, KILLED(SIGSEGV));
}

static void text_and_constants(void)
{
	u8 first = memory_read(_start);

	EXPECT_CHILD(memory_write_child, _start, KILLED(SIGSEGV));
	EXPECT_CHILD(memory_write_child, (void *)&read_only_word, KILLED(SIGSEGV));
	EXPECT_CHILD(memory_read_child, _start, EXITED(0));
	EXPECT_EQ(memory_read(_start), first);
	EXPECT_EQ(*(volatile const u32 *)&read_only_word, 0x12345678);
}

static void write_to_read_only_memory(void)
{
	u8 *start = memory_map(3, PROT_READ);

	/* Not there, the zero page, and an own page with data. */
	memory_read(start + PAGE_SIZE);
	EXPECT_EQ(sys_mprotect((u32)start + 2 * PAGE_SIZE, PAGE_SIZE, READ_WRITE), 0);
	memory_fill_part(start, 2, 1, 1);
	EXPECT_EQ(sys_mprotect((u32)start + 2 * PAGE_SIZE, PAGE_SIZE, PROT_READ), 0);
	for (u32 i = 0; i < 3; i++) {
		EXPECT_CHILD(memory_write_child, start + i * PAGE_SIZE, KILLED(SIGSEGV));
		EXPECT_CHILD(memory_read_child, start + i * PAGE_SIZE, EXITED(0));
	}
	EXPECT(memory_is_zero(start, 2 * PAGE_SIZE));
	EXPECT(memory_check_part(start, 2, 1, 1));
	memory_unmap(start, 3);
}

static void no_access_at_all(void)
{
	u8 *start = memory_map(2, PROT_NONE);

	EXPECT_CHILD(memory_read_child, start, KILLED(SIGSEGV));
	EXPECT_CHILD(memory_write_child, start, KILLED(SIGSEGV));
	EXPECT_EQ(sys_mprotect((u32)start, PAGE_SIZE, READ_WRITE), 0);
	memory_fill(start, 1, 2);
	EXPECT_EQ(sys_mprotect((u32)start, PAGE_SIZE, PROT_NONE), 0);
	EXPECT_CHILD(memory_read_child, start, KILLED(SIGSEGV));
	EXPECT_CHILD(memory_write_child, start, KILLED(SIGSEGV));
	EXPECT_CHILD(read_word, start + PAGE_SIZE - 2, KILLED(SIGSEGV));
	EXPECT_EQ(sys_mprotect((u32)start, PAGE_SIZE, PROT_READ), 0);
	EXPECT(memory_check(start, 1, 2));
	memory_unmap(start, 2);
}

/* x86 has no write-only page: Linux lets PROT_WRITE read. */
static void write_only_memory_is_readable(void)
{
	u8 *start = memory_map(2, PROT_WRITE);

	EXPECT_EQ(memory_read(start), 0);
	memory_fill(start, 2, 3);
	EXPECT(memory_check(start, 2, 3));
	memory_unmap(start, 2);
}

static void holes(void)
{
	u8 *start = memory_map(3, READ_WRITE);

	memory_fill(start, 3, 4);
	memory_unmap(start + PAGE_SIZE, 1);
	EXPECT_CHILD(memory_read_child, start + PAGE_SIZE, KILLED(SIGSEGV));
	EXPECT_CHILD(memory_write_child, start + 2 * PAGE_SIZE - 1, KILLED(SIGSEGV));
	EXPECT_CHILD(jump, start + PAGE_SIZE, KILLED(SIGSEGV));
	EXPECT_CHILD(read_word, start + PAGE_SIZE - 2, KILLED(SIGSEGV));
	EXPECT_CHILD(read_word, start + 2 * PAGE_SIZE - 2, KILLED(SIGSEGV));
	EXPECT_CHILD(read_word, start + PAGE_SIZE - 4, EXITED(0));
	EXPECT_CHILD(read_word, start + 2 * PAGE_SIZE, EXITED(0));
	memory_unmap(start, 3);
}

static void code_at_the_end_of_a_page(void)
{
	static const u8 code[] = { 0xB8, 42, 0, 0, 0, 0xC3 }; /* mov $42, %eax; ret */
	u8 *start = memory_map(2, READ_WRITE | PROT_EXEC);
	u8 *place = start + PAGE_SIZE - sizeof(code);

	memory_unmap(start + PAGE_SIZE, 1);
	memcpy(place, code, sizeof(code));
	EXPECT_EQ(((int (*)(void))place)(), 42);
	place[5] = 0x90; /* nop: runs off the page */
	EXPECT_CHILD(jump, place, KILLED(SIGSEGV));
	place[5] = 0xB8; /* an instruction that is only half there */
	EXPECT_CHILD(jump, place, KILLED(SIGSEGV));
	memory_unmap(start, 1);
}

/* A body for process_run() that executes a few instructions. */
#define INSTRUCTION_BODY(name, code)                                          \
	static void name(void *argument)                                      \
	{                                                                     \
		(void)argument;                                               \
		asm volatile(code : : : "eax", "ecx", "edx", "memory", "cc"); \
	}

INSTRUCTION_BODY(run_hlt, "hlt")
INSTRUCTION_BODY(run_cli, "cli")
INSTRUCTION_BODY(run_sti, "sti")
INSTRUCTION_BODY(run_in, "inb $0x64, %%al")
INSTRUCTION_BODY(run_out, "xorl %%eax, %%eax; movl $0x3F8, %%edx; outb %%al, %%dx")
INSTRUCTION_BODY(run_read_cr0, "movl %%cr0, %%eax")
INSTRUCTION_BODY(run_write_cr3, "xorl %%eax, %%eax; movl %%eax, %%cr3")
INSTRUCTION_BODY(run_invlpg, "invlpg (%%esp)")
INSTRUCTION_BODY(run_lgdt, "lgdt -8(%%esp)")
INSTRUCTION_BODY(run_ltr, "xorl %%eax, %%eax; ltr %%ax")
INSTRUCTION_BODY(run_clts, "clts")
INSTRUCTION_BODY(run_rdmsr, "movl $0x1B, %%ecx; rdmsr")
INSTRUCTION_BODY(run_int_14, "int $14")
INSTRUCTION_BODY(run_int_32, "int $32")
INSTRUCTION_BODY(run_bad_selector, "movl $0xFFF8, %%eax; movl %%eax, %%ds")
INSTRUCTION_BODY(run_null_stack_selector, "xorl %%eax, %%eax; movl %%eax, %%ss")
INSTRUCTION_BODY(run_null_selector_access,
		 "xorl %%eax, %%eax; movl %%eax, %%gs; movl %%gs:0, %%eax")
INSTRUCTION_BODY(run_into, "movb $0x7F, %%al; incb %%al; into")
INSTRUCTION_BODY(run_divide_by_zero, "xorl %%edx, %%edx; xorl %%ecx, %%ecx; divl %%ecx")
INSTRUCTION_BODY(run_divide_overflow, "movl $5, %%edx; movl $2, %%ecx; divl %%ecx")
INSTRUCTION_BODY(run_ud2, "ud2")
INSTRUCTION_BODY(run_int3, "int3")
INSTRUCTION_BODY(run_single_step, "pushfl; orl $0x100, (%%esp); popfl; nop; nop")
INSTRUCTION_BODY(run_push_to_null, "movl $4, %%esp; pushl %%eax")
INSTRUCTION_BODY(run_push_to_kernel, "movl $0xC0200000, %%esp; pushl %%eax")
INSTRUCTION_BODY(run_push_wrapped, "xorl %%esp, %%esp; pushl %%eax")

struct instruction_case {
	process_body *body;
	int signal;
};

static void run_instructions(const struct instruction_case *list, u32 count)
{
	for (u32 i = 0; i < count; i++)
		EXPECT_CHILD(list[i].body, NULL, KILLED(list[i].signal));
}

static void privileged_instructions(void)
{
	static const struct instruction_case list[] = {
		{ run_hlt, SIGSEGV },	    { run_cli, SIGSEGV },    { run_sti, SIGSEGV },
		{ run_in, SIGSEGV },	    { run_out, SIGSEGV },    { run_read_cr0, SIGSEGV },
		{ run_write_cr3, SIGSEGV }, { run_invlpg, SIGSEGV }, { run_lgdt, SIGSEGV },
		{ run_ltr, SIGSEGV },	    { run_clts, SIGSEGV },   { run_rdmsr, SIGSEGV },
		{ run_int_14, SIGSEGV },    { run_int_32, SIGSEGV },
	};

	run_instructions(list, ARRAY_SIZE(list));
}

static void bad_selectors(void)
{
	static const struct instruction_case list[] = {
		{ run_bad_selector, SIGSEGV },
		{ run_null_stack_selector, SIGSEGV },
		{ run_null_selector_access, SIGSEGV },
	};

	run_instructions(list, ARRAY_SIZE(list));
}

static void other_exceptions(void)
{
	static const struct instruction_case list[] = {
		{ run_divide_by_zero, SIGFPE },
		{ run_divide_overflow, SIGFPE },
		{ run_ud2, SIGILL },
		{ run_int3, SIGTRAP },
		{ run_single_step, SIGTRAP },
		{ run_into, SIGSEGV },
	};

	run_instructions(list, ARRAY_SIZE(list));
}

static void bad_stack_pointers(void)
{
	static const struct instruction_case list[] = {
		{ run_push_to_null, SIGSEGV },
		{ run_push_to_kernel, SIGSEGV },
		{ run_push_wrapped, SIGSEGV },
	};

	run_instructions(list, ARRAY_SIZE(list));
}

/*
 * The kernel has a stack of its own, whatever esp is: call it, and be interrupted by its timer for
 * a while.
 */
static u32 getpid_on_bad_stack(u32 esp)
{
	u32 result;

	asm volatile("movl %%esp, %%esi\n\t"
		     "movl %%edx, %%esp\n"
		     "1:\tdecl %%ecx\n\t"
		     "jnz 1b\n\t"
		     "movl $20, %%eax\n\t"
		     "int $0x80\n\t"
		     "movl %%esi, %%esp"
		     : "=&a"(result)
		     : "d"(esp), "c"(1000000)
		     : "esi", "memory", "cc");
	return result;
}

static void system_call_on_a_bad_stack(void)
{
	EXPECT_EQ(getpid_on_bad_stack(0), sys_getpid());
	EXPECT_EQ(getpid_on_bad_stack(0xC0100000u), sys_getpid());
	EXPECT_EQ(getpid_on_bad_stack(3), sys_getpid());
}

static void efault_at_kernel_addresses(void)
{
	long fd = sys_open(program_path, O_RDONLY);

	EXPECT(fd >= 0);
	for (u32 i = 0; i < ARRAY_SIZE(kernel_addresses); i++) {
		void *bad = (void *)kernel_addresses[i];

		EXPECT_EQ(sys_pread64((int)fd, bad, 16, 0), -EFAULT);
		EXPECT_EQ(sys_write(1, bad, 16), -EFAULT);
		EXPECT_EQ(sys_uname(bad), -EFAULT);
		EXPECT_EQ(sys_open(bad, O_RDONLY), -EFAULT);
	}
	EXPECT_EQ(sys_close((int)fd), 0);
}

static void efault_in_every_call(void)
{
	struct iovec vector = { 0, 5 };
	u8 *page = memory_map(1, READ_WRITE);
	long fd = sys_open(program_path, O_RDONLY);

	memory_unmap(page, 1);
	EXPECT_EQ(sys_write(1, NULL, 1), -EFAULT);
	EXPECT_EQ(sys_write(1, page, 1), -EFAULT);
	EXPECT_EQ(sys_writev(1, NULL, 1), -EFAULT);
	EXPECT_EQ(sys_writev(1, (struct iovec *)page, 1), -EFAULT);
	EXPECT_EQ(sys_writev(1, &vector, 1), -EFAULT);
	EXPECT_EQ(sys_read((int)fd, NULL, 1), -EFAULT);
	EXPECT_EQ(sys_read((int)fd, page, 1), -EFAULT);
	EXPECT_EQ(sys_open(NULL, O_RDONLY), -EFAULT);
	EXPECT_EQ(sys_uname(NULL), -EFAULT);
	EXPECT_EQ(sys_mmap(NULL), (u32)-EFAULT);
	EXPECT_EQ(sys_mincore((u32)_start & ~(PAGE_SIZE - 1), PAGE_SIZE, NULL), -EFAULT);
	EXPECT_EQ(sys_llseek((int)fd, 0, 0, NULL, SEEK_SET), -EFAULT);
	/* Nothing was read by the calls that failed. */
	EXPECT_EQ(sys_lseek((int)fd, 0, SEEK_CUR), 0);
	EXPECT_EQ(sys_close((int)fd), 0);
}

static void efault_by_protection(void)
{
	u8 *start = memory_map(2, READ_WRITE);
	long fd = sys_open(program_path, O_RDONLY);

	memory_fill(start, 2, 5);
	EXPECT_EQ(sys_mprotect((u32)start, PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(sys_mprotect((u32)start + PAGE_SIZE, PAGE_SIZE, PROT_NONE), 0);
	EXPECT_EQ(sys_pread64((int)fd, start, 16, 0), -EFAULT);
	EXPECT_EQ(sys_uname((struct utsname *)start), -EFAULT);
	EXPECT_EQ(sys_pread64((int)fd, start + PAGE_SIZE, 16, 0), -EFAULT);
	EXPECT_EQ(sys_write(1, start + PAGE_SIZE, 16), -EFAULT);
	EXPECT_EQ(sys_open((char *)start + PAGE_SIZE, O_RDONLY), -EFAULT);
	EXPECT_EQ(sys_pread64((int)fd, _start, 16, 0), -EFAULT);
	EXPECT_EQ(sys_mprotect((u32)start, 2 * PAGE_SIZE, READ_WRITE), 0);
	EXPECT(memory_check(start, 2, 5));
	EXPECT_EQ(sys_close((int)fd), 0);
	memory_unmap(start, 2);
}

/* Buffers of which only the beginning is there. */
static void efault_across_the_end_of_a_mapping(void)
{
	u8 *start = memory_map(2, READ_WRITE);
	u8 *end = start + PAGE_SIZE;
	u8 head[32];
	long fd = sys_open(program_path, O_RDONLY);

	memory_unmap(end, 1);
	memset(start, 'x', PAGE_SIZE);
	EXPECT_EQ(sys_open((char *)end - 10, O_RDONLY), -EFAULT);
	EXPECT_EQ(sys_uname((struct utsname *)(end - 100)), -EFAULT);
	EXPECT_EQ(sys_mmap((struct mmap_arguments *)(end - 12)), (u32)-EFAULT);
	EXPECT_EQ(sys_writev(1, (struct iovec *)(end - 4), 1), -EFAULT);
	memset(start, 'x', PAGE_SIZE);
	/* A file gives the bytes that fit. */
	EXPECT_EQ(sys_pread64((int)fd, head, 32, 0), 32);
	EXPECT_EQ(sys_read((int)fd, end - 32, 64), 32);
	EXPECT_EQ(memcmp(end - 32, head, 32), 0);
	EXPECT_EQ(memory_read(end - 33), 'x');
	EXPECT_EQ(sys_lseek((int)fd, 0, SEEK_CUR), 32);
	EXPECT_EQ(sys_close((int)fd), 0);
	memory_unmap(start, 1);
}

static void leave_with_seven(void *argument)
{
	(void)argument;
	sys_exit_group(7);
}

/* Linux reaps first and stores the status then: the child is gone although the call failed. */
static void waitpid_with_a_bad_status_pointer(void)
{
	int child = process_start(leave_with_seven, NULL);

	EXPECT_EQ(sys_waitpid(child, (int *)4, 0), -EFAULT);
	EXPECT_EQ(process_wait(child), -ECHILD);
	child = process_start(leave_with_seven, NULL);
	EXPECT_EQ(sys_waitpid(child, (int *)_start, 0), -EFAULT);
	EXPECT_EQ(process_wait(child), -ECHILD);
	child = process_start(leave_with_seven, NULL);
	EXPECT_EQ(sys_waitpid(child, NULL, 0), child);
	EXPECT_CHILD(leave_with_seven, NULL, EXITED(7));
}

static void many_deaths(void)
{
	u8 *start = memory_map(4, READ_WRITE);

	memory_fill(start, 4, 6);
	for (u32 i = 0; i < 60; i++)
		EXPECT_CHILD(memory_write_child, (void *)(i * 64), KILLED(SIGSEGV));
	EXPECT(memory_check(start, 4, 6));
	EXPECT_EQ(memory_count_exclusive(start, 4), 4);
	memory_unmap(start, 4);
}

static const struct tap_case cases[] = {
	{ "null pointers", null_pointers },
	{ "kernel memory", kernel_memory },
	{ "text and constants", text_and_constants },
	{ "a write to read-only memory", write_to_read_only_memory },
	{ "PROT_NONE", no_access_at_all },
	{ "PROT_WRITE alone can be read", write_only_memory_is_readable },
	{ "holes", holes },
	{ "code at the end of a page", code_at_the_end_of_a_page },
	{ "privileged instructions", privileged_instructions },
	{ "bad selectors", bad_selectors },
	{ "divide error, invalid opcode, breakpoint, single step", other_exceptions },
	{ "bad stack pointers", bad_stack_pointers },
	{ "system calls and interrupts on a bad stack", system_call_on_a_bad_stack },
	{ "EFAULT at kernel addresses", efault_at_kernel_addresses },
	{ "EFAULT in every call", efault_in_every_call },
	{ "EFAULT by protection", efault_by_protection },
	{ "EFAULT across the end of a mapping", efault_across_the_end_of_a_mapping },
	{ "waitpid with a bad status pointer", waitpid_with_a_bad_status_pointer },
	{ "many deaths", many_deaths },
};

int main(int argc, char **argv)
{
	(void)argc;
	program_path = argv[0];
	return tap_run(cases, ARRAY_SIZE(cases));
}
