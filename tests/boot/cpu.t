#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Everything on other processors and on the older machine."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools"))
import tap  # noqa: E402

for cpu, machine in (("qemu64", "q35"), ("Nehalem", "pc")):
    tap.emit_boot(f"{cpu} {machine}", f"cpu-{cpu}-{machine}", "--timeout", "300", CPU=cpu, MACHINE=machine)
tap.done()
