#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/report on recorded logs, good and bad: a page that is well formed, loads nothing, and tells what the log tells. Traces are
in tests/boot/trace.t."""
import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import html_check  # noqa: E402
import kernel_log  # noqa: E402
import report_page  # noqa: E402
import tap  # noqa: E402

LOGS = os.path.join(tap.TOP, "tests", "logs")


def page_of(directory, *files):
    path = os.path.join(directory, "page.html")
    status, output = tap.run("tools/report", *files, "--output", path)
    text = kernel_log.read_bytes(path).decode("utf-8", errors="replace")
    return status, output, text, html_check.wrong(text)


with tempfile.TemporaryDirectory() as scratch:
    for name in sorted(os.listdir(LOGS)):
        STATUS, OUTPUT, TEXT, WRONG = page_of(scratch, os.path.join(LOGS, name))
        LOG = kernel_log.read(os.path.join(LOGS, name))
        first = next(kernel_log.report(LOG, kernel_log.judge(LOG)))
        shown = [result.name for result in (LOG.top.results if LOG.top else []) if f"<td>{result.name}</td>" not in TEXT]
        tap.result(STATUS == 0 and not WRONG and first in TEXT and not shown, f"the page of {name}", [OUTPUT, first] + WRONG + shown)
    for bad in ("<p>x", "<p><a href='http://a'>x</a></p>", "<script></script>", "<p onclick='x'></p>", "<style>p { background: url(a) }</style>"):
        tap.result(html_check.wrong(TEXT + bad), f"a page with {bad} would be found", "")
    tap.result("prefers-color-scheme: dark" in TEXT, "light and dark", "")
    forged = os.path.join(scratch, "forged.log")
    with open(forged, "w", encoding="utf-8") as FILE:
        FILE.write("KTAP version 1\n1..1\n  # Subtest: <script>\n  1..1\n  ok 1 a&b\nok 1 <script>\n")
    STATUS, OUTPUT, TEXT, WRONG = page_of(scratch, forged)
    tap.result(STATUS == 0 and not WRONG and "&lt;script&gt;" in TEXT, "text of a log stays text", WRONG)
    STATUS, OUTPUT = tap.run("tools/report", os.path.join(scratch, "none"), "--output", os.path.join(scratch, "p"))
    tap.result(STATUS == 2 and "No such file" in OUTPUT and "Traceback" not in OUTPUT, "a file that is not there", OUTPUT)
CHART = report_page.stacked([0, 1, 2], "ms", ["a", "b"], [[1, 2, 3], [3, 2, 1]], "text")
TOPS = [float(y) for y in re.findall(r",([0-9.]+)", re.findall(r'points="([^"]+)"', CHART)[1])][:3]
tap.result(TOPS == [report_page.TOP] * 3, "areas are stacked: sums of 4 are at the top", str(TOPS))
tap.done()
