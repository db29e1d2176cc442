/* SPDX-License-Identifier: MIT */
/* What the loader leaves on the volume before it leaves the firmware. Context: boot services. */
#ifndef EFI_PREFLIGHT_H
#define EFI_PREFLIGHT_H

#include "efi/displays.h"
#include "efi/loader.h"
#include "efi/pre.h"
#include "efi/started.h"

struct preflight {
	EFI_FILE_HANDLE root; /* NULL: there is no volume, and nothing is written */
	struct boot_info *info;
	const struct machine_parts *parts;
	const struct displays *displays;
	const struct map_buffers *map; /* overwritten */
	const char *before;	       /* what the run before left */
};

/* Writes PREnnnn.TXT and STARTED.TXT. Nothing here is an error; without STARTED.TXT the options may change (efi/started.h). */
void preflight(const struct preflight *preflight);

/* The processor that we run on. */
const struct processor_source *this_processor(void);

/* started.c. What the firmware tells now. */
struct memory_state memory_state(void);

/*
 * Looks for STARTED.TXT and removes it. `found`: there was a log in memory; if not, says that the run before left none, and why.
 * Returns whether it was there.
 */
bool started_collect(EFI_FILE_HANDLE root, bool found);

/* Writes it. See (2) of efi/started.h for `options`, which has BOOT_OPTIONS_SIZE bytes. */
void started_write(EFI_FILE_HANDLE root, u32 run, char *options);

/* Removes it: the run that it tells of does not begin. The volume is closed, and is opened once more. */
void started_undo(EFI_HANDLE device);

#endif
