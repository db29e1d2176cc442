/* SPDX-License-Identifier: MIT */
/*
 * As much of UEFI as the loader uses, in place of gnu-efi's header of the same name: for the host
 * tests of efi/, on which gnu-efi's calling convention does not apply. Members that the loader
 * does not use are left out. Source: UEFI 2.10, sections 4, 7, 8, 9, 12, 13, appendices A and D.
 */
#ifndef TESTS_HOST_EFI_UEFI_EFI_H
#define TESTS_HOST_EFI_UEFI_EFI_H

#include <stddef.h>

#include "lib/types.h"

typedef uintptr_t UINTN, EFI_STATUS, EFI_TPL;
typedef u64 UINT64 __aligned(8); /* on i386 too */
typedef UINT64 EFI_PHYSICAL_ADDRESS;
typedef u32 UINT32;
typedef u16 UINT16;
typedef u8 UINT8;
typedef bool BOOLEAN;
typedef wchar_t CHAR16;
typedef void *EFI_HANDLE;
#define TRUE  true
#define FALSE false
#define EFIAPI

/* ---- Status codes ---- */

#define EFI_ERROR_BIT		((UINTN)1 << (sizeof(UINTN) * 8 - 1))
#define EFI_ERROR(status)	(((status)&EFI_ERROR_BIT) != 0)
#define EFI_SUCCESS		0
#define EFI_WARN_DELETE_FAILURE 2
#define EFI_LOAD_ERROR		(EFI_ERROR_BIT | 1)
#define EFI_INVALID_PARAMETER	(EFI_ERROR_BIT | 2)
#define EFI_UNSUPPORTED		(EFI_ERROR_BIT | 3)
#define EFI_BAD_BUFFER_SIZE	(EFI_ERROR_BIT | 4)
#define EFI_BUFFER_TOO_SMALL	(EFI_ERROR_BIT | 5)
#define EFI_NOT_READY		(EFI_ERROR_BIT | 6)
#define EFI_DEVICE_ERROR	(EFI_ERROR_BIT | 7)
#define EFI_WRITE_PROTECTED	(EFI_ERROR_BIT | 8)
#define EFI_OUT_OF_RESOURCES	(EFI_ERROR_BIT | 9)
#define EFI_VOLUME_CORRUPTED	(EFI_ERROR_BIT | 10)
#define EFI_VOLUME_FULL		(EFI_ERROR_BIT | 11)
#define EFI_NO_MEDIA		(EFI_ERROR_BIT | 12)
#define EFI_MEDIA_CHANGED	(EFI_ERROR_BIT | 13)
#define EFI_NOT_FOUND		(EFI_ERROR_BIT | 14)
#define EFI_ACCESS_DENIED	(EFI_ERROR_BIT | 15)
#define EFI_TIMEOUT		(EFI_ERROR_BIT | 18)
#define EFI_ABORTED		(EFI_ERROR_BIT | 21)
#define EFI_SECURITY_VIOLATION	(EFI_ERROR_BIT | 26)
#define EFI_END_OF_FILE		(EFI_ERROR_BIT | 31)

/* ---- GUIDs ---- */

typedef struct {
	u32 first;
	u16 second, third;
	u8 rest[8];
} EFI_GUID;

/* clang-format off */
#define ACPI_TABLE_GUID \
	{ 0xeb9d2d30, 0x2d88, 0x11d3, { 0x9a, 0x16, 0, 0x90, 0x27, 0x3f, 0xc1, 0x4d } }
#define ACPI_20_TABLE_GUID \
	{ 0x8868e871, 0xe4f1, 0x11d3, { 0xbc, 0x22, 0, 0x80, 0xc7, 0x3c, 0x88, 0x81 } }
#define EFI_GLOBAL_VARIABLE \
	{ 0x8be4df61, 0x93ca, 0x11d2, { 0xaa, 0x0d, 0, 0xe0, 0x98, 0x03, 0x2b, 0x8c } }
#define EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID \
	{ 0x9042a9de, 0x23dc, 0x4a38, { 0x96, 0xfb, 0x7a, 0xde, 0xd0, 0x80, 0x51, 0x6a } }
#define EFI_LOADED_IMAGE_PROTOCOL_GUID \
	{ 0x5b1b31a1, 0x9562, 0x11d2, { 0x8e, 0x3f, 0, 0xa0, 0xc9, 0x69, 0x72, 0x3b } }
#define EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID \
	{ 0x964e5b22, 0x6459, 0x11d2, { 0x8e, 0x39, 0, 0xa0, 0xc9, 0x69, 0x72, 0x3b } }
#define EFI_FILE_INFO_ID \
	{ 0x09576e92, 0x6d3f, 0x11d2, { 0x8e, 0x39, 0, 0xa0, 0xc9, 0x69, 0x72, 0x3b } }
#define EFI_FILE_SYSTEM_INFO_ID \
	{ 0x09576e93, 0x6d3f, 0x11d2, { 0x8e, 0x39, 0, 0xa0, 0xc9, 0x69, 0x72, 0x3b } }
/* clang-format on */

/* ---- Memory ---- */

#define EFI_PAGE_SIZE		 4096u
#define EFI_SIZE_TO_PAGES(bytes) ((bytes) / 4096 + !!((bytes) % 4096))
#define EFI_MEMORY_XP		 0x4000ull

typedef enum { AllocateAnyPages, AllocateMaxAddress, AllocateAddress } EFI_ALLOCATE_TYPE;
typedef enum {
	EfiReservedMemoryType,
	EfiLoaderCode,
	EfiLoaderData,
	EfiBootServicesCode,
	EfiBootServicesData,
	EfiRuntimeServicesCode,
	EfiRuntimeServicesData,
	EfiConventionalMemory,
	EfiUnusableMemory,
	EfiACPIReclaimMemory,
} EFI_MEMORY_TYPE;

typedef struct {
	u32 Type, Pad;
	UINT64 PhysicalStart, VirtualStart, NumberOfPages, Attribute;
} EFI_MEMORY_DESCRIPTOR;

/* ---- Files ---- */

#define EFI_FILE_MODE_READ   1ull
#define EFI_FILE_MODE_WRITE  2ull
#define EFI_FILE_MODE_CREATE 0x8000000000000000ull
#define EFI_FILE_DIRECTORY   0x10ull

typedef struct {
	u16 Year;
	u8 Month, Day, Hour, Minute, Second, Pad1;
	u32 Nanosecond;
	s16 TimeZone;
	u8 Daylight, Pad2;
} EFI_TIME;

typedef struct {
	UINT64 Size, FileSize, PhysicalSize;
	EFI_TIME CreateTime, LastAccessTime, ModificationTime;
	UINT64 Attribute;
	CHAR16 FileName[1];
} EFI_FILE_INFO;

typedef struct {
	UINT64 Size;
	BOOLEAN ReadOnly;
	UINT64 VolumeSize, FreeSpace;
	UINT32 BlockSize;
	CHAR16 VolumeLabel[1];
} EFI_FILE_SYSTEM_INFO;

typedef struct EFI_FILE EFI_FILE, *EFI_FILE_HANDLE;
struct EFI_FILE {
	UINT64 Revision;
	EFI_STATUS(*Open)
	(EFI_FILE *file, EFI_FILE **opened, CHAR16 *name, UINT64 mode, UINT64 attributes);
	EFI_STATUS (*Close)(EFI_FILE *file);
	EFI_STATUS (*Delete)(EFI_FILE *file);
	EFI_STATUS (*Read)(EFI_FILE *file, UINTN *size, void *buffer);
	EFI_STATUS (*Write)(EFI_FILE *file, UINTN *size, void *buffer);
	EFI_STATUS (*SetPosition)(EFI_FILE *file, UINT64 position);
	EFI_STATUS (*GetInfo)(EFI_FILE *file, EFI_GUID *type, UINTN *size, void *buffer);
	EFI_STATUS (*Flush)(EFI_FILE *file);
};

typedef struct EFI_FILE_IO_INTERFACE EFI_FILE_IO_INTERFACE;
struct EFI_FILE_IO_INTERFACE {
	UINT64 Revision;
	EFI_STATUS (*OpenVolume)(EFI_FILE_IO_INTERFACE *volume, EFI_FILE **root);
};

/* ---- The console and screens ---- */

typedef struct SIMPLE_TEXT_OUTPUT_INTERFACE SIMPLE_TEXT_OUTPUT_INTERFACE;
struct SIMPLE_TEXT_OUTPUT_INTERFACE {
	EFI_STATUS (*OutputString)(SIMPLE_TEXT_OUTPUT_INTERFACE *console, CHAR16 *text);
	EFI_STATUS (*ClearScreen)(SIMPLE_TEXT_OUTPUT_INTERFACE *console);
};

typedef struct {
	u16 ScanCode;
	CHAR16 UnicodeChar;
} EFI_INPUT_KEY;

typedef struct SIMPLE_INPUT_INTERFACE SIMPLE_INPUT_INTERFACE;
struct SIMPLE_INPUT_INTERFACE {
	EFI_STATUS (*Reset)(SIMPLE_INPUT_INTERFACE *console, BOOLEAN extended);
	EFI_STATUS (*ReadKeyStroke)(SIMPLE_INPUT_INTERFACE *console, EFI_INPUT_KEY *key);
};

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

/* ---- Services and tables ---- */

#define EFI_VARIABLE_NON_VOLATILE	1u
#define EFI_VARIABLE_BOOTSERVICE_ACCESS 2u
#define EFI_VARIABLE_RUNTIME_ACCESS	4u
#define TPL_HIGH_LEVEL			31

typedef enum { AllHandles, ByRegisterNotify, ByProtocol } EFI_LOCATE_SEARCH_TYPE;

typedef struct {
	EFI_TPL (*RaiseTPL)(EFI_TPL level);
	void (*RestoreTPL)(EFI_TPL level);
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
	EFI_STATUS (*Stall)(UINTN microseconds);
	EFI_STATUS(*SetWatchdogTimer)
	(UINTN timeout, UINT64 code, UINTN size, CHAR16 *data);
} EFI_BOOT_SERVICES;

typedef struct {
	EFI_STATUS (*GetTime)(EFI_TIME *time, void *capabilities);
	EFI_STATUS(*GetVariable)
	(CHAR16 *name, EFI_GUID *guid, UINT32 *attributes, UINTN *size, void *data);
	EFI_STATUS(*SetVariable)
	(CHAR16 *name, EFI_GUID *guid, UINT32 attributes, UINTN size, void *data);
} EFI_RUNTIME_SERVICES;

typedef struct {
	EFI_GUID VendorGuid;
	void *VendorTable;
} EFI_CONFIGURATION_TABLE;

typedef struct {
	struct {
		UINT64 Signature;
		UINT32 Revision;
	} Hdr;
	CHAR16 *FirmwareVendor;
	UINT32 FirmwareRevision;
	SIMPLE_INPUT_INTERFACE *ConIn;
	SIMPLE_TEXT_OUTPUT_INTERFACE *ConOut;
	EFI_RUNTIME_SERVICES *RuntimeServices;
	EFI_BOOT_SERVICES *BootServices;
	UINTN NumberOfTableEntries;
	EFI_CONFIGURATION_TABLE *ConfigurationTable;
} EFI_SYSTEM_TABLE;

typedef struct {
	UINT32 Revision;
	EFI_HANDLE DeviceHandle;
	UINT32 LoadOptionsSize;
	void *LoadOptions;
} EFI_LOADED_IMAGE;

#endif
