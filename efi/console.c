/* SPDX-License-Identifier: MIT */
/*
 * Lines on the firmware's console. Firmware that copies its console to a serial line wraps it at
 * 80 columns, so a line must be shorter to stay one line.
 *
 * gnu-efi's Print() is not used: it is compiled with SSE, which some firmware leaves disabled.
 *
 * Context: boot services. Nothing here fails; without a console the text is dropped.
 */
#include "efi/loader.h"
#include "lib/printf.h"

#define LINE_SIZE 256 /* characters, with the NUL */

static void print_line(const char *prefix, const char *format, va_list arguments)
{
	CHAR16 wide[LINE_SIZE + 2];
	char line[LINE_SIZE];
	int length;

	if (!ST->ConOut)
		return;
	length = scnprintf(line, sizeof(line), "%s", prefix);
	length += vscnprintf(line + length, sizeof(line) - length, format, arguments);
	for (int i = 0; i < length; i++)
		wide[i] = (u8)line[i];
	wide[length] = '\r';
	wide[length + 1] = '\n';
	wide[length + 2] = '\0';
	ST->ConOut->OutputString(ST->ConOut, wide);
}

void say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_line("loader: ", format, arguments);
	va_end(arguments);
}

EFI_STATUS fail(EFI_STATUS status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_line("loader: error: ", format, arguments);
	va_end(arguments);
	return status;
}

#define TENTH_US 100000u

void wait_for_key(UINT32 seconds)
{
	EFI_INPUT_KEY key;

	if (seconds == 0)
		return;
	/* Discard the key that chose this loader in a menu. */
	if (ST->ConIn)
		ST->ConIn->Reset(ST->ConIn, FALSE);
	say("a key, or %u seconds, and the firmware goes on", seconds);
	for (UINT32 tenths = 10 * seconds; tenths != 0; tenths--) {
		if (ST->ConIn && !EFI_ERROR(ST->ConIn->ReadKeyStroke(ST->ConIn, &key)))
			return;
		BS->Stall(TENTH_US);
	}
}

/* Does the firmware know of a serial port? */
static bool has_serial(void)
{
	EFI_GUID guid = {
		0xbb25cf6f, 0xf1d4, 0x11d2, { 0x9a, 0x0c, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0xfd }
	};
	void *serial = NULL;

	return !EFI_ERROR(BS->LocateProtocol(&guid, NULL, &serial));
}

void say_farewell(bool screen)
{
	bool serial = has_serial() || !screen;

	if (screen)
		say("if the next line stays for 30 s, photograph the screen");
	say("leaving the firmware; the log goes on %s%s%s", screen ? "here" : "",
	    screen && serial ? " and " : "", serial ? "over serial" : "");
}

const char *status_text(EFI_STATUS status)
{
	static const struct {
		EFI_STATUS status;
		const char *text;
	} texts[] = {
		{ EFI_INVALID_PARAMETER, "Invalid Parameter" },
		{ EFI_UNSUPPORTED, "Unsupported" },
		{ EFI_BAD_BUFFER_SIZE, "Bad Buffer Size" },
		{ EFI_BUFFER_TOO_SMALL, "Buffer Too Small" },
		{ EFI_NOT_READY, "Not Ready" },
		{ EFI_DEVICE_ERROR, "Device Error" },
		{ EFI_OUT_OF_RESOURCES, "Out of Resources" },
		{ EFI_VOLUME_CORRUPTED, "Volume Corrupted" },
		{ EFI_NO_MEDIA, "No Media" },
		{ EFI_MEDIA_CHANGED, "Media Changed" },
		{ EFI_NOT_FOUND, "Not Found" },
		{ EFI_ACCESS_DENIED, "Access Denied" },
		{ EFI_TIMEOUT, "Timeout" },
		{ EFI_WRITE_PROTECTED, "Write Protected" },
		{ EFI_VOLUME_FULL, "Volume Full" },
		{ EFI_SECURITY_VIOLATION, "Security Violation" },
	};

	for (UINTN i = 0; i < ARRAY_SIZE(texts); i++)
		if (texts[i].status == status)
			return texts[i].text;
	return "an error without a name here";
}

/* "2.7", "2.10", "2.3.1": the minor number of a revision counts tenths of a minor version. */
static void say_banner(const struct boot_info *info)
{
	u32 major = info->uefi_revision >> 16, minor = info->uefi_revision & 0xffff;
	char patch[8] = "";

	if (minor % 10 != 0)
		scnprintf(patch, sizeof(patch), ".%u", minor % 10);
	say("Pagewright, %u-bit UEFI %u.%u%s, %.28s 0x%x", info->firmware_bits, major, minor / 10,
	    patch, info->firmware_vendor, info->firmware_revision);
}

void banner(struct boot_info *info)
{
	const CHAR16 *vendor = ST->FirmwareVendor;
	UINTN length = 0;

	for (; vendor && vendor[length] && length < BOOT_VENDOR_SIZE - 1; length++) {
		bool printable = vendor[length] >= ' ' && vendor[length] < 0x7f;

		info->firmware_vendor[length] = printable ? (char)vendor[length] : '?';
	}
	info->firmware_vendor[length] = '\0';
	if (ST->ConOut)
		ST->ConOut->ClearScreen(ST->ConOut);
	info->firmware_bits = 8 * sizeof(UINTN);
	info->firmware_revision = ST->FirmwareRevision;
	info->uefi_revision = ST->Hdr.Revision;
	say_banner(info);
}
