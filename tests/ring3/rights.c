/* SPDX-License-Identifier: MIT */
/*
 * What a process may do to files after it gave up root: by the owner's, the group's and the
 * others' bits, in a sticky folder, and as the owner.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/task_calls.h"

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

static const struct tap_case cases[] = {
	{ "owner, group, others", digits },
	{ "sticky folders, folders with a group", folders },
	{ "changes by the owner", owners },
};

int main(void)
{
	int result;

	file_name(&folder, ".rights");
	if (sys_mkdir(folder.data, 0755) || sys_chdir(folder.data))
		tap_bail_out("a new folder under /tmp was refused");
	result = tap_run(cases, ARRAY_SIZE(cases));
	EXPECT_EQ(sys_chdir("/"), 0);
	EXPECT_EQ(sys_rmdir(folder.data), 0);
	return result;
}
