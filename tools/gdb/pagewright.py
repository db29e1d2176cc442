# SPDX-License-Identifier: MIT
"""Commands and printers of gdb for Pagewright: `source tools/gdb/pagewright.py`; `make debug` prints the line.

docs/debugger.md has a session. `help pw` lists the commands. They read the kernel's memory and change nothing; the ones
that call a function of the kernel say so in their help. Offsets and constants come from the debug information of
kernel.debug, so they can't disagree with the source.
"""
import os
import sys

import gdb

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


class Pagewright(gdb.Command):
    """Commands that show Pagewright's memory management."""

    def __init__(self):
        super().__init__("pw", gdb.COMMAND_DATA, prefix=True)

    def invoke(self, argument, from_tty):
        gdb.execute("help pw")


Pagewright()
from pw import calls, checks, faults, frames, printers, proc, programs, slabs, spaces, tasks  # noqa: E402,F401 pylint: disable=wrong-import-position,unused-import
