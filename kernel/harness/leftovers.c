/* SPDX-License-Identifier: MIT */
/* Removes files and objects of System V IPC that processes left. */
#include "kernel/harness/leftovers.h"
#include "fs/file.h"
#include "fs/tmpfs/mount.h"
#include "fs/tmpfs/tmpfs.h"
#include "kernel/ipc/sysv_msg.h"
#include "kernel/ipc/sysv_sem.h"
#include "kernel/ipc/sysv_shm.h"
#include "lib/assert.h"
#include "lib/printk.h"

/* More lines would hide the rest of the log. */
#define LINES_MAX 8u

static void print_file(int blanks, const struct inode *inode)
{
	static char path[PATH_MAX + 16];
	const char *name = inode_path(inode, path, sizeof(path));

	printk("%*sinit: left=file name=\"%s\" bytes=%llu\n", blanks, "", name ? name : "",
	       inode->mapping.i_size);
}

static u32 remove_files(int blanks, u32 count)
{
	struct dentry *dentry;

	while ((dentry = tmpfs_leftover())) {
		if (count++ < LINES_MAX)
			print_file(blanks, dentry->inode);
		folder_remove(dentry);
	}
	return count;
}

static u32 remove_segments(int blanks, u32 count)
{
	while (!list_empty(&shm_table.objects)) {
		struct shm_segment *segment =
			list_first_entry(&shm_table.objects, struct shm_segment, ipc.link);

		if (count++ < LINES_MAX)
			printk("%*sinit: left=segment key=%#x bytes=%u\n", blanks, "",
			       segment->ipc.key, segment->size);
		BUG_ON(do_shmctl(ipc_id(&segment->ipc), IPC_RMID, 0, false));
	}
	return count;
}

static u32 remove_queues(int blanks, u32 count)
{
	while (!list_empty(&msg_table.objects)) {
		struct ipc_object *queue =
			list_first_entry(&msg_table.objects, struct ipc_object, link);

		if (count++ < LINES_MAX)
			printk("%*sinit: left=queue key=%#x\n", blanks, "", queue->key);
		msg_remove(msg_queue_of(queue));
	}
	return count;
}

static u32 remove_semaphores(int blanks, u32 count)
{
	while (!list_empty(&sem_table.objects)) {
		struct ipc_object *set =
			list_first_entry(&sem_table.objects, struct ipc_object, link);

		if (count++ < LINES_MAX)
			printk("%*sinit: left=semaphores key=%#x\n", blanks, "", set->key);
		sem_remove(sem_set_of(set));
	}
	return count;
}

/* No process is left: nothing keeps them busy. */
static u32 remove_mounts(int blanks, u32 count)
{
	while (!list_empty(&tmpfs_mounts)) {
		struct inode *root = list_first_entry(&tmpfs_mounts, struct mount, link)->root;

		if (count++ < LINES_MAX)
			print_file(blanks, root);
		inode_get(root);
		BUG_ON(mount_remove(root, true));
		inode_put(root);
	}
	return count;
}

void leftovers_remove(int blanks)
{
	u32 count = remove_files(blanks, remove_mounts(blanks, 0));

	count = remove_segments(blanks, count);

	count = remove_semaphores(blanks, remove_queues(blanks, count));
	if (count > LINES_MAX)
		printk("%*sinit: left=more count=%u\n", blanks, "", count - LINES_MAX);
}
