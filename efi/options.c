/* SPDX-License-Identifier: MIT */
/*
 * The kernel's options, gathered into one string.
 *
 *     pagewright.txt:  mem=64M   # a comment        options:  "mem=64M panic=-1 init=/tests/cow"
 *                      panic=-1
 *     load options:    BOOTX64.EFI init=/tests/cow
 *
 * A writer keeps these:
 *   1. the string ends in NUL at `length`, and length < size;
 *   2. words are separated by exactly one blank, with none before the first and after the last;
 *   3. every character is printable ASCII.
 */
#include "efi/options.h"
#include "lib/errno.h"
#include "lib/string.h"

struct writer {
	char *text;
	size_t size;
	size_t length;
	bool in_word; /* the next character continues the last word */
};

static struct writer writer_at_end(char *options, size_t size)
{
	return (struct writer){ .text = options, .size = size, .length = strlen(options) };
}

static int put(struct writer *writer, char c)
{
	size_t need = writer->in_word || writer->length == 0 ? 1 : 2;

	if (need >= writer->size - writer->length)
		return -E2BIG;
	if (need == 2)
		writer->text[writer->length++] = ' ';
	writer->text[writer->length++] = c;
	writer->text[writer->length] = '\0';
	writer->in_word = true;
	return 0;
}

static bool is_blank(unsigned int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_printable(unsigned int c)
{
	return c > ' ' && c < 0x7f;
}

static int add_text(struct writer *writer, const u8 *text, size_t bytes, unsigned int *bad_line)
{
	unsigned int line = 1;
	bool comment = false;

	for (size_t i = 0; i < bytes; i++) {
		u8 c = text[i];

		if (c == '\n') {
			line++;
			comment = false;
		} else if (c == '#') {
			comment = true;
		}
		if (comment || is_blank(c)) {
			writer->in_word = false;
			continue;
		}
		if (!is_printable(c)) {
			c = '?';
			if (*bad_line == 0)
				*bad_line = line;
		}
		if (put(writer, (char)c) != 0)
			return -E2BIG;
	}
	return 0;
}

int options_add_file(char *options, size_t size, const void *text, size_t bytes,
		     unsigned int *bad_line)
{
	struct writer writer = writer_at_end(options, size);
	size_t old_length = writer.length;
	const u8 *from = text;
	int error;

	*bad_line = 0;
	if (bytes >= 2 && (memcmp(from, "\xff\xfe", 2) == 0 || memcmp(from, "\xfe\xff", 2) == 0))
		return -EINVAL;
	if (bytes >= 3 && memcmp(from, "\xef\xbb\xbf", 3) == 0) {
		from += 3;
		bytes -= 3;
	}
	error = add_text(&writer, from, bytes, bad_line);
	if (error)
		options[old_length] = '\0';
	return error;
}

/* Firmware does not promise an even address. */
static unsigned int utf16_at(const u8 *text, size_t index)
{
	return text[2 * index] | text[2 * index + 1] << 8;
}

static size_t first_word_end(const u8 *text, size_t length)
{
	size_t end = 0;

	while (end < length && !is_blank(utf16_at(text, end)))
		end++;
	return end;
}

static bool ends_in_efi(const u8 *text, size_t end)
{
	static const char suffix[] = ".efi";

	if (end < 4)
		return false;
	for (size_t i = 0; i < 4; i++) {
		unsigned int c = utf16_at(text, end - 4 + i);

		if ((c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) != (unsigned int)suffix[i])
			return false;
	}
	return true;
}

/* A word that begins with "root=": Linux is told so where its files are, Pagewright has none. */
static bool names_root(const u8 *text, size_t length)
{
	static const char wanted[] = "root=";
	size_t matched = 0;

	for (size_t i = 0; i < length && matched < sizeof(wanted) - 1; i++) {
		unsigned int c = utf16_at(text, i);
		bool begins = matched > 0 || i == 0 || is_blank(utf16_at(text, i - 1));

		matched = begins && c == (unsigned int)wanted[matched] ? matched + 1 : 0;
	}
	return matched == sizeof(wanted) - 1;
}

int options_add_load_options(char *options, size_t size, const void *utf16, size_t bytes)
{
	struct writer writer = writer_at_end(options, size);
	size_t old_length = writer.length, length = 0, word_end;
	const u8 *text = utf16;

	for (; length < bytes / 2 && utf16_at(text, length) != 0; length++) {
		unsigned int c = utf16_at(text, length);

		if (!is_blank(c) && !is_printable(c))
			return -EINVAL;
	}
	if (names_root(text, length))
		return -ENOEXEC;
	word_end = first_word_end(text, length);
	for (size_t i = ends_in_efi(text, word_end) ? word_end : 0; i < length; i++) {
		unsigned int c = utf16_at(text, i);

		if (is_blank(c)) {
			writer.in_word = false;
		} else if (put(&writer, (char)c) != 0) {
			options[old_length] = '\0';
			return -E2BIG;
		}
	}
	return 0;
}

/* `length` characters of text, and not more, are the string. */
static bool is_text(const char *text, size_t length, const char *string)
{
	return strlen(string) == length && memcmp(text, string, length) == 0;
}

bool options_say(const char *options, const char *name, const char *value)
{
	size_t name_length = strlen(name), length;
	bool said = false;

	for (; *options; options += length + (options[length] == ' ')) {
		for (length = 0; options[length] && options[length] != ' ';)
			length++;
		if (length > name_length && options[name_length] == '=' &&
		    is_text(options, name_length, name))
			said = is_text(options + name_length + 1, length - name_length - 1, value);
	}
	return said;
}
