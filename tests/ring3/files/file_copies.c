/* SPDX-License-Identifier: MIT */
/* Holes of files, copies from file to file, and what is said about a file system. */
#include "abi/linux/statfs.h"
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/tap.h"
#include "tests/ring3/runtime/task_calls.h"

#define NEW (O_RDWR | O_CREAT | O_EXCL)

static struct text path, other_path;

static void holes(void)
{
	const long step = 64 * PAGE_SIZE;
	int fd = (int)sys_open_mode(path.data, NEW, 0600);

	EXPECT_EQ(sys_lseek(fd, 0, SEEK_DATA), -ENXIO);
	EXPECT_EQ(sys_lseek(fd, 0, SEEK_HOLE), -ENXIO);
	EXPECT_EQ(sys_pwrite64(fd, "a", 1, (u64)step), 1);
	EXPECT_EQ(sys_pwrite64(fd, "b", 1, (u64)step * 3), 1);
	EXPECT_EQ(sys_ftruncate(fd, step * 4), 0);
	EXPECT_EQ(sys_lseek(fd, 7, SEEK_SET), 7);
	EXPECT_EQ(sys_lseek(fd, 0, SEEK_HOLE), 0);
	EXPECT_EQ(sys_lseek(fd, 0, SEEK_CUR), 0);
	EXPECT_EQ(sys_lseek(fd, 0, SEEK_DATA), step);
	EXPECT_EQ(sys_lseek(fd, step + 7, SEEK_DATA), step + 7);
	EXPECT_EQ(sys_lseek(fd, step, SEEK_HOLE), step + PAGE_SIZE);
	EXPECT_EQ(sys_lseek(fd, step + PAGE_SIZE, SEEK_DATA), step * 3);
	EXPECT_EQ(sys_lseek(fd, step * 3 + PAGE_SIZE, SEEK_DATA), -ENXIO);
	EXPECT_EQ(sys_lseek(fd, step * 3 + PAGE_SIZE, SEEK_HOLE), step * 3 + PAGE_SIZE);
	EXPECT_EQ(sys_lseek(fd, step * 4, SEEK_HOLE), -ENXIO);
	EXPECT_EQ(sys_lseek(fd, -1, SEEK_DATA), -ENXIO);
	EXPECT_EQ(sys_lseek(fd, 0, SEEK_CUR), step * 3 + PAGE_SIZE);
	EXPECT_EQ(file_byte(fd, 5), 0);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_unlink(path.data), 0);
}

static void allocated(void)
{
	int fd = (int)sys_open_mode(path.data, NEW, 0600),
	    reader = (int)sys_open(path.data, O_RDONLY);

	EXPECT_EQ(sys_fallocate(fd, 0, 100, 10000), 0);
	EXPECT_EQ(file_size(fd), 10100);
	EXPECT_EQ(file_byte(fd, 5000), 0);
	EXPECT_EQ(sys_pwrite64(fd, "abc", 3, 8191), 3);
	EXPECT_EQ(sys_fallocate(fd, 1, 0, 50000), 0);
	EXPECT_EQ(file_size(fd), 10100);
	/* A hole: whole pages, and parts of two others. */
	EXPECT_EQ(sys_fallocate(fd, 3, 100, 8092), 0);
	EXPECT(file_byte(fd, 8191) == 0 && file_byte(fd, 8192) == 'b');
	EXPECT_EQ(file_size(fd), 10100);
	EXPECT_EQ(sys_fallocate(fd, 2, 0, 10), -EOPNOTSUPP);
	EXPECT_EQ(sys_fallocate(fd, 0, 0, 0), -EINVAL);
	EXPECT_EQ(sys_fallocate(fd, 0, -1, 10), -EINVAL);
	EXPECT_EQ(sys_fallocate(reader, 0, 0, 10), -EBADF);
	EXPECT_EQ(sys_fallocate(999, 0, 0, 10), -EBADF);
	EXPECT_EQ(sys_close(reader), 0);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_unlink(path.data), 0);
}

static void copies(void)
{
	int in = (int)sys_open_mode(path.data, NEW, 0600);
	int out = (int)sys_open_mode(other_path.data, NEW, 0600);
	u64 offset = 2;
	char text[16];

	EXPECT_EQ(sys_write(in, "0123456789", 10), 10);
	EXPECT_EQ(sys_sendfile64(out, in, NULL, 100), 0);
	EXPECT_EQ(sys_sendfile64(out, in, &offset, 3), 3);
	EXPECT_EQ(offset, 5);
	EXPECT_EQ(sys_sendfile64(out, in, &offset, 100), 5);
	EXPECT_EQ(offset, 10);
	EXPECT_EQ(sys_pread64(out, text, 16, 0), 8);
	EXPECT(!memcmp(text, "23456789", 8));
	EXPECT_EQ(sys_lseek(in, 0, SEEK_SET), 0);
	EXPECT_EQ(sys_sendfile64(out, in, NULL, 4), 4);
	EXPECT_EQ(sys_lseek(in, 0, SEEK_CUR), 4);
	EXPECT_EQ(file_size(out), 12);
	EXPECT_EQ(sys_sendfile64(999, in, NULL, 4), -EBADF);
	EXPECT_EQ(sys_sendfile64(out, 999, NULL, 4), -EBADF);
	EXPECT_EQ(sys_sendfile64(out, in, (void *)16, 4), -EFAULT);
	offset = 0;
	EXPECT_EQ(sys_copy_file_range(in, &offset, out, NULL, 4), 4);
	EXPECT(offset == 4 && file_size(out) == 16);
	EXPECT_EQ(sys_copy_file_range(in, &offset, in, NULL, 4), -EINVAL);
	/* At the end there is nothing that could overlap. */
	EXPECT_EQ(sys_lseek(in, 10, SEEK_SET), 10);
	EXPECT_EQ(sys_copy_file_range(in, NULL, in, NULL, 4), 0);
	/* What the copy adds to the file is not copied again. */
	offset = 8;
	EXPECT_EQ(sys_copy_file_range(in, &offset, in, NULL, 100), 2);
	EXPECT(offset == 10 && file_size(in) == 12);
	/* A range may end behind the last position of a file, if there is nothing to copy. */
	offset = INT64_MAX - 3;
	EXPECT_EQ(sys_copy_file_range(in, &offset, out, NULL, 4), 0);
	EXPECT_EQ(sys_copy_file_range(in, &offset, out, NULL, 3), 0);
	EXPECT_EQ(sys_copy_file_range(in, NULL, out, &offset, 4), -EFBIG);
	EXPECT_EQ(sys_close(out), 0);
	out = (int)sys_open(other_path.data, O_RDONLY);
	EXPECT_EQ(sys_sendfile64(out, in, NULL, 4), -EBADF);
	EXPECT_EQ(sys_close(out), 0);
	EXPECT_EQ(sys_close(in), 0);
	EXPECT_EQ(sys_unlink(path.data), 0);
	EXPECT_EQ(sys_unlink(other_path.data), 0);
}

static void file_systems(void)
{
	struct statfs64 wide;
	struct statfs stat;
	int fd = (int)sys_open("/tmp", O_RDONLY);

	EXPECT_EQ(sys_statfs64("/tmp", sizeof(wide), &wide), 0);
	EXPECT(wide.block_size == 4096 && wide.name_length == 255);
	EXPECT(wide.blocks > 0 && wide.blocks_free <= wide.blocks);
	EXPECT_EQ(sys_statfs64("/tmp", 88, &wide), -EINVAL);
	EXPECT_EQ(sys_statfs64("/tmp/nothing", sizeof(wide), &wide), -ENOENT);
	EXPECT_EQ(sys_fstatfs64(fd, sizeof(wide), &wide), 0);
	EXPECT_EQ(sys_fstatfs64(999, sizeof(wide), &wide), -EBADF);
	EXPECT_EQ(sys_statfs("/proc", &stat), 0);
	EXPECT_EQ(stat.type, 0x9fa0);
	EXPECT_EQ(sys_statfs("/dev/shm", &stat), 0);
	EXPECT_EQ(stat.type, 0x01021994);
	EXPECT_EQ(sys_close(fd), 0);
}

static void random_bytes(void)
{
	int fd = (int)sys_open("/dev/urandom", O_RDWR);
	u32 first[64], second[64];

	EXPECT_EQ(sys_read(fd, first, sizeof(first)), sizeof(first));
	EXPECT_EQ(sys_read(fd, second, sizeof(second)), sizeof(second));
	EXPECT(memcmp(first, second, sizeof(first)));
	EXPECT_EQ(sys_write(fd, first, 100), 100);
	EXPECT_EQ(sys_read(fd, (void *)16, 4), -EFAULT);
	EXPECT_EQ(sys_close(fd), 0);
}

/* --- splice, tee, vmsplice --- */

static long splice(int in, u64 *from, int out, u64 *to, u32 bytes, u32 flags)
{
	return system_call(NR_splice, in, (long)from, out, (long)to, (long)bytes, (long)flags);
}

static long tee(int in, int out, u32 bytes, u32 flags)
{
	return system_call(NR_tee, in, out, (long)bytes, (long)flags, 0, 0);
}

#define NONBLOCK 2u

static void expect_read(int fd, const char *text)
{
	char got[32];
	u32 length = (u32)strlen(text);

	EXPECT_EQ(sys_read(fd, got, sizeof(got)), length);
	EXPECT_EQ(memcmp(got, text, length), 0);
}

static void spliced(void)
{
	int file = file_create(0, 0), target = file_create(0, 0), first[2], second[2];
	u64 offset = 2;
	char got[8];

	EXPECT_EQ(sys_pwrite64(file, "0123456789", 10, 0), 10);
	EXPECT_EQ(sys_pipe(first), 0);
	EXPECT_EQ(sys_pipe(second), 0);
	EXPECT_EQ(splice(file, &offset, first[1], NULL, 3, 0), 3);
	EXPECT_EQ((u32)offset, 5);
	EXPECT_EQ(splice(file, NULL, first[1], NULL, 100, 0), 10);
	EXPECT_EQ(splice(file, NULL, first[1], NULL, 100, 0), 0);
	EXPECT_EQ(tee(first[0], second[1], 4, 0), 4);
	expect_read(second[0], "2340");
	EXPECT_EQ(splice(first[0], NULL, second[1], NULL, 5, 0), 5);
	expect_read(second[0], "23401");
	offset = 8;
	EXPECT_EQ(splice(first[0], NULL, target, &offset, 100, 0), 8);
	EXPECT_EQ((u32)offset, 16);
	EXPECT_EQ(sys_pread64(target, got, 8, 8), 8);
	EXPECT_EQ(memcmp(got, "23456789", 8), 0);
	EXPECT_EQ(splice(first[0], NULL, second[1], NULL, 5, NONBLOCK), -EAGAIN);
	EXPECT_EQ(tee(first[0], second[1], 5, NONBLOCK), -EAGAIN);
	EXPECT_EQ(splice(file, NULL, file, NULL, 1, 0), -EINVAL);
	EXPECT_EQ(splice(first[0], NULL, first[1], NULL, 1, 0), -EINVAL);
	EXPECT_EQ(splice(first[1], NULL, second[1], NULL, 1, 0), -EBADF);
	EXPECT_EQ(splice(first[0], &offset, file, NULL, 1, 0), -ESPIPE);
	EXPECT_EQ(splice(first[1], &offset, file, NULL, 1, 0), -ESPIPE);
	EXPECT_EQ(splice(first[1], NULL, file, (void *)16, 1, 0), -EFAULT);
	EXPECT_EQ(splice(file, NULL, first[1], &offset, 1, 0), -ESPIPE);
	EXPECT_EQ(splice(first[0], NULL, file, NULL, 1, 16), -EINVAL);
	EXPECT_EQ(splice(first[0], NULL, file, NULL, 0, 0), 0);
	EXPECT_EQ(tee(file, second[1], 1, 0), -EINVAL);
	EXPECT_EQ(sys_close(first[1]), 0);
	EXPECT_EQ(splice(first[0], NULL, second[1], NULL, 5, 0), 0);
	EXPECT_EQ(tee(first[0], second[1], 5, 0), 0);
	for (int fd = file; fd <= second[1]; fd++)
		if (fd != first[1])
			EXPECT_EQ(sys_close(fd), 0);
}

/* From the start of a page: a slot of a pipe takes no more than what is left of one. */
static char large[3 * PAGE_SIZE] __aligned(4096);

/* Linux has no way to move their bytes without a program's memory. */
static void files_that_cannot_be_spliced(void)
{
	int null = (int)sys_open("/dev/null", O_RDWR), full = (int)sys_open("/dev/full", O_RDWR);
	int event = (int)system_call(NR_eventfd2, 5, O_NONBLOCK, 0, 0, 0, 0);
	int file = file_create(0, 0), folder = (int)sys_open("/tmp", O_RDONLY), fds[2];
	u64 count = 0;

	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(sys_sendfile64(file, null, NULL, 4), -EINVAL);
	EXPECT_EQ(sys_sendfile64(file, null, NULL, 0), 0);
	EXPECT_EQ(sys_sendfile64(file, folder, NULL, 0), 0);
	EXPECT_EQ(sys_sendfile64(file, folder, NULL, 4), -EINVAL);
	EXPECT_EQ(sys_sendfile64(file, event, NULL, 8), -EINVAL);
	EXPECT_EQ(sys_sendfile64(fds[1], event, NULL, 8), -EINVAL);
	EXPECT_EQ(sys_sendfile64(fds[1], fds[0], NULL, 0), 0);
	EXPECT_EQ(splice(event, NULL, fds[1], NULL, 8, 0), -EINVAL);
	EXPECT_EQ(splice(null, NULL, fds[1], NULL, 8, 0), -EINVAL);
	EXPECT_EQ(sys_write(fds[1], "12345678", 8), 8);
	EXPECT_EQ(splice(fds[0], NULL, event, NULL, 8, 0), -EINVAL);
	EXPECT_EQ(splice(fds[0], NULL, full, NULL, 8, 0), -EINVAL);
	EXPECT_EQ(splice(fds[0], NULL, null, NULL, 8, 0), 8);
	EXPECT_EQ(sys_read(event, &count, 8), 8);
	EXPECT_EQ(count, 5);
	for (int fd = null; fd <= fds[1]; fd++)
		EXPECT_EQ(sys_close(fd), 0);
}

/* Into a pipe sendfile() copies what there is room for, and does not wait for more. */
static void sent_to_a_pipe(void)
{
	int fds[2], file = file_create(0, 0);
	u64 offset = (u64)-1;

	EXPECT_EQ(sys_pwrite64(file, large, sizeof(large), 0), sizeof(large));
	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(sys_fcntl(fds[1], F_SETPIPE_SZ, PAGE_SIZE), PAGE_SIZE);
	EXPECT_EQ(sys_sendfile64(fds[1], file, &offset, 4), -EINVAL);
	EXPECT_EQ(sys_sendfile64(999, file, &offset, 4), -EINVAL);
	EXPECT_EQ(sys_sendfile64(fds[1], file, NULL, sizeof(large)), PAGE_SIZE);
	EXPECT_EQ(sys_lseek(file, 0, SEEK_CUR), PAGE_SIZE);
	EXPECT_EQ(sys_fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	EXPECT_EQ(sys_sendfile64(fds[1], file, NULL, sizeof(large)), -EAGAIN);
	for (int fd = file < fds[0] ? file : fds[0]; fd <= fds[1] || fd <= file; fd++)
		EXPECT_EQ(sys_close(fd), 0);
}

static void vmspliced(void)
{
	struct iovec vector[2] = { { (u32) "ab", 2 }, { (u32) "cd", 2 } };
	int fds[2];
	char got[4];

	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(system_call(NR_vmsplice, fds[1], (long)vector, 2, 0, 0, 0), 4);
	vector[0] = (struct iovec){ (u32)got, 4 };
	EXPECT_EQ(system_call(NR_vmsplice, fds[0], (long)vector, 1, 0, 0, 0), 4);
	EXPECT_EQ(memcmp(got, "abcd", 4), 0);
	EXPECT_EQ(sys_fcntl(fds[1], F_SETPIPE_SZ, 1), PAGE_SIZE);
	vector[0] = (struct iovec){ (u32)large, sizeof(large) };
	EXPECT_EQ(system_call(NR_vmsplice, fds[1], (long)vector, 1, 0, 0, 0), PAGE_SIZE);
	EXPECT_EQ(system_call(NR_vmsplice, fds[1], (long)vector, 1, NONBLOCK, 0, 0), -EAGAIN);
	EXPECT_EQ(system_call(NR_vmsplice, 99, (long)vector, 1, 0, 0, 0), -EBADF);
	EXPECT_EQ(sys_fcntl(fds[1], F_GETFL, 0), O_WRONLY);
	EXPECT_EQ(sys_close(fds[0]), 0);
	EXPECT_EQ(sys_close(fds[1]), 0);
}

static const struct tap_case cases[] = {
	{ "holes", holes },
	{ "fallocate", allocated },
	{ "sendfile64, copy_file_range", copies },
	{ "statfs", file_systems },
	{ "/dev/urandom", random_bytes },
	{ "splice and tee", spliced },
	{ "vmsplice", vmspliced },
	{ "files that cannot be spliced", files_that_cannot_be_spliced },
	{ "sendfile64 to a pipe", sent_to_a_pipe },
};

int main(void)
{
	file_name(&path, ".copies");
	file_name(&other_path, ".copies2");
	return tap_run(cases, ARRAY_SIZE(cases));
}
