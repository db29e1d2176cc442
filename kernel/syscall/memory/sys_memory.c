/* SPDX-License-Identifier: MIT */
/* System calls on the address space: they read the arguments; mm/mman does the work. */
#include "fs/seals.h"
#include "kernel/task/task.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/sched.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"
#include "mm/mman/mman.h"
#include "mm/user_space/huge.h"

static s32 held_brk(struct pt_regs *regs)
{
	return (s32)do_brk(current->mm, regs->ebx);
}

/* The accesses that a mapping of an open file may have. */
static u32 rights_of(const struct file *file)
{
	return VM_MAYEXEC | (file_readable(file) ? VM_MAYREAD : 0) |
	       (file_writable(file) ? VM_MAYWRITE | (file->mapping ? VM_WRITER : 0) : 0);
}

/* Other tasks may run meanwhile: one may close this shared descriptor, or add a seal. */
static vaddr_t map_object(const struct mmap_request *request, struct file *file)
{
	const bool writes =
		request->may & VM_MAYWRITE && (request->flags & MAP_TYPE) != MAP_PRIVATE;
	vaddr_t address;

	file_get(file);
	if (writes)
		seals_begin_area(request->mapping);
	address = do_mmap_pgoff(current->mm, request);
	if (writes)
		seals_end_area(request->mapping);
	if (!IS_ERR_VALUE(address))
		file_accessed(file);
	file_put(file);
	return address;
}

/* Completes the request by its file, and maps. */
static s32 mmap_file(struct mmap_request *request, u32 fd)
{
	struct file *file = request->flags & MAP_ANONYMOUS ? NULL : fd_file(fd);
	const u32 log = request->flags >> MAP_HUGE_SHIFT & MAP_HUGE_MASK; /* of their size */
	vaddr_t address;
	s32 forbidden;

	if (file) {
		request->mapping = file->mapping;
		request->zeros = file->operations->maps_zeros;
		request->may = rights_of(file);
		forbidden = seals_allow_map(file, (request->flags & MAP_TYPE) != MAP_PRIVATE,
					    request->prot & PROT_WRITE);
		if (forbidden < 0)
			return forbidden;
		request->may &= ~(u32)forbidden;
	} else if (!(request->flags & MAP_ANONYMOUS)) {
		return -EBADF;
	}
	if (request->flags & MAP_HUGETLB &&
	    (file || request->pgoff % HUGE_FRAMES || request->flags & MAP_GROWSDOWN ||
	     (log && log != LARGE_PAGE_SHIFT)))
		return -EINVAL;
	address = file && request->mapping ? map_object(request, file)
					   : do_mmap_pgoff(current->mm, request);
	if (!IS_ERR_VALUE(address))
		task_note_wx(request->prot, address, request->length);
	return (s32)address;
}

static s32 held_mmap2(struct pt_regs *regs)
{
	struct mmap_request request = { .address = regs->ebx,
					.length = regs->ecx,
					.prot = regs->edx,
					.flags = regs->esi,
					.pgoff = regs->ebp };

	return mmap_file(&request, regs->edi);
}

/* Call 90: the six arguments are in memory, and the offset is in bytes. */
static s32 held_old_mmap(struct pt_regs *regs)
{
	struct mmap_arguments arguments;
	struct mmap_request request;

	if (copy_from_user(&arguments, regs->ebx, sizeof(arguments)))
		return -EFAULT;
	if (!IS_ALIGNED(arguments.offset, PAGE_SIZE))
		return -EINVAL;
	request = (struct mmap_request){ .address = arguments.address,
					 .length = arguments.length,
					 .prot = arguments.prot,
					 .flags = arguments.flags,
					 .pgoff = arguments.offset >> PAGE_SHIFT };
	return mmap_file(&request, arguments.fd);
}

/* The areas of [start, end) that map one object, as `vma` does, without a gap. */
static bool is_one_object(const struct vm_area_struct *vma, vaddr_t end)
{
	const struct vm_area_struct *first = vma;

	while (vma->vm_end < end) {
		if (!vma->vm_next || vma->vm_next->vm_start != vma->vm_end ||
		    vma->vm_next->vm_mapping != first->vm_mapping ||
		    vma->vm_next->vm_flags != first->vm_flags)
			return false;
		vma = vma->vm_next;
	}
	return true;
}

/* As on Linux since 4.0: maps other pages of the same object there, as a new area. */
static s32 held_remap_file_pages(struct pt_regs *regs)
{
	vaddr_t start = regs->ebx & PAGE_MASK, end = start + (regs->ecx & PAGE_MASK), result;
	const struct vm_area_struct *vma = find_vma(current->mm, start);
	struct mmap_request request = { .address = start,
					.length = end - start,
					.pgoff = regs->esi };
	bool writer;

	if (regs->edx || end <= start || request.pgoff + (request.length >> PAGE_SHIFT) < regs->esi)
		return -EINVAL;
	if (!vma || vma->vm_start > start || !(vma->vm_flags & VM_SHARED) || !vma->vm_mapping ||
	    vma->vm_mapping->huge || !is_one_object(vma, end))
		return -EINVAL;
	request.mapping = vma->vm_mapping;
	request.may = vma->vm_flags & (VM_MAY_MASK | VM_WRITER);
	request.prot = (vma->vm_flags & VM_READ ? PROT_READ : 0u) |
		       (vma->vm_flags & VM_WRITE ? PROT_WRITE : 0u) |
		       (vma->vm_flags & VM_EXEC ? PROT_EXEC : 0u);
	request.flags = (regs->edi & MAP_NONBLOCK) | MAP_SHARED | MAP_FIXED | MAP_POPULATE |
			(vma->vm_flags & VM_LOCKED ? MAP_LOCKED : 0u);
	mapping_get(request.mapping);
	seals_begin_area(request.mapping);
	/* The area that is replaced may be the last writer: no program may start in between. */
	writer = vma->vm_flags & VM_WRITER && mapping_get_write(request.mapping);
	result = do_mmap_pgoff(current->mm, &request);
	if (writer)
		mapping_put_write(request.mapping);
	seals_end_area(request.mapping);
	mapping_put(request.mapping);
	return IS_ERR_VALUE(result) ? (s32)result : 0;
}

static s32 held_munmap(struct pt_regs *regs)
{
	return do_munmap(current->mm, regs->ebx, regs->ecx);
}

static s32 held_mremap(struct pt_regs *regs)
{
	return (s32)do_mremap(current->mm, regs->ebx, regs->ecx, regs->edx, regs->esi, regs->edi);
}

static inline s32 held_mprotect(struct pt_regs *regs)
{
	int err = do_mprotect(current->mm, regs->ebx, regs->ecx, regs->edx);

	if (!err)
		task_note_wx(regs->edx, regs->ebx, regs->ecx);
	return err;
}

/* There are no protection keys: only -1, which means none, is valid. It is looked at late. */
static s32 held_pkey_mprotect(struct pt_regs *regs)
{
	int err = mprotect_check(regs->ebx, regs->ecx, regs->edx);

	if (regs->esi == (u32)-1)
		return held_mprotect(regs);
	return err > 0 ? -EINVAL : err;
}

static s32 held_mlock(struct pt_regs *regs)
{
	return do_mlock(current->mm, regs->ebx, regs->ecx, 0);
}

static s32 held_mlock2(struct pt_regs *regs)
{
	return do_mlock(current->mm, regs->ebx, regs->ecx, regs->edx);
}

static s32 held_munlock(struct pt_regs *regs)
{
	return do_munlock(current->mm, regs->ebx, regs->ecx);
}

static s32 held_mlockall(struct pt_regs *regs)
{
	return do_mlockall(current->mm, regs->ebx);
}

static s32 held_munlockall(struct pt_regs *regs)
{
	(void)regs;
	return do_munlockall(current->mm);
}

s32 sys_msync(struct pt_regs *regs)
{
	return do_msync(current->mm, regs->ebx, regs->ecx, regs->edx);
}

static s32 held_madvise(struct pt_regs *regs)
{
	return do_madvise(current->mm, regs->ebx, regs->ecx, (int)regs->edx);
}

static int put_residence(u32 first, const u8 *resident, u32 pages, void *context)
{
	return copy_to_user(*(vaddr_t *)context + first, resident, pages) ? -EFAULT : 0;
}

static s32 held_mincore(struct pt_regs *regs)
{
	vaddr_t vector = regs->edx;

	return do_mincore(current->mm, regs->ebx, regs->ecx, put_residence, &vector);
}

/* Calls that may take long. Other tasks of the address space must not see it half changed. */
#define HOLDING(name)                        \
	s32 sys_##name(struct pt_regs *regs) \
	{                                    \
		s32 result;                  \
                                             \
		mm_hold();                   \
		result = held_##name(regs);  \
		mm_unhold();                 \
		return result;               \
	}

HOLDING(brk)
HOLDING(old_mmap)
HOLDING(mmap2)
HOLDING(remap_file_pages)
HOLDING(munmap)
HOLDING(mremap)
HOLDING(mprotect)
HOLDING(pkey_mprotect)
HOLDING(mlock)
HOLDING(mlock2)
HOLDING(munlock)
HOLDING(mlockall)
HOLDING(munlockall)
HOLDING(madvise)
HOLDING(mincore)
