/* SPDX-License-Identifier: MIT */
/*
 * The frames that a handler gets and returns by: what they hold, what a program may change in
 * them, and what becomes of one that cannot be written or read.
 */
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

#define FLAG_TRAP      0x100u
#define FLAG_DIRECTION 0x400u
#define FLAG_INTERRUPT 0x200u
#define FLAG_AC	       0x40000u
/* IOPL, NT, VM: what no program may set. */
#define FLAGS_FORBIDDEN 0x27000u

static volatile u32 go_on_at;

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

/* The end of the sigreturn() code in each frame, for debuggers that look for it. */
static const u8 retcode[8] = { 0x58, 0xb8, 119, 0, 0, 0, 0xcd, 0x80 };
static const u8 rt_retcode[8] = { 0xb8, 173, 0, 0, 0, 0xcd, 0x80, 0 };

static void entry_of_a_handler(void)
{
	const volatile u32 *e = entry_registers;

	handler_set(SIGUSR1, note_entry, SA_SIGINFO, 0);
	asm volatile("std; int $0x80; cld"
		     :
		     : "a"(NR_kill), "b"(sys_getpid()), "c"(SIGUSR1)
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
	struct sigaction action = { (u32)note_entry, SA_RESTORER, (u32)restore_plain, 0 };

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
	/* The future mask. */
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
	context->mask = 1ull << 32 | ~0u;
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
	EXPECT(handled.context.mask == (1ull << 32 | SIGNAL_BIT(SIGUSR2)));
	EXPECT_EQ(handled.context.context.oldmask, SIGNAL_BIT(SIGUSR2));
	EXPECT_EQ(handled.context.link, 0);
	EXPECT(memory_is_zero(&handled.info_words[5], 27 * 4));
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
		     : "a"(NR_kill), "b"(sys_getpid()), "c"(SIGUSR1)
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

static u32 changed[6];

static void change_registers(int signal, struct siginfo *info, struct ucontext *context)
{
	struct sigcontext *registers = &context->context;

	(void)signal, (void)info;
	registers->eax = 0x11;
	registers->ebx = 0x12;
	registers->ecx = 0x13;
	registers->edx = 0x14;
	registers->esi = 0x15;
	registers->ebp = 0x16;
	registers->edi = (u32)changed;
}

/* What a handler writes into the frame is in the registers when it has returned. */
static void registers_in_a_frame(void)
{
	u32 wrong[6], *place = wrong;

	handler_set(SIGTRAP, change_registers, SA_SIGINFO, 0);
	asm volatile("pushl %%ebx\n\t"
		     "pushl %%ebp\n\t"
		     "int3\n\t"
		     "movl %%eax, (%%edi)\n\t"
		     "movl %%ebx, 4(%%edi)\n\t"
		     "movl %%ecx, 8(%%edi)\n\t"
		     "movl %%edx, 12(%%edi)\n\t"
		     "movl %%esi, 16(%%edi)\n\t"
		     "movl %%ebp, 20(%%edi)\n\t"
		     "popl %%ebp\n\t"
		     "popl %%ebx"
		     : "+D"(place)
		     :
		     : "eax", "ecx", "edx", "esi", "memory", "cc");
	EXPECT(place == changed);
	for (u32 i = 0; i < ARRAY_SIZE(changed); i++)
		EXPECT_EQ(changed[i], 0x11 + i);
	handler_set(SIGTRAP, SIG_DFL, 0, 0);
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
 * Selectors of the kernel, of nothing, and of data where code should be. A bad one for data
 * becomes the null selector, which the emulator lets programs use.
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
		     : "a"(argument ? NR_rt_sigreturn : NR_sigreturn), "c"(0x1000)
		     : "memory");
}

static void call_sigreturn_at_kernel(void *argument)
{
	asm volatile("movl %%ecx, %%esp; int $0x80"
		     :
		     : "a"(argument ? NR_rt_sigreturn : NR_sigreturn), "c"(0xC0100000u)
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

static const struct tap_case cases[] = {
	{ "registers survive", registers_survive },
	{ "a handler's registers", entry_of_a_handler },
	{ "SA_RESTORER", restorer },
	{ "the frame without SA_SIGINFO", plain_frame },
	{ "the frame with SA_SIGINFO", rt_frame },
	{ "registers in a frame", registers_in_a_frame },
	{ "flags in a frame", flags_in_a_frame },
	{ "selectors in a frame", selectors_in_a_frame },
	{ "returns to nowhere", bad_returns },
	{ "frames on growing and on bad stacks", frames_and_stacks },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
