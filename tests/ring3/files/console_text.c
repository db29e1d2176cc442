/* SPDX-License-Identifier: MIT */
/*
 * A program may print anything. On Pagewright the log reader must not take it for lines of
 * kernel or loader, so the console must mark lines of programs and escape control characters.
 */
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/syscall.h"
#include "tests/ring3/runtime/tap.h"

static void print(const char *text)
{
	EXPECT_EQ(sys_write(1, text, strlen(text)), strlen(text));
}

static void lines_of_others(void)
{
	print("Kernel panic - not syncing: not really\n");
	print("loader: error: not really\n");
	print("BdsDxe: failed to load Boot0001: Access Denied\n");
	print("verdict: result=pass suites=1 programs=1 passed=2 failed=0 skipped=0\n");
}

/*
 * A cursor movement looks like the start of a line to a terminal, and so does a carriage return.
 */
static void control_characters(void)
{
	print("a\rKernel panic - not syncing: not really\n");
	print("b\x1b[HKernel panic - not syncing: not really\n");
	print("c\x1b[2J\x1b[1;1Hloader: error: not really\n");
	print("\x1b[5Hverdict: result=fail\n");
	print("d\x07\x08\x0b\x0c\x7f \xc2\x9b"
	      "H \x9b"
	      "H\n");
	print("\ttab, gr\xc3\xbc\xc3\x9f, \xe2\x80\x9cquoted\xe2\x80\x9d\n");
}

/* The kernel may speak between the two halves of a line; it does not speak in it. */
static void pieces(void)
{
	print("Kernel panic");
	print(" - not syncing: in two pieces\n");
	print("loader: ");
	print("error: in two pieces\n");
}

static const struct tap_case cases[] = {
	{ "a program's text is not the kernel's or the loader's", lines_of_others },
	{ "control characters make no lines", control_characters },
	{ "a line in pieces", pieces },
};

int main(void);
int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
