/* SPDX-License-Identifier: MIT */
/* Another C library, musl: its start, stdio, malloc, threads, signals, time and sort. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t caught;

static void handler(int number)
{
	caught = number;
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void *work(void *argument)
{
	int *numbers = argument;

	qsort(numbers, 1000, sizeof(*numbers), compare);
	return numbers;
}

int main(int argc, char **argv)
{
	struct timespec short_time = { 0, 1000000 };
	int numbers[2][1000];
	pthread_t threads[2];
	FILE *file = tmpfile();
	char line[64] = "";

	for (int i = 0; i < 2000; i++)
		numbers[i / 1000][i % 1000] = i * 7919 % 1000;
	for (int i = 0; i < 2; i++)
		printf("thread %d\n", pthread_create(&threads[i], NULL, work, numbers[i]));
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	printf("sorted %d %d %d\n", numbers[0][0], numbers[0][500], numbers[1][999]);
	signal(SIGUSR1, handler);
	raise(SIGUSR1);
	printf("caught %d\n", caught);
	printf("sleep %d\n", nanosleep(&short_time, NULL));
	if (file) {
		fprintf(file, "%s %.3f\n", "line", 2.5);
		rewind(file);
		printf("file %s", fgets(line, sizeof(line), file) ? line : "none\n");
	}
	printf("arguments %d %s\n", argc, argc > 1 ? argv[1] : "");
	printf("error %s\n", strerror(close(99) ? errno : 0));
	return 5;
}
