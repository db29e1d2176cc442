/* SPDX-License-Identifier: MIT */
/*
 * Lists of system calls that meet missing memory: each allocation of each call fails in turn. The
 * call returns the error that Linux has for it, and nothing is left of it: no descriptor, file,
 * object or frame.
 *
 * A list of steps is made in order until one fails; then all is undone. A step that succeeds
 * although one of its allocations failed is an error too (fail_sweep()).
 */
#ifndef TESTS_KERNEL_CALL_STEPS_H
#define TESTS_KERNEL_CALL_STEPS_H

#include "kernel/harness/suite.h"

#define CALL_DATA  0x20100000u
#define CALL_PAGES 8u
#define CALL_TEXT  CALL_DATA		       /* paths */
#define CALL_BYTES (CALL_DATA + 2 * PAGE_SIZE) /* what calls read and write */

struct call_step {
	s32 (*run)(void); /* the result, or -errno */
	s32 error;	  /* when memory is missing; -ENOMEM may come too */
};

struct call_list {
	const struct call_step *steps;
	u32 count, least;    /* steps; failures that are expected at least */
	bool files;	     /* the task has a table of descriptors before the first failure */
	bool (*begin)(void); /* before the steps; may be NULL; false: no memory */
	void (*undo)(void);
};

/*
 * Makes the steps of a list with each allocation failing, in a task of their own with CALL_PAGES
 * pages at CALL_DATA. It blocks all signals: they wait in its queue.
 */
void call_list_run(const struct call_list *list);

/* A system call of the current task, with four arguments or five. */
s32 call(u32 number, u32 first, u32 second, u32 third, u32 fourth);
s32 call_five(u32 number, u32 first, u32 second, u32 third, u32 fourth, u32 fifth);

/* Puts a text, or bytes, into the program's memory. Returns the address. */
vaddr_t call_path(const char *text);
vaddr_t call_put(const void *bytes, u32 count);

/* For `begin`: gives the task a table of descriptors that has not grown yet. */
bool call_open_table(void);

#endif
