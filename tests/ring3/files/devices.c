/* SPDX-License-Identifier: MIT */
/*
 * Devices that are memory alone, what F_SETFL changes of an open file, and terminals.
 *
 *	/dev/null	ends at once		takes all
 *	/dev/zero	zeros without end	takes all	mapped: anonymous memory
 *	/dev/full	zeros without end	-ENOSPC
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/time_calls.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)

static int open_device(const char *path)
{
	long fd = sys_open(path, O_RDWR);

	if (fd < 0)
		tap_bail_out("a device under /dev can't be opened");
	return (int)fd;
}

static void what_they_are(void)
{
	static const struct {
		const char *path;
		u32 number;
	} devices[] = { { "/dev/null", 0x103 }, { "/dev/zero", 0x105 }, { "/dev/full", 0x107 } };
	struct stat64 stat;

	for (u32 i = 0; i < ARRAY_SIZE(devices); i++) {
		int fd = open_device(devices[i].path);

		EXPECT_EQ(sys_fstat64(fd, &stat), 0);
		EXPECT(stat.mode == (S_IFCHR | 0666) && stat.rdev == devices[i].number);
		EXPECT_EQ(sys_stat64(devices[i].path, &stat), 0);
		EXPECT(stat.mode == (S_IFCHR | 0666) && stat.rdev == devices[i].number);
		EXPECT_EQ(sys_lseek(fd, 77, SEEK_SET), 0);
		EXPECT_EQ(sys_ftruncate(fd, 1), -EINVAL);
		EXPECT_EQ(sys_truncate(devices[i].path, 1), -EINVAL);
		EXPECT_EQ(sys_ioctl(fd, TCGETS, &stat), -ENOTTY);
		EXPECT_EQ(sys_close(fd), 0);
		EXPECT_EQ(sys_close((int)sys_open_mode(devices[i].path,
						       O_WRONLY | O_CREAT | O_TRUNC, 0600)),
			  0);
	}
	EXPECT_EQ(sys_open("/dev/null/", O_RDONLY), -ENOTDIR);
	EXPECT_EQ(sys_open_mode("/dev/null", O_RDWR | O_CREAT | O_EXCL, 0600), -EEXIST);
}

static void what_they_read(void)
{
	u8 *buffer = memory_map(3, READ_WRITE);
	int null = open_device("/dev/null"), zero = open_device("/dev/zero"),
	    full = open_device("/dev/full");

	EXPECT_EQ(sys_read(null, buffer, 100), 0);
	memory_fill(buffer, 2, 1);
	EXPECT_EQ(sys_read(zero, buffer, 2 * PAGE_SIZE), 2 * PAGE_SIZE);
	EXPECT(memory_is_zero(buffer, 2 * PAGE_SIZE));
	memory_fill(buffer, 2, 2);
	EXPECT_EQ(sys_pread64(full, buffer, 5000, 1ull << 40), 5000);
	EXPECT(memory_is_zero(buffer, 5000));
	EXPECT(buffer[5000] || buffer[5001] || buffer[5002] || buffer[5003]);
	EXPECT_EQ(sys_lseek(zero, 0, SEEK_CUR), 0);
	/* As far as the buffer goes. */
	memory_unmap(buffer + 2 * PAGE_SIZE, 1);
	EXPECT_EQ(sys_read(zero, buffer + PAGE_SIZE, 3 * PAGE_SIZE), PAGE_SIZE);
	EXPECT_EQ(sys_read(zero, buffer + 2 * PAGE_SIZE, 1), -EFAULT);
	EXPECT_EQ(sys_read(null, NULL, 1), 0);
	memory_unmap(buffer, 2);
	EXPECT_EQ(sys_close(null), 0);
	EXPECT_EQ(sys_close(zero), 0);
	EXPECT_EQ(sys_close(full), 0);
}

static void what_they_take(void)
{
	int null = open_device("/dev/null"), zero = open_device("/dev/zero"),
	    full = open_device("/dev/full");

	EXPECT_EQ(sys_write(null, "abc", 3), 3);
	EXPECT_EQ(sys_write(zero, "abc", 3), 3);
	EXPECT_EQ(sys_write(full, "abc", 3), -ENOSPC);
	/* The written bytes are not read. */
	EXPECT_EQ(sys_write(null, (void *)8, 1000), 1000);
	EXPECT_EQ(sys_pwrite64(null, "abc", 3, 1ull << 40), 3);
	EXPECT_EQ(sys_lseek(null, 0, SEEK_CUR), 0);
	EXPECT_EQ(sys_close(null), 0);
	EXPECT_EQ(sys_close(zero), 0);
	EXPECT_EQ(sys_close(full), 0);
}

static void writes_three(void *argument)
{
	*(volatile u8 *)argument = 3;
}

static void mapped(void)
{
	int zero = open_device("/dev/zero"), full = open_device("/dev/full"),
	    reader = (int)sys_open("/dev/zero", O_RDONLY);
	u8 *private = (u8 *)sys_mmap2(0, 2 * PAGE_SIZE, READ_WRITE, MAP_PRIVATE, zero, 7);
	u8 *shared = (u8 *)sys_mmap2(0, 2 * PAGE_SIZE, READ_WRITE, MAP_SHARED, zero, 0);
	u8 *other = (u8 *)sys_mmap2(0, 2 * PAGE_SIZE, READ_WRITE, MAP_SHARED, zero, 0);
	u8 *read = (u8 *)sys_mmap2(0, PAGE_SIZE, PROT_READ, MAP_SHARED, reader, 0);

	EXPECT(!is_error((u32) private) && !is_error((u32)shared) && !is_error((u32)other));
	EXPECT_EQ(sys_mmap2(0, PAGE_SIZE, READ_WRITE, MAP_SHARED, reader, 0), -EACCES);
	EXPECT_EQ(sys_mmap2(0, PAGE_SIZE, PROT_READ, MAP_PRIVATE, full, 0), -ENODEV);
	EXPECT_EQ(sys_close(zero), 0);
	EXPECT(memory_is_zero(private, 2 * PAGE_SIZE) && memory_is_zero(shared, 2 * PAGE_SIZE));
	EXPECT_EQ(*read, 0);
	private[5] = 1;
	shared[5] = 1;
	/*
	 * A child writes to its own copy of the one, and to the parent's of the other. Each
	 * mapping is memory of its own.
	 */
	EXPECT_CHILD(writes_three, private + 5, EXITED(0));
	EXPECT_CHILD(writes_three, shared + 5, EXITED(0));
	EXPECT(private[5] == 1 && shared[5] == 3 && other[5] == 0);
	memory_unmap(private, 2);
	memory_unmap(shared, 2);
	memory_unmap(other, 2);
	memory_unmap(read, 1);
	EXPECT_EQ(sys_close(full), 0);
	EXPECT_EQ(sys_close(reader), 0);
}

static void status_flags(void)
{
	struct text path;
	int fd, copy;

	file_name(&path, ".flags");
	fd = (int)sys_open_mode(path.data, O_RDWR | O_CREAT | O_TRUNC | O_EXCL, 0600);
	copy = (int)sys_dup(fd);
	EXPECT_EQ(sys_unlink(path.data), 0);
	EXPECT_EQ(sys_fcntl(fd, F_GETFL, 0), O_RDWR);
	EXPECT_EQ(system_call(NR_fcntl, fd, F_GETFL, 0, 0, 0, 0), O_RDWR);
	EXPECT_EQ(sys_write(fd, "abcd", 4), 4);
	EXPECT_EQ(sys_lseek(fd, 1, SEEK_SET), 1);
	EXPECT_EQ(sys_fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK | O_WRONLY | O_CREAT), 0);
	/*
	 * F_SETFL changes flags that descriptors share, but neither the access mode nor flags of
	 * open() only.
	 */
	EXPECT_EQ(sys_fcntl(copy, F_GETFL, 0), O_RDWR | O_APPEND | O_NONBLOCK);
	EXPECT_EQ(sys_write(copy, "e", 1), 1);
	EXPECT_EQ(file_size(fd), 5);
	EXPECT_EQ(sys_fcntl(fd, F_SETFL, 0), 0);
	EXPECT_EQ(sys_fcntl(copy, F_GETFL, 0), O_RDWR);
	EXPECT_EQ(sys_lseek(fd, 0, SEEK_SET), 0);
	EXPECT_EQ(sys_write(fd, "X", 1), 1);
	EXPECT(file_size(fd) == 5 && file_byte(fd, 0) == 'X');
	EXPECT_EQ(sys_fcntl(999, F_GETFL, 0), -EBADF);
	EXPECT_EQ(sys_fcntl(999, F_SETFL, 0), -EBADF);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_close(copy), 0);
}

/*
 * Standard output may be a terminal or a pipe: a C library asks TCGETS where it is a device with
 * characters.
 */
static void terminals(void)
{
	struct stat64 stat;
	u32 settings[15], again[15];
	u16 window[4] = { 1, 1, 1, 1 };
	bool device;
	int fd = (int)sys_open("/proc/self/maps", O_RDONLY);

	EXPECT_EQ(sys_fstat64(1, &stat), 0);
	device = (stat.mode & S_IFMT) == S_IFCHR;
	EXPECT_EQ(sys_ioctl(1, TCGETS, settings), device ? 0 : -ENOTTY);
	EXPECT_EQ(sys_ioctl(1, TIOCGWINSZ, window), device ? 0 : -ENOTTY);
	EXPECT(!device || settings[3] & 2 /* ICANON */);
	EXPECT_EQ(sys_ioctl(1, TCSETS, settings), device ? 0 : -ENOTTY);
	EXPECT_EQ(sys_ioctl(1, TCGETS, again), device ? 0 : -ENOTTY);
	EXPECT(!device || !memcmp(settings, again, 36));
	EXPECT_EQ(sys_ioctl(1, TCGETS, (void *)16), device ? -EFAULT : -ENOTTY);
	EXPECT_EQ(sys_ioctl(1, 0x12345678, settings), -ENOTTY);
	EXPECT_EQ(sys_ioctl(fd, TCGETS, settings), -ENOTTY);
	EXPECT_EQ(sys_ioctl(999, TCGETS, settings), -EBADF);
	EXPECT_EQ(sys_close(fd), 0);
}

static const struct tap_case cases[] = {
	{ "what /dev/null, /dev/zero and /dev/full are", what_they_are },
	{ "what they read", what_they_read },
	{ "what they take", what_they_take },
	{ "/dev/zero mapped, private and shared", mapped },
	{ "F_GETFL and F_SETFL", status_flags },
	{ "ioctl of terminals and of others", terminals },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
