/* SPDX-License-Identifier: MIT */
/* A space, its areas, and their pictures. See the header. */
#include <string.h>

#include "tests/host/mm/mman/areas.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"
#include "mm/mman/mman.h"

#define WIDE 40u /* pages of a picture */

struct mm_struct *mm;

void start(void)
{
	machine_boot();
	mm = mm_alloc();
	EXPECT(mm && mm->mm_users == 1 && !mm->mmap && !mm->map_count && !mm->total_vm);
}

void stop(void)
{
	vaddr_t where;

	EXPECT_VALID(mm_validate(mm, &where));
	mm_put(mm);
}

vaddr_t page(u32 number)
{
	return BASE + number * PAGE_SIZE;
}

void map(u32 first, u32 count, u32 prot, u32 more_flags)
{
	EXPECT_EQ(do_mmap(mm, page(first), count * PAGE_SIZE, prot,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | more_flags),
		  page(first));
}

static char letter(const struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_GROWSDOWN)
		return 'g';
	return vma->vm_flags & VM_WRITE ? 'w' : vma->vm_flags & VM_ACCESS_MASK ? 'r' : 'n';
}

void draw_areas(const char *picture, int line)
{
	char got[2 * WIDE + 1];
	u32 length = 0, number = 0;

	for (const struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next) {
		for (; page(number) < vma->vm_start && length < WIDE; number++)
			got[length++] = '.';
		if (length && got[length - 1] != '.')
			got[length++] = '|';
		for (; page(number) < vma->vm_end && length < WIDE; number++)
			got[length++] = letter(vma);
	}
	got[length] = '\0';
	tap_check(!strcmp(got, picture), __FILE__, line, "areas are %s, expected %s", got, picture);
}

void expect_areas(const char *picture, int line)
{
	vaddr_t where;

	draw_areas(picture, line);
	EXPECT_VALID(mm_validate(mm, &where));
}

void unmap(u32 first, u32 count)
{
	EXPECT_EQ(do_munmap(mm, page(first), count * PAGE_SIZE), 0);
}
