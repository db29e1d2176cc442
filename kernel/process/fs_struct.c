/* SPDX-License-Identifier: MIT */
/* The working directory and the umask of tasks, and what fs/ asks of the current process. */
#include "kernel/process/fs_struct.h"
#include "fs/namei.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/signal/signal.h"
#include "abi/linux/errno.h"
#include "mm/slab/slab.h"

static struct kmem_cache *fs_cache;

void fs_struct_init(void)
{
	fs_cache = kmem_cache_create("fs_struct", sizeof(struct fs_struct), 0, 0, NULL, NULL);
	BUG_ON(!fs_cache);
}

struct fs_struct *fs_own(void)
{
	struct fs_struct *fs = current->fs;

	if (fs)
		return fs;
	fs = kmem_cache_alloc(fs_cache, GFP_KERNEL);
	if (!fs)
		return NULL;
	*fs = (struct fs_struct){
		.count = 1, .umask = UMASK_DEFAULT, .root = root_inode, .cwd = root_inode
	};
	inode_get(root_inode);
	inode_get(root_inode);
	current->fs = fs;
	return fs;
}

/* A copy of the current task's, which it has. NULL: no memory. */
static struct fs_struct *copy_own(void)
{
	struct fs_struct *copy = kmem_cache_alloc(fs_cache, GFP_KERNEL);

	if (!copy)
		return NULL;
	*copy = *current->fs;
	copy->count = 1;
	copy->execs = 0;
	inode_get(copy->root);
	inode_get(copy->cwd);
	return copy;
}

int fs_unshare(void)
{
	struct fs_struct *copy;

	if (!current->fs || current->fs->count == 1)
		return 0;
	copy = copy_own();
	if (!copy)
		return -ENOMEM;
	fs_leave(current);
	current->fs = copy;
	return 0;
}

int fs_copy(struct task *child, bool share)
{
	/* A change by one of two tasks that share it must be seen by the other. */
	if (share && !fs_own())
		return -ENOMEM;
	if (share && current->fs->execs)
		return -EAGAIN;
	if (share) {
		current->fs->count++;
		child->fs = current->fs;
	}
	if (share || !current->fs)
		return 0;
	child->fs = copy_own();
	return child->fs ? 0 : -ENOMEM;
}

/* Do tasks of other processes share it? */
static bool is_shared(const struct fs_struct *fs)
{
	const struct task *thread;
	u32 own = 0;

	list_for_each_entry (thread, &current->group->list, thread)
		own += thread->fs == fs;
	return fs->count > own;
}

bool fs_begin_exec(void)
{
	if (!current->fs)
		return false;
	current->fs->execs++;
	return is_shared(current->fs);
}

void fs_end_exec(void)
{
	if (current->fs)
		current->fs->execs--;
}

void fs_leave(struct task *task)
{
	struct fs_struct *fs = task->fs;

	task->fs = NULL;
	if (!fs || --fs->count)
		return;
	inode_put(fs->root);
	inode_put(fs->cwd);
	kmem_cache_free(fs_cache, fs);
}

/* May the process enter it? Then it has an fs_struct. */
static int may_enter(const struct inode *folder)
{
	int err = is_kind(folder, S_IFDIR) ? inode_permission(folder, MAY_EXEC) : -ENOTDIR;

	return err || fs_own() ? err : -ENOMEM;
}

/* Puts the folder into `place`, and returns what was there. */
static struct inode *replace(struct inode **place, struct inode *folder)
{
	struct inode *old = *place;

	*place = folder;
	return old;
}

int fs_set_cwd(struct inode *folder)
{
	int err = may_enter(folder);

	if (!err)
		folder = replace(&current->fs->cwd, folder);
	inode_put(folder);
	return err;
}

int fs_set_root(struct inode *folder)
{
	int err = may_enter(folder);

	if (!err && !capable(CAP_SYS_CHROOT))
		err = -EPERM;
	if (!err)
		folder = replace(&current->fs->root, folder);
	inode_put(folder);
	return err;
}

const struct fs_struct *process_fs(void)
{
	return current->fs;
}

u32 process_fsuid(void)
{
	return current->file_ids ? current->file_ids->user : current->group->user.file;
}

u32 process_uid(void)
{
	return current->group->user.real;
}

u32 process_fsgid(void)
{
	return current->file_ids ? current->file_ids->group : current->group->groups.ids.file;
}

bool process_in_group(u32 gid)
{
	const struct group_ids *groups = &current->group->groups;

	if (gid == process_fsgid())
		return true;
	for (u32 i = 0; i < groups->count; i++)
		if (groups->list[i] == gid)
			return true;
	return false;
}

void process_exceeds_file_limit(void)
{
	signal_send(current, SIGXFSZ);
}

bool process_interrupted(void)
{
	return signal_pending(current);
}

void process_signal(int signal)
{
	signal_send(current, signal);
}

int user_get(void *to, vaddr_t from, u32 bytes)
{
	return copy_from_user(to, from, bytes) ? -EFAULT : 0;
}

int user_put(vaddr_t to, const void *from, u32 bytes)
{
	return copy_to_user(to, from, bytes) ? -EFAULT : 0;
}
