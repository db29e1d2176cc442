/* SPDX-License-Identifier: MIT */
/*
 * Calls on files that few programs make: older forms, extended attributes that no file here has,
 * handles, and writing back; and what each refuses.
 */
#include "abi/linux/poll.h"
#include "abi/linux/time.h"
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"

#define BAD   16
#define USER  65534
#define CWD   AT_FDCWD
#define NO_FD 999
#define NEW   (O_RDWR | O_CREAT | O_EXCL)

static struct text path, missing;
static u8 buffer[66000];
static int fd;

static long call(int number, long a, long b, long c, long d, long e)
{
	return system_call(number, a, b, c, d, e, 0);
}

static void begin(void)
{
	file_name(&path, ".file");
	file_name(&missing, ".none");
	fd = (int)sys_open_mode(path.data, NEW, 0600);
	if (fd < 0)
		tap_bail_out("a new file under /tmp was refused");
}

static void finish(void)
{
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_unlink(path.data), 0);
}

/* ---- Extended attributes ---- */

/* The calls by path, by path without following, by descriptor. */
struct xattr_calls {
	int set, get, list, remove;
};

static const struct xattr_calls xattr_calls[] = {
	{ NR_setxattr, NR_getxattr, NR_listxattr, NR_removexattr },
	{ NR_lsetxattr, NR_lgetxattr, NR_llistxattr, NR_lremovexattr },
	{ NR_fsetxattr, NR_fgetxattr, NR_flistxattr, NR_fremovexattr },
};

/* No name has this prefix. */
#define NAME ((long)"nonsense.name")

static void refused_names(const struct xattr_calls *calls, long file)
{
	static char long_name[257];

	memset(long_name, 'n', sizeof(long_name) - 1);
	EXPECT_EQ(call(calls->set, file, (long)long_name, (long)buffer, 1, 0), -ERANGE);
	EXPECT_EQ(call(calls->get, file, (long)long_name, (long)buffer, 1, 0), -ERANGE);
	EXPECT_EQ(call(calls->remove, file, (long)long_name, 0, 0, 0), -ERANGE);
	EXPECT_EQ(call(calls->get, file, (long)(long_name + 1), (long)buffer, 1, 0), -EOPNOTSUPP);
	EXPECT_EQ(call(calls->set, file, (long)"", (long)buffer, 1, 0), -ERANGE);
	EXPECT_EQ(call(calls->get, file, (long)"", (long)buffer, 1, 0), -ERANGE);
	EXPECT_EQ(call(calls->remove, file, (long)"", 0, 0, 0), -ERANGE);
	EXPECT_EQ(call(calls->set, file, BAD, (long)buffer, 1, 0), -EFAULT);
	EXPECT_EQ(call(calls->get, file, BAD, (long)buffer, 1, 0), -EFAULT);
	EXPECT_EQ(call(calls->remove, file, BAD, 0, 0, 0), -EFAULT);
}

static void refused_values(const struct xattr_calls *calls, long file)
{
	EXPECT_EQ(call(calls->set, file, NAME, (long)buffer, 10, 0), -EOPNOTSUPP);
	EXPECT_EQ(call(calls->set, file, NAME, (long)buffer, 10, 3), -EOPNOTSUPP);
	EXPECT_EQ(call(calls->set, file, NAME, (long)buffer, 10, 4), -EINVAL);
	EXPECT_EQ(call(calls->set, file, NAME, (long)buffer, 65536, 0), -EOPNOTSUPP);
	EXPECT_EQ(call(calls->set, file, NAME, (long)buffer, 65537, 0), -E2BIG);
	EXPECT_EQ(call(calls->set, file, NAME, BAD, 10, 0), -EFAULT);
	EXPECT_EQ(call(calls->set, file, NAME, BAD, 0, 0), -EOPNOTSUPP);
	EXPECT_EQ(call(calls->get, file, NAME, (long)buffer, 10, 0), -EOPNOTSUPP);
	EXPECT_EQ(call(calls->remove, file, NAME, 0, 0, 0), -EOPNOTSUPP);
	EXPECT_EQ(call(calls->list, file, (long)buffer, 10, 0, 0), 0);
}

/* Without such a file the result is `error`. */
static void refused_files(const struct xattr_calls *calls, long file, long error)
{
	EXPECT_EQ(call(calls->set, file, NAME, (long)buffer, 10, 0), error);
	EXPECT_EQ(call(calls->get, file, NAME, (long)buffer, 10, 0), error);
	EXPECT_EQ(call(calls->remove, file, NAME, 0, 0, 0), error);
	EXPECT_EQ(call(calls->list, file, (long)buffer, 10, 0, 0), error);
}

static void extended_attributes(void)
{
	begin();
	for (u32 i = 0; i < ARRAY_SIZE(xattr_calls); i++) {
		long file = i < 2 ? (long)path.data : fd;

		refused_names(&xattr_calls[i], file);
		refused_values(&xattr_calls[i], file);
		refused_files(&xattr_calls[i], i < 2 ? (long)missing.data : NO_FD,
			      i < 2 ? -ENOENT : -EBADF);
		if (i < 2)
			refused_files(&xattr_calls[i], BAD, -EFAULT);
	}
	/* A link without a target: only what follows it does not find it. */
	EXPECT_EQ(sys_symlink("/no/such/file", missing.data), 0);
	refused_files(&xattr_calls[0], (long)missing.data, -ENOENT);
	EXPECT_EQ(call(NR_llistxattr, (long)missing.data, (long)buffer, 10, 0, 0), 0);
	EXPECT_EQ(call(NR_lgetxattr, (long)missing.data, NAME, (long)buffer, 10, 0), -EOPNOTSUPP);
	EXPECT_EQ(sys_unlink(missing.data), 0);
	finish();
}

static void handles(void)
{
	u32 handle[40] = { 128, 0 };
	int mount;

	begin();
	EXPECT_EQ(call(NR_name_to_handle_at, CWD, (long)path.data, (long)handle, (long)&mount, 8),
		  -EINVAL);
	EXPECT_EQ(
		call(NR_name_to_handle_at, CWD, (long)missing.data, (long)handle, (long)&mount, 0),
		-ENOENT);
	EXPECT_EQ(
		call(NR_name_to_handle_at, CWD, BAD, (long)handle, (long)&mount, AT_SYMLINK_FOLLOW),
		-EFAULT);
	EXPECT_EQ(call(NR_name_to_handle_at, NO_FD, (long)"x", (long)handle, (long)&mount, 0),
		  -EBADF);
	EXPECT_EQ(call(NR_name_to_handle_at, CWD, (long)"", (long)handle, (long)&mount, 0),
		  -ENOENT);
	finish();
}

/* ---- Folders by the older call ---- */

struct entry {
	u32 ino, offset;
	u16 bytes;
	char name[];
};

/* Counts the entries of the folder by reads of this size, with their types in their last byte. */
static u32 count_entries(int folder, u32 size, u32 types[16])
{
	u32 count = 0;
	long got;

	memset(types, 0, 16 * sizeof(*types));
	EXPECT_EQ(sys_lseek(folder, 0, 0), 0);
	while ((got = call(NR_getdents, folder, (long)buffer, (long)size, 0, 0)) > 0) {
		for (long at = 0; at < got; count++) {
			const struct entry *entry = (const void *)(buffer + at);
			u8 type = buffer[at + entry->bytes - 1];

			EXPECT(entry->ino && entry->bytes % 4 == 0 && type < 16);
			EXPECT(10 + strlen(entry->name) + 2 <= entry->bytes);
			types[type & 15]++;
			at += entry->bytes;
		}
	}
	EXPECT_EQ(got, 0);
	return count;
}

static void folders(void)
{
	static const char *const names[] = { "a", "bcd", "a-name-of-some-length" };
	struct text folder;
	u32 types[16];
	int at;

	begin();
	file_name(&folder, ".folder");
	EXPECT_EQ(sys_mkdir(folder.data, 0700), 0);
	at = (int)sys_open(folder.data, O_RDONLY);
	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		EXPECT_EQ(
			call(NR_mknodat, at, (long)names[i], i == 1 ? S_IFIFO | 0600 : 0600, 0, 0),
			0);
	EXPECT_EQ(call(NR_symlinkat, (long)"target", at, (long)"link", 0, 0), 0);
	EXPECT_EQ(count_entries(at, sizeof(buffer), types), 6);
	EXPECT(types[4] == 2 && types[8] == 2 && types[1] == 1 && types[10] == 1);
	EXPECT_EQ(count_entries(at, 40, types), 6);
	EXPECT(types[4] == 2 && types[8] == 2 && types[1] == 1 && types[10] == 1);
	EXPECT_EQ(sys_lseek(at, 0, 0), 0);
	EXPECT_EQ(call(NR_getdents, at, (long)buffer, 8, 0, 0), -EINVAL);
	EXPECT_EQ(call(NR_getdents, at, BAD, 1000, 0, 0), -EFAULT);
	EXPECT_EQ(call(NR_getdents, fd, (long)buffer, 1000, 0, 0), -ENOTDIR);
	EXPECT_EQ(call(NR_getdents, NO_FD, (long)buffer, 1000, 0, 0), -EBADF);
	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		EXPECT_EQ(sys_unlinkat(at, names[i], 0), 0);
	EXPECT_EQ(sys_unlinkat(at, "link", 0), 0);
	EXPECT_EQ(sys_close(at), 0);
	EXPECT_EQ(sys_rmdir(folder.data), 0);
	finish();
}

/* ---- Writing back, and sizes ---- */

static long range(int file, u64 start, u64 bytes, u32 flags)
{
	return system_call(NR_sync_file_range, file, (long)(u32)start, (long)(start >> 32),
			   (long)(u32)bytes, (long)(bytes >> 32), (long)flags);
}

static void writing_back(void)
{
	int fds[2];

	begin();
	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(call(NR_syncfs, fd, 0, 0, 0, 0), 0);
	EXPECT_EQ(call(NR_syncfs, NO_FD, 0, 0, 0, 0), -EBADF);
	EXPECT_EQ(call(NR_fsync, fd, 0, 0, 0, 0), 0);
	EXPECT_EQ(call(NR_fsync, fds[0], 0, 0, 0, 0), -EINVAL);
	EXPECT_EQ(call(NR_fdatasync, NO_FD, 0, 0, 0, 0), -EBADF);
	EXPECT_EQ(range(fd, 0, 0, 0), 0);
	EXPECT_EQ(range(fd, 0, 100, 7), 0);
	EXPECT_EQ(range(fd, 0, 100, 8), -EINVAL);
	EXPECT_EQ(range(fd, 1ull << 63, 0, 0), -EINVAL);
	EXPECT_EQ(range(fd, 0, 1ull << 63, 0), -EINVAL);
	EXPECT_EQ(range(fd, INT64_MAX, 1, 0), -EINVAL);
	EXPECT_EQ(range(fd, INT64_MAX - 4096, 4096, 0), 0);
	EXPECT_EQ(range(NO_FD, 0, 0, 0), -EBADF);
	EXPECT_EQ(range(fds[0], 0, 0, 0), -ESPIPE);
	EXPECT_EQ(sys_close(fds[0]), 0);
	EXPECT_EQ(sys_close(fds[1]), 0);
	finish();
}

/* What an object without a name answers to a process that is not root. */
static void of_a_user(void *argument)
{
	int event = (int)call(NR_eventfd2, 1, 0, 0, 0, 0), fds[2];
	const struct timespec times[2] = { { 1, 2 }, { 3, 4 } }, wrong[2] = { { 1, -1 }, { 3, 4 } };

	system_call(NR_setresuid32, USER, USER, USER, 0, 0, 0); /* if it may */
	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(range(event, 0, 0, 0), -ESPIPE);
	EXPECT_EQ(range((int)argument, 0, 0, 0), 0);
	EXPECT_EQ(sys_fallocate(event, 0, 0, 8), -ENODEV);
	EXPECT_EQ(sys_fallocate(fds[1], 0, 0, 8), -ESPIPE);
	EXPECT_EQ(call(NR_utimensat, fds[0], 0, (long)times, 0, 0), 0);
	EXPECT_EQ(call(NR_utimensat, fds[0], 0, (long)wrong, 0, 0), -EINVAL);
	EXPECT_EQ(call(NR_utimensat, event, 0, 0, 0, 0), -EACCES);
	/* The rights come before the name, which no file system knows. */
	EXPECT_EQ(call(NR_fremovexattr, event, NAME, 0, 0, 0), -EACCES);
	EXPECT_EQ(call(NR_fgetxattr, event, NAME, (long)buffer, 8, 0), -EACCES);
	EXPECT_EQ(call(NR_fsetxattr, fds[0], NAME, (long)buffer, 8, 0), -EOPNOTSUPP);
	EXPECT_EQ(call(NR_setxattr, (long)"/proc", NAME, (long)buffer, 8, 0), -EACCES);
	EXPECT_EQ(call(NR_getxattr, (long)"/dev/null", NAME, (long)buffer, 8, 0), -EOPNOTSUPP);
	EXPECT_EQ(call(NR_removexattr, (long)"/proc", NAME, 0, 0, 0), -EACCES);
	/* Those of users are for files and folders, and in a sticky folder for its owner. */
	EXPECT_EQ(call(NR_setxattr, (long)"/dev/null", (long)"user.x", (long)buffer, 8, 0), -EPERM);
	EXPECT_EQ(call(NR_getxattr, (long)"/dev/null", (long)"user.x", (long)buffer, 8, 0),
		  -ENODATA);
	EXPECT_EQ(call(NR_fsetxattr, fds[0], (long)"user.x", (long)buffer, 8, 0), -EPERM);
	EXPECT_EQ(call(NR_fgetxattr, fds[0], (long)"user.x", (long)buffer, 8, 0), -ENODATA);
	EXPECT_EQ(call(NR_setxattr, (long)"/tmp", (long)"user.x", (long)buffer, 8, 0), -EPERM);
	EXPECT_EQ(call(NR_setxattr, (long)"/proc", (long)"user.x", (long)buffer, 8, 0), -EACCES);
	/* Names of root's. */
	EXPECT_EQ(call(NR_fgetxattr, fds[0], (long)"trusted.x", (long)buffer, 8, 0), -ENODATA);
	EXPECT_EQ(call(NR_setxattr, (long)"/proc", (long)"trusted.x", (long)buffer, 8, 0), -EPERM);
	EXPECT_EQ(call(NR_fsetxattr, fds[0], (long)"security.x", (long)buffer, 8, 0), -EPERM);
	EXPECT_EQ(call(NR_fremovexattr, fds[0], (long)"trusted.x", 0, 0, 0), -EPERM);
}

static void without_rights(void)
{
	begin();
	EXPECT_CHILD(of_a_user, (void *)fd, EXITED(0));
	finish();
}

static void sizes(void)
{
	begin();
	EXPECT_EQ(call(NR_truncate64, (long)path.data, 5, 1, 0, 0), 0);
	EXPECT_EQ(call(NR_truncate64, (long)path.data, 5000, 0, 0, 0), 0);
	EXPECT_EQ(file_size(fd), 5000);
	EXPECT_EQ(call(NR_truncate64, (long)path.data, 0, -1, 0, 0), -EINVAL);
	EXPECT_EQ(call(NR_truncate64, (long)missing.data, 0, 0, 0, 0), -ENOENT);
	EXPECT_EQ(call(NR_truncate64, (long)"/tmp", 0, 0, 0, 0), -EISDIR);
	EXPECT_EQ(file_size(fd), 5000);
	finish();
}

/* ---- Waiting, by the older forms and with a mask ---- */

static void older_select(void)
{
	struct timeval none = { 0, 0 };
	u32 in = 0, out = 0;
	long words[5] = { 0, (long)&in, (long)&out, 0, (long)&none };
	int fds[2];

	EXPECT_EQ(sys_pipe(fds), 0);
	words[0] = fds[1] + 1;
	in = 1u << fds[0];
	out = 1u << fds[1];
	EXPECT_EQ(call(NR_select, (long)words, 0, 0, 0, 0), 1);
	EXPECT(!in && out == 1u << fds[1]);
	EXPECT_EQ(sys_write(fds[1], "x", 1), 1);
	in = 1u << fds[0];
	EXPECT_EQ(call(NR_select, (long)words, 0, 0, 0, 0), 2);
	EXPECT(in == 1u << fds[0] && out == 1u << fds[1]);
	EXPECT_EQ(call(NR_select, BAD, 0, 0, 0, 0), -EFAULT);
	words[0] = -1;
	EXPECT_EQ(call(NR_select, (long)words, 0, 0, 0, 0), -EINVAL);
	EXPECT_EQ(sys_close(fds[0]), 0);
	EXPECT_EQ(sys_close(fds[1]), 0);
}

struct event {
	u32 events;
	u64 data;
} __packed;

/* epoll on the older eventfd, which has no flags. */
static void masked_epoll(void)
{
	static const struct timespec64 none = { .seconds = 0 },
				       late = { .nanoseconds = 1000000000 };
	struct event event = { .events = 1, .data = 77 }, got = { 0 };
	u64 value = 0, mask = 0;
	int counter = (int)call(NR_eventfd, 3, 0, 0, 0, 0);
	int epoll = (int)call(NR_epoll_create1, 0, 0, 0, 0, 0);

	EXPECT(counter >= 0 && epoll >= 0);
	EXPECT_EQ(sys_read(counter, &value, 8), 8);
	EXPECT_EQ(value, 3);
	EXPECT_EQ(call(NR_epoll_ctl, epoll, 1, counter, (long)&event, 0), 0);
	EXPECT_EQ(system_call(NR_epoll_pwait, epoll, (long)&got, 1, 0, (long)&mask, 8), 0);
	EXPECT_EQ(system_call(NR_epoll_pwait2, epoll, (long)&got, 1, (long)&none, 0, 0), 0);
	value = 9;
	EXPECT_EQ(sys_write(counter, &value, 8), 8);
	EXPECT_EQ(system_call(NR_epoll_pwait, epoll, (long)&got, 1, -1, (long)&mask, 8), 1);
	EXPECT(got.events == 1 && got.data == 77);
	EXPECT_EQ(system_call(NR_epoll_pwait2, epoll, (long)&got, 1, 0, (long)&mask, 8), 1);
	EXPECT_EQ(system_call(NR_epoll_pwait, epoll, (long)&got, 1, 0, (long)&mask, 4), -EINVAL);
	EXPECT_EQ(system_call(NR_epoll_pwait, epoll, (long)&got, 1, 0, BAD, 8), -EFAULT);
	EXPECT_EQ(system_call(NR_epoll_pwait2, epoll, (long)&got, 1, (long)&late, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_epoll_pwait2, epoll, (long)&got, 1, BAD, 0, 0), -EFAULT);
	EXPECT_EQ(system_call(NR_epoll_pwait, epoll, BAD, 1, 0, 0, 0), -EFAULT);
	EXPECT_EQ(system_call(NR_epoll_pwait, epoll, (long)&got, 0, 0, 0, 0), -EINVAL);
	EXPECT_EQ(call(NR_epoll_ctl, epoll, 1, NO_FD, (long)&event, 0), -EBADF);
	EXPECT_EQ(call(NR_epoll_ctl, NO_FD, 1, counter, (long)&event, 0), -EBADF);
	EXPECT_EQ(call(NR_epoll_ctl, epoll, 1, counter, BAD, 0), -EFAULT);
	EXPECT_EQ(call(NR_epoll_ctl, counter, 1, epoll, (long)&event, 0), -EINVAL);
	EXPECT_EQ(call(NR_epoll_ctl, epoll, 1, epoll, (long)&event, 0), -EINVAL);
	EXPECT_EQ(sys_close(epoll), 0);
	EXPECT_EQ(sys_close(counter), 0);
}

/* ---- Copies ---- */

/* sendfile() with an offset of 32 bits: read, and written behind what was copied. */
static void sendfile(void)
{
	s32 offset = 2;
	char got[8] = "";
	int fds[2];

	begin();
	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(sys_write(fd, "abcdefgh", 8), 8);
	EXPECT_EQ(call(NR_sendfile, fds[1], fd, (long)&offset, 3, 0), 3);
	EXPECT_EQ(offset, 5);
	EXPECT_EQ(sys_read(fds[0], got, 8), 3);
	EXPECT(!memcmp(got, "cde", 3));
	EXPECT_EQ(sys_lseek(fd, 0, 1), 8);
	EXPECT_EQ(call(NR_sendfile, fds[1], fd, 0, 3, 0), 0); /* at the end */
	EXPECT_EQ(sys_lseek(fd, 6, 0), 6);
	EXPECT_EQ(call(NR_sendfile, fds[1], fd, 0, 9, 0), 2);
	EXPECT_EQ(sys_lseek(fd, 0, 1), 8);
	offset = -1;
	EXPECT_EQ(call(NR_sendfile, fds[1], fd, (long)&offset, 3, 0), -EINVAL);
	EXPECT_EQ(call(NR_sendfile, fds[1], fd, BAD, 3, 0), -EFAULT);
	EXPECT_EQ(call(NR_sendfile, NO_FD, fd, 0, 3, 0), -EBADF);
	EXPECT_EQ(call(NR_sendfile, fds[1], NO_FD, 0, 3, 0), -EBADF);
	EXPECT_EQ(call(NR_sendfile, fds[0], fd, 0, 3, 0), -EBADF);
	EXPECT_EQ(call(NR_sendfile, fd, fds[1], 0, 3, 0), -EBADF);
	EXPECT_EQ(sys_close(fds[0]), 0);
	EXPECT_EQ(sys_close(fds[1]), 0);
	finish();
}

/* writev() and readv() at a place, with flags. */
static void vectors_with_flags(void)
{
	char got[4] = "";
	struct iovec out = { (long)"xyz", 3 }, in = { (long)got, 3 };

	begin();
	EXPECT_EQ(system_call(NR_pwritev2, fd, (long)&out, 1, 4, 0, 0), 3);
	EXPECT_EQ(file_size(fd), 7);
	EXPECT_EQ(system_call(NR_pwritev2, fd, (long)&out, 1, -1, -1, 0), 3); /* at the position */
	EXPECT_EQ(sys_lseek(fd, 0, 1), 3);
	EXPECT_EQ(system_call(NR_preadv2, fd, (long)&in, 1, 4, 0, 0), 3);
	EXPECT(!memcmp(got, "xyz", 3));
	EXPECT_EQ(system_call(NR_pwritev2, fd, (long)&out, 1, -2, -1, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_pwritev2, NO_FD, (long)&out, 1, 0, 0, 0), -EBADF);
	EXPECT_EQ(system_call(NR_pwritev2, fd, (long)&out, 1, 0, 0, 0x4000000), -EOPNOTSUPP);
	EXPECT_EQ(system_call(NR_pwritev2, fd, (long)&out, 1025, 0, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_pwritev2, fd, BAD, 1, 0, 0, 0), -EFAULT);
	finish();
}

static const struct tap_case cases[] = {
	{ "extended attributes", extended_attributes },
	{ "handles of files", handles },
	{ "folders by the older call", folders },
	{ "writing back", writing_back },
	{ "without rights", without_rights },
	{ "sizes of 64 bits", sizes },
	{ "select by the older call", older_select },
	{ "epoll with a mask, and the older eventfd", masked_epoll },
	{ "sendfile with an offset of 32 bits", sendfile },
	{ "vectors with flags", vectors_with_flags },
};

int main(void);
int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
