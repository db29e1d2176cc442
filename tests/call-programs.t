#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random programs make every system call of the kernel, or tell why not. Those of thirty seeds, and those in
tests/fuzz/programs/, which once differed, print the same on Linux and on Pagewright. A program that differs is shortened
to the calls that are needed (tools/call-programs)."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import call_generator  # noqa: E402
import call_program  # noqa: E402
import call_shrink  # noqa: E402
import tap  # noqa: E402

PROGRAMS = "tests/fuzz/programs"
SEEDS = ("1", "30")
NO_LINUX = 3
ROUNDS = 8  # boots, each at least 2 s
NEEDED = """
a v50 = pipe(o8)
b v51 = fork() -> h
a v52 = dup2(v50.0, 39)
a v53 = close(v52)
"""


def shortened(seed):
    """The lines to which a program with a fault is shortened, and the rounds: as if dup2() and a later close() of its result differed."""
    needed = call_program.parse(NEEDED)
    calls = call_generator.generate(seed)
    for i, call in enumerate(needed):
        calls.insert(5 + 9 * i, call)
    rounds = []

    def differing(programs):
        rounds.append(len(programs))
        wanted = [str(needed[i]) for i in (0, 2, 3)]
        texts = {number: [str(call) for call in some] for number, some in programs.items()}
        return {number for number, lines in texts.items() if [line for line in lines if line in wanted] == wanted}

    return [str(call) for call in call_shrink.shrink(calls, differing)], rounds


status, output = tap.run("tools/call-programs", "--coverage")
tap.result(status == 0, "random programs make every call, but for those with a reason", output)
tap.note(output.splitlines()[-1])
results = [shortened(seed) for seed in range(1, 21)]
tap.result(all(len(lines) == 3 for lines, _ in results), "a program that differs is shortened to the calls that are needed",
           max(results, key=lambda result: len(result[0]))[0])
tap.result(max(len(rounds) for _, rounds in results) <= ROUNDS, f"shortened in at most {ROUNDS} boots",
           str(max(len(rounds) for _, rounds in results)))
NAME = f"programs that once differed, and those of {SEEDS[1]} seeds, print the same on Linux and on Pagewright"
names = sorted(os.path.join(PROGRAMS, name) for name in os.listdir(os.path.join(tap.TOP, PROGRAMS)))
status, output = tap.run("tools/call-programs", "--whole", "--seeds", *SEEDS, *names)
if status == NO_LINUX:
    why = next(line for line in output.splitlines() if line.startswith("call-programs: no Linux"))
    tap.result(True, NAME, directive=f"SKIP {why.partition(': ')[2]}")
else:
    tap.result(status == 0, NAME, output)
tap.done()
