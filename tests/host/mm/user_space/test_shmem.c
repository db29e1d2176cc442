/* SPDX-License-Identifier: MIT */
/* Objects of shared anonymous memory: what /proc/PID/maps shows of them, and their end. */
#include "mm/page_cache/filemap.h"
#include "mm/slab/slab.h"
#include "mm/user_space/overcommit.h"
#include "mm/user_space/shmem.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

static void attributes(void)
{
	struct address_space *objects[3];
	u32 count;

	machine_boot();
	count = kmem_cache_objects();
	for (u32 i = 0; i < ARRAY_SIZE(objects); i++) {
		objects[i] = shmem_object(i * 1000, i ? "name" : NULL);
		EXPECT_EQ(objects[i]->i_size, i * 1000);
		EXPECT_EQ(objects[i]->count, 1);
		EXPECT_EQ(objects[i]->dev, SHMEM_DEV);
		EXPECT_TEXT(objects[i]->name, i ? "name" : NULL);
		EXPECT_EQ(objects[i]->nrpages + objects[i]->nrabsent, 0);
		EXPECT_EQ(objects[i]->writers, 0);
		EXPECT(!objects[i]->huge && !objects[i]->blocks_committed);
		EXPECT(objects[i]->ino != 0);
		for (u32 other = 0; other < i; other++)
			EXPECT(objects[other]->ino != objects[i]->ino);
		EXPECT(mapping_list.prev == &objects[i]->link);
	}
	for (u32 i = 0; i < ARRAY_SIZE(objects); i++)
		mapping_put(objects[i]);
	EXPECT_EQ(kmem_cache_objects(), count);
	EXPECT(list_empty(&mapping_list));
	EXPECT_PANIC("BUG", shmem_object(MAPPING_SIZE_MAX + 1, NULL));
}

/* The end of an object is the end of what it committed. */
static void charges(void)
{
	struct address_space *object;

	machine_boot();
	object = shmem_object(MAPPING_SIZE_MAX, "large");
	EXPECT_EQ(mapping_pages(object), UINT32_MAX);
	EXPECT_EQ(vm_enough_memory(NULL, 70), 0);
	object->blocks_committed = 50;
	mapping_get(object);
	mapping_put(object);
	EXPECT_EQ(vm_committed, 70);
	mapping_put(object);
	EXPECT_EQ(vm_committed, 20);
	vm_unacct_memory(20);
}

TAP_MAIN({ "attributes", attributes }, { "charges", charges })
