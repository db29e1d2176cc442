/* SPDX-License-Identifier: MIT */
/* See the header. */
#include <string.h>

#include "abi/linux/errno.h"
#include "abi/linux/mman.h"
#include "mm/user_space/anon.h"
#include "mm/user_space/vma.h"
#include "tests/host/mm/swap/swap_model.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

struct space spaces[SPACES_MAX];
u32 space_count, object_words[OBJECTS][PAGES];
struct swap_model_counters model_counters;

static u32 *word_of(struct space *space, u32 page)
{
	return space->own[page] ? &space->word[page]
				: &object_words[space->object[page]][space->index[page]];
}

void random_range(u32 *page, u32 *pages)
{
	*page = random_below(PAGES);
	*pages = min(1 + random_below(random_one_in(4) ? PAGES : 24), PAGES - *page);
}

void forget(struct space *space, u32 page, u32 prot)
{
	space->prot[page] = (u8)prot;
	space->object[page] = NO_OBJECT;
	space->locked[page] = space->given_up[page] = space->shared[page] = false;
	space->own[page] = true;
	space->word[page] = 0;
}

void adopt(struct space *space)
{
	model_counters.failed_calls++;
	for (u32 page = 0; page < PAGES; page++) {
		const struct vm_area_struct *vma = find_vma(space->mm, address_of(page));

		if (!vma || vma->vm_start > address_of(page))
			forget(space, page, UNMAPPED);
		else
			space->prot[page] =
				(u8)(vma->vm_flags & (PROT_READ | PROT_WRITE | PROT_EXEC));
		if (space->prot[page] == UNMAPPED || !(vma->vm_flags & VM_LOCKED))
			space->locked[page] = false;
	}
}

void set_object(struct space *space, u32 page, u32 object, u32 index, bool shared)
{
	space->object[page] = (u8)object;
	space->index[page] = (u8)index;
	space->shared[page] = shared;
	space->own[page] = false;
}

void note_copy(struct space *space, u32 page)
{
	const pte_t *pte = pte_lookup(space->mm->pgd, address_of(page));

	if (space->own[page] || !pte || pte_none(*pte))
		return;
	if (pte_present(*pte) && !page_is_anon(pfn_to_page(pte_pfn(*pte))))
		return;
	space->word[page] = *word_of(space, page);
	space->own[page] = true;
}

/* --- Accesses --- */

static enum fault_result expected_result(const struct space *space, u32 page, bool write)
{
	if (space->prot[page] == UNMAPPED)
		return FAULT_MAPERR;
	if (write ? !(space->prot[page] & PROT_WRITE) : space->prot[page] == PROT_NONE)
		return FAULT_ACCERR;
	return FAULT_OK;
}

static enum fault_result access_word(struct space *space, u32 page, u32 *word, bool write)
{
	vaddr_t address = address_of(page) + WORD;

	if (random_one_in(8))
		return access_process_vm(space->mm, address, word, 4,
					 write ? FAULT_WRITE : FAULT_READ) == 4
			       ? FAULT_OK
			       : FAULT_OOM;
	return write ? user_write(space->mm, address, word, 4)
		     : user_read(space->mm, address, word, 4);
}

static void note_write(struct space *space, u32 page, u32 word)
{
	space->own[page] = !space->shared[page];
	space->given_up[page] = false;
	*word_of(space, page) = word;
}

static void check_word(struct space *space, u32 page, u32 word)
{
	if (space->given_up[page] && !word)
		*word_of(space, page) = 0; /* the page was dropped */
	EXPECT_EQ(word, *word_of(space, page));
}

static void access_page(struct space *space, u32 page, bool write)
{
	enum fault_result expected = expected_result(space, page, write), got;
	u32 word = random_u32();

	got = access_word(space, page, &word, write);
	model_counters.accesses++;
	if (got != FAULT_OK && expected != FAULT_OK)
		return;
	model_counters.no_memory += got == FAULT_OOM;
	model_counters.bus_errors += got == FAULT_SIGBUS;
	if (got == FAULT_OOM || got == FAULT_SIGBUS)
		return;
	EXPECT_EQ(got, expected);
	if (write)
		note_write(space, page, word);
	else
		check_word(space, page, word);
	if (tap_failed())
		tap_note("%s page %u of space %u", write ? "write to" : "read of", page,
			 (u32)(space - spaces));
}

void step_access(struct space *space)
{
	u32 page = random_below(PAGES), pages = min(random_below(40), PAGES - page);
	bool write = random_one_in(2);

	for (; pages && !tap_failed(); pages--)
		access_page(space, page++, write);
}

void step_noise(struct space *space)
{
	u32 page = random_below(PAGES), noise[PAGE_SIZE / 4], word = *word_of(space, page);
	u8 *bytes = (u8 *)noise;

	if (expected_result(space, page, true) != FAULT_OK)
		return;
	for (u32 i = 0; i < ARRAY_SIZE(noise); i++)
		noise[i] = random_u32();
	memcpy(bytes + WORD, &word, 4);
	if (user_write(space->mm, address_of(page), noise, PAGE_SIZE) == FAULT_OK)
		note_write(space, page, word);
}

void step_file(void)
{
	u32 file = random_below(SWAP_FILES), page = random_below(PAGES), word = random_u32();
	bool write = file == SWAP_FILE_WRITTEN && random_one_in(2);
	int err = write ? swap_file_write(file, page, WORD, word)
			: swap_file_read(file, page, WORD, &word);

	EXPECT(!err || err == -ENOMEM || err == -EIO);
	model_counters.no_memory += err == -ENOMEM;
	model_counters.bus_errors += err == -EIO;
	if (!err && write)
		object_words[file][page] = word;
	else if (!err)
		EXPECT_EQ(word, object_words[file][page]);
}
