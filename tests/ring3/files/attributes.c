/* SPDX-License-Identifier: MIT */
/*
 * Changing what files are: rights, owners and times, by each of the calls for it, and access(),
 * with every kind of wrong argument. The program begins as the super-user.
 */
#include "abi/linux/time.h"
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/process.h"

#define BAD	16
#define CWD	AT_FDCWD
#define NO_FD	999
#define NEW	(O_RDWR | O_CREAT | O_EXCL)
#define NOT_SET (~0u)

#define NR_fchmodat2 452
#define UTIME_NOW    0x3fffffff
#define UTIME_OMIT   0x3ffffffe

static struct text path, link, missing;
static int fd;
static struct stat64 now;

static long call(int number, long a, long b, long c, long d)
{
	return system_call(number, a, b, c, d, 0, 0);
}

static long call5(int number, long a, long b, long c, long d, long e)
{
	return system_call(number, a, b, c, d, e, 0);
}

/* A file, open as `fd`, and a symbolic link to it. */
static void begin(void)
{
	file_name(&path, ".file");
	file_name(&link, ".link");
	file_name(&missing, ".none");
	fd = (int)sys_open_mode(path.data, NEW, 0600);
	if (fd < 0 || sys_symlink(path.data, link.data))
		tap_bail_out("a new file under /tmp was refused");
}

static void finish(void)
{
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_unlink(link.data), 0);
	EXPECT_EQ(sys_unlink(path.data), 0);
}

static void look(void)
{
	EXPECT_EQ(sys_fstat64(fd, &now), 0);
}

static void expect_mode(u32 mode)
{
	look();
	EXPECT_EQ(now.mode, S_IFREG | mode);
}

static void modes(void)
{
	begin();
	EXPECT_EQ(call(NR_chmod, (long)path.data, 0641, 0, 0), 0);
	expect_mode(0641);
	EXPECT_EQ(call(NR_fchmod, fd, 0170000 | 07700, 0, 0),
		  0); /* bits of the type do not count */
	expect_mode(07700);
	EXPECT_EQ(call(NR_fchmodat, CWD, (long)link.data, 0604, 0xffff), 0);
	expect_mode(0604);
	EXPECT_EQ(call(NR_fchmodat2, CWD, (long)link.data, 0605, 0), 0);
	expect_mode(0605);
	EXPECT_EQ(call(NR_fchmodat2, CWD, (long)link.data, 0606, AT_SYMLINK_NOFOLLOW), -EOPNOTSUPP);
	EXPECT_EQ(call(NR_fchmodat2, CWD, (long)path.data, 0606, AT_SYMLINK_NOFOLLOW), 0);
	expect_mode(0606);
	EXPECT_EQ(call(NR_fchmodat2, fd, (long)"", 0607, AT_EMPTY_PATH), 0);
	expect_mode(0607);
	EXPECT_EQ(call(NR_fchmodat2, fd, (long)"", 0601, 0), -ENOENT);
	EXPECT_EQ(call(NR_fchmodat2, CWD, (long)path.data, 0601, AT_SYMLINK_FOLLOW), -EINVAL);
	EXPECT_EQ(call(NR_fchmodat2, CWD, (long)path.data, 0601, AT_EACCESS), -EINVAL);
	EXPECT_EQ(call(NR_chmod, (long)missing.data, 0601, 0, 0), -ENOENT);
	EXPECT_EQ(call(NR_chmod, BAD, 0601, 0, 0), -EFAULT);
	EXPECT_EQ(call(NR_fchmodat, NO_FD, (long)"x", 0601, 0), -EBADF);
	EXPECT_EQ(call(NR_fchmodat, fd, (long)"x", 0601, 0), -ENOTDIR);
	EXPECT_EQ(call(NR_fchmod, NO_FD, 0601, 0, 0), -EBADF);
	expect_mode(0607);
	finish();
}

static void expect_owner(u32 user, u32 group)
{
	look();
	EXPECT_EQ(now.uid, user);
	EXPECT_EQ(now.gid, group);
}

/* Of the link itself. */
static void expect_link_owner(u32 user, u32 group)
{
	struct stat64 stat;

	EXPECT_EQ(sys_lstat64(link.data, &stat), 0);
	EXPECT_EQ(stat.uid, user);
	EXPECT_EQ(stat.gid, group);
}

/* IDs of 16 bits, with bits above that do not count; all ones leave an ID as it is. */
static void narrow_owners(void)
{
	begin();
	EXPECT_EQ(call(NR_chown, (long)link.data, 0x70011, 0x70012, 0), 0);
	expect_owner(0x11, 0x12);
	expect_link_owner(0, 0);
	EXPECT_EQ(call(NR_lchown, (long)link.data, 0x70013, 0x70014, 0), 0);
	expect_owner(0x11, 0x12);
	expect_link_owner(0x13, 0x14);
	EXPECT_EQ(call(NR_fchown, fd, 0x70015, 0x7ffff, 0), 0);
	expect_owner(0x15, 0x12);
	EXPECT_EQ(call(NR_fchown, fd, 0xffff, 0xfffe, 0), 0);
	expect_owner(0x15, 0xfffe);
	EXPECT_EQ(call(NR_chown, (long)missing.data, 1, 1, 0), -ENOENT);
	EXPECT_EQ(call(NR_lchown, BAD, 1, 1, 0), -EFAULT);
	EXPECT_EQ(call(NR_fchown, NO_FD, 1, 1, 0), -EBADF);
	finish();
}

static void wide_owners(void)
{
	begin();
	EXPECT_EQ(call(NR_chown32, (long)link.data, 70011, 70012, 0), 0);
	expect_owner(70011, 70012);
	EXPECT_EQ(call(NR_lchown32, (long)link.data, 70013, 70014, 0), 0);
	expect_owner(70011, 70012);
	expect_link_owner(70013, 70014);
	EXPECT_EQ(call(NR_fchown32, fd, -1, 70015, 0), 0);
	expect_owner(70011, 70015);
	EXPECT_EQ(call(NR_fchown32, fd, 70016, -1, 0), 0);
	expect_owner(70016, 70015);
	EXPECT_EQ(call5(NR_fchownat, CWD, (long)link.data, 21, 22, 0), 0);
	expect_owner(21, 22);
	EXPECT_EQ(call5(NR_fchownat, CWD, (long)link.data, 23, 24, AT_SYMLINK_NOFOLLOW), 0);
	expect_owner(21, 22);
	expect_link_owner(23, 24);
	EXPECT_EQ(call5(NR_fchownat, fd, (long)"", 25, 26, AT_EMPTY_PATH), 0);
	expect_owner(25, 26);
	EXPECT_EQ(call5(NR_fchownat, fd, (long)"", 27, 28, 0), -ENOENT);
	EXPECT_EQ(call5(NR_fchownat, CWD, (long)link.data, 27, 28, AT_SYMLINK_FOLLOW), -EINVAL);
	EXPECT_EQ(call5(NR_fchownat, NO_FD, (long)"x", 27, 28, 0), -EBADF);
	expect_owner(25, 26);
	finish();
}

/* ---- Times ---- */

/* What a time is now, in seconds and nanoseconds; NOT_SET: it is today's. */
static void expect_times(u32 access, u32 access_rest, u32 modify, u32 modify_rest)
{
	look();
	if (access != NOT_SET)
		EXPECT(now.times[0] == access && now.times[1] == access_rest);
	else
		EXPECT(now.times[0] > 1000000000);
	if (modify != NOT_SET)
		EXPECT(now.times[2] == modify && now.times[3] == modify_rest);
	else
		EXPECT(now.times[2] > 1000000000);
}

static void in_seconds(void)
{
	static const s32 seconds[] = { 111, 222 };

	begin();
	EXPECT_EQ(call(NR_utime, (long)link.data, (long)seconds, 0, 0), 0);
	expect_times(111, 0, 222, 0);
	EXPECT_EQ(call(NR_utime, (long)path.data, 0, 0, 0), 0);
	expect_times(NOT_SET, 0, NOT_SET, 0);
	EXPECT_EQ(call(NR_utime, (long)path.data, BAD, 0, 0), -EFAULT);
	EXPECT_EQ(call(NR_utime, (long)missing.data, (long)seconds, 0, 0), -ENOENT);
	finish();
}

static void in_microseconds(void)
{
	static const s32 times[] = { 333, 5, 444, 999999 }, late[] = { 1, 1, 1, 1000000 },
			 early[] = { 1, -1, 1, 1 };

	begin();
	EXPECT_EQ(call(NR_utimes, (long)link.data, (long)times, 0, 0), 0);
	expect_times(333, 5000, 444, 999999000);
	EXPECT_EQ(call(NR_utimes, (long)path.data, (long)late, 0, 0), -EINVAL);
	EXPECT_EQ(call(NR_utimes, (long)path.data, (long)early, 0, 0), -EINVAL);
	EXPECT_EQ(call(NR_utimes, (long)path.data, BAD, 0, 0), -EFAULT);
	EXPECT_EQ(call(NR_utimes, (long)missing.data, (long)times, 0, 0), -ENOENT);
	expect_times(333, 5000, 444, 999999000);
	EXPECT_EQ(call(NR_utimes, (long)path.data, 0, 0, 0), 0);
	expect_times(NOT_SET, 0, NOT_SET, 0);
	EXPECT_EQ(call(NR_futimesat, CWD, (long)path.data, (long)times, 0), 0);
	expect_times(333, 5000, 444, 999999000);
	EXPECT_EQ(call(NR_futimesat, fd, 0, 0, 0), 0); /* the descriptor's own file */
	expect_times(NOT_SET, 0, NOT_SET, 0);
	EXPECT_EQ(call(NR_futimesat, NO_FD, 0, 0, 0), -EBADF);
	EXPECT_EQ(call(NR_futimesat, CWD, 0, 0, 0), -EFAULT);
	EXPECT_EQ(call(NR_futimesat, fd, (long)path.data, (long)late, 0), -EINVAL);
	finish();
}

static long narrow(int directory, const char *name, const struct timespec *times, int flags)
{
	return call(NR_utimensat, directory, (long)name, (long)times, flags);
}

static void in_nanoseconds(void)
{
	static const struct timespec both[] = { { 555, 6 }, { 666, 999999999 } },
				     access[] = { { 777, 7 }, { 1, UTIME_OMIT } },
				     modify[] = { { 1, UTIME_OMIT }, { 888, 8 } },
				     none[] = { { 1, UTIME_OMIT }, { 1, UTIME_OMIT } },
				     today[] = { { 1, UTIME_NOW }, { 999, 9 } },
				     late[] = { { 1, 1000000000 }, { 1, 1 } },
				     later[] = { { 1, 1 }, { 1, 1000000000 } },
				     early[] = { { 1, 1 }, { 1, -1 } };

	begin();
	EXPECT_EQ(narrow(CWD, link.data, both, 0), 0);
	expect_times(555, 6, 666, 999999999);
	EXPECT_EQ(narrow(CWD, path.data, access, 0), 0);
	expect_times(777, 7, 666, 999999999);
	EXPECT_EQ(narrow(CWD, path.data, modify, 0), 0);
	expect_times(777, 7, 888, 8);
	EXPECT_EQ(narrow(CWD, missing.data, none, 0), 0); /* nothing is looked at */
	EXPECT_EQ(narrow(CWD, missing.data, both, 0), -ENOENT);
	EXPECT_EQ(narrow(CWD, path.data, late, 0), -EINVAL);
	EXPECT_EQ(narrow(CWD, path.data, later, 0), -EINVAL);
	EXPECT_EQ(narrow(CWD, path.data, early, 0), -EINVAL);
	EXPECT_EQ(narrow(CWD, path.data, both, AT_EACCESS), -EINVAL);
	EXPECT_EQ(narrow(CWD, path.data, none, AT_EACCESS), 0);
	EXPECT_EQ(narrow(CWD, path.data, (void *)BAD, 0), -EFAULT);
	expect_times(777, 7, 888, 8);
	EXPECT_EQ(narrow(CWD, path.data, today, 0), 0);
	expect_times(NOT_SET, 0, 999, 9);
	EXPECT_EQ(narrow(CWD, link.data, both, AT_SYMLINK_NOFOLLOW), 0);
	expect_times(NOT_SET, 0, 999, 9);
	EXPECT_EQ(narrow(fd, "", both, AT_EMPTY_PATH), 0);
	expect_times(555, 6, 666, 999999999);
	EXPECT_EQ(narrow(fd, NULL, NULL, 0), 0);
	expect_times(NOT_SET, 0, NOT_SET, 0);
	EXPECT_EQ(narrow(fd, NULL, NULL, AT_SYMLINK_NOFOLLOW), -EINVAL);
	EXPECT_EQ(narrow(NO_FD, NULL, NULL, 0), -EBADF);
	finish();
}

static void in_wide_times(void)
{
	static const struct timespec64 both[] = { { .seconds = 1234, .nanoseconds = 5 },
						  { .seconds = 1235, .nanoseconds = 6 } };
	static const struct timespec64 mixed[] = { { .seconds = 1, .nanoseconds = UTIME_NOW },
						   { .seconds = 1, .nanoseconds = UTIME_OMIT } };

	begin();
	EXPECT_EQ(call(NR_utimensat_time64, CWD, (long)path.data, (long)both, 0), 0);
	expect_times(1234, 5, 1235, 6);
	EXPECT_EQ(call(NR_utimensat_time64, fd, 0, (long)mixed, 0), 0);
	expect_times(NOT_SET, 0, 1235, 6);
	EXPECT_EQ(call(NR_utimensat_time64, CWD, (long)path.data, BAD, 0), -EFAULT);
	finish();
}

/* ---- Rights ---- */

struct access_row {
	u32 mode, rights;
	long result; /* for another user */
};

static const struct access_row access_rows[] = {
	{ 0, 0, 0 },
	{ 04, R_OK, 0 },
	{ 04, W_OK, -EACCES },
	{ 02, W_OK, 0 },
	{ 02, R_OK, -EACCES },
	{ 01, X_OK, 0 },
	{ 06, R_OK | W_OK, 0 },
	{ 06, R_OK | W_OK | X_OK, -EACCES },
	{ 0770, R_OK, -EACCES },
	{ 07, R_OK | W_OK | X_OK, 0 },
	{ 05, R_OK | X_OK, 0 },
	{ 05, W_OK | X_OK, -EACCES },
};

/* access() asks for the real IDs, with AT_EACCESS for the effective ones. */
static void as_another_user(void *unused)
{
	(void)unused;
	for (u32 i = 0; i < ARRAY_SIZE(access_rows); i++) {
		const struct access_row *row = &access_rows[i];

		EXPECT_EQ(call(NR_fchmod, fd, (long)row->mode, 0, 0), 0);
		EXPECT_EQ(call(NR_setresuid32, 1000, 0, 0, 0), 0);
		EXPECT_EQ(call(NR_access, (long)link.data, (long)row->rights, 0, 0), row->result);
		EXPECT_EQ(call(NR_faccessat, CWD, (long)path.data, (long)row->rights, 0),
			  row->result);
		EXPECT_EQ(call(NR_faccessat2, CWD, (long)path.data, (long)row->rights, 0),
			  row->result);
		EXPECT_EQ(call(NR_faccessat2, CWD, (long)path.data, (long)row->rights & ~X_OK,
			       AT_EACCESS),
			  0);
		EXPECT_EQ(call(NR_setresuid32, 0, 0, 0, 0), 0);
	}
	EXPECT_EQ(call(NR_fchmod, fd, 0, 0, 0), 0);
	EXPECT_EQ(call(NR_setresuid32, 0, 1000, 0, 0), 0);
	EXPECT_EQ(call(NR_access, (long)path.data, R_OK | W_OK, 0, 0), 0);
	EXPECT_EQ(call(NR_faccessat2, CWD, (long)path.data, R_OK, AT_EACCESS), -EACCES);
	EXPECT_EQ(call(NR_access, (long)path.data, X_OK, 0, 0), -EACCES); /* nobody may */
}

static void rights(void)
{
	begin();
	EXPECT_EQ(call(NR_fchown32, fd, -1, 50, 0), 0);
	EXPECT_CHILD(as_another_user, NULL, EXITED(0));
	EXPECT_EQ(call(NR_access, (long)path.data, 8, 0, 0), -EINVAL);
	EXPECT_EQ(call(NR_access, (long)path.data, -1, 0, 0), -EINVAL);
	EXPECT_EQ(call(NR_access, (long)missing.data, 0, 0, 0), -ENOENT);
	EXPECT_EQ(call(NR_access, BAD, 0, 0, 0), -EFAULT);
	EXPECT_EQ(call(NR_faccessat, NO_FD, (long)"x", 0, 0), -EBADF);
	EXPECT_EQ(call(NR_faccessat2, CWD, (long)path.data, 0, AT_SYMLINK_FOLLOW), -EINVAL);
	EXPECT_EQ(call(NR_faccessat2, fd, (long)"", 0, AT_EMPTY_PATH), 0);
	EXPECT_EQ(call(NR_faccessat2, fd, (long)"", 0, 0), -ENOENT);
	EXPECT_EQ(sys_unlink(path.data), 0);
	EXPECT_EQ(call(NR_faccessat2, CWD, (long)link.data, 0, AT_SYMLINK_NOFOLLOW), 0);
	EXPECT_EQ(call(NR_faccessat2, CWD, (long)link.data, 0, 0), -ENOENT);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_unlink(link.data), 0);
}

static const struct tap_case cases[] = {
	{ "modes", modes },
	{ "owners of 16 bits", narrow_owners },
	{ "owners of 32 bits", wide_owners },
	{ "times in seconds", in_seconds },
	{ "times in microseconds", in_microseconds },
	{ "times in nanoseconds", in_nanoseconds },
	{ "times of 64 bits", in_wide_times },
	{ "rights of real and effective users", rights },
};

int main(void);
int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
