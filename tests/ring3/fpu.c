/* SPDX-License-Identifier: MIT */
/*
 * x87 and SSE registers: every task has its own, through switches, fork, threads, signal handlers and execve; and errors that a
 * program wants to hear of are SIGFPE.
 *
 * This file is compiled without these instructions, so what is in the registers is what the assembly here puts there. On a
 * processor without SSE the cases leave that half out and print the same.
 */
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/thread.h"

#define TURNS	  300
#define PROCESSES 4
#define THREADS	  4

#define AT_HWCAP   16
#define CPUID_FPU  (1u << 0)
#define CPUID_FXSR (1u << 24)
#define CPUID_SSE  (1u << 25)

#define CWD_INITIAL   0x37f
#define MXCSR_INITIAL 0x1f80
#define MAGIC_FXSR    0

#define FPE_FLTDIV 3
#define FPE_FLTOVF 4
#define FPE_FLTUND 5
#define FPE_FLTRES 6
#define FPE_FLTINV 7

static bool has_sse, has_fxsr;

/* All registers: eight integers on the x87 stack, eight words in SSE registers, and the two control words. */
struct registers {
	s32 st[8];
	u32 xmm[8][4] __aligned(16);
	u16 cwd;
	u32 mxcsr;
};

/* Rounding and precision differ by number; every exception is masked. */
static void make(struct registers *r, u32 number)
{
	memset(r, 0, sizeof(*r));
	for (u32 i = 0; i < 8; i++) {
		r->st[i] = (s32)(number * 1000003 + i);
		for (u32 j = 0; j < 4; j++)
			r->xmm[i][j] = has_sse ? number * 0x01010101 + i * 16 + j : 0;
	}
	r->cwd = (u16)(CWD_INITIAL & ~0xc00) | (number & 3) << 10;
	r->mxcsr = has_sse ? MXCSR_INITIAL | (number & 3) << 13 : 0;
}

static void load(const struct registers *r)
{
	asm volatile("fninit; fldcw %0" : : "m"(r->cwd));
	for (u32 i = 0; i < 8; i++)
		asm volatile("fildl %0" : : "m"(r->st[7 - i]));
	if (!has_sse)
		return;
	asm volatile("ldmxcsr %0" : : "m"(r->mxcsr));
	asm volatile("movaps (%0), %%xmm0; movaps 16(%0), %%xmm1; movaps 32(%0), %%xmm2; "
		     "movaps 48(%0), %%xmm3; movaps 64(%0), %%xmm4; movaps 80(%0), %%xmm5; "
		     "movaps 96(%0), %%xmm6; movaps 112(%0), %%xmm7"
		     :
		     : "r"(r->xmm), "m"(r->xmm));
}

/* Leaves the x87 stack as it is: each number goes to memory and is pushed again at the end. */
static void store(struct registers *r)
{
	memset(r, 0, sizeof(*r));
	asm volatile("fnstcw %0" : "=m"(r->cwd));
	for (u32 i = 0; i < 8; i++)
		asm volatile("fistpl %0" : "=m"(r->st[i]));
	for (u32 i = 0; i < 8; i++)
		asm volatile("fildl %0" : : "m"(r->st[7 - i]));
	if (!has_sse)
		return;
	asm volatile("stmxcsr %0" : "=m"(r->mxcsr));
	asm volatile("movaps %%xmm0, (%1); movaps %%xmm1, 16(%1); movaps %%xmm2, 32(%1); "
		     "movaps %%xmm3, 48(%1); movaps %%xmm4, 64(%1); movaps %%xmm5, 80(%1); "
		     "movaps %%xmm6, 96(%1); movaps %%xmm7, 112(%1)"
		     : "=m"(r->xmm)
		     : "r"(r->xmm));
}

static bool holds(u32 number)
{
	struct registers expected, seen;

	make(&expected, number);
	store(&seen);
	return !memcmp(&expected, &seen, sizeof(seen));
}

static void set(u32 number)
{
	struct registers r;

	make(&r, number);
	load(&r);
}

/* No register in use, default control words. */
static bool initial(void)
{
	struct {
		u32 cwd, swd, twd, rest[4];
	} env;
	u32 mxcsr = MXCSR_INITIAL;
	u32 word[4] = { 0 };

	/* Masks all exceptions, which does no harm where they are masked. */
	asm volatile("fnstenv %0" : "=m"(env));
	if (has_sse)
		asm volatile("stmxcsr %0; movups %%xmm5, %1" : "=m"(mxcsr), "=m"(word));
	return (env.cwd & 0xffff) == CWD_INITIAL && !(env.swd & 0xffff) &&
	       (env.twd & 0xffff) == 0xffff && mxcsr == MXCSR_INITIAL &&
	       !(word[0] | word[1] | word[2] | word[3]);
}

static u32 cpuid_edx(void)
{
	u32 eax = 1, ebx, ecx = 0, edx;

	asm volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return edx;
}

static void told_by_auxv(void)
{
	const u32 *words = (const u32 *)start_environment;

	while (*words)
		words++;
	for (words++; *words && *words != AT_HWCAP; words += 2)
		;
	EXPECT_EQ(words[0], AT_HWCAP);
	EXPECT_EQ(words[1], cpuid_edx());
}

static void starts_clean(void)
{
	EXPECT(initial());
	set(1);
	EXPECT(holds(1));
	EXPECT(!initial());
}

static void keeps_its_numbers(void *argument)
{
	u32 number = (u32)argument;

	set(number);
	for (u32 i = 0; i < TURNS; i++) {
		sys_sched_yield();
		if (!EXPECT(holds(number)))
			return;
		if (i % 7 == 0)
			set(number = number * 5 + 1);
	}
}

static void switches(void)
{
	int pids[PROCESSES];

	set(77);
	for (u32 i = 0; i < PROCESSES; i++)
		pids[i] = process_start(keeps_its_numbers, (void *)(i + 1));
	for (u32 i = 0; i < TURNS; i++) {
		sys_sched_yield();
		if (!EXPECT(holds(77)))
			break;
	}
	for (u32 i = 0; i < PROCESSES; i++)
		EXPECT_EQ(process_wait(pids[i]), EXITED(0));
	EXPECT(holds(77));
}

/* Ticks switch tasks anywhere. */
static void computes_long(void *argument)
{
	u32 number = (u32)argument;

	set(number);
	for (u32 i = 0; i < 200000; i++)
		asm volatile("" : : : "memory");
	EXPECT(holds(number));
	for (u32 i = 0; i < 3000; i++)
		if (!holds(number)) {
			EXPECT(holds(number));
			return;
		}
}

static void preempted(void)
{
	int pids[2];

	for (u32 i = 0; i < 2; i++)
		pids[i] = process_start(computes_long, (void *)(i + 40));
	for (u32 i = 0; i < 2; i++)
		EXPECT_EQ(process_wait(pids[i]), EXITED(0));
}

static void has_the_parents(void *argument)
{
	(void)argument;
	EXPECT(holds(5));
	set(6);
	sys_sched_yield();
	EXPECT(holds(6));
	/* Of a task that has the registers of its parent, and no longer owns them. */
	EXPECT_CHILD(keeps_its_numbers, (void *)9, EXITED(0));
	EXPECT(holds(6));
}

static void copied_by_fork(void)
{
	set(5);
	EXPECT_CHILD(has_the_parents, NULL, EXITED(0));
	EXPECT(holds(5));
}

static struct thread threads[THREADS];
static u32 thread_failures;

static int thread_keeps(void *argument)
{
	u32 number = (u32)argument;

	if (!holds(123))
		thread_failures++;
	set(number);
	for (u32 i = 0; i < TURNS; i++) {
		sys_sched_yield();
		if (!holds(number))
			thread_failures++;
	}
	return 0;
}

static void threads_have_their_own(void)
{
	set(123);
	for (u32 i = 0; i < THREADS; i++)
		thread_start(&threads[i], thread_keeps, (void *)(i + 200));
	for (u32 i = 0; i < THREADS; i++)
		thread_join(&threads[i]);
	EXPECT_EQ(thread_failures, 0);
	EXPECT(holds(123));
}

static bool handler_saw_initial;

static void spoils(int signal)
{
	(void)signal;
	handler_saw_initial = initial();
	set(99);
	sys_sched_yield();
}

static void spoils_siginfo(int signal, struct siginfo *info, struct ucontext *context)
{
	(void)info;
	(void)context;
	spoils(signal);
}

static void handlers(void)
{
	for (u32 flags = 0; flags <= SA_SIGINFO; flags += SA_SIGINFO) {
		handler_saw_initial = false;
		handler_set(SIGUSR1, flags ? (const void *)spoils_siginfo : (const void *)spoils,
			    flags, 0);
		set(8);
		EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
		EXPECT(holds(8));
		EXPECT(handler_saw_initial);
	}
}

/* Linux's struct _fpstate_32. */
struct fpstate {
	u32 cwd, swd, twd, fip, fcs, foo, fos;
	u16 st[8][5];
	u16 status, magic;
	u32 fx_head[6], mxcsr, mxcsr_mask;
	u32 fx_st[8][4];
	u32 xmm[8][4];
};

static struct fpstate frame;

static struct fpstate *note_frame(const struct ucontext *context)
{
	struct fpstate *state = (struct fpstate *)context->context.fpstate;

	frame = *state;
	return state;
}

static void looks(int signal, struct siginfo *info, struct ucontext *context)
{
	(void)signal;
	(void)info;
	note_frame(context);
}

static void shown_in_frame(void)
{
	struct registers r;

	make(&r, 8);
	handler_set(SIGUSR1, looks, SA_SIGINFO, 0);
	load(&r);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
	EXPECT_EQ(frame.cwd & 0xffff, r.cwd);
	EXPECT_EQ(frame.swd & 0xffff, frame.status);
	EXPECT_EQ(frame.twd & 0xffff, 0);
	/* 8000024 is 1.11101000010010010110000 * 2^22. */
	EXPECT_EQ(frame.st[0][4], 0x3fff + 22);
	EXPECT_EQ(frame.st[0][3], 0xf424);
	if (!has_sse)
		return;
	EXPECT_EQ(frame.magic, MAGIC_FXSR);
	EXPECT_EQ(frame.mxcsr, r.mxcsr);
	EXPECT(!memcmp(frame.xmm, r.xmm, sizeof(r.xmm)));
	EXPECT(!memcmp(frame.fx_st[1], frame.st[1], 10));
}

static const u32 one = 0x3f800000, zero = 0, huge = 0x7f000000, tiny = 0x00800000,
		 three = 0x40400000, infinity = 0x7f800000;

/* Empty, one, zero, infinity, a denormal: the tag word names each. */
static void tags(void)
{
	static const u16 denormal[5] __aligned(4) = { 1, 0, 0, 0, 0 };

	handler_set(SIGUSR1, looks, SA_SIGINFO, 0);
	asm volatile("fninit; fldt %0; flds %1; fld1; fldz" : : "m"(denormal), "m"(infinity));
	EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
	/* Register 7 was pushed first: special, special, valid, zero, and four that are empty. */
	EXPECT_EQ(frame.swd >> 11 & 7, 4);
	EXPECT_EQ(frame.twd & 0xffff, 0xa1ff);
	asm volatile("fninit");
}

static void changes(int signal, struct siginfo *info, struct ucontext *context)
{
	struct fpstate *state = note_frame(context);

	(void)signal;
	(void)info;
	state->cwd = (state->cwd & 0xffff0000) | (CWD_INITIAL & ~0x300);
	memcpy(state->st[0], state->st[1], sizeof(state->st[0]));
	if (!has_sse)
		return;
	state->xmm[3][2] = 0xabcd;
	state->mxcsr = MXCSR_INITIAL | 0x8000;
}

static void changed_in_frame(void)
{
	struct registers seen;

	handler_set(SIGUSR1, changes, SA_SIGINFO, 0);
	set(8);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
	store(&seen);
	EXPECT_EQ(seen.cwd, CWD_INITIAL & ~0x300);
	EXPECT_EQ(seen.st[0], seen.st[1]);
	EXPECT_EQ(seen.xmm[3][2], has_sse ? 0xabcd : 0);
	EXPECT_EQ(seen.mxcsr, has_sse ? MXCSR_INITIAL | 0x8000 : 0);
	asm volatile("fninit");
}

static void says_unused(int signal, struct siginfo *info, struct ucontext *context)
{
	(void)signal;
	(void)info;
	context->context.fpstate = 0;
}

static void no_state_in_frame(void)
{
	handler_set(SIGUSR1, says_unused, SA_SIGINFO, 0);
	set(8);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
	EXPECT(initial());
}

static void says_nowhere(int signal, struct siginfo *info, struct ucontext *context)
{
	(void)signal;
	(void)info;
	context->context.fpstate = 16;
}

static void returns_by_bad_frame(void *argument)
{
	(void)argument;
	handler_set(SIGUSR1, says_nowhere, SA_SIGINFO, 0);
	set(8);
	sys_kill(sys_getpid(), SIGUSR1);
}

static void bad_frame(void)
{
	set(4);
	EXPECT_CHILD(returns_by_bad_frame, NULL, KILLED(SIGSEGV));
	EXPECT(holds(4));
}

/* Masks all exceptions in the frame and forgets those that wait, so that the program goes on. */
static void goes_on(int signal, struct siginfo *info, struct ucontext *context)
{
	struct fpstate *state = (struct fpstate *)context->context.fpstate;

	note_siginfo(signal, info, context);
	state->cwd |= 0x3f;
	state->swd &= ~0x80ffu;
	if (has_sse)
		state->mxcsr = MXCSR_INITIAL;
}

static void expect_fpe(int code, u32 vector)
{
	EXPECT_EQ(handled.count, 1);
	EXPECT_EQ(handled.signal, SIGFPE);
	EXPECT_EQ(handled.info.code, code);
	EXPECT_EQ(handled.info.address, handled.context.context.eip);
	EXPECT_EQ(handled.context.context.trapno, vector);
	handled_clear();
}

static const struct {
	u32 mask; /* of exceptions: this one is wanted */
	int code;
	const u32 *left, *right;
	bool divide;
} errors[] = {
	{ 1, FPE_FLTINV, &zero, &zero, true },	{ 4, FPE_FLTDIV, &one, &zero, true },
	{ 8, FPE_FLTOVF, &huge, &huge, false }, { 16, FPE_FLTUND, &tiny, &tiny, false },
	{ 32, FPE_FLTRES, &one, &three, true },
};

static void x87_errors(void)
{
	handled_clear();
	handler_set(SIGFPE, goes_on, SA_SIGINFO, 0);
	for (u32 i = 0; i < ARRAY_SIZE(errors); i++) {
		u16 cwd = (u16)(CWD_INITIAL & ~errors[i].mask);
		u32 result;

		asm volatile("fninit; fldcw %0; flds %1" : : "m"(cwd), "m"(*errors[i].left));
		if (errors[i].divide)
			asm volatile("fdivs %0" : : "m"(*errors[i].right));
		else
			asm volatile("fmuls %0" : : "m"(*errors[i].right));
		/* Overflow and underflow of a float show where it is stored. */
		asm volatile("fsts %0; fwait" : "=m"(result));
		expect_fpe(errors[i].code, 16);
		asm volatile("fninit");
	}
}

static void sse_error(u32 i)
{
	u32 mxcsr = MXCSR_INITIAL & ~(errors[i].mask << 7);

	asm volatile("ldmxcsr %0; movss %1, %%xmm0" : : "m"(mxcsr), "m"(*errors[i].left));
	if (errors[i].divide)
		asm volatile("divss %0, %%xmm0" : : "m"(*errors[i].right));
	else
		asm volatile("mulss %0, %%xmm0" : : "m"(*errors[i].right));
	expect_fpe(errors[i].code, 19);
}

/* QEMU's emulator notes an SSE error in MXCSR and never raises it, whatever CR4 says. */
static bool sse_errors_raised(void)
{
	u32 mxcsr = MXCSR_INITIAL & ~(4u << 7), after;

	asm volatile("ldmxcsr %1; movss %2, %%xmm0; divss %3, %%xmm0; stmxcsr %0"
		     : "=m"(after)
		     : "m"(mxcsr), "m"(one), "m"(zero));
	handled_clear();
	EXPECT(after == (mxcsr | 4) || after == (MXCSR_INITIAL | 4));
	return after != (mxcsr | 4);
}

static void sse_errors(void)
{
	bool raised;

	handler_set(SIGFPE, goes_on, SA_SIGINFO, 0);
	raised = has_sse && sse_errors_raised();
	for (u32 i = 0; raised && i < ARRAY_SIZE(errors); i++)
		sse_error(i);
}

static void divides_by_zero(void *argument)
{
	u16 cwd = CWD_INITIAL & ~4;

	(void)argument;
	handler_set(SIGFPE, (const void *)SIG_DFL, 0, 0);
	asm volatile("fninit; fldcw %0; fld1; fdivs %1; fwait" : : "m"(cwd), "m"(zero));
}

/* With an exception that waits in the registers of a process that has ended. */
static void leaves_an_exception(void *argument)
{
	u16 cwd = CWD_INITIAL & ~4;

	(void)argument;
	asm volatile("fninit; fldcw %0; fld1; fdivs %1" : : "m"(cwd), "m"(zero));
}

static void deadly(void)
{
	set(3);
	EXPECT_CHILD(divides_by_zero, NULL, KILLED(SIGFPE));
	EXPECT(holds(3));
	EXPECT_CHILD(leaves_an_exception, NULL, EXITED(0));
	EXPECT(holds(3));
}

static const char *program_path;

static void becomes_an_image(void *argument)
{
	const char *const argv[] = { program_path, "image", NULL };
	static const char *const empty[] = { NULL };

	(void)argument;
	set(31);
	sys_execve(program_path, argv, empty);
}

static void reset_by_execve(void)
{
	set(30);
	EXPECT_CHILD(becomes_an_image, NULL, EXITED(42));
	EXPECT(holds(30));
}

static const struct tap_case cases[] = {
	{ "AT_HWCAP is what CPUID says", told_by_auxv },
	{ "a program begins with the initial state", starts_clean },
	{ "processes that yield to each other", switches },
	{ "processes that are interrupted", preempted },
	{ "fork copies the registers", copied_by_fork },
	{ "threads have their own", threads_have_their_own },
	{ "a handler has its own", handlers },
	{ "the frame shows the registers", shown_in_frame },
	{ "tags of the registers in the frame", tags },
	{ "a handler changes them in the frame", changed_in_frame },
	{ "a frame without them resets them", no_state_in_frame },
	{ "a frame that can't be read is the end", bad_frame },
	{ "x87 errors are SIGFPE", x87_errors },
	{ "SSE errors are SIGFPE", sse_errors },
	{ "SIGFPE ends a process, and only that", deadly },
	{ "execve resets them", reset_by_execve },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	(void)argv;
	has_fxsr = cpuid_edx() & CPUID_FXSR;
	has_sse = has_fxsr && cpuid_edx() & CPUID_SSE;
	program_path = argv[0];
	if (argc > 1)
		return initial() ? 42 : 1;
	return tap_run(cases, ARRAY_SIZE(cases));
}
