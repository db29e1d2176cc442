/* SPDX-License-Identifier: MIT */
/*
 * The call interface: the state that int 0x80 preserves, and the errors of each call for
 * arguments that it must refuse.
 *
 * A system call changes eax and nothing else: no other register, no flag, no segment. A refused
 * call changes nothing at all. The error numbers are Linux's (man 2 of each call, and trial).
 */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

#define READ_WRITE  (PROT_READ | PROT_WRITE)
#define ANONYMOUS   (MAP_PRIVATE | MAP_ANONYMOUS)
#define BAD_FD	    1000
#define FLAGS_KEPT  0x0CD5u /* carry, parity, adjust, zero, sign, direction, overflow */
#define FLAG_IF	    0x0200u
#define FLAGS_IOPL  0x3000u
#define NO_SUCH_PID 0x3FFFFFFF

static char *program_path;

struct registers {
	u32 eax, ebx, ecx, edx, esi, edi, ebp, flags;
};

/* Named in the assembly below, by absolute address: it runs with every register taken. */
struct registers abi_in, abi_out;
u32 abi_esp_before, abi_esp_after;

/* Loads all of abi_in, executes int 0x80, stores all into abi_out. */
static void call_with_registers(void)
{
	asm volatile("pushal\n\t"
		     "movl abi_in + 0, %%eax\n\t"
		     "movl abi_in + 4, %%ebx\n\t"
		     "movl abi_in + 8, %%ecx\n\t"
		     "movl abi_in + 12, %%edx\n\t"
		     "movl abi_in + 16, %%esi\n\t"
		     "movl abi_in + 20, %%edi\n\t"
		     "movl abi_in + 24, %%ebp\n\t"
		     "movl %%esp, abi_esp_before\n\t"
		     "pushl abi_in + 28\n\t"
		     "popfl\n\t"
		     "int $0x80\n\t"
		     "pushfl\n\t"
		     "popl abi_out + 28\n\t"
		     "cld\n\t"
		     "movl %%esp, abi_esp_after\n\t"
		     "movl %%eax, abi_out + 0\n\t"
		     "movl %%ebx, abi_out + 4\n\t"
		     "movl %%ecx, abi_out + 8\n\t"
		     "movl %%edx, abi_out + 12\n\t"
		     "movl %%esi, abi_out + 16\n\t"
		     "movl %%edi, abi_out + 20\n\t"
		     "movl %%ebp, abi_out + 24\n\t"
		     "popal"
		     :
		     :
		     : "memory", "cc");
}

static void expect_kept(u32 number, u32 ebx, u32 flags)
{
	abi_in = (struct registers){ number,	  ebx,	       0x22222222u, 0x33333333u,
				     0x44444444u, 0x55555555u, 0x66666666u, flags };
	memset(&abi_out, 0xAA, sizeof(abi_out));
	call_with_registers();
	EXPECT_EQ(abi_out.ebx, abi_in.ebx);
	EXPECT_EQ(abi_out.ecx, abi_in.ecx);
	EXPECT_EQ(abi_out.edx, abi_in.edx);
	EXPECT_EQ(abi_out.esi, abi_in.esi);
	EXPECT_EQ(abi_out.edi, abi_in.edi);
	EXPECT_EQ(abi_out.ebp, abi_in.ebp);
	EXPECT_EQ(abi_esp_after, abi_esp_before);
	EXPECT_EQ(abi_out.flags & FLAGS_KEPT, flags & FLAGS_KEPT);
	EXPECT_EQ(abi_out.flags & FLAG_IF, FLAG_IF);
	EXPECT_EQ(abi_out.flags & FLAGS_IOPL, 0);
}

static void registers_are_kept(void)
{
	static struct utsname name;
	static const u32 flags[] = { 0x0202, 0x0202 | FLAGS_KEPT, 0x0202 | 0x0400,
				     0x0202 | 0x0001 };

	for (u32 i = 0; i < ARRAY_SIZE(flags); i++) {
		expect_kept(NR_getpid, 0x11111111, flags[i]);
		EXPECT_EQ(abi_out.eax, sys_getpid());
		expect_kept(NR_sched_yield, 0x11111111, flags[i]);
		EXPECT_EQ(abi_out.eax, 0);
		expect_kept(9999, 0x11111111, flags[i]);
		EXPECT_EQ(abi_out.eax, -ENOSYS);
		expect_kept(NR_close, 0x11111111, flags[i]);
		EXPECT_EQ(abi_out.eax, -EBADF);
		expect_kept(NR_brk, 0, flags[i]);
		EXPECT_EQ(abi_out.eax, sys_brk(0));
		expect_kept(NR_uname, (u32)&name, flags[i]);
		EXPECT_EQ(abi_out.eax, 0);
		expect_kept(NR_uname, 4, flags[i]);
		EXPECT_EQ(abi_out.eax, -EFAULT);
	}
}

/* A kernel that trusts the direction flag of the program copies backwards. */
static void the_direction_flag_is_the_programs(void)
{
	static struct utsname forwards, backwards;

	EXPECT_EQ(sys_uname(&forwards), 0);
	expect_kept(NR_uname, (u32)&backwards, 0x0202 | 0x0400);
	EXPECT_EQ(memcmp(&forwards, &backwards, sizeof(forwards)), 0);
}

static void first_registers(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(start_registers); i++)
		EXPECT_EQ(start_registers[i], 0);
	EXPECT_EQ(start_flags, 0x0202);
}

/* fs is free for the program: it gets the data selector here. */
static u32 selector_fs(void)
{
	u32 value = 0;

	asm volatile("movw %%fs, %w0" : "=r"(value));
	return value & 0xFFFF;
}

static void yield_with_null_fs(void *argument)
{
	(void)argument;
	EXPECT(selector_fs() != 0);
	asm volatile("movw %w0, %%fs" : : "r"(0));
	for (u32 i = 0; i < 50; i++) {
		sys_sched_yield();
		EXPECT_EQ(selector_fs(), 0);
	}
}

static void segments_are_kept(void)
{
	u32 cs = 0, ss = 0, ds = 0, es = 0;
	int child;

	asm volatile("movw %%cs, %w0; movw %%ss, %w1; movw %%ds, %w2; movw %%es, %w3"
		     : "+r"(cs), "+r"(ss), "+r"(ds), "+r"(es));
	EXPECT_EQ(cs & 3, 3);
	EXPECT_EQ(ss & 3, 3);
	EXPECT_EQ(ds, ss);
	EXPECT_EQ(es, ss);
	asm volatile("movw %w0, %%fs" : : "r"(ds));
	child = process_start(yield_with_null_fs, NULL);
	for (u32 i = 0; i < 50; i++) {
		sys_sched_yield();
		EXPECT_EQ(selector_fs(), ds);
	}
	EXPECT_EQ(process_wait(child), EXITED(0));
	EXPECT_EQ(selector_fs(), ds);
	asm volatile("movw %w0, %%fs" : : "r"(0));
}

static void unknown_calls(void)
{
	/* 17, 31, 32, 35, 44, 53: never implemented by Linux. */
	static const long numbers[] = { 17, 31,	  32,	 35,	     44,
					53, 9999, 65536, 0x7FFFFFFF, (long)0x80000000,
					-1, -4096 };

	for (u32 i = 0; i < ARRAY_SIZE(numbers); i++)
		EXPECT_EQ(system_call(numbers[i], 1, 2, 3, 4, 5, 6), -ENOSYS);
}

static void mmap_errors(void)
{
	int fixed = ANONYMOUS | MAP_FIXED;
	struct mmap_arguments old = { FIXED_PLACE, 0, READ_WRITE, (u32)fixed, (u32)-1, 0 };

	EXPECT_EQ(sys_mmap2(0, 0, READ_WRITE, ANONYMOUS, -1, 0), -EINVAL);
	EXPECT_EQ(sys_mmap2(FIXED_PLACE + 1, PAGE_SIZE, READ_WRITE, fixed, -1, 0), -EINVAL);
	EXPECT_EQ(sys_mmap2(0, PAGE_SIZE, READ_WRITE, MAP_ANONYMOUS, -1, 0), -EINVAL);
	EXPECT_EQ(sys_mmap2(0, PAGE_SIZE, READ_WRITE, MAP_PRIVATE, BAD_FD, 0), -EBADF);
	EXPECT_EQ(sys_mmap2(0, PAGE_SIZE, READ_WRITE, MAP_PRIVATE, -1, 0), -EBADF);
	EXPECT_EQ(sys_mmap2(0, 0xFFFFF000u, READ_WRITE, ANONYMOUS, -1, 0), -ENOMEM);
	EXPECT_EQ(sys_mmap2(0, 0xFFFFFFFFu, READ_WRITE, ANONYMOUS, -1, 0), -ENOMEM);
	EXPECT_EQ(sys_mmap2(0xFFFFF000u, PAGE_SIZE, READ_WRITE, fixed, -1, 0), -ENOMEM);
	EXPECT_EQ(sys_mmap2(FIXED_PLACE, 0xE0000000u, READ_WRITE, fixed, -1, 0), -ENOMEM);
	EXPECT_EQ(sys_mmap(&old), -EINVAL);
	old.length = PAGE_SIZE;
	old.offset = 1;
	EXPECT_EQ(sys_mmap(&old), -EINVAL);
	EXPECT_CHILD(memory_read_child, (void *)FIXED_PLACE, KILLED(SIGSEGV));
}

static void mmap_rounds(void)
{
	u8 *start = (u8 *)sys_mmap2(FIXED_PLACE + 123, 1, READ_WRITE, ANONYMOUS, -1, 0);

	EXPECT_EQ((u32)start % PAGE_SIZE, 0);
	memory_write(start + PAGE_SIZE - 1, 1);
	EXPECT_EQ(sys_munmap((u32)start, 1), 0);
	EXPECT_CHILD(memory_read_child, start + PAGE_SIZE - 1, KILLED(SIGSEGV));
}

static void munmap_errors(void)
{
	u8 *start = memory_map(2, READ_WRITE);

	memory_fill(start, 2, 1);
	EXPECT_EQ(sys_munmap((u32)start + 1, PAGE_SIZE), -EINVAL);
	EXPECT_EQ(sys_munmap((u32)start, 0), -EINVAL);
	EXPECT_EQ(sys_munmap((u32)start, 0xFFFFF000u), -EINVAL);
	EXPECT_EQ(sys_munmap(0xFFFFF000u, 2 * PAGE_SIZE), -EINVAL);
	EXPECT(memory_check(start, 2, 1));
	EXPECT_EQ(sys_munmap(FIXED_PLACE, 16 * PAGE_SIZE), 0);
	memory_unmap(start, 2);
	EXPECT_EQ(sys_munmap((u32)start, 2 * PAGE_SIZE), 0);
}

static void mprotect_errors(void)
{
	u8 *start = memory_map_at(FIXED_PLACE, 3, READ_WRITE);
	u32 at = (u32)start;

	EXPECT_EQ(sys_mprotect(at + 1, PAGE_SIZE, PROT_READ), -EINVAL);
	EXPECT_EQ(sys_mprotect(at, PAGE_SIZE, 0x100), -EINVAL);
	EXPECT_EQ(sys_mprotect(at, 0, PROT_NONE), 0);
	EXPECT_EQ(sys_mprotect(at + 3 * PAGE_SIZE, PAGE_SIZE, PROT_READ), -ENOMEM);
	EXPECT_EQ(sys_mprotect(0xFFFFF000u, 2 * PAGE_SIZE, PROT_READ), -ENOMEM);
	memory_fill(start, 3, 2);
	/*
	 * A hole: the part before it has been changed when the call finds it, the part after it
	 * has not.
	 */
	memory_unmap(start + PAGE_SIZE, 1);
	EXPECT_EQ(sys_mprotect(at, 3 * PAGE_SIZE, PROT_READ), -ENOMEM);
	EXPECT_CHILD(memory_write_child, start, KILLED(SIGSEGV));
	EXPECT_CHILD(memory_write_child, start + 2 * PAGE_SIZE, EXITED(0));
	EXPECT_EQ(sys_mprotect(at + PAGE_SIZE, 2 * PAGE_SIZE, PROT_READ), -ENOMEM);
	EXPECT_CHILD(memory_write_child, start + 2 * PAGE_SIZE, EXITED(0));
	/* A length is rounded up to whole pages. */
	EXPECT_EQ(sys_mprotect(at + 2 * PAGE_SIZE, 1, PROT_READ), 0);
	EXPECT_CHILD(memory_write_child, start + 3 * PAGE_SIZE - 1, KILLED(SIGSEGV));
	memory_unmap(start, 3);
}

static void madvise_and_mincore_errors(void)
{
	u8 *start = memory_map_at(FIXED_PLACE, 3, READ_WRITE);
	u32 at = (u32)start;
	u8 resident[3];

	memory_fill(start, 3, 3);
	EXPECT_EQ(sys_madvise(at + 1, PAGE_SIZE, MADV_DONTNEED), -EINVAL);
	EXPECT_EQ(sys_madvise(at, PAGE_SIZE, 0x7777), -EINVAL);
	EXPECT_EQ(sys_madvise(at, 0, MADV_DONTNEED), 0);
	EXPECT_EQ(sys_mincore(at + 1, PAGE_SIZE, resident), -EINVAL);
	EXPECT_EQ(sys_mincore(at, 4 * PAGE_SIZE, resident), -ENOMEM);
	EXPECT_EQ(sys_mincore(at, 0, resident), 0);
	EXPECT(memory_check(start, 3, 3));
	/* Over a hole: ENOMEM, and done all the same on both sides of it. */
	memory_unmap(start + PAGE_SIZE, 1);
	EXPECT_EQ(sys_madvise(at, 3 * PAGE_SIZE, MADV_DONTNEED), -ENOMEM);
	EXPECT_EQ(memory_count_present(start, 3), 0);
	EXPECT_EQ(sys_mincore(at, 3 * PAGE_SIZE, resident), -ENOMEM);
	memory_unmap(start, 3);
}

static void kill_errors(void)
{
	EXPECT_EQ(sys_kill(sys_getpid(), 65), -EINVAL);
	EXPECT_EQ(sys_kill(sys_getpid(), -1), -EINVAL);
	EXPECT_EQ(sys_kill(sys_getpid(), 0), 0);
	EXPECT_EQ(sys_kill(NO_SUCH_PID, 0), -ESRCH);
	EXPECT_EQ(sys_kill(NO_SUCH_PID, SIGKILL), -ESRCH);
}

static void bad_descriptors(void)
{
	static const int bad[] = { -1, BAD_FD, 0x7FFFFFFF, (int)0x80000000 };
	struct iovec vector = { (u32) "x", 1 };
	u64 position;
	u8 byte;

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(sys_close(bad[i]), -EBADF);
		EXPECT_EQ(sys_read(bad[i], &byte, 1), -EBADF);
		EXPECT_EQ(sys_read(bad[i], NULL, 0), -EBADF);
		EXPECT_EQ(sys_pread64(bad[i], &byte, 1, 0), -EBADF);
		EXPECT_EQ(sys_write(bad[i], "x", 1), -EBADF);
		EXPECT_EQ(sys_writev(bad[i], &vector, 1), -EBADF);
		EXPECT_EQ(sys_lseek(bad[i], 0, SEEK_CUR), -EBADF);
		EXPECT_EQ(sys_llseek(bad[i], 0, 0, &position, SEEK_CUR), -EBADF);
	}
}

static void descriptor_numbers(void)
{
	long a = sys_open(program_path, O_RDONLY);
	long b = sys_open(program_path, O_RDONLY);

	EXPECT(a > 2 && b > a);
	EXPECT_EQ(sys_close((int)a), 0);
	EXPECT_EQ(sys_close((int)a), -EBADF);
	/* The lowest free number. */
	EXPECT_EQ(sys_open("/proc/self/statm", O_RDONLY), a);
	EXPECT_EQ(sys_open("/there is no such file", O_RDONLY), -ENOENT);
	EXPECT_EQ(sys_open("", O_RDONLY), -ENOENT);
	EXPECT_EQ(sys_close((int)b), 0);
	EXPECT_EQ(sys_close((int)a), 0);
}

static void reading_files(void)
{
	int fd = (int)sys_open(program_path, O_RDONLY);
	int other = (int)sys_open(program_path, O_RDONLY);
	u8 a[100], b[100];
	u64 position = 1;
	long size = sys_lseek(fd, 0, SEEK_END);

	EXPECT(size > 1000);
	EXPECT_EQ(sys_read(fd, a, 100), 0);
	EXPECT_EQ(sys_lseek(fd, -30, SEEK_CUR), size - 30);
	EXPECT_EQ(sys_read(fd, a, 100), 30);
	EXPECT_EQ(sys_pread64(fd, b, 100, (u64)size - 30), 30);
	EXPECT_EQ(memcmp(a, b, 30), 0);
	EXPECT_EQ(sys_lseek(fd, 10, SEEK_SET), 10);
	EXPECT_EQ(sys_read(fd, a, 0), 0);
	EXPECT_EQ(sys_read(fd, a, 90), 90);
	/* The other open file has an offset of its own, and pread64 moves none. */
	EXPECT_EQ(sys_read(other, b, 100), 100);
	EXPECT_EQ(memcmp(a, b + 10, 90), 0);
	EXPECT_EQ(sys_pread64(other, b, 90, 10), 90);
	EXPECT_EQ(memcmp(a, b, 90), 0);
	EXPECT_EQ(sys_lseek(other, 0, SEEK_CUR), 100);
	EXPECT_EQ(sys_llseek(fd, 0, 20, &position, SEEK_SET), 0);
	EXPECT(position == 20);
	EXPECT_EQ(sys_llseek(fd, 1, 5, &position, SEEK_SET), 0);
	EXPECT(position == 0x100000005ull);
	EXPECT_EQ(sys_read(fd, a, 100), 0);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_close(other), 0);
}

static void file_errors(void)
{
	int fd = (int)sys_open(program_path, O_RDONLY);
	u64 position;
	u8 bytes[16];

	EXPECT_EQ(sys_lseek(fd, 7, SEEK_SET), 7);
	EXPECT_EQ(sys_lseek(fd, 0, 99), -EINVAL);
	EXPECT_EQ(sys_lseek(fd, -1, SEEK_SET), -EINVAL);
	EXPECT_EQ(sys_lseek(fd, -8, SEEK_CUR), -EINVAL);
	EXPECT_EQ(sys_llseek(fd, 0, 0, &position, 99), -EINVAL);
	EXPECT_EQ(sys_llseek(fd, 0xFFFFFFFFu, 0xFFFFFFFFu, &position, SEEK_SET), -EINVAL);
	EXPECT_EQ(sys_pread64(fd, bytes, 16, (u64)-1), -EINVAL);
	EXPECT_EQ(sys_write(fd, "x", 1), -EBADF);
	EXPECT_EQ(sys_writev(fd, NULL, UIO_MAXIOV + 1), -EBADF);
	EXPECT_EQ(sys_lseek(fd, 0, SEEK_CUR), 7);
	EXPECT_EQ(sys_close(fd), 0);
}

static void writing(void)
{
	static const struct iovec parts[] = {
		{ (u32) "# one ", 6 },
		{ 0, 0 },
		{ (u32) "line of ", 8 },
		{ (u32) "three parts\n", 12 },
	};
	struct iovec negative[] = { { (u32) "x", 1 }, { (u32) "y", 0x80000000u } };

	EXPECT_EQ(sys_writev(1, parts, 4), 26);
	EXPECT_EQ(sys_writev(1, parts, 0), 0);
	EXPECT_EQ(sys_writev(1, NULL, 0), 0);
	EXPECT_EQ(sys_writev(1, parts, -1), -EINVAL);
	EXPECT_EQ(sys_writev(1, parts, UIO_MAXIOV + 1), -EINVAL);
	EXPECT_EQ(sys_writev(1, negative, 2), -EINVAL);
	EXPECT_EQ(sys_write(1, "# a line\nwhose tail is not written", 9), 9);
	EXPECT_EQ(sys_write(1, "", 0), 0);
}

static bool field_is_good(const char *field)
{
	u32 length = 0;

	while (length < UTSNAME_LENGTH && field[length])
		length++;
	return length > 0 && length < UTSNAME_LENGTH;
}

static void uname_fields(void)
{
	/* A byte after the structure: the call writes exactly 390 bytes. */
	static u8 place[sizeof(struct utsname) + 1];
	struct utsname *name = (struct utsname *)place;

	memset(place, 0xEE, sizeof(place));
	EXPECT_EQ(sys_uname(name), 0);
	EXPECT(field_is_good(name->sysname));
	EXPECT(field_is_good(name->nodename));
	EXPECT(field_is_good(name->release));
	EXPECT(field_is_good(name->version));
	EXPECT(field_is_good(name->machine));
	EXPECT(field_is_good(name->domainname));
	EXPECT_EQ(place[sizeof(struct utsname)], 0xEE);
}

/*
 * statm: seven decimal numbers with single blanks, and a newline. The first one is the size of all
 * areas in pages.
 */
static u32 statm_size(void)
{
	int fd = (int)sys_open("/proc/self/statm", O_RDONLY);
	char line[128];
	long length = sys_read(fd, line, sizeof(line));
	u32 blanks = 0;

	EXPECT(length > 13 && length < (long)sizeof(line) && line[length - 1] == '\n');
	for (long i = 0; i < length - 1; i++) {
		if (line[i] == ' ')
			blanks++;
		else
			EXPECT(line[i] >= '0' && line[i] <= '9');
	}
	EXPECT_EQ(blanks, 6);
	EXPECT_EQ(sys_read(fd, line + length, 1), 0);
	EXPECT_EQ(sys_close(fd), 0);
	return string_to_number(line);
}

static void statm_counts_areas(void)
{
	u32 before = statm_size();
	u8 *start;

	EXPECT(before > 0);
	start = memory_map(16, READ_WRITE);
	EXPECT_EQ(statm_size(), before + 16);
	memory_fill(start, 16, 4);
	EXPECT_EQ(statm_size(), before + 16);
	memory_unmap(start + 4 * PAGE_SIZE, 3);
	EXPECT_EQ(statm_size(), before + 13);
	memory_unmap(start, 16);
	EXPECT_EQ(statm_size(), before);
}

static const struct tap_case cases[] = {
	{ "int 0x80 keeps registers and flags", registers_are_kept },
	{ "the direction flag is the program's", the_direction_flag_is_the_programs },
	{ "registers are zero at the start", first_registers },
	{ "segment registers are kept", segments_are_kept },
	{ "unknown calls are ENOSYS", unknown_calls },
	{ "mmap: errors", mmap_errors },
	{ "mmap: rounding", mmap_rounds },
	{ "munmap: errors", munmap_errors },
	{ "mprotect: errors", mprotect_errors },
	{ "madvise and mincore: errors", madvise_and_mincore_errors },
	{ "kill: errors", kill_errors },
	{ "bad descriptors are EBADF", bad_descriptors },
	{ "descriptor numbers", descriptor_numbers },
	{ "reading files", reading_files },
	{ "files: errors", file_errors },
	{ "write and writev", writing },
	{ "uname", uname_fields },
	{ "statm counts the areas", statm_counts_areas },
};

int main(int argc, char **argv)
{
	(void)argc;
	program_path = argv[0];
	return tap_run(cases, ARRAY_SIZE(cases));
}
