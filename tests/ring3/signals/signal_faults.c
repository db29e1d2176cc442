/* SPDX-License-Identifier: MIT */
/*
 * Handlers of a program's own faults.
 *
 *     fault -> frame on the stack -> handler(signal, &siginfo, &ucontext) -> sigreturn -> again
 *
 * A handler may repair what was wrong, or change the registers in the frame and so go on
 * elsewhere.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/mapping.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define FLAG_TRAP  0x100u
#define FLAG_AC	   0x40000u

static void expect_fault(void (*access)(u32), u32 address, int code, u32 error_code)
{
	handled_clear();
	handler_set(SIGSEGV, skip_two, SA_SIGINFO, 0);
	access(address);
	EXPECT_EQ(handled.count, 1);
	EXPECT_EQ(handled.info.signo, SIGSEGV);
	EXPECT_EQ(handled.info.error, 0);
	EXPECT_EQ(handled.info.code, code);
	EXPECT_EQ(handled.info.address, address);
	EXPECT_EQ(handled.context.context.trapno, 14);
	EXPECT_EQ(handled.context.context.err, error_code);
	EXPECT_EQ(handled.context.context.cr2, address);
	handler_set(SIGSEGV, SIG_DFL, 0, 0);
}

static void address_and_code(void)
{
	u8 *start = memory_map(5, READ_WRITE);
	u32 page[5];

	for (u32 i = 0; i < ARRAY_SIZE(page); i++)
		page[i] = (u32)start + i * PAGE_SIZE;
	memory_fill(start, 3, 1);
	memory_read(start + 3 * PAGE_SIZE);
	memory_unmap(start + PAGE_SIZE, 1);
	EXPECT_EQ(sys_mprotect(page[2], 2 * PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(sys_mprotect(page[4], PAGE_SIZE, PROT_NONE), 0);
	expect_fault(read_at, page[1] + 5, SEGV_MAPERR, 4);
	expect_fault(write_at, page[1], SEGV_MAPERR, 6);
	expect_fault(write_at, page[2] + 7, SEGV_ACCERR, 7);
	expect_fault(write_at, page[3] + 4095, SEGV_ACCERR, 7);
	expect_fault(read_at, page[4] + 9, SEGV_ACCERR, 4);
	expect_fault(write_at, page[4], SEGV_ACCERR, 6);
	expect_fault(read_at, 0, SEGV_MAPERR, 4);
	expect_fault(write_at, 8, SEGV_MAPERR, 6);
	EXPECT_EQ(memory_read(start + 3 * PAGE_SIZE), 0);
	EXPECT_EQ(sys_mprotect(page[2], PAGE_SIZE, READ_WRITE), 0);
	EXPECT(memory_check_part(start, 2, 1, 1));
	memory_unmap(start, 5);
}

static void repair(int signal, struct siginfo *info, struct ucontext *context)
{
	note_siginfo(signal, info, context);
	sys_mprotect(info->address & ~(PAGE_SIZE - 1), PAGE_SIZE, READ_WRITE);
}

/* The access is made again after the handler: once per page, a thousand times. */
static void repaired(void)
{
	u8 *start = memory_map(8, READ_WRITE);

	handled_clear();
	handler_set(SIGSEGV, repair, SA_SIGINFO, 0);
	for (u32 round = 0; round < 125; round++) {
		EXPECT_EQ(
			sys_mprotect((u32)start, 8 * PAGE_SIZE, round % 2 ? PROT_NONE : PROT_READ),
			0);
		for (u32 i = 0; i < 8; i++)
			memory_write(start + i * PAGE_SIZE + round, (u8)(round + i));
	}
	EXPECT_EQ(handled.count, 1000);
	for (u32 round = 0; round < 125; round++)
		for (u32 i = 0; i < 8; i++)
			EXPECT_EQ(memory_read(start + i * PAGE_SIZE + round), (u8)(round + i));
	EXPECT_EQ(mask_get(), 0);
	handler_set(SIGSEGV, SIG_DFL, 0, 0);
	memory_unmap(start, 8);
}

/* The kernel's half, and no more than that it is not the program's. */
static void kernel_addresses(void)
{
	static const u32 places[] = { 0xC0000000u, 0xC0100000u, 0xFFFFE000u, 0xFFFFFFFFu };

	handled_clear();
	handler_set(SIGSEGV, skip_two, SA_SIGINFO, 0);
	for (u32 i = 0; i < ARRAY_SIZE(places); i++) {
		read_at(places[i]);
		EXPECT_EQ(handled.count, 2 * i + 1);
		EXPECT_EQ(handled.info.code, SEGV_MAPERR);
		EXPECT_EQ(handled.info.address, places[i]);
		write_at(places[i]);
		EXPECT_EQ(handled.info.address, places[i]);
	}
	handler_set(SIGSEGV, SIG_DFL, 0, 0);
}

/* A bad pointer that the kernel follows is the call's error, not a signal. */
static void no_signal_for_a_call(void)
{
	handled_clear();
	handler_set(SIGSEGV, skip_two, SA_SIGINFO, 0);
	EXPECT_EQ(sys_uname((struct utsname *)16), -EFAULT);
	EXPECT_EQ(handled.count, 0);
	handler_set(SIGSEGV, SIG_DFL, 0, 0);
}

/* An access beyond the last page of a mapped file is SIGBUS, even if the area allows it. */
static void end_of_a_file(void)
{
	int fd = file_create(1, 5);
	u32 start = sys_mmap2(0, 2 * PAGE_SIZE, READ_WRITE, MAP_SHARED, fd, 0);

	EXPECT(!is_error(start));
	handled_clear();
	handler_set(SIGBUS, skip_two, SA_SIGINFO, 0);
	read_at(start + PAGE_SIZE - 1);
	EXPECT_EQ(handled.count, 0);
	read_at(start + PAGE_SIZE + 3);
	EXPECT_EQ(handled.count, 1);
	EXPECT_EQ(handled.info.signo, SIGBUS);
	EXPECT_EQ(handled.info.code, BUS_ADRERR);
	EXPECT_EQ(handled.info.address, start + PAGE_SIZE + 3);
	EXPECT_EQ(handled.context.context.trapno, 14);
	EXPECT_EQ(handled.context.context.err, 4);
	write_at(start + PAGE_SIZE);
	EXPECT_EQ(handled.count, 2);
	EXPECT_EQ(handled.context.context.err, 6);
	handler_set(SIGBUS, SIG_DFL, 0, 0);
	EXPECT_CHILD(memory_read_child, (void *)(start + PAGE_SIZE), KILLED(SIGBUS));
	EXPECT_EQ(sys_munmap(start, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(sys_close(fd), 0);
}

/*
 * A program may set AC. It is not the kernel's then: bad pointers still are errors, good ones
 * still work, and the program has its flag back.
 */
static void alignment_flag(void)
{
	struct utsname name;
	u32 flags;
	long good, bad;

	asm volatile("pushfl; orl $0x40000, (%%esp); popfl; int $0x80"
		     : "=a"(good)
		     : "a"(NR_uname), "b"(&name)
		     : "memory", "cc");
	asm volatile("int $0x80" : "=a"(bad) : "a"(NR_uname), "b"(16) : "memory");
	asm volatile("pushfl; popl %0; pushl %0; andl $~0x40000, (%%esp); popfl"
		     : "=r"(flags)
		     :
		     : "memory", "cc");
	EXPECT_EQ(good, 0);
	EXPECT_EQ(bad, -EFAULT);
	EXPECT_EQ(flags & FLAG_AC, FLAG_AC);
}

static volatile u32 go_on_at;

/* Note, and go on where the case says. */
static void go_elsewhere(int signal, struct siginfo *info, struct ucontext *context)
{
	note_siginfo(signal, info, context);
	context->context.eip = go_on_at;
}

/* Runs one instruction that faults; returns its address and continues after it. */
#define FAULTING(code)                                               \
	({                                                           \
		u32 place_;                                          \
                                                                     \
		asm volatile("movl $2f, %1\n\t"                      \
			     "movl $1f, %0\n"                        \
			     "1:\t" code "\n"                        \
			     "2:"                                    \
			     : "=&b"(place_), "=m"(go_on_at)         \
			     :                                       \
			     : "eax", "ecx", "edx", "memory", "cc"); \
		place_;                                              \
	})

static void expect_exception(int signal, int code, u32 trapno, u32 error_code, u32 address)
{
	EXPECT_EQ(handled.count, 1);
	EXPECT_EQ(handled.info.signo, signal);
	EXPECT_EQ(handled.info.code, code);
	EXPECT_EQ(handled.info.address, address);
	EXPECT_EQ(handled.context.context.trapno, trapno);
	EXPECT_EQ(handled.context.context.err, error_code);
	handled_clear();
}

static void exceptions(void)
{
	static const int signals[] = { SIGFPE, SIGILL, SIGTRAP, SIGSEGV, SIGBUS };
	u32 place;

	for (u32 i = 0; i < ARRAY_SIZE(signals); i++)
		handler_set(signals[i], go_elsewhere, SA_SIGINFO, 0);
	handled_clear();
	place = FAULTING("xorl %%ecx, %%ecx; divl %%ecx");
	expect_exception(SIGFPE, FPE_INTDIV, 0, 0, place + 2);
	place = FAULTING("ud2");
	expect_exception(SIGILL, ILL_ILLOPN, 6, 0, place);
	place = FAULTING("int3");
	EXPECT_EQ(handled.context.context.eip, place + 1);
	expect_exception(SIGTRAP, SI_KERNEL, 3, 0, 0);
	place = FAULTING("hlt");
	EXPECT_EQ(handled.context.context.eip, place);
	expect_exception(SIGSEGV, SI_KERNEL, 13, 0, 0);
	FAULTING("int $14");
	/* QEMU without KVM counts gates of 16 bytes where the kernel is a 64-bit one. */
	if (handled.context.context.err == 14 * 16 + 2)
		handled.context.context.err = 14 * 8 + 2;
	expect_exception(SIGSEGV, SI_KERNEL, 13, 14 * 8 + 2, 0);
	FAULTING("movl $0xFFF8, %%eax; movl %%eax, %%fs");
	expect_exception(SIGSEGV, SI_KERNEL, 13, 0xFFF8, 0);
	for (u32 i = 0; i < ARRAY_SIZE(signals); i++)
		handler_set(signals[i], SIG_DFL, 0, 0);
}

static void stop_stepping(int signal, struct siginfo *info, struct ucontext *context)
{
	note_siginfo(signal, info, context);
	if (handled.count == 3)
		context->context.eflags &= ~FLAG_TRAP;
}

/* TF stays set in the program and is clear in the handler. */
static void single_steps(void)
{
	u32 place;

	handled_clear();
	handler_set(SIGTRAP, stop_stepping, SA_SIGINFO, 0);
	asm volatile("movl $1f, %0\n\t"
		     "pushfl; orl $0x100, (%%esp); popfl\n\t"
		     "nop\n\tnop\n"
		     "1:\tnop\n\tnop"
		     : "=&r"(place)
		     :
		     : "memory", "cc");
	EXPECT_EQ(handled.count, 3);
	EXPECT_EQ(handled.info.code, TRAP_TRACE);
	EXPECT_EQ(handled.info.address, place + 1);
	EXPECT_EQ(handled.context.context.trapno, 1);
	EXPECT_EQ(handled.context.context.eip, place + 1);
	handler_set(SIGTRAP, SIG_DFL, 0, 0);
}

static void fault_with(void *argument)
{
	void (**prepare)(void) = argument;

	(*prepare)();
	write_at(0);
}

static void block_it(void)
{
	handler_note(SIGSEGV, SA_SIGINFO);
	mask_set(SIGNAL_BIT(SIGSEGV));
}

static void ignore_it(void)
{
	handler_set(SIGSEGV, (void *)SIG_IGN, 0, 0);
}

static void fault_again(int signal)
{
	(void)signal;
	write_at(0);
}

static void fault_in_handler(void)
{
	handler_set(SIGSEGV, fault_again, 0, 0);
}

static void handler_nowhere(void)
{
	handler_set(SIGSEGV, (void *)16, 0, 0);
}

static void handler_without_memory(void)
{
	handler_set(SIGSEGV, note_signal, 0, 0);
	asm volatile("xorl %%esp, %%esp; movl %%eax, (%%esp)" : : : "memory");
}

static void handled_once(void)
{
	handler_set(SIGSEGV, note_signal, SA_RESETHAND, 0);
}

/* A fault cannot be put off: where no handler can run, it is the end. */
static void deadly_faults(void)
{
	static void (*const ways[])(void) = {
		block_it,    ignore_it, fault_in_handler, handler_nowhere, handler_without_memory,
		handled_once
	};

	for (u32 i = 0; i < ARRAY_SIZE(ways); i++)
		EXPECT_CHILD(fault_with, (void *)&ways[i], KILLED(SIGSEGV));
}

static void fault_deeper(int signal, struct siginfo *info, struct ucontext *context)
{
	note_siginfo(signal, info, context);
	if (handled.count < 10)
		write_at(handled.count);
	context->context.eip += 2;
}

static void nested_faults(void)
{
	handled_clear();
	handler_set(SIGSEGV, fault_deeper, SA_SIGINFO | SA_NODEFER, 0);
	write_at(0);
	EXPECT_EQ(handled.count, 10);
	EXPECT_EQ(handled.info.address, 9);
	handler_set(SIGSEGV, SIG_DFL, 0, 0);
}

static const struct tap_case cases[] = {
	{ "si_addr, si_code, the error code", address_and_code },
	{ "a fault that the handler repairs", repaired },
	{ "kernel addresses", kernel_addresses },
	{ "a call's bad pointer is no signal", no_signal_for_a_call },
	{ "after the end of a file", end_of_a_file },
	{ "the AC flag of a program", alignment_flag },
	{ "other exceptions", exceptions },
	{ "single steps", single_steps },
	{ "faults that no handler can take", deadly_faults },
	{ "nested faults", nested_faults },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
