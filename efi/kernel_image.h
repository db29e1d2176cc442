/* SPDX-License-Identifier: MIT */
/*
 * Checks, loads and relocates the kernel's ELF file.
 *
 * Pure functions over two buffers, the file and the staging area; no firmware, so that they run on
 * a host under sanitizers. Formats: System V ABI (gABI) chapters 4 and 5, and its Intel386
 * supplement.
 */
#ifndef EFI_KERNEL_IMAGE_H
#define EFI_KERNEL_IMAGE_H

#include "lib/types.h"

#define KERNEL_LINK_ADDRESS   0xC0100000u /* virtual, where the linker put the first byte */
#define KERNEL_HOME	      0x00100000u /* physical, where it runs without relocation */
#define KERNEL_ALIGNMENT      0x00010000u /* of its place, bytes; no segment may require more */
#define KERNEL_HEAD_SIZE      16u	  /* bytes: e_ident */
#define KERNEL_FILE_SIZE_MAX  MiB(64)
#define KERNEL_IMAGE_SIZE_MAX MiB(64)

/* The result of kernel_image_check(); offsets count from KERNEL_LINK_ADDRESS. */
struct kernel_image {
	const u8 *file; /* borrowed; unused after kernel_image_load() */
	u32 file_size;
	u32 segment_table; /* file offset of the program headers */
	u32 segment_count;
	u32 loaded;	      /* bytes of the image that come from the file, a multiple of 4 */
	u32 size;	      /* bytes of the whole image with its bss, a multiple of 4096 */
	u32 entry;	      /* virtual address as linked */
	u32 relocation_table; /* offset in the image */
	u32 relocation_count;
	bool relocatable; /* false: it runs only at KERNEL_HOME */
};

/*
 * Is this the head of a Pagewright kernel: ELF with a seal, right or wrong? Other ELF files have
 * zeros there.
 */
bool kernel_image_is_sealed(const u8 head[KERNEL_HEAD_SIZE]);

/*
 * Checks every header, segment and relocation of `file`, and its seal. Returns NULL and fills
 * *image, or returns the error, a text to follow "NAME: ". After success the functions below
 * cannot fail.
 */
const char *kernel_image_check(struct kernel_image *image, const void *file, size_t size);

/* Writes the first image->loaded bytes of the image, gaps zeroed, to `staging`. */
void kernel_image_load(const struct kernel_image *image, void *staging);

/*
 * Relocates a loaded image by `delta` bytes (modulo 2^32) from its present address, first the
 * linked one. delta is 0 for an image that is not relocatable.
 */
void kernel_image_relocate(const struct kernel_image *image, void *staging, u32 delta);

#endif
