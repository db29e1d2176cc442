/* SPDX-License-Identifier: MIT */
/*
 * For tools/matrix: how much memory programs can use. Processes, each with a part of the address
 * space, write a number of their own into page after page, until nearly nothing is free. Then they
 * read all back: a frame that two pages share would have the number of one of them.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE		 4096u
#define CHUNK		 (32u << 20)
#define CHUNKS		 64u /* of a process: 2 GiB of its 3 */
#define PROCESSES	 64u
#define SPARE_KIB	 65536u /* stay free: for page tables and the kernel */
#define NUMBER(chunk, i) ((uint64_t)getpid() << 32 | (chunk) << 16 | (i))

static struct process {
	pid_t pid;
	int order, answer; /* pipes: 'm' one chunk more, or 'c' check; any byte: done */
} processes[PROCESSES];

static unsigned long free_kib(void)
{
	FILE *file = fopen("/proc/meminfo", "r");
	unsigned long kib = 0;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemFree: %lu", &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib;
}

static char *one_chunk(unsigned int chunk)
{
	char *start = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (start == MAP_FAILED)
		_exit(2);
	for (unsigned int i = 0; i < CHUNK / PAGE; i++)
		*(volatile uint64_t *)(start + i * PAGE) = NUMBER(chunk, i);
	return start;
}

/* Never returns: 0 if all pages have their numbers. */
static void process(int order, int answer)
{
	static char *starts[CHUNKS];
	unsigned int count = 0, wrong = 0;
	char what;

	while (read(order, &what, 1) == 1 && what == 'm') {
		starts[count] = one_chunk(count);
		count++;
		if (write(answer, "d", 1) != 1)
			_exit(3);
	}
	for (unsigned int chunk = 0; chunk < count; chunk++)
		for (unsigned int i = 0; i < CHUNK / PAGE; i++)
			wrong += *(uint64_t *)(starts[chunk] + i * PAGE) != NUMBER(chunk, i);
	_exit(wrong ? 1 : 0);
}

static int start(struct process *p)
{
	int order[2], answer[2];

	if (pipe(order) || pipe(answer))
		return -1;
	p->pid = fork();
	if (!p->pid)
		process(order[0], answer[1]);
	p->order = order[1];
	p->answer = answer[0];
	close(order[0]);
	close(answer[1]);
	return p->pid < 0 ? -1 : 0;
}

int main(void)
{
	unsigned long chunks = 0, bad = 0;
	unsigned int count = 0;
	char done;

	while (count < PROCESSES && free_kib() > SPARE_KIB + CHUNK / 1024) {
		struct process *p = &processes[count];

		if (start(p))
			return 2;
		count++;
		for (unsigned int i = 0; i < CHUNKS && free_kib() > SPARE_KIB + CHUNK / 1024; i++) {
			if (write(p->order, "m", 1) != 1 || read(p->answer, &done, 1) != 1)
				return 3;
			chunks++;
		}
	}
	for (unsigned int i = 0; i < count; i++) {
		int status;

		if (write(processes[i].order, "c", 1) != 1 ||
		    waitpid(processes[i].pid, &status, 0) != processes[i].pid || status)
			bad++;
	}
	printf("fill: pages=%lu processes=%u bad=%lu free_kib=%lu\n", chunks * (CHUNK / PAGE),
	       count, bad, free_kib());
	return bad ? 1 : 0;
}
