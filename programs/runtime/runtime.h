/* SPDX-License-Identifier: MIT */
/*
 * What the programs of the prompt share: output, files that are read whole, numbers from the
 * command line. They are ordinary Linux programs without a C library, and run on Linux too.
 *
 * The system calls are those of the ring-3 tests: -errno is a result.
 */
#ifndef PROGRAMS_RUNTIME_RUNTIME_H
#define PROGRAMS_RUNTIME_RUNTIME_H

#include "lib/printf.h"
#include "lib/string.h"
#include "lib/text.h"
#include "tests/ring3/runtime/mapping.h"
#include "tests/ring3/runtime/syscall.h"

#define MiB_PAGES (MiB(1) / PAGE_SIZE)

/* Prints a text of any length up to 1 KiB by one write. */
void say(const char *format, ...) __printf(1, 2);

/* Prints to standard error and ends the program with status 1. */
void die(const char *format, ...) __printf(1, 2) __noreturn;

/*
 * Reads a file from its start, up to size - 1 bytes, and ends the text with a NUL. Returns the
 * bytes, or -errno. A file of /proc is made anew by each read from its start.
 */
long read_text(const char *path, char *buffer, u32 size);

/*
 * The same; the program ends if it fails. The text is valid until the next call: at most 256 KiB.
 */
char *must_read(const char *path);

/* A decimal or hexadecimal (0x) number of at most `most`; the program ends if it is none. */
u32 number(const char *text, u32 most);

/* The next line of a text, its line end replaced by a NUL; NULL at the end. */
char *next_line(char **text);

/*
 * The next word of a line, the blank after it replaced by a NUL; "" at the end. Words of /proc
 * are separated by any number of blanks.
 */
char *next_word(char **line);

/* The value of a decimal or, without "0x", hexadecimal word; 0 if it is none. */
u64 decimal(const char *word);
u64 hexadecimal(const char *word);

/*
 * The figure of a line `NAME:  1234 kB` of /proc/meminfo or /proc/PID/status; 0: there is none.
 */
u32 field(const char *path, const char *name);

#endif
