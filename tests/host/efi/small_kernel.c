/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "efi/kernel_image.h"
#include "tests/host/efi/small_kernel.h"

void image_put16(u8 *file, u32 at, u32 value)
{
	file[at] = (u8)value;
	file[at + 1] = (u8)(value >> 8);
}

void image_put32(u8 *file, u32 at, u32 value)
{
	image_put16(file, at, value);
	image_put16(file, at + 2, value >> 16);
}

u32 image_get32(const u8 *from, u32 at)
{
	u32 value;

	memcpy(&value, from + at, sizeof(value));
	return value;
}

void image_put_segment(u8 *file, u32 index, const u32 words[8])
{
	for (u32 i = 0; i < 8; i++)
		image_put32(file, SEGMENT_TABLE + 32 * index + 4 * i, words[i]);
}

void image_seal(u8 *file, u32 size)
{
	u32 crc = ~0u;

	image_put32(file, 12, 0);
	for (u32 i = 0; i < size; i++) {
		crc ^= file[i];
		for (u32 bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ ((crc & 1) ? 0xedb88320u : 0);
	}
	image_put32(file, 12, ~crc);
}

u8 *image_sound_file(void)
{
	static const u8 ident[8] = { 0x7f, 'E', 'L', 'F', 1, 1, 1, 0 };
	const u32 base = KERNEL_LINK_ADDRESS;
	u8 *file = calloc(1, FILE_SIZE);

	memcpy(file, ident, sizeof(ident));
	image_put16(file, 16, 3);
	image_put16(file, 18, 3);
	image_put32(file, 20, 1);
	image_put32(file, 24, base + TEXT + 4);
	image_put32(file, 28, SEGMENT_TABLE);
	image_put16(file, 40, 52);
	image_put16(file, 42, 32);
	image_put16(file, 44, 3);
	image_put_segment(file, 0,
			  (u32[8]){ 1, TEXT, base + TEXT, 0, TEXT_SIZE, TEXT_SIZE, 5, 256 });
	image_put_segment(
		file, 1,
		(u32[8]){ 1, DATA, base + DATA, 0, DATA_SIZE, DATA_SIZE + BSS_SIZE, 6, 256 });
	image_put_segment(file, 2, (u32[8]){ 2, DYNAMIC, base + DYNAMIC, 0, 40, 40, 6, 4 });
	memset(file + TEXT, 0xcc, TEXT_SIZE);
	image_put32(file, TEXT + 8, base + DATA);
	image_put32(file, DATA, base + TEXT);
	image_put32(file, DYNAMIC, 17);
	image_put32(file, DYNAMIC + 4, base + RELOCATIONS);
	image_put32(file, DYNAMIC + 8, 18);
	image_put32(file, DYNAMIC + 12, 8 * RELOCATION_COUNT);
	image_put32(file, DYNAMIC + 16, 19);
	image_put32(file, DYNAMIC + 20, 8);
	image_put32(file, RELOCATIONS, base + TEXT + 8);
	image_put32(file, RELOCATIONS + 4, 8);
	image_put32(file, RELOCATIONS + 8, 0xffffffff); /* R_386_NONE: the target means nothing */
	image_put32(file, RELOCATIONS + 16, base + DATA);
	image_put32(file, RELOCATIONS + 20, 8);
	image_seal(file, FILE_SIZE);
	return file;
}
