/* SPDX-License-Identifier: MIT */
/*
 * Supplementary groups: what they allow with files, who has them. Tables of descriptors and
 * folders that tasks share, and a task that stops sharing them.
 */
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/signal_calls.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/thread.h"

#define OTHER_USER 54321
#define FIRST	   7007
#define LAST	   9009
#define NAME	   "/tmp/groups.file"

static const u32 groups[] = { FIRST, 8008, LAST };

static long call(int number, long a, long b, long c)
{
	return system_call(number, a, b, c, 0, 0, 0);
}

/* Becomes a user with the three groups. */
static void leave_root(void)
{
	EXPECT_EQ(call(NR_setgroups32, 3, (long)groups, 0), 0);
	EXPECT_EQ(call(NR_setresgid32, OTHER_USER, OTHER_USER, OTHER_USER), 0);
	EXPECT_EQ(call(NR_setresuid32, OTHER_USER, OTHER_USER, OTHER_USER), 0);
}

static long readable(void)
{
	long fd = sys_open(NAME, O_RDONLY);

	return fd < 0 ? fd : sys_close((int)fd);
}

static void reads_by_groups(void *expected)
{
	leave_root();
	EXPECT_EQ(readable(), *(long *)expected);
	EXPECT_EQ(sys_access(NAME, 4), *(long *)expected);
	/* So does a child, and its child's program would. */
	if (!sys_fork())
		sys_exit(readable() == *(long *)expected ? 0 : 1);
	else
		EXPECT_EQ(sys_waitpid(-1, NULL, 0) > 0, 1);
}

/* Each group of the list counts, the first and the last too; another one does not. */
static void files_of_groups(void)
{
	static const struct {
		u32 group;
		long expected;
	} cases[] = {
		{ FIRST, 0 },	       { 8008, 0 },	  { LAST, 0 },	  { FIRST - 1, -EACCES },
		{ LAST + 1, -EACCES }, { OTHER_USER, 0 }, { 0, -EACCES },
	};

	EXPECT(sys_close((int)sys_open_mode(NAME, O_CREAT | O_RDWR, 0040)) == 0);
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		long expected = cases[i].expected;

		EXPECT_EQ(sys_chown(NAME, 0, cases[i].group), 0);
		EXPECT_EQ(sys_chmod(NAME, 0040), 0);
		EXPECT_CHILD(reads_by_groups, &expected, EXITED(0));
	}
	EXPECT_EQ(sys_unlink(NAME), 0);
}

static void has_groups(void *unused)
{
	static const u32 unsorted[] = { 30, 10, 20, 10 };
	u32 list[8] = { 0 };

	(void)unused;
	EXPECT_EQ(call(NR_setgroups32, 4, (long)unsorted, 0), 0);
	EXPECT_EQ(call(NR_getgroups32, 0, 0, 0), 4);
	EXPECT_EQ(call(NR_getgroups32, 3, (long)list, 0), -EINVAL);
	EXPECT_EQ(call(NR_getgroups32, 8, (long)list, 0), 4);
	EXPECT(list[0] == 10 && list[1] == 10 && list[2] == 20 && list[3] == 30 && !list[4]);
	EXPECT_EQ(call(NR_setgroups32, 3, (long)groups, 0), 0);
	EXPECT_EQ(call(NR_getgroups32, 8, (long)list, 0), 3);
	EXPECT(list[0] == FIRST && list[1] == 8008 && list[2] == LAST);
}

/* In ascending order; a child has them too. */
static void inherits_groups(void *unused)
{
	u32 list[8] = { 0 };

	has_groups(unused);
	if (!sys_fork())
		sys_exit(call(NR_getgroups32, 8, (long)list, 0) == 3 && list[2] == LAST ? 0 : 1);
	EXPECT_EQ(sys_waitpid(-1, (int *)list, 0) > 0, 1);
	EXPECT_EQ(list[0], 0);
}

static void lists(void)
{
	EXPECT_CHILD(inherits_groups, NULL, EXITED(0));
}

/* A group with which a process has no file may still be its own by setgid. */
static void sets_its_group(void *unused)
{
	(void)unused;
	leave_root();
	EXPECT_EQ(call(NR_setgid32, FIRST, 0, 0), -EPERM);
	EXPECT_EQ(call(NR_setgroups32, 0, 0, 0), -EPERM);
	EXPECT_EQ(sys_chown("/tmp", (u32)-1, FIRST), -EPERM);
}

static void gives_to_its_group(void *unused)
{
	long fd;

	(void)unused;
	leave_root();
	fd = sys_open_mode(NAME, O_CREAT | O_RDWR, 0600);
	EXPECT(fd >= 0);
	EXPECT_EQ(sys_chown(NAME, (u32)-1, LAST), 0);
	EXPECT_EQ(sys_chown(NAME, (u32)-1, LAST + 1), -EPERM);
	EXPECT_EQ(sys_unlink(NAME), 0);
}

static void owners(void)
{
	EXPECT_CHILD(sets_its_group, NULL, EXITED(0));
	EXPECT_CHILD(gives_to_its_group, NULL, EXITED(0));
}

/* ---- Tables that are shared ---- */

static int marker;

static bool is_open(int fd)
{
	return sys_fcntl(fd, F_GETFD, 0) >= 0;
}

static int unshares_files(void *argument)
{
	(void)argument;
	if (call(NR_unshare, CLONE_FILES, 0, 0) || !is_open(marker))
		return 1;
	sys_close(marker);
	return is_open(marker) ? 2 : 0;
}

static int closes_a_range(void *argument)
{
	(void)argument;
	if (call(NR_close_range, marker, marker, 2))
		return 1;
	return is_open(marker) ? 2 : 0;
}

static int closes_shared(void *argument)
{
	(void)argument;
	return (int)sys_close(marker);
}

static int run_sharing(thread_body *function, u32 flags)
{
	static u8 stack[16384] __aligned(16);
	int status = -1;
	long pid = clone_call(flags | SIGCHLD, stack + sizeof(stack), NULL, NULL, NULL, function,
			      NULL);

	EXPECT(pid > 0);
	EXPECT_EQ(sys_waitpid((int)pid, &status, 0), pid);
	return status;
}

static void descriptors(void)
{
	marker = (int)sys_open("/proc/self/maps", O_RDONLY);
	EXPECT(marker >= 0);
	EXPECT_EQ(run_sharing(unshares_files, CLONE_FILES), 0);
	EXPECT(is_open(marker));
	EXPECT_EQ(run_sharing(closes_a_range, CLONE_FILES), 0);
	EXPECT(is_open(marker));
	EXPECT_EQ(run_sharing(closes_shared, CLONE_FILES), 0);
	EXPECT(!is_open(marker));
	/* Without anyone to share with nothing changes. */
	EXPECT_EQ(call(NR_unshare, CLONE_FILES | CLONE_FS, 0, 0), 0);
}

static bool is_at(const char *folder)
{
	char here[64];

	return sys_getcwd(here, sizeof(here)) > 0 && !strcmp(here, folder);
}

static int unshares_folders(void *argument)
{
	(void)argument;
	if (call(NR_unshare, CLONE_FS, 0, 0) || !is_at("/tmp"))
		return 1;
	sys_umask(077);
	return sys_chdir("/proc") ? 2 : 0;
}

static int moves_both(void *argument)
{
	(void)argument;
	sys_umask(027);
	return sys_chdir("/proc") ? 2 : 0;
}

static void folders(void)
{
	long before = sys_umask(022);

	EXPECT_EQ(sys_chdir("/tmp"), 0);
	EXPECT_EQ(run_sharing(unshares_folders, CLONE_FS), 0);
	EXPECT(is_at("/tmp"));
	EXPECT_EQ(sys_umask(022), 022);
	EXPECT_EQ(run_sharing(moves_both, CLONE_FS), 0);
	EXPECT(is_at("/proc"));
	EXPECT_EQ(sys_umask((u32)before), 027);
	EXPECT_EQ(sys_chdir("/"), 0);
}

/* The flags that are refused: bit 0 CLONE_VM, bit 1 CLONE_SIGHAND, bit 2 CLONE_THREAD. */
static int refused_flags(void *argument)
{
	(void)argument;
	return (call(NR_unshare, CLONE_VM, 0, 0) == -EINVAL) |
	       (call(NR_unshare, CLONE_SIGHAND, 0, 0) == -EINVAL) << 1 |
	       (call(NR_unshare, CLONE_THREAD, 0, 0) == -EINVAL) << 2;
}

static int refused_in_thread, tid_of_thread;

static int asks_in_thread(void *argument)
{
	tid_of_thread = sys_gettid();
	refused_in_thread = refused_flags(argument);
	return 0;
}

/* What is shared with others stays so. */
static void shared_with_others(void)
{
	static struct thread thread;

	EXPECT_EQ(run_sharing(refused_flags, 0), EXITED(0));
	EXPECT_EQ(run_sharing(refused_flags, CLONE_VM), EXITED(1));
	EXPECT_EQ(run_sharing(refused_flags, CLONE_VM | CLONE_SIGHAND), EXITED(3));
	thread_start(&thread, asks_in_thread, NULL);
	thread_join(&thread);
	EXPECT_EQ(refused_in_thread, 7);
	/* A thread that has been joined is a moment longer in its group. */
	while (!sys_tgkill(sys_getpid(), tid_of_thread, 0))
		sys_sched_yield();
	EXPECT_EQ(refused_flags(NULL), 0);
}

/* What only a process of one thread may stop sharing. */
static void flags_of_unshare(void)
{
	EXPECT_EQ(call(NR_unshare, 1, 0, 0), -EINVAL);
	EXPECT_EQ(call(NR_unshare, 0, 0, 0), 0);
	EXPECT_EQ(call(NR_unshare, CLONE_VM, 0, 0), 0);
	EXPECT_EQ(call(NR_unshare, CLONE_SIGHAND, 0, 0), 0);
	EXPECT_EQ(call(NR_unshare, CLONE_THREAD, 0, 0), 0);
	EXPECT_EQ(call(NR_close_range, 9, 8, 0), -EINVAL);
	EXPECT_EQ(call(NR_close_range, 900, 901, 8), -EINVAL);
}

static const struct tap_case cases[] = {
	{ "files of groups", files_of_groups },
	{ "lists of groups", lists },
	{ "owners", owners },
	{ "descriptors that are shared", descriptors },
	{ "folders that are shared", folders },
	{ "flags of unshare", flags_of_unshare },
	{ "unshare beside others", shared_with_others },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
