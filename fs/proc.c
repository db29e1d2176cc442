/* SPDX-License-Identifier: MIT */
/* /proc: text files are printed anew for each read; pagemap is computed entry by entry. */
#include "fs/proc.h"
#include "fs/file.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "mm/slab.h"

/* The longest text: beyond it the rest is cut. Bytes. */
#define PROC_TEXT_SIZE 16384u

#define PAGEMAP_PRESENT	  (1ull << 63)
#define PAGEMAP_EXCLUSIVE (1ull << 56)

static void proc_release(struct file *file)
{
	if (file->mm)
		mm_drop(file->mm);
}

static s32 proc_text_read(struct file *file, void *buffer, u32 bytes, u64 position)
{
	char *text = kmalloc(PROC_TEXT_SIZE, GFP_KERNEL);
	u32 length;

	if (!text)
		return -ENOMEM;
	length = file->print(file->mm, text, PROC_TEXT_SIZE);
	if (position >= length) {
		bytes = 0;
	} else {
		bytes = min(bytes, length - (u32)position);
		memcpy(buffer, text + (u32)position, bytes);
	}
	kfree(text);
	return (s32)bytes;
}

static const struct file_operations proc_text_operations = {
	.read = proc_text_read,
	.release = proc_release,
	.seekable = true,
};

static u64 pagemap_entry(struct mm_struct *mm, vaddr_t address)
{
	pte_t *pte = pte_lookup(mm->pgd, address);
	const struct page *page;

	if (!pte || !pte_present(*pte))
		return 0;
	page = pfn_to_page(pte_pfn(*pte));
	return PAGEMAP_PRESENT | (page != zero_page && page->count == 1 ? PAGEMAP_EXCLUSIVE : 0) |
	       pte_pfn(*pte);
}

static s32 pagemap_read(struct file *file, void *buffer, u32 bytes, u64 position)
{
	u64 end = (u64)(TASK_SIZE >> PAGE_SHIFT) * sizeof(u64);
	u32 done;

	if (position % sizeof(u64) || bytes % sizeof(u64))
		return -EINVAL;
	if (!file->mm->mm_users)
		return 0;
	for (done = 0; done < bytes && position + done < end; done += sizeof(u64)) {
		vaddr_t address = (u32)((position + done) / sizeof(u64)) << PAGE_SHIFT;
		u64 entry = pagemap_entry(file->mm, address);

		memcpy((char *)buffer + done, &entry, sizeof(entry));
	}
	return (s32)done;
}

static const struct file_operations pagemap_operations = {
	.read = pagemap_read,
	.release = proc_release,
	.seekable = true,
};

static u32 print_statm(struct mm_struct *mm, char *buffer, u32 size)
{
	u32 text = (PAGE_ALIGN(mm->end_code) - ALIGN_DOWN(mm->start_code, PAGE_SIZE)) >> PAGE_SHIFT;

	text = min(text, mm->total_vm);
	if (!mm->mm_users)
		return (u32)scnprintf(buffer, size, "0 0 0 0 0 0 0\n");
	return (u32)scnprintf(buffer, size, "%u %u 0 %u 0 %u 0\n", mm->total_vm, mm->rss, text,
			      mm->total_vm - text);
}

static const char *area_name(const struct vm_area_struct *vma)
{
	const struct mm_struct *mm = vma->vm_mm;

	if (vma->vm_start <= mm->start_stack && mm->start_stack < vma->vm_end)
		return "[stack]";
	if (vma->vm_start < mm->brk && vma->vm_end > mm->start_brk)
		return "[heap]";
	return "";
}

static u32 print_maps(struct mm_struct *mm, char *buffer, u32 size)
{
	u32 length = 0;

	for (const struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next) {
		const char *name = area_name(vma);
		char rights[5];

		length += (u32)scnprintf(buffer + length, size - length,
					 "%08x-%08x %s 00000000 00:00 0%s%s\n", vma->vm_start,
					 vma->vm_end, vm_flags_text(vma->vm_flags, rights),
					 *name ? "                          " : "", name);
	}
	return length;
}

static u32 print_meminfo(struct mm_struct *mm, char *buffer, u32 size)
{
	(void)mm;
	return (u32)scnprintf(buffer, size, "MemTotal:       %8u kB\nMemFree:        %8u kB\n",
			      nr_present_pages() * (PAGE_SIZE / 1024),
			      nr_free_pages() * (PAGE_SIZE / 1024));
}

static u32 print_buddyinfo(struct mm_struct *mm, char *buffer, u32 size)
{
	u32 length = 0;

	(void)mm;
	for (u32 i = 0; i < NR_ZONES; i++) {
		length += (u32)scnprintf(buffer + length, size - length, "Node 0, zone %8s ",
					 zones[i].name);
		for (u32 order = 0; order < MAX_ORDER; order++)
			length += (u32)scnprintf(buffer + length, size - length, "%6u ",
						 zone_free_blocks(&zones[i], order) +
							 (order ? 0 : zones[i].nr_hot));
		length += (u32)scnprintf(buffer + length, size - length, "\n");
	}
	return length;
}

static u32 print_slabinfo(struct mm_struct *mm, char *buffer, u32 size)
{
	(void)mm;
	return kmem_cache_slabinfo(buffer, size);
}

static const struct {
	const char *name;
	u32 (*print)(struct mm_struct *mm, char *buffer, u32 size);
	const struct file_operations *operations;
} proc_files[] = {
	{ "self/maps", print_maps, &proc_text_operations },
	{ "self/statm", print_statm, &proc_text_operations },
	{ "self/pagemap", NULL, &pagemap_operations },
	{ "meminfo", print_meminfo, &proc_text_operations },
	{ "buddyinfo", print_buddyinfo, &proc_text_operations },
	{ "slabinfo", print_slabinfo, &proc_text_operations },
};

int proc_open(const char *name, struct mm_struct *mm, struct file **file)
{
	for (u32 i = 0; i < ARRAY_SIZE(proc_files); i++) {
		if (strcmp(proc_files[i].name, name))
			continue;
		*file = file_alloc(proc_files[i].operations);
		if (!*file)
			return -ENOMEM;
		(*file)->mm = mm;
		(*file)->print = proc_files[i].print;
		mm_grab(mm);
		return 0;
	}
	return -ENOENT;
}
