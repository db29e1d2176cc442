# SPDX-License-Identifier: MIT
"""Programs of system calls: their text, and the bytes for tests/fuzz/call_programs/ (operation.h has the other half).

    a v0 = openat(-100, "f", 66, 420)
    b v1 = read(v0, o16)
    a v2 = fork() -> d

A line is one call. Processes are a to h; a, b and c exist from the start, and d is the child of `fork`. v0 is
the result of a call: its number has to be its own, and gaps are allowed. Arguments:

    12 -1 0x20   a number                       v3      what v3 returned        v3.0 v3.1  words that it wrote
    "text"       a string                       pid.b   the process b           H          the handler of signals
    [1, v3]      words in memory                o64     64 bytes of zeros       e8         8 bytes before a hole
    HOME         the path for an `execve` of the program itself: argument 0, the letter's number is argument 1
"""
import re
import struct
from dataclasses import dataclass, field

ARGUMENTS = 0x21000000
PAGE = 4096
LETTERS = "abcdefgh"
OWN_CALLS = {"peek": 1000, "poke": 1001, "sums": 1002}
TIMED = 1
RESULT, FIRST, SECOND, PROCESS, HANDLER, HOME = range(6)
MOST = 128  # calls of a program

_LINE = re.compile(r"([a-h]) v(\d+) = ([\w:]+)\((.*)\)(?: -> ([a-h]))?\s*(?:#.*)?$")
_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|-?0x[0-9a-fA-F]+|-?\d+|[\w.]+|[\[\],])')


class ProgramError(Exception):
    """A text that is no program."""


@dataclass
class Call:
    """One line. Arguments are strings, or lists of them."""
    slot: str
    index: int
    name: str
    arguments: list
    child: str = ""

    def __str__(self):
        child = f" -> {self.child}" if self.child else ""
        return f"{self.slot} v{self.index} = {self.name}({', '.join(map(shown, self.arguments))}){child}"


def shown(argument):
    """The text of an argument."""
    return f"[{', '.join(map(shown, argument))}]" if isinstance(argument, list) else argument


def parse_arguments(text):
    """The arguments of a line."""
    stack, place = [[]], 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if not match:
            raise ProgramError(f"{text[place:]}: what is this?")
        token, place = match[1], match.end()
        if token == "[":
            stack.append([])
        elif token == "]":
            if len(stack) < 2:
                raise ProgramError(f"{text}: brackets")
            done = stack.pop()
            stack[-1].append(done)
        elif token != ",":
            stack[-1].append(token)
    if len(stack) != 1:
        raise ProgramError(f"{text}: brackets")
    return stack[0]


def parse(text):
    """The calls of a program."""
    calls = []
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        match = _LINE.match(line)
        if not match or int(match[2]) >= MOST:
            raise ProgramError(f"{line}: not a call")
        calls.append(Call(match[1], int(match[2]), match[3], parse_arguments(match[4]), match[5] or ""))
    return calls


@dataclass
class Page:
    """The argument page of a call while it is filled. Zeros come last, because they need no bytes in the file."""
    base: int
    data: bytearray = field(default_factory=bytearray)
    links: list = field(default_factory=list)
    zeros: list = field(default_factory=list)  # (place of the word that points there or argument, length)
    places: dict = field(default_factory=dict)  # id of an argument -> (address, length)

    def word(self, token, target):
        """The value of a token at an argument (target < 8) or a word of the page (8 + index)."""
        if isinstance(token, list):
            return self.words(token)
        if token[0] == '"':
            return self.add(token[1:-1].encode().decode("unicode_escape").encode("latin-1") + b"\0")
        if re.fullmatch(r"o\d+", token):
            self.zeros.append((target, int(token[1:])))
            return 0
        if re.fullmatch(r"e\d+", token):
            return self.base + PAGE - int(token[1:])
        link = re.fullmatch(r"v(\d+)(?:\.([01]))?", token)
        if link:
            self.links.append((target, int(link[1]), RESULT if link[2] is None else FIRST + int(link[2])))
            return 0
        if token.startswith("pid."):
            self.links.append((target, LETTERS.index(token[4]), PROCESS))
            return 0
        if token in ("H", "HOME"):
            self.links.append((target, 0, HANDLER if token == "H" else HOME))
            return 0
        return int(token, 0) & 0xffffffff

    def add(self, data):
        """Bytes, at a multiple of 4. Returns the address."""
        place = len(self.data)
        self.data += data + bytes(-len(data) % 4)
        return self.base + place

    def words(self, tokens):
        """A list, and what its elements point to."""
        address = self.add(bytes(4 * len(tokens)))
        place = address - self.base
        self.places[id(tokens)] = (address, 4 * len(tokens))
        for i, token in enumerate(tokens):
            value = self.word(token, 8 + place // 4 + i)
            struct.pack_into("<I", self.data, place + 4 * i, value)
        return address


def assemble_call(call, number, shows_of):
    """The bytes of one call. shows_of(call): its outputs as [(argument path, by_result, length or None)]."""
    slot = LETTERS.index(call.slot)
    page = Page(ARGUMENTS + slot * 2 * PAGE)
    values = [page.word(token, i) for i, token in enumerate(call.arguments)]
    values += [0] * (6 - len(values))
    zero, blocks = len(page.data), {}
    for target, length in page.zeros:
        blocks[target] = (page.base + zero, length)
        if target < 8:
            values[target] = page.base + zero
        else:
            struct.pack_into("<I", page.data, 4 * (target - 8), page.base + zero)
        zero += (length + 3) // 4 * 4
    if zero > PAGE - 64:
        raise ProgramError(f"{call}: more than a page")
    shows = b""
    found = []
    for path, by_result, limit in shows_of(call):
        place = find_place(call.arguments, path, page, blocks)
        if place:
            shows += struct.pack("<IHH", place[0], min(limit or place[1], place[1]), by_result)
            found.append((path, place[1]))
    links = b"".join(struct.pack("<HBB", *link) for link in page.links)
    child = LETTERS.index(call.child) if call.child else 0
    head = struct.pack("<HBBBBBBHH6I", number, slot, child, shows_of.flags(call), len(page.links), len(found), call.index,
                       len(page.data), zero, *values)
    return head + links + shows + bytes(page.data), found  # the paths of what is shown, and lengths


def find_place(arguments, path, page, blocks):
    """(address, length) of the bytes that an argument points to, or None: it is no block."""
    if path[0] >= len(arguments):
        return None
    token, target = arguments[path[0]], path[0]
    for step in path[1:]:
        if not isinstance(token, list) or step >= len(token):
            return None
        target = 8 + (page.places[id(token)][0] - page.base) // 4 + step
        token = token[step]
    if isinstance(token, list):
        return page.places[id(token)]
    return blocks.get(target) if re.fullmatch(r"o\d+", token) else None
