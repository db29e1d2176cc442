/* SPDX-License-Identifier: MIT */
/*
 * Areas: the four verbs that change them. mm/user_space/vma.h has the picture; the numbers are
 * the invariants of mm/user_space/mm.h.
 *
 * From the bottom: link() and unlink() keep list, tree and map_count (1, 4); vma_create() and
 * vma_destroy() add the area's object (9); the verbs add merging and the sums (2, 3).
 */
#include "mm/user_space/vma.h"
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "lib/resched.h"
#include "mm/page_cache/filemap.h"
#include "mm/slab/slab.h"
#include "mm/user_space/mm_internal.h"
#include "mm/user_space/overcommit.h"
#include "mm/user_space/trace_events.h"

static struct kmem_cache *vma_cache;

void vma_init(void)
{
	vma_cache = kmem_cache_create("vm_area_struct", sizeof(struct vm_area_struct), 0, 0, NULL,
				      NULL);
	BUG_ON(!vma_cache);
}

/* --- One area: list, tree, object --- */

static void enter_tree(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct *prev = vma_prev_in_tree(vma);

	gap_insert_after(&mm->areas, prev ? &prev->node : NULL, &vma->node, vma_gap(vma));
}

/* Updates the gap below an area (NULL: nothing to do). With a gap it is no longer a follower. */
static inline void gap_changed(struct vm_area_struct *vma)
{
	u32 gap;

	if (!vma || likely(!vma->vm_mm->areas.root))
		return;
	gap = vma_gap(vma);
	if (!vma_in_tree(vma)) {
		if (gap)
			enter_tree(vma->vm_mm, vma);
	} else if (gap != vma->node.gap) {
		gap_set(&vma->node, gap);
	}
}

/* May the area be a follower? Not with a gap below it, nor if VMA_FOLLOWERS are around it. */
static bool may_follow(const struct vm_area_struct *vma)
{
	u32 others = 0;

	if (vma_gap(vma))
		return false;
	for (const struct vm_area_struct *prev = vma->vm_prev; prev && !vma_in_tree(prev);
	     prev = prev->vm_prev)
		others++;
	for (const struct vm_area_struct *next = vma->vm_next; next && !vma_in_tree(next);
	     next = next->vm_next)
		others++;
	return others < VMA_FOLLOWERS;
}

/* Enters an area after `prev` (NULL: as the first). The gap of the next area stays as it is. */
static inline void link(struct mm_struct *mm, struct vm_area_struct *prev,
			struct vm_area_struct *vma)
{
	struct vm_area_struct **place = prev ? &prev->vm_next : &mm->mmap, *next = *place;

	vma->vm_prev = prev;
	vma->vm_next = next;
	*place = vma;
	*(next ? &next->vm_prev : &mm->mmap_last) = vma;
	mm->mmap_cache = vma;
	mm->map_count++;
	if (mm->areas.root) {
		if (may_follow(vma))
			vma->node.parent = &vma->node;
		else
			enter_tree(mm, vma);
	} else if (mm->map_count > VMA_TREE_ABOVE) {
		for (vma = mm->mmap; vma; vma = vma->vm_next)
			enter_tree(mm, vma);
	}
}

/*
 * An area has left the list, where `next` came after it. Its first follower takes its place.
 */
static void leave_tree(struct mm_struct *mm, struct vm_area_struct *vma,
		       struct vm_area_struct *next)
{
	if (mm->map_count < VMA_TREE_BELOW) {
		mm->areas.root = NULL;
	} else if (!vma_in_tree(vma)) {
		return;
	} else if (next && !vma_in_tree(next)) {
		gap_replace(&mm->areas, &vma->node, &next->node);
		gap_set(&next->node, vma_gap(next));
	} else {
		gap_erase(&mm->areas, &vma->node);
	}
}

/* The reverse of link(). */
static void unlink(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct *prev = vma->vm_prev, *next = vma->vm_next;

	*(prev ? &prev->vm_next : &mm->mmap) = next;
	*(next ? &next->vm_prev : &mm->mmap_last) = prev;
	if (mm->mmap_cache == vma)
		mm->mmap_cache = next;
	mm->map_count--;
	if (mm->areas.root)
		leave_tree(mm, vma, next);
}

/* The page of the object after the area's last one. */
static u32 end_index(const struct vm_area_struct *vma)
{
	return vma->vm_pgoff + vma_pages(vma);
}

static struct vm_area_struct *sharing_area(struct gap_node *node)
{
	return gap_entry(node, struct vm_area_struct, shared);
}

struct vm_area_struct *next_sharing_area(const struct address_space *mapping,
					 struct vm_area_struct *vma, u32 index)
{
	struct gap_node *node = NULL;

	if (index < UINT32_MAX)
		node = gap_search(&mapping->i_mmap, vma ? &vma->shared : NULL, index + 1);
	return node ? sharing_area(node) : NULL;
}

/*
 * Enters an area behind those that begin at the same page. The copy for a child needs no search:
 * it goes behind the original.
 */
static void enter_object(struct vm_area_struct *vma, struct vm_area_struct *original)
{
	struct address_space *mapping = vma->vm_mapping;
	struct gap_node *place = original ? &original->shared : NULL;
	struct gap_node *node = original ? NULL : mapping->i_mmap.root;

	while (node) {
		bool after = sharing_area(node)->vm_pgoff <= vma->vm_pgoff;

		if (after)
			place = node;
		node = node->child[after];
	}
	gap_insert_after(&mapping->i_mmap, place, &vma->shared, end_index(vma));
	mapping->i_mmap_changes++;
}

static void leave_object(struct vm_area_struct *vma)
{
	gap_erase(&vma->vm_mapping->i_mmap, &vma->shared);
}

/* The area ends elsewhere. If it has more pages, a walk that has passed it must see it again. */
static void end_changed(struct vm_area_struct *vma)
{
	if (!vma->vm_mapping)
		return;
	gap_set(&vma->shared, end_index(vma));
	vma->vm_mapping->i_mmap_changes++;
}

/*
 * An area that is linked nowhere yet, with its reference to what it maps; or NULL. `original`, or
 * NULL: as for enter_object().
 */
static inline struct vm_area_struct *vma_create(struct mm_struct *mm, vaddr_t start, vaddr_t end,
						const struct vma_kind *kind,
						struct vm_area_struct *original)
{
	struct vm_area_struct *vma = kmem_cache_alloc(vma_cache, GFP_KERNEL);

	if (!vma)
		return NULL;
	vma->vm_mm = mm;
	vma->vm_start = start;
	vma->vm_end = end;
	vma->vm_flags = kind->flags;
	vma->vm_page_prot = vm_get_page_prot(kind->flags);
	vma->vm_mapping = kind->mapping;
	vma->vm_pgoff = kind->pgoff;
	if (kind->mapping) {
		mapping_get(kind->mapping);
		mm->had_huge |= kind->flags & VM_HUGETLB;
		/* The open file, or the area that this one is made of, is a writer already. */
		if (kind->flags & VM_WRITER)
			BUG_ON(!mapping_get_write(kind->mapping));
		enter_object(vma, original);
	}
	return vma;
}

/* Frees an area that is in no list or tree of its space. */
static inline void free_area(struct vm_area_struct *vma)
{
	if (vma->vm_mapping) {
		leave_object(vma);
		if (vma->vm_flags & VM_WRITER)
			mapping_put_write(vma->vm_mapping);
		mapping_put(vma->vm_mapping);
	}
	kmem_cache_free(vma_cache, vma);
}

static void vma_destroy(struct vm_area_struct *vma)
{
	unlink(vma->vm_mm, vma);
	free_area(vma);
}

pgprot_t vm_get_page_prot(u32 vm_flags)
{
	const pteval_t large = vm_flags & VM_HUGETLB ? PTE_LARGE : 0;
	const pteval_t nx = vm_flags & VM_EXEC ? 0 : pte_nx;

	if (!(vm_flags & VM_ACCESS_MASK))
		return PAGE_NONE;
	/* A private page becomes writable when a fault finds that its frame has no other user. */
	if ((vm_flags & (VM_WRITE | VM_SHARED)) == (VM_WRITE | VM_SHARED))
		return (pgprot_t){ PAGE_SHARED.value | nx | large };
	return (pgprot_t){ PAGE_READONLY.value | nx | large };
}

void vma_set_flags(struct vm_area_struct *vma, u32 flags)
{
	s32 pages = (s32)vma_pages(vma);

	vm_stat_account(vma->vm_mm, vma->vm_flags, -pages);
	vm_stat_account(vma->vm_mm, flags, pages);
	vma->vm_flags = flags;
	vma->vm_page_prot = vm_get_page_prot(flags);
	trace_state(area_flags, vma, flags);
}

void vma_set_start(struct vm_area_struct *vma, vaddr_t start)
{
	trace_state(area_set_start, vma, start);
	vma->vm_start = start;
	gap_changed(vma);
}

static void set_end(struct vm_area_struct *vma, vaddr_t end)
{
	trace_state(area_set_end, vma, end);
	vma->vm_end = end;
	end_changed(vma);
	gap_changed(vma->vm_next);
}

/* As vma_set_start(), for an area that may be of an object. */
static void move_start(struct vm_area_struct *vma, vaddr_t start)
{
	if (vma->vm_mapping) {
		leave_object(vma);
		vma->vm_pgoff = linear_page_index(vma, start);
	}
	vma_set_start(vma, start);
	if (vma->vm_mapping)
		enter_object(vma, NULL);
}

/* --- Insert --- */

static inline struct vm_area_struct *insert_after(struct mm_struct *mm, struct vm_area_struct *prev,
						  vaddr_t start, vaddr_t end,
						  const struct vma_kind *kind,
						  struct vm_area_struct *original)
{
	struct vm_area_struct *vma = vma_create(mm, start, end, kind, original);

	if (!vma)
		return NULL;
	link(mm, prev, vma);
	if (unlikely(mm->areas.root))
		gap_changed(vma->vm_next);
	trace_state(area_insert, vma);
	vm_stat_account(mm, kind->flags, (s32)vma_pages(vma));
	return vma;
}

struct vm_area_struct *vma_insert_alone(struct mm_struct *mm, vaddr_t start, vaddr_t end,
					const struct vma_kind *kind)
{
	struct vm_area_struct *prev, *next = find_vma_prev(mm, start, &prev);

	BUG_ON(start >= end || (next && next->vm_start < end));
	return insert_after(mm, prev, start, end, kind, NULL);
}

struct vm_area_struct *vma_insert(struct mm_struct *mm, vaddr_t start, vaddr_t end,
				  const struct vma_kind *kind)
{
	struct vm_area_struct *prev, *next = find_vma_prev(mm, start, &prev);
	bool widens_prev = prev && prev->vm_end == start && vma_continues(prev, start, kind);
	bool widens_next = next && next->vm_start == end && vma_continues(next, start, kind);
	struct vm_area_struct *vma = widens_prev ? prev : next;

	BUG_ON(start >= end || (next && next->vm_start < end));
	if (!widens_prev && !widens_next)
		return insert_after(mm, prev, start, end, kind, NULL);
	if (widens_prev && widens_next) {
		vma_merge(prev, next);
	} else if (widens_prev) {
		set_end(prev, end);
	} else {
		move_start(next, start);
	}
	vm_stat_account(mm, kind->flags, (s32)((end - start) >> PAGE_SHIFT));
	mm->mmap_cache = vma;
	return vma;
}

struct vm_area_struct *vma_copy(struct mm_struct *mm, struct vm_area_struct *original,
				const struct vma_kind *kind)
{
	vaddr_t start = original->vm_start, end = original->vm_end;
	struct vm_area_struct *last = mm->mmap_last;

	BUG_ON(last && last->vm_end > start);
	if (last && last->vm_end == start && vma_continues(last, start, kind))
		return vma_insert(mm, start, end, kind);
	return insert_after(mm, last, start, end, kind, original);
}

/* --- Split --- */

u32 max_map_count = MAX_MAP_COUNT;

int vma_split(struct vm_area_struct *vma, vaddr_t address)
{
	const struct vma_kind kind = vma_kind_at(vma, address);
	struct mm_struct *mm = vma->vm_mm;
	struct vm_area_struct *upper;

	BUG_ON(address <= vma->vm_start || address >= vma->vm_end ||
	       !IS_ALIGNED(address, PAGE_SIZE));
	if (!IS_ALIGNED(address, vma_page_size(vma)))
		return -EINVAL;
	if (mm->map_count >= max_map_count)
		return -ENOMEM;
	upper = vma_create(mm, address, vma->vm_end, &kind, NULL);
	if (!upper)
		return -ENOMEM;
	trace_state(area_split, vma, address);
	vma->vm_end = address;
	end_changed(vma);
	link(mm, vma, upper);
	return 0;
}

int vma_isolate(struct vm_area_struct **vma, vaddr_t start, vaddr_t end)
{
	struct vm_area_struct *part = *vma;
	int err = 0;

	BUG_ON(start >= end || start >= part->vm_end || end <= part->vm_start);
	if (start > part->vm_start) {
		err = vma_split(part, start);
		if (err)
			return err;
		part = part->vm_next;
	}
	if (end < part->vm_end)
		err = vma_split(part, end);
	if (err) {
		if (part != *vma)
			vma_merge(*vma, part);
		return err;
	}
	*vma = part->vm_mm->mmap_cache = part;
	return 0;
}

/* --- Remove --- */

/* A part of an area goes away: it is not committed, or reserved, any more. */
static inline void uncharge(const struct vm_area_struct *vma, vaddr_t start, vaddr_t end)
{
	if (vma->vm_flags & VM_ACCOUNT)
		vm_unacct_memory((end - start) >> PAGE_SHIFT);
	else if (unlikely(vma->vm_flags & VM_HUGE_OWNER))
		remove_pages(vma->vm_mapping, linear_page_index(vma, start),
			     linear_page_index(vma, end));
}

static void remove_part(struct vm_area_struct *vma, vaddr_t start, vaddr_t end)
{
	struct vm_area_struct *next = vma->vm_next;
	struct mm_struct *mm = vma->vm_mm;
	u32 pages = (end - start) >> PAGE_SHIFT;

	if (unlikely(mm->total_vm > mm->max_vm))
		mm->max_vm = mm->total_vm;
	uncharge(vma, start, end);
	vm_stat_account(mm, vma->vm_flags, -(s32)pages);
	if (start > vma->vm_start) {
		BUG_ON(end < vma->vm_end); /* a hole: split first */
		set_end(vma, start);
	} else if (end < vma->vm_end) {
		move_start(vma, end);
	} else {
		trace_state(area_remove, vma);
		vma_destroy(vma);
		if (unlikely(mm->areas.root))
			gap_changed(next);
	}
}

void vma_remove(struct vm_area_struct *vma, vaddr_t start, vaddr_t end)
{
	struct vm_area_struct *next;

	for (; vma && vma->vm_start < end; vma = next) {
		next = vma->vm_next;
		remove_part(vma, max(start, vma->vm_start), min(end, vma->vm_end));
		cond_resched();
	}
}

void vma_remove_all(struct mm_struct *mm)
{
	struct vm_area_struct *vma, *next;

	mm->areas.root = NULL;
	mm->mmap_cache = NULL;
	for (vma = mm->mmap; vma; vma = next) {
		u32 pages = vma_pages(vma);

		trace(area_remove, vma);
		next = vma->vm_next;
		uncharge(vma, vma->vm_start, vma->vm_end);
		vm_stat_account(mm, vma->vm_flags, -(s32)pages);
		/* Other tasks may look at the space meanwhile. */
		mm->mmap = next;
		*(next ? &next->vm_prev : &mm->mmap_last) = NULL;
		mm->map_count--;
		free_area(vma);
		cond_resched();
	}
}

/* --- Merge --- */

void vma_merge(struct vm_area_struct *vma, struct vm_area_struct *next)
{
	BUG_ON(vma->vm_next != next || vma->vm_end > next->vm_start ||
	       vma->vm_mapping != next->vm_mapping);
	trace_state(area_merge, vma, next);
	vma->vm_end = next->vm_end;
	end_changed(vma);
	vma_destroy(next);
	vma->vm_mm->mmap_cache = vma;
}

void vma_merge_range(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	if (vma && vma->vm_prev)
		vma = vma->vm_prev;
	while (vma && vma->vm_next && vma->vm_next->vm_start <= end) {
		if (vma_can_merge(vma, vma->vm_next))
			vma_merge(vma, vma->vm_next);
		else
			vma = vma->vm_next;
		cond_resched();
	}
}
