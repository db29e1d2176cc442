/* SPDX-License-Identifier: MIT */
#include "kernel/exec/script.h"
#include "abi/linux/errno.h"
#include "lib/string.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool is_script(const char *head, u32 bytes)
{
	return bytes >= 2 && head[0] == '#' && head[1] == '!';
}

/* Ends the text at the end of its line, before blanks. Returns whether the line has an end. */
static bool end_line(char *text)
{
	char *end = strchr(text, '\n');
	bool ended = end;

	if (!end)
		end = text + strlen(text);
	while (end > text && is_blank(end[-1]))
		end--;
	*end = '\0';
	return ended;
}

int script_read(struct exec_script *script, const char *path, const char *head, u32 bytes,
		const char **interpreter)
{
	char *name, *argument;
	bool ended;

	if (script->depth == SCRIPTS_MAX)
		return -ELOOP;
	name = script->lines[script->depth];
	memcpy(name, head, bytes);
	name[bytes] = '\0';
	ended = end_line(name + 2);
	for (name += 2; is_blank(*name); name++)
		;
	for (argument = name; *argument && !is_blank(*argument); argument++)
		;
	/* A name that is cut would start another program; an argument may be cut, as on Linux. */
	if (!*argument && !ended && bytes == SCRIPT_LINE)
		return -ENOEXEC;
	/* At the end of the file, Linux takes an empty name for the working directory. */
	if (!*name)
		return ended ? -ENOEXEC : -EACCES;
	while (is_blank(*argument))
		*argument++ = '\0';
	if (!script->depth)
		script->before[script->count++] = path;
	if (*argument)
		script->before[script->count++] = argument;
	script->before[script->count++] = name;
	script->depth++;
	*interpreter = name;
	return 0;
}
