/* SPDX-License-Identifier: MIT */
/* The model of areas. See the header. */
#include <string.h>

#include "mm/page_cache/filemap.h"
#include "mm/user_space/truncate.h"
#include "tests/host/mm/mman/area_model.h"
#include "tests/host/tap.h"

#define GAP_PAGES (STACK_GUARD_GAP / PAGE_SIZE)

struct mm_struct *model_mm;
struct address_space *model_objects[2];
struct model_page model[PAGES];
vaddr_t model_brk;

vaddr_t address_of(u32 page)
{
	return BASE + page * PAGE_SIZE;
}

u32 next_mapped(u32 page)
{
	while (page < PAGES && !model[page].flags)
		page++;
	return page;
}

/* This page and the one before it lie in one area. */
static bool goes_on(u32 page)
{
	const struct model_page *last = &model[page - 1], *this = &model[page];

	return this->flags == last->flags && this->shows == (last->shows ? last->shows + 1 : 0);
}

static bool starts_area(u32 page)
{
	return model[page].flags && (!page || !goes_on(page));
}

u32 area_end(u32 page)
{
	do
		page++;
	while (page < PAGES && goes_on(page));
	return page;
}

u32 reach_below(u32 page)
{
	if (page < PAGES && model[page].flags & VM_GROWSDOWN)
		return page > GAP_PAGES ? page - GAP_PAGES : 0;
	return page;
}

u32 model_search(u32 page, u32 pages)
{
	while (page < PAGES) {
		u32 next = next_mapped(page), end = next == PAGES ? UINT32_MAX : reach_below(next);

		/* A page inside an area is in use, whatever lies below the area. */
		if (next != page && end > page && end - page >= pages)
			return page;
		for (page = next; page < PAGES && model[page].flags;)
			page++;
	}
	return PAGES;
}

bool model_free(u32 page, u32 pages)
{
	u32 next = next_mapped(page);

	return next != page && (next == PAGES || page + pages <= reach_below(next));
}

u32 charged(u32 flags)
{
	return (flags & (VM_WRITE | VM_SHARED)) == VM_WRITE ? flags | VM_ACCOUNT : flags;
}

void model_set(u32 page, u32 pages, u32 flags, u32 shows)
{
	for (; pages--; page++) {
		model[page] = (struct model_page){ charged(flags), shows };
		shows += !!shows;
	}
}

u32 model_charge(void)
{
	u32 pages = 0;

	for (u32 page = 0; page < PAGES; page++)
		pages += !!(model[page].flags & VM_ACCOUNT);
	return pages;
}

static u32 area_flags(const struct vm_area_struct *vma)
{
	return MAPPED | (vma->vm_flags & ~(u32)(VM_MAY_MASK | VM_MAYSHARE));
}

static u32 area_shows(const struct vm_area_struct *vma)
{
	if (!vma->vm_mapping)
		return 0;
	return (vma->vm_mapping == model_objects[0] ? 1u : 2u) << 16 | vma->vm_pgoff;
}

bool compare(void)
{
	const struct vm_area_struct *vma = model_mm->mmap;
	u32 areas = 0, pages = 0, locked = 0;
	vaddr_t where = 0;

	EXPECT_VALID(mm_validate(model_mm, &where));
	for (u32 page = 0; page < PAGES; page++) {
		pages += !!model[page].flags;
		locked += !!(model[page].flags & VM_LOCKED);
		if (!starts_area(page))
			continue;
		areas++;
		if (!EXPECT(vma && vma->vm_start == address_of(page) &&
			    area_flags(vma) == model[page].flags &&
			    area_shows(vma) == model[page].shows))
			break;
		EXPECT_EQ(vma->vm_end, address_of(area_end(page)));
		vma = vma->vm_next;
	}
	EXPECT(!vma);
	EXPECT_EQ(model_mm->map_count, areas);
	EXPECT_EQ(model_mm->total_vm, pages);
	EXPECT_EQ(model_mm->locked_vm, locked);
	EXPECT_EQ(model_mm->brk, model_brk);
	for (u32 i = 0; i < ARRAY_SIZE(model_objects); i++) {
		EXPECT_VALID(mapping_validate(model_objects[i]));
		EXPECT_VALID(mapping_validate_areas(model_objects[i]));
	}
	return !tap_failed();
}

u32 mapped_run(u32 page, u32 pages)
{
	u32 run = 0;

	while (run < pages && model[page + run].flags)
		run++;
	return run;
}

void model_move(u32 from, u32 old, u32 to, u32 new)
{
	struct model_page first = model[from];

	model_set(from, old, 0, 0);
	model_set(to, new, first.flags, first.shows);
}

void take_over(void)
{
	memset(model, 0, sizeof(model));
	for (const struct vm_area_struct *vma = model_mm->mmap; vma; vma = vma->vm_next)
		for (vaddr_t at = vma->vm_start; at < vma->vm_end; at += PAGE_SIZE)
			model[(at - BASE) / PAGE_SIZE] = (struct model_page){
				area_flags(vma),
				vma->vm_mapping ? area_shows(vma) + (at - vma->vm_start) / PAGE_SIZE
						: 0
			};
}
