/* SPDX-License-Identifier: MIT */
/* Bounded copies, numbers, and shell patterns. Pure functions; any context. */
#ifndef LIB_TEXT_H
#define LIB_TEXT_H

#include "lib/types.h"

/* Copies up to size - 1 characters and a NUL. Returns the length, or -E2BIG if it was cut. */
int strscpy(char *to, const char *from, size_t size);

/*
 * Parses an unsigned number in `base`; base 0: 16 after "0x", else 10. Sets *end to the first
 * character after it. Returns 0, -EINVAL without a digit, -ERANGE if it does not fit.
 */
int parse_u64(const char *text, const char **end, unsigned int base, u64 *value);

/* Parses a size as Linux's memparse(): a number and K, M, G or nothing. 0, -EINVAL or -ERANGE. */
int parse_size(const char *text, u64 *bytes);

/* Matches `*` (any run), `?` (one character), and a list of patterns separated by commas. */
bool glob_match(const char *patterns, const char *text);

#endif
