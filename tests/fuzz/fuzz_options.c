/* SPDX-License-Identifier: MIT */
/*
 * The readers of options: the loader's, which makes one string of files and load options, and the
 * kernel's, which reads that. The input is the bytes of a file, or says of which names, values
 * and characters a text is made; it is encoded in one of the ways that the loader knows.
 *
 * The string has the invariants of efi/options.c; read as a file again it gives itself. What the
 * kernel reads is within the limits of kernel/start/options.h, and blanks do not matter to it.
 *
 * sources: efi/options.c kernel/devices/console_option.c kernel/start/options.c
 * sources: kernel/start/command.c kernel/trace/select.c kernel/orders/option.c
 */
#include <stdlib.h>
#include <string.h>

#include "abi/boot/boot_info.h"
#include "abi/linux/errno.h"
#include "efi/options.h"
#include "kernel/start/command.h"
#include "kernel/start/options.h"
#include "tests/fuzz/fuzz.h"

#define TEXT_MAX 4096u

static char text[TEXT_MAX];
static u32 length;

static const char *const names[] = {
	"mem",
	"console",
	"panic",
	"init",
	"run",
	"arg",
	"env",
	"cwd",
	"terminal",
	"tty",
	"suites",
	"programs",
	"exit",
	"highmem",
	"hugepages",
	"page_owner",
	"debug_pagealloc",
	"crash",
	"fail_alloc",
	"slab_debug",
	"bench",
	"vm_debug",
	"sysctl.vm.overcommit_memory",
	"disk",
	"swap",
	"reclaim",
	"trace",
	"trace_buf_size",
	"trace_out",
	"trace_books",
	"trace_dump",
	"sched",
	"wait",
	"limit",
	"screen",
	"timer",
	"log",
	"paging",
	"serials",
	"gop",
	"quiesce",
};

static const char *const values[] = {
	"64M",
	"4294967296",
	"18446744073709551615G",
	"0",
	"-1",
	"on",
	"off",
	"none",
	"*",
	"cow,fork",
	"ttyS0,115200",
	"uart,io,0x3f8",
	"uart,mmio32,0xfe000000,9600",
	"80x24",
	"999x1",
	"screen",
	"page,3,every",
	"slab,1",
	"FZPU",
	"-",
	"qemu",
	"ram:16M",
	"kmem,buddy",
	"all",
	"debugcon",
	"end,9",
	"random:7",
	"explore:30,2",
	"replay:3,1=2",
	"noinit,nousb",
	"/bin/a%20b",
	"X=%31",
	"pit",
	"plain",
	"clock",
	"86400",
	"86401",
	"%",
	"a%0",
	"%00",
	"=",
	"",
};

static void add(const char *piece)
{
	u32 bytes = min((u32)strlen(piece), TEXT_MAX - 1 - length);

	memcpy(text + length, piece, bytes);
	length += bytes;
}

/* Words of names and values; a few are changed or joined. */
static void make_text(struct fuzz_input *in)
{
	length = 0;
	while (fuzz_more(in) && length < TEXT_MAX - 1) {
		u32 kind = fuzz_u8(in);
		char one[2] = { (char)fuzz_u8(in), '\0' };

		if (kind < 64)
			add(one);
		else if (kind < 72)
			add("#");
		else
			add(names[(u8)*one % ARRAY_SIZE(names)]);
		if (kind >= 80) {
			add("=");
			add(values[kind % ARRAY_SIZE(values)]);
		}
		if (kind & 1)
			add(kind & 2 ? " " : "\r\n");
		fuzz_step();
	}
}

/* A heap block of exact size with the text in one of the loader's encodings. */
static u8 *encode(u32 way, size_t *bytes)
{
	static const u8 marks[4][3] = {
		{ 0 }, { 0xef, 0xbb, 0xbf }, { 0xff, 0xfe }, { 0xfe, 0xff }
	};
	static const u8 mark_bytes[4] = { 0, 3, 2, 2 };
	u32 width = way >= 2 ? 2 : 1, at = mark_bytes[way];
	u8 *block;

	*bytes = at + (size_t)width * length;
	block = malloc(*bytes ? *bytes : 1);
	FUZZ_CHECK(block);
	memcpy(block, marks[way], at);
	for (u32 i = 0; i < length; i++) {
		if (width == 2 && way == 3)
			block[at++] = 0;
		block[at++] = (u8)text[i];
		if (width == 2 && way == 2)
			block[at++] = 0;
	}
	return block;
}

/* The invariants of the string. */
static void check_string(const char *string, size_t size)
{
	size_t bytes = strnlen(string, size);

	FUZZ_CHECK(bytes < size);
	for (size_t i = 0; i < bytes; i++) {
		FUZZ_CHECK(string[i] >= ' ' && string[i] < 0x7f);
		if (string[i] == ' ')
			FUZZ_CHECK(i && i + 1 < bytes && string[i + 1] != ' ');
	}
}

/* One source is added; one that does not fit changes nothing. */
static void gather(struct fuzz_input *in, char *string, size_t size)
{
	char before[BOOT_OPTIONS_SIZE];
	u32 bits = fuzz_u8(in);
	unsigned int bad_line;
	size_t bytes;
	u8 *block;
	int err;

	memcpy(before, string, size);
	if (bits & 4) { /* as UTF-16, ends in NUL */
		length = min(length, TEXT_MAX - 1);
		text[length++] = '\0';
	}
	block = encode(bits & 4 ? 2 : bits & 3, &bytes);
	if (!(bits & 4))
		err = options_add_file(string, size, block, bytes, &bad_line);
	else if (bits & 8)
		err = options_add_load_options(string, size, block, bytes);
	else
		err = options_add_argument(string, size, block);
	free(block);
	FUZZ_CHECK(!err || err == -E2BIG || (bits & 4 && (err == -EINVAL || err == -ENOEXEC)));
	if (err)
		FUZZ_CHECK(!strcmp(string, before));
	check_string(string, size);
}

static void check_again(const char *string, size_t size)
{
	char *copy = malloc(strlen(string) + 1), again[BOOT_OPTIONS_SIZE] = "";
	unsigned int bad_line;

	FUZZ_CHECK(copy);
	memcpy(copy, string, strlen(string));
	if (!strchr(string, '#')) {
		FUZZ_EQUAL(options_add_file(again, size, copy, strlen(string), &bad_line), 0);
		FUZZ_CHECK(!strcmp(again, string) && !bad_line);
	}
	free(copy);
	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		FUZZ_CHECK(options_number(string, names[i], 10000) <= 10000);
		options_list(string, names[i], "nousb");
		if (options_say(string, names[i], "qemu"))
			FUZZ_CHECK(options_say(string, names[i], NULL) && strstr(string, "=qemu"));
	}
}

#define IS_TEXT(field) (strnlen(options.field, sizeof(options.field)) < sizeof(options.field))

static bool of_command(const char *word)
{
	return word >= command.text && word < command.text + command.used &&
	       memchr(word, 0, (size_t)(command.text + command.used - word));
}

/* Everything is in its limits, whatever the text. */
static void check_options(void)
{
	FUZZ_CHECK(IS_TEXT(console) && IS_TEXT(crash) && IS_TEXT(timer) && IS_TEXT(reclaim));
	FUZZ_CHECK(IS_TEXT(init) && IS_TEXT(suites) && IS_TEXT(programs) && IS_TEXT(bench));
	FUZZ_CHECK(*options.suites && *options.programs && options.exit <= EXIT_QEMU);
	FUZZ_CHECK(options.limit <= 86400 && options.wait <= 86400);
	FUZZ_CHECK(options.panic >= -86400 && options.panic <= 86400);
	FUZZ_CHECK(options.tty.columns - 1u < 999 && options.tty.rows - 1u < 999);
	FUZZ_CHECK(options.overcommit_memory <= 2 && options.screen <= SCREEN_OFF);
	FUZZ_CHECK(options.trace.bytes >= TRACE_BYTES_MIN &&
		   options.trace.bytes <= TRACE_BYTES_MAX &&
		   !(options.trace.bytes & (options.trace.bytes - 1)));
	FUZZ_CHECK(command.argc <= COMMAND_WORDS && command.envc <= COMMAND_WORDS);
	FUZZ_CHECK(command.used <= sizeof(command.text));
	FUZZ_CHECK(!command.argv[command.argc] && !command.envp[command.envc]);
	FUZZ_CHECK(!command.cwd || of_command(command.cwd));
	for (u32 i = 0; i < command.argc; i++)
		FUZZ_CHECK(!command.argv[i] ? !i : of_command(command.argv[i]));
	for (u32 i = 0; i < command.envc; i++)
		FUZZ_CHECK(of_command(command.envp[i]));
}

static void read_by_kernel(const char *string)
{
	char *copy = strdup(string);

	FUZZ_CHECK(copy);
	memset(&options, 0xa5, sizeof(options));
	options_parse(copy);
	free(copy);
	check_options();
}

/* Blanks and line ends of any number: the same as single ones. */
static void check_blanks(const char *string)
{
	u64 mem = options.mem;
	u32 limit = options.limit, argc = command.argc, envc = command.envc;
	size_t used = command.used;
	char *spaced = malloc(3 * strlen(string) + 1), *to = spaced;

	FUZZ_CHECK(spaced);
	for (; *string; string++) {
		if (*string == ' ') {
			*to++ = '\t';
			*to++ = '\n';
		}
		*to++ = *string;
	}
	*to = '\0';
	read_by_kernel(spaced);
	free(spaced);
	FUZZ_CHECK(mem == options.mem && limit == options.limit && argc == command.argc &&
		   envc == command.envc && used == command.used);
}

void fuzz_run(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, data + size };
	u32 bits = fuzz_u8(&in), count = 1 + (bits >> 1 & 1);
	char string[BOOT_OPTIONS_SIZE] = "";
	size_t room = bits & 4 ? sizeof(string) : 1 + fuzz_u16(&in) % sizeof(string);

	while (count--) {
		if (bits & 1) {
			length = min((u32)(in.end - in.next), TEXT_MAX - 1);
			memcpy(text, in.next, length);
		} else {
			make_text(&in);
		}
		gather(&in, string, room);
	}
	check_again(string, room);
	read_by_kernel(string);
	check_blanks(string);
	/* Any bytes, as from the direct loader. */
	text[min(length, TEXT_MAX - 1)] = '\0';
	read_by_kernel(text);
}
