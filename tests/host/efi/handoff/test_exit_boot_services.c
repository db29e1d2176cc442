/* SPDX-License-Identifier: MIT */
/*
 * The end of the boot services: buffers for the map, maps that make no sense, keys that are stale,
 * and failures after which nothing may be printed.
 *
 * sources: efi/handoff/memory_map.c
 */
#include "tests/host/efi/firmware.h"

#include "efi/handoff/exit_boot_services.c"
#include "efi/memory.c"

#include <string.h>

#include "tests/host/tap.h"

static struct efi_descriptor firmware_map[8];
static UINTN map_size, map_stride = sizeof(struct efi_descriptor);
static u32 maps_read, exits, stale_keys;
static EFI_STATUS map_status;
static UINTN map_key;

static EFI_STATUS get_memory_map(UINTN *size, void *map, UINTN *key, UINTN *stride, UINT32 *version)
{
	UINTN room = *size;

	*version = 1;
	*stride = map_stride;
	*size = map_size;
	*key = ++map_key;
	if (!map)
		return map_status ? map_status : EFI_BUFFER_TOO_SMALL;
	maps_read++;
	if (map_status)
		return map_status;
	EXPECT(room >= map_size);
	memcpy(map, firmware_map, map_size);
	return EFI_SUCCESS;
}

static EFI_STATUS exit_boot_services(EFI_HANDLE image, UINTN key)
{
	EXPECT(image == (EFI_HANDLE)firmware_map && key == map_key);
	exits++;
	if (exits <= stale_keys)
		return EFI_INVALID_PARAMETER;
	return EFI_SUCCESS;
}

static struct boot_info info;
static struct loader loader;

static void have_map(void)
{
	firmware_start();
	boot.GetMemoryMap = get_memory_map;
	boot.ExitBootServices = exit_boot_services;
	firmware_map[0] = (struct efi_descriptor){
		.type = 7, .start = 0x100000, .pages = 0x4000, .attribute = 8
	};
	map_size = sizeof(firmware_map[0]);
	loader.info = &info;
	loader.kernel.size = 0x100000;
	loader.kernel.relocatable = true;
}

static void map_buffers(void)
{
	struct map_buffers buffers;

	have_map();
	map_size = 10 * map_stride;
	EXPECT_EQ(prepare_map_buffers(&buffers), EFI_SUCCESS);
	EXPECT_EQ(buffers.descriptors_size, 79 * map_stride);
	EXPECT_EQ(buffers.capacity, 79);
	EXPECT(buffers.descriptors && buffers.entries);
	EXPECT_EQ(last_how, AllocateMaxAddress);
	map_status = EFI_DEVICE_ERROR;
	EXPECT_EQ(prepare_map_buffers(&buffers), EFI_DEVICE_ERROR);
	EXPECT_TEXT(take_told(), "error: the memory map cannot be had: device\n");
	map_status = EFI_SUCCESS;
	for (u32 i = 0; i < 3; i++) {
		map_stride = i == 0 ? sizeof(struct efi_descriptor) - 1 : i == 1 ? 1025 : 40;
		map_size = i == 2 ? 4096 * 1024 + 1 : 400;
		EXPECT_EQ(prepare_map_buffers(&buffers), EFI_UNSUPPORTED);
		EXPECT(strstr(take_told(), "odd sizes"));
	}
	map_size = 4096 * 1024; /* the largest that is tried */
	EXPECT_EQ(prepare_map_buffers(&buffers), EFI_OUT_OF_RESOURCES);
	take_told();
	map_stride = 1024;
	map_size = 1024;
	EXPECT_EQ(prepare_map_buffers(&buffers), EFI_SUCCESS);
	map_stride = 0;
	EXPECT_EQ(prepare_map_buffers(&buffers), EFI_UNSUPPORTED);
	take_told();
	map_stride = 40;
	no_pages = true;
	EXPECT_EQ(prepare_map_buffers(&buffers), EFI_OUT_OF_RESOURCES);
	no_pages = false;
	next_page = ARRAY_SIZE(ram) - 1; /* the second one does not fit */
	EXPECT_EQ(prepare_map_buffers(&buffers), EFI_OUT_OF_RESOURCES);
}

static EFI_STATUS leave(bool *left)
{
	*left = false;
	maps_read = exits = 0;
	return leave_firmware((EFI_HANDLE)firmware_map, &loader, left);
}

static void leaves(void)
{
	bool left;

	have_map();
	EXPECT_EQ(prepare_map_buffers(&loader.map), EFI_SUCCESS);
	info.framebuffer.base = 0xe0000000;
	info.framebuffer.size = 4096;
	info.framebuffer.early = 1;
	EXPECT_EQ(leave(&left), EFI_SUCCESS);
	EXPECT(left && maps_read == 1 && exits == 1);
	EXPECT(info.memory_map == (uintptr_t)loader.map.entries && info.memory_map_count > 0);
	EXPECT(info.memory_map_stride == sizeof(struct boot_memory));
	EXPECT(info.kernel.size == 0x100000 && info.kernel.start >= 0x100000);
	EXPECT_EQ(info.framebuffer.early, 1);
	/* A key that is stale: the map is read again, up to 32 times. */
	stale_keys = 3;
	EXPECT_EQ(leave(&left), EFI_SUCCESS);
	EXPECT(maps_read == 4 && exits == 4);
	stale_keys = 31;
	EXPECT_EQ(leave(&left), EFI_SUCCESS);
	stale_keys = 32;
	EXPECT_EQ(leave(&left), EFI_INVALID_PARAMETER);
	EXPECT(left && maps_read == 32 && exits == 32);
	/* A screen in memory that the firmware calls free. */
	stale_keys = 0;
	info.framebuffer.base = 0x200000;
	EXPECT_EQ(leave(&left), EFI_SUCCESS);
	EXPECT_EQ(info.framebuffer.early, 0);
	EXPECT_TEXT(told, "");
}

static void cannot_leave(void)
{
	bool left;

	have_map();
	EXPECT_EQ(prepare_map_buffers(&loader.map), EFI_SUCCESS);
	map_status = EFI_DEVICE_ERROR;
	EXPECT_EQ(leave(&left), EFI_DEVICE_ERROR);
	EXPECT(!left && !exits);
	EXPECT_TEXT(take_told(), "error: the memory map cannot be had: device\n");
	map_status = EFI_SUCCESS;
	map_size = 0;
	EXPECT_EQ(leave(&left), EFI_UNSUPPORTED);
	EXPECT_TEXT(take_told(), "error: the memory map makes no sense\n");
	map_size = sizeof(firmware_map[0]);
	firmware_map[0].pages = 0xff;
	EXPECT_EQ(leave(&left), EFI_OUT_OF_RESOURCES);
	EXPECT_TEXT(take_told(), "error: no free range of 1024 KiB for the kernel\n");
	/* One that cannot be moved needs its place. */
	firmware_map[0].pages = 0x4000;
	firmware_map[0].start = KERNEL_HOME + 0x1000;
	loader.kernel.relocatable = false;
	EXPECT_EQ(leave(&left), EFI_OUT_OF_RESOURCES);
	take_told();
	loader.kernel.relocatable = true;
	EXPECT_EQ(leave(&left), EFI_SUCCESS);
	loader.kernel.relocatable = false;
	firmware_map[0].start = KERNEL_HOME;
	EXPECT_EQ(leave(&left), EFI_SUCCESS);
	EXPECT_EQ(info.kernel.start, KERNEL_HOME);
	/* ACPI's tables lie where the kernel would. */
	loader.parts.tables = 1;
	loader.parts.table[0] = (struct boot_range){ KERNEL_HOME, 4096 };
	EXPECT_EQ(leave(&left), EFI_OUT_OF_RESOURCES);
	take_told();
	loader.parts.tables = 0;
	EXPECT_EQ(leave(&left), EFI_SUCCESS);
	EXPECT_TEXT(told, "");
}

static EFI_STATUS exit_spoils_map(EFI_HANDLE image, UINTN key)
{
	(void)image, (void)key;
	exits++;
	map_size = 0;
	if (exits == 2)
		map_status = EFI_DEVICE_ERROR;
	return EFI_INVALID_PARAMETER;
}

/* After the first try nothing may be printed, (1). */
static void fails_late(void)
{
	bool left;

	have_map();
	EXPECT_EQ(prepare_map_buffers(&loader.map), EFI_SUCCESS);
	boot.ExitBootServices = exit_spoils_map;
	EXPECT_EQ(leave(&left), EFI_UNSUPPORTED);
	EXPECT(left && exits == 1);
	EXPECT_TEXT(told, "");
}

TAP_MAIN({ "buffers for the map", map_buffers }, { "the firmware is left", leaves },
	 { "it cannot be left", cannot_leave }, { "a failure after the first try", fails_late })
