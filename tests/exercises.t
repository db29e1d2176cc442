#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The exercises of the course: each starter fits its file, compiles without a warning, and is red in the unit tests where it says;
the student's tree has no answer. `make exercises` tries suites, programs and the answers too."""
import glob
import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import exercises  # noqa: E402
import tap  # noqa: E402

status, output = tap.run("tools/exercise", "--check")
checked = dict(re.findall(r"^exercise: name=(\S+) result=(\w+)$", output, re.M))
for name, result in checked.items():
    tap.result(result == "fits", f"the starter fits and compiles: {name}", output)
tap.result(status == 0 and sorted(checked) == exercises.names() and len(checked) >= 12, "all exercises", output)

status, output = tap.run("tools/exercise", "--red")
tried = dict(re.findall(r"^exercise: name=(\S+) result=(\w+)$", output, re.M))
for name, result in tried.items():
    tap.result(result == "red", f"with the starter the unit tests fail where they should: {name}", output)
tap.result(status == 0 and sorted(tried) == exercises.names(), "all exercises are red", output)

with tempfile.TemporaryDirectory() as directory:
    tree = os.path.join(directory, "tree")
    status, output = tap.run("tools/exercise", "--to", tree, "cow")
    tap.result(status == 0 and os.path.exists(os.path.join(tree, "EXERCISE.md")), "a student's tree", output)
    with open(os.path.join(tree, "mm/user_space/page_fault.c"), encoding="utf-8") as file:
        text = file.read()
    tap.result("YOUR CODE" in text and "copy_highpage(" not in text, "it has the starter, and not the answer", text)
    left = [path for path in ("tests/planted-bugs", "docs/course/answers.md") if os.path.exists(os.path.join(tree, path))]
    tap.result(os.listdir(os.path.join(tree, "tests/exercises/cow")) == ["exercise"] and not left,
               "neither hidden cases nor planted bugs nor answers are in it", left)
    dead = []
    for path in glob.glob(os.path.join(tree, "**/*.md"), recursive=True):
        with open(path, encoding="utf-8") as file:
            dead += [f"{path}: {link}" for link in re.findall(r"\]\(([^):#\s]+)[^)]*\)", file.read())
                     if not os.path.exists(os.path.join(os.path.dirname(path), link))]
    tap.result(not dead, "no page links to what was left out", dead)
    with open(os.path.join(tree, "EXERCISE.md"), encoding="utf-8") as file:
        text = file.read()
    tap.result("in `mm/user_space/page_fault.c`. The comment above it says" in text, "it tells where the function is described", text)
    status, output = tap.run("tools/exercise", "--to", tree + "2", "lazy")
    with open(os.path.join(tree + "2", "tests/exercises/lazy/exercise"), encoding="utf-8") as file:
        text = file.read()
    tap.result(status == 0 and "hint:" in text and "alloc_page(GFP_HIGHUSER);" not in text, "nor is another design", text)
    status, output = tap.run("tools/exercise", "--to", tree, "cow")
    tap.result(status == 2 and "already" in output, "a tree that is there is not overwritten", output)
    status, output = tap.run(os.path.join(tree, "tools/exercise"), "--hint", "1", "cow")
    tap.result(status == 0 and output.startswith("1. "), "a hint in the student's tree", output)
status, output = tap.run("tools/exercise", "--hint", "99", "cow")
tap.result(status == 2 and "hints 1 to" in output, "no such hint", output)
status, output = tap.run("tools/exercise", "none")
tap.result(status == 2 and "no exercise none" in output, "no such exercise", output)
tap.done()
