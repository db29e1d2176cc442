/* SPDX-License-Identifier: MIT */
/* The line discipline. Numbers cite the invariants of the header. */
#include "fs/tty/tty_characters.h"
#include "abi/linux/signal.h"
#include "lib/assert.h"
#include "lib/string.h"

#define CONTROL(letter) ((letter)&0x1f)

static const struct termios2 initial_settings = {
	.iflag = ICRNL | IXON,
	.oflag = OPOST | ONLCR,
	.cflag = 010262, /* B115200 | CS8 | CREAD */
	.lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
	.characters = { [VINTR] = CONTROL('C'),
			[VQUIT] = CONTROL('\\'),
			[VERASE] = 127,
			[VKILL] = CONTROL('U'),
			[VEOF] = CONTROL('D'),
			[VMIN] = 1,
			[VSTART] = CONTROL('Q'),
			[VSTOP] = CONTROL('S'),
			[VSUSP] = CONTROL('Z'),
			[VREPRINT] = CONTROL('R'),
			[13] = CONTROL('O'), /* VDISCARD: without effect */
			[VWERASE] = CONTROL('W'),
			[VLNEXT] = CONTROL('V') },
	.input_speed = 115200,
	.output_speed = 115200,
};

void line_init(struct tty_line *line, void (*send)(const char *text, u32 count))
{
	memset(line, 0, sizeof(*line));
	line->settings = initial_settings;
	line->send = send;
}

/* Is c this special character? */
static bool is(const struct tty_line *line, u8 c, enum tty_character which)
{
	return c && line->settings.characters[which] == c;
}

static u8 at(const struct tty_line *line, u32 position)
{
	return line->input[position % LINE_INPUT];
}

/* --- Echo --- */

/* Is the character shown as ^X? */
static bool shown_as_caret(const struct tty_line *line, u8 c)
{
	return has_local(line, ECHOCTL) && is_control(c) && c != '\t';
}

static void echo(struct tty_line *line, u8 c)
{
	if (shown_as_caret(line, c)) {
		const char text[2] = { '^', (char)(c ^ 0x40) };

		line->send(text, sizeof(text));
		line->column += sizeof(text); /* as on Linux, without OPOST too */
	} else {
		line_put(line, (char)c);
	}
}

static void echo_if_wanted(struct tty_line *line, u8 c)
{
	if (has_local(line, ECHO))
		echo(line, c);
}

/* The column after the line being edited up to `end`, as echoed. */
static u32 column_at(const struct tty_line *line, u32 end)
{
	u32 column = line->edit_column;

	for (u32 i = line->canon; i != end; i++) {
		u8 c = at(line, i);

		if (c == '\t')
			column += TAB_WIDTH - column % TAB_WIDTH;
		else if (shown_as_caret(line, c))
			column += 2;
		else if (!is_control(c) && !continues(line, c))
			column++;
	}
	return column;
}

/* --- Editing --- */

static bool is_word(u8 c)
{
	return (c >= '0' && c <= '9') || c == '_' || is_upper(c) || is_lower(c);
}

/* Wipes what is shown of the character that was at head. */
static void wipe(struct tty_line *line, u32 end)
{
	u32 width = column_at(line, end) - column_at(line, line->head);
	bool tab = at(line, line->head) == '\t';

	for (u32 i = 0; i < width; i++) {
		if (tab) {
			line->send("\b", 1);
			line->column -= !!line->column;
		} else {
			line_output(line, "\b \b", 3);
		}
	}
}

/* The position of the last character, which may have several bytes; head: there is none. */
static u32 last_character(const struct tty_line *line)
{
	u32 position = line->head;

	while (position != line->canon && continues(line, at(line, --position)))
		;
	return position != line->head && continues(line, at(line, position)) ? line->head
									     : position;
}

static void erase_to(struct tty_line *line, u32 position, bool show)
{
	u32 end = line->head;

	line->head = position;
	if (show)
		wipe(line, end);
}

static void erase(struct tty_line *line, u8 c)
{
	u32 position = last_character(line);

	if (position == line->head)
		return;
	erase_to(line, position, has_local(line, ECHO) && has_local(line, ECHOE));
	if (has_local(line, ECHO) && !has_local(line, ECHOE))
		echo(line, c);
}

static void erase_word(struct tty_line *line)
{
	bool in_word = false;

	for (;;) {
		u32 position = last_character(line);

		if (position == line->head || (in_word && !is_word(at(line, position))))
			return;
		in_word |= is_word(at(line, position));
		erase_to(line, position, has_local(line, ECHO));
	}
}

static void kill_line(struct tty_line *line, u8 c)
{
	bool wipes = has_local(line, ECHOK) && has_local(line, ECHOKE) && has_local(line, ECHOE);

	if (line->head == line->canon)
		return;
	if (has_local(line, ECHO) && wipes) {
		while (last_character(line) != line->head)
			erase_to(line, last_character(line), true);
		return;
	}
	line->head = line->canon;
	if (!has_local(line, ECHO))
		return;
	echo(line, c);
	if (has_local(line, ECHOK))
		line_put(line, '\n');
}

/* --- Input --- */

static void set_mark(struct tty_line *line, u32 position, bool mark)
{
	u32 *word = &line->marks[position % LINE_INPUT / 32], bit = 1u << position % 32;

	*word = mark ? *word | bit : *word & ~bit;
}

/* False: there is no room. The last place is kept for the end of a line. */
static bool store(struct tty_line *line, u8 c, bool mark)
{
	if (line->head - line->tail >= LINE_INPUT - !mark) {
		if (has_input(line, IMAXBEL))
			line_put(line, '\a');
		return false;
	}
	if (line->head == line->canon)
		line->edit_column = line->column;
	line->input[line->head % LINE_INPUT] = c;
	set_mark(line, line->head, mark);
	line->head++;
	return true;
}

static void store_and_echo(struct tty_line *line, u8 c)
{
	if (store(line, c, false))
		echo_if_wanted(line, c);
}

static void end_line(struct tty_line *line, u8 c)
{
	if (store(line, c, true))
		line->canon = line->head;
}

static void reprint(struct tty_line *line, u8 c)
{
	echo(line, c);
	line_put(line, '\n');
	for (u32 i = line->canon; i != line->head; i++)
		echo(line, at(line, i));
}

/* The character edits the line or ends it. */
static bool edits(struct tty_line *line, u8 c)
{
	bool extended = has_local(line, IEXTEN);

	if (is(line, c, VERASE)) {
		erase(line, c);
	} else if (is(line, c, VKILL)) {
		kill_line(line, c);
	} else if (extended && is(line, c, VWERASE)) {
		erase_word(line);
	} else if (extended && is(line, c, VLNEXT)) {
		line->literal_next = true;
		if (has_local(line, ECHO) && has_local(line, ECHOCTL)) {
			line_put(line, '^');
			line_put(line, '\b');
		}
	} else if (extended && has_local(line, ECHO) && is(line, c, VREPRINT)) {
		reprint(line, c);
	} else if (c == '\n') {
		if (has_local(line, ECHO) || has_local(line, ECHONL))
			line_put(line, '\n');
		end_line(line, c);
	} else if (is(line, c, VEOF)) {
		end_line(line, LINE_END_OF_FILE);
	} else if (is(line, c, VEOL) || (extended && is(line, c, VEOL2))) {
		echo_if_wanted(line, c);
		end_line(line, c);
	} else {
		return false;
	}
	return true;
}

static int signal_of(const struct tty_line *line, u8 c)
{
	if (!has_local(line, ISIG))
		return 0;
	if (is(line, c, VINTR))
		return SIGINT;
	if (is(line, c, VQUIT))
		return SIGQUIT;
	return is(line, c, VSUSP) ? SIGTSTP : 0;
}

/* Flow control: did the character stop or start the output, and do no more? */
static bool stops_or_starts(struct tty_line *line, u8 c)
{
	if (!has_input(line, IXON))
		return false;
	if (is(line, c, VSTART)) {
		line->stopped = false;
		return true;
	}
	if (is(line, c, VSTOP)) {
		line->stopped = true;
		return true;
	}
	return false;
}

/* Changes the end of a line as the settings want it. False: the character is dropped. */
static bool map_newline(const struct tty_line *line, u8 *c)
{
	if (*c == '\r') {
		if (has_input(line, IGNCR))
			return false;
		if (has_input(line, ICRNL))
			*c = '\n';
	} else if (*c == '\n' && has_input(line, INLCR)) {
		*c = '\r';
	}
	return true;
}

int line_input(struct tty_line *line, u8 c)
{
	int signal;
	u8 typed;

	if (has_input(line, ISTRIP))
		c &= 0x7f;
	if (has_input(line, IUCLC) && has_local(line, IEXTEN) && is_upper(c))
		c += 0x20;
	if (line->literal_next) {
		line->literal_next = false;
		store_and_echo(line, c);
		return 0;
	}
	if (stops_or_starts(line, c))
		return 0;
	signal = signal_of(line, c);
	if (signal || (has_input(line, IXON) && has_input(line, IXANY)))
		line->stopped = line->stopped && !has_input(line, IXON);
	if (signal) {
		if (!has_local(line, NOFLSH))
			line_flush(line);
		echo_if_wanted(line, c);
		return signal;
	}
	typed = c;
	if (!map_newline(line, &c))
		return 0;
	if (has_local(line, ICANON) && edits(line, c))
		return 0;
	/* Without lines a newline is shown as ^J, but not one that was a carriage return. */
	if (c != '\n' || typed == '\n')
		store_and_echo(line, c);
	else if (store(line, c, false) && has_local(line, ECHO))
		line_put(line, c);
	return 0;
}

void line_set(struct tty_line *line, const struct termios2 *settings)
{
	bool was_canonical = has_local(line, ICANON);

	line->settings = *settings;
	if (has_local(line, ICANON) == was_canonical)
		return;
	line->literal_next = false;
	if (was_canonical)
		return;
	/* What is there becomes a line. */
	memset(line->marks, 0, sizeof(line->marks));
	if (line->head != line->tail)
		set_mark(line, line->head - 1, true);
	line->canon = line->head;
}

static bool is_mark(const struct tty_line *line, u32 position)
{
	return bitmap_test(line->marks, position % LINE_INPUT);
}

static u32 end_of_input(const struct tty_line *line)
{
	return has_local(line, ICANON) ? line->canon : line->head;
}

u32 line_available(const struct tty_line *line)
{
	u32 count = 0;

	for (u32 i = line->tail; i != end_of_input(line); i++)
		count += !(has_local(line, ICANON) && is_mark(line, i) &&
			   at(line, i) == LINE_END_OF_FILE);
	return count;
}

bool line_ready(const struct tty_line *line, u32 least)
{
	if (has_local(line, ICANON))
		return line->canon != line->tail;
	return line->head - line->tail >= least;
}

u32 line_read(struct tty_line *line, char *to, u32 bytes, bool *more)
{
	bool canonical = has_local(line, ICANON), ended = false;
	u32 done = 0;

	BUG_ON(line->head - line->tail > LINE_INPUT); /* (1) */
	while (done < bytes && line->tail != end_of_input(line) && !ended) {
		u8 c = at(line, line->tail);

		ended = canonical && is_mark(line, line->tail);
		line->tail++;
		if (!ended || c != LINE_END_OF_FILE)
			to[done++] = (char)c;
	}
	*more = !ended && line->tail != end_of_input(line);
	/* An end of file behind the last byte that was asked for belongs to this read. */
	if (canonical && *more && is_mark(line, line->tail) &&
	    at(line, line->tail) == LINE_END_OF_FILE) {
		line->tail++;
		*more = false;
	}
	return done;
}

void line_flush(struct tty_line *line)
{
	line->tail = line->canon = line->head = 0;
	line->literal_next = false;
	memset(line->marks, 0, sizeof(line->marks));
}
