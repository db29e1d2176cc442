/* SPDX-License-Identifier: MIT */
/*
 * Calls on processes and on the machine that few programs make, and what they refuse. What would
 * change the machine is called by a user that may not.
 */
#include "abi/linux/time.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/rows.h"
#include "tests/ring3/runtime/signal_calls.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/task_calls.h"

#define BAD	   16
#define OTHER_USER 54321

static long call(int number, long a, long b, long c, long d, long e)
{
	return system_call(number, a, b, c, d, e, 0);
}

/* ---- What only the super-user may ---- */

static const struct timespec64 sound = { .seconds = 1 }, late = { .nanoseconds = 1000000000 };
static const struct timespec narrow = { 1, 0 };
static const s32 timeval[] = { 1, 0 }, late_timeval[] = { 1, 1000000 }, early[] = { -1, 0 };
static u8 tick[256] = { 0, 0x40 }; /* modes: ADJ_TICK */
static u8 buffer[256];

static const struct row refused[] = {
	{ NR_reboot, { (long)0xfee1dead, 0x28121969, 0x01234567 }, -EPERM },
	{ NR_reboot, { 0, 0, 0 }, -EPERM },
	{ NR_stime, { BAD }, -EFAULT },
	{ NR_stime, { (long)&timeval }, -EPERM },
	{ NR_settimeofday, { BAD, 0 }, -EFAULT },
	{ NR_settimeofday, { 0, BAD }, -EFAULT },
	{ NR_settimeofday, { (long)late_timeval, 0 }, -EINVAL },
	{ NR_settimeofday, { (long)early, 0 }, -EINVAL },
	{ NR_settimeofday, { (long)timeval, 0 }, -EPERM },
	{ NR_settimeofday, { 0, (long)timeval }, -EPERM },
	{ NR_clock_settime, { CLOCK_REALTIME, BAD }, -EFAULT },
	{ NR_clock_settime, { CLOCK_REALTIME, (long)&narrow }, -EPERM },
	{ NR_clock_settime, { CLOCK_MONOTONIC, (long)&narrow }, -EINVAL },
	{ NR_clock_settime, { 99, (long)&narrow }, -EINVAL },
	{ NR_clock_settime64, { CLOCK_REALTIME, (long)&sound }, -EPERM },
	{ NR_clock_settime64, { CLOCK_REALTIME, (long)&late }, -EINVAL },
	{ NR_clock_settime64, { CLOCK_REALTIME, BAD }, -EFAULT },
	{ NR_adjtimex, { (long)tick }, -EPERM },
	{ NR_adjtimex, { BAD }, -EFAULT },
	{ NR_sethostname, { (long)"name", 4 }, -EPERM },
	{ NR_setdomainname, { (long)"name", 4 }, -EPERM },
	{ NR_mount, { (long)"none", (long)"/tmp", (long)"tmpfs", 0, 0 }, -EPERM },
	{ NR_mount, { (long)"none", (long)"/no/such", (long)"tmpfs", 0, 0 }, -ENOENT },
	{ NR_mount, { (long)"none", (long)"/tmp", BAD, 0, 0 }, -EFAULT },
	{ NR_mount, { BAD, (long)"/tmp", (long)"tmpfs", 0, 0 }, -EFAULT },
	{ NR_mount, { (long)"none", BAD, (long)"tmpfs", 0, 0 }, -EFAULT },
	{ NR_umount2, { (long)"/tmp", 0 }, -EPERM },
	{ NR_umount2, { (long)"/tmp", 0x100 }, -EINVAL },
	{ NR_umount2, { (long)"/no/such", 0 }, -ENOENT },
	{ NR_umount2, { BAD, 0 }, -EFAULT },
	{ NR_umount, { (long)"/tmp" }, -EPERM },
	{ NR_swapon, { (long)"/tmp", 0 }, -EPERM },
	{ NR_swapoff, { (long)"/tmp" }, -EPERM },
	{ NR_chroot, { (long)"/" }, -EPERM },
	{ NR_setgroups32, { 0, 0 }, -EPERM },
	{ NR_setuid32, { 0 }, -EPERM },
	{ NR_setuid, { 0 }, -EPERM },
	{ NR_setgid, { 0 }, -EPERM },
	{ NR_setreuid32, { 0, -1 }, -EPERM },
	{ NR_setresuid32, { -1, 0, -1 }, -EPERM },
	{ NR_setregid32, { 0, -1 }, -EPERM },
	{ NR_setresgid32, { -1, -1, 0 }, -EPERM },
	{ NR_sched_setscheduler, { 0, SCHED_FIFO, (long)timeval }, -EPERM },
	{ NR_setpriority, { 0, 0, -1 }, -EACCES },
	{ NR_nice, { -1 }, -EPERM },
};

static void as_another_user(void *unused)
{
	struct rlimit limit = { 10, 10 };

	(void)unused;
	EXPECT_EQ(call(NR_setgroups32, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(call(NR_setresgid32, OTHER_USER, OTHER_USER, OTHER_USER, 0, 0), 0);
	EXPECT_EQ(call(NR_setresuid32, OTHER_USER, OTHER_USER, OTHER_USER, 0, 0), 0);
	try_rows(refused, ARRAY_SIZE(refused));
	EXPECT_EQ(sys_setrlimit(RLIMIT_CORE, &limit), 0);
	limit.max = 11;
	EXPECT_EQ(sys_setrlimit(RLIMIT_CORE, &limit), -EPERM);
	EXPECT_EQ(call(NR_setuid, OTHER_USER, 0, 0, 0, 0), 0);
	EXPECT_EQ(call(NR_setuid32, OTHER_USER, 0, 0, 0, 0), 0);
	EXPECT_EQ(call(NR_setgid, OTHER_USER, 0, 0, 0, 0), 0);
}

static void refused_to_users(void)
{
	EXPECT_CHILD(as_another_user, NULL, EXITED(0));
}

/* ---- Bounds and wrong numbers ---- */

static const struct row bounds[] = {
	{ NR_sched_get_priority_max, { SCHED_OTHER }, 0 },
	{ NR_sched_get_priority_max, { SCHED_FIFO }, 99 },
	{ NR_sched_get_priority_max, { SCHED_RR }, 99 },
	{ NR_sched_get_priority_max, { SCHED_BATCH }, 0 },
	{ NR_sched_get_priority_max, { SCHED_IDLE }, 0 },
	{ NR_sched_get_priority_max, { SCHED_DEADLINE }, 0 },
	{ NR_sched_get_priority_max, { 4 }, -EINVAL },
	{ NR_sched_get_priority_max, { -1 }, -EINVAL },
	{ NR_sched_get_priority_min, { SCHED_OTHER }, 0 },
	{ NR_sched_get_priority_min, { SCHED_FIFO }, 1 },
	{ NR_sched_get_priority_min, { SCHED_RR }, 1 },
	{ NR_sched_get_priority_min, { SCHED_BATCH }, 0 },
	{ NR_sched_get_priority_min, { SCHED_IDLE }, 0 },
	{ NR_sched_get_priority_min, { SCHED_DEADLINE }, 0 },
	{ NR_sched_get_priority_min, { 8 }, -EINVAL },
	{ NR_modify_ldt, { 2, (long)buffer, 16 }, 16 },
	{ NR_modify_ldt, { 2, BAD, 16 }, -EFAULT },
	{ NR_modify_ldt, { 3, (long)buffer, 16 }, -ENOSYS },
	{ NR_pkey_alloc, { 1, 0 }, -EINVAL },
	{ NR_pkey_alloc, { 0, 4 }, -EINVAL },
	{ NR_pkey_free, { 99 }, -EINVAL },
	{ NR_arch_prctl, { 0x9999, 0 }, -EINVAL },
	{ NR_arch_prctl, { 0x1011, 0 }, 1 },
	{ NR_sched_getscheduler, { -1 }, -EINVAL },
	{ NR_sched_getscheduler, { 0x7ffffff0 }, -ESRCH },
	{ NR_sched_getparam, { 0, BAD }, -EFAULT },
	{ NR_sched_getparam, { 0, 0 }, -EINVAL },
	{ NR_sched_setparam, { 0, BAD }, -EFAULT },
	{ NR_sched_setscheduler, { 0, 4, (long)buffer }, -EINVAL },
	{ NR_sched_setscheduler, { 0, -1, (long)buffer }, -EINVAL },
	{ NR_sched_setattr, { 0, BAD, 0 }, -EFAULT },
	{ NR_sched_setattr, { 0, 0, 0 }, -EINVAL },
	{ NR_sched_setattr, { 0, (long)buffer, 1 }, -EINVAL },
	{ NR_sched_getattr, { 0, (long)buffer, 47, 0 }, -EINVAL },
	{ NR_sched_getattr, { 0, (long)buffer, 4097, 0 }, -EINVAL },
	{ NR_sched_getattr, { 0, (long)buffer, 48, 1 }, -EINVAL },
	{ NR_sched_getattr, { 0, BAD, 48, 0 }, -EFAULT },
	{ NR_sched_getattr, { 0x7ffffff0, (long)buffer, 48, 0 }, -ESRCH },
	{ NR_clone, { CLONE_SIGHAND | SIGCHLD, 0 }, -EINVAL },
	{ NR_clone, { CLONE_THREAD | CLONE_VM | SIGCHLD, 0 }, -EINVAL },
	{ NR_getpriority, { 3, 0 }, -EINVAL },
	{ NR_getpriority, { -1, 0 }, -EINVAL },
	{ NR_getpriority, { 0, 0x7ffffff0 }, -ESRCH },
	{ NR_getpriority, { 0, 0 }, 20 },
	{ NR_setpriority, { 3, 0, 0 }, -EINVAL },
	{ NR_setpriority, { 0, 0x7ffffff0, 0 }, -ESRCH },
	{ NR_getpgid, { 0x7ffffff0 }, -ESRCH },
	{ NR_getsid, { 0x7ffffff0 }, -ESRCH },
	{ NR_setpgid, { 0, -1 }, -EINVAL },
	{ NR_setpgid, { 0x7ffffff0, 0 }, -ESRCH },
	{ NR_prctl, { 0x7fff, 0 }, -EINVAL },
	{ NR_prctl, { 47, 4, 1 }, -EINVAL }, /* PR_CAP_AMBIENT: clear all */
	{ NR_prctl, { 47, 4, 0 }, 0 },
	{ NR_prctl, { 47, 1, 99 }, -EINVAL },
	{ NR_prctl, { 47, 1, 0 }, 0 },
	{ NR_prctl, { 47, 2, 0 }, -EPERM }, /* it is not inheritable */
	{ NR_prctl, { 47, 3, 0 }, 0 },
	{ NR_prctl, { 47, 5, 0 }, -EINVAL },
	{ NR_prctl, { 23, 99 }, -EINVAL }, /* PR_CAPBSET_READ */
	{ NR_prctl, { 21 }, 0 },	   /* PR_GET_SECCOMP */
	{ NR_uname, { BAD }, -EFAULT },
	{ NR_olduname, { BAD }, -EFAULT },
	{ NR_oldolduname, { BAD }, -EFAULT },
	{ NR_getcpu, { 0, 0, 0 }, 0 },
	{ NR_getcpu, { BAD, 0, 0 }, -EFAULT },
	{ NR_getrandom, { BAD, 1, 0 }, -EFAULT },
	{ NR_getrandom, { (long)buffer, 1, 8 }, -EINVAL },
	{ NR_capget, { BAD, 0 }, -EFAULT },
	{ NR_getgroups32, { -1, (long)buffer }, -EINVAL },
	{ NR_setgroups32, { 65537, (long)buffer }, -EINVAL },
	{ NR_setgroups32, { 1, BAD }, -EFAULT },
	{ NR_prlimit64, { 0, 16, 0, 0 }, -EINVAL },
	{ NR_prlimit64, { 0, 0, BAD, 0 }, -EFAULT },
	{ NR_prlimit64, { 0, 0, 0, BAD }, -EFAULT },
	{ NR_ugetrlimit, { 16, (long)buffer }, -EINVAL },
	{ NR_getrlimit, { 16, (long)buffer }, -EINVAL },
	{ NR_setrlimit, { 16, (long)buffer }, -EINVAL },
	{ NR_getrusage, { 2, (long)buffer }, -EINVAL },
	{ NR_getrusage, { 0, BAD }, -EFAULT },
	{ NR_times, { BAD }, -EFAULT },
	{ NR_sysinfo, { BAD }, -EFAULT },
	{ NR_syslog, { 99, 0, 0 }, -EINVAL },
	{ NR_syslog, { 2, 0, 0 }, -EINVAL },
	{ NR_syslog, { 3, (long)buffer, -1 }, -EINVAL },
	{ NR_syslog, { 0, 0, 0 }, 0 },
};

static void wrong_numbers(void)
{
	try_rows(bounds, ARRAY_SIZE(bounds));
}

/* ---- The system's names ---- */

static void names(void)
{
	static struct utsname now, old;
	static char oldest[5][9];
	const char *fields[] = { now.sysname, now.nodename, now.release, now.version, now.machine };

	EXPECT_EQ(sys_uname(&now), 0);
	memset(&old, 0x55, sizeof(old));
	EXPECT_EQ(call(NR_olduname, (long)&old, 0, 0, 0, 0), 0);
	EXPECT(!memcmp(&old, &now, sizeof(now) - 65));
	EXPECT_EQ(old.domainname[0], 0x55);
	EXPECT_EQ(call(NR_oldolduname, (long)oldest, 0, 0, 0, 0), 0);
	for (u32 i = 0; i < ARRAY_SIZE(fields); i++) {
		u32 length = strlen(fields[i]);

		length = length < 8 ? length : 8;
		EXPECT(!memcmp(oldest[i], fields[i], length) && !oldest[i][length]);
	}
	EXPECT_EQ(call(NR_personality, 0x0020000, 0, 0, 0, 0), 0); /* UNAME26 */
	EXPECT_EQ(sys_uname(&old), 0);
	EXPECT(!memcmp(old.release, "2.6.", 4));
	EXPECT(!memcmp(old.sysname, now.sysname, 65));
	EXPECT_EQ(call(NR_personality, 0, 0, 0, 0, 0), 0x0020000);
}

/* ---- Rights of memory with a key ---- */

static void keys(void)
{
	u8 *page = memory_map(2, PROT_READ);

	EXPECT_EQ(call(NR_pkey_mprotect, (long)page, PAGE_SIZE, PROT_READ | PROT_WRITE, -1, 0), 0);
	page[0] = 5;
	EXPECT_EQ(page[0], 5);
	EXPECT_EQ(call(NR_pkey_mprotect, (long)page, PAGE_SIZE, PROT_READ, 17, 0), -EINVAL);
	EXPECT_EQ(call(NR_pkey_mprotect, (long)page, PAGE_SIZE, PROT_READ, -2, 0), -EINVAL);
	EXPECT_EQ(call(NR_pkey_mprotect, (long)page + 1, PAGE_SIZE, PROT_READ, -1, 0), -EINVAL);
	EXPECT_EQ(call(NR_getcwd, (long)page + PAGE_SIZE, 100, 0, 0, 0), -EFAULT);
	memory_unmap(page, 2);
}

static long remap(const u8 *start, u32 bytes, u32 protection, u32 page)
{
	return call(NR_remap_file_pages, (long)start, (long)bytes, (long)protection, (long)page, 0);
}

/* Other pages of the object in an area; over several areas only if they map it without a gap. */
static void remapped_pages(void)
{
	u8 *at = (u8 *)sys_mmap2(0, 6 * PAGE_SIZE, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	for (u32 i = 0; i < 6; i++)
		at[i * PAGE_SIZE] = (u8)('a' + i);
	EXPECT_EQ(remap(at + PAGE_SIZE, PAGE_SIZE, 0, 4), 0);
	EXPECT(at[0] == 'a' && at[PAGE_SIZE] == 'e' && at[2 * PAGE_SIZE] == 'c');
	EXPECT_EQ(remap(at, 3 * PAGE_SIZE, 0, 3), 0); /* three areas */
	EXPECT(at[0] == 'd' && at[PAGE_SIZE] == 'e' && at[2 * PAGE_SIZE] == 'f');
	EXPECT(at[3 * PAGE_SIZE] == 'd' && at[5 * PAGE_SIZE] == 'f');
	EXPECT_EQ(remap(at, PAGE_SIZE, PROT_READ, 0), -EINVAL);
	EXPECT_EQ(remap(at, PAGE_SIZE - 1, 0, 0), -EINVAL);
	EXPECT_EQ(remap(at, 7 * PAGE_SIZE, 0, 0), -EINVAL); /* its end is not mapped */
	EXPECT_EQ(sys_mprotect((u32)at + PAGE_SIZE, PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(remap(at, 3 * PAGE_SIZE, 0, 0), -EINVAL); /* other rights */
	EXPECT_EQ(remap(at + PAGE_SIZE, PAGE_SIZE, 0, 0), 0);
	EXPECT_EQ(at[PAGE_SIZE], 'a');
	EXPECT_EQ(sys_munmap((u32)at + 3 * PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(remap(at + 2 * PAGE_SIZE, 3 * PAGE_SIZE, 0, 0), -EINVAL); /* a hole */
	EXPECT_EQ(remap(at + 3 * PAGE_SIZE, PAGE_SIZE, 0, 0), -EINVAL);
	sys_mmap2((u32)at + 3 * PAGE_SIZE, PAGE_SIZE, PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 3);
	EXPECT_EQ(remap(at + 2 * PAGE_SIZE, 3 * PAGE_SIZE, 0, 0), -EINVAL); /* another object */
	EXPECT_EQ(remap(at + 2 * PAGE_SIZE, PAGE_SIZE, 0, 1), 0);
	EXPECT_EQ(at[2 * PAGE_SIZE], 'b');
	sys_mmap2((u32)at, PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	EXPECT_EQ(remap(at, PAGE_SIZE, 0, 0), -EINVAL); /* private */
	EXPECT_EQ(sys_munmap((u32)at, 6 * PAGE_SIZE), 0);
}

static void default_table(void)
{
	memset(buffer, 0x55, sizeof(buffer));
	EXPECT_EQ(call(NR_modify_ldt, 2, (long)buffer, 16, 0, 0), 16);
	for (u32 i = 0; i < 16; i++)
		EXPECT_EQ(buffer[i], 0);
	EXPECT_EQ(buffer[16], 0x55);
}

/* ---- Priorities of groups and users ---- */

enum { OF_PROCESS, OF_GROUP, OF_USER };

static long priority(u32 which, int who)
{
	return 20 - call(NR_getpriority, which, who, 0, 0, 0);
}

static void sleeps(void *unused)
{
	(void)unused;
	for (;;)
		call(NR_pause, 0, 0, 0, 0, 0);
}

static void in_own_group(void *unused)
{
	int child, self = sys_getpid();

	(void)unused;
	EXPECT_EQ(call(NR_setpgid, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(call(NR_setresuid32, OTHER_USER, 0, 0, 0, 0), 0);
	child = process_start(sleeps, NULL);
	EXPECT_EQ(call(NR_setpriority, OF_PROCESS, child, 5, 0, 0), 0);
	EXPECT_EQ(priority(OF_GROUP, 0), 0); /* the lowest value of both */
	EXPECT_EQ(call(NR_setpriority, OF_PROCESS, 0, 7, 0, 0), 0);
	EXPECT_EQ(priority(OF_GROUP, 0), 5);
	EXPECT_EQ(priority(OF_GROUP, self), 5);
	EXPECT_EQ(priority(OF_USER, OTHER_USER), 5);
	EXPECT_EQ(priority(OF_USER, 0), 5);
	EXPECT_EQ(priority(OF_PROCESS, child), 5);
	EXPECT_EQ(call(NR_setpriority, OF_GROUP, self, 9, 0, 0), 0);
	EXPECT_EQ(priority(OF_PROCESS, child), 9);
	EXPECT_EQ(priority(OF_PROCESS, 0), 9);
	EXPECT_EQ(call(NR_setpriority, OF_USER, OTHER_USER, 25, 0, 0), 0);
	EXPECT_EQ(priority(OF_PROCESS, child), 19);
	EXPECT_EQ(priority(OF_PROCESS, self), 19);
	EXPECT_EQ(priority(OF_PROCESS, sys_getppid()), 0);
	EXPECT_EQ(call(NR_setpriority, OF_USER, OTHER_USER + 1, 1, 0, 0), -ESRCH);
	EXPECT_EQ(call(NR_getpriority, OF_USER, OTHER_USER + 1, 0, 0, 0), -ESRCH);
	EXPECT_EQ(call(NR_getpriority, OF_GROUP, 0x7ffffff0, 0, 0, 0), -ESRCH);
	EXPECT_EQ(call(NR_setpriority, OF_PROCESS, 0, -25, 0, 0), 0);
	EXPECT_EQ(priority(OF_PROCESS, 0), -20);
	EXPECT_EQ(call(NR_nice, 3, 0, 0, 0, 0), 0);
	EXPECT_EQ(priority(OF_PROCESS, 0), -17);
	EXPECT_EQ(call(NR_nice, 1000, 0, 0, 0, 0), 0);
	EXPECT_EQ(priority(OF_PROCESS, 0), 19);
	EXPECT_EQ(sys_kill(child, SIGKILL), 0);
	EXPECT_EQ(process_wait(child), KILLED(SIGKILL));
}

static void priorities(void)
{
	EXPECT_CHILD(in_own_group, NULL, EXITED(0));
}

/* ---- Descriptors of children ---- */

/* A descriptor that was reserved for a call that fails is free again. */
static void descriptors_of_children(void)
{
	struct rlimit64 old, few = { 0, 0 };
	int next = (int)sys_dup(0);

	EXPECT_EQ(sys_close(next), 0);
	EXPECT_EQ(call(NR_clone, CLONE_PIDFD | SIGCHLD, 0, BAD, 0, 0), -EFAULT);
	EXPECT_EQ(sys_dup(0), next);
	EXPECT_EQ(sys_close(next), 0);
	EXPECT_EQ(sys_prlimit64(0, RLIMIT_NOFILE, NULL, &old), 0);
	few.max = old.max;
	few.cur = (u64)next;
	EXPECT_EQ(sys_prlimit64(0, RLIMIT_NOFILE, &few, NULL), 0);
	EXPECT_EQ(call(NR_clone, CLONE_PIDFD | SIGCHLD, 0, (long)buffer, 0, 0), -EMFILE);
	EXPECT_EQ(sys_open("/", O_RDONLY), -EMFILE);
	EXPECT_EQ(sys_dup(0), -EMFILE);
	EXPECT_EQ(sys_dup2(0, next), -EBADF);
	EXPECT_EQ(sys_fcntl(0, F_DUPFD, next), -EINVAL);
	EXPECT_EQ(call(NR_pipe, (long)buffer, 0, 0, 0, 0), -EMFILE);
	few.cur = (u64)next + 1;
	EXPECT_EQ(sys_prlimit64(0, RLIMIT_NOFILE, &few, NULL), 0);
	EXPECT_EQ(call(NR_pipe, (long)buffer, 0, 0, 0, 0), -EMFILE); /* one of two */
	EXPECT_EQ(sys_dup(0), next);
	EXPECT_EQ(sys_dup2(next, next), next);
	EXPECT_EQ(sys_dup3(next, next, 0), -EINVAL);
	EXPECT_EQ(sys_dup2(next + 5, next + 5), -EBADF);
	EXPECT_EQ(sys_close(next), 0);
	EXPECT_EQ(sys_close(next), -EBADF);
	EXPECT_EQ(call(NR_pipe, BAD, 0, 0, 0, 0), -EMFILE);
	EXPECT_EQ(sys_prlimit64(0, RLIMIT_NOFILE, &old, NULL), 0);
	EXPECT_EQ(call(NR_pipe, BAD, 0, 0, 0, 0), -EFAULT);
	EXPECT_EQ(sys_open("/no/such/file", O_RDONLY), -ENOENT);
	EXPECT_EQ(sys_open("/tmp", O_WRONLY), -EISDIR);
	EXPECT_EQ(sys_dup(0), next);
	EXPECT_EQ(sys_close(next), 0);
}

static const struct tap_case cases[] = {
	{ "refused to users", refused_to_users },
	{ "bounds and wrong numbers", wrong_numbers },
	{ "the names of the system", names },
	{ "rights of memory with a key", keys },
	{ "other pages of an object", remapped_pages },
	{ "the default table of segments", default_table },
	{ "priorities of groups and users", priorities },
	{ "descriptors after a call that failed", descriptors_of_children },
};

int main(void);
int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
