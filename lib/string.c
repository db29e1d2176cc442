/* SPDX-License-Identifier: MIT */
/*
 * memcpy() and similar functions for the kernel and the loader, which have no C library.
 *
 * Bulk copies use string instructions: two bytes long, and the fastest copy without SSE state on
 * current processors. Names and paths are compared and measured by them too.
 */
#include "lib/string.h"

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
	void *d = to;
	size_t words = bytes / 4;

	__asm__ volatile("rep movsl\n\t"
			 "mov %k[rest], %%ecx\n\t"
			 "rep movsb"
			 : "+D"(d), "+S"(from), "+c"(words)
			 : [rest] "r"(bytes % 4)
			 : "memory");
	return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
	char *d = (char *)to + bytes;
	const char *s = (const char *)from + bytes;

	if ((uintptr_t)to - (uintptr_t)from >= bytes)
		return memcpy(to, from, bytes);
	while (d != to)
		*--d = *--s;
	return to;
}

void *memset(void *to, int value, size_t bytes)
{
	void *d = to;
	size_t words = bytes / 4;

	__asm__ volatile("rep stosl\n\t"
			 "mov %k[rest], %%ecx\n\t"
			 "rep stosb"
			 : "+D"(d), "+c"(words)
			 : "a"((u8)value * 0x01010101u), [rest] "r"(bytes % 4)
			 : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
	const u8 *x = a, *y = b;

	if (!bytes)
		return 0;
	__asm__ volatile("repe cmpsb" : "+S"(x), "+D"(y), "+c"(bytes) : : "cc", "memory");
	return x[-1] - y[-1];
}

/* The last byte that is `c`, or NULL. An interrupt clears the direction flag for itself. */
void *memrchr(const void *s, int c, size_t bytes)
{
	const char *at = (const char *)s + bytes - 1;
	bool found;

	if (!bytes)
		return NULL; /* not reached: a path has a byte */
	__asm__ volatile("std; repne scasb; cld"
			 : "+D"(at), "+c"(bytes), "=@ccz"(found)
			 : "a"(c)
			 : "memory");
	return found ? (char *)at + 1 : NULL;
}

size_t strnlen(const char *s, size_t limit)
{
	const char *end = s;
	size_t left = limit;

	if (!limit)
		return 0;
	__asm__ volatile("repne scasb" : "+D"(end), "+c"(left) : "a"(0) : "cc", "memory");
	return (size_t)(end - s) - !end[-1];
}

size_t strlen(const char *s)
{
	return strnlen(s, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t limit)
{
	for (; limit; limit--, a++, b++)
		if (*a != *b || !*a)
			return (u8)*a - (u8)*b;
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)s;
}
