/* SPDX-License-Identifier: MIT */
/* The reference of address spaces, and comparing with it. See the header. */
#include "lib/string.h"
#include "mm/mman/mman.h"
#include "mm/user_space/page_fault.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mm_model.h"
#include "tests/fuzz/rig.h"

struct space spaces[SPACES];
u32 object_words[OBJECTS * SIZE][WORDS];

u32 page_of(vaddr_t address)
{
	return (address - BASE) >> PAGE_SHIFT;
}

vaddr_t address_of(u32 page)
{
	return BASE + page * PAGE_SIZE;
}

u32 word_offset(u32 word)
{
	static const u32 offsets[WORDS] = { 0, 2040, PAGE_SIZE - 4 };

	return offsets[word];
}

/* --- the reference --- */

u32 *words_of(struct space *space, u32 page)
{
	return space->shows[page] ? object_words[space->shows[page] - 1] : space->words[page];
}

void model_forget(struct space *space, u32 page)
{
	space->written[page] = false;
	memset(space->words[page], 0, sizeof(space->words[page]));
}

void model_map(struct space *space, u32 first, u32 pages, u32 prot)
{
	for (u32 page = first; page < first + pages; page++) {
		model_forget(space, page);
		space->prot[page] = (u8)prot;
		space->shows[page] = 0;
		space->locked[page] = false;
	}
}

void model_move(struct space *space, u32 from, u32 to)
{
	space->prot[to] = space->prot[from];
	space->shows[to] = space->shows[from];
	space->locked[to] = space->locked[from];
	space->written[to] = space->written[from];
	memcpy(space->words[to], space->words[from], sizeof(space->words[to]));
	model_map(space, from, 1, UNMAPPED);
}

bool model_free(const struct space *space, u32 first, u32 pages)
{
	for (u32 page = first; page < first + pages; page++)
		if (space->prot[page] != UNMAPPED)
			return false;
	return true;
}

vaddr_t model_place(const struct space *space, u32 pages)
{
	u32 run = 0;

	for (u32 page = PAGES / 2; page < PAGES; page++) {
		run = space->prot[page] == UNMAPPED ? run + 1 : 0;
		if (run == pages)
			return address_of(page + 1 - pages);
	}
	return END;
}

enum fault_result model_access(const struct space *space, u32 page, bool write)
{
	u32 prot = space->prot[page];

	if (prot == UNMAPPED)
		return FAULT_MAPERR;
	return (write ? prot & PROT_WRITE : prot) ? FAULT_OK : FAULT_ACCERR;
}

/* --- comparing --- */

static bool entry_present(const struct space *space, u32 page)
{
	const pte_t *pte = pte_lookup(space->mm->pgd, address_of(page));

	return pte && pte_present(*pte);
}

void compare_sums(const struct space *space)
{
	u32 mapped = 0, written = 0, locked = 0;

	for (u32 page = 0; page < PAGES; page++) {
		mapped += space->prot[page] != UNMAPPED;
		/* The fault handler may map any pages of an object. */
		written += space->shows[page] ? entry_present(space, page) : space->written[page];
		locked += space->locked[page];
	}
	FUZZ_EQUAL(space->mm->locked_vm, locked);
	FUZZ_EQUAL(space->mm->total_vm, mapped);
	FUZZ_EQUAL(space->mm->rss, written);
	FUZZ_EQUAL(space->mm->brk, space->brk);
}

static void compare_areas(const struct space *space)
{
	for (u32 page = 0; page < PAGES; page++) {
		struct vm_area_struct *vma = find_vma(space->mm, address_of(page));
		bool inside = vma && vma->vm_start <= address_of(page);

		FUZZ_EQUAL(inside, space->prot[page] != UNMAPPED);
		if (!inside)
			continue;
		FUZZ_EQUAL(vma->vm_flags & VM_ACCESS_MASK, space->prot[page]);
		FUZZ_EQUAL(!!(vma->vm_flags & VM_LOCKED), space->locked[page]);
		FUZZ_EQUAL(!!vma->vm_mapping, !!space->shows[page]);
	}
}

void compare_all(void)
{
	for (u32 i = 0; i < SPACES; i++) {
		vaddr_t where = 0;

		if (!spaces[i].mm)
			continue;
		FUZZ_VALID(mm_validate(spaces[i].mm, &where));
		compare_sums(&spaces[i]);
		compare_areas(&spaces[i]);
	}
	rig_check();
}

void adopt_areas(struct space *space, u32 first, u32 pages)
{
	for (u32 page = first; page < first + pages; page++) {
		struct vm_area_struct *vma = find_vma(space->mm, address_of(page));

		if (vma && vma->vm_start <= address_of(page)) {
			FUZZ_CHECK(space->prot[page] != UNMAPPED);
			space->prot[page] = vma->vm_flags & VM_ACCESS_MASK;
			space->locked[page] = vma->vm_flags & VM_LOCKED;
		} else {
			model_map(space, page, 1, UNMAPPED);
		}
	}
}
