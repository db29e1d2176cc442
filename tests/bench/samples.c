/* SPDX-License-Identifier: MIT */
/*
 * The samples of one operation, and its line of figures.
 *
 *     rdtsc   operation   rdtsc
 *       └──── one sample ───┘      less the smallest of WARM_UP samples of nothing
 */
#include "tests/bench/bench.h"
#include "tests/ring3/runtime/string.h"

static const struct operation *operation;
static u32 samples[SAMPLES_MAX], taken, empty;
static struct figures replaced;
static bool is_replaced;

static noinline u32 sample_nothing(void)
{
	return SAMPLE((void)0);
}

void samples_begin(const struct operation *begun)
{
	operation = begun;
	taken = 0;
	is_replaced = false;
	empty = UINT32_MAX;
	for (u32 i = 0; i < WARM_UP; i++)
		empty = min(empty, sample_nothing());
}

void samples_restart(void)
{
	taken = 0;
}

void samples_without_warm_up(void)
{
	taken = WARM_UP;
}

bool samples_wanted(void)
{
	return taken < WARM_UP + operation->samples;
}

u32 samples_taken(void)
{
	return taken;
}

void samples_add(u32 counted)
{
	if (taken >= WARM_UP)
		samples[taken - WARM_UP] = counted > empty ? counted - empty : 0;
	taken++;
}

void samples_add_count(u32 number)
{
	samples_add(number + empty);
}

static void sort_samples(u32 count)
{
	for (u32 i = 1; i < count; i++) {
		u32 value = samples[i], place = i;

		for (; place && samples[place - 1] > value; place--)
			samples[place] = samples[place - 1];
		samples[place] = value;
	}
}

struct figures samples_figures(void)
{
	u32 units = operation->units, count = operation->samples;

	sort_samples(count);
	return (struct figures){
		.min = DIV_ROUND_UP(samples[0], units),
		.median = DIV_ROUND_UP(samples[count / 2], units),
		.worst = DIV_ROUND_UP(samples[count - 1], units),
	};
}

void samples_replace(const struct figures *figures)
{
	replaced = *figures;
	is_replaced = true;
}

void samples_print(void)
{
	struct figures figures = is_replaced ? replaced : samples_figures();
	struct text line;

	text_clear(&line);
	text_add(&line, "bench: op=");
	text_add(&line, operation->name);
	text_add_field(&line, " n=", operation->samples);
	text_add_field(&line, " min=", figures.min);
	text_add_field(&line, " median=", figures.median);
	text_add_field(&line, " worst=", figures.worst);
	text_add(&line, " unit=");
	text_add(&line, glob_match("frames_*", operation->name) ? "frames" : counter_unit());
	text_add(&line, "\n");
	sys_write(1, line.data, line.length);
}
