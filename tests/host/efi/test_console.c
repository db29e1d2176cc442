/* SPDX-License-Identifier: MIT */
/*
 * The loader's lines on the firmware's console: their form, the banner, the names of errors, the
 * wait for a key.
 *
 * sources: efi/console.c
 */
#include <stdio.h>
#include <string.h>

#include "tests/host/efi/firmware.h"
#include "tests/host/tap.h"

static void lines(void)
{
	char text[400], line[400];

	firmware_start();
	say("%u and %s", 1, "two");
	EXPECT_EQ(fail(EFI_TIMEOUT, "%u of %s", 3, "four"), EFI_TIMEOUT);
	EXPECT_TEXT(take_told(), "loader: 1 and two\nloader: error: 3 of four\n");
	/* Cut at 255 characters, the prefix included. */
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	say("%s", text);
	memcpy(line, "loader: ", 8);
	memset(line + 8, 'x', 247);
	memcpy(line + 255, "\n", 2);
	EXPECT_TEXT(take_told(), line);
	/* Without a console they are dropped. */
	system_table.ConOut = NULL;
	say("%u", 1);
	EXPECT_EQ(fail(EFI_TIMEOUT, "%u", 1), EFI_TIMEOUT);
	EXPECT_TEXT(told, "");
}

static CHAR16 wide[4];

static EFI_STATUS note_wide(SIMPLE_TEXT_OUTPUT_INTERFACE *console, CHAR16 *text)
{
	(void)console;
	memcpy(wide, text + 8, sizeof(wide));
	return EFI_SUCCESS;
}

/* A character above ASCII is one of Latin-1, not a negative number. */
static void high_characters(void)
{
	firmware_start();
	system_table.ConOut->OutputString = note_wide;
	say("%c", 0xe9);
	EXPECT(wide[0] == 0xe9 && wide[1] == '\r' && wide[2] == '\n' && !wide[3]);
}

static const struct {
	EFI_STATUS status;
	const char *text;
} names[] = {
	{ EFI_INVALID_PARAMETER, "Invalid Parameter" },
	{ EFI_DEVICE_ERROR, "Device Error" },
	{ EFI_SECURITY_VIOLATION, "Security Violation" },
	{ EFI_ERROR_BIT | 100, "an error without a name here" },
	{ EFI_SUCCESS, "an error without a name here" },
};

static void error_names(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		EXPECT_TEXT(status_text(names[i].status), names[i].text);
}

/* ---- Keys ---- */

static void keys(void)
{
	firmware_start();
	wait_for_key(0);
	EXPECT_TEXT(take_told(), "");
	EXPECT_EQ(firmware_stalled, 0);
	firmware_keys = 1; /* pressed before: does not count */
	wait_for_key(3);
	EXPECT_TEXT(take_told(), "loader: a key, or 3 seconds, and the firmware goes on\n");
	EXPECT_EQ(firmware_stalled, 3000000);
	/* Without a keyboard. */
	system_table.ConIn = NULL;
	firmware_stalled = 0;
	wait_for_key(1);
	EXPECT_EQ(firmware_stalled, 1000000);
}

static EFI_STATUS press_later(UINTN microseconds)
{
	firmware_stalled += microseconds;
	if (firmware_stalled == 500000)
		firmware_keys = 1;
	return EFI_SUCCESS;
}

static void key_ends_wait(void)
{
	firmware_start();
	boot.Stall = press_later;
	wait_for_key(30);
	EXPECT_EQ(firmware_stalled, 500000);
	EXPECT_EQ(firmware_keys, 0);
}

/* ---- The last line, and the first ---- */

static void farewell(void)
{
	static int port;

	firmware_start();
	say_farewell(true);
	EXPECT_TEXT(take_told(), "loader: if the next line stays for 30 s, photograph the screen\n"
				 "loader: leaving the firmware; the log goes on here\n");
	say_farewell(false);
	EXPECT_TEXT(take_told(), "loader: leaving the firmware; the log goes on over serial\n");
	firmware_install(&port, 0xbb25cf6f, &port);
	say_farewell(true);
	EXPECT(has_told("the log goes on here and over serial\n"));
	take_told();
	say_farewell(false);
	EXPECT_TEXT(take_told(), "loader: leaving the firmware; the log goes on over serial\n");
}

static const char *banner_of(CHAR16 *vendor, u32 revision, struct boot_info *info)
{
	memset(info, 0xee, sizeof(*info));
	system_table.FirmwareVendor = vendor;
	system_table.Hdr.Revision = revision;
	banner(info);
	return take_told();
}

#define BITS (sizeof(UINTN) == 8 ? "64" : "32")

static void banners(void)
{
	CHAR16 vendor[100];
	struct boot_info info;
	char line[100];

	firmware_start();
	snprintf(line, sizeof(line), "(clear)loader: Pagewright, %s-bit UEFI 2.7, Model 0x10\n",
		 BITS);
	EXPECT_TEXT(banner_of(L"Model", 2 << 16 | 70, &info), line);
	EXPECT_TEXT(info.firmware_vendor, "Model");
	EXPECT(info.firmware_bits == 8 * sizeof(UINTN) && info.firmware_revision == 0x10);
	EXPECT_EQ(info.uefi_revision, 2 << 16 | 70);
	EXPECT(strstr(banner_of(L"M", 2 << 16 | 100, &info), "UEFI 2.10, M 0x10\n"));
	EXPECT(strstr(banner_of(L"M", 2 << 16 | 31, &info), "UEFI 2.3.1, M 0x10\n"));
	EXPECT(strstr(banner_of(NULL, 2 << 16, &info), "UEFI 2.0,  0x10\n"));
	EXPECT_TEXT(info.firmware_vendor, "");
	/* What is not printable ASCII. */
	banner_of(L" a~\x7f\x1f\x100\xe9z", 2 << 16, &info);
	EXPECT_TEXT(info.firmware_vendor, " a~????z");
	/* A name that is longer than its place, and than the line's. */
	for (u32 i = 0; i < ARRAY_SIZE(vendor); i++)
		vendor[i] = 'v';
	EXPECT(strstr(banner_of(vendor, 2 << 16, &info),
		      "UEFI 2.0, vvvvvvvvvvvvvvvvvvvvvvvvvvvv 0x10\n"));
	EXPECT_EQ(strlen(info.firmware_vendor), BOOT_VENDOR_SIZE - 1);
	system_table.ConOut = NULL;
	EXPECT_TEXT(banner_of(L"Model", 2 << 16, &info), "");
	EXPECT_TEXT(info.firmware_vendor, "Model");
}

TAP_MAIN({ "lines", lines }, { "characters above ASCII", high_characters },
	 { "names of errors", error_names }, { "waiting for a key", keys },
	 { "a key ends the wait", key_ends_wait }, { "the last line", farewell },
	 { "the banner", banners })
