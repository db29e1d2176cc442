# SPDX-License-Identifier: MIT
"""Builds of the kernel for tools/blame: with a planted bug, and for a comparison with a good build.

Two builds of nearly the same source differ in more than their behaviour. So both of a comparison are made here:

    each function of the source is one of the image      nothing is inlined, cloned, merged or left out between functions
    variables and frames have the same addresses         the link script leaves room behind the code and behind the variables
"""
import os
import shutil
import subprocess

import source_tree
from blame_image import TOP, Kernel

BUILD = os.path.join(TOP, os.environ.get("BUILD", "build"))
WORK = os.path.join(BUILD, "blame")
# A call of the source is a call of the image, and its result is what it returns: the compiler knows nothing of the callee.
FLAGS = " ".join("-fno-" + name for name in (
    "inline", "optimize-sibling-calls", "partial-inlining", "reorder-blocks-and-partition", "ipa-cp", "ipa-sra", "ipa-icf", "ipa-ra", "ipa-vrp", "ipa-bit-cp",
    "ipa-pure-const", "ipa-reference", "ipa-modref", "ipa-stack-alignment", "ipa-profile"))
PAGE_END, ROOM = "ALIGN(4096)", "ALIGN(0x10000)"  # in the link script
# What moves all code and all variables: its file, fs/aaa.c, is linked first.
MOVED = b"/* Moves what follows. */\nextern int moved_data[40];\nint moved_data[40] = { 1 };\nvoid moved_code(void);\nvoid moved_code(void)\n{\n" \
    b"\t__asm__ volatile(\".skip 400, 0x90\");\n}\n"


class Wrong(Exception):
    """An error that ends the program, with a text for the user."""


def read(path):
    with open(path, "rb") as file:
        return file.read()


def compile_tree(tree, out, top, others, *variables):
    """Makes the tree the source in `top` with other content of some files, path -> bytes, and the kernel of it."""
    source_tree.copy_tree(source_tree.files_of(source_tree.PARTS, top), tree, others, top)
    output = source_tree.make(tree, out, "WERROR=", *variables, os.path.join(out, "kernel.elf"))
    if output is not None:
        raise Wrong(output[-2000:])


def build_compared(name, top=TOP, others=None):
    """Builds the source in `top` in the form that is compared. Returns the Kernel, which lies in a folder of that name."""
    folder, script = os.path.join(WORK, "compared"), "image/kernel.lds"
    others = {script: read(os.path.join(top, script)), **(others or {})}
    others[script] = others[script].replace(PAGE_END.encode(), ROOM.encode())
    tree, out = (os.path.join(folder, part) for part in ("tree", "build"))
    compile_tree(tree, out, top, others, "CC=" + os.environ.get("CC", "gcc") + " " + FLAGS)
    os.makedirs(os.path.join(folder, name), exist_ok=True)
    for file in ("kernel.elf", "kernel.debug"):
        shutil.copy(os.path.join(out, file), os.path.join(folder, name))
    return Kernel(os.path.join(folder, name, "kernel.debug"), top)


def source_of(what):
    """The folder with the source of a revision, or that folder itself."""
    if os.path.exists(os.path.join(what, "image/kernel.lds")):
        return os.path.abspath(what)
    folder = os.path.join(WORK, "revision")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    archive = subprocess.run(["git", "archive", what], cwd=TOP, check=False, capture_output=True)
    if archive.returncode:
        raise Wrong(f"{what} is neither a revision of git nor a folder with a checkout: {archive.stderr.decode().strip()}")
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
    return folder


def good_builds(what):
    """(kernel of a checkout in a folder, or of a revision of this one; the same with its code and variables at other places)."""
    top = source_of(what)
    moved = build_compared("moved", top, {"fs/aaa.c": MOVED})
    return build_compared("good", top), moved
