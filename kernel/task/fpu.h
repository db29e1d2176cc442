/* SPDX-License-Identifier: MIT */
/*
 * x87, MMX and SSE registers of tasks. kernel/task/fpu.c has the picture and the invariants.
 *
 * Sources: Intel SDM vol. 1 8.1 (x87), 10.5 (FXSAVE), 11.6.6 (MXCSR_MASK); vol. 3A 2.5, 13.
 */
#ifndef KERNEL_TASK_FPU_H
#define KERNEL_TASK_FPU_H

#include "kernel/cpu/trap.h"
#include "lib/types.h"

struct task;

/* The format of FXSAVE. */
struct fxsave {
	u16 cwd, swd, twd, fop; /* twd: a bit for each register, 1: in use */
	u32 fip, fcs, foo, fos;
	u32 mxcsr, mxcsr_mask;
	u32 st[8][4]; /* 10 bytes each, from the top of the stack */
	u32 xmm[8][4];
	u32 rest[56];
};
_Static_assert(sizeof(struct fxsave) == 512, "the processor's");

/* The format of FNSAVE in a 32-bit segment. */
struct fsave {
	u32 cwd, swd, twd, fip, fcs, foo, fos; /* twd: two bits for each register, 3: empty */
	u16 st[8][5];
};
_Static_assert(sizeof(struct fsave) == 108, "the processor's");

/* Registers in memory, in the processor's format. */
union fpu_state {
	struct fxsave fx;
	struct fsave fs;
} __aligned(16);

/* CR0.TS is clear: the current task uses the registers. For fpu_leave() and tests. */
extern bool fpu_enabled;

/*
 * Initialises the registers and CR4, which the firmware leaves in any state, and prints the line
 * `fpu: ...`. Once, after kmem_cache_init().
 */
void fpu_init(void);

/* Locks the registers: the slow part of fpu_leave(). */
void fpu_disable(void);

/* The current task is switched away from: locks the registers for the next. Interrupts off. */
static inline void fpu_leave(void)
{
	if (unlikely(fpu_enabled))
		fpu_disable();
}

/*
 * Loads the current task's registers: as it left them, or in their initial state at its first use.
 * Returns 0, or -ENOMEM with nothing changed.
 */
int fpu_take(void);

/* Copies the current task's registers to task->fpu too. task->fpu must not be NULL. */
void fpu_save(void);

/* Copies the current task's registers, if any, to a new one. 0 or -ENOMEM. Undo: fpu_release(). */
int fpu_copy(struct task *child);

/* Frees the task's registers; its next use finds the initial state. */
void fpu_release(struct task *task);

/* Sets the current task's registers to their initial state. task->fpu must not be NULL. */
void fpu_reset(void);

/* --- kernel/task/fpu_frame.c --- */

/* The address of the registers in a signal frame that begins below `esp`. */
vaddr_t fpu_frame_place(vaddr_t esp);

/*
 * fpu_frame_write() writes the current task's registers there, as Linux's struct _fpstate_32, and
 * resets them for the handler; task->fpu must not be NULL. fpu_frame_read() reads them back; place
 * 0: the task did not use them. Both return 0 or -EFAULT; after a failed read the registers are in
 * their initial state. Without memory fpu_frame_read() logs a line and sends SIGKILL.
 */
int fpu_frame_write(vaddr_t place);
int fpu_frame_read(vaddr_t place);

/* Of this processor, for fpu_frame.c: it has FXSAVE; the bits of MXCSR that may be set. */
extern bool fpu_has_fxsr;
extern u32 fpu_mxcsr_mask;

/* Call it after fpu_take() failed: logs a line, sends SIGKILL. Defined in exceptions.c. */
void fpu_no_memory(u32 eip);

/*
 * Makes task->fpu of the current task the only copy, allocated if needed: the task owns the
 * processor's registers no longer. 0 or -ENOMEM.
 */
int fpu_own_memory(void);

#endif
