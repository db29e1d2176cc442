/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/call_programs/lines.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/syscall.h"

static char output[4096];
static u32 output_length;

void line_flush(void)
{
	for (u32 done = 0; done < output_length;) {
		long wrote = sys_write(1, output + done, output_length - done);

		if (wrote <= 0)
			break;
		done += (u32)wrote;
	}
	output_length = 0;
}

void line_text(const char *text)
{
	while (*text && output_length < sizeof(output))
		output[output_length++] = *text++;
}

void line_number(long value)
{
	struct text text;

	text_clear(&text);
	text_add_decimal(&text, value);
	line_text(text.data);
}

void line_bytes(const u8 *bytes, u32 length)
{
	for (u32 i = 0; i < length; i++) {
		char pair[3] = { "0123456789abcdef"[bytes[i] >> 4],
				 "0123456789abcdef"[bytes[i] & 15], 0 };

		line_text(pair);
	}
}

void line_end(void)
{
	line_text("\n");
	if (output_length > sizeof(output) / 8)
		line_flush();
}
