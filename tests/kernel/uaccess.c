/* SPDX-License-Identifier: MIT */
/*
 * Copies between kernel and user memory: whatever the address, the answer is a count of the bytes
 * that are left, and never a panic.
 */
#include "kernel/cpu/uaccess.h"
#include "kernel/process/task.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab/slab.h"
#include "tests/kernel/user_space.h"

#define BASE	 0x30000000u
#define AT(page) (BASE + (page)*PAGE_SIZE)

/* The end of three pages that are mapped; behind them nothing is. */
#define END AT(3)

static struct mm_struct *three_pages(struct test *test)
{
	struct mm_struct *mm = user_enter(test);

	EXPECT_EQ(test, map_anonymous(mm, AT(0), 3, PROT_RW), AT(0));
	return mm;
}

static void ranges(struct test *test)
{
	EXPECT(test, access_ok(0, 0));
	EXPECT(test, access_ok(0, TASK_SIZE));
	EXPECT(test, access_ok(TASK_SIZE - 1, 1));
	EXPECT(test, access_ok(TASK_SIZE, 0));
	EXPECT(test, !access_ok(TASK_SIZE - 1, 2));
	EXPECT(test, !access_ok(TASK_SIZE, 1));
	EXPECT(test, !access_ok(1, TASK_SIZE));
	EXPECT(test, !access_ok(0, TASK_SIZE + 1));
	EXPECT(test, !access_ok(0xffffffffu, 1));
	EXPECT(test, !access_ok(0xfffff000u, 0x2000));
	EXPECT(test, !access_ok(4, 0xffffffffu));
}

/*
 * Every length and alignment arrives whole, over page boundaries too, and nothing beside it is
 * touched.
 */
static void copies(struct test *test)
{
	struct mm_struct *mm = three_pages(test);
	u8 out[40], in[40];
	u32 wrong = 0;

	for (u32 i = 0; i < sizeof(out); i++)
		out[i] = (u8)(i + 1);
	for (u32 shift = 0; shift < 8; shift++) {
		for (u32 bytes = 0; bytes <= 32; bytes++) {
			vaddr_t place = AT(1) - 16 + shift;

			memset(in, 0, sizeof(in));
			wrong += copy_to_user(place - 1, in, bytes + 2) != 0;
			wrong += copy_to_user(place, out, bytes) != 0;
			wrong += copy_from_user(in, place - 1, bytes + 2) != 0;
			wrong +=
				in[0] != 0 || in[bytes + 1] != 0 || memcmp(in + 1, out, bytes) != 0;
		}
	}
	EXPECT_EQ(test, wrong, 0);
	user_leave(test, mm);
}

/* Pages come by the faults that the copies take. */
static void pages_come(struct test *test)
{
	struct mm_struct *mm = three_pages(test);
	char *buffer = kzalloc(3 * PAGE_SIZE, GFP_KERNEL);

	EXPECT(test, buffer);

	EXPECT_EQ(test, mm->rss, 0);
	EXPECT_EQ(test, copy_from_user(buffer, AT(0), 3 * PAGE_SIZE), 0);
	EXPECT_EQ(test, mm->rss, 0);
	memset(buffer, 0x42, 3 * PAGE_SIZE);
	EXPECT_EQ(test, copy_to_user(AT(0), buffer, 3 * PAGE_SIZE), 0);
	EXPECT_EQ(test, mm->rss, 3);
	memset(buffer, 0, 3 * PAGE_SIZE);
	EXPECT_EQ(test, copy_from_user(buffer, AT(0), 3 * PAGE_SIZE), 0);
	EXPECT(test, buffer[0] == 0x42 && buffer[3 * PAGE_SIZE - 1] == 0x42);
	kfree(buffer);
	user_leave(test, mm);
}

/* Addresses that no program may use: nothing is copied, and the buffer of a read is cleared. */
static void bad_addresses(struct test *test)
{
	static const vaddr_t bad[] = { 0,
				       4,
				       USER_MIN - 4,
				       AT(0) - 64,
				       END,
				       TASK_SIZE - 8,
				       TASK_SIZE,
				       PAGE_OFFSET + MiB(1),
				       0xfffff000u,
				       0xfffffff8u,
				       AT(0) + 0x80000000u };
	struct mm_struct *mm = three_pages(test);

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		u32 words[2] = { 0x11111111, 0x22222222 }, value = 7;

		EXPECT_EQ(test, copy_to_user(bad[i], words, 8), 8);
		EXPECT_EQ(test, copy_from_user(words, bad[i], 8), 8);
		EXPECT(test, !words[0] && !words[1]);
		EXPECT_EQ(test, (u32)put_user(1, bad[i]), (u32)-EFAULT);
		EXPECT_EQ(test, (u32)get_user(&value, bad[i]), (u32)-EFAULT);
	}
	EXPECT_EQ(test, mm->rss, 0);
	user_leave(test, mm);
}

/* The copy runs into a page that is not there: what fits is copied, the rest is counted. */
static void crossing(struct test *test)
{
	struct mm_struct *mm = three_pages(test);
	char *buffer = kmalloc(2 * PAGE_SIZE, GFP_KERNEL);

	EXPECT(test, buffer);

	for (u32 inside = 0; inside <= 64; inside++) {
		memset(buffer, 0x33, 128);
		EXPECT_EQ(test, copy_to_user(END - inside, buffer, 128), 128 - inside);
		memset(buffer, 0x44, 128);
		EXPECT_EQ(test, copy_from_user(buffer, END - inside, 128), 128 - inside);
		EXPECT(test, !inside || (buffer[0] == 0x33 && buffer[inside - 1] == 0x33));
		EXPECT(test, !buffer[inside] && !buffer[127]);
	}
	EXPECT_EQ(test, copy_to_user(END - PAGE_SIZE, buffer, 2 * PAGE_SIZE), PAGE_SIZE);
	EXPECT_EQ(test, copy_from_user(buffer, TASK_SIZE - 4, 8), 8);
	kfree(buffer);
	user_leave(test, mm);
}

/* The rights of the page count, not ring 0's. */
static void rights(struct test *test)
{
	struct mm_struct *mm = three_pages(test);
	u32 value = 0x600d;

	EXPECT(test, user_write(AT(0), 1) && user_write(AT(1), 2));
	do_mprotect(mm, AT(0), PAGE_SIZE, PROT_READ);
	do_mprotect(mm, AT(1), PAGE_SIZE, PROT_NONE);
	EXPECT_EQ(test, copy_to_user(AT(0), &value, 4), 4);
	EXPECT_EQ(test, user_word(test, AT(0)), 1);
	EXPECT_EQ(test, copy_to_user(AT(1), &value, 4), 4);
	EXPECT_EQ(test, copy_from_user(&value, AT(1), 4), 4);
	EXPECT_EQ(test, value, 0);
	EXPECT_EQ(test, copy_to_user(AT(1) - 4, "12345678", 8), 8);
	user_leave(test, mm);
}

static void put_string(struct test *test, vaddr_t place, const char *text, u32 bytes)
{
	EXPECT_EQ(test, copy_to_user(place, text, bytes), 0);
}

/*
 * A string may end directly before a page that is not there; one that does not end is cut or is an
 * error.
 */
static void strings(struct test *test)
{
	struct mm_struct *mm = three_pages(test);
	char to[32];

	put_string(test, AT(0), "hello", 6);
	EXPECT_EQ(test, (u32)strncpy_from_user(to, AT(0), sizeof(to)), 5);
	EXPECT(test, !strcmp(to, "hello"));
	EXPECT_EQ(test, (u32)strncpy_from_user(to, AT(0) + 5, sizeof(to)), 0);
	EXPECT_EQ(test, (u32)strncpy_from_user(to, AT(0), 5), 5);
	EXPECT_EQ(test, (u32)strncpy_from_user(to, AT(0), 0), 0);
	put_string(test, AT(1) - 3, "crosses", 8);
	EXPECT_EQ(test, (u32)strncpy_from_user(to, AT(1) - 3, sizeof(to)), 7);
	EXPECT(test, !strcmp(to, "crosses"));
	put_string(test, END - 4, "end", 4);
	EXPECT_EQ(test, (u32)strncpy_from_user(to, END - 4, sizeof(to)), 3);
	EXPECT(test, !strcmp(to, "end"));
	put_string(test, END - 4, "runs", 4);
	EXPECT_EQ(test, (u32)strncpy_from_user(to, END - 4, sizeof(to)), (u32)-EFAULT);
	EXPECT_EQ(test, (u32)strncpy_from_user(to, END - 4, 4), 4);
	EXPECT_EQ(test, (u32)strncpy_from_user(to, END, sizeof(to)), (u32)-EFAULT);
	EXPECT_EQ(test, (u32)strncpy_from_user(to, 0, sizeof(to)), (u32)-EFAULT);
	EXPECT_EQ(test, (u32)strncpy_from_user(to, TASK_SIZE, sizeof(to)), (u32)-EFAULT);
	EXPECT_EQ(test, (u32)strncpy_from_user(to, PAGE_OFFSET + MiB(1), 8), (u32)-EFAULT);
	EXPECT_EQ(test, (u32)strncpy_from_user(to, 0xfffffffeu, sizeof(to)), (u32)-EFAULT);
	map_anonymous(mm, TASK_SIZE - PAGE_SIZE, 1, PROT_RW);
	put_string(test, TASK_SIZE - 4, "last", 4);
	EXPECT_EQ(test, (u32)strncpy_from_user(to, TASK_SIZE - 4, sizeof(to)), (u32)-EFAULT);
	user_leave(test, mm);
}

/* A task without an address space has no user memory. */
static void no_address_space(struct test *test)
{
	u32 value = 5;

	EXPECT(test, !current->mm);
	EXPECT_EQ(test, copy_to_user(AT(0), &value, 4), 4);
	EXPECT_EQ(test, copy_from_user(&value, AT(0), 4), 4);
	EXPECT_EQ(test, value, 0);
}

static const struct test_case cases[] = {
	{ "ranges", ranges },	      { "copies", copies },
	{ "pages_come", pages_come }, { "bad_addresses", bad_addresses },
	{ "crossing", crossing },     { "rights", rights },
	{ "strings", strings },	      { "no_address_space", no_address_space },
};

TEST_SUITE(uaccess, cases);
