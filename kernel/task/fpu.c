/* SPDX-License-Identifier: MIT */
/*
 * x87, MMX and SSE registers: each task that uses them has a copy, and they are switched lazily.
 *
 * Most tasks never use them, and to save and load them costs more than the rest of a task switch.
 * So they are switched only when another task uses them.
 *
 *     fpu_owner ----> task ----> fpu     stale while the task is the owner: the processor has them
 *                     task ----> fpu     saved registers
 *                     task       NULL    has not used them yet
 * 
 *     switch away    CR0.TS set, if it was clear: only a test if no task uses the registers
 *     first use      #NM: saves the owner's registers, loads the task's, clears TS
 *     use again      #NM: clears TS, if no other task has used them in between
 *
 *  (1) CR0.TS is clear (fpu_enabled) only while the current task is the owner.
 *  (2) An owner has an `fpu`; so a task without one cannot be the owner.
 *  (3) FXRSTOR never loads a reserved bit of MXCSR: that would be a #GP in ring 0.
 *  (4) The kernel itself is compiled without these registers; all instructions for them are here.
 *  (5) CR4.OSXSAVE is clear: CPUID then tells programs not to use AVX, because FXSAVE does not
 *      save its registers.
 *
 * A processor without FXSAVE (before the Pentium III) has FNSAVE, which clears the registers: they
 * are loaded again if the task goes on with them. A processor without x87 keeps CR0.EM set, and
 * its programs get SIGILL.
 */
#include "kernel/task/fpu.h"
#include "kernel/cpu/cpu.h"
#include "kernel/task/task.h"
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "mm/slab/slab.h"

#define CWD_INITIAL   0x037fu
#define MXCSR_INITIAL 0x1f80u

/* The mask of a processor that reports 0: Intel SDM vol. 1 11.6.6. */
#define MXCSR_MASK_DEFAULT 0x0000ffbfu

bool fpu_enabled, fpu_has_fxsr;
u32 fpu_mxcsr_mask;

static struct task *fpu_owner;
static union fpu_state initial;
static struct kmem_cache *fpu_cache;

/* An AMD processor: its FXSAVE and FXRSTOR skip the pointers to the last instruction. */
static bool keeps_pointers;

static inline void lock_registers(void)
{
	write_cr0(read_cr0() | CR0_TS);
}

/* Saves the registers, which must be unlocked. FNSAVE clears them. */
static void store(union fpu_state *state)
{
	if (fpu_has_fxsr)
		__asm__ volatile("fxsave %0" : "=m"(*state));
	else
		__asm__ volatile("fnsave %0" : "=m"(state->fs));
}

/* Loads the unlocked registers. A pending exception of the last owner must not be raised here. */
static void load(const union fpu_state *state)
{
	static const u32 zero;

	if (keeps_pointers)
		__asm__ volatile("fnclex; emms; fildl %0" : : "m"(zero));
	if (fpu_has_fxsr)
		__asm__ volatile("fxrstor %0" : : "m"(*state));
	else
		__asm__ volatile("fnclex; frstor %0" : : "m"(state->fs));
}

void fpu_disable(void)
{
	fpu_enabled = false;
	lock_registers();
}

static void enable(void)
{
	clear_ts();
	fpu_enabled = true;
}

/* No task owns the registers any more. */
static void disown(void)
{
	fpu_owner = NULL;
	if (fpu_enabled)
		fpu_disable();
}

/* Allocates the current task's copy of the registers, in their initial state. */
static int make_state(void)
{
	current->fpu = kmem_cache_alloc(fpu_cache, GFP_KERNEL);
	if (!current->fpu)
		return -ENOMEM;
	memcpy(current->fpu, &initial, sizeof(initial));
	return 0;
}

int fpu_take(void)
{
	if (fpu_owner == current) {
		enable();
		return 0;
	}
	if (!current->fpu && make_state())
		return -ENOMEM;
	enable();
	if (fpu_owner)
		store(fpu_owner->fpu);
	load(current->fpu);
	fpu_owner = current;
	return 0;
}

bool fpu_trap(const struct pt_regs *regs)
{
	if (!cpu_has(CPU_FPU))
		return false;
	if (fpu_take())
		fpu_no_memory(regs->eip);
	return true;
}

void fpu_save(void)
{
	bool enabled = fpu_enabled;

	if (fpu_owner != current)
		return;
	clear_ts();
	store(current->fpu);
	if (!fpu_has_fxsr)
		load(current->fpu);
	if (!enabled)
		lock_registers();
}

int fpu_copy(struct task *child)
{
	if (likely(!current->fpu))
		return 0;
	child->fpu = kmem_cache_alloc(fpu_cache, GFP_KERNEL);
	if (!child->fpu)
		return -ENOMEM;
	fpu_save();
	memcpy(child->fpu, current->fpu, sizeof(*child->fpu));
	return 0;
}

void fpu_release(struct task *task)
{
	if (likely(!task->fpu))
		return;
	if (fpu_owner == task)
		disown();
	kmem_cache_free(fpu_cache, task->fpu);
	task->fpu = NULL;
}

void fpu_reset(void)
{
	if (fpu_owner == current)
		disown();
	memcpy(current->fpu, &initial, sizeof(initial));
}

int fpu_own_memory(void)
{
	if (!current->fpu)
		return make_state();
	if (fpu_owner == current) {
		fpu_save();
		disown();
	}
	return 0;
}

int fpu_exception_code(bool simd)
{
	u16 cwd, swd;
	u32 mxcsr, raised;

	BUG_ON(fpu_owner != current || !fpu_enabled);
	if (simd) {
		__asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
		raised = mxcsr & ~(mxcsr >> 7);
	} else {
		__asm__ volatile("fnstcw %0" : "=m"(cwd));
		__asm__ volatile("fnstsw %0" : "=m"(swd));
		raised = swd & ~(u32)cwd;
	}
	/*
	 * Bits 0 to 5 of all three registers: invalid, denormal, zero divide, overflow, underflow,
	 * precision.
	 */
	if (raised & 1 << 0)
		return FPE_FLTINV;
	if (raised & 1 << 2)
		return FPE_FLTDIV;
	if (raised & 1 << 3)
		return FPE_FLTOVF;
	if (raised & (1 << 1 | 1 << 4))
		return FPE_FLTUND;
	return raised & 1 << 5 ? FPE_FLTRES : 0;
}

static void set_control_registers(void)
{
	u32 cr4 = read_cr4() & ~(CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_OSXSAVE);

	if (fpu_has_fxsr)
		cr4 |= CR4_OSFXSR;
	if (fpu_has_fxsr && cpu_has(CPU_SSE))
		cr4 |= CR4_OSXMMEXCPT;
	write_cr4(cr4);
	write_cr0((read_cr0() | CR0_MP | CR0_NE) & ~(CR0_EM | CR0_TS));
}

/* Initial state: registers are empty or 0, no exception is pending, all are masked. */
static void make_initial(void)
{
	__asm__ volatile("fninit");
	store(&initial);
	fpu_mxcsr_mask = initial.fx.mxcsr_mask ? initial.fx.mxcsr_mask : MXCSR_MASK_DEFAULT;
	memset(&initial, 0, sizeof(initial));
	if (!fpu_has_fxsr) {
		initial.fs.cwd = 0xffff0000u | CWD_INITIAL;
		initial.fs.swd = 0xffff0000u;
		initial.fs.twd = 0xffffffffu;
		return;
	}
	initial.fx.cwd = CWD_INITIAL;
	if (cpu_has(CPU_SSE))
		initial.fx.mxcsr = MXCSR_INITIAL;
	else
		fpu_mxcsr_mask = 0;
}

void fpu_init(void)
{
	fpu_cache = kmem_cache_create("fpu", sizeof(union fpu_state), 16, 0, NULL, NULL);
	BUG_ON(!fpu_cache);
	if (!cpu_has(CPU_FPU)) {
		printk("fpu: save=none mxcsr_mask=0x00000000\n");
		return;
	}
	fpu_has_fxsr = cpu_has(CPU_FXSR);
	keeps_pointers = !strcmp(cpu.vendor, "AuthenticAMD") || !strcmp(cpu.vendor, "HygonGenuine");
	set_control_registers();
	make_initial();
	load(&initial);
	lock_registers();
	printk("fpu: save=%s mxcsr_mask=%#010x\n", fpu_has_fxsr ? "fxsave" : "fnsave",
	       fpu_has_fxsr ? fpu_mxcsr_mask : 0);
}
