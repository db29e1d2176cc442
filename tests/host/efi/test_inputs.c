/* SPDX-License-Identifier: MIT */
/*
 * Options, kernel and initramfs: of the volume or embedded, files of other systems, Secure Boot,
 * firmware that refuses each of its calls.
 *
 * sources: efi/inputs.c efi/volume.c efi/memory.c efi/console.c efi/variables.c
 * sources: efi/options.c efi/kernel_image.c lib/crc32.c
 */
#include <stdlib.h>
#include <string.h>

#include "tests/host/efi/embedded.h"
#include "tests/host/efi/firmware.h"
#include "tests/host/efi/small_kernel.h"
#include "tests/host/tap.h"

static EFI_FILE_HANDLE root;
static bool has_pae;

/* efi/handoff/handoff.c */
bool processor_has(enum cpu_feature feature)
{
	EXPECT_EQ(feature, CPU_PAE);
	return has_pae;
}

static void start(void)
{
	u8 *file = image_sound_file();

	firmware_start();
	tap_finally(firmware_clean);
	EXPECT_EQ(embedded_kernel_end - embedded_kernel, FILE_SIZE);
	memcpy(embedded_kernel, file, FILE_SIZE);
	free(file);
	root = volume_open(firmware_device);
}

static void end(void)
{
	memory_free_all();
	volume_close(root);
}

/* ---- Options ---- */

static char options[BOOT_OPTIONS_SIZE];

static EFI_STATUS gather(void)
{
	memset(options, 'j', sizeof(options));
	return gather_options(root, firmware_image, &loaded_image, options);
}

static void options_of_files(void)
{
	start();
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT_TEXT(options, "wait=60");
	EXPECT_TEXT(take_told(), "loader: options: no pagewright.txt, so wait=60\n"
				 "loader: options: 0 characters from load options\n");
	volume_have_text("\\pagewright.txt", "mem=8M");
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT_TEXT(options, "mem=8M");
	EXPECT_TEXT(take_told(), "loader: options: 6 characters from \\pagewright.txt\n"
				 "loader: options: 0 characters from load options\n");
	/* Both places count, the root's later. */
	volume_have_text("\\pagewright\\pagewright.txt", "a=1\r\nb=\xe9");
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT_TEXT(options, "a=1 b=? mem=8M");
	EXPECT_TEXT(take_told(),
		    "loader: \\pagewright\\pagewright.txt: line 2: not ASCII, replaced by ?\n"
		    "loader: options: 7 characters from \\pagewright\\pagewright.txt\n"
		    "loader: options: 7 characters from \\pagewright.txt\n"
		    "loader: options: 0 characters from load options\n");
	/* An empty file is one. */
	volume_have_text("\\pagewright.txt", "");
	volume_have_text("\\pagewright\\pagewright.txt", "");
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT_TEXT(options, "");
	EXPECT(!strstr(take_told(), "wait=60"));
	EXPECT_EQ(firmware_pages(), 0);
	end();
}

static void mistaken_names(void)
{
	start();
	volume_have_text("\\pagewright.txt.txt", "x");
	volume_have_text("\\pagewright\\pagewright.txt.txt", "x");
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT_TEXT(take_told(),
		    "loader: warning: \\pagewright\\pagewright.txt.txt: call it pagewright.txt\n"
		    "loader: warning: \\pagewright.txt.txt: call it pagewright.txt\n"
		    "loader: options: no pagewright.txt, so wait=60\n"
		    "loader: options: 0 characters from load options\n");
	end();
}

/* Of a large file the first 64 KiB count. Comments are not part of the 2047 characters. */
static void large_files(void)
{
	char *text = malloc(KiB(64) + 1);

	start();
	memset(text, '#', KiB(64) + 1);
	memcpy(text, "a=1\n", 4);
	volume_have("\\pagewright.txt", text, KiB(64));
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT(!strstr(take_told(), "warning"));
	volume_have("\\pagewright.txt", text, KiB(64) + 1);
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT_TEXT(options, "a=1");
	EXPECT(has_told("loader: warning: \\pagewright.txt: only its first 64 KiB are read\n"));
	take_told();
	memset(text, 'x', BOOT_OPTIONS_SIZE);
	volume_have("\\pagewright.txt", text, BOOT_OPTIONS_SIZE - 1);
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT_EQ(strlen(options), BOOT_OPTIONS_SIZE - 1);
	take_told();
	volume_have("\\pagewright.txt", text, BOOT_OPTIONS_SIZE);
	EXPECT_EQ(gather(), EFI_BAD_BUFFER_SIZE);
	EXPECT_TEXT(take_told(),
		    "loader: error: \\pagewright.txt: more than 2047 characters of options\n");
	EXPECT_EQ(firmware_pages(), 0);
	end();
	free(text);
}

static void load_options(void)
{
	CHAR16 text[] = L"pagewright.efi c=3", linux_text[] = L"root=/dev/sda ro";
	static CHAR16 longest[BOOT_OPTIONS_SIZE + 2];

	start();
	volume_have_text("\\pagewright.txt", "a=1");
	loaded_image.LoadOptions = text;
	loaded_image.LoadOptionsSize = sizeof(text);
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT_TEXT(options, "a=1 c=3");
	EXPECT(has_told("loader: options: 4 characters from load options\n"));
	take_told();
	loaded_image.LoadOptions = linux_text;
	loaded_image.LoadOptionsSize = sizeof(linux_text);
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT_TEXT(options, "a=1");
	EXPECT(has_told("loader: command line: is meant for Linux (it has root=), ignored\n"));
	take_told();
	/* Data that is no text, or is too long to be one. */
	for (u32 i = 0; i < 2; i++) {
		text[0] = 1;
		loaded_image.LoadOptions = text;
		loaded_image.LoadOptionsSize = i ? KiB(64) + 1 : sizeof(text);
		EXPECT_EQ(gather(), EFI_SUCCESS);
		EXPECT_TEXT(options, "a=1");
		EXPECT(has_told("loader: command line: is not ASCII text, ignored\n"));
		take_told();
	}
	for (u32 i = 0; i < BOOT_OPTIONS_SIZE; i++)
		longest[i] = i == 1 ? '=' : 'x';
	loaded_image.LoadOptions = longest;
	loaded_image.LoadOptionsSize = sizeof(longest);
	EXPECT_EQ(gather(), EFI_BAD_BUFFER_SIZE);
	EXPECT(has_told("loader: error: command line: more than 2047 characters of options\n"));
	loaded_image.LoadOptions = NULL;
	end();
}

/* The largest load options, KiB(64) bytes, are read. */
static void largest_load_options(void)
{
	CHAR16 *text = calloc(1, KiB(64));

	start();
	memcpy(text, L"c=3", 8);
	loaded_image.LoadOptions = text;
	loaded_image.LoadOptionsSize = KiB(64);
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT(strstr(options, "c=3"));
	EXPECT(!strstr(take_told(), "ignored"));
	end();
	free(text);
}

/* It is installed, with no interface. */
static EFI_STATUS empty_protocol(EFI_HANDLE handle, EFI_GUID *guid, void **interface)
{
	(void)handle;
	(void)guid;
	*interface = NULL;
	return EFI_SUCCESS;
}

/* The UEFI Shell separates the program's name; its arguments come before the load options. */
static void shell(void)
{
	CHAR16 *arguments[] = { L"pagewright.efi", L"a=1", L"b=2", L"root=x" };
	struct {
		CHAR16 **argv;
		UINTN argc;
	} parameters = { arguments, 3 };
	CHAR16 text[] = L"c=3";

	start();
	volume_have_text("\\pagewright.txt", "");
	loaded_image.LoadOptions = text;
	loaded_image.LoadOptionsSize = sizeof(text);
	firmware_install(firmware_image, 0x752f3136, &parameters);
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT_TEXT(options, "a=1 b=2");
	parameters.argc = 1;
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT_TEXT(options, "");
	/* An argument that ends the list, and nothing behind it counts. */
	parameters.argc = 4;
	arguments[1] = L"\x100";
	take_told();
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT_TEXT(options, "");
	EXPECT(has_told("is not ASCII text, ignored\n"));
	firmware_refuse(CALL_PROTOCOL, 0, EFI_UNSUPPORTED);
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT_TEXT(options, "c=3");
	BS->HandleProtocol = empty_protocol;
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT_TEXT(options, "c=3");
	end();
}

static void options_cannot_be_read(void)
{
	start();
	volume_have_text("\\pagewright\\pagewright.txt", "a=1");
	volume_have_text("\\pagewright.txt", "b=1");
	for (u32 i = 0; i < 2; i++) {
		firmware_refuse(CALL_READ, i, EFI_DEVICE_ERROR);
		EXPECT_EQ(gather(), EFI_DEVICE_ERROR);
		EXPECT(has_told("pagewright.txt: cannot be read: Device Error\n"));
		EXPECT(!strstr(take_told(), "load options"));
		memory_free_all();
	}
	end();
	root = NULL;
	EXPECT_EQ(gather(), EFI_SUCCESS);
	EXPECT_TEXT(options, "wait=60");
}

/* ---- The kernel ---- */

static struct kernel_image image;
static void *staging;

static EFI_STATUS kernel(const char *with)
{
	staging = NULL;
	return gather_kernel(root, with, &image, &staging);
}

/* A kernel that differs from others by the byte after its code. */
static void have_kernel(const char *path, u8 mark)
{
	u8 *file = image_sound_file();

	file[TEXT] = mark;
	image_seal(file, FILE_SIZE);
	volume_have(path, file, FILE_SIZE);
	free(file);
}

static bool is_loaded(u8 mark)
{
	bool good = EXPECT(staging && ((u8 *)staging)[TEXT] == mark);

	EXPECT_EQ(firmware_pages(), 1); /* not the file */
	EXPECT((uintptr_t)staging < BOOT_ADDRESS_LIMIT);
	memory_free_all();
	return good;
}

static void kernels(void)
{
	start();
	EXPECT_EQ(kernel(""), EFI_SUCCESS);
	EXPECT(is_loaded(0xcc) && image.loaded == FILE_SIZE);
	EXPECT_TEXT(take_told(),
		    "loader: kernel: embedded kernel, 12 KiB in memory, 3 relocations\n");
	have_kernel("\\kernel.elf", 1);
	EXPECT_EQ(kernel(""), EFI_SUCCESS);
	EXPECT(is_loaded(1));
	EXPECT_TEXT(take_told(), "loader: kernel: \\kernel.elf, 12 KiB in memory, 3 relocations\n");
	have_kernel("\\pagewright\\kernel.elf", 2);
	EXPECT_EQ(kernel(""), EFI_SUCCESS);
	EXPECT(is_loaded(2));
	EXPECT(has_told("kernel: \\pagewright\\kernel.elf, "));
	end();
	root = NULL;
	EXPECT_EQ(kernel(""), EFI_SUCCESS);
	EXPECT(is_loaded(0xcc));
}

/* Another system's file of the same name. */
static void other_kernels(void)
{
	start();
	volume_have("\\kernel.elf",
		    "\x7f"
		    "ELF\1\1\1\0\0\0\0\0\0\0\0\0",
		    16);
	have_kernel("\\pagewright\\kernel.elf", 3);
	volume_have_text("\\pagewright\\kernel.elf", "MZ");
	EXPECT_EQ(kernel(""), EFI_SUCCESS);
	EXPECT(is_loaded(0xcc));
	EXPECT_TEXT(take_told(),
		    "loader: warning: \\pagewright\\kernel.elf: is not Pagewright's, left out\n"
		    "loader: warning: \\kernel.elf: is not Pagewright's, left out\n"
		    "loader: kernel: embedded kernel, 12 KiB in memory, 3 relocations\n");
	end();
}

static void bad_kernels(void)
{
	u8 *file = image_sound_file();

	start();
	file[TEXT] ^= 1; /* its seal is wrong now */
	volume_have("\\kernel.elf", file, FILE_SIZE);
	EXPECT_EQ(kernel(""), EFI_LOAD_ERROR);
	EXPECT(strstr(take_told(), "loader: error: \\kernel.elf: "));
	EXPECT(!staging);
	memory_free_all();
	firmware_refuse(CALL_READ, 0, EFI_DEVICE_ERROR);
	EXPECT_EQ(kernel(""), EFI_LOAD_ERROR); /* it is read again, whole */
	take_told();
	firmware_refuse(CALL_READ, 1, EFI_DEVICE_ERROR);
	EXPECT_EQ(kernel(""), EFI_DEVICE_ERROR);
	EXPECT_TEXT(take_told(), "loader: error: \\kernel.elf: cannot be read: Device Error\n");
	end();
	free(file);
}

static void large_kernels(void)
{
	u8 *file = image_sound_file();

	start();
	volume_have_zeros_after("\\kernel.elf", file, FILE_SIZE, KERNEL_FILE_SIZE_MAX + 1);
	EXPECT_EQ(kernel(""), EFI_BAD_BUFFER_SIZE);
	EXPECT_TEXT(take_told(), "loader: error: \\kernel.elf: is larger than 64 MiB\n");
	end();
	free(file);
}

/* The allocation of the file is refused, then that of the kernel's place. */
static void no_memory_for_kernel(void)
{
	start();
	have_kernel("\\kernel.elf", 1);
	for (u32 i = 0; i < 2; i++) {
		firmware_refuse(CALL_PAGES, i, EFI_OUT_OF_RESOURCES);
		EXPECT_EQ(kernel(""), EFI_OUT_OF_RESOURCES);
		EXPECT_TEXT(take_told(),
			    i ? "loader: error: no memory for the kernel (4 KiB below 896 MiB)\n"
			      : "loader: error: no memory for \\kernel.elf (4 KiB)\n");
		EXPECT(!staging);
		memory_free_all();
	}
	end();
}

static void secure_boot(void)
{
	start();
	firmware_variable("SecureBoot", "\1", 1);
	EXPECT_EQ(kernel(""), EFI_SUCCESS); /* the loader's signature covers it */
	EXPECT(is_loaded(0xcc));
	take_told();
	have_kernel("\\kernel.elf", 1);
	EXPECT_EQ(kernel(""), EFI_SECURITY_VIOLATION);
	EXPECT_TEXT(take_told(),
		    "loader: error: \\kernel.elf: is not signed, and Secure Boot is on: "
		    "remove it\n");
	memory_free_all();
	firmware_variable("SecureBoot", "\0", 1);
	EXPECT_EQ(kernel(""), EFI_SUCCESS);
	EXPECT(is_loaded(1));
	end();
}

static void pae_kernels(void)
{
	start();
	have_kernel("\\kernel.elf", 1);
	EXPECT_EQ(kernel("paging=pae"), EFI_SUCCESS);
	EXPECT(is_loaded(1));
	EXPECT(strstr(take_told(),
		      "loader: warning: paging=pae: the processor has no PAE: two levels\n"));
	has_pae = true;
	EXPECT_EQ(kernel("paging=pae"), EFI_SUCCESS);
	EXPECT(is_loaded(1));
	EXPECT(strstr(take_told(),
		      "loader: warning: paging=pae: kernel-pae.elf is not there: two levels\n"));
	have_kernel("\\kernel-pae.elf", 2);
	EXPECT_EQ(kernel("paging=pae"), EFI_SUCCESS);
	EXPECT(is_loaded(2));
	EXPECT_TEXT(take_told(),
		    "loader: kernel: \\kernel-pae.elf, 12 KiB in memory, 3 relocations\n");
	EXPECT_EQ(kernel("paging=two"), EFI_SUCCESS);
	EXPECT(is_loaded(1));
	have_kernel("\\pagewright\\kernel-pae.elf", 3);
	EXPECT_EQ(kernel("paging=pae"), EFI_SUCCESS);
	EXPECT(is_loaded(3));
	take_told();
	/* One that cannot be read is an error, and no other one replaces it. */
	firmware_refuse(CALL_READ, 1, EFI_DEVICE_ERROR);
	EXPECT_EQ(kernel("paging=pae"), EFI_DEVICE_ERROR);
	end();
}

/* ---- The initramfs ---- */

static struct boot_range initramfs;

static EFI_STATUS gather_files(void)
{
	memory_free_all();
	initramfs = (struct boot_range){ 0 };
	return gather_initramfs(root, &initramfs);
}

static bool is_initramfs(const char *text)
{
	const char *place = (const char *)(uintptr_t)initramfs.start;

	return EXPECT_EQ(initramfs.size, strlen(text)) &&
	       EXPECT(!memcmp(place, text, strlen(text))) &&
	       EXPECT(initramfs.start < BOOT_ADDRESS_LIMIT && firmware_pages() == 1);
}

static void archives(void)
{
	start();
	EXPECT_EQ(gather_files(), EFI_SUCCESS);
	EXPECT(is_initramfs("070701 embedded"));
	EXPECT_TEXT(take_told(), "loader: initramfs: embedded initramfs, 0 KiB\n");
	volume_have_text("\\initramfs.cpio", "070701 root's");
	EXPECT_EQ(gather_files(), EFI_SUCCESS);
	EXPECT(is_initramfs("070701 root's"));
	EXPECT_TEXT(take_told(), "loader: initramfs: \\initramfs.cpio, 0 KiB\n");
	volume_have_text("\\pagewright\\initramfs.cpio", "070702 ours");
	EXPECT_EQ(gather_files(), EFI_SUCCESS);
	EXPECT(is_initramfs("070702 ours"));
	/* In a folder of ours, or the root: a file that is no archive is left out. */
	volume_have_text("\\pagewright\\initramfs.cpio", "\x1f\x8b");
	take_told();
	EXPECT_EQ(gather_files(), EFI_SUCCESS);
	EXPECT(is_initramfs("070701 root's"));
	EXPECT_TEXT(take_told(),
		    "loader: warning: \\pagewright\\initramfs.cpio: is not Pagewright's, left out\n"
		    "loader: initramfs: \\initramfs.cpio, 0 KiB\n");
	for (u32 i = 0; i < 2; i++) {
		volume_have_text("\\initramfs.cpio", i ? "\x1f\x8b" : "070701 root's");
		firmware_refuse(CALL_PAGES, 0, EFI_OUT_OF_RESOURCES);
		EXPECT_EQ(gather_files(), EFI_OUT_OF_RESOURCES);
		EXPECT(has_told(i ? "no memory for the initramfs (4 KiB below 896 MiB)\n"
				  : "no memory for \\initramfs.cpio (4 KiB below 896 MiB)\n"));
		EXPECT(!initramfs.start);
		take_told();
	}
	end();
}

static void large_archives(void)
{
	start();
	volume_have_zeros_after("\\initramfs.cpio", "070701", 6, MiB(256));
	EXPECT_EQ(gather_files(), EFI_SUCCESS);
	EXPECT_EQ(initramfs.size, MiB(256));
	EXPECT_TEXT(take_told(), "loader: initramfs: \\initramfs.cpio, 262144 KiB\n");
	memory_free_all();
	volume_have_zeros_after("\\initramfs.cpio", "070701", 6, MiB(256) + 1);
	EXPECT_EQ(gather_files(), EFI_BAD_BUFFER_SIZE);
	EXPECT_TEXT(take_told(), "loader: error: \\initramfs.cpio: is larger than 256 MiB\n");
	end();
}

TAP_MAIN({ "options of files", options_of_files }, { "names with a mistake", mistaken_names },
	 { "large files of options", large_files }, { "load options", load_options },
	 { "the largest load options", largest_load_options }, { "arguments of the shell", shell },
	 { "options that cannot be read", options_cannot_be_read }, { "kernels", kernels },
	 { "kernels of other systems", other_kernels }, { "bad kernels", bad_kernels },
	 { "kernels that are too large", large_kernels },
	 { "no memory for the kernel", no_memory_for_kernel }, { "Secure Boot", secure_boot },
	 { "kernels with PAE", pae_kernels }, { "archives", archives },
	 { "large archives", large_archives })
