/* SPDX-License-Identifier: MIT */
/* qsort() of ten million integers, or of the number in the first argument. */
#include <stdio.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	unsigned int x = *(const unsigned int *)a, y = *(const unsigned int *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 0) : 10000000;
	unsigned int *numbers = malloc(count * sizeof(*numbers)), state = 1, sum = 0,
		     sorted_sum = 0;
	size_t wrong = 0;

	if (!numbers)
		return puts("no memory"), 1;
	for (size_t i = 0; i < count; i++) {
		state = state * 1664525 + 1013904223;
		numbers[i] = state;
		sum += state;
	}
	qsort(numbers, count, sizeof(*numbers), compare);
	for (size_t i = 0; i < count; i++) {
		wrong += i && numbers[i - 1] > numbers[i];
		sorted_sum += numbers[i];
	}
	printf("sorted %zu wrong %zu sum %d median %u\n", count, wrong, sum == sorted_sum,
	       numbers[count / 2]);
	return wrong != 0;
}
