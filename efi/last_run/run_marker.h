/* SPDX-License-Identifier: MIT */
/*
 * STARTED.TXT: a run has begun, and no loader has seen its end yet.
 *
 *     loader ── writes it ──> run ── reset ──> loader: it is there
 *                                              a log in memory: the run's log is saved
 *                                              no log: a line says why; log=stop is obeyed
 *
 * Without it `exit=reboot log=stop` would run for ever on a machine with memory that does not
 * survive a reset. It also ends the loops of watchdogs and triple faults.
 *
 *  (1) The loader that finds it always removes it: it stands for one run.
 *  (2) Where it cannot be written, a run does not restart by itself, at its end or after a panic.
 *  (3) A loader that does not leave the firmware removes it.
 */
#ifndef EFI_LAST_RUN_RUN_MARKER_H
#define EFI_LAST_RUN_RUN_MARKER_H

#include "lib/types.h"

#define RUN_MARKER_SIZE 200u /* bytes, with the NUL */

/* The firmware's state of memory, at the start of a run and when its log is missing. */
struct memory_state {
	bool overwrite; /* MemoryOverwriteRequestControl asks for it at the next reset */
	bool encrypted; /* with a new key after each reset */
};

/* The text of the file. Pure. Returns its length. */
int run_marker_text(char *text, size_t size, u32 run, const struct memory_state *state);

/* Why no log was found: by the last run's file and the state now. Pure. `text` ends in NUL. */
const char *run_marker_reason(const char *text, const struct memory_state *now);

/*
 * The options to add so that a run with log=stop does not restart by itself, at its end or after a
 * panic. NULL: none are needed. Pure.
 */
const char *run_marker_stop(const char *options);

#endif
