/* SPDX-License-Identifier: MIT */
/*
 * Attributes of files: stat64, lstat64, fstat64, fstatat64 and statx agree; times by the wall
 * clock.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/tap.h"
#include "tests/ring3/runtime/time_calls.h"

#define NEW (O_RDWR | O_CREAT | O_EXCL)

static struct text path;

static int create(void)
{
	long fd = sys_open_mode(path.data, NEW, 0640);

	if (fd < 0)
		tap_bail_out("a new file under /tmp was refused");
	return (int)fd;
}

static void finish(int fd)
{
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_unlink(path.data), 0);
}

static bool same(const struct stat64 *a, const struct stat64 *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static void all_say_the_same(void)
{
	struct stat64 stat, other;
	int fd = create();

	EXPECT_EQ(sys_write(fd, "abc", 3), 3);
	EXPECT_EQ(sys_fstat64(fd, &stat), 0);
	EXPECT(stat.mode == (S_IFREG | 0640) && stat.size == 3 && stat.nlink == 1);
	EXPECT(stat.ino && stat.ino32 == (u32)stat.ino);
	EXPECT_EQ(sys_stat64(path.data, &other), 0);
	EXPECT(same(&stat, &other));
	EXPECT_EQ(sys_lstat64(path.data, &other), 0);
	EXPECT(same(&stat, &other));
	EXPECT_EQ(sys_fstatat64(AT_FDCWD, path.data, &other, 0), 0);
	EXPECT(same(&stat, &other));
	/* The form of a C library's fstat(). */
	EXPECT_EQ(sys_fstatat64(fd, "", &other, AT_EMPTY_PATH), 0);
	EXPECT(same(&stat, &other));
	EXPECT_EQ(sys_fstatat64(fd, "", &other, 0), -ENOENT);
	EXPECT_EQ(sys_fstatat64(999, "", &other, AT_EMPTY_PATH), -EBADF);
	EXPECT_EQ(sys_fstatat64(999, path.data, &other, AT_SYMLINK_NOFOLLOW), 0);
	EXPECT_EQ(sys_fstatat64(999, "tmp", &other, 0), -EBADF);
	EXPECT_EQ(sys_fstatat64(fd, "tmp", &other, 0), -ENOTDIR);
	EXPECT_EQ(sys_fstatat64(AT_FDCWD, "", &other, AT_EMPTY_PATH), 0);
	EXPECT_EQ(other.mode & S_IFMT, S_IFDIR);
	EXPECT_EQ(sys_fstatat64(AT_FDCWD, path.data, &other, 0x8000), -EINVAL);
	EXPECT_EQ(sys_fstatat64(AT_FDCWD, path.data, (void *)16, 0), -EFAULT);
	finish(fd);
	EXPECT_EQ(sys_fstatat64(AT_FDCWD, path.data, &other, 0), -ENOENT);
}

static void statx_too(void)
{
	struct stat64 stat;
	struct statx more;
	int fd = create();
	long result;

	EXPECT_EQ(sys_write(fd, "abc", 3), 3);
	EXPECT_EQ(sys_fstat64(fd, &stat), 0);
	memset(&more, 0x5a, sizeof(more));
	EXPECT_EQ(sys_statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &more), 0);
	EXPECT_EQ(more.mask & STATX_BASIC_STATS, STATX_BASIC_STATS);
	EXPECT(more.mode == stat.mode && more.size == 3 && more.nlink == 1);
	EXPECT(more.ino == stat.ino && more.blocks == stat.blocks);
	EXPECT_EQ((u64)more.dev_major << 8 | more.dev_minor, stat.dev);
	EXPECT(more.atime.seconds == stat.times[0] && more.atime.nanoseconds == stat.times[1]);
	EXPECT(more.mtime.seconds == stat.times[2] && more.mtime.nanoseconds == stat.times[3]);
	EXPECT(more.ctime.seconds == stat.times[4] && more.ctime.nanoseconds == stat.times[5]);
	EXPECT_EQ(sys_statx(AT_FDCWD, path.data, AT_SYMLINK_NOFOLLOW, 0, &more), 0);
	EXPECT_EQ(more.size, 3);
	EXPECT_EQ(sys_statx(AT_FDCWD, "/dev/null", 0, STATX_BASIC_STATS, &more), 0);
	EXPECT(more.rdev_major == 1 && more.rdev_minor == 3);
	EXPECT_EQ(sys_statx(AT_FDCWD, path.data, 0x6000, 0, &more), -EINVAL);
	EXPECT_EQ(sys_statx(AT_FDCWD, path.data, 0x40000000, 0, &more), -EINVAL);
	EXPECT_EQ(sys_statx(AT_FDCWD, path.data, 0, 0x80000000, &more), -EINVAL);
	EXPECT_EQ(sys_statx(AT_FDCWD, path.data, 0, 0, (void *)16), -EFAULT);
	EXPECT_EQ(sys_statx(AT_FDCWD, "/tmp/no such file", 0, 0, &more), -ENOENT);
	EXPECT_EQ(sys_statx(AT_FDCWD, NULL, 0, 0, &more), -EFAULT);
	/* Since Linux 6.11 no path is as good as an empty one. */
	more.size = 0;
	result = sys_statx(fd, NULL, AT_EMPTY_PATH, STATX_BASIC_STATS, &more);
	EXPECT(result == -EFAULT || (!result && more.size == 3));
	result = sys_statx(999, NULL, AT_EMPTY_PATH, STATX_BASIC_STATS, &more);
	EXPECT(result == -EFAULT || result == -EBADF);
	finish(fd);
}

/* ---- names ---- */

static void second_names(void)
{
	struct stat64 stat;
	struct text second;
	int fd = create(), other;

	file_name(&second, ".second");
	EXPECT_EQ(sys_link(path.data, second.data), 0);
	EXPECT_EQ(sys_link(path.data, second.data), -EEXIST);
	EXPECT_EQ(sys_fstat64(fd, &stat), 0);
	EXPECT_EQ(stat.nlink, 2);
	EXPECT_EQ(sys_write(fd, "abc", 3), 3);
	other = (int)sys_open(second.data, O_RDONLY);
	EXPECT_EQ(file_byte(other, 2), 'c');
	EXPECT_EQ(sys_unlink(path.data), 0);
	EXPECT_EQ(sys_stat64(path.data, &stat), -ENOENT);
	EXPECT_EQ(sys_stat64(second.data, &stat), 0);
	EXPECT(stat.nlink == 1 && stat.size == 3);
	EXPECT_EQ(sys_linkat(AT_FDCWD, second.data, AT_FDCWD, path.data, 0), 0);
	EXPECT_EQ(sys_unlink(second.data), 0);
	EXPECT_EQ(sys_unlink(path.data), 0);
	EXPECT_EQ(sys_fstat64(fd, &stat), 0);
	EXPECT_EQ(stat.nlink, 0);
	EXPECT_EQ(file_byte(other, 2), 'c');
	EXPECT_EQ(sys_close(other), 0);
	EXPECT_EQ(sys_close(fd), 0);
}

static void refused_names(void)
{
	int fd = create();

	EXPECT_EQ(sys_link("/tmp/no such file", "/tmp/x"), -ENOENT);
	EXPECT_EQ(sys_link(path.data, path.data), -EEXIST);
	EXPECT_EQ(sys_link(path.data, "/tmp"), -EEXIST);
	EXPECT_EQ(sys_link(path.data, "/tmp/no such directory/x"), -ENOENT);
	EXPECT_EQ(sys_link(path.data, "/proc/no such file"), -ENOENT);
	EXPECT_EQ(sys_link("/proc/self/maps", "/tmp/x"), -EXDEV);
	EXPECT_EQ(sys_link("/tmp", "/tmp/x"), -EPERM);
	EXPECT_EQ(sys_link(NULL, "/tmp/x"), -EFAULT);
	EXPECT_EQ(sys_link("", "/tmp/x"), -ENOENT);
	EXPECT_EQ(sys_link(path.data, ""), -ENOENT);
	EXPECT_EQ(sys_linkat(AT_FDCWD, path.data, AT_FDCWD, "/tmp/x", 1), -EINVAL);
	finish(fd);
}

/* ---- times ---- */

enum { ACCESS, MODIFY, CHANGE };

static u64 time_of(const struct stat64 *stat, int which)
{
	return (u64)stat->times[2 * which] * 1000000000 + stat->times[2 * which + 1];
}

/* As Linux takes the time for segments: by the last tick, which CLOCK_REALTIME is ahead of. */
static u32 seconds_now(void)
{
	return (u32)sys_time(NULL);
}

static u64 now(void)
{
	struct timespec time;

	EXPECT_EQ(sys_clock_gettime(CLOCK_REALTIME, &time), 0);
	return (u64)(u32)time.seconds * 1000000000 + (u32)time.nanoseconds;
}

/* Longer than the steps of Linux's clock for files. */
static void wait(void)
{
	const struct timespec time = { 0, 30000000 };

	EXPECT_EQ(sys_nanosleep(&time, NULL), 0);
}

/* Which of the three times moved from `before` to now, as bits; `before` becomes what they are. */
static u32 moved(int fd, struct stat64 *before)
{
	struct stat64 stat;
	u32 bits = 0;

	EXPECT_EQ(sys_fstat64(fd, &stat), 0);
	for (int i = ACCESS; i <= CHANGE; i++) {
		u64 was = time_of(before, i), is = time_of(&stat, i);

		EXPECT(is >= was && is <= now());
		if (is > was)
			bits |= 1u << i;
	}
	*before = stat;
	wait();
	return bits;
}

static void times_move(void)
{
	const u32 changed = 1u << MODIFY | 1u << CHANGE;
	struct stat64 stat;
	char byte;
	int fd;
	u64 start = now();

	wait();
	fd = create();
	EXPECT_EQ(sys_fstat64(fd, &stat), 0);
	for (int i = ACCESS; i <= CHANGE; i++)
		EXPECT(time_of(&stat, i) >= start && time_of(&stat, i) <= now());
	wait();
	EXPECT_EQ(sys_write(fd, "abc", 3), 3);
	EXPECT_EQ(moved(fd, &stat), changed);
	EXPECT_EQ(sys_pread64(fd, &byte, 1, 0), 1);
	EXPECT_EQ(moved(fd, &stat), 1u << ACCESS);
	/* Once after each change. */
	EXPECT_EQ(sys_pread64(fd, &byte, 1, 0), 1);
	EXPECT_EQ(moved(fd, &stat), 0);
	EXPECT_EQ(sys_ftruncate(fd, 1), 0);
	EXPECT_EQ(moved(fd, &stat), changed);
	EXPECT_EQ(sys_close((int)sys_open(path.data, O_RDWR | O_TRUNC)), 0);
	EXPECT_EQ(moved(fd, &stat), changed);
	EXPECT_EQ(sys_unlink(path.data), 0);
	EXPECT_EQ(moved(fd, &stat), 1u << CHANGE);
	EXPECT_EQ(sys_close(fd), 0);
}

static void segments_have_times(void)
{
	struct shmid64 state;
	u32 place = 0, start = seconds_now();
	int id = (int)sys_shmget(IPC_PRIVATE, PAGE_SIZE, 0600);

	EXPECT_EQ(sys_shmctl(id, IPC_STAT | IPC_64, &state), 0);
	EXPECT(state.atime == 0 && state.dtime == 0);
	EXPECT(state.ctime >= start && state.ctime <= seconds_now());
	EXPECT_EQ(sys_shmat(id, 0, 0, &place), 0);
	EXPECT_EQ(sys_shmdt(place), 0);
	EXPECT_EQ(sys_shmctl(id, IPC_STAT | IPC_64, &state), 0);
	EXPECT(state.atime >= start && state.atime <= seconds_now());
	EXPECT(state.dtime >= start && state.dtime <= seconds_now());
	EXPECT_EQ(sys_shmctl(id, IPC_RMID, NULL), 0);
}

static const struct tap_case cases[] = {
	{ "stat64, lstat64, fstat64, fstatat64", all_say_the_same },
	{ "statx", statx_too },
	{ "second names", second_names },
	{ "names that can't be", refused_names },
	{ "times of a file", times_move },
	{ "times of a segment", segments_have_times },
};

int main(void)
{
	file_name(&path, ".stat");
	return tap_run(cases, ARRAY_SIZE(cases));
}
