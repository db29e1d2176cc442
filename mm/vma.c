/* SPDX-License-Identifier: MIT */
/*
 * The list of areas. The numbers are the invariants of mm/mm.h.
 *
 * Adding, before and after:
 *
 *      |aaaa|  new |aaaa|      alike on both sides: three become one
 *      |aaaaaaaaaaaaaaaa|
 *
 *      |aaaa|  new |bbbb|      alike on one side: that area is widened
 *      |aaaaaaaaaaa|bbbb|
 */
#include "mm/mm.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/mm_internal.h"
#include "mm/slab.h"

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

struct vm_area_struct *find_vma_prev(struct mm_struct *mm, vaddr_t address,
				     struct vm_area_struct **prev)
{
	struct vm_area_struct *before = NULL, *vma;

	for (vma = mm->mmap; vma && vma->vm_end <= address; vma = vma->vm_next)
		before = vma;
	*prev = before;
	return vma;
}

struct vm_area_struct *find_vma(struct mm_struct *mm, vaddr_t address)
{
	struct vm_area_struct *vma = mm->mmap_cache, *prev;

	if (vma && vma->vm_start <= address && address < vma->vm_end)
		return vma;
	vma = find_vma_prev(mm, address, &prev);
	if (vma)
		mm->mmap_cache = vma;
	return vma;
}

struct vm_area_struct *find_vma_intersection(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	return vma && vma->vm_start < end ? vma : NULL;
}

vaddr_t vm_start_gap(const struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_GROWSDOWN))
		return vma->vm_start;
	return vma->vm_start > STACK_GUARD_GAP ? vma->vm_start - STACK_GUARD_GAP : 0;
}

static u32 vma_pages(const struct vm_area_struct *vma)
{
	return (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
}

/* The link that names the area behind `prev`. */
static struct vm_area_struct **link_after(struct mm_struct *mm, struct vm_area_struct *prev)
{
	return prev ? &prev->vm_next : &mm->mmap;
}

/* Unlinks and frees the area behind `prev`. Its pages are no longer the list's business. */
static void drop_after(struct mm_struct *mm, struct vm_area_struct *prev)
{
	struct vm_area_struct **link = link_after(mm, prev), *vma = *link;

	*link = vma->vm_next;
	mm->map_count--;
	mm->mmap_cache = NULL;
	kmem_cache_free(vma_cache, vma);
}

static struct vm_area_struct *enter_after(struct mm_struct *mm, struct vm_area_struct *prev,
					  vaddr_t start, vaddr_t end, u32 flags)
{
	struct vm_area_struct **link = link_after(mm, prev);
	struct vm_area_struct *vma = kmem_cache_alloc(vma_cache, GFP_KERNEL);

	if (!vma)
		return NULL;
	*vma = (struct vm_area_struct){
		.vm_mm = mm,
		.vm_start = start,
		.vm_end = end,
		.vm_next = *link,
		.vm_flags = flags,
		.vm_page_prot = vm_get_page_prot(flags),
	};
	*link = vma;
	mm->map_count++;
	return vma;
}

/* `vma` and an area behind it that touches it would be one. */
static bool can_merge(const struct vm_area_struct *vma, vaddr_t start, u32 flags)
{
	return vma && vma->vm_end == start && vma->vm_flags == flags;
}

struct vm_area_struct *vma_add(struct mm_struct *mm, vaddr_t start, vaddr_t end, u32 flags)
{
	struct vm_area_struct *prev, *next = find_vma_prev(mm, start, &prev), *vma;

	BUG_ON(start >= end || (next && next->vm_start < end));
	if (can_merge(prev, start, flags)) {
		prev->vm_end = end;
		vma = prev;
		if (next && can_merge(prev, next->vm_start, next->vm_flags)) {
			prev->vm_end = next->vm_end;
			drop_after(mm, prev);
		}
	} else if (next && next->vm_start == end && next->vm_flags == flags) {
		next->vm_start = start;
		vma = next;
	} else {
		vma = enter_after(mm, prev, start, end, flags);
	}
	if (vma)
		mm->total_vm += (end - start) >> PAGE_SHIFT;
	return vma;
}

int split_vma(struct mm_struct *mm, struct vm_area_struct *vma, vaddr_t address)
{
	BUG_ON(address <= vma->vm_start || address >= vma->vm_end ||
	       !IS_ALIGNED(address, PAGE_SIZE));
	if (mm->map_count >= MAX_MAP_COUNT)
		return -ENOMEM;
	if (!enter_after(mm, vma, address, vma->vm_end, vma->vm_flags))
		return -ENOMEM;
	vma->vm_end = address;
	return 0;
}

int vma_isolate(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	struct vm_area_struct *vma = find_vma(mm, start);
	int err = 0;

	if (vma && vma->vm_start < start)
		err = split_vma(mm, vma, start);
	if (err)
		return err;
	vma = find_vma(mm, end - 1);
	if (vma && vma->vm_start < end && vma->vm_end > end)
		err = split_vma(mm, vma, end);
	if (err)
		vma_merge(mm, start, end);
	return err;
}

void vma_remove(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	struct vm_area_struct *prev, *vma = find_vma_prev(mm, start, &prev);

	for (; vma && vma->vm_start < end; vma = *link_after(mm, prev)) {
		BUG_ON(vma->vm_start < start || vma->vm_end > end);
		mm->total_vm -= vma_pages(vma);
		drop_after(mm, prev);
	}
}

void vma_merge(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	struct vm_area_struct *prev, *vma = find_vma_prev(mm, start, &prev);

	if (prev)
		vma = prev;
	while (vma && vma->vm_next && vma->vm_next->vm_start <= end) {
		struct vm_area_struct *next = vma->vm_next;

		if (can_merge(vma, next->vm_start, next->vm_flags)) {
			vma->vm_end = next->vm_end;
			drop_after(mm, vma);
		} else {
			vma = next;
		}
	}
}

int vma_copy_all(struct mm_struct *to, const struct mm_struct *from)
{
	struct vm_area_struct *last = NULL;

	for (const struct vm_area_struct *vma = from->mmap; vma; vma = vma->vm_next) {
		last = enter_after(to, last, vma->vm_start, vma->vm_end, vma->vm_flags);
		if (!last)
			return -ENOMEM;
		to->total_vm += vma_pages(vma);
	}
	return 0;
}
