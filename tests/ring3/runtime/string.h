/* SPDX-License-Identifier: MIT */
/*
 * Strings and numbers for programs without a C library. memcpy, memmove, memset and memcmp are
 * also what the compiler itself may call.
 */
#ifndef RING3_STRING_H
#define RING3_STRING_H

#include "lib/types.h"

void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);

/*
 * A line of text that grows at its end. Text that does not fit is dropped; the text always ends
 * in a zero byte, which `length` does not count.
 */
struct text {
	u32 length;
	char data[256];
};

void text_clear(struct text *text);
void text_add(struct text *text, const char *s);
void text_add_decimal(struct text *text, long value);
void text_add_hex(struct text *text, u32 value);

/* The value of a string of decimal digits, up to the first other character. */
u32 string_to_number(const char *s);

#endif
