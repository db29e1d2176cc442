/* SPDX-License-Identifier: MIT */
/*
 * syslog(2): each action, the rights that it needs, and its bounds. The texts are in
 * tests/host/kernel/console/test_kmsg_files.c.
 *
 * sources: kernel/syscall/sys_log.c
 */
#include <string.h>

#include "abi/linux/capability.h"
#include "abi/linux/errno.h"
#include "kernel/console/kmsg.h"
#include "kernel/console/kmsg_files.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/task.h"
#include "tests/host/kernel/user_bytes.h"
#include "tests/host/tap.h"

#define OUTSIDE 0x1000u
#define ACTIONS 11u

enum { CLOSE, OPEN, READ, READ_ALL, READ_CLEAR, CLEAR, OFF, ON, LEVEL, UNREAD, SIZE };

static struct task own;
struct task *current = &own;
u32 kmsg_restricted, kmsg_console_level = 7;
bool kmsg_console_off;

static u64 rights;
static u32 cleared, read_new, read_last;

bool capable(u32 capability)
{
	return rights >> capability & 1;
}

s32 kmsg_read_new(bool nonblock, u32 bytes, mapping_copy_t copy, void *context)
{
	char text[] = "new";

	EXPECT(!nonblock);
	read_new++;
	return copy(text, min(bytes, 3u), context) ? -EFAULT : (s32)min(bytes, 3u);
}

s32 kmsg_read_last(u32 bytes, mapping_copy_t copy, void *context)
{
	char text[] = "last";

	read_last++;
	if (copy(text, min(bytes, 2u), context) || copy(text + 2, bytes < 4 ? 0 : 2, context))
		return -EFAULT;
	return bytes < 4 ? 2 : 4;
}

void kmsg_clear(void)
{
	cleared++;
}

u32 kmsg_unread(void)
{
	return 77;
}

static s32 call(u32 action, u32 to, s32 bytes)
{
	struct pt_regs regs = { .ebx = action, .ecx = to, .edx = (u32)bytes };

	cleared = read_new = read_last = 0;
	memset(user_bytes, 0, 8);
	return sys_syslog(&regs);
}

/* Without a right only the last lines and the size, and these only if that is not restricted. */
static void permissions(void)
{
	static const u64 enough[] = { CAPABILITY(CAP_SYSLOG), CAPABILITY(CAP_SYS_ADMIN) };

	for (u32 restricted = 0; restricted < 2; restricted++) {
		kmsg_restricted = restricted;
		for (u32 action = 0; action <= ACTIONS; action++) {
			bool open = !restricted && (action == READ_ALL || action == SIZE);

			rights = ~(CAPABILITY(CAP_SYSLOG) | CAPABILITY(CAP_SYS_ADMIN));
			EXPECT_EQ(call(action, USER_BYTES, 4) != -EPERM, open);
			for (u32 i = 0; i < ARRAY_SIZE(enough); i++) {
				rights = enough[i];
				EXPECT(call(action, USER_BYTES, 4) != -EPERM);
			}
		}
	}
	kmsg_restricted = 0;
}

static void reading(void)
{
	rights = ~0ull;
	for (u32 action = READ; action <= READ_CLEAR; action++) {
		EXPECT_EQ(call(action, 0, 4), -EINVAL);
		EXPECT_EQ(call(action, USER_BYTES, -1), -EINVAL);
		EXPECT_EQ(call(action, USER_BYTES, 0), 0);
		EXPECT_EQ(call(action, 0xfffffff0, 0x20), -EFAULT);
		EXPECT(!read_new && !read_last && !cleared);
		EXPECT_EQ(call(action, OUTSIDE, 4), -EFAULT);
		EXPECT(!cleared);
	}
	EXPECT_EQ(call(READ, USER_BYTES, 9), 3);
	EXPECT_TEXT((char *)user_bytes, "new");
	EXPECT(read_new == 1 && !read_last && !cleared);
	EXPECT_EQ(call(READ_ALL, USER_BYTES, 9), 4);
	EXPECT_TEXT((char *)user_bytes, "last");
	EXPECT(!read_new && read_last == 1 && !cleared);
	EXPECT_EQ(call(READ_CLEAR, USER_BYTES, 3), 2);
	EXPECT_TEXT((char *)user_bytes, "la");
	EXPECT(!read_new && read_last == 1 && cleared == 1);
}

static void others(void)
{
	rights = ~0ull;
	EXPECT_EQ(call(CLOSE, 0, 0), 0);
	EXPECT_EQ(call(OPEN, 0, 0), 0);
	EXPECT_EQ(call(CLEAR, 0, 0), 0);
	EXPECT_EQ(cleared, 1);
	EXPECT_EQ(call(UNREAD, 0, 0), 77);
	EXPECT_EQ(call(SIZE, 0, 0), KMSG_BYTES);
	EXPECT_EQ(call(ACTIONS, 0, 0), -EINVAL);
	EXPECT_EQ(call(~0u, 0, 0), -EINVAL);
	EXPECT(!cleared);
}

/* The console is off until it is on, or has a level. */
static void console(void)
{
	rights = ~0ull;
	EXPECT_EQ(call(OFF, 0, 0), 0);
	EXPECT(kmsg_console_off);
	EXPECT_EQ(call(ON, 0, 0), 0);
	EXPECT(!kmsg_console_off);
	EXPECT_EQ(call(OFF, 0, 0), 0);
	EXPECT_EQ(call(LEVEL, 0, 0), -EINVAL);
	EXPECT_EQ(call(LEVEL, 0, 9), -EINVAL);
	EXPECT(kmsg_console_off && kmsg_console_level == 7);
	EXPECT_EQ(call(LEVEL, 0, 1), 0);
	EXPECT(!kmsg_console_off && kmsg_console_level == 1);
	EXPECT_EQ(call(LEVEL, 0, 8), 0);
	EXPECT_EQ(kmsg_console_level, 8);
}

TAP_MAIN({ "permissions", permissions }, { "reading", reading }, { "others", others },
	 { "the console", console })
