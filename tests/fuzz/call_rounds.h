/* SPDX-License-Identifier: MIT */
/* What the supervisor of the random calls (call_rounds.c) and a team of workers (calls.c) agree on. */
#ifndef FUZZ_CALL_ROUNDS_H
#define FUZZ_CALL_ROUNDS_H

/* The supervisor's process number, that of the first program after the start: a constant, so that no worker can forget it. */
#define SUPERVISOR 2

#ifndef __ASSEMBLER__

#define TEAM_PROGRAM "/calls"
#define COUNTS_FILE  "/tmp/counts"

#define WORKERS 3u
#define THREADS 2u

/* Where both map COUNTS_FILE; no number that workers draw points there. */
#define COUNTS	   0x6badc000u
#define CALLS_MADE ((volatile u32 *)COUNTS)
#define COUNTERS   (WORKERS * (THREADS + 1))

/* system_call() that returns 0 instead of making a call that names SUPERVISOR, or a kill() of more than one process. */
long guarded_call(long number, long a, long b, long c, long d, long e, long f);

#endif
#endif
