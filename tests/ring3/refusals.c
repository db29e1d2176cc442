/* SPDX-License-Identifier: MIT */
/*
 * What calls refuse that the other programs do not try: bad addresses of second arguments, numbers
 * at their bounds, the wrong kind of file. A row is a call and its result on Linux.
 */
#include "abi/linux/flock.h"
#include "abi/linux/poll.h"
#include "abi/linux/uio.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/rows.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/time_calls.h"

#define BAD    16
#define HIGH   ((long)0xfffffff0) /* above all memory of programs, here and on Linux */
#define NONE   99
#define ABSENT 0x7ffffff0 /* no process */
#define NAME   "/tmp/refusals.file"

/* Descriptors that are open. */
enum { FILE_FD = 20, READ_END, WRITE_END, FOLDER, EVENT, PLACE, TIMER, SELF, EPOLL, READ_ONLY };

static char buffer[4096], long_name[260];
static volatile int words[2];
static struct iovec negative[] = { { (u32)buffer, 0x80000000u } }, good[] = { { (u32)buffer, 5 } };
static const struct timespec soon = { 0, 1000 }, late = { 0, 1000000000 };
static struct flock64 far = { 1, 0, 0x100000000ll, 5, 0 }, current_place = { 1, 1, 0, 5, 0 },
		      beyond = { 1, 1, INT64_MAX, 5, 0 }, wrong_whence = { 1, 3, 0, 5, 0 },
		      before_start = { 1, 0, 3, -5, 0 }, wrong_type = { 3, 0, 0, 5, 0 };
static struct flock narrow = { 1, 1, 0, 5, 0 };
static s32 attr[16] = { 48, -1 };

static const struct row file_rows[] = {
	{ NR_pread64, { FILE_FD, (long)buffer, 5, -1, -1 }, -EINVAL },
	{ NR_pwrite64, { FILE_FD, (long)buffer, 5, -1, 0x7fffffff }, -EINVAL },
	{ NR_pread64, { FILE_FD, (long)buffer, 0, 0, 0 }, 0 },
	{ NR_pwrite64, { FILE_FD, (long)buffer, 0, 0, 0 }, 0 },
	{ NR_readv, { FILE_FD, (long)negative, 1 }, -EINVAL },
	{ NR_readv, { FILE_FD, (long)good, 1025 }, -EINVAL },
	{ NR_readv, { FILE_FD, (long)good, -1 }, -EINVAL },
	{ NR_readv, { FILE_FD, BAD, 1 }, -EFAULT },
	{ NR_readv, { FILE_FD, BAD, 0 }, 0 },
	{ NR_preadv2, { FILE_FD, (long)good, 1, 0, 0, 0x1000 }, -EOPNOTSUPP },
	{ NR_preadv2, { NONE, (long)good, 1, 0, 0, 0x1000 }, -EBADF },
	{ NR_pwritev2, { READ_END, (long)good, 1, 5, 0, 0 }, -ESPIPE },
	{ NR_fallocate, { FILE_FD, 0x40, 0, 0, 5, 0 }, -EOPNOTSUPP },
	{ NR_fallocate, { FILE_FD, 2, 0, 0, 5, 0 }, -EOPNOTSUPP },
	{ NR_fallocate, { FILE_FD, 0, 0, 0, 0, 0 }, -EINVAL },
	{ NR_fallocate, { FILE_FD, 0, -1, -1, 5, 0 }, -EINVAL },
	{ NR_fallocate, { FILE_FD, 0, 0, 0x7fffffff, 5, 0x7fffffff }, -EFBIG },
	{ NR_fallocate, { READ_ONLY, 0, 0, 0, 5, 0 }, -EBADF },
	{ NR_fallocate, { WRITE_END, 0, 0, 0, 5, 0 }, -ESPIPE },
	{ NR_fallocate, { FOLDER, 0, 0, 0, 5, 0 }, -EBADF },
	{ NR_memfd_create, { (long)long_name, 0 }, -EINVAL },
	{ NR_memfd_create, { BAD, 0 }, -EFAULT },
	{ NR_memfd_create, { (long)"x", 0x100 }, -EINVAL },
	{ NR_memfd_create, { (long)"x", 0x18 }, -EINVAL },
	{ NR_inotify_add_watch, { EVENT, (long)"/tmp", 2 }, -EINVAL },
	{ NR_sync, { 0 }, 0 },
	{ NR_syncfs, { NONE }, -EBADF },
	{ NR_getcwd, { (long)buffer, 1 }, -ERANGE },
	{ NR_getcwd, { HIGH, 4096 }, -EFAULT },
	{ NR_open_by_handle_at, { FOLDER, BAD, 0 }, -EFAULT },
	{ NR_open_by_handle_at, { FOLDER, (long)words, 0 }, -EINVAL },
	{ NR_sendfile64, { WRITE_END, READ_END, (long)buffer, 5 }, -ESPIPE },
	{ NR_sendfile64, { WRITE_END, FILE_FD, BAD, 5 }, -EFAULT },
	{ NR_sendfile64, { NONE, FILE_FD, 0, 5 }, -EBADF },
	{ NR_sendfile64, { READ_ONLY, FILE_FD, 0, 5 }, -EBADF },
	{ NR_copy_file_range, { FILE_FD, 0, NONE, 0, 5, 0 }, -EBADF },
	{ NR_copy_file_range, { NONE, 0, FILE_FD, 0, 5, 0 }, -EBADF },
	{ NR_copy_file_range, { FILE_FD, 0, FILE_FD, 0, 5, 1 }, -EINVAL },
	{ NR_copy_file_range, { FILE_FD, BAD, FILE_FD, 0, 5, 0 }, -EFAULT },
	{ NR_copy_file_range, { FILE_FD, 0, FILE_FD, BAD, 5, 0 }, -EFAULT },
	{ NR_splice, { READ_END, BAD, WRITE_END, 0, 5, 0 }, -ESPIPE },
	{ NR_splice, { FILE_FD, BAD, WRITE_END, 0, 5, 0 }, -EFAULT },
	{ NR_statfs64, { (long)"/tmp", 5, (long)buffer }, -EINVAL },
	{ NR_fstatfs64, { NONE, 84, (long)buffer }, -EBADF },
	{ NR_utimensat, { FILE_FD, 0, BAD, 0 }, -EFAULT },
	{ NR_fadvise64, { READ_END, 0, 0, 0, 0 }, -ESPIPE },
	{ NR_readahead, { READ_END, 0, 0, 5 }, -EINVAL },
};

static const struct row descriptor_rows[] = {
	{ NR_fcntl64, { FILE_FD, F_SETLK64, (long)&far }, 0 },
	{ NR_fcntl64, { FILE_FD, F_SETLK64, (long)&current_place }, 0 },
	{ NR_fcntl64, { FILE_FD, F_SETLK64, (long)&beyond }, -EOVERFLOW },
	{ NR_fcntl64, { FILE_FD, F_SETLK64, (long)&wrong_whence }, -EINVAL },
	{ NR_fcntl64, { FILE_FD, F_SETLK64, (long)&before_start }, -EINVAL },
	{ NR_fcntl64, { FILE_FD, F_SETLK64, (long)&wrong_type }, -EINVAL },
	{ NR_fcntl64, { FILE_FD, F_SETLK64, BAD }, -EFAULT },
	{ NR_fcntl64, { FILE_FD, F_GETLK64, BAD }, -EFAULT },
	{ NR_fcntl64, { FILE_FD, F_SETLK, (long)&narrow }, 0 },
	{ NR_fcntl64, { FILE_FD, F_SETLK, BAD }, -EFAULT },
	{ NR_fcntl64, { READ_ONLY, F_SETLK, (long)&narrow }, -EBADF },
	{ NR_fcntl64, { PLACE, F_SETLK, (long)&narrow }, -EBADF },
	{ NR_fcntl64, { PLACE, F_GETFL }, O_PATH },
	{ NR_fcntl64, { NONE, F_GETFD }, -EBADF },
	{ NR_fcntl64, { FILE_FD, F_DUPFD, -1 }, -EINVAL },
	{ NR_fcntl64, { FILE_FD, F_DUPFD, 0x7fffffff }, -EINVAL },
	{ NR_fcntl64, { FILE_FD, F_SETSIG, 65 }, -EINVAL },
	{ NR_fcntl64, { FILE_FD, F_SETSIG, -1 }, -EINVAL },
	{ NR_fcntl64, { FILE_FD, F_SETSIG, 64 }, 0 },
	{ NR_fcntl64, { FILE_FD, F_GETSIG, 0 }, 64 },
	{ NR_fcntl64, { READ_END, F_SETOWN, ABSENT }, -ESRCH },
	{ NR_fcntl64, { READ_END, F_SETOWN, -ABSENT }, -ESRCH },
	{ NR_fcntl64, { READ_END, F_SETOWN, (long)0x80000000 }, -EINVAL },
	{ NR_fcntl64, { EVENT, F_SETFL, O_DIRECT }, -EINVAL },
	{ NR_flock, { EVENT, 16 }, -EINVAL },
	{ NR_dup2, { NONE, 40 }, -EBADF },
	{ NR_dup2, { FILE_FD, -1 }, -EBADF },
	{ NR_dup3, { FILE_FD, FILE_FD, 0 }, -EINVAL },
	{ NR_dup3, { FILE_FD, 40, 1 }, -EINVAL },
	{ NR_pipe2, { (long)buffer, 1 }, -EINVAL },
	{ NR_pipe2, { BAD, 0 }, -EFAULT },
	{ NR_epoll_wait, { EPOLL, (long)buffer, 0, 0 }, -EINVAL },
	{ NR_epoll_wait, { EPOLL, (long)buffer, -1, 0 }, -EINVAL },
	{ NR_epoll_wait, { FILE_FD, (long)buffer, 5, 0 }, -EINVAL },
	{ NR_epoll_ctl, { EPOLL, 1, EPOLL, (long)buffer }, -EINVAL },
	{ NR_epoll_ctl, { EPOLL, 1, FILE_FD, (long)buffer }, -EPERM },
	{ NR_epoll_ctl, { EPOLL, 1, NONE, (long)buffer }, -EBADF },
	{ NR_epoll_ctl, { EPOLL, 2, EVENT, 0 }, -ENOENT },
	{ NR_epoll_ctl, { EPOLL, 3, EVENT, (long)buffer }, -ENOENT },
	{ NR_epoll_ctl, { EPOLL, 1, EVENT, BAD }, -EFAULT },
	{ NR_signalfd4, { FILE_FD, (long)buffer, 8, 0 }, -EINVAL },
	{ NR_signalfd4, { -1, (long)buffer, 7, 0 }, -EINVAL },
	{ NR_signalfd4, { -1, BAD, 8, 0 }, -EFAULT },
	{ NR_signalfd4, { -1, (long)buffer, 8, 1 }, -EINVAL },
	{ NR_timerfd_settime, { TIMER, 4, (long)buffer, 0 }, -EINVAL },
	{ NR_timerfd_settime, { TIMER, 0, BAD, 0 }, -EFAULT },
	{ NR_timerfd_settime, { FILE_FD, 0, (long)buffer, 0 }, -EINVAL },
	{ NR_timerfd_settime, { TIMER, 0, (long)buffer, BAD }, -EFAULT },
	{ NR_timerfd_gettime, { FILE_FD, (long)buffer }, -EINVAL },
	{ NR_timerfd_gettime, { TIMER, BAD }, -EFAULT },
	{ NR_read, { TIMER, (long)buffer, 7 }, -EINVAL },
	{ NR_poll, { BAD, 1, 0 }, -EFAULT },
	{ NR_poll, { (long)buffer, 0x7fffffff, 0 }, -EINVAL },
	{ NR__newselect, { -1, 0, 0, 0, 0 }, -EINVAL },
	{ NR__newselect, { 8, BAD, 0, 0, 0 }, -EFAULT },
	{ NR__newselect, { 8, 0, 0, 0, BAD }, -EFAULT },
};

static const struct row process_rows[] = {
	{ NR_futex, { (long)words, 3, 1, -1, (long)&words[1], 0 }, -EINVAL },
	{ NR_futex, { (long)words, 3, -1, 1, (long)&words[1], 0 }, -EINVAL },
	{ NR_futex, { (long)words, 4, 1, 1, BAD, 0 }, -EFAULT },
	{ NR_futex, { (long)words, 4, 1, 1, (long)&words[1], 7 }, -EAGAIN },
	{ NR_futex, { BAD, 4, 1, 1, (long)words, 0 }, -EFAULT },
	{ NR_futex, { BAD, 0, 0, 0, 0, 0 }, -EFAULT },
	{ NR_futex, { HIGH, 1, 1, 0, 0, 0 }, -EFAULT },
	{ NR_futex, { (long)words + 1, 1, 1, 0, 0, 0 }, -EINVAL },
	{ NR_futex, { (long)words, 9, 0, 0, 0, 0 }, -EINVAL },
	{ NR_futex, { (long)words, 10, 1, 0, 0, 0 }, -EINVAL },
	{ NR_futex, { (long)words, 5, 1, 1, BAD, 0 }, -EFAULT },
	{ NR_futex, { (long)words, 5, 1, 1, (long)&words[1], 0x60000000 }, -ENOSYS },
	{ NR_futex, { (long)words, 5, 1, 1, (long)&words[1], 0x07000000 }, -ENOSYS },
	{ NR_futex, { (long)words, 0, 0, BAD, 0, 0 }, -EFAULT },
	{ NR_futex, { (long)words, 0, 0, (long)&late, 0, 0 }, -EINVAL },
	{ NR_futex, { (long)words, 0, 0, (long)&soon, 0, 0 }, -ETIMEDOUT },
	{ NR_futex, { (long)words, 7, 0, 0, 0, 0 }, -EPERM }, /* FUTEX_UNLOCK_PI */
	{ NR_futex, { BAD, 6, 0, 0, 0, 0 }, -EFAULT },
	{ NR_futex, { (long)words, 99, 0, 0, 0, 0 }, -ENOSYS },
	{ NR_futex_waitv, { (long)buffer, 0, 0, 0, 0 }, -EINVAL },
	{ NR_futex_waitv, { (long)buffer, 129, 0, 0, 0 }, -EINVAL },
	{ NR_futex_waitv, { 0, 1, 0, 0, 0 }, -EINVAL },
	{ NR_futex_waitv, { (long)buffer, 1, 1, 0, 0 }, -EINVAL },
	{ NR_futex_waitv, { BAD, 1, 0, 0, 0 }, -EFAULT },
	{ NR_clock_nanosleep, { -2, 0, (long)&soon, 0 }, -EINVAL },
	{ NR_clock_nanosleep, { -5, 0, (long)&soon, 0 }, -EOPNOTSUPP },
	{ NR_clock_nanosleep, { 1, 0, BAD, 0 }, -EFAULT },
	{ NR_clock_nanosleep, { 1, 0, (long)&late, 0 }, -EINVAL },
	{ NR_clock_nanosleep, { 3, 0, (long)&soon, 0 }, -EOPNOTSUPP },
	{ NR_prctl, { 38, 1, 1 }, -EINVAL }, /* PR_SET_NO_NEW_PRIVS */
	{ NR_prctl, { 38, 2 }, -EINVAL },
	{ NR_prctl, { 38, 0 }, -EINVAL },
	{ NR_prctl, { 39, 1 }, -EINVAL },
	{ NR_prctl, { 39, 0, 0, 0, 1 }, -EINVAL },
	{ NR_prctl, { 39 }, 0 },
	{ NR_prctl, { 66, 0, 1 }, -EINVAL }, /* PR_GET_MDWE */
	{ NR_prctl, { 66, 1 }, -EINVAL },
	{ NR_prctl, { 25, BAD }, -EFAULT }, /* PR_GET_TSC */
	{ NR_prctl, { 26, 3 }, -EINVAL },
	{ NR_prctl, { 26, 0 }, -EINVAL },
	{ NR_sched_setattr, { 0, (long)attr, 0 }, -EINVAL },
	{ NR_sched_rr_get_interval, { ABSENT, (long)buffer }, -ESRCH },
	{ NR_sched_rr_get_interval, { -1, (long)buffer }, -EINVAL },
	{ NR_sched_setaffinity, { ABSENT, 4, (long)buffer }, -ESRCH },
	{ NR_process_vm_readv, { ABSENT, (long)good, 1, (long)good, 1, 0 }, -ESRCH },
	{ NR_process_vm_readv, { ABSENT, (long)buffer, 1, (long)buffer, 1, 1 }, -EINVAL },
	{ NR_process_vm_readv, { ABSENT, (long)buffer, 1025, (long)buffer, 1, 0 }, -EINVAL },
	{ NR_process_vm_readv, { ABSENT, BAD, 1, (long)buffer, 1, 0 }, -EFAULT },
	{ NR_process_vm_readv, { ABSENT, (long)negative, 1, (long)buffer, 1, 0 }, -EINVAL },
	{ NR_pidfd_open, { 0, 0 }, -EINVAL },
	{ NR_pidfd_open, { -1, 0 }, -EINVAL },
	{ NR_pidfd_open, { ABSENT, 0 }, -ESRCH },
	{ NR_pidfd_open, { 1, 1 }, -EINVAL },
	{ NR_pidfd_send_signal, { NONE, 0, 0, 0 }, -EBADF },
	{ NR_pidfd_send_signal, { FILE_FD, 0, 0, 0 }, -EBADF },
	{ NR_pidfd_send_signal, { SELF, 65, 0, 0 }, -EINVAL },
	{ NR_pidfd_send_signal, { SELF, 0, BAD, 0 }, -EFAULT },
	{ NR_pidfd_send_signal, { SELF, 0, 0, 0x100 }, -EINVAL },
	{ NR_pidfd_getfd, { SELF, NONE, 0 }, -EBADF },
	{ NR_pidfd_getfd, { SELF, 0, 1 }, -EINVAL },
	{ NR_pidfd_getfd, { FILE_FD, 0, 0 }, -EBADF },
	{ NR_waitid, { 9, 0, 0, 4, 0 }, -EINVAL },
	{ NR_waitid, { 0, 0, 0, 0, 0 }, -EINVAL },
	{ NR_waitid, { 1, 0, 0, 4, 0 }, -EINVAL },
	{ NR_waitid, { 0, 0, 0, 4, 0 }, -ECHILD },
	{ NR_waitid, { 3, NONE, 0, 4, 0 }, -EBADF },
	{ NR_timer_create, { 0, BAD, (long)buffer }, -EFAULT },
	{ NR_timer_create, { 99, 0, (long)buffer }, -EINVAL },
	{ NR_timer_settime, { 99, 0, (long)buffer, 0 }, -EINVAL },
	{ NR_timer_settime, { 99, 0, BAD, 0 }, -EFAULT },
	{ NR_timer_gettime, { 99, (long)buffer }, -EINVAL },
	{ NR_timer_delete, { 99 }, -EINVAL },
	{ NR_setitimer, { 3, (long)buffer, 0 }, -EINVAL },
	{ NR_setitimer, { 0, BAD, 0 }, -EFAULT },
	{ NR_getitimer, { 3, (long)buffer }, -EINVAL },
	{ NR_getrandom, { HIGH, 256, 0 }, -EFAULT },
	{ NR_gettimeofday, { 0, BAD }, -EFAULT },
	{ NR_gettimeofday, { BAD, 0 }, -EFAULT },
	{ NR_set_robust_list, { 0, 11 }, -EINVAL },
	{ NR_get_robust_list, { ABSENT, (long)buffer, (long)buffer }, -ESRCH },
	{ NR_membarrier, { 0x100000, 0, 0 }, -EINVAL },
	{ NR_membarrier, { 0, 8, 0 }, -EINVAL },
	{ NR_ipc, { 3, 0, 0, 2, 0, 0 }, -EINVAL }, /* SEMCTL without its argument */
	{ NR_ipc, { 3, 0, 0, 2, BAD, 0 }, -EFAULT },
	{ NR_ipc, { 99, 0, 0, 0, 0, 0 }, -ENOSYS },
	{ NR_arch_prctl, { 0x1011, 0 }, 1 },
	{ NR_kill, { (long)0x80000000, 0 }, -ESRCH },
	{ NR_tkill, { 0, 0 }, -EINVAL },
	{ NR_tgkill, { 1, 0, 0 }, -EINVAL },
	{ NR_rt_sigqueueinfo, { ABSENT, 10, BAD }, -EFAULT },
};

static void open_all(void)
{
	int pipe[2];

	EXPECT_EQ(sys_dup2((int)sys_open_mode(NAME, O_CREAT | O_RDWR, 0600), FILE_FD), FILE_FD);
	EXPECT_EQ(sys_dup2((int)sys_open(NAME, O_RDONLY), READ_ONLY), READ_ONLY);
	EXPECT_EQ(sys_pipe(pipe), 0);
	EXPECT_EQ(sys_dup2(pipe[0], READ_END), READ_END);
	EXPECT_EQ(sys_dup2(pipe[1], WRITE_END), WRITE_END);
	EXPECT_EQ(sys_dup2((int)sys_open("/tmp", O_RDONLY), FOLDER), FOLDER);
	EXPECT_EQ(sys_dup2((int)sys_open("/tmp", O_PATH), PLACE), PLACE);
	EXPECT_EQ(sys_dup2((int)system_call(NR_eventfd2, 0, 0, 0, 0, 0, 0), EVENT), EVENT);
	EXPECT_EQ(sys_dup2((int)system_call(NR_timerfd_create, 1, 0, 0, 0, 0, 0), TIMER), TIMER);
	EXPECT_EQ(sys_dup2((int)system_call(NR_epoll_create1, 0, 0, 0, 0, 0, 0), EPOLL), EPOLL);
	EXPECT_EQ(sys_dup2((int)system_call(NR_pidfd_open, sys_getpid(), 0, 0, 0, 0, 0), SELF),
		  SELF);
	memset(long_name, 'x', 250);
}

static void files(void)
{
	open_all();
	try_rows(file_rows, ARRAY_SIZE(file_rows));
}

static void descriptors(void)
{
	try_rows(descriptor_rows, ARRAY_SIZE(descriptor_rows));
}

static void processes(void)
{
	try_rows(process_rows, ARRAY_SIZE(process_rows));
}

/* Another process asks for a lock that 32-bit structures cannot hold. */
static void asks(void *unused)
{
	struct flock64 wide = { 1, 0, 0x100000000ll, 7, 0 };
	struct flock asked = { 1, 0, 0, 0, 0 };

	(void)unused;
	EXPECT_EQ(sys_fcntl(FILE_FD, F_GETLK64, (long)&wide), 0);
	EXPECT(wide.start == 0x100000000ll && wide.length == 5 && wide.pid == sys_getppid());
	EXPECT_EQ(sys_fcntl(FILE_FD, F_GETLK, (long)&asked), 0); /* the first lock is near */
	EXPECT(asked.start == 0 && asked.length == 5);
	asked = (struct flock){ 1, 0, 5, 0, 0 };
	EXPECT_EQ(sys_fcntl(FILE_FD, F_GETLK, (long)&asked), -EOVERFLOW);
}

static void narrow_locks(void)
{
	EXPECT_CHILD(asks, NULL, EXITED(0));
	EXPECT_EQ(sys_unlink(NAME), 0);
}

static const struct tap_case cases[] = {
	{ "files", files },
	{ "descriptors", descriptors },
	{ "processes", processes },
	{ "locks beyond 32 bits", narrow_locks },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
