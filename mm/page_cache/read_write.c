/* SPDX-License-Identifier: MIT */
/*
 * Reading and writing objects, page by page. copy() may fault on the same object, so a page is
 * held while it runs, and the tree may have changed afterwards.
 */
#include "mm/page_cache/filemap_internal.h"
#include "abi/linux/errno.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/frames/highmem.h"

/* The page to read from; for a hole the zero page. */
static int page_to_read(struct address_space *mapping, u32 index, struct page **page)
{
	*page = find_page(mapping, index);
	if (likely(*page))
		return 0;
	if ((mapping->a_ops->readpage && !mapping->a_ops->sparse) ||
	    radix_tree_lookup(&mapping->pages, index))
		return add_cache_page(mapping, index, page);
	*page = zero_page;
	return 0;
}

/* Copies part of a page. Returns the bytes copied, or -EFAULT if there were none. */
static inline s32 copy_in_page(struct page *page, u32 offset, u32 part, mapping_copy_t copy,
			       void *context)
{
	u32 left;

	page->count++; /* not reclaim's: copy() may fault */
	left = copy((char *)kmap_atomic(page) + offset, part, context);
	kunmap_atomic(page);
	BUG_ON(!--page->count || left > part);
	return left < part ? (s32)(part - left) : -EFAULT;
}

s32 mapping_copy_from(struct address_space *mapping, u64 position, u32 bytes, mapping_copy_t copy,
		      void *context)
{
	u32 done = 0;
	s32 moved = 0;

	/* Other tasks may shrink the object in cond_resched(), so i_size is read each time. */
	while (done < bytes && position + done < mapping->i_size) {
		u64 at = position + done;
		u32 offset = (u32)at & ~PAGE_MASK, part = min(bytes - done, PAGE_SIZE - offset);
		struct page *page;

		part = (u32)min((u64)part, mapping->i_size - at);
		moved = page_to_read(mapping, (u32)(at >> PAGE_SHIFT), &page);
		if (!moved)
			moved = copy_in_page(page, offset, part, copy, context);
		if (moved < 0)
			break;
		done += (u32)moved;
		if ((u32)moved < part || done == bytes || task_killed())
			break;
		cond_resched();
	}
	return done ? (s32)done : moved;
}

/* Another page came to the index meanwhile, and gets the contents. 0 or -errno. */
static noinline int copy_contents(struct address_space *mapping, u32 index, struct page *page,
				  u32 bytes)
{
	struct page *there;
	int err = get_cache_page(mapping, index, &there);
	void *to;

	if (err)
		return err; /* not reached: the page was there a moment ago */
	to = kmap_atomic(there);
	memcpy(to, kmap_atomic(page), bytes);
	kunmap_atomic(page);
	kunmap_atomic(there);
	return 0;
}

/*
 * Writes a whole page where the object has none: so it need not be cleared. It is entered last:
 * a fault that copy() takes on the same object must not see what is not written yet. Returns as
 * copy_in_page(), or -ENOSPC, -ENOMEM.
 */
static s32 write_new_page(struct address_space *mapping, u32 index, mapping_copy_t copy,
			  void *context)
{
	int err = charge(mapping, index);
	struct page *page;
	u32 left;
	char *to;

	if (err)
		return err;
	page = alloc_page(GFP_PAGECACHE);
	if (!page)
		return -ENOMEM;
	page->mapping = mapping;
	page->index = index;
	page->count = 2; /* not reclaim's: copy() may fault, the tree may need a node */
	to = kmap_atomic(page);
	left = copy(to, PAGE_SIZE, context);
	BUG_ON(left > PAGE_SIZE);
	if (unlikely(left))
		memset(to + PAGE_SIZE - left, 0, left);
	kunmap_atomic(page);
	err = left < PAGE_SIZE ? enter_page(mapping, index, page) : -EFAULT;
	if (unlikely(err)) {
		if (err == -EEXIST)
			err = copy_contents(mapping, index, page, PAGE_SIZE - left);
		drop_page(page);
	}
	put_page(page);
	return err ? err : (s32)(PAGE_SIZE - left);
}

/* The same for a part of a page that is not in memory: makes the page. */
static noinline s32 write_absent(struct address_space *mapping, u32 index, u32 offset, u32 part,
				 mapping_copy_t copy, void *context)
{
	struct page *page;
	s32 moved;

	if (index >= MAPPING_SIZE_MAX >> PAGE_SHIFT)
		return -EFBIG;
	if (part == PAGE_SIZE && !radix_tree_lookup(&mapping->pages, index))
		return write_new_page(mapping, index, copy, context);
	moved = add_cache_page(mapping, index, &page);
	if (moved)
		return moved;
	moved = copy_in_page(page, offset, part, copy, context);
	if (moved < 0 && index >= mapping_pages(mapping))
		remove_pages(mapping, index, UINT32_MAX);
	return moved;
}

/* The object ends at `offset` in page `index`, or after it. */
static inline void raise_size(struct address_space *mapping, u32 index, u32 offset)
{
	u64 end = ((u64)index << PAGE_SHIFT) + offset;

	if (end > mapping->i_size)
		mapping->i_size = end;
}

s32 mapping_copy_to(struct address_space *mapping, u64 position, u32 bytes, mapping_copy_t copy,
		    void *context)
{
	u32 index = (u32)(position >> PAGE_SHIFT), offset = (u32)position & ~PAGE_MASK;
	u32 left = bytes;
	s32 moved = 0;

	if (unlikely(position >= MAPPING_SIZE_MAX))
		return bytes ? -EFBIG : 0;
	while (left) {
		u32 part = min(left, PAGE_SIZE - offset);
		struct page *page = find_page(mapping, index);

		/*
		 * After a short copy the rest is tried again, as on Linux: the source may be a
		 * mapping of this object, readable now that i_size is larger.
		 */
		moved = likely(page) ? copy_in_page(page, offset, part, copy, context)
				     : write_absent(mapping, index, offset, part, copy, context);
		if (moved < 0)
			break;
		left -= (u32)moved;
		offset += (u32)moved;
		/*
		 * Only now: until i_size is raised no fault can map a page after the end, not even
		 * one that copy() takes on the same object.
		 */
		raise_size(mapping, index, offset);
		if (!left || task_killed())
			break;
		index += offset >> PAGE_SHIFT;
		offset &= ~PAGE_MASK;
		cond_resched();
	}
	return left < bytes ? (s32)(bytes - left) : moved;
}

u32 copy_to_buffer(void *kernel, u32 bytes, void *context)
{
	char **buffer = context;

	memcpy(*buffer, kernel, bytes);
	*buffer += bytes;
	return 0;
}

u32 copy_from_buffer(void *kernel, u32 bytes, void *context)
{
	const char **buffer = context;

	memcpy(kernel, *buffer, bytes);
	*buffer += bytes;
	return 0;
}

s32 mapping_read(struct address_space *mapping, void *buffer, u32 bytes, u64 position)
{
	return mapping_copy_from(mapping, position, bytes, copy_to_buffer, &buffer);
}
