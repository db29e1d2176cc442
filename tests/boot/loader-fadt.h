/* SPDX-License-Identifier: MIT */
/*
 * Replaces the emulator's FADT in the XSDT by one of ACPI 6, as the letters of loader-chain.c say.
 * The RSDT keeps the old one; it is not read where there is an XSDT (ACPI 6.5, 5.2.7).
 */
#ifndef TESTS_BOOT_LOADER_FADT_H
#define TESTS_BOOT_LOADER_FADT_H

#include <efi.h>

/* False: there is no XSDT with a FADT, or no memory. Context: boot services. */
BOOLEAN fadt_replace(EFI_SYSTEM_TABLE *system, const char *letters);

#endif
