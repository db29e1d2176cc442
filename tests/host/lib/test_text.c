/* SPDX-License-Identifier: MIT */
/*
 * lib/text.c and lib/printf.c: numbers, sizes, patterns, bounded copies; printf() against the
 * host's.
 *
 * Inputs lie in heap blocks of exactly their size, so that the sanitizers see a read or a write
 * beyond.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "lib/printf.h"
#include "lib/text.h"
#include "tests/host/tap.h"

static void strscpy_cases(void)
{
	static const struct {
		const char *from;
		size_t size;
		int result;
		const char *to;
	} cases[] = {
		{ "", 1, 0, "" },	    { "", 5, 0, "" },	      { "abc", 4, 3, "abc" },
		{ "abc", 3, -E2BIG, "ab" }, { "abc", 1, -E2BIG, "" }, { "abc", 9, 3, "abc" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		char *from = strdup(cases[i].from), *to = malloc(cases[i].size);

		EXPECT_EQ(strscpy(to, from, cases[i].size), cases[i].result);
		EXPECT_TEXT(to, cases[i].to);
		free(from);
		free(to);
	}
	EXPECT_EQ(strscpy(NULL, "", 0), 0);
	EXPECT_EQ(strscpy(NULL, "a", 0), -E2BIG);
}

static void parse_u64_cases(void)
{
	static const struct {
		const char *text;
		unsigned int base;
		int result;
		u64 value;
		u32 used;
	} cases[] = {
		{ "0", 0, 0, 0, 1 },
		{ "12", 0, 0, 12, 2 },
		{ "12x", 0, 0, 12, 2 },
		{ "0x1F", 0, 0, 31, 4 },
		{ "0Xfg", 0, 0, 15, 3 },
		{ "0x", 0, 0, 0, 1 },
		{ "0xg", 16, 0, 0, 1 },
		{ "0x10", 16, 0, 16, 4 },
		{ "ff", 16, 0, 255, 2 },
		{ "777", 8, 0, 511, 3 },
		{ "18446744073709551615", 0, 0, ~0ull, 20 },
		{ "18446744073709551616", 0, -ERANGE, 0, 0 },
		{ "99999999999999999999999", 0, -ERANGE, 0, 0 },
		{ "0xffffffffffffffff", 0, 0, ~0ull, 18 },
		{ "0x10000000000000000", 0, -ERANGE, 0, 0 },
		{ "", 0, -EINVAL, 0, 0 },
		{ "-1", 0, -EINVAL, 0, 0 },
		{ "+1", 0, -EINVAL, 0, 0 },
		{ " 1", 0, -EINVAL, 0, 0 },
		{ "x", 0, -EINVAL, 0, 0 },
		{ "8", 8, -EINVAL, 0, 0 },
		{ "\x11", 0, -EINVAL, 0, 0 },
		{ "{", 36, -EINVAL, 0, 0 }, /* the character after z */
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = strdup(cases[i].text);
		const char *end = NULL;
		u64 value = 7;
		int result = parse_u64(text, &end, cases[i].base, &value);

		tap_check(result == cases[i].result, __FILE__, __LINE__, "\"%s\": %d", text,
			  result);
		if (!result) {
			EXPECT_EQ(value, cases[i].value);
			EXPECT_EQ(end - text, cases[i].used);
		}
		free(text);
	}
}

static void parse_size_cases(void)
{
	static const struct {
		const char *text;
		int result;
		u64 bytes;
	} cases[] = {
		{ "0", 0, 0 },
		{ "4096", 0, 4096 },
		{ "64M", 0, 64ull << 20 },
		{ "64m", 0, 64ull << 20 },
		{ "1k", 0, 1024 },
		{ "0x10K", 0, 16384 },
		{ "3G", 0, 3ull << 30 },
		{ "17179869183G", 0, 17179869183ull << 30 },
		{ "17179869184G", -ERANGE, 0 },
		{ "18014398509481984K", -ERANGE, 0 },
		{ "64MB", -EINVAL, 0 },
		{ "64 M", -EINVAL, 0 },
		{ "M", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
		{ "1T", -EINVAL, 0 },
		{ "1\v", -EINVAL, 0 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = strdup(cases[i].text);
		u64 bytes = 7;
		int result = parse_size(text, &bytes);

		tap_check(result == cases[i].result, __FILE__, __LINE__, "\"%s\": %d", text,
			  result);
		EXPECT_EQ(bytes, result ? 7 : cases[i].bytes);
		free(text);
	}
}

static void glob_cases(void)
{
	static const struct {
		const char *patterns, *text;
		bool matches;
	} cases[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "*", "", true },
		{ "*", "abc", true },
		{ "?", "", false },
		{ "?", "a", true },
		{ "?", "ab", false },
		{ "a*c", "abbc", true },
		{ "a*c", "ab", false },
		{ "a*b*c", "aXbXbXc", true },
		{ "**a**", "bab", true },
		{ "abc", "abc", true },
		{ "abc", "abcd", false },
		{ "abcd", "abc", false },
		{ "x,abc", "abc", true },
		{ "x,y", "abc", false },
		{ "x,", "", true },
		{ ",x", "x", true },
		{ "buddy*,slab", "slab", true },
		{ "buddy*,slab", "slabs", false },
		{ "none", "cow", false },
		{ "*a", "ba", true },
		{ "*a", "ab", false },
		{ "*,", "q", true },
		{ "?*", "q", true },
		{ "*??", "q", false },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		char *patterns = strdup(cases[i].patterns), *text = strdup(cases[i].text);

		tap_check(glob_match(patterns, text) == cases[i].matches, __FILE__, __LINE__,
			  "glob_match(\"%s\", \"%s\")", patterns, text);
		free(patterns);
		free(text);
	}
}

/* The plain definition; lib/text.c is iterative. */
static bool glob_reference(const char *pattern, const char *text)
{
	if (!*pattern)
		return !*text;
	if (*pattern == '*')
		return glob_reference(pattern + 1, text) ||
		       (*text && glob_reference(pattern, text + 1));
	return *text && (*pattern == '?' || *pattern == *text) &&
	       glob_reference(pattern + 1, text + 1);
}

static void glob_random(void)
{
	for (u32 step = 0; step < tap_scaled(100000) && !tap_failed(); step++) {
		char pattern[8] = "", text[8] = "";

		for (u32 i = random_below(7); i-- > 0;)
			pattern[i] = "ab*?"[random_below(4)];
		for (u32 i = 0, n = random_below(7); i < n; i++) {
			text[i] = "ab"[random_below(2)];
			if (!pattern[i])
				pattern[i] = '*';
		}
		tap_check(glob_match(pattern, text) == glob_reference(pattern, text), __FILE__,
			  __LINE__, "glob_match(\"%s\", \"%s\")", pattern, text);
	}
}

/* The host's snprintf() is the oracle, also where the buffer is too small. */
#define SAME(format, ...)                                                                       \
	do {                                                                                    \
		char expected[128];                                                             \
		int length = snprintf(expected, sizeof(expected), format, ##__VA_ARGS__);       \
                                                                                                \
		for (int size = 1; size <= length + 2; size++) {                                \
			char *got = malloc((size_t)size);                                       \
			int kept = min(length, size - 1);                                       \
                                                                                                \
			EXPECT_EQ(scnprintf(got, (size_t)size, format, ##__VA_ARGS__), kept);   \
			tap_check(!memcmp(got, expected, (size_t)kept) && !got[kept], __FILE__, \
				  __LINE__, "%s in %d bytes: \"%s\", expected \"%s\"", #format, \
				  size, got, expected);                                         \
			free(got);                                                              \
		}                                                                               \
	} while (0)

/* The formats are not literal here, so that the compiler does not object to the odd ones. */
static void printf_numbers(void)
{
	static const char *const formats[] = {
		"%d",	 "%5d",	    "%-5d|",  "%05d", "%+d",	"% d",	  "%+05d", "%.3d",
		"%8.3d", "%-8.3d|", "%08.3d", "%u",   "%10u",	"%-10u|", "%010u", "%x",
		"%X",	 "%8x",	    "%08X",   "%.8x", "%12.8x", "%i",
	};
	static const int values[] = { 1, -1, 9, 42, -4096, 65536, INT32_MAX, INT32_MIN };

	for (u32 f = 0; f < ARRAY_SIZE(formats); f++) {
		const char *format = formats[f];

		for (u32 v = 0; v < ARRAY_SIZE(values); v++)
			SAME(format, values[v]);
		SAME(format, 0);
	}
	SAME("%#x %#10x %#010x %-#10x|", 255u, 255u, 255u, 255u);
	SAME("%*d %-*d| %.*d", 6, 42, 6, 42, 4, 42);
	SAME("%*d|%*s|", -6, 42, -5, "ab");
}

static void printf_lengths(void)
{
	SAME("%ld %lu %lx", -1L, 1UL, ~0UL);
	SAME("%lld %llu %llx %llX", (s64)INT64_MIN, (u64)UINT64_MAX, 0x123456789abcdef0ull,
	     0xfedcba98ull);
	SAME("%020llu|%-20llu|%+lld", 10000000000ull, 10000000001ull, 1ll);
	SAME("%zu %zx", (size_t)12345, (size_t)-1);
	SAME("%lld", 1000000000000000000ll);
}

static void printf_text(void)
{
	const char text[3] = { 'a', 'b', 'c' }; /* no NUL: the precision bounds the read */

	SAME("%s|%10s|%-10s|%.2s|%10.2s|%-10.2s|", "abc", "abc", "abc", "abc", "abc", "abc");
	SAME("%.3s|%.0s|%.*s", text, "x", 2, text);
	SAME("%c%c%c", 'x', 'y', 'z');
	SAME("100%%");
	SAME("no conversion");
}

/* Rules of lib/printf.h that the C library lacks or contradicts. */
static void printf_own(void)
{
	/* Not literal where they are used: the compiler knows only the C library's rules. */
	static const char *const odd[] = { "%d %y %", "%s", "", "%05.0d" };
	const char *volatile none = NULL;
	char text[64];

	EXPECT_EQ(scnprintf(NULL, 0, "%d", 1), 0);
	scnprintf(text, sizeof(text), "%#x", 0);
	EXPECT_TEXT(text, "0x0");
	scnprintf(text, sizeof(text), "%p", (void *)0x1234);
	EXPECT_TEXT(text, "0x00001234");
	scnprintf(text, sizeof(text), odd[0], 5);
	EXPECT_TEXT(text, "5 %y %");
	scnprintf(text, sizeof(text), odd[1], none);
	EXPECT_TEXT(text, "(null)");
	EXPECT_EQ(scnprintf(text, sizeof(text), odd[2]), 0);
	EXPECT_TEXT(text, "");
	scnprintf(text, sizeof(text), odd[3], 42); /* a precision turns the flag 0 off */
	EXPECT_TEXT(text, "   42");
}

static void escaped(char *text, size_t size, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vscnprintf_escaped(text, size, format, arguments);
	va_end(arguments);
}

/* A name cannot end a line of the log, nor move a terminal's cursor; UTF-8 stays readable. */
static void printf_escaped(void)
{
	static const struct {
		const char *from, *to;
	} cases[] = {
		{ "plain name", "plain name" },
		{ "a\nverdict: result=pass", "a\\x0averdict: result=pass" },
		{ "\r\t\x1b[2J\x7f", "\\x0d\\x09\\x1b[2J\\x7f" },
		{ "gr\xc3\xbc\xc3\x9f \xe2\x80\x9cx\xe2\x80\x9d",
		  "gr\xc3\xbc\xc3\x9f \xe2\x80\x9cx\xe2\x80\x9d" },
		{ "\xc2\x9b"
		  "2J \x9b"
		  "2J",
		  "\xc2\\x9b2J \\x9b2J" },
	};
	/* After an ASCII character 0x80 to 0x9f are controls, and as U+0080 to U+009F. */
	static const struct {
		u8 before, c;
		u32 length;
	} edges[] = {
		{ 'a', ' ', 1 },   { 'a', 0x1f, 4 },  { 'a', 0x7e, 1 },	 { 'a', 0x7f, 4 },
		{ 'a', 0x80, 4 },  { 'a', 0x9f, 4 },  { 'a', 0xa0, 1 },	 { 0x7f, 0x9f, 4 },
		{ 0x80, 0x9f, 1 }, { 0xc2, 0x80, 4 }, { 0xc2, 0x9f, 4 }, { 0xc2, 0xa0, 1 },
		{ 0xc1, 0x80, 1 }, { 0xc3, 0x80, 1 }, { '\0', 0x80, 4 },
	};
	char text[64];

	for (u32 i = 0; i < ARRAY_SIZE(edges); i++)
		EXPECT_EQ(escape_control(text, (char)edges[i].before, (char)edges[i].c),
			  edges[i].length);
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		escaped(text, sizeof(text), "<%s>\n", cases[i].from);
		EXPECT_EQ(text[strlen(text) - 1], '\n');
		text[strlen(text) - 2] = '\0';
		EXPECT_TEXT(text + 1, cases[i].to);
	}
	escaped(text, sizeof(text), "%c%c", '\n', 'x');
	EXPECT_TEXT(text, "\\x0ax");
	scnprintf(text, sizeof(text), "%s", "\n");
	EXPECT_TEXT(text, "\n");
}

static const char *one_of_two(const char *text)
{
	return random_one_in(2) ? text : "";
}

static void printf_random(void)
{
	static const char *const ends[] = { "lld>", "llu>", "llx>", "llX>" };

	for (u32 step = 0; step < tap_scaled(20000) && !tap_failed(); step++) {
		char format[32];
		u64 value = (u64)random_u32() << 32 | random_u32();

		value >>= random_below(64);
		value += !value; /* 0 with '#' or with precision 0 differs: see above */
		snprintf(format, sizeof(format), "<%%%s%s%s%s%s", one_of_two("-"), one_of_two("0"),
			 one_of_two("17"), one_of_two(".9"), ends[random_below(ARRAY_SIZE(ends))]);
		SAME(format, value);
	}
}

TAP_MAIN({ "strscpy", strscpy_cases }, { "parse_u64", parse_u64_cases },
	 { "parse_size", parse_size_cases }, { "glob_match", glob_cases },
	 { "glob_match: random, against the definition", glob_random },
	 { "printf: numbers, cut at every length", printf_numbers },
	 { "printf: lengths", printf_lengths }, { "printf: text", printf_text },
	 { "printf: what is our own", printf_own },
	 { "printf: foreign text in the log", printf_escaped },
	 { "printf: random, against the host's", printf_random })
