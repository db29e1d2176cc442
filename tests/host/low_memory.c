/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "tests/host/low_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

void *low_memory(u32 address, size_t bytes)
{
	void *place = (void *)(uintptr_t)address;

	if (mmap(place, bytes, PROT_READ | PROT_WRITE | PROT_EXEC,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != place) {
		perror("memory with an address of 32 bits");
		exit(1);
	}
	return place;
}
