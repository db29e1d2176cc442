/* SPDX-License-Identifier: MIT */
/* Vectors of user memory for calls like readv(), and copies for the operations of files. */
#ifndef KERNEL_SYSCALL_FILE_SYS_FILE_H
#define KERNEL_SYSCALL_FILE_SYS_FILE_H

#include "fs/file.h"

struct pt_regs;

/*
 * Copies between a file and one range of user memory, below 2 GiB. `state` is what the call keeps
 * from range to range: the position. Returns the bytes or -errno.
 */
typedef s32 transfer_t(struct file *file, vaddr_t user, u32 bytes, u64 *state);

/*
 * Transfers by the vector at ECX, of EDX parts, with the file of EBX; ends at the first part that
 * is not complete. `state` NULL: the file's own position. Returns the bytes; -EBADF, -EINVAL,
 * -EFAULT, -ENOMEM; or an error of the first part.
 */
s32 transfer_vector(const struct pt_regs *regs, transfer_t *transfer, u64 *state);

/*
 * mapping_copy_t: `context` is a vaddr_t *, advanced. The caller has checked the whole range with
 * access_ok(). What cannot be copied keeps its value.
 */
u32 copy_bytes_to_user(void *kernel, u32 bytes, void *context);
u32 copy_bytes_from_user(void *kernel, u32 bytes, void *context);

#endif
