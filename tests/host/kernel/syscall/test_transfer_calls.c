/* SPDX-License-Identifier: MIT */
/*
 * read(), write(), their relatives with a position, a vector and flags, and lseek(): which file,
 * range and position reach the file, and which error comes first. Each order of errors is that of
 * Linux 6.18.
 *
 * sources: kernel/syscall/file/sys_file.c kernel/task/files.c
 * sources: tests/host/kernel/syscall/file_rig.c
 */
#include "abi/linux/uio.h"
#include "kernel/syscall/file/sys_file.h"
#include "tests/host/kernel/syscall/file_rig.h"
#include "tests/host/resched.h"

#define A	     USER_BYTES
#define VECTOR	     (USER_BYTES + 512)
#define TRANSFER_MAX 0x7ffff000u
#define HIGH	     0x7fffffffu /* the upper half of the largest position */

/* Is it read from or written to? Both have the same rules. */
static s32 one(bool write, u32 fd, vaddr_t place, u32 bytes)
{
	return write ? CALL(write, fd, place, bytes) : CALL(read, fd, place, bytes);
}

static s32 one_at(bool write, u32 fd, vaddr_t place, u32 bytes, u32 low, u32 high)
{
	return write ? CALL(pwrite64, fd, place, bytes, low, high)
		     : CALL(pread64, fd, place, bytes, low, high);
}

static s32 many(bool write, u32 fd, u32 count)
{
	return write ? CALL(writev, fd, VECTOR, count) : CALL(readv, fd, VECTOR, count);
}

static s32 many_at(bool write, u32 fd, u32 count, u32 low, u32 high)
{
	return write ? CALL(pwritev, fd, VECTOR, count, low, high)
		     : CALL(preadv, fd, VECTOR, count, low, high);
}

static s32 many_flags(bool write, u32 fd, u32 count, u32 low, u32 high, u32 flags)
{
	return write ? CALL(pwritev2, fd, VECTOR, count, low, high, flags)
		     : CALL(preadv2, fd, VECTOR, count, low, high, flags);
}

/* The nth part of the vector. */
static void part(u32 n, vaddr_t base, u32 length)
{
	const struct iovec iovec = { base, length };

	put(VECTOR + n * sizeof(iovec), &iovec, sizeof(iovec));
}

static u32 right_fd(bool write)
{
	return probe_fd(write ? O_WRONLY : O_RDONLY);
}

static u32 wrong_fd(bool write)
{
	return probe_fd(write ? O_RDONLY : O_WRONLY);
}

static void buffers(bool write)
{
	u32 right = right_fd(write), wrong = wrong_fd(write), neither = probe_fd(O_ACCMODE);
	u32 blank = blank_fd(O_RDWR);
	static const u32 sizes[] = { 1, TRANSFER_MAX - 1, TRANSFER_MAX };

	file_at(right)->position = 7;
	probe.result = 5;
	EXPECT_EQ(one(write, right, A, 10), 5);
	EXPECT(probe.position == 7 && probe.bytes == 10 && file_at(right)->position == 12);
	probe.result = 0;
	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		EXPECT_EQ(one(write, right, A, sizes[i]), 0);
		EXPECT_EQ(probe.bytes, sizes[i]);
	}
	EXPECT_EQ(one(write, right, A, TRANSFER_MAX + 1), 0);
	EXPECT_EQ(probe.bytes, TRANSFER_MAX);
	probe.result = -EIO;
	EXPECT_EQ(one(write, right, A, 1), -EIO);
	EXPECT_EQ(one(write, right, KERNEL, 1), -EFAULT);
	EXPECT_EQ(one(write, CLOSED, A, 1), -EBADF);
	EXPECT_EQ(one(write, wrong, KERNEL, 1), -EBADF);
	EXPECT_EQ(one(write, neither, KERNEL, 1), -EBADF);
	EXPECT_EQ(one(write, blank, A, 1), -EINVAL);
	EXPECT_EQ(one(write, blank, KERNEL, 1), -EINVAL);
	EXPECT_EQ(one(write, open_fd("/tmp", O_PATH), A, 1), -EBADF);
	EXPECT_EQ(probe.calls, 6);
}

static void both(void (*run)(bool write))
{
	begin();
	run(false);
	probe.calls = 0;
	run(true);
}

static void single_buffers(void)
{
	both(buffers);
}

static void positions(bool write)
{
	u32 right = right_fd(write), wrong = wrong_fd(write), blank = blank_fd(O_RDWR), ends[2];

	pipe_fds(ends, 0);
	probe.result = 3;
	file_at(right)->position = 1;
	EXPECT_EQ(one_at(write, right, A, 10, 5, 6), 3);
	EXPECT(probe.bytes == 10 && probe.position == 0x600000005 && probe.calls == 1);
	EXPECT_EQ(file_at(right)->position, 1);
	probe.result = 0;
	EXPECT_EQ(one_at(write, right, A, 0, 0, 0), 0);
	EXPECT_EQ(one_at(write, right, A, 5, UINT32_MAX - 5, HIGH), 0);
	EXPECT_EQ(probe.calls, 3);
	EXPECT_EQ(one_at(write, right, A, 6, UINT32_MAX - 5, HIGH), -EINVAL);
	EXPECT_EQ(one_at(write, right, KERNEL, 6, UINT32_MAX - 5, HIGH), -EFAULT);
	EXPECT_EQ(one_at(write, wrong, KERNEL, 6, UINT32_MAX - 5, HIGH), -EBADF);
	EXPECT_EQ(one_at(write, right, KERNEL, 6, 0, 0), -EFAULT);
	EXPECT_EQ(one_at(write, wrong, A, 6, 0, 0), -EBADF);
	EXPECT_EQ(one_at(write, blank, KERNEL, 6, 0, 0), -ESPIPE);
	EXPECT_EQ(one_at(write, ends[write], A, 6, UINT32_MAX - 5, HIGH), -ESPIPE);
	EXPECT_EQ(one_at(write, CLOSED, A, 6, UINT32_MAX - 5, HIGH), -EBADF);
	EXPECT_EQ(one_at(write, CLOSED, A, 6, 0, HIGH + 1), -EINVAL);
	EXPECT_EQ(one_at(write, ends[write], A, 6, UINT32_MAX, UINT32_MAX), -EINVAL);
	EXPECT_EQ(probe.calls, 3);
}

static void chosen_positions(void)
{
	both(positions);
}

/* The bytes go to the parts in their order, also over empty parts. */
static void parts_in_order(void)
{
	u32 fd, copy;

	begin();
	fd = nameless(O_RDWR, "abcdefgh");
	part(0, NOWHERE, 0);
	part(1, A, 3);
	part(2, NOWHERE, 0);
	part(3, A + 20, 2);
	part(4, A + 30, 100);
	part(5, NOWHERE, 0);
	EXPECT_EQ(CALL(readv, fd, VECTOR, 6), 8);
	EXPECT(bytes_are(A, "abc") && bytes_are(A + 20, "de") && bytes_are(A + 30, "fgh"));
	EXPECT(!user_bytes[3] && !user_bytes[22] && !user_bytes[33]);
	EXPECT_EQ(file_at(fd)->position, 8);
	EXPECT_EQ(CALL(preadv, fd, VECTOR, 2, 4, 0), 3);
	EXPECT(bytes_are(A, "efg"));
	copy = nameless(O_RDWR, "");
	part(4, A + 30, 3);
	EXPECT_EQ(CALL(writev, copy, VECTOR, 6), 8);
	expect_text(file_at(copy), "efgdefgh");
	EXPECT_EQ(CALL(pwritev, copy, VECTOR + 24, 2, 2, 0), 5);
	expect_text(file_at(copy), "efdefghh");
	EXPECT_EQ(file_at(copy)->position, 8);
}

/* What takes several copies, one for each page of the file. */
static void several_pages(void)
{
	char bytes[5000];
	u32 fd;

	begin();
	fd = nameless(O_RDWR, "");
	for (u32 i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i % 251);
	put(A + 1000, bytes, sizeof(bytes));
	EXPECT_EQ(CALL(write, fd, A + 1000, sizeof(bytes)), sizeof(bytes));
	memset(user_bytes, 0, sizeof(user_bytes));
	EXPECT_EQ(CALL(pread64, fd, A + 2000, sizeof(bytes)), sizeof(bytes));
	EXPECT(!memcmp(user_bytes + 2000, bytes, sizeof(bytes)));
	EXPECT(!user_bytes[1999] && !user_bytes[2000 + sizeof(bytes)]);
}

/* A part that is not there ends the call; what came before it counts. */
static void bad_parts(void)
{
	u32 fd;

	begin();
	fd = nameless(O_RDWR, "abcdefgh");
	part(0, A, 3);
	part(1, NOWHERE, 3);
	part(2, A + 20, 3);
	EXPECT_EQ(CALL(readv, fd, VECTOR, 3), 3);
	EXPECT(bytes_are(A, "abc") && !user_bytes[20]);
	EXPECT_EQ(CALL(readv, fd, VECTOR + 8, 2), -EFAULT);
	EXPECT_EQ(CALL(pwritev, fd, VECTOR, 3, 1, 0), 3);
	expect_text(file_at(fd), "aabcefgh");
	EXPECT_EQ(CALL(writev, fd, VECTOR + 8, 2), -EFAULT);
	expect_text(file_at(fd), "aabcefgh");
	EXPECT_EQ(CALL(read, fd, NOWHERE, 3), -EFAULT);
	EXPECT_EQ(CALL(write, fd, NOWHERE, 3), -EFAULT);
	EXPECT_EQ(file_at(fd)->position, 3);
}

static void vectors(bool write)
{
	u32 right = right_fd(write), wrong = wrong_fd(write), blank = blank_fd(O_RDWR);

	probe.result = 2;
	file_at(right)->position = 9;
	part(0, A, 3);
	part(1, A, 4);
	EXPECT_EQ(many(write, right, 2), 2);
	EXPECT(probe.bytes == 7 && probe.position == 9 && file_at(right)->position == 11);
	EXPECT_EQ(many(write, right, 0), 0);
	EXPECT_EQ(probe.calls, 1);
	EXPECT_EQ(many(write, CLOSED, 2), -EBADF);
	EXPECT_EQ(many(write, wrong, UIO_MAXIOV + 1), -EBADF);
	EXPECT_EQ(many(write, blank, 0), -EINVAL);
	EXPECT_EQ(many(write, right, UIO_MAXIOV + 1), -EINVAL);
	EXPECT_EQ(write ? CALL(writev, right, NOWHERE, 1) : CALL(readv, right, NOWHERE, 1),
		  -EFAULT);
	EXPECT_EQ(write ? CALL(writev, blank, NOWHERE, 1) : CALL(readv, blank, NOWHERE, 1),
		  -EINVAL);
	part(1, A, 0x7fffffff);
	EXPECT_EQ(many(write, right, 2), 2);
	EXPECT_EQ(probe.bytes, TRANSFER_MAX);
	part(1, A, TRANSFER_MAX - 3);
	EXPECT_EQ(many(write, right, 2), 2);
	EXPECT_EQ(probe.bytes, TRANSFER_MAX);
	part(1, A, TRANSFER_MAX - 4);
	EXPECT_EQ(many(write, right, 2), 2);
	EXPECT_EQ(probe.bytes, TRANSFER_MAX - 1);
	part(1, A, 0x80000000);
	EXPECT_EQ(many(write, right, 2), -EINVAL);
	part(1, KERNEL, 0);
	EXPECT_EQ(many(write, right, 2), -EFAULT);
	part(1, KERNEL, UINT32_MAX);
	EXPECT_EQ(many(write, right, 2), -EINVAL);
	EXPECT_EQ(many(write, right, 1), 2);
	EXPECT_EQ(probe.bytes, 3);
}

static void whole_vectors(void)
{
	both(vectors);
}

/* Up to eight parts need no memory, and the most parts are 1024. */
static void long_vectors(void)
{
	u32 fd;

	begin();
	fd = nameless(O_RDWR, "abcdefghij");
	for (u32 i = 0; i < 9; i++)
		part(i, A + i, 1);
	fail(1);
	EXPECT_EQ(CALL(preadv, fd, VECTOR, 9), -ENOMEM);
	fail(1);
	EXPECT_EQ(CALL(preadv, fd, VECTOR, 8), 8);
	fail(0);
	EXPECT_EQ(CALL(preadv, fd, VECTOR, 9), 9);
	EXPECT(bytes_are(A, "abcdefghi"));
	memset(user_bytes, 0, sizeof(user_bytes));
	EXPECT_EQ(CALL(readv, fd, USER_BYTES, UIO_MAXIOV), 0);
	EXPECT_EQ(CALL(readv, fd, USER_BYTES + 8, UIO_MAXIOV), -EFAULT);
}

static void vector_positions(bool write)
{
	u32 right = right_fd(write), wrong = wrong_fd(write), blank = blank_fd(O_RDWR);

	probe.result = 2;
	part(0, A, 3);
	part(1, A, 3);
	EXPECT_EQ(many_at(write, right, 2, 5, 6), 2);
	EXPECT(probe.position == 0x600000005 && file_at(right)->position == 0);
	EXPECT_EQ(many_at(write, right, 2, UINT32_MAX - 6, HIGH), 2);
	EXPECT_EQ(probe.position, INT64_MAX - 6);
	EXPECT_EQ(many_at(write, right, 2, UINT32_MAX - 6, HIGH), 2);
	EXPECT_EQ(many_at(write, right, 2, UINT32_MAX - 4, HIGH), -EINVAL);
	EXPECT_EQ(many_at(write, right, 0, UINT32_MAX - 4, HIGH), 0);
	EXPECT_EQ(many_at(write, right, 1, UINT32_MAX - 4, HIGH), 2);
	EXPECT_EQ(many_at(write, wrong, 2, UINT32_MAX - 4, HIGH), -EBADF);
	EXPECT_EQ(many_at(write, right, 2, 0, HIGH + 1), -EINVAL);
	EXPECT_EQ(many_at(write, CLOSED, 2, 0, HIGH + 1), -EINVAL);
	EXPECT_EQ(many_at(write, CLOSED, 2, 0, 0), -EBADF);
	EXPECT_EQ(many_at(write, blank, 2, 0, 0), -ESPIPE);
	EXPECT_EQ(probe.calls, 4);
}

static void positions_of_vectors(void)
{
	both(vector_positions);
}

/* Some flags have no effect, others are refused, after all other errors. */
static void vector_flags(bool write)
{
	u32 right = right_fd(write), wrong = wrong_fd(write), blank = blank_fd(O_RDWR), ends[2];
	const u32 none = UINT32_MAX;

	pipe_fds(ends, O_NONBLOCK);
	probe.result = 2;
	part(0, A, 3);
	part(1, A, 3);
	for (u32 flags = 0; flags < 8; flags++) {
		EXPECT_EQ(many_flags(write, right, 2, 5, 6, flags), 2);
		EXPECT_EQ(probe.position, 0x600000005);
		EXPECT_EQ(many_flags(write, right, 2, none, none, flags), 2);
		EXPECT_EQ(probe.position, 2 * flags);
	}
	probe.calls = 0;
	EXPECT_EQ(many_flags(write, right, 2, 5, 6, 8), -EOPNOTSUPP);
	EXPECT_EQ(many_flags(write, right, 2, none, none, 0x80000001), -EOPNOTSUPP);
	EXPECT_EQ(many_flags(write, right, 0, none, none, 8), 0);
	EXPECT_EQ(many_flags(write, right, UIO_MAXIOV + 1, none, none, 8), -EINVAL);
	EXPECT_EQ(many_flags(write, wrong, 2, none, none, 8), -EBADF);
	EXPECT_EQ(many_flags(write, blank, 2, none, none, 8), -EINVAL);
	EXPECT_EQ(many_flags(write, blank, 2, 0, 0, 8), -ESPIPE);
	EXPECT_EQ(many_flags(write, ends[write], 2, none, none, 8), -EOPNOTSUPP);
	EXPECT_EQ(many_flags(write, CLOSED, 2, none, none, 8), -EBADF);
	EXPECT_EQ(many_flags(write, CLOSED, 2, 0, 0, 8), -EBADF);
	EXPECT_EQ(many_flags(write, right, 2, none, none - 1, 8), -EINVAL);
	EXPECT_EQ(many_flags(write, right, 2, none - 1, none, 0), -EINVAL);
	EXPECT_EQ(many_flags(write, right, 2, UINT32_MAX - 4, HIGH, 8), -EINVAL);
	EXPECT_EQ(probe.calls, 0);
}

static void flags_of_vectors(void)
{
	both(vector_flags);
}

/* Where the file says so, a call for each part, up to the first that is not complete. */
static s32 takes[4];
static u32 sizes[4], transfers;

static s32 take(struct file *file, u64 position, u32 bytes, mapping_copy_t copy, void *context)
{
	(void)file;
	(void)position;
	(void)copy;
	(void)context;
	sizes[transfers] = bytes;
	return takes[transfers++];
}

static s32 each(bool write, u32 fd, s32 first, s32 second, s32 third)
{
	takes[0] = first;
	takes[1] = second;
	takes[2] = third;
	transfers = 0;
	return many(write, fd, 4);
}

static void parts(bool write)
{
	u32 fd = probe_fd(O_RDWR);

	probe_operations = (struct file_operations){
		.read = take, .write = take, .read_each_part = !write, .write_each_part = write
	};
	part(0, A, 3);
	part(1, A, 0);
	part(2, A, 4);
	part(3, A, 5);
	EXPECT_EQ(each(write, fd, 3, 4, 5), 12);
	EXPECT(transfers == 3 && sizes[0] == 3 && sizes[1] == 4 && sizes[2] == 5);
	EXPECT_EQ(each(write, fd, 3, 3, 5), 6);
	EXPECT_EQ(transfers, 2);
	EXPECT_EQ(each(write, fd, 3, 0, 5), 3);
	EXPECT_EQ(transfers, 2);
	EXPECT_EQ(each(write, fd, 3, -EIO, 5), 3);
	EXPECT_EQ(transfers, 2);
	EXPECT_EQ(each(write, fd, -EIO, 4, 5), -EIO);
	EXPECT_EQ(transfers, 1);
	host_killed = true;
	EXPECT_EQ(each(write, fd, 3, 4, 5), 3);
	EXPECT_EQ(transfers, 1);
	host_killed = false;
	part(2, A, TRANSFER_MAX - 4);
	EXPECT_EQ(each(write, fd, 3, TRANSFER_MAX - 4, 1), TRANSFER_MAX);
	EXPECT_EQ(sizes[2], 1);
	part(2, A, TRANSFER_MAX - 3);
	EXPECT_EQ(each(write, fd, 3, TRANSFER_MAX - 3, 1), TRANSFER_MAX);
	EXPECT_EQ(transfers, 2);
	/* In the other direction all parts are one call. */
	part(2, A, 4);
	takes[0] = 12;
	transfers = 0;
	EXPECT_EQ(many(!write, fd, 4), 12);
	EXPECT(transfers == 1 && sizes[0] == 12);
}

static void a_call_for_each_part(void)
{
	both(parts);
}

static void seeks(void)
{
	u32 fd, ends[2];
	const vaddr_t result = A + 8;

	begin();
	fd = nameless(O_RDWR | O_LARGEFILE, "abcdef");
	pipe_fds(ends, 0);
	EXPECT_EQ(CALL(lseek, fd, 2, SEEK_SET), 2);
	EXPECT_EQ(CALL(lseek, fd, (u32)-1, SEEK_CUR), 1);
	EXPECT_EQ(CALL(lseek, fd, (u32)-1, SEEK_SET), -EINVAL);
	EXPECT_EQ(CALL(lseek, fd, 0, SEEK_END), 6);
	EXPECT_EQ(CALL(lseek, fd, 3, SEEK_DATA), 3);
	EXPECT_EQ(CALL(lseek, fd, 3, SEEK_HOLE), 6);
	EXPECT_EQ(CALL(lseek, fd, 0, SEEK_HOLE + 1), -EINVAL);
	EXPECT_EQ(CALL(lseek, fd, INT32_MAX, SEEK_SET), INT32_MAX);
	EXPECT_EQ(CALL(lseek, fd, 1, SEEK_CUR), -EOVERFLOW);
	EXPECT_EQ(file_at(fd)->position, 0x80000000);
	EXPECT_EQ(CALL(lseek, CLOSED, 0, SEEK_HOLE + 1), -EBADF);
	EXPECT_EQ(CALL(lseek, ends[0], 0, SEEK_HOLE + 1), -EINVAL);
	EXPECT_EQ(CALL(lseek, ends[0], 0, SEEK_SET), -ESPIPE);
	EXPECT_EQ(CALL(_llseek, fd, 1, 2, result, SEEK_SET), 0);
	EXPECT_EQ(wide_at(result), 0x100000002);
	EXPECT_EQ(CALL(_llseek, fd, UINT32_MAX, (u32)-3, result, SEEK_CUR), 0);
	EXPECT_EQ(wide_at(result), 0xffffffff);
	EXPECT_EQ(CALL(_llseek, fd, 0, 0, result, SEEK_SET), 0);
	EXPECT_EQ(wide_at(result), 0);
	EXPECT_EQ(CALL(_llseek, fd, 0, 4, NOWHERE, SEEK_SET), -EFAULT);
	EXPECT_EQ(file_at(fd)->position, 4);
	EXPECT_EQ(CALL(_llseek, fd, UINT32_MAX, 0, result, SEEK_SET), -EINVAL);
	EXPECT_EQ(CALL(_llseek, fd, 0, 0, result, SEEK_HOLE + 1), -EINVAL);
	EXPECT_EQ(CALL(_llseek, CLOSED, 0, 0, result, SEEK_SET), -EBADF);
	EXPECT_EQ(wide_at(result), 0);
}

TAP_MAIN({ "one buffer", single_buffers }, { "a chosen position", chosen_positions },
	 { "parts in their order", parts_in_order }, { "parts that are not there", bad_parts },
	 { "several pages", several_pages }, { "whole vectors", whole_vectors },
	 { "long vectors", long_vectors }, { "positions of vectors", positions_of_vectors },
	 { "flags of vectors", flags_of_vectors }, { "a call for each part", a_call_for_each_part },
	 { "seeks", seeks })
