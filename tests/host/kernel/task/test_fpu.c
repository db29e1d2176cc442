/* SPDX-License-Identifier: MIT */
/*
 * x87 and SSE registers of tasks that take turns, on this processor: only CR0 and CR4 are models.
 * A control word tells the registers of one task from those of another.
 */
#include "lib/types.h"

#define read_cr0  processor_read_cr0
#define write_cr0 processor_write_cr0
#define read_cr4  processor_read_cr4
#define write_cr4 processor_write_cr4
#define clear_ts  processor_clear_ts
#include "kernel/cpu/cpu.h"
#undef read_cr0
#undef write_cr0
#undef read_cr4
#undef write_cr4
#undef clear_ts
#define read_cr0()	 (control_0)
#define write_cr0(value) ((void)(control_0 = (value)))
#define read_cr4()	 (control_4)
#define write_cr4(value) ((void)(control_4 = (value)))
#define clear_ts()	 ((void)(control_0 &= ~CR0_TS))
static u32 control_0, control_4;

#include "kernel/task/fpu.c"

#include <string.h>

#include "abi/linux/signal.h"
#include "lib/text.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define FEATURE(bit) (1u << (bit))
#define ALL	     (FEATURE(CPU_FPU) | FEATURE(CPU_FXSR) | FEATURE(CPU_SSE))

struct cpu_info cpu;
static struct task first, second;
struct task *current;
static u32 killed;
static char line[80]; /* of the start */

void fpu_no_memory(u32 eip)
{
	EXPECT_EQ(eip, 0x1234);
	killed++;
}

static u32 control(void)
{
	u16 word;

	__asm__ volatile("fnstcw %0" : "=m"(word));
	return word;
}

static void set_control(u16 word)
{
	__asm__ volatile("fldcw %0" : : "m"(word));
}

static void set_mxcsr(u32 word)
{
	__asm__ volatile("ldmxcsr %0" : : "m"(word));
}

static u32 mxcsr(void)
{
	u32 word;

	__asm__ volatile("stmxcsr %0" : "=m"(word));
	return word;
}

static void init(u32 features)
{
	cpu.words[0] = features;
	control_0 = CR0_TS | CR0_EM;
	control_4 = CR4_OSXSAVE | CR4_PGE;
	first = second = (struct task){ .pid = 1 };
	current = &first;
	console_clear();
	fpu_init();
	strscpy(line, console_text(), sizeof(line));
	set_mxcsr(MXCSR_INITIAL);
}

static void start(u32 features)
{
	machine_boot();
	init(features);
	machine_settle();
}

static void stop(void)
{
	fpu_release(&first);
	fpu_release(&second);
	EXPECT(!fpu_enabled && control_0 & CR0_TS && !first.fpu && !second.fpu);
}

/* The control word of a task that does not own the registers. */
static u32 saved(const struct task *task)
{
	return fpu_has_fxsr ? task->fpu->fx.cwd : task->fpu->fs.cwd & 0xffff;
}

static void runs(struct task *task)
{
	fpu_leave();
	EXPECT(!fpu_enabled && control_0 & CR0_TS);
	current = task;
	EXPECT_EQ(fpu_take(), 0);
	EXPECT(fpu_enabled && !(control_0 & CR0_TS));
}

/* ---- Both ways to save ---- */

static void take_turns(void)
{
	runs(&first);
	EXPECT_EQ(control(), CWD_INITIAL);
	set_control(0x027f);
	runs(&second);
	EXPECT_EQ(control(), CWD_INITIAL);
	EXPECT_EQ(saved(&first), 0x027f);
	set_control(0x007f);
	runs(&first);
	EXPECT_EQ(control(), 0x027f);
	EXPECT_EQ(saved(&second), 0x007f);
	/* No other task has used them in between: nothing is loaded. */
	memset(first.fpu, 0, sizeof(*first.fpu));
	runs(&first);
	EXPECT_EQ(control(), 0x027f);
	runs(&second);
	EXPECT(saved(&first) == 0x027f && control() == 0x007f);
	stop();
}

static void turns(void)
{
	start(ALL);
	take_turns();
	start(FEATURE(CPU_FPU));
	take_turns();
}

static void save_own(void)
{
	runs(&first);
	set_control(0x027f);
	fpu_save();
	EXPECT(saved(&first) == 0x027f && control() == 0x027f);
	EXPECT(fpu_enabled && !(control_0 & CR0_TS));
	set_control(0x007f);
	fpu_disable();
	fpu_save(); /* they are locked before and after */
	EXPECT(saved(&first) == 0x007f && control() == 0x007f);
	EXPECT(!fpu_enabled && control_0 & CR0_TS);
	runs(&second);
	current = &first;
	fpu_save(); /* of another one */
	EXPECT(saved(&first) == 0x007f && control() == CWD_INITIAL);
	current = &second;
	stop();
}

static void saves(void)
{
	start(ALL);
	save_own();
	start(FEATURE(CPU_FPU));
	save_own();
}

static void sse(void)
{
	start(ALL);
	/* The firmware leaves any state. */
	set_mxcsr(0x7f80);
	set_control(0x027f);
	fpu_init();
	EXPECT(mxcsr() == MXCSR_INITIAL && control() == CWD_INITIAL);
	runs(&first);
	EXPECT_EQ(mxcsr(), MXCSR_INITIAL);
	set_mxcsr(0x7f80);
	runs(&second);
	EXPECT_EQ(mxcsr(), MXCSR_INITIAL);
	runs(&first);
	EXPECT_EQ(mxcsr(), 0x7f80);
	set_mxcsr(MXCSR_INITIAL);
	stop();
}

/* ---- Copies ---- */

static void copies(void)
{
	const struct fail_spec none = { FAIL_ANY, FAIL_ON, 1 };

	start(ALL);
	EXPECT_EQ(fpu_copy(&second), 0); /* none are in use */
	EXPECT(!second.fpu);
	runs(&first);
	set_control(0x027f);
	fail_alloc_set(&none);
	EXPECT_EQ(fpu_copy(&second), -ENOMEM);
	fail_alloc_set(NULL);
	EXPECT(!second.fpu);
	EXPECT_EQ(fpu_copy(&second), 0);
	EXPECT(saved(&second) == 0x027f && second.fpu != first.fpu);
	EXPECT(fpu_enabled && control() == 0x027f);
	set_control(0x007f);
	runs(&second);
	EXPECT_EQ(control(), 0x027f);
	stop();
}

static void released(void)
{
	start(ALL);
	runs(&first);
	set_control(0x027f);
	runs(&second);
	set_control(0x007f);
	fpu_release(&first); /* not the owner */
	EXPECT(fpu_enabled && control() == 0x007f && !first.fpu);
	fpu_release(&second);
	EXPECT(!fpu_enabled && control_0 & CR0_TS && !second.fpu);
	runs(&first);
	EXPECT_EQ(control(), CWD_INITIAL);
	fpu_disable();
	fpu_release(&first);
	EXPECT(!fpu_owner);
	stop();
}

static void reset(void)
{
	start(ALL);
	runs(&first);
	set_control(0x027f);
	fpu_reset();
	EXPECT(!fpu_enabled && saved(&first) == CWD_INITIAL);
	runs(&first);
	EXPECT_EQ(control(), CWD_INITIAL);
	set_control(0x027f);
	runs(&second);
	set_control(0x007f);
	current = &first;
	fpu_reset(); /* the other one's stay */
	EXPECT(saved(&first) == CWD_INITIAL && control() == 0x007f);
	current = &second;
	stop();
}

static void own_memory(void)
{
	const struct fail_spec none = { FAIL_ANY, FAIL_ON, 1 };

	start(ALL);
	fail_alloc_set(&none);
	EXPECT_EQ(fpu_own_memory(), -ENOMEM);
	fail_alloc_set(NULL);
	EXPECT(!first.fpu);
	EXPECT_EQ(fpu_own_memory(), 0);
	EXPECT(saved(&first) == CWD_INITIAL && !fpu_enabled);
	runs(&first);
	set_control(0x027f);
	EXPECT_EQ(fpu_own_memory(), 0);
	EXPECT(saved(&first) == 0x027f && !fpu_enabled && !fpu_owner);
	first.fpu->fx.cwd = 0x007f;
	runs(&first);
	EXPECT_EQ(control(), 0x007f);
	runs(&second);
	current = &first;
	EXPECT_EQ(fpu_own_memory(), 0); /* it is the only copy already */
	EXPECT(fpu_owner == &second && fpu_enabled && saved(&first) == 0x007f);
	current = &second;
	stop();
}

/* ---- Traps ---- */

static void traps(void)
{
	const struct fail_spec none = { FAIL_ANY, FAIL_ON, 1 };
	const struct pt_regs regs = { .eip = 0x1234 };

	start(ALL);
	EXPECT(fpu_trap(&regs));
	EXPECT(fpu_enabled && first.fpu && !killed);
	set_control(0x027f);
	fpu_disable();
	current = &second;
	fail_alloc_set(&none);
	EXPECT(fpu_trap(&regs));
	fail_alloc_set(NULL);
	EXPECT(killed == 1 && !fpu_enabled && !second.fpu && fpu_owner == &first);
	EXPECT_EQ(control(), 0x027f);
	cpu.words[0] = 0;
	EXPECT(!fpu_trap(&regs));
	EXPECT(killed == 1 && !second.fpu);
	stop();
}

static void exceptions(void)
{
	static const struct {
		u32 raised;
		int code;
	} cases[] = {
		{ 0, 0 },
		{ 0x01, FPE_FLTINV },
		{ 0x02, FPE_FLTUND },
		{ 0x04, FPE_FLTDIV },
		{ 0x08, FPE_FLTOVF },
		{ 0x10, FPE_FLTUND },
		{ 0x20, FPE_FLTRES },
		{ 0x3f, FPE_FLTINV },
		{ 0x3e, FPE_FLTDIV },
		{ 0x3a, FPE_FLTOVF },
		{ 0x30, FPE_FLTUND },
		{ 0x22, FPE_FLTUND },
	};

	start(ALL);
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		u32 raised = cases[i].raised;
		int x87, masked, simd, simd_masked;

		EXPECT_EQ(fpu_own_memory(), 0);
		first.fpu->fx.cwd = (u16)(CWD_INITIAL & ~raised);
		first.fpu->fx.swd = (u16)(raised ? raised | 0x8080 : 0);
		first.fpu->fx.mxcsr = MXCSR_INITIAL;
		EXPECT_EQ(fpu_take(), 0);
		x87 = fpu_exception_code(false);
		__asm__ volatile("fnclex");
		EXPECT_EQ(fpu_own_memory(), 0);
		first.fpu->fx.cwd = CWD_INITIAL;
		first.fpu->fx.swd = (u16)raised;
		EXPECT_EQ(fpu_take(), 0);
		masked = fpu_exception_code(false);
		set_mxcsr((MXCSR_INITIAL & ~(raised << 7)) | raised);
		simd = fpu_exception_code(true);
		set_mxcsr(MXCSR_INITIAL | raised);
		simd_masked = fpu_exception_code(true);
		set_mxcsr(MXCSR_INITIAL);
		EXPECT_EQ(x87, cases[i].code);
		EXPECT_EQ(simd, cases[i].code);
		EXPECT(!masked && !simd_masked);
	}
	fpu_disable();
	EXPECT_PANIC("fpu_enabled", fpu_exception_code(false));
	fpu_owner = NULL;
	fpu_enabled = true;
	EXPECT_PANIC("fpu_owner", fpu_exception_code(false));
	fpu_disable();
	stop();
}

/* ---- The start ---- */

static void kinds(void)
{
	static const struct {
		u32 features;
		const char *line; /* its beginning */
		u32 cr0, cr4;
	} cases[] = {
		{ 0, "fpu: save=none mxcsr_mask=0x00000000\n", CR0_TS | CR0_EM,
		  CR4_OSXSAVE | CR4_PGE },
		{ FEATURE(CPU_FXSR), "fpu: save=none ", CR0_TS | CR0_EM, CR4_OSXSAVE | CR4_PGE },
		{ FEATURE(CPU_FPU), "fpu: save=fnsave mxcsr_mask=0x00000000\n",
		  CR0_TS | CR0_MP | CR0_NE, CR4_PGE },
		{ FEATURE(CPU_FPU) | FEATURE(CPU_SSE), "fpu: save=fnsave ",
		  CR0_TS | CR0_MP | CR0_NE, CR4_PGE },
		{ ALL, "fpu: save=fxsave mxcsr_mask=0x000", CR0_TS | CR0_MP | CR0_NE,
		  CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT },
	};

	machine_boot();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		fpu_has_fxsr = false;
		fpu_mxcsr_mask = 0;
		init(cases[i].features);
		EXPECT(!strncmp(line, cases[i].line, strlen(cases[i].line)));
		EXPECT_EQ(control_0, cases[i].cr0);
		EXPECT_EQ(control_4, cases[i].cr4);
		EXPECT_EQ(fpu_has_fxsr, cases[i].features == ALL);
	}
	EXPECT_EQ(fpu_mxcsr_mask & 0x1fbf, 0x1fbf);
	/* Without SSE. Such a state must not be loaded here: this program uses SSE. */
	cpu.words[0] &= ~FEATURE(CPU_SSE);
	make_initial();
	EXPECT(!fpu_mxcsr_mask && !initial.fx.mxcsr && initial.fx.cwd == CWD_INITIAL);
	set_control_registers();
	EXPECT_EQ(control_4, CR4_PGE | CR4_OSFXSR);
}

/* The last x87 instruction of another task must not be seen: AMD's FXRSTOR leaves it. */
static void vendors(void)
{
	static const struct {
		const char *name;
		bool keeps;
	} cases[] = {
		{ "GenuineIntel", false },
		{ "AuthenticAMD", true },
		{ "HygonGenuine", true },
		{ "", false },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		strcpy(cpu.vendor, cases[i].name);
		start(ALL);
		EXPECT_EQ(keeps_pointers, cases[i].keeps);
		take_turns();
	}
}

TAP_MAIN({ "tasks take turns", turns }, { "registers are saved", saves }, { "SSE", sse },
	 { "copies", copies }, { "released", released }, { "reset", reset },
	 { "the only copy", own_memory }, { "traps", traps }, { "exceptions", exceptions },
	 { "kinds of processors", kinds }, { "vendors", vendors })
