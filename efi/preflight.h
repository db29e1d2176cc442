/* SPDX-License-Identifier: MIT */
/*
 * The files that the loader writes to the volume before ExitBootServices. Context: boot services.
 */
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
	const char *before;	       /* what the last run left */
};

/*
 * Writes PREnnnn.TXT and STARTED.TXT. Nothing here is an error; if STARTED.TXT cannot be written
 * the options may change (efi/started.h).
 */
void preflight(const struct preflight *preflight);

/* This processor. */
const struct processor_source *this_processor(void);

/* started.c. The firmware's present state. */
struct memory_state memory_state(void);

/*
 * Looks for STARTED.TXT and removes it. `found`: there was a log in memory; if not, prints that
 * the last run left none, and why. Returns whether the file was there.
 */
bool started_collect(EFI_FILE_HANDLE root, bool found);

/* Writes it. See (2) of efi/started.h for `options`, which has BOOT_OPTIONS_SIZE bytes. */
void started_write(EFI_FILE_HANDLE root, u32 run, char *options);

/* Removes it: the run does not begin. The volume is closed, and is opened again. */
void started_undo(EFI_HANDLE device);

#endif
