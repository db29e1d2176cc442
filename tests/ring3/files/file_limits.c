/* SPDX-License-Identifier: MIT */
/*
 * How long a file may become: by RLIMIT_FSIZE of the process, and by O_LARGEFILE of the
 * descriptor.
 *
 *	0            8192 (the limit)      2 GiB - 1
 *	|-- write -->|                         without O_LARGEFILE: EFBIG, EINVAL, EOVERFLOW
 *	             SIGXFSZ and EFBIG
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/task_calls.h"

#define LIMIT (2 * PAGE_SIZE)

static struct text path;

static int create(int flags)
{
	long fd = sys_open_mode(path.data, O_RDWR | O_CREAT | O_EXCL | flags, 0600);

	if (fd < 0)
		tap_bail_out("a new file under /tmp was refused");
	return (int)fd;
}

static void limit_to(u32 bytes)
{
	const struct rlimit limit = { bytes, bytes };

	EXPECT_EQ(sys_setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void writes_to_the_limit(void *argument)
{
	const int fd = *(int *)argument;
	u8 *buffer = memory_map(3, PROT_READ | PROT_WRITE);

	limit_to(LIMIT);
	handler_set(SIGXFSZ, (void *)SIG_IGN, 0, 0);
	/* As much as fits, then none. */
	EXPECT_EQ(sys_pwrite64(fd, buffer, 3 * PAGE_SIZE, 0), LIMIT);
	EXPECT_EQ(sys_pwrite64(fd, buffer, 10, LIMIT - 3), 3);
	EXPECT_EQ(sys_pwrite64(fd, buffer, 1, LIMIT), -EFBIG);
	EXPECT_EQ(sys_pwrite64(fd, buffer, 0, LIMIT), 0);
	EXPECT_EQ(sys_pwrite64(fd, buffer, 1, LIMIT - 1), 1);
	EXPECT_EQ(sys_ftruncate(fd, LIMIT + 1), -EFBIG);
	EXPECT_EQ(sys_truncate(path.data, LIMIT + 1), -EFBIG);
	EXPECT_EQ(sys_ftruncate(fd, LIMIT), 0);
	EXPECT_EQ(sys_lseek(fd, LIMIT + 5, SEEK_SET), LIMIT + 5);
	EXPECT_EQ(sys_write(fd, buffer, 1), -EFBIG);
	EXPECT_EQ(file_size(fd), LIMIT);
	/* A file beyond the limit may shrink, even to a size still beyond it. */
	limit_to(10);
	EXPECT_EQ(sys_ftruncate(fd, PAGE_SIZE), 0);
	EXPECT_EQ(sys_ftruncate(fd, PAGE_SIZE + 1), -EFBIG);
	/* No regular file. */
	EXPECT_EQ(sys_pwrite64((int)sys_open("/dev/null", O_WRONLY), buffer, 100, 100), 100);
}

static void the_limit(void)
{
	int fd = create(0);

	EXPECT_CHILD(writes_to_the_limit, &fd, EXITED(0));
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_unlink(path.data), 0);
}

static void dies_by_write(void *argument)
{
	limit_to(LIMIT);
	sys_pwrite64(*(int *)argument, "a", 1, LIMIT);
}

static void dies_by_ftruncate(void *argument)
{
	limit_to(LIMIT);
	sys_ftruncate(*(int *)argument, LIMIT + 1);
}

/* A write that is cut short raises no signal, one that can't begin does. */
static void handles(void *argument)
{
	const int fd = *(int *)argument;
	static const struct iovec two[] = { { (u32) "ab", 2 }, { (u32) "cd", 2 } };

	limit_to(LIMIT);
	handler_note(SIGXFSZ, 0);
	EXPECT_EQ(sys_pwrite64(fd, "abc", 3, LIMIT - 1), 1);
	EXPECT_EQ(sys_lseek(fd, LIMIT - 2, SEEK_SET), LIMIT - 2);
	EXPECT_EQ(sys_writev(fd, two, 2), 2);
	EXPECT_EQ(handled.count, 0);
	EXPECT_EQ(sys_writev(fd, two, 2), -EFBIG);
	EXPECT_EQ(handled.count, 1);
	EXPECT_EQ(handled.signal, SIGXFSZ);
}

static void the_signal(void)
{
	int fd = create(0);

	EXPECT_CHILD(dies_by_write, &fd, KILLED(SIGXFSZ));
	EXPECT_CHILD(dies_by_ftruncate, &fd, KILLED(SIGXFSZ));
	EXPECT_EQ(file_size(fd), 0);
	EXPECT_CHILD(handles, &fd, EXITED(0));
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_unlink(path.data), 0);
}

static void two_gigabytes(void)
{
	struct stat64 stat;
	int large = create(O_LARGEFILE), small;

	EXPECT_EQ(sys_ftruncate64(large, 0x7ffffffe), 0);
	small = (int)sys_open(path.data, O_RDWR);
	EXPECT_EQ(sys_pwrite64(small, "ab", 2, 0x7ffffffe), 1);
	EXPECT_EQ(sys_pwrite64(small, "a", 1, 0x7fffffff), -EFBIG);
	EXPECT_EQ(sys_ftruncate64(small, 0x80000000u), -EINVAL);
	EXPECT_EQ(sys_ftruncate64(small, 0x7fffffff), 0);
	EXPECT_EQ(sys_pwrite64(large, "abc", 3, 0x7fffffff), 3);
	EXPECT_EQ(sys_fstat64(small, &stat), 0);
	EXPECT(stat.size == 0x80000002ull);
	EXPECT_EQ(sys_open(path.data, O_RDWR), -EOVERFLOW);
	EXPECT_EQ(sys_open(path.data, O_RDWR | O_TRUNC), -EOVERFLOW);
	EXPECT_EQ(sys_open(path.data, O_RDONLY), -EOVERFLOW);
	EXPECT_EQ(sys_close((int)sys_open(path.data, O_RDONLY | O_LARGEFILE)), 0);
	EXPECT_EQ(sys_fcntl(large, F_GETFL, 0), O_RDWR | O_LARGEFILE);
	EXPECT_EQ(sys_close(small), 0);
	EXPECT_EQ(sys_close(large), 0);
	EXPECT_EQ(sys_unlink(path.data), 0);
}

static const struct tap_case cases[] = {
	{ "RLIMIT_FSIZE", the_limit },
	{ "SIGXFSZ", the_signal },
	{ "2 GiB without O_LARGEFILE", two_gigabytes },
};

int main(void)
{
	file_name(&path, ".limits");
	return tap_run(cases, ARRAY_SIZE(cases));
}
