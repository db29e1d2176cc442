/* SPDX-License-Identifier: MIT */
/*
 * Random system calls with random arguments, many of them hostile: the kernel has to survive
 * whatever programs do to each other.
 *
 *	supervisor --vfork, execve--> team --fork--> WORKERS processes --clone--> THREADS each
 *	(call_rounds.c)                                  \-- ARENA: shared memory, futex words --/
 *
 * This is the team: all calls of one seed. It runs on Pagewright alone: on another system its
 * signals would hit other processes. The same seed makes the same calls. Their interleaving
 * depends on the clock, so a run that counts instructions repeats exactly.
 *
 * Workers write to their own stacks, return to addresses that another one left there, and
 * execute bytes that they read from files. So the protection of their supervisor is out of their
 * reach. It is another program, they have neither its code nor its frames, and the one `int
 * $0x80` of random calls (guarded_call.S) refuses its number, which is a constant in the code.
 */
#include "tests/fuzz/call_rounds.h"
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/mapping.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/thread.h"
#include "tests/ring3/runtime/time_calls.h"

#define CALLS_PER_TASK 400u
#define USER	       54321

#define ARENA	    0x20000000u
#define ARENA_PAGES 64u
#define POOL	    0x30000000u /* private, each worker's own */
#define POOL_PAGES  256u
#define LARGE	    0x40000000u /* large pages, the first half shared by the team */
#define LARGE_STEP  0x200000u	/* bytes: a large page with PAE, else a half */
#define LARGE_STEPS 8u
#define DIGITS	    8u /* pages of ARENA from its second on: a number each */

/* The state of a worker: its random numbers, and the calls that are left. */
struct task {
	u32 random, left, serial;
};

static struct thread threads[THREADS];
static const char *const paths[] = {
	"/tmp/0",
	"/tmp/1",
	"/tmp/2",
	"/tmp/3",
	"/proc/self/maps",
	"/proc/self/statm",
	"/proc/self/pagemap",
	"/proc/meminfo",
	"/proc/self/exe", /* not its name: it would be removed */
	"/proc/1/mem",
	"/dev/null",
	"/proc/sys/vm/overcommit_memory",
	"/proc/sys/vm/nr_hugepages",
	"/",
	"/tmp",
};

static u32 draw(struct task *task, u32 bound)
{
	task->random ^= task->random << 13;
	task->random ^= task->random >> 17;
	task->random ^= task->random << 5;
	return task->random % bound;
}

static u32 any_number(struct task *task)
{
	static const u32 edges[] = {
		0,	    1,		(u32)-1,    0x7fffffff, 0x80000000,    0xc0000000,
		0xbffff000, 0xbfffffff, 0xfffff000, 0xffe00000, PAGE_SIZE - 1, PAGE_SIZE,
		0x10000,    0x08048000,
	};

	switch (draw(task, 5)) {
	case 0:
		return draw(task, 64);
	case 1:
		return edges[draw(task, ARRAY_SIZE(edges))];
	case 2:
		return (1u << draw(task, 32)) + draw(task, 3) - 1;
	case 3:
		return (u32)task + draw(task, 4096) - 2048; /* its own stack */
	}
	draw(task, 2);
	return task->random;
}

/* Half of the addresses are those of large pages; the others are pages in them. */
static u32 large_address(struct task *task)
{
	return LARGE + draw(task, LARGE_STEPS) * LARGE_STEP +
	       (draw(task, 2) ? 0 : draw(task, LARGE_STEP / PAGE_SIZE) * PAGE_SIZE);
}

static u32 address(struct task *task)
{
	u32 page;

	if (!draw(task, 5))
		page = large_address(task);
	else if (draw(task, 2))
		page = ARENA + draw(task, ARENA_PAGES) * PAGE_SIZE;
	else
		page = POOL + draw(task, POOL_PAGES) * PAGE_SIZE;
	return draw(task, 4) ? page : page + draw(task, PAGE_SIZE);
}

/* Itself, or a process created shortly before or after it. */
static u32 victim(struct task *task)
{
	u32 self = (u32)sys_getpid();

	return draw(task, 2) ? self : self + draw(task, 32) - 16;
}

/* An argument of a kind; see `calls`. */
static u32 argument(struct task *task, char kind)
{
	static const u8 harmless[] = { 0, SIGCHLD, SIGCONT, SIGURG, SIGWINCH };

	if (kind == 'v')
		return victim(task);
	/* Not any address: a random string would be the name of a file that is never removed. */
	if (kind == 'p')
		return draw(task, 12) ? (u32)paths[draw(task, ARRAY_SIZE(paths))]
				      : draw(task, 2) * 0xc0000000;
	if (!draw(task, 12))
		return any_number(task);
	switch (kind) {
	case 'a':
		return address(task);
	case 'l':
		return draw(task, 3) ? draw(task, 16) * PAGE_SIZE : draw(task, 65536);
	case 'z': /* the value of most words */
		return draw(task, 3) ? any_number(task) : 0;
	case 'L':
		return draw(task, 4) ? argument(task, 'l') : draw(task, 5) * LARGE_STEP;
	case 'w':
		return draw(task, 2) ? ARENA + draw(task, 8) * 4
				     : LARGE + draw(task, 4) * (LARGE_STEP / 2);
	case 'f':
		return draw(task, 12);
	case 't':
		return ARENA + (ARENA_PAGES -
				1) * PAGE_SIZE; /* a time of a few ms, unless it was overwritten */
	case 'S':
		if (draw(task, 12))
			return harmless[draw(task, ARRAY_SIZE(harmless))];
		/* fall through */
	case 's':
		return 1 + draw(task, 64);
	case 'b':
		return 1u << draw(task, 22);
	case 'M': /* flags of mmap */
		return 1 + draw(task, 2) + (draw(task, 4) ? MAP_ANONYMOUS : 0) +
		       (draw(task, 3) ? MAP_FIXED : 0) + (draw(task, 8) ? 0 : MAP_POPULATE) +
		       (draw(task, 6) ? 0 : MAP_HUGETLB);
	case 'H': /* flags of shmget */
		return IPC_CREAT | 0600 | (draw(task, 3) ? 0 : SHM_HUGETLB) |
		       (draw(task, 2) ? 0 : 1u << draw(task, 22));
	case 'C': /* fork or a thread, with random flags of sharing */
		return draw(task, 3)   ? SIGCHLD
		       : draw(task, 2) ? THREAD_FLAGS
				       : CLONE_VM | SIGCHLD | 1u << draw(task, 31);
	}
	return draw(task, (u32)(kind - '0' + 1) * 2); /* a digit: a small number */
}

/*
 * Kinds of arguments: a address, l length, L length of large pages too, w futex word, f
 * descriptor, p path, t time, s signal, S a signal that seldom ends a process, v process, b one
 * bit, M C H flags, n any, z 0 or any, a digit: up to that, doubled.
 */
static const struct call {
	u16 number;
	u8 weight;
	char kinds[7];
} calls[] = {
	{ 1, 1, "9" },	      { 2, 1, "" },	   { 3, 8, "fal" },	  { 4, 8, "fal" },
	{ 5, 8, "p9" },	      { 6, 4, "f" },	   { 7, 2, "va1" },	  { 8, 1, "pb" },
	{ 10, 2, "p" },	      { 11, 1, "paa" },	   { 13, 1, "a" },	  { 19, 3, "fl1" },
	{ 33, 1, "p3" },      { 37, 2, "vS" },	   { 41, 2, "f" },	  { 45, 4, "n" },
	{ 48, 1, "sa" },      { 54, 1, "fna" },	   { 63, 2, "ff" },	  { 67, 1, "saa" },
	{ 72, 1, "aaa" },     { 73, 1, "a" },	   { 75, 1, "8a" },	  { 76, 1, "8a" },
	{ 77, 1, "1a" },      { 78, 1, "aa" },	   { 90, 2, "a" },	  { 91, 8, "aL" },
	{ 92, 2, "pl" },      { 93, 4, "fL" },	   { 114, 2, "v11a" },	  { 116, 1, "a" },
	{ 117, 4, "9nnnaa" }, { 119, 1, "" },	   { 120, 2, "Caaaa" },	  { 122, 1, "a" },
	{ 125, 8, "aL7" },    { 126, 2, "1aa" },   { 140, 1, "flla2" },	  { 144, 2, "al4" },
	{ 145, 4, "fa9" },    { 146, 4, "fa9" },   { 150, 3, "al" },	  { 151, 2, "al" },
	{ 152, 1, "3" },      { 153, 1, "" },	   { 158, 4, "" },	  { 162, 1, "ta" },
	{ 163, 8, "aLL3a" },  { 173, 1, "" },	   { 174, 3, "saa8" },	  { 175, 3, "1aa8" },
	{ 176, 1, "a8" },     { 178, 2, "vSa" },   { 180, 4, "fall" },	  { 181, 4, "fall" },
	{ 186, 2, "aa" },     { 190, 1, "" },	   { 191, 1, "8a" },	  { 192, 16, "aL7Mfl" },
	{ 193, 1, "pl" },     { 194, 2, "fl" },	   { 195, 2, "pa" },	  { 197, 2, "fa" },
	{ 203, 1, "nn" },     { 213, 1, "n" },	   { 218, 4, "ala" },	  { 219, 16, "aL9" },
	{ 221, 2, "f7n" },    { 238, 1, "vS" },	   { 240, 24, "w6ztwn" }, { 240, 4, "a6ntan" },
	{ 243, 1, "a" },      { 244, 1, "a" },	   { 252, 1, "9" },	  { 258, 1, "a" },
	{ 265, 1, "4a" },     { 267, 1, "41ta" },  { 268, 1, "pla" },	  { 270, 1, "vvS" },
	{ 295, 2, "np9b" },   { 300, 1, "npa1" },  { 301, 1, "np1" },	  { 311, 2, "al" },
	{ 312, 1, "vaa" },    { 330, 1, "ff1" },   { 340, 2, "v8aa" },	  { 355, 2, "al1" },
	{ 376, 2, "al1" },    { 383, 1, "npnna" }, { 395, 4, "1LH" },	  { 396, 4, "91a" },
	{ 397, 6, "9a7" },    { 398, 4, "a" },	   { 407, 1, "41ta" },	  { 27, 1, "1" },
	{ 55, 4, "f9a" },     { 57, 1, "vv" },	   { 66, 1, "" },	  { 82, 1, "a" },
	{ 14, 4, "pb" },      { 104, 2, "1aa" },   { 105, 1, "1a" },	  { 118, 1, "f" },
	{ 132, 1, "v" },      { 142, 3, "9aaat" }, { 143, 3, "f4" },	  { 147, 1, "v" },
	{ 156, 1, "v3a" },    { 168, 3, "a91" },   { 183, 1, "al" },	  { 187, 3, "ffal" },
	{ 220, 3, "fal" },    { 221, 3, "f7a" },   { 239, 2, "ffal" },	  { 257, 1, "al0ln" },
	{ 259, 2, "3aa" },    { 260, 4, "91aa" },  { 261, 1, "9a" },	  { 262, 1, "9" },
	{ 263, 2, "9" },      { 284, 1, "1va7a" }, { 310, 1, "b" },	  { 324, 3, "f1lnln" },
	{ 331, 6, "a" },      { 333, 2, "fa9ln" }, { 334, 2, "fa9ln" },	  { 347, 3, "va3a3" },
	{ 348, 2, "va3a3" },  { 356, 4, "a7" },	   { 377, 2, "fafal" },	  { 409, 2, "91aa" },
	{ 421, 2, "aat8" },   { 436, 1, "ff" },
};

static const struct call *draw_call(struct task *task)
{
	static u32 sum;
	u32 place;

	if (!sum)
		for (u32 i = 0; i < ARRAY_SIZE(calls); i++)
			sum += calls[i].weight;
	place = draw(task, sum);
	for (u32 i = 0;; i++) {
		if (place < calls[i].weight)
			return &calls[i];
		place -= calls[i].weight;
	}
}

static void call_once(struct task *task)
{
	const struct call *call = draw_call(task);
	u32 a[6];
	long result;

	for (u32 i = 0; i < 6; i++)
		a[i] = call->kinds[i] ? argument(task, call->kinds[i]) : any_number(task);
	result = guarded_call(call->number, (long)a[0], (long)a[1], (long)a[2], (long)a[3],
			      (long)a[4], (long)a[5]);
	/* A child goes on for a while. */
	if (!result && (call->number == 2 || call->number == 120 || call->number == 190))
		task->left = min(task->left, 16u);
}

/* Touches memory, as programs do between calls. */
static void touch(struct task *task)
{
	u32 place = draw(task, 4) ? ARENA + draw(task, ARENA_PAGES * PAGE_SIZE)
				  : LARGE + draw(task, LARGE_STEPS * LARGE_STEP);

	if (draw(task, 2))
		read_at(place);
	else
		write_at(place);
}

#define TOUCH_BYTES 16u /* at most, the code of read_at() and of write_at() */

/* A fault of a touch is survived. A task that executes at a wrong address ends. */
static void survive(int signal, struct siginfo *info, struct ucontext *context)
{
	u32 eip = context->context.eip;

	(void)signal;
	(void)info;
	if (eip - (u32)read_at >= TOUCH_BYTES && eip - (u32)write_at >= TOUCH_BYTES)
		sys_exit(1);
	context->context.eip += 2;
}

static int make_calls(void *context)
{
	struct task task = *(struct task *)context;

	for (; task.left; task.left--) {
		CALLS_MADE[task.serial]++;
		call_once(&task);
		if (draw(&task, 8) == 0)
			touch(&task);
	}
	return 0;
}

static void work(void *context)
{
	static struct task starts[THREADS];
	struct task task = *(struct task *)context;

	handler_set(SIGSEGV, survive, SA_SIGINFO | SA_NODEFER, 0);
	handler_set(SIGBUS, survive, SA_SIGINFO | SA_NODEFER, 0);
	sys_mmap2(POOL, POOL_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	sys_mmap2(LARGE + LARGE_STEPS / 2 * LARGE_STEP, 2 * LARGE_STEP, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_FIXED, -1, 0);
	for (u32 i = 0; i < THREADS; i++) {
		starts[i] =
			(struct task){ task.random * 31 + i + 1, task.left, task.serial + i + 1 };
		thread_start(&threads[i], make_calls, &starts[i]);
	}
	make_calls(&task);
}

/* The console belongs to the log, and the file of the counts to the supervisor. */
static bool map_counts(void)
{
	int file = (int)sys_open(COUNTS_FILE, O_RDWR);
	u32 counts = sys_mmap2(COUNTS, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			       file, 0);

	for (int i = 0; i <= file; i++)
		sys_close(i);
	return counts == COUNTS;
}

int main(int argc, char **argv)
{
	struct timespec *time = (void *)(ARENA + (ARENA_PAGES - 1) * PAGE_SIZE);
	int status;

	/* A worker has executed this program. */
	if (argc != 2 || sys_getppid() != SUPERVISOR)
		return 0;
	if (!map_counts())
		return 1;
	sys_mmap2(ARENA, ARENA_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	sys_mmap2(LARGE, LARGE_STEPS / 2 * LARGE_STEP, PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB | MAP_FIXED, -1, 0);
	*time = (struct timespec){ 0, 3000000 };
	for (u32 i = 1; i <= DIGITS; i++)
		*(u16 *)(ARENA + i * PAGE_SIZE) = (u16)('\n' << 8 | ('0' + i));
	/* Every other team is not root's. */
	if (string_to_number(argv[1]) % 2)
		system_call(NR_setresuid32, USER, USER, USER, 0, 0, 0);
	for (u32 i = 0; i < WORKERS; i++) {
		struct task task = { string_to_number(argv[1]) * 2654435761u + i * 977 + 1,
				     CALLS_PER_TASK, i * (THREADS + 1) };

		process_start(work, &task);
	}
	while (sys_waitpid(-1, &status, 0) != -ECHILD)
		;
	return 0;
}
