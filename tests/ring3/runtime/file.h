/* SPDX-License-Identifier: MIT */
/*
 * Temporary files: made under /tmp with a name that holds the process number, and without a name
 * from the moment at which they are open, so that no file is left whatever happens.
 */
#ifndef RING3_FILE_H
#define RING3_FILE_H

#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/mapping.h"

/* The name under /tmp that ends in `suffix`; the same one for every call of a process. */
void file_name(struct text *path, const char *suffix);

/*
 * A new file, open for reading and writing, with `pages` pages filled with the pattern of
 * `seed` (memory.h). Its name is gone. Gives up where that fails.
 */
int file_create(u32 pages, u32 seed);

/*
 * The same by memfd_create(). Its file system is the same everywhere: of what a shared mapping
 * wrote behind the end of a file, tmpfs keeps all when the file grows, and ext4 nothing.
 */
int file_create_in_memory(u32 pages, u32 seed);

/*
 * The same file opened three ways: read-write, read-only and write-only. Its name is gone.
 */
struct file_ways {
	int read_write;
	int read_only;
	int write_only;
};

void file_create_ways(struct file_ways *file, u32 pages, u32 seed);
void file_close_ways(const struct file_ways *file);

/*
 * Copies this program to a new file at `path`, with this mode. Returns a descriptor that can write
 * to it. Gives up where that fails.
 */
int file_copy_program(const char *path, u32 mode);

/* Is page `index` of the file the page `index` of the pattern of `seed`? Read by pread64. */
bool file_check_page(int fd, u32 index, u32 seed);

/* The byte at `offset`, read by pread64, or -1 at the end of the file and after an error. */
int file_byte(int fd, u32 offset);

/* The size by fstat64, or -errno. */
long file_size(int fd);

#endif
