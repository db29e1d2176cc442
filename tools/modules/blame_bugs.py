# SPDX-License-Identifier: MIT
"""Bugs of tests/planted-bugs/ for tools/blame: the runs that show them, and the functions that are guilty of them."""
import hashlib
import os
import re

import source_tree
from blame_build import TOP, read

RUNS = (("mm/kernel_space", "suites=vmalloc programs=none"), ("mm/frames", "suites=none programs=cow"), ("mm/slab", "suites=slab programs=none"),
        ("mm/swap", "suites=swap programs=none"), ("mm/reclaim", "suites=swap programs=none"), ("mm/user_space/vma", "suites=none programs=areas,mlock"), ("mm/mman/mlock", "suites=none programs=mlock"),
        ("", "suites=none programs=areas,cow,demand,brk"))


def planted(names):
    """
    The bugs of these names, of tools/planted-bugs; without names all that a run of the kernel shows. First come those that a program
    shows, which is quicker than a suite. The order depends on nothing but their names otherwise, so the first ones are a fair sample.
    """
    module = source_tree.load("planted-bugs")
    if names:
        return [module.Bug(name) for name in names]
    bugs = [module.Bug(name) for name in sorted(os.listdir(module.BUGS), key=lambda name: hashlib.sha256(name.encode()).digest())]
    return sorted((bug for bug in bugs if runs_of(bug)), key=lambda bug: "programs=none" in runs_of(bug)[0])


def changed(bug):
    """path -> content of the file with the bug."""
    return {bug.file: bug.planted(read(os.path.join(TOP, bug.file)).decode()).encode()}


def guilty_functions(bug):
    """The functions that a bug's lines are in."""
    sound = read(os.path.join(TOP, bug.file)).decode()
    names, name = set(), ""
    for line, instead in zip(sound.split("\n"), bug.planted(sound).split("\n")):
        match = re.match(r"[a-z#].*?(\w+)\(", line)
        if match and not line.rstrip().endswith(";"):
            name = match[1]
        if line != instead:
            names.add(name)
    return names


def runs_of(bug):
    """Runs of the kernel that show the bug, as `seen by` says."""
    chosen = []
    for suite in bug.seen_by:
        kind, _, name = suite.partition("/")
        if kind == "kernel":
            chosen.append(f"suites={name} programs=none")
        elif kind == "ring3":
            chosen.append(f"suites=none programs={name}")
    return sorted(chosen, key=lambda options: ("programs=none" in options, options))  # programs first: they are shorter


def options_for(bug):
    """Runs that may show the bug, to be tried in this order."""
    return runs_of(bug) or [next(options for folder, options in RUNS if bug.file.startswith(folder))]
