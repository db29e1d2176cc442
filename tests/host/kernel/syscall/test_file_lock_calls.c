/* SPDX-License-Identifier: MIT */
/*
 * fcntl() and flock() on files with an inode: ranges from each place and at their limits, both
 * forms of the structure, owners, and which error comes first, as Linux 6.18 has it.
 *
 * sources: kernel/syscall/file/sys_lock.c kernel/task/files.c
 * sources: tests/host/kernel/syscall/file_rig.c
 */
#include "abi/linux/flock.h"
#include "fs/locks.h"
#include "kernel/syscall/file/sys_lock.h"
#include "tests/host/kernel/syscall/file_rig.h"
#include "tests/host/resched.h"

#define PLACE (USER_BYTES + 64)

/* The same file, open to read and write, to read, to write, and for neither. */
static u32 both, reader, writer, neither;
static struct inode *inode;

static const char *const names[] = { NULL };

static void files(void)
{
	begin_names(names);
	both = open_fd("/tmp/f", O_RDWR);
	reader = open_fd("/tmp/f", O_RDONLY);
	writer = open_fd("/tmp/f", O_WRONLY);
	neither = open_fd("/tmp/f", O_ACCMODE);
	inode = found("/tmp/f");
}

static struct flock64 answer;

/* The wide form. The answer is what memory has after it. */
static s32 control(u32 fd, u32 command, struct flock64 lock)
{
	s32 result;

	put(PLACE, &lock, sizeof(lock));
	result = fcntl_lock(fd, file_at(fd), command, PLACE);
	get(&answer, PLACE, sizeof(answer));
	return result;
}

static bool answer_is(s32 type, s64 start, s64 length, s32 pid)
{
	return answer.type == type && answer.whence == SEEK_SET && answer.start == start &&
	       answer.length == length && answer.pid == pid;
}

/* Sets a lock for writing of the process, and finds its range by the open file `reader`. */
static bool covers(s32 whence, s64 start, s64 length, s64 first, s64 bytes)
{
	bool right;

	EXPECT_EQ(control(both, F_SETLK64,
			  (struct flock64){ LOCK_WRITE, (s16)whence, start, length, 99 }),
		  0);
	EXPECT_EQ(control(reader, F_OFD_GETLK, (struct flock64){ LOCK_READ, SEEK_SET, 0, 0, 0 }),
		  0);
	right = answer_is(LOCK_WRITE, first, bytes, 5);
	EXPECT_EQ(control(both, F_SETLK64, (struct flock64){ LOCK_NONE, SEEK_SET, 0, 0, 0 }), 0);
	EXPECT(list_empty(&inode->locks));
	return right;
}

static s32 refused(s32 whence, s64 start, s64 length)
{
	s32 result = control(both, F_SETLK64,
			     (struct flock64){ LOCK_WRITE, (s16)whence, start, length, 0 });

	EXPECT(list_empty(&inode->locks));
	return result;
}

static void ranges(void)
{
	const s64 last = INT64_MAX;

	files();
	EXPECT_EQ(path_truncate(NULL, "/tmp/f", 100), 0);
	file_at(both)->position = 50;
	EXPECT(covers(SEEK_SET, 0, 0, 0, 0));
	EXPECT(covers(SEEK_SET, 3, 4, 3, 4));
	EXPECT(covers(SEEK_SET, last, 1, last, 0));
	EXPECT(covers(SEEK_SET, last - 1, 1, last - 1, 1));
	EXPECT(covers(SEEK_SET, last - 1, 2, last - 1, 0));
	EXPECT(covers(SEEK_SET, last, 0, last, 0));
	EXPECT(covers(SEEK_SET, 10, -10, 0, 10));
	EXPECT(covers(SEEK_SET, 10, -1, 9, 1));
	EXPECT(covers(SEEK_CUR, 0, 5, 50, 5));
	EXPECT(covers(SEEK_CUR, -50, 1, 0, 1));
	EXPECT(covers(SEEK_CUR, last - 50, 1, last, 0));
	EXPECT(covers(SEEK_END, 1, 2, 101, 2));
	EXPECT(covers(SEEK_END, -100, 0, 0, 0));
	EXPECT(covers(SEEK_END, 0, -100, 0, 100));
	EXPECT_EQ(refused(SEEK_SET, -1, 2), -EINVAL);
	EXPECT_EQ(refused(SEEK_SET, last, 2), -EOVERFLOW);
	EXPECT_EQ(refused(SEEK_SET, last - 1, 3), -EOVERFLOW);
	EXPECT_EQ(refused(SEEK_SET, 2, last), -EOVERFLOW);
	EXPECT(covers(SEEK_SET, 1, last, 1, 0));
	EXPECT_EQ(refused(SEEK_SET, 10, -11), -EINVAL);
	EXPECT_EQ(refused(SEEK_SET, 0, -1), -EINVAL);
	EXPECT_EQ(refused(SEEK_SET, 0, INT64_MIN), -EINVAL);
	EXPECT_EQ(refused(SEEK_CUR, -51, 1), -EINVAL);
	EXPECT_EQ(refused(SEEK_CUR, last - 49, 0), -EOVERFLOW);
	EXPECT_EQ(refused(SEEK_END, -101, 1), -EINVAL);
	EXPECT_EQ(refused(SEEK_END, last - 99, 0), -EOVERFLOW);
	EXPECT_EQ(refused(SEEK_END + 1, 0, 0), -EINVAL);
	EXPECT_EQ(refused(-1, 0, 0), -EINVAL);
}

/* Length 0: all bytes from there on, also those that the file does not have yet. */
static void to_the_end(void)
{
	files();
	EXPECT_EQ(control(both, F_SETLK64, (struct flock64){ LOCK_WRITE, SEEK_SET, 10, 0, 0 }), 0);
	EXPECT_EQ(control(reader, F_OFD_SETLK, (struct flock64){ LOCK_READ, SEEK_SET, 9, 1, 0 }),
		  0);
	EXPECT_EQ(control(reader, F_OFD_SETLK, (struct flock64){ LOCK_READ, SEEK_SET, 20, 1, 0 }),
		  -EAGAIN);
	EXPECT_EQ(control(reader, F_OFD_SETLK,
			  (struct flock64){ LOCK_READ, SEEK_SET, INT64_MAX, 1, 0 }),
		  -EAGAIN);
}

static s32 at(u32 fd, u32 command, s32 type, s64 start, s32 pid)
{
	return control(fd, command, (struct flock64){ (s16)type, SEEK_SET, start, 2, pid });
}

static void orders_of_errors(void)
{
	const s64 far = INT64_MAX;

	files();
	EXPECT_EQ(at(both, F_SETLK64, 9, far, 0), -EOVERFLOW);
	EXPECT_EQ(at(both, F_SETLK64, -1, far, 0), -EOVERFLOW);
	EXPECT_EQ(at(both, F_SETLK64, 3, 0, 0), -EINVAL);
	EXPECT_EQ(at(both, F_SETLK64, -1, 0, 0), -EINVAL);
	EXPECT_EQ(at(both, F_GETLK64, 9, far, 0), -EINVAL);
	EXPECT_EQ(at(both, F_GETLK64, -1, far, 0), -EINVAL);
	EXPECT_EQ(at(both, F_GETLK64, LOCK_NONE, far, 0), -EINVAL);
	EXPECT_EQ(at(both, F_OFD_GETLK, LOCK_NONE, far, 5), -EOVERFLOW);
	EXPECT_EQ(at(both, F_OFD_GETLK, 9, far, 5), -EOVERFLOW);
	EXPECT_EQ(at(both, F_OFD_GETLK, LOCK_NONE, 0, 5), -EINVAL);
	EXPECT_EQ(at(both, F_OFD_GETLK, 9, 0, 0), -EINVAL);
	EXPECT_EQ(at(both, F_OFD_SETLK, LOCK_READ, 0, 5), -EINVAL);
	EXPECT_EQ(at(both, F_OFD_SETLKW, LOCK_READ, 0, -1), -EINVAL);
	EXPECT_EQ(at(reader, F_OFD_SETLK, LOCK_WRITE, 0, 5), -EBADF);
	EXPECT_EQ(at(reader, F_SETLK64, LOCK_WRITE, -1, 0), -EINVAL);
	EXPECT_EQ(at(reader, F_SETLK64, LOCK_WRITE, 0, 0), -EBADF);
	EXPECT_EQ(at(reader, F_SETLK64, LOCK_READ, 0, 0), 0);
	EXPECT_EQ(at(writer, F_SETLKW64, LOCK_READ, 0, 0), -EBADF);
	EXPECT_EQ(at(writer, F_SETLKW64, LOCK_WRITE, 0, 0), 0);
	EXPECT_EQ(at(neither, F_SETLK64, LOCK_READ, 0, 0), -EBADF);
	EXPECT_EQ(at(neither, F_SETLK64, LOCK_NONE, 0, 0), 0);
	EXPECT_EQ(at(reader, F_GETLK64, LOCK_WRITE, 0, 7), 0);
	EXPECT(answer.type == LOCK_NONE && answer.pid == 7 && answer.length == 2);
	EXPECT_EQ(fcntl_lock(both, file_at(both), F_SETLK64, NOWHERE), -EFAULT);
	EXPECT_EQ(fcntl_lock(both, file_at(both), F_SETLK, NOWHERE), -EFAULT);
}

/* Locks of the process and of open files exclude each other; each command's own form. */
static void owners(void)
{
	static const u32 sets[] = { F_SETLK64, F_SETLKW64 },
			 files_sets[] = { F_OFD_SETLK, F_OFD_SETLKW };

	files();
	for (u32 i = 0; i < 2; i++) {
		EXPECT_EQ(at(both, sets[i], LOCK_WRITE, 10, 0), 0);
		EXPECT_EQ(at(reader, sets[i], LOCK_READ, 11, 0), 0); /* its own */
		EXPECT_EQ(at(reader, F_GETLK64, LOCK_WRITE, 10, 0), 0);
		EXPECT_EQ(answer.type, LOCK_NONE);
		EXPECT_EQ(at(reader, F_OFD_GETLK, LOCK_READ, 10, 0), 0);
		EXPECT(answer_is(LOCK_WRITE, 10, 1, 5));
		EXPECT_EQ(at(reader, files_sets[i], LOCK_READ, 10, 0), i ? -ERESTARTSYS : -EAGAIN);
		EXPECT_EQ(at(reader, files_sets[i], LOCK_READ, 20, 0), 0);
		EXPECT_EQ(at(both, files_sets[i], LOCK_WRITE, 20, 0), i ? -ERESTARTSYS : -EAGAIN);
		EXPECT_EQ(at(both, F_GETLK64, LOCK_WRITE, 20, 0), 0);
		EXPECT(answer_is(LOCK_READ, 20, 2, -1));
		/* F_UNLCK asks for a lock of the file itself. */
		EXPECT_EQ(at(reader, F_OFD_GETLK, LOCK_NONE, 20, 0), 0);
		EXPECT(answer_is(LOCK_READ, 20, 2, -1));
		EXPECT_EQ(at(both, F_OFD_GETLK, LOCK_NONE, 20, 0), 0);
		EXPECT_EQ(answer.type, LOCK_NONE);
		EXPECT_EQ(at(reader, files_sets[i], LOCK_NONE, 20, 0), 0);
		EXPECT_EQ(control(both, sets[i], (struct flock64){ LOCK_NONE, SEEK_SET, 0, 0, 0 }),
			  0);
		EXPECT(list_empty(&inode->locks));
	}
}

/* ---- The form with 32 bits ---- */

static struct flock narrow;

static s32 control_narrow(u32 command, s32 type, s32 start, s32 length)
{
	const struct flock lock = { (s16)type, SEEK_SET, start, length, 7 };
	s32 result;

	put(PLACE, &lock, sizeof(lock));
	result = fcntl_lock(both, file_at(both), command, PLACE);
	get(&narrow, PLACE, sizeof(narrow));
	return result;
}

static void narrow_forms(void)
{
	files();
	EXPECT_EQ(control_narrow(F_SETLK, LOCK_WRITE, 10, 5), 0);
	EXPECT_EQ(at(reader, F_OFD_GETLK, LOCK_READ, 10, 0), 0);
	EXPECT(answer_is(LOCK_WRITE, 10, 5, 5));
	EXPECT_EQ(control_narrow(F_SETLKW, LOCK_NONE, 12, -2), 0);
	EXPECT_EQ(at(reader, F_OFD_GETLK, LOCK_READ, 11, 0), 0);
	EXPECT(answer_is(LOCK_WRITE, 12, 3, 5));
	EXPECT_EQ(control_narrow(F_SETLK, LOCK_NONE, 0, 0), 0);
	EXPECT_EQ(control_narrow(F_GETLK, LOCK_WRITE, 1, 2), 0);
	EXPECT(narrow.type == LOCK_NONE && narrow.start == 1 && narrow.length == 2);
	EXPECT_EQ(narrow.pid, 7);
	/* A length beyond 31 bits is cut; a start is an error. */
	EXPECT_EQ(control(reader, F_OFD_SETLK,
			  (struct flock64){ LOCK_READ, SEEK_SET, 9, 0x80000000, 0 }),
		  0);
	EXPECT_EQ(control_narrow(F_GETLK, LOCK_WRITE, 9, 1), 0);
	EXPECT(narrow.type == LOCK_READ && narrow.start == 9 && narrow.length == INT32_MAX);
	EXPECT_EQ(narrow.pid, -1);
	EXPECT_EQ(at(reader, F_OFD_SETLK, LOCK_NONE, 9, 0), 0);
	EXPECT_EQ(control(reader, F_OFD_SETLK,
			  (struct flock64){ LOCK_NONE, SEEK_SET, 9, INT32_MAX - 9, 0 }),
		  0);
	EXPECT_EQ(control_narrow(F_GETLK, LOCK_WRITE, 0, 0), 0);
	EXPECT_EQ(narrow.start, INT32_MAX);
	EXPECT_EQ(control(reader, F_OFD_SETLK,
			  (struct flock64){ LOCK_NONE, SEEK_SET, INT32_MAX, 1, 0 }),
		  0);
	EXPECT_EQ(control_narrow(F_GETLK, LOCK_WRITE, 0, 0), -EOVERFLOW);
	EXPECT_EQ(narrow.type, LOCK_WRITE);
}

static void close_it(void)
{
	host_others = NULL;
	locks_remove(inode, file_at(reader));
	fd_close(own.files, both);
}

static void close_only(void)
{
	host_others = NULL;
	fd_close(own.files, both);
}

/* A lock of an open file ends with that file; and what is refused stays so. */
static void closed_during_waits(void)
{
	s32 copy;

	files();
	copy = fd_alloc(own.files, 0, LIMIT_FDS, false);
	file_get(file_at(both));
	fd_install(own.files, (u32)copy, file_at(both));
	EXPECT_EQ(at(reader, F_OFD_SETLK, LOCK_READ, 10, 0), 0);
	host_others = close_it;
	EXPECT_EQ(at(both, F_OFD_SETLKW, LOCK_WRITE, 10, 0), 0);
	EXPECT(!list_empty(&inode->locks));
	EXPECT_EQ(fd_close(own.files, (u32)copy), 0);
	EXPECT(list_empty(&inode->locks));
	both = open_fd("/tmp/f", O_RDWR);
	EXPECT_EQ(at(reader, F_OFD_SETLK, LOCK_READ, 10, 0), 0);
	host_others = close_only;
	EXPECT_EQ(at(both, F_SETLKW64, LOCK_WRITE, 10, 0), -ERESTARTSYS);
}

static void places(void)
{
	files();
	/* An answer that cannot be written. */
	put(PLACE, &(struct flock64){ LOCK_WRITE, SEEK_SET, 0, 0, 0 }, sizeof(struct flock64));
	user_writable = PLACE - USER_BYTES + 8;
	EXPECT_EQ(fcntl_lock(both, file_at(both), F_GETLK64, PLACE), -EFAULT);
	EXPECT_EQ(fcntl_lock(both, file_at(both), F_GETLK, PLACE), -EFAULT);
	user_writable = sizeof(user_bytes);
	/* Another thread closes the descriptor during the wait: the lock would stay for ever. */
	EXPECT_EQ(at(reader, F_OFD_SETLK, LOCK_READ, 10, 0), 0);
	host_others = close_it;
	EXPECT_EQ(at(both, F_SETLKW64, LOCK_WRITE, 10, 0), -EBADF);
	EXPECT(list_empty(&inode->locks));
}

/* ---- flock() ---- */

static void whole_files(void)
{
	files();
	EXPECT_EQ(CALL(flock, both, LOCK_EX), 0);
	EXPECT_EQ(CALL(flock, reader, LOCK_SH | LOCK_NB), -EAGAIN);
	EXPECT_EQ(CALL(flock, reader, LOCK_SH), -ERESTARTSYS);
	EXPECT_EQ(CALL(flock, reader, LOCK_UN), 0);
	EXPECT_EQ(CALL(flock, both, LOCK_SH), 0);
	EXPECT_EQ(CALL(flock, reader, LOCK_SH | LOCK_NB), 0);
	EXPECT_EQ(CALL(flock, writer, LOCK_EX | LOCK_NB), -EAGAIN);
	EXPECT_EQ(CALL(flock, reader, LOCK_UN | LOCK_NB), 0);
	EXPECT_EQ(CALL(flock, both, LOCK_UN), 0);
	EXPECT_EQ(CALL(flock, writer, LOCK_EX | LOCK_NB), 0);
	/* They do not meet locks of records. */
	EXPECT_EQ(control(both, F_SETLK64, (struct flock64){ LOCK_WRITE, SEEK_SET, 0, 0, 0 }), 0);
	EXPECT_EQ(CALL(flock, writer, LOCK_SH | LOCK_NB), 0);
	EXPECT_EQ(CALL(flock, both, LOCK_SH | LOCK_NB), 0);
	EXPECT_EQ(CALL(flock, neither, LOCK_SH), -EBADF);
	EXPECT_EQ(CALL(flock, neither, LOCK_EX), -EBADF);
	EXPECT_EQ(CALL(flock, neither, LOCK_UN), 0);
	EXPECT_EQ(CALL(flock, CLOSED, LOCK_SH), -EBADF);
	EXPECT_EQ(CALL(flock, CLOSED, 0), -EINVAL);
	EXPECT_EQ(CALL(flock, both, LOCK_SH | LOCK_UN), -EINVAL);
	EXPECT_EQ(CALL(flock, both, LOCK_SH | 16), -EINVAL);
	EXPECT_EQ(CALL(flock, both, LOCK_SH | 64), -EINVAL);
	EXPECT_EQ(CALL(flock, CLOSED, LOCK_MAND), 0);
	EXPECT_EQ(CALL(flock, writer, LOCK_MAND | LOCK_EX), 0);
	EXPECT_EQ(CALL(flock, reader, LOCK_SH | LOCK_NB), 0);
}

TAP_MAIN({ "ranges", ranges }, { "to the end", to_the_end },
	 { "orders of errors", orders_of_errors }, { "owners", owners },
	 { "the form with 32 bits", narrow_forms }, { "places, and a closed descriptor", places },
	 { "closed during waits", closed_during_waits }, { "whole files", whole_files })
