/* SPDX-License-Identifier: MIT */
/*
 * The options of the kernel: NAME=VALUE, separated by blanks; the later wins.
 *
 *     mem=SIZE         use no RAM above this: a number and K, M or G (Linux's mem=)
 *     highmem=SIZE     keep at least so much at the end of RAM out of the direct map (Linux's highmem=)
 *     page_owner=on    record who allocates each frame (Linux's page_owner=)
 *     slab_debug=FZPU  checks of slab objects, or "-" for none (Linux's slab_debug=; mm/slab/slab.h)
 *     fail_alloc=SPEC  make allocations fail on purpose (mm/frames/fail_alloc.h)
 *     sysctl.vm.overcommit_memory=MODE
 *                      0 (default), 1 or 2: what memory may promise (Linux's; mm/user_space/overcommit.h)
 *     vm_debug=on      check the whole address space after each call that changes it
 *     crash=WAY        break the kernel on purpose (kernel/start/crash.h)
 *     console=LINE     ttyS0..ttyS3[,BAUD] | uart,io,PORT[,BAUD] | uart,mmio,ADDRESS[,BAUD] |
 *                      uart,mmio32,ADDRESS[,BAUD] | none
 *                      default: the UART that ACPI names, else the first one found, at 115200 baud
 *     screen=KIND      colour (default) | plain | off: the log on the framebuffer
 *     panic=SECONDS    after a panic: > 0 reboot after that time, 0 (default) wait for ever,
 *                      < 0 reboot at once
 *     init=PATH        run this program only
 *     limit=SECONDS    a program that runs longer is ended, with all that it started; 0: none; default 60
 *     suites=GLOBS     in-kernel suites to run; default all, "none" for nothing
 *     programs=GLOBS   ring-3 programs to run; likewise
 *     bench=GLOBS      run these benchmarks, in the kernel and of /bench/operations, and no suites;
 *                      programs only where programs= names them, and before; default none
 *     log=WHAT         for the loader, when it has found the log of the run before: go (default) | stop
 *     exit=ACTION      at the end: poweroff (default) | reboot | halt | qemu
 *                      (qemu: its debug exit, whose status is the verdict)
 *     timer=REFERENCE  measure time by pit, acpi, hpet, cpuid or hypervisor only (kernel/devices/timer_reference.h); none: no
 *                      tick at all; default: the first one that runs
 *     wait=SECONDS     before that, for somebody to read the screen; default 0
 *
 * Pure functions, but for the warnings, which go to printk().
 */
#ifndef KERNEL_START_OPTIONS_H
#define KERNEL_START_OPTIONS_H

#include "lib/types.h"
#include "mm/frames/fail_alloc.h"
#include "mm/slab/slab.h"

/* Seconds. The runner of the host waits longer for a log that is silent (tools/run --stall). */
#define PROGRAM_LIMIT 60u

enum screen_kind { SCREEN_COLOUR, SCREEN_PLAIN, SCREEN_OFF };

enum exit_action { EXIT_POWEROFF, EXIT_REBOOT, EXIT_HALT, EXIT_QEMU };

struct options {
	u64 mem;     /* bytes; 0: all */
	u64 highmem; /* bytes */
	bool page_owner, vm_debug;
	u32 overcommit_memory;
	u32 slab_debug; /* enum slab_flags */
	struct fail_spec fail_alloc;
	s32 panic; /* seconds, as above */
	u32 wait;  /* seconds */
	u32 limit; /* of a program, seconds; 0: none */
	enum exit_action exit;
	enum screen_kind screen;
	char console[32];   /* "": not given */
	char crash[16];	    /* "": not given */
	char timer[16];	    /* "": not given */
	char init[64];	    /* "": not given */
	char suites[128];   /* "*" by default */
	char programs[128]; /* "*" by default, with bench= "none" */
	char bench[128];    /* "": not given */
};

extern struct options options;

/*
 * Sets *to to the defaults, then to what text (ends in NUL) says. What is not known or cannot be
 * read is left out, with one line: `option: unknown name=NAME (ignored)` or `option: bad value
 * name=NAME value=VALUE (ignored)`.
 */
void options_parse(const char *text, struct options *to);

#endif
