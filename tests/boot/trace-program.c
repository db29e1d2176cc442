/* SPDX-License-Identifier: MIT */
/*
 * For tests/boot/trace.t: makes some events, stops the trace, and reads it in ring 3. Prints the
 * number of lines of /proc/trace, and what the test compares with the trace that QEMU received.
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
	if (write(file, "0", 1) != 1 || write(file, "2", 1) != -1)
		return 2;
	return print_file("/proc/trace") || print_file("/proc/trace_events") ? 3 : 0;
}
