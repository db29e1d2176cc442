/* SPDX-License-Identifier: MIT */
/*
 * The loader's reader of the last run's log, on regions made by hand: headers, parts and records
 * at their bounds, damage, and the line that sums a run up.
 *
 * sources: efi/last_run/log_reader.c
 */
#include <stdlib.h>
#include <string.h>

#include "efi/last_run/log_reader.h"
#include "lib/crc32.h"
#include "tests/host/tap.h"

#define LEAST (16u + 8u + LOG_RECORD_MAX) /* of a tail */
#define SIZE  (8u * LEAST)
#define TAIL  LEAST
#define RUN   77u

static u8 region[SIZE] __aligned(8);
static char text[2 * SIZE];

static struct log_header *header(void)
{
	return (struct log_header *)region;
}

static void sign(void)
{
	header()->sum = crc32(0, header(), offsetof(struct log_header, sum));
}

static void begin(void)
{
	memset(region, 0xa5, sizeof(region));
	log_region_begin(region, SIZE, TAIL, RUN);
}

/* ---- Headers ---- */

static bool valid_with(u32 size, u32 tail, u32 available)
{
	begin();
	header()->size = size;
	header()->tail = tail;
	sign();
	return log_region_valid(region, available);
}

static void headers(void)
{
	begin();
	EXPECT_EQ(header()->step, 0);
	EXPECT(log_region_valid(region, SIZE));
	EXPECT(!log_region_valid(region, SIZE - 1));
	EXPECT(valid_with(SIZE, TAIL, SIZE));
	EXPECT(valid_with(SIZE, TAIL, SIZE + 1));
	EXPECT(!valid_with(SIZE, TAIL, SIZE - 4));
	EXPECT(!valid_with(SIZE - 2, TAIL, SIZE));
	EXPECT(!valid_with(SIZE, TAIL - 4, SIZE)); /* too small for a record */
	EXPECT(!valid_with(SIZE, TAIL + 2, SIZE));
	EXPECT(valid_with(SIZE, SIZE / 4, SIZE));
	EXPECT(!valid_with(SIZE, SIZE / 4 + 4, SIZE));
	EXPECT(!valid_with(SIZE, 0, SIZE));
}

static void damaged_headers(void)
{
	begin();
	header()->magic++;
	sign();
	EXPECT(!log_region_valid(region, SIZE));
	begin();
	header()->version++;
	sign();
	EXPECT(!log_region_valid(region, SIZE));
	begin();
	header()->sum++;
	EXPECT(!log_region_valid(region, SIZE));
	begin();
	header()->run++;
	EXPECT(!log_region_valid(region, SIZE));
	begin();
	header()->step++; /* has no sum */
	EXPECT(log_region_valid(region, SIZE));
	/* What lies in less than a header is not read: the sanitizers would see it. */
	for (u32 bytes = 0; bytes < sizeof(struct log_header); bytes++) {
		u8 *few = malloc(bytes + 1);

		memcpy(few, region, bytes);
		EXPECT(!log_region_valid(few, bytes));
		free(few);
	}
}

/* ---- Parts and records ---- */

static u32 make_part(u32 number, u32 turn, u32 run)
{
	u32 place = log_part_place(header(), number);
	struct log_part *part = (struct log_part *)(region + place);

	*part = (struct log_part){ .magic = LOG_PART_MAGIC, .run = run, .turn = turn };
	part->sum = crc32(0, part, offsetof(struct log_part, sum));
	return place + sizeof(*part);
}

/* A record of `length` times the letter. Returns the place behind it. */
static u32 make_record(u32 at, u32 turn, u32 length, char letter)
{
	struct log_record *record = (struct log_record *)(region + at);
	struct log_seed seed = { RUN, turn, at };
	u32 sum;

	memset(record + 1, letter, length);
	record->length = length;
	sum = crc32(crc32(0, &seed, sizeof(seed)), record + 1, length);
	record->sum = crc32(sum, &record->length, sizeof(record->length));
	return at + sizeof(*record) + ALIGN_UP(length, 4);
}

static const char *read_text(void)
{
	u32 bytes = log_region_text(region, text, sizeof(text) - 1);

	text[bytes] = '\0';
	return text;
}

static void records(void)
{
	u32 at;

	begin();
	EXPECT_TEXT(read_text(), "");
	at = make_part(0, 0, RUN);
	at = make_record(at, 0, 1, 'a');
	at = make_record(at, 0, 4, 'b');
	at = make_record(at, 0, 5, 'c');
	EXPECT_TEXT(read_text(), "abbbbccccc");
	EXPECT_EQ(log_region_text(region, text, 3), 3); /* no more than there is room for */
	EXPECT(!memcmp(text, "abb", 3));
	make_record(at, 0, 0, 'd');
	EXPECT_TEXT(read_text(), "abbbbccccc");
	make_record(at, 0, LOG_RECORD_MAX + 1, 'd');
	EXPECT_TEXT(read_text(), "abbbbccccc");
	make_record(at, 0, LOG_RECORD_MAX, 'd');
	EXPECT_EQ(strlen(read_text()), 10 + LOG_RECORD_MAX);
	make_record(at, 1, 3, 'd'); /* of another turn */
	EXPECT_TEXT(read_text(), "abbbbccccc");
}

/* A record that ends with its part is read; one that would pass the end is not. */
static void at_the_end(void)
{
	u32 at, end;

	begin();
	make_part(0, 0, RUN);
	at = make_part(1, 1, RUN);
	end = log_part_place(header(), 2);
	EXPECT_EQ(end - at, 8 + LOG_RECORD_MAX);
	make_record(at, 1, LOG_RECORD_MAX, 'x');
	EXPECT_EQ(strlen(read_text()), LOG_RECORD_MAX);
	at = make_record(at, 1, LOG_RECORD_MAX - 12, 'x');
	EXPECT_EQ(end - at, 12);
	make_record(at, 1, 4, 'y');
	EXPECT_EQ(strlen(read_text()), LOG_RECORD_MAX - 12 + 4);
	make_record(at, 1, 5, 'y');
	EXPECT_EQ(strlen(read_text()), LOG_RECORD_MAX - 12);
	at = make_record(log_part_place(header(), 1) + 16, 1, LOG_RECORD_MAX - 4, 'x');
	EXPECT_EQ(end - at, 4); /* no room for a record's head */
	EXPECT_EQ(strlen(read_text()), LOG_RECORD_MAX - 4);
	/* At the end of the region nothing behind it is read. */
	at = make_record(make_part(2, 2, RUN), 2, LOG_RECORD_MAX - 4, 'z');
	EXPECT_EQ(at, SIZE - 4);
	EXPECT_EQ(strlen(read_text()), 2 * (LOG_RECORD_MAX - 4));
	make_record(make_part(2, 2, RUN), 2, LOG_RECORD_MAX, 'z');
	EXPECT_EQ(strlen(read_text()), LOG_RECORD_MAX - 4 + LOG_RECORD_MAX);
}

static void damaged_records(void)
{
	u32 first, second, third;

	begin();
	first = make_part(0, 0, RUN);
	second = make_record(first, 0, 4, 'a');
	third = make_record(second, 0, 4, 'b');
	make_record(third, 0, 4, 'c');
	region[second + 8] ^= 1;
	EXPECT_TEXT(read_text(), "aaaa" LOG_DAMAGED "cccc");
	region[third + 8] ^= 1;
	EXPECT_TEXT(read_text(), "aaaa"); /* two in a row are the end */
	region[second + 8] ^= 1;
	EXPECT_TEXT(read_text(), "aaaabbbb");
	region[third + 8] ^= 1;
	region[first + 4] ^= 1; /* a sum */
	EXPECT_TEXT(read_text(), LOG_DAMAGED "bbbbcccc");
}

/* Parts in both orders of their turns, and of other runs. */
static void parts(void)
{
	begin();
	make_record(make_part(0, 0, RUN), 0, 1, 'a');
	make_record(make_part(1, 1, RUN), 1, 1, 'b');
	EXPECT_TEXT(read_text(), "ab");
	make_record(make_part(2, 2, RUN), 2, 1, 'c');
	EXPECT_TEXT(read_text(), "abc");
	make_record(make_part(1, 3, RUN), 3, 1, 'd');
	EXPECT(strstr(read_text(), "a\r\nlog: the middle is left out, 1 parts of 0 KiB\r\ncd"));
	make_record(make_part(2, 4, RUN), 4, 1, 'e');
	EXPECT(strstr(read_text(), "a\r\nlog: the middle is left out, 2 parts of 0 KiB\r\nde"));
	make_part(1, 3, RUN + 1);
	EXPECT(strstr(read_text(), "a\r\nlog: the middle is left out, 3 parts of 0 KiB\r\ne"));
	make_part(2, 5, RUN); /* a turn of the other part */
	EXPECT_TEXT(read_text(), "a");
	make_record(make_part(2, 2, RUN), 2, 1, 'c');
	EXPECT(strstr(read_text(), "a\r\nlog: the middle is left out, 1 parts of 0 KiB\r\nc"));
	region[log_part_place(header(), 0)] ^= 1;
	EXPECT(read_text()[0] == '\r');
	begin();
	make_record(make_part(1, 3, RUN), 3, 1, 'd');
	EXPECT(strstr(read_text(), "left out, 2 parts of 0 KiB\r\nd"));
}

/* ---- A run in one line ---- */

struct summary {
	const char *text, *line;
};

static const struct summary summaries[] = {
	{ "", "the log is empty" },
	{ "\r\n\n", "the log is empty" },
	{ "one", "one" },
	{ "one\ntwo\r\n", "two" },
	{ "one\ntwo\n\n\n", "two" },
	{ "verdict: result=pass\nlast\n", "verdict: result=pass" },
	{ "verdict: a\nKernel panic - not syncing: b\nc", "verdict: a" },
	{ "Kernel panic - not syncing: b\nc", "Kernel panic - not syncing: b" },
	{ "Kernel panic - not syncing: b\nverdict: a\nc", "verdict: a" },
	{ "verdict: a\nverdict: b\n", "verdict: b" },
	{ " verdict: a\nx", "x" },
	{ "verdict:\nx", "x" },
	{ "verdict: ", "verdict: " },
	{ "a\tb\x7f\x80 ~", "a?b?? ~" },
};

static void summed_up(void)
{
	char line[64], *copy;

	for (u32 i = 0; i < ARRAY_SIZE(summaries); i++) {
		u32 bytes = (u32)strlen(summaries[i].text);

		copy = malloc(bytes + 1);
		memcpy(copy, summaries[i].text, bytes);
		copy[bytes] = '\n'; /* not a part of it */
		log_summary(copy, bytes, line, sizeof(line));
		EXPECT_TEXT(line, summaries[i].line);
		free(copy);
	}
	log_summary("abcdef", 6, line, 4);
	EXPECT_TEXT(line, "abc");
	log_summary("abc", 3, line, 4);
	EXPECT_TEXT(line, "abc");
}

TAP_MAIN({ "headers", headers }, { "damaged headers", damaged_headers }, { "records", records },
	 { "at the end of a part", at_the_end }, { "damaged records", damaged_records },
	 { "parts", parts }, { "summed up", summed_up })
