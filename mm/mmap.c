/* SPDX-License-Identifier: MIT */
/* mmap: checks, a free interval, an area. Pages come with the first touch. */
#include "lib/errno.h"
#include "mm/mm_internal.h"

/* The interval is not taken, keeps away from a stack above it, and lies where user memory may. */
static bool interval_free(struct mm_struct *mm, vaddr_t start, u32 length)
{
	struct vm_area_struct *vma;

	if (start < USER_MIN || length > TASK_SIZE || start > TASK_SIZE - length)
		return false;
	vma = find_vma(mm, start);
	return !vma || start + length <= vm_start_gap(vma);
}

/* The lowest free interval at or above `from`, or -ENOMEM. */
static vaddr_t search_up(struct mm_struct *mm, vaddr_t from, u32 length)
{
	struct vm_area_struct *vma = find_vma(mm, from);

	for (;; vma = vma->vm_next) {
		vaddr_t end = vma ? vm_start_gap(vma) : TASK_SIZE;

		if (end > from && end - from >= length)
			return from;
		if (!vma)
			return (vaddr_t)-ENOMEM;
		from = vma->vm_end;
	}
}

vaddr_t get_unmapped_area(struct mm_struct *mm, vaddr_t hint, u32 length)
{
	vaddr_t found;

	if (length > TASK_SIZE - USER_MIN)
		return (vaddr_t)-ENOMEM;
	hint = ALIGN_DOWN(hint, PAGE_SIZE);
	if (hint && interval_free(mm, hint, length))
		return hint;
	found = search_up(mm, MMAP_BASE, length);
	return IS_ERR_VALUE(found) ? search_up(mm, USER_MIN, length) : found;
}

/* Where a MAP_FIXED mapping goes: where the caller says, if that can be. What lies there is unmapped by do_mmap(). */
static vaddr_t fixed_place(struct mm_struct *mm, vaddr_t address, u32 length, u32 flags)
{
	if (length > TASK_SIZE || address > TASK_SIZE - length)
		return (vaddr_t)-ENOMEM;
	if (!IS_ALIGNED(address, PAGE_SIZE))
		return (vaddr_t)-EINVAL;
	if (address < USER_MIN)
		return (vaddr_t)-EPERM;
	if (flags & MAP_FIXED_NOREPLACE && find_vma_intersection(mm, address, address + length))
		return (vaddr_t)-EEXIST;
	return address;
}

static int check_flags(u32 flags)
{
	if (!(flags & MAP_ANONYMOUS))
		return -EBADF;
	/* Shared memory is refused, not taken for private. */
	return (flags & MAP_TYPE) == MAP_PRIVATE ? 0 : -EINVAL;
}

vaddr_t do_mmap(struct mm_struct *mm, vaddr_t address, u32 length, u32 prot, u32 flags)
{
	u32 vm_flags = prot_to_vm_flags(prot) | (flags & MAP_GROWSDOWN ? VM_GROWSDOWN : 0);
	int err = check_flags(flags);

	if (!length)
		return (vaddr_t)-EINVAL;
	if (err)
		return (vaddr_t)err;
	length = PAGE_ALIGN(length);
	if (!length)
		return (vaddr_t)-ENOMEM;
	if (mm->map_count >= MAX_MAP_COUNT)
		return (vaddr_t)-ENOMEM;

	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))
		address = fixed_place(mm, address, length, flags);
	else
		address = get_unmapped_area(mm, address, length);
	if (IS_ERR_VALUE(address))
		return address;
	if (find_vma_intersection(mm, address, address + length)) {
		err = do_munmap(mm, address, length);
		if (err)
			return (vaddr_t)err;
	}
	return vma_add(mm, address, address + length, vm_flags) ? address : (vaddr_t)-ENOMEM;
}
