/* SPDX-License-Identifier: MIT */
/*
 * The parts of the loader that talk to the firmware. Everything here runs before
 * ExitBootServices, on the boot processor, at TPL_APPLICATION, and uses gnu-efi; functions that
 * need no firmware are in kernel_image.h, memory_map.h and options.h.
 *
 * A function that returns an EFI_STATUS has printed its error line when it fails, unless its
 * contract says otherwise. Error paths do not free memory: memory.c lists all allocations, and
 * main.c frees them.
 */
#ifndef EFI_LOADER_H
#define EFI_LOADER_H

#include <efi.h>

#include "abi/boot/boot_info.h"
#include "efi/displays.h"
#include "efi/kernel_image.h"
#include "efi/machine_parts.h"
#include "efi/last_run/run_marker.h"
#include "kernel/cpu/cpu.h"

/* gnu-efi's ia32 build silently misreads the firmware's structures without -malign-double. */
_Static_assert(_Alignof(UINT64) == 8, "compile with -malign-double");

/* A file in memory. */
struct file {
	const char *name; /* for messages */
	void *data;
	UINTN size; /* bytes */
	bool cut;   /* the file has more bytes */
};

/* The firmware's map and the kernel's form of it, with spare entries. */
struct map_buffers {
	void *descriptors;
	UINTN descriptors_size; /* bytes */
	struct boot_memory *entries;
	UINT32 capacity; /* entries */
};

/* The state that the steps of main.c share. */
struct loader {
	const EFI_LOADED_IMAGE *self;
	EFI_FILE_HANDLE volume; /* NULL: none */
	struct boot_info *info; /* in low memory: the kernel gets it */
	struct kernel_image kernel;
	void *staging;
	struct handoff *handoff;
	struct map_buffers map;
	struct machine_parts parts;
	struct displays displays;
	u64 began;	    /* the time-stamp counter */
	void *parking_page; /* for the other processors; NULL: none */
};

/* main.c: the firmware's handles and tables. */
extern EFI_SYSTEM_TABLE *ST;
extern EFI_BOOT_SERVICES *BS;

/* ---- console.c: lines on the firmware's console, formats of lib/printf.h ---- */

/* Prints `loader: TEXT`. Cut at 240 characters; without a console it is dropped. */
void say(const char *format, ...) __printf(1, 2);

/* Prints `loader: error: TEXT` and returns `status`. */
EFI_STATUS fail(EFI_STATUS status, const char *format, ...) __printf(2, 3);

/* The name of a status. */
const char *status_text(EFI_STATUS status);

/* Waits for a key, or `seconds`; 0: not at all. For a message that the firmware would erase. */
void wait_for_key(UINT32 seconds);

/*
 * Prints where the log continues: on the kernel's screen, if there is one, and on a serial line.
 */
void say_farewell(bool screen);

/* Clears the screen, prints Pagewright's and the firmware's version, and stores them in *info. */
void banner(struct boot_info *info);

/* ---- memory.c ---- */

enum memory_place {
	MEMORY_ANYWHERE, /* for the loader itself */
	MEMORY_LOW,	 /* below BOOT_ADDRESS_LIMIT: for the kernel */
};

/*
 * Allocates whole pages for `bytes` > 0 bytes, all zero, of type EfiLoaderData or EfiLoaderCode.
 * `what` names it in the error line. Returns NULL without memory.
 */
void *memory_alloc(enum memory_place place, EFI_MEMORY_TYPE type, UINTN bytes, const char *what);

/*
 * Makes an allocation of memory_alloc() executable and read-only, where the firmware
 * distinguishes the two. `what` names it in the error line.
 */
EFI_STATUS memory_make_executable(void *address, const char *what);

/*
 * Allocates the pages at `address` and keeps their contents. Returns NULL, and prints nothing, if
 * one of them is not free.
 */
void *memory_alloc_at(UINT64 address, EFI_MEMORY_TYPE type, UINTN bytes);

/*
 * Allocates zeroed pages below `limit` (a physical address). Returns NULL, and prints nothing, if
 * none are free there.
 */
#define REAL_MODE_LIMIT 0xa0000u /* 640 KiB */
void *memory_alloc_below(UINT64 limit, EFI_MEMORY_TYPE type, UINTN bytes);

/* Frees one allocation; ignores NULL and other memory (the embedded files). */
void memory_free(void *address);

/* Frees all allocations of memory_alloc() that are left. */
void memory_free_all(void);

/* EFI_FILE_INFO ends in the file's name; this has space for the loader's short names. */
union file_info {
	EFI_FILE_INFO info;
	UINT8 space[sizeof(EFI_FILE_INFO) + 256 * sizeof(CHAR16)];
};

/* ---- volume.c: the loader's volume ---- */

/* Pagewright's files. Other systems may have files of the same names in the root directory. */
#define OUR_DIRECTORY "\\pagewright"

/* Opens its root directory; NULL without a file system, which is no error. */
EFI_FILE_HANDLE volume_open(EFI_HANDLE device);
void volume_close(EFI_FILE_HANDLE root);

/*
 * Reads at most the first `limit` bytes of a file; the caller owns file->data (memory_free()),
 * NULL for an empty file. Returns EFI_NOT_FOUND, without a line, if there is no such file or
 * `root` is NULL.
 */
EFI_STATUS volume_read(EFI_FILE_HANDLE root, const char *path, enum memory_place place, UINTN limit,
		       struct file *file);

/* Reads file->size bytes from an open file to file->data. */
EFI_STATUS volume_read_all(EFI_FILE_HANDLE handle, const struct file *file);

/*
 * Reads the first `bytes` bytes of a file; bytes that it does not have are 0, all bytes of a
 * directory. Prints nothing. Returns EFI_NOT_FOUND if there is no such file or `root` is NULL.
 */
EFI_STATUS volume_peek(EFI_FILE_HANDLE root, const char *path, void *head, UINTN bytes);

/*
 * Writes a new file and the missing directories of its path (`\A\B\FILE`). On failure it prints
 * nothing, and the volume is as before: free space is checked first, and partial work is rolled
 * back. EFI_NO_MEDIA: `root` is NULL.
 */
EFI_STATUS volume_write(EFI_FILE_HANDLE root, const char *path, const void *data, UINTN bytes);

/* Removes a file. Prints nothing. Returns EFI_NOT_FOUND if there is none. */
EFI_STATUS volume_remove(EFI_FILE_HANDLE root, const char *path);

/* As the Open() of UEFI, with an ASCII path of up to 63 characters. Prints nothing. */
EFI_STATUS volume_open_file(EFI_FILE_HANDLE root, const char *path, UINT64 mode, UINT64 attributes,
			    EFI_FILE_HANDLE *handle);

/* ---- inputs.c: options, kernel and initramfs, from the volume or embedded ---- */

/*
 * Options: the file's first, then those of the loaded image. `options` has BOOT_OPTIONS_SIZE
 * bytes.
 */
EFI_STATUS gather_options(EFI_FILE_HANDLE root, EFI_HANDLE image, const EFI_LOADED_IMAGE *self,
			  char *options);

/*
 * A checked kernel, the one that `paging=` chooses, its first image->loaded bytes in low memory
 * at *staging. A kernel on the volume has no signature, and is refused with Secure Boot on; for a
 * file that is no Pagewright kernel there is only a warning.
 */
EFI_STATUS gather_kernel(EFI_FILE_HANDLE root, const char *options, struct kernel_image *image,
			 void **staging);

EFI_STATUS gather_initramfs(EFI_FILE_HANDLE root, struct boot_range *initramfs);

/* ---- programs_folder.c ---- */

/*
 * Adds the files of \pagewright\programs to the initramfs, as /programs. Without such a folder,
 * or without a volume, nothing changes.
 */
EFI_STATUS gather_programs(EFI_FILE_HANDLE root, struct boot_range *initramfs);

/* ---- variables.c: states of the firmware ---- */

/* Secure Boot is on: programs of the firmware have to be signed. */
bool secure_boot_enforced(void);

/* The firmware was asked to overwrite memory at the next reset. */
bool memory_overwrite_requested(void);

/* ---- log.c: the log of the last run, and a place for the next ---- */

/* Allocates the candidate places of the log. Before any other allocation. */
void log_claim(void);

/*
 * Writes a log that was found to the volume (NULL: there is none) and its verdict to a variable,
 * with a line for each. Sets *place (0 before) to an empty region of abi/boot/log_region.h, or
 * leaves it 0. Nothing here is an error. Returns whether there was an earlier run: a log or
 * STARTED.TXT.
 */
bool log_collect(EFI_FILE_HANDLE root, struct boot_range *place);

/* The files of the last run, in one line. */
const char *log_before(void);

/* The number of the next run: one more than the highest number of a file. */
u32 log_next_run(EFI_FILE_HANDLE root);

/* ---- describe_file.c, run_marker.c: files that are written before ExitBootServices ---- */

/*
 * Writes PREnnnn.TXT and STARTED.TXT. Nothing here is an error; if STARTED.TXT cannot be written
 * the options may change (efi/last_run/run_marker.h). Overwrites loader->map.
 */
void write_run_files(const struct loader *loader);

/* The firmware's present state. */
struct memory_state memory_state(void);

/*
 * Looks for STARTED.TXT and removes it. `found`: there was a log in memory; if not, prints that
 * the last run left none, and why. Returns whether the file was there.
 */
bool run_marker_collect(EFI_FILE_HANDLE root, bool found);

/* Writes it. For `options`, of BOOT_OPTIONS_SIZE bytes, see (2) of efi/last_run/run_marker.h. */
void run_marker_write(EFI_FILE_HANDLE root, u32 run, char *options);

/* Removes it: the run does not begin. The volume is closed, and is opened again. */
void run_marker_undo(EFI_HANDLE device);

/* ---- graphics.c, acpi.c: 0 where there is none ---- */

/* Finds the screens, chooses one (by the option `gop=`) and prints a line for each. */
void find_displays(const char *options, struct displays *displays);

/*
 * Makes the pixels of all screens black, those of the chosen one only if the kernel's first page
 * directory maps them; 32-bit firmware does not reach above 4 GiB. Needs no firmware.
 */
void clear_displays(const struct displays *displays, struct boot_info *info);

/* The configuration table with this GUID, or NULL. */
const UINT8 *configuration_table(EFI_GUID guid);

UINT64 find_acpi_rsdp(void);

/* Reads the tables below the root pointer (0: none). Before ExitBootServices. */
void find_machine_parts(UINT64 rsdp, struct machine_parts *parts);

/* ---- exit_boot_services.c ---- */

/* Allocates both buffers. The last step that allocates. */
EFI_STATUS prepare_map_buffers(struct map_buffers *buffers);

/*
 * Leaves the firmware: after EFI_SUCCESS no boot service may be called, and *info has the memory
 * map and the place of the kernel. A failure before ExitBootServices prints a line; a later one
 * must not print and sets *left.
 */
EFI_STATUS leave_firmware(EFI_HANDLE self, const struct loader *loader, bool *left);

/* ---- handoff.c ---- */

/* Has the processor this feature of CPUID leaf 1, EDX? */
bool processor_has(enum cpu_feature feature);

/* Does it have the features that the kernel is compiled for? */
EFI_STATUS check_processor(void);

/*
 * Builds trampoline, segments, stack and page directory in low memory. Stores in *framebuffer
 * where the directory maps it.
 */
EFI_STATUS prepare_handoff(struct boot_framebuffer *framebuffer, struct handoff **handoff);

/* Relocates the staged kernel and jumps to it; only after leave_firmware(). */
void start_kernel(const struct loader *loader) __noreturn;

#endif
