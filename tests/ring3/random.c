/* SPDX-License-Identifier: MIT */
/*
 * Random programs (runtime/random.h), each in a process of its own.
 *
 *	random			seeds 1 .. SEEDS, a line with the hash of each
 *	random SEED		every step of one seed
 *	random FIRST LAST	a range of seeds
 *
 * A wrong result is a hash that differs from that on Linux; the steps of that seed, printed on
 * both, then show where it went wrong. Where a program gets no arguments, the file ORDERS stands
 * for them; tools/random-programs puts it there, boots, and compares.
 */
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/random.h"
#include "tests/ring3/runtime/syscall.h"

#define ORDERS	   "/random-programs"
#define SEEDS	   300u
#define STEPS	   60u
#define LOOK_EVERY 12u

struct order {
	u32 seed;
	bool talk;
};

static void print_hash(u32 seed, u32 hash)
{
	struct text line;

	text_clear(&line);
	text_add(&line, "# seed=");
	text_add_decimal(&line, (long)seed);
	text_add(&line, " hash=");
	text_add_hex(&line, hash);
	tap_line(line.data);
}

static void run_seed(void *argument)
{
	const struct order *order = argument;
	struct random_run run;

	random_begin(&run, order->seed, order->talk);
	for (u32 i = 1; i <= STEPS; i++) {
		random_step(&run);
		if (i % LOOK_EVERY == 0)
			random_look(&run);
	}
	print_hash(order->seed, run.hash);
}

static u32 first = 1, last = SEEDS;
static bool talk;

static void run_seeds(void)
{
	for (u32 seed = first; seed <= last && seed; seed++) {
		struct order order = { seed, talk };

		EXPECT_CHILD(run_seed, &order, EXITED(0));
	}
}

static const struct tap_case cases[] = {
	{ "random programs", run_seeds },
};

static void take_orders(const char *from, const char *to)
{
	first = string_to_number(from);
	talk = !to;
	last = to ? string_to_number(to) : first;
}

/* One number, or two with a blank in between. */
static void read_orders(void)
{
	char text[32] = "";
	long fd = sys_open(ORDERS, O_RDONLY);
	u32 blank = 0;

	if (fd < 0)
		return;
	if (sys_read((int)fd, text, sizeof(text) - 1) > 0) {
		while (text[blank] && text[blank] != ' ')
			blank++;
		take_orders(text, text[blank] ? text + blank + 1 : NULL);
	}
	sys_close((int)fd);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		take_orders(argv[1], argc > 2 ? argv[2] : NULL);
	else
		read_orders();
	return tap_run(cases, ARRAY_SIZE(cases));
}
