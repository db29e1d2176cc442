/* SPDX-License-Identifier: MIT */
/*
 * x87, MMX and SSE registers of tasks. kernel/process/fpu.c has the picture.
 *
 * Sources: Intel SDM vol. 1 8.1 (x87), 10.5 (FXSAVE), 11.6.6 (MXCSR_MASK); vol. 3A 2.5 (CR0, CR4), 13.
 */
#ifndef KERNEL_PROCESS_FPU_H
#define KERNEL_PROCESS_FPU_H

#include "kernel/cpu/trap.h"
#include "lib/types.h"

struct pt_regs;
struct task;

/* What FXSAVE writes. */
struct fxsave {
	u16 cwd, swd, twd, fop; /* twd: a bit for each register, 1: in use */
	u32 fip, fcs, foo, fos;
	u32 mxcsr, mxcsr_mask;
	u32 st[8][4]; /* 10 bytes each, from the top of the stack */
	u32 xmm[8][4];
	u32 rest[56];
};
_Static_assert(sizeof(struct fxsave) == 512, "the processor's");

/* What FNSAVE writes in a 32-bit segment. */
struct fsave {
	u32 cwd, swd, twd, fip, fcs, foo, fos; /* twd: two bits for each register, 3: empty */
	u16 st[8][5];
};
_Static_assert(sizeof(struct fsave) == 108, "the processor's");

/* Registers in memory: the form that the processor has. */
union fpu_state {
	struct fxsave fx;
	struct fsave fs;
} __aligned(16);

/* CR0.TS is clear: the current task uses the registers. For fpu_leave() and tests. */
extern bool fpu_enabled;

/* Sets the registers and CR4 up, which the firmware leaves as it likes, and prints the line `fpu: ...`. Once, after kmem_cache_init(). */
void fpu_init(void);

/* fpu_leave() where there is something to do. */
void fpu_disable(void);

/* The current task is switched away from: who runs next finds the registers locked. Interrupts off. */
static inline void fpu_leave(void)
{
	if (unlikely(fpu_enabled))
		fpu_disable();
}

/*
 * Gives the registers to the current task: as it left them, or at its first use their initial state. Returns 0, or -ENOMEM with
 * nothing changed.
 */
int fpu_take(void);

/* The registers of the current task, which uses them (task->fpu is not NULL), are in task->fpu too. */
void fpu_save(void);

/* A new task gets a copy of the current one's registers, if that uses them. 0 or -ENOMEM. fpu_release() undoes it. */
int fpu_copy(struct task *child);

/* The task does not use the registers any more: what it had is freed, and its next use finds the initial state. */
void fpu_release(struct task *task);

/* The registers of the current task, which uses them, are in their initial state. */
void fpu_reset(void);

/* --- kernel/process/fpu_frame.c --- */

/* Where the registers of the current task, which uses them, lie in a signal frame that begins below `esp`. */
vaddr_t fpu_frame_place(vaddr_t esp);

/*
 * Writes the registers there as Linux's struct _fpstate_32, and resets them for the handler; reads them back (place 0: the task did not
 * use them). Returns 0 or -EFAULT; after a read that failed the registers are in their initial state. fpu_frame_read() may also send SIGKILL, with a
 * line in the log, where there is no memory.
 */
int fpu_frame_write(vaddr_t place);
int fpu_frame_read(vaddr_t place);

/* Of this processor, for kernel/process/fpu_frame.c: FXSAVE is there; the bits of MXCSR that may be set. */
extern bool fpu_has_fxsr;
extern u32 fpu_mxcsr_mask;

/* fpu_take() failed: a line in the log and SIGKILL. */
void fpu_no_memory(u32 eip);

/* task->fpu of the current task, made if it has none, is what counts: the processor's registers are not its any more. 0 or -ENOMEM. */
int fpu_own_memory(void);

#endif
