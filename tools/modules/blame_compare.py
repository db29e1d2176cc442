# SPDX-License-Identifier: MIT
"""The first function that behaves differently from a good build, for tools/blame --good."""
import hashlib
import json
import os
import tempfile
import threading
import time

import blame_course
from blame_build import WORK, Wrong, good_builds, read
from blame_lab import LIMIT, request_of, run_lab

GOOD_LIMIT, SLOW_LIMIT = 1500000000, 300000000  # instructions of a run that ends by itself
# The time of a run: before the kernel is up, and then. Slow: interrupts come nearly only while the kernel waits for one, so
# at the same place in each run. A program that waits busily needs time that passes.
SLOW, NORMAL = (1, 0.01), (1, 0)
OTHER_PACE = 0.93  # of a run that passes, which is compared as if it failed
PACE = 1.07  # as many times as fast passes the time of the second run of the good build: its interrupts come at other places


class Course:
    """One recorded run of a build. With a `place` it is kept there."""

    def __init__(self, kernel, options, memory, pace, limit=LIMIT, log=False, place=None):
        course = blame_course.course_of(kernel)
        self.compared = course["compare"]
        self.place = place or tempfile.mkdtemp(dir=WORK)
        os.makedirs(self.place, exist_ok=True)
        self.recording = os.path.join(self.place, "recording")
        kept = os.path.join(self.place, "kept.json")
        if place and os.path.exists(kept):
            self.answer = json.loads(read(kept))
            return
        request = request_of(kernel, options, memory, course=course["recorder"], pace=pace[0], slow=pace[1], events=blame_course.EVENTS, recording=self.recording,
                             log=log, limit=limit)
        self.answer = run_lab("record.js", request, self.place)
        if place:
            with open(kept, "w", encoding="utf-8") as file:
                json.dump(self.answer, file)

    def remove(self):
        for name in os.listdir(self.place):
            os.remove(os.path.join(self.place, name))
        os.rmdir(self.place)


def differences(good, bad, noise, keys):
    """Where `bad` behaves differently from `good`, the first one first; keys: only their names."""
    with tempfile.TemporaryDirectory() as work:
        return run_lab("compare.js", {"good": {"recording": good.recording, "course": good.compared}, "bad": {"recording": bad.recording, "course": bad.compared},
                                      "noise": noise, "keys": keys, "begun": 0 if keys else bad.answer["begun"]}, work)["differences"]


class Good:
    """A build that passes: a folder with a checkout, or a revision. Its runs are recorded once."""

    def __init__(self, what, memory):
        self.kernel, self.moved = good_builds(what)
        self.memory, self.known, self.lock = memory, {}, threading.Lock()
        self.name = self.kernel.hash()

    def of(self, options):
        """(course, noise, pace) of a run with these options."""
        with self.lock:
            if options not in self.known:
                self.known[options] = self.recorded(options, SLOW) or self.recorded(options, NORMAL)
        if not self.known[options]:
            raise Wrong("the good build fails too")
        return self.known[options]

    def recorded(self, options, pace):
        name = f"{self.name}-{hashlib.sha256(f'{options} {self.memory} {pace}'.encode()).hexdigest()[:12]}"
        first, second = os.path.join(WORK, f"good-{name}"), os.path.join(WORK, f"good-{name}-{self.moved.hash()}")
        course = Course(self.kernel, options, self.memory, pace, SLOW_LIMIT if pace == SLOW else GOOD_LIMIT, place=first)
        if course.answer["failed"]:
            return None
        noise = os.path.join(second, "noise.json")
        if not os.path.exists(noise):
            other = Course(self.moved, options, self.memory, [PACE * number for number in pace], GOOD_LIMIT, place=second)
            found = differences(course, other, [], True)
            with open(noise, "w", encoding="utf-8") as file:
                json.dump(found, file)
            os.remove(other.recording)
        return course, json.loads(read(noise)), pace


def differences_of_itself(good, options, memory):
    """What would be blamed if a run that passes were taken for one that fails, with its code moved and another speed of its clock: nothing is right."""
    course, noise, pace = good.of(options)
    other = Course(good.moved, options, memory, [OTHER_PACE * number for number in pace], GOOD_LIMIT)
    found = differences(course, other, noise, False)
    other.remove()
    return found


def by_good_build(kernel, good, options, memory, log=False):
    """The first function that behaves differently from a good build."""
    begun = time.monotonic()
    course, noise, pace = good.of(options)
    prepared = time.monotonic() - begun
    bad = Course(kernel, options, memory, pace, limit=int(course.answer["instructions"] * 1.5) + 20000000, log=log)
    failed = bad.answer["failed"]
    found = differences(course, bad, noise, False) if failed else []
    bad.remove()
    if found and (found[0]["kind"] == "result" or is_elsewhere(kernel, found[0])):
        found[0]["branch"] = branch_of(kernel, good, found[0], options, pace)
    return {"result": "blamed" if found else "none" if failed else "good", "failed": failed and failed["text"].strip(), "differences": found,
            "seconds": time.monotonic() - begun - prepared, "prepared": prepared}


def is_elsewhere(kernel, difference):
    """Is the site in another function? After an exception it is in the entry of traps, which called the next function."""
    return difference["bad"] and kernel.frames(difference["bad"])[-1][0] != difference["name"]


def chain_of_difference(kernel, good, difference):
    """[(function, FILE:LINE, inlined)], the innermost one first: the function that behaves differently, and its callers."""
    site, of = (difference["bad"], kernel) if difference["bad"] else (difference["good"], good.kernel)
    if difference.get("branch"):
        site, of = difference["branch"], kernel
    groups = [of.frames(site)] if site else [[(difference["name"], kernel.frames(kernel.symbols.get(difference["name"], 0))[-1][1])]]
    groups += [kernel.frames(address - 1) for address in difference["chain"] if address]
    return [(*frame, i + 1 < len(group)) for group in groups for i, frame in enumerate(group)]


def branch_of(kernel, good, first, options, pace):
    """An address: the last line that both runs execute alike in the function that behaves differently; None if they differ in values alone."""
    paths = []
    for number, image in enumerate((good.kernel, kernel)):
        call = first["calls"][number]
        request = request_of(image, options, good.memory, course=blame_course.course_of(image)["recorder"], steps=call, events=0, pace=pace[0], slow=pace[1])
        with tempfile.TemporaryDirectory() as work:
            paths.append(blame_course.own_lines(image, call["id"], run_lab("record.js", request, work).get("path") or []))
    return blame_course.branch(*paths, good.kernel.tree, kernel.tree)
