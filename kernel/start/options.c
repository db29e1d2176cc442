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
#include "mm/user_space/overcommit.h"

#define WORD_SIZE 256u

struct options options;

/* Sets one option from its value. Returns 0, or -errno if the value is malformed. */
typedef int (*option_setter)(const char *value, struct options *to);

static int set_text(char *to, size_t size, const char *value)
{
	if (!*value || strnlen(value, size) == size)
		return -EINVAL;
	strscpy(to, value, size);
	return 0;
}

static int set_mem(const char *value, struct options *to)
{
	u64 bytes;
	int err = parse_size(value, &bytes);

	if (err)
		return err;
	if (!bytes)
		return -EINVAL;
	to->mem = bytes;
	return 0;
}

static int set_crash(const char *value, struct options *to)
{
	return set_text(to->crash, sizeof(to->crash), value);
}

static int set_highmem(const char *value, struct options *to)
{
	return parse_size(value, &to->highmem);
}

static int set_page_owner(const char *value, struct options *to)
{
	to->page_owner = !strcmp(value, "on");
	return to->page_owner || !strcmp(value, "off") ? 0 : -EINVAL;
}

static int set_vm_debug(const char *value, struct options *to)
{
	to->vm_debug = !strcmp(value, "on");
	return to->vm_debug || !strcmp(value, "off") ? 0 : -EINVAL;
}

static int set_overcommit_memory(const char *value, struct options *to)
{
	if (*value < '0' || *value > '0' + OVERCOMMIT_NEVER || value[1])
		return -EINVAL;
	to->overcommit_memory = (u32)(*value - '0');
	return 0;
}

static int set_fail_alloc(const char *value, struct options *to)
{
	struct fail_spec spec;
	int err = fail_alloc_parse(value, &spec);

	if (!err)
		to->fail_alloc = spec;
	return err;
}

static int set_slab_debug(const char *value, struct options *to)
{
	return slab_debug_parse(value, &to->slab_debug);
}

static int set_console(const char *value, struct options *to)
{
	struct console_option parsed;

	if (!*value || !console_option_parse(value, &parsed))
		return -EINVAL;
	return set_text(to->console, sizeof(to->console), value);
}

static int set_panic(const char *value, struct options *to)
{
	bool negative = *value == '-';
	const char *end;
	u64 seconds;

	if (parse_u64(value + negative, &end, 10, &seconds) || *end || seconds > 86400)
		return -EINVAL;
	to->panic = negative ? -(s32)seconds : (s32)seconds;
	return 0;
}

/* The index of `value` among `count` names, or -EINVAL. */
static int choose(const char *value, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(value, names[i]) == 0)
			return (int)i;
	return -EINVAL;
}

static int set_seconds(const char *value, u32 *to)
{
	const char *end;
	u64 seconds;

	if (parse_u64(value, &end, 10, &seconds) || *end || seconds > 86400)
		return -EINVAL;
	*to = (u32)seconds;
	return 0;
}

static int set_wait(const char *value, struct options *to)
{
	return set_seconds(value, &to->wait);
}

static int set_limit(const char *value, struct options *to)
{
	return set_seconds(value, &to->limit);
}

static int set_exit(const char *value, struct options *to)
{
	static const char *const names[] = {
		[EXIT_POWEROFF] = "poweroff",
		[EXIT_REBOOT] = "reboot",
		[EXIT_HALT] = "halt",
		[EXIT_QEMU] = "qemu",
	};
	int chosen = choose(value, names, ARRAY_SIZE(names));

	if (chosen < 0)
		return chosen;
	to->exit = (enum exit_action)chosen;
	return 0;
}

static int set_screen(const char *value, struct options *to)
{
	static const char *const names[] = {
		[SCREEN_COLOUR] = "colour",
		[SCREEN_PLAIN] = "plain",
		[SCREEN_OFF] = "off",
	};
	int chosen = choose(value, names, ARRAY_SIZE(names));

	if (chosen < 0)
		return chosen;
	to->screen = (enum screen_kind)chosen;
	return 0;
}

static int set_timer(const char *value, struct options *to)
{
	static const char *const names[] = { "pit", "acpi", "hpet", "cpuid", "hypervisor", "none" };

	if (choose(value, names, ARRAY_SIZE(names)) < 0)
		return -EINVAL;
	return set_text(to->timer, sizeof(to->timer), value);
}

/* Options of the loader, which has acted on them already. Only checked here. */
static int set_log(const char *value, struct options *to)
{
	static const char *const names[] = { "go", "stop" };

	(void)to;
	return choose(value, names, ARRAY_SIZE(names)) < 0 ? -EINVAL : 0;
}

static int set_serials(const char *value, struct options *to)
{
	static const char *const names[] = { "off", "on" };

	(void)to;
	return choose(value, names, ARRAY_SIZE(names)) < 0 ? -EINVAL : 0;
}

static int set_gop(const char *value, struct options *to)
{
	const char *end;
	u64 number;

	(void)to;
	return parse_u64(value, &end, 10, &number) || *end || number > 9999 ? -EINVAL : 0;
}

static int set_quiesce(const char *value, struct options *to)
{
	static const char *const names[] = { "none", "noinit", "nopci", "nousb", "noiommu" };
	char word[WORD_SIZE];
	size_t length;

	(void)to;
	for (;; value += length + 1) {
		length = (size_t)(strchr(value, ',') ? strchr(value, ',') - value
						     : (ptrdiff_t)strlen(value));
		strscpy(word, value, min(length + 1, sizeof(word)));
		if (choose(word, names, ARRAY_SIZE(names)) < 0)
			return -EINVAL;
		if (!value[length])
			return 0;
	}
}

static int set_init(const char *value, struct options *to)
{
	return set_text(to->init, sizeof(to->init), value);
}

static int set_suites(const char *value, struct options *to)
{
	return set_text(to->suites, sizeof(to->suites), value);
}

static int set_programs(const char *value, struct options *to)
{
	return set_text(to->programs, sizeof(to->programs), value);
}

static int set_bench(const char *value, struct options *to)
{
	return set_text(to->bench, sizeof(to->bench), value);
}

static const struct {
	const char *name;
	option_setter set;
} setters[] = {
	{ "mem", set_mem },
	{ "console", set_console },
	{ "panic", set_panic },
	{ "init", set_init },
	{ "suites", set_suites },
	{ "programs", set_programs },
	{ "exit", set_exit },
	{ "highmem", set_highmem },
	{ "page_owner", set_page_owner },
	{ "crash", set_crash },
	{ "fail_alloc", set_fail_alloc },
	{ "slab_debug", set_slab_debug },
	{ "bench", set_bench },
	{ "vm_debug", set_vm_debug },
	{ "sysctl.vm.overcommit_memory", set_overcommit_memory },
	{ "wait", set_wait },
	{ "limit", set_limit },
	{ "screen", set_screen },
	{ "log", set_log },
	{ "timer", set_timer },
	{ "serials", set_serials },
	{ "gop", set_gop },
	{ "quiesce", set_quiesce },
};

static void set_option(char *word, struct options *to)
{
	char *value = strchr(word, '=');

	if (value)
		*value++ = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(setters); i++) {
		if (strcmp(word, setters[i].name) != 0)
			continue;
		if (!value || setters[i].set(value, to))
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
