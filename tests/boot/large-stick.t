#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The image with a partition table on a stick of 16 GiB: the backup of the table is not where the firmware looks for it first,
and the stick keeps its old contents after the image."""
import os
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import tap  # noqa: E402

with tempfile.TemporaryDirectory(dir=tap.BUILD) as directory:
    stick = os.path.join(directory, "stick.img")
    tap.run("cp", "--sparse=always", os.path.join(tap.BUILD, "pagewright.img"), stick)
    os.truncate(stick, 16 << 30)
    # An older table's backup at the end, of another disk.
    with open(os.path.join(tap.BUILD, "pagewright.iso"), "rb") as other, open(stick, "r+b") as file:
        other.seek(-34 * 512, os.SEEK_END)
        file.seek(-34 * 512, os.SEEK_END)
        file.write(other.read())
    for firmware in ("ovmf-x64", "ovmf-ia32"):
        tap.emit_boot(f"{firmware}, 16 GiB", f"large-stick-{firmware}", "--image", stick, "--media", "xhci", "--timeout", "200",
                      FW=firmware, OPTIONS="suites=buddy programs=none")
tap.done()
