#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No call keeps others from running for more than 10 ms, on a machine with a clock that counts instructions, and each ends soon after
SIGKILL: tests/ring3/long_calls.c with its large sizes."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import kernel_log  # noqa: E402
import tap  # noqa: E402

# Firmware is slow when instructions are counted.
status, output, path = tap.boot_program("ring3/long_calls", "long-calls", "1", "--icount", "--timeout", "300", "--stall", "200",
                                        FW="direct")
log = kernel_log.read(path)
tap.emit_log(log, "counted")
if not tap.result(status == 0, "the run is good", output):
    tap.note(line.text for line in log.lines if " us" in line.text or "failed" in line.text)
tap.done()
