#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/coverage counts the lines that ran, those that did not, and objects of which nothing ran."""
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import tap  # noqa: E402

SOURCES = {
    # Four lines with code, one of them is not reached.
    "lib/a.c": "int main(int argc, char **argv)\n{\n\tif (argc > 1)\n\t\targc = !argv;\n\treturn argc != 1;\n}\n",
    # Two lines, and no program has them.
    "mm/slab/b.c": "int unused(int a)\n{\n\treturn a + 1;\n}\n",
    "tests/c.c": "int test(void)\n{\n\treturn 0;\n}\n",
}


def row(output, name):
    """The row of a room or file, without the number of files in this checkout."""
    found = re.search(rf"^{re.escape(name)} +(.*)$", output, re.MULTILINE)
    return re.sub(r"/\d+", "", found[1]).split() if found else None


with tempfile.TemporaryDirectory() as top:
    for path, text in SOURCES.items():
        os.makedirs(os.path.join(top, os.path.dirname(path)), exist_ok=True)
        with open(os.path.join(top, path), "w", encoding="utf-8") as file:
            file.write(text)
        subprocess.run([os.environ.get("CC", "gcc"), "--coverage", "-c", "-o", path + ".o", path], cwd=top, check=True)
    status, output = tap.run("tools/coverage", top)
    tap.result(status == 0 and row(output, "lib") == ["1", "0", "4", "0.0"], "nothing ran", [output])
    subprocess.run([os.environ.get("CC", "gcc"), "--coverage", "-o", "a", "lib/a.c.o"], cwd=top, check=True)
    subprocess.run(["./a"], cwd=top, check=True)
    status, output = tap.run("tools/coverage", top)
    tap.result(row(output, "lib") == ["1", "3", "4", "75.0"], "a program ran", [output])
    tap.result(row(output, "mm/slab") == ["1", "0", "2", "0.0"], "no program has the object", [output])
    tap.result(row(output, "kernel/process") == ["0", "0", "0", "-"], "no object of the room", [output])
    tap.result(row(output, "all") == ["2", "3", "6", "50.0"] and "tests" not in output, "all, without tests", [output])
    status, output = tap.run("tools/coverage", "--files", top)
    tap.result(row(output, "lib/a.c") == ["3", "4", "75.0"], "by file", [output])
with tempfile.TemporaryDirectory() as top:
    status, output = tap.run("tools/coverage", top)
    tap.result(status == 1 and "no counts" in output, "no counts", [output])
tap.done()
