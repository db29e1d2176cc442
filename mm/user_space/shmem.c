/* SPDX-License-Identifier: MIT */
/* Objects of shared anonymous memory. Their pages are in memory or in swap until they end. */
#include "mm/user_space/shmem.h"
#include "lib/assert.h"
#include "mm/slab/slab.h"
#include "mm/user_space/overcommit.h"

static struct kmem_cache *shmem_cache;
static u32 last_ino;

static void shmem_release(struct address_space *mapping)
{
	vm_unacct_memory(mapping->blocks_committed);
	kmem_cache_free(shmem_cache, mapping);
}

static const struct address_space_operations shmem_operations = { .release = shmem_release };

void shmem_init(void)
{
	shmem_cache =
		kmem_cache_create("shmem_object", sizeof(struct address_space), 0, 0, NULL, NULL);
	BUG_ON(!shmem_cache);
}

struct address_space *shmem_object(u64 size, const char *name)
{
	struct address_space *mapping = kmem_cache_alloc(shmem_cache, GFP_KERNEL);

	BUG_ON(size > MAPPING_SIZE_MAX);
	if (!mapping)
		return NULL;
	mapping_init(mapping, &shmem_operations, size);
	mapping->dev = SHMEM_DEV;
	mapping->ino = ++last_ino;
	mapping->name = name;
	return mapping;
}
