/* SPDX-License-Identifier: MIT */
/*
 * Copies between kernel and user memory: for any address they return the number of bytes not
 * copied, and never panic.
 */
#include "kernel/cpu/uaccess.h"
#include "kernel/task/task.h"
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "mm/slab/slab.h"
#include "mm/mman/mman.h"
#include "tests/kernel/user_space.h"

#define BASE	 0x30000000u
#define AT(page) (BASE + (page)*PAGE_SIZE)

/* The end of three mapped pages; nothing is mapped after them. */
#define END AT(3)

static struct mm_struct *three_pages(void)
{
	struct mm_struct *mm = user_enter();

	EXPECT_EQ(map_anonymous(mm, AT(0), 3, PROT_RW), AT(0));
	return mm;
}

static void ranges(void)
{
	EXPECT(access_ok(0, 0));
	EXPECT(access_ok(0, TASK_SIZE));
	EXPECT(access_ok(TASK_SIZE - 1, 1));
	EXPECT(access_ok(TASK_SIZE, 0));
	EXPECT(!access_ok(TASK_SIZE - 1, 2));
	EXPECT(!access_ok(TASK_SIZE, 1));
	EXPECT(!access_ok(1, TASK_SIZE));
	EXPECT(!access_ok(0, TASK_SIZE + 1));
	EXPECT(!access_ok(0xffffffffu, 1));
	EXPECT(!access_ok(0xfffff000u, 0x2000));
	EXPECT(!access_ok(4, 0xffffffffu));
}

/*
 * Every length and alignment is copied whole, over page boundaries too, and no byte beside it
 * changes.
 */
static void copies(void)
{
	struct mm_struct *mm = three_pages();
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
	EXPECT_EQ(wrong, 0);
	user_leave(mm);
}

/* The faults of the copies allocate the pages. */
static void pages_come(void)
{
	struct mm_struct *mm = three_pages();
	char *buffer = kzalloc(3 * PAGE_SIZE, GFP_KERNEL);

	EXPECT(buffer);

	EXPECT_EQ(mm->rss, 0);
	EXPECT_EQ(copy_from_user(buffer, AT(0), 3 * PAGE_SIZE), 0);
	EXPECT_EQ(mm->rss, 0);
	memset(buffer, 0x42, 3 * PAGE_SIZE);
	EXPECT_EQ(copy_to_user(AT(0), buffer, 3 * PAGE_SIZE), 0);
	EXPECT_EQ(mm->rss, 3);
	memset(buffer, 0, 3 * PAGE_SIZE);
	EXPECT_EQ(copy_from_user(buffer, AT(0), 3 * PAGE_SIZE), 0);
	EXPECT(buffer[0] == 0x42 && buffer[3 * PAGE_SIZE - 1] == 0x42);
	kfree(buffer);
	user_leave(mm);
}

/* Addresses that no program may use: nothing is copied, and the buffer of a read is cleared. */
static void bad_addresses(void)
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
	struct mm_struct *mm = three_pages();

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		u32 words[2] = { 0x11111111, 0x22222222 }, value = 7;

		EXPECT_EQ(copy_to_user(bad[i], words, 8), 8);
		EXPECT_EQ(copy_from_user(words, bad[i], 8), 8);
		EXPECT(!words[0] && !words[1]);
		EXPECT_EQ((u32)put_user(1, bad[i]), (u32)-EFAULT);
		EXPECT_EQ((u32)get_user(&value, bad[i]), (u32)-EFAULT);
	}
	EXPECT_EQ(mm->rss, 0);
	user_leave(mm);
}

/* The copy reaches an unmapped page: the bytes before it are copied, the rest is counted. */
static void crossing(void)
{
	struct mm_struct *mm = three_pages();
	char *buffer = kmalloc(2 * PAGE_SIZE, GFP_KERNEL);

	EXPECT(buffer);

	for (u32 inside = 0; inside <= 64; inside++) {
		memset(buffer, 0x33, 128);
		EXPECT_EQ(copy_to_user(END - inside, buffer, 128), 128 - inside);
		memset(buffer, 0x44, 128);
		EXPECT_EQ(copy_from_user(buffer, END - inside, 128), 128 - inside);
		EXPECT(!inside || (buffer[0] == 0x33 && buffer[inside - 1] == 0x33));
		EXPECT(!buffer[inside] && !buffer[127]);
	}
	EXPECT_EQ(copy_to_user(END - PAGE_SIZE, buffer, 2 * PAGE_SIZE), PAGE_SIZE);
	EXPECT_EQ(copy_from_user(buffer, TASK_SIZE - 4, 8), 8);
	kfree(buffer);
	user_leave(mm);
}

/* The user's rights count, not ring 0's. */
static void rights(void)
{
	struct mm_struct *mm = three_pages();
	u32 value = 0x600d;

	EXPECT(user_write(AT(0), 1) && user_write(AT(1), 2));
	do_mprotect(mm, AT(0), PAGE_SIZE, PROT_READ);
	do_mprotect(mm, AT(1), PAGE_SIZE, PROT_NONE);
	EXPECT_EQ(copy_to_user(AT(0), &value, 4), 4);
	EXPECT_EQ(user_word(AT(0)), 1);
	EXPECT_EQ(copy_to_user(AT(1), &value, 4), 4);
	EXPECT_EQ(copy_from_user(&value, AT(1), 4), 4);
	EXPECT_EQ(value, 0);
	EXPECT_EQ(copy_to_user(AT(1) - 4, "12345678", 8), 8);
	user_leave(mm);
}

static void put_string(vaddr_t place, const char *text, u32 bytes)
{
	EXPECT_EQ(copy_to_user(place, text, bytes), 0);
}

/*
 * A string may end directly before an unmapped page; one that does not end is truncated or an
 * error.
 */
static void strings(void)
{
	struct mm_struct *mm = three_pages();
	char to[32];

	put_string(AT(0), "hello", 6);
	EXPECT_EQ((u32)strncpy_from_user(to, AT(0), sizeof(to)), 5);
	EXPECT(!strcmp(to, "hello"));
	EXPECT_EQ((u32)strncpy_from_user(to, AT(0) + 5, sizeof(to)), 0);
	EXPECT_EQ((u32)strncpy_from_user(to, AT(0), 5), 5);
	EXPECT_EQ((u32)strncpy_from_user(to, AT(0), 0), 0);
	put_string(AT(1) - 3, "crosses", 8);
	EXPECT_EQ((u32)strncpy_from_user(to, AT(1) - 3, sizeof(to)), 7);
	EXPECT(!strcmp(to, "crosses"));
	put_string(END - 4, "end", 4);
	EXPECT_EQ((u32)strncpy_from_user(to, END - 4, sizeof(to)), 3);
	EXPECT(!strcmp(to, "end"));
	/* All lengths and places in a word, before the unmapped page and away from it. */
	for (u32 length = 0; length < 14; length++) {
		for (u32 at = 0; at < 4; at++) {
			vaddr_t end = at ? AT(1) + 40 + at : END;

			put_string(end - length - 1, "thirteen-long" + 13 - length, length + 1);
			EXPECT_EQ((u32)strncpy_from_user(to, end - length - 1, 16), length);
			EXPECT(!strcmp(to, "thirteen-long" + 13 - length));
		}
	}
	put_string(END - 4, "runs", 4);
	EXPECT_EQ((u32)strncpy_from_user(to, END - 4, sizeof(to)), (u32)-EFAULT);
	EXPECT_EQ((u32)strncpy_from_user(to, END - 4, 4), 4);
	EXPECT_EQ((u32)strncpy_from_user(to, END, sizeof(to)), (u32)-EFAULT);
	EXPECT_EQ((u32)strncpy_from_user(to, 0, sizeof(to)), (u32)-EFAULT);
	EXPECT_EQ((u32)strncpy_from_user(to, TASK_SIZE, sizeof(to)), (u32)-EFAULT);
	EXPECT_EQ((u32)strncpy_from_user(to, PAGE_OFFSET + MiB(1), 8), (u32)-EFAULT);
	EXPECT_EQ((u32)strncpy_from_user(to, 0xfffffffeu, sizeof(to)), (u32)-EFAULT);
	map_anonymous(mm, TASK_SIZE - PAGE_SIZE, 1, PROT_RW);
	put_string(TASK_SIZE - 4, "last", 4);
	EXPECT_EQ((u32)strncpy_from_user(to, TASK_SIZE - 4, sizeof(to)), (u32)-EFAULT);
	user_leave(mm);
}

/* A task without an address space has no user memory. */
static void no_address_space(void)
{
	u32 value = 5;

	EXPECT(!current->mm);
	EXPECT_EQ(copy_to_user(AT(0), &value, 4), 4);
	EXPECT_EQ(copy_from_user(&value, AT(0), 4), 4);
	EXPECT_EQ(value, 0);
}

static const struct test_case cases[] = {
	{ "ranges", ranges },	      { "copies", copies },
	{ "pages_come", pages_come }, { "bad_addresses", bad_addresses },
	{ "crossing", crossing },     { "rights", rights },
	{ "strings", strings },	      { "no_address_space", no_address_space },
};

TEST_SUITE(uaccess, cases);
