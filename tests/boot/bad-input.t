#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Bad input of every kind: one clear line that names it, no hang, no panic, and a status that says failure. An unknown
option only warns. Each case damages one file or gives one option, and boots."""
import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools"))
import kernel_log  # noqa: E402
import tap  # noqa: E402

SECONDS = 90  # a run that is longer than this hangs
KERNEL = kernel_log.read_bytes(os.path.join(tap.BUILD, "kernel.elf"))
INITRAMFS = kernel_log.read_bytes(os.path.join(tap.BUILD, "initramfs.cpio"))


def flipped(data, at):
    """The data with one bit changed."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


# what is bad, file on the volume, its bytes, options, machine memory, the one line that must be there
FAILURES = [
    ("a bit of the kernel flipped", "kernel.elf", flipped(KERNEL, len(KERNEL) // 2), "", "256M",
     r"loader: error: .*kernel\.elf"),
    ("a truncated kernel", "kernel.elf", KERNEL[:-1000], "", "256M", r"loader: error: .*kernel\.elf"),
    ("a text for a kernel", "kernel.elf", b"hello\n" * 100, "", "256M", r"loader: error: .*kernel\.elf"),
    ("an empty kernel", "kernel.elf", b"", "", "256M", r"loader: error: .*kernel\.elf"),
    ("a bit of a file in the initramfs flipped", "initramfs.cpio", flipped(INITRAMFS, INITRAMFS.index(b"\x7fELF") + 64),
     "", "256M", r"initramfs: error: "),
    ("a truncated initramfs", "initramfs.cpio", INITRAMFS[:len(INITRAMFS) // 2], "", "256M", r"initramfs: error: "),
    ("a text for an initramfs", "initramfs.cpio", b"hello\n" * 100, "", "256M", r"initramfs: error: "),
    ("mem=4M, too little", None, None, "mem=4M", "256M", r"(memory|loader): error: .*memory"),
    ("an init that is not there", None, None, "init=/tests/nonexistent", "256M", r"init: error: .*/tests/nonexistent"),
]


def boot(name, file, data, options, memory):
    """Boots with one bad thing; returns the runner's status, its output and the lines of the log."""
    with tempfile.NamedTemporaryFile() as bad:
        bad.write(data or b"")
        bad.flush()
        more = ["--file", f"{bad.name}={file}"] if file else []
        log_name = "bad-" + re.sub(r"\W+", "-", name)
        status, output, log = tap.boot(log_name, "--timeout", str(SECONDS), "--stall", "45", *more,
                                       MEM=memory, OPTIONS=options)
    return status, output, [line.text for line in kernel_log.read(log).lines]


def tail(lines):
    """The end of a log, for the notes of a failure."""
    return ["the log ends:"] + ["  " + line for line in lines[-8:]]


for what, bad_file, contents, bad_options, size, pattern in FAILURES:
    code, text, log_lines = boot(what, bad_file, contents, bad_options, size)
    named = [line for line in log_lines if re.match(pattern, line)]
    tap.result(len(named) == 1, f"{what}: one line names it",
               [f"wanted one {pattern}, found {named}"] + tail(log_lines))
    tap.result(code == 1 and not re.search(r"time limit|nothing came", text), f"{what}: fails and does not hang",
               [text])
    tap.result(not any(kernel_log.PANIC in line for line in log_lines), f"{what}: no panic", tail(log_lines))

code, text, log_lines = boot("an unknown option", None, None, "frobnicate=1 suites=none", "256M")
warnings = [line for line in log_lines if line.startswith("option: ")]
tap.result(warnings == ["option: unknown name=frobnicate (ignored)"], "an unknown option: one warning names it",
           warnings)
tap.result(code == 0, "an unknown option: the run is good", [text] + tail(log_lines))
tap.done()
