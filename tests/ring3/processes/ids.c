/* SPDX-License-Identifier: MIT */
/*
 * IDs of users and groups: each call by both of its numbers, with IDs of 16 and of 32 bits. The
 * program begins as the super-user; what gives that up runs in children.
 */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/thread.h"

#define BAD 16

/* The numbers of the calls for a user or a group, in one width. */
struct calls {
	u32 bytes;
	int get, get_effective, set, set_two, set_three, get_three, set_file;
};

static const struct calls all_calls[] = {
	{ 2, 24, 49, 23, 70, 164, 165, 138 }, /* users */
	{ 4, 199, 201, 213, 203, 208, 209, 215 },
	{ 2, 47, 50, 46, 71, 170, 171, 139 }, /* groups */
	{ 4, 200, 202, 214, 204, 210, 211, 216 },
};

static long ask(int number, long a, long b, long c)
{
	return system_call(number, a, b, c, 0, 0, 0);
}

static void expect_three(const struct calls *calls, u32 real, u32 effective, u32 saved)
{
	u32 told[3] = { 0, 0, 0 };

	EXPECT_EQ(ask(calls->get_three, (long)&told[0], (long)&told[1], (long)&told[2]), 0);
	EXPECT_EQ(told[0], real);
	EXPECT_EQ(told[1], effective);
	EXPECT_EQ(told[2], saved);
	EXPECT_EQ(ask(calls->get, 0, 0, 0), real);
	EXPECT_EQ(ask(calls->get_effective, 0, 0, 0), effective);
}

/* The bits above the width must not matter. */
static long unchanged(const struct calls *calls)
{
	return calls->bytes == 2 ? 0x1234ffff : -1;
}

static void set_as_super_user(void *argument)
{
	const struct calls *calls = argument;
	bool users = calls < all_calls + 2;

	expect_three(calls, 0, 0, 0);
	EXPECT_EQ(ask(calls->set_three, 11, 0, 13), 0);
	expect_three(calls, 11, 0, 13);
	EXPECT_EQ(ask(calls->set_three, unchanged(calls), unchanged(calls), 14), 0);
	expect_three(calls, 11, 0, 14);
	EXPECT_EQ(ask(calls->set_two, 21, unchanged(calls), 0), 0);
	expect_three(calls, 21, 0, 0);
	EXPECT_EQ(ask(calls->set_two, unchanged(calls), users ? 0 : 22, 0), 0);
	expect_three(calls, 21, users ? 0 : 22, users ? 0 : 22);
	EXPECT_EQ(ask(calls->set_file, 77, 0, 0), users ? 0 : 22);
	EXPECT_EQ(ask(calls->set_file, unchanged(calls), 0, 0), 77);
	EXPECT_EQ(ask(calls->set, unchanged(calls), 0, 0), -EINVAL);
	EXPECT_EQ(ask(calls->get_three, BAD, BAD, BAD), -EFAULT);
	EXPECT_EQ(ask(calls->set, 31, 0, 0), 0);
	expect_three(calls, 31, 31, 31);
	EXPECT_EQ(ask(calls->set_file, unchanged(calls), 0, 0), 31);
}

static void super_user(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(all_calls); i++)
		EXPECT_CHILD(set_as_super_user, (void *)&all_calls[i], EXITED(0));
}

/* User 5 for good; the IDs of the calls are 1, 2, 3 before that. */
static void set_as_user(void *argument)
{
	const struct calls *calls = argument;
	bool users = calls < all_calls + 2;

	if (users) {
		EXPECT_EQ(ask(calls->set_three, 1, 2, 3), 0);
	} else {
		EXPECT_EQ(ask(calls->set_three, 1, 2, 3), 0);
		EXPECT_EQ(ask(213, 5, 0, 0), 0);
	}
	expect_three(calls, 1, 2, 3);
	EXPECT_EQ(ask(calls->set, 4, 0, 0), -EPERM);
	EXPECT_EQ(ask(calls->set, 2, 0, 0), -EPERM);
	EXPECT_EQ(ask(calls->set_three, 1, 4, 3), -EPERM);
	EXPECT_EQ(ask(calls->set_two, 3, unchanged(calls), 0), -EPERM);
	EXPECT_EQ(ask(calls->set_two, unchanged(calls), 0, 0), -EPERM);
	EXPECT_EQ(ask(calls->set_file, 9, 0, 0), 2);
	EXPECT_EQ(ask(calls->set_file, 3, 0, 0), 2);
	EXPECT_EQ(ask(calls->set_file, 1, 0, 0), 3);
	expect_three(calls, 1, 2, 3);
	EXPECT_EQ(ask(calls->set, 3, 0, 0), 0);
	expect_three(calls, 1, 3, 3);
	EXPECT_EQ(ask(calls->set_two, 3, 1, 0), 0);
	expect_three(calls, 3, 1, 1);
	EXPECT_EQ(ask(calls->set_three, 1, 3, 3), 0);
	expect_three(calls, 1, 3, 3);
}

static void user(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(all_calls); i++)
		EXPECT_CHILD(set_as_user, (void *)&all_calls[i], EXITED(0));
}

/* setregid() by a super-user whose IDs are 1, 2, 3: every pair of what both arguments can be. */
static void set_two_of(void *argument)
{
	const struct calls *calls = argument;
	const long given[] = { unchanged(calls), 1, 2, 3, 4 };

	for (u32 i = 0; i < ARRAY_SIZE(given); i++) {
		for (u32 j = 0; j < ARRAY_SIZE(given); j++) {
			u32 real = i ? (u32)given[i] : 1, effective = j ? (u32)given[j] : 2;
			bool saves = i || (j && effective != 1);

			EXPECT_EQ(ask(calls->set_three, 1, 2, 3), 0);
			EXPECT_EQ(ask(calls->set_two, given[i], given[j], 0), 0);
			expect_three(calls, real, effective, saves ? effective : 3);
		}
	}
}

static void two_at_once(void)
{
	EXPECT_CHILD(set_two_of, (void *)&all_calls[2], EXITED(0));
	EXPECT_CHILD(set_two_of, (void *)&all_calls[3], EXITED(0));
}

/* IDs of more than 16 bits are told as 65534 by the older calls. */
static void set_wide(void *argument)
{
	for (u32 i = 0; i < ARRAY_SIZE(all_calls); i += 2) {
		const struct calls *narrow = &all_calls[2 - i], *wide = &all_calls[3 - i];

		EXPECT_EQ(ask(wide->set_three, 70000, 70001, 65535), 0);
		expect_three(wide, 70000, 70001, 65535);
		expect_three(narrow, 65534, 65534, 65535);
	}
	(void)argument;
}

static void wide(void)
{
	EXPECT_CHILD(set_wide, NULL, EXITED(0));
}

static void set_groups(void *argument)
{
	const u32 given[] = { 70000, 3, 9, 1 }, none[] = { 1, -1u };
	u32 told[8] = { 0 };
	u16 narrow[8] = { 0 };

	(void)argument;
	EXPECT_EQ(ask(NR_setgroups32, 4, (long)given, 0), 0);
	EXPECT_EQ(ask(NR_getgroups32, 0, 0, 0), 4);
	EXPECT_EQ(ask(NR_getgroups32, 8, (long)told, 0), 4);
	EXPECT(told[0] == 1 && told[1] == 3 && told[2] == 9 && told[3] == 70000 && !told[4]);
	EXPECT_EQ(ask(NR_getgroups, 4, (long)narrow, 0), 4);
	EXPECT(narrow[0] == 1 && narrow[1] == 3 && narrow[2] == 9 && narrow[3] == 65534);
	EXPECT_EQ(ask(NR_getgroups32, 3, (long)told, 0), -EINVAL);
	EXPECT_EQ(ask(NR_getgroups32, -1, (long)told, 0), -EINVAL);
	EXPECT_EQ(ask(NR_getgroups32, 4, BAD, 0), -EFAULT);
	EXPECT_EQ(ask(NR_setgroups32, 2, (long)none, 0), -EINVAL);
	EXPECT_EQ(ask(NR_setgroups32, 1, BAD, 0), -EFAULT);
	EXPECT_EQ(ask(NR_setgroups32, 70000, (long)given, 0), -EINVAL);
	EXPECT_EQ(ask(NR_getgroups32, 0, 0, 0), 4);
	narrow[0] = 8;
	narrow[1] = 7;
	EXPECT_EQ(ask(NR_setgroups, 2, (long)narrow, 0), 0);
	EXPECT_EQ(ask(NR_getgroups32, 8, (long)told, 0), 2);
	EXPECT(told[0] == 7 && told[1] == 8);
	EXPECT_EQ(ask(213, 5, 0, 0), 0);
	EXPECT_EQ(ask(NR_setgroups32, 0, 0, 0), -EPERM);
	EXPECT_EQ(ask(NR_getgroups, 0, 0, 0), 2);
}

static void groups(void)
{
	EXPECT_CHILD(set_groups, NULL, EXITED(0));
}

static int leaves_the_super_user(void *argument)
{
	(void)argument;
	return (int)ask(213, 5, 0, 0);
}

/* A child's IDs are its own, even while it lives in the memory of its parent. */
static void set_after_vfork(void *argument)
{
	int pid = (int)vfork_call(leaves_the_super_user, NULL);

	(void)argument;
	EXPECT_EQ(process_wait(pid), EXITED(0));
	EXPECT_EQ(ask(199, 0, 0, 0), 0);
	EXPECT_EQ(ask(213, 0, 0, 0), 0);
}

static void vfork_child(void)
{
	EXPECT_CHILD(set_after_vfork, NULL, EXITED(0));
}

static const struct tap_case cases[] = {
	{ "the super-user sets what it wants", super_user },
	{ "a user changes among its own IDs", user },
	{ "the real and the effective ID at once", two_at_once },
	{ "IDs of more than 16 bits", wide },
	{ "supplementary groups", groups },
	{ "a vfork child's IDs are its own", vfork_child },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return tap_run(cases, ARRAY_SIZE(cases));
}
