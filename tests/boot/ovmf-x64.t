#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Everything, started by 64-bit firmware, on the machine that make was told: MEM, CPU, MACHINE, ACCEL, OPTIONS. By 32-bit firmware:
memory.t."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import tap  # noqa: E402

settings = {name: os.environ[name] for name in ("MEM", "CPU", "MACHINE", "ACCEL", "OPTIONS") if os.environ.get(name)}
tap.emit_boot("x64", "ovmf-x64", "--timeout", "300", FW="ovmf-x64", **settings)
tap.done()
