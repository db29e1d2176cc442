/* SPDX-License-Identifier: MIT */
/*
 * The tree of /proc. The files of the machine are names in memory, as those of tmpfs. What belongs
 * to a process is made when a path leads there and lives as long as it is used:
 *
 *   /proc --- meminfo, sys/...         in the folder's trees
 *     \------ 17  --- status, maps     lookup(): a node with a name that is in no tree
 *     \------ self -> 17
 */
#include "abi/linux/errno.h"
#include "fs/file.h"
#include "fs/proc/proc.h"
#include "fs/tmpfs/rootfs.h"
#include "fs/tmpfs/tmpfs.h"
#include "lib/assert.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/slab/slab.h"

/* Positions in /proc: names in memory come first, then processes. */
#define FIRST_PROCESS 0x10000u

#define MAX_TABLES 8u

static struct file_system proc_fs = { .type = "proc", .dev = PROC_DEV, .magic = 0x9fa0 };
static const struct proc_processes *processes;
static struct inode *proc_root;

static struct {
	const struct proc_entry *entries;
	u32 count;
} proc_tables[MAX_TABLES];
static u32 nr_proc_tables;

const struct proc_processes *proc_processes(void)
{
	return processes;
}

void proc_set_processes(const struct proc_processes *who)
{
	processes = who;
}

/* --- Nodes that are made when they are looked up --- */

static const struct proc_node *node_of(const struct inode *inode)
{
	return inode->data;
}

const struct proc_subject *proc_subject_of(const struct inode *inode)
{
	return &node_of(inode)->subject;
}

void proc_node_release(struct inode *inode)
{
	inode->nlink = 0; /* its name was never in a folder */
	kfree(inode->data);
}

static u32 kind_of(const struct proc_entry *entry)
{
	return entry->mode & S_IFMT ? entry->mode & S_IFMT : S_IFREG;
}

static u32 mode_of(const struct proc_entry *entry)
{
	return kind_of(entry) | (entry->mode & 07777);
}

/* The number of a file of a process, the same whenever it is made. */
static u32 ino_of(const struct proc_subject *subject, const struct proc_entry *entry)
{
	u32 ino = (u32)(subject->tid ? subject->tid : subject->pid) << 16;

	for (u32 i = 0; i < nr_proc_tables; i++)
		if (entry >= proc_tables[i].entries &&
		    entry < proc_tables[i].entries + proc_tables[i].count)
			return ino | (i << 8) | (u32)(entry - proc_tables[i].entries + 2);
	return ino | 1;
}

static void fill(struct inode *inode, struct proc_node *node)
{
	const struct proc_entry *entry = node->entry;

	inode->data = node;
	if (entry->inode_operations)
		inode->operations = entry->inode_operations;
	inode->file_operations = is_kind(inode, S_IFDIR) ? &folder_operations
				 : entry->operations	 ? entry->operations
							 : &proc_text_operations;
}

static struct proc_node *new_node(const struct proc_entry *entry,
				  const struct proc_subject *subject)
{
	struct proc_node *node = kmalloc(sizeof(*node), GFP_KERNEL);

	if (node)
		*node = (struct proc_node){ entry, *subject };
	return node;
}

/* An inode that has a name and a place, but is in no tree: for inode_path() and "..". */
static struct inode *floating_inode(struct inode *folder, const char *name, u32 mode)
{
	struct name text = name_of(name);
	struct dentry *dentry = dentry_alloc(&text);
	struct inode *inode = dentry ? inode_alloc(&proc_fs, mode) : NULL;

	if (!inode) {
		if (dentry)
			dentry_free(dentry);
		return NULL;
	}
	dentry->inode = inode;
	dentry->folder = folder;
	inode_get(folder);
	list_add(&dentry->same, &inode->names);
	inode->nlink = is_kind(inode, S_IFDIR) ? 2 : 1;
	return inode;
}

static const struct inode_operations plain_operations = { .release = proc_node_release };

int proc_make_node(struct inode *folder, const char *name, const struct proc_entry *entry,
		   const struct proc_subject *subject, struct inode **made)
{
	struct proc_node *node = new_node(entry, subject);
	struct proc_subject now;
	struct inode *inode;

	if (!node)
		return -ENOMEM;
	inode = floating_inode(folder, name, mode_of(entry));
	if (!inode) {
		kfree(node);
		return -ENOMEM;
	}
	inode->operations = &plain_operations;
	inode->mapping.ino = ino_of(subject, entry);
	processes->find(subject->pid, &now, &inode->uid, &inode->gid);
	fill(inode, node);
	*made = inode;
	return 0;
}

/* --- /proc/PID --- */

static const struct proc_entry *process_entry(u32 index)
{
	for (u32 i = 0; i < nr_proc_tables; i++) {
		if (index < proc_tables[i].count)
			return &proc_tables[i].entries[index];
		index -= proc_tables[i].count;
	}
	return NULL;
}

bool proc_alive(const struct proc_subject *subject)
{
	struct proc_subject now;
	u32 uid, gid;

	return processes->find(subject->pid, &now, &uid, &gid) && now.birth == subject->birth;
}

static bool is_shown(const struct proc_entry *entry, const struct proc_subject *subject)
{
	return !(entry->flags & PROC_WHOLE && subject->tid);
}

static int process_lookup(struct inode *folder, const struct name *name, struct inode **found)
{
	const struct proc_subject *subject = proc_subject_of(folder);
	const struct proc_entry *entry;

	if (!proc_alive(subject))
		return -ENOENT;
	for (u32 i = 0; (entry = process_entry(i)); i++)
		if (is_shown(entry, subject) && strlen(entry->name) == name->length &&
		    !memcmp(entry->name, name->text, name->length))
			return proc_make_node(folder, entry->name, entry, subject, found);
	return -ENOENT;
}

static void set_entry(struct folder_entry *to, u32 ino, u32 mode, const char *name)
{
	to->ino = ino;
	to->mode = mode;
	to->length = (u32)strlen(name);
	memcpy(to->text, name, to->length + 1);
}

static bool process_next(struct inode *folder, u32 *position, struct folder_entry *to)
{
	const struct proc_subject *subject = proc_subject_of(folder);
	u32 index = *position < FIRST_ORDER ? 0 : *position - FIRST_ORDER;
	const struct proc_entry *entry = process_entry(index);

	while (entry && !is_shown(entry, subject))
		entry = process_entry(++index);
	if (!entry || !proc_alive(subject))
		return false;
	set_entry(to, ino_of(subject, entry), mode_of(entry), entry->name);
	*position = index + FIRST_ORDER + 1;
	return true;
}

static const struct inode_operations process_operations = { .lookup = process_lookup,
							    .next = process_next,
							    .release = proc_node_release };

const struct proc_entry proc_process_folder = { .name = "PID",
						.mode = S_IFDIR | 0555,
						.inode_operations = &process_operations };

const struct proc_subject *proc_process_of(const struct inode *inode)
{
	const struct proc_subject *subject;

	if (inode->operations != &process_operations)
		return NULL;
	subject = proc_subject_of(inode);
	return subject->tid ? NULL : subject;
}

/* --- /proc --- */

int proc_pid_of(const struct name *name)
{
	u32 pid = 0;

	if (!name->length || name->length > 9 || *name->text == '0')
		return 0;
	for (u32 i = 0; i < name->length; i++) {
		if (name->text[i] < '0' || name->text[i] > '9')
			return 0;
		pid = pid * 10 + (u32)(name->text[i] - '0');
	}
	return (int)pid;
}

static int root_lookup(struct inode *folder, const struct name *name, struct inode **found)
{
	int pid = proc_pid_of(name);
	struct proc_subject subject = { .pid = pid };
	char text[12];
	u32 uid, gid;

	if (!pid)
		return folder_lookup(folder, name, found);
	if (!processes || !processes->find(pid, &subject, &uid, &gid))
		return -ENOENT;
	scnprintf(text, sizeof(text), "%d", pid);
	return proc_make_node(folder, text, &proc_process_folder, &subject, found);
}

static bool root_next(struct inode *folder, u32 *position, struct folder_entry *entry)
{
	struct proc_subject subject = { .pid = 0 };
	char text[12];

	if (*position < FIRST_PROCESS && folder_next(folder, position, entry))
		return true;
	if (*position < FIRST_PROCESS)
		*position = FIRST_PROCESS;
	if (processes)
		subject.pid = processes->next((int)(*position - FIRST_PROCESS));
	if (!subject.pid)
		return false;
	scnprintf(text, sizeof(text), "%d", subject.pid);
	set_entry(entry, ino_of(&subject, &proc_process_folder), mode_of(&proc_process_folder),
		  text);
	*position = FIRST_PROCESS + (u32)subject.pid;
	return true;
}

static const struct inode_operations root_operations = { .lookup = root_lookup, .next = root_next };

static s32 readlink_self(struct inode *link, char *buffer, u32 size)
{
	int pid = processes ? processes->self() : 0;

	(void)link;
	return pid ? scnprintf(buffer, size, "%d", pid) : -ENOENT;
}

static int follow_self(struct inode *link, struct inode **target)
{
	char text[12];
	s32 length = readlink_self(link, text, sizeof(text));
	struct name name;

	if (length < 0)
		return length;
	name = name_of(text);
	return root_lookup(folder_parent(link), &name, target);
}

static const struct inode_operations self_operations = { .follow = follow_self,
							 .readlink = readlink_self,
							 .follows_text = true };

static const struct proc_entry self_link = { .name = "self",
					     .mode = S_IFLNK | 0777,
					     .inode_operations = &self_operations };

void proc_add(const struct proc_entry *entries, u32 count)
{
	static const struct proc_subject machine;

	for (u32 i = 0; i < count; i++) {
		struct inode *inode =
			rootfs_make_in(proc_root, entries[i].name, mode_of(&entries[i]));
		struct proc_node *node = inode ? new_node(&entries[i], &machine) : NULL;

		BUG_ON(!node); /* at boot there is memory for it */
		fill(inode, node);
	}
}

void proc_add_process(const struct proc_entry *entries, u32 count)
{
	BUG_ON(nr_proc_tables == MAX_TABLES || count > 200);
	proc_tables[nr_proc_tables].entries = entries;
	proc_tables[nr_proc_tables++].count = count;
}

void proc_init(void)
{
	proc_root = rootfs_mount("proc", S_IFDIR | 0555, &proc_fs);
	proc_root->operations = &root_operations;
	nr_proc_tables = 0;
	processes = NULL;
	proc_add(&self_link, 1);
	proc_add_memory();
}
