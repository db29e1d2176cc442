/* SPDX-License-Identifier: MIT */
/*
 * The options: from the text file, from the load options, and both in one string.
 *
 * Inputs lie in heap blocks of exactly their size, so that the sanitizers see a read beyond them.
 *
 * sources: efi/options.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "efi/options.h"
#include "abi/linux/errno.h"

static int number, failed;

static void ok(bool good, const char *name)
{
	printf("%s %d - %s\n", good ? "ok" : "not ok", ++number, name);
	failed += !good;
}

/* Adds a file to `before`; expects `result`, the string `after` and the bad line. */
static void file_case(const char *name, const char *before, const char *text, size_t bytes,
		      int result, const char *after, unsigned int bad_line)
{
	char options[32], *copy = malloc(bytes);
	unsigned int line;
	int error;

	memset(options, 'Z', sizeof(options));
	memcpy(copy, text, bytes);
	strcpy(options, before);
	error = options_add_file(options, sizeof(options), copy, bytes, &line);
	ok(error == result && strcmp(options, after) == 0 && line == bad_line, name);
	if (error != result || strcmp(options, after) != 0 || line != bad_line)
		printf("# result %d, \"%s\", line %u\n", error, options, line);
	free(copy);
}

#define FILE_CASE(name, before, text, result, after, bad_line) \
	file_case(name, before, text, sizeof(text) - 1, result, after, bad_line)

static void test_file(void)
{
	FILE_CASE("LF", "", "mem=64M\npanic=1\n", 0, "mem=64M panic=1", 0);
	FILE_CASE("CRLF", "", "mem=64M\r\npanic=1\r\n", 0, "mem=64M panic=1", 0);
	FILE_CASE("no line end", "", "mem=64M", 0, "mem=64M", 0);
	FILE_CASE("UTF-8 byte-order mark", "", "\xef\xbb\xbfmem=64M", 0, "mem=64M", 0);
	FILE_CASE("only a byte-order mark", "", "\xef\xbb\xbf", 0, "", 0);
	FILE_CASE("blanks and tabs", "", " \t a \t\t b  \n\n  c ", 0, "a b c", 0);
	FILE_CASE("comments", "", "#x\na#y\n b # z # z\n#", 0, "a b", 0);
	FILE_CASE("a comment may contain anything", "", "a # \xff\xfe\x00\x01\nb", 0, "a b", 0);
	FILE_CASE("bad characters and the first bad line", "", "a\nb\x80\x01\n\xff", 0, "a b?? ?",
		  2);
	FILE_CASE("the last that can be printed, and DEL", "", "a~!\x7f", 0, "a~!?", 1);
	FILE_CASE("the first line is bad", "", "\x01\n\x01", 0, "? ?", 1);
	FILE_CASE("lines that end with CR", "", "a\r\rb\r\n\x01", 0, "a b ?", 4);
	FILE_CASE("a line end at the start", "", "\n\x01", 0, "?", 2);
	FILE_CASE("NUL is a bad character", "", "ab\0c", 0, "ab?c", 1);
	FILE_CASE("UTF-16, little endian", "a", "\xff\xfem\0=\0\r\0\n\0#\0\n\0001\0", 0, "a m= 1",
		  0);
	FILE_CASE("UTF-16, big endian", "a", "\xfe\xff\0m\0=", 0, "a m=", 0);
	FILE_CASE("UTF-16 without a mark", "", "m\0=\0", 0, "m=", 0);
	FILE_CASE("UTF-16 without a mark, big endian", "", "\0m\0=", 0, "m=", 0);
	FILE_CASE("UTF-16, a character beyond ASCII, an odd last byte", "",
		  "\xff\xfe\n\0a\0\x20\x20z", 0, "a?", 2);
	FILE_CASE("UTF-16, only a mark", "", "\xff\xfe", 0, "", 0);
	FILE_CASE("CR alone ends a line and a comment", "", "a # b\rc\r\rd\xff", 0, "a c d?", 4);
	FILE_CASE("CR LF ends one line", "", "a\r\nb\xff", 0, "a b?", 2);
	FILE_CASE("0x1A is the end", "",
		  "a b\r\n\x1a"
		  "c\xff",
		  0, "a b", 0);
	FILE_CASE("in a comment too", "", "a #\x1a\nb", 0, "a", 0);
	FILE_CASE("an empty file", "a", "", 0, "a", 0);
	FILE_CASE("31 characters fit into 32 bytes", "", "1234567890123456789012345678901", 0,
		  "1234567890123456789012345678901", 0);
	FILE_CASE("32 do not, and nothing is changed", "a", "b 345678901234567890123456789012",
		  -E2BIG, "a", 0);
	FILE_CASE("long comments take no room", "",
		  "# 34567890123456789012345678901234567890\nb # 567890123456789012345678901234567",
		  0, "b", 0);
}

static void load_case(const char *name, const char *before, const char *text, size_t length,
		      int result, const char *after)
{
	char options[32] = "";
	u8 *copy = malloc(2 * length);
	int error;

	for (size_t i = 0; i < length; i++) {
		copy[2 * i] = (u8)text[i];
		copy[2 * i + 1] = 0;
	}
	strcpy(options, before);
	error = options_add_load_options(options, sizeof(options), copy, 2 * length);
	ok(error == result && strcmp(options, after) == 0, name);
	if (error != result || strcmp(options, after) != 0)
		printf("# result %d, \"%s\"\n", error, options);
	free(copy);
}

#define LOAD_CASE(name, before, text, result, after) \
	load_case(name, before, text, sizeof(text) - 1, result, after)

static void test_load_options(void)
{
	static const u8 wide[] = { 'a', 0, 0x20, 0x20 };
	static const u8 odd[] = { '=', 0, 'b' };
	static const u8 marked[] = { 0xff, 0xfe, 'a', 0, '=', 0 };
	char options[8] = "x";

	LOAD_CASE("with NUL", "", "mem=64M\0", 0, "mem=64M");
	LOAD_CASE("without NUL", "mem=32M", "mem=64M", 0, "mem=32M mem=64M");
	LOAD_CASE("what follows the NUL does not count", "", "a=\0b\x80", 0, "a=");
	LOAD_CASE("the program's name is left out", "x", "BOOTX64.EFI a b", 0, "x a b");
	LOAD_CASE("with its path", "", "fs0:\\EFI\\BOOT\\bootx64.efi a", 0, "a");
	LOAD_CASE("alone", "x", "loader.efi", 0, "x");
	LOAD_CASE("only as the first word", "", "a=1 b.efi", 0, "a=1 b.efi");
	LOAD_CASE("without .efi", "x", "bootx64 a=1", 0, "x a=1");
	LOAD_CASE("in quotes, with blanks", "x", "\"fs0:\\my files\\boot=x64\" a=1", 0, "x a=1");
	LOAD_CASE("in quotes that do not end", "x", "\"fs0:\\my files", 0, "x");
	LOAD_CASE("an option in quotes is no name", "x", "a=\"b\"", 0, "x a=\"b\"");
	LOAD_CASE("nothing", "x", "", 0, "x");
	LOAD_CASE("blanks", "x", "  \t ", 0, "x");
	LOAD_CASE("binary data is refused", "x", "a\x01", -EINVAL, "x");
	LOAD_CASE("no room, and nothing is changed", "x", "a= 45678901234567890123456789012",
		  -E2BIG, "x");
	LOAD_CASE("a command line for Linux is refused whole", "x",
		  "root=/dev/sdb3 init=/sbin/init rootwait ro", -ENOEXEC, "x");
	LOAD_CASE("wherever its root= stands", "x", "a ro\troot=", -ENOEXEC, "x");
	LOAD_CASE("root= within a word is none", "", "oroot=a rroot=b ro root", 0,
		  "oroot=a rroot=b ro root");
	ok(options_add_load_options(options, sizeof(options), wide, sizeof(wide)) == -EINVAL &&
		   strcmp(options, "x") == 0,
	   "characters beyond ASCII are refused");
	ok(options_add_load_options(options, sizeof(options), odd, sizeof(odd)) == 0 &&
		   strcmp(options, "x =") == 0,
	   "an odd last byte does not count");
	strcpy(options, "x");
	ok(options_add_load_options(options, sizeof(options), marked, sizeof(marked)) == 0 &&
		   strcmp(options, "x a=") == 0,
	   "a byte-order mark is no character");
}

/* An argument of the shell: without a program name, and it ends in NUL. */
static void test_arguments(void)
{
	static const u8 plain[] = { 'a', 0, 'b', 0, 0, 0 }, wide[] = { 0x20, 0x20, 0, 0 };
	static const u8 longer[] = { '1', 0, '2', 0, '3', 0, '4', 0, '5', 0, '6', 0 };
	char options[6] = "x";

	ok(options_add_argument(options, sizeof(options), plain) == 0 &&
		   strcmp(options, "x ab") == 0,
	   "an argument is added");
	ok(options_add_argument(options, sizeof(options), wide) == -EINVAL &&
		   options_add_argument(options, sizeof(options), longer) == -E2BIG &&
		   strcmp(options, "x ab") == 0,
	   "one that is no text, or too long, changes nothing");
}

static void test_patience(void)
{
	ok(options_patience("") == 30 && options_patience("wait=60 exit=poweroff") == 30,
	   "a person has time to read");
	ok(options_patience("exit=qemu") == 0 && options_patience("a wait=0") == 0,
	   "the runner does not wait");
}

static void test_say(void)
{
	ok(options_say("a log=stop b", "log", "stop"), "said in the middle");
	ok(options_say("log=stop", "log", "stop") && options_say("a log=stop", "log", "stop"),
	   "said at the start and at the end");
	ok(!options_say("log=stop log=go", "log", "stop") &&
		   options_say("log=go log=stop", "log", "stop"),
	   "the later wins");
	ok(!options_say("", "log", "stop") && !options_say("log log=", "log", "stop") &&
		   !options_say("log=stops log2=stop xlog=stop log=sto", "log", "stop"),
	   "and nothing else says it");
}

int main(void)
{
	printf("1..57\n");
	test_file();
	test_load_options();
	test_arguments();
	test_patience();
	test_say();
	return failed != 0;
}
