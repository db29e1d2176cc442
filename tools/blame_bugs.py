# SPDX-License-Identifier: MIT
"""Bugs of tests/planted-bugs/ for tools/blame: planted, built, and the functions that are guilty of them."""
import importlib.machinery
import importlib.util
import os
import re

import source_tree
from blame_image import TOP

BUILD = os.path.join(TOP, os.environ.get("BUILD", "build"))
RUNS = (("mm/kernel_space", "suites=vmalloc programs=none"), ("mm/frames", "suites=none programs=cow"), ("mm/slab", "suites=slab programs=none"),
        ("mm/swap", "suites=swap programs=none"), ("mm/reclaim", "suites=swap programs=none"), ("mm/user_space/vma", "suites=none programs=areas,mlock"), ("mm/mman/mlock", "suites=none programs=mlock"),
        ("", "suites=none programs=areas,cow,demand,brk"))


class Wrong(Exception):
    """An error that ends the program, with a text for the user."""


def planted(names):
    """The bugs of these names, of tools/planted-bugs."""
    loader = importlib.machinery.SourceFileLoader("planted_bugs", os.path.join(TOP, "tools/planted-bugs"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("planted_bugs", loader))
    loader.exec_module(module)
    return [module.Bug(name) for name in sorted(names or os.listdir(module.BUGS))]


def work_folder():
    """Where copies and recordings are."""
    work = os.path.join(BUILD, "blame")
    os.makedirs(work, exist_ok=True)
    return work


def tree_of(folder):
    """The source that the kernel in a folder of a build was built from."""
    known = {os.path.abspath(BUILD): TOP, os.path.abspath(os.path.join(work_folder(), "build")): os.path.join(work_folder(), "tree")}
    folder = os.path.abspath(folder)
    return known.get(folder, os.path.dirname(folder))


def build_with(bug):
    """Builds the kernel with a bug in a copy of the checkout. Returns its folder."""
    work = work_folder()
    tree, out = os.path.join(work, "tree"), os.path.join(work, "build")
    source_tree.copy_tree(source_tree.files_of(source_tree.PARTS), tree, {bug.file: changed(bug)} if bug else None)
    output = source_tree.make(tree, out, "WERROR=", os.path.join(out, "kernel.elf"))
    if output is not None:
        raise Wrong(output[-2000:])
    return out


def changed(bug):
    with open(os.path.join(TOP, bug.file), encoding="utf-8") as file:
        return bug.planted(file.read()).encode()


def guilty_functions(bug):
    """The functions that a bug's lines are in."""
    with open(os.path.join(TOP, bug.file), encoding="utf-8") as file:
        sound = file.read()
    names, name = set(), ""
    for line, instead in zip(sound.split("\n"), bug.planted(sound).split("\n")):
        match = re.match(r"[a-z#].*?(\w+)\(", line)
        if match and not line.rstrip().endswith(";"):
            name = match[1]
        if line != instead:
            names.add(name)
    return names


def options_for(bug):
    """Runs that may show the bug, to be tried in this order."""
    chosen = []
    for suite in bug.seen_by:
        kind, _, name = suite.partition("/")
        if kind == "kernel":
            chosen.append(f"suites={name} programs=none")
        elif kind == "ring3":
            chosen.append(f"suites=none programs={name}")
    chosen.sort()  # suites=none first
    return chosen or [next(options for folder, options in RUNS if bug.file.startswith(folder))]
