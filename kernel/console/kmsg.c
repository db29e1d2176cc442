/* SPDX-License-Identifier: MIT */
/*
 * The ring of log lines.
 *
 *     ... overwritten | head text | head text | head text | free ...
 *                     ^ oldest                            ^ next
 *
 *  (1) Places count all bytes that were ever written. The byte of a place is bytes[place modulo
 *      KMSG_BYTES], and next - oldest is at most KMSG_BYTES.
 */
#include "kernel/console/kmsg.h"
#include "lib/string.h"

struct head {
	u64 counts;
	u16 length, priority;
};

/* A record: its number, and the place of its head. */
struct place {
	u64 number, at;
};

static struct {
	struct place oldest, next, found; /* found: what kmsg_find() returned last */
	size_t lost;
	bool busy;
	u32 open_length;
	char open[KMSG_LINE];
	char bytes[KMSG_BYTES];
} ring;

static void put(u64 at, const void *from, u32 count)
{
	u32 place = (u32)at % KMSG_BYTES, first = min(count, KMSG_BYTES - place);

	memcpy(ring.bytes + place, from, first);
	memcpy(ring.bytes, (const char *)from + first, count - first);
}

static void get(u64 at, void *to, u32 count)
{
	u32 place = (u32)at % KMSG_BYTES, first = min(count, KMSG_BYTES - place);

	memcpy(to, ring.bytes + place, first);
	memcpy((char *)to + first, ring.bytes, count - first);
}

static struct head head_of(struct place record)
{
	struct head head;

	get(record.at, &head, sizeof(head));
	return head;
}

static struct place after(struct place record)
{
	return (struct place){ record.number + 1,
			       record.at + sizeof(struct head) + head_of(record).length };
}

static void append(u32 priority, const char *text, u32 length, u64 counts)
{
	struct head head = { counts, (u16)length, (u16)priority };

	while (ring.next.at + sizeof(head) + length - ring.oldest.at > KMSG_BYTES) {
		ring.lost += head_of(ring.oldest).length + 1u;
		ring.oldest = after(ring.oldest);
	}
	put(ring.next.at, &head, sizeof(head));
	put(ring.next.at + sizeof(head), text, length);
	ring.next = after(ring.next);
}

static void append_open_line(u64 counts)
{
	append(KMSG_KERNEL, ring.open, ring.open_length, counts);
	ring.open_length = 0;
}

/* Adds text without '\n' to the open line. */
static void extend(const char *text, size_t count, u64 counts)
{
	while (count) {
		u32 part;

		if (ring.open_length == KMSG_LINE)
			append_open_line(counts);
		part = min((u32)count, KMSG_LINE - ring.open_length);
		memcpy(ring.open + ring.open_length, text, part);
		ring.open_length += part;
		text += part;
		count -= part;
	}
}

void kmsg_extend_line(const char *text, size_t count, u64 counts)
{
	if (ring.busy)
		return;
	ring.busy = true;
	extend(text, count, counts);
	ring.busy = false;
}

void kmsg_end_line(const char *text, size_t count, u64 counts)
{
	if (ring.busy)
		return;
	ring.busy = true;
	if (!ring.open_length && count <= KMSG_LINE) {
		append(KMSG_KERNEL, text, (u32)count, counts); /* no need to copy it twice */
	} else {
		extend(text, count, counts);
		append_open_line(counts);
	}
	ring.busy = false;
}

void kmsg_add(u32 priority, const char *text, size_t count, u64 counts)
{
	if (ring.busy)
		return;
	ring.busy = true;
	append(priority, text, (u32)min(count, (size_t)KMSG_LINE), counts);
	ring.busy = false;
}

u64 kmsg_first(void)
{
	return ring.oldest.number;
}

u64 kmsg_next(void)
{
	return ring.next.number;
}

bool kmsg_find(u64 number, struct kmsg_record *record)
{
	struct place place = ring.oldest;
	struct head head;

	if (number >= ring.next.number)
		return false;
	if (ring.found.number >= place.number && ring.found.number <= number)
		place = ring.found;
	while (place.number < number)
		place = after(place);
	ring.found = place;
	head = head_of(place);
	record->number = place.number;
	record->counts = head.counts;
	record->priority = head.priority;
	record->length = head.length;
	get(place.at + sizeof(head), record->text, head.length);
	return true;
}

u32 kmsg_open_line(const char **text)
{
	*text = ring.open;
	return ring.open_length;
}

size_t kmsg_lost(void)
{
	return ring.lost;
}
