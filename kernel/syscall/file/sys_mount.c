/* SPDX-License-Identifier: MIT */
/* mount() and umount(): tmpfs is the only file system that can be made at run time. */
#include "abi/linux/capability.h"
#include "abi/linux/errno.h"
#include "fs/tmpfs/mount.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/syscall/file/user_path.h"
#include "kernel/syscall/syscall.h"
#include "lib/string.h"
#include "mm/user_space/limits.h"

#define MS_RDONLY  0x1u
#define MS_REMOUNT 0x20u
#define MS_WITHOUT (0x1000u | 0x2000u) /* BIND, MOVE */

#define OPTIONS_MAX 256u
#define SOURCE_MAX  128u

/* A number with a letter for its unit; the rest of the text. */
static const char *take_number(const char *text, u32 base, u64 *number)
{
	*number = 0;
	for (; *text >= '0' && *text < (char)('0' + base); text++)
		*number = *number * base + (u32)(*text - '0');
	switch (*text) {
	case 'g':
	case 'G':
		*number <<= 10;
		__attribute__((fallthrough));
	case 'm':
	case 'M':
		*number <<= 10;
		__attribute__((fallthrough));
	case 'k':
	case 'K':
		*number <<= 10;
		text++;
	}
	return text;
}

/* "size=N,mode=N,nr_inodes=N". 0 or -EINVAL. */
static int parse_options(const char *text, struct mount_options *options)
{
	while (*text) {
		u64 number;

		if (!strncmp(text, "size=", 5)) {
			text = take_number(text + 5, 10, &number);
			options->max_pages =
				(u32)min((number + PAGE_SIZE - 1) >> PAGE_SHIFT, (u64)UINT32_MAX);
		} else if (!strncmp(text, "mode=", 5)) {
			text = take_number(text + 5, 8, &number);
			options->mode = (u32)number & 07777;
		} else if (!strncmp(text, "nr_inodes=", 10)) {
			text = take_number(text + 10, 10, &number);
			options->max_inodes = (u32)min(number, (u64)UINT32_MAX);
		} else {
			return -EINVAL;
		}
		if (*text == ',')
			text++;
		else if (*text)
			return -EINVAL;
	}
	return 0;
}

/* A text of a call; "" for NULL. -EFAULT, -EINVAL: too long. */
static int copy_text(char *text, u32 bytes, vaddr_t from)
{
	int length = from ? strncpy_from_user(text, from, bytes) : 0;

	text[from && length >= 0 && (u32)length < bytes ? length : 0] = '\0';
	if (length < 0)
		return length;
	return (u32)length < bytes ? 0 : -EINVAL;
}

static int mount_at(struct inode *folder, const char *type, const char *options, u32 flags)
{
	struct mount_options parsed = { .readonly = flags & MS_RDONLY };
	int err;

	if (flags & MS_REMOUNT)
		return mount_change(folder, parsed.readonly);
	if (flags & MS_WITHOUT)
		return -EINVAL;
	if (strcmp(type, "tmpfs"))
		return *type ? -ENODEV : -EINVAL;
	if (!is_kind(folder, S_IFDIR))
		return -ENOTDIR;
	err = parse_options(options, &parsed);
	return err ? err : mount_tmpfs(folder, &parsed);
}

/* The source is only a name. Old programs set a magic number in the upper half of the flags. */
s32 sys_mount(struct pt_regs *regs)
{
	char type[16], source[SOURCE_MAX], options[OPTIONS_MAX];
	struct inode *folder;
	u32 flags = regs->esi;
	int err = copy_text(type, sizeof(type), regs->edx);

	if (!err && !(flags & MS_REMOUNT))
		err = copy_text(options, sizeof(options), regs->edi);
	if (!err && regs->ebx)
		err = copy_text(source, sizeof(source), regs->ebx);
	if (!err)
		err = user_inode((u32)AT_FDCWD, regs->ecx, 0, &folder);
	if (err)
		return err;
	err = capable(CAP_SYS_ADMIN) ? mount_at(folder, type, options, flags) : -EPERM;
	/* The entry's reference to what it led to now belongs to the mount. */
	inode_put(folder);
	return err;
}

#define MNT_DETACH	0x2u
#define MNT_EXPIRE	0x4u
#define UMOUNT_NOFOLLOW 0x8u
#define MNT_FORCE	0x1u

static s32 unmount(vaddr_t from, u32 flags)
{
	struct inode *root;
	int err;

	if (flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW) ||
	    (flags & MNT_EXPIRE && flags & (MNT_FORCE | MNT_DETACH)))
		return -EINVAL;
	err = user_inode((u32)AT_FDCWD, from, flags & UMOUNT_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0,
			 &root);
	if (err)
		return err;
	err = capable(CAP_SYS_ADMIN) ? mount_remove(root, flags & MNT_DETACH) : -EPERM;
	inode_put(root);
	return err;
}

s32 sys_umount(struct pt_regs *regs)
{
	return unmount(regs->ebx, 0);
}

s32 sys_umount2(struct pt_regs *regs)
{
	return unmount(regs->ebx, regs->ecx);
}
