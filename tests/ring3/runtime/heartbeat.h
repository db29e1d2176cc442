/* SPDX-License-Identifier: MIT */
/*
 * Long system calls: others run meanwhile, and SIGKILL ends them soon. The parent's heart beats
 * while a child makes the call, and then ends:
 *
 *	child   |----- the call -----|--- its end ---|
 *	parent  | |  |   | | |    | |  | |   |          the longest gap between two beats
 *
 * Once more the child is killed in the middle of the call, and its parent waits for it.
 *
 * A real clock says little under an emulator. So the bound of 10 ms holds only where the file
 * /long-calls is there. tests/boot/long-calls.t gives it to a machine with a clock that counts
 * instructions. Otherwise the calls only have to do their work.
 */
#ifndef RING3_HEARTBEAT_H
#define RING3_HEARTBEAT_H

#include "lib/types.h"

struct long_call {
	const char *name;
	void (*setup)(void); /* in the child, not measured; or NULL */
	long (*make)(void);  /* 0 is well */
};

/* Is the time measured? Then the calls should have much to do. */
bool heartbeat_strict(void);

/* Two cases over all calls. Returns the exit status of the program. */
int heartbeat_run(const struct long_call *calls, u32 count);

#endif
