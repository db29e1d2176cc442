/* SPDX-License-Identifier: MIT */
/*
 * The options of the kernel.
 *
 *  (1) No text makes this fail: a bad word leaves one warning and changes nothing.
 */
#include "kernel/start/options.h"
#include "kernel/start/command.h"
#include "kernel/devices/console_option.h"
#include "abi/linux/errno.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/reclaim/policy.h"
#include "mm/user_space/overcommit.h"

#define VALUE_SIZE    32u /* of one of several values in a word */
#define SECONDS_MAX   86400u
#define TTY_SIZE_MAX  999u
#define HUGEPAGES_MAX 0xffffu

struct options options;

/* The number that is all of the text, or -EINVAL: there is none, or it is above `most`. */
static int parse_number(const char *text, u64 most, u64 *number)
{
	const char *end;
	u64 value;

	if (parse_u64(text, &end, 10, &value) || *end || value > most)
		return -EINVAL;
	*number = value;
	return 0;
}

/* The index of `value` in a list that NULL ends, or -EINVAL. */
static int find_choice(const char *value, const char *const *choices)
{
	for (int i = 0; choices[i]; i++)
		if (!strcmp(value, choices[i]))
			return i;
	return -EINVAL;
}

static int set_text(const char *value, char *to, size_t size)
{
	if (!*value || strnlen(value, size) == size)
		return -EINVAL;
	strscpy(to, value, size);
	return 0;
}

static int set_seconds(const char *value, u32 *to)
{
	u64 seconds;

	if (parse_number(value, SECONDS_MAX, &seconds))
		return -EINVAL;
	*to = (u32)seconds;
	return 0;
}

/* The following set a member from a value. 0, or -errno: malformed, and nothing changes. */
static int set_mem(const char *value)
{
	u64 bytes;
	int err = parse_size(value, &bytes);

	if (err || !bytes)
		return -EINVAL;
	options.mem = bytes;
	return 0;
}

static int set_highmem(const char *value)
{
	return parse_size(value, &options.highmem);
}

static int set_hugepages(const char *value)
{
	return parse_number(value, HUGEPAGES_MAX, &options.hugepages);
}

static int set_fail_alloc(const char *value)
{
	struct fail_spec spec;
	int err = fail_alloc_parse(value, &spec);

	if (!err)
		options.fail_alloc = spec;
	return err;
}

static int set_slab_debug(const char *value)
{
	return slab_debug_parse(value, &options.slab_debug);
}

static int set_console(const char *value)
{
	struct console_option parsed;

	if (!*value || !console_option_parse(value, &parsed))
		return -EINVAL;
	return set_text(value, options.console, sizeof(options.console));
}

static int set_terminal(const char *value)
{
	struct console_option parsed;

	if (!strcmp(value, "screen")) {
		options.terminal_screen = true;
		return 0;
	}
	if (!*value || !console_option_parse(value, &parsed) || parsed.kind != CONSOLE_PORT)
		return -EINVAL;
	options.terminal = parsed;
	return 0;
}

/* COLUMNSxROWS, 1 to 999 each. */
static int set_tty(const char *value)
{
	u64 columns, rows;
	const char *end;

	if (parse_u64(value, &end, 10, &columns) || *end != 'x' ||
	    parse_number(end + 1, TTY_SIZE_MAX, &rows) || !rows || !columns ||
	    columns > TTY_SIZE_MAX)
		return -EINVAL;
	options.tty.columns = (u16)columns;
	options.tty.rows = (u16)rows;
	return 0;
}

static int set_trace(const char *value)
{
	int err = trace_select(value);

	if (!err)
		options.trace.on = true;
	return err;
}

/* Rounded down to a power of two. */
static int set_trace_size(const char *value)
{
	u64 bytes;
	int err = parse_size(value, &bytes);

	if (err || bytes < TRACE_BYTES_MIN || bytes > TRACE_BYTES_MAX)
		return -EINVAL;
	options.trace.bytes = 1u << (31 - (u32)__builtin_clz((u32)bytes));
	return 0;
}

static int set_trace_out(const char *value)
{
	struct console_option parsed;

	if (!strcmp(value, "debugcon")) {
		options.trace.output = TRACE_OUT_DEBUGCON;
		return 0;
	}
	if (!strcmp(value, "log")) {
		options.trace.output = TRACE_OUT_LOG;
		return 0;
	}
	if (!*value || !console_option_parse(value, &parsed) || parsed.kind != CONSOLE_PORT)
		return -EINVAL;
	options.trace.output = TRACE_OUT_SERIAL;
	options.trace.line = parsed;
	return 0;
}

static int set_trace_books(const char *value)
{
	u64 every;

	if (parse_number(value, UINT32_MAX, &every))
		return -EINVAL;
	options.trace.books = (u32)every;
	return 0;
}

static int set_trace_dump(const char *value)
{
	bool at_end = !strncmp(value, "end,", 4);
	u64 count;

	if (parse_number(at_end ? value + 4 : value, UINT32_MAX, &count))
		return -EINVAL;
	options.trace.dump = (u32)count;
	options.trace.dump_at_end = at_end;
	return 0;
}

/* Also `timer=none`, without which the order would depend on the tick. */
static int set_sched(const char *value)
{
	int err = orders_parse(value, &options.sched);

	if (!err && options.sched.mode != ORDERS_RANDOM)
		strscpy(options.timer, "none", sizeof(options.timer));
	return err;
}

static int set_panic(const char *value)
{
	bool negative = *value == '-';
	u32 seconds;

	if (set_seconds(value + negative, &seconds))
		return -EINVAL;
	options.panic = negative ? -(s32)seconds : (s32)seconds;
	return 0;
}

static int set_timer(const char *value)
{
	static const char *const names[] = { "pit",	   "acpi", "hpet", "cpuid",
					     "hypervisor", "none", NULL };

	if (find_choice(value, names) < 0)
		return -EINVAL;
	return set_text(value, options.timer, sizeof(options.timer));
}

static int set_swap(const char *value)
{
	const char *size = strncmp(value, "ram:", 4) ? NULL : value + 4;
	u64 bytes = 0;

	if (size && (parse_size(size, &bytes) || bytes < 2 * PAGE_SIZE))
		return -EINVAL;
	if (!size && strcmp(value, "on") && strcmp(value, "off") && strcmp(value, "ram"))
		return -EINVAL;
	options.swap.off = !strcmp(value, "off");
	options.swap.ram = !strncmp(value, "ram", 3);
	options.swap.bytes = bytes;
	return 0;
}

static int set_reclaim_policy(const char *value)
{
	for (u32 i = 0; policies[i]; i++)
		if (!strcmp(policies[i]->name, value))
			return set_text(value, options.reclaim, sizeof(options.reclaim));
	for (u32 i = 0; policies[i]; i++)
		printk("option: known name=reclaim value=%s\n", policies[i]->name);
	return -EINVAL;
}

/* The loader has acted on the following: they only check the value. */
static int check_gop(const char *value)
{
	u64 mode;

	return parse_number(value, 9999, &mode);
}

static int check_quiesce(const char *value)
{
	static const char *const names[] = { "none", "noinit", "nopci", "nousb", "noiommu", NULL };
	char word[VALUE_SIZE];
	size_t length;

	for (;; value += length + 1) {
		length = (size_t)(strchr(value, ',') ? strchr(value, ',') - value
						     : (ptrdiff_t)strlen(value));
		strscpy(word, value, min(length + 1, sizeof(word)));
		if (find_choice(word, names) < 0)
			return -EINVAL;
		if (!value[length])
			return 0;
	}
}

static const char *const exits[] = { [EXIT_POWEROFF] = "poweroff",
				     [EXIT_REBOOT] = "reboot",
				     [EXIT_HALT] = "halt",
				     [EXIT_QEMU] = "qemu",
				     NULL };
static const char *const screens[] = {
	[SCREEN_COLOUR] = "colour", [SCREEN_PLAIN] = "plain", [SCREEN_OFF] = "off", NULL
};
static const char *const switches[] = { "off", "on", NULL };
static const char *const overcommit_modes[] = { "0", "1", "2", NULL };
static const char *const log_actions[] = { "go", "stop", NULL };
static const char *const pagings[] = { "2", "pae", NULL };

#define TEXT(name) .text = options.name, .size = sizeof(options.name)

/* set() reads the value; or it is one of the choices, or a number of seconds, or any text. */
static const struct option {
	const char *name;
	int (*set)(const char *value);
	const char *const *choices; /* for `flag` "off", "on"; for neither: only the loader's */
	bool *flag;
	u32 *choice;
	u32 *seconds;
	char *text;
	size_t size; /* of the text, with its NUL */
} table[] = {
	{ "mem", .set = set_mem },
	{ "console", .set = set_console },
	{ "panic", .set = set_panic },
	{ "init", TEXT(init) },
	{ "run", .set = command_set_path },
	{ "arg", .set = command_add_argument },
	{ "env", .set = command_add_environment },
	{ "cwd", .set = command_set_cwd },
	{ "terminal", .set = set_terminal },
	{ "tty", .set = set_tty },
	{ "suites", TEXT(suites) },
	{ "programs", TEXT(programs) },
	{ "exit", .choices = exits, .choice = &options.exit },
	{ "highmem", .set = set_highmem },
	{ "hugepages", .set = set_hugepages },
	{ "page_owner", .choices = switches, .flag = &options.page_owner },
	{ "debug_pagealloc", .choices = switches, .flag = &options.debug_pagealloc },
	{ "crash", TEXT(crash) },
	{ "fail_alloc", .set = set_fail_alloc },
	{ "slab_debug", .set = set_slab_debug },
	{ "bench", TEXT(bench) },
	{ "vm_debug", .choices = switches, .flag = &options.vm_debug },
	{ "sysctl.vm.overcommit_memory", .choices = overcommit_modes,
	  .choice = &options.overcommit_memory },
	{ "disk", .choices = switches, .flag = &options.disk },
	{ "swap", .set = set_swap },
	{ "reclaim", .set = set_reclaim_policy },
	{ "trace", .set = set_trace },
	{ "trace_buf_size", .set = set_trace_size },
	{ "trace_out", .set = set_trace_out },
	{ "trace_books", .set = set_trace_books },
	{ "trace_dump", .set = set_trace_dump },
	{ "sched", .set = set_sched },
	{ "wait", .seconds = &options.wait },
	{ "limit", .seconds = &options.limit },
	{ "screen", .choices = screens, .choice = &options.screen },
	{ "timer", .set = set_timer },
	{ "log", .choices = log_actions },
	{ "paging", .choices = pagings },
	{ "serials", .choices = switches },
	{ "gop", .set = check_gop },
	{ "quiesce", .set = check_quiesce },
};

static int set_value(const struct option *option, const char *value)
{
	int choice;

	if (option->set)
		return option->set(value);
	if (option->seconds)
		return set_seconds(value, option->seconds);
	if (option->text)
		return set_text(value, option->text, option->size);
	choice = find_choice(value, option->choices);
	if (choice < 0)
		return choice;
	if (option->flag)
		*option->flag = choice;
	else if (option->choice)
		*option->choice = (u32)choice;
	return 0;
}

static void set_option(char *word)
{
	char *value = strchr(word, '=');

	if (value)
		*value++ = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (strcmp(word, table[i].name) != 0)
			continue;
		if (!value || set_value(&table[i], value))
			printk("option: bad value name=%s value=%s (ignored)\n", word,
			       value ? value : "");
		return;
	}
	printk("option: unknown name=%s (ignored)\n", word);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void options_parse(const char *text)
{
	static char word[BOOT_OPTIONS_SIZE];

	memset(&options, 0, sizeof(options));
	command_clear();
	strscpy(options.suites, "*", sizeof(options.suites));
	options.limit = PROGRAM_LIMIT;
	options.tty.columns = 80;
	options.tty.rows = 24;
	options.disk = true;
	options.trace.bytes = TRACE_BYTES;
	options.trace.dump = TRACE_DUMP;
	while (*text) {
		size_t length = 0;

		while (text[length] && !is_blank(text[length]))
			length++;
		/* A word that is truncated here is longer than any value may be: it is refused. */
		strscpy(word, text, min(length + 1, sizeof(word)));
		if (length)
			set_option(word);
		text += length;
		while (is_blank(*text))
			text++;
	}
	if (!options.programs[0])
		strscpy(options.programs, options.bench[0] ? "none" : "*",
			sizeof(options.programs));
}
