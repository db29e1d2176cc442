#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/conformance.md keeps its own rules, and the driver of programs of others tells how each ended. Nothing is fetched or booted."""
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import linux_oracle  # noqa: E402
import programs_of_others  # noqa: E402
import source_tree  # noqa: E402
import tap  # noqa: E402

PROGRAMS = {
    "good": "echo one; echo two",
    "bad": "exit 3",
    "killed": "kill -SEGV $$",
    "endless": "exec sleep 100",
    # What is left, in a session of its own too, has ended when the next program begins.
    "leaves": "setsid sleep 98.765 & sleep 98.765 & sleep 0.1; exit 0",
    "looks": 'ps -e -o args= | grep -q "^[s]leep 98.765$" && exit 1; exit 0',
    "folder": 'test -z "$(ls)" && touch file && test "$TMPDIR" = "$PWD"',
    "again": 'test -z "$(ls)"',
}
ENDS = {"good": "exit 0", "bad": "exit 3", "killed": "signal 11", "endless": "timeout", "leaves": "exit 0", "looks": "exit 0",
        "folder": "exit 0", "again": "exit 0", "absent": "missing"}


def run_driver(directory):
    """What the driver says of the programs above, on this Linux."""
    driver = programs_of_others.compile_driver(directory)
    for name, script in PROGRAMS.items():
        path = os.path.join(directory, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\n{script}\n")
        os.chmod(path, 0o755)
    orders = os.path.join(directory, "list")
    with open(orders, "w", encoding="ascii") as file:
        file.writelines(name + "\n" for name in ENDS)
    ended = subprocess.run([driver, "1", orders], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=60, check=False)
    return programs_of_others.parse(ended.stdout.decode())


def check_page(conformance):
    """The table against its rules, and the sums of the page against the table."""
    rows = conformance.read_rows()
    word = re.compile(r"pass|skip|fail(, \d+ of \d+ pass)?|signal \d+|timeout|not built|-")
    tap.result(len(rows) > 100, "the page has a table", [f"{len(rows)} rows"])
    strange = [f"{name}: {text}" for name, row in rows.items() for text in row[:2] if not word.fullmatch(text)]
    tap.result(not strange, "its words are those of the tool", strange)
    unknown = [name for name in rows if name.rpartition("/")[0] not in conformance.FOLDERS]
    tap.result(not unknown, "its programs are of folders that the tool knows", unknown)
    silent = [name for name, (linux, here, why) in rows.items() if not why and (linux == "not built" or (linux == "pass" and here != "pass"))]
    tap.result(not silent, "each program that passes on Linux only has a reason", silent)
    good = [row for row in rows.values() if row[0] == "pass"]
    needs = [row for row in good if row[1] == "pass" or not row[2].startswith("excluded: ")]
    sums = (len(rows), len(good), len(needs), sum(row[1] == "pass" for row in needs))
    with open(conformance.PAGE, encoding="utf-8") as file:
        told = re.search(r"(\d+) programs\. (\d+) pass on Linux; (\d+) of them need nothing that is excluded, and\s+(\d+) of these pass here", file.read())
    tap.result(told and tuple(map(int, told.groups())) == sums, "its sums are those of the table", [f"the table has {sums}"])


if linux_oracle.executes_i386():
    with tempfile.TemporaryDirectory(prefix="pagewright-") as place:
        found = run_driver(place)
    wrong = [f"{name}: {found.get(name)}, not {wanted}" for name, wanted in ENDS.items() if found.get(name, ("",))[0] != wanted]
    tap.result(not wrong, "the driver tells how programs end", wrong)
    tap.result(found.get("good", ("", []))[1] == ["one", "two"], "it shows what they wrote", [str(found.get("good"))])
else:
    tap.result(True, "the driver tells how programs end", directive="SKIP this machine's Linux runs no i386 programs")
check_page(source_tree.load("conformance"))
tap.done()
