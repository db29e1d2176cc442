/* SPDX-License-Identifier: MIT */
/*
 * A program of the user with its arguments and environment, from the options:
 *
 *     run=/programs/hello arg=one arg=two%20words env=X=1 cwd=/tmp
 *
 * Options are separated by blanks, and a `#` begins a comment on a boot volume. So a byte may be
 * written as `%` and two hexadecimal digits.
 *
 * Pure functions on one structure.
 */
#ifndef KERNEL_START_COMMAND_H
#define KERNEL_START_COMMAND_H

#include "abi/boot/boot_info.h"
#include "lib/types.h"

/* All options have at most this many bytes, and a word has at least five: `arg=` and a blank. */
#define COMMAND_TEXT  BOOT_OPTIONS_SIZE
#define COMMAND_WORDS (BOOT_OPTIONS_SIZE / 5)

struct command {
	u32 argc, envc; /* argc with argv[0], the path; 0: there is no command */
	const char *argv[COMMAND_WORDS + 1], *envp[COMMAND_WORDS + 1]; /* NULL ends both */
	const char *cwd; /* where it starts; NULL: in the root */
	size_t used;	 /* bytes of text */
	char text[COMMAND_TEXT];
};

/* The program of run=, arg=, env= and cwd=. */
extern struct command command;

/* Forgets everything. */
void command_clear(void);

/*
 * Set the path and the folder, and add an argument and a variable of the environment (NAME=VALUE).
 * 0, or -EINVAL: empty, malformed, or with a NUL. A second path or folder replaces the first one.
 */
int command_set_path(const char *value);
int command_set_cwd(const char *value);
int command_add_argument(const char *value);
int command_add_environment(const char *value);

#endif
