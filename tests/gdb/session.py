# SPDX-License-Identifier: MIT
"""The session of tests/gdb.t, inside gdb: each command's output beside the kernel's own.

The kernel runs ring3/cow. The results, [good, name, notes] each, are written to the file $RESULTS as JSON; $LOG is the log."""
import json
import os
import re
import time

import gdb

RESULTS = []


def result(good, name, *notes):
    """One case."""
    RESULTS.append([bool(good), name, [str(note) for note in notes]])


def output(command):
    """What a command prints."""
    return gdb.execute(command, to_string=True)


def same(name, ours, kernels):
    """One case: two texts are equal, and not empty."""
    result(ours == kernels and ours.strip(), name, "gdb:", *ours.splitlines()[:20], "the kernel:", *kernels.splitlines()[:20])


def logged(command, pattern, wanted):
    """The lines of the log with this pattern that come by a call of the kernel; `wanted` ones, or fewer after some time."""
    def lines():
        with open(os.environ["LOG"], encoding="utf-8", errors="replace") as file:
            return [line for line in file.read().replace("\r", "").split("\n")[:-1] if re.match(pattern, line)]
    before = len(lines())
    output(command)
    came, end = lines()[before:], time.monotonic() + 10
    # The emulator hands the serial line over some time later.
    while time.monotonic() < end and len(came) < wanted:
        time.sleep(0.05)
        came = lines()[before:]
    return "".join(line + "\n" for line in came)


def check_memory():
    """Frames, zones, slabs."""
    same("pw-zone: zone_print()", output("pw-zone normal"), logged("pw-call zone_print &zones[1]", "(zone|buddy): ", 11))
    same("pw-zone: all zones", output("pw-zone").split("zone: name=Normal")[0], logged("pw-call zone_print &zones[0]", "(zone|buddy): ", 11))
    blocks = output("pw-zone normal 0").split()
    free = re.search(r"zone=Normal order=0 blocks=(\d+)", output("pw-zone normal"))
    result(len([x for x in blocks if x != "none"]) == int(free[1]), "pw-zone: a free list", blocks, free[0])
    same("pw-frames map: /proc/frames", output("pw-frames map"), output("pw-proc frames"))
    same("pw-slabs: /proc/slabinfo", output("pw-slabs"), output("pw-proc slabinfo"))
    row, *slabs = output("pw-slabs vm_area_struct").splitlines()
    result(int(row.split()[1]) == sum(line.split()[-1].count("#") for line in slabs), "pw-slabs: the objects of a cache", row, *slabs)


def check_frames():
    """The sums, by the kernel's census in the same stop; and one frame's story."""
    gdb.execute("python import pw.calls, pw.kernel")
    calls, kernel = __import__("pw.calls").calls, __import__("pw.kernel").kernel
    with calls.Frame():
        census = calls.Scratch(kernel.ctype("struct census").sizeof).address
        calls.call("mm_census", census)
        lines = logged(f"pw-call census_print {census:#x}", "census: ", 1)
    same("pw-frames: census_print()", output("pw-frames"), lines)
    zero = output("pw-frames zero_page")
    result("owner=reserved" in zero, "pw-frames: a struct page", zero)
    pid = int(gdb.parse_and_eval("current->pid"))
    stack = int(gdb.parse_and_eval("current->mm->start_stack"))
    walk = output(f"pw-pagetable {pid} {stack:#x}")
    frame = re.findall(r"frame=(0x[0-9a-f]+)", walk)[-1]
    story = output(f"pw-frames {frame}")
    result("owner=anon" in story and f"mapped: pid={pid} name=cow address={stack & ~4095:#010x} " in story,
           "pw-frames: a frame of a program's stack, and what maps it", walk, story)


def check_spaces():
    """Areas, page tables, address spaces, tasks."""
    pid = int(gdb.parse_and_eval("current->pid"))
    same("pw-areas: /proc/PID/maps", output("pw-areas"), output(f"pw-proc {pid}/maps"))
    same("pw-pagetable: /proc/PID/pagetables", output(f"pw-pagetable {pid}"), output(f"pw-proc {pid}/pagetables"))
    same("pw-pagetable kernel: /proc/kpagetables", output("pw-pagetable kernel"), output("pw-proc kpagetables"))
    status = output(f"pw-proc {pid}/status")
    wanted = ("VmSize", "VmLck", "VmRSS", "VmPTE", "VmSwap")
    sums = [line for line in output("pw-mm").splitlines() if line.startswith("Vm")]
    same("pw-mm: /proc/PID/status", "\n".join(sums), "\n".join(x for x in status.splitlines() if x.startswith(wanted)))
    gdb.execute("set var current->mm->rss = current->mm->rss + 1")
    result("differs: rss=" in output("pw-mm"), "pw-mm: a wrong counter is named", output("pw-mm"))
    result("(6) rss is not the number of frames" in output("pw-check mm"), "pw-check mm: the same", output("pw-check mm"))
    gdb.execute("set var current->mm->rss = current->mm->rss - 1")
    # idle, pid 0, is no process.
    tasks = [line.lstrip("* ").split() for line in output("pw-tasks").splitlines()[1:]]
    tasks = [task for task in tasks if task[0] != "0"]
    stats = [output(f"pw-proc {task[0]}/stat").split() for task in tasks]
    ours = [[t[0], f"({t[-1]})", t[5], t[2], t[3], t[4]] for t in tasks]
    same("pw-tasks: /proc/PID/stat", str(ours), str([stat[:6] for stat in stats]))
    result(sum(line.startswith("*") for line in output("pw-tasks").splitlines()) == 1, "pw-tasks: one task runs", output("pw-tasks"))


def check_printers():
    """An area, a page, an entry."""
    line = output("pw-areas").splitlines()[0]
    result(line in output("print *current->mm->mmap"), "an area is printed as its line", output("print *current->mm->mmap"))
    result("owner=kernel count=1 flags=reserved" in output("print *zero_page"), "a page", output("print *zero_page"))
    three = int(gdb.parse_and_eval("sizeof(pteval_t)")) == 8
    entry = output(f"print kernel_pgd[{3 if three else 768}]")
    result(re.search(r"entry=0x\w+ frame=0x\w+ " + ("" if three else ".*writable"), entry), "an entry", entry)
    result("vm_start" in output("print/r *current->mm->mmap"), "print/r shows the members")


def check_place():
    """With symbols at a wrong place a command finds the kernel."""
    before = output("pw-areas")
    output(f"symbol-file -o 0x30000 {os.environ['KERNEL']}")
    after = output("pw-areas")
    result(after == "kernel: at physical 0x100000; its symbols were moved there\n" + before, "the kernel is found where the loader put it", before, after)


def check_checks():
    """A planted violation is named, and gone when it is undone."""
    result(output("pw-check") == "census: good\n", "pw-check: the census is good", output("pw-check"))
    gdb.execute("set var zero_page[1].count = zero_page[1].count + 1")
    result("VIOLATED" in output("pw-check"), "pw-check: a wrong count is named", output("pw-check"))
    gdb.execute("set var zero_page[1].count = zero_page[1].count - 1")
    for name in ("zone", "slabs", "mm", "vmalloc"):
        text = output(f"pw-check {name}")
        result("good" in text and "VIOLATED" not in text, f"pw-check {name}", text)
    registers = output("info registers")
    output("pw-call get_order 8192")
    same("registers are as before a call", output("info registers"), registers)
    result(output("pw-call get_order 8192") == "get_order: 1\n", "pw-call: an argument in a register", output("pw-call get_order 8192"))


def check_faults():
    """Stops at faults of cow; the last one is refused, and the kernel's own line about it is the same."""
    output("delete")
    output("pw-break-fault cow write")
    stories = [output("continue") for _ in range(10)]
    result(all(re.search(r"instruction: .* at .*\w+\.[cS]:\d+", story) for story in stories),
           "pw-break-fault: the instruction has a line of the program", *stories[:3])
    result(all("name=cow" in story and "access=write" in story for story in stories), "pw-break-fault: writes of that program only", *stories)
    output("delete")
    output("pw-break-fault cow write 0xbf000000-0xc0000000")
    stories = [output("continue") for _ in range(3)]
    result(all("address=0xbf" in story for story in stories), "pw-break-fault: a range", *stories)
    output("delete")
    output("pw-break-fault cow refused")
    found = re.search(r"^fault: .*$", output("continue"), re.M)
    return found[0] if found else ""


def session():
    """From the start of the first program to the refused fault."""
    output("hbreak init_main")
    output("continue")
    result("no task" not in output("pw-tasks"), "the kernel has started")
    output("delete")
    output("pw-break-fault cow")
    story = output("continue")
    result("fault: pid=" in story and "name=cow" in story, "pw-break-fault: the first fault of a program", story)
    result("cow" in output("pw-symbols"), "pw-symbols: the program is found", output("pw-symbols"))
    # Some faults later there is a heap, and a child.
    for _ in range(40):
        output("continue")
    for check in (check_memory, check_frames, check_spaces, check_printers, check_place, check_checks):
        check()
    return check_faults()


LEFT = ""
try:
    LEFT = session()
except gdb.error as error:
    import traceback
    result(False, "the session went to its end", *traceback.format_exc().splitlines(), error)
gdb.execute("delete")
with open(os.environ["RESULTS"], "w", encoding="utf-8") as stream:
    json.dump([RESULTS, LEFT], stream)
gdb.execute("detach")
