/* SPDX-License-Identifier: MIT */
/*
 * The parts of the loader that talk to the firmware. Everything here runs before ExitBootServices,
 * on the boot processor, at TPL_APPLICATION, and knows gnu-efi; what can be done without firmware
 * stands in kernel_image.h, memory_map.h and options.h.
 *
 * A function that returns an EFI_STATUS has printed its error line when it fails, unless its
 * contract says otherwise. Nobody frees on the way out: memory.c knows what was taken, and main.c
 * gives all of it back.
 */
#ifndef EFI_LOADER_H
#define EFI_LOADER_H

#include <efi.h>

#include "abi/boot/boot_info.h"
#include "efi/kernel_image.h"
#include "efi/machine_parts.h"
#include "lib/types.h"

/* gnu-efi's ia32 build silently misreads the firmware's structures without -malign-double. */
_Static_assert(_Alignof(UINT64) == 8, "compile with -malign-double");

/* A piece of memory that holds a file. */
struct file {
	const char *name; /* for messages */
	void *data;
	UINTN size; /* bytes */
	bool cut;   /* the file goes on behind them */
};

/* main.c: what the firmware gave us, as everyone calls them. */
extern EFI_SYSTEM_TABLE *ST;
extern EFI_BOOT_SERVICES *BS;

/* ---- console.c: lines on the firmware's console, formats of lib/printf.h ---- */

/* Prints `loader: TEXT`. Cut at 240 characters; without a console it is dropped. */
void say(const char *format, ...) __printf(1, 2);

/* Prints `loader: error: TEXT` and returns `status`. */
EFI_STATUS fail(EFI_STATUS status, const char *format, ...) __printf(2, 3);

/* The name of a status. */
const char *status_text(EFI_STATUS status);

/* Waits for a key, or `seconds`; 0: not at all. For a message that the firmware would wipe out. */
void wait_for_key(UINT32 seconds);

/* Says where the log goes on: on the screen, if there is one for the kernel, and on a serial line. */
void say_farewell(bool screen);

/* Clears the screen and prints the banner: who we are and what firmware this is, and notes the same in *info. */
void banner(struct boot_info *info);

/* ---- memory.c ---- */

enum memory_place {
	MEMORY_ANYWHERE, /* for the loader itself */
	MEMORY_LOW,	 /* below BOOT_ADDRESS_LIMIT: what the kernel gets */
};

/*
 * Allocates whole pages for `bytes` > 0 bytes, all zero, of type EfiLoaderData or EfiLoaderCode.
 * `what` names it in the error line. Returns NULL without memory.
 */
void *memory_alloc(enum memory_place place, EFI_MEMORY_TYPE type, UINTN bytes, const char *what);

/*
 * What memory_alloc() gave at `address` can be executed from now on, and not written to, where the
 * firmware tells the two apart. `what` names it in the error line.
 */
EFI_STATUS memory_make_executable(void *address, const char *what);

/*
 * Takes the pages at `address`, whose contents stay as they are, if all of them are free. Returns NULL, and says nothing, if
 * they are not.
 */
void *memory_alloc_at(UINT64 address, EFI_MEMORY_TYPE type, UINTN bytes);

/*
 * Takes zeroed pages below `limit` (a physical address). Returns NULL, and says nothing, if none are free there.
 */
#define REAL_MODE_LIMIT 0xa0000u /* 640 KiB */
void *memory_alloc_below(UINT64 limit, EFI_MEMORY_TYPE type, UINTN bytes);

/*
 * Frees one allocation; NULL and memory that memory_alloc() does not know (the embedded files) are
 * left alone.
 */
void memory_free(void *address);

/* Frees everything that memory_alloc() gave and memory_free() did not get. */
void memory_free_all(void);

/* EFI_FILE_INFO ends in the file's name, and this has room for it; our own names are short. */
union file_info {
	EFI_FILE_INFO info;
	UINT8 space[sizeof(EFI_FILE_INFO) + 256 * sizeof(CHAR16)];
};

/* ---- volume.c: the volume that the loader was started from ---- */

/* Where our files are. Other systems may have files of the same names in the root. */
#define OUR_DIRECTORY "\\pagewright"

/* Opens its root directory; NULL if there is no file system to be had, which is no error. */
EFI_FILE_HANDLE volume_open(EFI_HANDLE device);
void volume_close(EFI_FILE_HANDLE root);

/*
 * Reads the first `limit` bytes of a file at most; the caller owns file->data (memory_free()), NULL for
 * an empty file. Returns EFI_NOT_FOUND, without a line, if there is no such file or `root` is NULL.
 */
EFI_STATUS volume_read(EFI_FILE_HANDLE root, const char *path, enum memory_place place, UINTN limit,
		       struct file *file);

/*
 * Reads the first `bytes` bytes of a file; what it does not have (or it is a directory) is 0. Prints nothing. Returns
 * EFI_NOT_FOUND if there is no such file or `root` is NULL.
 */
EFI_STATUS volume_peek(EFI_FILE_HANDLE root, const char *path, void *head, UINTN bytes);

/*
 * Writes a new file, with the directories of its path (`\A\B\FILE`) that are missing. On failure it prints nothing, and the
 * volume is as before: room is asked for first, and what was made is removed. EFI_NO_MEDIA: `root` is NULL.
 */
EFI_STATUS volume_write(EFI_FILE_HANDLE root, const char *path, const void *data, UINTN bytes);

/* Removes a file. Prints nothing. Returns EFI_NOT_FOUND if it is not there. */
EFI_STATUS volume_remove(EFI_FILE_HANDLE root, const char *path);

/* As the Open() of UEFI, with an ASCII path of up to 63 characters. Prints nothing. */
EFI_STATUS volume_open_file(EFI_FILE_HANDLE root, const char *path, UINT64 mode, UINT64 attributes,
			    EFI_FILE_HANDLE *handle);

/* ---- inputs.c: what the kernel is started with, from the volume or embedded ---- */

/*
 * Options: the file's first, then those of the loaded image. `options` has BOOT_OPTIONS_SIZE bytes.
 */
EFI_STATUS gather_options(EFI_FILE_HANDLE root, EFI_HANDLE image, const EFI_LOADED_IMAGE *self,
			  char *options);

/*
 * A checked kernel, its first image->loaded bytes in low memory at *staging. One that lies on the
 * volume has no signature, and is refused where Secure Boot is on; a file that is not ours only
 * costs a warning.
 */
EFI_STATUS gather_kernel(EFI_FILE_HANDLE root, struct kernel_image *image, void **staging);

EFI_STATUS gather_initramfs(EFI_FILE_HANDLE root, struct boot_range *initramfs);

/* ---- secure_boot.c ---- */

/* Secure Boot is on: what runs with the firmware's rights has to be signed. */
bool secure_boot_enforced(void);

/* ---- log.c: the log of the run before, and a place for the next ---- */

/* Takes the places where a log may be. Before anything else is allocated. */
void log_claim(void);

/*
 * Writes the log that was found to the volume (NULL: there is none) and its verdict to a variable, says so, and sets *place
 * (0 before) to an empty region of abi/boot/log_region.h, or leaves it 0. Nothing here is an error. Returns whether a run was started
 * before this one: there is a log, or STARTED.TXT.
 */
bool log_collect(EFI_FILE_HANDLE root, struct boot_range *place);

/* What it left, in one line. */
const char *log_before(void);

/* The number of the run to come: behind all that have a file. */
u32 log_next_run(EFI_FILE_HANDLE root);

/* ---- graphics.c, acpi.c: 0 where there is none ---- */

struct displays;

/* Finds the screens, chooses one (`gop=` of the options counts) and prints a line for each. */
void find_displays(const char *options, struct displays *displays);

/*
 * Makes the pixels of the chosen screen black if the kernel's first page directory maps them, and those of all others; 32-bit
 * firmware does not reach above 4 GiB. Needs no firmware.
 */
void clear_displays(const struct displays *displays, struct boot_info *info);

UINT64 find_acpi_rsdp(void);

/* Reads the tables below the root pointer (0: none). Before ExitBootServices. */
void find_machine_parts(UINT64 rsdp, struct machine_parts *parts);

/* ---- exit.c ---- */

/* The firmware's map and its form for the kernel, with room for the map to grow. */
struct map_buffers {
	void *descriptors;
	UINTN descriptors_size; /* bytes */
	struct boot_memory *entries;
	UINT32 capacity; /* entries */
};

/* Allocates both buffers. The last step that allocates. */
EFI_STATUS prepare_map_buffers(struct map_buffers *buffers);

/*
 * Takes the machine from the firmware: after EFI_SUCCESS no boot service may be called, *info has
 * the memory map and the place of the kernel. On failure a line was printed only if the firmware
 * still allows it, that is, if ExitBootServices was not yet called; else *left is set.
 */
EFI_STATUS leave_firmware(EFI_HANDLE self, const struct map_buffers *buffers,
			  const struct kernel_image *kernel, const struct machine_parts *parts,
			  struct boot_info *info, bool *left);

/* ---- handoff.c ---- */

struct handoff;

/* Does the processor have what the kernel is compiled for? */
EFI_STATUS check_processor(void);

/*
 * Builds trampoline, segments, stack and page directory in low memory. Notes in *framebuffer where the directory maps it.
 */
EFI_STATUS prepare_handoff(struct boot_framebuffer *framebuffer, struct handoff **handoff);

/* Relocates the staged kernel and jumps to it; only after leave_firmware(). */
void start_kernel(struct handoff *handoff, const struct kernel_image *kernel, void *staging,
		  struct boot_info *info) __attribute__((noreturn));

#endif
