# SPDX-License-Identifier: MIT
"""How often tools/blame names the guilty function of a planted bug: tools/blame --measure.

A bug is named if the function is one that holds a line of it, or one that this function was inlined into. A measurement that was
stopped goes on where it was: what was found is kept in build/blame/, for each state of the kernel's source.
"""
import concurrent.futures
import json
import os
import threading

from blame_build import WORK, Wrong, read
from blame_image import named

KERNELS = 2  # one is tried while the next one is built
VERDICTS = ("named", "chain", "other", "none", "passed")
MEANING = {"named": "the guilty function", "chain": "a function that it called", "other": "a function that it did not call", "none": "no function",
           "passed": "none, since the emulator's run passes"}


def place_of(chain, guilty):
    """How far up the chain a guilty function is; 0: nowhere."""
    return min((i + 1 for i, (name, *_) in enumerate(chain) if name in guilty), default=0)


def is_named(chain, guilty, tree):
    """Is the function that is named guilty, or was a guilty one inlined into it there?"""
    name = named(chain, tree)[0]
    place = place_of(chain, guilty)
    last = next((i for i, frame in enumerate(chain) if frame[0] == name), -1)
    return name in guilty or 0 < place <= last and all(inlined for *_, inlined in chain[place - 1:last])


def verdict_of(answer, chain, guilty, tree):
    if not answer["failed"]:
        return "passed"
    if not chain:
        return "none"
    return "named" if is_named(chain, guilty, tree) else "chain" if place_of(chain, guilty) else "other"


class Measured:
    """What was found so far, of one state of the source."""

    def __init__(self, name):
        self.path = os.path.join(WORK, f"measured-{name}.json")
        self.found = json.loads(read(self.path)) if os.path.exists(self.path) else {}

    def add(self, bug, result):
        self.found[bug] = result
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            json.dump(self.found, file)
        os.replace(self.path + ".new", self.path)


def measure(bugs, kept, prepare, try_bug):
    """
    A line for each bug, and the sums. prepare(bug, number) is called for the next bug while try_bug(bug, prepared) tries one; both may
    raise Wrong. try_bug() returns {verdict, seconds, line}.
    """
    missing = [bug for bug in bugs if bug.name not in kept.found]
    free = threading.Semaphore(KERNELS)

    def ahead(bug, number):
        free.acquire()
        return prepare(bug, number)

    with concurrent.futures.ThreadPoolExecutor(1) as builder:
        waiting = [builder.submit(ahead, bug, number) for number, bug in enumerate(missing)]
        try:
            for number, (bug, prepared) in enumerate(zip(missing, waiting)):
                try:
                    kept.add(bug.name, try_bug(bug, prepared.result()))
                    line = kept.found[bug.name]["line"]
                except Wrong as wrong:
                    line = f"bug={bug.name} wrong={str(wrong)[-300:]!r}"
                free.release()
                print(f"blame: {number + 1}/{len(missing)} {line}", flush=True)
        finally:
            builder.shutdown(wait=False, cancel_futures=True)
            free.release()
    results = [kept.found[bug.name] for bug in bugs if bug.name in kept.found]
    seconds = sorted(result["seconds"] for result in results if result["verdict"] != "passed")
    counts = {verdict: sum(result["verdict"] == verdict for result in results) for verdict in VERDICTS}
    for verdict, count in counts.items():
        print(f"blame: {verdict}={count}: {MEANING[verdict]}")
    print(f"blame: bugs={len(bugs)} measured={len(results)} failed={len(seconds)} named={counts['named']} "
          f"median={seconds[len(seconds) // 2] if seconds else 0:.0f} unit=s")
