/* SPDX-License-Identifier: MIT */
/*
 * The program of the league: league.h. Prints a line for each pattern and program:
 *
 *   league: name=NAME accesses=N hot=N hot_faults=N faults=N in=N out=N check=N
 *
 * faults: pages that had to be read; in, out: pages read and written, with those read ahead.
 */
#include "tests/league/league.h"
#include "tests/league/patterns.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/tap.h"

#define ORDERS	     "/league"
#define LITTLE	     64u /* frames, without orders */
#define WORDS	     (PAGE_SIZE / 4)
#define VMSTAT_BYTES 8192u

struct counters {
	u32 faults, in, out;
};

struct result {
	u32 accesses, hot, hot_faults, check;
	struct counters counters;
};

static struct orders orders;

/* --- The orders --- */

/* The value of a word, which it ends; NULL: there is none. */
static const char *value_of(char *word, const char *key)
{
	u32 length = strlen(key);

	return !memcmp(word, key, length) && word[length] == '=' ? word + length + 1 : NULL;
}

static void take_word(char *word)
{
	const struct {
		const char *key;
		const char **value;
	} texts[] = {
		{ "cluster", &orders.cluster }, { "swap", &orders.swap },
		{ "mglru", &orders.mglru },	{ "modules", &orders.modules },
		{ "only", &orders.only },
	};
	const char *memory = value_of(word, "memory");

	if (memory) {
		orders.memory = string_to_number(memory);
		orders.ballast = true;
	}
	for (u32 i = 0; i < ARRAY_SIZE(texts); i++)
		if (value_of(word, texts[i].key))
			*texts[i].value = value_of(word, texts[i].key);
}

static void read_orders(void)
{
	long fd = sys_open(ORDERS, O_RDONLY), length;

	orders.memory = LITTLE;
	if (fd < 0)
		return;
	length = sys_read((int)fd, orders.text, sizeof(orders.text) - 1);
	sys_close((int)fd);
	for (long at = 0, first = 0; at <= length; at++)
		if (at == length || orders.text[at] == ' ' || orders.text[at] == '\n') {
			orders.text[at] = 0;
			take_word(orders.text + first);
			first = at + 1;
		}
}

static bool is_wanted(const char *name)
{
	u32 length = strlen(name);

	if (!orders.only)
		return true;
	for (const char *at = orders.only; *at; at++)
		if ((at == orders.only || at[-1] == ',') && !memcmp(at, name, length) &&
		    (!at[length] || at[length] == ','))
			return true;
	return false;
}

/* --- The counters of the kernel --- */

/* The number after a name at the beginning of a line. */
static u32 number_after(const char *text, const char *name)
{
	u32 length = strlen(name);

	for (; *text; text++)
		if (!memcmp(text, name, length) && text[length] == ' ')
			return string_to_number(text + length + 1);
		else
			while (text[1] && *text != '\n')
				text++;
	return 0;
}

static struct counters read_counters(void)
{
	static char text[VMSTAT_BYTES + 64];
	long fd = sys_open("/proc/vmstat", O_RDONLY), part;
	u32 length = 0;

	if (fd < 0)
		tap_bail_out("/proc/vmstat cannot be opened");
	while ((part = sys_read((int)fd, text + length, VMSTAT_BYTES - length)) > 0)
		length += (u32)part;
	sys_close((int)fd);
	text[length] = 0;
	return (struct counters){
		.faults = number_after(text, "pgmajfault"),
		.in = number_after(text, "pswpin"),
		.out = number_after(text, "pswpout"),
	};
}

static struct counters counted_since(const struct counters *before)
{
	struct counters now = read_counters();

	return (struct counters){ now.faults - before->faults, now.in - before->in,
				  now.out - before->out };
}

/* --- The lines --- */

static void add_field(struct text *line, const char *key, u32 value)
{
	text_add(line, key);
	text_add_decimal(line, (long)value);
}

static void print_begin(const char *name)
{
	struct text line;

	text_clear(&line);
	text_add(&line, "league: begin=");
	text_add(&line, name);
	tap_line(line.data);
}

static void print_result(const char *name, const struct result *result)
{
	struct text line;

	text_clear(&line);
	text_add(&line, "league: name=");
	text_add(&line, name);
	add_field(&line, " accesses=", result->accesses);
	add_field(&line, " hot=", result->hot);
	add_field(&line, " hot_faults=", result->hot_faults);
	add_field(&line, " faults=", result->counters.faults);
	add_field(&line, " in=", result->counters.in);
	add_field(&line, " out=", result->counters.out);
	text_add(&line, " check=");
	text_add_hex(&line, result->check);
	tap_line(line.data);
}

/* --- Patterns and programs --- */

/* The first word of each page is its number; the second counts the writes. */
static void run_pattern(const struct pattern *pattern)
{
	struct result result = { .check = 0 };
	struct counters before = { 0, 0, 0 };
	struct walk walk;
	u32 *area;

	print_begin(pattern->name);
	walk_start(&walk, pattern, orders.memory);
	area = (u32 *)memory_map(walk.pages, PROT_READ | PROT_WRITE);
	for (u32 page = 0; page < walk.pages; page++)
		area[page * WORDS] = page;
	while (walk.done < walk.accesses) {
		bool counts = walk.done >= walk.accesses / 2;
		struct access access;
		u32 *words;

		if (walk.done == walk.accesses / 2)
			before = read_counters();
		access = walk_next(&walk);
		words = area + access.page * WORDS;
		if (counts && walk_is_hot(&walk, access.page)) {
			result.hot++;
			result.hot_faults += !memory_is_resident(words);
		}
		if (access.write)
			words[1]++;
		result.check = result.check * 31 + words[0] + words[1];
	}
	result.accesses = walk.accesses - walk.accesses / 2;
	result.counters = counted_since(&before);
	memory_unmap(area, walk.pages);
	print_result(pattern->name, &result);
}

static void run_program(const struct program *program)
{
	struct result result = { .accesses = 0 };
	struct counters before = read_counters();

	print_begin(program->name);
	result.check = program->run(orders.memory);
	result.counters = counted_since(&before);
	print_result(program->name, &result);
}

static void prepare(void)
{
	struct text line;

	if (orders.swap)
		machine_start(&orders);
	if (orders.cluster && file_put("/proc/sys/vm/page-cluster", orders.cluster))
		tap_bail_out("/proc/sys/vm/page-cluster cannot be written");
	text_clear(&line);
	add_field(&line, "league: memory=", orders.memory);
	if (orders.ballast)
		add_field(&line, " resident=", ballast_load(orders.memory));
	tap_line(line.data);
}

int main(void)
{
	read_orders();
	prepare();
	for (const struct pattern *p = patterns; p->name; p++)
		if (is_wanted(p->name))
			run_pattern(p);
	for (const struct program *p = programs; p->name; p++)
		if (is_wanted(p->name))
			run_program(p);
	tap_line("league: end=1");
	if (orders.swap)
		machine_power_off();
	return tap_failures() ? 1 : 0;
}
