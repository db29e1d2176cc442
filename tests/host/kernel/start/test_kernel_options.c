/* SPDX-License-Identifier: MIT */
/*
 * The options of the kernel: every one, bad values, and noise. Text lies in heap blocks of exactly
 * its size, so that the sanitizers see a read beyond it.
 *
 * sources: kernel/devices/console_option.c kernel/start/options.c kernel/start/command.c
 * sources: kernel/trace/select.c kernel/orders/option.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/devices/console_option.h"
#include "kernel/start/command.h"
#include "kernel/start/options.h"
#include "tests/host/console.h"
#include "tests/host/tap.h"

static struct options parse(const char *text)
{
	char *copy = strdup(text);

	memset(&options, 0xa5, sizeof(options));
	console_clear();
	options_parse(copy);
	free(copy);
	return options;
}

static void expect_defaults(const struct options *o)
{
	EXPECT(!o->mem && !o->highmem && !o->page_owner && !o->slab_debug && !o->fail_alloc.nth);
	EXPECT(o->screen == SCREEN_COLOUR && o->disk);
	EXPECT_EQ(o->limit, 60);
	EXPECT(!o->panic && !o->wait && o->exit == EXIT_POWEROFF && !o->console[0] && !o->init[0]);
	EXPECT(!strcmp(o->suites, "*") && !strcmp(o->programs, "*"));
}

static void defaults(void)
{
	struct options o = parse("");

	expect_defaults(&o);
	EXPECT_TEXT(console_text(), "");
	o = parse(" \t\n \r\n");
	expect_defaults(&o);
	EXPECT_TEXT(console_text(), "");
}

static void swap_and_reclaim(void)
{
	struct options o = parse("swap=ram:64M reclaim=fifo");

	EXPECT_TEXT(console_text(), "");
	EXPECT(o.swap.ram && !o.swap.off);
	EXPECT(o.swap.bytes == MiB(64));
	EXPECT_TEXT(o.reclaim, "fifo");
	o = parse("swap=ram:64M swap=off");
	EXPECT(o.swap.off && !o.swap.ram && !o.swap.bytes);
	o = parse("swap=ram");
	EXPECT(!o.swap.off && o.swap.ram && !o.swap.bytes);
	o = parse("swap=on swap=ram:4K swap=ram: swap=disk reclaim=none");
	EXPECT(!o.swap.off && !o.swap.ram && !o.reclaim[0]);
	EXPECT(strstr(console_text(), "option: bad value name=swap value=ram:4K (ignored)\n"));
	EXPECT(strstr(console_text(), "option: bad value name=swap value=ram: (ignored)\n"));
	EXPECT(strstr(console_text(), "option: bad value name=swap value=disk (ignored)\n"));
	EXPECT(strstr(console_text(), "option: known name=reclaim value=fifo\n"));
	EXPECT(strstr(console_text(), "option: bad value name=reclaim value=none (ignored)\n"));
}

static void every_option(void)
{
	struct options o = parse(
		"  mem=64M\tpanic=-1 wait=60 limit=0 exit=qemu  init=/tests/cow suites=buddy*,slab "
		"programs=none console=ttyS1 highmem=32M hugepages=7 page_owner=on "
		"slab_debug=FZ fail_alloc=page,7,on screen=plain vm_debug=on "
		"sysctl.vm.overcommit_memory=2 disk=off sched=random:3\n");

	EXPECT_TEXT(console_text(), "");
	EXPECT_EQ(o.mem, MiB(64));
	EXPECT_EQ(o.highmem, MiB(32));
	EXPECT_EQ(o.hugepages, 7);
	EXPECT_EQ(o.panic, -1);
	EXPECT_EQ(o.wait, 60);
	EXPECT_EQ(o.limit, 0);
	EXPECT_EQ(o.exit, EXIT_QEMU);
	EXPECT_EQ(o.screen, SCREEN_PLAIN);
	EXPECT_TEXT(o.init, "/tests/cow");
	EXPECT_TEXT(o.suites, "buddy*,slab");
	EXPECT_TEXT(o.programs, "none");
	EXPECT_TEXT(o.console, "ttyS1");
	EXPECT(o.page_owner && o.vm_debug && !o.disk);
	EXPECT_EQ(o.overcommit_memory, 2);
	EXPECT_EQ(o.slab_debug, SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE);
	EXPECT(o.fail_alloc.nth == 7 && o.fail_alloc.kinds == FAIL_PAGE &&
	       o.fail_alloc.mode == FAIL_ON);
	EXPECT(o.sched.mode == ORDERS_RANDOM && o.sched.seed == 3 && !o.timer[0]);
}

/* Without ticks only the choices decide. */
static void explored_orders(void)
{
	struct options o = parse("sched=explore sched=explorer");

	EXPECT(o.sched.mode == ORDERS_EXPLORE);
	EXPECT_TEXT(o.timer, "none");
	EXPECT_TEXT(console_text(), "option: bad value name=sched value=explorer (ignored)\n");
}

static void own_program(void)
{
	struct options o = parse("arg=a run=/programs/none env=X=1 arg=b%20c%25 "
				 "terminal=ttyS1,9600 run=/programs/hello arg= env=Y=%e2%82%AC=");

	EXPECT_TEXT(console_text(), "");
	EXPECT_EQ(command.argc, 4);
	EXPECT_TEXT(command.argv[0], "/programs/hello");
	EXPECT_TEXT(command.argv[1], "a");
	EXPECT_TEXT(command.argv[2], "b c%");
	EXPECT_TEXT(command.argv[3], "");
	EXPECT(!command.argv[4]);
	EXPECT_EQ(command.envc, 2);
	EXPECT_TEXT(command.envp[0], "X=1");
	EXPECT_TEXT(command.envp[1], "Y=\xe2\x82\xac=");
	EXPECT(!command.envp[2]);
	EXPECT(o.terminal.kind == CONSOLE_PORT && o.terminal.port == 0x2f8);
	EXPECT_EQ(o.terminal.baud, 9600);
	parse("run=/programs/hello");
	EXPECT_EQ(command.argc, 1);
	o = parse("arg=lost");
	EXPECT(!command.argv[0] && o.terminal.kind == CONSOLE_ANY);
}

/* As many words as an option text can have; and one of any length. */
static void many_words(void)
{
	char big[BOOT_OPTIONS_SIZE];
	u32 count = 0;

	strcpy(big, "run=/a");
	for (; strlen(big) + 6 < sizeof(big); count++)
		strcat(big, " arg=");
	parse(big);
	EXPECT_TEXT(console_text(), "");
	EXPECT_EQ(command.argc, count + 1);
	memset(big, 'a', sizeof(big) - 1);
	memcpy(big, "run=", 4);
	big[sizeof(big) - 1] = '\0';
	parse(big);
	EXPECT_TEXT(command.argv[0], big + 4);
}

static void the_later_wins(void)
{
	struct options o = parse("mem=1G mem=0x1000K exit=halt exit=reboot");

	EXPECT_EQ(o.mem, MiB(4));
	EXPECT_EQ(o.exit, EXIT_REBOOT);
	EXPECT(!parse("page_owner=on page_owner=off").page_owner);
	/* A bad value changes nothing. */
	o = parse("mem=1G mem=12q");
	EXPECT_EQ(o.mem, GiB(1));
	EXPECT_TEXT(console_text(), "option: bad value name=mem value=12q (ignored)\n");
}

static void unknown_names(void)
{
	struct options o = parse("foo=3 bar mem2=1 =4 me=1");

	expect_defaults(&o);
	EXPECT_TEXT(console_text(), "option: unknown name=foo (ignored)\n"
				    "option: unknown name=bar (ignored)\n"
				    "option: unknown name=mem2 (ignored)\n"
				    "option: unknown name= (ignored)\n"
				    "option: unknown name=me (ignored)\n");
}

static void bad_values(void)
{
	static const char *const texts[] = { "mem",
					     "mem=",
					     "mem=0",
					     "mem=-1",
					     "mem=99999999999999999999",
					     "panic=",
					     "panic=1x",
					     "wait=",
					     "wait=-1",
					     "wait=86401",
					     "limit=86401",
					     "limit=",
					     "panic=99999999999",
					     "exit=never",
					     "exit=",
					     "console=",
					     "init=",
					     "run=",
					     "run=%",
					     "arg=%2",
					     "arg=%00",
					     "arg=%gg",
					     "env=",
					     "env=X",
					     "env==1",
					     "terminal=",
					     "terminal=none",
					     "terminal=tty0",
					     "terminal=uart,mmio,0x1000",
					     "suites=",
					     "programs=",
					     "page_owner=maybe",
					     "disk=of",
					     "slab_debug=Q",
					     "fail_alloc=page",
					     "highmem=x",
					     "hugepages=-1",
					     "hugepages=65536",
					     "hugepages=2M" };
	char big[2048];
	struct options o;

	for (u32 i = 0; i < ARRAY_SIZE(texts); i++) {
		o = parse(texts[i]);
		expect_defaults(&o);
		tap_check(!strncmp(console_text(), "option: bad value name=", 23), __FILE__,
			  __LINE__, "%s: \"%s\"", texts[i], console_text());
	}
	for (u32 length = 60; length < sizeof(big) - 1; length += length < 300 ? 1 : 100) {
		memset(big, 'a', length);
		memcpy(big, "init=", 5);
		big[length] = '\0';
		o = parse(big);
		if (o.init[0])
			EXPECT_TEXT(o.init, big + 5);
		else
			EXPECT(strstr(console_text(), "bad value name=init"));
		EXPECT_EQ(o.init[0] != 0, length < 5 + sizeof(o.init));
	}
}

static void noise(void)
{
	static const char *const pieces[] = { "mem",	       "=",    " ", "64", "M",
					      "exit",	       "qemu", ",", "\t", "init=/a",
					      "console=ttyS0", "x",    "-", "0x", "suites=*",
					      "\xff",	       "panic" };

	for (u32 step = 0; step < tap_scaled(20000); step++) {
		char text[128] = "";

		for (u32 i = random_below(12); i-- > 0;)
			strcat(text, pieces[random_below(ARRAY_SIZE(pieces))]);
		parse(text);
	}
	EXPECT(!tap_failed());
}

static void console_values(void)
{
	static const struct {
		const char *text;
		bool good;
		enum console_kind kind;
		u16 port;
		u32 baud;
		u32 address;
		bool wide;
	} cases[] = {
		{ "", true, CONSOLE_ANY, 0, 115200, 0, false },
		{ "none", true, CONSOLE_NONE, 0, 115200, 0, false },
		{ "ttyS0", true, CONSOLE_PORT, 0x3f8, 115200, 0, false },
		{ "ttyS3,9600", true, CONSOLE_PORT, 0x2e8, 9600, 0, false },
		{ "ttyS1,115200n8", true, CONSOLE_PORT, 0x2f8, 115200, 0, false },
		{ "uart,io,0x3f8,57600", true, CONSOLE_PORT, 0x3f8, 57600, 0, false },
		{ "uart,io,1016", true, CONSOLE_PORT, 0x3f8, 115200, 0, false },
		{ .text = "ttyS4" },
		{ .text = "ttyS" },
		{ .text = "ttyS0," },
		{ .text = "ttyS0,0" },
		{ .text = "ttyS0,1000000" },
		{ .text = "ttyS0 " },
		{ .text = "uart,io," },
		{ "uart,mmio,0xfe000000", true, CONSOLE_MEMORY, 0, 115200, 0xfe000000, false },
		{ "uart,mmio,4261412865,9600", true, CONSOLE_MEMORY, 0, 9600, 0xfe000001, false },
		{ "uart,mmio32,0xfe000000,115200n8", true, CONSOLE_MEMORY, 0, 115200, 0xfe000000,
		  true },
		{ "uart,mmio32,0xffffffe0", true, CONSOLE_MEMORY, 0, 115200, 0xffffffe0, true },
		{ .text = "uart,mmio" },
		{ .text = "uart,mmio," },
		{ .text = "uart,mmio,0" },
		{ .text = "uart,mmio16,0xfe000000" },
		{ .text = "uart,mmio32" },
		{ .text = "uart,mmio32,0xfe000002" },
		{ .text = "uart,mmio32,0xffffffe4" },
		{ .text = "uart,mmio,0x100000000" },
		{ .text = "uart,mmio,0xfe000000," },
		{ .text = "uart,mmio,0xfe000000,299" },
		{ .text = "uart,io,0x10000" },
		{ .text = "nonesuch" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		struct console_option got = { .kind = CONSOLE_ANY };
		char *text = strdup(cases[i].text);
		bool good = console_option_parse(text, &got);

		tap_check(good == cases[i].good, __FILE__, __LINE__, "console=%s: %d", text, good);
		if (good && cases[i].good)
			EXPECT(got.kind == cases[i].kind && got.port == cases[i].port &&
			       got.baud == cases[i].baud && got.address == cases[i].address &&
			       got.wide == cases[i].wide);
		free(text);
	}
}

TAP_MAIN({ "defaults", defaults }, { "swap and reclaim", swap_and_reclaim },
	 { "every option", every_option }, { "explored orders", explored_orders },
	 { "own program", own_program }, { "many words", many_words },
	 { "the later wins", the_later_wins }, { "unknown names", unknown_names },
	 { "bad values", bad_values }, { "noise", noise }, { "console=", console_values })
