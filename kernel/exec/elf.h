/* SPDX-License-Identifier: MIT */
/*
 * Static ELF32 programs for the i386 (System V ABI, chapters 4 and 5): what is checked, and what is to be loaded.
 *
 * A pure function of the file: it can be damaged in every way, and must not take the kernel with it. Only the headers are read.
 */
#ifndef KERNEL_EXEC_ELF_H
#define KERNEL_EXEC_ELF_H

#include "lib/types.h"

#define ELF_SEGMENTS_MAX 8

enum { ELF_EXECUTE = 1, ELF_WRITE = 2, ELF_READ = 4 };

/*
 * One PT_LOAD, in whole pages as mmap() maps it: memory [start, end), which is the file from `offset` on up to `file_end`. What comes behind it
 * up to `memory_end` is zero (addresses).
 */
struct elf_segment {
	u32 start, end; /* addresses, page aligned */
	u32 file_end;	/* address behind the last byte from the file */
	u32 offset;	/* in the file, of the byte at `start` */
	u32 rights;	/* ELF_READ | ... */
	u32 memory_end; /* address behind the last byte that the segment asks for */
};

struct elf_program {
	u32 entry;
	u32 count;
	struct elf_segment segments[ELF_SEGMENTS_MAX]; /* ascending, disjoint */
	u32 phdr; /* address of the program headers in memory, 0: not loaded */
	u32 phnum;
	bool enters; /* the entry point lies in a segment */
};

/* A file of `size` bytes. read() fetches some that are inside it: 0 or -errno. */
struct elf_file {
	u32 size;
	int (*read)(const struct elf_file *file, u32 offset, void *to, u32 bytes);
	void *context;
};

/*
 * Reads a program of which every segment lies in [lowest, highest). Returns 0; -ENOEXEC, and *wrong says what is wrong with the file; or what
 * read() returned.
 */
int elf_read(const struct elf_file *file, u32 lowest, u32 highest, struct elf_program *program,
	     const char **wrong);

#endif
