/* SPDX-License-Identifier: MIT */
/* Writes of kernel buffers to files, for tests: programs write from ring 3's memory. */
#ifndef TESTS_KERNEL_COPY_FROM_BUFFER_H
#define TESTS_KERNEL_COPY_FROM_BUFFER_H

#include "lib/string.h"

/* A mapping_copy_t (mm/page_cache/filemap.h) into the page cache: context is a char **. */
static inline u32 copy_from_buffer(void *kernel, u32 bytes, void *context)
{
	const char **buffer = context;

	memcpy(kernel, *buffer, bytes);
	*buffer += bytes;
	return 0;
}

#endif
