/* SPDX-License-Identifier: MIT */
/*
 * Making, removing and moving names: what is refused and in which order, exchanges, and rights in
 * folders of others. test_folders.c has random names, and every allocation that fails.
 */
#include "abi/linux/errno.h"
#include "fs/tmpfs/mount.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/owner.h"

static int make(const char *path, u32 mode)
{
	return path_make(NULL, path, mode, 0);
}

static int move(const char *from, const char *to, u32 flags)
{
	return path_rename(NULL, from, NULL, to, flags);
}

/* Folders d, d/e, d/e/g, x; files f, d/f, and h, another name of f. */
static void start_tree(void)
{
	static const char *const folders[] = { "/tmp/d", "/tmp/d/e", "/tmp/d/e/g", "/tmp/x" };

	start();
	for (u32 i = 0; i < ARRAY_SIZE(folders); i++)
		EXPECT_EQ(make(folders[i], S_IFDIR | 0755), 0);
	EXPECT_EQ(make("/tmp/f", S_IFREG | 0644), 0);
	EXPECT_EQ(make("/tmp/d/f", S_IFREG | 0644), 0);
	EXPECT_EQ(inode_link(found("/tmp/f"), NULL, "/tmp/h"), 0);
}

static void end_tree(void)
{
	static const char *const folders[] = { "/tmp/d/e/g", "/tmp/d/e", "/tmp/d", "/tmp/x" };

	host_fsuid = 0;
	EXPECT_VALID(folder_validate(found("/tmp")));
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
	EXPECT_EQ(path_unlink(NULL, "/tmp/h"), 0);
	EXPECT_EQ(path_unlink(NULL, "/tmp/d/f"), 0);
	for (u32 i = 0; i < ARRAY_SIZE(folders); i++)
		EXPECT_EQ(path_rmdir(NULL, folders[i]), 0);
}

static void refused_moves(void)
{
	static const struct {
		const char *from, *to;
		u32 flags;
		int result;
	} cases[] = {
		{ "/tmp/none", "/tmp/n", 0, -ENOENT },
		{ "/tmp/f", "/tmp/none/n", 0, -ENOENT },
		{ "/tmp/f", "/tmp/f/n", 0, -ENOTDIR },
		{ "/tmp/f", "/tmp/n", 4, -EINVAL },
		{ "/tmp/f", "/tmp/n", RENAME_NOREPLACE | RENAME_EXCHANGE, -EINVAL },
		{ "/tmp/f", "/tmp/d/f", RENAME_NOREPLACE, -EEXIST },
		{ "/tmp/f", "/tmp/n", RENAME_EXCHANGE, -ENOENT },
		{ "/tmp/f/", "/tmp/n", 0, -ENOTDIR },
		{ "/tmp/f", "/tmp/n/", 0, -ENOTDIR },
		{ "/tmp/f/", "/tmp/x", RENAME_EXCHANGE, -ENOTDIR },
		{ "/tmp/x", "/tmp/f/", RENAME_EXCHANGE, -ENOTDIR },
		{ "/tmp/d", "/tmp/d/e/n", 0, -EINVAL },
		{ "/tmp/d", "/tmp/d/n", 0, -EINVAL },
		{ "/tmp/d/e", "/tmp/d", 0, -ENOTEMPTY },
		{ "/tmp/d/e/g", "/tmp/d", 0, -ENOTEMPTY },
		{ "/tmp/d/e/g", "/tmp/d", RENAME_EXCHANGE, -EINVAL },
		{ "/tmp/d", "/tmp/d/e/g", RENAME_EXCHANGE, -EINVAL },
		{ "/tmp/.", "/tmp/n", 0, -EBUSY },
		{ "/tmp/d/..", "/tmp/n", 0, -EBUSY },
		{ "/", "/tmp/n", 0, -EBUSY },
		{ "/tmp/f", "/tmp/d/.", 0, -EBUSY },
		{ "/tmp/f", "/tmp/d/..", RENAME_NOREPLACE, -EEXIST },
		{ "/tmp/f", "/tmp/x", 0, -EISDIR },
		{ "/tmp/x", "/tmp/f", 0, -ENOTDIR },
		{ "/tmp/x", "/tmp/d", 0, -ENOTEMPTY },
		{ "/tmp/f", "/dev/n", 0, -EXDEV },
		{ "/proc/meminfo", "/proc/n", 0, -EPERM },
		{ "/tmp/f", "/tmp/h", 0, 0 }, /* one inode: both names stay */
		{ "/tmp/f", "/tmp/f", 0, 0 },
		{ "/tmp/d", "/tmp/x", 0, 0 }, /* an empty folder is replaced */
	};
	char longest[NAME_MAX + 7] = "/tmp/";

	start_tree();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++)
		if (!EXPECT_EQ(move(cases[i].from, cases[i].to, cases[i].flags), cases[i].result))
			tap_note("%s to %s", cases[i].from, cases[i].to);
	EXPECT(found("/tmp/f") && found("/tmp/f") == found("/tmp/h"));
	EXPECT(!found("/tmp/d") && found("/tmp/x/e/g"));
	EXPECT_EQ(make("/tmp/d", S_IFDIR | 0755), 0);
	EXPECT_EQ(move("/tmp/x", "/tmp/d/", 0), 0);
	EXPECT_EQ(make("/tmp/x", S_IFDIR | 0755), 0);
	memset(longest + 5, 'n', NAME_MAX + 1);
	EXPECT_EQ(move("/tmp/f", longest, 0), -ENAMETOOLONG);
	EXPECT_EQ(move(longest, "/tmp/n", 0), -ENAMETOOLONG);
	longest[5 + NAME_MAX] = '\0';
	EXPECT_EQ(move("/tmp/f", longest, 0), 0);
	EXPECT_EQ(move(longest, "/tmp/f", 0), 0);
	end_tree();
}

/* Each has the other's place; a folder takes its ".." with it. */
static void exchanged(void)
{
	struct inode *folder, *file, *tmp, *other;
	u32 links;
	char path[20];

	start_tree();
	folder = found("/tmp/d/e");
	file = found("/tmp/f");
	tmp = found("/tmp");
	other = found("/tmp/d");
	links = tmp->nlink;
	EXPECT_EQ(other->nlink, 3);
	EXPECT_EQ(move("/tmp/d/e", "/tmp/f", RENAME_EXCHANGE), 0);
	EXPECT(found("/tmp/d/e") == file && found("/tmp/f") == folder);
	EXPECT(found("/tmp/f/..") == tmp && found("/tmp/f/g") != NULL);
	EXPECT_EQ(tmp->nlink, links + 1);
	EXPECT_EQ(other->nlink, 2);
	EXPECT(file->nlink == 2 && folder->nlink == 3);
	EXPECT_TEXT(inode_path(folder, path, sizeof(path)), "/tmp/f");
	EXPECT_VALID(folder_validate(tmp));
	EXPECT_VALID(folder_validate(other));
	EXPECT_EQ(move("/tmp/d", "/tmp/f/g", RENAME_EXCHANGE), 0);
	EXPECT(found("/tmp/d/..") == tmp && found("/tmp/f/g") == other);
	EXPECT(found("/tmp/f/g/..") == folder);
	EXPECT_EQ(move("/tmp/f/g/", "/tmp/d", RENAME_EXCHANGE), 0);
	EXPECT_EQ(move("/tmp/f", "/tmp/d/e", RENAME_EXCHANGE), 0);
	EXPECT(found("/tmp/d/e") == folder && found("/tmp/f") == file);
	end_tree();
}

/* In a folder with the sticky bit the owner of the file or of the folder removes a name. */
static void rights(void)
{
	start_tree();
	found("/tmp/d")->mode = S_IFDIR | S_ISVTX | 0777;
	found("/tmp/d/f")->uid = 5;
	host_fsuid = 6;
	EXPECT_EQ(path_unlink(NULL, "/tmp/d/f"), -EPERM);
	EXPECT_EQ(move("/tmp/d/f", "/tmp/d/n", 0), -EPERM);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/d/e"), -EPERM);
	EXPECT_EQ(make("/tmp/d/n", S_IFREG | 0644), 0);
	EXPECT_EQ(move("/tmp/d/n", "/tmp/d/f", 0), -EPERM);
	EXPECT_EQ(move("/tmp/d/n", "/tmp/d/f", RENAME_EXCHANGE), -EPERM);
	EXPECT_EQ(move("/tmp/d/n", "/tmp/d/m", 0), 0);
	EXPECT_EQ(path_unlink(NULL, "/tmp/d/m"), 0);
	host_fsuid = 5;
	EXPECT_EQ(move("/tmp/d/f", "/tmp/d/n", 0), 0);
	EXPECT_EQ(move("/tmp/d/n", "/tmp/d/f", 0), 0);
	found("/tmp/d")->uid = 7;
	host_fsuid = 7;
	EXPECT_EQ(move("/tmp/d/f", "/tmp/d/n", 0), 0);
	EXPECT_EQ(move("/tmp/d/n", "/tmp/d/f", 0), 0);
	/* Without the right to write: in neither folder, nor in one that gets another "..". */
	EXPECT_EQ(make("/tmp/x/n", S_IFREG | 0644), -EACCES);
	EXPECT_EQ(move("/tmp/d/f", "/tmp/x/n", 0), -EACCES);
	EXPECT_EQ(inode_link(found("/tmp/d/f"), NULL, "/tmp/x/n"), -EACCES);
	found("/tmp/x")->mode |= 0777;
	EXPECT_EQ(move("/tmp/d/e", "/tmp/x/n", 0), -EACCES);
	EXPECT_EQ(move("/tmp/d/e", "/tmp/d/n", 0), 0);
	EXPECT_EQ(move("/tmp/d/n", "/tmp/d/e", 0), 0);
	found("/tmp/d/e")->mode |= 0777;
	EXPECT_EQ(move("/tmp/d/e", "/tmp/x/n", 0), 0);
	EXPECT_EQ(move("/tmp/x/n", "/tmp/d/e", 0), 0);
	end_tree();
}

/* Devices are made by the super-user, but for 0:0, which hides a name of overlayfs. */
static void devices(void)
{
	start();
	host_fsuid = 5;
	EXPECT_EQ(path_make(NULL, "/tmp/b", S_IFBLK | 0600, 0), -EPERM);
	EXPECT_EQ(path_make(NULL, "/tmp/b", S_IFBLK | 0600, 0x800), -EPERM);
	EXPECT_EQ(path_make(NULL, "/tmp/c", S_IFCHR | 0600, 0x103), -EPERM);
	EXPECT_EQ(path_make(NULL, "/tmp/c", S_IFCHR | 0600, 0), 0);
	EXPECT_EQ(path_make(NULL, "/tmp/p", S_IFIFO | 0600, 0x103), 0);
	EXPECT_EQ(found("/tmp/p")->rdev, 0); /* only devices have a number */
	EXPECT_EQ(path_unlink(NULL, "/tmp/c"), 0);
	EXPECT_EQ(path_unlink(NULL, "/tmp/p"), 0);
	host_fsuid = 0;
	EXPECT_EQ(path_make(NULL, "/tmp/b", S_IFBLK | 0600, 0x800), 0);
	EXPECT_EQ(path_make(NULL, "/tmp/c", S_IFCHR | 0600, 0x103), 0);
	EXPECT(found("/tmp/b")->rdev == 0x800 && found("/tmp/c")->rdev == 0x103);
	EXPECT_EQ(try("/tmp/b", O_RDONLY), -ENXIO);
	EXPECT_EQ(try("/tmp/c", O_RDONLY), 0);
	EXPECT_EQ(path_unlink(NULL, "/tmp/b"), 0);
	EXPECT_EQ(path_unlink(NULL, "/tmp/c"), 0);
}

static void refused(void)
{
	start_tree();
	EXPECT_EQ(path_rmdir(NULL, "/"), -EBUSY);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/x/."), -EINVAL);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/x/.."), -ENOTEMPTY);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/f"), -ENOTDIR);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/d"), -ENOTEMPTY);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/n"), -ENOENT);
	EXPECT_EQ(path_rmdir(NULL, "/proc/sys"), -EPERM);
	EXPECT_EQ(path_unlink(NULL, "/tmp/x"), -EISDIR);
	EXPECT_EQ(path_unlink(NULL, "/tmp/x/"), -EISDIR);
	EXPECT_EQ(path_unlink(NULL, "/tmp/x/."), -EISDIR);
	EXPECT_EQ(make("/tmp/n/", S_IFREG | 0644), -ENOENT);
	EXPECT_EQ(make("/tmp/f/", S_IFREG | 0644), -EEXIST);
	EXPECT_EQ(make("/tmp/x/.", S_IFDIR | 0755), -EEXIST);
	EXPECT_EQ(make("/", S_IFDIR | 0755), -EEXIST);
	EXPECT_EQ(make("/proc/n", S_IFDIR | 0755), -ENOENT);
	EXPECT_EQ(path_symlink("", NULL, "/tmp/n"), -ENOENT);
	EXPECT_EQ(path_symlink("t", NULL, "/tmp/n/"), -ENOENT);
	EXPECT_EQ(path_symlink("t", NULL, "/tmp/f"), -EEXIST);
	EXPECT_EQ(inode_link(found("/tmp/f"), NULL, "/tmp/n/"), -ENOENT);
	EXPECT_EQ(make("/tmp/n/", S_IFDIR | 0755), 0);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/n/"), 0);
	/* In a folder that is not there, or may not be searched. */
	EXPECT_EQ(make("/tmp/n/m", S_IFDIR | 0755), -ENOENT);
	EXPECT_EQ(path_symlink("t", NULL, "/tmp/f/m"), -ENOTDIR);
	EXPECT_EQ(inode_link(found("/tmp/f"), NULL, "/tmp/n/m"), -ENOENT);
	EXPECT(!found("/tmp/n"));
	found("/tmp/x")->mode &= ~0777u;
	host_fsuid = 5;
	EXPECT_EQ(make("/tmp/x/n", S_IFDIR | 0755), -EACCES);
	EXPECT_EQ(path_unlink(NULL, "/tmp/x/n"), -EACCES);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/x/n"), -EACCES);
	end_tree();
}

/* On another file system: this is said first, as on Linux. */
static void foreign_folders(void)
{
	start_tree();
	EXPECT_EQ(make("/dev/shm/d", S_IFDIR | 0755), 0);
	EXPECT_EQ(inode_link(found("/tmp/x"), NULL, "/tmp/n"), -EPERM);
	EXPECT_EQ(inode_link(found("/tmp/x"), NULL, "/dev/shm/n"), -EXDEV);
	EXPECT_EQ(inode_link(found("/tmp/x"), NULL, "/dev/shm/d"), -EEXIST);
	host_fsuid = 5;
	EXPECT_EQ(inode_link(found("/tmp/f"), NULL, "/dev/shm/d/n"), -EXDEV);
	EXPECT_EQ(move("/tmp/none", "/dev/shm/d/n", 0), -EXDEV);
	EXPECT_EQ(move("/", "/dev/shm/d/n", 0), -EXDEV);
	host_fsuid = 0;
	EXPECT_EQ(path_rmdir(NULL, "/dev/shm/d"), 0);
	end_tree();
}

/* Numbers of names are used up. */
static void last_number(void)
{
	start_tree();
	found("/tmp/x")->folder.next_order = INT32_MAX;
	EXPECT_EQ(make("/tmp/x/n", S_IFREG | 0644), -ENOSPC);
	EXPECT_EQ(move("/tmp/f", "/tmp/x/n", 0), -ENOSPC);
	EXPECT_EQ(inode_link(found("/tmp/f"), NULL, "/tmp/x/n"), -ENOSPC);
	found("/tmp/x")->folder.next_order = INT32_MAX - 1;
	EXPECT_EQ(move("/tmp/f", "/tmp/x/n", 0), 0);
	EXPECT_EQ(move("/tmp/x/n", "/tmp/f", 0), 0);
	end_tree();
}

/* A link has its text, or there is no link. */
static void links_without_memory(void)
{
	struct fail_spec spec = { .kinds = FAIL_ANY, .mode = FAIL_ONCE };
	bool failed = true;

	start();
	for (spec.nth = 1; failed && spec.nth < 20; spec.nth++) {
		int err;

		fail_alloc_set(&spec);
		err = path_symlink("a text", NULL, "/tmp/l");
		failed = fail_alloc_failed();
		fail_alloc_set(NULL);
		EXPECT_EQ(err, failed ? -ENOMEM : 0);
		EXPECT_EQ(found("/tmp/l") == NULL, failed);
	}
	EXPECT(spec.nth > 3);
	EXPECT_TEXT(found("/tmp/l")->target, "a text");
	EXPECT_EQ(path_unlink(NULL, "/tmp/l"), 0);
}

TAP_MAIN({ "moves that are refused", refused_moves }, { "exchanged", exchanged },
	 { "rights", rights }, { "devices", devices }, { "refused", refused },
	 { "foreign folders", foreign_folders }, { "the last number of a name", last_number },
	 { "links without memory", links_without_memory })
