/* SPDX-License-Identifier: MIT */
/* What lib/ does in assembly, or with tables of formats, in plain C for the analyzer. */
#include "lib/printk.h"
#include "lib/string.h"
#include "tests/prove/prove.h"

void any_bytes(void *to, u32 bytes)
{
	static u8 unknown[PROVE_BYTES_MAX];

	Frama_C_make_unknown((char *)unknown, sizeof(unknown));
	memcpy(to, unknown, bytes);
}

/* In words, so that Eva keeps what it knows of numbers in a structure: all callers move these. */
void *memmove(void *to, const void *from, size_t bytes)
{
	static u32 between[PROVE_BYTES_MAX / 4];
	const u32 *f = from;
	u32 *t = to;

	//@ assert bytes % 4 == 0;
	for (size_t i = 0; i < bytes / 4; i++)
		between[i] = f[i];
	for (size_t i = 0; i < bytes / 4; i++)
		t[i] = between[i];
	return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
	const u8 *x = a, *y = b;

	for (size_t i = 0; i < bytes; i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1; /* never 0, also for Eva */
	return 0;
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

void any_read(const void *data, u32 bytes)
{
	const u8 *byte = data;

	if (bytes) {
		//@ assert \valid_read(byte + (0 .. bytes - 1));
	}
}

void printk(const char *format, ...)
{
	(void)format;
}

/*@ ensures \false;
    assigns \nothing; */
void panic(const char *format, ...);
