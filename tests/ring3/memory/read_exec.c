/* SPDX-License-Identifier: MIT */
/*
 * What a program may execute beside what it asks for. The header PT_GNU_STACK and the personality
 * decide; the table is that of Linux's arch/x86/include/asm/elf.h for programs of 32 bits.
 *
 *	header      personality           areas that can be read    stack
 *	none        gets READ_IMPLIES_EXEC      executable          executable
 *	RWE         as it was             by the personality        executable
 *	RW          as it was             by the personality        not
 *
 * The program copies itself to /tmp with another header and starts the copy, which looks at its
 * own areas; the check's result is the exit status. What /proc/self/maps says is the same with
 * and without NX; what can be executed is not.
 */
#include "abi/linux/elf.h"
#include "abi/linux/prctl.h"
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/lines.h"
#include "tests/ring3/runtime/maps.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/thread.h"

#define READ_WRITE   (PROT_READ | PROT_WRITE)
#define PRIVATE	     (MAP_PRIVATE | MAP_ANONYMOUS)
#define HEADERS	     8u
#define RET	     0xc3
#define NO_RANDOMIZE 0x0040000u
#define UNAME26	     0x0020000u
#define PER_LINUX32  8u

/* Of the stack in a copy's headers. */
enum header { NONE, PLAIN, EXEC, PLAIN_EXEC, EXEC_PLAIN, OWN };

static const char *program_path;
static u8 in_data[16] = { RET }, in_bss[PAGE_SIZE] __aligned(4096);
static const char *const empty[] = { NULL };

static u32 personality(u32 value)
{
	return (u32)system_call(NR_personality, (long)value, 0, 0, 0, 0, 0);
}

/* --- the copies --- */

static u32 load_headers(int fd, struct elf_phdr *phdrs)
{
	struct elf_header header;
	u32 count = 0;

	EXPECT_EQ(sys_pread64(fd, &header, sizeof(header), 0), sizeof(header));
	for (u32 i = 0; i < header.phnum && count < HEADERS - 2; i++) {
		EXPECT_EQ(sys_pread64(fd, &phdrs[count], sizeof(*phdrs),
				      header.phoff + i * sizeof(*phdrs)),
			  sizeof(*phdrs));
		count += phdrs[count].type != PT_GNU_STACK;
	}
	return count;
}

static struct elf_phdr stack_header(bool exec)
{
	return (struct elf_phdr){ .type = PT_GNU_STACK,
				  .flags = PF_R | PF_W | (exec ? PF_X : 0u),
				  .align = 16 };
}

/* Puts a new table of program headers behind the rest of the file. */
static void change_headers(int fd, enum header kind)
{
	struct elf_phdr phdrs[HEADERS];
	u32 end = ALIGN_UP((u32)file_size(fd), 16);
	u16 count = (u16)load_headers(fd, phdrs);

	if (kind != NONE)
		phdrs[count++] = stack_header(kind == EXEC || kind == EXEC_PLAIN);
	if (kind == PLAIN_EXEC || kind == EXEC_PLAIN)
		phdrs[count++] = stack_header(kind == PLAIN_EXEC);
	EXPECT_EQ(sys_pwrite64(fd, phdrs, count * sizeof(*phdrs), end), count * sizeof(*phdrs));
	EXPECT_EQ(sys_pwrite64(fd, &end, 4, offsetof(struct elf_header, phoff)), 4);
	EXPECT_EQ(sys_pwrite64(fd, &count, 2, offsetof(struct elf_header, phnum)), 2);
}

/* A copy of this program; the path is valid until the next call. */
static const char *copy(enum header kind, u32 mode)
{
	static struct text path;
	static u8 buffer[16384];
	int in = (int)sys_open(program_path, O_RDONLY), out;
	long bytes;

	file_name(&path, "program");
	out = (int)sys_open_mode(path.data, O_RDWR | O_CREAT | O_EXCL, 0700);
	while ((bytes = sys_read(in, buffer, sizeof(buffer))) > 0)
		EXPECT_EQ(sys_write(out, buffer, (u32)bytes), bytes);
	if (kind != OWN)
		change_headers(out, kind);
	EXPECT_EQ(sys_close(in), 0);
	EXPECT_EQ(sys_close(out), 0);
	EXPECT_EQ(sys_chmod(path.data, mode), 0);
	return path.data;
}

struct start {
	const char *path, *check, *label;
	u32 before, after; /* personality: before execve and, expected, after it */
	bool all, stack;   /* expected: what is readable, the stack can be executed */
	bool no_new_privs;
};

/* Runs a check of the copy, in a child. */
static void starts(void *argument)
{
	const struct start *start = argument;
	struct text after;
	const char *const argv[] = { start->path,
				     start->check,
				     after.data,
				     start->all ? "1" : "0",
				     start->stack ? "1" : "0",
				     start->label,
				     NULL };

	text_clear(&after);
	text_add_decimal(&after, (long)start->after);
	personality(start->before);
	if (start->no_new_privs)
		EXPECT_EQ(system_call(NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0), 0);
	EXPECT_EQ(sys_execve(start->path, argv, empty), 0);
}

static void expect_start(enum header kind, u32 mode, struct start start)
{
	start.path = copy(kind, mode);
	EXPECT_CHILD(starts, &start, EXITED(0));
	EXPECT_EQ(sys_unlink(start.path), 0);
}

/* --- the checks in the copy --- */

static bool all, stack; /* what is readable, the stack can be executed */
static struct text shown;

static int rights_at(const void *address)
{
	u32 page = (u32)address & ~(PAGE_SIZE - 1);
	struct map_area area;

	if (maps_read(page, page + PAGE_SIZE, &area, 1, false) != 1)
		return -1;
	return area.protection;
}

/* The area has these rights, and execution if `exec`. */
static void expect_rights(const char *name, const void *address, int rights, bool exec)
{
	int seen = rights_at(address);

	EXPECT_EQ(seen, rights | (exec ? PROT_EXEC : 0));
	text_add(&shown, name);
	text_add(&shown, seen & PROT_READ ? "=r" : "=-");
	text_add(&shown, seen & PROT_WRITE ? "w" : "-");
	text_add(&shown, seen & PROT_EXEC ? "x" : "-");
}

/* A new mapping. Gives its page back. */
static void expect_mapping(const char *name, int rights, int flags, int fd)
{
	u8 *area = (u8 *)sys_mmap2(0, PAGE_SIZE, rights, flags, fd, 0);

	expect_rights(name, area, rights, all && rights & PROT_READ);
	memory_unmap(area, 1);
}

static void check_mappings(void)
{
	int fd = file_create(1, 1);

	expect_mapping(" none", PROT_NONE, PRIVATE, -1);
	expect_mapping(" r", PROT_READ, PRIVATE, -1);
	expect_mapping(" w", PROT_WRITE, PRIVATE, -1);
	expect_mapping(" rw", READ_WRITE, PRIVATE, -1);
	expect_mapping(" shared", READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
	expect_mapping(" file", PROT_READ, MAP_PRIVATE, fd);
	expect_mapping(" shared file", READ_WRITE, MAP_SHARED, fd);
	sys_close(fd);
}

static void check_segment(const char *name, int flags, int rights)
{
	int id = (int)sys_shmget(IPC_PRIVATE, PAGE_SIZE, IPC_CREAT | 0600);
	u32 place = 0;

	EXPECT_EQ(sys_shmat(id, 0, flags, &place), 0);
	EXPECT_EQ(sys_shmctl(id, IPC_RMID, NULL), 0);
	expect_rights(name, (void *)place, rights, all);
	EXPECT_EQ(sys_shmdt(place), 0);
}

/* mprotect gives and takes it as mmap does; what moves or grows keeps what it has. */
static void check_changes(void)
{
	u8 *area = memory_map(2, PROT_NONE);
	u32 moved;

	EXPECT_EQ(sys_mprotect((u32)area, PAGE_SIZE, PROT_READ), 0);
	expect_rights(" +r", area, PROT_READ, all);
	EXPECT_EQ(sys_mprotect((u32)area, PAGE_SIZE, PROT_WRITE), 0);
	expect_rights(" +w", area, PROT_WRITE, false);
	EXPECT_EQ(sys_mprotect((u32)area, PAGE_SIZE, READ_WRITE), 0);
	moved = (u32)sys_mremap((u32)area, PAGE_SIZE, 2 * PAGE_SIZE, MREMAP_MAYMOVE, 0);
	expect_rights(" moved", (u8 *)moved + PAGE_SIZE, READ_WRITE, all);
	memory_unmap((void *)moved, 2);
	memory_unmap(area + PAGE_SIZE, 1);
}

static int image_rights(void)
{
	u8 *heap = (u8 *)ALIGN_UP((u32)sys_brk(0), PAGE_SIZE);
	u8 on_stack[16], *below = (u8 *)((u32)on_stack - 40 * PAGE_SIZE);

	EXPECT_EQ(sys_brk((u32)heap + PAGE_SIZE), (u32)heap + PAGE_SIZE);
	expect_rights(" text", (void *)image_rights, PROT_READ | PROT_EXEC, false);
	expect_rights(" data", in_data, READ_WRITE, all);
	expect_rights(" bss", in_bss, READ_WRITE, all);
	expect_rights(" heap", heap, READ_WRITE, all);
	expect_rights(" stack", on_stack, READ_WRITE, stack);
	/* The stack grows with the rights that it has. */
	memory_write(below, 1);
	expect_rights(" grown", below, READ_WRITE, stack);
	check_mappings();
	check_segment(" segment", 0, READ_WRITE);
	check_segment(" read-only", SHM_RDONLY, PROT_READ);
	check_changes();
	return 0;
}

static void calls(void *address)
{
	((void (*)(void))(u32)address)();
}

static void expect_call(void *address, bool allowed)
{
	allowed = allowed || !cpu_flag("nx");
	EXPECT_CHILD(calls, address, allowed ? EXITED(0) : KILLED(SIGSEGV));
}

static int image_calls(void)
{
	volatile u8 on_stack[16] = { RET };
	u8 *area = memory_map(1, READ_WRITE);

	area[0] = RET;
	expect_call(in_data, all);
	expect_call(area, all);
	expect_call((void *)(u32)on_stack, stack);
	return 0;
}

static int image_personality(void)
{
	return 0;
}

static int run_image(char **argv)
{
	static const struct {
		const char *name;
		int (*check)(void);
	} images[] = { { "rights", image_rights },
		       { "calls", image_calls },
		       { "personality", image_personality } };

	EXPECT_EQ(personality(PERSONALITY_QUERY), string_to_number(argv[2]));
	all = argv[3][0] == '1';
	stack = argv[4][0] == '1';
	text_add(&shown, argv[5]);
	for (u32 i = 0; i < ARRAY_SIZE(images); i++)
		if (strcmp(argv[1], images[i].name) == 0)
			images[i].check();
	if (shown.length)
		tap_line(shown.data);
	return tap_failures() ? 1 : 0;
}

/* --- the cases --- */

static void headers(void)
{
	const u32 exec = READ_IMPLIES_EXEC;

	expect_start(NONE, 0755,
		     (struct start){ .check = "rights",
				     .label = "# no header:",
				     .after = exec,
				     .all = true,
				     .stack = true });
	expect_start(EXEC, 0755,
		     (struct start){ .check = "rights", .label = "# RWE:", .stack = true });
	expect_start(PLAIN, 0755, (struct start){ .check = "rights", .label = "# RW:" });
	expect_start(OWN, 0755, (struct start){ .check = "rights", .label = "# as linked:" });
}

/* The next program keeps the personality, but not by it an executable stack. */
static void inherited(void)
{
	const u32 exec = READ_IMPLIES_EXEC;

	expect_start(NONE, 0755,
		     (struct start){ .check = "rights",
				     .label = "# no header, inherited:",
				     .before = exec,
				     .after = exec,
				     .all = true,
				     .stack = true });
	expect_start(EXEC, 0755,
		     (struct start){ .check = "rights",
				     .label = "# RWE, inherited:",
				     .before = exec,
				     .after = exec,
				     .all = true,
				     .stack = true });
	expect_start(PLAIN, 0755,
		     (struct start){ .check = "rights",
				     .label = "# RW, inherited:",
				     .before = exec,
				     .after = exec,
				     .all = true });
}

static void last_header(void)
{
	expect_start(PLAIN_EXEC, 0755,
		     (struct start){ .check = "rights", .label = "# RW, RWE:", .stack = true });
	expect_start(EXEC_PLAIN, 0755, (struct start){ .check = "rights", .label = "# RWE, RW:" });
}

static void code(void)
{
	const u32 exec = READ_IMPLIES_EXEC;

	expect_start(
		NONE, 0755,
		(struct start){
			.check = "calls", .label = "", .after = exec, .all = true, .stack = true });
	expect_start(EXEC, 0755, (struct start){ .check = "calls", .label = "", .stack = true });
	expect_start(PLAIN, 0755, (struct start){ .check = "calls", .label = "" });
	expect_start(PLAIN, 0755,
		     (struct start){ .check = "calls",
				     .label = "",
				     .before = exec,
				     .after = exec,
				     .all = true });
}

/* All bits stay, but those that could help against a program with more rights. */
static void set_id(void)
{
	const u32 stays = UNAME26 | PER_LINUX32;
	const u32 every = READ_IMPLIES_EXEC | NO_RANDOMIZE | stays;
	const struct start kept = {
		.check = "personality", .label = "", .before = every, .after = every
	};
	struct start cleared = kept, unprivileged = kept;

	cleared.after = stays;
	unprivileged.no_new_privs = true;
	expect_start(PLAIN, 0755, kept);
	expect_start(PLAIN, 04755, cleared);
	expect_start(PLAIN, 02755, cleared);
	expect_start(PLAIN, 02745, kept); /* not for the group's programs, a mark of its own */
	expect_start(PLAIN, 06755, unprivileged);
	cleared.after |= READ_IMPLIES_EXEC;
	expect_start(NONE, 04755, cleared);
}

/* The right comes to what is mapped, changed or grown from now on. */
static void changes(void *argument)
{
	u8 *heap = (u8 *)ALIGN_UP((u32)sys_brk(0), PAGE_SIZE), *area = memory_map(3, READ_WRITE);

	(void)argument;
	EXPECT_EQ(sys_brk((u32)heap + PAGE_SIZE), (u32)heap + PAGE_SIZE);
	EXPECT_EQ(personality(READ_IMPLIES_EXEC), 0);
	EXPECT_EQ(rights_at(area), READ_WRITE);
	EXPECT_EQ(rights_at(in_data), READ_WRITE);
	EXPECT_EQ(rights_at(&heap), READ_WRITE);
	EXPECT_EQ(sys_mprotect((u32)area, PAGE_SIZE, READ_WRITE), 0);
	EXPECT_EQ(rights_at(area), READ_WRITE | PROT_EXEC);
	EXPECT_EQ(rights_at(area + PAGE_SIZE), READ_WRITE);
	EXPECT_EQ(sys_brk((u32)heap + 2 * PAGE_SIZE), (u32)heap + 2 * PAGE_SIZE);
	EXPECT_EQ(rights_at(heap), READ_WRITE);
	EXPECT_EQ(rights_at(heap + PAGE_SIZE), READ_WRITE | PROT_EXEC);
	EXPECT_EQ(rights_at(memory_map(1, PROT_READ)), PROT_READ | PROT_EXEC);
	EXPECT_EQ(personality(0), READ_IMPLIES_EXEC);
	EXPECT_EQ(rights_at(memory_map(1, PROT_READ)), PROT_READ);
	EXPECT_EQ(sys_mprotect((u32)area, PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(rights_at(area), PROT_READ);
}

static void at_run_time(void)
{
	EXPECT_CHILD(changes, NULL, EXITED(0));
}

static void child_of_it(void *argument)
{
	(void)argument;
	EXPECT_EQ(personality(PERSONALITY_QUERY), READ_IMPLIES_EXEC);
	EXPECT_EQ(rights_at(memory_map(1, PROT_READ)), PROT_READ | PROT_EXEC);
}

static int thread_of_it(void *argument)
{
	*(bool *)argument = personality(0) == READ_IMPLIES_EXEC &&
			    rights_at(memory_map(1, PROT_READ)) == PROT_READ;
	return 0;
}

static void heirs(void *argument)
{
	static struct thread thread;
	bool good = false;

	(void)argument;
	personality(READ_IMPLIES_EXEC);
	EXPECT_CHILD(child_of_it, NULL, EXITED(0));
	thread_start(&thread, thread_of_it, &good);
	thread_join(&thread);
	EXPECT(good);
	child_of_it(NULL);
}

/* A child and a thread begin with it; each has its own. */
static void heirs_have_their_own(void)
{
	EXPECT_CHILD(heirs, NULL, EXITED(0));
}

/* Nothing gets the right that could be written: prctl(PR_SET_MDWE). */
static void denied(void *argument)
{
	u8 *area = memory_map(1, PROT_NONE);

	(void)argument;
	EXPECT_EQ(system_call(NR_prctl, PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0, 0), 0);
	personality(READ_IMPLIES_EXEC);
	EXPECT_EQ(sys_mmap2(0, PAGE_SIZE, READ_WRITE, PRIVATE, -1, 0), -EACCES);
	EXPECT_EQ(sys_mprotect((u32)area, PAGE_SIZE, PROT_READ), -EACCES);
	EXPECT_EQ(sys_mprotect((u32)area, PAGE_SIZE, PROT_WRITE), 0);
	EXPECT_EQ(rights_at(memory_map(1, PROT_READ)), PROT_READ | PROT_EXEC);
}

static void with_mdwe(void)
{
	EXPECT_CHILD(denied, NULL, EXITED(0));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		{ "what PT_GNU_STACK says", headers },
		{ "with READ_IMPLIES_EXEC before", inherited },
		{ "the last of two headers counts", last_header },
		{ "what can be executed", code },
		{ "programs that set IDs", set_id },
		{ "personality at run time", at_run_time },
		{ "children and threads", heirs_have_their_own },
		{ "PR_SET_MDWE", with_mdwe },
	};

	if (argc > 5)
		return run_image(argv);
	program_path = argv[0];
	return tap_run(cases, ARRAY_SIZE(cases));
}
