/* SPDX-License-Identifier: MIT */
/*
 * A linear framebuffer that the kernel can write to without the firmware. Source: UEFI 2.10,
 * section 12.9, EFI_GRAPHICS_OUTPUT_PROTOCOL.
 *
 * The mode stays as the firmware set it. An output is usable if it has 32 bits a pixel, an
 * address, and consistent numbers. Virtual GPUs, and the handle that stands for all consoles, may
 * offer only Blt. efi/displays.h chooses among several.
 *
 * Context: boot services. No framebuffer is not an error.
 */
#include "efi/displays.h"
#include "efi/loader.h"
#include "efi/handoff/memory_map.h"
#include "efi/options.h"
#include "lib/string.h"

/* The pixel's masks; FALSE if a pixel is not 32 bits or its colours overlap. */
static BOOLEAN pixel_masks(const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *mode,
			   struct boot_framebuffer *framebuffer)
{
	EFI_PIXEL_BITMASK masks = mode->PixelInformation;

	if (mode->PixelFormat == PixelRedGreenBlueReserved8BitPerColor)
		masks = (EFI_PIXEL_BITMASK){ 0x000000ff, 0x0000ff00, 0x00ff0000, 0xff000000 };
	else if (mode->PixelFormat == PixelBlueGreenRedReserved8BitPerColor)
		masks = (EFI_PIXEL_BITMASK){ 0x00ff0000, 0x0000ff00, 0x000000ff, 0xff000000 };
	else if (mode->PixelFormat != PixelBitMask)
		return FALSE;
	if (masks.RedMask == 0 || masks.GreenMask == 0 || masks.BlueMask == 0)
		return FALSE;
	if ((masks.RedMask & masks.GreenMask) |
	    ((masks.RedMask | masks.GreenMask) & masks.BlueMask))
		return FALSE;
	/* The highest bit of all masks is the last bit of the pixel. */
	if ((masks.RedMask | masks.GreenMask | masks.BlueMask | masks.ReservedMask) < 1u << 24)
		return FALSE;
	framebuffer->red_mask = masks.RedMask;
	framebuffer->green_mask = masks.GreenMask;
	framebuffer->blue_mask = masks.BlueMask;
	return TRUE;
}

static BOOLEAN is_usable(const EFI_GRAPHICS_OUTPUT_PROTOCOL *output,
			 struct boot_framebuffer *framebuffer)
{
	const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *mode = output->Mode->Info;
	UINT64 bytes;

	if (output->Mode->FrameBufferBase == 0 || mode->HorizontalResolution == 0 ||
	    mode->VerticalResolution == 0 || mode->HorizontalResolution > mode->PixelsPerScanLine)
		return FALSE;
	if (mode->PixelsPerScanLine > 0xffff || mode->VerticalResolution > 0xffff)
		return FALSE;
	bytes = (UINT64)mode->PixelsPerScanLine * mode->VerticalResolution * 4;
	return bytes <= output->Mode->FrameBufferSize && pixel_masks(mode, framebuffer);
}

/* The description of an output, usable or not; one without a mode is skipped. */
static void note_display(EFI_HANDLE handle, struct displays *displays)
{
	EFI_GUID guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
	EFI_GUID console = {
		0xd3b36f2c, 0xd551, 0x11d4, { 0x9a, 0x46, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d }
	};
	struct display *display = &displays->display[displays->count];
	EFI_GRAPHICS_OUTPUT_PROTOCOL *output = NULL;
	void *marker;

	if (EFI_ERROR(BS->HandleProtocol(handle, &guid, (void **)&output)) || !output ||
	    !output->Mode || !output->Mode->Info)
		return;
	*display = (struct display){
		.format = output->Mode->Info->PixelFormat,
		.console = !EFI_ERROR(BS->HandleProtocol(handle, &console, &marker)),
		.framebuffer = {
			.base = output->Mode->FrameBufferBase,
			.size = output->Mode->FrameBufferSize,
			.width = output->Mode->Info->HorizontalResolution,
			.height = output->Mode->Info->VerticalResolution,
			.stride = output->Mode->Info->PixelsPerScanLine,
		},
	};
	display->usable = is_usable(output, &display->framebuffer);
	displays->count++;
}

void find_displays(const char *options, struct displays *displays)
{
	EFI_GUID guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
	EFI_HANDLE *handles = NULL;
	char line[DISPLAY_LINE_SIZE];
	UINTN count = 0;

	memset(displays, 0, sizeof(*displays));
	if (EFI_ERROR(BS->LocateHandleBuffer(ByProtocol, &guid, NULL, &count, &handles)) ||
	    !handles)
		count = 0;
	for (UINTN i = 0; i < count && displays->count < DISPLAYS_MAX; i++)
		note_display(handles[i], displays);
	if (handles)
		BS->FreePool(handles);
	if (!displays_choose(displays, options_number(options, "gop", DISPLAY_NONE)))
		say("framebuffer: gop= names none that can be used");
	for (UINT32 i = 0; i < displays->count; i++) {
		display_line(displays, i, line, sizeof(line));
		say("display: %s", line);
	}
	if (displays->chosen == DISPLAY_NONE)
		say("framebuffer: none");
	else
		say("framebuffer: gop=%u", displays->chosen);
}

static void clear_pixels(const struct boot_framebuffer *framebuffer)
{
	UINT32 *pixel = (UINT32 *)(UINTN)framebuffer->base;
	UINTN count = (UINTN)framebuffer->stride * framebuffer->height;

	__asm__ volatile("rep stosl" : "+D"(pixel), "+c"(count) : "a"(0) : "memory");
}

void clear_displays(const struct displays *displays, struct boot_info *info)
{
	const struct boot_memory *map = (const struct boot_memory *)(UINTN)info->memory_map;

	if (info->framebuffer.base != (UINTN)info->framebuffer.base)
		info->framebuffer.early = 0;
	for (UINT32 i = 0; i < displays->count; i++) {
		const struct display *display = &displays->display[i];
		UINT64 base = display->framebuffer.base;

		/* Some firmware calls the memory of its own screen free. */
		if (!display->usable || base != (UINTN)base ||
		    memory_map_is_ours(map, info->memory_map_count, base,
				       base + display->framebuffer.size))
			continue;
		if (i != displays->chosen || info->framebuffer.early)
			clear_pixels(&display->framebuffer);
	}
}
