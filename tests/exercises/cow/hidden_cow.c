/* SPDX-License-Identifier: MIT */
/* Hidden cases of the exercise cow: what a first solution may forget. */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)

static u8 *pages;

static void write_all(void *argument)
{
	for (u32 i = 0; i < 64; i++)
		memory_write(pages + i * PAGE_SIZE, *(u8 *)argument);
	for (u32 i = 0; i < 64; i++)
		EXPECT_EQ(memory_read(pages + i * PAGE_SIZE), *(u8 *)argument);
}

/* Bytes of a page that the writer did not write are copied too. */
static void the_rest_of_the_page(void)
{
	u8 value = 9;

	memory_fill(pages, 64, 7);
	EXPECT_CHILD(write_all, &value, EXITED(0));
	EXPECT(memory_check(pages, 64, 7));
}

/* The zero page is shared by all: a write to it makes a page of zeros. */
static void a_page_that_was_read(void)
{
	u8 *fresh = memory_map(2, READ_WRITE);

	EXPECT_EQ(memory_read(fresh) + memory_read(fresh + PAGE_SIZE), 0);
	memory_write(fresh + 1, 5);
	EXPECT_EQ(memory_read(fresh), 0);
	EXPECT_EQ(memory_read(fresh + PAGE_SIZE + 1), 0);
	EXPECT_EQ(memory_count_exclusive(fresh, 2), 1);
	memory_unmap(fresh, 2);
}

static void fork_and_write(void *argument)
{
	u8 value = 3;

	if (*(u32 *)argument) {
		(*(u32 *)argument)--;
		EXPECT_CHILD(fork_and_write, argument, EXITED(0));
	}
	write_all(&value);
}

/* A family of six; the pages are the first one's again when all others have ended. */
static void generations(void)
{
	u32 depth = 5;

	memory_fill(pages, 64, 8);
	EXPECT_CHILD(fork_and_write, &depth, EXITED(0));
	EXPECT(memory_check(pages, 64, 8));
	EXPECT_EQ(memory_count_exclusive(pages, 64), 64);
}

static const struct tap_case cases[] = {
	{ "the rest of the page is copied", the_rest_of_the_page },
	{ "a page that was only read", a_page_that_was_read },
	{ "six generations", generations },
};

int main(void)
{
	pages = memory_map(64, READ_WRITE);
	return tap_run(cases, ARRAY_SIZE(cases));
}
