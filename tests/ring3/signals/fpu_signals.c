/* SPDX-License-Identifier: MIT */
/*
 * x87 and SSE registers and signals: a handler has its own, the frame shows and changes those of
 * the program, and errors that a program wants to hear of are SIGFPE. On a processor without SSE
 * the cases leave that half out and print the same.
 */
#include "tests/ring3/runtime/fpu.h"
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

#define MAGIC_FXSR 0

static bool handler_saw_initial;

static void spoils(int signal)
{
	(void)signal;
	handler_saw_initial = fpu_initial();
	fpu_set(99);
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
		fpu_set(8);
		EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
		EXPECT(fpu_holds(8));
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
	struct fpu_registers r;

	fpu_make(&r, 8);
	handler_set(SIGUSR1, looks, SA_SIGINFO, 0);
	fpu_load(&r);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
	EXPECT_EQ(frame.cwd & 0xffff, r.cwd);
	EXPECT_EQ(frame.swd & 0xffff, frame.status);
	EXPECT_EQ(frame.twd & 0xffff, 0);
	/* 8000024 is 1.11101000010010010110000 * 2^22. */
	EXPECT_EQ(frame.st[0][4], 0x3fff + 22);
	EXPECT_EQ(frame.st[0][3], 0xf424);
	if (!fpu_has_sse)
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
	if (!fpu_has_sse)
		return;
	state->xmm[3][2] = 0xabcd;
	state->mxcsr = MXCSR_INITIAL | 0x8000;
}

static void changed_in_frame(void)
{
	struct fpu_registers seen;

	handler_set(SIGUSR1, changes, SA_SIGINFO, 0);
	fpu_set(8);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
	fpu_store(&seen);
	EXPECT_EQ(seen.cwd, CWD_INITIAL & ~0x300);
	EXPECT_EQ(seen.st[0], seen.st[1]);
	EXPECT_EQ(seen.xmm[3][2], fpu_has_sse ? 0xabcd : 0);
	EXPECT_EQ(seen.mxcsr, fpu_has_sse ? MXCSR_INITIAL | 0x8000 : 0);
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
	fpu_set(8);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
	EXPECT(fpu_initial());
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
	fpu_set(8);
	sys_kill(sys_getpid(), SIGUSR1);
}

static void bad_frame(void)
{
	fpu_set(4);
	EXPECT_CHILD(returns_by_bad_frame, NULL, KILLED(SIGSEGV));
	EXPECT(fpu_holds(4));
}

/* Masks all exceptions in the frame and forgets those that wait, so that the program goes on. */
static void goes_on(int signal, struct siginfo *info, struct ucontext *context)
{
	struct fpstate *state = (struct fpstate *)context->context.fpstate;

	note_siginfo(signal, info, context);
	state->cwd |= 0x3f;
	state->swd &= ~0x80ffu;
	if (fpu_has_sse)
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
	raised = fpu_has_sse && sse_errors_raised();
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
	fpu_set(3);
	EXPECT_CHILD(divides_by_zero, NULL, KILLED(SIGFPE));
	EXPECT(fpu_holds(3));
	EXPECT_CHILD(leaves_an_exception, NULL, EXITED(0));
	EXPECT(fpu_holds(3));
}

static const struct tap_case cases[] = {
	{ "a handler has its own", handlers },
	{ "the frame shows the registers", shown_in_frame },
	{ "tags of the registers in the frame", tags },
	{ "a handler changes them in the frame", changed_in_frame },
	{ "a frame without them resets them", no_state_in_frame },
	{ "a frame that can't be read is the end", bad_frame },
	{ "x87 errors are SIGFPE", x87_errors },
	{ "SSE errors are SIGFPE", sse_errors },
	{ "SIGFPE ends a process, and only that", deadly },
};

int main(void);
int main(void)
{
	fpu_look();
	return tap_run(cases, ARRAY_SIZE(cases));
}
