/* SPDX-License-Identifier: MIT */
/* A model under libFuzzer, which brings main(). */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* libFuzzer keeps the input in a file and names it. */
void fuzz_describe(void)
{
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	fuzz_run(data, size);
	return 0;
}
