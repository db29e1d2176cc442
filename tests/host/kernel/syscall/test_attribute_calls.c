/* SPDX-License-Identifier: MIT */
/*
 * access(), chmod(), chown() and utime() in all their forms: IDs, capabilities, flags, times at
 * their limits, and files without an inode.
 *
 * sources: kernel/syscall/file/sys_attributes.c kernel/syscall/file/user_path.c
 * sources: kernel/syscall/time/sys_time.c kernel/task/files.c
 * sources: tests/host/kernel/syscall/file_rig.c
 */
#include "abi/linux/capability.h"
#include "abi/linux/prctl.h"
#include "abi/linux/time.h"
#include "fs/process.h"
#include "kernel/devices/time.h"
#include "kernel/syscall/file/user_path.h"
#include "kernel/syscall/time/sys_time.h"
#include "tests/host/console.h"
#include "tests/host/kernel/syscall/file_rig.h"
#include "tests/host/owner.h"
#include "tests/host/resched.h"

#define CWD    ((u32)AT_FDCWD)
#define TIMES  (USER_BYTES + 64)
#define SECOND 1000000000ull
#define NOW    ((1u << 30) - 1)
#define OMIT   ((1u << 30) - 2)

static const char *const names[] = { "/tmp/d/b", NULL };

/* Descriptors: a folder, the file /tmp/f, the same as a place, none with an inode, a pipe. */
static u32 folder, file, place, blank, ends[2];
static struct inode *inode;

u64 clock_monotonic(void)
{
	return host_now;
}

static void files(void)
{
	begin_names(names);
	EXPECT_EQ(path_symlink("/tmp/f", NULL, "/tmp/d/b"), 0);
	inode = found("/tmp/f");
	folder = open_fd("/tmp/d", O_RDONLY);
	file = open_fd("/tmp/f", O_RDONLY);
	place = open_fd("/tmp/f", O_PATH);
	blank = blank_fd(O_RDWR);
	pipe_fds(ends, 0);
}

/* The right is looked at with the IDs that the call gives. */
static const struct file_ids *ids_at_look;
static struct file_ids ids;
static u64 caps_of_host = CAPABILITIES_ALL;

bool capable(u32 capability)
{
	ids_at_look = own.file_ids;
	if (ids_at_look)
		ids = *ids_at_look;
	return (ids_at_look ? ids.capabilities : caps_of_host) >> capability & 1;
}

/* ---- access() ---- */

static void accesses(void)
{
	files();
	own_group.caps.permitted = own_group.caps.effective = CAPABILITIES_ALL;
	EXPECT_EQ(CALL(access, PATH("/tmp/f"), 0), 0);
	EXPECT_EQ(CALL(access, PATH("/tmp/f"), R_OK | W_OK), 0);
	EXPECT_EQ(CALL(access, PATH("/tmp/f"), X_OK), -EACCES);
	EXPECT_EQ(CALL(access, PATH("/tmp/f"), 8), -EINVAL);
	EXPECT_EQ(CALL(access, NOWHERE, UINT32_MAX), -EINVAL);
	EXPECT_EQ(CALL(access, NOWHERE, 0), -EFAULT);
	EXPECT_EQ(CALL(access, PATH("/tmp/x"), 0), -ENOENT);
	EXPECT_EQ(CALL(faccessat, folder, PATH("b"), R_OK, UINT32_MAX), 0);
	EXPECT_EQ(CALL(faccessat, folder, PATH("b"), X_OK), -EACCES);
	EXPECT_EQ(CALL(faccessat, CLOSED, PATH("b"), R_OK), -EBADF);
	EXPECT_EQ(CALL(faccessat2, folder, PATH("b"), X_OK, AT_SYMLINK_NOFOLLOW), 0);
	EXPECT_EQ(CALL(faccessat2, folder, PATH("b"), X_OK, AT_EACCESS), -EACCES);
	EXPECT_EQ(CALL(faccessat2, file, PATH(""), R_OK, AT_EMPTY_PATH), 0);
	EXPECT_EQ(CALL(faccessat2, file, PATH(""), X_OK, AT_EMPTY_PATH), -EACCES);
	EXPECT_EQ(CALL(faccessat2, file, NOWHERE, R_OK, AT_SYMLINK_FOLLOW), -EINVAL);
	EXPECT_EQ(CALL(faccessat2, file, PATH(""), R_OK, 0), -ENOENT);
	EXPECT(!own.file_ids);
}

/* The real IDs, with the capabilities that they would have; AT_EACCESS: the effective ones. */
static void identities(void)
{
	files();
	inode->mode = S_IFREG;
	host_fsuid = 3; /* what the inode is compared with: kernel/process/fs_struct.c */
	own_group.user.real = 7;
	own_group.groups.ids.real = 8;
	own_group.caps.permitted = CAPABILITIES_ALL;
	own_group.caps.effective = 1;
	EXPECT_EQ(CALL(access, PATH("/tmp/f"), R_OK), -EACCES);
	EXPECT(ids_at_look && ids.user == 7 && ids.group == 8 && !ids.capabilities);
	own_group.user.real = 0;
	EXPECT_EQ(CALL(access, PATH("/tmp/f"), R_OK), 0);
	EXPECT(ids_at_look && ids.user == 0 && ids.capabilities == CAPABILITIES_ALL);
	own_group.caps.secure = SECBIT_NO_SETUID_FIXUP;
	EXPECT_EQ(CALL(access, PATH("/tmp/f"), R_OK), -EACCES);
	EXPECT_EQ(ids.capabilities, 1);
	own_group.user.real = 7;
	own_group.caps.effective = CAPABILITIES_ALL;
	EXPECT_EQ(CALL(access, PATH("/tmp/f"), R_OK), 0);
	EXPECT_EQ(CALL(faccessat2, CWD, PATH("/tmp/f"), R_OK, AT_EACCESS), 0);
	EXPECT(!ids_at_look && !own.file_ids);
	caps_of_host = 0;
	EXPECT_EQ(CALL(faccessat2, CWD, PATH("/tmp/f"), R_OK, AT_EACCESS), -EACCES);
	own_group.caps = (struct capabilities){ 0 };
	host_fsuid = 0;
	caps_of_host = CAPABILITIES_ALL;
}

/* ---- chmod() and chown() ---- */

static void modes(void)
{
	files();
	EXPECT_EQ(CALL(chmod, PATH("/tmp/d/b"), 0170600), 0);
	EXPECT_EQ(inode->mode, S_IFREG | 0600);
	EXPECT_EQ(CALL(fchmod, file, 06701), 0);
	EXPECT_EQ(inode->mode, S_IFREG | 06701);
	EXPECT_EQ(CALL(fchmodat, folder, PATH("b"), 0602, UINT32_MAX), 0);
	EXPECT_EQ(inode->mode, S_IFREG | 0602);
	EXPECT_EQ(CALL(fchmodat2, folder, PATH("b"), 0603, 0), 0);
	EXPECT_EQ(CALL(fchmodat2, folder, PATH("b"), 0604, AT_SYMLINK_NOFOLLOW), -EOPNOTSUPP);
	EXPECT_EQ(inode->mode, S_IFREG | 0603);
	EXPECT_EQ(CALL(fchmodat2, place, PATH(""), 0605, AT_EMPTY_PATH), 0);
	EXPECT_EQ(inode->mode, S_IFREG | 0605);
	EXPECT_EQ(CALL(fchmodat2, place, NOWHERE, 0, AT_SYMLINK_FOLLOW), -EINVAL);
	EXPECT_EQ(CALL(fchmodat2, CLOSED, PATH("b"), 0, 0), -EBADF);
	EXPECT_EQ(CALL(chmod, NOWHERE, 0), -EFAULT);
	EXPECT_EQ(CALL(chmod, PATH("/tmp/x"), 0), -ENOENT);
	EXPECT_EQ(CALL(fchmod, CLOSED, 0), -EBADF);
	EXPECT_EQ(CALL(fchmod, place, 0), -EBADF);
	EXPECT_EQ(CALL(fchmod, blank, 0), -EOPNOTSUPP);
	EXPECT_EQ(inode->mode, S_IFREG | 0605);
}

static bool owners_are(const struct inode *of, u32 uid, u32 gid)
{
	return of->uid == uid && of->gid == gid;
}

static void owners(void)
{
	const struct inode *link;

	files();
	link = found("/tmp/d/b");
	EXPECT_EQ(CALL(chown, PATH("/tmp/d/b"), 0xabcd0001, 0xabcd0002), 0);
	EXPECT(owners_are(inode, 1, 2) && owners_are(link, 0, 0));
	EXPECT_EQ(CALL(chown, PATH("/tmp/f"), 0xffff, 3), 0);
	EXPECT_EQ(CALL(chown, PATH("/tmp/f"), 4, 0xabcdffff), 0);
	EXPECT(owners_are(inode, 4, 3));
	EXPECT_EQ(CALL(chown, PATH("/tmp/f"), 0xfffe, 0), 0);
	EXPECT(owners_are(inode, 0xfffe, 0));
	EXPECT_EQ(CALL(lchown, PATH("/tmp/d/b"), 5, 6), 0);
	EXPECT(owners_are(link, 5, 6) && owners_are(inode, 0xfffe, 0));
	EXPECT_EQ(CALL(lchown, PATH("/tmp/d/b"), UINT32_MAX, 0x1ffff), 0);
	EXPECT(owners_are(link, 5, 6));
	EXPECT_EQ(CALL(fchown, file, 7, 8), 0);
	EXPECT(owners_are(inode, 7, 8));
	EXPECT_EQ(CALL(fchown, file, 0xffff, 0xffff), 0);
	EXPECT_EQ(CALL(chown32, PATH("/tmp/d/b"), 0x10009, 0x1000a), 0);
	EXPECT(owners_are(inode, 0x10009, 0x1000a));
	EXPECT_EQ(CALL(chown32, PATH("/tmp/d/b"), UINT32_MAX, 0xffff), 0);
	EXPECT(owners_are(inode, 0x10009, 0xffff));
	EXPECT_EQ(CALL(lchown32, PATH("/tmp/d/b"), 0x1000b, UINT32_MAX), 0);
	EXPECT(owners_are(link, 0x1000b, 6));
	EXPECT_EQ(CALL(fchown32, file, 0x1000c, 0x1000d), 0);
	EXPECT(owners_are(inode, 0x1000c, 0x1000d));
	EXPECT_EQ(CALL(fchownat, folder, PATH("b"), 14, 15, 0), 0);
	EXPECT(owners_are(inode, 14, 15));
	EXPECT_EQ(CALL(fchownat, folder, PATH("b"), 16, 17, AT_SYMLINK_NOFOLLOW), 0);
	EXPECT(owners_are(link, 16, 17));
	EXPECT_EQ(CALL(fchownat, place, PATH(""), 18, 19, AT_EMPTY_PATH), 0);
	EXPECT(owners_are(inode, 18, 19));
	EXPECT_EQ(CALL(fchownat, place, NOWHERE, 18, 19, AT_SYMLINK_FOLLOW), -EINVAL);
	EXPECT_EQ(CALL(fchown, place, 0, 0), -EBADF);
	EXPECT_EQ(CALL(fchown32, CLOSED, 0, 0), -EBADF);
	EXPECT_EQ(CALL(fchown32, blank, 0, 0), -EOPNOTSUPP);
	EXPECT_EQ(CALL(chown32, NOWHERE, 0, 0), -EFAULT);
	EXPECT(owners_are(inode, 18, 19));
}

/* ---- Times ---- */

static void put_words(const u32 *words, u32 count)
{
	put(TIMES, words, count * sizeof(*words));
}

#define WORDS(...) put_words((u32[]){ __VA_ARGS__ }, sizeof((u32[]){ __VA_ARGS__ }) / 4)

static bool times_are(const struct inode *of, u64 access, u64 modify)
{
	return of->times.access == access && of->times.modify == modify;
}

static void whole_seconds(void)
{
	files();
	WORDS(3, 0xfffffff0);
	EXPECT_EQ(CALL(utime, PATH("/tmp/d/b"), TIMES), 0);
	EXPECT(times_are(inode, 3 * SECOND, 0xfffffff0 * SECOND));
	EXPECT_EQ(inode->times.change, console_date);
	EXPECT_EQ(CALL(utime, PATH("/tmp/f"), 0), 0);
	EXPECT(times_are(inode, console_date, console_date));
	EXPECT_EQ(CALL(utime, PATH("/tmp/f"), NOWHERE), -EFAULT);
	EXPECT_EQ(CALL(utime, NOWHERE, TIMES), -EFAULT);
	EXPECT_EQ(CALL(utime, PATH("/tmp/x"), 0), -ENOENT);
	EXPECT_EQ(CALL(utime, 0, 0), -EFAULT);
}

static void microseconds(void)
{
	files();
	WORDS(1, 2, 3, 999999);
	EXPECT_EQ(CALL(utimes, PATH("/tmp/d/b"), TIMES), 0);
	EXPECT(times_are(inode, SECOND + 2000, 3 * SECOND + 999999000));
	WORDS(1, 2, 3, 1000000);
	EXPECT_EQ(CALL(utimes, PATH("/tmp/f"), TIMES), -EINVAL);
	WORDS(1, 1000000, 3, 4);
	EXPECT_EQ(CALL(utimes, NOWHERE, TIMES), -EINVAL);
	WORDS(1, UINT32_MAX, 3, 4);
	EXPECT_EQ(CALL(utimes, PATH("/tmp/f"), TIMES), -EINVAL);
	EXPECT_EQ(CALL(utimes, PATH("/tmp/f"), NOWHERE), -EFAULT);
	EXPECT(times_are(inode, SECOND + 2000, 3 * SECOND + 999999000));
	EXPECT_EQ(CALL(utimes, PATH("/tmp/f"), 0), 0);
	EXPECT(times_are(inode, console_date, console_date));
	WORDS(4, 5, 6, 7);
	EXPECT_EQ(CALL(futimesat, folder, PATH("b"), TIMES), 0);
	EXPECT(times_are(inode, 4 * SECOND + 5000, 6 * SECOND + 7000));
	WORDS(8, 0, 9, 0);
	EXPECT_EQ(CALL(futimesat, file, 0, TIMES), 0);
	EXPECT(times_are(inode, 8 * SECOND, 9 * SECOND));
	EXPECT_EQ(CALL(futimesat, file, 0, NOWHERE), -EFAULT);
	EXPECT_EQ(CALL(futimesat, CLOSED, PATH("b"), TIMES), -EBADF);
	EXPECT_EQ(CALL(futimesat, CLOSED, 0, TIMES), -EBADF);
	EXPECT_EQ(CALL(futimesat, CWD, 0, TIMES), -EFAULT);
	WORDS(8, 0, 9, 1000000);
	EXPECT_EQ(CALL(futimesat, CLOSED, 0, TIMES), -EINVAL);
}

static s32 set(bool wide, u32 directory, vaddr_t path, vaddr_t times, u32 flags)
{
	struct pt_regs regs = { .ebx = directory, .ecx = path, .edx = times, .esi = flags };

	regs.orig_eax = wide ? NR_utimensat_time64 : NR_utimensat;
	return sys_utimensat(&regs);
}

/* The times of the file, with 32 and with 64 bits. */
static s32 set_both(u32 access, u32 nanoseconds, u32 modify, u32 more)
{
	s32 result;

	WORDS(access, nanoseconds, modify, more);
	result = set(false, file, 0, TIMES, 0);
	WORDS(access, 0, nanoseconds, 0, modify, 0, more, 0);
	EXPECT_EQ(set(true, file, 0, TIMES, 0), result);
	return result;
}

static void nanoseconds(void)
{
	files();
	EXPECT_EQ(set_both(1, 2, 3, 4), 0);
	EXPECT(times_are(inode, SECOND + 2, 3 * SECOND + 4));
	EXPECT_EQ(set_both(5, 999999999, 6, OMIT), 0);
	EXPECT(times_are(inode, 6 * SECOND - 1, 3 * SECOND + 4));
	EXPECT_EQ(set_both(7, OMIT, 8, 9), 0);
	EXPECT(times_are(inode, 6 * SECOND - 1, 8 * SECOND + 9));
	EXPECT_EQ(set_both(7, NOW, 8, OMIT), 0);
	EXPECT(times_are(inode, console_date, 8 * SECOND + 9));
	EXPECT_EQ(set_both(7, OMIT, 8, NOW), 0);
	EXPECT(times_are(inode, console_date, console_date));
	EXPECT_EQ(set_both(1, 1000000000, 2, 3), -EINVAL);
	EXPECT_EQ(set_both(1, 2, 3, 1000000000), -EINVAL);
	EXPECT_EQ(set_both(1, 2, 3, UINT32_MAX), -EINVAL);
	EXPECT(times_are(inode, console_date, console_date));
	/* Times beyond 32 bits; the upper half of the nanoseconds has no effect. */
	WORDS(1, 1, 2, 77, 3, 2, 4, 77);
	EXPECT_EQ(set(true, file, 0, TIMES, 0), 0);
	EXPECT(times_are(inode, 0x100000001 * SECOND + 2, 0x200000003 * SECOND + 4));
	EXPECT_EQ(set(false, file, 0, 0, 0), 0);
	EXPECT(times_are(inode, console_date, console_date));
}

/* What is checked first. */
static void orders_of_checks(void)
{
	const u32 unknown = AT_SYMLINK_FOLLOW;
	struct inode *link;

	files();
	link = found("/tmp/d/b");
	WORDS(1, OMIT, 3, OMIT);
	EXPECT_EQ(set(false, CLOSED, NOWHERE, TIMES, unknown), 0);
	EXPECT_EQ(set(false, CLOSED, NOWHERE, NOWHERE, unknown), -EFAULT);
	EXPECT_EQ(set(false, CLOSED, NOWHERE, USER_BYTES + 8192 - 8, unknown), -EFAULT);
	EXPECT_EQ(set(true, CLOSED, NOWHERE, USER_BYTES + 8192 - 16, unknown), -EFAULT);
	WORDS(1, 1000000000, 3, 4);
	put(USER_BYTES + 8192 - 8, (u32[]){ 1, 1000000000 }, 8);
	EXPECT_EQ(set(false, folder, PATH("b"), USER_BYTES + 8192 - 8, 0), -EFAULT);
	EXPECT_EQ(set(false, CLOSED, NOWHERE, TIMES, unknown), -EINVAL);
	EXPECT_EQ(set(false, CLOSED, NOWHERE, TIMES, 0), -EFAULT);
	EXPECT_EQ(set(false, CLOSED, PATH("b"), TIMES, 0), -EBADF);
	EXPECT_EQ(set(false, folder, PATH("x"), TIMES, 0), -ENOENT);
	EXPECT_EQ(set(false, folder, PATH("b"), TIMES, 0), -EINVAL);
	WORDS(1, 2, 3, 4);
	EXPECT_EQ(set(false, folder, PATH("b"), TIMES, AT_SYMLINK_NOFOLLOW), 0);
	EXPECT(times_are(link, SECOND + 2, 3 * SECOND + 4) && inode->times.modify != 4);
	WORDS(5, 6, 7, 8);
	EXPECT_EQ(set(false, place, PATH(""), TIMES, AT_EMPTY_PATH), 0);
	EXPECT(times_are(inode, 5 * SECOND + 6, 7 * SECOND + 8));
	EXPECT_EQ(set(false, file, 0, TIMES, AT_SYMLINK_NOFOLLOW), -EINVAL);
	EXPECT_EQ(set(false, file, 0, TIMES, AT_EMPTY_PATH), -EINVAL);
	EXPECT_EQ(set(false, blank, 0, TIMES, AT_EMPTY_PATH), -EINVAL);
	EXPECT_EQ(set(false, place, 0, TIMES, 0), -EBADF);
	EXPECT_EQ(set(false, CWD, 0, TIMES, 0), -EFAULT);
	EXPECT_EQ(set(false, CLOSED, 0, TIMES, 0), -EBADF);
}

/* A pipe keeps no times; others without an inode belong to the super-user, and refuse them. */
static void files_without_inodes(void)
{
	files();
	WORDS(1, 2, 3, 4);
	EXPECT_EQ(set(false, ends[0], 0, TIMES, 0), 0);
	EXPECT_EQ(set(false, ends[0], 0, 0, 0), 0);
	EXPECT_EQ(set(false, blank, 0, TIMES, 0), -EOPNOTSUPP);
	EXPECT_EQ(set(false, blank, 0, 0, 0), -EOPNOTSUPP);
	WORDS(1, 1000000000, 3, 4);
	EXPECT_EQ(set(false, blank, 0, TIMES, 0), -EINVAL);
	EXPECT_EQ(set(false, ends[0], 0, TIMES, 0), -EINVAL);
	WORDS(1, 2, 3, NOW);
	host_fsuid = 7;
	caps_of_host = 0;
	EXPECT_EQ(set(false, ends[0], 0, TIMES, 0), -EPERM);
	EXPECT_EQ(set(false, ends[0], 0, 0, 0), -EACCES);
	EXPECT_EQ(set(false, blank, 0, TIMES, 0), -EOPNOTSUPP);
	EXPECT_EQ(set(false, blank, 0, 0, 0), -EACCES);
	WORDS(1, NOW, 3, 4);
	EXPECT_EQ(set(false, ends[0], 0, TIMES, 0), -EPERM);
	caps_of_host = CAPABILITY(CAP_FOWNER);
	EXPECT_EQ(set(false, ends[0], 0, TIMES, 0), 0);
	host_fsuid = 0;
	caps_of_host = CAPABILITIES_ALL;
}

TAP_MAIN({ "access", accesses }, { "access: identities", identities }, { "chmod", modes },
	 { "chown", owners }, { "whole seconds", whole_seconds }, { "microseconds", microseconds },
	 { "nanoseconds", nanoseconds }, { "what is checked first", orders_of_checks },
	 { "files without inodes", files_without_inodes })
