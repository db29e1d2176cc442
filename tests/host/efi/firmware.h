/* SPDX-License-Identifier: MIT */
/*
 * UEFI firmware for the host tests of the loader: memory at its true addresses, a volume with
 * files, a console, variables, and protocols that a test installs.
 *
 *     efi/x.c ──> BS, ST ──> firmware.c           tables, refusals, console, variables
 *                            firmware_memory.c    pages, the memory map, ExitBootServices
 *                            firmware_volume.c    files and folders
 *
 *  (1) Any call can be refused: the next one, the n-th one, all of a kind.
 *  (2) Wrong arguments fail the case: memory that is freed twice, a file that is closed twice, a
 *      service that is called after the end of boot services.
 *  (3) firmware_clean() says what was not freed, closed or put back.
 *
 * Source: UEFI 2.10.
 */
#ifndef TESTS_HOST_EFI_FIRMWARE_H
#define TESTS_HOST_EFI_FIRMWARE_H

#include "efi/loader.h"

/* ---- firmware.c ---- */

/* Behind ST and BS. */
extern EFI_RUNTIME_SERVICES runtime;
extern EFI_SYSTEM_TABLE system_table;
extern EFI_BOOT_SERVICES boot;

/* Starts the firmware: a console, memory, a volume without files. */
void firmware_start(void);

/* The calls that can be refused. */
enum firmware_call {
	CALL_PAGES, /* AllocatePages() */
	CALL_MAP,
	CALL_EXIT,
	CALL_PROTOCOL, /* HandleProtocol(), LocateProtocol(), LocateHandleBuffer() */
	CALL_ATTRIBUTES,
	CALL_VARIABLE_GET,
	CALL_VARIABLE_SET,
	CALL_TIME,
	CALL_VOLUME, /* OpenVolume() */
	CALL_OPEN,
	CALL_READ,
	CALL_WRITE,
	CALL_FLUSH,
	CALL_DELETE,
	CALL_INFO,
	CALL_POSITION,
	NR_CALLS
};

/* Refuses one call of a kind, the one after `skip` others; firmware_permit() ends all refusals. */
void firmware_refuse(enum firmware_call call, u32 skip, EFI_STATUS status);
void firmware_refuse_all(enum firmware_call call, EFI_STATUS status);
void firmware_permit(void);

/*
 * Refuses the n-th call of any kind, counted from 0. firmware_refused() then says whether there
 * were so many: the loop over n ends when it is false.
 */
void firmware_refuse_nth(u32 n, EFI_STATUS status);
bool firmware_refused(void);

/* For the model's own files: the status with which this call ends, EFI_SUCCESS: it is done. */
EFI_STATUS firmware_asked(enum firmware_call call);

/* How many calls of a kind there were. */
extern u32 firmware_calls[NR_CALLS];

/* What was printed, without carriage returns; take_told() clears it. */
extern char told[8000];
const char *take_told(void);

/* `what` was printed since take_told(). Prints all of it if not. */
bool has_told(const char *what);

/* A protocol at a handle; `first`: the first 32 bits of its GUID. NULL: removes it. */
void firmware_install(EFI_HANDLE handle, u32 first, void *interface);

/* The image and the device that it comes from, with their protocols. */
extern EFI_HANDLE firmware_image, firmware_device;
extern EFI_LOADED_IMAGE loaded_image;

/* A configuration table: `guid` is of UEFI. */
void firmware_table(EFI_GUID guid, void *table);

/* A variable of the firmware: its name in ASCII. Without `value` it is removed. */
void firmware_variable(const char *name, const void *value, size_t bytes);
const char *firmware_variable_text(const char *name); /* NULL: there is none */

/* Keys that wait at the console; microseconds for which Stall() was called; the watchdog. */
extern u32 firmware_keys;
extern u64 firmware_stalled;
extern UINTN firmware_watchdog;

/* Nothing is leaked, and (2). */
void firmware_clean(void);

/* ---- firmware_memory.c ---- */

/*
 * RAM, at its true addresses: little below 640 KiB, all from 1 MiB to FIRMWARE_RAM_END, and some
 * above what the kernel reaches. Allocations are made from the top down, and filled with 0xee.
 */
#define FIRMWARE_LOW_START  0x10000u
#define FIRMWARE_LOW_END    0x9f000u
#define FIRMWARE_RAM_END    0x1f000000u
#define FIRMWARE_HIGH_START 0x40000000u
#define FIRMWARE_HIGH_END   0x50000000u

void firmware_memory_start(void);

/* Pages that are allocated; the type of the page at an address, EfiConventionalMemory if free. */
u32 firmware_pages(void);
EFI_MEMORY_TYPE firmware_type(const void *address);

/* Makes a range of pages one of another type, as if the firmware had allocated it. */
void firmware_take(u64 start, u64 end, EFI_MEMORY_TYPE type);

/* So many of the first calls of ExitBootServices change the memory map: their key is stale. */
extern u32 firmware_changes;

/* Some firmware has none: pages of EfiLoaderCode are executable then. */
void firmware_have_attributes(bool yes);

/* ExitBootServices() was called; it has ended the boot services. */
extern bool firmware_leaving, firmware_left;

/* ---- firmware_volume.c ---- */

void firmware_volume_start(void);

/* Makes a file, and the folders of its path (`\A\B\FILE`). NULL: a file of zeros. */
void volume_have(const char *path, const void *data, u64 bytes);
void volume_have_zeros_after(const char *path, const void *data, u64 bytes, u64 size);
void volume_have_text(const char *path, const char *text);
void volume_have_folder(const char *path);

/* A file or an empty folder with any name, in a folder. */
void volume_have_wide(const char *folder, const CHAR16 *name, bool is_folder);

/* The contents of a file with a NUL behind it, or NULL. */
const char *volume_text(const char *path);
u64 volume_size(const char *path);
bool volume_has(const char *path);

/* Files that are open, the root too. */
extern u32 volume_open_files;

/* How the volume behaves. */
extern struct volume_manners {
	bool read_only;	    /* the volume says so */
	bool protected;	    /* and it is so */
	u64 free_space;	    /* bytes */
	UINTN largest_read; /* bytes; 0: of any size. A larger one fails */
	UINTN ends_after;   /* bytes of each file can be read; 0: all */
	bool reads_more;    /* a read says that it read more than it should */
	UINTN write_limit;  /* bytes of one call; 0: any number. The rest is not written */
} volume;

#endif
