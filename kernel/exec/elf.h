/* SPDX-License-Identifier: MIT */
/*
 * Static ELF32 programs for the i386 (System V ABI, chapters 4 and 5): checks and segments. They
 * lie at fixed addresses (ET_EXEC), or relocate themselves (ET_DYN, static PIE) and are loaded
 * from ELF_PIE_BASE on.
 *
 * A program is input from the user, and may be damaged in every way. So this is a pure function of
 * the file, which reads only the headers.
 */
#ifndef KERNEL_EXEC_ELF_H
#define KERNEL_EXEC_ELF_H

#include "abi/linux/elf.h"
#include "lib/types.h"

#define ELF_SEGMENTS_MAX 8
#define ELF_PIE_BASE	 0x00400000u /* low: the heap follows it, up to the mappings */

/*
 * One PT_LOAD, in whole pages as mmap() maps it: memory [start, end). Up to `file_end` it is the
 * file from `offset` on; from there up to `memory_end` it is zero.
 */
struct elf_segment {
	u32 start, end; /* addresses, page aligned */
	u32 first_byte; /* address, as the file has it */
	u32 file_end;	/* address after the last byte from the file */
	u32 offset;	/* in the file, of the byte at `start` */
	u32 rights;	/* PF_R | ... */
	u32 memory_end; /* address after the last byte of the segment */
};

/* What PT_GNU_STACK, the last one if there are several, says of the stack. */
enum elf_stack {
	ELF_STACK_UNTOLD, /* there is none: a program older than the right to execute */
	ELF_STACK_PLAIN,
	ELF_STACK_EXEC,
};

struct elf_program {
	u32 entry;
	u32 count;
	struct elf_segment segments[ELF_SEGMENTS_MAX]; /* ascending, disjoint */
	u32 phdr; /* address of the program headers in memory, 0: not loaded */
	u32 phnum;
	bool enters; /* the entry point lies in a segment */
	enum elf_stack stack;
};

/* A file of `size` bytes. read() copies some that are inside it: 0 or -errno. */
struct elf_file {
	u32 size;
	int (*read)(const struct elf_file *file, u32 offset, void *to, u32 bytes);
	void *context;
};

/*
 * Reads a program; all its segments must lie in [lowest, highest). Returns 0; -ENOEXEC, and *wrong
 * names the fault in the file; or the error of read().
 */
int elf_read(const struct elf_file *file, u32 lowest, u32 highest, struct elf_program *program,
	     const char **wrong);

#endif
