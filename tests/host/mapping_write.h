/* SPDX-License-Identifier: MIT */
/* Writing to an object from memory of the test: the bytes written, or -errno. */
#ifndef TESTS_HOST_MAPPING_WRITE_H
#define TESTS_HOST_MAPPING_WRITE_H

#include "mm/page_cache/filemap.h"
#include "tests/kernel/copy_from_buffer.h"

static inline s32 mapping_write(struct address_space *mapping, const void *buffer, u32 bytes,
				u64 position)
{
	return mapping_copy_to(mapping, position, bytes, copy_from_buffer, &buffer);
}

#endif
