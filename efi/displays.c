/* SPDX-License-Identifier: MIT */
/* Which screen. See the header. */
#include "efi/displays.h"
#include "lib/printf.h"

static u64 rank(const struct display *display)
{
	u64 pixels = (u64)display->framebuffer.width * display->framebuffer.height;

	return display->usable ? pixels + ((u64)display->console << 32) : 0;
}

bool displays_choose(struct displays *displays, u32 wanted)
{
	u64 best = 0;

	displays->chosen = wanted;
	if (wanted < displays->count && displays->display[wanted].usable)
		return true;
	displays->chosen = DISPLAY_NONE;
	for (u32 i = 0; i < displays->count; i++) {
		if (rank(&displays->display[i]) > best) {
			best = rank(&displays->display[i]);
			displays->chosen = i;
		}
	}
	return wanted == DISPLAY_NONE;
}

void display_line(const struct displays *displays, u32 i, char *line, size_t size)
{
	static const char *const formats[] = { "rgb", "bgr", "masks", "blt" };
	const struct display *display = &displays->display[i];
	const struct boot_framebuffer *framebuffer = &display->framebuffer;

	scnprintf(line, size, "gop=%u %ux%u stride=%u %s base=0x%llx%s%s%s", i, framebuffer->width,
		  framebuffer->height, framebuffer->stride,
		  display->format < ARRAY_SIZE(formats) ? formats[display->format] : "?",
		  (u64)framebuffer->base, display->console ? " console" : "",
		  display->usable ? "" : " unusable", i == displays->chosen ? " chosen" : "");
}
