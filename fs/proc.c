/* SPDX-License-Identifier: MIT */
/*
 * /proc. Short texts are printed again for each read. pagemap is computed entry by entry, and maps
 * line by line (fs/proc_maps.c).
 */
#include "fs/proc.h"
#include "fs/file.h"
#include "fs/process.h"
#include "fs/rootfs.h"
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "lib/printf.h"
#include "lib/resched.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/swap/swap.h"
#include "mm/user_space/anon.h"
#include "mm/user_space/limits.h"
#include "mm/user_space/overcommit.h"
#include "mm/slab/slab.h"

/* Longer than any text printed here, bytes. Lists of areas have no bound: see fs/proc_maps.c. */
#define PROC_TEXT_SIZE 16384u /* enough for each */

#define PAGEMAP_PRESENT	  (1ull << 63)
#define PAGEMAP_SWAP	  (1ull << 62) /* in swap: type in bits 4..0, offset above them */
#define PAGEMAP_FILE	  (1ull << 61) /* the page cache's */
#define PAGEMAP_EXCLUSIVE (1ull << 56) /* no other entry maps the frame */

void proc_release(struct file *file)
{
	if (file->mm)
		mm_drop(file->mm);
}

static u32 print(struct file *file, char *text, u32 size)
{
	if (file->proc->number)
		return (u32)scnprintf(text, size, "%u\n", *file->proc->number);
	return file->proc->print(file->mm, text, size);
}

/*
 * The text, or NULL without memory. Most fit into one frame: when memory is short, there may be no
 * adjacent ones.
 */
static char *new_text(struct file *file, u32 *length)
{
	for (u32 size = PAGE_SIZE;; size *= 2) {
		char *text = kmalloc(size, GFP_KERNEL);

		if (!text)
			return NULL;
		*length = print(file, text, size);
		if (*length < size - 1)
			return text;
		BUG_ON(size >= PROC_TEXT_SIZE);
		kfree(text);
	}
}

static s32 proc_text_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
			  void *context)
{
	u32 length, left = 0;
	char *text = new_text(file, &length);

	if (!text)
		return -ENOMEM;
	bytes = position < length ? min(bytes, length - (u32)position) : 0;
	if (bytes)
		left = copy(text + (u32)position, bytes, context);
	kfree(text);
	return left && left == bytes ? -EFAULT : (s32)(bytes - left);
}

/* A number, followed by nothing but the end of the line. */
static int parse_number(const char *text, s32 *number)
{
	bool negative = *text == '-';
	const char *end;
	u64 value;

	if (parse_u64(text + negative, &end, 0, &value) || value > INT32_MAX)
		return -EINVAL;
	*number = negative ? -(s32)value : (s32)value;
	return *end && strcmp(end, "\n") != 0 ? -EINVAL : 0;
}

static s32 proc_text_write(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
			   void *context)
{
	const struct proc_file *proc = file->proc;
	char text[16];
	u32 length = min(bytes, (u32)sizeof(text) - 1);
	s32 number;
	int err;

	(void)position;
	if (!proc->number && !proc->set)
		return -EIO;
	if (!bytes)
		return 0;
	if (copy(text, length, context))
		return -EFAULT;
	text[length] = '\0';
	err = parse_number(text, &number);
	if (!err && proc->set)
		err = proc->set(number);
	else if (!err && (number < 0 || (u32)number > proc->most))
		err = -EINVAL;
	else if (!err)
		*proc->number = (u32)number;
	return err ? err : (s32)bytes;
}

static const struct file_operations proc_text_operations = {
	.read = proc_text_read,
	.write = proc_text_write,
	.open = proc_open,
	.release = proc_release,
	.seekable = true,
};

/* Numbers of frames and slots are for the super-user only, as on Linux (CVE-2015-0565). */
static u64 pagemap_entry(struct mm_struct *mm, vaddr_t address)
{
	bool numbers = privileged();
	pte_t *pte = pte_lookup(mm->pgd, address);
	const struct page *page;
	u32 references;
	u64 entry;

	if (!pte || pte_none(*pte))
		return 0;
	if (pte_swap(*pte)) {
		swp_entry_t swap = pte_to_swp_entry(*pte);

		return PAGEMAP_SWAP | (numbers ? (u64)swp_offset(swap) << 5 | swp_type(swap) : 0);
	}
	page = pfn_to_page(pte_pfn(*pte));
	entry = PAGEMAP_PRESENT | (numbers ? pte_pfn(*pte) : 0);
	references = 1 + !page_is_anon(page) + !!(page->flags & PG_swapcache);
	if (page != zero_page && page->count == references)
		entry |= PAGEMAP_EXCLUSIVE;
	return page == zero_page || page_is_anon(page) ? entry : entry | PAGEMAP_FILE;
}

static s32 pagemap_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
			void *context)
{
	u64 end = (u64)(TASK_SIZE >> PAGE_SHIFT) * sizeof(u64);
	u32 done;

	if (position % sizeof(u64) || bytes % sizeof(u64))
		return -EINVAL;
	for (done = 0; done < bytes && position + done < end; done += sizeof(u64)) {
		vaddr_t address = (u32)((position + done) / sizeof(u64)) << PAGE_SHIFT;
		u64 entry;

		/* Other tasks may have run, and the address space may be gone. */
		if (!file->mm->mm_users || (done && task_killed()))
			break;
		entry = pagemap_entry(file->mm, address);
		if (copy(&entry, sizeof(entry), context))
			return done ? (s32)done : -EFAULT;
		cond_resched();
	}
	return (s32)done;
}

static const struct file_operations pagemap_operations = {
	.read = pagemap_read,
	.open = proc_open,
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

#define TEXT .operations = &proc_text_operations

static const struct proc_file proc_files[] = {
	{ "self/maps", 0444, .operations = &proc_maps_operations },
	{ "self/smaps", 0444, .operations = &proc_maps_operations, .print_area = proc_print_smaps },
	{ "self/pagemap", 0400, .operations = &pagemap_operations },
	{ "self/pagetables", 0400, .operations = &proc_maps_operations,
	  .print_line = proc_print_user_run },
	{ "self/statm", 0444, TEXT, .print = print_statm },
	{ "self/status", 0444, TEXT, .print = proc_print_status },
	{ "self/oom_score", 0444, TEXT, .print = proc_print_oom_score },
	{ "self/oom_score_adj", 0644, TEXT, .print = proc_print_oom_score_adj,
	  .set = proc_set_oom_score_adj },
	{ "kpagetables", 0400, .operations = &proc_maps_operations,
	  .print_line = proc_print_kernel_run },
	{ "frames", 0400, .operations = &proc_frames_operations },
	{ "meminfo", 0444, TEXT, .print = proc_print_meminfo },
	{ "buddyinfo", 0444, TEXT, .print = print_buddyinfo },
	{ "slabinfo", 0400, TEXT, .print = print_slabinfo },
	{ "swaps", 0444, TEXT, .print = proc_print_swaps },
	{ "vmstat", 0444, TEXT, .print = proc_print_vmstat },
	{ "sys/vm/page-cluster", 0644, TEXT, .number = &page_cluster, .most = PAGE_CLUSTER_MAX },
	{ "sys/vm/overcommit_memory", 0644, TEXT, .number = &overcommit_mode,
	  .most = OVERCOMMIT_NEVER },
	{ "sys/vm/overcommit_ratio", 0644, TEXT, .number = &overcommit_ratio, .most = INT32_MAX },
};

/* /proc/self/exe leads to the object, not to a name: also to an unlinked program. */
static int follow_exe(struct inode *link, struct inode **target)
{
	struct address_space *exe = process_exe();

	(void)link;
	if (!exe)
		return -ENOENT;
	*target = inode_of(exe);
	inode_get(*target);
	return 0;
}

static s32 readlink_exe(struct inode *link, char *buffer, u32 size)
{
	struct address_space *exe = process_exe();
	const char *path;
	u32 length;

	(void)link;
	if (!exe)
		return -ENOENT;
	path = inode_path(inode_of(exe), buffer, size);
	if (!path)
		return -ENAMETOOLONG;
	length = (u32)strlen(path);
	memmove(buffer, path, length);
	return (s32)length;
}

static const struct inode_operations exe_operations = { .follow = follow_exe,
							.readlink = readlink_exe };

static struct file_system proc_fs = { .type = "proc", .dev = PROC_DEV, .magic = 0x9fa0 };

int proc_open(struct inode *inode, struct file *file)
{
	file->proc = inode->data;
	if (file->mm)
		mm_grab(file->mm);
	return 0;
}

void proc_init(void)
{
	struct inode *inode;

	rootfs_mount("proc", S_IFDIR | 0555, &proc_fs);
	for (u32 i = 0; i < ARRAY_SIZE(proc_files); i++) {
		inode = rootfs_make("/proc", proc_files[i].name, S_IFREG | proc_files[i].mode);
		BUG_ON(!inode); /* at boot there is memory for it */
		inode->data = &proc_files[i];
		inode->file_operations = proc_files[i].operations;
	}
	inode = rootfs_make("/proc", "self/exe", S_IFLNK | 0777);
	BUG_ON(!inode);
	inode->operations = &exe_operations;
}
