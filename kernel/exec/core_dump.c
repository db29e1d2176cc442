/* SPDX-License-Identifier: MIT */
/*
 * The core file of a process that a signal ends: its memory and registers, for a debugger
 * (core(5)).
 *
 *     ELF header | program headers | notes | padding | area | area | ...
 *                  PT_NOTE, then     registers of each thread (NT_PRSTATUS), name and command,
 *                  a PT_LOAD for     x87 and SSE of the thread that got the signal, auxiliary
 *                  each area         vector
 *
 * Written are the areas that the process can have changed, and shared memory; of a program file
 * that is mapped read-only the first page, which names it. Pages of zeros become holes of the
 * file.
 *
 *  (1) The other threads will not return to ring 3 (do_signal_exit()), so that the memory stands
 *      still. Their registers are read before they can end.
 *  (2) The file is `core` in the working directory: a new one, in place of what had the name. At
 *      most RLIMIT_CORE bytes are written, holes not counted; with less than a page none are.
 *  (3) A process that is not dumpable (prctl(2)), such as one that changed its user, writes none.
 *
 * Source: Linux fs/binfmt_elf.c, include/uapi/linux/elfcore.h, for the contents of the notes.
 */
#include "abi/linux/elf_core.h"
#include "abi/linux/fcntl.h"
#include "fs/file.h"
#include "fs/names.h"
#include "kernel/devices/time.h"
#include "kernel/task/fpu.h"
#include "kernel/signal/signal.h"
#include "lib/math64.h"
#include "lib/printk.h"
#include "lib/resched.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/kernel_space/vmalloc.h"
#include "mm/slab/slab.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/vma.h"

#define CORE_NAME    "core"
#define AUXV_MAX     64u /* words */
#define THREADS_MAX  512u
#define FXSAVE_BYTES 512u

struct dump {
	struct file *file;
	u64 position, written, limit; /* holes are not written */
	struct elf_phdr *headers;     /* that of the notes, then one an area */
	u32 areas;
	char *notes;
	u32 notes_size, notes_room;
	char *page; /* a buffer */
};

/* --- writing --- */

static u32 from_kernel(void *to, u32 bytes, void *context)
{
	const char **from = context;

	memcpy(to, *from, bytes);
	*from += bytes;
	return 0;
}

static bool emit(struct dump *dump, const void *from, u32 bytes)
{
	const char *at = from;

	dump->written += bytes;
	if (dump->written > dump->limit)
		return false;
	return file_write(dump->file, &dump->position, bytes, from_kernel, &at) == (s32)bytes;
}

static bool is_zero(const char *page)
{
	const u32 *word = (const u32 *)page;

	for (u32 i = 0; i < PAGE_SIZE / sizeof(*word); i++)
		if (word[i])
			return false;
	return true;
}

static bool emit_area(struct dump *dump, const struct elf_phdr *area)
{
	for (u32 at = 0; at < area->filesz; at += PAGE_SIZE) {
		u32 read = access_process_vm(current->mm, area->vaddr + at, dump->page, PAGE_SIZE,
					     FAULT_READ);

		if (task_killed())
			return false;
		if (read != PAGE_SIZE || is_zero(dump->page))
			dump->position += PAGE_SIZE;
		else if (!emit(dump, dump->page, PAGE_SIZE))
			return false;
		cond_resched();
	}
	return true;
}

/* --- notes --- */

/* Adds a note; without room it is left out. */
static void add_note(struct dump *dump, const char *name, u32 type, const void *data, u32 bytes)
{
	struct elf_note note = { (u32)strlen(name) + 1, bytes, type };
	u32 name_room = ALIGN_UP(note.name_size, 4), data_room = ALIGN_UP(bytes, 4);
	char *to = dump->notes + dump->notes_size;

	if (dump->notes_room - dump->notes_size < sizeof(note) + name_room + data_room)
		return;
	memcpy(to, &note, sizeof(note));
	memcpy(to + sizeof(note), name, note.name_size);
	memcpy(to + sizeof(note) + name_room, data, bytes);
	dump->notes_size += sizeof(note) + name_room + data_room;
}

static struct timeval to_time(u64 counts)
{
	struct timeval time;

	time.seconds = (s32)div_u64_rem(counts_to_ns(counts), NSEC_PER_SEC, &time.microseconds);
	time.microseconds /= 1000;
	return time;
}

static void add_status(struct dump *dump, struct task *thread, const struct siginfo *info)
{
	const struct pt_regs *regs = task_regs(thread);
	struct elf_prstatus status = {
		.signo = info->signo,
		.code = info->code,
		.current_signal = (s16)info->signo,
		.pending = (u32)thread->pending.signals,
		.blocked = (u32)thread->blocked,
		.pid = thread->pid,
		.ppid = thread->parent->tgid,
		.pgrp = thread->group->job.group,
		.sid = thread->group->job.session,
		.user = to_time(thread->usage.time[0]),
		.system = to_time(thread->usage.time[1]),
		.regs = { regs->ebx, regs->ecx, regs->edx, regs->esi, regs->edi, regs->ebp,
			  regs->eax, (u16)regs->ds, (u16)regs->es, (u16)regs->fs, (u16)regs->gs,
			  regs->orig_eax, regs->eip, (u16)regs->cs, regs->eflags, regs->esp,
			  (u16)regs->ss },
		.has_fpu = thread->fpu != NULL,
	};

	add_note(dump, "CORE", NT_PRSTATUS, &status, sizeof(status));
}

static void add_process(struct dump *dump)
{
	const struct thread_group *group = current->group;
	const struct mm_struct *mm = current->mm;
	struct elf_prpsinfo process = {
		.name = 'R',
		.nice = (s8)current->policy.nice,
		.uid = (u16)group->user.real,
		.gid = (u16)group->groups.ids.real,
		.pid = current->tgid,
		.ppid = current->parent->tgid,
		.pgrp = group->job.group,
		.sid = group->job.session,
	};
	u32 bytes = min(mm->arg_end - mm->arg_start, (u32)sizeof(process.arguments) - 1);

	strscpy(process.file, current->name, sizeof(process.file));
	bytes = access_process_vm(current->mm, mm->arg_start, process.arguments, bytes, FAULT_READ);
	for (u32 i = 0; i < bytes; i++)
		if (!process.arguments[i])
			process.arguments[i] = ' ';
	add_note(dump, "CORE", NT_PRPSINFO, &process, sizeof(process));
}

static void add_auxv(struct dump *dump)
{
	struct mm_struct *mm = current->mm;
	u32 auxv[AUXV_MAX], bytes = min(mm->auxv_end - mm->auxv_start, (u32)sizeof(auxv));

	if (access_process_vm(mm, mm->auxv_start, auxv, bytes, FAULT_READ) == bytes)
		add_note(dump, "CORE", NT_AUXV, auxv, bytes);
}

/* First the thread that got the signal: debuggers begin with it. */
static bool make_notes(struct dump *dump, const struct siginfo *info)
{
	u32 threads = min(current->group->threads, THREADS_MAX);
	struct task *thread;

	dump->notes_room = PAGE_SIZE + threads * (u32)(sizeof(struct elf_prstatus) + 32);
	dump->notes = vmalloc(dump->notes_room);
	if (!dump->notes)
		return false;
	usage_mark();
	add_status(dump, current, info);
	add_process(dump);
	add_auxv(dump);
	if (current->fpu && fpu_has_fxsr && !fpu_own_memory())
		add_note(dump, "LINUX", NT_PRXFPREG, current->fpu, FXSAVE_BYTES);
	list_for_each_entry (thread, &current->group->list, thread)
		if (thread != current && thread->mm)
			add_status(dump, thread, &(struct siginfo){ .signo = info->signo });
	return true;
}

/* --- areas --- */

/*
 * How many bytes of an area are written: by Linux's default filter, core(5). Private memory;
 * shared memory without a name; of a file that is only read the first page, for its ELF header.
 */
static u32 bytes_of(const struct vm_area_struct *vma)
{
	struct address_space *mapping = vma->vm_mapping;
	bool shared = vma->vm_flags & VM_SHARED;
	u32 bytes = vma->vm_end - vma->vm_start;

	if (vma->vm_flags & VM_DONTDUMP)
		return 0;
	if (!mapping)
		return bytes;
	if (!is_inode(mapping))
		return shared && mapping->huge ? 0 : bytes;
	if (shared)
		return inode_of(mapping)->nlink ? 0 : bytes;
	if (vma->vm_flags & VM_WRITE)
		return bytes;
	return vma->vm_pgoff ? 0 : PAGE_SIZE;
}

static bool make_headers(struct dump *dump)
{
	const struct vm_area_struct *vma;
	struct elf_phdr *header;
	u32 size = (current->mm->map_count + 1) * sizeof(*dump->headers), offset;

	dump->headers = vmalloc(size);
	if (!dump->headers)
		return false;
	offset = sizeof(struct elf_header) + size;
	dump->headers[0] = (struct elf_phdr){
		.type = PT_NOTE, .offset = offset, .filesz = dump->notes_size, .align = 4
	};
	offset = PAGE_ALIGN(offset + dump->notes_size);
	for (vma = current->mm->mmap; vma && dump->areas < current->mm->map_count;
	     vma = vma->vm_next) {
		header = &dump->headers[++dump->areas];
		*header = (struct elf_phdr){
			.type = PT_LOAD,
			.offset = offset,
			.vaddr = vma->vm_start,
			.filesz = bytes_of(vma),
			.memsz = vma->vm_end - vma->vm_start,
			.flags = (vma->vm_flags & VM_READ ? PF_R : 0u) |
				 (vma->vm_flags & VM_WRITE ? PF_W : 0u) |
				 (vma->vm_flags & VM_EXEC ? PF_X : 0u),
			.align = PAGE_SIZE,
		};
		offset += header->filesz;
	}
	return true;
}

static void write_all(struct dump *dump)
{
	const struct elf_header header = {
		.ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT },
		.type = ET_CORE,
		.machine = EM_386,
		.version = EV_CURRENT,
		.phoff = sizeof(header),
		.ehsize = sizeof(header),
		.phentsize = sizeof(struct elf_phdr),
		.phnum = (u16)(dump->areas + 1),
	};

	if (!emit(dump, &header, sizeof(header)) ||
	    !emit(dump, dump->headers, (dump->areas + 1) * (u32)sizeof(*dump->headers)) ||
	    !emit(dump, dump->notes, dump->notes_size))
		return;
	dump->position = PAGE_ALIGN((u32)dump->position);
	for (u32 i = 1; i <= dump->areas; i++)
		if (!emit_area(dump, &dump->headers[i]))
			return;
	/* The last pages may be a hole. */
	file_truncate(dump->file, dump->position);
}

/* (2) */
static bool open_core(struct dump *dump)
{
	path_unlink(NULL, CORE_NAME); /* if there is one, and the process may */
	return !file_open(CORE_NAME, O_CREAT | O_EXCL | O_RDWR | O_LARGEFILE, 0600, &dump->file);
}

bool core_dump(const struct siginfo *info)
{
	u32 limit = rlimit(RLIMIT_CORE);
	struct dump dump = { .limit = limit == RLIM_INFINITY ? INT32_MAX : limit };
	bool written = false;

	if (limit < PAGE_SIZE || current->group->flags.not_dumpable) /* (2), (3) */
		return false;
	dump.page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (dump.page && make_notes(&dump, info) && make_headers(&dump) && open_core(&dump)) {
		write_all(&dump);
		file_put(dump.file);
		written = true;
	}
	kfree(dump.page);
	vfree(dump.notes);
	vfree(dump.headers);
	return written;
}
