# SPDX-License-Identifier: MIT
"""Reads the traces that the kernel writes (docs/trace.md): the stream of a debug console or a serial line, and
the lines `trace: tsc=...` of a log or of /proc/trace.

    trace = trace_format.read(path)
    for event in trace.events(): event.name, event.tsc, event.pid, event.tid, event.fields["pfn"]

A stream describes its events itself. Lines of a log have no description; their fields are what they say.
"""
import os
import re
from collections import namedtuple

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TABLE = os.path.join(TOP, "lib", "trace", "events.h")
Event = namedtuple("Event", "tsc pid tid type fields")
# kinds that hold one word; TEXT holds four
TEXT_WORDS = 4
HEX_KINDS = {"HEX", "CODE", "ADDRESS"}
_WORD = re.compile(r'(\w+)=("[^"]*"|\S*)')


class BadTrace(Exception):
    """The file is no trace, or it is damaged; the text says where."""


class Type:
    """An event of the description: its fields in their order, with their kinds."""

    def __init__(self, number, name, group, fields):
        self.number, self.name, self.group = number, name, group
        self.fields = fields  # [(name, kind)]
        self.words = sum(TEXT_WORDS if kind == "TEXT" else 1 for _, kind in fields)

    def values(self, words, enums):
        """The fields of a record, by name."""
        found, at = {}, 0
        for name, kind in self.fields:
            if kind == "TEXT":
                raw = b"".join(word.to_bytes(4, "little") for word in words[at:at + TEXT_WORDS])
                found[name] = raw.split(b"\0")[0].decode("utf-8", errors="replace")
                at += TEXT_WORDS
                continue
            value = words[at]
            at += 1
            if kind == "SIGNED" and value & 0x80000000:
                value -= 1 << 32
            elif kind in enums:
                value = enums[kind][value] if value < len(enums[kind]) else str(value)
            found[name] = value
        return found


class Trace:
    """One trace. types: by number; enums: kind -> names; khz: of the clock, 0 if unknown."""

    def __init__(self):
        self.types, self.enums, self.text_start = {}, {}, 0
        self.levels = 2  # of page tables; 3: PAGING=pae
        self.khz = 0
        self.damage = ""  # a stream that ends within a record

    def describe(self, line):
        """Takes a line of the description."""
        fields = dict(_WORD.findall(line))
        if "version" in fields:
            if fields["version"] != "1":
                raise BadTrace(f"version {fields['version']} of the format is not known")
            self.text_start = int(fields.get("text", "0"), 0)
            self.levels = int(fields.get("levels", "2"))
        elif "enum" in fields:
            self.enums[fields["enum"]] = fields["names"].split(",")
        elif "event" in fields:
            pairs = [tuple(pair.split(":")) for pair in fields["fields"].split(",")]
            number = int(fields["id"])
            self.types[number] = Type(number, fields["event"], fields["group"], pairs)

    def events(self):
        """The events, the oldest first."""
        raise NotImplementedError


class Stream(Trace):
    """What trace_out= sent."""

    def __init__(self, data):
        super().__init__()
        head, blank, self.body = data.partition(b"\n\n")
        if not blank:
            raise BadTrace("the description has no end")
        for line in head.decode("utf-8", errors="replace").splitlines():
            self.describe(line)
        if not self.types:
            raise BadTrace("the description has no events")
        for event in self.events():
            if event.type.name == "clock":
                self.khz = event.fields["khz"]
                break

    def _numbers(self, start, end):
        """The numbers in groups of seven bits at [start, end)."""
        numbers, value, shift = [], 0, 0
        for byte in self.body[start:end]:
            if byte < 0x80:
                numbers.append(value | byte << shift)
                value = shift = 0
            else:
                value |= (byte & 0x7f) << shift
                shift += 7
        return numbers

    def records(self):
        """(tsc, pid, tid, type, words) for each record."""
        at, tsc, size = 0, 0, len(self.body)
        while at < size:
            end = at + 1 + self.body[at]
            if end > size:
                self.damage = f"the trace ends within a record, at byte {at}"
                return
            numbers = self._numbers(at + 1, end)
            kind = self.types.get(numbers[0]) if numbers else None
            if not kind or len(numbers) != 4 + kind.words:
                raise BadTrace(f"byte {at} of the records: no event of the description has this form")
            tsc += numbers[1]
            yield tsc, numbers[2], numbers[3], kind, numbers[4:]
            at = end

    def events(self):
        for tsc, pid, tid, kind, words in self.records():
            yield Event(tsc, pid, tid, kind, kind.values(words, self.enums))


class Lines(Trace):
    """Lines of a log."""

    def __init__(self, data):
        super().__init__()
        self.lines = []
        for line in data.decode("utf-8", errors="replace").splitlines():
            at = line.find("trace: tsc=")
            if at >= 0:
                self.lines.append(line[at + 7:])
            elif line.lstrip().startswith("trace: "):
                self.describe_if(line)
        if not self.lines:
            raise BadTrace("no line `trace: tsc=...` is in it")

    def describe_if(self, line):
        """A line of the description, or a fact of the log."""
        fields = dict(_WORD.findall(line))
        if "id" in fields or "enum" in fields or "version" in fields:
            self.describe(line)

    def _type(self, name, fields):
        for kind in self.types.values():
            if kind.name == name:
                return kind
        number = len(self.types)
        pairs = [(field, "TEXT" if value.startswith('"') or not re.fullmatch(r"-?(0x)?[0-9a-f]+", value) else
                  "HEX" if value.startswith("0x") else "NUMBER") for field, value in fields]
        self.types[number] = Type(number, name, "log", pairs)
        return self.types[number]

    def events(self):
        for line in self.lines:
            pairs = _WORD.findall(line)
            head, rest = dict(pairs[:4]), pairs[4:]
            kind = self._type(head["event"], rest)
            values = {}
            for name, value in rest:
                try:
                    values[name] = int(value, 0)
                except ValueError:
                    values[name] = value.strip('"')
            yield Event(int(head["tsc"]), int(head["pid"]), int(head["tid"]), kind, values)


def read(path):
    """The trace in a file."""
    with open(path, "rb") as file:
        data = file.read()
    # The firmware may have written to the same device before.
    start = data.find(b"trace: version=")
    return Stream(data[start:]) if start >= 0 and b"\n\n" in data[start:] else Lines(data)


def known_events(trace):
    """name -> group of all events that a trace may have: those that it describes; for lines without a description those of the kernel's
    table, and the ones that are met."""
    known = {kind.name: kind.group for kind in trace.types.values()}
    if not known:
        with open(TABLE, encoding="utf-8") as file:
            known = {name: group for group, name in re.findall(r"^TRACE_EVENT\((\w+), (\w+),", file.read(), re.M)}
        for event in trace.events():
            known.setdefault(event.type.name, event.type.group)
    return known


def counts(trace):
    """The number of records of each event."""
    found = {}
    records = ((record[3],) for record in trace.records()) if isinstance(trace, Stream) else ((event.type,) for event in trace.events())
    for (kind,) in records:
        found[kind.name] = found.get(kind.name, 0) + 1
    return found
