/* SPDX-License-Identifier: MIT */
/*
 * x87 and SSE registers, and patterns of numbers for them.
 *
 * The programs are compiled without these instructions, so what is in the registers is what the
 * assembly of fpu.c puts there. On a processor without SSE that half is left out, and what is
 * compared of it is 0.
 */
#ifndef RING3_FPU_H
#define RING3_FPU_H

#include "lib/types.h"

#define CWD_INITIAL   0x37f
#define MXCSR_INITIAL 0x1f80

/*
 * All registers: eight integers on the x87 stack, eight words in SSE registers, and the two
 * control words.
 */
struct fpu_registers {
	s32 st[8];
	u32 xmm[8][4] __aligned(16);
	u16 cwd;
	u32 mxcsr;
};

/*
 * Whether there are SSE registers that the kernel keeps; set by fpu_look(), which main() calls
 * first.
 */
extern bool fpu_has_sse;
void fpu_look(void);

/* CPUID's word of features. */
u32 fpu_cpuid_edx(void);

/* The pattern of a number: rounding and precision differ by number; every exception is masked. */
void fpu_make(struct fpu_registers *r, u32 number);

/* To the processor, and from it; fpu_store() leaves the x87 stack as it is. */
void fpu_load(const struct fpu_registers *r);
void fpu_store(struct fpu_registers *r);

/* Loads the pattern of a number; whether the processor has it. */
void fpu_set(u32 number);
bool fpu_holds(u32 number);

/* No register in use, default control words. Masks all exceptions. */
bool fpu_initial(void);

#endif
