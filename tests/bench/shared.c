/* SPDX-License-Identifier: MIT */
/* What both programs of the benchmarks need: the choice of operations, and the line of figures. */
#include "tests/bench/bench.h"

/* One pattern, which ends at a comma or a zero byte: * for any characters, ? for one. */
static bool glob_one(const char *glob, const char *name)
{
	for (; *glob && *glob != ','; glob++, name++) {
		if (*glob == '*') {
			for (;; name++) {
				if (glob_one(glob + 1, name))
					return true;
				if (!*name)
					return false;
			}
		}
		if (!*name || (*glob != '?' && *glob != *name))
			return false;
	}
	return !*name;
}

bool glob_match(const char *globs, const char *name)
{
	while (*globs) {
		if (glob_one(globs, name))
			return true;
		while (*globs && *globs++ != ',')
			;
	}
	return false;
}

/*
 * Two instructions for each round, and the same few for the way there each time: it is never
 * inlined.
 */
static noinline u32 time_of_loop(u32 rounds)
{
	return SAMPLE(asm volatile("1: decl %0; jnz 1b" : "+r"(rounds) : : "cc"));
}

/*
 * Checks that the counter counts instructions: no machine but one that counts instructions has
 * these two in this exact proportion. An interrupt may come in between, so it is asked more than
 * once.
 */
const char *counter_unit(void)
{
	for (u32 i = 0; i < 8; i++) {
		if (time_of_loop(20000) - time_of_loop(10000) == 20000)
			return "guest-instructions";
	}
	return "tsc-ticks";
}

void text_add_field(struct text *line, const char *key, u32 value)
{
	text_add(line, key);
	text_add_decimal(line, (long)value);
}
