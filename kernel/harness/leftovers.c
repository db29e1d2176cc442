/* SPDX-License-Identifier: MIT */
/* Removes files and segments that processes left. */
#include "kernel/harness/leftovers.h"
#include "fs/file.h"
#include "fs/tmpfs/tmpfs.h"
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
	while (!list_empty(&shm_segments)) {
		struct shm_segment *segment =
			list_first_entry(&shm_segments, struct shm_segment, link);

		if (count++ < LINES_MAX)
			printk("%*sinit: left=segment key=%#x bytes=%u\n", blanks, "", segment->key,
			       segment->size);
		BUG_ON(do_shmctl(shm_id(segment), IPC_RMID, 0, false));
	}
	return count;
}

void leftovers_remove(int blanks)
{
	u32 count = remove_segments(blanks, remove_files(blanks, 0));

	if (count > LINES_MAX)
		printk("%*sinit: left=more count=%u\n", blanks, "", count - LINES_MAX);
}
