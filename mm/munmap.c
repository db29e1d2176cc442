/* SPDX-License-Identifier: MIT */
/*
 * munmap: the areas are cut at both ends of the hole, which is all that can fail; then pages, page tables and areas of the
 * hole go.
 *
 *      |aaaaaaaa|  |bb|  |cccc|
 *           |------ hole ---|
 *      |aaaa|               |c|
 */
#include "lib/errno.h"
#include "mm/mm_internal.h"

int do_munmap(struct mm_struct *mm, vaddr_t start, u32 length)
{
	vaddr_t end;
	int err;

	if (!IS_ALIGNED(start, PAGE_SIZE) || start > TASK_SIZE || length > TASK_SIZE - start)
		return -EINVAL;
	length = PAGE_ALIGN(length);
	if (!length)
		return -EINVAL;
	end = start + length;
	if (!find_vma_intersection(mm, start, end))
		return 0;
	err = vma_isolate(mm, start, end);
	if (err)
		return err;
	zap_page_range(mm, start, end);
	vma_remove(mm, start, end);
	free_pgtables(mm, start, end);
	return 0;
}
