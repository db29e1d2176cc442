# SPDX-License-Identifier: MIT
"""Writes a trace in Perfetto's format, for https://ui.perfetto.dev: a sequence of TracePacket messages in the
encoding of protocol buffers, which is simple enough to be written by hand.

    the scheduler                  events of ftrace (sched_switch), so that the page draws the processor's time
    system calls                   slices on the track of their thread
    all other events               instants on the track of their thread, with their fields
    frames by owner, free blocks   counters

Field numbers: Perfetto, protos/perfetto/trace/ (trace_packet.proto, track_event/, ftrace/sched.proto);
the encoding: https://protobuf.dev/programming-guides/encoding/.
"""
from trace_format import HEX_KINDS
from trace_model import Model

SEQUENCE = 1
FIRST_COUNTER = 1 << 32
SLICE_BEGIN, SLICE_END, INSTANT, COUNTER = 1, 2, 3, 4
COUNTER_STEP = 64  # events between two samples of the counters
CLEARED = 1        # SEQ_INCREMENTAL_STATE_CLEARED


def varint(value):
    """A number in groups of seven bits; a negative one as 64 bits."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field, value):
    return varint(field << 3) + varint(value)


def message(field, data):
    """A field with a message, a text or bytes."""
    data = data.encode("utf-8") if isinstance(data, str) else data
    return varint(field << 3 | 2) + varint(len(data)) + data


class Writer:
    """Collects packets in a file."""

    def __init__(self, trace, file):
        self.trace, self.file = trace, file
        self.khz = trace.khz or 1000000
        self.threads, self.names, self.calls = set(), {}, {}
        self.counters = {}

    def _packet(self, data):
        self.file.write(message(1, data + number(10, SEQUENCE)))

    def _time(self, tsc):
        """Nanoseconds since the reset."""
        return tsc * 1000000 // self.khz

    def _thread(self, pid, tid):
        """The track of a thread; describes it at its first event."""
        track = pid << 16 | tid
        name = self.names.get(tid, f"task {tid}")
        if (track, name) not in self.threads:
            self.threads.add((track, name))
            thread = number(1, pid or 1 << 20) + number(2, tid or 1 << 20) + message(5, name)
            self._packet(message(60, number(1, track + 1) + message(4, thread)))
        return track + 1

    def _counter(self, name, tsc, value):
        if name not in self.counters:
            self.counters[name] = [FIRST_COUNTER + len(self.counters), None]
            self._packet(message(60, number(1, self.counters[name][0]) + message(2, name) + message(8, b"")))
        track, last = self.counters[name]
        if value != last:
            self.counters[name][1] = value
            event = number(9, COUNTER) + number(11, track) + number(30, value)
            self._packet(number(8, self._time(tsc)) + message(11, event))

    def _annotation(self, name, kind, value):
        if isinstance(value, str):
            return message(4, message(10, name) + message(6, value))
        return message(4, message(10, name) + number(7 if kind in HEX_KINDS else 4, value))

    def _track_event(self, event, kind, name):
        fields = b"".join(self._annotation(field, what, event.fields[field]) for field, what in event.type.fields
                          if field in event.fields)
        data = number(9, kind) + number(11, self._thread(event.pid, event.tid)) + message(22, event.type.group)
        data += message(23, name) + (b"" if kind == SLICE_END else fields)
        self._packet(number(8, self._time(event.tsc)) + message(11, data))

    def _switch(self, event):
        """As an event of ftrace: previous and next task."""
        f = event.fields
        switch = (message(1, f["prev_comm"]) + number(2, f["prev_pid"]) + number(3, f["prev_prio"]) + number(4, f["prev_state"]) +
                  message(5, f["next_comm"]) + number(6, f["next_pid"]) + number(7, f["next_prio"]))
        ftrace = number(1, self._time(event.tsc)) + number(2, f["prev_pid"]) + message(4, switch)
        self._packet(message(1, number(1, 0) + message(2, ftrace)))

    def _learn_names(self, event):
        f = event.fields
        for tid, name in (("prev_pid", "prev_comm"), ("next_pid", "next_comm"), ("child_pid", "child_comm"), ("pid", "comm")):
            if tid in f and name in f:
                self.names[f[tid]] = f[name]

    def event(self, event):
        self._learn_names(event)
        name = event.type.name
        if name == "sched_switch":
            self._switch(event)
        elif name == "sys_enter":
            self.calls[event.tid] = f"syscall {event.fields['id']}"
            self._track_event(event, SLICE_BEGIN, self.calls[event.tid])
        elif name == "sys_exit":
            if self.calls.pop(event.tid, None):
                self._track_event(event, SLICE_END, name)
        else:
            self._track_event(event, INSTANT, name)

    def sample(self, tsc, model):
        for owner, frames in model.owned.items():
            self._counter(f"frames: {owner}", tsc, frames)
        for order, blocks in enumerate(model.free_blocks()):
            self._counter(f"free blocks: order {order}", tsc, blocks)


def write(trace, path):
    """Writes the file. Returns the number of events."""
    count, last, model = 0, 0, Model()
    with open(path, "wb") as file:
        writer = Writer(trace, file)
        writer.file.write(message(1, number(10, SEQUENCE) + number(13, CLEARED)))
        for event in trace.events():
            writer.event(event)
            model.take(event)
            count += 1
            last = event.tsc
            if count % COUNTER_STEP == 0:
                writer.sample(last, model)
        writer.sample(last, model)
    return count
