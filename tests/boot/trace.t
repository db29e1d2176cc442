#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The trace: a program makes events and reads them in ring 3, QEMU's debug console gets the same, the counters of the
kernel agree with both, and babeltrace2 reads what tools/trace makes of it."""
import os
import re
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools"))
import kernel_log  # noqa: E402
import tap  # noqa: E402
import trace_format  # noqa: E402
import trace_model  # noqa: E402

SOURCE = "tests/boot/trace-program.c"
# What the program surely causes.
EXPECTED = {"mm_page_alloc": 40, "mm_page_free": 40, "block_alloc": 1, "kmem_cache_alloc": 5, "page_fault_user": 40, "fault": 40,
            "page_copy": 1, "area_insert": 2, "area_remove": 2, "pte_set": 80, "tlb_flush": 1, "sys_enter": 6, "mm_create": 2}


def varint(data, at):
    """A number of a protocol buffer, and where the next byte is."""
    value = shift = 0
    while True:
        value |= (data[at] & 0x7f) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def messages(data):
    """(field, value) of a protocol buffer; numbers and bytes only."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        value, at = varint(data, at)
        if key & 7 == 2:
            value, at = data[at:at + value], at + value
        yield key >> 3, value


def perfetto_events(path):
    """The instants, slices and switches in a file of Perfetto's format."""
    count = 0
    with open(path, "rb") as file:
        for field, packet in messages(file.read()):
            assert field == 1
            parts = dict(messages(packet))
            kind = dict(messages(parts[11])).get(9) if 11 in parts else None
            count += 1 in parts or kind in (1, 2, 3)
    return count


def check_text(output, stream):
    """/proc/trace is the end of what the debug console got, as long as the trace ran."""
    shown = re.findall(r"^trace: tsc=(\d+) pid=(\d+) tid=(\d+) event=(\w+)", output, re.MULTILINE)
    sent = [(str(event.tsc), str(event.pid), str(event.tid), event.type.name) for event in stream]
    tap.result(shown and shown == sent[-len(shown):], f"/proc/trace has the newest {len(shown)} records", [str(shown[-3:]), str(sent[-3:])])
    copies = [event for event in stream if event.type.name == "page_copy"]
    line = f"event=page_copy address={copies[-1].fields['address']:#x} to={copies[-1].fields['to']:#x} from=" if copies else "none"
    tap.result(line in output, "a record as text has the values of the stream", line)
    tap.result(re.search(r"event=mm_page_alloc .* owner=anon call_site=do_\w+\+0x", output), "names of owners and code are told", "")


def check_counts(log, output, trace):
    found = trace_format.counts(trace)
    hits = {fact.fields["event"]: int(fact.fields["hits"]) for fact in log.facts_of("trace") if "hits" in fact.fields}
    told = {name: int(number) for name, number in re.findall(r"^trace: event=(\w+) .*hits=(\d+)$", output, re.MULTILINE) if number != "0"}
    tap.result(found == hits, "the stream has as many events as the kernel counted", [str(found), str(hits)])
    tap.result(found == told, "/proc/trace_events tells the same", [str(told)])
    missing = [name for name, least in EXPECTED.items() if found.get(name, 0) < least]
    tap.result(not missing, "the events of a program's work are there", missing)


def check_model(stream):
    """Block by block, the free lists that the events tell never contradict each other."""
    model = trace_model.Model()
    for event in stream:
        model.take(event)
    wrong = [text for zone in model.zones.values() for text in zone.wrong]
    tap.result(len(model.zones) == 3 and not wrong, "the free lists can be rebuilt from the events", wrong[:5])
    return model


def check_books(log, model):
    """At the end of a run that was recorded from its start, the model and the kernel agree."""
    owned = {fact.fields["owner"]: int(fact.fields["frames"]) for fact in log.facts_of("trace") if "owner" in fact.fields and "frames" in fact.fields}
    rebuilt = {owner: frames for owner, frames in model.owned.items() if frames}
    tap.result(owned and rebuilt == owned, "frames by owner, rebuilt from the events, are the kernel's", [str(rebuilt), str(owned)])
    blocks = {(fact.fields["zone"], int(fact.fields["order"])): int(fact.fields["blocks"])
              for fact in log.facts_of("trace") if "zone" in fact.fields and "blocks" in fact.fields}
    rebuilt = {(zone.name, order): zone.blocks[order] for zone in model.zones.values() for order in range(10)}
    different = [f"{key}: {rebuilt[key]}, kernel {blocks[key]}" for key in blocks if rebuilt[key] != blocks[key]]
    tap.result(blocks and not different, f"free blocks, rebuilt from the events, are the kernel's: {sum(blocks.values())}", different)


def check_report(raw, log, directory):
    page = os.path.join(directory, "report.html")
    status, output = tap.run("tools/report", log, raw, "--output", page)
    text = kernel_log.read_bytes(page).decode()
    headings = re.findall(r"<h2 id=\"s\d+\">([^<]+)</h2>", text)
    wanted = {"The run", "Memory by owner", "Free blocks", "Fragmentation", "Faults", "Slabs", "Areas", "The slowest steps", "Events"}
    tap.result(status == 0 and wanted <= set(headings), "tools/report shows the trace", [output, str(headings)])
    tap.result("Contradictions" not in headings, "and finds no contradiction", text[-500:])
    row = re.search(r"<tr><td>trace-program</td>((?:<td class=n>\d+</td>)+)</tr>", text)
    faults = [int(value) for value in re.findall(r"\d+", re.sub("<[^>]*>", " ", row[1]))] if row else []
    tap.result(faults and faults[-1] >= 40 and sum(faults) == 2 * faults[-1], "faults by process", re.findall("<tr><td>.*?</tr>", text))


def check_why(raw, stream):
    copy = [event for event in stream if event.type.name == "page_copy"][-1]
    status, output = tap.run("tools/why", hex(copy.fields["to"]), "--trace", raw, "--at", str(copy.tsc))
    lines = output.splitlines()
    wanted = f"becomes a copy of frame {copy.fields['from']:#x}, for a write to {copy.fields['address']:#x}"
    tap.result(status == 0 and lines and lines[-1].endswith(wanted), "tools/why: the last step of a copied frame", lines[-4:])
    tap.result(any("allocated for anon, order 0, by " in line for line in lines[-3:]), "tools/why: which code allocated it", lines[-4:])


def check_formats(raw, count, directory):
    folder, file = os.path.join(directory, "ctf"), os.path.join(directory, "trace.perfetto-trace")
    status, output = tap.run("tools/trace", raw, "--ctf", folder, "--perfetto", file)
    tap.result(status == 0, "tools/trace writes both formats", output)
    tap.result(perfetto_events(file) == count, "Perfetto's format has all events", "")
    if not shutil.which("babeltrace2"):
        tap.result(True, "babeltrace2 reads all events", directive="SKIP babeltrace2 is missing; make dependencies installs it")
        return
    status, output = tap.run("babeltrace2", folder)
    lines = [line for line in output.splitlines() if line.startswith("[")]
    tap.result(status == 0 and len(lines) == count, f"babeltrace2 reads all {count} events", output.splitlines()[-5:])
    tap.result(any('mm_page_alloc: { pid = ' in line and 'owner = ( "anon"' in line for line in lines), "with names for values", lines[:3])


with tempfile.TemporaryDirectory() as scratch:
    RAW = os.path.join(scratch, "trace.raw")
    STATUS, OUTPUT, PATH = tap.boot("trace", "--source", SOURCE, "--trace", "all", "--trace-file", RAW, "--timeout", "60", FW="direct")
    if tap.result(STATUS == 0 and os.path.exists(RAW), "the program read its trace", OUTPUT[-2000:]):
        TRACE = trace_format.read(RAW)
        STREAM = list(TRACE.events())
        check_counts(kernel_log.read(PATH), OUTPUT, TRACE)
        check_text(OUTPUT, STREAM)
        check_model(STREAM)
        check_formats(RAW, len(STREAM), scratch)
        check_report(RAW, PATH, scratch)
        check_why(RAW, STREAM)
        STATUS, OUTPUT, PATH = tap.boot("trace-books", "--trace", "kmem,buddy,filemap", "--trace-file", RAW, "--timeout", "60", FW="direct",
                                        OPTIONS="programs=cow,shared suites=slab")
        tap.result(STATUS == 0, "a run with a trace is good", OUTPUT)
        check_books(kernel_log.read(PATH), check_model(trace_format.read(RAW).events()))
        with open(RAW, "r+b") as whole:
            whole.truncate(os.path.getsize(RAW) - 1)
        cut, text = tap.run("tools/trace", "--counts", RAW)
        tap.result(cut == 1 and "ends within a record" in text, "a trace without its end is told", text[-300:])
tap.done()
