#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Everything on other processors, on the older machine, and with much memory: each size has another layout of zones, and 4G has
memory out of reach. Without firmware; matrix.t has such machines with it."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools"))
import tap  # noqa: E402

# The second one also has the tasks of the programs in another order (docs/testing.md).
for cpu, machine, memory, options in (("qemu64", "q35", "4G", ""), ("Nehalem", "pc", "1G", "sched=random:1")):
    tap.emit_boot(f"{cpu} {machine} {memory}", f"cpu-{cpu}-{machine}", "--timeout", "300", FW="direct", CPU=cpu, MACHINE=machine,
                  MEM=memory, OPTIONS=options)
tap.done()
