/* SPDX-License-Identifier: MIT */
/*
 * The log that survives a warm reset.
 *
 * A machine that hangs has no way to save its log, and many have no serial line. So the log also
 * goes to RAM, and the loader of the next boot saves it to a file or to a variable of the
 * firmware. The kernel calls no runtime service itself; the loader has boot services for that.
 *
 *     console ──> logbuf_write() ──> the open record: text, then length and sum ──> RAM
 *
 *  (1) The open record lies at `at` and is valid after each logbuf_write(). It is closed after
 *      LOG_RECORD_MAX bytes or at the end of the part.
 *  (2) A reset of the processor drops cached lines that are not written back. So every write is
 *      pushed to memory at once (cache_clean()).
 */
#include "kernel/console/logbuf.h"
#include "abi/boot/log_region.h"
#include "kernel/cpu/cpu.h"
#include "lib/crc32.h"
#include "lib/string.h"

static struct {
	u8 *region; /* NULL: there is no region */
	u32 turn;
	u32 at, end; /* the open record, and the end of its part; offsets in the region */
	u32 length;  /* of its text so far */
	u32 crc;     /* of its text so far, and of the seed before it */
	size_t written;
} log;

static const struct log_header *header(void)
{
	return (const struct log_header *)log.region;
}

static void open_record(u32 at)
{
	struct log_seed seed = { header()->run, log.turn, at };

	log.at = at;
	log.length = 0;
	log.crc = crc32(0, &seed, sizeof(seed));
}

static void open_part(u32 turn)
{
	u32 part = log_turn_part(turn), place = log_part_place(header(), part);
	struct log_part *start = (struct log_part *)(log.region + place);

	log.turn = turn;
	log.end = log_part_place(header(), part + 1);
	*start = (struct log_part){ LOG_PART_MAGIC, header()->run, turn, 0 };
	start->sum = crc32(0, start, offsetof(struct log_part, sum));
	cache_clean(start, sizeof(*start));
	open_record(place + (u32)sizeof(*start));
}

/* Makes sure that the open record has room, and returns how many bytes still fit in. */
static u32 room(void)
{
	u32 next = log.at + (u32)sizeof(struct log_record);

	if (log.length == LOG_RECORD_MAX || next + log.length >= log.end) {
		next = ALIGN_UP(next + log.length, 4);
		if (next + sizeof(struct log_record) < log.end)
			open_record(next);
		else
			open_part(log.turn + 1);
		next = log.at + (u32)sizeof(struct log_record);
	}
	return min(LOG_RECORD_MAX, log.end - next) - log.length;
}

static void append(const char *text, u32 count)
{
	struct log_record *record = (struct log_record *)(log.region + log.at);
	u8 *place = (u8 *)(record + 1) + log.length;

	memcpy(place, text, count);
	cache_clean(place, count);
	log.crc = crc32(log.crc, text, count);
	log.length += count;
	record->length = log.length;
	record->sum = crc32(log.crc, &record->length, sizeof(record->length));
	cache_clean(record, sizeof(*record));
}

void logbuf_write(const char *text, size_t count)
{
	if (!log.region)
		return;
	log.written += count;
	while (count) {
		u32 now = min((u32)count, room());

		append(text, now);
		text += now;
		count -= now;
	}
}

bool logbuf_open(void *region, size_t bytes)
{
	const struct log_header *found = region;

	if (bytes < sizeof(*found) || found->magic != LOG_MAGIC || found->version != LOG_VERSION ||
	    found->size > bytes || found->sum != crc32(0, found, offsetof(struct log_header, sum)))
		return false;
	log.region = region;
	log.written = 0;
	open_part(0);
	return true;
}

void logbuf_move(void *region)
{
	/* Before cpu_init() cache_clean() did nothing: write back what is still cached. */
	if (log.region)
		cache_clean(log.region, log.at + sizeof(struct log_record) + log.length);
	log.region = region;
}

size_t logbuf_written(void)
{
	return log.written;
}
