/* SPDX-License-Identifier: MIT */
/*
 * mmap(2): adds an area. Pages are allocated by faults, or at once if the caller wants that.
 *
 *   arguments -> place -> kind -> limits -> unmap the place -> charge -> object -> area -> pages
 *
 * This is Linux's order. Errors up to the limits change nothing; later ones leave the place empty.
 */
#include "abi/linux/errno.h"
#include "mm/mman/mman_internal.h"
#include "mm/user_space/huge.h"
#include "mm/user_space/overcommit.h"
#include "mm/user_space/shmem.h"

/* The flags older than MAP_SHARED_VALIDATE, which refuses all others for a file. */
#define LEGACY_MAP_MASK                                                                           \
	((u32)(MAP_SHARED | MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_32BIT | MAP_GROWSDOWN | \
	       MAP_DENYWRITE | MAP_EXECUTABLE | MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE |       \
	       MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB | MAP_HUGE_2MB | MAP_HUGE_1GB))

#define FIXED (MAP_FIXED | MAP_FIXED_NOREPLACE)

/* The place of a MAP_FIXED mapping: the address, if it is valid. Of large pages: any place. */
static vaddr_t fixed_place(struct mm_struct *mm, vaddr_t address, u32 length, u32 flags)
{
	if (flags & MAP_HUGETLB && !(flags & FIXED))
		return get_unmapped_huge_area(mm, address, length);
	if (length > TASK_SIZE || address > TASK_SIZE - length)
		return (vaddr_t)-ENOMEM;
	if (!IS_ALIGNED(address, flags & MAP_HUGETLB ? LARGE_PAGE_SIZE : PAGE_SIZE))
		return (vaddr_t)-EINVAL;
	if (address < USER_MIN)
		return (vaddr_t)-EPERM;
	if (flags & MAP_FIXED_NOREPLACE && find_vma_intersection(mm, address, address + length))
		return (vaddr_t)-EEXIST;
	return address;
}

static int anonymous_kind(u32 flags, struct vma_kind *kind)
{
	switch (flags & MAP_TYPE) {
	case MAP_SHARED:
		kind->flags |= VM_SHARED | VM_MAYSHARE;
		return kind->flags & VM_GROWSDOWN ? -EINVAL : 0;
	case MAP_PRIVATE:
		return 0;
	}
	return -EINVAL;
}

static int shared_file_kind(const struct mmap_request *request, struct vma_kind *kind)
{
	if ((request->flags & MAP_TYPE) == MAP_SHARED_VALIDATE && request->flags & ~LEGACY_MAP_MASK)
		return -EOPNOTSUPP;
	if (request->prot & PROT_WRITE && !(request->may & VM_MAYWRITE))
		return -EACCES;
	kind->flags |= VM_SHARED | VM_MAYSHARE;
	/* Without VM_SHARED as on Linux: an area that can never be written is no shared writer. */
	if (!(request->may & VM_MAYWRITE))
		kind->flags &= ~(u32)(VM_MAYWRITE | VM_SHARED);
	return 0;
}

static int file_kind(const struct mmap_request *request, struct vma_kind *kind)
{
	u32 type = request->flags & MAP_TYPE;
	int err = 0;

	if (type == MAP_SHARED || type == MAP_SHARED_VALIDATE)
		err = shared_file_kind(request, kind);
	else if (type != MAP_PRIVATE)
		err = -EINVAL;
	if (err)
		return err;
	if (!(request->may & VM_MAYREAD))
		return -EACCES;
	if (!(request->may & VM_MAYEXEC)) {
		if (kind->flags & VM_EXEC)
			return -EPERM;
		kind->flags &= ~(u32)VM_MAYEXEC;
	}
	if (request->zeros && !(kind->flags & VM_SHARED))
		kind->flags &= ~(u32)VM_MAYSHARE;
	if (!request->mapping && !request->zeros)
		return -ENODEV;
	kind->flags |= request->may & VM_WRITER;
	kind->mapping = request->mapping;
	kind->pgoff = request->mapping ? request->pgoff : 0;
	return kind->flags & VM_GROWSDOWN ? -EINVAL : 0;
}

/* Sets *kind from the request. 0, or -errno if the request is not allowed. */
static int kind_of(struct mm_struct *mm, const struct mmap_request *request, u32 pages,
		   struct vma_kind *kind)
{
	u32 flags = request->flags;
	int err;

	*kind = (struct vma_kind){ .flags = prot_to_vm_flags(request->prot) | mm->def_flags |
					    VM_MAY_MASK };
	kind->flags |=
		implied_exec(mm, kind->flags, flags & MAP_ANONYMOUS || request->may & VM_MAYEXEC);
	if (flags & MAP_GROWSDOWN)
		kind->flags |= VM_GROWSDOWN;
	if (flags & MAP_HUGETLB)
		kind->flags |= VM_HUGETLB;
	if (flags & MAP_LOCKED) {
		kind->flags |= VM_LOCKED;
		if (!can_do_mlock())
			return -EPERM;
	}
	if (!may_lock_more(mm, kind->flags, pages))
		return -EAGAIN;
	err = flags & MAP_ANONYMOUS ? anonymous_kind(flags, kind) : file_kind(request, kind);
	if (!err && mm_denies_exec(mm, kind->flags, kind->flags))
		err = -EACCES;
	if (flags & MAP_NORESERVE &&
	    (overcommit_mode != OVERCOMMIT_NEVER || kind->flags & VM_HUGETLB))
		kind->flags |= VM_NORESERVE;
	return err;
}

/* Pages of [start, end) that areas cover. */
static u32 covered_pages(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	struct vm_area_struct *vma = find_vma(mm, start);
	u32 pages = 0;

	for (; vma && vma->vm_start < end; vma = vma->vm_next)
		pages += (min(end, vma->vm_end) - max(start, vma->vm_start)) >> PAGE_SHIFT;
	return pages;
}

/* Within the limits. Pages of [start, end) that are mapped now do not count: they are unmapped. */
static bool within_limits(struct mm_struct *mm, vaddr_t start, vaddr_t end, u32 flags)
{
	u32 pages = (end - start) >> PAGE_SHIFT;

	return likely(may_expand_vm(mm, flags, pages)) ||
	       may_expand_vm(mm, flags, pages - covered_pages(mm, start, end));
}

/*
 * Makes an object for shared anonymous memory, and charges all of it; or for large pages, of which
 * none is reserved yet. mapping_put() uncharges.
 */
static struct address_space *new_object(struct mm_struct *mm, u32 pages, u32 flags)
{
	u32 charge = flags & (VM_NORESERVE | VM_HUGETLB) ? 0 : pages;
	struct address_space *object;

	if (vm_enough_memory(mm, charge))
		return NULL;
	object = shmem_object((u64)pages << PAGE_SHIFT, flags & VM_HUGETLB
								? "/anon_hugepage (deleted)"
								: "/dev/zero (deleted)");
	if (!object) {
		vm_unacct_memory(charge);
		return NULL;
	}
	object->blocks_committed = charge;
	object->huge = flags & VM_HUGETLB;
	return object;
}

/* Reserves the object's large pages, if the program wants that. Such an area is never locked. */
static int reserve_huge(struct vma_kind *kind)
{
	kind->flags &= ~(u32)VM_LOCKED_MASK;
	if (kind->flags & VM_NORESERVE)
		return 0;
	kind->flags |= kind->flags & VM_MAYSHARE ? 0 : VM_HUGE_OWNER;
	return huge_reserve(kind->mapping);
}

/* Inserts an area of large pages, or of a new object, into the empty place. */
static noinline int enter_object(struct mm_struct *mm, vaddr_t start, vaddr_t end,
				 struct vma_kind kind)
{
	int err = 0;

	if (kind.mapping)
		mapping_get(kind.mapping);
	else
		kind.mapping = new_object(mm, (end - start) >> PAGE_SHIFT, kind.flags);
	if (!kind.mapping)
		return -ENOMEM;
	if (kind.flags & VM_HUGETLB)
		err = reserve_huge(&kind);
	if (!err && !vma_insert(mm, start, end, &kind))
		err = -ENOMEM;
	mapping_put(kind.mapping);
	return err;
}

static int enter(struct mm_struct *mm, vaddr_t start, vaddr_t end, struct vma_kind *kind)
{
	if (kind->flags & (VM_SHARED | VM_HUGETLB) && (!kind->mapping || kind->flags & VM_HUGETLB))
		return enter_object(mm, start, end, *kind);
	return vma_insert_charged(mm, start, end, kind) ? 0 : -ENOMEM;
}

static int check_request(struct mm_struct *mm, const struct mmap_request *request, u32 pages)
{
	if (!request->length)
		return -EINVAL;
	if (!pages)
		return -ENOMEM;
	if (request->pgoff + pages < pages)
		return -EOVERFLOW;
	return mm->map_count > max_map_count ? -ENOMEM : 0;
}

vaddr_t do_mmap_pgoff(struct mm_struct *mm, const struct mmap_request *request)
{
	u32 flags = request->flags, length = PAGE_ALIGN(request->length);
	const bool fixed = flags & (FIXED | MAP_HUGETLB);
	struct vma_kind kind;
	vaddr_t start;
	int err;

	if (unlikely(flags & MAP_HUGETLB))
		length = ALIGN_UP(length, LARGE_PAGE_SIZE);
	err = check_request(mm, request, length >> PAGE_SHIFT);
	if (err)
		return (vaddr_t)err;
	if (fixed)
		start = fixed_place(mm, request->address, length, flags);
	else
		start = get_unmapped_area(mm, request->address, length);
	if (IS_ERR_VALUE(start))
		return start;
	err = kind_of(mm, request, length >> PAGE_SHIFT, &kind);
	if (!err && !within_limits(mm, start, start + length, kind.flags))
		err = -ENOMEM;
	if (!err && fixed && find_vma_intersection(mm, start, start + length))
		err = do_munmap(mm, start, length);
	if (!err)
		err = enter(mm, start, start + length, &kind);
	vma_changed(mm);
	if (err)
		return (vaddr_t)err;
	if (kind.flags & VM_LOCKED || (flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE)
		populate_areas(mm, start, start + length, true);
	return start;
}

vaddr_t do_mmap(struct mm_struct *mm, vaddr_t address, u32 length, u32 prot, u32 flags)
{
	const struct mmap_request request = {
		.address = address, .length = length, .prot = prot, .flags = flags
	};

	if (!(flags & MAP_ANONYMOUS))
		return (vaddr_t)-EBADF;
	return do_mmap_pgoff(mm, &request);
}
