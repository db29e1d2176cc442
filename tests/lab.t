#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The laboratory: its readers equal the kernel's own figures, and its steps stop where they should, in Node; the page
in Chromium. docs/lab.md"""
import concurrent.futures
import contextlib
import io
import json
import os
import re
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import blame_course  # noqa: E402
import blame_image  # noqa: E402
import blame_measure  # noqa: E402
import tap  # noqa: E402

LAB = os.path.join(tap.BUILD, "lab")
SIZE_MAX = 2500000  # bytes of the folder, compressed
NODES = ((18, 20, 4), (20, 19, 2))  # of Debian 12 and 13
# No way to the registry, or only through a proxy whose certificate Node.js does not know.
NO_NETWORK = re.compile(r"\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|"
                        r"SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT_LOCALLY)\b")


def satisfies(version, wanted):
    """Does a version of Node.js lie in a range such as "^18.0.0 || >=20"?"""
    for part in wanted.split("||"):
        operator, numbers = re.fullmatch(r"\s*(\^|>=)?\s*([\d.]+)\s*", part).groups()
        least = tuple(int(number) for number in numbers.split("."))
        if version >= least and (operator == ">=" or version[0] == least[0]):
            return True
    return False


def check_engines():
    """Debian's Node.js can run each package."""
    with open(os.path.join(tap.TOP, "lab/package-lock.json"), encoding="utf-8") as file:
        packages = json.load(file)["packages"]
    wrong = [f"{name} wants {entry['engines']['node']}" for name, entry in packages.items() for node in NODES
             if "node" in entry.get("engines", {}) and not satisfies(node, entry["engines"]["node"])]
    tap.result(len(packages) > 5 and not wrong, "each package runs on the Node.js of Debian 12 and 13", wrong)


def check_trees():
    """tools/blame maps the lines of a good build by the source that it was built from."""
    with tempfile.TemporaryDirectory() as work:
        before, now = (os.path.join(work, name) for name in ("before", "now"))
        for tree, text in ((before, "a\nb\nc\nd\n"), (now, "a\nnew\nb\nc\nd\n")):
            os.makedirs(tree)
            with open(os.path.join(tree, "x.c"), "w", encoding="utf-8") as file:
                file.write(text)
        good, bad = ([(i, "f", "x.c", line) for i, line in enumerate(lines)] for lines in (("1", "2", "4"), ("1", "3", "4")))
        found = blame_course.branch(good, bad, before, now)
    tap.result(found == 1, "blame: an inserted line is no difference of two paths", f"they part after step {found}, not 1")


def check_named():
    """Who counts as named: the function with the bug, or one that it was inlined into, and nothing further up."""
    inlined, own, caller = ("bit_clear", "lib/bitmap.h:3", True), ("buddy_free", "mm/frames/buddy.c:9", False), ("free_pages", "mm/frames/page_alloc.c:4", False)
    chain = [inlined, own, caller]
    found = [name for name in ("bit_clear", "buddy_free", "free_pages", "other") if blame_measure.is_named(chain, {name}, tap.TOP)]
    tap.result(found == ["bit_clear", "buddy_free"], "blame: named is the function with the bug, or one that it is inlined into", found)
    verdicts = [blame_measure.verdict_of({"failed": failed}, calls, {"free_pages"}, tap.TOP) for failed, calls in ((None, []), ("panic", []), ("panic", chain), ("panic", chain[:2]))]
    tap.result(verdicts == ["passed", "none", "chain", "other"], "blame: the other verdicts of a measurement", verdicts)


def check_checkers():
    """A violation is known as that of one checker, by its text: the others are left out when it is looked for again."""
    kernel = blame_image.Kernel(os.path.join(tap.BUILD, "kernel.debug"))
    others = kernel.other_checkers()
    found = [[name for name in blame_image.CHECKERS if kernel.symbols[name] not in others[text]]
             for text in ("(6) rss is not the number of frames", "gap tree (2): a balance is wrong", "(1) a frame's count is not its references")]
    tap.result(found == [["mm_validate"], ["vmalloc_validate", "mm_validate", "mapping_validate_areas"], []], "blame: a violation is of the checker that says it", found)


def check_measure():
    """A measurement that was stopped goes on, and a bug that cannot be tried does not end it."""
    class Bug:
        def __init__(self, name):
            self.name = name

    class Kept:
        def __init__(self):
            self.found = {"a": {"verdict": "named", "seconds": 1, "line": "bug=a"}}

        def add(self, bug, result):
            self.found[bug] = result

    def try_bug(bug, prepared):
        tried.append(f"{bug.name}{prepared}")
        if bug.name == "c":
            raise blame_measure.Wrong("no")
        return {"verdict": "passed", "seconds": 1, "line": f"bug={bug.name}"}

    tried, text = [], io.StringIO()
    with contextlib.redirect_stdout(text):
        blame_measure.measure([Bug(name) for name in "abcd"], Kept(), lambda bug, number: number, try_bug)
    last = text.getvalue().splitlines()[-1]
    tap.result(tried == ["b0", "c1", "d2"] and "bugs=4 measured=3 failed=1 named=1" in last, "blame: a measurement goes on where it was", [tried, last])


if tap.three_levels():
    tap.skip_all("the laboratory reads page tables of two levels")
for program in ("node", "npm", "chromium"):
    if not shutil.which(program):
        tap.skip_all(f"{program} is not installed: `make dependencies` installs it")
status, output = tap.make("-s", "lab-dist")
if status and not os.path.exists(os.path.join(LAB, "page/node_modules/.done")) and NO_NETWORK.search(output):
    tap.skip_all("npm cannot reach its registry: " + NO_NETWORK.search(output)[0])
tap.result(status == 0, "the page is built", output)
if status:
    tap.done()
check_engines()
status, output = tap.run("sh", "-c", f"tar -C {LAB}/dist -cz . | wc -c")
tap.result(0 < int(output) <= SIZE_MAX, f"compressed it has {int(output)} bytes, at most {SIZE_MAX}")

status, output = tap.run("tools/blame", "--prove", "suites=none", "programs=brk")
tap.result(status == 0 and "result=good" in output, "blame: a run that passes is not blamed, and its checks do not change it", output)
check_trees()
check_named()
check_checkers()
check_measure()


def judge(script, status, output):
    """The cases of a script."""
    lines = [line.partition(" - ") for line in output.splitlines()]
    for verdict, _, name in lines:
        if verdict.startswith(("ok ", "not ok ")):
            tap.result(verdict.startswith("ok "), f"{script}: {name}", output)
    tap.result(status == 0 and any(line[0].startswith("1..") for line in lines), f"{script}: all cases ran", output)


def run_scripts(names):
    """Runs some scripts, one after the other: [(name, status, output)]."""
    return [(name, *tap.run("node", f"tests/lab/{name}.mjs", LAB)) for name in names]


with concurrent.futures.ThreadPoolExecutor() as pool:  # `recorded` makes the trace that `page` opens
    for results in pool.map(run_scripts, (("recorded", "page"), ("blame", "colours", "machine", "steps", "live"))):
        for ended in results:
            judge(*ended)
tap.done()
