#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/gdb in a run of ring3/cow: what each command shows is what the kernel itself says at the same stop; and after it the run goes on
to a good verdict."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import kernel_log  # noqa: E402
import tap  # noqa: E402

LIMIT = 240  # seconds for the session


def main():
    """One run and one session."""
    with tempfile.TemporaryDirectory() as directory:
        place, results = os.path.join(directory, "gdb"), os.path.join(directory, "results")
        log = os.path.join(tap.TOP, tap.BUILD, "logs", "gdb.log")
        if os.path.exists(log):
            os.remove(log)
        settings = {"FW": "direct", "MEM": "64M", "CPU": "max", "MACHINE": "q35", "SWAP": "", "OPTIONS": "suites=none programs=cow",
                    "LOG": log, "RESULTS": results}
        environment = {**os.environ, **settings}
        with subprocess.Popen(["tools/run", "--quiet", "--log", log, "--gdb", f"unix:{place},server=on,wait=off"], cwd=tap.TOP,
                              env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as run:
            try:
                said = run.stdout.readline() + run.stdout.readline()
                tap.result(b"tools/gdb/pagewright.py" in said, "the line to type loads the commands", said.decode())
                session = subprocess.run(
                    ["gdb", "-nx", "-batch", "-ex", "set confirm off", "-ex", "set pagination off", "-ex", "set tcp connect-timeout 30",
                     "-x", "tools/gdb/pagewright.py", "-ex", f"target remote {place}", "-x", "tests/gdb/session.py",
                     os.path.join(tap.BUILD, "kernel.debug")],
                    cwd=tap.TOP, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                    timeout=LIMIT, check=False)
                judge(results, session.stdout.decode("utf-8", "replace"), log, run)
            finally:
                run.terminate()


def judge(results, said, log, run):
    """The session's cases; then the rest of the run."""
    if not os.path.exists(results):
        tap.result(False, "the session", said)
        return
    with open(results, encoding="utf-8") as file:
        cases, refused = json.load(file)
    for good, name, notes in cases:
        tap.result(good, name, notes)
    try:
        run.wait(timeout=120)
    except subprocess.TimeoutExpired:
        tap.result(False, "the run goes on when gdb has left", said)
        return
    text = [line.text for line in kernel_log.read(log).lines]
    tap.result(run.returncode == 0, "the run goes on when gdb has left, and passes", run.stdout.read().decode() + said)
    tap.result(refused and refused.replace("fault: ", "segfault: ", 1) in text,
               "pw-break-fault: a refused fault is the one that the kernel logs", [refused] + [x for x in text if "segfault" in x])


if not shutil.which("gdb"):
    tap.skip_all("gdb is missing; tools/install-dependencies --gdb installs it")
main()
tap.done()
