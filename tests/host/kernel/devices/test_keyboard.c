/* SPDX-License-Identifier: MIT */
/* The keyboard: what its keys send. */
#define KERNEL_CPU_IO_H /* the controller is a queue of codes */
#include <string.h>

#include "lib/types.h"

static const u8 *codes;
static u32 codes_left;

u8 inb(u16 port);
u8 inb(u16 port)
{
	if (port == 0x64)
		return codes_left ? 1 : 0;
	codes_left--;
	return *codes++;
}

#include "kernel/devices/keyboard.c"
#include "tests/host/tap.h"

static struct keyboard keyboard;

/* What the codes send, as text; a NUL as '0'. */
static const char *typed(const char *queue, u32 count)
{
	static char text[200];
	u32 length = 0;

	codes = (const u8 *)queue;
	codes_left = count;
	while (codes_left) {
		char part[KEYBOARD_TEXT];
		u32 bytes = keyboard_read(&keyboard, part);

		for (u32 i = 0; i < bytes; i++)
			text[length++] = part[i] ? part[i] : '0';
	}
	text[length] = '\0';
	return text;
}

#define TYPED(queue) typed(queue, sizeof(queue) - 1)

static void letters(void)
{
	keyboard = (struct keyboard){ 0 };
	EXPECT_TEXT(TYPED("\x23\xa3\x12\x92\x26\xa6\x26\xa6\x18\x98\x1c\x9c"), "hello\r");
	EXPECT_TEXT(TYPED("\x02\x0b\x0c\x0d\x0e\x0f\x1a\x1b\x27\x28\x29\x2b\x33\x34\x35\x39"),
		    "10-=\177\t[];'`\\,./ ");
	EXPECT_TEXT(TYPED("\x2a\x1e\x9e\x03\xaa\x1e"), "A@a"); /* left Shift */
	EXPECT_TEXT(TYPED("\x36\x35\x2b\xb6\x35"), "?|/");     /* right Shift */
	EXPECT_TEXT(TYPED("\x3a\xba\x1e\x02\x2a\x1e\x02\xaa\x3a\xba\x1e"), "A1a!a");
}

static void with_control_and_alt(void)
{
	keyboard = (struct keyboard){ 0 };
	EXPECT_TEXT(TYPED("\x1d\x2e\x20\x2c\x2b\x1a\x39\x9d\x2e"), "\3\4\32\34\33 c");
	EXPECT_TEXT(TYPED("\xe0\x1d\x2e\xe0\x9d\x2e"), "\3c"); /* right Control */
	EXPECT_TEXT(TYPED("\x38\x30\xb8\x30"), "\033bb");
}

static void movements_and_others(void)
{
	keyboard = (struct keyboard){ 0 };
	EXPECT_TEXT(TYPED("\xe0\x48\xe0\xc8\xe0\x50\xe0\x4b\xe0\x4d"), "\033[A\033[B\033[D\033[C");
	EXPECT_TEXT(TYPED("\xe0\x47\xe0\x4f\xe0\x53\xe0\x49\xe0\x51"),
		    "\033[H\033[F\033[3~\033[5~\033[6~");
	EXPECT_TEXT(TYPED("\x4a\x4e\x37\xe0\x35\xe0\x1c"), "-+*/\r");  /* the key pad */
	EXPECT_TEXT(TYPED("\xe0\x2a\xe0\x48\xe0\xaa\x1e"), "\033[Aa"); /* a false Shift */
	EXPECT_TEXT(TYPED("\xe1\x1d\x45\xe1\x9d\xc5\x1e"), "a");       /* Pause */
	EXPECT_TEXT(TYPED("\x3b\x44\x45\x46\x57\x58\x7f"), "");	       /* F1, F10, locks */
}

static void every_code(void)
{
	keyboard = (struct keyboard){ 0 };
	for (u32 i = 0; i < tap_scaled(200000); i++) {
		char text[KEYBOARD_TEXT];

		EXPECT(keyboard_translate(&keyboard, (u8)random_u32(), text) <= KEYBOARD_TEXT);
	}
}

static void a_key_goes_down(void)
{
	codes = (const u8 *)"\x1e\x9e";
	codes_left = 2;
	EXPECT(keyboard_poll());
	EXPECT(!keyboard_poll());
	EXPECT(!keyboard_poll());
}

TAP_MAIN({ "letters and digits", letters }, { "Control and Alt", with_control_and_alt },
	 { "movements and other keys", movements_and_others },
	 { "random codes write no more than their room", every_code },
	 { "whether a key goes down", a_key_goes_down })
