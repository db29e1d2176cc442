/* SPDX-License-Identifier: MIT */
/*
 * Calls that make, remove, change and read names: their folder, modes, flags and bad paths. What a
 * name means is fs/names.c's.
 *
 * sources: kernel/syscall/file/sys_names.c kernel/syscall/file/user_path.c
 * sources: kernel/syscall/file/sys_open.c kernel/task/files.c
 * sources: tests/host/kernel/syscall/file_rig.c
 */
#include "kernel/syscall/file/user_path.h"
#include "tests/host/kernel/syscall/file_rig.h"
#include "tests/host/console.h"
#include "tests/host/owner.h"

#define CWD    ((u32)AT_FDCWD)
#define BUFFER (USER_BYTES + 256)

static const char *const names[] = { "/tmp/d/a", "/tmp/d/b", "/tmp/d/c", "/tmp/a",
				     "/tmp/b",	 "/tmp/c",   "/a",	 NULL };

/* Descriptors of the folder /tmp/d, also as a place, of the file /tmp/f and of no inode. */
static u32 folder, place, file, blank;

static void files(void)
{
	begin_names(names);
	folder = open_fd("/tmp/d", O_RDONLY);
	place = open_fd("/tmp/d", O_PATH);
	file = open_fd("/tmp/f", O_RDONLY);
	blank = blank_fd(O_RDWR);
}

/* The mode of a path, or 0. */
static u32 mode(const char *path)
{
	const struct inode *inode = found(path);

	return inode ? inode->mode : 0;
}

static void folders(void)
{
	files();
	EXPECT_EQ(CALL(mkdir, PATH("/tmp/a"), 0), 0);
	EXPECT_EQ(mode("/tmp/a"), S_IFDIR);
	EXPECT_EQ(CALL(mkdir, PATH("/tmp/a"), 0), -EEXIST);
	EXPECT_EQ(CALL(mkdir, PATH("/tmp/b"), UINT32_MAX), 0);
	EXPECT_EQ(mode("/tmp/b"), S_IFDIR | 01755);
	set_umask(0705);
	EXPECT_EQ(CALL(mkdirat, folder, PATH("a"), UINT32_MAX), 0);
	EXPECT_EQ(mode("/tmp/d/a"), S_IFDIR | 01072);
	EXPECT_EQ(CALL(mkdirat, place, PATH("b"), 0700), 0);
	EXPECT_EQ(mode("/tmp/d/b"), S_IFDIR);
	EXPECT_EQ(CALL(mkdirat, CLOSED, PATH("/tmp/c"), 0), 0);
	EXPECT_EQ(CALL(mkdirat, CWD, PATH("a"), 0), 0);
	EXPECT_EQ(mode("/a"), S_IFDIR);
	EXPECT_EQ(CALL(mkdirat, CLOSED, PATH("c"), 0), -EBADF);
	EXPECT_EQ(CALL(mkdirat, file, PATH("c"), 0), -ENOTDIR);
	EXPECT_EQ(CALL(mkdirat, blank, PATH("c"), 0), -ENOTDIR);
	EXPECT_EQ(CALL(mkdirat, CLOSED, PATH(""), 0), -ENOENT);
	EXPECT_EQ(CALL(mkdirat, CLOSED, NOWHERE, 0), -EFAULT);
	EXPECT_EQ(CALL(mkdir, NOWHERE, 0), -EFAULT);
	EXPECT_EQ(CALL(mkdir, PATH(""), 0), -ENOENT);
	EXPECT_EQ(CALL(rmdir, PATH("/a")), 0);
	EXPECT_EQ(CALL(rmdir, PATH("/a")), -ENOENT);
	EXPECT_EQ(CALL(rmdir, PATH("/tmp/f")), -ENOTDIR);
	EXPECT_EQ(CALL(rmdir, NOWHERE), -EFAULT);
}

static void nodes(void)
{
	static const u32 kinds[] = { S_IFREG, S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK };

	files();
	for (u32 i = 0; i < ARRAY_SIZE(kinds); i++) {
		EXPECT_EQ(CALL(mknod, PATH("/tmp/a"), kinds[i] | 0x10000fff, 0x103), 0);
		EXPECT_EQ(mode("/tmp/a"), kinds[i] | 07755);
		EXPECT_EQ(CALL(mknod, PATH("/tmp/a"), kinds[i], 0), -EEXIST);
		EXPECT_EQ(CALL(unlink, PATH("/tmp/a")), 0);
	}
	EXPECT_EQ(CALL(mknod, PATH("/tmp/a"), S_IFCHR | 0600, 0x103), 0);
	EXPECT_EQ(found("/tmp/a")->rdev, 0x103);
	EXPECT_EQ(CALL(mknod, PATH("/tmp/b"), 0777, 0), 0);
	EXPECT_EQ(mode("/tmp/b"), S_IFREG | 0755);
	EXPECT_EQ(CALL(mknod, PATH("/tmp/f"), S_IFDIR, 0), -EPERM);
	EXPECT_EQ(CALL(mknod, NOWHERE, S_IFLNK, 0), -EINVAL);
	EXPECT_EQ(CALL(mknod, NOWHERE, 0030000, 0), -EINVAL);
	EXPECT_EQ(CALL(mknod, NOWHERE, 0, 0), -EFAULT);
	EXPECT_EQ(CALL(mknodat, folder, PATH("a"), S_IFBLK | 0600, 0x702), 0);
	EXPECT_EQ(mode("/tmp/d/a"), S_IFBLK | 0600);
	EXPECT_EQ(found("/tmp/d/a")->rdev, 0x702);
	EXPECT_EQ(CALL(mknodat, CLOSED, PATH("a"), S_IFDIR, 0), -EPERM);
	EXPECT_EQ(CALL(mknodat, CLOSED, PATH("a"), 0, 0), -EBADF);
}

static void removals(void)
{
	files();
	EXPECT_EQ(CALL(unlinkat, folder, PATH("a"), 0), -ENOENT);
	EXPECT_EQ(path_make(NULL, "/tmp/d/a", S_IFREG, 0), 0);
	EXPECT_EQ(path_make(NULL, "/tmp/d/b", S_IFDIR, 0), 0);
	EXPECT_EQ(CALL(unlinkat, folder, PATH("a"), AT_REMOVEDIR), -ENOTDIR);
	EXPECT_EQ(CALL(unlinkat, folder, PATH("b"), 0), -EISDIR);
	EXPECT_EQ(CALL(unlinkat, folder, PATH("a"), AT_REMOVEDIR << 1), -EINVAL);
	EXPECT_EQ(CALL(unlinkat, folder, PATH("a"), AT_REMOVEDIR | 1), -EINVAL);
	EXPECT_EQ(CALL(unlinkat, folder, PATH("a"), 0), 0);
	EXPECT_EQ(CALL(unlinkat, place, PATH("b"), AT_REMOVEDIR), 0);
	EXPECT(!mode("/tmp/d/a") && !mode("/tmp/d/b"));
	EXPECT_EQ(CALL(unlink, PATH("/tmp/d")), -EISDIR);
	EXPECT_EQ(CALL(unlink, NOWHERE), -EFAULT);
	EXPECT_EQ(CALL(unlinkat, CLOSED, PATH("a"), 0), -EBADF);
	EXPECT_EQ(CALL(unlinkat, file, PATH("a"), 0), -ENOTDIR);
}

static void links(void)
{
	files();
	EXPECT_EQ(path_symlink("/tmp/f", NULL, "/tmp/c"), 0);
	EXPECT_EQ(CALL(link, PATH("/tmp/f"), path_at(1, "/tmp/a")), 0);
	EXPECT(found("/tmp/a") == found("/tmp/f"));
	EXPECT_EQ(CALL(link, PATH("/tmp/c"), path_at(1, "/tmp/b")), 0);
	EXPECT_EQ(mode("/tmp/b"), S_IFLNK | 0777);
	EXPECT_EQ(CALL(link, PATH("/tmp/f"), path_at(1, "/tmp/a")), -EEXIST);
	EXPECT_EQ(CALL(link, NOWHERE, path_at(1, "/tmp/a")), -EFAULT);
	EXPECT_EQ(CALL(link, PATH("/tmp/f"), NOWHERE), -EFAULT);
	EXPECT_EQ(CALL(link, PATH("/tmp/f"), path_at(1, "")), -ENOENT);
	EXPECT_EQ(CALL(linkat, CWD, PATH("tmp/c"), folder, path_at(1, "a"), AT_SYMLINK_FOLLOW), 0);
	EXPECT(found("/tmp/d/a") == found("/tmp/f"));
	EXPECT_EQ(CALL(linkat, folder, PATH("a"), place, path_at(1, "b"), 0), 0);
	EXPECT_EQ(found("/tmp/f")->nlink, 4);
	EXPECT_EQ(CALL(linkat, folder, PATH("a"), place, path_at(1, "b"), AT_SYMLINK_NOFOLLOW),
		  -EINVAL);
	EXPECT_EQ(CALL(linkat, CLOSED, PATH("a"), place, path_at(1, "c"), 0), -EBADF);
	EXPECT_EQ(CALL(linkat, folder, PATH("a"), CLOSED, path_at(1, "c"), 0), -EBADF);
	/* The descriptor's own file: for those with a right of the super-user. */
	EXPECT_EQ(CALL(linkat, file, PATH(""), folder, path_at(1, "c"), 0), -ENOENT);
	EXPECT_EQ(CALL(linkat, file, PATH(""), folder, path_at(1, "c"), AT_EMPTY_PATH), 0);
	EXPECT_EQ(found("/tmp/f")->nlink, 5);
	host_fsuid = 7;
	EXPECT_EQ(CALL(linkat, file, PATH(""), folder, path_at(1, "x"), AT_EMPTY_PATH), -ENOENT);
	EXPECT_EQ(CALL(linkat, CWD, PATH(""), folder, path_at(1, "x"), AT_EMPTY_PATH), -EACCES);
	host_fsuid = 0;
	EXPECT_EQ(CALL(linkat, blank, PATH(""), folder, path_at(1, "x"), AT_EMPTY_PATH), -EINVAL);
}

static void symbolic_links(void)
{
	files();
	EXPECT_EQ(CALL(symlink, PATH("x/y"), path_at(1, "/tmp/a")), 0);
	EXPECT_TEXT(found("/tmp/a")->target, "x/y");
	EXPECT_EQ(CALL(symlinkat, PATH("z"), folder, path_at(1, "a")), 0);
	EXPECT_TEXT(found("/tmp/d/a")->target, "z");
	EXPECT_EQ(CALL(symlinkat, PATH("z"), CLOSED, path_at(1, "/tmp/b")), 0);
	EXPECT_EQ(CALL(symlinkat, PATH("z"), CLOSED, path_at(1, "b")), -EBADF);
	EXPECT_EQ(CALL(symlinkat, PATH(""), CLOSED, path_at(1, "b")), -ENOENT);
	EXPECT_EQ(CALL(symlink, PATH("x"), path_at(1, "/tmp/a")), -EEXIST);
	EXPECT_EQ(CALL(symlink, PATH(""), path_at(1, "/tmp/c")), -ENOENT);
	EXPECT_EQ(CALL(symlink, PATH("x"), path_at(1, "")), -ENOENT);
	EXPECT_EQ(CALL(symlink, NOWHERE, path_at(1, "/tmp/c")), -EFAULT);
	EXPECT_EQ(CALL(symlink, PATH("x"), NOWHERE), -EFAULT);
	EXPECT_EQ(CALL(symlink, long_path(PATH_MAX - 1), BUFFER), -ENOENT);
	put(BUFFER, "/tmp/c", 7);
	EXPECT_EQ(CALL(symlink, long_path(PATH_MAX - 1), BUFFER), 0);
	EXPECT_EQ(strlen(found("/tmp/c")->target), PATH_MAX - 1);
}

static void renames(void)
{
	files();
	EXPECT_EQ(CALL(rename, PATH("/tmp/f"), path_at(1, "/tmp/a")), 0);
	EXPECT(mode("/tmp/a") && !mode("/tmp/f"));
	EXPECT_EQ(CALL(renameat, CWD, PATH("tmp/a"), folder, path_at(1, "b"), UINT32_MAX), 0);
	EXPECT_EQ(CALL(renameat, place, PATH("b"), CLOSED, path_at(1, "/tmp/b")), 0);
	EXPECT_EQ(path_make(NULL, "/tmp/f", S_IFREG | 0600, 0), 0);
	EXPECT_EQ(CALL(renameat2, CWD, PATH("tmp/f"), CWD, path_at(1, "tmp/b"), 1), -EEXIST);
	EXPECT_EQ(CALL(renameat2, CWD, PATH("tmp/f"), CWD, path_at(1, "tmp/b"), 2), 0);
	EXPECT_EQ(mode("/tmp/b"), S_IFREG | 0600);
	EXPECT_EQ(CALL(renameat2, CWD, NOWHERE, CWD, path_at(1, "tmp/b"), 8), -EINVAL);
	EXPECT_EQ(CALL(renameat2, CWD, NOWHERE, CWD, path_at(1, "tmp/b"), 3), -EINVAL);
	EXPECT_EQ(CALL(renameat2, CWD, NOWHERE, CWD, path_at(1, "tmp/b"), 0), -EFAULT);
	EXPECT_EQ(CALL(rename, PATH("/tmp/f"), NOWHERE), -EFAULT);
	EXPECT_EQ(CALL(rename, NOWHERE, NOWHERE), -EFAULT);
	EXPECT_EQ(CALL(rename, PATH("/tmp/f"), path_at(1, "")), -ENOENT);
	EXPECT_EQ(CALL(renameat, CLOSED, PATH("b"), folder, path_at(1, "c")), -EBADF);
	EXPECT_EQ(CALL(renameat, folder, PATH("b"), file, path_at(1, "c")), -ENOTDIR);
	EXPECT_EQ(CALL(rename, PATH("/tmp/f"), path_at(1, "/tmp/b")), 0);
	EXPECT(!mode("/tmp/f"));
}

/* ---- Reading links ---- */

static s32 magic_text(struct inode *link, char *text, u32 bytes)
{
	(void)link;
	EXPECT_EQ(bytes, PATH_MAX);
	strcpy(text, "pipe:[7]");
	return 8;
}

static s32 magic_error(struct inode *link, char *text, u32 bytes)
{
	(void)link;
	(void)text;
	(void)bytes;
	return -EACCES;
}

static void texts_of_links(void)
{
	u32 link;

	files();
	EXPECT_EQ(path_symlink("abcdef", NULL, "/tmp/d/a"), 0);
	memset(user_bytes, '#', 512);
	EXPECT_EQ(CALL(readlink, PATH("/tmp/d/a"), BUFFER, 100), 6);
	EXPECT(bytes_are(BUFFER, "abcdef#"));
	EXPECT_EQ(CALL(readlink, PATH("/tmp/d/a"), BUFFER + 10, 1), 1);
	EXPECT(bytes_are(BUFFER + 10, "a#"));
	EXPECT_EQ(CALL(readlink, NOWHERE, BUFFER, 0), -EINVAL);
	EXPECT_EQ(CALL(readlink, NOWHERE, BUFFER, INT32_MIN), -EINVAL);
	EXPECT_EQ(CALL(readlink, NOWHERE, BUFFER, 1), -EFAULT);
	EXPECT_EQ(CALL(readlink, PATH("/tmp/d/a"), NOWHERE, 100), -EFAULT);
	EXPECT_EQ(CALL(readlink, PATH("/tmp/f"), BUFFER, 100), -EINVAL);
	EXPECT_EQ(CALL(readlink, PATH(""), BUFFER, 100), -ENOENT);
	EXPECT_EQ(CALL(readlinkat, folder, PATH("a"), BUFFER + 20, 3), 3);
	EXPECT(bytes_are(BUFFER + 20, "abc#"));
	EXPECT_EQ(CALL(readlinkat, CLOSED, PATH("a"), BUFFER, 3), -EBADF);
	EXPECT_EQ(CALL(readlinkat, file, PATH("a"), BUFFER, 3), -ENOTDIR);
	EXPECT_EQ(CALL(readlinkat, blank, PATH("a"), BUFFER, 3), -ENOTDIR);
	/* An empty path: the descriptor's own file, if that is a link. */
	EXPECT_EQ(CALL(readlinkat, file, PATH(""), BUFFER, 3), -ENOENT);
	EXPECT_EQ(CALL(readlinkat, blank, PATH(""), BUFFER, 3), -ENOENT);
	EXPECT_EQ(CALL(readlinkat, CLOSED, PATH(""), BUFFER, 3), -EBADF);
	link = open_fd("/tmp/d/a", O_PATH | O_NOFOLLOW);
	EXPECT_EQ(CALL(readlinkat, link, PATH(""), BUFFER + 30, 100), 6);
	EXPECT(bytes_are(BUFFER + 30, "abcdef#"));
}

static void magic_links(void)
{
	static struct inode_operations operations;
	struct inode *link;
	const struct inode_operations *own_operations;

	files();
	EXPECT_EQ(path_symlink("x", NULL, "/tmp/d/a"), 0);
	link = found("/tmp/d/a");
	own_operations = link->operations;
	operations = *own_operations;
	link->operations = &operations;
	operations.readlink = magic_text;
	memset(user_bytes, '#', 512);
	EXPECT_EQ(CALL(readlink, PATH("/tmp/d/a"), BUFFER, 100), 8);
	EXPECT(bytes_are(BUFFER, "pipe:[7]#"));
	EXPECT_EQ(CALL(readlink, PATH("/tmp/d/a"), BUFFER + 10, 5), 5);
	EXPECT(bytes_are(BUFFER + 10, "pipe:#"));
	EXPECT_EQ(CALL(readlink, PATH("/tmp/d/a"), NOWHERE, 5), -EFAULT);
	fail(1);
	EXPECT_EQ(CALL(readlink, PATH("/tmp/d/a"), BUFFER, 100), -ENOMEM);
	fail(0);
	operations.readlink = magic_error;
	EXPECT_EQ(CALL(readlink, PATH("/tmp/d/a"), BUFFER, 100), -EACCES);
	link->operations = own_operations;
}

/* The access time of a link changes when its text is read. */
static void access_times(void)
{
	struct inode *link;
	u64 before;

	files();
	EXPECT_EQ(path_symlink("x", NULL, "/tmp/d/a"), 0);
	link = found("/tmp/d/a");
	before = link->times.access;
	console_date += 86400ull * 2 * 1000000000;
	EXPECT_EQ(CALL(readlink, PATH("/tmp/d/a"), BUFFER, 100), 1);
	EXPECT(link->times.access > before);
}

TAP_MAIN({ "folders", folders }, { "nodes", nodes }, { "removals", removals }, { "links", links },
	 { "symbolic links", symbolic_links }, { "renames", renames },
	 { "texts of links", texts_of_links }, { "magic links", magic_links },
	 { "access times", access_times })
