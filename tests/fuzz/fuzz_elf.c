/* SPDX-License-Identifier: MIT */
/*
 * The reader of ring-3 programs. The input is the file, or the numbers of a small, nearly
 * correct file. An accepted file must have the properties in kernel/exec/elf.h, checked here
 * independently.
 *
 * sources: kernel/exec/elf.c
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/exec/elf.h"
#include "paging/layout.h"
#include "tests/fuzz/fuzz.h"

#define FILE_MAX    16384u
#define HEADER_SIZE 52u
#define PHDR_SIZE   32u

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

/* A number that is small, or near an end of user memory, or anything. */
static u32 take_number(struct fuzz_input *in, u32 likely_one)
{
	u32 kind = fuzz_u8(in);

	if (kind < 190)
		return likely_one;
	if (kind < 210)
		return likely_one + fuzz_u8(in) - 128;
	if (kind < 225)
		return TASK_SIZE - fuzz_u16(in);
	return kind < 240 ? (u32)0 - fuzz_u16(in) : fuzz_u32(in);
}

/* Returns the size. */
static u32 make_file(struct fuzz_input *in)
{
	static const u8 ident[] = { 0x7f, 'E', 'L', 'F', 1, 1, 1 };
	u32 count = 1 + fuzz_below(in, 10), at = HEADER_SIZE, vaddr = 0x08048000;
	u32 size = HEADER_SIZE + count * PHDR_SIZE + fuzz_u16(in) % 8192;

	memset(buffer, 0, size);
	memcpy(buffer, ident, sizeof(ident));
	put16(16, take_number(in, 2));
	put16(18, take_number(in, 3));
	put32(20, 1);
	put32(24, take_number(in, vaddr + 16));
	put32(28, take_number(in, HEADER_SIZE));
	put16(40, HEADER_SIZE);
	put16(42, take_number(in, PHDR_SIZE));
	put16(44, take_number(in, count));
	for (u32 i = 0; i < count; i++, at += PHDR_SIZE) {
		u32 offset = take_number(in, i * 256), filesz = take_number(in, 200);

		put32(at, take_number(in, 1));
		put32(at + 4, offset);
		put32(at + 8, take_number(in, vaddr + i * PAGE_SIZE + (offset & ~PAGE_MASK)));
		put32(at + 16, filesz);
		put32(at + 20, take_number(in, filesz + 100));
		put32(at + 24, fuzz_u8(in) & 7);
	}
	return size;
}

static void check_segment(const struct elf_segment *segment, u32 size, u32 lowest, u32 highest)
{
	FUZZ_CHECK(IS_ALIGNED(segment->start | segment->end | segment->offset, PAGE_SIZE));
	FUZZ_CHECK(lowest <= segment->start && segment->start < segment->end &&
		   segment->end <= highest);
	FUZZ_CHECK(segment->file_end >= segment->start && segment->file_end <= segment->end);
	FUZZ_CHECK(segment->memory_end > segment->start && segment->memory_end <= segment->end);
	/* The bytes of a segment are inside the file. */
	FUZZ_CHECK(segment->offset <= size &&
		   segment->file_end - segment->start <= size - segment->offset);
	FUZZ_CHECK(!(segment->rights & ~7u));
}

static void check_program(const struct elf_program *program, u32 size, u32 lowest, u32 highest)
{
	u32 reached = lowest;
	bool entered = false;

	FUZZ_CHECK(program->count && program->count <= ELF_SEGMENTS_MAX);
	for (u32 i = 0; i < program->count; i++) {
		const struct elf_segment *segment = &program->segments[i];

		check_segment(segment, size, lowest, highest);
		FUZZ_CHECK(segment->start >= reached);
		reached = segment->end;
		entered |= program->entry >= segment->start && program->entry < segment->memory_end;
	}
	FUZZ_CHECK(entered);
}

static int read_block(const struct elf_file *elf, u32 offset, void *to, u32 bytes)
{
	memcpy(to, (u8 *)elf->context + offset, bytes);
	return 0;
}

void fuzz_run(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, data + size };

	do {
		bool raw = fuzz_u8(&in) & 1;
		u32 bytes = raw ? min((u32)(in.end - in.next), FILE_MAX) : 0;
		struct elf_file elf = { .read = read_block };
		struct elf_program program;
		const char *wrong;
		u8 *file;

		fuzz_step();
		if (raw)
			memcpy(buffer, in.next, bytes);
		else
			bytes = make_file(&in);
		/* In a block of its exact size, so that a sanitizer sees a read beyond it. */
		file = malloc(bytes ? bytes : 1);
		FUZZ_CHECK(file);
		memcpy(file, buffer, bytes);
		elf.size = bytes;
		elf.context = file;
		if (!elf_read(&elf, USER_MIN, TASK_SIZE, &program, &wrong))
			check_program(&program, bytes, USER_MIN, TASK_SIZE);
		free(file);
		if (raw)
			break;
	} while (fuzz_more(&in));
}
