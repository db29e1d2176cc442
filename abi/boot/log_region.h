/* SPDX-License-Identifier: MIT */
/*
 * The log that outlives the run: a region of RAM that the loader sets aside, the kernel writes to, and the loader of the
 * next boot reads after a warm reset. This is the form of it.
 *
 *     | header | part 0: the beginning of the log ......... | part 1 | part 2 |
 *                                                            <-- tail --><tail>
 *     part   = struct log_part, records up to the first that does not fit or is not sound (and no sound one follows)
 *     record = struct log_record, its text, up to 3 bytes so that the next begins at a multiple of 4
 *
 *  1. Part 0 is written once. When it is full the parts 1 and 2 are written in turns, the older of them over again: the
 *     beginning and the end of a log are kept, whatever its length.
 *  2. A part and a record say in their sums which run they belong to, and where they lie. So what an earlier run, or nobody,
 *     left in the memory is not taken for theirs.
 *  3. A record grows by its text first, and by its length and sum after that: whenever the machine stops, all records but at
 *     most the last are sound.
 *
 * The sum of a record is the CRC-32 of run, turn, place (offset in the region) and length 0, continued over its text, and
 * closed with the length: the one that grows needs no second look at what it has.
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
	uint32_t magic; /* LOG_MAGIC; 0: what was here was read */
	uint32_t version;
	uint32_t size; /* of the region, bytes */
	uint32_t tail; /* of each of the parts 1 and 2, bytes */
	uint32_t run;  /* no other run has it */
	uint32_t sum;  /* CRC-32 of the fields before */
	uint32_t
		step; /* log_step_mark(): where the start stands (abi/boot/boot_step.h) before there are records */
};

struct log_part {
	uint32_t magic; /* LOG_PART_MAGIC */
	uint32_t run;
	uint32_t turn; /* part 0: 0; then 1, 2, ... through the parts 1 and 2 */
	uint32_t sum;  /* CRC-32 of the fields before */
};

struct log_record {
	uint32_t length; /* of the text that follows, bytes: 1 .. LOG_RECORD_MAX */
	uint32_t sum;
};

/* What the sum of a record begins with. */
struct log_seed {
	uint32_t run, turn, place;
};

_Static_assert(sizeof(struct log_header) == 28 && sizeof(struct log_part) == 16 &&
		       sizeof(struct log_record) == 8,
	       "the log differs between the builds");

/* A step in a form that memory does not have by chance. */
static inline uint32_t log_step_mark(uint32_t step)
{
	return step << 16 | (~step & 0xffff);
}

/* The step; 0: there is none. */
static inline uint32_t log_step(const struct log_header *header)
{
	return log_step_mark(header->step >> 16) == header->step ? header->step >> 16 : 0;
}

/* Where part 0, 1 or 2 begins; for 3, where the last one ends. Bytes from the start of the region. */
static inline uint32_t log_part_place(const struct log_header *header, uint32_t part)
{
	return part == 0 ? (uint32_t)sizeof(*header)
			 : header->size - (LOG_PARTS - part) * header->tail;
}

/* The part that a turn writes to. */
static inline uint32_t log_turn_part(uint32_t turn)
{
	return turn == 0 ? 0 : 2 - turn % 2;
}

#endif
