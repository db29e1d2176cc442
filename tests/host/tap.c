/* SPDX-License-Identifier: MIT */
/* The harness. See the header. */
#include <sanitizer/common_interface_defs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/host/console.h"
#include "tests/host/tap.h"

#define FAILURES_SHOWN 20 /* of one case: later ones are mostly consequences */
#define FINALLY_MAX    4
#define CASE_SECONDS   20 /* of processor time, as the machine may be busy */
#define CASE_SLEEPS    3  /* times as long may pass, of any time */
#define REPORT_SECONDS 10 /* for the stack: the case may have been inside malloc() */
#define EXIT_FAILED    1
#define EXIT_SURVIVED  3
#define EXIT_TOO_LONG  4

static u32 failures;
static u64 random_state;
static void (*finally[FINALLY_MAX])(void);
static u32 finally_count;

/* The outcome of the child that should panic, in memory shared with its parent. */
static int panic_status;

static u32 environment_number(const char *name)
{
	const char *text = getenv(name);

	return text && *text ? (u32)strtoul(text, NULL, 0) : 1;
}

u32 random_u32(void)
{
	/* xorshift64* (Vigna 2016). */
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (u32)(random_state * 0x2545f4914f6cdd1dull >> 32);
}

u32 random_below(u32 limit)
{
	return (u32)((u64)random_u32() * limit >> 32);
}

bool random_one_in(u32 n)
{
	return !random_below(n);
}

static void random_start(u32 number)
{
	random_state = ((u64)environment_number("SEED") << 32 | number) * 0x9e3779b97f4a7c15ull | 1;
	for (u32 i = 0; i < 8; i++)
		random_u32();
}

u32 tap_scaled(u32 steps)
{
	return steps * environment_number("SCALE");
}

bool tap_failed(void)
{
	return failures;
}

void tap_finally(void (*check)(void))
{
	if (finally_count == FINALLY_MAX)
		abort();
	finally[finally_count++] = check;
}

void tap_note(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	printf("# ");
	vprintf(format, arguments);
	printf("\n");
	va_end(arguments);
}

bool tap_check(bool good, const char *file, int line, const char *format, ...)
{
	va_list arguments;

	if (good)
		return true;
	if (failures++ >= FAILURES_SHOWN)
		return false;
	va_start(arguments, format);
	printf("# %s:%d: ", file, line);
	vprintf(format, arguments);
	printf("\n");
	va_end(arguments);
	return false;
}

bool tap_check_equal(s64 got, s64 expected, const char *text, const char *file, int line)
{
	return tap_check(got == expected, file, line, "%s is %lld (%#llx), expected %lld (%#llx)",
			 text, got, (u64)got, expected, (u64)expected);
}

bool tap_check_text(const char *got, const char *expected, const char *text, const char *file,
		    int line)
{
	bool same = got && expected ? !strcmp(got, expected) : got == expected;

	return tap_check(same, file, line, "%s is \"%s\", expected \"%s\"", text,
			 got ? got : "nothing", expected ? expected : "nothing");
}

static const char *case_name;

#ifdef COVERAGE
/* A build without sanitizers has no report of the stack. */
#define __sanitizer_print_stack_trace() ((void)0)
#endif

/* Tells where the case is, and ends it. */
static void too_long(int signal)
{
	(void)signal;
	/* A lock that the case holds would keep the report for ever. */
	alarm(REPORT_SECONDS);
	fprintf(stderr, "# case %s: its time is over:\n", case_name);
	__sanitizer_print_stack_trace();
	_exit(EXIT_TOO_LONG);
}

/* For the calling process: what it has forked has a time of its own. */
static void limit_time(void)
{
	const struct sigaction once = { .sa_handler = too_long,
					.sa_flags = (int)SA_RESETHAND | SA_NODEFER };
	u32 seconds = getenv("CASE_SECONDS") ? environment_number("CASE_SECONDS")
					     : tap_scaled(CASE_SECONDS);
	struct itimerval time = { .it_value.tv_sec = seconds };

	sigaction(SIGPROF, &once, NULL);
	sigaction(SIGALRM, &once, NULL);
	setitimer(ITIMER_PROF, &time, NULL);
	alarm(CASE_SLEEPS * seconds);
}

bool tap_fork_for_panic(void)
{
	pid_t child;
	int status = 0;

	fflush(stdout);
	child = fork();
	if (child < 0)
		abort();
	if (!child) {
		limit_time();
		console_expect_panic();
		return true;
	}
	waitpid(child, &status, 0);
	panic_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	if (panic_status == EXIT_TOO_LONG)
		_exit(EXIT_TOO_LONG);
	return false;
}

void tap_survived(void)
{
	host_exit(EXIT_SURVIVED);
}

void tap_check_panic(const char *message, const char *text, const char *file, int line)
{
	const char *got = console_panic_text();

	if (panic_status == EXIT_SURVIVED)
		tap_check(false, file, line, "%s: no panic, expected \"%s\"", text, message);
	else
		tap_check(panic_status == EXIT_PANICKED && strstr(got, message), file, line,
			  "%s: status %d, panic \"%s\", expected \"%s\"", text, panic_status, got,
			  message);
}

static void run_child(const struct tap_case *test, u32 number)
{
	failures = 0;
	random_start(number);
	case_name = test->name;
	limit_time();
	test->run();
	while (finally_count)
		finally[--finally_count]();
	EXPECT_EQ(irq_depth(), 0);
	if (failures > FAILURES_SHOWN)
		tap_note("and %u more", failures - FAILURES_SHOWN);
	if (failures)
		console_show();
	host_exit(failures ? EXIT_FAILED : 0);
}

/* Returns the status of its process, as of waitpid(). */
static int run_case(const struct tap_case *test, u32 number)
{
	pid_t child;
	int status = 0;

	fflush(stdout);
	child = fork();
	if (child < 0)
		abort();
	if (!child)
		run_child(test, number);
	waitpid(child, &status, 0);
	if (WIFSIGNALED(status))
		tap_note("killed by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) > EXIT_FAILED)
		tap_note("exit status %d", WEXITSTATUS(status));
	printf("%s %u - %s\n", status ? "not ok" : "ok", number, test->name);
	return status;
}

/* One case that does not end is enough: the others would take as long. */
static bool ends_program(int status)
{
	bool too_long = (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_TOO_LONG) ||
			(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM);

	return too_long && !getenv("KEEP_GOING");
}

/*
 * Of AddressSanitizer: no search for leaks at the end. This process allocates nothing, a case ends
 * with _exit(), and the search would read all of machine.h's RAM.
 */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

int tap_main(const struct tap_case *cases, u32 count)
{
	u32 failed = 0;

	console_init();
	printf("1..%u\n", count);
	tap_note("SEED=%u SCALE=%u", environment_number("SEED"), environment_number("SCALE"));
	for (u32 i = 0; i < count; i++) {
		int status = run_case(&cases[i], i + 1);

		failed += status != 0;
		if (ends_program(status)) {
			printf("Bail out! a case took too long: %s\n", cases[i].name);
			return 1;
		}
	}
	if (failed)
		tap_note("%u of %u failed", failed, count);
	return failed != 0;
}
