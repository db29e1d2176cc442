/* SPDX-License-Identifier: MIT */
/* The reference of the world `space`. See the header. */
#include "lib/string.h"
#include "mm/frames/page_alloc.h"
#include "mm/user_space/vma.h"
#include "paging/range.h"
#include "tests/explore/explore.h"
#include "tests/explore/space_model.h"

struct page_model window[PAGES_MAX];
struct file_model file;
struct mm_struct *space;
struct address_space *object;
u32 pages, half, lock_limit;

void model_forget(u32 page)
{
	window[page].own = false;
	window[page].head = window[page].tail = 0;
}

void model_map(u32 first, u32 count, u32 prot, u32 kind)
{
	for (u32 page = first; page < first + count; page++) {
		model_forget(page);
		window[page].prot = (u8)prot;
		window[page].kind = (u8)(prot == UNMAPPED ? KIND_ANON : kind);
		window[page].locked = false;
	}
}

bool model_mapped(u32 first, u32 count)
{
	for (u32 page = first; page < first + count; page++)
		if (window[page].prot == UNMAPPED)
			return false;
	return true;
}

bool model_one_area(u32 first, u32 count)
{
	struct vm_area_struct *vma = find_vma(space, page_at(first));

	return vma && vma->vm_start <= page_at(first) && vma->vm_end >= page_at(first + count);
}

u32 model_locked(u32 first, u32 count)
{
	u32 locked = 0;

	for (u32 page = first; page < first + count; page++)
		locked += window[page].locked;
	return locked;
}

static bool behind_file(u32 page)
{
	return window[page].kind != KIND_ANON &&
	       file_page(page) >= DIV_ROUND_UP(file.size, PAGE_SIZE);
}

enum fault_result model_access(u32 page, bool write)
{
	u32 prot = window[page].prot;

	if (prot == UNMAPPED)
		return FAULT_MAPERR;
	if (write && !(prot & PROT_WRITE))
		return FAULT_ACCERR;
	return behind_file(page) ? FAULT_SIGBUS : FAULT_OK;
}

static bool shows_file(u32 page)
{
	return window[page].kind != KIND_ANON && !window[page].own;
}

u32 model_head(u32 page)
{
	return shows_file(page) ? file.head[file_page(page)] : window[page].head;
}

u32 model_tail(u32 page)
{
	return shows_file(page) ? file.tail[file_page(page)] : window[page].tail;
}

void model_truncate(u32 size)
{
	/* What a mapping wrote after the end stays when the file grows, as on Linux. */
	bool grows = size > file.size;

	file.size = size;
	if (grows)
		return;
	for (u32 i = 0; i < file_pages(); i++) {
		if (i * PAGE_SIZE >= size)
			file.head[i] = 0;
		if ((i + 1) * PAGE_SIZE > size)
			file.tail[i] = 0;
	}
	for (u32 page = 0; page < pages; page++)
		if (window[page].prot != UNMAPPED && behind_file(page))
			model_forget(page);
}

void model_adopt(u32 first, u32 count, const struct page_model *after)
{
	for (u32 page = first; page < first + count; page++) {
		const struct vm_area_struct *vma = find_vma(space, page_at(page));
		bool mapped = vma && vma->vm_start <= page_at(page);
		u32 prot = mapped ? vma->vm_flags & VM_ACCESS_MASK : UNMAPPED;
		bool locked = mapped && vma->vm_flags & VM_LOCKED;

		if (prot == window[page].prot && locked == window[page].locked)
			continue;
		EXPLORE_EQUAL(prot, after->prot);
		EXPLORE_EQUAL(locked, after->locked);
		if (!mapped)
			model_forget(page);
		window[page].prot = (u8)prot;
		window[page].locked = locked;
		window[page].kind = (u8)(mapped ? window[page].kind : KIND_ANON);
	}
}

/* --- comparing --- */

static void check_area_of(u32 page)
{
	const struct vm_area_struct *vma = find_vma(space, page_at(page));
	const struct page_model *model = &window[page];
	bool mapped = vma && vma->vm_start <= page_at(page);

	EXPLORE_EQUAL(mapped, model->prot != UNMAPPED);
	if (!mapped)
		return;
	EXPLORE_EQUAL(vma->vm_flags & VM_ACCESS_MASK, model->prot);
	EXPLORE_EQUAL(!!(vma->vm_flags & VM_LOCKED), model->locked);
	EXPLORE_EQUAL(!!(vma->vm_flags & VM_SHARED), model->kind == KIND_SHARED);
	EXPLORE_CHECK(vma->vm_mapping == (model->kind == KIND_ANON ? NULL : object));
	if (vma->vm_mapping)
		EXPLORE_EQUAL(linear_page_index(vma, page_at(page)), file_page(page));
}

/* What is in memory of a page is what the model says; an own page is in memory. */
static void check_contents_of(u32 page)
{
	const struct page *frame = mapped_frame(space, page_at(page));

	EXPLORE_CHECK(frame || !window[page].own);
	if (!frame)
		return;
	EXPLORE_EQUAL(frame_word(frame, HEAD), model_head(page));
	EXPLORE_EQUAL(frame_word(frame, TAIL), model_tail(page));
	if (shows_file(page))
		EXPLORE_CHECK(frame == find_page(object, file_page(page)));
	else
		EXPLORE_EQUAL(frame == zero_page, !window[page].own);
}

static void check_file(void)
{
	EXPLORE_EQUAL(object->i_size, file.size);
	for (u32 i = 0; i < file_pages(); i++) {
		const struct page *frame = find_page(object, i);

		EXPLORE_CHECK(frame || (!file.head[i] && !file.tail[i]));
		if (!frame)
			continue;
		EXPLORE_EQUAL(frame_word(frame, HEAD), file.head[i]);
		EXPLORE_EQUAL(frame_word(frame, TAIL), file.tail[i]);
	}
}

void model_check(void)
{
	u32 mapped = 0;

	for (u32 page = 0; page < pages; page++) {
		check_area_of(page);
		check_contents_of(page);
		mapped += window[page].prot != UNMAPPED;
	}
	EXPLORE_EQUAL(space->total_vm, mapped);
	EXPLORE_EQUAL(space->locked_vm, model_locked(0, pages));
	check_file();
}

/* --- the state --- */

bool model_within_budget(void)
{
	u32 areas = 0, special = 0, entries = 0;

	for (const struct vm_area_struct *vma = space->mmap; vma; vma = vma->vm_next) {
		areas++;
		special += vma->vm_mapping || vma->vm_flags & VM_LOCKED;
	}
	for (u32 page = 0; page < pages; page++)
		entries += mapped_frame(space, page_at(page)) != NULL;
	entries = max(entries, object->nrpages);
	if (special || object->nrpages)
		return entries <= 1 && areas <= (pages > MIXED_PAGES ? 1 : 2) &&
		       (special <= 1 || pages == SPECIAL_PAGES);
	return areas <= 3 && entries <= min((pages > MIXED_PAGES ? 3 : 4) - areas, 2u);
}

static void describe_page(u32 page)
{
	const struct vm_area_struct *vma = find_vma(space, page_at(page));
	const struct page_model *model = &window[page];

	if (model->prot == UNMAPPED) {
		explore_put(UNMAPPED);
		return;
	}
	explore_put(model->prot | (u32)model->kind << 8 | (u32)model->locked << 16 |
		    (u32)model->own << 17 | (vma->vm_flags & VM_ACCOUNT));
	explore_put(entry_bits(space, page_at(page), ENTRY_RIGHTS));
}

/* Contents do not matter to mm/. But where truncation cuts a page, zeros hide what it forgets. */
void model_describe(void)
{
	for (u32 page = 0; page < pages; page++)
		describe_page(page);
	explore_put(has_table(space, page_at(0)) | (u32)has_table(space, page_at(half)) << 1);
	explore_put(file.size);
	for (u32 i = 0; i < file_pages(); i++)
		explore_put((find_page(object, i) != NULL) | (u32) !!file.head[i] << 1 |
			    (u32) !!file.tail[i] << 2);
}
