/* SPDX-License-Identifier: MIT */
/*
 * Rights of processes: the capability sets through changes of IDs, execve and capset(), as
 * capabilities(7) has them; IDs of programs' files; which processes one may signal and inspect.
 *
 * sources: kernel/task/capability.c kernel/task/cred.c
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "abi/linux/prctl.h"
#include "abi/linux/stat.h"
#include "fs/inode.h"
#include "kernel/task/cred.h"
#include "kernel/task/task.h"
#include "tests/host/machine.h"
#include "tests/host/owner.h"
#include "tests/host/tap.h"

#define ALL   CAPABILITIES_ALL
#define CHOWN CAPABILITY(CAP_CHOWN)
#define KILL  CAPABILITY(CAP_KILL)
#define BOOT  CAPABILITY(CAP_SYS_BOOT)
#define FILE_RIGHTS                                                                          \
	(CHOWN | CAPABILITY(CAP_DAC_OVERRIDE) | CAPABILITY(CAP_DAC_READ_SEARCH) |            \
	 CAPABILITY(CAP_FOWNER) | CAPABILITY(CAP_FSETID) | CAPABILITY(CAP_LINUX_IMMUTABLE) | \
	 CAPABILITY(CAP_MKNOD) | CAPABILITY(CAP_MAC_OVERRIDE))

static struct thread_group own_group, other_group;
static struct task own = { .group = &own_group }, other = { .group = &other_group };
struct task *current = &own;

static struct capabilities *caps(void)
{
	return &own_group.caps;
}

/* A user without rights, in both processes. */
static void start(void)
{
	static const struct id_set user = { 1000, 1000, 1000, 1000 },
				   group = { 100, 100, 100, 100 };

	memset(&own_group, 0, sizeof(own_group));
	own_group.user = user;
	own_group.groups.ids = group;
	own_group.caps.bounding = ALL;
	other_group = own_group;
	own.file_ids = NULL;
	own.personality = own.parent_death_signal = 0;
	host_fsgid = 100;
}

static void one_right(void)
{
	const struct file_ids instead = { 1, 1, KILL };

	start();
	for (u32 cap = 0; cap <= CAP_LAST; cap++) {
		caps()->effective = CAPABILITY(cap);
		EXPECT(capable(cap));
		caps()->effective = ALL & ~CAPABILITY(cap);
		EXPECT(!capable(cap));
	}
	/* During access() those of the real user count. */
	own.file_ids = &instead;
	EXPECT(capable(CAP_KILL) && !capable(CAP_CHOWN));
	capabilities_init(caps());
	EXPECT(caps()->permitted == 0x1ffffffffff && caps()->effective == 0x1ffffffffff);
	EXPECT(caps()->bounding == 0x1ffffffffff && !caps()->inheritable && !caps()->ambient);
}

/* --- setuid() and so on --- */

static void change(struct id_set from, struct id_set to)
{
	*caps() = (struct capabilities){ ALL, ALL, KILL, ALL, KILL, caps()->secure };
	if (from.effective)
		caps()->effective = BOOT;
	capabilities_set_ids(caps(), &from, &to);
}

static void changes_of_ids(void)
{
	static const struct id_set root = { 0, 0, 0, 0 }, none = { 1, 1, 1, 1 };
	static const struct id_set kept[] = { { 0, 1, 1, 1 }, { 1, 1, 0, 1 } };

	start();
	change(root, root);
	EXPECT(caps()->permitted == ALL && caps()->effective == ALL && caps()->ambient == KILL);
	change(root, none);
	EXPECT(!caps()->permitted && !caps()->effective && !caps()->ambient);
	EXPECT(caps()->inheritable == KILL && caps()->bounding == ALL);
	/* One ID that stays root's keeps what is permitted. */
	for (u32 i = 0; i < ARRAY_SIZE(kept); i++) {
		change(root, kept[i]);
		EXPECT(caps()->permitted == ALL && !caps()->effective && caps()->ambient == KILL);
		change(kept[i], root);
		EXPECT(caps()->permitted == ALL && caps()->effective == ALL);
		change(kept[i], none);
		EXPECT(!caps()->permitted && !caps()->effective && !caps()->ambient);
	}
	change((struct id_set){ 1, 0, 1, 1 }, none);
	EXPECT(!caps()->permitted && !caps()->effective);
	change(none, none);
	EXPECT(caps()->permitted == ALL && caps()->effective == BOOT && caps()->ambient == KILL);
	caps()->secure = SECBIT_KEEP_CAPS;
	change(root, none);
	EXPECT(caps()->permitted == ALL && !caps()->effective && !caps()->ambient);
	caps()->secure = SECBIT_NO_SETUID_FIXUP;
	change(root, none);
	EXPECT(caps()->permitted == ALL && caps()->effective == ALL && caps()->ambient == KILL);
}

static void changes_of_file_id(void)
{
	start();
	caps()->permitted = caps()->effective = ALL;
	capabilities_set_file_id(caps(), 0, 0);
	EXPECT_EQ(caps()->effective, ALL);
	capabilities_set_file_id(caps(), 0, 5);
	EXPECT_EQ(caps()->effective, ALL & ~FILE_RIGHTS);
	capabilities_set_file_id(caps(), 5, 6);
	EXPECT_EQ(caps()->effective, ALL & ~FILE_RIGHTS);
	caps()->permitted = ALL & ~CHOWN;
	caps()->effective = KILL;
	capabilities_set_file_id(caps(), 5, 0);
	EXPECT_EQ(caps()->effective, (FILE_RIGHTS & ~CHOWN) | KILL);
	caps()->secure = SECBIT_NO_SETUID_FIXUP;
	capabilities_set_file_id(caps(), 0, 5);
	EXPECT_EQ(caps()->effective, (FILE_RIGHTS & ~CHOWN) | KILL);
	caps()->effective = 0;
	capabilities_set_file_id(caps(), 5, 0);
	EXPECT_EQ(caps()->effective, 0);
}

/* --- execve() and capset() --- */

static void program(u32 real, u32 effective, bool changed, u32 secure, u64 permitted, u64 in_effect)
{
	const struct id_set user = { real, effective, effective, effective };

	*caps() = (struct capabilities){
		.permitted = CHOWN | KILL,
		.effective = CHOWN,
		.inheritable = KILL | BOOT,
		.bounding = CHOWN,
		.ambient = KILL,
		.secure = secure,
	};
	capabilities_exec(caps(), &user, changed);
	EXPECT_EQ(caps()->permitted, permitted);
	EXPECT_EQ(caps()->effective, in_effect);
	EXPECT_EQ(caps()->ambient, changed ? 0 : KILL);
	EXPECT_EQ(caps()->secure, secure & ~(u32)SECBIT_KEEP_CAPS);
	EXPECT_EQ(caps()->inheritable, KILL | BOOT);
}

static void programs(void)
{
	const u64 roots = CHOWN | KILL | BOOT; /* bounding and inheritable */

	start();
	program(5, 5, false, 0, KILL, KILL);
	program(5, 5, true, 0, 0, 0);
	program(0, 0, false, 0, roots, roots);
	program(0, 0, true, 0, roots, roots);
	program(5, 0, true, 0, roots, roots);
	program(0, 5, false, 0, roots, KILL);
	program(0, 0, false, SECBIT_NOROOT, KILL, KILL);
	program(0, 0, false, SECBIT_KEEP_CAPS | SECBIT_NO_CAP_AMBIENT_RAISE, roots, roots);
}

static void capset(void)
{
	start();
	caps()->permitted = KILL | BOOT;
	caps()->inheritable = BOOT;
	caps()->ambient = BOOT;
	EXPECT_EQ(capabilities_change(KILL, KILL | BOOT, BOOT), 0);
	EXPECT(caps()->effective == KILL && caps()->ambient == BOOT);
	EXPECT_EQ(capabilities_change(KILL, KILL, KILL | BOOT), 0);
	EXPECT(caps()->inheritable == (KILL | BOOT) && caps()->permitted == KILL);
	EXPECT_EQ(caps()->ambient, 0);
	/* What is lost does not come back. */
	EXPECT_EQ(capabilities_change(KILL, KILL | BOOT, 0), -EPERM);
	EXPECT_EQ(capabilities_change(BOOT, KILL, 0), -EPERM);
	/* What is inherited comes from what is permitted, or with CAP_SETPCAP from the bounds. */
	EXPECT_EQ(capabilities_change(0, KILL, CHOWN), -EPERM);
	caps()->permitted = caps()->effective = KILL | CAPABILITY(CAP_SETPCAP);
	EXPECT_EQ(capabilities_change(caps()->effective, caps()->permitted, CHOWN), 0);
	EXPECT_EQ(caps()->inheritable, CHOWN);
	caps()->bounding = 0;
	EXPECT_EQ(capabilities_change(caps()->effective, caps()->permitted, CHOWN), 0);
	EXPECT_EQ(capabilities_change(caps()->effective, caps()->permitted, KILL), -EPERM);
	EXPECT_EQ(caps()->inheritable, CHOWN);
	caps()->ambient = CHOWN;
	EXPECT_EQ(capabilities_change(0, KILL, CHOWN), 0);
	EXPECT_EQ(caps()->ambient, 0);
}

/* --- Files that set IDs --- */

static struct inode file;

static struct exec_ids ids_of(u32 mode, bool shared)
{
	file.mode = (u16)(S_IFREG | mode);
	return exec_ids(&file, shared);
}

static void files_that_set_ids(void)
{
	struct exec_ids ids;

	start();
	file.uid = 7;
	file.gid = 8;
	own.personality = PERSONALITY_CLEARED | 1;
	own_group.user.effective = 1000;
	own_group.user.saved = 5;
	own_group.user.file = 6;
	ids = ids_of(0755, false);
	EXPECT(ids.user.real == 1000 && ids.user.effective == 1000);
	EXPECT(ids.user.saved == 1000 && ids.user.file == 1000);
	EXPECT(!ids.secure && !ids.limited && ids.personality == own.personality);
	ids = ids_of(04755, false);
	EXPECT(ids.user.real == 1000 && ids.user.effective == 7);
	EXPECT(ids.user.saved == 7 && ids.user.file == 7);
	EXPECT(ids.group.effective == 100 && ids.secure && ids.personality == 1);
	ids = ids_of(02755, false);
	EXPECT(ids.group.real == 100 && ids.group.effective == 8 && ids.group.saved == 8);
	EXPECT(ids.user.effective == 1000 && ids.secure && ids.personality == 1);
	/* Without the right to execute for the group it means something else. */
	ids = ids_of(02745, false);
	EXPECT(ids.group.effective == 100 && !ids.secure);
	/* The file's IDs are the process's own. */
	file.uid = 1000;
	file.gid = 100;
	ids = ids_of(06755, false);
	EXPECT(!ids.secure && ids.personality == 1);
	/* Both sets of IDs differ already. */
	own_group.user.effective = 7;
	EXPECT(ids_of(0755, false).secure);
	own_group.user.effective = 1000;
	own_group.groups.ids.effective = 8;
	EXPECT(ids_of(0755, false).secure);
}

static void not_allowed(void)
{
	struct exec_ids ids;

	start();
	file.uid = 7;
	file.gid = 8;
	own_group.flags.no_new_privs = true;
	ids = ids_of(06755, false);
	EXPECT(ids.user.effective == 1000 && ids.group.effective == 100);
	EXPECT(ids.limited && !ids.secure);
	/* Another process could change the folders of a program with rights. */
	own_group.flags.no_new_privs = false;
	ids = ids_of(06755, true);
	EXPECT(ids.user.effective == 1000 && ids.user.saved == 1000 && ids.user.file == 1000);
	EXPECT(ids.group.effective == 100 && ids.limited && ids.secure);
	caps()->effective = CAPABILITY(CAP_SETUID);
	ids = ids_of(06755, true);
	EXPECT(ids.user.effective == 7 && ids.group.effective == 8 && ids.limited);
	caps()->effective = 0;
	file.uid = 1000;
	file.gid = 100;
	own_group.user.saved = 5;
	ids = ids_of(06755, true);
	EXPECT(ids.user.saved == 1000 && !ids.secure);
}

static void taken_over(void)
{
	const struct exec_ids ids = {
		.user = { 1000, 0, 0, 0 },
		.group = { 100, 8, 8, 8 },
		.secure = true,
		.personality = 9,
	};
	struct exec_ids plain = { .user = { 5, 5, 5, 5 }, .group = { 6, 6, 6, 6 } };

	start();
	own.parent_death_signal = 9;
	caps()->ambient = KILL;
	exec_set_ids(&ids);
	EXPECT(!memcmp(&own_group.user, &ids.user, sizeof(ids.user)));
	EXPECT(!memcmp(&own_group.groups.ids, &ids.group, sizeof(ids.group)));
	EXPECT(caps()->permitted == ALL && caps()->effective == ALL && !caps()->ambient);
	EXPECT(own_group.flags.not_dumpable && own.personality == 9 && !own.parent_death_signal);
	own.parent_death_signal = 9;
	caps()->ambient = caps()->permitted = KILL;
	exec_set_ids(&plain);
	EXPECT(caps()->permitted == KILL && caps()->effective == KILL);
	EXPECT(!own_group.flags.not_dumpable && own.parent_death_signal == 9);
	/* Either ID makes the difference. */
	plain.group.real = 7;
	exec_set_ids(&plain);
	EXPECT(own_group.flags.not_dumpable);
	plain.group.real = 6;
	plain.user.effective = 8;
	exec_set_ids(&plain);
	EXPECT(own_group.flags.not_dumpable);
	/* No capabilities that it has not yet. */
	caps()->permitted = KILL;
	plain = ids;
	plain.limited = true;
	exec_set_ids(&plain);
	EXPECT(caps()->permitted == KILL && caps()->effective == KILL);
}

/* --- Other processes --- */

/* Each ID of the other process in turn is another one. */
static u32 *id_of_other(u32 i)
{
	struct id_set *user = &other_group.user, *group = &other_group.groups.ids;
	u32 *ids[] = { &user->real,  &user->effective,	&user->saved,
		       &group->real, &group->effective, &group->saved };

	return ids[i];
}

static void the_same_user(void)
{
	start();
	EXPECT(same_user(&other) && same_user(&own) && may_inspect(&other));
	for (u32 i = 0; i < 6; i++) {
		start();
		*id_of_other(i) += 1;
		EXPECT(!same_user(&other) && !may_inspect(&other));
		caps()->effective = CAPABILITY(CAP_SYS_PTRACE);
		EXPECT(may_inspect(&other));
	}
	start();
	own_group.user.effective = 3; /* the real ones count */
	own_group.groups.ids.effective = 4;
	EXPECT(same_user(&other));
	own_group.user.real = 3;
	EXPECT(same_user(&own) && !same_user(&other));
	start();
	other_group.flags.not_dumpable = true;
	EXPECT(!may_inspect(&other));
	own_group.flags.not_dumpable = true;
	EXPECT(may_inspect(&own));
	start();
	other_group.caps.permitted = KILL;
	EXPECT(!may_inspect(&other));
	own_group.caps.permitted = KILL | BOOT;
	EXPECT(may_inspect(&other));
}

static void signals(void)
{
	start();
	EXPECT(may_signal(&own) && may_signal(&other));
	other_group.user =
		(struct id_set){ 1, 1000, 3, 1000 }; /* its effective ID does not count */
	EXPECT(!may_signal(&other));
	caps()->effective = KILL;
	EXPECT(may_signal(&other));
	caps()->effective = 0;
	own_group.user.real = 1;
	EXPECT(may_signal(&other));
	own_group.user.real = 3;
	EXPECT(may_signal(&other));
	own_group.user.real = 1000;
	own_group.user.effective = 1;
	EXPECT(may_signal(&other));
	own_group.user.effective = 3;
	EXPECT(may_signal(&other));
	own_group.user.effective = 1000;
	own_group.user.saved = 1;
	EXPECT(!may_signal(&other));
}

static void first_limits(void)
{
	struct rlimit rlim[RLIM_NLIMITS];

	machine_boot();
	memset(rlim, 0, sizeof(rlim));
	limits_init(rlim);
	for (u32 i = 0; i < RLIM_NLIMITS; i++)
		EXPECT(rlim[i].cur <= rlim[i].max);
	EXPECT(rlim[RLIMIT_STACK].cur == MiB(8) && rlim[RLIMIT_STACK].max == RLIM_INFINITY);
	EXPECT(rlim[RLIMIT_CORE].cur == 0 && rlim[RLIMIT_CORE].max == RLIM_INFINITY);
	EXPECT(rlim[RLIMIT_NPROC].cur == 32768 && rlim[RLIMIT_NPROC].max == 32768);
	EXPECT(rlim[RLIMIT_NOFILE].cur == 1024 && rlim[RLIMIT_NOFILE].max == 4096);
	EXPECT(rlim[RLIMIT_MSGQUEUE].cur == 819200 && rlim[RLIMIT_MSGQUEUE].max == 819200);
	EXPECT(!rlim[RLIMIT_NICE].max && !rlim[RLIMIT_RTPRIO].max);
	EXPECT(rlim[RLIMIT_MEMLOCK].cur == MiB(8) && rlim[RLIMIT_MEMLOCK].max == MiB(8));
	/* 64 MiB have 16384 frames: half of 1024 stacks of two frames. */
	EXPECT(rlim[RLIMIT_SIGPENDING].cur > 400 && rlim[RLIMIT_SIGPENDING].cur <= 512);
	EXPECT_EQ(rlim[RLIMIT_SIGPENDING].max, rlim[RLIMIT_SIGPENDING].cur);
	EXPECT_EQ(rlim[RLIMIT_DATA].cur, RLIM_INFINITY);
	EXPECT_EQ(rlim[RLIMIT_CPU].max, RLIM_INFINITY);
}

static void of_personality(void)
{
	own.personality = READ_IMPLIES_EXEC;
	EXPECT(read_implies_exec());
	own.personality = ~READ_IMPLIES_EXEC;
	EXPECT(!read_implies_exec());
}

TAP_MAIN({ "each right", one_right }, { "changes of user IDs", changes_of_ids },
	 { "changes of the ID for files", changes_of_file_id }, { "programs", programs },
	 { "capset", capset }, { "files that set IDs", files_that_set_ids },
	 { "IDs that are not given", not_allowed }, { "IDs are taken over", taken_over },
	 { "the same user", the_same_user }, { "signals to others", signals },
	 { "the first limits", first_limits }, { "READ_IMPLIES_EXEC", of_personality })
