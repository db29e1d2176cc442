/* SPDX-License-Identifier: MIT */
/* A user half for a test. See the header. */
#include "tests/kernel/user_space.h"
#include "kernel/task/sched.h"
#include "kernel/cpu/uaccess.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/mman/mman.h"
#include "paging/check.h"

void user_switch(struct mm_struct *mm)
{
	current->mm = mm;
	activate_mm(mm);
}

struct mm_struct *user_enter(void)
{
	struct mm_struct *mm = mm_alloc();

	EXPECT(mm);
	user_switch(mm);
	return mm;
}

void user_leave(struct mm_struct *mm)
{
	expect_valid(mm);
	user_switch(NULL);
	mm_put(mm);
}

vaddr_t map_flags(struct mm_struct *mm, vaddr_t address, u32 length, u32 prot, u32 flags)
{
	return do_mmap(mm, address, length, prot, MAP_PRIVATE | MAP_ANONYMOUS | flags);
}

vaddr_t map_anonymous(struct mm_struct *mm, vaddr_t address, u32 pages, u32 prot)
{
	return map_flags(mm, address, pages * PAGE_SIZE, prot, address ? MAP_FIXED : 0);
}

void expect_valid(struct mm_struct *mm)
{
	vaddr_t where;

	EXPECT(mm_validate(mm, &where) == NULL);
	EXPECT(pgtable_validate(mm->pgd, kernel_pgd, max_pfn, &where) == NULL);
}

bool user_write(vaddr_t address, u32 value)
{
	return !put_user(value, address);
}

bool user_read(vaddr_t address, u32 *value)
{
	return !get_user(value, address);
}

u32 user_word(vaddr_t address)
{
	u32 value = 0;

	EXPECT(user_read(address, &value));
	return value;
}

struct page *user_page_at(struct mm_struct *mm, vaddr_t address)
{
	pte_t *pte = pte_lookup(mm->pgd, address);

	return pte && pte_present(*pte) ? pfn_to_page(pte_pfn(*pte)) : NULL;
}
