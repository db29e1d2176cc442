/* SPDX-License-Identifier: MIT */
/*
 * Files without the usual: opened as a place only (O_PATH), without a name (O_TMPFILE), sealed
 * (memfd_create), and paths under another root (chroot).
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/task_calls.h"
#include "abi/linux/flock.h"

#define NEW (O_RDWR | O_CREAT | O_EXCL)

static struct text folder;

static long chroot(const char *path)
{
	return system_call(NR_chroot, (long)path, 0, 0, 0, 0, 0);
}

static long memfd(u32 flags)
{
	return system_call(NR_memfd_create, (long)"mine", flags, 0, 0, 0, 0);
}

static void make(const char *path)
{
	EXPECT_EQ(sys_close((int)sys_open_mode(path, NEW, 0600)), 0);
}

/* The link in /proc to an open file. */
static const char *link_of(int fd)
{
	static struct text path;

	text_clear(&path);
	text_add(&path, "/proc/self/fd/");
	text_add_decimal(&path, fd);
	return path.data;
}

/* --- O_PATH --- */

static void only_a_place(void)
{
	struct pollfd poll;
	struct stat64 stat;
	char buffer[8];
	int fd;

	make("f");
	fd = (int)sys_open("f", O_PATH | O_RDWR | O_TRUNC);
	EXPECT_EQ(sys_fcntl(fd, F_GETFL, 0), O_PATH);
	EXPECT_EQ(sys_fstat64(fd, &stat), 0);
	EXPECT_EQ(stat.mode, S_IFREG | 0600);
	EXPECT_EQ(sys_read(fd, buffer, 1), -EBADF);
	EXPECT_EQ(sys_write(fd, buffer, 1), -EBADF);
	EXPECT_EQ(sys_lseek(fd, 0, SEEK_SET), -EBADF);
	EXPECT_EQ(sys_ftruncate(fd, 0), -EBADF);
	EXPECT_EQ(system_call(NR_fchmod, fd, 0777, 0, 0, 0, 0), -EBADF);
	EXPECT_EQ(system_call(NR_fchown32, fd, 1, 1, 0, 0, 0), -EBADF);
	EXPECT_EQ(system_call(NR_fsync, fd, 0, 0, 0, 0, 0), -EBADF);
	EXPECT_EQ(sys_ioctl(fd, FIONREAD, buffer), -EBADF);
	EXPECT_EQ(sys_flock(fd, LOCK_SH), -EBADF);
	EXPECT_EQ(sys_fcntl(fd, F_SETFL, O_APPEND), -EBADF);
	EXPECT_EQ((int)sys_mmap2(0, PAGE_SIZE, PROT_READ, MAP_PRIVATE, fd, 0), -EBADF);
	poll = (struct pollfd){ fd, POLLIN, 0 };
	EXPECT_EQ(sys_poll(&poll, 1, 0), 1);
	EXPECT_EQ(poll.revents, POLLNVAL);
	EXPECT_EQ(sys_dup(fd), fd + 1);
	EXPECT_EQ(sys_fcntl(fd + 1, F_GETFL, 0), O_PATH);
	EXPECT_EQ(sys_close(fd + 1), 0);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_unlink("f"), 0);
}

static void place_of_a_folder(void)
{
	struct stat64 stat;
	char text[16];
	int fd, link;

	EXPECT_EQ(sys_mkdir("d", 0100), 0); /* search is enough */
	fd = (int)sys_open("d", O_PATH | O_DIRECTORY);
	EXPECT_EQ(sys_fcntl(fd, F_GETFL, 0), O_PATH | O_DIRECTORY);
	EXPECT_EQ(sys_mkdirat(fd, "below", 0700), 0);
	EXPECT_EQ(sys_fstatat64(fd, "below", &stat, 0), 0);
	EXPECT_EQ(sys_fchdir(fd), 0);
	EXPECT_EQ(sys_getdents64(fd, text, sizeof(text)), -EBADF);
	EXPECT_EQ(sys_rmdir("below"), 0);
	EXPECT_EQ(sys_chdir(".."), 0);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_symlink("d", "l"), 0);
	EXPECT_EQ(sys_open("l", O_RDONLY | O_NOFOLLOW), -ELOOP);
	link = (int)sys_open("l", O_PATH | O_NOFOLLOW);
	EXPECT_EQ(sys_fstat64(link, &stat), 0);
	EXPECT_EQ(stat.mode & S_IFMT, S_IFLNK);
	EXPECT_EQ(system_call(NR_readlinkat, link, (long)"", (long)text, sizeof(text), 0, 0), 1);
	EXPECT_EQ(sys_close(link), 0);
	EXPECT_EQ(sys_unlink("l"), 0);
	EXPECT_EQ(sys_open("d/none", O_PATH | O_CREAT), -ENOENT);
	EXPECT_EQ(sys_rmdir("d"), 0);
}

/* --- O_TMPFILE --- */

static void without_a_name(void)
{
	struct stat64 stat;
	const char *path;
	int fd;

	EXPECT_EQ(sys_open_mode(".", O_TMPFILE | O_DIRECTORY, 0600), -EINVAL);
	EXPECT_EQ(sys_open_mode("none", O_TMPFILE | O_DIRECTORY | O_RDWR, 0600), -ENOENT);
	EXPECT_EQ(sys_open_mode("/proc", O_TMPFILE | O_DIRECTORY | O_RDWR, 0600), -EOPNOTSUPP);
	fd = (int)sys_open_mode(".", O_TMPFILE | O_DIRECTORY | O_RDWR, 0640);
	EXPECT_EQ(sys_write(fd, "text", 4), 4);
	EXPECT_EQ(sys_fstat64(fd, &stat), 0);
	EXPECT(stat.mode == (S_IFREG | 0640) && !stat.nlink && stat.size == 4);
	path = link_of(fd);
	/* The place of the old name comes first, and must be a folder. */
	EXPECT_EQ(system_call(NR_renameat, fd, (long)".", 999, (long)"named", 0, 0), -ENOTDIR);
	EXPECT_EQ(sys_linkat(AT_FDCWD, "", 999, "named", AT_EMPTY_PATH), -EBADF);
	EXPECT_EQ(sys_linkat(AT_FDCWD, "", fd, "named", AT_EMPTY_PATH), -ENOTDIR);
	EXPECT_EQ(sys_linkat(AT_FDCWD, "", AT_FDCWD, "named", AT_EMPTY_PATH), -EPERM);
	EXPECT_EQ(sys_linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW), 0);
	EXPECT_EQ(sys_fstat64(fd, &stat), 0);
	EXPECT_EQ(stat.nlink, 1);
	EXPECT_EQ(sys_linkat(AT_FDCWD, path, AT_FDCWD, "twice", AT_SYMLINK_FOLLOW), 0);
	EXPECT_EQ(sys_unlink("twice"), 0);
	EXPECT_EQ(sys_unlink("named"), 0);
	EXPECT_EQ(sys_linkat(AT_FDCWD, path, AT_FDCWD, "again", AT_SYMLINK_FOLLOW), -ENOENT);
	EXPECT_EQ(sys_close(fd), 0);
	fd = (int)sys_open_mode(".", O_TMPFILE | O_DIRECTORY | O_RDWR | O_EXCL, 0600);
	EXPECT_EQ(fd, 3);
	EXPECT_EQ(sys_linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW), -ENOENT);
	EXPECT_EQ(sys_close(fd), 0);
}

/* --- Seals --- */

static void seals_of_size(void)
{
	int fd = (int)memfd(MFD_ALLOW_SEALING);
	char text[] = "123456";

	EXPECT_EQ(sys_fcntl(fd, F_GET_SEALS, 0), 0);
	EXPECT_EQ(sys_write(fd, text, 6), 6);
	EXPECT_EQ(sys_fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	EXPECT_EQ(sys_ftruncate(fd, 5), -EPERM);
	EXPECT_EQ(sys_ftruncate(fd, 7), 0);
	EXPECT_EQ(sys_fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), 0);
	EXPECT_EQ(sys_fcntl(fd, F_GET_SEALS, 0), F_SEAL_GROW | F_SEAL_SHRINK);
	EXPECT_EQ(sys_ftruncate(fd, 8), -EPERM);
	EXPECT_EQ(sys_fallocate(fd, 0, 0, 8), -EPERM);
	EXPECT_EQ(sys_pwrite64(fd, text, 1, 7), -EPERM);
	EXPECT_EQ(sys_pwrite64(fd, text, 1, 6), 1);
	EXPECT_EQ(sys_fcntl(fd, F_ADD_SEALS, 0x1000), -EINVAL);
	EXPECT_EQ(sys_fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL), 0);
	EXPECT_EQ(sys_fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -EPERM);
	EXPECT_EQ(sys_close(fd), 0);
	fd = (int)memfd(0);
	EXPECT_EQ(sys_fcntl(fd, F_GET_SEALS, 0), F_SEAL_SEAL);
	EXPECT_EQ(sys_fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), -EPERM);
	EXPECT_EQ(sys_ftruncate(fd, 8), 0);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(memfd(0x100), -EINVAL);
}

static void seal_of_writes(void)
{
	int fd = (int)memfd(MFD_ALLOW_SEALING), reader;
	u32 area;

	EXPECT_EQ(sys_ftruncate(fd, 2 * PAGE_SIZE), 0);
	reader = (int)sys_open(link_of(fd), O_RDONLY);
	EXPECT_EQ(sys_fcntl(reader, F_ADD_SEALS, F_SEAL_WRITE), -EPERM);
	area = sys_mmap2(0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	EXPECT_EQ(sys_fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -EBUSY);
	*(volatile char *)area = 'a';
	EXPECT_EQ(sys_fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE), 0);
	*(volatile char *)area = 'b';
	EXPECT_EQ(sys_write(fd, "x", 1), -EPERM);
	EXPECT_EQ(sys_madvise(area, PAGE_SIZE, MADV_REMOVE), -EPERM);
	EXPECT_EQ((int)sys_mmap2(0, PAGE_SIZE, PROT_WRITE, MAP_SHARED, fd, 0), -EPERM);
	EXPECT_EQ(sys_munmap(area, PAGE_SIZE), 0);
	/* Through a descriptor for writing, of which mprotect() would not refuse it. */
	area = sys_mmap2(0, PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
	EXPECT_EQ(sys_mprotect(area, PAGE_SIZE, PROT_READ | PROT_WRITE), -EACCES);
	EXPECT_EQ(sys_munmap(area, PAGE_SIZE), 0);
	EXPECT_EQ(sys_fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
	EXPECT_EQ(sys_fallocate(fd, 3, 0, PAGE_SIZE), -EPERM); /* a hole */
	area = sys_mmap2(0, PAGE_SIZE, PROT_READ, MAP_SHARED, reader, 0);
	EXPECT_EQ(*(volatile char *)area, 'b');
	EXPECT_EQ(sys_mprotect(area, PAGE_SIZE, PROT_READ | PROT_WRITE), -EACCES);
	EXPECT_EQ(sys_munmap(area, PAGE_SIZE), 0);
	area = sys_mmap2(0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	*(volatile char *)area = 'c';
	EXPECT_EQ(sys_munmap(area, PAGE_SIZE), 0);
	EXPECT_EQ(sys_close(reader), 0);
	EXPECT_EQ(sys_close(fd), 0);
}

/* A call that maps may take long: what it replaces is unmapped first. */
struct race {
	volatile int maps, ends, tried;
};

static void seals_meanwhile(struct race *race, int fd)
{
	while (!race->ends) {
		if (race->maps && sys_fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) != -EPERM)
			race->tried++;
		sys_sched_yield();
	}
	sys_exit(0);
}

/* No area that can write comes after the seal. */
static void seal_against_mmap(void)
{
	struct race *race = (void *)sys_mmap2(0, PAGE_SIZE, PROT_READ | PROT_WRITE,
					      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const u32 pages = 512;
	u8 *area = memory_map(pages, PROT_READ | PROT_WRITE);

	for (int round = 0; round < 30 && !tap_failures(); round++) {
		int fd = (int)memfd(MFD_ALLOW_SEALING), child;

		*race = (struct race){ 0 };
		EXPECT_EQ(sys_ftruncate(fd, pages * PAGE_SIZE), 0);
		child = (int)sys_fork();
		if (!child)
			seals_meanwhile(race, fd);
		for (int i = 0; i < 8; i++) {
			u32 place;

			memory_map_at((u32)area, pages, PROT_READ | PROT_WRITE);
			memory_fill(area, pages, 1);
			race->maps = 1;
			place = sys_mmap2((u32)area, pages * PAGE_SIZE, PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_FIXED, fd, 0);
			race->maps = 0;
			if (!is_error(place))
				EXPECT(!(sys_fcntl(fd, F_GET_SEALS, 0) & F_SEAL_WRITE));
			else
				EXPECT_EQ((int)place, -EPERM);
		}
		race->ends = 1;
		EXPECT_EQ(process_wait(child), EXITED(0));
		EXPECT_EQ(sys_close(fd), 0);
	}
	memory_unmap(area, pages);
	EXPECT_EQ(sys_munmap((u32)race, PAGE_SIZE), 0);
}

/* --- openat2 --- */

static long openat2(const char *path, u32 flags, u32 resolve, u32 bytes)
{
	struct {
		u64 flags, mode, resolve, more;
	} how = { flags, 0, resolve, bytes == 31 };
	long fd = system_call(NR_openat2, AT_FDCWD, (long)path, (long)&how, (long)bytes, 0, 0);

	if (fd >= 0)
		sys_close((int)fd);
	return fd < 0 ? fd : 0;
}

/* Links of /proc to a path are links as others. */
static void within_proc(void)
{
	const u32 all = RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV | RESOLVE_BENEATH;

	EXPECT_EQ(sys_chdir("/proc"), 0);
	EXPECT_EQ(openat2("self/stat", O_RDONLY, all, 24), 0);
	EXPECT_EQ(openat2("thread-self/stat", O_RDONLY, all, 24), 0);
	EXPECT_EQ(openat2("self/../uptime", O_RDONLY, all, 24), 0);
	EXPECT_EQ(openat2("self", O_RDONLY, RESOLVE_NO_SYMLINKS, 24), -ELOOP);
	EXPECT_EQ(openat2("self/exe", O_RDONLY, RESOLVE_NO_MAGICLINKS, 24), -ELOOP);
	EXPECT_EQ(openat2("self/exe", O_RDONLY, RESOLVE_NO_XDEV, 24), -EXDEV);
	EXPECT_EQ(openat2("self/exe", O_RDONLY, RESOLVE_BENEATH, 24), -EXDEV);
	EXPECT_EQ(openat2("self/exe", O_RDONLY, RESOLVE_IN_ROOT, 24), -EXDEV);
	/* Those to an object too, if it is on the same file system. */
	EXPECT_EQ(sys_dup2((int)sys_open(".", O_RDONLY), 9), 9);
	EXPECT_EQ(openat2("self/fd/9", O_RDONLY, RESOLVE_NO_XDEV, 24), 0);
	EXPECT_EQ(openat2("self/fd/9/uptime", O_RDONLY, RESOLVE_NO_XDEV, 24), 0);
	EXPECT_EQ(openat2("self/fd/9", O_RDONLY, RESOLVE_BENEATH, 24), -EXDEV);
	EXPECT_EQ(openat2("self/fd/9", O_RDONLY, RESOLVE_IN_ROOT, 24), -EXDEV);
	EXPECT_EQ(sys_chdir(folder.data), 0);
	EXPECT_EQ(openat2("/proc/self/fd/9", O_RDONLY, RESOLVE_NO_XDEV, 24), -EXDEV);
	EXPECT_EQ(sys_close(9), 0);
}

static void within(void)
{
	EXPECT_EQ(sys_mkdir("d", 0755), 0);
	make("d/f");
	EXPECT_EQ(sys_symlink("f", "d/l"), 0);
	EXPECT_EQ(sys_symlink("/d", "a"), 0);
	EXPECT_EQ(openat2("d/f", O_RDONLY, 0, 24), 0);
	EXPECT_EQ(openat2("d/f", O_RDONLY, 0, 23), -EINVAL);
	EXPECT_EQ(openat2("d/f", O_RDONLY, 0, 32), 0);
	EXPECT_EQ(openat2("d/f", O_RDONLY, 0, 31), -E2BIG);
	EXPECT_EQ(openat2("d/f", 0x80000000, 0, 24), -EINVAL);
	EXPECT_EQ(openat2("d/f", O_RDONLY, 0x1000, 24), -EINVAL);
	EXPECT_EQ(openat2("d/l", O_RDONLY, RESOLVE_BENEATH, 24), 0);
	EXPECT_EQ(openat2("d/l", O_RDONLY, RESOLVE_NO_SYMLINKS, 24), -ELOOP);
	EXPECT_EQ(openat2("d/../d/f", O_RDONLY, RESOLVE_BENEATH, 24), 0);
	EXPECT_EQ(openat2("d/../../x", O_RDONLY, RESOLVE_BENEATH, 24), -EXDEV);
	EXPECT_EQ(openat2("/tmp", O_RDONLY, RESOLVE_BENEATH, 24), -EXDEV);
	EXPECT_EQ(openat2("a/f", O_RDONLY, RESOLVE_BENEATH, 24), -EXDEV);
	EXPECT_EQ(openat2("a/f", O_RDONLY, RESOLVE_IN_ROOT, 24), 0);
	EXPECT_EQ(openat2("/../d/f", O_RDONLY, RESOLVE_IN_ROOT, 24), 0);
	EXPECT_EQ(openat2("/proc/version", O_RDONLY, RESOLVE_NO_XDEV, 24), -EXDEV);
	EXPECT_EQ(openat2("/proc/self/exe", O_RDONLY, RESOLVE_NO_MAGICLINKS, 24), -ELOOP);
	EXPECT_EQ(sys_unlink("a"), 0);
	EXPECT_EQ(sys_unlink("d/l"), 0);
	EXPECT_EQ(sys_unlink("d/f"), 0);
	EXPECT_EQ(sys_rmdir("d"), 0);
}

/* --- chroot --- */

static void under_a_root(void *argument)
{
	struct stat64 top, root;
	char text[4096]; /* the tests may run under a root themselves, deep in a file system */

	EXPECT_EQ(chroot("none"), -ENOENT);
	EXPECT_EQ(chroot("r/f"), -ENOTDIR);
	EXPECT_EQ(sys_stat64("r", &root), 0);
	EXPECT_EQ(chroot("r"), 0);
	EXPECT(sys_getcwd(text, sizeof(text)) > 0 && text[0] == '('); /* it is outside */
	EXPECT_EQ(sys_chdir("/"), 0);
	EXPECT_EQ(sys_stat64("/..", &top), 0);
	EXPECT(top.ino == root.ino);
	EXPECT_EQ(sys_stat64("../../f", &top), 0);
	EXPECT_EQ(sys_stat64("/d/link", &top), 0); /* an absolute link begins at this root too */
	EXPECT_EQ(sys_stat64("/tmp", &top), -ENOENT);
	EXPECT_EQ(sys_chdir("d"), 0);
	EXPECT_EQ(sys_getcwd(text, sizeof(text)), 3);
	EXPECT_EQ(memcmp(text, "/d", 3), 0);
	EXPECT_EQ(system_call(NR_setresuid32, 1, 1, 1, 0, 0, 0), 0);
	EXPECT_EQ(chroot("/"), -EPERM);
	(void)argument;
}

static void another_root(void)
{
	EXPECT_EQ(sys_mkdir("r", 0755), 0);
	EXPECT_EQ(sys_mkdir("r/d", 0755), 0);
	make("r/f");
	EXPECT_EQ(sys_symlink("/f", "r/d/link"), 0);
	EXPECT_CHILD(under_a_root, NULL, EXITED(0));
	EXPECT_EQ(sys_unlink("r/d/link"), 0);
	EXPECT_EQ(sys_unlink("r/f"), 0);
	EXPECT_EQ(sys_rmdir("r/d"), 0);
	EXPECT_EQ(sys_rmdir("r"), 0);
}

static const struct tap_case cases[] = {
	{ "O_PATH: a descriptor that names, and reads nothing", only_a_place },
	{ "O_PATH: folders and links", place_of_a_folder },
	{ "O_TMPFILE: a file without a name, that may get one", without_a_name },
	{ "seals keep the size", seals_of_size },
	{ "seals keep the contents", seal_of_writes },
	{ "no writer comes after the seal", seal_against_mmap },
	{ "openat2: paths that stay within", within },
	{ "openat2: paths in /proc", within_proc },
	{ "chroot: paths begin elsewhere", another_root },
};

int main(void)
{
	int result;

	file_name(&folder, ".places");
	if (sys_mkdir(folder.data, 0755) || sys_chdir(folder.data))
		tap_bail_out("a new folder under /tmp was refused");
	result = tap_run(cases, ARRAY_SIZE(cases));
	EXPECT_EQ(sys_chdir("/"), 0);
	EXPECT_EQ(sys_rmdir(folder.data), 0);
	return result;
}
