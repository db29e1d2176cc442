/* SPDX-License-Identifier: MIT */
/* Offsets and sizes in ACPI's tables, bytes: for the kernel and the loader. ACPI 6.5, 5.2. */
#ifndef KERNEL_DEVICES_ACPI_TABLES_H
#define KERNEL_DEVICES_ACPI_TABLES_H

#include "lib/types.h"

/* The root pointer (RSDP). RSDP_SIZE_1: of revision 0, and what its first checksum covers. */
#define RSDP_REVISION 15u
#define RSDP_RSDT     16u
#define RSDP_XSDT     24u
#define RSDP_SIZE_1   20u
#define RSDP_SIZE     36u

/* Every other table that is read here. */
#define ACPI_LENGTH	    4u /* of the whole table */
#define ACPI_HEADER_SIZE    36u
#define ACPI_TABLE_SIZE_MAX MiB(4) /* a larger one is damaged */

/* The FADT. */
#define FADT_FACS	      36u
#define FADT_DSDT	      40u
#define FADT_SMI_COMMAND      48u
#define FADT_ACPI_ENABLE      52u
#define FADT_PM1A_CONTROL     64u
#define FADT_PM1B_CONTROL     68u
#define FADT_PM_TIMER	      76u
#define FADT_FLAGS	      112u
#define FADT_SIZE_1	      116u
#define FADT_RESET_REGISTER   116u
#define FADT_RESET_VALUE      128u
#define FADT_X_FACS	      132u
#define FADT_X_DSDT	      140u
#define FADT_X_PM1A_CONTROL   172u
#define FADT_X_PM1B_CONTROL   184u
#define FADT_X_PM_TIMER	      208u
#define FADT_SLEEP_CONTROL    244u
#define FADT_FLAG_RESET	      (1u << 10)
#define FADT_FLAG_NO_HARDWARE (1u << 20)

#endif
