/* SPDX-License-Identifier: MIT */
/*
 * The options of the kernel.
 *
 *  (1) No text makes this fail: a bad word leaves one warning and changes nothing.
 */
#include "kernel/start/options.h"
#include "kernel/devices/console_option.h"
#include "abi/linux/errno.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/reclaim/policy.h"
#include "mm/user_space/overcommit.h"

#define WORD_SIZE   256u
#define SECONDS_MAX 86400u

struct options options;

/* The number that is all of the text, or -EINVAL: there is none, or it is above `most`. */
static int parse_number(const char *text, u64 most, u64 *number)
{
	const char *end;

	return parse_u64(text, &end, 10, number) || *end || *number > most ? -EINVAL : 0;
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

/* The following set a member from a value. 0, or -errno: malformed, and nothing changes. */
static int set_mem(const char *value, void *to)
{
	u64 bytes;
	int err = parse_size(value, &bytes);

	if (err || !bytes)
		return -EINVAL;
	*(u64 *)to = bytes;
	return 0;
}

static int set_size(const char *value, void *to)
{
	return parse_size(value, to);
}

static int set_fail_alloc(const char *value, void *to)
{
	struct fail_spec spec;
	int err = fail_alloc_parse(value, &spec);

	if (!err)
		*(struct fail_spec *)to = spec;
	return err;
}

static int set_slab_debug(const char *value, void *to)
{
	return slab_debug_parse(value, to);
}

static int set_console(const char *value, void *to)
{
	struct console_option parsed;

	if (!*value || !console_option_parse(value, &parsed))
		return -EINVAL;
	return set_text(value, to, sizeof(options.console));
}

static int set_seconds(const char *value, void *to)
{
	u64 seconds;

	if (parse_number(value, SECONDS_MAX, &seconds))
		return -EINVAL;
	*(u32 *)to = (u32)seconds;
	return 0;
}

static int set_panic(const char *value, void *to)
{
	bool negative = *value == '-';
	u32 seconds;

	if (set_seconds(value + negative, &seconds))
		return -EINVAL;
	*(s32 *)to = negative ? -(s32)seconds : (s32)seconds;
	return 0;
}

static int set_timer(const char *value, void *to)
{
	static const char *const names[] = { "pit",	   "acpi", "hpet", "cpuid",
					     "hypervisor", "none", NULL };

	return find_choice(value, names) < 0 ? -EINVAL : set_text(value, to, sizeof(options.timer));
}

static int set_swap(const char *value, void *to)
{
	const char *size = strncmp(value, "ram:", 4) ? NULL : value + 4;
	u64 bytes = 0;

	if (size && (parse_size(size, &bytes) || bytes < 2 * PAGE_SIZE))
		return -EINVAL;
	if (!size && strcmp(value, "on") && strcmp(value, "off") && strcmp(value, "ram"))
		return -EINVAL;
	*(__typeof__(options.swap) *)to = (__typeof__(options.swap)){
		.off = !strcmp(value, "off"),
		.ram = !strncmp(value, "ram", 3),
		.bytes = bytes,
	};
	return 0;
}

static int set_reclaim_policy(const char *value, void *to)
{
	for (u32 i = 0; policies[i]; i++)
		if (!strcmp(policies[i]->name, value))
			return set_text(value, to, sizeof(options.reclaim));
	for (u32 i = 0; policies[i]; i++)
		printk("option: known name=reclaim value=%s\n", policies[i]->name);
	return -EINVAL;
}

static int check_gop(const char *value, void *to)
{
	u64 mode;

	(void)to;
	return parse_number(value, 9999, &mode);
}

static int check_quiesce(const char *value, void *to)
{
	static const char *const names[] = { "none", "noinit", "nopci", "nousb", "noiommu", NULL };
	char word[WORD_SIZE];
	size_t length;

	(void)to;
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

#define MEMBER(name) .place = offsetof(struct options, name), .size = sizeof(options.name)

/* The value is one of the choices, or set() reads it, or it is a text. */
static const struct option {
	const char *name;
	const char *const *choices;
	int (*set)(const char *value, void *to);
	size_t place, size; /* in struct options; size 0: the loader's, which has acted on it */
} table[] = {
	{ "mem", .set = set_mem, MEMBER(mem) },
	{ "console", .set = set_console, MEMBER(console) },
	{ "panic", .set = set_panic, MEMBER(panic) },
	{ "init", MEMBER(init) },
	{ "suites", MEMBER(suites) },
	{ "programs", MEMBER(programs) },
	{ "exit", .choices = exits, MEMBER(exit) },
	{ "highmem", .set = set_size, MEMBER(highmem) },
	{ "page_owner", .choices = switches, MEMBER(page_owner) },
	{ "crash", MEMBER(crash) },
	{ "fail_alloc", .set = set_fail_alloc, MEMBER(fail_alloc) },
	{ "slab_debug", .set = set_slab_debug, MEMBER(slab_debug) },
	{ "bench", MEMBER(bench) },
	{ "vm_debug", .choices = switches, MEMBER(vm_debug) },
	{ "sysctl.vm.overcommit_memory", .choices = overcommit_modes, MEMBER(overcommit_memory) },
	{ "disk", .choices = switches, MEMBER(disk) },
	{ "swap", .set = set_swap, MEMBER(swap) },
	{ "reclaim", .set = set_reclaim_policy, MEMBER(reclaim) },
	{ "wait", .set = set_seconds, MEMBER(wait) },
	{ "limit", .set = set_seconds, MEMBER(limit) },
	{ "screen", .choices = screens, MEMBER(screen) },
	{ "timer", .set = set_timer, MEMBER(timer) },
	{ "log", .choices = log_actions },
	{ "serials", .choices = switches },
	{ "gop", .set = check_gop },
	{ "quiesce", .set = check_quiesce },
};

static int set_value(const struct option *option, const char *value, struct options *to)
{
	char *place = (char *)to + option->place;
	int choice;

	if (option->set)
		return option->set(value, place);
	if (!option->choices)
		return set_text(value, place, option->size);
	choice = find_choice(value, option->choices);
	/* The lower bytes come first: this sets a bool too. */
	if (choice >= 0)
		memcpy(place, &choice, option->size);
	return choice < 0 ? choice : 0;
}

static void set_option(char *word, struct options *to)
{
	char *value = strchr(word, '=');

	if (value)
		*value++ = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (strcmp(word, table[i].name) != 0)
			continue;
		if (!value || set_value(&table[i], value, to))
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

void options_parse(const char *text, struct options *to)
{
	char word[WORD_SIZE];

	memset(to, 0, sizeof(*to));
	strscpy(to->suites, "*", sizeof(to->suites));
	to->limit = PROGRAM_LIMIT;
	to->disk = true;
	while (*text) {
		size_t length = 0;

		while (text[length] && !is_blank(text[length]))
			length++;
		/* A word that is truncated here is longer than any value may be: it is refused. */
		strscpy(word, text, min(length + 1, sizeof(word)));
		if (length)
			set_option(word, to);
		text += length;
		while (is_blank(*text))
			text++;
	}
	if (!to->programs[0])
		strscpy(to->programs, to->bench[0] ? "none" : "*", sizeof(to->programs));
}
