/* SPDX-License-Identifier: MIT */
/*
 * Formatted text. Conversions: %d %i %u %x %X %p %s %c %%; lengths l, ll, z; flags '0', '-', '#' (0x), ' ' and '+';
 * width and precision, also as '*'. %p prints 0x and at least 8 digits. An unknown conversion is printed as it stands.
 */
#ifndef LIB_PRINTF_H
#define LIB_PRINTF_H

#include "lib/types.h"

/*
 * Write at most size - 1 characters and a NUL (nothing if size is 0). Return the number of characters that stand in the
 * buffer, without the NUL; text that does not fit is cut. Any context.
 */
int vscnprintf(char *buffer, size_t size, const char *format, va_list arguments) __printf(3, 0);
int scnprintf(char *buffer, size_t size, const char *format, ...) __printf(3, 4);

#endif
