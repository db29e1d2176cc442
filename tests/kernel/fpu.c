/* SPDX-License-Identifier: MIT */
/*
 * x87 and SSE registers of tasks, seen from ring 0: when access is disabled, which task owns
 * them, and failed allocations.
 *
 * A kernel task uses them by fpu_take(), as #NM does for a program. A case loads one number on
 * the x87 stack, and one into XMM0 where there is SSE.
 */
#include "kernel/task/fpu.h"
#include "kernel/process/exit.h"
#include "kernel/cpu/cpu.h"
#include "kernel/signal/signal.h"
#include "kernel/harness/suite.h"
#include "kernel/task/sched.h"
#include "abi/linux/errno.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "tests/kernel/drain.h"

static bool locked(void)
{
	return read_cr0() & CR0_TS;
}

static bool has_registers(void)
{
	if (!cpu_has(CPU_FPU))
		test_skip("no x87");
	return cpu_has(CPU_FPU);
}

static bool has_sse(void)
{
	return fpu_has_fxsr && cpu_has(CPU_SSE);
}

/* The registers are unlocked. */
static void set(u32 value)
{
	__asm__ volatile("fninit; fildl %0" : : "m"(value));
	if (has_sse())
		__asm__ volatile("movd %0, %%xmm0" : : "r"(value));
}

static void expect_value(u32 value)
{
	u32 seen;

	__asm__ volatile("fistl %0" : "=m"(seen));
	EXPECT_EQ(seen, value);
	if (!has_sse())
		return;
	__asm__ volatile("movd %%xmm0, %0" : "=r"(seen));
	EXPECT_EQ(seen, value);
}

static void expect_initial(void)
{
	u16 cwd, swd;
	u32 mxcsr;

	__asm__ volatile("fnstcw %0; fnstsw %1" : "=m"(cwd), "=m"(swd));
	EXPECT_EQ(cwd, 0x37f);
	EXPECT_EQ(swd, 0);
	if (!has_sse())
		return;
	__asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
	EXPECT_EQ(mxcsr, 0x1f80);
}

static void control_registers(void)
{
	u32 cr0 = read_cr0(), cr4 = read_cr4();

	if (!has_registers())
		return;
	EXPECT(cr0 & CR0_MP && cr0 & CR0_NE && !(cr0 & CR0_EM) && cr0 & CR0_TS);
	EXPECT(!fpu_enabled);
	EXPECT_EQ(!!(cr4 & CR4_OSFXSR), cpu_has(CPU_FXSR));
	EXPECT_EQ(!!(cr4 & CR4_OSXMMEXCPT), has_sse());
	EXPECT(!(cr4 & CR4_OSXSAVE));
}

static void first_use(void)
{
	if (!has_registers())
		return;
	EXPECT(!current->fpu && locked());
	EXPECT_EQ((u32)fpu_take(), 0);
	EXPECT(current->fpu && !locked() && fpu_enabled);
	expect_initial();
	set(7);
	/* The saved state equals the registers, and saving does not change them. */
	fpu_save();
	expect_value(7);
	EXPECT(!locked());
	fpu_reset();
	EXPECT(locked() && current->fpu);
	EXPECT_EQ((u32)fpu_take(), 0);
	expect_initial();
	fpu_release(current);
	EXPECT(!current->fpu && locked() && !fpu_enabled);
}

/* Once with the registers, and then again and again. */
static void other_task(void *argument)
{
	u32 value = (u32)(uintptr_t)argument;

	EXPECT(!current->fpu && locked());
	EXPECT_EQ((u32)fpu_take(), 0);
	expect_initial();
	for (u32 i = 0; i < 20; i++) {
		set(value + i);
		schedule();
		EXPECT(locked());
		EXPECT_EQ((u32)fpu_take(), 0);
		expect_value(value + i);
	}
	do_exit(0);
}

static void switches(void)
{
	int status;

	if (!has_registers())
		return;
	EXPECT_EQ((u32)fpu_take(), 0);
	set(1);
	for (u32 i = 0; i < 3; i++)
		EXPECT(kernel_task("fpu", other_task, (void *)(uintptr_t)(100 * i + 100)));
	for (u32 i = 0; i < 10; i++) {
		schedule();
		EXPECT(locked());
		EXPECT_EQ((u32)fpu_take(), 0);
		expect_value(1);
	}
	while (do_wait(-1, &status, 0) > 0)
		;
	EXPECT_EQ((u32)fpu_take(), 0);
	expect_value(1);
	fpu_release(current);
}

static void without_registers(void *argument)
{
	(void)argument;
	EXPECT(locked() && !current->fpu);
	do_exit(0);
}

/* The owner runs again after tasks without FPU use: its registers are still in the processor. */
static void back_to_the_owner(void)
{
	struct task *task;
	int status;

	if (!has_registers())
		return;
	EXPECT_EQ((u32)fpu_take(), 0);
	set(3);
	memset(current->fpu, 0, sizeof(*current->fpu));
	task = kernel_task("fpu", without_registers, NULL);
	EXPECT(task);
	EXPECT_EQ((u32)do_wait(task->pid, &status, 0), (u32)task->pid);
	EXPECT_EQ((u32)fpu_take(), 0);
	expect_value(3);
	fpu_release(current);
}

/* fork copies the registers in the processor, even when access is disabled. */
static void copies(void)
{
	struct task child = { 0 };

	if (!has_registers())
		return;
	EXPECT_EQ((u32)fpu_copy(&child), 0);
	EXPECT(!child.fpu);
	EXPECT_EQ((u32)fpu_take(), 0);
	set(11);
	fpu_leave();
	EXPECT_EQ((u32)fpu_copy(&child), 0);
	EXPECT(locked() && child.fpu);
	EXPECT_EQ((u32)fpu_take(), 0);
	expect_value(11);
	fpu_release(current);
	current->fpu = child.fpu;
	EXPECT_EQ((u32)fpu_take(), 0);
	expect_value(11);
	fpu_release(current);
}

static void error_codes(void)
{
	static const int codes[] = { FPE_FLTINV, FPE_FLTUND, FPE_FLTDIV,
				     FPE_FLTOVF, FPE_FLTUND, FPE_FLTRES };

	if (!has_registers())
		return;
	EXPECT_EQ((u32)fpu_take(), 0);
	EXPECT_EQ((u32)fpu_exception_code(false), 0);
	for (u32 i = 0; has_sse() && i < ARRAY_SIZE(codes); i++) {
		u32 masked = 0x1f80 | 1u << i, raised = masked & ~(0x80u << i);

		/* Loading an exception flag raises no exception. */
		__asm__ volatile("ldmxcsr %0" : : "m"(masked));
		EXPECT_EQ((u32)fpu_exception_code(true), 0);
		__asm__ volatile("ldmxcsr %0" : : "m"(raised));
		EXPECT_EQ((u32)fpu_exception_code(true), (u32)codes[i]);
	}
	fpu_release(current);
}

static bool take_and_copy(void *context)
{
	struct task child = { 0 };
	int err = fpu_take();

	(void)context;
	if (!err)
		err = fpu_copy(&child);
	EXPECT(!err || err == -ENOMEM);
	EXPECT(!child.fpu == !!err);
	fpu_release(&child);
	fpu_release(current);
	EXPECT(locked());
	return !err;
}

static void no_memory(void)
{
	u32 drained, failed;

	if (!has_registers())
		return;
	drained = drain_sweep(take_and_copy, NULL);
	failed = fail_sweep(take_and_copy, NULL);
	EXPECT(drained >= 1);
	EXPECT(failed >= 2);
	printk("  # failures: %u without frames, %u injected\n", drained, failed);
}

static const struct test_case cases[] = {
	{ "control_registers", control_registers },
	{ "first_use", first_use },
	{ "switches", switches },
	{ "back_to_the_owner", back_to_the_owner },
	{ "copies", copies },
	{ "error_codes", error_codes },
	{ "no_memory", no_memory },
};

TEST_SUITE(fpu, cases);
