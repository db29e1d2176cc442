/* SPDX-License-Identifier: MIT */
/*
 * Programs as people write them, with a quarter more data than memory. Each returns a checksum,
 * the same on every kernel.
 */
#include "tests/league/league.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)

static u32 seed;

/* Numerical Recipes' generator: what it makes does not matter much. */
static u32 next_random(void)
{
	return seed = seed * 1664525u + 1013904223u;
}

static u32 area_pages(u32 memory)
{
	return memory + memory / 4;
}

/* --- sort: quicksort of records --- */

struct record {
	u32 key, data[15];
};

static void swap_records(struct record *a, struct record *b)
{
	struct record c = *a;

	*a = *b;
	*b = c;
}

/* Hoare's partition; the shorter part by recursion, so the stack stays small. */
static void quicksort(struct record *first, struct record *last)
{
	while (first < last) {
		struct record *i = first - 1, *j = last + 1;
		u32 pivot = first[(last - first) / 2].key;

		for (;;) {
			do
				i++;
			while (i->key < pivot);
			do
				j--;
			while (j->key > pivot);
			if (i >= j)
				break;
			swap_records(i, j);
		}
		if (j - first < last - j) {
			quicksort(first, j);
			first = j + 1;
		} else {
			quicksort(j + 1, last);
			last = j;
		}
	}
}

static u32 sort(u32 memory)
{
	u32 pages = area_pages(memory), count = pages * (PAGE_SIZE / sizeof(struct record));
	struct record *records = (struct record *)memory_map(pages, READ_WRITE);
	u32 sum = 0;

	for (u32 i = 0; i < count; i++)
		records[i].key = records[i].data[0] = next_random();
	quicksort(records, records + count - 1);
	for (u32 i = 0; i < count; i++) {
		if ((i && records[i - 1].key > records[i].key) ||
		    records[i].key != records[i].data[0])
			return 0;
		sum = sum * 31 + records[i].key;
	}
	memory_unmap(records, pages);
	return sum;
}

/* --- matrix: four rows of a product, in the order of the definition --- */

static u32 root(u32 n)
{
	u32 r = 0;

	while ((u64)(r + 1) * (r + 1) <= n)
		r++;
	return r;
}

/* Down each column of B: one word of each row, that is, of each few pages. */
static u32 matrix(u32 memory)
{
	enum { ROWS = 4 };
	u32 pages = area_pages(memory), n = root(pages * (PAGE_SIZE / 4)) - ROWS;
	u32 *a = (u32 *)memory_map(pages + 1, READ_WRITE), *b = a + ROWS * n;
	u32 check = 0;

	for (u32 i = 0; i < ROWS * n + n * n; i++)
		a[i] = next_random() >> 16;
	for (u32 i = 0; i < ROWS; i++)
		for (u32 j = 0; j < n; j++) {
			u32 sum = 0;

			for (u32 k = 0; k < n; k++)
				sum += a[i * n + k] * b[k * n + j];
			check = check * 31 + sum;
		}
	memory_unmap(a, pages + 1);
	return check;
}

/* --- hash: a table with linear probing; some keys are looked up more often --- */

struct entry {
	u32 key, value;
};

static struct entry *find(struct entry *table, u32 size, u32 key)
{
	u32 at = (u32)((u64)(key * 0x9e3779b1u) * size >> 32);

	while (table[at].key && table[at].key != key)
		at = at + 1 == size ? 0 : at + 1;
	return &table[at];
}

static u32 hash(u32 memory)
{
	u32 pages = area_pages(memory), size = pages * (PAGE_SIZE / sizeof(struct entry));
	struct entry *table = (struct entry *)memory_map(pages, READ_WRITE);
	u32 count = memory * 4, check = 0;

	for (u32 i = 1; i <= count; i++)
		*find(table, size, i) = (struct entry){ i, next_random() };
	for (u32 i = 0; i < count; i++) {
		/* The product of two numbers: small keys are frequent. */
		u32 key =
			1 + (u32)((u64)(next_random() >> 16) * (next_random() >> 16) * count >> 32);

		check = check * 31 + find(table, size, key)->value;
	}
	memory_unmap(table, pages);
	return check;
}

/* --- family: children change their copies of the parent's pages, by turns --- */

enum { CHILDREN = 4, TURNS = 4 };

/* What the children share. */
struct family_table {
	u32 turns; /* that ended, of all children */
	u32 sums[CHILDREN];
};

struct family {
	u32 *area, pages, number;
	struct family_table *table;
};

static u32 sum_of(const struct family *family)
{
	u32 sum = 0;

	for (u32 page = 0; page < family->pages; page++)
		sum = sum * 31 + family->area[page * (PAGE_SIZE / 4)];
	return sum;
}

static void child(void *argument)
{
	const struct family *family = argument;
	u32 part = family->pages / 2 / TURNS;

	for (u32 turn = 0; turn < TURNS; turn++) {
		for (u32 page = turn * part; page < (turn + 1) * part; page++)
			family->area[page * (PAGE_SIZE / 4)] += turn;
		/* All are there until the end, each with pages of its own. */
		__atomic_fetch_add(&family->table->turns, 1, __ATOMIC_SEQ_CST);
		while (__atomic_load_n(&family->table->turns, __ATOMIC_SEQ_CST) <
		       (turn + 1) * CHILDREN)
			sys_sched_yield();
	}
	family->table->sums[family->number] = sum_of(family);
}

static u32 family(u32 memory)
{
	struct family family = { .pages = memory / 2 };
	int pids[CHILDREN];
	u32 check;

	family.table = (struct family_table *)sys_mmap2(0, PAGE_SIZE, READ_WRITE,
							MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	family.area = (u32 *)memory_map(family.pages, READ_WRITE);
	for (u32 page = 0; page < family.pages; page++)
		family.area[page * (PAGE_SIZE / 4)] = next_random();
	for (u32 i = 0; i < CHILDREN; i++) {
		family.number = i;
		pids[i] = process_start(child, &family);
	}
	for (u32 i = 0; i < CHILDREN; i++)
		EXPECT_EQ(process_wait(pids[i]), EXITED(0));
	check = sum_of(&family);
	for (u32 i = 0; i < CHILDREN; i++)
		check = check * 31 + family.table->sums[i];
	memory_unmap(family.area, family.pages);
	memory_unmap(family.table, 1);
	return check;
}

const struct program programs[] = {
	{ "sort", sort },     { "matrix", matrix }, { "hash", hash },
	{ "family", family }, { NULL, NULL },
};
