/* SPDX-License-Identifier: MIT */
/*
 * The firmware's screens: which can be used, which one is chosen, which are made black.
 *
 * sources: efi/graphics.c efi/displays.c efi/handoff/memory_map.c efi/options.c efi/console.c
 */
#include "tests/host/efi/firmware.h"

#include <string.h>

#include "tests/host/tap.h"

#define SCREENS 10

static struct screen {
	EFI_GRAPHICS_OUTPUT_MODE_INFORMATION info;
	EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE mode;
	EFI_GRAPHICS_OUTPUT_PROTOCOL output;
	bool console, absent;
	u32 pixels[1024] __aligned(4096);
} screens[SCREENS];

static EFI_HANDLE handles[SCREENS];
static UINTN screen_count;
static u32 pools_freed;
static EFI_STATUS locate_status;
static bool no_handles;

static EFI_STATUS locate_handles(EFI_LOCATE_SEARCH_TYPE type, EFI_GUID *guid, void *key,
				 UINTN *count, EFI_HANDLE **found)
{
	EXPECT(type == ByProtocol && guid->first == 0x9042a9de && !key);
	*count = screen_count;
	*found = locate_status ? NULL : no_handles ? NULL : handles;
	return locate_status;
}

static EFI_STATUS handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, void **interface)
{
	struct screen *screen = handle;

	if (guid->first == 0x9042a9de) {
		*interface = &screen->output;
		return screen->absent ? EFI_UNSUPPORTED : EFI_SUCCESS;
	}
	EXPECT(guid->first == 0xd3b36f2c);
	return screen->console ? EFI_SUCCESS : EFI_UNSUPPORTED;
}

static EFI_STATUS free_pool(void *memory)
{
	EXPECT(memory == handles);
	pools_freed++;
	return EFI_SUCCESS;
}

/* Screens of 4 by 2 pixels, each line of which has 4 in memory. */
static void have_screens(UINTN count)
{
	firmware_start();
	boot.LocateHandleBuffer = locate_handles;
	boot.HandleProtocol = handle_protocol;
	boot.FreePool = free_pool;
	screen_count = count;
	for (UINTN i = 0; i < SCREENS; i++) {
		screens[i] = (struct screen){
			.info = { .HorizontalResolution = 3,
				  .VerticalResolution = 2,
				  .PixelFormat = PixelBlueGreenRedReserved8BitPerColor,
				  .PixelsPerScanLine = 4 },
			.mode = { &screens[i].info, (uintptr_t)screens[i].pixels, 32 },
			.output = { &screens[i].mode },
		};
		memset(screens[i].pixels, 0x55, sizeof(screens[i].pixels));
		handles[i] = &screens[i];
	}
}

static struct displays found;

static bool usable(void)
{
	find_displays("", &found);
	take_told();
	return found.count == 1 && found.display[0].usable;
}

static void good_screens(void)
{
	struct screen *screen = screens;

	have_screens(1);
	EXPECT(usable());
	EXPECT_EQ(found.chosen, 0);
	EXPECT_EQ(pools_freed, 1);
	EXPECT(found.display[0].framebuffer.base == (uintptr_t)screen->pixels);
	EXPECT(found.display[0].framebuffer.size == 32 && found.display[0].framebuffer.width == 3);
	EXPECT(found.display[0].framebuffer.height == 2 &&
	       found.display[0].framebuffer.stride == 4);
	EXPECT(found.display[0].framebuffer.red_mask == 0xff0000);
	EXPECT(found.display[0].framebuffer.blue_mask == 0xff);
	EXPECT(!found.display[0].console && found.display[0].format == 1);
	screen->console = true;
	screen->info.PixelFormat = PixelRedGreenBlueReserved8BitPerColor;
	EXPECT(usable() && found.display[0].console);
	EXPECT(found.display[0].framebuffer.red_mask == 0xff);
	EXPECT(found.display[0].framebuffer.green_mask == 0xff00);
	screen->info.HorizontalResolution = 4;
	EXPECT(usable());
	screen->info.PixelFormat = PixelBitMask;
	screen->info.PixelInformation = (EFI_PIXEL_BITMASK){ 0x3ff00000, 0xffc00, 0x3ff, 0 };
	EXPECT(usable() && found.display[0].framebuffer.red_mask == 0x3ff00000);
	screen->info.PixelInformation = (EFI_PIXEL_BITMASK){ 0xf00, 0xf0, 0xf, 1u << 24 };
	EXPECT(usable());
}

static void bad_screens(void)
{
	struct screen *screen = screens;

	for (u32 i = 0; i < 15; i++) {
		EFI_PIXEL_BITMASK *masks = &screen->info.PixelInformation;

		have_screens(1);
		*masks = (EFI_PIXEL_BITMASK){ 0xff0000, 0xff00, 0xff, 0xff000000 };
		if (i >= 8)
			screen->info.PixelFormat = PixelBitMask;
		switch (i) {
		case 0:
			screen->mode.FrameBufferBase = 0;
			break;
		case 1:
			screen->info.HorizontalResolution = 0;
			break;
		case 2:
			screen->info.VerticalResolution = 0;
			break;
		case 3:
			screen->info.HorizontalResolution = 5;
			break;
		case 4:
			screen->mode.FrameBufferSize = 31;
			break;
		case 5:
			screen->info.PixelFormat = PixelBltOnly;
			break;
		case 6:
			screen->info.PixelsPerScanLine = 0x10000;
			screen->mode.FrameBufferSize = (UINTN)-1;
			break;
		case 7:
			screen->info.VerticalResolution = 0x10000;
			screen->mode.FrameBufferSize = (UINTN)-1;
			break;
		case 8:
			masks->RedMask = 0;
			break;
		case 9:
			masks->GreenMask = 0;
			break;
		case 10:
			masks->BlueMask = 0;
			break;
		case 11:
			masks->GreenMask = 0x10000;
			break;
		case 12:
			masks->BlueMask = 0x100;
			break;
		case 13:
			masks->BlueMask = 0x10000;
			break;
		case 14:
			masks->ReservedMask = 0x800000;
			masks->RedMask = 0x7f0000;
			break;
		}
		EXPECT(!usable());
	}
	have_screens(1);
	screen->info.PixelsPerScanLine = 0xffff;
	screen->mode.FrameBufferSize = 0xffff * 2 * 4;
	EXPECT(usable());
	screen->info.PixelsPerScanLine = 4;
	screen->info.VerticalResolution = 0xffff;
	screen->mode.FrameBufferSize = 0xffff * 4 * 4;
	EXPECT(usable());
}

static void several_screens(void)
{
	have_screens(10);
	find_displays("gop=3", &found);
	EXPECT(found.count == 8 && found.chosen == 3);
	EXPECT(strstr(told, "display: ") && strstr(told, "framebuffer: gop=3\n"));
	EXPECT(strstr(take_told(), "3x2"));
	/* Handles without a mode are skipped. */
	screens[0].absent = true;
	screens[1].output.Mode = NULL;
	screens[2].mode.Info = NULL;
	screen_count = 4;
	find_displays("gop=7", &found);
	EXPECT(found.count == 1 &&
	       found.display[0].framebuffer.base == (uintptr_t)screens[3].pixels);
	EXPECT(strstr(take_told(), "framebuffer: gop= names none that can be used\n"));
	screens[3].mode.FrameBufferBase = 0;
	find_displays("", &found);
	EXPECT(found.count == 1 && found.chosen == DISPLAY_NONE);
	EXPECT(strstr(told, "framebuffer: none\n") && !strstr(take_told(), "names none"));
	locate_status = EFI_NOT_FOUND;
	pools_freed = 0;
	find_displays("", &found);
	EXPECT(found.count == 0 && !pools_freed);
	locate_status = EFI_SUCCESS; /* it says so, and gives none */
	no_handles = true;
	find_displays("", &found);
	EXPECT(found.count == 0 && !pools_freed);
}

static bool is_black(u32 i)
{
	for (u32 pixel = 0; pixel < 8; pixel++)
		if (screens[i].pixels[pixel])
			return false;
	return screens[i].pixels[8] == 0x55555555; /* and nothing behind it */
}

static bool is_untouched(u32 i)
{
	return screens[i].pixels[0] == 0x55555555 && screens[i].pixels[7] == 0x55555555;
}

static void black_screens(void)
{
	struct boot_memory map = { .type = BOOT_MEMORY_CONVENTIONAL,
				   .attribute = BOOT_ATTRIBUTE_WRITE_BACK };
	struct boot_info info = { .memory_map = (uintptr_t)&map };

	have_screens(3);
	find_displays("gop=1", &found);
	info.framebuffer = found.display[1].framebuffer;
	found.display[2].usable = false;
	clear_displays(&found, &info);
	EXPECT(is_black(0) && is_untouched(1) && is_untouched(2));
	info.framebuffer.early = 1;
	clear_displays(&found, &info);
	EXPECT(is_black(1) && info.framebuffer.early == 1);
	/* 32-bit firmware does not reach above 4 GiB. */
	info.framebuffer.base = 0x100000000ull;
	clear_displays(&found, &info);
	EXPECT_EQ(info.framebuffer.early, sizeof(UINTN) == 8);
	/* The firmware calls the memory of a screen free. */
	have_screens(2);
	find_displays("gop=1", &found);
	info.framebuffer = found.display[1].framebuffer;
	info.framebuffer.early = 1;
	map.start = (uintptr_t)screens[0].pixels;
	map.pages = 1;
	info.memory_map_count = 1;
	clear_displays(&found, &info);
	EXPECT(is_untouched(0) && is_black(1));
}

TAP_MAIN({ "good screens", good_screens }, { "bad screens", bad_screens },
	 { "several screens", several_screens }, { "black screens", black_screens })
