/* SPDX-License-Identifier: MIT */
/*
 * A program that ends, or does not, as its name says. verdicts.t puts it into an initramfs under
 * each of these names.
 */
#include "tests/ring3/runtime/mapping.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/syscall.h"
#include "tests/ring3/runtime/tap.h"

#define FILES 10

/* Text that is no TAP, though some of its lines look like it. */
static int text(void)
{
	tap_line("hello");
	tap_line("ok");
	tap_line("not ok at all, but this is no TAP");
	tap_line("  ok 7 - not TAP either");
	tap_line("# Subtest: nor this");
	return 0;
}

static int status(void)
{
	tap_line("going to fail");
	return 3;
}

static int tap_lies(void)
{
	tap_line("1..3");
	tap_line("ok 1 - first");
	tap_line("not ok 2 - second");
	tap_line("not ok 3 - third # TODO known");
	return 0;
}

static int tap_short(void)
{
	tap_line("1..2");
	tap_line("ok 1 - first");
	return 0;
}

static int tap_late(void)
{
	tap_line("ok 1 - first");
	tap_line("ok 2 - the plan comes last");
	tap_line("1..2");
	return 0;
}

static int tap_skips(void)
{
	tap_line("1..0 # SKIP not on this machine");
	return 0;
}

static int bails_out(void)
{
	tap_line("Bail out! no memory");
	return 0;
}

/* The longest name there is: 255 bytes without a slash in front. */
static int leaves_long_name(void)
{
	char name[256] = "tmp/";

	for (unsigned int i = 4; i < sizeof(name) - 1; i++)
		name[i] = 'n';
	return sys_creat(name, 0600) < 0;
}

static int leaves_files(void)
{
	char name[] = "/tmp/left-0";

	if (leaves_long_name())
		return 1;
	for (int i = 0; i < FILES; i++) {
		int fd;

		name[sizeof(name) - 2] = (char)('0' + i);
		fd = (int)sys_creat(name, 0600);
		if (fd < 0 || sys_write(fd, "12345", 5) != 5)
			return 1;
		sys_close(fd);
	}
	return sys_shmget(0x77, 8192, IPC_CREAT | 0600) < 0;
}

/* The files of leaves_files are gone. */
static int finds_none(void)
{
	return sys_open("/tmp/left-0", 0) >= 0;
}

/* With children: one that is stopped, one that has children without end. */
static int hangs(void)
{
	tap_line("1..1");
	if (!sys_fork())
		sys_kill(sys_getpid(), SIGSTOP);
	if (!sys_fork()) {
		for (;;)
			if (!sys_fork())
				sys_exit(0);
	}
	for (;;)
		;
}

static int started_after(void)
{
	return 0;
}

static const struct {
	const char *name;
	int (*run)(void);
} ways[] = {
	{ "a-text", text },	      { "b-status", status },	    { "c-tap-lies", tap_lies },
	{ "d-tap-short", tap_short }, { "e-tap-late", tap_late },   { "f-tap-skips", tap_skips },
	{ "g-bails-out", bails_out }, { "h-leaves", leaves_files }, { "i-finds-none", finds_none },
	{ "j-hangs", hangs },	      { "k-after", started_after },
};

int main(int argc, char **argv)
{
	(void)argc;
	for (u32 i = 0; i < ARRAY_SIZE(ways); i++)
		if (!strcmp(argv[0] + sizeof("/tests/") - 1, ways[i].name))
			return ways[i].run();
	return 99;
}
