#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The laboratory: its readers equal the kernel's own figures, and its steps stop where they should, in Node; the page
in Chromium. docs/lab.md"""
import os
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import tap  # noqa: E402

LAB = os.path.join(tap.BUILD, "lab")
SIZE_MAX = 2500000  # bytes of the folder, compressed

for program in ("node", "npm", "chromium"):
    if not shutil.which(program):
        tap.skip_all(f"{program} is not installed: `make dependencies` installs it")
status, output = tap.make("-s", "lab-dist")
if status and not os.path.exists(os.path.join(LAB, "page/node_modules/.done")):
    tap.skip_all("npm cannot fetch the packages of lab/package.json: " + (output.strip().splitlines() or [""])[-1])
tap.result(status == 0, "the page is built", output)
status, output = tap.run("sh", "-c", f"tar -C {LAB}/dist -cz . | wc -c")
tap.result(0 < int(output) <= SIZE_MAX, f"compressed it has at most {SIZE_MAX} bytes", output)
for script in ("machine", "steps", "page", "live"):
    status, output = tap.run("node", f"tests/lab/{script}.mjs", LAB)
    lines = [line.partition(" - ") for line in output.splitlines()]
    for verdict, _, name in lines:
        if verdict.startswith(("ok ", "not ok ")):
            tap.result(verdict.startswith("ok "), f"{script}: {name}", output)
    tap.result(status == 0 and any(line[0].startswith("1..") for line in lines), f"{script}: all cases ran", output)
tap.done()
