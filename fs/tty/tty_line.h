/* SPDX-License-Identifier: MIT */
/*
 * The line discipline of a terminal: what Linux's N_TTY does with each character between the
 * keyboard and a program. Pure: it calls only the function that sends output.
 *
 *   keyboard --> line_input() --> input ---> line_read() --> program
 *                   |   \-> a signal for the foreground group
 *                   v echo
 *   screen <--- send() <--------- line_output() <----------- program
 *
 *   input, a ring:   | read before | complete lines | the line being edited |
 *                                 ^ tail           ^ canon                 ^ head
 *
 *  (1) head - tail <= LINE_INPUT, and canon is between them; positions may wrap.
 *  (2) In canonical mode a read gets complete lines only. The last character of each is marked; a
 *      marked LINE_END_OF_FILE ends the line and is no part of it.
 *  (3) In the other mode all of the input can be read, and canon has no meaning.
 *
 * Not supported, and without effect: PARMRK, ECHOPRT, IXOFF, PENDIN, EXTPROC, delays.
 *
 * fs/tty/tty_output.c has the output, fs/tty/tty_line.c the rest.
 *
 * Sources: Linux's termios(3), POSIX.1-2017 XBD chapter 11.
 */
#ifndef FS_TTY_TTY_LINE_H
#define FS_TTY_TTY_LINE_H

#include "abi/linux/termios.h"
#include "lib/bitmap.h"
#include "lib/types.h"

/* Linux's N_TTY_BUF_SIZE. */
#define LINE_INPUT 4096u

#define LINE_END_OF_FILE 0u

struct tty_line {
	struct termios2 settings;
	u32 tail, canon, head;
	u32 column;	   /* of the output */
	u32 edit_column;   /* where the line being edited begins */
	bool literal_next; /* after VLNEXT */
	bool stopped;	   /* by VSTOP */
	void (*send)(const char *text, u32 count);
	u8 input[LINE_INPUT];
	u32 marks[BITMAP_WORDS(LINE_INPUT)];
};

/* Sets Linux's initial settings, with the speed of a serial line. */
void line_init(struct tty_line *line, void (*send)(const char *text, u32 count));

/*
 * Takes a character from the keyboard. Returns the signal that it causes for the foreground group
 * (SIGINT, SIGQUIT, SIGTSTP), or 0.
 */
int line_input(struct tty_line *line, u8 c);

/* Changes the settings; input that is there stays readable, as on Linux. */
void line_set(struct tty_line *line, const struct termios2 *settings);

/* Bytes that a read can get now, in canonical mode of all complete lines (FIONREAD). */
u32 line_available(const struct tty_line *line);

/* Canonical mode: is a line complete? Otherwise: are there `least` characters? */
bool line_ready(const struct tty_line *line, u32 least);

/*
 * Removes up to `bytes` of the input, in canonical mode of one line. *more: the line or the input
 * has more, and the program's read goes on.
 */
u32 line_read(struct tty_line *line, char *to, u32 bytes, bool *more);

/* Drops the input. */
void line_flush(struct tty_line *line);

/* Sends a program's output. */
void line_output(struct tty_line *line, const char *text, u32 count);

#endif
