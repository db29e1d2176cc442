/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/exe, cwd, root and fd/N: links that lead to the object and not to a name, so also to
 * an unlinked file. Only who may inspect the process follows or reads them.
 */
#include "abi/linux/errno.h"
#include "fs/file.h"
#include "fs/process.h"
#include "kernel/proc/proc.h"
#include "kernel/task/cred.h"
#include "kernel/task/files.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/user_space/mm.h"

static int inspected_task(const struct inode *link, struct task **task)
{
	*task = proc_task(proc_subject_of(link));
	if (!*task)
		return -ENOENT;
	return may_inspect(*task) ? 0 : -EACCES;
}

static s32 put_path(const struct inode *inode, char *buffer, u32 size)
{
	const char *path = inode_path(inode, buffer, size);
	u32 length;

	if (!path)
		return -ENAMETOOLONG;
	length = (u32)strlen(path);
	memmove(buffer, path, length);
	return (s32)length;
}

/* --- exe, cwd, root --- */

typedef int find_target_t(const struct task *task, struct inode **target);

static int find_exe(const struct task *task, struct inode **target)
{
	if (!task->mm || !task->mm->exe)
		return -ENOENT;
	*target = inode_of(task->mm->exe);
	return 0;
}

static int find_cwd(const struct task *task, struct inode **target)
{
	*target = task->fs ? task->fs->cwd : root_inode;
	return 0;
}

static int find_root(const struct task *task, struct inode **target)
{
	*target = task->fs ? task->fs->root : root_inode;
	return 0;
}

static int find_checked(const struct inode *link, find_target_t *find, struct inode **target)
{
	struct task *task;
	int err = inspected_task(link, &task);

	return err ? err : find(task, target);
}

static int follow(const struct inode *link, find_target_t *find, struct inode **target)
{
	int err = find_checked(link, find, target);

	if (!err)
		inode_get(*target);
	return err;
}

static s32 read_target(const struct inode *link, find_target_t *find, char *buffer, u32 size)
{
	struct inode *target;
	int err = find_checked(link, find, &target);

	return err ? err : put_path(target, buffer, size);
}

#define LINK(name)                                                                          \
	static int follow_##name(struct inode *link, struct inode **target)                 \
	{                                                                                   \
		return follow(link, find_##name, target);                                   \
	}                                                                                   \
	static s32 read_##name(struct inode *link, char *buffer, u32 size)                  \
	{                                                                                   \
		return read_target(link, find_##name, buffer, size);                        \
	}                                                                                   \
	static const struct inode_operations name##_operations = { .follow = follow_##name, \
								   .readlink = read_##name, \
								   .release = proc_node_release }

LINK(exe);
LINK(cwd);
LINK(root);

/* --- fd --- */

static struct file *file_of(const struct inode *link, int *err)
{
	const struct proc_subject *subject = proc_subject_of(link);
	struct task *task;

	*err = inspected_task(link, &task);
	if (*err)
		return NULL;
	*err = -ENOENT;
	return task->files ? files_find(task->files, subject->fd) : NULL;
}

static int follow_fd(struct inode *link, struct inode **target)
{
	int err;
	const struct file *file = file_of(link, &err);

	if (!file || !file->inode)
		return file ? -ENXIO : err; /* an end of a pipe without a name */
	*target = file->inode;
	inode_get(*target);
	return 0;
}

static s32 read_fd(struct inode *link, char *buffer, u32 size)
{
	int err;
	const struct file *file = file_of(link, &err);

	if (!file)
		return err;
	if (file->inode)
		return put_path(file->inode, buffer, size);
	if (file->operations->name)
		return scnprintf(buffer, size, "anon_inode:%s", file->operations->name);
	return scnprintf(buffer, size, "pipe:[%u]", file->ino);
}

static const struct inode_operations fd_operations = { .follow = follow_fd,
						       .readlink = read_fd,
						       .release = proc_node_release };

static const struct proc_entry descriptor = { "N", S_IFLNK | 0700,
					      .inode_operations = &fd_operations };

static int lookup_fd(struct inode *folder, const struct name *name, struct inode **found)
{
	struct proc_subject subject = *proc_subject_of(folder);
	struct task *task;
	char text[12];
	int err = inspected_task(folder, &task);

	if (err)
		return err;
	if (!name->length || name->length >= sizeof(text))
		return -ENOENT;
	subject.fd = 0;
	for (u32 i = 0; i < name->length; i++) {
		if (name->text[i] < '0' || name->text[i] > '9')
			return -ENOENT;
		subject.fd = subject.fd * 10 + (u32)(name->text[i] - '0');
	}
	scnprintf(text, sizeof(text), "%u", subject.fd);
	if (strlen(text) != name->length || !task->files || !files_find(task->files, subject.fd))
		return -ENOENT;
	return proc_make_node(folder, text, &descriptor, &subject, found);
}

static bool next_fd(struct inode *folder, u32 *position, struct folder_entry *entry)
{
	u32 fd = *position < FIRST_ORDER ? 0 : *position - FIRST_ORDER;
	struct task *task;

	if (inspected_task(folder, &task) || !task->files)
		return false;
	while (fd < task->files->end && !files_find(task->files, fd))
		fd++;
	if (fd >= task->files->end)
		return false;
	entry->ino = folder->mapping.ino + 1 + fd;
	entry->mode = S_IFLNK | 0700;
	entry->length = (u32)scnprintf(entry->text, sizeof(entry->text), "%u", fd);
	*position = fd + FIRST_ORDER + 1;
	return true;
}

static const struct inode_operations fds_operations = { .lookup = lookup_fd,
							.next = next_fd,
							.release = proc_node_release };

static const struct proc_entry entries[] = {
	{ "exe", S_IFLNK | 0777, .inode_operations = &exe_operations },
	{ "cwd", S_IFLNK | 0777, .inode_operations = &cwd_operations },
	{ "root", S_IFLNK | 0777, .inode_operations = &root_operations },
	{ "fd", S_IFDIR | 0500, .inode_operations = &fds_operations },
};

void proc_add_links(void)
{
	proc_add_process(entries, ARRAY_SIZE(entries));
}
