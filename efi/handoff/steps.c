/* SPDX-License-Identifier: MIT */
/* Pixels and the log's header are reached by the firmware's page tables, the identity. */
#include "abi/boot/log_region.h"
#include "efi/options.h"
#include "efi/handoff/steps.h"
#include "kernel/cpu/io.h"
#include "lib/printf.h"

static struct {
	const struct boot_info *info;
	bool drawing;
	u32 stop; /* at this step; 0: at none */
} steps;

void steps_begin(const char *options, const struct boot_info *info)
{
	char name[32];

	steps.info = info;
	steps.drawing = !options_say(options, "screen", "off");
	for (u32 i = 1; i < NR_BOOT_STEPS; i++) {
		scnprintf(name, sizeof(name), "step-%s", boot_step_name(i));
		if (options_say(options, "crash", name))
			steps.stop = i;
	}
}

void step_tell(enum boot_step step)
{
	const struct boot_framebuffer *framebuffer = &steps.info->framebuffer;
	struct log_header *header = (struct log_header *)(uintptr_t)steps.info->log.start;

	outb(BOOT_STEP_PORT, (u8)step);
	/* 0 if it cannot be drawn to: efi/handoff/exit_boot_services.c. */
	if (steps.drawing && framebuffer->early &&
	    framebuffer->base == (uintptr_t)framebuffer->base)
		boot_step_draw((volatile u32 *)(uintptr_t)framebuffer->base, framebuffer, step);
	if (header) {
		header->step = log_step_mark(step);
		/* A reset loses the contents of the caches. */
		__asm__ volatile("wbinvd" : : : "memory");
	}
	while (steps.stop == step)
		__asm__ volatile("cli; hlt");
}
