#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""gcc's analyzer, clang-tidy and cppcheck find nothing in what runs on the machine (`make analyze`), and each finds the bug that is
planted for it in tests/analyze/. Other versions than those named here find other things: they are skipped."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import tap  # noqa: E402

# Of Debian 12 and 13; and what the planted bug is called.
TOOLS = {
    "gcc": (os.environ.get("CC", "gcc"), ("12", "14"), "analyzer-null-dereference"),
    "clang-tidy": ("clang-tidy", ("14", "19"), "bugprone-too-small-loop-variable"),
    "cppcheck": ("cppcheck", ("2.10", "2.17"), "incorrectLogicOperator"),
}


def version_of(tool, command):
    """The version of a tool as far as it matters, or None if it is not there."""
    if not shutil.which(command):
        return None
    text = subprocess.run([command, "--version"], stdout=subprocess.PIPE, text=True, check=False).stdout
    found = re.search(r"(\d+)\.(\d+)", text)
    return found and (found[0] if tool == "cppcheck" else found[1])


def check(tool, finding, build):
    """Nothing in the source, and the planted bug where there is nothing else."""
    status, output = tap.make(f"analyze-{tool}")
    tap.result(status == 0, f"{tool} finds nothing", output.splitlines()[-60:])
    status, output = tap.make(f"analyze-{tool}", f"BUILD={build}", f"ANALYZED_KERNEL=tests/analyze/{tool}.c", "ANALYZED_EFI=")
    tap.result(status != 0 and re.search(finding, output), f"{tool} finds the bug that is planted for it", output.splitlines()[-60:])


with tempfile.TemporaryDirectory() as build:
    for tool, (command, known, finding) in TOOLS.items():
        version = version_of(tool, command)
        if version in known:
            check(tool, finding, build)
        else:
            tap.result(True, f"{tool} finds nothing", directive=f"SKIP {tool} {version} is not one of {', '.join(known)}")
tap.done()
