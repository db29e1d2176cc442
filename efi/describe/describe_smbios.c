/* SPDX-License-Identifier: MIT */
/* SMBIOS: names, versions and dates; serial numbers and UUIDs only with `serials`. */
#include "efi/describe/describe.h"
#include "lib/printf.h"
#include "lib/string.h"

#define HEADER_SIZE 4u /* type, length, handle */
#define TYPE_END    127u
#define LINE_SIZE   400u

enum field_kind { STRING, SERIAL, BYTE, WORD, UUID };

struct field {
	u8 type, at; /* of the structure; offset in it */
	u8 kind;
	const char *name;
};

static const struct field fields[] = {
	{ 0, 0x04, STRING, "vendor" },
	{ 0, 0x05, STRING, "version" },
	{ 0, 0x08, STRING, "date" },
	{ 1, 0x04, STRING, "manufacturer" },
	{ 1, 0x05, STRING, "product" },
	{ 1, 0x06, STRING, "version" },
	{ 1, 0x07, SERIAL, "serial" },
	{ 1, 0x08, UUID, "uuid" },
	{ 1, 0x19, STRING, "sku" },
	{ 1, 0x1a, STRING, "family" },
	{ 2, 0x04, STRING, "manufacturer" },
	{ 2, 0x05, STRING, "product" },
	{ 2, 0x06, STRING, "version" },
	{ 2, 0x07, SERIAL, "serial" },
	{ 2, 0x08, SERIAL, "asset" },
	{ 3, 0x04, STRING, "manufacturer" },
	{ 3, 0x05, BYTE, "kind" },
	{ 3, 0x07, SERIAL, "serial" },
	{ 3, 0x08, SERIAL, "asset" },
	{ 4, 0x04, STRING, "socket" },
	{ 4, 0x07, STRING, "manufacturer" },
	{ 4, 0x10, STRING, "version" },
	{ 4, 0x14, WORD, "mhz_max" },
	{ 4, 0x16, WORD, "mhz" },
	{ 4, 0x23, BYTE, "cores" },
	{ 17, 0x0c, WORD, "mib" },
	{ 17, 0x10, STRING, "place" },
	{ 17, 0x15, WORD, "speed" },
	{ 17, 0x17, STRING, "manufacturer" },
	{ 17, 0x18, SERIAL, "serial" },
	{ 17, 0x1a, STRING, "part" },
};

/* Structures of other types are left out. */
static const char *const type_names[] = {
	[0] = "firmware", [1] = "system",    [2] = "board",
	[3] = "chassis",  [4] = "processor", [17] = "memory",
};

/* A structure, and the strings after it: each ends in NUL, and an empty one ends the list. */
struct structure {
	const u8 *start;
	u32 length;
	const u8 *end; /* of structure and strings */
};

/* The string of this number, from 1; *length is 0 if there is none. */
static const char *string_of(const struct structure *structure, u32 number, u32 *length)
{
	const char *at = (const char *)structure->start + structure->length;

	for (*length = 0; number != 0 && at < (const char *)structure->end; number--) {
		*length = (u32)strnlen(at, (size_t)((const char *)structure->end - at));
		if (number == 1)
			return at;
		at += *length + 1;
	}
	*length = 0;
	return "";
}

/* Finds the next structure; false: there is no complete one. */
static bool next_structure(const u8 *at, const u8 *end, struct structure *structure)
{
	if (end - at < (ptrdiff_t)HEADER_SIZE || at[1] < HEADER_SIZE || at[1] > end - at)
		return false;
	*structure = (struct structure){ at, at[1], at + at[1] };
	/* Two NULs: the end of the last string, if any, and the end of the list. */
	for (; end - structure->end >= 2; structure->end++) {
		if (structure->end[0] == 0 && structure->end[1] == 0) {
			structure->end += 2;
			return true;
		}
	}
	return false;
}

static int add_uuid(char *line, u32 size, const u8 *uuid, const char *name)
{
	int length = scnprintf(line, size, " %s=", name);

	for (u32 i = 0; i < 16; i++)
		length += scnprintf(line + length, size - (u32)length, "%02x", uuid[i]);
	return length;
}

static int add_field(char *line, u32 size, const struct structure *structure,
		     const struct field *field)
{
	const u8 *at = structure->start + field->at;
	u32 bytes = field->kind == WORD ? 2 : field->kind == UUID ? 16 : 1, length;
	const char *text;

	if (field->at + bytes > structure->length)
		return 0;
	if (field->kind == UUID)
		return add_uuid(line, size, at, field->name);
	if (field->kind == WORD)
		return scnprintf(line, size, " %s=%u", field->name, at[0] | (u32)at[1] << 8);
	if (field->kind == BYTE)
		return scnprintf(line, size, " %s=%u", field->name, at[0]);
	text = string_of(structure, at[0], &length);
	return scnprintf(line, size, " %s=\"%.*s\"", field->name, (int)min(length, 64u), text);
}

static void add_structure(struct description *out, const struct structure *structure)
{
	u8 type = structure->start[0];
	char line[LINE_SIZE] = "";
	int length = 0;

	if (type >= ARRAY_SIZE(type_names) || !type_names[type])
		return;
	for (u32 i = 0; i < ARRAY_SIZE(fields); i++) {
		const struct field *field = &fields[i];
		bool hidden = (field->kind == SERIAL || field->kind == UUID) && !out->serials;

		if (field->type == type && !hidden)
			length +=
				add_field(line + length, LINE_SIZE - (u32)length, structure, field);
	}
	describe_line(out, "smbios: %s%s", type_names[type], line);
}

void describe_smbios(struct description *out, const void *table, u32 bytes)
{
	const u8 *at = table, *end = at + bytes;
	struct structure structure;

	while (next_structure(at, end, &structure) && structure.start[0] != TYPE_END) {
		add_structure(out, &structure);
		at = structure.end;
	}
}
