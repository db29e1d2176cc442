/* SPDX-License-Identifier: MIT */
/*
 * What processes left is removed, all of it, and the log names the first eight. Files, mounts and
 * objects of System V IPC are lists of a model.
 */
#include <stdio.h>
#include <string.h>

#include "fs/file.h"
#include "fs/folder.h"
#include "fs/tmpfs/mount.h"
#include "fs/tmpfs/tmpfs.h"
#include "tests/host/console.h"
#include "tests/host/tap.h"

#define MANY 12u

static struct inode inodes[MANY];
static struct dentry files[MANY];
static struct list_head mounts = LIST_HEAD_INIT(mounts);
static struct mount mounted[MANY];
static u32 nr_files, next_file, references;
static bool nameless;

static struct dentry *model_leftover(void)
{
	return next_file < nr_files ? &files[next_file] : NULL;
}

static void model_folder_remove(struct dentry *dentry)
{
	EXPECT(dentry == &files[next_file]);
	next_file++;
}

static char *model_path(const struct inode *inode, char *buffer, u32 size)
{
	snprintf(buffer, size, "/tmp/%u", (u32)(inode - inodes));
	return nameless ? NULL : buffer;
}

static int model_mount_remove(struct inode *root, bool detach)
{
	struct mount *first = list_first_entry(&mounts, struct mount, link);

	EXPECT(first->root == root && detach && references == 1);
	list_del(&first->link);
	return 0;
}

#define tmpfs_leftover	 model_leftover
#define folder_remove	 model_folder_remove
#define inode_path	 model_path
#define mount_remove	 model_mount_remove
#define tmpfs_mounts	 mounts
#define inode_get(inode) ((void)(inode), references++)
#define inode_put(inode) ((void)(inode), references--)
#include "kernel/harness/leftovers.c"

struct ipc_table shm_table = IPC_TABLE(shm_table), msg_table = IPC_TABLE(msg_table),
		 sem_table = IPC_TABLE(sem_table);
static struct shm_segment segments[MANY];
static struct msg_queue queues[MANY];
static struct sem_set sets[MANY];

s32 ipc_id(const struct ipc_object *object)
{
	return (s32)object->index;
}

s32 do_shmctl(s32 id, u32 command, vaddr_t buffer, bool old)
{
	EXPECT(command == IPC_RMID && !buffer && !old);
	list_del(&segments[id].ipc.link);
	return 0;
}

void msg_remove(struct msg_queue *queue)
{
	list_del(&queue->ipc.link);
}

void sem_remove(struct sem_set *set)
{
	list_del(&set->ipc.link);
}

static void leave_files(u32 count)
{
	nr_files = count;
	next_file = 0;
	for (u32 i = 0; i < count; i++) {
		files[i].inode = &inodes[i];
		inodes[i].mapping.i_size = 100 + i;
	}
}

static void leave_mounts(u32 count)
{
	for (u32 i = 0; i < count; i++) {
		mounted[i].root = &inodes[i];
		list_add_tail(&mounted[i].link, &mounts);
	}
}

static void leave(struct ipc_table *table, struct ipc_object *object, u32 index, u32 key)
{
	object->index = index;
	object->key = key;
	list_add_tail(&object->link, &table->objects);
}

static void all_gone(void)
{
	EXPECT(list_empty(&mounts) && next_file == nr_files && !references);
	EXPECT(list_empty(&shm_table.objects) && list_empty(&msg_table.objects) &&
	       list_empty(&sem_table.objects));
}

static u32 lines_of(const char *word)
{
	u32 count = 0;

	for (const char *at = console_text(); (at = strstr(at, word)); at++)
		count++;
	return count;
}

static void nothing(void)
{
	leftovers_remove(0);
	EXPECT_TEXT(console_text(), "");
}

static void each_kind(void)
{
	leave_files(2);
	leave_mounts(1);
	segments[0].size = 4096;
	leave(&shm_table, &segments[0].ipc, 0, 0x1234);
	leave(&msg_table, &queues[0].ipc, 0, 0x77);
	leave(&sem_table, &sets[0].ipc, 0, 0x99);
	leftovers_remove(2);
	all_gone();
	EXPECT_TEXT(console_text(), "  init: left=file name=\"/tmp/0\" bytes=100\n"
				    "  init: left=file name=\"/tmp/0\" bytes=100\n"
				    "  init: left=file name=\"/tmp/1\" bytes=101\n"
				    "  init: left=segment key=0x1234 bytes=4096\n"
				    "  init: left=queue key=0x77\n"
				    "  init: left=semaphores key=0x99\n");
	console_clear();
	nameless = true;
	leave_files(1);
	leftovers_remove(0);
	EXPECT_TEXT(console_text(), "init: left=file name=\"\" bytes=100\n");
}

static void leave_many(u32 kind, u32 count)
{
	if (kind == 0)
		leave_files(count);
	if (kind == 1)
		leave_mounts(count);
	for (u32 i = 0; i < count; i++) {
		if (kind == 2)
			leave(&shm_table, &segments[i].ipc, i, 5);
		if (kind == 3)
			leave(&msg_table, &queues[i].ipc, i, 5);
		if (kind == 4)
			leave(&sem_table, &sets[i].ipc, i, 5);
	}
}

/* Eight lines, of any kinds; all are removed, and the rest is counted. */
static void many(void)
{
	for (u32 kind = 0; kind < 5; kind++) {
		console_clear();
		leave_many(kind, 8);
		leftovers_remove(0);
		all_gone();
		EXPECT_EQ(lines_of("init: left="), 8);
		EXPECT(!strstr(console_text(), "left=more"));
		console_clear();
		leave_many(kind, 12);
		leftovers_remove(1);
		all_gone();
		EXPECT_EQ(lines_of("init: left="), 9);
		EXPECT(strstr(console_text(), "\n init: left=more count=4\n"));
	}
	console_clear();
	for (u32 kind = 0; kind < 5; kind++)
		leave_many(kind, 3);
	leftovers_remove(0);
	all_gone();
	EXPECT_EQ(lines_of("left=file"), 6);
	EXPECT_EQ(lines_of("left=segment"), 2);
	EXPECT(strstr(console_text(), "init: left=more count=7\n"));
}

TAP_MAIN({ "nothing is left", nothing }, { "each kind", each_kind }, { "more than eight", many })
