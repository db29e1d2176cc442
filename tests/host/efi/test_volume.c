/* SPDX-License-Identifier: MIT */
/*
 * Files of the loader's volume: reading and writing them, folders and files that are missing,
 * firmware that refuses each of its calls. Nothing stays open, and the volume stays as it was.
 *
 * sources: efi/volume.c efi/memory.c efi/console.c
 */
#include <stdlib.h>
#include <string.h>

#include "tests/host/efi/firmware.h"
#include "tests/host/tap.h"

static EFI_FILE_HANDLE root;

static void start(void)
{
	firmware_start();
	tap_finally(firmware_clean);
	root = volume_open(firmware_device);
	EXPECT(root);
}

static void end(void)
{
	volume_close(root);
}

/* ---- The volume ---- */

static void opens(void)
{
	EFI_FILE_HANDLE again;

	start();
	end();
	EXPECT(!volume_open(NULL));
	volume_close(NULL);
	firmware_refuse(CALL_PROTOCOL, 0, EFI_UNSUPPORTED);
	EXPECT(!volume_open(firmware_device));
	EXPECT_TEXT(take_told(), "");
	firmware_refuse(CALL_VOLUME, 0, EFI_NO_MEDIA);
	EXPECT(!volume_open(firmware_device));
	EXPECT_TEXT(take_told(), "loader: the boot volume cannot be opened: No Media\n");
	again = volume_open(firmware_device);
	EXPECT(again);
	volume_close(again);
	/* A protocol without an interface. */
	firmware_install(firmware_device, 0x964e5b22, NULL);
	EXPECT(!volume_open(firmware_device));
	EXPECT_TEXT(take_told(), "");
}

/* ---- Reading ---- */

static EFI_STATUS read_file(const char *path, UINTN limit, struct file *file)
{
	memset(file, 0xee, sizeof(*file));
	return volume_read(root, path, MEMORY_LOW, limit, file);
}

static void reads(void)
{
	struct file file;

	start();
	volume_have_text("\\A\\FILE", "some bytes");
	volume_have_text("\\EMPTY", "");
	EXPECT_EQ(read_file("\\A\\FILE", 100, &file), EFI_SUCCESS);
	EXPECT(file.size == 10 && !file.cut && !memcmp(file.data, "some bytes", 11));
	EXPECT((uintptr_t)file.data < BOOT_ADDRESS_LIMIT);
	EXPECT_TEXT(file.name, "\\A\\FILE");
	EXPECT_EQ(firmware_type(file.data), EfiLoaderData);
	memory_free(file.data);
	EXPECT_EQ(volume_read(root, "\\A\\FILE", MEMORY_ANYWHERE, 10, &file), EFI_SUCCESS);
	EXPECT(file.size == 10 && !file.cut && (uintptr_t)file.data >= BOOT_ADDRESS_LIMIT);
	memory_free(file.data);
	EXPECT_EQ(read_file("\\A\\FILE", 9, &file), EFI_SUCCESS);
	EXPECT(file.size == 9 && file.cut && !memcmp(file.data, "some byte", 10));
	memory_free(file.data);
	EXPECT_EQ(read_file("\\EMPTY", 9, &file), EFI_SUCCESS);
	EXPECT(!file.size && !file.cut && !file.data);
	EXPECT_EQ(read_file("\\A\\OTHER", 9, &file), EFI_NOT_FOUND);
	EXPECT(!file.data && !file.size);
	EXPECT_EQ(read_file("\\B\\FILE", 9, &file), EFI_NOT_FOUND);
	EXPECT_EQ(volume_read(NULL, "\\A\\FILE", MEMORY_LOW, 9, &file), EFI_NOT_FOUND);
	EXPECT_TEXT(take_told(), "");
	EXPECT_EQ(read_file("\\A", 9, &file), EFI_UNSUPPORTED);
	EXPECT_TEXT(take_told(), "loader: error: \\A: is a directory\n");
	end();
}

/* Some firmware fails with reads of many MiB, some returns fewer bytes than were asked for. */
static void reads_in_pieces(void)
{
	u8 *bytes = malloc(MiB(3));
	struct file file;

	start();
	for (u32 i = 0; i < MiB(3); i++)
		bytes[i] = (u8)(i % 251);
	volume.largest_read = MiB(1);
	for (u32 size = MiB(1) - 1; size <= MiB(1) + 1; size++) {
		volume_have("\\FILE", bytes, size);
		EXPECT_EQ(read_file("\\FILE", MiB(3), &file), EFI_SUCCESS);
		EXPECT(file.size == size && !memcmp(file.data, bytes, size));
		memory_free(file.data);
	}
	volume_have("\\FILE", bytes, MiB(3));
	firmware_calls[CALL_READ] = 0;
	EXPECT_EQ(read_file("\\FILE", MiB(3), &file), EFI_SUCCESS);
	EXPECT(!memcmp(file.data, bytes, MiB(3)));
	EXPECT_EQ(firmware_calls[CALL_READ], 3);
	memory_free(file.data);
	volume.ends_after = MiB(2) + 5;
	EXPECT_EQ(read_file("\\FILE", MiB(3), &file), EFI_END_OF_FILE);
	EXPECT_TEXT(take_told(), "loader: error: \\FILE: ends after 2097157 bytes\n");
	volume.ends_after = 0;
	volume.reads_more = true;
	memory_free_all();
	EXPECT_EQ(read_file("\\FILE", MiB(3), &file), EFI_END_OF_FILE);
	EXPECT_TEXT(take_told(), "loader: error: \\FILE: ends after 0 bytes\n");
	memory_free_all();
	end();
	free(bytes);
}

static void cannot_read(void)
{
	struct file file;

	start();
	volume_have_text("\\FILE", "some bytes");
	firmware_refuse(CALL_OPEN, 0, EFI_DEVICE_ERROR);
	EXPECT_EQ(read_file("\\FILE", 100, &file), EFI_DEVICE_ERROR);
	EXPECT_TEXT(take_told(), "loader: error: \\FILE: cannot be opened: Device Error\n");
	firmware_refuse(CALL_INFO, 0, EFI_VOLUME_CORRUPTED);
	EXPECT_EQ(read_file("\\FILE", 100, &file), EFI_VOLUME_CORRUPTED);
	EXPECT_TEXT(take_told(),
		    "loader: error: \\FILE: its size cannot be read: Volume Corrupted\n");
	EXPECT(!file.data);
	firmware_refuse(CALL_PAGES, 0, EFI_OUT_OF_RESOURCES);
	EXPECT_EQ(read_file("\\FILE", 100, &file), EFI_OUT_OF_RESOURCES);
	EXPECT_TEXT(take_told(), "loader: error: no memory for \\FILE (4 KiB below 896 MiB)\n");
	/* A missing file is found when it is opened only. */
	for (u32 i = 0; i < 2; i++) {
		firmware_refuse(CALL_READ, 0, i ? EFI_NOT_FOUND : EFI_NO_MEDIA);
		EXPECT_EQ(read_file("\\FILE", 100, &file), i ? EFI_DEVICE_ERROR : EFI_NO_MEDIA);
		EXPECT_TEXT(take_told(), i ? "loader: error: \\FILE: cannot be read: Not Found\n"
					   : "loader: error: \\FILE: cannot be read: No Media\n");
		memory_free_all();
	}
	end();
}

static void peeks(void)
{
	char head[8];

	start();
	volume_have_text("\\FILE", "some bytes");
	volume_have_text("\\SHORT", "so");
	volume_have_folder("\\FOLDER\\IN");
	EXPECT_EQ(volume_peek(root, "\\FILE", head, sizeof(head)), EFI_SUCCESS);
	EXPECT(!memcmp(head, "some byt", 8));
	EXPECT_EQ(volume_peek(root, "\\SHORT", head, sizeof(head)), EFI_SUCCESS);
	EXPECT(!memcmp(head, "so\0\0\0\0\0", 8));
	memset(head, 1, sizeof(head));
	EXPECT_EQ(volume_peek(root, "\\FOLDER", head, sizeof(head)), EFI_SUCCESS);
	EXPECT(!memcmp(head, "\0\0\0\0\0\0\0", 8));
	EXPECT_EQ(volume_peek(root, "\\OTHER", head, sizeof(head)), EFI_NOT_FOUND);
	EXPECT_EQ(volume_peek(NULL, "\\FILE", head, sizeof(head)), EFI_NOT_FOUND);
	firmware_refuse(CALL_READ, 0, EFI_DEVICE_ERROR);
	EXPECT_EQ(volume_peek(root, "\\FILE", head, sizeof(head)), EFI_DEVICE_ERROR);
	EXPECT_TEXT(take_told(), "");
	end();
}

/* Paths have up to 63 characters. */
static void long_paths(void)
{
	char path[80];
	u8 first;

	start();
	memset(path, 'x', sizeof(path));
	path[0] = '\\';
	path[63] = '\0';
	volume_have_text(path, "y");
	EXPECT_EQ(volume_peek(root, path, &first, 1), EFI_SUCCESS);
	path[63] = 'x';
	path[64] = '\0'; /* cut */
	EXPECT_EQ(volume_peek(root, path, &first, 1), EFI_SUCCESS);
	EXPECT_EQ(first, 'y');
	end();
}

/* ---- Writing ---- */

static EFI_STATUS write_text(const char *path, const char *text)
{
	return volume_write(root, path, text, strlen(text));
}

static void writes(void)
{
	start();
	EXPECT_EQ(write_text("\\FILE", "one"), EFI_SUCCESS);
	EXPECT_TEXT(volume_text("\\FILE"), "one");
	EXPECT_EQ(write_text("\\A\\B\\C\\FILE", "two"), EFI_SUCCESS);
	EXPECT_TEXT(volume_text("\\A\\B\\C\\FILE"), "two");
	EXPECT_EQ(write_text("\\A\\B\\OTHER", "three"), EFI_SUCCESS);
	EXPECT_TEXT(volume_text("\\A\\B\\C\\FILE"), "two");
	EXPECT_TEXT(volume_text("\\A\\B\\OTHER"), "three");
	EXPECT_EQ(firmware_calls[CALL_FLUSH], 3);
	EXPECT_EQ(volume_open_files, 1);
	EXPECT_EQ(volume_write(NULL, "\\FILE", "x", 1), EFI_NO_MEDIA);
	EXPECT_TEXT(take_told(), "");
	end();
}

/* Five clusters: the file's last one, and one for each folder. */
static void free_space(void)
{
	start();
	volume.free_space = 4 + 5 * 512;
	EXPECT_EQ(write_text("\\A\\FILE", "12345"), EFI_VOLUME_FULL);
	EXPECT(!volume_has("\\A"));
	EXPECT_EQ(write_text("\\A\\FILE", "1234"), EFI_SUCCESS);
	volume.free_space = MiB(1);
	volume.read_only = true;
	EXPECT_EQ(write_text("\\B", "x"), EFI_WRITE_PROTECTED);
	EXPECT(!volume_has("\\B"));
	EXPECT_EQ(firmware_calls[CALL_WRITE], 1);
	/* The firmware may not know, and the file is written. */
	firmware_refuse(CALL_INFO, 0, EFI_UNSUPPORTED);
	EXPECT_EQ(write_text("\\B", "x"), EFI_SUCCESS);
	EXPECT_TEXT(volume_text("\\B"), "x");
	end();
}

/* Each call is refused in turn: the volume is as before. `\A` was there before. */
static void refused_writes(void)
{
	start();
	volume_have_text("\\A\\OLD", "old");
	for (u32 n = 0;; n++) {
		EFI_STATUS status;

		firmware_refuse_nth(n, EFI_DEVICE_ERROR);
		status = write_text("\\A\\B\\C\\FILE", "two");
		if (!firmware_refused())
			break;
		EXPECT_EQ(volume_open_files, 1);
		EXPECT_TEXT(volume_text("\\A\\OLD"), "old");
		if (!EFI_ERROR(status)) { /* the free space is not known */
			EXPECT_EQ(n, 0);
			EXPECT_TEXT(volume_text("\\A\\B\\C\\FILE"), "two");
			EXPECT_EQ(volume_remove(root, "\\A\\B\\C\\FILE"), EFI_SUCCESS);
			EXPECT_EQ(volume_remove(root, "\\A\\B\\C"), EFI_SUCCESS);
			EXPECT_EQ(volume_remove(root, "\\A\\B"), EFI_SUCCESS);
			continue;
		}
		EXPECT_EQ(status, EFI_DEVICE_ERROR);
		EXPECT(volume_has("\\A") && !volume_has("\\A\\B"));
	}
	EXPECT_TEXT(volume_text("\\A\\B\\C\\FILE"), "two");
	firmware_permit();
	volume.write_limit = 2;
	EXPECT_EQ(write_text("\\A\\D\\FILE", "two"), EFI_VOLUME_FULL);
	EXPECT(!volume_has("\\A\\D"));
	EXPECT_TEXT(take_told(), "");
	end();
}

static void removes(void)
{
	start();
	volume_have_text("\\FILE", "x");
	EXPECT_EQ(volume_remove(root, "\\OTHER"), EFI_NOT_FOUND);
	EXPECT_EQ(volume_remove(NULL, "\\FILE"), EFI_NOT_FOUND);
	firmware_refuse(CALL_DELETE, 0, EFI_DEVICE_ERROR);
	EXPECT_EQ(volume_remove(root, "\\FILE"), EFI_WRITE_PROTECTED);
	volume.protected = true;
	EXPECT_EQ(volume_remove(root, "\\FILE"), EFI_WRITE_PROTECTED);
	volume.protected = false;
	EXPECT(volume_has("\\FILE"));
	EXPECT_EQ(volume_remove(root, "\\FILE"), EFI_SUCCESS);
	EXPECT(!volume_has("\\FILE"));
	EXPECT_TEXT(take_told(), "");
	end();
}

TAP_MAIN({ "the volume", opens }, { "files are read", reads },
	 { "large files are read in pieces", reads_in_pieces },
	 { "files that cannot be read", cannot_read }, { "heads of files", peeks },
	 { "long paths", long_paths }, { "files are written", writes },
	 { "too little free space", free_space }, { "writes that are refused", refused_writes },
	 { "files are removed", removes })
