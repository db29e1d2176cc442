/* SPDX-License-Identifier: MIT */
#include "tests/ring3/runtime/rows.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/syscall.h"
#include "tests/ring3/runtime/tap.h"

void try_rows(const struct row *rows, u32 count)
{
	for (u32 i = 0; i < count; i++) {
		const struct row *row = &rows[i];
		const long *a = row->arguments;
		long result = system_call(row->number, a[0], a[1], a[2], a[3], a[4], a[5]);
		struct text text;

		if (result == row->result)
			continue;
		text_clear(&text);
		text_add(&text, "# row ");
		text_add_decimal(&text, (long)i);
		text_add(&text, ": ");
		text_add_decimal(&text, result);
		tap_line(text.data);
		EXPECT(!"as expected");
	}
}
