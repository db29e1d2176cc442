/* SPDX-License-Identifier: MIT */
/*
 * The loader's reader of the kernel's ELF file. The input is the file, or the numbers of a
 * small, nearly correct one. It gets a valid checksum, or nothing else would ever be reached. An
 * accepted file is loaded and relocated in blocks of exact size, so that a sanitizer sees an
 * access beyond them.
 *
 * sources: efi/kernel_image.c
 */
#include <stdlib.h>
#include <string.h>

#include "efi/kernel_image.h"
#include "tests/fuzz/fuzz.h"

#define FILE_MAX    8192u
#define HEADER_SIZE 52u
#define PHDR_SIZE   32u
#define STAGED_MAX  MiB(1)
#define SEAL	    12u

static u8 buffer[FILE_MAX];

static void put32(u32 at, u32 value)
{
	memcpy(buffer + at, &value, 4);
}

static void put16(u32 at, u32 value)
{
	buffer[at] = (u8)value;
	buffer[at + 1] = (u8)(value >> 8);
}

/* CRC-32, bit by bit, unlike the code under test. */
static u32 crc_of(u32 size)
{
	u32 crc = ~0u;

	for (u32 i = 0; i < size; i++) {
		crc ^= i >= SEAL && i < SEAL + 4 ? 0 : buffer[i];
		for (u32 bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
	}
	return ~crc;
}

static u32 take_number(struct fuzz_input *in, u32 likely_one)
{
	u32 kind = fuzz_u8(in);

	if (kind < 200)
		return likely_one;
	if (kind < 225)
		return likely_one + fuzz_u8(in) - 128;
	return kind < 240 ? (u32)0 - fuzz_u16(in) : fuzz_u32(in);
}

static void put_segment(struct fuzz_input *in, u32 at, u32 type, u32 offset, u32 address, u32 bytes)
{
	put32(at, take_number(in, type));
	put32(at + 4, take_number(in, offset));
	put32(at + 8, take_number(in, address));
	put32(at + 16, take_number(in, bytes));
	put32(at + 20, take_number(in, bytes + 64));
	put32(at + 24, 7);
	put32(at + 28, take_number(in, 4));
}

/* Two segments and a dynamic section with a few relocations. Returns the size. */
static u32 make_file(struct fuzz_input *in)
{
	static const u8 ident[] = { 0x7f, 'E', 'L', 'F', 1, 1, 1 };
	const u32 text = 256, data = 1024, dynamic = data + 128, table = data + 256;
	u32 relocations = fuzz_below(in, 8);

	memset(buffer, 0, 2048);
	memcpy(buffer, ident, sizeof(ident));
	put16(16, take_number(in, 3));
	put16(18, take_number(in, 3));
	put32(20, 1);
	put32(24, take_number(in, KERNEL_LINK_ADDRESS + text + 8));
	put32(28, take_number(in, HEADER_SIZE));
	put16(40, HEADER_SIZE);
	put16(42, PHDR_SIZE);
	put16(44, take_number(in, 3));
	put_segment(in, HEADER_SIZE, 1, text, KERNEL_LINK_ADDRESS + text, 512);
	put_segment(in, HEADER_SIZE + PHDR_SIZE, 1, data, KERNEL_LINK_ADDRESS + data, 512);
	put_segment(in, HEADER_SIZE + 2 * PHDR_SIZE, 2, dynamic, KERNEL_LINK_ADDRESS + dynamic, 32);
	put32(dynamic, take_number(in, 17));
	put32(dynamic + 4, take_number(in, KERNEL_LINK_ADDRESS + table));
	put32(dynamic + 8, take_number(in, 18));
	put32(dynamic + 12, take_number(in, relocations * 8));
	put32(dynamic + 16, take_number(in, 19));
	put32(dynamic + 20, take_number(in, 8));
	for (u32 i = 0; i < relocations; i++) {
		put32(table + 8 * i, take_number(in, KERNEL_LINK_ADDRESS + text + 16 * i));
		put32(table + 8 * i + 4, take_number(in, 8));
	}
	return 2048 - take_number(in, 0) % 1024;
}

/* Loads, relocates, and relocates back: the image is unchanged. */
static void use_image(const struct kernel_image *image, u32 delta)
{
	u8 *staging = malloc(image->loaded ? image->loaded : 1),
	   *before = malloc(image->loaded + 1);

	FUZZ_CHECK(staging && before);
	kernel_image_load(image, staging);
	memcpy(before, staging, image->loaded);
	kernel_image_relocate(image, staging, delta);
	kernel_image_relocate(image, staging, (u32)0 - delta);
	FUZZ_CHECK(!memcmp(before, staging, image->loaded));
	free(before);
	free(staging);
}

void fuzz_run(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, data + size };

	do {
		u32 bits = fuzz_u8(&in), bytes;
		struct kernel_image image;
		u8 *file;

		fuzz_step();
		if (bits & 1) {
			bytes = min((u32)(in.end - in.next), FILE_MAX);
			memcpy(buffer, in.next, bytes);
		} else {
			bytes = make_file(&in);
		}
		if (bits & 254 && bytes >= HEADER_SIZE)
			put32(SEAL, crc_of(bytes));
		file = malloc(bytes ? bytes : 1);
		FUZZ_CHECK(file);
		memcpy(file, buffer, bytes);
		if (!kernel_image_check(&image, file, bytes)) {
			FUZZ_CHECK(image.loaded <= image.size &&
				   image.size <= KERNEL_IMAGE_SIZE_MAX);
			FUZZ_CHECK(IS_ALIGNED(image.loaded, 4) && IS_ALIGNED(image.size, 4096));
			if (image.loaded <= STAGED_MAX)
				use_image(&image, image.relocatable ? KERNEL_ALIGNMENT * bits : 0);
		}
		free(file);
		if (bits & 1)
			break;
	} while (fuzz_more(&in));
}
