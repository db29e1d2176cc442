/* SPDX-License-Identifier: MIT */
/*
 * The hand-off from the loader to the kernel: one structure, the same from the 64-bit and the 32-bit loader.
 *
 * Every field has a fixed width and its natural place. The x86-64 ABI aligns a u64 to 8 bytes and the i386 ABI to 4,
 * so the structure pads by hand and both builds check the offsets at compile time.
 *
 * The state of the machine when the loader jumps to the kernel's ELF entry point, moved to where the kernel lies:
 *
 *   - 32-bit protected mode, flat segments (base 0, limit 4 GiB), interrupts off, direction flag clear;
 *   - CR0 = PG|WP|PE|ET|NE|MP, CR4 = PSE, EFER (where there is one) with LME, NXE and SCE clear;
 *   - a page directory of 4 MiB entries, in memory that the loader owns: virtual = physical for the first 3 GiB, 0xC0000000 + x = x
 *     for the first 896 MiB, and from BOOT_FRAMEBUFFER on the framebuffer, where there is one that can be mapped;
 *   - EAX = BOOT_INFO_MAGIC, EBX = physical address of struct boot_info;
 *   - ESP is a stack of the loader's, good for a few hundred bytes.
 *
 * Everything that the structure points at lies below BOOT_ADDRESS_LIMIT, in memory of type BOOT_MEMORY_LOADER, and
 * belongs to the kernel from then on.
 */
#ifndef ABI_BOOT_BOOT_INFO_H
#define ABI_BOOT_BOOT_INFO_H

#include <stddef.h>
#include <stdint.h>

#define BOOT_INFO_MAGIC	  0x74685750u /* "PWht" in memory */
#define BOOT_INFO_VERSION 5u

/* What the kernel can reach through its direct map: PAGE_OFFSET + 896 MiB. Bytes. */
#define BOOT_ADDRESS_LIMIT 0x38000000u

/* Where the boot page directory has the 4 MiB page that the framebuffer begins in; uncached but where the MTRRs say write combining. */
#define BOOT_FRAMEBUFFER     0xF8000000u
#define BOOT_FRAMEBUFFER_MAX 0x03000000u /* bytes of pixels; a larger one is not mapped */

#define BOOT_OPTIONS_SIZE 2048u
#define BOOT_VENDOR_SIZE  64u

/* EFI_MEMORY_TYPE of the UEFI specification, section 7.2, by the numbers that the loader passes on unchanged. */
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

/* One entry of the firmware's map, in the firmware's order, at a fixed stride whatever DescriptorSize was. */
struct boot_memory {
	uint64_t start;	    /* physical, bytes */
	uint64_t pages;	    /* of 4 KiB */
	uint64_t attribute; /* EFI_MEMORY_* bits */
	uint32_t type;	    /* enum boot_memory_type, or a vendor's number */
	uint32_t padding;
};

/* A linear framebuffer with 32 bits a pixel; base 0 where there is none. */
struct boot_framebuffer {
	uint64_t base;	 /* physical, may be above 4 GiB */
	uint64_t size;	 /* bytes */
	uint32_t width;	 /* pixels */
	uint32_t height; /* pixels */
	uint32_t stride; /* pixels from one line to the next */
	uint32_t red_mask, green_mask, blue_mask;
	uint32_t
		early; /* where the boot page directory maps its first byte, virtual, and all its pixels are black; 0: nowhere */
	uint32_t padding;
};

struct boot_range {
	uint64_t start; /* physical, bytes */
	uint64_t size;	/* bytes; 0: there is none */
};

/* What the loader found running when the firmware had left, and stopped (efi/quiesce.c). Counts. */
struct boot_handover {
	uint32_t bus_masters;	/* PCI functions whose bus mastering was switched off */
	uint32_t processors;	/* in ACPI's tables, this one too; 0: there are no tables */
	uint32_t init_sent;	/* 1: the other processors got an INIT */
	uint32_t parked;	/* of them, that came to halt in the loader's page */
	uint32_t io_apics;	/* whose entries were masked */
	uint32_t open_entries;	/* of them, that were not masked before */
	uint32_t iommus;	/* remapping units of Intel's kind */
	uint32_t iommus_active; /* of them, that were translating */
	uint32_t iommus_left;	/* of them, that could not be switched off */
	uint32_t usb;		/* controllers */
	uint32_t usb_owned;	/* of them, that the firmware had */
	uint32_t usb_forced;	/* of those, that it did not give up when it was asked */
};

struct boot_info {
	uint32_t magic;		/* BOOT_INFO_MAGIC */
	uint32_t version;	/* BOOT_INFO_VERSION */
	uint32_t size;		/* of this structure, bytes */
	uint32_t firmware_bits; /* 32 or 64 */

	struct boot_range kernel;    /* where the kernel lies, bss included */
	struct boot_range initramfs; /* a cpio archive */

	uint64_t memory_map;	    /* physical address of struct boot_memory[] */
	uint32_t memory_map_count;  /* entries */
	uint32_t memory_map_stride; /* sizeof(struct boot_memory) */

	uint64_t acpi_rsdp; /* physical address of ACPI's root pointer, 0: none */
	struct boot_framebuffer framebuffer;

	uint32_t firmware_revision;		/* the vendor's own number */
	uint32_t uefi_revision;			/* major << 16 | minor */
	char firmware_vendor[BOOT_VENDOR_SIZE]; /* ASCII, ends in NUL */
	char options
		[BOOT_OPTIONS_SIZE]; /* ASCII, separated by blanks, ends in NUL; the later wins */

	struct boot_range log; /* a region of abi/boot/log_region.h, of type BOOT_MEMORY_RESERVED */
	struct boot_handover handover;
	uint64_t loader_tsc; /* the time-stamp counter when the loader began; 0: there is none */
};

_Static_assert(sizeof(struct boot_memory) == 32, "boot_memory differs between the builds");
_Static_assert(sizeof(struct boot_framebuffer) == 48,
	       "boot_framebuffer differs between the builds");
_Static_assert(offsetof(struct boot_info, kernel) == 16, "boot_info differs between the builds");
_Static_assert(offsetof(struct boot_info, memory_map) == 48,
	       "boot_info differs between the builds");
_Static_assert(offsetof(struct boot_info, acpi_rsdp) == 64, "boot_info differs between the builds");
_Static_assert(offsetof(struct boot_info, framebuffer) == 72,
	       "boot_info differs between the builds");
_Static_assert(offsetof(struct boot_info, firmware_vendor) == 128,
	       "boot_info differs between the builds");
_Static_assert(offsetof(struct boot_info, options) == 192, "boot_info differs between the builds");
_Static_assert(offsetof(struct boot_info, log) == 192 + BOOT_OPTIONS_SIZE,
	       "boot_info differs between the builds");
_Static_assert(sizeof(struct boot_handover) == 48, "boot_handover differs between the builds");
_Static_assert(sizeof(struct boot_info) == 192 + BOOT_OPTIONS_SIZE + 16 + 48 + 8,
	       "boot_info differs between the builds");

#endif
