/* SPDX-License-Identifier: MIT */
/* The kernel half of all address spaces. Numbers cite the invariants of the header. */
#include "mm/kernel_space/kernel_map.h"
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "mm/frames/early.h"
#include "mm/frames/page_alloc.h"
#include "mm/kernel_space/quicklist.h"
#include "paging/tlb.h"

#define DEVICE_REACH ((phys_addr_t)1 << 40)

pgd_t *kernel_pgd;
vaddr_t vmalloc_end;
bool debug_pagealloc_wanted;

/* Spare page directories kept: enough for short-lived processes. */
#define PGD_LIMIT 8u

LIST_HEAD(pgd_list);
static struct quicklist spare_pgds = { .limit = PGD_LIMIT };

static pfn_t early_table(void *context)
{
	phys_addr_t table = early_alloc(&early, PAGE_SIZE, PAGE_SIZE);

	(void)context;
	if (table)
		memset(phys_to_virt(table), 0, PAGE_SIZE);
	return phys_to_pfn(table);
}

static void early_populate(void *context, pmd_t *pmd, vaddr_t address, pmd_t entry)
{
	(void)context;
	(void)address;
	set_pmd(pmd, entry);
}

static const struct pgtable_ops early_pgtable_ops = { early_table, early_populate, NULL };

/* Maps frames [first, end), at most those of one page table of the direct map, page by page. */
static int map_small(pfn_t first, pfn_t end, pfn_t ro_first, pfn_t ro_end)
{
	for (pfn_t pfn = first; pfn < end; pfn++) {
		bool read_only = pfn >= ro_first && pfn < ro_end;

		if (map_page(kernel_pgd, PAGE_OFFSET + (vaddr_t)pfn_to_phys(pfn), pfn,
			     read_only ? PAGE_KERNEL_RO : PAGE_KERNEL, &early_pgtable_ops))
			return -ENOMEM;
	}
	return 0;
}

int kernel_map_init(pfn_t low_end, phys_addr_t ro_start, phys_addr_t ro_end)
{
	pfn_t ro_first = phys_to_pfn(ro_start), ro_last = phys_to_pfn(ro_end);
	pfn_t directory = early_table(NULL);

	if (!directory)
		return -ENOMEM;
	list_init(&pgd_list);
	vmalloc_end = VMALLOC_END;
	spare_pgds = (struct quicklist){ .limit = PGD_LIMIT };
	kernel_pgd = pfn_to_virt(directory);
	if (!pgd_fill(kernel_pgd, KERNEL_PGD_INDEX, PTRS_PER_PGD, early_table, NULL))
		return -ENOMEM;
	for (pfn_t first = 0; first < low_end; first += PTRS_PER_PTE) {
		vaddr_t address = PAGE_OFFSET + (vaddr_t)pfn_to_phys(first);
		pfn_t end = min(first + PTRS_PER_PTE, low_end);
		bool mixed = ro_first < end && ro_last > first;

		if (mixed || debug_pagealloc_wanted || end - first < PTRS_PER_PTE) {
			if (map_small(first, end, ro_first, ro_last))
				return -ENOMEM;
		} else {
			pgd_t *pgd = pgd_offset(kernel_pgd, address);

			set_pmd(pmd_offset(pgd, address), mk_pmd_large(first, PAGE_KERNEL));
		}
	}
	/* The windows of mm/frames/highmem.h get their page tables now: kmap() cannot allocate. */
	if (!pte_alloc(kernel_pgd, PKMAP_BASE, &early_pgtable_ops) ||
	    !pte_alloc(kernel_pgd, FIXMAP_END - PAGE_SIZE, &early_pgtable_ops))
		return -ENOMEM;
	return 0;
}

void *kernel_map_device(phys_addr_t start, u64 bytes, bool write_combining)
{
	phys_addr_t first = ALIGN_DOWN(start, (phys_addr_t)LARGE_PAGE_SIZE);
	u64 span = ALIGN_UP(start + bytes, (phys_addr_t)LARGE_PAGE_SIZE) - first;
	vaddr_t base, end = ALIGN_DOWN(vmalloc_end, LARGE_PAGE_SIZE);

	if (!bytes || bytes > DEVICE_MAX || start > DEVICE_REACH - bytes)
		return NULL;
	base = end - (u32)span;
	for (u32 done = 0; done < span; done += LARGE_PAGE_SIZE) {
		pmd_t *pmd = pmd_offset(pgd_offset(kernel_pgd, base + done), base + done);

		BUG_ON(!pmd_none(*pmd));
		set_pmd(pmd, mk_pmd_large(phys_to_pfn(first + done),
					  write_combining ? PAGE_KERNEL_WC : PAGE_KERNEL_IO));
	}
	vmalloc_end = base - PAGE_SIZE;
	return (char *)mmu_pointer(base) + (u32)(start - first);
}

static pfn_t kernel_table(void *context)
{
	struct page *page = alloc_page(GFP_PGTABLE);

	(void)context;
	return page ? page_to_pfn(page) : 0;
}

/* Keeps (2). */
static void kernel_populate(void *context, pmd_t *pmd, vaddr_t address, pmd_t entry)
{
	struct page *page;

	(void)context;
	BUG_ON(address < PAGE_OFFSET || !pmd_none(*pmd));
	set_pmd(pmd, entry);
	if (!PMD_FOLDED)
		return; /* all directories share this table of the middle level */
	list_for_each_entry (page, &pgd_list, lru) {
		pgd_t *directory = page_address(page);

		set_pmd(pmd_offset(pgd_offset(directory, address), address), entry);
	}
}

const struct pgtable_ops kernel_pgtable_ops = { kernel_table, kernel_populate, NULL };

/* Frees a page directory and its own tables of the middle level. Returns their number. */
static u32 free_directory(struct page *page)
{
	const pgd_t *directory = page_address(page);
	u32 frames = 1;

	for (u32 i = 0; i < KERNEL_PGD_INDEX; i++) {
		pfn_t table = pgd_table(directory[i]);

		if (table) {
			__free_page(pfn_to_page(table));
			frames++;
		}
	}
	__free_page(page);
	return frames;
}

pgd_t *pgd_alloc(void)
{
	struct page *spare = quicklist_take(&spare_pgds);
	pgd_t *directory;

	if (spare)
		return page_address(spare);
	directory = __get_free_pages(GFP_PGTABLE, 0);
	if (!directory)
		return NULL;
	if (!pgd_fill(directory, 0, KERNEL_PGD_INDEX, kernel_table, NULL)) {
		free_directory(virt_to_page(directory));
		return NULL;
	}
	memcpy(directory + KERNEL_PGD_INDEX, kernel_pgd + KERNEL_PGD_INDEX,
	       (PTRS_PER_PGD - KERNEL_PGD_INDEX) * sizeof(*directory));
	list_add(&virt_to_page(directory)->lru, &pgd_list);
	return directory;
}

void pgd_free(pgd_t *directory)
{
	struct page *page = virt_to_page(directory);

	BUG_ON(page_owner(page) != OWNER_PGTABLE);
	BUG_ON(directory == kernel_pgd);
	BUG_ON(mmu_root() == virt_to_phys(directory));
	if (quicklist_keep(&spare_pgds, page))
		return;
	list_del(&page->lru);
	free_directory(page);
}

u32 kernel_pgtable_frames(void)
{
	u32 frames = 0;
	const struct page *page;

	for (vaddr_t address = PAGE_OFFSET; address; address += PMD_SIZE) {
		pmd_t pmd = *pmd_off(kernel_pgd, address);

		frames += !pmd_none(pmd) && !pmd_large(pmd) &&
			  !(pfn_to_page(pmd_pfn(pmd))->flags & PG_reserved);
	}
	list_for_each_entry (page, &pgd_list, lru) {
		const pgd_t *directory = page_address(page);

		frames++;
		for (u32 i = 0; i < KERNEL_PGD_INDEX; i++)
			frames += !!pgd_table(directory[i]);
	}
	return frames;
}

u32 pgd_shrink(void)
{
	struct page *page;
	u32 frames = 0;

	while ((page = quicklist_take(&spare_pgds))) {
		list_del(&page->lru);
		frames += free_directory(page);
	}
	return frames;
}

const char *pgd_validate(void)
{
	for (const struct page *page = spare_pgds.first; page; page = page->mapping) {
		pgd_t *directory = page_address(page);

		for (vaddr_t address = 0; address < TASK_SIZE; address += PMD_SIZE)
			if (!pmd_none(*pmd_off(directory, address)))
				return "(4) a page directory that waits is not empty";
	}
	return NULL;
}
