/* SPDX-License-Identifier: MIT */
/*
 * A UEFI application that starts \loader.efi under conditions that firmware seldom shows.
 * \chain.txt says which, a letter each:
 *
 *     h  the place at 1 MiB is taken
 *     f  the memory map is broken into more than 1000 entries
 *     a  the memory below 896 MiB is taken, but for the loader's image and 384 KiB
 *     g  the loader is loaded above 4 GiB: all memory below is taken meanwhile
 *     s  the map changes before each of the first three calls of ExitBootServices, so that they
 *        fail; from then on every boot service but those for memory reports its call on COM1
 *     x  there is a Memory Attribute Protocol, which reports its calls
 *     y  that one refuses to clear attributes
 *     l  the loader gets load options, as the UEFI Shell would give them
 *     k  a slow user: a key is pressed when the loader has asked for one twice
 *     m  the memory map cannot be had: only its size is told
 *     w  the firmware says that it was asked to overwrite memory at the next reset
 *     p  when the firmware has left, the other processors count, for ever, in memory it released
 *     o  when the firmware has left, entries 4 and 5 of the I/O APIC are open, one for an SMI
 *     c  when the firmware has left, CR4 has every bit that the processor has and this mode
 *        allows, and EFER has SCE and NXE
 *     t  when the firmware has left, the IOMMU translates, with empty tables
 *     q  ACPI's FADT names the PM timer by its newer field alone; n  it names none
 *     r  that FADT is a hardware-reduced machine's, with a sleep control register in place of PM1
 *
 * A loader that returns is started a second time. `chain: leaked=N` is the number of pages that
 * the second start allocated and did not free. Then the machine is switched off.
 *
 * Context: boot services. Whatever fails here is printed as `chain: error`.
 */
#include <efi.h>

#include "lib/printf.h"
#include "lib/string.h"
#include "lib/types.h"
#include "tests/boot/loader-busy.h"
#include "tests/boot/loader-fadt.h"

#define HOME	    0x100000u
#define LOW_LIMIT   0x38000000u
#define FRAGMENTS   1200u
#define STALE_CALLS 3u
#define SPARE_PAGES 96u
#define FILE_MAX    MiB(16)

EFI_STATUS efi_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system);

static EFI_SYSTEM_TABLE *st;
static EFI_BOOT_SERVICES *bs;
static EFI_BOOT_SERVICES good_services; /* before anything was hooked */
static EFI_TEXT_OUTPUT_STRING good_output;
static EFI_EXIT_BOOT_SERVICES good_exit;
static EFI_GET_MEMORY_MAP good_map;
static EFI_GET_VARIABLE good_variable;
static UINT32 exit_calls;
static u8 map[MiB(1)];

/* The letters of \chain.txt. */
static char actions[16];

static void say(const char *format, ...) __printf(1, 2);

static void say(const char *format, ...)
{
	va_list arguments;
	char line[128];
	CHAR16 wide[130];
	int length;

	va_start(arguments, format);
	length = vscnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	for (int i = 0; i < length; i++)
		wide[i] = (u8)line[i];
	wide[length] = '\r';
	wide[length + 1] = '\n';
	wide[length + 2] = '\0';
	st->ConOut->OutputString(st->ConOut, wide);
}

static bool wanted(char action)
{
	for (const char *a = actions; *a; a++) {
		if (*a == action)
			return true;
	}
	return false;
}

static EFI_STATUS EFIAPI forbidden(void)
{
	serial_text("chain: forbidden call\r\n");
	return EFI_DEVICE_ERROR;
}

/* Every service but those that UEFI allows after the first ExitBootServices. */
static void forbid_services(void)
{
	EFI_BOOT_SERVICES keep = *bs;
	void **service = (void **)((u8 *)bs + sizeof(bs->Hdr));

	for (; (u8 *)service + sizeof(*service) <= (u8 *)(bs + 1); service++)
		*service = (void *)forbidden;
	bs->AllocatePages = keep.AllocatePages;
	bs->FreePages = keep.FreePages;
	bs->GetMemoryMap = keep.GetMemoryMap;
	bs->AllocatePool = keep.AllocatePool;
	bs->FreePool = keep.FreePool;
	bs->ExitBootServices = keep.ExitBootServices;
	st->ConOut->OutputString = (void *)forbidden;
}

static void allow_services(void)
{
	*bs = good_services;
	st->ConOut->OutputString = good_output;
}

static EFI_STATUS EFIAPI stale_exit(EFI_HANDLE image, UINTN key)
{
	EFI_PHYSICAL_ADDRESS page = 0;
	EFI_STATUS status;

	allow_services();
	if (exit_calls++ < STALE_CALLS)
		bs->AllocatePages(AllocateAnyPages, EfiBootServicesData, 1, &page);
	status = good_exit(image, key);
	if (EFI_ERROR(status)) {
		serial_text("chain: stale key\r\n");
		bs->ExitBootServices = stale_exit;
		forbid_services();
	}
	return status;
}

static EFI_STATUS EFIAPI refuse_map(UINTN *size, EFI_MEMORY_DESCRIPTOR *to, UINTN *key,
				    UINTN *stride, UINT32 *version)
{
	return to ? EFI_DEVICE_ERROR : good_map(size, to, key, stride, version);
}

static EFI_STATUS EFIAPI overwrite_variable(CHAR16 *name, EFI_GUID *vendor, UINT32 *attributes,
					    UINTN *size, void *data)
{
	/* Of MemoryOverwriteRequestControl. */
	static const EFI_GUID overwrite = {
		0xe20939be, 0x32d4, 0x41be, { 0xa1, 0x50, 0x89, 0x7f, 0x85, 0xd4, 0x98, 0x29 }
	};

	if (memcmp(vendor, &overwrite, sizeof(overwrite)) != 0)
		return good_variable(name, vendor, attributes, size, data);
	*size = 1;
	*(u8 *)data = 1;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI press_key(SIMPLE_INPUT_INTERFACE *input, EFI_INPUT_KEY *key)
{
	static u32 calls;

	(void)input;
	if (++calls % 2 != 0)
		return EFI_NOT_READY;
	*key = (EFI_INPUT_KEY){ 0, 'k' };
	say("chain: a key is pressed");
	return EFI_SUCCESS;
}

static void take_home(void)
{
	EFI_PHYSICAL_ADDRESS address = HOME;

	if (EFI_ERROR(bs->AllocatePages(AllocateAddress, EfiReservedMemoryType, 1, &address)))
		say("chain: error: 1 MiB is not free");
}

static void fragment(void)
{
	static EFI_PHYSICAL_ADDRESS pages[2 * FRAGMENTS];

	for (UINT32 i = 0; i < ARRAY_SIZE(pages); i++) {
		if (EFI_ERROR(bs->AllocatePages(AllocateAnyPages, EfiLoaderData, 1, &pages[i])))
			say("chain: error: no memory for fragments");
	}
	for (UINT32 i = 0; i < ARRAY_SIZE(pages); i += 2)
		bs->FreePages(pages[i], 1);
}

/* `rest` pages stay free. */
static void take_all(UINTN rest)
{
	EFI_PHYSICAL_ADDRESS kept = LOW_LIMIT - 1, address;
	UINTN pages = 1u << 16;

	if (EFI_ERROR(bs->AllocatePages(AllocateMaxAddress, EfiLoaderData, rest, &kept)))
		say("chain: error: no memory to leave");
	while (pages != 0) {
		address = LOW_LIMIT - 1;
		if (EFI_ERROR(
			    bs->AllocatePages(AllocateMaxAddress, EfiLoaderData, pages, &address)))
			pages /= 2;
	}
	bs->FreePages(kept, rest);
}

/* A Memory Attribute Protocol: what it is told is said, and nothing else is done. */
static void say_attributes(const char *call, u64 start, u64 bytes, u64 attributes)
{
	say("chain: attributes %s start=0x%llx bytes=0x%llx mask=0x%llx", call, start, bytes,
	    attributes);
}

static EFI_STATUS EFIAPI set_attributes(void *protocol, EFI_PHYSICAL_ADDRESS start, UINT64 bytes,
					UINT64 attributes)
{
	(void)protocol;
	say_attributes("set", start, bytes, attributes);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI clear_attributes(void *protocol, EFI_PHYSICAL_ADDRESS start, UINT64 bytes,
					  UINT64 attributes)
{
	(void)protocol;
	say_attributes("clear", start, bytes, attributes);
	return wanted('y') ? EFI_UNSUPPORTED : EFI_SUCCESS;
}

static void install_memory_attribute(void)
{
	static EFI_GUID guid = {
		0xf4560cf6, 0x40ec, 0x4b4a, { 0xa1, 0x92, 0xbf, 0x1d, 0x57, 0xd0, 0xb1, 0x89 }
	};
	static void *protocol[3];
	EFI_HANDLE handle = NULL;

	protocol[1] = (void *)set_attributes;
	protocol[2] = (void *)clear_attributes;
	if (EFI_ERROR(bs->InstallProtocolInterface(&handle, &guid, EFI_NATIVE_INTERFACE, protocol)))
		say("chain: error: no protocol can be installed");
}

static struct {
	EFI_PHYSICAL_ADDRESS address;
	UINTN pages;
} held[4096];
static UINTN held_count;

/* All that is free below 4 GiB, in the largest pieces that there are. */
static void hold_low_memory(void)
{
	UINTN pages = 1u << 19;

	while (pages != 0 && held_count < ARRAY_SIZE(held)) {
		EFI_PHYSICAL_ADDRESS address = 0xffffffff;

		if (EFI_ERROR(bs->AllocatePages(AllocateMaxAddress, EfiBootServicesData, pages,
						&address))) {
			pages /= 2;
			continue;
		}
		held[held_count].address = address;
		held[held_count++].pages = pages;
	}
}

static void release_low_memory(void)
{
	while (held_count != 0) {
		held_count--;
		bs->FreePages(held[held_count].address, held[held_count].pages);
	}
}

static EFI_FILE_HANDLE open_volume(EFI_HANDLE device)
{
	EFI_GUID guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
	EFI_FILE_IO_INTERFACE *file_system = NULL;
	EFI_FILE_HANDLE root = NULL;

	if (!EFI_ERROR(bs->HandleProtocol(device, &guid, (void **)&file_system)))
		file_system->OpenVolume(file_system, &root);
	return root;
}

/* Returns the number of bytes read, 0 if that failed. */
static UINTN read_file(EFI_FILE_HANDLE root, CHAR16 *path, void *to, UINTN size)
{
	EFI_FILE_HANDLE file = NULL;

	if (EFI_ERROR(root->Open(root, &file, path, EFI_FILE_MODE_READ, 0)))
		return 0;
	if (EFI_ERROR(file->Read(file, &size, to)))
		size = 0;
	file->Close(file);
	return size;
}

static u64 free_pages(void)
{
	UINTN size = sizeof(map), key, stride = 0;
	UINT32 version;
	u64 pages = 0;

	if (EFI_ERROR(bs->GetMemoryMap(&size, (void *)map, &key, &stride, &version)))
		return 0;
	for (UINTN at = 0; at + stride <= size; at += stride) {
		const EFI_MEMORY_DESCRIPTOR *entry = (const void *)(map + at);

		if (entry->Type == EfiConventionalMemory)
			pages += entry->NumberOfPages;
	}
	return pages;
}

/* Starts the loader; returns the number of free pages after it came back. */
static u64 start_loader(EFI_HANDLE self, EFI_HANDLE device, void *file, UINTN size)
{
	static CHAR16 load_options[] = L"LOADER.EFI first=1 second=2";
	EFI_GUID guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	EFI_LOADED_IMAGE_PROTOCOL *loaded = NULL;
	EFI_HANDLE image = NULL;
	EFI_STATUS status;

	if (wanted('g'))
		hold_low_memory();
	status = bs->LoadImage(FALSE, self, NULL, file, size, &image);
	release_low_memory();
	if (EFI_ERROR(status) || EFI_ERROR(bs->HandleProtocol(image, &guid, (void **)&loaded))) {
		say("chain: error: \\loader.efi cannot be loaded");
		return 0;
	}
	loaded->DeviceHandle = device;
	say("chain: image=0x%llx", (u64)(UINTN)loaded->ImageBase);
	if (wanted('l')) {
		loaded->LoadOptions = load_options;
		loaded->LoadOptionsSize = sizeof(load_options);
	}
	if (wanted('s')) {
		good_services = *bs;
		good_output = st->ConOut->OutputString;
		good_exit = bs->ExitBootServices;
		bs->ExitBootServices = stale_exit;
	}
	good_map = bs->GetMemoryMap;
	if (wanted('m'))
		bs->GetMemoryMap = refuse_map;
	status = bs->StartImage(image, NULL, NULL);
	bs->GetMemoryMap = good_map;
	say("chain: status=0x%x", (UINT32)status);
	return free_pages();
}

EFI_STATUS efi_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system)
{
	EFI_GUID guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	EFI_LOADED_IMAGE_PROTOCOL *own = NULL;
	EFI_FILE_HANDLE root = NULL;
	void *loader = NULL;
	u64 first, second;
	UINTN size;

	st = system;
	bs = system->BootServices;
	bs->SetWatchdogTimer(0, 0, 0, NULL);
	if (!EFI_ERROR(bs->HandleProtocol(self, &guid, (void **)&own)))
		root = open_volume(own->DeviceHandle);
	if (!root || EFI_ERROR(bs->AllocatePool(EfiLoaderData, FILE_MAX, &loader)))
		return EFI_LOAD_ERROR;
	read_file(root, L"\\chain.txt", actions, sizeof(actions) - 1);
	size = read_file(root, L"\\loader.efi", loader, FILE_MAX);
	root->Close(root);
	say("chain: actions=%s", actions);
	if (wanted('k'))
		st->ConIn->ReadKeyStroke = press_key;
	good_variable = st->RuntimeServices->GetVariable;
	if (wanted('w'))
		st->RuntimeServices->GetVariable = overwrite_variable;
	if (wanted('h'))
		take_home();
	if (wanted('f'))
		fragment();
	if (wanted('x'))
		install_memory_attribute();
	if (wanted('a'))
		take_all(EFI_SIZE_TO_PAGES(size) + SPARE_PAGES);
	if (!busy_exit_install(bs, actions))
		say("chain: error: no memory for what goes on");
	if ((wanted('q') || wanted('n') || wanted('r')) && !fadt_replace(st, actions))
		say("chain: error: the FADT cannot be replaced");
	first = start_loader(self, own->DeviceHandle, loader, size);
	second = start_loader(self, own->DeviceHandle, loader, size);
	say("chain: leaked=%lld", (s64)(first - second));
	st->RuntimeServices->ResetSystem(EfiResetShutdown, EFI_SUCCESS, 0, NULL);
	return EFI_SUCCESS;
}
