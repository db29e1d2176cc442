# SPDX-License-Identifier: MIT
"""`make bench PAGING=both`: what the third level of page tables costs, here and in Linux.

    BUILD/kernel.elf          BUILD/pae/kernel.elf        linux-image-686      linux-image-686-pae
          └──── the same initramfs, FW=direct ────┘              └──────── PEER=linux ────────┘
       2 levels               PAE            %            2 levels             PAE            %

The figures of the start are left out: the two kernels have the same loader. With --update the table of the page is written.
"""
import os

import kernel_log
import linux_peer
import tap

LINUX = "linux"


def run_linux(args, name, figures_of):
    """The same operations on one of Debian's kernels. Returns its figures and its problems."""
    path = os.path.join(tap.BUILD, "logs", f"bench-{name}-{args.mem[0]}.log")
    linux_peer.boot_peer(name, args.mem[0], args.ops, path, float(args.timeout))
    log = kernel_log.read(path)
    ops, _, problems = figures_of(log)
    return ops, [f"{name}: {problem}" for problem in linux_peer.judge(log) + problems]


def columns(args, run_machine, figures_of):
    """The figures of each kernel, in pairs of two and three levels, and all problems."""
    mem, runs, problems = args.mem[0], [], []
    for name, kernel in (("2", ()), ("pae", ("--file", os.path.join(tap.BUILD, "pae", "kernel.elf") + "=kernel.elf"))):
        ops, _, failed = run_machine(args, mem, "direct", args.ops, f"bench-levels-{name}-{mem}", kernel)
        runs.append(ops)
        problems += [f"{name}: {problem}" for problem in failed]
    if args.peer:
        for name in (LINUX, LINUX + "-pae"):
            ops, failed = run_linux(args, name, figures_of)
            runs.append(ops)
            problems += failed
    return runs, problems


def pair(two, three):
    """Two medians, and the second one's excess."""
    if not two or not three:
        return f"{two and two['median'] or '-':>10}{three and three['median'] or '-':>10}{'':>10}"
    first, second = two["median"], three["median"]
    return f"{first:>10}{second:>10}" + (f"{(second - first) / first:>+10.1%}" if first else f"{'':>10}")


def table(runs, left_out):
    """One line for each operation that both kernels have."""
    peer = len(runs) == 4
    lines = [f"{'guest instructions':<25}{'2 levels':>10}{'PAE':>10}{'':>10}" + (f"{'Linux 2':>10}{'Linux PAE':>10}" if peer else "")]
    for op in runs[0]:
        if op not in left_out:
            line = f"{op:<25}" + pair(runs[0].get(op), runs[1].get(op))
            line += pair(runs[2].get(op), runs[3].get(op)) if peer else ""
            lines.append(line.rstrip())
    return [line.rstrip() for line in lines]


def main(args, run_machine, figures_of, left_out, replace_block):
    runs, problems = columns(args, run_machine, figures_of)
    lines = table(runs, left_out)
    print("\n".join(lines))
    if args.update:
        replace_block("levels", [f"    {line}" for line in lines])
    for problem in problems:
        print(f"FAIL: {problem}")
    bad = problems or not all(runs)
    print("FAIL" if bad else f"PASS: {len(lines) - 1} operations")
    return 1 if bad else 0
