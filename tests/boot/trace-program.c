/* SPDX-License-Identifier: MIT */
/*
 * For tests/boot/trace.t: makes some events, stops the trace, and prints it, with its own areas
 * and page tables at that moment. The test compares all of it with the trace that QEMU received.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGES 40

static void touch_memory(void)
{
	char *page = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	for (int i = 0; i < PAGES; i++)
		page[i * 4096] = 1;
	if (!fork()) {
		page[0] = 2; /* a copy */
		_exit(0);
	}
	wait(NULL);
	munmap(page, PAGES * 4096);
}

static char areas[8192], tables[65536];

/* Reads a file at once, because reading must not change the areas. */
static void read_whole(const char *path, char *text, unsigned long size)
{
	int file = open(path, O_RDONLY);
	long length = 0, more;

	while ((more = read(file, text + length, size - 1 - (unsigned long)length)) > 0)
		length += more;
	close(file);
	text[length] = '\0';
}

/* The first turn faults in what the second one uses. */
static void look_at_memory(void)
{
	memset(areas, 1, sizeof(areas));
	memset(tables, 1, sizeof(tables));
	for (int i = 0; i < 2; i++) {
		read_whole("/proc/self/maps", areas, sizeof(areas));
		read_whole("/proc/self/pagetables", tables, sizeof(tables));
	}
}

static int print_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[512];

	if (!file)
		return 1;
	while (fgets(line, sizeof(line), file))
		printf("%s", line);
	fclose(file);
	return 0;
}

int main(void)
{
	int file = open("/proc/trace", O_WRONLY);

	if (file < 0)
		return 1;
	touch_memory();
	if (write(file, "2", 1) != -1)
		return 2;
	look_at_memory();
	if (write(file, "0", 1) != 1)
		return 2;
	printf("== areas\n%s== tables\n%s== trace\n", areas, tables);
	return print_file("/proc/trace") || print_file("/proc/trace_events") ? 3 : 0;
}
