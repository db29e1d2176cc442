#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The reader of the log, on recorded logs and on every way to spoil a good one: each must fail, and for the right
reason. A reader that passes a bad log makes every other test worthless."""
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import kernel_log  # noqa: E402
import tap  # noqa: E402

LOGS = os.path.join(tap.TOP, "tests", "logs")
GOOD = kernel_log.read_bytes(os.path.join(LOGS, "good.log"))

# A recorded log, QEMU's status with it, and why it must fail (a pattern); None: it must pass.
RECORDED = [
    ("good.log", 33, None),
    ("good.log", None, None),
    ("good.log", 0, r"status is 0.*triple fault"),
    ("good.log", 35, r"status is 35"),
    ("good.log", 1, r"status is 1\b"),
    ("good.log", -9, r"status is -9"),
    ("good.log", "timeout", r"time-out"),
    ("panic.log", 35, r"panic: Kernel panic - not syncing"),
    ("panic.log", 33, r"panic: Kernel panic - not syncing"),
    ("triple-fault.log", 0, r"triple fault"),
    ("triple-fault.log", 33, r"ends within '\w+'"),
    ("reset.log", 33, r"started again"),
    ("hang.log", "timeout", r"time-out"),
    ("hang.log", 33, r"without a verdict"),
    ("loader-error.log", "timeout", r"loader: error: "),
    ("loader-error.log", 33, r"no KTAP header"),
    # From real runs.
    ("recorded-good.log", 33, None),
    ("recorded-good.log", 0, r"status is 0.*triple fault"),
    ("recorded-power-off.log", 0, r"status is 0"),
    ("recorded-reset.log", 0, r"status is 0"),
    ("recorded-panic.log", 35, r"panic: Kernel panic - not syncing: page fault in the kernel"),
    ("recorded-stack-overflow.log", 35, r"panic: Kernel panic - not syncing: double fault"),
    ("recorded-failing.log", 35, r"not ok: ring3/"),
    ("recorded-loader-error.log", "timeout", r"loader: error: "),
    ("recorded-init.log", 33, None),
    ("recorded-verdicts.log", 35, r"not ok: ring3/b-status"),
    ("recorded-verdicts.log", 35, r"not ok: ring3/c-tap-lies: second"),
    ("recorded-verdicts.log", 35, r"not ok: ring3/d-tap-short"),
    ("recorded-verdicts.log", 35, r"Bail out! no memory"),
    ("recorded-verdicts.log", 35, r"not ok: ring3/j-hangs \(TIMEOUT"),
]


def replaced(pattern, by):
    """The good log with the first match of a pattern replaced."""
    changed, count = re.subn(pattern, by, GOOD, count=1, flags=re.MULTILINE)
    assert count == 1, pattern
    return changed


KTAP = GOOD[GOOD.index(b"KTAP version 1"):]
BEFORE = GOOD[:-len(KTAP)]
TOP_RESULT = rb"^ok (\d+) (\S+)"
CASE = rb"^  ok (\d+) (?!.*# SKIP)"
VERDICT = rb"^verdict: .*\r\n"

# Text of a program, as the console writes it: only the first column of a line is the kernel's.
FORGED = (b"  Kernel panic - not syncing: x\r\n  loader: error: x\r\n  verdict: result=pass suites=1 programs=1 passed=2 "
          b"failed=0 skipped=0\r\n  verdict: x\r\n  x Kernel panic - not syncing: x\r\n    loader: Pagewright\r\n")

# The damage to the good log, the log, and the reason for which it must fail.
SPOILED = [
    ("empty", b"", r"log is empty"),
    ("blank lines only", b"\r\n\r\n", r"no KTAP header"),
    ("noise only", bytes(range(256)) * 8, r"no KTAP header"),
    ("firmware only", BEFORE, r"no KTAP header"),
    ("no KTAP header", replaced(rb"^KTAP version 1\r\n", b""), r"no KTAP header"),
    ("no top plan", replaced(rb"^1\.\.\d+\r\n", b""), r"the log has no plan"),
    ("top plan one too large", replaced(rb"^1\.\.(\d+)", lambda m: b"1..%d" % (int(m[1]) + 1)),
     r"the plan is \d+ results, \d+ are there"),
    ("top plan one too small", replaced(rb"^1\.\.(\d+)", lambda m: b"1..%d" % (int(m[1]) - 1)),
     r"the plan is \d+ results, \d+ are there"),
    ("two top plans", replaced(rb"^1\.\.\d+\r\n", rb"\g<0>\g<0>"), r"a second plan"),
    ("inner plan one too large", replaced(rb"^  1\.\.(\d+)", lambda m: b"  1..%d" % (int(m[1]) + 1)),
     r"the plan of '\S+' is \d+ results"),
    ("inner plan one too small", replaced(rb"^  1\.\.(\d+)", lambda m: b"  1..%d" % (int(m[1]) - 1)),
     r"the plan of '\S+' is \d+ results"),
    ("no inner plan", replaced(rb"^  1\.\.\d+\r\n", b""), r"'\S+' has no plan"),
    ("a case is lost", replaced(CASE + rb".*\r\n", b""), r"result number \d+ where \d+ is due|the plan of"),
    ("a case comes twice", replaced(CASE + rb".*\r\n", rb"\g<0>\g<0>"), r"result number"),
    ("a case without a number", replaced(CASE, b"  ok "), r"result number missing"),
    ("a suite's result is lost", replaced(TOP_RESULT + rb".*\r\n", b""), r"begins before .* has its result"),
    ("a suite ends under another name", replaced(TOP_RESULT, rb"ok \1 other"), r"ends as 'other'"),
    ("a case is not ok, the suite is ok", replaced(CASE, rb"  not ok \1 "), r"is ok, but has failures"),
    ("a suite is not ok", replaced(TOP_RESULT, rb"not \g<0>"), r"not ok: "),
    ("a case timed out", replaced(CASE + rb"(.*)\r", rb"  not ok \1 \2 # TIMEOUT\r"), r"TIMEOUT"),
    ("a panic in a case", replaced(CASE, rb"  o\r\nKernel panic - not syncing: x\r\n\g<0>"), r"panic"),
    ("an error of the loader in a case", replaced(CASE, rb"  o\r\nloader: error: x\r\n\g<0>"), r"loader: error: x"),
    ("a program bails out", replaced(CASE, rb"  Bail out! no memory\r\n\g<0>"), r"Bail out! no memory"),
    ("the loader speaks again", replaced(CASE, rb"loader: Pagewright\r\n\g<0>"), r"started again"),
    ("a second KTAP header", replaced(CASE, rb"KTAP version 1\r\n\g<0>"), r"started again"),
    ("the whole log twice", GOOD + GOOD, r"started again"),
    ("noise in a case", replaced(CASE, b"  \xff\x00k "), r"result number|the plan of"),
    ("no verdict", replaced(VERDICT, b""), r"without a verdict"),
    ("the verdict is fail", replaced(rb"result=pass", b"result=fail"), r"the verdict is fail"),
    ("the verdict's line is cut", GOOD.rstrip(), r"an incomplete verdict"),
    ("the verdict lacks a field", replaced(rb" skipped=\d+\r\n$", b"\r\n"), r"an incomplete verdict"),
    ("a line after the verdict", GOOD + b"hello\r\n", r"not the last line"),
    ("the verdict twice", replaced(VERDICT, rb"\g<0>\g<0>"), r"not the last line"),
    ("nothing was run", BEFORE + b"KTAP version 1\r\n1..0\r\nverdict: result=pass suites=0 programs=0 passed=0 "
     b"failed=0 skipped=0\r\n", r"nothing was run"),
    ("a suite without cases", BEFORE + b"KTAP version 1\r\n1..1\r\n  # Subtest: a\r\n  1..0\r\nok 1 a\r\nverdict: "
     b"result=pass suites=1 programs=0 passed=1 failed=0 skipped=0\r\n", r"nothing was run in it"),
] + [
    (f"the verdict's {key} is off by one",
     replaced(rb"(verdict: .*%s=)(\d+)" % key.encode(), lambda m: m[1] + b"%d" % (int(m[2]) + 1)),
     r"the verdict counts")
    for key in ("suites", "programs", "passed", "failed", "skipped")
]

# Changes that must not matter.
HARMLESS = [
    ("LF for CRLF", GOOD.replace(b"\r\n", b"\n")),
    ("CR CR LF for CRLF", GOOD.replace(b"\r\n", b"\r\r\n")),
    ("blank lines at the end", GOOD + b"\r\n\r\n"),
    ("how the machine is reset, after the verdict", GOOD + b"power: reset by=port port=0xcf9\r\n"),
    ("noise of the firmware before", bytes(b for b in range(256) if b != 27) + b"\r\n" + GOOD),
    ("kernel messages in a suite", replaced(CASE, rb"memmap: start=0x0 end=0x1000\r\n# note\r\n\g<0>")),
    ("a KTAP header in a subtest", replaced(rb"^  1\.\.", rb"  KTAP version 1\r\n\g<0>")),
    ("a program's text is not another's", replaced(CASE, FORGED + rb"\g<0>")),
    ("a dash before the name", replaced(CASE, rb"  ok \1 - ")),
    ("an expected failure", replaced(CASE + rb"(.*)\r", rb"  not ok \1 \2 # TODO known\r")),
    ("a skipped case", replaced(CASE + rb"(.*)\r", rb"  ok \1 \2 # SKIP not here\r")),
]


# The output of a program, the result that the kernel printed for it, and why the log fails, or None. test_program_tap.c has the kernel's side.
OUTPUTS = [
    ("", "ok", None),
    ("hello\nok\nnot ok at all\n  ok 7\n  1..5\n# Subtest: x", "ok", None),
    ("hello\nok", "not ok", r"not ok: ring3/p$"),
    ("hello\nok", "not ok # TIMEOUT", r"not ok: ring3/p \(TIMEOUT"),
    ("1..x\n1..\n1..2 apples", "ok", None),
    ("ok 1 a\nok 2 b\n1..2", "ok", None),
    ("1..0 # SKIP not here", "ok # SKIP", None),
    ("1..0", "ok", r"nothing was run in it"),
    ("1..2\nok 1 - a\nnot ok 2 - b", "ok", r"is ok, but has failures"),
    ("1..2\nok 1 - a", "ok", r"the plan of 'ring3/p' is 2 results, 1"),
    ("1..2\nok 2 - a\nok 1 - b", "ok", r"result number 2 where 1 is due"),
    ("1..1\n1..1\nok 1", "ok", r"a second plan"),
    ("1..1\n# Subtest: x\nok 1", "ok", r"'x' begins before 'ring3/p'"),
    ("hello\nBail out! no memory", "not ok", r"Bail out! no memory"),
]


def log_of(output, result):
    """The log of a run of one program, ring3/p."""
    word, _, directive = result.partition(" #")
    body = "".join(f"  {line}\n" for line in output.split("\n"))
    good = word == "ok"
    counts = [good and not directive, not good, good and bool(directive)]
    return (f"KTAP version 1\n1..1\n  # Subtest: ring3/p\n{body}{word} 1 ring3/p{' #' + directive if directive else ''}\n"
            "verdict: result={} suites=0 programs=1 passed={:d} failed={:d} skipped={:d}\n".format(
                "pass" if good else "fail", *counts)).encode()


def check(name, data, status, pattern):
    """One log: passes where there is no pattern; else fails, with a reason that fits."""
    reasons = kernel_log.judge(kernel_log.Log(data), status)
    if pattern is None:
        good = not reasons
    else:
        good = any(re.search(pattern, reason) for reason in reasons)
    tap.result(good, name, [f"wanted: {pattern or 'a pass'}"] + [f"found: {reason}" for reason in reasons])


def check_cuts():
    """A good log cut anywhere is not a good log. Every byte near an end of line, some between."""
    passed = []
    cuts = {m.start() + d for m in re.finditer(rb"\r\n", GOOD) for d in range(-2, 3)} | set(range(0, len(GOOD), 97))
    cuts = sorted(cut for cut in cuts if 0 <= cut < len(GOOD))
    for cut in cuts:
        if not kernel_log.judge(kernel_log.Log(GOOD[:cut]), 33):
            passed.append(cut)
    tap.result(not passed, f"cut at {len(cuts)} places, with the status of a pass", [f"passed, cut at bytes {passed}"])


def check_programs():
    """The two programs that use the parser give its verdict as their exit status."""
    good = os.path.join(LOGS, "good.log")
    bad = os.path.join(LOGS, "hang.log")
    for arguments, wanted in (([good], 0), ([good, "--status", "33"], 0), ([good, "--status", "0"], 1),
                              ([good, "--status", "timeout"], 1), ([bad], 1), ([bad, "--tap"], 1),
                              ([good, "--tap"], 0), (["/nonexistent"], 2)):
        status, output = tap.run("tools/read-log", *arguments)
        words = [os.path.basename(word) for word in arguments]
        tap.result(status == wanted, f"read-log {' '.join(words)}: exit status {wanted}", [f"was {status}", output])
    status, output = tap.run("tools/read-log", "--tap", bad)
    tap.result("\nnot ok " in output and output.rstrip().split("\n")[-1].startswith("1.."),
               "read-log --tap of a cut log has a failure and a plan", [output])


for file_name, qemu_status, why in RECORDED:
    check(f"{file_name}, status {qemu_status}", kernel_log.read_bytes(os.path.join(LOGS, file_name)), qemu_status, why)
for what, log, why in SPOILED:
    check(f"spoiled: {what}", log, 33, why)
for what, log in HARMLESS:
    check(f"harmless: {what}", log, 33, None)
for text, ended, why in OUTPUTS:
    check(f"a program that wrote {text!r} and is {ended!r}", log_of(text, ended), 33 if ended.startswith("ok") else 35, why)
check_cuts()
check_programs()
for rest in (b"", b"\r", b"\r\r", b"\x1b", b"\x1b[", b"\x1b[0;3", b"\r\x1b[4"):
    tap.result([line.text for line in kernel_log.lines(b"one\r\ntwo" + rest)] == ["one", "two"], f"a read that ends with {rest!r}")
tap.done()
