/* SPDX-License-Identifier: MIT */
/* Keeps the words of run=, arg=, env= and cwd=, one after the other in one text. */
#include "kernel/start/command.h"
#include "abi/linux/errno.h"
#include "lib/string.h"

struct command command;

void command_clear(void)
{
	memset(&command, 0, sizeof(command));
}

/* The value of a hexadecimal digit; -1: it is none. */
static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * Adds a word to the text, escapes decoded. Returns it, or NULL: malformed, or there is no space.
 */
static const char *keep(const char *value)
{
	char *word = command.text + command.used, *to = word;

	if (strlen(value) >= sizeof(command.text) - command.used)
		return NULL;
	for (; *value; value++) {
		char c = *value;

		if (c == '%') {
			int high = digit(value[1]), low = high < 0 ? -1 : digit(value[2]);

			if (low < 0 || !(high | low))
				return NULL;
			c = (char)(high << 4 | low);
			value += 2;
		}
		*to++ = c;
	}
	*to++ = '\0';
	command.used += (size_t)(to - word);
	return word;
}

int command_set_path(const char *value)
{
	const char *path = *value ? keep(value) : NULL;

	if (!path)
		return -EINVAL;
	if (!command.argc)
		command.argc = 1;
	command.argv[0] = path;
	return 0;
}

int command_set_cwd(const char *value)
{
	const char *path = *value ? keep(value) : NULL;

	if (!path)
		return -EINVAL;
	command.cwd = path;
	return 0;
}

int command_add_argument(const char *value)
{
	const char *word = keep(value);
	u32 place = max(command.argc, 1u);

	if (!word || place == COMMAND_WORDS)
		return -EINVAL;
	command.argv[place] = word;
	command.argc = place + 1;
	return 0;
}

int command_add_environment(const char *value)
{
	const char *word = strchr(value, '=') > value ? keep(value) : NULL;

	if (!word || command.envc == COMMAND_WORDS)
		return -EINVAL;
	command.envp[command.envc++] = word;
	return 0;
}
