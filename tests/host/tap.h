/* SPDX-License-Identifier: MIT */
/*
 * The harness of the host tests: TAP (the Test Anything Protocol) on standard output.
 *
 *   main: for each case  fork --> child: SEED, run(), finally() --> exit status --> ok or not ok
 *
 * Each case runs in a process of its own, so that it starts with a fresh machine. A case that
 * panics or is stopped by a sanitizer fails alone. A failed check prints `# file:line: ...` and
 * the case goes on. The exit status of the program is 0 if and only if every case passed.
 *
 * A case has 20 s of processor time. When they are over it prints its stack, and the program ends:
 * after a change that makes one case run for ever, others do so too.
 *
 * Environment: SEED=n varies the random cases (default 1); SCALE=n multiplies their length and
 * their time (default 1); CASE_SECONDS=n is another time; KEEP_GOING=1 runs the other cases too.
 */
#ifndef TESTS_HOST_TAP_H
#define TESTS_HOST_TAP_H

#include "lib/types.h"

struct tap_case {
	const char *name;
	void (*run)(void);
};

/* Runs the cases; returns the exit status of the program. */
int tap_main(const struct tap_case *cases, u32 count);

#define TAP_MAIN(...)                                                   \
	int main(void)                                                  \
	{                                                               \
		static const struct tap_case cases[] = { __VA_ARGS__ }; \
                                                                        \
		return tap_main(cases, ARRAY_SIZE(cases));              \
	}

/*
 * The checks return whether they held, so that a loop can stop. `text` and the rest are for
 * printf().
 */
bool tap_check(bool good, const char *file, int line, const char *format, ...) __printf(4, 5);
bool tap_check_equal(s64 got, s64 expected, const char *text, const char *file, int line);
bool tap_check_text(const char *got, const char *expected, const char *text, const char *file,
		    int line);

#define EXPECT(condition) tap_check(condition, __FILE__, __LINE__, "%s", #condition)
#define EXPECT_EQ(got, expected) \
	tap_check_equal((s64)(got), (s64)(expected), #got, __FILE__, __LINE__)

/* `got` is the string `expected`, or NULL where that is expected. */
#define EXPECT_TEXT(got, expected) tap_check_text(got, expected, #got, __FILE__, __LINE__)

/* `got` is the result of an X_validate(): expects that nothing is wrong. */
#define EXPECT_VALID(got) tap_check_text(got, NULL, #got, __FILE__, __LINE__)

/*
 * The expression panics, and `message` is in the panic's message or in what was logged before it.
 * It is evaluated in a process of its own, so that its damage stays there.
 */
#define EXPECT_PANIC(message, expression)                                  \
	do {                                                               \
		if (tap_fork_for_panic()) {                                \
			(void)(expression);                                \
			tap_survived();                                    \
		}                                                          \
		tap_check_panic(message, #expression, __FILE__, __LINE__); \
	} while (0)

/* A check of this case failed. */
bool tap_failed(void);

/* Called at the end of the case, after run(), in reverse order. At most 4. */
void tap_finally(void (*check)(void));

/* A line `# ...` of the case. */
void tap_note(const char *format, ...) __printf(1, 2);

/* Random numbers, the same in every run with the same SEED, and other ones in each case. */
u32 random_u32(void);
u32 random_below(u32 limit); /* 0 .. limit - 1 */
bool random_one_in(u32 n);

/* `steps` times SCALE. */
u32 tap_scaled(u32 steps);

/* The rest is for the macros. */
bool tap_fork_for_panic(void);
void tap_survived(void) __noreturn;
void tap_check_panic(const char *message, const char *text, const char *file, int line);

#endif
