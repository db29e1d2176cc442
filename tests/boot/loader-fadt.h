/* SPDX-License-Identifier: MIT */
/*
 * Another FADT than the emulator's: of ACPI 6, and as letters of loader-chain.c say. It stands in the XSDT in place of the old one; the RSDT
 * keeps that, and counts for nothing where there is an XSDT.
 */
#ifndef TESTS_BOOT_LOADER_FADT_H
#define TESTS_BOOT_LOADER_FADT_H

#include <efi.h>

/* False: there is no XSDT with a FADT, or no memory. Context: boot services. */
BOOLEAN fadt_replace(EFI_SYSTEM_TABLE *system, const char *letters);

#endif
