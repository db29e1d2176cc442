/* SPDX-License-Identifier: MIT */
/*
 * Areas: making, joining and ending them, and their sums. The numbers are the invariants of mm/user_space/mm.h.
 *
 * Inserting, before and after:
 *
 *      |aaaa|  new |aaaa|      alike on both sides: three become one
 *      |aaaaaaaaaaaaaaaa|
 *
 *      |aaaa|  new |bbbb|      alike on one side: that area is widened
 *      |aaaaaaaaaaa|bbbb|
 */
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "mm/page_cache/filemap.h"
#include "mm/user_space/mm_internal.h"
#include "mm/user_space/overcommit.h"
#include "mm/slab/slab.h"

static struct kmem_cache *vma_cache;

void vma_init(void)
{
	vma_cache = kmem_cache_create("vm_area_struct", sizeof(struct vm_area_struct), 0, 0, NULL,
				      NULL);
	BUG_ON(!vma_cache);
}

pgprot_t vm_get_page_prot(u32 vm_flags)
{
	if (!(vm_flags & VM_ACCESS_MASK))
		return PAGE_NONE;
	/* Private pages become writable one by one, when a fault has seen that nobody else has them. */
	if ((vm_flags & (VM_WRITE | VM_SHARED)) == (VM_WRITE | VM_SHARED))
		return PAGE_SHARED;
	return PAGE_READONLY;
}

void vma_set_flags(struct vm_area_struct *vma, u32 flags)
{
	s32 pages = (s32)vma_pages(vma);

	vm_stat_account(vma->vm_mm, vma->vm_flags, -pages);
	vm_stat_account(vma->vm_mm, flags, pages);
	vma->vm_flags = flags;
	vma->vm_page_prot = vm_get_page_prot(flags);
}

struct vm_area_struct *vma_alloc(struct mm_struct *mm, vaddr_t start, vaddr_t end,
				 const struct vma_kind *kind)
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
		/* The open file, or the area that this one is made of, is a writer already. */
		if (kind->flags & VM_WRITER)
			BUG_ON(!mapping_get_write(kind->mapping));
		list_add_tail(&vma->shared, &kind->mapping->i_mmap);
	}
	return vma;
}

void vma_end(struct mm_struct *mm, struct vm_area_struct *vma)
{
	vma_unlink(mm, vma);
	if (vma->vm_mapping) {
		list_del(&vma->shared);
		if (vma->vm_flags & VM_WRITER)
			mapping_put_write(vma->vm_mapping);
		mapping_put(vma->vm_mapping);
	}
	kmem_cache_free(vma_cache, vma);
}

static struct vm_area_struct *enter_behind(struct mm_struct *mm, struct vm_area_struct *prev,
					   vaddr_t start, vaddr_t end, const struct vma_kind *kind)
{
	struct vm_area_struct *vma = vma_alloc(mm, start, end, kind);

	if (vma)
		vma_link(mm, prev, vma);
	return vma;
}

void vma_swallow(struct vm_area_struct *vma, struct vm_area_struct *next)
{
	BUG_ON(vma->vm_next != next || vma->vm_end > next->vm_start ||
	       vma->vm_mapping != next->vm_mapping);
	vma->vm_end = next->vm_end;
	/* It has entries that were another area's: a walk over i_mmap that has passed it sees it again (mm/page_cache/filemap.c). */
	if (vma->vm_mapping)
		list_move_tail(&vma->shared, &vma->vm_mapping->i_mmap);
	vma_end(vma->vm_mm, next);
}

/* What begins at `start` would be a part of the area before it. */
static bool alike_before(const struct vm_area_struct *prev, vaddr_t start,
			 const struct vma_kind *kind)
{
	return prev && prev->vm_end == start && prev->vm_flags == kind->flags &&
	       prev->vm_mapping == kind->mapping &&
	       (!kind->mapping || prev->vm_pgoff + vma_pages(prev) == kind->pgoff);
}

static bool alike_behind(const struct vm_area_struct *next, vaddr_t start, vaddr_t end,
			 const struct vma_kind *kind)
{
	return next && next->vm_start == end && next->vm_flags == kind->flags &&
	       next->vm_mapping == kind->mapping &&
	       (!kind->mapping || kind->pgoff + ((end - start) >> PAGE_SHIFT) == next->vm_pgoff);
}

struct vm_area_struct *vma_enter(struct mm_struct *mm, vaddr_t start, vaddr_t end,
				 const struct vma_kind *kind)
{
	struct vm_area_struct *prev, *next = find_vma_prev(mm, start, &prev), *vma;

	BUG_ON(start >= end || (next && next->vm_start < end));
	vma = enter_behind(mm, prev, start, end, kind);
	if (vma)
		vm_stat_account(mm, kind->flags, (s32)vma_pages(vma));
	return vma;
}

struct vm_area_struct *vma_insert(struct mm_struct *mm, vaddr_t start, vaddr_t end,
				  const struct vma_kind *kind)
{
	struct vm_area_struct *prev, *next = find_vma_prev(mm, start, &prev), *vma;
	bool behind = alike_behind(next, start, end, kind);

	BUG_ON(start >= end || (next && next->vm_start < end));
	if (alike_before(prev, start, kind)) {
		vma = prev;
		if (behind)
			vma_swallow(prev, next);
		else
			vma_set_end(prev, end);
	} else if (behind) {
		vma = next;
		next->vm_pgoff = kind->pgoff;
		vma_set_start(next, start);
	} else {
		vma = enter_behind(mm, prev, start, end, kind);
	}
	if (!vma)
		return NULL;
	vm_stat_account(mm, kind->flags, (s32)((end - start) >> PAGE_SHIFT));
	mm->mmap_cache = vma;
	return vma;
}

struct vm_area_struct *vma_add(struct mm_struct *mm, vaddr_t start, vaddr_t end, u32 flags)
{
	struct vma_kind kind = { .flags = flags | VM_MAY_MASK };
	u32 pages = (end - start) >> PAGE_SHIFT;
	struct vm_area_struct *vma;

	BUG_ON(flags & VM_ACCOUNT); /* charged here */
	if (accountable(flags)) {
		if (vm_enough_memory(mm, pages))
			return NULL;
		kind.flags |= VM_ACCOUNT;
	}
	vma = vma_insert(mm, start, end, &kind);
	if (!vma && kind.flags & VM_ACCOUNT)
		vm_unacct_memory(pages);
	return vma;
}
