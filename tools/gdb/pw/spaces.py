# SPDX-License-Identifier: MIT
"""Address spaces: pw-mm, pw-areas, pw-pagetable."""
import gdb

from . import kernel, tasks
from .kernel import PAGE_SHIFT, PAGE_SIZE, constant, symbol

NAME_COLUMN = 49  # of /proc/PID/maps


def task_size():
    """The end of the user half: the direct map begins there."""
    return kernel.physmap()


def find(text):
    """The mm_struct of a pid, of an expression such as $mm or vma->vm_mm; "": of the current task."""
    if text:
        value = gdb.parse_and_eval(text)
        if value.type.strip_typedefs().code == gdb.TYPE_CODE_PTR:
            return value.cast(kernel.ctype("struct mm_struct").pointer()).dereference(), None
    task = tasks.find(text)
    if not task["mm"]:
        raise gdb.GdbError(f"pid {int(task['pid'])} ({task['name'].string()}) has no address space: it is a task of the "
                           "kernel, or has ended; pw-tasks lists all")
    return task["mm"].dereference(), task


# --- Areas ---

def areas(mm):
    """The areas of a space in ascending order."""
    vma = mm["mmap"]
    while vma:
        yield vma.dereference()
        vma = vma["vm_next"]


def rights_text(flags):
    """As vm_flags_text(): "rw-p"."""
    return "".join(letter if flags & constant(name) else other for letter, name, other in
                   (("r", "VM_READ", "-"), ("w", "VM_WRITE", "-"), ("x", "VM_EXEC", "-"), ("s", "VM_MAYSHARE", "p")))


def mapping_inode(mapping):
    """The inode of an object that is a file, or None."""
    if int(mapping["a_ops"]["release"]) != int(symbol("inode_release").address):
        return None
    return kernel.container(mapping.address, "struct inode", "mapping")


def inode_path(inode):
    """As the kernel's function of that name."""
    path, deleted = "", "" if int(inode["nlink"]) else " (deleted)"
    while int(inode["names"]["next"]) != int(inode["names"].address):
        dentry = kernel.container(inode["names"]["next"], "struct dentry", "same")
        path = "/" + kernel.read(int(dentry["text"].address), int(dentry["length"])).decode("utf-8", "replace") + path
        inode = dentry["folder"].dereference()
    return (path or "/") + deleted


def mapping_name(mapping):
    """The path of a file, or the name of another object, or ""."""
    inode = mapping_inode(mapping)
    if inode is not None:
        return inode_path(inode)
    return mapping["name"].string() if mapping["name"] else ""


def area_name(vma):
    """The last column of /proc/PID/maps."""
    mm = vma["vm_mm"]
    if vma["vm_mapping"]:
        return mapping_name(vma["vm_mapping"].dereference())
    if vma["vm_start"] <= mm["start_stack"] < vma["vm_end"]:
        return "[stack]"
    return "[heap]" if vma["vm_start"] < mm["brk"] and vma["vm_end"] > mm["start_brk"] else ""


def area_text(vma):
    """The line of an area in /proc/PID/maps."""
    mapping = vma["vm_mapping"]
    dev = int(mapping["dev"]) if mapping else 0
    line = (f"{int(vma['vm_start']):08x}-{int(vma['vm_end']):08x} {rights_text(int(vma['vm_flags']))} "
            f"{int(vma['vm_pgoff']) << PAGE_SHIFT if mapping else 0:08x} {dev >> 8:02x}:{dev & 0xff:02x} "
            f"{int(mapping['ino']) if mapping else 0}")
    name = area_name(vma)
    return f"{line:<{NAME_COLUMN}}{'' if len(line) < NAME_COLUMN else ' '}{name}" if name else line


def area_at(mm, address):
    """The area that contains an address, or None."""
    return next((vma for vma in areas(mm) if int(vma["vm_start"]) <= address < int(vma["vm_end"])), None)


@kernel.command("pw-areas")
def pw_areas(argument):
    """Show the areas of an address space: pw-areas [PID | MM]

The lines are those of /proc/PID/maps. MM: a pointer, such as vma->vm_mm. Without an argument: of the current task."""
    for vma in areas(find(argument)[0]):
        kernel.write(area_text(vma))


# --- Page tables: two levels with entries of 32 bits, or three of 64 bits (PAGING=pae) ---

def entry_size():
    """Bytes of an entry."""
    return kernel.ctype("pteval_t").sizeof


def table_entries():
    """Entries of a page table."""
    return PAGE_SIZE // entry_size()


def large_shift():
    """Of a large page, and of what one page table covers: 4 or 2 MiB."""
    return 22 if entry_size() == 4 else 21


def physical(entry, large=False):
    """The address that an entry names. In a large entry of 32 bits, bits 20..13 are address bits 39..32."""
    if entry_size() == 8:
        return entry & 0xfffffff000
    return (entry >> 13 & 0xff) << 32 | entry & -1 << large_shift() if large else entry & -PAGE_SIZE


def table_at(address, count=0):
    """The entries of a table."""
    size, count = entry_size(), count or table_entries()
    return memoryview(kernel.read(address, size * count)).cast("I" if size == 4 else "Q")


def directory_entries(directory):
    """The entries that name page tables, for the whole address space: of the directory; with three levels, of the four that it names."""
    if entry_size() == 4:
        return table_at(int(directory))
    found = []
    for entry in table_at(int(directory), 4):
        found += table_at(kernel.physmap() + physical(entry)) if entry & 1 else [0] * table_entries()
    return found


def entries(directory, start, end):
    """(address, entry, large) of each entry in [start, end) that is not empty; the entries of the tables, and those of
    the directory for large pages. W and U are those of both levels."""
    both = constant("PTE_WRITE") | constant("PTE_USER")
    upper, shift = directory_entries(directory), large_shift()
    for index in range(start >> shift, (end - 1 >> shift) + 1):
        above, base = upper[index], index << shift
        if not above & constant("PTE_PRESENT"):
            continue
        if above & constant("PTE_LARGE"):
            yield base, above, True
            continue
        for i, entry in enumerate(table_at(kernel.physmap() + physical(above))):
            if entry and start <= base + (i << PAGE_SHIFT) < end:
                yield base + (i << PAGE_SHIFT), entry & ~both | entry & above & both, False


def present(entry):
    """As pte_present(): it maps a frame, even if no access is allowed."""
    return bool(entry & (constant("PTE_PRESENT") | constant("PTE_PROTNONE")))


def rights(flags):
    """As pgtable_rights_text()."""
    write, read = "Xx" if entry_size() == 8 and int(symbol("pte_nx")) & ~flags else "wr"
    return "".join(letter if flags & constant(name) else other for letter, name, other in
                   (("u", "PTE_USER", "k"), (write, "PTE_WRITE", read), ("4" if entry_size() == 4 else "2", "PTE_LARGE", "-"),
                    ("g", "PTE_GLOBAL", "-"), ("n", "PTE_PCD", "-")))


def entry_text(entry):
    """An entry in words (paging/pgtable.h)."""
    if not entry:
        return "empty"
    shown = f"entry={entry:#0{2 + 2 * entry_size()}x}"
    if not present(entry):
        return f"{shown} swapped out, type={entry >> 1 & 63} offset={(entry & 0xffffffff) >> 8}"
    bits = ["no access" if not entry & constant("PTE_PRESENT") else
            f"{'user' if entry & constant('PTE_USER') else 'kernel'} {'writable' if entry & constant('PTE_WRITE') else 'read-only'}"]
    bits += [name for name, bit in (("accessed", "PTE_ACCESSED"), ("dirty", "PTE_DIRTY"), ("global", "PTE_GLOBAL"),
                                    ("uncached", "PTE_PCD")) if entry & constant(bit)]
    return f"{shown} frame={physical(entry) >> PAGE_SHIFT:#x} {' '.join(bits)}"


def runs(directory, start, end):
    """(start, end, physical, flags) of each run of pages, as pgtable_run() finds them."""
    processor = constant("PTE_ACCESSED") | constant("PTE_DIRTY")
    run = None
    for address, entry, large in entries(directory, start, end):
        if not entry & constant("PTE_PRESENT"):
            continue
        place = physical(entry, large)
        size, flags = 1 << large_shift() if large else PAGE_SIZE, (entry & PAGE_SIZE - 1 | entry & 1 << 63) & ~processor
        if run and run[1] == address and run[3] == flags and run[2] + address - run[0] == place:
            run[1] = address + size
            continue
        if run:
            yield run
        run = [address, address + size, place, flags]
    if run:
        yield run


def walk(directory, address):
    """How the processor finds one address."""
    count, shift, size = table_entries(), large_shift(), entry_size()
    index = address >> shift
    first = f"first level {index // count}, " if size == 8 else ""
    kernel.write(f"address {address:#010x} = {first}directory entry {index % count}, page-table entry "
                 f"{address >> PAGE_SHIFT & count - 1}, offset {address & PAGE_SIZE - 1:#05x}")
    place = int(directory)
    if size == 8:
        top = table_at(place, 4)[index // count]
        kernel.write(f"  first level at {place:#x}: {f'entry={top:#018x} frame={physical(top) >> PAGE_SHIFT:#x}' if top & 1 else 'empty'}")
        if not top & 1:
            return
        place = kernel.physmap() + physical(top)
    upper = table_at(place)[index % count]
    kernel.write(f"  directory at {place:#x}: {entry_text(upper)}")
    if not upper & constant("PTE_PRESENT") or upper & constant("PTE_LARGE"):
        return
    table = kernel.physmap() + physical(upper)
    kernel.write(f"  page table at {table:#x}: {entry_text(table_at(table)[address >> PAGE_SHIFT & count - 1])}")


@kernel.command("pw-pagetable")
def pw_pagetable(argument):
    """Show page tables: pw-pagetable [PID | MM | kernel [ADDRESS]]

A line for each run of pages with equal rights and consecutive frames, as in /proc/PID/pagetables: u user or k kernel,
w writable or r read-only (with NX, X or x those that can be executed), 4 pages of 4 MiB (or 2), g global, n not cached. kernel: the half that all address spaces share.
With an address: the entries that translate it, in words."""
    name, _, address = argument.partition(" ")
    if name == "kernel":
        directory, start, end = symbol("kernel_pgd"), task_size(), 1 << 32
    else:
        directory, start, end = find(name)[0]["pgd"], 0, task_size()
    if address:
        walk(directory, int(gdb.parse_and_eval(address)) & 0xffffffff)
        return
    for first, last, physical, flags in runs(directory, start, end):
        kernel.write(f"{first:08x}-{last & 0xffffffff:08x} {rights(flags)} frame {physical >> PAGE_SHIFT:06x} "
                     f"pages {last - first >> PAGE_SHIFT}")


# --- The whole ---

def counted(mm):
    """rss, nr_swap and nr_ptes, counted in the page tables."""
    zero, frames, swapped = int(symbol("zero_page")), 0, 0
    zero = (zero - int(symbol("mem_map"))) // kernel.ctype("struct page").sizeof
    for _, entry, large in entries(mm["pgd"], 0, task_size()):
        # Large pages are not in rss, as on Linux.
        frames += not large and present(entry) and physical(entry) >> PAGE_SHIFT != zero
        swapped += not present(entry)
    tables = sum(1 for entry in directory_entries(mm["pgd"])[:task_size() >> large_shift()] if entry and not entry & constant("PTE_LARGE"))
    return frames, swapped, tables


@kernel.command("pw-mm")
def pw_mm(argument):
    """Show an address space: pw-mm [PID | MM]

The sums of its areas and page tables, counted now, as /proc/PID/status shows them; and a line for each counter of the
mm_struct that differs from what was counted."""
    mm, task = find(argument)
    listed = list(areas(mm))
    pages = sum(int(vma["vm_end"]) - int(vma["vm_start"]) for vma in listed) >> PAGE_SHIFT
    locked = sum(int(vma["vm_end"]) - int(vma["vm_start"]) for vma in listed
                 if int(vma["vm_flags"]) & constant("VM_LOCKED")) >> PAGE_SHIFT
    frames, swapped, tables = counted(mm)
    owner = f"pid={int(task['pid'])} name={task['name'].string()} " if task is not None else ""
    kernel.write(f"mm: {owner}address={int(mm.address):#x} users={int(mm['mm_users'])} pgd={int(mm['pgd']):#x} "
                 f"areas={len(listed)} tree={'yes' if mm['areas']['root'] else 'no'}")
    kernel.write(f"  code={int(mm['start_code']):#x}-{int(mm['end_code']):#x} data={int(mm['start_data']):#x}-"
                 f"{int(mm['end_data']):#x} heap={int(mm['start_brk']):#x}-{int(mm['brk']):#x} stack={int(mm['start_stack']):#x}")
    for name, value in (("VmSize", pages), ("VmLck", locked), ("VmRSS", frames), ("VmPTE", tables), ("VmSwap", swapped)):
        kernel.write(f"{name}:\t{value * PAGE_SIZE // 1024:8} kB")
    for name, value in (("map_count", len(listed)), ("total_vm", pages), ("locked_vm", locked), ("rss", frames),
                        ("nr_swap", swapped), ("nr_ptes", tables)):
        if int(mm[name]) != value:
            kernel.write(f"  differs: {name}={int(mm[name])}, counted {value}")
