/* SPDX-License-Identifier: MIT */
/* Removes files and segments that processes left. */
#include "kernel/harness/leftovers.h"
#include "fs/file.h"
#include "fs/tmpfs.h"
#include "kernel/ipc/sysv_shm.h"
#include "lib/assert.h"
#include "lib/printk.h"
#include "lib/text.h"

/* More lines would hide the rest of the log. */
#define LINES_MAX 8u

static u32 remove_files(int blanks, u32 count)
{
	const char *name;
	char path[PATH_MAX + 1]; /* names of tmpfs have a slash before a path's PATH_MAX bytes */

	while ((name = tmpfs_any_name())) {
		if (count++ < LINES_MAX)
			printk("%*sinit: left=file name=\"%s\" bytes=%llu\n", blanks, "", name,
			       tmpfs_find(name + 1)->mapping.i_size);
		strscpy(path, name, sizeof(path));
		BUG_ON(path_unlink(path));
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
