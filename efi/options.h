/* SPDX-License-Identifier: MIT */
/*
 * Gathers the kernel's options into one string. The kernel interprets them.
 *
 * Pure functions; no firmware, so that they run on a host under sanitizers.
 */
#ifndef EFI_OPTIONS_H
#define EFI_OPTIONS_H

#include "lib/types.h"

/*
 * All append to `options`, a string in a buffer of `size` bytes, with one blank between words, and
 * leave it as it was if they fail. A later option wins over an earlier one, so they are called in
 * the order of rising rank. All return -E2BIG if the buffer is too small.
 *
 * options_add_file(): the text of an options file: ASCII, UTF-8, or UTF-16 of either byte order,
 * with or without a byte-order mark; LF, CR LF or CR; 0x1A ends it; `#` begins a comment that ends
 * with the line. A character that is not printable ASCII becomes `?` and *bad_line the number of
 * the first line that has one (0: none). Comments may contain anything. Returns 0 or -E2BIG.
 *
 * options_add_load_options(): EFI_LOADED_IMAGE_PROTOCOL.LoadOptions (UEFI 2.10, section 9.1.1),
 * UTF-16 with or without a byte-order mark, and a NUL at its end. A first word in quotes, or
 * without `=`, is the program's name, which shells put there, and is skipped. Returns 0 or -E2BIG;
 * -EINVAL if it is not ASCII text, because firmware may put binary data there; -ENOEXEC if a word
 * begins with "root=", which is the command line of a Linux. U-Boot's default is such a line,
 * "root=/dev/sdb3 init=/sbin/init rootwait ro" (CONFIG_BOOTARGS).
 *
 * options_add_argument(): one argument of EFI_SHELL_PARAMETERS_PROTOCOL, UTF-16 with a NUL. At
 * most `size` characters are read. Returns 0, -E2BIG or -EINVAL, as above.
 */
int options_add_file(char *options, size_t size, const void *bytes, size_t count,
		     unsigned int *bad_line);
int options_add_load_options(char *options, size_t size, const void *utf16, size_t bytes);
int options_add_argument(char *options, size_t size, const void *utf16);

/* Has the last option of this name this value (NULL: any)? False: another value, or no option. */
bool options_say(const char *options, const char *name, const char *value);

/* Is `word` in the comma-separated list of the last option of this name? */
bool options_list(const char *options, const char *name, const char *word);

/* The value of the last option of this name, 0 to 9999; else `otherwise`. */
unsigned int options_number(const char *options, const char *name, unsigned int otherwise);

/*
 * Seconds for which a last message stays on the screen if no key comes: 30, or 0 with exit=qemu,
 * as in the runner, or with wait=0.
 */
unsigned int options_patience(const char *options);

#endif
