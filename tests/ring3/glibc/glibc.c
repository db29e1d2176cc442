/* SPDX-License-Identifier: MIT */
/*
 * Code of another maker: the C library of the host, linked statically. It asks the processor for
 * its features and picks its string functions by that, prints doubles by x87 arithmetic, copies
 * large blocks through SSE registers, and makes threads.
 *
 * The output is TAP as of the other ring-3 programs, and the same on every kernel that is right.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 4
#define ROUNDS	2000
#define BLOCK	(3u << 20)

static int failed;

/* The name of a case with what it found; `good` is the verdict. */
static void result(int number, int good, const char *text)
{
	printf("%sok %d - %s\n", good ? "" : "not ", number, text);
	failed |= !good;
}

static void doubles(int number)
{
	char text[160];
	volatile double third = 1.0 / 3, big = 1e300, small = 5e-324;
	volatile long double ratio = 22.0L / 7;

	snprintf(text, sizeof(text), "doubles: %.17g %a %g %.3e %.18Lf %s", third, third, big * 10,
		 small, ratio, strtod("0x1.8p3", NULL) == 12 ? "12" : "?");
	result(number,
	       !strcmp(text, "doubles: 0.33333333333333331 0x1.5555555555555p-2 1e+301 4.941e-324 "
			     "3.142857142857142857 12"),
	       text);
}

static void functions(int number)
{
	volatile double x = 2;
	char text[120];

	snprintf(text, sizeof(text), "functions: %.12f %.12f %.12f %.12f", sqrt(x), sin(x), exp(x),
		 log(x));
	result(number,
	       !strcmp(text,
		       "functions: 1.414213562373 0.909297426826 7.389056098931 0.693147180560"),
	       text);
}

/* Sizes and places on all sides of what a copy by vectors treats differently. */
static int copies_right(unsigned char *to, unsigned char *from, size_t bytes, size_t skew)
{
	for (size_t i = 0; i < bytes; i++)
		from[i] = (unsigned char)(i * 31 + bytes);
	to[skew + bytes] = 0x5a;
	memcpy(to + skew, from, bytes);
	return !memcmp(to + skew, from, bytes) && to[skew + bytes] == 0x5a;
}

static void blocks(int number)
{
	static const size_t sizes[] = { 1, 15, 16, 17, 63, 64, 127, 4095, 65537, BLOCK - 64 };
	unsigned char *from = malloc(BLOCK), *to = malloc(BLOCK);
	int good = from && to;

	for (size_t i = 0; good && i < sizeof(sizes) / sizeof(*sizes); i++)
		for (size_t skew = 0; skew < 3; skew++)
			good = copies_right(to, from, sizes[i], skew * 7);
	if (good) {
		memset(to, 'x', BLOCK - 1);
		to[BLOCK - 1] = '\0';
		good = strlen((char *)to) == BLOCK - 1 && !strchr((char *)to, 'y');
	}
	free(from);
	free(to);
	result(number, good, "malloc, memcpy, memset and strlen of large blocks");
}

static void heap(int number)
{
	enum { PIECES = 1000 };
	static unsigned *pieces[PIECES];
	int good = 1;

	for (unsigned i = 0; i < 3 * PIECES; i++) {
		unsigned place = i * 7919 % PIECES, words = 1 + i % 300;

		free(pieces[place]);
		pieces[place] = malloc(words * sizeof(unsigned));
		if (!pieces[place])
			good = 0;
		else
			*pieces[place] = place;
	}
	for (unsigned i = 0; i < PIECES; i++) {
		good &= !pieces[i] || *pieces[i] == i;
		free(pieces[i]);
	}
	result(number, good, "malloc and free of many small pieces");
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int started;
static __thread double own;

/* Wallis' product, 2 * 2 * 4 * 4 * ... / (1 * 3 * 3 * 5 * ...), times each thread's factor. */
static void *computes(void *argument)
{
	double scale = *(int *)argument, *sum = malloc(sizeof(*sum));

	pthread_mutex_lock(&lock);
	started++;
	pthread_mutex_unlock(&lock);
	own = scale;
	for (int i = 1; i <= ROUNDS; i++) {
		own *= 4.0 * i * i / (4.0 * i * i - 1);
		if (i % 50 == 0)
			usleep(0);
	}
	if (sum)
		*sum = own;
	return sum;
}

static void threads(int number)
{
	pthread_t thread[THREADS];
	int numbers[THREADS], good = 1;
	double expected = 1;

	for (int i = 1; i <= ROUNDS; i++)
		expected *= 4.0 * i * i / (4.0 * i * i - 1);
	for (int i = 0; i < THREADS; i++) {
		numbers[i] = 1 << i;
		if (pthread_create(&thread[i], NULL, computes, &numbers[i]))
			exit(2);
	}
	for (int i = 0; i < THREADS; i++) {
		void *sum = NULL;

		pthread_join(thread[i], &sum);
		/* A power of two more is exactly that: no rounding differs. */
		good &= sum && fabs(*(double *)sum / numbers[i] - expected) < 1e-12;
		free(sum);
	}
	result(number, good && started == THREADS, "threads with numbers of their own");
}

static volatile double handled;

static void handler(int signal)
{
	volatile double x = signal;

	handled = x / 7 + sqrt(x);
}

static void signals(int number)
{
	double sum = 0, expected = 0;

	signal(SIGUSR1, handler);
	for (int i = 1; i < 100; i++)
		expected += 1.0 / i;
	for (int i = 1; i < 100; i++) {
		sum += 1.0 / i;
		raise(SIGUSR1);
	}
	result(number, fabs(sum - expected) < 1e-12 && handled > 4.5 && handled < 4.7,
	       "a handler that computes");
}

static void processes(int number)
{
	double value = 0.1;
	int status = 0;
	pid_t pid;

	fflush(stdout);
	for (int i = 0; i < 10; i++)
		value *= 1.5;
	pid = fork();
	if (!pid)
		_exit(value > 5.76 && value < 5.77 ? 3 : 4);
	waitpid(pid, &status, 0);
	result(number, pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 3,
	       "a child goes on with the numbers");
}

/* Releases of the library differ in the calls that they use; programs only see that they work. */
static void sleeps(int number)
{
	const struct timespec time = { 0, 30000000 };
	struct timespec before, after;
	int good;

	clock_gettime(CLOCK_MONOTONIC, &before);
	good = !nanosleep(&time, NULL) && !usleep(30000) && !sleep(1);
	clock_gettime(CLOCK_MONOTONIC, &after);
	result(number, good && after.tv_sec > before.tv_sec, "nanosleep, usleep and sleep");
}

/* As exercises on demand paging do it. */
static void counts_faults(int number)
{
	struct rusage before, after;
	long page = sysconf(_SC_PAGESIZE);
	char *start =
		mmap(NULL, 64 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int good = start != MAP_FAILED && !getrusage(RUSAGE_SELF, &before);
	clock_t used = clock();

	for (int i = 0; good && i < 64; i++)
		start[i * page] = 1;
	good = good && !getrusage(RUSAGE_SELF, &after);
	good = good && after.ru_minflt - before.ru_minflt >= 64 &&
	       after.ru_minflt - before.ru_minflt < 80;
	result(number, good && used != (clock_t)-1 && clock() >= used,
	       "getrusage counts page faults");
}

static void machine(int number)
{
	struct sysinfo info;
	cpu_set_t set;
	int good = !sysinfo(&info) && sysconf(_SC_PHYS_PAGES) > 0 && sysconf(_SC_AVPHYS_PAGES) > 0;

	good = good && !sched_getaffinity(0, sizeof(set), &set) && CPU_COUNT(&set) > 0;
	good = good && getgid() == 0 && getegid() == 0 && getgroups(0, NULL) >= 0;
	result(number, good, "memory, processors and groups");
}

static void *dies_with_a_lock(void *mutex)
{
	pthread_mutex_lock(mutex);
	return NULL;
}

static void robust_lock(int number)
{
	pthread_mutexattr_t attributes;
	pthread_mutex_t mutex;
	struct timespec until;
	pthread_t thread;
	int died;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&mutex, &attributes);
	pthread_create(&thread, NULL, dies_with_a_lock, &mutex);
	pthread_join(thread, NULL);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 5;
	died = pthread_mutex_timedlock(&mutex, &until);
	result(number,
	       died == EOWNERDEAD && !pthread_mutex_consistent(&mutex) &&
		       !pthread_mutex_unlock(&mutex),
	       "a mutex with an owner that has died");
}

/* The calls of stdio and stat() on a file: if they fail, a library cannot choose its buffers. */
static void files(int number)
{
	static const char path[] = "/tmp/pagewright-glibc";
	struct stat named = { 0 }, opened = { 0 };
	FILE *file = fopen(path, "w+");
	char line[16] = "";
	int good = file && fputs("first\nsecond\n", file) >= 0 && !fflush(file);

	good = good && !fstat(fileno(file), &opened) && !stat(path, &named);
	good = good && opened.st_size == 13 && S_ISREG(opened.st_mode);
	good = good && named.st_ino == opened.st_ino && named.st_mtime == opened.st_mtime;
	good = good && named.st_mtime > 1577836800 && named.st_nlink == 1;
	good = good && !fseek(file, 6, SEEK_SET) && fgets(line, sizeof(line), file);
	good = good && !strcmp(line, "second\n") && !isatty(fileno(file)) && errno == ENOTTY;
	if (file)
		fclose(file);
	good &= !unlink(path) && stat(path, &named) && errno == ENOENT;
	result(number, good, "fopen, fstat, stat, isatty");
}

/* A terminal gets whole lines, anything else full buffers. */
static void standard_output(int number)
{
	struct stat out;
	int device = !fstat(1, &out) && S_ISCHR(out.st_mode);

	result(number, device == isatty(1) && device == !!__flbf(stdout),
	       "standard output is buffered by lines on a terminal");
}

int main(void)
{
	static void (*const cases[])(int) = { doubles,	      functions, blocks,      heap,
					      threads,	      signals,	 processes,   sleeps,
					      counts_faults,  machine,	 robust_lock, files,
					      standard_output };
	int count = sizeof(cases) / sizeof(*cases);

	printf("1..%d\n", count);
	for (int i = 0; i < count; i++)
		cases[i](i + 1);
	return failed;
}
