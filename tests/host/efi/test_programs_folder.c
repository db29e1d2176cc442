/* SPDX-License-Identifier: MIT */
/*
 * The folder of the user's programs: the archive that is made of it, names, limits, files that
 * change between the two walks, firmware that refuses each of its calls.
 *
 * sources: efi/programs_folder.c efi/archive.c efi/volume.c efi/memory.c efi/console.c
 */
#define _GNU_SOURCE /* memmem() */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "efi/archive.h"
#include "tests/host/efi/firmware.h"
#include "tests/host/tap.h"

#define FOLDER "\\pagewright\\programs"

static EFI_FILE_HANDLE root;
static struct boot_range initramfs;

/* An initramfs of one file, in low memory. */
static void start(void)
{
	u8 *place, *end;

	firmware_start();
	tap_finally(firmware_clean);
	root = volume_open(firmware_device);
	place = memory_alloc(MEMORY_LOW, EfiLoaderData, 1000, "x");
	end = (u8 *)archive_put(place, "init", ARCHIVE_FILE, 4) + 4;
	memcpy(end - 4, "abcd", 4);
	archive_put(end, ARCHIVE_TRAILER, 0, 0);
	initramfs =
		(struct boot_range){ (uintptr_t)place,
				     (u64)(end - place) + archive_entry_size(ARCHIVE_TRAILER, 0) };
}

static void end(void)
{
	memory_free_all();
	volume_close(root);
}

/* The archive as text: "NAME mode=... bytes;" for each entry. */
static u32 number_at(const u8 *digits)
{
	char text[9] = { 0 };

	memcpy(text, digits, 8);
	return (u32)strtoul(text, NULL, 16);
}

static const char *listing(void)
{
	static char text[4000];
	const u8 *at = (const u8 *)(uintptr_t)initramfs.start, *last = at + initramfs.size;
	size_t length = 0;

	text[0] = '\0';
	while (at < last && !memcmp(at, "070701", 6)) {
		u32 mode = number_at(at + 14), bytes = number_at(at + 54),
		    name = number_at(at + 94);
		const u8 *data = at + ALIGN_UP(110 + name, 4);

		length +=
			(size_t)snprintf(text + length, sizeof(text) - length, "%s %o %.*s;",
					 (const char *)at + 110, mode, (int)min(bytes, 20u), data);
		at = data + ALIGN_UP(bytes, 4);
	}
	EXPECT(at == last);
	return text;
}

#define BEFORE "init 100755 abcd;"
#define AFTER  "TRAILER!!! 0 ;"

static EFI_STATUS gather(void)
{
	EFI_STATUS status = gather_programs(root, &initramfs);

	EXPECT_EQ(volume_open_files, root != NULL);
	return status;
}

static void unchanged(void)
{
	EXPECT_TEXT(listing(), BEFORE AFTER);
	EXPECT_EQ(firmware_pages(), 1);
}

static void files(void)
{
	start();
	volume_have_text(FOLDER "\\hello", "one");
	volume_have_text(FOLDER "\\bin\\two", "22222");
	volume_have_text(FOLDER "\\empty", "");
	volume_have_folder(FOLDER "\\none");
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT_TEXT(listing(),
		    BEFORE "programs 40755 ;programs/hello 100755 one;programs/bin 40755 ;"
			   "programs/bin/two 100755 22222;programs/empty 100755 ;"
			   "programs/none 40755 ;" AFTER);
	EXPECT_TEXT(take_told(), "loader: programs: \\pagewright\\programs, 3 files, 0 KiB\n");
	EXPECT(initramfs.start < BOOT_ADDRESS_LIMIT);
	EXPECT_EQ(firmware_pages(), 1); /* not the old one */
	end();
}

static void sizes(void)
{
	u8 *data = malloc(MiB(3));

	start();
	for (u32 i = 0; i < MiB(3); i++)
		data[i] = (u8)(i * 7);
	volume_have(FOLDER "\\large", data, MiB(3));
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT_TEXT(take_told(), "loader: programs: \\pagewright\\programs, 1 files, 3072 KiB\n");
	EXPECT(memmem((void *)(uintptr_t)initramfs.start, initramfs.size, data, MiB(3)));
	end();
	free(data);
}

static void no_folder(void)
{
	start();
	EXPECT_EQ(gather(), EFI_SUCCESS);
	unchanged();
	volume_have_text(FOLDER, "a file");
	EXPECT_EQ(gather(), EFI_SUCCESS);
	unchanged();
	EXPECT_TEXT(take_told(),
		    "loader: warning: \\pagewright\\programs: is not a folder, left out\n");
	volume_close(root);
	root = NULL;
	EXPECT_EQ(gather(), EFI_SUCCESS);
	unchanged();
	EXPECT_TEXT(told, "");
	end();
}

static void empty_folder(void)
{
	start();
	volume_have_folder(FOLDER);
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT_TEXT(listing(), BEFORE "programs 40755 ;" AFTER);
	EXPECT_TEXT(take_told(), "loader: programs: \\pagewright\\programs, 0 files, 0 KiB\n");
	end();
}

/* ---- Names ---- */

static void wide_names(void)
{
	start();
	volume_have_wide(FOLDER, L"\x7f\x80\x7ff", false);
	volume_have_wide(FOLDER, L"\x800\xd7ff\xe000\xffff", false);
	volume_have_wide(FOLDER, L"\xd800x", false); /* outside the basic plane */
	volume_have_wide(FOLDER, L"\xdfff", false);
	volume_have_wide(FOLDER, L".hidden", true); /* as "." and ".." */
	volume_have_wide(FOLDER, L".dot", false);
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT_TEXT(listing(),
		    BEFORE "programs 40755 ;programs/\x7f\xc2\x80\xdf\xbf 100755 ;"
			   "programs/\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf 100755 ;"
			   "programs/.dot 100755 ;" AFTER);
	/* Each is named once, in the first walk. */
	EXPECT_TEXT(take_told(), "loader: warning: programs: a name in it is too long, left out\n"
				 "loader: warning: programs: a name in it is too long, left out\n"
				 "loader: programs: \\pagewright\\programs, 3 files, 0 KiB\n");
	end();
}

/* A path has at most 253 bytes: "programs/" and 244, if its last letter is ASCII. */
static void long_names(void)
{
	CHAR16 name[256] = { 0 };

	for (u32 length = 243; length <= 246; length++) {
		firmware_start();
		root = volume_open(firmware_device);
		for (u32 i = 0; i < length; i++)
			name[i] = (CHAR16)('a' + (i + length) % 20);
		volume_have_wide(FOLDER, name, false);
		name[length] = '\0';
		volume_close(root);
	}
	start();
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT(has_told("2 files, 0 KiB\n"));
	end();
}

/* Eight folders in the folder are walked, and the file in the last. */
static void deep_folders(void)
{
	start();
	volume_have_text(FOLDER "\\1\\2\\3\\4\\5\\6\\7\\8\\file", "x");
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT(strstr(listing(), "programs/1/2/3/4/5/6/7/8/file 100755 x;" AFTER));
	EXPECT(!strstr(take_told(), "warning"));
	volume_have_text(FOLDER "\\1\\2\\3\\4\\5\\6\\7\\8\\9\\file", "x");
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT(!strstr(listing(), "9"));
	EXPECT(has_told(
		"loader: warning: programs/1/2/3/4/5/6/7/8: a name in it is too long, left out\n"));
	end();
}

/* ---- Limits ---- */

/* The archive of the folder has at most 128 MiB: here its file, two names and two headers. */
static void large_folder(void)
{
	const u64 heads = ALIGN_UP(110u + 9u, 4) + ALIGN_UP(110u + 11u, 4);

	start();
	volume_have(FOLDER "\\x", NULL, MiB(128) - heads);
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT(has_told("1 files, 131072 KiB\n"));
	end();
	start();
	volume_have(FOLDER "\\x", NULL, MiB(128) - heads + 1);
	take_told();
	EXPECT_EQ(gather(), EFI_BAD_BUFFER_SIZE);
	EXPECT_TEXT(take_told(), "loader: error: \\pagewright\\programs: more than 128 MiB\n");
	unchanged();
	volume_have(FOLDER "\\x", NULL, 0x100000010ull); /* 32 bits of it are little */
	EXPECT_EQ(gather(), EFI_BAD_BUFFER_SIZE);
	unchanged();
	end();
}

static void damaged_archive(void)
{
	start();
	volume_have_text(FOLDER "\\x", "y");
	initramfs.size -= 4; /* a part of the trailer is missing */
	memset((u8 *)(uintptr_t)initramfs.start + initramfs.size - 20, 'x', 20);
	EXPECT_EQ(gather(), EFI_LOAD_ERROR);
	EXPECT_TEXT(take_told(), "loader: error: \\pagewright\\programs: the initramfs has no end, "
				 "nothing can be added\n");
	EXPECT_EQ(firmware_pages(), 1);
	end();
}

/* ---- Firmware that refuses, or answers in another way at the second walk ---- */

static void refused(void)
{
	start();
	volume_have_text(FOLDER "\\hello", "one");
	volume_have_text(FOLDER "\\bin\\two", "22222");
	for (u32 n = 0;; n++) {
		EFI_STATUS status;

		firmware_refuse_nth(n, EFI_DEVICE_ERROR);
		take_told();
		status = gather();
		if (!firmware_refused())
			break;
		if (n == 0) { /* the folder is not found */
			EXPECT_EQ(status, EFI_SUCCESS);
			unchanged();
			continue;
		}
		EXPECT(EFI_ERROR(status));
		EXPECT_TEXT(listing(), BEFORE AFTER);
		/* The place for the new archive remains in the list of allocations. */
		EXPECT(firmware_pages() <= 2);
		if (firmware_pages() == 2) {
			u8 copy[1000];
			u64 size = initramfs.size;

			memcpy(copy, (void *)(uintptr_t)initramfs.start, size);
			memory_free_all();
			initramfs.start =
				(uintptr_t)memory_alloc(MEMORY_LOW, EfiLoaderData, 1000, "x");
			memcpy((void *)(uintptr_t)initramfs.start, copy, size);
		}
	}
	EXPECT(strstr(listing(), "programs/bin/two 100755 22222;"));
	end();
}

/* A walk reads ".", "..", the entry of x and the end. */
static const struct {
	enum firmware_call call;
	u32 skip;
	const char *line;
} lines[] = {
	{ CALL_OPEN, 1, "loader: error: programs/x: cannot be opened: Device Error\n" },
	{ CALL_OPEN, 2, "loader: error: programs/x: cannot be opened: Device Error\n" },
	{ CALL_READ, 0, "loader: error: programs: cannot be read: Device Error\n" },
	{ CALL_READ, 4, "loader: error: programs: cannot be read: Device Error\n" },
	{ CALL_READ, 7, "loader: error: programs/x: cannot be read: Device Error\n" },
	{ CALL_PAGES, 0,
	  "loader: error: no memory for \\pagewright\\programs (4 KiB below 896 MiB)\n" },
};

static void error_lines(void)
{
	start();
	volume_have_text(FOLDER "\\x", "one");
	for (u32 i = 0; i < ARRAY_SIZE(lines); i++) {
		take_told();
		firmware_refuse(lines[i].call, lines[i].skip, EFI_DEVICE_ERROR);
		EXPECT(EFI_ERROR(gather()));
		EXPECT_TEXT(take_told(), lines[i].line);
		firmware_permit();
	}
	end();
}

/* What becomes of a file when memory is allocated, after it was counted. */
static const char *becomes;
static EFI_STATUS (*real_allocate)(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN pages,
				   EFI_PHYSICAL_ADDRESS *address);

static EFI_STATUS allocate_and_change(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN pages,
				      EFI_PHYSICAL_ADDRESS *address)
{
	volume_have_text(FOLDER "\\x", becomes);
	return real_allocate(how, type, pages, address);
}

static void start_changing(const char *from, const char *to)
{
	start();
	volume_have_text(FOLDER "\\x", from);
	becomes = to;
	real_allocate = boot.AllocatePages;
	boot.AllocatePages = allocate_and_change;
}

/* Nothing is written beyond what was counted, (1). */
static void grows(void)
{
	start_changing("one", "one and more");
	EXPECT_EQ(gather(), EFI_BAD_BUFFER_SIZE);
	EXPECT_TEXT(listing(), BEFORE AFTER);
	EXPECT(has_told("more than"));
	end();
}

/* The archive has what was read, and its own end. */
static void shrinks(void)
{
	start_changing("one and more", "o");
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT_TEXT(listing(), BEFORE "programs 40755 ;programs/x 100755 o;" AFTER);
	end();
}

TAP_MAIN({ "files and folders", files }, { "large files", sizes }, { "no folder", no_folder },
	 { "an empty folder", empty_folder }, { "names that are not ASCII", wide_names },
	 { "long names", long_names }, { "folders in folders", deep_folders },
	 { "a folder that is too large", large_folder },
	 { "an initramfs without end", damaged_archive }, { "firmware that refuses", refused },
	 { "lines of errors", error_lines }, { "a file that grows", grows },
	 { "a file that gets shorter", shrinks })
