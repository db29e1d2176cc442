/* SPDX-License-Identifier: MIT */
/*
 * The machine's names and the end of the run: calls of the super-user. A test program cannot make
 * them on Linux without changing the machine that it runs on. Each with the one capability that it
 * needs, and without it.
 *
 * sources: kernel/syscall/sys_machine.c kernel/syscall/sys_uname.c kernel/process/run_end.c
 */
#include <string.h>

#include "abi/linux/capability.h"
#include "abi/linux/errno.h"
#include "abi/linux/utsname.h"
#include "kernel/process/run_end.h"
#include "kernel/signal/signal.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/task.h"
#include "tests/host/kernel/user_bytes.h"
#include "tests/host/tap.h"

#define OUTSIDE 0x1000u

static struct task own;
struct task *current = &own;

static u64 rights;
static u32 asked; /* the capability that was asked for last */

bool capable(u32 capability)
{
	asked = capability;
	return rights >> capability & 1;
}

static u32 ends;

u32 end_processes(void)
{
	return ++ends;
}

static void text(u32 place, const char *content)
{
	strcpy((char *)user_bytes + (place - USER_BYTES), content);
}

/* ---- Names ---- */

static s32 set_host_name(const char *name, u32 length)
{
	struct pt_regs regs = { .ebx = USER_BYTES, .ecx = length };

	text(USER_BYTES, name);
	return sys_sethostname(&regs);
}

static void names(void)
{
	struct pt_regs regs = { .ebx = OUTSIDE, .ecx = 3 };

	rights = CAPABILITY(CAP_SYS_ADMIN);
	EXPECT_EQ(set_host_name("abcdef", 6), 0);
	EXPECT_TEXT(system_names.nodename, "abcdef");
	EXPECT_EQ(set_host_name("xyz", 2), 0);
	EXPECT_TEXT(system_names.nodename, "xy");
	EXPECT_EQ(sys_sethostname(&regs), -EFAULT);
	memset(user_bytes, 'n', 65);
	regs.ebx = USER_BYTES;
	regs.ecx = 64;
	EXPECT_EQ(sys_setdomainname(&regs), 0);
	EXPECT_EQ(strlen(system_names.domainname), 64);
	regs.ecx = 65;
	EXPECT_EQ(sys_setdomainname(&regs), -EINVAL);
	regs.ecx = 0;
	EXPECT_EQ(sys_setdomainname(&regs), 0);
	EXPECT_TEXT(system_names.domainname, "");
	EXPECT_TEXT(system_names.nodename, "xy");
	EXPECT_TEXT(system_names.machine, "i686");
	rights = 0;
	EXPECT_EQ(set_host_name("q", 1), -EPERM);
	EXPECT_EQ(asked, CAP_SYS_ADMIN);
}

static void told_names(void)
{
	struct pt_regs regs = { .ebx = USER_BYTES };
	const char *bytes = (const char *)user_bytes;
	const struct utsname *name = (const struct utsname *)user_bytes;

	memset(user_bytes, 0xee, sizeof(user_bytes));
	EXPECT_EQ(sys_uname(&regs), 0);
	EXPECT(!memcmp(name, &system_names, sizeof(*name)));
	EXPECT_EQ(user_bytes[sizeof(*name)], 0xee);
	EXPECT(!strncmp(name->release, "6.", 2));
	memset(user_bytes, 0xee, sizeof(user_bytes));
	EXPECT_EQ(sys_olduname(&regs), 0);
	EXPECT_TEXT(name->machine, "i686");
	EXPECT_EQ(user_bytes[5 * 65], 0xee);
	memset(user_bytes, 0xee, sizeof(user_bytes));
	EXPECT_EQ(sys_oldolduname(&regs), 0);
	EXPECT_TEXT(bytes, "Linux");
	EXPECT_TEXT(bytes + 9, "pagewrig");
	EXPECT_TEXT(bytes + 18, "6.1.0-pa");
	EXPECT_TEXT(bytes + 36, "i686");
	EXPECT_EQ(user_bytes[45], 0xee);
	own.personality = 0x0020000;
	EXPECT_EQ(sys_uname(&regs), 0);
	EXPECT_TEXT(name->release, "2.6.61-pagewright");
	regs.ebx = OUTSIDE;
	EXPECT_EQ(sys_uname(&regs), -EFAULT);
	EXPECT_EQ(sys_olduname(&regs), -EFAULT);
	EXPECT_EQ(sys_oldolduname(&regs), -EFAULT);
}

/* ---- The end of the run, and small calls ---- */

static s32 restart_by(u32 first, u32 second, u32 command)
{
	struct pt_regs regs = { .ebx = first, .ecx = second, .edx = command };

	return sys_reboot(&regs);
}

static void ends_of_the_run(void)
{
	/* From reboot(2): birthdays. */
	static const u32 magics[] = { 672274793, 85072278, 369367448, 537993216 };
	static const struct {
		u32 command;
		enum run_end end;
	} commands[] = {
		{ 0x01234567, RUN_RESTART },
		{ 0xa1b2c3d4, RUN_RESTART },
		{ 0xcdef0123, RUN_HALT },
		{ 0x4321fedc, RUN_POWER_OFF },
	};

	rights = CAPABILITY(CAP_SYS_BOOT);
	run_may_end = true;
	for (u32 i = 0; i < ARRAY_SIZE(commands); i++) {
		run_end = 0;
		EXPECT_EQ(restart_by(0xfee1dead, magics[i], commands[i].command), 0);
		EXPECT(run_end == commands[i].end && ends == i + 1);
	}
	EXPECT_EQ(restart_by(0xfee1dead, 5, 0x01234567), -EINVAL);
	EXPECT_EQ(restart_by(0xfee1deae, magics[0], 0x01234567), -EINVAL);
	EXPECT_EQ(restart_by(0xfee1dead, magics[0], 5), -EINVAL);
	EXPECT_EQ(restart_by(0xfee1dead, magics[0], 0), 0);
	EXPECT_EQ(restart_by(0xfee1dead, magics[0], 0x89abcdef), 0);
	EXPECT_EQ(ends, 4);
	run_may_end = false;
	EXPECT_EQ(restart_by(0xfee1dead, magics[0], 0x01234567), -EPERM);
	run_may_end = true;
	rights = 0;
	EXPECT_EQ(restart_by(0, 0, 0), -EPERM);
	EXPECT_EQ(run_request_end(RUN_HALT), -EPERM);
	EXPECT(ends == 4 && asked == CAP_SYS_BOOT);
}

static void ends_by_signals(void)
{
	static const struct {
		int signal;
		enum run_end end;
	} signals[] = { { SIGUSR1, RUN_HALT },
			{ SIGUSR2, RUN_POWER_OFF },
			{ SIGTERM, RUN_RESTART } };

	rights = CAPABILITY(CAP_SYS_BOOT);
	run_may_end = true;
	for (u32 i = 0; i < ARRAY_SIZE(signals); i++) {
		run_end = 0;
		EXPECT_EQ(run_end_by_signal(signals[i].signal), 0);
		EXPECT(run_end == signals[i].end && ends == i + 1);
	}
	EXPECT_EQ(run_end_by_signal(SIGHUP), 0);
	EXPECT_EQ(ends, 3);
	rights = 0;
	EXPECT_EQ(run_end_by_signal(SIGTERM), -EPERM);
}

static void small_calls(void)
{
	EXPECT_EQ(sys_arch_prctl(&(struct pt_regs){ .ebx = 0x1011 }), 1);
	EXPECT_EQ(sys_arch_prctl(&(struct pt_regs){ .ebx = 0x1012 }), -ENODEV);
	EXPECT_EQ(sys_arch_prctl(&(struct pt_regs){ .ebx = 0x1013 }), -EINVAL);
	EXPECT_EQ(sys_pkey_alloc(&(struct pt_regs){ .ecx = 3 }), -ENOSPC);
	EXPECT_EQ(sys_pkey_alloc(&(struct pt_regs){ .ecx = 4 }), -EINVAL);
	EXPECT_EQ(sys_pkey_alloc(&(struct pt_regs){ .ebx = 1 }), -EINVAL);
	EXPECT_EQ(sys_pkey_free(&(struct pt_regs){ .ebx = 1 }), -EINVAL);
}

TAP_MAIN({ "names are set", names }, { "names are told", told_names },
	 { "the end of the run", ends_of_the_run },
	 { "the end of the run by signals", ends_by_signals }, { "small calls", small_calls })
