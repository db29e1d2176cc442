/* SPDX-License-Identifier: MIT */
/*
 * Describes the machine in a file that is written before ExitBootServices, so that it is there if
 * the run hangs later.
 *
 *     firmware's tables, processor, PCI ──> describe_*(): text ──> describe_file.c ──> PREnnnn.TXT
 *
 *  (1) The functions here are pure: they run on a host, with the tables of other machines.
 *  (2) A table may have any contents. Nothing is read beyond the caller's length.
 *  (3) Serial numbers and UUIDs are left out unless `serials` is set.
 *  (4) Only registers that CPUID reports are read: there is no handler for the fault.
 *
 * Sources: SMBIOS 3.6; ACPI 6.5, 5.2; Intel VT-d 4.1, chapter 8; AMD I/O Virtualization 3.08, 5.2;
 * Intel SDM vol. 4; AMD64 vol. 2; SPCR and HPET as published by Microsoft and Intel.
 */
#ifndef EFI_DESCRIBE_DESCRIBE_H
#define EFI_DESCRIBE_DESCRIBE_H

#include "abi/boot/boot_info.h"
#include "lib/types.h"

/* The text. If it does not fit it is cut, and describe_end() says so. */
struct description {
	char *text;
	u32 size;   /* bytes */
	u32 length; /* of the text so far */
	bool cut;
	bool serials;
};

/* Adds a line. Escapes control characters of arguments: firmware's names are foreign text. */
void describe_line(struct description *out, const char *format, ...) __printf(2, 3);

/* The last line. Returns the total length. */
u32 describe_end(struct description *out);

/* The structures of an SMBIOS table of `bytes` bytes. */
void describe_smbios(struct description *out, const void *table, u32 bytes);

/* The firmware's own map, in its order: efi/handoff/memory_map.h, `stride` bytes apart. */
void describe_memory(struct description *out, const void *map, u32 bytes, u32 stride);

/*
 * An ACPI table, `bytes` bytes at physical `address`: its header, and the contents of known ones.
 */
void describe_acpi(struct description *out, u64 address, const void *table, u32 bytes);

/* A PCI function: the first 16 registers of its configuration space. */
void describe_pci(struct description *out, u32 bus, u32 device, u32 function,
		  const u32 registers[16]);

/* The processor. describe_file.c defines these for the machine, tests/host/ for recorded ones. */
void processor_cpuid(u32 leaf, u32 subleaf, u32 registers[4]); /* EAX to EDX */
u64 processor_msr(u32 index);
u64 processor_microcode(void); /* MSR 8Bh, after writing 0 to it and CPUID, as Intel requires */

/* By these, and by its control registers. */
void describe_processor(struct description *out, u64 cr0, u64 cr4);

/* Does the processor encrypt memory with a key that a reset changes (Intel's TME, switched on)? */
bool memory_is_encrypted(void);

#endif
