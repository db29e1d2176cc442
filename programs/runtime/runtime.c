/* SPDX-License-Identifier: MIT */
#include "programs/runtime/runtime.h"

#define TEXT_SIZE KiB(256)

static char shared_text[TEXT_SIZE];

static void write_all(int fd, const char *text, u32 length)
{
	while (length) {
		long done = sys_write(fd, text, length);

		if (done <= 0)
			sys_exit_group(1);
		text += done;
		length -= (u32)done;
	}
}

static void print(int fd, const char *format, va_list arguments)
{
	char text[1024];
	int length = vscnprintf(text, sizeof(text), format, arguments);

	write_all(fd, text, (u32)length);
}

void say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print(1, format, arguments);
	va_end(arguments);
}

void die(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print(2, format, arguments);
	va_end(arguments);
	sys_exit_group(1);
}

long read_text(const char *path, char *buffer, u32 size)
{
	u32 length = 0;
	long fd = sys_open(path, O_RDONLY), done = 1;

	if (fd < 0)
		return fd;
	while (done > 0 && length < size - 1) {
		done = sys_read((int)fd, buffer + length, size - 1 - length);
		if (done > 0)
			length += (u32)done;
	}
	sys_close((int)fd);
	buffer[length] = '\0';
	return done < 0 ? done : (long)length;
}

char *must_read(const char *path)
{
	long length = read_text(path, shared_text, sizeof(shared_text));

	if (length < 0)
		die("%s can't be read: error %ld\n", path, -length);
	return shared_text;
}

u32 number(const char *text, u32 most)
{
	const char *end = text;
	u64 value = 0;

	if (!text || parse_u64(text, &end, 0, &value) || *end || value > most)
		die("%s: a number of at most %u is wanted\n", text ? text : "(nothing)", most);
	return (u32)value;
}

char *next_line(char **text)
{
	char *line = *text, *end;

	if (!*line)
		return NULL;
	end = strchr(line, '\n');
	*text = end ? end + 1 : line + strlen(line);
	if (end)
		*end = '\0';
	return line;
}

char *next_word(char **line)
{
	char *word = *line, *end;

	while (*word == ' ' || *word == '\t')
		word++;
	for (end = word; *end && *end != ' ' && *end != '\t'; end++)
		;
	*line = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

static u64 value_of(const char *word, u32 base)
{
	const char *end;
	u64 value;

	return parse_u64(word, &end, base, &value) ? 0 : value;
}

u64 decimal(const char *word)
{
	return value_of(word, 10);
}

u64 hexadecimal(const char *word)
{
	return value_of(word, 16);
}

u32 field(const char *path, const char *name)
{
	static char text[KiB(8)];
	char *rest = text, *line;
	size_t length = strlen(name);

	if (read_text(path, text, sizeof(text)) < 0)
		return 0;
	while ((line = next_line(&rest))) {
		if (strncmp(line, name, length) || line[length] != ':')
			continue;
		line += length + 1;
		return (u32)decimal(next_word(&line));
	}
	return 0;
}
