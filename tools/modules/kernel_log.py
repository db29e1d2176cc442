# SPDX-License-Identifier: MIT
"""The parser of Pagewright's log: KTAP, fact lines, and the verdict. The grammar is in docs/log.md.

    bytes ──> lines() ──> Log: levels of KTAP (Level, Result), facts, and problems, a list of sentences

The first column shows the writer of a line: text of programs is indented, so only a line that begins
there can be a panic, a verdict or a line of the loader. alarm() has that rule, for the runner too.

A log passes when judge() names no problem. No part of the log is assumed to be complete: each rule
requires something that a broken, cut or repeated log does not have.
"""
import os
import re
from dataclasses import dataclass, field

PASS_STATUS = 33  # QEMU's isa-debug-exit: 0x10 << 1 | 1

# Firmware colours and clears the screen; a move of the cursor starts a new line.
_CURSOR = re.compile(r"\x1b\[\d*(?:;\d*)?[Hf]")
_ESCAPE = re.compile(r"\x1b(?:\[[0-9;?=]*[ -/]*[@-~]|[()][0-9A-Za-z]|[=>78cDEHMNOZ])")
_CUT = re.compile(r"\r*(?:\x1b[\[()]?[0-9;?=]*)?\Z")  # what a read that ends too early leaves of a line end or a sequence
_HEADER = re.compile(r"(?:KTAP|TAP) version \d+$")
_PLAN = re.compile(r"1\.\.(\d+)(?:\s+#\s*(SKIP\b.*))?$", re.IGNORECASE)
_RESULT = re.compile(r"(not )?ok\b(?:\s+(\d+))?(?:\s+-(?=\s))?(?:\s+(.*))?$")
_DIRECTIVE = re.compile(r"(?:^|\s+)#\s*(SKIP|TODO|XFAIL|TIMEOUT|ERROR)\b:?\s*(.*)$", re.IGNORECASE)
_SUBTEST = re.compile(r"# Subtest: (.+)$")
_FACT = re.compile(r"([a-z][a-z0-9_./-]*): (.+)$")
_FIELD = re.compile(r'([A-Za-z_][A-Za-z0-9_.-]*)=("[^"]*"|\S*)')
_VERDICT = re.compile(r"verdict: result=(pass|fail) suites=(\d+) programs=(\d+)"
                      r" passed=(\d+) failed=(\d+) skipped=(\d+)$")
PROGRAM = "ring3/"  # how the name of a program's subtest begins
# OVMF's line for a file without a signature that it knows.
_REFUSED = re.compile(r"failed to load Boot.*: Access Denied")
KTAP_HEADER = "KTAP version 1"
PANIC = "Kernel panic - not syncing:"
LOADER_ERROR = "loader: error:"


@dataclass
class Line:
    number: int  # from 1
    text: str    # without escape sequences and line end
    ended: bool  # its line end is in the log


@dataclass
class Fact:
    prefix: str
    fields: dict  # key -> value, in the order of the line
    words: list   # the rest, without key=value
    line: int


@dataclass
class Result:
    """One `ok` or `not ok` line, with the level below it if it closes one."""
    ok: bool
    number: int
    name: str
    directive: str = ""  # SKIP, TODO, ... or ""
    reason: str = ""
    line: int = 0
    children: object = None
    notes: list = field(default_factory=list)  # the lines before it, without plan and results

    @property
    def kind(self):
        """passed, failed or skipped; an expected failure counts as skipped."""
        if self.directive == "SKIP":
            return "skipped"
        if self.directive in ("TODO", "XFAIL"):
            return "passed" if self.ok else "skipped"
        if self.directive in ("TIMEOUT", "ERROR"):
            return "failed"
        return "passed" if self.ok else "failed"


@dataclass
class Level:
    """The results at one depth of indentation, below one result."""
    name: str
    plan: int = None
    skip_all: str = None
    results: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    raw: list = field(default_factory=list)  # the indented lines below a top result, less two blanks; no blank ones

    def count(self, kind):
        return sum(result.kind == kind for result in self.results)

    @property
    def is_program(self):
        return self.name.startswith(PROGRAM)


def lines(data):
    """The lines of a log, given as bytes: any of LF, CRLF and CR CR LF ends a line."""
    text = _CURSOR.sub("\n", data.decode("utf-8", errors="replace"))
    text = _CUT.sub("", _ESCAPE.sub("", text))
    pieces = re.split(r"\r*\n", text)
    last = len(pieces) - 1
    return [Line(i + 1, piece, i < last) for i, piece in enumerate(pieces) if i < last or piece]


def alarm(text, tests_began):
    """The kind of a line: "loader error", "loader", "panic", "verdict", "refused", or None.

    Until the tests begin no program runs: there the firmware may have left blanks before the loader's text.
    """
    if not tests_began:
        text = text.lstrip(" ")
        if _REFUSED.search(text):
            return "refused"
    for prefix, kind in ((LOADER_ERROR, "loader error"), ("loader:", "loader"), (PANIC, "panic"), ("verdict:", "verdict")):
        if text.startswith(prefix):
            return kind
    return None


class Log:
    """One log, parsed. `problems` has the errors of its form, in the order of the lines."""

    def __init__(self, data):
        self.lines = lines(data)
        self.problems = []
        self.facts = []
        self.levels = []      # the open levels, outermost first
        self.top = None       # the outermost level, once the header is there
        self.verdict = None   # (result, suites, programs, passed, failed, skipped)
        self.verdict_line = None
        self.panic = None
        self._first_loader_line = None
        self._doubts = []     # problems with the form of a program's output, which count if it is TAP
        for line in self.lines:
            self._take(line)

    def facts_of(self, prefix):
        """The fact lines with this prefix, in order."""
        return [fact for fact in self.facts if fact.prefix == prefix]

    def subtest(self, name):
        """The lines of a closed subtest at the top, indentation removed; None if there is none."""
        for result in self.top.results if self.top else []:
            if result.name == name and result.children:
                return result.children.raw
        return None

    def _problem(self, line, text):
        self.problems.append(f"line {line.number}: {text}")

    def _doubt(self, line, text):
        """A line breaks a rule of KTAP. A program's output need not be TAP: _close() decides."""
        if self._of_program(line):
            self._doubts.append(f"line {line.number}: {text}")
        else:
            self._problem(line, text)

    def _of_program(self, line):
        """Is the line a program's: indented, in a program's open subtest at the top?"""
        return len(self.levels) > 1 and self.levels[1].is_program and line.text.startswith("  ")

    def _take(self, line):
        body = line.text.lstrip(" ")
        depth, odd = divmod(len(line.text) - len(body), 2)
        body = body.rstrip()
        kind = alarm(line.text, bool(self.top))
        self._take_alarm(line, body, kind)
        self._take_fact(line, body)
        if self.verdict and body and not body.startswith("power: "):
            self._problem(line, f"the verdict is not the last line: {body!r}")
            return
        if _HEADER.match(body) and depth == 0 and not odd:
            if self.top:
                self._problem(line, "a second KTAP header: the machine started again")
            elif body.startswith("KTAP"):
                self.top = Level("")
                self.levels = [self.top]
            return
        if not self.top:
            return
        opener = depth == 1 and _SUBTEST.match(body)
        if len(self.levels) > 1 and line.text.startswith("  ") and body and not opener:
            self.levels[1].raw.append(line.text[2:])
        match = _VERDICT.match(line.text)
        if match and line.ended:
            self.verdict = (match[1], *map(int, match.groups()[1:]))
            self.verdict_line = line
        elif kind == "verdict":
            self._problem(line, f"an incomplete verdict: {body!r}")
        elif odd or not self._take_ktap(line, depth, body):
            self._note(depth, body)

    def _take_alarm(self, line, body, kind):
        if kind == "panic":
            self.panic = self.panic or body
            self._problem(line, f"panic: {body}")
        elif kind in ("loader", "loader error"):
            if self.top or body == self._first_loader_line:
                self._problem(line, "the loader speaks a second time: the machine started again")
            self._first_loader_line = self._first_loader_line or body
            if kind == "loader error":
                self._problem(line, body)

    def _take_fact(self, line, body):
        match = _FACT.match(body)
        if match and line.ended:
            fields = {key: value.strip('"') for key, value in _FIELD.findall(match[2])}
            if fields:
                words = _FIELD.sub("", match[2]).split()
                self.facts.append(Fact(match[1], fields, words, line.number))

    def _take_ktap(self, line, depth, body):
        """Parses a KTAP line. Returns whether it was one; other lines are the caller's."""
        if not line.ended:
            return False
        if body.startswith("Bail out!"):
            self._problem(line, body)
            return True
        subtest = _SUBTEST.match(body) if depth else None
        plan = _PLAN.match(body)
        result = _RESULT.match(body)
        if not (subtest or plan or result):
            return False
        if subtest:
            self._open(line, depth, subtest[1])
        elif plan:
            self._plan(line, self._level(line, depth), plan)
        else:
            self._result(line, depth, result)
        return True

    def _open(self, line, depth, name):
        if depth < len(self.levels):
            if self.levels[depth].name or self.levels[depth].results:
                self._doubt(line, f"{name!r} begins before {self.levels[depth].name!r} has its result")
                if depth == 1 and self._of_program(line):
                    return
            del self.levels[depth:]
        self._level(line, depth).name = name

    def _level(self, line, depth):
        """The open level at this depth; opens it if its parent is the innermost one."""
        if depth > len(self.levels):
            self._doubt(line, f"indented deeper than any open subtest: {line.text.strip()!r}")
        while depth >= len(self.levels):
            self.levels.append(Level(""))
        return self.levels[depth]

    def _plan(self, line, level, match):
        if level.plan is not None:
            self._doubt(line, f"a second plan in {level.name or 'the log'!r}")
        if level.results and not (level.is_program and self._of_program(line)):
            self._doubt(line, f"the plan of {level.name or 'the log'!r} comes after a result")
        level.plan = int(match[1])
        level.skip_all = match[2]

    def _result(self, line, depth, match):
        level = self._level(line, depth)
        name = match[3] or ""
        directive = _DIRECTIVE.search(name)
        result = Result(not match[1], int(match[2] or 0), name, line=line.number)
        if directive:
            result.name = name[:directive.start()].rstrip()
            result.directive, result.reason = directive[1].upper(), directive[2]
        wanted = len(level.results) + 1
        if result.number != wanted:
            self._doubt(line, f"result number {match[2] or 'missing'} where {wanted} is due: {match[0]!r}")
        if len(self.levels) > depth + 1:
            self._close(line, depth + 1, result)
        result.notes, level.notes = level.notes, []
        level.results.append(result)

    def _close(self, line, depth, parent):
        """A result at depth - 1 ends the subtest at `depth`: is it complete, and do they agree?"""
        child = self.levels[depth]
        doubts, self._doubts = (self._doubts, []) if depth == 1 else ([], self._doubts)
        if depth == 1 and child.is_program and child.plan is None:
            self._close_no_tap(line, child, parent)
            return
        self.problems += doubts
        for deeper in self.levels[depth + 1:]:
            self._doubt(line, f"{deeper.name!r} in {parent.name!r} has no result")
        del self.levels[depth:]
        if child.name and child.name != parent.name:
            self._doubt(line, f"the subtest {child.name!r} ends as {parent.name!r}")
        child.name = parent.name
        self._check_plan(line, child)
        if child.plan == 0 and parent.kind == "passed":
            self._doubt(line, f"{parent.name!r} is ok, but nothing was run in it")
        if child.count("failed") and parent.ok and parent.kind == "passed":
            self._doubt(line, f"{parent.name!r} is ok, but has failures in it")
        parent.children = child

    def _close_no_tap(self, line, child, parent):
        """Output without a plan is text: the program is one case, with the result of its exit status."""
        if child.name != parent.name:
            self._problem(line, f"the subtest {child.name!r} ends as {parent.name!r}")
        del self.levels[1:]
        self.top.notes += child.raw
        child.results = []
        parent.children = child

    def _check_plan(self, line, level):
        name = repr(level.name) if level.name else "the log"
        if level.plan is None:
            self._doubt(line, f"{name} has no plan")
        elif level.plan != len(level.results):
            self._doubt(line, f"the plan of {name} is {level.plan} results, {len(level.results)} are there")

    def _note(self, depth, body):
        """Keeps a line for the next result: a comment at its own depth, anything else at the innermost."""
        if body and not _HEADER.match(body):
            innermost = len(self.levels) - 1
            self.levels[min(depth, innermost) if body.startswith("#") else innermost].notes.append(body)


def read_bytes(path):
    """The bytes of a file; a missing file is an empty log."""
    if not os.path.exists(path):
        return b""
    with open(path, "rb") as file:
        return file.read()


def read(path):
    """The log in a file, parsed."""
    return Log(read_bytes(path))


def failures(level, path=()):
    """Every failed result below a level that has no failed result below it."""
    for result in level.results:
        inner = list(failures(result.children, path + (result.name,))) if result.children else []
        if inner:
            yield from inner
        elif result.kind == "failed":
            yield path, result


def _judge_verdict(log):
    if not log.verdict:
        yield "the log ends without a verdict"
        return
    outcome, suites, programs, *counts = log.verdict
    results = log.top.results
    found_programs = sum(result.name.startswith("ring3/") for result in results)
    found = [log.top.count(kind) for kind in ("passed", "failed", "skipped")]
    if (suites, programs) != (len(results) - found_programs, found_programs):
        yield (f"the verdict counts {suites} suites and {programs} programs, "
               f"the log has {len(results) - found_programs} and {found_programs}")
    if counts != found:
        yield "the verdict counts {} passed, {} failed, {} skipped; the log has {}, {}, {}".format(*counts, *found)
    if outcome != "pass":
        yield "the verdict is fail"
    elif found[1]:
        yield "the verdict is pass, but the log has failures"


def judge(log, status=None):
    """The reasons why this log is not good; an empty list is a pass.

    status: QEMU's exit status, or the word "timeout", or None where it is not known.
    """
    reasons = list(log.problems)
    if not log.lines:
        reasons.append("the log is empty")
    elif not log.top:
        reasons.append("no KTAP header: the kernel did not get as far as its tests")
    else:
        for path, result in failures(log.top):
            note = f" ({result.directive} {result.reason})" if result.directive else ""
            reasons.append(f"line {result.line}: not ok: {': '.join(path + (result.name,))}{note}")
        for level in log.levels[1:]:
            reasons.append(f"the log ends within {level.name or 'a subtest'!r}")
        if log.top.plan is None:
            reasons.append("the log has no plan")
        elif log.top.plan != len(log.top.results):
            reasons.append(f"the plan is {log.top.plan} results, {len(log.top.results)} are there")
        elif not log.top.results:
            reasons.append("nothing was run")
        reasons += _judge_verdict(log)
    if status == "timeout":
        reasons.append("time-out: the machine had to be stopped")
    elif status is not None and status != PASS_STATUS:
        hint = ": it was switched off, or reset, or hit a triple fault" if status == 0 else ""
        reasons.append(f"QEMU's status is {status}, not {PASS_STATUS}{hint}")
    return reasons


def cases(level, path=()):
    """The innermost results, each with the names above it."""
    for result in level.results:
        if result.children and result.children.results:
            yield from cases(result.children, path + (result.name,))
        else:
            yield path, result


def report(log, reasons):
    """The verdict of one line, then the reasons."""
    counts = [0, 0, 0]
    for _, case in cases(log.top) if log.top else ():
        counts[("passed", "failed", "skipped").index(case.kind)] += 1
    yield (f"{'FAIL' if reasons else 'PASS'}: {len(log.top.results) if log.top else 0} suites and programs, "
           "{} cases passed, {} failed, {} skipped".format(*counts))
    for reason in reasons[:20]:
        yield f"  {reason}"
    if len(reasons) > 20:
        yield f"  and {len(reasons) - 20} more"
