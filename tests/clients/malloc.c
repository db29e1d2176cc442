/* SPDX-License-Identifier: MIT */
/*
 * glibc's malloc under stress: four threads, sizes from a byte to 4 MiB, every block checked
 * before it is freed.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS 256
#define STEPS  20000

struct block {
	unsigned char *at, mark;
	size_t size;
};

static unsigned int next(unsigned int *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static size_t size_of(unsigned int *state)
{
	unsigned int kind = next(state) % 1000;

	if (kind < 800)
		return 1 + next(state) % 512;
	if (kind < 995)
		return 1 + next(state) % 32768;
	return 1 + next(state) % (4u << 20);
}

static int intact(const struct block *block)
{
	return block->at[0] == block->mark && block->at[block->size / 2] == block->mark &&
	       block->at[block->size - 1] == block->mark;
}

static void fill(struct block *block, unsigned char mark)
{
	block->mark = mark;
	block->at[0] = block->at[block->size / 2] = block->at[block->size - 1] = mark;
}

static void *work(void *argument)
{
	unsigned int state = (unsigned int)(unsigned long)argument;
	struct block *blocks = calloc(BLOCKS, sizeof(*blocks));
	unsigned long bad = 0;

	for (unsigned int i = 0; i < STEPS; i++) {
		struct block *block = &blocks[next(&state) % BLOCKS];
		size_t size = size_of(&state);

		bad += block->at && !intact(block);
		if (block->at && next(&state) % 4 == 0) {
			unsigned char *moved = realloc(block->at, size);

			bad += !moved || moved[0] != block->mark;
			block->at = moved;
		} else {
			free(block->at);
			block->at = next(&state) % 16 ? malloc(size) : memalign(64, size);
			bad += !block->at;
		}
		block->size = size;
		fill(block, (unsigned char)i);
	}
	for (unsigned int i = 0; i < BLOCKS; i++) {
		bad += blocks[i].at && !intact(&blocks[i]);
		free(blocks[i].at);
	}
	free(blocks);
	return (void *)bad;
}

int main(void)
{
	pthread_t threads[4];
	unsigned long bad = 0;

	for (unsigned long i = 0; i < 4; i++)
		if (pthread_create(&threads[i], NULL, work, (void *)(i + 1)))
			return puts("no thread"), 1;
	for (unsigned int i = 0; i < 4; i++) {
		void *result;

		pthread_join(threads[i], &result);
		bad += (unsigned long)result;
	}
	printf("malloc: bad %lu\n", bad);
	return bad != 0;
}
