/* SPDX-License-Identifier: MIT */
/* A process of a program of system calls. */
#ifndef FUZZ_CALL_PROGRAMS_WORKER_H
#define FUZZ_CALL_PROGRAMS_WORKER_H

#include "tests/fuzz/call_programs/operation.h"

#define calls_state ((struct state *)STATE)

/* Maps the state, which the file `path` holds. */
bool state_map(const char *path);

/* Makes the calls of a slot until the process is killed. */
__noreturn void worker_start(u32 number);

#endif
