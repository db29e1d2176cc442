/* SPDX-License-Identifier: MIT */
/*
 * Each system call has its name at its number.
 *
 * sources: kernel/syscall/syscall_names.c
 */
#include "kernel/syscall/syscall.h"
#include "lib/string.h"
#include "tests/host/tap.h"
#include <asm/unistd_32.h>

static bool is_called(u32 number, const char *expected)
{
	u32 length;
	const char *name = syscall_name(number, &length);

	return length == strlen(expected) && !memcmp(name, expected, length);
}

#define EXPECT_NAME(name) EXPECT(is_called(__NR_##name, #name))

/* One word too many or too few shifts all later names. */
static void names(void)
{
	EXPECT_NAME(restart_syscall);
	EXPECT_NAME(exit);
	EXPECT_NAME(mmap);
	EXPECT_NAME(mmap2);
	EXPECT_NAME(gettid);
	EXPECT_NAME(fadvise64_64);
	EXPECT_NAME(set_robust_list);
	EXPECT_NAME(memfd_create);
	EXPECT_NAME(statx);
	EXPECT_NAME(semget);
	EXPECT_NAME(clock_nanosleep_time64);
	EXPECT_NAME(faccessat2);
	EXPECT(is_called(462, "mseal"));
}

static void numbers_of_no_call(void)
{
	EXPECT(is_called(222, "-"));
	EXPECT(is_called(415, "-"));
	EXPECT(is_called(463, "-"));
	EXPECT(is_called(511, "-"));
}

TAP_MAIN({ "names stand at their numbers", names }, { "numbers of no call", numbers_of_no_call })
