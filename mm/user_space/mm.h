/* SPDX-License-Identifier: MIT */
/*
 * Address spaces: what a process sees of memory.
 *
 *   mm_struct --> mmap: area <-> area <-> area -> NULL   vm_area_struct, ascending, [start, end)
 *            |--> areas: if they are many, a tree of them with the largest gap of each subtree
 *            \--> pgd: page tables, filled by faults
 *
 *   (1) areas are not empty, page aligned, inside [USER_MIN, TASK_SIZE), ascending and disjoint;
 *       map_count is their number.
 *   (2) neighbours with equal flags and object and continuous offsets are one area.
 *   (3) total_vm counts the pages of all areas; locked_vm, exec_vm, ... those of one kind each.
 *   (4) a page-table entry that is not empty lies in an area, and has no more rights than it.
 *   (5) a writable entry of a private area names a frame with count 1: no other space sees it.
 *   (6) rss is the number of entries that name a page, of either size, other than the zero page.
 *       nr_swap is the number of those that name a page in swap.
 *   (7) nr_ptes is the number of page tables of the user half.
 *   (8) above VMA_TREE_ABOVE areas there is a tree; each tree has the list's order, and its gaps.
 *       Followers are not in it; they have no gap, and at most VMA_FOLLOWERS come in a row.
 *   (9) an area of an object is in its i_mmap and holds a reference; any other has offset 0.
 *   (10) an anonymous frame names the family of each space that maps it (mm/user_space/anon.h).
 *   (11) large pages are mapped as mm/user_space/huge.h says.
 *
 * mm_validate() checks them. Addresses from ring 3 are vaddr_t and are never dereferenced here. A
 * call that fails leaves the areas as they were, except where Linux does not: MAP_FIXED may have
 * unmapped something, and mprotect and madvise keep what they did up to a hole. No lock guards an
 * address space, because the kernel is not preempted. A long call lets other tasks run now and
 * then (lib/resched.h), but none of this space, which the system call holds.
 */
#ifndef MM_USER_SPACE_MM_H
#define MM_USER_SPACE_MM_H

#include "abi/linux/prctl.h"
#include "lib/gap_tree.h"
#include "mm/frames/page_alloc.h"
#include "paging/range.h"

enum vm_flags {
	VM_READ = 0x0001,
	VM_WRITE = 0x0002,
	VM_EXEC = 0x0004,
	VM_SHARED = 0x0008,
	VM_MAYREAD = 0x0010, /* mprotect may give the right */
	VM_MAYWRITE = 0x0020,
	VM_MAYEXEC = 0x0040,
	VM_MAYSHARE = 0x0080,
	VM_GROWSDOWN = 0x0100,
	VM_WRITER = 0x0800, /* of a file open for writing (mm/page_cache/filemap.h, (6)) */
	VM_LOCKED = 0x2000,
	VM_SEQ_READ = 0x8000, /* madvise said how it will be read */
	VM_RAND_READ = 0x10000,
	VM_DONTCOPY = 0x20000, /* a child does not get the area */
	VM_LOCKONFAULT = 0x80000,
	VM_ACCOUNT = 0x100000, /* its pages are committed */
	VM_NORESERVE = 0x200000,
	VM_HUGETLB = 0x400000,	   /* of large pages: mm/user_space/huge.h */
	VM_HUGE_OWNER = 0x800000,  /* pages of its object are reserved for it */
	VM_HUGE_LOST = 0x1000000,  /* its owner took a page from it */
	VM_WIPEONFORK = 0x2000000, /* a child gets it empty */
	VM_DONTDUMP = 0x4000000,   /* not for a core dump */
	VM_ACCESS_MASK = VM_READ | VM_WRITE | VM_EXEC,
	VM_MAY_MASK = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC,
	VM_LOCKED_MASK = VM_LOCKED | VM_LOCKONFAULT,
};

/*
 * Calls that return an address or an error return -errno as a vaddr_t; no address is that high.
 */
#define IS_ERR_VALUE(address) ((vaddr_t)(address) >= (vaddr_t)-4095)

/* Unmapped pages that are kept below an area that grows downward, bytes. */
#define STACK_GUARD_GAP (256 * PAGE_SIZE)

/* How many areas a process may have (vm.max_map_count), and Linux's default. */
#define MAX_MAP_COUNT 65530u
extern u32 max_map_count;

struct address_space;

struct vm_area_struct {
	struct mm_struct *vm_mm;
	vaddr_t vm_start, vm_end;
	struct vm_area_struct *vm_next, *vm_prev;
	u32 vm_flags;
	pgprot_t vm_page_prot;		  /* of a fresh entry; never writable for a private area */
	struct address_space *vm_mapping; /* a reference; NULL: private anonymous memory */
	u32 vm_pgoff;		/* page of the object at vm_start; 0 where there is none */
	struct gap_node shared; /* in vm_mapping->i_mmap */
	struct gap_node node;	/* in mm->areas, if there is a tree; its gap is vma_gap() */
};

struct mm_struct {
	struct vm_area_struct *mmap, *mmap_last;
	struct vm_area_struct *mmap_cache; /* where the last search ended, or NULL */
	struct gap_tree areas;		   /* the same areas; empty while they are few */
	pgd_t *pgd;
	u32 mm_users; /* processes that live in it */
	u32 mm_count; /* holders of this structure: all users together count as one */
	u32 map_count;
	u32 rss, total_vm, nr_ptes; /* frames, pages, page tables */
	u32 nr_swap;		    /* entries of pages in swap */
	bool had_huge;		    /* it has or had areas with VM_HUGETLB */
	u32 max_vm;		    /* the largest total_vm before one became smaller */
	u32 max_rss;   /* the largest rss before an unmapping; the peak is this or rss */
	u32 locked_vm; /* pages of VM_LOCKED areas */
	/* Pages: executable, not writable; growing; private, writable, not growing; VM_SHARED. */
	u32 exec_vm, stack_vm, data_vm, shared_vm;
	u32 def_flags;	/* that mlockall(MCL_FUTURE) gives each new area */
	u32 mdwe;	/* PR_MDWE_*, prctl(2): nothing becomes executable that could be written */
	bool read_exec; /* a task here may have READ_IMPLIES_EXEC: ask read_implies_exec() */
	vaddr_t start_code, end_code, start_data, end_data;
	vaddr_t start_brk, brk, start_stack;
	vaddr_t arg_start, arg_end, env_start, env_end, auxv_start, auxv_end;
	struct address_space
		*exe; /* the program: a reference, and it is not written to; NULL: none */
	void *holder; /* the task that alone may run of those that live here, or NULL */
	struct list_head parked; /* those that wait for it */
	struct list_head link;	 /* in mm_list */
	/* Reverse mapping: mm/user_space/anon.h. */
	struct anon_family *family;
	struct list_head family_link;
	void *anon_mapping; /* page->mapping of its frames */
	u32 anon_hint;	    /* in the place of page->index where the hint is */
	bool oom_victim;    /* its memory was taken: all its faults fail */
};

extern struct list_head mm_list; /* of all address spaces */

/* --- mm/user_space/mm.c: birth, copy and death --- */

/* The caches and the zero page; after kmem_cache_init(). */
void mm_init(void);

/* PR_SET_MDWE forbids that an area with flags `old` gets flags `new`. */
static inline bool mm_denies_exec(const struct mm_struct *mm, u32 old, u32 new)
{
	return unlikely(mm->mdwe) && (new &VM_EXEC) && ((new &VM_WRITE) || !(old & VM_EXEC));
}

/* What a child, or the next program, of this space is forbidden. */
static inline u32 mm_mdwe_inherited(const struct mm_struct *mm)
{
	return mm->mdwe & PR_MDWE_NO_INHERIT ? 0 : mm->mdwe;
}

/* An empty address space with one user, or NULL. */
struct mm_struct *mm_alloc(void);

/*
 * A copy for fork: the same areas, and every frame shared, write protected on both sides. NULL
 * without memory; then entries of the original may be write protected until the next write.
 */
struct mm_struct *mm_copy(struct mm_struct *mm);

/* One user less; the last one takes the whole space down. It may be the active one. */
void mm_put(struct mm_struct *mm);

/*
 * Frees all pages and page tables of a space whose tasks are about to end, and lets all later
 * faults fail. Not for the space of the current task. Other tasks may be in the middle of a long
 * call on it, where they let others run: they find entries gone, as after a truncation.
 */
void mm_reap(struct mm_struct *mm);

/* Once for a space: it runs this program. 0, or -ETXTBSY where the file is open for writing. */
int mm_set_exe(struct mm_struct *mm, struct address_space *exe);

/* Keep the structure, not the space: after the last user it is empty and mm_users is 0. */
void mm_grab(struct mm_struct *mm);
void mm_drop(struct mm_struct *mm);

/* Large pages that entries map. Each counts as one page in rss, and so in the peak. */
u32 mm_huge_pages(const struct mm_struct *mm);

/* What Linux calls rss: without large pages. */
u32 mm_small_rss(const struct mm_struct *mm);

/* --- mm/user_space/zap.c --- */

/* Empties the entries of [start, end), and frees the pages after the TLB is flushed. */
void zap_page_range(struct mm_struct *mm, vaddr_t start, vaddr_t end);

/* The same, 4 MiB at a time; other tasks may run in between. */
void zap_large_range(struct mm_struct *mm, vaddr_t start, vaddr_t end);

/* Unmaps the page from the area, if it is there at this index of the area's object. */
void zap_object_page(const struct vm_area_struct *vma, u32 index, const struct page *page);

/* --- mm/user_space/mm_validate.c --- */

/* The option vm_debug: mm_validate() after each call that changes areas; panic() if it fails. */
extern bool vm_debug;

/* NULL, or the first violated invariant, and its address through *where. */
const char *mm_validate(struct mm_struct *mm, vaddr_t *where);

/* The rights of an area as in /proc/PID/maps ("rw-p"), in a buffer of 5. */
const char *vm_flags_text(u32 vm_flags, char text[5]);

#endif
