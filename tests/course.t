#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The laboratories of docs/course/: each program prints what its page shows, all in one boot; and each page has what a laboratory needs.

Numbers that an equals sign or a sign precedes are compared exactly, and so are addresses of programs; others differ from machine to machine."""
import glob
import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import exercises  # noqa: E402
import own_program  # noqa: E402
import tap  # noqa: E402

PARTS = ["To do", "To see", "Questions", "Exercise"]
SETTINGS = {"FW": "direct", "MEM": "256M", "CPU": "max", "MACHINE": "q35", "SWAP": "", "OPTIONS": "swap=ram:16M"}


def same(text):
    """Lines without what differs from machine to machine."""
    text = re.sub(r"\bkx-", "kr-", text)  # where data are not executable, the kernel's text is named
    text = re.sub(r"\bframe [0-9a-f]+", "frame N", re.sub(r"\bc0100000-[0-9a-f]+", "c0100000-N", text))
    lines = [re.sub(r"(?<![-=+\w.])\d+(?![\w.-])", "N", re.sub(r"\s+", " ", line).strip()) for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("kernel: ")]


def section(page, name):
    """A section of a page."""
    return (re.split(rf"^## {name}$", page, flags=re.M) + [""])[1].split("\n## ")[0]


def printed(programs):
    """name -> what it prints in Pagewright."""
    with tempfile.TemporaryDirectory() as directory, tempfile.TemporaryDirectory() as aside:
        for path in programs:
            own_program.compile_source(path, directory, ("-Wall", "-Wextra", "-Werror"))
        runner = own_program.compile_source("tests/course/all.c", aside)
        names = [os.path.splitext(os.path.basename(path))[0] for path in programs]
        status, output = tap.run("tools/run", "--program", runner, "--tree", directory,
                                 "--args", " ".join("/programs/" + name for name in names), env={**os.environ, **SETTINGS})
    parts = re.split(r"^== /programs/(\S+)$", output.replace("\r", ""), flags=re.M)
    return status, dict(zip(parts[1::2], parts[2::2])), output


os.chdir(tap.TOP)
PROGRAMS = sorted(glob.glob("docs/course/[01][0-9]-*.c"))
ended, outputs, everything = printed(PROGRAMS)
tap.result(ended == 0 and len(PROGRAMS) == 10, "the ten programs end well", everything)
named = []
for source in PROGRAMS:
    with open(source[:-2] + ".md", encoding="utf-8") as file:
        lab = file.read()
    tap.result(all(section(lab, part).strip() for part in PARTS) and source in section(lab, "To do"), f"{source[:-2]}.md is whole")
    wanted = "\n".join(re.findall(r"^    (.*)$", section(lab, "To see"), re.M))
    here = outputs.get(os.path.splitext(os.path.basename(source))[0], "")
    tap.result(same(here) == same(wanted) and here, f"{source} prints what its page shows", ["here:"] + here.splitlines() + ["page:"] + wanted.splitlines())
    named += re.findall(r"make exercise NAME=([\w-]+)", lab)
tap.result(sorted(set(named)) == exercises.names(), "each exercise belongs to a laboratory", str((named, exercises.names())))
tap.done()
