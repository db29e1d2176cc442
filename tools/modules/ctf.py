# SPDX-License-Identifier: MIT
"""Writes a trace in the Common Trace Format, version 1.8 (https://diamon.org/ctf/v1.8.3/): a folder with a file
`metadata`, which describes the events in the language TSDL, and a file `stream`. babeltrace2 and Trace Compass read it.

All integers are little endian and aligned to bytes. The stream is one sequence of packets; each has a head with its
times and sizes, so that a reader can find a time without reading all.
"""
import os
import struct

from trace_format import HEX_KINDS, TEXT_WORDS, Stream

MAGIC = 0xc1fc1fc1
PACKET_HEAD = struct.Struct("<IIQQQQQ")
EVENT_HEAD = struct.Struct("<HQHH")
PACKET_EVENTS = 4096

_HEAD = """/* CTF 1.8 */
typealias integer {{ size = 16; align = 8; signed = false; }} := uint16_t;
typealias integer {{ size = 32; align = 8; signed = false; }} := uint32_t;
typealias integer {{ size = 32; align = 8; signed = true; }} := int32_t;
typealias integer {{ size = 32; align = 8; signed = false; base = 16; }} := xint32_t;
typealias integer {{ size = 64; align = 8; signed = false; }} := uint64_t;
typealias integer {{ size = 8; align = 8; signed = false; encoding = UTF8; }} := char_t;

trace {{
	major = 1;
	minor = 8;
	byte_order = le;
	packet.header := struct {{ uint32_t magic; uint32_t stream_id; }};
}};

env {{
	domain = "kernel";
	sysname = "Pagewright";
	tracer_name = "pagewright";
	tracer_major = 1;
	tracer_minor = 0;
}};

clock {{
	name = tsc;
	description = "the time-stamp counter since the processor's reset";
	freq = {frequency};
	offset = 0;
}};
typealias integer {{ size = 64; align = 8; signed = false; map = clock.tsc.value; }} := tsc_t;

stream {{
	id = 0;
	packet.context := struct {{
		tsc_t timestamp_begin;
		tsc_t timestamp_end;
		uint64_t content_size;
		uint64_t packet_size;
		uint64_t events_discarded;
	}};
	event.header := struct {{ uint16_t id; tsc_t timestamp; }};
	event.context := struct {{ uint16_t _pid; uint16_t _tid; }};
}};
"""


def _field(name, kind, enums):
    """A field in TSDL. Readers take the first underscore away: without it a name could be a keyword."""
    if kind == "TEXT":
        return f"char_t _{name}[{4 * TEXT_WORDS}];"
    if kind in enums:
        items = ", ".join(f'"{item}" = {value}' for value, item in enumerate(enums[kind]))
        return f"enum : uint32_t {{ {items} }} _{name};"
    return f"{'xint32_t' if kind in HEX_KINDS else 'int32_t' if kind == 'SIGNED' else 'uint32_t'} _{name};"


def metadata(trace):
    """The text of the file `metadata`."""
    text = [_HEAD.format(frequency=trace.khz * 1000 or 1000000000)]
    for number, kind in sorted(trace.types.items()):
        fields = " ".join(_field(name, field, trace.enums) for name, field in kind.fields)
        text.append(f'event {{ name = "{kind.name}"; id = {number}; stream_id = 0; fields := struct {{ {fields} }}; }};\n')
    return "\n".join(text)


def _packet(events):
    """One packet: [(tsc, bytes)]."""
    body = b"".join(data for _, data in events)
    bits = 8 * (PACKET_HEAD.size + len(body))
    return PACKET_HEAD.pack(MAGIC, 0, events[0][0], events[-1][0], bits, bits, 0) + body


def write(trace, folder):
    """Writes the folder. Returns the number of events. Only a stream has the description that this needs."""
    if not isinstance(trace, Stream):
        raise ValueError("lines of a log have no description: CTF needs a trace of trace_out=")
    os.makedirs(folder, exist_ok=True)
    count, waiting = 0, []
    with open(os.path.join(folder, "stream"), "wb") as file:
        for tsc, pid, tid, kind, words in trace.records():
            waiting.append((tsc, EVENT_HEAD.pack(kind.number, tsc, pid, tid) + struct.pack(f"<{len(words)}I", *words)))
            count += 1
            if len(waiting) == PACKET_EVENTS:
                file.write(_packet(waiting))
                waiting = []
        if waiting:
            file.write(_packet(waiting))
    with open(os.path.join(folder, "metadata"), "w", encoding="utf-8") as file:
        file.write(metadata(trace))
    return count
