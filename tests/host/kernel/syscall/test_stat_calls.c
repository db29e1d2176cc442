/* SPDX-License-Identifier: MIT */
/*
 * stat() and statfs() in all their forms: each field at its place, paths, descriptors of every
 * kind, and flags.
 *
 * sources: kernel/syscall/file/sys_stat.c kernel/syscall/file/sys_statfs.c kernel/task/files.c
 * sources: kernel/syscall/file/user_path.c tests/host/kernel/syscall/file_rig.c
 */
#include "abi/linux/statfs.h"
#include "kernel/syscall/file/user_path.h"
#include "tests/host/kernel/syscall/file_rig.h"

#define CWD    ((u32)AT_FDCWD)
#define BUFFER (USER_BYTES + 64)
#define SECOND 1000000000ull

static const char *const names[] = { "/tmp/a", "/tmp/d/b", NULL };

/* Descriptors: a folder, the file /tmp/f, the same as a place, none with an inode, a pipe. */
static u32 folder, file, place, blank, ends[2];

static void files(void)
{
	begin_names(names);
	EXPECT_EQ(path_symlink("/tmp/f", NULL, "/tmp/d/b"), 0);
	folder = open_fd("/tmp/d", O_RDONLY);
	file = open_fd("/tmp/f", O_RDONLY);
	place = open_fd("/tmp/f", O_PATH);
	blank = blank_fd(O_RDWR);
	pipe_fds(ends, 0);
}

/* ---- stat() ---- */

static struct stat64 narrow;
static struct statx wide;

/* The call's result; what it wrote is in `narrow`, or in `wide`. */
static s32 stat64_of(s32 result)
{
	get(&narrow, BUFFER, sizeof(narrow));
	return result;
}

static s32 statx_of(u32 directory, vaddr_t path, u32 flags, u32 mask)
{
	s32 result = CALL(statx, directory, path, flags, mask, BUFFER);

	get(&wide, BUFFER, sizeof(wide));
	return result;
}

/* A device with another number in each field. */
static void special(void)
{
	struct inode *inode;

	EXPECT_EQ(path_make(NULL, "/tmp/a", S_IFCHR | 0612, 0x1234), 0);
	inode = found("/tmp/a");
	inode->uid = 11;
	inode->gid = 12;
	inode->times = (struct file_times){ 5 * SECOND + 1, 6 * SECOND + 2, 7 * SECOND + 3 };
}

static void fields(void)
{
	const struct inode *inode;

	files();
	special();
	inode = found("/tmp/a");
	memset(user_bytes, 0xff, 1024);
	EXPECT_EQ(stat64_of(CALL(stat64, PATH("/tmp/a"), BUFFER)), 0);
	EXPECT(narrow.dev == TMPFS_DEV && !narrow.pad0 && !narrow.pad1);
	EXPECT(narrow.ino32 == inode->mapping.ino && narrow.ino == inode->mapping.ino);
	EXPECT(narrow.mode == (S_IFCHR | 0612) && narrow.nlink == 1);
	EXPECT(narrow.uid == 11 && narrow.gid == 12 && narrow.rdev == 0x1234);
	EXPECT(!narrow.size && narrow.blksize == 4096 && !narrow.blocks);
	EXPECT(narrow.times[0] == 5 && narrow.times[1] == 1 && narrow.times[2] == 6);
	EXPECT(narrow.times[3] == 2 && narrow.times[4] == 7 && narrow.times[5] == 3);
	EXPECT_EQ(user_bytes[64 + sizeof(narrow)], 0xff);
	EXPECT_EQ(statx_of(CWD, PATH("/tmp/a"), 0, 0), 0);
	EXPECT(wide.mask == STATX_BASIC_STATS && wide.blksize == 4096 && !wide.attributes);
	EXPECT(wide.nlink == 1 && wide.uid == 11 && wide.gid == 12);
	EXPECT(wide.mode == (S_IFCHR | 0612) && wide.ino == inode->mapping.ino);
	EXPECT(!wide.size && !wide.blocks && !wide.attributes_mask);
	EXPECT(wide.atime.seconds == 5 && wide.atime.nanoseconds == 1);
	EXPECT(wide.mtime.seconds == 6 && wide.mtime.nanoseconds == 2);
	EXPECT(wide.ctime.seconds == 7 && wide.ctime.nanoseconds == 3);
	EXPECT(!wide.btime.seconds && !wide.btime.nanoseconds);
	EXPECT(wide.rdev_major == 0x12 && wide.rdev_minor == 0x34);
	EXPECT(wide.dev_major == 0 && wide.dev_minor == TMPFS_DEV);
	EXPECT_EQ(user_bytes[64 + sizeof(wide)], 0xff);
}

/* Times that are equal, in any combination. */
static void equal_times(void)
{
	struct inode *inode;

	files();
	inode = found("/tmp/f");
	for (u32 i = 0; i < 27; i++) {
		u32 access = i % 3, modify = i / 3 % 3, change = i / 9;

		inode->times = (struct file_times){ access * SECOND + access * 10,
						    modify * SECOND + modify * 10,
						    change * SECOND + change * 10 };
		EXPECT_EQ(stat64_of(CALL(fstat64, file, BUFFER)), 0);
		EXPECT(narrow.times[0] == access && narrow.times[1] == access * 10);
		EXPECT(narrow.times[2] == modify && narrow.times[3] == modify * 10);
		EXPECT(narrow.times[4] == change && narrow.times[5] == change * 10);
	}
}

static void files_by_path(void)
{
	files();
	EXPECT_EQ(put_text(file_at(open_fd("/tmp/f", O_RDWR)), "1"), 1);
	EXPECT_EQ(path_truncate(NULL, "/tmp/f", 0x100000003), 0);
	EXPECT_EQ(stat64_of(CALL(stat64, PATH("/tmp/d/b"), BUFFER)), 0);
	EXPECT(narrow.size == 0x100000003 && narrow.blocks == 8 && narrow.mode == (S_IFREG | 0644));
	EXPECT_EQ(stat64_of(CALL(lstat64, PATH("/tmp/d/b"), BUFFER)), 0);
	EXPECT(narrow.size == 6 && narrow.mode == (S_IFLNK | 0777));
	EXPECT_EQ(stat64_of(CALL(fstatat64, folder, PATH("b"), BUFFER, 0)), 0);
	EXPECT_EQ(narrow.size, 0x100000003);
	EXPECT_EQ(stat64_of(CALL(fstatat64, folder, PATH("b"), BUFFER, AT_SYMLINK_NOFOLLOW)), 0);
	EXPECT_EQ(narrow.size, 6);
	EXPECT_EQ(statx_of(folder, PATH("b"), 0, STATX_BASIC_STATS), 0);
	EXPECT(wide.size == 0x100000003 && wide.blocks == 8);
	EXPECT_EQ(statx_of(folder, PATH("b"), AT_SYMLINK_NOFOLLOW, ~STATX__RESERVED), 0);
	EXPECT_EQ(wide.size, 6);
	EXPECT_EQ(CALL(stat64, PATH("/tmp/x"), BUFFER), -ENOENT);
	EXPECT_EQ(CALL(lstat64, NOWHERE, NOWHERE), -EFAULT);
	EXPECT_EQ(CALL(stat64, PATH("/tmp/f"), NOWHERE), -EFAULT);
	EXPECT_EQ(CALL(fstatat64, CWD, PATH("/tmp/f"), NOWHERE), -EFAULT);
	EXPECT_EQ(CALL(statx, CWD, PATH("/tmp/f"), 0, 0, NOWHERE), -EFAULT);
	EXPECT_EQ(CALL(fstat64, file, NOWHERE), -EFAULT);
	EXPECT_EQ(CALL(fstat64, CLOSED, NOWHERE), -EBADF);
	EXPECT_EQ(CALL(fstatat64, file, PATH("b"), BUFFER), -ENOTDIR);
	EXPECT_EQ(CALL(fstatat64, CLOSED, PATH("b"), BUFFER), -EBADF);
	EXPECT_EQ(CALL(fstatat64, CLOSED, PATH(""), BUFFER), -ENOENT);
	EXPECT_EQ(CALL(fstatat64, CLOSED, 0, BUFFER), -EFAULT);
}

/* An empty path, or none, with AT_EMPTY_PATH: the descriptor's own file, of any kind. */
static void files_by_descriptor(void)
{
	const vaddr_t paths[] = { 0, PATHS };

	files();
	EXPECT_EQ(stat64_of(CALL(fstat64, place, BUFFER)), 0);
	EXPECT_EQ(narrow.mode, S_IFREG | 0644);
	EXPECT_EQ(stat64_of(CALL(fstat64, ends[0], BUFFER)), 0);
	EXPECT(narrow.mode == (S_IFIFO | 0600) && narrow.dev == PIPE_DEV);
	PATH("");
	for (u32 i = 0; i < ARRAY_SIZE(paths); i++) {
		EXPECT_EQ(stat64_of(CALL(fstatat64, file, paths[i], BUFFER, AT_EMPTY_PATH)), 0);
		EXPECT_EQ(narrow.mode, S_IFREG | 0644);
		EXPECT_EQ(stat64_of(CALL(fstatat64, place, paths[i], BUFFER, AT_EMPTY_PATH)), 0);
		EXPECT_EQ(narrow.mode, S_IFREG | 0644);
		EXPECT_EQ(stat64_of(CALL(fstatat64, ends[1], paths[i], BUFFER, AT_EMPTY_PATH)), 0);
		EXPECT_EQ(narrow.mode, S_IFIFO | 0600);
		EXPECT_EQ(stat64_of(CALL(fstatat64, CWD, paths[i], BUFFER, AT_EMPTY_PATH)), 0);
		EXPECT_EQ(narrow.ino, root_inode->mapping.ino);
		EXPECT_EQ(statx_of(ends[1], paths[i], AT_EMPTY_PATH, 0), 0);
		EXPECT(wide.mode == (S_IFIFO | 0600) && wide.dev_minor == PIPE_DEV);
		EXPECT_EQ(CALL(fstatat64, CLOSED, paths[i], BUFFER, AT_EMPTY_PATH), -EBADF);
	}
}

static void flags(void)
{
	files();
	EXPECT_EQ(CALL(fstatat64, file, 0, BUFFER, AT_EMPTY_PATH | AT_NO_AUTOMOUNT), 0);
	EXPECT_EQ(CALL(fstatat64, CLOSED, 0, BUFFER, AT_EMPTY_PATH | 1), -EINVAL);
	EXPECT_EQ(CALL(fstatat64, CLOSED, 0, BUFFER, AT_REMOVEDIR), -EINVAL);
	EXPECT_EQ(CALL(fstatat64, CLOSED, 0, BUFFER, AT_STATX_SYNC_TYPE), -EINVAL);
	EXPECT_EQ(statx_of(file, 0, AT_EMPTY_PATH | AT_NO_AUTOMOUNT | 0x2000, 0), 0);
	EXPECT_EQ(statx_of(file, 0, AT_EMPTY_PATH | 0x4000, 0), 0);
	EXPECT_EQ(statx_of(file, 0, AT_EMPTY_PATH | 0x6000, 0), -EINVAL);
	EXPECT_EQ(statx_of(file, 0, AT_EMPTY_PATH | 0x8000, 0), -EINVAL);
	EXPECT_EQ(statx_of(CLOSED, 0, AT_EMPTY_PATH, STATX__RESERVED), -EINVAL);
	EXPECT_EQ(statx_of(CLOSED, 0, AT_EMPTY_PATH | 1, 0), -EINVAL);
	EXPECT_EQ(statx_of(CLOSED, 0, AT_EMPTY_PATH, 0), -EBADF);
	EXPECT_EQ(statx_of(file, 0, 0, 0), -EFAULT);
}

/* ---- statfs() ---- */

static struct statfs fs32;
static struct statfs64 fs64;

static s32 fs32_of(s32 result)
{
	get(&fs32, BUFFER, sizeof(fs32));
	return result;
}

static s32 fs64_of(s32 result)
{
	get(&fs64, BUFFER, sizeof(fs64));
	return result;
}

static struct file_system numbers = { .dev = 0x77,
				      .magic = 0x1234567,
				      .max_pages = 100,
				      .pages = 30,
				      .max_inodes = 50,
				      .inodes = 7 };

/* Expects the fields of `numbers`, and these flags. */
static void expect_numbers(u32 flags)
{
	EXPECT(fs32.type == 0x1234567 && fs32.block_size == 4096 && fs32.fragment_size == 4096);
	EXPECT(fs32.blocks == 100 && fs32.blocks_free == 70 && fs32.blocks_available == 70);
	EXPECT(fs32.files == 50 && fs32.files_free == 43 && fs32.name_length == 255);
	EXPECT(fs32.id[0] == 0x77 && !fs32.id[1] && fs32.flags == flags && !fs32.spare[0]);
	EXPECT(fs64.type == 0x1234567 && fs64.block_size == 4096 && fs64.fragment_size == 4096);
	EXPECT(fs64.blocks == 100 && fs64.blocks_free == 70 && fs64.blocks_available == 70);
	EXPECT(fs64.files == 50 && fs64.files_free == 43 && fs64.name_length == 255);
	EXPECT(fs64.id[0] == 0x77 && !fs64.id[1] && fs64.flags == flags && !fs64.spare[0]);
}

static void file_systems(void)
{
	struct file_system *own;
	struct inode *inode;

	files();
	inode = found("/tmp/f");
	own = inode->fs;
	inode->fs = &numbers;
	EXPECT_EQ(fs32_of(CALL(statfs, PATH("/tmp/f"), BUFFER)), 0);
	EXPECT_EQ(fs64_of(CALL(statfs64, PATH("/tmp/f"), sizeof(fs64), BUFFER)), 0);
	expect_numbers(0x1020);
	numbers.readonly = true;
	EXPECT_EQ(fs32_of(CALL(fstatfs, file, BUFFER)), 0);
	EXPECT_EQ(fs64_of(CALL(fstatfs64, place, sizeof(fs64), BUFFER)), 0);
	expect_numbers(0x1021);
	EXPECT_EQ(fs32_of(CALL(fstatfs, place, BUFFER)), 0);
	EXPECT_EQ(fs64_of(CALL(fstatfs64, file, sizeof(fs64), BUFFER)), 0);
	expect_numbers(0x1021);
	/* More is in use than there may be. */
	numbers.pages = 101;
	numbers.inodes = 51;
	EXPECT_EQ(fs32_of(CALL(fstatfs, file, BUFFER)), 0);
	EXPECT(!fs32.blocks_free && !fs32.files_free);
	inode->fs = own;
}

static void rare_file_systems(void)
{
	u32 count;

	files();
	count = root_inode->mapping.count;
	EXPECT_EQ(fs32_of(CALL(fstatfs, ends[0], BUFFER)), 0);
	EXPECT_EQ(fs32.type, 0x50495045);
	EXPECT_EQ(fs64_of(CALL(fstatfs64, ends[0], sizeof(fs64), BUFFER)), 0);
	EXPECT_EQ(fs64.type, 0x50495045);
	EXPECT_EQ(fs32_of(CALL(fstatfs, blank, BUFFER)), 0);
	EXPECT_EQ(fs32.type, 0x09041934);
	EXPECT_EQ(CALL(fstatfs, CLOSED, NOWHERE), -EBADF);
	EXPECT_EQ(CALL(fstatfs, file, NOWHERE), -EFAULT);
	EXPECT_EQ(CALL(fstatfs64, CLOSED, sizeof(fs64), NOWHERE), -EBADF);
	EXPECT_EQ(CALL(fstatfs64, file, sizeof(fs64), NOWHERE), -EFAULT);
	EXPECT_EQ(CALL(fstatfs64, CLOSED, sizeof(fs64) - 1, NOWHERE), -EINVAL);
	EXPECT_EQ(CALL(statfs64, NOWHERE, sizeof(fs64) + 4, NOWHERE), -EINVAL);
	EXPECT_EQ(CALL(statfs64, NOWHERE, sizeof(fs64), NOWHERE), -EFAULT);
	EXPECT_EQ(CALL(statfs64, PATH("/none"), sizeof(fs64), BUFFER), -ENOENT);
	EXPECT_EQ(CALL(statfs, PATH("/none"), BUFFER), -ENOENT);
	EXPECT_EQ(CALL(statfs, PATH("/tmp"), NOWHERE), -EFAULT);
	EXPECT_EQ(root_inode->mapping.count, count);
}

TAP_MAIN({ "fields", fields }, { "equal times", equal_times }, { "files by path", files_by_path },
	 { "files by descriptor", files_by_descriptor }, { "flags", flags },
	 { "file systems", file_systems }, { "rare file systems", rare_file_systems })
