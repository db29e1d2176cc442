#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The log outlives the run: a run, a reset, the loader of the next boot, and a file on the volume that is what the serial line
had; after a panic too. A machine that is switched off in between has nothing to tell.

QEMU resets as a PC does: memory keeps what it holds. The second loader is let go as far as `leaving the firmware`, then
QEMU is ended.
"""
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import kernel_log  # noqa: E402
import tap  # noqa: E402
from qemu_resets import LEAVING, Machine  # noqa: E402


def kernel_parts(serial):
    """The text of the kernel of each boot: from its first line to the reset."""
    return [part[part.index(b"\n") + 1:] for part in serial.split(LEAVING)[1:] if b"\n" in part]


def lines_of(serial, prefix):
    return [line.text for line in kernel_log.lines(serial) if line.text.startswith(prefix)]


def verdict_in(machine):
    status, output = tap.run("tools/read-verdict", machine.store)
    return output.strip() if status < 2 else f"(status {status}) {output}"


def check_file(label, kept, part, end, variable, lines):
    """The file of a run: what the kernel wrote on the serial line, `part`, to the texts of its end; and the variable with its name.

    kept: the file, or None. end: the file's name, its options, and how the log ends. lines: what the loaders said.
    """
    name, options, ends = end
    notes = ["the loaders said:"] + lines
    # After the reset the firmware speaks first.
    same = kept and part.startswith(kept)
    rest = part[len(kept):] if same else b""
    tap.result(same and b"\nboot: " not in rest and b"\nverdict: " not in rest,
               f"{label}: the file is what the serial line had", notes + [f"{len(kept or b'')} bytes"])
    tap.result(kept and ends in kept and options.encode() in kept, f"{label}: to its end", notes + [repr((kept or b"")[-300:])])
    tap.result(variable.startswith(f"{name}: ") and ends.decode() in variable, f"{label}: the variable", notes + [variable])


def check(firmware, memory, *runs, first=1):
    """Runs, each with a reset after it, and the file that the loader of the next start writes. runs: label, options, how the log ends.

    first: the number of the first one's file; more than 1: an earlier file is there. Returns the files.
    """
    with tempfile.TemporaryDirectory(dir=tap.BUILD) as directory:
        machine = Machine(directory, firmware, memory, runs[0][1])
        if first > 1:
            subprocess.run(["mmd", "-i", machine.at, "::/LOGS"], check=True)
            machine.put(f"LOGS/run{first - 1:04}.txt", "an old log\n")
        variables = []

        def prepare(number):
            """Run `number` begins: its loader has written what the run before left, and has read its options."""
            if number < len(runs):
                machine.put("pagewright/pagewright.txt", runs[number][1])
            variables.append(verdict_in(machine))

        serial = machine.boot(len(runs) + 1, each=prepare)
        with open(os.path.join(tap.BUILD, "logs", f"persistent-{firmware}-{memory}.log"), "wb") as file:
            file.write(serial)
        parts, files, variables = kernel_parts(serial), [], variables + [""] * len(runs)
        for number, (label, options, ends) in enumerate(runs):
            name = f"RUN{first + number:04}.TXT"
            kept = machine.get(f"pagewright/LOGS/{name}")
            check_file(label, kept, parts[number] if len(parts) > number else b"", (name, options, ends), variables[number + 1],
                       lines_of(serial, "loader: log"))
            files.append(kept)
        if first > 1:
            old = machine.get(f"LOGS/RUN{first - 1:04}.TXT")
            tap.result(old == b"an old log\n", "a file of an earlier run, in the root, is left alone", [repr(old)])
        return files


os.makedirs(os.path.join(tap.BUILD, "logs"), exist_ok=True)
PASS = b"verdict: result=pass"
WHOLE, SHORT = "suites=buddy programs=cow exit=reboot", "suites=none programs=abi exit=reboot"
texts = check("ovmf-x64", "256M", ("verdict ovmf-x64", WHOLE, PASS), ("out of reach", "mem=48M " + SHORT, PASS),
              ("panic", "crash=null trace=kmem trace_dump=8 panic=-1 exit=reboot", b"Kernel panic - not syncing: page fault in the kernel"), first=42)
with tempfile.NamedTemporaryFile(suffix=".txt") as file:
    file.write(texts[2] or b"")
    file.flush()
    code, out = tap.run("tools/trace", "--event", "kmem", file.name)
tap.result(code == 0 and out.count("trace: tsc=") == 8, "panic: tools/trace reads the newest records in the file", out[-500:])
texts[1:] = check("ovmf-ia32", "256M", ("verdict ovmf-ia32", WHOLE, PASS))
for fw, text in zip(("ovmf-x64", "ovmf-ia32"), texts):
    if text:
        with tempfile.NamedTemporaryFile(suffix=".txt") as file:
            file.write(text)
            file.flush()
            code, out = tap.run("tools/read-log", file.name)
        tap.result(code == 0 and "PASS: 2 suites and programs" in out, f"{fw}: tools/read-log judges the file", out)

# A volume that cannot be written to: a line, and the verdict is kept all the same.
with tempfile.TemporaryDirectory(dir=tap.BUILD) as place:
    pc = Machine(place, "ovmf-x64", "256M", "suites=none programs=abi exit=reboot", media="virtio")
    pc.command = [word + ",readonly=on" if word.endswith("volume.img") else word for word in pc.command]
    said = lines_of(pc.boot(2), "loader: log")
    tap.result("loader: log: no file for the run before, its log is lost: Write Protected" in said, "a volume that is read only: a line", said)
    tap.result(verdict_in(pc).startswith("no file: verdict: result=pass"), "and the variable", [verdict_in(pc)])

# A full volume is left as it was. OVMF knows how much room there is; U-Boot finds out when it has begun to write, has a file of
# its own for variables, and loses the clusters that it took.
for fw, pc_type, cpu, why in (("ovmf-x64", "q35", "max", "Volume Full"), ("uboot-x64", "pc", "qemu64", "Device Error")):
    with tempfile.TemporaryDirectory(dir=tap.BUILD) as place:
        pc = Machine(place, fw, "256M", "suites=none programs=abi exit=reboot", machine=pc_type, cpu=cpu)
        before = pc.fill(2048)
        data = pc.boot(2)
        tap.result(f"loader: log: no file for the run before, its log is lost: {why}" in lines_of(data, "loader: log"),
                   f"{fw}: a full volume: a line", data.decode(errors="replace").splitlines()[-40:])
        tap.result("LOGS" not in pc.listing() and (fw == "uboot-x64" or pc.listing() == before and not pc.damage()),
                   f"{fw}: a full volume is left as it was", [before, pc.listing(), pc.damage()])

# An independent firmware.
for fw, cpu in (("uboot-x64", "qemu64"), ("uboot-ia32", "qemu32")):
    with tempfile.TemporaryDirectory(dir=tap.BUILD) as place:
        pc = Machine(place, fw, "256M", "suites=none programs=abi exit=reboot", machine="pc", cpu=cpu)
        data = pc.boot(2)
        kept = pc.get("pagewright/LOGS/RUN0001.TXT")
        tap.result(kept and b"verdict: result=pass" in kept and kernel_parts(data)[0].startswith(kept),
                   f"{fw}: the file is what the serial line had",
                   lines_of(data, "loader: log") + [f"{len(kept or b'')} bytes"] + data.decode(errors="replace").splitlines()[-8:])

# One run, and no other one; in 112M of memory, as little as keeps a log (efi/last_run/log.c).
with tempfile.TemporaryDirectory(dir=tap.BUILD) as place:
    once = SHORT + " log=stop"
    pc = Machine(place, "ovmf-x64", "112M", once)
    data = pc.boot(1, b"log=stop: no run; the firmware goes on")
    check_file("log=stop, 112M", pc.get("pagewright/LOGS/RUN0001.TXT"), (kernel_parts(data) + [b""])[0], ("RUN0001.TXT", once, PASS), verdict_in(pc),
               lines_of(data, "loader: log"))
    tap.result(data.count(LEAVING) == 1, "log=stop: one run, no other run", lines_of(data, "loader: ") + lines_of(data, "option:"))
    tap.result(not lines_of(data, "option:"), "log=stop: the kernel knows the word", lines_of(data, "option:"))

# Memory that does not outlive the end: the machine is switched off. One run, no other one, and then a third start runs again.
with tempfile.TemporaryDirectory(dir=tap.BUILD) as place:
    pc = Machine(place, "ovmf-x64", "256M", "suites=none programs=abi exit=poweroff log=stop")
    data = pc.boot(2)
    tap.result(b"verdict: result=pass" in data and data.count(LEAVING) == 1, "a run that ends by switching off", data[-300:].decode())
    STARTED = "pagewright/LOGS/STARTED.TXT"
    tap.result(pc.get(STARTED), "a run that has begun leaves STARTED.TXT", [pc.listing()])
    data = pc.boot(1, b"log=stop: no run; the firmware goes on")
    tap.result(lines_of(data, "loader: log") == ["loader: log: the run before left none:",
                                                 "loader: log: it was switched off, or its firmware clears memory",
                                                 "loader: log: log=stop: no run; the firmware goes on"] and LEAVING not in data,
               "switched off: nothing is kept, that is said, and log=stop is obeyed", lines_of(data, "loader: "))
    tap.result(pc.get("pagewright/LOGS/RUN0001.TXT") is None, "switched off: no file", [pc.listing()])
    tap.result(pc.get(STARTED) is None and pc.get("pagewright/LOGS/PRE0001.TXT"), "STARTED.TXT is gone, PRE0001.TXT stays", [pc.listing()])
    # The start after that runs. The chain's firmware says that it was asked to overwrite memory.
    for host, name in (("efi/BOOTX64.EFI", "loader.efi"), ("loader-test/chain-x64.efi", "EFI/BOOT/BOOTX64.EFI")):
        subprocess.run(["mcopy", "-o", "-i", pc.at, os.path.join(tap.BUILD, host), "::/" + name], check=True)
    pc.put("chain.txt", "w")
    data = pc.boot(1)
    tap.result(LEAVING in data, "the start after that runs", lines_of(data, "loader: "))
    tap.result(b"memory_overwrite=requested" in (pc.get("pagewright/LOGS/PRE0002.TXT") or b""),
               "PRE0002.TXT tells of a request to overwrite memory", [pc.listing()])
    data = pc.boot(1, b"log=stop: no run; the firmware goes on")
    tap.result("loader: log: the firmware was asked to overwrite memory at a reset (MemoryOverwriteRequestControl)"
               in lines_of(data, "loader: log"), "and the loader that misses the log", lines_of(data, "loader: "))

# Without a volume to write to it could begin again for ever: the machine is switched off.
with tempfile.TemporaryDirectory(dir=tap.BUILD) as place:
    pc = Machine(place, "ovmf-x64", "256M", "suites=none programs=abi exit=reboot log=stop", media="virtio")
    pc.command = [word + ",readonly=on" if word.endswith("volume.img") else word for word in pc.command]
    data = pc.boot(2)
    tap.result("loader: log: it could start again for ever, so exit=poweroff panic=0" in lines_of(data, "loader: log") and
               data.count(LEAVING) == 1 and b"verdict: result=pass" in data, "no STARTED.TXT: switched off in place of a restart",
               lines_of(data, "loader: "))

tap.done()
