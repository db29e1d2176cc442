/* SPDX-License-Identifier: MIT */
/*
 * The stack: what the kernel puts on it, and how it grows.
 *
 *	higher	strings, auxv, envp, argv, argc   <- esp at entry, a multiple of 16
 *		frames of the program             touched pages only
 *		.. not there yet ..               a touch in the limit of 8 MiB grows the area
 *		1 MiB guard gap                   kept to the next mapping below, a touch dies
 *
 * The limit of 8 MiB is Linux's default (ulimit -s 8192); on a host with another one the
 * overflow cases do not hold. All touches below the frames move esp first, so that they are
 * legal on kernels which compare the address with esp (Linux before 4.20) too.
 */
#include "abi/linux/elf.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

#define GUARD_GAP MiB(1)

static char *program_path;

/* Moves esp down by `distance` bytes, writes one byte where it then points, and comes back. */
static u8 *touch_below(u32 distance)
{
	u8 *touched;

	asm volatile("movl %%esp, %%ecx\n\t"
		     "subl %1, %%esp\n\t"
		     "movb $0x5A, (%%esp)\n\t"
		     "movl %%esp, %0\n\t"
		     "movl %%ecx, %%esp"
		     : "=&r"(touched)
		     : "r"(distance)
		     : "ecx", "memory", "cc");
	return touched;
}

static void touch_below_child(void *argument)
{
	touch_below((u32)argument);
}

static u8 *here(void)
{
	return (u8 *)((u32)__builtin_frame_address(0) & ~(PAGE_SIZE - 1));
}

static void arguments_and_environment(void)
{
	u32 *word = (u32 *)start_stack;
	u32 argc = word[0];
	char **argv = (char **)(word + 1);
	char **envp = argv + argc + 1;
	u32 vectors_end;

	EXPECT_EQ(start_stack % 16, 0);
	EXPECT(argc >= 1);
	EXPECT_EQ(argv[argc], 0);
	EXPECT_EQ(envp, start_environment);
	while (*envp)
		envp++;
	vectors_end = (u32)envp;
	for (u32 i = 0; i < argc; i++) {
		EXPECT((u32)argv[i] > vectors_end);
		EXPECT(i == 0 || argv[i] == argv[i - 1] + strlen(argv[i - 1]) + 1);
	}
	for (char **e = start_environment; *e; e++)
		EXPECT((u32)*e > vectors_end && strlen(*e) < 0x20000);
	EXPECT(strlen(argv[0]) > 0);
}

/* The value of an entry of the auxiliary vector, and how many there are of it. */
static u32 auxiliary(u32 type, u32 *found)
{
	char **envp = start_environment;
	u32 value = 0;

	*found = 0;
	while (*envp)
		envp++;
	for (u32 *pair = (u32 *)(envp + 1); pair[0] != AT_NULL; pair += 2) {
		if (pair[0] == type) {
			value = pair[1];
			(*found)++;
		}
	}
	return value;
}

static void auxiliary_vector(void)
{
	u32 found;

	EXPECT_EQ(auxiliary(AT_PAGESZ, &found), PAGE_SIZE);
	EXPECT_EQ(found, 1);
	EXPECT_EQ(auxiliary(AT_ENTRY, &found), (u32)_start);
	EXPECT_EQ(found, 1);
	EXPECT_EQ(auxiliary(AT_PHENT, &found), sizeof(struct elf_phdr));
	EXPECT_EQ(found, 1);
	EXPECT(auxiliary(AT_PHNUM, &found) >= 2);
	EXPECT_EQ(found, 1);
	EXPECT(auxiliary(AT_PHDR, &found) != 0);
	EXPECT_EQ(found, 1);
}

static u32 segment_of(const void *address, u32 *flags)
{
	u32 found;
	const struct elf_phdr *header = (void *)auxiliary(AT_PHDR, &found);
	u32 count = auxiliary(AT_PHNUM, &found);
	u32 segments = 0;

	for (u32 i = 0; i < count; i++) {
		if (header[i].type != PT_LOAD || (u32)address < header[i].vaddr ||
		    (u32)address - header[i].vaddr >= header[i].memsz)
			continue;
		*flags = header[i].flags;
		segments++;
	}
	return segments;
}

static void program_headers_in_memory(void)
{
	static u32 variable = 1;
	u32 flags = 0;

	EXPECT_EQ(segment_of(_start, &flags), 1);
	EXPECT_EQ(flags, PF_R | PF_X);
	EXPECT_EQ(segment_of(&variable, &flags), 1);
	EXPECT_EQ(flags, PF_R | PF_W);
	EXPECT_EQ(segment_of(&flags, &flags), 0);
}

static void a_jump_costs_one_page(void)
{
	u8 *top = here();
	u8 *touched = touch_below(KiB(512));
	u8 *page = (u8 *)((u32)touched & ~(PAGE_SIZE - 1));

	EXPECT_EQ(memory_read(touched), 0x5A);
	EXPECT(memory_page(page).exclusive);
	EXPECT_EQ(memory_count_present(page, (u32)(top - KiB(64) - page) / PAGE_SIZE), 1);
	EXPECT(memory_is_zero(page, (u32)(touched - page)));
	EXPECT(memory_is_zero(touched + 1, KiB(256)));
}

#define DEPTH 256u

/*
 * Each frame holds a page of words that must still be right when the frames below it have come and
 * gone.
 */
static u32 recurse(u32 depth)
{
	volatile u32 words[1000];
	u32 wrong = 0;

	for (u32 i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = depth * 4099 + i;
	if (depth < DEPTH)
		wrong = recurse(depth + 1);
	for (u32 i = 0; i < ARRAY_SIZE(words); i++)
		wrong += words[i] != depth * 4099 + i;
	return wrong;
}

static void deep_recursion(void)
{
	u8 *bottom = here() - DEPTH * 4000;

	EXPECT_EQ(recurse(1), 0);
	EXPECT_EQ(memory_count_exclusive(bottom, DEPTH * 4000 / PAGE_SIZE),
		  DEPTH * 4000 / PAGE_SIZE);
	EXPECT_EQ(recurse(1), 0);
}

/* From page to page, with a look at the zeroes of each, through the second MiB. */
static void fresh_stack_pages_are_zero(void)
{
	for (u32 distance = MiB(2); distance < MiB(3); distance += PAGE_SIZE) {
		u8 *touched = touch_below(distance);
		u8 *page = (u8 *)((u32)touched & ~(PAGE_SIZE - 1));

		EXPECT(memory_is_zero(page, (u32)(touched - page)));
	}
}

static void nearly_all_of_the_limit(void)
{
	u8 *touched = touch_below(MiB(7) + KiB(512));

	EXPECT_EQ(memory_read(touched), 0x5A);
	EXPECT_EQ(memory_read(touched + MiB(1)), 0);
	EXPECT_EQ(memory_count_exclusive(touched - PAGE_SIZE, 3), 1);
}

/* Where the child's touch will be, give or take its frames: look at the pages around it. */
static void a_childs_growth_is_its_own(void)
{
	u8 *around = here() - MiB(4) - KiB(64);

	EXPECT_CHILD(touch_below_child, (void *)MiB(4), EXITED(0));
	EXPECT_EQ(memory_count_present(around, KiB(128) / PAGE_SIZE), 0);
}

static void overflow_by_recursion(void *argument)
{
	volatile u8 frame[KiB(64)];

	frame[0] = (u8)(u32)argument;
	if ((u32)argument < MiB(16) / sizeof(frame))
		overflow_by_recursion((void *)((u32)argument + 1));
	frame[sizeof(frame) - 1] = frame[0];
}

static void overflow_dies(void)
{
	EXPECT_CHILD(overflow_by_recursion, NULL, KILLED(SIGSEGV));
	EXPECT_CHILD(touch_below_child, (void *)(MiB(8) + KiB(64)), KILLED(SIGSEGV));
	EXPECT_CHILD(touch_below_child, (void *)MiB(20), KILLED(SIGSEGV));
	EXPECT_CHILD(touch_below_child, (void *)MiB(5), EXITED(0));
}

static void use_an_own_page(void *argument)
{
	(void)argument;
	EXPECT_EQ(recurse(DEPTH - 20), 0);
}

static void children_on_a_deep_stack(void)
{
	volatile u8 frame[KiB(600)];

	frame[0] = 1;
	frame[sizeof(frame) - 1] = 2;
	EXPECT_CHILD(use_an_own_page, NULL, EXITED(0));
	EXPECT_EQ(frame[0], 1);
	EXPECT_EQ(frame[sizeof(frame) - 1], 2);
}

/*
 * The kernel's own access to a stack page that is not there yet must grow the area as the
 * program's does.
 */
static void read_into_fresh_stack(void *argument)
{
	volatile u8 frame[MiB(3) + KiB(512)];
	int fd = (int)argument;

	EXPECT_EQ(sys_pread64(fd, (u8 *)frame + 64, 128, 0), 128);
	EXPECT_EQ(memcmp((u8 *)frame + 64, "\177ELF", 4), 0);
	EXPECT_EQ(frame[63], 0);
	EXPECT_EQ(frame[192], 0);
}

static void the_kernel_grows_the_stack_too(void)
{
	long fd = sys_open(program_path, O_RDONLY);

	EXPECT(fd >= 0);
	EXPECT_CHILD(read_into_fresh_stack, (void *)fd, EXITED(0));
	EXPECT_EQ(sys_close((int)fd), 0);
}

/*
 * In a child, because a stack does not shrink. The obstacle ends `distance` below the page of the
 * touch.
 */
static void grow_towards_a_mapping(void *argument)
{
	u32 distance = (u32)argument;
	u8 *page = (u8 *)((u32)touch_below(0) & ~(PAGE_SIZE - 1)) - MiB(6);

	memory_map_at((u32)page - distance - PAGE_SIZE, 1, PROT_READ | PROT_WRITE);
	memory_write(page - distance - 1, 1);
	touch_below((u32)touch_below(0) - (u32)page);
}

static void guard_gap(void)
{
	EXPECT_CHILD(grow_towards_a_mapping, (void *)GUARD_GAP, EXITED(0));
	EXPECT_CHILD(grow_towards_a_mapping, (void *)(GUARD_GAP - PAGE_SIZE), KILLED(SIGSEGV));
	EXPECT_CHILD(grow_towards_a_mapping, (void *)PAGE_SIZE, KILLED(SIGSEGV));
}

/*
 * In a child: a hole that is punched into the stack is filled from above, through the guard gap,
 * to the last page.
 */
static void fill_a_hole(void *argument)
{
	u8 *top = here() - PAGE_SIZE, *bottom = top - 64 * PAGE_SIZE, *hole = top - 32 * PAGE_SIZE;

	(void)argument;
	touch_below((u32)touch_below(0) - (u32)bottom);
	EXPECT_EQ(sys_munmap((u32)hole, 8 * PAGE_SIZE), 0);
	memory_write(hole + 4 * PAGE_SIZE, 1);
	EXPECT(!memory_is_mapped(hole + 3 * PAGE_SIZE));
	memory_write(hole, 2);
	EXPECT(memory_is_mapped(hole + 3 * PAGE_SIZE));
	EXPECT_EQ(memory_read(hole + 4 * PAGE_SIZE), 1);
	memory_write(hole - 1, 3);
	EXPECT_EQ(sys_munmap((u32)bottom, (u32)(top - bottom)), 0);
	memory_write(bottom, 4);
}

static void holes(void)
{
	EXPECT_CHILD(fill_a_hole, NULL, EXITED(0));
}

static const struct tap_case cases[] = {
	{ "arguments and environment", arguments_and_environment },
	{ "auxiliary vector", auxiliary_vector },
	{ "program headers in memory", program_headers_in_memory },
	{ "a jump of 512 KiB costs one page", a_jump_costs_one_page },
	{ "recursion through 1 MiB", deep_recursion },
	{ "fresh stack pages are zero", fresh_stack_pages_are_zero },
	{ "a child's growth is its own", a_childs_growth_is_its_own },
	{ "a child on a deep stack", children_on_a_deep_stack },
	{ "read(2) grows the stack", the_kernel_grows_the_stack_too },
	{ "the guard gap to the next mapping", guard_gap },
	{ "a hole in the stack is filled again", holes },
	{ "more than 8 MiB dies", overflow_dies },
	{ "7.5 MiB are allowed", nearly_all_of_the_limit },
};

int main(int argc, char **argv)
{
	(void)argc;
	program_path = argv[0];
	return tap_run(cases, ARRAY_SIZE(cases));
}
