/* SPDX-License-Identifier: MIT */
/*
 * The right to execute. Where entries of page tables can forbid it and the processor can, data are
 * not code: a jump there is SIGSEGV. `nx` among the flags of /proc/cpuinfo says so. Without it all
 * that can be read can be executed.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/lines.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define ALL	   (READ_WRITE | PROT_EXEC)
#define RET	   0xc3

static u8 in_data[16] = { RET };
static bool enforced;

static void calls(void *address)
{
	((void (*)(void))(u32)address)();
}

/* A call of the code there ends like this. */
static void expect_call(void *address, bool allowed)
{
	EXPECT_CHILD(calls, address, allowed || !enforced ? EXITED(0) : KILLED(SIGSEGV));
}

static void data(void)
{
	volatile u8 on_stack[16] = { RET };
	u8 *heap = (u8 *)sys_brk(0);

	expect_call(in_data, false);
	expect_call((void *)(u32)on_stack, false);
	EXPECT_EQ(sys_brk((u32)heap + PAGE_SIZE), (u32)heap + PAGE_SIZE);
	*heap = RET;
	expect_call(heap, false);
	EXPECT_EQ(sys_brk((u32)heap), (u32)heap);
}

static void mappings(void)
{
	u8 *area = memory_map(2, READ_WRITE), *code = memory_map(1, ALL), *file;
	int fd = file_create(1, 1);
	u8 ret = RET;

	area[0] = area[PAGE_SIZE] = code[0] = RET;
	expect_call(area, false);
	expect_call(code, true);
	memory_unmap(code, 1);
	EXPECT_EQ(sys_pwrite64(fd, &ret, 1, 0), 1);
	file = (u8 *)sys_mmap2(0, PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
	expect_call(file, false);
	EXPECT_EQ(memory_read(file), RET);
	expect_call(file, false);
	EXPECT_EQ(sys_mprotect((u32)file, PAGE_SIZE, PROT_READ | PROT_EXEC), 0);
	expect_call(file, true);
	memory_unmap(file, 1);
	memory_unmap(area, 2);
	sys_close(fd);
}

/* The right comes and goes; in a child, whose pages are shared, too. */
static void changes(void)
{
	u8 *area = memory_map(2, READ_WRITE);

	area[0] = area[PAGE_SIZE] = RET;
	for (u32 i = 0; i < 3; i++) {
		EXPECT_EQ(sys_mprotect((u32)area, PAGE_SIZE, PROT_READ | PROT_EXEC), 0);
		calls(area);
		expect_call(area, true);
		expect_call(area + PAGE_SIZE, false);
		EXPECT_EQ(sys_mprotect((u32)area, PAGE_SIZE, READ_WRITE), 0);
		memory_write(area, RET);
		expect_call(area, false);
	}
	memory_unmap(area, 2);
}

/* Pages that no access has brought in. */
static void first_access(void)
{
	int fd = file_create(1, 1);
	u8 *area = memory_map(1, READ_WRITE), *file, ret = RET;

	EXPECT_EQ(sys_pwrite64(fd, &ret, 1, 0), 1);
	file = (u8 *)sys_mmap2(0, PAGE_SIZE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	expect_call(file, true);
	if (enforced) /* without, the zeros are instructions, and more faults follow */
		expect_call(area, false);
	memory_unmap(file, 1);
	memory_unmap(area, 1);
	sys_close(fd);
}

/* As the called code's `ret`. */
static void returns(int signal, struct siginfo *info, struct ucontext *context)
{
	note_siginfo(signal, info, context);
	context->context.eip = *(u32 *)context->context.esp;
	context->context.esp += sizeof(u32);
}

static void expect_told(void *address, int code, u32 error)
{
	handled_clear();
	calls(address);
	EXPECT_EQ(handled.count, 1);
	EXPECT_EQ(handled.signal, SIGSEGV);
	EXPECT_EQ(handled.info.code, code);
	EXPECT_EQ(handled.info.address, address);
	EXPECT_EQ(handled.context.context.trapno, 14);
	EXPECT_EQ(handled.context.context.err, error);
	EXPECT_EQ(handled.context.context.cr2, address);
}

/* The error code has "present" also for a page that was not there: the fault brings it first. */
static void told(void)
{
	u8 *area = memory_map(4, READ_WRITE), *heap = (u8 *)sys_brk(0);

	EXPECT_EQ(sys_brk((u32)heap + PAGE_SIZE), (u32)heap + PAGE_SIZE);
	EXPECT_EQ(sys_mprotect((u32)area + 2 * PAGE_SIZE, PAGE_SIZE, PROT_NONE), 0);
	memory_unmap(area + 3 * PAGE_SIZE, 1);
	area[0] = *heap = RET;
	handler_set(SIGSEGV, returns, SA_SIGINFO, 0);
	if (enforced) {
		expect_told(area, SEGV_ACCERR, 0x15);
		EXPECT(!memory_is_resident(area + PAGE_SIZE));
		expect_told(area + PAGE_SIZE, SEGV_ACCERR, 0x15);
		EXPECT(memory_is_resident(area + PAGE_SIZE));
		expect_told(heap, SEGV_ACCERR, 0x15);
		expect_told(in_data, SEGV_ACCERR, 0x15);
		expect_told(area + 2 * PAGE_SIZE, SEGV_ACCERR, 0x14);
		expect_told(area + 3 * PAGE_SIZE, SEGV_MAPERR, 0x14);
	} else {
		handled_clear();
		calls(area);
		calls(heap);
		calls(in_data);
		EXPECT_EQ(handled.count, 0);
	}
	handler_set(SIGSEGV, SIG_DFL, 0, 0);
	EXPECT_EQ(sys_brk((u32)heap), (u32)heap);
	memory_unmap(area, 3);
}

int main(void)
{
	static const struct tap_case cases[] = {
		{ "data, stack and heap", data }, { "mappings", mappings },
		{ "mprotect", changes },	  { "first accesses", first_access },
		{ "what the signal says", told },
	};

	enforced = cpu_flag("nx");
	return tap_run(cases, ARRAY_SIZE(cases));
}
