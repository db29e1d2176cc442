/* SPDX-License-Identifier: MIT */
/*
 * fcntl(): descriptors, flags, owners, and what other files implement. Which commands a file
 * opened with O_PATH allows, and which error comes first, as Linux 6.18 has it.
 *
 * sources: kernel/syscall/file/sys_fcntl.c kernel/syscall/file/sys_lock.c kernel/task/files.c
 * sources: kernel/syscall/file/sys_descriptor.c tests/host/kernel/syscall/file_rig.c
 */
#include "abi/linux/flock.h"
#include "fs/lease.h"
#include "fs/owner.h"
#include "fs/pipe/pipe.h"
#include "fs/seals.h"
#include "kernel/syscall/file/sys_lock.h"
#include "tests/host/kernel/syscall/file_rig.h"
#include "tests/host/owner.h"
#include "tests/host/user.h"

#define PLACE	  (USER_BYTES + 16)
#define ALL_FLAGS (O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME)

/* ---- Tasks: a process with two threads, and one of another group and session ---- */

static struct thread_group other_group = { .job = { .group = 30, .session = 40 } };
static struct task thread = { .group = &own_group, .pid = 6, .tgid = 5 };
static struct task other = { .group = &other_group, .pid = 8, .tgid = 8 };
static struct task *const tasks[] = { &own, &thread, &other };
struct list_head task_list;

struct task *task_find(int pid)
{
	for (u32 i = 0; i < ARRAY_SIZE(tasks); i++)
		if (tasks[i]->pid == pid)
			return tasks[i];
	return NULL;
}

/* Descriptors: a file, a pipe, one that is only a place, and one without any operation. */
static u32 file, ends[2], place, blank;

static void files(void)
{
	begin();
	own_group.job.group = 5;
	own_group.job.session = 2;
	list_init(&task_list);
	for (u32 i = 0; i < ARRAY_SIZE(tasks); i++)
		list_add_tail(&tasks[i]->link, &task_list);
	file = nameless(O_RDWR | O_LARGEFILE, "abc");
	pipe_fds(ends, 0);
	place = open_fd("/tmp", O_PATH);
	blank = blank_fd(O_RDWR);
}

static s32 control(u32 fd, u32 command, u32 argument)
{
	return CALL(fcntl64, fd, command, argument);
}

/* ---- Descriptors ---- */

static void duplicates(void)
{
	s32 copy;

	files();
	copy = control(file, F_DUPFD, 0);
	EXPECT_EQ(copy, 5);
	EXPECT(file_at(5) == file_at(file) && file_at(file)->count == 2);
	EXPECT_EQ(control(5, F_GETFD, 0), 0);
	EXPECT_EQ(control(place, F_DUPFD_CLOEXEC, 90), 90);
	EXPECT_EQ(control(90, F_GETFD, 0), FD_CLOEXEC);
	EXPECT_EQ(control(file, F_DUPFD, LIMIT_FDS - 1), LIMIT_FDS - 1);
	EXPECT_EQ(control(file, F_DUPFD, LIMIT_FDS - 1), -EMFILE);
	EXPECT_EQ(control(file, F_DUPFD, LIMIT_FDS), -EINVAL);
	EXPECT_EQ(control(file, F_DUPFD_CLOEXEC, UINT32_MAX), -EINVAL);
	EXPECT_EQ(control(CLOSED, F_DUPFD, LIMIT_FDS), -EBADF);
	host_rlim[RLIMIT_NOFILE].cur = RLIM_INFINITY;
	EXPECT_EQ(control(file, F_DUPFD, OPEN_MAX), -EINVAL);
	fail(1);
	EXPECT_EQ(control(file, F_DUPFD, 64), 64);
	fail(1);
	EXPECT_EQ(control(file, F_DUPFD, OPEN_MAX - 1), -ENOMEM);
	fail(0);
	EXPECT_EQ(file_at(file)->count, 4);
	EXPECT_EQ(fd_close(own.files, 5) | fd_close(own.files, 90) | fd_close(own.files, 64) |
			  fd_close(own.files, LIMIT_FDS - 1),
		  0);
}

static void descriptor_flags(void)
{
	files();
	EXPECT_EQ(control(file, F_SETFD, UINT32_MAX), 0);
	EXPECT_EQ(control(file, F_GETFD, 0), FD_CLOEXEC);
	EXPECT_EQ(control(file, F_SETFD, ~(u32)FD_CLOEXEC), 0);
	EXPECT_EQ(control(file, F_GETFD, 0), 0);
	EXPECT_EQ(control(place, F_SETFD, FD_CLOEXEC), 0);
	EXPECT_EQ(control(place, F_GETFD, 0), FD_CLOEXEC);
	EXPECT_EQ(control(place, F_GETFL, 0), O_PATH);
	EXPECT_EQ(control(place, F_SETFL, 0), -EBADF);
	EXPECT_EQ(control(place, F_GETOWN, 0), -EBADF);
	EXPECT_EQ(control(place, 999, 0), -EBADF);
	EXPECT_EQ(control(file, 999, 0), -EINVAL);
	EXPECT_EQ(control(CLOSED, 999, 0), -EBADF);
	EXPECT_EQ(control(CLOSED, F_GETFD, 0), -EBADF);
}

/* ---- Flags of open files ---- */

static void status_flags(void)
{
	files();
	EXPECT_EQ(control(file, F_SETFL, UINT32_MAX), 0);
	EXPECT_EQ(control(file, F_GETFL, 0), O_RDWR | O_LARGEFILE | ALL_FLAGS);
	EXPECT_EQ(control(file, F_SETFL, O_APPEND), 0);
	EXPECT_EQ(control(file, F_GETFL, 0), O_RDWR | O_LARGEFILE | O_APPEND);
	EXPECT_EQ(control(file, F_SETFL, 0), 0);
	EXPECT_EQ(control(file, F_GETFL, 0), O_RDWR | O_LARGEFILE);
	EXPECT(!file_at(file)->owner);
	EXPECT_EQ(control(blank, F_SETFL, O_DIRECT), -EINVAL);
	EXPECT_EQ(control(blank, F_SETFL, O_APPEND | O_NONBLOCK | O_NOATIME | O_ASYNC), 0);
	EXPECT_EQ(control(blank, F_GETFL, 0), O_RDWR | O_APPEND | O_NONBLOCK | O_NOATIME);
	EXPECT_EQ(control(ends[0], F_SETFL, O_DIRECT), 0);
	EXPECT_EQ(control(ends[0], F_GETFL, 0), O_DIRECT);
}

/* O_NOATIME is for the owner, also of a file without an inode; and stays if it is there. */
static void without_access_times(void)
{
	files();
	host_privileged = false;
	host_fsuid = 7;
	EXPECT_EQ(control(file, F_SETFL, O_NOATIME), -EPERM);
	EXPECT_EQ(control(blank, F_SETFL, O_NOATIME | O_DIRECT), -EPERM);
	EXPECT_EQ(control(ends[0], F_SETFL, O_NOATIME), -EPERM);
	EXPECT_EQ(control(ends[0], F_SETFL, O_NONBLOCK), 0);
	file_at(file)->flags |= O_NOATIME;
	EXPECT_EQ(control(file, F_SETFL, O_NOATIME), 0);
	host_fsuid = 0;
	EXPECT_EQ(control(ends[0], F_SETFL, O_NOATIME), 0);
	EXPECT_EQ(control(blank, F_SETFL, O_NOATIME), 0);
	host_privileged = true;
}

static void signals_of_files(void)
{
	files();
	EXPECT_EQ(control(ends[0], F_SETFL, O_ASYNC), 0);
	EXPECT_EQ(control(ends[0], F_GETFL, 0), O_ASYNC);
	EXPECT(file_at(ends[0])->owner && file_at(ends[0])->owner->fd == ends[0]);
	EXPECT(!list_empty(&file_at(ends[0])->owner->async));
	EXPECT_EQ(control(ends[0], F_SETFL, O_ASYNC | O_NONBLOCK), 0);
	EXPECT_EQ(control(ends[0], F_GETFL, 0), O_ASYNC | O_NONBLOCK);
	EXPECT_EQ(control(ends[0], F_SETFL, 0), 0);
	EXPECT_EQ(control(ends[0], F_GETFL, 0), 0);
	EXPECT(list_empty(&file_at(ends[0])->owner->async));
	fail(1);
	EXPECT_EQ(control(ends[1], F_SETFL, O_ASYNC | O_NONBLOCK), -ENOMEM);
	EXPECT_EQ(control(ends[1], F_GETFL, 0), O_WRONLY);
}

/* ---- Owners ---- */

static void owners(void)
{
	files();
	EXPECT_EQ(control(file, F_GETOWN, 0), 0);
	EXPECT_EQ(control(file, F_SETOWN, 0), 0);
	EXPECT_EQ(control(file, F_SETOWN, 5), 0);
	EXPECT_EQ(control(file, F_GETOWN, 0), 5);
	EXPECT_EQ(file_at(file)->owner->kind, F_OWNER_PID);
	EXPECT_EQ(control(file, F_SETOWN, (u32)-30), 0);
	EXPECT_EQ(control(file, F_GETOWN, 0), -30);
	/* It has a number of a task, a group or a session, of the right kind only later. */
	EXPECT_EQ(control(file, F_SETOWN, 6), 0);
	EXPECT_EQ(control(file, F_GETOWN, 0), 0);
	EXPECT_EQ(control(file, F_SETOWN, 40), 0);
	EXPECT_EQ(control(file, F_GETOWN, 0), 0);
	EXPECT_EQ(control(file, F_SETOWN, (u32)-40), 0);
	EXPECT_EQ(control(file, F_GETOWN, 0), 0);
	EXPECT_EQ(control(file, F_SETOWN, 30), 0);
	EXPECT_EQ(control(file, F_SETOWN, (u32)-8), 0);
	EXPECT_EQ(control(file, F_GETOWN, 0), 0);
	EXPECT_EQ(control(file, F_SETOWN, 8), 0);
	EXPECT_EQ(control(file, F_SETOWN, 7), -ESRCH);
	EXPECT_EQ(control(file, F_SETOWN, (u32)-7), -ESRCH);
	EXPECT_EQ(control(file, F_SETOWN, INT32_MIN), -EINVAL);
	EXPECT_EQ(control(file, F_GETOWN, 0), 8);
	other.pid = 9; /* it ends */
	EXPECT_EQ(control(file, F_GETOWN, 0), 0);
	other.pid = 8;
	EXPECT_EQ(control(file, F_SETOWN, 0), 0);
	EXPECT_EQ(control(file, F_GETOWN, 0), 0);
	EXPECT_EQ(file_at(file)->owner->id, 0);
	fail(1);
	EXPECT_EQ(control(blank, F_SETOWN, 5), -ENOMEM);
}

static s32 set_owner(s32 kind, s32 id)
{
	put(PLACE, &(struct f_owner_ex){ kind, id }, sizeof(struct f_owner_ex));
	return control(file, F_SETOWN_EX, PLACE);
}

static bool owner_is(s32 kind, s32 id)
{
	struct f_owner_ex owner;

	EXPECT_EQ(control(file, F_GETOWN_EX, PLACE), 0);
	get(&owner, PLACE, sizeof(owner));
	return owner.type == kind && owner.pid == id;
}

static void owners_of_kinds(void)
{
	files();
	EXPECT(owner_is(F_OWNER_TID, 0));
	EXPECT_EQ(control(file, F_SETOWN, 0), 0);
	EXPECT(owner_is(F_OWNER_PID, 0));
	EXPECT_EQ(set_owner(F_OWNER_TID, 6), 0);
	EXPECT(owner_is(F_OWNER_TID, 6));
	EXPECT_EQ(control(file, F_GETOWN, 0), 6);
	EXPECT_EQ(set_owner(F_OWNER_PID, 6), 0);
	EXPECT(owner_is(F_OWNER_PID, 0));
	EXPECT_EQ(set_owner(F_OWNER_PGRP, 30), 0);
	EXPECT(owner_is(F_OWNER_PGRP, 30));
	EXPECT_EQ(control(file, F_GETOWN, 0), -30);
	EXPECT_EQ(set_owner(F_OWNER_PGRP + 1, 5), -EINVAL);
	EXPECT_EQ(set_owner(F_OWNER_PGRP + 1, -1), -EINVAL);
	EXPECT_EQ(set_owner(-1, 5), -EINVAL);
	EXPECT_EQ(set_owner(F_OWNER_PGRP, -1), -ESRCH);
	EXPECT_EQ(set_owner(F_OWNER_TID, 7), -ESRCH);
	EXPECT(owner_is(F_OWNER_PGRP, 30));
	EXPECT_EQ(control(file, F_SETOWN_EX, NOWHERE), -EFAULT);
	EXPECT_EQ(control(file, F_GETOWN_EX, NOWHERE), -EFAULT);
	EXPECT_EQ(set_owner(F_OWNER_TID, 0), 0);
	EXPECT(owner_is(F_OWNER_TID, 0));
}

static void users_and_signals_of_owners(void)
{
	files();
	memset(user_bytes, 0xff, 64);
	EXPECT_EQ(control(file, F_GETOWNER_UIDS, PLACE), 0);
	EXPECT(!word_at(PLACE) && !word_at(PLACE + 4) && word_at(PLACE + 8) == UINT32_MAX);
	EXPECT_EQ(control(file, F_GETSIG, 0), 0);
	EXPECT_EQ(control(file, F_SETSIG, NR_SIGNALS), 0);
	EXPECT_EQ(control(file, F_GETSIG, 0), NR_SIGNALS);
	EXPECT_EQ(control(file, F_SETSIG, NR_SIGNALS + 1), -EINVAL);
	EXPECT_EQ(control(file, F_SETSIG, UINT32_MAX), -EINVAL);
	EXPECT_EQ(control(file, F_SETSIG, 0), 0);
	EXPECT_EQ(control(file, F_GETSIG, 0), 0);
	/* Each change of the owner notes the users of the process anew. */
	EXPECT_EQ(control(file, F_SETOWN, 5), 0);
	host_fsuid = 9;
	EXPECT_EQ(control(file, F_SETOWN, 8), 0);
	host_fsuid = 0;
	EXPECT_EQ(control(file, F_GETOWNER_UIDS, PLACE), 0);
	EXPECT(word_at(PLACE) == 9 && word_at(PLACE + 4) == 9);
	file_at(file)->owner->real = 11;
	file_at(file)->owner->effective = 12;
	EXPECT_EQ(control(file, F_GETOWNER_UIDS, PLACE), 0);
	EXPECT(word_at(PLACE) == 11 && word_at(PLACE + 4) == 12);
	EXPECT_EQ(control(file, F_GETOWNER_UIDS, NOWHERE), -EFAULT);
	fail(1);
	EXPECT_EQ(control(blank, F_SETSIG, 1), -ENOMEM);
	EXPECT_EQ(control(blank, F_SETSIG, NR_SIGNALS + 1), -EINVAL);
}

/* ---- What others implement ---- */

static void locks(void)
{
	struct flock narrow = { .type = LOCK_WRITE, .whence = SEEK_SET, .length = 3 };
	struct flock64 wide = { .type = LOCK_WRITE, .whence = SEEK_SET, .length = 3 };

	files();
	put(PLACE, &narrow, sizeof(narrow));
	EXPECT_EQ(control(file, F_SETLK, PLACE), 0);
	EXPECT_EQ(control(file, F_SETLKW, PLACE), 0);
	put(PLACE, &wide, sizeof(wide));
	EXPECT_EQ(control(file, F_OFD_SETLK, PLACE), -EAGAIN);
	EXPECT_EQ(control(file, F_OFD_SETLKW, PLACE), -ERESTARTSYS);
	EXPECT_EQ(control(file, F_OFD_GETLK, PLACE), 0);
	get(&wide, PLACE, sizeof(wide));
	EXPECT(wide.type == LOCK_WRITE && wide.pid == 5 && wide.length == 3);
	EXPECT_EQ(control(file, F_GETLK, NOWHERE), -EFAULT);
	wide.pid = 0;
	wide.type = LOCK_NONE;
	put(PLACE, &wide, sizeof(wide));
	EXPECT_EQ(control(file, F_SETLK64, PLACE), 0);
	EXPECT_EQ(control(file, F_SETLKW64, PLACE), 0);
	EXPECT_EQ(control(file, F_GETLK64, PLACE), -EINVAL);
	EXPECT_EQ(control(file, F_OFD_SETLK, PLACE), 0);
	put(PLACE, &narrow, sizeof(narrow));
	EXPECT_EQ(control(file, F_GETLK, PLACE), 0);
	EXPECT_EQ(control(blank, F_GETLK, PLACE), -EINVAL);
}

static void pipes_seals_and_leases(void)
{
	files();
	EXPECT_EQ(control(ends[1], F_GETPIPE_SZ, 0), 16 * PAGE_SIZE);
	EXPECT_EQ(control(ends[1], F_SETPIPE_SZ, 1), PAGE_SIZE);
	EXPECT_EQ(control(ends[0], F_GETPIPE_SZ, 0), PAGE_SIZE);
	EXPECT_EQ(control(file, F_GETPIPE_SZ, 0), -EBADF);
	EXPECT_EQ(control(file, F_SETPIPE_SZ, 1), -EBADF);
	file_at(file)->inode->seals = 0;
	EXPECT_EQ(control(file, F_ADD_SEALS, F_SEAL_GROW), 0);
	EXPECT_EQ(control(file, F_GET_SEALS, 0), F_SEAL_GROW);
	EXPECT_EQ(control(blank, F_GET_SEALS, 0), -EINVAL);
	EXPECT_EQ(control(file, F_GETLEASE, 0), LOCK_NONE);
	EXPECT_EQ(control(file, F_SETLEASE, LOCK_NONE + 1), -EINVAL);
	EXPECT_EQ(control(file, F_SETLEASE, UINT32_MAX), -EINVAL);
	EXPECT_EQ(control(file, F_SETLEASE, LOCK_NONE), -EAGAIN);
	EXPECT_EQ(control(blank, F_SETLEASE, LOCK_NONE), -EINVAL);
	EXPECT_EQ(control(blank, F_GETLEASE, 0), LOCK_NONE);
	file_at(file)->inode->opens = 1;
	EXPECT_EQ(control(file, F_SETLEASE, LOCK_WRITE), 0);
	EXPECT_EQ(control(file, F_GETLEASE, 0), LOCK_WRITE);
	EXPECT_EQ(file_at(file)->owner->fd, file);
	EXPECT_EQ(control(file, F_SETLEASE, LOCK_NONE), 0);
}

TAP_MAIN({ "duplicates", duplicates }, { "flags of descriptors", descriptor_flags },
	 { "flags of files", status_flags }, { "O_NOATIME", without_access_times },
	 { "O_ASYNC", signals_of_files }, { "owners", owners },
	 { "owners of each kind", owners_of_kinds },
	 { "users and signals of owners", users_and_signals_of_owners }, { "locks", locks },
	 { "pipes, seals and leases", pipes_seals_and_leases })
