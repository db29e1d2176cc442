/* SPDX-License-Identifier: MIT */
/* Checks of ELF programs. Each number is compared with the file's size before it is used. */
#include "kernel/exec/elf.h"
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "paging/layout.h"

enum { PHDRS_MAX = 64 };

static const char *check_header(const struct elf_header *header, u32 size)
{
	if (memcmp(header->ident, "\177ELF", 4))
		return "not an ELF file";
	if (header->ident[4] != 1 || header->ident[5] != 1 || header->machine != EM_386)
		return "not an ELF file for the i386";
	if (header->type != ET_EXEC && header->type != ET_DYN)
		return "not an executable";
	if (header->phentsize != sizeof(struct elf_phdr) || !header->phnum ||
	    header->phnum > PHDRS_MAX)
		return "bad program headers";
	if (header->phoff > size || header->phnum * sizeof(struct elf_phdr) > size - header->phoff)
		return "the file ends in the program headers";
	return NULL;
}

static const char *read_load(const struct elf_phdr *phdr, u32 size, u32 lowest, u32 highest,
			     struct elf_segment *segment)
{
	if (phdr->offset > size || phdr->filesz > size - phdr->offset)
		return "the file ends in a segment";
	if (phdr->filesz > phdr->memsz || phdr->memsz > highest ||
	    phdr->vaddr > highest - phdr->memsz || ALIGN_DOWN(phdr->vaddr, PAGE_SIZE) < lowest)
		return "a segment lies outside of user memory";
	if ((phdr->vaddr ^ phdr->offset) & ~PAGE_MASK)
		return "a segment is not aligned";
	*segment = (struct elf_segment){
		.start = ALIGN_DOWN(phdr->vaddr, PAGE_SIZE),
		.end = PAGE_ALIGN(phdr->vaddr + phdr->memsz),
		.first_byte = phdr->vaddr,
		.file_end = phdr->vaddr + phdr->filesz,
		.offset = ALIGN_DOWN(phdr->offset, PAGE_SIZE),
		.rights = phdr->flags & (PF_R | PF_W | PF_X),
		.memory_end = phdr->vaddr + phdr->memsz,
	};
	/* Without bytes from the file, the rest of its page is not mapped either. */
	if (!phdr->filesz)
		segment->file_end = segment->start;
	return NULL;
}

/* Checks one program header. Returns NULL, or the fault as a text. */
static const char *take_phdr(const struct elf_header *header, const struct elf_phdr *phdr, u32 size,
			     u32 lowest, u32 highest, struct elf_program *program)
{
	struct elf_segment *segment = &program->segments[program->count];
	const char *wrong;

	if (phdr->type == PT_INTERP)
		return "it needs an interpreter";
	if (phdr->type == PT_GNU_STACK)
		program->stack = phdr->flags & PF_X ? ELF_STACK_EXEC : ELF_STACK_PLAIN;
	if (phdr->type != PT_LOAD || !phdr->memsz)
		return NULL;
	if (program->count == ELF_SEGMENTS_MAX)
		return "too many segments";
	wrong = read_load(phdr, size, lowest, highest, segment);
	if (wrong)
		return wrong;
	if (program->count && segment->start < segment[-1].end)
		return "segments overlap or are not sorted";
	if (header->phoff >= phdr->offset &&
	    header->phoff + header->phnum * sizeof(*phdr) <= phdr->offset + phdr->filesz)
		program->phdr = phdr->vaddr + header->phoff - phdr->offset;
	program->enters |= header->entry >= phdr->vaddr && header->entry < segment->memory_end;
	program->count++;
	return NULL;
}

int elf_read(const struct elf_file *file, u32 lowest, u32 highest, struct elf_program *program,
	     const char **wrong)
{
	struct elf_header header = { .type = 0 };
	struct elf_phdr phdr;
	u32 bias = 0;
	int err = file->read(file, 0, &header, min(file->size, (u32)sizeof(header)));

	if (err)
		return err;
	*wrong = check_header(&header, file->size);
	if (header.type == ET_DYN)
		bias = ELF_PIE_BASE;
	header.entry += bias;
	*program = (struct elf_program){ .entry = header.entry, .phnum = header.phnum };
	for (u32 i = 0; !*wrong && i < header.phnum; i++) {
		err = file->read(file, header.phoff + i * sizeof(phdr), &phdr, sizeof(phdr));
		if (err)
			return err;
		/* An address that would wrap stays: it is too high in any case. */
		phdr.vaddr += phdr.vaddr < UINT32_MAX - bias ? bias : 0;
		*wrong = take_phdr(&header, &phdr, file->size, lowest, highest, program);
	}
	if (!*wrong && !program->enters)
		*wrong = "the entry point is in no segment";
	return *wrong ? -ENOEXEC : 0;
}
