/* SPDX-License-Identifier: MIT */
/*
 * Folders and names: mkdir, rmdir, getdents64, chdir, getcwd, symlink, rename, and how paths are
 * walked. All happens in a new folder under /tmp, which is the working directory.
 */
#include "abi/linux/dirent.h"
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/tap.h"

#define NEW		(O_RDWR | O_CREAT | O_EXCL)
#define RENAME_EXCHANGE 2u

static struct text base;

static int make(const char *path)
{
	return (int)sys_close((int)sys_open_mode(path, NEW, 0600));
}

static u32 kind_of(const char *path)
{
	struct stat64 stat;

	return sys_lstat64(path, &stat) ? 0 : stat.mode & S_IFMT;
}

static u32 links_of(const char *path)
{
	struct stat64 stat;

	return sys_lstat64(path, &stat) ? 0 : stat.nlink;
}

static void made_and_removed(void)
{
	u32 before = links_of(".");

	EXPECT_EQ(sys_mkdir("a", 0755), 0);
	EXPECT_EQ(kind_of("a"), S_IFDIR);
	EXPECT_EQ(links_of("a"), 2);
	EXPECT_EQ(links_of("."), before + 1);
	EXPECT_EQ(sys_mkdir("a", 0755), -EEXIST);
	EXPECT_EQ(sys_mkdir("a/", 0755), -EEXIST);
	EXPECT_EQ(sys_mkdir("a/b/", 0755), 0);
	EXPECT_EQ(links_of("a"), 3);
	EXPECT_EQ(sys_mkdir("a/b/c/d", 0755), -ENOENT);
	EXPECT_EQ(sys_mkdir("", 0755), -ENOENT);
	EXPECT_EQ(sys_mkdir("/", 0755), -EEXIST);
	EXPECT_EQ(sys_mkdir(".", 0755), -EEXIST);
	EXPECT_EQ(sys_mkdir(NULL, 0755), -EFAULT);
	EXPECT_EQ(sys_rmdir("a"), -ENOTEMPTY);
	EXPECT_EQ(sys_rmdir("a/b/."), -EINVAL);
	EXPECT_EQ(sys_rmdir("a/b/.."), -ENOTEMPTY);
	EXPECT_EQ(sys_rmdir("/"), -EBUSY);
	EXPECT_EQ(sys_unlink("a/b"), -EISDIR);
	EXPECT_EQ(sys_unlinkat(AT_FDCWD, "a/b", AT_REMOVEDIR), 0);
	EXPECT_EQ(sys_rmdir("a/b"), -ENOENT);
	EXPECT_EQ(make("a/f"), 0);
	EXPECT_EQ(sys_rmdir("a/f"), -ENOTDIR);
	EXPECT_EQ(sys_unlink("a/f/"), -ENOTDIR);
	EXPECT_EQ(sys_mkdir("a/f/g", 0755), -ENOTDIR);
	EXPECT_EQ(sys_mkdir("a/f", 0755), -EEXIST);
	EXPECT_EQ(sys_unlinkat(AT_FDCWD, "a/f", AT_REMOVEDIR), -ENOTDIR);
	EXPECT_EQ(sys_unlinkat(AT_FDCWD, "a/f", 0x1000), -EINVAL);
	EXPECT_EQ(sys_unlink("a/f"), 0);
	EXPECT_EQ(sys_rmdir("a"), 0);
	EXPECT_EQ(links_of("."), before);
}

static void modes(void)
{
	struct stat64 stat;

	EXPECT_EQ(sys_umask(0027), 0022);
	EXPECT_EQ(sys_mkdir("a", 01777), 0);
	EXPECT_EQ(sys_stat64("a", &stat), 0);
	EXPECT_EQ(stat.mode, S_IFDIR | 01750);
	EXPECT_EQ(sys_umask(0), 0027);
	EXPECT_EQ(sys_mknod("a/f", S_IFREG | 0666, 0), 0);
	EXPECT_EQ(sys_stat64("a/f", &stat), 0);
	EXPECT_EQ(stat.mode, S_IFREG | 0666);
	EXPECT_EQ(sys_umask(07777022), 0);
	EXPECT_EQ(sys_umask(0022), 0022);
	EXPECT_EQ(sys_chmod("a/f", 04711), 0);
	EXPECT_EQ(sys_stat64("a/f", &stat), 0);
	EXPECT_EQ(stat.mode, S_IFREG | 04711);
	EXPECT_EQ(sys_chmod("a/g", 0), -ENOENT);
	EXPECT_EQ(sys_mknod("a/p", S_IFIFO | 0640, 0), 0);
	EXPECT_EQ(kind_of("a/p"), S_IFIFO);
	EXPECT_EQ(sys_mknod("a/d", S_IFDIR | 0640, 0), -EPERM);
	EXPECT_EQ(sys_mknod("a/d", 0150000, 0), -EINVAL);
	EXPECT_EQ(sys_unlink("a/p"), 0);
	EXPECT_EQ(sys_unlink("a/f"), 0);
	EXPECT_EQ(sys_rmdir("a"), 0);
}

/* ---- the working directory ---- */

static bool cwd_is(const char *below)
{
	char buffer[200];
	struct text wanted;
	long length = sys_getcwd(buffer, sizeof(buffer));

	text_clear(&wanted);
	text_add(&wanted, base.data);
	text_add(&wanted, below);
	return length == (long)strlen(wanted.data) + 1 && !memcmp(buffer, wanted.data, (u32)length);
}

static void working_directory(void)
{
	char buffer[200];
	int here;

	EXPECT(cwd_is(""));
	EXPECT_EQ(sys_mkdir("a", 0755), 0);
	EXPECT_EQ(sys_mkdir("a/b", 0755), 0);
	here = (int)sys_open(".", O_RDONLY | O_DIRECTORY);
	EXPECT_EQ(sys_chdir("a/b"), 0);
	EXPECT(cwd_is("/a/b"));
	EXPECT_EQ(sys_chdir(".."), 0);
	EXPECT(cwd_is("/a"));
	EXPECT_EQ(sys_chdir("nothing"), -ENOENT);
	EXPECT_EQ(sys_getcwd(buffer, 3), -ERANGE);
	EXPECT_EQ(sys_getcwd(buffer, base.length + 3), base.length + 3);
	EXPECT_EQ(sys_getcwd(buffer, base.length + 2), -ERANGE);
	EXPECT_EQ(sys_getcwd((char *)16, 200), -EFAULT);
	EXPECT_EQ(make("f"), 0);
	EXPECT_EQ(sys_chdir("f"), -ENOTDIR);
	EXPECT_EQ(kind_of("../a/./f"), S_IFREG);
	/* A folder that is somewhere's working directory can be renamed and removed. */
	EXPECT_EQ(sys_rename("../a", "../c"), 0);
	EXPECT(cwd_is("/c"));
	EXPECT_EQ(sys_unlink("f"), 0);
	EXPECT_EQ(sys_rmdir("b"), 0);
	EXPECT_EQ(sys_rmdir("../c"), 0);
	EXPECT_EQ(sys_getcwd(buffer, 200), -ENOENT);
	EXPECT_EQ(sys_mkdir("x", 0755), -ENOENT);
	EXPECT_EQ(sys_open_mode("x", NEW, 0600), -ENOENT);
	EXPECT_EQ(kind_of("."), S_IFDIR);
	EXPECT_EQ(links_of("."), 0);
	EXPECT_EQ(sys_fchdir(999), -EBADF);
	EXPECT_EQ(sys_fchdir(here), 0);
	EXPECT(cwd_is(""));
	EXPECT_EQ(sys_close(here), 0);
}

static void from_a_descriptor(void)
{
	struct stat64 stat;
	int folder;

	EXPECT_EQ(sys_mkdir("a", 0755), 0);
	folder = (int)sys_open("a", O_RDONLY);
	EXPECT_EQ(sys_mkdirat(folder, "b", 0755), 0);
	EXPECT_EQ(sys_close((int)sys_openat(folder, "b/f", NEW, 0600)), 0);
	EXPECT_EQ(sys_fstatat64(folder, "b/f", &stat, 0), 0);
	EXPECT_EQ(sys_fstatat64(folder, "../a/b/f", &stat, 0), 0);
	EXPECT_EQ(sys_renameat(folder, "b/f", AT_FDCWD, "g"), 0);
	EXPECT_EQ(sys_fstatat64(AT_FDCWD, "g", &stat, 0), 0);
	EXPECT_EQ(sys_unlinkat(folder, "../g", 0), 0);
	EXPECT_EQ(sys_unlinkat(folder, "b", AT_REMOVEDIR), 0);
	EXPECT_EQ(sys_rmdir("a"), 0);
	EXPECT_EQ(sys_mkdirat(folder, "b", 0755), -ENOENT);
	EXPECT_EQ(sys_fstatat64(folder, "", &stat, AT_EMPTY_PATH), 0);
	EXPECT_EQ(stat.nlink, 0);
	EXPECT_EQ(sys_close(folder), 0);
}

/* ---- symbolic links ---- */

static void links(void)
{
	struct stat64 stat;
	char text[20];

	EXPECT_EQ(sys_mkdir("a", 0755), 0);
	EXPECT_EQ(make("a/f"), 0);
	EXPECT_EQ(sys_symlink("a/f", "l"), 0);
	EXPECT_EQ(sys_symlink("", "m"), -ENOENT);
	EXPECT_EQ(sys_symlink("a", "l"), -EEXIST);
	EXPECT_EQ(kind_of("l"), S_IFLNK);
	EXPECT_EQ(sys_lstat64("l", &stat), 0);
	EXPECT(stat.size == 3 && stat.mode == (S_IFLNK | 0777));
	EXPECT_EQ(sys_readlink("l", text, 20), 3);
	EXPECT(!memcmp(text, "a/f", 3));
	EXPECT_EQ(sys_readlink("l", text, 2), 2);
	EXPECT_EQ(sys_readlink("a/f", text, 2), -EINVAL);
	EXPECT_EQ(sys_stat64("l", &stat), 0);
	EXPECT_EQ(stat.mode & S_IFMT, S_IFREG);
	EXPECT_EQ(sys_stat64("l/", &stat), -ENOTDIR);
	EXPECT_EQ(sys_open("l", O_RDONLY | O_NOFOLLOW), -ELOOP);
	EXPECT_EQ(sys_open_mode("l", NEW, 0600), -EEXIST);
	/* Through a link to a folder, and relative to the link's own folder. */
	EXPECT_EQ(sys_symlink("../a", "a/up"), 0);
	EXPECT_EQ(sys_stat64("a/up/up/up/f", &stat), 0);
	EXPECT_EQ(sys_lstat64("a/up/", &stat), 0);
	EXPECT_EQ(stat.mode & S_IFMT, S_IFDIR);
	EXPECT_EQ(sys_rmdir("a/up"), -ENOTDIR);
	/* O_CREAT makes what the link names. */
	EXPECT_EQ(sys_symlink("a/new", "n"), 0);
	EXPECT_EQ(sys_stat64("n", &stat), -ENOENT);
	EXPECT_EQ(sys_mkdir("n", 0755), -EEXIST);
	EXPECT_EQ(sys_close((int)sys_open_mode("n", O_RDWR | O_CREAT, 0600)), 0);
	EXPECT_EQ(kind_of("a/new"), S_IFREG);
	EXPECT_EQ(sys_unlink("n"), 0);
	EXPECT_EQ(sys_unlink("a/new"), 0);
	EXPECT_EQ(sys_unlink("a/up"), 0);
	EXPECT_EQ(sys_unlink("l"), 0);
	EXPECT_EQ(sys_unlink("a/f"), 0);
	EXPECT_EQ(sys_rmdir("a"), 0);
}

/* A chain of links, each to the one before. */
static void chain_name(char name[4], u32 i)
{
	name[0] = 'c';
	name[1] = (char)('0' + i / 10);
	name[2] = (char)('0' + i % 10);
	name[3] = '\0';
}

static void too_many_links(void)
{
	struct stat64 stat;
	char name[4], last[4];

	EXPECT_EQ(sys_symlink("loop", "loop"), 0);
	EXPECT_EQ(sys_stat64("loop", &stat), -ELOOP);
	EXPECT_EQ(sys_stat64("loop/x", &stat), -ELOOP);
	EXPECT_EQ(sys_open_mode("loop", O_RDWR | O_CREAT, 0600), -ELOOP);
	EXPECT_EQ(sys_unlink("loop"), 0);
	EXPECT_EQ(sys_mkdir("c00", 0755), 0);
	for (u32 i = 1; i <= 41; i++) {
		chain_name(last, i - 1);
		chain_name(name, i);
		EXPECT_EQ(sys_symlink(last, name), 0);
	}
	EXPECT_EQ(sys_stat64("c40", &stat), 0);
	EXPECT_EQ(sys_stat64("c40/", &stat), 0);
	EXPECT_EQ(sys_stat64("c40/.", &stat), 0);
	EXPECT_EQ(sys_stat64("c41", &stat), -ELOOP);
	EXPECT_EQ(sys_stat64("c41/.", &stat), -ELOOP);
	for (u32 i = 1; i <= 41; i++) {
		chain_name(name, i);
		EXPECT_EQ(sys_unlink(name), 0);
	}
	EXPECT_EQ(sys_rmdir("c00"), 0);
}

static void long_paths(void)
{
	static char path[5000];
	struct stat64 stat;

	memset(path, '/', 4095);
	path[4095] = '\0';
	EXPECT_EQ(sys_stat64(path, &stat), 0);
	path[4095] = '/';
	EXPECT_EQ(sys_stat64(path, &stat), -ENAMETOOLONG);
	memset(path, 'n', 255);
	path[255] = '\0';
	EXPECT_EQ(sys_mkdir(path, 0755), 0);
	EXPECT_EQ(sys_rmdir(path), 0);
	path[255] = 'n';
	path[256] = '\0';
	EXPECT_EQ(sys_mkdir(path, 0755), -ENAMETOOLONG);
	EXPECT_EQ(sys_open(path, O_RDONLY), -ENAMETOOLONG);
	EXPECT_EQ(sys_unlink(path), -ENAMETOOLONG);
}

/* ---- rename ---- */

static void renamed(void)
{
	struct stat64 stat;

	EXPECT_EQ(sys_mkdir("a", 0755), 0);
	EXPECT_EQ(sys_mkdir("b", 0755), 0);
	EXPECT_EQ(make("a/f"), 0);
	EXPECT_EQ(make("b/g"), 0);
	EXPECT_EQ(sys_rename("a/f", "b/f"), 0);
	EXPECT_EQ(kind_of("a/f"), 0);
	EXPECT_EQ(sys_rename("a/f", "b/f"), -ENOENT);
	EXPECT_EQ(sys_rename("b/f", "b/g"), 0);
	EXPECT_EQ(sys_rename("b/g", "a"), -EISDIR);
	EXPECT_EQ(sys_rename("a", "b/g"), -ENOTDIR);
	EXPECT_EQ(sys_rename("a", "b"), -ENOTEMPTY);
	EXPECT_EQ(sys_rename("b", "b/c"), -EINVAL);
	EXPECT_EQ(sys_rename("b/.", "c"), -EBUSY);
	EXPECT_EQ(sys_rename("b", "."), -EBUSY);
	EXPECT_EQ(sys_rename("b/g", "h/"), -ENOTDIR);
	EXPECT_EQ(sys_rename("b/g", "b/g"), 0);
	EXPECT_EQ(sys_link("b/g", "b/h"), 0);
	EXPECT_EQ(sys_rename("b/g", "b/h"), 0);
	EXPECT_EQ(links_of("b/g"), 2);
	EXPECT_EQ(sys_unlink("b/h"), 0);
	/* A folder takes the place of an empty one. */
	EXPECT_EQ(links_of("b"), 2);
	EXPECT_EQ(sys_mkdir("b/a", 0755), 0);
	EXPECT_EQ(sys_rename("a", "b/a"), 0);
	EXPECT_EQ(links_of("b"), 3);
	EXPECT_EQ(sys_rename("b/a", "a"), 0);
	EXPECT_EQ(links_of("b"), 2);
	EXPECT_EQ(sys_renameat2(AT_FDCWD, "b/g", AT_FDCWD, "a", 1), -EEXIST);
	EXPECT_EQ(sys_renameat2(AT_FDCWD, "b/g", AT_FDCWD, "c", 1), 0);
	EXPECT_EQ(sys_renameat2(AT_FDCWD, "c", AT_FDCWD, "a", 2), 0);
	EXPECT(kind_of("c") == S_IFDIR && kind_of("a") == S_IFREG);
	EXPECT_EQ(sys_renameat2(AT_FDCWD, "c", AT_FDCWD, "d", 2), -ENOENT);
	EXPECT_EQ(sys_renameat2(AT_FDCWD, "c", AT_FDCWD, "d", 3), -EINVAL);
	EXPECT_EQ(sys_renameat2(AT_FDCWD, "c", AT_FDCWD, "d", 8), -EINVAL);
	EXPECT_EQ(sys_stat64("b", &stat), 0);
	EXPECT_EQ(sys_unlink("a"), 0);
	EXPECT_EQ(sys_rmdir("b"), 0);
	EXPECT_EQ(sys_rmdir("c"), 0);
}

/* A path leads to its file no longer when a folder on it was moved, removed or replaced. */
static void old_paths(void)
{
	EXPECT_EQ(sys_mkdir("k", 0755) | sys_mkdir("k/l", 0755) | make("k/l/f"), 0);
	EXPECT_EQ(kind_of("k/l/f"), S_IFREG);
	EXPECT_EQ(sys_rename("k", "m"), 0);
	EXPECT_EQ(kind_of("k/l/f"), 0);
	EXPECT_EQ(kind_of("m/l/f"), S_IFREG);
	EXPECT_EQ(sys_mkdir("k", 0755) | sys_mkdir("k/l", 0755) | make("k/l/g"), 0);
	EXPECT_EQ(kind_of("k/l/f"), 0);
	EXPECT_EQ(kind_of("k/l/g"), S_IFREG);
	EXPECT_EQ(sys_renameat2(AT_FDCWD, "k", AT_FDCWD, "m", RENAME_EXCHANGE), 0);
	EXPECT_EQ(kind_of("k/l/g"), 0);
	EXPECT_EQ(kind_of("k/l/f"), S_IFREG);
	EXPECT_EQ(kind_of("m/l/g"), S_IFREG);
	/* From another folder the same text is another path. */
	EXPECT_EQ(sys_chdir("k"), 0);
	EXPECT_EQ(kind_of("l/f"), S_IFREG);
	EXPECT_EQ(sys_chdir("../m"), 0);
	EXPECT_EQ(kind_of("l/f"), 0);
	EXPECT_EQ(kind_of("l/g"), S_IFREG);
	EXPECT_EQ(sys_chdir(".."), 0);
	/* A link in place of the folder. */
	EXPECT_EQ(sys_unlink("k/l/f") | sys_rmdir("k/l"), 0);
	EXPECT_EQ(kind_of("k/l/f"), 0);
	EXPECT_EQ(sys_symlink("../m/l", "k/l"), 0);
	EXPECT_EQ(kind_of("k/l/g"), S_IFREG);
	EXPECT_EQ(sys_unlink("k/l") | sys_unlink("m/l/g"), 0);
	EXPECT_EQ(sys_rmdir("m/l") | sys_rmdir("m") | sys_rmdir("k"), 0);
}

/* ---- reading a folder ---- */

#define FILES 100u

static u8 entries[600] __attribute__((aligned(8)));
static u8 seen[FILES];

static void number_name(char name[4], u32 i)
{
	chain_name(name, i);
	name[0] = 'n';
}

/* Marks what a part of the folder names. Returns the number of names. */
static u32 take_entries(long bytes)
{
	u32 count = 0;

	for (long at = 0; at < bytes; count++) {
		const struct dirent64 *entry = (const void *)(entries + at);
		bool dot = entry->name[0] == '.';

		EXPECT(entry->bytes >= 24 && entry->bytes % 8 == 0);
		EXPECT_EQ(entry->type, dot ? 4 : 8);
		if (!dot)
			seen[(entry->name[1] - '0') * 10 + entry->name[2] - '0']++;
		at += entry->bytes;
	}
	return count;
}

/* Every second name is removed while the folder is read: the others come once. */
static void read_while_changing(void)
{
	char name[4];
	long bytes;
	int folder;
	u32 i, left = 0;

	EXPECT_EQ(sys_mkdir("r", 0755), 0);
	EXPECT_EQ(sys_chdir("r"), 0);
	for (i = 0; i < FILES; i++) {
		number_name(name, i);
		EXPECT_EQ(make(name), 0);
	}
	folder = (int)sys_open(".", O_RDONLY | O_DIRECTORY);
	EXPECT_EQ(sys_getdents64(folder, entries, 20), -EINVAL);
	EXPECT_EQ(sys_getdents64(folder, NULL, 600), -EFAULT);
	for (i = 0; (bytes = sys_getdents64(folder, entries, sizeof(entries))) > 0; i += 2) {
		EXPECT(take_entries(bytes) > 0);
		number_name(name, i);
		EXPECT_EQ(sys_unlink(name), 0);
	}
	EXPECT_EQ(bytes, 0);
	EXPECT(i > 6);
	for (u32 n = 0; n < FILES; n++) {
		number_name(name, n);
		EXPECT(seen[n] <= 1);
		if (n >= i || n % 2)
			left += seen[n];
		sys_unlink(name);
	}
	EXPECT_EQ(left, FILES - i / 2);
	EXPECT_EQ(sys_lseek(folder, 0, SEEK_SET), 0);
	EXPECT_EQ(take_entries(sys_getdents64(folder, entries, sizeof(entries))), 2);
	EXPECT_EQ(sys_rmdir("../r"), 0);
	EXPECT_EQ(sys_lseek(folder, 0, SEEK_SET), 0);
	EXPECT_EQ(sys_getdents64(folder, entries, sizeof(entries)), -ENOENT);
	EXPECT_EQ(sys_getdents64(999, entries, sizeof(entries)), -EBADF);
	EXPECT_EQ(sys_close(folder), 0);
	EXPECT_EQ(sys_chdir(base.data), 0);
}

/* In tmpfs a folder has positions, but no end; in /proc it has one. */
static void folder_without_end(void)
{
	int folder = (int)sys_open("/dev/shm", O_RDONLY | O_DIRECTORY);

	for (int whence = SEEK_END; whence <= SEEK_HOLE; whence++)
		for (long offset = -1; offset <= 0; offset++)
			EXPECT_EQ(sys_lseek(folder, offset, whence), -EINVAL);
	EXPECT_EQ(sys_close(folder), 0);
	folder = (int)sys_open("/proc/sys", O_RDONLY | O_DIRECTORY);
	EXPECT_EQ(sys_lseek(folder, 0, SEEK_END), 0);
	EXPECT_EQ(sys_lseek(folder, 5, SEEK_END), 5);
	EXPECT_EQ(sys_lseek(folder, -1, SEEK_END), -EINVAL);
	EXPECT_EQ(sys_close(folder), 0);
}

static const struct tap_case cases[] = {
	{ "folders are made and removed", made_and_removed },
	{ "modes and the umask", modes },
	{ "the working directory", working_directory },
	{ "paths from a descriptor", from_a_descriptor },
	{ "symbolic links", links },
	{ "too many links", too_many_links },
	{ "long paths and names", long_paths },
	{ "rename", renamed },
	{ "old paths", old_paths },
	{ "a folder that changes is read", read_while_changing },
	{ "a folder has no end", folder_without_end },
};

int main(void)
{
	int result;

	file_name(&base, ".folders");
	if (sys_mkdir(base.data, 0755) || sys_chdir(base.data))
		tap_bail_out("a new folder under /tmp was refused");
	result = tap_run(cases, ARRAY_SIZE(cases));
	EXPECT_EQ(sys_chdir("/"), 0);
	EXPECT_EQ(sys_rmdir(base.data), 0);
	return result;
}
