/* SPDX-License-Identifier: MIT */
/*
 * dup() and its relatives, pipe(), and ioctl() of any file: numbers, flags, limits, and what is
 * left after an error.
 *
 * sources: kernel/syscall/file/sys_descriptor.c kernel/task/files.c
 * sources: tests/host/kernel/syscall/file_rig.c
 */
#include "abi/linux/termios.h"
#include "fs/pipe/pipe.h"
#include "tests/host/kernel/syscall/file_rig.h"
#include "tests/host/user.h"

#define PLACE (USER_BYTES + 16)

static u32 file, place;

static void files(void)
{
	begin();
	file = nameless(O_RDWR, "abcde");
	place = open_fd("/tmp", O_PATH);
	EXPECT(file == 0 && place == 1);
}

static bool closes(u32 fd)
{
	return fd_close_on_exec(own.files, fd);
}

/* How many descriptors are in use. */
static u32 in_use(void)
{
	u32 count = 0;

	for (u32 fd = fd_next(own.files, 0); fd < own.files->end; fd = fd_next(own.files, fd + 1))
		count++;
	return count;
}

static void close_all_but_two(void)
{
	for (u32 fd = 2; fd < own.files->end; fd++)
		fd_close(own.files, fd);
}

static void duplicates(void)
{
	files();
	EXPECT_EQ(CALL(dup, file), 2);
	EXPECT_EQ(CALL(dup, place), 3);
	EXPECT(file_at(2) == file_at(file) && file_at(3) == file_at(place) && !closes(2));
	EXPECT_EQ(file_at(file)->count, 2);
	EXPECT_EQ(CALL(dup, CLOSED), -EBADF);
	host_rlim[RLIMIT_NOFILE].cur = 4;
	EXPECT_EQ(CALL(dup, file), -EMFILE);
	host_rlim[RLIMIT_NOFILE].cur = 5;
	EXPECT_EQ(CALL(dup, file), 4);
	EXPECT_EQ(file_at(file)->count, 3);
	close_all_but_two();
}

static void duplicates_to_a_number(void)
{
	files();
	EXPECT_EQ(CALL(dup2, file, file), file);
	EXPECT_EQ(CALL(dup2, place, place), place);
	EXPECT_EQ(CALL(dup2, CLOSED, CLOSED), -EBADF);
	EXPECT_EQ(CALL(dup2, CLOSED, 5), -EBADF);
	EXPECT_EQ(CALL(dup2, file, 5), 5);
	EXPECT(file_at(5) == file_at(file) && !closes(5));
	EXPECT_EQ(CALL(dup2, place, 5), 5);
	EXPECT(file_at(5) == file_at(place) && file_at(file)->count == 1);
	EXPECT_EQ(CALL(dup2, file, LIMIT_FDS - 1), LIMIT_FDS - 1);
	EXPECT_EQ(CALL(dup2, file, LIMIT_FDS), -EBADF);
	EXPECT_EQ(CALL(dup2, file, UINT32_MAX), -EBADF);
	host_rlim[RLIMIT_NOFILE].cur = RLIM_INFINITY;
	EXPECT_EQ(CALL(dup2, file, OPEN_MAX), -EBADF);
	fail(1);
	EXPECT_EQ(CALL(dup2, file, OPEN_MAX - 1), -ENOMEM);
	fail(0);
	EXPECT_EQ(file_at(file)->count, 2);
	EXPECT_EQ(CALL(dup3, file, 6, O_CLOEXEC), 6);
	EXPECT(closes(6));
	EXPECT_EQ(CALL(dup3, file, 6, 0), 6);
	EXPECT(!closes(6) && file_at(file)->count == 3);
	EXPECT_EQ(CALL(dup3, file, file, 0), -EINVAL);
	EXPECT_EQ(CALL(dup3, file, 7, O_CLOEXEC | O_NONBLOCK), -EINVAL);
	EXPECT_EQ(CALL(dup3, CLOSED, 7, O_NONBLOCK), -EINVAL);
	EXPECT_EQ(CALL(dup3, CLOSED, 7, 0), -EBADF);
	close_all_but_two();
}

/* The number 0 is one as any other. */
static void first_number(void)
{
	files();
	EXPECT_EQ(fd_close(own.files, file), 0);
	EXPECT_EQ(CALL(dup, place), 0);
	EXPECT_EQ(file_at(0)->count, 2);
	EXPECT_EQ(fd_close(own.files, 0), 0);
	EXPECT_EQ(CALL(pipe, PLACE), 0);
	EXPECT(word_at(PLACE) == 0 && word_at(PLACE + 4) == 2);
	EXPECT_EQ(fd_close(own.files, 0), 0);
	EXPECT_EQ(fd_new(opened("/tmp", O_RDONLY), false), 0);
	EXPECT(file_at(0) && file_at(0)->count == 1);
}

static void new_files(void)
{
	struct file *new;

	files();
	host_rlim[RLIMIT_NOFILE].cur = 3;
	new = opened("/tmp", O_RDONLY);
	EXPECT_EQ(fd_new(new, true), 2);
	EXPECT(file_at(2) == new &&closes(2));
	EXPECT_EQ(fd_new(opened("/tmp", O_RDONLY), false), -EMFILE);
	host_rlim[RLIMIT_NOFILE].cur = 4;
	EXPECT_EQ(fd_new(opened("/tmp", O_RDONLY), false), 3);
	EXPECT(!closes(3));
}

static void pipes(void)
{
	files();
	EXPECT_EQ(CALL(pipe, PLACE, UINT32_MAX), 0);
	EXPECT(word_at(PLACE) == 2 && word_at(PLACE + 4) == 3);
	EXPECT(file_at(2)->flags == O_RDONLY && file_at(3)->flags == O_WRONLY);
	EXPECT(file_at(2)->pipe && file_at(2)->pipe == file_at(3)->pipe && !closes(2) &&
	       !closes(3));
	EXPECT_EQ(CALL(pipe2, PLACE, O_CLOEXEC | O_NONBLOCK | O_DIRECT), 0);
	EXPECT(word_at(PLACE) == 4 && word_at(PLACE + 4) == 5 && closes(4) && closes(5));
	EXPECT_EQ(file_at(4)->flags, O_RDONLY | O_NONBLOCK);
	EXPECT_EQ(file_at(5)->flags, O_WRONLY | O_NONBLOCK | O_DIRECT);
	EXPECT_EQ(CALL(pipe2, PLACE, O_CLOEXEC), 0);
	EXPECT(closes(6) && file_at(6)->flags == O_RDONLY);
	EXPECT_EQ(CALL(pipe2, PLACE, O_APPEND), -EINVAL);
	EXPECT_EQ(CALL(pipe2, NOWHERE, 1), -EINVAL);
	EXPECT_EQ(CALL(pipe2, NOWHERE, 0), -EFAULT);
	EXPECT_EQ(CALL(pipe, NOWHERE), -EFAULT);
	EXPECT_EQ(in_use(), 8);
	host_rlim[RLIMIT_NOFILE].cur = 9;
	EXPECT_EQ(CALL(pipe, PLACE), -EMFILE);
	host_rlim[RLIMIT_NOFILE].cur = 8;
	EXPECT_EQ(CALL(pipe, PLACE), -EMFILE);
	host_rlim[RLIMIT_NOFILE].cur = 10;
	for (u32 nth = 1; nth < 4; nth++) {
		fail(nth);
		EXPECT_EQ(CALL(pipe, PLACE), -ENOMEM);
		EXPECT_EQ(in_use(), 8);
	}
	fail(0);
	EXPECT_EQ(CALL(pipe, PLACE), 0);
	EXPECT(word_at(PLACE) == 8 && in_use() == 10);
}

/* While the numbers are written, other threads see no file there, and cannot replace it. */
static void look(void)
{
	EXPECT(!file_at(2) && !file_at(3) && in_use() == 4);
	EXPECT_EQ(CALL(dup2, file, 3), -EBUSY);
}

static void pipes_before_they_are_there(void)
{
	files();
	user_others = look;
	EXPECT_EQ(CALL(pipe, PLACE), 0);
	user_others = NULL;
	EXPECT(file_at(2) && file_at(3) && file_at(file)->count == 1);
}

static s32 told(struct file *of, u32 command, vaddr_t argument)
{
	EXPECT(of == file_at(2));
	return command == 0x1234 ? (s32)argument : -ENOTTY;
}

static void any_file(void)
{
	files();
	EXPECT_EQ(CALL(ioctl, file, FIOCLEX), 0);
	EXPECT(closes(file));
	EXPECT_EQ(CALL(ioctl, file, FIONCLEX), 0);
	EXPECT(!closes(file));
	EXPECT_EQ(CALL(ioctl, place, FIOCLEX), -EBADF);
	EXPECT_EQ(CALL(ioctl, CLOSED, 1), -EBADF);
	set_word(PLACE, 4);
	EXPECT_EQ(CALL(ioctl, file, FIONBIO, PLACE), 0);
	EXPECT_EQ(file_at(file)->flags, O_RDWR | O_NONBLOCK);
	set_word(PLACE, 0);
	EXPECT_EQ(CALL(ioctl, file, FIONBIO, NOWHERE), -EFAULT);
	EXPECT_EQ(file_at(file)->flags, O_RDWR | O_NONBLOCK);
	EXPECT_EQ(CALL(ioctl, file, FIONBIO, PLACE), 0);
	EXPECT_EQ(file_at(file)->flags, O_RDWR);
	file_at(file)->position = 2;
	EXPECT_EQ(CALL(ioctl, file, FIONREAD, PLACE), 0);
	EXPECT_EQ(word_at(PLACE), 3);
	file_at(file)->position = 7;
	EXPECT_EQ(CALL(ioctl, file, FIONREAD, PLACE), 0);
	EXPECT_EQ((s32)word_at(PLACE), -2);
	EXPECT_EQ(CALL(ioctl, file, FIONREAD, NOWHERE), -EFAULT);
	EXPECT_EQ(CALL(ioctl, file, 0x1234, PLACE), -ENOTTY);
}

static void close_file(void)
{
	user_others = NULL;
	fd_close(own.files, 2);
}

static void own_operations(void)
{
	files();
	probe_operations.ioctl = told;
	EXPECT_EQ(probe_fd(O_RDWR), 2);
	EXPECT_EQ(CALL(ioctl, 2, 0x1234, 77), 77);
	EXPECT_EQ(CALL(ioctl, 2, FIONREAD, PLACE), -ENOTTY);
	EXPECT_EQ(CALL(ioctl, blank_fd(O_RDWR), FIONREAD, PLACE), -ENOTTY);
	user_others = close_file;
	EXPECT_EQ(CALL(ioctl, 2, FIONBIO, PLACE), 0);
	EXPECT(!file_at(2));
}

TAP_MAIN({ "duplicates", duplicates }, { "duplicates to a number", duplicates_to_a_number },
	 { "the first number", first_number }, { "new files", new_files }, { "pipes", pipes },
	 { "pipes before they are there", pipes_before_they_are_there },
	 { "ioctl() of any file", any_file }, { "ioctl() of a file's own", own_operations })
