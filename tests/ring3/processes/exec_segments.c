/* SPDX-License-Identifier: MIT */
/*
 * The segments of a program: what its memory holds before, at and behind the end of the file's
 * part, and what may be done with it. Each case is a program of a few instructions, which reads or
 * writes one byte of its data and exits with what it found.
 *
 *	file    | ELF header | program headers | 0xcc ... code |  data, each byte another  |
 *	                                                    0x1000                      0x3000
 */
#include "abi/linux/elf.h"
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/signal_calls.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/task_calls.h"

#define TEXT	    0x08048000u
#define CODE	    0x200u
#define DATA	    0x0804a000u
#define DATA_OFFSET 0x1000u
#define FILE_BYTES  0x3000u
#define WROTE	    9

static u8 image[FILE_BYTES];
static struct text path;

static u8 content(u32 at)
{
	return (u8)(at * 7 + (at >> 8) * 3 + 1);
}

static void put_segment(u32 number, const struct elf_phdr *header)
{
	memcpy(image + sizeof(struct elf_header) + number * sizeof(*header), header,
	       sizeof(*header));
}

static void put_headers(const struct elf_phdr *data)
{
	const struct elf_header header = {
		.ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT },
		.type = ET_EXEC,
		.machine = EM_386,
		.version = EV_CURRENT,
		.entry = TEXT + CODE,
		.phoff = sizeof(header),
		.ehsize = sizeof(header),
		.phentsize = sizeof(struct elf_phdr),
		.phnum = 3,
	};
	const struct elf_phdr text = { .type = PT_LOAD,
				       .vaddr = TEXT,
				       .filesz = DATA_OFFSET,
				       .memsz = DATA_OFFSET,
				       .flags = PF_R | PF_X,
				       .align = PAGE_SIZE },
			      stack = { .type = PT_GNU_STACK, .flags = PF_R | PF_W };

	memset(image, 0xcc, DATA_OFFSET);
	memcpy(image, &header, sizeof(header));
	put_segment(0, &text);
	put_segment(1, data);
	put_segment(2, &stack);
}

/* exit(the byte at the address), or a byte is written there and then exit(WROTE). */
static void put_code(u32 address, bool writes)
{
	static const u8 reads_byte[] = { 0x0f, 0xb6, 0x1d }, /* movzbl ADDRESS, %ebx */
		writes_byte[] = { 0xc6, 0x05 },		     /* movb $WROTE, ADDRESS */
		to_ebx[] = { WROTE, 0xbb, WROTE, 0, 0, 0 },  /* movl $WROTE, %ebx */
		exits[] = { 0xb8, 1, 0, 0, 0, 0xcd, 0x80 };  /* exit */
	u8 *code = image + CODE;

	if (writes) {
		memcpy(code, writes_byte, 2);
		memcpy(code + 2, &address, 4);
		memcpy(code + 6, to_ebx, 6);
		memcpy(code + 12, exits, sizeof(exits));
	} else {
		memcpy(code, reads_byte, 3);
		memcpy(code + 3, &address, 4);
		memcpy(code + 7, exits, sizeof(exits));
	}
}

static void becomes(void *unused)
{
	static const char *const empty[] = { NULL };
	const struct rlimit none = { 0, 0 };

	(void)unused;
	sys_setrlimit(RLIMIT_CORE, &none);
	EXPECT_EQ(sys_execve(path.data, empty, empty), 0);
}

/* Runs the program with this data segment; `at`: the byte, from the start of DATA. */
static int run(u32 start, u32 file_bytes, u32 bytes, u32 rights, u32 at, bool writes)
{
	const struct elf_phdr data = { .type = PT_LOAD,
				       .offset = DATA_OFFSET + start,
				       .vaddr = DATA + start,
				       .filesz = file_bytes,
				       .memsz = bytes,
				       .flags = rights,
				       .align = PAGE_SIZE };
	int fd = (int)sys_open_mode(path.data, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	put_headers(&data);
	put_code(DATA + at, writes);
	EXPECT_EQ(sys_write(fd, image, FILE_BYTES), FILE_BYTES);
	EXPECT_EQ(sys_close(fd), 0);
	return process_run(becomes, NULL);
}

struct probe {
	u32 start, file_bytes, bytes, rights, at;
	int zero; /* 1: the byte is 0; 0: that of the file; -1: there is no memory */
};

#define RW (PF_R | PF_W)

static const struct probe probes[] = {
	/* As long in memory as in the file: the rest of the page is the file's. */
	{ 0, 0x100, 0x100, RW, 0, 0 },
	{ 0, 0x100, 0x100, RW, 0xff, 0 },
	{ 0, 0x100, 0x100, RW, 0x100, 0 },
	{ 0, 0x100, 0x100, RW, 0xfff, 0 },
	{ 0, 0x100, 0x100, RW, 0x1000, -1 },
	{ 0, 0x1000, 0x1000, RW, 0xfff, 0 },
	{ 0, 0x1000, 0x1000, RW, 0x1000, -1 },
	{ 0, 0x1001, 0x1001, RW, 0x1fff, 0 },
	/* Longer: it is cleared to the end of the page, and so are further pages. */
	{ 0, 0x100, 0x101, RW, 0xff, 0 },
	{ 0, 0x100, 0x101, RW, 0x100, 1 },
	{ 0, 0x100, 0x101, RW, 0x101, 1 },
	{ 0, 0x100, 0x101, RW, 0x1ff, 1 },
	{ 0, 0x100, 0x101, RW, 0x200, 1 },
	{ 0, 0x100, 0x101, RW, 0xfff, 1 },
	{ 0, 0x10, 0x1001, RW, 0xf, 0 },
	{ 0, 0x10, 0x1001, RW, 0x10, 1 },
	{ 0, 0x10, 0x1001, RW, 0x10f, 1 },
	{ 0, 0x10, 0x1001, RW, 0x110, 1 },
	{ 0, 0x10, 0x1001, RW, 0xfff, 1 },
	{ 0, 0x10, 0x1001, RW, 0x1000, 1 },
	{ 0, 0x10, 0x1001, RW, 0x1fff, 1 },
	{ 0, 0x10, 0x1001, RW, 0x2000, -1 },
	{ 0, 0x1000, 0x1001, RW, 0xfff, 0 },
	{ 0, 0x1000, 0x1001, RW, 0x1000, 1 },
	/* Not from the start of a page: that is the file's too. */
	{ 0x234, 0x100, 0x200, RW, 0, 0 },
	{ 0x234, 0x100, 0x200, RW, 0x333, 0 },
	{ 0x234, 0x100, 0x200, RW, 0x334, 1 },
	/* Nothing of the file. */
	{ 0, 0, 0x1000, RW, 0, 1 },
	{ 0, 0, 0x1000, RW, 0xfff, 1 },
	{ 0x234, 0, 0x100, RW, 0x234, 1 },
	/* What can't be written is not cleared. */
	{ 0, 0x100, 0x200, PF_R, 0xff, 0 },
	{ 0, 0x100, 0x200, PF_R, 0x100, 0 },
};

static void contents(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(probes); i++) {
		const struct probe *p = &probes[i];
		int status = run(p->start, p->file_bytes, p->bytes, p->rights, p->at, false),
		    expected = p->zero < 0 ? KILLED(SIGSEGV) : EXITED(p->zero ? 0 : content(p->at));
		struct text text;

		if (status == expected)
			continue;
		text_clear(&text);
		text_add(&text, "# probe ");
		text_add_decimal(&text, (long)i);
		tap_line(text.data);
		EXPECT_EQ(status, expected);
	}
}

/* The rights hold for the file's part. The pages behind it can always be written (Linux). */
static void rights(void)
{
	static const u32 all[] = { 0, PF_R, PF_W, PF_R | PF_X, RW, RW | PF_X };

	for (u32 i = 0; i < ARRAY_SIZE(all); i++) {
		EXPECT_EQ(run(0, 0x1000, 0x2000, all[i], 5, false),
			  all[i] ? EXITED(content(5)) : KILLED(SIGSEGV));
		EXPECT_EQ(run(0, 0x1000, 0x2000, all[i], 5, true),
			  all[i] & PF_W ? EXITED(WROTE) : KILLED(SIGSEGV));
		EXPECT_EQ(run(0, 0x1000, 0x2000, all[i], 0x1005, false), EXITED(0));
		EXPECT_EQ(run(0, 0x1000, 0x2000, all[i], 0x1005, true), EXITED(WROTE));
	}
	EXPECT_EQ(sys_unlink(path.data), 0);
}

static const struct tap_case cases[] = {
	{ "what a segment holds", contents },
	{ "what may be done with it", rights },
};

int main(void)
{
	file_name(&path, ".segments");
	for (u32 i = DATA_OFFSET; i < FILE_BYTES; i++)
		image[i] = content(i - DATA_OFFSET);
	return tap_run(cases, ARRAY_SIZE(cases));
}
