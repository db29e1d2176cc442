# SPDX-License-Identifier: MIT
"""The exercises of the course: tests/exercises/NAME/exercise, and the trees and points that are made of them.

    what: the task, one line              page: docs/course/08-copy-on-write.md
    file: mm/x.c                          the next function is cut out of it
    function: do_x                        its name; its head stays, and the comment above it
    | body of the starter                 one line each, after `| `; the function does nothing useful yet
    hint: a step                          as many as wanted; shown one by one
    red: host/test_x: case | case         cases that fail with the starter and pass with a solution: each is a point
    red: ring3/x: *                       all cases of that test
    green: kernel/y                       passes with the starter and must pass always
    hidden: ring3/hidden_x: *             as red; its source lies beside this file, and is not in the student's tree
    optional: host/test_x: case           red too, but another good design may fail it: then it does not count
    design: no shared page                such a design: the functions after it, with bodies, fail at most those

Tests are named host/TEST, kernel/SUITE and ring3/PROGRAM. Instead of functions an exercise may have

    test: tests/host/test_student.c       the student writes a test; starter.c beside this file is its beginning
    bugs: a b c                           of tests/planted-bugs: the test must pass without and fail with each of them
"""
import os
import re
import subprocess

import kernel_log
import source_tree

DATA = "tests/exercises"
SECONDS = 240  # for a test
CASE_SECONDS = "30"  # for a case of a unit test


class Wrong(Exception):
    """An error for the user."""


class Cut:
    """A function that is cut out."""

    def __init__(self, file, function):
        self.file, self.function, self.body = file, function, []

    def applied(self, text):
        """The file's text with the starter in place of the body."""
        lines = text.split("\n")
        heads = [i for i, line in enumerate(lines) if re.match(rf"[a-z].*\b{re.escape(self.function)}\(", line)]
        for head in heads:
            start = next(i for i in range(head, len(lines)) if lines[i].startswith("{") or lines[i].rstrip().endswith(";"))
            if lines[start] == "{":
                end = next(i for i in range(start, len(lines)) if lines[i] == "}")
                return "\n".join(lines[:start + 1] + self.body + lines[end:])
        raise Wrong(f"{self.file} has no function {self.function}()")


class Suite:
    """A test, and those of its cases that count; [] are all."""

    def __init__(self, text):
        name, _, cases = text.partition(": ")
        self.name = name.strip()
        self.cases = [] if cases.strip() in ("", "*") else [case.strip() for case in cases.split(" | ")]


class Exercise:
    """One folder of tests/exercises/."""

    def __init__(self, name, top=source_tree.TOP):
        self.name, self.folder = name, os.path.join(top, DATA, name)
        self.what = self.page = self.test = ""
        self.cuts, self.hints, self.red, self.green, self.hidden, self.bugs = [], [], [], [], [], []
        self.optional, self.designs = [], []
        try:
            with open(os.path.join(self.folder, "exercise"), encoding="utf-8") as file:
                rows = file.read().split("\n")
        except OSError as error:
            raise Wrong(f"there is no exercise {name}; `make exercise` lists them") from error
        place, cuts = "", self.cuts
        for row in rows:
            if row.startswith("|"):
                cuts[-1].body.append(row[2:])
                continue
            key, _, value = row.partition(": ")
            value = value.strip()
            if key == "file":
                place = value
            elif key == "function":
                cuts.append(Cut(place, value))
            elif key == "design":
                cuts = []
                self.designs.append((value, cuts))
            elif key == "hint":
                self.hints.append(value)
            elif key in ("red", "green", "hidden", "optional"):
                getattr(self, key).append(Suite(value))
            elif key == "bugs":
                self.bugs += value.split()
            elif key in ("what", "page", "test"):
                setattr(self, key, value)
            elif row.strip() and not row.startswith("#"):
                raise Wrong(f"{name}: what is this? {row}")
        if not self.what or not (self.cuts or self.test) or not (self.red or self.bugs):
            raise Wrong(f"{name}: it lacks what, a function or a test, or what is red")

    def is_optional(self, name, case):
        """Another good design may fail it."""
        return any(suite.name == name and case in suite.cases for suite in self.optional)

    def files(self, cuts=None):
        """path -> text: the files that differ in the student's tree; or, with the cuts of a design, in that one."""
        changed = {}
        for cut in cuts or self.cuts:
            if cut.file not in changed:
                with open(os.path.join(source_tree.TOP, cut.file), encoding="utf-8") as file:
                    changed[cut.file] = file.read()
            changed[cut.file] = cut.applied(changed[cut.file])
        if self.test and not cuts:
            with open(os.path.join(self.folder, "starter.c"), encoding="utf-8") as file:
                changed[self.test] = file.read()
        return changed

    def hidden_sources(self):
        """(path in the tree, text) of the hidden cases; none in a student's tree."""
        for suite in self.hidden:
            kind, _, name = suite.name.partition("/")
            path = os.path.join(self.folder, name + ".c")
            if os.path.exists(path):
                with open(path, encoding="utf-8") as file:
                    yield f"tests/{kind}/{name}.c", file.read()


def names():
    """All exercises."""
    return sorted(os.listdir(os.path.join(source_tree.TOP, DATA)))


# --- The student's tree ---

# Answers: bugs name the lines that are right; the exercises have hidden cases, and other designs.
LEFT_OUT = ("tests/planted-bugs/", "tests/planted-bugs.t", "tests/exercises/", "tests/exercises.t", "docs/course/answers.md", "build/")


def checkout_files():
    """The files of the checkout; those that git knows, where there is git."""
    ended = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=source_tree.TOP, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                           encoding="utf-8", check=False) if os.path.exists(os.path.join(source_tree.TOP, ".git")) else None
    listed = ended.stdout.splitlines() if ended and not ended.returncode else source_tree.files_of(
        name for name in os.listdir(source_tree.TOP) if name not in (".git", "build"))
    return [name for name in listed if os.path.isfile(os.path.join(source_tree.TOP, name))]


def without_dead_links(path, left_out):
    """A page whose links to files that are left out are plain words; None: it has no such link."""
    with open(os.path.join(source_tree.TOP, path), encoding="utf-8") as file:
        text = file.read()

    def word(link):
        target = os.path.normpath(os.path.join(os.path.dirname(path), link[2].partition("#")[0]))
        return link[1] if (target + "/").startswith(left_out) or target in left_out else link[0]
    changed = re.sub(r"\[([^\]]+)\]\(([^)\s]+)\)", word, text)
    return None if changed == text else changed.encode()


def write_tree(exercise, tree):
    """Writes the student's tree, which must not exist."""
    if os.path.exists(tree):
        raise Wrong(f"{os.path.relpath(tree)} is there already: it may have your work; remove it, or choose another place with TO=")
    kept = [f"tests/planted-bugs/{bug}" for bug in exercise.bugs]
    listed = [name for name in checkout_files() if not name.startswith(LEFT_OUT)] + kept
    others = {name: without_dead_links(name, LEFT_OUT) for name in listed if name.endswith(".md")}
    others = {name: text for name, text in others.items() if text}
    others.update({path: text.encode() for path, text in exercise.files().items()})
    with open(os.path.join(exercise.folder, "exercise"), encoding="utf-8") as file:
        others[f"{DATA}/{exercise.name}/exercise"] = file.read().split("\ndesign:")[0].encode() + b"\n"
    others.update({"exercise.mk": MAKEFILE.encode(), "EXERCISE.md": page(exercise).encode()})
    source_tree.copy_tree(listed, tree, others)


ALLOWED = "-Wno-unused-parameter -Wno-unused-function -Wno-unused-variable"
MAKEFILE = f"""\
# Read by Makefile: a function without its body leaves parameters and helpers unused, and may let a fault come back for ever.
EXERCISE_WARNINGS := {ALLOWED}
export CASE_SECONDS ?= {CASE_SECONDS}
export KEEP_GOING ?= 1
"""


def command_of(suite):
    """What a student types to run one test."""
    kind, _, name = suite.name.partition("/")
    if kind == "host":
        return f"make -s build/{suite.name} && build/{suite.name}"
    return f"make run FW=direct OPTIONS='{f'suites={name} programs=none' if kind == 'kernel' else f'suites=none programs={name}'}'"


def described(cut, text):
    """Where the comment is that says what a function does: above it, above its declaration in a header, or at the file's head."""
    lines = text.split("\n")
    head = next(i for i, line in enumerate(lines) if re.match(rf"[a-z].*\b{re.escape(cut.function)}\(", line))
    if lines[head - 1].endswith("*/"):
        return "The comment above it says what it does."
    for header in sorted(name for name in checkout_files() if name.startswith(("mm/", "paging/")) and name.endswith(".h")):
        with open(os.path.join(source_tree.TOP, header), encoding="utf-8") as file:
            if re.search(rf"\*/\n[a-z][^\n{{]*\b{re.escape(cut.function)}\(", file.read()):
                return f"The comment in `{header}` says what it does."
    return "The comment at the head of the file says what it does."


def page(exercise):
    """EXERCISE.md."""
    lines = [f"# Exercise {exercise.name}", "", exercise.what, ""]
    files = exercise.files()
    lines += [f"- Write `{cut.function}()` in `{cut.file}`. {described(cut, files[cut.file])}" for cut in exercise.cuts]
    if exercise.test:
        lines.append(f"- Write cases in `{exercise.test}`. They must pass here, and fail with each of {len(exercise.bugs)} bugs.")
    if exercise.page:
        lines.append(f"- Read `{exercise.page}` first.")
    lines += ["", f"    make grade NAME={exercise.name}         # your points", f"    make hint NAME={exercise.name} STEP=1   # 1 to {len(exercise.hints)}", ""]
    if exercise.red:
        lines += ["One test alone:", ""] + [f"    {command_of(suite)}" for suite in exercise.red]
        lines += ["", "Red now, and green when you are done:", ""]
        lines += [f"- `{suite.name}`: {' | '.join(suite.cases) or 'all cases'}" for suite in exercise.red]
    if exercise.green:
        lines += ["", "Green now, and to be kept so: " + ", ".join(f"`{suite.name}`" for suite in exercise.green) + "."]
    return "\n".join(lines + [""])


# --- Running tests in a tree ---

def goal(suite, out):
    """make's goal for a test."""
    return os.path.join(out, suite.name) if suite.name.startswith("host/") else "direct"


def known_cases(suite, tree):
    """The cases that a test's source lists, so that a test that ends early loses its later ones; [] if it has no such table."""
    kind, _, name = suite.name.partition("/")
    try:
        with open(os.path.join(tree, "tests", kind, name + ".c"), encoding="utf-8") as file:
            text = file.read()
    except OSError:
        return []
    tables = re.findall(r"^TAP_MAIN\((.*?)\)$|_case cases\[\] = \{(.*?)^\};", text, re.S | re.M)
    return re.findall(r'\{ "([^"]+)",', "".join(a + b for a, b in tables))


def host_notes(said):
    """case -> the comment lines before its result."""
    notes, lines = {}, []
    for line in said:
        result = re.match(r"(?:not )?ok \d+ - (.*?)(?: #.*)?$", line)
        if result:
            notes[result[1]], lines = lines, []
        elif line.startswith("# ") and not line.startswith("# SEED="):
            lines.append(line[2:])
    return notes


def run(suite, tree, out, notes=None):
    """case -> passed of a test in a built tree, and its last lines of output. A test that fails without a bad case, because it
    leaves memory or ends early, has a bad case "its end". The dictionary `notes` gets what each case says."""
    notes = {} if notes is None else notes
    kind, _, name = suite.name.partition("/")
    if kind == "host":
        # A function without a body may let a fault come back for ever.
        command, extra = [os.path.join(out, suite.name)], {"CASE_SECONDS": CASE_SECONDS, "KEEP_GOING": "1"}
    else:
        options = f"suites={name} programs=none" if kind == "kernel" else f"suites=none programs={name} limit=30"
        command = ["tools/run", "--fw", "direct", "--quiet", "--log", os.path.join(out, "exercise.log")]
        extra = {"OPTIONS": options, "BUILD": out}
    try:
        ended = subprocess.run(command, cwd=tree, env=source_tree.environment(**extra), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS, check=False)
        said, status = ended.stdout.decode("utf-8", "replace").splitlines(), ended.returncode
    except subprocess.TimeoutExpired:
        said, status = [f"ended after {SECONDS} s"], 1
    cases = {case: False for case in known_cases(suite, tree)}
    if kind == "host":
        cases.update({case: not bad for bad, case in re.findall(r"^(not )?ok \d+ - (.*?)(?: #.*)?$", "\n".join(said), re.M)})
        notes.update(host_notes(said))
        said = said[-12:]
    else:
        log = kernel_log.read(os.path.join(out, "exercise.log"))
        found = [case for path, case in (kernel_log.cases(log.top) if log.top else ()) if path]
        # A panic ends a suite early: what had passed before it counts.
        found += [case for level in log.levels[1:] for _, case in kernel_log.cases(level)]
        cases.update({case.name: case.ok for case in found})
        notes.update({case.name: [note.strip().lstrip("# ") for note in case.notes if "free frames:" not in note] for case in found})
        said = [line.text for line in log.lines[-12:]]
    if status and all(cases.values()):
        cases["its end"] = False
    return cases, said


def ended_early(suite, said):
    """By its last lines: a panic, or a run without its verdict."""
    return not suite.name.startswith("host/") and not (said and said[-1].startswith(("verdict:", "power")))


def points(suite, cases, whole):
    """(case, passed) of each case that counts. `whole`: all cases of the test, if they are not named."""
    wanted = suite.cases or whole or ["*"]
    return [(case, cases.get(case, False)) for case in wanted]
