/* SPDX-License-Identifier: MIT */
/*
 * Children, and how two processes wait for each other without shared memory or pipes.
 *
 * A gate is a process that does nothing but yield. It is closed as long as the process exists:
 *
 *	parent                      child
 *	gate_create(&g)
 *	fork  --------------------> gate_wait(&g)    asks kill(pid, 0) until ESRCH
 *	... work ...                    .
 *	gate_open(&g)  -----------> goes on          kills the gate's process and reaps it
 *
 * and, the other way round, gate_open_by_child() in the child ends the gate's process and
 * gate_join() in the parent, which created the gate, waits for that.
 */
#ifndef RING3_PROCESS_H
#define RING3_PROCESS_H

#include "lib/types.h"
#include "tests/ring3/runtime/tap.h"

typedef void process_body(void *argument);

/*
 * Starts a child that runs `body` and exits with status 0, or with 1 if an expectation failed in
 * it. Returns its process number; gives up where fork fails.
 */
int process_start(process_body *body, void *argument);

/* Waits for one child. Returns its status word without the core-dump bit, or -errno. */
int process_wait(int pid);

/* process_start() and process_wait(). */
int process_run(process_body *body, void *argument);

/* The status words, without the core-dump bit, of an exit and of a death by signal. */
#define EXITED(code)   ((code) << 8)
#define KILLED(signal) (signal)

/* Runs `body` in a child and expects that it ends in this way. */
#define EXPECT_CHILD(body, argument, status) EXPECT_EQ(process_run(body, argument), status)

struct gate {
	int pid;
};

void gate_create(struct gate *gate);
void gate_wait(const struct gate *gate);
void gate_open(const struct gate *gate);
void gate_open_by_child(const struct gate *gate);
void gate_join(const struct gate *gate);

#endif
