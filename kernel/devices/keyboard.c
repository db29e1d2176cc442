/* SPDX-License-Identifier: MIT */
/*
 * A PC's keyboard, polled. Source: IBM PC/AT technical reference (keyboard controller 8042). The
 * controller sends codes of set 1: 0x01..0x7f for a key that goes down, the same with bit 7 set
 * for one that goes up.
 *
 * A USB keyboard that the firmware presents as this controller does not work: the loader takes the
 * USB controllers.
 */
#include "kernel/devices/keyboard.h"
#include "kernel/cpu/io.h"

#define KEYBOARD_DATA	0x60
#define KEYBOARD_STATUS 0x64
#define STATUS_FULL	0x01
#define STATUS_MOUSE	0x20
#define NO_CONTROLLER	0xff

#define KEY_UP	      0x80 /* with this bit the key goes up */
#define CODE_EXTENDED 0xe0 /* a key that the first PCs did not have follows */
#define CODE_PAUSE    0xe1 /* two codes follow, and the same for the key going up */

enum {
	KEY_CONTROL = 0x1d,
	KEY_SHIFT_LEFT = 0x2a,
	KEY_SHIFT_RIGHT = 0x36,
	KEY_ALT = 0x38,
	KEY_CAPS = 0x3a,
	KEY_HOME = 0x47,
	KEY_DELETE = 0x53,
};

/* Reads a byte of the keyboard; 0: there is none. */
static u8 read_code(void)
{
	u8 status = inb(KEYBOARD_STATUS), code;

	if (status == NO_CONTROLLER || !(status & STATUS_FULL))
		return 0;
	code = inb(KEYBOARD_DATA);
	return status & STATUS_MOUSE ? 0 : code;
}

bool keyboard_poll(void)
{
	u8 code = read_code();

	return code != 0 && code < KEY_UP;
}

/* What the keys 0x00 to 0x39 send; 0: nothing, or it is handled below. */
static const char plain[] =
	"\0\0331234567890-=\177\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] =
	"\0\033!@#$%^&*()_+\177\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

/* KEY_HOME to KEY_DELETE: the last byte of `ESC [ A`, or the digit of `ESC [ 5 ~`. */
static const char movements[] = "HA5-D\0C+FB623";

/* False: the key is no modifier. */
static bool take_modifier(struct keyboard *keyboard, u8 key, bool down)
{
	switch (key) {
	case KEY_SHIFT_LEFT:
	case KEY_SHIFT_RIGHT:
		/* Extended, it only brackets a movement while Num Lock is on. */
		if (!keyboard->extended)
			keyboard->shift = down;
		return true;
	case KEY_CONTROL:
		keyboard->control = down;
		return true;
	case KEY_ALT:
		keyboard->alt = down;
		return true;
	case KEY_CAPS:
		keyboard->caps ^= down;
		return true;
	}
	return false;
}

static u32 movement(u8 key, char text[KEYBOARD_TEXT])
{
	char which = movements[key - KEY_HOME];
	u32 length = 0;

	if (!which)
		return 0;
	if (which == '-' || which == '+') {
		text[0] = which;
		return 1;
	}
	text[length++] = '\033';
	text[length++] = '[';
	text[length++] = which;
	if (which <= '9')
		text[length++] = '~';
	return length;
}

static char character(const struct keyboard *keyboard, u8 key)
{
	char c = plain[key];
	bool letter = c >= 'a' && c <= 'z';

	if (keyboard->shift != (letter && keyboard->caps))
		c = shifted[key];
	/* Control and a key from @ to _ send the character 64 lower; the blank sends NUL. */
	if (keyboard->control && c >= '@' && c <= 'z')
		c &= 0x1f;
	return c;
}

u32 keyboard_translate(struct keyboard *keyboard, u8 code, char text[KEYBOARD_TEXT])
{
	u8 key = code & (KEY_UP - 1);
	bool down = code < KEY_UP, extended = keyboard->extended;
	u32 length = 0;

	if (keyboard->skip) {
		keyboard->skip--;
		return 0;
	}
	if (code == CODE_EXTENDED || code == CODE_PAUSE) {
		keyboard->extended = code == CODE_EXTENDED;
		keyboard->skip = code == CODE_PAUSE ? 2 : 0;
		return 0;
	}
	if (take_modifier(keyboard, key, down)) {
		keyboard->extended = false;
		return 0;
	}
	keyboard->extended = false;
	if (!down)
		return 0;
	if (key >= KEY_HOME && key <= KEY_DELETE)
		return movement(key, text);
	if (key >= sizeof(plain) - 1 || !plain[key])
		return 0;
	if (keyboard->alt && !extended)
		text[length++] = '\033';
	text[length++] = character(keyboard, key);
	return length;
}

u32 keyboard_read(struct keyboard *keyboard, char text[KEYBOARD_TEXT])
{
	u8 code = read_code();

	return code ? keyboard_translate(keyboard, code, text) : 0;
}
