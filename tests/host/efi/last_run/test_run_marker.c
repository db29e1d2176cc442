/* SPDX-License-Identifier: MIT */
/*
 * STARTED.TXT: written, found and removed; the options that change where it cannot be written; the
 * reasons why a run left no log.
 *
 * sources: efi/last_run/run_marker.c efi/last_run/run_marker_text.c efi/options.c
 * sources: efi/volume.c efi/memory.c efi/console.c efi/variables.c
 */
#include <string.h>

#include "tests/host/efi/firmware.h"
#include "tests/host/tap.h"

#define PATH "\\pagewright\\LOGS\\STARTED.TXT"

static EFI_FILE_HANDLE root;
static bool encrypted;

/* efi/describe/describe_processor.c */
bool memory_is_encrypted(void);
bool memory_is_encrypted(void)
{
	return encrypted;
}

static void start(void)
{
	firmware_start();
	tap_finally(firmware_clean);
	root = volume_open(firmware_device);
}

static void end(void)
{
	volume_close(root);
}

static char options[BOOT_OPTIONS_SIZE];

static const char *write_with(const char *with)
{
	strcpy(options, with);
	run_marker_write(root, 7, options);
	EXPECT_EQ(volume_open_files, root != NULL);
	return options;
}

static void written(void)
{
	start();
	EXPECT_TEXT(write_with("log=stop exit=reboot"), "log=stop exit=reboot");
	EXPECT_TEXT(volume_text(PATH),
		    "Pagewright: run 0007 has begun, and its log is not saved yet.\r\n"
		    "overwrite=0 encrypted=0\r\n");
	EXPECT(run_marker_collect(root, true));
	EXPECT(!volume_has(PATH));
	EXPECT(!run_marker_collect(root, true));
	EXPECT(!run_marker_collect(NULL, true));
	EXPECT_TEXT(take_told(), "");
	encrypted = true;
	firmware_variable("MemoryOverwriteRequestControl", "\1", 1);
	write_with("");
	EXPECT(strstr(volume_text(PATH), "\r\noverwrite=1 encrypted=1\r\n"));
	end();
}

static void reasons(void)
{
	start();
	write_with("");
	EXPECT(run_marker_collect(root, false));
	EXPECT_TEXT(take_told(),
		    "loader: log: the run before left none:\n"
		    "loader: log: it was switched off, or its firmware clears memory\n");
	write_with("");
	encrypted = true;
	EXPECT(run_marker_collect(root, false));
	EXPECT(has_told("a new key after each reset (TME)\n"));
	take_told();
	/* What the firmware was asked for at the start counts, not now. */
	firmware_variable("MemoryOverwriteRequestControl", "\1", 1);
	write_with("");
	firmware_variable("MemoryOverwriteRequestControl", NULL, 0);
	EXPECT(run_marker_collect(root, false));
	EXPECT(has_told("(MemoryOverwriteRequestControl)\n"));
	/* A file of any contents and length. */
	volume_have(PATH, NULL, 5000);
	encrypted = false;
	EXPECT(run_marker_collect(root, false));
	EXPECT(has_told("it was switched off"));
	end();
}

static void not_removed(void)
{
	start();
	write_with("");
	volume.protected = true;
	EXPECT(run_marker_collect(root, true));
	EXPECT_TEXT(take_told(), "loader: log: " PATH " cannot be removed: Write Protected\n");
	volume.protected = false;
	firmware_refuse(CALL_READ, 0, EFI_DEVICE_ERROR);
	EXPECT(!run_marker_collect(root, true));
	EXPECT_TEXT(take_told(), "");
	EXPECT(volume_has(PATH));
	end();
}

/* Where it cannot be written, a run must not restart by itself. */
static void not_written(void)
{
	start();
	volume.read_only = true;
	EXPECT_TEXT(write_with("log=stop exit=reboot"),
		    "log=stop exit=reboot exit=poweroff panic=0");
	EXPECT_TEXT(take_told(), "loader: log: no STARTED.TXT: Write Protected\n"
				 "loader: log: it could start again for ever, so "
				 "exit=poweroff panic=0\n");
	EXPECT_TEXT(write_with("log=stop panic=5"), "log=stop panic=5 panic=0");
	EXPECT(has_told("so panic=0\n"));
	EXPECT_TEXT(write_with("log=stop panic=0"), "log=stop panic=0");
	EXPECT_TEXT(write_with("log=stop"), "log=stop");
	EXPECT_TEXT(write_with("exit=reboot"), "exit=reboot");
	take_told();
	volume_close(root);
	root = NULL;
	EXPECT_TEXT(write_with("exit=reboot"), "exit=reboot");
	EXPECT_TEXT(take_told(), "");
	EXPECT_TEXT(write_with("log=stop exit=reboot"),
		    "log=stop exit=reboot exit=poweroff panic=0");
	EXPECT_TEXT(take_told(), "loader: log: it could start again for ever, so "
				 "exit=poweroff panic=0\n");
	/* No place for more options. */
	memset(options, 'x', sizeof(options));
	memcpy(options, "log=stop exit=reboot ", 21);
	options[sizeof(options) - 1] = '\0';
	run_marker_write(root, 7, options);
	EXPECT_EQ(strlen(options), sizeof(options) - 1);
	EXPECT_TEXT(take_told(), "");
	end();
}

/* The run does not begin: the volume, which was closed, is opened again. */
static void undone(void)
{
	start();
	write_with("");
	end();
	run_marker_undo(firmware_device);
	EXPECT(!volume_has(PATH));
	run_marker_undo(firmware_device);
	run_marker_undo(NULL);
	EXPECT_TEXT(take_told(), "");
}

TAP_MAIN({ "written, found, removed", written }, { "reasons", reasons },
	 { "a file that cannot be removed", not_removed },
	 { "a file that cannot be written", not_written }, { "a run that does not begin", undone })
