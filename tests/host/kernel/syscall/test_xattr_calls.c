/* SPDX-License-Identifier: MIT */
/*
 * Extended attributes and handles, of which no file system here has any: which error each class of
 * names has for each kind of file and of process (Linux 6.18, xattr_permission()), and what of the
 * program's memory is looked at before.
 *
 * sources: kernel/syscall/file/sys_xattr.c kernel/syscall/file/user_path.c kernel/task/files.c
 * sources: tests/host/kernel/syscall/file_rig.c
 */
#include "abi/linux/capability.h"
#include "fs/process.h"
#include "kernel/syscall/file/user_path.h"
#include "tests/host/kernel/syscall/file_rig.h"
#include "tests/host/owner.h"

#define CWD   ((u32)AT_FDCWD)
#define VALUE USER_BYTES
#define NAME  path_at(2, name)
#define LONG  (USER_BYTES + 0x800)

static const char *const names[] = { "/tmp/d/l", "/tmp/d/p", NULL };

static u64 rights;

bool capable(u32 capability)
{
	return rights >> capability & 1;
}

/* Descriptors of a file, a folder, none with an inode, a pipe, and a place. */
static u32 file, folder, blank, ends[2], place;

static void files(void)
{
	begin_names(names);
	rights = ~0ull;
	EXPECT_EQ(path_symlink("/tmp/f", NULL, "/tmp/d/l"), 0);
	EXPECT_EQ(path_make(NULL, "/tmp/d/p", S_IFIFO | 0644, 0), 0);
	file = open_fd("/tmp/f", O_RDONLY);
	folder = open_fd("/tmp/d", O_RDONLY);
	place = open_fd("/tmp/f", O_PATH);
	blank = blank_fd(O_RDWR);
	pipe_fds(ends, 0);
}

/* The results of the calls on a path, also of the last link, and on a descriptor. */
static s32 set(const char *path, const char *name)
{
	s32 result = CALL(setxattr, PATH(path), NAME, VALUE, 1, 0);

	EXPECT_EQ(CALL(removexattr, PATH(path), NAME), result);
	return result;
}

static s32 set_link(const char *path, const char *name)
{
	s32 result = CALL(lsetxattr, PATH(path), NAME, VALUE, 1, 0);

	EXPECT_EQ(CALL(lremovexattr, PATH(path), NAME), result);
	return result;
}

static s32 set_fd(u32 fd, const char *name)
{
	s32 result = CALL(fsetxattr, fd, NAME, VALUE, 1, 0);

	EXPECT_EQ(CALL(fremovexattr, fd, NAME), result);
	return result;
}

static s32 read(const char *path, const char *name)
{
	return CALL(getxattr, PATH(path), NAME, VALUE, 1);
}

static s32 read_link(const char *path, const char *name)
{
	return CALL(lgetxattr, PATH(path), NAME, VALUE, 1);
}

static s32 read_fd(u32 fd, const char *name)
{
	return CALL(fgetxattr, fd, NAME, VALUE, 1);
}

static const char *const classes[] = { "system.a", "security.a", "trusted.a", "user.a", "plain",
				       "user",	   "xuser.a",	 "USER.a",    "trusted" };

static void super_user(void)
{
	files();
	for (u32 i = 0; i < ARRAY_SIZE(classes); i++) {
		bool special = i == 3; /* only regular files and folders have "user." */

		EXPECT_EQ(set("/tmp/f", classes[i]), -EOPNOTSUPP);
		EXPECT_EQ(read("/tmp/d", classes[i]), -EOPNOTSUPP);
		EXPECT_EQ(set_fd(file, classes[i]), -EOPNOTSUPP);
		EXPECT_EQ(read_fd(folder, classes[i]), -EOPNOTSUPP);
		EXPECT_EQ(set("/tmp/d/l", classes[i]), -EOPNOTSUPP);
		EXPECT_EQ(set_link("/tmp/d/l", classes[i]), special ? -EPERM : -EOPNOTSUPP);
		EXPECT_EQ(read("/tmp/d/l", classes[i]), -EOPNOTSUPP);
		EXPECT_EQ(read_link("/tmp/d/l", classes[i]), special ? -ENODATA : -EOPNOTSUPP);
		EXPECT_EQ(set("/tmp/d/p", classes[i]), special ? -EPERM : -EOPNOTSUPP);
		EXPECT_EQ(set_fd(blank, classes[i]), special ? -EPERM : -EOPNOTSUPP);
		EXPECT_EQ(read_fd(ends[0], classes[i]), special ? -ENODATA : -EOPNOTSUPP);
	}
}

static void other_users(void)
{
	files();
	rights = 0;
	host_fsuid = 7;
	found("/tmp/d")->mode = S_IFDIR | 0775;
	for (u32 i = 0; i < ARRAY_SIZE(classes); i++) {
		bool first = i < 2, trusted = i == 2, user = i == 3;

		EXPECT_EQ(set("/tmp/f", classes[i]), i == 0   ? -EOPNOTSUPP
						     : i <= 2 ? -EPERM
							      : -EACCES);
		EXPECT_EQ(read("/tmp/f", classes[i]), trusted ? -ENODATA : -EOPNOTSUPP);
		EXPECT_EQ(read_fd(blank, classes[i]), first		? -EOPNOTSUPP
						      : trusted || user ? -ENODATA
									: -EACCES);
		EXPECT_EQ(set_fd(blank, classes[i]), i == 0	      ? -EOPNOTSUPP
						     : i <= 2 || user ? -EPERM
								      : -EACCES);
		EXPECT_EQ(set_fd(file, classes[i]), i == 0   ? -EOPNOTSUPP
						    : i <= 2 ? -EPERM
							     : -EACCES);
	}
	rights = CAPABILITY(CAP_DAC_OVERRIDE);
	EXPECT_EQ(read_fd(blank, "plain"), -EOPNOTSUPP);
	EXPECT_EQ(set_fd(blank, "plain"), -EOPNOTSUPP);
	EXPECT_EQ(set("/tmp/f", "security.a"), -EPERM);
	rights = CAPABILITY(CAP_SYS_ADMIN);
	EXPECT_EQ(set("/tmp/f", "trusted.a"), -EOPNOTSUPP);
	EXPECT_EQ(read("/tmp/f", "trusted.a"), -EOPNOTSUPP);
	EXPECT_EQ(set_fd(file, "security.a"), -EOPNOTSUPP);
	rights = 0;
	host_fsuid = 0; /* without rights, but the owner */
	EXPECT_EQ(set("/tmp/f", "user.a"), -EOPNOTSUPP);
	EXPECT_EQ(set_fd(ends[0], "plain"), -EOPNOTSUPP);
}

/* In a folder with S_ISVTX only the owner sets "user." attributes; all read them. */
static void sticky_folders(void)
{
	struct inode *inode;

	files();
	inode = found("/tmp/d");
	rights = 0;
	host_fsuid = 7;
	inode->mode = S_IFDIR | 0777;
	EXPECT_EQ(set("/tmp/d", "user.a"), -EOPNOTSUPP);
	inode->mode = S_IFDIR | S_ISVTX | 0777;
	EXPECT_EQ(set("/tmp/d", "user.a"), -EPERM);
	EXPECT_EQ(set_fd(folder, "user.a"), -EPERM);
	EXPECT_EQ(set("/tmp/d", "plain"), -EOPNOTSUPP);
	EXPECT_EQ(read("/tmp/d", "user.a"), -EOPNOTSUPP);
	inode->uid = 7;
	EXPECT_EQ(set("/tmp/d", "user.a"), -EOPNOTSUPP);
	EXPECT_EQ(set_fd(folder, "user.a"), -EOPNOTSUPP);
	inode->uid = 0;
	inode->mode = S_IFDIR | 0755;
	found("/tmp/f")->mode = S_IFREG | S_ISVTX | 0777;
	EXPECT_EQ(set("/tmp/f", "user.a"), -EOPNOTSUPP);
	host_fsuid = 0;
}

/* A name of so many bytes. */
static vaddr_t long_name(u32 length)
{
	memset(user_bytes + (LONG - USER_BYTES), 'x', length);
	user_bytes[LONG - USER_BYTES + length] = '\0';
	return LONG;
}

static void memory(void)
{
	const char *name = "user.a";

	files();
	EXPECT_EQ(CALL(setxattr, NOWHERE, NOWHERE, NOWHERE, UINT32_MAX, 4), -EINVAL);
	EXPECT_EQ(CALL(setxattr, NOWHERE, NOWHERE, NOWHERE, UINT32_MAX, 3), -EFAULT);
	EXPECT_EQ(CALL(setxattr, NOWHERE, long_name(0), NOWHERE, UINT32_MAX, 0), -ERANGE);
	EXPECT_EQ(CALL(setxattr, NOWHERE, long_name(256), NOWHERE, UINT32_MAX, 0), -ERANGE);
	EXPECT_EQ(CALL(setxattr, NOWHERE, long_name(255), NOWHERE, 65537, 0), -E2BIG);
	EXPECT_EQ(CALL(setxattr, NOWHERE, NAME, NOWHERE, 65536, 0), -EFAULT);
	EXPECT_EQ(CALL(setxattr, NOWHERE, NAME, NOWHERE, 0, 0), -EFAULT);
	EXPECT_EQ(CALL(setxattr, PATH("/tmp/x"), NAME, NOWHERE, 0, 0), -ENOENT);
	EXPECT_EQ(CALL(setxattr, PATH("/tmp/f"), NAME, USER_BYTES + 8192 - 100, 100, 0),
		  -EOPNOTSUPP);
	EXPECT_EQ(CALL(setxattr, PATH("/tmp/f"), NAME, USER_BYTES + 8192 - 100, 101, 0), -EFAULT);
	EXPECT_EQ(CALL(setxattr, PATH("/tmp/f"), NAME, USER_BYTES + 8192 - 128, 129, 0), -EFAULT);
	EXPECT_EQ(CALL(fsetxattr, CLOSED, NOWHERE, VALUE, 1, 0), -EFAULT);
	EXPECT_EQ(CALL(fsetxattr, CLOSED, NAME, NOWHERE, 1, 0), -EFAULT);
	EXPECT_EQ(CALL(fsetxattr, CLOSED, NAME, VALUE, 1, 0), -EBADF);
	EXPECT_EQ(CALL(fsetxattr, place, NAME, VALUE, 1, 0), -EBADF);
	EXPECT_EQ(CALL(getxattr, NOWHERE, NOWHERE), -EFAULT);
	EXPECT_EQ(CALL(getxattr, NOWHERE, long_name(0)), -ERANGE);
	EXPECT_EQ(CALL(getxattr, NOWHERE, long_name(255)), -EFAULT);
	EXPECT_EQ(CALL(lgetxattr, PATH("/tmp/x"), long_name(255)), -ENOENT);
	EXPECT_EQ(CALL(fgetxattr, CLOSED, long_name(256)), -ERANGE);
	EXPECT_EQ(CALL(fgetxattr, CLOSED, long_name(255)), -EBADF);
	EXPECT_EQ(CALL(fgetxattr, CWD, long_name(255)), -EOPNOTSUPP);
	EXPECT_EQ(CALL(fsetxattr, CWD, NAME, VALUE, 1, 0), -EOPNOTSUPP);
	EXPECT_EQ(CALL(flistxattr, CWD), 0);
	EXPECT_EQ(CALL(removexattr, NOWHERE, long_name(256)), -ERANGE);
	EXPECT_EQ(CALL(fremovexattr, CLOSED, NOWHERE), -EFAULT);
}

static void lists(void)
{
	files();
	rights = 0;
	host_fsuid = 7;
	EXPECT_EQ(CALL(listxattr, PATH("/tmp/f"), NOWHERE, 100), 0);
	EXPECT_EQ(CALL(llistxattr, PATH("/tmp/d/l"), NOWHERE, 100), 0);
	EXPECT_EQ(CALL(flistxattr, blank, NOWHERE, 100), 0);
	EXPECT_EQ(CALL(listxattr, PATH("/tmp/x"), NOWHERE, 100), -ENOENT);
	EXPECT_EQ(CALL(llistxattr, NOWHERE, NOWHERE, 100), -EFAULT);
	EXPECT_EQ(CALL(flistxattr, CLOSED, NOWHERE, 100), -EBADF);
	EXPECT_EQ(CALL(flistxattr, place, NOWHERE, 100), -EBADF);
	host_fsuid = 0;
	/* A link to nothing is there itself. */
	EXPECT_EQ(path_unlink(NULL, "/tmp/d/l"), 0);
	EXPECT_EQ(path_symlink("/none", NULL, "/tmp/d/l"), 0);
	EXPECT_EQ(CALL(listxattr, PATH("/tmp/d/l"), NOWHERE, 100), -ENOENT);
	EXPECT_EQ(CALL(llistxattr, PATH("/tmp/d/l"), NOWHERE, 100), 0);
	EXPECT_EQ(set("/tmp/d/l", "plain"), -ENOENT);
	EXPECT_EQ(set_link("/tmp/d/l", "plain"), -EOPNOTSUPP);
	EXPECT_EQ(read("/tmp/d/l", "plain"), -ENOENT);
	EXPECT_EQ(read_link("/tmp/d/l", "plain"), -EOPNOTSUPP);
	EXPECT_EQ(CALL(name_to_handle_at, CWD, PATH("/tmp/d/l"), 0, 0, 0), -EOPNOTSUPP);
	EXPECT_EQ(CALL(name_to_handle_at, CWD, PATH("/tmp/d/l"), 0, 0, AT_SYMLINK_FOLLOW), -ENOENT);
}

static s32 open_handle(u32 directory, u32 bytes)
{
	set_word(VALUE, bytes);
	return CALL(open_by_handle_at, directory, VALUE, 0);
}

static void handles(void)
{
	files();
	EXPECT_EQ(CALL(name_to_handle_at, file, PATH(""), 0, 0, 0), -ENOENT);
	EXPECT_EQ(CALL(name_to_handle_at, file, PATH(""), 0, 0, AT_EMPTY_PATH), -EOPNOTSUPP);
	EXPECT_EQ(CALL(name_to_handle_at, folder, PATH("p"), 0, 0, 0), -EOPNOTSUPP);
	EXPECT_EQ(CALL(name_to_handle_at, folder, NOWHERE, 0, 0, AT_SYMLINK_NOFOLLOW), -EINVAL);
	EXPECT_EQ(CALL(name_to_handle_at, CLOSED, PATH("p"), 0, 0, 0), -EBADF);
	EXPECT_EQ(CALL(open_by_handle_at, CLOSED, NOWHERE, 0), -EFAULT);
	EXPECT_EQ(open_handle(CLOSED, 0), -EINVAL);
	EXPECT_EQ(open_handle(CLOSED, 129), -EINVAL);
	EXPECT_EQ(open_handle(CLOSED, 128), -EBADF);
	EXPECT_EQ(open_handle(file, 1), -EOPNOTSUPP);
	rights = ~CAPABILITY(CAP_DAC_READ_SEARCH);
	EXPECT_EQ(open_handle(CLOSED, 1), -EPERM);
	EXPECT_EQ(open_handle(CLOSED, 0), -EINVAL);
}

TAP_MAIN({ "the super-user", super_user }, { "other users", other_users },
	 { "sticky folders", sticky_folders }, { "memory", memory }, { "lists", lists },
	 { "handles", handles })
