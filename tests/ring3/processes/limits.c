/* SPDX-License-Identifier: MIT */
/*
 * Resource limits: get, set, inherit, and the effect of those on memory and descriptors. The
 * limits of a fresh process differ from system to system, so each case sets its own.
 */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/thread.h"

#define BIG MiB(64)

static const char *program_path;

static void lower(int resource, u32 value)
{
	struct rlimit limit;

	EXPECT_EQ(sys_ugetrlimit(resource, &limit), 0);
	limit.cur = value;
	EXPECT_EQ(sys_setrlimit(resource, &limit), 0);
}

static void asks_and_sets(void *argument)
{
	struct rlimit limit, again;

	(void)argument;
	EXPECT_EQ(sys_ugetrlimit(RLIMIT_STACK, &limit), 0);
	EXPECT(limit.cur <= limit.max);
	limit.cur = 12345678;
	EXPECT_EQ(sys_setrlimit(RLIMIT_STACK, &limit), 0);
	EXPECT_EQ(sys_ugetrlimit(RLIMIT_STACK, &again), 0);
	EXPECT_EQ(again.cur, 12345678);
	EXPECT_EQ(again.max, limit.max);
	limit = (struct rlimit){ 20, 20 };
	EXPECT_EQ(sys_setrlimit(RLIMIT_CORE, &limit), 0);
	limit = (struct rlimit){ 21, 20 };
	EXPECT_EQ(sys_setrlimit(RLIMIT_CORE, &limit), -EINVAL);
	EXPECT_EQ(sys_ugetrlimit(RLIMIT_CORE, &again), 0);
	EXPECT(again.cur == 20 && again.max == 20);
}

static void set(void)
{
	EXPECT_CHILD(asks_and_sets, NULL, EXITED(0));
}

static void ends(void *argument)
{
	(void)argument;
}

static void bad_arguments(void)
{
	struct rlimit limit = { 1, 2 };
	int child;

	EXPECT_EQ(sys_ugetrlimit(16, &limit), -EINVAL);
	EXPECT_EQ(sys_ugetrlimit(-1, &limit), -EINVAL);
	EXPECT_EQ(sys_setrlimit(16, &limit), -EINVAL);
	EXPECT_EQ(sys_ugetrlimit(RLIMIT_AS, (void *)16), -EFAULT);
	EXPECT_EQ(sys_setrlimit(RLIMIT_AS, (void *)16), -EFAULT);
	EXPECT_EQ(sys_getrlimit(RLIMIT_AS, (void *)16), -EFAULT);
	EXPECT_EQ(sys_prlimit64(0, 16, NULL, NULL), -EINVAL);
	EXPECT_EQ(sys_prlimit64(0, RLIMIT_AS, (void *)16, NULL), -EFAULT);
	EXPECT_EQ(sys_prlimit64(0, RLIMIT_AS, NULL, (void *)16), -EFAULT);
	EXPECT_EQ(sys_prlimit64(0x7ffffff0, RLIMIT_AS, NULL, NULL), -ESRCH);
	/* A process that has ended has limits until its parent has waited. */
	child = process_start(ends, NULL);
	EXPECT_EQ(system_call(NR_waitid, P_PID, child, 0, WEXITED | WNOWAIT, 0, 0), 0);
	EXPECT_EQ(sys_prlimit64(child, RLIMIT_AS, NULL, NULL), 0);
	EXPECT_EQ(process_wait(child), EXITED(0));
	EXPECT_EQ(sys_prlimit64(0, RLIMIT_AS, NULL, NULL), 0);
}

/* Without a limit: all ones, but the old call has no more than 31 bits. */
static void infinity(void)
{
	struct rlimit64 wide;
	struct rlimit limit;

	lower(RLIMIT_AS, RLIM_INFINITY);
	EXPECT_EQ(sys_ugetrlimit(RLIMIT_AS, &limit), 0);
	EXPECT_EQ(limit.cur, RLIM_INFINITY);
	EXPECT_EQ(sys_getrlimit(RLIMIT_AS, &limit), 0);
	EXPECT_EQ(limit.cur, 0x7fffffff);
	EXPECT_EQ(sys_prlimit64(0, RLIMIT_AS, NULL, &wide), 0);
	EXPECT((u32)wide.cur == ~0u && (u32)(wide.cur >> 32) == ~0u);
}

static void set_by_prlimit(void *argument)
{
	struct rlimit64 new = { 5555, 7777 }, old = { 0, 0 };

	(void)argument;
	EXPECT_EQ(sys_prlimit64(sys_getpid(), RLIMIT_CORE, &new, &old), 0);
	EXPECT(old.cur <= old.max);
	EXPECT_EQ(sys_prlimit64(0, RLIMIT_CORE, NULL, &old), 0);
	EXPECT(old.cur == 5555 && old.max == 7777);
	new = (struct rlimit64){ 7778, 7777 };
	EXPECT_EQ(sys_prlimit64(0, RLIMIT_CORE, &new, NULL), -EINVAL);
}

/* Another user's limits are neither told nor set. */
static void asks_as_other_user(void *argument)
{
	const struct rlimit64 none = { 0, 0 };
	struct rlimit64 old;
	int parent = *(int *)argument;

	EXPECT_EQ(sys_prlimit64(parent, RLIMIT_CORE, NULL, &old), 0);
	EXPECT_EQ(system_call(NR_setresuid32, 54321, 54321, 54321, 0, 0, 0), 0);
	EXPECT_EQ(sys_prlimit64(parent, RLIMIT_CORE, NULL, &old), -EPERM);
	EXPECT_EQ(sys_prlimit64(parent, RLIMIT_CORE, &none, NULL), -EPERM);
	EXPECT_EQ(sys_prlimit64(sys_getpid(), RLIMIT_CORE, &none, NULL), 0);
}

static void prlimit(void)
{
	int self = (int)sys_getpid();

	EXPECT_CHILD(set_by_prlimit, NULL, EXITED(0));
	if (system_call(NR_geteuid32, 0, 0, 0, 0, 0, 0) == 0)
		EXPECT_CHILD(asks_as_other_user, &self, EXITED(0));
}

static void has_what_its_parent_had(void *argument)
{
	struct rlimit limit;

	EXPECT_EQ(sys_ugetrlimit(RLIMIT_STACK, &limit), 0);
	EXPECT_EQ(limit.cur, (u32)argument);
	lower(RLIMIT_STACK, 5 * PAGE_SIZE);
}

static void hands_down(void *argument)
{
	static const char *const empty[] = { NULL };
	const char *const argv[] = { program_path, "image", NULL };
	struct rlimit limit;

	(void)argument;
	lower(RLIMIT_STACK, MiB(3));
	EXPECT_CHILD(has_what_its_parent_had, (void *)MiB(3), EXITED(0));
	EXPECT_EQ(sys_ugetrlimit(RLIMIT_STACK, &limit), 0);
	EXPECT_EQ(limit.cur, MiB(3));
	sys_execve(program_path, argv, empty);
}

static int run_image(void)
{
	struct rlimit limit;

	return sys_ugetrlimit(RLIMIT_STACK, &limit) == 0 && limit.cur == MiB(3) ? 42 : 1;
}

static void inherited(void)
{
	EXPECT_CHILD(hands_down, NULL, EXITED(42));
}

static void opens_few(void *argument)
{
	struct rlimit limit = { 5, 5 };

	(void)argument;
	EXPECT_EQ(sys_setrlimit(RLIMIT_NOFILE, &limit), 0);
	EXPECT_EQ(sys_dup(0), 3);
	EXPECT_EQ(sys_open(program_path, O_RDONLY), 4);
	EXPECT_EQ(sys_open(program_path, O_RDONLY), -EMFILE);
	EXPECT_EQ(sys_dup(0), -EMFILE);
	EXPECT_EQ(sys_dup2(0, 5), -EBADF);
	EXPECT_EQ(sys_dup3(0, 5, 0), -EBADF);
	EXPECT_EQ(sys_fcntl(0, F_DUPFD, 5), -EINVAL);
	EXPECT_EQ(sys_fcntl(0, F_DUPFD, 4), -EMFILE);
	EXPECT_EQ(sys_close(3), 0);
	EXPECT_EQ(sys_fcntl(0, F_DUPFD, 0), 3);
}

static void descriptors(void)
{
	EXPECT_CHILD(opens_few, NULL, EXITED(0));
}

/* Uses its stack down to `bytes` below here. */
static void use_stack(u32 bytes)
{
	volatile u8 *top = __builtin_frame_address(0);

	for (u32 i = 0; i < bytes; i += PAGE_SIZE / 2)
		top[-(long)i] = 1;
}

static void stays_within(void *argument)
{
	(void)argument;
	lower(RLIMIT_STACK, MiB(2));
	use_stack(MiB(2) - 16 * PAGE_SIZE);
}

static void goes_beyond(void *argument)
{
	(void)argument;
	lower(RLIMIT_STACK, MiB(1));
	use_stack(MiB(1) + 16 * PAGE_SIZE);
}

static void stack(void)
{
	EXPECT_CHILD(stays_within, NULL, EXITED(0));
	EXPECT_CHILD(goes_beyond, NULL, KILLED(SIGSEGV));
}

static void grows_its_heap(void *argument)
{
	u32 start = sys_brk(0);

	(void)argument;
	lower(RLIMIT_DATA, MiB(1));
	EXPECT_EQ(sys_brk(start + MiB(2)), start);
	EXPECT_EQ(sys_brk(start + MiB(1) / 2), start + MiB(1) / 2);
	lower(RLIMIT_DATA, BIG);
	EXPECT_EQ(sys_brk(start + MiB(2)), start + MiB(2));
}

static void heap(void)
{
	EXPECT_CHILD(grows_its_heap, NULL, EXITED(0));
}

static int lowers_its_own(void *argument)
{
	(void)argument;
	lower(RLIMIT_AS, PAGE_SIZE);
	return 0;
}

/*
 * Linux since 4.6: a soft limit of 0 stops brk alone, for programs that bring an allocator of
 * their own; the hard limit counts.
 */
static void stops_its_heap(void *argument)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	struct rlimit limit = { 0, BIG };
	u32 start = sys_brk(0);

	(void)argument;
	EXPECT_EQ(sys_setrlimit(RLIMIT_DATA, &limit), 0);
	EXPECT_EQ(sys_brk(start + PAGE_SIZE), start);
	EXPECT(!is_error(sys_mmap2(0, MiB(1), PROT_READ | PROT_WRITE, flags, -1, 0)));
	EXPECT_EQ(sys_mmap2(0, BIG, PROT_READ | PROT_WRITE, flags, -1, 0), -ENOMEM);
	EXPECT(!is_error(sys_mmap2(0, BIG, PROT_READ, flags, -1, 0)));
	limit.cur = 1;
	EXPECT_EQ(sys_setrlimit(RLIMIT_DATA, &limit), 0);
	EXPECT_EQ(sys_mmap2(0, PAGE_SIZE, PROT_READ | PROT_WRITE, flags, -1, 0), -ENOMEM);
	limit = (struct rlimit){ 0, 0 };
	EXPECT_EQ(sys_setrlimit(RLIMIT_DATA, &limit), 0);
	EXPECT_EQ(sys_mmap2(0, PAGE_SIZE, PROT_READ | PROT_WRITE, flags, -1, 0), -ENOMEM);
}

static void heap_alone(void)
{
	EXPECT_CHILD(stops_its_heap, NULL, EXITED(0));
}

/* The child's limits are its own, though it lives in the memory of its parent. */
static void set_after_vfork(void)
{
	int pid = (int)vfork_call(lowers_its_own, NULL);
	u32 address;

	EXPECT_EQ(process_wait(pid), EXITED(0));
	address =
		sys_mmap2(0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT(!is_error(address));
	if (!is_error(address))
		sys_munmap(address, PAGE_SIZE);
}

static const struct tap_case cases[] = {
	{ "a limit is set, and told", set },
	{ "bad arguments", bad_arguments },
	{ "no limit", infinity },
	{ "prlimit64", prlimit },
	{ "fork and execve hand limits down", inherited },
	{ "a vfork child's limits are its own", set_after_vfork },
	{ "RLIMIT_NOFILE", descriptors },
	{ "RLIMIT_STACK", stack },
	{ "RLIMIT_DATA: the heap", heap },
	{ "RLIMIT_DATA of 0: the heap alone", heap_alone },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	program_path = argv[0];
	if (argc > 1)
		return run_image();
	return tap_run(cases, ARRAY_SIZE(cases));
}
