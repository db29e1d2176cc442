/* SPDX-License-Identifier: MIT */
/*
 * The first line of scripts: which arguments an interpreter gets, and which lines are refused.
 *
 * sources: kernel/exec/script.c
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "kernel/exec/script.h"
#include "tests/host/tap.h"

static struct exec_script script;
static const char *interpreter;

/* As if these bytes were the whole file. */
static int read_bytes(const char *head, u32 bytes)
{
	interpreter = NULL;
	return script_read(&script, "path", head, bytes, &interpreter);
}

static int read_text(const char *text)
{
	memset(&script, 0, sizeof(script));
	return read_bytes(text, (u32)strlen(text));
}

/* The strings in place of argv[0], in their order, with a '|' behind each. */
static const char *before(void)
{
	static char text[2 * SCRIPT_LINE];

	*text = '\0';
	for (u32 i = script.count; i--;) {
		strcat(text, script.before[i]);
		strcat(text, "|");
	}
	return text;
}

static void marks(void)
{
	EXPECT(is_script("#!", 2));
	EXPECT(is_script("#!/bin/sh", 9));
	EXPECT(!is_script("#!", 1));
	EXPECT(!is_script("#!", 0));
	EXPECT(!is_script("# !", 3));
	EXPECT(!is_script("!#", 2));
	EXPECT(!is_script("\177ELF", 4));
}

static void lines(void)
{
	static const struct {
		const char *line, *before;
	} cases[] = {
		{ "#!/bin/sh\n", "/bin/sh|path|" },
		{ "#!/bin/sh", "/bin/sh|path|" },
		{ "#!/bin/sh\n-x\n", "/bin/sh|path|" },
		{ "#! \t /bin/sh\n", "/bin/sh|path|" },
		{ "#!/bin/sh \t \n", "/bin/sh|path|" },
		{ "#!/bin/sh \t ", "/bin/sh|path|" },
		{ "#!/bin/sh -e\n", "/bin/sh|-e|path|" },
		{ "#!/bin/sh\t-e", "/bin/sh|-e|path|" },
		{ "#!/bin/sh \t -e  -x \t\n", "/bin/sh|-e  -x|path|" },
		{ "#!a b\n", "a|b|path|" },
		{ "#!a\0b\n", "a|path|" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(read_text(cases[i].line), 0);
		EXPECT_TEXT(before(), cases[i].before);
		EXPECT(interpreter == script.before[script.count - 1]);
		EXPECT_EQ(script.depth, 1);
	}
}

static void no_name(void)
{
	EXPECT_EQ(read_text("#!\n"), -ENOEXEC);
	EXPECT_EQ(read_text("#! \t \n/bin/sh\n"), -ENOEXEC);
	EXPECT_EQ(read_text("#!"), -EACCES);
	EXPECT_EQ(read_text("#! \t "), -EACCES);
	EXPECT(!interpreter && !script.count && !script.depth);
}

/* A line that fills what is looked at: `name` bytes of a name, then `after`, then more letters. */
static int read_full(u32 name, char after)
{
	static char head[SCRIPT_LINE];

	memset(&script, 0, sizeof(script));
	memset(head, 'a', sizeof(head));
	memcpy(head, "#!", 2);
	if (2 + name < SCRIPT_LINE)
		head[2 + name] = after;
	return read_bytes(head, SCRIPT_LINE);
}

static void long_lines(void)
{
	EXPECT_EQ(read_full(SCRIPT_LINE - 2, 'a'), -ENOEXEC);
	EXPECT_EQ(read_full(SCRIPT_LINE - 3, '\n'), 0);
	EXPECT_EQ(strlen(interpreter), SCRIPT_LINE - 3);
	EXPECT_EQ(read_full(SCRIPT_LINE - 3, ' '), -ENOEXEC); /* the blank may be part of more */
	EXPECT_EQ(read_full(SCRIPT_LINE - 4, ' '), 0);
	EXPECT_EQ(strlen(interpreter), SCRIPT_LINE - 4);
	EXPECT_EQ(strlen(script.before[1]), 1); /* an argument that is cut */
	EXPECT_EQ(read_full(10, ' '), 0);
	EXPECT_EQ(strlen(script.before[1]), SCRIPT_LINE - 13);
	/* The end of the file, one byte before all of it is looked at. */
	memset(&script, 0, sizeof(script));
	EXPECT_EQ(read_bytes("#!a", 3), 0);
	EXPECT_EQ(strlen(interpreter), 1);
}

/* Each is the interpreter of the one before it. Only the first has a path that is told. */
static void scripts_of_scripts(void)
{
	EXPECT_EQ(read_text("#!b one\n"), 0);
	EXPECT_EQ(read_bytes("#!c\n", 4), 0);
	EXPECT_EQ(read_bytes("#!d three\n", 10), 0);
	EXPECT_TEXT(before(), "d|three|c|b|one|path|");
	EXPECT_TEXT(interpreter, "d");
	EXPECT_EQ(script.depth, 3);
	EXPECT_EQ(read_bytes("#!e 4\n", 6), 0);
	EXPECT_EQ(read_bytes("#!f 5\n", 6), 0);
	EXPECT_TEXT(before(), "f|5|e|4|d|three|c|b|one|path|");
	EXPECT_EQ(read_bytes("#!g\n", 4), -ELOOP);
	EXPECT_TEXT(before(), "f|5|e|4|d|three|c|b|one|path|");
}

TAP_MAIN({ "the first two bytes", marks }, { "lines and arguments", lines },
	 { "lines without a name", no_name }, { "lines that are cut", long_lines },
	 { "scripts of scripts", scripts_of_scripts })
