/* SPDX-License-Identifier: MIT */
/*
 * The path walk: where openat2() lets it go, links that are not followed, rights, where it begins.
 * Names in folders are in test_folders.c and test_names.c.
 */
#include "abi/linux/errno.h"
#include "tests/host/console.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/owner.h"

static void make(const char *path, u32 mode)
{
	EXPECT_EQ(path_make(NULL, path, mode, 0), 0);
}

static void make_link(const char *text, const char *path)
{
	EXPECT_EQ(path_symlink(text, NULL, path), 0);
}

/* Opens a path from a folder. */
static int open_from(const char *base, const char *path, u32 flags, u32 resolve)
{
	struct file *file;
	int err = file_open_resolved(found(base), path, flags, 0, resolve, &file);

	if (!err)
		file_put(file);
	return err;
}

/* /dev/shm is another file system than /dev, and than the root. */
#define BASE "/dev/shm/b"

static const char *const links[][2] = {
	{ "/tmp/t", "abs" },	 { "in/f", "rel" }, { "../../../tmp/t", "up" },
	{ BASE "/in/f", "own" }, { "/", "root" },   { "/in/f", "rooted" },
	{ "..", "par" },
};

static void start_links(void)
{
	char path[40];

	start();
	make("/tmp/t", S_IFREG | 0644);
	make(BASE, S_IFDIR | 0755);
	make(BASE "/in", S_IFDIR | 0755);
	make(BASE "/in/f", S_IFREG | 0644);
	for (u32 i = 0; i < ARRAY_SIZE(links); i++) {
		strcpy(path, BASE "/");
		make_link(links[i][0], strcat(path, links[i][1]));
	}
}

static void end_links(void)
{
	char path[40];

	for (u32 i = 0; i < ARRAY_SIZE(links); i++) {
		strcpy(path, BASE "/");
		EXPECT_EQ(path_unlink(NULL, strcat(path, links[i][1])), 0);
	}
	EXPECT_EQ(path_unlink(NULL, BASE "/in/f"), 0);
	EXPECT_EQ(path_rmdir(NULL, BASE "/in"), 0);
	EXPECT_EQ(path_rmdir(NULL, BASE), 0);
	EXPECT_EQ(path_unlink(NULL, "/tmp/t"), 0);
}

/* The results of Linux 6.18 for the same files. */
static void resolved(void)
{
	enum { X = -EXDEV, L = -ELOOP, N = -ENOENT, D = -ENOTDIR };
	static const u32 how[] = { RESOLVE_NO_XDEV,	RESOLVE_NO_MAGICLINKS,
				   RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH,
				   RESOLVE_IN_ROOT,	RESOLVE_NO_XDEV | RESOLVE_IN_ROOT };
	static const struct {
		const char *path;
		int results[6];
	} cases[] = {
		{ "abs", { X, 0, L, X, N, N } },       { "rel", { 0, 0, L, 0, 0, 0 } },
		{ "up", { X, 0, L, X, N, N } },	       { "own", { X, 0, L, X, N, N } },
		{ "root", { X, 0, L, X, 0, 0 } },      { "rooted", { X, N, L, X, 0, 0 } },
		{ "par", { 0, 0, L, X, 0, 0 } },       { "in/f", { 0, 0, 0, 0, 0, 0 } },
		{ "/tmp/t", { 0, 0, 0, X, N, N } },    { "..", { 0, 0, 0, X, 0, 0 } },
		{ ".", { 0, 0, 0, 0, 0, 0 } },	       { "in/..", { 0, 0, 0, 0, 0, 0 } },
		{ "in/../..", { 0, 0, 0, X, 0, 0 } },  { "../b/in/f", { 0, 0, 0, X, N, N } },
		{ "../../shm", { X, 0, 0, X, N, N } }, { "rooted/../in/f", { X, N, L, X, D, D } },
		{ "root/dev", { X, 0, L, X, N, N } },  { "par/b/in/f", { 0, 0, L, X, N, N } },
	};

	start_links();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++)
		for (u32 j = 0; j < ARRAY_SIZE(how); j++)
			if (!EXPECT_EQ(open_from(BASE, cases[i].path, O_RDONLY, how[j]),
				       cases[i].results[j]))
				tap_note("%s, %#x", cases[i].path, how[j]);
	EXPECT_EQ(open_from("/dev", "shm", O_RDONLY, RESOLVE_NO_XDEV), -EXDEV);
	EXPECT_EQ(open_from("/dev", "null", O_RDONLY, RESOLVE_NO_XDEV), 0);
	EXPECT_EQ(open_from("/dev", "shm/..", O_RDONLY, RESOLVE_NO_XDEV), -EXDEV);
	EXPECT_EQ(open_from("/tmp/t", "x", O_RDONLY, RESOLVE_BENEATH), -ENOTDIR);
	/* To an absolute path on the same file system: only if the root was looked at. */
	make_link("/tmp/t", "/tmp/l");
	EXPECT_EQ(open_from("/tmp", "l", O_RDONLY, RESOLVE_NO_XDEV), -EXDEV);
	EXPECT_EQ(open_from("/tmp", "./l", O_RDONLY, RESOLVE_NO_XDEV), -EXDEV);
	EXPECT_EQ(open_from("/tmp", "../tmp/l", O_RDONLY, RESOLVE_NO_XDEV), 0);
	EXPECT_EQ(open_from("/tmp", "/tmp/l", O_RDONLY, RESOLVE_NO_XDEV), 0);
	EXPECT_EQ(open_from("/tmp", "l", O_RDONLY, 0), 0);
	EXPECT_EQ(path_unlink(NULL, "/tmp/l"), 0);
	end_links();
}

static int magic_error;

static int follow_to_shm(struct inode *link, struct inode **target)
{
	EXPECT(link != NULL);
	if (magic_error)
		return magic_error;
	*target = found("/dev/shm");
	inode_get(*target);
	return 0;
}

/* A link that leads to an object without a path, as those of /proc: to another file system. */
static void magic_links(void)
{
	static const struct inode_operations operations = { .follow = follow_to_shm };
	const struct inode_operations *before;
	struct inode *link;

	start();
	make_link("nowhere", "/tmp/l");
	EXPECT_EQ(path_resolve(NULL, "/tmp/l", 0, &link), 0);
	before = link->operations;
	link->operations = &operations;
	EXPECT_EQ(open_from("/tmp", "l", O_RDONLY, 0), 0);
	EXPECT_EQ(open_from("/tmp", "l/.", O_RDONLY, 0), 0);
	EXPECT_EQ(open_from("/tmp", "l", O_RDONLY, RESOLVE_NO_XDEV), -EXDEV);
	EXPECT_EQ(open_from("/tmp", "l/.", O_RDONLY, RESOLVE_NO_XDEV), -EXDEV);
	EXPECT_EQ(open_from("/tmp", "l", O_RDONLY, RESOLVE_NO_MAGICLINKS), -ELOOP);
	EXPECT_EQ(open_from("/tmp", "l", O_RDONLY, RESOLVE_BENEATH), -EXDEV);
	EXPECT_EQ(open_from("/tmp", "l", O_RDONLY, RESOLVE_IN_ROOT), -EXDEV);
	magic_error = -EACCES;
	EXPECT_EQ(open_from("/tmp", "l", O_RDONLY, 0), -EACCES);
	EXPECT_EQ(open_from("/tmp", "l", O_RDONLY, RESOLVE_NO_XDEV), -EACCES);
	magic_error = 0;
	link->operations = before;
	inode_put(link);
	EXPECT_EQ(path_unlink(NULL, "/tmp/l"), 0);
}

/* Links that are the last component: which calls follow them. */
static void last_links(void)
{
	struct address_space *program;
	struct inode *inode;
	u32 count;

	start_links();
	EXPECT_EQ(try(BASE "/rel", O_RDONLY), 0);
	EXPECT_EQ(try(BASE "/rel", O_RDONLY | O_NOFOLLOW), -ELOOP);
	EXPECT_EQ(try(BASE "/rel", O_PATH | O_NOFOLLOW), 0);
	EXPECT_EQ(try(BASE "/par", O_RDONLY | O_NOFOLLOW), -ELOOP);
	EXPECT_EQ(try(BASE "/par", O_RDONLY | O_NOFOLLOW | O_DIRECTORY), -ENOTDIR);
	EXPECT_EQ(try(BASE "/par/", O_RDONLY | O_NOFOLLOW | O_DIRECTORY), 0);
	EXPECT_EQ(try(BASE "/rooted", O_RDWR | O_CREAT), -ENOENT);
	EXPECT_EQ(try(BASE "/rel", O_RDWR | O_CREAT | O_EXCL), -EEXIST);
	EXPECT_EQ(try(BASE "/rooted", O_RDWR | O_CREAT | O_EXCL), -EEXIST);
	EXPECT_EQ(try(BASE "/rel/", O_RDONLY), -ENOTDIR);
	EXPECT_EQ(path_lookup(NULL, BASE "/rel", 0, &inode), 0);
	EXPECT(is_kind(inode, S_IFLNK));
	EXPECT_EQ(inode_program(inode), -ELOOP);
	inode_put(inode);
	/* A folder is wanted: what is none is not kept. */
	count = found(BASE "/in/f")->mapping.count;
	EXPECT_EQ(path_lookup(NULL, BASE "/in/f", LOOKUP_FOLDER, &inode), -ENOTDIR);
	EXPECT_EQ(path_lookup(NULL, BASE "/rel", LOOKUP_FOLLOW | LOOKUP_FOLDER, &inode), -ENOTDIR);
	EXPECT_EQ(path_lookup(NULL, BASE "/in/./f/", 0, &inode), -ENOTDIR);
	EXPECT_EQ(found(BASE "/in/f")->mapping.count, count);
	found(BASE "/in/f")->mode |= 0111;
	EXPECT_EQ(path_program(NULL, BASE "/rel", &program), 0);
	EXPECT(program == &found(BASE "/in/f")->mapping);
	mapping_put(program);
	EXPECT_EQ(path_truncate(NULL, BASE "/par", 0), -EISDIR);
	EXPECT_EQ(path_truncate(NULL, BASE "/rooted", 0), -ENOENT);
	/* A link to a name that is not there is made by O_CREAT. */
	make_link("in/new", BASE "/l");
	EXPECT_EQ(try(BASE "/l", O_RDWR | O_CREAT), 0);
	EXPECT_EQ(path_unlink(NULL, BASE "/in/new"), 0);
	EXPECT_EQ(path_unlink(NULL, BASE "/l"), 0);
	end_links();
}

/* A folder that is known as that of a path is searched by those alone that may. */
static void searched(void)
{
	static const u32 modes[] = { 0755, 0711, 0700, 0710, 0701, 0755 };
	struct inode *inode, *folder;

	start_links();
	folder = found(BASE "/in");
	folder->gid = 9;
	for (u32 i = 0; i < ARRAY_SIZE(modes); i++) {
		bool others = modes[i] & 1, group = modes[i] & 010;

		EXPECT_EQ(inode_chmod(folder, modes[i]), 0);
		for (u32 who = 0; who < 3; who++) {
			bool may = !who || (who == 1 ? others : group);

			host_fsuid = who ? 5 : 0;
			host_fsgid = who == 2 ? 9 : 0;
			EXPECT_EQ(path_lookup(NULL, BASE "/in/f", 0, &inode), may ? 0 : -EACCES);
			if (may)
				inode_put(inode);
			EXPECT_EQ(path_lookup(folder, "f", 0, &inode), may ? 0 : -EACCES);
			if (may)
				inode_put(inode);
		}
		host_fsuid = host_fsgid = 0;
	}
	end_links();
}

/* Relative paths begin at the working directory, absolute ones and ".." end at the root. */
static void beginnings(void)
{
	struct fs_struct process = { .count = 1 };

	start_links();
	process.root = found(BASE);
	process.cwd = found(BASE "/in");
	console_fs = &process;
	EXPECT(found("f") && found("f") == found("/in/f"));
	EXPECT(found("../../../in/f") == found("f"));
	EXPECT(found("/rooted/../in/f") == NULL);
	EXPECT_EQ(try("/rooted", O_RDONLY), 0);
	EXPECT_EQ(try("/abs", O_RDONLY), -ENOENT);
	EXPECT(found("..") == process.root && found("/") == process.root);
	EXPECT(found("/tmp/t") == NULL);
	process.cwd = root_inode; /* outside its root */
	EXPECT(found("tmp/t") != NULL);
	console_fs = NULL;
	end_links();
}

/* Names that begin with dots are names as others. */
static void dots(void)
{
	static const char *const names[] = { "/tmp/.a", "/tmp/..", "/tmp/..a", "/tmp/...",
					     "/tmp/a." };
	struct inode *inode;

	start();
	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		EXPECT_EQ(path_make(NULL, names[i], S_IFDIR | 0755, 0), i == 1 ? -EEXIST : 0);
	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_EQ(path_resolve(NULL, names[i], LOOKUP_FOLDER, &inode), 0);
		EXPECT(i == 1 ? inode == root_inode : folder_parent(inode) == found("/tmp"));
		inode_put(inode);
		EXPECT_EQ(path_rmdir(NULL, names[i]), i == 1 ? -ENOTEMPTY : 0);
	}
}

TAP_MAIN({ "where openat2() may go", resolved }, { "links to objects", magic_links },
	 { "links as the last component", last_links },
	 { "which users may search a folder", searched }, { "where a path begins", beginnings },
	 { "dots", dots })
