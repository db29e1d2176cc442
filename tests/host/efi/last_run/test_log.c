/* SPDX-License-Identifier: MIT */
/*
 * The log of the last run: the places that are searched, the files and the variable that are
 * written, their numbers, volumes and firmware that refuse.
 *
 * sources: efi/last_run/log.c efi/last_run/log_reader.c efi/volume.c efi/memory.c
 * sources: efi/console.c lib/crc32.c
 */
#include <stdlib.h>
#include <string.h>

#include "abi/boot/boot_step.h"
#include "efi/last_run/log_reader.h"
#include "efi/quiesce/clock.h"
#include "lib/crc32.h"
#include "tests/host/efi/firmware.h"
#include "tests/host/tap.h"

/* ---- In place of other files of the loader ---- */

static u64 counter = 0x1234567;
static bool marker, marker_saw_log;

u64 clock_counter(void)
{
	return counter;
}

bool run_marker_collect(EFI_FILE_HANDLE root, bool found)
{
	(void)root;
	marker_saw_log = found;
	return marker;
}

static EFI_FILE_HANDLE root;

static void start(void)
{
	firmware_start();
	tap_finally(firmware_clean);
	root = volume_open(firmware_device);
}

static void end(void)
{
	memory_free_all();
	volume_close(root);
}

/* ---- Regions ---- */

static u8 *at(u64 address)
{
	return (u8 *)(uintptr_t)address;
}

/* A region with a log of one line. */
static void have_log(u64 address, const char *text)
{
	u8 *region = at(address);
	struct log_part *part;
	struct log_record *record;
	struct log_seed seed;
	u32 place = sizeof(struct log_header), length = (u32)strlen(text);

	log_region_begin(region, LOG_REGION_SIZE, LOG_REGION_TAIL, 77);
	if (!length)
		return;
	part = (struct log_part *)(region + place);
	*part = (struct log_part){ LOG_PART_MAGIC, 77, 0, 0 };
	part->sum = crc32(0, part, offsetof(struct log_part, sum));
	place += sizeof(*part);
	record = (struct log_record *)(region + place);
	seed = (struct log_seed){ 77, 0, place };
	memcpy(record + 1, text, length);
	record->length = length;
	record->sum =
		crc32(crc32(crc32(0, &seed, sizeof(seed)), text, length), &length, sizeof(length));
}

static struct boot_range place;

static bool collect(void)
{
	place = (struct boot_range){ 0 };
	return log_collect(root, &place);
}

/* The region is empty, and the kernel can use it. */
static void check_place(u64 address)
{
	const struct log_header *header = (const void *)at(address);

	EXPECT(place.start == address && place.size == LOG_REGION_SIZE);
	EXPECT(log_region_valid(header, LOG_REGION_SIZE) && !log_step(header));
	EXPECT_EQ(header->tail, LOG_REGION_TAIL);
	EXPECT_EQ(firmware_type(header), EfiReservedMemoryType);
	EXPECT_EQ(firmware_pages(), LOG_REGION_SIZE / 4096);
}

static void no_log(void)
{
	start();
	log_claim();
	EXPECT_EQ(firmware_pages(), LOG_REGION_SIZE / 4096);
	EXPECT(!collect() && !marker_saw_log);
	check_place(MiB(64));
	EXPECT_EQ(((struct log_header *)at(MiB(64)))->run, 0x1234567);
	EXPECT_TEXT(told, "");
	EXPECT_TEXT(log_before(), "nothing");
	EXPECT(!firmware_variable_text("PagewrightVerdict"));
	end();
}

/* Both halves of a large counter are in the number of the run. */
static void run_numbers(void)
{
	start();
	counter = 0x500000003ull;
	log_claim();
	collect();
	EXPECT_EQ(((struct log_header *)at(MiB(64)))->run, 0x05000003);
	end();
}

static void one_log(void)
{
	start();
	have_log(MiB(64), "verdict: result=pass\r\n");
	log_claim();
	EXPECT(collect() && marker_saw_log);
	EXPECT_TEXT(volume_text("\\pagewright\\LOGS\\RUN0001.TXT"), "verdict: result=pass\r\n");
	EXPECT_TEXT(take_told(),
		    "loader: log: \\pagewright\\LOGS\\RUN0001.TXT, 22 bytes, of the run before\n"
		    "loader: log: verdict: result=pass\n");
	EXPECT_TEXT(log_before(), "RUN0001.TXT: verdict: result=pass");
	EXPECT_TEXT(firmware_variable_text("PagewrightVerdict"), log_before());
	check_place(MiB(64));
	/* The log was read: it is not there a second time. */
	EXPECT(!collect());
	end();
}

/* Logs at several places: each is a file, the first free place is for the next run. */
static void several_logs(void)
{
	start();
	have_log(MiB(48), "two\r\n");
	have_log(MiB(160), "three\r\n");
	have_log(MiB(27), "four\r\n");
	log_claim();
	EXPECT_EQ(firmware_pages(), 4 * LOG_REGION_SIZE / 4096);
	EXPECT(collect());
	EXPECT_TEXT(volume_text("\\pagewright\\LOGS\\RUN0001.TXT"), "two\r\n");
	EXPECT_TEXT(volume_text("\\pagewright\\LOGS\\RUN0002.TXT"), "three\r\n");
	EXPECT_TEXT(volume_text("\\pagewright\\LOGS\\RUN0003.TXT"), "four\r\n");
	check_place(MiB(64));
	end();
}

/* Four places beside the first are remembered; the others are freed. */
static void many_logs(void)
{
	static const u32 places[] = { 64, 48, 96, 160, 256, 27 };

	start();
	for (u32 i = 0; i < ARRAY_SIZE(places); i++)
		have_log(MiB(places[i]), "x\r\n");
	log_claim();
	EXPECT_EQ(firmware_pages(), 5 * LOG_REGION_SIZE / 4096);
	EXPECT(collect());
	EXPECT(volume_has("\\pagewright\\LOGS\\RUN0005.TXT"));
	EXPECT(!volume_has("\\pagewright\\LOGS\\RUN0006.TXT"));
	end();
}

/* The other places are those that the firmware has, then each MiB from 63 down to 17. */
static void other_places(void)
{
	start();
	firmware_take(MiB(64), MiB(400), EfiBootServicesData);
	log_claim();
	collect();
	check_place(MiB(48));
	memory_free_all();
	end();
}

static void small_machine(u64 from, u64 to)
{
	start();
	firmware_take(MiB(1), from, EfiBootServicesData);
	firmware_take(to, FIRMWARE_RAM_END, EfiBootServicesData);
	log_claim();
	collect();
}

static void range_of_places(void)
{
	small_machine(MiB(20), MiB(25));
	check_place(MiB(24));
	end();
}

static void last_place(void)
{
	small_machine(MiB(17), MiB(18));
	check_place(MiB(17));
	end();
}

static void first_place(void)
{
	small_machine(MiB(63), MiB(64));
	check_place(MiB(63));
	end();
}

static void no_place(void)
{
	small_machine(MiB(16), MiB(17));
	EXPECT(!place.start && !firmware_pages());
	EXPECT_TEXT(take_told(),
		    "loader: log: no free place in memory for it; it will not outlive the run\n");
	end();
}

/* ---- What the log says ---- */

/* No record, but a step: the kernel hung before its log. */
static void only_a_step(void)
{
	start();
	have_log(MiB(64), "");
	((struct log_header *)at(MiB(64)))->step = log_step_mark(STEP_USB);
	log_claim();
	EXPECT(collect());
	EXPECT_TEXT(volume_text("\\pagewright\\LOGS\\RUN0001.TXT"), "boot: step=3 name=usb\r\n");
	EXPECT_TEXT(log_before(), "RUN0001.TXT: boot: step=3 name=usb");
	end();
}

static void neither_record_nor_step(void)
{
	start();
	have_log(MiB(64), "");
	log_claim();
	EXPECT(!collect());
	check_place(MiB(64));
	end();
}

static void long_lines(void)
{
	char line[240];

	start();
	memset(line, 'x', 230);
	strcpy(line + 230, "\r\n");
	have_log(MiB(64), line);
	log_claim();
	collect();
	/* On the screen 70 characters of it, 199 in the variable. */
	EXPECT(strlen(strstr(take_told(), "loader: log: xxx")) == 13 + 70 + 1);
	EXPECT_EQ(strlen(log_before()), 13 + 199);
	end();
}

static void started_without_log(void)
{
	start();
	marker = true;
	log_claim();
	EXPECT(collect() && !marker_saw_log);
	EXPECT_TEXT(log_before(), "no log");
	have_log(MiB(64), "x\r\n");
	EXPECT(collect());
	EXPECT_TEXT(log_before(), "RUN0001.TXT: x");
	end();
}

/* ---- Files ---- */

static const struct {
	const char *file;
	u32 number; /* 0: its name is another one */
} names[] = {
	{ "RUN0041.TXT", 41 }, { "run0042.txt", 42 }, { "Run9998.Txt", 9998 }, { "RUN0041.TXU", 0 },
	{ "RUN041.TXT", 0 },   { "RUN00041.TXT", 0 }, { "RUN0041.TXTX", 0 },   { "RUN004A.TXT", 0 },
	{ "RUN004/.TXT", 0 },  { "RUN004:.TXT", 0 },  { "RUO0041.TXT", 0 },    { "RUN0041-TXT", 0 },
	{ "RUN0041NTXT", 0 },  { "rUN0009.tXT", 9 },  { "2UN0041.TXT", 0 },    { "RUN0001.TXT", 1 },
};

static void numbers(void)
{
	char path[60] = "\\pagewright\\LOGS\\", file[40];

	start();
	EXPECT_EQ(log_next_run(root), 1);
	EXPECT_EQ(log_next_run(NULL), 1);
	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		strcpy(path + 17, names[i].file);
		volume_have_text(path, "x");
		EXPECT_EQ(log_next_run(root), names[i].number + 1);
		EXPECT_EQ(volume_remove(root, path), EFI_SUCCESS);
	}
	/* Files of earlier versions, and descriptions of machines. */
	strcpy(file, "\\LOGS\\RUN0007.TXT");
	volume_have_text(file, "x");
	EXPECT_EQ(log_next_run(root), 8);
	volume_have_text("\\pagewright\\LOGS\\RUN0003.TXT", "x");
	EXPECT_EQ(log_next_run(root), 8);
	volume_have_text("\\pagewright\\LOGS\\PRE0010.TXT", "x");
	EXPECT_EQ(log_next_run(root), 11);
	volume_have_text("\\LOGS\\PRE0020.TXT", "x");
	EXPECT_EQ(log_next_run(root), 11);
	volume_have_text("\\pagewright\\LOGS\\RUN0012.TXT", "x");
	EXPECT_EQ(log_next_run(root), 13);
	EXPECT_EQ(volume_open_files, 1);
	/* The folder cannot be read: what was found so far. */
	firmware_refuse_all(CALL_READ, EFI_DEVICE_ERROR);
	EXPECT_EQ(log_next_run(root), 1);
	EXPECT_EQ(volume_open_files, 1);
	end();
}

static const char *written_beside(const char *file)
{
	volume_have_text(file, "x");
	have_log(MiB(64), "y\r\n");
	EXPECT(collect());
	return log_before();
}

/* A log has the number of its run's description, or the next one. */
static void number_of_log(void)
{
	start();
	log_claim();
	EXPECT_TEXT(written_beside("\\pagewright\\LOGS\\PRE0010.TXT"), "RUN0010.TXT: y");
	EXPECT_TEXT(written_beside("\\pagewright\\LOGS\\RUN0010.TXT"), "RUN0011.TXT: y");
	end();
}

static void last_number(void)
{
	start();
	log_claim();
	EXPECT_TEXT(written_beside("\\pagewright\\LOGS\\RUN9998.TXT"), "RUN9999.TXT: y");
	take_told();
	EXPECT_TEXT(written_beside("\\pagewright\\LOGS\\RUN9999.TXT"), "no file: y");
	EXPECT(has_told("loader: log: no file for the run before, its log is lost: Volume Full\n"));
	end();
}

/* ---- Refusals: a line, and the boot goes on ---- */

static void no_volume(void)
{
	start();
	have_log(MiB(64), "y\r\n");
	log_claim();
	place = (struct boot_range){ 0 };
	EXPECT(log_collect(NULL, &place));
	EXPECT_TEXT(take_told(),
		    "loader: log: no file for the run before, its log is lost: No Media\n"
		    "loader: log: y\n");
	EXPECT_TEXT(firmware_variable_text("PagewrightVerdict"), "no file: y");
	check_place(MiB(64));
	end();
}

static void no_variable(void)
{
	start();
	have_log(MiB(64), "y\r\n");
	log_claim();
	firmware_refuse(CALL_VARIABLE_SET, 0, EFI_OUT_OF_RESOURCES);
	EXPECT(collect());
	EXPECT(has_told("loader: log: no variable for the verdict: Out of Resources\n"));
	EXPECT_TEXT(volume_text("\\pagewright\\LOGS\\RUN0001.TXT"), "y\r\n");
	end();
}

static void no_memory_for_log(void)
{
	start();
	have_log(MiB(64), "y\r\n");
	log_claim();
	firmware_refuse(CALL_PAGES, 0, EFI_OUT_OF_RESOURCES);
	EXPECT(!collect());
	EXPECT_TEXT(take_told(),
		    "loader: error: no memory for the log of the run before (512 KiB)\n");
	check_place(MiB(64));
	end();
}

/* Whatever is refused, nothing leaks and there is a place. */
static void all_refused(void)
{
	start();
	log_claim();
	for (u32 n = 0;; n++) {
		have_log(MiB(64), "y\r\n");
		firmware_refuse_nth(n, EFI_DEVICE_ERROR);
		collect();
		check_place(MiB(64));
		EXPECT_EQ(volume_open_files, 1);
		if (!firmware_refused())
			break;
		firmware_permit();
		volume_remove(root, "\\pagewright\\LOGS\\RUN0001.TXT");
	}
	end();
}

TAP_MAIN({ "no log", no_log }, { "the number of a run", run_numbers }, { "a log", one_log },
	 { "several logs", several_logs }, { "more logs than are remembered", many_logs },
	 { "other places", other_places }, { "the highest place of the range", first_place },
	 { "a place of the range", range_of_places }, { "the lowest place", last_place },
	 { "no place", no_place }, { "only a step", only_a_step },
	 { "neither a record nor a step", neither_record_nor_step }, { "long lines", long_lines },
	 { "a run that left no log", started_without_log }, { "numbers of files", numbers },
	 { "the number of a log", number_of_log }, { "the last number", last_number },
	 { "no volume", no_volume }, { "no variable", no_variable },
	 { "no memory for the log", no_memory_for_log }, { "firmware that refuses", all_refused })
