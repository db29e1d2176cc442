/* SPDX-License-Identifier: MIT */
#include "tests/ring3/runtime/outcome.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/tap.h"

bool outcome_all(int argc, char **argv)
{
	return argc > 1 && !strcmp(argv[1], "all");
}

u32 outcome_print(const char *call, const char *more, u32 hash)
{
	struct text line;

	text_clear(&line);
	text_add(&line, "# call=");
	text_add(&line, call);
	text_add(&line, more);
	text_add(&line, " hash=");
	text_add_hex(&line, hash);
	tap_line(line.data);
	return OUTCOME_START;
}
