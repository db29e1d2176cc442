#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Small worlds, explored whole: they close, and their numbers of states are those of docs/testing.md.

    make explore        the same at full size
"""
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import tap  # noqa: E402

CLOSED = re.compile(r"explore: world=(\w+) \w+=(\d+) states=(\d+) transitions=(\d+) depth=(\d+) result=closed")

with open(os.path.join(tap.TOP, "docs/testing.md"), encoding="utf-8") as file:
    ROWS = re.findall(r"^\| `(\w+)` \| (\d+) [a-z]+ \| ([\d,]+) \| ([\d,]+) \| (\d+) \|.*\| make test \|$", file.read(), re.MULTILINE)

tap.result(ROWS, "docs/testing.md lists worlds for make test")
for world, size, states, transitions, depth in ROWS:
    status, output = tap.run(os.path.join(tap.BUILD, "explore", world), size)
    found = CLOSED.search(output)
    tap.result(status == 0 and found, f"{world} {size}: the world closes", output)
    if found and not tap.three_levels():  # there an area may lie in two page tables where it lies in one here
        tap.result([int(number.replace(",", "")) for number in (states, transitions, depth)] == [int(n) for n in found.groups()[2:]],
                   f"{world} {size}: as many states, operations and steps as the document says", output)
tap.done()
