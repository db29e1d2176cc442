/* SPDX-License-Identifier: MIT */
/*
 * No memory for system calls: each allocation of each call fails in turn. The call returns the
 * error that Linux has for it, and nothing is left of it: no descriptor, file, object or frame.
 *
 * A list of steps is made in order until one fails; then all is undone. A step that succeeds
 * although one of its allocations failed is an error too (fail_sweep()).
 */
#include "abi/linux/epoll.h"
#include "abi/linux/errno.h"
#include "abi/linux/fcntl.h"
#include "abi/linux/flock.h"
#include "abi/linux/ldt.h"
#include "abi/linux/msg.h"
#include "abi/linux/poll.h"
#include "abi/linux/sched.h"
#include "abi/linux/sem.h"
#include "abi/linux/uio.h"
#include "abi/linux/unistd.h"
#include "kernel/cpu/gdt.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/process/exit.h"
#include "kernel/process/fs_struct.h"
#include "kernel/process/wait_child.h"
#include "kernel/signal/signal.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/sched.h"
#include "kernel/task/ldt.h"
#include "kernel/time/process_timers.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "lib/text.h"
#include "tests/kernel/drain.h"
#include "tests/kernel/user_space.h"

#define DATA  0x20100000u
#define PAGES 8u
#define TEXT  DATA		     /* paths */
#define BYTES (DATA + 2 * PAGE_SIZE) /* what calls read and write */

struct step {
	s32 (*run)(void);
	s32 error; /* when memory is missing */
};

static s32 call(u32 number, u32 first, u32 second, u32 third, u32 fourth)
{
	struct pt_regs regs = {
		.eax = number,
		.orig_eax = number,
		.ebx = first,
		.ecx = second,
		.edx = third,
		.esi = fourth,
		.cs = USER_CS,
		.eflags = 0x202,
	};

	do_syscall(&regs);
	return (s32)regs.eax;
}

/* Puts a text into the program's memory. Returns the address. */
static vaddr_t path(const char *text)
{
	EXPECT_EQ(copy_to_user(TEXT, text, (u32)strlen(text) + 1), 0);
	return TEXT;
}

static vaddr_t put(const void *bytes, u32 count)
{
	EXPECT_EQ(copy_to_user(BYTES, bytes, count), 0);
	return BYTES;
}

/* --- Files --- */

#define LONG_NAME \
	"/tmp/././././././././././././././././././././././././././././././././././././nomem"

static s32 create(void)
{
	return call(NR_open, path("/tmp/nomem"), O_CREAT | O_RDWR, 0600, 0);
}

/* A part may have been written before memory was missing. */
static s32 write_pages(void)
{
	s32 done = call(NR_pwrite64, 0, BYTES, 3 * PAGE_SIZE, 0);

	return done >= 0 && done < 3 * (s32)PAGE_SIZE ? -ENOSPC : done;
}

static s32 open_long_name(void)
{
	return call(NR_stat64, path(LONG_NAME), BYTES, 0, 0);
}

static s32 write_parts(void)
{
	struct iovec parts[9];

	for (u32 i = 0; i < ARRAY_SIZE(parts); i++)
		parts[i] = (struct iovec){ BYTES + 64, 1 };
	return call(NR_writev, 0, put(parts, sizeof(parts)), ARRAY_SIZE(parts), 0);
}

static s32 make_link(void)
{
	EXPECT_EQ(copy_to_user(TEXT + 256, "/tmp/nomem.s", 13), 0);
	return call(NR_symlink, path("nomem"), TEXT + 256, 0, 0);
}

static s32 make_folder(void)
{
	return call(NR_mkdir, path("/tmp/nomem.d"), 0700, 0, 0);
}

static s32 make_fifo(void)
{
	return call(NR_mknod, path("/tmp/nomem.f"), S_IFIFO | 0600, 0, 0);
}

static s32 where(void)
{
	return call(NR_getcwd, BYTES, PAGE_SIZE, 0, 0);
}

static s32 lock(void)
{
	const struct flock64 range = { .type = 1, .start = 5, .length = 7 };

	return call(NR_fcntl64, 0, F_SETLK64, put(&range, sizeof(range)), 0);
}

static s32 lock_whole(void)
{
	return call(NR_flock, 0, 2, 0, 0);
}

static s32 send_file(void)
{
	call(NR_lseek, 0, 0, 0, 0);
	return call(NR_sendfile, 0, 0, 0, 0) < 0 ? -ENOMEM : 0;
}

static s32 high_descriptor(void)
{
	return call(NR_dup2, 0, 200, 0, 0);
}

static s32 select_many(void)
{
	u8 sets[32] = { 1 };

	return call(NR__newselect, 201, put(sets, sizeof(sets)), 0, 0);
}

static const struct step file_steps[] = {
	{ create, -ENOSPC },	  { write_pages, -ENOSPC }, { open_long_name, -ENOMEM },
	{ write_parts, -ENOMEM }, { make_link, -ENOSPC },   { make_folder, -ENOSPC },
	{ make_fifo, -ENOSPC },	  { where, -ENOMEM },	    { lock, -ENOLCK },
	{ lock_whole, -ENOLCK },  { send_file, -ENOMEM },   { high_descriptor, -ENOMEM },
	{ select_many, -ENOMEM },
};

/* --- Files that are none --- */

static s32 make_pipe(void)
{
	return call(NR_pipe2, BYTES, O_NONBLOCK, 0, 0);
}

static s32 own_pipe(void)
{
	return call(NR_fcntl64, 0, F_SETOWN, (u32)current->pid, 0);
}

static s32 make_epoll(void)
{
	return call(NR_epoll_create1, 0, 0, 0, 0);
}

static s32 add_pipe(void)
{
	const struct epoll_event event = { .events = POLLIN };

	return call(NR_epoll_ctl, 2, EPOLL_CTL_ADD, 0, put(&event, sizeof(event)));
}

static s32 wait_epoll(void)
{
	return call(NR_epoll_wait, 2, BYTES, 100, 0);
}

static s32 make_event(void)
{
	return call(NR_eventfd2, 3, 0, 0, 0);
}

static s32 make_timer_file(void)
{
	return call(NR_timerfd_create, 1, 0, 0, 0);
}

static s32 make_signal_file(void)
{
	const u64 mask = SIGMASK(SIGUSR1);

	return call(NR_signalfd4, ~0u, put(&mask, sizeof(mask)), sizeof(mask), 0);
}

static s32 make_inotify(void)
{
	return call(NR_inotify_init1, 0, 0, 0, 0);
}

static s32 watch(void)
{
	return call(NR_inotify_add_watch, 6, path("/tmp"), 2, 0);
}

static s32 make_memory_file(void)
{
	return call(NR_memfd_create, path("nomem"), 0, 0, 0);
}

static s32 make_pidfd(void)
{
	return call(NR_pidfd_open, (u32)current->pid, 0, 0, 0);
}

static s32 poll_many(void)
{
	struct pollfd fds[64];

	for (u32 i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = (struct pollfd){ .fd = 0, .events = POLLOUT };
	return call(NR_poll, put(fds, sizeof(fds)), ARRAY_SIZE(fds), 0, 0);
}

static const struct step event_steps[] = {
	{ make_pipe, -ENOMEM },	      { own_pipe, -ENOMEM },	     { make_epoll, -ENOMEM },
	{ add_pipe, -ENOMEM },	      { wait_epoll, -ENOMEM },	     { make_event, -ENOMEM },
	{ make_timer_file, -ENOMEM }, { make_signal_file, -ENOMEM }, { make_inotify, -ENOMEM },
	{ watch, -ENOMEM },	      { make_memory_file, -ENOMEM }, { make_pidfd, -ENOMEM },
	{ poll_many, -ENOMEM },
};

/* --- Objects of System V, timers, segments --- */

static s32 set_id, queue_id, segment_id, timer_id, values_done;

static s32 make_set(void)
{
	return set_id = call(NR_semget, IPC_PRIVATE, 3, 0600, 0);
}

static s32 raise_value(void)
{
	const struct sembuf operation = { 1, 5, SEM_UNDO };

	return call(NR_semtimedop_time64, (u32)set_id, put(&operation, sizeof(operation)), 1, 0);
}

static s32 read_values(void)
{
	return values_done = call(NR_semctl, (u32)set_id, 0, GETALL, BYTES);
}

static s32 make_queue(void)
{
	return queue_id = call(NR_msgget, IPC_PRIVATE, 0600, 0, 0);
}

static s32 send_message(void)
{
	const u32 message[] = { 1, 2, 3 };

	return call(NR_msgsnd, (u32)queue_id, put(message, sizeof(message)), 8, 0);
}

static s32 copy_message(void)
{
	struct pt_regs regs = {
		.eax = NR_msgrcv,
		.ebx = (u32)queue_id,
		.ecx = BYTES,
		.edx = 8,
		.esi = 0,
		.edi = MSG_COPY | IPC_NOWAIT,
	};

	do_syscall(&regs);
	return (s32)regs.eax;
}

static s32 make_segment(void)
{
	return segment_id = call(NR_shmget, IPC_PRIVATE, PAGE_SIZE, 0600, 0);
}

static s32 make_timer(void)
{
	s32 err = call(NR_timer_create, 1, 0, BYTES, 0);

	return timer_id = err;
}

static s32 set_alarm(void)
{
	const u32 times[4] = { 0, 0, 1000, 0 };

	return call(NR_setitimer, ITIMER_REAL, put(times, sizeof(times)), 0, 0);
}

static s32 queue_signal(void)
{
	struct siginfo info = { .signo = SIGRTMIN, .code = SI_QUEUE };
	u8 whole[128] = { 0 };

	memcpy(whole, &info, sizeof(info));
	return call(NR_rt_sigqueueinfo, (u32)current->pid, SIGRTMIN, put(whole, sizeof(whole)), 0);
}

static s32 set_segment(void)
{
	const struct user_desc desc = { 3, 0x1000, 7, DESC_32BIT };

	return call(NR_modify_ldt, 1, put(&desc, sizeof(desc)), sizeof(desc), 0);
}

static s32 peek(void)
{
	const struct iovec part = { BYTES + 64, 4 };
	struct pt_regs regs = {
		.eax = NR_process_vm_readv,
		.ebx = (u32)current->pid,
		.ecx = put(&part, sizeof(part)),
		.edx = 1,
		.esi = BYTES,
		.edi = 1,
	};

	do_syscall(&regs);
	return (s32)regs.eax;
}

static const struct step object_steps[] = {
	{ make_set, -ENOMEM },	   { raise_value, -ENOMEM },  { read_values, -ENOMEM },
	{ make_queue, -ENOMEM },   { send_message, -ENOMEM }, { copy_message, -ENOMEM },
	{ make_segment, -ENOMEM }, { queue_signal, -EAGAIN }, { set_segment, -ENOMEM },
	{ peek, -ENOMEM },
};

/* The first one needs memory for all timers of the process. */
static const struct step alarm_steps[] = { { set_alarm, -ENOMEM } };
static const struct step timer_steps[] = { { make_timer, -EAGAIN } };

/* --- Tables that are no longer shared --- */

/* A table of descriptors that has not grown yet. */
static bool open_table(void)
{
	current->files = files_alloc();
	return current->files;
}

static struct files_struct *shared_files;
static struct fs_struct *shared_fs;

static s32 leave_files(void)
{
	s32 err = call(NR_unshare, CLONE_FILES, 0, 0, 0);

	EXPECT((current->files != shared_files) == !err);
	return err;
}

static s32 leave_folders(void)
{
	s32 err = call(NR_unshare, CLONE_FS, 0, 0, 0);

	EXPECT((current->fs != shared_fs) == !err);
	return err;
}

static s32 close_own(void)
{
	s32 err;

	files_put(current->files);
	current->files = shared_files;
	files_get(shared_files);
	err = call(NR_close_range, 5, 9, 2, 0);
	EXPECT((current->files != shared_files) == !err);
	return err;
}

static const struct step share_steps[] = {
	{ leave_files, -ENOMEM },
	{ leave_folders, -ENOMEM },
	{ close_own, -ENOMEM },
};

static bool share(void)
{
	shared_files = current->files;
	shared_fs = current->fs;
	files_get(shared_files);
	shared_fs->count++;
	return true;
}

static void end_sharing(void)
{
	files_put(current->files);
	current->files = shared_files;
	fs_leave(current);
	current->fs = shared_fs;
}

/* --- */

static bool nothing(void)
{
	return true;
}

static void close_files(void)
{
	static const char *const names[] = { "/tmp/nomem", "/tmp/nomem.s", "/tmp/nomem.f" };

	call(NR_close_range, 0, ~0u, 0, 0);
	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		call(NR_unlink, path(names[i]), 0, 0, 0);
	call(NR_rmdir, path("/tmp/nomem.d"), 0, 0, 0);
	files_put(current->files);
	current->files = NULL;
}

static void remove_objects(void)
{
	call(NR_semctl, (u32)set_id, 0, IPC_RMID, 0);
	call(NR_msgctl, (u32)queue_id, IPC_RMID, 0, 0);
	call(NR_shmctl, (u32)segment_id, IPC_RMID, 0, 0);
	set_id = queue_id = segment_id = -1;
	signal_flush(current->group, &current->group->pending, ~0ull);
	signal_flush(current->group, &current->pending, ~0ull);
	ldt_free(current->group);
	process_timers_free(current->group);
}

static const struct list {
	const struct step *steps;
	u32 count, least; /* failures that are expected at least */
	bool (*begin)(void);
	void (*undo)(void);
} lists[] = {
	{ file_steps, ARRAY_SIZE(file_steps), 30, open_table, close_files },
	{ event_steps, ARRAY_SIZE(event_steps), 30, open_table, close_files },
	{ object_steps, ARRAY_SIZE(object_steps), 20, nothing, remove_objects },
	{ alarm_steps, 1, 2, nothing, remove_objects },
	{ timer_steps, 1, 2, nothing, remove_objects },
	{ share_steps, ARRAY_SIZE(share_steps), 5, share, end_sharing },
};

static bool make_calls(void *context)
{
	const struct list *list = context;
	bool good = true;

	if (!list->begin())
		return false;
	for (u32 i = 0; i < list->count && good; i++) {
		s32 result = list->steps[i].run();

		good = result >= 0;
		if (!good && result != list->steps[i].error && result != -ENOMEM) {
			printk("  # step %u\n", i);
			EXPECT_EQ((u32)result, (u32)list->steps[i].error);
		}
	}
	list->undo();
	return good;
}

/* The process has data that are there, and blocks signals: they wait in its queue. */
static void calls(void *which)
{
	const struct list *list = &lists[(uintptr_t)which];
	u32 failed;

	current->sighand = sighand_alloc();
	current->blocked = ~0ull;
	EXPECT(current->sighand && fs_own() && user_enter());
	EXPECT(map_anonymous(current->mm, DATA, PAGES, PROT_RW) == DATA);
	for (u32 i = 0; i < PAGES; i++)
		EXPECT(user_write(DATA + i * PAGE_SIZE, 0));
	if (list->begin == share)
		EXPECT(open_table());
	failed = fail_sweep(make_calls, (void *)(uintptr_t)list);
	EXPECT(failed >= list->least);
	printk("  # failures: %u injected\n", failed);
	do_exit(0);
}

static void in_a_task(u32 which)
{
	struct task *task = kernel_task("nomem", calls, (void *)(uintptr_t)which);
	int status;

	EXPECT(task);
	EXPECT_EQ((u32)do_wait(task->pid, &status, 0), (u32)task->pid);
}

static void files(void)
{
	in_a_task(0);
}

static void events(void)
{
	in_a_task(1);
}

static void objects(void)
{
	in_a_task(2);
}

static void alarms(void)
{
	in_a_task(3);
}

static void timers(void)
{
	in_a_task(4);
}

static void sharing(void)
{
	in_a_task(5);
}

static const struct test_case cases[] = {
	{ "files", files },   { "events", events }, { "objects", objects },
	{ "alarms", alarms }, { "timers", timers }, { "sharing", sharing },
};

TEST_SUITE(nomem_calls, cases);
