# SPDX-License-Identifier: MIT
"""The kernel's own view: pw-proc prints a file of /proc."""
import gdb

from . import calls, kernel, tasks
from .kernel import symbol

RECORD = 3072  # bytes on the kernel's stack for a record


def entry_in_tables(name):
    """The entry of a file of a process."""
    tables = symbol("proc_tables")
    for i in range(int(symbol("nr_proc_tables"))):
        for j in range(int(tables[i]["count"])):
            entry = tables[i]["entries"] + j
            if entry["name"].string() == name:
                return entry
    return None


def entry_in_folder(path):
    """The entry of a file of the machine: its inode's node."""
    inode = symbol("root_inode").dereference()
    for part in ["proc"] + path.split("/"):
        names = kernel.tree(inode["folder"]["by_order"]["root"], "struct dentry", "by_order")
        dentry = next((d for d in names if kernel.read(int(d["text"].address), int(d["length"])).decode() == part), None)
        if dentry is None:
            return None
        inode = dentry["inode"].dereference()
    return inode["data"].cast(kernel.ctype("struct proc_node").pointer())["entry"]


def show(entry, task):
    """The text of a file, made by the kernel's function that a read of it calls."""
    text = b""
    with calls.Frame():
        subject = calls.Scratch(kernel.ctype("struct proc_subject").sizeof)
        seq = calls.Scratch(kernel.ctype("struct seq").sizeof)
        cursor, buffer = calls.Scratch(8), calls.Scratch(RECORD)
        gdb.selected_inferior().write_memory(subject.address, bytes(kernel.ctype("struct proc_subject").sizeof))
        gdb.selected_inferior().write_memory(cursor.address, bytes(8))
        if task is not None:
            for name, value in (("pid", task["pid"]), ("birth", task["born"]), ("mm", task["mm"])):
                gdb.execute(f"set var ((struct proc_subject *){subject.address:#x})->{name} = {int(value)}")
        while True:
            for name, value in (("text", buffer.address), ("size", RECORD), ("length", 0)):
                gdb.execute(f"set var ((struct seq *){seq.address:#x})->{name} = {value}")
            more = calls.call(entry["show"], seq.address, subject.address, cursor.address)
            if int(more) <= 0:
                return text.decode("utf-8", "replace")
            text += kernel.read(buffer.address, int(seq.value("struct seq")["length"]))


@kernel.command("pw-proc")
def pw_proc(argument):
    """Print a file of /proc as the kernel would: pw-proc FILE | PID/FILE

    pw-proc meminfo
    pw-proc 17/maps
It calls the kernel's function for the file (see pw-call). Files that are links or not text are refused."""
    number, _, name = argument.partition("/")
    task = tasks.find(number) if number.isdigit() else None
    entry = entry_in_tables(name) if task is not None else entry_in_folder(argument)
    if entry is None:
        raise gdb.GdbError(f"pw-proc: there is no /proc/{argument}")
    if not entry["show"]:
        raise gdb.GdbError(f"pw-proc: /proc/{argument} is no text")
    gdb.write(show(entry, task))
