/* SPDX-License-Identifier: MIT */
/*
 * /proc: what the memory manager lets a program see, in Linux's formats (proc(5); Documentation/admin-guide/mm/pagemap.rst).
 *
 *   /proc/self/maps     the areas               /proc/meminfo     totals, in KiB
 *   /proc/self/statm    sizes, in pages         /proc/buddyinfo   free blocks by order
 *   /proc/self/status   the same, in KiB        /proc/slabinfo    the caches
 *   /proc/self/pagemap  a u64 for each page     /proc/sys/vm/overcommit_memory, overcommit_ratio
 *   /proc/self/exe      a link to the program (fs/namei.c)
 */
#ifndef FS_PROC_H
#define FS_PROC_H

#include "lib/types.h"

struct file;
struct file_operations;
struct mm_struct;

struct proc_file {
	const char *name; /* behind "/proc/" */
	u32 mode;	  /* permissions */
	/* Prints the text: at most size - 1 bytes and a NUL; returns the length. NULL: it has operations of its own. */
	u32 (*print)(struct mm_struct *mm, char *buffer, u32 size);
	/* Takes what was written. 0 or -errno. NULL: can't be written. */
	int (*write)(const char *text);
	const struct file_operations *operations;
};

/* The file that `name`, the path behind "/proc/", says, or NULL. */
const struct proc_file *proc_find(const char *name);

/* Opens it, for writing too or for reading alone, for a process that lives in `mm`. 0, -ENOENT, -EACCES or -ENOMEM. */
int proc_open(const char *name, bool write, struct mm_struct *mm, struct file **file);

/* The end of an open file of /proc. */
void proc_release(struct file *file);

/* fs/proc_maps.c */
struct proc_maps;

extern const struct file_operations proc_maps_operations;

/* Where a reader of an open file is: at its beginning. NULL: no memory. kfree() ends it. */
struct proc_maps *proc_maps_alloc(void);

/* fs/proc_mm.c */
u32 proc_print_status(struct mm_struct *mm, char *buffer, u32 size);
u32 proc_print_meminfo(struct mm_struct *mm, char *buffer, u32 size);
u32 proc_print_overcommit_mode(struct mm_struct *mm, char *buffer, u32 size);
u32 proc_print_overcommit_ratio(struct mm_struct *mm, char *buffer, u32 size);
int proc_set_overcommit_mode(const char *text);
int proc_set_overcommit_ratio(const char *text);

#endif
