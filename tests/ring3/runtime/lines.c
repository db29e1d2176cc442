/* SPDX-License-Identifier: MIT */
#include "tests/ring3/runtime/lines.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/syscall.h"
#include "tests/ring3/runtime/tap.h"

static char buffer[FILE_TEXT_MAX + 1];

long descriptor_text(int fd, const char **text)
{
	u32 length = 0;
	long got;

	while ((got = sys_read(fd, buffer + length, FILE_TEXT_MAX - length)) > 0)
		length += (u32)got;
	buffer[length] = '\0';
	*text = buffer;
	return got < 0 ? got : (long)length;
}

const char *file_text(const char *path)
{
	int fd = (int)sys_open(path, O_RDONLY);
	const char *text;

	EXPECT(descriptor_text(fd, &text) >= 0);
	EXPECT_EQ(sys_close(fd), 0);
	return text;
}

long file_write_text(const char *path, const char *what)
{
	int fd = (int)sys_open(path, O_WRONLY);
	long written;

	if (fd < 0)
		return fd;
	written = sys_write(fd, what, strlen(what));
	EXPECT_EQ(sys_close(fd), 0);
	return written;
}

long file_try(const char *path, int flags)
{
	long fd = sys_open(path, flags);

	if (fd >= 0)
		sys_close((int)fd);
	return fd < 0 ? fd : 0;
}

bool text_begins(const char *text, const char *with)
{
	while (*with && *text == *with) {
		text++;
		with++;
	}
	return !*with;
}

const char *next_line(const char *line)
{
	while (*line && *line != '\n')
		line++;
	return *line ? line + 1 : NULL;
}

u32 number_in(const char *text, u32 base)
{
	u32 number = 0;

	for (; *text; text++) {
		u32 digit = *text >= 'a' ? *text - 'a' + 10u : *text - (u32)'0';

		if (digit >= base)
			break;
		number = number * base + digit;
	}
	return number;
}

u32 field_in(const char *text, const char *name)
{
	while (text && !(text_begins(text, name) && text[strlen(name)] == ':'))
		text = next_line(text);
	if (!text) {
		tap_line(name);
		EXPECT(text);
		return 0;
	}
	text += strlen(name) + 1;
	while (*text == ' ' || *text == '\t')
		text++;
	return number_in(text, 10);
}

bool cpu_flag(const char *flag)
{
	const char *text = file_text("/proc/cpuinfo");
	u32 length = strlen(flag);

	while (text && !text_begins(text, "flags"))
		text = next_line(text);
	for (; text && *text && *text != '\n'; text++)
		if (*text == ' ' && text_begins(text + 1, flag) &&
		    (text[length + 1] == ' ' || text[length + 1] == '\n'))
			return true;
	return false;
}

const char *proc_path(int pid, const char *name)
{
	static struct text path;

	text_clear(&path);
	text_add(&path, "/proc/");
	text_add_decimal(&path, pid);
	text_add(&path, name);
	return path.data;
}

const char *stat_word(const char *text, u32 number)
{
	const char *word = text;

	for (const char *at = text; *at; at++)
		if (*at == ')')
			word = at + 2;
	for (u32 i = 3; i < number && *word; i++) {
		while (*word && *word != ' ' && *word != '\n')
			word++;
		word += *word != '\0';
	}
	return word;
}
