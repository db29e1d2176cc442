/* SPDX-License-Identifier: MIT */
/*
 * Address spaces as a whole: what a copy inherits beside areas and pages, users and holders of a
 * space, and that a failed allocation leaves nothing behind.
 */
#include "abi/linux/errno.h"
#include "mm/frames/fail_alloc.h"
#include "mm/frames/shrinker.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/page_cache/filemap.h"
#include "mm/slab/slab.h"
#include "mm/user_space/anon.h"
#include "mm/user_space/mm.h"
#include "mm/user_space/shmem.h"
#include "paging/tlb.h"
#include "tests/host/machine.h"
#include "tests/host/space.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

/* The addresses that /proc/PID/stat shows, and PR_SET_MM sets. */
static const size_t addresses[] = {
	offsetof(struct mm_struct, start_code),	 offsetof(struct mm_struct, end_code),
	offsetof(struct mm_struct, start_data),	 offsetof(struct mm_struct, end_data),
	offsetof(struct mm_struct, start_brk),	 offsetof(struct mm_struct, brk),
	offsetof(struct mm_struct, start_stack), offsetof(struct mm_struct, arg_start),
	offsetof(struct mm_struct, arg_end),	 offsetof(struct mm_struct, env_start),
	offsetof(struct mm_struct, env_end),	 offsetof(struct mm_struct, auxv_start),
	offsetof(struct mm_struct, auxv_end),
};

static vaddr_t *address_of(struct mm_struct *mm, u32 i)
{
	return (vaddr_t *)((char *)mm + addresses[i]);
}

static void copied_layout(void)
{
	struct mm_struct *mm, *copy;

	machine_boot();
	mm = mm_alloc();
	for (u32 i = 0; i < ARRAY_SIZE(addresses); i++) {
		EXPECT_EQ(*address_of(mm, i), 0);
		*address_of(mm, i) = 100 + i;
	}
	mm->read_exec = true;
	mm->def_flags = VM_LOCKED;
	mm->mdwe = PR_MDWE_REFUSE_EXEC_GAIN;
	copy = mm_copy(mm);
	for (u32 i = 0; i < ARRAY_SIZE(addresses); i++)
		EXPECT_EQ(*address_of(copy, i), 100 + i);
	EXPECT(copy->read_exec);
	EXPECT_EQ(copy->def_flags, 0); /* mlockall(2): locks are not inherited */
	EXPECT_EQ(copy->mdwe, PR_MDWE_REFUSE_EXEC_GAIN);
	EXPECT(copy->family == mm->family && copy->anon_mapping == mm->anon_mapping);
	EXPECT(!copy->exe);
	mm_put(copy);
	mm->mdwe |= PR_MDWE_NO_INHERIT;
	mm->read_exec = false;
	copy = mm_copy(mm);
	EXPECT_EQ(copy->mdwe, 0);
	EXPECT(!copy->read_exec);
	mm_put(copy);
	mm_put(mm);
}

/* The program of a space is not written to; each copy holds it too. */
static void program(void)
{
	struct address_space *exe;
	struct mm_struct *mm, *copy;

	machine_boot();
	mm = mm_alloc();
	exe = shmem_object(PAGE_SIZE, "program");
	EXPECT(mapping_get_write(exe));
	EXPECT_EQ(mm_set_exe(mm, exe), -ETXTBSY);
	EXPECT_EQ(exe->count, 1);
	EXPECT(!mm->exe);
	mapping_put_write(exe);
	EXPECT_EQ(mm_set_exe(mm, exe), 0);
	EXPECT(mm->exe == exe);
	copy = mm_copy(mm);
	EXPECT(copy->exe == exe);
	EXPECT_EQ(exe->count, 3);
	EXPECT_EQ(exe->writers, -2);
	mm_put(mm);
	EXPECT(!mapping_get_write(exe));
	mm_put(copy);
	EXPECT_EQ(exe->count, 1);
	EXPECT_EQ(exe->writers, 0);
	mapping_put(exe);
}

/* The structure outlives its last user where it is held. */
static void users_and_holders(void)
{
	struct mm_struct *mm;
	u32 objects;

	machine_boot();
	objects = kmem_cache_objects();
	mm = mm_alloc();
	EXPECT_EQ(mm->mm_users, 1);
	EXPECT_EQ(mm->mm_count, 1);
	EXPECT(mm_list.next == &mm->link);
	mm->mm_users++;
	mm_put(mm);
	EXPECT(mm->pgd && mm->family);
	user_switch(mm);
	mm_grab(mm);
	mm_put(mm); /* it is the active one */
	EXPECT_EQ(mmu_root(), virt_to_phys(kernel_pgd));
	EXPECT_EQ(mm->mm_users, 0);
	EXPECT(!mm->pgd && !mm->family && list_empty(&mm_list));
	EXPECT_EQ(kmem_cache_objects(), objects + 1);
	EXPECT_PANIC("BUG", (mm_put(mm), true));
	mm_drop(mm);
	EXPECT_EQ(kmem_cache_objects(), objects);
}

/* Hints are numbers of spaces, each another; 0 is none. */
static void hints(void)
{
	struct mm_struct *spaces[3];
	u32 number[3];

	machine_boot();
	for (u32 i = 0; i < ARRAY_SIZE(spaces); i++) {
		spaces[i] = mm_alloc();
		number[i] = spaces[i]->anon_hint >> ANON_HINT_SHIFT;
		EXPECT(number[i] > 0 && number[i] < ANON_HINTS);
		EXPECT(anon_hinted[number[i]] == spaces[i]);
		EXPECT(!i || number[i] != number[i - 1]);
	}
	for (u32 i = 0; i < ARRAY_SIZE(spaces); i++) {
		mm_put(spaces[i]);
		EXPECT(!anon_hinted[number[i]]);
	}
}

/* Each allocation for a new space fails once: nothing stays. */
static void without_memory(void)
{
	struct mm_struct *mm = NULL;
	u32 free, objects, failed = 0;

	machine_boot();
	shrink_caches();
	free = nr_free_pages();
	objects = kmem_cache_objects();
	for (u32 step = 1; !mm && step < 20; step++) {
		const struct fail_spec spec = { FAIL_ANY, FAIL_ONCE, step };

		fail_alloc_set(&spec);
		mm = mm_alloc();
		fail_alloc_set(NULL);
		shrink_caches();
		if (mm)
			break;
		failed++;
		EXPECT(list_empty(&mm_list));
		EXPECT_EQ(nr_free_pages(), free);
		EXPECT_EQ(kmem_cache_objects(), objects);
	}
	EXPECT(mm && failed >= 3); /* the structure, its page directory, its family */
	mm_put(mm);
}

TAP_MAIN({ "the layout of a copy", copied_layout }, { "the program", program },
	 { "users and holders", users_and_holders }, { "hints", hints },
	 { "without memory", without_memory })
