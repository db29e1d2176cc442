/* SPDX-License-Identifier: MIT */
/*
 * The kernel's options, gathered into one string. What they mean is the kernel's business.
 *
 * Pure functions; no firmware, so that they run on a host under sanitizers.
 */
#ifndef EFI_OPTIONS_H
#define EFI_OPTIONS_H

#include "lib/types.h"

/*
 * Both append to `options`, a string in a buffer of `size` bytes, with one blank between words, and
 * leave it as it was if they fail. A later option wins over an earlier one, so they are called in
 * the order of rising rank.
 *
 * options_add_file(): the text of an options file, LF or CRLF, with or without a UTF-8 byte-order
 * mark; `#` begins a comment that ends with the line. A character that is not printable ASCII
 * becomes `?` and *bad_line the number of the first line that has one (0: none). Comments may
 * contain anything. Returns 0, -E2BIG if the buffer is too small, or -EINVAL if it is UTF-16.
 *
 * options_add_load_options(): EFI_LOADED_IMAGE_PROTOCOL.LoadOptions (UEFI 2.10, section 9.1.1),
 * UTF-16 with or without a NUL at its end. A first word that ends in ".efi" is the program's name,
 * which the UEFI Shell puts there, and is left out. Returns 0, -E2BIG, -EINVAL if it is not ASCII
 * text: firmware may put binary data there, or -ENOEXEC if a word begins with "root=": then all of
 * it is the command line of a Linux that firmware gives to whatever it starts. U-Boot does, with
 * "root=/dev/sdb3 init=/sbin/init rootwait ro" where nobody set another (CONFIG_BOOTARGS).
 */
int options_add_file(char *options, size_t size, const void *text, size_t bytes,
		     unsigned int *bad_line);
int options_add_load_options(char *options, size_t size, const void *utf16, size_t bytes);

/* Is `value` what the last option of this name says? False: another value, or there is none. */
bool options_say(const char *options, const char *name, const char *value);

#endif
