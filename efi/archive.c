/* SPDX-License-Identifier: MIT */
#include "efi/archive.h"
#include "lib/printf.h"
#include "lib/string.h"

#define HEADER 110u
#define FIELD  8u /* digits of a number */

/* Places of numbers in the header. */
#define AT_FILESIZE 54u
#define AT_NAMESIZE 94u

/* False: a character is no hexadecimal digit. */
static bool read_number(const char *digits, size_t *number)
{
	*number = 0;
	for (u32 i = 0; i < FIELD; i++) {
		char c = digits[i], lower = (char)(c | 0x20);

		if (c >= '0' && c <= '9')
			*number = *number << 4 | (u32)(c - '0');
		else if (lower >= 'a' && lower <= 'f')
			*number = *number << 4 | (u32)(lower - 'a' + 10);
		else
			return false;
	}
	return true;
}

size_t archive_end(const void *archive, size_t size)
{
	const char *base = archive;
	size_t at = 0, name, bytes, left;

	for (;;) {
		left = size - at;
		if (left < HEADER || memcmp(base + at, "07070", 5) != 0 ||
		    !read_number(base + at + AT_FILESIZE, &bytes) ||
		    !read_number(base + at + AT_NAMESIZE, &name))
			return size;
		if (!name || name > left - HEADER || bytes > left)
			return size;
		if (name == sizeof(ARCHIVE_TRAILER) &&
		    !memcmp(base + at + HEADER, ARCHIVE_TRAILER, name))
			return at;
		name = ALIGN_UP(HEADER + name, 4) + ALIGN_UP(bytes, 4);
		if (name > left)
			return size;
		at += name;
	}
}

size_t archive_entry_size(const char *name, size_t bytes)
{
	return ALIGN_UP(HEADER + strlen(name) + 1, 4) + ALIGN_UP(bytes, 4);
}

void *archive_put(void *to, const char *name, u32 mode, size_t bytes)
{
	size_t length = strlen(name) + 1, head = ALIGN_UP(HEADER + length, 4);
	char header[HEADER + 1];
	u8 *place = to;

	scnprintf(header, sizeof(header),
		  "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 0, mode, 0, 0, 1, 0,
		  (u32)bytes, 0, 0, 0, 0, (u32)length, 0);
	memset(place, 0, head);
	memcpy(place, header, HEADER);
	memcpy(place + HEADER, name, length);
	memset(place + head + bytes, 0, ALIGN_UP(bytes, 4) - bytes);
	return place + head;
}
