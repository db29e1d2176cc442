/* SPDX-License-Identifier: MIT */
/*
 * mount() and umount(): calls of the super-user. A test program cannot make them on Linux without
 * changing the machine that it runs on. Each with the one capability that it needs, and without
 * it.
 *
 * sources: kernel/syscall/file/sys_mount.c
 */
#include <string.h>

#include "abi/linux/capability.h"
#include "abi/linux/errno.h"
#include "abi/linux/fcntl.h"
#include "abi/linux/stat.h"
#include "fs/tmpfs/mount.h"
#include "kernel/syscall/file/user_path.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/capability.h"
#include "tests/host/kernel/user_bytes.h"
#include "tests/host/tap.h"

#define OUTSIDE 0x1000u

/* Where texts lie in the program's memory. */
#define PATH	(USER_BYTES + 0x100)
#define TYPE	(USER_BYTES + 0x200)
#define OPTIONS (USER_BYTES + 0x300)
#define SOURCE	(USER_BYTES + 0x800)

static u64 rights;
static u32 asked; /* the capability that was asked for last */

bool capable(u32 capability)
{
	asked = capability;
	return rights >> capability & 1;
}

/* ---- What the calls lead to ---- */

#define REFERENCES 100u

static struct inode folder = { .mode = S_IFDIR | 0755, .mapping = { .count = REFERENCES } };
static u32 path_flags;
static int path_error;
static struct mount_options mounted;
static u32 mounts, changes, removes;
static bool changed_to, detached;

int user_inode(u32 directory, vaddr_t from, u32 flags, struct inode **inode)
{
	EXPECT(directory == (u32)AT_FDCWD && from == PATH);
	path_flags = flags;
	if (!path_error)
		inode_get(&folder);
	*inode = &folder;
	return path_error;
}

int mount_tmpfs(struct inode *place, const struct mount_options *options)
{
	EXPECT(place == &folder);
	mounted = *options;
	mounts++;
	return 0;
}

int mount_change(const struct inode *root, bool readonly)
{
	EXPECT(root == &folder);
	changed_to = readonly;
	changes++;
	return 0;
}

int mount_remove(struct inode *root, bool detach)
{
	EXPECT(root == &folder);
	detached = detach;
	removes++;
	return 0;
}

static void text(u32 place, const char *content)
{
	strcpy((char *)user_bytes + (place - USER_BYTES), content);
}

/* ---- Mounts ---- */

static s32 mount(const char *type, const char *options, u32 flags)
{
	struct pt_regs regs = { .ecx = PATH, .esi = flags };

	if (type) {
		text(TYPE, type);
		regs.edx = TYPE;
	}
	if (options) {
		text(OPTIONS, options);
		regs.edi = OPTIONS;
	}
	memset(&mounted, 0xee, sizeof(mounted));
	return sys_mount(&regs);
}

static void mount_options(void)
{
	static const struct {
		const char *options;
		u32 mode, pages, inodes;
		int result;
	} cases[] = {
		{ "", 0, 0, 0, 0 },
		{ "size=1", 0, 1, 0, 0 },
		{ "size=4096", 0, 1, 0, 0 },
		{ "size=4097", 0, 2, 0, 0 },
		{ "size=3k", 0, 1, 0, 0 },
		{ "size=8K", 0, 2, 0, 0 },
		{ "size=3m", 0, 768, 0, 0 },
		{ "size=3M", 0, 768, 0, 0 },
		{ "size=2g", 0, 524288, 0, 0 },
		{ "size=2G", 0, 524288, 0, 0 },
		{ "size=16384g", 0, UINT32_MAX, 0, 0 },
		{ "mode=1777", 01777, 0, 0, 0 },
		{ "mode=17755", 07755, 0, 0, 0 },
		{ "mode=8", 0, 0, 0, -EINVAL },
		{ "nr_inodes=190", 0, 0, 190, 0 },
		{ "nr_inodes=2k", 0, 0, 2048, 0 },
		{ "nr_inodes=4294967296", 0, 0, UINT32_MAX, 0 },
		{ "size=9,mode=700,nr_inodes=5", 0700, 1, 5, 0 },
		{ "size=9,", 0, 1, 0, 0 },
		{ ",", 0, 0, 0, -EINVAL },
		{ "size=9x", 0, 0, 0, -EINVAL },
		{ "size=9kk", 0, 0, 0, -EINVAL },
		{ "size", 0, 0, 0, -EINVAL },
		{ "huge=never", 0, 0, 0, -EINVAL },
	};

	rights = CAPABILITY(CAP_SYS_ADMIN);
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(mount("tmpfs", cases[i].options, 0), cases[i].result);
		if (cases[i].result)
			continue;
		EXPECT(mounted.mode == cases[i].mode && !mounted.readonly);
		EXPECT(mounted.max_pages == cases[i].pages);
		EXPECT(mounted.max_inodes == cases[i].inodes);
	}
	EXPECT(folder.mapping.count == REFERENCES && mounts > 10);
}

static void mount_flags(void)
{
	rights = CAPABILITY(CAP_SYS_ADMIN);
	EXPECT_EQ(mount("tmpfs", NULL, 0), 0);
	EXPECT(!mounted.readonly && !mounted.max_pages && asked == CAP_SYS_ADMIN);
	EXPECT_EQ(mount("tmpfs", NULL, 1), 0);
	EXPECT(mounted.readonly);
	EXPECT_EQ(mount("tmpfs", NULL, 0xc0ed0001), 0);
	EXPECT(mounted.readonly);
	EXPECT_EQ(mount("tmpfs", NULL, 0x1000), -EINVAL);
	EXPECT_EQ(mount("tmpfs", NULL, 0x2000), -EINVAL);
	EXPECT_EQ(mount("tmpfs", NULL, 0xc0ed2000), -EINVAL);
	EXPECT_EQ(mount("ext4", NULL, 0), -ENODEV);
	EXPECT_EQ(mount("", NULL, 0), -EINVAL);
	EXPECT_EQ(mount(NULL, NULL, 0), -EINVAL);
	folder.mode = S_IFREG;
	EXPECT_EQ(mount("tmpfs", NULL, 0), -ENOTDIR);
	folder.mode = S_IFDIR;
	EXPECT_EQ(mounts, 3);
	/* A remount changes one right, and reads no options. */
	EXPECT_EQ(mount(NULL, "nonsense", 0x21), 0);
	EXPECT(changes == 1 && changed_to);
	EXPECT_EQ(mount("tmpfs", NULL, 0x20), 0);
	EXPECT(changes == 2 && !changed_to && mounts == 3);
	path_error = -ENOENT;
	EXPECT_EQ(mount("tmpfs", NULL, 0), -ENOENT);
	path_error = 0;
	EXPECT_EQ(folder.mapping.count, REFERENCES);
	rights = ~CAPABILITY(CAP_SYS_ADMIN);
	EXPECT_EQ(mount("tmpfs", NULL, 0), -EPERM);
	EXPECT_EQ(folder.mapping.count, REFERENCES);
	EXPECT_EQ(mounts, 3);
}

static void texts_of_mounts(void)
{
	struct pt_regs regs = { .ebx = SOURCE, .ecx = PATH, .edx = TYPE, .edi = OPTIONS };

	rights = CAPABILITY(CAP_SYS_ADMIN);
	text(TYPE, "tmpfs");
	text(OPTIONS, "size=8k");
	text(SOURCE, "none");
	EXPECT_EQ(sys_mount(&regs), 0);
	regs.edx = OUTSIDE;
	EXPECT_EQ(sys_mount(&regs), -EFAULT);
	regs.edx = TYPE;
	regs.edi = OUTSIDE;
	EXPECT_EQ(sys_mount(&regs), -EFAULT);
	regs.edi = OPTIONS;
	regs.ebx = OUTSIDE;
	EXPECT_EQ(sys_mount(&regs), -EFAULT);
	regs.ebx = SOURCE;
	/* The longest texts, and one byte more. */
	text(TYPE, "0123456789abcde");
	EXPECT_EQ(sys_mount(&regs), -ENODEV);
	text(TYPE, "0123456789abcdef");
	EXPECT_EQ(sys_mount(&regs), -EINVAL);
	text(TYPE, "tmpfs");
	memset(user_bytes + (SOURCE - USER_BYTES), 'x', 128);
	user_bytes[SOURCE - USER_BYTES + 127] = '\0';
	EXPECT_EQ(sys_mount(&regs), 0);
	user_bytes[SOURCE - USER_BYTES + 127] = 'x';
	EXPECT_EQ(sys_mount(&regs), -EINVAL);
	text(SOURCE, "none");
	memset(user_bytes + (OPTIONS - USER_BYTES), '0', 256);
	text(OPTIONS, "size=");
	user_bytes[OPTIONS - USER_BYTES + 5] = '1';
	user_bytes[OPTIONS - USER_BYTES + 255] = '\0';
	EXPECT_EQ(sys_mount(&regs), 0);
	user_bytes[OPTIONS - USER_BYTES + 255] = '0';
	EXPECT_EQ(sys_mount(&regs), -EINVAL);
}

static s32 unmount(u32 flags)
{
	struct pt_regs regs = { .ebx = PATH, .ecx = flags };

	return sys_umount2(&regs);
}

static void unmounts(void)
{
	struct pt_regs regs = { .ebx = PATH, .ecx = 2 };

	rights = CAPABILITY(CAP_SYS_ADMIN);
	EXPECT_EQ(sys_umount(&regs), 0);
	EXPECT(!detached && path_flags == 0);
	EXPECT_EQ(unmount(2), 0);
	EXPECT(detached);
	EXPECT_EQ(unmount(1), 0);
	EXPECT(!detached);
	EXPECT_EQ(unmount(8), 0);
	EXPECT_EQ(path_flags, AT_SYMLINK_NOFOLLOW);
	EXPECT_EQ(unmount(4), 0);
	EXPECT_EQ(unmount(5), -EINVAL);
	EXPECT_EQ(unmount(6), -EINVAL);
	EXPECT_EQ(unmount(16), -EINVAL);
	EXPECT_EQ(removes, 5);
	rights = 0;
	EXPECT_EQ(unmount(0), -EPERM);
	EXPECT(folder.mapping.count == REFERENCES && removes == 5);
	path_error = -EACCES;
	EXPECT_EQ(unmount(0), -EACCES);
	EXPECT_EQ(folder.mapping.count, REFERENCES);
}

TAP_MAIN({ "options", mount_options }, { "flags", mount_flags }, { "texts", texts_of_mounts },
	 { "the end of a mount", unmounts })
