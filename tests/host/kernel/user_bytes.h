/* SPDX-License-Identifier: MIT */
/*
 * A program's memory for files of kernel/ that copy from and to it (kernel/cpu/uaccess.h): the
 * bytes of an array, from address USER_BYTES on. Any other access fails, as a bad address does.
 */
#ifndef TESTS_HOST_KERNEL_USER_BYTES_H
#define TESTS_HOST_KERNEL_USER_BYTES_H

#include "lib/types.h"

#define USER_BYTES 0x10000u

extern u8 user_bytes[8192];
extern u32 user_copies;	  /* how many were made */
extern u32 user_writable; /* only the first so many bytes can be written; at first all */

/* Called, if not NULL, during each copy: other threads run while a page is read. */
extern void (*user_others)(void);

/* A word of it, by the address. */
u32 word_at(vaddr_t address);
void set_word(vaddr_t address, u32 value);

#endif
