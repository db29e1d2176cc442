/* SPDX-License-Identifier: MIT */
/* Writes PREnnnn.TXT: efi/describe/describe.h's description of this machine. */
#include <cpuid.h>

#include "efi/loader.h"
#include "efi/options.h"
#include "efi/describe/describe.h"
#include "kernel/devices/pci.h"
#include "lib/printf.h"
#include "lib/string.h"

#define PRE_SIZE  KiB(256)
#define PATH_SIZE 64u

void processor_cpuid(u32 leaf, u32 subleaf, u32 r[4])
{
	__cpuid_count(leaf, subleaf, r[0], r[1], r[2], r[3]);
}

u64 processor_msr(u32 index)
{
	return rdmsr(index);
}

/* Source: Intel SDM vol. 3A, 10.11.7.1. */
u64 processor_microcode(void)
{
	u32 r[4];

	wrmsr(0x8b, 0);
	processor_cpuid(1, 0, r);
	return rdmsr(0x8b);
}

/* Two forms of the entry point; the later one has a 64-bit address. */
static void add_smbios(struct description *out)
{
	EFI_GUID guid = {
		0xeb9d2d31, 0x2d88, 0x11d3, { 0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d }
	};
	EFI_GUID guid_3 = {
		0xf2fd1544, 0x9794, 0x4a2c, { 0x99, 0x2e, 0xe5, 0xbb, 0xcf, 0x20, 0xe3, 0x94 }
	};
	const u8 *entry = configuration_table(guid_3);
	u64 address = 0;
	u32 bytes = 0;

	if (entry && memcmp(entry, "_SM3_", 5) == 0) {
		memcpy(&bytes, entry + 0x0c, 4);
		memcpy(&address, entry + 0x10, 8);
	} else {
		entry = configuration_table(guid);
		if (!entry || memcmp(entry, "_SM_", 4) != 0)
			return;
		memcpy(&bytes, entry + 0x16, 2);
		memcpy(&address, entry + 0x18, 4);
	}
	if (address && address == (UINTN)address)
		describe_smbios(out, (const void *)(UINTN)address, min(bytes, (u32)MiB(1)));
}

static void add_firmware(struct description *out, const struct boot_info *info)
{
	struct memory_state memory = memory_state();
	EFI_TIME time;

	describe_line(out, "firmware: vendor=\"%s\" revision=0x%x bits=%u uefi=0x%x",
		      info->firmware_vendor, info->firmware_revision, info->firmware_bits,
		      info->uefi_revision);
	if (!EFI_ERROR(ST->RuntimeServices->GetTime(&time, NULL)))
		describe_line(out, "firmware: date=%04u-%02u-%02u time=%02u:%02u:%02u", time.Year,
			      time.Month, time.Day, time.Hour, time.Minute, time.Second);
	describe_line(out, "firmware: secure_boot=%s memory_overwrite=%s memory_encrypted=%s",
		      secure_boot_enforced() ? "on" : "off", memory.overwrite ? "requested" : "no",
		      memory.encrypted ? "yes" : "no");
}

static void add_memory(struct description *out, const struct map_buffers *map)
{
	UINTN size = map->descriptors_size, stride = 0, key;
	UINT32 version;

	if (!EFI_ERROR(BS->GetMemoryMap(&size, map->descriptors, &key, &stride, &version)))
		describe_memory(out, map->descriptors, (u32)size, (u32)stride);
}

static bool add_function(struct pci_device device, void *context)
{
	u32 registers[16];

	for (u32 i = 0; i < ARRAY_SIZE(registers); i++)
		registers[i] = pci_read(device, (u8)(4 * i));
	describe_pci(context, device.bus, device.device, device.function, registers);
	return false;
}

static void add_pci(struct description *out)
{
	/* The firmware's interrupt handlers use the same two ports. */
	EFI_TPL before = BS->RaiseTPL(TPL_HIGH_LEVEL);

	pci_find(add_function, out);
	BS->RestoreTPL(before);
}

static void add_all(struct description *out, const struct loader *loader)
{
	char line[DISPLAY_LINE_SIZE];
	UINTN cr0, cr4;

	__asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	describe_line(out, "Pagewright: what the loader found before it left the firmware");
	describe_line(out, "options: %s", loader->info->options);
	describe_line(out, "before: %s", log_before());
	add_firmware(out, loader->info);
	add_smbios(out);
	for (u32 i = 0; i < loader->displays.count; i++) {
		display_line(&loader->displays, i, line, sizeof(line));
		describe_line(out, "display: %s", line);
	}
	describe_processor(out, cr0, cr4);
	add_memory(out, &loader->map);
	for (u32 i = 0; i < loader->parts.tables; i++)
		describe_acpi(out, loader->parts.table[i].start,
			      (const void *)(UINTN)loader->parts.table[i].start,
			      (u32)loader->parts.table[i].size);
	add_pci(out);
}

void write_run_files(const struct loader *loader)
{
	struct description out = { .size = PRE_SIZE,
				   .serials = options_say(loader->info->options, "serials", "on") };
	u32 run = log_next_run(loader->volume);
	char path[PATH_SIZE];
	EFI_STATUS status;

	scnprintf(path, sizeof(path), OUR_DIRECTORY "\\LOGS\\PRE%04u.TXT", run);
	out.text = loader->volume ? memory_alloc(MEMORY_ANYWHERE, EfiLoaderData, out.size, path)
				  : NULL;
	if (out.text) {
		add_all(&out, loader);
		status = volume_write(loader->volume, path, out.text, describe_end(&out));
		if (EFI_ERROR(status))
			say("log: no %s: %s", path, status_text(status));
		else
			say("log: %s: what machine this is", path);
		memory_free(out.text);
	}
	run_marker_write(loader->volume, run, loader->info->options);
}
