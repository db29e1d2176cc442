/* SPDX-License-Identifier: MIT */
/*
 * Finds the log of the last run in RAM after a warm reset. Saves it to a file, and one line of it
 * to a variable of the firmware. Allocates a place for the log of the next run.
 *
 *     log_claim()    before any other allocation: the first free place, and places with a log
 *     log_collect()  log ──> \pagewright\LOGS\RUNnnnn.TXT on the boot volume, PagewrightVerdict;
 *                    frees all places but the first; looks for STARTED.TXT (run_marker.h)
 *
 *  (1) The kernel never calls the firmware. All this happens in the next boot, with boot services.
 *  (2) Nothing here is an error. Without a volume or a variable store, or with a full or
 *      write-protected volume, there is a line, and the boot goes on.
 *  (3) A candidate is read only after the firmware allocated it to the loader: then it is unused
 *      RAM.
 *
 * Context: boot services. Sources: UEFI 2.10, sections 7.2 (AllocatePages with AllocateAddress),
 * 8.2 (variables), 13.5 (files).
 */
#include "abi/boot/boot_step.h"
#include "efi/quiesce/clock.h"
#include "efi/loader.h"
#include "efi/last_run/log_reader.h"
#include "lib/printf.h"
#include "lib/string.h"

#define DIRECTORY     OUR_DIRECTORY "\\LOGS"
#define OLD_DIRECTORY "\\LOGS" /* of earlier versions; its numbers are skipped */
#define RUN_MAX	      9999u
#define NAME_LENGTH   11u /* RUNnnnn.TXT */
#define PATH_SIZE     (sizeof(DIRECTORY) + 1 + NAME_LENGTH)
#define LINE_SIZE     200u

/*
 * The places of a log: always the same addresses, so that the next boot finds them. They are in
 * the direct map, above the DMA zone (16 MiB), and where no known firmware unpacks itself at each
 * boot (OVMF does below 40 MiB, U-Boot loads files to 16 MiB). The last is for less than 112 MiB
 * of RAM, where no place is safe under OVMF: it fills memory from its end down, with our file and
 * the image made of it, to 41 MiB below the end. The first free place is used; if there is none,
 * the first free MiB of the range.
 */
static const u64 candidates[] = {
	MiB(64), MiB(48), MiB(96), MiB(160), MiB(256), MiB(512), MiB(27)
};

#define SMALL_FIRST MiB(63)
#define SMALL_LAST  MiB(17)

static char before[LINE_SIZE + 40] = "nothing";
static void *chosen;   /* for the next run; it may have a log in it */
static void *other[4]; /* with logs */

static bool holds_log(const void *region)
{
	return region && log_region_valid(region, LOG_REGION_SIZE);
}

static void consider(u64 address)
{
	void *region = memory_alloc_at(address, EfiReservedMemoryType, LOG_REGION_SIZE);

	if (region && !chosen) {
		chosen = region;
		return;
	}
	for (u32 i = 0; i < ARRAY_SIZE(other) && holds_log(region); i++) {
		if (!other[i]) {
			other[i] = region;
			return;
		}
	}
	memory_free(region);
}

void log_claim(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(candidates); i++)
		consider(candidates[i]);
	for (u64 address = SMALL_FIRST; !chosen && address >= SMALL_LAST; address -= MiB(1))
		consider(address);
}

/*
 * nnnn of a name such as RUNnnnn.TXT with `kind` first, in letters of any case; 0: another name.
 */
static u32 number_of_name(const CHAR16 *name, const char *kind)
{
	static const char form[] = "???####.TXT";
	u32 number = 0;

	for (u32 i = 0; i < NAME_LENGTH; i++) {
		char wanted = i < 3 ? kind[i] : form[i];
		CHAR16 c = name[i];

		if (wanted == '#' && c >= '0' && c <= '9')
			number = number * 10 + (c - '0');
		else if (c != wanted && (wanted < 'A' || c != wanted + ('a' - 'A')))
			return 0;
	}
	return name[NAME_LENGTH] == 0 ? number : 0;
}

/* The highest number of a file of this kind in the directory; 0: there is none. */
static u32 newest_in(EFI_FILE_HANDLE root, const char *path, const char *kind)
{
	EFI_FILE_HANDLE directory = NULL;
	union file_info entry;
	UINTN size = sizeof(entry);
	u32 highest = 0;

	if (EFI_ERROR(volume_open_file(root, path, EFI_FILE_MODE_READ, 0, &directory)))
		return 0;
	while (!EFI_ERROR(directory->Read(directory, &size, &entry)) && size != 0) {
		highest = max(highest, number_of_name(entry.info.FileName, kind));
		size = sizeof(entry);
	}
	directory->Close(directory);
	return highest;
}

static u32 newest_log(EFI_FILE_HANDLE root)
{
	return max(newest_in(root, DIRECTORY, "RUN"), newest_in(root, OLD_DIRECTORY, "RUN"));
}

u32 log_next_run(EFI_FILE_HANDLE root)
{
	return max(newest_log(root), newest_in(root, DIRECTORY, "PRE")) + 1;
}

/* Writes the text to a file and its name to *name, of NAME_LENGTH + 1 bytes. */
static EFI_STATUS keep_file(EFI_FILE_HANDLE root, const char *text, UINTN bytes, char *name)
{
	/* The number of the run's PREnnnn.TXT, unless that could not be written. */
	u32 number = max(newest_in(root, DIRECTORY, "PRE"), newest_log(root) + 1);
	char path[PATH_SIZE];

	if (number > RUN_MAX)
		return EFI_VOLUME_FULL;
	scnprintf(name, NAME_LENGTH + 1, "RUN%04u.TXT", number);
	scnprintf(path, sizeof(path), DIRECTORY "\\%s", name);
	return volume_write(root, path, text, bytes);
}

/* The line, as a variable: for systems that are started later. */
static EFI_STATUS keep_verdict(const char *line)
{
	EFI_GUID guid = {
		0x8f3d6c1e, 0x52a7, 0x4e0b, { 0x9b, 0x64, 0x70, 0x61, 0x67, 0x65, 0x77, 0x72 }
	};
	const UINT32 attributes = EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS |
				  EFI_VARIABLE_RUNTIME_ACCESS;

	return ST->RuntimeServices->SetVariable(L"PagewrightVerdict", &guid, attributes,
						strlen(line), (void *)line);
}

static void keep(EFI_FILE_HANDLE root, const char *text, UINTN bytes)
{
	char name[NAME_LENGTH + 1], result[LINE_SIZE];
	EFI_STATUS status = keep_file(root, text, bytes, name);

	if (EFI_ERROR(status))
		say("log: no file for the run before, its log is lost: %s", status_text(status));
	else
		say("log: " DIRECTORY "\\%s, %d bytes, of the run before", name, (UINT32)bytes);
	log_summary(text, (u32)bytes, result, sizeof(result));
	say("log: %.70s", result);
	scnprintf(before, sizeof(before), "%s: %s", EFI_ERROR(status) ? "no file" : name, result);
	status = keep_verdict(before);
	if (EFI_ERROR(status))
		say("log: no variable for the verdict: %s", status_text(status));
}

/* Reads one candidate, and invalidates it. Returns whether there was a log. */
static bool collect(EFI_FILE_HANDLE root, void *region)
{
	struct log_header *header = region;
	char *text = NULL;
	u32 bytes = 0;

	if (holds_log(region))
		text = memory_alloc(MEMORY_ANYWHERE, EfiLoaderData, LOG_REGION_SIZE,
				    "the log of the run before");
	if (text) {
		bytes = log_region_text(region, text, LOG_REGION_SIZE);
		if (!bytes && log_step(header))
			bytes = (u32)scnprintf(text, LOG_REGION_SIZE, "boot: step=%u name=%s\r\n",
					       log_step(header), boot_step_name(log_step(header)));
		if (bytes)
			keep(root, text, bytes);
		memory_free(text);
	}
	header->magic = 0;
	return bytes;
}

const char *log_before(void)
{
	return before;
}

static bool collect_all(EFI_FILE_HANDLE root, struct boot_range *place)
{
	/* Two runs must not have the same number: the time since power-on, in the finest unit. */
	u64 now = clock_counter();
	bool found = false;

	for (u32 i = 0; i < ARRAY_SIZE(other); i++) {
		if (other[i])
			found |= collect(root, other[i]);
		memory_free(other[i]);
	}
	if (!chosen) {
		say("log: no free place in memory for it; it will not outlive the run");
		return found;
	}
	found |= collect(root, chosen);
	place->start = (UINTN)chosen;
	place->size = LOG_REGION_SIZE;
	log_region_begin(chosen, LOG_REGION_SIZE, LOG_REGION_TAIL, (u32)(now ^ now >> 32 << 24));
	return found;
}

bool log_collect(EFI_FILE_HANDLE root, struct boot_range *place)
{
	bool found = collect_all(root, place), started = run_marker_collect(root, found);

	if (started && !found)
		scnprintf(before, sizeof(before), "no log");
	return started || found;
}
