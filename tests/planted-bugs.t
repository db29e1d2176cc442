#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Bugs that are planted in copies of the sources are seen by the tests: a few of them here, all of them by `make planted-bugs`. And every
planted bug still fits the file that it is planted in. A test that does not end in its time has not seen a bug."""
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import source_tree  # noqa: E402
import tap  # noqa: E402

status, output = tap.run("tools/planted-bugs", "--check")
tap.result(status == 0, "each planted bug fits its file", [output])
status, output = tap.run("tools/planted-bugs", "--quick")
cases = re.findall(r"^planted: bug=(\S+) .*result=(\w+)$", output, re.M)
for name, result in cases:
    tap.result(result == "caught", f"seen: {name}", [output])
tap.result(status == 0 and len(cases) >= 4, "none survived", [output])

planted = source_tree.load("planted-bugs")
planted.PATIENCE, planted.SECONDS = 1, 1
ends = [planted.run(["sh", "-c", command], 1, {}) for command in ("while :; do :; done", "sleep 5", "exit 1", "exit 0", "echo stopped by the runner; exit 1")]
tap.result(ends == ["timeout", "timeout", "failed", "passed", "timeout"], "a loop, a sleep and the runner's time limit are no failed tests", [str(ends)])
bug = planted.Bug(sorted(os.listdir(planted.BUGS))[0])
for results, hangs, enough, wanted in (({"a": "failed", "b": "timeout"}, False, False, "timeout"), ({"a": "passed", "b": "timeout"}, False, False, "survived"),
                                       ({"a": "failed", "b": "timeout"}, True, False, "caught"), ({"a": "failed", "b": "passed"}, False, True, "caught"),
                                       ({"a": "timeout", "b": "passed"}, False, True, "timeout"), ({}, False, True, "survived")):
    bug.hangs = hangs
    got = planted.verdict(bug, results, enough)[0]
    tap.result(got == wanted, f"{results}{', hangs' if hangs else ''}{', one is enough' if enough else ''}: {wanted}", [got])
tap.done()
