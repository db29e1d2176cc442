/* SPDX-License-Identifier: MIT */
/*
 * A linear framebuffer that the kernel can write to without the firmware. Source: UEFI 2.10,
 * section 12.9, EFI_GRAPHICS_OUTPUT_PROTOCOL.
 *
 * The mode stays as the firmware set it. Of several outputs the largest that is usable is taken: one
 * of 32 bits a pixel that has an address (virtual GPUs, and the handle that stands for all consoles
 * together, may offer only Blt), and whose numbers agree with each other.
 *
 * Context: boot services. No framebuffer is not an error.
 */
#include "efi/loader.h"

/* The pixel's masks; FALSE if a pixel is not 32 bits or its colours make no sense. */
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

static BOOLEAN describe(const EFI_GRAPHICS_OUTPUT_PROTOCOL *output,
			struct boot_framebuffer *framebuffer)
{
	const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *mode;
	UINT64 bytes;

	if (!output->Mode || !output->Mode->Info || output->Mode->FrameBufferBase == 0)
		return FALSE;
	mode = output->Mode->Info;
	if (mode->HorizontalResolution == 0 || mode->VerticalResolution == 0 ||
	    mode->HorizontalResolution > mode->PixelsPerScanLine)
		return FALSE;
	if (mode->PixelsPerScanLine > 0xffff || mode->VerticalResolution > 0xffff)
		return FALSE;
	bytes = (UINT64)mode->PixelsPerScanLine * mode->VerticalResolution * 4;
	if (bytes > output->Mode->FrameBufferSize || !pixel_masks(mode, framebuffer))
		return FALSE;
	framebuffer->base = output->Mode->FrameBufferBase;
	framebuffer->size = output->Mode->FrameBufferSize;
	framebuffer->width = mode->HorizontalResolution;
	framebuffer->height = mode->VerticalResolution;
	framebuffer->stride = mode->PixelsPerScanLine;
	return TRUE;
}

static UINT64 pixels(const struct boot_framebuffer *framebuffer)
{
	return (UINT64)framebuffer->width * framebuffer->height;
}

void find_framebuffer(struct boot_framebuffer *framebuffer)
{
	EFI_GUID guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
	EFI_HANDLE *handles = NULL;
	struct boot_framebuffer candidate;
	UINTN count = 0;

	*framebuffer = (struct boot_framebuffer){ 0 };
	if (EFI_ERROR(BS->LocateHandleBuffer(ByProtocol, &guid, NULL, &count, &handles)) ||
	    !handles)
		count = 0;
	for (UINTN i = 0; i < count; i++) {
		EFI_GRAPHICS_OUTPUT_PROTOCOL *output = NULL;

		if (EFI_ERROR(BS->HandleProtocol(handles[i], &guid, (void **)&output)) || !output)
			continue;
		if (describe(output, &candidate) && pixels(&candidate) > pixels(framebuffer))
			*framebuffer = candidate;
	}
	if (handles)
		BS->FreePool(handles);
	if (framebuffer->base)
		say("framebuffer: %ux%u at 0x%llx", framebuffer->width, framebuffer->height,
		    (u64)framebuffer->base);
	else
		say("framebuffer: none");
}

void clear_framebuffer(struct boot_framebuffer *framebuffer)
{
	UINT32 *pixel = (UINT32 *)(UINTN)framebuffer->base;
	UINTN count = (UINTN)framebuffer->stride * framebuffer->height;

	if (framebuffer->base != (UINTN)framebuffer->base)
		framebuffer->early = 0;
	if (framebuffer->early)
		__asm__ volatile("rep stosl" : "+D"(pixel), "+c"(count) : "a"(0) : "memory");
}
