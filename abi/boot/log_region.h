/* SPDX-License-Identifier: MIT */
/*
 * The log that survives a warm reset: the loader reserves a region of RAM, the kernel writes to
 * it, and the loader of the next boot reads it. This is its format.
 *
 *     | header | part 0: the beginning of the log ......... | part 1 | part 2 |
 *                                                            <-- tail --><tail>
 *     part   = struct log_part, then records up to the first that is invalid or does not fit
 *     record = struct log_record, its text, padding to a multiple of 4
 *
 *  (1) Part 0 is written once. When it is full, parts 1 and 2 are overwritten in turn: so the
 *      beginning and the end of a log of any length are kept.
 *  (2) The sums of a part and of a record cover their run and their offset. So remains of an
 *      earlier run, or random memory, are not mistaken for them.
 *  (3) The text of a record grows first, its length and sum follow. Whenever the machine stops,
 *      all records but the last one are valid.
 *
 * The sum of a record is the CRC-32 of run, turn, place (offset in the region), then of its text,
 * then of its length. So a growing record needs no second pass over its text.
 */
#ifndef ABI_BOOT_LOG_REGION_H
#define ABI_BOOT_LOG_REGION_H

#include <stddef.h>
#include <stdint.h>

#define LOG_REGION_SIZE 0x80000u /* bytes */
#define LOG_REGION_TAIL 0x10000u /* each of the parts 1 and 2, bytes */

#define LOG_MAGIC      0x676f4c50u /* "PLog" in memory */
#define LOG_VERSION    2u
#define LOG_PART_MAGIC 0x74726150u /* "Part" in memory */
#define LOG_PARTS      3u
#define LOG_RECORD_MAX 256u /* bytes of text */

struct log_header {
	uint32_t magic; /* LOG_MAGIC; 0: the log was read */
	uint32_t version;
	uint32_t size; /* of the region, bytes */
	uint32_t tail; /* of each of the parts 1 and 2, bytes */
	uint32_t run;  /* unique number of the run */
	uint32_t sum;  /* CRC-32 of the fields above */
	uint32_t step; /* log_step_mark() of the last boot step before there are records */
};

struct log_part {
	uint32_t magic; /* LOG_PART_MAGIC */
	uint32_t run;
	uint32_t turn; /* 0 for part 0; then 1, 2, ... alternating between parts 1 and 2 */
	uint32_t sum;  /* CRC-32 of the fields above */
};

struct log_record {
	uint32_t length; /* of the text that follows, bytes: 1 .. LOG_RECORD_MAX */
	uint32_t sum;
};

/* The sum of a record begins with these. */
struct log_seed {
	uint32_t run, turn, place;
};

_Static_assert(sizeof(struct log_header) == 28 && sizeof(struct log_part) == 16 &&
		       sizeof(struct log_record) == 8,
	       "the log differs between the builds");

/* Encodes a step so that random memory does not look like one. */
static inline uint32_t log_step_mark(uint32_t step)
{
	return step << 16 | (~step & 0xffff);
}

/* The step; 0: none. */
static inline uint32_t log_step(const struct log_header *header)
{
	return log_step_mark(header->step >> 16) == header->step ? header->step >> 16 : 0;
}

/* The start of part 0, 1 or 2; for 3 the end of the last one. In bytes from the region's start. */
static inline uint32_t log_part_place(const struct log_header *header, uint32_t part)
{
	return part == 0 ? (uint32_t)sizeof(*header)
			 : header->size - (LOG_PARTS - part) * header->tail;
}

/* The part that this turn writes to. */
static inline uint32_t log_turn_part(uint32_t turn)
{
	return turn == 0 ? 0 : 2 - turn % 2;
}

#endif
