/* SPDX-License-Identifier: MIT */
/*
 * Programs that try to make the kernel, or the emulator below it, do what it must not. The
 * process may suffer, nothing else.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define EFLAGS_AC   0x40000
#define EFLAGS_VM   0x20000
#define EFLAGS_IF   0x200
#define EFLAGS_IOPL 0x3000
#define EFLAGS_NT   0x4000

/*
 * iret with EFLAGS.VM set, to 0x1000:0, which is no segment of ring 3. A processor ignores the
 * flag here; QEMU's emulation enters virtual 8086 mode, where the same selector is the page at
 * 0x10000.
 */
static void enters_vm86(void *argument)
{
	(void)argument;
	__asm__ volatile("pushl $0; pushl $0; pushl $0; pushl $0\n\t"
			 "pushl $0x1000; pushl $0x8000\n\t"
			 "pushfl; orl %0, (%%esp)\n\t"
			 "pushl $0x1000; pushl $0; iret"
			 :
			 : "i"(EFLAGS_VM)
			 : "memory");
}

static void vm86(void)
{
	/*
	 * hlt; int3; push to an address that is not mapped; an endless loop that interrupts find.
	 */
	static const u8 code[][4] = { { 0xf4 }, { 0xcc }, { 0x50, 0xeb, 0xfd }, { 0xeb, 0xfe } };
	u8 *page = memory_map_at(0x10000, 16, PROT_READ | PROT_WRITE | PROT_EXEC);

	for (u32 i = 0; i < ARRAY_SIZE(code); i++) {
		memcpy(page, code[i], sizeof(code[i]));
		EXPECT_CHILD(enters_vm86, NULL, KILLED(SIGSEGV));
	}
	memory_unmap(page, 16);
}

/* A handler gets the signal too, and its return goes nowhere new. */
static void enters_vm86_twice(void *argument)
{
	handler_set(SIGSEGV, note_signal, SA_RESETHAND, 0);
	enters_vm86(argument);
}

static void vm86_handled(void)
{
	u8 *page = memory_map_at(0x10000, 16, PROT_READ | PROT_WRITE | PROT_EXEC);

	page[0] = 0xf4;
	EXPECT_CHILD(enters_vm86_twice, NULL, KILLED(SIGSEGV));
	memory_unmap(page, 16);
}

/*
 * With I/O rights too, which ring 3 cannot set otherwise, and without interrupts. eax and ebx
 * are those of exit(42).
 */
static void enters_vm86_with_rights(void *argument)
{
	(void)argument;
	__asm__ volatile("pushl $0; pushl $0; pushl $0; pushl $0\n\t"
			 "pushl $0x1000; pushl $0x8000\n\t"
			 "pushl %0; pushl $0x1000; pushl $0; iret"
			 :
			 : "i"(EFLAGS_VM | EFLAGS_IOPL | EFLAGS_NT | 2), "a"(NR_exit), "b"(42)
			 : "memory");
}

/* Says by the status of the end whether it has more rights than ring 3 has. */
static void looks_at_flags(int signal, struct siginfo *info, struct ucontext *context)
{
	const u32 none = EFLAGS_VM | EFLAGS_IOPL | EFLAGS_NT;
	u32 now;

	(void)signal;
	(void)info;
	__asm__ volatile("pushfl; popl %0" : "=r"(now));
	EXPECT_EQ(now & (none | EFLAGS_IF), EFLAGS_IF);
	EXPECT_EQ(context->context.eflags & (none | EFLAGS_IF), EFLAGS_IF);
	sys_exit_group(tap_failures() ? 1 : 0);
}

static void looks_after_vm86(void *argument)
{
	static u8 stack[8192];

	EXPECT_EQ(sys_sigaltstack(&(struct altstack){ (u32)stack, 0, sizeof(stack) }, NULL), 0);
	handler_set(SIGSEGV, looks_at_flags, SA_SIGINFO | SA_ONSTACK, 0);
	enters_vm86_with_rights(argument);
}

/* int $0x80 makes no call there, and none of its rights are left in ring 3. */
static void vm86_rights(void)
{
	static const u8 code[][4] = { { 0xcd, 0x80, 0xf4 }, { 0xf4 }, { 0xcc } };
	u8 *page = memory_map_at(0x10000, 16, PROT_READ | PROT_WRITE | PROT_EXEC);

	for (u32 i = 0; i < ARRAY_SIZE(code); i++) {
		memcpy(page, code[i], sizeof(code[i]));
		EXPECT_CHILD(enters_vm86_with_rights, NULL, KILLED(SIGSEGV));
		EXPECT_CHILD(looks_after_vm86, NULL, EXITED(0));
	}
	memory_unmap(page, 16);
}

static void sets_vm(int signal, struct siginfo *info, struct ucontext *context)
{
	note_siginfo(signal, info, context);
	context->context.eflags |= EFLAGS_VM;
}

/* The flag in a frame of a signal handler means nothing. */
static void vm_in_a_frame(void)
{
	u32 flags;

	handler_set(SIGUSR1, sets_vm, SA_SIGINFO, 0);
	EXPECT_EQ(sys_kill((int)sys_getpid(), SIGUSR1), 0);
	__asm__ volatile("pushfl; popl %0" : "=r"(flags));
	EXPECT_EQ(flags & EFLAGS_VM, 0);
}

/*
 * A far return within ring 3 is legal. QEMU 7.2 reads its stack as a supervisor, so that it
 * faults under SMAP.
 */
static void returns_far(void *argument)
{
	(void)argument;
	__asm__ volatile("pushl %%cs; pushl $1f; lret; 1:" : : : "memory");
}

static void far_return(void)
{
	int status = process_run(returns_far, NULL);

	EXPECT(status == EXITED(0) || status == KILLED(SIGSEGV));
}

static u32 misaligned_read(const void *place)
{
	u32 value;

	__asm__ volatile("pushfl; orl %2, (%%esp); popfl; movl (%1), %0; nop\n\t"
			 "pushfl; andl %3, (%%esp); popfl"
			 : "=&r"(value)
			 : "r"(place), "i"(EFLAGS_AC), "i"(~EFLAGS_AC)
			 : "memory", "cc");
	return value;
}

static void steps_over(int signal, struct siginfo *info, struct ucontext *context)
{
	context->context.eflags &= ~(u32)EFLAGS_AC;
	skip_two(signal, info, context);
}

/* EFLAGS.AC: SIGBUS, where the processor or its emulation checks. Calls are not hit by it. */
static void alignment(void)
{
	static u32 words[2] = { 0x11111111, 0x22222222 };

	handled_clear();
	handler_set(SIGBUS, steps_over, SA_SIGINFO, 0);
	misaligned_read((u8 *)words + 1);
	if (handled.count) {
		EXPECT_EQ(handled.info.code, BUS_ADRALN);
		EXPECT_EQ(handled.info.address, 0);
	}
	__asm__ volatile("pushfl; orl %0, (%%esp); popfl" : : "i"(EFLAGS_AC) : "memory", "cc");
	sys_getpid();
	__asm__ volatile("pushfl; andl %0, (%%esp); popfl" : : "i"(~EFLAGS_AC) : "memory", "cc");
}

/*
 * The first part that is read replaces the vector itself. The second one goes where the call was
 * told at first.
 */
static void vector_overwritten(void)
{
	static u8 right[16], wrong[16];
	static struct iovec vector[2];
	const struct iovec forged[2] = { { (u32)wrong, 16 }, { (u32)wrong, 16 } };
	int fd = file_create(0, 0);

	EXPECT_EQ(sys_write(fd, forged, sizeof(forged)), sizeof(forged));
	EXPECT_EQ(sys_write(fd, "sixteen letters.", 16), 16);
	EXPECT_EQ(sys_lseek(fd, 0, 0), 0);
	vector[0] = (struct iovec){ (u32)vector, sizeof(vector) };
	vector[1] = (struct iovec){ (u32)right, 16 };
	EXPECT_EQ(system_call(NR_readv, fd, (long)vector, 2, 0, 0, 0), sizeof(vector) + 16);
	EXPECT_EQ(memcmp(right, "sixteen letters.", 16), 0);
	EXPECT_EQ(wrong[0], 0);
	sys_close(fd);
}

static long write_from(int fd, const u8 *from, u32 bytes, u32 offset, u32 size)
{
	EXPECT_EQ(sys_ftruncate(fd, (long)size), 0);
	return sys_pwrite64(fd, from, bytes, offset);
}

/*
 * A write from the file's own mapping: bytes beyond its end are absent until the write moves the
 * end.
 */
static void write_from_own_mapping(void)
{
	int fd = file_create(0, 0);
	u8 *map = (u8 *)sys_mmap2(0, 4 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	EXPECT_EQ(write_from(fd, map, PAGE_SIZE, 0, 0), -EFAULT);
	EXPECT_EQ(file_size(fd), 0);
	EXPECT_EQ(write_from(fd, map + PAGE_SIZE, PAGE_SIZE, PAGE_SIZE, PAGE_SIZE), -EFAULT);
	EXPECT_EQ(file_size(fd), PAGE_SIZE);
	EXPECT_EQ(write_from(fd, map, 2 * PAGE_SIZE, 0, PAGE_SIZE), PAGE_SIZE);
	EXPECT_EQ(write_from(fd, map + 4000, 200, 4000, PAGE_SIZE), 96);
	EXPECT_EQ(file_size(fd), PAGE_SIZE);
	EXPECT_EQ(write_from(fd, map + 200, 8000, 100, 100), 3896);
	EXPECT_EQ(file_size(fd), 3996);
	EXPECT_EQ(write_from(fd, map + 100, 8192, 8192, PAGE_SIZE), 8192);
	EXPECT_EQ(file_size(fd), 16384);
	sys_munmap((u32)map, 4 * PAGE_SIZE);
	sys_close(fd);
}

static const struct tap_case cases[] = {
	{ "iret with EFLAGS.VM", vm86 },
	{ "iret with EFLAGS.VM, and a handler", vm86_handled },
	{ "iret with EFLAGS.VM and I/O rights", vm86_rights },
	{ "EFLAGS.VM in a signal frame", vm_in_a_frame },
	{ "a far return in ring 3", far_return },
	{ "EFLAGS.AC", alignment },
	{ "a vector that is overwritten by its own read", vector_overwritten },
	{ "a file is written from its own mapping", write_from_own_mapping },
};

int main(void);
int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
