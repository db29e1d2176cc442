/* SPDX-License-Identifier: MIT */
/*
 * What a process may do to files after it gave up root: by the owner's, the group's and the
 * others' bits, in a sticky folder, and as the owner.
 */
#include "abi/linux/auxvec.h"
#include "abi/linux/capability.h"
#include "abi/linux/prctl.h"
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/thread.h"

#define NEW   (O_RDWR | O_CREAT | O_EXCL)
#define USER  1234u
#define GROUP 4321u

static struct text folder;

static void make(const char *path, u32 mode, u32 user, u32 group)
{
	EXPECT_EQ(sys_close((int)sys_open_mode(path, NEW, 0600)), 0);
	EXPECT_EQ(sys_chown(path, user, group), 0);
	EXPECT_EQ(sys_chmod(path, mode), 0);
}

static void become_user(void)
{
	EXPECT_EQ(system_call(NR_setgroups32, 0, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_setresgid32, GROUP, GROUP, GROUP, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_setresuid32, USER, USER, USER, 0, 0, 0), 0);
}

static void close_if(long fd)
{
	if (fd >= 0)
		sys_close((int)fd);
}

static long try(const char *path, int flags)
{
	long fd = sys_open(path, flags);

	close_if(fd);
	return fd < 0 ? fd : 0;
}

static void by_digits(void *argument)
{
	static const char *const names[] = { "owner", "group", "other", "none" };

	become_user();
	for (u32 i = 0; i < 3; i++) {
		EXPECT_EQ(try(names[i], O_RDONLY), 0);
		EXPECT_EQ(try(names[i], O_WRONLY), -EACCES);
		EXPECT_EQ(sys_access(names[i], R_OK | X_OK), 0);
		EXPECT_EQ(sys_access(names[i], W_OK), -EACCES);
		EXPECT_EQ(sys_truncate(names[i], 0), -EACCES);
	}
	/* The owner's digit counts for the owner, even if the others' has more. */
	EXPECT_EQ(try("none", O_RDONLY), -EACCES);
	EXPECT_EQ(try("closed/f", O_RDONLY), -EACCES);
	EXPECT_EQ(try("closed/g", O_RDONLY), -EACCES);
	EXPECT_EQ(sys_chdir("closed"), -EACCES);
	EXPECT_EQ(sys_mkdir("closed/x", 0700), -EACCES);
	EXPECT_EQ(sys_mkdir("x", 0700), -EACCES);
	EXPECT_EQ(sys_unlink("owner"), -EACCES);
	EXPECT_EQ(sys_rename("owner", "x"), -EACCES);
	(void)argument;
}

static void digits(void)
{
	make("owner", 0500, USER, 0);
	make("group", 0050, 0, GROUP);
	make("other", 0005, 0, 0);
	make("none", 0077, USER, 0);
	EXPECT_EQ(sys_mkdir("closed", 0700), 0);
	make("closed/f", 0777, USER, GROUP);
	EXPECT_CHILD(by_digits, NULL, EXITED(0));
	EXPECT_EQ(sys_unlink("owner"), 0);
	EXPECT_EQ(sys_unlink("group"), 0);
	EXPECT_EQ(sys_unlink("other"), 0);
	EXPECT_EQ(sys_unlink("none"), 0);
	EXPECT_EQ(sys_unlink("closed/f"), 0);
	EXPECT_EQ(sys_rmdir("closed"), 0);
}

static void in_sticky_folder(void *argument)
{
	struct stat64 stat;

	become_user();
	EXPECT_EQ(sys_unlink("sticky/root"), -EPERM);
	EXPECT_EQ(sys_rename("sticky/root", "sticky/x"), -EPERM);
	EXPECT_EQ(sys_close((int)sys_open_mode("sticky/mine", NEW, 0666)), 0);
	EXPECT_EQ(sys_stat64("sticky/mine", &stat), 0);
	EXPECT(stat.uid == USER && stat.gid == GROUP && (stat.mode & 07777) == 0644);
	EXPECT_EQ(sys_rename("sticky/mine", "sticky/root"), -EPERM);
	EXPECT_EQ(sys_rename("sticky/mine", "sticky/own"), 0);
	EXPECT_EQ(sys_unlink("sticky/own"), 0);
	/* A folder with the set-group-ID bit gives its group. */
	EXPECT_EQ(sys_mkdir("sgid/below", 0755), 0);
	EXPECT_EQ(sys_stat64("sgid/below", &stat), 0);
	EXPECT(stat.gid == 77 && stat.mode == (S_IFDIR | 02755));
	EXPECT_EQ(sys_rmdir("sgid/below"), 0);
	(void)argument;
}

static void folders(void)
{
	EXPECT_EQ(sys_mkdir("sticky", 0700), 0);
	EXPECT_EQ(sys_chmod("sticky", 01777), 0);
	EXPECT_EQ(sys_mkdir("sgid", 0700), 0);
	EXPECT_EQ(sys_chown("sgid", 0, 77), 0);
	EXPECT_EQ(sys_chmod("sgid", 02777), 0);
	make("sticky/root", 0666, 0, 0);
	EXPECT_CHILD(in_sticky_folder, NULL, EXITED(0));
	EXPECT_EQ(sys_unlink("sticky/root"), 0);
	EXPECT_EQ(sys_rmdir("sticky"), 0);
	EXPECT_EQ(sys_rmdir("sgid"), 0);
}

static void as_owner(void *argument)
{
	struct stat64 stat;

	become_user();
	EXPECT_EQ(sys_chmod("root", 0777), -EPERM);
	EXPECT_EQ(sys_chown("root", USER, GROUP), -EPERM);
	EXPECT_EQ(sys_chmod("mine", 0640), 0);
	EXPECT_EQ(sys_chown("mine", 0, GROUP), -EPERM);
	EXPECT_EQ(sys_chown("mine", USER, 0), -EPERM);
	EXPECT_EQ(sys_chown("mine", UINT32_MAX, GROUP), 0);
	EXPECT_EQ(sys_chmod("mine", 06755), 0);
	EXPECT_EQ(sys_chown("mine", USER, GROUP), 0);
	EXPECT_EQ(sys_stat64("mine", &stat), 0);
	EXPECT_EQ(stat.mode, S_IFREG | 0755);
	EXPECT_EQ(sys_mknod("device", S_IFCHR | 0600, 0x103), -EACCES);
	(void)argument;
}

static void owners(void)
{
	struct stat64 stat;

	make("root", 0644, 0, 0);
	make("mine", 0600, USER, 5);
	EXPECT_CHILD(as_owner, NULL, EXITED(0));
	EXPECT_EQ(sys_stat64("mine", &stat), 0);
	EXPECT(stat.uid == USER && stat.gid == GROUP);
	EXPECT_EQ(sys_chmod("mine", 04755), 0);
	EXPECT_EQ(sys_chown("mine", 0, UINT32_MAX), 0);
	EXPECT_EQ(sys_stat64("mine", &stat), 0);
	EXPECT(stat.mode == (S_IFREG | 0755) && stat.uid == 0 && stat.gid == GROUP);
	EXPECT_EQ(sys_unlink("root"), 0);
	EXPECT_EQ(sys_unlink("mine"), 0);
}

/* --- Set-ID bits --- */

static u32 mode_of(const char *path)
{
	struct stat64 stat;

	EXPECT_EQ(sys_stat64(path, &stat), 0);
	return stat.mode & 07777;
}

static void changes_contents(void *argument)
{
	int fd;

	become_user();
	(void)argument;
	fd = (int)sys_open("w", O_WRONLY);
	EXPECT_EQ(sys_write(fd, "", 0), 0);
	EXPECT_EQ(mode_of("w"), 06777);
	EXPECT_EQ(sys_write(fd, "a", 1), 1);
	EXPECT_EQ(mode_of("w"), 0777);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_truncate("t", 5), 0);
	EXPECT_EQ(mode_of("t"), 02767);
	EXPECT_EQ(sys_truncate("s", 5), 0);
	EXPECT_EQ(mode_of("s"), 0767);
	EXPECT_EQ(sys_close((int)sys_open("o", O_WRONLY | O_TRUNC)), 0);
	EXPECT_EQ(mode_of("o"), 0777);
}

static void contents_of_others(void)
{
	make("w", 06777, 0, 0);
	make("t", 06767, USER, GROUP);
	make("s", 06767, USER, 0);
	make("o", 06777, 0, GROUP);
	EXPECT_CHILD(changes_contents, NULL, EXITED(0));
	EXPECT_EQ(sys_chmod("w", 06777), 0);
	EXPECT_EQ(sys_truncate("w", 0), 0);
	EXPECT_EQ(mode_of("w"), 06777); /* by the super-user */
	EXPECT_EQ(sys_unlink("w"), 0);
	EXPECT_EQ(sys_unlink("s"), 0);
	EXPECT_EQ(sys_unlink("t"), 0);
	EXPECT_EQ(sys_unlink("o"), 0);
}

/* mincore() does not show which pages of a file are in memory if the caller may only read it. */
static void looks_at_pages(void *argument)
{
	int fd = (int)sys_open("pages", O_RDONLY);
	u32 area = sys_mmap2(0, 2 * PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
	u8 there[2] = { 9, 9 };

	EXPECT_EQ(sys_mincore(area, 2 * PAGE_SIZE, there), 0);
	EXPECT_EQ(there[0] + 2 * there[1], *(const char *)argument == 'o' ? 2 : 3);
}

static void looks_as_user(void *argument)
{
	become_user();
	looks_at_pages(argument);
}

static void residence(void)
{
	int fd;

	make("pages", 0644, 0, 0);
	fd = (int)sys_open("pages", O_RDWR);
	EXPECT_EQ(sys_ftruncate(fd, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(sys_pwrite64(fd, "x", 1, PAGE_SIZE), 1);
	EXPECT_CHILD(looks_at_pages, "owner", EXITED(0));
	EXPECT_CHILD(looks_as_user, "reader", EXITED(0));
	EXPECT_EQ(sys_chmod("pages", 0646), 0);
	EXPECT_CHILD(looks_as_user, "others may write", EXITED(0));
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_unlink("pages"), 0);
}

static u64 permitted(void)
{
	struct cap_header header = { CAPABILITY_VERSION_3, 0 };
	struct cap_data data[2];

	EXPECT_EQ(system_call(NR_capget, (long)&header, (long)data, 0, 0, 0, 0), 0);
	return data[0].permitted | (u64)data[1].permitted << 32;
}

static void drop_capabilities(void)
{
	struct cap_header header = { CAPABILITY_VERSION_3, 0 };
	static const struct cap_data none[2];

	EXPECT_EQ(system_call(NR_capset, (long)&header, (long)none, 0, 0, 0, 0), 0);
}

static void executes(void *argument)
{
	const char *const argv[] = { "program", argument, NULL };
	static const char *const empty[] = { NULL };

	if (*(char *)argument == 'p')
		drop_capabilities();
	else
		become_user();
	if (*(char *)argument == 'n' || *(char *)argument == 'p')
		EXPECT_EQ(system_call(NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0), 0);
	EXPECT_EQ(sys_execve("program", argv, empty), 0);
}

/* Another process shares its root and working directory, and could move them. */
static void executes_shared(void *argument)
{
	int child = (int)system_call(NR_clone, CLONE_FS | SIGCHLD, 0, 0, 0, 0, 0);

	if (!child) {
		executes(argument);
		sys_exit(1);
	}
	EXPECT_EQ(process_wait(child), EXITED(42));
}

static void threads_share(void *argument)
{
	static struct thread thread;

	thread_start(&thread, sleeps_forever, NULL);
	executes(argument);
}

/* The value of an entry of the auxiliary vector. */
static u32 auxiliary(char **argv, u32 type)
{
	const u32 *word = (const u32 *)argv;

	while (*word++)
		;
	while (*word++)
		;
	while (*word && *word != type)
		word += 2;
	return word[1];
}

/* The program with other rights: the names of the case say which it expects. */
static int run_image(char **argv)
{
	bool user = *argv[1] == 'u' || *argv[1] == 'b', group = *argv[1] == 'g' || *argv[1] == 'b';
	u32 ids[3];

	if (*argv[1] == 'p') {
		EXPECT(!permitted());
		return tap_failures() ? 1 : 42;
	}
	system_call(NR_getresuid32, (long)&ids[0], (long)&ids[1], (long)&ids[2], 0, 0, 0);
	EXPECT(ids[0] == USER && ids[1] == (user ? 77u : USER) && ids[2] == ids[1]);
	EXPECT_EQ(auxiliary(argv, AT_EUID), ids[1]);
	system_call(NR_getresgid32, (long)&ids[0], (long)&ids[1], (long)&ids[2], 0, 0, 0);
	EXPECT(ids[0] == GROUP && ids[1] == (group ? 88u : GROUP) && ids[2] == ids[1]);
	EXPECT_EQ(auxiliary(argv, AT_EGID), ids[1]);
	EXPECT_EQ(auxiliary(argv, AT_SECURE), user || group || *argv[1] == 's');
	EXPECT_EQ(system_call(NR_prctl, PR_GET_DUMPABLE, 0, 0, 0, 0, 0), !(user || group));
	EXPECT_EQ(sys_access("program", R_OK), 0);
	EXPECT_EQ(sys_access("secret", R_OK), -EACCES); /* by the real IDs */
	EXPECT_EQ(try("secret", O_RDONLY), user ? 0 : -EACCES);
	return tap_failures() ? 1 : 42;
}

static void programs(void)
{
	EXPECT_EQ(sys_close(file_copy_program("program", 0700)), 0);
	make("secret", 0400, 77, 0);
	EXPECT_EQ(sys_chown("program", 77, 88), 0);
	EXPECT_EQ(sys_chmod("program", 04755), 0);
	EXPECT_CHILD(executes, "user", EXITED(42));
	EXPECT_CHILD(executes, "none, as it gave that up", EXITED(42));
	EXPECT_CHILD(executes_shared, "shared folders: none", EXITED(0));
	EXPECT_CHILD(threads_share, "user, beside a thread", EXITED(42));
	EXPECT_CHILD(executes, "powerless for ever", EXITED(42));
	EXPECT_EQ(sys_chmod("program", 02755), 0);
	EXPECT_CHILD(executes, "group", EXITED(42));
	EXPECT_EQ(sys_chmod("program", 02745), 0);
	EXPECT_CHILD(executes, "other: without the group's x", EXITED(42));
	EXPECT_EQ(sys_chmod("program", 06755), 0);
	EXPECT_CHILD(executes, "both", EXITED(42));
	EXPECT_EQ(sys_unlink("program"), 0);
	EXPECT_EQ(sys_unlink("secret"), 0);
}

static const struct tap_case cases[] = {
	{ "owner, group, others", digits },
	{ "sticky folders, folders with a group", folders },
	{ "changes by the owner", owners },
	{ "who changes the contents ends the set-ID bits", contents_of_others },
	{ "programs with set-ID bits", programs },
	{ "whose pages are in memory", residence },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	int result;

	if (argc > 1)
		return run_image(argv);
	file_name(&folder, ".rights");
	if (sys_mkdir(folder.data, 0755) || sys_chdir(folder.data))
		tap_bail_out("a new folder under /tmp was refused");
	result = tap_run(cases, ARRAY_SIZE(cases));
	EXPECT_EQ(sys_chdir("/"), 0);
	EXPECT_EQ(sys_rmdir(folder.data), 0);
	return result;
}
