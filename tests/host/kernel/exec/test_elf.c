/* SPDX-License-Identifier: MIT */
/*
 * The kernel's reader of programs: a small sound one, what is refused and why, every truncation
 * and random damage. Each file lies in a heap block of exactly its size, so that the sanitizers
 * see a read beyond it.
 *
 * sources: kernel/exec/elf.c
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/exec/elf.h"
#include "abi/linux/errno.h"
#include "paging/layout.h"
#include "tests/host/tap.h"

enum {
	FILE_SIZE = 0x2100,
	TEXT = 0x08048000,
	DATA = 0x0804a100, /* file offset 0x1100 */
	HEADERS = 52,	   /* of the segments; three of them */
};

struct raw_header {
	u8 ident[16];
	u16 type, machine;
	u32 version, entry, phoff, shoff, flags;
	u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct raw_segment {
	u32 type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

static u8 file[FILE_SIZE];
static struct elf_program program;

static struct raw_header *header(void)
{
	return (struct raw_header *)file;
}

static struct raw_segment *segment(u32 i)
{
	return (struct raw_segment *)(file + HEADERS) + i;
}

static void make(void)
{
	memset(file, 0x90, sizeof(file));
	*header() = (struct raw_header){
		.ident = { 0x7f, 'E', 'L', 'F', 1, 1, 1 },
		.type = 2,
		.machine = 3,
		.version = 1,
		.entry = TEXT + 0x100,
		.phoff = HEADERS,
		.ehsize = 52,
		.phentsize = 32,
		.phnum = 3,
	};
	*segment(0) = (struct raw_segment){ 1, 0, TEXT, TEXT, 0x1000, 0x1000, 5, 4096 };
	*segment(1) = (struct raw_segment){ 1, 0x1100, DATA, DATA, 0x234, 0x3000, 6, 4096 };
	*segment(2) = (struct raw_segment){ 0x6474e551, 0, 0, 0, 0, 0, 6, 16 }; /* GNU_STACK */
}

static int read_copy(const struct elf_file *elf, u32 offset, void *to, u32 bytes)
{
	EXPECT(offset <= elf->size && bytes <= elf->size - offset);
	memcpy(to, (u8 *)elf->context + offset, bytes);
	return 0;
}

/* Reads a copy of the first `size` bytes, and checks what can be relied on if it is accepted. */
static const char *read_part(u32 size)
{
	u8 *copy = malloc(size);
	const struct elf_file elf = { .size = size, .read = read_copy, .context = copy };
	const char *wrong = NULL;
	u32 reached = USER_MIN;
	int err;

	memcpy(copy, file, size);
	err = elf_read(&elf, USER_MIN, TASK_SIZE, &program, &wrong);
	free(copy);
	EXPECT_EQ(err, wrong ? -ENOEXEC : 0);
	if (wrong)
		return wrong;
	EXPECT(program.count && program.count <= ELF_SEGMENTS_MAX);
	for (u32 i = 0; i < program.count; i++) {
		const struct elf_segment *s = &program.segments[i];

		EXPECT(IS_ALIGNED(s->start | s->end | s->offset, PAGE_SIZE));
		EXPECT(s->start >= reached && s->start < s->end && s->end <= TASK_SIZE);
		EXPECT(s->file_end >= s->start && s->file_end <= s->end);
		EXPECT(s->memory_end > s->start && s->memory_end <= s->end);
		EXPECT(s->offset <= size && s->file_end - s->start <= size - s->offset);
		EXPECT(!(s->rights & ~(u32)(PF_R | PF_W | PF_X)));
		reached = s->end;
	}
	return NULL;
}

static const char *read_all(void)
{
	return read_part(FILE_SIZE);
}

static void sound(void)
{
	make();
	EXPECT_VALID(read_all());
	EXPECT_EQ(program.entry, TEXT + 0x100);
	EXPECT_EQ(program.count, 2);
	EXPECT_EQ(program.phdr, TEXT + HEADERS);
	EXPECT_EQ(program.phnum, 3);
	EXPECT_EQ(program.segments[0].start, TEXT);
	EXPECT_EQ(program.segments[0].end, TEXT + 0x1000);
	EXPECT_EQ(program.segments[0].file_end, TEXT + 0x1000);
	EXPECT_EQ(program.segments[0].rights, PF_R | PF_X);
	EXPECT_EQ(program.segments[1].start, 0x0804a000);
	EXPECT_EQ(program.segments[1].first_byte, DATA);
	EXPECT_EQ(program.segments[1].end, 0x0804e000);
	EXPECT_EQ(program.segments[1].offset, 0x1000);
	EXPECT_EQ(program.segments[1].file_end, DATA + 0x234);
	EXPECT_EQ(program.segments[1].memory_end, DATA + 0x3000);
}

/* The file's part and the end of memory are where the header says, with a bss and without one. */
/* Reads the program with these flags, or another type, in its third header. */
static enum elf_stack stack_by(u32 type, u32 flags)
{
	make();
	segment(2)->type = type;
	segment(2)->flags = flags;
	EXPECT(!read_part(FILE_SIZE));
	return program.stack;
}

static void rights_of_the_stack(void)
{
	EXPECT_EQ(stack_by(PT_GNU_STACK, PF_R | PF_W), ELF_STACK_PLAIN);
	EXPECT_EQ(stack_by(PT_GNU_STACK, PF_R | PF_W | PF_X), ELF_STACK_EXEC);
	EXPECT_EQ(stack_by(PT_GNU_STACK, 0), ELF_STACK_PLAIN);
	EXPECT_EQ(stack_by(0, PF_X), ELF_STACK_UNTOLD);
	make();
	header()->phnum = 2;
	EXPECT(!read_part(FILE_SIZE));
	EXPECT_EQ(program.stack, ELF_STACK_UNTOLD);
}

static void end_of_a_segment(void)
{
	make();
	segment(1)->memsz = segment(1)->filesz;
	EXPECT_VALID(read_all());
	EXPECT_EQ(program.segments[1].file_end, program.segments[1].memory_end);
	segment(1)->offset = FILE_SIZE - 0x80;
	segment(1)->vaddr = 0x0804a080;
	segment(1)->filesz = segment(1)->memsz = 0x80;
	EXPECT_VALID(read_all());
	EXPECT_EQ(program.segments[1].file_end, 0x0804a100);
	segment(1)->filesz = 0;
	EXPECT_VALID(read_all());
	EXPECT_EQ(program.segments[1].file_end, program.segments[1].start);
}

/* Where the program headers are in memory: only if all of them lie in one segment's file part. */
static u32 headers_loaded_at(u32 offset, u32 bytes)
{
	make();
	memmove(file + 0x1100 + 0x40, file + HEADERS, 96);
	header()->phoff = 0x1140;
	for (u32 i = 0; i < 3; i++)
		memcpy(file + 0x1140 + 32 * i, segment(i), 32);
	((struct raw_segment *)(file + 0x1140))[1].offset = offset;
	((struct raw_segment *)(file + 0x1140))[1].vaddr = DATA + offset - 0x1100;
	((struct raw_segment *)(file + 0x1140))[1].filesz = bytes;
	EXPECT_VALID(read_all());
	return program.phdr;
}

static void place_of_the_headers(void)
{
	EXPECT_EQ(headers_loaded_at(0x1140, 0x200), DATA + 0x40);
	EXPECT_EQ(headers_loaded_at(0x1140, 96), DATA + 0x40);
	EXPECT_EQ(headers_loaded_at(0x1140, 95), 0);
	EXPECT_EQ(headers_loaded_at(0x1141, 0x200), 0);
	EXPECT_EQ(headers_loaded_at(0x113f, 97), DATA + 0x40);
	EXPECT_EQ(headers_loaded_at(0x113f, 96), 0);
}

/* The first and the last byte of a segment can be the entry point, those beside it not. */
static void entry_points(void)
{
	static const u32 good[] = { TEXT, TEXT + 0xfff, DATA, DATA + 0x2fff };
	static const u32 bad[] = { TEXT - 1, TEXT + 0x1000, DATA - 1, DATA + 0x3000 };

	for (u32 i = 0; i < ARRAY_SIZE(good); i++) {
		make();
		header()->entry = good[i];
		EXPECT_VALID(read_all());
		make();
		header()->entry = bad[i];
		EXPECT_TEXT(read_all(), "the entry point is in no segment");
	}
}

/* All that is at a bound and still good. */
static void at_the_bounds(void)
{
	make(); /* as many headers as there may be */
	header()->phoff = 0x800;
	memset(file + 0x800, 0, 64 * 32);
	memcpy(file + 0x800, file + HEADERS, 96);
	header()->phnum = 64;
	EXPECT_VALID(read_all());
	header()->phnum = 65;
	EXPECT_TEXT(read_all(), "bad program headers");
	make(); /* at the end of the file */
	memcpy(file + FILE_SIZE - 96, file + HEADERS, 96);
	header()->phoff = FILE_SIZE - 96;
	EXPECT_VALID(read_all());
	make(); /* a segment without bytes, behind the file */
	segment(1)->offset = FILE_SIZE;
	segment(1)->filesz = 0;
	EXPECT_VALID(read_all());
	make(); /* the last byte of user memory */
	segment(1)->vaddr = TASK_SIZE - 0xf00;
	segment(1)->memsz = 0xf00;
	EXPECT_VALID(read_all());
	EXPECT_EQ(program.segments[1].end, TASK_SIZE);
	make(); /* and the first one */
	segment(0)->vaddr = USER_MIN;
	header()->entry = USER_MIN;
	EXPECT_VALID(read_all());
}

/* A program that relocates itself: all its addresses move by the same. */
static void relocatable(void)
{
	make();
	header()->type = 3; /* ET_DYN */
	header()->entry = 0x100;
	segment(0)->vaddr = 0;
	segment(1)->vaddr = 0x2100;
	EXPECT_VALID(read_all());
	EXPECT_EQ(program.entry, ELF_PIE_BASE + 0x100);
	EXPECT_EQ(program.phdr, ELF_PIE_BASE + HEADERS);
	EXPECT_EQ(program.segments[0].start, ELF_PIE_BASE);
	EXPECT_EQ(program.segments[1].start, ELF_PIE_BASE + 0x2000);
	EXPECT_EQ(program.segments[1].memory_end, ELF_PIE_BASE + 0x5100);
	segment(1)->vaddr = 0xfffff100;
	EXPECT_TEXT(read_all(), "a segment lies outside of user memory");
}

static int read_nothing(const struct elf_file *elf, u32 offset, void *to, u32 bytes)
{
	(void)elf;
	(void)offset;
	(void)to;
	(void)bytes;
	return -EIO;
}

/* The reader's error reaches the caller. */
static int read_fails(const struct elf_file *elf, u32 offset, void *to, u32 bytes)
{
	return offset ? -ENOMEM : read_copy(elf, offset, to, bytes);
}

static void a_failing_read(void)
{
	const struct elf_file elf = { .size = FILE_SIZE, .read = read_fails, .context = file };
	const struct elf_file none = { .size = FILE_SIZE, .read = read_nothing };
	const char *wrong = NULL;

	make();
	EXPECT_EQ(elf_read(&elf, USER_MIN, TASK_SIZE, &program, &wrong), -ENOMEM);
	EXPECT_EQ(elf_read(&none, USER_MIN, TASK_SIZE, &program, &wrong), -EIO);
	EXPECT(!wrong);
}

struct damage {
	const char *name;
	u32 at, bytes, value;
	const char *reason;
};

#define FIELD(member)	   offsetof(struct raw_header, member), sizeof(header()->member)
#define SEGMENT(i, member) (HEADERS + 32 * (i) + offsetof(struct raw_segment, member)), 4

static const struct damage damages[] = {
	{ "no magic", 0, 4, 0x464c457e, "not an ELF file" },
	{ "64 bits", 4, 1, 2, "not an ELF file for the i386" },
	{ "big endian", 5, 1, 2, "not an ELF file for the i386" },
	{ "x86-64", FIELD(machine), 62, "not an ELF file for the i386" },
	{ "an object file", FIELD(type), 1, "not an executable" },
	{ "a core file", FIELD(type), 4, "not an executable" },
	{ "no segments", FIELD(phnum), 0, "bad program headers" },
	{ "65535 segments", FIELD(phnum), 65535, "bad program headers" },
	{ "segment headers of 31 bytes", FIELD(phentsize), 31, "bad program headers" },
	{ "headers after the end", FIELD(phoff), FILE_SIZE - 95, NULL },
	{ "headers at 4 GiB", FIELD(phoff), 0xffffffe0, "the file ends in the program headers" },
	{ "a segment after the end", SEGMENT(1, offset), FILE_SIZE + 0x100,
	  "the file ends in a segment" },
	{ "a segment at 4 GiB", SEGMENT(1, offset), 0xffffff00, "the file ends in a segment" },
	{ "a file size of 4 GiB", SEGMENT(1, filesz), 0xffffffff, "the file ends in a segment" },
	{ "more in the file than in memory", SEGMENT(1, memsz), 0x233,
	  "a segment lies outside of user memory" },
	{ "4 GiB of memory", SEGMENT(1, memsz), 0xffffffff,
	  "a segment lies outside of user memory" },
	{ "memory up to the kernel's", SEGMENT(1, memsz), TASK_SIZE - DATA + 1,
	  "a segment lies outside of user memory" },
	{ "at the kernel's", SEGMENT(1, vaddr), 0xc0000100,
	  "a segment lies outside of user memory" },
	{ "at the top", SEGMENT(1, vaddr), 0xfffff100, "a segment lies outside of user memory" },
	{ "at 0", SEGMENT(0, vaddr), 0, "a segment lies outside of user memory" },
	{ "below the minimum", SEGMENT(0, vaddr), 0xf000, "a segment lies outside of user memory" },
	{ "address and offset disagree", SEGMENT(1, vaddr), DATA + 4, "a segment is not aligned" },
	{ "overlap", SEGMENT(1, vaddr), TEXT + 0x100, "segments overlap or are not sorted" },
	{ "not sorted", SEGMENT(0, vaddr), 0x09000000, "segments overlap or are not sorted" },
	{ "an interpreter", SEGMENT(2, type), 3, "it needs an interpreter" },
	{ "nothing to load", SEGMENT(0, type), 0, "the entry point is in no segment" },
	{ "the entry point after the text", FIELD(entry), TEXT + 0x1000,
	  "the entry point is in no segment" },
	{ "the entry point at 0", FIELD(entry), 0, "the entry point is in no segment" },
};

static void refused(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(damages); i++) {
		const struct damage *damage = &damages[i];
		const char *wrong;

		make();
		memcpy(file + damage->at, &damage->value, damage->bytes);
		wrong = read_all();
		/* A reason of NULL: any will do. */
		tap_check(wrong && (!damage->reason || !strcmp(wrong, damage->reason)), __FILE__,
			  __LINE__, "%s: %s", damage->name, wrong ? wrong : "accepted");
	}
}

static void too_many_segments(void)
{
	make();
	header()->phoff = 0x800;
	header()->phnum = ELF_SEGMENTS_MAX + 1;
	for (u32 i = 0; i <= ELF_SEGMENTS_MAX; i++) {
		u32 place = TEXT + i * PAGE_SIZE;

		*(struct raw_segment *)(file + 0x800 + 32 * i) =
			(struct raw_segment){ 1, 0, place, place, 0x1000, 0x1000, 5, 4096 };
	}
	EXPECT_TEXT(read_all(), "too many segments");
	header()->phnum--;
	EXPECT_VALID(read_all());
	EXPECT_EQ(program.count, ELF_SEGMENTS_MAX);
}

static void every_truncation(void)
{
	make();
	for (u32 size = 0; size < FILE_SIZE; size++) {
		const char *wrong = read_part(size);

		/* The last segment ends at 0x1334; what follows is not needed. */
		EXPECT_EQ(wrong == NULL, size >= 0x1334);
	}
}

/* Headers anywhere, also at an odd place. */
static void every_place_of_the_headers(void)
{
	for (u32 at = 0; at <= 0x400; at++) {
		make();
		memmove(file + 0x1c00 + at, file + HEADERS, 96);
		header()->phoff = 0x1c00 + at;
		read_all();
	}
}

static void every_changed_byte(void)
{
	for (u32 at = 0; at < HEADERS + 96; at++) {
		make();
		for (u32 value = 0; value < 256; value++) {
			file[at] = (u8)value;
			read_all();
		}
	}
}

static void random_damage(void)
{
	u32 accepted = 0;

	for (u32 step = 0; step < tap_scaled(30000) && !tap_failed(); step++) {
		make();
		for (u32 i = 1 + random_below(4); i-- > 0;)
			file[random_below(HEADERS + 96)] = (u8)random_u32();
		accepted += !read_part(random_one_in(2) ? FILE_SIZE : random_below(FILE_SIZE));
	}
	EXPECT(accepted > 0);
	tap_note("%u accepted", accepted);
}

TAP_MAIN({ "a sound program", sound }, { "the end of a segment", end_of_a_segment },
	 { "the rights of the stack", rights_of_the_stack },
	 { "a read that fails", a_failing_read }, { "what is refused, and why", refused },
	 { "too many segments", too_many_segments }, { "every truncation", every_truncation },
	 { "the headers' place", place_of_the_headers }, { "entry points", entry_points },
	 { "at the bounds", at_the_bounds }, { "relocatable", relocatable },
	 { "every place of the headers", every_place_of_the_headers },
	 { "every changed byte of the headers", every_changed_byte },
	 { "random damage", random_damage })
