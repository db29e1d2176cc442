/* SPDX-License-Identifier: MIT */
/*
 * 64 threads of the C library: a counter under a mutex, a ring under condition variables,
 * barriers, keys.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 64
#define ROUNDS	200
#define SLOTS	8

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER, emptied = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_key_t key;
static unsigned int ring[SLOTS], first, used, counter, freed;
static unsigned long long sum;

static void put(unsigned int value)
{
	pthread_mutex_lock(&lock);
	while (used == SLOTS)
		pthread_cond_wait(&emptied, &lock);
	ring[(first + used++) % SLOTS] = value;
	pthread_cond_signal(&filled);
	pthread_mutex_unlock(&lock);
}

static unsigned int take(void)
{
	unsigned int value;

	pthread_mutex_lock(&lock);
	while (!used)
		pthread_cond_wait(&filled, &lock);
	value = ring[first];
	first = (first + 1) % SLOTS;
	used--;
	pthread_cond_signal(&emptied);
	pthread_mutex_unlock(&lock);
	return value;
}

static void release(void *value)
{
	free(value);
	__sync_fetch_and_add(&freed, 1);
}

/* Even threads produce, odd ones consume; all count, and wait for each other. */
static void *work(void *argument)
{
	unsigned int number = (unsigned int)(unsigned long)argument;
	unsigned int *own = malloc(sizeof(*own));

	*own = number;
	pthread_setspecific(key, own);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		if (number % 2) {
			unsigned int value = take();

			__sync_fetch_and_add(&sum, value);
		} else {
			put(number * ROUNDS + i);
		}
		pthread_mutex_lock(&lock);
		counter++;
		pthread_mutex_unlock(&lock);
	}
	pthread_barrier_wait(&barrier);
	return (void *)(unsigned long)(*(unsigned int *)pthread_getspecific(key) * 3);
}

int main(void)
{
	pthread_t threads[THREADS];
	unsigned long results = 0, expected = 0;

	pthread_barrier_init(&barrier, NULL, THREADS);
	pthread_key_create(&key, release);
	for (unsigned long i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, work, (void *)i))
			return puts("no thread"), 1;
	for (unsigned long i = 0; i < THREADS; i++) {
		void *result;

		pthread_join(threads[i], &result);
		results += (unsigned long)result;
		expected += 3 * i;
	}
	printf("counter %u sum %llu results %d freed %u\n", counter, sum, results == expected,
	       freed);
	return 0;
}
