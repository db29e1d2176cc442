/* SPDX-License-Identifier: MIT */
/*
 * Areas: which addresses of a process are mapped, with which rights, to what. mmap, munmap,
 * mprotect, mremap, mlock, brk and fork differ in what they check and charge; all of them change
 * the areas by four verbs, so that only one file has to keep the order, the merging, the sums and
 * the tree right.
 *
 *   insert   |aaaa|  new |bbbb|     ->  |aaaa|nnnn|bbbb|     a new area,
 *                                       |aaaaaaaa|bbbb|      or a neighbour that is widened,
 *                                       |aaaaaaaaaaaaa|      or all three become one area
 *
 *   split    |aaaaaaaaaa|           ->  |aaa|aaaaaaa|
 *   merge    |aaa|aaaaaaa|          ->  |aaaaaaaaaa|         same flags and object, next offset
 *
 *   remove   |aaaaa|  |bb| |cccc|   ->  |aa|            |c|
 *               |-------------|
 *
 * insert and split need memory: they fail before they change anything. remove and merge cannot
 * fail. A hole inside one area needs a second area, so its caller splits that area first.
 * Page-table entries, limits and what is charged are the caller's business, unless a function
 * says otherwise.
 *
 * The areas are a list always, and above VMA_TREE_ABOVE areas a gap tree too (lib/gap_tree.h):
 * then finding an area, inserting one and finding free addresses are O(log n). With few areas the
 * list alone is faster: with a tree always, mmap_munmap_1p costs 500 instructions more.
 *
 * Most splits are undone soon: mprotect() of a page and back. So a new area that touches the one
 * before it, and has no gap for the tree to know, is a follower: in the list only, behind an area
 * of the tree. At most VMA_FOLLOWERS come in a row. They save a third of mprotect_100_areas.
 *
 *   tree   a           d     e        a search ends at d, or one of the followers before it
 *   list   a--b--c     d     e
 *
 *   USER_MIN ..gap..|  a  |....gap....|  b  |..gap..|guard|  stack  |
 *
 * The gap of an area is the free range below it. The guard pages below an area that grows do not
 * count as gap. Numbers such as (2) are the invariants of mm/user_space/mm.h.
 *
 * Process context only: between two areas, vma_remove() and vma_merge_range() may let other tasks
 * run.
 */
#ifndef MM_USER_SPACE_VMA_H
#define MM_USER_SPACE_VMA_H

#include "mm/frames/lru.h"
#include "mm/user_space/mm.h"
#include "mm/user_space/overcommit.h"

/* With more areas than the first there is a tree; with fewer than the second it is dropped. */
#define VMA_TREE_ABOVE 32u
#define VMA_TREE_BELOW 16u

/* So many areas in a row may be followers. */
#define VMA_FOLLOWERS 8u

/* The attributes of an area, but for its place. */
struct vma_kind {
	u32 flags;
	struct address_space *mapping; /* or NULL */
	u32 pgoff;		       /* page of the mapping; 0 without one */
};

/* Makes the cache of areas. */
void vma_init(void);

/* --- Finding areas and free addresses --- */

/* find_vma() where the cache does not answer. */
struct vm_area_struct *vma_search(struct mm_struct *mm, vaddr_t address);

/* The first area that ends above `address`, or NULL. It may begin above it. */
static inline struct vm_area_struct *find_vma(struct mm_struct *mm, vaddr_t address)
{
	struct vm_area_struct *vma = mm->mmap_cache;

	/* The cached area is the answer too for the hole before it. */
	if (likely(vma && address < vma->vm_end &&
		   (address >= vma->vm_start || !vma->vm_prev || vma->vm_prev->vm_end <= address)))
		return vma;
	return vma_search(mm, address);
}

/* The same, and the area before it through *prev (NULL: there is none). */
static inline struct vm_area_struct *find_vma_prev(struct mm_struct *mm, vaddr_t address,
						   struct vm_area_struct **prev)
{
	struct vm_area_struct *vma = find_vma(mm, address);

	*prev = vma ? vma->vm_prev : mm->mmap_last;
	return vma;
}

/* If there is a tree: the area is in it, and no follower. A follower's node points to itself. */
static inline bool vma_in_tree(const struct vm_area_struct *vma)
{
	return vma->node.parent != &vma->node;
}

/* The last area before this one that is in the tree, or NULL. O(1). */
static inline struct vm_area_struct *vma_prev_in_tree(const struct vm_area_struct *vma)
{
	struct vm_area_struct *prev = vma->vm_prev;

	while (prev && !vma_in_tree(prev))
		prev = prev->vm_prev;
	return prev;
}

/* The first area that overlaps [start, end), or NULL. */
static inline struct vm_area_struct *find_vma_intersection(struct mm_struct *mm, vaddr_t start,
							   vaddr_t end)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	return vma && vma->vm_start < end ? vma : NULL;
}

/*
 * The lowest address that may be mapped below this area: lower than vm_start for one that grows.
 */
static inline vaddr_t vm_start_gap(const struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_GROWSDOWN))
		return vma->vm_start;
	return vma->vm_start > STACK_GUARD_GAP ? vma->vm_start - STACK_GUARD_GAP : 0;
}

/* Free pages between the area before this one and vm_start_gap(): the gap of its node. */
static inline u32 vma_gap(const struct vm_area_struct *vma)
{
	vaddr_t from = vma->vm_prev ? vma->vm_prev->vm_end : USER_MIN, to = vm_start_gap(vma);

	return to > from ? (to - from) >> PAGE_SHIFT : 0;
}

/*
 * A free interval of `length` bytes for mmap: at `hint` if that is free, else the lowest from
 * MMAP_BASE up, else the lowest of all. Or -ENOMEM.
 */
vaddr_t get_unmapped_area(struct mm_struct *mm, vaddr_t hint, u32 length);

/* The same, aligned to large pages. `length` is whole large pages. */
vaddr_t get_unmapped_huge_area(struct mm_struct *mm, vaddr_t hint, u32 length);

/*
 * The first area of an object after `vma` (NULL: of all) that has pages at `index` or behind it;
 * NULL: there is none. Areas come in order of vm_pgoff. O(log n).
 */
struct vm_area_struct *next_sharing_area(const struct address_space *mapping,
					 struct vm_area_struct *vma, u32 index);

/* --- What an area is --- */

static inline u32 vma_pages(const struct vm_area_struct *vma)
{
	return (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
}

/* Bytes of a page of the area. */
static inline u32 vma_page_size(const struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_HUGETLB ? LARGE_PAGE_SIZE : PAGE_SIZE;
}

/* The first frame, which stands for all, of the area's page that this frame is a part of. */
static inline struct page *vma_page_head(const struct vm_area_struct *vma, const struct page *page)
{
	return pfn_to_page(ALIGN_DOWN(page_to_pfn(page), vma_page_size(vma) >> PAGE_SHIFT));
}

/* The page of the mapped object at `address`, in the area or in a wider one. */
static inline u32 linear_page_index(const struct vm_area_struct *vma, vaddr_t address)
{
	return vma->vm_pgoff + (address >> PAGE_SHIFT) - (vma->vm_start >> PAGE_SHIFT);
}

/* The kind of an area that begins at `address`, cut off from this one or adjacent to it. */
static inline struct vma_kind vma_kind_at(const struct vm_area_struct *vma, vaddr_t address)
{
	return (struct vma_kind){ vma->vm_flags, vma->vm_mapping,
				  vma->vm_mapping ? linear_page_index(vma, address) : 0 };
}

/* True if, a gap ignored, this area and one of `kind` that begins at `address` could be one. */
static inline bool vma_continues(const struct vm_area_struct *vma, vaddr_t address,
				 const struct vma_kind *kind)
{
	return vma->vm_flags == kind->flags && vma->vm_mapping == kind->mapping &&
	       (!kind->mapping || linear_page_index(vma, address) == kind->pgoff);
}

/* (2) forbids two such neighbours. */
static inline bool vma_can_merge(const struct vm_area_struct *first,
				 const struct vm_area_struct *second)
{
	const struct vma_kind kind = { second->vm_flags, second->vm_mapping, second->vm_pgoff };

	return first->vm_end == second->vm_start && vma_continues(first, second->vm_start, &kind);
}

/* The rights of a fresh page-table entry. */
pgprot_t vm_get_page_prot(u32 vm_flags);

/* Gives an area other flags and corrects the sums. VM_GROWSDOWN never changes. */
void vma_set_flags(struct vm_area_struct *vma, u32 flags);

/* Adds pages of such an area to the sums of (3), or subtracts them. */
static inline void vm_stat_account(struct mm_struct *mm, u32 flags, s32 pages)
{
	mm->total_vm += (u32)pages;
	if ((flags & (VM_EXEC | VM_WRITE | VM_GROWSDOWN)) == VM_EXEC)
		mm->exec_vm += (u32)pages;
	else if (flags & VM_GROWSDOWN)
		mm->stack_vm += (u32)pages;
	else if ((flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
		mm->data_vm += (u32)pages;
	if (flags & VM_SHARED)
		mm->shared_vm += (u32)pages;
	if (flags & VM_LOCKED) {
		mm->locked_vm += (u32)pages;
		lru_unlocked = true;
	}
}

/* --- Insert --- */

/* [start, end), where no area is. Returns the area that has it now, or NULL without memory. */
struct vm_area_struct *vma_insert(struct mm_struct *mm, vaddr_t start, vaddr_t end,
				  const struct vma_kind *kind);

/* The same, where an area of another space is, above all areas of this one. For fork. */
struct vm_area_struct *vma_copy(struct mm_struct *mm, struct vm_area_struct *original,
				const struct vma_kind *kind);

/* The same, but always as an area of its own, which vma_merge_range() may merge later. */
struct vm_area_struct *vma_insert_alone(struct mm_struct *mm, vaddr_t start, vaddr_t end,
					const struct vma_kind *kind);

/* An area of this kind is charged (mm/user_space/overcommit.h). */
static inline bool accountable(u32 flags)
{
	return (flags & (VM_NORESERVE | VM_SHARED | VM_WRITE)) == VM_WRITE;
}

/*
 * vma_insert(), and charges what the area commits: then kind->flags gets VM_ACCOUNT. NULL also
 * where so much must not be committed.
 */
static inline struct vm_area_struct *vma_insert_charged(struct mm_struct *mm, vaddr_t start,
							vaddr_t end, struct vma_kind *kind)
{
	struct vm_area_struct *vma;

	if (!accountable(kind->flags))
		return vma_insert(mm, start, end, kind);
	if (vm_enough_memory(mm, (end - start) >> PAGE_SHIFT))
		return NULL;
	kind->flags |= VM_ACCOUNT;
	vma = vma_insert(mm, start, end, kind);
	if (!vma)
		vm_unacct_memory((end - start) >> PAGE_SHIFT);
	return vma;
}

/* Moves the start of an area within the gap below it, or up. The sums are the caller's. */
void vma_set_start(struct vm_area_struct *vma, vaddr_t start);

/* --- Split --- */

/*
 * At `address`, page aligned and inside; `vma` becomes the lower part. Returns 0, -ENOMEM, or
 * -EINVAL in the middle of a large page.
 */
int vma_split(struct vm_area_struct *vma, vaddr_t address);

/*
 * Splits so that *vma, which holds [start, end), is just that. Returns 0, or an error of
 * vma_split() with no change.
 */
int vma_isolate(struct vm_area_struct **vma, vaddr_t start, vaddr_t end);

/* --- Remove --- */

/*
 * Removes the parts of areas in [start, end), and their charge. `vma` is the first area that ends
 * above `start`, or NULL. The range does not lie in the middle of one area.
 */
void vma_remove(struct vm_area_struct *vma, vaddr_t start, vaddr_t end);

/* Removes all areas of a space that ends. */
void vma_remove_all(struct mm_struct *mm);

/* --- Merge --- */

/* Widens `vma` over `next`, of the same kind. No area is in between; a gap is covered too. */
void vma_merge(struct vm_area_struct *vma, struct vm_area_struct *next);

/* Merges all neighbours that touch [start, end] and can merge. */
void vma_merge_range(struct mm_struct *mm, vaddr_t start, vaddr_t end);

#endif
