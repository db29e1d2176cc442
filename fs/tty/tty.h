/* SPDX-License-Identifier: MIT */
/*
 * The terminal: one, on which programs have their descriptors 0, 1 and 2; and job control on it.
 *
 *   driver --tty_receive()--> line discipline (fs/tty/tty_line.h) --> read
 *   driver <--------send()---            |                    <-- write
 *      ^                                 v signals
 *      |                        the foreground group
 *      \--written()-- a copy of what programs write, unchanged
 *
 *  (1) `session` is the session that it controls, or 0. As there is only one terminal, a process
 *      has a controlling terminal if its session is that one.
 *  (2) `group` is the foreground group of that session; it may have no process any more.
 *
 * In a run of tests no person is there: unless tty_attend() is called, a read finds the end of
 * the file, all output goes to written(), and settings are kept without effect.
 *
 * Sources: Linux's ioctl_tty(2), termios(3); POSIX.1-2017 XBD chapter 11.
 */
#ifndef FS_TTY_TTY_H
#define FS_TTY_TTY_H

#include "lib/types.h"

/*
 * Sets up the terminal: /dev/console, and /dev/tty for a process that it controls. `written` gets
 * the text that programs write, as it is. After file_init().
 */
void tty_init(void (*written)(const char *text, u32 count));

/*
 * A person is there: `send` shows bytes to them. `columns` and `rows` are the size, 0: unknown.
 */
void tty_attend(void (*send)(const char *text, u32 count), u16 columns, u16 rows);

/* A character from the keyboard. In a task: it may send signals. */
void tty_receive(u8 c);

/* The session gets the terminal as its controlling one, and the group the foreground. */
void tty_give(int session, int group);

/*
 * For /proc/PID/stat: the device number of the terminal that controls the session, or 0; and its
 * foreground group, or -1.
 */
int tty_device(int session);
int tty_foreground(int session);

/* The leader of a session has ended: the terminal is free, and SIGHUP goes to its foreground. */
void tty_session_ends(int session);

#endif
