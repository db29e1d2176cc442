/* SPDX-License-Identifier: MIT */
/*
 * Pages from the firmware: where they lie, their contents and rights, the list of them, firmware
 * that refuses.
 *
 * sources: efi/memory.c efi/console.c
 */
#include <string.h>

#include "tests/host/efi/firmware.h"
#include "tests/host/tap.h"

static void start(void)
{
	firmware_start();
	tap_finally(firmware_clean);
}

static bool is_cleared(const u8 *memory, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if (memory[i])
			return false;
	return true;
}

static void pages(void)
{
	u8 *anywhere, *low, *real, *at;

	start();
	anywhere = memory_alloc(MEMORY_ANYWHERE, EfiLoaderData, 4097, "x");
	EXPECT((uintptr_t)anywhere == FIRMWARE_HIGH_END - 8192 && firmware_pages() == 2);
	EXPECT(is_cleared(anywhere, 8192) && firmware_type(anywhere) == EfiLoaderData);
	low = memory_alloc(MEMORY_LOW, EfiLoaderCode, 4096, "x");
	EXPECT((uintptr_t)low == FIRMWARE_RAM_END - 4096 && firmware_pages() == 3);
	EXPECT(is_cleared(low, 4096) && firmware_type(low) == EfiLoaderCode);
	real = memory_alloc_below(REAL_MODE_LIMIT, EfiReservedMemoryType, 1);
	EXPECT((uintptr_t)real == FIRMWARE_LOW_END - 4096 && is_cleared(real, 4096));
	/* At an address they keep their contents. */
	at = (u8 *)(uintptr_t)MiB(2);
	at[4095] = 7;
	EXPECT(memory_alloc_at(MiB(2), EfiReservedMemoryType, 4096) == at && at[4095] == 7);
	EXPECT(firmware_type(at) == EfiReservedMemoryType && firmware_pages() == 5);
	EXPECT(!memory_alloc_at(MiB(2) - 4096, EfiReservedMemoryType, 8192));
	memory_free(anywhere);
	EXPECT_EQ(firmware_pages(), 3);
	memory_free(anywhere); /* not any more */
	memory_free(NULL);
	memory_free(low + 4096); /* no allocation */
	EXPECT_EQ(firmware_pages(), 3);
	memory_free_all();
	EXPECT_EQ(firmware_pages(), 0);
	memory_free_all();
	EXPECT_TEXT(told, "");
}

/* A limit is exclusive: the page that ends there is below it, a higher one is not. */
static void limits(void)
{
	start();
	EXPECT(memory_alloc_below(FIRMWARE_LOW_START + 4096, EfiLoaderData, 4096) ==
	       (void *)(uintptr_t)FIRMWARE_LOW_START);
	EXPECT(!memory_alloc_below(FIRMWARE_LOW_START + 4096, EfiLoaderData, 4096));
	EXPECT(memory_alloc_below(FIRMWARE_LOW_START + 8192, EfiLoaderData, 4096));
	memory_free_all();
}

static void no_memory(void)
{
	u8 *memory = NULL;

	start();
	firmware_refuse_all(CALL_PAGES, EFI_OUT_OF_RESOURCES);
	EXPECT(!memory_alloc(MEMORY_ANYWHERE, EfiLoaderData, 4097, "the map"));
	EXPECT(!memory_alloc(MEMORY_LOW, EfiLoaderData, 4096, "a page"));
	EXPECT_TEXT(take_told(), "loader: error: no memory for the map (8 KiB)\n"
				 "loader: error: no memory for a page (4 KiB below 896 MiB)\n");
	EXPECT(!memory_alloc_below(0xa0000, EfiLoaderData, 1));
	EXPECT(!memory_alloc_at(MiB(4), EfiLoaderData, 1));
	EXPECT_TEXT(told, "");
	firmware_permit();
	/* The list has 24 places. */
	for (u32 i = 0; i < 24; i++) {
		memory = memory_alloc_below(0xa0000, EfiLoaderData, 1);
		EXPECT(memory);
	}
	EXPECT(!memory_alloc_below(0xa0000, EfiLoaderData, 1));
	EXPECT_EQ(firmware_pages(), 24);
	memory_free(memory);
	EXPECT_EQ(firmware_pages(), 23);
	EXPECT(memory_alloc_below(0xa0000, EfiLoaderData, 1));
	memory_free_all();
}

/* The model checks that pages are never writable and executable, and are freed as they were. */
static void executable_pages(void)
{
	u8 *memory;

	start();
	/* Firmware without the protocol: such memory is executable. */
	memory = memory_alloc(MEMORY_ANYWHERE, EfiLoaderCode, 8192, "x");
	EXPECT_EQ(memory_make_executable(memory, "x"), EFI_SUCCESS);
	EXPECT_EQ(firmware_calls[CALL_ATTRIBUTES], 0);
	memory[0] = 1;
	memory_free(memory);
	firmware_have_attributes(true);
	memory = memory_alloc(MEMORY_ANYWHERE, EfiLoaderCode, 8192, "x");
	memory[4096] = 0xc3; /* ret */
	EXPECT_EQ(memory_make_executable(memory, "x"), EFI_SUCCESS);
	EXPECT_EQ(firmware_calls[CALL_ATTRIBUTES], 2);
	((void (*)(void))(memory + 4096))();
	memory_free(memory);
	EXPECT_EQ(firmware_calls[CALL_ATTRIBUTES], 4);
	/* The same slot again: it is writable. */
	memory = memory_alloc(MEMORY_ANYWHERE, EfiLoaderCode, 4096, "x");
	memory_free(memory);
	EXPECT_EQ(firmware_calls[CALL_ATTRIBUTES], 4);
	memory_free(memory_alloc(MEMORY_ANYWHERE, EfiLoaderCode, 4096, "x"));
	EXPECT_EQ(firmware_calls[CALL_ATTRIBUTES], 4);
	EXPECT_TEXT(told, "");
}

/* Whichever of the two changes is refused, the pages are freed as they were. */
static void rights_refused(void)
{
	start();
	firmware_have_attributes(true);
	for (u32 i = 0; i < 2; i++) {
		u8 *memory = memory_alloc(MEMORY_ANYWHERE, EfiLoaderCode, 4096, "x");

		firmware_refuse(CALL_ATTRIBUTES, i, EFI_DEVICE_ERROR);
		EXPECT_EQ(memory_make_executable(memory, "the switch"), EFI_DEVICE_ERROR);
		EXPECT_TEXT(take_told(),
			    "loader: error: the switch cannot be made executable: Device Error\n");
		memory_free(memory);
	}
	EXPECT_TEXT(told, "");
}

TAP_MAIN({ "pages", pages }, { "limits of addresses", limits }, { "no memory", no_memory },
	 { "executable pages", executable_pages }, { "rights that are refused", rights_refused })
