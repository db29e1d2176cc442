/* SPDX-License-Identifier: MIT */
/*
 * The cost of operations to a program: `operations [GLOBS]` measures those with names that match
 * (all of them if nothing is said), each in a process of its own, and prints TAP with one line
 * `bench: op=...` for each. docs/benchmarks.md lists them.
 *
 * As process 1 of a machine (Linux with rdinit=/bench/operations) it mounts /proc, and switches
 * the machine off at its end.
 */
#include "tests/bench/bench.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/tap.h"

#define POWER_OFF      0x4321FEDC /* these three: Linux include/uapi/linux/reboot.h */
#define REBOOT_MAGIC_1 0xFEE1DEAD
#define REBOOT_MAGIC_2 672274793

static const struct operation *const topics[] = { call_operations,    fault_operations,
						  process_operations, area_operations,
						  beside_operations,  file_operations,
						  large_operations };

static u32 count_matching(const char *globs)
{
	u32 count = 0;

	for (u32 i = 0; i < ARRAY_SIZE(topics); i++)
		for (const struct operation *o = topics[i]; o->name; o++)
			count += glob_match(globs, o->name);
	return count;
}

static void print_plan(u32 count)
{
	struct text line;

	text_clear(&line);
	text_add(&line, "1..");
	text_add_decimal(&line, (long)max(count, 1u));
	tap_line(line.data);
	if (!count)
		tap_line("ok 1 - nothing # SKIP no operation of that name");
}

/*
 * The child's part: the exit status is 0 or an errno. A result that is neither a
 * figure nor an errno ends it by SIGILL.
 */
static __noreturn void measure(const struct operation *operation)
{
	int err;

	samples_begin(operation);
	err = operation->run();
	if (err > 0 || (!err && samples_wanted()))
		__builtin_trap();
	if (!err)
		samples_print();
	sys_exit_group(-err);
}

static bool run_operation(const struct operation *operation, u32 number)
{
	struct text line;
	int status = 0;
	long pid = sys_fork();

	if (!pid)
		measure(operation);
	if (pid < 0 || sys_waitpid((int)pid, &status, 0) != pid)
		tap_bail_out("no process for an operation");
	text_clear(&line);
	text_add(&line, status & 0x7f ? "not ok " : "ok ");
	text_add_decimal(&line, (long)number);
	text_add(&line, " - ");
	text_add(&line, operation->name);
	if (status & 0x7f) {
		text_add(&line, ": ended by signal ");
		text_add_decimal(&line, status & 0x7f);
	} else if (status) {
		text_add(&line, " # SKIP errno=");
		text_add_decimal(&line, status >> 8);
	}
	tap_line(line.data);
	return !(status & 0x7f);
}

int main(int argc, char **argv)
{
	/* The last one: Linux passes words of its command line that it doesn't know before it. */
	const char *globs = argc > 1 ? argv[argc - 1] : "*";
	bool good = true;
	u32 number = 0;

	if (sys_getpid() == 1 && !call2(NR_MKDIR, (long)"/proc", 0555))
		system_call(NR_MOUNT, (long)"proc", (long)"/proc", (long)"proc", 0, 0, 0);
	print_plan(count_matching(globs));
	for (u32 i = 0; i < ARRAY_SIZE(topics); i++)
		for (const struct operation *o = topics[i]; o->name; o++)
			if (glob_match(globs, o->name))
				good = run_operation(o, ++number) && good;
	if (sys_getpid() == 1)
		call3(NR_REBOOT, (long)REBOOT_MAGIC_1, REBOOT_MAGIC_2, POWER_OFF);
	return good ? 0 : 1;
}
