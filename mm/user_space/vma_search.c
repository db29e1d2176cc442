/* SPDX-License-Identifier: MIT */
/*
 * Finding areas and free addresses: in the list while there are few areas, in the tree when there
 * are many (mm/user_space/vma.h).
 */
#include "mm/user_space/vma.h"
#include "abi/linux/errno.h"

/* --- Finding areas --- */

static struct vm_area_struct *area_of(struct gap_node *node)
{
	return node ? gap_entry(node, struct vm_area_struct, node) : NULL;
}

/* The address lies below the end of the last area. */
static struct vm_area_struct *search_tree(const struct mm_struct *mm, vaddr_t address)
{
	struct vm_area_struct *vma = area_of(mm->areas.root), *found = mm->mmap_last;

	while (vma) {
		if (vma->vm_end <= address) {
			vma = area_of(vma->node.right);
			continue;
		}
		found = vma;
		if (vma->vm_start <= address)
			return vma;
		vma = area_of(vma->node.left);
	}
	/* It may be one of the followers before. */
	while (found->vm_prev && found->vm_prev->vm_end > address)
		found = found->vm_prev;
	return found;
}

struct vm_area_struct *vma_search(struct mm_struct *mm, vaddr_t address)
{
	struct vm_area_struct *vma = mm->mmap;

	if (!vma || mm->mmap_last->vm_end <= address)
		return NULL;
	if (mm->areas.root)
		vma = search_tree(mm, address);
	else
		while (vma->vm_end <= address)
			vma = vma->vm_next;
	mm->mmap_cache = vma;
	return vma;
}

/* --- Finding free addresses --- */

/* The next area above this one that has so many free pages below it, or NULL. */
static struct vm_area_struct *next_gap(const struct mm_struct *mm, struct vm_area_struct *vma,
				       u32 pages)
{
	if (mm->areas.root) {
		vma = vma_in_tree(vma) ? vma : vma_prev_in_tree(vma);
		return area_of(gap_search(&mm->areas, vma ? &vma->node : NULL, pages));
	}
	vma = vma->vm_next;
	while (vma && vma_gap(vma) < pages)
		vma = vma->vm_next;
	return vma;
}

/* The lowest free interval at or above `from`, or -ENOMEM. */
static vaddr_t search_up(struct mm_struct *mm, vaddr_t from, u32 length)
{
	struct vm_area_struct *vma = find_vma(mm, from);
	vaddr_t end = vma ? vm_start_gap(vma) : TASK_SIZE;

	if (end > from && end - from >= length)
		return from;
	if (!vma)
		return (vaddr_t)-ENOMEM;
	vma = next_gap(mm, vma, length >> PAGE_SHIFT);
	if (vma) {
		mm->mmap_cache = vma;
		return vma->vm_prev->vm_end;
	}
	from = mm->mmap_last->vm_end;
	return TASK_SIZE - from >= length ? from : (vaddr_t)-ENOMEM;
}

/* No area has it, it is not in the guard of a stack, and it lies where user memory may. */
static bool interval_free(struct mm_struct *mm, vaddr_t start, u32 length)
{
	struct vm_area_struct *vma;

	if (start < USER_MIN || length > TASK_SIZE || start > TASK_SIZE - length)
		return false;
	vma = find_vma(mm, start);
	return !vma || start + length <= vm_start_gap(vma);
}

vaddr_t get_unmapped_area(struct mm_struct *mm, vaddr_t hint, u32 length)
{
	vaddr_t found;

	if (length > TASK_SIZE - USER_MIN)
		return (vaddr_t)-ENOMEM;
	if (hint) {
		/* As on Linux a hint below the minimum asks for the minimum. */
		hint = max(ALIGN_DOWN(hint, PAGE_SIZE), (vaddr_t)USER_MIN);
		if (interval_free(mm, hint, length))
			return hint;
	}
	found = search_up(mm, MMAP_BASE, length);
	return IS_ERR_VALUE(found) ? search_up(mm, USER_MIN, length) : found;
}

vaddr_t get_unmapped_huge_area(struct mm_struct *mm, vaddr_t hint, u32 length)
{
	const vaddr_t aligned = ALIGN_UP(hint, LARGE_PAGE_SIZE);

	if (interval_free(mm, aligned, length))
		return aligned;
	/* With so much more, a part of it is aligned; as Linux's align_mask. */
	hint = get_unmapped_area(mm, 0, length + LARGE_PAGE_SIZE - PAGE_SIZE);
	return IS_ERR_VALUE(hint) ? hint : ALIGN_UP(hint, LARGE_PAGE_SIZE);
}
