# SPDX-License-Identifier: MIT
"""A producer of TAP for the test scripts: tests/*.t and tests/boot/*.t."""
import os
import subprocess
import sys
import tempfile

import kernel_log

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(TOP, os.environ.get("BUILD", "build"))
_count = 0
_failed = 0


def result(good, name, notes=(), directive=""):
    """One test case: `ok` or `not ok`; the notes are shown for a case that fails."""
    global _count, _failed
    _count += 1
    _failed += not good
    name = name.replace("#", "\\#")
    print(f"{'ok' if good else 'not ok'} {_count} - {name}{' # ' + directive if directive else ''}")
    if not good:
        note(notes)
    sys.stdout.flush()
    return good


def note(text):
    """Comment lines."""
    for line in [text] if isinstance(text, str) else text:
        for piece in line.splitlines() or [""]:
            print(f"# {piece}")
    sys.stdout.flush()


def three_levels():
    """Is this `make test PAGING=pae`?"""
    return os.environ.get("PAGING") == "pae"


def skip_all(reason):
    """The whole script is skipped."""
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


def done():
    """Writes the plan and ends the script."""
    print(f"1..{_count}")
    sys.exit(1 if _failed else 0)


def run(*command, **options):
    """Runs a command from the top of the checkout; returns its status and all its output as text."""
    ended = subprocess.run(command, cwd=TOP, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, check=False, **options)
    return ended.returncode, ended.stdout.decode("utf-8", errors="replace")


def make(*arguments):
    """Runs make, also below a `make test`: with that one's variables only."""
    _, separator, variables = os.environ.get("MAKEFLAGS", "").partition(" -- ")
    environment = {**os.environ, "MAKEFLAGS": separator + variables, "MFLAGS": "", "MAKELEVEL": "0"}
    return run("make", *arguments, env=environment)


def boot(log_name, *arguments, **environment):
    """Boots the image with tools/run in a defined environment; returns its status, its output and the log.

    environment: FW=, MEM=, CPU=, MACHINE=, OPTIONS=. The log is kept in BUILD/logs/.
    """
    log = os.path.join(BUILD, "logs", log_name + ".log")
    settings = {"FW": "ovmf-x64", "MEM": "256M", "CPU": "max", "MACHINE": "q35", "SWAP": "", "OPTIONS": ""}
    environment = {**os.environ, **settings, **environment}
    # U-Boot itself resets, or stops before it looks at its disks, about once in 80 starts: then it gets another.
    for _ in range(3):
        status, output = run("tools/run", "--quiet", "--log", log, *arguments, env=environment)
        if not environment["FW"].startswith("uboot-") or any(line.text.startswith("loader: ") for line in kernel_log.read(log).lines):
            break
        note(f"{environment['FW']} ended before the loader, which is not ours: once more")
    return status, output, log


def boot_program(program, orders, text, *arguments, helper="", **environment):
    """boot() with an initramfs of one ring-3 program, BUILD/program, and a file /ORDERS for it with this text or these bytes.

    helper: another program, BUILD/helper, which is put into the root directory."""
    with tempfile.TemporaryDirectory() as stage:
        os.mkdir(os.path.join(stage, "tests"))
        os.symlink(os.path.join(TOP, BUILD, program), os.path.join(stage, "tests", os.path.basename(program)))
        with open(os.path.join(stage, orders), "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode("ascii"))
        archive = os.path.join(stage, "initramfs.cpio")
        names = f"tests\ntests/{os.path.basename(program)}\n{orders}\n"
        if helper:
            os.symlink(os.path.join(TOP, BUILD, helper), os.path.join(stage, os.path.basename(helper)))
            names += os.path.basename(helper) + "\n"
        with open(archive, "wb") as out:
            subprocess.run(["cpio", "--quiet", "-o", "-L", "-H", "newc"], cwd=stage, input=names.encode(), stdout=out, check=True)
        return boot(orders, "--file", archive + "=pagewright/initramfs.cpio", *arguments,
                    **{"OPTIONS": "suites=none limit=0", **environment})


def emit_boot(label, log_name, *arguments, **environment):
    """Boots, and emits the guest's cases as ours, and one more case: the whole run is good. Returns the log's path."""
    status, output, log = boot(log_name, *arguments, **environment)
    parsed = kernel_log.read(log)
    emit_log(parsed, label)
    if not result(status == 0, f"{label}: verdict", output):
        note(f"the log: {os.path.relpath(log, TOP)}; its last lines:")
        note([f"  {line.text}" for line in parsed.lines[-12:]])
    return log


def emit_log(parsed, label=""):
    """Emits the innermost results of a log as flat TAP."""
    for path, case in kernel_log.cases(parsed.top) if parsed.top else ():
        name = ": ".join(([label] if label else []) + list(path) + [case.name])
        directive = " ".join(filter(None, (case.directive, case.reason)))
        if case.directive in ("TIMEOUT", "ERROR"):
            case.ok, directive = False, ""
        result(case.ok, name, case.notes + [f"line {case.line} of the log"], directive)
