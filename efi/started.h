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
 *  2. Where it cannot be written, a run that would restart by itself, at its end or after a panic, does not.
 *  3. It does not stay behind a loader that did not leave the firmware.
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

/*
 * The options to add so that a run with log=stop does not start again by itself, at its end or after a panic. NULL: it does not,
 * or it is meant to. Pure.
 */
const char *started_stop(const char *options);

#endif
