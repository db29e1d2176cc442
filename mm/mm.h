/* SPDX-License-Identifier: MIT */
/*
 * Address spaces: what a process sees of memory.
 *
 *   mm_struct --> mmap: area -> area -> area -> NULL        vm_area_struct, ascending, [vm_start, vm_end)
 *            \--> pgd: page tables, filled by faults
 *
 *   (1) areas are not empty, page aligned, inside [USER_MIN, TASK_SIZE), ascending and disjoint; map_count is their number.
 *   (2) neighbours that touch and are alike are one area.
 *   (3) total_vm is the sum of the areas, in pages.
 *   (4) a page-table entry that is not empty lies in an area, and has no more rights than the area.
 *   (5) a writable entry of a private area names a frame with count 1: nobody else sees the write.
 *   (6) rss is the number of entries that name a frame other than the zero page.
 *   (7) nr_ptes is the number of page tables of the user half.
 *
 * mm_validate() checks them. Addresses from ring 3 are vaddr_t and are never dereferenced here. A call that fails leaves the
 * areas as they were, with the exceptions that Linux has: MAP_FIXED may have unmapped what was there, and mprotect and madvise
 * keep what they did before they met a hole. The kernel is not preempted, so no lock guards an address space; nothing here sleeps.
 */
#ifndef MM_MM_H
#define MM_MM_H

#include "mm/page_alloc.h"
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
	VM_LOCKED = 0x2000,
	VM_DONTCOPY = 0x20000, /* a child does not get the area */
	VM_LOCKONFAULT = 0x80000,
	VM_ACCOUNT = 0x100000, /* its pages are committed */
	VM_NORESERVE = 0x200000,
	VM_WIPEONFORK = 0x2000000, /* a child gets it empty */
	VM_ACCESS_MASK = VM_READ | VM_WRITE | VM_EXEC,
};

/* The ABI's numbers (Linux asm-generic/mman-common.h). */
enum { PROT_NONE = 0, PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4 };
enum {
	MAP_SHARED = 0x01,
	MAP_PRIVATE = 0x02,
	MAP_SHARED_VALIDATE = 0x03,
	MAP_TYPE = 0x0f,
	MAP_FIXED = 0x10,
	MAP_ANONYMOUS = 0x20,
	MAP_GROWSDOWN = 0x100,
	MAP_NORESERVE = 0x4000,
	MAP_STACK = 0x20000,
	MAP_FIXED_NOREPLACE = 0x100000,
};

/* Calls that return an address or an error return -errno as a vaddr_t; no address is that high. */
#define IS_ERR_VALUE(address) ((vaddr_t)(address) >= (vaddr_t)-4095)

/* Unmapped pages that are kept below an area that grows downward, bytes. */
#define STACK_GUARD_GAP (256 * PAGE_SIZE)

/* As many areas as Linux gives a process by default (vm.max_map_count). */
#define MAX_MAP_COUNT 65530u

struct address_space;

struct vm_area_struct {
	struct mm_struct *vm_mm;
	vaddr_t vm_start, vm_end;
	struct vm_area_struct *vm_next;
	u32 vm_flags;
	pgprot_t vm_page_prot; /* of a fresh entry; never writable for a private area */
	struct address_space *
		vm_mapping; /* what it maps (mm/filemap.h), a reference; NULL: private anonymous memory */
	u32 vm_pgoff;	    /* page of the object at vm_start; 0 where there is none */
	struct list_head shared; /* in vm_mapping->i_mmap */
};

struct mm_struct {
	struct vm_area_struct *mmap;
	struct vm_area_struct *mmap_cache; /* where the last find_vma() ended, or NULL */
	pgd_t *pgd;
	u32 mm_users; /* processes that live in it */
	u32 mm_count; /* holders of this structure: all users together count as one */
	u32 map_count;
	u32 rss, total_vm, nr_ptes; /* frames, pages, page tables */
	vaddr_t start_code, end_code, start_data, end_data;
	vaddr_t start_brk, brk, start_stack;
	vaddr_t arg_start, arg_end, env_start, env_end;
	u32 stack_limit, data_limit;   /* RLIMIT_STACK, RLIMIT_DATA, bytes */
	u32 rlimit_as, rlimit_memlock; /* RLIMIT_AS, RLIMIT_MEMLOCK, bytes; UINT32_MAX: none */
	u32 locked_vm;		       /* pages of VM_LOCKED areas */
	struct list_head link;	       /* in mm_list */
};

extern struct list_head mm_list; /* of all address spaces */
extern struct page *zero_page;	 /* what a page that was only read shows; reserved, not counted */

/* --- mm/mm.c: birth, copy and death --- */

/* The caches and the zero page; after kmem_cache_init(). */
void mm_init(void);

/* An empty address space with one user, or NULL. */
struct mm_struct *mm_alloc(void);

/*
 * A copy for fork: the same areas, and every frame shared, write protected on both sides. NULL without memory; then the
 * original is as before, but for entries that lost their write right until the next write.
 */
struct mm_struct *mm_copy(struct mm_struct *mm);

/* One user less; the last one takes the whole space down. It may be the active one. */
void mm_put(struct mm_struct *mm);

/* Keep the structure, not the space: after the last user it is empty and mm_users is 0. */
void mm_grab(struct mm_struct *mm);
void mm_drop(struct mm_struct *mm);

/* --- mm/vma.c: the list of areas --- */

/* The first area that ends above `address`, or NULL. It may begin above it. */
struct vm_area_struct *find_vma(struct mm_struct *mm, vaddr_t address);

/* The same, and the area before it through *prev (NULL: there is none). */
struct vm_area_struct *find_vma_prev(struct mm_struct *mm, vaddr_t address,
				     struct vm_area_struct **prev);

/* The first area that overlaps [start, end), or NULL. */
struct vm_area_struct *find_vma_intersection(struct mm_struct *mm, vaddr_t start, vaddr_t end);

/* The lowest address that may be mapped below this area: lower than vm_start for one that grows. */
vaddr_t vm_start_gap(const struct vm_area_struct *vma);

/*
 * Makes [start, end), where no area is, part of the space with these flags: widens a neighbour that is alike, joins both, or
 * enters a new area. Returns the area, or NULL without memory.
 */
struct vm_area_struct *vma_add(struct mm_struct *mm, vaddr_t start, vaddr_t end, u32 flags);

/* Cuts an area in two at `address`, inside it and page aligned; `vma` becomes the lower part. Returns 0 or -ENOMEM. */
int split_vma(struct mm_struct *mm, struct vm_area_struct *vma, vaddr_t address);

/* Splits where needed so that [start, end) has its boundaries between areas. Returns 0 or -ENOMEM. */
int vma_isolate(struct mm_struct *mm, vaddr_t start, vaddr_t end);

/* Unlinks and frees the areas of [start, end), whose boundaries are isolated. */
void vma_remove(struct mm_struct *mm, vaddr_t start, vaddr_t end);

/* Joins each two neighbours that touch [start, end] and are alike. */
void vma_merge(struct mm_struct *mm, vaddr_t start, vaddr_t end);

/* A copy of the list for another space; returns 0 or -ENOMEM (what was copied stays). */
int vma_copy_all(struct mm_struct *to, const struct mm_struct *from);

pgprot_t vm_get_page_prot(u32 vm_flags);

/* --- mm/mmap.c, mm/munmap.c, mm/mprotect.c, mm/brk.c: the calls, with Linux's semantics and errno values --- */

/* mmap() of anonymous memory. Returns the address or -errno. */
vaddr_t do_mmap(struct mm_struct *mm, vaddr_t address, u32 length, u32 prot, u32 flags);
int do_munmap(struct mm_struct *mm, vaddr_t start, u32 length);
int do_mprotect(struct mm_struct *mm, vaddr_t start, u32 length, u32 prot);

/* A free interval of `length` bytes for mmap: at `hint` if that is free, else the lowest from MMAP_BASE up. Or -ENOMEM. */
vaddr_t get_unmapped_area(struct mm_struct *mm, vaddr_t hint, u32 length);

/* brk(): returns the new end of the heap, or the old one where it can't be moved. */
vaddr_t do_brk(struct mm_struct *mm, vaddr_t brk);

enum { MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED };
enum { MADV_HUGEPAGE = 14, MADV_NOHUGEPAGE = 15 };

int do_madvise(struct mm_struct *mm, vaddr_t start, u32 length, int advice);

/*
 * mincore(): calls put(i, resident) for each page of [start, start + length), ascending. Returns 0, -EINVAL, -ENOMEM for a place
 * that is not mapped, or what put() returned if that is not 0.
 */
int do_mincore(struct mm_struct *mm, vaddr_t start, u32 length,
	       int (*put)(u32 index, bool resident, void *context), void *context);

/* --- mm/zap.c: taking pages away --- */

/* Empties the entries of [start, end) and gives the frames back once no TLB entry names them. */
void zap_page_range(struct mm_struct *mm, vaddr_t start, vaddr_t end);

/* Gives back the page tables that no area needs any more, around the hole [start, end). */
void free_pgtables(struct mm_struct *mm, vaddr_t start, vaddr_t end);

/* The space is the active one: its entries can be in the TLB. */
bool mm_active(const struct mm_struct *mm);
void flush_tlb_page(struct mm_struct *mm, vaddr_t address);
void flush_tlb_range(struct mm_struct *mm, vaddr_t start, vaddr_t end);

/* Page tables for the user half, counted in mm->nr_ptes. */
struct pgtable_ops mm_pgtable_ops(struct mm_struct *mm);

/* --- mm/fault.c --- */

enum fault_access { FAULT_READ, FAULT_WRITE };

/* Why an access is refused; the first two are Linux's si_code of SIGSEGV. */
enum fault_result {
	FAULT_OK = 0,
	FAULT_MAPERR = 1, /* no area there */
	FAULT_ACCERR = 2, /* the area does not allow it */
	FAULT_OOM = 3,	  /* no memory for the page */
	FAULT_SIGBUS = 4, /* a mapped file ends before the page */
};

/* Makes the page at `address` accessible, if the areas allow it. After FAULT_OK the access can be tried again. */
enum fault_result mm_fault(struct mm_struct *mm, vaddr_t address, enum fault_access access);

/*
 * Brings the pages of [start, end), which areas cover, in, as if each was touched (written to, where a private area allows that). For
 * MAP_POPULATE and mlock(); stops at the first page that can't be had. Returns 0, -ENOMEM or -EFAULT.
 */
int mm_populate(struct mm_struct *mm, vaddr_t start, vaddr_t end);

/* Faults taken since boot, by what was done. */
struct fault_counters {
	u32 zero_page, fresh_page, mapped_page, mapped_around, cow_copy, cow_reuse, stack_growth,
		spurious, refused;
};

extern struct fault_counters fault_counters;

/*
 * Copies between a kernel buffer and any address space, as if its process had made the access; the space need not be active.
 * Returns the number of bytes that could be copied.
 */
u32 access_process_vm(struct mm_struct *mm, vaddr_t address, void *buffer, u32 bytes,
		      enum fault_access access);

/* --- mm/mm_validate.c --- */

/* NULL, or the first violated invariant, and its address through *where. */
const char *mm_validate(struct mm_struct *mm, vaddr_t *where);

/* `vm_area: start=... end=... flags=...` for each area. */
void mm_print(const struct mm_struct *mm);

/* The rights of an area as in /proc/PID/maps ("rw-p"), in a buffer of 5. */
const char *vm_flags_text(u32 vm_flags, char text[5]);

#endif
