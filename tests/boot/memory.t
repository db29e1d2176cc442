#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Everything on small machines. cpu.t has large ones."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools"))
import tap  # noqa: E402

# 32-bit OVMF of EDK II 2025.02 (Debian 13) finds no disk in less than 72 MiB.
for memory, firmware in (("64M", "ovmf-x64"), ("80M", "ovmf-ia32")):
    label = f"{memory} {firmware[5:]}"
    tap.emit_boot(label, f"memory-{memory}-{firmware}", "--timeout", "300", FW=firmware, MEM=memory)
tap.done()
