/* SPDX-License-Identifier: MIT */
/*
 * User and group IDs: which of them each call sets, with and without privilege, in both widths,
 * and what follows from a change.
 *
 * sources: kernel/syscall/process/sys_ids.c
 */
#include <string.h>

#include "abi/linux/capability.h"
#include "abi/linux/errno.h"
#include "abi/linux/unistd.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/cred.h"
#include "kernel/task/task.h"
#include "tests/host/kernel/user_bytes.h"
#include "tests/host/tap.h"

#define OUTSIDE 0x1000u
#define SAME	0xffffffffu /* an ID that stays */

static struct thread_group group;
static struct task own = { .group = &group };
struct task *current = &own;

static u64 rights;
static u32 id_changes, file_id_changes;
static u32 real_before = 1; /* the user */

bool capable(u32 capability)
{
	return rights >> capability & 1;
}

void capabilities_set_ids(struct capabilities *caps, const struct id_set *old,
			  const struct id_set *now)
{
	EXPECT(caps == &group.caps && old->real == real_before && now == &group.user);
	id_changes++;
}

void capabilities_set_file_id(struct capabilities *caps, u32 old, u32 now)
{
	EXPECT(caps == &group.caps && old != now);
	file_id_changes++;
}

static s32 call(syscall_t *function, u32 first, u32 second, u32 third, bool wide)
{
	struct pt_regs regs = { .ebx = first,
				.ecx = second,
				.edx = third,
				.orig_eax = wide ? NR_getuid32 : NR_getuid32 - 1 };

	return function(&regs);
}

static struct id_set *ids_of(bool groups)
{
	return groups ? &group.groups.ids : &group.user;
}

/* Real 1, effective 2, saved 3, for files 4. */
static void start(bool groups, bool may)
{
	memset(&group, 0, sizeof(group));
	group.user = (struct id_set){ .real = 1, .effective = 2, .saved = 3, .file = 4 };
	group.groups.ids = group.user;
	own.parent_death_signal = 9;
	rights = may ? CAPABILITY(groups ? CAP_SETGID : CAP_SETUID)
		     : ~(CAPABILITY(groups ? CAP_SETGID : CAP_SETUID));
	id_changes = file_id_changes = 0;
}

static void expect_ids(bool groups, u32 real, u32 effective, u32 saved, u32 file)
{
	const struct id_set *ids = ids_of(groups), *others = ids_of(!groups);

	EXPECT(ids->real == real && ids->effective == effective);
	EXPECT(ids->saved == saved && ids->file == file);
	EXPECT(others->real == 1 && others->effective == 2 && others->saved == 3);
}

enum { ONE, TWO, THREE };

/* What a call leaves; result 0, or the error, and then nothing changes. */
static const struct {
	u32 which, arguments[3];
	bool may;
	s32 result;
	u32 real, effective, saved;
} cases[] = {
	{ ONE, { 9 }, true, 0, 9, 9, 9 },
	{ ONE, { 9 }, false, -EPERM, 0, 0, 0 },
	{ ONE, { 1 }, false, 0, 1, 1, 3 },
	{ ONE, { 3 }, false, 0, 1, 3, 3 },
	{ ONE, { 2 }, false, -EPERM, 0, 0, 0 },
	{ ONE, { SAME }, true, -EINVAL, 0, 0, 0 },
	{ TWO, { SAME, SAME }, false, 0, 1, 2, 3 },
	{ TWO, { 8, 9 }, true, 0, 8, 9, 9 },
	{ TWO, { 8, SAME }, true, 0, 8, 2, 2 },
	{ TWO, { SAME, 9 }, true, 0, 1, 9, 9 },
	{ TWO, { SAME, 1 }, false, 0, 1, 1, 3 },
	{ TWO, { SAME, 2 }, false, 0, 1, 2, 2 },
	{ TWO, { SAME, 3 }, false, 0, 1, 3, 3 },
	{ TWO, { SAME, 9 }, false, -EPERM, 0, 0, 0 },
	{ TWO, { 1, SAME }, false, 0, 1, 2, 2 },
	{ TWO, { 2, SAME }, false, 0, 2, 2, 2 },
	{ TWO, { 3, SAME }, false, -EPERM, 0, 0, 0 },
	{ TWO, { 2, 1 }, false, 0, 2, 1, 1 },
	{ THREE, { SAME, SAME, SAME }, false, 0, 1, 2, 3 },
	{ THREE, { 7, 8, 9 }, true, 0, 7, 8, 9 },
	{ THREE, { 3, 1, 2 }, false, 0, 3, 1, 2 },
	{ THREE, { 9, SAME, SAME }, false, -EPERM, 0, 0, 0 },
	{ THREE, { SAME, 9, SAME }, false, -EPERM, 0, 0, 0 },
	{ THREE, { SAME, SAME, 9 }, false, -EPERM, 0, 0, 0 },
	{ THREE, { 4, SAME, SAME }, false, -EPERM, 0, 0, 0 }, /* that for files is none of them */
};

static void setting(void)
{
	static syscall_t *const calls[3][2] = { { sys_setuid, sys_setgid },
						{ sys_setreuid, sys_setregid },
						{ sys_setresuid, sys_setresgid } };

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++)
		for (u32 how = 0; how < 4; how++) {
			const u32 *with = cases[i].arguments;
			bool groups = how & 1, good = !cases[i].result;

			start(groups, cases[i].may);
			EXPECT_EQ(call(calls[cases[i].which][groups], with[0], with[1], with[2],
				       how & 2),
				  cases[i].result);
			if (good)
				expect_ids(groups, cases[i].real, cases[i].effective,
					   cases[i].saved, cases[i].effective);
			else
				expect_ids(groups, 1, 2, 3, 4);
			EXPECT_EQ(id_changes, good && !groups);
			/* The ID for files was 4: each success changes it. */
			EXPECT_EQ(group.flags.not_dumpable, good);
			EXPECT_EQ(own.parent_death_signal, good ? 0 : 9);
			if (tap_failed())
				tap_note("case %u, how %u", i, how);
		}
	start(false, true);
	group.user.file = 2;
	EXPECT_EQ(call(sys_setresuid, 9, 2, 9, true), 0);
	EXPECT(!group.flags.not_dumpable && own.parent_death_signal == 9);
}

/* The former ID is told, also where nothing changes. */
static void for_files(void)
{
	static const struct {
		u32 id;
		bool may;
		u32 after;
	} files[] = { { 1, false, 1 }, { 2, false, 2 }, { 3, false, 3 },  { 4, false, 4 },
		      { 9, false, 4 }, { 9, true, 9 },	{ SAME, true, 4 } };

	for (u32 i = 0; i < ARRAY_SIZE(files); i++)
		for (u32 how = 0; how < 4; how++) {
			bool groups = how & 1, changes = files[i].after != 4;

			start(groups, files[i].may);
			EXPECT_EQ(call(groups ? sys_setfsgid : sys_setfsuid, files[i].id, 0, 0,
				       how & 2),
				  4);
			expect_ids(groups, 1, 2, 3, files[i].after);
			EXPECT_EQ(file_id_changes, changes && !groups);
			EXPECT_EQ(group.flags.not_dumpable, changes);
			EXPECT_EQ(own.parent_death_signal, changes ? 0 : 9);
		}
}

/* IDs of 16 bits: one that does not fit is told as 65534. */
static void telling(void)
{
	start(false, true);
	group.user = (struct id_set){ 0x10000, 0xffff, 0x1fffe, 0x12345 };
	group.groups.ids = (struct id_set){ 5, 6, 7, 8 };
	EXPECT_EQ(call(sys_getuid, 0, 0, 0, true), 0x10000);
	EXPECT_EQ(call(sys_getuid, 0, 0, 0, false), 65534);
	EXPECT_EQ(call(sys_geteuid, 0, 0, 0, true), 0xffff);
	EXPECT_EQ(call(sys_geteuid, 0, 0, 0, false), 0xffff);
	EXPECT_EQ(call(sys_getgid, 0, 0, 0, true), 5);
	EXPECT_EQ(call(sys_getegid, 0, 0, 0, false), 6);
	EXPECT_EQ(call(sys_setfsuid, SAME, 0, 0, true), 0x12345);
	EXPECT_EQ(call(sys_setfsuid, SAME, 0, 0, false), 65534);
	memset(user_bytes, 0xee, 32);
	EXPECT_EQ(call(sys_getresuid, USER_BYTES, USER_BYTES + 4, USER_BYTES + 8, true), 0);
	EXPECT(word_at(USER_BYTES) == 0x10000 && word_at(USER_BYTES + 4) == 0xffff);
	EXPECT(word_at(USER_BYTES + 8) == 0x1fffe && word_at(USER_BYTES + 12) == 0xeeeeeeee);
	memset(user_bytes, 0xee, 32);
	EXPECT_EQ(call(sys_getresuid, USER_BYTES, USER_BYTES + 2, USER_BYTES + 4, false), 0);
	EXPECT(word_at(USER_BYTES) == 0xfffffffe && word_at(USER_BYTES + 4) == 0xeeeefffe);
	EXPECT_EQ(call(sys_getresgid, USER_BYTES, USER_BYTES + 4, USER_BYTES + 8, true), 0);
	EXPECT(word_at(USER_BYTES) == 5 && word_at(USER_BYTES + 8) == 7);
	for (u32 bad = 0; bad < 3; bad++)
		EXPECT_EQ(call(sys_getresuid, bad == 0 ? OUTSIDE : USER_BYTES,
			       bad == 1 ? OUTSIDE : USER_BYTES, bad == 2 ? OUTSIDE : USER_BYTES,
			       true),
			  -EFAULT);
	real_before = 0x10000;
	/* All ones of 16 bits are the ID that stays, whatever is above them. */
	EXPECT_EQ(call(sys_setresuid, 0xffff, 0x5ffff, 0x70008, false), 0);
	EXPECT(group.user.real == 0x10000 && group.user.effective == 0xffff);
	EXPECT_EQ(group.user.saved, 8);
}

static void supplementary(void)
{
	u32 i;

	start(true, true);
	for (i = 0; i < 4; i++)
		set_word(USER_BYTES + 4 * i, 40 - 10 * i);
	EXPECT_EQ(call(sys_setgroups, 4, USER_BYTES, 0, true), 0);
	memset(user_bytes, 0xee, 32);
	EXPECT_EQ(call(sys_getgroups, 0, OUTSIDE, 0, true), 4);
	EXPECT_EQ(call(sys_getgroups, 3, USER_BYTES, 0, true), -EINVAL);
	EXPECT_EQ(call(sys_getgroups, SAME, USER_BYTES, 0, true), -EINVAL);
	EXPECT_EQ(call(sys_getgroups, 4, OUTSIDE, 0, true), -EFAULT);
	EXPECT_EQ(call(sys_getgroups, 5, USER_BYTES, 0, true), 4);
	for (i = 0; i < 4; i++)
		EXPECT_EQ(word_at(USER_BYTES + 4 * i), 10 + 10 * i); /* sorted */
	EXPECT_EQ(word_at(USER_BYTES + 16), 0xeeeeeeee);
	EXPECT_EQ(call(sys_getgroups, 4, USER_BYTES, 0, false), 4);
	EXPECT(word_at(USER_BYTES) == (20 << 16 | 10) &&
	       word_at(USER_BYTES + 4) == (40 << 16 | 30));
	EXPECT(group.groups.ids.real == 1 && group.groups.ids.file == 4);
	/* What is refused changes nothing. */
	EXPECT_EQ(call(sys_setgroups, GROUPS_MAX + 1, USER_BYTES, 0, true), -EINVAL);
	EXPECT_EQ(call(sys_setgroups, 2, OUTSIDE, 0, true), -EFAULT);
	set_word(USER_BYTES + 4, SAME);
	EXPECT_EQ(call(sys_setgroups, 2, USER_BYTES, 0, true), -EINVAL);
	EXPECT_EQ(call(sys_setgroups, 4, USER_BYTES, 0, false), -EINVAL);
	rights = 0;
	EXPECT_EQ(call(sys_setgroups, GROUPS_MAX + 1, USER_BYTES, 0, true), -EPERM);
	EXPECT_EQ(group.groups.count, 4);
	rights = ~0ull;
	for (i = 0; i < GROUPS_MAX; i++)
		set_word(USER_BYTES + 4 * i, i);
	EXPECT_EQ(call(sys_setgroups, GROUPS_MAX, USER_BYTES, 0, true), 0);
	EXPECT_EQ(group.groups.count, GROUPS_MAX);
	EXPECT_EQ(call(sys_setgroups, 0, 0, 0, true), 0);
	EXPECT_EQ(group.groups.count, 0);
}

TAP_MAIN({ "setting", setting }, { "IDs for files", for_files }, { "telling", telling },
	 { "supplementary groups", supplementary })
