/* SPDX-License-Identifier: MIT */
/*
 * /proc: the state of the machine and of its processes as files, in Linux's formats (proc(5)).
 * docs/proc.md lists them.
 *
 *   proc_add()          the files of the machine     /proc/meminfo, /proc/sys/vm/..., made at boot
 *   proc_add_process()  the files of each process    /proc/PID/status, ..., made when looked up
 *   proc_set_processes() who the processes are       kernel/proc/, because fs/ lies below it
 *
 * A file is a list of records, each of at most PROC_RECORD bytes; most are one record. The reader
 * has a page for the one that it has reached, so a file has no largest size:
 *
 *      show(cursor = 0)  show(cursor = 1)  show(cursor = 2)        -> 1, 1, 1, 0: the end
 *      "...record 0...\n" "...reco|rd 1\n"
 *                                 ^ position: a read that begins here continues in the kept record
 *
 *   (1) no record is torn: it shows one moment, however small the parts in which it is read;
 *   (2) a read at any other position than the last one's end starts again at the first record.
 */
#ifndef FS_PROC_PROC_H
#define FS_PROC_PROC_H

#include "lib/types.h"

struct file;
struct file_operations;
struct inode;
struct inode_operations;
struct mm_struct;
struct name;
struct vm_area_struct;

#define PROC_RECORD (PAGE_SIZE - 128)

/* A record while it is printed. Text that is too long is cut. */
struct seq {
	char *text;
	u32 size, length; /* bytes; [length, size) is free */
};

void seq_printf(struct seq *seq, const char *format, ...) __printf(2, 3);

/* The process of a file in /proc/PID; pid 0: the file is not of one. */
struct proc_subject {
	int pid;
	int tid;	      /* of what is in /proc/PID/task/TID; else 0 */
	u64 birth;	      /* tells two processes apart that had the same pid */
	struct mm_struct *mm; /* with mm_grab(), for files with PROC_MM; or NULL */
	u32 fd;		      /* of the nodes in /proc/PID/fd */
};

enum proc_flags {
	PROC_MM = 1,	  /* about its address space, as it is at open() */
	PROC_INSPECT = 2, /* only for who may inspect the process: may_inspect() */
	PROC_WHOLE = 4,	  /* not in the folder of a thread */
};

struct proc_entry {
	const char *name; /* after "/proc/", or after "/proc/PID/" */
	u32 mode;	  /* permissions; with S_IFLNK or S_IFDIR for these */
	u32 flags;
	/*
	 * Prints the next record, and moves the cursor, which is 0 at first. Returns 1; 0 at the
	 * end; -errno, as -ESRCH if the process has ended.
	 */
	int (*show)(struct seq *seq, const struct proc_subject *subject, u64 *cursor);
	/* Text was written, and ends in NUL. Returns 0 or -errno. */
	int (*write)(const struct proc_subject *subject, const char *text);
	/*
	 * The text is this number; `least` to `most` can be written, by set() if there is one.
	 * Instead of show and write.
	 */
	u32 *number, least, most;
	u32 (*set)(u32 number);
	/* Files that are no text. */
	const struct file_operations *operations;
	/* Links and folders. */
	const struct inode_operations *inode_operations;
};

/* inode->data of what is in /proc. */
struct proc_node {
	const struct proc_entry *entry;
	struct proc_subject subject;
};

/* Who the processes are. */
struct proc_processes {
	/* The current process, or 0. */
	int (*self)(void);
	/* The process with the lowest pid above `after`, or 0. */
	int (*next)(int after);
	/* Fills pid and birth; the owner of its files. False: there is none with this pid. */
	bool (*find)(int pid, struct proc_subject *subject, u32 *uid, u32 *gid);
	/* The address space by mm_grab(). NULL: the process has ended, or has none. */
	struct mm_struct *(*grab_mm)(const struct proc_subject *subject);
	/* As Linux's ptrace access check (ptrace(2)). */
	bool (*may_inspect)(const struct proc_subject *subject);
};

/* NULL until proc_set_processes(). */
const struct proc_processes *proc_processes(void);

/* The process of the subject has not ended. */
bool proc_alive(const struct proc_subject *subject);

/* Mounts /proc and makes the files about memory. After the root is made. */
void proc_init(void);

/* Make files. The tables stay. At boot: they panic without memory. */
void proc_add(const struct proc_entry *entries, u32 count);
void proc_add_process(const struct proc_entry *entries, u32 count);
void proc_set_processes(const struct proc_processes *processes);

/*
 * A node in a folder of /proc that is made when it is looked up, with this name there. Returns 0
 * and a reference, or -ENOMEM.
 */
int proc_make_node(struct inode *folder, const char *name, const struct proc_entry *entry,
		   const struct proc_subject *subject, struct inode **made);

/* The folder of a process, or of a thread with subject.tid. */
extern const struct proc_entry proc_process_folder;

/* A name that is a pid without leading zeros, or 0. */
int proc_pid_of(const struct name *name);

/* The release operation of such nodes that have inode_operations. */
void proc_node_release(struct inode *inode);

/* If the inode is a folder /proc/PID: its subject; else NULL. */
const struct proc_subject *proc_process_of(const struct inode *inode);

/* The node's subject. */
const struct proc_subject *proc_subject_of(const struct inode *inode);

/* --- Files: fs/proc/reader.c --- */

struct proc_reader;

/* Of all files with show() or number. */
extern const struct file_operations proc_text_operations;

/* open() and release() of files with operations of their own; proc_file_subject() between them. */
int proc_open(struct inode *inode, struct file *file);
void proc_release(struct file *file);
const struct proc_subject *proc_file_subject(const struct file *file);

/* A decimal, octal (0...) or hexadecimal number, and nothing else in the line. 0 or -EINVAL. */
int proc_parse_number(const char *text, s64 *number);

/* --- Tables of entries --- */

extern const struct file_operations proc_pagemap_operations; /* fs/proc/pagemap.c */

int proc_show_maps(struct seq *seq, const struct proc_subject *subject, u64 *cursor);
int proc_show_smaps(struct seq *seq, const struct proc_subject *subject, u64 *cursor);
int proc_show_smaps_rollup(struct seq *seq, const struct proc_subject *subject, u64 *cursor);

/* fs/proc/zones.c */
int proc_show_zoneinfo(struct seq *seq, const struct proc_subject *subject, u64 *cursor);
int proc_show_min_free(struct seq *seq, const struct proc_subject *subject, u64 *cursor);
int proc_write_min_free(const struct proc_subject *subject, const char *text);
int proc_show_iomem(struct seq *seq, const struct proc_subject *subject, u64 *cursor);
int proc_show_vmallocinfo(struct seq *seq, const struct proc_subject *subject, u64 *cursor);
int proc_write_drop_caches(const struct proc_subject *subject, const char *text);

/* fs/proc/views.c */
int proc_show_frames(struct seq *seq, const struct proc_subject *subject, u64 *cursor);
int proc_show_pagetables(struct seq *seq, const struct proc_subject *subject, u64 *cursor);
int proc_show_kpagetables(struct seq *seq, const struct proc_subject *subject, u64 *cursor);

/* What an area's pages are, for smaps. */
void proc_print_smaps(struct seq *seq, const struct vm_area_struct *vma);

/* fs/proc/memory.c: all files about memory. */
void proc_add_memory(void);

/* fs/proc/meminfo.c, fs/proc/swap.c */
int proc_show_meminfo(struct seq *seq, const struct proc_subject *subject, u64 *cursor);
int proc_show_swaps(struct seq *seq, const struct proc_subject *subject, u64 *cursor);
int proc_show_vmstat(struct seq *seq, const struct proc_subject *subject, u64 *cursor);

#endif
