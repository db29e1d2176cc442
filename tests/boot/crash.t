#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A broken invariant stops the kernel, with a useful report: `crash=` breaks one on purpose in each way, and
the report must name what was broken and where."""
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import kernel_log  # noqa: E402
import tap  # noqa: E402

LAST = "Rebooting in 3 seconds"

# way, further options, what the log must say
CRASHES = [
    ("stack", "", [r"kernel stack overflow: pid=1 name=init .*guard=0x", r"double fault", r"overflow_stack"]),
    ("null", "", [r"page fault in the kernel: read of 0x00000000", r"CR2=00000000", r"crash_null"]),
    ("text", "", [r"page fault in the kernel: write to 0xc", r"crash_text"]),
    ("double-free", "trace=kmem trace_dump=8",
     [r"page_alloc: the frame is free already: frame 0x[0-9a-f]+, order 0, released by ",
      r"(?s)Call trace:.*trace: tsc=\d+ pid=1 tid=1 event=mm_page_free pfn=0x[0-9a-f]+ order=0"]),
    ("slab-overrun", "slab_debug=ZU",
     [r"allocated_by=crash_slab_overrun", r"the bytes after the object were overwritten: .*cache size-64"]),
    ("use-after-free", "debug_pagealloc=on page_owner=on",
     [r"page fault in the kernel: write to 0xc[0-9a-f]+, error code 0x2: frame 0x[0-9a-f]+ is free, allocated last by crash_use_after_free",
      r"\] crash_use_after_free\+"]),
    ("smap", "", [r"page fault in the kernel: read of 0x30000000, error code 0x1", r"crash_smap"]),
    ("smep", "", [r"page fault in the kernel: fetch of 0x30000000, error code 0x11", r"EIP=30000000"]),
    ("panic", "panic=3 exit=reboot", [r"crash=panic", r"crash_panic\+", LAST]),
]

directory = tempfile.TemporaryDirectory()
picture = os.path.join(directory.name, "screen.ppm")
# Again and again: the line comes a moment before it is on the screen.
AT = ["--at", f"{LAST}=screendump {picture}"] * 10

for way, more, patterns in CRASHES:
    # Without firmware there is no screen, of which the last one wants a picture.
    status, output, log = tap.boot(f"crash-{way}", "--timeout", "90", *AT, FW="ovmf-x64" if way == "panic" else "direct",
                                   OPTIONS=f"crash={way} {more}")
    text = "\n".join(line.text for line in kernel_log.read(log).lines)
    tap.result(kernel_log.PANIC in text and status == 1, f"{way}: the kernel stops with a report, and that is a failure", output)
    for pattern in patterns:
        tap.result(re.search(pattern, text), f"{way}: the report says {pattern}", text.splitlines()[-25:])
# A machine that hangs is asked where, by an NMI.
status, output, log = tap.boot("crash-hang", "--stall", "4", FW="direct", OPTIONS="crash=hang")
text = "\n".join(line.text for line in kernel_log.read(log).lines)
tap.result(status == 1 and "nothing came for 4 s" in "".join(output), "hang: the runner ends it", output)
tap.result(re.search(r"nmi: reason=0x[0-9a-f]{2} pid=1 name=init .*\nCall trace:\n \[<c0[0-9a-f]+>\] crash_hang\+", text), "hang: the log says where",
           text.splitlines()[-25:])
shown = subprocess.run([os.path.join(tap.TOP, "tools/read-screen"), picture], check=False, stdout=subprocess.PIPE).stdout.decode()
tap.result(LAST in shown, "panic: the last line is on the screen too", shown)
directory.cleanup()
tap.done()
