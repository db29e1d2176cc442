/* SPDX-License-Identifier: MIT */
/*
 * Strings and numbers. The block functions are string instructions, so that the compiler cannot
 * recognise a loop in them and turn it into a call of themselves; the i386 ABI promises a clear
 * direction flag at function entry.
 */
#include "tests/ring3/runtime/string.h"

void *memcpy(void *to, const void *from, size_t size)
{
	void *d = to;

	asm volatile("rep movsb" : "+D"(d), "+S"(from), "+c"(size) : : "memory");
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	u8 *d = to;
	const u8 *s = from;

	if (d <= s || d >= s + size)
		return memcpy(to, from, size);
	d += size - 1;
	s += size - 1;
	asm volatile("std; rep movsb; cld" : "+D"(d), "+S"(s), "+c"(size) : : "memory", "cc");
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	void *d = to;

	asm volatile("rep stosb" : "+D"(d), "+c"(size) : "a"(byte) : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const u8 *p = a;
	const u8 *q = b;

	for (; size; size--, p++, q++) {
		if (*p != *q)
			return *p < *q ? -1 : 1;
	}
	return 0;
}

size_t strlen(const char *s)
{
	const char *end = s;

	while (*end)
		end++;
	return (size_t)(end - s);
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (u8)*a - (u8)*b;
}

void text_clear(struct text *text)
{
	text->length = 0;
	text->data[0] = '\0';
}

void text_add(struct text *text, const char *s)
{
	while (*s && text->length < sizeof(text->data) - 1)
		text->data[text->length++] = *s++;
	text->data[text->length] = '\0';
}

void text_add_decimal(struct text *text, long value)
{
	char digits[12];
	char *p = digits + sizeof(digits) - 1;
	unsigned long rest = value < 0 ? -(unsigned long)value : (unsigned long)value;

	*p = '\0';
	do {
		*--p = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (value < 0)
		*--p = '-';
	text_add(text, p);
}

void text_add_hex(struct text *text, u32 value)
{
	char digits[11] = "0x00000000";

	for (int i = 0; i < 8; i++)
		digits[2 + i] = "0123456789abcdef"[(value >> (28 - 4 * i)) & 15];
	text_add(text, digits);
}

u32 string_to_number(const char *s)
{
	u32 value = 0;

	while (*s >= '0' && *s <= '9')
		value = value * 10 + (u32)(*s++ - '0');
	return value;
}
