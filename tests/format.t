#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The C files are formatted as .clang-format says, comments end before column 100, and the checker finds where not."""
import os
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import tap  # noqa: E402


def comment(columns):
    """A comment of so many columns."""
    return f"/* {'a' * (columns - 6)} */"


# the name of the case, a file, its text, the line that the checker must name (0: none)
PLANTED = [
    ("a comment of 99 columns", "mm/a.c", comment(99) + "\n", 0),
    ("a comment of 100 columns", "mm/a.c", comment(100) + "\n", 1),
    ("a comment after code", "mm/a.c", "int a; " + comment(93) + "\n", 1),
    ("a tab counts 8", "mm/slab/a.h", "#define A\t" + comment(84) + "\n", 1),
    ("a line within a comment", "tests/ring3/a.c", f"/*\n * a\n * {'a' * 97}\n */\n", 3),
    ("an assembler file", "kernel/cpu/a.S", f"\t/* a */\n{comment(100)}\n", 2),
    ("code of 100 columns", "lib/a.c", f"int {'a' * 95};\n", 0),
    ("a string is no comment", "lib/a.c", f'char a[] = "/*";\nchar b[] = "{"a" * 86}";\nchar c[] = "*/";\n', 0),
    ("code that clang-format changes", "lib/a.c", "int  a;\n", 1),
]


def plant(name, path, text, line):
    """Runs the checker on a tree with one file in it."""
    with tempfile.TemporaryDirectory() as top:
        shutil.copy(os.path.join(tap.TOP, ".clang-format"), top)
        os.makedirs(os.path.dirname(os.path.join(top, path)))
        with open(os.path.join(top, path), "w", encoding="utf-8") as file:
            file.write(text)
        planted_status, planted_output = tap.run("tools/check-format", top)
    good = planted_status == 1 and f"{path}:{line}:" in planted_output if line else planted_status == 0
    tap.result(good, f"{name}: {'refused' if line else 'allowed'}", [f"status {planted_status}", planted_output])


status, output = tap.run("tools/check-format")
if status == 2:
    tap.skip_all(output.strip())
tap.result(status == 0, "this checkout is formatted", output.splitlines()[:40])
for row in PLANTED:
    plant(*row)
tap.done()
