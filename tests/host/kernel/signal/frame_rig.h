/* SPDX-License-Identifier: MIT */
/* A program with a stack, for the frames of handlers (kernel/signal/signal_frame.c). */
#ifndef TESTS_HOST_KERNEL_SIGNAL_FRAME_RIG_H
#define TESTS_HOST_KERNEL_SIGNAL_FRAME_RIG_H

#include "kernel/signal/signal.h"
#include "kernel/task/fpu.h"
#include "tests/host/kernel/user_bytes.h"

#define END	  (USER_BYTES + (u32)sizeof(user_bytes))
#define STACK	  (USER_BYTES + 6000)
#define HANDLER	  0x8049000u
#define RESTORER  0x804a000u
#define PLAIN	  732u /* bytes of Linux's struct sigframe_ia32, rt_sigframe_ia32 */
#define RT	  268u
#define ALTERNATE (USER_BYTES + 524) /* a frame may begin at its first byte */
#define ALT_BYTES 2048u
#define MASK	  0x8000000100000402ull

extern struct task own; /* the current one */
extern union fpu_state registers;

/* The program when the signal comes, and its registers now. */
extern const struct pt_regs running;
extern struct pt_regs regs;

extern u64 blocked;	  /* by signal_set_blocked() */
extern u32 forced;	  /* calls of signal_force(), which returns `fatal` */
extern u32 reads, writes; /* of x87 and SSE in frames */
extern vaddr_t fpu_place; /* of the last one */
extern int fpu_error;	  /* its result */
extern bool fatal;

void start(void);

/* The same with an alternate stack. */
void alternate(u32 size, u32 flags);

/* A signal comes, for a handler with these flags: the result of signal_frame_push(). */
int push(u32 flags);

#endif
