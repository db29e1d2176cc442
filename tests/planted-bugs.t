#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Bugs that are planted in copies of the sources are seen by the tests: a few of them here, all of them by `make planted-bugs`. And every
planted bug still fits the file that it is planted in."""
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import tap  # noqa: E402

status, output = tap.run("tools/planted-bugs", "--check")
tap.result(status == 0, "each planted bug fits its file", [output])
status, output = tap.run("tools/planted-bugs", "--quick")
cases = re.findall(r"^planted: bug=(\S+) .*result=(\w+)$", output, re.M)
for name, result in cases:
    tap.result(result == "caught", f"seen: {name}", [output])
tap.result(status == 0 and len(cases) >= 4, "none survived", [output])
tap.done()
