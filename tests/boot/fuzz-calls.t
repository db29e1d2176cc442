#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""20 s of random system calls from several processes and threads: the kernel lives, and memory is as it was (tools/fuzz-calls)."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import tap  # noqa: E402

status, output = tap.run("tools/fuzz-calls", os.environ.get("SEED") or "1", "100000000", "20")
tap.result(status == 0, "20 s of random calls", output)
tap.note(output.splitlines()[-1] if output else "")
tap.done()
