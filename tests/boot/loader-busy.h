/* SPDX-License-Identifier: MIT */
/*
 * A machine in which something goes on after ExitBootServices: processors, I/O APIC entries, CR4,
 * the IOMMU, as the letters p, o, c and t of loader-chain.c say.
 */
#ifndef TESTS_BOOT_LOADER_BUSY_H
#define TESTS_BOOT_LOADER_BUSY_H

#include <efi.h>

/*
 * Replaces ExitBootServices, if one of these letters is there; `letters` stays. False: no memory.
 * Context: boot services.
 */
BOOLEAN busy_exit_install(EFI_BOOT_SERVICES *services, const char *letters);

/* Writes to COM1. Any context. */
void serial_text(const char *text);

#endif
