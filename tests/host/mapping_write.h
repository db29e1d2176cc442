/* SPDX-License-Identifier: MIT */
/* What needs the lock of an object: writing from memory of the test, and the size. */
#ifndef TESTS_HOST_MAPPING_WRITE_H
#define TESTS_HOST_MAPPING_WRITE_H

#include "mm/user_space/truncate.h"
#include "mm/page_cache/filemap.h"

static inline s32 mapping_write(struct address_space *mapping, const void *buffer, u32 bytes,
				u64 position)
{
	return mapping_copy_to(mapping, position, bytes, copy_from_buffer, &buffer);
}

static inline int mapping_resize(struct address_space *mapping, u64 size)
{
	int err;

	mutex_lock(&mapping->lock);
	err = mapping_truncate(mapping, size);
	mutex_unlock(&mapping->lock);
	return err;
}

#endif
