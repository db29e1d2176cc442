/* SPDX-License-Identifier: MIT */
/*
 * Handlers of a program's own faults, and the frames that a handler gets and returns by.
 *
 *     fault -> frame on the stack -> handler(signal, &siginfo, &ucontext) -> sigreturn -> again
 *
 * A handler may repair what was wrong, or change the registers in the frame and so go on elsewhere.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/mapping.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)

/* Room for the extended state of a large processor, which Linux puts below the frame. */
#define ALTSTACK_PAGES 16u

#define FLAG_CARRY     0x001u
#define FLAG_TRAP      0x100u
#define FLAG_DIRECTION 0x400u
#define FLAG_INTERRUPT 0x200u
#define FLAG_AC	       0x40000u

/* IOPL, NT, VM: what no program may set. */
#define FLAGS_FORBIDDEN 0x27000u

/* Both accesses are instructions of two bytes, which skip_two() steps over. */
static void read_at(u32 address)
{
	asm volatile("movb (%%ecx), %%al" : : "c"(address) : "eax", "memory");
}

static void write_at(u32 address)
{
	asm volatile("movb %%al, (%%ecx)" : : "c"(address), "a"(0x77) : "memory");
}

static void skip_two(int signal, struct siginfo *info, struct ucontext *context)
{
	note_siginfo(signal, info, context);
	context->context.eip += 2;
}

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

/* Behind the last page of a mapped file is SIGBUS, also where the area allows the access. */
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
 * A program may set AC. It is not the kernel's then: bad pointers still are errors, good ones still
 * work, and the program has its flag back.
 */
static void alignment_flag(void)
{
	struct utsname name;
	u32 flags;
	long good, bad;

	asm volatile("pushfl; orl $0x40000, (%%esp); popfl; int $0x80"
		     : "=a"(good)
		     : "a"(NR_UNAME), "b"(&name)
		     : "memory", "cc");
	asm volatile("int $0x80" : "=a"(bad) : "a"(NR_UNAME), "b"(16) : "memory");
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

/* Runs one instruction that faults; returns its address and goes on behind it. */
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

static void spoil_registers(int signal, struct siginfo *info, struct ucontext *context)
{
	skip_two(signal, info, context);
	asm volatile("stc; xorl %%eax, %%eax; movl $1, %%edx; movl $2, %%ecx; movl $3, %%esi; "
		     "movl $4, %%edi"
		     :
		     :
		     : "eax", "ecx", "edx", "esi", "edi", "cc");
}

/* Everything is as before when the handler has returned, and the frame shows what it was. */
static void registers_survive(void)
{
	u32 seen[8], flags;
	struct sigcontext *context = &handled.context.context;

	handled_clear();
	handler_set(SIGSEGV, spoil_registers, SA_SIGINFO, 0);
	asm volatile("pushl %%ebp\n\t"
		     "movl $0x11111111, %%eax\n\t"
		     "movl $0x22222222, %%ebx\n\t"
		     "movl $16, %%ecx\n\t"
		     "movl $0x44444444, %%edx\n\t"
		     "movl $0x55555555, %%esi\n\t"
		     "movl $0x66666666, %%ebp\n\t"
		     "cmpl %%eax, %%eax\n\t"
		     "std\n\t"
		     "movb %%al, (%%ecx)\n\t"
		     "cld\n\t"
		     "pushfl\n\t"
		     "movl %%eax, (%%edi)\n\t"
		     "movl %%ebx, 4(%%edi)\n\t"
		     "movl %%ecx, 8(%%edi)\n\t"
		     "movl %%edx, 12(%%edi)\n\t"
		     "movl %%esi, 16(%%edi)\n\t"
		     "movl %%ebp, 20(%%edi)\n\t"
		     "popl 24(%%edi)\n\t"
		     "popl %%ebp"
		     :
		     : "D"(seen)
		     : "eax", "ebx", "ecx", "edx", "esi", "memory", "cc");
	EXPECT_EQ(handled.count, 1);
	EXPECT(seen[0] == 0x11111111 && context->eax == seen[0]);
	EXPECT(seen[1] == 0x22222222 && context->ebx == seen[1]);
	EXPECT(seen[2] == 16 && context->ecx == seen[2]);
	EXPECT(seen[3] == 0x44444444 && context->edx == seen[3]);
	EXPECT(seen[4] == 0x55555555 && context->esi == seen[4]);
	EXPECT(seen[5] == 0x66666666 && context->ebp == seen[5]);
	EXPECT_EQ(seen[6] & 0x8d5, 0x44); /* ZF and PF of the comparison */
	EXPECT_EQ(context->edi, (u32)seen);
	EXPECT_EQ(context->eflags & (FLAG_DIRECTION | FLAG_INTERRUPT | 0x8d5), 0x644);
	EXPECT_EQ(context->esp, context->esp_at_signal);
	EXPECT(context->cs == 0x23 && context->ds == 0x2b && context->es == 0x2b);
	EXPECT_EQ(context->ss, 0x2b);
	asm volatile("pushfl; popl %0" : "=r"(flags));
	EXPECT_EQ(flags & FLAG_DIRECTION, 0);
	handler_set(SIGSEGV, SIG_DFL, 0, 0);
}

volatile u32 entry_registers[8];

/* Notes eax, edx, ecx, esp, flags, ds, es, and the word at esp as the handler starts. */
void note_entry(void);
asm(".globl note_entry\n"
    "note_entry:\n\t"
    "movl %eax, entry_registers\n\t"
    "movl %edx, entry_registers + 4\n\t"
    "movl %ecx, entry_registers + 8\n\t"
    "movl %esp, entry_registers + 12\n\t"
    "pushfl\n\t"
    "popl entry_registers + 16\n\t"
    "movl %ds, %eax\n\t"
    "movl %eax, entry_registers + 20\n\t"
    "movl %es, %eax\n\t"
    "movl %eax, entry_registers + 24\n\t"
    "movl (%esp), %eax\n\t"
    "movl %eax, entry_registers + 28\n\t"
    "ret");

/* The end of the sigreturn() that each frame carries, for those who look for it. */
static const u8 retcode[8] = { 0x58, 0xb8, 119, 0, 0, 0, 0xcd, 0x80 };
static const u8 rt_retcode[8] = { 0xb8, 173, 0, 0, 0, 0xcd, 0x80, 0 };

static void entry_of_a_handler(void)
{
	const volatile u32 *e = entry_registers;

	handler_set(SIGUSR1, note_entry, SA_SIGINFO, 0);
	asm volatile("std; int $0x80; cld"
		     :
		     : "a"(NR_KILL), "b"(sys_getpid()), "c"(SIGUSR1)
		     : "memory");
	EXPECT_EQ(e[0], SIGUSR1);
	EXPECT_EQ(e[3] & 15, 12);
	EXPECT_EQ(e[1], e[3] + 16);
	EXPECT_EQ(e[2], e[3] + 16 + 128);
	EXPECT_EQ(e[4] & (FLAG_DIRECTION | FLAG_TRAP | FLAG_INTERRUPT), FLAG_INTERRUPT);
	EXPECT(e[5] == 0x2b && e[6] == 0x2b);
	handler_set(SIGUSR1, note_entry, 0, 0);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
	EXPECT_EQ(e[0], SIGUSR1);
	EXPECT_EQ(e[3] & 15, 12);
	EXPECT(e[1] == 0 && e[2] == 0);
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
}

volatile u32 restored;

void restore_plain(void);
void restore_rt(void);
asm(".globl restore_plain, restore_rt\n"
    "restore_plain:\n\t"
    "popl %eax\n\t"
    "incl restored\n\t"
    "movl $119, %eax\n\t"
    "int $0x80\n"
    "restore_rt:\n\t"
    "incl restored\n\t"
    "movl $173, %eax\n\t"
    "int $0x80");

/* A handler returns through the restorer of the program if there is one. */
static void restorer(void)
{
	struct sigaction action = { (u32)note_entry, SA_RESTORER, (u32)restore_plain, { 0, 0 } };

	restored = 0;
	EXPECT_EQ(sys_rt_sigaction(SIGUSR1, &action, NULL), 0);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
	EXPECT_EQ(restored, 1);
	EXPECT_EQ(entry_registers[7], (u32)restore_plain);
	action.flags |= SA_SIGINFO;
	action.restorer = (u32)restore_rt;
	EXPECT_EQ(sys_rt_sigaction(SIGUSR1, &action, NULL), 0);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
	EXPECT_EQ(restored, 2);
	EXPECT_EQ(entry_registers[7], (u32)restore_rt);
	/* Without the flag it is only a word that is kept. */
	action.flags = SA_SIGINFO;
	EXPECT_EQ(sys_rt_sigaction(SIGUSR1, &action, NULL), 0);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
	EXPECT_EQ(restored, 2);
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
}

static u32 plain_mask[2];
static bool retcode_found;

/* Without SA_SIGINFO the sigcontext follows the signal number. */
static void look_at_plain_frame(int signal)
{
	u8 *frame = (u8 *)__builtin_frame_address(0) + 4;
	/* The compiler takes this for its own frame, and writes to it for useless. */
	volatile struct sigcontext *context = (volatile struct sigcontext *)(frame + 8);

	note_signal(signal);
	handled.context.context = *context;
	plain_mask[0] = context->oldmask;
	plain_mask[1] = *(volatile u32 *)(frame + 720);
	retcode_found = !memcmp(frame + 724, retcode, sizeof(retcode));
	if (signal == SIGSEGV)
		context->eip += 2;
	/* What the mask will be. */
	context->oldmask = (u32)(SIGNAL_BIT(SIGHUP) | SIGNAL_BIT(SIGKILL));
	*(volatile u32 *)(frame + 720) = 0x80;
}

static void plain_frame(void)
{
	struct sigcontext *context = &handled.context.context;

	handled_clear();
	mask_set(SIGNAL_BIT(SIGUSR2) | SIGNAL_BIT(33));
	handler_set(SIGSEGV, look_at_plain_frame, 0, 0);
	write_at(24);
	EXPECT_EQ(handled.count, 1);
	EXPECT(context->cr2 == 24 && context->ecx == 24 && context->trapno == 14);
	EXPECT_EQ(context->err, 6);
	EXPECT(plain_mask[0] == SIGNAL_BIT(SIGUSR2) && plain_mask[1] == 1);
	EXPECT(retcode_found);
	EXPECT(mask_get() == (SIGNAL_BIT(SIGHUP) | SIGNAL_BIT(40)));
	mask_set(0);
	handler_set(SIGSEGV, SIG_DFL, 0, 0);
}

static void change_rt_frame(int signal, struct siginfo *info, struct ucontext *context)
{
	note_siginfo(signal, info, context);
	handled.esp = (u32)__builtin_frame_address(0) + 4;
	retcode_found = !memcmp(context + 1, rt_retcode, sizeof(rt_retcode));
	context->mask[0] = ~0u;
	context->mask[1] = 1;
	context->context.eax = 4711;
}

static void rt_frame(void)
{
	const u64 all_but_two = 0xffffffffu & ~(SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP));

	handled_clear();
	mask_set(SIGNAL_BIT(SIGUSR2) | SIGNAL_BIT(33));
	handler_set(SIGUSR1, change_rt_frame, SA_SIGINFO, 0);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 4711);
	EXPECT_EQ(handled.info_place, handled.esp + 16);
	EXPECT_EQ(handled.context_place, handled.info_place + 128);
	EXPECT(handled.context.mask[0] == SIGNAL_BIT(SIGUSR2) && handled.context.mask[1] == 1);
	EXPECT_EQ(handled.context.context.oldmask, SIGNAL_BIT(SIGUSR2));
	EXPECT_EQ(handled.context.link, 0);
	EXPECT(memory_is_zero(&handled.info.words[2], 27 * 4));
	EXPECT(retcode_found);
	EXPECT(mask_get() == (all_but_two | SIGNAL_BIT(33)));
	mask_set(0);
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
}

static u32 flags_wanted;

static void change_flags(int signal, struct siginfo *info, struct ucontext *context)
{
	note_siginfo(signal, info, context);
	context->context.eflags = flags_wanted;
}

static u32 flags_after_frame(u32 wanted)
{
	u32 flags;

	flags_wanted = wanted;
	asm volatile("int $0x80; pushfl; popl %0; cld"
		     : "=a"(flags)
		     : "a"(NR_KILL), "b"(sys_getpid()), "c"(SIGUSR1)
		     : "memory", "cc");
	return flags;
}

/* A frame gives a program no right over interrupts, ports or the processor's modes. */
static void flags_in_a_frame(void)
{
	const u32 wishes = ~(FLAG_TRAP | FLAG_AC);

	handler_set(SIGUSR1, change_flags, SA_SIGINFO, 0);
	EXPECT_EQ(flags_after_frame(wishes) & (FLAGS_FORBIDDEN | 0xfd5), 0xed5);
	EXPECT_EQ(flags_after_frame(0) & (FLAGS_FORBIDDEN | 0xfd5), FLAG_INTERRUPT);
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
}

volatile u32 selectors[5];

static void change_selectors(int signal, struct siginfo *info, struct ucontext *context)
{
	(void)signal, (void)info;
	if (selectors[0])
		context->context.cs = selectors[0];
	if (selectors[1])
		context->context.ss = selectors[1];
	if (selectors[2])
		context->context.ds = selectors[2];
	if (selectors[3])
		context->context.es = selectors[3];
	if (selectors[4])
		context->context.fs = selectors[4];
}

static void return_with_selector(void *argument)
{
	u32 place = (u32)argument >> 16, value = (u32)argument & 0xffff;

	selectors[place] = value;
	handler_set(SIGUSR1, change_selectors, SA_SIGINFO, 0);
	sys_kill(sys_getpid(), SIGUSR1);
	asm volatile("pushl %%es; popl %%es; pushl %%ds; popl %%ds" : : : "memory");
}

/*
 * Selectors of the kernel, of nothing, and of data where code should be. A bad one for data becomes
 * the null selector, which the emulator lets programs use.
 */
static void selectors_in_a_frame(void)
{
	static const u32 bad[] = { 0x10, 0x18, 0xfff8 };

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_CHILD(return_with_selector, (void *)bad[i], KILLED(SIGSEGV));
		EXPECT_CHILD(return_with_selector, (void *)(1u << 16 | bad[i]), KILLED(SIGSEGV));
		EXPECT_CHILD(return_with_selector, (void *)(4u << 16 | bad[i]), EXITED(0));
	}
	/* Ring 3's own, asked for with ring 0's privilege. */
	EXPECT_CHILD(return_with_selector, (void *)0x20, EXITED(0));
	EXPECT_CHILD(return_with_selector, (void *)(1u << 16 | 0x28), EXITED(0));
	EXPECT_CHILD(return_with_selector, (void *)(2u << 16 | 0x28), EXITED(0));
	EXPECT_CHILD(return_with_selector, (void *)(3u << 16 | 0x28), EXITED(0));
	EXPECT_CHILD(return_with_selector, (void *)0x2b, KILLED(SIGSEGV));
}

static void return_to(int signal, struct siginfo *info, struct ucontext *context)
{
	(void)signal, (void)info;
	context->context.eip = go_on_at;
}

static void return_to_address(void *argument)
{
	go_on_at = (u32)argument;
	handler_set(SIGUSR1, return_to, SA_SIGINFO, 0);
	sys_kill(sys_getpid(), SIGUSR1);
}

static void call_sigreturn(void *argument)
{
	asm volatile("movl %%ecx, %%esp; int $0x80"
		     :
		     : "a"(argument ? NR_RT_SIGRETURN : NR_SIGRETURN), "c"(0x1000)
		     : "memory");
}

static void call_sigreturn_at_kernel(void *argument)
{
	asm volatile("movl %%ecx, %%esp; int $0x80"
		     :
		     : "a"(argument ? NR_RT_SIGRETURN : NR_SIGRETURN), "c"(0xC0100000u)
		     : "memory");
}

static void bad_returns(void)
{
	EXPECT_CHILD(return_to_address, (void *)0, KILLED(SIGSEGV));
	EXPECT_CHILD(return_to_address, (void *)0xC0100000u, KILLED(SIGSEGV));
	EXPECT_CHILD(return_to_address, (void *)0xFFFFFFFFu, KILLED(SIGSEGV));
	for (u32 rt = 0; rt < 2; rt++) {
		EXPECT_CHILD(call_sigreturn, (void *)rt, KILLED(SIGSEGV));
		EXPECT_CHILD(call_sigreturn_at_kernel, (void *)rt, KILLED(SIGSEGV));
	}
}

/* One system call with another stack pointer. */
static long kill_on_stack(u32 esp, int signal)
{
	long result;

	asm volatile("movl %%esp, %%esi\n\t"
		     "movl %%edx, %%esp\n\t"
		     "int $0x80\n\t"
		     "movl %%esi, %%esp"
		     : "=a"(result)
		     : "0"(NR_KILL), "b"(sys_getpid()), "c"(signal), "d"(esp)
		     : "esi", "memory");
	return result;
}

static void signal_on_bad_stack(void *argument)
{
	handler_note(SIGUSR1, 0);
	kill_on_stack((u32)argument, SIGUSR1);
}

/* A frame may make the stack grow, by more than a page. */
static void frames_and_stacks(void)
{
	u32 esp = (u32)__builtin_frame_address(0);

	handled_clear();
	handler_note(SIGUSR1, SA_SIGINFO);
	EXPECT_EQ(kill_on_stack(esp - 200 * 1024, SIGUSR1), 0);
	EXPECT_EQ(handled.count, 1);
	EXPECT(esp - handled.esp > 200 * 1024);
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
	EXPECT_CHILD(signal_on_bad_stack, (void *)0, KILLED(SIGSEGV));
	EXPECT_CHILD(signal_on_bad_stack, (void *)4, KILLED(SIGSEGV));
	EXPECT_CHILD(signal_on_bad_stack, (void *)0x1000, KILLED(SIGSEGV));
	EXPECT_CHILD(signal_on_bad_stack, (void *)0xFFFFFFFFu, KILLED(SIGSEGV));
	EXPECT_CHILD(signal_on_bad_stack, (void *)read_at, KILLED(SIGSEGV));
}

static struct altstack altstack_get(void)
{
	struct altstack stack = { 1, 1, 1 };

	EXPECT_EQ(sys_sigaltstack(NULL, &stack), 0);
	return stack;
}

static bool on_stack(u32 esp, const struct altstack *stack)
{
	return esp > stack->start && esp < stack->start + stack->size;
}

static struct altstack in_handler;
static long set_in_handler;

static void note_altstack(int signal, struct siginfo *info, struct ucontext *context)
{
	struct altstack other = { 0x1000, 0, 0x10000 };

	skip_two(signal, info, context);
	in_handler = altstack_get();
	set_in_handler = sys_sigaltstack(&other, NULL);
}

static void altstack_in_use(void)
{
	u8 *memory = memory_map(ALTSTACK_PAGES, READ_WRITE);
	struct altstack stack = { (u32)memory, 0, ALTSTACK_PAGES * PAGE_SIZE };

	handled_clear();
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), 0);
	EXPECT_EQ(altstack_get().flags, 0);
	EXPECT_EQ(altstack_get().start, stack.start);
	EXPECT_EQ(altstack_get().size, stack.size);
	handler_set(SIGSEGV, note_altstack, SA_SIGINFO | SA_ONSTACK, 0);
	write_at(0);
	EXPECT_EQ(handled.count, 1);
	EXPECT(on_stack(handled.esp, &stack));
	EXPECT(handled.context.stack.start == stack.start && handled.context.stack.flags == 0);
	EXPECT_EQ(handled.context.stack.size, stack.size);
	EXPECT_EQ(in_handler.flags, SS_ONSTACK);
	EXPECT_EQ(in_handler.start, stack.start);
	EXPECT_EQ(set_in_handler, -EPERM);
	EXPECT_EQ(altstack_get().flags, 0);
	/* Without SA_ONSTACK it is not taken. */
	handler_set(SIGSEGV, note_altstack, SA_SIGINFO, 0);
	write_at(0);
	EXPECT(!on_stack(handled.esp, &stack));
	EXPECT_EQ(in_handler.flags, 0);
	EXPECT_EQ(set_in_handler, 0);
	/* The return has set again what the frame says. */
	EXPECT_EQ(altstack_get().start, stack.start);
	stack.flags = SS_DISABLE;
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), 0);
	handler_set(SIGSEGV, SIG_DFL, 0, 0);
	memory_unmap(memory, ALTSTACK_PAGES);
}

static void altstack_errors(void)
{
	struct altstack stack = { 0x10000, 0, MINSIGSTKSZ - 1 }, old;

	EXPECT_EQ(altstack_get().flags, SS_DISABLE);
	EXPECT_EQ(altstack_get().size, 0);
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), -ENOMEM);
	stack.size = 0;
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), -ENOMEM);
	stack.size = 0x10000;
	stack.flags = 4;
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), -EINVAL);
	stack.flags = SS_ONSTACK | SS_DISABLE;
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), -EINVAL);
	EXPECT_EQ(sys_sigaltstack((struct altstack *)16, NULL), -EFAULT);
	EXPECT_EQ(sys_sigaltstack(NULL, (struct altstack *)16), -EFAULT);
	EXPECT_EQ(sys_sigaltstack(NULL, NULL), 0);
	EXPECT_EQ(altstack_get().flags, SS_DISABLE);
	/* SS_ONSTACK in a request is allowed and means nothing. */
	stack.flags = SS_ONSTACK;
	EXPECT_EQ(sys_sigaltstack(&stack, &old), 0);
	EXPECT_EQ(old.flags, SS_DISABLE);
	EXPECT_EQ(altstack_get().flags, 0);
	/* A stack that is taken away needs no size. */
	stack = (struct altstack){ 0x20000, SS_DISABLE, 1 };
	EXPECT_EQ(sys_sigaltstack(&stack, &old), 0);
	EXPECT(old.start == 0x10000 && old.size == 0x10000 && old.flags == 0);
	EXPECT(altstack_get().start == 0 && altstack_get().size == 0);
}

/* The stack of a fault whose own stack is no good. */
static void altstack_saves(void)
{
	u8 *memory = memory_map(ALTSTACK_PAGES, READ_WRITE);
	struct altstack stack = { (u32)memory, 0, ALTSTACK_PAGES * PAGE_SIZE };

	handled_clear();
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), 0);
	handler_note(SIGUSR1, 0);
	handler_note(SIGSEGV, SA_SIGINFO | SA_ONSTACK);
	/* The frame for SIGUSR1 can't be written: that is a SIGSEGV, which has a stack. */
	kill_on_stack(64, SIGUSR1);
	EXPECT_EQ(handled.count, 1);
	EXPECT_EQ(handled.info.signo, SIGSEGV);
	EXPECT_EQ(handled.info.code, SI_KERNEL);
	EXPECT(on_stack(handled.esp, &stack));
	EXPECT_EQ(handled.context.context.esp, 64);
	stack.flags = SS_DISABLE;
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), 0);
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
	handler_set(SIGSEGV, SIG_DFL, 0, 0);
	memory_unmap(memory, ALTSTACK_PAGES);
}

static void recurse_on_altstack(int signal)
{
	handled.count++;
	sys_kill(sys_getpid(), signal);
}

static void overflow_altstack(void *argument)
{
	struct altstack stack = { (u32)argument + 2 * PAGE_SIZE, 0, 0x10000 };

	EXPECT_EQ(sys_sigaltstack(&stack, NULL), 0);
	handler_set(SIGUSR1, recurse_on_altstack, SA_ONSTACK | SA_NODEFER, 0);
	sys_kill(sys_getpid(), SIGUSR1);
}

/* What lies below a stack that runs over is not written to. */
static void altstack_overflow(void)
{
	u8 *memory = memory_map(2 + 16, READ_WRITE);

	memory_fill(memory, 2, 3);
	EXPECT_CHILD(overflow_altstack, memory, KILLED(SIGSEGV));
	EXPECT(memory_check(memory, 2, 3));
	memory_unmap(memory, 2 + 16);
}

static void altstack_disarms(void)
{
	u8 *memory = memory_map(ALTSTACK_PAGES, READ_WRITE);
	struct altstack stack = { (u32)memory, SS_AUTODISARM, ALTSTACK_PAGES * PAGE_SIZE };

	handled_clear();
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), 0);
	EXPECT_EQ(altstack_get().flags, SS_AUTODISARM);
	handler_set(SIGSEGV, note_altstack, SA_SIGINFO | SA_ONSTACK, 0);
	write_at(0);
	EXPECT(on_stack(handled.esp, &stack));
	EXPECT(in_handler.flags == SS_DISABLE && in_handler.size == 0);
	EXPECT_EQ(set_in_handler, 0);
	EXPECT_EQ(altstack_get().start, stack.start);
	EXPECT_EQ(altstack_get().flags, SS_AUTODISARM);
	stack.flags = SS_DISABLE;
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), 0);
	handler_set(SIGSEGV, SIG_DFL, 0, 0);
	memory_unmap(memory, ALTSTACK_PAGES);
}

static const struct tap_case cases[] = {
	{ "si_addr, si_code, the error code", address_and_code },
	{ "a fault that the handler repairs", repaired },
	{ "kernel addresses", kernel_addresses },
	{ "a call's bad pointer is no signal", no_signal_for_a_call },
	{ "behind the end of a file", end_of_a_file },
	{ "the AC flag of a program", alignment_flag },
	{ "other exceptions", exceptions },
	{ "single steps", single_steps },
	{ "faults that no handler can take", deadly_faults },
	{ "nested faults", nested_faults },
	{ "registers survive", registers_survive },
	{ "a handler's registers", entry_of_a_handler },
	{ "SA_RESTORER", restorer },
	{ "the frame without SA_SIGINFO", plain_frame },
	{ "the frame with SA_SIGINFO", rt_frame },
	{ "flags in a frame", flags_in_a_frame },
	{ "selectors in a frame", selectors_in_a_frame },
	{ "returns to nowhere", bad_returns },
	{ "frames on growing and on bad stacks", frames_and_stacks },
	{ "an alternate stack in use", altstack_in_use },
	{ "alternate stack errors", altstack_errors },
	{ "an alternate stack for a bad stack", altstack_saves },
	{ "an alternate stack runs over", altstack_overflow },
	{ "SS_AUTODISARM", altstack_disarms },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
