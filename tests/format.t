#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The C files are formatted as .clang-format says."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import tap  # noqa: E402

status, output = tap.run("tools/check-format")
if status == 2:
    tap.skip_all(output.strip())
tap.result(status == 0, "clang-format has nothing to change", output.splitlines()[:40])
tap.done()
