/* SPDX-License-Identifier: MIT */
/* The checker and the report of an address space. The numbers are the invariants of mm/mm.h. */
#include "mm/mm.h"
#include "lib/printk.h"

struct mm_check {
	struct mm_struct *mm;
	struct vm_area_struct *vma; /* the first one that ends above the last entry seen */
	u32 rss;
	const char *violated;
	vaddr_t where;
};

static int violation(struct mm_check *check, vaddr_t where, const char *text)
{
	check->violated = text;
	check->where = where;
	return 1;
}

static int check_areas(struct mm_check *check)
{
	const struct vm_area_struct *before = NULL;
	u32 count = 0, pages = 0;

	for (const struct vm_area_struct *vma = check->mm->mmap; vma; vma = vma->vm_next) {
		if (vma->vm_start >= vma->vm_end || vma->vm_mm != check->mm ||
		    !IS_ALIGNED(vma->vm_start | vma->vm_end, PAGE_SIZE))
			return violation(check, vma->vm_start, "(1) an area is malformed");
		if (vma->vm_start < USER_MIN || vma->vm_end > TASK_SIZE)
			return violation(check, vma->vm_start, "(1) an area lies outside");
		if (before && before->vm_end > vma->vm_start)
			return violation(check, vma->vm_start,
					 "(1) areas overlap or are not sorted");
		if (before && before->vm_end == vma->vm_start && before->vm_flags == vma->vm_flags)
			return violation(check, vma->vm_start,
					 "(2) alike neighbours are not merged");
		before = vma;
		count++;
		pages += (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
	}
	if (count != check->mm->map_count)
		return violation(check, 0, "(1) map_count is not the number of areas");
	if (pages != check->mm->total_vm)
		return violation(check, 0, "(3) total_vm is not the sum of the areas");
	return 0;
}

static int check_pte(pte_t *pte, vaddr_t address, void *context)
{
	struct mm_check *check = context;
	const struct page *page;

	while (check->vma && check->vma->vm_end <= address)
		check->vma = check->vma->vm_next;
	if (!check->vma || check->vma->vm_start > address)
		return violation(check, address, "(4) a page lies in no area");
	if (!pte_present(*pte) || !pfn_valid(pte_pfn(*pte)))
		return violation(check, address, "(4) an entry names no frame");
	if (pte_write(*pte) && !(check->vma->vm_flags & VM_WRITE))
		return violation(check, address, "(4) an entry has more rights than its area");
	if (pte->value & PTE_PRESENT && !(check->vma->vm_flags & VM_ACCESS_MASK))
		return violation(check, address, "(4) an entry has more rights than its area");
	page = pfn_to_page(pte_pfn(*pte));
	if (!page->count)
		return violation(check, address, "(4) an entry names a free frame");
	if (pte_write(*pte) && !(check->vma->vm_flags & VM_SHARED) &&
	    (page->count != 1 || page == zero_page))
		return violation(check, address, "(5) a writable private page is shared");
	check->rss += page != zero_page;
	return 0;
}

static int check_tables(struct mm_check *check)
{
	u32 tables = 0;

	for (vaddr_t address = 0; address < TASK_SIZE; address += PGDIR_SIZE)
		tables += !pmd_none(*pmd_offset(pgd_offset(check->mm->pgd, address), address));
	if (tables != check->mm->nr_ptes)
		return violation(check, 0, "(7) nr_ptes is not the number of page tables");
	return 0;
}

const char *mm_validate(struct mm_struct *mm, vaddr_t *where)
{
	struct mm_check check = { .mm = mm, .vma = mm->mmap };

	if (!check_areas(&check) && !check_tables(&check) &&
	    !visit_range(mm->pgd, 0, TASK_SIZE, check_pte, &check) && check.rss != mm->rss)
		violation(&check, 0, "(6) rss is not the number of frames");
	*where = check.where;
	return check.violated;
}

const char *vm_flags_text(u32 vm_flags, char text[5])
{
	text[0] = vm_flags & VM_READ ? 'r' : '-';
	text[1] = vm_flags & VM_WRITE ? 'w' : '-';
	text[2] = vm_flags & VM_EXEC ? 'x' : '-';
	text[3] = vm_flags & VM_SHARED ? 's' : 'p';
	text[4] = '\0';
	return text;
}

void mm_print(const struct mm_struct *mm)
{
	for (const struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next) {
		char text[5];

		printk("vm_area: start=%#010x end=%#010x flags=%s%s\n", vma->vm_start, vma->vm_end,
		       vm_flags_text(vma->vm_flags, text),
		       vma->vm_flags & VM_GROWSDOWN ? " growsdown=1" : "");
	}
}
