# SPDX-License-Identifier: MIT
"""Tasks: pw-tasks; and the address spaces that they have."""
import gdb

from . import kernel
from .kernel import symbol

# As /proc/PID/status (kernel/proc/process.c).
STATES = {"running": "R", "waiting": "S", "sleeping": "S", "blocked": "D", "stopped": "T", "zombie": "Z", "dead": "X"}


def all_tasks():
    """All tasks, in the order of their birth."""
    return kernel.members(symbol("task_list"), "struct task", "link")


def current():
    """The task that runs."""
    task = symbol("current")
    if not task:
        raise gdb.GdbError("no task runs yet")
    return task.dereference()


def find(text):
    """The task with this pid; "": the current one."""
    if not text:
        return current()
    pid = int(gdb.parse_and_eval(text))
    for task in all_tasks():
        if int(task["pid"]) == pid:
            return task
    raise gdb.GdbError(f"no task has pid {pid}; pw-tasks lists them")


def address_spaces():
    """(mm_struct, the first task that lives in it or None) for each address space."""
    owner = {}
    for task in all_tasks():
        owner.setdefault(int(task["mm"]), task)
    for mm in kernel.members(symbol("mm_list"), "struct mm_struct", "link"):
        yield mm, owner.get(int(mm.address))


@kernel.command("pw-tasks")
def pw_tasks(argument):
    """Show the tasks: pw-tasks

A line for each: *, if it runs now; pid, process (the pid of its leader), parent, group, session, state (as in
/proc/PID/stat), resident pages and areas of its address space, name."""
    if argument:
        raise gdb.GdbError("pw-tasks takes no argument")
    running = int(symbol("current"))
    kernel.write("    PID  TGID  PPID  PGRP   SID S   RSS AREAS NAME")
    for task in all_tasks():
        group, mm, parent = task["group"], task["mm"], task["parent"]
        memory = f"{int(mm['rss']):5} {int(mm['map_count']):5}" if mm else "    -     -"
        kernel.write(f"{'*' if int(task.address) == running else ' '} {int(task['pid']):5} {int(task['tgid']):5} "
                     f"{int(parent['pid']) if parent else 0:5} {int(group['job']['group']):5} {int(group['job']['session']):5} "
                     f"{STATES[kernel.enum_name(task['state'])]} {memory} {task['name'].string()}")
