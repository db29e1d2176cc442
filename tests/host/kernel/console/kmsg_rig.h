/* SPDX-License-Identifier: MIT */
/* The log's files with a clock that a test sets, and a console that keeps what programs print. */
#ifndef TESTS_HOST_KERNEL_CONSOLE_KMSG_RIG_H
#define TESTS_HOST_KERNEL_CONSOLE_KMSG_RIG_H

#include "fs/file.h"

#define BUFFER 8192u

extern u64 now;		   /* microseconds */
extern char printed[4096]; /* what console_write_program() got */
extern char text[BUFFER];  /* what was read last */

/* Starts the machine, with /dev/kmsg. */
void boot(void);

/* Reads a record of /dev/kmsg to `text`. The bytes, or -errno. */
s32 read_record(struct file *file, u32 bytes);

/* Copies nothing: for file_read() and file_write(), as memory that is not there. */
u32 refuse(void *memory, u32 bytes, void *context);

#endif
