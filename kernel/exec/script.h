/* SPDX-License-Identifier: MIT */
/*
 * Scripts: files that begin with "#!" name the program that reads them (execve(2)).
 *
 *   "#!/bin/sh -e" in /tmp/x, started as x a b      argv: /bin/sh "-e" /tmp/x a b
 *
 * The interpreter may be a script itself.
 */
#ifndef KERNEL_EXEC_SCRIPT_H
#define KERNEL_EXEC_SCRIPT_H

#include "lib/types.h"

#define SCRIPT_LINE 256u /* bytes of a file that are looked at (Linux's BINPRM_BUF_SIZE) */
#define SCRIPTS_MAX 5u	 /* more scripts that interpret scripts: -ELOOP */

struct exec_script {
	u32 depth; /* scripts so far */
	u32 count; /* of `before` */
	/* What takes the place of argv[0], in reverse order: the last one is the interpreter. */
	const char *before[1 + 2 * SCRIPTS_MAX];
	char lines[SCRIPTS_MAX][SCRIPT_LINE + 1];
};

/* Does a file with these first bytes name an interpreter? */
bool is_script(const char *head, u32 bytes);

/*
 * Reads the first line of the script `path`, of which there are `bytes` bytes. `path` must live as
 * long as *script, which is all zero at first. Returns 0 and the interpreter's path; -ENOEXEC for
 * a line without one, or -ELOOP.
 */
int script_read(struct exec_script *script, const char *path, const char *head, u32 bytes,
		const char **interpreter);

#endif
