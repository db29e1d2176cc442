# SPDX-License-Identifier: MIT
"""Page faults of one program: pw-break-fault."""
import gdb

from . import kernel, programs, spaces, tasks
from .kernel import constant

KINDS = ("read", "write", "cow", "refused")
ERROR_WRITE = 2  # of the error code (Intel SDM vol. 3A 4.7)


def place(eip):
    """" in FUNCTION at FILE:LINE" of an instruction, or ""."""
    line = gdb.find_pc_line(eip)
    block = gdb.block_for_pc(eip)
    while block and not block.function:
        block = block.superblock
    text = f" in {block.function.name}" if block else ""
    return text + (f" at {line.symtab.filename}:{line.line}" if line.symtab else "")


class FaultBreakpoint(gdb.Breakpoint):
    """Stops at the entry of do_page_fault() for one program."""

    def __init__(self, name, access, start, end):
        super().__init__(f"*{int(kernel.symbol('do_page_fault').address):#x}", gdb.BP_BREAKPOINT)
        self.name, self.access, self.start, self.end = name, access, start, end

    def stop(self):
        """Called at each fault; true: stop there."""
        task = tasks.current()
        if task["name"].string() != self.name:
            return False
        frame = gdb.newest_frame()
        # Arguments of -mregparm=3: regs, error_code, address.
        regs, code, address = (int(frame.read_register(name)) & 0xffffffff for name in ("eax", "edx", "ecx"))
        access = "write" if code & ERROR_WRITE else "read"
        if not self.start <= address < self.end:
            return False
        if self.access == "refused" and allowed(task["mm"], address, access):
            return False
        if self.access == "cow" and not (access == "write" and spaces.present(entry_of(task["mm"], address))):
            return False
        if self.access in ("read", "write") and access != self.access:
            return False
        tell(task, kernel.struct_at("struct pt_regs", regs), address, access)
        return True


def entry_of(mm, address):
    """The page-table entry of an address; 0: none."""
    page = address & -kernel.PAGE_SIZE
    return next((e for _, e, _ in spaces.entries(mm["pgd"], page, page + kernel.PAGE_SIZE)), 0) if mm else 0


def allowed(mm, address, access):
    """An area allows the access; or it is just below one that grows, which the kernel decides."""
    if not mm or address >= spaces.task_size():
        return False
    above = next((vma for vma in spaces.areas(mm.dereference()) if int(vma["vm_end"]) > address), None)
    if above is None or (int(above["vm_start"]) > address and not int(above["vm_flags"]) & constant("VM_GROWSDOWN")):
        return False
    return bool(int(above["vm_flags"]) & constant("VM_WRITE" if access == "write" else "VM_ACCESS_MASK"))


def tell(task, regs, address, access):
    """What the fault is: the line that the kernel would log if it refused it, the instruction, the entry."""
    vma, eip, mm = None, int(regs["eip"]), task["mm"]
    if mm and address < spaces.task_size():
        vma = spaces.area_at(mm.dereference(), address)
    area = f"{int(vma['vm_start']):08x}-{int(vma['vm_end']):08x},{spaces.rights_text(int(vma['vm_flags']))}" if vma is not None else "none"
    kernel.write(f"fault: pid={int(task['pid'])} name={task['name'].string()} address={address:#010x} access={access} "
                 f"eip={eip:#010x} area={area}")
    kernel.write(f"  instruction: {'ring 3' if int(regs['cs']) & 3 else 'the kernel'}{place(eip)}")
    kernel.write(f"  before: {spaces.entry_text(entry_of(mm, address))}")


def addresses(text):
    """[start, end) of START-END, or of the page of an address; "": all."""
    if not text:
        return 0, 1 << 32
    first, dash, last = text.partition("-")
    start = int(gdb.parse_and_eval(first)) & 0xffffffff
    return (start, int(gdb.parse_and_eval(last)) & 0xffffffff) if dash else (start & -kernel.PAGE_SIZE, (start | kernel.PAGE_SIZE - 1) + 1)


@kernel.command("pw-break-fault")
def pw_break_fault(argument):
    """Stop at the next page fault of a program: pw-break-fault PROGRAM [read | write | cow | refused] [ADDRESS | START-END]

PROGRAM is the name of the process, as pw-tasks shows it. `continue` goes on to the fault after that; `delete` removes
the breakpoint. Each stop tells the access, the instruction with its line in the program's source, the area, and the
page-table entry. cow: only writes to pages that are present, which copy on write resolves. refused: only faults that no
area allows, which end in a signal. ADDRESS: only faults on its page; START-END: in this range. The program's symbols are
loaded if the build directory has it."""
    name, *words = argument.split() or [""]
    access = words.pop(0) if words and words[0] in KINDS else ""
    if not name or len(words) > 1:
        raise gdb.GdbError("pw-break-fault: which one? pw-break-fault PROGRAM [read | write | cow | refused] [ADDRESS | START-END]")
    start, end = addresses("".join(words))
    path = programs.file_of(name)
    if path:
        programs.load(path)
    longest = kernel.ctype("struct task")["name"].type.range()[1]
    FaultBreakpoint(name[:longest], access, start, end)
