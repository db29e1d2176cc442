#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every system call of the kernel has a form for random programs, or a reason why not (tools/call-programs --coverage)."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import tap  # noqa: E402

status, output = tap.run("tools/call-programs", "--coverage")
tap.result(status == 0, "random programs make every call, but for those with a reason", output)
tap.note(output.splitlines()[-1])
tap.done()
