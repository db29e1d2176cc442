/* SPDX-License-Identifier: MIT */
#include "kernel/start/progress.h"
#include "abi/boot/log_region.h"
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/io.h"
#include "kernel/start/options.h"
#include "lib/assert.h"
#include "lib/printk.h"
#include "lib/string.h"

static void draw(const struct boot_info *info, u32 step)
{
	uintptr_t pixels = info->framebuffer.early;

	if (pixels && options.screen != SCREEN_OFF)
		boot_step_draw((volatile u32 *)pixels, &info->framebuffer, step);
}

static void mark(const struct boot_info *info, u32 step)
{
	struct log_header *header = phys_to_virt(info->log.start);

	if (!info->log.size)
		return;
	header->step = log_step_mark(step);
	cache_clean(header, sizeof(*header));
}

static bool stops_here(u32 step)
{
	return !strncmp(options.crash, "step-", 5) &&
	       !strcmp(options.crash + 5, boot_step_name(step));
}

void progress_mark(enum boot_step step, const struct boot_info *info)
{
	BUG_ON(step < STEP_ENTERED || step >= NR_BOOT_STEPS); /* the others are the loader's */
	outb(BOOT_STEP_PORT, (u8)step);
	if (step <= STEP_CONSOLE) {
		draw(info, step);
		mark(info, step);
	} else {
		printk("boot: step=%u name=%s\n", step, boot_step_name(step));
	}
	while (stops_here(step))
		__asm__ volatile("cli; hlt");
}

void progress_end_squares(const struct boot_info *info)
{
	draw(info, 0);
}
