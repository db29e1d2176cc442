/* SPDX-License-Identifier: MIT */
/*
 * Every call on an open file with every kind of file, alone and from one to another. Linux is the
 * oracle: the results, and what the file is then (position, size, flags, readiness, bytes that
 * can be read), become a hash, and the hashes on both systems must agree.
 *
 *	every_file	a line with the hash of each call
 *	every_file all	every result, for a comparison by diff
 *
 * Each call gets a new file, that would not wait. The numbers of descriptors and addresses count
 * as success.
 */
#include "abi/linux/flock.h"
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/mapping.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/outcome.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/time_calls.h"

enum kind {
	READER,
	WRITER,
	BOTH,
	APPENDER,
	NEITHER,
	PLACE,
	FOLDER,
	UNNAMED,
	SEALABLE,
	SEALED,
	PIPE_OUT,
	PIPE_IN,
	FULL_PIPE,
	BROKEN_PIPE,
	FIFO,
	COUNTER,
	EPOLL,
	NOTIFY,
	NULL_DEVICE,
	ZERO_DEVICE,
	FULL_DEVICE,
	CLOSED,
	KINDS
};

static struct text path, fifo, folder;
static bool talk;
static u32 hash = OUTCOME_START;
static char buffer[70000];

static void take(u32 value)
{
	hash = outcome_add(hash, value);
}

static long call(int number, int fd, long a, long b, long c)
{
	return system_call(number, fd, a, b, c, 0, 0);
}

/* The other end of a pipe, or -1. */
static int partner;

static int opened(int flags)
{
	int fd = (int)sys_open_mode(path.data, O_RDWR | O_CREAT, 0600);

	EXPECT_EQ(sys_write(fd, "0123456789", 10), 10);
	EXPECT_EQ(sys_close(fd), 0);
	return (int)sys_open(path.data, flags | O_NONBLOCK);
}

static int new_memfd(bool sealed)
{
	int fd = (int)call(NR_memfd_create, (int)"mine", 2, 0, 0);

	EXPECT_EQ(sys_write(fd, "0123456789", 10), 10);
	EXPECT_EQ(sys_lseek(fd, 0, SEEK_SET), 0);
	if (sealed)
		EXPECT_EQ(sys_fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK), 0);
	return fd;
}

static int new_pipe(enum kind kind)
{
	int fds[2];
	bool in = kind == PIPE_OUT;

	EXPECT_EQ(sys_pipe2(fds, O_NONBLOCK), 0);
	if (kind == FULL_PIPE)
		EXPECT_EQ(sys_write(fds[1], buffer, 65536), 65536);
	else
		EXPECT_EQ(sys_write(fds[1], "abcdef", 6), 6);
	partner = in ? fds[1] : fds[0];
	if (kind == BROKEN_PIPE) {
		EXPECT_EQ(sys_close(partner), 0);
		partner = -1;
	}
	return in ? fds[0] : fds[1];
}

static int new_fifo(void)
{
	int fd;

	EXPECT_EQ(sys_mknod(fifo.data, S_IFIFO | 0600, 0), 0);
	fd = (int)sys_open(fifo.data, O_RDWR | O_NONBLOCK);
	EXPECT_EQ(sys_unlink(fifo.data), 0);
	EXPECT_EQ(sys_write(fd, "abc", 3), 3);
	return fd;
}

static int make(enum kind kind)
{
	static const int flags[] = { [READER] = O_RDONLY,   [WRITER] = O_WRONLY,
				     [BOTH] = O_RDWR,	    [APPENDER] = O_RDWR | O_APPEND,
				     [NEITHER] = O_ACCMODE, [PLACE] = O_PATH };

	partner = -1;
	switch (kind) {
	case FOLDER:
		return (int)sys_open(folder.data, O_RDONLY | O_DIRECTORY);
	case UNNAMED:
		return (int)sys_open_mode("/tmp", O_TMPFILE | O_DIRECTORY | O_RDWR, 0600);
	case SEALABLE:
	case SEALED:
		return new_memfd(kind == SEALED);
	case PIPE_OUT:
	case PIPE_IN:
	case FULL_PIPE:
	case BROKEN_PIPE:
		return new_pipe(kind);
	case FIFO:
		return new_fifo();
	case COUNTER:
		return (int)call(NR_eventfd2, 3, O_NONBLOCK, 0, 0);
	case EPOLL:
		return (int)call(NR_epoll_create1, 0, 0, 0, 0);
	case NOTIFY:
		return (int)call(NR_inotify_init1, O_NONBLOCK, 0, 0, 0);
	case NULL_DEVICE:
		return (int)sys_open("/dev/null", O_RDWR);
	case ZERO_DEVICE:
		return (int)sys_open("/dev/zero", O_RDWR);
	case FULL_DEVICE:
		return (int)sys_open("/dev/full", O_RDWR);
	case CLOSED:
		return 900;
	default:
		return opened(flags[kind]);
	}
}

static void end(int fd)
{
	sys_close(fd);
	if (partner >= 0)
		sys_close(partner);
}

/* What the file is now. The tests' own mode of a device, and the size of a folder, are its own. */
static void look(int fd)
{
	struct pollfd item = { fd, POLLIN | POLLOUT | POLLPRI, 0 };
	struct stat64 stat = { 0 };
	s64 place = 0;
	int bytes = 0;

	take((u32)system_call(NR__llseek, fd, 0, 0, (long)&place, SEEK_CUR, 0));
	take((u32)place);
	take(!sys_fstat64(fd, &stat));
	take(stat.mode & (S_IFMT | S_ISUID));
	take((stat.mode & S_IFMT) == S_IFREG ? (u32)stat.size : 0);
	take((u32)sys_fcntl(fd, F_GETFL, 0) & ~(u32)O_ASYNC); /* a lease sets it on Linux */
	take((u32)sys_fcntl(fd, F_GETFD, 0));
	sys_poll(&item, 1, 0);
	take((u32)item.revents);
	if ((stat.mode & S_IFMT) == S_IFIFO) {
		take((u32)sys_ioctl(fd, FIONREAD, &bytes));
		take((u32)bytes);
	}
}

/*
 * What is not asked: Linux has inodes behind pipes and events, which can be locked; what file
 * system /, /tmp and memory files belong to is the machine's choice.
 */
static bool has_inode(enum kind kind)
{
	return kind < PIPE_OUT || kind > NOTIFY || kind == FIFO;
}

static bool in_memory(enum kind kind)
{
	return kind == SEALABLE || kind == SEALED;
}

static bool is_asked_of(long command, enum kind kind)
{
	switch (command) {
	case F_SETLK64:
	case F_GETLK64:
		return has_inode(kind);
	case F_SETLEASE:
		return !in_memory(kind);
	case F_GET_SEALS:
	case F_ADD_SEALS:
		return kind > UNNAMED;
	}
	return true;
}

static bool is_asked(int call_number, long command, enum kind kind)
{
	switch (call_number) {
	case NR_fchmod:
		return kind < PIPE_OUT; /* not of the machine's devices */
	case NR_flock:
	case NR_fallocate:
	case NR_sync_file_range:
		return has_inode(kind);
	case NR_getdents64:
	case NR_lseek:
		return kind != FOLDER;
	case NR_ioctl:
		return kind != EPOLL;
	case NR_fcntl64:
		return is_asked_of(command, kind);
	}
	return true;
}

/* --- One file --- */

static struct iovec vectors[3] = { { (u32)buffer, 2 }, { (u32)buffer, 0 }, { (u32)buffer, 3 } };
static struct epoll_event {
	u32 events, data[2];
} __packed event = { POLLIN, { 0, 0 } };
static struct flock64 lock = { .type = 0, .start = 2, .length = 3 };
static struct flock64 write_lock = { .type = 1, .start = 0, .length = 0 };
static struct flock64 no_lock = { .type = 2, .start = 3, .length = 1 };
static int number = 1, zero;
static u32 settings[16];

#define AT_OFFSET(low, high) (low), (high)

static const struct single {
	const char *name;
	int number;
	long a, b, c, d, e;
} singles[] = {
	{ "read 0", NR_read, (long)buffer, 0, 0, 0, 0 },
	{ "read 4", NR_read, (long)buffer, 4, 0, 0, 0 },
	{ "read 8", NR_read, (long)buffer, 8, 0, 0, 0 },
	{ "read nowhere", NR_read, 16, 8, 0, 0, 0 },
	{ "write 0", NR_write, (long)"xy", 0, 0, 0, 0 },
	{ "write 2", NR_write, (long)"xy", 2, 0, 0, 0 },
	{ "write 8", NR_write, (long)"\1\0\0\0\0\0\0", 8, 0, 0, 0 },
	{ "write nothing", NR_write, 16, 8, 0, 0, 0 },
	{ "readv", NR_readv, (long)vectors, 3, 0, 0, 0 },
	{ "writev", NR_writev, (long)vectors, 3, 0, 0, 0 },
	{ "writev none", NR_writev, (long)vectors, 0, 0, 0, 0 },
	{ "pread", NR_pread64, (long)buffer, 3, AT_OFFSET(8, 0), 0 },
	{ "pread -1", NR_pread64, (long)buffer, 3, AT_OFFSET(-1, -1), 0 },
	{ "pread far", NR_pread64, (long)buffer, 3, AT_OFFSET(0, 2), 0 },
	{ "pwrite", NR_pwrite64, (long)"xy", 2, AT_OFFSET(20, 0), 0 },
	{ "pwrite -1", NR_pwrite64, (long)"xy", 2, AT_OFFSET(-1, -1), 0 },
	{ "seek 5", NR_lseek, 5, SEEK_SET, 0, 0, 0 },
	{ "seek -1", NR_lseek, -1, SEEK_SET, 0, 0, 0 },
	{ "seek on 3", NR_lseek, 3, SEEK_CUR, 0, 0, 0 },
	{ "seek end", NR_lseek, -3, SEEK_END, 0, 0, 0 },
	{ "seek before", NR_lseek, -30, SEEK_END, 0, 0, 0 },
	{ "seek data", NR_lseek, 2, SEEK_DATA, 0, 0, 0 },
	{ "seek hole", NR_lseek, 2, SEEK_HOLE, 0, 0, 0 },
	{ "seek wrong", NR_lseek, 2, 9, 0, 0, 0 },
	{ "truncate 4", NR_ftruncate, 4, 0, 0, 0, 0 },
	{ "truncate 40", NR_ftruncate, 40, 0, 0, 0, 0 },
	{ "truncate -1", NR_ftruncate, -1, 0, 0, 0, 0 },
	{ "allocate", NR_fallocate, 0, AT_OFFSET(5, 0), AT_OFFSET(10, 0) },
	{ "allocate and keep", NR_fallocate, 1, AT_OFFSET(5, 0), AT_OFFSET(10, 0) },
	{ "hole", NR_fallocate, 3, AT_OFFSET(0, 0), AT_OFFSET(4, 0) },
	{ "sync", NR_fsync, 0, 0, 0, 0, 0 },
	{ "sync data", NR_fdatasync, 0, 0, 0, 0, 0 },
	{ "chmod", NR_fchmod, 0640, 0, 0, 0, 0 },
	{ "chdir", NR_fchdir, 0, 0, 0, 0, 0 },
	{ "entries", NR_getdents64, (long)buffer, 10, 0, 0, 0 },
	{ "flock", NR_flock, 2 | 4, 0, 0, 0, 0 },
	{ "flock shared", NR_flock, 1 | 4, 0, 0, 0, 0 },
	{ "flock wrong", NR_flock, 3, 0, 0, 0, 0 },
	{ "ready bytes", NR_ioctl, FIONREAD, (long)buffer, 0, 0, 0 },
	{ "not blocking", NR_ioctl, FIONBIO, (long)&number, 0, 0, 0 },
	{ "blocking", NR_ioctl, FIONBIO, (long)&zero, 0, 0, 0 },
	{ "close on exec", NR_ioctl, FIOCLEX, 0, 0, 0, 0 },
	{ "keep on exec", NR_ioctl, FIONCLEX, 0, 0, 0, 0 },
	{ "settings", NR_ioctl, TCGETS, (long)settings, 0, 0, 0 },
	{ "descriptor flags", NR_fcntl64, F_SETFD, FD_CLOEXEC, 0, 0, 0 },
	{ "append", NR_fcntl64, F_SETFL, O_APPEND, 0, 0, 0 },
	{ "no flags", NR_fcntl64, F_SETFL, 0, 0, 0, 0 },
	{ "no access time", NR_fcntl64, F_SETFL, O_NOATIME, 0, 0, 0 },
	{ "the lock", NR_fcntl64, F_GETLK64, (long)&write_lock, 0, 0, 0 },
	{ "lock to read", NR_fcntl64, F_SETLK64, (long)&lock, 0, 0, 0 },
	{ "lock to write", NR_fcntl64, F_SETLK64, (long)&write_lock, 0, 0, 0 },
	{ "unlock", NR_fcntl64, F_SETLK64, (long)&no_lock, 0, 0, 0 },
	{ "lease to read", NR_fcntl64, F_SETLEASE, 0, 0, 0, 0 },
	{ "lease to write", NR_fcntl64, F_SETLEASE, 1, 0, 0, 0 },
	{ "no lease", NR_fcntl64, F_SETLEASE, 2, 0, 0, 0 },
	{ "the lease", NR_fcntl64, F_GETLEASE, 0, 0, 0, 0 },
	{ "pipe's size", NR_fcntl64, F_GETPIPE_SZ, 0, 0, 0, 0 },
	{ "a smaller pipe", NR_fcntl64, F_SETPIPE_SZ, 4097, 0, 0, 0 },
	{ "a huge pipe", NR_fcntl64, F_SETPIPE_SZ, -1, 0, 0, 0 },
	{ "seals", NR_fcntl64, F_GET_SEALS, 0, 0, 0, 0 },
	{ "seal", NR_fcntl64, F_ADD_SEALS, 8, 0, 0, 0 },
	{ "signal", NR_fcntl64, F_SETSIG, 10, 0, 0, 0 },
	{ "the signal", NR_fcntl64, F_GETSIG, 0, 0, 0, 0 },
	{ "owner", NR_fcntl64, F_GETOWN, 0, 0, 0, 0 },
	{ "wrong", NR_fcntl64, 77, 0, 0, 0, 0 },
	{ "advice", NR_fadvise64, 0, 0, 0, 2, 0 },
	{ "wrong advice", NR_fadvise64, 0, 0, 0, 9, 0 },
	{ "read ahead", NR_readahead, AT_OFFSET(0, 0), 100, 0, 0 },
	{ "statfs", NR_fstatfs64, 84, (long)buffer, 0, 0, 0 },
	{ "notice", NR_inotify_add_watch, (long)"/proc", 2, 0, 0, 0 },
	{ "no notice", NR_inotify_rm_watch, 1, 0, 0, 0, 0 },
	{ "wait", NR_epoll_wait, (long)buffer, 1, 0, 0, 0 },
	{ "sync range", NR_sync_file_range, AT_OFFSET(0, 0), AT_OFFSET(4, 0), 2 },
};

static void tell(const char *what, enum kind kind, int other, long result, u32 before)
{
	struct text line;

	take(result < 0 ? (u32)-result : 0);
	if (!talk)
		return;
	text_clear(&line);
	text_add(&line, "# ");
	text_add(&line, what);
	text_add(&line, " ");
	text_add_decimal(&line, kind);
	text_add(&line, " ");
	text_add_decimal(&line, other);
	text_add(&line, " = ");
	text_add_decimal(&line, result);
	text_add(&line, " ");
	text_add_hex(&line, hash ^ before);
	tap_line(line.data);
	hash = before;
}

static void alone(void)
{
	for (u32 c = 0; c < ARRAY_SIZE(singles); c++) {
		const struct single *single = &singles[c];

		for (u32 kind = 0; kind < KINDS; kind++) {
			u32 before = hash;
			long result;
			int fd;

			if (!is_asked(single->number, single->a, kind))
				continue;
			fd = make(kind);
			result = system_call(single->number, fd, single->a, single->b, single->c,
					     single->d, single->e);

			take(result > 0 ? (u32)result : 0);
			look(fd);
			tell(single->name, kind, 0, result, before);
			end(fd);
		}
		hash = outcome_print(single->name, "", hash);
	}
	EXPECT_EQ(sys_chdir("/"), 0);
}

/* --- Areas --- */

static void areas(void)
{
	for (u32 kind = 0; kind < KINDS; kind++)
		for (u32 n = 0; n < 16; n++) {
			int fd = make(kind), flags = n & 8 ? MAP_SHARED : MAP_PRIVATE;
			u32 before = hash, place;

			if (n & PROT_EXEC && kind >= PIPE_OUT) {
				end(fd); /* /dev may be mounted without that right */
				continue;
			}

			place = sys_mmap2(0, PAGE_SIZE, (int)(n & 7), flags, fd, 0);
			if (!is_error(place))
				sys_munmap(place, PAGE_SIZE);
			tell("mmap", kind, (int)n, is_error(place) ? (int)place : 0, before);
			end(fd);
		}
	hash = outcome_print("mmap", "", hash);
}

/* --- Two files --- */

static u64 offset;

static long sends(int in, int out)
{
	return sys_sendfile64(out, in, NULL, 4);
}

static long sends_from(int in, int out)
{
	offset = 3;
	return sys_sendfile64(out, in, &offset, 4);
}

static long splices(int in, int out)
{
	return system_call(NR_splice, in, 0, out, 0, 4, 2);
}

static long splices_from(int in, int out)
{
	offset = 3;
	return system_call(NR_splice, in, (long)&offset, out, 0, 4, 2);
}

static long splices_to(int in, int out)
{
	offset = 3;
	return system_call(NR_splice, in, 0, out, (long)&offset, 4, 2);
}

static long tees(int in, int out)
{
	return system_call(NR_tee, in, out, 4, 2, 0, 0);
}

static long copies(int in, int out)
{
	return system_call(NR_copy_file_range, in, 0, out, 0, 4, 0);
}

static long watches(int in, int out)
{
	return system_call(NR_epoll_ctl, out, 1, in, (long)&event, 0, 0);
}

static const struct {
	const char *name;
	long (*call)(int in, int out);
} pairs[] = {
	{ "sendfile", sends },		 { "sendfile from", sends_from }, { "splice", splices },
	{ "splice from", splices_from }, { "splice to", splices_to },	  { "tee", tees },
	{ "copy_file_range", copies },	 { "epoll_ctl", watches },
};

/* Linux has no copies between file systems, and its sendfile() of what is no file has changed. */
static bool is_asked_between(long (*function)(int in, int out), enum kind from, enum kind to)
{
	if (function == copies)
		return in_memory(from) == in_memory(to);
	if (function == sends || function == sends_from)
		return (from < FOLDER || in_memory(from) || from == CLOSED) && to != FULL_DEVICE;
	if (function == splices || function == splices_from || function == splices_to)
		return (from < FOLDER || from == PIPE_OUT || from == FIFO) && to != FULL_DEVICE;
	return true;
}

static void from_one_to_another(void)
{
	for (u32 c = 0; c < ARRAY_SIZE(pairs); c++) {
		for (u32 n = 0; n < KINDS * KINDS; n++) {
			enum kind from = n / KINDS, to = n % KINDS;
			int in = make(from), first = partner, out = make(to);
			u32 before = hash;
			long result;

			if (!is_asked_between(pairs[c].call, from, to)) {
				end(out);
				partner = first;
				end(in);
				continue;
			}
			offset = 0;
			result = pairs[c].call(in, out);
			take(result > 0 ? (u32)result : 0);
			take((u32)offset);
			look(in);
			look(out);
			tell(pairs[c].name, from, (int)to, result, before);
			end(out);
			partner = first;
			end(in);
		}
		hash = outcome_print(pairs[c].name, "", hash);
	}
}

static const struct tap_case cases[] = {
	{ "one file", alone },
	{ "areas", areas },
	{ "from one to another", from_one_to_another },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	int result;

	talk = outcome_all(argc, argv);
	file_name(&path, ".file");
	file_name(&fifo, ".fifo");
	file_name(&folder, ".folder");
	EXPECT_EQ(sys_mkdir(folder.data, 0700), 0);
	handler_set(SIGPIPE, (void *)SIG_IGN, 0, 0);
	result = tap_run(cases, ARRAY_SIZE(cases));
	EXPECT_EQ(sys_unlink(path.data), 0);
	EXPECT_EQ(sys_rmdir(folder.data), 0);
	return result;
}
