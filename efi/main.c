/* SPDX-License-Identifier: MIT */
/*
 * Pagewright's UEFI loader: the order of the steps.
 *
 * It has two halves. Up to leave_firmware() every step may fail. Then it prints one line, frees
 * everything, and returns a status, and the firmware goes on with its next boot option. After
 * leave_firmware() nothing can fail.
 */
#include "efi/quiesce/clock.h"
#include "efi/loader.h"
#include "efi/options.h"
#include "efi/quiesce/quiesce.h"
#include "efi/handoff/steps.h"

EFI_SYSTEM_TABLE *ST;
EFI_BOOT_SERVICES *BS;

static EFI_STATUS open_self(EFI_HANDLE image, struct loader *loader)
{
	EFI_GUID guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	EFI_STATUS status = BS->HandleProtocol(image, &guid, (void **)&loader->self);

	if (EFI_ERROR(status) || !loader->self)
		return fail(EFI_UNSUPPORTED, "the loaded image protocol is missing: %s",
			    status_text(status));
	loader->volume = volume_open(loader->self->DeviceHandle);
	return EFI_SUCCESS;
}

static EFI_STATUS prepare_info(struct loader *loader)
{
	loader->info = memory_alloc(MEMORY_LOW, EfiLoaderData, sizeof(*loader->info),
				    "the boot information");
	if (!loader->info)
		return EFI_OUT_OF_RESOURCES;
	loader->info->magic = BOOT_INFO_MAGIC;
	loader->info->version = BOOT_INFO_VERSION;
	loader->info->size = sizeof(*loader->info);
	loader->info->loader_tsc = loader->began;
	return EFI_SUCCESS;
}

static EFI_STATUS prepare(EFI_HANDLE image, struct loader *loader)
{
	EFI_STATUS status;
	bool found;

	BS->SetWatchdogTimer(0, 0, 0, NULL);
	log_claim();
	status = prepare_info(loader);
	if (EFI_ERROR(status))
		return status;
	banner(loader->info);
	status = check_processor();
	if (EFI_ERROR(status))
		return status;
	status = open_self(image, loader);
	if (EFI_ERROR(status))
		return status;
	found = log_collect(loader->volume, &loader->info->log);
	status = gather_options(loader->volume, image, loader->self, loader->info->options);
	if (EFI_ERROR(status))
		return status;
	if (found && options_say(loader->info->options, "log", "stop")) {
		say("log: log=stop: no run; the firmware goes on");
		return EFI_ABORTED;
	}
	status = gather_kernel(loader->volume, loader->info->options, &loader->kernel,
			       &loader->staging);
	if (EFI_ERROR(status))
		return status;
	status = gather_initramfs(loader->volume, &loader->info->initramfs);
	if (!EFI_ERROR(status))
		status = gather_programs(loader->volume, &loader->info->initramfs);
	if (EFI_ERROR(status))
		return status;
	clock_init();
	find_displays(loader->info->options, &loader->displays);
	if (loader->displays.chosen != DISPLAY_NONE)
		loader->info->framebuffer =
			loader->displays.display[loader->displays.chosen].framebuffer;
	loader->info->acpi_rsdp = find_acpi_rsdp();
	find_machine_parts(loader->info->acpi_rsdp, &loader->parts);
	loader->parking_page =
		memory_alloc_below(REAL_MODE_LIMIT, EfiReservedMemoryType, EFI_PAGE_SIZE);
	status = prepare_handoff(&loader->info->framebuffer, &loader->handoff);
	if (EFI_ERROR(status))
		return status;
	status = prepare_map_buffers(&loader->map);
	if (EFI_ERROR(status))
		return status;
	write_run_files(loader);
	return EFI_SUCCESS;
}

/* Called by gnu-efi's start-up code. */
EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	struct loader loader = { .began = clock_counter() };
	EFI_STATUS status;
	bool left = false;

	ST = system;
	BS = system->BootServices;
	status = prepare(image, &loader);
	volume_close(loader.volume);
	if (!EFI_ERROR(status)) {
		steps_begin(loader.info->options, loader.info);
		say_farewell(loader.info->framebuffer.base &&
			     !options_say(loader.info->options, "screen", "off"));
		status = leave_firmware(image, &loader, &left);
		if (EFI_ERROR(status) && !left)
			run_marker_undo(loader.self->DeviceHandle);
	}
	if (EFI_ERROR(status)) {
		if (!left)
			wait_for_key(options_patience(loader.info ? loader.info->options : ""));
		memory_free_all();
		return status;
	}
	__asm__ volatile("cli" : : : "memory");
	step_tell(STEP_LEFT);
	quiesce(&loader.parts, quiesce_skips(loader.info->options), loader.parking_page,
		&loader.info->handover);
	step_tell(STEP_SCREEN);
	clear_displays(&loader.displays, loader.info);
	step_tell(STEP_JUMP);
	start_kernel(&loader);
}
