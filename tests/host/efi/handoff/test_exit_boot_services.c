/* SPDX-License-Identifier: MIT */
/*
 * The end of the boot services: buffers for the map, maps that make no sense, keys that are stale,
 * and failures after which nothing may be printed.
 *
 * sources: efi/handoff/exit_boot_services.c efi/handoff/memory_map.c efi/memory.c
 * sources: efi/console.c
 */
#include "tests/host/efi/firmware.h"

#include <string.h>

#include "efi/handoff/memory_map.h"
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
	EXPECT((uintptr_t)buffers.entries < BOOT_ADDRESS_LIMIT);
	map_status = EFI_DEVICE_ERROR;
	EXPECT_EQ(prepare_map_buffers(&buffers), EFI_DEVICE_ERROR);
	EXPECT_TEXT(take_told(), "loader: error: the memory map cannot be had: Device Error\n");
	map_status = EFI_SUCCESS;
	for (u32 i = 0; i < 3; i++) {
		map_stride = i == 0 ? sizeof(struct efi_descriptor) - 1 : i == 1 ? 1025 : 40;
		map_size = i == 2 ? 4096 * 1024 + 1 : 400;
		EXPECT_EQ(prepare_map_buffers(&buffers), EFI_UNSUPPORTED);
		EXPECT(strstr(take_told(), "odd sizes"));
	}
	map_size = 4096 * 1024; /* the largest that is tried */
	EXPECT_EQ(prepare_map_buffers(&buffers), EFI_SUCCESS);
	map_stride = 1024;
	map_size = 1024;
	EXPECT_EQ(prepare_map_buffers(&buffers), EFI_SUCCESS);
	map_stride = 0;
	EXPECT_EQ(prepare_map_buffers(&buffers), EFI_UNSUPPORTED);
	take_told();
	map_stride = 40;
	for (u32 i = 0; i < 2; i++) {
		firmware_refuse(CALL_PAGES, i, EFI_OUT_OF_RESOURCES);
		EXPECT_EQ(prepare_map_buffers(&buffers), EFI_OUT_OF_RESOURCES);
		EXPECT(has_told(i ? "no memory for the memory map (4 KiB below 896 MiB)\n"
				  : "no memory for the firmware's memory map (4 KiB)\n"));
		take_told();
	}
	memory_free_all();
	firmware_clean();
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
	EXPECT_TEXT(take_told(), "loader: error: the memory map cannot be had: Device Error\n");
	map_status = EFI_SUCCESS;
	map_size = 0;
	EXPECT_EQ(leave(&left), EFI_UNSUPPORTED);
	EXPECT_TEXT(take_told(), "loader: error: the memory map makes no sense\n");
	map_size = sizeof(firmware_map[0]);
	firmware_map[0].pages = 0xff;
	EXPECT_EQ(leave(&left), EFI_OUT_OF_RESOURCES);
	EXPECT_TEXT(take_told(), "loader: error: no free range of 1024 KiB for the kernel\n");
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

/* ---- The model's own map, which changes with each allocation ---- */

static void start_model(void)
{
	firmware_start();
	loader.info = &info;
	loader.kernel.size = 0x100000;
	loader.kernel.relocatable = true;
}

/* Does the kernel get all of the firmware's map, with the loader's own memory in it? */
static void check_map(void)
{
	const struct boot_memory *entries = loader.map.entries;
	u64 pages = 0;

	for (u32 i = 0; i < info.memory_map_count; i++) {
		pages += entries[i].pages;
		EXPECT(i == 0 ||
		       entries[i].start >= entries[i - 1].start + entries[i - 1].pages * 4096);
	}
	EXPECT_EQ(pages, (FIRMWARE_LOW_END - FIRMWARE_LOW_START + FIRMWARE_RAM_END - MiB(1) +
			  FIRMWARE_HIGH_END - FIRMWARE_HIGH_START) /
				 4096u);
	EXPECT(memory_map_is_free(entries, info.memory_map_count, info.kernel.start,
				  info.kernel.start + loader.kernel.size));
}

/* A key is stale when a driver that is told of the end has taken a page. */
static void changing_map(void)
{
	bool left = false;

	start_model();
	EXPECT_EQ(prepare_map_buffers(&loader.map), EFI_SUCCESS);
	firmware_changes = 3;
	EXPECT_EQ(leave_firmware(firmware_image, &loader, &left), EFI_SUCCESS);
	EXPECT(left && firmware_left);
	EXPECT_EQ(firmware_calls[CALL_EXIT], 4);
	EXPECT_EQ(firmware_calls[CALL_MAP], 1 + 4);
	EXPECT_EQ(info.kernel.start, KERNEL_HOME);
	check_map();
	EXPECT_TEXT(told, "");
}

/* The map grows after its buffers were allocated. */
static void growing_map(void)
{
	bool left = false;

	start_model();
	EXPECT_EQ(prepare_map_buffers(&loader.map), EFI_SUCCESS);
	for (u32 i = 0; i < 30; i++)
		firmware_take(MiB(32) + i * 8192, MiB(32) + i * 8192 + 4096, EfiBootServicesData);
	EXPECT_EQ(leave_firmware(firmware_image, &loader, &left), EFI_SUCCESS);
	EXPECT(left && info.memory_map_count > 60);
	check_map();
	/* More than there is space for: an error, and the firmware goes on. */
	firmware_left = firmware_leaving = left = false;
	for (u32 i = 0; i < 100; i++)
		firmware_take(MiB(64) + i * 8192, MiB(64) + i * 8192 + 4096, EfiBootServicesData);
	EXPECT_EQ(leave_firmware(firmware_image, &loader, &left), EFI_BUFFER_TOO_SMALL);
	EXPECT(!left && !firmware_leaving);
	EXPECT_TEXT(take_told(), "loader: error: the memory map cannot be had: Buffer Too Small\n");
	memory_free_all();
	firmware_clean();
}

TAP_MAIN({ "a map that changes", changing_map }, { "a map that grows", growing_map },
	 { "buffers for the map", map_buffers }, { "the firmware is left", leaves },
	 { "it cannot be left", cannot_leave }, { "a failure after the first try", fails_late })
