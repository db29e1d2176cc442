/* SPDX-License-Identifier: MIT */
/*
 * STARTED.TXT: a run has begun, and no loader has seen its end yet.
 *
 *     loader ── writes it ──> run ── reset ──> loader: it is there
 *                                              a log in memory   the run's log is saved
 *                                              none              the run left none: it is said, and log=stop is obeyed
 *
 * Without it `exit=reboot log=stop` would begin again for ever on a machine whose memory does not outlive a reset. It also ends
 * the loops of watchdogs and triple faults.
 *
 *  1. The loader that finds it removes it, whatever it makes of it: it tells of one run.
 *  2. Where it cannot be written, a run that would restart by itself switches the machine off in its place.
 */
#ifndef EFI_STARTED_H
#define EFI_STARTED_H

#include "lib/types.h"

#define STARTED_SIZE 200u /* bytes, with the NUL */

/* What the firmware tells of memory, when the run begins and when its log is missed. */
struct memory_state {
	bool overwrite; /* MemoryOverwriteRequestControl asks for it at the next reset */
	bool encrypted; /* with a key that is another after each reset */
};

/* The text of the file. Pure. Returns its length. */
int started_text(char *text, size_t size, u32 run, const struct memory_state *state);

/* Why no log was found: what the file of the run before has, and the state now. Pure. `text` ends in NUL. */
const char *started_reason(const char *text, const struct memory_state *now);

/* With these options the machine would start again by itself, and must not. Pure. */
bool started_is_needed(const char *options);

#endif
