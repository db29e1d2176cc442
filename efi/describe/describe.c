/* SPDX-License-Identifier: MIT */
/* The text, the memory map and PCI. See the header. */
#include "efi/describe/describe.h"
#include "efi/handoff/memory_map.h"
#include "lib/printf.h"
#include "lib/string.h"

#define LINE_SIZE 512u
#define END_SIZE  80u /* kept for the last line */

static void put_line(struct description *out, const char *line, u32 length, u32 keep)
{
	if (out->size < keep || length > out->size - keep - out->length) {
		out->cut = true;
		return;
	}
	memcpy(out->text + out->length, line, length);
	out->length += length;
}

void describe_line(struct description *out, const char *format, ...)
{
	char line[LINE_SIZE];
	va_list arguments;
	u32 length;

	va_start(arguments, format);
	length = (u32)vscnprintf_escaped(line, sizeof(line) - 2, format, arguments);
	va_end(arguments);
	memcpy(line + length, "\r\n", 2);
	if (!out->cut)
		put_line(out, line, length + 2, END_SIZE);
}

u32 describe_end(struct description *out)
{
	const char *end = out->cut ? "end: the rest did not fit\r\n" : "end: all of it\r\n";

	put_line(out, end, (u32)strlen(end), 0);
	return out->length;
}

void describe_memory(struct description *out, const void *map, u32 bytes, u32 stride)
{
	struct efi_descriptor entry;

	if (stride < sizeof(entry))
		return;
	describe_line(out, "memory: entries=%u stride=%u", bytes / stride, stride);
	for (u32 at = 0; bytes - at >= stride; at += stride) {
		memcpy(&entry, (const u8 *)map + at, sizeof(entry));
		describe_line(out, "memory: type=%u start=0x%llx pages=0x%llx attribute=0x%llx",
			      entry.type, entry.start, entry.pages, entry.attribute);
	}
}

void describe_pci(struct description *out, u32 bus, u32 device, u32 function,
		  const u32 registers[16])
{
	bool plain = (registers[3] >> 16 & 0x7f) == 0; /* no bridge */
	char more[64] = "";

	if (plain)
		scnprintf(more, sizeof(more), " subsystem=%04x:%04x", registers[11] & 0xffff,
			  registers[11] >> 16);
	describe_line(out,
		      "pci: %02x:%02x.%u id=%04x:%04x class=%06x revision=%02x command=%04x "
		      "status=%04x header=%02x irq=%u%s",
		      bus, device, function, registers[0] & 0xffff, registers[0] >> 16,
		      registers[2] >> 8, registers[2] & 0xff, registers[1] & 0xffff,
		      registers[1] >> 16, registers[3] >> 16 & 0xff, registers[15] & 0xff, more);
	if (plain)
		describe_line(out, "pci: %02x:%02x.%u bars=%08x,%08x,%08x,%08x,%08x,%08x", bus,
			      device, function, registers[4], registers[5], registers[6],
			      registers[7], registers[8], registers[9]);
	else
		describe_line(out, "pci: %02x:%02x.%u bars=%08x,%08x buses=%06x", bus, device,
			      function, registers[4], registers[5], registers[6] & 0xffffff);
}
