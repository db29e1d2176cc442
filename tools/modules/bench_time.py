# SPDX-License-Identifier: MIT
"""`make bench UNIT=ns`: what operations take, in nanoseconds, on a processor that is named.

    QEMU with KVM, N boots   or   logs of a real machine, --log each
        bench: ... unit=tsc-ticks      timer: ... tsc_khz=K      cpu: ... brand="..."
                     └──────── / K ───────┘                             └── above the table

An instruction count is the same everywhere; a time belongs to a processor, and to what else it did. So
there are no limits, the figure is the median of the runs, and beside it are the lowest and the highest
run. KVM is not taken because it is there: on some hosts it cannot run this guest. A first, short boot
tries it. An emulator's time says nothing about a processor: --accel tcg is for trying this program.
"""
import os
import statistics
import subprocess
import sys

import kernel_log
import tap

UNIT = "tsc-ticks"
DEVICE = "/dev/kvm"
TRIAL = ("10", "30")  # seconds of silence, and of all, that a boot with KVM may take before it is given up
REMEDY = ("Times need a machine whose KVM runs this guest, or the log of a real machine: boot it with bench=* and\n"
          "programs=stack, and give tools/bench --unit ns --log FILE. ACCEL=tcg tries the rest, with times of the emulator.")


class Refused(Exception):
    """No times can be measured here; the text says why."""


def boot(args, accel, ops, name, limits=None):
    """One boot. Returns the path of its log, and what tools/run says if the run is not good."""
    path = os.path.join(tap.BUILD, "logs", name + ".log")
    stall, timeout = limits or (args.timeout, args.timeout)
    environment = {**os.environ, "FW": "direct", "MEM": args.mem[0], "ACCEL": accel,
                   "OPTIONS": f"bench={ops} programs={args.programs} disk=off"}
    ended = subprocess.run([os.path.join(tap.TOP, "tools", "run"), "--quiet", "--timeout", timeout, "--stall", stall,
                            "--log", path], env=environment, check=False, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = ended.stdout.decode("utf-8", errors="replace").strip()
    return path, output if ended.returncode else ""


def try_kvm(args):
    """Raises Refused if KVM is not there, or does not run this guest."""
    if not os.access(DEVICE, os.R_OK | os.W_OK):
        raise Refused(f"{DEVICE} is not there, or not for this user")
    _, failed = boot(args, "kvm", "page_alloc_free_o0", "bench-kvm", TRIAL)
    if failed:
        raise Refused(f"KVM does not run this guest: {failed.splitlines()[-1].strip()}")


def logs(args):
    """The logs of all runs, and the problems of the runs."""
    if args.log:
        return args.log, []
    accel = args.accel or "kvm"
    if accel == "kvm":
        try_kvm(args)
    booted = [boot(args, accel, args.ops, f"bench-ns-{number}") for number in range(1, args.repeat + 1)]
    return [path for path, _ in booted], [failed for _, failed in booted if failed]


def fact(log, prefix, key):
    """The last value of a key in the log's lines with this prefix, or ""."""
    return next((f.fields[key].strip('"') for f in reversed(log.facts_of(prefix)) if key in f.fields), "")


def read_run(path, figures_of):
    """The figures of one log in nanoseconds, those of /bench/loops, its processor, and its problems."""
    log = kernel_log.read(path)
    ops, loops, problems = figures_of(log, UNIT)
    khz = fact(log, "timer", "tsc_khz")
    if not khz.isdigit() or not int(khz):
        return {}, {}, "", problems + [f"{path}: no line `timer: ... tsc_khz=`: the counter's frequency is not known"]
    ns = [{op: figures["median"] * 1e6 / int(khz) for op, figures in part.items() if not op.startswith("frames_")}
          for part in (ops, loops)]
    return *ns, fact(log, "cpu", "brand") or "not named", problems + kernel_log.judge(log)


def text(ns):
    return f"{ns:.1f}" if ns < 1000 else f"{ns:.0f}"


def table(runs):
    """One line for each operation: the median of the runs, the lowest, the highest, and that of /bench/loops."""
    lines = [f"{'nanoseconds':<24}{'median':>12}{'lowest':>12}{'highest':>12}{'loops':>12}"]
    for op in dict.fromkeys(op for ops, _ in runs for op in ops):
        times = [ops[op] for ops, _ in runs if op in ops]
        others = [loops[op] for _, loops in runs if op in loops]
        lines.append(f"{op:<24}{text(statistics.median(times)):>12}{text(min(times)):>12}{text(max(times)):>12}"
                     f"{text(statistics.median(others)) if others else '':>12}".rstrip())
    return lines


def main(args, figures_of):
    try:
        paths, problems = logs(args)
    except Refused as refused:
        print(f"bench: {refused}\n{REMEDY}", file=sys.stderr)
        return 2
    runs, processors = [], []
    for path in paths:
        ops, loops, processor, more = read_run(path, figures_of)
        problems += more
        runs.append((ops, loops))
        processors.append(processor)
    print(f"processor: {', '.join(sorted(set(processors)))}; {len(runs)} runs")
    if any("TCG" in processor for processor in processors):
        print("This is QEMU's emulator: these times are of the emulator and of what else this host does, of no processor.")
    print("\n".join(table(runs)))
    for problem in problems:
        print(f"FAIL: {problem}")
    bad = problems or not any(ops for ops, _ in runs)
    print("FAIL" if bad else f"PASS: {len(runs)} runs")
    return 1 if bad else 0
