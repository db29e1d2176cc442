/* SPDX-License-Identifier: MIT */
/*
 * Formatted text. Conversions: %d %i %u %x %X %p %s %c %%; lengths l, ll, z; flags '0', '-', '#'
 * (0x), ' ' and '+'; width and precision, also as '*'. %p prints 0x and at least 8 digits. An
 * unknown conversion is printed unchanged.
 */
#ifndef LIB_PRINTF_H
#define LIB_PRINTF_H

#include "lib/types.h"

/*
 * Write at most size - 1 characters and a NUL (nothing if size is 0); longer text is cut. Return
 * the number of characters in the buffer, without the NUL. Any context.
 */
int vscnprintf(char *buffer, size_t size, const char *format, va_list arguments) __printf(3, 0);
int scnprintf(char *buffer, size_t size, const char *format, ...) __printf(3, 4);

/*
 * Writes `c` to `to`, as \xNN if it is a control character: an ASCII one, or the second byte of
 * U+0080 to U+009F in UTF-8. `before` is the previous byte ('\0' at the start). Returns the number
 * of characters, 1 or 4. Any context.
 */
u32 escape_control(char to[4], char before, char c);

/*
 * vscnprintf() for the log: a control character of an argument (%s, %c) becomes \xNN. Names come
 * from files, firmware and programs; they must not forge log lines. Only `format` ends lines.
 */
int vscnprintf_escaped(char *buffer, size_t size, const char *format, va_list arguments)
	__printf(3, 0);

#endif
