/* SPDX-License-Identifier: MIT */
/*
 * A model on random bytes: soak_NAME OPERATIONS SEED [ROUND]
 *
 * Runs rounds until so many operations are done. The bytes of a round depend only on SEED and its
 * number: with ROUND just that one is run. Prints progress to standard error, and at the end
 * `soak: model=... operations=... rounds=... seed=... seconds=...`. Exit status 0: no mismatch.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/fuzz/fuzz.h"

#define ROUND_BYTES	 65536u
#define CHECK_INTERVAL	 4096u
#define PROGRESS_SECONDS 30

static const char *name;
static unsigned long long seed, round_number;

void fuzz_describe(void)
{
	fprintf(stderr, "soak: model=%s seed=%llu round=%llu operations=%llu result=fail\n", name,
		seed, round_number, fuzz_operations);
	fprintf(stderr, "soak: again: %s 0 %llu %llu\n", name, seed, round_number);
}

/* splitmix64 (Steele, Lea, Flood 2014): any two starts give unrelated sequences. */
static u64 next_random(u64 *state)
{
	u64 z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static void run_round(void)
{
	static u64 bytes[ROUND_BYTES / sizeof(u64)];
	u64 state = seed;
	size_t size;

	state = next_random(&state) ^ round_number * 0xd1342543de82ef95ull;
	for (u32 i = 0; i < ARRAY_SIZE(bytes); i++)
		bytes[i] = next_random(&state);
	/* Short rounds too: they begin with an empty machine more often. */
	size = round_number % 4 ? sizeof(bytes) : (size_t)(next_random(&state) % sizeof(bytes));
	fuzz_run((const u8 *)bytes, size);
}

int main(int argc, char **argv)
{
	u64 wanted = argc > 1 ? strtoull(argv[1], NULL, 0) : 0;
	time_t start = time(NULL), shown = start;

	name = argv[0];
	seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	round_number = argc > 3 ? strtoull(argv[3], NULL, 0) : 0;
	fuzz_check_interval = argc > 3 ? 64 : CHECK_INTERVAL;
	do {
		time_t now = time(NULL);

		if (now - shown >= PROGRESS_SECONDS) {
			shown = now;
			fprintf(stderr, "soak: model=%s operations=%llu of=%llu seconds=%llu\n",
				name, fuzz_operations, wanted, (u64)(now - start));
		}
		run_round();
	} while (argc <= 3 && ++round_number && fuzz_operations < wanted);
	printf("soak: model=%s operations=%llu rounds=%llu seed=%llu seconds=%llu result=pass\n",
	       name, fuzz_operations, round_number, seed, (u64)(time(NULL) - start));
	return 0;
}
