/* SPDX-License-Identifier: MIT */
/*
 * splice(), tee() and vmsplice(): which of two files is a pipe, positions, and which error comes
 * first, as Linux 6.18 has it. What happens in the pipe is fs/pipe/splice.c's.
 *
 * sources: kernel/syscall/file/sys_splice.c kernel/syscall/file/sys_file.c kernel/task/files.c
 * sources: tests/host/kernel/syscall/file_rig.c
 */
#include "abi/linux/uio.h"
#include "fs/pipe/splice.h"
#include "tests/host/kernel/syscall/file_rig.h"

#define FROM	 (USER_BYTES + 16)
#define TO	 (USER_BYTES + 32)
#define VECTOR	 (USER_BYTES + 512)
#define BYTES	 (USER_BYTES + 256)
#define NONBLOCK 2u

/* Descriptors of each kind; two pipes. */
static u32 in, out, both, append, one[2], two[2], folder, blank;

static void files(void)
{
	begin();
	both = nameless(O_RDWR, "abcdefgh");
	in = nameless(O_RDONLY, "abcdefgh");
	out = nameless(O_WRONLY, "");
	append = nameless(O_WRONLY | O_APPEND, "");
	folder = open_fd("/tmp", O_RDONLY);
	blank = blank_fd(O_RDWR);
	pipe_fds(one, O_NONBLOCK);
	pipe_fds(two, O_NONBLOCK);
}

static void fill(const char *text)
{
	EXPECT_EQ(put_text(file_at(one[1]), text), strlen(text));
}

/* Expects this in a pipe, and takes it out. */
static void contains(const u32 *pipe, const char *text)
{
	memset(user_bytes + (BYTES - USER_BYTES), 0, 128);
	EXPECT_EQ(CALL(read, pipe[0], BYTES, 128), *text ? (s32)strlen(text) : -EAGAIN);
	if (!EXPECT(bytes_are(BYTES, text)))
		tap_note("%s", text);
}

/* With positions of the caller's. */
static s32 splice_from(u32 from_fd, u64 from, u32 to_fd, u32 bytes)
{
	put_wide(FROM, from);
	return CALL(splice, from_fd, FROM, to_fd, 0, bytes, 0);
}

static s32 splice_to(u32 from_fd, u32 to_fd, u64 to, u32 bytes)
{
	put_wide(TO, to);
	return CALL(splice, from_fd, 0, to_fd, TO, bytes, 0);
}

static void splices(void)
{
	files();
	EXPECT_EQ(CALL(splice, in, 0, one[1], 0, 3, 0), 3);
	EXPECT_EQ(file_at(in)->position, 3);
	EXPECT_EQ(splice_from(in, 6, one[1], 100), 2);
	EXPECT(wide_at(FROM) == 8 && file_at(in)->position == 3);
	EXPECT_EQ(CALL(splice, one[0], 0, two[1], 0, 4, 0), 4);
	EXPECT_EQ(CALL(splice, two[0], 0, out, 0, 2, 0), 2);
	EXPECT_EQ(file_at(out)->position, 2);
	EXPECT_EQ(splice_to(two[0], out, 1, 100), 2);
	EXPECT(wide_at(TO) == 3 && file_at(out)->position == 2);
	contains(one, "h");
	contains(two, "");
	EXPECT_EQ(splice_from(in, 0, one[1], 2), 2);
	EXPECT_EQ(wide_at(FROM), 2);
	contains(one, "ab");
	file_at(out)->flags = O_RDWR;
	expect_text(file_at(out), "acg");
}

static void splices_refused(void)
{
	files();
	EXPECT_EQ(CALL(splice, CLOSED, NOWHERE, CLOSED, NOWHERE, 0, 16), 0);
	EXPECT_EQ(CALL(splice, CLOSED, NOWHERE, both, NOWHERE, 4, 16), -EINVAL);
	EXPECT_EQ(CALL(splice, CLOSED, NOWHERE, both, NOWHERE, 4, 15), -EBADF);
	EXPECT_EQ(CALL(splice, both, NOWHERE, CLOSED, NOWHERE, 4), -EBADF);
	EXPECT_EQ(CALL(splice, in, NOWHERE, out, 0, 4), -EFAULT);
	EXPECT_EQ(CALL(splice, in, 0, out, NOWHERE, 4), -EFAULT);
	EXPECT_EQ(CALL(splice, out, NOWHERE, both, 0, 4), -EFAULT);
	EXPECT_EQ(CALL(splice, in, 0, out, 0, 4), -EINVAL);
	EXPECT_EQ(CALL(splice, out, 0, both, 0, 4), -EBADF);
	EXPECT_EQ(CALL(splice, both, 0, in, 0, 4), -EBADF);
	EXPECT_EQ(CALL(splice, one[0], NOWHERE, out, 0, 4), -ESPIPE);
	EXPECT_EQ(CALL(splice, in, 0, one[1], NOWHERE, 4), -ESPIPE);
	EXPECT_EQ(CALL(splice, one[0], NOWHERE, out, NOWHERE, 4), -ESPIPE);
	EXPECT_EQ(CALL(splice, one[1], 0, two[1], 0, 4), -EBADF);
	EXPECT_EQ(CALL(splice, one[0], 0, two[0], 0, 4), -EBADF);
	EXPECT_EQ(CALL(splice, one[0], 0, one[1], 0, 4), -EINVAL);
	EXPECT_EQ(CALL(splice, one[0], 0, two[1], 0, 4), -EAGAIN);
	EXPECT_EQ(CALL(splice, folder, 0, one[1], 0, 4), -EINVAL);
	EXPECT_EQ(CALL(splice, blank, 0, one[1], 0, 4), -EINVAL);
	EXPECT_EQ(CALL(splice, one[0], 0, blank, 0, 4), -EINVAL);
	EXPECT_EQ(CALL(splice, one[0], 0, append, 0, 4), -EINVAL);
	EXPECT_EQ(CALL(splice, one[0], 0, folder, 0, 4), -EBADF);
	EXPECT_EQ(CALL(splice, one[0], 0, out, 0, 4), -EAGAIN);
}

static void positions(void)
{
	u32 probed;

	files();
	fill("abcd");
	EXPECT_EQ(splice_from(in, -1ull, one[1], 4), -EINVAL);
	EXPECT_EQ(splice_from(out, -1ull, one[1], 4), -EBADF);
	EXPECT_EQ(splice_from(blank, 0, one[1], 4), -EINVAL);
	EXPECT_EQ(splice_from(in, INT64_MAX - 3, one[1], 4), -EINVAL);
	EXPECT_EQ(splice_from(in, INT64_MAX - 3, one[1], 3), 0);
	EXPECT_EQ(splice_to(one[0], out, -1ull, 4), -EINVAL);
	EXPECT_EQ(splice_to(one[0], out, INT64_MAX - 3, 4), -EINVAL);
	EXPECT_EQ(splice_to(one[0], out, INT64_MAX - 3, 3), -EFBIG);
	EXPECT_EQ(splice_to(one[0], append, 0, 4), -EINVAL);
	EXPECT_EQ(splice_to(one[0], blank, 0, 4), -EINVAL);
	probed = probe_fd(O_RDWR);
	probe.result = 2;
	EXPECT_EQ(splice_to(one[0], probed, 0x500000006, 2), 2);
	EXPECT(probe.position == 0x500000006 && probe.bytes == 2);
	EXPECT_EQ(wide_at(TO), 0x500000008);
	probe.result = 0;
	EXPECT_EQ(splice_from(probed, 0x500000006, one[1], 2), 0);
	EXPECT(probe.position == 0x500000006 && probe.bytes == 2);
	probe_operations.no_splice_write = true;
	EXPECT_EQ(CALL(splice, one[0], 0, probed, 0, 4), -EINVAL);
	contains(one, "cd");
}

/* The positions are written back, also where nothing was moved. */
static void places(void)
{
	files();
	put_wide(USER_BYTES, 8);
	put_wide(FROM, 7);
	user_writable = 8;
	EXPECT_EQ(CALL(splice, in, FROM, one[1], 0, 4, 0), -EFAULT);
	EXPECT_EQ(CALL(splice, in, USER_BYTES, one[1], 0, 4, 0), 0);
	EXPECT_EQ(CALL(splice, one[0], 0, out, FROM, 4, 0), -EFAULT);
	put_wide(FROM, -1ull);
	EXPECT_EQ(CALL(splice, in, FROM, one[1], 0, 4, 0), -EINVAL);
	put_wide(FROM, 8);
	EXPECT_EQ(CALL(splice, in, FROM, one[1], 0, 4, 0), -EFAULT);
}

/* A call that must not wait, by its flag. */
static void without_waiting(void)
{
	u32 pipe[2];

	files();
	pipe_fds(pipe, 0);
	EXPECT_EQ(CALL(splice, pipe[0], 0, out, 0, 4, NONBLOCK), -EAGAIN);
	EXPECT_EQ(CALL(splice, pipe[0], 0, out, 0, 4, 0), -ERESTARTSYS);
	EXPECT_EQ(CALL(tee, pipe[0], one[1], 4, NONBLOCK), -EAGAIN);
	file_at(one[1])->flags &= ~(u32)O_NONBLOCK;
	EXPECT_EQ(CALL(tee, pipe[0], one[1], 4, 13), -ERESTARTSYS);
	EXPECT_EQ(CALL(splice, pipe[0], 0, one[1], 0, 4, NONBLOCK), -EAGAIN);
	EXPECT_EQ(CALL(splice, pipe[0], 0, one[1], 0, 4, 13), -ERESTARTSYS);
	put(VECTOR, (u32[]){ BYTES, 4 }, 8);
	EXPECT_EQ(CALL(vmsplice, pipe[0], VECTOR, 1, NONBLOCK), -EAGAIN);
	EXPECT_EQ(CALL(vmsplice, pipe[0], VECTOR, 1, 13), -ERESTARTSYS);
}

static void tees(void)
{
	files();
	fill("abcd");
	EXPECT_EQ(CALL(tee, one[0], two[1], 3, 15), 3);
	contains(two, "abc");
	EXPECT_EQ(CALL(tee, one[0], two[1], UINT32_MAX, 0), 4);
	contains(two, "abcd");
	EXPECT_EQ(CALL(tee, CLOSED, CLOSED, 0, 16), -EINVAL);
	EXPECT_EQ(CALL(tee, CLOSED, CLOSED, 0, 0), 0);
	EXPECT_EQ(CALL(tee, CLOSED, two[1], 4, 0), -EBADF);
	EXPECT_EQ(CALL(tee, one[0], CLOSED, 4, 0), -EBADF);
	EXPECT_EQ(CALL(tee, one[1], two[1], 4, 0), -EBADF);
	EXPECT_EQ(CALL(tee, one[0], two[0], 4, 0), -EBADF);
	EXPECT_EQ(CALL(tee, out, two[1], 4, 0), -EBADF);
	EXPECT_EQ(CALL(tee, one[0], in, 4, 0), -EBADF);
	EXPECT_EQ(CALL(tee, in, two[1], 4, 0), -EINVAL);
	EXPECT_EQ(CALL(tee, one[0], out, 4, 0), -EINVAL);
	EXPECT_EQ(CALL(tee, one[0], one[1], 4, 0), -EINVAL);
	contains(one, "abcd");
	EXPECT_EQ(CALL(tee, one[0], two[1], 4, 0), -EAGAIN);
}

static void part(u32 n, vaddr_t base, u32 length)
{
	const struct iovec iovec = { base, length };

	put(VECTOR + n * sizeof(iovec), &iovec, sizeof(iovec));
}

static void memory_to_pipe(void)
{
	files();
	put(BYTES, "abcdefgh", 8);
	part(0, NOWHERE, 0);
	part(1, BYTES, 2);
	part(2, BYTES + 5, 3);
	EXPECT_EQ(CALL(vmsplice, one[1], VECTOR, 3, 15), 5);
	EXPECT_EQ(CALL(vmsplice, one[1], VECTOR, 0), 0);
	memset(user_bytes + (BYTES - USER_BYTES), 0, 8);
	EXPECT_EQ(CALL(vmsplice, one[0], VECTOR, 3), 5);
	EXPECT(bytes_are(BYTES, "ab") && bytes_are(BYTES + 5, "fgh"));
	contains(one, "");
	part(1, NOWHERE, 2);
	EXPECT_EQ(CALL(vmsplice, one[1], VECTOR, 3), -EFAULT);
	/* What lies in two pages of the sender has two pages of the pipe. */
	part(0, USER_BYTES + PAGE_SIZE - 1, PAGE_SIZE);
	EXPECT_EQ(CALL(vmsplice, one[1], VECTOR, 1), PAGE_SIZE);
	for (u32 i = 0; i < 8; i++)
		part(i, USER_BYTES + PAGE_SIZE - 1, 2);
	EXPECT_EQ(CALL(vmsplice, one[1], VECTOR, 8), 14);
	EXPECT_EQ(CALL(vmsplice, one[1], VECTOR, 8, NONBLOCK), -EAGAIN);
}

static void memory_refused(void)
{
	files();
	part(0, BYTES, 4);
	EXPECT_EQ(CALL(vmsplice, CLOSED, NOWHERE, 1, 16), -EINVAL);
	EXPECT_EQ(CALL(vmsplice, CLOSED, NOWHERE, 1, 15), -EBADF);
	EXPECT_EQ(CALL(vmsplice, both, NOWHERE, 1), -EFAULT);
	EXPECT_EQ(CALL(vmsplice, both, VECTOR, 0), 0);
	EXPECT_EQ(CALL(vmsplice, both, VECTOR, 1), -EBADF);
	EXPECT_EQ(CALL(vmsplice, both, VECTOR, UIO_MAXIOV + 1), -EINVAL);
	EXPECT_EQ(CALL(vmsplice, in, VECTOR, 0), 0);
	EXPECT_EQ(CALL(vmsplice, one[1], VECTOR, UIO_MAXIOV + 1), -EINVAL);
	EXPECT_EQ(CALL(vmsplice, one[1], NOWHERE, 1), -EFAULT);
	part(0, BYTES, 0x80000000);
	EXPECT_EQ(CALL(vmsplice, one[1], VECTOR, 1), -EINVAL);
	part(0, NOWHERE, 4);
	EXPECT_EQ(CALL(vmsplice, one[1], VECTOR, 1), -EFAULT);
	part(0, KERNEL, 0);
	EXPECT_EQ(CALL(vmsplice, one[1], VECTOR, 1), -EFAULT);
	EXPECT_EQ(CALL(vmsplice, one[0], VECTOR, 1), -EFAULT);
	contains(one, "");
}

TAP_MAIN({ "splice", splices }, { "splice: refused", splices_refused },
	 { "splice: positions", positions }, { "splice: places of positions", places },
	 { "calls that must not wait", without_waiting }, { "tee", tees },
	 { "vmsplice", memory_to_pipe }, { "vmsplice: refused", memory_refused })
