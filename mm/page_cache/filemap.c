/* SPDX-License-Identifier: MIT */
/* The page cache. Numbers cite the invariants of the header. */
#include "mm/page_cache/filemap_internal.h"
#include "mm/page_cache/trace_events.h"
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "mm/frames/highmem.h"
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
		if (!mapping_refills(mapping) && !mapping->huge)
			pages += mapping->nrpages;
	return pages;
}

struct page *find_next_page(const struct address_space *mapping, u32 *index)
{
	void *item;

	while (item_is_absent(item = radix_tree_next(&mapping->pages, index)))
		++*index;
	return item;
}

int enter_page(struct address_space *mapping, u32 index, struct page *page)
{
	int err;

	/* The allocation of a node may call the shrinkers, one of which drops pages of files. */
	mapping->entering = true;
	err = radix_tree_insert(&mapping->pages, index, page);
	mapping->entering = false;
	if (unlikely(err))
		return err;
	mapping->nrpages++;
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

int make_page(struct address_space *mapping, u32 index, struct page **made)
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
	err = enter_page(mapping, index, page);
	page->count--;
	if (unlikely(err))
		drop_page(page);
	else
		*added = page;
	return err;
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

void remove_pages(struct address_space *mapping, u32 first, u32 end)
{
	void *item;

	while ((item = radix_tree_next(&mapping->pages, &first)) && first < end) {
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
	remove_pages(mapping, 0, UINT32_MAX);
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

static const char *validate_page(const struct address_space *mapping, const struct page *page,
				 u32 index)
{
	if (page->mapping != mapping || page->index != index)
		return "(1) a page names another object or place";
	if (page_owner(page) != (mapping->huge ? OWNER_HUGE : OWNER_PAGECACHE) &&
	    !(page->flags & PG_reserved))
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
