#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The trace: a program makes events and reads them in ring 3; QEMU's debug console or a serial line gets the same; the counters of the
kernel agree with both; what the events tell of areas and page tables is what the kernel shows; and babeltrace2 reads what tools/trace
makes of it."""
import os
import re
import shutil
import sys
import tempfile
from collections import Counter

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import html_check  # noqa: E402
import kernel_log  # noqa: E402
import tap  # noqa: E402
import trace_format  # noqa: E402
import trace_model  # noqa: E402

SOURCE = "tests/boot/trace-program.c"
# What the program surely causes.
EXPECTED = {"mm_page_alloc": 40, "mm_page_free": 40, "block_alloc": 1, "kmem_cache_alloc": 5, "page_fault_user": 40, "fault": 40,
            "page_copy": 1, "area_insert": 2, "area_remove": 2, "pte_set": 80, "tlb_flush": 1, "sys_enter": 6, "mm_create": 2}

# Events of which tools/account misses each one.
LOST = ("block_free", "hot_refill", "kmalloc", "area_insert", "pte_set", "mm_filemap_add_to_page_cache")


# The groups of the second run: all that the kernel has counters of.
SECOND_RUN = "kmem,buddy,slab,vmalloc,areas,entries,raw_syscalls,faults,filemap,vmscan,swap,sched"
# Counters that may be 0 at the end of the second run.
IDLE = ("spaces", "direct_reclaims", "pgscan")


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


def check_spaces(output, stream, model, levels):
    """The program's areas and page tables when the trace stopped, rebuilt from the events."""
    shown = dict(re.findall(r"^== (areas|tables)\n(.*?)(?=^== )", output, re.M | re.S))
    areas = {int(start, 16): int(end, 16) for start, end in re.findall(r"^(\w{8})-(\w{8}) ", shown.get("areas", ""), re.M)}
    tap.result(areas and areas in model.areas.values(), f"the program's {len(areas)} areas, rebuilt from the events", [str(areas), str(model.areas)])
    kernels = {}
    for start, end, rights, frame in re.findall(r"^(\w{8})-(\w{8}) (\S+) frame (\w+) pages", shown.get("tables", ""), re.M):
        for i, address in enumerate(range(int(start, 16), int(end, 16), 4096)):
            kernels[address] = (int(frame, 16) + i, rights[1] == "w")
    entries = {event.fields["place"]: event.fields["entry"] for event in stream if event.type.name in ("pte_set", "pmd_set", "pgd_set")}
    rebuilt = [tables_of(entries, event.fields["pgd"], levels) for event in stream if event.type.name == "mm_create"]
    different = [f"{page:#x}: {kernels.get(page)}, events {rebuilt[-1].get(page)}" for page in kernels.keys() | rebuilt[-1].keys()
                 if kernels.get(page) != rebuilt[-1].get(page)] if rebuilt else []
    tap.result(kernels and kernels in rebuilt, f"its {len(kernels)} page-table entries too", different[:10])


def tables_of(entries, pgd, levels):
    """address -> (frame, writable) of the user half of a page directory."""
    pages, size = {}, 4 if levels == 2 else 8

    def table(frame, first, shift, rights=2):
        for index in range(4096 // size):
            entry = entries.get(0xc0000000 + frame * 4096 + index * size, 0)
            address = first + (index << shift)
            if not entry & 1 or address >= 0xc0000000:
                continue
            if shift == 12:
                pages[address] = (entry >> 12, bool(entry & rights & 2))
            else:
                # An entry of the first of three levels has no rights.
                table(entry >> 12, address, 12 if shift < 30 else 21, rights if shift == 30 else entry & rights)
    table(pgd, 0, 22 if levels == 2 else 30)
    return pages


def check_counters(log, stream):
    """The kernel's counters do not come from the trace."""
    kernels = {fact.fields["counter"]: int(fact.fields["value"]) for fact in log.facts_of("trace") if "counter" in fact.fields}
    count, sums = Counter(), Counter()
    started, executed, ended = set(), set(), set()
    for event in stream:
        name = event.type.name
        count[name] += 1
        if name == "sched_process_fork":
            started.add(event.fields["child_pid"])
        elif name == "sched_process_exec":
            executed.add(event.fields["pid"])
        elif name == "sched_process_exit":
            ended.add(event.fields["pid"])
        if name == "fault":
            count["refused"] += event.fields["kind"] == "refused"
            sums.update({field: event.fields[field] for field in ("around", "grown")})
        elif name in ("kmalloc", "kmem_cache_alloc"):
            sums["objects"] += event.fields["ptr"] != 0
        elif name in ("kfree", "kmem_cache_free"):
            sums["objects"] -= 1
        elif name == "mm_vmscan_lru_shrink_inactive":
            sums["scanned"] += event.fields["nr_scanned"]
        elif name in ("alloc_vmap_area", "free_vmap_area") and event.fields["addr"]:
            sums["vmalloc"] += event.fields["size"] // 4096 * (1 if name == "alloc_vmap_area" else -1)
            sums["vmalloc_areas"] += 1 if name == "alloc_vmap_area" else -1
    ours = {"faults": count["fault"] - count["refused"], "faults_refused": count["refused"], "mapped_around": sums["around"],
            "stack_growth": sums["grown"], "cow_copies": count["page_copy"], "pgscan": sums["scanned"],
            "direct_reclaims": count["mm_vmscan_direct_reclaim_begin"], "pswpin": count["swap_in"], "pswpout": count["swap_out"],
            "switches": count["sched_switch"], "tasks_started": count["sched_process_fork"], "objects": sums["objects"],
            "slabs": count["slab_create"] - count["slab_destroy"], "spaces": count["mm_create"] - count["mm_destroy"],
            "vmalloc_areas": sums["vmalloc_areas"], "vmalloc_pages": sums["vmalloc"]}
    different = [f"{name}: {ours[name]} by the events, {kernels.get(name)} by the kernel" for name in ours if ours[name] != kernels.get(name)]
    tap.result(kernels and not different, f"{len(ours)} counters of the kernel, rebuilt from the events", different)
    idle = [name for name in ours if not ours[name] and name not in IDLE]
    tap.result(not idle, "and they have counted something", idle)
    tap.result(executed and executed <= started & ended, "each task that executed a program was started and has ended",
               [f"started {started}", f"executed {executed}", f"ended {ended}"])


def check_account(raw, directory):
    """The accountant finds no difference; and it finds one where an event is missing."""
    status, output = tap.run("tools/account", raw, "--least", "24")
    tap.result(status == 0 and "differences=0" in output, "memory, rebuilt from the events alone, is the kernel's at each checkpoint", output)
    with open(raw, "rb") as file:
        head, blank, body = file.read().partition(b"\n\n")
    shorter = os.path.join(directory, "shorter.raw")
    ids = {name.decode(): int(number) for name, number in re.findall(rb"event=(\w+) id=(\d+)", head)}
    places = {}  # event -> where the last one before the second checkpoint is
    at, checkpoints = 0, 0
    while checkpoints < 2:
        places[body[at + 1]] = at
        checkpoints += body[at + 1] == ids["checkpoint"]
        at += 1 + body[at]
    for lost in LOST:
        at = places[ids[lost]]
        with open(shorter, "wb") as file:
            file.write(head + blank + body[:at] + body[at + 1 + body[at]:])
        status, output = tap.run("tools/account", shorter)
        tap.result(status == 1 and "differences=0" not in output, f"without one {lost} it finds differences", output[-300:])


def check_report(raw, log, directory):
    page = os.path.join(directory, "report.html")
    status, output = tap.run("tools/report", log, raw, "--output", page)
    text = kernel_log.read_bytes(page).decode()
    wrong = html_check.wrong(text)
    tap.result(not wrong, "the page is well formed, and nothing leaves it", wrong)
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
    lines = check_babeltrace("the stream", folder, count)
    tap.result(lines is None or any('mm_page_alloc: { pid = ' in line and 'owner = ( "anon"' in line for line in lines), "with names for values",
               (lines or [])[:3])


def check_babeltrace(what, folder, count):
    """babeltrace2 reads a trace in CTF; its lines, or None if it is not installed."""
    if not shutil.which("babeltrace2"):
        tap.result(True, f"babeltrace2 reads {what}", directive="SKIP babeltrace2 is missing; make dependencies installs it")
        return None
    status, output = tap.run("babeltrace2", folder)
    lines = [line for line in output.splitlines() if line.startswith("[")]
    tap.result(status == 0 and count and len(lines) == count, f"babeltrace2 reads {what}: {count} events", output.splitlines()[-5:])
    return lines


def check_choice(raw, stream):
    """tools/trace --event: a name, a group, and a name that there is not."""
    for word, wanted in (("page_copy", {"page_copy"}), ("faults", {"fault", "page_copy"})):
        _, output = tap.run("tools/trace", "--event", word, raw)
        names = re.findall(r" event=(\w+)", output)
        tap.result(set(names) == wanted and len(names) == sum(event.type.name in wanted for event in stream), f"--event {word}", output[:300])
    status, output = tap.run("tools/trace", "--event", "page_cpoy", raw)
    tap.result(status == 2 and "page_cpoy: there is no such event" in output and " page_copy " in output and " faults " in output,
               "an unknown event is refused, with the known ones", output)


def check_lines(output, directory):
    """The lines of /proc/trace as a trace of their own: they do not describe themselves, which CTF needs."""
    path = os.path.join(directory, "lines.log")
    with open(path, "w", encoding="utf-8") as file:
        file.write(output)
    status, said = tap.run("tools/trace", path, "--event", "page_copy")
    tap.result(status == 0 and said.count("event=page_copy") == len(re.findall(r"event=page_copy address", output)) == said.count("\n") > 0,
               "tools/trace reads lines of a log", said)
    status, said = tap.run("tools/trace", path, "--ctf", os.path.join(directory, "lines-ctf"))
    tap.result(status == 2 and "CTF needs a trace of trace_out=" in said, "but CTF needs a stream", said)


def first_run(directory):
    """All events of one program, to QEMU's debug console. False: it failed."""
    raw = os.path.join(directory, "trace.raw")
    status, output, log = tap.boot("trace", "--source", SOURCE, "--trace", "all", "--trace-file", raw, "--timeout", "60", FW="direct")
    if not tap.result(status == 0 and os.path.exists(raw), "the program read its trace", output[-2000:]):
        return False
    trace = trace_format.read(raw)
    stream = list(trace.events())
    check_counts(kernel_log.read(log), output, trace)
    check_text(output, stream)
    check_spaces(output, stream, check_model(stream), trace.levels)
    check_formats(raw, len(stream), directory)
    check_lines(output, directory)
    check_choice(raw, stream)
    check_report(raw, log, directory)
    check_why(raw, stream)
    return True


def second_run(directory):
    """A run with tests, to its end, to the second serial line."""
    raw, folder = os.path.join(directory, "serial.raw"), os.path.join(directory, "serial-ctf")
    status, output, path = tap.boot("trace-sums", "--extra", f"-serial file:{raw}", "--timeout", "60", FW="direct",
                                    OPTIONS=f"trace={SECOND_RUN} trace_out=ttyS1 swap=ram:16M programs=cow,shared suites=swap trace_books=40")
    tap.result(status == 0, "a run with a trace is good", output)
    log, stream = kernel_log.read(path), list(trace_format.read(raw).events())
    check_books(log, check_model(stream))
    check_counters(log, stream)
    check_account(raw, directory)
    status, output = tap.run("tools/trace", raw, "--ctf", folder)
    tap.result(status == 0, "the trace of a serial line", output)
    check_babeltrace("the trace of a serial line", folder, len(stream))
    with open(raw, "r+b") as whole:
        whole.truncate(os.path.getsize(raw) - 1)
    cut, text = tap.run("tools/trace", "--counts", raw)
    tap.result(cut == 1 and "ends within a record" in text, "a trace without its end is told", text[-300:])


with tempfile.TemporaryDirectory() as scratch:
    if first_run(scratch):
        second_run(scratch)
tap.done()
