#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The documentation says only what is there: README.md and docs/ against the source. Links, files, make targets and variables,
options, prefixes of fact lines, the lines of the reading order, and each code and test that docs/textbook.md names."""
import glob
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import tap  # noqa: E402

STATEMENTS = 27  # of docs/textbook.md
TOLERANCE = 0.15  # how far a number of lines may be from the truth

# "ring3 `cow` "a case", "another one""; several on a line, separated by semicolons.
TEST = re.compile(r'\b(host|kernel|ring3|boot) `([^`]+)`((?:,? "[^"]+")+)')
# A file in backticks, and what follows it up to the next one.
CODE = re.compile(r"`([\w-]+/[\w./-]+)`([^;]*)")
LOG_PREFIX = re.compile(r'printk\(\s*"([a-z][a-z0-9_-]*): (?!error: )')


def read(path):
    """A file of the checkout."""
    with open(os.path.join(tap.TOP, path), encoding="utf-8") as file:
        return file.read()


def exists(path):
    """Is there such a file or directory (or, with *, one that matches)?"""
    return bool(glob.glob(os.path.join(tap.TOP, path)))


def pages():
    """The documentation: path -> text."""
    found = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"] + sorted(glob.glob("docs/**/*.md", root_dir=tap.TOP, recursive=True))
    return {path: read(path) for path in found}


def split(text):
    """A page without its code blocks, and the lines of these."""
    prose, code, fenced = [], [], False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            code.append(line.strip())
        else:
            prose.append(line)
    return "\n".join(prose), code


def anchors(text):
    """The names by which a link reaches the headings of a page."""
    titles = re.findall(r"^#+ (.+)$", split(text)[0], re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]


def bad_links(path, text):
    """Relative links of a page that lead nowhere."""
    bad = []
    for target in re.findall(r"\]\(([^)]+)\)", re.sub(r"`[^`\n]*`", "", split(text)[0])):
        name, _, anchor = target.partition("#")
        place = os.path.normpath(os.path.join(os.path.dirname(path), name)) if name else path
        if re.match(r"[a-z]+:", target):
            bad.append(f"{target}: not a relative link")
        elif not exists(place):
            bad.append(f"{target}: no such file")
        elif anchor and anchor not in anchors(read(place)):
            bad.append(f"{target}: no such heading")
    return bad


def bad_paths(text):
    """Files that are named in backticks, with a directory of the checkout, and are not there."""
    rooms = [name for name in os.listdir(tap.TOP) if os.path.isdir(os.path.join(tap.TOP, name))]
    named = re.findall(r"`([\w.-]+/[\w./*-]*)`", text)
    return [path for path in named
            if path.split("/")[0] in rooms and not path.startswith("build/") and "NAME" not in path and not exists(path)]


def commands(text):
    """Commands that a page tells to type: code spans, and lines of code blocks, up to a comment or the columns of a table."""
    prose, code = split(text)
    for line in code + re.findall(r"`([^`\n]+)`", prose):
        yield re.split(r"\s{2,}|\s#", re.sub(r"^\$ ", "", line))[0]


def option_names():
    """The options that the kernel knows."""
    table = read("kernel/start/options.c").split("table[] = {")[1].split("};")[0]
    return set(re.findall(r'\{ "([\w.]+)"', table))


def bad_commands(text):
    """Make targets and variables, options, and options of tools that a page names and that do not exist."""
    makefile, bad = read("Makefile") + sources("*/*.mk", "*/*/*.mk"), []
    targets = set(" ".join(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)).split())
    known = makefile + "".join(read(path) for path in ("tests/host/tap.h",))
    for command in commands(text):
        for word in re.findall(r"OPTIONS=(?:'([^']*)'|\"([^\"]*)\"|(\S+))", command):
            bad += [f"option {name}" for name in re.findall(r"([\w.]+)=", " ".join(word)) if name not in option_names()]
        plain = re.sub(r"OPTIONS=('[^']*'|\"[^\"]*\")", "OPTIONS=", command)
        words = plain.split()
        if words[:1] == ["make"]:
            bad += [f"make {word}" for word in words[1:] if re.fullmatch(r"[a-z][a-z0-9-]*", word) and word not in targets]
            bad += [f"make {name}=" for name in re.findall(r"\b([A-Z][A-Z0-9_]*)=", plain)
                    if not re.search(rf"\b{name}\b", known)]
        elif words and re.match(r"tools/\w", words[0]):
            tool = read(words[0]) if exists(words[0]) else ""
            bad += [f"{words[0]} {flag}" for flag in re.findall(r"\s(--[a-z-]+)", plain)
                    if flag != "--help" and not re.search(rf"{flag}\b", tool)]
    return bad


def bad_options():
    """docs/options.md and kernel/start/options.c name the same options."""
    documented = set(re.findall(r"^\| `([\w.]+)=", read("docs/options.md"), re.MULTILINE))
    return [f"not in docs/options.md: {name}" for name in sorted(option_names() - documented)] + \
           [f"not in kernel/start/options.c: {name}" for name in sorted(documented - option_names())]


def bad_options_file(text=None):
    """image/pagewright.txt explains every option of docs/options.md, each above a line to use it, of a value that is told there;
    and says nothing else."""
    text = read("image/pagewright.txt") if text is None else text
    table = dict(re.findall(r"^\| `([\w.]+)=\S*` \| (.*) \|$", read("docs/options.md"), re.MULTILINE))
    blocks = [block.splitlines() for block in re.split(r"\n\s*\n", text)]
    bad, seen = [], []
    for block in blocks:
        uses = [re.fullmatch(r"(?:# )?([\w.]+)=(\S+)", line) for line in block]
        if not any(uses):
            bad += [f"an option without its line: {line}" for line in block if re.match(r"# [\w.]+: ", line)]
            continue
        names = [use[1] for use in uses if use]
        seen += names
        if len(names) != 1 or not uses[-1] or not block[0].startswith(f"# {names[0]}: "):
            bad.append(f"not one option, explained by a line of its name: {block}")
        else:
            # Each word that the page gives as a value is told here too, and the other way round.
            told = re.findall(r"\w[\w-]{2,}", " ".join(block))
            page = table.get(names[0], "")
            values = set(re.findall(r"(?<=[` ,])`([a-z-]{3,})`", page)) - {"exit", "every"}
            bad += [f"{names[0]}: {value} is not told" for value in sorted(values) if value not in told]
    bad += [f"not in image/pagewright.txt: {name}" for name in table if name not in seen]
    bad += [f"not in docs/options.md: {name}" for name in seen if name not in table]
    bad += [f"longer than 80 characters, or not ASCII: {line}" for line in text.splitlines()
            if len(line) > 80 or not line.isascii()]
    return bad


def bad_experiments(text=None):
    """Each experiment of README.md is a planted bug in the file that it names, seen by every suite that it names."""
    rows = re.findall(r"^\| `([a-z-]+)` \| `([\w./]+)`, [^|]*\| [^|]* \| (.*) \|$", read("README.md") if text is None else text, re.MULTILINE)
    bad = [] if len(rows) > 3 else ["README.md has no table of experiments"]
    for name, file, notices in rows:
        bug = read(f"tests/planted-bugs/{name}") if exists(f"tests/planted-bugs/{name}") else ""
        named = [f"kernel/{suite}" for part in re.findall(r"suites? ((?:`\w+`(?: \([^)]*\))?(?:, | and )?)+)", notices)
                 for suite in re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", part))] + re.findall(r"ring3/\w+", notices)
        bad += [f"{name}: not in {file}"] if f"file: {file}\n" not in bug else []
        bad += [f"{name}: not said to be seen by {suite}" for suite in named if not re.search(rf"^seen by:.* {suite}\b", bug, re.MULTILINE)]
    return bad


def bad_machines(text=None):
    """The emulated machines of docs/machines.md are those of tools/matrix."""
    cells = [line.split() for line in re.search(r'CELLS = """(.*?)"""', read("tools/matrix"), re.DOTALL)[1].splitlines() if line]
    bad, rows = [], re.findall(r"^\| ((?:ovmf|uboot)-\w+) \| (\w+) \| (.*) \| (\d+) \|$",
                               read("docs/machines.md") if text is None else text, re.MULTILINE)
    for firmware, machine, values, count in rows:
        own = [cell for cell in cells if cell[:2] == [firmware, machine]]
        there = [{cell[column] for cell in own} for column in (2, 3, 4, 6)]
        if len(own) != int(count) or [set(value.split()) for value in values.split(" | ")] != there:
            bad.append(f"{firmware} {machine}: the matrix has {len(own)} cells, {there}")
    missing = {tuple(cell[:2]) for cell in cells} - {row[:2] for row in rows}
    return bad + [f"not in docs/machines.md: {' '.join(machine)}" for machine in sorted(missing)]


def bad_steps(boot=None, first_run=None):
    """The steps of docs/boot.md are those of abi/boot/boot_step.h; the squares of docs/first-run.md are those where quiesce= skips
    what its word names."""
    names = re.findall(r'"([a-z]+)"', read("abi/boot/boot_step.h").split("names[NR_BOOT_STEPS] = {")[1].split("};")[0])
    table = (read("docs/boot.md") if boot is None else boot).split("| step | name |")[1].split("\n\n")[0]
    told = []
    for numbers, words in re.findall(r"^\| ([\d, to]+) \| (`.*?`) \|", table, re.MULTILINE):
        first, *rest = map(int, re.findall(r"\d+", numbers))
        told += zip(range(first, (rest or [first])[-1] + 1), re.findall(r"`(\w+)`", words), strict=True)
    bad = [] if told == list(enumerate(names, 1)) else [f"docs/boot.md has {told}, abi/boot/boot_step.h {names}"]
    skipped = {"noinit": "processors", "nousb": "usb", "nopci": "pci", "noiommu": "iommus"}
    squares = re.findall(r"(\d+)(?: squares)?: `quiesce=(\w+)`", read("docs/first-run.md") if first_run is None else first_run)
    bad += [] if len(squares) == len(skipped) else [f"docs/first-run.md has {squares}"]
    return bad + [f"docs/first-run.md: {number} squares are not {word}" for number, word in squares
                  if names[int(number) - 1] != skipped.get(word)]


def calls_of_linux():
    """The names of Linux's system calls, and those that the kernel's table has."""
    names = "".join(re.findall(r'^\t"([^"]*)"', read("kernel/syscall/syscall_names.c"), re.MULTILINE)).split()
    return [name for name in names if name != "-"], set(re.findall(r"\[NR_(\w+)\] = ", read("kernel/syscall/syscall.c")))


def bad_calls(page=None, table=None):
    """docs/calls.md has each call of Linux once, and says ENOSYS of exactly those that the table of the kernel lacks; and it has
    each flag of abi/linux/mman.h once: done, ignored or refused."""
    rows = re.findall(r"^\| ((?:`\w+` ?)+) \| (.+) \|$", read("docs/calls.md") if page is None else page, re.MULTILINE)
    told = [(name, text) for calls, text in rows for name in re.findall(r"\w+", calls)]
    names, there = calls_of_linux()
    there = there if table is None else table
    header = re.sub(r"/\*.*?\*/", "", read("abi/linux/mman.h"), flags=re.DOTALL)
    flags = set(re.findall(r"\b((?:PROT|MAP|MREMAP|MADV|MS|MCL|MLOCK)_\w+)", header))
    seen = [name for name, _ in told]
    bad = [f"not in docs/calls.md: {name}" for name in sorted({*names, *flags} - set(seen))]
    bad += [f"no call or flag, or twice: {name}" for name in seen if name not in {*names, *flags} or seen.count(name) > 1]
    bad += [f"{name}: is it there? {text}" for name, text in told if name in names and (name in there) == text.startswith("ENOSYS")]
    return bad + [f"{name}: done, ignored or refused? {text}" for name, text in told
                  if name in flags and not re.match(r"done|ignored|refused|the mask", text)]


def bad_variables():
    """The variables that README.md lists are those that `make help` tells."""
    listed = set(re.findall(r"^\| `([A-Z]+)=", read("README.md"), re.MULTILINE))
    helped = set(re.findall(r"^  ([A-Z]+)=", read("Makefile"), re.MULTILINE))
    return [f"only in one of README.md and make help: {name}" for name in sorted(listed ^ helped)]


def sources(*patterns):
    """The text of all files that match."""
    names = sorted(name for pattern in patterns for name in glob.glob(pattern, root_dir=tap.TOP, recursive=True))
    return "\n".join(read(name) for name in names)


def bad_prefixes():
    """docs/log.md and the kernel's source name the same prefixes of fact lines."""
    page = read("docs/log.md").split("## Fact lines")[1].split("\n## ")[0]
    documented = set(re.findall(r"^\| `([a-z_-]+)` \|", page, re.MULTILINE)) | \
        set(re.findall(r"`(\w+)` \(", page.rsplit("|", 1)[1]))
    code = sources("lib/*.c", "paging/*.c", "mm/**/*.c", "fs/**/*.c", "kernel/**/*.c", "tests/kernel/*.c")
    printed = set(LOG_PREFIX.findall(code))
    return [f"printed and not in docs/log.md: {name}" for name in sorted(printed - documented)] + \
           [f"in docs/log.md and not printed: {name}" for name in sorted(documented - printed)
            if f'"{name}"' not in code]


def bad_counts():
    """The reading order of README.md: files and their lines."""
    rows = re.findall(r"^\| (`.*`) \| (\d+) \|", read("README.md"), re.MULTILINE)
    bad = [] if rows else ["there is no reading order"]
    for files, said in rows:
        names = re.findall(r"`([^`]+)`", files)
        missing = [name for name in names if not exists(name)]
        lines = sum(read(name).count("\n") for name in names if name not in missing)
        if missing or abs(lines - int(said)) > TOLERANCE * lines:
            bad.append(f"{files}: {lines} lines, {said} said{', missing: ' if missing else ''}{', '.join(missing)}")
    return bad


def bad_added(page=None):
    """The lines that docs/architecture.md says a part adds are those that tools/added-lines counts; and no part has too many."""
    status, output = tap.run("tools/added-lines")
    counted = {part: (lines, code) for part, lines, code in re.findall(r"^added: part=(\w+) lines=(\d+) .*\bcode=(\d+)", output, re.MULTILINE)}
    told = re.findall(r"adds? (\d+) lines\s[^`]*?(\d+) of\s[^`]*(?:`paging[^`]*`[^`]*)?`tools/added-lines (\w+)`", read("docs/architecture.md") if page is None else page)
    bad = [] if status == 0 and len(counted) == len(told) else [output, str(told)]
    return bad + [f"{part}: {said} said, not {counted.get(part)}" for *said, part in told
                  if counted.get(part) != tuple(said)]


def bad_sums(readme):
    """The head of each table of the reading order has the sum of its rows."""
    tables = re.findall(r"^\| files \| lines: (\d+) \|.*\n\|.*\n((?:\|.*\n)+)", readme, re.MULTILINE)
    sums = [(int(said), sum(int(lines) for lines in re.findall(r"` \| (\d+) \|", rows))) for said, rows in tables]
    return [f"{said} lines said, the rows have {lines}" for said, lines in sums if said != lines] + \
           ([] if len(sums) == 2 else [f"{len(sums)} tables with a sum, not 2"])


def strip_comments(text):
    """C source without its comments: a case that is commented out is none."""
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def test_source(kind, name):
    """Where the cases of a test stand: the text of its source, or None."""
    if kind == "kernel":
        for path in sorted(glob.glob("tests/kernel/*.c", root_dir=tap.TOP)):
            if re.search(rf"^TEST_SUITE\({re.escape(name)},", read(path), re.MULTILINE):
                return strip_comments(read(path))
        return None
    pattern = {"host": f"tests/host/**/{name}.c", "ring3": f"tests/ring3/**/{name}.c", "boot": f"tests/boot/{name}.t"}[kind]
    path = next(iter(glob.glob(pattern, recursive=True, root_dir=tap.TOP)), None)
    if path is None:
        return None
    text = read(path)
    if '#include "tests/area_cases.h"' in text:
        text += read("tests/area_cases.h")
    return text if kind == "boot" else strip_comments(text)


def bad_tests(text):
    """Tests and cases that a statement names and that do not exist."""
    bad = []
    for kind, name, quoted in TEST.findall(text):
        source = test_source(kind, name)
        if source is None:
            bad.append(f"{kind} {name}: no such test")
            continue
        for case in re.findall(r'"([^"]+)"', quoted):
            entry = rf'[{{(]\s*"{re.escape(case)}"\s*,' if kind != "boot" else re.escape(case)
            if not re.search(entry, source):
                bad.append(f'{kind} {name}: no case "{case}"')
    return bad


def bad_code(text):
    """Files and functions that a statement names and that do not exist."""
    bad = []
    for path, rest in CODE.findall(text):
        if not exists(path):
            bad.append(f"{path}: no such file")
            continue
        source = read(path)
        bad += [f"{path}: no {name}()" for name in re.findall(r"`(\w+)\(\)`", rest)
                if not re.search(rf"\b{name}\b", source)]
    return bad


def bullets(body):
    """The items of a statement: name -> text."""
    items = re.findall(r"^- (\w[\w ]*?): (.*?)(?=^- |\Z)", body, re.MULTILINE | re.DOTALL)
    return {name: " ".join(text.split()) for name, text in items}


def bad_joined(body):
    """Items that begin in the middle of a line: they would be read as part of the item before."""
    return [f"not at the start of a line: {item}" for item in re.findall(r"\S *- (?:Code|Test|Not yet|Later):.*", body)]


def check_statement(number, title, body):
    """One statement of docs/textbook.md."""
    items = bullets(body)
    bad = [f"unknown item: {name}" for name in items if name not in ("Code", "Test", "Not yet", "Later")]
    bad += [f"no {name}" for name in ("Code", "Test") if name not in items]
    bad += bad_joined(body)
    bad += bad_code(items.get("Code", "")) + bad_tests(items.get("Test", ""))
    if not TEST.search(items.get("Test", "")) and "not yet" not in items.get("Test", ""):
        bad.append('no test is named, and it does not say "not yet"')
    # The rest, without the tests, holds no quoted name that the check would have missed.
    if re.search(r'"', TEST.sub("", items.get("Test", ""))):
        bad.append("a case is named without its test")
    tap.result(not bad, f"textbook {number}: {title}", bad)


def check_textbook():
    """All statements are there, in order."""
    parts = re.split(r"^### (\d+)\. (.+)$", read("docs/textbook.md"), flags=re.MULTILINE)
    numbers = [int(number) for number in parts[1::3]]
    tap.result(numbers == list(range(1, STATEMENTS + 1)), f"textbook: statements 1..{STATEMENTS}", [str(numbers)])
    for number, title, body in zip(parts[1::3], parts[2::3], parts[3::3]):
        check_statement(number, title, body.split("\n## ")[0])


def check_bugs():
    """The table of bugs in docs/testing.md: each row names tests, and they exist."""
    table = read("docs/testing.md").split("\n## Bugs that have a test\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| ")][1:]
    bad = [f"no test: {bug}" for bug, tests in rows if not TEST.search(tests)]
    bad += [problem for _, tests in rows for problem in bad_tests(tests)]
    tap.result(rows and not bad, "testing: bugs that have a test", bad)


# The errors that each check must find: a check that finds nothing would pass everything.
PLANTED = [
    ("a link to no file", lambda: bad_links("docs/a.md", "[a](none.md)")),
    ("a link to no heading", lambda: bad_links("docs/a.md", "[a](log.md#none)")),
    ("a file", lambda: bad_paths("`mm/none.c`")),
    ("a target", lambda: bad_commands("    make none")),
    ("a variable", lambda: bad_commands("type `make run NONE=1`")),
    ("an option", lambda: bad_commands("    make run OPTIONS='mem=64M none=1'")),
    ("an option of a tool", lambda: bad_commands("    tools/run --none")),
    ("an item that does not begin a line", lambda: bad_joined('"a case"- Later: the same.')),
    ("a function", lambda: bad_code("`mm/frames/buddy.c`: `none()`")),
    ("a suite", lambda: bad_tests('kernel `none` "a"')),
    ("a case of a suite", lambda: bad_tests('kernel `buddy` "split", "none"')),
    ("a host test", lambda: bad_tests('host `test_none` "a"')),
    ("a case of a host test", lambda: bad_tests('host `test_buddy` "split and merge", "none"')),
    ("an option of the options file", lambda: bad_options_file(read("image/pagewright.txt") +
                                                               "\n# none: nothing\nnone=1\n")),
    ("an option that the options file lacks", lambda: bad_options_file(
        read("image/pagewright.txt").replace("# mem: ", "# memory, ").replace("# mem=64M\n", "#\n"))),
    ("a value that the options file lacks", lambda: bad_options_file(
        read("image/pagewright.txt").replace("halt (stand", "(stand"))),
    ("a case of a program", lambda: bad_tests('ring3 `cow` "none"')),
    ("an experiment that a suite does not see", lambda: bad_experiments(
        read("README.md").replace("the suite `buddy`, and", "the suite `slab`, and"))),
    ("a processor that the matrix lacks", lambda: bad_machines(read("docs/machines.md").replace("pentium3", "pentium2"))),
    ("a sum of lines", lambda: bad_sums(re.sub(r"lines: \d+", "lines: 1", read("README.md"), count=1))),
    ("lines that a part adds", lambda: bad_added(re.sub(r"adds \d+ lines", "adds 9 lines", read("docs/architecture.md")))),
    ("a step", lambda: bad_steps(boot=read("docs/boot.md").replace("`disks`, `init`", "`init`, `disks`"))),
    ("a call that is not there", lambda: bad_calls(table=calls_of_linux()[1] - {"brk"})),
    ("a call that the page lacks", lambda: bad_calls(read("docs/calls.md").replace("`gettid` ", ""))),
    ("a flag that the page lacks", lambda: bad_calls(read("docs/calls.md").replace("| `MAP_STACK` | ", "| "))),
    ("squares", lambda: bad_steps(first_run=read("docs/first-run.md").replace("3: `quiesce", "5: `quiesce"))),
    ("a machine that the page lacks", lambda: bad_machines(read("docs/machines.md").replace("| uboot-x64 | q35", "| uboot-x64 |"))),
]
for what, check in PLANTED:
    tap.result(len(check()) == 1, f"planted: {what}", check())

for page_name, page_text in pages().items():
    for what, problems in (("links", bad_links(page_name, page_text)), ("files", bad_paths(page_text)),
                           ("commands", bad_commands(page_text))):
        tap.result(not problems, f"{page_name}: {what}", problems)
tap.result(not bad_options(), "every option is documented", bad_options())
tap.result(not bad_options_file(), "every option is explained in the options file", bad_options_file())
tap.result(not bad_experiments(), "every experiment of README.md is a planted bug, seen by what it names", bad_experiments())
tap.result(not bad_calls(), "every system call, and every flag of a mapping call, is documented", bad_calls())
tap.result(not bad_variables(), "every variable is documented", bad_variables())
tap.result(not bad_steps(), "the steps of a start are those of the loader and the kernel", bad_steps())
tap.result(not bad_machines(), "the emulated machines are those of the matrix", bad_machines())
tap.result(not bad_prefixes(), "every prefix of a fact line is documented", bad_prefixes())
tap.result(not bad_added(), "the lines that PAE and large pages add", bad_added())
tap.result(not bad_counts(), "the lines of the reading order", bad_counts())
status, output = tap.run("tools/evidence", "--check")
tap.result(status == 0, "docs/evidence.md is what make evidence writes", output)
tap.result(not bad_sums(read("README.md")), "the sums of the reading order", bad_sums(read("README.md")))
check_bugs()
check_textbook()
tap.done()
