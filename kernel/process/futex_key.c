/* SPDX-License-Identifier: MIT */
/* Keys of futexes. */
#include "kernel/process/futex_key.h"
#include "abi/linux/errno.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/signal/signal.h"
#include "mm/page_cache/filemap.h"
#include "mm/user_space/anon.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/vma.h"

static bool is_of_object(const struct futex_key *key)
{
	return (key->offset & 3) == KEY_OBJECT;
}

void key_get(const struct futex_key *key)
{
	if (is_of_object(key))
		mapping_get(key->object);
	else
		mm_grab(key->object);
}

void key_put(const struct futex_key *key)
{
	if (is_of_object(key))
		mapping_put(key->object);
	else
		mm_drop(key->object);
}

/*
 * The word's page decides, after a fault as for a write. That copies a page of a private, writable
 * mapping of a file, so that the word is the process's own. In a read-only area the page may be
 * the file's. A word of private memory that cannot be written is refused. All as on Linux.
 */
static int key_of_page(vaddr_t address, struct futex_key *key)
{
	const struct vm_area_struct *vma = find_vma(current->mm, address);
	bool writable = vma && vma->vm_flags & VM_WRITE;
	enum fault_access access = writable ? FAULT_WRITE : FAULT_READ;
	enum fault_result result;
	struct page *page, *head;

	result = mm_page(current->mm, address, access, &page);
	if (result == FAULT_OOM)
		user_out_of_memory(address, access);
	if (result != FAULT_OK)
		return -EFAULT;
	/* The fault may have slept, and another thread changed the areas. */
	head = vma_page_head(find_vma(current->mm, address), page);
	if (page != zero_page && !page_is_anon(head)) {
		key->offset = (key->offset & ~3u) | KEY_OBJECT;
		key->object = head->mapping;
		key->page = head->index + (u32)(page - head);
	} else if (!writable) {
		return -EFAULT;
	}
	return 0;
}

/* Checks in Linux's order: alignment, then address range, then the page. */
int make_key(vaddr_t address, bool shared, struct futex_key *key)
{
	if (!IS_ALIGNED(address, sizeof(u32)))
		return -EINVAL;
	if (!access_ok(address, sizeof(u32)))
		return -EFAULT;
	key->object = current->mm;
	key->page = address >> PAGE_SHIFT;
	key->offset = (address & ~PAGE_MASK) | (shared ? KEY_ANONYMOUS : KEY_PRIVATE);
	return shared ? key_of_page(address, key) : 0;
}
