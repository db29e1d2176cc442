/* SPDX-License-Identifier: MIT */
/*
 * Describes the machine in a file that is written before ExitBootServices, so that it is there if
 * the run hangs later.
 *
 *     firmware's tables, processor, PCI ──> pre_*(): text ──> efi/preflight.c ──> PREnnnn.TXT
 *
 *  (1) The functions here are pure: they run on a host, with the tables of other machines.
 *  (2) A table may have any contents. Nothing is read beyond the caller's length.
 *  (3) Serial numbers and UUIDs are left out unless `serials` is set.
 *  (4) Only registers that CPUID reports are read: there is no handler for the fault.
 *
 * Sources: SMBIOS 3.6; ACPI 6.5, 5.2; Intel VT-d 4.1, chapter 8; AMD I/O Virtualization 3.08, 5.2;
 * Intel SDM vol. 4; AMD64 vol. 2; SPCR and HPET as published by Microsoft and Intel.
 */
#ifndef EFI_PRE_H
#define EFI_PRE_H

#include "abi/boot/boot_info.h"
#include "lib/types.h"

/* The text. If it does not fit it is cut, and pre_end() says so. */
struct pre {
	char *text;
	u32 size;   /* bytes */
	u32 length; /* of the text so far */
	bool cut;
	bool serials;
};

/* Adds a line. Escapes control characters of arguments: firmware's names are foreign text. */
void pre_line(struct pre *pre, const char *format, ...) __printf(2, 3);

/* The last line. Returns the total length. */
u32 pre_end(struct pre *pre);

/* The structures of an SMBIOS table of `bytes` bytes. */
void pre_smbios(struct pre *pre, const void *table, u32 bytes);

/* The firmware's own map, in its order: descriptors of efi/memory_map.h, `stride` bytes apart. */
void pre_memory(struct pre *pre, const void *map, u32 bytes, u32 stride);

/*
 * An ACPI table, `bytes` bytes at physical `address`: its header, and the contents of known ones.
 */
void pre_acpi(struct pre *pre, u64 address, const void *table, u32 bytes);

/* A PCI function: the first 16 registers of its configuration space. */
void pre_pci(struct pre *pre, u32 bus, u32 device, u32 function, const u32 registers[16]);

/* The processor. efi/preflight.c defines these for the machine, tests/host/ for recorded ones. */
void processor_cpuid(u32 leaf, u32 subleaf, u32 registers[4]); /* EAX to EDX */
u64 processor_msr(u32 index);
u64 processor_microcode(void); /* MSR 8Bh, after writing 0 to it and CPUID, as Intel requires */

/* By these, and by its control registers. */
void pre_processor(struct pre *pre, u64 cr0, u64 cr4);

/* Does the processor encrypt memory with a key that a reset changes (Intel's TME, switched on)? */
bool memory_is_encrypted(void);

#endif
