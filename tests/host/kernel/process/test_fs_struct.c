/* SPDX-License-Identifier: MIT */
/*
 * The root, working directory and umask of tasks: who shares them and has a copy, what is refused,
 * without memory too; and the identity for access to files.
 */
/* tests/host/console.c and owner.c have simpler ones of these names. */
#define process_fs		   task_fs
#define process_fsuid		   task_fsuid
#define process_uid		   task_uid
#define process_fsgid		   task_fsgid
#define process_in_group	   task_in_group
#define process_exceeds_file_limit task_exceeds_file_limit
#define process_interrupted	   task_interrupted
#define process_signal		   task_signal
#define user_get		   task_get
#define user_put		   task_put
#include "fs/process.h"

#include "kernel/process/fs_struct.c"

#include "mm/frames/fail_alloc.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/kernel/user_bytes.h"
#include "tests/host/owner.h"

static struct thread_group group, other_group;
static struct task own = { .group = &group }, thread = { .group = &group },
		   other = { .group = &other_group };
struct task *current = &own;

static int sent;

void signal_send(struct task *task, int signal)
{
	EXPECT(task == current);
	sent = signal;
}

static const struct fail_spec always = { .kinds = FAIL_SLAB, .mode = FAIL_ON, .nth = 1 };

static u32 references(const struct inode *inode)
{
	return inode->mapping.count;
}

static struct inode *folder(const char *path)
{
	struct inode *found;

	EXPECT_EQ(path_lookup(NULL, path, LOOKUP_FOLLOW, &found), 0);
	return found;
}

static void begin(void)
{
	start();
	fs_struct_init();
	list_init(&group.list);
	list_add_tail(&own.thread, &group.list);
	EXPECT_EQ(path_make(NULL, "/a", S_IFDIR | 0755, 0), 0);
	EXPECT_EQ(path_make(NULL, "/closed", S_IFDIR | 0700, 0), 0);
	machine_settle();
}

/* What a task never changed it does not have. */
static void made_when_needed(void)
{
	u32 before;

	begin();
	before = references(root_inode);
	EXPECT(!process_fs());
	EXPECT_EQ(fs_copy(&other, false), 0);
	EXPECT(!other.fs && !own.fs);
	EXPECT(!fs_begin_exec());
	fs_end_exec();
	EXPECT_EQ(fs_unshare(), 0);
	EXPECT(!own.fs);
	fail_alloc_set(&always);
	EXPECT(!fs_own());
	fail_alloc_set(NULL);
	EXPECT(fs_own() == own.fs && fs_own() == process_fs());
	EXPECT(own.fs->count == 1 && own.fs->execs == 0 && own.fs->umask == 022);
	EXPECT(own.fs->root == root_inode && own.fs->cwd == root_inode);
	EXPECT_EQ(references(root_inode), before + 2);
	fs_leave(&own);
	EXPECT(!own.fs);
	EXPECT_EQ(references(root_inode), before);
	fs_leave(&own);
}

/* With CLONE_FS a change of one task is the other's; without it each has its own. */
static void shared_and_copied(void)
{
	u32 before;

	begin();
	before = references(root_inode);
	EXPECT_EQ(fs_copy(&thread, true), 0);
	EXPECT(thread.fs == own.fs && own.fs->count == 2);
	own.fs->umask = 027;
	EXPECT_EQ(fs_set_cwd(folder("/a")), 0);
	EXPECT_EQ(fs_copy(&other, false), 0);
	EXPECT(other.fs != own.fs && other.fs->count == 1 && other.fs->umask == 027);
	EXPECT(other.fs->cwd == found("/a") && other.fs->root == root_inode);
	other.fs->umask = 0;
	EXPECT_EQ(own.fs->umask, 027);
	fs_leave(&thread);
	EXPECT_EQ(own.fs->count, 1);
	fs_leave(&other);
	fs_leave(&own);
	EXPECT_EQ(references(root_inode), before);
}

static void stops_sharing(void)
{
	struct fs_struct *both;
	u32 before;

	begin();
	before = references(root_inode);
	EXPECT_EQ(fs_copy(&other, true), 0);
	both = own.fs;
	own.fs->umask = 5;
	fail_alloc_set(&always);
	EXPECT_EQ(fs_unshare(), -ENOMEM);
	fail_alloc_set(NULL);
	EXPECT(own.fs == both && both->count == 2);
	EXPECT_EQ(fs_unshare(), 0);
	EXPECT(own.fs != both && own.fs->count == 1 && own.fs->umask == 5);
	EXPECT(other.fs == both && both->count == 1);
	both = own.fs;
	fail_alloc_set(&always); /* it shares with no task: no memory is needed */
	EXPECT_EQ(fs_unshare(), 0);
	fail_alloc_set(NULL);
	EXPECT(own.fs == both);
	fs_leave(&other);
	fs_leave(&own);
	EXPECT_EQ(references(root_inode), before);
}

static void no_memory_for_children(void)
{
	begin();
	fail_alloc_set(&always);
	EXPECT_EQ(fs_copy(&other, true), -ENOMEM);
	EXPECT_EQ(fs_copy(&other, false), 0); /* there is nothing to copy */
	fail_alloc_set(NULL);
	EXPECT(!other.fs && fs_own());
	fail_alloc_set(&always);
	EXPECT_EQ(fs_copy(&other, false), -ENOMEM);
	EXPECT_EQ(fs_copy(&other, true), 0);
	fail_alloc_set(NULL);
	EXPECT(other.fs == own.fs);
	fs_leave(&other);
	fs_leave(&own);
}

/* While a program starts, none begins to share with it; a copy is made as ever. */
static void during_execve(void)
{
	begin();
	EXPECT(fs_own());
	EXPECT(!fs_begin_exec());
	EXPECT_EQ(own.fs->execs, 1);
	EXPECT_EQ(fs_copy(&other, true), -EAGAIN);
	EXPECT(!other.fs && own.fs->count == 1);
	EXPECT_EQ(fs_copy(&other, false), 0);
	EXPECT_EQ(other.fs->execs, 0);
	fs_leave(&other);
	fs_end_exec();
	EXPECT_EQ(own.fs->execs, 0);
	/* Its own threads do not count, tasks of other processes do. */
	EXPECT_EQ(fs_copy(&thread, true), 0);
	list_add_tail(&thread.thread, &group.list);
	EXPECT(!fs_begin_exec());
	fs_end_exec();
	EXPECT_EQ(fs_copy(&other, true), 0);
	EXPECT(fs_begin_exec());
	fs_end_exec();
	fs_leave(&thread);
	fs_leave(&other);
	fs_leave(&own);
}

static void folders(void)
{
	u32 before;

	begin();
	before = references(found("/a"));
	fail_alloc_set(&always);
	EXPECT_EQ(fs_set_cwd(folder("/a")), -ENOMEM);
	fail_alloc_set(NULL);
	EXPECT_EQ(references(found("/a")), before);
	EXPECT_EQ(fs_set_cwd(folder("/a")), 0);
	EXPECT_EQ(fs_set_cwd(folder("/a")), 0);
	EXPECT_EQ(references(found("/a")), before + 1);
	EXPECT_EQ(fs_set_root(folder("/a")), 0);
	EXPECT(own.fs->root == found("/a") && own.fs->cwd == found("/a"));
	EXPECT_EQ(fs_set_root(folder("/")), 0);
	host_fsuid = 1000;
	EXPECT_EQ(fs_set_root(folder("/a")), -EPERM);
	EXPECT_EQ(fs_set_cwd(folder("/closed")), -EACCES);
	EXPECT_EQ(fs_set_root(folder("/closed")), -EACCES);
	host_fsuid = 0;
	EXPECT_EQ(references(found("/a")), before + 1);
	EXPECT_EQ(try("/file", O_CREAT | O_RDWR), 0);
	EXPECT_EQ(fs_set_cwd(folder("/file")), -ENOTDIR);
	EXPECT(own.fs->cwd == found("/a"));
	EXPECT(own.fs->root == root_inode);
	fs_leave(&own);
	EXPECT_EQ(references(found("/a")), before);
	EXPECT_EQ(path_unlink(NULL, "/file"), 0);
}

static void identity(void)
{
	const struct file_ids instead = { 1, 2, 0 };

	group.user = (struct id_set){ 10, 11, 12, 13 };
	group.groups.ids = (struct id_set){ 20, 21, 22, 23 };
	group.groups.count = 2;
	group.groups.list[0] = 30;
	group.groups.list[1] = 40;
	EXPECT_EQ(process_uid(), 10);
	EXPECT_EQ(process_fsuid(), group.user.file);
	EXPECT_EQ(process_fsgid(), group.groups.ids.file);
	EXPECT(process_in_group(group.groups.ids.file) && process_in_group(30));
	EXPECT(process_in_group(40) && !process_in_group(0) && !process_in_group(20));
	own.file_ids = &instead;
	EXPECT(process_fsuid() == 1 && process_fsgid() == 2 && process_uid() == 10);
	EXPECT(process_in_group(2) && !process_in_group(23));
	own.file_ids = NULL;
	EXPECT(!process_interrupted());
	own.pending.signals = SIGMASK(SIGUSR1);
	EXPECT(process_interrupted());
	own.blocked = SIGMASK(SIGUSR1);
	EXPECT(!process_interrupted());
	process_exceeds_file_limit();
	EXPECT_EQ(sent, SIGXFSZ);
	process_signal(SIGPIPE);
	EXPECT_EQ(sent, SIGPIPE);
}

static void memory_of_programs(void)
{
	u32 word = 77;

	EXPECT_EQ(user_put(USER_BYTES + 4, &word, sizeof(word)), 0);
	word = 0;
	EXPECT_EQ(user_get(&word, USER_BYTES + 4, sizeof(word)), 0);
	EXPECT_EQ(word, 77);
	EXPECT_EQ(user_get(&word, 16, sizeof(word)), -EFAULT);
	EXPECT_EQ(user_put(16, &word, sizeof(word)), -EFAULT);
}

TAP_MAIN({ "made when it is needed", made_when_needed },
	 { "shared, and copied", shared_and_copied }, { "no longer shared", stops_sharing },
	 { "no memory for children", no_memory_for_children }, { "during execve", during_execve },
	 { "folders", folders }, { "the identity", identity },
	 { "memory of programs", memory_of_programs })
