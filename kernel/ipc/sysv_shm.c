/* SPDX-License-Identifier: MIT */
/* Segments: create, find, attach, detach. The numbers are the invariants in sysv_shm.h. */
#include "kernel/ipc/sysv_shm.h"
#include "kernel/task/sched.h"
#include "lib/assert.h"
#include "lib/clock.h"
#include "abi/linux/errno.h"
#include "lib/math64.h"
#include "lib/printf.h"
#include "mm/user_space/overcommit.h"
#include "mm/user_space/huge.h"
#include "mm/user_space/shmem.h"
#include "mm/slab/slab.h"
#include "mm/mman/mman.h"
#include "mm/user_space/vma.h"

struct ipc_table shm_table = IPC_TABLE(shm_table);

u32 shmmax = SHMMAX, shmall = SHMALL, shmmni = SHMMNI;

static u32 shm_pages; /* of all segments */

static struct shm_segment *segment_of(struct address_space *mapping)
{
	return container_of(mapping, struct shm_segment, mapping);
}

/* (2) */
static void shm_release(struct address_space *mapping)
{
	struct shm_segment *segment = segment_of(mapping);

	BUG_ON(mapping->i_mmap.root); /* (2) */
	vm_unacct_memory(mapping->blocks_committed);
	shm_pages -= PAGE_ALIGN(segment->size) >> PAGE_SHIFT;
	ipc_leave(&shm_table, &segment->ipc);
	kfree(segment);
}

static const struct address_space_operations shm_operations = { .release = shm_release };

u32 shm_time(void)
{
	return max((u32)div_u64(clock_coarse(), 1000000000), 1u);
}

struct shm_segment *shm_find(s32 id, int *err)
{
	struct shm_segment *segment = shm_segment_of(ipc_find(&shm_table, id, err));

	/* A segment without references is about to be freed. */
	return segment && segment->mapping.count ? segment : NULL;
}

u32 shm_attached(const struct shm_segment *segment)
{
	struct vm_area_struct *vma = NULL;
	u32 count = 0;

	while ((vma = next_sharing_area(&segment->mapping, vma, 0)))
		count++;
	return count;
}

u32 shm_resident(const struct shm_segment *segment)
{
	const struct address_space *mapping = &segment->mapping;
	const struct page *page;
	u32 pages = 0;

	if (!mapping->huge)
		return mapping->nrpages;
	for (u32 index = 0; (page = find_next_page(mapping, &index)); index++)
		pages += page->flags & PG_uptodate ? HUGE_FRAMES : 0;
	return pages;
}

static s32 new_segment(u32 key, u32 size, u32 flags)
{
	u32 pages = size / PAGE_SIZE + !!(size % PAGE_SIZE);
	const u32 log = flags & SHM_HUGETLB ? flags >> SHM_HUGE_SHIFT ?: LARGE_PAGE_SHIFT : 0;
	u32 charge = flags & (SHM_NORESERVE | SHM_HUGETLB) ? 0 : pages;
	struct shm_segment *segment;
	int err = 0;
	bool made;

	if (!size || size > shmmax)
		return -EINVAL;
	if (shm_table.count >= shmmni || shm_pages + pages > shmall || shm_pages + pages < pages)
		return -ENOSPC;
	if (log && log != LARGE_PAGE_SHIFT)
		return -EINVAL;
	if (log && !capable(CAP_IPC_LOCK))
		return -EPERM;
	segment = kmalloc(sizeof(*segment), GFP_KERNEL);
	if (!segment)
		return -ENOMEM;
	*segment = (struct shm_segment){
		.size = size,
		.ctime = shm_time(),
		.cpid = (u32)current->pid,
	};
	mapping_init(&segment->mapping, &shm_operations, log ? ALIGN_UP(size, 1u << log) : size);
	segment->mapping.huge = log;
	if (log && !(flags & SHM_NORESERVE))
		err = huge_reserve(&segment->mapping);
	/* Other tasks may have made some while there was no memory. */
	made = ipc_find_key(&shm_table, key);
	if (made || shm_table.count >= shmmni)
		err = -ENOSPC;
	else if (!err && vm_enough_memory(current->mm, charge))
		err = -ENOMEM;
	if (err) {
		mapping_put_last(&segment->mapping);
		kfree(segment);
		return made ? do_shmget(key, size, flags) : err;
	}
	ipc_enter(&shm_table, &segment->ipc, key, flags);
	shm_pages += pages;
	scnprintf(segment->name, sizeof(segment->name), "/SYSV%08x (deleted)", key);
	segment->mapping.name = segment->name;
	segment->mapping.dev = SHMEM_DEV;
	segment->mapping.ino = (u32)ipc_id(&segment->ipc);
	segment->mapping.blocks_committed = charge;
	return ipc_id(&segment->ipc);
}

s32 do_shmget(u32 key, u32 size, u32 flags)
{
	struct shm_segment *segment = shm_segment_of(ipc_find_key(&shm_table, key));
	int err;

	if (!segment)
		return key == IPC_PRIVATE || flags & IPC_CREAT ? new_segment(key, size, flags)
							       : -ENOENT;
	if ((flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL))
		return -EEXIST;
	if (size > segment->size)
		return -EINVAL;
	err = ipc_access(&segment->ipc, flags);
	return err ? err : ipc_id(&segment->ipc);
}

/* Checks the address: 0 if the kernel may choose. Returns 0 or -EINVAL. */
static int attach_place(vaddr_t *address, u32 flags, bool *fixed)
{
	*fixed = *address;
	if (!*address)
		return flags & SHM_REMAP ? -EINVAL : 0;
	if (IS_ALIGNED(*address, PAGE_SIZE))
		return 0;
	if (!(flags & SHM_RND))
		return -EINVAL;
	*address = ALIGN_DOWN(*address, PAGE_SIZE);
	/* Address 0 would replace the mappings there (CVE-2017-5669). */
	return *address || !(flags & SHM_REMAP) ? 0 : -EINVAL;
}

/* Is an area there? do_mmap_pgoff() refuses addresses beyond the user half. */
static bool occupied(vaddr_t address, u32 bytes)
{
	u64 end = min((u64)address + bytes, (u64)TASK_SIZE);

	return find_vma_intersection(current->mm, address, (vaddr_t)end);
}

/* The access to the segment that an attachment needs. */
static u32 access_of(u32 flags)
{
	return IPC_READ | (flags & SHM_RDONLY ? 0 : IPC_WRITE) | (flags & SHM_EXEC ? IPC_EXEC : 0);
}

vaddr_t do_shmat(s32 id, vaddr_t address, u32 flags)
{
	struct mmap_request request = { .prot = PROT_READ, .flags = MAP_SHARED };
	struct shm_segment *segment;
	bool fixed;
	int err = id < 0 ? -EINVAL : attach_place(&address, flags, &fixed);

	if (err)
		return (vaddr_t)err;
	segment = shm_find(id, &err);
	if (segment)
		err = ipc_access(&segment->ipc, access_of(flags));
	if (!segment || err)
		return (vaddr_t)err;
	request.address = address;
	request.length = (u32)segment->mapping.i_size;
	request.mapping = &segment->mapping;
	request.may = VM_MAYREAD | VM_MAYEXEC;
	if (fixed)
		request.flags |= MAP_FIXED;
	if (request.mapping->huge)
		request.flags |= MAP_HUGETLB;
	if (!(flags & SHM_RDONLY)) {
		request.prot |= PROT_WRITE;
		request.may |= VM_MAYWRITE;
	}
	if (flags & SHM_EXEC)
		request.prot |= PROT_EXEC;
	if (address && !(flags & SHM_REMAP) && occupied(address, (u32)segment->mapping.i_size))
		return (vaddr_t)-EINVAL;
	/* The areas that this replaces may hold the last reference to the segment. */
	mapping_get(&segment->mapping);
	mm_hold();
	address = do_mmap_pgoff(current->mm, &request);
	mm_unhold();
	if (!IS_ERR_VALUE(address)) {
		segment->atime = shm_time();
		segment->lpid = (u32)current->pid;
	}
	mapping_put(&segment->mapping);
	return address;
}

/* Is the area part of an attachment at `address`: of `mapping`, or, if NULL, of any segment? */
static bool attached_at(const struct vm_area_struct *vma, vaddr_t address,
			const struct address_space *mapping)
{
	if (!vma->vm_mapping || vma->vm_mapping->a_ops != &shm_operations)
		return false;
	if (mapping && vma->vm_mapping != mapping)
		return false;
	return (vma->vm_start - address) >> PAGE_SHIFT == vma->vm_pgoff;
}

/* Detaches all that is left of the attachment: munmap and mprotect may have split it. */
s32 do_shmdt(vaddr_t address)
{
	struct mm_struct *mm = current->mm;
	struct address_space *mapping = NULL;
	struct vm_area_struct *vma;
	u64 end = TASK_SIZE;

	if (!IS_ALIGNED(address, PAGE_SIZE))
		return -EINVAL;
	mm_hold();
	vma = find_vma(mm, address);
	while (vma && vma->vm_end <= end) {
		vaddr_t next = vma->vm_end;

		if (!attached_at(vma, address, mapping)) {
			vma = vma->vm_next;
			continue;
		}
		if (!mapping) {
			mapping = vma->vm_mapping;
			mapping_get(mapping);
			end = min(end, (u64)address + PAGE_ALIGN((u32)mapping->i_size));
		}
		do_munmap(mm, vma->vm_start, next - vma->vm_start);
		vma = find_vma(mm, next);
	}
	mm_unhold();
	if (!mapping)
		return -EINVAL;
	segment_of(mapping)->dtime = shm_time();
	segment_of(mapping)->lpid = (u32)current->pid;
	mapping_put(mapping);
	return 0;
}
