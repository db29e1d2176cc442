/* SPDX-License-Identifier: MIT */
/*
 * open() and its relatives, truncate() and fsync(): flags, limits, halves of sizes, and which
 * error comes first, as Linux 6.18 has it; and paths of every length.
 *
 * sources: kernel/syscall/file/sys_open.c kernel/syscall/file/user_path.c kernel/task/files.c
 * sources: tests/host/kernel/syscall/file_rig.c
 */
#include "fs/file.h"
#include "kernel/syscall/file/user_path.h"
#include "tests/host/kernel/syscall/file_rig.h"
#include "tests/host/user.h"

#define CWD	((u32)AT_FDCWD)
#define HOW	(USER_BYTES + 64)
#define BOTH	(O_CREAT | O_DIRECTORY)
#define TMPFILE (O_TMPFILE | O_DIRECTORY)

static const char *const names[] = { "/tmp/a", "/tmp/b", "/tmp/d/a", "/tmp/d/b", NULL };

/* Descriptors of the folder /tmp/d, of the file /tmp/f to read and to write, and of no inode. */
static u32 folder, in, out, blank, ends[2];

static void files(void)
{
	begin_names(names);
	folder = open_fd("/tmp/d", O_RDONLY);
	in = open_fd("/tmp/f", O_RDONLY);
	out = open_fd("/tmp/f", O_WRONLY);
	blank = blank_fd(O_RDWR);
	pipe_fds(ends, 0);
}

static void closed(s32 fd)
{
	EXPECT(fd >= 0 && !fd_close(own.files, (u32)fd));
}

static u32 mode_of(const char *path)
{
	return found(path) ? found(path)->mode : 0;
}

/* ---- open() ---- */

static void opens(void)
{
	s32 fd;

	files();
	fd = CALL(open, PATH("/tmp/f"), O_RDWR | O_APPEND, UINT32_MAX);
	EXPECT_EQ(fd, 6);
	EXPECT(file_at(6)->inode == found("/tmp/f") && !fd_close_on_exec(own.files, 6));
	EXPECT_EQ(file_at(6)->flags, O_RDWR | O_APPEND);
	closed(fd);
	fd = CALL(open, PATH("/tmp/f"), O_RDONLY | O_CLOEXEC);
	EXPECT(fd == 6 && fd_close_on_exec(own.files, 6));
	closed(fd);
	closed(CALL(open, PATH("/tmp/a"), O_RDWR | O_CREAT, UINT32_MAX));
	EXPECT_EQ(mode_of("/tmp/a"), S_IFREG | 07755);
	set_umask(0177);
	closed(CALL(openat, folder, PATH("a"), O_RDWR | O_CREAT, 0777));
	EXPECT_EQ(mode_of("/tmp/d/a"), S_IFREG | 0600);
	closed(CALL(openat, CLOSED, PATH("/tmp/d/a"), O_RDONLY));
	closed(CALL(openat, CWD, PATH("tmp/d/a"), O_RDONLY));
	EXPECT_EQ(put_text(file_at(out), "abc"), 3);
	fd = CALL(creat, PATH("/tmp/f"), 0777);
	EXPECT_EQ(file_at((u32)fd)->flags, O_WRONLY);
	EXPECT(mode_of("/tmp/f") == (S_IFREG | 0644) && !found("/tmp/f")->mapping.i_size);
	closed(fd);
	closed(CALL(creat, PATH("/tmp/b"), 0777));
	EXPECT_EQ(mode_of("/tmp/b"), S_IFREG | 0600);
}

static void opens_refused(void)
{
	files();
	EXPECT_EQ(CALL(open, PATH("/tmp/x"), O_RDWR), -ENOENT);
	EXPECT_EQ(CALL(open, PATH("/tmp/x/y"), O_RDWR | O_CREAT), -ENOENT);
	EXPECT_EQ(CALL(open, PATH(""), O_RDWR), -ENOENT);
	EXPECT_EQ(CALL(open, NOWHERE, O_RDWR), -EFAULT);
	EXPECT_EQ(CALL(open, KERNEL, O_RDWR), -EFAULT);
	EXPECT_EQ(CALL(openat, CLOSED, PATH("f"), O_RDWR), -EBADF);
	EXPECT_EQ(CALL(openat, in, PATH("f"), O_RDWR), -ENOTDIR);
	EXPECT_EQ(CALL(openat, blank, PATH("f"), O_RDWR), -ENOTDIR);
	EXPECT_EQ(CALL(openat, CLOSED, PATH(""), O_RDWR), -ENOENT);
	EXPECT_EQ(CALL(openat, CLOSED, NOWHERE, O_RDWR), -EFAULT);
	host_rlim[RLIMIT_NOFILE].cur = 6;
	EXPECT_EQ(CALL(open, PATH("/tmp/f"), O_RDWR), -EMFILE);
	EXPECT_EQ(CALL(open, PATH("/tmp/x"), O_RDWR | O_CREAT, 0), -EMFILE);
	EXPECT(!found("/tmp/x"));
	/* The text, then a descriptor, then the folder. */
	EXPECT_EQ(CALL(openat, CLOSED, PATH(""), O_RDWR), -ENOENT);
	EXPECT_EQ(CALL(openat, CLOSED, PATH("f"), O_RDWR), -EMFILE);
	EXPECT_EQ(CALL(openat, in, PATH("f"), O_RDWR), -EMFILE);
	host_rlim[RLIMIT_NOFILE].cur = 7;
	EXPECT_EQ(fd_close(own.files, folder), 0);
	EXPECT_EQ(CALL(open, PATH("/tmp/x"), O_RDWR), -ENOENT);
	EXPECT_EQ(CALL(open, PATH("/tmp/d"), O_RDONLY), folder);
	fail(1);
	EXPECT_EQ(CALL(open, PATH("/tmp/f"), O_RDWR), -ENOMEM);
	fail(0);
	EXPECT_EQ(CALL(open, PATH("/tmp/f"), O_RDWR), 6);
}

/* Flags that go together with none are refused before the path is looked at. */
static void flags_before_paths(void)
{
	static const struct {
		u32 flags;
		int result;
	} cases[] = {
		{ BOTH | O_RDWR, -EINVAL },
		{ BOTH | O_PATH, -EFAULT },
		{ O_CREAT | O_RDWR, -EFAULT },
		{ O_DIRECTORY, -EFAULT },
		{ O_TMPFILE | O_RDWR, -EINVAL },
		{ O_TMPFILE | O_PATH, -EFAULT },
		{ TMPFILE | O_RDWR | O_CREAT, -EINVAL },
		{ TMPFILE, -EINVAL },
		{ TMPFILE | O_WRONLY, -EFAULT },
		{ TMPFILE | O_RDWR, -EFAULT },
		{ TMPFILE | O_CREAT | O_PATH, -EFAULT },
		{ UINT32_MAX & ~(u32)(O_TMPFILE | O_DIRECTORY), -EFAULT },
	};

	files();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++)
		if (!EXPECT_EQ(CALL(open, NOWHERE, cases[i].flags), cases[i].result))
			tap_note("case %u", i);
	closed(CALL(open, PATH("/tmp/d"), TMPFILE | O_RDWR, 0600));
	EXPECT_EQ(CALL(open, PATH("/tmp/f"), TMPFILE | O_RDWR, 0600), -ENOTDIR);
	closed(CALL(open, PATH("/tmp/d"), O_DIRECTORY));
	EXPECT_EQ(CALL(open, PATH("/tmp/f"), O_DIRECTORY), -ENOTDIR);
	closed(CALL(open, PATH("/tmp/d"), BOTH | O_PATH));
}

/* ---- openat2() ---- */

static s32 open_how(u32 directory, vaddr_t path, u64 flags, u64 mode, u64 resolve, u32 bytes)
{
	put_wide(HOW, flags);
	put_wide(HOW + 8, mode);
	put_wide(HOW + 16, resolve);
	return CALL(openat2, directory, path, HOW, bytes);
}

/* What is refused before the path. */
static void unknown_ways(void)
{
	const u64 place = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, high = 1ull << 32;
	const struct {
		u64 flags, mode, resolve;
		int result;
	} cases[] = {
		{ 0, 0, 0, -EFAULT },
		{ 037777703 & ~(BOTH | O_PATH | O_TMPFILE), 0, 0, -EFAULT },
		{ 04, 0, 0, -EINVAL },
		{ 0100000000, 0, 0, -EINVAL },
		{ 0x80000000, 0, 0, -EINVAL },
		{ high, 0, 0, -EINVAL },
		{ 0, 1, 0, -EINVAL },
		{ 0, high, 0, -EINVAL },
		{ O_CREAT, 07777, 0, -EFAULT },
		{ O_CREAT, 010000, 0, -EINVAL },
		{ O_CREAT, high, 0, -EINVAL },
		{ TMPFILE | O_RDWR, 07777, 0, -EFAULT },
		{ TMPFILE | O_RDWR, 010000, 0, -EINVAL },
		{ O_DIRECTORY, 1, 0, -EINVAL },
		{ 0, 0, 0x2f, -EFAULT },
		{ 0, 0, 0x37, -EFAULT },
		{ 0, 0, RESOLVE_BENEATH | RESOLVE_IN_ROOT, -EINVAL },
		{ 0, 0, 0x40, -EINVAL },
		{ 0, 0, high, -EINVAL },
		{ place, 0, 0, -EFAULT },
		{ place | O_WRONLY, 0, 0, -EINVAL },
		{ O_PATH | O_CREAT, 0, 0, -EINVAL },
		{ O_CREAT, 0, RESOLVE_CACHED, -EAGAIN },
		{ O_TRUNC, 0, RESOLVE_CACHED, -EAGAIN },
		{ TMPFILE | O_RDWR, 0, RESOLVE_CACHED, -EAGAIN },
		{ O_TMPFILE | O_RDWR, 0, RESOLVE_CACHED, -EINVAL },
		{ BOTH, 0, RESOLVE_CACHED, -EINVAL },
		{ O_APPEND, 0, RESOLVE_CACHED, -EFAULT },
		{ O_CREAT | O_TRUNC, 0, RESOLVE_IN_ROOT, -EFAULT },
	};

	files();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++)
		if (!EXPECT_EQ(open_how(CWD, NOWHERE, cases[i].flags, cases[i].mode,
					cases[i].resolve, 24),
			       cases[i].result))
			tap_note("case %u", i);
}

static void opens_in_ways(void)
{
	files();
	EXPECT_EQ(path_symlink("/tmp/f", NULL, "/tmp/d/b"), 0);
	closed(open_how(CWD, PATH("/tmp/f"), O_RDWR, 0, 0, 24));
	closed(open_how(folder, PATH("b"), O_RDWR, 0, 0, 24));
	EXPECT_EQ(open_how(folder, PATH("b"), O_RDWR, 0, RESOLVE_NO_SYMLINKS, 24), -ELOOP);
	EXPECT_EQ(open_how(folder, PATH("b"), O_RDWR, 0, RESOLVE_BENEATH, 24), -EXDEV);
	EXPECT_EQ(open_how(CLOSED, PATH("b"), O_RDWR, 0, 0, 24), -EBADF);
	closed(open_how(folder, PATH("a"), O_CREAT | O_RDWR, 0640, RESOLVE_BENEATH, 24));
	EXPECT_EQ(mode_of("/tmp/d/a"), S_IFREG | 0640);
	EXPECT_EQ(open_how(folder, PATH("/tmp/f"), 0, 0, RESOLVE_BENEATH, 24), -EXDEV);
	EXPECT_EQ(open_how(folder, PATH("/tmp/f"), 0, 0, RESOLVE_IN_ROOT, 24), -ENOENT);
	/* The folder is the root of absolute paths too. */
	closed(open_how(folder, PATH("/a"), 0, 0, RESOLVE_IN_ROOT, 24));
	closed(open_how(folder, PATH("/../a"), 0, 0, RESOLVE_IN_ROOT, 24));
	closed(open_how(CWD, PATH("/tmp/f"), 0, 0, RESOLVE_IN_ROOT, 24));
	EXPECT_EQ(open_how(in, PATH("/"), 0, 0, RESOLVE_IN_ROOT, 24), -ENOTDIR);
	EXPECT_EQ(open_how(CLOSED, PATH("/a"), 0, 0, RESOLVE_IN_ROOT, 24), -EBADF);
	EXPECT_EQ(open_how(CLOSED, PATH("/a"), 0, 0, RESOLVE_BENEATH, 24), -EXDEV);
	EXPECT_EQ(open_how(folder, NOWHERE, 0, 0, RESOLVE_IN_ROOT, 24), -EFAULT);
	/* The folder of a file without a name is found in the same way. */
	closed(open_how(folder, PATH("."), TMPFILE | O_RDWR, 0600, RESOLVE_BENEATH, 24));
	closed(open_how(folder, PATH("/"), TMPFILE | O_RDWR, 0600, RESOLVE_IN_ROOT, 24));
	EXPECT_EQ(open_how(folder, PATH(".."), TMPFILE | O_RDWR, 0600, RESOLVE_BENEATH, 24),
		  -EXDEV);
	EXPECT_EQ(open_how(folder, PATH("b"), TMPFILE | O_RDWR, 0600, RESOLVE_NO_SYMLINKS, 24),
		  -ELOOP);
	/* Larger structures have zeros behind. */
	EXPECT_EQ(open_how(CWD, PATH("/tmp/f"), 0, 0, 0, 23), -EINVAL);
	EXPECT_EQ(open_how(CWD, PATH("/tmp/f"), 0, 0, 0, 0), -EINVAL);
	memset(user_bytes + (PATHS - USER_BYTES), 0, 256);
	put(USER_BYTES + 5000, "/tmp/f", 7);
	closed(open_how(CWD, USER_BYTES + 5000, 0, 0, 0, PAGE_SIZE));
	EXPECT_EQ(open_how(CWD, USER_BYTES + 5000, 0, 0, 0, PAGE_SIZE + 1), -E2BIG);
	user_bytes[64 + 24] = 1;
	closed(open_how(CWD, PATH("/tmp/f"), 0, 0, 0, 24));
	EXPECT_EQ(open_how(CWD, PATH("/tmp/f"), 0, 0, 0, 25), -E2BIG);
	user_bytes[64 + 24] = 0;
	user_bytes[64 + 99] = 1;
	closed(open_how(CWD, PATH("/tmp/f"), 0, 0, 0, 99));
	EXPECT_EQ(open_how(CWD, PATH("/tmp/f"), 0, 0, 0, 100), -E2BIG);
	EXPECT_EQ(CALL(openat2, CWD, PATH("/tmp/f"), NOWHERE, 24), -EFAULT);
	EXPECT_EQ(CALL(openat2, CWD, PATH("/tmp/f"), USER_BYTES + 8192 - 24, 25), -EFAULT);
	closed(CALL(openat2, CWD, PATH("/tmp/f"), USER_BYTES + 8192 - 24, 24));
}

/* ---- Sizes ---- */

static void sizes(void)
{
	const u64 *size;

	files();
	size = &found("/tmp/f")->mapping.i_size;
	file_at(out)->flags |= O_LARGEFILE;
	EXPECT_EQ(CALL(ftruncate, out, 7, 9), 0);
	EXPECT_EQ(*size, 7);
	EXPECT_EQ(CALL(ftruncate64, out, 5, 6), 0);
	EXPECT_EQ(*size, 0x600000005);
	EXPECT_EQ(CALL(truncate, PATH("/tmp/f"), 8, 9), 0);
	EXPECT_EQ(*size, 8);
	EXPECT_EQ(CALL(truncate64, PATH("/tmp/f"), 3, 4), 0);
	EXPECT_EQ(*size, 0x400000003);
	EXPECT_EQ(CALL(truncate64, PATH("/tmp/f"), UINT32_MAX, 0), 0);
	EXPECT_EQ(*size, UINT32_MAX);
	EXPECT_EQ(CALL(ftruncate, out, INT32_MAX), 0);
	EXPECT_EQ(*size, INT32_MAX);
	EXPECT_EQ(CALL(ftruncate, CLOSED, UINT32_MAX), -EINVAL);
	EXPECT_EQ(CALL(ftruncate64, CLOSED, 0, 0x80000000), -EINVAL);
	EXPECT_EQ(CALL(truncate, NOWHERE, 0x80000000), -EINVAL);
	EXPECT_EQ(CALL(truncate64, NOWHERE, 0, 0x80000000), -EINVAL);
	EXPECT_EQ(CALL(truncate, NOWHERE, 0), -EFAULT);
	EXPECT_EQ(CALL(ftruncate, CLOSED, 0), -EBADF);
	EXPECT_EQ(CALL(ftruncate, in, 0), -EINVAL);
	EXPECT_EQ(CALL(ftruncate, blank, 0), -EINVAL);
	EXPECT_EQ(CALL(ftruncate, ends[1], 0), -EINVAL);
	EXPECT_EQ(CALL(truncate, PATH("/tmp/d"), 0), -EISDIR);
	EXPECT_EQ(CALL(truncate, PATH("/tmp/x"), 0), -ENOENT);
	EXPECT_EQ(*size, INT32_MAX);
	EXPECT_EQ(CALL(ftruncate, out, 0), 0);
}

/* ---- Closing, and writing to a disk ---- */

static void closes_and_syncs(void)
{
	u32 place, device, link;

	files();
	EXPECT_EQ(path_symlink("/tmp/f", NULL, "/tmp/d/b"), 0);
	EXPECT_EQ(path_make(NULL, "/tmp/a", S_IFBLK | 0600, 0), 0);
	place = open_fd("/tmp", O_PATH);
	device = open_fd("/dev/null", O_RDONLY);
	EXPECT_EQ(CALL(fsync, in), 0);
	EXPECT_EQ(CALL(fsync, folder), 0);
	EXPECT_EQ(CALL(fsync, device), -EINVAL);
	EXPECT_EQ(CALL(fsync, blank), -EINVAL);
	EXPECT_EQ(CALL(fsync, place), -EBADF);
	EXPECT_EQ(CALL(fsync, CLOSED), -EBADF);
	EXPECT_EQ(CALL(syncfs, blank), 0);
	EXPECT_EQ(CALL(syncfs, place), -EBADF);
	EXPECT_EQ(CALL(sync, CLOSED), 0);
	EXPECT_EQ(CALL(sync_file_range, in, 0, 0, 0, 0, 7), 0);
	EXPECT_EQ(CALL(sync_file_range, folder, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(CALL(sync_file_range, in, 0, 0, 0, 0, 8), -EINVAL);
	EXPECT_EQ(CALL(sync_file_range, in, 0, 0x80000000, 0, 0, 0), -EINVAL);
	EXPECT_EQ(CALL(sync_file_range, in, 0, 0, 0, 0x80000000, 0), -EINVAL);
	EXPECT_EQ(CALL(sync_file_range, in, 9, 0, UINT32_MAX - 9, INT32_MAX, 0), 0);
	EXPECT_EQ(CALL(sync_file_range, in, 10, 0, UINT32_MAX - 9, INT32_MAX, 0), -EINVAL);
	EXPECT_EQ(CALL(sync_file_range, in, UINT32_MAX, INT32_MAX, 0, 0, 0), 0);
	EXPECT_EQ(CALL(sync_file_range, in, UINT32_MAX, INT32_MAX, 1, 0, 0), -EINVAL);
	EXPECT_EQ(CALL(sync_file_range, ends[0], 0, 0, 0, 0, 8), -EINVAL);
	EXPECT_EQ(CALL(sync_file_range, ends[0], 0, 0, 0, 0, 0), -ESPIPE);
	EXPECT_EQ(CALL(sync_file_range, device, 0, 0, 0, 0, 0), -ESPIPE);
	EXPECT_EQ(CALL(sync_file_range, place, 0, 0, 0, 0, 0), -EBADF);
	/* A link and a block device that were opened as a place, as if they were not. */
	link = open_fd("/tmp/d/b", O_PATH | O_NOFOLLOW);
	file_at(link)->flags = 0;
	EXPECT_EQ(CALL(sync_file_range, link, 0, 0, 0, 0, 0), 0);
	file_at(link)->flags = O_PATH;
	link = open_fd("/tmp/a", O_PATH);
	file_at(link)->flags = 0;
	EXPECT_EQ(CALL(sync_file_range, link, 0, 0, 0, 0, 0), 0);
	file_at(link)->flags = O_PATH;
	EXPECT_EQ(CALL(close, place), 0);
	EXPECT_EQ(CALL(close, place), -EBADF);
}

/* ---- Paths ---- */

static void lengths_of_paths(void)
{
	files();
	closed(CALL(open, long_path(PATH_SHORT - 1), O_RDONLY));
	fail(1);
	EXPECT_EQ(CALL(open, long_path(PATH_SHORT), O_RDONLY), -ENOMEM);
	fail(0);
	closed(CALL(open, long_path(PATH_SHORT), O_RDONLY));
	closed(CALL(open, long_path(PATH_MAX - 1), O_RDONLY));
	memset(user_bytes, '/', sizeof(user_bytes));
	EXPECT_EQ(CALL(open, PATHS - 1, O_RDONLY), -ENAMETOOLONG);
	EXPECT_EQ(CALL(open, PATHS + 1, O_RDONLY), -EFAULT);
	EXPECT_EQ(CALL(open, USER_BYTES + 8192 - PATH_SHORT + 1, O_RDONLY), -EFAULT);
}

static u32 copies;

static void shorten(void)
{
	if (++copies == 2)
		user_bytes[PATHS - USER_BYTES] = '\0';
}

/* A long path is copied again: another thread may have changed it. */
static void paths_that_change(void)
{
	struct user_path path;

	files();
	EXPECT_EQ(user_path(&path, CWD, long_path(PATH_SHORT + 1)), 0);
	EXPECT(path.length == PATH_SHORT + 1 && path.text != path.few);
	user_path_end(&path);
	fail(1);
	EXPECT_EQ(user_path(&path, CWD, long_path(PATH_SHORT)), -ENOMEM);
	fail(0);
	EXPECT_EQ(CALL(truncate, long_path(PATH_SHORT), 0), -EISDIR);
	user_others = shorten;
	EXPECT_EQ(CALL(open, long_path(PATH_SHORT), O_RDONLY), -ENOENT);
	user_others = NULL;
	EXPECT_EQ(copies, 2);
}

static void inodes_of_paths(void)
{
	struct inode *inode;
	struct user_path path;
	u32 place, count;

	files();
	EXPECT_EQ(path_symlink("/tmp/f", NULL, "/tmp/d/b"), 0);
	EXPECT_EQ(user_inode(CWD, PATH("/tmp/d/b"), 0, &inode), 0);
	EXPECT(inode == found("/tmp/f"));
	inode_put(inode);
	EXPECT_EQ(user_inode(folder, PATH("b"), AT_SYMLINK_NOFOLLOW, &inode), 0);
	EXPECT(is_kind(inode, S_IFLNK));
	inode_put(inode);
	EXPECT_EQ(user_inode(in, PATH(""), 0, &inode), -ENOENT);
	EXPECT_EQ(user_inode(in, PATH(""), AT_EMPTY_PATH, &inode), 0);
	EXPECT(inode == found("/tmp/f"));
	inode_put(inode);
	count = root_inode->mapping.count;
	EXPECT_EQ(user_inode(CWD, PATH(""), AT_EMPTY_PATH, &inode), 0);
	EXPECT(inode == root_inode);
	inode_put(inode);
	EXPECT_EQ(root_inode->mapping.count, count);
	EXPECT_EQ(user_inode(CWD, PATH("/none"), AT_EMPTY_PATH, &inode), -ENOENT);
	EXPECT_EQ(user_inode(CLOSED, PATH(""), AT_EMPTY_PATH, &inode), -EBADF);
	EXPECT_EQ(user_inode(blank, PATH(""), AT_EMPTY_PATH, &inode), -EINVAL);
	EXPECT_EQ(user_inode(in, NOWHERE, AT_EMPTY_PATH, &inode), -EFAULT);
	place = open_fd("/tmp/f", O_PATH);
	EXPECT_EQ(descriptor_inode(place, &inode), -EBADF);
	EXPECT_EQ(place_inode(place, &inode), 0);
	inode_put(inode);
	EXPECT_EQ(descriptor_inode(in, &inode), 0);
	inode_put(inode);
	EXPECT_EQ(descriptor_inode(blank, &inode), -EINVAL);
	EXPECT_EQ(user_path(&path, folder, PATH("x")), 0);
	EXPECT(path.base == found("/tmp/d") && path.length == 1);
	user_path_end(&path);
	EXPECT_EQ(user_path(&path, folder, PATH("/x")), 0);
	EXPECT(!path.base && path.length == 2);
	user_path_end(&path);
}

TAP_MAIN({ "open", opens }, { "open: refused", opens_refused },
	 { "flags before paths", flags_before_paths }, { "openat2: unknown ways", unknown_ways },
	 { "openat2", opens_in_ways }, { "sizes", sizes },
	 { "closing, and writing to a disk", closes_and_syncs },
	 { "lengths of paths", lengths_of_paths }, { "paths that change", paths_that_change },
	 { "inodes of paths", inodes_of_paths })
