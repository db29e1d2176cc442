/* SPDX-License-Identifier: MIT */
/*
 * What the programs of the laboratories share: they are ordinary Linux programs, and learn about
 * memory from /proc. `make program SRC=docs/course/05-lazy-allocation.c` runs one.
 */
#ifndef DOCS_COURSE_LAB_H
#define DOCS_COURSE_LAB_H

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096u

/* The number of a line "NAME:  123 kB" of a file of /proc; 0: there is none. */
static inline unsigned long field(const char *path, const char *name)
{
	char line[256];
	unsigned long value = 0;
	FILE *file = fopen(path, "r");

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)) && line[strlen(name)] == ':')
			value = strtoul(line + strlen(name) + 1, NULL, 10);
	if (file)
		fclose(file);
	return value;
}

/* Pages of this process that are in memory. */
static inline unsigned long resident(void)
{
	return field("/proc/self/status", "VmRSS") * 1024 / PAGE;
}

/* The frame that an address is in; 0: none. Bit 56: no other process has it. */
static inline unsigned long frame_of(const volatile void *address, int *own)
{
	uint64_t entry = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY);

	if (fd < 0 || pread(fd, &entry, 8, (off_t)((uintptr_t)address / PAGE * 8)) != 8)
		exit(1);
	close(fd);
	if (own)
		*own = entry >> 56 & 1;
	return entry >> 63 ? (unsigned long)(entry & ((1ull << 55) - 1)) : 0;
}

/* How many of these pages are in memory. */
static inline long present(const volatile char *start, unsigned pages)
{
	long count = 0;

	for (unsigned i = 0; i < pages; i++)
		count += frame_of(start + i * PAGE, NULL) != 0;
	return count;
}

/* Prints the lines of a file that begin with a text. */
static inline void show(const char *path, const char *text)
{
	char line[512];
	FILE *file = fopen(path, "r");

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, text, strlen(text)))
			fputs(line, stdout);
	if (file)
		fclose(file);
}

/* Fresh memory of so many pages. */
static inline char *fresh(unsigned pages)
{
	char *start = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);

	if (start == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return start;
}

#endif
