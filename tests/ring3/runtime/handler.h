/* SPDX-License-Identifier: MIT */
/*
 * Signal handlers of the ring-3 programs: setting them, and a record of what they were told.
 */
#ifndef RING3_HANDLER_H
#define RING3_HANDLER_H

#include "tests/ring3/runtime/signal_calls.h"

/* The arguments of a handler's last call, and the count and order of all calls. */
struct handled {
	volatile u32 count;
	volatile int signal;
	union {
		struct siginfo info; /* with SA_SIGINFO */
		u32 info_words[SI_MAX_SIZE / 4];
	};
	struct ucontext context; /* likewise */
	u32 info_place, context_place;
	u32 esp; /* of the frame: where the return address lies */
	u64 blocked;
	int order[16]; /* the signals of the calls */
};

extern struct handled handled;

/* Forgets everything. */
void handled_clear(void);

/* Notes its call in `handled` and returns; with SA_SIGINFO and without. */
void note_signal(int signal);
void note_siginfo(int signal, struct siginfo *info, struct ucontext *context);

/* Sets a handler (or SIG_DFL, SIG_IGN) with these flags and this mask; expects success. */
void handler_set(int signal, const void *handler, u32 flags, u64 mask);

/* note_signal or, where the flags have SA_SIGINFO, note_siginfo as the handler. */
void handler_note(int signal, u32 flags);

/* One access of a byte, by an instruction of two bytes that skip_two() steps over. */
void read_at(u32 address);
void write_at(u32 address);

/* A handler with SA_SIGINFO: notes its call and continues after the instruction. */
void skip_two(int signal, struct siginfo *info, struct ucontext *context);

/* kill() of the process itself, with another stack pointer. */
long kill_on_stack(u32 esp, int signal);

/* The mask of the process. */
u64 mask_get(void);
void mask_set(u64 mask);

/* The pending and blocked signals. */
u64 pending_get(void);

#endif
