/* SPDX-License-Identifier: MIT */
/*
 * As much of UEFI as some files of the loader need, in place of efi/loader.h and gnu-efi: types,
 * and boot services that a test fills in. A test includes this, then those files as text. Source:
 * UEFI 2.10, sections 4 and 7, appendix A.
 */
#ifndef TESTS_HOST_EFI_FIRMWARE_H
#define TESTS_HOST_EFI_FIRMWARE_H

#define EFI_LOADER_H

#include <stddef.h>

#include "abi/boot/boot_info.h"
#include "efi/displays.h"
#include "efi/kernel_image.h"
#include "efi/machine_parts.h"
#include "lib/types.h"

typedef uintptr_t UINTN, EFI_STATUS;
typedef u64 UINT64, EFI_PHYSICAL_ADDRESS;
typedef u32 UINT32;
typedef u8 UINT8;
typedef bool BOOLEAN;
typedef wchar_t CHAR16;
typedef void *EFI_HANDLE;
#define TRUE  true
#define FALSE false
#define EFIAPI

#define EFI_ERROR_BIT	      ((UINTN)1 << (sizeof(UINTN) * 8 - 1))
#define EFI_ERROR(status)     (((status)&EFI_ERROR_BIT) != 0)
#define EFI_SUCCESS	      0
#define EFI_INVALID_PARAMETER (EFI_ERROR_BIT | 2)
#define EFI_UNSUPPORTED	      (EFI_ERROR_BIT | 3)
#define EFI_BUFFER_TOO_SMALL  (EFI_ERROR_BIT | 5)
#define EFI_DEVICE_ERROR      (EFI_ERROR_BIT | 7)
#define EFI_OUT_OF_RESOURCES  (EFI_ERROR_BIT | 9)
#define EFI_NOT_FOUND	      (EFI_ERROR_BIT | 14)

#define EFI_PAGE_SIZE		 4096u
#define EFI_SIZE_TO_PAGES(bytes) ((bytes) / 4096 + !!((bytes) % 4096))
#define EFI_MEMORY_XP		 0x4000ull

typedef enum { AllocateAnyPages, AllocateMaxAddress, AllocateAddress } EFI_ALLOCATE_TYPE;
typedef enum { EfiLoaderCode = 1, EfiLoaderData = 2 } EFI_MEMORY_TYPE;
typedef enum { AllHandles, ByRegisterNotify, ByProtocol } EFI_LOCATE_SEARCH_TYPE;

typedef struct {
	u32 first;
	u16 second, third;
	u8 rest[8];
} EFI_GUID;

typedef struct {
	u32 Type, Pad;
	u64 PhysicalStart, VirtualStart, NumberOfPages, Attribute;
} EFI_MEMORY_DESCRIPTOR;

typedef struct {
	EFI_STATUS(*AllocatePages)
	(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN pages, EFI_PHYSICAL_ADDRESS *address);
	EFI_STATUS (*FreePages)(EFI_PHYSICAL_ADDRESS address, UINTN pages);
	EFI_STATUS(*GetMemoryMap)
	(UINTN *size, void *map, UINTN *key, UINTN *stride, UINT32 *version);
	EFI_STATUS (*FreePool)(void *memory);
	EFI_STATUS (*HandleProtocol)(EFI_HANDLE handle, EFI_GUID *guid, void **interface);
	EFI_STATUS (*LocateProtocol)(EFI_GUID *guid, void *registration, void **interface);
	EFI_STATUS(*LocateHandleBuffer)
	(EFI_LOCATE_SEARCH_TYPE type, EFI_GUID *guid, void *key, UINTN *count,
	 EFI_HANDLE **handles);
	EFI_STATUS (*ExitBootServices)(EFI_HANDLE image, UINTN key);
} EFI_BOOT_SERVICES;

typedef struct {
	EFI_STATUS(*GetVariable)
	(CHAR16 *name, EFI_GUID *guid, UINT32 *attributes, UINTN *size, void *data);
} EFI_RUNTIME_SERVICES;

typedef struct {
	EFI_GUID VendorGuid;
	void *VendorTable;
} EFI_CONFIGURATION_TABLE;

typedef struct {
	UINTN NumberOfTableEntries;
	EFI_CONFIGURATION_TABLE *ConfigurationTable;
	EFI_RUNTIME_SERVICES *RuntimeServices;
} EFI_SYSTEM_TABLE;

#define ACPI_TABLE_GUID                                             \
	{                                                           \
		0xeb9d2d30, 0x2d88, 0x11d3,                         \
		{                                                   \
			0x9a, 0x16, 0, 0x90, 0x27, 0x3f, 0xc1, 0x4d \
		}                                                   \
	}
#define ACPI_20_TABLE_GUID                                          \
	{                                                           \
		0x8868e871, 0xe4f1, 0x11d3,                         \
		{                                                   \
			0xbc, 0x22, 0, 0x80, 0xc7, 0x3c, 0x88, 0x81 \
		}                                                   \
	}
#define EFI_GLOBAL_VARIABLE                                         \
	{                                                           \
		0x8be4df61, 0x93ca, 0x11d2,                         \
		{                                                   \
			0xaa, 0x0d, 0, 0xe0, 0x98, 0x03, 0x2b, 0x8c \
		}                                                   \
	}
#define EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID                              \
	{                                                              \
		0x9042a9de, 0x23dc, 0x4a38,                            \
		{                                                      \
			0x96, 0xfb, 0x7a, 0xde, 0xd0, 0x80, 0x51, 0x6a \
		}                                                      \
	}

typedef struct {
	u32 RedMask, GreenMask, BlueMask, ReservedMask;
} EFI_PIXEL_BITMASK;

typedef enum {
	PixelRedGreenBlueReserved8BitPerColor,
	PixelBlueGreenRedReserved8BitPerColor,
	PixelBitMask,
	PixelBltOnly,
} EFI_GRAPHICS_PIXEL_FORMAT;

typedef struct {
	u32 Version, HorizontalResolution, VerticalResolution;
	EFI_GRAPHICS_PIXEL_FORMAT PixelFormat;
	EFI_PIXEL_BITMASK PixelInformation;
	u32 PixelsPerScanLine;
} EFI_GRAPHICS_OUTPUT_MODE_INFORMATION;

typedef struct {
	EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *Info;
	EFI_PHYSICAL_ADDRESS FrameBufferBase;
	UINTN FrameBufferSize;
} EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE;

typedef struct {
	EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE *Mode;
} EFI_GRAPHICS_OUTPUT_PROTOCOL;

/* From efi/loader.h. */
struct map_buffers {
	void *descriptors;
	UINTN descriptors_size;
	struct boot_memory *entries;
	UINT32 capacity;
};

struct loader {
	struct boot_info *info;
	struct kernel_image kernel;
	struct map_buffers map;
	struct machine_parts parts;
};

enum memory_place { MEMORY_ANYWHERE, MEMORY_LOW };

extern EFI_SYSTEM_TABLE *ST;
extern EFI_BOOT_SERVICES *BS;

void say(const char *format, ...) __printf(1, 2);
EFI_STATUS fail(EFI_STATUS status, const char *format, ...) __printf(2, 3);
const char *status_text(EFI_STATUS status);
void *memory_alloc(enum memory_place place, EFI_MEMORY_TYPE type, UINTN bytes, const char *what);
EFI_STATUS memory_make_executable(void *address, const char *what);
void *memory_alloc_at(UINT64 address, EFI_MEMORY_TYPE type, UINTN bytes);
void *memory_alloc_below(UINT64 limit, EFI_MEMORY_TYPE type, UINTN bytes);
void memory_free(void *address);
void memory_free_all(void);
const UINT8 *configuration_table(EFI_GUID guid);
UINT64 find_acpi_rsdp(void);
void find_machine_parts(UINT64 rsdp, struct machine_parts *parts);
bool secure_boot_enforced(void);
bool memory_overwrite_requested(void);
void find_displays(const char *options, struct displays *displays);
void clear_displays(const struct displays *displays, struct boot_info *info);
EFI_STATUS prepare_map_buffers(struct map_buffers *buffers);
EFI_STATUS leave_firmware(EFI_HANDLE self, const struct loader *loader, bool *left);

/* ---- firmware.c: what all these tests use ---- */

#define RAM_PAGES 64u

/* Behind ST and BS. */
extern EFI_RUNTIME_SERVICES runtime;
extern EFI_SYSTEM_TABLE system_table;
extern EFI_BOOT_SERVICES boot;

/* What say() and fail() printed; take_told() returns it and clears it. */
extern char told[2000];
const char *take_told(void);

/* The memory that AllocatePages() gives, page by page, and what it was asked. */
extern u8 ram[RAM_PAGES][4096];
extern u32 next_page, frees, freed_pages;
extern bool no_pages;
extern EFI_ALLOCATE_TYPE last_how;
extern EFI_MEMORY_TYPE last_type;
extern u64 last_limit;

/* Sets AllocatePages() and FreePages(), and fills the memory with 0xee. */
void firmware_start(void);

#endif
