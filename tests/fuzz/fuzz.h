/* SPDX-License-Identifier: MIT */
/*
 * Models: an allocator of mm/ beside a simple reference for it, both driven by the same
 * operations.
 *
 *   bytes --> fuzz_run() --> operation --> mm/      --+
 *                                    \--> reference --+--> equal, X_validate() is NULL; or panic()
 *
 * Each fuzz_NAME.c is one model and defines fuzz_run(). It is built twice:
 *   with fuzz_main.c   for libFuzzer, 64-bit clang, ASan and UBSan: bytes chosen by coverage;
 *   with soak_main.c   32-bit gcc -O2 without sanitizers: many random bytes.
 *
 * Any bytes are a valid program: beyond its end the input reads as zeros, and the loops end
 * there. A run depends only on its input: it starts mm/ anew and frees everything at the end.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "lib/printk.h"

struct fuzz_input {
	const u8 *next, *end;
};

/* Defined by each model. Returns, or panics where mm/ and the reference disagree. */
void fuzz_run(const u8 *data, size_t size);

/* Defined by the two mains: prints how to repeat this run. */
void fuzz_describe(void);

/* Operations since the start of the process. */
extern u64 fuzz_operations;

/* Number of operations between two costly checks. Set by the two mains. */
extern u32 fuzz_check_interval;

static inline bool fuzz_more(const struct fuzz_input *in)
{
	return in->next < in->end;
}

static inline u32 fuzz_u8(struct fuzz_input *in)
{
	return fuzz_more(in) ? *in->next++ : 0;
}

static inline u32 fuzz_u16(struct fuzz_input *in)
{
	u32 low = fuzz_u8(in);

	return low | fuzz_u8(in) << 8;
}

static inline u32 fuzz_u32(struct fuzz_input *in)
{
	u32 low = fuzz_u16(in);

	return low | fuzz_u16(in) << 16;
}

static inline u64 fuzz_u64(struct fuzz_input *in)
{
	u64 low = fuzz_u32(in);

	return low | (u64)fuzz_u32(in) << 32;
}

/* 0 .. limit - 1, limit up to 65536: one byte of input where that is enough. */
static inline u32 fuzz_below(struct fuzz_input *in, u32 limit)
{
	return (limit <= 256 ? fuzz_u8(in) : fuzz_u16(in)) % limit;
}

/* Counts an operation. Returns whether the costly checks are due. */
static inline bool fuzz_step(void)
{
	return !(++fuzz_operations % fuzz_check_interval);
}

#define FUZZ_CHECK(condition)                                                         \
	do {                                                                          \
		if (unlikely(!(condition)))                                           \
			panic("%s:%d: mismatch: %s", __FILE__, __LINE__, #condition); \
	} while (0)

#define FUZZ_EQUAL(got, expected)                                                                \
	do {                                                                                     \
		u64 _got = (u64)(got), _expected = (u64)(expected);                              \
                                                                                                 \
		if (unlikely(_got != _expected))                                                 \
			panic("%s:%d: mismatch: %s is %#llx, the reference has %#llx", __FILE__, \
			      __LINE__, #got, _got, _expected);                                  \
	} while (0)

/* `call` is an X_validate(). */
#define FUZZ_VALID(call)                                                              \
	do {                                                                          \
		const char *_violated = (call);                                       \
                                                                                      \
		if (unlikely(_violated))                                              \
			panic("%s:%d: %s: %s", __FILE__, __LINE__, #call, _violated); \
	} while (0)

#endif
