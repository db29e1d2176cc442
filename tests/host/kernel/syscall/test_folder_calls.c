/* SPDX-License-Identifier: MIT */
/*
 * Reading folders, and the working directory: both forms of records, buffers that just do and just
 * do not suffice, positions, the longest paths.
 *
 * sources: kernel/syscall/file/sys_folder.c kernel/syscall/file/user_path.c
 * sources: kernel/syscall/file/sys_open.c kernel/syscall/file/sys_file.c kernel/task/files.c
 * sources: tests/host/kernel/syscall/file_rig.c
 */
#include "abi/linux/dirent.h"
#include "fs/events/inotify.h"
#include "kernel/process/fs_struct.h"
#include "kernel/syscall/file/user_path.h"
#include "tests/host/console.h"
#include "tests/host/kernel/syscall/file_rig.h"
#include "tests/host/resched.h"

#define BUFFER (USER_BYTES + 64)
#define DAY    (86400ull * 1000000000)

static const char *const names[] = { "/tmp/d/a", "/tmp/d/bb", "/tmp/d/ccccc", "/tmp/d/last", NULL };

/* Descriptors of the folder /tmp/d, also as a place, of the file /tmp/f and of no inode. */
static u32 folder, place, file, blank;

static void files(void)
{
	begin_names(names);
	EXPECT_EQ(path_make(NULL, "/tmp/d/a", S_IFREG | 0644, 0), 0);
	EXPECT_EQ(path_make(NULL, "/tmp/d/bb", S_IFDIR | 0755, 0), 0);
	EXPECT_EQ(path_symlink("x", NULL, "/tmp/d/ccccc"), 0);
	folder = open_fd("/tmp/d", O_RDONLY);
	place = open_fd("/tmp/d", O_PATH);
	file = open_fd("/tmp/f", O_RDONLY);
	blank = blank_fd(O_RDWR);
}

/* ---- What the process's folders become: kernel/process/fs_struct.c ---- */

static struct inode *set_to;
static bool set_root, no_fs;
static struct fs_struct own_fs;

static int set(struct inode *inode, bool root)
{
	set_to = inode;
	set_root = root;
	inode_put(inode);
	return 7;
}

int fs_set_cwd(struct inode *inode)
{
	return set(inode, false);
}

int fs_set_root(struct inode *inode)
{
	return set(inode, true);
}

struct fs_struct *fs_own(void)
{
	return no_fs ? NULL : &own_fs;
}

static void changes(void)
{
	files();
	EXPECT_EQ(CALL(chdir, PATH("/tmp/d")), 7);
	EXPECT(set_to == found("/tmp/d") && !set_root);
	EXPECT_EQ(CALL(chroot, PATH("/tmp")), 7);
	EXPECT(set_to == found("/tmp") && set_root);
	EXPECT_EQ(CALL(fchdir, place), 7);
	EXPECT(set_to == found("/tmp/d") && !set_root);
	EXPECT_EQ(CALL(fchdir, blank), -ENOTDIR);
	EXPECT_EQ(CALL(fchdir, CLOSED), -EBADF);
	EXPECT_EQ(CALL(chdir, NOWHERE), -EFAULT);
	EXPECT_EQ(CALL(chroot, PATH("/none")), -ENOENT);
	EXPECT_EQ(CALL(chdir, PATH("")), -ENOENT);
}

static void umasks(void)
{
	files();
	EXPECT_EQ(current_umask(), 022);
	EXPECT_EQ(CALL(umask, 01234567), 022);
	EXPECT_EQ(own_fs.umask, 0567);
	set_umask(0345);
	EXPECT_EQ(CALL(umask, 0), 0345);
	EXPECT_EQ(own_fs.umask, 0);
	no_fs = true;
	EXPECT_EQ(CALL(umask, 0777), 0345);
	EXPECT_EQ(own_fs.umask, 0);
}

/* ---- Records ---- */

/* The record at a place of the buffer. Returns the place behind it. */
static u32 expect64(u32 at, const char *name, const char *path, u32 type, u32 bytes)
{
	struct dirent64 head;

	get(&head, BUFFER + at, sizeof(head));
	EXPECT_EQ(head.ino, found(path)->mapping.ino);
	EXPECT(head.bytes == bytes && head.type == type >> 12);
	EXPECT(!memcmp(&user_bytes[64 + at + 19], name, strlen(name) + 1));
	return at + bytes;
}

static u32 expect(u32 at, const char *name, const char *path, u32 type, u32 bytes)
{
	struct dirent head;

	get(&head, BUFFER + at, 10);
	EXPECT_EQ(head.ino, found(path)->mapping.ino);
	EXPECT_EQ(head.bytes, bytes);
	EXPECT(!memcmp(&user_bytes[64 + at + 10], name, strlen(name) + 1));
	EXPECT_EQ(user_bytes[64 + at + bytes - 1], type >> 12);
	return at + bytes;
}

static void records(void)
{
	u32 at;

	files();
	EXPECT_EQ(CALL(getdents64, folder, BUFFER, 1000), 24 * 4 + 32);
	at = expect64(0, ".", "/tmp/d", S_IFDIR, 24);
	at = expect64(at, "..", "/tmp", S_IFDIR, 24);
	at = expect64(at, "a", "/tmp/d/a", S_IFREG, 24);
	at = expect64(at, "bb", "/tmp/d/bb", S_IFDIR, 24);
	expect64(at, "ccccc", "/tmp/d/ccccc", S_IFLNK, 32);
	EXPECT_EQ(CALL(getdents64, folder, BUFFER, 1000), 0);
	EXPECT_EQ(CALL(getdents64, folder, BUFFER, 0), 0);
	file_at(folder)->position = 0;
	EXPECT_EQ(CALL(getdents, folder, BUFFER, 1000), 16 * 4 + 20);
	at = expect(0, ".", "/tmp/d", S_IFDIR, 16);
	at = expect(at, "..", "/tmp", S_IFDIR, 16);
	at = expect(at, "a", "/tmp/d/a", S_IFREG, 16);
	at = expect(at, "bb", "/tmp/d/bb", S_IFDIR, 16);
	expect(at, "ccccc", "/tmp/d/ccccc", S_IFLNK, 20);
}

/* The position after each record is where reading goes on. */
static void positions(void)
{
	struct dirent64 head;
	u64 after;

	files();
	EXPECT_EQ(CALL(getdents64, folder, BUFFER, 24), 24);
	get(&head, BUFFER, sizeof(head));
	EXPECT(head.offset == 1 && file_at(folder)->position == 1);
	EXPECT_EQ(CALL(getdents64, folder, BUFFER, 47), 24);
	expect64(0, "..", "/tmp", S_IFDIR, 24);
	EXPECT_EQ(file_at(folder)->position, 2);
	EXPECT_EQ(CALL(getdents64, folder, BUFFER, 48), 48);
	get(&head, BUFFER, sizeof(head));
	expect64(24, "bb", "/tmp/d/bb", S_IFDIR, 24);
	after = head.offset;
	EXPECT_EQ(CALL(getdents64, folder, BUFFER, 31), -EINVAL);
	EXPECT_EQ(CALL(getdents64, folder, BUFFER, 32), 32);
	file_at(folder)->position = after;
	EXPECT_EQ(CALL(getdents, folder, BUFFER, 16), 16);
	expect(0, "bb", "/tmp/d/bb", S_IFDIR, 16);
	EXPECT_EQ(CALL(getdents, folder, BUFFER, 19), -EINVAL);
	EXPECT_EQ(CALL(getdents, folder, BUFFER, 20), 20);
	EXPECT_EQ(CALL(getdents, folder, BUFFER, 20), 0);
	file_at(folder)->position = 1ull << 32;
	EXPECT_EQ(CALL(getdents, folder, BUFFER, 100), 0);
	file_at(folder)->position = 0;
	EXPECT_EQ(CALL(getdents64, folder, BUFFER, 23), -EINVAL);
	EXPECT_EQ(CALL(getdents, folder, BUFFER, 15), -EINVAL);
	EXPECT_EQ(CALL(getdents, folder, BUFFER, 0), -EINVAL);
	EXPECT_EQ(file_at(folder)->position, 0);
}

/* Memory that ends within the head of a record, its name or its last byte. */
static void bad_memory(void)
{
	files();
	for (u32 bytes = 1; bytes < 24; bytes++) {
		file_at(folder)->position = 0;
		user_writable = 64 + 24 + bytes;
		EXPECT_EQ(CALL(getdents64, folder, BUFFER, 1000), bytes < 22 ? 24 : 48);
	}
	for (u32 bytes = 1; bytes <= 16; bytes++) {
		file_at(folder)->position = 0;
		user_writable = 64 + 16 + bytes;
		EXPECT_EQ(CALL(getdents, folder, BUFFER, 1000), bytes < 16 ? 16 : 32);
	}
	file_at(folder)->position = 0;
	user_writable = 64;
	EXPECT_EQ(CALL(getdents, folder, BUFFER, 1000), -EFAULT);
	EXPECT_EQ(CALL(getdents64, folder, BUFFER, 1000), -EFAULT);
	user_writable = 64 + 20;
	EXPECT_EQ(CALL(getdents64, folder, BUFFER, 1000), -EFAULT);
	EXPECT_EQ(file_at(folder)->position, 0);
}

static void refused(void)
{
	u32 gone;

	files();
	EXPECT_EQ(CALL(getdents64, CLOSED, BUFFER, 1000), -EBADF);
	EXPECT_EQ(CALL(getdents64, place, BUFFER, 1000), -EBADF);
	EXPECT_EQ(CALL(getdents64, file, BUFFER, 1000), -ENOTDIR);
	EXPECT_EQ(CALL(getdents, blank, BUFFER, 1000), -ENOTDIR);
	fail(1);
	EXPECT_EQ(CALL(getdents, folder, BUFFER, 1000), -ENOMEM);
	fail(0);
	host_killed = true;
	EXPECT_EQ(CALL(getdents, folder, BUFFER, 1000), 0);
	host_killed = false;
	EXPECT_EQ(path_make(NULL, "/tmp/d/last", S_IFDIR | 0755, 0), 0);
	gone = open_fd("/tmp/d/last", O_RDONLY);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/d/last"), 0);
	EXPECT_EQ(CALL(getdents64, gone, NOWHERE, 1000), -ENOENT);
}

static u32 turns;

static void take_turn(void)
{
	turns++;
}

/* Between two names other tasks may run. */
static void turns_of_others(void)
{
	files();
	host_others = take_turn;
	EXPECT_EQ(CALL(getdents64, folder, BUFFER, 1000), 24 * 4 + 32);
	host_others = NULL;
	EXPECT(turns >= 5);
}

static bool make_one(struct inode *of, u32 *position, struct folder_entry *entry)
{
	EXPECT(of == found("/tmp/d") && *position >= FIRST_ORDER);
	if (*position == 9)
		return false;
	*entry = (struct folder_entry){ .ino = 5, .mode = S_IFREG, .length = 1, .text = "q" };
	*position = 9;
	return true;
}

static void close_folder(void)
{
	user_others = NULL;
	fd_close(own.files, folder);
}

/* Names that a file system makes, the access time, a watch, and a descriptor closed meanwhile. */
static void looks_of_others(void)
{
	static struct inode_operations operations = { .next = make_one };
	struct inode *inode;
	const struct inode_operations *before;
	struct file *watcher;

	files();
	inode = found("/tmp/d");
	EXPECT_EQ(inotify_open(O_NONBLOCK, &watcher), 0);
	EXPECT(inotify_add(watcher, inode, IN_ACCESS) > 0);
	before = inode->operations;
	inode->operations = &operations;
	EXPECT_EQ(CALL(getdents64, folder, BUFFER, 1000), 72);
	EXPECT(!strcmp((char *)user_bytes + 64 + 48 + 19, "q"));
	EXPECT_EQ(file_at(folder)->position, 9);
	inode->operations = before;
	EXPECT_EQ(CALL(read, fd_of(watcher), BUFFER, 100), 16);
	EXPECT_EQ(word_at(BUFFER + 4), IN_ACCESS | IN_ISDIR);
	file_at(folder)->position = 0;
	console_date += 2 * DAY;
	EXPECT_EQ(CALL(getdents64, folder, BUFFER, 0), -EINVAL);
	EXPECT_EQ(inode->times.access, console_date);
	EXPECT_EQ(CALL(read, 4, BUFFER, 100), -EAGAIN);
	user_others = close_folder;
	EXPECT_EQ(CALL(getdents64, folder, BUFFER, 1000), 24 * 4 + 32);
	EXPECT(!file_at(folder));
}

/* ---- The path of the working directory ---- */

static struct fs_struct cwd_fs;

static s32 getcwd(struct inode *cwd, struct inode *root, vaddr_t to, u32 bytes)
{
	s32 result;

	cwd_fs = (struct fs_struct){ .count = 1, .root = root, .cwd = cwd };
	console_fs = &cwd_fs;
	result = CALL(getcwd, to, bytes);
	console_fs = NULL;
	return result;
}

static void working_directories(void)
{
	struct inode *d, *tmp;
	u32 gone;

	files();
	d = found("/tmp/d");
	tmp = found("/tmp");
	memset(user_bytes, '#', 128);
	EXPECT_EQ(CALL(getcwd, BUFFER, 2), 2);
	EXPECT(!memcmp(user_bytes + 64, "/\0#", 3));
	EXPECT_EQ(CALL(getcwd, NOWHERE, 1), -ERANGE);
	EXPECT_EQ(CALL(getcwd, NOWHERE, 2), -EFAULT);
	EXPECT_EQ(CALL(getcwd, NOWHERE, 0), -ERANGE);
	EXPECT_EQ(getcwd(d, root_inode, BUFFER, 7), 7);
	EXPECT(!memcmp(user_bytes + 64, "/tmp/d\0#", 8));
	EXPECT_EQ(getcwd(d, root_inode, BUFFER, 6), -ERANGE);
	EXPECT_EQ(getcwd(d, tmp, BUFFER, 100), 3);
	EXPECT(!memcmp(user_bytes + 64, "/d", 3));
	EXPECT_EQ(getcwd(tmp, d, BUFFER, 100), 18);
	EXPECT(!memcmp(user_bytes + 64, "(unreachable)/tmp", 18));
	EXPECT_EQ(getcwd(tmp, d, BUFFER, 17), -ERANGE);
	fail(1);
	EXPECT_EQ(CALL(getcwd, BUFFER, 100), -ENOMEM);
	fail(0);
	EXPECT_EQ(path_make(NULL, "/tmp/d/last", S_IFDIR | 0755, 0), 0);
	gone = open_fd("/tmp/d/last", O_RDONLY);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/d/last"), 0);
	EXPECT_EQ(getcwd(file_at(gone)->inode, root_inode, BUFFER, 0), -ENOENT);
}

#define LEVELS 16u

/* Folders below /tmp/d: a path of so many bytes, without its NUL. Returns the last one. */
static struct inode *deep(struct inode **chain, u32 bytes)
{
	char name[NAME_MAX + 1];
	struct inode *at = found("/tmp/d");
	u32 left = bytes - 6;

	for (u32 i = 0; i < LEVELS; i++) {
		u32 length = min(left / (LEVELS - i), NAME_MAX + 1) - 1;

		memset(name, 'x', length);
		name[length] = '\0';
		EXPECT_EQ(path_make(at, name, S_IFDIR | 0755, 0), 0);
		EXPECT_EQ(path_lookup(at, name, 0, &chain[i]), 0);
		at = chain[i];
		left -= length + 1;
	}
	EXPECT_EQ(left, 0);
	return at;
}

static void remove_deep(struct inode **chain)
{
	char name[NAME_MAX + 1];

	for (u32 i = LEVELS; i--;) {
		struct inode *parent = i ? chain[i - 1] : found("/tmp/d");
		struct folder_entry entry;
		u32 position = FIRST_ORDER;

		while (folder_next(parent, &position, &entry) && entry.ino != chain[i]->mapping.ino)
			;
		strcpy(name, entry.text);
		EXPECT_EQ(path_rmdir(parent, name), 0);
		inode_put(chain[i]);
	}
}

/* A path has up to PATH_MAX bytes with its NUL, "(unreachable)" among them. */
static void longest_paths(void)
{
	static const struct {
		u32 bytes;
		bool outside;
		s32 result;
	} cases[] = {
		{ PATH_MAX - 1, false, PATH_MAX },     { PATH_MAX, false, -ENAMETOOLONG },
		{ PATH_MAX - 1 - 13, true, PATH_MAX }, { PATH_MAX - 13, true, -ENAMETOOLONG },
		{ PATH_MAX - 1, true, -ENAMETOOLONG },
	};
	struct inode *chain[LEVELS], *at;

	files();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		at = deep(chain, cases[i].bytes);
		EXPECT_EQ(getcwd(at, cases[i].outside ? found("/tmp/d/bb") : root_inode, BUFFER,
				 sizeof(user_bytes)),
			  cases[i].result);
		if (cases[i].outside && cases[i].result > 0)
			EXPECT(bytes_are(BUFFER, "(unreachable)/tmp/d/x"));
		remove_deep(chain);
	}
}

TAP_MAIN({ "changes of folders", changes }, { "umask", umasks }, { "records", records },
	 { "positions", positions }, { "bad memory", bad_memory }, { "refused", refused },
	 { "turns of others", turns_of_others }, { "looks of others", looks_of_others },
	 { "working directories", working_directories }, { "the longest paths", longest_paths })
