/* SPDX-License-Identifier: MIT */
/*
 * sendfile(), sendfile64() and copy_file_range(): positions, what is copied, and which error
 * comes first, as Linux 6.18 has it.
 *
 * sources: kernel/syscall/file/sys_copy.c kernel/syscall/file/sys_file.c kernel/task/files.c
 * sources: tests/host/kernel/syscall/file_rig.c
 */
#include "fs/file.h"
#include "mm/page_cache/filemap.h"
#include "tests/host/console.h"
#include "tests/host/kernel/syscall/file_rig.h"
#include "tests/host/resched.h"
#include "tests/host/user.h"

#define FROM (USER_BYTES + 16)
#define TO   (USER_BYTES + 32)

/* Descriptors of each kind: files to read, write and append to; ends of a pipe; a folder. */
static u32 in, out, both, append, ends[2], folder, blank;

static void files(void)
{
	begin();
	both = nameless(O_RDWR, "abcdefgh");
	in = nameless(O_RDONLY, "abcdefgh");
	out = nameless(O_WRONLY | O_LARGEFILE, "");
	append = nameless(O_WRONLY | O_APPEND, "");
	folder = open_fd("/tmp", O_RDONLY);
	blank = blank_fd(O_RDWR);
	pipe_fds(ends, O_NONBLOCK);
}

static s32 send(u32 to, u32 from, u64 position, u32 bytes)
{
	put_wide(FROM, position);
	return CALL(sendfile64, to, from, FROM, bytes);
}

/* ---- sendfile() ---- */

static void sends(void)
{
	files();
	EXPECT_EQ(CALL(sendfile, out, in, 0, 3), 3);
	EXPECT(file_at(in)->position == 3 && file_at(out)->position == 3);
	EXPECT_EQ(CALL(sendfile64, out, in, 0, 100), 5);
	EXPECT(file_at(in)->position == 8 && file_at(out)->position == 8);
	EXPECT_EQ(CALL(sendfile, out, in, 0, 100), 0);
	EXPECT_EQ(send(out, in, 6, 100), 2);
	EXPECT(wide_at(FROM) == 8 && file_at(in)->position == 8 && file_at(out)->position == 10);
	set_word(FROM, 1);
	set_word(FROM + 4, 0x77777777);
	EXPECT_EQ(CALL(sendfile, out, in, FROM, 2), 2);
	EXPECT(word_at(FROM) == 3 && word_at(FROM + 4) == 0x77777777);
	file_at(out)->flags = O_RDWR;
	expect_text(file_at(out), "abcdefghghbc");
	EXPECT_EQ(CALL(sendfile, out, in, FROM, 0), 0);
	EXPECT_EQ(word_at(FROM), 3);
}

static void sends_refused(void)
{
	files();
	EXPECT_EQ(CALL(sendfile, CLOSED, CLOSED, NOWHERE, 4), -EFAULT);
	EXPECT_EQ(CALL(sendfile64, out, in, NOWHERE, 4), -EFAULT);
	EXPECT_EQ(CALL(sendfile, out, CLOSED, 0, 4), -EBADF);
	EXPECT_EQ(CALL(sendfile, CLOSED, in, 0, 4), -EBADF);
	EXPECT_EQ(CALL(sendfile, both, in, 0, 0), 0);
	EXPECT_EQ(CALL(sendfile, both, out, 0, 4), -EBADF);
	EXPECT_EQ(CALL(sendfile, in, both, 0, 4), -EBADF);
	EXPECT_EQ(CALL(sendfile, append, both, 0, 0), -EINVAL);
	EXPECT_EQ(CALL(sendfile, append, out, 0, 4), -EBADF);
	EXPECT_EQ(CALL(sendfile, out, blank, 0, 0), -EINVAL);
	EXPECT_EQ(CALL(sendfile, out, folder, 0, 4), -EINVAL);
	EXPECT_EQ(CALL(sendfile, out, folder, 0, 0), 0);
	EXPECT_EQ(CALL(sendfile, folder, in, 0, 4), -EBADF);
	EXPECT_EQ(CALL(sendfile, out, ends[0], 0, 0), -EINVAL);
	EXPECT_EQ(CALL(sendfile, blank, in, 0, 4), -EINVAL);
	EXPECT_EQ(send(out, ends[0], -1ull, 4), -ESPIPE);
	EXPECT_EQ(send(CLOSED, in, -1ull, 4), -EINVAL);
	EXPECT_EQ(send(CLOSED, in, INT64_MIN, 4), -EINVAL);
	EXPECT_EQ(send(in, both, 0, 4), -EBADF);
	EXPECT_EQ(send(append, in, 0, 4), -EINVAL);
	EXPECT_EQ(wide_at(FROM), 0);
	set_word(FROM, UINT32_MAX);
	EXPECT_EQ(CALL(sendfile, out, in, FROM, 4), -EINVAL);
	EXPECT_EQ(word_at(FROM), UINT32_MAX);
	EXPECT(!file_at(in)->position && !file_at(out)->position && !file_at(both)->position);
}

/* sendfile() reads up to 2 GiB, sendfile64() as far as a file can have contents. */
static void last_positions(void)
{
	const u64 end = MAPPING_SIZE_MAX;

	files();
	EXPECT_EQ(send(CLOSED, in, INT64_MAX - 3, 4), -EINVAL);
	EXPECT_EQ(send(CLOSED, in, INT64_MAX - 3, 3), -EBADF);
	EXPECT_EQ(send(append, in, INT64_MAX - 3, 3), -EOVERFLOW);
	EXPECT_EQ(send(out, in, end, 1), -EOVERFLOW);
	EXPECT_EQ(send(ends[1], in, end, 1), -EOVERFLOW);
	EXPECT_EQ(send(out, in, end + 1, 0), -EOVERFLOW);
	EXPECT_EQ(send(out, in, end, 0), 0);
	EXPECT_EQ(send(out, in, end - 1, 2), 0);
	set_word(FROM, SMALL_FILE_MAX);
	EXPECT_EQ(CALL(sendfile, out, in, FROM, 1), -EOVERFLOW);
	EXPECT_EQ(CALL(sendfile, out, in, FROM, 0), 0);
	EXPECT_EQ(send(out, in, SMALL_FILE_MAX, 1), 0);
	file_at(both)->flags |= O_LARGEFILE;
	EXPECT_EQ(file_truncate(file_at(both), (u64)SMALL_FILE_MAX + 3), 0);
	set_word(FROM, SMALL_FILE_MAX - 2);
	EXPECT_EQ(CALL(sendfile, out, both, FROM, 4), 2);
	EXPECT_EQ(word_at(FROM), SMALL_FILE_MAX);
	EXPECT_EQ(send(out, both, SMALL_FILE_MAX - 2, 4), 4);
	file_at(both)->position = SMALL_FILE_MAX - 2;
	EXPECT_EQ(CALL(sendfile, out, both, 0, 4), 4);
}

/* A file that takes less than it is given, or nothing; the input stays where it was read to. */
static void slow_receivers(void)
{
	u32 slow;

	files();
	slow = probe_fd(O_WRONLY);
	probe.result = 1;
	EXPECT_EQ(CALL(sendfile, slow, in, 0, 5), 5);
	EXPECT(probe.calls == 5 && probe.bytes == 1 && file_at(in)->position == 5);
	EXPECT_EQ(send(slow, in, 8, 5), 0); /* at the end nothing is written */
	EXPECT_EQ(probe.calls, 5);
	probe.result = -EIO;
	EXPECT_EQ(CALL(sendfile, slow, in, 0, 5), -EIO);
	probe.result = 0;
	EXPECT_EQ(CALL(sendfile, slow, in, 0, 5), 0);
	EXPECT_EQ(file_at(in)->position, 5);
	probe_operations.no_splice_write = true;
	EXPECT_EQ(CALL(sendfile, slow, in, 0, 5), -EINVAL);
	EXPECT_EQ(CALL(sendfile, slow, in, 0, 0), 0);
	EXPECT_EQ(probe.calls, 7);
	EXPECT_EQ(file_at(in)->position, 5);
	file_at(slow)->flags = O_RDONLY;
	probe_operations.no_splice_read = true;
	EXPECT_EQ(CALL(sendfile, out, slow, 0, 5), -EINVAL);
	EXPECT_EQ(CALL(sendfile, out, slow, 0, 0), 0);
	probe_operations.no_splice_read = false;
	probe.result = -EIO;
	EXPECT_EQ(CALL(sendfile, out, slow, 0, 5), -EIO);
}

static void interrupt(void)
{
	if (file_at(out)->position > 4 * PAGE_SIZE)
		own.forced.signo = SIGTERM;
}

/* Pages are copied one after the other; a signal ends the copy between two. */
static void pages(void)
{
	files();
	EXPECT_EQ(file_truncate(file_at(both), 5 * PAGE_SIZE), 0);
	file_at(both)->position = 1;
	EXPECT_EQ(CALL(sendfile, out, both, 0, 2 * PAGE_SIZE + 1), 2 * PAGE_SIZE + 1);
	EXPECT_EQ(file_at(both)->position, 2 * PAGE_SIZE + 2);
	host_others = interrupt;
	EXPECT_EQ(send(out, both, 0, 5 * PAGE_SIZE), 2 * PAGE_SIZE);
	EXPECT_EQ(wide_at(FROM), 2 * PAGE_SIZE);
	host_others = NULL;
	EXPECT_EQ(send(out, both, 0, 5), 0);
	own.forced.signo = 0;
	fail(1);
	EXPECT_EQ(send(out, both, 0, 5), -ENOMEM);
	fail(0);
	EXPECT_EQ(wide_at(FROM), 0);
	EXPECT_EQ(file_at(out)->mapping->i_size, 4 * PAGE_SIZE + 1);
}

static void into_pipes(void)
{
	files();
	EXPECT_EQ(CALL(sendfile, ends[1], in, 0, 3), 3);
	EXPECT_EQ(send(ends[1], in, 6, 100), 2);
	EXPECT(file_at(in)->position == 3 && wide_at(FROM) == 8);
	EXPECT_EQ(CALL(read, ends[0], USER_BYTES + 100, 100), 5);
	EXPECT(bytes_are(USER_BYTES + 100, "abcgh"));
	EXPECT_EQ(CALL(sendfile, ends[1], folder, 0, 3), -EINVAL);
	EXPECT_EQ(CALL(sendfile, ends[1], ends[0], 0, 3), -EINVAL);
	EXPECT_EQ(CALL(sendfile, ends[0], in, 0, 3), -EBADF);
	EXPECT_EQ(send(ends[1], ends[0], 0, 3), -ESPIPE);
	EXPECT_EQ(file_truncate(file_at(both), 20 * PAGE_SIZE), 0);
	EXPECT_EQ(send(ends[1], both, 0, 20 * PAGE_SIZE), 16 * PAGE_SIZE);
	EXPECT_EQ(send(ends[1], both, 0, 1), -EAGAIN);
}

/* ---- copy_file_range() ---- */

static s32 copy(u32 from_fd, u64 from, u32 to_fd, u64 to, u32 bytes)
{
	put_wide(FROM, from);
	put_wide(TO, to);
	return CALL(copy_file_range, from_fd, FROM, to_fd, TO, bytes, 0);
}

static void copies(void)
{
	files();
	EXPECT_EQ(CALL(copy_file_range, in, 0, out, 0, 3), 3);
	EXPECT(file_at(in)->position == 3 && file_at(out)->position == 3);
	EXPECT_EQ(CALL(copy_file_range, in, 0, out, 0, 100), 5);
	EXPECT_EQ(CALL(copy_file_range, in, 0, out, 0, 100), 0);
	EXPECT_EQ(copy(in, 2, out, 1, 2), 2);
	EXPECT(wide_at(FROM) == 4 && wide_at(TO) == 3);
	EXPECT(file_at(in)->position == 8 && file_at(out)->position == 8);
	put_wide(FROM, 0);
	EXPECT_EQ(CALL(copy_file_range, in, FROM, out, 0, 1), 1);
	EXPECT(wide_at(FROM) == 1 && file_at(out)->position == 9);
	put_wide(TO, 0);
	file_at(in)->position = 7;
	EXPECT_EQ(CALL(copy_file_range, in, 0, out, TO, 1), 1);
	EXPECT(wide_at(TO) == 1 && file_at(in)->position == 8);
	file_at(out)->flags = O_RDWR;
	expect_text(file_at(out), "hcddefgha");
	EXPECT_EQ(copy(in, 8, out, 0, 1), 0);
	EXPECT_EQ(copy(in, 7, out, 0, 1), 1);
	EXPECT_EQ(copy(in, 7, out, 0, 2), 1);
	EXPECT_EQ(copy(in, 0, out, 0, 0), 0);
}

/* Within one file the ranges must not overlap, so far as the file has bytes there. */
static void within_one_file(void)
{
	files();
	EXPECT_EQ(copy(both, 0, both, 4, 4), 4);
	EXPECT_EQ(copy(both, 4, both, 0, 4), 4);
	EXPECT_EQ(copy(both, 4, both, 0, 5), 4);
	EXPECT_EQ(copy(both, 0, both, 3, 4), -EINVAL);
	EXPECT_EQ(copy(both, 3, both, 0, 4), -EINVAL);
	EXPECT_EQ(copy(both, 7, both, 7, 5), -EINVAL);
	EXPECT_EQ(copy(both, 8, both, 8, 5), 0);
	EXPECT_EQ(copy(both, 0, both, 0, 0), 0);
	EXPECT_EQ(copy(in, 0, out, 0, 4), 4);
	EXPECT_EQ(file_at(both)->mapping->i_size, 8);
}

static void copies_refused(void)
{
	u32 other;

	files();
	other = open_fd("/proc/meminfo", O_RDONLY);
	EXPECT_EQ(CALL(copy_file_range, CLOSED, NOWHERE, out, 0, 4, 1), -EBADF);
	EXPECT_EQ(CALL(copy_file_range, in, NOWHERE, CLOSED, 0, 4, 1), -EBADF);
	EXPECT_EQ(CALL(copy_file_range, in, NOWHERE, out, 0, 4, 1), -EFAULT);
	EXPECT_EQ(CALL(copy_file_range, in, 0, out, NOWHERE, 4, 1), -EFAULT);
	EXPECT_EQ(CALL(copy_file_range, folder, 0, out, 0, 4, 1), -EINVAL);
	EXPECT_EQ(CALL(copy_file_range, folder, 0, out, 0, 4), -EISDIR);
	EXPECT_EQ(CALL(copy_file_range, ends[0], 0, folder, 0, 4), -EISDIR);
	EXPECT_EQ(CALL(copy_file_range, ends[0], 0, out, 0, 4), -EINVAL);
	EXPECT_EQ(CALL(copy_file_range, in, 0, ends[1], 0, 4), -EINVAL);
	EXPECT_EQ(CALL(copy_file_range, other, 0, out, 0, 4), -EINVAL);
	EXPECT_EQ(CALL(copy_file_range, out, 0, both, 0, 4), -EBADF);
	EXPECT_EQ(CALL(copy_file_range, both, 0, in, 0, 0), -EBADF);
	EXPECT_EQ(CALL(copy_file_range, in, 0, append, 0, 0), -EBADF);
	EXPECT_EQ(copy(folder, -1ull, out, 0, 4), -EISDIR);
	EXPECT_EQ(copy(out, -1ull, both, 0, 4), -EBADF);
	EXPECT_EQ(copy(in, -1ull, out, 0, 4), -EOVERFLOW);
	EXPECT_EQ(copy(in, 0, out, -1ull, 4), -EOVERFLOW);
	EXPECT_EQ(copy(in, -1ull, out, 0, 0), -EINVAL);
	EXPECT_EQ(copy(in, 0, out, -5ull, 4), -EINVAL);
	EXPECT_EQ(copy(in, INT64_MAX - 3, out, 0, 4), 0);
	EXPECT_EQ(copy(in, 0, out, INT64_MAX - 3, 4), -EFBIG);
	host_rlim[RLIMIT_FSIZE].cur = 5;
	EXPECT_EQ(copy(in, 0, out, 5, 4), -EFBIG);
	EXPECT_EQ(console_file_limit_exceeded, 1);
	EXPECT_EQ(copy(in, 0, out, 4, 4), 1);
	EXPECT_EQ(copy(both, 0, both, 4, 5), 1);
	host_rlim[RLIMIT_FSIZE].cur = RLIM_INFINITY;
}

static void close_in(void)
{
	if (file_at(in))
		fd_close(own.files, in);
}

static void close_out(void)
{
	if (file_at(out))
		fd_close(own.files, out);
}

/* Another thread closes a descriptor while the position is read. */
static void closed_meanwhile(void)
{
	files();
	user_others = close_in;
	EXPECT_EQ(copy(in, 0, out, 0, 4), -EBADF);
	in = nameless(O_RDONLY, "abcdefgh");
	EXPECT_EQ(send(out, in, 0, 4), -EBADF);
	in = nameless(O_RDONLY, "abcdefgh");
	user_others = close_out;
	EXPECT_EQ(copy(in, 0, out, 0, 4), -EBADF);
	out = nameless(O_WRONLY, "");
	EXPECT_EQ(send(out, in, 0, 4), -EBADF);
	user_others = NULL;
}

/* The other file system, and a place for a position that cannot be written. */
static void other_file_systems(void)
{
	struct inode *inode;
	struct file_system fs;
	u32 other;

	files();
	other = nameless(O_RDWR, "12");
	inode = file_at(other)->inode;
	fs = *inode->fs;
	inode->fs = &fs;
	EXPECT_EQ(CALL(copy_file_range, in, 0, other, 0, 4), -EXDEV);
	EXPECT_EQ(copy(in, -1ull, other, 0, 4), -EXDEV);
	inode->fs = file_at(in)->inode->fs;
	EXPECT_EQ(CALL(copy_file_range, in, 0, other, 0, 4), 4);
	put_wide(FROM, 0);
	put_wide(USER_BYTES, 0);
	user_writable = 8;
	EXPECT_EQ(CALL(copy_file_range, in, USER_BYTES, other, FROM, 4), -EFAULT);
	EXPECT_EQ(wide_at(USER_BYTES), 4);
	EXPECT_EQ(CALL(copy_file_range, in, FROM, other, USER_BYTES, 4), -EFAULT);
	EXPECT_EQ(CALL(sendfile64, out, in, FROM, 4), -EFAULT);
	EXPECT_EQ(CALL(sendfile64, out, in, USER_BYTES, 4), 4);
	/* copy_file_range() writes a position only after bytes were copied. */
	put_wide(FROM, 8);
	EXPECT_EQ(CALL(copy_file_range, in, FROM, other, USER_BYTES, 4), 0);
	EXPECT_EQ(CALL(sendfile64, out, in, FROM, 4), -EFAULT);
	fail(1);
	put_wide(FROM, 0);
	EXPECT_EQ(CALL(copy_file_range, in, FROM, other, USER_BYTES, 4), -ENOMEM);
	fail(0);
}

TAP_MAIN({ "sendfile", sends }, { "sendfile: refused", sends_refused },
	 { "sendfile: the last positions", last_positions },
	 { "files that take few bytes", slow_receivers }, { "pages, and a signal", pages },
	 { "into a pipe", into_pipes }, { "copy_file_range", copies },
	 { "within one file", within_one_file }, { "copy_file_range: refused", copies_refused },
	 { "closed meanwhile", closed_meanwhile },
	 { "other file systems, and bad places", other_file_systems })
