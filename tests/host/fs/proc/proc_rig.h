/* SPDX-License-Identifier: MIT */
/* A machine with /proc and one process, for the tests of its files. */
#ifndef TESTS_HOST_FS_PROC_PROC_RIG_H
#define TESTS_HOST_FS_PROC_PROC_RIG_H

#include "fs/file.h"

#define TEXT_BYTES 262144

/* The process, and the address space that the test gives it. */
enum { PID = 17, BIRTH = 5 };
extern struct mm_struct *proc_mm;

/* May others inspect it? proc_boot() sets it. */
extern bool may_look;

/* The text that read_file() has read. */
extern char text[TEXT_BYTES];

/* Boots, with an empty address space. */
void proc_boot(void);

struct file *open_file(const char *path);

/* Reads into a kernel buffer. */
s32 read_at(struct file *file, void *buffer, u32 bytes, u64 position);

/* Reads the whole file, `step` bytes at a time. Returns its length. */
u32 read_file(const char *path, u32 step);

/* Writes a text to the file. Its length, or -errno. */
s32 write_to(const char *path, const char *number);

/* The value of a line of smaps, KiB, for the area that begins at `start`. */
u32 smaps_value(u32 start, const char *name);

#endif
