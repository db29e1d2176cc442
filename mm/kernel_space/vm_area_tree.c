/* SPDX-License-Identifier: MIT */
/*
 * The areas of a vmalloc space: finding room for one, and finding one again. The numbers are the invariants of mm/kernel_space/vmalloc.h.
 */
#include "mm/kernel_space/vmalloc.h"
#include "lib/assert.h"
#include "mm/kernel_space/vmalloc_internal.h"

static struct vm_struct *area_of(const struct avl_node *node)
{
	return node ? avl_entry(node, struct vm_struct, node) : NULL;
}

static u32 largest_gap(const struct avl_node *node)
{
	return node ? area_of(node)->largest_gap : 0;
}

/* Keeps (5) for one node. */
void vm_area_update(struct avl_node *node)
{
	struct vm_struct *area = area_of(node);

	area->largest_gap = max(area->gap, max(largest_gap(node->left), largest_gap(node->right)));
}

/* Where room begins behind this area (NULL: at the start of the space). */
static vaddr_t room_after(const struct vmalloc_space *space, const struct vm_struct *area)
{
	return area ? vm_area_end(area) + PAGE_SIZE : space->start;
}

static void set_gap(struct vmalloc_space *space, struct vm_struct *area)
{
	area->gap = (area->start - room_after(space, area_of(avl_prev(&area->node)))) >> PAGE_SHIFT;
	avl_changed(&space->areas, &area->node);
}

/* The lowest area that has room for `span` pages before it, or NULL. */
static struct vm_struct *lowest_gap(const struct vmalloc_space *space, u32 span)
{
	struct avl_node *node = space->areas.root;

	if (largest_gap(node) < span)
		return NULL;
	for (;;) {
		if (largest_gap(node->left) >= span)
			node = node->left;
		else if (area_of(node)->gap >= span)
			return area_of(node);
		else
			node = node->right;
		BUG_ON(!node); /* (5) */
	}
}

bool vm_area_insert(struct vmalloc_space *space, struct vm_struct *area)
{
	u32 span = area->pages + 1;
	struct vm_struct *next = lowest_gap(space, span);

	BUG_ON(!area->pages);
	if (next) {
		area->start = room_after(space, area_of(avl_prev(&next->node)));
		avl_insert_before(&space->areas, &next->node, &area->node);
		set_gap(space, next);
	} else {
		struct vm_struct *last = area_of(avl_last(&space->areas));

		area->start = room_after(space, last);
		if (area->start > space->end || (space->end - area->start) >> PAGE_SHIFT < span)
			return false;
		avl_insert_after(&space->areas, last ? &last->node : NULL, &area->node);
	}
	BUG_ON(area->start < space->start || vm_area_end(area) >= space->end); /* (1) */
	set_gap(space, area);
	space->count++;
	space->pages += area->pages;
	return true;
}

void vm_area_erase(struct vmalloc_space *space, struct vm_struct *area)
{
	struct vm_struct *next = area_of(avl_next(&area->node));

	BUG_ON(!space->count || space->pages < area->pages);
	avl_erase(&space->areas, &area->node);
	if (next)
		set_gap(space, next);
	space->count--;
	space->pages -= area->pages;
}

struct vm_struct *find_vm_area(struct vmalloc_space *space, vaddr_t address)
{
	struct vm_struct *area = area_of(space->areas.root);

	while (area) {
		if (address < area->start)
			area = area_of(area->node.left);
		else if (address >= vm_area_end(area) + PAGE_SIZE)
			area = area_of(area->node.right);
		else
			break;
	}
	return area;
}

static bool page_is_mapped(struct vmalloc_space *space, vaddr_t address)
{
	pte_t *pte = pte_lookup(space->directory, address);

	return pte && !pte_none(*pte);
}

static const char *validate_area(struct vmalloc_space *space, const struct vm_struct *area)
{
	const struct list_head *link;
	u32 frames = 0;

	for (u32 i = 0; i < area->pages; i++)
		if (!page_is_mapped(space, area->start + i * PAGE_SIZE))
			return "(3) a page of an area is not mapped";
	if (page_is_mapped(space, vm_area_end(area)))
		return "(2) a guard page is mapped";
	list_for_each (link, &area->frames) {
		const struct page *page = list_entry(link, struct page, lru);

		if (page_owner(page) != OWNER_VMALLOC || page->count != 1)
			return "(3) a frame of an area is not owned by it";
		frames++;
	}
	if (frames && frames != area->pages)
		return "(3) an area owns another number of frames than it has pages";
	return NULL;
}

static const char *validate_gaps(struct vmalloc_space *space, const struct vm_struct *area)
{
	u32 below = max(largest_gap(area->node.left), largest_gap(area->node.right));
	vaddr_t room = room_after(space, area_of(avl_prev(&area->node)));

	if (area->start < room || vm_area_end(area) >= space->end)
		return "(1) areas overlap, are not sorted, or lie outside";
	if (area->gap != (area->start - room) >> PAGE_SHIFT)
		return "(5) a gap is wrong";
	if (area->largest_gap != max(area->gap, below))
		return "(5) the largest gap of a subtree is wrong";
	return NULL;
}

const char *vmalloc_validate(struct vmalloc_space *space)
{
	const char *violated = avl_validate(&space->areas);
	u32 count = 0, pages = 0;

	for (struct avl_node *node = avl_first(&space->areas); node && !violated;
	     node = avl_next(node)) {
		violated = validate_gaps(space, area_of(node));
		if (!violated)
			violated = validate_area(space, area_of(node));
		count++;
		pages += area_of(node)->pages;
	}
	if (!violated && (count != space->count || pages != space->pages))
		violated = "(1) the sums are not those of the areas";
	return violated;
}
