/* SPDX-License-Identifier: MIT */
/* Vectors of user memory for calls like readv(), and copies for the operations of files. */
#ifndef KERNEL_SYSCALL_FILE_SYS_FILE_H
#define KERNEL_SYSCALL_FILE_SYS_FILE_H

#include "fs/file.h"

struct pt_regs;

struct iovec;

/*
 * Copies `bytes`, which are not 0 and below 2 GiB, between a file and parts of user memory, one
 * after the other. `state` is what the call keeps: the position. Returns the bytes or -errno.
 */
typedef s32 transfer_t(struct file *file, struct iovec *parts, u32 bytes, u64 *state);

/*
 * Transfers by the vector at ECX, of EDX parts, with the file of EBX: all in one call, so that a
 * pipe has one packet or none, and a terminal is read once; or a call for each part, where the
 * file's operations say so. `state` NULL: the file's own position. Returns the bytes; -EBADF,
 * -EINVAL, -EFAULT, -ENOMEM; or an error of the transfer, if nothing was copied.
 */
s32 transfer_vector(const struct pt_regs *regs, transfer_t *transfer, u64 *state);

/*
 * mapping_copy_t: `context` is a vaddr_t *, advanced. The caller has checked the whole range with
 * access_ok(). What cannot be copied keeps its value.
 */
u32 copy_bytes_to_user(void *kernel, u32 bytes, void *context);
u32 copy_bytes_from_user(void *kernel, u32 bytes, void *context);

/* The same; `context` is a struct iovec **, to parts that have so many bytes. They are changed. */
u32 copy_parts_to_user(void *kernel, u32 bytes, void *context);
u32 copy_parts_from_user(void *kernel, u32 bytes, void *context);

#endif
