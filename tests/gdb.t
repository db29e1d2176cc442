#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/gdb in runs of ring3/cow, without and with firmware: what each command shows is what the kernel itself says at the same stop; and
after it the run goes on to a good verdict. Without a machine each command tells what is missing."""
import glob
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import kernel_log  # noqa: E402
import tap  # noqa: E402

LIMIT = 240  # seconds for a session
GDB = ["gdb", "-nx", "-batch", "-ex", "set confirm off", "-ex", "set pagination off", "-ex", "set tcp connect-timeout 30"]
KERNEL = os.path.join(tap.BUILD, "kernel.debug")


def session(firmware, memory):
    """One run and one session, with the line that tools/run prints."""
    with tempfile.TemporaryDirectory() as directory:
        place, results = os.path.join(directory, "gdb"), os.path.join(directory, "results")
        log = os.path.join(tap.TOP, tap.BUILD, "logs", f"gdb-{firmware}.log")
        if os.path.exists(log):
            os.remove(log)
        settings = {"FW": firmware, "MEM": memory, "CPU": "max", "MACHINE": "q35", "SWAP": "", "OPTIONS": "suites=none programs=cow",
                    "LOG": log, "RESULTS": results, "KERNEL": KERNEL}
        environment = {**os.environ, **settings}
        with subprocess.Popen(["tools/run", "--quiet", "--log", log, "--gdb", f"unix:{place},server=on,wait=off"], cwd=tap.TOP,
                              env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as run:
            try:
                said = (run.stdout.readline() + run.stdout.readline()).decode()
                words, go = shlex.split(said.partition("\n")[2]), ["-ex", "hbreak init_main", "-ex", "continue"]
                tap.result("tools/gdb/pagewright.py" in words and words[-4:] == go, f"{firmware}: the line to type", said)
                begun = time.monotonic()
                while not os.path.exists(place) and time.monotonic() - begun < 30:  # the line comes before QEMU's socket
                    time.sleep(0.05)
                ended = subprocess.run([*GDB, *words[1:-4], "-x", "tests/gdb/session.py"], cwd=tap.TOP, env=environment, timeout=LIMIT, check=False,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                judge(firmware, results, ended.stdout.decode("utf-8", "replace"), log, run)
            finally:
                run.terminate()


def judge(firmware, results, said, log, run):
    """The session's cases; then the rest of the run."""
    if not os.path.exists(results):
        tap.result(False, f"{firmware}: the session", said)
        return
    with open(results, encoding="utf-8") as file:
        cases, refused = json.load(file)
    for good, name, notes in cases:
        tap.result(good, f"{firmware}: {name}", notes)
    try:
        run.wait(timeout=120)
    except subprocess.TimeoutExpired:
        tap.result(False, f"{firmware}: the run goes on when gdb has left", said)
        return
    text = [line.text for line in kernel_log.read(log).lines]
    tap.result(run.returncode == 0, f"{firmware}: the run goes on when gdb has left, and passes", run.stdout.read().decode() + said)
    tap.result(refused and refused.replace("fault: ", "segfault: ", 1) in text,
               f"{firmware}: pw-break-fault: a refused fault is the one that the kernel logs", [refused] + [x for x in text if "segfault" in x])


def without_machine():
    """Each command says what is missing, in one line."""
    with open(os.path.join(tap.TOP, "docs/debugger.md"), encoding="utf-8") as file:
        commands = sorted(set(re.findall(r"`(pw-[a-z-]+)", file.read())))
    tried = [word for name in commands for word in ("-ex", f"{name} 1")]
    _, output = tap.run(*GDB, "-x", "tools/gdb/pagewright.py", KERNEL, *tried)
    missing = [name for name in commands if f"{name}: no machine is attached" not in output]
    tap.result(len(commands) == 12 and not missing and "Python" not in output, f"the {len(commands)} commands, without a machine", [str(missing), output])


def one_symbol_each():
    """gdb takes any one of several static variables with the name that it is asked for."""
    wanted = set()
    for path in glob.glob(os.path.join(tap.TOP, "tools/gdb/pw/*.py")):
        with open(path, encoding="utf-8") as file:
            wanted.update(re.findall(r"\b(?:symbol|calls\.call)\([\"'](\w+)[\"']", file.read()))
    names = Counter(line.split()[-1] for line in tap.run("nm", KERNEL)[1].splitlines())
    several = sorted(name for name in wanted if names[name] > 1)
    tap.result(len(wanted) > 10 and not several, "the symbols that the commands look up are unique", several)


if not shutil.which("gdb"):
    tap.skip_all("gdb is missing; tools/install-dependencies --gdb installs it")
without_machine()
one_symbol_each()
session("direct", "64M")
session("ovmf-x64", "256M")
tap.done()
