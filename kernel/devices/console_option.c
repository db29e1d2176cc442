/* SPDX-License-Identifier: MIT */
#include "kernel/devices/console_option.h"
#include "lib/string.h"
#include "lib/text.h"

u16 serial_port(unsigned int index)
{
	static const u16 ports[SERIAL_PORTS] = { 0x3f8, 0x2f8, 0x3e8, 0x2e8 };

	return ports[index];
}

/* ",BAUD" or nothing. "n8" may follow, as in Linux's 115200n8: the line is always 8N1. */
static bool parse_baud(const char *text, u32 *baud)
{
	const char *end;
	u64 value;

	*baud = CONSOLE_BAUD;
	if (!*text)
		return true;
	if (*text != ',' || parse_u64(text + 1, &end, 10, &value))
		return false;
	if (*end && strcmp(end, "n8") != 0)
		return false;
	if (value < CONSOLE_BAUD_MIN || value > CONSOLE_BAUD)
		return false;
	*baud = (u32)value;
	return true;
}

/* "uart,mmio,ADDRESS" or "uart,mmio32,ADDRESS", in Linux's earlycon= syntax. */
static bool parse_memory_uart(const char *text, struct console_option *to)
{
	const char *end;
	u64 address;

	to->kind = CONSOLE_MEMORY;
	if (strncmp(text, "uart,mmio", 9) != 0)
		return false;
	text += 9;
	to->wide = strncmp(text, "32,", 3) == 0;
	if (!to->wide && *text != ',')
		return false;
	if (parse_u64(text + (to->wide ? 3 : 1), &end, 0, &address) || address == 0 ||
	    address > 0xffffffe0u || (to->wide && address % 4))
		return false;
	to->address = (u32)address;
	return parse_baud(end, &to->baud);
}

bool console_option_parse(const char *text, struct console_option *to)
{
	const char *end;
	u64 port;

	*to = (struct console_option){ .kind = CONSOLE_ANY, .baud = CONSOLE_BAUD };
	if (!*text)
		return true;
	if (strcmp(text, "none") == 0) {
		to->kind = CONSOLE_NONE;
		return true;
	}
	to->kind = CONSOLE_PORT;
	if (strncmp(text, "ttyS", 4) == 0 && text[4] >= '0' && text[4] < '0' + (int)SERIAL_PORTS) {
		to->port = serial_port((unsigned int)(text[4] - '0'));
		return parse_baud(text + 5, &to->baud);
	}
	if (strncmp(text, "uart,io,", 8) == 0) {
		if (parse_u64(text + 8, &end, 0, &port) || port == 0 || port > 0xfff8)
			return false;
		to->port = (u16)port;
		return parse_baud(end, &to->baud);
	}
	return parse_memory_uart(text, to);
}
