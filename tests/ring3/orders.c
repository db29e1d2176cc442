/* SPDX-License-Identifier: MIT */
/*
 * What must hold in every order of two or three tasks. Each case is small, waits without loops,
 * and ends with an invariant: then sched=explore tries each order (tests/boot/orders.t).
 *
 * A wake-up that is lost shows as a case that does not end.
 */
#include "abi/linux/mman.h"
#include "abi/linux/prctl.h"
#include "abi/linux/uio.h"
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/thread.h"

#define ALL 0x7fffffff

static char *program_path;
static struct thread threads[2];
static volatile int word, other_word, counter;
static int ends[2]; /* of a pipe */

/* ---- futexes ---- */

static int sets_word(void *argument)
{
	(void)argument;
	word_set(&word, 1);
	return 0;
}

static void wait_and_wake(void)
{
	word = 0;
	thread_start(&threads[0], sets_word, NULL);
	word_wait(&word, 0);
	thread_join(&threads[0]);
}

/* A mutex of three states (Drepper, "Futexes Are Tricky"): free, locked, locked with sleepers. */
static void mutex_lock(void)
{
	if (__sync_val_compare_and_swap(&word, 0, 1) == 0)
		return;
	while (__sync_lock_test_and_set(&word, 2))
		sys_futex(&word, FUTEX_WAIT, 2, NULL, NULL, 0);
}

static void mutex_unlock(void)
{
	if (__sync_lock_test_and_set(&word, 0) == 2)
		sys_futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* The kernel may switch in the middle. */
static void count_slowly(void)
{
	int before = counter;

	sys_getppid();
	counter = before + 1;
}

static int counts_locked(void *argument)
{
	(void)argument;
	mutex_lock();
	count_slowly();
	mutex_unlock();
	return 0;
}

static void start_and_join(thread_body *body)
{
	word = other_word = counter = 0;
	for (u32 i = 0; i < ARRAY_SIZE(threads); i++)
		thread_start(&threads[i], body, NULL);
	for (u32 i = 0; i < ARRAY_SIZE(threads); i++)
		thread_join(&threads[i]);
}

static void mutex(void)
{
	start_and_join(counts_locked);
	EXPECT_EQ(counter, 2);
}

static int counts_with_pi(void *argument)
{
	int own = sys_gettid();

	(void)argument;
	if (__sync_val_compare_and_swap(&word, 0, own) != 0)
		EXPECT_EQ(sys_futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0), 0);
	count_slowly();
	if (__sync_val_compare_and_swap(&word, own, 0) != own)
		EXPECT_EQ(sys_futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), 0);
	return 0;
}

static void pi_lock(void)
{
	start_and_join(counts_with_pi);
	EXPECT_EQ(counter, 2);
	EXPECT_EQ(word, 0);
}

/* `other_word` is the number of the last broadcast. */
static int waits_for_a_broadcast(void *argument)
{
	(void)argument;
	if (other_word == 0)
		sys_futex(&other_word, FUTEX_WAIT, 0, NULL, NULL, 0);
	mutex_lock();
	word = 2; /* moved sleepers may be on it */
	counter++;
	mutex_unlock();
	return 0;
}

/* A broadcast of a condition: one sleeper is woken, the others move to the mutex. */
static void requeue(void)
{
	word = other_word = counter = 0;
	for (u32 i = 0; i < ARRAY_SIZE(threads); i++)
		thread_start(&threads[i], waits_for_a_broadcast, NULL);
	mutex_lock();
	word = 2;
	other_word = 1;
	EXPECT(sys_futex(&other_word, FUTEX_CMP_REQUEUE, 1, (void *)ALL, &word, 1) >= 0);
	mutex_unlock();
	for (u32 i = 0; i < ARRAY_SIZE(threads); i++)
		thread_join(&threads[i]);
	EXPECT_EQ(counter, 2);
}

/* ---- processes ---- */

static int writes_value(void *argument)
{
	counter = (int)argument;
	sys_getppid();
	return 3;
}

static void vfork(void)
{
	int status = 0;
	long pid;

	counter = 0;
	pid = vfork_call(writes_value, (void *)17);
	EXPECT_EQ(counter, 17);
	EXPECT_EQ(sys_waitpid((int)pid, &status, 0), pid);
	EXPECT_EQ(status, EXITED(3));
}

static int becomes_image(void *argument)
{
	const char *const argv[] = { program_path, "image", NULL }, *const envp[] = { NULL };

	(void)argument;
	return (int)sys_execve(program_path, argv, envp);
}

static void vfork_and_execve(void)
{
	int status = 0;
	long pid = vfork_call(becomes_image, NULL);

	EXPECT_EQ(sys_waitpid((int)pid, &status, 0), pid);
	EXPECT_EQ(status, EXITED(42));
}

static void ends_at_once(void *argument)
{
	sys_exit_group((int)argument);
}

/* Each child is reported once, and none is left. */
static void two_children(void)
{
	int status, sum = 0;

	process_start(ends_at_once, (void *)4);
	process_start(ends_at_once, (void *)5);
	while (sys_waitpid(-1, &status, 0) > 0)
		sum += status >> 8;
	EXPECT_EQ(sum, 9);
	EXPECT_EQ(sys_waitpid(-1, &status, 0), -ECHILD);
}

static int reaps(void *argument)
{
	int status = 0;

	if (sys_waitpid((int)argument, &status, 0) > 0)
		__sync_fetch_and_add(&counter, status >> 8);
	return 0;
}

/* Two threads wait for one child: one learns of its end. */
static void two_waiters(void)
{
	int pid = process_start(ends_at_once, (void *)7);

	counter = 0;
	thread_start(&threads[0], reaps, (void *)pid);
	reaps((void *)pid);
	thread_join(&threads[0]);
	EXPECT_EQ(counter, 7);
}

static void kill_beside_exit(void)
{
	int pid = process_start(ends_at_once, (void *)6), status;

	EXPECT_EQ(sys_kill(pid, SIGKILL), 0);
	status = process_wait(pid);
	EXPECT(status == KILLED(SIGKILL) || status == EXITED(6));
	EXPECT_EQ(sys_kill(pid, SIGKILL), -ESRCH);
}

static void ends_with_7(int signal)
{
	(void)signal;
	sys_exit_group(7);
}

/* Its descriptors are its own, so that a file ends with the leader alone. */
static void has_a_leader_that_ends(void *argument)
{
	(void)argument;
	handler_set(SIGTERM, ends_with_7, 0, 0);
	thread_start_flags(&threads[0], THREAD_FLAGS & ~(u32)CLONE_FILES, NULL, sleeps_forever,
			   NULL);
	sys_write(file_create(0, 0), "text", 4);
	sys_write(ends[1], "x", 1);
	sys_exit(0);
}

/* The other thread takes the signal when the leader cannot any more. */
static void signal_beside_the_leaders_end(void)
{
	char byte;
	int pid;

	EXPECT_EQ(sys_pipe(ends), 0);
	pid = process_start(has_a_leader_that_ends, NULL);
	EXPECT_EQ(sys_read(ends[0], &byte, 1), 1);
	EXPECT_EQ(sys_kill(pid, SIGTERM), 0);
	EXPECT_EQ(process_wait(pid), EXITED(7));
	sys_close(ends[0]);
	sys_close(ends[1]);
}

static int ends_the_process(void *argument)
{
	sys_exit_group((int)argument);
}

static void has_a_thread_that_ends_all(void *argument)
{
	thread_start(&threads[0], ends_the_process, argument);
	sleeps_forever(NULL);
}

static void exit_group_in_a_thread(void)
{
	EXPECT_CHILD(has_a_thread_that_ends_all, (void *)8, EXITED(8));
}

static void has_a_thread_that_execs(void *argument)
{
	thread_start(&threads[0], becomes_image, NULL);
	if (argument)
		sys_exit(1);
	sleeps_forever(NULL);
}

/* The leader sleeps, or ends meanwhile. */
static void execve_in_a_thread(void)
{
	EXPECT_CHILD(has_a_thread_that_execs, NULL, EXITED(42));
	EXPECT_CHILD(has_a_thread_that_execs, (void *)1, EXITED(42));
}

static volatile u32 in_old_program;

/* Returns what the call returns. What it reads is of the old program: in the new one it is 0. */
static long read_parent(void)
{
	u32 value = 1;
	struct iovec own = { (u32)&value, 4 }, other = { (u32)&in_old_program, 4 };
	long result =
		system_call(NR_process_vm_readv, sys_getppid(), (long)&own, 1, (long)&other, 1, 0);

	EXPECT_EQ(value, 1);
	return result;
}

static void reads_parent(void *argument)
{
	long result = read_parent();

	EXPECT(argument || result == 4);
}

static void executes_set_id(void *argument)
{
	const char *const argv[] = { program_path, "waits", NULL }, *const envp[] = { NULL };

	EXPECT_EQ(system_call(NR_setresuid32, 1234, 1234, 1234, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0, 0), 0);
	in_old_program = 1;
	EXPECT_CHILD(reads_parent, NULL, EXITED(0));
	process_start(reads_parent, argument);
	EXPECT_EQ(sys_execve(argument, argv, envp), 0);
}

/* A user never reads the memory of a program that runs with another user's rights. */
static void set_id_beside_a_reader(void)
{
	struct text path;

	file_name(&path, ".set-id");
	EXPECT_EQ(sys_close(file_copy_program(path.data, 0755)), 0);
	EXPECT_EQ(sys_chown(path.data, 77, 88), 0);
	EXPECT_EQ(sys_chmod(path.data, 04755), 0);
	EXPECT_CHILD(executes_set_id, path.data, EXITED(42));
	EXPECT_EQ(sys_unlink(path.data), 0);
}

/* ---- signals ---- */

static void signals_parent(void *argument)
{
	sys_kill((int)argument, SIGUSR1);
}

/* The signal comes before the call, or during it: never too early. */
static void sigsuspend(void)
{
	u64 blocked = SIGNAL_BIT(SIGUSR1), none = 0;
	int pid;

	handled_clear();
	handler_note(SIGUSR1, 0);
	mask_set(blocked);
	pid = process_start(signals_parent, (void *)sys_getpid());
	EXPECT_EQ(sys_rt_sigsuspend(&none), -EINTR);
	EXPECT_EQ(handled.count, 1);
	mask_set(none);
	EXPECT_EQ(process_wait(pid), EXITED(0));
	EXPECT_EQ(handled.count, 1);
}

static void stops(void *argument)
{
	(void)argument;
	sys_kill(sys_getpid(), SIGSTOP);
	sys_exit_group(9);
}

static void stop_and_continue(void)
{
	int pid = process_start(stops, NULL), status = 0;

	EXPECT_EQ(sys_waitpid(pid, &status, WUNTRACED), pid);
	EXPECT_EQ(status, SIGSTOP << 8 | 0x7f);
	EXPECT_EQ(sys_kill(pid, SIGCONT), 0);
	EXPECT_EQ(process_wait(pid), EXITED(9));
}

/* ---- files and memory ---- */

static void writes_bytes(void *argument)
{
	(void)argument;
	sys_close(ends[0]);
	for (char byte = 1; byte <= 3; byte++)
		EXPECT_EQ(sys_write(ends[1], &byte, 1), 1);
}

static void pipe_reader(void)
{
	char byte = 0;
	int pid, sum = 0;

	EXPECT_EQ(sys_pipe(ends), 0);
	pid = process_start(writes_bytes, NULL);
	sys_close(ends[1]);
	while (sys_read(ends[0], &byte, 1) == 1)
		sum += byte;
	EXPECT_EQ(sum, 6);
	EXPECT_EQ(process_wait(pid), EXITED(0));
	sys_close(ends[0]);
}

static void appends(void *argument)
{
	char record[8];

	memset(record, (int)argument, sizeof(record));
	for (u32 i = 0; i < 2; i++)
		EXPECT_EQ(sys_write(ends[0], record, sizeof(record)), sizeof(record));
}

/* Records of two processes in one file are whole, and all there. */
static void appended_records(void)
{
	struct text name;
	char data[40];
	int pid, sum = 0;

	file_name(&name, ".orders");
	ends[0] = (int)sys_open_mode(name.data, O_RDWR | O_CREAT | O_APPEND, 0600);
	pid = process_start(appends, (void *)1);
	appends((void *)10);
	EXPECT_EQ(process_wait(pid), EXITED(0));
	EXPECT_EQ(sys_pread64(ends[0], data, sizeof(data), 0), 32);
	for (u32 i = 0; i < 32; i++) {
		EXPECT_EQ(data[i], data[i & ~7u]);
		sum += data[i];
	}
	EXPECT_EQ(sum, 2 * 8 * (1 + 10));
	sys_close(ends[0]);
	EXPECT_EQ(sys_unlink(name.data), 0);
}

static u8 *pages;

static void pages_out(void *argument)
{
	memory_write(pages, (u8)(u32)argument);
	sys_madvise((u32)pages, 2 * PAGE_SIZE, MADV_PAGEOUT);
	EXPECT_EQ(memory_read(pages), (u8)(u32)argument);
	EXPECT_EQ(memory_read(pages + PAGE_SIZE), 2);
}

/* Pages of two processes go to swap, and come back, each in its own state. */
static void private_pages_in_swap(void)
{
	int pid;

	pages = memory_map(2, PROT_READ | PROT_WRITE);
	memory_write(pages, 1);
	memory_write(pages + PAGE_SIZE, 2);
	sys_madvise((u32)pages, 2 * PAGE_SIZE, MADV_PAGEOUT);
	pid = process_start(pages_out, (void *)3);
	pages_out((void *)4);
	EXPECT_EQ(process_wait(pid), EXITED(0));
	EXPECT_EQ(memory_read(pages), 4);
	memory_unmap(pages, 2);
}

static int maps_and_unmaps(void *argument)
{
	u8 *place = memory_map(1, PROT_READ | PROT_WRITE);

	(void)argument;
	memory_write(place, 5);
	memory_unmap(place, 1);
	return 0;
}

/* fork() while another thread changes the address space. */
static void fork_beside_mmap(void)
{
	int pid;

	counter = 12;
	thread_start(&threads[0], maps_and_unmaps, NULL);
	pid = process_start(ends_at_once, (void *)counter);
	counter = 13;
	EXPECT_EQ(process_wait(pid), EXITED(12));
	thread_join(&threads[0]);
}

static const struct tap_case cases[] = {
	{ "futex: a wait and a wake", wait_and_wake },
	{ "futex: a mutex", mutex },
	{ "futex: a lock with priority inheritance", pi_lock },
	{ "futex: a broadcast that moves sleepers", requeue },
	{ "vfork", vfork },
	{ "vfork and execve", vfork_and_execve },
	{ "two children end", two_children },
	{ "two threads wait for one child", two_waiters },
	{ "kill beside exit", kill_beside_exit },
	{ "a signal beside the leader's end", signal_beside_the_leaders_end },
	{ "exit_group in a thread", exit_group_in_a_thread },
	{ "execve in a thread", execve_in_a_thread },
	{ "execve of a set-ID program beside a reader", set_id_beside_a_reader },
	{ "a signal and sigsuspend", sigsuspend },
	{ "stop and continue", stop_and_continue },
	{ "a pipe", pipe_reader },
	{ "records of two processes", appended_records },
	{ "private pages in swap", private_pages_in_swap },
	{ "fork beside mmap", fork_beside_mmap },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	int status = 1;

	program_path = argv[0];
	if (argc > 1 && *argv[1] == 'w')
		return sys_waitpid(-1, &status, 0) > 0 && !status ? 42 : 1;
	if (argc > 1)
		return 42;
	return tap_run(cases, ARRAY_SIZE(cases));
}
