/* SPDX-License-Identifier: MIT */
/*
 * Images, digests and the set of states. Numbers cite the invariants of tests/explore/explore.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/explore/states.h"

#define LINE  64u
#define PAGE  4096u
#define LINES (PAGE / LINE)

struct line {
	u32 number; /* counted from the first page that was ever written */
	char bytes[LINE];
};

struct image {
	u32 count;
	struct line lines[];
};

/* A page that was written: what it is now, at the start, and in the image that was entered. */
struct touched {
	char *memory, *start, *wanted;
};

static char *memory;
static size_t memory_bytes;
static struct touched *touched; /* in the order of the first writes */
static u32 touched_count;
static const struct image *composed; /* the image that `wanted` has */
static u32 composed_count;	     /* in so many pages */

static void *allocate(size_t count, size_t bytes)
{
	void *allocated = calloc(count, bytes);

	if (!allocated) {
		fprintf(stderr, "explore: no memory for the states; a smaller size needs less\n");
		exit(2);
	}
	return allocated;
}

void states_begin(char *start, size_t bytes)
{
	memory = start;
	memory_bytes = bytes;
	touched = allocate(bytes / PAGE, sizeof(*touched));
	if (mprotect(start, bytes, PROT_READ)) {
		perror("explore: mprotect");
		exit(2);
	}
}

bool states_first_write(const void *address)
{
	size_t offset = (size_t)((const char *)address - memory);
	struct touched *page;

	if ((const char *)address < memory || offset >= memory_bytes)
		return false;
	page = &touched[touched_count++];
	page->memory = memory + (offset & ~(size_t)(PAGE - 1));
	page->start = allocate(1, PAGE);
	memcpy(page->start, page->memory, PAGE);
	return !mprotect(page->memory, PAGE, PROT_READ | PROT_WRITE);
}

static bool line_differs(const struct touched *page, u32 line)
{
	return memcmp(page->memory + line * LINE, page->start + line * LINE, LINE);
}

struct image *image_take(void)
{
	u32 count = 0, next = 0;
	struct image *image;

	for (u32 i = 0; i < touched_count * LINES; i++)
		count += line_differs(&touched[i / LINES], i % LINES);
	image = allocate(1, sizeof(*image) + count * sizeof(struct line));
	image->count = count;
	for (u32 i = 0; next < count; i++) {
		const struct touched *page = &touched[i / LINES];

		if (!line_differs(page, i % LINES))
			continue;
		image->lines[next].number = i;
		memcpy(image->lines[next++].bytes, page->memory + i % LINES * LINE, LINE);
	}
	return image;
}

/* The pages of the image that was entered last, whole: most are entered many times. */
static void compose(const struct image *image)
{
	u32 next = 0;

	for (u32 i = 0; i < touched_count; i++) {
		struct touched *page = &touched[i];

		if (!page->wanted)
			page->wanted = allocate(1, PAGE);
		memcpy(page->wanted, page->start, PAGE);
		for (; image && next < image->count && image->lines[next].number / LINES == i;
		     next++)
			memcpy(page->wanted + image->lines[next].number % LINES * LINE,
			       image->lines[next].bytes, LINE);
	}
	composed = image;
	composed_count = touched_count;
}

void image_enter(const struct image *image)
{
	if (image != composed || touched_count != composed_count)
		compose(image);
	for (u32 i = 0; i < touched_count; i++)
		if (memcmp(touched[i].memory, touched[i].wanted, PAGE))
			memcpy(touched[i].memory, touched[i].wanted, PAGE);
}

void image_free(struct image *image)
{
	composed_count = 0; /* another one may get its address */
	free(image);
}

static struct digest digest;

void digest_begin(void)
{
	digest = (struct digest){ 0x243f6a8885a308d3ull, 0x13198a2e03707344ull };
}

/* The multipliers are odd numbers with bits all over; the shifts carry high bits down. */
void digest_put(u32 number)
{
	digest.low = (digest.low ^ number) * 0x9e3779b97f4a7c15ull;
	digest.low ^= digest.low >> 29;
	digest.high = (digest.high + number) * 0xd1342543de82ef95ull;
	digest.high ^= digest.high >> 31 ^ digest.low >> 7;
}

struct digest digest_end(void)
{
	return digest;
}

/* A table with open addresses; at most half of it is used. number 0: the place is empty. */
struct place {
	struct digest digest;
	u32 number; /* of the state, plus 1 */
};

static struct place *table;
static u32 table_size, table_used;

static struct place *find(struct digest wanted)
{
	u32 at = (u32)wanted.low & (table_size - 1);

	while (table[at].number &&
	       (table[at].digest.low != wanted.low || table[at].digest.high != wanted.high))
		at = (at + 1) & (table_size - 1);
	return &table[at];
}

static void grow(void)
{
	struct place *before = table;
	u32 size = table_size;

	table_size = size ? 2 * size : 1024;
	table = allocate(table_size, sizeof(*table));
	for (u32 i = 0; i < size; i++)
		if (before[i].number)
			*find(before[i].digest) = before[i];
	free(before);
}

u32 states_number(struct digest wanted, bool *known)
{
	struct place *place;

	if (2 * table_used >= table_size)
		grow();
	place = find(wanted);
	*known = place->number;
	if (!*known)
		*place = (struct place){ wanted, ++table_used };
	return place->number - 1;
}
