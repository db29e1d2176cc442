#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""sched=: the programs in other orders of their tasks (docs/testing.md). Every order of the cases of tests/ring3/orders.c, within
limits, holds, and there are as many in each run; an order that fails is found, named and repeated.

    tests/boot/orders.t --whole     with more interruptions, and other programs too: make orders
"""
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import kernel_log  # noqa: E402
import tap  # noqa: E402

FLAGS = ("-m32", "-march=i686", "-O1", "-std=gnu11", "-ffreestanding", "-nostdlib", "-static", "-no-pie", "-fno-pic", "-fno-pie",
         "-fno-stack-protector", "-fcf-protection=none", "-fno-asynchronous-unwind-tables", "-fno-builtin", "-I.",
         "-Wl,-z,noexecstack", "-Wl,-z,max-page-size=4096", "-Wl,--build-id=none")
EXPLORED = re.compile(r"explore: program=(\w+) case=(\d+) schedules=(\d+) points=(\d+) result=(complete|cut|failed|diverged)")
WHOLE = "--whole" in sys.argv
# Programs that wait without loops, or with system calls in them.
OTHERS = ("vfork", "pipes", "futex_shared", "robust", "sigwait", "fifos", "locks", "jobs", "pidfd", "swap")


def explore(label, options, *arguments):
    """One boot. Returns its status, what was explored, and the lines of its log."""
    status, output, path = tap.boot(f"orders-{label}", "--timeout", "3000" if WHOLE else "90", "--stall", "600" if WHOLE else "60",
                                    *arguments, FW="direct", MEM="32M", OPTIONS=f"suites=none swap=ram:4M {options}")
    lines = [line.text for line in kernel_log.read(path).lines]
    return status, [found.groups() for found in map(EXPLORED.match, lines) if found], lines + [output]


def check_sound(label, options):
    """No order fails."""
    status, found, lines = explore(label, options)
    tap.result(status == 0 and found and all(result in ("complete", "cut") for *_, result in found), f"{label}: no order fails", lines[-30:])
    tap.note(f"{label}: cases={len(found)} schedules={sum(int(case[2]) for case in found)}")
    return found


def make_archive(stage):
    """An initramfs of orders-program.c."""
    os.mkdir(os.path.join(stage, "tests"))
    runtime = sorted(os.path.join(tap.BUILD, "ring3-objects/runtime", name)
                     for name in os.listdir(os.path.join(tap.TOP, tap.BUILD, "ring3-objects/runtime")) if name.endswith(".o"))
    status, said = tap.run("gcc", *FLAGS, "-o", os.path.join(stage, "tests/racy"), "tests/boot/orders-program.c", *runtime)
    if status:
        tap.result(False, "the program is built", said)
        tap.done()
    archive = os.path.join(stage, "initramfs.cpio")
    with open(archive, "wb") as out:
        subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], cwd=stage, stdout=out, check=True, input=b"tests\ntests/racy\n")
    return archive


def check_racy(archive):
    """What fails in some order only."""
    file = ("--file", archive + "=initramfs.cpio")
    status, found, lines = explore("racy", "programs=racy sched=explore", *file)
    results = [case[4] for case in found]
    tap.result(status == 1 and results == ["complete", "failed", "failed"], "orders that fail are found", lines)
    tap.result(any(re.match(r"stall: pid=\d+ tgid=\d+ name=racy state=S place=(sys_pause|wait_for_handler)", line) for line in lines),
               "a lost wake-up: the place where the task waits", lines)
    again = [match[1] for match in (re.match(r'explore: again="(.*)"$', line) for line in lines) if match]
    tap.result(len(again) == 2, "the options that repeat them", lines)
    for options in again[:1]:
        status, _, lines = explore("again", options, *file)
        tap.result(status == 1 and any("counter is 1 (" in line for line in lines), "the same order fails again", lines)
    status, _, lines = explore("usual", "programs=racy sched=replay:2", *file)
    tap.result(status == 0, "the usual order holds", lines)


with tempfile.TemporaryDirectory() as directory:
    check_racy(make_archive(directory))
if WHOLE:
    for preemptions in (1, 2):
        check_sound(f"orders-{preemptions}", f"programs=orders sched=explore:2000,{preemptions}")
    for name in OTHERS:
        check_sound(name, f"programs={name} sched=explore:400,1")
    for seed in range(1, 21):
        status, output, path = tap.boot(f"orders-random-{seed}", "--timeout", "600", FW="direct",
                                        OPTIONS=f"suites=none swap=ram sched=random:{seed}")
        tap.result(status == 0, f"every program, sched=random:{seed}", output)
else:
    first = check_sound("small", "programs=orders sched=explore:25,1")
    tap.result(check_sound("small-again", "programs=orders sched=explore:25,1") == first, "as many orders in each run")
tap.done()
