/* SPDX-License-Identifier: MIT */
/* Bounded copies, numbers and shell patterns. */
#include "lib/text.h"
#include "abi/linux/errno.h"

int strscpy(char *to, const char *from, size_t size)
{
	size_t n;

	for (n = 0; n + 1 < size && from[n]; n++)
		to[n] = from[n];
	if (size)
		to[n] = '\0';
	return from[n] ? -E2BIG : (int)n;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

int parse_u64(const char *text, const char **end, unsigned int base, u64 *value)
{
	u64 sum = 0;
	const char *p = text;

	if ((!base || base == 16) && p[0] == '0' && (p[1] | 0x20) == 'x' &&
	    digit_value(p[2]) < 16) {
		base = 16;
		p += 2;
	} else if (!base) {
		base = 10;
	}
	if (digit_value(*p) >= (int)base)
		return -EINVAL;
	for (; digit_value(*p) < (int)base; p++) {
		/* Separate halves show an overflow without a 64-bit division. */
		u64 high = (sum >> 32) * base,
		    low = (sum & 0xffffffff) * base + (u64)digit_value(*p);

		if (high + (low >> 32) > 0xffffffff)
			return -ERANGE;
		sum = (high << 32) + low;
	}
	*value = sum;
	*end = p;
	return 0;
}

int parse_size(const char *text, u64 *bytes)
{
	const char *end;
	unsigned int shift = 0;
	u64 value;
	int err = parse_u64(text, &end, 0, &value);

	if (err)
		return err;
	switch (*end | 0x20) {
	case 'g':
		shift += 10; /* fall through */
	case 'm':
		shift += 10; /* fall through */
	case 'k':
		shift += 10;
		end++;
	}
	if (*end)
		return -EINVAL;
	if (value << shift >> shift != value)
		return -ERANGE;
	*bytes = value << shift;
	return 0;
}

static bool glob_match_one(const char *pattern, const char *end, const char *text)
{
	for (; pattern < end; pattern++, text++) {
		if (*pattern == '*') {
			while (pattern < end && *pattern == '*')
				pattern++;
			for (;; text++) {
				if (glob_match_one(pattern, end, text))
					return true;
				if (!*text)
					return false;
			}
		}
		if (!*text || (*pattern != '?' && *pattern != *text))
			return false;
	}
	return !*text;
}

bool glob_match(const char *patterns, const char *text)
{
	while (true) {
		const char *end = patterns;

		while (*end && *end != ',')
			end++;
		if (glob_match_one(patterns, end, text))
			return true;
		if (!*end)
			return false;
		patterns = end + 1;
	}
}
