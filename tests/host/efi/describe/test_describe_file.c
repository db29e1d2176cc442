/* SPDX-License-Identifier: MIT */
/*
 * PREnnnn.TXT: which parts of the machine it describes, where they are found, and a volume or
 * firmware that refuses. The formats of the parts are the subject of test_describe.c.
 *
 * sources: efi/describe/describe_file.c efi/describe/describe.c efi/describe/describe_acpi.c
 * sources: efi/describe/describe_processor.c efi/describe/describe_smbios.c efi/acpi.c
 * sources: efi/machine_parts.c efi/displays.c efi/options.c efi/variables.c efi/volume.c
 * sources: efi/memory.c efi/console.c kernel/devices/pci.c
 */
#include <string.h>

#include "efi/describe/describe.h"
#include "tests/host/efi/firmware.h"
#include "tests/host/efi/traps.h"
#include "tests/host/tap.h"

#define PATH "\\pagewright\\LOGS\\PRE0007.TXT"

/* ---- In place of efi/last_run/ ---- */

static u32 markers;
static EFI_FILE_HANDLE marker_root;
static struct memory_state state;

u32 log_next_run(EFI_FILE_HANDLE root)
{
	(void)root;
	return 7;
}

const char *log_before(void)
{
	return "RUN0006.TXT: verdict: x";
}

void run_marker_write(EFI_FILE_HANDLE root, u32 run, char *options)
{
	EXPECT(run == 7 && options);
	marker_root = root;
	markers++;
}

struct memory_state memory_state(void)
{
	return state;
}

/* ---- The machine ---- */

static u32 chosen;
static EFI_TPL level_at_pci;
static u32 msr_writes;

static u32 read_port(u16 port, u32 bytes)
{
	EXPECT_EQ(bytes, 4);
	if (port == 0xcf8)
		return chosen;
	/* One function, 0:3.0: each register has its number. */
	if ((chosen & 0xffff00) != 3 << 11)
		return ~0u;
	return (chosen & 0xff) == 0x0c ? 0 : 0x11110000 + (chosen & 0xff);
}

static EFI_TPL (*real_raise)(EFI_TPL level);

static EFI_TPL note_raise(EFI_TPL level)
{
	level_at_pci = level;
	return real_raise(level);
}

static void write_port(u16 port, u32 bytes, u32 value)
{
	EXPECT(port == 0xcf8 && bytes == 4);
	/* The firmware's interrupt handlers use the same ports. */
	EXPECT_EQ(level_at_pci, TPL_HIGH_LEVEL);
	chosen = value;
}

static u64 read_msr(u32 index)
{
	return 0x500000000ull | index;
}

static void write_msr(u32 index, u64 value)
{
	EXPECT(index == 0x8b && value == 0);
	msr_writes++;
}

static struct loader loader;

static void start(void)
{
	firmware_start();
	tap_finally(firmware_clean);
	traps_start();
	traps.in = read_port;
	traps.out = write_port;
	traps.rdmsr = read_msr;
	traps.wrmsr = write_msr;
	traps.control[0] = 0x80000011;
	traps.control[4] = 0x20;
	real_raise = boot.RaiseTPL;
	boot.RaiseTPL = note_raise;
	loader = (struct loader){ .volume = volume_open(firmware_device) };
	loader.info = memory_alloc(MEMORY_LOW, EfiLoaderData, sizeof(*loader.info), "x");
	strcpy(loader.info->options, "mem=8M");
	strcpy(loader.info->firmware_vendor, "Model");
	loader.info->firmware_revision = 0x10;
	loader.info->firmware_bits = 64;
	loader.info->uefi_revision = 0x20046;
	loader.map.descriptors_size = 8192;
	loader.map.descriptors =
		memory_alloc(MEMORY_LOW, EfiLoaderData, loader.map.descriptors_size, "x");
}

static void end(void)
{
	memory_free_all();
	volume_close(loader.volume);
}

static const char *written(void)
{
	write_run_files(&loader);
	EXPECT_EQ(firmware_pages(), 1 + 2);
	return volume_text(PATH) ?: "";
}

static bool has(const char *text)
{
	bool found = strstr(volume_text(PATH), text);

	if (!found)
		tap_note("`%s` is not in %s", text, volume_text(PATH));
	return found;
}

static void whole(void)
{
	start();
	written();
	EXPECT(has("Pagewright: what the loader found before it left the firmware\r\n"
		   "options: mem=8M\r\n"
		   "before: RUN0006.TXT: verdict: x\r\n"
		   "firmware: vendor=\"Model\" revision=0x10 bits=64 uefi=0x20046\r\n"
		   "firmware: date=2026-03-04 time=05:06:07\r\n"
		   "firmware: secure_boot=off memory_overwrite=no memory_encrypted=no\r\n"));
	EXPECT(has("cr0=0x80000011 cr4=0x20"));
	EXPECT(has("memory: entries=") && has("start=0x40000000"));
	EXPECT(has("pci: 00:03.0 id=0000:1111 class=111100 revision=08 command=0004"));
	EXPECT(has("irq=60 subsystem=002c:1111\r\n"));
	EXPECT(has("end: all of it\r\n"));
	EXPECT(!strstr(volume_text(PATH), "smbios:") && !strstr(volume_text(PATH), "display:"));
	EXPECT(markers == 1 && marker_root == loader.volume);
	EXPECT_TEXT(take_told(), "loader: log: " PATH ": what machine this is\n");
	firmware_variable("SecureBoot", "\1", 1);
	state = (struct memory_state){ true, true };
	firmware_refuse(CALL_TIME, 0, EFI_DEVICE_ERROR);
	volume_remove(loader.volume, PATH);
	written();
	EXPECT(has("secure_boot=on memory_overwrite=requested memory_encrypted=yes\r\n"));
	EXPECT(!strstr(volume_text(PATH), "date="));
	end();
}

static void screens_and_tables(void)
{
	u8 *table = (u8 *)(uintptr_t)MiB(16);

	start();
	loader.displays.count = 2;
	memcpy(table, "TEST\x24\0\0\0", 8);
	loader.parts.tables = 1;
	loader.parts.table[0] = (struct boot_range){ MiB(16), 36 };
	memcpy(table + 64, "NEXT\x24\0\0\0", 8);
	loader.parts.table[1] = (struct boot_range){ MiB(16) + 64, 36 };
	written();
	EXPECT(strstr(strstr(volume_text(PATH), "display: ") + 1, "display: "));
	EXPECT(has("TEST") && !strstr(volume_text(PATH), "NEXT"));
	end();
}

/* ---- SMBIOS ---- */

/* A system's type, product and serial number: SMBIOS 3.6, 7.2. */
static const char system_table_of[] =
	"\1\x1b\1\0\1\2\3\4\xde\xad\xbe\xef\0\1\2\3\4\5\6\7\x08\x09\x0a\x0b\6\0\0"
	"MAKER\0"
	"PRODUCT\0"
	"1\0"
	"SECRET\0\0"
	"\x7f\4\2\0\0";

static u8 *const entry = (u8 *)(uintptr_t)MiB(16), *const entry_3 = (u8 *)(uintptr_t)MiB(17);

static void have_smbios(void)
{
	EFI_GUID guid = {
		0xeb9d2d31, 0x2d88, 0x11d3, { 0x9a, 0x16, 0, 0x90, 0x27, 0x3f, 0xc1, 0x4d }
	};
	EFI_GUID guid_3 = {
		0xf2fd1544, 0x9794, 0x4a2c, { 0x99, 0x2e, 0xe5, 0xbb, 0xcf, 0x20, 0xe3, 0x94 }
	};
	u32 place = MiB(18), bytes = sizeof(system_table_of);
	u64 wide = MiB(19);

	memcpy((void *)(uintptr_t)MiB(18), system_table_of, sizeof(system_table_of));
	memcpy((void *)(uintptr_t)MiB(19), system_table_of, sizeof(system_table_of));
	memcpy((char *)(uintptr_t)MiB(19) + 27, "OTHER", 5);
	memset(entry, 0xee, 64);
	memset(entry_3, 0xee, 64);
	memcpy(entry, "_SM_", 4);
	memcpy(entry + 0x16, &bytes, 2);
	memcpy(entry + 0x18, &place, 4);
	memcpy(entry_3, "_SM3_", 5);
	memcpy(entry_3 + 0x0c, &bytes, 4);
	memcpy(entry_3 + 0x10, &wide, 8);
	firmware_table(guid, entry);
	firmware_table(guid_3, entry_3);
}

static void smbios(void)
{
	start();
	have_smbios();
	written();
	EXPECT(has("manufacturer=\"OTHER\" product=\"PRODUCT\""));
	EXPECT(!strstr(volume_text(PATH), "SECRET"));
	/* The older entry point; serial numbers only if they are asked for. */
	volume_remove(loader.volume, PATH);
	entry_3[0] = '-';
	strcpy(loader.info->options, "serials=on");
	written();
	EXPECT(has("manufacturer=\"MAKER\" product=\"PRODUCT\"") && has("SECRET"));
	volume_remove(loader.volume, PATH);
	entry[0] = '-';
	written();
	EXPECT(!strstr(volume_text(PATH), "smbios:"));
	end();
}

/* No table, one that 32-bit firmware cannot reach, and a length that is too long. */
static void odd_smbios(void)
{
	start();
	have_smbios();
	memset(entry_3 + 0x10, 0, 8);
	written();
	EXPECT(!strstr(volume_text(PATH), "smbios:"));
	volume_remove(loader.volume, PATH);
	/* It has at most 1 MiB: the structure behind that is not read. */
	memset((void *)(uintptr_t)MiB(19), 0, MiB(1));
	memcpy(entry_3 + 0x10, (u64[]){ MiB(19) }, 8);
	memcpy(entry_3 + 0x0c, (u32[]){ ~0u }, 4);
	written();
	EXPECT(has("end: all of it\r\n"));
	end();
}

/* ---- Refusals ---- */

static void refused(void)
{
	start();
	firmware_refuse(CALL_MAP, 0, EFI_DEVICE_ERROR);
	written();
	EXPECT(!strstr(volume_text(PATH), "memory: entries"));
	volume_remove(loader.volume, PATH);
	take_told();
	firmware_refuse(CALL_WRITE, 0, EFI_DEVICE_ERROR);
	EXPECT_TEXT(written(), "");
	EXPECT_TEXT(take_told(), "loader: log: no " PATH ": Device Error\n");
	firmware_refuse(CALL_PAGES, 0, EFI_OUT_OF_RESOURCES);
	EXPECT_TEXT(written(), "");
	EXPECT_TEXT(take_told(), "loader: error: no memory for " PATH " (256 KiB)\n");
	EXPECT_EQ(markers, 3);
	volume_close(loader.volume);
	loader.volume = NULL;
	EXPECT_TEXT(written(), "");
	EXPECT_TEXT(take_told(), "");
	EXPECT(markers == 4 && !marker_root);
	end();
}

static void registers(void)
{
	u32 r[4], again[4];

	start();
	EXPECT_EQ(processor_msr(0x1234), 0x500001234ull);
	EXPECT_EQ(processor_microcode(), 0x50000008bull);
	EXPECT_EQ(msr_writes, 1);
	processor_cpuid(0, 0, r);
	processor_cpuid(0, 0, again);
	EXPECT(r[0] && !memcmp(r, again, sizeof(r)));
	end();
}

TAP_MAIN({ "the whole file", whole }, { "screens and tables", screens_and_tables },
	 { "SMBIOS", smbios }, { "odd entry points of SMBIOS", odd_smbios },
	 { "what is refused", refused }, { "the processor's registers", registers })
