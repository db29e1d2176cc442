/* SPDX-License-Identifier: MIT */
/*
 * Gathers the words of all sources into one string. kernel/start/options.c says what they mean.
 *
 *     pagewright.txt:  mem=64M   # a comment        options:  "mem=64M panic=-1 init=/tests/cow"
 *                      panic=-1
 *     load options:    BOOTX64.EFI init=/tests/cow
 *
 * Invariants of the string:
 *   (1) it ends in NUL at `length`, and length < size;
 *   (2) words are separated by exactly one blank, with none before the first and after the last;
 *   (3) every character is printable ASCII.
 */
#include "efi/options.h"
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "lib/text.h"

#define BYTE_ORDER_MARK 0xfeffu
#define END_OF_TEXT	0x1au /* of DOS */

struct writer {
	char *text;
	size_t size;
	size_t length;
	bool in_word; /* the next character continues the last word */
};

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

/* Characters of one or two bytes; the address may be odd. */
struct text {
	const u8 *bytes;
	size_t length; /* characters */
	unsigned int width;
	bool big_endian;
};

static unsigned int char_at(const struct text *text, size_t index)
{
	const u8 *at = text->bytes + text->width * index;

	if (text->width == 1)
		return at[0];
	return text->big_endian ? at[0] << 8 | at[1] : at[1] << 8 | at[0];
}

static struct text text_from(const struct text *text, size_t start)
{
	struct text rest = *text;

	rest.bytes += text->width * start;
	rest.length -= start;
	return rest;
}

/* The encoding of a file: by the mark at the start, or a NUL beside the first character. */
static struct text decode_file(const u8 *bytes, size_t size)
{
	struct text text = { bytes, size, 1, false };

	if (size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		return text_from(&text, 3);
	if (size < 2 || (bytes[0] && bytes[1] && bytes[0] + bytes[1] != 0xff + 0xfe))
		return text;
	text = (struct text){ bytes, size / 2, 2, bytes[0] == 0 || bytes[0] == 0xfe };
	return char_at(&text, 0) == BYTE_ORDER_MARK ? text_from(&text, 1) : text;
}

/* Adds the text of a file, or with `bad_line` NULL a line in which `#` begins no comment. */
static int add_text(char *options, size_t size, const struct text *text, unsigned int *bad_line)
{
	struct writer writer = { options, size, strlen(options), false };
	size_t old_length = writer.length;
	unsigned int line = 1;
	bool comment = false;

	for (size_t i = 0; i < text->length; i++) {
		unsigned int c = char_at(text, i);

		if (c == END_OF_TEXT)
			break;
		if (c == '\n' || c == '\r') {
			/* CR LF ends one line. */
			line += c == '\r' || i == 0 || char_at(text, i - 1) != '\r';
			comment = false;
		} else if (c == '#' && bad_line) {
			comment = true;
		}
		if (comment || is_blank(c)) {
			writer.in_word = false;
			continue;
		}
		if (!is_printable(c)) {
			c = '?';
			if (bad_line && *bad_line == 0)
				*bad_line = line;
		}
		if (put(&writer, (char)c) != 0) {
			options[old_length] = '\0';
			return -E2BIG;
		}
	}
	return 0;
}

int options_add_file(char *options, size_t size, const void *bytes, size_t count,
		     unsigned int *bad_line)
{
	struct text text = decode_file(bytes, count);

	*bad_line = 0;
	return add_text(options, size, &text, bad_line);
}

/*
 * The end of the program's name, if it is the first word: in quotes, or without the `=` of an
 * option. 0: there is no name.
 */
static size_t program_name_end(const struct text *text)
{
	bool quoted = text->length && char_at(text, 0) == '"', option = false;
	size_t end = quoted;

	while (end < text->length &&
	       (quoted ? char_at(text, end) != '"' : !is_blank(char_at(text, end)))) {
		option |= char_at(text, end) == '=';
		end++;
	}
	if (quoted)
		return min(end + 1, text->length);
	return option ? 0 : end;
}

/* A word that begins with "root=": Linux is told so where its files are, Pagewright has none. */
static bool names_root(const struct text *text)
{
	static const char wanted[] = "root=";
	size_t matched = 0;

	for (size_t i = 0; i < text->length && matched < sizeof(wanted) - 1; i++) {
		unsigned int c = char_at(text, i);
		bool begins = matched > 0 || i == 0 || is_blank(char_at(text, i - 1));

		matched = begins && c == (unsigned int)wanted[matched] ? matched + 1 : 0;
	}
	return matched == sizeof(wanted) - 1;
}

/* The characters up to a NUL or the end, without a mark; -EINVAL if they are no ASCII text. */
static int decode_line(struct text *text, const void *utf16, size_t bytes)
{
	*text = (struct text){ utf16, bytes / 2, 2, false };
	if (text->length && char_at(text, 0) == BYTE_ORDER_MARK)
		*text = text_from(text, 1);
	for (size_t i = 0; i < text->length; i++) {
		unsigned int c = char_at(text, i);

		if (c == 0)
			text->length = i;
		else if (!is_blank(c) && !is_printable(c))
			return -EINVAL;
	}
	return 0;
}

int options_add_load_options(char *options, size_t size, const void *utf16, size_t bytes)
{
	struct text text;

	if (decode_line(&text, utf16, bytes) != 0)
		return -EINVAL;
	if (names_root(&text))
		return -ENOEXEC;
	text = text_from(&text, program_name_end(&text));
	return add_text(options, size, &text, NULL);
}

int options_add_argument(char *options, size_t size, const void *utf16)
{
	struct text text;

	if (decode_line(&text, utf16, 2 * size) != 0)
		return -EINVAL;
	return add_text(options, size, &text, NULL);
}

/* Is the string equal to the `length` characters of text? */
static bool is_text(const char *text, size_t length, const char *string)
{
	return strlen(string) == length && memcmp(text, string, length) == 0;
}

/* The value of the last option of this name, *length characters; NULL: there is none. */
static const char *last_value(const char *options, const char *name, size_t *length)
{
	size_t name_length = strlen(name), word;
	const char *value = NULL;

	for (; *options; options += word + (options[word] == ' ')) {
		for (word = 0; options[word] && options[word] != ' ';)
			word++;
		if (word > name_length && options[name_length] == '=' &&
		    is_text(options, name_length, name)) {
			value = options + name_length + 1;
			*length = word - name_length - 1;
		}
	}
	return value;
}

bool options_say(const char *options, const char *name, const char *value)
{
	size_t length = 0;
	const char *said = last_value(options, name, &length);

	return said && (!value || is_text(said, length, value));
}

bool options_list(const char *options, const char *name, const char *word)
{
	size_t left = 0, length;
	const char *said = last_value(options, name, &left);

	for (; said && left; said += length, left -= length) {
		for (length = 0; length < left && said[length] != ',';)
			length++;
		if (is_text(said, length, word))
			return true;
		length += length < left;
	}
	return false;
}

unsigned int options_number(const char *options, const char *name, unsigned int otherwise)
{
	size_t length = 0;
	const char *said = last_value(options, name, &length);
	const char *end;
	u64 number;

	if (!said || parse_u64(said, &end, 10, &number) || end != said + length || number > 9999)
		return otherwise;
	return (unsigned int)number;
}

unsigned int options_patience(const char *options)
{
	return options_say(options, "exit", "qemu") || options_say(options, "wait", "0") ? 0 : 30;
}
