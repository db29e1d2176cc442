/* SPDX-License-Identifier: MIT */
/*
 * Every call on names with every kind of name: 40 paths through one small tree, alone and in
 * pairs, with each flag, as the super-user and as another user. Linux is the oracle: each result,
 * and the tree after each change, become a hash, and the hashes on both systems must agree.
 *
 *	every_name	a line with the hash of each call
 *	every_name all	every result, for a comparison by diff
 *
 *	f  d/f  d/e/  l -> f  ld -> d  lx -> none  lo -> lo  p (FIFO)  s/r (sticky)  n/x (closed)
 *	u/m (the user's)
 *
 * Not asked, because the answer is the file system's or the version's: sizes and links of
 * folders, O_CREAT together with O_DIRECTORY, links by a user to what is not theirs.
 */
#include "abi/linux/dirent.h"
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/outcome.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/time_calls.h"

#define NEW  (O_RDWR | O_CREAT | O_EXCL)
#define USER 1234u

static const char *const paths[] = {
	"f",
	"d",
	"d/f",
	"d/e",
	"l",
	"ld",
	"lx",
	"lo",
	"p",
	"s/r",
	"n/x",
	"u/m",
	"none",
	"u/x",
	"s/x",
	".",
	"..",
	"d/..",
	"f/",
	"d/",
	"ld/",
	"none/",
	"lx/",
	"d/f/x",
	/* alone only */
	"",
	"f/.",
	"d/.",
	"d/e/",
	"d/e/..",
	"l/",
	"ld/f",
	"lx/x",
	"lo/x",
	"none/x",
	"n",
	"u",
	"d/../f",
	"d/e/../../d/f",
	"ld/../f",
	"./f",
};
#define PAIRED 24u

/* What the tree consists of, for the look at it. */
static const char *const names[] = { "f",   "d",   "d/f", "d/e",    "l",   "ld",    "lx",   "lo",
				     "p",   "s",   "s/r", "n",	    "n/x", "u",	    "u/m",  "none",
				     "s/x", "u/x", "d/x", "d/none", "e",   "d/e/f", "d/e/d" };

/* The tree lies in a folder of its own, which `..` may change. */
static struct text folder, parent;
static bool talk;
static u32 hash = OUTCOME_START;

static void take(u32 value)
{
	hash = outcome_add(hash, value);
}

static void make(const char *path, u32 user)
{
	EXPECT_EQ(sys_close((int)sys_open_mode(path, NEW, 0644)), 0);
	EXPECT_EQ(sys_chown(path, user, user), 0);
}

static void make_tree(void)
{
	EXPECT_EQ(sys_mkdir(parent.data, 0755), 0);
	EXPECT_EQ(sys_mkdir(folder.data, 0755), 0);
	EXPECT_EQ(sys_chdir(folder.data), 0);
	sys_mkdir("d", 0755);
	sys_mkdir("d/e", 0755);
	sys_mkdir("s", 0755);
	sys_mkdir("n", 0700);
	sys_mkdir("u", 0755);
	sys_chmod("s", 01777);
	sys_chown("u", USER, USER);
	make("f", 0);
	make("d/f", 0);
	make("s/r", 0);
	make("n/x", 0);
	make("u/m", USER);
	sys_symlink("f", "l");
	sys_symlink("d", "ld");
	sys_symlink("none", "lx");
	sys_symlink("lo", "lo");
	EXPECT_EQ(sys_mknod("p", S_IFIFO | 0666, 0), 0);
}

/* Removes all names of the tree, wherever they were moved: five levels are more than there are. */
static void remove_tree(u32 depth)
{
	static char buffer[6][512] __attribute__((aligned(8)));
	int fd = (int)sys_open(".", O_RDONLY | O_DIRECTORY);
	long bytes;

	while (depth < 6 && (bytes = sys_getdents64(fd, buffer[depth], 512)) > 0) {
		for (long at = 0; at < bytes;) {
			const struct dirent64 *entry = (const void *)(buffer[depth] + at);
			const char *name = entry->name;

			at += entry->bytes;
			if (!strcmp(name, ".") || !strcmp(name, ".."))
				continue;
			if (sys_unlink(name) == -EISDIR) {
				EXPECT_EQ(sys_chdir(name), 0);
				remove_tree(depth + 1);
				EXPECT_EQ(sys_chdir(".."), 0);
				EXPECT_EQ(sys_rmdir(name), 0);
			}
		}
	}
	EXPECT_EQ(sys_close(fd), 0);
}

static void end_tree(void)
{
	EXPECT_EQ(sys_chdir(parent.data), 0);
	remove_tree(0);
	EXPECT_EQ(sys_chdir("/"), 0);
	EXPECT_EQ(sys_rmdir(parent.data), 0);
}

static u32 state(void)
{
	u32 sum, before = hash;

	hash = 0;
	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		struct stat64 stat;
		bool is_folder;

		if (sys_lstat64(names[i], &stat)) {
			take(1);
			continue;
		}
		is_folder = (stat.mode & S_IFMT) == S_IFDIR;
		take(stat.mode);
		take(is_folder ? 0 : stat.nlink);
		take(is_folder ? 0 : (u32)stat.size);
		take(stat.uid << 16 | stat.gid);
	}
	sum = hash;
	hash = before;
	return sum;
}

static void tell(const char *call, const char *path, const char *other, u32 flags, long result,
		 u32 tree)
{
	struct text line;

	take(result < 0 ? (u32)-result : 0);
	take(tree);
	if (!talk)
		return;
	text_clear(&line);
	text_add(&line, "# ");
	text_add(&line, call);
	text_add(&line, " ");
	text_add(&line, path);
	text_add(&line, " ");
	text_add(&line, other);
	text_add(&line, " ");
	text_add_hex(&line, flags);
	text_add(&line, " = ");
	text_add_decimal(&line, result < 0 ? result : 0);
	text_add(&line, tree ? " tree " : "");
	if (tree)
		text_add_hex(&line, tree);
	tap_line(line.data);
}

/* --- The calls --- */

static long do_open(const char *path, u32 flags)
{
	long fd = sys_open_mode(path, (int)flags | O_NONBLOCK, 0640);

	if (fd >= 0)
		sys_close((int)fd);
	return fd < 0 ? fd : 0;
}

/* Flags: what may not be crossed; at bit 8, whether the name is made. */
static long do_openat2(const char *path, u32 flags)
{
	const bool makes = flags >> 8;
	struct {
		u64 flags, mode, resolve;
	} how = { makes ? O_CREAT | O_RDWR : O_RDONLY | O_NONBLOCK, makes ? 0600 : 0,
		  flags & 0xff };
	long fd = system_call(NR_openat2, AT_FDCWD, (long)path, (long)&how, sizeof(how), 0, 0);

	if (fd >= 0)
		sys_close((int)fd);
	return fd < 0 ? fd : 0;
}

static long do_stat(const char *path, u32 flags)
{
	struct stat64 stat;

	return sys_fstatat64(AT_FDCWD, path, &stat, (int)flags);
}

static long do_access(const char *path, u32 flags)
{
	return sys_access(path, flags);
}

static long do_unlink(const char *path, u32 flags)
{
	return sys_unlinkat(AT_FDCWD, path, (int)flags);
}

static long do_mkdir(const char *path, u32 flags)
{
	return sys_mkdir(path, flags);
}

static long do_mknod(const char *path, u32 flags)
{
	return sys_mknod(path, flags, 0);
}

static long do_truncate(const char *path, u32 flags)
{
	return sys_truncate(path, (long)flags);
}

static long do_chmod(const char *path, u32 flags)
{
	return sys_chmod(path, flags);
}

static long do_chown(const char *path, u32 flags)
{
	return sys_chown(path, flags >> 16 ? UINT32_MAX : flags, UINT32_MAX);
}

static long do_utimes(const char *path, u32 flags)
{
	const struct timespec times[2] = { { 1, 0 }, { 2, 0 } };

	return system_call(NR_utimensat, AT_FDCWD, (long)path, flags ? (long)times : 0, 0, 0, 0);
}

static long do_chdir(const char *path, u32 flags)
{
	long result = sys_chdir(path);

	(void)flags;
	EXPECT_EQ(sys_chdir(folder.data), 0);
	return result;
}

static long do_readlink(const char *path, u32 flags)
{
	char text[8];

	return sys_readlink(path, text, flags);
}

static long do_rename(const char *from, const char *to, u32 flags)
{
	return sys_renameat2(AT_FDCWD, from, AT_FDCWD, to, flags);
}

static long do_link(const char *from, const char *to, u32 flags)
{
	return sys_linkat(AT_FDCWD, from, AT_FDCWD, to, (int)flags);
}

static long do_symlink(const char *from, const char *to, u32 flags)
{
	(void)flags;
	return sys_symlink(from, to);
}

static const struct {
	const char *name;
	long (*call)(const char *path, u32 flags);
	u32 count, flags[19];
} singles[] = {
	{ "open",
	  do_open,
	  19,
	  { O_RDONLY | O_NOATIME, O_RDWR | O_CREAT | O_TRUNC, O_TMPFILE | O_DIRECTORY | O_RDWR,
	    O_TMPFILE | O_DIRECTORY, O_TMPFILE | O_DIRECTORY | O_WRONLY | O_NOFOLLOW, O_RDONLY,
	    O_WRONLY, O_RDWR, O_ACCMODE, O_RDWR | O_CREAT, NEW, NEW | O_NOFOLLOW,
	    O_RDONLY | O_TRUNC, O_DIRECTORY, O_NOFOLLOW, O_DIRECTORY | O_NOFOLLOW, O_PATH,
	    O_PATH | O_NOFOLLOW, O_WRONLY | O_CREAT | O_NOFOLLOW } },
	{ "openat2",
	  do_openat2,
	  8,
	  { RESOLVE_NO_XDEV, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH,
	    RESOLVE_IN_ROOT, RESOLVE_BENEATH | 0x100, RESOLVE_IN_ROOT | 0x100,
	    RESOLVE_NO_SYMLINKS | 0x100 } },
	{ "stat", do_stat, 3, { 0, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH } },
	{ "access", do_access, 4, { 0, 1, 2, 4 } },
	{ "unlink", do_unlink, 2, { 0, AT_REMOVEDIR } },
	{ "mkdir", do_mkdir, 1, { 0750 } },
	{ "mknod", do_mknod, 2, { S_IFREG | 0640, S_IFIFO | 0600 } },
	{ "truncate", do_truncate, 2, { 0, 5 } },
	{ "chmod", do_chmod, 2, { 0600, 06777 } },
	{ "chown", do_chown, 3, { 0, USER, 0x10000 } },
	{ "utimes", do_utimes, 2, { 0, 1 } },
	{ "chdir", do_chdir, 1, { 0 } },
	{ "readlink", do_readlink, 2, { 8, 0 } },
};

static const struct {
	const char *name;
	long (*call)(const char *from, const char *to, u32 flags);
	u32 count, flags[3];
} pairs[] = {
	{ "rename", do_rename, 3, { 0, 1, 2 } },
	{ "link", do_link, 2, { 0, AT_SYMLINK_FOLLOW } },
	{ "symlink", do_symlink, 1, { 0 } },
};

static bool as_user;

/* As the user, with the super-user as the saved one. */
static void switch_user(bool to_user)
{
	EXPECT_EQ(system_call(NR_setfsuid32, to_user ? USER : 0, 0, 0, 0, 0, 0),
		  to_user ? 0 : USER);
	EXPECT_EQ(system_call(NR_setfsgid32, to_user ? USER : 0, 0, 0, 0, 0, 0),
		  to_user ? 0 : USER);
}

/* The tree before the calls. */
static u32 whole;

/* Renews the tree if the call changed it. Returns what it was, or 0. */
static u32 look(void)
{
	u32 tree;

	if (as_user)
		switch_user(false);
	tree = state();
	if (tree != whole) {
		end_tree();
		make_tree();
		EXPECT_EQ(state(), whole);
	}
	if (as_user)
		switch_user(true);
	return tree == whole ? 0 : tree;
}

static void all_singles(void)
{
	for (u32 c = 0; c < ARRAY_SIZE(singles); c++) {
		for (u32 f = 0; f < singles[c].count; f++)
			for (u32 i = 0; i < ARRAY_SIZE(paths); i++) {
				u32 flags = singles[c].flags[f];
				long result = singles[c].call(paths[i], flags);

				tell(singles[c].name, paths[i], "", flags, result,
				     result < 0 ? 0 : look());
			}
		EXPECT_EQ(look(), 0);
		hash = outcome_print(singles[c].name, as_user ? " by a user" : "", hash);
	}
}

static void all_pairs(void)
{
	for (u32 c = 0; c < ARRAY_SIZE(pairs); c++) {
		if (as_user && pairs[c].call == do_link)
			continue; /* fs.protected_hardlinks decides */
		for (u32 f = 0; f < pairs[c].count; f++)
			for (u32 i = 0; i < PAIRED * PAIRED; i++) {
				const char *from = paths[i / PAIRED];
				const char *to = paths[i % PAIRED];
				u32 flags = pairs[c].flags[f];
				long result = pairs[c].call(from, to, flags);

				tell(pairs[c].name, from, to, flags, result, result ? 0 : look());
			}
		EXPECT_EQ(look(), 0);
		hash = outcome_print(pairs[c].name, as_user ? " by a user" : "", hash);
	}
}

static void by_super_user(void)
{
	all_singles();
	all_pairs();
}

static void by_user(void)
{
	as_user = true;
	switch_user(true);
	all_singles();
	all_pairs();
	switch_user(false);
	as_user = false;
}

static const struct tap_case cases[] = {
	{ "by the super-user", by_super_user },
	{ "by another user", by_user },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	int result;

	talk = outcome_all(argc, argv);
	file_name(&parent, ".every");
	file_name(&folder, ".every/tree");
	sys_umask(022);
	make_tree();
	whole = state();
	result = tap_run(cases, ARRAY_SIZE(cases));
	end_tree();
	return result;
}
