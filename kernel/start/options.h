/* SPDX-License-Identifier: MIT */
/*
 * The options of the kernel: NAME=VALUE, separated by blanks; a later one wins.
 *
 *     mem=SIZE         use no RAM above this: a number and K, M or G (Linux's mem=)
 *     highmem=SIZE     keep at least so much at the end of RAM out of the direct map (Linux's)
 *     hugepages=N      set aside so many large pages for programs (Linux's; mm/frames/huge_pool.h)
 *     page_owner=on    record the caller that allocates each frame (Linux's page_owner=)
 *     debug_pagealloc=on  unmap free frames (Linux's debug_pagealloc=)
 *     slab_debug=FZPU  checks of slab objects, "-" for none (Linux's; mm/slab/slab.h)
 *     fail_alloc=SPEC  make allocations fail on purpose (mm/frames/fail_alloc.h)
 *     sysctl.vm.overcommit_memory=MODE
 *                      0 (default), 1 or 2: the limit of committed memory
 *                      (Linux's; mm/user_space/overcommit.h)
 *     vm_debug=on      check the whole address space after each call that changes it
 *     crash=WAY        crash the kernel on purpose (kernel/start/crash.h)
 *     console=LINE     ttyS0..ttyS3[,BAUD] | uart,io,PORT[,BAUD] | uart,mmio,ADDRESS[,BAUD] |
 *                      uart,mmio32,ADDRESS[,BAUD] | none
 *                      default: the UART that ACPI names, else the first one found, at 115200 baud
 *     screen=KIND      colour (default) | plain | off: the log on the framebuffer
 *     panic=SECONDS    after a panic: > 0 reboot after that time, 0 (default) wait for ever,
 *                      < 0 reboot at once
 *     init=PATH        run this program only, as a test
 *     run=PATH         run this program only, which need not be a test: its status is logged
 *     arg=TEXT         an argument of it (kernel/start/command.h); any number of them, in order
 *     env=NAME=VALUE   a variable of its environment, likewise
 *     terminal=LINE    a serial line for programs only: ttyS0..ttyS3[,BAUD] | uart,io,PORT[,BAUD];
 *                      screen: the screen and a PS/2 keyboard;
 *                      default: they write to the log
 *     tty=COLUMNSxROWS the size of the terminal on that line; default 80x24
 *     limit=SECONDS    kill a program that runs longer, and all its processes; 0: no limit;
 *                      default 60
 *     suites=GLOBS     in-kernel suites to run; default all, "none" for nothing
 *     programs=GLOBS   ring-3 programs to run; likewise
 *     bench=GLOBS      run these benchmarks, in the kernel and /bench/operations, and no suites;
 *                      before them the programs that programs= names; default none
 *     log=WHAT         for the loader, after it found the last run's log: go (default) | stop
 *     exit=ACTION      at the end: poweroff (default) | reboot | halt | qemu
 *                      (qemu: its debug exit, with the verdict as status)
 *     timer=REFERENCE  measure time only by pit, acpi, hpet, cpuid or hypervisor
 *                      (kernel/devices/timer_reference.h); none: no tick;
 *                      default: the first one that runs
 *     disk=off         touch no controller of disks, and use no swap partition; default on
 *     swap=WHAT        on (default): swap to the partitions that are found | off: do not |
 *                      ram[:SIZE]: as on, and to a device in memory, of half the RAM by default
 *     reclaim=POLICY   which page to evict: a name of mm/reclaim/policy.c; default: the first
 *     trace=EVENTS     record events: groups or names of lib/trace/events.h, or "all"
 *     trace_buf_size=SIZE
 *                      of the ring of records (Linux's); default 1M
 *     trace_out=WHERE  where each record goes at once: debugcon | ttyS0..ttyS3[,BAUD] |
 *                      uart,io,PORT[,BAUD] | log; default: only to the ring
 *     trace_books=N    a checkpoint for tools/account at each N-th system call or page fault
 *     trace_dump=N     the newest records that a panic logs; default 32
 *     trace_dump=end,N the same, also at the end of the run
 *     sched=HOW        other orders of tasks, to find faults: random:SEED |
 *                      explore[:POINTS[,PREEMPTIONS]] | replay:CASE[,POINT=CHOICE...]
 *                      (kernel/orders/orders.h)
 *     wait=SECONDS     wait so long before exit=, so that the screen can be read; default 0
 */
#ifndef KERNEL_START_OPTIONS_H
#define KERNEL_START_OPTIONS_H

#include "kernel/devices/console_option.h"
#include "kernel/orders/orders.h"
#include "kernel/trace/trace.h"
#include "lib/types.h"
#include "mm/frames/fail_alloc.h"
#include "mm/slab/slab.h"

/* Seconds. The runner on the host waits longer for a silent log (tools/run --stall). */
#define PROGRAM_LIMIT 60u

enum screen_kind { SCREEN_COLOUR, SCREEN_PLAIN, SCREEN_OFF };

enum exit_action { EXIT_POWEROFF, EXIT_REBOOT, EXIT_HALT, EXIT_QEMU };

struct options {
	u64 mem;     /* bytes; 0: all */
	u64 highmem; /* bytes */
	u64 hugepages;
	bool page_owner, debug_pagealloc, vm_debug, disk;
	u32 overcommit_memory;
	u32 slab_debug; /* enum slab_flags */
	struct fail_spec fail_alloc;
	s32 panic; /* seconds, as above */
	u32 wait;  /* seconds */
	u32 limit; /* of a program, seconds; 0: none */
	enum exit_action exit;
	enum screen_kind screen;
	char console[32];		/* "": not given */
	struct console_option terminal; /* CONSOLE_PORT, or CONSOLE_ANY: not given */
	bool terminal_screen;
	struct trace_options trace;
	struct orders_option sched;
	struct {
		u16 columns, rows;
	} tty;
	char crash[16];	  /* "": not given */
	char timer[16];	  /* "": not given */
	char reclaim[16]; /* "": not given */
	struct {
		bool off, ram;
		u64 bytes; /* of the device in memory; 0: half of the RAM */
	} swap;
	char init[64];	    /* "": not given */
	char suites[128];   /* "*" by default */
	char programs[128]; /* "*" by default, with bench= "none" */
	char bench[128];    /* "": not given */
};

extern struct options options;

/*
 * Sets `options` to the defaults, then to the options in `text` (ends in NUL). Skips what is
 * unknown or malformed, with one line: `option: unknown name=NAME (ignored)` or `option: bad
 * value name=NAME value=VALUE (ignored)`.
 */
void options_parse(const char *text);

#endif
