/* SPDX-License-Identifier: MIT */
/*
 * /proc: the memory manager's state as files, in Linux's formats (proc(5);
 * Documentation/admin-guide/mm/pagemap.rst).
 *
 *   /proc/self/maps     the areas               /proc/meminfo     totals, in KiB
 *   /proc/self/statm    sizes, in pages         /proc/buddyinfo   free blocks by order
 *   /proc/self/status   the same, in KiB        /proc/slabinfo    the caches
 *   /proc/self/smaps    the areas, and what of  /proc/sys/vm/overcommit_memory, overcommit_ratio
 *                       each is in memory
 *   /proc/self/pagemap  a u64 for each page     /proc/self/oom_score, oom_score_adj
 *   /proc/swaps         the areas               /proc/vmstat      events of reclaim and swap
 *   /proc/sys/vm/page-cluster  read-ahead of swap
 *   /proc/self/exe      a link to the program
 *
 * Two of our own (fs/proc_views.c): /proc/frames has the owner of each frame,
 * /proc/self/pagetables and /proc/kpagetables have page tables.
 */
#ifndef FS_PROC_H
#define FS_PROC_H

#include "paging/layout.h"

struct file;
struct inode;
struct file_operations;
struct mm_struct;
struct vm_area_struct;

struct proc_file {
	const char *name; /* after "/proc/" */
	u32 mode;	  /* permissions */
	/* Writes at most size - 1 bytes and a NUL; returns the length. NULL: see `operations`. */
	u32 (*print)(struct mm_struct *mm, char *buffer, u32 size);
	const struct file_operations *operations;
	u32 *number; /* the text is this number, which can be set up to `most`; or NULL */
	u32 most;
	/* A number is written. Returns 0 or -errno. NULL: see `number`. */
	int (*set)(s32 number);
	/*
	 * Makes the next line, for addresses from *next up, and moves *next behind them. Returns
	 * its length; 0: there is none. NULL: lines are areas.
	 */
	u32 (*print_line)(struct mm_struct *mm, vaddr_t *next, char *buffer, u32 size);
	/* Follows the line of each area (fs/proc_maps.c), at most AREA_DETAILS bytes; or NULL. */
	u32 (*print_area)(const struct vm_area_struct *vma, char *buffer, u32 size);
};

#define AREA_DETAILS 1024u

/* Mounts /proc. After the root is made. */
void proc_init(void);

/* The open and release operations of files of /proc. */
int proc_open(struct inode *inode, struct file *file);
void proc_release(struct file *file);

/* fs/proc_maps.c */
struct proc_maps;

extern const struct file_operations proc_maps_operations;

/* fs/proc_views.c */
extern const struct file_operations proc_frames_operations;
u32 proc_print_user_run(struct mm_struct *mm, vaddr_t *next, char *buffer, u32 size);
u32 proc_print_kernel_run(struct mm_struct *mm, vaddr_t *next, char *buffer, u32 size);

/* fs/proc_mm.c */
u32 proc_print_status(struct mm_struct *mm, char *buffer, u32 size);
u32 proc_print_meminfo(struct mm_struct *mm, char *buffer, u32 size);

/* fs/proc_smaps.c */
u32 proc_print_smaps(const struct vm_area_struct *vma, char *buffer, u32 size);

/* fs/proc_oom.c */
u32 proc_print_oom_score(struct mm_struct *mm, char *buffer, u32 size);
u32 proc_print_oom_score_adj(struct mm_struct *mm, char *buffer, u32 size);
int proc_set_oom_score_adj(s32 number);

/* fs/proc_swap.c */
u32 proc_print_swaps(struct mm_struct *mm, char *buffer, u32 size);
u32 proc_print_vmstat(struct mm_struct *mm, char *buffer, u32 size);

#endif
