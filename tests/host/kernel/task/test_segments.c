/* SPDX-License-Identifier: MIT */
/*
 * Segments of programs: each field of a descriptor, both calls' checks, what threads and children
 * have of a table.
 *
 * sources: kernel/task/tls.c kernel/task/ldt.c
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "abi/linux/ldt.h"
#include "kernel/task/ldt.h"
#include "kernel/task/tls.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"
#include "tests/host/kernel/user_bytes.h"

#define OUTSIDE	 0x1000u
#define TABLE	 0x20000u
#define NOWHERE	 (USER_BYTES + (u32)sizeof(user_bytes) - 8) /* a part is there */
#define TLS_DATA (DESC_32BIT | DESC_PAGES | DESC_USEABLE)

static struct thread_group group, child_group;
static struct task threads[2], child;
struct task *current = &threads[0];

static const u64 *gdt_tls, *gdt_ldt;
static u32 gdt_ldt_count, gdt_loads;

void gdt_set_tls(const u64 tls[GDT_TLS_ENTRIES])
{
	gdt_tls = tls;
	gdt_loads++;
}

void gdt_set_ldt(const u64 *entries, u32 count)
{
	gdt_ldt = entries;
	gdt_ldt_count = count;
	gdt_loads++;
}

static struct user_desc *desc(void)
{
	return (struct user_desc *)user_bytes;
}

static void give(u32 entry, u32 base, u32 limit, u32 flags)
{
	*desc() = (struct user_desc){ entry, base, limit, flags };
}

static void start(void)
{
	list_init(&group.list);
	for (u32 i = 0; i < 2; i++) {
		threads[i].group = &group;
		list_add_tail(&threads[i].thread, &group.list);
	}
	list_init(&child_group.list);
	child.group = &child_group;
}

/* From the manual, bit by bit: Intel SDM vol. 3A 3.4.5. */
static void descriptors(void)
{
	static const struct {
		u32 base, limit, flags;
		u64 expected;
	} cases[] = {
		{ 0, 0, 0, 0 },
		{ 0, 0, DESC_READ_ONLY | DESC_NOT_PRESENT, 0 },
		{ 0, 0, 0x80, 0 }, /* a bit that has no meaning */
		{ 1, 0, 0, 0x0000f30000010000 },
		{ 0, 1, 0, 0x0000f30000000001 },
		{ 0, 0, DESC_READ_ONLY, 0x0000f10000000000 },
		{ 0, 0, DESC_NOT_PRESENT, 0x0000730000000000 },
		{ 0, 0, DESC_32BIT, 0x0040f30000000000 },
		{ 0, 0, DESC_PAGES, 0x0080f30000000000 },
		{ 0, 0, DESC_USEABLE, 0x0010f30000000000 },
		{ 0, 0, 1 << 1, 0x0000f70000000000 },
		{ 0, 0, DESC_CODE, 0x0000fb0000000000 },
		{ 0, 0, DESC_CONTENTS | DESC_NOT_PRESENT, 0x00007f0000000000 },
		{ 0xffffffff, 0, 0, 0xff00f3ffffff0000 },
		{ 0, 0xfffff, 0, 0x000ff3000000ffff },
		{ 0x12345678, 0xabcde, TLS_DATA, 0x12daf3345678bcde },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct user_desc wanted = { 7, cases[i].base, cases[i].limit,
						  cases[i].flags };

		EXPECT_EQ(desc_encode(&wanted), cases[i].expected);
		EXPECT_EQ(desc_is_empty(&wanted), !cases[i].expected);
	}
}

static void thread_areas(void)
{
	start();
	give(GDT_ENTRY_TLS_MIN + 1, 0x8049000, 0xfffff, TLS_DATA);
	EXPECT_EQ(tls_set(current, USER_BYTES, false), 0);
	EXPECT_EQ(current->tls[1], 0x08dff3049000ffff);
	EXPECT(!current->tls[0] && !current->tls[2]);
	EXPECT_EQ(current->extras, EXTRA_TLS);
	EXPECT(gdt_tls == current->tls);
	/* Another task's are loaded when it runs. */
	gdt_loads = 0;
	child.extras = EXTRA_LDT;
	EXPECT_EQ(tls_set(&child, USER_BYTES, false), 0);
	EXPECT(child.tls[1] && child.extras == (EXTRA_TLS | EXTRA_LDT));
	EXPECT_EQ(gdt_loads, 0);
	/* The form "no segment" clears it again. */
	give(GDT_ENTRY_TLS_MIN + 1, 0, 0, 0);
	EXPECT_EQ(tls_set(&child, USER_BYTES, false), 0);
	EXPECT(!child.tls[1] && child.extras == EXTRA_LDT);
	/* What is there is read back, but for the entry that was asked for. */
	memset(user_bytes, 0xee, sizeof(user_bytes));
	desc()->entry = GDT_ENTRY_TLS_MIN + 1;
	EXPECT_EQ(tls_get(current, USER_BYTES), 0);
	EXPECT_EQ(desc()->entry, GDT_ENTRY_TLS_MIN + 1);
	EXPECT_EQ(desc()->base, 0x8049000);
	EXPECT_EQ(desc()->limit, 0xfffff);
	EXPECT_EQ(desc()->flags, TLS_DATA);
	EXPECT_EQ(user_bytes[sizeof(struct user_desc)], 0xee);
	tls_clear();
	EXPECT(!current->tls[1] && !current->extras && gdt_loads == 1);
	tls_clear();
	EXPECT_EQ(gdt_loads, 1);
	desc()->entry = GDT_ENTRY_TLS_MIN;
	EXPECT_EQ(tls_get(current, USER_BYTES), 0);
	EXPECT(!desc()->base && !desc()->limit &&
	       desc()->flags == (DESC_READ_ONLY | DESC_NOT_PRESENT));
}

static void read_back(void)
{
	static const u32 flags[] = { TLS_DATA,
				     DESC_32BIT,
				     DESC_32BIT | DESC_READ_ONLY,
				     DESC_32BIT | DESC_PAGES,
				     DESC_32BIT | DESC_USEABLE,
				     DESC_32BIT | 1 << 1 };

	start();
	for (u32 i = 0; i < ARRAY_SIZE(flags); i++) {
		give(GDT_ENTRY_TLS_MIN + i % 3, 0x92345678u + i, 0xabcde - i, flags[i]);
		EXPECT_EQ(tls_set(current, USER_BYTES, false), 0);
		give(GDT_ENTRY_TLS_MIN + i % 3, 0, 0, 0);
		EXPECT_EQ(tls_get(current, USER_BYTES), 0);
		EXPECT_EQ(desc()->base, 0x92345678u + i);
		EXPECT_EQ(desc()->limit, 0xabcde - i);
		EXPECT_EQ(desc()->flags, flags[i]);
	}
}

static void entries_found(void)
{
	start();
	for (u32 i = 0; i < 3; i++) {
		give(UINT32_MAX, 0x1000, 1, TLS_DATA);
		EXPECT_EQ(tls_set(current, USER_BYTES, true), 0);
		EXPECT_EQ(desc()->entry, GDT_ENTRY_TLS_MIN + i);
		EXPECT(current->tls[i]);
	}
	give(UINT32_MAX, 0x1000, 1, TLS_DATA);
	EXPECT_EQ(tls_set(current, USER_BYTES, true), -ESRCH);
	current->tls[1] = 0;
	EXPECT_EQ(tls_set(current, USER_BYTES, true), 0);
	EXPECT_EQ(desc()->entry, GDT_ENTRY_TLS_MIN + 1);
	give(UINT32_MAX, 0x1000, 1, TLS_DATA);
	EXPECT_EQ(tls_set(current, USER_BYTES, false), -EINVAL);
}

static void refused(void)
{
	start();
	give(GDT_ENTRY_TLS_MIN, 0x1000, 1, TLS_DATA);
	EXPECT_EQ(tls_set(current, OUTSIDE, true), -EFAULT);
	EXPECT_EQ(tls_set(current, NOWHERE, true), -EFAULT);
	EXPECT_EQ(tls_get(current, OUTSIDE), -EFAULT);
	/* The number can be read, the rest not written. */
	memset(user_bytes + sizeof(user_bytes) - 8, 0, 8);
	user_bytes[sizeof(user_bytes) - 8] = GDT_ENTRY_TLS_MIN;
	EXPECT_EQ(tls_get(current, NOWHERE), -EFAULT);
	for (u32 i = 0; i < 2; i++) {
		desc()->entry = i ? GDT_ENTRY_TLS_MIN - 1 : GDT_ENTRY_TLS_MIN + 3;
		EXPECT_EQ(tls_set(current, USER_BYTES, true), -EINVAL);
		EXPECT_EQ(tls_get(current, USER_BYTES), -EINVAL);
	}
	give(GDT_ENTRY_TLS_MIN, 0x1000, 1, TLS_DATA & ~(u32)DESC_32BIT);
	EXPECT_EQ(tls_set(current, USER_BYTES, false), -EINVAL);
	give(GDT_ENTRY_TLS_MIN, 0x1000, 1, TLS_DATA | DESC_CODE);
	EXPECT_EQ(tls_set(current, USER_BYTES, false), -EINVAL);
	give(GDT_ENTRY_TLS_MIN, 0x1000, 1, TLS_DATA | DESC_NOT_PRESENT);
	EXPECT_EQ(tls_set(current, USER_BYTES, false), -EINVAL);
	EXPECT(!current->tls[0] && !current->extras && !gdt_loads);
}

/* ---- The table of a process ---- */

static int set(u32 entry, u32 base, u32 limit, u32 flags, bool old_format)
{
	give(entry, base, limit, flags);
	return ldt_set(USER_BYTES, sizeof(struct user_desc), old_format);
}

static void table(void)
{
	machine_boot();
	start();
	EXPECT_EQ(ldt_read(USER_BYTES, 64), 0); /* none yet */
	EXPECT_EQ(set(3, 0x1000, 7, DESC_32BIT | DESC_CODE, false), 0);
	EXPECT_EQ(group.ldt->count, 512);
	EXPECT(gdt_ldt == group.ldt->entries && gdt_ldt_count == 512);
	EXPECT_EQ(group.ldt->entries[3], 0x0040fb0010000007);
	EXPECT(threads[0].extras == EXTRA_LDT && threads[1].extras == EXTRA_LDT);
	/* The last entry of a page, and the first of the next. */
	EXPECT_EQ(set(511, 0x2000, 1, DESC_32BIT, false), 0);
	EXPECT_EQ(group.ldt->count, 512);
	EXPECT_EQ(set(512, 0x3000, 1, DESC_32BIT, false), 0);
	EXPECT_EQ(group.ldt->count, 1024);
	EXPECT(gdt_ldt == group.ldt->entries && gdt_ldt_count == 1024);
	EXPECT(group.ldt->entries[511] && group.ldt->entries[512]);
	EXPECT_EQ(group.ldt->entries[3], 0x0040fb0010000007);
	EXPECT_EQ(set(LDT_ENTRIES - 1, 0x3000, 1, DESC_32BIT, false), 0);
	EXPECT_EQ(group.ldt->count, LDT_ENTRIES);
	/* Nothing may reload FS from an entry while it changes. */
	gdt_loads = 0;
	EXPECT_EQ(set(3, 0, 0, 0, false), 0);
	EXPECT_EQ(gdt_loads, 1);
	EXPECT_EQ(group.ldt->entries[3], 0);
	ldt_free(&group);
	EXPECT(!group.ldt && !gdt_ldt && !gdt_ldt_count);
	gdt_loads = 0;
	ldt_free(&group);
	EXPECT_EQ(gdt_loads, 0);
}

static void table_refused(void)
{
	const struct fail_spec next = { FAIL_ANY, FAIL_ON, 1 };

	machine_boot();
	start();
	give(0, 0x1000, 7, DESC_32BIT);
	EXPECT_EQ(ldt_set(USER_BYTES, sizeof(struct user_desc) - 1, false), -EINVAL);
	EXPECT_EQ(ldt_set(USER_BYTES, sizeof(struct user_desc) + 1, false), -EINVAL);
	EXPECT_EQ(ldt_set(OUTSIDE, sizeof(struct user_desc), false), -EFAULT);
	EXPECT_EQ(set(LDT_ENTRIES, 0x1000, 7, DESC_32BIT, false), -EINVAL);
	EXPECT_EQ(set(0, 0x1000, 7, 0, false), -EINVAL); /* (1): 16 bits */
	/* A conforming code segment only if it is not present, and only in the new form. */
	EXPECT_EQ(set(0, 0x1000, 7, DESC_32BIT | DESC_CONTENTS, false), -EINVAL);
	EXPECT_EQ(set(0, 0x1000, 7, DESC_32BIT | DESC_CONTENTS | DESC_NOT_PRESENT, true), -EINVAL);
	fail_alloc_set(&next);
	EXPECT_EQ(set(0, 0x1000, 7, DESC_32BIT, false), -ENOMEM);
	fail_alloc_set(NULL);
	EXPECT(!group.ldt && !gdt_loads && !threads[0].extras);
	EXPECT_EQ(set(0, 0x1000, 7, DESC_32BIT | DESC_CONTENTS | DESC_NOT_PRESENT, false), 0);
	EXPECT_EQ(group.ldt->entries[0], 0x00407f0010000007);
	ldt_free(&group);
}

static void old_form(void)
{
	machine_boot();
	start();
	EXPECT_EQ(set(1, 0x1000, 7, DESC_32BIT | DESC_USEABLE, true), 0);
	EXPECT_EQ(group.ldt->entries[1], 0x0040f30010000007);
	EXPECT_EQ(set(1, 0x1000, 7, DESC_32BIT | DESC_USEABLE, false), 0);
	EXPECT_EQ(group.ldt->entries[1], 0x0050f30010000007);
	/* Base and limit 0 clear an entry, whatever the flags. */
	EXPECT_EQ(set(1, 0, 0, DESC_32BIT, true), 0);
	EXPECT_EQ(group.ldt->entries[1], 0);
	EXPECT_EQ(set(1, 0, 0, DESC_32BIT, false), 0);
	EXPECT_EQ(group.ldt->entries[1], 0x0040f30000000000);
	EXPECT_EQ(set(1, 1, 0, DESC_32BIT, true), 0);
	EXPECT_EQ(set(1, 0, 1, DESC_32BIT, true), 0);
	EXPECT_EQ(group.ldt->entries[1], 0x0040f30000000001);
	EXPECT_EQ(set(1, 0, 0, DESC_READ_ONLY | DESC_NOT_PRESENT, false), 0);
	EXPECT_EQ(group.ldt->entries[1], 0);
	ldt_free(&group);
}

static void read_table(void)
{
	const u64 *entries = (const u64 *)(user_bytes + 1000 / 8 * 8);

	machine_boot();
	start();
	for (u32 i = 0; i < 512; i += 31)
		EXPECT_EQ(set(i, 0x1000 + i, 7, DESC_32BIT, false), 0);
	memset(user_bytes, 0xee, sizeof(user_bytes));
	EXPECT_EQ(ldt_read(USER_BYTES + 1000, 513 * 8), 513 * 8);
	EXPECT(!memcmp(entries, group.ldt->entries, 512 * 8));
	EXPECT_EQ(entries[512], 0); /* behind the table */
	EXPECT_EQ(user_bytes[1000 + 513 * 8], 0xee);
	EXPECT_EQ(user_bytes[999], 0xee);
	/* A part, which need not end with an entry. */
	memset(user_bytes, 0xee, sizeof(user_bytes));
	EXPECT_EQ(ldt_read(USER_BYTES + 1000, 259), 259);
	EXPECT(!memcmp(entries, group.ldt->entries, 259));
	EXPECT_EQ(user_bytes[1000 + 259], 0xee);
	EXPECT_EQ(ldt_read(USER_BYTES, 0), 0);
	EXPECT_EQ(ldt_read(USER_BYTES + 8000, 512), -EFAULT);
	/* No more than a full table. */
	EXPECT_EQ(ldt_read(USER_BYTES, LDT_ENTRIES * 8 + 1), -EFAULT);
	ldt_free(&group);
}

static void children(void)
{
	const struct fail_spec next = { FAIL_ANY, FAIL_ON, 1 };
	const u64 *own;

	machine_boot();
	start();
	/* Without a table there is nothing to copy. */
	EXPECT_EQ(ldt_copy(&child), 0);
	EXPECT(!child_group.ldt && !child.extras);
	EXPECT_EQ(set(5, 0x1000, 7, DESC_32BIT, false), 0);
	own = gdt_ldt;
	/* A new thread has the table already. */
	threads[1].extras = 0;
	EXPECT_EQ(ldt_copy(&threads[1]), 0);
	EXPECT_EQ(threads[1].extras, EXTRA_LDT);
	fail_alloc_set(&next);
	EXPECT_EQ(ldt_copy(&child), -ENOMEM);
	fail_alloc_set(NULL);
	EXPECT(!child_group.ldt);
	EXPECT_EQ(ldt_copy(&child), 0);
	EXPECT_EQ(child.extras, EXTRA_LDT);
	EXPECT(child_group.ldt && child_group.ldt != group.ldt);
	EXPECT_EQ(child_group.ldt->count, 512);
	EXPECT_EQ(child_group.ldt->entries[5], group.ldt->entries[5]);
	/* The child's end does not unload the parent's. */
	ldt_free(&child_group);
	EXPECT(gdt_ldt == own);
	ldt_load(NULL);
	EXPECT(!gdt_ldt && !gdt_ldt_count);
	gdt_loads = 0;
	ldt_free(&group);
	EXPECT_EQ(gdt_loads, 0);
}

TAP_MAIN({ "descriptors", descriptors }, { "thread-local segments", thread_areas },
	 { "read back", read_back }, { "free entries are found", entries_found },
	 { "thread-local segments that are refused", refused }, { "a table of a process", table },
	 { "entries that are refused", table_refused }, { "the old form of the call", old_form },
	 { "a table is read", read_table }, { "tables of children", children })
