/* SPDX-License-Identifier: MIT */
/*
 * The interface of the random calls' supervisor (call_rounds.c) and a team of workers (calls.c).
 */
#ifndef FUZZ_CALL_ROUNDS_H
#define FUZZ_CALL_ROUNDS_H

/*
 * The supervisor's pid: it is the first program after the start. A constant, so that no worker
 * can lose it.
 */
#define SUPERVISOR 4

#ifndef __ASSEMBLER__

#define TEAM_PROGRAM "/calls"
#define COUNTS_FILE  "/tmp/counts"

#define WORKERS 3u
#define THREADS 2u

/* Both map COUNTS_FILE here; no address that workers draw lies there. */
#define COUNTS	   0x6badc000u
#define CALLS_MADE ((volatile u32 *)COUNTS)
#define COUNTERS   (WORKERS * (THREADS + 1))

/*
 * system_call(), but returns 0 for a call that names SUPERVISOR and a kill() of several
 * processes.
 */
long guarded_call(long number, long a, long b, long c, long d, long e, long f);

#endif
#endif
