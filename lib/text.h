/* SPDX-License-Identifier: MIT */
/* Text helpers beyond the C library's: bounded copies, numbers, and shell patterns. Pure functions. */
#ifndef LIB_TEXT_H
#define LIB_TEXT_H

#include "lib/types.h"

/* Copies up to size - 1 characters and always ends with NUL. Returns the length copied, or -E2BIG if it was cut. */
int strscpy(char *to, const char *from, size_t size);

/*
 * Reads an unsigned number in base 10, or 16 after "0x", or `base` if that is not 0. *end is set to the first
 * character that is not part of it. Returns 0, -EINVAL without a digit, -ERANGE if it does not fit.
 */
int parse_u64(const char *text, const char **end, unsigned int base, u64 *value);

/* A size as Linux's memparse() reads it: a number and an optional K, M or G. Returns 0, -EINVAL or -ERANGE. */
int parse_size(const char *text, u64 *bytes);

/* Matches `*` (any run), `?` (one character), and a list of patterns separated by commas. */
bool glob_match(const char *patterns, const char *text);

#endif
