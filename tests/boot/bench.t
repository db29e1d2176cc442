#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One run of the benchmarks at 256 MiB: every operation has its figure, within its limit (tests/bench-limits)."""
import os
import sys

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools")
SETTINGS = {"FW": "ovmf-x64", "MEM": "256M", "CPU": "max", "MACHINE": "q35", "ACCEL": "tcg"}

os.execve(os.path.join(TOOLS, "bench"), ["bench", "--tap"], {**os.environ, **SETTINGS})
