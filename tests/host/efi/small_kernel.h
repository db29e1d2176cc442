/* SPDX-License-Identifier: MIT */
/* A small sound file of a kernel, in a heap block of its size, and ways to change it. */
#ifndef TESTS_HOST_EFI_SMALL_KERNEL_H
#define TESTS_HOST_EFI_SMALL_KERNEL_H

#include "lib/types.h"

enum {
	SEGMENT_TABLE = 52,
	TEXT = 256, /* file offset and offset in the image of the first segment */
	TEXT_SIZE = 64,
	DATA = 512, /* the same of the second */
	DATA_SIZE = 128,
	BSS_SIZE = 10000,
	DYNAMIC = DATA + 64, /* five entries of 8 bytes */
	RELOCATIONS = DATA + 104,
	RELOCATION_COUNT = 3,
	FILE_SIZE = DATA + DATA_SIZE,
};

u8 *image_sound_file(void);

void image_put16(u8 *file, u32 at, u32 value);
void image_put32(u8 *file, u32 at, u32 value);
u32 image_get32(const u8 *from, u32 at);
void image_put_segment(u8 *file, u32 index, const u32 words[8]);

/*
 * The checksum bit by bit, as the standard writes it. The loader computes it in another way, so
 * one checks the other.
 */
void image_seal(u8 *file, u32 size);

#endif
