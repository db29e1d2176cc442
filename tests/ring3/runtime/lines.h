/* SPDX-License-Identifier: MIT */
/* Text files of /proc: read as a whole, and searched line by line. */
#ifndef RING3_LINES_H
#define RING3_LINES_H

#include "lib/types.h"

/* The most bytes that file_text() reads. */
#define FILE_TEXT_MAX 65535u

/* The file's text, valid until the next call. Expects success; "" where that fails. */
const char *file_text(const char *path);

/* The same of an open file, from its position on. Returns the bytes, or -errno; sets *text. */
long descriptor_text(int fd, const char **text);

/* Opens, writes by one call, closes. Returns what open() or write() returned. */
long file_write_text(const char *path, const char *what);

/* open() and close(). Returns 0 or -errno. */
long file_try(const char *path, int flags);

bool text_begins(const char *text, const char *with);

/* The line after this one; NULL: there is none. */
const char *next_line(const char *line);

/* The number, with lower-case digits, at the beginning of a text. */
u32 number_in(const char *text, u32 base);

/* The value of the first line `NAME:   VALUE` from here on. Expects that there is one. */
u32 field_in(const char *text, const char *name);

/* `flag` is among the processor's flags in /proc/cpuinfo. */
bool cpu_flag(const char *flag);

/* "/proc/PIDname", with a name such as "/stat". The path is valid until the next call. */
const char *proc_path(int pid, const char *name);

/* The start of a word, counted from 1 as proc_pid_stat(5) does; the name may contain blanks. */
const char *stat_word(const char *text, u32 number);

#endif
