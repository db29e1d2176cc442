# SPDX-License-Identifier: MIT
"""Symbols of programs of ring 3: pw-symbols."""
import os

import gdb

from . import kernel, spaces

FOLDERS = ("ring3", "programs", "bench", "league", "own", "clients/bin")  # of the build directory
ET_DYN = 3


def file_of(name):
    """The file of the build directory for a program's name, or None."""
    for folder in FOLDERS:
        path = os.path.join(kernel.build_directory(), folder, name)
        if os.path.isfile(path):
            return path
    return None


def is_loaded(path):
    """gdb has its symbols already."""
    return any(file.filename and os.path.realpath(file.filename) == os.path.realpath(path) for file in gdb.objfiles())


def load(path, base=0):
    """Adds the symbols of a program; `base` is where it was loaded, for one that runs anywhere."""
    if is_loaded(path):
        return
    with open(path, "rb") as file:
        kind = int.from_bytes(file.read(18)[16:18], "little")
    gdb.execute(f"add-symbol-file {path}{f' -o {base:#x}' if kind == ET_DYN else ''}", to_string=True)


@kernel.command("pw-symbols")
def pw_symbols(argument):
    """Load the symbols of the program that a process runs: pw-symbols [PID [FILE]]

The file is looked for in the build directory by the program's name: ring3/, programs/, bench/, and own/ for one of SRC=. FILE names another one.
Afterwards `break`, `list` and `info line *ADDRESS` know the program's functions and lines."""
    pid, _, path = argument.partition(" ")
    mm, task = spaces.find(pid)
    if not path:
        name = os.path.basename(spaces.mapping_name(mm["exe"].dereference())) if mm["exe"] else ""
        path = file_of(name)
        if not path:
            raise gdb.GdbError(f"pw-symbols: no file {name or '?'} in the build directory; name it: pw-symbols {int(task['pid'])} FILE")
    load(path, int(mm["start_code"]) & -kernel.PAGE_SIZE)
    kernel.write(f"symbols: {os.path.relpath(path)}")
