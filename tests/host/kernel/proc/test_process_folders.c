/* SPDX-License-Identifier: MIT */
/*
 * Folders and links of /proc/PID: exe, cwd, root, fd/N, task/TID, thread-self. What they lead to,
 * what they list, and which tasks may follow them. proc(5).
 *
 * sources: kernel/proc/process.c kernel/proc/processes.c kernel/proc/account.c kernel/proc/mem.c
 * sources: kernel/proc/links.c kernel/proc/threads.c kernel/task/pid.c kernel/task/files.c
 * sources: tests/host/kernel/proc/tasks_rig.c
 */
#include <stdio.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "fs/process.h"
#include "kernel/proc/proc.h"
#include "kernel/task/pid.h"
#include "mm/user_space/mm.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/fs/proc/proc_rig.h"
#include "tests/host/kernel/proc/tasks_rig.h"

/* Of files that another test sees. */
static u32 inspection, devices, machine;

void proc_add_inspection(void)
{
	inspection++;
}

void proc_add_devices(void)
{
	devices++;
}

void proc_add_machine(const char *options)
{
	EXPECT_TEXT(options, "");
	machine++;
}

static char target[PATH_MAX];

static void expect_link(const char *path, const char *wanted)
{
	EXPECT_EQ(link_of(path, target, sizeof(target)), strlen(wanted));
	EXPECT_TEXT(target, wanted);
}

/* The inode that a link leads to, without a reference, or NULL. */
static struct inode *followed(const char *path)
{
	struct inode *inode;

	if (path_lookup(NULL, path, LOOKUP_FOLLOW, &inode))
		return NULL;
	inode_put(inode);
	return inode;
}

static int follow_error(const char *path)
{
	struct inode *inode;
	int err = path_lookup(NULL, path, LOOKUP_FOLLOW, &inode);

	if (!err)
		inode_put(inode);
	return err;
}

/* What a folder's entry says is what a look at it finds: the kind, and a number of its own. */
static void expect_entry(const char *path, const struct folder_entry *entry)
{
	static u32 numbers[50], nr_numbers;
	char whole[80];
	struct inode *inode;

	snprintf(whole, sizeof(whole), "%s/%.*s", path, (int)entry->length, entry->text);
	if (!EXPECT_EQ(path_lookup(NULL, whole, 0, &inode), 0))
		return;
	EXPECT_EQ(entry->mode & S_IFMT, inode->mode & S_IFMT);
	inode_put(inode);
	EXPECT(entry->ino);
	for (u32 i = 0; i < nr_numbers; i++)
		EXPECT(numbers[i] != entry->ino || strcmp(path, "/proc/2/fd"));
	if (!strcmp(path, "/proc/2/fd") && nr_numbers < ARRAY_SIZE(numbers))
		numbers[nr_numbers++] = entry->ino;
}

/* The names in a folder, each with a blank. */
static const char *listed(const char *path)
{
	static char names[200];
	struct folder_entry entry;
	struct inode *folder = found(path);
	u32 position = 0, seen = 0, before;

	names[0] = '\0';
	if (!EXPECT(folder != NULL))
		return names;
	do {
		before = position;
		if (!folder->operations->next(folder, &position, &entry))
			return names;
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%.*s ",
			 (int)entry.length, entry.text);
		expect_entry(path, &entry);
		EXPECT(position > before);
	} while (seen++ < 50);
	return names;
}

/* ---- exe, cwd, root ---- */

static void places(void)
{
	struct fs_struct fs = { .umask = 022 };
	struct file *file;

	tasks_boot();
	EXPECT_EQ(path_make(NULL, "/tmp/here", S_IFDIR | 0755, 0), 0);
	file = opened("/tmp/program", O_RDWR | O_CREAT);
	expect_link("/proc/2/cwd", "/");
	expect_link("/proc/2/root", "/");
	EXPECT(followed("/proc/2/cwd") == root_inode && followed("/proc/2/root") == root_inode);
	fs.cwd = found("/tmp/here");
	fs.root = found("/tmp");
	tasks[PROGRAM].fs = &fs;
	expect_link("/proc/2/cwd", "/tmp/here");
	expect_link("/proc/2/root", "/tmp");
	EXPECT(followed("/proc/2/cwd") == fs.cwd && followed("/proc/2/root") == fs.root);
	EXPECT_EQ(link_of("/proc/2/exe", target, sizeof(target)), -ENOENT);
	EXPECT_EQ(link_of("/proc/1/exe", target, sizeof(target)), -ENOENT); /* no memory */
	spaces[PROGRAM].exe = &file->inode->mapping;
	expect_link("/proc/2/exe", "/tmp/program");
	EXPECT(followed("/proc/2/exe") == file->inode);
	EXPECT_EQ(link_of("/proc/2/exe", target, 5), -ENAMETOOLONG);
	/* An unlinked program can still be followed. */
	EXPECT_EQ(path_unlink(NULL, "/tmp/program"), 0);
	EXPECT(followed("/proc/2/exe") == file->inode);
	inspects = false;
	EXPECT_EQ(link_of("/proc/2/exe", target, sizeof(target)), -EACCES);
	EXPECT_EQ(link_of("/proc/2/cwd", target, sizeof(target)), -EACCES);
	EXPECT_EQ(follow_error("/proc/2/root"), -EACCES);
	inspects = true;
	spaces[PROGRAM].exe = NULL;
	tasks[PROGRAM].fs = NULL;
	file_put(file);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/here"), 0);
}

/* ---- fd ---- */

static struct files_struct *table;

static void with_files(void)
{
	tasks_boot();
	files_init();
	table = files_alloc();
	tasks[PROGRAM].files = table;
}

static void without_files(void)
{
	tasks[PROGRAM].files = NULL;
	files_put(table);
	EXPECT_EQ(path_unlink(NULL, "/tmp/file"), 0);
}

static void install(u32 fd, struct file *file)
{
	EXPECT_EQ(fd_alloc(table, fd, 100, false), (int)fd);
	fd_install(table, fd, file);
}

static void descriptors(void)
{
	static const char *const absent[] = { "1",  "02", "2x",		"-2",	       "4294967298",
					      "20", "x",  "3000000000", "000000000002" };
	struct file *file;

	with_files();
	file = opened("/tmp/file", O_RDWR | O_CREAT);
	EXPECT_TEXT(listed("/proc/2/fd"), "");
	file->count += 2;
	install(0, file);
	install(2, file);
	install(13, file);
	EXPECT_TEXT(listed("/proc/2/fd"), "0 2 13 ");
	expect_link("/proc/2/fd/2", "/tmp/file");
	expect_link("/proc/2/fd/13", "/tmp/file");
	expect_link("/proc/self/fd/0", "/tmp/file");
	EXPECT(followed("/proc/2/fd/13") == file->inode);
	for (u32 i = 0; i < ARRAY_SIZE(absent); i++) {
		char path[40];

		snprintf(path, sizeof(path), "/proc/2/fd/%s", absent[i]);
		EXPECT_EQ(link_of(path, target, sizeof(target)), -ENOENT);
	}
	EXPECT_EQ(link_of("/proc/5/fd/0", target, sizeof(target)), -ENOENT); /* no table */
	EXPECT_TEXT(listed("/proc/5/fd"), "");
	inspects = false;
	EXPECT_EQ(link_of("/proc/2/fd/2", target, sizeof(target)), -EACCES);
	EXPECT_TEXT(listed("/proc/2/fd"), "");
	inspects = true;
	without_files();
}

/* A descriptor is closed after its link was found. */
static void closed_meanwhile(void)
{
	struct file *file;
	struct inode *link, *inode;

	with_files();
	file = opened("/tmp/file", O_RDWR | O_CREAT);
	install(3, file);
	EXPECT_EQ(path_lookup(NULL, "/proc/2/fd/3", 0, &link), 0);
	EXPECT_EQ(link->operations->follow(link, &inode), 0);
	EXPECT(inode == file->inode);
	inode_put(inode);
	inspects = false;
	EXPECT_EQ(link->operations->follow(link, &inode), -EACCES);
	EXPECT_EQ(link->operations->readlink(link, target, sizeof(target)), -EACCES);
	inspects = true;
	tasks[PROGRAM].born++;
	EXPECT_EQ(link->operations->follow(link, &inode), -ENOENT);
	tasks[PROGRAM].born--;
	file->count++;
	EXPECT_EQ(fd_close(table, 3), 0);
	EXPECT_EQ(link->operations->follow(link, &inode), -ENOENT);
	EXPECT_EQ(link->operations->readlink(link, target, sizeof(target)), -ENOENT);
	file_put(file);
	inode_put(link);
	without_files();
}

/* Files without a name. */
static void nameless(void)
{
	static const struct file_operations pipe_like, named = { .name = "[eventfd]" };
	const struct file_operations *operations;
	struct file *file[2];
	struct inode *inode[2];

	with_files();
	for (u32 i = 0; i < 2; i++) {
		file[i] = opened("/tmp/file", O_RDWR | O_CREAT);
		inode[i] = file[i]->inode;
		install(4 + i, file[i]);
	}
	file[0]->inode = file[1]->inode = NULL;
	operations = file[0]->operations;
	file[0]->operations = &named;
	file[1]->operations = &pipe_like;
	file[1]->ino = 777;
	expect_link("/proc/2/fd/4", "anon_inode:[eventfd]");
	expect_link("/proc/2/fd/5", "pipe:[777]");
	EXPECT_EQ(follow_error("/proc/2/fd/5"), -ENXIO);
	for (u32 i = 0; i < 2; i++) {
		file[i]->inode = inode[i];
		file[i]->operations = operations;
	}
	without_files();
}

/* ---- Threads and processes ---- */

static void threads(void)
{
	tasks_boot();
	EXPECT_TEXT(listed("/proc/2/task"), "2 3 ");
	EXPECT_TEXT(listed("/proc/5/task"), "5 ");
	EXPECT_EQ(result_of("/proc/2/task/2/status"), 1);
	EXPECT_EQ(result_of("/proc/2/task/5/status"), -ENOENT);
	EXPECT_EQ(result_of("/proc/2/task/6/status"), -ENOENT);
	EXPECT_EQ(result_of("/proc/2/task/03/status"), -ENOENT);
	EXPECT_EQ(result_of("/proc/2/task/3/task/3/status"), -ENOENT);
	/* The order is that of the numbers, not of the list. */
	list_del(&tasks[PROGRAM].thread);
	list_add_tail(&tasks[PROGRAM].thread, &groups[PROGRAM].list);
	EXPECT_TEXT(listed("/proc/2/task"), "2 3 ");
	tasks[THREAD].state = TASK_DEAD;
	EXPECT_TEXT(listed("/proc/2/task"), "2 ");
	EXPECT_EQ(result_of("/proc/2/task/3/status"), -ENOENT);
	EXPECT(!found("/proc/7"));
}

static void own_thread(void)
{
	tasks_boot();
	expect_link("/proc/thread-self", "2/task/2");
	current = &tasks[THREAD];
	expect_link("/proc/thread-self", "2/task/3");
	EXPECT(followed("/proc/thread-self") == found("/proc/2/task/3"));
	expect_lines("/proc/thread-self/status", "Pid:\t3\n");
	expect_lines("/proc/self/status", "Pid:\t2\n");
	current = &tasks[PROGRAM];
}

static void processes(void)
{
	static const char *const names = "1 2 4 5 ";

	tasks_boot();
	EXPECT(inspection == 1 && devices == 1 && machine == 1); /* all files were made */
	EXPECT(strstr(listed("/proc"), names) != NULL);
	pid_free(&tasks[CHILD]);
	EXPECT(strstr(listed("/proc"), "1 2 5 ") != NULL);
}

/* Files of a process that are open while it ends, or while a thread gets its number. */
static void ended_meanwhile(void)
{
	struct file *file;
	char byte;

	tasks_boot();
	for (u32 i = 0; i < 4; i++) {
		file = opened("/proc/5/status", O_RDONLY);
		if (i == 1)
			groups[OTHER].leader = &tasks[PROGRAM];
		tasks[OTHER].born += i == 2;
		if (i == 3)
			pid_free(&tasks[OTHER]);
		tap_check(read_at(file, &byte, 1, 0) == (i ? -ESRCH : 1), __FILE__, __LINE__,
			  "case %u", i);
		groups[OTHER].leader = &tasks[OTHER];
		file_put(file);
	}
	EXPECT(!found("/proc/5"));
}

TAP_MAIN({ "exe, cwd and root", places }, { "descriptors", descriptors },
	 { "a descriptor that is closed meanwhile", closed_meanwhile },
	 { "files without a name", nameless }, { "threads", threads },
	 { "the current thread", own_thread }, { "processes", processes },
	 { "a process that ends meanwhile", ended_meanwhile })
