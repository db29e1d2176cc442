/* SPDX-License-Identifier: MIT */
/*
 * Copies from and to ring 3, around their assembly: ranges at the end of user memory, what a fault
 * leaves, strings that may end before user memory does, and the table of instructions that fault.
 */
#include <string.h>

#include "kernel/cpu/trap.h"
#include "kernel/cpu/uaccess.h"
#include "tests/host/console.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wint-to-pointer-cast"
#include "kernel/cpu/uaccess.c"
#pragma GCC diagnostic pop

#include "tests/host/tap.h"

#define END 0xc0000000u /* of user memory */

static char last_page[8192]; /* the page up to END, and one behind it */
static u32 not_copied, copies;

/* Where an address lies in the array; other pointers are the kernel's. */
static void *place(const void *address)
{
	uintptr_t offset = (uintptr_t)address - (END - 4096);

	return offset < sizeof(last_page) ? last_page + offset : (void *)(uintptr_t)address;
}

u32 user_copy(void *to, const void *from, u32 bytes)
{
	copies++;
	memcpy(place(to), place(from), bytes - min(bytes, not_copied));
	return min(bytes, not_copied);
}

int user_string(char *to, const char *from, u32 size)
{
	u32 length = (u32)strnlen(place(from), size);

	EXPECT((uintptr_t)from + size <= END || !size);
	memcpy(to, place(from), min(length + 1, size));
	return (int)length;
}

static void begin(void)
{
	memset(last_page, 'x', sizeof(last_page));
	not_copied = copies = 0;
}

static void ranges(void)
{
	static const struct {
		vaddr_t address;
		u32 bytes;
		bool ok;
	} cases[] = {
		{ 0, 0, true },
		{ 0, END, true },
		{ 0, END + 1, false },
		{ 1, END, false },
		{ END, 0, true },
		{ END, 1, false },
		{ END - 1, 1, true },
		{ END - 1, 2, false },
		{ END + 1, 0, false },
		{ 0xffffffff, 1, false },
		{ 1, ~0u, false },
		{ 0x80000000, ~0u, false },
		{ 0xfffff000, 0x2000, false },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++)
		tap_check(access_ok(cases[i].address, cases[i].bytes) == cases[i].ok, __FILE__,
			  __LINE__, "case %u", i);
}

static void copies_of_words(void)
{
	u32 word = 0;
	char bytes[8];

	begin();
	EXPECT(!put_user(0x64636261, END - 4) && !memcmp(last_page + 4092, "abcd", 4));
	EXPECT(!get_user(&word, END - 4) && word == 0x64636261);
	EXPECT(put_user(1, END - 3) == -EFAULT && get_user(&word, END - 3) == -EFAULT);
	EXPECT(!word && copies == 2); /* cleared, without an access */
	/* What a fault leaves is cleared. */
	memset(bytes, 'y', sizeof(bytes));
	not_copied = 3;
	EXPECT_EQ(copy_from_user(bytes, END - 8, 8), 3);
	EXPECT(!memcmp(bytes, "xxxxa\0\0\0", 8));
	EXPECT_EQ(get_user(&word, END - 4), -EFAULT);
	EXPECT_EQ(put_user(1, END - 4), -EFAULT);
	EXPECT_EQ(copy_to_user(END - 2, bytes, 3), 3);
	memset(bytes, 'y', sizeof(bytes));
	EXPECT_EQ(copy_from_user(bytes, END - 2, 8), 8);
	EXPECT(!memcmp(bytes, "\0\0\0\0\0\0\0", 8));
}

static void strings(void)
{
	char text[32];

	begin();
	EXPECT_EQ(strncpy_from_user(text, END - 16, 16), 16); /* no NUL */
	last_page[4090] = '\0';
	EXPECT_EQ(strncpy_from_user(text, END - 8, 8), 2);
	EXPECT_TEXT(text, "xx");
	/* The buffer is larger than what is left of user memory. */
	EXPECT_EQ(strncpy_from_user(text, END - 8, 32), 2);
	EXPECT_EQ(strncpy_from_user(text, END - 5, 32), -EFAULT); /* the NUL would be behind */
	last_page[4095] = '\0';
	EXPECT_EQ(strncpy_from_user(text, END - 5, 32), 4);
	EXPECT_EQ(strncpy_from_user(text, END, 32), -EFAULT);
	EXPECT_EQ(strncpy_from_user(text, END + 16, 32), -EFAULT);
	EXPECT_EQ(strncpy_from_user(text, 0xfffffff0, 32), -EFAULT);
}

static const struct exception_entry table[]
	__attribute__((section("__ex_table"),
		       used)) = { { 0x1000, 0x9000 }, { 0x2000, 0x9100 }, { 0x3000, 0x9200 } };
/* Behind the table is no entry. */
static const struct exception_entry behind[]
	__attribute__((section("__ex_table_end"), used)) = { { 0x4000, 0x9300 } };

static void fixups(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(table); i++) {
		struct pt_regs regs = { .eip = table[i].instruction };

		EXPECT(exception_listed(table[i].instruction));
		EXPECT(fixup_exception(&regs) && regs.eip == table[i].fixup);
		regs.eip = table[i].instruction + 1;
		EXPECT(!exception_listed(regs.eip) && !fixup_exception(&regs));
		EXPECT_EQ(regs.eip, table[i].instruction + 1);
	}
	EXPECT(!exception_listed(0x4000));
}

TAP_MAIN({ "ranges", ranges }, { "words and buffers", copies_of_words }, { "strings", strings },
	 { "instructions that may fault", fixups })
