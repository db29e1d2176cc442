/* SPDX-License-Identifier: MIT */
/*
 * What calls on files refuse: for each call every wrong kind of descriptor, number, length and
 * address. One table; its descriptors have fixed numbers.
 */
#include "abi/linux/poll.h"
#include "abi/linux/time.h"
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/task_calls.h"

#define BAD  16
#define NONE 999

/* The descriptors: of a file of 100 bytes, of a pipe, and others. */
enum { DATA = 50, READS, WRITES, APPENDS, PIPE_OUT, PIPE_IN, FOLDER, ZERO, PLACE, COUNTER };

#define F_OLD_GETLK  5
#define F_OLD_SETLK  6
#define F_GETPIPE_SZ 1032
#define GETLK64	     12
#define SETLK64	     13

static struct text path;
static u8 buffer[256];
static u64 zero, negative = ~0ull, five = 5;
static struct timespec late = { 0, 1000000000 }, early = { -1, 0 };
static struct timeval late_timeval = { 0, -1 };
static struct pollfd polls[2] = { { .fd = NONE, .events = POLLIN },
				  { .fd = -1, .events = POLLIN } };
static struct iovec vector[2] = { { (u32)buffer, 10 }, { BAD, 10 } },
		    huge = { (u32)buffer, 0x80000000 };

struct how {
	u64 flags, mode, resolve, more;
};
static struct how plain_how,
	mode_how = { .mode = 0600 }, flag_how = { .flags = 1ull << 40 },
	resolve_how = { .resolve = 0x40 }, both_how = { .resolve = 0x18 }, more_how = { .more = 1 },
	cached_how = { .flags = O_CREAT | O_RDWR, .mode = 0600, .resolve = 0x20 },
	place_how = { .flags = O_PATH | O_RDWR };

struct narrow_lock {
	s16 type, whence;
	s32 start, length, pid;
};
static struct narrow_lock lock = { .type = 1, .start = 10, .length = 20 },
			  wrong_whence = { .whence = 7 }, wrong_type = { .type = 9 },
			  wrong_start = { .start = -1 };

struct row {
	int number;
	long arguments[6];
	long result;
};

static const struct row rows[] = {
	{ NR_read, { NONE, (long)buffer, 1 }, -EBADF },
	{ NR_read, { WRITES, (long)buffer, 1 }, -EBADF },
	{ NR_read, { PLACE, (long)buffer, 1 }, -EBADF },
	{ NR_read, { FOLDER, (long)buffer, 1 }, -EISDIR },
	{ NR_read, { DATA, BAD, 1 }, -EFAULT },
	{ NR_read, { COUNTER, (long)buffer, 7 }, -EINVAL },
	{ NR_write, { NONE, (long)buffer, 1 }, -EBADF },
	{ NR_write, { READS, (long)buffer, 1 }, -EBADF },
	{ NR_write, { FOLDER, (long)buffer, 1 }, -EBADF },
	{ NR_write, { DATA, BAD, 1 }, -EFAULT },
	{ NR_write, { COUNTER, (long)buffer, 7 }, -EINVAL },
	{ NR_write, { COUNTER, (long)&negative, 8 }, -EINVAL },
	{ NR_readv, { DATA, (long)vector, 1025 }, -EINVAL },
	{ NR_readv, { DATA, (long)vector, -1 }, -EINVAL },
	{ NR_readv, { DATA, BAD, 1 }, -EFAULT },
	{ NR_readv, { DATA, (long)&huge, 1 }, -EINVAL },
	{ NR_readv, { NONE, (long)vector, 1 }, -EBADF },
	{ NR_readv, { DATA, (long)vector, 0 }, 0 },
	{ NR_writev, { READS, (long)vector, 1 }, -EBADF },
	{ NR_writev, { DATA, (long)&huge, 1 }, -EINVAL },
	{ NR_pread64, { DATA, (long)buffer, 10, 95, 0 }, 5 },
	{ NR_pread64, { DATA, (long)buffer, 10, 100, 0 }, 0 },
	{ NR_pread64, { DATA, (long)buffer, 10, 0, -1 }, -EINVAL },
	{ NR_pread64, { PIPE_OUT, (long)buffer, 10, 0, 0 }, -ESPIPE },
	{ NR_pread64, { NONE, (long)buffer, 10, 0, 0 }, -EBADF },
	{ NR_pwrite64, { DATA, (long)buffer, 10, 0, -1 }, -EINVAL },
	{ NR_pwrite64, { PIPE_IN, (long)buffer, 10, 0, 0 }, -ESPIPE },
	{ NR_preadv, { DATA, (long)vector, 1, 0, -1 }, -EINVAL },
	{ NR_preadv, { PIPE_OUT, (long)vector, 1, 0, 0 }, -ESPIPE },
	{ NR_pwritev, { NONE, (long)vector, 1, 0, 0 }, -EBADF },
	{ NR_lseek, { NONE, 0, 0 }, -EBADF },
	{ NR_lseek, { DATA, 0, 5 }, -EINVAL },
	{ NR_lseek, { DATA, -1, 0 }, -EINVAL },
	{ NR_lseek, { DATA, -101, 2 }, -EINVAL },
	{ NR_lseek, { DATA, -100, 2 }, 0 },
	{ NR_lseek, { DATA, 100, 3 }, -ENXIO },
	{ NR_lseek, { DATA, 99, 4 }, 100 },
	{ NR_lseek, { DATA, 0, 0 }, 0 },
	{ NR_lseek, { PIPE_OUT, 0, 0 }, -ESPIPE },
	{ NR_lseek, { PLACE, 0, 0 }, -EBADF },
	{ NR__llseek, { DATA, 0, 0, BAD, 1 }, -EFAULT },
	{ NR__llseek, { DATA, 0, 0, (long)buffer, 9 }, -EINVAL },
	{ NR__llseek, { NONE, 0, 0, (long)buffer, 0 }, -EBADF },
	{ NR_ftruncate, { DATA, -1 }, -EINVAL },
	{ NR_ftruncate, { READS, 0 }, -EINVAL },
	{ NR_ftruncate, { NONE, 0 }, -EBADF },
	{ NR_ftruncate, { PIPE_IN, 0 }, -EINVAL },
	{ NR_ftruncate64, { DATA, 0, -1 }, -EINVAL },
	{ NR_fallocate, { NONE, 0, 0, 0, 1, 0 }, -EBADF },
	{ NR_fallocate, { DATA, 0, 0, -1, 1, 0 }, -EINVAL },
	{ NR_fallocate, { DATA, 0, 0, 0, 0, 0 }, -EINVAL },
	{ NR_fallocate, { DATA, 0, 0, 0, 0, -1 }, -EINVAL },
	{ NR_fallocate, { DATA, 0x100, 0, 0, 1, 0 }, -EOPNOTSUPP },
	{ NR_fallocate, { DATA, 2, 0, 0, 1, 0 }, -EOPNOTSUPP }, /* a hole without KEEP_SIZE */
	{ NR_fallocate, { DATA, 9, 0, 0, 1, 0 }, -EOPNOTSUPP },
	{ NR_fallocate, { READS, 0, 0, 0, 1, 0 }, -EBADF },
	{ NR_fallocate, { PIPE_IN, 0, 0, 0, 1, 0 }, -ESPIPE },
	{ NR_fallocate, { ZERO, 0, 0, 0, 1, 0 }, -ENODEV },
	/* The operation is checked before the device: 1 is KEEP_SIZE. */
	{ NR_fallocate, { ZERO, 1, 0, 0, 1, 0 }, -ENODEV },
	{ NR_fallocate, { ZERO, 2, 0, 0, 1, 0 }, -EOPNOTSUPP },
	{ NR_fallocate, { ZERO, 3, 0, 0, 1, 0 }, -ENODEV },
	{ NR_fallocate, { ZERO, 8, 0, 0, 1, 0 }, -ENODEV },
	{ NR_fallocate, { ZERO, 9, 0, 0, 1, 0 }, -EOPNOTSUPP },
	{ NR_fallocate, { ZERO, 10, 0, 0, 1, 0 }, -EOPNOTSUPP },
	{ NR_fallocate, { ZERO, 16, 0, 0, 1, 0 }, -ENODEV },
	{ NR_fallocate, { ZERO, 17, 0, 0, 1, 0 }, -ENODEV },
	{ NR_fallocate, { ZERO, 32, 0, 0, 1, 0 }, -ENODEV },
	{ NR_fallocate, { ZERO, 33, 0, 0, 1, 0 }, -EOPNOTSUPP },
	{ NR_fallocate, { ZERO, 64, 0, 0, 1, 0 }, -ENODEV },
	{ NR_fallocate, { ZERO, 65, 0, 0, 1, 0 }, -ENODEV },
	{ NR_fallocate, { ZERO, 0x100, 0, 0, 1, 0 }, -EOPNOTSUPP },
	{ NR_fallocate, { DATA, 1, 0, 0, 50, 0 }, 0 },
	{ NR_openat2, { AT_FDCWD, (long)"/tmp", (long)&plain_how, 23 }, -EINVAL },
	{ NR_openat2, { AT_FDCWD, (long)"/tmp", (long)&plain_how, 4097 }, -E2BIG },
	{ NR_openat2, { AT_FDCWD, (long)"/tmp", BAD, 24 }, -EFAULT },
	{ NR_openat2, { AT_FDCWD, (long)"/tmp", (long)&more_how, 32 }, -E2BIG },
	{ NR_openat2, { AT_FDCWD, (long)"/no/such", (long)&plain_how, 32 }, -ENOENT },
	{ NR_openat2, { AT_FDCWD, (long)"/no/such", (long)&more_how, 24 }, -ENOENT },
	{ NR_openat2, { AT_FDCWD, (long)"/tmp", (long)&mode_how, 24 }, -EINVAL },
	{ NR_openat2, { AT_FDCWD, (long)"/tmp", (long)&flag_how, 24 }, -EINVAL },
	{ NR_openat2, { AT_FDCWD, (long)"/tmp", (long)&resolve_how, 24 }, -EINVAL },
	{ NR_openat2, { AT_FDCWD, (long)"/tmp", (long)&both_how, 24 }, -EINVAL },
	{ NR_openat2, { AT_FDCWD, (long)"/tmp", (long)&cached_how, 24 }, -EAGAIN },
	{ NR_openat2, { AT_FDCWD, (long)"/tmp", (long)&place_how, 24 }, -EINVAL },
	{ NR_open, { (long)"", 0 }, -ENOENT },
	{ NR_open, { BAD, 0 }, -EFAULT },
	{ NR_open, { (long)"/no/such", 0 }, -ENOENT },
	{ NR_open, { (long)"/tmp", O_RDWR }, -EISDIR },
	{ NR_open, { (long)"/dev/null/x", 0 }, -ENOTDIR },
	{ NR_open, { (long)"/dev/null", O_DIRECTORY }, -ENOTDIR },
	{ NR_openat, { NONE, (long)"x", 0 }, -EBADF },
	{ NR_openat, { DATA, (long)"x", 0 }, -ENOTDIR },
	{ NR_creat, { (long)"/tmp", 0600 }, -EISDIR },
	{ NR_close, { NONE }, -EBADF },
	{ NR_close, { -1 }, -EBADF },
	{ NR_close_range, { 5, 4, 0 }, -EINVAL },
	{ NR_close_range, { 900, 950, 1 }, -EINVAL },
	{ NR_close_range, { 900, 950, 0 }, 0 },
	{ NR_dup, { NONE }, -EBADF },
	{ NR_dup, { -1 }, -EBADF },
	{ NR_dup2, { NONE, DATA }, -EBADF },
	{ NR_dup2, { DATA, -1 }, -EBADF },
	{ NR_dup3, { DATA, 60, 1 }, -EINVAL },
	{ NR_dup3, { NONE, 60, 0 }, -EBADF },
	{ NR_fcntl64, { NONE, F_GETFD }, -EBADF },
	{ NR_fcntl64, { DATA, 0x7777 }, -EINVAL },
	{ NR_fcntl64, { PLACE, F_GETFD }, 0 },
	{ NR_fcntl64, { PLACE, F_SETFL, 0 }, -EBADF },
	{ NR_fcntl64, { DATA, F_DUPFD, -1 }, -EINVAL },
	{ NR_fcntl64, { DATA, F_GETPIPE_SZ }, -EBADF },
	{ NR_fcntl64, { DATA, SETLK64, BAD }, -EFAULT },
	{ NR_fcntl64, { DATA, GETLK64, BAD }, -EFAULT },
	{ NR_fcntl, { DATA, F_OLD_SETLK, (long)&lock }, 0 },
	{ NR_fcntl, { DATA, F_OLD_SETLK, BAD }, -EFAULT },
	{ NR_fcntl, { DATA, F_OLD_SETLK, (long)&wrong_whence }, -EINVAL },
	{ NR_fcntl, { DATA, F_OLD_SETLK, (long)&wrong_type }, -EINVAL },
	{ NR_fcntl, { DATA, F_OLD_SETLK, (long)&wrong_start }, -EINVAL },
	{ NR_fcntl, { READS, F_OLD_SETLK, (long)&lock }, -EBADF }, /* to write */
	{ NR_fcntl, { NONE, F_OLD_SETLK, (long)&lock }, -EBADF },
	{ NR_flock, { NONE, 1 }, -EBADF },
	{ NR_flock, { DATA, 0 }, -EINVAL },
	{ NR_flock, { DATA, 3 }, -EINVAL },
	{ NR_splice, { DATA, 0, READS, 0, 10, 0 }, -EBADF },
	{ NR_splice, { DATA, 0, WRITES, 0, 10, 0 }, -EINVAL }, /* no pipe */
	{ NR_splice, { DATA, 0, PIPE_IN, 0, 10, 16 }, -EINVAL },
	{ NR_splice, { NONE, 0, PIPE_IN, 0, 10, 0 }, -EBADF },
	{ NR_splice, { DATA, 0, PIPE_IN, (long)&zero, 10, 0 }, -ESPIPE },
	{ NR_splice, { DATA, BAD, PIPE_IN, 0, 10, 0 }, -EFAULT },
	{ NR_splice, { DATA, (long)&negative, PIPE_IN, 0, 10, 0 }, -EINVAL },
	{ NR_splice, { DATA, 0, PIPE_IN, 0, 0, 0 }, 0 },
	{ NR_splice, { PIPE_OUT, 0, APPENDS, 0, 10, 2 }, -EINVAL },
	{ NR_splice, { PIPE_OUT, 0, DATA, 0, 10, 2 }, -EAGAIN },
	{ NR_splice, { DATA, (long)&five, PIPE_IN, 0, 10, 0 }, 10 },
	{ NR_splice, { PIPE_OUT, 0, DATA, (long)&zero, 4, 0 }, 4 },
	{ NR_read, { PIPE_OUT, (long)buffer, 100 }, 6 },
	{ NR_tee, { DATA, PIPE_IN, 10, 0 }, -EINVAL },
	{ NR_tee, { PIPE_OUT, PIPE_OUT, 10, 0 }, -EBADF },
	{ NR_tee, { NONE, PIPE_IN, 10, 0 }, -EBADF },
	{ NR_tee, { PIPE_OUT, PIPE_IN, 10, 16 }, -EINVAL },
	{ NR_tee, { PIPE_OUT, PIPE_IN, 0, 0 }, 0 },
	{ NR_tee, { PIPE_OUT, PIPE_IN, 10, 2 }, -EINVAL }, /* the same pipe */
	{ NR_vmsplice, { DATA, (long)vector, 1, 0 }, -EBADF },
	{ NR_vmsplice, { NONE, (long)vector, 1, 0 }, -EBADF },
	{ NR_vmsplice, { PIPE_IN, (long)vector, 1, 16 }, -EINVAL },
	{ NR_vmsplice, { PIPE_IN, BAD, 1, 0 }, -EFAULT },
	{ NR_vmsplice, { PIPE_IN, (long)vector, 1025, 0 }, -EINVAL },
	{ NR_copy_file_range, { NONE, 0, WRITES, 0, 10, 0 }, -EBADF },
	{ NR_copy_file_range, { READS, 0, NONE, 0, 10, 0 }, -EBADF },
	{ NR_copy_file_range, { READS, (long)&five, WRITES, 0, 10, 1 }, -EINVAL },
	{ NR_copy_file_range, { READS, BAD, WRITES, 0, 10, 0 }, -EFAULT },
	{ NR_copy_file_range, { READS, 0, WRITES, BAD, 10, 0 }, -EFAULT },
	{ NR_copy_file_range, { PIPE_OUT, 0, WRITES, 0, 10, 0 }, -EINVAL },
	{ NR_copy_file_range, { FOLDER, 0, WRITES, 0, 10, 0 }, -EISDIR },
	{ NR_copy_file_range, { READS, 0, APPENDS, 0, 10, 0 }, -EBADF },
	{ NR_copy_file_range, { READS, 0, READS, 0, 10, 0 }, -EBADF },
	{ NR_copy_file_range, { WRITES, 0, WRITES, 0, 10, 0 }, -EBADF },
	{ NR_copy_file_range,
	  { DATA, (long)&zero, DATA, (long)&five, 12, 0 },
	  -EINVAL }, /* overlap */
	{ NR_fadvise64, { PIPE_OUT, 0, 0, 0, 0 }, -ESPIPE },
	{ NR_fadvise64, { DATA, 0, 0, 0, 0 }, 0 },
	{ NR_fadvise64, { DATA, 0, 0, 0, 6 }, -EINVAL },
	{ NR_fadvise64, { DATA, 0, 0, 0, 5 }, 0 },
	{ NR_fadvise64_64, { DATA, 0, 0, 0, 0, 0 }, 0 },
	{ NR_fadvise64_64, { DATA, 0, 0, 0, 0, 6 }, -EINVAL },
	{ NR_fadvise64_64, { DATA, 0, 0, 0, -1, 0 }, -EINVAL },
	{ NR_fadvise64_64, { NONE, 0, 0, 0, 0, 0 }, -EBADF },
	{ NR_readahead, { WRITES, 0, 0, 1 }, -EBADF },
	{ NR_readahead, { PIPE_OUT, 0, 0, 1 }, -EINVAL },
	{ NR_readahead, { DATA, 0, 0, 1 }, 0 },
	{ NR_memfd_create, { (long)"x", 0x100 }, -EINVAL },
	{ NR_memfd_create, { BAD, 0 }, -EFAULT },
	{ NR_poll, { (long)polls, 2, 0 }, 1 }, /* POLLNVAL; a negative number is left out */
	{ NR_poll, { BAD, 2, 0 }, -EFAULT },
	{ NR_poll, { (long)polls, 1u << 30, 0 }, -EINVAL },
	{ NR_poll, { BAD, 0, 0 }, 0 },
	{ NR_ppoll, { (long)polls, 1, (long)&late, 0, 8 }, -EINVAL },
	{ NR_ppoll, { (long)polls, 1, (long)&early, 0, 8 }, -EINVAL },
	{ NR_ppoll, { (long)polls, 1, BAD, 0, 8 }, -EFAULT },
	{ NR_ppoll, { (long)polls, 1, 0, (long)buffer, 4 }, -EINVAL },
	{ NR_ppoll, { (long)polls, 1, 0, BAD, 8 }, -EFAULT },
	{ NR__newselect, { -1, 0, 0, 0, 0 }, -EINVAL },
	{ NR__newselect, { 1, BAD, 0, 0, 0 }, -EFAULT },
	{ NR__newselect, { 1, 0, BAD, 0, 0 }, -EFAULT },
	{ NR__newselect, { 0, 0, 0, 0, BAD }, -EFAULT },
	{ NR__newselect, { 0, 0, 0, 0, (long)&late_timeval }, -EINVAL },
	{ NR_pselect6, { 0, 0, 0, 0, (long)&late, 0 }, -EINVAL },
	{ NR_pselect6, { 0, 0, 0, 0, 0, BAD }, -EFAULT },
	{ NR_statfs, { BAD, (long)buffer }, -EFAULT },
	{ NR_statfs, { (long)"/tmp", BAD }, -EFAULT },
	{ NR_statfs, { (long)"/no/such", (long)buffer }, -ENOENT },
	{ NR_fstatfs, { NONE, (long)buffer }, -EBADF },
	{ NR_fstatfs, { DATA, (long)buffer }, 0 },
	{ NR_fstatfs, { DATA, BAD }, -EFAULT },
	{ NR_fstatfs, { PIPE_OUT, (long)buffer }, 0 },
	{ NR_statfs64, { (long)"/tmp", 83, (long)buffer }, -EINVAL },
	{ NR_fstatfs64, { DATA, 85, (long)buffer }, -EINVAL },
	{ NR_statx, { AT_FDCWD, (long)"/tmp", 0x80000, 0x7ff, (long)buffer }, -EINVAL },
	{ NR_statx, { AT_FDCWD, (long)"/tmp", 0, 0x80000000, (long)buffer }, -EINVAL },
	{ NR_mknod, { (long)"/tmp", S_IFIFO | 0600, 0 }, -EEXIST },
	{ NR_mknod, { (long)"/tmp/x/y", S_IFDIR | 0600, 0 }, -EPERM },
	{ NR_mkdir, { (long)"/tmp", 0700 }, -EEXIST },
	{ NR_rmdir, { (long)"/no/such" }, -ENOENT },
	{ NR_rmdir, { (long)"/dev/null" }, -ENOTDIR },
	{ NR_unlink, { (long)"/tmp" }, -EISDIR },
	{ NR_unlinkat, { AT_FDCWD, (long)"/no", 1 }, -EINVAL },
	{ NR_rename, { (long)"/no/such", (long)"/tmp/x" }, -ENOENT },
	{ NR_renameat2, { AT_FDCWD, (long)"/no", AT_FDCWD, (long)"/no2", 8 }, -EINVAL },
	{ NR_renameat2, { AT_FDCWD, (long)"/no", AT_FDCWD, (long)"/no2", 3 }, -EINVAL },
	{ NR_link, { (long)"/no/such", (long)"/tmp/x" }, -ENOENT },
	{ NR_linkat, { AT_FDCWD, (long)"/no", AT_FDCWD, (long)"/x", 1 }, -EINVAL },
	{ NR_symlink, { (long)"", (long)"/tmp/x" }, -ENOENT },
	{ NR_symlink, { (long)"x", (long)"/tmp" }, -EEXIST },
	{ NR_readlink, { (long)"/tmp", (long)buffer, 10 }, -EINVAL },
	{ NR_readlink, { (long)"/proc/self", (long)buffer, -1 }, -EINVAL },
	{ NR_readlinkat, { DATA, (long)"", (long)buffer, 10 }, -ENOENT },
	{ NR_chdir, { (long)"/dev/null" }, -ENOTDIR },
	{ NR_fchdir, { DATA }, -ENOTDIR },
	{ NR_fchdir, { NONE }, -EBADF },
	{ NR_getcwd, { (long)buffer, 0 }, -ERANGE },
	{ NR_getcwd, { (long)buffer, 1 }, -ERANGE },
	{ NR_getcwd, { BAD, 100 }, -EFAULT },
	{ NR_ioctl, { NONE, 0x5401, (long)buffer }, -EBADF },
	{ NR_ioctl, { DATA, 0x5401, (long)buffer }, -ENOTTY },
	{ NR_ioctl, { DATA, 0x541b, BAD }, -EFAULT },
	{ NR_eventfd2, { 0, 4 }, -EINVAL },
	{ NR_timerfd_create, { 99, 0 }, -EINVAL },
	{ NR_timerfd_create, { 1, 1 }, -EINVAL },
	{ NR_timerfd_gettime, { DATA, (long)buffer }, -EINVAL },
	{ NR_timerfd_settime, { NONE, 0, (long)buffer, 0 }, -EBADF },
	{ NR_epoll_create, { 0 }, -EINVAL },
	{ NR_epoll_create1, { 1 }, -EINVAL },
	{ NR_inotify_init1, { 1 }, -EINVAL },
	{ NR_inotify_add_watch, { DATA, (long)"/tmp", 1 }, -EINVAL },
	{ NR_inotify_rm_watch, { DATA, 1 }, -EINVAL },
	{ NR_pipe2, { (long)buffer, 1 }, -EINVAL },
	{ NR_unshare, { 0x1 }, -EINVAL },
	{ NR_mmap2, { 0, 4096, PROT_READ, MAP_PRIVATE, NONE, 0 }, -EBADF },
	{ NR_mmap2, { 0, 4096, PROT_READ, MAP_PRIVATE, PIPE_OUT, 0 }, -ENODEV },
	{ NR_mmap2, { 0, 4096, PROT_READ, MAP_PRIVATE, WRITES, 0 }, -EACCES },
	{ NR_mmap2, { 0, 4096, PROT_WRITE, MAP_SHARED, READS, 0 }, -EACCES },
	{ NR_mmap2, { 0, 0, PROT_READ, MAP_PRIVATE, DATA, 0 }, -EINVAL },
	{ NR_mmap2, { 0, 4096, PROT_READ, 0, DATA, 0 }, -EINVAL },
};

static void move_to(long fd, int to)
{
	EXPECT_EQ(sys_dup2((int)fd, to), to);
	EXPECT_EQ(sys_close((int)fd), 0);
}

static void open_all(void)
{
	int fds[2];

	file_name(&path, ".file");
	move_to(sys_open_mode(path.data, O_RDWR | O_CREAT | O_EXCL, 0600), DATA);
	EXPECT_EQ(sys_ftruncate(DATA, 100), 0);
	move_to(sys_open(path.data, O_RDONLY), READS);
	move_to(sys_open(path.data, O_WRONLY), WRITES);
	move_to(sys_open(path.data, O_WRONLY | O_APPEND), APPENDS);
	EXPECT_EQ(sys_pipe(fds), 0);
	move_to(fds[0], PIPE_OUT);
	move_to(fds[1], PIPE_IN);
	move_to(sys_open("/tmp", O_RDONLY), FOLDER);
	move_to(sys_open("/dev/zero", O_RDWR), ZERO);
	move_to(sys_open(path.data, O_PATH), PLACE);
	move_to(system_call(NR_eventfd2, 0, 0, 0, 0, 0, 0), COUNTER);
}

static void the_table(void)
{
	open_all();
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		const long *a = rows[i].arguments;
		long result = system_call(rows[i].number, a[0], a[1], a[2], a[3], a[4], a[5]);
		struct text text;

		if (result == rows[i].result)
			continue;
		text_clear(&text);
		text_add(&text, "# row ");
		text_add_decimal(&text, (long)i);
		text_add(&text, ", call ");
		text_add_decimal(&text, rows[i].number);
		text_add(&text, ": ");
		text_add_decimal(&text, result);
		tap_line(text.data);
		EXPECT(!"as expected");
	}
	EXPECT_EQ(five, 15);
	EXPECT_EQ(zero, 4);
	EXPECT(polls[0].revents == POLLNVAL && !polls[1].revents);
	EXPECT_EQ(file_size(DATA), 100);
	EXPECT_EQ(sys_unlink(path.data), 0);
	EXPECT_EQ(system_call(NR_close_range, DATA, COUNTER, 0, 0, 0, 0), 0);
}

/* ---- Locks in the older form ---- */

static void locks_elsewhere(void *unused)
{
	struct narrow_lock found = { .type = 1, .start = 0, .length = 0 };

	(void)unused;
	EXPECT_EQ(system_call(NR_fcntl, DATA, F_OLD_GETLK, (long)&found, 0, 0, 0), 0);
	EXPECT(found.type == 1 && found.whence == 0 && found.start == 10 && found.length == 20);
	EXPECT_EQ(found.pid, sys_getppid());
	found = (struct narrow_lock){ .type = 1, .start = 30, .length = 1 };
	EXPECT_EQ(system_call(NR_fcntl, DATA, F_OLD_GETLK, (long)&found, 0, 0, 0), 0);
	EXPECT(found.type == 2 && found.start == 30);
	found = (struct narrow_lock){ .type = 1, .start = 29, .length = 1 };
	EXPECT_EQ(system_call(NR_fcntl, DATA, F_OLD_SETLK, (long)&found, 0, 0, 0), -EAGAIN);
	found = (struct narrow_lock){ .type = 1, .whence = 2, .start = -71, .length = 1 };
	EXPECT_EQ(system_call(NR_fcntl, DATA, F_OLD_SETLK, (long)&found, 0, 0, 0), -EAGAIN);
	found = (struct narrow_lock){ .type = 1, .start = 10, .length = -1 };
	EXPECT_EQ(system_call(NR_fcntl, DATA, F_OLD_SETLK, (long)&found, 0, 0, 0), 0);
}

static void older_locks(void)
{
	open_all();
	EXPECT_EQ(system_call(NR_fcntl, DATA, F_OLD_SETLK, (long)&lock, 0, 0, 0), 0);
	EXPECT_CHILD(locks_elsewhere, NULL, EXITED(0));
	EXPECT_EQ(sys_unlink(path.data), 0);
	EXPECT_EQ(system_call(NR_close_range, DATA, COUNTER, 0, 0, 0, 0), 0);
}

static const struct tap_case cases[] = {
	{ "what each call refuses", the_table },
	{ "locks in the older form", older_locks },
};

int main(void);
int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
