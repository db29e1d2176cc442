/* SPDX-License-Identifier: MIT */
/* Access to the pages of any address space, through its page tables and kmap_atomic(). */
#include "lib/string.h"
#include "mm/frames/highmem.h"
#include "mm/user_space/mm.h"
#include "mm/user_space/page_fault.h"

/* The entry at `pte`, by value. NULL: the page may be a part of a large one. */
static inline pte_t entry_of(const struct mm_struct *mm, vaddr_t address, const pte_t *pte)
{
	return likely(pte) ? *pte : page_entry(mm->pgd, address);
}

static inline bool allows(pte_t entry, enum fault_access access)
{
	u32 wanted = PTE_PRESENT | (access == FAULT_WRITE ? PTE_WRITE : 0);

	return (entry.value & wanted) == wanted;
}

bool mm_page_allows(const struct mm_struct *mm, vaddr_t address, enum fault_access access)
{
	return allows(entry_of(mm, address, find_pte(mm->pgd, address)), access);
}

enum fault_result mm_page(struct mm_struct *mm, vaddr_t address, enum fault_access access,
			  struct page **page)
{
	pte_t *pte = find_pte(mm->pgd, address), entry = entry_of(mm, address, pte);

	while (unlikely(!allows(entry, access))) {
		enum fault_result result = mm_fault(mm, address, access);

		if (result != FAULT_OK)
			return result;
		pte = find_pte(mm->pgd, address);
		entry = entry_of(mm, address, pte);
	}
	if (access == FAULT_WRITE && likely(pte))
		set_pte(pte, pte_mkdirty(entry)); /* the caller's write bypasses the MMU */
	*page = pfn_to_page(pte_pfn(entry));
	return FAULT_OK;
}

u32 access_process_vm(struct mm_struct *mm, vaddr_t address, void *buffer, u32 bytes,
		      enum fault_access access)
{
	u32 done = 0;

	while (done < bytes && address + done < TASK_SIZE) {
		u32 offset = (address + done) & ~PAGE_MASK,
		    part = min(bytes - done, PAGE_SIZE - offset);
		struct page *page;
		char *place;

		if (mm_page(mm, address + done, access, &page) != FAULT_OK)
			break;
		place = kmap_atomic(page);
		if (access == FAULT_WRITE)
			memcpy(place + offset, (char *)buffer + done, part);
		else
			memcpy((char *)buffer + done, place + offset, part);
		kunmap_atomic(page);
		done += part;
	}
	return done;
}
