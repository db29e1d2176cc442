/* SPDX-License-Identifier: MIT */
/*
 * The reader of the last run's log in RAM. The kernel writes a log into a region, of any size of
 * its parts; then bytes are changed, and sums made right again, as the input says.
 *
 * The reference: an undamaged region gives the text that was written, or, where the middle is
 * overwritten, its beginning and its end. Any other region gives at most its size in text.
 *
 * sources: efi/last_run/log_reader.c kernel/console/logbuf.c
 */
#include <stdlib.h>
#include <string.h>

#include "efi/last_run/log_reader.h"
#include "kernel/console/logbuf.h"
#include "kernel/cpu/cpu.h"
#include "tests/fuzz/fuzz.h"

#define REGION_MAX 8192u
#define TEXT_MAX   32768u
#define TAIL_LEAST 280u
#define SURE_END   64u /* the last bytes of a log are always kept */

static u8 buffer[REGION_MAX] __aligned(8);
static char written[TEXT_MAX];
static u32 written_bytes;

/* Only the processor's cache; nothing to see here. */
void cache_clean(const volatile void *start, size_t bytes)
{
	(void)start;
	(void)bytes;
}

/* CRC-32, bit by bit, unlike the code under test. */
static u32 crc_of(u32 crc, const void *data, u32 bytes)
{
	const u8 *byte = data;

	crc = ~crc;
	while (bytes--) {
		crc ^= *byte++;
		for (u32 bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
	}
	return ~crc;
}

static u32 make_log(struct fuzz_input *in)
{
	u32 tail = ALIGN_UP(TAIL_LEAST + fuzz_u16(in) % 1024, 4);
	u32 size = 4 * tail + fuzz_u16(in) % 1024 / 4 * 4;
	u32 pieces = fuzz_below(in, 64);

	memset(buffer, fuzz_u8(in), sizeof(buffer));
	log_region_begin(buffer, size, tail, fuzz_u32(in));
	FUZZ_CHECK(logbuf_open(buffer, size));
	written_bytes = 0;
	while (pieces--) {
		u32 bytes = min(fuzz_u16(in) % 512, TEXT_MAX - written_bytes);

		for (u32 i = 0; i < bytes; i++)
			written[written_bytes + i] = (char)(i ? 'a' + (pieces + i) % 26 : '\n');
		logbuf_write(written + written_bytes, bytes);
		written_bytes += bytes;
		fuzz_step();
	}
	return size;
}

/* The sums of a part and of its records, as their fields are now. */
static void seal_part(const struct log_header *header, u32 number, u32 size)
{
	u32 at = log_part_place(header, number), end = log_part_place(header, number + 1);
	struct log_part *part = (struct log_part *)(buffer + at);

	if (end > size || at > end || end - at < sizeof(*part))
		return;
	part->sum = crc_of(0, part, offsetof(struct log_part, sum));
	at += sizeof(*part);
	while (end - at >= sizeof(struct log_record)) {
		struct log_record *record = (struct log_record *)(buffer + at);
		struct log_seed seed = { header->run, part->turn, at };

		at += sizeof(*record);
		if (record->length > end - at)
			return;
		record->sum = crc_of(crc_of(0, &seed, sizeof(seed)), record + 1, record->length);
		record->sum = crc_of(record->sum, &record->length, sizeof(record->length));
		at += ALIGN_UP(record->length, 4);
		if (at > end)
			return;
	}
}

/* `which`: bit 0 the header, bits 1 to 3 the parts. */
static void seal(u32 which, u32 size)
{
	struct log_header *header = (struct log_header *)buffer;

	if (size < sizeof(*header))
		return;
	if (which & 1)
		header->sum = crc_of(0, header, offsetof(struct log_header, sum));
	if (header->tail > size / 4 || header->size > size || !IS_ALIGNED(header->size, 4) ||
	    !IS_ALIGNED(header->tail, 4) ||
	    header->size < sizeof(*header) + LOG_PARTS * header->tail)
		return;
	for (u32 number = 0; number < LOG_PARTS; number++)
		if (which & 2u << number)
			seal_part(header, number, size);
}

/* Returns whether anything may be different. */
static bool damage(struct fuzz_input *in, u32 size)
{
	static const u8 offsets[] = { 0, 8, 12, 16, 24, 28, 36, 44, 48 };
	u32 changes = fuzz_below(in, 8);

	for (u32 i = 0; i < changes && size; i++) {
		u32 kind = fuzz_u8(in), at = fuzz_u16(in);

		/* Half of them where the numbers are. */
		at = kind & 1 ? offsets[kind / 2 % ARRAY_SIZE(offsets)] + at % 4 : at;
		buffer[at % size] ^= fuzz_u8(in);
	}
	/* Makes remains of an earlier turn valid too: not in a region that is undamaged. */
	if (changes)
		seal(fuzz_u8(in), size);
	return changes;
}

/* All that was written; or its beginning, the line about the middle, and its end. */
static void check_undamaged(const char *text, u32 bytes)
{
	static const char line[] = "\r\nlog: the middle is left out, ";
	u32 same = 0;

	while (same < min(bytes, written_bytes) && text[same] == written[same])
		same++;
	if (same == bytes && bytes == written_bytes)
		return;
	FUZZ_CHECK(bytes - same > sizeof(line) + SURE_END && same >= SURE_END);
	FUZZ_CHECK(!memcmp(text + same, line, sizeof(line) - 1));
	FUZZ_CHECK(!memcmp(text + bytes - SURE_END, written + written_bytes - SURE_END, SURE_END));
}

/* The line ends in NUL and is printable, at each size. */
static void check_summary(const char *text, u32 bytes, u32 size)
{
	char *line = malloc(size);

	FUZZ_CHECK(line);
	log_summary(text, bytes, line, size);
	for (u32 i = 0; i < size && line[i]; i++)
		FUZZ_CHECK(line[i] >= ' ' && line[i] < 0x7f);
	FUZZ_CHECK(strnlen(line, size) < size);
	free(line);
}

static void read_region(const u8 *region, u32 size, u32 less, bool undamaged)
{
	u32 bytes, cut;
	char *text, *part;

	if (!log_region_valid(region, size)) {
		FUZZ_CHECK(!undamaged);
		return;
	}
	text = malloc(size);
	part = malloc(less ? less : 1);
	FUZZ_CHECK(text && part);
	bytes = log_region_text(region, text, size);
	FUZZ_CHECK(bytes <= size);
	cut = log_region_text(region, part, less);
	FUZZ_EQUAL(cut, min(bytes, less));
	FUZZ_CHECK(!memcmp(part, text, cut));
	if (undamaged)
		check_undamaged(text, bytes);
	check_summary(text, bytes, 1 + less % 200);
	free(part);
	free(text);
}

void fuzz_run(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, data + size };
	u32 bits = fuzz_u8(&in), bytes, less = fuzz_u16(&in) % REGION_MAX;
	bool undamaged = false;
	u8 *region;

	fuzz_step();
	if (bits & 1) {
		bytes = min((u32)(in.end - in.next), REGION_MAX);
		memcpy(buffer, in.next, bytes);
		seal(bits >> 1, bytes);
	} else {
		bytes = make_log(&in);
		undamaged = !damage(&in, bytes);
	}
	region = malloc(bytes ? bytes : 1);
	FUZZ_CHECK(region);
	memcpy(region, buffer, bytes);
	read_region(region, bytes, less, undamaged);
	free(region);
}
