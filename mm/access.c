/* SPDX-License-Identifier: MIT */
/* Reading and writing another address space: through its page tables and the direct map, page by page. */
#include "lib/string.h"
#include "mm/highmem.h"
#include "mm/mm.h"

/* The frame behind an address of the space, or NULL where its process could not make the access. */
static struct page *reach(struct mm_struct *mm, vaddr_t address, enum fault_access access)
{
	pte_t *pte = pte_lookup(mm->pgd, address);
	u32 wanted = PTE_PRESENT | (access == FAULT_WRITE ? PTE_WRITE : 0);

	if (!pte || (pte->value & wanted) != wanted) {
		if (mm_fault(mm, address, access) != FAULT_OK)
			return NULL;
		pte = pte_lookup(mm->pgd, address);
	}
	return pfn_to_page(pte_pfn(*pte));
}

u32 access_process_vm(struct mm_struct *mm, vaddr_t address, void *buffer, u32 bytes,
		      enum fault_access access)
{
	u32 done = 0;

	while (done < bytes && address + done < TASK_SIZE) {
		u32 offset = (address + done) & ~PAGE_MASK,
		    part = min(bytes - done, PAGE_SIZE - offset);
		struct page *page = reach(mm, address + done, access);
		char *place;

		if (!page)
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
