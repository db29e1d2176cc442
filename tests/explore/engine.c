/* SPDX-License-Identifier: MIT */
/*
 * The exploration. See the header for the picture; numbers cite its invariants.
 *
 *   explore/NAME [SIZE [STATES]]
 *
 * SIZE: a number, or `small`. STATES: give up beyond so many, with status 2.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "lib/irq.h"
#include "lib/printf.h"
#include "lib/symbol.h"
#include "tests/explore/explore.h"
#include "tests/explore/states.h"

#define STATE_SECONDS	 10 /* of the processor: an operation that takes longer does not end */
#define PROGRESS_SECONDS 5
#define TEXT_SIZE	 200

/* How a state was reached first, and its image until it has been explored. */
struct step {
	u32 from, operation, depth;
	struct image *image;
};

/* image.lds */
extern char __start_explore_state[], __stop_explore_state[];

static struct step *steps;
static u32 step_count, step_room;
static u32 states_max = UINT32_MAX;
static u64 transitions;
static u32 size, exploring, running; /* the state that is explored; the operation that runs */
static bool ended;
static bool changed; /* memory is no longer the state that is explored */
static u32 skipped;  /* operations that are not possible either */
static time_t last_progress;

/* The operations from the start to a state, as lines of a test; memory is that state then. */
static void print_way(u32 state)
{
	u32 way[4096], length = 0;
	char text[TEXT_SIZE];

	for (; state && length < ARRAY_SIZE(way); state = steps[state].from)
		way[length++] = steps[state].operation;
	image_enter(NULL);
	while (length--) {
		world_text(way[length], text, sizeof(text));
		printf("\t%s\n", text);
		world_apply(way[length]);
	}
}

static void __noreturn fail(const char *why)
{
	char text[TEXT_SIZE];

	/* A second fault, while the way is printed: the world is not deterministic. */
	if (ended)
		_exit(1);
	ended = true;
	printf("explore: world=%s %s=%u states=%u result=violated\n%s\n", world.name, world.unit,
	       size, step_count, why);
	printf("the shortest way there:\n");
	print_way(exploring);
	if (running != UINT32_MAX) {
		world_text(running, text, sizeof(text));
		printf("\t%s\n", text);
	}
	fflush(stdout);
	_exit(1);
}

static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)context;
	if (number == SIGSEGV && states_first_write(info->si_addr))
		return;
	fail(number == SIGPROF ? "the last operation does not end" : strsignal(number));
}

void panic(const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vscnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fail(text);
}

void printk(const char *format, ...)
{
	(void)format;
}

const char *symbol_text(const void *address, char *buffer)
{
	(void)address;
	buffer[0] = 0;
	return buffer;
}

static unsigned long irq_depth;

unsigned long irq_save(void)
{
	return irq_depth++;
}

void irq_restore(unsigned long state)
{
	irq_depth--;
	if (state != irq_depth)
		panic("irq_restore: not in the reverse order of irq_save()");
}

bool explore_undo(u32 more)
{
	changed = true;
	skipped = more;
	return false;
}

void explore_put(u32 number)
{
	digest_put(number);
}

/* The state in memory was reached by an operation from `exploring`. Keeps it if it is new. */
static void reached(u32 depth)
{
	bool known;

	digest_begin();
	world_describe();
	states_number(digest_end(), &known);
	if (known)
		return;
	if (step_count == step_room) {
		step_room = step_room ? 2 * step_room : 1024;
		steps = realloc(steps, step_room * sizeof(*steps));
	}
	if (!steps || step_count == states_max) {
		printf("explore: world=%s %s=%u states=%u result=%s\n", world.name, world.unit,
		       size, step_count, steps ? "too-large" : "no-memory");
		exit(2);
	}
	steps[step_count++] = (struct step){ exploring, running, depth, image_take() };
}

static void progress(void)
{
	time_t now = time(NULL);

	if (now - last_progress < PROGRESS_SECONDS)
		return;
	last_progress = now;
	fprintf(stderr, "explore: world=%s %s=%u states=%u explored=%u depth=%u\n", world.name,
		world.unit, size, step_count, exploring, steps[exploring].depth);
}

/* Every operation from one state. */
static void explore(u32 state)
{
	struct image *image = steps[state].image;
	u32 depth = steps[state].depth;
	const struct itimerval limit = { .it_value = { .tv_sec = STATE_SECONDS } };

	exploring = state;
	changed = true;
	setitimer(ITIMER_PROF, &limit, NULL);
	for (running = 0; running < world.operations; running++) {
		if (changed)
			image_enter(image);
		changed = false;
		skipped = 0;
		if (!world_apply(running)) {
			running += skipped;
			continue;
		}
		changed = true;
		world_check();
		transitions++;
		reached(depth + 1);
	}
	steps[state].image = NULL;
	image_free(image);
	progress();
}

static u32 number(const char *text, const char *what, u32 smallest, u32 largest)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (*end || end == text || value < smallest || value > largest) {
		fprintf(stderr, "explore: %s %s: a number from %u to %u is wanted\n", what, text,
			smallest, largest);
		exit(2);
	}
	return (u32)value;
}

int main(int argc, char **argv)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGPROF };
	/* A fault in print_way() must be seen too. */
	struct sigaction action = { .sa_sigaction = on_signal,
				    .sa_flags = SA_SIGINFO | SA_NODEFER };

	size = world.usual;
	if (argc > 1)
		size = !strcmp(argv[1], "small")
			       ? world.small
			       : number(argv[1], world.unit, world.smallest, world.largest);
	if (argc > 2)
		states_max = number(argv[2], "STATES", 1, UINT32_MAX);
	for (u32 i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &action, NULL);
	last_progress = time(NULL);
	running = UINT32_MAX;
	world_start(size);
	states_begin(__start_explore_state, (size_t)(__stop_explore_state - __start_explore_state));
	world_check();
	reached(0);
	for (u32 state = 0; state < step_count; state++)
		explore(state);
	printf("explore: world=%s %s=%u states=%u transitions=%llu depth=%u result=closed\n",
	       world.name, world.unit, size, step_count, (unsigned long long)transitions,
	       steps[step_count - 1].depth);
	return 0;
}
