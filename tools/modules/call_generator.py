# SPDX-License-Identifier: MIT
"""Random programs of system calls, from the forms of call_table.py, and what of their output can be compared.

    Forms ──generate(seed)──> calls (call_program.py) ──assemble()──> tests/fuzz/call_programs/ ──> Output ──> lines to compare
"""
import os
import random
import re
import struct
from dataclasses import dataclass, field

import call_program
import call_table

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CALLS_OF_A_PROGRAM = 40
THEME = 26            # forms that a program prefers
BAD_POINTER = 0.03
ARENA, PAGES = 0x20000000, 16
WORDS = 0x2000c000    # of futexes, in the part that processes share
USER = "65534"
FD_KINDS = ("fd", "file", "folder", "pipe", "event", "epoll", "notify", "timerfd")
_PIECE = re.compile(r'\s*("(?:[^"\\]|\\.)*"|-?0x[0-9a-fA-F]+|-?\d+|[a-zA-Z_.]\w*|[\[\]{}|,])(=[r.]?\w*)?')


@dataclass
class Spec:
    """What a form says of an argument: one token, a list, or a choice."""
    kind: str  # token list choice
    token: str = ""
    parts: list = field(default_factory=list)
    show: str = None  # None, "", "r8", ".mask"


class Form:
    """One line of the table."""

    def __init__(self, line):
        match = re.fullmatch(r"([\w:]+)\((.*)\)(?: -> (\w+))?( ~)?(?: \*(\d+))?", line)
        if not match:
            raise ValueError(line)
        self.name = match[1]
        self.call = self.name.split(":")[0]
        self.result = match[3] or "number"
        self.timed = bool(match[4])
        self.weight = int(match[5] or 1)
        self.arguments = self._parse(match[2])
        self.shows = list(self._shows(self.arguments, ()))

    @staticmethod
    def _parse(text):
        place = 0

        def peek():
            match = _PIECE.match(text, place)
            return match[1] if match else ""

        def take():
            nonlocal place
            match = _PIECE.match(text, place)
            if not match:
                raise ValueError(text[place:])
            place = match.end()
            return match[1], match[2]

        def one():
            token, show = take()
            if token == "[":
                parts = []
                while peek() != "]":
                    parts.append(one())
                    if peek() == ",":
                        take()
                _, show = take()
                return Spec("list", parts=parts, show=None if show is None else show[1:])
            if token == "{":
                parts = [one()]
                while peek() == "|":
                    take()
                    parts.append(one())
                take()
                return Spec("choice", parts=parts)
            return Spec("token", token=token, show=None if show is None else show[1:])

        specs = []
        while text[place:].strip():
            specs.append(one())
            if peek() == ",":
                take()
        return specs

    def _shows(self, specs, path):
        """(path, by_result, mask) of the outputs."""
        for i, spec in enumerate(specs):
            for choice in spec.parts if spec.kind == "choice" else [spec]:
                if choice.show is not None:
                    times = int(choice.show[1:] or 1) if choice.show.startswith("r") else 0
                    yield path + (i,), times, choice.show[1:] if choice.show.startswith(".") else ""
                if choice.kind == "list":
                    yield from self._shows(choice.parts, path + (i,))


FORMS = {form.name: form for form in map(Form, filter(lambda line: line and not line.startswith("#"), call_table.CALLS.splitlines()))}


def source(path):
    """The text of a file of the checkout."""
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


def table_of_the_kernel():
    """{name: number} of the calls that Pagewright has."""
    numbers = dict(re.findall(r"NR_(\w+) = (\d+),", source("abi/linux/unistd.h")))
    names = re.findall(r"\[NR_(\w+)\] = sys_", source("kernel/syscall/syscall.c"))
    return {name: int(numbers[name]) for name in names}


def coverage():
    """(calls that no form makes and that have no reason, those that the kernel does not have, their number)."""
    kernel = set(table_of_the_kernel())
    made = {form.call for form in FORMS.values()} - set(call_program.OWN_CALLS)
    never = set(call_table.NEVER)
    return sorted(kernel - made - never), sorted((made | never) - kernel | made & never), len(kernel)


class Generator:
    """The calls of one seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.known = {slot: {} for slot in "abc"}
        self.calls = []
        forms = list(FORMS.values())
        self.theme = self.random.sample(forms, THEME, counts=[form.weight for form in forms])
        for form in list(self.theme):
            self.theme += [FORMS[name] for name in call_table.COMPANIONS.get(form.call, [])]

    def _descriptor(self, slot, kind):
        known = self.known[slot]
        chance = self.random.random()
        if chance < 0.04:
            return self.random.choice(["-1", "0", "1", "3", "39", "40", "-100"])
        if kind != "fd" and chance < 0.85 and known.get(kind):
            return self.random.choice(known[kind][-3:])
        every = [name for kind in FD_KINDS for name in known.get(kind, [])]
        return self.random.choice(every) if every else self.random.choice(["0", "3"])

    def _token(self, slot, token):
        """A token of a program for one of a form."""
        draw = self.random
        if token == "plain":
            return draw.choice(self.known[slot].get("file") or ["-1"])
        if token in FD_KINDS:
            return self._descriptor(slot, token)
        if token in ("shm", "sem", "msg", "watch", "timer", "pidfd", "attached"):
            known = [name for owner in self.known.values() for name in owner.get(token, [])] \
                if token in ("shm", "sem", "msg") else self.known[slot].get(token)
            return draw.choice(known) if known else draw.choice(["0", "-1"])
        if token == "pid":
            return "pid." + draw.choice(sorted(self.known))
        if token == "path" and draw.random() < 0.4:
            return draw.choice(['"f"', '"f"', '"d"', '"l"'])
        if token in ("path", "new"):
            return f'"{draw.choice(call_table.PATHS if token == "path" else call_table.NEW)}"'
        if token == "page":
            return hex(ARENA + draw.randrange(PAGES) * 4096 + (draw.random() < 0.05) * draw.choice([4, 4095]))
        if token == "pages":
            return str(draw.choice([1, 1, 1, 2, 2, 3, 4]) * 4096 + (draw.random() < 0.05) * draw.choice([1, -4096, 100]))
        if token == "word":
            return hex(WORDS + draw.randrange(3) * 4 + (draw.random() < 0.03))
        if token == "own":
            return f'"{call_program.LETTERS.index(slot)}"'
        return token

    def _argument(self, slot, spec, bad=BAD_POINTER):
        if spec.kind == "choice":
            return self._argument(slot, self.random.choice(spec.parts), bad)
        if spec.kind == "list":
            made = [self._argument(slot, part, bad) for part in spec.parts]
        else:
            made = self._token(slot, spec.token)
        pointer = isinstance(made, list) or made[0] == '"' or re.fullmatch(r"o\d+", made)
        if pointer and self.random.random() < bad:
            return self.random.choice(["0", "1", "e4", "e4", hex(ARENA + 11 * 4096)])
        return made

    def _note(self, slot, form, call):
        """What later calls may use."""
        name, known = f"v{call.index}", self.known[slot]

        def add(kind, what):
            known.setdefault(kind, []).append(what)

        if form.result == "pair" and form.call == "timer_create":
            add("timer", name + ".0")
        elif form.result == "pair":
            add("pipe", name + ".0")
            add("pipe", name + ".1")
        elif form.call in ("open", "openat", "openat2") and {'"d"', '"."', '"d/e"'} & set(map(str, call.arguments)):
            add("folder", name)
        elif form.call in ("open", "openat", "openat2", "creat"):
            add("file", name)
        elif form.call == "timer_create":
            add("timer", name + ".0")
        elif form.result in ("fd", "event", "epoll", "notify", "timerfd", "shm", "sem", "msg", "watch", "pidfd", "attached"):
            add(form.result, name)

    def _call(self, form, slot=None, arguments=None):
        slot = slot or self.random.choices(sorted(self.known), [6 if slot == "a" else 3 for slot in sorted(self.known)])[0]
        child = ""
        if form.result == "child":
            child = next((letter for letter in call_program.LETTERS if letter not in self.known), "")
            if not child:
                return
        # A program that does not know its own number would take another one's calls.
        bad = BAD_POINTER * (form.name not in call_program.OWN_CALLS and not form.name.endswith(":self"))
        arguments = arguments or [self._argument(slot, spec, bad) for spec in form.arguments]
        call = call_program.Call(slot, len(self.calls), form.name, arguments, child)
        self.calls.append(call)
        self._note(slot, form, call)
        if child:
            self.known[child] = {kind: list(names) for kind, names in self.known[slot].items()}

    def _given(self, slot, argument):
        """An argument of a scene."""
        if isinstance(argument, list):
            return [self._given(slot, part) for part in argument]
        return "pid." + slot if argument == "OWN" else self._token(slot, argument)

    def _scene(self, slot, steps):
        """The calls before or after one of a process."""
        for place, name, arguments in steps:
            other = self.random.choice([letter for letter in sorted(self.known) if letter != slot])
            acting = {"same": slot, "other": other, "child": max(self.known)}[place]
            given = [self._given(slot if "OWN" in arguments else acting, argument) for argument in arguments]
            self._call(FORMS[name], acting, given if arguments else None)

    def _drawn(self, form):
        """A call of the theme, every other time with its scene."""
        before, after = call_table.SCENES.get(form.call, ([], []))
        if not before + after or self.random.random() < 0.5 or len(self.known) == len(call_program.LETTERS):
            self._call(form)
            return
        slot = self.random.choice(sorted(self.known))
        self._scene(slot, before)
        self._call(form, slot)
        self._scene(slot, after)

    def _begin(self):
        """Some files and descriptors, and what the theme needs."""
        slot, other = self.random.choice(["ab", "ab", "ba"])
        self._call(FORMS["open"], other, ['"f"', "66", "438"] if self.random.random() < 0.7 else None)
        for name, arguments in (("open", ['"f"', "66", "438"]), ("mkdir", ['"d"', "511"]), ("symlink", ['"f"', '"l"']), ("pipe", ["o8"])):
            self._call(FORMS[name], slot, arguments if self.random.random() < 0.7 else None)
        text = "\n".join(repr(form.arguments) for form in self.theme)
        for kind, maker in call_table.MAKERS.items():
            if f"token='{kind}'" in text:
                self._call(FORMS[maker], slot)

    def program(self):
        """All of it."""
        self._begin()
        common = [FORMS[name] for name in ("open", "openat", "write", "read", "pipe", "fork", "close", "kill", "rt_sigaction",
                                           "wait4", "mmap2", "poke", "sums", "dup", "lseek")]
        while len(self.calls) < CALLS_OF_A_PROGRAM:
            self._drawn(self.random.choice(self.theme if self.random.random() < 0.75 else common))
        return self.calls


def generate(seed):
    """The calls of a seed."""
    return Generator(seed).program()


# ---- bytes and output ---------------------------------------------------------------------------

class Shows:
    """What assemble_call() asks."""

    def __call__(self, call):
        return [(path, times, None) for path, times, _ in FORMS[call.name].shows]

    @staticmethod
    def flags(call):
        return call_program.TIMED if FORMS[call.name].timed else 0


def number_of(call, numbers):
    """The kernel's number of a call, or one of the program's own."""
    name = FORMS[call.name].call
    return call_program.OWN_CALLS.get(name) or numbers[name]


def check(calls):
    """Raises an error for a program that is none."""
    for call in calls:
        if call.name not in FORMS:
            raise call_program.ProgramError(f"{call}: no such form of a call in tools/modules/call_table.py")


def assemble(programs, uid, gid):
    """The file of call_programs. programs: {number: calls}."""
    numbers = table_of_the_kernel()
    data = struct.pack("<III", len(programs), uid, gid)
    for number, calls in programs.items():
        data += struct.pack("<II", number, len(calls))
        for call in calls:
            data += call_program.assemble_call(call, number_of(call, numbers), Shows())[0]
    return data


def _entries(data, head, kind):
    """The names in a block of directory entries, in the order of names: a file system has its own."""
    names, place = [], 0
    while place + head < len(data):
        length = struct.unpack_from("<H", data, place + head - 3 if kind == "dents64" else place + head - 2)[0]
        if not length:
            break
        record = data[place:place + length]
        of_type = record[head - 1] if kind == "dents64" else record[-1]
        names.append(record[head:].split(b"\0")[0].decode("latin-1") + f"/{of_type}")
        place += length
    return " ".join(sorted(names))


def _masked(data, mask):
    if mask == "dents":
        return _entries(data, 10, mask)
    if mask == "dents64":
        return _entries(data, 19, mask)
    data = bytearray(data)
    if mask == "stat" and len(data) > 44 and data[17] >> 4 == 4:  # the size of a folder
        data[44:52] = bytes(8)
    if mask == "statx" and len(data) > 44:  # fields that Linux adds
        data[0] &= 0x3f
        data[1] &= 7
        if data[29] >> 4 == 4:
            data[40:48] = bytes(8)
    if mask == "notify":  # the cookie is a counter of the whole system
        place = 0
        while place + 16 <= len(data) and any(data[place:]):
            cookie, length = struct.unpack_from("<II", data, place + 8)
            struct.pack_into("<I", data, place + 8, bool(cookie))
            place += 16 + length
    for start, length in call_table.MASKS.get(mask, ()):
        data[start:start + length] = bytes(len(data[start:start + length]))
    return data.hex()


class Output:
    """The lines of one program, normalised: {line of the log: text}."""

    def __init__(self, calls, pids, lines):
        self.calls = {call.index: call for call in calls}
        self.pids = {pid: "pid." + call_program.LETTERS[i] for i, pid in enumerate(pids)}
        self.raw = lines
        for line in lines:
            match = re.match(r"(\d+) = (\d+)", line)
            call = self.calls.get(int(match[1])) if match else None
            if call and call.child and int(match[2]):
                self.pids[int(match[2])] = "pid." + call.child
        self.lines = [self._line(line) for line in lines]

    def _result(self, form, value):
        if value < 0 and value > -4096:
            return str(value)
        kind = call_table.RESULTS.get(form.result, "number")
        if kind == "hidden":
            return "ok"
        if kind == "process":
            return self.pids.get(value, "a process") if value else "0"
        if kind == "address":
            value &= 0xffffffff
            return hex(value) if ARENA <= value < ARENA + PAGES * 4096 else "an address"
        return str(value)

    def _line(self, line):
        match = re.fullmatch(r"(\d+) = (-?\d+)(?: ([0-9a-f]+))?", line)
        if not match or int(match[1]) not in self.calls:
            return line
        call = self.calls[int(match[1])]
        form = FORMS[call.name]
        value = int(match[2])
        text = f"{call.index} = {self._result(form, value)}"
        data, place = bytes.fromhex(match[3] or ""), 0
        masks = {path: (times, mask) for path, times, mask in form.shows}
        _, found = call_program.assemble_call(call, 0, Shows())
        for path, length in found:
            times, mask = masks[path]
            if times:
                length = min(length, max(value, 0) * times)
            text += " " + _masked(data[place:place + length], mask) if length else ""
            place += length
        return text


def outputs(programs, lines):
    """{number: Output} of a run's lines."""
    found, number, pids, mine = {}, None, [], []
    for line in [line[2:] for line in lines if line.startswith("# ")] + ["program -1"]:
        if line.startswith("program "):
            if number in programs:
                found[number] = Output(programs[number], pids, mine)
            words = line.split()
            number, pids, mine = int(words[1]), list(map(int, words[2:])), []
        else:
            mine.append(line)
    return found
