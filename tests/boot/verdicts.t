#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Programs that end in every way: the kernel and the reader of the log say the same of each, a program that does not end
is killed, and the next ones run as in a fresh machine. With init= the same."""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import kernel_log  # noqa: E402
import tap  # noqa: E402

# name -> what the kernel's line and the reader have to say of it
PROGRAMS = {
    "a-text": "passed", "b-status": "failed", "c-tap-lies": "failed", "d-tap-short": "failed", "e-tap-late": "passed",
    "f-tap-skips": "skipped", "g-bails-out": "failed", "h-leaves": "passed", "i-finds-none": "passed",
    "j-hangs": "failed", "k-after": "passed",
}
# Lines that the log must have.
LINES = [
    r"init: ended with status=3", r"init: tap=failed plan=3 results=3 not_ok=1", r"init: tap=failed plan=2 results=1 not_ok=0",
    r'init: left=file name="/tmp/left-\d" bytes=5', r"init: left=segment key=0x77 bytes=8192|init: left=more count=4",
    r"init: limit=4 unit=s killed=\d+", r"not ok 10 ring3/j-hangs # TIMEOUT",
]
FLAGS = ("-m32", "-march=i686", "-O1", "-std=gnu11", "-ffreestanding", "-nostdlib", "-static", "-no-pie", "-fno-pic", "-fno-pie",
         "-fno-stack-protector", "-fcf-protection=none", "-fno-asynchronous-unwind-tables", "-fno-builtin", "-I.",
         "-Wl,-z,noexecstack", "-Wl,-z,max-page-size=4096", "-Wl,--build-id=none")


def make_archive(stage):
    """The program under all its names."""
    program = os.path.join(stage, "program")
    runtime = sorted(glob.glob(os.path.join(tap.BUILD, "ring3-objects", "runtime", "*.o")))
    status, said = tap.run("gcc", *FLAGS, "-o", program, "tests/boot/verdict-program.c", *runtime)
    if status:
        tap.result(False, "the program is built", said)
        tap.done()
    os.mkdir(os.path.join(stage, "tests"))
    for name in PROGRAMS:
        shutil.copy(program, os.path.join(stage, "tests", name))
    archive = os.path.join(stage, "initramfs.cpio")
    with open(archive, "wb") as out:
        subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], cwd=stage, stdout=out, check=True,
                       input="".join(f"{name}\n" for name in ["tests"] + [f"tests/{name}" for name in PROGRAMS]).encode())
    return archive


def check_all(archive):
    """One boot of all of them."""
    status, output, path = tap.boot("verdicts", "--timeout", "150", "--file", archive + "=initramfs.cpio", FW="direct",
                                    OPTIONS="suites=none limit=4")
    log = kernel_log.read(path)
    found = {result.name: result for result in log.top.results} if log.top else {}
    for name, wanted in PROGRAMS.items():
        result = found.get("ring3/" + name)
        tap.result(result and result.kind == wanted, f"{name}: {wanted}, says the kernel", output)
        named = any(f"ring3/{name}" in reason and "the plan of" not in reason for reason in kernel_log.judge(log))
        tap.result(named == (wanted == "failed"), f"{name}: {wanted}, says the reader", kernel_log.judge(log))
    counts = [sum(wanted == kind for wanted in PROGRAMS.values()) for kind in ("passed", "failed", "skipped")]
    tap.result(log.verdict == ("fail", 0, len(PROGRAMS), *counts), "the verdict has these counts", f"{log.verdict} {output}")
    tap.result(status == 1 and not any("contradict" in r or "the verdict counts" in r or "is ok, but" in r
                                       for r in kernel_log.judge(log)), "and the reader finds the same", output)
    text = kernel_log.read_bytes(path).decode(errors="replace")
    for line in LINES:
        tap.result(re.search("^" + line, text, re.MULTILINE), f"the log has: {line}", output)
    tap.result(text.count("census=ok") == len(PROGRAMS), "the census is clean after each of them", output)


def check_init(archive):
    """init= of a program that is no test: its exit status is the verdict, here and there."""
    for name, wanted in (("a-text", 0), ("c-tap-lies", 1)):
        status, output, path = tap.boot(f"verdicts-init-{name}", "--timeout", "100", "--file", archive + "=initramfs.cpio", FW="direct",
                                        OPTIONS=f"init=/tests/{name}")
        verdict = kernel_log.read(path).verdict
        tap.result(status == wanted and verdict and verdict[0] == ("pass", "fail")[wanted],
                   f"init=/tests/{name}: the runner's status and the kernel's verdict agree", output)


with tempfile.TemporaryDirectory() as directory:
    initramfs = make_archive(directory)
    check_all(initramfs)
    check_init(initramfs)
tap.done()
