#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each fuzz target runs for some seconds without a finding, from what earlier runs in this build directory found worth keeping;
`make fuzz` runs them for an hour each. And each model of an allocator agrees with it for some random operations."""
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import tap  # noqa: E402

SECONDS = "2"
OPERATIONS = "300000"


def models(target):
    """Builds `make TARGET` of tests/fuzz/build.mk, and returns the names of the models."""
    status, output = tap.make(target)
    if not tap.result(status == 0, f"{target} are built", [output]):
        tap.done()
    folder = os.path.join(tap.BUILD, target.split("-")[0])
    names = sorted(name[len("fuzz_"):-len(".c")] for name in os.listdir(os.path.join(tap.TOP, "tests/fuzz"))
                   if name.startswith("fuzz_") and name.endswith(".c") and name != "fuzz_main.c")
    return [name for name in names if os.path.exists(os.path.join(folder, name))]


def run(kind, amount, names):
    """Runs the models and emits one case for each."""
    _, output = tap.run("tools/run-models", kind, amount, *names)
    for name in names:
        line = re.search(rf"^{kind}: model={name} .* result=(\w+)$", output, re.M)
        tap.result(bool(line) and line.group(1) == "pass", f"{kind} {name}", [output])
        if line:
            tap.note(line.group())


run_soak = models("soak-targets")
run("soak", OPERATIONS, run_soak)
installed, said = tap.run("tools/install-dependencies", "--clang")
if installed:
    tap.result(True, "fuzz targets", directive="SKIP clang's libFuzzer cannot be installed: " + said.strip().split("\n")[-1])
    tap.done()
run("fuzz", SECONDS, models("fuzz-targets"))
tap.done()
