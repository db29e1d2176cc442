/* SPDX-License-Identifier: MIT */
/*
 * Where the parts of the file go:
 *
 *       file                              image (staging area)
 *     +-------------+                    +-------------------+ 0 = KERNEL_LINK_ADDRESS
 *     | ELF header  |   seal: e_ident    | text              |
 *     |  12..15 crc |                    | rodata, .rel.dyn  |-- relocation_table
 *     | phdrs       |                    | data              |
 *     | segments    | -- load -->        +-------------------+ loaded: the rest is not staged,
 *     | symbols ... |                    : bss               :         the hand-off clears it
 *     +-------------+                    +-------------------+ size, whole pages
 *
 * Invariants of a struct kernel_image that passed the check:
 *   (1) each PT_LOAD's file part lies in the file, its memory part within `size`, and they ascend
 *       without overlap;
 *   (2) `loaded` <= `size`, and it covers the file part of every PT_LOAD, the relocation table and
 *       every target;
 *   (3) every relocation is R_386_NONE or R_386_RELATIVE, and no target lies in the relocation
 *       table, so the table reads the same before and after relocation;
 *   (4) the entry point is in the file part of an executable segment.
 */
#include "efi/kernel_image.h"
#include "abi/linux/elf.h"
#include "lib/crc32.h"
#include "lib/string.h"

enum {
	ELF_SEAL = 12, /* offset of Pagewright's, in the padding of e_ident */
	SEGMENTS_MAX = 64,
};

static const u8 no_seal[4];

bool kernel_image_is_sealed(const u8 head[KERNEL_HEAD_SIZE])
{
	return memcmp(head, "\177ELF", 4) == 0 && memcmp(head + ELF_SEAL, no_seal, 4) != 0;
}

static bool seal_is_right(const u8 *file, size_t size)
{
	u32 seal = file[ELF_SEAL] | file[ELF_SEAL + 1] << 8 | file[ELF_SEAL + 2] << 16 |
		   (u32)file[ELF_SEAL + 3] << 24;
	u32 crc = crc32(0, file, ELF_SEAL);

	crc = crc32(crc, no_seal, sizeof(no_seal));
	crc = crc32(crc, file + ELF_SEAL + 4, size - ELF_SEAL - 4);
	return crc == seal;
}

/* The checksum comes first: a damaged header would give a wrong reason. */
static const char *check_header(const struct kernel_image *image)
{
	const struct elf_header *header = (const void *)image->file;

	if (image->file_size < sizeof(*header) || memcmp(image->file, "\177ELF", 4) != 0)
		return "is not an ELF file";
	if (!seal_is_right(image->file, image->file_size))
		return "the checksum is wrong";
	if (header->ident[EI_CLASS] != ELFCLASS32 || header->ident[EI_DATA] != ELFDATA2LSB ||
	    header->ident[EI_VERSION] != EV_CURRENT || header->version != EV_CURRENT ||
	    header->machine != EM_386)
		return "is not an ELF file for 32-bit x86";
	if (header->type != ET_EXEC && header->type != ET_DYN)
		return "is not an executable ELF file";
	if (header->ehsize < sizeof(*header) || header->phentsize != sizeof(struct elf_phdr))
		return "the ELF header has wrong sizes";
	if (header->phnum == 0 || header->phnum > SEGMENTS_MAX)
		return "the number of segments is out of range";
	if (header->phoff > image->file_size ||
	    header->phnum * sizeof(struct elf_phdr) > image->file_size - header->phoff)
		return "the segment table lies outside the file";
	return NULL;
}

/* The structures of ELF are packed: they may lie at any address. */
static const struct elf_phdr *segment_at(const struct kernel_image *image, u32 index)
{
	return (const struct elf_phdr *)(image->file + image->segment_table) + index;
}

/* `end` is the first address after the segments before this one. */
static const char *check_segment(const struct kernel_image *image, const struct elf_phdr *segment,
				 u32 end)
{
	u32 alignment = max(segment->align, 1u);

	if (segment->offset > image->file_size ||
	    segment->filesz > image->file_size - segment->offset)
		return "a segment lies outside the file";
	if (segment->filesz > segment->memsz)
		return "a segment is larger in the file than in memory";
	if (segment->vaddr < KERNEL_LINK_ADDRESS)
		return "a segment lies below 0xc0100000";
	if (segment->memsz > KERNEL_IMAGE_SIZE_MAX ||
	    segment->vaddr - KERNEL_LINK_ADDRESS > KERNEL_IMAGE_SIZE_MAX - segment->memsz)
		return "the image is larger than 64 MiB";
	if (segment->vaddr < end)
		return "segments overlap or are not in ascending order";
	if ((alignment & (alignment - 1)) != 0 || alignment > KERNEL_ALIGNMENT)
		return "the alignment of a segment cannot be had";
	if (((segment->vaddr ^ segment->offset) & (alignment - 1)) != 0)
		return "a segment is not aligned";
	return NULL;
}

static const char *check_segments(struct kernel_image *image)
{
	u32 end = KERNEL_LINK_ADDRESS, file_end = KERNEL_LINK_ADDRESS;
	bool entry_found = false;

	for (u32 i = 0; i < image->segment_count; i++) {
		const struct elf_phdr *segment = segment_at(image, i);
		const char *reason;

		if (segment->type != PT_LOAD || (segment->memsz | segment->filesz) == 0)
			continue;
		reason = check_segment(image, segment, end);
		if (reason)
			return reason;
		end = segment->vaddr + segment->memsz;
		if (segment->filesz != 0)
			file_end = segment->vaddr + segment->filesz;
		if ((segment->flags & PF_X) && image->entry >= segment->vaddr &&
		    image->entry - segment->vaddr < segment->filesz)
			entry_found = true;
	}
	if (end == KERNEL_LINK_ADDRESS)
		return "there is no segment to load";
	if (!entry_found)
		return "the entry point lies outside the code";
	image->loaded = ALIGN_UP(file_end - KERNEL_LINK_ADDRESS, 4u);
	image->size = ALIGN_UP(end - KERNEL_LINK_ADDRESS, 4096u);
	return NULL;
}

/* The place of [address, address + bytes) in the file; false unless one PT_LOAD has it all. */
static bool file_offset_of(const struct kernel_image *image, u32 address, u32 bytes, u32 *offset)
{
	for (u32 i = 0; i < image->segment_count; i++) {
		const struct elf_phdr *segment = segment_at(image, i);

		if (segment->type != PT_LOAD || address < segment->vaddr)
			continue;
		if (bytes > segment->filesz || address - segment->vaddr > segment->filesz - bytes)
			continue;
		*offset = segment->offset + (address - segment->vaddr);
		return true;
	}
	return false;
}

static const char *check_relocations(struct kernel_image *image, u32 table, u32 bytes)
{
	const struct elf_rel *relocation;
	u32 offset, target;

	if (bytes % sizeof(struct elf_rel) != 0 || !file_offset_of(image, table, bytes, &offset))
		return "the relocation table lies outside the segments";
	image->relocation_table = table - KERNEL_LINK_ADDRESS;
	image->relocation_count = bytes / sizeof(struct elf_rel);
	relocation = (const struct elf_rel *)(image->file + offset);
	for (u32 i = 0; i < image->relocation_count; i++, relocation++) {
		if (relocation->info == R_386_NONE)
			continue;
		if (relocation->info != R_386_RELATIVE)
			return "a relocation is of an unsupported type";
		if (!file_offset_of(image, relocation->offset, sizeof(u32), &target))
			return "a relocation points outside the segments";
		if (relocation->offset + sizeof(u32) > table && relocation->offset < table + bytes)
			return "a relocation points into the relocation table";
	}
	return NULL;
}

static const char *check_dynamic(struct kernel_image *image, const struct elf_phdr *dynamic)
{
	u32 table = 0, bytes = 0, entry_bytes = sizeof(struct elf_rel), at = 0;
	const struct elf_dyn *entry;

	if (dynamic->offset > image->file_size ||
	    dynamic->filesz > image->file_size - dynamic->offset)
		return "the dynamic section lies outside the file";
	entry = (const struct elf_dyn *)(image->file + dynamic->offset);
	for (;; at += sizeof(*entry), entry++) {
		if (dynamic->filesz - at < sizeof(*entry))
			return "the dynamic section does not end";
		if (entry->tag == DT_NULL)
			break;
		switch (entry->tag) {
		case DT_REL:
			table = entry->value;
			break;
		case DT_RELSZ:
			bytes = entry->value;
			break;
		case DT_RELENT:
			entry_bytes = entry->value;
			break;
		case DT_NEEDED:
			return "it needs a shared library";
		case DT_PLTRELSZ:
		case DT_RELA:
		case DT_RELR:
			return "its relocations are of an unsupported kind";
		}
	}
	if (entry_bytes != sizeof(struct elf_rel))
		return "the relocation entries have a wrong size";
	image->relocatable = true;
	return bytes == 0 ? NULL : check_relocations(image, table, bytes);
}

static const char *find_relocations(struct kernel_image *image, u32 elf_type)
{
	for (u32 i = 0; i < image->segment_count; i++) {
		const struct elf_phdr *segment = segment_at(image, i);
		const char *reason;

		if (segment->type != PT_DYNAMIC)
			continue;
		if (image->relocatable)
			return "there are two dynamic sections";
		reason = check_dynamic(image, segment);
		if (reason)
			return reason;
	}
	if (elf_type == ET_DYN && !image->relocatable)
		return "the dynamic section is missing";
	return NULL;
}

const char *kernel_image_check(struct kernel_image *image, const void *file, size_t size)
{
	const struct elf_header *header = file;
	const char *reason;

	if (size > KERNEL_FILE_SIZE_MAX)
		return "the file is larger than 64 MiB";
	*image = (struct kernel_image){ .file = file, .file_size = (u32)size };
	reason = check_header(image);
	if (reason)
		return reason;
	image->segment_table = header->phoff;
	image->segment_count = header->phnum;
	image->entry = header->entry;
	reason = check_segments(image);
	if (reason)
		return reason;
	return find_relocations(image, header->type);
}

void kernel_image_load(const struct kernel_image *image, void *staging)
{
	memset(staging, 0, image->loaded);
	for (u32 i = 0; i < image->segment_count; i++) {
		const struct elf_phdr *segment = segment_at(image, i);

		if (segment->type != PT_LOAD || segment->filesz == 0)
			continue;
		memcpy((u8 *)staging + (segment->vaddr - KERNEL_LINK_ADDRESS),
		       image->file + segment->offset, segment->filesz);
	}
}

void kernel_image_relocate(const struct kernel_image *image, void *staging, u32 delta)
{
	const struct elf_rel *relocation =
		(const struct elf_rel *)((const u8 *)staging + image->relocation_table);

	for (u32 i = 0; i < image->relocation_count; i++, relocation++) {
		u8 *place;
		u32 value;

		if (relocation->info == R_386_NONE)
			continue;
		place = (u8 *)staging + (relocation->offset - KERNEL_LINK_ADDRESS);
		memcpy(&value, place, sizeof(value));
		value += delta;
		memcpy(place, &value, sizeof(value));
	}
}
