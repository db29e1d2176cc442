/* SPDX-License-Identifier: MIT */
/*
 * splice(2) and tee(2): bytes between a pipe and a file, or another pipe, without a way through
 * ring 3; and vmsplice(2). The bytes are copied; Linux may move pages.
 *
 * All return the bytes, 0 at the end of the input, or -errno: those of read() and write(),
 * -EAGAIN if a pipe is not ready and `nonblock` or its O_NONBLOCK says so, -ERESTARTSYS. They
 * wait only for the first byte.
 */
#ifndef FS_PIPE_SPLICE_H
#define FS_PIPE_SPLICE_H

#include "fs/file.h"

/* The most bytes that a call moves, as on Linux; for those of kernel/syscall/file/. */
#define COPY_MAX 0x7ffff000u

/* *position is advanced. */
s32 splice_from_pipe(struct file *in, struct file *out, u64 *position, u32 bytes, bool nonblock);
s32 splice_to_pipe(struct file *in, u64 *position, struct file *out, u32 bytes, bool nonblock);

/*
 * `keep`: the bytes stay in the first pipe, as tee() has it. Packets stay packets. O_NONBLOCK of
 * either pipe is that of both. -EINVAL: both are one pipe.
 */
s32 splice_pipes(struct file *in, struct file *out, u32 bytes, bool nonblock, bool keep);

/* How many bytes come next of one page of the sender's memory. At least 1. */
typedef u32 (*part_size_t)(const void *context);

/*
 * vmsplice(): as write() and read() of a pipe, but they wait only for the first byte, and know no
 * packets, nor O_NONBLOCK of the pipe. What comes of one page of the sender has a page of its own.
 */
s32 pipe_give(struct file *out, u32 bytes, part_size_t size, mapping_copy_t copy, void *context,
	      bool nonblock);
s32 pipe_take(struct file *in, u32 bytes, mapping_copy_t copy, void *context, bool nonblock);

#endif
