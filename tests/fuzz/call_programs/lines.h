/* SPDX-License-Identifier: MIT */
/* The output of programs of system calls: lines, which are written in larger parts. */
#ifndef FUZZ_CALL_PROGRAMS_LINES_H
#define FUZZ_CALL_PROGRAMS_LINES_H

#include "lib/types.h"

/*
 * Add to the line. The bytes are in hexadecimal. A line that does not fit in 4 KiB loses its end.
 */
void line_text(const char *text);
void line_number(long value);
void line_bytes(const u8 *bytes, u32 length);
void line_end(void);

/* Writes what is left. */
void line_flush(void);

#endif
