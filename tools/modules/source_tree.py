# SPDX-License-Identifier: MIT
"""Copies of the checkout, for tools that change the source and build it: tools/planted-bugs, tools/exercise. And tools as modules."""
import importlib.machinery
import importlib.util
import os
import shutil
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# What the kernel, the host tests and their tools need.
PARTS = ["Makefile", ".clang-format", "lib", "abi", "paging", "mm", "fs", "kernel", "efi", "image", "lab", "programs", "tests", "tools"]


def load(name):
    """A program of tools/, whose file has no ending, as a module."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), os.path.join(TOP, "tools", name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def write_changed(path, content):
    """Writes a file if its content differs, so that its time changes only then."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.exists(path):
        with open(path, "rb") as file:
            if file.read() == content:
                return
    with open(path, "wb") as file:
        file.write(content)


def files_of(parts, top=TOP):
    """The files of these files and folders of a checkout, by their path in it."""
    for part in parts:
        source = os.path.join(top, part)
        if os.path.isfile(source):
            yield part
        for directory, folders, names in os.walk(source):
            folders[:] = [name for name in folders if name != "node_modules"]
            yield from (os.path.relpath(os.path.join(directory, name), top) for name in names if not name.endswith(".pyc"))


def copy_tree(names, tree, others=None, top=TOP):
    """Makes the tree these files of a checkout and `others`, path -> bytes, without a new time for unchanged files; removes all else."""
    others = others or {}
    wanted = set(names) | set(others)
    for name in wanted:
        target = os.path.join(tree, name)
        if name in others:
            write_changed(target, others[name])
            continue
        source = os.path.join(top, name)
        with open(source, "rb") as file:
            write_changed(target, file.read())
        shutil.copymode(source, target)
    for directory, _, found in os.walk(tree):
        for name in found:
            path = os.path.join(directory, name)
            if os.path.relpath(path, tree) not in wanted:
                os.remove(path)


def environment(**more):
    """The caller's environment without make's variables."""
    return {**{key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}, **more}


def make(tree, out, *goals):
    """Builds goals in a tree. Returns None, or make's output."""
    ended = subprocess.run(["make", f"BUILD={out}", *goals], cwd=tree, env=environment(BUILD=out), stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", check=False)
    return ended.stdout if ended.returncode else None
