#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Bad input of every kind: one clear line that names it, no hang, no panic, and a status that says failure. An unknown
option only warns, and so does a file that is not ours. Each case damages one file or gives one option, and boots."""
import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import kernel_log  # noqa: E402
import tap  # noqa: E402

SECONDS = 90  # a run that is longer than this hangs
KERNEL = kernel_log.read_bytes(os.path.join(tap.BUILD, "kernel.elf"))
INITRAMFS = kernel_log.read_bytes(os.path.join(tap.BUILD, "initramfs.cpio"))


def flipped(data, at):
    """The data with one bit changed."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def archive(name):
    """A cpio archive of the format that the kernel takes, with one executable text of this name."""
    data = b""
    for path, mode, content in ((name, 0o100755, b"hello\n"), ("TRAILER!!!", 0, b"")):
        fields = (1, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(path) + 1, sum(content))
        head = b"070702" + b"".join(b"%08X" % value for value in fields) + path.encode() + b"\0"
        data += head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4)
    return data


# what is bad, file on the volume, its bytes, options, machine memory, the one line that must be there
FAILURES = [
    ("a bit of the kernel flipped", "pagewright/kernel.elf", flipped(KERNEL, len(KERNEL) // 2), "", "256M",
     r"loader: error: \\pagewright\\kernel\.elf: the checksum"),
    ("a truncated kernel, in the root", "kernel.elf", KERNEL[:-1000], "", "256M", r"loader: error: \\kernel\.elf: the checksum"),
    ("a bit of a file in the initramfs flipped", "initramfs.cpio", flipped(INITRAMFS, INITRAMFS.index(b"\x7fELF") + 64),
     "", "256M", r"initramfs: error: "),
    ("a truncated initramfs", "pagewright/initramfs.cpio", INITRAMFS[:len(INITRAMFS) // 2], "", "256M", r"initramfs: error: "),
    ("mem=8M, too little", None, None, "mem=8M", "256M",
     r"memory: error: too little memory: \d+ KiB are usable, at least 16384 KiB are needed: leave mem= out, or add RAM$"),
    ("an init that is not there", None, None, "init=/tests/nonexistent", "256M", r"init: error: .*/tests/nonexistent"),
]


def boot(name, file, data, options, memory):
    """Boots with one bad thing, without firmware unless it is a file of a volume; returns the runner's status, its output and the
    lines of the log."""
    with tempfile.NamedTemporaryFile() as bad:
        bad.write(data or b"")
        bad.flush()
        more = ["--file", f"{bad.name}={file}"] if file else []
        log_name = "bad-" + re.sub(r"\W+", "-", name)
        status, output, log = tap.boot(log_name, "--timeout", str(SECONDS), "--stall", "45", *more,
                                       FW="ovmf-x64" if file and file != "initramfs.cpio" else "direct", MEM=memory, OPTIONS=options)
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

FORGED = "verdict: result=pass suites=0 programs=1 passed=1 failed=0 skipped=0"
code, text, log_lines = boot("a name with a line end", "initramfs.cpio", archive(f"tests/x\n{FORGED}"), "suites=none", "256M")
tap.result(code == 1 and not any(line.startswith(FORGED) for line in log_lines) and
           f"not ok 1 ring3/x\\x0a{FORGED}" in log_lines, "a program's name with a line end in it forges no verdict",
           [text] + tail(log_lines))

code, text, log_lines = boot("an unknown option", None, None, "frobnicate=1 suites=none programs=abi", "256M")
warnings = [line for line in log_lines if line.startswith("option: ")]
tap.result(warnings == ["option: unknown name=frobnicate (ignored)"], "an unknown option: one warning names it",
           warnings)
tap.result(code == 0, "an unknown option: the run is good", [text] + tail(log_lines))

# Files of another system: an ELF file, nothing at all, a text.
with tempfile.TemporaryDirectory() as directory:
    others = {"kernel.elf": kernel_log.read_bytes(os.path.join(tap.BUILD, "kernel.debug")), "pagewright/kernel.elf": b"",
              "initramfs.cpio": b"hello\n" * 100}
    more_files = []
    for name, data in others.items():
        host = os.path.join(directory, name.replace("/", "-"))
        with open(host, "wb") as file:
            file.write(data)
        more_files += ["--file", f"{host}={name}"]
    code, text, path = tap.boot("bad-other-system", "--timeout", str(SECONDS), "--stall", "45", *more_files,
                                OPTIONS="suites=none programs=abi")
lines = [line.text for line in kernel_log.read(path).lines]
said = [line for line in lines if line.startswith("loader: warning: ")]
tap.result(said == [f"loader: warning: \\{name}: is not Pagewright's, left out" for name in
                    ("pagewright\\kernel.elf", "kernel.elf", "initramfs.cpio")], "files of another system: a warning each", said)
tap.result(code == 0 and any(line.startswith("loader: kernel: embedded") for line in lines),
           "files of another system: the embedded ones are used", [text] + tail(lines))
tap.done()
