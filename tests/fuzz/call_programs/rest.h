/* SPDX-License-Identifier: MIT */
/*
 * Do the processes of a program of system calls rest? They do if none runs or could: what
 * /proc/PID/stat says. A task that another one wakes is R there from that moment on.
 */
#ifndef FUZZ_CALL_PROGRAMS_REST_H
#define FUZZ_CALL_PROGRAMS_REST_H

#include "tests/fuzz/call_programs/worker.h"

/* The letter of /proc/PID/task/TID/stat, or X where there is none. */
char slot_letter(const struct slot *slot);

bool slot_is_dead(const struct slot *slot);

/* Is its call one that creates a process, which is a sleep in state D until the child goes on? */
bool slot_may_wait_deep(const struct slot *slot);

/* Waits until all processes rest, seen twice. Returns false after a while. */
bool slots_settle(void);

/* Sleeps 0.2 ms. */
void take_a_nap(void);

#endif
