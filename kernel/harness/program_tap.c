/* SPDX-License-Identifier: MIT */
/* Parses TAP, line by line. */
#include "kernel/harness/program_tap.h"
#include "lib/string.h"
#include "lib/text.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *text)
{
	while (is_blank(*text))
		text++;
	return text;
}

/* Does the text start with this word, in letters of either case? */
static bool has_word(const char *text, const char *word)
{
	for (; *word; text++, word++)
		if ((*text | 0x20) != *word)
			return false;
	return !(*text >= '0' && *text <= '9') && *text != '_' &&
	       !((*text | 0x20) >= 'a' && (*text | 0x20) <= 'z');
}

/* A decimal number, followed by a blank or the line's end. */
static bool take_number(const char **text, u32 *number)
{
	const char *end;
	u64 value;

	if (parse_u64(*text, &end, 10, &value) || value > UINT32_MAX || (*end && !is_blank(*end)))
		return false;
	*text = end;
	*number = (u32)value;
	return true;
}

/*
 * The directive `# word` of a result: index of the first known word after a `#` that begins the
 * name or follows a blank. -1: none.
 */
static int find_directive(const char *name)
{
	static const char *const words[] = { "skip", "todo", "xfail", "timeout", "error" };

	for (const char *at = name; *at; at++) {
		if (*at != '#' || (at > name && !is_blank(at[-1])))
			continue;
		for (u32 i = 0; i < ARRAY_SIZE(words); i++)
			if (has_word(skip_blanks(at + 1), words[i]))
				return (int)i;
	}
	return -1;
}

static bool take_plan(struct program_tap *tap, const char *line)
{
	u32 plan;

	if (strncmp(line, "1..", 3))
		return false;
	line += 3;
	if (!take_number(&line, &plan))
		return false;
	line = skip_blanks(line);
	if (*line && (*line != '#' || !has_word(skip_blanks(line + 1), "skip")))
		return false;
	tap->wrong |= tap->planned;
	tap->planned = true;
	tap->skips_all = *line;
	tap->plan = plan;
	return true;
}

static void take_result(struct program_tap *tap, const char *line)
{
	bool not_ok = !strncmp(line, "not ok", 6);
	u32 number = 0;
	int directive;

	line += not_ok ? 4 : 0;
	if (strncmp(line, "ok", 2) || (line[2] && !is_blank(line[2])))
		return;
	line = skip_blanks(line + 2);
	take_number(&line, &number);
	tap->wrong |= number != ++tap->results;
	directive = find_directive(line);
	/* SKIP, TODO and XFAIL excuse a failure; TIMEOUT and ERROR are one. */
	tap->failed += directive < 0 ? not_ok : directive > 2;
}

static void take_line(struct program_tap *tap)
{
	while (tap->used && is_blank(tap->line[tap->used - 1]))
		tap->used--;
	tap->line[tap->used] = '\0';
	tap->used = 0;
	if (!strncmp(tap->line, "Bail out!", 9))
		tap->bailed_out = true;
	else if (!take_plan(tap, tap->line))
		take_result(tap, tap->line);
}

void tap_begin(struct program_tap *tap)
{
	memset(tap, 0, sizeof(*tap));
}

void tap_take(struct program_tap *tap, const char *text, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (text[i] == '\n')
			take_line(tap);
		else if (tap->used < TAP_LINE - 1)
			tap->line[tap->used++] = text[i];
	}
}

enum tap_verdict tap_end(struct program_tap *tap)
{
	take_line(tap);
	if (tap->bailed_out)
		return TAP_FAILED;
	if (!tap->planned)
		return TAP_NONE;
	if (tap->wrong || tap->failed || tap->results != tap->plan)
		return TAP_FAILED;
	if (!tap->plan)
		return tap->skips_all ? TAP_SKIPPED : TAP_FAILED;
	return TAP_PASSED;
}
