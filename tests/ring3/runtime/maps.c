/* SPDX-License-Identifier: MIT */
/*
 * The reader of /proc/self/maps: a small state for each line, fed byte by byte, so that a line may
 * lie in two reads.
 *
 *	08048000 - 0804c000   r-xp   the rest, up to the newline
 *	START      END        RIGHTS REST
 */
#include "tests/ring3/runtime/maps.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/tap.h"

#define COUNT_LIMIT 256u

struct reader {
	enum { START, END, RIGHTS, REST } field;
	struct map_area line; /* as far as it was read */
	u32 start, end;	      /* what is wanted */
	struct map_area *areas;
	u32 count, limit;
	bool joined;
};

static u32 digit(char c)
{
	return (u32)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static void line_ends(struct reader *reader)
{
	struct map_area *area = &reader->line;
	struct map_area *last = reader->count ? &reader->areas[reader->count - 1] : NULL;

	area->start = max(area->start, reader->start);
	area->end = min(area->end, reader->end);
	if (area->start < area->end) {
		if (reader->joined && last && last->end == area->start &&
		    last->protection == area->protection && last->shared == area->shared)
			last->end = area->end;
		else if (reader->count < reader->limit)
			reader->areas[reader->count++] = *area;
		else
			tap_bail_out("more areas than expected in /proc/self/maps");
	}
	*area = (struct map_area){ 0 };
	reader->field = START;
}

static void feed(struct reader *reader, char c)
{
	struct map_area *area = &reader->line;

	if (c == '\n') {
		line_ends(reader);
	} else if (c == ' ' || c == '-') {
		/* A missing right is a dash too. */
		if (reader->field < RIGHTS || (reader->field == RIGHTS && c == ' '))
			reader->field++;
	} else if (reader->field == START) {
		area->start = area->start * 16 + digit(c);
	} else if (reader->field == END) {
		area->end = area->end * 16 + digit(c);
	} else if (reader->field == RIGHTS) {
		area->protection |= c == 'r' ? PROT_READ : c == 'w' ? PROT_WRITE : 0;
		area->protection |= c == 'x' ? PROT_EXEC : 0;
		area->shared |= c == 's';
	}
}

u32 maps_read(u32 start, u32 end, struct map_area *areas, u32 limit, bool joined)
{
	struct reader reader = {
		.start = start, .end = end, .areas = areas, .limit = limit, .joined = joined
	};
	char buffer[512];
	long fd = sys_open("/proc/self/maps", O_RDONLY);
	long length;

	if (fd < 0)
		tap_bail_out("/proc/self/maps cannot be opened");
	while ((length = sys_read((int)fd, buffer, sizeof(buffer))) > 0) {
		for (long i = 0; i < length; i++)
			feed(&reader, buffer[i]);
	}
	if (length < 0)
		tap_bail_out("/proc/self/maps cannot be read");
	sys_close((int)fd);
	return reader.count;
}

u32 maps_count(const void *start, u32 pages)
{
	static struct map_area areas[COUNT_LIMIT];

	return maps_read((u32)start, (u32)start + pages * PAGE_SIZE, areas, COUNT_LIMIT, false);
}

bool maps_all(const void *start, u32 pages, int protection)
{
	struct map_area area;
	u32 end = (u32)start + pages * PAGE_SIZE;

	return maps_read((u32)start, end, &area, 1, true) == 1 && area.start == (u32)start &&
	       area.end == end && area.protection == protection;
}
