/* SPDX-License-Identifier: MIT */
/* The checker of an address space. Numbers cite mm/user_space/mm.h. */
#include "lib/assert.h"
#include "mm/frames/page.h"
#include "mm/page_cache/filemap.h"
#include "mm/swap/swap.h"
#include "mm/user_space/mm_internal.h"

bool vm_debug;

struct mm_check {
	struct mm_struct *mm;
	struct vm_area_struct *vma; /* the first one that ends above the last entry seen */
	u32 rss, swap;
	const char *violated;
	vaddr_t where;
};

static int violation(struct mm_check *check, vaddr_t where, const char *text)
{
	check->violated = text;
	check->where = where;
	return 1;
}

static int check_area(struct mm_check *check, const struct vm_area_struct *vma)
{
	const struct vm_area_struct *before = vma->vm_prev;

	if (vma->vm_start >= vma->vm_end || vma->vm_mm != check->mm ||
	    !IS_ALIGNED(vma->vm_start | vma->vm_end, PAGE_SIZE))
		return violation(check, vma->vm_start, "(1) an area is malformed");
	if (vma->vm_start < USER_MIN || vma->vm_end > TASK_SIZE)
		return violation(check, vma->vm_start, "(1) an area lies outside");
	if (!IS_ALIGNED(vma->vm_start | vma->vm_end, vma_page_size(vma)))
		return violation(check, vma->vm_start, "(11) an area ends in a large page");
	if (vma->vm_flags & VM_HUGE_OWNER &&
	    (vma->vm_flags & (VM_HUGETLB | VM_MAYSHARE)) != VM_HUGETLB)
		return violation(check, vma->vm_start, "(11) an area cannot own large pages");
	if (before && before->vm_end > vma->vm_start)
		return violation(check, vma->vm_start, "(1) areas overlap or are not sorted");
	if (before && vma_can_merge(before, vma))
		return violation(check, vma->vm_start,
				 "(2) neighbours that can merge are two areas");
	return 0;
}

static int check_areas(struct mm_check *check)
{
	const struct vm_area_struct *before = NULL, *vma;
	u32 count = 0;

	for (vma = check->mm->mmap; vma; before = vma, vma = vma->vm_next, count++) {
		if (vma->vm_prev != before)
			return violation(check, vma->vm_start, "(1) the list is not linked back");
		if (check_area(check, vma))
			return 1;
	}
	if (check->mm->mmap_last != before)
		return violation(check, 0, "(1) the list does not end with its last area");
	if (count != check->mm->map_count)
		return violation(check, 0, "(1) map_count is not the number of areas");
	return 0;
}

static int check_sums(struct mm_check *check)
{
	const struct mm_struct *mm = check->mm;
	struct mm_struct sums = { 0 };

	for (const struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next)
		vm_stat_account(&sums, vma->vm_flags, (s32)vma_pages(vma));
	if (sums.total_vm != mm->total_vm)
		return violation(check, 0, "(3) total_vm is not the sum of the areas");
	if (sums.locked_vm != mm->locked_vm)
		return violation(check, 0, "(3) locked_vm is not the sum of the locked areas");
	if (sums.exec_vm != mm->exec_vm || sums.stack_vm != mm->stack_vm ||
	    sums.data_vm != mm->data_vm || sums.shared_vm != mm->shared_vm)
		return violation(check, 0, "(3) a sum over a kind of areas is wrong");
	return 0;
}

static int check_tree(struct mm_check *check)
{
	const struct mm_struct *mm = check->mm;
	const struct vm_area_struct *vma = mm->mmap;
	struct gap_node *node = gap_first(&mm->areas);
	const char *violated = gap_tree_validate(&mm->areas);

	if (violated)
		return violation(check, 0, violated);
	if (!node)
		return mm->map_count > VMA_TREE_ABOVE
			       ? violation(check, 0, "(8) many areas and no tree")
			       : 0;
	for (u32 followers = 0; vma; vma = vma->vm_next) {
		followers = vma_in_tree(vma) ? 0 : followers + 1;
		if (followers > VMA_FOLLOWERS || (followers && vma_gap(vma)))
			return violation(check, vma->vm_start, "(8) an area is not in the tree");
		if (followers)
			continue;
		if (node != &vma->node)
			return violation(check, vma->vm_start,
					 "(8) the tree is not in the order of the list");
		if (node->gap != vma_gap(vma))
			return violation(check, vma->vm_start, "(8) a gap is wrong");
		node = gap_next(node);
	}
	return node ? violation(check, 0, "(8) the tree has other areas than the list") : 0;
}

/* The way from the node up to the root leads down again too. */
static bool is_member(const struct gap_tree *tree, const struct gap_node *node)
{
	const struct gap_node *parent;

	for (; (parent = node->parent); node = parent)
		if (parent->left != node && parent->right != node)
			return false;
	return tree->root == node;
}

static int check_mappings(struct mm_check *check)
{
	for (const struct vm_area_struct *vma = check->mm->mmap; vma; vma = vma->vm_next) {
		if (!vma->vm_mapping) {
			if (vma->vm_pgoff || vma->vm_flags & VM_MAYSHARE)
				return violation(check, vma->vm_start,
						 "(9) an area without an object has an offset");
			continue;
		}
		if (!vma->vm_mapping->count || !is_member(&vma->vm_mapping->i_mmap, &vma->shared))
			return violation(check, vma->vm_start,
					 "(9) an area is not in its object's tree");
	}
	return 0;
}

/* The entry has a right that the area has not. */
static bool exceeds(pte_t entry, u32 flags)
{
	if (!(entry.value & PTE_PRESENT))
		return false;
	return !(flags & VM_ACCESS_MASK) || (pte_write(entry) && !(flags & VM_WRITE)) ||
	       (pte_nx && !(entry.value & PTE_NX) && !(flags & VM_EXEC));
}

/* Also for an entry of a large page: of its frames, which the pool owns, the first one counts. */
static int check_pte(pte_t *pte, vaddr_t address, void *context)
{
	struct mm_check *check = context;
	const struct page *page;
	bool huge;

	while (check->vma && check->vma->vm_end <= address)
		check->vma = check->vma->vm_next;
	if (!check->vma || check->vma->vm_start > address)
		return violation(check, address, "(4) a page lies in no area");
	if (pte_swap(*pte)) {
		check->swap++;
		return swap_count(pte_to_swp_entry(*pte))
			       ? 0
			       : violation(check, address, "(4) an entry names a free slot");
	}
	if (!pfn_valid(pte_pfn(*pte)))
		return violation(check, address, "(4) an entry names no frame");
	if (exceeds(*pte, check->vma->vm_flags))
		return violation(check, address, "(4) an entry has more rights than its area");
	page = pfn_to_page(pte_pfn(*pte));
	huge = page_owner(page) == OWNER_HUGE;
	if (page->count <= huge)
		return violation(check, address, "(4) an entry names a free frame");
	if (huge != !!(check->vma->vm_flags & VM_HUGETLB))
		return violation(check, address, "(11) large and small pages are mixed");
	if (pte_write(*pte) && !(check->vma->vm_flags & VM_SHARED) &&
	    (page->count != 1u + huge || page->flags & PG_reserved))
		return violation(check, address, "(5) a writable private page is shared");
	if (page_is_anon(page) && page_family(page) != check->mm->family)
		return violation(check, address, "(10) a page belongs to another family");
	check->rss += page != zero_page;
	return 0;
}

static int check_tables(struct mm_check *check)
{
	u32 tables = 0;

	for (vaddr_t address = 0; address < TASK_SIZE; address += PMD_SIZE) {
		const pmd_t *pmd = find_pmd(check->mm->pgd, address);

		tables += pmd && pmd_table(*pmd);
	}
	if (tables != check->mm->nr_ptes)
		return violation(check, 0, "(7) nr_ptes is not the number of page tables");
	return 0;
}

const char *mm_validate(struct mm_struct *mm, vaddr_t *where)
{
	struct mm_check check = { .mm = mm, .vma = mm->mmap };
	struct vm_area_struct *cache = mm->mmap_cache; /* find_vma() sets it */

	if (!check_areas(&check) && !check_sums(&check) && !check_tree(&check) &&
	    !check_mappings(&check) && !check_tables(&check) &&
	    !visit_range(mm->pgd, 0, TASK_SIZE, check_pte, &check) &&
	    (check.rss != mm->rss || check.swap != mm->nr_swap))
		violation(&check, 0, "(6) rss is not the number of frames");
	mm->mmap_cache = cache;
	*where = check.where;
	return check.violated;
}

void vm_debug_check(struct mm_struct *mm)
{
	vaddr_t where = 0;
	const char *violated = mm_validate(mm, &where);

	if (violated)
		panic("mm_validate: %s at %#x", violated, where);
}

const char *vm_flags_text(u32 vm_flags, char text[5])
{
	text[0] = vm_flags & VM_READ ? 'r' : '-';
	text[1] = vm_flags & VM_WRITE ? 'w' : '-';
	text[2] = vm_flags & VM_EXEC ? 'x' : '-';
	text[3] = vm_flags & VM_MAYSHARE ? 's' : 'p';
	text[4] = '\0';
	return text;
}
