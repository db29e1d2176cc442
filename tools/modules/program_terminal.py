# SPDX-License-Identifier: MIT
"""The two serial lines of a machine that runs a program of the user.

    COM1 ──> a pipe ──> tools/run, which keeps the log and judges it
    COM2 <──> standard input and output of tools/run: the program's terminal

QEMU reads the input itself, and switches the user's terminal to single bytes without echo: the guest's
terminal edits and echoes. Control-A X ends QEMU.
"""
import os
import signal
import sys
import termios
import threading

MACHINE_FAILED = 125  # a status that programs rarely have; docker and env use it for the same
KEPT_LINES = 12       # of the kernel, shown after the program


class Terminal:
    """Made before QEMU is started, closed after it has ended."""

    def __init__(self):
        self.log, self.log_end = os.pipe()
        self.settings = termios.tcgetattr(0) if os.isatty(0) else None
        self.pump = None

    def arguments(self):
        """QEMU's arguments."""
        return ["-chardev", f"file,id=log,path=/dev/fd/{self.log_end}", "-serial", "chardev:log",
                "-chardev", "stdio,id=terminal,mux=on,signal=off", "-serial", "chardev:terminal", "-mon", "chardev=terminal"]

    def begun(self, qemu):
        """QEMU runs: it alone writes to the log now, and its output is shown."""
        os.close(self.log_end)
        self.pump = threading.Thread(target=show, args=(qemu.stdout.fileno(), os.isatty(1)))
        self.pump.start()

    def close(self):
        """QEMU has ended: the terminal becomes as it was before."""
        if self.pump:
            self.pump.join()
        os.close(self.log)
        if self.settings:
            termios.tcsetattr(0, termios.TCSADRAIN, self.settings)


def show(source, is_terminal):
    """Copies the output as it comes, to its end. A file or pipe gets LF in place of the terminal's CR LF."""
    kept = b""  # a CR whose LF may follow
    data = b"?"
    while data:
        data = os.read(source, 65536)
        text = kept + data
        if not is_terminal:
            kept = b"\r" if data and text.endswith(b"\r") else b""
            text = text[:len(text) - len(kept)].replace(b"\r\n", b"\n")
        try:
            while text:
                text = text[os.write(1, text):]
        except OSError:
            pass  # the reader is gone; the program goes on


def during(log):
    """The kernel's lines between the program's start and its end. glibc tries rseq at each start, and does without."""
    texts = [line.text for line in log.lines]
    begin = next((i + 1 for i, text in enumerate(texts) if text.startswith("  # Subtest: ")), len(texts))
    end = next((i for i, text in enumerate(texts) if text.startswith("run: path=")), len(texts))
    return [text for text in texts[begin:end] if text and not text.startswith(" ") and not text.endswith(" call=rseq")]


def report(log, reasons, path):
    """Says how the program ended, on standard error. Returns the status to end with."""
    ends = [fact.fields for fact in log.facts_of("run") if "path" in fact.fields]
    lines = during(log)
    for line in lines[:KEPT_LINES]:
        print(f"kernel: {line}", file=sys.stderr)
    if len(lines) > KEPT_LINES:
        print(f"kernel: {len(lines) - KEPT_LINES} more lines in {path}", file=sys.stderr)
    if reasons or not ends:
        print(f"run: the machine failed (log: {path})", *reasons[:8], sep="\n  ", file=sys.stderr)
        return MACHINE_FAILED
    if "signal" in ends[-1]:
        number = int(ends[-1]["signal"])
        print(f"run: ended by signal {number}: {signal.strsignal(number)}", file=sys.stderr)
        return 128 + number
    return int(ends[-1]["status"])
