/* SPDX-License-Identifier: MIT */
/*
 * The values of options at their bounds: each that is good is set, the next one is refused, and
 * what is refused changes nothing.
 *
 * sources: kernel/devices/console_option.c kernel/start/options.c kernel/start/command.c
 * sources: kernel/trace/select.c kernel/orders/option.c
 */
#include <stdlib.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "kernel/start/command.h"
#include "kernel/start/options.h"
#include "mm/reclaim/policy.h"
#include "tests/host/console.h"
#include "tests/host/tap.h"

static struct options parse(const char *text)
{
	char *copy = strdup(text);

	console_clear();
	options_parse(copy);
	free(copy);
	return options;
}

static const char *const good[] = {
	"mem=1",
	"mem=4096M",
	"highmem=0",
	"highmem=1G",
	"hugepages=0",
	"hugepages=65535",
	"panic=86400",
	"panic=-86400",
	"panic=0",
	"panic=-0",
	"wait=0",
	"wait=86400",
	"limit=0",
	"limit=86400",
	"exit=poweroff",
	"exit=reboot",
	"exit=halt",
	"exit=qemu",
	"screen=colour",
	"screen=plain",
	"screen=off",
	"page_owner=off",
	"debug_pagealloc=on",
	"vm_debug=off",
	"disk=on",
	"sysctl.vm.overcommit_memory=0",
	"sysctl.vm.overcommit_memory=1",
	"sysctl.vm.overcommit_memory=2",
	"tty=1x1",
	"tty=999x999",
	"tty=132x43",
	"terminal=screen",
	"terminal=ttyS0",
	"terminal=ttyS3,300",
	"terminal=uart,io,0x3f8,115200",
	"console=ttyS1",
	"trace=all",
	"trace_buf_size=4K",
	"trace_buf_size=512M",
	"trace_out=debugcon",
	"trace_out=log",
	"trace_out=ttyS1",
	"trace_books=0",
	"trace_books=4294967295",
	"trace_dump=0",
	"trace_dump=4294967295",
	"trace_dump=end,7",
	"sched=random:0",
	"sched=explore",
	"timer=pit",
	"timer=acpi",
	"timer=hpet",
	"timer=cpuid",
	"timer=hypervisor",
	"timer=none",
	"swap=on",
	"swap=off",
	"swap=ram",
	"swap=ram:8K",
	"log=go",
	"log=stop",
	"paging=2",
	"paging=pae",
	"serials=on",
	"gop=0",
	"gop=9999",
	"quiesce=none",
	"quiesce=noinit,nopci,nousb,noiommu",
	"crash=nmi",
	"crash=fifteen-letters",
	"bench=x",
};

static const char *const bad[] = {
	"mem",
	"mem=x",
	"mem=1x",
	"highmem",
	"highmem=",
	"hugepages=65536",
	"hugepages=",
	"panic=86401",
	"panic=-86401",
	"panic=-",
	"panic=--1",
	"wait=86401",
	"limit=-1",
	"exit=qem",
	"exit=qemuu",
	"screen=",
	"screen=on",
	"page_owner=",
	"sysctl.vm.overcommit_memory=3",
	"tty=0x1",
	"tty=1x0",
	"tty=1000x1",
	"tty=1x1000",
	"tty=1",
	"tty=1x",
	"tty=x1",
	"tty=80y24",
	"tty=80x24x",
	"terminal=screens",
	"terminal=x",
	"terminal=",
	"console=x",
	"console=ttyS4",
	"trace=no-such-event",
	"trace_buf_size=4095",
	"trace_buf_size=513M",
	"trace_buf_size=0",
	"trace_buf_size=x",
	"trace_out=",
	"trace_out=x",
	"trace_out=none",
	"trace_out=uart,mmio,0x1000",
	"trace_books=4294967296",
	"trace_books=x",
	"trace_dump=4294967296",
	"trace_dump=end",
	"trace_dump=end,",
	"trace_dump=end,x",
	"sched=",
	"sched=x",
	"timer=",
	"timer=pi",
	"timer=rtc",
	"swap=",
	"swap=ram:",
	"swap=ram:8191",
	"swap=ram:x",
	"swap=rams",
	"reclaim=x",
	"log=",
	"log=on",
	"paging=3",
	"serials=2",
	"gop=10000",
	"gop=",
	"gop=-1",
	"quiesce=",
	"quiesce=all",
	"quiesce=none,",
	"quiesce=none,all",
	"quiesce=noinitnopcinousbnoiommu-and-so-on-and-on",
	"crash=sixteen-letters!",
	"crash=",
	"bench=",
};

/* The loader's options and the empty ones change nothing; none of these has a warning. */
static void good_values(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(good); i++) {
		parse(good[i]);
		tap_check(!console_text()[0], __FILE__, __LINE__, "%s: %s", good[i],
			  console_text());
	}
}

static void bad_values(void)
{
	struct options defaults = parse(""), found;

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		found = parse(bad[i]);
		tap_check(strstr(console_text(), "option: bad value name="), __FILE__, __LINE__,
			  "%s: accepted", bad[i]);
		tap_check(!memcmp(&found, &defaults, sizeof(found)), __FILE__, __LINE__,
			  "%s: something changed", bad[i]);
	}
}

static void of_the_trace(void)
{
	struct options o = parse("trace_buf_size=5000 trace_out=debugcon trace_dump=7");

	EXPECT_EQ(o.trace.bytes, 4096);
	EXPECT(o.trace.output == TRACE_OUT_DEBUGCON && !o.trace.on);
	EXPECT(o.trace.dump == 7 && !o.trace.dump_at_end);
	o = parse("trace_buf_size=8191K trace_out=log trace=all trace_dump=end,3 trace_books=9");
	EXPECT_EQ(o.trace.bytes, MiB(4));
	EXPECT(o.trace.output == TRACE_OUT_LOG && o.trace.on);
	EXPECT(o.trace.dump == 3 && o.trace.dump_at_end && o.trace.books == 9);
	o = parse("trace_out=ttyS1,9600");
	EXPECT_EQ(o.trace.output, TRACE_OUT_SERIAL);
	EXPECT(o.trace.line.kind == CONSOLE_PORT && o.trace.line.port == serial_port(1));
	EXPECT_EQ(o.trace.line.baud, 9600);
	o = parse("");
	EXPECT_EQ(o.trace.bytes, MiB(1));
	EXPECT(o.trace.dump == 32 && !o.trace.books && !o.trace.dump_at_end);
}

static void of_terminals(void)
{
	struct options o = parse("terminal=ttyS2,1200 tty=132x43");

	EXPECT(!o.terminal_screen && o.terminal.kind == CONSOLE_PORT);
	EXPECT(o.terminal.port == serial_port(2) && o.terminal.baud == 1200);
	EXPECT(o.tty.columns == 132 && o.tty.rows == 43);
	o = parse("terminal=screen tty=999x1");
	EXPECT(o.terminal_screen && o.terminal.kind == CONSOLE_ANY);
	EXPECT(o.tty.columns == 999 && o.tty.rows == 1);
	o = parse("");
	EXPECT(!o.terminal_screen && o.tty.columns == 80 && o.tty.rows == 24);
}

static void of_the_machine(void)
{
	struct options o = parse("panic=-5 timer=hpet swap=ram:8K wait=3 limit=4 bench=buddy*");

	EXPECT_EQ(o.panic, -5);
	EXPECT_TEXT(o.timer, "hpet");
	EXPECT(o.swap.ram && !o.swap.off && o.swap.bytes == KiB(8));
	EXPECT(o.wait == 3 && o.limit == 4);
	EXPECT_TEXT(o.bench, "buddy*");
	EXPECT_TEXT(o.programs, "none"); /* with benchmarks only those that are named */
	o = parse("bench=x programs=cow suites=none");
	EXPECT_TEXT(o.programs, "cow");
	EXPECT_TEXT(o.suites, "none");
	o = parse("sched=random:5 timer=pit");
	EXPECT(o.sched.mode == ORDERS_RANDOM && o.sched.seed == 5);
	EXPECT_TEXT(o.timer, "pit");
	o = parse("debug_pagealloc=on exit=halt screen=off crash=nmi");
	EXPECT(o.debug_pagealloc && o.exit == EXIT_HALT && o.screen == SCREEN_OFF);
	EXPECT_TEXT(o.crash, "nmi");
	for (u32 i = 0; policies[i]; i++) {
		char text[64] = "reclaim=";

		o = parse(strcat(text, policies[i]->name));
		EXPECT_TEXT(o.reclaim, policies[i]->name);
	}
}

/* As many words as there is room for; NULL is behind the last one. */
static void of_the_command(void)
{
	command_clear();
	EXPECT_EQ(command_set_path("/c"), 0);
	for (u32 i = 1; i < COMMAND_WORDS; i++)
		EXPECT_EQ(command_add_argument(""), 0);
	EXPECT_EQ(command_add_argument(""), -EINVAL);
	EXPECT_EQ(command.argc, COMMAND_WORDS);
	command_clear();
	for (u32 i = 0; i < COMMAND_WORDS; i++)
		EXPECT_EQ(command_add_environment("a="), 0);
	EXPECT_EQ(command_add_environment("a="), -EINVAL);
	EXPECT_EQ(command.envc, COMMAND_WORDS);
	EXPECT(!command.argv[COMMAND_WORDS] && !command.envp[COMMAND_WORDS]);
	command_clear();
}

TAP_MAIN({ "good values", good_values }, { "bad values", bad_values },
	 { "of the trace", of_the_trace }, { "of terminals", of_terminals },
	 { "of the machine", of_the_machine }, { "of the command", of_the_command })
