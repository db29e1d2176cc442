/* SPDX-License-Identifier: MIT */
/* Truncation. Numbers cite the invariants of mm/page_cache/filemap.h. */
#include "mm/user_space/truncate.h"
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "mm/frames/highmem.h"
#include "mm/user_space/vma.h"

/* Unmaps the object's pages from `first` on in an area. False: reschedule and call again. */
static bool unmap_part(const struct vm_area_struct *vma, u32 first)
{
	u32 kept = first > vma->vm_pgoff ? first - vma->vm_pgoff : 0;
	vaddr_t start = vma->vm_start + (kept << PAGE_SHIFT), next;

	if (kept >= vma_pages(vma))
		return true; /* not reached: areas are searched by their ends */
	for (; start < vma->vm_end; start = next) {
		u32 pages = vma->vm_mm->rss + vma->vm_mm->nr_swap;

		next = pgtable_end(start, vma->vm_end);
		zap_page_range(vma->vm_mm, start, next);
		/* Only after some work, so that each call makes progress. */
		if (vma->vm_mm->rss + vma->vm_mm->nr_swap != pages && need_resched())
			return false;
	}
	return true;
}

/* Puts a cursor behind an area of the object. */
static void place_cursor(struct vm_area_struct *cursor, struct vm_area_struct *vma)
{
	cursor->vm_pgoff = vma ? vma->vm_pgoff : 0;
	gap_insert_after(&cursor->vm_mapping->i_mmap, vma ? &vma->shared : NULL, &cursor->shared,
			 0);
}

/* Unmaps the object's pages from `first` on in all areas behind the cursor, and removes it. */
static void unmap_behind(struct vm_area_struct *cursor, u32 first)
{
	struct address_space *mapping = cursor->vm_mapping;
	struct vm_area_struct *vma;

	while ((vma = next_sharing_area(mapping, cursor, first))) {
		if (unmap_part(vma, first)) {
			gap_erase(&mapping->i_mmap, &cursor->shared);
			place_cursor(cursor, vma);
		}
		cond_resched();
	}
	gap_erase(&mapping->i_mmap, &cursor->shared);
}

/*
 * Unmaps the object's pages from `first` on in all areas. Other tasks may insert and remove areas
 * meanwhile, so an area without pages serves as cursor. They may also give pages to an area that
 * it has passed, by a fork; then all areas are visited once more.
 *
 *      i_mmap:  done  done  cursor  next  ...         in order of vm_pgoff
 */
static void unmap_pages_from(struct address_space *mapping, u32 first)
{
	struct vm_area_struct cursor = { .vm_mapping = mapping };
	u32 changes;

	do {
		changes = mapping->i_mmap_changes;
		place_cursor(&cursor, NULL);
		unmap_behind(&cursor, first);
	} while (mapping->i_mmap_changes != changes);
}

/* Unmaps this page of the object from all areas. */
static void unmap_cache_page(struct address_space *mapping, const struct page *page)
{
	struct vm_area_struct *vma = NULL;

	/* The last reference is the cache's. A large page has the pool's too: all are tried. */
	while (page->count > 1 && (vma = next_sharing_area(mapping, vma, page->index)) &&
	       vma->vm_pgoff <= page->index)
		zap_object_page(vma, page->index, page);
}

/*
 * Removes the first page of [*first, end). False: there is none. Unmaps it in the same step,
 * because a fault of another task may have mapped it again.
 */
static bool remove_next_page(struct address_space *mapping, u32 *first, u32 end)
{
	void *item = radix_tree_next(&mapping->pages, first);

	if (!item || *first >= end)
		return false;
	if (item_is_absent(item)) {
		mapping_remove_absent(mapping, *first, item);
	} else {
		unmap_cache_page(mapping, item);
		delete_from_page_cache(item);
	}
	cond_resched();
	return true;
}

/*
 * The page that `size` cuts, with a reference, or NULL: there is none. It may be in swap, and must
 * not go there before it is cleared. Returns 0, -ENOMEM or -EIO.
 */
static int hold_last_page(struct address_space *mapping, u64 size, struct page **page)
{
	u32 index = (u32)(size >> PAGE_SHIFT);
	int err = 0;

	*page = NULL;
	if (size > mapping->i_size || !((u32)size & ~PAGE_MASK))
		return 0;
	if (radix_tree_lookup(&mapping->pages, index))
		err = get_cache_page(mapping, index, page);
	if (!err && *page)
		get_page(*page);
	return err;
}

/* Restores (3) after shrinking to `size`, and drops the reference. */
static void clear_behind(struct page *page, u64 size)
{
	u32 offset = (u32)size & ~PAGE_MASK;

	if (!page)
		return;
	memset((char *)kmap_atomic(page) + offset, 0, PAGE_SIZE - offset);
	kunmap_atomic(page);
	put_page(page);
}

int mapping_truncate(struct address_space *mapping, u64 size)
{
	u32 first = (u32)((size + PAGE_SIZE - 1) >> PAGE_SHIFT);
	struct page *last;
	u64 before;
	int err;

	if (size > MAPPING_SIZE_MAX)
		return -EFBIG;
	BUG_ON(!mapping->lock.locked);
	err = hold_last_page(mapping, size, &last);
	before = mapping->i_size;
	if (!err)
		mapping->i_size = size;
	if (!err && size < before) {
		unmap_pages_from(mapping, first);
		while (remove_next_page(mapping, &first, UINT32_MAX))
			; /* (5): each after it was unmapped */
	}
	/* Also to the same size, as on Linux: a mapping may have written behind the end. */
	clear_behind(last, size);
	return err;
}

void mapping_punch_hole(struct address_space *mapping, u32 first, u32 end)
{
	while (remove_next_page(mapping, &first, end) && !task_killed())
		;
}

const char *mapping_validate_areas(const struct address_space *mapping)
{
	const char *violated = gap_tree_validate(&mapping->i_mmap);
	const struct vm_area_struct *last = NULL;
	u32 areas = 0;

	for (struct gap_node *node = gap_first(&mapping->i_mmap); node && !violated;
	     node = gap_next(node)) {
		const struct vm_area_struct *vma = gap_entry(node, struct vm_area_struct, shared);

		if (vma->vm_mapping != mapping)
			return "(4) an area maps something else";
		if (node->gap && node->gap != vma->vm_pgoff + vma_pages(vma))
			return "(4) an area is in the tree with another end";
		if (last && last->vm_pgoff > vma->vm_pgoff)
			return "(4) areas are not in order";
		last = vma;
		areas++;
	}
	if (violated)
		return violated;
	return areas <= mapping->count ? NULL : "(4) an area has no reference";
}
