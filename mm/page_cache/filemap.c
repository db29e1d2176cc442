/* SPDX-License-Identifier: MIT */
/* The page cache. Numbers cite the invariants of the header. */
#include "mm/page_cache/filemap.h"
#include "mm/page_cache/trace_events.h"
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "mm/frames/highmem.h"
#include "mm/frames/lru.h"
#include "mm/swap/swap.h"
#include "mm/slab/slab.h"

LIST_HEAD(mapping_list);
static struct kmem_cache *node_cache;

static void construct_node(void *node)
{
	memset(node, 0, sizeof(struct radix_tree_node));
}

static struct radix_tree_node *alloc_node(void)
{
	return kmem_cache_alloc(node_cache, GFP_KERNEL);
}

static void free_node(struct radix_tree_node *node)
{
	kmem_cache_free(node_cache, node);
}

static const struct radix_tree_ops node_ops = { alloc_node, free_node };

void filemap_init(void)
{
	list_init(&mapping_list);
	node_cache = kmem_cache_create("radix_tree_node", sizeof(struct radix_tree_node), 0, 0,
				       construct_node, NULL);
	BUG_ON(!node_cache);
}

void mapping_init(struct address_space *mapping, const struct address_space_operations *a_ops,
		  u64 size)
{
	*mapping = (struct address_space){
		.a_ops = a_ops,
		.count = 1,
		.i_size = size,
		.pages = { .ops = &node_ops },
	};
	mutex_init(&mapping->lock);
	list_add_tail(&mapping->link, &mapping_list);
}

u32 nr_memory_only_pages(void)
{
	const struct address_space *mapping;
	u32 pages = 0;

	list_for_each_entry (mapping, &mapping_list, link)
		if (!mapping_refills(mapping))
			pages += mapping->nrpages;
	return pages;
}

/* --- Pages that are not in memory: items of the tree (filemap.h) --- */

#define ITEM_DROPPED 0x80u

static void *item_for_swap(swp_entry_t entry)
{
	return (void *)(uintptr_t)(entry.value | 1);
}

static swp_entry_t item_to_swap(const void *item)
{
	return (swp_entry_t){ (u32)(uintptr_t)item & ~1u };
}

static bool item_in_swap(const void *item)
{
	return item_is_absent(item) && !((uintptr_t)item & ITEM_DROPPED);
}

static void *item_for_dropped(void)
{
	return (void *)(uintptr_t)(++swap_counters.evictions << 8 | ITEM_DROPPED | 1);
}

/* Evictions since the page was dropped. */
static u32 item_distance(const void *item)
{
	return (swap_counters.evictions - ((u32)(uintptr_t)item >> 8)) & 0xffffff;
}

struct page *find_next_page(const struct address_space *mapping, u32 *index)
{
	void *item;

	while (item_is_absent(item = radix_tree_next(&mapping->pages, index)))
		++*index;
	return item;
}

void mapping_remove_absent(struct address_space *mapping, u32 index, void *item)
{
	radix_tree_delete(&mapping->pages, index);
	mapping->nrabsent--;
	if (item_in_swap(item))
		swap_free(item_to_swap(item));
}

void mapping_evict(struct page *page)
{
	struct address_space *mapping = page->mapping;
	bool in_swap = page->flags & PG_swapcache;
	u32 index = in_swap ? page_swap_place(page) : page->index;
	void *item = in_swap ? item_for_swap(page_swap_entry(page)) : item_for_dropped();

	BUG_ON(!in_swap && !mapping_refills(mapping));
	if (in_swap)
		BUG_ON(swap_duplicate(page_swap_entry(page))); /* a new slot */
	trace(mm_filemap_delete_from_page_cache, mapping, index, page);
	radix_tree_replace(&mapping->pages, index, item);
	mapping->nrpages--;
	mapping->nrabsent++;
	page->mapping = NULL;
	put_page(page);
}

/* Puts a page in place of the item. The page's reference goes to the cache. */
static void restore_page(struct address_space *mapping, u32 index, struct page *page)
{
	page->mapping = mapping;
	page->index = index;
	radix_tree_replace(&mapping->pages, index, page);
	mapping->nrabsent--;
	mapping->nrpages++;
	trace(mm_filemap_add_to_page_cache, mapping, index, page);
}

/* Reads a page from swap; the slot is freed. Returns 0, -ENOMEM or -EIO. */
static int swap_in(struct address_space *mapping, u32 index, swp_entry_t entry,
		   struct page **restored)
{
	struct page *page = lookup_swap_cache(entry);
	u32 distance = 0;
	int err = page ? 0 : swap_read(entry, &page, &distance);

	if (err)
		return err;
	if (page->flags & PG_readahead)
		swap_counters.ra_hits++;
	page->flags &= ~(u32)PG_readahead;
	get_page(page);
	swap_free(entry);
	if (page->flags & PG_swapcache)
		delete_from_swap_cache(page);
	change_page_owner(page, OWNER_PAGECACHE);
	restore_page(mapping, index, page);
	if (lru && lru->refault && distance)
		lru->refault(page, distance);
	*restored = page;
	return 0;
}

int mapping_unuse(struct address_space *mapping, u32 type, u32 *from, u32 most, u32 *pages)
{
	struct page *page;
	void *item;
	int err = 0;

	for (*pages = 0; !err && *pages < most && mapping->nrabsent; ++*from) {
		item = radix_tree_next(&mapping->pages, from);
		if (!item)
			break;
		if (!item_in_swap(item) || swp_type(item_to_swap(item)) != type)
			continue;
		err = swap_in(mapping, *from, item_to_swap(item), &page);
		*pages += !err;
	}
	return err;
}

static int charge(struct address_space *mapping, u32 index)
{
	return mapping->a_ops->charge ? mapping->a_ops->charge(mapping, index) : 0;
}

/* The allocation of a node may call the shrinkers, one of which drops pages of files. */
static inline int insert_page(struct address_space *mapping, u32 index, struct page *page)
{
	int err;

	mapping->entering = true;
	err = radix_tree_insert(&mapping->pages, index, page);
	mapping->entering = false;
	mapping->nrpages += !err;
	return err;
}

/* Enters a page, whose reference goes to the cache, at an index without an item. 0 or -errno. */
static int enter_page(struct address_space *mapping, u32 index, struct page *page)
{
	int err = insert_page(mapping, index, page);

	if (err)
		return err;
	page->mapping = mapping;
	page->index = index;
	trace(mm_filemap_add_to_page_cache, mapping, index, page);
	return 0;
}

/* So many neighbours are entered together: as many as one read fault maps. */
#define IN_PLACE_PAGES 16u

/*
 * Enters the frame that has the contents already, and its neighbours. *page is NULL if there is
 * none. 0 or -ENOMEM.
 */
static int page_in_place(struct address_space *mapping, u32 index, struct page **page)
{
	u32 first = ALIGN_DOWN(index, IN_PLACE_PAGES), end = first + IN_PLACE_PAGES;
	struct page *frame = mapping->a_ops->in_place(mapping, &first, &end);

	*page = NULL;
	if (!frame || index >= end)
		return 0;
	for (; first < end; first++, frame++) {
		int err = enter_page(mapping, first, frame);

		if (err == -ENOMEM)
			return err;
		if (!err)
			frame->count = 3; /* (1) */
	}
	*page = find_page(mapping, index);
	return 0;
}

/* Frees a page that did not get into the cache. */
static void drop_page(struct page *page)
{
	page->mapping = NULL;
	put_page(page);
}

/* Makes a page and fills it. The caller holds one reference, for the cache. */
static int make_page(struct address_space *mapping, u32 index, struct page **made)
{
	int (*readpage)(struct address_space *, struct page *) = mapping->a_ops->readpage;
	struct page *page = alloc_page(readpage ? GFP_PAGECACHE : GFP_PAGECACHE | __GFP_ZERO);
	int err;

	if (!page)
		return -ENOMEM;
	page->mapping = mapping;
	page->index = index;
	*made = page;
	err = readpage ? readpage(mapping, page) : 0;
	if (err)
		drop_page(page);
	return err;
}

/* Adds a page that is not in memory: 0, -ENOMEM, -EIO, or readpage()'s error. */
static noinline int return_page(struct address_space *mapping, u32 index, const void *item,
				struct page **returned)
{
	int err;

	if (item_in_swap(item))
		return swap_in(mapping, index, item_to_swap(item), returned);
	err = make_page(mapping, index, returned);
	if (err)
		return err;
	restore_page(mapping, index, *returned);
	if (lru && lru->refault)
		lru->refault(*returned, item_distance(item));
	return 0;
}

int add_cache_page(struct address_space *mapping, u32 index, struct page **added)
{
	void *item = radix_tree_lookup(&mapping->pages, index);
	struct page *page;
	int err;

	if (unlikely(item))
		return return_page(mapping, index, item, added);
	if (mapping->a_ops->in_place) {
		err = page_in_place(mapping, index, added);
		if (err || *added)
			return err;
	}
	err = charge(mapping, index);
	if (!err)
		err = make_page(mapping, index, &page);
	if (err)
		return err;
	page->count++; /* not reclaim's while the tree may need a node */
	err = insert_page(mapping, index, page);
	page->count--;
	if (unlikely(err)) {
		drop_page(page);
		return err;
	}
	trace(mm_filemap_add_to_page_cache, mapping, index, page);
	*added = page;
	return 0;
}

bool mapping_resident(const struct address_space *mapping, u32 index)
{
	void *item = radix_tree_lookup(&mapping->pages, index);

	return item_in_swap(item) ? lookup_swap_cache(item_to_swap(item)) != NULL
				  : item && !item_is_absent(item);
}

u32 mapping_count_in_swap(const struct address_space *mapping, u32 first, u32 end)
{
	u32 count = 0;
	void *item;

	for (; first < end && mapping->nrabsent; first++) {
		item = radix_tree_next(&mapping->pages, &first);
		if (!item || first >= end)
			break;
		count += item_in_swap(item);
		cond_resched();
	}
	return count;
}

void mapping_read_ahead(struct address_space *mapping, u32 first, u32 end)
{
	bool filled = mapping->a_ops->readpage && !mapping->a_ops->sparse;
	struct page *page;

	for (end = min(end, mapping_pages(mapping)); first < end; first++) {
		if (!filled && !radix_tree_next(&mapping->pages, &first))
			return;
		if (first >= end || task_killed())
			return;
		if (!find_page(mapping, first) && add_cache_page(mapping, first, &page))
			return;
		cond_resched();
	}
}

void delete_from_page_cache(struct page *page)
{
	struct address_space *mapping = page->mapping;

	trace(mm_filemap_delete_from_page_cache, mapping, page->index, page);
	radix_tree_delete(&mapping->pages, page->index);
	mapping->nrpages--;
	page->mapping = NULL;
	put_page(page);
}

/* Removes the pages from `first` on. None may be mapped. */
static void remove_pages_from(struct address_space *mapping, u32 first)
{
	void *item;

	while ((item = radix_tree_next(&mapping->pages, &first))) {
		if (item_is_absent(item))
			mapping_remove_absent(mapping, first, item);
		else
			delete_from_page_cache(item);
		cond_resched();
	}
}

bool mapping_put_last(struct address_space *mapping)
{
	BUG_ON(!mapping->count);
	if (--mapping->count)
		return false;
	BUG_ON(mapping->i_mmap.root);
	remove_pages_from(mapping, 0);
	BUG_ON(mapping->nrpages || mapping->nrabsent); /* (2) */
	list_del(&mapping->link);
	return true;
}

void mapping_free(struct address_space *mapping)
{
	if (mapping_put_last(mapping))
		mapping->a_ops->release(mapping);
}

int read_cache_page(struct address_space *mapping, u32 index, struct page **page)
{
	if (index >= mapping_pages(mapping))
		return -EINVAL;
	return add_cache_page(mapping, index, page);
}

/* The page to read from; for a hole the zero page. */
static int page_to_read(struct address_space *mapping, u32 index, struct page **page)
{
	*page = find_page(mapping, index);
	if (*page)
		return 0;
	if ((mapping->a_ops->readpage && !mapping->a_ops->sparse) ||
	    radix_tree_lookup(&mapping->pages, index))
		return add_cache_page(mapping, index, page);
	*page = zero_page;
	return 0;
}

/* The bytes of a transfer at `position` that lie in its first page. */
static u32 part_in_page(u64 position, u32 bytes)
{
	return min(bytes, PAGE_SIZE - ((u32)position & ~PAGE_MASK));
}

/* Copies part of a page. Returns the bytes copied, or -EFAULT if there were none. */
static s32 copy_in_page(struct page *page, u64 position, u32 part, mapping_copy_t copy,
			void *context)
{
	u32 offset = (u32)position & ~PAGE_MASK, left;

	BUG_ON(!part || part > PAGE_SIZE - offset);
	get_page(page); /* copy() may fault, and reclaim must not take this page for that */
	left = copy((char *)kmap_atomic(page) + offset, part, context);
	kunmap_atomic(page);
	put_page(page);
	BUG_ON(left > part);
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
		u32 part = part_in_page(at, (u32)min((u64)bytes - done, mapping->i_size - at));
		struct page *page;

		moved = page_to_read(mapping, (u32)(at >> PAGE_SHIFT), &page);
		if (!moved)
			moved = copy_in_page(page, at, part, copy, context);
		if (moved < 0)
			break;
		done += (u32)moved;
		if ((u32)moved < part || task_killed())
			break;
		cond_resched();
	}
	return done ? (s32)done : moved;
}

/* Puts a filled page at an index. A page that is there by now gets its contents. 0 or -errno. */
static int put_contents(struct address_space *mapping, u32 index, struct page *page, u32 bytes)
{
	int err = enter_page(mapping, index, page);
	struct page *there;
	void *to;

	if (!err) {
		get_page(page);
		return 0;
	}
	if (err == -EEXIST)
		err = (there = find_page(mapping, index)) ? 0
							  : add_cache_page(mapping, index, &there);
	if (err)
		return err;
	to = kmap_atomic(there);
	memcpy(to, kmap_atomic(page), bytes);
	kunmap_atomic(page);
	kunmap_atomic(there);
	return 0;
}

/*
 * Writes a whole page where the object has none: so it need not be cleared. It is entered last:
 * a fault that copy() takes on the same object must not see what is not written yet. Returns as
 * write_in_page().
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
	get_page(page); /* not reclaim's: copy() may fault, the tree may need a node */
	page->mapping = mapping;
	page->index = index;
	to = kmap_atomic(page);
	left = copy(to, PAGE_SIZE, context);
	memset(to + PAGE_SIZE - left, 0, left);
	kunmap_atomic(page);
	BUG_ON(left > PAGE_SIZE);
	err = left < PAGE_SIZE ? put_contents(mapping, index, page, PAGE_SIZE - left) : -EFAULT;
	put_page(page);
	put_page(page);
	return err ? err : (s32)(PAGE_SIZE - left);
}

/*
 * Writes into one page, making it if needed, and raises i_size. Returns as copy_in_page(), or
 * add_cache_page()'s error. i_size is raised last: until then no fault can map a page after the
 * end, not even one that copy() takes on the same object.
 */
static s32 write_in_page(struct address_space *mapping, u64 position, u32 part, mapping_copy_t copy,
			 void *context)
{
	u32 index = (u32)(position >> PAGE_SHIFT);
	struct page *page = find_page(mapping, index);
	s32 moved = 0;

	if (!page && part == PAGE_SIZE && !radix_tree_lookup(&mapping->pages, index)) {
		moved = write_new_page(mapping, index, copy, context);
	} else {
		if (!page)
			moved = add_cache_page(mapping, index, &page);
		if (!moved)
			moved = copy_in_page(page, position, part, copy, context);
		if (moved < 0 && page && index >= mapping_pages(mapping))
			remove_pages_from(mapping, index);
	}
	if (moved > 0)
		mapping->i_size = max(mapping->i_size, position + (u32)moved);
	return moved;
}

s32 mapping_copy_to(struct address_space *mapping, u64 position, u32 bytes, mapping_copy_t copy,
		    void *context)
{
	u32 done = 0;
	s32 moved = 0;

	if (!bytes)
		return 0;
	if (position >= MAPPING_SIZE_MAX)
		return -EFBIG;
	bytes = (u32)min((u64)bytes, MAPPING_SIZE_MAX - position);
	while (done < bytes) {
		u32 part = part_in_page(position + done, bytes - done);

		/*
		 * After a short copy the rest is tried again, as on Linux: the source may be a
		 * mapping of this object, readable now that i_size is larger.
		 */
		moved = write_in_page(mapping, position + done, part, copy, context);
		if (moved < 0)
			break;
		done += (u32)moved;
		if (task_killed())
			break;
		cond_resched();
	}
	return done ? (s32)done : moved;
}

u32 copy_to_buffer(void *kernel, u32 bytes, void *context)
{
	char **buffer = context;

	memcpy(*buffer, kernel, bytes);
	*buffer += bytes;
	return 0;
}

s32 mapping_read(struct address_space *mapping, void *buffer, u32 bytes, u64 position)
{
	return mapping_copy_from(mapping, position, bytes, copy_to_buffer, &buffer);
}

static const char *validate_page(const struct address_space *mapping, const struct page *page,
				 u32 index)
{
	if (page->mapping != mapping || page->index != index)
		return "(1) a page names another object or place";
	if (page_owner(page) != OWNER_PAGECACHE && !(page->flags & PG_reserved))
		return "(1) a page is not the page cache's";
	return index < mapping_pages(mapping) ? NULL : "(2) a page lies after the end";
}

const char *mapping_validate(const struct address_space *mapping)
{
	const char *violated;
	const struct page *page;
	u32 pages;

	violated = radix_tree_validate(&mapping->pages, &pages);
	if (violated)
		return violated;
	if (pages != mapping->nrpages + mapping->nrabsent)
		return "(2) nrpages is not the number of pages";
	for (u32 i = 0; (page = find_next_page(mapping, &i)); i++) {
		violated = validate_page(mapping, page, i);
		if (violated)
			return violated;
	}
	return NULL;
}
