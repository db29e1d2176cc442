/* SPDX-License-Identifier: MIT */
/*
 * The loader's reader of the kernel's ELF file: a small sound kernel, and everything that can be
 * wrong with it.
 *
 * Each file lies in a heap block of exactly its size, and so does the staging area, so that the
 * sanitizers see a read or a write beyond either.
 *
 * sources: efi/kernel_image.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "efi/kernel_image.h"
#include "tests/host/efi/small_kernel.h"

static int number, failed;

static void ok(bool good, const char *name)
{
	printf("%s %d - %s\n", good ? "ok" : "not ok", ++number, name);
	failed += !good;
}

static void test_sound(void)
{
	struct kernel_image image;
	u8 *file = image_sound_file(), *staging;

	ok(kernel_image_check(&image, file, FILE_SIZE) == NULL, "a sound file passes");
	ok(image.loaded == DATA + DATA_SIZE && image.size == 12288,
	   "sizes: loaded part and whole pages");
	ok(image.entry == KERNEL_LINK_ADDRESS + TEXT + 4, "the entry point");
	ok(image.relocatable && image.relocation_count == RELOCATION_COUNT, "it is relocatable");
	staging = malloc(image.loaded);
	memset(staging, 0xaa, image.loaded);
	kernel_image_load(&image, staging);
	ok(staging[0] == 0 && staging[TEXT] == 0xcc &&
		   image_get32(staging, DATA) == KERNEL_LINK_ADDRESS + TEXT,
	   "loading copies the segments and clears the gaps");
	free(file);
	kernel_image_relocate(&image, staging, 0x70000);
	ok(image_get32(staging, TEXT + 8) == KERNEL_LINK_ADDRESS + DATA + 0x70000 &&
		   image_get32(staging, DATA) == KERNEL_LINK_ADDRESS + TEXT + 0x70000,
	   "relocation adds the delta, without the file");
	kernel_image_relocate(&image, staging, 0u - 0x70000);
	ok(image_get32(staging, TEXT + 8) == KERNEL_LINK_ADDRESS + DATA, "and takes it back");
	ok(image_get32(staging, RELOCATIONS) == KERNEL_LINK_ADDRESS + TEXT + 8,
	   "the table itself stays");
	free(staging);
}

struct damage {
	const char *name;
	u32 at;
	u32 value; /* 32 bits */
	const char *reason;
};

static const struct damage damages[] = {
	{ "64-bit class", 4, 0x00010102, "is not an ELF file for 32-bit x86" },
	{ "big endian", 4, 0x00010201, "is not an ELF file for 32-bit x86" },
	{ "object file", 16, 0x00030001, "is not an executable ELF file" },
	{ "x86-64 machine", 16, 0x003e0003, "is not an ELF file for 32-bit x86" },
	{ "header size", 40, 0x00200010, "the ELF header has wrong sizes" },
	{ "program header size", 40, 0x00380034, "the ELF header has wrong sizes" },
	{ "no program header", 44, 0, "the number of segments is out of range" },
	{ "65535 program headers", 44, 0xffff, "the number of segments is out of range" },
	{ "program headers beyond the end", 28, FILE_SIZE - 95,
	  "the segment table lies outside the file" },
	{ "program headers at 4 GiB", 28, 0xffffffe0, "the segment table lies outside the file" },
	{ "segment offset beyond the end", SEGMENT_TABLE + 4, FILE_SIZE,
	  "a segment lies outside the file" },
	{ "segment offset near 4 GiB", SEGMENT_TABLE + 4, 0xffffffff,
	  "a segment lies outside the file" },
	{ "segment size beyond the end", SEGMENT_TABLE + 16, FILE_SIZE,
	  "a segment lies outside the file" },
	{ "memory size below file size", SEGMENT_TABLE + 20, TEXT_SIZE - 1,
	  "a segment is larger in the file than in memory" },
	{ "no memory for a file part", SEGMENT_TABLE + 20, 0,
	  "a segment is larger in the file than in memory" },
	{ "below the link address", SEGMENT_TABLE + 8, KERNEL_LINK_ADDRESS - 256,
	  "a segment lies below 0xc0100000" },
	{ "bss of 64 MiB", SEGMENT_TABLE + 32 + 20, 0x4000000, "the image is larger than 64 MiB" },
	{ "bss of 4 GiB", SEGMENT_TABLE + 32 + 20, 0xffffffff, "the image is larger than 64 MiB" },
	{ "last address", SEGMENT_TABLE + 32 + 8, 0xffffff00, "the image is larger than 64 MiB" },
	{ "overlap", SEGMENT_TABLE + 20, DATA - TEXT + 1,
	  "segments overlap or are not in ascending order" },
	{ "descending order", SEGMENT_TABLE + 8, KERNEL_LINK_ADDRESS + 65536,
	  "segments overlap or are not in ascending order" },
	{ "alignment 3", SEGMENT_TABLE + 28, 3, "the alignment of a segment cannot be had" },
	{ "alignment 128 KiB", SEGMENT_TABLE + 28, 0x20000,
	  "the alignment of a segment cannot be had" },
	{ "address and offset disagree", SEGMENT_TABLE + 8, KERNEL_LINK_ADDRESS + TEXT - 4,
	  "a segment is not aligned" },
	{ "nothing to load", SEGMENT_TABLE + 24, 4, "the entry point lies outside the code" },
	{ "entry in a gap", 24, KERNEL_LINK_ADDRESS + TEXT + TEXT_SIZE,
	  "the entry point lies outside the code" },
	{ "entry in the data", 24, KERNEL_LINK_ADDRESS + DATA,
	  "the entry point lies outside the code" },
	{ "entry 0", 24, 0, "the entry point lies outside the code" },
	{ "dynamic section beyond the end", SEGMENT_TABLE + 64 + 16, FILE_SIZE,
	  "the dynamic section lies outside the file" },
	{ "dynamic section without an end", SEGMENT_TABLE + 64 + 16, 24,
	  "the dynamic section does not end" },
	{ "dynamic section cut in an entry", SEGMENT_TABLE + 64 + 16, 28,
	  "the dynamic section does not end" },
	{ "no dynamic section", SEGMENT_TABLE + 64, 4, "the dynamic section is missing" },
	{ "a shared library", DYNAMIC + 16, 1, "it needs a shared library" },
	{ "relocations with addend", DYNAMIC, 7, "its relocations are of an unsupported kind" },
	{ "relocation entries of 12 bytes", DYNAMIC + 20, 12,
	  "the relocation entries have a wrong size" },
	{ "relocation table of odd size", DYNAMIC + 12, 23,
	  "the relocation table lies outside the segments" },
	{ "relocation table too long", DYNAMIC + 12, 32,
	  "the relocation table lies outside the segments" },
	{ "relocation table of 4 GiB", DYNAMIC + 12, 0xfffffff8,
	  "the relocation table lies outside the segments" },
	{ "relocation table in a gap", DYNAMIC + 4, KERNEL_LINK_ADDRESS,
	  "the relocation table lies outside the segments" },
	{ "relocation type R_386_32", RELOCATIONS + 4, 1,
	  "a relocation is of an unsupported type" },
	{ "relocation with a symbol", RELOCATIONS + 4, 0x108,
	  "a relocation is of an unsupported type" },
	{ "relocation in the bss", RELOCATIONS, KERNEL_LINK_ADDRESS + DATA + DATA_SIZE,
	  "a relocation points outside the segments" },
	{ "relocation across the file part's end", RELOCATIONS,
	  KERNEL_LINK_ADDRESS + DATA + DATA_SIZE - 3, "a relocation points outside the segments" },
	{ "relocation in a gap", RELOCATIONS, KERNEL_LINK_ADDRESS + TEXT + TEXT_SIZE,
	  "a relocation points outside the segments" },
	{ "relocation at 4 GiB", RELOCATIONS, 0xfffffffe,
	  "a relocation points outside the segments" },
	{ "relocation in the table", RELOCATIONS, KERNEL_LINK_ADDRESS + RELOCATIONS + 8,
	  "a relocation points into the relocation table" },
	{ "relocation into the table's first byte", RELOCATIONS,
	  KERNEL_LINK_ADDRESS + RELOCATIONS - 3, "a relocation points into the relocation table" },
};

static void test_damages(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(damages); i++) {
		struct kernel_image image;
		u8 *file = image_sound_file();
		const char *reason;

		image_put32(file, damages[i].at, damages[i].value);
		image_seal(file, FILE_SIZE);
		reason = kernel_image_check(&image, file, FILE_SIZE);
		ok(reason && strcmp(reason, damages[i].reason) == 0, damages[i].name);
		if (!reason || strcmp(reason, damages[i].reason) != 0)
			printf("# got: %s\n", reason ? reason : "no reason");
		free(file);
	}
}

/* What is at a bound and still good; `reason` NULL. And what is one beyond. */
static const struct damage bounds[] = {
	{ "a larger ELF header", 40, 0x00200038, NULL },
	{ "the largest image", SEGMENT_TABLE + 32 + 20, KERNEL_IMAGE_SIZE_MAX - DATA, NULL },
	{ "a byte more", SEGMENT_TABLE + 32 + 20, KERNEL_IMAGE_SIZE_MAX - DATA + 1,
	  "the image is larger than 64 MiB" },
	{ "segments that touch", SEGMENT_TABLE + 20, DATA - TEXT, NULL },
	{ "alignment 0", SEGMENT_TABLE + 28, 0, NULL },
	{ "alignment 1", SEGMENT_TABLE + 28, 1, NULL },
	{ "alignment 64 KiB", SEGMENT_TABLE + 28, KERNEL_ALIGNMENT, NULL },
	{ "the first byte of the code", 24, KERNEL_LINK_ADDRESS + TEXT, NULL },
	{ "the last byte of the code", 24, KERNEL_LINK_ADDRESS + TEXT + TEXT_SIZE - 1, NULL },
	{ "the byte before the code", 24, KERNEL_LINK_ADDRESS + TEXT - 1,
	  "the entry point lies outside the code" },
	{ "code that is not executable", SEGMENT_TABLE + 24, 6,
	  "the entry point lies outside the code" },
	{ "a dynamic section that ends with its last entry", SEGMENT_TABLE + 64 + 16, 32, NULL },
	{ "one byte less", SEGMENT_TABLE + 64 + 16, 31, "the dynamic section does not end" },
	{ "an empty dynamic section at the end", SEGMENT_TABLE + 64 + 16, 0,
	  "the dynamic section does not end" },
	{ "a relocation of the first word", RELOCATIONS, KERNEL_LINK_ADDRESS + TEXT, NULL },
	{ "of the last word of a segment", RELOCATIONS, KERNEL_LINK_ADDRESS + TEXT + TEXT_SIZE - 4,
	  NULL },
	{ "of the word before the table", RELOCATIONS, KERNEL_LINK_ADDRESS + RELOCATIONS - 4,
	  NULL },
	{ "in the last byte of the table", RELOCATIONS, KERNEL_LINK_ADDRESS + DATA + DATA_SIZE - 4,
	  "a relocation points into the relocation table" },
	{ "no relocations", DYNAMIC + 12, 0, NULL },
	{ "version 2 of the format", 20, 2, "is not an ELF file for 32-bit x86" },
	{ "version 2 of the identification", 4, 0x00020101, "is not an ELF file for 32-bit x86" },
	{ "relocations of a procedure table", DYNAMIC, 2,
	  "its relocations are of an unsupported kind" },
	{ "a segment of another type", SEGMENT_TABLE + 64, 0x6474e551,
	  "the dynamic section is missing" },
};

static void test_bounds(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(bounds); i++) {
		struct kernel_image image;
		u8 *file = image_sound_file();
		const char *reason, *wanted = bounds[i].reason;

		image_put32(file, bounds[i].at, bounds[i].value);
		image_seal(file, FILE_SIZE);
		reason = kernel_image_check(&image, file, FILE_SIZE);
		ok(reason == wanted || (reason && wanted && strcmp(reason, wanted) == 0),
		   bounds[i].name);
		if (reason != wanted)
			printf("# got: %s\n", reason ? reason : "no reason");
		free(file);
	}
}

static const char *check_sealed(u8 *file)
{
	static struct kernel_image image;

	image_seal(file, FILE_SIZE);
	return kernel_image_check(&image, file, FILE_SIZE);
}

/*
 * Tables at the end of the file, as many segments as there may be, two dynamic sections, seals.
 */
static void test_tables(void)
{
	struct kernel_image image;
	u8 *file = image_sound_file();
	const char *reason;

	ok(kernel_image_is_sealed(file), "a sealed file");
	image_put32(file, 12, 0);
	ok(!kernel_image_is_sealed(file), "a file without a seal");
	image_put32(file, 12, 0x01000000);
	ok(kernel_image_is_sealed(file), "a seal of which three bytes are 0");
	file[0] = 0;
	ok(!kernel_image_is_sealed(file), "another file");
	free(file);
	file = image_sound_file();
	memcpy(file + 148, file + SEGMENT_TABLE + 64, 32);
	image_put16(file, 44, 4);
	reason = check_sealed(file);
	ok(reason && !strcmp(reason, "there are two dynamic sections"), "two dynamic sections");
	image_put32(file, 148, 0); /* no segment */
	ok(!check_sealed(file), "a segment of no type");
	image_put32(file, 148, 1);
	memset(file + 152, 0xff, 12);
	image_put32(file, 148 + 16, 0);
	image_put32(file, 148 + 20, 0);
	ok(!check_sealed(file), "an empty segment, wherever it lies");
	image_put32(file, 148 + 20, 1);
	ok(check_sealed(file) != NULL, "it counts if it has memory");
	free(file);
	ok(kernel_image_check(&image, NULL, KERNEL_FILE_SIZE_MAX + 1) != NULL,
	   "a file of more than 64 MiB");
}

/* The segment table is the end of the file, or lacks its last byte. */
static void test_table_at_the_end(void)
{
	const u32 bytes = 3 * 32;
	struct kernel_image image;
	u8 *sound = image_sound_file(), *file = malloc(FILE_SIZE + bytes);

	memcpy(file, sound, FILE_SIZE);
	memcpy(file + FILE_SIZE, sound + SEGMENT_TABLE, bytes);
	image_put32(file, 28, FILE_SIZE);
	image_seal(file, FILE_SIZE + bytes);
	ok(!kernel_image_check(&image, file, FILE_SIZE + bytes), "a segment table at the end");
	image_seal(file, FILE_SIZE + bytes - 1);
	ok(kernel_image_check(&image, file, FILE_SIZE + bytes - 1), "its last byte is missing");
	free(file);
	free(sound);
}

static void test_not_relocatable(void)
{
	struct kernel_image image;
	u8 *file = image_sound_file();

	image_put16(file, 16, 2);
	image_put32(file, SEGMENT_TABLE + 64, 4);
	image_seal(file, FILE_SIZE);
	ok(kernel_image_check(&image, file, FILE_SIZE) == NULL && !image.relocatable,
	   "a fixed executable passes and is not relocatable");
	free(file);
}

/* Every single changed bit and every cut is found, and without the sanitizers' complaint. */
static void test_every_bit(void)
{
	u32 missed = 0, cuts_missed = 0;

	for (u32 bit = 0; bit < 8 * FILE_SIZE; bit++) {
		struct kernel_image image;
		u8 *file = image_sound_file();

		file[bit / 8] ^= (u8)(1u << bit % 8);
		missed += kernel_image_check(&image, file, FILE_SIZE) == NULL;
		free(file);
	}
	ok(missed == 0, "every changed bit is found");
	for (u32 size = 0; size < FILE_SIZE; size++) {
		struct kernel_image image;
		u8 *whole = image_sound_file(), *file = malloc(size);

		memcpy(file, whole, size);
		cuts_missed += kernel_image_check(&image, file, size) == NULL;
		free(whole);
		free(file);
	}
	ok(cuts_missed == 0, "every cut is found");
}

/*
 * Files with a valid checksum and senseless contents: whatever is accepted can be loaded and
 * relocated inside its buffers.
 */
static void test_sealed_noise(void)
{
	u32 passed = 0;

	srand(1);
	for (u32 round = 0; round < 200000; round++) {
		struct kernel_image image;
		u8 *file = image_sound_file(), *staging;

		for (u32 changes = 1 + rand() % 3; changes; changes--)
			file[(rand() % 2) ? (u32)rand() % 148 : DYNAMIC + (u32)rand() % 64] =
				(u8)rand();
		image_seal(file, FILE_SIZE);
		if (kernel_image_check(&image, file, FILE_SIZE) == NULL) {
			staging = malloc(image.loaded);
			kernel_image_load(&image, staging);
			kernel_image_relocate(&image, staging, 0x10000);
			free(staging);
			passed++;
		}
		free(file);
	}
	ok(passed > 1000, "200000 sealed files with noise stay inside their buffers");
	printf("# %u of them passed\n", passed);
}

int main(void)
{
	printf("1..%u\n", 23 + (u32)(ARRAY_SIZE(damages) + ARRAY_SIZE(bounds)));
	test_sound();
	test_damages();
	test_bounds();
	test_tables();
	test_table_at_the_end();
	test_not_relocatable();
	test_every_bit();
	test_sealed_noise();
	return failed != 0;
}
