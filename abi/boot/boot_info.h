/* SPDX-License-Identifier: MIT */
/*
 * The hand-off from the loader to the kernel: one structure, the same from both loaders.
 *
 * Every field has a fixed width and its natural alignment. The x86-64 ABI aligns a u64 to 8 bytes
 * and the i386 ABI to 4, so the structure has explicit padding, and both builds check the offsets.
 *
 * The state of the machine when the loader jumps to the kernel's ELF entry point (relocated to the
 * kernel's place):
 *
 *   - 32-bit protected mode, flat segments (base 0, limit 4 GiB), interrupts off, direction flag
 *     clear;
 *   - CR0 = PG|WP|PE|ET|NE|MP, CR4 = PSE, EFER (if there is one) with LME, NXE and SCE clear;
 *   - a page directory of 4 MiB entries, in memory of the loader: virtual = physical for the first
 *     3 GiB; 0xC0000000 + x = x for the first 896 MiB; from BOOT_FRAMEBUFFER on the framebuffer,
 *     if there is one that can be mapped;
 *   - EAX = BOOT_INFO_MAGIC, EBX = physical address of struct boot_info;
 *   - ESP is a stack of the loader with room for a few hundred bytes.
 *
 * All that the structure points at lies below BOOT_ADDRESS_LIMIT, in memory of type
 * BOOT_MEMORY_LOADER. From the jump on the kernel owns it.
 */
#ifndef ABI_BOOT_BOOT_INFO_H
#define ABI_BOOT_BOOT_INFO_H

#include <stddef.h>
#include <stdint.h>

#define BOOT_INFO_MAGIC	  0x74685750u /* "PWht" in memory */
#define BOOT_INFO_VERSION 5u

/* The end of the memory that the kernel's direct map reaches: PAGE_OFFSET + 896 MiB. Bytes. */
#define BOOT_ADDRESS_LIMIT 0x38000000u

/*
 * Virtual address of the 4 MiB page in which the framebuffer begins, in the boot page directory.
 * Uncached, except where the MTRRs say write combining.
 */
#define BOOT_FRAMEBUFFER     0xF8000000u
#define BOOT_FRAMEBUFFER_MAX 0x03000000u /* bytes of pixels; a larger one is not mapped */

#define BOOT_OPTIONS_SIZE 2048u
#define BOOT_VENDOR_SIZE  64u

/* EFI_MEMORY_TYPE of the UEFI specification, 7.2. The loader passes the numbers on unchanged. */
enum boot_memory_type {
	BOOT_MEMORY_RESERVED = 0,
	BOOT_MEMORY_LOADER_CODE = 1,
	BOOT_MEMORY_LOADER_DATA = 2,
	BOOT_MEMORY_BOOT_SERVICES_CODE = 3,
	BOOT_MEMORY_BOOT_SERVICES_DATA = 4,
	BOOT_MEMORY_RUNTIME_SERVICES_CODE = 5,
	BOOT_MEMORY_RUNTIME_SERVICES_DATA = 6,
	BOOT_MEMORY_CONVENTIONAL = 7,
	BOOT_MEMORY_UNUSABLE = 8,
	BOOT_MEMORY_ACPI_RECLAIM = 9,
	BOOT_MEMORY_ACPI_NVS = 10,
	BOOT_MEMORY_MMIO = 11,
	BOOT_MEMORY_MMIO_PORT = 12,
	BOOT_MEMORY_PAL_CODE = 13,
	BOOT_MEMORY_PERSISTENT = 14,
};

/* Bits of struct boot_memory: EFI_MEMORY_WB, EFI_MEMORY_SP, EFI_MEMORY_RUNTIME. */
#define BOOT_ATTRIBUTE_WRITE_BACK 0x8ull     /* RAM without it is not used */
#define BOOT_ATTRIBUTE_SPECIFIC	  0x40000ull /* set aside for a driver; Linux too reserves it */
#define BOOT_ATTRIBUTE_RUNTIME	  0x8000000000000000ull /* for runtime services, of any type */

/* An entry of the firmware's map, in its order, at this stride whatever DescriptorSize is. */
struct boot_memory {
	uint64_t start;	    /* physical, bytes */
	uint64_t pages;	    /* of 4 KiB */
	uint64_t attribute; /* BOOT_ATTRIBUTE_*, and others of EFI_MEMORY_* */
	uint32_t type;	    /* enum boot_memory_type, or a vendor's number */
	uint32_t padding;
};

/* A linear framebuffer with 32 bits a pixel; base 0: none. All mapped pixels are black. */
struct boot_framebuffer {
	uint64_t base;	 /* physical, may be above 4 GiB */
	uint64_t size;	 /* bytes */
	uint32_t width;	 /* pixels */
	uint32_t height; /* pixels */
	uint32_t stride; /* pixels from one line to the next */
	uint32_t red_mask, green_mask, blue_mask;
	uint32_t early; /* its virtual address in the boot page directory; 0: not mapped */
	uint32_t padding;
};

struct boot_range {
	uint64_t start; /* physical, bytes */
	uint64_t size;	/* bytes; 0: there is none */
};

/* Counts of what the loader found running at the firmware's end and stopped (efi/quiesce/). */
struct boot_handover {
	uint32_t bus_masters;	/* PCI functions with bus mastering switched off */
	uint32_t processors;	/* in ACPI's tables, this one too; 0: there are no tables */
	uint32_t init_sent;	/* 1: the other processors received an INIT */
	uint32_t parked;	/* of them, halted in the loader's page */
	uint32_t io_apics;	/* with their entries masked */
	uint32_t open_entries;	/* entries that were not masked before */
	uint32_t iommus;	/* Intel's remapping units */
	uint32_t iommus_active; /* of them, were translating */
	uint32_t iommus_left;	/* of them, could not be switched off */
	uint32_t usb;		/* controllers */
	uint32_t usb_owned;	/* of them, owned by the firmware */
	uint32_t usb_forced;	/* of those, not released on request */
};

struct boot_info {
	uint32_t magic;		/* BOOT_INFO_MAGIC */
	uint32_t version;	/* BOOT_INFO_VERSION */
	uint32_t size;		/* of this structure, bytes */
	uint32_t firmware_bits; /* 32 or 64 */

	struct boot_range kernel;    /* the memory of the kernel, bss included */
	struct boot_range initramfs; /* a cpio archive */

	uint64_t memory_map;	    /* physical address of struct boot_memory[] */
	uint32_t memory_map_count;  /* entries */
	uint32_t memory_map_stride; /* sizeof(struct boot_memory) */

	uint64_t acpi_rsdp; /* physical address of ACPI's root pointer, 0: none */
	struct boot_framebuffer framebuffer;

	uint32_t firmware_revision;		/* the vendor's own number */
	uint32_t uefi_revision;			/* major << 16 | minor */
	char firmware_vendor[BOOT_VENDOR_SIZE]; /* ASCII, ends in NUL */
	char options[BOOT_OPTIONS_SIZE];	/* ASCII, separated by blanks, ends in NUL */

	struct boot_range log; /* abi/boot/log_region.h; of type BOOT_MEMORY_RESERVED */
	struct boot_handover handover;
	uint64_t loader_tsc; /* the time-stamp counter at the loader's start; 0: no counter */
};

_Static_assert(sizeof(struct boot_memory) == 32, "the builds differ");
_Static_assert(sizeof(struct boot_framebuffer) == 48, "the builds differ");
_Static_assert(offsetof(struct boot_info, kernel) == 16, "the builds differ");
_Static_assert(offsetof(struct boot_info, memory_map) == 48, "the builds differ");
_Static_assert(offsetof(struct boot_info, acpi_rsdp) == 64, "the builds differ");
_Static_assert(offsetof(struct boot_info, framebuffer) == 72, "the builds differ");
_Static_assert(offsetof(struct boot_info, firmware_vendor) == 128, "the builds differ");
_Static_assert(offsetof(struct boot_info, options) == 192, "the builds differ");
_Static_assert(offsetof(struct boot_info, log) == 192 + BOOT_OPTIONS_SIZE, "the builds differ");
_Static_assert(sizeof(struct boot_handover) == 48, "the builds differ");
_Static_assert(sizeof(struct boot_info) == 192 + BOOT_OPTIONS_SIZE + 16 + 48 + 8,
	       "the builds differ");

#endif
