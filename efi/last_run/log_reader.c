/* SPDX-License-Identifier: MIT */
/* Making and reading the region of RAM that holds the log. See the headers. */
#include "efi/last_run/log_reader.h"
#include "lib/crc32.h"
#include "lib/printf.h"
#include "lib/string.h"

#define LEFT_OUT_SIZE 80 /* bytes of the line about the middle */

struct sink {
	char *to;
	u32 used, capacity;
};

static void sink_put(struct sink *sink, const void *text, u32 bytes)
{
	bytes = min(bytes, sink->capacity - sink->used);
	memcpy(sink->to + sink->used, text, bytes);
	sink->used += bytes;
}

static u32 header_sum(const struct log_header *header)
{
	return crc32(0, header, offsetof(struct log_header, sum));
}

void log_region_begin(void *region, u32 size, u32 tail, u32 run)
{
	struct log_header *header = region;

	*header = (struct log_header){ LOG_MAGIC, LOG_VERSION, size, tail, run, 0, 0 };
	header->sum = header_sum(header);
}

bool log_region_valid(const void *region, u32 available)
{
	const struct log_header *header = region;
	u32 least = sizeof(struct log_part) + sizeof(struct log_record) + LOG_RECORD_MAX;

	if (available < sizeof(*header) || header->magic != LOG_MAGIC ||
	    header->version != LOG_VERSION || header->sum != header_sum(header))
		return false;
	return header->size <= available && IS_ALIGNED(header->size, 4) &&
	       IS_ALIGNED(header->tail, 4) && header->tail >= least &&
	       header->tail <= header->size / 4;
}

/* The part of this number, or NULL if this run did not write it. */
static const struct log_part *find_part(const struct log_header *header, u32 number)
{
	const void *place = (const u8 *)header + log_part_place(header, number);
	const struct log_part *part = place;

	if (part->magic != LOG_PART_MAGIC || part->run != header->run ||
	    log_turn_part(part->turn) != number ||
	    part->sum != crc32(0, part, offsetof(struct log_part, sum)))
		return NULL;
	return part;
}

/* The record at `at`, or NULL if no plausible one fits before the end of its part. */
static const struct log_record *find_record(const struct log_header *header, u32 at, u32 end)
{
	const void *place = (const u8 *)header + at;
	const struct log_record *record = place;

	if (end < at || end - at < sizeof(*record) || record->length == 0 ||
	    record->length > LOG_RECORD_MAX || record->length > end - at - sizeof(*record))
		return NULL;
	return record;
}

static bool record_is_sound(const struct log_header *header, u32 turn, u32 at, u32 end)
{
	const struct log_record *record = find_record(header, at, end);
	struct log_seed seed = { header->run, turn, at };
	u32 sum;

	if (!record)
		return false;
	sum = crc32(crc32(0, &seed, sizeof(seed)), record + 1, record->length);
	return record->sum == crc32(sum, &record->length, sizeof(record->length));
}

/* A damaged record is the end, unless a sound one follows: then only its text is lost. */
static void read_part(const struct log_header *header, const struct log_part *part,
		      struct sink *sink)
{
	u32 number = log_turn_part(part->turn);
	u32 at = log_part_place(header, number) + sizeof(*part);
	u32 end = log_part_place(header, number + 1);
	const struct log_record *record;

	while ((record = find_record(header, at, end))) {
		u32 next = at + sizeof(*record) + ALIGN_UP(record->length, 4);

		if (record_is_sound(header, part->turn, at, end))
			sink_put(sink, record + 1, record->length);
		else if (record_is_sound(header, part->turn, next, end))
			sink_put(sink, LOG_DAMAGED, sizeof(LOG_DAMAGED) - 1);
		else
			return;
		at = next;
	}
}

u32 log_region_text(const void *region, char *to, u32 capacity)
{
	const struct log_header *header = region;
	const struct log_part *beginning = find_part(header, 0);
	const struct log_part *older = find_part(header, 1), *newer = find_part(header, 2);
	struct sink sink = { to, 0, capacity };

	if (beginning)
		read_part(header, beginning, &sink);
	if (older && newer && older->turn > newer->turn) {
		const struct log_part *swap = older;

		older = newer;
		newer = swap;
	}
	if ((older && older->turn > 1) || (!older && newer)) {
		char line[LEFT_OUT_SIZE];
		int length =
			scnprintf(line, sizeof(line),
				  "\r\nlog: the middle is left out, %u parts of %u KiB\r\n",
				  older ? older->turn - 1 : newer->turn - 1, header->tail / 1024);

		sink_put(&sink, line, (u32)length);
	}
	if (older)
		read_part(header, older, &sink);
	if (newer)
		read_part(header, newer, &sink);
	return sink.used;
}

static bool begins_with(const char *text, u32 bytes, const char *prefix)
{
	u32 length = (u32)strlen(prefix);

	return bytes >= length && memcmp(text, prefix, length) == 0;
}

static bool is_end_of_line(char c)
{
	return c == '\r' || c == '\n';
}

void log_summary(const char *text, u32 bytes, char *line, u32 size)
{
	const char *best = "the log is empty";
	u32 best_length = 16, rank = 0, length;

	for (u32 at = 0; at < bytes; at += length + 1) {
		u32 own = 1;

		for (length = 0; at + length < bytes && !is_end_of_line(text[at + length]);)
			length++;
		if (begins_with(text + at, length, "verdict: "))
			own = 3;
		else if (begins_with(text + at, length, "Kernel panic - not syncing: "))
			own = 2;
		if (length == 0 || own < rank)
			continue;
		rank = own;
		best = text + at;
		best_length = length;
	}
	length = min(best_length, size - 1);
	for (u32 i = 0; i < length; i++)
		line[i] = best[i] >= ' ' && best[i] < 0x7f ? best[i] : '?';
	line[length] = '\0';
}
