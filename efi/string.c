/* SPDX-License-Identifier: MIT */
/*
 * The part of lib/string.h that the loader uses, for both processor modes; lib/string.c is for the
 * 32-bit kernel alone. build.mk keeps the compiler from compiling the loops as calls of these
 * functions.
 */
#include "lib/string.h"

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
	void *d = to;

	__asm__ volatile("rep movsb" : "+D"(d), "+S"(from), "+c"(bytes) : : "memory");
	return to;
}

void *memset(void *to, int value, size_t bytes)
{
	void *d = to;

	__asm__ volatile("rep stosb" : "+D"(d), "+c"(bytes) : "a"(value) : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
	const u8 *x = a, *y = b;

	for (size_t i = 0; i < bytes; i++) {
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	}
	return 0;
}

size_t strnlen(const char *s, size_t limit)
{
	size_t length = 0;

	while (length < limit && s[length] != '\0')
		length++;
	return length;
}

size_t strlen(const char *s)
{
	return strnlen(s, SIZE_MAX);
}
