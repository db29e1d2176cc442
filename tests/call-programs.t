#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random programs make every system call of the kernel, or tell why not; and the programs in tests/fuzz/programs/, which
once differed, print the same on Linux and on Pagewright (tools/call-programs)."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import linux_oracle  # noqa: E402
import tap  # noqa: E402

PROGRAMS = "tests/fuzz/programs"

status, output = tap.run("tools/call-programs", "--coverage")
tap.result(status == 0, "random programs make every call, but for those with a reason", output)
tap.note(output.splitlines()[-1])
NAME = "programs that once differed print the same on Linux and on Pagewright"
if linux_oracle.executes_i386():
    names = sorted(os.path.join(PROGRAMS, name) for name in os.listdir(os.path.join(tap.TOP, PROGRAMS)))
    status, output = tap.run("tools/call-programs", "--whole", *names)
    tap.result(status == 0, NAME, output)
else:
    tap.result(True, NAME, directive="SKIP this Linux runs no i386 programs")
tap.done()
