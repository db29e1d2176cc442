/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/task: a folder for each thread, with the files of a process as they are for the
 * thread; and /proc/thread-self, which leads to the current thread's. Source: proc(5).
 */
#include "abi/linux/errno.h"
#include "fs/file.h"
#include "kernel/proc/proc.h"
#include "lib/printf.h"
#include "lib/string.h"

static int lookup_thread(struct inode *folder, const struct name *name, struct inode **found)
{
	struct proc_subject subject = *proc_subject_of(folder);
	char text[12];

	subject.tid = proc_pid_of(name);
	if (!subject.tid || !proc_task(&subject))
		return -ENOENT;
	scnprintf(text, sizeof(text), "%d", subject.tid);
	return proc_make_node(folder, text, &proc_process_folder, &subject, found);
}

/* Threads are in no order, so each step looks at all, as for processes. */
static bool next_thread(struct inode *folder, u32 *position, struct folder_entry *entry)
{
	int after = *position < FIRST_ORDER ? 0 : (int)(*position - FIRST_ORDER), best = 0;
	const struct task *leader = proc_task(proc_subject_of(folder)), *task;

	if (!leader)
		return false;
	list_for_each_entry (task, &leader->group->list, thread)
		if (task->pid > after && task->state != TASK_DEAD && (!best || task->pid < best))
			best = task->pid;
	if (!best)
		return false;
	entry->ino = (u32)best << 16 | 1;
	entry->mode = S_IFDIR | 0555;
	entry->length = (u32)scnprintf(entry->text, sizeof(entry->text), "%d", best);
	*position = FIRST_ORDER + (u32)best;
	return true;
}

static const struct inode_operations threads_operations = { .lookup = lookup_thread,
							    .next = next_thread,
							    .release = proc_node_release };

static s32 readlink_self(struct inode *link, char *buffer, u32 size)
{
	(void)link;
	return scnprintf(buffer, size, "%d/task/%d", current->tgid, current->pid);
}

static int follow_self(struct inode *link, struct inode **target)
{
	char path[48];

	(void)link;
	scnprintf(path, sizeof(path), "/proc/%d/task/%d", current->tgid, current->pid);
	return path_lookup(root_inode, path, 0, target);
}

static const struct inode_operations self_operations = { .follow = follow_self,
							 .readlink = readlink_self,
							 .follows_text = true };

static const struct proc_entry of_process[] = {
	{ "task", S_IFDIR | 0555, PROC_WHOLE, .inode_operations = &threads_operations },
};

static const struct proc_entry of_machine[] = {
	{ "thread-self", S_IFLNK | 0777, .inode_operations = &self_operations },
};

void proc_add_threads(void)
{
	proc_add_process(of_process, ARRAY_SIZE(of_process));
	proc_add(of_machine, ARRAY_SIZE(of_machine));
}
